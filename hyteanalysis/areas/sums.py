"""The engine of every sum over areas: counts are added by key, estimates computed anew, what is lacking is named."""

import numpy as np
import pandas as pd

from hyteanalysis.cells import CELL_COLUMNS, KEYS, NUMBERS, RIDE_ALONG, SCALES
from hyteanalysis.errors import MeasureError, TidyError, one_of

REST = [key for key in KEYS if key != "area"]
COUNTS = ["population", "events", "respondents"]
CONSTANT = ["order", "reference", "scale", "favourable"]  # belong to the group or indicator, the same in every area
NAMED = 5  # areas named in a note before "and n more"


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
    frame = frame.drop(columns="scale", errors="ignore").merge(
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
    by = ["indicator", "target", *REST[1:]]
    grouped = joined.groupby(by, sort=False, observed=True)
    counts = [column for column in COUNTS if column in frame]
    added = [*counts, "_numerator", "_variance"]
    known = grouped[added].count().eq(grouped.size(), axis=0)
    out = grouped[added].sum().where(known)
    out["_covered"] = grouped["_leaves"].sum()
    for column in [*(column for column in CONSTANT if column in joined), "kind"]:
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
    return out[[column for column in [*CELL_COLUMNS, *RIDE_ALONG] if column in out]]


def _kinds(frame: pd.DataFrame, indicators: pd.DataFrame | None) -> pd.DataFrame:
    """``indicator, kind, scale``: as declared, else as the cells themselves show.

    Scales are at least ten times apart, so a median ratio within a factor of two tells which one it is, survey weights
    and rounding notwithstanding.
    """
    ids = pd.DataFrame({"indicator": pd.unique(frame["indicator"])})
    if indicators is not None:
        found = ids.merge(indicators[["indicator", "kind", "scale"]], on="indicator", how="left", validate="one_to_one")
        if (unknown := found["kind"].isna()).any():
            lost = ", ".join(found.loc[unknown, "indicator"].head(NAMED))
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
    first = rows[rows.groupby("_row").cumcount() < NAMED].groupby("_row")[column].agg(", ".join)
    more = sizes - NAMED
    return first.where(more <= 0, first + " and " + more.astype("str") + " more")
