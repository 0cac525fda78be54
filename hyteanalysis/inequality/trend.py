"""Trend of a gap over four periods or more."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from hyteanalysis.errors import MeasureError, counted
from hyteanalysis.inequality.changes import gaps, told
from hyteanalysis.inequality.groups import Array
from hyteanalysis.inequality.settings import BY
from hyteanalysis.uncertainty import discovery, normal_quantile, two_sided

LEAST = 4  # periods under which a slope says no more than a change


def disparity_trend(
    cells: Any,
    measure: str | Sequence[str],
    *,
    indicators: Any = None,
    by: Sequence[str] = BY,
    level: float = 0.95,
    se: str = "propagated",
    model: str | None = None,
    reference: str | Sequence[str] | dict[str, str] | None = None,
    average: Any = None,
    draws: int = 10_000,
    seed: int | None = None,
    across: str = "group",
    covariance: Any = None,
    aversion: float | dict[str, float] | None = None,
    rii_form: str = "ratio",
    level_to: str = "best",
) -> pd.DataFrame:
    """Trend of a gap: its weighted slope a year over at least four periods.

    Answers: *is the gap growing or shrinking over the years?* Slope = Σ w (t − t̄) gap/Σ w (t − t̄)², w = 1/s², with
    Var = 1/Σ w (t − t̄)². For R, RII and KMI on the log: ``slope`` is the factor a year (null 1). A period such as
    2021-2023 stands at its middle.

    Parameters
    ----------
    cells : DataFrame
        Tidy cells of four periods or more.
    measure : str or list of str
        Codes or long names.
    indicators, by, level, se, model, reference, average, draws, seed, across, covariance, aversion, rii_form, level_to
        As in :func:`hyteanalysis.disparity`.

    Returns
    -------
    DataFrame
        The setting columns without ``period``, then ``measure, n_periods, first, last, slope, se, lower, upper, level,
        direction, p_value, q_value, p_line, unit, note``. ``direction``: ``widening``, ``narrowing`` or
        ``no_clear_trend``, as the distance from the null at the middle of the line goes. ``p_line`` tests whether the
        gaps lie on a line; below 5 % the slope is a summary only, and ``note`` says so.

    Raises
    ------
    MeasureError
        For periods without a year, fewer than four of them, or ``by`` without ``period``.

    Notes
    -----
    The gaps of different periods are taken as independent. Periods without a gap or its error are left out and counted.

    Examples
    --------
    >>> import pandas as pd, hyteanalysis as hyte
    >>> cells = pd.DataFrame({
    ...     "indicator": "smoking", "area": "SSS", "period": [str(2016 + 2 * (i // 2)) for i in range(8)],
    ...     "dimension": "education", "group": ["low", "high"] * 4, "order": [1, 2] * 4,
    ...     "estimate": [24.0, 8.0, 23.0, 8.0, 20.0, 7.0, 18.0, 7.0], "se": 0.8, "population": 1_000_000,
    ... })
    >>> trend = hyte.disparity_trend(cells, "D").iloc[0]
    >>> round(float(trend["slope"]), 2), trend["direction"]
    (-0.85, 'narrowing')
    """
    if "period" not in by:
        raise MeasureError(f"by must hold 'period', along which the trend runs; not {list(by)}.")
    columns, found = gaps(
        cells,
        measure,
        indicators=indicators,
        by=by,
        level=level,
        se=se,
        model=model,
        reference=reference,
        average=average,
        draws=draws,
        seed=seed,
        across=across,
        covariance=covariance,
        aversion=aversion,
        rii_form=rii_form,
        level_to=level_to,
    )
    found = found.assign(time=_years(found["period"]))
    if found["time"].nunique() < LEAST:
        raise MeasureError(f"A trend needs {LEAST} periods or more; the cells hold {found['time'].nunique()}.")
    return _slopes(found, [*(column for column in columns if column != "period"), "measure"], level)


def _years(periods: "pd.Series[str]") -> Array:
    """The middle of each period in years."""
    middles = {}
    for period in periods.unique():
        years = [int(year) for year in re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", period)]
        if not years:
            raise MeasureError(f"A trend needs periods with a year, such as 2022 or 2021-2023; not {period!r}.")
        middles[period] = (years[0] + years[-1]) / 2
    return np.asarray(periods.map(middles), dtype=float)


def _slopes(found: pd.DataFrame, keys: list[str], level: float) -> pd.DataFrame:
    number = found.groupby(keys, sort=False).ngroup().to_numpy()
    count = int(number.max()) + 1
    usable = found["value"].notna().to_numpy() & (found["error"] > 0).to_numpy()
    lost = np.bincount(number, ~usable, count).astype(int)
    some, at = found[usable], number[usable]
    time, value, error = (some[name].to_numpy() for name in ("time", "value", "error"))

    def total(values: Array) -> Array:
        return np.bincount(at, values, count)

    with np.errstate(all="ignore"):
        weight = error**-2.0
        middle, mean = total(weight * time) / total(weight), total(weight * value) / total(weight)
        spread = total(weight * (time - middle[at]) ** 2)
        slope = total(weight * (time - middle[at]) * value) / spread
        n = np.bincount(at, minlength=count)
        enough = n >= LEAST
        slope = np.where(enough, slope, np.nan)
        spread_error = np.where(enough, spread**-0.5, np.nan)
        misfit = total(weight * (value - mean[at] - slope[at] * (time - middle[at])) ** 2)
        p_line = np.where(enough, special.chdtrc(np.maximum(n - 2, 1), misfit), np.nan)
        p = two_sided(slope / spread_error)
    z = normal_quantile(level)
    lower, upper = slope - z * spread_error, slope + z * spread_error
    heads = found.drop_duplicates(keys)
    log = heads["log"].to_numpy()
    sure = (lower > 0) | (upper < 0)
    growing = slope * (mean - heads["null"].to_numpy()) > 0
    direction = np.select([sure & growing, sure], ["widening", "narrowing"], "no_clear_trend").astype(object)
    periods = some.groupby(at)["period"]
    first, last = (ends.reindex(range(count)).to_numpy() for ends in (periods.min(), periods.max()))
    return (
        heads[keys]
        .reset_index(drop=True)
        .assign(
            n_periods=n,
            first=first,
            last=last,
            slope=told(slope, log),
            se=np.where(log, told(slope, log) * spread_error, spread_error),
            lower=told(lower, log),
            upper=told(upper, log),
            level=level,
            direction=direction,
            p_value=p,
            q_value=discovery(p, heads["measure"]),
            p_line=p_line,
            unit=heads["unit"].to_numpy(),
            note=pd.array(_notes(lost, enough, p_line), dtype="str"),
        )
    )


def _notes(lost: Array, enough: Array, p_line: Array) -> list[str]:
    """What must be said of each trend: periods that it lacks, or that its gaps do not lie on a line."""
    return [
        "; ".join(
            words
            for words, said in (
                (f"{counted(gone, 'period')} without a gap or its error", gone),
                (f"a trend needs {LEAST} periods", not held),
                ("the gaps do not lie on a line", bent < 0.05),
            )
            if said
        )
        for gone, held, bent in zip(lost, enough, p_line, strict=True)
    ]
