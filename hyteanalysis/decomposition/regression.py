"""Weighted linear and logistic regression with the influence of every row, as the decompositions need them."""

import numpy as np
import pandas as pd
from scipy.special import expit

from hyteanalysis.decomposition.result import Array
from hyteanalysis.errors import MeasureError

ROUNDS = 100
ENDLESS = 25.0  # a log odds beyond this is on its way to infinity


def fit(x: Array, y: Array, weight: Array, *, model: str, group: str) -> tuple[Array, Array]:
    """Coefficients, and the influence of each row on them (rows × coefficients, summing to 0)."""
    if model == "linear":
        bread = np.linalg.inv((x * weight[:, None]).T @ x)
        beta = bread @ (x.T @ (weight * y))
        return beta, (weight * (y - x @ beta))[:, None] * x @ bread
    beta = np.zeros(x.shape[1])
    for _ in range(ROUNDS):
        p = expit(x @ beta)
        bread = np.linalg.pinv((x * (weight * p * (1 - p))[:, None]).T @ x)
        step = bread @ (x.T @ (weight * (y - p)))
        beta = beta + step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-300))
        if np.abs(x @ beta).max() > ENDLESS:
            break
        if np.abs(step).max() < 1e-11:
            p = expit(x @ beta)
            bread = np.linalg.inv((x * (weight * p * (1 - p))[:, None]).T @ x)
            return beta, (weight * (y - p))[:, None] * x @ bread
    raise MeasureError(
        f"Separation: in group {group!r} the factors tell the outcome without error, so the logit has no finite "
        "coefficients. Join categories, leave a factor out, or use model='linear'."
    )


def refuse_separation(factors: pd.DataFrame, y: Array, group: str) -> None:
    """Name a category that has no events, or nothing else."""
    for name in factors:
        values = factors[name]
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            continue
        share = pd.Series(y).groupby(values.astype("str").to_numpy()).mean()
        certain = share[(share == 0) | (share == 1)]
        if len(certain):
            kind, what = certain.index[0], "no events" if certain.iloc[0] == 0 else "nothing but events"
            raise MeasureError(
                f"Separation: in group {group!r}, {name} {kind!r} has {what}, so the logit has no finite coefficient "
                "for it. Join it with another category, or use model='linear'."
            )
