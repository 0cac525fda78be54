"""Which areas differ from the whole, when hundreds are looked at in one go."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from hyteanalysis import uncertainty
from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.rates import grid

Array = grid.Array


def compare_with_whole(
    data: pd.DataFrame,
    by: str | Sequence[str] = (),
    *,
    events: str = "events",
    population: str = "population",
    level: float = 0.95,
    model: str = "binomial",
) -> pd.DataFrame:
    """Compare every area with the rest of all areas together, with the false-discovery rate held.

    Answers: *which municipalities really differ, and which only look so because there are many?*

    Formula: exact two-sided p of the area against the rest, twice the smaller tail of its events given those of the
    whole (hypergeometric; of Poisson counts binomial), at most 1. A large area is part of the whole, and a comparison
    with that would hardly see it; an area that is all of the whole has no p. q by Benjamini–Hochberg over the areas; an
    area differs where q ≤ 1 − level.

    Parameters
    ----------
    data : DataFrame
        One row an area.
    by : str or list of str
        Columns within which areas are compared separately, such as period and group.
    events, population : str
        Columns with events and people.
    level : float
        1 − the share of false ones among the areas said to differ.
    model : {"binomial", "poisson"}
        ``poisson`` for events that may be more than the people.

    Returns
    -------
    DataFrame
        The data with ``estimate``, ``whole`` (shares), ``p_value``, ``q_value``, ``differs`` (bool), ``direction``
        (``higher``, ``lower``, empty where it does not differ), ``status``, ``note``.

    Raises
    ------
    TidyError
        A lacking column, or no usable area. One bad area (no people, a count that is missing or not whole) gets
        ``status`` ``missing`` and a ``note``, and is not among the compared.
    MeasureError
        An unknown model.

    Notes
    -----
    Where nothing differs at all, 5 % of such maps have any area flagged; comparing 309 intervals one by one flags about
    15 areas on every map. Not being flagged is no proof of being alike. Benjamini & Hochberg 1995.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"area": ["KU091", "KU285", "KU218"], "events": [6_000, 700, 9],
    ...                       "population": [60_000, 5_000, 60]})
    >>> found = compare_with_whole(areas)
    >>> found[["area", "q_value", "differs", "direction"]].replace("", "-").round(3)
        area  q_value  differs direction
    0  KU091    0.000     True     lower
    1  KU285    0.000     True    higher
    2  KU218    0.323    False       -
    """
    one_of(model, ("binomial", "poisson"), "model", MeasureError)
    uncertainty.normal_quantile(level)
    by = grid.names(by)
    cells = grid.by_row(data, [events, population])
    cells.counts(events)
    cells.people(population)
    x, n = cells.values[events][:, 0], cells.values[population][:, 0]
    if model == "binomial":
        cells.flag((x > n)[:, None], events, f"{events} are above {population}", "Choose model='poisson'.", x)
    good = ~cells.bad
    code, keys = grid.settings(data, by)
    events_of_all, people_of_all = (grid.total(code, np.where(good, part, 0), len(keys))[code] for part in (x, n))
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = events_of_all / people_of_all
    p = np.full(len(x), np.nan)
    tail = {"binomial": _hypergeometric, "poisson": _binomial}[model]
    other = good & (n < people_of_all)
    p[other] = np.minimum(2 * np.minimum(*tail(x[other], n[other], events_of_all[other], people_of_all[other])), 1)
    q = uncertainty.discovery(p, code)
    differs = np.where(good, q <= 1 - level, False)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = x / n
    direction = np.where(differs, np.where(rate > whole, "higher", "lower"), "")
    added = {"estimate": rate, "whole": whole, "p_value": p, "q_value": q, "differs": differs, "direction": direction}
    return grid.beside(data, cells, added)


def _hypergeometric(x: Array, n: Array, events: Array, people: Array) -> tuple[Array, Array]:
    """P(X ≤ x) and P(X ≥ x) of an area's share of the events, when these fall on people alike."""
    people, drawn = np.round(people), np.round(n)
    return stats.hypergeom.cdf(x, people, events, drawn), stats.hypergeom.sf(x - 1, people, events, drawn)


def _binomial(x: Array, n: Array, events: Array, people: Array) -> tuple[Array, Array]:
    """P(X ≤ x) and P(X ≥ x) of an area's share of Poisson events, when these fall on people alike."""
    return stats.binom.cdf(x, events, n / people), stats.binom.sf(x - 1, events, n / people)
