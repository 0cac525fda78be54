"""Which area a page shows when the asked one has no figures by group: the normal path for municipalities."""

from functools import cache

import pandas as pd

from hyteanalysis.areas.codes import level
from hyteanalysis.areas.divisions import ancestry
from hyteanalysis.areas.register import reference_table
from hyteanalysis.errors import TidyError


@cache
def _counties() -> dict[str, str]:
    """County of every municipality, abolished ones too; none has changed county."""
    parents = reference_table("area_parents")
    rows = parents[parents["parent"].str.startswith("HVA")]
    return dict(zip(rows["area"], rows["parent"], strict=True))


def fallbacks(area: str, hierarchy: pd.DataFrame | None = None) -> list[str]:
    """Areas to look in, in order: the area itself, its county, the whole country.

    An own area has the municipality, county and country that ``hierarchy`` (``area, parent``) puts above it; without
    one it stands alone, since it may lie in another country.

    >>> from hyteanalysis import areas
    >>> areas.fallbacks("KU285"), areas.fallbacks("MK08"), areas.fallbacks("harbour")
    (['KU285', 'HVA10', 'SSS'], ['MK08', 'SSS'], ['harbour'])
    """
    kind = level(area)
    if kind == "country":
        return [area]
    if kind == "municipality":
        return [area, *([_counties()[area]] if area in _counties() else []), "SSS"]
    if kind not in ("own", "postal"):
        return [area, "SSS"]
    above = set() if hierarchy is None else _above(area, hierarchy)
    above |= {_counties()[code] for code in above if code in _counties()}
    nearer = [code for wanted in ("municipality", "county") for code in sorted(above) if level(code) == wanted]
    return [area, *nearer, *(["SSS"] if kind == "postal" or nearer or "SSS" in above else [])]


def _above(area: str, hierarchy: pd.DataFrame) -> set[str]:
    pairs = ancestry(hierarchy)
    return set(pairs.loc[pairs["area"] == area, "ancestor"])


def shown(
    cells: pd.DataFrame,
    area: str,
    indicator: str,
    dimension: str,
    *,
    period: str | None = None,
    hierarchy: pd.DataFrame | None = None,
) -> str | None:
    """Area whose figures to show when ``area`` is asked for.

    Answers: *the municipality has no figures by this grouping; whose do we show instead?* Nothing is filled in: the
    page shows the other area's own figures and says so.

    Parameters
    ----------
    cells : DataFrame
        Tidy cells.
    area : str
        Asked area.
    indicator, dimension : str
        What is to be shown.
    period : str, optional
        Look at this period only.
    hierarchy : DataFrame, optional
        ``area, parent`` for own areas, such as a release's ``areas``.

    Returns
    -------
    str or None
        The first of municipality, its county, the whole country that has rows of the indicator by that dimension; None
        where none has. Suppressed rows are an answer: somebody counted, and may not tell. Rows that are all missing are
        not.

    Raises
    ------
    TidyError
        If ``cells`` lacks a key column.
    HyteError
        If ``area`` is a malformed official code.

    Examples
    --------
    >>> import pandas as pd
    >>> from hyteanalysis import areas
    >>> cells = pd.DataFrame({"indicator": "smoking", "area": ["KU285", "HVA10", "SSS"], "dimension": "education",
    ...                       "status": ["missing", "suppressed", "ok"]})
    >>> areas.shown(cells, "KU285", "smoking", "education")
    'HVA10'
    """
    needed = ["indicator", "area", "dimension", *(["period"] if period is not None else [])]
    if lacking := [column for column in needed if column not in cells]:
        raise TidyError(f"The cells lack {', '.join(lacking)}: pass tidy cells.")
    answering = (cells["indicator"] == indicator) & (cells["dimension"] == dimension)
    if period is not None:
        answering &= cells["period"] == period
    if "status" in cells:
        answering &= cells["status"] != "missing"
    there = set(cells.loc[answering, "area"])
    return next((code for code in fallbacks(area, hierarchy) if code in there), None)
