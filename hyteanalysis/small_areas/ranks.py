"""Where an area stands among others, never as a bare rank but with the ranks it may truly have."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hyteanalysis import uncertainty
from hyteanalysis.rates import grid

FEWEST = 16  # events under which an area is not ranked


def rank_intervals(
    data: pd.DataFrame,
    by: str | Sequence[str] = (),
    *,
    estimate: str = "estimate",
    se: str = "se",
    events: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Ranks that areas may truly have, for all of them together.

    Answers: *is this area really the third, or could it be anything from first to twentieth?*

    Formula (Klein, Wright & Wieczorek): limits L, U of each area at level^(1/K) for K areas; its rank lies between 1 +
    #{L_j > U_i} and K − #{U_j < L_i}. Rank 1 is the largest. All true ranks lie within their intervals at once with
    the given probability.

    Parameters
    ----------
    data : DataFrame
        One row an area.
    by : str or list of str
        Columns within which areas are ranked separately.
    estimate, se : str
        Columns with estimate and standard error.
    events : str, optional
        Column with events; areas under 16 are not ranked.
    level : float
        Joint confidence level.

    Returns
    -------
    DataFrame
        The data with ``rank``, ``rank_lower``, ``rank_upper`` (empty where not ranked), ``status``, ``note``.

    Raises
    ------
    TidyError
        A lacking column, or no area that can be ranked.

    Notes
    -----
    Show the interval, not the rank alone. Klein, Wright & Wieczorek 2020.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"area": list("abcd"), "estimate": [20.0, 14.0, 13.5, 6.0], "se": [1.0, 1.2, 1.1, 1.5]})
    >>> rank_intervals(areas)[["area", "rank", "rank_lower", "rank_upper"]]
      area  rank  rank_lower  rank_upper
    0    a   1.0         1.0         1.0
    1    b   2.0         2.0         3.0
    2    c   3.0         2.0         3.0
    3    d   4.0         4.0         4.0
    """
    uncertainty.normal_quantile(level)
    by = grid.names(by)
    cells = grid.by_row(data, [estimate, se, *([events] if events else [])])
    y, s = cells.values[estimate][:, 0], cells.values[se][:, 0]
    cells.flag(~np.isfinite(y)[:, None], estimate, "there is no estimate", "See its own note.")
    cells.flag((np.isfinite(y) & ~(s >= 0))[:, None], se, "there is no standard error", "Give one.")
    if events:
        few = ~(cells.values[events] >= FEWEST)
        cells.flag(few, events, f"fewer than {FEWEST} events, so no rank", "Add years or areas together.")
    good = ~cells.bad
    code, keys = grid.settings(data, by)
    ranks = np.full((3, len(y)), np.nan)
    for rows in grid.members(code, len(keys)):
        here = rows[good[rows]]
        k = len(here)
        if k == 0:
            continue
        lower, upper = uncertainty.wald(y[here], s[here], level ** (1 / k))
        ranks[0, here] = pd.Series(y[here]).rank(ascending=False, method="min")
        ranks[1, here] = 1 + k - np.searchsorted(np.sort(lower), upper, side="right")
        ranks[2, here] = k - np.searchsorted(np.sort(upper), lower, side="left")
    return _ranked(data, cells, ranks)


def _ranked(data: pd.DataFrame, cells: grid.Grid, ranks: grid.Array) -> pd.DataFrame:
    """Ranks beside the data; an area that has an estimate but no rank keeps its status."""
    status = data["status"] if "status" in data else pd.Series("ok", index=data.index)
    result = grid.beside(data, cells, dict(zip(("rank", "rank_lower", "rank_upper"), ranks, strict=True)))
    return result.assign(status=status.to_numpy())
