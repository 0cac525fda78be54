"""Measures over the whole social order: concentration and slope indices."""

import numpy as np

from hyteanalysis.inequality.groups import Array, Groups
from hyteanalysis.inequality.lines import FittedLine
from hyteanalysis.inequality.registry import Aversion, ModelError, measure


def _rank_weights(groups: Groups) -> Array:
    """a_j = 2 p_j (R_j − ½)."""
    return np.asarray(2 * groups.p * (groups.ridit - 0.5))


def _absolute(groups: Groups) -> Array:
    return groups.weigh(_rank_weights(groups), groups.y)


def _concentration_residual(groups: Groups) -> Array:
    """Error of ACI by residual variance: least squares of 2V·y on R with weights p."""
    centred = groups.ridit - 0.5
    variance = (groups.p * centred**2).sum(axis=1)
    outcome = 2 * variance[:, None] * groups.y
    slope = (groups.p * centred * outcome).sum(axis=1) / variance
    level = (groups.p * outcome).sum(axis=1)
    residual = outcome - level[:, None] - slope[:, None] * centred
    freedom = groups.k - 2 if groups.k > 2 else np.nan
    return np.asarray(np.sqrt((groups.p * residual**2).sum(axis=1) / freedom / variance))


@measure(
    "ACI",
    text="2 Σ p y (R − ½)",
    reference="Wagstaff, Paci & van Doorslaer 1991",
    absolute=True,
    ordered=True,
    gradient=lambda groups, value: _rank_weights(groups),
    model_se=ModelError(_concentration_residual),
    mirror="negated",
    holds=["shift", "unit", "split", "replication"],
    unit="indicator",
    instead="D or BGV",
)
def absolute_concentration(groups: Groups) -> Array:
    return _absolute(groups)


def _relative_gradient(groups: Groups, value: Array) -> Array:
    return np.asarray((_rank_weights(groups) - value[:, None] * groups.through_mean) / groups.mean[:, None])


@measure(
    "RCI",
    text="ACI/μ",
    reference="Wagstaff, Paci & van Doorslaer 1991",
    absolute=False,
    ordered=True,
    gradient=_relative_gradient,
    needs=["positive mean"],
    centred=True,
    model_se=ModelError(lambda groups: _concentration_residual(groups) / groups.mean),
    holds=["scale", "unit", "split", "replication"],
    unit="index",
    instead="R or TI",
)
def relative_concentration(groups: Groups) -> Array:
    return np.asarray(_absolute(groups) / groups.mean)


def _width(groups: Groups) -> Array:
    return np.asarray(groups.upper_bound - groups.lower_bound)


@measure(
    "ERR",
    text="4 ACI/(u − l), l and u the indicator's bounds",
    reference="Erreygers 2009",
    absolute=True,
    ordered=True,
    gradient=lambda groups, value: 4 * _rank_weights(groups) / _width(groups)[:, None],
    needs=["bounds"],
    model_se=ModelError(lambda groups: 4 * _concentration_residual(groups) / _width(groups)),
    mirror="negated",
    holds=["shift", "split", "replication"],
    unit="index",
)
def erreygers(groups: Groups) -> Array:
    return np.asarray(4 * _absolute(groups) / groups.wide(_width(groups)))


def _wagstaff_factor(groups: Groups) -> Array:
    lower, upper = groups.wide(groups.lower_bound), groups.wide(groups.upper_bound)
    return np.asarray((upper - lower) / ((upper - groups.mean) * (groups.mean - lower)))


def _wagstaff_gradient(groups: Groups, value: Array) -> Array:
    above, below = groups.upper_bound - groups.mean, groups.mean - groups.lower_bound
    through = (_absolute(groups) * (1 / above - 1 / below))[:, None] * groups.through_mean
    return np.asarray(_wagstaff_factor(groups)[:, None] * (_rank_weights(groups) + through))


@measure(
    "WAG",
    text="(u − l)·ACI/((u − μ)(μ − l))",
    reference="Wagstaff 2005",
    absolute=False,
    ordered=True,
    gradient=_wagstaff_gradient,
    needs=["bounds"],
    centred=True,
    model_se=ModelError(lambda groups: _wagstaff_factor(groups) * _concentration_residual(groups)),
    mirror="negated",
    holds=["split", "replication"],
    unit="index",
)
def wagstaff(groups: Groups) -> Array:
    return np.asarray(_wagstaff_factor(groups) * _absolute(groups))


def extended_weights(groups: Groups, aversion: float) -> Array:
    """Weights of the groups in Σ y_g [(1 − P_{g−1})^ν − (1 − P_g)^ν]; they sum to one."""
    below, upto = groups.brackets
    upto = np.minimum(upto, 1.0)
    together = upto - below
    weight = (1 - below) ** aversion - (1 - upto) ** aversion
    return np.asarray(np.where(together > 0, weight * groups.p / np.where(together > 0, together, 1), 0.0))


def _extended(groups: Groups) -> Array:
    return extended_weights(groups, groups.options.aversion["ACIX"])


def _extended_gradient(groups: Groups, value: Array) -> Array:
    return np.asarray(-(_extended(groups) - (1 - value)[:, None] * groups.through_mean) / groups.mean[:, None])


@measure(
    "ACIX",
    text="1 − Σ y_g[(1 − P_{g−1})^ν − (1 − P_g)^ν]/μ, P cumulative share",
    reference="Yitzhaki 1983; Wagstaff 2002",
    absolute=False,
    ordered=True,
    gradient=_extended_gradient,
    needs=["aversion", "positive mean"],
    centred=True,
    holds=["scale", "unit", "split", "replication"],
    unit="index",
    aversion=Aversion(default=2.0, above=1.0),
    parameter="aversion ν > 1 (2)",
    instead="R or TI",
)
def extended_concentration(groups: Groups) -> Array:
    return np.asarray(1 - groups.weigh(_extended(groups), groups.y) / groups.mean)


def _slope_residual(groups: Groups) -> Array:
    line = groups.line
    return np.asarray(np.sqrt(line.top_variance + line.bottom_variance - 2 * line.ends_covariance))


def _ratio_residual(line: FittedLine) -> Array:
    terms = line.top_variance / line.top**2 + line.bottom_variance / line.bottom**2
    return np.asarray(np.sqrt(terms - 2 * line.ends_covariance / (line.top * line.bottom)))


@measure(
    "SII",
    text="f(1) − f(0) of the line fitted on R with weights p: logit (proportions), log (rates) or linear",
    reference="Preston, Haines & Pamuk 1981; Mackenbach & Kunst 1997",
    absolute=True,
    ordered=True,
    gradient=lambda groups, value: groups.line.top_gradient - groups.line.bottom_gradient,
    model_se=ModelError(_slope_residual),
    fitted="{model} line",
    undefined="has no value: the fit did not converge",
    mirror="negated",
    holds=["unit", "split", "replication"],
    unit="indicator",
    instead="D or BGV",
)
def slope_index(groups: Groups) -> Array:
    return np.asarray(np.where(groups.line.converged, groups.line.top - groups.line.bottom, np.nan))


_NO_ENDS = "has no value: an end of the fitted line is zero or below, or the fit did not converge"


def _ends_ratio(above: Array, below: Array, line: FittedLine) -> Array:
    """A line with an end at or below zero has no ratio."""
    usable = line.converged & (line.top > 0) & (line.bottom > 0)
    return np.asarray(np.where(usable, above / np.where(usable, below, 1), np.nan))


def _ends_gradient(line: FittedLine) -> Array:
    return np.asarray(line.top_gradient / line.top[:, None] - line.bottom_gradient / line.bottom[:, None])


@measure(
    "RII",
    text="f(1)/f(0) of the line of SII (rii_form='ratio'); or SII/μ with μ = Σ p y, 0 where equal (rii_form='mean')",
    reference="Mackenbach & Kunst 1997; Pamuk 1985 for the mean-based form",
    absolute=False,
    ordered=True,
    gradient=lambda groups, value: _ends_gradient(groups.line),
    link="log",
    null=1.0,
    model_se=ModelError(lambda groups: _ratio_residual(groups.line)),
    fitted="{model} line, ratio of ends",
    undefined=_NO_ENDS,
    holds=["scale", "unit", "split", "replication"],
    unit="ratio",
    instead="R or TI",
)
def relative_index(groups: Groups) -> Array:
    return _ends_ratio(groups.line.top, groups.line.bottom, groups.line)


def _mean_based_gradient(groups: Groups, value: Array) -> Array:
    slope = groups.line.top_gradient - groups.line.bottom_gradient
    return np.asarray((slope - value[:, None] * groups.p) / groups.own_mean[:, None])


@measure(
    "RII",
    variant="mean",
    text="SII/μ with μ = Σ p y",
    reference="Pamuk 1985",
    absolute=False,
    ordered=True,
    gradient=_mean_based_gradient,
    needs=["positive mean"],
    model_se=ModelError(lambda groups: _slope_residual(groups) / groups.own_mean),
    fitted="{model} line, SII over the mean",
    holds=["scale", "unit", "split", "replication"],
    unit="index",
    instead="R or TI",
)
def relative_index_of_mean(groups: Groups) -> Array:
    return np.asarray(slope_index(groups) / groups.own_mean)


@measure(
    "KMI",
    text="f(0)/f(1) of the linear line: the disadvantaged end over the advantaged one, 1/RII",
    reference="Mackenbach & Kunst 1997",
    absolute=False,
    ordered=True,
    gradient=lambda groups, value: -_ends_gradient(groups.straight_line),
    link="log",
    null=1.0,
    model_se=ModelError(lambda groups: _ratio_residual(groups.straight_line)),
    above_null="higher",
    fitted="ratio of the ends of a linear line",
    undefined=_NO_ENDS,
    holds=["scale", "unit", "split", "replication"],
    unit="ratio",
    instead="R or TI",
)
def kunst_mackenbach(groups: Groups) -> Array:
    line = groups.straight_line
    return _ends_ratio(line.bottom, line.top, line)
