"""JSON-stat: tables of any number of dimensions as long frames, with the markers that stand for missing values."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from hyteanalysis import numerals
from hyteanalysis.errors import SourceError, TidyError, counted
from hyteanalysis.marks import CONVENTIONS

# what stands in the place of a number, as official statistics in Finland have it
MARKERS = {sign: "ok" if meaning == "zero" else meaning for sign, meaning in CONVENTIONS["statfin"].items()}


def read_jsonstat(dataset: Mapping[str, Any], *, protected: float | None = None) -> pd.DataFrame:
    """A JSON-stat dataset as a long frame.

    Parameters
    ----------
    dataset : mapping
        JSON-stat 2 (``class: dataset``), or an older ``{"dataset": {…}}`` whose ``id`` and ``size`` stand inside
        ``dimension``. Values may be a list or a sparse object, numbers or text with a decimal comma.
    protected : float, optional
        A number that stands for a protected value, such as −1 in Paavo.

    Returns
    -------
    DataFrame
        A column of codes for each dimension, ``value`` (float), ``status`` (``ok, missing, suppressed``). A cell that
        the answer leaves out is ``missing``; ``-`` is zero.

    Raises
    ------
    SourceError
        Parts that are lacking or do not fit together, or a value that is neither a number nor a marker.

    Examples
    --------
    >>> table = {"class": "dataset", "id": ["area", "y"], "size": [1, 2], "value": [7, None], "status": {"1": "..."},
    ...     "dimension": {"area": {"category": {"index": ["KU285"]}}, "y": {"category": {"index": ["2023", "2024"]}}}}
    >>> read_jsonstat(table)
        area     y  value      status
    0  KU285  2023    7.0          ok
    1  KU285  2024    NaN  suppressed
    """
    table = _table(dataset)
    names, sizes = _shape(table)
    codes = {name: list(labels(table)[name]) for name in names}
    for name, size in zip(names, sizes, strict=True):
        if len(codes[name]) != size:
            raise SourceError(f"JSON-stat: dimension {name!r} says {size} categories and lists {len(codes[name])}.")
    count = int(np.prod(sizes)) if sizes else 0
    text = _cells(table.get("value"), count, "value")
    marks = _cells(table.get("status"), count, "status")
    value, status = _numbers(text, marks, protected)
    axes = np.indices(sizes).reshape(len(sizes), -1)
    columns = {name: pd.array(codes[name], dtype="str").take(axes[i]) for i, name in enumerate(names)}
    return pd.DataFrame({**columns, "value": value, "status": pd.array(status, dtype="str")})


def labels(dataset: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Label of every code, by dimension, in the table's order."""
    table = _table(dataset)
    found = {}
    for name in _shape(table)[0]:
        category = (table["dimension"].get(name) or {}).get("category") or {}
        index, named = category.get("index"), category.get("label") or {}
        if index is None:
            index = list(named)
        if isinstance(index, Mapping) and sorted(index.values()) != list(range(len(index))):
            raise SourceError(f"JSON-stat: the positions of dimension {name!r} are not 0, 1, 2 … each once.")
        codes = sorted(index, key=index.__getitem__) if isinstance(index, Mapping) else list(index)
        found[name] = {str(code): str(named.get(code, code)) for code in codes}
    return found


def _table(dataset: Mapping[str, Any]) -> Mapping[str, Any]:
    table = dataset.get("dataset", dataset) if isinstance(dataset, Mapping) else None
    if not isinstance(table, Mapping) or not isinstance(table.get("dimension"), Mapping) or "value" not in table:
        raise SourceError("JSON-stat: expected a dataset with dimension and value; the service may have changed.")
    return table


def _shape(table: Mapping[str, Any]) -> tuple[list[str], list[int]]:
    inside = table["dimension"]
    names, sizes = table.get("id", inside.get("id")), table.get("size", inside.get("size"))
    if not isinstance(names, list) or not isinstance(sizes, list) or len(names) != len(sizes):
        raise SourceError("JSON-stat: id and size of the dimensions are lacking or differ in length.")
    return [str(name) for name in names], [int(size) for size in sizes]


def _cells(given: Any, count: int, what: str) -> np.ndarray:
    """Values or marks by position; what is left out is None."""
    cells = np.full(count, None, dtype=object)
    if given is None or (isinstance(given, list) and not given):
        return cells
    if isinstance(given, str):
        cells[:] = given
    elif isinstance(given, Mapping):
        for position, one in given.items():
            if not str(position).isdigit() or int(position) >= count:
                raise SourceError(
                    f"JSON-stat: {what} {position!r} lies outside the {counted(count, 'cell')} of the table."
                )
            cells[int(position)] = one
    elif len(given) == count:
        cells[:] = given
    else:
        raise SourceError(f"JSON-stat: expected {counted(count, 'entry', 'entries')} of {what}, got {len(given)}.")
    return cells


def _numbers(cells: np.ndarray, marks: np.ndarray, protected: float | None) -> tuple[np.ndarray, np.ndarray]:
    """Numbers and their status. A marker stands in the value itself or in its status."""
    given = pd.Series(cells, dtype=object)
    text = given.map(lambda one: one.strip() if isinstance(one, str) else one)
    marked = text.where(text.isin(list(MARKERS)), pd.Series(marks, dtype=object))
    text = text.mask(text.isin([*MARKERS, ""]))
    written = text.map(lambda one: isinstance(one, str)).astype(bool)
    value = pd.to_numeric(text.mask(written), errors="coerce").astype("float64")
    if written.any():
        words = text[written].astype("str")
        try:
            signs = numerals.read({"value": words})["value"]
        except TidyError as error:
            raise SourceError(f"JSON-stat: {error}") from None
        value[written] = numerals.converted(words, signs)
    odd = (value.isna() & text.notna()) | text.map(lambda one: isinstance(one, bool)).astype(bool)
    if odd.any():
        raise SourceError(f"JSON-stat: {given[odd].iloc[0]!r} is neither a number nor one of {', '.join(MARKERS)}.")
    status = marked.map(MARKERS).where(value.isna() | marked.isin([".", "..", "..."]))
    value = value.mask((marked == "-") & value.isna(), 0.0).mask(status.isin(["missing", "suppressed"]))
    if protected is not None:
        hidden = value == protected
        value, status = value.mask(hidden), status.mask(hidden, "suppressed")
    status = status.fillna(pd.Series(np.where(value.isna(), "missing", "ok")))
    return value.to_numpy(), status.to_numpy()
