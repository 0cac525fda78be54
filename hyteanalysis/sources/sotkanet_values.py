"""Sotkanet's values: answers of millions of rows read in seconds, and made tidy cells without a loop over rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hyteanalysis.cells import TOTAL, crossed
from hyteanalysis.errors import SourceError
from hyteanalysis.sources.answers import Answer

_GENDERS = ("total", "female", "male")
SEXES = {"total": TOTAL, "female": "women", "male": "men"}
_COLUMNS = {"indicator": "INTEGER", "region": "INTEGER", "year": "INTEGER", "gender": "VARCHAR"}
_JSON = _COLUMNS | {"value": "DOUBLE", "absValue": "DOUBLE"}
_CSV = _COLUMNS | {"primary value": "DOUBLE", "absolute value": "DOUBLE"}


def read_values(answer: Answer) -> pd.DataFrame:
    """An answer of values, JSON or CSV: ``indicator, region, year, gender, value, absolute``.

    Gender is 0 for total, 1 for female, 2 for male.

    Raises ValueError for a body that is broken or not finished, SourceError for rows of another form.
    """
    import duckdb

    start, end = _ends(answer)
    if start.startswith(b"indicator;"):
        if not end.endswith(b"\n"):
            raise ValueError("the last row is not finished")
        form = f"read_csv(?, delim=';', header=true, columns={_CSV}, auto_detect=false, nullstr='')"
        numbers = '"primary value", "absolute value"'
    else:
        if not (start.startswith(b"[") and end.rstrip().endswith(b"]")):
            raise ValueError("no whole JSON list")
        form, numbers = f"read_json(?, format='array', columns={_JSON})", "value, absValue"
    gender = "CASE gender " + " ".join(f"WHEN '{name}' THEN {i}" for i, name in enumerate(_GENDERS)) + " END"
    query = f'SELECT indicator, region, "year", ({gender})::TINYINT, {numbers} FROM {form}'
    try:
        with duckdb.connect(config={"memory_limit": "700MB"}) as engine:
            engine.execute("SET enable_progress_bar = false")
            table = engine.execute(query, [str(answer.file)]).fetchnumpy()
    except duckdb.Error as error:
        raise ValueError(str(error).split("\n")[0][:160].replace(str(answer.file), "the answer")) from error
    names = ["indicator", "region", "year", "gender", "value", "absolute"]
    columns = dict(zip(names, table.values(), strict=True))
    for name in names[:4]:
        if np.ma.is_masked(columns[name]):
            raise SourceError(
                f"got {answer.told()}: a row lacks {name!r}. Rows must have indicator, region, year, "
                f"gender ({', '.join(_GENDERS)}), value and absValue; the service may have changed."
            )
    numbers_filled = {name: np.ma.filled(columns[name].astype("float64"), np.nan) for name in names[4:]}
    whole = {name: np.ma.getdata(columns[name]) for name in names[:4]}
    return pd.DataFrame(whole | numbers_filled)


def _ends(answer: Answer) -> tuple[bytes, bytes]:
    with answer.file.open("rb") as body:
        start = body.read(256).removeprefix(b"\xef\xbb\xbf").lstrip()
        body.seek(0, 2)
        body.seek(max(0, body.tell() - 256))
        return start, body.read()


@dataclass(frozen=True)
class Remarked:
    """Tidy cells of some indicators, and what must be said of each indicator."""

    cells: pd.DataFrame
    notes: dict[int, list[str]]


def to_cells(
    values: pd.DataFrame, members: pd.DataFrame, regions: pd.DataFrame, listed: pd.DataFrame,
    years: set[int], genders: list[str], kinds: dict[int, str],
) -> Remarked:  # fmt: skip
    """Values as tidy cells.

    ``members``: ``family, dimension, group, order`` by indicator id; ``regions``: the chosen regions by id; ``listed``:
    all regions the service lists; ``kinds``: the kind of number by indicator id. Rows that came twice are kept once,
    two values for one cell are refused, regions that the service does not list are left out; all three are said.
    """
    notes: dict[int, list[str]] = {int(one): [] for one in members.index}
    values = values[values["year"].isin(list(years)) & values["gender"].isin([_GENDERS.index(one) for one in genders])]
    unlisted = ~values["region"].isin(listed.index)
    for one, rows in values[unlisted].groupby("indicator")["region"]:
        ids = sorted(rows.unique())
        shown = ", ".join(map(str, ids[:10])) + (" …" if len(ids) > 10 else "")
        notes[int(one)].append(
            f"{len(rows)} rows of {len(ids)} region ids that the service does not list were left out ({shown})."
        )
    values = values[~unlisted & values["region"].isin(regions.index)]
    codes = pd.Index(regions["area"].unique()).sort_values()
    place = pd.Series(codes.get_indexer(regions["area"]), index=regions.index)
    former = regions.index[regions["former"]]
    frame = values.assign(
        place=place.reindex(values["region"]).to_numpy(), former=values["region"].isin(former).to_numpy()
    )
    order = np.lexsort([frame[name].to_numpy() for name in ("former", "gender", "year", "place", "indicator")])
    frame = frame.iloc[order].reset_index(drop=True)
    frame = _once(frame, codes, notes)
    return Remarked(_tidy(frame, members, codes, kinds), notes)


def _once(frame: pd.DataFrame, codes: pd.Index, notes: dict[int, list[str]]) -> pd.DataFrame:
    """One row a cell. A county's row under its present id stands before the one under its former id."""
    key = ["indicator", "place", "year", "gender"]
    again = np.zeros(len(frame), dtype=bool)
    if len(frame) > 1:
        again[1:] = np.logical_and.reduce([np.diff(frame[name].to_numpy()) == 0 for name in key])
    if not again.any():
        return frame
    rows = np.flatnonzero(again)
    for name in ("value", "absolute"):
        left, right = frame[name].to_numpy()[rows - 1], frame[name].to_numpy()[rows]
        differ = ~((left == right) | (np.isnan(left) & np.isnan(right))) & ~frame["former"].to_numpy()[rows]
        if differ.any():
            row = frame.iloc[rows[differ][0]]
            raise SourceError(
                f"sotkanet indicator {int(row['indicator'])}: two values for {codes[int(row['place'])]} "
                f"{int(row['year'])} {_GENDERS[int(row['gender'])]}: {left[differ][0]:g} and {right[differ][0]:g}. "
                "Expected one; repeat with refresh=True (--refresh), and tell the service if it stays."
            )
    for one, count in frame.loc[again, "indicator"].value_counts().sort_index().items():
        notes[int(one)].append(f"{count} rows that came twice are kept once.")
    return frame[~again].reset_index(drop=True)


def _tidy(frame: pd.DataFrame, members: pd.DataFrame, codes: pd.Index, kinds: dict[int, str]) -> pd.DataFrame:
    """Keys as text, taken from the few there are of each."""
    ids = members.index.to_numpy()
    member = members.index.get_indexer(frame["indicator"])
    setting = member * len(_GENDERS) + frame["gender"].to_numpy()  # a member's cut and the sex
    cuts = [_cut(members.loc[one], gender) for one in ids for gender in _GENDERS]
    years = pd.Index(frame["year"].unique()).sort_values()
    kind = np.array([kinds[int(one)] for one in ids])[member]
    value, absolute = frame["value"].to_numpy(), frame["absolute"].to_numpy()
    counted = np.isin(kind, ["proportion", "rate", "count"])
    events = np.where(counted, absolute, np.nan)
    events = np.where((kind == "count") & np.isnan(events), value, events)
    missing = np.isnan(value)
    cells = pd.DataFrame(
        {
            "indicator": _take([f"sotkanet-{members.at[one, 'family']}" for one in ids], member),
            "area": _take(list(codes), frame["place"].to_numpy()),
            "period": _take([str(year) for year in years], years.get_indexer(frame["year"])),
            "dimension": _take([one[0] for one in cuts], setting),
            "group": _take([one[1] for one in cuts], setting),
            "order": pd.array([one[2] for one in cuts], dtype="Int64").take(setting),
            "estimate": value,
            "events": np.where(missing, np.nan, events),
            "status": _take(["ok", "missing"], missing.astype("int8")),
        }
    )
    return cells


def _cut(member: "pd.Series[Any]", gender: str) -> tuple[str, str, int | None]:
    """Dimension, group and order of one indicator and sex."""
    named = {} if member["dimension"] == TOTAL else {member["dimension"]: member["group"]}
    named |= {} if gender == "total" else {"sex": SEXES[gender]}
    order = None if gender != "total" or not named or pd.isna(member["order"]) else int(member["order"])
    return *crossed(named), order


def _take(words: list[str], codes: np.ndarray) -> Any:
    return pd.array(words if words else [""], dtype="str").take(codes)
