"""The vocabulary of tidy cells, and the door through which every frame comes in.

One row is one number: indicator × area × period × dimension × group. :func:`tidy` returns a validated copy or raises
one :class:`~hyteanalysis.errors.TidyError` that lists every faulty row with column, value and remedy.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from hyteanalysis.cell_faults import column_faults, fault, listed, together
from hyteanalysis.cell_rules import row_faults
from hyteanalysis.errors import TidyError

KEYS = ["indicator", "area", "period", "dimension", "group"]
NUMBERS = ["estimate", "se", "lower", "upper", "population", "events", "respondents"]
CELL_COLUMNS = [*KEYS, "order", *NUMBERS, "reference", "status"]
RIDE_ALONG = ["scale", "favourable", "method", "note"]  # allowed beside the cells, never needed

INDICATOR_COLUMNS = [
    *("indicator", "title_fi", "title_sv", "title_en", "unit", "kind", "scale", "favourable", "lower_bound"),
    *("upper_bound", "purpose", "source", "licence", "updated", "notes"),
]
KINDS = ("proportion", "rate", "mean", "index", "count")
SCALES = (1, 100, 1000, 10000, 100000)
GROUP_COLUMNS = ["dimension", "group", "order", "label_fi", "label_sv", "label_en", "definition"]

CROSS = " × "
TOTAL = "total"


def cross(names: Iterable[str]) -> str:
    """Name of a crossed dimension: its parts in alphabetical order, joined with `` × ``.

    >>> cross(["sex", "education"])
    'education × sex'
    """
    return CROSS.join(sorted(names))


def crossed(named: Mapping[str, str]) -> tuple[str, str]:
    """Dimension and group of people who are named by their group in each part; the total without any.

    >>> crossed({"sex": "women", "education": "low"}), crossed({})
    (('education × sex', 'low × women'), ('total', 'total'))
    """
    if not named:
        return TOTAL, TOTAL
    return cross(named), CROSS.join(named[part] for part in sorted(named))


def parts(dimension: str) -> list[str]:
    """Parts of a crossed dimension, or of a crossed group.

    >>> parts("education × sex")
    ['education', 'sex']
    """
    return dimension.split(CROSS)


def pandas_of(frame: Any, taker: str = "tidy()") -> pd.DataFrame:
    """A frame as pandas: its own, or one of polars, Arrow or another library that speaks Arrow's PyCapsule interface.

    >>> import polars
    >>> pandas_of(polars.DataFrame({"group": ["low", "high"]}))["group"].tolist()
    ['low', 'high']
    """
    if isinstance(frame, pd.DataFrame):
        return frame
    if hasattr(frame, "__arrow_c_stream__"):
        return pd.DataFrame.from_arrow(frame)
    remedy = "collect() it first." if hasattr(frame, "collect") else "make one with pandas.DataFrame(…)."
    raise TidyError(f"{taker} takes a pandas, polars or Arrow frame, not {type(frame).__name__}: {remedy}")


def tidy(frame: Any, indicators: Any = None, *, keys: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Validate a frame of numbers and return it as tidy cells.

    Answers: *may this table be analysed, and if not, which cells of it are wrong and what should be done?*

    Parameters
    ----------
    frame : DataFrame
        Of pandas, polars or Arrow; one row a number. Needed: ``indicator, area, period, dimension, group, estimate``.
        Optional: ``order`` (1 = most disadvantaged), ``se``, ``lower``, ``upper`` (95 % limits, in the indicator's
        unit), ``population`` (people), ``events``, ``respondents`` (counts), ``reference`` (bool), ``status``.
        ``scale, favourable, method, note`` may ride along.
    indicators : DataFrame, optional
        Indicator metadata. With it, ids are checked against it and estimates against the indicator's bounds.
    keys : mapping, optional
        Constant key columns that the frame lacks, such as ``{"indicator": "mortality", "period": "2024"}``.

    Returns
    -------
    DataFrame
        A copy with text keys, float numbers, ``order`` as Int64 and ``status`` always there: ``missing`` where the
        estimate is empty and no status was given, else ``ok``. The row index is kept.

    Raises
    ------
    TidyError
        Lists every fault: duplicate keys, unknown or lacking columns, text in a number column, negative population,
        limits that do not bracket the estimate, a proportion outside its bounds, an order given for some groups only,
        area codes that lost leading zeros, an empty table. ``.faults`` holds them as a frame; ``row`` is the label in
        the frame's index.

    Examples
    --------
    >>> import pandas as pd, hyteanalysis as hyte
    >>> frame = pd.DataFrame({"group": ["low", "high"], "order": [1, 2], "estimate": [22.1, 6.2]})
    >>> keys = {"indicator": "smoking", "area": "HVA08", "period": "2022", "dimension": "education"}
    >>> hyte.tidy(frame, keys=keys)[["area", "group", "order", "estimate", "status"]]
        area group  order  estimate status
    0  HVA08   low      1      22.1     ok
    1  HVA08  high      2       6.2     ok
    """
    known = None if indicators is None else check_indicators(indicators)
    return validated(_with_keys(pandas_of(frame), keys or {}), known)


def validated(cells: pd.DataFrame, indicators: pd.DataFrame | None) -> pd.DataFrame:
    """Tidy cells by indicator metadata that were checked already."""
    faults = column_faults(cells, needed=[*KEYS, "estimate"], allowed=[*CELL_COLUMNS, *RIDE_ALONG])
    if cells.columns.has_duplicates:
        raise TidyError(faults)
    if faults.empty and cells.empty:
        raise TidyError("The table has column names but no rows. Check the file or the query that made it.")
    cells, coercion = _coerced(cells)
    faults = together([faults, coercion, row_faults(cells, indicators)])
    if not faults.empty:
        raise TidyError(faults.drop_duplicates(["row", "column", "problem"]))
    return cells[[column for column in [*CELL_COLUMNS, *RIDE_ALONG] if column in cells]]


def _with_keys(frame: pd.DataFrame, keys: Mapping[str, str]) -> pd.DataFrame:
    for column in keys:
        if column not in KEYS:
            raise TidyError(f"keys= names {column!r}; it may name {', '.join(KEYS)}.")
        if column in frame:
            raise TidyError(f"keys= gives {column!r}, but the table has that column already. Leave one of them out.")
    return frame.assign(**keys)


def _coerced(cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Columns in their declared types, and a fault for each value that could not be made so (left empty)."""
    faults, changed = [], {}
    for column in cells.columns.intersection([*NUMBERS, "order", "scale"]):
        values, bad = _number(cells[column])
        faults.append(listed(cells, bad, column, "is not a number.", "Write a number, or leave it empty."))
        if column == "order":
            uneven = values.notna() & ((values % 1 != 0) | (values < 1))
            faults.append(listed(cells, uneven, column, "is not a whole number from 1 up.", "1 = most disadvantaged."))
            changed[column] = values.where(~uneven).astype("Int64") if uneven.any() else values.astype("Int64")
        else:
            changed[column] = values.astype("float64")
    for column in cells.columns.intersection(KEYS):
        changed[column] = _text(cells[column])
    for column in cells.columns.intersection(["reference", "favourable"]):
        truth = boolean(cells[column])
        bad = truth.isna() & cells[column].notna()
        faults.append(listed(cells, bad, column, "is neither true nor false.", "Write true or false."))
        changed[column] = truth.fillna(False).astype(bool) if column == "reference" else truth
    changed["status"] = _status(cells, changed.get("estimate"))
    return cells.assign(**changed), together(faults)


def _number(values: "pd.Series[float]") -> tuple["pd.Series[float]", "pd.Series[bool]"]:
    """Numbers, and which values are none; truth values are none."""
    if pd.api.types.is_float_dtype(values.dtype) and isinstance(values.dtype, np.dtype):
        return values, pd.Series(False, index=values.index)
    numbers = pd.to_numeric(values, errors="coerce")
    bad = numbers.isna() & values.notna()
    return numbers, bad if values.dtype != bool else ~bad


def _status(cells: pd.DataFrame, estimate: "pd.Series[float] | None") -> "pd.Series[str]":
    """As given; else ``missing`` where the estimate is empty and ``ok`` where not."""
    given = cells["status"].astype("str") if "status" in cells else None
    if given is not None and given.notna().all():
        return given
    empty = np.zeros(len(cells), dtype=bool) if estimate is None else estimate.isna().to_numpy()
    default = pd.Series(np.where(empty, "missing", "ok"), index=cells.index, dtype="str")
    return default if given is None else given.fillna(default)


def _text(values: "pd.Series[str]") -> "pd.Series[str]":
    """Keys as text: a year that a spreadsheet made 2022.0 is 2022 again; empty text is a missing key."""
    if pd.api.types.is_float_dtype(values) and not (values.dropna() % 1).any():
        values = values.astype("Int64")
    if not isinstance(values.dtype, pd.StringDtype):
        values = values.astype("str") if values.notna().all() else values.map(str, na_action="ignore").astype("str")
    values = values.str.strip()
    return values.mask(empty) if (empty := values == "").any() else values


def boolean(values: "pd.Series[bool]") -> "pd.Series[bool]":
    """Truth values from what files hold (true/false, 1/0, yes/no); anything else becomes empty."""
    if values.dtype == bool or values.dtype == "boolean":
        return values.astype("boolean")
    words = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False, "yes": True, "no": False}
    return values.map(lambda value: words.get(str(value).strip().lower()), na_action="ignore").astype("boolean")


def check_indicators(indicators: Any) -> pd.DataFrame:
    """Validate indicator metadata: one row an indicator, with a title, unit, kind, scale and direction.

    Further columns (a theme, a break year) are kept. Raises TidyError that lists every fault.
    """
    frame = pandas_of(indicators, "Indicator metadata").copy()
    faults = [column_faults(frame, needed=["indicator", "unit", "kind", "scale", "favourable"], allowed=None)]
    titles = [column for column in ("title_fi", "title_sv", "title_en") if column in frame]
    if not titles:
        faults.append(fault("title_fi", "No title column.", "Give title_fi, title_sv or title_en."))
    else:
        untitled = frame[titles].isna().all(axis=1)
        faults.append(listed(frame, untitled, titles[0], "No title.", "Give one in at least one language."))
    if "indicator" in frame:
        frame["indicator"] = _text(frame["indicator"])
        faults.append(listed(frame, frame["indicator"].duplicated(), "indicator", "stands twice.", "Keep one row."))
    for column, allowed in (("kind", KINDS), ("scale", SCALES), ("purpose", ("outcome", "process"))):
        if column in frame:
            if column == "scale":
                frame[column] = pd.to_numeric(frame[column], errors="coerce").astype("float64")
            bad = ~frame[column].isin(allowed) & (frame[column].notna() | (column != "purpose"))
            remedy = f"Allowed: {', '.join(map(str, allowed))}."
            faults.append(listed(frame, bad, column, "is not allowed.", remedy))
    if "favourable" in frame:
        truth = boolean(frame["favourable"])
        faults.append(listed(frame, truth.isna(), "favourable", "is neither true nor false.", "Is a high value good?"))
        frame["favourable"] = truth
    for column in frame.columns.intersection(["lower_bound", "upper_bound"]):
        frame[column] = pd.to_numeric(frame[column], errors="coerce").astype("float64")
    if {"lower_bound", "upper_bound"} <= set(frame):
        upside = frame["lower_bound"] >= frame["upper_bound"]
        faults.append(listed(frame, upside, "upper_bound", "is not above lower_bound.", "Check both."))
    _raise(faults)
    return frame.assign(favourable=frame["favourable"].astype(bool))


def check_groups(groups: Any) -> pd.DataFrame:
    """Validate group metadata: one row a group of a dimension, with labels. Raises TidyError that lists every fault."""
    frame = pandas_of(groups, "Group metadata").copy()
    faults = [column_faults(frame, needed=["dimension", "group"], allowed=None)]
    for column in frame.columns.intersection(["dimension", "group"]):
        frame[column] = _text(frame[column])
        faults.append(listed(frame, frame[column].isna(), column, "is empty.", "Name it."))
    if {"dimension", "group"} <= set(frame):
        twice = frame.duplicated(["dimension", "group"])
        faults.append(listed(frame, twice, "group", "stands twice in its dimension.", "Keep one row."))
    if "order" in frame:
        order = pd.to_numeric(frame["order"], errors="coerce")
        bad = (order.isna() & frame["order"].notna()) | (order % 1 > 0)
        faults.append(listed(frame, bad, "order", "is not a whole number.", "1 = most disadvantaged."))
        frame["order"] = order.where(~bad).astype("Int64")
    _raise(faults)
    return frame


def _raise(faults: list[pd.DataFrame]) -> None:
    found = together(faults)
    if not found.empty:
        raise TidyError(found)


@cache
def _reference_groups() -> pd.DataFrame:
    with files("hyteanalysis.reference").joinpath("groups.csv").open(encoding="utf-8") as table:
        return check_groups(pd.read_csv(table, dtype={"order": "Int64"}, keep_default_na=False, na_values=[""]))


def reference_groups() -> pd.DataFrame:
    """The common groups, and the dimensions' own names (rows of dimension ``dimension``, ``group`` their id).

    Columns ``dimension, group, order, label_fi, label_sv, label_en, definition``.
    """
    return _reference_groups().copy()
