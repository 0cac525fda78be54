"""Formulas of an action's effect: risk reduction, number needed to reach, persistence."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Number = TypeVar("Number", float, Array)


def risk_reduction(baseline: Array, effect: Array, scale: str) -> Array:
    """Absolute risk reduction in those reached, never beyond a risk of 0 or 1.

    RR: p(1 − RR). OR: p − p₁ with p₁ = OR·o/(1 + OR·o), o the odds. RD: −RD. Those reached are taken to have their
    group's average risk.

    Examples
    --------
    >>> import numpy as np
    >>> [float(risk_reduction(np.array(0.2), np.array(0.75), scale)) for scale in ("rr", "or")]
    [0.05, 0.04210526315789474]
    >>> float(risk_reduction(np.array(0.2), np.array(-0.3), "rd"))
    0.2
    """
    if scale == "rr":
        reduction = baseline * (1 - effect)
    elif scale == "or":
        reduction = baseline * (1 - baseline) * (1 - effect) / (1 - baseline + effect * baseline)
    else:
        reduction = np.minimum(-effect, baseline) if np.any(effect < 0) else -effect + 0 * baseline
    highest = np.max(baseline, initial=0.0)
    if scale != "or" and np.any(effect > 0) and np.max(highest * effect if scale == "rr" else highest + effect) > 1:
        reduction = np.maximum(reduction, baseline - 1)
    return np.asarray(reduction)


def capped(baseline: Array, effect: Array, scale: str) -> Array:
    """Whether the effect would take the risk below 0 or above 1."""
    if scale == "or":
        return np.zeros(np.broadcast(baseline, effect).shape, dtype=bool)
    after = baseline * effect if scale == "rr" else baseline + effect
    return np.asarray((after < 0) | (after > 1))


def persistence(horizon: Array, retention: Array, discount: Array) -> Array:
    """Years that one case averted counts for: Σ_{t<T} (φ/(1 + d))^t.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(persistence(np.array(3), np.array(0.6), np.array(0.03))), 6)
    1.921859
    """
    kept = np.asarray(retention / (1 + discount), dtype=float)
    years = np.arange(int(np.max(horizon, initial=1)))
    powers = kept[..., None] ** years
    total: Array = np.where(years < np.asarray(horizon)[..., None], powers, 0.0).sum(axis=-1)
    return total


def needed_to_reach(reduction: Array, lower: Array, upper: Array) -> dict[str, Array]:
    """Number needed to reach for one case less, 1/ARR, by Altman's rule.

    Where the interval of the reduction holds 0 the number has no finite interval: it runs from a number needed to
    benefit, through infinity, to a number needed to harm. Then ``nnt_lower, nnt_upper`` are empty, and ``nntb, nnth``
    hold the two ends (both positive).

    Returns
    -------
    dict
        ``nnt`` (negative: to harm), ``nnt_lower, nnt_upper, nntb, nnth``.

    Examples
    --------
    >>> import numpy as np
    >>> found = needed_to_reach(np.array([0.05, 0.01]), np.array([0.04, -0.02]), np.array([0.08, 0.05]))
    >>> found["nnt"].tolist(), found["nnt_lower"].tolist(), found["nntb"].tolist(), found["nnth"].tolist()
    ([20.0, 100.0], [12.5, nan], [nan, 20.0], [nan, 50.0])
    """
    spans = (lower <= 0) & (upper >= 0)
    return {
        "nnt": inverse(reduction),
        "nnt_lower": np.where(spans, np.nan, inverse(upper)),
        "nnt_upper": np.where(spans, np.nan, inverse(lower)),
        "nntb": np.where(spans, inverse(upper), np.nan),
        "nnth": np.where(spans, inverse(-lower), np.nan),
    }


def inverse(values: Array) -> Array:
    """1/x, with infinity for 0."""
    values = np.asarray(values, dtype=float)
    found: Array = np.divide(1.0, values, out=np.full(values.shape, np.inf), where=values != 0)
    return found


def ratio(above: Array, below: Array) -> Array:
    """A ratio that is empty where its denominator is not positive."""
    above, below = np.broadcast_arrays(np.asarray(above, dtype=float), np.asarray(below, dtype=float))
    found: Array = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
    return found
