"""Areas as people and programs write them: codes of several systems, padded, in any case, beside names, names alone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import pandas as pd

from hyteanalysis.areas.register import reference_table
from hyteanalysis.errors import HyteError

_DIGITS = {"KU": 3, "SK": 3, "MK": 2, "HVA": 2, "YTA": 1, "PNO": 5}
_CODE = re.compile(r"^(KU|SK|MK|HVA|YTA|PNO)[ _-]?(\d+)(?:[ ,:–-]+(\S.*))?$", re.I)
_NUMBER = re.compile(r"^(?:(kunta|kommun|municipality|seutukunta|ekonomisk region|sub-?region|maakunta|landskap|region"
                     r"|hyvinvointialue|välfärdsområde|wellbeing services county|postinumero|postnummer)[ -]?)?(\d+)"
                     r"(?:[ ,:–-]+(\S.*))?$", re.I)  # fmt: skip
_LEVELS = {
    **dict.fromkeys(("kunta", "kommun", "municipality"), "KU"),
    **dict.fromkeys(("seutukunta", "ekonomisk region", "subregion", "sub-region"), "SK"),
    **dict.fromkeys(("maakunta", "landskap", "region"), "MK"),
    **dict.fromkeys(("hyvinvointialue", "välfärdsområde", "wellbeing services county"), "HVA"),
    **dict.fromkeys(("postinumero", "postnummer"), "PNO"),
}
_COUNTRY = ("sss", "fi", "fin", "koko maa", "hela landet", "whole country", "manner-suomi ja ahvenanmaa")
# ISO 3166-2 and NUTS (2016 and 2021) by the number of the region
_ISO = dict(zip("01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19".split(),
                "21 09 14 10 18 05 16 13 08 19 06 15 12 17 11 07 04 01 02".split(), strict=True))  # fmt: skip
_NUTS = {"FI1B1": "01", "FI1B": "01", "FI1C1": "02", "FI196": "04", "FI1C2": "05", "FI197": "06", "FI1C3": "07",
         "FI1C4": "08", "FI1C5": "09", "FI1D1": "10", "FI1D2": "11", "FI1D3": "12", "FI193": "13", "FI194": "14",
         "FI195": "15", "FI1D5": "16", "FI1D9": "17", "FI1D8": "18", "FI1D7": "19", "FI200": "21", "FI20": "21",
         "FI2": "21"}  # fmt: skip
_OFFICIAL = re.compile(r"^(KU|SK|MK|HVA|YTA|PNO|FI)[ _-]?\d", re.I)


@dataclass(frozen=True)
class Spelt:
    """An area read from a text: its code, and whether its name alone told it."""

    code: str
    by_name: bool = False


@cache
def spelt(text: str) -> Spelt | None:
    """The official area that a text means; None for an own id.

    Answers: *which area is this?* Read are ``ku091``, ``KU-091``, ``KU091 Helsinki``, ``091 Helsinki``, ``kunta 091``,
    ``010091`` (region and municipality), ISO and NUTS codes, ``FI``, and a name that exactly one area has. A bare
    number such as ``091`` is left as it is: it may be a municipality or a sub-region.

    Raises
    ------
    HyteError
        A text that begins like an official code and is none, or whose code and name are of two areas.

    Examples
    --------
    >>> [spelt(text).code for text in ("ku091 ", "091 Helsinki", "kunta 091", "010091", "FI-18", "Helsingfors")]
    ['KU091', 'KU091', 'KU091', 'KU091', 'MK01', 'KU091']
    >>> spelt("harbour") is None
    True
    """
    said = re.sub(r"[\s\u00a0]+", " ", text).strip()
    low = said.casefold()
    if low in _COUNTRY:
        return Spelt("SSS")
    if low.startswith("sss ") and low.removeprefix("sss ") in _names():
        return Spelt("SSS")
    if match := _CODE.match(said):
        prefix = match[1].upper()
        if len(match[2]) == _DIGITS[prefix]:
            return _agreed(f"{prefix}{match[2]}", match[3], text)
    if (match := _NUMBER.match(said)) and (match[1] or match[3] or len(match[2]) == 6):
        return _numbered(match, text)
    if match := re.fullmatch(r"FI-(\d\d)", said, re.I):
        if match[1] in _ISO:
            return Spelt(f"MK{_ISO[match[1]]}")
    elif said.upper() in _NUTS:
        return Spelt(f"MK{_NUTS[said.upper()]}")
    if _OFFICIAL.match(said):
        raise HyteError(
            f"{text!r} begins like an official area code and is none. Codes are such as KU091, HVA05, MK01."
        )
    named = _names().get(low, ())
    return Spelt(named[0], by_name=True) if len(named) == 1 else None


def _numbered(match: "re.Match[str]", text: str) -> Spelt | None:
    level, digits, name = (match[1] or "").lower(), match[2], match[3]
    if len(digits) == 6 and not level:
        code = f"KU{digits[3:]}"
        if digits[2] == "0" and code in _known():
            return _agreed(code, name, text)
        return None
    prefix = _LEVELS.get(level, "PNO" if len(digits) == 5 else "KU")
    if len(digits) > _DIGITS[prefix] or (not level and len(digits) != _DIGITS[prefix]):
        return None
    code = f"{prefix}{int(digits):0{_DIGITS[prefix]}d}"
    if not level and prefix == "KU" and code not in _names().get((name or "").casefold(), (code,)):
        return None  # a number before another text, such as a street
    return _agreed(code, name if level or prefix == "KU" else None, text)


def _agreed(code: str, name: str | None, text: str) -> Spelt:
    """A code with the name beside it, which must be its own where it is an area's."""
    owners = _names().get((name or "").casefold(), ())
    if owners and code not in owners and not code.startswith("PNO"):
        raise HyteError(f"{text!r}: {code} is not {name} ({', '.join(owners)}). Correct the code or the name.")
    return Spelt(code)


@cache
def _known() -> frozenset[str]:
    return frozenset(reference_table("areas")["area"])


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """Codes by name in any language; of a present and a former area of one name the present one."""
    frame = reference_table("areas").sort_values("last_year", ascending=False)
    spoken = [column for column in frame if column.startswith("label_")]
    found: dict[str, list[str]] = {}
    years: dict[str, int] = {}
    for row in frame.itertuples():
        last = 9999 if pd.isna(row.last_year) else int(row.last_year)
        for name in {getattr(row, column) for column in spoken}:
            key = " ".join(str(name).split()).casefold()
            if key not in found or years[key] == last:
                found.setdefault(key, []).append(row.area)
                years[key] = last
    return {name: tuple(dict.fromkeys(codes)) for name, codes in found.items()}


def read(texts: Iterable[str]) -> tuple[dict[str, Spelt], dict[str, str]]:
    """Areas by text where they differ from it or come from a name, and the fault of each text that is refused."""
    found, faults = {}, {}
    for text in texts:
        try:
            one = spelt(text)
        except HyteError as error:
            faults[text] = str(error)
            continue
        if one is not None and (one.code != text or one.by_name):
            found[text] = one
    return found, faults
