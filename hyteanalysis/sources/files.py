"""Tables from files as people really have them: text, workbooks, Parquet, official and statistical formats, HEAT.

Keys and codes stay text, so that leading zeros survive; what numbers and marks mean is settled for the whole file.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from hyteanalysis import classification
from hyteanalysis.areas import spelling
from hyteanalysis.cells import (
    CROSS,
    TOTAL,
    Places,
    check_groups,
    check_indicators,
    likely_area,
    placed,
    remember_places,
)
from hyteanalysis.characters import cleaned_frame
from hyteanalysis.errors import SourceError, TidyError
from hyteanalysis.sources import columns, delimited, heat, layout, statistical, workbooks

SUFFIXES = (*delimited.SUFFIXES, *workbooks.SUFFIXES, ".parquet", ".json", *statistical.PROGRAMS)
Wide = Mapping[str, str | Sequence[str] | Mapping[str, str]]


@dataclass
class Raw:
    """A file's table before its columns are typed, and what was seen around it."""

    kind: str
    frame: pd.DataFrame
    typed: bool = False
    separator: str | None = None
    encoding: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    line: int = 1
    cleaned: list[str] = field(default_factory=list)  # columns that held control characters
    places: Places | None = None  # of the rows in the file


def read_table(
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
) -> pd.DataFrame:
    """Read a table from a file.

    Parameters
    ----------
    path : path
        Text (``.csv, .tsv, .txt``: comma, semicolon, tab or bar; UTF-8, UTF-16, Windows-1252 and others; titles above,
        headers of several rows, notes below), a workbook (``.xlsx, .xlsm, .xls, .ods``), ``.parquet``, JSON-stat
        (``.json``), SDMX-CSV and Eurostat's TSV, ``.sav, .dta, .sas7bdat, .rds`` with labels in the place of codes.
    sheet : str, optional
        Sheet of a workbook. None: the first visible one that holds a table.
    marks : str or mapping, optional
        What stands in the place of a number: ``"statfin"``, ``"eurostat"``, ``"sotkanet"``, ``"r"`` …, or your own
        ``{"x": "suppressed", "*": "missing"}`` (``missing, suppressed, zero, uncertain``). None: as the file's own
        legend says, or signs that mean one thing everywhere.
    decimal, thousands : str, optional
        The signs, where a file leaves them open: 1,234 alone may be 1234 or 1.234.
    encoding : str, optional
        Encoding of a text file that is guessed wrong.
    wide : mapping, optional
        Of a table with groups or years across: the new column and the columns whose names are its values, as a list,
        as ``{column name: value}``, or as a regular expression that finds the value in a name. Several entries are
        found in one name.
    value : str
        Column for the numbers of such a table.
    weighted : bool
        Events and respondents may have decimals. Without it they are refused where at most three are written, as of
        thousands; a model's or a weighted sum's own have many.

    Returns
    -------
    DataFrame
        The columns as named in the file; a WHO HEAT Plus file comes as tidy cells, official formats in long form with
        ``value, status, note``. Numbers are floats, whole columns of codes stay text; a cell of a number column that
        holds no number stays as it is, for :func:`~hyteanalysis.tidy` to name. In a table with ``estimate`` marks
        become ``status`` and flags beside numbers ``note``; in others ``NAME_status`` and ``NAME_note``. Per cent is
        read as shown (12,5 % is 12.5), or as a share where the indicator's scale is 1.

    Raises
    ------
    SourceError
        No such file, a kind of file that is not read, or no such sheet.
    TidyError
        An empty file, or one that is not a table; numbers that can be read in two ways; counts with decimals; dates
        among keys; a workbook's errors and formulas without a value. ``hyte look FILE`` shows what was seen.

    Examples
    --------
    >>> import hyteanalysis as hyte
    >>> from hyteanalysis import places
    >>> table = hyte.sources.read_table(places.committed("facts", "finsote2020.csv"))
    >>> cells = hyte.tidy(table, hyte.sources.read_indicators(places.committed("facts", "finsote2020.csv")))
    >>> cells.loc[(cells["area"] == "SSS") & (cells["dimension"] == "education"), ["group", "estimate"]]
       group  estimate
    ...

    A table with sexes and years across:

    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "wide.csv"
    >>> _ = file.write_text("Alue;Miehet 2023;Naiset 2023\\nKU091;12,5;10,1\\n")
    >>> across = {"group": {"Miehet": "men", "Naiset": "women"}, "period": r"\\d{4}"}
    >>> hyte.sources.read_table(file, wide=across)
        Alue  group period  estimate
    0  KU091    men   2023      12.5
    1  KU091  women   2023      10.1
    """
    path = Path(path)
    raw = raw_table(path, sheet=sheet, encoding=encoding)
    return finished(raw, path, marks, decimal, thousands, weighted, wide, value).frame


def finished(
    raw: Raw, path: Path, marks: Any, decimal: str | None, thousands: str | None, weighted: bool, wide: Wide | None,
    value: str,
) -> columns.Typed:  # fmt: skip
    """A file's table with its columns typed, made long where asked, totals and areas as cells have them."""
    places = raw.places if wide is None and raw.kind != "Eurostat" else None
    frame = raw.frame if wide is None else _long(raw.frame, wide, value)
    notes = (*raw.above, *raw.below)
    reading = columns.Reading(marks, decimal, thousands, raw.separator, weighted, notes, _shares(path))
    try:
        found = columns.Typed(frame) if raw.typed else columns.typed(frame, reading)
    except TidyError as error:
        raise TidyError(placed(error.faults, places)) from None
    if heat.is_heat(found.frame):
        found.frame, places = heat.to_cells(found.frame), None
    elif {"OBS_VALUE", "TIME_PERIOD"} <= set(found.frame):  # SDMX-CSV
        found.frame = statistical.from_sdmx(found.frame)
    elif raw.kind == "Eurostat":
        found.frame = statistical.with_status(found.frame)
    else:
        frame = with_totals(found.frame)
        if places is not None and len(frame) < places.rows:
            places = _of_kept(places, list(frame.index))
        try:
            found.frame = with_official_areas(frame.reset_index(drop=True))
        except TidyError as error:
            raise TidyError(placed(error.faults, places)) from None
    remember_places(found.frame, places)
    return found


def _of_kept(places: Places, kept: list[int]) -> Places:
    def numbers() -> list[int]:
        every = places.numbers()
        return [every[row] for row in kept] if len(every) == places.rows else []

    return Places(places.said, numbers, len(kept))


def with_totals(frame: pd.DataFrame) -> pd.DataFrame:
    """Cells whose groups called "yhteensä", "total" … are the setting's total, once, and no group beside the others."""
    if not {"dimension", "group", "estimate"} <= set(frame) or not frame.columns.is_unique:
        return frame
    words = {word for word in frame["group"].dropna().unique() if classification.is_total(str(word))}
    rows = frame["group"].isin(list(words)) & (frame["dimension"] != TOTAL) & frame["dimension"].notna()
    rows &= ~frame["dimension"].astype("str").str.contains(CROSS, regex=False).fillna(False)
    if not rows.any():
        return frame
    frame = frame.assign(dimension=frame["dimension"].where(~rows, TOTAL), group=frame["group"].where(~rows, TOTAL))
    if "order" in frame:
        frame["order"] = frame["order"].where(~rows)
    told = [name for name in frame.columns if name not in ("note", "reference")]
    again = frame.duplicated(told) & (frame["dimension"] == TOTAL)
    return frame[~again]


def with_official_areas(frame: pd.DataFrame) -> pd.DataFrame:
    """Areas by their official code, however they are spelt; one told by its name alone is said in ``note`` of cells.

    Raises TidyError where a text begins like an official code and is none, or names another area than its code.
    """
    if "area" not in frame or not frame.columns.is_unique:
        return frame
    words = [word for word in frame["area"].dropna().unique() if isinstance(word, str)]
    found, refused = spelling.read(words)
    faults = [(word, said) for word, said in refused.items() if not likely_area(word.strip())]
    if faults:
        listed = pd.DataFrame(faults, columns=["value", "problem"], dtype=object)
        first = [int(frame.index[frame["area"] == word][0]) for word in listed["value"]]
        raise TidyError(listed.assign(row=first, column="area", remedy="Correct it, or give an own id."))
    if not found:
        return frame
    given = frame["area"]
    frame = frame.assign(area=given.replace({word: one.code for word, one in found.items()}))
    named = {word: one.code for word, one in found.items() if one.by_name}
    if named and "estimate" in frame:
        note = frame["note"].astype("str") if "note" in frame else pd.Series(pd.NA, index=frame.index, dtype="str")
        for word, code in named.items():
            rows = given == word
            note = note.mask(rows, (note.fillna("") + f" Area {word!r} was read as {code}.").str.strip().astype("str"))
        frame["note"] = note
    return frame


def _shares(path: Path) -> list[str]:
    """Indicators whose scale is 1, by the metadata beside a table."""
    beside = _beside(path, "indicators")
    if beside is None:
        return []
    try:
        frame = _typed(beside)
        scale = pd.to_numeric(frame["scale"], errors="coerce")
        return [str(one) for one in frame.loc[scale == 1, "indicator"]]
    except (KeyError, TidyError, SourceError):
        return []  # told where the metadata are read


def _typed(path: Path) -> pd.DataFrame:
    """A file's columns typed, as metadata need them."""
    raw = raw_table(path)
    return raw.frame if raw.typed else columns.typed(raw.frame, columns.Reading(separator=raw.separator)).frame


def _long(frame: pd.DataFrame, wide: Wide, value: str) -> pd.DataFrame:
    """A table with groups or years across, in long form."""
    keys: dict[str, dict[str, str]] = {}
    for name in map(str, frame.columns):
        found = {new: _within(name, given, alone=len(wide) == 1) for new, given in wide.items()}
        if all(one is not None for one in found.values()):
            keys[name] = {new: str(one) for new, one in found.items()}
    if not keys:
        raise TidyError(
            f"wide= finds none of its columns: {dict(wide)!r}. The table has {', '.join(map(str, frame.columns))}."
        )
    said = pd.DataFrame(keys.values())
    if said.duplicated().any():
        twice = said[said.duplicated(keep=False)].iloc[0].to_dict()
        names = [name for name, one in keys.items() if one == twice]
        raise TidyError(f"wide= takes {' and '.join(names)} for the same {twice}. Say more, so that each differs.")
    others = [name for name in frame.columns if str(name) not in keys]
    if clash := {*wide, value} & set(map(str, others)):
        raise TidyError(f"wide= makes a column {sorted(clash)[0]!r} that the table has already. Name another.")
    parts = [frame[[*others, name]].rename(columns={name: value}).assign(**one) for name, one in keys.items()]
    long = pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
    return long[[*others, *wide, value]]


def _within(name: str, given: str | Sequence[str] | Mapping[str, str], *, alone: bool) -> str | None:
    """The value that a column's name says."""
    if isinstance(given, str):
        match = re.search(given, name)
        return (match[1] if match and match.re.groups else match[0]) if match else None
    for word in given:
        if name == word or (not alone and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", name)):
            return given[word] if isinstance(given, Mapping) else word
    return None


def read_indicators(path: str | Path) -> pd.DataFrame | None:
    """Indicator metadata of a table: the file beside it, what a HEAT file itself says, or the file named.

    Looks for ``NAME.indicators.parquet``, ``.csv`` or a workbook beside ``NAME.*``; None where there is none.

    Parameters
    ----------
    path : path
        A table, or a file of indicator metadata itself.

    Returns
    -------
    DataFrame or None
        A row an indicator: ``indicator``, titles, ``unit, kind, scale, favourable`` and what else is known.

    Raises
    ------
    SourceError, TidyError
        A file that is not there or not read, and faulty metadata.

    Examples
    --------
    >>> import hyteanalysis as hyte
    >>> from hyteanalysis import places
    >>> hyte.sources.read_indicators(places.committed("facts", "finsote2020.csv"))["unit"].tolist()
    ['%']
    """
    path = Path(path)
    beside = _beside(path, "indicators")
    if beside is not None:
        return check_indicators(_typed(beside))
    raw = _typed(path)
    if heat.is_heat(raw):
        return check_indicators(heat.to_indicators(raw))
    if {"indicator", "kind", "scale"} <= set(raw) and "estimate" not in raw:
        return check_indicators(raw)
    return None


def read_groups(path: str | Path) -> pd.DataFrame | None:
    """Group metadata of a table: ``NAME.groups.parquet`` or ``.csv`` beside it, or the file named; None if none.

    Parameters
    ----------
    path : path
        A table, or a file of group metadata itself.

    Returns
    -------
    DataFrame or None
        ``dimension, group, order, label_fi, label_sv, label_en, definition``.

    Raises
    ------
    SourceError, TidyError
        A file that is not there or not read, and faulty metadata.
    """
    path = Path(path)
    beside = _beside(path, "groups")
    if beside is not None:
        return check_groups(_typed(beside))
    raw = _typed(path)
    return check_groups(raw) if {"dimension", "group", "label_fi"} <= set(raw) else None


def _beside(path: Path, what: str) -> Path | None:
    for suffix in (".parquet", ".csv", ".xlsx", ".tsv", ".ods"):
        found = path.with_name(f"{path.stem}.{what}{suffix}")
        if found.is_file():
            return found
    return None


def raw_table(path: Path, *, sheet: str | None = None, encoding: str | None = None) -> Raw:
    """A file's table with its columns as they stand, texts without control characters.

    Raises SourceError for a file that is not there or not read, TidyError for one that is no table.
    """
    if not path.is_file():
        raise SourceError(f"There is no file {path}. Check the name and the folder.")
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise SourceError(f"{path.name}: {suffix or 'no suffix'} is not read; save it as one of {', '.join(SUFFIXES)}.")
    if path.stat().st_size == 0:
        raise TidyError(f"{path.name} is an empty file.")
    if sheet is not None and suffix not in workbooks.SUFFIXES:
        raise SourceError(f"{path.name} has no sheets; sheet= belongs to {', '.join(workbooks.SUFFIXES)}.")
    if suffix in delimited.SUFFIXES:
        text = delimited.look(path, encoding)
        seen = text.dialect
        frame = statistical.bare_codes(text.frame())
        kind = "Eurostat" if seen.statistical else "text"
        places = Places(f"line {{}} of {path.name}", lambda: delimited.lines(path, encoding), len(frame))
        return Raw(kind, frame, separator=seen.separator, encoding=seen.encoding, above=seen.above,
                   below=seen.below, line=seen.line, places=places)  # fmt: skip
    if suffix in workbooks.SUFFIXES:
        found = workbooks.read(path, sheet)
        frame, dirty = cleaned_frame(found.frame)
        place: layout.Layout = found.place
        return Raw("workbook", frame, sheet=found.sheet, sheets=found.sheets, above=place.above, below=place.below,
                   line=place.first + 1, cleaned=dirty,
                   places=Places(f"row {{}} of sheet {found.sheet!r} in {path.name}", lambda: found.numbers,
                                 len(frame)))  # fmt: skip
    if suffix == ".json":
        return Raw("JSON-stat", statistical.jsonstat(path), typed=True)
    if suffix in statistical.PROGRAMS:
        frame, dirty = cleaned_frame(statistical.read(path).named())
        return Raw(suffix[1:], frame, typed=True, cleaned=dirty)
    try:
        frame = pd.read_parquet(path)
    except Exception as error:  # the library raises a dozen kinds for a broken file
        raise TidyError(f"{path.name} is not a table: it could not be read as parquet ({error}).") from error
    return Raw("parquet", frame, typed=True)
