"""Of all groupings and indicators of an area, the differences to tell first, chosen with chance reckoned in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtr

from hyteanalysis.cells import CROSS, TOTAL
from hyteanalysis.errors import HyteError
from hyteanalysis.findings import Finding, findings
from hyteanalysis.findings.contrasts import Z
from hyteanalysis.uncertainty import discovery

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release


AGE = "age"  # people differ by age in most things: no grouping of inequality by itself
RATIOS = ("proportion", "rate")  # kinds whose ratio means something
DISCOVERIES = 0.05  # expected share of false ones among the differences called clear


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
    """

    main: Finding
    others: tuple[Finding, ...]
    clear: bool

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
        never ``clear``. Clear means that the interval leaves out 0 and that the Benjamini–Hochberg procedure over all
        differences looked at keeps it, with at most 5 % false ones expected.

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
    sure = _discoveries(found)
    by_indicator: dict[str, list[Finding]] = {}
    for one in found:
        by_indicator.setdefault(one.indicator, []).append(one)
    order = [name for name in by_theme(release.indicators) if name in by_indicator]
    return [_topic(by_indicator[name], sure) for name in order]


def _topic(found: list[Finding], sure: set[int]) -> Topic:
    here = sorted(found, key=lambda one: (one.shown_area != one.asked_area, id(one) not in sure, -_size(one)))
    first, *rest = here
    return Topic(first, tuple(one for one in rest if id(one) in sure), id(first) in sure)


def _size(one: Finding) -> float:
    return abs(one.difference.estimate) if one.difference is not None else 0.0


def _discoveries(found: list[Finding]) -> set[int]:
    """Which differences of the area itself stay clear among all that were looked at."""
    own = [
        one
        for one in found
        if one.difference is not None
        and one.shown_area == one.asked_area
        and np.isfinite([one.difference.lower, one.difference.upper]).all()
    ]
    if not own:
        return set()
    gaps = [one.difference for one in own if one.difference is not None]
    error = np.array([(gap.upper - gap.lower) / (2 * Z) for gap in gaps])
    size = np.abs([gap.estimate for gap in gaps])
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * ndtr(-np.where(error > 0, size / error, np.where(size > 0, np.inf, 0.0)))
    kept = discovery(p) <= DISCOVERIES
    return {id(one) for one, gap, stays in zip(own, gaps, kept, strict=True) if stays and gap.clear}


def by_theme(indicators: pd.DataFrame) -> list[str]:
    """Indicators in their order, those of one theme together."""
    if "theme" in indicators:
        order = {theme: i for i, theme in enumerate(dict.fromkeys(indicators["theme"]))}
        indicators = indicators.sort_values("theme", key=lambda column: column.map(order), kind="stable")
    return [str(one) for one in indicators["indicator"]]


def times(one: Finding) -> float:
    """How many times the smaller number the larger is."""
    return max(one.ratio.estimate, 1 / one.ratio.estimate) if one.ratio is not None else 0.0
