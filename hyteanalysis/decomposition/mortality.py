"""A gap in mortality by age and cause: Arriaga's life tables, and rates taken apart by cause or indicator."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis.decomposition.people import pair_of
from hyteanalysis.decomposition.result import Decomposition, jacobian, tabulate
from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.rates import grid, standardise
from hyteanalysis.rates.bands import check_gaps, fault, read_bands
from hyteanalysis.rates.life import EARLY
from hyteanalysis.rates.simple import crude
from hyteanalysis.uncertainty import normal_quantile


def arriaga(
    data: pd.DataFrame,
    *,
    between: str,
    groups: Sequence[object] | None = None,
    age: str = "age",
    deaths: str = "deaths",
    population: str = "population",
    cause: str | None = None,
    level: float = 0.95,
) -> Decomposition:
    """Take a gap in life expectancy apart by age, and by cause of death.

    Answers: *at which ages, and by which causes, does one group lose the years that it lives less than another?*

    Formula, with l, L, T of life tables started with one person (′: at the band's end): a band contributes
    l₁(L₂/l₂ − L₁/l₁) + T₂′(l₁/l₂ − l₁′/l₂′), the open band l₁(T₂/l₂ − T₁/l₁). Taken both ways round and averaged, so
    that exchanging the groups changes only the sign. A cause's part of a band is in proportion to its part of the
    difference in death rates.

    Parameters
    ----------
    data : DataFrame
        One row for each group and band, and each cause where named (``population`` is then the same on all of a band).
    between : str
        Column of the two groups (or areas, or periods).
    groups : pair, optional
        The gap is first − second.
    age, deaths, population : str
        Columns with the band (first year, or text as ``1-4``, ``85+``), deaths, people or person-years.
    cause : str, optional
        Column of causes that add up to all deaths.
    level : float
        Confidence level.

    Returns
    -------
    Decomposition
        ``frame``: ``factor`` (the cause, or the band where no cause is named), ``part`` (``age`` or ``cause``), years.
        ``detail`` has bands × causes. Life tables as in :func:`hyteanalysis.rates.life_expectancy`, whose gap is
        ``total``.

    Raises
    ------
    TidyError
        As in :func:`hyteanalysis.rates.life_expectancy`.
    MeasureError
        For unknown groups, or populations that differ between the causes of one band.

    Notes
    -----
    Deaths count as Poisson. Causes are taken as independent: people saved from one may die of another. Arriaga 1984.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"sex": ["women"] * 3 + ["men"] * 3, "age": ["0-39", "40-69", "70+"] * 2,
    ...                       "deaths": [20, 200, 900, 40, 400, 1_000], "population": [40_000, 40_000, 15_000] * 2})
    >>> found = arriaga(table, between="sex", groups=("women", "men"))
    >>> found.frame[["factor", "estimate", "lower", "upper"]].round(2)
      factor  estimate  lower  upper
    0   0-39      1.44   0.35   2.52
    1  40-69      3.63   2.77   4.49
    2    70+      1.30   0.18   2.41
    """
    normal_quantile(level)
    grid.need(data, [between, age, deaths, population, *([cause] if cause else [])])
    pair = pair_of(data[between], groups)
    rows = data[data[between].isin(pair)].reset_index(drop=True)
    bands = read_bands(rows[age], age)
    check_gaps(bands, age, grid.where(rows, [between]))
    if np.isfinite(bands.last[-1]):
        raise fault(age, bands.labels[-1], "The last band is not open.", "A life table ends in an open band, as 85+.")
    by = [between, *([cause] if cause else [])]
    cells = grid.lay_out(rows, by, [deaths, population], band=age, bands=bands.labels)
    cells.counts(deaths)
    cells.people(population)
    whole = cells.settle(cells.keys.assign(status="ok", note=""), [])
    if (whole["status"] != "ok").any():
        raise MeasureError(whole.loc[whole["status"] != "ok", "note"].iloc[0])
    kinds = sorted(cells.keys[cause].unique(), key=str) if cause else [""]
    d, n = _arrays(cells, between, cause, pair, kinds, deaths, population)
    if (empty := d.sum(axis=1)[:, -1] == 0).any():
        raise MeasureError(
            f"Group {str(pair[int(empty.argmax())])!r} has no deaths in the last band {bands.labels[-1]}, so no "
            "expectation. Join the band with its neighbour."
        )
    first = bands.first
    shape = d.shape

    def parts_of(theta: NDArray[Any]) -> NDArray[Any]:
        return _contributions(theta.reshape(shape), n, first).ravel()

    values = np.real(parts_of(d.astype(complex).ravel()))
    slope = jacobian(parts_of, d.ravel())
    covariance = (slope * d.ravel()) @ slope.T
    bandwise = [str(label) for label in bands.labels]
    fine = pd.DataFrame(
        {"factor": np.repeat([str(kind) for kind in kinds], len(bandwise)), "age": bandwise * len(kinds), "part": "age"}
    )
    detail, _, _ = tabulate(fine, values, covariance, level=level)
    key = fine["factor"] if cause else fine["age"]
    names = list(dict.fromkeys(key))
    member = (np.array(names)[:, None] == key.to_numpy()).astype(float)
    keys = pd.DataFrame({"factor": names, "part": "cause" if cause else "age", "respondents": np.nan})
    frame, sums, total = tabulate(keys, member @ values, member @ covariance @ member.T, level=level)
    return Decomposition(
        method="arriaga", total=total, frame=frame, parts=sums, groups=(str(pair[0]), str(pair[1])),
        factors=(cause or age,), level=level, detail=detail if cause else None,
    )  # fmt: skip


def _arrays(
    cells: grid.Grid, between: str, cause: str | None, pair: list[Any], kinds: list[Any], deaths: str, population: str
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Deaths by group × cause × band, and people by group × band."""
    size = cells.values[deaths].shape[1]
    d, n = np.full((2, len(kinds), size), np.nan), np.full((2, len(kinds), size), np.nan)
    group = pd.Index(pair).get_indexer(cells.keys[between])
    kind = pd.Index(kinds).get_indexer(cells.keys[cause]) if cause else np.zeros(len(cells.keys), dtype=int)
    d[group, kind], n[group, kind] = cells.values[deaths], cells.values[population]
    lacking = np.argwhere(np.isnan(d).any(axis=2))
    if len(lacking):
        raise MeasureError(f"Group {str(pair[lacking[0][0]])!r} has no rows of cause {str(kinds[lacking[0][1]])!r}.")
    if (np.ptp(n, axis=1) > 0).any():
        raise MeasureError(f"{population!r} differs between the causes of one band; it is the same people.")
    return d, n[:, 0]


def _contributions(d: NDArray[Any], n: NDArray[Any], first: NDArray[Any]) -> NDArray[Any]:
    """Years by cause × band that the first group lives longer than the second."""
    rate = d.sum(axis=1) / n
    # a band with equal rates contributes nothing, but its causes may: their slope is that of a tiny difference
    tie = np.real(rate[0] - rate[1]) == 0
    nudged = rate.copy()
    nudged[1] = np.where(tie, rate[1] * (1 + 1e-7) + 1e-12, rate[1])
    both = (_one_way(nudged[1], nudged[0], first) - _one_way(nudged[0], nudged[1], first)) / 2
    by_cause = d[0] / n[0] - d[1] / n[1]
    if d.shape[1] == 1:
        return np.where(tie, 0, both)[None]
    found: NDArray[Any] = by_cause * (both / (nudged[0] - nudged[1]))
    return found


def _one_way(before: NDArray[Any], after: NDArray[Any], first: NDArray[Any]) -> NDArray[Any]:
    """Contribution of each band to e(after) − e(before)."""
    (l1, big1, t1), (l2, big2, t2) = _table(before, first), _table(after, first)
    found = l1 * (t2[:-1] / l2 - t1[:-1] / l1)  # the open band's form
    direct = l1[:-1] * (big2[:-1] / l2[:-1] - big1[:-1] / l1[:-1])
    indirect = t2[1:-1] * (l1[:-1] / l2[:-1] - l1[1:] / l2[1:])
    return np.append(direct + indirect, found[-1])


def _table(rate: NDArray[Any], first: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Survivors, person-years of each band, and person-years from it on (with a 0 at the end)."""
    width = np.diff(first)
    a = np.where(first[:-1] == 0, EARLY, 0.5)
    q = rate[:-1] * width / (1 + rate[:-1] * width * (1 - a))
    q = np.where(np.real(q) < 1, q, 1)
    alive = np.cumprod(np.append(1, 1 - q))
    lived = np.append(width * (alive[1:] + a * (alive[:-1] - alive[1:])), alive[-1] / rate[-1])
    return alive, lived, np.append(np.cumsum(lived[::-1])[::-1], 0)


def causes(
    data: pd.DataFrame,
    *,
    between: str,
    groups: Sequence[object] | None = None,
    cause: str,
    events: str = "events",
    population: str = "population",
    per: float = 100_000,
    standard: "str | pd.DataFrame | None" = None,
    band: str = "age",
    level: float = 0.95,
) -> Decomposition:
    """Take a gap in a rate apart by causes that add up to it.

    Answers: *which causes of death, or kinds of harm, does the gap in the rate consist of?*

    Formula: the rate is the sum of the causes' rates, so each contributes its own difference; with ``standard``, of
    directly age-standardised rates.

    Parameters
    ----------
    data : DataFrame
        One row for each group and cause, and each band where standardised.
    between, cause : str
        Columns of the two groups, and of causes: of which each event has exactly one.
    groups : pair, optional
        The gap is first − second.
    events, population : str
        Columns with events and people.
    per : float
        Rates are per so many people.
    standard : str or DataFrame, optional
        Standard population, as :func:`hyte.standardise` takes it, with ages in ``band``.
    band : str
        Column of ages.
    level : float
        Confidence level.

    Returns
    -------
    Decomposition
        ``frame``: one row a cause; ``part`` is ``cause``.

    Raises
    ------
    MeasureError
        For unknown groups, or a cause that a group lacks.

    Notes
    -----
    Events count as Poisson and independent between causes. Not for causes that one event may have several of.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"sex": ["men", "men", "women", "women"], "cause": ["heart", "other"] * 2,
    ...                       "events": [60, 40, 30, 35], "population": [10_000] * 4})
    >>> causes(table, between="sex", groups=("men", "women"), cause="cause", per=1000).frame[["factor", "estimate"]]
      factor  estimate
    0  heart       3.0
    1  other       0.5
    """
    normal_quantile(level)
    for column in (between, cause, events, population, *([band] if standard is not None else [])):
        one_of(column, list(data.columns), "column", MeasureError)
    pair = pair_of(data[between], groups)
    rows = data[data[between].isin(pair)]
    by = [between, cause]
    if standard is None:
        rates = crude(rows, by, events=events, population=population, per=per)
    else:
        rates = standardise(rows, by, band=band, events=events, population=population, standard=standard, per=per)
    estimate = rates.pivot(index=cause, columns=between, values="estimate")[pair]
    error = rates.pivot(index=cause, columns=between, values="se")[pair]
    lacking = estimate.isna().any(axis=1)
    if lacking.any():
        raise MeasureError(f"Cause {str(estimate.index[lacking][0])!r} has no rate in both groups: give its 0 events, "
                           "or join causes (standardised rates need 10 events).")  # fmt: skip
    values = (estimate[pair[0]] - estimate[pair[1]]).to_numpy()
    keys = pd.DataFrame({"factor": estimate.index.astype("str"), "part": "cause", "respondents": np.nan})
    variance = np.nan_to_num((error**2).sum(axis=1).to_numpy(), nan=0.0)
    frame, parts, total = tabulate(keys, values, np.diag(variance), level=level)
    return Decomposition(
        method="causes", total=total, frame=frame, parts=parts, groups=(str(pair[0]), str(pair[1])), factors=(cause,),
        level=level,
    )  # fmt: skip
