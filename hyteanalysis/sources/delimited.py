"""Text files of columns as programs save them: encoding, line ends, separator, and where the table lies.

One look serves tables (:meth:`Text.frame`) and person rows (:meth:`Text.to_parquet`): both understand the same files.
"""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from hyteanalysis.characters import cleaned
from hyteanalysis.errors import TidyError
from hyteanalysis.sources import layout

SUFFIXES = (".csv", ".tsv", ".txt", ".tab")
SEPARATORS = ("\t", ";", "|", ",")  # the likelier first, where two part the lines alike
_HEAD, _TAIL = 1 << 17, 1 << 14  # characters looked at to find the table's place
_EUROSTAT = re.compile(r"^[\w,]+\\(TIME_PERIOD|time)$", re.I)
_MIXED = re.compile(rb"[\xc3-\xc5][\x80-\xbf]|\xe2\x80[\x80-\xbf]")  # UTF-8 within a file that is not UTF-8
# byte order marks, the longer first
_MARKS = ((b"\xff\xfe\x00\x00", "utf-32-le"), (b"\x00\x00\xfe\xff", "utf-32-be"), (b"\xef\xbb\xbf", "utf-8"),
          (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))  # fmt: skip
_EIGHT_BIT = ("cp1252", "iso8859_15", "mac_roman", "cp850")
_OURS = frozenset("åäöÅÄÖ")
_LIKELY = frozenset("åäöÅÄÖéèüÜßšžŠŽæøÆØáñçóíõ–—€”“„’‘«»°±§½²³µ…•×´\u00a0")
# a capital or a sign within a word, a quotation mark at its wrong end or alone
_CASE = re.compile("[a-zåäö][ÅÄÖŠŽ]|[a-zåäö][„”€][a-zåäö]|\\w„|(?<!\\w)[„”](?!\\w)")
_FOREIGN = re.compile("[À-ÖØ-öø-ÿŠŽšž]{4}")  # no Nordic word is of such letters alone
_DOUBTFUL = frozenset("ŠšŽž")  # which Mac Roman has for ä and ö
# non-characters, breaks of lines, halves of pairs, and what nobody sees, in UTF-8
_UNSEEN = "\ufeff\u200b\u200e\u200f\u2060\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_UNCLEAN = (b"\xed\xa0", b"\xed\xb0", *(sign.encode() for sign in f"\ufffe\uffff\u2028\u2029{_UNSEEN}"))
_KINDS = {
    b"PK\x03\x04": "a workbook or another zipped file",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "a compressed file: unpack it first",
}


@dataclass(frozen=True)
class Dialect:
    """What was seen of a text file.

    ``plain``: UTF-8, its header in the first line, nothing around the table: any reader of CSV takes it as it is.
    """

    name: str
    encoding: str
    separator: str
    names: tuple[str, ...]
    positions: tuple[int, ...]
    width: int
    above: tuple[str, ...]
    below: tuple[str, ...]
    line: int  # of the first row of data, counted from 1
    plain: bool
    statistical: bool  # Eurostat's: keys joined by commas in the first column


@dataclass(frozen=True)
class Text:
    """A dialect with the rows of data that it describes, as UTF-8."""

    dialect: Dialect
    body: bytes | memoryview
    quoted: bool
    closed: bool  # every quotation mark has its second

    def frame(self) -> pd.DataFrame:
        """The rows as a frame of texts without the spaces around them; empty cells are missing."""
        frame = _table(self).to_pandas()
        frame.columns = pd.Index(self.dialect.names)
        return _unjoined(frame) if self.dialect.statistical else frame

    def to_parquet(self, path: Path) -> None:
        """The rows as a Parquet file of texts, which every engine reads."""
        pq.write_table(_table(self).rename_columns(list(self.dialect.names)), path)


def lines(path: Path, encoding: str | None = None) -> list[int]:
    """The line of each row that :func:`look` reads, counted from 1; a row over several lines stands where it begins."""
    text = look(path, encoding)
    dialect = text.dialect
    rows = csv.reader(
        io.StringIO(bytes(text.body).decode(), newline=""), delimiter=dialect.separator,
        skipinitialspace=dialect.separator != "\t",
    )  # fmt: skip
    found, before = [], 0
    for row in rows:
        if any(row[position].strip() for position in dialect.positions if position < len(row)):
            found.append(dialect.line + before)
        before = rows.line_num
    return found


def look(path: Path, encoding: str | None = None) -> Text:
    """A text file's dialect and its rows.

    Raises TidyError naming the file, the line and what is wrong where it is no table.
    """
    data, name = path.read_bytes(), path.name
    found, text = _decoded(data, name, encoding)
    same = found == "utf-8" and not data.startswith(b"\xef\xbb\xbf")
    if "\r" in text:
        lone = text.count("\r") != text.count("\r\n")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        plain_ends, same_text = not lone and b'"' not in data, False  # an engine would keep \r within cells
    else:
        plain_ends, same_text = True, same
    if _dirty(data, found):
        text, same, same_text = cleaned(text.replace("\u2028", "\n").replace("\x85", "\n")), False, False
    said = re.match(r'"?sep=(.)"?[^\n]*\n', text, re.I)
    offset = said.end() if said else 0
    head, whole = _head(text, offset)
    separator = said[1] if said else _separator(head, name)
    rows, lines = _records(head, separator)
    place = layout.find(rows, name, ragged=True)
    starts = [0, *(match.end() for match in re.finditer("\n", head))]
    begin = offset + (starts[lines[place.first]] if place.first < len(rows) else len(head))
    if whole:
        end = offset + starts[lines[place.last]] if place.last < len(rows) else len(text)
        below = place.below
    else:
        end, notes = _tail(text, begin, separator)
        below = tuple(notes)
    widths = [len(row) for row in rows[place.first : place.last if whole else len(rows)] if row]
    width = max(set(widths), key=widths.count) if widths else place.named
    width = min(width, place.named) if place.overflow else width
    plain = same and plain_ends and not said and not place.above and not below and place.first == place.headers == 1
    plain &= b"\xc2\xa0" not in data  # spaces that an engine would leave around codes
    plain &= place.positions == tuple(range(width)) and len(rows[0]) == width
    header = place.names[0]
    statistical = separator == "\t" and bool(_EUROSTAT.match(header))
    dialect = Dialect(
        name, found, separator, place.names, place.positions, width, place.above, below,
        text.count("\n", 0, begin) + 1, plain and not statistical, statistical,
    )  # fmt: skip
    closed = data.count(b'"') % 2 == 0 if same_text else text.count('"') % 2 == 0
    if same_text:  # the file's own bytes, unchanged
        body = memoryview(data)[len(text[:begin].encode()) : len(data) - len(text[end:].encode())]
        return Text(dialect, body, b'"' in data, closed)
    return Text(dialect, text[begin:end].encode(), '"' in text, closed)


def _decoded(data: bytes, name: str, encoding: str | None) -> tuple[str, str]:
    """The encoding and the text."""
    if encoding is not None:
        try:
            return encoding, data.decode(encoding).removeprefix("\ufeff")
        except (UnicodeDecodeError, LookupError) as error:
            raise TidyError(f"{name} cannot be read in the encoding {encoding!r} ({error}). Name another.") from None
    kind = next((said for start, said in _KINDS.items() if data.startswith(start)), None)
    if kind is not None:
        raise TidyError(f"{name} is not a table: it holds binary data, like {kind}.")
    mark = next(((start, found) for start, found in _MARKS if data.startswith(start)), None)
    found = mark[1] if mark else _without_mark(data, name)
    data = data[len(mark[0]) :] if mark else data
    try:
        return found, data.decode(found)
    except UnicodeDecodeError as error:
        if found != "utf-8":
            line = data[: error.start].decode(found, "replace").count("\n") + 1
            raise TidyError(
                f"{name}, line {line}: the file says that it is {found.upper()}, and is not whole. Save it anew as CSV"
                " UTF-8."
            ) from None
    try:
        return found, data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        pass
    if mark or (mixed := _MIXED.search(data)):
        at = _broken(data) if mark else mixed.start()  # type: ignore[union-attr]
        line = data.count(b"\n", 0, at) + 1
        raise TidyError(f"{name}, line {line}: mixes UTF-8 with another encoding. Save the file anew as CSV UTF-8.")
    return _eight_bit(data, name)


def _eight_bit(data: bytes, name: str) -> tuple[str, str]:
    """The likeliest of the encodings with a byte a letter; refused where two are as likely, or none is."""
    scores = {one: _score(data, one) for one in _EIGHT_BIT}
    best = max(_EIGHT_BIT, key=lambda one: scores[one])
    near = scores[best] <= scores["cp1252"] + 1
    if near and best != "cp1252":
        mine, other = ({sign for sign in data.decode(one, "replace") if ord(sign) > 127} for one in ("cp1252", best))
        if mine & _DOUBTFUL and not mine & _OURS and other & _OURS:
            shown = [next(sign for sign in text if ord(sign) > 127) for text in (sorted(mine), sorted(other))]
            raise TidyError(
                f"{name}: the encoding is open, Windows-1252 (with {shown[0]}) or {best} (with {shown[1]}). Save the"
                " file as CSV UTF-8, or name it with encoding=."
            )
    best = "cp1252" if near else best
    try:
        text = data.decode(best)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TidyError(
            f"{name}, line {line}: the encoding is neither UTF-8 nor Windows-1252. Save the file as CSV UTF-8, or name"
            " it with encoding=."
        ) from None
    if odd := _FOREIGN.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        raise TidyError(
            f"{name}, line {line}: {odd[0]!r} looks like letters of another encoding than Windows-1252. Save the file"
            " as CSV UTF-8, or name it with encoding=."
        )
    return best, text


def _without_mark(data: bytes, name: str) -> str:
    """UTF-16 told by its zeros, where no byte order mark says it; else UTF-8 is tried."""
    start = data[:4096]
    if b"\x00" not in start:
        return "utf-8"
    even, odd = start[::2].count(0), start[1::2].count(0)
    for found, many, few in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if many > len(start) / 4 and few * 10 < many:
            return found
    raise TidyError(f"{name} is not a table: it holds binary data.")


def _broken(data: bytes) -> int:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _score(data: bytes, encoding: str) -> int:
    """How likely the letters are that an encoding gives: those of Nordic and common texts, and no capital in a word."""
    text = data[: 1 << 20].decode(encoding, "replace")
    odd = {sign for sign in text if ord(sign) > 127}
    letters = sum(2 if sign in _OURS else 1 if sign in _LIKELY else -1 for sign in odd)
    return letters - 3 * len(_CASE.findall(text))


def _dirty(data: bytes, encoding: str) -> bool:
    """Whether control characters or non-characters may be there."""
    if not encoding.startswith("utf-8"):
        return True  # few and small: cleaned in any case
    signs = np.frombuffer(data, dtype=np.uint8)
    if np.count_nonzero(signs < 32) > sum(data.count(sign) for sign in (b"\n", b"\r", b"\t")):
        return True
    if b"\x7f" in data:
        return True
    if data.isascii():
        return False
    if any(end in data for end in _UNCLEAN):
        return True
    after = signs[1:]
    control = (signs[:-1] == 0xC2) & ((after < 0xA0) | (after == 0xAD))
    accents = ((signs[:-1] == 0xCC) & (after >= 0x80)) | ((signs[:-1] == 0xCD) & (after < 0xB0))
    return bool(control.any() or accents.any())


def _head(text: str, offset: int) -> tuple[str, bool]:
    """The beginning of a text, cut at a line's end, and whether it is all of it."""
    if len(text) - offset <= _HEAD:
        return text[offset:], True
    cut = text.rfind("\n", offset, offset + _HEAD)
    return text[offset : cut + 1 if cut > offset else offset + _HEAD], False


def _separator(head: str, name: str) -> str:
    """What parts the columns: the sign that cuts most lines into the same number of cells."""
    first = head.lstrip("\n").split("\n", 1)[0]
    if _EUROSTAT.match(first.split("\t")[0].strip('" ')):
        return "\t"
    lines = head.split("\n")[:300]
    scores = {}
    for sign in SEPARATORS:
        if sign not in head:
            continue
        try:
            sizes = [len(row) for row in csv.reader(lines, delimiter=sign) if any(cell.strip() for cell in row)]
        except csv.Error:
            continue
        parted = [size for size in sizes if size > 1]
        if parted:
            usual = max(set(parted), key=parted.count)
            scores[sign] = parted.count(usual) / len(sizes) * (1 - 1 / usual)  # wider tables are no chance
    if not scores:
        raise TidyError(
            f"{name} is not a table: no line has a comma, semicolon, tab or bar between columns. Save it as CSV."
        )
    return max(scores, key=lambda sign: (round(scores[sign], 6), -SEPARATORS.index(sign)))


def _records(text: str, separator: str) -> tuple[list[list[str]], list[int]]:
    """Records, and the line on which each begins, counted from 0."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=separator != "\t")
    rows: list[list[str]] = []
    lines: list[int] = []
    before = 0
    try:
        for row in reader:
            rows.append(row)
            lines.append(before)
            before = reader.line_num
    except csv.Error:  # the whole is read strictly later, and refused with its line
        pass
    return rows, lines


def _tail(text: str, begin: int, separator: str) -> tuple[int, list[str]]:
    """Where the data of a long text end, and the notes below."""
    start = text.find("\n", max(begin, len(text) - _TAIL)) + 1
    if not start:
        return len(text), []
    rows, lines = _records(text[start:], separator)
    last, below = layout.ending(rows)
    if last >= len(rows):
        return len(text), below
    starts = [0, *(match.end() for match in re.finditer("\n", text[start:]))]
    return start + starts[lines[last]], below


def _table(text: Text) -> pa.Table:
    """The rows as columns of texts, trimmed; rows that hold nothing are left out."""
    dialect = text.dialect
    names = [str(position) for position in range(dialect.width)]
    table = None
    if text.closed and len(text.body) and all(position < dialect.width for position in dialect.positions):
        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(text.body),
                arrow_csv.ReadOptions(column_names=names, block_size=1 << 23),
                arrow_csv.ParseOptions(delimiter=dialect.separator, newlines_in_values=text.quoted),
                arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True
                ),
            ).select([names[position] for position in dialect.positions])
        except pa.ArrowInvalid:
            table = None
    table = _slowly(text) if table is None else table
    columns = [_trimmed(column) for column in table.columns]
    table = pa.table(columns, names=[str(number) for number in range(len(columns))])
    if len(columns) and table.num_rows and columns[0].null_count:
        some = columns[0].is_valid()
        for column in columns[1:]:
            some = pc.or_(some, column.is_valid())
        table = table.filter(some)
    return table


def _trimmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    bare = pc.utf8_trim(column, " \t\u00a0\u2007\u202f\u2009\ufeff\n")
    if pc.any(pc.starts_with(bare, "'")).as_py():  # as a writer of formula-like texts puts it
        bare = pc.replace_substring_regex(bare, r"^'([=+@\-])", r"\1")
    return pc.if_else(pc.equal(bare, ""), pa.scalar(None, pa.string()), bare)


def _slowly(text: Text) -> pa.Table:
    """Row by row, for files whose rows differ in length; what does not fit is refused with its line."""
    dialect, body = text.dialect, bytes(text.body).decode()
    width = max(dialect.width, max(dialect.positions) + 1)
    reader = csv.reader(
        io.StringIO(body, newline=""), delimiter=dialect.separator, strict=True,
        skipinitialspace=dialect.separator != "\t",
    )  # fmt: skip
    columns: list[list[str]] = [[] for _ in range(width)]
    before, faults = 0, []
    try:
        for row in reader:
            line, before = dialect.line + before, reader.line_num
            cells = [cell for cell in row if cell.strip()]
            if not cells:
                continue
            extra = [cell for cell in row[width:] if cell.strip()]
            cut = len(row) < width and (len(row) == 1 or (before == body.count("\n") + 1 and not body.endswith("\n")))
            if extra or cut:
                more = f"has more columns ({len(row)}) than the header names ({width})."
                less = f"has {len(row)} of {width} columns: it seems to be cut."
                faults.append((line, row[0][:40], more if extra else less))
                continue
            for position in range(width):
                columns[position].append(row[position] if position < len(row) else "")
    except csv.Error as error:
        raise TidyError(
            f"{dialect.name} is not a table: line {dialect.line + before}: {error}. Is a quotation mark left open?"
        ) from None
    if faults:
        listed = pd.DataFrame(faults, columns=["row", "value", "problem"], dtype=object)
        problem = f"{dialect.name} is not a table: line " + listed["row"].astype("str") + " " + listed["problem"]
        remedy = "Put texts that hold separators in quotation marks, and take notes away from the rows."
        raise TidyError(listed.assign(row=None, column=None, problem=problem, remedy=remedy))
    kept = [pa.chunked_array([pa.array(columns[position], pa.string())]) for position in dialect.positions]
    return pa.table(kept, names=[str(number) for number in range(len(kept))])


def _unjoined(frame: pd.DataFrame) -> pd.DataFrame:
    """Eurostat's table in long form: its joined keys as columns, and a row a period."""
    joined, *periods = frame.columns
    keys, time = str(joined).split("\\")
    names = keys.split(",")
    parts = frame[joined].str.split(",", expand=True)
    if parts.shape[1] != len(names):
        raise TidyError(f"The first column {joined!r} names {len(names)} keys; its values hold {parts.shape[1]}.")
    parts.columns = pd.Index(names)
    wide = pd.concat([parts, frame[periods].rename(columns=lambda one: str(one).strip())], axis=1)
    return wide.melt(id_vars=names, var_name=time, value_name="value")
