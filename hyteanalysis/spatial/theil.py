"""Theil in space: inequality between areas taken apart by the larger areas they lie in."""

from collections.abc import Sequence

import pandas as pd

from hyteanalysis.decomposition import Decomposition
from hyteanalysis.decomposition import theil as parted
from hyteanalysis.errors import MeasureError
from hyteanalysis.rates import grid
from hyteanalysis.spatial.neighbours import parents


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
