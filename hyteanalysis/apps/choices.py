"""What can be chosen in a release, and the nearest valid choice to what was asked: no value is used before this."""

from dataclasses import dataclass
from functools import cache

from hyteanalysis import areas as areal
from hyteanalysis.apps.contents import AGE, Contents, contents_of, dimensions
from hyteanalysis.apps.library import Library
from hyteanalysis.apps.selection import Selection
from hyteanalysis.apps.topics import clear_gaps
from hyteanalysis.cells import cross
from hyteanalysis.disclosure import Release
from hyteanalysis.findings.kept import names_of
from hyteanalysis.i18n import when

SORTS = ("", "gap")
COMPARED = 5  # areas beside the chosen one
_LEVELS = ("country", "collaborative", "county", "region", "subregion", "municipality", "postal", "own")
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
    there = contents_of(library, release_id, indicator)
    dimension = chosen("dimension", asked.dimension, list(there.dimensions))
    filters = _filters(asked.filters, dimension, there)
    changed += ["filters"] if asked.filters and filters != tuple(sorted(asked.filters)) else []
    standardised = asked.standardised is True and not filters and dimension in there.standardisable
    changed += ["standardised"] if asked.standardised and not standardised else []
    periods = there.periods.get(cross_of(dimension, filters), ())
    if standardised:
        by_age = there.periods.get(cross([AGE, dimension]), ())
        periods = tuple(one for one in periods if one in by_age)
    period = chosen("period", asked.period, list(periods))
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
    there = contents_of(library, selection.release, selection.indicator)
    names = names_of(release)
    ids = release.indicators["indicator"]
    return Choices(
        areas=library.once(("areas", selection.release, lang), lambda: area_options(release, lang)),
        indicators=tuple(
            sorted(((names.indicator(one, lang), one) for one in ids), key=lambda pair: pair[0].casefold())
        ),
        dimensions=tuple((_capital(names.dimension(one, lang)), one) for one in there.dimensions),
        periods=tuple(
            (when(one), one) for one in there.periods.get(cross_of(selection.dimension, selection.filters), ())
        ),
        filters=tuple(
            (
                (_capital(names.dimension(other, lang)), other),
                tuple((names.group(other, group, lang), group) for group in groups),
            )
            for other, groups in there.filterable(selection.dimension).items()
        ),
        standardisable=not selection.filters and selection.dimension in there.standardisable,
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


def cross_of(dimension: str, filters: tuple[str, ...]) -> str:
    """The dimension of the release that a limited view reads.

    >>> cross_of("sex", ("education:low",))
    'education × sex'
    """
    return cross([dimension, *(one.partition(":")[0] for one in filters)])


def _filters(asked: tuple[str, ...], dimension: str, there: Contents) -> tuple[str, ...]:
    """The limits that the release can give together; later ones give way."""
    possible = there.filterable(dimension)
    kept: tuple[str, ...] = ()
    for one in asked:
        other, _, group = one.partition(":")
        tried = tuple(sorted({*kept, one}))
        names = [limit.partition(":")[0] for limit in tried]
        if (
            group in possible.get(other, [])
            and len(set(names)) == len(names)
            and cross_of(dimension, tried) in there.groups
        ):
            kept = tried
    return kept


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
