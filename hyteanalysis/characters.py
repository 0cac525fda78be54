"""Characters that no document may hold: control characters, non-characters, halves of pairs, as pasting leaves them."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

_LINES = re.compile("[\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")  # breaks of a line or page, as slides and mails have them
_BAD = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# seen by nobody, and yet they part one name from another: zero width, direction, soft hyphens, marks of byte order
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_APART = re.compile("[\u0300-\u036f]")  # accents apart from their letters, as macOS writes names of files
_FORMULA = re.compile(r"[=+@\t\r]|-(?![\d.,]*$)")
_ANY = re.compile("|".join(one.pattern for one in (_LINES, _BAD, _UNSEEN, _APART)))


def cleaned(text: str, line: str = " ") -> str:
    """Text without control and unseen characters: line breaks of every kind become ``line``, the others go.

    Accents that stand apart from their letters are one character with them.

    >>> cleaned("Ensimmäinen rivi\\x0bToinen\\x00 rivi\\ufffe\\u200b")
    'Ensimmäinen rivi Toinen rivi'
    """
    if not _ANY.search(text):
        return text
    return unicodedata.normalize("NFC", _UNSEEN.sub("", _BAD.sub("", _LINES.sub(line, text))))


def unclean(text: str) -> bool:
    """Whether a text holds such characters."""
    return bool(_ANY.search(text)) and cleaned(text) != text


def inert(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose texts no spreadsheet runs as a formula when it opens them as CSV: an apostrophe stands before them.

    :func:`hyteanalysis.sources.read_table` takes it away again.

    >>> inert(pd.DataFrame({"a": ["=1+1", "-", "-x", "b"]}))["a"].tolist()
    ["'=1+1", '-', "'-x", 'b']
    """
    if not frame.columns.is_unique:
        quoted = [f"'{name}" if isinstance(name, str) and _FORMULA.match(name) else name for name in frame.columns]
        return inert(frame.set_axis(range(len(quoted)), axis=1)).set_axis(quoted, axis=1)
    changed = {}
    for name in frame.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes]]:
        if not (pd.api.types.is_object_dtype(frame[name]) or pd.api.types.is_string_dtype(frame[name])):
            continue
        bad = frame[name].map(lambda cell: isinstance(cell, str) and bool(_FORMULA.match(cell))).astype(bool)
        if bad.any():
            changed[name] = frame[name].where(~bad, frame[name].map(lambda cell: f"'{cell}"))
    renamed = {name: f"'{name}" for name in frame.columns if isinstance(name, str) and _FORMULA.match(name)}
    return frame.assign(**changed).rename(columns=renamed) if changed or renamed else frame


def cleaned_frame(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """A frame whose texts and column names are clean, and the columns that were not."""
    if not frame.columns.is_unique:  # told where the table is used
        bare = [cleaned(str(name)) for name in frame.columns]
        made, dirty = cleaned_frame(frame.set_axis(range(len(bare)), axis=1))
        return made.set_axis(bare, axis=1), [bare[int(place)] for place in dirty]
    changed: dict[Any, Any] = {}
    for name in frame.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes]]:
        column = frame[name]
        if not (column.dtype == object or pd.api.types.is_string_dtype(column)):
            continue
        bad = column.map(lambda cell: isinstance(cell, str) and unclean(cell)).astype(bool)
        if bad.any():
            changed[name] = column.where(
                ~bad, column.map(lambda cell: cleaned(cell) if isinstance(cell, str) else cell)
            )
    frame = frame.assign(**changed) if changed else frame
    names = {name: cleaned(name) for name in frame.columns if isinstance(name, str) and unclean(name)}
    return frame.rename(columns=names) if names else frame, [str(name) for name in changed]


def cleaned_tree(given: Any, line: str = "\n") -> Any:
    """Nested mappings and lists, such as a plan's file, with every text clean."""
    if isinstance(given, str):
        return cleaned(given, line)
    if isinstance(given, Mapping):
        return {cleaned_tree(name, " "): cleaned_tree(value, line) for name, value in given.items()}
    if isinstance(given, Sequence) and not isinstance(given, (bytes, bytearray)):
        return [cleaned_tree(one, line) for one in given]
    return given
