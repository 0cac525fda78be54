"""Numbers as people and programs write them: one reader for tables, metadata, person rows, services and forms.

What the comma and the point mean is settled for a column from all its values, then from the other columns of its file;
what stays open is refused with both readings. Spaces of every width, minus signs of every kind, ``.75``, ``1e5`` and
``75 %`` are read as what they show.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from hyteanalysis.errors import HyteError, TidyError, one_of

SPACES = " \t\u00a0\u2000-\u200a\u202f\u205f\u3000"  # as a character class: plain, no-break, figure, thin, narrow …
_MINUS = "-\u2010-\u2015\u2212\ufe58\ufe63\uff0d"
COUNTS = ("population", "events", "respondents")  # people and events have no thousandths
# replacements that leave digits, points, commas, a sign and an exponent; RE2 and Python read them alike
NORMAL = (
    (rf"^[{SPACES}]+|[{SPACES}]+$", ""),
    (rf"^[{_MINUS}][{SPACES}]?([0-9.,])", r"-\1"),
    (r"^\+", ""),
    (rf"[{SPACES}]*%$", ""),
    (rf"([eE])[{_MINUS}]([0-9]+)$", r"\1-\2"),
)
# digits in threes, parted by spaces or by the Swiss apostrophe
SPACED = rf"^-?[1-9][0-9]{{0,2}}([{SPACES}'’][0-9]{{3}})+([.,][0-9]*)?$"
PLAIN = r"^-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_SIGNS = (",", ".")
_DECIMAL = {",": "decimal comma", ".": "decimal point"}


@dataclass(frozen=True)
class Signs:
    """What parts the decimals, and what the thousands; None: nothing but spaces."""

    decimal: str = "."
    thousands: str | None = None


@dataclass(frozen=True)
class Evidence:
    """What written numbers prove of the two signs: an example of each."""

    decimal: Mapping[str, str] = field(default_factory=dict)
    thousands: Mapping[str, str] = field(default_factory=dict)
    either: Mapping[str, str] = field(default_factory=dict)  # such as 1,234: thousands or decimals
    beside: str | None = None  # a whole number of three digits, such as 987

    def __or__(self, other: "Evidence") -> "Evidence":
        """Both together."""
        return Evidence(
            {**other.decimal, **self.decimal}, {**other.thousands, **self.thousands},
            {**other.either, **self.either}, self.beside or other.beside,
        )  # fmt: skip


def shapes() -> dict[tuple[str, str], str]:
    """Regular expressions of what proves what, by kind and sign; they look at text after :data:`NORMAL`."""
    found = {}
    for sign, other in (_SIGNS, _SIGNS[::-1]):
        s, o = re.escape(sign), re.escape(other)
        found["either", sign] = rf"^-?[1-9][0-9]{{0,2}}{s}[0-9]{{3}}$"
        found["thousands", sign] = rf"^-?[1-9][0-9]{{0,2}}(({s}[0-9]{{3}}){{2,}}|({s}[0-9]{{3}})+{o}[0-9]+)$"
        # fewer or more than three decimals, a zero or nothing before them, more than three digits before, an exponent
        whole = rf"(0*|[0-9]{{4,}}|[1-9][0-9]{{0,2}}([{SPACES}'’][0-9]{{3}})+|[1-9][0-9]{{0,2}}({o}[0-9]{{3}})+)"
        found["decimal", sign] = (
            rf"^-?({whole}{s}[0-9]+|[0-9]+{s}([0-9]{{0,2}}|[0-9]{{4,}})|[0-9]*{s}[0-9]+[eE][+-]?[0-9]+)$"
        )
    found["beside", ""] = r"^-?[1-9][0-9]{2}$"
    return found


def evidence(texts: "pd.Series[str]") -> Evidence:
    """What the values of a column prove; texts that are no numbers prove nothing."""
    normal = _normal(_arrow(texts))
    signed = any(pc.any(pc.match_substring(normal, sign)).as_py() for sign in _SIGNS)
    found: dict[str, dict[str, str]] = {"decimal": {}, "thousands": {}, "either": {}, "beside": {}}
    for (kind, sign), shape in shapes().items():
        if signed and (first := pc.index(_like(normal, shape), True).as_py()) >= 0:
            found[kind][sign] = str(texts.iloc[first])
    return Evidence(found["decimal"], found["thousands"], found["either"], found["beside"].get(""))


def _arrow(texts: "pd.Series[str]") -> pa.Array:
    found = pa.array(texts, type=pa.string(), from_pandas=True)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def _like(texts: pa.Array, shape: str) -> pa.Array:
    return pc.fill_null(pc.match_substring_regex(texts, shape), False)


def _normal(texts: pa.Array) -> pa.Array:
    """Texts with plain minus signs, and without the spaces around them and a percent sign after them."""
    for pattern, by in NORMAL:
        texts = pc.replace_substring_regex(texts, pattern, by)
    return texts


def settled(
    own: Evidence, file: Evidence, column: str, *, count: bool = False, separator: str | None = None,
    decimal: str | None = None, thousands: str | None = None,
) -> Signs:  # fmt: skip
    """What the signs of one column mean.

    Parameters
    ----------
    own, file : Evidence
        Of the column's values, and of the other columns of its file.
    column : str
        Its name, for the error.
    count : bool
        The column counts people or events, which have no thousandths.
    separator : str, optional
        What parts the file's columns: a file parted by commas writes decimals with points, one parted by semicolons
        and with commas in its numbers the other way round.
    decimal, thousands : str, optional
        As the user says.

    Raises
    ------
    TidyError
        The values prove two things at once, or nothing.
    """
    if decimal is not None or thousands is not None:
        return _said(decimal, thousands)
    clash = set(own.decimal) & set(own.thousands) or (set(_SIGNS) if len(own.decimal) > 1 else set())
    if clash:
        sign = sorted(clash)[0]
        shown = [own.decimal[sign], own.thousands.get(sign) or next(v for k, v in own.decimal.items() if k != sign)]
        raise _ambiguous(column, shown[0], f"{shown[0]!r} and {shown[1]!r} use the signs in two ways")
    if own.decimal or own.thousands:
        return _from(own)
    if not own.either:
        return _from(file) if len(file.decimal) == 1 and not set(file.decimal) & set(file.thousands) else Signs()
    if len(own.either) > 1:
        shown = list(own.either.values())
        raise _ambiguous(column, shown[0], f"{shown[0]!r} and {shown[1]!r} use the signs in two ways")
    (sign, value), *_ = own.either.items()
    other = _SIGNS[1 - _SIGNS.index(sign)]
    as_decimal = Signs(sign, None)
    as_thousands = Signs(other, sign)
    filed = None if set(file.decimal) >= set(_SIGNS) else file
    proven = {
        as_decimal: bool(filed and (sign in filed.decimal or other in filed.thousands)),
        as_thousands: bool(filed and (other in filed.decimal or sign in filed.thousands)),
    }
    if proven[as_decimal] and proven[as_thousands]:
        proven = dict.fromkeys(proven, False)
    if count:
        if proven[as_decimal]:  # the file's decimal sign in a count: 1,234 people in a file of decimal commas
            raise _ambiguous(column, value, "a count with decimals")
        return as_thousands
    hinted_decimal = (sign == "." and separator == ",") or (sign == "," and separator == ";")
    if proven[as_decimal]:
        if own.beside and not any(len(one.split(sign)[-1]) != 3 for one in own.either.values()) and not filed:
            raise _ambiguous(column, value, f"beside {own.beside!r}")
        return as_decimal
    if proven[as_thousands]:
        return as_thousands
    if own.beside and hinted_decimal:
        raise _ambiguous(column, value, f"beside {own.beside!r}")
    if own.beside:
        return as_thousands
    if hinted_decimal:
        return as_decimal
    raise _ambiguous(column, value, "nothing else in the file tells")


def _said(decimal: str | None, thousands: str | None) -> Signs:
    for name, sign in (("decimal", decimal), ("thousands", thousands)):
        if sign is not None:
            one_of(sign, [*_SIGNS, *((" ", "'") if name == "thousands" else ())], f"{name}=", HyteError)
    if decimal is None:
        decimal = "." if thousands == "," else "," if thousands == "." else "."
    if thousands is None or thousands in " '":
        thousands = None
    if decimal == thousands:
        raise HyteError(f"decimal= and thousands= are both {decimal!r}. Name two signs.")
    return Signs(decimal, thousands)


def _from(proof: Evidence) -> Signs:
    """Signs of evidence that does not contradict itself."""
    decimal, thousands = next(iter(proof.decimal), None), next(iter(proof.thousands), None)
    if decimal is None:
        decimal = _SIGNS[1 - _SIGNS.index(thousands)] if thousands else "."
    other = _SIGNS[1 - _SIGNS.index(decimal)]
    return Signs(decimal, other if thousands == other or other in proof.either else None)


def _ambiguous(column: str, value: str, why: str) -> TidyError:
    bare = re.sub(rf"[{SPACES}]", "", value)
    sign = next((one for one in _SIGNS if one in bare), ",")
    other = _SIGNS[1 - _SIGNS.index(sign)]
    readings = (
        f"{bare.replace(sign, '')} (with thousands={sign!r}) or {bare.replace(sign, '.')} (with decimal={sign!r})"
    )
    if other in bare:
        readings = f"a number with {_DECIMAL[sign]} (decimal={sign!r}) or {_DECIMAL[other]} (decimal={other!r})"
    return TidyError(
        pd.DataFrame(
            [
                {
                    "row": None,
                    "column": column,
                    "value": value,
                    "problem": f"can be read in two ways ({why}): {readings}.",
                    "remedy": "Say which with decimal= or thousands=, or write the numbers without thousands signs.",
                }
            ]
        )
    )


def converted(texts: "pd.Series[str]", signs: Signs) -> "pd.Series[float]":
    """Texts as floats by settled signs; what is no number, or has its thousands in the wrong places, is NaN."""
    none = pa.scalar(None, pa.string())
    normal = _normal(_arrow(texts))
    bare = pc.replace_substring_regex(normal, rf"[{SPACES}'’]", "")
    normal = pc.if_else(_like(normal, SPACED), bare, normal)
    if signs.thousands:
        s, d = re.escape(signs.thousands), re.escape(signs.decimal)
        grouped = _like(normal, rf"^-?[1-9][0-9]{{0,2}}({s}[0-9]{{3}})+({d}[0-9]*)?$")
        normal = pc.if_else(grouped, pc.replace_substring(normal, signs.thousands, ""), normal)
        normal = pc.if_else(_like(normal, s), none, normal)
    if signs.decimal == ",":
        normal = pc.if_else(_like(normal, "[.]"), none, pc.replace_substring(normal, ",", "."))
    plain = pc.if_else(_like(normal, PLAIN), normal, none)
    return pd.Series(pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False), index=texts.index)


def number(text: str, *, what: str = "The number", count: bool = False, decimal: str | None = None) -> float:
    """One number as somebody typed it, such as in a form.

    Parameters
    ----------
    text : str
        ``1 234,5``, ``1234.5``, ``−3``, ``.75``, ``12,5 %`` (12.5) …
    what : str
        Name of the field, for the error.
    count : bool
        Whole numbers only: ``1.234`` and ``1,234`` are one thousand two hundred and thirty-four.
    decimal : {",", "."}, optional
        What parts decimals where a text alone, such as ``1,234``, does not tell: the language's sign.

    Raises
    ------
    HyteError
        A text that is no number, or that can be read in two ways.

    Examples
    --------
    >>> number("1 234,5"), number("1,234", decimal=","), number("1,234", count=True), number("−3")
    (1234.5, 1.234, 1234.0, -3.0)
    """
    texts = pd.Series([text], dtype="str")
    own = evidence(texts)
    hint = Evidence(decimal={decimal: decimal}) if decimal and not count else Evidence()
    value = converted(texts, settled(own, hint, what, count=count)).iloc[0]
    if value != value:
        raise HyteError(f"{what}: {text!r} is not a number. Write digits, such as 1234,5.")
    if count and value % 1:
        raise HyteError(f"{what}: {text!r} has decimals, where a whole number is needed.")
    return float(value)


def read(
    columns: Mapping[str, "pd.Series[str]"], *, counts: Any = COUNTS, separator: str | None = None,
    decimal: str | None = None, thousands: str | None = None,
) -> dict[str, Signs]:  # fmt: skip
    """The signs of each column of a file, settled together.

    Raises one TidyError that names every column which can be read in two ways.
    """
    return settle({name: evidence(texts) for name, texts in columns.items()}, counts=counts, separator=separator,
                  decimal=decimal, thousands=thousands)  # fmt: skip


def settle(
    known: Mapping[str, Evidence], *, counts: Any = COUNTS, separator: str | None = None,
    decimal: str | None = None, thousands: str | None = None,
) -> dict[str, Signs]:  # fmt: skip
    """The signs of each column by what its values prove; as :func:`read`."""
    file = Evidence()
    for name, own in known.items():
        file = file | own
        if name in counts and len(own.either) == 1 and not own.decimal:
            file = file | Evidence(thousands=own.either)
    # a count whose signs are open proves nothing to the others where they prove the contrary
    proven = Evidence()
    for own in known.values():
        proven = proven | replace(own, either={}, beside=None)
    if any(sign in proven.decimal for sign in file.thousands):
        file = proven
    found, faults = {}, []
    for name, own in known.items():
        try:
            found[name] = settled(own, file, name, count=name in counts, separator=separator, decimal=decimal,
                                  thousands=thousands)  # fmt: skip
        except TidyError as error:
            faults.append(error.faults)
    if faults:
        raise TidyError(pd.concat(faults))
    return found
