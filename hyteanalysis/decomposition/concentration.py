"""Concentration index taken apart: what each factor contributes to an outcome's gradient along social position."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hyteanalysis.decomposition.people import _number
from hyteanalysis.decomposition.result import Array, Decomposition, listed, tabulate
from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.uncertainty import normal_quantile

RESIDUAL = "residual"
CHUNK = 4_000_000  # numbers held at once while bootstrapping


@dataclass(frozen=True)
class Terms:
    """Elasticity and concentration index of each factor, and the residual; with bootstrap draws of all."""

    factors: tuple[str, ...]
    elasticity: Array
    index: Array
    residual: float
    drawn: tuple[Array, Array, Array] | None


def concentration(
    data: pd.DataFrame,
    *,
    outcome: str,
    rank: str,
    factors: Sequence[str],
    weight: str | None = None,
    strata: str | None = None,
    cluster: str | None = None,
    se: str | None = None,
    draws: int = 500,
    seed: int | None = None,
    level: float = 0.95,
) -> Decomposition:
    """Take a concentration index apart by factors.

    Answers: *which factors go with the outcome being more common at one end of the social scale?*

    Formula: with y = α + Σβₖxₖ + ε, C = Σ(βₖx̄ₖ/μ)Cₖ + GC_ε/μ: each factor contributes its elasticity times its own
    concentration index Cₖ; the rest is the residual. A category contributes through its indicator.

    Parameters
    ----------
    data : DataFrame
        One row a person, or a cell with its people as ``weight``.
    outcome, rank : str
        Columns of the outcome (its mean above 0) and of social position; the smallest is the most disadvantaged, equal
        ones share their rank.
    factors : list of str
        Columns: numbers as they are, texts and truth values as categories.
    weight, strata, cluster : str, optional
        Sampling weight, stratum, primary sampling unit: whole units are drawn again within their strata.
    se : str, optional
        Column of the outcome's standard errors, where a row is a cell: then the outcome is drawn from them, and rows
        are not drawn again.
    draws : int
        Bootstrap samples, or draws from the errors; 0 gives no limits.
    seed : int, optional
        The same seed gives the same limits.
    level : float
        Confidence level.

    Returns
    -------
    Decomposition
        ``frame``: ``factor, part`` (``contribution`` or ``residual``), ``estimate, se, lower, upper, share, elasticity,
        index, respondents``; limits are percentiles of the bootstrap. ``detail`` has the categories.

    Raises
    ------
    MeasureError
        A factor without variation or that repeats another, an outcome whose mean is not above 0, ``draws`` of 1 to 49.

    Notes
    -----
    Not for an outcome that may be negative. A contribution is not an effect: it says what goes together in these data.
    Wagstaff, van Doorslaer & Watanabe 2003.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"income": range(8), "age": [70, 60, 65, 40, 50, 30, 45, 20],
    ...                        "ill": [1, 1, 1, 0, 1, 0, 0, 0]})
    >>> found = concentration(people, outcome="ill", rank="income", factors=["age"], draws=0)
    >>> found.frame[["factor", "part", "estimate"]].round(3)
         factor          part  estimate
    0       age  contribution    -0.426
    1  residual      residual    -0.012
    """
    normal_quantile(level)
    factors = [factors] if isinstance(factors, str) else list(factors)
    wanted = [outcome, rank, *factors, *(name for name in (weight, strata, cluster, se) if name)]
    for column in wanted:
        one_of(column, list(data.columns), "column", MeasureError)
    if not factors:
        raise MeasureError("factors= is empty. Name at least one factor: a column that the index is taken apart by.")
    if draws and draws < 50:
        raise MeasureError(f"draws={draws} bootstrap samples tell no limits. Use 0 for none, or at least 50.")
    rows = data[data[list(dict.fromkeys(wanted))].notna().all(axis=1)].reset_index(drop=True)
    if rows.empty:
        raise MeasureError(f"No row has a value in all of {listed(wanted)}: nothing is left to take apart.")
    y, position = _number(rows[outcome], outcome), _number(rows[rank], rank)
    w = np.ones(len(rows)) if weight is None else _number(rows[weight], weight)
    x, columns = _columns(rows, factors)
    if w @ y <= 0:
        raise MeasureError(f"The mean of {outcome!r} is not above 0, and the index is divided by it.")
    tied = np.unique(position, return_inverse=True)[1]
    elasticity, index, residual = _terms(x, y[None], w[None], tied)
    member = (np.array(factors)[:, None] == columns["factor"].to_numpy()).astype(float)
    drawn = contributions = None
    if draws:
        rng = np.random.default_rng(seed)
        if se is None:
            samples, outcomes = _resampled(rows, w, strata, cluster, draws, rng), np.broadcast_to(y, (draws, len(y)))
        else:
            outcomes = y + _number(rows[se], se) * rng.standard_normal((draws, len(y)))
            samples = np.broadcast_to(w, outcomes.shape)
        step = max(1, CHUNK // (len(rows) * max(x.shape[1], 1)))
        found = [
            _terms(x, outcomes[start : start + step], samples[start : start + step], tied)
            for start in range(0, draws, step)
        ]
        first, second, third = (np.concatenate([one[i] for one in found]) for i in range(3))
        drawn = (first, second, third)
        contributions = np.concatenate([(drawn[0] * drawn[1]) @ member.T, drawn[2][:, None]], axis=1)
    values = np.append(member @ (elasticity[0] * index[0]), residual[0])
    covariance = None if contributions is None else np.cov(contributions, rowvar=False)
    alone = member.sum(axis=1) == 1
    keys = pd.DataFrame(
        {
            "factor": [*factors, RESIDUAL],
            "part": ["contribution"] * len(factors) + [RESIDUAL],
            "elasticity": [*np.where(alone, member @ elasticity[0], np.nan), np.nan],
            "index": [*np.where(alone, member @ index[0], np.nan), np.nan],
            "respondents": float(len(rows)) if se is None and (weight is None or strata or cluster) else np.nan,
        }
    )
    frame, parts, total = tabulate(keys, values, covariance, level=level, draws=contributions)
    fine = columns.assign(elasticity=elasticity[0], index=index[0], estimate=elasticity[0] * index[0])
    return Decomposition(
        method="concentration", total=total, frame=frame, parts=parts, groups=(), factors=tuple(factors), level=level,
        missing=len(data) - len(rows), detail=fine,
        fit=Terms(tuple(factors), elasticity[0], index[0], float(residual[0]), drawn),
    )  # fmt: skip


def _columns(rows: pd.DataFrame, factors: list[str]) -> tuple[Array, pd.DataFrame]:
    """Numbers, and an indicator of every category but the most common one (which one is left out changes no sum)."""
    wide, named = [], []
    for name in factors:
        values = rows[name]
        if values.nunique() < 2:
            raise MeasureError(f"Factor {name!r} does not vary: what it contributes cannot be told. Leave it out.")
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            wide.append(values.to_numpy(dtype=float))
            named.append((name, ""))
            continue
        labels = values.astype("str")
        for kind in sorted(labels.unique())[1:]:
            wide.append((labels == kind).to_numpy(dtype=float))
            named.append((name, kind))
    x = np.stack(wide, axis=1)
    if np.linalg.matrix_rank(np.concatenate([np.ones((len(x), 1)), x], axis=1)) <= x.shape[1]:
        raise MeasureError(f"The factors {listed(factors)} repeat each other. Leave one out.")
    return x, pd.DataFrame(named, columns=["factor", "category"])


def _terms(x: Array, y: Array, w: Array, tied: np.ndarray) -> tuple[Array, Array, Array]:
    """Elasticities and concentration indices (samples × columns), residuals (samples), for many samples at once."""
    total = w.sum(axis=1, keepdims=True)
    p = w / total
    order = np.argsort(tied, kind="stable")
    start = np.flatnonzero(np.diff(tied[order], prepend=-1))
    by_rank = np.add.reduceat(p[:, order], start, axis=1)
    middle = (np.cumsum(by_rank, axis=1) - by_rank / 2)[:, tied] - 0.5
    mean = p @ x
    average = (p * y).sum(axis=1)
    centred = x[None] - mean[:, None, :]
    weighted = centred * p[:, :, None]
    square = np.einsum("bnk,bnl->bkl", weighted, centred)
    beta = np.linalg.solve(square, np.einsum("bnk,bn->bk", weighted, y)[:, :, None])[:, :, 0]
    general = 2 * np.einsum("bn,nk->bk", p * middle, x)
    with np.errstate(divide="ignore", invalid="ignore"):
        elasticity = beta * mean / average[:, None]
        index = np.where(mean != 0, general / mean, 0.0)
    whole = 2 * (p * middle * y).sum(axis=1) / average
    return elasticity, index, whole - (beta * general).sum(axis=1) / average


def _resampled(
    rows: pd.DataFrame, w: Array, strata: str | None, cluster: str | None, draws: int, rng: np.random.Generator
) -> Array:
    """Weights of bootstrap samples: each stratum's units drawn again, as many as there are."""
    unit = np.arange(len(rows)) if cluster is None else pd.factorize(rows[cluster])[0]
    stratum = np.zeros(len(rows), dtype=int) if strata is None else pd.factorize(rows[strata])[0]
    unit = pd.factorize(pd.Series(stratum.astype(np.int64) * (int(unit.max()) + 1) + unit))[0]
    home = np.zeros(int(unit.max()) + 1, dtype=int)
    home[unit] = stratum
    times = np.empty((draws, len(home)))
    for one in range(int(stratum.max()) + 1):
        members = np.flatnonzero(home == one)
        times[:, members] = rng.multinomial(len(members), np.full(len(members), 1 / len(members)), size=draws)
    return times[:, unit] * w
