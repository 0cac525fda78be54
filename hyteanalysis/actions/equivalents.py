"""Equally distributed equivalents of many distributions at once, and their change without cancellation."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.inequality.welfare import atkinson_equivalent, kolm_equivalent

Array = NDArray[Any]

INDICES = ("atkinson", "kolm", "gini")


def equivalents(health: Array, population: Array, *, index: str, aversion: float | None) -> Array:
    """EDE of each row (rows × groups of favourable values)."""
    one_of(index, INDICES, "index", MeasureError)
    share = (population / population.sum())[None]
    mean = np.asarray((share * health).sum(axis=1))
    if index == "gini":
        order = np.argsort(health, axis=1)
        sorted_share = np.take_along_axis(np.broadcast_to(share, health.shape), order, axis=1)
        ridit = np.cumsum(sorted_share, axis=1) - sorted_share / 2
        gap = 2 * (sorted_share * np.take_along_axis(health, order, axis=1) * (ridit - 0.5)).sum(axis=1)
        return np.asarray(mean - gap)
    if aversion is None or not aversion >= 0:
        raise MeasureError(f"index={index!r} needs an aversion of 0 or more; given {aversion!r}.")
    if aversion == 0:
        return mean
    return (atkinson_equivalent if index == "atkinson" else kolm_equivalent)(health, share, float(aversion))


def gain(before: Array, after: Array, population: Array, *, index: str, aversion: float | None) -> Array:
    """EDE(after) − EDE(before) of each row.

    The change is often a millionth of the level, so it is made of the groups' own changes: with t = 1 − ε and
    w ∝ f·h^t, ln EDE moves by ln(1 + Σ w (e^(t·ln(h′/h)) − 1))/t; Kolm likewise with w ∝ f·e^(−αh).
    """
    if index != "gini" and aversion == 0:
        return equivalents(after - before, population, index=index, aversion=0)
    old = equivalents(before, population, index=index, aversion=aversion)
    if index == "gini" or aversion is None:
        return equivalents(after, population, index=index, aversion=aversion) - old
    before, after = np.broadcast_arrays(before, after)
    if index == "kolm":
        logs, step = -aversion * before, -aversion * (after - before)
    elif (before <= 0).any() or (after <= 0).any():
        return equivalents(after, population, index=index, aversion=aversion) - old
    else:
        logs, step = (1 - aversion) * np.log(before), np.log1p((after - before) / before)
    weight = population * np.exp(logs - logs.max(axis=1, keepdims=True))
    weight = weight / weight.sum(axis=1, keepdims=True)
    power = -1.0 if index == "kolm" else 1 - aversion
    if power == 0:
        return np.asarray(old * np.expm1((weight * step).sum(axis=1)))
    lifted = (weight * np.expm1(step if index == "kolm" else power * step)).sum(axis=1)
    large = lifted < -0.5  # a change this large needs no such care, and ln(1 + x) loses it near −1
    moved = np.log1p(np.where(large, 0.0, lifted)) / power
    fine = moved / aversion if index == "kolm" else old * np.expm1(moved)
    return np.where(large, equivalents(after, population, index=index, aversion=aversion) - old, fine)
