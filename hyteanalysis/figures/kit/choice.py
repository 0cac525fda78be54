"""Which areas, groups and period a figure shows where the caller leaves it open."""

from collections.abc import Sequence

import pandas as pd

from hyteanalysis import areas as areal
from hyteanalysis.disclosure import Release, only_release
from hyteanalysis.errors import HyteError, one_of

MOST = 7  # areas, and groups, in one figure
LEVELS = ("country", "collaborative", "county", "region", "subregion", "municipality", "postal", "own")


def indicator_and_dimension(release: Release, indicator: str | None, dimension: str | None) -> tuple[str, str]:
    """Checked ids; where the release holds only one of a kind, it need not be named."""
    chosen = only(indicator, only_release(release).indicators["indicator"].tolist(), "indicator")
    cells = release.select(indicator=chosen)
    return chosen, only(dimension, sorted(set(cells["dimension"].unique()) - {"total"}), "dimension")


def only(given: str | None, allowed: list[str], what: str) -> str:
    """A checked id; the only one there is need not be named."""
    if given is None and len(allowed) == 1:
        return allowed[0]
    if given is None:
        raise HyteError(f"name the {what} to show: one of {', '.join(allowed[:20]) or '(nothing)'}")
    return one_of(given, allowed, what)


def areas_to_show(cells: pd.DataFrame, asked: str | Sequence[str] | None) -> list[str]:
    """The areas asked for, else all of the highest level that has rows; the caller says if there are too many."""
    if asked is not None:
        return list(dict.fromkeys([asked] if isinstance(asked, str) else asked))
    there = sorted(set(cells["area"].unique()))
    levels = {area: LEVELS.index(areal.level(area)) for area in there}
    return [area for area in there if levels[area] == min(levels.values())]


def comparable(cells: pd.DataFrame) -> list[str]:
    """All counties; where there are none, all areas of the most common kind below the country."""
    levels = pd.Series({area: areal.level(area) for area in sorted(set(cells["area"]))})
    below = levels[levels != "country"]
    wanted = "county" if (below == "county").any() else below.mode().iloc[0] if len(below) else ""
    return [str(area) for area in levels.index[levels == wanted]]
