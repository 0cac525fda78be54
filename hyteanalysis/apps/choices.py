"""What can be chosen in a release, and the nearest valid choice to what was asked: no value is used before this."""

from dataclasses import dataclass
from functools import cache

import pandas as pd

from hyteanalysis import areas as areal
from hyteanalysis.apps.library import Library
from hyteanalysis.apps.selection import Selection
from hyteanalysis.apps.topics import clear_gaps
from hyteanalysis.cells import CROSS, TOTAL, cross, parts
from hyteanalysis.disclosure import Release
from hyteanalysis.findings.kept import names_of

SORTS = ("", "gap")
COMPARED = 5  # areas beside the chosen one
_LEVELS = ("country", "collaborative", "county", "region", "subregion", "municipality", "postal", "own")
AGE = "age"
YEAR = 2025  # the division whose municipalities are offered

Option = tuple[str, str]


@dataclass(frozen=True)
class Choices:
    """Options of every control, as label and id, for one selection."""

    areas: tuple[Option, ...]
    indicators: tuple[Option, ...]
    dimensions: tuple[Option, ...]
    periods: tuple[Option, ...]
    filters: tuple[tuple[Option, tuple[Option, ...]], ...]
    standardisable: bool


def settle(asked: Selection, library: Library) -> tuple[Selection, tuple[str, ...]]:
    """The selection with every value from the release's own lists, and the names of the fields that were changed.

    Parameters
    ----------
    asked : Selection
        Values from anywhere: an address, a forged message. None is trusted.
    library : Library

    Returns
    -------
    (Selection, tuple of str)
        An empty value becomes the default silently; an unknown one becomes the default and its field is named. The
        default indicator is that of :func:`first_indicator`.
    """
    changed: list[str] = []

    def chosen(field: str, value: str, allowed: list[str]) -> str:
        if value in allowed:
            return value
        if value:
            changed.append(field)
        return allowed[0] if allowed else ""

    release_id = chosen("release", asked.release, library.ids)
    whole = library.release(release_id)
    codes = library.once(("codes", release_id), lambda: area_codes(whole))
    area = asked.area if asked.area is None else chosen("area", asked.area, _default_first(codes))
    indicators = whole.indicators["indicator"].tolist()
    if asked.indicator not in indicators:
        by = asked.dimension if asked.dimension in set(whole.groups["dimension"]) else ""
        largest = library.once(("first", release_id, area, by), lambda: first_indicator(library, release_id, area, by))
        indicators = [largest, *indicators]
    indicator = chosen("indicator", asked.indicator, indicators)
    release = library.indicator(release_id, indicator)
    cells = release.cells
    dimension = chosen("dimension", asked.dimension, dimensions(cells))
    filters = _filters(asked.filters, dimension, cells)
    changed += ["filters"] if asked.filters and filters != tuple(sorted(asked.filters)) else []
    standardised = asked.standardised is True and not filters and standardisable(release, dimension)
    changed += ["standardised"] if asked.standardised and not standardised else []
    if standardised:
        cells = cells[cells["period"].isin(periods(cells, cross([AGE, dimension])))]
    period = chosen("period", asked.period, periods(cells, cross_of(dimension, filters)))
    known = set(codes)
    wanted = tuple(dict.fromkeys(asked.compare))
    compare = tuple(code for code in wanted if code in known)[:COMPARED]
    changed += ["compare"] if compare != wanted and wanted != Selection.compare else []
    settled = Selection(
        release=release_id,
        area=area,
        indicator=indicator,
        dimension=dimension,
        period=period,
        filters=filters,
        compare=compare,
        standardised=standardised,
        sort=chosen("sort", asked.sort, list(SORTS)),
        researcher=asked.researcher is True,
        phone=asked.phone is True,
    )
    return settled, tuple(changed)


def first_indicator(library: Library, identity: str, area: str | None, dimension: str) -> str:
    """What is shown where no indicator was asked for: the largest clear gap of the area, as a ratio.

    By the grouping asked for, else by the first one that the area has; without a clear gap, the release's first.
    """
    whole = library.release(identity)
    area = area or _default_first(area_codes(whole))[0]
    known = dimensions(whole.groups[whole.groups["dimension"] != "dimension"])
    for by in [dimension] if dimension in known else known:
        part = library.area(identity, area, by)
        if (part.cells["dimension"] == by).any():
            gaps = clear_gaps(part, area=area, dimension=by)
            return str((gaps.index if len(gaps) else part.cells["indicator"])[0])
    return str(whole.indicators["indicator"].iloc[0])


def choices(selection: Selection, library: Library, lang: str) -> Choices:
    """The options to offer beside a settled selection, labelled in a language."""
    release = library.indicator(selection.release, selection.indicator)
    cells = release.cells
    names = names_of(release)
    ids = release.indicators["indicator"]
    return Choices(
        areas=library.once(("areas", selection.release, lang), lambda: area_options(release, lang)),
        indicators=tuple(
            sorted(((names.indicator(one, lang), one) for one in ids), key=lambda pair: pair[0].casefold())
        ),
        dimensions=tuple((_capital(names.dimension(one, lang)), one) for one in dimensions(cells)),
        periods=tuple(
            (one.replace("-", "–"), one) for one in periods(cells, cross_of(selection.dimension, selection.filters))
        ),
        filters=tuple(
            (
                (_capital(names.dimension(other, lang)), other),
                tuple((names.group(other, group, lang), group) for group in groups),
            )
            for other, groups in filterable(cells, selection.dimension).items()
        ),
        standardisable=not selection.filters and standardisable(release, selection.dimension),
    )


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


def _default_first(codes: list[str]) -> list[str]:
    """The whole country is shown at first, where it is there."""
    return sorted(codes, key=lambda code: code != "SSS")


def dimensions(cells: pd.DataFrame) -> list[str]:
    """Single dimensions with groups; those with an order first, since they answer by social position."""
    there = cells.loc[(cells["dimension"] != TOTAL) & ~cells["dimension"].str.contains(CROSS, regex=False)]
    ordered = set(there.loc[there["order"].notna(), "dimension"]) if "order" in there else set()
    return sorted(there["dimension"].unique(), key=lambda one: (one != "education", one not in ordered, one))


def periods(cells: pd.DataFrame, dimension: str) -> list[str]:
    """Periods with a number by a dimension, the newest first."""
    there = cells.loc[(cells["dimension"] == dimension) & (cells["status"] != "missing"), "period"]
    return sorted(there.unique(), reverse=True)


def cross_of(dimension: str, filters: tuple[str, ...]) -> str:
    """The dimension of the release that a limited view reads.

    >>> cross_of("sex", ("education:low",))
    'education × sex'
    """
    return cross([dimension, *(one.partition(":")[0] for one in filters)])


def filterable(cells: pd.DataFrame, dimension: str) -> dict[str, list[str]]:
    """Other dimensions, with their groups, that the release crosses with this one."""
    found: dict[str, list[str]] = {}
    for name in cells["dimension"].unique():
        others = [part for part in parts(name) if part != dimension]
        if len(parts(name)) == len(others) + 1 and others:
            for other in others:
                rows = cells[cells["dimension"] == other]
                order = rows.drop_duplicates("group").sort_values("group")
                found[other] = order["group"].tolist()
    return dict(sorted(found.items()))


def standardisable(release: Release, dimension: str) -> bool:
    """Whether the release holds counts by age and this dimension, so that age can be taken out of it."""
    cells = release.cells
    if dimension == AGE or not {"events", "population"} <= set(cells.columns):
        return False
    kind = release.indicators.set_index("indicator")["kind"].get(cells["indicator"].iloc[0] if len(cells) else "")
    rows = cells[cells["dimension"] == cross([AGE, dimension])]
    return kind in ("proportion", "rate") and bool((rows["events"].notna() & rows["population"].notna()).any())


def _filters(asked: tuple[str, ...], dimension: str, cells: pd.DataFrame) -> tuple[str, ...]:
    """The limits that the release can give together; later ones give way."""
    possible = filterable(cells, dimension)
    crossings = set(cells["dimension"].unique())
    kept: tuple[str, ...] = ()
    for one in asked:
        other, _, group = one.partition(":")
        tried = tuple(sorted({*kept, one}))
        names = [limit.partition(":")[0] for limit in tried]
        if (
            group in possible.get(other, [])
            and len(set(names)) == len(names)
            and cross_of(dimension, tried) in crossings
        ):
            kept = tried
    return kept


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
