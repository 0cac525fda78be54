"""How the gap between the same two groups of a release changed, in absolute and in relative terms."""

import numpy as np
import pandas as pd

from hyteanalysis.inequality.changes import verdicts
from hyteanalysis.inequality.groups import Array
from hyteanalysis.inequality.released import LEVEL, release_settings, released_gaps
from hyteanalysis.uncertainty import degrees, quantile

_SETTING = ["indicator", "area", "dimension"]
_COLUMNS = [
    *_SETTING, "first", "second", "start", "end", "change", "lower", "upper", "verdict", "ratio_start", "ratio_end",
    "ratio_change", "ratio_lower", "ratio_upper", "ratio_verdict", "agree", "first_then", "second_then", "crossed",
]  # fmt: skip
_CLEAR = ("narrowed", "widened", "reversed")


def released_changes(
    cells: pd.DataFrame,
    indicators: pd.DataFrame,
    start: str,
    end: str,
    covariance: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Change of the gap between the same two groups, those that ``released_gaps`` compares at ``end``.

    change = (first − second at ``end``) − (first − second at ``start``), of ratios end/start. Errors of the two periods
    are taken as independent. Groups without order were chosen by their gap at ``end``, so the limit nearer to a smaller
    gap reckons with that choice: √((c s₁)² + (z s₀)²), with c of ``selection.pair_quantile``.

    Parameters
    ----------
    cells, indicators, covariance
        As :func:`hyteanalysis.inequality.released.released_gaps` takes them.
    start, end : str
        Two periods.

    Returns
    -------
    DataFrame
        ``indicator, area, dimension, first, second, start, end, change, lower, upper, verdict`` of D, then
        ``ratio_start, ratio_end, ratio_change, ratio_lower, ratio_upper, ratio_verdict`` of R, and ``agree, first_then,
        second_then, crossed``. Verdicts are ``narrowed, widened, reversed, no_clear_change`` or, without an interval,
        ``unknown``; ``agree`` is false where both are clear and differ. ``first_then, second_then`` were compared at
        ``start``; ``crossed``: the same two groups then clearly stood the other way round. Settings that lack one of
        the two groups at either period have no row.
    """
    now, then = (cells[cells["period"] == period] for period in (end, start))
    if now.empty or then.empty or (now["dimension"] == "total").all() or (then["dimension"] == "total").all():
        return pd.DataFrame(columns=_COLUMNS)
    after = _gaps(now, indicators, covariance)
    before = _gaps(then, indicators, covariance)[[*_SETTING, "first_D", "second_D"]]
    before = before.rename(columns={"first_D": "first_then", "second_D": "second_then"})
    found = after.merge(before, on=_SETTING, how="left", validate="one_to_one")
    found = found[found["first_D"].notna()]
    found = _with_start(found, then, indicators, covariance)
    absolute = _moved(found, found["then_1"] - found["then_2"], found["error"], "D", log=False)
    with np.errstate(all="ignore"):
        positive = (found["then_1"] > 0) & (found["then_2"] > 0)
        ratio = np.where(positive, found["then_1"] / found["then_2"], np.nan)
    relative = _moved(found, ratio, np.where(positive, found["log_error"], np.nan), "R", log=True)
    clear = np.isin(absolute["verdict"], _CLEAR) & np.isin(relative["verdict"], _CLEAR)
    return (
        found[_SETTING]
        .assign(
            first=found["first_D"],
            second=found["second_D"],
            **absolute,
            **{f"ratio_{name}": values for name, values in relative.items()},
            agree=~(clear & (absolute["verdict"] != relative["verdict"])),
            first_then=found["first_then"],
            second_then=found["second_then"],
            crossed=absolute["verdict"] == "reversed",
        )[_COLUMNS]
        .reset_index(drop=True)
    )


def _gaps(cells: pd.DataFrame, indicators: pd.DataFrame, covariance: pd.DataFrame | None) -> pd.DataFrame:
    """One row a setting: what is told of D and R."""
    gaps = released_gaps(cells, ["D", "R"], indicators, covariance)
    parts = []
    for code in ("D", "R"):
        one = gaps.loc[gaps["measure"] == code, [*_SETTING, "first", "second", "estimate", "lower", "upper", "clear"]]
        parts.append(one.set_index(_SETTING).add_suffix(f"_{code}"))
    return parts[0].join(parts[1], validate="one_to_one").reset_index()


def _with_start(
    found: pd.DataFrame, then: pd.DataFrame, indicators: pd.DataFrame, covariance: pd.DataFrame | None
) -> pd.DataFrame:
    """The two groups' values at the start, and the error of their difference and of its logarithm."""
    rows = release_settings(then, indicators, covariance).rows
    known = rows[[*_SETTING, "period", "group", "estimate", "_se", "_df", "_false_zero"]]
    for number, name in ((1, "first_D"), (2, "second_D")):
        one = known.drop(columns="period").rename(columns={"group": name})
        one = one.rename(columns={"estimate": f"then_{number}", "_se": f"se_{number}"})
        one = one.rename(columns={"_df": f"df_{number}", "_false_zero": f"false_{number}"})
        found = found.merge(one, on=[*_SETTING, name], how="inner", validate="one_to_one")
    y, s, df = (found[[f"{part}_1", f"{part}_2"]].to_numpy(dtype=float) for part in ("then", "se", "df"))
    s = np.where(found[["false_1", "false_2"]].to_numpy(dtype=bool), np.nan, s)
    shared = _covariance(found, covariance, then)
    both = shared[:, None, None] * (1 - np.eye(2))
    freedom = degrees(np.broadcast_to([1.0, -1.0], s.shape), s, df, both)
    with np.errstate(all="ignore"):
        error = np.sqrt(np.maximum((s**2).sum(axis=1) - 2 * shared, 0))
        log = np.sqrt(np.maximum(((s / y) ** 2).sum(axis=1) - 2 * shared / y.prod(axis=1), 0))
    return found.assign(error=error, log_error=log, z=quantile(LEVEL, freedom))


def _covariance(found: pd.DataFrame, covariance: pd.DataFrame | None, then: pd.DataFrame) -> Array:
    """Covariance of the two groups at the start; 0 where none is given."""
    if covariance is None:
        return np.zeros(len(found))
    given = covariance[covariance["period"].isin(then["period"])]
    shared = np.full(len(found), np.nan)
    for names in (["group", "group_other"], ["group_other", "group"]):
        pairs = given.rename(columns=dict(zip(names, ("first_D", "second_D"), strict=True)))
        pairs = pairs.drop_duplicates([*_SETTING, "first_D", "second_D"])
        one = found.merge(pairs, on=[*_SETTING, "first_D", "second_D"], how="left", validate="many_to_one")
        shared = np.where(np.isnan(shared), one["covariance"].to_numpy(dtype=float), shared)
    return np.asarray(np.nan_to_num(shared))


def _moved(found: pd.DataFrame, start: Array, error: Array, code: str, *, log: bool) -> dict[str, Array]:
    """Start, end, change with its limits, and verdict; of ratios on the log scale."""
    start, error = np.asarray(start, dtype=float), np.asarray(error, dtype=float)
    end, lower, upper = (found[f"{name}_{code}"].to_numpy(dtype=float) for name in ("estimate", "lower", "upper"))
    with np.errstate(all="ignore"):
        before, after, low, high = (np.log(part) if log else part for part in (start, end, lower, upper))
        own = found["z"].to_numpy() * error
        moved = after - before
        bounds = moved - np.hypot(after - low, own), moved + np.hypot(high - after, own)
        clear = found[f"clear_{code}"].to_numpy(dtype=bool)
        words = verdicts(before, after, np.abs(before) > own, clear, *bounds)
        told = [np.exp(part) if log else part for part in (moved, *bounds)]
    words = np.where(np.isfinite(bounds[0]) & np.isfinite(bounds[1]), words, "unknown")
    return dict(zip(("start", "end", "change", "lower", "upper", "verdict"), (start, end, *told, words), strict=True))
