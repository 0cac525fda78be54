"""What the cells of one indicator can be shown by: looked through once, since every choice asks for it."""

from dataclasses import dataclass

import pandas as pd

from hyteanalysis.apps.library import Library
from hyteanalysis.cells import CROSS, TOTAL, cross, parts
from hyteanalysis.disclosure import Release

AGE = "age"


@dataclass(frozen=True)
class Contents:
    """Dimensions, groups and periods of one indicator.

    Attributes
    ----------
    dimensions : tuple of str
        Single ones, as :func:`dimensions` orders them.
    groups : dict
        Groups of every dimension, crossed ones too, by name.
    periods : dict
        Periods in which a dimension has a number, the newest first.
    standardisable : frozenset
        Dimensions out of which age can be taken: the cells hold counts by age and them.
    """

    dimensions: tuple[str, ...]
    groups: dict[str, tuple[str, ...]]
    periods: dict[str, tuple[str, ...]]
    standardisable: frozenset[str]

    def filterable(self, dimension: str) -> dict[str, list[str]]:
        """Other dimensions, with their groups, that the release crosses with this one."""
        found: dict[str, list[str]] = {}
        for name in self.groups:
            others = [part for part in parts(name) if part != dimension]
            if len(parts(name)) == len(others) + 1:
                found.update((other, list(self.groups.get(other, ()))) for other in others)
        return dict(sorted(found.items()))


def contents(release: Release) -> Contents:
    """What the cells of a release with one indicator hold."""
    cells = release.cells
    single = dimensions(cells)
    groups = _of_dimensions(cells, "group")
    periods = _of_dimensions(cells[cells["status"] != "missing"], "period")
    return Contents(
        dimensions=tuple(single),
        groups=groups,
        periods={dimension: found[::-1] for dimension, found in periods.items()},
        standardisable=_standardisable(release, cells, single),
    )


def contents_of(library: Library, identity: str, indicator: str) -> Contents:
    """The same of an indicator of a release in the library."""
    return library.once(("contents", identity, indicator), lambda: contents(library.indicator(identity, indicator)))


def dimensions(cells: pd.DataFrame) -> list[str]:
    """Single dimensions with groups; those with an order first, since they answer by social position."""
    there = cells.loc[(cells["dimension"] != TOTAL) & ~cells["dimension"].str.contains(CROSS, regex=False)]
    ordered = set(there.loc[there["order"].notna(), "dimension"]) if "order" in there else set()
    return sorted(there["dimension"].unique(), key=lambda one: (one != "education", one not in ordered, one))


def _of_dimensions(cells: pd.DataFrame, column: str) -> dict[str, tuple[str, ...]]:
    """The values of a column in each dimension, sorted."""
    found: dict[str, list[str]] = {}
    for dimension, value in cells[["dimension", column]].drop_duplicates().itertuples(index=False):
        found.setdefault(dimension, []).append(value)
    return {dimension: tuple(sorted(values)) for dimension, values in found.items()}


def _standardisable(release: Release, cells: pd.DataFrame, single: list[str]) -> frozenset[str]:
    kinds = release.indicators.set_index("indicator")["kind"]
    counted = {"events", "population"} <= set(cells.columns) and len(cells) > 0
    if not counted or kinds.get(cells["indicator"].iloc[0]) not in ("proportion", "rate"):
        return frozenset()
    known = set(cells.loc[cells["events"].notna() & cells["population"].notna(), "dimension"].unique())
    return frozenset(one for one in single if one != AGE and cross([AGE, one]) in known)
