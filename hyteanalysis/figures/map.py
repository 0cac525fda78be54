"""Map of areas by level or by gap: fetched boundaries in EPSG:3067, else the schematic map."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hyteanalysis.figures import regions, style, words
from hyteanalysis.figures.bundle import FigureBundle
from hyteanalysis.figures.classes import natural_breaks
from hyteanalysis.figures.dots import COLUMNS, alternative
from hyteanalysis.figures.map_sheet import Sheet
from hyteanalysis.findings.kept import gaps_of
from hyteanalysis.i18n import spoken
from hyteanalysis.tables import readable

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release

CLASSES = 5


@spoken
def map(
    release: "Release",
    *,
    indicator: str | None = None,
    dimension: str | None = None,
    areas: str | Sequence[str] | None = None,
    period: str | None = None,
    lang: str = "fi",
    width: float = 16.0,
) -> FigureBundle:
    """Where in the country is the level weak, or the gap wide?

    Parameters
    ----------
    release : Release
    indicator : str
    dimension : str, optional
        None or ``total``: the level of the whole population. Else the gap between the groups of the dimension.
    areas : str or list of str, optional
        One area: all of its kind, itself outlined. A list: those areas. By default the counties.
    period : str, optional
        The newest by default.
    lang : {"fi", "sv", "en"}
    width : float
        cm.

    Returns
    -------
    FigureBundle
        At most five classes (Fisher–Jenks), whose limits are computed over all periods and so are the same in each.

    Raises
    ------
    HyteError
        For unknown ids, or a release without such numbers.

    Notes
    -----
    Not for reading single numbers: see :func:`hyteanalysis.figures.dots` and the table. Boundaries are read from
    ``boundaries/LEVEL.gpkg`` or ``.parquet`` (column ``area``) among the fetched files; without them counties are
    tiles, other areas circles sized by population, and areas without a known place stand in the table only.
    """
    found = regions.compare(release, indicator=indicator, dimension=dimension, areas=areas, period=period)
    limits = class_limits(release, found)
    title, source = found.title(lang), words.source(release, found.indicator, lang)
    subtitle = words.subtitle(found.subtitle(lang))
    with style.context():
        drawing = Sheet(found, limits, width, lang)
        page = drawing.drawn(title=title, subtitle=subtitle, source=source, mark=words.mark(release, lang))
    table = pd.concat([found.table, found.benchmark], ignore_index=True)
    shown, formats = readable(table, found.names, found.unit, lang, columns=COLUMNS)
    return FigureBundle(
        fig=page.fig,
        table=table,
        title=title,
        subtitle=subtitle,
        alt=alternative(found, "map", lang),
        long_text=words.long_text("map", lang),
        source=source,
        notes=(*drawing.notes, *found.notes(lang)),
        states=found.states(),
        number_format=formats,
        lang=lang,
        release=release.id,
        plotted=tuple(drawing.plotted),
        readable=shown,
        body=page.body,
    )


def class_limits(release: "Release", found: regions.Regions) -> np.ndarray:
    """Upper limits of the classes over all periods; fewer than five where there are fewer numbers."""
    cells = release.select(indicator=found.indicator, dimension=found.dimension, area=found.table["area"].tolist())
    if found.gap:
        values = gaps_of(release, cells, ["D"])["estimate"]
    else:
        values = cells["estimate"]
    numbers = np.sort(values.dropna().to_numpy(dtype=float))
    return natural_breaks(numbers, CLASSES)
