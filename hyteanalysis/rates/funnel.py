"""Funnel limits: how far from the average an area may lie by chance alone, given its size."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from hyteanalysis import uncertainty
from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.rates import grid
from hyteanalysis.rates.bands import fault

Array = grid.Array


def funnel_limits(
    data: pd.DataFrame,
    *,
    kind: str = "proportion",
    events: str = "events",
    population: str = "population",
    expected: str = "expected",
    levels: Sequence[float] = (0.95, 0.998),
    per: float = 1,
    average: float | None = None,
) -> pd.DataFrame:
    """Limits within which areas lie by chance around the average, and which areas lie outside.

    Answers: *which areas differ from the whole by more than their size explains?*

    Formula: proportion p̄ ± z √(p̄(1 − p̄)/n), which turns Wilson's interval round; ratio and rate: the observed count
    whose exact Poisson interval ends at the expected one, a gamma quantile in the count.

    Parameters
    ----------
    data : DataFrame
        One row an area.
    kind : {"proportion", "ratio", "rate"}
        ``proportion``: events out of population; ``rate``: events per population; ``ratio``: events over expected.
    events, population, expected : str
        Columns with events, people and expected events (``expected`` for ratios, ``population`` for the others).
    levels : sequence of float
        Confidence levels; 95 % and 99.8 % are the custom.
    per : float
        Unit of estimate, average and limits: 100 for per cent, 100_000 for rates.
    average : float, optional
        The line, in that unit; None = all events over all people (1 for a ratio).

    Returns
    -------
    DataFrame
        The data with ``estimate, average, lower_95, upper_95, lower_998, upper_998`` (one pair a level),
        ``significance`` (``high 99.8``, ``low 95``, …, ``not significant``), ``status, note``.

    Raises
    ------
    TidyError
        A lacking column, or no usable area; one bad area gets ``status`` ``missing`` and a ``note``.
    MeasureError
        An unknown kind.

    Notes
    -----
    With 309 areas about 15 lie outside 95 % by chance: to say which ones differ use
    ``hyte.small_areas.compare_with_whole``. Spiegelhalter 2005.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"area": ["KU075", "KU285", "KU286"], "events": [180, 500, 810],
    ...                       "population": [2_000, 5_200, 8_000]})
    >>> funnel_limits(areas, per=100)[["area", "estimate", "lower_95", "upper_95", "significance"]].round(2)
        area  estimate  lower_95  upper_95     significance
    0  KU075      9.00      8.50     11.11  not significant
    1  KU285      9.62      8.99     10.61  not significant
    2  KU286     10.12      9.15     10.45  not significant
    """
    one_of(kind, ("proportion", "ratio", "rate"), "kind", MeasureError)
    size = expected if kind == "ratio" else population
    cells = grid.by_row(data, [events, size])
    x, n = cells.values[events], cells.values[size]
    cells.counts(events, whole=False)
    cells.people(size)
    if kind == "proportion":
        cells.flag(x > n, events, f"{events} are above {size}", "A share cannot be above 1.", x)
    good = ~cells.bad
    x, n = x[:, 0], n[:, 0]
    if average is not None:
        centre = average / per
    else:
        centre = 1.0 if kind == "ratio" or not good.any() else float(x[good].sum() / n[good].sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = x / n
    added: dict[str, Any] = {"estimate": estimate * per, "average": np.full(len(x), centre * per)}
    significance = np.full(len(x), "not significant", dtype=object)
    for level in sorted(levels):
        lower, upper = _limits(kind, centre, np.where(good, n, 1.0), level)
        name, pair = f"{level * 100:.10g}", _columns(level)
        added |= {pair[0]: lower * per, pair[1]: upper * per}
        significance[estimate > upper] = f"high {name}"
        significance[estimate < lower] = f"low {name}"
    return grid.beside(data, cells, added | {"significance": np.where(good, significance, "")})


def funnel_curve(
    sizes: Sequence[float] | Array,
    *,
    kind: str = "proportion",
    average: float,
    levels: Sequence[float] = (0.95, 0.998),
    per: float = 1,
) -> pd.DataFrame:
    """The funnel's lines for drawing: limits at each of ``sizes`` (people, or expected events for a ratio).

    The formula is that of :func:`funnel_limits`.

    Parameters
    ----------
    sizes : sequence of float
        People, or expected events; above 0.
    kind : {"proportion", "ratio", "rate"}
    average : float
        The line in the middle, in the unit of ``per``.
    levels : sequence of float
        Confidence levels of the lines.
    per : float
        1 for shares and ratios, 100 for per cent.

    Returns
    -------
    DataFrame
        ``size, average, lower_95, upper_95, …``.

    Raises
    ------
    TidyError
        A size of 0 or less.
    MeasureError
        An unknown kind.

    Examples
    --------
    >>> funnel_curve([100, 1_000], average=10, per=100, levels=[0.95]).round(2)
         size  average  lower_95  upper_95
    0   100.0     10.0      4.12     15.88
    1  1000.0     10.0      8.14     11.86
    """
    one_of(kind, ("proportion", "ratio", "rate"), "kind", MeasureError)
    n = np.asarray(sizes, dtype=float)
    if not (n > 0).all():
        raise fault("sizes", float(np.min(n)), "A size is 0 or less.", "Begin above 0.")
    curve = pd.DataFrame({"size": n, "average": float(average)})
    for level in sorted(levels):
        lower, upper = _limits(kind, average / per, n, level)
        names = _columns(level)
        curve = curve.assign(**{names[0]: lower * per, names[1]: upper * per})
    return curve


def _columns(level: float) -> list[str]:
    """Names of a level's limits: ``lower_998`` for 99.8 %."""
    return [f"{side}_{level * 100:.10g}".replace(".", "") for side in ("lower", "upper")]


def _limits(kind: str, centre: float, n: Array, level: float) -> tuple[Array, Array]:
    if kind == "proportion":
        half = uncertainty.normal_quantile(level) * np.sqrt(centre * (1 - centre) / n)
        return np.maximum(centre - half, 0), np.minimum(centre + half, 1)
    chance = n * centre
    lower, upper = poisson_funnel(chance, level)
    return lower / n, upper / n


def poisson_funnel(expected: Array, level: float) -> tuple[Array, Array]:
    """Counts whose exact Poisson interval just touches ``expected``: roots in the shape of the gamma distribution."""
    if not (expected > 0).all():
        raise fault("expected", float(np.min(expected)), "Nothing is expected.", "Funnels need events in all.")
    tail = (1 - level) / 2
    lower = np.where(np.exp(-expected) >= tail, 0.0, _shape(expected, 1 - tail) - 1)
    return np.maximum(lower, 0), _shape(expected, tail)


def _shape(x: Array, p: float) -> Array:
    """Shape a at which the gamma distribution has its p-quantile at x, by bisection."""
    low, high = np.full_like(x, 1e-12), x + 12 * np.sqrt(x) + 40
    for _ in range(60):
        middle = (low + high) / 2
        above = special.gammainc(middle, x) > p
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    found: Array = (low + high) / 2
    return found
