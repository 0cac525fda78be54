"""Limits and ties of groups that the data chose: the pair that lies furthest apart, the highest, the lowest."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from hyteanalysis.inequality.groups import Array, Groups
from hyteanalysis.uncertainty import quantile

PLAUSIBLE = 0.005  # of the error, spent on which pairs might have been chosen (Zrnic & Fithian 2024)


@dataclass(frozen=True)
class Extremes:
    """Which groups have the highest and lowest estimate, and which are not clearly apart from them (S × k)."""

    highest: Array
    lowest: Array
    level_with_highest: Array
    level_with_lowest: Array


def extremes(groups: Groups, df: Array, level: float) -> Extremes:
    """The groups that may be the highest (lowest) in truth, at ``level``: comparisons with the best of Hsu (1981).

    A group stays level with the extreme one unless it lies d standard errors of the difference below it, d the
    one-sided quantile of k − 1 comparisons (Šidák).
    """
    many = max(groups.k - 1, 1)
    # two-sided 2t − 1 is one-sided t
    d = quantile(2 * level ** (1 / many) - 1, df)
    high, low = groups.extreme(True), groups.extreme(False)
    return Extremes(high, low, _near(groups, high, d), _near(groups, low, d))


def _near(groups: Groups, chosen: Array, apart: Array) -> Array:
    """Groups within ``apart`` standard errors of the difference of the chosen one, itself among them (S × k)."""
    distance = np.abs(groups.y - (chosen * groups.y).sum(axis=1, keepdims=True))
    return np.asarray(~(distance > apart[:, None] * errors_against(groups, chosen)) | chosen.astype(bool))


def errors_against(groups: Groups, chosen: Array) -> Array:
    """Standard error of every group's difference from the chosen one (S × k)."""
    own = (chosen * np.nan_to_num(groups.s)).sum(axis=1, keepdims=True)
    both = groups.s**2 + np.where(np.isnan((chosen * groups.s).sum(axis=1, keepdims=True)), np.nan, own**2)
    if groups.covariance is not None:
        both = both - 2 * np.einsum("sg,sgh->sh", chosen, groups.covariance)
    return np.asarray(np.sqrt(np.maximum(both, 0.0)))


def pair_quantile(groups: Groups, df: Array, level: float) -> Array:
    """How many standard errors the nearer limit of the chosen pair's gap lies off, one a setting.

    Locally simultaneous (Zrnic & Fithian 2024): over all pairs that might have been chosen for lying furthest apart. Of
    three groups or more, 0.5 % of the error finds those pairs; the rest is shared by them, by Šidák's inequality or
    Tukey's studentised range, whichever is less. Where only one pair can have been chosen the limits are plain.
    """
    if groups.pair_reference:
        every = np.full(len(groups.y), groups.k - 1)
    else:
        every = np.full(len(groups.y), groups.k * (groups.k - 1) // 2)
    if groups.k < 3:
        return quantile(level, df)
    apart = _shared(every, groups, df, 1 - PLAUSIBLE)
    first, second = groups.pair_weights
    if groups.pair_reference:
        rival = np.where(groups.adverse[:, None], first, second)
        others = ~groups.reference_weights.astype(bool)
        number = (_near(groups, rival, apart) & others).sum(axis=1)
    else:
        high, low = _near(groups, first, apart), _near(groups, second, apart)
        shared = (high & low).sum(axis=1)
        number = high.sum(axis=1) * low.sum(axis=1) - shared - shared * (shared - 1) // 2
    return _shared(np.maximum(number, 1), groups, df, level + PLAUSIBLE)


def _shared(number: Array, groups: Groups, df: Array, level: float) -> Array:
    """Two-sided quantile that holds for this many pairs at once."""
    each = quantile(level ** (1 / number), df)
    if groups.covariance is not None or groups.pair_reference:
        return each
    return np.where(np.isnan(df), np.minimum(each, _range_quantile(groups.k, level)), each)


@cache
def _range_quantile(k: int, level: float) -> float:
    """Of all differences of k equally sure estimates; less is needed where errors differ (Hayter 1984)."""
    from scipy import stats  # slow to import: most releases are first asked for groups that have an order

    return float(stats.studentized_range.ppf(level, k, np.inf) / np.sqrt(2))


def pair_limits(
    groups: Groups, value: Array, error: Array, df: Array, p_equal: Array, level: float, log: bool
) -> tuple[Array, Array]:
    """Limits of D or R (on the scale of the link where ``log``) of the pair that was chosen for lying furthest apart.

    Choosing can only make a gap too large, so the farther limit is plain; the nearer one is that of
    :func:`pair_quantile`. Where equality of all groups is not rejected, the limits hold the null (closed testing).
    """
    centre = np.log(value) if log else value
    # a chosen pair is always told from high to low, of a favourable reference from the reference down
    lower = centre - pair_quantile(groups, df, level) * error
    upper = centre + quantile(level, df) * error
    chance = p_equal >= 1 - level
    lower, upper = np.where(chance, np.minimum(lower, 0.0), lower), np.where(chance, np.maximum(upper, 0.0), upper)
    return (np.exp(lower), np.exp(upper)) if log else (lower, upper)
