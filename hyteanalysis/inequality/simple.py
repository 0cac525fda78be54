"""Simple measures: the difference and the ratio of two groups."""

import numpy as np

from hyteanalysis.inequality.groups import Array, Groups
from hyteanalysis.inequality.registry import HANDBOOK, measure


def _difference_gradient(groups: Groups, value: Array) -> Array:
    first, second = groups.pair_weights
    return first - second


def _same_group(groups: Groups) -> Array:
    """Where all groups are equal, the largest error stands on either side."""
    first, second = groups.pair_weights
    same = (first == second).all(axis=1) & (groups.k > 1)
    return np.asarray(np.where(same, 2 * np.nansum(first * groups.s**2, axis=1), 0.0))


@measure(
    "D",
    text="y₁ − y₂: ordered groups adverse = most disadvantaged − most advantaged, favourable the reverse; without "
    "order largest − smallest; with a reference adverse = largest of the others − reference, favourable = reference − "
    "smallest of the others",
    reference=HANDBOOK,
    absolute=True,
    weighted=False,
    needs=["kept reference"],
    gradient=_difference_gradient,
    extra_variance=_same_group,
    extreme=True,
    of_pair=True,
    above_null="worse",
    mirror="same",
    holds=["shift", "unit", "split", "replication"],
    unit="indicator",
)
def difference(groups: Groups) -> Array:
    first, second = groups.pair
    return np.asarray(first - second)


def _ratio_gradient(groups: Groups, value: Array) -> Array:
    first, second = groups.pair_weights
    values = groups.pair
    return np.asarray(first / values[0][:, None] - second / values[1][:, None])


@measure(
    "R",
    text="y₁ / y₂ of the pair of D",
    reference=HANDBOOK,
    absolute=False,
    weighted=False,
    needs=["kept reference"],
    gradient=_ratio_gradient,
    link="log",
    null=1.0,
    extra_variance=lambda groups: _same_group(groups) / groups.pair[0] ** 2,
    extreme=True,
    of_pair=True,
    above_null="worse",
    undefined="has no value over a divisor of zero",
    holds=["scale", "unit", "split", "replication"],
    unit="ratio",
)
def ratio(groups: Groups) -> Array:
    first, second = groups.pair
    return np.asarray(np.where(second == 0, np.nan, first / np.where(second == 0, 1, second)))
