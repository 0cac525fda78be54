"""Area codes: the level a code stands for, whether it exists in a year, and what was probably meant if not."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache

import pandas as pd

from hyteanalysis.areas.register import in_force, known_year, labels, name, reference_table
from hyteanalysis.cells import DIGITS, FAULT_COLUMNS, likely_area
from hyteanalysis.errors import HyteError, TidyError

# from the whole down; a region and a county are cut independently of each other
LEVELS = ("country", "collaborative", "county", "region", "subregion", "municipality", "postal", "own")
_PREFIX = {
    **{"KU": "municipality", "SK": "subregion", "MK": "region", "HVA": "county"},
    **{"YTA": "collaborative", "PNO": "postal"},
}
_NUMBERED = re.compile(r"(KU|SK|MK|HVA|YTA|PNO)\d+")


@cache
def level(code: str) -> str:
    """Level of an area, told from its code.

    Parameters
    ----------
    code : str
        ``SSS``, ``YTA1``, ``HVA10``, ``MK08``, ``SK081``, ``KU285``, ``PNO48100``, or any other id.

    Returns
    -------
    str
        ``country, collaborative, county, region, subregion, municipality, postal`` or ``own``. The form of the code is
        looked at, not whether the area exists: that is :func:`check_codes`'s to say.

    Raises
    ------
    HyteError
        A bare number, or an official prefix with the wrong number of digits, with the likely code.

    Examples
    --------
    >>> from hyteanalysis import areas
    >>> areas.level("HVA10"), areas.level("SSS"), areas.level("harbour")
    ('county', 'country', 'own')
    >>> areas.level("KU91")
    Traceback (most recent call last):
    ...
    hyteanalysis.errors.HyteError: 'KU91' is not an area code. Probably KU091 (Helsinki): read codes as text, so that
    leading zeros stay.
    """
    if code == "SSS":
        return "country"
    if not code:
        raise HyteError("An area code is empty. Give an official code such as KU285, or an own id.")
    if meant := likely_area(code):
        raise HyteError(f"{code!r} is not an area code. {_meant(code, meant)}")
    return _PREFIX[code.rstrip("0123456789")] if _NUMBERED.fullmatch(code) else "own"


def _meant(code: str, meant: str) -> str:
    """The remedy for a code of the wrong form."""
    if meant == code:  # too many digits: no zero was lost
        prefix = code.rstrip("0123456789")
        return f"{prefix} takes {DIGITS[prefix]} digits."
    known = f" ({name(meant, 'fi')})" if meant in labels()["fi"] else ""
    return f"Probably {meant}{known}: read codes as text, so that leading zeros stay."


def near(text: str, year: int | None = None) -> list[str]:
    """Official codes whose code or name, in any language, is like a text; at most three, the likest first.

    Parameters
    ----------
    text : str
        A name or code as somebody typed it.
    year : int, optional
        Division to look in, 2013–2026; None: all.

    Returns
    -------
    list of str

    Raises
    ------
    HyteError
        A year whose division is not known.

    Examples
    --------
    >>> from hyteanalysis import areas
    >>> [f"{code} {areas.name(code, 'fi')}" for code in areas.near("Kotkka")][0]
    'KU285 Kotka'
    """
    frame = reference_table("areas") if year is None else in_force(reference_table("areas"), known_year(year))
    spelt = frame.melt(id_vars="area", value_vars=[name for name in frame if name.startswith("label_")])
    words = dict(zip(spelt["value"].str.lower(), spelt["area"], strict=True))
    words |= dict(zip(frame["area"].str.lower(), frame["area"], strict=True))
    found = get_close_matches(text.lower(), words, n=9, cutoff=0.7)
    return list(dict.fromkeys(words[word] for word in found))[:3]


def check_codes(codes: Iterable[str], year: int = 2025) -> None:
    """Refuse codes that name no area of a year's division.

    Answers: *do these codes follow the division I think they follow?* Own ids and postal areas have no list to be held
    against and pass; only their form is looked at.

    Parameters
    ----------
    codes : iterable of str
        Area codes, such as the ``area`` column of tidy cells.
    year : int
        Year of the division, 2013–2026.

    Raises
    ------
    TidyError
        Lists every faulty code with its remedy: the municipality it joined and when, or near codes.
    HyteError
        If the year's division is not known.

    Examples
    --------
    >>> from hyteanalysis import areas
    >>> areas.check_codes(["KU507", "HVA12", "harbour"], 2025)
    >>> areas.check_codes(["KU588"], 2025)
    Traceback (most recent call last):
    ...
    hyteanalysis.errors.TidyError: column 'area', value 'KU588': KU588 Pertunmaa joined KU507 Mäntyharju on 2025-01-01.
    Use areas.carry_over(cells, from_year, 2025), or name the year whose division the codes follow.
    """
    known = set(in_force(reference_table("areas"), known_year(year))["area"])
    faults = [(code, *_fault(code, year)) for code in dict.fromkeys(codes) if code not in known and _checked(code)]
    if faults:
        listed = pd.DataFrame([(None, "area", *fault) for fault in faults], columns=FAULT_COLUMNS, dtype=object)
        raise TidyError(listed)


def _checked(code: object) -> bool:
    """Whether a code that is not on the list is a fault: an own id and a postal area are not."""
    return not isinstance(code, str) or not code or bool(likely_area(code)) or level(code) not in ("own", "postal")


def _fault(code: object, year: int) -> tuple[str, str]:
    """Problem and remedy of one code that is not on the year's list."""
    if not isinstance(code, str) or not code:
        return "is no area code.", "Codes are text, such as KU285."
    if meant := likely_area(code):
        return "is not an area code.", _meant(code, meant)
    joined = reference_table("mergers").set_index("area")
    if code in joined.index:
        into, date = joined.loc[code, ["into", "date"]]
        return (
            f"{code} {name(code, 'fi')} joined {into} {name(into, 'fi')} on {date}.",
            f"Use areas.carry_over(cells, from_year, {year}), or name the year whose division the codes follow.",
        )
    if code in labels()["fi"]:
        last = reference_table("areas").set_index("area").at[code, "last_year"]
        return f"{code} {name(code, 'fi')} was abolished after {last}.", f"Use the areas of {year}."
    alike = ", ".join(f"{other} {name(other, 'fi')}" for other in near(code, year))
    return f"There is no {level(code)} {code} in {year}.", f"Near: {alike}." if alike else "See areas.reference()."
