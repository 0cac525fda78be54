"""What a caller may ask: measures, uncertainty and parameters, checked, each fault named."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.inequality.groups import Options
from hyteanalysis.inequality.registry import REGISTRY, VARIANTS, Measure, find
from hyteanalysis.uncertainty import normal_quantile


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
