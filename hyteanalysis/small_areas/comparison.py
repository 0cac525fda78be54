"""Which areas differ from the whole, when hundreds are looked at in one go."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import special

from hyteanalysis import uncertainty
from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.rates import grid

Array = grid.Array


def compare_with_whole(
    data: pd.DataFrame,
    by: str | Sequence[str] = (),
    *,
    events: str = "events",
    population: str = "population",
    level: float = 0.95,
    model: str = "binomial",
) -> pd.DataFrame:
    """Compare every area with all areas together, with the false-discovery rate held.

    Answers: *which municipalities really differ, and which only look so because there are many?*

    Formula: exact two-sided p, twice the smaller tail of the binomial (Poisson) distribution at the whole's rate, at
    most 1; q by Benjamini–Hochberg over the areas; an area differs where q ≤ 1 − level.

    Parameters
    ----------
    data : DataFrame
        One row an area.
    by : str or list of str
        Columns within which areas are compared separately, such as period and group.
    events, population : str
        Columns with events and people.
    level : float
        1 − the share of false ones among the areas said to differ.
    model : {"binomial", "poisson"}
        ``poisson`` for events that may be more than the people.

    Returns
    -------
    DataFrame
        The data with ``estimate``, ``whole`` (shares), ``p_value``, ``q_value``, ``differs`` (bool), ``direction``
        (``higher``, ``lower``, empty where it does not differ), ``status``, ``note``.

    Raises
    ------
    TidyError
        A lacking column, or no usable area. One bad area (no people, a count that is missing or not whole) gets
        ``status`` ``missing`` and a ``note``, and is not among the compared.
    MeasureError
        An unknown model.

    Notes
    -----
    Where nothing differs at all, 5 % of such maps have any area flagged; comparing 309 intervals one by one flags about
    15 areas on every map. Not being flagged is no proof of being alike. Benjamini & Hochberg 1995.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"area": ["KU091", "KU285", "KU218"], "events": [6_000, 700, 9],
    ...                       "population": [60_000, 5_000, 60]})
    >>> found = compare_with_whole(areas)
    >>> found[["area", "q_value", "differs", "direction"]].replace("", "-").round(3)
        area  q_value  differs direction
    0  KU091    0.018     True     lower
    1  KU285    0.000     True    higher
    2  KU218    0.323    False       -
    """
    one_of(model, ("binomial", "poisson"), "model", MeasureError)
    uncertainty.normal_quantile(level)
    by = grid.names(by)
    cells = grid.by_row(data, [events, population])
    cells.counts(events)
    cells.people(population)
    x, n = cells.values[events][:, 0], cells.values[population][:, 0]
    if model == "binomial":
        cells.flag((x > n)[:, None], events, f"{events} are above {population}", "Choose model='poisson'.", x)
    good = ~cells.bad
    code, keys = grid.settings(data, by)
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = (grid.total(code, np.where(good, x, 0), len(keys)) / grid.total(code, np.where(good, n, 0), len(keys)))[
            code
        ]
    p = np.full(len(x), np.nan)
    tail = {"binomial": _binomial, "poisson": _poisson}[model]
    p[good] = np.minimum(2 * np.minimum(*tail(x[good], n[good], whole[good])), 1)
    q = uncertainty.discovery(p, code)
    differs = np.where(good, q <= 1 - level, False)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = x / n
    direction = np.where(differs, np.where(rate > whole, "higher", "lower"), "")
    added = {"estimate": rate, "whole": whole, "p_value": p, "q_value": q, "differs": differs, "direction": direction}
    return grid.beside(data, cells, added)


def _binomial(x: Array, n: Array, rate: Array) -> tuple[Array, Array]:
    """P(X ≤ x) and P(X ≥ x)."""
    low = np.where(x >= n, 1.0, special.betainc(np.maximum(n - x, 1e-300), x + 1, 1 - rate))
    high = np.where(x <= 0, 1.0, special.betainc(np.maximum(x, 1e-300), n - x + 1, rate))
    return low, high


def _poisson(x: Array, n: Array, rate: Array) -> tuple[Array, Array]:
    """P(X ≤ x) and P(X ≥ x)."""
    chance = n * rate
    return special.gammaincc(x + 1, chance), np.where(x <= 0, 1.0, special.gammainc(np.maximum(x, 1e-300), chance))
