"""Random-intercept model of a continuous outcome by restricted maximum likelihood, from strata's means and sizes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from hyteanalysis.errors import MeasureError

Array = NDArray[np.float64]
SPAN = (-18.0, 12.0)  # logarithm of the variance ratio looked through
AGREE = 1e-4  # log-likelihood by which two optimisers may differ


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


def fit(model: Gaussian) -> tuple[float, float, Array, float]:
    """Variance between, variance within, coefficients and log-likelihood at the optimum; checked by a second way."""
    if model.size.sum() - len(model.size) <= 0 or model.within <= 0:
        raise MeasureError(
            "Every stratum has one person, or people of a stratum do not differ: the variance within strata cannot be "
            "told from that between. Use coarser strata."
        )
    found = optimize.minimize_scalar(
        lambda log: -model.at(np.exp(log))[0], bounds=SPAN, method="bounded", options={"xatol": 1e-10}
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
    if not np.isfinite(best) or -second.fun > best + AGREE:
        raise MeasureError(f"Two optimisers disagree: log-likelihood {best:.6f} and {-second.fun:.6f}. Rescale the "
                           "outcome, or use coarser strata.")  # fmt: skip
    return between, variance, beta, best


def limits(model: Gaussian, ratio: float, best: float, drop: float) -> tuple[float, float]:
    """Profile-likelihood limits of the ratio; the lower one is 0 where no ratio is too small."""

    def over(log: float) -> float:
        return best - model.at(np.exp(log))[0] - drop

    middle = np.log(ratio) if ratio > 0 else SPAN[0]
    low, high = 0.0, np.inf
    if ratio > 0 and best - model.at(0.0)[0] > drop:
        low = float(np.exp(optimize.brentq(over, SPAN[0] - 20, middle)))
    if over(SPAN[1]) > 0:
        high = float(np.exp(optimize.brentq(over, middle, SPAN[1])))
    return low, high
