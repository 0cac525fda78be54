"""Ratios and differences of estimates against a reference group, with intervals."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hyteanalysis import uncertainty
from hyteanalysis.rates import grid
from hyteanalysis.rates.bands import fault

NUMBERS = ["estimate", "se", "lower", "upper"]


def ratio(
    estimates: pd.DataFrame, by: str | Sequence[str] = (), *, group: str = "group", reference: str, level: float = 0.95
) -> pd.DataFrame:
    """Ratio of every group's estimate to the reference group's, such as a rate ratio.

    Formula: y₁/y₀ with limits exp(ln y₁/y₀ ± z √(s₁²/y₁² + s₀²/y₀²)), for independent estimates.

    Parameters
    ----------
    estimates : DataFrame
        What the functions here return: ``estimate, se`` a group and setting.
    by : str or list of str
        Columns that name the setting within which groups are compared; none = all rows are one.
    group : str
        Column with the group.
    reference : str
        The group to compare with.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        ``*by, group, reference, estimate, se, lower, upper, status, method, note`` without the reference's own rows;
        ``se`` is on the log scale.

    Raises
    ------
    TidyError
        A lacking column, no such group anywhere, or no comparison possible. A group without an estimate, or at 0 (whose
        ratio has no interval), gets ``status`` ``missing`` and a ``note``.

    Examples
    --------
    >>> import pandas as pd
    >>> counts = pd.DataFrame({"group": ["low", "high"], "events": [90, 40], "population": [30_000, 30_000]})
    >>> from hyteanalysis.rates.simple import crude
    >>> ratio(crude(counts, "group"), reference="high")[["group", "estimate", "lower", "upper"]].round(2)
      group  estimate  lower  upper
    0   low      2.25   1.55   3.27
    """
    pairs = _paired(estimates, grid.names(by), group, reference)
    y1, y0, s1, s0 = (pairs.values[name] for name in ("y1", "y0", "s1", "s0"))
    pairs.flag(np.isfinite(y1) & (y1 <= 0), "estimate", "the estimate is not above 0", "Use the difference.", y1)
    pairs.flag(np.isfinite(y0) & (y0 <= 0), "estimate", "the reference is not above 0", "Use the difference.", y0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value, se = y1 / y0, np.sqrt((s1 / y1) ** 2 + (s0 / y0) ** 2)
        lower, upper = uncertainty.log_interval(value, se * value, level)
    return _result(pairs, reference, [value, se, lower, upper], "log-normal")


def difference(
    estimates: pd.DataFrame, by: str | Sequence[str] = (), *, group: str = "group", reference: str, level: float = 0.95
) -> pd.DataFrame:
    """Difference of every group's estimate from the reference group's, such as a rate difference.

    Formula: d = y₁ − y₀. Where both have limits at ``level``, d − √((y₁ − L₁)² + (U₀ − y₀)²) and d + √((U₁ − y₁)² +
    (y₀ − L₀)²), which keeps the skewness of counts (Newcombe's hybrid score interval for shares); else d ± z·se.

    Parameters
    ----------
    estimates : DataFrame
        What the functions here return: ``estimate, se`` and, where known, ``lower, upper`` a group and setting.
    by, group, reference : str
        As in :func:`ratio`.
    level : float
        Confidence level of the result, and of the limits given.

    Returns
    -------
    DataFrame
        ``*by, group, reference, estimate, se, lower, upper, status, method, note`` without the reference's own rows.

    Raises
    ------
    TidyError
        As in :func:`ratio`; 0 is allowed.

    Notes
    -----
    For estimates that are correlated (domains of one survey) use ``hyte.disparity(…, covariance=…)``. Newcombe 1998;
    Zou & Donner 2008.

    Examples
    --------
    >>> import pandas as pd
    >>> counts = pd.DataFrame({"group": ["low", "high"], "events": [56, 48], "population": [70, 80]})
    >>> from hyteanalysis.rates.simple import proportion
    >>> difference(proportion(counts, "group"), reference="high")[["estimate", "lower", "upper"]].round(4)
       estimate   lower   upper
    0       0.2  0.0524  0.3339
    """
    pairs = _paired(estimates, grid.names(by), group, reference)
    y1, y0, s1, s0 = (pairs.values[name] for name in ("y1", "y0", "s1", "s0"))
    value, se = y1 - y0, np.hypot(s1, s0)
    lower, upper = uncertainty.wald(value, se, level)
    method = np.full(value.shape, "normal", dtype=object)
    if {"lower", "upper"} <= set(estimates):
        l1, u1, l0, u0 = (pairs.values[name] for name in ("l1", "u1", "l0", "u0"))
        hybrid = value - np.hypot(y1 - l1, u0 - y0), value + np.hypot(u1 - y1, y0 - l0)
        known = np.isfinite(hybrid[0]) & np.isfinite(hybrid[1])
        lower, upper = np.where(known, hybrid[0], lower), np.where(known, hybrid[1], upper)
        method[known] = "from limits"
    return _result(pairs, reference, [value, se, lower, upper], method[:, 0])


def _paired(estimates: pd.DataFrame, by: list[str], group: str, reference: str) -> grid.Grid:
    """Every group beside its setting's reference, joined by name."""
    grid.need(estimates, [*by, group, "estimate", "se"])
    twice = estimates.duplicated([*by, group])
    if twice.any():
        raise fault(
            group, estimates.loc[twice, group].iloc[0], "stands twice in a setting.", "Name the setting in by=."
        )
    chosen = estimates[group] == reference
    if not chosen.any():
        have = ", ".join(map(str, estimates[group].unique()))
        raise fault(group, reference, f"No row is of this reference group; the table has {have}.", "Choose one.")
    numbers = [name for name in NUMBERS if name in estimates]
    table = estimates.loc[~chosen, [*by, group, *numbers]]
    base = estimates.loc[chosen, [*by, *numbers]]
    joined = (
        table.merge(base, on=by, how="left", suffixes=("", "_0"), validate="m:1")
        if by
        else table.merge(base, how="cross", suffixes=("", "_0"))
    )
    if joined.empty:
        raise fault(group, reference, "There is no group to compare with it.", "Give more groups.")
    short = dict(zip(NUMBERS, "yslu", strict=True))
    values = {f"{short[name]}1": grid.number(joined, name)[:, None] for name in numbers}
    values |= {f"{short[name]}0": grid.number(joined, f"{name}_0")[:, None] for name in numbers}
    pairs = grid.Grid(joined[[*by, group]], None, [], values)
    pairs.flag(np.isnan(values["y1"]), "estimate", "there is no estimate", "See its own note.")
    pairs.flag(np.isnan(values["y0"]), "estimate", f"the reference {reference} has no estimate", "See its own note.")
    pairs.flag(np.isnan(values["s1"] + values["s0"]), "se", "there is no standard error", "Give se for both.")
    return pairs


def _result(pairs: grid.Grid, reference: str, numbers: list[grid.Array], method: str | np.ndarray) -> pd.DataFrame:
    flat = [part[:, 0] for part in numbers]
    result = pairs.keys.assign(
        reference=reference, **dict(zip(NUMBERS, flat, strict=True)), status="ok", method=method, note=""
    )
    return pairs.settle(result, NUMBERS)
