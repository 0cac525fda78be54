"""Person rows of the two groups compared: which two, checked columns, complete rows, weights and sampling units."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis.decomposition.result import Array, listed
from hyteanalysis.errors import MeasureError, counted, one_of

Codes = NDArray[np.intp]


@dataclass(frozen=True)
class People:
    """Complete person rows of two groups.

    Attributes
    ----------
    y, weight : array
        Outcome and weight (mean 1).
    second : bool array
        Whether the person is of the second group.
    factors : DataFrame
        The factors' columns.
    unit, stratum : array of int
        Primary sampling unit and stratum.
    groups : tuple of str
    missing : int
        Rows of the two groups left out.
    """

    y: Array
    weight: Array
    second: NDArray[np.bool_]
    factors: pd.DataFrame
    unit: Codes
    stratum: Codes
    groups: tuple[str, str]
    missing: int


def people(
    data: pd.DataFrame,
    *,
    outcome: str,
    between: str,
    groups: Sequence[object] | None,
    factors: Sequence[str],
    weight: str | None,
    strata: str | None,
    cluster: str | None,
) -> People:
    """Check and gather the rows of two groups."""
    factors = [factors] if isinstance(factors, str) else list(factors)
    if not factors:
        raise MeasureError("Name at least one factor that the gap is to be taken apart by.")
    for column in [outcome, between, *factors, *(name for name in (weight, strata, cluster) if name)]:
        one_of(column, list(data.columns), "column", MeasureError)
    twice = [name for name in factors if name in (outcome, between)]
    if twice:
        raise MeasureError(f"{twice[0]!r} is the outcome or the grouping, so it cannot be a factor as well.")
    pair = pair_of(data[between], groups)
    rows = data[data[between].isin(pair)]
    used = rows[[outcome, between, *factors, *(name for name in (weight, strata, cluster) if name)]]
    whole = rows[used.notna().all(axis=1)]
    y = _number(whole[outcome], outcome)
    w = np.ones(len(whole)) if weight is None else _number(whole[weight], weight)
    if (w < 0).any():
        raise MeasureError(f"{weight!r} is negative on {counted((w < 0).sum(), 'row')}. Weights are 0 or more.")
    second = (whole[between] == pair[1]).to_numpy()
    for name, members in zip(pair, (~second, second), strict=True):
        if not (w * members).any():
            raise MeasureError(f"{between} {name!r} has no complete rows: every row lacks the outcome or a factor.")
    unit = np.arange(len(whole)) if cluster is None else pd.factorize(whole[cluster])[0]
    stratum = np.zeros(len(whole), dtype=np.intp) if strata is None else pd.factorize(whole[strata])[0]
    if cluster is not None:  # unit 1 of two strata is two units
        unit = pd.factorize(pd.Series(stratum.astype(np.int64) * (int(unit.max()) + 1) + unit))[0]
    return People(
        y=y, weight=w / w.mean(), second=second, factors=whole[factors].reset_index(drop=True),
        unit=unit.astype(np.intp), stratum=stratum.astype(np.intp), groups=(str(pair[0]), str(pair[1])),
        missing=len(rows) - len(whole),
    )  # fmt: skip


def _number(values: "pd.Series[float]", name: str) -> Array:
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.isna().any():
        wrong = values[numbers.isna()].iloc[0]
        raise MeasureError(f"{name!r} holds {wrong!r}, which is not a number. Code it 0 and 1, or as a number.")
    found: Array = numbers.to_numpy(dtype=float)
    return found


def pair_of(column: "pd.Series[str]", groups: Sequence[object] | None) -> list[object]:
    """The two groups named, or the only two there are.

    Raises
    ------
    MeasureError
        Where they are not two different ones of the column.
    """
    there = sorted(column.dropna().unique(), key=str)
    pair = there if groups is None else list(groups)
    if len(pair) != 2 or pair[0] == pair[1]:
        raise MeasureError(
            f"Two groups are compared, but {column.name!r} gives {listed(pair)}. Name two in groups=: {listed(there)}."
        )
    for group in pair:
        one_of(group, there, f"group of {column.name!r}", MeasureError)
    return pair
