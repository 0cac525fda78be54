"""Equiplot: each group's level as a dot, the gap as the line between them, one row an area."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from hyteanalysis.errors import HyteError
from hyteanalysis.figures import choice, equiplot_words, style, words
from hyteanalysis.figures.bundle import FigureBundle
from hyteanalysis.figures.equiplot_rows import Rows
from hyteanalysis.figures.equiplot_sheet import drawn
from hyteanalysis.findings import Finding, finding
from hyteanalysis.i18n import spoken
from hyteanalysis.tables import readable

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release

COLUMNS = ("area", "period", "group", "estimate", "lower", "upper", "population", "respondents", "status")


@spoken
def equiplot(
    release: "Release",
    *,
    indicator: str | None = None,
    dimension: str | None = None,
    areas: str | Sequence[str] | None = None,
    period: str | None = None,
    lang: str = "fi",
    width: float = 16.0,
) -> FigureBundle:
    """How far apart are the groups, and at what level, in one or several areas?

    Parameters
    ----------
    release : Release
    indicator, dimension : str
        Need not be named where the release holds only one.
    areas : str or list of str, optional
        At most seven are drawn; all stand in the table. By default all areas of the highest level present. An area
        without rows by this dimension is replaced as :func:`hyteanalysis.finding` does, and the figure says so.
    period : str, optional
        The newest by default.
    lang : {"fi", "sv", "en"}
    width : float
        cm; 16 for print, 7.5 for a phone.

    Returns
    -------
    FigureBundle
        The table holds the groups' cells, the areas' totals and one row a gap (``measure`` ``D``).

    Raises
    ------
    HyteError
        For an unknown indicator, dimension or language, or where no area has a number.
    """
    indicator, dimension = choice.indicator_and_dimension(release, indicator, dimension)
    cells = release.select(indicator=indicator, dimension=dimension)
    asked = choice.areas_to_show(cells, areas)
    found = [finding(release, indicator=indicator, area=area, dimension=dimension, period=period) for area in asked]
    found = [one for one in found if not one.groups.empty]
    if not found:
        raise HyteError(f"the release has no rows of {indicator!r} by {dimension!r} for {', '.join(asked)}")
    totals = release.select(indicator=indicator, dimension="total", area=[one.shown_area for one in found])
    table = pd.concat([_rows(one, totals) for one in found], ignore_index=True)
    around = {
        "title": equiplot_words.title(found, lang),
        "subtitle": equiplot_words.subtitle(found, lang),
        "source": words.source(release, indicator, lang),
    }
    with style.context():
        rows = Rows(found[: choice.MOST], totals, lang)
        page, plotted = drawn(rows, width, mark=words.mark(release, lang), **around)
    shown, formats = readable(table, found[0].names, found[0].unit, lang, columns=COLUMNS)
    return FigureBundle(
        fig=page.fig,
        table=table,
        **around,
        alt=equiplot_words.alternative(found[0], lang),
        long_text=words.long_text("equiplot", lang),
        notes=equiplot_words.notes(found, lang),
        states=tuple(dict.fromkeys(state for one in found for state in one.states)),
        number_format=formats,
        lang=lang,
        release=release.id,
        plotted=tuple(plotted),
        readable=shown,
        body=page.body,
    )


def _rows(one: Finding, totals: pd.DataFrame) -> pd.DataFrame:
    """An area's groups, its total and its gap."""
    total = totals[(totals["area"] == one.shown_area) & (totals["period"] == one.period)]
    rows = [one.groups.assign(measure="level"), total.assign(measure="level")]
    if one.difference is not None:
        gap = {
            "indicator": one.indicator,
            "area": one.shown_area,
            "period": one.period,
            "dimension": one.dimension,
            "group": " − ".join(one.difference.between),
            "estimate": one.difference.estimate,
            "lower": one.difference.lower,
            "upper": one.difference.upper,
            "status": "ok",
            "measure": "D",
        }
        rows.append(pd.DataFrame([gap]))
    return pd.concat([part for part in rows if len(part)], ignore_index=True)
