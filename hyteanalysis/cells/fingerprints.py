"""Contents that were found tidy already: a hash of every value the rules look at, so that no change can hide."""

import hashlib
from collections import OrderedDict
from threading import Lock

import pandas as pd
import pyarrow as pa

from hyteanalysis.cells.vocabulary import CELL_COLUMNS, RIDE_ALONG

REMEMBERED = 256
_UNREAD = ("method", "note")  # no rule looks at these texts
_BOUNDS = ("indicator", "kind", "scale", "lower_bound", "upper_bound")  # what rules read of an indicator

_tidy: OrderedDict[tuple[bytes, bytes], None] = OrderedDict()  # the newest; hashes only, no data
_lock = Lock()


def content(frame: pd.DataFrame) -> bytes | None:
    """Hash of cells' columns, types and values, the row index aside; None where one cannot be made faithfully."""
    if not frame.columns.is_unique or not set(frame.columns) <= {*CELL_COLUMNS, *RIDE_ALONG}:
        return None
    return _hash(frame, [name for name in frame if name not in _UNREAD])


def known(cells: bytes | None, indicators: pd.DataFrame | None) -> bool:
    """Whether cells of this content passed every rule, by metadata that allow the same."""
    limits = _limits(indicators)
    if cells is None or limits is None:
        return False
    with _lock:
        if found := (cells, limits) in _tidy:
            _tidy.move_to_end((cells, limits))
    return found


def remember(cells: bytes | None, indicators: pd.DataFrame | None) -> None:
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
