"""Inequality between areas: population-weighted Gini, and Theil taken apart by the larger areas they lie in."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hyteanalysis.decomposition import Decomposition
from hyteanalysis.decomposition import theil as parted
from hyteanalysis.errors import MeasureError, counted
from hyteanalysis.rates import grid
from hyteanalysis.spatial.adjacency import Neighbours, parents


def gini(
    data: pd.DataFrame,
    by: str | Sequence[str] = (),
    *,
    value: str = "estimate",
    population: str = "population",
    neighbours: Neighbours | None = None,
) -> pd.DataFrame:
    """How unequal are the areas of one larger area, and are neighbours less unequal than others?

    Formula: G = ΣΣ p_i p_j |y_i − y_j|/(2μ), areas weighted by their people; the part between neighbours sums over
    pairs of neighbours only (Rey & Smith 2013).

    Parameters
    ----------
    data : DataFrame
        One row an area.
    by : str or list of str
        Columns that split the areas into settings (county, indicator, year).
    value, population : str
        Columns of the level (its mean above 0), and of the people.
    neighbours : Neighbours, optional
        Adds the parts; ``data`` then has a column ``area`` and each area once a setting.

    Returns
    -------
    DataFrame
        ``*by, areas, gini``, with ``neighbours`` also ``between_neighbours, between_others``, which add up to ``gini``.

    Raises
    ------
    MeasureError
        A mean level of 0 or below, or areas that the neighbours lack.

    Notes
    -----
    Differences by chance add to it in small areas. A setting of one area has Gini 0; rows without level or people are
    left out, and ``areas`` counts the others.

    Examples
    --------
    >>> import pandas as pd
    >>> towns = pd.DataFrame({"county": ["A", "A", "B", "B"], "estimate": [10.0, 12.0, 20.0, 20.0],
    ...                       "population": [1000, 3000, 1000, 1000]})
    >>> gini(towns, "county").round(4)
      county  areas    gini
    0      A      2  0.0326
    1      B      2  0.0000
    """
    by = grid.names(by)
    grid.need(data, [*by, value, population, *(["area"] if neighbours else [])])
    y, n = grid.number(data, value), grid.number(data, population)
    known = ~np.isnan(y) & ~np.isnan(n) & (n > 0)
    rows, y, n = data[known].reset_index(drop=True), y[known], n[known]
    code, keys = grid.settings(rows, by)
    people = grid.total(code, n, len(keys))
    p = n / people[code]
    mean = grid.total(code, p * y, len(keys))
    if (mean <= 0).any():
        raise MeasureError(f"The mean of {value!r} is not above 0 in {counted((mean <= 0).sum(), 'setting')}: no Gini.")
    order = np.lexsort([y, code])
    cumulative = np.cumsum(p[order])
    start = np.searchsorted(code[order], np.arange(len(keys)))
    before = np.concatenate([[0.0], cumulative])[start][code[order]]
    rank = np.empty(len(y))
    rank[order] = cumulative - before - p[order] / 2
    value_of = np.maximum(2 * grid.total(code, p * y * (rank - 0.5), len(keys)) / mean, 0.0)
    found = keys.assign(areas=grid.total(code, np.ones(len(y)), len(keys)).astype(int), gini=value_of)
    if neighbours is None:
        return found
    place = pd.Index(neighbours.areas).get_indexer(rows["area"])
    if (place < 0).any():
        raise MeasureError(f"The neighbours lack {', '.join(rows.loc[place < 0, 'area'].unique()[:5])}.")
    near = np.zeros(len(keys))
    for one, members in enumerate(grid.members(code, len(keys))):
        pairs = neighbours.matrix[place[members]][:, place[members]].tocoo()
        i, j = members[pairs.row], members[pairs.col]
        near[one] = (p[i] * p[j] * np.abs(y[i] - y[j])).sum() / (2 * mean[one])
    return found.assign(between_neighbours=near, between_others=value_of - near)


def theil(
    data: pd.DataFrame,
    *,
    within: str = "county",
    by: str | Sequence[str] = (),
    value: str = "estimate",
    population: str = "population",
    se: str = "se",
    index: str = "theil",
    year: int = 2025,
    level: float = 0.95,
) -> Decomposition:
    """Do areas differ mainly between larger areas, or within them?

    Parameters
    ----------
    data : DataFrame
        One row an area (municipality), column ``area``.
    within : {"subregion", "region", "county", "collaborative"}
        The larger areas, by the municipality key of ``year``.
    by, value, population, se, index, level
        As :func:`hyteanalysis.decomposition.theil` takes them.
    year : int
        Year of the area division.

    Returns
    -------
    Decomposition
        ``factor`` names the larger area.

    Raises
    ------
    MeasureError
        Areas that lie in no such larger area, and as :func:`hyteanalysis.decomposition.theil`.

    Examples
    --------
    >>> import pandas as pd
    >>> towns = pd.DataFrame({"area": ["KU285", "KU286", "KU405", "KU153"], "estimate": [10.0, 12.0, 20.0, 20.0],
    ...                       "population": [50_000, 80_000, 70_000, 25_000]})
    >>> theil(towns).parts[["part", "share"]].round(2)
          part  share
    0  between   0.96
    1   within   0.04
    2    total   1.00
    """
    grid.need(data, ["area"])
    codes = data["area"].drop_duplicates()
    home = pd.Series(parents(codes.tolist(), within, year), index=codes.to_numpy(), dtype=object)
    lost = home.index[home.isna()].tolist()
    if lost:
        raise MeasureError(f"{', '.join(lost[:10])} lie in no {within} in {year}. Leave them out, or check the year.")
    placed = data.assign(**{within: data["area"].map(home)})
    return parted(placed, within=within, by=by, value=value, population=population, se=se, index=index, level=level)
