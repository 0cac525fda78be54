"""The door: cells checked against every rule once; what was found tidy is known by a hash of all its values."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from hyteanalysis.cells.faults import column_faults, listed, placed, places_of, remember_places, together
from hyteanalysis.cells.metadata import check_indicators
from hyteanalysis.cells.rules import row_faults
from hyteanalysis.cells.vocabulary import CELL_COLUMNS, KEYS, NUMBERS, RIDE_ALONG, boolean, numbers, pandas_of, texts
from hyteanalysis.errors import TidyError
from hyteanalysis.marks import remedy

REMEMBERED = 256
_UNREAD = ("method", "note")  # no rule looks at these texts
_BOUNDS = ("indicator", "kind", "scale", "lower_bound", "upper_bound")  # what rules read of an indicator

_tidy: OrderedDict[tuple[bytes, bytes], None] = OrderedDict()  # the newest; hashes only, no data
_lock = Lock()


def _content(frame: pd.DataFrame) -> bytes | None:
    """Hash of cells' columns, types and values, the row index aside; None where one cannot be made faithfully."""
    if not frame.columns.is_unique or not set(frame.columns) <= {*CELL_COLUMNS, *RIDE_ALONG}:
        return None
    return _hash(frame, [name for name in frame if name not in _UNREAD])


def _known(cells: bytes | None, indicators: pd.DataFrame | None) -> bool:
    """Whether cells of this content passed every rule, by metadata that allow the same."""
    limits = _limits(indicators)
    if cells is None or limits is None:
        return False
    with _lock:
        if found := (cells, limits) in _tidy:
            _tidy.move_to_end((cells, limits))
    return found


def _remember(cells: bytes | None, indicators: pd.DataFrame | None) -> None:
    """Cells of this content passed every rule, those without metadata too."""
    limits = _limits(indicators)
    if cells is None or limits is None:
        return
    with _lock:
        for key in {(cells, b""), (cells, limits)}:
            _tidy[key] = None
            _tidy.move_to_end(key)
        while len(_tidy) > REMEMBERED:
            _tidy.popitem(last=False)


def _limits(indicators: pd.DataFrame | None) -> bytes | None:
    return b"" if indicators is None else _hash(indicators, [name for name in _BOUNDS if name in indicators])


def _hash(frame: pd.DataFrame, names: list[str]) -> bytes | None:
    digest = hashlib.sha256(repr((list(frame.columns), [str(frame[name].dtype) for name in names])).encode())
    try:
        table = pa.Table.from_pandas(frame[names], preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # values of several types in one column
        return None
    for column in table.columns:
        if not (pa.types.is_primitive(column.type) or pa.types.is_string(column.type) or _large(column.type)):
            return None
        for chunk in column.chunks:
            digest.update(f"{chunk.type} {chunk.offset} {len(chunk)}".encode())
            for buffer in chunk.buffers():
                digest.update(b"-" if buffer is None else buffer)
    return digest.digest()


def _large(kind: pa.DataType) -> bool:
    return bool(pa.types.is_large_string(kind))


def tidy(frame: Any, indicators: Any = None, *, keys: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Validate a frame of numbers and return it as tidy cells.

    Answers: *may this table be analysed, and if not, which cells of it are wrong and what should be done?*

    Parameters
    ----------
    frame : DataFrame
        Of pandas, polars or Arrow; one row a number. Needed: ``indicator, area, period, dimension, group, estimate``.
        Optional: ``order`` (1 = most disadvantaged), ``se``, ``lower``, ``upper`` (95 % limits, in the indicator's
        unit), ``population`` (people), ``events``, ``respondents`` (counts), ``df`` (degrees of freedom of
        ``se``), ``reference`` (bool), ``status``. ``kind, unit, scale, favourable, method, note`` may ride along; the
        first four serve where no metadata are given.
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
        the frame's index, ``place`` the line or row of the file that :func:`hyteanalysis.sources.read_table` gave
        the frame from.

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
    """Tidy cells by indicator metadata that were checked already; cells that are known to be tidy are not looked at."""
    content, places = _content(cells), places_of(cells)
    if _known(content, indicators):
        return _in_order(cells)
    seen = _known(content, None)  # tidy, but not yet by these metadata
    faults = column_faults(cells, needed=[*KEYS, "estimate"], allowed=[*CELL_COLUMNS, *RIDE_ALONG])
    if cells.columns.has_duplicates:
        raise TidyError(faults)
    if faults.empty and cells.empty:
        raise TidyError("The table has column names but no rows. Check the file or the query that made it.")
    if not seen:
        cells, coercion = _coerced(cells)
        faults = together([faults, coercion])
    faults = together([faults, row_faults(cells, indicators, only_metadata=seen)])
    if not faults.empty:
        raise TidyError(placed(faults.drop_duplicates(["row", "column", "problem"]), places))
    _remember(content if seen else _content(_in_order(cells)), indicators)
    return _in_order(cells)


def _in_order(cells: pd.DataFrame) -> pd.DataFrame:
    return cells[[column for column in [*CELL_COLUMNS, *RIDE_ALONG] if column in cells]]


def _with_keys(frame: pd.DataFrame, keys: Mapping[str, str]) -> pd.DataFrame:
    if not keys:
        return frame
    for column in keys:
        if column not in KEYS:
            raise TidyError(f"keys= names {column!r}; it may name {', '.join(KEYS)}.")
        if column in frame:
            raise TidyError(f"keys= gives {column!r}, but the table has that column already. Leave one of them out.")
    made = frame.assign(**keys)
    remember_places(made, places_of(frame))
    return made


def _coerced(cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Columns in their declared types, and a fault for each value that could not be made so (left empty)."""
    faults, changed = [], {}
    for column in cells.columns.intersection([*NUMBERS, "order", "scale"]):
        values, bad = numbers(cells[column], column)
        found = listed(cells, bad, column, "is not a number.", "")
        faults.append(found.assign(remedy=[remedy(str(value)) for value in found["value"]]))
        if column == "order":
            uneven = values.notna() & ((values % 1 != 0) | (values < 1))
            faults.append(listed(cells, uneven, column, "is not a whole number from 1 up.", "1 = most disadvantaged."))
            changed[column] = values.where(~uneven).astype("Int64") if uneven.any() else values.astype("Int64")
        else:
            changed[column] = values.astype("float64")
    for column in cells.columns.intersection(KEYS):
        changed[column] = texts(cells[column])
    for column in cells.columns.intersection(["reference", "favourable"]):
        truth = boolean(cells[column])
        bad = truth.isna() & cells[column].notna()
        faults.append(listed(cells, bad, column, "is neither true nor false.", "Write true or false."))
        changed[column] = truth.fillna(False).astype(bool) if column == "reference" else truth
    changed["status"] = _status(cells, changed.get("estimate"))
    return cells.assign(**changed), together(faults)


def _status(cells: pd.DataFrame, estimate: "pd.Series[float] | None") -> "pd.Series[str]":
    """As given; else ``missing`` where the estimate is empty and ``ok`` where not."""
    given = cells["status"].astype("str") if "status" in cells else None
    if given is not None and given.notna().all():
        return given
    empty = np.zeros(len(cells), dtype=bool) if estimate is None else estimate.isna().to_numpy()
    default = pd.Series(np.where(empty, "missing", "ok"), index=cells.index, dtype="str")
    return default if given is None else given.fillna(default)
