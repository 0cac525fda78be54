"""Potential for improvement: what would change if every group reached the best-placed one."""

import numpy as np

from hyteanalysis.inequality.groups import Array, Groups
from hyteanalysis.inequality.registry import ModelError, measure


def _shortfall(groups: Groups) -> Array:
    """y_ref − μ, with its sign."""
    return np.asarray(groups.leading - groups.mean)


def _gain(groups: Groups, shortfall: Array) -> Array:
    """Zero, never of the wrong sign, where the group to reach is not the better one."""
    adverse = groups.wide(groups.adverse)
    return np.where(adverse, np.minimum(shortfall, 0), np.maximum(shortfall, 0))


def _walter(groups: Groups) -> Array:
    """Walter's (1978) error of the attributable fraction, as a share, from the counts behind the estimates."""
    people, cases = groups.population, groups.population * groups.y / groups.scale[:, None]
    c = groups.weigh(groups.leading_weights, cases)
    total = groups.weigh(groups.leading_weights, people)
    d, n, a = total - c, people.sum(axis=1), cases.sum(axis=1) - c
    b = n - total - a
    return np.asarray(np.sqrt(c * n * (a * d * (n - c) + b * c**2) / ((a + c) ** 3 * total**3)))


@measure(
    "PAR",
    text="y_ref − μ, ref the most advantaged group (without order the best); adverse ≤ 0, favourable ≥ 0",
    reference="Walter 1978; WHO Handbook on health inequality monitoring, 2013",
    absolute=True,
    gradient=lambda groups, value: groups.leading_weights - groups.through_mean,
    extreme=True,
    centred=True,
    model_se=ModelError(lambda groups: _walter(groups) * groups.mean, "Walter", counts_people=True),
    above_null="lower",
    gain=True,
    mirror="negated",
    holds=["shift", "unit", "split", "replication"],
    unit="indicator",
)
def attributable_risk(groups: Groups) -> Array:
    return _gain(groups, _shortfall(groups))


def _fraction_gradient(groups: Groups, value: Array) -> Array:
    """Of ln(y_ref/μ)."""
    own = groups.leading_weights / groups.leading[:, None]
    return np.asarray(own - groups.through_mean / groups.mean[:, None])


@measure(
    "PAF",
    text="100 PAR/μ",
    reference="Levin 1953; Walter 1978",
    absolute=False,
    gradient=_fraction_gradient,
    needs=["positive mean"],
    link="percent",
    extreme=True,
    centred=True,
    model_se=ModelError(lambda groups: 100 * _walter(groups), "Walter", counts_people=True),
    above_null="lower",
    gain=True,
    holds=["scale", "unit", "split", "replication"],
    unit="%",
)
def attributable_fraction(groups: Groups) -> Array:
    return np.asarray(100 * _gain(groups, _shortfall(groups)) / groups.mean)


def _level_target(groups: Groups) -> Array:
    return groups.leading if groups.options.level_to == "best" else groups.mean


def _lacking(groups: Groups) -> Array:
    """How far each group falls short of the target, none below zero (S × k, or S × k × draws)."""
    sign = groups.wide(np.where(groups.adverse, 1.0, -1.0)[:, None])
    return np.asarray(np.maximum(sign * (groups.y - _level_target(groups)[:, None]), 0))


def _level_gradient(groups: Groups, value: Array) -> Array:
    sign = np.where(groups.adverse, 1.0, -1.0)[:, None]
    people = np.where(_lacking(groups) > 0, groups.population, 0) / groups.scale[:, None]
    target = groups.leading_weights if groups.options.level_to == "best" else groups.through_mean
    return np.asarray(sign * (people - people.sum(axis=1, keepdims=True) * target))


@measure(
    "LEVELUP",
    text="Σ N max(0, y − y_ref)/scale for adverse outcomes, Σ N max(0, y_ref − y)/scale for favourable ones; "
    "ref the most advantaged group (without order the best), or the average (level_to='average')",
    reference="Whitehead & Dahlgren 2006",
    absolute=True,
    gradient=_level_gradient,
    needs=["population"],
    bounded=True,
    centred=True,
    mirror="same",
    holds=["shift", "split"],
    unit="people",
    parameter="level_to: best or average",
)
def levelling_up(groups: Groups) -> Array:
    people = groups.population / groups.scale[:, None]
    return groups.weigh(people, _lacking(groups))
