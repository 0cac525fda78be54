"""Kitagawa and Das Gupta: how much of a gap between two rates goes with composition, how much with rates."""

from collections.abc import Callable, Sequence
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis.cells import CROSS
from hyteanalysis.decomposition.people import pair_of, people
from hyteanalysis.decomposition.result import Array, Decomposition, covariance_of, jacobian, tabulate
from hyteanalysis.errors import MeasureError
from hyteanalysis.rates import grid
from hyteanalysis.uncertainty import normal_quantile

COMPOSITION, RATES = "composition", "rates"
Split = Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]]


def kitagawa(
    cells: pd.DataFrame,
    *,
    between: str,
    groups: Sequence[object] | None = None,
    by: str | Sequence[str],
    rate: str = "estimate",
    population: str = "population",
    se: str = "se",
    level: float = 0.95,
) -> Decomposition:
    """Take the gap between two rates apart into composition and rates.

    Answers: *how much of the gap is there because the groups are made up differently (older, …), how much because
    people alike in that have different rates?*

    Formula (Kitagawa 1955), with shares f and rates r of the categories: Σ(f₁ − f₂)(r₁ + r₂)/2 + Σ(r₁ − r₂)(f₁ + f₂)/2.
    With several columns in ``by``, Das Gupta's (1993): the shares are a product of one term for each column, and the
    composition's effect is shared out over the terms, averaged over all orders in which they may be exchanged.

    Parameters
    ----------
    cells : DataFrame
        One row for each group and category.
    between : str
        Column of the two groups (or areas, or periods).
    groups : pair, optional
        The gap is first − second.
    by : str or list of str
        Columns of categories.
    rate, population, se : str
        Columns of the rate, of the people, and of the rate's standard error (may be absent). People count as known.
    level : float
        Confidence level.

    Returns
    -------
    Decomposition
        ``frame``: ``composition`` of each column of ``by``, and ``rates``. With one column, ``detail`` holds every
        category's part: its composition effect is told against the mean rate, so that it is 0 for an average category.

    Raises
    ------
    MeasureError
        For unknown columns, categories missing, hidden or repeated, groups of the same composition.

    Notes
    -----
    Sums over categories hide opposite differences within them: read ``detail``. Not for categories that the outcome
    itself decides.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.DataFrame({"area": ["A", "A", "B", "B"], "age": ["young", "old"] * 2,
    ...                       "population": [800, 200, 500, 500], "estimate": [10.0, 40.0, 12.0, 42.0]})
    >>> found = kitagawa(cells, between="area", groups=("B", "A"), by="age")
    >>> found.parts[["part", "estimate"]].round(2)
              part  estimate
    0  composition       9.0
    1        rates       2.0
    2        total      11.0
    """
    normal_quantile(level)
    by = grid.names(by)
    grid.need(cells, [between, *by, rate, population])
    pair = pair_of(cells[between], groups)
    rows = cells[cells[between].isin(pair)]
    if rows.duplicated([between, *by]).any():
        raise MeasureError(f"Some rows repeat the same {', '.join([between, *by])}: keep one row for each.")
    kinds = [sorted(rows[name].unique(), key=str) for name in by]
    shape = (2, *(len(one) for one in kinds))
    place = [pd.Index(pair).get_indexer(rows[between])]
    place += [pd.Index(one).get_indexer(rows[name]) for name, one in zip(by, kinds, strict=True)]
    n, r, s = (np.zeros(shape), np.full(shape, np.nan), np.full(shape, np.nan))
    n[tuple(place)] = grid.number(rows, population)
    r[tuple(place)] = grid.number(rows, rate)
    if se in rows:
        s[tuple(place)] = grid.number(rows, se)
    _complete(n, r, pair, kinds)
    few = np.full(shape, np.nan)
    if "respondents" in rows:
        few[tuple(place)] = grid.number(rows, "respondents")
    known = n > 0
    covariance = np.diag(s[known] ** 2) if not np.isnan(s[known]).any() else None

    def moved(theta: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        rates = np.zeros(shape, dtype=theta.dtype)
        rates[known] = theta
        return n.astype(theta.dtype), rates

    def error(split: Split) -> Array | None:
        if covariance is None:
            return None
        slope = jacobian(lambda theta: split(*moved(theta)), r[known])
        return slope @ covariance @ slope.T

    return _told(n, np.where(known, r, 0.0), by, kinds, pair, level, error, few, 0)


def kitagawa_people(
    data: pd.DataFrame, *, outcome: str, between: str, groups: Sequence[object] | None, factors: Sequence[str],
    weight: str | None, strata: str | None, cluster: str | None, level: float,
) -> Decomposition:  # fmt: skip
    """The same from person rows, where the composition is estimated as well."""
    normal_quantile(level)
    rows = people(
        data, outcome=outcome, between=between, groups=groups, factors=factors, weight=weight, strata=strata,
        cluster=cluster,
    )  # fmt: skip
    by = list(rows.factors)
    codes, kinds = zip(*(pd.factorize(rows.factors[name], sort=True) for name in by), strict=True)
    shape = (2, *(len(one) for one in kinds))
    cell = np.ravel_multi_index((rows.second.astype(int), *codes), shape)
    size = int(np.prod(shape))
    n: Array = np.bincount(cell, rows.weight, size).reshape(shape).astype(float)
    y: Array = np.bincount(cell, rows.weight * rows.y, size).reshape(shape).astype(float)
    with np.errstate(invalid="ignore"):
        r = y / n
    _complete(n, r, list(rows.groups), [list(one) for one in kinds])
    known = (n > 0).ravel()

    def error(split: Split) -> Array:
        def components(theta: NDArray[Any]) -> NDArray[Any]:
            counts, sums = (np.zeros(size, dtype=theta.dtype) for _ in range(2))
            counts[known], sums[known] = theta[: known.sum()], theta[known.sum() :]
            rates = np.zeros(size, dtype=theta.dtype)
            rates[known] = sums[known] / counts[known]
            return split(counts.reshape(shape), rates.reshape(shape))

        slope = jacobian(components, np.concatenate([n.ravel()[known], y.ravel()[known]]))
        at = np.cumsum(known) - 1
        mine = at[cell]
        linear = slope[:, mine] + slope[:, known.sum() + mine] * rows.y
        return covariance_of((rows.weight * linear).T, rows.unit, rows.stratum)

    few = np.bincount(cell, minlength=size).reshape(shape).astype(float)
    names = [list(one) for one in kinds]
    return _told(n, np.where(n > 0, r, 0.0), by, names, list(rows.groups), level, error, few, rows.missing)


def _told(
    n: Array, r: Array, by: list[str], kinds: list[list[Any]], pair: list[Any], level: float,
    error: Callable[[Split], Array | None], few: Array, missing: int,
) -> Decomposition:  # fmt: skip
    shares = n / n.sum(axis=tuple(range(1, n.ndim)), keepdims=True)
    if np.abs(shares[0] - shares[1]).max() < 1e-12:
        raise MeasureError(
            f"Groups {str(pair[0])!r} and {str(pair[1])!r} have the same composition by {', '.join(by)}: all of the "
            "gap is in the rates, and there is nothing to take apart."
        )
    keys = pd.DataFrame({"factor": [*by, ""], "part": [COMPOSITION] * len(by) + [RATES]})
    least = float(np.nanmin(few)) if np.isfinite(few).any() else np.nan
    keys["respondents"] = [least] * len(keys)
    frame, parts, total = tabulate(keys, np.real(effects(n, r)), error(effects), level=level)
    detail = None
    if len(by) == 1:
        names = [str(kind) for kind in kinds[0]]
        fine = pd.DataFrame({"factor": names * 2, "part": [COMPOSITION] * len(names) + [RATES] * len(names)})
        known = np.where(n > 0, few, np.nan)
        fine["respondents"] = np.tile(np.where(np.isnan(known).all(axis=0), np.nan, np.fmin(known[0], known[1])), 2)
        detail, _, _ = tabulate(fine, np.real(by_category(n, r)), error(by_category), level=level)
    return Decomposition(
        method="kitagawa", total=total, frame=frame, parts=parts, groups=(str(pair[0]), str(pair[1])),
        factors=tuple(by), level=level, detail=detail, missing=missing,
    )  # fmt: skip


def effects(n: NDArray[Any], r: NDArray[Any]) -> NDArray[Any]:
    """Effect of each column's composition and of the rates, from people and rates of two groups × categories."""
    terms = [_term(n, column) for column in range(n.ndim - 1)]
    count, average = len(terms), r.mean(axis=0)
    found = np.zeros(count + 1, dtype=np.result_type(n, r))
    for own in range(count):
        others = [i for i in range(count) if i != own]
        for size in range(count):
            weight = factorial(size) * factorial(count - 1 - size) / factorial(count)
            for chosen in combinations(others, size):
                rest = weight * average
                for other in others:
                    rest = rest * terms[other][0 if other in chosen else 1]
                found[own] += (rest * (terms[own][0] - terms[own][1])).sum()
    f = n / n.sum(axis=tuple(range(1, n.ndim)), keepdims=True)
    found[count] = (f.mean(axis=0) * (r[0] - r[1])).sum()
    return found


def by_category(n: NDArray[Any], r: NDArray[Any]) -> NDArray[Any]:
    """Composition effect of each category against the mean rate, then the rates' effect of each."""
    f = n / n.sum(axis=1, keepdims=True)
    crude = (f * r).sum(axis=1).mean()
    return np.concatenate([(f[0] - f[1]) * (r.mean(axis=0) - crude), (r[0] - r[1]) * f.mean(axis=0)])


def _term(n: NDArray[Any], column: int) -> NDArray[Any]:
    """What one column contributes to the shares: the product of all columns' terms is the share (Das Gupta 1993)."""
    axes = range(1, n.ndim)
    others = [axis for axis in axes if axis != column + 1]
    term = np.ones(n.shape, dtype=n.dtype)
    for size in range(len(others) + 1):
        power = factorial(size) * factorial(len(others) - size) / factorial(len(others) + 1)
        for held in combinations(others, size):
            above = n.sum(axis=tuple(axis for axis in axes if axis not in (*held, column + 1)), keepdims=True)
            below = n.sum(axis=tuple(axis for axis in axes if axis not in held), keepdims=True)
            ratio = np.where(above != 0, above / np.where(below != 0, below, 1), 0)
            positive = np.where(ratio != 0, ratio, 1)
            term = term * np.where(ratio != 0, positive**power, 0)
    return term


def _complete(n: Array, r: Array, pair: list[Any], kinds: list[list[Any]]) -> None:
    """Every category that has people has a rate, in both groups."""
    if (np.isnan(n) | (n < 0)).any():
        raise MeasureError("population is empty or negative on some rows: give the number of people.")
    lacking = np.argwhere((n == 0) if len(kinds) == 1 else ((n == 0) != (n[::-1] == 0)) & (n == 0))
    unknown = np.argwhere((n > 0) & np.isnan(r))
    for places, why in ((lacking, "has nobody"), (unknown, "has no rate (missing or hidden)")):
        if len(places):
            group, *categories = places[0]
            named = CROSS.join(str(kinds[i][c]) for i, c in enumerate(categories))
            raise MeasureError(
                f"Group {str(pair[group])!r} {why} in category {named!r}"
                f"{f' and {len(places) - 1} more' if len(places) > 1 else ''}: people alike cannot be compared there. "
                "Join categories, or leave them out."
            )
