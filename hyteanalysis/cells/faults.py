"""Faults of a table as rows of a frame: where, what is wrong, and what to do."""

import weakref
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import NamedTuple

import pandas as pd

FAULT_COLUMNS = ["row", "column", "value", "problem", "remedy"]
NO_FAULTS = pd.DataFrame(columns=FAULT_COLUMNS, dtype=object)


class Places(NamedTuple):
    """Where the rows of a frame stood in its file; ``numbers`` are read only where a fault asks for them."""

    said: str  # such as "line {} of a.csv"
    numbers: Callable[[], Sequence[int]]
    rows: int


_places: dict[int, tuple[weakref.ref[pd.DataFrame], Places]] = {}


def remember_places(frame: pd.DataFrame, places: Places | None) -> None:
    """Keep where a frame's rows stood in its file for as long as the frame itself lives."""
    if places is not None:
        key = id(frame)
        _places[key] = (weakref.ref(frame, lambda _: _places.pop(key, None)), places)


def places_of(frame: pd.DataFrame) -> Places | None:
    """Where a frame's rows stood in its file, if it is the very frame that was read."""
    kept = _places.get(id(frame))
    return kept[1] if kept is not None and kept[0]() is frame else None


def placed(faults: pd.DataFrame, places: Places | None) -> pd.DataFrame:
    """Faults with the place in the file of each that has a row."""
    if places is None or "row" not in faults or faults["row"].isna().all():
        return faults
    numbers = places.numbers()
    if len(numbers) != places.rows:  # the file has changed since
        return faults
    inside = [isinstance(row, int) and 0 <= row < len(numbers) for row in faults["row"]]
    said = [
        places.said.format(numbers[row]) if is_in else None for row, is_in in zip(faults["row"], inside, strict=True)
    ]
    return faults.assign(place=said)


def column_fault(column: str, problem: str, remedy: str) -> pd.DataFrame:
    """A fault of a whole column."""
    return pd.DataFrame([[None, column, None, problem, remedy]], columns=FAULT_COLUMNS, dtype=object)


def listed(frame: pd.DataFrame, bad: "pd.Series[bool]", column: str, problem: str, remedy: str) -> pd.DataFrame:
    """One fault for each row marked in ``bad``."""
    if not bad.any():
        return NO_FAULTS
    values = [None if pd.isna(value) else value for value in frame.loc[bad, column]]
    faults = pd.DataFrame({"row": frame.index[bad], "column": column, "value": pd.Series(values, dtype=object)})
    return faults.assign(problem=problem, remedy=remedy).astype(object)


def together(faults: list[pd.DataFrame]) -> pd.DataFrame:
    """Faults in one frame; most frames have none, and joining nothing costs as much as joining something."""
    found = [one for one in faults if len(one)]
    return pd.concat(found) if found else NO_FAULTS


def column_faults(frame: pd.DataFrame, *, needed: list[str], allowed: list[str] | None) -> pd.DataFrame:
    """Columns that are lacking, given twice or unknown."""
    names = [str(name) for name in frame.columns]
    faults = []
    for name in needed:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"Is it {near[0]!r}? Rename it." if near else f"The table has: {', '.join(names) or 'no columns'}."
            faults.append(column_fault(name, "This column is needed and lacking.", hint))
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.append(column_fault(name, "This column stands twice.", "Keep one of them."))
    for name in names if allowed is not None else ():
        if name not in (allowed or ()):
            near = get_close_matches(name, allowed or (), n=1)
            hint = f"Is it {near[0]!r}?" if near else "Leave it out, or rename it."
            faults.append(column_fault(name, "Unknown column.", f"{hint} Allowed: {', '.join(allowed or ())}."))
    return together(faults)
