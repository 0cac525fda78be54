"""What a viewer has chosen on page A, and what a release lets be chosen there: no value is used before this."""

from dataclasses import dataclass
from typing import ClassVar

from hyteanalysis.apps.kit.address import Addressed
from hyteanalysis.apps.kit.contents import (
    AGE,
    Contents,
    area_codes,
    area_options,
    contents_of,
    country_first,
    first_indicator,
)
from hyteanalysis.apps.kit.controls import Option
from hyteanalysis.apps.kit.library import Library
from hyteanalysis.cells import cross
from hyteanalysis.findings.lookup import names_of
from hyteanalysis.i18n import when


@dataclass(frozen=True)
class Selection(Addressed):
    """One state of the page; equal selections have equal answers, so it is the key of the cache.

    Attributes
    ----------
    release, area, indicator, dimension, period : str
        Ids; empty = the default, and for ``area`` given empty in the address: not chosen yet (``None``).
    filters : tuple of str
        Groups that the numbers are limited to, as ``dimension:group``.
    compare : tuple of str
        Areas shown beside the area; the whole country unless told otherwise.
    standardised : bool
        Whether age is taken out of the numbers.
    sort : str
        Order of the areas: ``gap``, or empty for the level.
    researcher : bool
        Whether the researcher's view is open.
    phone : bool
        Whether figures are drawn for a narrow screen; no part of an address.

    Examples
    --------
    >>> Selection(area="KU837", dimension="education", compare=("SSS", "HVA05")).query()
    '?alue=KU837&ryhma=education&vertailu=SSS~HVA05'
    >>> Selection.from_query("alue=KU837&vuosi=2022&x=1")
    Selection(release='', area='KU837', indicator='', dimension='', period='2022', filters=(), ...)
    """

    QUERY: ClassVar[dict[str, str]] = {
        "release": "aineisto",
        "area": "alue",
        "indicator": "ind",
        "dimension": "ryhma",
        "period": "vuosi",
        "filters": "rajaus",
        "compare": "vertailu",
        "standardised": "ikavakioitu",
        "sort": "jarjestys",
        "researcher": "tutkija",
    }

    release: str = ""
    area: str | None = ""
    indicator: str = ""
    dimension: str = ""
    period: str = ""
    filters: tuple[str, ...] = ()
    compare: tuple[str, ...] = ("SSS",)
    standardised: bool = False
    sort: str = ""
    researcher: bool = False
    phone: bool = False

    def settled(self, library: Library) -> tuple["Selection", tuple[str, ...]]:
        """The selection with every value from the release's own lists, and the names of the fields that were changed.

        Values may be from anywhere: an address, a forged message. None is trusted.

        Parameters
        ----------
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

        release_id = chosen("release", self.release, library.ids)
        whole = library.release(release_id)
        codes = library.once(release_id, "codes", "", lambda: area_codes(whole))
        area = self.area if self.area is None else chosen("area", self.area, country_first(codes))
        indicators = whole.indicators["indicator"].tolist()
        if self.indicator not in indicators:
            by = self.dimension if self.dimension in set(whole.groups["dimension"]) else ""
            largest = library.once(
                release_id, "first", (area, by), lambda: first_indicator(library, release_id, area, by)
            )
            indicators = [largest, *indicators]
        indicator = chosen("indicator", self.indicator, indicators)
        there = contents_of(library, release_id, indicator)
        dimension = chosen("dimension", self.dimension, list(there.dimensions))
        filters = _filters(self.filters, dimension, there)
        changed += ["filters"] if self.filters and filters != tuple(sorted(self.filters)) else []
        standardised = self.standardised is True and not filters and dimension in there.standardisable
        changed += ["standardised"] if self.standardised and not standardised else []
        periods = there.periods.get(cross_of(dimension, filters), ())
        if standardised:
            by_age = there.periods.get(cross([AGE, dimension]), ())
            periods = tuple(one for one in periods if one in by_age)
        period = chosen("period", self.period, list(periods))
        known = set(codes)
        wanted = tuple(dict.fromkeys(self.compare))
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
            sort=chosen("sort", self.sort, list(SORTS)),
            researcher=self.researcher is True,
            phone=self.phone is True,
        )
        return settled, tuple(changed)


SORTS = ("", "gap")


COMPARED = 5  # areas beside the chosen one


@dataclass(frozen=True)
class Choices:
    """Options of every control, as label and id, for one selection."""

    areas: tuple[Option, ...]
    indicators: tuple[Option, ...]
    dimensions: tuple[Option, ...]
    periods: tuple[Option, ...]
    filters: tuple[tuple[Option, tuple[Option, ...]], ...]
    standardisable: bool

    @classmethod
    def of(cls, selection: Selection, library: Library, lang: str) -> "Choices":
        """The options to offer beside a settled selection, labelled in a language."""
        release = library.indicator(selection.release, selection.indicator)
        there = contents_of(library, selection.release, selection.indicator)
        names = names_of(release)
        ids = release.indicators["indicator"]
        return cls(
            areas=library.once(selection.release, "areas", lang, lambda: area_options(release, lang)),
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
