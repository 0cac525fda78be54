"""Standard errors of the groups: as given, else from published limits; and those that only seem to be zero."""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from hyteanalysis.inequality.groups import Array

PUBLISHED_Z = float(ndtri(0.975))


def with_errors(rows: pd.DataFrame) -> pd.DataFrame:
    """Standard errors: as given, else from published limits; an error of 0 from no or only events is none."""
    se = rows["se"].to_numpy(copy=True) if "se" in rows else np.full(len(rows), np.nan)
    y, scale, kind = (rows[name].to_numpy() for name in ("estimate", "_scale", "_kind"))
    derived = np.zeros(len(rows), dtype=bool)
    if {"lower", "upper"} <= set(rows):
        lower, upper = rows["lower"].to_numpy(), rows["upper"].to_numpy()
        derived = np.isnan(se) & ~np.isnan(lower) & ~np.isnan(upper)
        se = np.where(derived, _from_limits(y, lower, upper, scale, kind), se)
    share = kind == "proportion"
    boundary = (se == 0) & ((y == 0) | (share & (y == scale)))
    rows = rows.assign(_se=se, _derived=derived, _continuity=False, _false_zero=boundary)
    if boundary.any() and "events" in rows:
        people = rows["respondents"] if "respondents" in rows else pd.Series(np.nan, index=rows.index)
        people = people.fillna(rows["population"]) if "population" in rows else people
        n, x = people.to_numpy(), rows["events"].to_numpy()
        with np.errstate(divide="ignore", invalid="ignore"):
            p = (x + 0.5) / (n + 1)
            # (x + ½)/n counts as Poisson where the outcome is a rate
            half = np.where(share, np.sqrt(p * (1 - p) / n), np.sqrt(x + 0.5) / n) * scale
        mended = boundary & np.isfinite(half) & np.isin(kind, ("proportion", "rate"))
        rows = rows.assign(_se=np.where(mended, half, se), _continuity=mended, _false_zero=boundary & ~mended)
    return rows


def _from_limits(y: Array, lower: Array, upper: Array, scale: Array, kind: Array) -> Array:
    """Error behind published 95 % limits, on the indicator's natural scale."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p, low, high = y / scale, lower / scale, upper / scale
        logit = scale * p * (1 - p) * (np.log(high / (1 - high)) - np.log(low / (1 - low)))
        log = y * (np.log(upper) - np.log(lower))
    plain = upper - lower
    width = np.where(kind == "proportion", logit, np.where(kind == "rate", log, plain))
    inside = np.where(
        kind == "proportion", (low > 0) & (high < 1) & (p > 0) & (p < 1), (kind != "rate") | ((lower > 0) & (y > 0))
    )
    return np.asarray(np.where(inside, width, plain) / (2 * PUBLISHED_Z))
