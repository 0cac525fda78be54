"""How many people a gap concerns: how many are affected now, and how many fewer were all as the best group."""

import numpy as np
import pandas as pd

from hyteanalysis.inequality.groups import Array
from hyteanalysis.inequality.released import LEVEL, release_settings, released_gaps
from hyteanalysis.uncertainty import normal_quantile

_SETTING = ["indicator", "area", "period", "dimension"]
COUNTED = ("proportion", "rate")


def people(cells: pd.DataFrame, indicators: pd.DataFrame, covariance: pd.DataFrame | None = None) -> pd.DataFrame:
    """How many people are affected now, and how many fewer if every group had the best level.

    now = Σ N y/scale of an adverse outcome, Σ N (scale − y)/scale of a favourable proportion (those who lack it);
    its error √Σ (N s/scale)², of a full Σ with the covariances. fewer is LEVELUP, whose plain value grows with noise:
    its ``central`` value and corrected limits.

    Parameters
    ----------
    cells, indicators, covariance
        As :func:`hyteanalysis.inequality.released.released_gaps` takes them.

    Returns
    -------
    DataFrame
        ``indicator, area, period, dimension, now, now_lower, now_upper, fewer, fewer_lower, fewer_upper``, one row a
        setting of groups whose indicator is a proportion or rate. Empty where a group lacks its population or number,
        and limits where an error is lacking; ``now`` of a favourable rate is empty, since it has no other side.

    Notes
    -----
    Do not add up the settings of one area: each splits the same people anew. Without ``population`` nothing is said, as
    respondents are not the people they stand for.
    Say ``fewer`` with its limits, never alone: where one of ten groups is three errors off, its median is 2.5 times the
    truth, while the limits hold it in 94 % (``docs/coverage.md``).
    """
    settings = release_settings(cells, indicators, covariance)
    rows, frame = settings.rows, settings.frame
    number = rows["_setting"].to_numpy()
    population = rows["population"].to_numpy(dtype=float) if "population" in rows else np.full(len(rows), np.nan)
    scale, adverse = rows["_scale"].to_numpy(dtype=float), rows["_adverse"].to_numpy(dtype=bool)
    share = (rows["_kind"] == "proportion").to_numpy()
    y = rows["estimate"].to_numpy(dtype=float)
    with np.errstate(all="ignore"):
        count = np.where(adverse, y, np.where(share, scale - y, np.nan)) / scale * population
        error = np.where(rows["_false_zero"], np.nan, rows["_se"]) / scale * population
    now = _summed(number, count, len(frame))
    variance = _summed(number, error**2, len(frame)) + _shared(rows, population / scale, covariance, len(frame))
    half = normal_quantile(LEVEL) * np.sqrt(np.maximum(variance, 0.0))
    left_out = (frame["_suppressed"] + frame["_missing"]).to_numpy() > 0
    now = np.where(left_out, np.nan, now)
    # without an order the level to reach is the best one, whoever has it
    # beside another measure LEVELUP is empty, not refused, where no group has a population
    levelled = released_gaps(cells.drop(columns="order", errors="ignore"), ["LEVELUP", "D"], indicators, covariance)
    levelled = levelled[levelled["measure"] == "LEVELUP"]
    found = frame[_SETTING].assign(
        now=now,
        now_lower=np.maximum(now - half, 0.0),
        now_upper=now + half,
        _counted=frame["_kind"].isin(COUNTED),
    )
    gains = levelled[[*_SETTING, "central", "lower", "upper"]]
    gains = gains.rename(columns={"central": "fewer", "lower": "fewer_lower", "upper": "fewer_upper"})
    found = found.merge(gains, on=_SETTING, how="left", validate="one_to_one")
    return found[found["_counted"]].drop(columns="_counted").reset_index(drop=True)


def _summed(number: Array, values: Array, count: int) -> Array:
    """Sum of each setting; empty where one of its rows is, or where it has none."""
    held = np.bincount(number, minlength=count)
    return np.where(held > 0, np.bincount(number, values, count), np.nan)


def _shared(rows: pd.DataFrame, weight: Array, covariance: pd.DataFrame | None, count: int) -> Array:
    """What the covariances of groups add to the variance of a weighted sum."""
    if covariance is None:
        return np.zeros(count)
    own = rows[[*_SETTING, "group", "_setting"]].assign(_weight=weight)
    pairs = covariance[covariance["group"] != covariance["group_other"]]
    # either triangle, or both
    one, other = np.minimum(pairs["group"], pairs["group_other"]), np.maximum(pairs["group"], pairs["group_other"])
    pairs = pairs.assign(group=one, group_other=other).drop_duplicates([*_SETTING, "group", "group_other"])
    both = pairs.merge(own, on=[*_SETTING, "group"], validate="many_to_one")
    second = own.rename(columns={"group": "group_other", "_weight": "_other"}).drop(columns="_setting")
    both = both.merge(second, on=[*_SETTING, "group_other"], validate="many_to_one")
    return np.bincount(both["_setting"], 2 * both["_weight"] * both["_other"] * both["covariance"], count)
