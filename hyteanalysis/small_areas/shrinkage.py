"""Numbers of small areas drawn towards the whole or a model: empirical Bayes and Fay–Herriot."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, special

from hyteanalysis.display import shown, written
from hyteanalysis.errors import MeasureError, counted, one_of
from hyteanalysis.i18n import language, text
from hyteanalysis.rates import grid
from hyteanalysis.rates.bands import fault
from hyteanalysis.uncertainty import normal_quantile

Array = grid.Array


def empirical_bayes(
    data: pd.DataFrame,
    by: str | Sequence[str] = (),
    *,
    events: str = "events",
    population: str = "population",
    model: str = "poisson",
    scale: float = 1,
) -> pd.DataFrame:
    """Shrink the rates of small areas towards their common mean.

    Answers: *what is each area's likely level, when small areas swing by chance alone?*

    Formula (Marshall): m = Σx/ΣN, S² = ΣN(r − m)²/ΣN, shrunken = m + w(r − m). Poisson: A = max(0, S² − m/N̄),
    w = A/(A + m/N). Binomial: A = max(0, (N̄S² − m(1 − m))/(N̄ − 1)), w = A/(A + (m(1 − m) − A)/N).

    Parameters
    ----------
    data : DataFrame
        One row an area.
    by : str or list of str
        Columns within which areas are shrunk separately, such as period and group.
    events, population : str
        Columns with events and people.
    model : {"poisson", "binomial"}
        For rates, or for proportions.
    scale : float
        ``estimate`` and ``shrunken`` are multiplied by it: 100, 100_000.

    Returns
    -------
    DataFrame
        The data with ``estimate`` (as observed), ``shrunken``, ``weight`` (0 = all from the mean, 1 = all its own),
        ``status``, ``note``. Where the spread is no larger than chance, A is 0 and all areas get the mean.

    Raises
    ------
    TidyError
        A lacking column, or no usable area. One bad area gets ``status`` ``missing`` and a ``note``.
    MeasureError
        An unknown model.

    Notes
    -----
    For maps; not for saying that an area differs (:func:`compare_with_whole`), nor for the area's own published number.
    A between-area variance left negative would turn the order of areas round. Marshall 1991; Martuzzi & Elliott 1996.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"area": ["KU091", "KU285", "KU218"], "events": [6_000, 700, 9],
    ...                       "population": [60_000, 5_000, 40]})
    >>> empirical_bayes(areas, scale=100)[["area", "estimate", "shrunken", "weight"]].round(2)
        area  estimate  shrunken  weight
    0  KU091      10.0     10.00    0.99
    1  KU285      14.0     13.45    0.85
    2  KU218      22.5     10.85    0.04
    """
    one_of(model, ("poisson", "binomial"), "model", MeasureError)
    by = grid.names(by)
    cells = grid.by_row(data, [events, population])
    cells.counts(events, whole=False)
    cells.people(population)
    x, n = cells.values[events][:, 0], cells.values[population][:, 0]
    if model == "binomial":
        cells.flag((x > n)[:, None], events, f"{events} are above {population}", "A share cannot be above 1.", x)
    good = ~cells.bad
    code, keys = grid.settings(data, by)
    x, n = np.where(good, x, 0.0), np.where(good, n, 0.0)

    def over(values: Array) -> Array:
        return grid.total(code, values, len(keys))[code]

    with np.errstate(divide="ignore", invalid="ignore"):
        rate = x / n
        people, average = over(n), over(n) / over(good.astype(float))
        mean = over(x) / people
        spread = over(np.where(good, n * (rate - mean) ** 2, 0.0)) / people
        if model == "poisson":
            noise, between = mean, np.maximum(spread - mean / average, 0)
        else:
            between = np.maximum((average * spread - mean * (1 - mean)) / (average - 1), 0)
            noise = np.maximum(mean * (1 - mean) - between, 0)
        weight = np.where(between > 0, between / (between + noise / n), 0.0)
    shrunken = mean + weight * (rate - mean)
    added = {"estimate": rate * scale, "shrunken": shrunken * scale, "weight": weight}
    return grid.beside(data, cells, added)


_STEPS, _TOLERANCE = 200, 1e-4  # the reference stops here too; a further step changes σ² by some millionths


@dataclass(frozen=True)
class FayHerriot:
    """A fitted Fay–Herriot model.

    Attributes
    ----------
    frame : DataFrame
        The data with ``eblup`` (the combined estimate), ``mse`` (its mean squared error), ``synthetic`` (the model's
        own prediction), ``weight`` (share of the direct estimate), ``lower`` and ``upper`` (limits of the area's level,
        which reckon with what is not known of σ²), ``status`` and ``note``.
    variance : float
        Variance between areas that the covariates leave (σ²); 0 = the areas do not differ beyond their errors.
    coefficients : DataFrame
        ``term, estimate, se``.
    """

    frame: pd.DataFrame
    variance: float
    coefficients: pd.DataFrame

    def _repr_html_(self) -> str:
        lang = language()
        said = text("display.small_areas.alike", lang)
        if self.variance > 0:
            said = text("display.small_areas.variance", lang, variance=written(self.variance, lang))
        return shown(text("display.small_areas", lang), said=[said], frame=self.frame)


def fay_herriot(
    data: pd.DataFrame,
    *,
    estimate: str = "estimate",
    se: str = "se",
    covariates: str | Sequence[str] = (),
    level: float = 0.95,
) -> FayHerriot:
    """Combine direct estimates of areas with a model of them.

    Answers: *what is each area's level, when its survey sample is small and other areas tell something of it?*

    Formula: y = x′β + u + e with Var u = σ² (by REML) and Var e = se²; EBLUP = γy + (1 − γ)x′β, γ = σ²/(σ² + se²); mean
    squared error g₁ + g₂ + 2g₃. Limits are not eblup ± 1.96 √mse, which hold 92–93 % of 8–21 areas: they are
    percentiles of the level with σ² and β averaged over their likelihood (flat prior), and hold 94–97 %, or more where
    σ² is near 0.

    Parameters
    ----------
    data : DataFrame
        One row an area.
    estimate, se : str
        Columns with the direct estimate and its standard error. A row without both is predicted by the model alone.
    covariates : str or list of str
        Columns of the model: numbers enter linearly, text and categories as categories.
    level : float
        Confidence level of the limits.

    Returns
    -------
    FayHerriot
        ``.frame`` (data + ``eblup, mse, lower, upper`` and more), ``.variance``, ``.coefficients``.

    Raises
    ------
    TidyError
        A lacking column, an empty covariate, or fewer areas with an estimate than the model needs.
    MeasureError
        Covariates that repeat each other.

    Notes
    -----
    Standard errors are taken as known: smooth them first where samples are tiny. Fay & Herriot 1979; Datta & Lahiri
    2000; Datta, Rao & Smith 2005 (coverage under the flat prior); Rao & Molina 2015.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"area": list("abcde"), "estimate": [9.0, 12.5, 11.0, 16.0, 7.5],
    ...                       "se": [0.5, 1.0, 0.7, 3.0, 0.6]})
    >>> fit = fay_herriot(areas)
    >>> fit.frame[["area", "eblup", "weight"]].round(2)
      area  eblup  weight
    0    a   9.07    0.96
    1    b  12.19    0.85
    2    c  10.96    0.92
    3    d  12.58    0.38
    4    e   7.68    0.94
    """
    normal_quantile(level)
    names = grid.names(covariates)
    grid.need(data, [estimate, se, *names])
    x, terms = _columns(data, names)
    y, error = grid.number(data, estimate), grid.number(data, se)
    known = np.isfinite(y) & np.isfinite(error) & (error > 0)
    if known.sum() <= x.shape[1]:
        raise fault(estimate, int(known.sum()), f"Too few areas have an estimate and a se for {x.shape[1]} terms.",
                    "Leave covariates out.")  # fmt: skip
    if np.linalg.matrix_rank(x[known]) < x.shape[1]:
        raise MeasureError(f"The covariates {', '.join(names)} repeat each other: leave some out.")
    d = error[known] ** 2
    variance = _reml(y[known], x[known], d)
    v = variance + d
    q = np.linalg.inv((x[known] / v[:, None]).T @ x[known])
    beta = q @ (x[known] / v[:, None]).T @ y[known]
    synthetic = x @ beta
    reach = np.einsum("ij,jk,ik->i", x, q, x)
    weight = np.zeros(len(y))
    weight[known] = variance / v
    eblup = synthetic + weight * (np.where(known, y, 0.0) - synthetic)
    mse = variance + reach
    away = 1 - weight[known]
    spread = 2 / (1 / v**2).sum()  # asymptotic variance of σ²
    mse[known] = weight[known] * d + away**2 * reach[known] + 2 * away**2 * spread / v
    lower, upper = _limits(np.where(known, y, 0.0), np.where(known, error**2, np.inf), x, level)
    frame = data.assign(eblup=eblup, mse=mse, synthetic=synthetic, weight=weight, lower=lower, upper=upper)
    status = frame["status"].astype("str") if "status" in data else pd.Series("ok", index=data.index)
    note = frame["note"].astype("str") if "note" in data else pd.Series("", index=data.index)
    frame["status"] = status.where(known, "uncertain")
    frame["note"] = note.where(known, "No direct estimate: predicted by the model alone.")
    table = pd.DataFrame({"term": terms, "estimate": beta, "se": np.sqrt(np.diag(q))})
    return FayHerriot(frame, variance, table)


def _columns(data: pd.DataFrame, names: list[str]) -> tuple[Array, list[str]]:
    """The intercept and the covariates as columns of the model."""
    parts, terms = [np.ones((len(data), 1))], ["intercept"]
    for name in names:
        values = data[name]
        if values.isna().any():
            raise fault(
                name, None, f"is empty on {counted(values.isna().sum(), 'row')}.", "A covariate is known everywhere."
            )
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            parts.append(values.to_numpy(dtype=float)[:, None])
            terms.append(name)
        else:
            dummies = pd.get_dummies(values.astype("str"), drop_first=True)
            parts.append(dummies.to_numpy(dtype=float))
            terms += [f"{name}: {category}" for category in dummies.columns]
    return np.concatenate(parts, axis=1), terms


def _reml(y: Array, x: Array, d: Array) -> float:
    """Between-area variance by restricted likelihood: Fisher scoring from the median error, never below 0."""
    variance = float(np.median(d))
    for _ in range(_STEPS):
        score, information = _score(variance, y, x, d)
        moved = variance + score / information
        if moved <= 0:
            if _score(0.0, y, x, d)[0] <= 0:
                return 0.0
            moved = variance / 2
        if abs(moved - variance) <= _TOLERANCE * variance:
            return moved
        variance = moved
    return _bisected(y, x, d)


def _bisected(y: Array, x: Array, d: Array) -> float:
    """Where scoring goes to and fro: the root of the score between 0 and more than the estimates' own variance."""
    highest = 10 * float(np.var(y) + d.max())
    points = np.concatenate([[0.0], np.geomspace(1e-6, 1, 200) * highest])
    falls = [_score(point, y, x, d)[0] for point in points]
    roots = [
        float(optimize.brentq(lambda value: _score(value, y, x, d)[0], points[place], points[place + 1]))
        for place in range(200)
        if falls[place] > 0 >= falls[place + 1]
    ]
    tops = roots if falls[0] > 0 else [0.0, *roots]
    return max(tops, key=lambda value: _restricted(value, y, x, d))


def _restricted(variance: float, y: Array, x: Array, d: Array) -> float:
    """Restricted log likelihood, but for a constant."""
    w = 1 / (variance + d)
    inner = (x * w[:, None]).T @ x
    residual = y - x @ np.linalg.solve(inner, x.T @ (w * y))
    return float(np.log(w).sum() - np.linalg.slogdet(inner)[1] - (w * residual**2).sum()) / 2


_POINTS = 200  # of σ²/(σ² + median error²), at which the limits are averaged
_HALVINGS = 40
_PROPER = 3  # areas beyond the terms; with no more a flat prior of σ² has no end


def _limits(y: Array, d: Array, x: Array, level: float) -> tuple[Array, Array]:
    """Percentiles of each area's level, σ² averaged by its restricted likelihood; d = ∞ where nothing was observed."""
    known = np.isfinite(d)
    middle = float(np.median(d[known]))
    share = (np.arange(_POINTS) + 0.5) / _POINTS
    variance = middle * share / (1 - share)
    # flat in σ²: the step of σ² along the points; else flat in the share itself
    step = -2 * np.log(1 - share) if known.sum() - x.shape[1] > _PROPER else np.zeros(_POINTS)
    likelihood = step + [_restricted(point, y[known], x[known], d[known]) for point in variance]
    chance = np.exp(likelihood - likelihood.max())
    chance /= chance.sum()
    w = 1 / (variance[:, None] + d)
    q = np.linalg.inv(np.einsum("gi,ij,ik->gjk", w, x, x))
    fitted = np.einsum("gjk,ik,gi,i->gj", q, x, w, y, optimize=True) @ x.T
    weight = variance[:, None] * w
    reach = np.einsum("ij,gjk,ik->gi", x, q, x, optimize=True)
    centre = weight * y + (1 - weight) * fitted
    own = np.where(known, weight * np.where(known, d, 0.0), variance[:, None])
    spread = np.sqrt(own + (1 - weight) ** 2 * reach)
    found = []
    for probability in ((1 - level) / 2, (1 + level) / 2):
        low, high = (centre - 9 * spread).min(axis=0), (centre + 9 * spread).max(axis=0)
        for _ in range(_HALVINGS):
            half = (low + high) / 2
            below = chance @ special.ndtr((half - centre) / spread) < probability
            low, high = np.where(below, half, low), np.where(below, high, half)
        found.append((low + high) / 2)
    return found[0], found[1]


def _score(variance: float, y: Array, x: Array, d: Array) -> tuple[float, float]:
    """Derivative of the restricted log likelihood by the variance, and its expected information."""
    w = 1 / (variance + d)
    xw = x * w[:, None]
    q = np.linalg.inv(xw.T @ x)
    residual = w * (y - x @ (q @ (xw.T @ y)))
    inner = xw.T @ xw
    trace = w.sum() - np.trace(q @ inner)
    cross = q @ inner
    squares = (w**2).sum() - 2 * np.trace(q @ ((x * (w**3)[:, None]).T @ x)) + np.trace(cross @ cross)
    return float((residual @ residual - trace) / 2), float(squares / 2)
