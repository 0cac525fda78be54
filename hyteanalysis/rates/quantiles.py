"""Quantile groups of areas, and the slope and relative index of inequality over them."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from hyteanalysis import uncertainty
from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.rates import grid
from hyteanalysis.rates.bands import fault


def quantile_groups(
    data: pd.DataFrame,
    by: str | Sequence[str] = (),
    *,
    value: str = "value",
    k: int = 5,
    first: str,
) -> pd.DataFrame:
    """Put areas into k groups of equal number by a value.

    Answers: *which fifth (tenth) of areas does each area belong to?*

    Formula: group = ⌊k + 1 − ⌈k(m + 1 − rank)/m⌉⌋ among the m areas with a value, at least 1. Equal values share the
    lowest of their ranks, so that equal areas are never parted.

    Parameters
    ----------
    data : DataFrame
        One row an area.
    by : str or list of str
        Columns within which areas are grouped separately, such as the year; none = all together.
    value : str
        Column with the value.
    k : int
        Number of groups.
    first : {"highest", "lowest"}
        Which end group 1 is. With a deprivation score ``"highest"``, with income ``"lowest"`` makes group 1 the most
        disadvantaged, as :func:`slope_index` and ``order`` have it.

    Returns
    -------
    DataFrame
        The data with ``quantile`` (Int64, empty where there is no value or there are fewer areas than groups) and
        ``note``.

    Raises
    ------
    TidyError
        A lacking column, or text among the values.
    MeasureError
        Fewer than two groups, or another ``first``.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"area": list("abcd"), "value": [31.0, 28.5, 40.2, 28.5]})
    >>> quantile_groups(areas, k=2, first="lowest")[["area", "quantile"]]
      area  quantile
    0    a         2
    1    b         1
    2    c         2
    3    d         1
    """
    one_of(first, ("highest", "lowest"), "first", MeasureError)
    if int(k) != k or k < 2:
        raise MeasureError(f"k must be a whole number of at least 2 groups; not {k!r}.")
    by = grid.names(by)
    grid.need(data, [*by, value])
    code, _ = grid.settings(data, by)
    y = pd.Series(grid.number(data, value))
    rank = y.groupby(code).rank(method="min", ascending=first == "lowest").to_numpy()
    m = y.notna().groupby(code).transform("sum").to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        group = np.maximum(np.floor((k + 1) - np.ceil(((m + 1) - rank) / (m / k))), 1)
    few = m < k
    group = np.where(few, np.nan, group)
    note = np.where(few, f"Fewer than {k} areas with a value.", np.where(y.isna(), f"{value} is missing.", ""))
    return data.assign(quantile=pd.array(group, dtype="Float64"), note=note).astype({"quantile": "Int64"})


Array = grid.Array
_KINDS = ("mean", "rate", "proportion")
_FEWEST_DRAWS = 1_000
_NUMBERED = re.compile(r"^(\D*)(\d+)$")
_CHUNK = 400_000  # numbers drawn at once, so that they stay in the processor's cache


def slope_index(
    data: pd.DataFrame,
    by: str | Sequence[str],
    *,
    quantile: str = "quantile",
    estimate: str = "estimate",
    se: str = "se",
    lower: str = "lower",
    upper: str = "upper",
    population: str = "population",
    kind: str = "mean",
    transform: bool = False,
    multiplier: float = 1,
    level: float = 0.95,
    limits_level: float = 0.95,
    draws: int = 10_000,
    seed: int | None = None,
) -> pd.DataFrame:
    """Slope (SII) and relative (RII) index of inequality over quantile groups of areas.

    Answers: *how much does the outcome change from the most to the least deprived end of the areas?*

    Formula: a line f fitted by least squares, weighted by population, on each group's midpoint R of the population
    cumulated from group 1 on: SII = f(1) − f(0), RII = f(1)/f(0).

    Parameters
    ----------
    data : DataFrame
        One row a setting and quantile group.
    by : str or list of str
        Columns that name the setting.
    quantile : str
        Column with the group: numbers, or one word with numbers (``q1`` … ``q10``), taken in natural order; group 1 is
        where the line begins.
    estimate, se, lower, upper, population : str
        Columns. Errors come from ``se`` (in the estimate's unit) where there is such a column, else from the limits.
    kind : {"mean", "rate", "proportion"}
        How an estimate errs: normally, on the log, or on the logit (proportions between 0 and 1).
    transform : bool
        Fit log rates or logit proportions; SII and RII are of the line's ends turned back. (This is least squares on
        transformed values, not the regression models of ``hyte.disparity``.)
    multiplier : float
        The SII and the intercept f(0) are multiplied by it; a negative one turns the direction of the SII round (not of
        the intercept), and the RII into its inverse.
    level, limits_level : float
        Confidence level of the result, and of ``lower`` and ``upper``.
    draws, seed : int
        Simulated draws and their seed, used where no closed form exists.

    Returns
    -------
    DataFrame
        ``*by, measure, estimate, se, lower, upper, level, intercept, method, status, note``: rows for SII and RII.
        Closed form for means and transformed values (Fieller's limits for the RII of means), percentiles of draws for
        rates and proportions fitted as they are. ``se`` is by the delta method there, that of RII on the log scale.

    Raises
    ------
    TidyError
        A lacking column, or groups whose text has no natural order. A setting with a missing or repeated group, no
        population, no error, or a value that the kind does not allow gets ``status`` ``missing`` and a ``note``.
    MeasureError
        An unknown kind, or ``transform`` of means.

    Notes
    -----
    For groups of people with an order use ``hyte.disparity``. Low & Low 2004; Fieller 1954.

    Examples
    --------
    >>> import pandas as pd
    >>> fifths = pd.DataFrame({"area": "SSS", "quantile": [1, 2, 3, 4, 5], "estimate": [76.1, 78.0, 79.2, 80.4, 82.0],
    ...                        "se": 0.2, "population": 100_000})
    >>> slope_index(fifths, "area")[["measure", "estimate", "lower", "upper"]].round(3)
      measure  estimate  lower  upper
    0     SII     7.100  6.480  7.720
    1     RII     1.094  1.085  1.103
    """
    one_of(kind, _KINDS, "kind", MeasureError)
    if transform and kind == "mean":
        raise MeasureError("transform=True takes rates (log) or proportions (logit); a mean is fitted as it is.")
    if draws < _FEWEST_DRAWS:
        raise MeasureError(f"draws must be at least {_FEWEST_DRAWS:,}; not {draws}.")
    by = grid.names(by)
    use_se = se in data
    wanted = [estimate, population, *([se] if use_se else [lower, upper])]
    grid.need(data, [*by, quantile, *wanted])
    order, data = _ordered(data, quantile)
    cells = grid.lay_out(data, by, wanted, band=quantile, bands=order)
    y, n = cells.values[estimate], cells.values[population]
    cells.people(population)
    link, inverse, slope_of = _scale(kind)
    with np.errstate(divide="ignore", invalid="ignore"):
        eta = link(y)
        if use_se:
            error = cells.values[se] * slope_of(y)
        else:
            width = link(cells.values[upper]) - link(cells.values[lower])
            error = width / (2 * uncertainty.normal_quantile(limits_level))
    shown = cells.values["_rows"] > 0
    allowed = {"mean": "a number", "rate": "above 0", "proportion": "between 0 and 1"}[kind]
    cells.flag(shown & ~np.isfinite(eta), estimate, f"{estimate} is not {allowed}", "Check kind= and the unit.", y)
    lost = shown & ~(np.isfinite(error) & (error >= 0))
    cells.flag(lost, se if use_se else lower, "no usable error", "Give se, or limits within the same bounds.")
    share = n / n.sum(axis=1, keepdims=True)
    rank = np.cumsum(share, axis=1) - share / 2
    centred = rank - 0.5  # the weighted mean of midpoints is ½
    c = share * centred / (share * centred**2).sum(axis=1, keepdims=True)
    good = ~cells.bad
    found = np.full((2, 4, len(good)), np.nan)
    intercept = np.full(len(good), np.nan)
    if good.any():
        fit = (_fitted if kind == "mean" or transform else _drawn)(
            eta[good], error[good], share[good], c[good], kind, level, inverse, draws, seed
        )
        found[:, :, good], intercept[good] = fit
    return _rows(cells, by, found, intercept, multiplier, level, "closed form" if kind == "mean" or transform else
                 f"{draws} draws")  # fmt: skip


def _ordered(data: pd.DataFrame, quantile: str) -> tuple[list[Any], pd.DataFrame]:
    """Groups in natural order ("10" after "2"), or an error that names the texts."""
    labels = list(data[quantile].dropna().unique())
    found = [_NUMBERED.match(str(int(x) if isinstance(x, float) and x % 1 == 0 else x).strip()) for x in labels]
    prefixes = {match[1] for match in found if match}
    if not all(found) or len(prefixes) > 1:
        text = ", ".join(map(str, labels[:10]))
        raise fault(quantile, None, f"These groups cannot be put in order: {text}.", "Number them, 1 = most deprived.")
    numbers = {label: int(match[2]) for label, match in zip(labels, found, strict=True) if match}
    data = data.assign(**{quantile: data[quantile].map(numbers)})
    order = sorted(set(numbers.values()))
    if len(order) < 3:
        raise fault(quantile, len(order), "There are fewer than three groups.", "Use hyte.rates.difference.")
    return order, data


def _scale(kind: str) -> tuple[Any, Any, Any]:
    """Link, its inverse and its derivative: the scale on which the kind's errors are normal."""
    if kind == "rate":
        return np.log, np.exp, lambda y: 1 / y
    if kind == "proportion":
        return special.logit, special.expit, lambda y: 1 / (y * (1 - y))
    return lambda y: y, lambda x: x, lambda y: np.ones_like(y)


def _fitted(
    eta: Array, error: Array, share: Array, c: Array, kind: str, level: float, inverse: Any, *_: Any
) -> tuple[Array, Array]:
    """Closed form: the slope on the fitted scale is normal, and the line turns about its mean."""
    z = uncertainty.normal_quantile(level)
    mean, slope = (share * eta).sum(axis=1), (c * eta).sum(axis=1)
    spread = np.sqrt((c**2 * error**2).sum(axis=1))
    low, high = inverse(mean - slope / 2), inverse(mean + slope / 2)
    tilted = [slope - z * spread, slope, slope + z * spread]
    ends = [(inverse(mean - b / 2), inverse(mean + b / 2)) for b in tilted]
    sii = np.sort([top - bottom for bottom, top in ends], axis=0)
    if kind == "mean":
        ratio, ratio_se = _fieller(mean, slope, error, share, c, z), _log_error(mean, slope, error, share, c)
        return np.stack([np.stack([slope, spread, sii[0], sii[2]]), np.stack([high / low, ratio_se, *ratio])]), low
    rii = np.sort([top / bottom for bottom, top in ends], axis=0)
    gradient = _gradient(low, high, kind)
    log_se = spread if kind == "rate" else spread * ((1 - high) + (1 - low)) / 2
    return np.stack(
        [np.stack([high - low, spread * gradient, sii[0], sii[2]]), np.stack([high / low, log_se, rii[0], rii[2]])]
    ), low


def _gradient(low: Array, high: Array, kind: str) -> Array:
    """Change of the SII with the slope on the fitted scale."""
    slopes = (low + high) if kind == "rate" else low * (1 - low) + high * (1 - high)
    return np.asarray(slopes / 2)


def _ends(mean: Array, slope: Array, error: Array, share: Array, c: Array) -> tuple[Array, ...]:
    """A line's ends f(1), f(0), their variances and their covariance."""
    up, down = share + c / 2, share - c / 2
    v1, v0, v10 = ((part * error**2).sum(axis=1) for part in (up**2, down**2, up * down))
    return mean + slope / 2, mean - slope / 2, v1, v0, v10


def _fieller(mean: Array, slope: Array, error: Array, share: Array, c: Array, z: float) -> list[Array]:
    """Limits of f(1)/f(0) for a line of means: the ratio of two correlated normal numbers."""
    top, bottom, v1, v0, v10 = _ends(mean, slope, error, share, c)
    a, b, d = bottom**2 - z * z * v0, top * bottom - z * z * v10, top**2 - z * z * v1
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(b * b - a * d)
        return [np.where(a > 0, (b - root) / a, np.nan), np.where(a > 0, (b + root) / a, np.nan)]


def _log_error(mean: Array, slope: Array, error: Array, share: Array, c: Array) -> Array:
    """Standard error of ln f(1)/f(0), by the delta method."""
    top, bottom, v1, v0, v10 = _ends(mean, slope, error, share, c)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.sqrt(v1 / top**2 + v0 / bottom**2 - 2 * v10 / (top * bottom)))


def _drawn(
    eta: Array,
    error: Array,
    share: Array,
    c: Array,
    kind: str,
    level: float,
    inverse: Any,
    draws: int,
    seed: int | None,
) -> tuple[Array, Array]:
    """Percentiles of lines fitted to drawn values; all settings share a table of normal numbers and their mirror.

    Single precision: its rounding is a ten-thousandth of the draws' own noise. Standard errors are by delta.
    """
    half = -(-draws // 2)
    normal = np.random.default_rng(seed).standard_normal((eta.shape[1], half), dtype=np.float32)
    y = inverse(eta)
    mean, slope = (share * y).sum(axis=1), (c * y).sum(axis=1)
    found = np.empty((2, 4, len(eta)))
    own = error * (y if kind == "rate" else y * (1 - y))  # errors on the scale of the values
    found[0, 0], found[1, 0] = slope, (mean + slope / 2) / (mean - slope / 2)
    found[0, 1], found[1, 1] = np.sqrt((c**2 * own**2).sum(axis=1)), _log_error(mean, slope, own, share, c)
    weights = np.stack([c, share - c / 2], axis=1)  # of the slope, and of the line's first end
    step = max(1, _CHUNK // normal.size)
    for start in range(0, len(eta), step):
        part = slice(start, start + step)
        line = _lines(eta[part], error[part], weights[part], kind, normal)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = 1 + line[:, 0] / line[:, 1]
        for row, values in ((0, line[:, 0]), (1, ratio)):
            found[row, 2:, part] = _percentiles(values, level)
    return found, mean - slope / 2


def _lines(eta: Array, error: Array, weights: Array, kind: str, normal: Any) -> Any:
    """Slope and first end (settings × 2 × draws) at e^(η + sz), or its odds turned to a share, for each z and −z."""
    grown = np.multiply(error[:, :, None].astype(np.float32), normal)
    np.exp(grown, out=grown)
    if kind == "rate":
        w = (weights * np.exp(eta)[:, None]).astype(np.float32)
        return np.concatenate([np.matmul(w, grown), np.matmul(w, np.reciprocal(grown, out=grown))], axis=2)
    w, odds = weights.astype(np.float32), np.exp(-eta)[:, :, None].astype(np.float32)
    share = grown + odds
    np.divide(grown, share, out=share)
    grown *= odds
    grown += 1
    return np.concatenate([np.matmul(w, share), np.matmul(w, np.reciprocal(grown, out=grown))], axis=2)


def _percentiles(values: Any, level: float) -> Array:
    """Lower and upper percentile of each row, each from the smallest few (a middling place takes longer to find)."""
    position, fraction = divmod((1 - level) / 2 * (values.shape[1] - 1), 1)
    at = int(position)
    ends = []
    for sign in (1, -1):
        few = np.sort(np.partition(sign * values, at + 1, axis=1)[:, : at + 2], axis=1)[:, at:].astype(float)
        ends.append(sign * (few[:, 0] + fraction * (few[:, 1] - few[:, 0])))
    return np.stack(ends)


def _rows(
    cells: grid.Grid, by: list[str], found: Array, intercept: Array, multiplier: float, level: float, method: str
) -> pd.DataFrame:
    sii, rii = found * np.array([multiplier, 1.0])[:, None, None]
    sii[1] = np.abs(sii[1])
    sii[2:] = np.sort(sii[2:], axis=0)
    if multiplier < 0:
        rii = np.stack([1 / rii[0], rii[1], 1 / rii[3], 1 / rii[2]])
    tables = []
    for measure, row in (("SII", sii), ("RII", rii)):
        gap = ~np.isfinite(row).all(axis=0)
        table = cells.keys.assign(
            measure=measure, **dict(zip(["estimate", "se", "lower", "upper"], row, strict=True)), level=level,
            intercept=intercept * abs(multiplier), method=method, status="ok",
            note=np.where(gap, "The line reaches 0 at its first end: no ratio, or no limits.", ""),
        )  # fmt: skip
        tables.append(cells.settle(table, ["estimate", "se", "lower", "upper", "intercept"]))
    both = pd.concat(tables).sort_index(kind="stable").reset_index(drop=True)
    return both[[*by, *(name for name in both if name not in by)]]
