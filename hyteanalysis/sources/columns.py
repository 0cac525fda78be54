"""Columns of a file as numbers, codes or texts: signs settled for the file, marks read by its convention.

Keys and codes stay text, so that leading zeros survive.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from hyteanalysis import marks as signs_of
from hyteanalysis import numerals
from hyteanalysis.cells import KEYS, NUMBERS
from hyteanalysis.errors import TidyError
from hyteanalysis.numerals import Evidence, Signs
from hyteanalysis.sources.workbooks import Percent

MEANT = (
    *NUMBERS,
    "order",
    "scale",
    "lower_bound",
    "upper_bound",
    "value",
    "OBS_VALUE",
)  # columns meant to hold numbers
_WHOLE = ("events", "respondents")  # counts of people asked, never weighted
_CODED = ("TIME_PERIOD", "time", "OBS_FLAG", "OBS_STATUS", "CONF_STATUS", "geo", "unit", "freq")
_SHOWN_AS = ("estimate", "se", "lower", "upper", "value")
_SOME = 1_000
_PERCENT = rf"[0-9.,][{numerals.SPACES}]*%[{numerals.SPACES}]*$"
_CODE = r"^-?0\d"  # 091 is a code, 0.91 a number
_DATED = re.compile(
    r"^\d{4}-\d{2}-\d{2}([ T]00:00(:00)?)?$|^\d{1,2}\.\d{1,2}\.(\d{4})?$|^\d{1,2}/\d{1,2}/\d{2,4}$"
    r"|^\d{1,2}[-. ]{1,2}(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|maj|okt|tammi|helmi|maalis|huhti|touko|kesä"
    r"|heinä|elo|syys|loka|marras|joulu)[a-z]*\.?$"
    r"|^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|maj|okt|tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys"
    r"|loka|marras|joulu)[a-z]*[-. ]{1,2}\d{1,2}$",
    re.I,
)


@dataclass(frozen=True)
class Reading:
    """How a file's columns are to be read: what the user says, and what the file tells."""

    marks: str | Mapping[str, str] | None = None
    decimal: str | None = None
    thousands: str | None = None
    separator: str | None = None
    weighted: bool = False
    notes: Sequence[str] = ()
    shares: Iterable[str] = ()  # indicators whose scale is 1: 75 % is 0.75


@dataclass
class Typed:
    """A frame whose columns are typed, and what was seen on the way."""

    frame: pd.DataFrame
    signs: dict[str, Signs] = field(default_factory=dict)
    marks: dict[str, dict[str, str]] = field(default_factory=dict)  # by column: sign → meaning
    numbers: list[str] = field(default_factory=list)


@dataclass
class _Column:
    """One column on its way to numbers: texts that may be numbers, numbers that are, the flags beside them."""

    values: pd.Series
    texts: "pd.Series[str]"
    numbers: "pd.Series[float]"
    flags: "pd.Series[str]"
    percent: "pd.Series[bool]"
    fast: "pd.Series[float] | None" = None
    evidence: Evidence = field(default_factory=Evidence)


def typed(frame: pd.DataFrame, reading: Reading) -> Typed:
    """Numbers where a column is meant to hold them, or holds nothing else; keys and codes stay text.

    In a table of cells (with ``estimate``) marks and flags become ``status`` and ``note``; in other tables a column
    with hidden or flagged numbers gets ``NAME_status`` and ``NAME_note`` beside it. Raises TidyError naming columns
    that can be read in two ways, counts with decimals, dates among keys.
    """
    if not frame.columns.is_unique:
        return Typed(frame)
    told = signs_of.chosen(reading.marks)
    _refuse_dates(frame)
    candidates = {}
    for name in frame.columns:
        kind = frame[name].dtype
        if name in KEYS or name in _CODED:
            frame[name] = _as_key(frame[name])
        elif pd.api.types.is_object_dtype(kind) or pd.api.types.is_string_dtype(kind):
            candidates[str(name)] = _column(frame[name], str(name))
    if reading.marks is None:
        odd = [text for name, one in candidates.items() if one.fast is None for text in _odd(one, name)]
        told = signs_of.recognised(odd, reading.notes)
    chosen = {name: one for name, one in candidates.items() if _is_number(one, name, told)}
    signs = numerals.settle(
        {name: one.evidence for name, one in chosen.items()}, separator=reading.separator, decimal=reading.decimal,
        thousands=reading.thousands,
    )  # fmt: skip
    seen: dict[str, dict[str, str]] = {}
    made: dict[str, Any] = {}
    remarks: dict[str, tuple[pd.Series, pd.Series]] = {}
    for name, one in chosen.items():
        made[name], status, note, used = _numbers(one, signs[name], told)
        if used:
            seen[name] = used
        if status is not None and note is not None:
            remarks[name] = (status, note)
    for name in candidates.keys() - chosen.keys():
        made[name] = _without_missing(frame[name])
    frame = frame.assign(**made)
    _percents(frame, chosen, reading)
    _whole(frame, chosen, reading)
    return Typed(_remarked(frame, remarks), signs, seen, list(chosen))


def _column(values: pd.Series, name: str) -> _Column:
    """A column's texts and numbers apart; plain columns of texts are converted at once."""
    none = pd.Series(pd.NA, index=values.index, dtype="str")
    no = pd.Series(False, index=values.index)
    if pd.api.types.is_string_dtype(values.dtype) and values.dtype != object:
        texts = values.astype("str")
        numbers = pd.Series(np.nan, index=values.index)
        some = texts.dropna().head(_SOME)
        if len(some) and name not in MEANT and not some.str.match(r"^[^A-Za-zÀ-ÿ]*\d|^\W+$").any():
            return _Column(values, texts, numbers, none, no)  # words only
        fast = _cast(texts, name)
        if fast is not None:
            return _Column(values, texts, numbers, none, no, fast, _quick_evidence(texts))
    else:
        written = values.map(lambda cell: isinstance(cell, str)).astype(bool)
        shown = values.map(lambda cell: isinstance(cell, Percent)).astype(bool)
        texts = values.where(written).astype("str")
        numeric = values.map(lambda cell: isinstance(cell, (int, float, np.number)) and not isinstance(cell, bool))
        numbers = pd.to_numeric(values.where(numeric.astype(bool)), errors="coerce").astype("float64")
        no = shown
    flagged = _flags(texts)
    flags = none.copy()
    if len(flagged):
        flags.loc[flagged.index] = flagged["flag"]
        texts = texts.copy()
        texts.loc[flagged.index] = flagged["number"]
    percent = texts.str.contains(_PERCENT).astype("boolean").fillna(False).astype(bool) | no
    return _Column(values, texts, numbers, flags, percent, None, numerals.evidence(texts))


def _flags(texts: "pd.Series[str]") -> pd.DataFrame:
    """Numbers with a flag or footnote mark beside them: ``number, flag`` by row, only those that have one."""
    found = texts.str.extract(signs_of.FLAGGED)
    found = found[found["number"].notna()]
    return found.assign(flag=found["flag"].fillna(found["foot"]).str.strip())[["number", "flag"]]


def _cast(texts: "pd.Series[str]", name: str) -> "pd.Series[float] | None":
    """Plain numbers with points at once; None where some are not, or where codes have leading zeros."""
    arrow = pa.array(texts, from_pandas=True)
    try:
        numbers = pc.cast(arrow, pa.float64())
    except pa.ArrowInvalid:
        return None
    if name not in MEANT and pc.any(pc.match_substring_regex(arrow, _CODE)).as_py():
        return None
    values = numbers.to_numpy(zero_copy_only=False) if isinstance(numbers, pa.Array) else numbers.to_numpy()
    if not np.isfinite(values[~np.isnan(values)]).all():
        return None
    return pd.Series(values, index=texts.index)


def _quick_evidence(texts: "pd.Series[str]") -> Evidence:
    """Evidence of plain numbers: a look at the first rows is enough where they prove that points part decimals."""
    first = numerals.evidence(texts.head(_SOME))
    if first.decimal or not pc.any(pc.match_substring(pa.array(texts, from_pandas=True), ".")).as_py():
        return first
    return numerals.evidence(texts)


def _odd(one: _Column, name: str) -> list[str]:
    """Texts of a column that are no numbers, at most a hundred."""
    texts = one.texts.dropna()
    if name not in MEANT and not texts.str.contains(r"\d").any():
        return []
    return [str(text) for text in texts[~texts.str.contains(r"\d")].unique()[:100]]


def _is_number(one: _Column, name: str, told: Mapping[str, str]) -> bool:
    if one.fast is not None or name in MEANT:
        return True
    whole = one.values.map(lambda cell: isinstance(cell, (bool, dt.date, dt.time, dt.timedelta))).any()
    texts = one.texts.dropna()
    if whole or texts.str.match(_CODE).any() or (one.flags.notna().any() and not told):
        return False
    rest = texts[~texts.str.contains(r"^[^A-Za-zÀ-ÿ]*\d[^A-Za-zÀ-ÿ]*$|^[^A-Za-zÀ-ÿ]*\d[eE][-+]?\d+$", regex=True)]
    known = rest.isin(signs_of.MISSING) | rest.map(lambda text: signs_of.meaning(text, told) is not None).astype(bool)
    if not known.all() or len(rest) == len(texts) + int(one.numbers.notna().sum()):
        return False
    plain = numerals.converted(texts.drop(rest.index), Signs(".", ","))
    other = numerals.converted(texts.drop(rest.index), Signs(",", "."))
    return bool((plain.notna() | other.notna()).all()) and bool(len(plain) or one.numbers.notna().any())


def _numbers(
    one: _Column, signs: Signs, told: Mapping[str, str]
) -> tuple[pd.Series, "pd.Series[str] | None", "pd.Series[str] | None", dict[str, str]]:
    """Values, their status and note where marks or flags tell one, and the marks seen."""
    if one.fast is not None and signs == Signs(".", None):
        return one.fast, None, None, {}
    numbers = numerals.converted(one.texts, signs).fillna(one.numbers)
    left = one.texts.notna() & numbers.isna()
    used: dict[str, str] = {}
    status = pd.Series(pd.NA, index=numbers.index, dtype="str")
    note = one.flags.astype("str")
    unread = pd.Series(False, index=numbers.index)
    if left.any():
        texts = one.texts[left]
        known = {text: signs_of.meaning(str(text), told) for text in texts.unique()}
        for text, found in known.items():
            rows = texts.index[texts == text]
            if found is None:
                unread.loc[rows] = True
                continue
            used[str(text)] = found[0]
            numbers.loc[rows] = 0.0 if found[0] == "zero" else np.nan
            status.loc[rows] = {"zero": "ok"}.get(found[0], found[0])
            if found[1]:
                note.loc[rows] = found[1]
    for flag in one.flags.dropna().unique():
        rows = one.flags.index[(one.flags == flag) & numbers.notna()]
        said = told.get(flag)
        if "c" in flag and flag.isalpha():
            numbers.loc[rows], status.loc[rows] = np.nan, "suppressed"
        elif ("u" in flag and flag.isalpha()) or said in ("suppressed", "uncertain"):
            status.loc[rows] = "uncertain"
    odd = one.values.notna() & one.texts.isna() & one.numbers.isna()
    unread |= odd
    values: pd.Series = numbers
    if unread.any():  # as it was written, for tidy() to name
        values = numbers.astype(object).where(~unread, one.values.astype(object))
    return values, status, note, used


def _without_missing(values: pd.Series) -> pd.Series:
    kept = values.mask(values.isin(signs_of.MISSING))
    words = kept.dropna().map(lambda cell: isinstance(cell, str))
    return kept.astype("str") if words.all() else kept


def _as_key(values: pd.Series) -> pd.Series:
    """Keys of a workbook as text: a year that its cell holds as a number is no 2022.0."""
    if not pd.api.types.is_object_dtype(values):
        return values
    whole = values.map(
        lambda cell: (
            str(int(cell))
            if isinstance(cell, (int, float)) and not isinstance(cell, bool) and float(cell).is_integer()
            else cell
        )
    )
    return whole.where(whole.notna(), np.nan)


def is_dated(word: str) -> bool:
    """Whether a text is a date as a spreadsheet writes what was an age band or a code.

    >>> is_dated("1.4.2024"), is_dated("4-Jan"), is_dated("1-4")
    (True, True, False)
    """
    return bool(_DATED.match(word))


def _refuse_dates(frame: pd.DataFrame) -> None:
    """Dates among keys: what was an age band or a code before a spreadsheet made a date of it."""
    faults = []
    for name in frame.columns:
        column = frame[name]
        if column.dtype == object:
            dated = column.map(lambda cell: isinstance(cell, (dt.date, dt.time))).astype(bool)
            if name in KEYS or name in MEANT or (dated.any() and column[~dated].notna().any()):
                faults += [(row, name, column[row]) for row in column.index[dated]]
        if name == "group" and (column.dtype == object or pd.api.types.is_string_dtype(column)):
            dated = [word for word in column.dropna().unique() if isinstance(word, str) and is_dated(word)]
            faults += [(row, name, column[row]) for row in column.index[column.isin(dated)]] if dated else []
    if faults:
        listed = pd.DataFrame(faults, columns=["row", "column", "value"], dtype=object)
        shown = [str(value)[:10] if isinstance(value, dt.date) else str(value) for value in listed["value"]]
        meant = [_meant(one, name) for one, name in zip(listed["value"], listed["column"], strict=True)]
        raise TidyError(
            listed.assign(
                value=shown,
                problem=[f"is a date, where a name or number is needed{f' ({one}?)' if one else ''}." for one in meant],
                remedy=[_OF_DATES[_kind_of(name)] for name in listed["column"]],
            )
        )


_OF_DATES = {
    "period": "Format the column as text, and write the period as text, such as 2022.",
    "number": "A spreadsheet makes dates of numbers such as 12.5: format the column as numbers, and write it anew.",
    "group": "A spreadsheet makes dates of bands such as 1-4: format the column as text, and write it anew.",
}


def _kind_of(column: str) -> str:
    return "period" if column == "period" else "number" if column in MEANT else "group"


def _meant(value: Any, column: str) -> str:
    """What a date may have been: an age band, a number, a year."""
    if not isinstance(value, dt.date):
        return ""
    if _kind_of(column) == "period":
        return f"the year {value.year}"
    if _kind_of(column) == "number":
        return f"the number {value.day}.{value.month}"
    first, last = sorted((value.day, value.month))
    return f"an age band {first}-{last}" if first < last else ""


def _percents(frame: pd.DataFrame, chosen: Mapping[str, _Column], reading: Reading) -> None:
    """Per cent as it is shown, or as a share where the indicator's scale is 1; a column that mixes both is refused."""
    faults = []
    for name, one in chosen.items():
        if one.fast is not None or not one.percent.any():
            continue
        values = pd.to_numeric(frame[name], errors="coerce")
        bare = ~one.percent & values.notna() & (values != 0)
        if bare.any():
            row = bare.index[bare][0]
            faults.append((row, name, frame.at[row, name], "has no percent sign, others of its column have one."))
        elif name in _SHOWN_AS:
            share = pd.Series(False, index=frame.index)
            if "indicator" in frame:
                share |= frame["indicator"].isin(list(reading.shares))
            if "scale" in frame:
                share |= pd.to_numeric(frame["scale"], errors="coerce") == 1
            rows = share & one.percent
            frame[name] = frame[name].where(~rows, values / 100)
    if faults:
        listed = pd.DataFrame(faults, columns=["row", "column", "value", "problem"], dtype=object)
        raise TidyError(listed.assign(remedy="Write all of the column as per cent, or none."))


def _whole(frame: pd.DataFrame, chosen: Mapping[str, _Column], reading: Reading) -> None:
    """Counts with decimals are refused, since events and people asked are whole; computed ones have many decimals."""
    faults = []
    for name in _WHOLE if not reading.weighted else ():
        if name in chosen:
            values = pd.to_numeric(frame[name], errors="coerce")
            broken = values[(values % 1 != 0) & values.notna() & np.isfinite(values)]
            computed = chosen[name].values[broken.index].astype("str").str.contains(r"[.,]\d{4}").any()
            faults += [] if computed else [(row, name, chosen[name].values[row]) for row in broken.index]
    if faults:
        listed = pd.DataFrame(faults, columns=["row", "column", "value"], dtype=object)
        remedy = "If they are thousands, say thousands=; if they are weighted, say weighted=True."
        raise TidyError(listed.assign(problem="is a count with decimals.", remedy=remedy))


def _remarked(frame: pd.DataFrame, remarks: Mapping[str, tuple["pd.Series[str]", "pd.Series[str]"]]) -> pd.DataFrame:
    """Statuses and notes beside the numbers they are of."""
    main = next((name for name in ("estimate", "value", "OBS_VALUE") if name in frame), None)
    for name, (status, note) in remarks.items():
        if name == main:
            _merge(frame, "status", status)
            _merge(frame, "note", note)
        elif main is not None and name in NUMBERS:
            hidden = status.eq("suppressed").fillna(False)
            said = (name + ": " + note.fillna(status)).where(note.notna() | hidden).astype("str")
            _merge(frame, "note", said)
        elif status.isin(["suppressed", "uncertain"]).any() or note.notna().any():
            frame[f"{name}_status"] = status.fillna(
                frame[name].isna().map({True: "missing", False: "ok"}).astype("str")
            )
            if note.notna().any():
                frame[f"{name}_note"] = note
    return frame


def _merge(frame: pd.DataFrame, name: str, said: "pd.Series[str]") -> None:
    """What marks say, where the file itself says nothing; of notes both."""
    if not said.notna().any():
        return
    if name not in frame:
        frame[name] = said
        return
    given = frame[name].astype("str")
    both = given + "; " + said if name == "note" else given
    frame[name] = given.fillna(said).where(given.isna() | said.isna(), both)
