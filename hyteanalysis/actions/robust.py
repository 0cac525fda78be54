"""Errors robust to clusters, and to few of them: the sandwich, and its bias-reduced form with degrees of freedom."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[Any]


def sandwich(found: Any, clusters: "pd.Series[Any] | None", *, nested: int = 0) -> tuple[Array, float]:
    """Covariance of a fitted GLM, robust to clusters (else to unequal variance), and degrees of freedom.

    ``nested`` terms lie inside the clusters and are not counted in the small-sample factor.
    """
    design, residual, bread = _worked(found)
    score = residual[:, None] * design
    rows, terms = design.shape
    if clusters is None:
        return np.asarray(bread @ (score.T @ score) @ bread * rows / (rows - terms)), float(rows - terms)
    codes, units = pd.factorize(clusters)
    sums = np.zeros((len(units), terms))
    np.add.at(sums, codes, score)
    factor = len(units) / (len(units) - 1) * (rows - 1) / (rows - terms + nested)
    return np.asarray(bread @ (sums.T @ sums) @ bread * factor), float(len(units) - 1)


def bias_reduced(found: Any, clusters: "pd.Series[Any]", contrast: Array) -> tuple[Array, Array]:
    """Covariance of contrasts (rows) of the coefficients by CR2, and Satterthwaite's degrees of freedom of each.

    With H the hat matrix, cluster g's residuals are taken by A_g = (I − H_gg)^(−1/2), a pseudo-inverse where area
    effects lie inside the cluster, so that the errors are unbiased were the rows independent. Degrees of freedom are
    (Σ λ)²/Σ λ², λ the eigenvalues of the variance as a quadratic form. References: Bell & McCaffrey 2002; Pustejovsky &
    Tipton 2018.
    """
    design, residual, bread = _worked(found)
    codes, units = pd.factorize(clusters)
    influence = design @ bread  # rows × terms
    taken = contrast @ bread
    scores = np.empty((len(units), len(contrast)))
    forms = np.empty((len(units), len(contrast), len(design)))
    for unit in range(len(units)):
        rows = np.flatnonzero(codes == unit)
        here = design[rows]
        own = np.eye(len(rows)) - influence[rows] @ here.T
        values, vectors = np.linalg.eigh((own + own.T) / 2)
        root = np.divide(1.0, np.sqrt(values.clip(1e-12)), out=np.zeros_like(values), where=values > 1e-8)
        weights = (vectors * root) @ vectors.T @ here @ taken.T  # rows × contrasts
        scores[unit] = weights.T @ residual[rows]
        forms[unit] = -(influence @ (here.T @ weights)).T
        forms[unit][:, rows] += weights.T
    products = np.einsum("gcn,hcn->cgh", forms, forms)
    trace = np.trace(products, axis1=1, axis2=2)
    return scores.T @ scores, np.asarray(trace**2 / (products**2).sum(axis=(1, 2)))


def _worked(found: Any) -> tuple[Array, Array, Array]:
    """A fitted GLM as the least squares that it ends in: design, residuals, and the inverse of the design's square."""
    mean, family = found.mu, found.model.family
    slope, variance = 1 / family.link.deriv(mean), family.variance(mean)
    root = np.sqrt(found.model.var_weights / variance)
    design = found.model.exog * (root * slope)[:, None]
    return design, root * (found.model.endog - mean), np.linalg.inv(design.T @ design)
