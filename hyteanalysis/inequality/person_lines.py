"""Concentration indices and fitted lines of many settings of people at once, with design-based errors."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hyteanalysis.errors import MeasureError
from hyteanalysis.inequality.groups import Array

ROUNDS = 50  # Newton steps


@dataclass(frozen=True)
class Fits:
    """Per setting: the mean, 2 Σ p y (R − ½) and the line's ends, with their design-based errors."""

    mean: Array
    concentration: Array
    concentration_se: Array
    bottom: Array
    top: Array
    slope_se: Array
    log_ratio_se: Array
    ranks: Array
    designed: bool


def fit(people: pd.DataFrame, count: int, *, model: str, scale: float, designed: bool) -> Fits:
    """Indices and lines of ``count`` settings from ``people`` (setting, rank, y, w, stratum, unit), sorted.

    Errors of a simple random sample are taken within the setting, by n − 2.
    """
    setting, y, w = (people[name].to_numpy() for name in ("setting", "y", "w"))
    freedom = np.maximum(np.bincount(setting, minlength=count) - 2, 1)

    def total(values: Array) -> Array:
        return np.bincount(setting, values, count)

    def error(influence: Array) -> Array:
        if designed:
            return np.sqrt(_design_variance(people, influence, count))
        return np.asarray(np.sqrt(total(influence**2) * (freedom + 2) / freedom))

    with np.errstate(all="ignore"):
        share = w / total(w)[setting]
        ridit = _ridits(people, share)
        centred = ridit - 0.5
        variance = total(share * centred**2)
        mean, concentration = total(share * y), 2 * total(share * y * centred)
        # ACI is the slope of 2V·y on R
        residual = 2 * variance[setting] * y - 2 * variance[setting] * mean[setting] - concentration[setting] * centred
        if designed:
            concentration_se = error(share * centred * residual / variance[setting])
        else:
            concentration_se = np.sqrt(total(share * residual**2) / freedom / variance)
        unit = scale if model == "logit" else 1.0
        level, slope = _line(y / unit, ridit, share, setting, count, model)
        fitted = _inverse(level[setting] + slope[setting] * ridit, model)
        ends = [_inverse(level + slope * t, model) for t in (0, 1)]
        speed = share * _slope_of(fitted, model)
        a, b, c = (total(speed * ridit**power) for power in (0, 1, 2))
        determinant = a * c - b * b
        influence = []
        for t in (0, 1):
            along = _slope_of(ends[t], model) / determinant
            first, second = along * (c - t * b), along * (t * a - b)
            influence.append((first[setting] + second[setting] * ridit) * share * (y / unit - fitted) * unit)
        bottom, top = (end * unit for end in ends)
        slope_se = error(influence[1] - influence[0])
        relative = influence[1] / top[setting] - influence[0] / bottom[setting]
        log_ratio_se = error(relative)
    ranks = people.drop_duplicates(["setting", "rank"])["setting"].to_numpy()
    return Fits(
        mean,
        concentration,
        concentration_se,
        bottom,
        top,
        slope_se,
        log_ratio_se,
        np.bincount(ranks, minlength=count),
        designed,
    )


def _ridits(people: pd.DataFrame, share: Array) -> Array:
    """Weighted mid-rank within the setting; equal ranks share one."""
    tie = people.groupby(["setting", "rank"], sort=True).ngroup().to_numpy()
    per_tie = np.bincount(tie, share)
    first = np.flatnonzero(np.diff(tie, prepend=-1))
    before = np.cumsum(per_tie) - per_tie
    setting = people["setting"].to_numpy()[first]
    starts = np.flatnonzero(np.diff(setting, prepend=-1))
    offset = np.repeat(before[starts], np.diff(np.append(starts, len(setting))))
    return np.asarray((before - offset + per_tie / 2)[tie])


def _line(y: Array, ridit: Array, share: Array, setting: Array, count: int, model: str) -> tuple[Array, Array]:
    """α and β of every setting by Newton steps, all settings at once; empty where they do not settle."""

    def total(values: Array) -> Array:
        return np.bincount(setting, values, count)

    mean = total(share * y)
    level = mean if model == "linear" else np.log(mean / (1 - mean)) if model == "logit" else np.log(mean)
    slope, settled = np.zeros(count), np.zeros(count, dtype=bool)
    for _ in range(ROUNDS):
        fitted = _inverse(level[setting] + slope[setting] * ridit, model)
        speed, residual = share * _slope_of(fitted, model), share * (y - fitted)
        a, b, c = (total(speed * ridit**power) for power in (0, 1, 2))
        u, v = total(residual), total(residual * ridit)
        determinant = a * c - b * b
        step = (c * u - b * v) / determinant, (a * v - b * u) / determinant
        # a long step overshoots where shares lie near 0 or 1
        damping = 1 / np.maximum(1, (np.abs(step[0]) + np.abs(step[1])) / (np.inf if model == "linear" else 4))
        level, slope = level + damping * step[0], slope + damping * step[1]
        settled = np.abs(step[0]) + np.abs(step[1]) <= 1e-10 * (1 + np.abs(level) + np.abs(slope))
        if (settled | ~np.isfinite(level)).all():
            break
    return np.where(settled, level, np.nan), np.where(settled, slope, np.nan)


def _inverse(predictor: Array, model: str) -> Array:
    bounded = np.clip(predictor, -700, 700)
    return np.asarray(
        predictor if model == "linear" else 1 / (1 + np.exp(-bounded)) if model == "logit" else np.exp(bounded)
    )


def _slope_of(mean: Array, model: str) -> Array:
    return np.asarray(np.ones_like(mean) if model == "linear" else mean * (1 - mean) if model == "logit" else mean)


def _design_variance(people: pd.DataFrame, influence: Array, count: int) -> Array:
    """Σ_h n/(n − 1) Σ (u − ū)² of each setting as a domain: units without its people have a total of 0."""
    setting, stratum, unit = (people[name].to_numpy() for name in ("setting", "stratum", "unit"))
    units_in = people.drop_duplicates("unit")["stratum"].to_numpy()
    n = np.bincount(units_in)
    if (n[np.unique(stratum)] < 2).any():
        raise MeasureError(
            "A stratum holds one cluster only, which tells nothing of its variance. Join it with a like stratum."
        )
    pair, where = np.unique(setting.astype(np.int64) * (unit.max() + 1) + unit, return_inverse=True)
    sums = np.bincount(where, influence)
    first = np.zeros(len(pair), dtype=np.int64)
    first[where] = np.arange(len(where))
    at, inside = setting[first], stratum[first]
    factor = n / np.maximum(n - 1, 1)
    raw = np.bincount(at, factor[inside] * sums**2, count)
    cell, here = np.unique(at.astype(np.int64) * len(n) + inside, return_inverse=True)
    mean = np.bincount(here, sums) ** 2
    taken = np.bincount(cell // len(n), (factor / np.maximum(n, 1))[cell % len(n)] * mean, count)
    return np.asarray(np.maximum(raw - taken, 0.0))
