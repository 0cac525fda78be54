"""Empirical Bayes: rates of small areas drawn towards the whole, as far as chance explains their spread."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.rates import grid

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
