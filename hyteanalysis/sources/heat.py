"""The WHO HEAT Plus upload template as tidy cells and indicator metadata, without hand-work, and back.

What the template has no room for is named, never lost.
"""

from collections.abc import Sequence

import pandas as pd

from hyteanalysis.cells import CELL_COLUMNS, KEYS, RIDE_ALONG, TITLES, TOTAL, boolean, check_indicators, tidy
from hyteanalysis.errors import TidyError, counted, one_of

COLUMNS = [
    *("setting", "date", "source", "indicator_abbr", "indicator_name", "dimension", "subgroup", "estimate", "se"),
    *("ci_lb", "ci_ub", "population", "flag", "setting_average", "iso3", "favourable_indicator", "indicator_scale"),
    *("ordered_dimension", "subgroup_order", "reference_subgroup"),
]
_ALWAYS = {"setting", "date", "indicator_abbr", "dimension", "subgroup", "estimate"}
_SETTING = ["indicator", "area", "period"]
_UNITS = {1: "", 100: "%", 1000: "per 1,000", 10000: "per 10,000", 100000: "per 100,000"}
_HELD = {*KEYS, "order", "estimate", "se", "lower", "upper", "population", "reference", "note"}
_KINDS = {1: "mean", 100: "proportion"}  # what a reader of the file takes a scale for; any other is a rate's
LOSSES = (*(name for name in (*CELL_COLUMNS, *RIDE_ALONG) if name not in _HELD), TOTAL, "kind")


def is_heat(table: pd.DataFrame) -> bool:
    """Whether a table has the columns of the HEAT Plus template."""
    return set(table.columns) >= _ALWAYS


def to_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Cells of a HEAT table: its subgroups, and the setting average as dimension ``total``.

    Where one setting, date and indicator come from two sources, the period reads ``date (source)``. Where the setting
    averages of one indicator differ between dimensions there is no total, and ``note`` says so.
    """
    cells = pd.DataFrame(
        {
            "indicator": table["indicator_abbr"],
            "area": table["setting"],
            "period": _periods(table),
            "dimension": table["dimension"],
            "group": table["subgroup"],
            "order": _orders(table),
            "estimate": table["estimate"],
        }
    )
    for ours, theirs in {"se": "se", "lower": "ci_lb", "upper": "ci_ub", "population": "population"}.items():
        if theirs in table:
            cells[ours] = table[theirs]
    if "reference_subgroup" in table:
        cells["reference"] = boolean(table["reference_subgroup"]).fillna(False)
    cells["note"] = table["flag"].astype("str") if "flag" in table else pd.Series(pd.NA, cells.index, dtype="str")
    return _with_totals(cells, table) if "setting_average" in table else cells


def to_indicators(table: pd.DataFrame) -> pd.DataFrame:
    """Indicator metadata of a HEAT table; the kind is read from the scale, which ``notes`` says."""
    first = table.drop_duplicates("indicator_abbr")
    scale = pd.to_numeric(first["indicator_scale"] if "indicator_scale" in first else pd.Series(1, first.index))
    kind = scale.map({1: "mean", 100: "proportion"}).fillna("rate")
    favourable = first["favourable_indicator"] if "favourable_indicator" in first else pd.Series(0, first.index)
    frame = pd.DataFrame(
        {
            "indicator": first["indicator_abbr"].astype("str"),
            "title_en": first["indicator_name"] if "indicator_name" in first else first["indicator_abbr"],
            "unit": scale.map(_UNITS).fillna(""),
            "kind": kind,
            "scale": scale,
            "favourable": boolean(favourable),
            "source": first.get("source"),
            "notes": "Kind taken from the indicator scale of the HEAT file.",
        }
    )
    return frame.reset_index(drop=True)


def _periods(table: pd.DataFrame) -> "pd.Series[str]":
    dates = table["date"].map(lambda date: str(int(date)) if isinstance(date, float) and date % 1 == 0 else str(date))
    if "source" not in table:
        return dates
    sources = table.groupby(["setting", "date", "indicator_abbr"], dropna=False)["source"].transform("nunique")
    return dates.where(sources <= 1, dates + " (" + table["source"].astype("str") + ")")


def _orders(table: pd.DataFrame) -> "pd.Series[int]":
    if "subgroup_order" not in table:
        return pd.Series(pd.NA, index=table.index, dtype="Int64")
    orders = pd.to_numeric(table["subgroup_order"], errors="coerce")
    if "ordered_dimension" in table:
        orders = orders.where(boolean(table["ordered_dimension"]).fillna(False).astype(bool))
    return orders.where(orders > 0).astype("Int64")


def _with_totals(cells: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    averages = cells[_SETTING].assign(estimate=pd.to_numeric(table["setting_average"], errors="coerce"))
    averages = averages.dropna(subset=["estimate"]).drop_duplicates()
    several = averages.duplicated(_SETTING, keep=False)
    totals = averages[~several].assign(dimension=TOTAL, group=TOTAL)
    if several.any():
        unclear = pd.MultiIndex.from_frame(averages.loc[several, _SETTING])
        told = pd.MultiIndex.from_frame(cells[_SETTING]).isin(unclear)
        words = "setting averages differ between dimensions: no total"
        cells["note"] = cells["note"].mask(told, (cells["note"].fillna("") + "; " + words).str.strip("; "))
    return pd.concat([cells, totals], ignore_index=True) if len(totals) else cells


def to_heat(
    cells: pd.DataFrame, indicators: pd.DataFrame, *, iso3: str = "FIN", drop: Sequence[str] = ()
) -> pd.DataFrame:
    """Tidy cells as a WHO HEAT Plus upload template.

    Answers: *can these figures be shown in WHO's tool?* :func:`read_table` gives the same cells back.

    Parameters
    ----------
    cells : DataFrame
        Tidy cells. The row ``total`` of a setting becomes its ``setting_average``.
    indicators : DataFrame
        Their metadata; the English title is written where there is one.
    iso3 : str
        Country code of the column ``iso3``.
    drop : sequence of str
        Losses that you accept, by the name the error gives: ``events, respondents, status, scale, favourable, method``;
        ``total`` (all of a total but its estimate, and totals with no group beside them), ``kind`` (of an indicator
        whose scale does not tell it).

    Returns
    -------
    DataFrame
        One row a group, the template's twenty columns; write it with :func:`write_table` as ``.csv`` or ``.xlsx``.

    Raises
    ------
    TidyError
        Names everything that the template cannot hold and that ``drop`` does not; indicators without metadata; cells
        that are all totals.

    Notes
    -----
    The template has one title, in one language, and no bounds or licence: send the metadata along.

    Examples
    --------
    >>> import pandas as pd, hyteanalysis as hyte
    >>> frame = pd.DataFrame({"group": ["low", "high"], "order": [1, 2], "estimate": [22.1, 6.2]})
    >>> keys = {"indicator": "smoking", "area": "HVA08", "period": "2022", "dimension": "education"}
    >>> about = pd.DataFrame({"indicator": ["smoking"], "title_en": "Smokes daily", "unit": "%", "kind": "proportion",
    ...                       "scale": 100, "favourable": False})
    >>> hyte.sources.to_heat(hyte.tidy(frame, keys=keys), about)[["setting", "subgroup", "estimate", "subgroup_order"]]
      setting subgroup  estimate  subgroup_order
    0   HVA08      low      22.1               1
    1   HVA08     high       6.2               2
    """
    for name in drop:
        one_of(name, LOSSES, "drop", TidyError)
    known = check_indicators(indicators).set_index("indicator")
    cells = tidy(cells)
    if unknown := sorted(set(cells["indicator"]) - set(known.index)):
        raise TidyError(f"No metadata of {', '.join(unknown)}: HEAT needs the scale and direction of every indicator.")
    known = known.loc[cells["indicator"].unique()]
    total = cells["dimension"] == TOTAL
    groups, totals = cells[~total], cells[total]
    if groups.empty:
        raise TidyError("There are only totals: HEAT needs the groups of at least one dimension.")
    lost = {**_columns(cells), **_totals(groups, totals), **_kinds(known)}
    if left := [f"{name} ({why})" for name, why in lost.items() if name not in drop]:
        raise TidyError(
            f"The HEAT template cannot hold {'; '.join(left)}. Change the cells, or accept the loss with "
            f"drop={[name for name in lost if name not in drop]}."
        )
    return _written(groups, totals, known, iso3)


def _columns(cells: pd.DataFrame) -> dict[str, str]:
    """Columns that have no place in the template and say something."""
    told = {name: f"in {counted(cells[name].notna().sum(), 'row')}" for name in cells if name not in _HELD | {"status"}}
    lost = {name: words for name, words in told.items() if words != "in 0 rows"}
    states = cells.loc[~cells["status"].isin(["ok", "missing"]), "status"]
    if len(states):
        lost["status"] = f"{', '.join(sorted(states.unique()))} in {counted(len(states), 'row')}"
    return lost


def _totals(groups: pd.DataFrame, totals: pd.DataFrame) -> dict[str, str]:
    """What totals say that one number, repeated on the groups' rows, does not."""
    more = [
        name for name in ("se", "lower", "upper", "population", "note") if name in totals and totals[name].notna().any()
    ]
    alone = ~pd.MultiIndex.from_frame(totals[_SETTING]).isin(pd.MultiIndex.from_frame(groups[_SETTING]))
    said = [f"their {', '.join(more)}"] if more else []
    said += [f"{int(alone.sum())} with no group beside them"] if alone.any() else []
    said += [f"{int(empty)} without an estimate"] if (empty := totals["estimate"].isna().sum()) else []
    return {TOTAL: ", ".join(said)} if said else {}


def _kinds(known: pd.DataFrame) -> dict[str, str]:
    """Indicators whose scale would be taken for another kind's."""
    unlike = known.index[known["kind"] != known["scale"].map(_KINDS).fillna("rate")]
    return {"kind": f"the scale of {', '.join(unlike)} does not tell it"} if len(unlike) else {}


def _written(groups: pd.DataFrame, totals: pd.DataFrame, known: pd.DataFrame, iso3: str) -> pd.DataFrame:
    """The template's rows."""
    about = known.loc[groups["indicator"]].reset_index()
    groups = groups.reset_index(drop=True).reindex(columns=[*dict.fromkeys([*groups, *CELL_COLUMNS, "note"])])
    titles = [about[name] for name in dict.fromkeys(["title_en", *TITLES]) if name in about]
    title = titles[0]
    for other in titles[1:]:
        title = title.fillna(other)
    average = groups[_SETTING].merge(totals[[*_SETTING, "estimate"]], on=_SETTING, how="left", validate="many_to_one")
    order = groups["order"].astype("Int64")
    frame = pd.DataFrame(
        {
            "setting": groups["area"],
            "date": groups["period"],
            "source": about["source"] if "source" in about else pd.Series(pd.NA, about.index, dtype="str"),
            "indicator_abbr": groups["indicator"],
            "indicator_name": title,
            "dimension": groups["dimension"],
            "subgroup": groups["group"],
            "estimate": groups["estimate"],
            "se": groups["se"],
            "ci_lb": groups["lower"],
            "ci_ub": groups["upper"],
            "population": groups["population"],
            "flag": groups["note"],
            "setting_average": average["estimate"],
            "iso3": iso3,
            "favourable_indicator": about["favourable"].astype("int64"),
            "indicator_scale": about["scale"].astype("int64"),
            "ordered_dimension": order.notna().astype("int64"),
            "subgroup_order": order.fillna(0).astype("int64"),
            "reference_subgroup": groups["reference"].astype("boolean").fillna(False).astype("int64"),
        }
    )
    return frame[COLUMNS]
