"""Marks for numbers that stand on too little."""

import numpy as np
import pandas as pd

from hyteanalysis.errors import MeasureError
from hyteanalysis.rates import grid


def reliability(
    cells: pd.DataFrame, *, relative_error: float = 0.30, respondents: float = 30, scale: float | None = None
) -> pd.DataFrame:
    """Mark estimates as uncertain where their error is large or few people answered.

    Answers: *may this number be shown as it is, or only with a warning?*

    Rule: ``status`` becomes ``uncertain`` where se/estimate is over ``relative_error``, or ``respondents`` are under
    their limit. Other states stay.

    Parameters
    ----------
    cells : DataFrame
        Tidy cells, or any frame with ``estimate`` and ``se`` or ``respondents``.
    relative_error : float
        Largest relative standard error.
    respondents : float
        Fewest respondents; asked only where the frame has them.
    scale : float, optional
        For proportions, what the whole is (1, 100): above one half the error is then taken relative to the rest, since
        90 % having it is 10 % not having it. None = always relative to the estimate.

    Returns
    -------
    DataFrame
        A copy with ``relative_error``, ``status`` and ``note``. An estimate of 0 has no relative error: its note says
        so.

    Raises
    ------
    TidyError
        A lacking column.
    MeasureError
        A limit below 0.

    Notes
    -----
    Groups under 30 respondents are hidden at release by default; this marks them before. No rank is given under 16
    events (:func:`rank_intervals`).

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.DataFrame({"group": ["low", "mid", "high"], "estimate": [12.0, 8.0, 3.0], "se": [1.5, 1.0, 1.2],
    ...                       "respondents": [410, 25, 380]})
    >>> reliability(cells)[["group", "relative_error", "status"]].round(3)
      group  relative_error     status
    0   low           0.125         ok
    1   mid           0.125  uncertain
    2  high           0.400  uncertain
    """
    if relative_error < 0 or respondents < 0:
        raise MeasureError("relative_error= and respondents= are limits of 0 or more.")
    grid.need(cells, ["estimate", "se"])
    y, s = grid.number(cells, "estimate"), grid.number(cells, "se")
    base = y if scale is None else np.minimum(y, scale - y)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(base == 0, np.nan, s / np.abs(base))
    loose = relative > relative_error + 1e-9
    few = (
        grid.number(cells, "respondents") < respondents if "respondents" in cells else np.zeros(len(cells), dtype=bool)
    )
    reason = np.where(few, f"Fewer than {respondents:g} respondents.", "").astype(object)
    wide = f"Relative standard error over {relative_error:.0%}."
    reason = np.where(loose, np.where(few, reason + " " + wide, wide), reason)
    reason = np.where(~few & (base == 0), "No relative error of 0: see the limits.", reason)
    status = cells["status"].astype("str").fillna("ok") if "status" in cells else pd.Series("ok", index=cells.index)
    before = cells["note"].astype("str").fillna("") if "note" in cells else pd.Series("", index=cells.index)
    note = (before + " " + pd.Series(reason, index=cells.index).astype("str")).str.strip()
    marked = (loose | few) & (status == "ok").to_numpy()
    return cells.assign(relative_error=relative, status=status.mask(marked, "uncertain"), note=note)
