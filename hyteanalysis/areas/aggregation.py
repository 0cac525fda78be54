"""Figures of larger areas from the smaller ones they consist of, each person counted once."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hyteanalysis.areas.codes import LEVELS, check_codes, level
from hyteanalysis.areas.divisions import ancestry, official
from hyteanalysis.cells import CELL_COLUMNS, KEYS, NUMBERS, RIDE_ALONG, SCALES
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
    twice = parts.duplicated([*_REST, "target", "leaf"], keep=False)
    if twice.any():
        first = parts[twice].sort_values([*_REST, "target", "leaf"]).head(2)
        raise TidyError(
            f"{' and '.join(first['area'])} overlap (both hold {first['leaf'].iloc[0]}): people would be counted "
            "twice. Pass one level at a time."
        )


def _wanted(to: str | Sequence[str]) -> str:
    return to if isinstance(to, str) else " or ".join(to)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(list(names)[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"


_REST = [key for key in KEYS if key != "area"]
_COUNTS = ["population", "events", "respondents"]
_CONSTANT = ["order", "reference", "scale", "favourable"]  # belong to the group or indicator, the same in every area
_NAMED = 5  # areas named in a note before "and n more"


def checked(cells: pd.DataFrame) -> pd.DataFrame:
    """Tidy cells fit for adding up: keys there and unique, numbers as floats."""
    if lacking := [column for column in KEYS if column not in cells]:
        raise TidyError(f"The cells lack {', '.join(lacking)}: make them tidy first, with hyte.tidy(cells).")
    if cells.empty:
        raise TidyError("The cells have no rows: there is nothing to add up.")
    if empty := [column for column in KEYS if cells[column].isna().any()]:
        raise TidyError(
            f"The key column {empty[0]} has empty values: make the cells tidy first, with hyte.tidy(cells)."
        )
    if (twice := cells.duplicated(KEYS)).any():
        raise TidyError(f"The key {', '.join(map(str, cells.loc[twice, KEYS].iloc[0]))} stands twice. Keep one row.")
    try:
        return cells.astype({column: "float64" for column in [*NUMBERS, "scale"] if column in cells})
    except (TypeError, ValueError) as error:
        raise TidyError(
            f"A number column holds text ({error}): make the cells tidy first, with hyte.tidy(cells)."
        ) from None


def summed(
    frame: pd.DataFrame,
    links: pd.DataFrame,
    *,
    members: pd.DataFrame,
    sizes: pd.DataFrame,
    indicators: pd.DataFrame | None,
    absent: str,
) -> pd.DataFrame:
    """The sums themselves.

    ``links`` (``area, target``) says into what each area goes; ``sizes`` (``area, leaf``) and ``members``
    (``leaf, target``) say which indivisible areas each row and each target consist of, so that a lacking part is seen.
    """
    one_of(absent, ["unknown", "zero"], "absent", MeasureError)
    kinds = _kinds(frame, indicators)
    carried = "kind" in frame  # a kind that is only concluded from the numbers is not said of the sums
    frame = frame.drop(columns=["scale", "kind"], errors="ignore").merge(
        kinds, on="indicator", how="left", validate="many_to_one"
    )
    frame["_numerator"] = _numerator(frame)
    reasons = _impossible(frame)
    if len(reasons) == len(kinds):
        raise MeasureError(f"{' '.join(f'{indicator} cannot be summed: {why}.' for indicator, why in reasons.items())}")
    weight = frame.get("population", pd.Series(1.0, index=frame.index)).where(frame["kind"] != "count", 1.0)
    frame["_variance"] = ((weight * frame["se"]) ** 2).mask(weight == 0, 0.0) if "se" in frame else np.nan
    frame["_leaves"] = frame["area"].map(sizes.groupby("area").size())
    joined = frame.merge(links, on="area", how="inner")
    by = ["indicator", "target", *_REST[1:]]
    grouped = joined.groupby(by, sort=False, observed=True)
    counts = [column for column in _COUNTS if column in frame]
    added = [*counts, "_numerator", "_variance"]
    known = grouped[added].count().eq(grouped.size(), axis=0)
    out = grouped[added].sum().where(known)
    out["_covered"] = grouped["_leaves"].sum()
    for column in [*(column for column in _CONSTANT if column in joined), "kind"]:
        out[column] = grouped[column].first()
    out = out.reset_index()
    lacking = out["_covered"] < out["target"].map(members.groupby("target").size())
    if absent == "unknown":
        out.loc[lacking, added] = np.nan
    population = out["population"].where(out["population"] > 0) if "population" in out else np.nan
    divisor = (population / out["scale"].where(out["kind"] != "mean", 1.0)).mask(out["kind"] == "count", 1.0)
    out["estimate"] = out["_numerator"] / divisor
    if "se" in frame:
        people = divisor * out["scale"].where(~out["kind"].isin(["mean", "count"]), 1.0)
        out["se"] = np.sqrt(out["_variance"]) / people
    out["status"] = pd.Series(np.where(out["estimate"].isna(), "missing", "ok"), index=out.index, dtype="str")
    named = lacking & (absent == "unknown")
    out["note"] = _notes(out, joined, members, sizes, by, named=named)
    out["note"] = ("Not summed: " + out["indicator"].map(reasons).astype("str") + ".").fillna(out["note"])
    out = out.rename(columns={"target": "area"})
    out["kind"] = out["kind"].mask(out["kind"] == "share") if carried else pd.NA
    return out[[name for name in [*CELL_COLUMNS, *RIDE_ALONG] if name in out and (name != "kind" or carried)]]


def _kinds(frame: pd.DataFrame, indicators: pd.DataFrame | None) -> pd.DataFrame:
    """``indicator, kind, scale``: as declared, else as the cells themselves show.

    Scales are at least ten times apart, so a median ratio within a factor of two tells which one it is, survey weights
    and rounding notwithstanding.
    """
    ids = pd.DataFrame({"indicator": pd.unique(frame["indicator"])})
    if indicators is not None:
        found = ids.merge(indicators[["indicator", "kind", "scale"]], on="indicator", how="left", validate="one_to_one")
        if (unknown := found["kind"].isna()).any():
            lost = ", ".join(found.loc[unknown, "indicator"].head(_NAMED))
            raise MeasureError(f"The indicator metadata lack {lost}. Add the rows.")
        return found.astype({"scale": "float64"})
    rows = frame.reindex(columns=["indicator", "estimate", "events", "population", "respondents", "scale"])
    by = rows["indicator"]
    seen = rows["events"] > 0
    counted = (rows["estimate"] == rows["events"]).where(seen & rows["estimate"].notna())
    ratio = (rows["estimate"] * rows["population"].where(rows["respondents"].isna()) / rows["events"]).where(seen)
    ratio = ratio.fillna(rows["estimate"] * rows["respondents"] / rows["events"].where(seen))
    found = pd.DataFrame(
        {
            "scale": rows.groupby(by)["scale"].first(),
            "ratio": ratio.groupby(by).median(),
            "counted": counted.astype("float64").groupby(by).min() == 1,
        }
    )
    distance = np.abs(np.log10(found["ratio"].to_numpy(float))[:, None] - np.log10(np.array(SCALES, float))[None, :])
    distance = np.nan_to_num(distance, nan=np.inf)
    likely = np.where(distance.min(axis=1) < 0.3, np.array(SCALES, float)[distance.argmin(axis=1)], np.nan)
    found["kind"] = np.where(found["counted"] & found["scale"].isna(), "count", "share")
    if "kind" in frame:
        found["kind"] = frame.groupby("indicator")["kind"].first().fillna(found["kind"])
    found["scale"] = found["scale"].fillna(pd.Series(likely, index=found.index)).mask(found["kind"] == "count", 1.0)
    return ids.merge(found.reset_index()[["indicator", "kind", "scale"]], on="indicator", validate="one_to_one")


def _numerator(frame: pd.DataFrame) -> "pd.Series[float]":
    """What is added up: people with the property, the total of a mean, or the count."""
    given = frame.reindex(columns=["estimate", "events", "population", "respondents"])
    total = (given["estimate"] * given["population"]).mask(given["population"] == 0, 0.0)
    share = given["events"].where(given["respondents"].isna(), total / frame["scale"])
    share = share.where(given["population"].notna() & frame["scale"].notna())
    numerator = share.where(frame["kind"].isin(["share", "proportion", "rate"]))
    numerator = numerator.fillna(total.where(frame["kind"] == "mean"))
    return numerator.fillna(given["events"].fillna(given["estimate"]).where(frame["kind"] == "count"))


def _impossible(frame: pd.DataFrame) -> dict[str, str]:
    """Indicators of which not one row can be added up, with the reason."""
    told = frame.get("status", pd.Series("ok", index=frame.index)).isin(["suppressed", "missing"])
    excused = (frame["_numerator"].notna() | told).groupby(frame["indicator"], sort=False).all()
    possible = frame["_numerator"].notna().groupby(frame["indicator"], sort=False).any() | excused
    hopeless = frame[frame["indicator"].isin(possible.index[~possible])]
    return {str(indicator): _reason(rows) for indicator, rows in hopeless.groupby("indicator", sort=False)}


def _reason(rows: pd.DataFrame) -> str:
    """Why an indicator cannot be added up."""
    kind, scale = rows[["kind", "scale"]].iloc[0]
    given = rows.reindex(columns=["events", "population", "respondents"]).notna().any()
    if kind == "index":
        return "it is an index, which has no counts to add up"
    if kind == "count":
        return "it has neither events nor estimates"
    if not given["population"]:
        return "population is lacking, and rates are not averaged over areas"
    if kind != "mean" and not given["events"] and not given["respondents"]:
        hint = " (if it is a mean, say so in indicators=)" if kind == "share" else ""
        return f"events are lacking, and rates are not averaged over areas{hint}"
    if np.isnan(scale):
        return "its scale cannot be told; give indicators= or a column scale"
    return "no row has all the counts it takes"


def _notes(
    out: pd.DataFrame,
    joined: pd.DataFrame,
    members: pd.DataFrame,
    sizes: pd.DataFrame,
    by: list[str],
    *,
    named: "pd.Series[bool]",
) -> "pd.Series[str]":
    """Why a sum is missing: which areas have no row, and which have a row without the counts."""
    note = pd.Series(pd.NA, index=out.index, dtype="str")
    missing = out["estimate"].isna()
    if not missing.any():
        return note
    rows = out.loc[missing, by].assign(_row=out.index[missing])
    parts = joined.merge(rows, on=by, how="inner", validate="many_to_one")
    empty = _joined_names(parts[parts["_numerator"].isna()], "area")
    there = parts[["_row", "area"]].merge(sizes, on="area")[["_row", "leaf"]]
    wanted = rows[named[missing]][["_row", "target"]].merge(members, on="target", how="inner")[["_row", "leaf"]]
    absent = wanted.merge(there, on=["_row", "leaf"], how="left", indicator=True)
    gone = _joined_names(absent[absent["_merge"] == "left_only"], "leaf")
    words = pd.DataFrame({"gone": gone, "empty": empty}, index=rows["_row"])
    words["gone"] = "no row of " + words["gone"]
    words["empty"] = "no counts of " + words["empty"]
    said = words["gone"].fillna("").str.cat(words["empty"].fillna(""), sep="; ").str.strip("; ")
    note.loc[said.index] = "Not summed: " + said.mask(said == "", "no people") + "."
    return note


def _joined_names(rows: pd.DataFrame, column: str) -> "pd.Series[str]":
    """Areas of each row number as one text, the first few by name."""
    sizes = rows.groupby("_row").size()
    first = rows[rows.groupby("_row").cumcount() < _NAMED].groupby("_row")[column].agg(", ".join)
    more = sizes - _NAMED
    return first.where(more <= 0, first + " and " + more.astype("str") + " more")
