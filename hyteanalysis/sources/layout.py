"""Where a table lies among rows of cells: titles above it, its header of one row or several, its rows, notes below."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hyteanalysis.errors import TidyError
from hyteanalysis.numerals import SPACES

Row = Sequence[Any]
_MOST_HEADERS = 5
_NUMBER = re.compile(rf"^[-−–+]?[0-9][0-9.,{SPACES}'’]*([eE][+-]?[0-9]+)?[{SPACES}]*%?$|^[-−–+]?[.,][0-9]+$")
_MARK = re.compile(r"^(\.{1,3}|…|:|: ?[a-z]|[-–—]|<\s?\d+|NA|N/A|NULL|NaN|#N/A)$")
_PERIOD = re.compile(r"^(1[89]|20)\d\d\*?$|^(1[89]|20)\d\d[QMK]\d{1,2}\*?$")
_NOTE = re.compile(
    r"^(lähde|lähteet|källa|källor|source|huom|note|notes|anm|viimeksi|päivitetty|latest|last|updated|senast|copyright"
    r"|©|tilastokeskus|statistikcentralen|statistics finland|yksikkö|enhet|unit|selite|tietolähde|tulostettu|haettu"
    r"|data extracted|symbolit|merkkien|special value|available flags)\b"
    r"|^\(?([*¹²³†‡]+|\d\))\)?\s+\S|^(\.{1,3}|…|[-–]|:|\*+|x|[a-z])\s*=",
    re.I,
)


@dataclass(frozen=True)
class Layout:
    """Names and positions of the columns, the first row of data and the one after the last, and what stands around."""

    names: tuple[str, ...]
    positions: tuple[int, ...]
    first: int
    last: int
    headers: int
    named: int = 0  # cells of the header
    overflow: bool = False  # rows hold more
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()


def blank(cell: Any) -> bool:
    """Whether a cell holds nothing to be seen."""
    return cell is None or cell != cell or (isinstance(cell, str) and not cell.strip())


def find(rows: Sequence[Row], name: str, *, ragged: bool = False) -> Layout:
    """The table among rows.

    A header is the first row that is filled across; several rows make one where the lowest does not name every column
    by itself, as in tables with years above sexes. Raises TidyError where nothing is a table, or, unless ``ragged``,
    where a row is wider than the header.
    """
    filled = [[position for position, cell in enumerate(row) if not blank(cell)] for row in rows]
    wide = Counter(len(one) for one in filled if len(one) > 1)
    if not wide:
        raise TidyError(f"{name} is not a table: no row has two columns or more.")
    usual = max(wide, key=lambda size: (wide[size], size))
    start = next((i for i in range(len(rows)) if _heads(rows, filled, i, usual)), None)
    if start is None:
        raise TidyError(f"{name} is not a table: no row names its columns.")
    headers, first = _headers(rows, filled, start, name)
    last, below = ending(rows, first)
    width = max((max(one) + 1 for one in filled[start:last] if one), default=0)
    above = [_said(rows[i]) for i in range(headers[0]) if filled[i]]
    named = max(len(rows[i]) for i in headers)
    wider = [i for i in range(first, last) if filled[i] and filled[i][-1] >= named]
    if wider and not ragged:
        raise TidyError(
            f"{name} is not a table: row {wider[0] + 1} has more columns ({filled[wider[0]][-1] + 1}) than the header"
            f" names ({named})."
        )
    width = min(width, named) if wider else width
    names = _names([rows[i] for i in headers], width)
    positions = list(range(width))
    empty = {p for p in positions if not names[p] and not any(p in one for one in filled[first:last])}
    if not names[0] and 0 not in empty and _numbered([rows[i] for i in range(first, last) if filled[i]]):
        empty.add(0)  # R's names of rows
    positions = [p for p in positions if p not in empty]
    told = [names[p] or f"column {p + 1}" for p in positions]
    return Layout(
        tuple(told), tuple(positions), first, last, len(headers), named, bool(wider), tuple(above), tuple(below)
    )


def is_note(row: Row, *, apart: bool = False) -> bool:
    """Whether a row below a table is a note: a source or an explanation, or, apart from the table, one lone text."""
    cells = [position for position, cell in enumerate(row) if not blank(cell)]
    if not cells:
        return True
    text = str(row[cells[0]]).strip()
    lone = len(cells) == 1 and (apart or len(text.split()) > 2)
    return cells[0] == 0 and (lone or bool(_NOTE.match(text)))


def _heads(rows: Sequence[Row], filled: list[list[int]], at: int, usual: int) -> bool:
    """Whether a row can begin a header: filled across, or, with its first cell empty, a level above the names.

    A narrower row above one that names all columns is a title that holds a separator.
    """
    cells = filled[at]
    if len(cells) < 2:
        return False
    if cells[0] > 0:
        return True
    below = next((i for i in range(at + 1, len(rows)) if filled[i]), None)
    title = below is not None and len(filled[below]) > len(cells) and len(filled[below]) >= usual
    if title and below is not None and len(cells) < usual and not _data(rows[below]):
        return False
    return len(cells) >= max(2, (usual + 1) // 2)


def _headers(rows: Sequence[Row], filled: list[list[int]], start: int, name: str) -> tuple[list[int], int]:
    """Rows of the header, and the first row of data."""
    found: list[int] = []
    for i in range(start, min(len(rows), start + 3 * _MOST_HEADERS)):
        if not filled[i]:
            continue
        if found and (_data(rows[i]) or len(found) >= _MOST_HEADERS):
            break
        if not found and _data(rows[i]) and not _counted(rows[i]):
            raise TidyError(
                f"{name} is not a table: the first filled row, {i + 1}, holds numbers, so that no row names the"
                " columns. Write their names above."
            )
        previous = found[-1] if found else None
        following = next((one for one in range(i + 1, len(rows)) if filled[one]), None)
        if found and len(filled[i]) < 2 and following is not None and _data(rows[following]):
            break  # a heading of rows, such as the area of those below it
        if previous is not None and len(filled[i]) < 2 and not _open(rows[previous], filled[previous]):
            break
        found.append(i)
        if not _open(rows[i], filled[i]):
            break
    lowest = found[-1]
    if not _open(rows[lowest], filled[lowest]):
        found = [lowest]
    after = next((i for i in range(lowest + 1, len(rows)) if filled[i]), len(rows))
    return found, after


def _open(row: Row, cells: list[int]) -> bool:
    """Whether a header row leaves columns unnamed or names two alike, so that another row must be part of it."""
    texts = [str(row[p]).strip() for p in cells]
    gaps = cells != list(range(cells[0], cells[-1] + 1))
    above = cells[0] == 1 and all(_PERIOD.match(text) for text in texts)
    return gaps or above or cells[0] > 1 or len(set(texts)) < len(texts)


def _data(row: Row) -> bool:
    """Whether a row holds a number that is no year, or a mark in a number's place."""
    for cell in row:
        if isinstance(cell, (int, float)) and not isinstance(cell, bool) and cell == cell:
            if not (float(cell).is_integer() and 1800 <= cell < 2100):
                return True
        elif isinstance(cell, str):
            text = cell.strip()
            if (_NUMBER.match(text) and not _PERIOD.match(text)) or _MARK.match(text):
                return True
    return False


def _counted(row: Row) -> bool:
    """Whether the numbers of a row are names, such as ages 0, 1, 2 … after a first text."""
    cells = [cell for cell in row if not blank(cell)]
    numbers = [str(cell) for cell in cells[1:]]
    if not cells or not isinstance(cells[0], str) or _NUMBER.match(cells[0].strip()):
        return False
    whole = [int(float(text)) for text in numbers if re.fullmatch(r"\d+(\.0)?", text)]
    return len(whole) == len(numbers) and whole == sorted(set(whole)) and whole[:2] == [whole[0], whole[0] + 1]


def ending(rows: Sequence[Row], first: int = 0) -> tuple[int, list[str]]:
    """The row after the last of a table's, and the notes below it."""
    filled = [any(not blank(cell) for cell in row) for row in rows]
    begin = len(rows)
    while begin > first and is_note(rows[begin - 1], apart=True):
        begin -= 1
    apart = False
    for i in range(begin, len(rows)):  # a lone word right below the table may be a row that was cut
        apart = apart or not filled[i]
        if not apart and not is_note(rows[i]):
            begin = i + 1
    last = begin
    while last > first and not filled[last - 1]:
        last -= 1
    return last, [_said(rows[i]) for i in range(begin, len(rows)) if filled[i]]


def _names(headers: list[Row], width: int) -> list[str]:
    """One name a column: levels from the top down, a cell that spans several columns said for each."""
    levels = []
    for level, row in enumerate(headers):
        cells = [_said([row[p]]) if p < len(row) and not blank(row[p]) else "" for p in range(width)]
        if level < len(headers) - 1:
            said = ""
            for p, cell in enumerate(cells):
                said = cell or said
                cells[p] = said
        levels.append(cells)
    return [" ".join(dict.fromkeys(level[p] for level in levels if level[p])) for p in range(width)]


def _said(row: Row) -> str:
    words = []
    for cell in row:
        if not blank(cell):
            whole = isinstance(cell, float) and cell.is_integer()
            words.append(str(int(cell)) if whole else re.sub(r"\s+", " ", str(cell)).strip())
    return " ".join(words)


def _numbered(rows: list[Row]) -> bool:
    """Whether the first cells only number the rows."""
    return all(str(row[0]).strip() == str(number) for number, row in enumerate(rows, start=1) if len(row))
