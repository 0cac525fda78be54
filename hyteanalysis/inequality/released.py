"""Gaps of a release's own cells: they were checked when it was made, and a page asks for gaps again and again."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hyteanalysis.cells import KEYS, NUMBERS
from hyteanalysis.inequality.engine import evaluate
from hyteanalysis.inequality.groups import Array
from hyteanalysis.inequality.options import Uncertainty, check_options, choose
from hyteanalysis.inequality.results import CLEAR, Result, refuse
from hyteanalysis.inequality.selection import extremes
from hyteanalysis.inequality.settings import BY, Settings, of_tidy

LEVEL = 0.95
DRAWS = 2_000  # of measures whose corrected limits are simulated
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
    results = evaluate(settings, chosen, Uncertainty(LEVEL, "propagated", "corrected", DRAWS, None))
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
