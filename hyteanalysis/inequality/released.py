"""Gaps and their changes in a release's own cells, which a page asks for again and again."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hyteanalysis.cells import KEYS, NUMBERS
from hyteanalysis.inequality.changes import verdicts
from hyteanalysis.inequality.engine import evaluate
from hyteanalysis.inequality.groups import Array
from hyteanalysis.inequality.options import Uncertainty, check_options, choose
from hyteanalysis.inequality.results import CLEAR, Result, refuse
from hyteanalysis.inequality.selection import extremes
from hyteanalysis.inequality.settings import BY, Settings, of_tidy
from hyteanalysis.uncertainty import degrees, quantile

LEVEL = 0.95
_DRAWS = 2_000  # of measures whose corrected limits are simulated
_READ = [*KEYS, "order", *NUMBERS, "reference", "status"]
_NUMBERS = ("estimate", "central", "se", "lower", "upper", "p_equal", "p_value", "df", "gap_sign", "clear")
_WORDS = ("first", "second", "highest", "lowest", "method")


def released_gaps(
    cells: pd.DataFrame, measures: Sequence[str], indicators: pd.DataFrame, covariance: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The rows of :func:`hyteanalysis.disparity` of tidy cells, without checking them again and without words.

    What a reader sees of a gap must not contradict itself, so limits and verdict are made for what was chosen: the pair
    of unordered groups that lies furthest apart has limits that reckon with that choice (``selection.pair_limits``),
    and ``clear`` asks for both ``p_value`` and limits. Where an error is not known, or is a 0 that is no certainty,
    there are no limits.

    Parameters
    ----------
    cells : DataFrame
        Tidy, as :func:`hyteanalysis.tidy` returns them and a release holds them. A mark ``reference`` is read where
        groups have no order.
    measures : list of str
        Codes.
    indicators : DataFrame
        As :func:`hyteanalysis.cells.check_indicators` returns them.
    covariance : DataFrame, optional
        As :func:`hyteanalysis.disparity` takes it.

    Returns
    -------
    DataFrame
        ``indicator, area, period, dimension, measure, estimate, central, se, lower, upper, p_equal, p_value, df,
        gap_sign, clear, first, second, highest, lowest, method``, in the order of settings, then of ``measures``.
        ``central`` is the estimate freed of the upward bias that noise gives it. ``p_value``, of no gap, is what
        a list of chosen gaps holds its false discoveries by: ``p_equal`` where noise inflates the measure or the data
        chose the pair. D = first − second, R = first / second; of several groups of one order a name joins all.
        ``highest`` (``lowest``): ids of the group of the highest (lowest) estimate, then of all that are not clearly
        apart from it.

    Raises
    ------
    MeasureError
        As :func:`hyteanalysis.disparity` does.
    """
    chosen = choose(measures)
    settings = release_settings(cells, indicators, covariance)
    results = evaluate(settings, chosen, Uncertainty(LEVEL, "propagated", "corrected", _DRAWS, None))
    refuse(results, chosen)
    rank = {measure.code: number for number, measure in enumerate(chosen)}
    rows = np.concatenate([result.block.rows for result in results])
    places = np.concatenate([np.full(len(result.block), rank[result.measure.code]) for result in results])
    order = np.lexsort([places, rows])
    names = np.array([measure.code for measure in chosen], dtype=object)
    keys = settings.frame[list(BY)].iloc[rows[order]].reset_index(drop=True)
    said = [_as_said(result) for result in results]
    columns = {name: np.concatenate([one[name] for one in said])[order] for name in (*_NUMBERS, *_WORDS)}
    columns["method"] = pd.array(columns["method"], dtype="str")
    return keys.assign(measure=pd.array(names[places[order]], dtype="str"), **columns)


def release_settings(cells: pd.DataFrame, indicators: pd.DataFrame, covariance: pd.DataFrame | None) -> Settings:
    """Settings of a release's own cells."""
    cells = cells[[name for name in _READ if name in cells]]
    return of_tidy(cells, indicators, options=check_options(None), covariance=covariance)


def _as_said(result: Result) -> dict[str, Array]:
    """The columns of each row, once limits that no error stands behind are emptied."""
    measure, block = result.measure, result.block
    method = np.where(np.isnan(result.estimate), "", result.method).astype(object)
    unknown = block.false_zero | (np.isnan(result.p_equal) if result.distrusted or result.chosen else False)
    for name in ("se", "lower", "upper"):
        setattr(result, name, np.where(unknown, np.nan, getattr(result, name)))
    apart = (result.lower > measure.null) | (result.upper < measure.null)
    numbers = {name: np.asarray(getattr(result, name)) for name in _NUMBERS if name != "clear"}
    return {**numbers, "clear": apart & (result.p_value < CLEAR), **_named(result), "method": method}


def _named(result: Result) -> dict[str, Array]:
    """The two groups that are compared, and those that are highest and lowest or level with these."""
    block, groups, count = result.block, result.block.groups, len(result.block)
    nobody = np.full(count, None, dtype=object)
    if groups.k < 2:
        return {"first": nobody, "second": nobody, "highest": nobody, "lowest": nobody}
    known = ~np.isnan(result.estimate)
    pair = groups.pair_weights if result.measure.of_pair else (np.zeros(groups.y.shape),) * 2
    ends = extremes(groups, block.df.min(axis=1, initial=np.inf, where=~np.isnan(block.df)), LEVEL)
    chance = ~(result.p_equal < CLEAR)
    return {
        **{name: _one(side, block.labels, known) for name, side in zip(("first", "second"), pair, strict=True)},
        "highest": _several(groups.y, ends.highest, ends.level_with_highest | chance[:, None], block.labels, -1),
        "lowest": _several(groups.y, ends.lowest, ends.level_with_lowest | chance[:, None], block.labels, 1),
    }


def _one(chosen: Array, labels: Array, known: Array) -> Array:
    """The id of the chosen group; of several that share an end of the order, joined."""
    rows = np.arange(len(labels))
    number = (chosen != 0).sum(axis=1)
    names: Array = np.full(len(labels), None, dtype=object)
    named = known & (number > 0)
    names[named] = labels[rows, (chosen != 0).argmax(axis=1)][named]
    for row in np.flatnonzero(known & (number > 1)):
        names[row] = " + ".join(labels[row][chosen[row] != 0])
    return names


def _several(y: Array, first: Array, level: Array, labels: Array, sign: int) -> Array:
    """Ids of the extreme group and of those level with it, in the order of their estimates."""
    names = np.full(len(labels), None, dtype=object)
    order = np.lexsort([sign * y, ~first.astype(bool)])
    for row, places in enumerate(order.tolist()):
        names[row] = tuple(labels[row, place] for place in places if level[row, place])
    return names


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
