"""The WHO HEAT Plus upload template as tidy cells and indicator metadata, without hand-work."""

import pandas as pd

from hyteanalysis.cells import TOTAL, boolean

COLUMNS = [
    *("setting", "date", "source", "indicator_abbr", "indicator_name", "dimension", "subgroup", "estimate", "se"),
    *("ci_lb", "ci_ub", "population", "flag", "setting_average", "iso3", "favourable_indicator", "indicator_scale"),
    *("ordered_dimension", "subgroup_order", "reference_subgroup"),
]
_ALWAYS = {"setting", "date", "indicator_abbr", "dimension", "subgroup", "estimate"}
_SETTING = ["area", "period", "indicator"]
_UNITS = {1: "", 100: "%", 1000: "per 1,000", 10000: "per 10,000", 100000: "per 100,000"}


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
