"""Likelihoods of random-intercept models: counts by adaptive Gauss–Hermite, means by restricted likelihood."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy.special import expit, xlogy

from hyteanalysis.errors import MeasureError

Array = NDArray[np.float64]
_NODES, _LOG_WEIGHTS = np.polynomial.hermite.hermgauss(25)
_LOG_WEIGHTS = np.log(_LOG_WEIGHTS) + _NODES**2
_ROUNDS = 200
_WIDEST = np.log(20.0)  # of the random intercept's standard deviation, on the link scale
_NARROWEST = np.log(1e-5)
_ENDLESS = 25.0
_AGREE = 1e-4  # log-likelihood by which two optimisers may differ


@dataclass(frozen=True)
class CountModel:
    """Events out of people (logit) or person-years (log), with main effects ``x`` and a random intercept a stratum."""

    events: Array
    size: Array
    x: Array
    kind: str

    def _mean(self, eta: Array) -> tuple[Array, Array]:
        """Expected events and their derivative; ``eta`` is strata × nodes or strata."""
        size = self.size if eta.ndim == 1 else self.size[:, None]
        p = expit(eta) if self.kind == "binary" else np.exp(np.minimum(eta, 50))
        return size * p, size * p * ((1 - p) if self.kind == "binary" else 1)

    def _log(self, eta: Array) -> Array:
        """Log-likelihood of each stratum against the best that any rate could do."""
        y, n = (self.events, self.size) if eta.ndim == 1 else (self.events[:, None], self.size[:, None])
        if self.kind == "binary":
            found: Array = y * eta - n * np.logaddexp(0, eta) - (xlogy(y, y / n) + xlogy(n - y, 1 - y / n))
        else:
            found = y * eta - n * np.exp(np.minimum(eta, 50)) - (xlogy(y, y / n) - y)
        return found

    def moments(self, beta: Array, sigma: float) -> tuple[float, Array, Array, Array]:
        """Log-likelihood, gradient and Hessian by coefficients and sigma, and each stratum's mode."""
        base = self.x @ beta
        z = self._modes(base, sigma)
        curve = 1 + sigma**2 * self._mean(base + sigma * z)[1]
        nodes = z[:, None] + np.sqrt(2 / curve)[:, None] * _NODES
        eta = base[:, None] + sigma * nodes
        log = self._log(eta) - nodes**2 / 2 + _LOG_WEIGHTS
        peak = log.max(axis=1)
        weight = np.exp(log - peak[:, None])
        each = peak + np.log(weight.sum(axis=1))
        weight /= weight.sum(axis=1, keepdims=True)
        mean, slope = self._mean(eta)
        rest = self.events[:, None] - mean
        value = float((each + 0.5 * np.log(2 / curve) - 0.5 * np.log(2 * np.pi)).sum())
        first, second = (weight * rest).sum(axis=1), (weight * rest * nodes).sum(axis=1)
        gradient = np.append(self.x.T @ first, second.sum())
        curved = [(weight * (rest**2 - slope) * nodes**power).sum(axis=1) for power in range(3)]
        a, b, c = curved[0] - first**2, curved[1] - first * second, curved[2] - second**2
        width = self.x.shape[1]
        hessian = np.empty((width + 1, width + 1))
        hessian[:width, :width] = (self.x * a[:, None]).T @ self.x
        hessian[:width, width] = hessian[width, :width] = self.x.T @ b
        hessian[width, width] = c.sum()
        return value, gradient, hessian, z

    def _modes(self, base: Array, sigma: float) -> Array:
        z = np.zeros(len(base))
        for _ in range(_ROUNDS):
            mean, slope = self._mean(base + sigma * z)
            step = (sigma * (self.events - mean) - z) / (1 + sigma**2 * slope)
            step = np.clip(step, -2 / max(sigma, 0.1), 2 / max(sigma, 0.1))
            z = z + step
            if np.abs(step).max() < 1e-10:
                break
        return z

    def newton(self, start: Array, *, sigma: float | None) -> tuple[float, Array]:
        """Maximise by damped Newton steps, over the coefficients alone where sigma is given."""
        theta = start.copy()
        width = len(theta) if sigma is None else len(theta) - 1
        if sigma is not None:
            theta[-1] = sigma
        value, gradient, hessian, _ = self.moments(theta[:-1], abs(theta[-1]))
        damping = 1e-6
        for _ in range(_ROUNDS):
            g, h = gradient[:width], -hessian[:width, :width]
            scale = np.maximum(np.abs(np.diag(h)), 1e-8)
            try:
                step = np.linalg.solve(h + damping * np.diag(scale), g)
            except np.linalg.LinAlgError:
                damping *= 10
                continue
            trial = theta.copy()
            trial[:width] += step
            trial[-1] = abs(trial[-1])
            tried = self.moments(trial[:-1], trial[-1])
            if np.isfinite(tried[0]) and tried[0] >= value - 1e-12:
                small = tried[0] - value < 1e-9 and np.abs(step).max() < 1e-7
                theta, (value, gradient, hessian, _) = trial, tried
                damping = max(damping / 10, 1e-12)
                if small:
                    break
            else:
                damping *= 10
                if damping > 1e12:
                    break
        return value, theta


def fit_counts(model: CountModel) -> tuple[float, Array, float]:
    """Standard deviation between strata, coefficients and log-likelihood; Newton's optimum checked by a line search.

    The second way walks along sigma alone (Brent), with the coefficients at their best for each.
    """
    share = (model.events.sum() + 0.5) / (model.size.sum() + 1)
    start = np.zeros(model.x.shape[1] + 1)
    start[0] = np.log(share / (1 - share)) if model.kind == "binary" else np.log(share)
    start[-1] = 0.5
    best, theta = model.newton(start, sigma=None)
    warm = start.copy()

    def fall(log: float) -> float:
        value, warm[:] = model.newton(warm, sigma=float(np.exp(log)))
        return -value

    found = optimize.minimize_scalar(fall, bounds=(_NARROWEST, _WIDEST), method="bounded", options={"xatol": 1e-3})
    other, second = model.newton(start, sigma=float(np.exp(found.x)))
    if other > best + _AGREE:  # Newton may stop at sigma 0, which is a stationary point
        best, theta = model.newton(second, sigma=None)
    if not np.isfinite(best) or other > best + _AGREE:
        raise MeasureError(f"Two optimisers disagree: log-likelihood {best:.6f} and {other:.6f}. Use coarser strata.")
    none, plain = model.newton(start, sigma=0.0)
    if none >= best - 1e-7:
        return 0.0, plain[:-1], none
    if np.abs(model.x @ theta[:-1]).max() > _ENDLESS:
        raise MeasureError("Separation: a category has no events, or nothing else. Join it with another one.")
    return float(theta[-1]), theta[:-1], best


def limits_of_counts(model: CountModel, sigma: float, beta: Array, best: float, drop: float) -> tuple[float, float]:
    """Profile-likelihood limits of sigma; the lower one is 0 where no sigma is too small."""
    warm = np.append(beta, sigma)

    def over(log: float) -> float:
        value, warm[:] = model.newton(warm, sigma=float(np.exp(log)))
        return best - value - drop

    low, high = 0.0, np.inf
    middle = np.log(max(sigma, np.exp(_NARROWEST)))
    if sigma > 0 and over(_NARROWEST) > 0:
        low = float(np.exp(optimize.brentq(over, _NARROWEST, middle, xtol=1e-5)))
    if over(_WIDEST) > 0:
        high = float(np.exp(optimize.brentq(over, middle, _WIDEST, xtol=1e-5)))
    return low, high


_SPAN = (-18.0, 12.0)  # logarithm of the variance ratio looked through


@dataclass(frozen=True)
class Gaussian:
    """The model's likelihood as a function of the ratio λ of the variances between and within strata."""

    size: Array
    mean: Array
    within: float
    x: Array

    def at(self, ratio: float) -> tuple[float, Array, float]:
        """Restricted log-likelihood, coefficients and the variance within, at one ratio."""
        weight = self.size / (1 + ratio * self.size)
        square = (self.x * weight[:, None]).T @ self.x
        beta = np.linalg.solve(square, self.x.T @ (weight * self.mean))
        free = self.size.sum() - self.x.shape[1]
        rest = self.within + float(weight @ (self.mean - self.x @ beta) ** 2)
        variance = float(rest / free)
        log = free * np.log(variance) + np.log1p(ratio * self.size).sum() + np.linalg.slogdet(square)[1]
        return float(-0.5 * (log + free)), np.asarray(beta), variance

    def full(self, between: float, variance: float) -> float:
        """Restricted log-likelihood at both variances, for the second optimiser."""
        weight = 1 / (between + variance / self.size)
        square = (self.x * weight[:, None]).T @ self.x
        beta = np.linalg.solve(square, self.x.T @ (weight * self.mean))
        inside = self.size.sum() - len(self.size)
        log = inside * np.log(variance) + self.within / variance - np.log(weight).sum()
        log += float(weight @ (self.mean - self.x @ beta) ** 2) + np.linalg.slogdet(square)[1]
        return -0.5 * float(log + np.log(self.size).sum())


def fit_gaussian(model: Gaussian) -> tuple[float, float, Array, float]:
    """Variance between, variance within, coefficients and log-likelihood at the optimum; checked by a second way."""
    if model.size.sum() - len(model.size) <= 0 or model.within <= 0:
        raise MeasureError(
            "Every stratum has one person, or people of a stratum do not differ: the variance within strata cannot be "
            "told from that between. Use coarser strata."
        )
    found = optimize.minimize_scalar(
        lambda log: -model.at(np.exp(log))[0], bounds=_SPAN, method="bounded", options={"xatol": 1e-10}
    )
    ratio = float(np.exp(found.x))
    if model.at(0.0)[0] >= model.at(ratio)[0] - 1e-9:
        ratio = 0.0
    best, beta, variance = model.at(ratio)
    between = ratio * variance
    start = np.log([max(between, 1e-3 * variance) * 1.5, variance])
    second = optimize.minimize(
        lambda log: -model.full(*np.exp(log)), start, method="Nelder-Mead",
        options={"xatol": 1e-8, "fatol": 1e-10, "maxiter": 4000},
    )  # fmt: skip
    if not np.isfinite(best) or -second.fun > best + _AGREE:
        raise MeasureError(f"Two optimisers disagree: log-likelihood {best:.6f} and {-second.fun:.6f}. Rescale the "
                           "outcome, or use coarser strata.")  # fmt: skip
    return between, variance, beta, best


def limits_of_gaussian(model: Gaussian, ratio: float, best: float, drop: float) -> tuple[float, float]:
    """Profile-likelihood limits of the ratio; the lower one is 0 where no ratio is too small."""

    def over(log: float) -> float:
        return best - model.at(np.exp(log))[0] - drop

    middle = np.log(ratio) if ratio > 0 else _SPAN[0]
    low, high = 0.0, np.inf
    if ratio > 0 and best - model.at(0.0)[0] > drop:
        low = float(np.exp(optimize.brentq(over, _SPAN[0] - 20, middle)))
    if over(_SPAN[1]) > 0:
        high = float(np.exp(optimize.brentq(over, middle, _SPAN[1])))
    return low, high
