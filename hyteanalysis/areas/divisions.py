"""Which area lies in which: the official hierarchy of a year, and what lies above what in any hierarchy."""

from functools import cache

import pandas as pd

from hyteanalysis.areas.codes import LEVELS, check_codes, level
from hyteanalysis.areas.register import in_force, known_year, reference_table
from hyteanalysis.errors import TidyError


def hierarchy(year: int = 2025) -> pd.DataFrame:
    """Parents of every official area in a year.

    Answers: *in which sub-region, region, county, collaborative area does an area lie?*

    Parameters
    ----------
    year : int
        Year of the division, 2013–2026.

    Returns
    -------
    DataFrame
        ``area, parent``. An area may have several parents, since regions and counties are cut independently:
        municipality → sub-region, region, county; sub-region → region → country; county → collaborative area →
        country. So the children of one parent must not be added up blindly: a region has both sub-regions and
        municipalities. :func:`aggregate` adds each person once.

    Raises
    ------
    HyteError
        If the year's division is not known.

    Notes
    -----
    The counties started in 2023 and the collaborative areas with them, but their figures are back-cast to earlier
    years. So every year has them: a municipality has the county it is first known in (2018, or its heir's, if it was
    merged before that). Åland belongs to no collaborative area: its parent is the country. Source: Statistics Finland's
    classifications, CC BY 4.0; see ``reference/README.md``.

    Examples
    --------
    >>> from hyteanalysis import areas
    >>> tree = areas.hierarchy(2025)
    >>> tree.loc[tree["area"] == "KU142", "parent"].tolist()  # Iitti
    ['HVA09', 'MK07', 'SK071']
    >>> tree = areas.hierarchy(2020)
    >>> tree.loc[tree["area"] == "KU142", "parent"].tolist()
    ['HVA09', 'MK08', 'SK081']
    """
    return in_force(reference_table("area_parents"), known_year(year))


def ancestry(hierarchy: pd.DataFrame) -> pd.DataFrame:
    """Every area with everything above it, each once: what the parents' parents make of a hierarchy.

    Parameters
    ----------
    hierarchy : DataFrame
        ``area, parent``, official or own.

    Returns
    -------
    DataFrame
        ``area, ancestor``.

    Raises
    ------
    TidyError
        If columns are lacking, or an area lies above itself.

    Examples
    --------
    >>> import pandas as pd
    >>> from hyteanalysis import areas
    >>> areas.ancestry(pd.DataFrame({"area": ["harbour", "town"], "parent": ["town", "SSS"]}))
          area ancestor
    0  harbour     town
    1     town      SSS
    2  harbour      SSS
    """
    if lacking := [column for column in ("area", "parent") if column not in hierarchy]:
        raise TidyError(f"A hierarchy has the columns area, parent; {', '.join(lacking)} is lacking.")
    steps = hierarchy[["area", "parent"]].dropna().drop_duplicates()
    found = step = steps.rename(columns={"parent": "ancestor"})
    while len(step):
        if (circular := step["area"] == step["ancestor"]).any():
            raise TidyError(
                f"{step.loc[circular, 'area'].iloc[0]} lies above itself in the hierarchy. Correct a parent."
            )
        step = step.merge(steps, left_on="ancestor", right_on="area", suffixes=("", "_"), validate="many_to_many")
        step = step[["area", "parent"]].rename(columns={"parent": "ancestor"}).drop_duplicates()
        step = step[~pd.MultiIndex.from_frame(step).isin(pd.MultiIndex.from_frame(found))]
        found = pd.concat([found, step])
    return found.reset_index(drop=True)


@cache
def official(year: int) -> pd.DataFrame:
    """The ancestry of a year's official hierarchy, made once."""
    return ancestry(hierarchy(year))


def ancestors(area: str, year: int = 2025) -> list[str]:
    """Areas that an official area lies in, from the nearest level up.

    Parameters
    ----------
    area : str
        Official code.
    year : int
        Year of the division, 2013–2026.

    Returns
    -------
    list of str
        Sub-region, region, county, collaborative area and country, as far as they are above it. Empty for the country
        and for own ids and postal areas, whose parents are not known.

    Raises
    ------
    TidyError
        If there is no such area in that year.

    Examples
    --------
    >>> from hyteanalysis import areas
    >>> areas.ancestors("KU285", 2025)
    ['SK082', 'MK08', 'HVA10', 'YTA1', 'SSS']
    """
    check_codes([area], year)
    above = official(year)
    return sorted(
        above.loc[above["area"] == area, "ancestor"], key=lambda code: LEVELS.index(level(code)), reverse=True
    )
