"""Life expectancy from abridged life tables, and years of life lost."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hyteanalysis import uncertainty
from hyteanalysis.rates import grid
from hyteanalysis.rates.bands import Bands, check_gaps, fault, read_bands

NUMBERS = ["estimate", "se", "lower", "upper"]
SMALL = 5000  # person-years under which a life table is marked uncertain
WIDE = 20  # years of interval over which it is
EARLY = 0.1  # share of the first band lived by those who die in it (they die soon after birth); elsewhere one half


def life_expectancy(
    data: pd.DataFrame,
    by: str | Sequence[str],
    *,
    age: str = "age",
    deaths: str = "deaths",
    population: str = "population",
    level: float = 0.95,
) -> pd.DataFrame:
    """Life expectancy at the beginning of every age band, by Chiang's abridged life table.

    Answers: *how many years would people live from here on, if today's death rates stayed?*

    Formula: q = nM/(1 + n(1 − a)M) capped at 1, a = 0.1 in the first band from birth, else ½; the last band is open,
    with expectation 1/M. Variance: Chiang's Σ l²[(1 − a)n + e′]² Var q with Var q = q²(1 − q)/deaths, and Silcocks'
    term for the last band.

    Parameters
    ----------
    data : DataFrame
        One row a group and band; any number of bands.
    by : str or list of str
        Columns that name the group.
    age : str
        Column with the band's first year (0, 1, 5, …, 85), or the band as text (``1-4``, ``85+``).
    deaths, population : str
        Columns with deaths and people (or person-years).
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        ``*by, age, estimate, se, lower, upper, deaths, population, status, method, note``; deaths and population are
        those from this age on. ``uncertain`` where the group has fewer than 5,000 person-years or the interval is wider
        than 20 years.

    Raises
    ------
    TidyError
        A lacking column, labels that are no ages, a band that no group has. A group with a missing or repeated band, an
        empty population, deaths above population or no deaths in the last band gets ``status`` ``missing`` and a
        ``note`` naming the band; where no group is left, that is an error as well.

    Notes
    -----
    A period measure, not a forecast. Several years are added together in small areas. Chiang 1984; Silcocks et al.
    2001; Eayres & Williams 2004.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"area": "HVA08", "age": [0, 1, 15, 45, 65, 85], "deaths": [4, 3, 25, 160, 900, 700],
    ...                       "population": [1_200, 21_000, 52_000, 45_000, 36_000, 5_000]})
    >>> life_expectancy(table, "area")[["age", "estimate", "lower", "upper"]].round(2).head(2)
       age  estimate  lower  upper
    0    0     82.02  81.34  82.70
    1    1     81.30  80.67  81.92
    """
    by = grid.names(by)
    grid.need(data, [*by, age, deaths, population])
    bands = read_bands(data[age], age)
    check_gaps(bands, age, grid.where(data, by))
    if np.isfinite(bands.last[-1]):
        raise fault(age, bands.labels[-1], "The last band is not open.", "A life table ends in an open band, as 85+.")
    cells = grid.lay_out(data, by, [deaths, population], band=age, bands=bands.labels)
    cells.counts(deaths)
    cells.people(population)
    d, n = cells.values[deaths], cells.values[population]
    cells.flag((d > n) & (n > 0), deaths, f"{deaths} are above {population}", "Check both columns.", d)
    unclosed = np.zeros_like(d, dtype=bool)
    unclosed[:, -1] = d[:, -1] == 0
    cells.flag(unclosed, deaths, "no deaths in the last band, so no expectation", "Join the band with its neighbour.")
    expectation, variance = _chiang(d, n, bands)
    people, died = (np.cumsum(part[:, ::-1], axis=1)[:, ::-1] for part in (n, d))
    se = np.sqrt(variance)
    lower, upper = uncertainty.wald(expectation, se, level)
    small, wide = np.repeat(people[:, :1] < SMALL, d.shape[1], axis=1), upper - lower > WIDE
    note = np.where(small, f"Fewer than {SMALL:,} person-years.", np.where(wide, f"Over {WIDE} years of interval.", ""))
    reached = np.isfinite(expectation)
    ended = reached & ~reached[:, -1:] & ~cells.bad[:, None]
    last = np.array(bands.labels, dtype=object)[np.maximum(reached.sum(axis=1) - 1, 0)]
    told = np.array([f"All die in band {label}: its error is not known, limits are too narrow." for label in last])
    note = np.where(ended, told[:, None], np.where(~reached & ~cells.bad[:, None], "Nobody reaches this age.", note))
    size = len(bands.labels)
    result = cells.keys.loc[cells.keys.index.repeat(size)].reset_index(drop=True)
    result = result.assign(
        age=np.tile(bands.first.astype(int), len(cells.keys)),
        estimate=expectation.ravel(), se=se.ravel(), lower=lower.ravel(), upper=upper.ravel(),
        deaths=died.ravel(), population=people.ravel(),
        status=np.select([~reached, small | wide | ended], ["missing", "uncertain"], "ok").ravel(),
        method="Chiang, Silcocks", note=note.ravel(),
    )  # fmt: skip
    return _spread(cells, result, size)


def _chiang(d: grid.Array, n: grid.Array, bands: Bands) -> tuple[grid.Array, grid.Array]:
    """Expectation and its variance at every band's beginning, for all settings at once."""
    width = np.diff(bands.first)
    a = np.where(bands.first[:-1] == 0, EARLY, 0.5)
    with np.errstate(divide="ignore", invalid="ignore"):
        m = d / n
        q = np.minimum(m[:, :-1] * width / (1 + m[:, :-1] * width * (1 - a)), 1)
        variance_q = np.where(d[:, :-1] > 0, q**2 * (1 - q) / d[:, :-1], np.where(np.isnan(q), np.nan, 0.0))
        alive = np.cumprod(np.concatenate([np.ones((len(d), 1)), 1 - q], axis=1), axis=1)
        lived = width * (alive[:, 1:] + a * (alive[:, :-1] - alive[:, 1:]))
        lived = np.concatenate([lived, alive[:, -1:] / m[:, -1:]], axis=1)
        remaining = np.cumsum(lived[:, ::-1], axis=1)[:, ::-1]
        expectation = remaining / alive
        after = np.where(alive[:, 1:] > 0, expectation[:, 1:], 0.0)  # where all have died nothing is left
        spread = alive[:, :-1] ** 2 * ((1 - a) * width + after) ** 2 * variance_q
        open_band = (alive[:, -1:] / m[:, -1:]) ** 2 / d[:, -1:]
        open_band = np.where((alive[:, -1:] > 0) | np.isnan(alive[:, -1:]), open_band, 0.0)
        spread = np.concatenate([np.where(alive[:, :-1] > 0, spread, 0.0), open_band], axis=1)
        return expectation, np.cumsum(spread[:, ::-1], axis=1)[:, ::-1] / alive**2


def _spread(cells: grid.Grid, result: pd.DataFrame, size: int) -> pd.DataFrame:
    """Settle faults of a setting on every row of it."""
    if not cells.bad.any():
        return result
    one = cells.settle(cells.keys.assign(status="", note="", **dict.fromkeys(NUMBERS, 0.0)), NUMBERS)
    bad = np.repeat(cells.bad, size)
    result.loc[bad, NUMBERS] = np.nan
    result.loc[bad, "status"] = "missing"
    result.loc[bad, "note"] = np.repeat(one["note"].to_numpy(), size)[bad]
    return result


def years_of_life_lost(
    data: pd.DataFrame,
    by: str | Sequence[str],
    *,
    age: str = "age",
    deaths: str = "deaths",
    population: str = "population",
    limit: float | None = None,
    remaining: pd.DataFrame | None = None,
    per: float | None = 100_000,
    level: float = 0.95,
) -> pd.DataFrame:
    """Years of life lost by early death: deaths times the years that were left, per so many people.

    Formula: Σ d · r, where r is the years from the band's middle to ``limit`` (0 above it), or the remaining life
    expectancy of a reference table. Limits: Dobson's.

    Parameters
    ----------
    data : DataFrame
        One row a group and band.
    by : str or list of str
        Columns that name the group.
    age, deaths, population : str
        Columns with the band's first year or label, deaths, and people.
    limit : float, optional
        Age up to which a death is early, such as 75 or 80. Bands that begin at or above it count for nothing, neither
        deaths nor people; no band may straddle it.
    remaining : DataFrame, optional
        ``[age, "estimate"]``: years left at death in each band, such as a life table's. Give this or ``limit``.
    per : float, optional
        Years lost per so many people; None gives the years themselves.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        ``*by, events, population, estimate, se, lower, upper, status, method, note``; ``events`` are deaths counted.

    Raises
    ------
    TidyError
        As in :func:`life_expectancy`; also where a band straddles the limit.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"area": "HVA08", "age": ["0-24", "25-49", "50-74", "75+"], "deaths": [8, 40, 400, 1_300],
    ...                       "population": [40_000, 45_000, 55_000, 20_000]})
    >>> years_of_life_lost(table, "area", limit=75)[["events", "estimate", "lower", "upper"]].round(0)
       events  estimate   lower   upper
    0   448.0    5000.0  4470.0  5568.0
    """
    by = grid.names(by)
    grid.need(data, [*by, age, deaths, population])
    bands = read_bands(data[age], age)
    check_gaps(bands, age, grid.where(data, by))
    years, counted = _years(bands, age, limit, remaining)
    cells = grid.lay_out(data, by, [deaths, population], band=age, bands=bands.labels)
    cells.counts(deaths)
    cells.people(population)
    d, n = cells.values[deaths], cells.values[population]
    cells.flag((d > n) & (n > 0), deaths, f"{deaths} are above {population}", "Check both columns.", d)
    events, people = d[:, counted].sum(axis=1), n[:, counted].sum(axis=1)
    lost, variance = (d * years).sum(axis=1), (d * years**2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        lower, upper = uncertainty.dobson(lost, variance, events, level)
        factor = 1.0 if per is None else per / people
        numbers = [part * factor for part in (lost, np.sqrt(variance), lower, upper)]
    result = cells.keys.assign(
        events=events, population=people, **dict(zip(NUMBERS, numbers, strict=True)),
        status="ok", method="Dobson", note="",
    )  # fmt: skip
    return cells.settle(result, NUMBERS)


def _years(
    bands: Bands, age: str, limit: float | None, remaining: pd.DataFrame | None
) -> tuple[grid.Array, grid.Truth]:
    """Years lost by a death in each band, and which bands count."""
    if (limit is None) == (remaining is None):
        raise fault("limit", limit, "Give either limit= or remaining=.", "limit=75 counts the years lost before 75.")
    if remaining is not None:
        grid.need(remaining, [age, "estimate"])
        table = remaining.set_index(age)["estimate"]
        found = table.reindex(bands.labels)
        if found.isna().any() or table.index.has_duplicates:
            lost = [label for label, gone in zip(bands.labels, found.isna(), strict=True) if gone]
            raise fault(age, lost[0] if lost else None, "is not once in remaining=.", "Give each band's years left.")
        return found.to_numpy(dtype=float), np.ones(len(bands.labels), dtype=bool)
    assert limit is not None
    counted = bands.first < limit
    straddling = counted & (bands.last + 1 > limit)
    if straddling.any():
        label = bands.labels[int(straddling.argmax())]
        raise fault(age, label, f"goes over the limit {limit:g}.", "Choose a limit at the edge of a band.")
    middle = (bands.first + np.where(counted, bands.last, bands.first) + 1) / 2
    return np.where(counted, limit - middle, 0.0), counted
