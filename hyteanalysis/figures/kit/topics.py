"""Of all groupings and indicators of an area, the differences to tell first, chosen with chance reckoned in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from hyteanalysis.cells import CROSS, TOTAL
from hyteanalysis.errors import HyteError
from hyteanalysis.findings import Contrast, Finding, findings
from hyteanalysis.findings.selection import discovered, own_area, times

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release


AGE = "age"  # people differ by age in most things: no grouping of inequality by itself
RATIOS = ("proportion", "rate")  # kinds whose ratio means something


@dataclass(frozen=True)
class Topic:
    """One indicator of an area: the grouping with the largest clear difference first.

    Attributes
    ----------
    main : Finding
    others : tuple of Finding
        The other groupings whose difference is clear, largest first.
    clear : bool
        Whether the main difference stays clear among all the differences looked at.
    signs : frozenset of str
        What stays clear among all differences, comparisons with the whole country and changes looked at:
        ``double`` (a difference, and the ratio at least two), ``better``, ``weaker``, ``narrowed``, ``widened``.
    """

    main: Finding
    others: tuple[Finding, ...]
    clear: bool
    signs: frozenset[str] = frozenset()

    @property
    def indicator(self) -> str:
        """Id of the indicator."""
        return self.main.indicator

    @property
    def ratio(self) -> float:
        """How many times the smaller number the larger is; 0 where a ratio means nothing or nothing is clear."""
        return times(self.main) if self.clear and self.main.unit.kind in RATIOS else 0.0


def groupings(release: "Release") -> list[str]:
    """Dimensions by which people are compared: no crossed ones, no totals; age only where there is nothing else."""
    found = [name for name in release.cells["dimension"].unique() if name != TOTAL and CROSS not in name]
    return sorted(name for name in found if name != AGE) or sorted(found)


def topics(
    release: "Release",
    *,
    area: str,
    dimensions: Sequence[str] | None = None,
    period: str | None = None,
    step: Callable[[str], None] = lambda words: None,
) -> list[Topic]:
    """The topics of an area, an indicator each, those of one theme together.

    Parameters
    ----------
    release : Release
    area : str
    dimensions : list of str, optional
        All plain groupings but age by default.
    period : str, optional
        The newest of each indicator by default.
    step : callable
        Told each grouping before it is measured.

    Returns
    -------
    list of Topic
        Indicators that have numbers by group for another area only come with that finding (state ``fallback``) and are
        never ``clear``. Clear means that the difference is clear by itself and that the Benjamini–Hochberg procedure
        over all differences looked at keeps it, with at most 5 % false ones expected.

    Raises
    ------
    HyteError
        Where the release has no groups at all, or lacks a dimension.
    """
    chosen = list(dimensions) if dimensions is not None else groupings(release)
    if not chosen:
        raise HyteError("the release has no population groups: nothing can be compared")
    found: list[Finding] = []
    for dimension in chosen:
        step(dimension)
        found += findings(release, area=area, dimension=dimension, period=period)
    own = own_area(found)
    gaps = {("gap", *_place(one)): one.difference for one in own}
    sure = discovered(gaps)
    by_indicator: dict[str, list[Finding]] = {}
    for one in found:
        by_indicator.setdefault(one.indicator, []).append(one)
    order = [name for name in by_theme(release.indicators) if name in by_indicator]
    told = [_topic(by_indicator[name], sure) for name in order]
    # a strength, or something to develop, is chosen among all that could have made one
    wholes = {("whole", topic.indicator): _own_level(topic.main) for topic in told}
    signs = discovered({**gaps, **wholes, **{("change", *_place(one)): one.change for one in own}})
    return [replace(topic, signs=_signs(topic, signs)) for topic in told]


_Key = tuple[str, ...]


def _place(one: Finding) -> _Key:
    return one.indicator, one.dimension


def _own_level(one: Finding) -> Contrast | None:
    """The comparison with the whole country, where it is of the area's own level."""
    whole = one.against_whole
    return whole if whole is not None and whole.between[0] == one.asked_area else None


def _topic(found: list[Finding], sure: set[_Key]) -> Topic:
    def clear(one: Finding) -> bool:
        return one.shown_area == one.asked_area and ("gap", *_place(one)) in sure

    first, *rest = sorted(found, key=lambda one: (one.shown_area != one.asked_area, not clear(one), -_size(one)))
    return Topic(first, tuple(one for one in rest if clear(one)), clear(first))


def _size(one: Finding) -> float:
    return abs(one.difference.estimate) if one.difference is not None else 0.0


DOUBLE = 2.0  # ratio from which a difference by itself calls for development


def _signs(topic: Topic, sure: set[_Key]) -> frozenset[str]:
    """What makes the topic a strength, or something to develop."""
    one, found = topic.main, set()
    if ("whole", one.indicator) in sure and one.against_whole is not None:
        found.add(one.against_whole.verdict)
    if topic.clear and ("change", *_place(one)) in sure and one.change is not None:
        found.add(one.change.verdict)
    if topic.ratio >= DOUBLE and ("gap", *_place(one)) in sure:
        found.add("double")
    return frozenset(found)


def by_theme(indicators: pd.DataFrame) -> list[str]:
    """Indicators in their order, those of one theme together."""
    if "theme" in indicators:
        order = {theme: i for i, theme in enumerate(dict.fromkeys(indicators["theme"]))}
        indicators = indicators.sort_values("theme", key=lambda column: column.map(order), kind="stable")
    return [str(one) for one in indicators["indicator"]]
