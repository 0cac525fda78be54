"""What a release holds to choose from: areas, groupings, periods, and the indicator with the largest gap."""

from dataclasses import dataclass
from functools import cache

import pandas as pd

from hyteanalysis import areas as areal
from hyteanalysis.apps.kit.controls import Option
from hyteanalysis.apps.kit.library import Library
from hyteanalysis.cells import CROSS, TOTAL, cross, parts
from hyteanalysis.disclosure import Release
from hyteanalysis.findings import findings
from hyteanalysis.findings.lookup import names_of
from hyteanalysis.findings.selection import largest

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
    return library.once(identity, "contents", indicator, lambda: contents(library.indicator(identity, indicator)))


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


_LEVELS = ("country", "collaborative", "county", "region", "subregion", "municipality", "postal", "own")


YEAR = 2025  # the division whose municipalities are offered


def first_indicator(library: Library, identity: str, area: str | None, dimension: str) -> str:
    """What is shown where no indicator was asked for: the largest of the gaps that stay clear, as a ratio.

    By the grouping asked for, else by the first one that the area has; without a clear gap, the release's first.
    """
    whole = library.release(identity)
    area = area or country_first(area_codes(whole))[0]
    known = dimensions(whole.groups[whole.groups["dimension"] != "dimension"])
    for by in [dimension] if dimension in known else known:
        part = library.area(identity, area, by)
        if (part.cells["dimension"] == by).any():
            found = largest(findings(part, area=area, dimension=by))
            return found[0].indicator if found else str(part.cells["indicator"].iloc[0])
    return str(whole.indicators["indicator"].iloc[0])


def area_options(release: Release, lang: str) -> tuple[Option, ...]:
    """Labels and ids of the areas that can be asked for."""
    codes = area_codes(release)
    names = names_of(release, *codes)
    return tuple((names.area(code, lang), code) for code in codes)


def area_codes(release: Release) -> list[str]:
    """Areas that can be asked for, from the whole country down: those of the release, and where it holds counties also
    every municipality, whose county is shown."""
    used = release.areas["area"].drop_duplicates().tolist()
    by_level: dict[str, list[str]] = {}
    for code in used:
        by_level.setdefault(areal.level(code), []).append(code)
    if "county" in by_level:
        by_level["municipality"] = sorted({*by_level.get("municipality", []), *_municipalities()})
    label = release.areas.drop_duplicates("area").set_index("area")["label_fi"].to_dict()
    return [
        code
        for level in _LEVELS
        for code in sorted(
            by_level.get(level, []), key=lambda code: (label.get(code) or areal.name(code, "fi")).casefold()
        )
    ]


@cache
def _municipalities() -> tuple[str, ...]:
    table = areal.reference(YEAR)
    return tuple(table.loc[table["level"] == "municipality", "area"])


def country_first(codes: list[str]) -> list[str]:
    """The whole country is shown at first, where it is there."""
    return sorted(codes, key=lambda code: code != "SSS")
