"""Panel A3's list: where the gaps between groups are largest in an area, over all indicators at once."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hyteanalysis import areas as areal
from hyteanalysis.disclosure import Release
from hyteanalysis.findings.kept import names_of
from hyteanalysis.i18n import Unit, formats, text
from hyteanalysis.inequality import disparity

LISTED = 5


@dataclass(frozen=True)
class Topic:
    """One indicator with a clear gap: its id and the line that tells it."""

    indicator: str
    words: str


def newest(cells: pd.DataFrame, area: str, hierarchy: pd.DataFrame) -> pd.DataFrame:
    """Of each indicator, the rows of the newest period with numbers, in the first area that has any."""
    places = areal.fallbacks(area, hierarchy)
    usable = cells[cells["area"].isin(places) & cells["status"].isin(["ok", "uncertain"]) & cells["estimate"].notna()]
    usable = usable.assign(_place=usable["area"].map({code: i for i, code in enumerate(places)}))
    first = usable.groupby("indicator", sort=False)["_place"].transform("min")
    usable = usable[usable["_place"] == first]
    last = usable.groupby("indicator", sort=False)["period"].transform("max")
    return usable[usable["period"] == last].drop(columns="_place").reset_index(drop=True)


def largest(release: Release, *, area: str, dimension: str, lang: str) -> tuple[Topic, ...]:
    """The indicators whose gap is largest as a ratio, of those whose gap is clear; at most five.

    Parameters
    ----------
    release : Release
        Only the rows of the area, of those shown in its stead, and of the grouping are read.
    area, dimension : str
    lang : {"fi", "sv", "en"}

    Notes
    -----
    Chosen from many, so the largest is likely to be somewhat too large; each stands with its own interval.
    """
    cells = release.select(area=areal.fallbacks(area, release.areas), dimension=dimension)
    rows = newest(cells, area, release.areas).drop(columns="reference", errors="ignore")
    if rows.empty:
        return ()
    gaps = disparity(rows, ["D", "R"], indicators=release.indicators).set_index(["indicator", "measure"])
    names, meta = names_of(release), release.indicators.set_index("indicator")
    found: list[tuple[float, Topic]] = []
    for indicator in gaps.index.unique("indicator"):
        gap, ratio = gaps.loc[(indicator, "D")], gaps.loc[(indicator, "R")]
        known = np.isfinite([gap["estimate"], gap["lower"], gap["upper"], ratio["estimate"]]).all()
        if not known or gap["lower"] <= 0 <= gap["upper"] or ratio["estimate"] <= 0:
            continue
        unit = Unit.of(meta.loc[indicator].to_dict(), rows.loc[rows["indicator"] == indicator, "estimate"])
        times = max(ratio["estimate"], 1 / ratio["estimate"])
        words = text(
            "app.topics.line" if gap["gap_sign"] > 0 else "app.topics.reversed",
            lang,
            title=names.indicator(str(indicator), lang),
            difference=unit.difference(gap["estimate"], lang),
            interval=unit.interval(gap["lower"], gap["upper"], lang),
            ratio=formats.number(times, lang, 1 if times >= 1.15 else 2),
        )
        found.append((float(times), Topic(str(indicator), words)))
    found.sort(key=lambda pair: -pair[0])
    return tuple(topic for _, topic in found[:LISTED])
