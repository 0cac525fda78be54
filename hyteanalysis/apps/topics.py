"""Where the gaps between groups are largest in an area, over all indicators at once: the first view and A3's list."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hyteanalysis import areas as areal
from hyteanalysis.disclosure import Release
from hyteanalysis.findings.kept import gaps_of, names_of
from hyteanalysis.i18n import Unit, formats, text

LISTED = 5
GAP = ("estimate", "lower", "upper", "gap_sign")


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


def clear_gaps(release: Release, *, area: str, dimension: str) -> pd.DataFrame:
    """The indicators whose gap is clear, the largest ratio first.

    Parameters
    ----------
    release : Release
        Only the rows of the area, of those shown in its stead, and of the grouping are read.
    area, dimension : str

    Returns
    -------
    DataFrame
        By ``indicator``: the gap (``estimate, lower, upper, gap_sign``), the larger number as ``times`` the smaller,
        and the largest ``level`` of a group. Equal ratios stand in the order of their ids.

    Notes
    -----
    Chosen from many, so the largest is likely to be somewhat too large; each stands with its own interval.
    """
    cells = release.select(area=areal.fallbacks(area, release.areas), dimension=dimension)
    rows = newest(cells, area, release.areas)
    if rows.empty:
        return pd.DataFrame(columns=[*GAP, "times", "level"])
    found = gaps_of(release, rows, ["D", "R"]).set_index("indicator")
    gaps, ratio = found.loc[found["measure"] == "D", list(GAP)], found.loc[found["measure"] == "R", "estimate"]
    gaps = gaps.assign(
        times=np.maximum(ratio, 1 / ratio.where(ratio > 0)), level=rows.groupby("indicator")["estimate"].max()
    )
    clear = ~((gaps["lower"] <= 0) & (gaps["upper"] >= 0))
    known = np.isfinite(gaps[["estimate", "lower", "upper", "times"]].to_numpy(dtype=float)).all(axis=1)
    return (
        gaps[clear & known].rename_axis("indicator").sort_index().sort_values("times", ascending=False, kind="stable")
    )


def largest(release: Release, *, area: str, dimension: str, lang: str) -> tuple[Topic, ...]:
    """The five largest of them in words."""
    gaps = clear_gaps(release, area=area, dimension=dimension).head(LISTED)
    names, meta = names_of(release), release.indicators.set_index("indicator")
    found = []
    for gap in gaps.reset_index().to_dict("records"):
        indicator, times = str(gap["indicator"]), float(gap["times"])
        unit = Unit.of(meta.loc[indicator].to_dict(), pd.Series([gap["level"]]))
        words = text(
            "app.topics.line" if gap["gap_sign"] > 0 else "app.topics.reversed",
            lang,
            title=names.indicator(indicator, lang),
            difference=unit.difference(gap["estimate"], lang),
            interval=unit.interval(gap["lower"], gap["upper"], lang),
            ratio=formats.number(times, lang, 1 if times >= 1.15 else 2),
        )
        found.append(Topic(indicator, words))
    return tuple(found)
