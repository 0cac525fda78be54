"""Lines fitted on the ridits, weighted by population share: linear, logit and log, all settings at once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
ROUNDS = 60  # Newton steps; a gradient that is not separated needs under ten


@dataclass(frozen=True)
class FittedLine:
    """Ends of the fitted lines and how they move with the estimates and with the coefficients."""

    bottom: Array  # f(0), in the indicator's unit
    top: Array  # f(1)
    bottom_gradient: Array  # ∂f(0)/∂y_j
    top_gradient: Array
    bottom_variance: Array  # reference's HC1 residual variance of (f(0), f(1)), and their covariance
    top_variance: Array
    ends_covariance: Array
    converged: Array


def fit(y: Array, ridit: Array, share: Array, scale: Array, model: Array) -> FittedLine:
    """Fit each setting by its model: Σ p x (y − h(α + βR)) = 0 with x = (1, R)′; y on 0–1 for logit."""
    unit = np.where(model == "logit", scale, 1.0)
    level, slope, converged = _coefficients(y / unit[:, None], ridit, share, model)
    fitted = _mean(level[:, None] + slope[:, None] * ridit, model)
    ends = np.stack([_mean(level, model), _mean(level + slope, model)])
    speed = _speed(fitted, model)
    a, b, c = (np.asarray((share * speed * ridit**power).sum(axis=1)) for power in (0, 1, 2))
    determinant = a * c - b * b
    gradients, influences = [], []
    for t in (0, 1):
        along = _speed(ends[t], model) / determinant
        # row (1, t) of A⁻¹, times x_j p_j
        weight_1, weight_r = along * (c - t * b), along * (t * a - b)
        gradients.append(share * (weight_1[:, None] + weight_r[:, None] * ridit))
        influences.append(gradients[t] * (y / unit[:, None] - fitted))
    k = y.shape[1]
    freedom = k / (k - 2) if k > 2 else np.nan
    bottom, top, both = (
        freedom * unit**2 * (influences[i] * influences[j]).sum(axis=1) for i, j in ((0, 0), (1, 1), (0, 1))
    )
    return FittedLine(ends[0] * unit, ends[1] * unit, gradients[0], gradients[1], bottom, top, both, converged)


def _mean(predictor: Array, model: Array) -> Array:
    """h: the line on the outcome's scale."""
    model = model.reshape(-1, *[1] * (predictor.ndim - 1))
    bounded = np.clip(predictor, -700, 700)
    logit = 1 / (1 + np.exp(-bounded))
    return np.where(model == "linear", predictor, np.where(model == "logit", logit, np.exp(bounded)))


def _speed(mean: Array, model: Array) -> Array:
    """h′ at the fitted mean."""
    model = model.reshape(-1, *[1] * (mean.ndim - 1))
    return np.where(model == "linear", 1.0, np.where(model == "logit", mean * (1 - mean), mean))


def _coefficients(y: Array, ridit: Array, share: Array, model: Array) -> tuple[Array, Array, Array]:
    """α, β and whether the fit converged."""
    centred = ridit - 0.5
    mean = (share * y).sum(axis=1)
    slope = (share * centred * y).sum(axis=1) / (share * centred**2).sum(axis=1)
    level = mean - slope / 2
    converged = np.isfinite(level)
    curved = np.flatnonzero(converged & (model != "linear"))
    if len(curved):
        parts = _newton(y[curved], ridit[curved], share[curved], model[curved], mean[curved])
        for whole, part in zip((level, slope, converged), parts, strict=True):
            whole[curved] = part
    return level, slope, converged


def _newton(y: Array, ridit: Array, share: Array, model: Array, mean: Array) -> tuple[Array, Array, Array]:
    """Newton steps on the concave likelihood, each halved until it helps."""
    logit = model == "logit"
    level = np.where(logit, np.log(mean / np.where(logit, 1 - mean, 1)), np.log(mean))
    slope = np.zeros_like(level)
    converged = np.zeros(len(y), dtype=bool)

    def likelihood(level: Array, slope: Array) -> Array:
        predictor = level[:, None] + slope[:, None] * ridit
        growth = np.where(logit[:, None], np.logaddexp(0, predictor), np.exp(np.clip(predictor, None, 700)))
        return np.asarray((share * (y * predictor - growth)).sum(axis=1))

    best = likelihood(level, slope)
    for _ in range(ROUNDS):
        fitted = _mean(level[:, None] + slope[:, None] * ridit, model)
        speed = share * _speed(fitted, model)
        residual = share * (y - fitted)
        a, b, c = (np.asarray((speed * ridit**power).sum(axis=1)) for power in (0, 1, 2))
        u, v = residual.sum(axis=1), (residual * ridit).sum(axis=1)
        determinant = a * c - b * b
        step_level, step_slope = (c * u - b * v) / determinant, (a * v - b * u) / determinant
        size = np.where(converged, 0.0, 1.0)
        for _ in range(12):
            tried = likelihood(level + size * step_level, slope + size * step_slope)
            worse = ~(tried >= best - 1e-14 * np.abs(best)) & (size > 0)
            if not worse.any():
                break
            size = np.where(worse, size / 2, size)
        level = np.where(size > 0, level + size * step_level, level)
        slope = np.where(size > 0, slope + size * step_slope, slope)
        best = np.where(size > 0, tried, best)
        moved = np.abs(step_level) + np.abs(step_slope)
        converged |= moved <= 1e-10 * (1 + np.abs(level) + np.abs(slope))
        if converged.all() or not np.isfinite(moved).any():
            break
    return level, slope, converged & np.isfinite(level)
