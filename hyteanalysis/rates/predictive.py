"""One setting's model: fit, predict everybody in every group, and the covariance of the mean predictions."""

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from hyteanalysis import uncertainty
from hyteanalysis.rates import grid

Array = grid.Array
ENDLESS = 30  # a log odds or log rate beyond this is on its way to infinity
_CHUNK = 2_000_000  # predictions held at once while simulating


@dataclass(frozen=True)
class Rows:
    """Rows of one setting: outcome, exposure, weight (mean 1), group, adjusters, sampling unit and stratum."""

    y: Array
    exposure: Array
    weight: Array
    mean_weight: float
    group: NDArray[np.intp]
    adjusters: Array
    unit: NDArray[np.intp]
    stratum: NDArray[np.intp]


@dataclass(frozen=True)
class Margins:
    """Margins of one setting's groups, or the reason why there are none."""

    value: Array
    covariance: Array
    lower: Array
    upper: Array
    why: list[str]
    model: Any


def margins(rows: Rows, groups: int, kind: str, level: float, rng: np.random.Generator | None, draws: int) -> Margins:
    """Fit one setting's model and average its predictions."""
    n = np.bincount(rows.group, rows.weight > 0, minlength=groups)
    events = np.bincount(rows.group, rows.y * (rows.weight > 0), minlength=groups)
    usable = n > 0
    why = np.where(usable, "", "Nobody answered.").astype(object)
    if kind != "mean":
        alike = usable & ((events == 0) | ((events == n) if kind == "proportion" else False))
        why[alike] = "No events, or nothing else, in the group: no adjusted estimate."
        usable = usable & ~alike
    nothing = Margins(
        value=np.full(groups, np.nan), covariance=np.full((groups, groups), np.nan), lower=np.full(groups, np.nan),
        upper=np.full(groups, np.nan), why=list(why), model=None,
    )  # fmt: skip
    if not usable.any():
        return nothing
    at = np.flatnonzero(usable)
    number = np.full(groups, -1)
    number[at] = np.arange(len(at))
    inside = usable[rows.group] & (rows.weight > 0)
    varying = np.ptp(rows.adjusters[inside], axis=0) > 0
    adjusters = rows.adjusters[:, varying]
    dummies = (number[rows.group][:, None] == np.arange(len(at))).astype(float)
    x = np.concatenate([dummies, adjusters], axis=1)
    reason, model = _model(rows, x, inside, kind)
    if reason:
        return replace(nothing, why=[reason if ok else text for ok, text in zip(usable, why, strict=True)], model=model)
    beta = np.asarray(model.params)
    h, slope = _inverse(kind)
    mu = h(x @ beta) * rows.exposure
    bread = np.linalg.inv((x[inside] * (rows.weight * slope(x @ beta) * rows.exposure)[inside, None]).T @ x[inside])
    influence = np.where(inside, rows.weight * (rows.y - mu), 0.0)[:, None] * x @ bread
    v = rows.weight * rows.exposure / (rows.weight * rows.exposure).sum()
    eta = (adjusters @ beta[len(at) :])[:, None] + beta[: len(at)]
    predicted, steep = h(eta), slope(eta) * v[:, None]
    value = v @ predicted
    gradient = np.concatenate([np.diag(steep.sum(axis=0)), steep.T @ adjusters], axis=1)
    linear = influence @ gradient.T + v[:, None] * (predicted - value)
    units = int(rows.unit.max()) + 1
    totals = np.stack([np.bincount(rows.unit, column, minlength=units) for column in linear.T], axis=1)
    stratum = np.empty(units, dtype=np.intp)
    stratum[rows.unit] = rows.stratum
    covariance = uncertainty.taylor_covariance(totals, stratum, lonely="adjust")
    se, df = np.sqrt(np.diag(covariance)), units - (int(stratum.max()) + 1)
    limits = {"proportion": uncertainty.logit_interval, "rate": uncertainty.log_interval, "mean": uncertainty.wald}
    lower, upper = limits[kind](value, se, level, df if df > 0 else None)
    if rng is not None:
        sums = np.stack([np.bincount(rows.unit, column, minlength=units) for column in influence.T], axis=1)
        spread = uncertainty.taylor_covariance(sums, stratum, lonely="adjust")
        lower, upper = _simulated(beta, spread, adjusters, v, len(at), h, level, rng, draws)
    full = [np.full(groups, np.nan) for _ in range(3)]
    for whole, part in zip(full, (value, lower, upper), strict=True):
        whole[at] = part
    wide = np.full((groups, groups), np.nan)
    wide[np.ix_(at, at)] = covariance
    return Margins(full[0], wide, full[1], full[2], list(why), model)


def _model(rows: Rows, x: Array, inside: grid.Truth, kind: str) -> tuple[str, Any]:
    """The weighted model, or why there is none."""
    import statsmodels.api as sm

    if np.linalg.matrix_rank(x[inside]) < x.shape[1]:
        return "The adjusters repeat each other or the groups: no adjusted estimate.", None
    family = {"proportion": sm.families.Binomial, "rate": sm.families.Poisson, "mean": sm.families.Gaussian}[kind]()
    offset = np.log(rows.exposure[inside]) if kind == "rate" else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the covariance is our own; convergence is asked below
        model = sm.GLM(rows.y[inside], x[inside], family=family, var_weights=rows.weight[inside], offset=offset)
        try:
            fit = model.fit(tol=1e-12, maxiter=100)
        except (np.linalg.LinAlgError, ValueError):
            return "The model could not be fitted.", None
    endless = kind != "mean" and np.abs(fit.params).max() > ENDLESS
    if not fit.converged or not np.isfinite(fit.params).all() or endless:
        return "The model did not converge: a category of the adjusters may have no events.", fit
    return "", fit


def _inverse(kind: str) -> tuple[Any, Any]:
    """Inverse link and its derivative."""
    if kind == "proportion":
        return special.expit, lambda eta: special.expit(eta) * special.expit(-eta)
    if kind == "rate":
        return np.exp, np.exp
    return lambda eta: eta, np.ones_like


def _simulated(
    beta: Array, spread: Array, adjusters: Array, v: Array, groups: int, h: Any, level: float,
    rng: np.random.Generator, draws: int,
) -> tuple[Array, Array]:  # fmt: skip
    """Percentiles of margins under drawn coefficients; people alike in the adjusters are predicted once."""
    kinds, home = np.unique(adjusters, axis=0, return_inverse=True)
    share = np.bincount(home.reshape(-1), v)
    drawn = rng.multivariate_normal(beta, spread, size=draws, method="eigh")
    found = np.empty((draws, groups))
    step = max(1, _CHUNK // (len(kinds) * groups))
    for start in range(0, draws, step):
        some = drawn[start : start + step]
        eta = (some[:, groups:] @ kinds.T)[:, :, None] + some[:, None, :groups]
        found[start : start + step] = np.einsum("k,dkg->dg", share, h(eta))
    lower, upper = np.quantile(found, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return lower, upper
