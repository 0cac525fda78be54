"""Trend: one line a group with its interval, and below it the gap itself with its own interval."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from hyteanalysis.errors import HyteError
from hyteanalysis.figures import choice, style, trend_words, words
from hyteanalysis.figures.bundle import FigureBundle
from hyteanalysis.figures.trend_lines import Lines
from hyteanalysis.figures.trend_sheet import drawn
from hyteanalysis.findings import Finding, finding
from hyteanalysis.findings.contrasts import break_year
from hyteanalysis.findings.kept import gaps_of
from hyteanalysis.i18n import spoken
from hyteanalysis.tables import readable

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release

COLUMNS = ("period", "group", "estimate", "lower", "upper", "population", "respondents", "status")


@spoken
def trend(
    release: "Release",
    *,
    indicator: str | None = None,
    dimension: str | None = None,
    areas: str | Sequence[str] | None = None,
    period: str | None = None,
    lang: str = "fi",
    width: float = 16.0,
) -> FigureBundle:
    """How have the groups and the gap between them developed?

    Parameters
    ----------
    release : Release
    indicator, dimension : str
        Need not be named where the release holds only one.
    areas : str, optional
        One area; of a list the first. By default the first of the highest level.
    period : str, optional
        The last period shown; the newest by default.
    lang : {"fi", "sv", "en"}
    width : float
        cm; 16 for print, 7.5 for a phone.

    Returns
    -------
    FigureBundle
        The table holds the groups' cells of every period and one row a gap and period (``measure`` ``D``). The gap is
        drawn only where it compares the same groups as in the newest period: both ends of an order, else all groups.
        Lines break at periods that are suppressed, missing or, by the indicator's optional ``break_year``, not
        comparable.

    Raises
    ------
    HyteError
        For unknown ids, or fewer than two periods.
    """
    indicator, dimension = choice.indicator_and_dimension(release, indicator, dimension)
    everything = release.select(indicator=indicator, dimension=dimension)
    area = choice.areas_to_show(everything, areas)[0]
    newest = finding(release, indicator=indicator, area=area, dimension=dimension, period=period)
    periods = [one for one in sorted(set(everything["period"].unique())) if one <= newest.period]
    cells = everything[(everything["area"] == newest.shown_area) & everything["period"].isin(periods)]
    if cells["period"].nunique() < 2:
        raise HyteError(f"a trend needs two periods; the release has {cells['period'].nunique()} for {area}")
    meta = release.indicators.loc[release.indicators["indicator"] == indicator].iloc[0].to_dict()
    cells = cells.assign(measure="level")
    gaps = _gaps(cells, newest, release)
    table = pd.concat([cells, gaps], ignore_index=True) if len(gaps) else cells.reset_index(drop=True)
    lines = Lines(cells, gaps, newest, periods, break_year(meta))
    broken = lines.rule is not None
    around = {
        "title": trend_words.title(newest, lang),
        "subtitle": trend_words.subtitle(newest, periods, lang),
        "source": words.source(release, indicator, lang),
    }
    with style.context():
        page, plotted = drawn(lines, width, lang, mark=words.mark(release, lang), **around)
    shown, formats = readable(table, newest.names, newest.unit, lang, columns=COLUMNS)
    states = dict.fromkeys([*newest.states, *(s for s in ("suppressed", "missing") if (cells["status"] == s).any())])
    if broken:
        states["not_comparable"] = None
    return FigureBundle(
        fig=page.fig,
        table=table,
        **around,
        alt=trend_words.alternative(newest, periods, lang),
        long_text=words.long_text("trend", lang),
        notes=trend_words.notes(newest, cells, broken, lang),
        states=tuple(states),
        number_format=formats,
        lang=lang,
        release=release.id,
        plotted=tuple(plotted),
        readable=shown,
        body=page.body,
    )


def _gaps(cells: pd.DataFrame, newest: Finding, release: "Release") -> pd.DataFrame:
    """The difference of every period in which the groups it compares have a number."""
    if newest.difference is None:
        return cells[:0]
    wanted = set(newest.groups.loc[newest.groups["estimate"].notna(), "group"])
    if "order" in cells and cells["order"].notna().all():
        wanted = set(newest.difference.between)
    usable = cells[cells["estimate"].notna() & cells["group"].isin(wanted)]
    whole = usable.groupby("period")["group"].nunique()
    usable = usable[usable["period"].isin(whole.index[whole == len(wanted)])]
    if usable.empty:
        return cells[:0]
    found = gaps_of(release, usable, ["D"])
    names = _pairs(usable, newest)
    return found[["indicator", "area", "period", "dimension", "measure", "estimate", "lower", "upper"]].assign(
        group=found["period"].map(names), status="ok"
    )


def _pairs(usable: pd.DataFrame, newest: Finding) -> dict[str, str]:
    """The two groups each period's gap compares: always the ends of an order, else that period's worst and best."""
    assert newest.difference is not None
    if "order" in usable and usable["order"].notna().all():
        return dict.fromkeys(usable["period"], " − ".join(newest.difference.between))
    badness = usable.assign(bad=usable["estimate"] * (-1 if newest.favourable else 1))
    worst = badness.loc[badness.groupby("period")["bad"].idxmax()].set_index("period")["group"]
    best = badness.loc[badness.groupby("period")["bad"].idxmin()].set_index("period")["group"]
    return {str(period): f"{worst[period]} − {best[period]}" for period in worst.index}
