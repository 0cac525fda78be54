"""What of many is told: held to 5 % false discoveries over all it was chosen among."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from hyteanalysis.findings.model import Contrast, Finding
from hyteanalysis.uncertainty import discovery

DISCOVERIES = 0.05  # expected share of false ones among those told

Key = TypeVar("Key", bound=Hashable)


def discovered(compared: Mapping[Key, Contrast | None]) -> set[Key]:
    """Those whose comparison is clear by itself and stays so among all that were looked at (Benjamini–Hochberg).

    Comparisons that are not there, or have no interval, could not have been chosen and do not count.
    """
    there = [(key, one) for key, one in compared.items() if one is not None and one.p == one.p]
    kept = discovery(np.array([one.p for _, one in there], dtype=float)) <= DISCOVERIES
    return {key for (key, one), stays in zip(there, kept, strict=True) if stays and one.clear}


def own_area(found: Sequence[Finding]) -> list[Finding]:
    """Findings of the area asked for; those shown in its stead tell of another."""
    return [one for one in found if one.shown_area == one.asked_area]


def largest(found: Sequence[Finding]) -> list[Finding]:
    """Findings whose gap stays clear among all of them, the largest ratio first; equal ones in the order of their ids.

    The estimates of what was chosen are likely to be somewhat too large; their limits reckon with which groups were
    chosen, not with which matters.
    """
    kept = discovered(dict(enumerate(one.difference for one in found)))
    told = [found[place] for place in sorted(kept) if 0 < times(found[place]) < np.inf]
    return sorted(told, key=lambda one: (-times(one), one.indicator))


def times(one: Finding) -> float:
    """How many times the smaller number the larger is; 0 where that is not known."""
    if one.ratio is None or not one.ratio.estimate > 0:
        return 0.0
    return max(one.ratio.estimate, 1 / one.ratio.estimate)
