"""Measures from inequality aversion: Atkinson and Kolm, and their equally distributed equivalents."""

import numpy as np
from numpy.typing import ArrayLike

from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.inequality.groups import Array, Groups
from hyteanalysis.inequality.registry import Aversion, Square, measure


def atkinson_equivalent(health: Array, share: Array, aversion: float) -> Array:
    """EDE over axis 1 of favourable values; by logs, 0 where a value is 0 and the aversion at least 1."""
    power = 1 - aversion
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(health)
        if power == 0:
            return np.exp(_sum(share, np.where(share > 0, logs, 0.0)))
        answer = np.exp(_log_mean(share, power * logs) / power)
    zero = ((health == 0) & (share > 0)).any(axis=1) & (power < 0)
    return np.where(zero, 0.0, answer)


def kolm_equivalent(health: Array, share: Array, aversion: float) -> Array:
    """EDE = −(1/α) ln Σ f e^(−αh) over axis 1."""
    return np.asarray(-_log_mean(share, -aversion * health) / aversion)


def _log_mean(share: Array, exponent: Array) -> Array:
    """ln Σ f e^x over axis 1, exact also where all x are nearly equal (an aversion near 1, or near 0)."""
    top = np.max(np.where(share > 0, exponent, -np.inf), axis=1)
    below = np.where(share > 0, exponent - top[:, None], 0.0)
    near = np.min(below, axis=1) > -1e-3
    mean = np.where(near, np.log1p(_sum(share, np.expm1(below))), np.log(_sum(share, np.exp(below))))
    return np.asarray(mean + top)


def _sum(share: Array, values: Array) -> Array:
    return np.asarray((share * values).sum(axis=1))


def _share(groups: Groups) -> Array:
    return np.broadcast_to(groups.wide(groups.p), groups.y.shape)


def _health(groups: Groups) -> Array:
    """The favourable side: y, or u − y of an adverse outcome."""
    adverse = groups.wide(groups.adverse[:, None])
    return np.where(adverse, groups.wide(groups.upper_bound[:, None]) - groups.y, groups.y)


def _turn(groups: Groups) -> Array:
    """∂h/∂y."""
    return np.where(groups.adverse, -1.0, 1.0)[:, None]


def _aversion(groups: Groups, code: str) -> float:
    return groups.options.aversion[code]


def _atkinson_gradient(groups: Groups, value: Array) -> Array:
    health = _health(groups)
    mean = _sum(groups.p, health)[:, None]
    equivalent = ((1 - value) * mean[:, 0])[:, None]
    own = groups.p * (equivalent / health) ** _aversion(groups, "ATK")
    return np.asarray(-_turn(groups) * (own / mean - equivalent * groups.p / mean**2))


@measure(
    "ATK",
    text="1 − EDE/μ_h, EDE = (Σ p h^(1−ε))^(1/(1−ε)) (ε = 1: exp Σ p ln h); h = y, or u − y of an adverse outcome",
    reference="Atkinson 1970",
    absolute=False,
    gradient=_atkinson_gradient,
    needs=["aversion", "upper bound", "positive health"],
    bounded=True,
    square=Square(
        lambda value: value,
        np.ones_like,
        lambda square: square,
        lambda groups: _aversion(groups, "ATK") / 2 / _sum(groups.p, _health(groups)) ** 2,
    ),
    mirror="same",
    holds=["split", "replication"],
    unit="index",
    aversion=Aversion(default=1.0),
    parameter="aversion ε > 0 (1)",
    instead="KOL",
)
def atkinson(groups: Groups) -> Array:
    health, share = _health(groups), _share(groups)
    equivalent = atkinson_equivalent(health, share, _aversion(groups, "ATK"))
    return np.asarray(np.maximum(1 - equivalent / _sum(share, health), 0.0))


def _kolm_health(groups: Groups) -> Array:
    """No bound is needed: a constant drops out."""
    return np.asarray(groups.wide(_turn(groups)) * groups.y)


def _kolm_gradient(groups: Groups, value: Array) -> Array:
    health = _kolm_health(groups)
    equivalent = (_sum(groups.p, health) - value)[:, None]
    own = groups.p * (1 - np.exp(-_aversion(groups, "KOL") * (health - equivalent)))
    return np.asarray(_turn(groups) * own)


@measure(
    "KOL",
    text="μ_h − EDE, EDE = −(1/α) ln Σ p e^(−αh); h = y, or −y of an adverse outcome; α per unit of the indicator",
    reference="Kolm 1976",
    absolute=True,
    gradient=_kolm_gradient,
    needs=["aversion"],
    bounded=True,
    square=Square(
        lambda value: value,
        np.ones_like,
        lambda square: square,
        lambda groups: np.full(len(groups.p), _aversion(groups, "KOL") / 2),
    ),
    mirror="same",
    holds=["shift", "split", "replication"],
    unit="indicator",
    aversion=Aversion(),
    parameter="aversion α > 0 per unit of the indicator (must be given)",
    instead="ATK",
)
def kolm(groups: Groups) -> Array:
    health, share = _kolm_health(groups), _share(groups)
    equivalent = kolm_equivalent(health, share, _aversion(groups, "KOL"))
    return np.asarray(np.maximum(_sum(share, health) - equivalent, 0.0))


def atkinson_level(groups: Groups) -> Array:
    """EDE in the indicator's unit; of an adverse outcome u − EDE(u − y)."""
    level = atkinson_equivalent(_health(groups), _share(groups), _aversion(groups, "ATK"))
    return np.where(groups.wide(groups.adverse), groups.wide(groups.upper_bound) - level, level)


def atkinson_level_gradient(groups: Groups, value: Array) -> Array:
    """p (EDE/h)^ε, the same whichever side is good."""
    level = np.where(groups.adverse, groups.upper_bound - value, value)[:, None]
    return np.asarray(groups.p * (level / _health(groups)) ** _aversion(groups, "ATK"))


def kolm_level(groups: Groups) -> Array:
    """EDE in the indicator's unit; of an adverse outcome (1/α) ln Σ p e^(αy)."""
    level = kolm_equivalent(_kolm_health(groups), _share(groups), _aversion(groups, "KOL"))
    return np.asarray(groups.wide(_turn(groups)[:, 0]) * level)


def kolm_level_gradient(groups: Groups, value: Array) -> Array:
    """p e^(−α(h − EDE)), the same whichever side is good."""
    level = _turn(groups) * value[:, None]
    return np.asarray(groups.p * np.exp(-_aversion(groups, "KOL") * (_kolm_health(groups) - level)))


def ede(
    values: ArrayLike,
    population: ArrayLike,
    *,
    index: str = "atkinson",
    aversion: float | None = None,
    favourable: bool = True,
) -> float:
    """Equally distributed equivalent: the level that, had by all, would be as good as the unequal distribution.

    Answers: *what is this distribution worth, if inequality counts against it?* Atkinson (1970): EDE =
    (Σ f h^(1−ε))^(1/(1−ε)), with ε = 1 exp Σ f ln h. Kolm (1976): −(1/α) ln Σ f e^(−αh). Gini: μ(1 − G), G by
    mid-ranks of the values themselves.

    Parameters
    ----------
    values : array of k numbers
        Outcome of each group, in any unit; with ``favourable=False`` shares (0–1) badly off.
    population : array of k numbers
        People in each group.
    index : {"atkinson", "kolm", "gini"}
    aversion : float
        ε or α, not negative (0 gives the mean). α is per unit of the values. Gini uses none.
    favourable : bool
        Whether a high value is good. If not, the result is 1 − EDE(1 − values).

    Returns
    -------
    float
        In the unit of ``values``.

    Raises
    ------
    MeasureError
        For values and populations of different lengths, negative or all-zero populations, negative values with Atkinson
        or Gini, a missing or negative aversion.

    Notes
    -----
    Not for comparing distributions in different units. Rare adverse outcomes leave 1 − values near 1, so that any
    aversion matters little: show the gap of the shares beside it.

    Examples
    --------
    >>> import hyteanalysis as hyte
    >>> round(hyte.ede([0.6, 0.9], [100, 300], index="atkinson", aversion=1), 4)
    0.8132
    """
    one_of(index, ("atkinson", "kolm", "gini"), "index", MeasureError)
    health, people = np.asarray(values, dtype=float), np.asarray(population, dtype=float)
    if health.ndim != 1 or health.shape != people.shape or not len(health):
        raise MeasureError(f"values {health.shape} and population {people.shape} must be lists of the same length.")
    if not (np.isfinite(health).all() and np.isfinite(people).all()):
        raise MeasureError("values and population must all be numbers: leave groups without a value out of both.")
    if (people < 0).any() or people.sum() <= 0:
        raise MeasureError(f"population must be positive; given {people.tolist()}.")
    if not favourable:
        if (health < 0).any() or (health > 1).any():
            raise MeasureError(f"With favourable=False values are shares from 0 to 1; given {health.tolist()}.")
        health = 1 - health
    if index != "kolm" and (health < 0).any():
        raise MeasureError(f"{index} needs values of 0 or more; given {health.tolist()}. Use index='kolm'.")
    if index != "gini" and (aversion is None or not aversion >= 0 or not np.isfinite(aversion)):
        raise MeasureError(f"index={index!r} needs an aversion of 0 or more; given {aversion!r}.")
    share = (people / people.sum())[None]
    mean = float((share[0] * health).sum())
    if index == "gini":
        order = np.argsort(health)
        ridit = np.cumsum(share[0][order]) - share[0][order] / 2
        level = mean - 2 * float((share[0][order] * health[order] * (ridit - 0.5)).sum())
    elif aversion == 0:
        level = mean
    elif index == "atkinson":
        level = float(atkinson_equivalent(health[None], share, float(aversion or 0))[0])
    else:
        level = float(kolm_equivalent(health[None], share, float(aversion or 0))[0])
    return level if favourable else 1 - level
