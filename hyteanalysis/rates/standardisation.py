"""Rates made comparable across groups of different age: directly and indirectly standardised."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hyteanalysis import uncertainty
from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.rates import grid
from hyteanalysis.rates.bands import fault, weights

NUMBERS = ["estimate", "se", "lower", "upper"]
FEWEST = 10  # events in all under which a directly standardised rate has no value


def standardise(
    data: pd.DataFrame,
    by: str | Sequence[str],
    *,
    band: str = "age",
    events: str = "events",
    population: str = "population",
    standard: str | pd.DataFrame,
    per: float = 100_000,
    interval: str = "dobson",
    level: float = 0.95,
    frequency: str | None = None,
    ages: tuple[int, int | None] | None = None,
) -> pd.DataFrame:
    """Directly standardised rate: what the rate would be if every group had the standard population's ages.

    Formula: Σ w x/n ÷ Σ w over the bands, variance Σ w² x/n² ÷ (Σ w)².

    Parameters
    ----------
    data : DataFrame
        One row a group and band.
    by : str or list of str
        Columns that name the group.
    band : str
        Column with the age band: ``0``, ``1-4``, ``85+``, or the bands' first years.
    events, population : str
        Columns with events and people (or person-years).
    standard : str or DataFrame
        ``"esp2013"``, ``"who"`` (collapsed to the data's bands where those nest), or your own frame ``[band,
        "weight"]``. It is joined by band, never by position.
    per : float
        The rate is given per so many people.
    interval : {"dobson", "fay-feuer"}
        Dobson's scaled Byar limits, or the gamma limits of Fay and Feuer, which never fall short of their level.
    level : float
        Confidence level.
    frequency : str, optional
        Events that are not independent, such as several hospital stays of one person: the column that says how many
        events each person had; ``events`` then counts persons, with a row for each band and frequency.
    ages : (int, int or None), optional
        First and last age of the rate where it is not of all ages, with a named standard: ``(0, 74)``; None is open.

    Returns
    -------
    DataFrame
        ``*by, events, population, estimate, se, lower, upper, status, method, note``; passes ``hyte.tidy(…, keys=…)``.
        Under ten events in all there is no value.

    Raises
    ------
    TidyError
        A lacking column, a standard with other bands than the data, a band that no group has. A group with a missing
        or repeated band, an empty population or a count that is not whole gets ``status`` ``missing`` and a ``note``
        naming the band; where no group is left, that is an error as well.

    Notes
    -----
    The rate is a comparison number, not the group's own level. Where a few bands hold hardly any people, use
    :func:`indirect`. Dobson et al. 1991; Fay & Feuer 1997.

    Examples
    --------
    >>> import pandas as pd
    >>> deaths = pd.DataFrame({"area": ["HVA08"] * 3, "age": ["0-64", "65-79", "80+"], "events": [90, 260, 700],
    ...                        "population": [118_000, 33_000, 12_000]})
    >>> standardise(deaths, "area", standard="esp2013")[["area", "estimate", "lower", "upper"]].round(1)
        area  estimate  lower  upper
    0  HVA08     467.3  439.1  496.8
    """
    one_of(interval, ("dobson", "fay-feuer"), "interval", MeasureError)
    by = grid.names(by)
    grid.need(data, [*by, band, events, population, *([frequency] if frequency else [])])
    bands, weight = weights(standard, data[band], band, ages, grid.where(data, by))
    squares = events
    if frequency:
        data, squares = _persons(data, by, band, events, population, frequency), "_squares"
    cells = grid.lay_out(data, by, list(dict.fromkeys([events, population, squares])), band=band, bands=bands)
    cells.counts(events)
    cells.people(population)
    x, n, x2 = (cells.values[name] for name in (events, population, squares))
    with np.errstate(divide="ignore", invalid="ignore"):
        each = weight / weight.sum() / n
        rate, variance = (each * x).sum(axis=1), (each**2 * x2).sum(axis=1)
        total = x.sum(axis=1)
        if interval == "dobson":
            lower, upper = uncertainty.dobson(rate, variance, total, level)
        else:
            lower, upper = uncertainty.fay_feuer(rate, variance, each.max(axis=1), level)
    numbers = np.stack([rate, np.sqrt(variance), lower, upper]) * per
    few = total < FEWEST
    numbers[:, few] = np.nan
    name = {"dobson": "Dobson", "fay-feuer": "Fay-Feuer"}[interval]
    result = cells.keys.assign(
        events=total, population=n.sum(axis=1), **dict(zip(NUMBERS, numbers, strict=True)),
        status=np.where(few, "missing", "ok"),
        method=f"{name}, events not independent" if frequency else name,
        note=np.where(few, f"Fewer than {FEWEST} events in all: no standardised rate.", ""),
    )  # fmt: skip
    return cells.settle(result, NUMBERS)


def _persons(
    data: pd.DataFrame, by: list[str], band: str, events: str, population: str, frequency: str
) -> pd.DataFrame:
    """Rows by frequency brought to one row a band: events, and the sum of squares that makes their variance."""
    key = [*by, band]
    twice = data.duplicated([*key, frequency])
    if twice.any():
        raise fault(frequency, data.loc[twice, frequency].iloc[0], "stands twice in a band.", "Add the rows up.")
    times, persons = grid.number(data, frequency), grid.number(data, events)
    frame = data[key].assign(_people=grid.number(data, population))
    frame[events], frame["_squares"] = times * persons, times**2 * persons
    frame["_lost"] = np.isnan(frame[events])
    grouped = frame.groupby(key, sort=False, observed=True)
    if (grouped["_people"].nunique() > 1).any():
        raise fault(population, None, "differs between rows of one band.", "Repeat the band's population on each row.")
    table = grouped.agg({events: "sum", "_squares": "sum", "_people": "first", "_lost": "any"}).reset_index()
    table.loc[table["_lost"], events] = np.nan
    return table.rename(columns={"_people": population})


def indirect(
    data: pd.DataFrame,
    by: str | Sequence[str],
    *,
    band: str = "age",
    events: str = "events",
    population: str = "population",
    reference: pd.DataFrame,
    per: float | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Indirectly standardised ratio or rate: observed events against those expected at the reference's rates.

    Formula: O/E, E = Σ n X/N over the bands; as a rate, O/E times the reference's crude rate. Limits: exact Poisson
    under ten events, Byar from there on.

    Parameters
    ----------
    data : DataFrame
        One row a group and band.
    by : str or list of str
        Columns that name the group.
    band, events, population : str
        Columns with the age band, events and people.
    reference : DataFrame
        ``[band, "events", "population"]`` of the reference population, such as the whole country; joined by band.
    per : float, optional
        None gives the ratio (1 = as in the reference), a number the rate per so many people.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        ``*by, observed, expected, events, population, estimate, se, lower, upper, status, method, note``.

    Raises
    ------
    TidyError
        As in :func:`standardise`; also where the reference has other bands, or a band without people. A band of the
        group without people does no harm here, since nothing is expected in it; events in it make the result
        ``uncertain``, with a ``note`` naming the band.

    Notes
    -----
    Two indirectly standardised groups are each comparable with the reference, but not with each other, where their age
    structures differ. Breslow & Day 1987.

    Examples
    --------
    >>> import pandas as pd
    >>> country = pd.DataFrame({"age": ["0-64", "65+"], "events": [600, 5000], "population": [900_000, 200_000]})
    >>> town = pd.DataFrame({"area": "KU285", "age": ["0-64", "65+"], "events": [9, 70], "population": [9_000, 2_400]})
    >>> indirect(town, "area", reference=country)[["observed", "expected", "estimate", "lower", "upper"]].round(2)
       observed  expected  estimate  lower  upper
    0      79.0      66.0       1.2   0.95   1.49
    """
    by = grid.names(by)
    grid.need(data, [*by, band, events, population])
    bands, rate, crude = _reference(reference, data[band], band)
    cells = grid.lay_out(data, by, [events, population], band=band, bands=bands)
    cells.counts(events)
    cells.people(population, unless=True)
    observed, people = cells.values[events].sum(axis=1), cells.values[population]
    expected = (people * rate).sum(axis=1)
    cells.flag((expected == 0)[:, None], "expected", "no events are expected", "Use a reference with events.")
    lower, upper = uncertainty.poisson(observed, level)
    factor = 1.0 if per is None else crude * per
    with np.errstate(divide="ignore", invalid="ignore"):
        numbers = [part / expected * factor for part in (observed, np.sqrt(observed), lower, upper)]
    result = cells.keys.assign(
        observed=observed, expected=expected, events=observed, population=people.sum(axis=1),
        **dict(zip(NUMBERS, numbers, strict=True)), status="ok",
        method=np.where(observed < 10, "exact Poisson", "Byar"), note="",
    )  # fmt: skip
    odd = (people == 0) & (cells.values[events] > 0)
    result = cells.doubt(result, odd, f"{events} where {population} is 0, so that none of them was expected")
    return cells.settle(result, [*NUMBERS, "expected"])


def _reference(reference: pd.DataFrame, labels: "pd.Series[str]", band: str) -> tuple[list[object], grid.Array, float]:
    grid.need(reference, [band, "events", "population"])
    cells = grid.lay_out(reference, [], ["events", "population"], band=band, bands=list(reference[band].unique()))
    cells.counts("events", whole=False)
    cells.people("population")
    if cells.bad.any():
        raise fault(band, None, f"In the reference: {cells.faults()['problem'].iloc[0]}", "Correct the reference.")
    other = [label for label in labels.dropna().unique() if label not in set(cells.bands)]
    if other:
        have = ", ".join(map(str, cells.bands))
        raise fault(band, other[0], f"The reference has no such band; it has {have}.", "Use the same bands in both.")
    x, n = cells.values["events"][0], cells.values["population"][0]
    return cells.bands, x / n, float(x.sum() / n.sum())
