"""Gaps of a release's own cells: they were checked when it was made, and a page asks for gaps again and again."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from hyteanalysis.cells import KEYS, NUMBERS
from hyteanalysis.inequality.changes import verdicts
from hyteanalysis.inequality.engine import evaluate
from hyteanalysis.inequality.options import Uncertainty, check_options, choose
from hyteanalysis.inequality.results import CLEAR, Result, refuse
from hyteanalysis.inequality.settings import BY, of_tidy
from hyteanalysis.uncertainty import normal_quantile, simultaneous_quantile

LEVEL = 0.95
_READ = [*KEYS, "order", *NUMBERS, "status"]
_NUMBERS = ("estimate", "se", "lower", "upper", "p_equal", "gap_sign", "clear")


def released_gaps(cells: pd.DataFrame, measures: Sequence[str], indicators: pd.DataFrame) -> pd.DataFrame:
    """The rows of :func:`hyteanalysis.disparity` of tidy cells, without checking them again and without words.

    What a reader sees of a gap must not contradict itself. So ``p_equal`` stands beside every gap; and the pair of
    unordered groups, which is chosen for lying furthest apart, has simultaneous limits (Scheffé: ±√χ²(k − 1) standard
    errors) where equality of all groups is not rejected: those of D then hold 0. Where an error is
    not known, or is a 0 that is no certainty, there are no limits.

    Parameters
    ----------
    cells : DataFrame
        Tidy, as :func:`hyteanalysis.tidy` returns them and a release holds them; a mark ``reference`` is not read.
    measures : list of str
        Codes.
    indicators : DataFrame
        As :func:`hyteanalysis.cells.check_indicators` returns them.

    Returns
    -------
    DataFrame
        ``indicator, area, period, dimension, measure, estimate, se, lower, upper, p_equal, gap_sign, clear, method``;
        ``clear`` is what :func:`change_between` asks of both gaps. In the order of settings, then of ``measures``.

    Raises
    ------
    MeasureError
        As :func:`hyteanalysis.disparity` does.
    """
    chosen = choose(measures)
    cells = cells[[name for name in _READ if name in cells]]
    settings = of_tidy(cells, indicators, options=check_options(None))
    results = evaluate(settings, chosen, Uncertainty(LEVEL, "propagated", "plain", 10_000, None))
    refuse(results, chosen)
    methods = [_as_said(result) for result in results]
    rank = {measure.code: number for number, measure in enumerate(chosen)}
    rows = np.concatenate([result.block.rows for result in results])
    places = np.concatenate([np.full(len(result.block), rank[result.measure.code]) for result in results])
    order = np.lexsort([places, rows])
    names = np.array([measure.code for measure in chosen], dtype=object)
    keys = settings.frame[list(BY)].iloc[rows[order]].reset_index(drop=True)
    numbers = {name: np.concatenate([_column(result, name) for result in results])[order] for name in _NUMBERS}
    return keys.assign(
        measure=pd.array(names[places[order]], dtype="str"),
        **numbers,
        method=pd.array(np.concatenate(methods)[order], dtype="str"),
    )


def _as_said(result: Result) -> np.ndarray[Any, Any]:
    """How the limits of each row were made, once those that would contradict the words beside them are replaced."""
    measure, groups, value = result.measure, result.block.groups, result.estimate
    method = np.where(np.isnan(value), "", result.method).astype(object)
    if measure.of_pair and result.distrusted and groups.k > 2:
        chance = result.p_equal >= CLEAR
        half = simultaneous_quantile(groups.k, LEVEL) * result.link_se
        with np.errstate(all="ignore"):
            wide = (
                (value / np.exp(half), value * np.exp(half)) if measure.link == "log" else (value - half, value + half)
            )
        result.lower, result.upper = (
            np.where(chance, new, old) for new, old in zip(wide, (result.lower, result.upper), strict=True)
        )
        method[chance] += ", simultaneous"
    unknown = result.block.false_zero | (np.isnan(result.p_equal) if result.distrusted else False)
    for name in ("se", "lower", "upper"):
        setattr(result, name, np.where(unknown, np.nan, getattr(result, name)))
    return method


def _column(result: Result, name: str) -> np.ndarray[Any, Any]:
    return np.asarray(getattr(result, name))


def change_between(start: Mapping[str, Any], end: Mapping[str, Any]) -> dict[str, Any]:
    """Change of an absolute gap between two rows of :func:`released_gaps`, as :func:`hyteanalysis.disparity_change`.

    ``start, end, change, lower, upper, verdict``; errors of the two gaps are taken as independent.

    >>> row = {"estimate": 12.0, "se": 1.0, "clear": True}
    >>> change_between(row, {"estimate": 8.0, "se": 1.0, "clear": True})["verdict"]
    'narrowed'
    """
    moved = end["estimate"] - start["estimate"]
    half = normal_quantile(LEVEL) * np.sqrt(start["se"] ** 2 + end["se"] ** 2)
    lower, upper = moved - half, moved + half
    before, after, sure, still = (
        np.array([value]) for value in (start["estimate"], end["estimate"], start["clear"], end["clear"])
    )
    told = verdicts(before, after, sure, still, np.array([lower]), np.array([upper]))
    return {
        "start": start["estimate"],
        "end": end["estimate"],
        "change": moved,
        "lower": lower,
        "upper": upper,
        "verdict": str(told[0]),
    }
