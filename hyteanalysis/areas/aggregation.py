"""Figures of larger areas from the smaller ones they consist of, each person counted once."""

from collections.abc import Sequence

import pandas as pd

from hyteanalysis.areas.codes import LEVELS, check_codes, level
from hyteanalysis.areas.hierarchy import ancestry, official
from hyteanalysis.areas.sums import NAMED, REST, checked, summed
from hyteanalysis.cells import KEYS
from hyteanalysis.errors import MeasureError, TidyError, one_of


def aggregate(
    cells: pd.DataFrame,
    to: str | Sequence[str],
    *,
    year: int | None = None,
    hierarchy: pd.DataFrame | None = None,
    indicators: pd.DataFrame | None = None,
    absent: str = "unknown",
    outside: str = "error",
) -> pd.DataFrame:
    """Figures of larger areas from those of the areas they consist of.

    Answers: *what is the figure of the county, when I have its municipalities'?* Counts are added up by key (indicator,
    period, dimension, group) and estimates computed anew; estimates are never averaged over areas:

    * proportions and rates: Σ events / Σ population × scale. Where ``respondents`` are given, ``events`` count
      respondents rather than people, and the sum of weighted counts is Σ (estimate × population) / Σ population;
    * means: Σ (estimate × population) / Σ population, the sum of the totals;
    * counts: Σ events, or Σ estimate where events are not given;
    * indexes cannot be added up.

    Parameters
    ----------
    cells : DataFrame
        Tidy cells of the areas to add up, and of no others.
    to : str or list of str
        Level (``county``, ``region``, ``country`` …) or areas to make, one or several.
    year : int, optional
        Year of the official division that the areas follow, 2013–2026. Needed without ``hierarchy``.
    hierarchy : DataFrame, optional
        ``area, parent`` instead of the official hierarchy.
    indicators : DataFrame, optional
        Metadata with ``kind`` and ``scale``. Without it a ``scale`` column of the cells serves, else the scale is read
        off the cells that have estimate, events and population; estimates that equal events are then counts.
    absent : {"unknown", "zero"}
        What it means that a smaller area has no row: its figure is not known, so neither is the sum; or nobody was
        there, as in counts made of a complete person file.
    outside : {"error", "leave_out"}
        What to do with areas that lie in none of the areas to make, such as Åland where collaborative areas are made.

    Returns
    -------
    DataFrame
        Tidy cells of the areas in ``to``: ``events, population, respondents`` as far as the cells have them,
        ``estimate``, ``se`` (areas taken as independent; empty where a part has none), ``status``, ``note``. A sum that
        lacks a part, or an indicator that cannot be summed, has status ``missing``, and ``note`` says what is lacking.
        ``uncertain`` is not inherited: the sum rests on more people. There is no ``lower, upper``:
        :mod:`hyteanalysis.rates` gives them from the counts.

    Raises
    ------
    MeasureError
        If no indicator can be summed at all: counts or scale are lacking, or it is an index.
    TidyError
        If key columns are lacking or keys stand twice, areas do not exist in that year, lie in none of the areas to
        make, or overlap, so that people would be counted twice (municipalities together with their county).

    See Also
    --------
    carry_over : sums over municipal mergers.

    Notes
    -----
    Age-standardised rates come out crude, since their counts are. Rates whose events and population are of several
    years keep their meaning as long as all areas share them.

    Examples
    --------
    >>> import pandas as pd
    >>> from hyteanalysis import areas
    >>> cells = pd.DataFrame({"indicator": "smoking", "area": ["KU405", "KU153"], "period": "2022",
    ...     "dimension": "total", "group": "total", "estimate": [10.0, 20.0], "events": [600.0, 500.0],
    ...     "population": [6000.0, 2500.0]})
    >>> tree = pd.DataFrame({"area": ["KU405", "KU153"], "parent": "towns"})
    >>> areas.aggregate(cells, "towns", hierarchy=tree)[["area", "estimate", "events", "population", "status"]]
        area   estimate  events  population status
    0  towns  12.941176  1100.0      8500.0     ok
    """
    one_of(outside, ["error", "leave_out"], "outside", MeasureError)
    frame = checked(cells)
    if hierarchy is None and year is None:
        raise MeasureError("Give year=, the year whose division the areas follow, or an own hierarchy=.")
    pairs = official(year) if hierarchy is None and year is not None else ancestry(hierarchy)
    links = pairs[pairs["ancestor"].isin(_targets(to, pairs))].rename(columns={"ancestor": "target"})
    housed = set(links["area"])
    homeless = [code for code in frame["area"].unique() if code not in housed]
    if len(homeless) and hierarchy is None and year is not None:
        check_codes(homeless, year)
    if len(homeless) and outside == "error":
        raise TidyError(
            f"{_listed(homeless)} {'lies' if len(homeless) == 1 else 'lie'} in no {_wanted(to)} of the hierarchy. "
            'Pass only the areas to add up, or outside="leave_out" to go without these.'
        )
    frame = frame[~frame["area"].isin(homeless)]
    if frame.empty:
        raise TidyError(f"None of the areas lies in any {_wanted(to)}: there is nothing to add up.")
    leaves = _leaves(pairs)
    _refuse_overlap(frame, links, leaves)
    members = links[links["area"].isin(leaves["leaf"].unique())].rename(columns={"area": "leaf"})
    return summed(frame, links, members=members, sizes=leaves, indicators=indicators, absent=absent)


def _targets(to: str | Sequence[str], pairs: pd.DataFrame) -> list[str]:
    """Areas to make, each named itself or by its level."""
    above = pd.unique(pairs["ancestor"])
    wanted = [to] if isinstance(to, str) else list(to)
    found: list[str] = []
    for one in wanted:
        of_level = [code for code in above if level(code) == one] if one in LEVELS else []
        if not of_level and one not in above:
            levels = [kind for kind in LEVELS if any(level(code) == kind for code in above)]
            one_of(one, [*levels, *sorted(above)], "to", MeasureError)
        found += of_level or [one]
    return found


def _leaves(pairs: pd.DataFrame) -> pd.DataFrame:
    """``area, leaf``: the indivisible areas that each area consists of; such an area is its own leaf."""
    bottom = pairs.loc[~pairs["area"].isin(pairs["ancestor"].unique()), "area"].drop_duplicates()
    below = pairs.rename(columns={"area": "leaf", "ancestor": "area"})
    below = below.loc[below["leaf"].isin(bottom), ["area", "leaf"]]
    return pd.concat([below, pd.DataFrame({"area": bottom, "leaf": bottom})], ignore_index=True)


def _refuse_overlap(frame: pd.DataFrame, links: pd.DataFrame, leaves: pd.DataFrame) -> None:
    """Two areas of one sum that share people."""
    used = leaves[leaves["area"].isin(frame["area"].unique())]
    if not used["leaf"].duplicated().any():
        return
    parts = frame[KEYS].merge(links, on="area").merge(used, on="area")
    twice = parts.duplicated([*REST, "target", "leaf"], keep=False)
    if twice.any():
        first = parts[twice].sort_values([*REST, "target", "leaf"]).head(2)
        raise TidyError(
            f"{' and '.join(first['area'])} overlap (both hold {first['leaf'].iloc[0]}): people would be counted "
            "twice. Pass one level at a time."
        )


def _wanted(to: str | Sequence[str]) -> str:
    return to if isinstance(to, str) else " or ".join(to)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(list(names)[:NAMED])
    return shown if len(names) <= NAMED else f"{shown} and {len(names) - NAMED} more"
