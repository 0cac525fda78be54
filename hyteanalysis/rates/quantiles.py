"""Areas put into quantile groups by a value such as deprivation or income, with the tie rule and direction stated."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.rates import grid


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
