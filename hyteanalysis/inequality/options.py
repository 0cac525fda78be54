"""What a caller may ask (measures, uncertainty, parameters) and which measures suit the data; each fault named."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.inequality.blocks import Batch
from hyteanalysis.inequality.groups import Array, Groups, Options
from hyteanalysis.inequality.registry import REGISTRY, VARIANTS, Measure, Need, find
from hyteanalysis.uncertainty import normal_quantile

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


_Check = Callable[[Measure, Groups, Batch], tuple[Array, str]]


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


_CHECKS: dict[Need, _Check] = {
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


@dataclass(frozen=True)
class Uncertainty:
    """How intervals are to be made."""

    level: float
    se: str
    interval: str
    draws: int
    seed: int | None


def check_uncertainty(level: float, se: str, interval: str, draws: int, seed: int | None) -> Uncertainty:
    """Options of uncertainty, or an error that names the faulty one."""
    if isinstance(level, bool) or not isinstance(level, int | float | np.number):
        raise MeasureError(f"level must be a share between 0 and 1, such as 0.95; not {level!r}.")
    normal_quantile(float(level))
    one_of(se, ("propagated", "model"), "se", MeasureError)
    one_of(interval, ("plain", "corrected"), "interval", MeasureError)
    if isinstance(draws, bool) or not isinstance(draws, int | np.integer) or draws < 1000:
        raise MeasureError(
            f"draws must be a whole number of 1,000 or more, since tails are read from them; not {draws!r}."
        )
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0):
        raise MeasureError(f"seed must be a whole number of 0 or more, or None; not {seed!r}.")
    return Uncertainty(float(level), se, interval, int(draws), seed)


def choose(measures: str | Sequence[str], rii_form: str = "ratio") -> list[Measure]:
    """Measures asked for, in the form asked for."""
    one_of(rii_form, ("ratio", "mean"), "rii_form", MeasureError)
    return [VARIANTS.get((measure.code, rii_form), measure) for measure in find(measures)]


def check_options(aversion: float | dict[str, float] | None, level_to: str = "best") -> Options:
    """Options that formulas read, or an error that names the faulty one."""
    one_of(level_to, ("best", "average"), "level_to", MeasureError)
    averse = {code: measure.aversion for code, measure in REGISTRY.items() if measure.aversion is not None}
    given = dict(aversion) if isinstance(aversion, dict) else dict.fromkeys(averse, aversion)
    for code, value in given.items():
        one_of(code, list(averse), "aversion of", MeasureError)
        number = value is None or (isinstance(value, int | float | np.number) and not isinstance(value, bool))
        # one number for all may suit others though not this one, which then goes without
        least = averse[code].above if isinstance(aversion, dict) else 0.0
        if not number or (value is not None and not least < value < np.inf):
            raise MeasureError(f"aversion of {code} must be a number above {least:g}; not {value!r}.")
    usable = {code: float(value) for code, value in given.items() if value is not None and value > averse[code].above}
    known = {code: one.default for code, one in averse.items() if one.default is not None}
    return Options({**({} if isinstance(aversion, int | float) else known), **usable}, level_to)
