"""What of the cells a figure shows: areas, groups and period where the caller names none, and the limits drawn."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from hyteanalysis import areas as areal
from hyteanalysis.disclosure import Release, only_release
from hyteanalysis.errors import HyteError, one_of
from hyteanalysis.findings import Finding
from hyteanalysis.uncertainty import cell_limits


def with_limits(rows: pd.DataFrame, release: Release, indicator: str) -> pd.DataFrame:
    """Cells of one indicator with ``lower`` and ``upper``: see :func:`hyteanalysis.uncertainty.cell_limits`."""
    meta = release.indicators.loc[release.indicators["indicator"] == indicator].iloc[0]
    lower, upper = cell_limits(rows, str(meta["kind"]), float(meta["scale"]))
    return rows.assign(lower=lower, upper=upper)


def bounded(one: Finding, release: Release) -> Finding:
    """A finding whose groups have limits as far as their errors are known."""
    return replace(one, groups=with_limits(one.groups, release, one.indicator))


MOST = 7  # areas, and groups, in one figure
_LEVELS = ("country", "collaborative", "county", "region", "subregion", "municipality", "postal", "own")


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
    levels = {area: _LEVELS.index(areal.level(area)) for area in there}
    return [area for area in there if levels[area] == min(levels.values())]


def comparable(cells: pd.DataFrame) -> list[str]:
    """All counties; where there are none, all areas of the most common kind below the country."""
    levels = pd.Series({area: areal.level(area) for area in sorted(set(cells["area"]))})
    below = levels[levels != "country"]
    wanted = "county" if (below == "county").any() else below.mode().iloc[0] if len(below) else ""
    return [str(area) for area in levels.index[levels == wanted]]
