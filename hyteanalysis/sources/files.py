"""Tables from files: CSV as people really save it, Excel, Parquet and the WHO HEAT Plus template.

Keys and codes stay text, so that leading zeros survive; numbers are read with a decimal comma or point.
"""

import csv
import re
from io import StringIO
from pathlib import Path

import pandas as pd

from hyteanalysis.cells import KEYS, NUMBERS, check_groups, check_indicators
from hyteanalysis.errors import SourceError, TidyError
from hyteanalysis.sources import heat

TEXTS = (".csv", ".tsv", ".txt")
SUFFIXES = (*TEXTS, ".xlsx", ".parquet")
MISSING = ("", "NA", "NaN", "nan", "null", "NULL")
_NUMBER = re.compile(r"^[-+−]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?$")
_CODE = re.compile(r"^0\d")  # 091 is a code, 0.91 a number


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a table from a file.

    Parameters
    ----------
    path : path
        ``.csv``, ``.tsv`` or ``.txt`` (separated by comma, semicolon or tab; decimal comma or point; UTF-8 with or
        without a byte-order mark, UTF-16, or ISO-8859-1), ``.xlsx`` (the first sheet) or ``.parquet``.

    Returns
    -------
    DataFrame
        The columns as named in the file; a WHO HEAT Plus file comes as tidy cells. Numbers are floats, whole columns
        of codes stay text; a cell of a number column that holds no number stays as it is, for
        :func:`~hyteanalysis.tidy` to name.

    Raises
    ------
    SourceError
        No such file, or a kind of file that is not read.
    TidyError
        An empty file, or one that is not a table.

    Examples
    --------
    >>> import hyteanalysis as hyte
    >>> from hyteanalysis import places
    >>> table = hyte.sources.read_table(places.committed("facts", "finsote2020.csv"))
    >>> cells = hyte.tidy(table, hyte.sources.read_indicators(places.committed("facts", "finsote2020.csv")))
    >>> cells.loc[(cells["area"] == "SSS") & (cells["dimension"] == "education"), ["group", "estimate"]]
       group  estimate
    ...
    """
    raw = _raw(Path(path))
    return heat.to_cells(raw) if heat.is_heat(raw) else raw


def read_indicators(path: str | Path) -> pd.DataFrame | None:
    """Indicator metadata of a table: the file beside it, what a HEAT file itself says, or the file named.

    Looks for ``NAME.indicators.parquet`` or ``.csv`` beside ``NAME.*``; None where there is none.

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
        return check_indicators(_raw(beside))
    raw = _raw(path)
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
        return check_groups(_raw(beside))
    raw = _raw(path)
    return check_groups(raw) if {"dimension", "group", "label_fi"} <= set(raw) else None


def _beside(path: Path, what: str) -> Path | None:
    for suffix in (".parquet", ".csv"):
        found = path.with_name(f"{path.stem}.{what}{suffix}")
        if found.is_file():
            return found
    return None


def _raw(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise SourceError(f"There is no file {path}. Check the name and the folder.")
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise SourceError(f"{path.name}: {suffix or 'no suffix'} is not read; save it as one of {', '.join(SUFFIXES)}.")
    if path.stat().st_size == 0:
        raise TidyError(f"{path.name} is an empty file.")
    if suffix in TEXTS:
        return _csv(path)
    try:
        frame = pd.read_parquet(path) if suffix == ".parquet" else pd.read_excel(path, engine="openpyxl", dtype=object)
    except Exception as error:  # the libraries raise a dozen kinds for a broken file
        raise TidyError(f"{path.name} is not a table: it could not be read as {suffix[1:]} ({error}).") from error
    return frame if suffix == ".parquet" else _typed(_trimmed(frame))


def _csv(path: Path) -> pd.DataFrame:
    text = _text(path)
    first = text.lstrip("\n").split("\n", 1)[0]
    separator = max(";,\t", key=lambda sign: len(next(csv.reader([first], delimiter=sign))))
    if separator not in first:
        raise TidyError(f"{path.name} is not a table: its first line has no comma, semicolon or tab between columns.")
    try:
        frame = pd.read_csv(
            StringIO(text), sep=separator, dtype=str, keep_default_na=False, na_values=[""], skipinitialspace=True
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise TidyError(f"{path.name} is not a table: {str(error).strip()}.") from error
    if not isinstance(frame.index, pd.RangeIndex):
        raise TidyError(f"{path.name} is not a table: its rows have more columns than its first line names.")
    return _typed(frame)


def _text(path: Path) -> str:
    """A text file in the encodings that Finnish office programs write."""
    data = path.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    if b"\x00" in data[:4096]:
        raise TidyError(f"{path.name} is not a table: it holds binary data.")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return data.decode("iso-8859-1").replace("\r\n", "\n")


def _trimmed(frame: pd.DataFrame) -> pd.DataFrame:
    """A sheet without the empty rows and columns that spreadsheets leave around a table."""
    frame = frame.dropna(how="all").reset_index(drop=True)
    unnamed = [name for name in frame if str(name).startswith("Unnamed:") and frame[name].isna().all()]
    return frame.drop(columns=unnamed).rename(columns=str)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers where a column is meant to hold them, or holds nothing else; keys and codes stay text."""
    for name in frame.columns if frame.columns.is_unique else ():
        column = frame[name]
        if name in KEYS or not (column.dtype == object or pd.api.types.is_string_dtype(column)):
            continue
        column = column.mask(column.isin(MISSING))
        words = column.dropna()
        written = words.map(lambda cell: isinstance(cell, str))
        texts = words[written].astype("str").str.strip()
        plain = texts[texts.str.match(_NUMBER)]
        only_numbers = len(plain) == len(texts) and not texts.str.match(_CODE).any()
        only_numbers &= words[~written].map(lambda cell: isinstance(cell, (int, float))).all()
        if only_numbers or name in NUMBERS or name in ("order", "scale"):
            numbers = plain.str.replace(",", ".").str.replace("−", "-").astype("float64")
            column = column.astype(object)
            column.loc[numbers.index] = numbers
            whole = pd.to_numeric(column, errors="coerce")
            frame[name] = column if (whole.isna() & column.notna()).any() else whole
        else:
            frame[name] = column
    return frame
