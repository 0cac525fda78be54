"""Shares, crude rates and means of groups, each with its standard error and interval."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hyteanalysis import uncertainty
from hyteanalysis.rates import grid

NUMBERS = ["estimate", "se", "lower", "upper"]


def proportion(
    data: pd.DataFrame,
    by: str | Sequence[str],
    *,
    events: str = "events",
    population: str = "population",
    scale: float = 1,
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of people with an outcome, with Wilson's score interval.

    Answers: *what share of each group has it, and how sure is that?* Rows of one group are added up first.

    Parameters
    ----------
    data : DataFrame
        Counts, one or more rows a group.
    by : str or list of str
        Columns that name the group.
    events, population : str
        Columns with people who have the outcome, and all people.
    scale : float
        1 gives a share, 100 per cent.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        ``*by, events, population, estimate, se, lower, upper, status, method, note``; passes ``hyte.tidy(…, keys=…)``.

    Raises
    ------
    TidyError
        A column is lacking, or no group has usable counts. One bad group among good ones (no people, more events than
        people, a missing count) gets ``status`` ``missing`` and a ``note`` instead; counts that are not whole make it
        ``uncertain``, since Wilson's interval is of counts.

    Notes
    -----
    Not for weighted surveys (``hyte.survey.estimate``), nor for comparing groups of different age
    (``hyte.standardise``). Wilson 1927; Newcombe 1998.

    Examples
    --------
    >>> import pandas as pd
    >>> counts = pd.DataFrame({"area": ["KU285", "KU286"], "events": [5, 20], "population": [50, 80]})
    >>> proportion(counts, "area", scale=100)[["area", "estimate", "lower", "upper"]].round(1)
        area  estimate  lower  upper
    0  KU285      10.0    4.3   21.4
    1  KU286      25.0   16.8   35.5
    """
    by = grid.names(by)
    cells = grid.lay_out(data, by, [events, population])
    cells.counts(events, whole=False)
    cells.people(population)
    x, n = cells.values[events][:, 0], cells.values[population][:, 0]
    above = (x > n)[:, None]
    cells.flag(above, events, f"{events} are above {population}", "A share cannot be above 1.", x)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = x / n
        se = np.sqrt(p * np.maximum(1 - p, 0) / n)
        lower, upper = uncertainty.wilson(x, n, level)
    numbers = [part * scale for part in (p, se, lower, upper)]
    odd = grid.uneven(x) | grid.uneven(n)
    return _result(cells, x, n, numbers, "Wilson", odd)


def crude(
    data: pd.DataFrame,
    by: str | Sequence[str],
    *,
    events: str = "events",
    population: str = "population",
    per: float = 100_000,
    level: float = 0.95,
) -> pd.DataFrame:
    """Crude rate, with exact Poisson limits under ten events and Byar's from there on.

    Answers: *how often does it happen in each group, as the group is?* Rows of one group are added up first.

    Parameters
    ----------
    data : DataFrame
        Counts, one or more rows a group.
    by : str or list of str
        Columns that name the group.
    events, population : str
        Columns with events and people (or person-years).
    per : float
        The rate is given per so many people.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        ``*by, events, population, estimate, se, lower, upper, status, method, note``; passes ``hyte.tidy(…, keys=…)``.

    Raises
    ------
    TidyError
        As in :func:`proportion`; events may exceed people here, since one person can have several.

    Notes
    -----
    Not for comparing groups of different age (``hyte.standardise``). Breslow & Day 1987.

    Examples
    --------
    >>> import pandas as pd
    >>> counts = pd.DataFrame({"area": ["KU285"], "events": [20], "population": [12_000]})
    >>> crude(counts, "area")[["estimate", "lower", "upper", "method"]].round(1)
       estimate  lower  upper method
    0     166.7  101.8  257.4   Byar
    """
    by = grid.names(by)
    cells = grid.lay_out(data, by, [events, population])
    cells.counts(events)
    cells.people(population)
    x, n = cells.values[events][:, 0], cells.values[population][:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        lower, upper = uncertainty.poisson(x, level)
        numbers = [part / n * per for part in (x, np.sqrt(np.maximum(x, 0)), lower, upper)]
    return _result(cells, x, n, numbers, np.where(x < 10, "exact Poisson", "Byar"))


def mean(data: pd.DataFrame, by: str | Sequence[str], *, value: str = "value", level: float = 0.95) -> pd.DataFrame:
    """Mean of a measured value, with Student's t interval.

    Answers: *what is the average of each group, and how sure is that?*

    Parameters
    ----------
    data : DataFrame
        One row a person (or other unit), unweighted.
    by : str or list of str
        Columns that name the group.
    value : str
        Column with the measured value.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        ``*by, population, respondents, estimate, se, lower, upper, status, method, note``; both counts are the number
        of values. A single value has no interval and is ``uncertain``.

    Raises
    ------
    TidyError
        A column is lacking or holds text, or every group has missing values. A group with missing values among whole
        ones gets ``status`` ``missing``: leave the missing ones out yourself, so that you know how many they are.

    Examples
    --------
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"group": ["low"] * 3 + ["high"] * 3, "value": [5, 6, 7, 7, 8, 9]})
    >>> mean(scores, "group")[["group", "respondents", "estimate", "lower", "upper"]].round(2)
      group  respondents  estimate  lower  upper
    0   low          3.0       6.0   3.52   8.48
    1  high          3.0       8.0   5.52  10.48
    """
    by = grid.names(by)
    grid.need(data, [*by, value])
    code, keys = grid.settings(data, by)
    y = grid.number(data, value)
    n = grid.total(code, np.ones_like(y), len(keys))
    centre = grid.total(code, y, len(keys)) / n
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.sqrt(grid.total(code, (y - centre[code]) ** 2, len(keys)) / (n - 1) / n)
    lower, upper = uncertainty.wald(centre, se, level, n - 1)
    cells = grid.Grid(keys, None, [], {})
    lost = grid.total(code, np.isnan(y), len(keys))
    cells.flag(lost > 0, value, f"{value} is missing on some rows", "Leave them out, and say how many they are.", lost)
    result = keys.assign(
        population=n, respondents=n, estimate=centre, se=np.where(n > 1, se, np.nan), lower=lower, upper=upper,
        status=np.where(n > 1, "ok", "uncertain"), method="Student",
        note=np.where(n > 1, "", "A single value has no interval."),
    )  # fmt: skip
    return cells.settle(result, NUMBERS)


def _result(
    cells: grid.Grid, x: grid.Array, n: grid.Array, numbers: list[grid.Array], method: str | np.ndarray,
    odd: grid.Truth | None = None,
) -> pd.DataFrame:  # fmt: skip
    result = cells.keys.assign(events=x, population=n, **dict(zip(NUMBERS, numbers, strict=True)))
    result = result.assign(status="ok", method=method, note="")
    if odd is not None:
        result = cells.doubt(result, odd, "Counts that are not whole: for weighted data use hyte.survey.estimate")
    return cells.settle(result, NUMBERS)
