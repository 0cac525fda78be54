"""Indices of inequality taken apart: concentration index by factor, Theil and mean log deviation by area or group."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis.decomposition.people import _number
from hyteanalysis.decomposition.result import Array, Decomposition, listed, tabulate
from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.rates import grid
from hyteanalysis.uncertainty import normal_quantile, wald

RESIDUAL = "residual"
_CHUNK = 4_000_000  # numbers held at once while bootstrapping


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
        step = max(1, _CHUNK // (len(rows) * max(x.shape[1], 1)))
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


_BETWEEN, _WITHIN = "between", "within"


def theil(
    data: pd.DataFrame,
    *,
    within: str,
    by: str | Sequence[str] = (),
    value: str = "estimate",
    population: str = "population",
    se: str = "se",
    index: str = "theil",
    level: float = 0.95,
) -> Decomposition:
    """Take inequality apart into what lies between areas (or groups) and what lies within them.

    Answers: *are the differences mainly between counties, or within them?*

    Formula, with population shares p, mean μ, and P, μ_g of the whole g: Theil T = Σ p(y/μ)ln(y/μ) =
    Σ P(μ_g/μ)ln(μ_g/μ) (between) + Σ P(μ_g/μ)T_g (within). Mean log deviation
    L = Σ p ln(μ/y) = Σ P ln(μ/μ_g) + Σ P L_g.

    Parameters
    ----------
    data : DataFrame
        One row a unit (municipality, group …).
    within : str
        Column of the wholes that units lie in.
    by : str or list of str
        Columns that split the rows into settings, such as indicator and period; each is taken apart by itself.
    value, population, se : str
        Columns of the level (above 0), the people, and the standard error (may be absent).
    index : {"theil", "mld"}
    level : float
        Confidence level.

    Returns
    -------
    Decomposition
        ``frame``: ``*by, factor, part, estimate, se, lower, upper, share, noise, respondents``: one row ``between``
        (factor empty) and one ``within`` each whole; they add up to the index of the setting. ``noise`` is the part
        that chance alone is expected to add. ``parts`` has ``between, within, total`` of each setting. ``total`` is the
        index where there is one setting, else empty.

    Raises
    ------
    MeasureError
        A level of 0 or below (the logarithm has no value), unknown columns, a whole without people.

    Notes
    -----
    The index is not multiplied by 1000 as ``TI`` and ``MLD`` of ``hyte.disparity`` are. Small units swing by chance,
    and that looks like inequality within: read ``noise`` beside, or use shrunken values. Theil 1967; Shorrocks 1980.

    Examples
    --------
    >>> import pandas as pd
    >>> towns = pd.DataFrame({"county": ["A", "A", "B", "B"], "estimate": [10.0, 12.0, 20.0, 20.0],
    ...                       "population": [1000, 1000, 1000, 1000]})
    >>> theil(towns, within="county").parts[["part", "estimate", "share"]].round(4)
          part  estimate   share
    0  between    0.0428  0.9668
    1   within    0.0015  0.0332
    2    total    0.0442  1.0000
    """
    one_of(index, ("theil", "mld"), "index", MeasureError)
    by = grid.names(by)
    grid.need(data, [within, *by, value, population])
    y, n = grid.number(data, value), grid.number(data, population)
    missing = int((np.isnan(y) | np.isnan(n)).sum())
    rows = data[~(np.isnan(y) | np.isnan(n))].reset_index(drop=True)
    if rows.empty:
        raise MeasureError(f"No row has both {value!r} and {population!r}.")
    y, n = grid.number(rows, value), grid.number(rows, population)
    if (y <= 0).any():
        wrong = rows.loc[y <= 0].iloc[0]
        raise MeasureError(
            f"{value!r} is {wrong[value]:g} in {within} {wrong[within]!r}: the index takes the logarithm of levels, so "
            "they must be above 0. Use shrunken values, or a measure that allows 0 (BGV)."
        )
    s = grid.number(rows, se) if se in rows else np.full(len(rows), np.nan)
    setting, keys = grid.settings(rows, by)
    whole, wholes = grid.settings(rows, [*by, within])
    first = np.unique(whole, return_index=True)[1]
    home = setting[first]
    people = grid.total(setting, n, len(keys))
    if (grid.total(whole, n, len(wholes)) <= 0).any():
        raise MeasureError(f"A {within} has no people: give {population!r} above 0.")
    p = n / people[setting]
    mean = grid.total(setting, p * y, len(keys))
    part = grid.total(whole, p, len(wholes))
    average = grid.total(whole, p * y, len(wholes)) / part
    relative, own = average / mean[home], y / average[whole]
    if index == "theil":
        between = grid.total(home, part * relative * np.log(relative), len(keys))
        inside = grid.total(whole, p * (y / mean[setting]) * np.log(own), len(wholes))
        slope = {
            _BETWEEN: p / mean[setting] * (np.log(relative[whole]) - between[setting]),
            _WITHIN: p / mean[setting] * (np.log(own) - grid.total(home, inside, len(keys))[setting]),
        }
        local = p / mean[setting] * np.log(own)
    else:
        between = -grid.total(home, part * np.log(relative), len(keys))
        inside = -grid.total(whole, p * np.log(own), len(wholes))
        slope = {
            _BETWEEN: p * (1 / mean[setting] - 1 / average[whole]),
            _WITHIN: p * (1 / average[whole] - 1 / y),
        }
        local = p * (1 / average[whole] - 1 / y)
    slope["total"] = slope[_BETWEEN] + slope[_WITHIN]
    q = 1 / (2 * mean**2)
    chance = {
        _BETWEEN: q * grid.total(home, grid.total(whole, (p * s) ** 2, len(wholes)) * (1 / part - 1), len(keys)),
        "total": q * grid.total(setting, p * (1 - p) * s**2, len(keys)),
    }
    chance[_WITHIN] = chance["total"] - chance[_BETWEEN]
    amount = {_BETWEEN: between, _WITHIN: grid.total(home, inside, len(keys))}
    amount["total"] = amount[_BETWEEN] + amount[_WITHIN]
    parts = pd.concat([
        keys.assign(part=name, **_numbers(amount[name], np.sqrt(grid.total(setting, (slope[name] * s) ** 2, len(keys))),
                                          amount["total"], level), noise=chance[name])
        for name in (_BETWEEN, _WITHIN, "total")
    ])  # fmt: skip
    few = grid.number(rows, "respondents") if "respondents" in rows else np.full(len(rows), np.nan)
    least = pd.Series(few).groupby(whole).min().to_numpy()
    error = _inside_error(local, slope, p, y, s, whole, setting, inside, mean, index)
    noise = q[home] * (grid.total(whole, p * s**2, len(wholes)) - grid.total(whole, (p * s) ** 2, len(wholes)) / part)
    frame = pd.concat([
        keys.assign(factor="", part=_BETWEEN, **_numbers(
            between, np.sqrt(grid.total(setting, (slope[_BETWEEN] * s) ** 2, len(keys))), amount["total"], level
        ), noise=chance[_BETWEEN], respondents=np.nan),
        wholes.rename(columns={within: "factor"}).assign(part=_WITHIN, **_numbers(
            inside, error, amount["total"][home], level
        ), noise=noise, respondents=least),
    ]).reset_index(drop=True)  # fmt: skip
    total = float(amount["total"][0]) if len(keys) == 1 else np.nan
    return Decomposition(
        method="theil", total=total, frame=frame.astype({"factor": "str"}), parts=parts.reset_index(drop=True),
        groups=(), factors=(within,), level=level, missing=missing,
    )  # fmt: skip


def _inside_error(
    local: Array, slope: dict[str, Array], p: Array, y: Array, s: Array, whole: NDArray[np.intp],
    setting: NDArray[np.intp], inside: Array, mean: Array, index: str,
) -> Array:  # fmt: skip
    """Error of what lies within one whole: its own units, and with Theil the mean of all that it is divided by."""
    count = len(inside)
    if index == "mld":
        return np.sqrt(grid.total(whole, (local * s) ** 2, count))
    home = setting[np.unique(whole, return_index=True)[1]]
    through = (p * s) ** 2 / mean[setting] ** 2  # μ moves with every unit of the setting
    own = grid.total(whole, (local * s) ** 2, count)
    cross = grid.total(whole, local * p / mean[setting] * s**2, count)
    all_units = grid.total(setting, through, len(mean))[home]
    return np.sqrt(np.maximum(own - 2 * inside * cross + inside**2 * all_units, 0.0))


def _numbers(estimate: Array, se: Array, total: Array, level: float) -> dict[str, Array]:
    lower, upper = wald(estimate, se, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(np.abs(total) > 0, estimate / total, np.nan)
    return {"estimate": estimate, "se": se, "lower": lower, "upper": upper, "share": share}
