"""Workbooks as people really have them: which sheet, merged keys, per cent, formulas without a value, errors, dates.

``.xlsx`` and ``.xlsm`` are read by openpyxl, ``.xls`` by xlrd, ``.ods`` from its own XML: the faster python-calamine
gives neither errors, nor formulas, nor formats, so that ``#DIV/0!`` would be an empty cell and 12,5 % would be 0.125.
"""

import datetime as dt
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd

from hyteanalysis.cells import KEYS, NUMBERS
from hyteanalysis.errors import HyteError, SourceError, TidyError
from hyteanalysis.sources import layout

SUFFIXES = (".xls", ".ods", ".xlsm", ".xlsx")
_WIDEST, _LONGEST = 16_384, 1_048_576
_ESCAPED = re.compile("_x([0-9A-F]{4})_")  # a character that XML cannot hold, as Excel writes it
_YEAR = re.compile(r"(?<!\d)(1[89]|20)\d\d(?!\d)")
Position = tuple[int, int]


class Percent(float):
    """A number that its cell shows with a percent sign, as it is shown: 12.5 of 12,5 %."""


@dataclass
class SheetCells:
    """Cells of a sheet from its first row on, and what they are besides their values."""

    name: str
    visible: bool
    rows: list[list[Any]] = field(default_factory=list)
    uncomputed: dict[Position, str] = field(default_factory=dict)  # formulas without a kept value
    errors: dict[Position, str] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # first row, column, last row, column


@dataclass(frozen=True)
class Found:
    """The table of a workbook, the sheet it was taken from, and those that it has."""

    frame: pd.DataFrame
    sheet: str
    sheets: tuple[str, ...]
    place: layout.Layout
    numbers: tuple[int, ...]  # of the rows, counted from 1


def read(path: Path, sheet: str | None = None) -> Found:
    """The table on a workbook's sheet: the one named, else the first visible one that holds cells, else a table.

    Raises
    ------
    SourceError
        No such sheet; the sheets are listed.
    TidyError
        A file that is no workbook; no table on its sheets; within the table a formula without a kept value or an
        error, named by cell; one number in a merged cell of several rows.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # parts of a workbook that openpyxl does not know
        try:
            sheets = _READERS[path.suffix.lower()](path)
        except HyteError:
            raise
        except Exception as error:  # the libraries raise a dozen kinds for a broken file
            kind, found = path.suffix[1:].lower(), _really(path)
            why = found or f"it could not be read as {kind} ({_line(error)})"
            raise TidyError(f"{path.name} is not a table: {why}.") from error
    chosen, place = _chosen(sheets, sheet, path.name)
    _refuse(chosen, place, path.name)
    _fill(chosen, place, path.name)
    inside = enumerate(chosen.rows[place.first : place.last], start=place.first + 1)
    kept = [(number, row) for number, row in inside if not all(layout.blank(cell) for cell in row)]
    rows = [row for _, row in kept]
    cells = [[_cell(row[p]) if p < len(row) else None for p in place.positions] for row in rows]
    _fill_stubs(cells, place)
    frame = pd.DataFrame(cells, columns=pd.Index(place.names), dtype=object)
    names = tuple(one.name if one.visible else f"{one.name} (hidden)" for one in sheets)
    return Found(frame, chosen.name, names, place, tuple(number for number, _ in kept))


def _really(path: Path) -> str:
    """What a file of another kind than its name says is, with the remedy; empty where that is not known."""
    start, suffix = path.read_bytes()[:4096], path.suffix.lower()
    if start.startswith(b"\xd0\xcf\x11\xe0") and suffix != ".xls":
        return "it is an old workbook, or one with a password: save it as .xls, or take the password away"
    if start.startswith(b"PK\x03\x04") and suffix == ".xls":
        return "it is a newer workbook: name it .xlsx"
    if start.startswith(b"PK\x03\x04") and suffix == ".ods":
        return "it is a workbook of another kind: name it .xlsx" if _holds(path, "xl/workbook.xml") else ""
    if re.match(rb"\s*<(!doctype|html|\?xml|table)", start, re.I):
        return "it holds a web page or XML, as some services name it: open it in a spreadsheet and save it as .xlsx"
    if start and b"\x00" not in start:
        return "it is a text file: name it .csv"
    return ""


def _holds(path: Path, name: str) -> bool:
    try:
        with zipfile.ZipFile(path) as book:
            return name in book.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() or None
    return None if layout.blank(value) else value


def _chosen(sheets: list[SheetCells], wanted: str | None, name: str) -> tuple[SheetCells, layout.Layout]:
    listed = ", ".join(repr(one.name) + ("" if one.visible else " (hidden)") for one in sheets)
    if wanted is not None:
        found = next((one for one in sheets if one.name == wanted), None) or next(
            (one for one in sheets if one.name.strip().lower() == wanted.strip().lower()), None
        )
        if found is None:
            raise SourceError(f"{name} has no sheet {wanted!r}. Its sheets: {listed}.")
        return found, layout.find(found.rows, f"{name}, sheet {found.name!r},")
    visible = [one for one in sheets if one.visible]
    candidates, first = [], None
    for one in visible:
        try:
            place = layout.find(one.rows, f"{name}, sheet {one.name!r},")
        except TidyError as error:
            first = first or error
            continue
        if place.last > place.first:
            candidates.append((one, place))
    with_numbers = [one for one in candidates if _numbers(*one)]
    candidates = with_numbers or candidates
    if candidates:
        return max(candidates, key=lambda one: _known(one[1]) > 2)
    why = f" {first}" if first is not None and len(visible) == 1 else ""
    raise TidyError(
        f"{name} is not a table: no visible sheet holds one.{why} Its sheets: {listed}. Name one with sheet=."
    )


def _known(place: layout.Layout) -> int:
    """How many of the columns have a name that cells have: a cover's list of contents has none."""
    return len({*KEYS, *NUMBERS} & set(place.names))


def _numbers(sheet: SheetCells, place: layout.Layout) -> bool:
    rows = sheet.rows[place.first : place.last]
    return len(place.names) > 1 and any(
        isinstance(cell, (int, float)) or (isinstance(cell, str) and bool(re.match(r"[-−]?[\d.,]", cell.strip())))
        for row in rows
        for cell in row
    )


def _refuse(sheet: SheetCells, place: layout.Layout, name: str) -> None:
    """Cells without a value, named."""
    faults = []
    for cells, problem, remedy in (
        (sheet.errors, "is an error of the spreadsheet, no number", "Correct the formula, or write what it should be."),
        (sheet.uncomputed, "is a formula that no spreadsheet has computed", "Open the file in Excel and save it."),
    ):
        for (row, column), said in sorted(cells.items()):
            if place.first <= row < place.last and column in place.positions:
                header = place.names[place.positions.index(column)]
                where = f"cell {_letters(column)}{row + 1} of sheet {sheet.name!r} in {name}"
                faults.append((header, said, f"({where}) {problem}.", remedy))
    if faults:
        columns = ["column", "value", "problem", "remedy"]
        raise TidyError(pd.DataFrame(faults, columns=columns, dtype=object).assign(row=None))


def _fill(sheet: SheetCells, place: layout.Layout, name: str) -> None:
    """Keys that one merged cell says for several rows are said on each of them; a number is not."""
    faults = []
    for top, left, bottom, right in sheet.merged:
        if not (place.first <= top < place.last) or bottom == top or left not in place.positions:
            continue
        value = sheet.rows[top][left]
        year = isinstance(value, (int, float)) and float(value).is_integer() and 1800 <= value < 2100
        if isinstance(value, (int, float)) and not isinstance(value, bool) and not year:
            header = place.names[place.positions.index(left)]
            where = f"cells {_letters(left)}{top + 1}:{_letters(right)}{bottom + 1} of sheet {sheet.name!r} in {name}"
            faults.append((header, value, f"({where}) is one number for {bottom - top + 1} rows."))
            continue
        for row in range(top + 1, min(bottom + 1, place.last)):
            sheet.rows[row].extend([None] * (left + 1 - len(sheet.rows[row])))
            sheet.rows[row][left] = value
    if faults:
        listed = pd.DataFrame(faults, columns=["column", "value", "problem"], dtype=object)
        raise TidyError(listed.assign(row=None, remedy="Unmerge it, and write the number of each row."))


def _fill_stubs(cells: list[list[Any]], place: layout.Layout) -> None:
    """Keys that a table with periods across says once for the rows below, as table services write them.

    Only where each key has the same further keys in the same order, so that no row of another kind is taken in.
    """
    texts = [all(isinstance(row[p], str) or row[p] is None for row in cells) for p in range(len(place.names))]
    stubs = texts.index(False) if False in texts else 0
    if stubs < 2 or not any(_YEAR.search(name) for name in place.names[stubs:]):
        return
    for p in range(stubs - 1):
        starts = [i for i, row in enumerate(cells) if row[p] is not None]
        if not starts or starts[0] or len(starts) == len(cells):
            continue
        ends = [*starts[1:], len(cells)]
        blocks = [[tuple(row[p + 1 : stubs]) for row in cells[i:j]] for i, j in zip(starts, ends, strict=True)]
        if any(block != blocks[0] for block in blocks) or any(key[-1] is None for key in blocks[0]):
            continue
        for i, j in zip(starts, ends, strict=True):
            for row in cells[i + 1 : j]:
                row[p] = cells[i][p]


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _shown(value: Any, formatted: str) -> Any:
    """A number as its format shows it where that is per cent."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and "%" in re.sub(r'"[^"]*"|\\.', "", formatted):
        return Percent(float(f"{value * 100:.12g}"))
    return value


def _xlsx(path: Path) -> list[SheetCells]:
    import openpyxl

    book = openpyxl.load_workbook(path, data_only=True)
    formulas = openpyxl.load_workbook(path) if _has_formulas(path) else None
    found = []
    for ours in book.worksheets:
        sheet = SheetCells(ours.title, ours.sheet_state == "visible")
        for r, row in enumerate(ours.iter_rows(min_row=1, min_col=1)):
            cells = []
            for c, cell in enumerate(row):
                value = cell.value
                if cell.data_type == "e":
                    sheet.errors[r, c] = str(value)
                elif isinstance(value, str):
                    value = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
                elif value is not None:
                    value = _shown(value, str(cell.number_format))
                cells.append(value)
            sheet.rows.append(cells)
        if formulas is not None:
            for r, row in enumerate(formulas[ours.title].iter_rows(min_row=1, min_col=1)):
                for c, cell in enumerate(row):
                    if cell.data_type == "f" and layout.blank(sheet.rows[r][c]):
                        sheet.uncomputed[r, c] = sheet.rows[r][c] = str(getattr(cell.value, "text", cell.value))
        for area in ours.merged_cells.ranges:
            sheet.merged.append((area.min_row - 1, area.min_col - 1, area.max_row - 1, area.max_col - 1))
        found.append(sheet)
    return found


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
        return any(b"<f>" in (xml := book.read(name)) or b"<f " in xml for name in sheets)


def _xls(path: Path) -> list[SheetCells]:
    import xlrd

    book = xlrd.open_workbook(path, formatting_info=True)
    found = []
    for ours in book.sheets():
        sheet = SheetCells(ours.name, ours.visibility == 0)
        for r in range(ours.nrows):
            cells: list[Any] = []
            for c in range(ours.ncols):
                cell = ours.cell(r, c)
                value = cell.value
                if cell.ctype == xlrd.XL_CELL_ERROR:
                    value = sheet.errors[r, c] = xlrd.error_text_from_code.get(cell.value, "#ERROR")
                elif cell.ctype == xlrd.XL_CELL_DATE:
                    value = xlrd.xldate_as_datetime(cell.value, book.datemode)
                elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
                    value = bool(cell.value)
                elif cell.ctype == xlrd.XL_CELL_NUMBER:
                    formatted = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
                    value = _shown(cell.value, formatted)
                cells.append(value)
            sheet.rows.append(cells)
        sheet.merged = [(top, left, bottom - 1, right - 1) for top, bottom, left, right in ours.merged_cells]
        found.append(sheet)
    return found


_ODF = {
    "table": "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}",
    "office": "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}",
    "text": "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}",
    "style": "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}",
    "calcext": "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}",
}


def _ods(path: Path) -> list[SheetCells]:
    with zipfile.ZipFile(path) as book:
        content = ElementTree.fromstring(book.read("content.xml"))
    table, style = _ODF["table"], _ODF["style"]
    hidden = {
        one.get(f"{style}name")
        for one in content.iter(f"{style}style")
        for properties in one.iter(f"{style}table-properties")
        if properties.get(f"{table}display") == "false"
    }
    found = []
    for ours in content.iter(f"{table}table"):
        sheet = SheetCells(str(ours.get(f"{table}name")), ours.get(f"{table}style-name") not in hidden)
        for row in ours.iter(f"{table}table-row"):
            again = int(row.get(f"{table}number-rows-repeated", "1"))
            number = len(sheet.rows)
            cells = list(_ods_row(row, sheet, number))
            while cells and layout.blank(cells[-1]):
                cells.pop()
            if not cells and again > 1000:
                break  # the rest of the sheet
            sheet.rows += [list(cells) for _ in range(min(again, _LONGEST - number))]
        found.append(sheet)
    return found


def _ods_row(row: ElementTree.Element, sheet: SheetCells, number: int) -> Iterator[Any]:
    table, column = _ODF["table"], 0
    for cell in row:
        if cell.tag not in (f"{table}table-cell", f"{table}covered-table-cell"):
            continue
        again = min(int(cell.get(f"{table}number-columns-repeated", "1")), _WIDEST - column)
        value = _ods_value(cell)
        position = (number, column)
        if cell.get(f"{_ODF['calcext']}value-type") == "error" or (
            isinstance(value, str) and cell.get(f"{table}formula") and re.match(r"#|Err:", value)
        ):
            sheet.errors[position] = str(value)
        elif value is None and cell.get(f"{table}formula"):
            value = sheet.uncomputed[position] = str(cell.get(f"{table}formula"))
        down, across = (int(cell.get(f"{table}number-{kind}-spanned", "1")) for kind in ("rows", "columns"))
        if down > 1 or across > 1:
            sheet.merged.append((number, column, number + down - 1, column + across - 1))
        for _ in range(again):
            yield value
        column += again


def _ods_value(cell: ElementTree.Element) -> Any:
    office = _ODF["office"]
    kind, number = cell.get(f"{office}value-type"), cell.get(f"{office}value")
    if kind == "percentage" and number is not None:
        return _shown(float(number), "0 %")
    if kind in ("float", "currency") and number is not None:
        return float(number)
    if kind == "boolean":
        return cell.get(f"{office}boolean-value") == "true"
    if kind == "date":
        return dt.datetime.fromisoformat(str(cell.get(f"{office}date-value")))
    said = "\n".join("".join(one.itertext()) for one in cell.iter(f"{_ODF['text']}p"))
    return said or None


_READERS = {".xlsx": _xlsx, ".xlsm": _xlsx, ".xls": _xls, ".ods": _ods}
