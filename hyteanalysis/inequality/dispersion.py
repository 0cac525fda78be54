"""Measures of how far the groups are spread, which need no order: variance, entropy and Gini."""

import numpy as np

from hyteanalysis.inequality.groups import Array, Groups
from hyteanalysis.inequality.registry import HANDBOOK, Square, measure


def noise_squared(groups: Groups) -> Array:
    """(Σ p²s²)² − Σ p⁴s⁴ + Σ p²(1 − p)²s⁴, or tr(QΣ)² of a full Σ; Q = diag p where the average is known."""
    return _trace(groups)[1]


def noise(groups: Groups) -> Array:
    """Σ p(1 − p)s², the part of Σ p (y − μ)² that errors make: tr QΣ."""
    return _trace(groups)[0]


def _trace(groups: Groups) -> tuple[Array, Array]:
    shape = groups.p[:, :, None] * np.eye(groups.k) - groups.p[:, :, None] * groups.through_mean[:, None, :]
    if groups.covariance is None:
        scaled = shape * groups.s[:, None, :] ** 2
    else:
        scaled = shape @ groups.covariance
    return np.einsum("sgg->s", scaled), np.einsum("sgh,shg->s", scaled, scaled)


def _identity(values: Array) -> Array:
    return values


def _ones(values: Array) -> Array:
    return np.ones_like(values)


@measure(
    "BGV",
    text="Σ p (y − μ)²",
    reference=HANDBOOK,
    absolute=True,
    gradient=lambda groups, value: 2 * groups.p * groups.deviation,
    bounded=True,
    centred=True,
    extra_variance=lambda groups: 2 * noise_squared(groups),
    square=Square(_identity, _ones, _identity, lambda groups: np.ones(len(groups.p))),
    mirror="same",
    holds=["shift", "unit", "split", "replication"],
    unit="indicator²",
)
def between_group_variance(groups: Groups) -> Array:
    return groups.spread


@measure(
    "BGSD",
    text="√BGV",
    reference=HANDBOOK,
    absolute=True,
    gradient=lambda groups, value: groups.p * groups.deviation / value[:, None],
    simulated=True,
    bounded=True,
    centred=True,
    square=Square(np.square, lambda value: 2 * value, np.sqrt, lambda groups: np.ones(len(groups.p))),
    mirror="same",
    holds=["shift", "unit", "split", "replication"],
    unit="indicator",
)
def between_group_deviation(groups: Groups) -> Array:
    return np.asarray(np.sqrt(groups.spread))


def _variation_gradient(groups: Groups, value: Array) -> Array:
    deviation = np.sqrt(groups.spread)
    own = groups.p * groups.deviation / (groups.mean * deviation)[:, None]
    return np.asarray(100 * (own - (deviation / groups.mean**2)[:, None] * groups.through_mean))


@measure(
    "COV",
    text="100 √BGV/μ",
    reference=HANDBOOK,
    absolute=False,
    gradient=_variation_gradient,
    simulated=True,
    needs=["positive mean"],
    bounded=True,
    centred=True,
    square=Square(
        lambda value: (value / 100) ** 2,
        lambda value: value / 5000,
        lambda square: 100 * np.sqrt(square),
        lambda groups: groups.mean**-2.0,
    ),
    holds=["scale", "unit", "split", "replication"],
    unit="%",
)
def coefficient_of_variation(groups: Groups) -> Array:
    return np.asarray(100 * np.sqrt(groups.spread) / groups.mean)


_PER_THOUSAND = Square(
    lambda value: value / 1000,
    lambda value: np.full_like(value, 1e-3),
    lambda square: 1000 * square,
    lambda groups: 0.5 / groups.mean**2,
    step=1000.0,
)


def _not_below(groups: Groups, value: Array) -> Array:
    """No rounding error below zero; around a published average the index itself may be negative."""
    return np.where(groups.wide(groups.known), value, np.maximum(value, 0.0))


def _log_deviation_gradient(groups: Groups, value: Array) -> Array:
    through = groups.through_mean / groups.mean[:, None]
    return np.asarray(1000 * (through - groups.p / groups.y))


@measure(
    "MLD",
    text="1000 Σ p ln(μ/y)",
    reference="Theil 1967",
    absolute=False,
    gradient=_log_deviation_gradient,
    needs=["positive mean", "positive"],
    bounded=True,
    centred=True,
    square=_PER_THOUSAND,
    holds=["scale", "unit", "split", "replication"],
    unit="× 1000",
)
def mean_log_deviation(groups: Groups) -> Array:
    return _not_below(groups, -1000 * groups.weigh(groups.p, np.log(groups.y / groups.mean[:, None])))


def _theil_gradient(groups: Groups, value: Array) -> Array:
    relative = groups.y / groups.mean[:, None]
    through = (value / 1000 + groups.weigh(groups.p, relative))[:, None] * groups.through_mean
    return np.asarray(1000 * (groups.p * (np.log(relative) + 1) - through) / groups.mean[:, None])


@measure(
    "TI",
    text="1000 Σ p (y/μ) ln(y/μ)",
    reference="Theil 1967",
    absolute=False,
    gradient=_theil_gradient,
    needs=["positive mean", "positive"],
    bounded=True,
    centred=True,
    square=_PER_THOUSAND,
    holds=["scale", "unit", "split", "replication"],
    unit="× 1000",
)
def theil(groups: Groups) -> Array:
    relative = groups.y / groups.mean[:, None]
    return _not_below(groups, 1000 * groups.weigh(groups.p, relative * np.log(relative)))


def _by_own_order(groups: Groups) -> Array:
    """2 p (R − ½) with the groups ranked by their own estimates (S × k, or S × k × draws)."""
    share = np.broadcast_to(groups.wide(groups.p), groups.y.shape)
    order = np.argsort(groups.y, axis=1, kind="stable")
    sorted_share = np.take_along_axis(share, order, axis=1)
    ridit = np.cumsum(sorted_share, axis=1) - sorted_share / 2
    weights = np.empty_like(ridit)
    np.put_along_axis(weights, order, 2 * sorted_share * (ridit - 0.5), axis=1)
    return weights


def _gini_gradient(groups: Groups, value: Array) -> Array:
    return np.asarray((_by_own_order(groups) - value[:, None] * groups.through_mean) / groups.mean[:, None])


@measure(
    "GINI",
    text="2 Σ p y (R − ½)/μ, R by y's own order",
    reference="Lerman & Yitzhaki 1984, 1989",
    absolute=False,
    gradient=_gini_gradient,
    needs=["positive mean"],
    bounded=True,
    centred=True,
    holds=["scale", "unit", "split", "replication"],
    unit="index",
)
def gini(groups: Groups) -> Array:
    # the weights sum to zero: from the lowest group up, equal groups give exactly zero
    above = groups.y - groups.y.min(axis=1, keepdims=True)
    return np.asarray((_by_own_order(groups) * above).sum(axis=1) / groups.mean)
