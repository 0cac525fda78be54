"""What a measure needs of a setting, checked the same way for all, and said in words where it is lacking."""

from collections.abc import Callable

import numpy as np

from hyteanalysis.inequality.blocks import Batch
from hyteanalysis.inequality.groups import Array, Groups
from hyteanalysis.inequality.registry import Measure, Need

# lacking these, no data of the same kind would ever do: asked for alone, the measure is refused
STRUCTURAL: frozenset[Need] = frozenset({"order", "reference", "bounds", "upper bound", "aversion", "population"})


def lacking(measure: Measure, block: Batch) -> list[tuple[Array, str, bool]]:
    """Settings that lack something, what is said of them, and whether it is structural; in the order checked."""
    found: list[tuple[Array, str, bool]] = []
    everywhere = np.ones(len(block), dtype=bool)
    k = block.groups.k
    if k < measure.min_groups:
        words = "no group has" if k == 0 else f"only {k} group has" if k == 1 else f"only {k} groups have"
        return [(everywhere, f"{words} an estimate; {measure.code} needs {measure.min_groups}", False)]
    if measure.weighted:
        partly: Array = np.asarray(block.weights == "partly")
        found.append((partly, f"{measure.code} needs weights, missing for some groups", False))
        found.append((np.asarray(block.weights == "zero"), f"{measure.code} needs weights, and all are zero", False))
        alone: Array = np.asarray((block.groups.p >= 1).any(axis=1))
        if measure.ordered:
            found.append((alone, f"{measure.code} needs people in two groups at least", False))
    for need in measure.needs:
        bad, words = _CHECKS[need](measure, block.groups, block)
        found.append((bad, words, need in STRUCTURAL))
    return found


Check = Callable[[Measure, Groups, Batch], tuple[Array, str]]


def _all(groups: Groups, value: bool) -> Array:
    return np.full(len(groups.p), value)


def _order(measure: Measure, groups: Groups, block: Batch) -> tuple[Array, str]:
    names = ", ".join(f"'{name}'" for name in sorted(set(block.dimensions))[:3])
    words = f"{measure.code} needs ordered groups; dimension {names} has no order here. Use {measure.instead}"
    return _all(groups, not groups.ordered), words


def _reference(measure: Measure, groups: Groups, block: Batch) -> tuple[Array, str]:
    bad = groups.reference is None and not groups.ordered
    return _all(groups, bad), f"{measure.code} needs a reference group. Name one, or use {measure.instead}"


def _kept_reference(measure: Measure, groups: Groups, block: Batch) -> tuple[Array, str]:
    return block.lost_reference, f"{measure.code} compares with the reference group, which has no estimate"


def _bounds(measure: Measure, groups: Groups, block: Batch) -> tuple[Array, str]:
    bad = np.isnan(groups.lower_bound) | np.isnan(groups.upper_bound)
    return bad, f"{measure.code} needs the indicator's lower and upper bound. Declare them, or use {measure.instead}"


def _upper_bound(measure: Measure, groups: Groups, block: Batch) -> tuple[Array, str]:
    bad = groups.adverse & np.isnan(groups.upper_bound)
    words = f"{measure.code} turns an adverse outcome round by its upper bound, which is not declared"
    return bad, f"{words}. Use {measure.instead}"


def _aversion(measure: Measure, groups: Groups, block: Batch) -> tuple[Array, str]:
    bad = measure.code not in groups.options.aversion
    return _all(
        groups, bad
    ), f"{measure.code} needs aversion=, per unit of the indicator. Give it, or use {measure.instead}"


def _population(measure: Measure, groups: Groups, block: Batch) -> tuple[Array, str]:
    bad: Array = np.asarray(block.weights != "population")
    return bad, f"{measure.code} counts people and needs the population of every group"


def _positive_mean(measure: Measure, groups: Groups, block: Batch) -> tuple[Array, str]:
    return ~(groups.mean > 0), f"{measure.code} is relative and needs an average above zero"


def _positive(measure: Measure, groups: Groups, block: Batch) -> tuple[Array, str]:
    return np.asarray(
        (groups.y <= 0).any(axis=1)
    ), f"{measure.code} is undefined where a group's estimate is zero or below"


def _positive_health(measure: Measure, groups: Groups, block: Batch) -> tuple[Array, str]:
    side = np.where(groups.adverse[:, None], groups.upper_bound[:, None] - groups.y, groups.y)
    bad = (side < 0).any(axis=1) | ~((groups.p * side).sum(axis=1) > 0)
    return np.asarray(bad), f"{measure.code} needs a favourable side of zero or more, with an average above zero"


_CHECKS: dict[Need, Check] = {
    "order": _order,
    "reference": _reference,
    "kept reference": _kept_reference,
    "bounds": _bounds,
    "upper bound": _upper_bound,
    "aversion": _aversion,
    "population": _population,
    "positive mean": _positive_mean,
    "positive": _positive,
    "positive health": _positive_health,
}
