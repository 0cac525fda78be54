"""Variance from replicate weights: the estimate made again with each of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hyteanalysis import uncertainty
from hyteanalysis.errors import MeasureError, counted
from hyteanalysis.rates import grid
from hyteanalysis.rates.bands import fault
from hyteanalysis.survey.design import Design

KINDS = ("jk1", "jkn", "brr", "fay", "bootstrap", "sdr")


@dataclass(frozen=True)
class Replication:
    """How replicate weights were made."""

    kind: str
    rho: float
    rscales: Sequence[float] | None


def replication(
    data: pd.DataFrame,
    columns: list[str],
    how: Replication,
    plan: Design,
    value: grid.Array,
    again: Callable[[grid.Array], grid.Array],
) -> tuple[grid.Array, grid.Array]:
    """Covariance of the domains and degrees of freedom (replicates less one); ``again`` estimates from weights."""
    grid.need(data, columns)
    if len(columns) < 2:
        raise fault("replicates", len(columns), "A spread needs at least two replicates.", "Name all their columns.")
    weights = np.column_stack([grid.number(data, name) for name in columns])
    if np.isnan(weights).any():
        raise fault("replicates", None, "A replicate weight is empty.", "Leave such rows out.")
    if plan.post is not None:
        target = np.bincount(plan.post, plan.weight)
        sums = np.stack([np.bincount(plan.post, column) for column in weights.T], axis=1)
        weights = weights * (target[:, None] / sums)[plan.post]
    estimates = np.stack([again(column) for column in weights.T])
    scale, each = _scale(how, len(columns))
    usable = np.isfinite(estimates).all(axis=0) & np.isfinite(value)
    found = np.full((len(value), len(value)), np.nan)
    found[np.ix_(usable, usable)] = uncertainty.replicate_covariance(
        estimates[:, usable], value[usable], scale=scale, rscales=each, mse=how.kind in ("sdr", "jkn")
    )
    return found, np.full(len(value), float(len(columns) - 1))


def _scale(how: Replication, count: int) -> tuple[float, grid.Array]:
    """Overall factor, and a factor a replicate."""
    each = np.ones(count) if how.rscales is None else np.asarray(how.rscales, dtype=float)
    if len(each) != count:
        raise MeasureError(f"rscales has {counted(len(each), 'factor')} for {counted(count, 'replicate')}.")
    if how.kind == "jkn":
        if how.rscales is None:
            raise MeasureError("kind 'jkn' needs rscales=: (n − 1)/n of the stratum each replicate left a unit out of.")
        return 1.0, each
    if how.kind == "fay" and not 0 <= how.rho < 1:
        raise MeasureError(f"rho is Fay's coefficient, from 0 to under 1; not {how.rho!r}.")
    factors = {"jk1": (count - 1) / count, "brr": 1 / count, "fay": 1 / (count * (1 - how.rho) ** 2),
               "bootstrap": 1 / count, "sdr": 4 / count}  # fmt: skip
    return factors[how.kind], each
