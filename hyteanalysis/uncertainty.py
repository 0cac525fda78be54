"""Intervals and variances that every method shares, each vectorised over any number of rows.

Counts and shares have closed forms (Wilson, Byar, exact); estimates with a standard error get an interval on the scale
where they are nearly normal; surveys get the covariance of many domains at once.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse
from numpy.typing import ArrayLike, NDArray
from scipy import special

from hyteanalysis.errors import MeasureError, counted, one_of

Array = NDArray[np.float64]
Limits = tuple[Array, Array]

EXACT_BELOW = 10  # events
LONELY = ("fail", "remove", "certainty", "adjust", "average")


def normal_quantile(level: float) -> float:
    """Two-sided standard normal quantile of a confidence level given as a share, such as 0.95."""
    if not 0 < level < 1:
        raise MeasureError(f"level must be a share between 0 and 1, such as 0.95; not {level!r}.")
    return float(special.ndtri(0.5 + level / 2))


# ---- counts and shares


def wilson(events: ArrayLike, population: ArrayLike, level: float = 0.95) -> Limits:
    """Wilson score limits of the proportion ``events / population``.

    >>> lower, upper = wilson(5, 50)
    >>> f"{lower:.4f} {upper:.4f}"
    '0.0435 0.2136'
    """
    z = normal_quantile(level)
    x, n = np.asarray(events, dtype=float), np.asarray(population, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = z * np.sqrt(z * z + 4 * x * (1 - x / n))
        return np.maximum((2 * x + z * z - half) / (2 * (n + z * z)), 0), (2 * x + z * z + half) / (2 * (n + z * z))


def exact_binomial(events: ArrayLike, population: ArrayLike, level: float = 0.95) -> Limits:
    """Clopper–Pearson limits of the proportion ``events / population``."""
    tail = (1 - level) / 2
    x, n = np.asarray(events, dtype=float), np.asarray(population, dtype=float)
    with np.errstate(invalid="ignore"):
        lower = np.where(x > 0, special.betaincinv(np.maximum(x, 0.5), n - x + 1, tail), 0.0)
        upper = np.where(x < n, special.betaincinv(x + 1, np.maximum(n - x, 0.5), 1 - tail), 1.0)
    return np.where(np.isnan(n + x), np.nan, lower), np.where(np.isnan(n + x), np.nan, upper)


def exact_poisson(events: ArrayLike, level: float = 0.95) -> Limits:
    """Exact limits of a Poisson count: quantiles of χ² with 2x and 2x + 2 degrees of freedom, halved."""
    tail = (1 - level) / 2
    x = np.asarray(events, dtype=float)
    lower = np.where(x > 0, special.gammaincinv(np.where(x > 0, x, 1), tail), 0.0)
    return np.where(np.isnan(x), np.nan, lower), special.gammaincinv(x + 1, 1 - tail)


def byar(events: ArrayLike, level: float = 0.95) -> Limits:
    """Byar's limits of a Poisson count, close to the exact ones from about ten events up (Breslow & Day 1987).

    >>> lower, upper = byar(20)
    >>> f"{lower:.3f} {upper:.3f}"
    '12.211 30.890'
    """
    z = normal_quantile(level)
    x = np.asarray(events, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        lower = np.where(x > 0, x * (1 - 1 / (9 * x) - z / (3 * np.sqrt(x))) ** 3, 0.0)
    lower = np.where(np.isnan(x), np.nan, np.maximum(lower, 0))
    return lower, (x + 1) * (1 - 1 / (9 * (x + 1)) + z / (3 * np.sqrt(x + 1))) ** 3


def poisson(events: ArrayLike, level: float = 0.95) -> Limits:
    """Limits of a Poisson count: exact under 10 events, Byar from there on."""
    x = np.asarray(events, dtype=float)
    lower, upper = byar(x, level)
    few = x < EXACT_BELOW
    if few.any():
        exact = exact_poisson(np.where(few, x, 1.0), level)
        lower, upper = np.where(few, exact[0], lower), np.where(few, exact[1], upper)
    return lower, upper


def dobson(estimate: ArrayLike, variance: ArrayLike, events: ArrayLike, level: float = 0.95) -> Limits:
    """Limits of a weighted sum of Poisson counts: Byar's for the count, scaled (Dobson et al. 1991)."""
    value, x = np.asarray(estimate, dtype=float), np.asarray(events, dtype=float)
    low, high = byar(x, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.sqrt(np.asarray(variance, dtype=float) / x)
    return value + scale * (low - x), value + scale * (high - x)


def fay_feuer(estimate: ArrayLike, variance: ArrayLike, largest: ArrayLike, level: float = 0.95) -> Limits:
    """Gamma limits of a weighted sum of Poisson counts; ``largest`` is the largest weight of one event (1997)."""
    tail = (1 - level) / 2
    value, v, w = (np.asarray(part, dtype=float) for part in (estimate, variance, largest))
    with np.errstate(divide="ignore", invalid="ignore"):
        lower = np.where(value > 0, special.gammaincinv(value**2 / v, tail) * v / value, 0.0)
        upper = special.gammaincinv((value + w) ** 2 / (v + w * w), 1 - tail) * (v + w * w) / (value + w)
    return np.where(np.isnan(value), np.nan, lower), upper


# ---- estimates with a standard error


def quantile(level: ArrayLike, df: ArrayLike | None = None) -> Array:
    """Two-sided quantiles of Student's t with ``df`` degrees of freedom; where they are empty, of the normal.

    >>> quantile(0.95, [9.0, float("nan")]).round(3).tolist()
    [2.262, 1.96]
    """
    if np.ndim(level) == 0:
        normal_quantile(float(np.asarray(level)))
    upper = 0.5 + np.asarray(level, dtype=float) / 2
    normal = np.asarray(special.ndtri(upper), dtype=float)
    if df is None:
        return normal
    freedom = np.asarray(df, dtype=float)
    t = special.stdtrit(np.where(freedom > 0, np.minimum(freedom, 1e9), 1.0), upper)
    return np.asarray(np.where(np.isnan(freedom), normal, np.where(freedom > 0, t, np.nan)), dtype=float)


def wald(estimate: ArrayLike, se: ArrayLike, level: float = 0.95, df: ArrayLike | None = None) -> Limits:
    """Symmetric limits: normal, or Student's t where degrees of freedom are given."""
    value, half = np.asarray(estimate, dtype=float), quantile(level, df) * np.asarray(se, dtype=float)
    with np.errstate(invalid="ignore"):
        return value - half, value + half


def log_interval(estimate: ArrayLike, se: ArrayLike, level: float = 0.95, df: ArrayLike | None = None) -> Limits:
    """Limits on the log scale, for a rate or ratio above 0."""
    value = np.asarray(estimate, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        factor = np.exp(quantile(level, df) * np.asarray(se, dtype=float) / value)
        return value / factor, value * factor


def logit_interval(estimate: ArrayLike, se: ArrayLike, level: float = 0.95, df: ArrayLike | None = None) -> Limits:
    """Limits on the logit scale, for a share strictly between 0 and 1."""
    p = np.asarray(estimate, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = quantile(level, df) * np.asarray(se, dtype=float) / (p * (1 - p))
        return special.expit(special.logit(p) - half), special.expit(special.logit(p) + half)


# ---- standard errors of cells


class CellErrors(NamedTuple):
    """Standard errors of cells, in the indicator's unit, and how they were come by."""

    se: Array  # empty where none is known, or where an error of 0 is no certainty
    derived: NDArray[np.bool_]  # from published limits
    mended: NDArray[np.bool_]  # of (events + ½)/(n + 1), in place of a 0 from no or only events
    false_zero: NDArray[np.bool_]  # 0 from no or only events that could not be mended


def cell_errors(cells: Mapping[str, Any] | Any, kind: ArrayLike, scale: ArrayLike) -> CellErrors:
    """The standard error of each cell: as given, else from its 95 % limits; of no or only events, by half an event.

    From limits L, U on the indicator's natural scale: a proportion p(1 − p)(logit U − logit L)/2z, a rate
    y(ln U − ln L)/2z, a mean (U − L)/2z; the last also where a limit sits on 0 or 1. An error of 0 at an estimate of 0,
    or of the whole scale of a proportion, is no certainty: where ``events`` are given, p = (events + ½)/(n + 1) gives
    √(p(1 − p)/n), for a rate √(events + ½)/n; n are ``respondents``, else ``population``.

    Parameters
    ----------
    cells : DataFrame or dict of arrays
        ``estimate``, and as far as they are known ``se, lower, upper, events, respondents, population``.
    kind, scale : array, or one for all
        ``proportion, rate, mean …``, and the scale of the estimates (100 for %).

    Returns
    -------
    CellErrors

    Notes
    -----
    Wilson limits are symmetric on the logit, so little is lost; exact and Byar limits of ten events give an error
    that is 9 % too large.

    Examples
    --------
    >>> cells = {"estimate": [10.0, 0.0, 0.0], "se": [np.nan, 0.0, 0.0], "lower": [8.0, np.nan, np.nan],
    ...          "upper": [12.4, np.nan, np.nan], "events": [np.nan, 0, np.nan], "respondents": [np.nan, 50, 50]}
    >>> cell_errors(cells, "proportion", 100).se.round(2).tolist()
    [1.12, 1.39, nan]
    """
    y = np.asarray(cells["estimate"], dtype=float)

    def column(name: str) -> Array:
        return np.asarray(cells[name], dtype=float) if name in cells else np.full(len(y), np.nan)

    kinds, unit = np.broadcast_to(np.asarray(kind, dtype=object), y.shape), np.asarray(scale, dtype=float)
    given, lower, upper = column("se"), column("lower"), column("upper")
    share = kinds == "proportion"
    derived = np.isnan(given) & ~np.isnan(lower) & ~np.isnan(upper)
    se = np.where(derived, _error_of_limits(y, lower, upper, unit, share, kinds == "rate"), given)
    boundary = (se == 0) & ((y == 0) | (share & (y == unit)))
    mended = np.zeros(len(y), dtype=bool)
    if boundary.any():
        respondents, x = column("respondents"), column("events")
        n = np.where(np.isnan(respondents), column("population"), respondents)
        with np.errstate(divide="ignore", invalid="ignore"):
            p = (x + 0.5) / (n + 1)
            # (x + ½)/n counts as Poisson where the outcome is a rate
            half = np.where(share, np.sqrt(p * (1 - p) / n), np.sqrt(x + 0.5) / n) * unit
        mended = boundary & np.isfinite(half) & (share | (kinds == "rate"))
        se = np.where(mended, half, np.where(boundary, np.nan, se))
    return CellErrors(se, derived, mended, boundary & ~mended)


def _error_of_limits(
    y: Array, lower: Array, upper: Array, scale: Array, share: NDArray[np.bool_], rate: NDArray[np.bool_]
) -> Array:
    """Error behind published 95 % limits, on the indicator's natural scale."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        p, low, high = y / scale, lower / scale, upper / scale
        logit = scale * p * (1 - p) * (special.logit(high) - special.logit(low))
        log = y * (np.log(upper) - np.log(lower))
    plain = upper - lower
    width = np.where(share, logit, np.where(rate, log, plain))
    inside = np.where(share, (low > 0) & (high < 1) & (p > 0) & (p < 1), ~rate | ((lower > 0) & (y > 0)))
    return np.asarray(np.where(inside, width, plain) / (2 * normal_quantile(0.95)))


def cell_limits(cells: Mapping[str, Any] | Any, kind: ArrayLike, scale: ArrayLike) -> tuple[Array, Array]:
    """95 % limits of each cell: as given, else of its error, on the scale of :func:`cell_errors`.

    A proportion's limits are logit p ± z s/(p(1 − p)), a rate's y exp(± z s/y), others' y ± z s; a proportion of 0 or 1
    and a rate of 0 have y ± z s, cut at the ends of the scale.

    Parameters
    ----------
    cells : DataFrame or dict of arrays
        ``estimate``, and as far as they are known ``se, lower, upper``.
    kind, scale : array, or one for all

    Returns
    -------
    (array, array)
        Lower and upper limits; NaN where neither limits nor an error are known.

    Examples
    --------
    >>> low, high = cell_limits({"estimate": [50.0, 5.0], "se": [2.0, np.nan], "upper": [np.nan, 6.0]}, "mean", 1)
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([46.08, nan], [53.92, 6.0])
    """
    y = np.asarray(cells["estimate"], dtype=float)
    given = [np.asarray(cells[name], dtype=float) if name in cells else np.full(len(y), np.nan) for name in _LIMITS]
    kinds, unit = np.broadcast_to(np.asarray(kind, dtype=object), y.shape), np.asarray(scale, dtype=float)
    se = cell_errors(cells, kind, scale).se
    share, rate = kinds == "proportion", kinds == "rate"
    bent, inside = share & (y > 0) & (y < unit), np.where(share, unit, np.inf)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        plain = [
            np.where(share | rate, np.clip(one, np.minimum(y, 0), np.maximum(y, inside)), one) for one in wald(y, se)
        ]
        found = [
            np.where(bent, unit * logit, np.where(rate & (y > 0), log, straight))
            for logit, log, straight in zip(
                logit_interval(y / unit, se / unit), log_interval(y, se), plain, strict=True
            )
        ]
    unknown = np.isnan(given[0]) & np.isnan(given[1])  # one limit alone is the owner's own
    return np.where(unknown, found[0], given[0]), np.where(unknown, found[1], given[1])


_LIMITS = ("lower", "upper")


def part_against_whole(se: ArrayLike, se_whole: ArrayLike, share: ArrayLike) -> Array:
    """Standard error of a part's difference from the whole it makes ``share`` of: var = s² + s_w² − 2 f s².

    >>> part_against_whole(2.0, 1.0, 0.25).round(4).tolist()
    1.7321
    """
    s, whole, f = (np.asarray(one, dtype=float) for one in (se, se_whole, share))
    return np.asarray(np.sqrt(np.maximum(s**2 + whole**2 - 2 * f * s**2, ((1 - f) * s) ** 2)))


# ---- surveys: the covariance of many domains at once


def taylor_covariance(
    totals: ArrayLike | scipy.sparse.sparray,
    strata: ArrayLike,
    *,
    sampled: ArrayLike | None = None,
    fraction: ArrayLike | float = 0.0,
    scale: ArrayLike | float = 1.0,
    lonely: str = "fail",
) -> Array:
    """Covariance of domain totals from the totals of the primary sampling units.

    For stratum h with n units and totals u: Σ_h s_h (1 − f_h) n/(n − 1) Σ (u − ū)(u − ū)′.

    Parameters
    ----------
    totals : array or sparse array, units × domains
        Sum of the weighted (or linearised) variable in each unit and domain; a unit without people in a domain is 0.
    strata : array of int, units
        Stratum of each unit, numbered from 0.
    sampled : array, strata, optional
        Units sampled in each stratum, where some of them are not among the rows (their totals are 0).
    fraction, scale : array, strata, or a number
        Sampling fraction f_h, and the factor s_h of a later stage (the fractions of the stages above).
    lonely : {"fail", "remove", "certainty", "adjust", "average"}
        A stratum with one unit: refuse; leave out; count as certain (no variance); centre at 0, where linearised totals
        have their mean; or give it the average variance of the others.

    Returns
    -------
    array, domains × domains
    """
    one_of(lonely, LONELY, "lonely", MeasureError)
    u = scipy.sparse.csr_array(totals)
    h = np.asarray(strata, dtype=np.intp)
    count = int(h.max()) + 1 if len(h) else 0
    n = np.bincount(h, minlength=count).astype(float) if sampled is None else np.asarray(sampled, dtype=float)
    f, s = np.broadcast_to(np.asarray(fraction, float), count), np.broadcast_to(np.asarray(scale, float), count)
    single = (n == 1) & (f < 1) & (s > 0)
    if lonely == "fail" and single.any():
        raise MeasureError(
            f"{counted(single.sum(), 'stratum holds', 'strata hold')} "
            f"one sampling unit (the first is number {int(single.argmax())}), which "
            "tells nothing of their variance. Join them with a like stratum, or choose lonely='adjust', 'average', "
            "'remove' or 'certainty'."
        )
    free = s * (1 - f)
    factor = np.where(n > 1, free * n / np.maximum(n - 1, 1), free if lonely == "adjust" else 0.0)
    if lonely == "average" and single.any():
        if single.all():
            raise MeasureError(
                "Every stratum holds one sampling unit, so there is no average variance to borrow. "
                "Join strata, or leave them out."
            )
        factor = factor * count / (count - single.sum())
    member = scipy.sparse.csr_array((np.ones(len(h)), (h, np.arange(len(h)))), shape=(count, len(h)))
    sums = np.asarray((member @ u).todense(), dtype=float)
    centred = np.where(n > 1, factor / np.maximum(n, 1), 0.0)
    raw = np.asarray((u.T @ scipy.sparse.diags_array(factor[h]) @ u).todense(), dtype=float)
    covariance: Array = raw - (sums * centred[:, None]).T @ sums
    return covariance


def replicate_covariance(
    replicates: ArrayLike, estimate: ArrayLike, *, scale: float, rscales: ArrayLike | float = 1.0, mse: bool = False
) -> Array:
    """Covariance from estimates made again with each replicate weight: scale Σ r (θ_r − θ)(θ_r − θ)′.

    ``replicates`` is replicates × domains. Deviations are from the replicates' mean, with ``mse`` from ``estimate``.
    """
    theta = np.asarray(replicates, dtype=float)
    r = np.broadcast_to(np.asarray(rscales, dtype=float), len(theta))
    deviation = theta - (np.asarray(estimate, dtype=float) if mse else theta.mean(axis=0))
    result: Any = scale * (deviation * r[:, None]).T @ deviation
    return np.asarray(result)


# ---- many settings at once: delta method, equality, false discovery


def two_sided(z: ArrayLike, df: ArrayLike | None = None) -> Array:
    """Two-sided p-value of a standard normal deviate, or of Student's t where ``df`` are not empty.

    >>> two_sided([0.0, 1.96]).round(3).tolist(), two_sided(2.262, 9).round(3).tolist()
    ([1.0, 0.05], 0.05)
    """
    size = -np.abs(np.asarray(z, dtype=float))
    normal = np.asarray(2 * special.ndtr(size))
    if df is None:
        return normal
    freedom = np.asarray(df, dtype=float)
    t = 2 * special.stdtr(np.where(freedom > 0, np.minimum(freedom, 1e9), 1.0), size)
    return np.asarray(np.where(np.isnan(freedom), normal, np.where(freedom > 0, t, np.nan)))


def degrees(gradient: Array, error: Array, df: Array, covariance: Array | None = None) -> Array:
    """Degrees of freedom of a contrast g′y of each row (Satterthwaite 1946); empty where all errors are known.

    Estimates with a covariance come of the same units of one design: then the fewest of the groups compared.

    >>> degrees(np.array([[1.0, -1.0]]), np.array([[1.0, 1.0]]), np.array([[9.0, 9.0]])).tolist()
    [18.0]
    """
    part = np.where(gradient == 0, 0.0, gradient * error) ** 2
    counts = ~np.isnan(df) & (part > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = part.sum(axis=1)
        found = total**2 / np.where(counts, part**2 / np.where(counts, df, 1.0), 0.0).sum(axis=1)
        if covariance is not None:
            used = counts[:, :, None] & counts[:, None, :] & ~np.eye(counts.shape[1], dtype=bool)
            fewest = np.where(counts, df, np.inf).min(axis=1, initial=np.inf)
            found = np.where((used & (covariance != 0)).any(axis=(1, 2)), fewest, found)
    return np.where(counts.any(axis=1) & np.isfinite(found), found, np.nan)


def delta_variance(gradient: Array, error: Array, covariance: Array | None = None) -> Array:
    """g′Σg of each row: Σ = diag(s²), or the full covariance (rows × k × k).

    A coefficient of exactly 0 needs no error, so that a missing one elsewhere does no harm.

    >>> delta_variance(np.array([[1.0, -1.0, 0.0]]), np.array([[3.0, 4.0, np.nan]])).tolist()
    [25.0]
    """
    if covariance is None:
        return np.asarray((np.where(gradient == 0, 0.0, gradient * error) ** 2).sum(axis=1))
    pairs = gradient[:, :, None] * gradient[:, None, :]
    return np.asarray(np.where(pairs == 0, 0.0, pairs * covariance).sum(axis=(1, 2)))


def equality(estimate: Array, error: Array, covariance: Array | None = None, df: Array | None = None) -> Array:
    """p-value that all k estimates of a row are equal: Cochran's Q = Σ (y − ȳ)²/s², or the Wald form of a full Σ.

    Errors of exactly 0 are taken as certain. Empty where an error is missing. With degrees of freedom of the errors
    (rows × k, empty where an error is known) F takes the place of χ²: Welch's (1951), of a full Σ with the fewest df
    less k − 2.

    >>> equality(np.array([[10.0, 12.0]]), np.array([[1.0, 1.0]])).round(3).tolist()
    [0.157]
    """
    rows, k = estimate.shape
    if k < 2:
        return np.full(rows, np.nan)
    if covariance is not None:
        return _wald_equality(estimate, covariance, df)
    with np.errstate(divide="ignore", invalid="ignore"):
        sure = error == 0
        any_sure = sure.any(axis=1)
        precision = np.where(any_sure[:, None], sure, 1 / error**2)
        centre = (precision * estimate).sum(axis=1) / precision.sum(axis=1)
        deviation = estimate - centre[:, None]
        off = np.abs(deviation) > 1e-12 * np.abs(centre)[:, None]
        terms = np.where(sure, np.where(off, np.inf, 0.0), deviation**2 / error**2)
        q = terms.sum(axis=1)
        p = np.asarray(special.chdtrc(k - 1, q))
        if df is None or np.isnan(df).all():
            return p
        off_share = (1 - precision / precision.sum(axis=1, keepdims=True)) ** 2
        lack = np.where(np.isnan(df) | sure, 0.0, off_share / np.where(np.isnan(df), 1.0, df)).sum(axis=1)
        f = q / (k - 1) / (1 + 2 * (k - 2) / (k * k - 1) * lack)
        welch = special.fdtrc(k - 1, (k * k - 1) / (3 * lack), f)
    return np.where((lack > 0) & np.isfinite(q), welch, p)


def _wald_equality(estimate: Array, covariance: Array, df: Array | None) -> Array:
    k = estimate.shape[1]
    contrast = np.hstack([np.ones((k - 1, 1)), -np.eye(k - 1)])
    difference = estimate @ contrast.T
    sigma = contrast @ covariance @ contrast.T
    usable = np.isfinite(sigma).all(axis=(1, 2))
    p = np.full(len(estimate), np.nan)
    inverse = np.linalg.pinv(sigma[usable], hermitian=True)
    statistic = np.einsum("si,sij,sj->s", difference[usable], inverse, difference[usable])
    p[usable] = special.chdtrc(k - 1, statistic)
    if df is not None and not np.isnan(df).all():
        left = np.nanmin(np.where(np.isnan(df), np.inf, df), axis=1)[usable] - (k - 2)
        # a design of fewer units than groups cannot tell: one degree is left
        left = np.maximum(left, 1.0)
        finite = np.isfinite(left)
        f = special.fdtrc(k - 1, np.where(finite, left, 1.0), statistic / (k - 1))
        p[usable] = np.where(finite, f, p[usable])
    return p


def discovery(p: ArrayLike, within: ArrayLike | None = None) -> Array:
    """Benjamini–Hochberg q-values of p-values; an empty one stays empty and does not count.

    ``within`` names the family of each p-value: each is held against those of its own only.

    >>> discovery([0.01, 0.04, 0.5, float("nan")]).round(3).tolist()
    [0.03, 0.06, 0.5, nan]
    >>> discovery([0.01, 0.04, 0.5, 0.02], ["D", "D", "D", "R"]).round(3).tolist()
    [0.03, 0.06, 0.5, 0.02]
    """
    values = np.asarray(p, dtype=float)
    q = np.full(values.shape, np.nan)
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return q
    names = np.zeros(len(values), dtype=int) if within is None else np.asarray(within)
    family = np.unique(names[known], return_inverse=True)[1]
    place = np.lexsort([values[known], family])
    order, family = known[place], family[place]
    count = np.bincount(family)
    rank = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count) + 1
    raised = values[order] * count[family] / rank
    # the least of the larger ones, family by family: by places in the order of size, so that no digit is lost
    size = np.argsort(raised, kind="stable")
    standing = np.empty(len(order), dtype=np.int64)
    standing[size] = np.arange(len(order))
    least = np.minimum.accumulate((standing + family * len(order))[::-1])[::-1] - family * len(order)
    q[order] = np.minimum(raised[size][least], 1.0)
    return q
