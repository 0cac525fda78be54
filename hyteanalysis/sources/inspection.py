"""What the program sees in a file before anything is computed, in plain lines, with its doubts and the way on."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from hyteanalysis import classification
from hyteanalysis.areas import LEVELS, level, spelling
from hyteanalysis.cells import CROSS, KEYS, TOTAL, reference_groups, tidy
from hyteanalysis.errors import HyteError, SourceError, TidyError, counted
from hyteanalysis.sources import columns, files, heat
from hyteanalysis.sources.files import Raw, Wide

_SHOWN = 8
_SIGNS = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}
_ENCODINGS = {"utf-8": "UTF-8", "cp1252": "Windows-1252", "mac_roman": "Mac Roman", "cp850": "DOS code page 850"}
_PERIOD = re.compile(r"^(1[89]|20)\d\d([-–](1[89]|20)?\d\d)?\*?$|^(1[89]|20)\d\d[QMK]\d{1,2}\*?$")
_ACROSS = re.compile(r"(?<!\d)(1[89]|20)\d\d(?!\d)")
_MANY = {"municipality": "municipalities", "county": "counties", "country": "countries"}
_CODES = 0.8  # share of values that must be areas for a column to hold areas


@dataclass
class Look:
    """What was seen of a file.

    Attributes
    ----------
    file : list of str
        Kind, encoding, separator or sheet, header, lines around the table.
    columns : dict
        What each column was taken for.
    doubts : list of str
        What should be settled before the file is used.
    command : str
        The command to go on with.
    table : DataFrame or None
        The table as read; None where doubts hindered it.
    """

    name: str
    file: list[str] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    command: str = ""
    table: pd.DataFrame | None = None

    def said(self) -> str:
        """All of it as lines."""
        width = max((len(name) for name in self.columns), default=0)
        lines = [self.name, *(f"  {line}" for line in self.file), "columns"]
        lines += [f"  {name:<{min(width, 40)}}  {what}" for name, what in self.columns.items()]
        lines += ["doubts", *(f"  {line}" for line in self.doubts)] if self.doubts else ["no doubts"]
        return "\n".join([*lines, "go on with", f"  {self.command}"])


def look(
    path: str | Path,
    *,
    sheet: str | None = None,
    marks: str | Mapping[str, str] | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    encoding: str | None = None,
    wide: Wide | None = None,
    value: str = "estimate",
    weighted: bool = False,
) -> Look:
    """What is seen in a file before anything is computed.

    Answers: *is this file understood as I mean it, and what do I type next?* Sheet, encoding, separator, header,
    columns and what they were taken for, areas, periods, groups and their order, marks, doubts.

    Parameters
    ----------
    path, sheet, marks, decimal, thousands, encoding, wide, value, weighted
        As for :func:`read_table`.

    Returns
    -------
    Look
        ``.said()`` gives the lines, ``.doubts`` what should be settled, ``.table`` the table as read.

    Raises
    ------
    SourceError, TidyError
        A file that is not there, not read, or no table at all.

    Examples
    --------
    >>> import hyteanalysis as hyte
    >>> from hyteanalysis import places
    >>> seen = hyte.sources.look(places.committed("facts", "finsote2020.csv"))
    >>> seen.doubts, seen.columns["period"]
    ([], 'periods: 2020')
    """
    path = Path(path)
    raw = files.raw_table(path, sheet=sheet, encoding=encoding)
    seen = Look(path.name, _of_file(raw))
    options = {"sheet": sheet, "marks": marks, "decimal": decimal, "thousands": thousands, "encoding": encoding}
    try:
        found = files.finished(raw, path, marks, decimal, thousands, weighted, wide, value)
    except HyteError as error:
        seen.doubts += str(error).splitlines()
        seen.columns = {str(name): _plainly(raw.frame[name]) for name in raw.frame.columns} if _once(raw.frame) else {}
        seen.command = _again(path, options, str(error))
        return seen
    seen.table = frame = found.frame
    if not _once(frame):
        twice = sorted({str(name) for name in frame.columns[frame.columns.duplicated()]})
        seen.doubts.append(f"Columns stand twice: {', '.join(twice)}. Name each once.")
    else:
        seen.columns = {str(name): _taken(frame, str(name), found) for name in frame.columns}
        seen.doubts += _of_groups(frame)
    if raw.cleaned:
        seen.doubts.append(f"Control characters were taken out of {', '.join(raw.cleaned)}.")
    if any("Ã" in str(name) for name in frame.columns) or _mojibake(frame):
        seen.doubts.append("Letters look as if the file had been saved in a wrong encoding before (Ã¤): save it anew.")
    _go_on(seen, path, raw, options)
    return seen


def _once(frame: pd.DataFrame) -> bool:
    return bool(frame.columns.is_unique)


def _of_file(raw: Raw) -> list[str]:
    if raw.kind in ("text", "Eurostat"):
        encoding = _ENCODINGS.get(raw.encoding, raw.encoding.upper())
        sign = _SIGNS.get(raw.separator or "", repr(raw.separator))
        said = [f"text in {encoding}, columns parted by {sign}, data from line {raw.line}"]
        if raw.kind == "Eurostat":
            said.append("Eurostat's table: keys joined in the first column, made long")
    elif raw.kind == "workbook":
        others = f"; sheets: {', '.join(raw.sheets)}" if len(raw.sheets) > 1 else ""
        said = [f"workbook, sheet {raw.sheet!r}, data from row {raw.line}{others}"]
    else:
        said = [f"{raw.kind} file"]
    said += [f"above the table: {line}" for line in raw.above] + [f"below the table: {line}" for line in raw.below]
    return [*said, f"{len(raw.frame):,} rows, {len(raw.frame.columns)} columns"]


def _few(values: Sequence[Any]) -> str:
    shown = ", ".join(str(value) for value in values[:_SHOWN])
    return shown + (f" … ({len(values)} in all)" if len(values) > _SHOWN else "")


def _plainly(column: pd.Series) -> str:
    return "as written: " + _few(list(column.dropna().unique()))


def _taken(frame: pd.DataFrame, name: str, found: columns.Typed) -> str:
    """What a column was taken for."""
    column = frame[name]
    known = column.dropna()
    empty = f"; {int(column.isna().sum()):,} empty" if column.isna().any() else ""
    signs, marked = found.signs.get(name), found.marks.get(name, {})
    read = "".join(f"; {sign!r} read as {meaning}" for sign, meaning in marked.items())
    if pd.api.types.is_bool_dtype(column):
        return f"true or false{empty}"
    if pd.api.types.is_numeric_dtype(column):
        if known.empty:
            return f"numbers, all empty{read}"
        said = f"numbers {known.min():g} … {known.max():g}"
        if signs is not None and signs.thousands:
            said += f" ({signs.decimal!r} parts decimals, {signs.thousands!r} thousands)"
        elif signs is not None and signs.decimal == ",":
            said += " (decimal comma)"
        return said + empty + read
    words = [str(value) for value in known.unique()]
    if not words:
        return "empty"
    if name == "area" or (name not in KEYS and _are_areas(words)):
        return _of_areas(words) + empty
    if name in ("period", "TIME_PERIOD") or all(_PERIOD.match(word) for word in words):
        return f"periods: {_few(sorted(words))}{empty}"
    if name == "group" and "dimension" in frame:
        return f"groups: {_few([f'{d}: {g}' for d, g in _cuts(frame)])}{empty}"
    bands = [band for word in words if (band := classification.band(word))]
    if len(bands) == len(words) > 1 and not all(word.isdigit() for word in words):
        return f"age bands: {_few([band.id for band in sorted(bands)])}{empty}"
    return f"text: {_few(words)}{empty}{read}"


def _are_areas(words: Sequence[str]) -> bool:
    official = sum(_official(word) is not None for word in words)
    return official > 1 and official >= _CODES * len(words)


def _official(word: str) -> str | None:
    try:
        meant = spelling.spelt(word)
        code = meant.code if meant else word
        return None if level(code) == "own" else code
    except HyteError:
        return None


def _of_areas(words: Sequence[str]) -> str:
    levels: dict[str, int] = {}
    for word in words:
        kind = level(code) if (code := _official(word)) else "own"
        levels[kind] = levels.get(kind, 0) + 1
    plural = {one: counted(levels[one], one, _MANY.get(one)) for one in LEVELS if one in levels}
    own = [word for word in words if _official(word) is None]
    return f"areas: {', '.join(plural.values())}" + (f" (own ids: {_few(own)})" if own else "")


def _cuts(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """Dimensions with their groups, in order where they have one."""
    made = []
    for dimension, rows in frame[frame["dimension"] != TOTAL].groupby("dimension", sort=False):
        groups = rows[["group", *(["order"] if "order" in rows else [])]].drop_duplicates("group")
        ordered = "order" in groups and groups["order"].notna().all()
        if ordered:
            groups = groups.sort_values("order", key=lambda values: pd.to_numeric(values, errors="coerce"))
        said = (" < " if ordered else ", ").join(str(one) for one in groups["group"][:_SHOWN])
        made.append((str(dimension), said + (" …" if len(groups) > _SHOWN else "")))
    return made


def _of_groups(frame: pd.DataFrame) -> list[str]:
    """Groups that contain each other, and dimensions that have an order elsewhere."""
    if not {"dimension", "group"} <= set(frame):
        return []
    said = _too_many(frame)
    known = reference_groups()
    for dimension, rows in frame[(frame["dimension"] != TOTAL) & frame["group"].notna()].groupby("dimension"):
        groups = [str(group) for group in rows["group"].unique()]
        if CROSS in str(dimension):
            continue
        if shared := classification.overlapping(groups):
            said.append(f"Groups of {dimension} share people: {_few(shared)}. Choose before comparing.")
        if sums := [group for group in groups if classification.is_sum(group)]:
            said.append(f"Groups of {dimension} that seem to add up others: {_few(sums)}. Leave them out.")
        ordered = known[(known["dimension"] == dimension) & known["order"].notna()]
        lacking = "order" not in rows or pd.to_numeric(rows["order"], errors="coerce").isna().all()
        if len(ordered) and lacking and set(groups) <= set(ordered["group"]):
            said.append(f"Groups of {dimension} have no order here: give a column order (1 = most disadvantaged).")
    return said


def _too_many(frame: pd.DataFrame) -> list[str]:
    """Dimensions whose groups hold more people than the total of their setting."""
    if not {"indicator", "area", "period", "population"} <= set(frame):
        return []
    keys = ["indicator", "area", "period"]
    totals = frame[frame["dimension"] == TOTAL].drop_duplicates(keys).set_index(keys)["population"]
    cuts = frame[frame["dimension"] != TOTAL]
    held = cuts.groupby([*keys, "dimension"])["population"].sum().reset_index()
    held = held.join(totals.rename("everybody"), on=keys)
    more = held[held["population"] > held["everybody"] * 1.02].drop_duplicates("dimension")
    return [
        f"Groups of {row.dimension} hold {row.population:,.0f} people and the total {row.everybody:,.0f}: some contain"
        " others. Leave those out."
        for row in more.itertuples()
    ]


def _mojibake(frame: pd.DataFrame) -> bool:
    for name in frame.columns:
        if pd.api.types.is_string_dtype(frame[name]):
            words = frame[name].dropna().unique()[:500]
            if any(re.search("Ã[¤¶¥„–…]", str(word)) for word in words):
                return True
    return False


def _again(path: Path, options: Mapping[str, Any], error: str) -> str:
    """The command with the option that the error asks for."""
    return f"hyte look {shlex.quote(str(path))}{_said(options)}{_as_asked(error)}"


def _said(options: Mapping[str, Any]) -> str:
    """Options as they are typed; of signs with their meaning one each."""
    said = ""
    for name, value in options.items():
        many = [f"{sign}={meaning}" for sign, meaning in value.items()] if isinstance(value, Mapping) else [value]
        said += "".join(f" --{name} {shlex.quote(one)}" for one in many if one)
    return said


def _as_asked(error: str) -> str:
    more = ""
    if "read in two ways" in error:
        more = " --decimal ,"
    elif "name another" in error.lower() or "encoding" in error:
        more = " --encoding cp1252"
    elif "count with decimals" in error:
        more = " --weighted"
    elif convention := re.search(r"(?:missing|suppressed|zero) to (\w+)", error):
        more = f" --marks {convention[1]}"
    elif sign := re.search(r"say marks=\{'([^']+)'", error):
        more = f" --marks {shlex.quote(sign[1] + '=missing')}"
    return more


def _go_on(seen: Look, path: Path, raw: Raw, options: Mapping[str, Any]) -> None:
    """The next command: measures of cells, cells of person rows, or a long table of one with periods across."""
    frame, name = seen.table, shlex.quote(str(path))
    assert frame is not None
    said = _said(options)
    if {"estimate", "group"} <= set(frame) and _once(frame):
        try:
            tidy(frame, files.read_indicators(path))
        except (TidyError, SourceError) as error:
            seen.doubts += str(error).splitlines()
            seen.command = f"hyte look {name}{said}{_as_asked(str(error))}"
            return
        if options["sheet"] or options["encoding"] or (frame["dimension"] == TOTAL).all():
            seen.command = f"hyte look {name}{said} -o {path.stem}-read.csv"
        else:
            seen.command = f"hyte measures {name}{said} -m D -m SII"
        return
    across = [one for one in map(str, frame.columns) if _ACROSS.search(one) and one not in KEYS]
    if len(across) > 1 and not heat.is_heat(frame):
        shown = "period='(19|20)[0-9]{2}'"
        seen.doubts.append(f"Periods stand across, in {_few(across)}: --wide makes a row of each.")
        seen.command = f"hyte look {name}{said} --wide {shown} -o {path.stem}-long.csv"
        return
    if raw.kind in ("JSON-stat", "Eurostat") or "value" in frame:
        seen.command = f"hyte look {name}{said} -o {path.stem}-table.csv"
        return
    groups = [one for one in map(str, frame.columns) if _is_group(frame[one]) and one not in ("area", "period")]
    numbers = [one for one in map(str, frame.columns) if pd.api.types.is_numeric_dtype(frame[one])]
    if groups and numbers and len(frame) > len(frame.drop_duplicates(groups)):
        seen.command = (
            f"hyte aggregate {name} --by {groups[0]} --outcome {numbers[0]}={numbers[0]} -o {path.stem}-cells.csv"
        )
    else:
        seen.command = f"hyte look {name}{said} -o {path.stem}-read.csv"


def _is_group(column: pd.Series) -> bool:
    return bool(pd.api.types.is_string_dtype(column)) and 1 < column.nunique() <= 30
