"""What stands in the place of a number: the signs of statistical offices and programs, each with its meaning.

A sign means one thing to one office and another to the next (``-`` is zero to Statistics Finland, missing to others),
so it is read by a convention: the one that was named, or that the file itself tells. Whatever stays open is refused,
with a remedy that keeps the meaning: a protected number is never made missing, nor a zero.
"""

import re
from collections.abc import Iterable, Mapping

from hyteanalysis.errors import MeasureError, one_of

MEANINGS = ("missing", "suppressed", "zero", "uncertain")
# the symbols of official statistics in Finland: not logical, not available, protected, none
_SVT = {".": "missing", "..": "missing", "...": "suppressed", "…": "suppressed", "-": "zero"}
_R = {"NA": "missing", "NaN": "missing", "NULL": "missing"}
CONVENTIONS: dict[str, dict[str, str]] = {
    "statfin": _SVT,
    "sotkanet": _SVT,
    "thl": _SVT,
    "eurostat": {":": "missing", ": c": "suppressed", ":c": "suppressed", "c": "suppressed"},
    "scb": {"..": "missing", ".": "missing", "-": "zero", "…": "suppressed"},
    "gss": {"[x]": "missing", "[z]": "missing", "[w]": "missing", "[c]": "suppressed", "[low]": "zero",
            "[u]": "uncertain"},
    "r": _R,
    "python": _R,
    "stata": {**{f".{letter}": "missing" for letter in "abcdefghijklmnopqrstuvwxyz"}, ".": "missing"},
    "spss": {".": "missing"},
    "excel": {"#N/A": "missing"},
}  # fmt: skip
# read by everybody in one way
MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "<NA>", "None")
_EVERYWHERE = {**dict.fromkeys(MISSING, "missing"), ":": "missing", ": c": "suppressed", ":c": "suppressed",
               "...": "suppressed"}  # fmt: skip
_FEW = re.compile(r"^(<=?|≤|alle|under|fewer than|less than|färre än)\s?\d+$", re.I)
FLAGS = "bcdefinprsuz"  # Eurostat's, beside a number or a colon
FLAGGED = rf"^(?P<number>.*?[0-9.,]%?)(?:\s+(?P<flag>[{FLAGS}]{{1,3}})|\s*(?P<foot>\*+|[¹²³⁴-⁹†‡]+|\s[0-9a-z]\)))$"
_EMPTY_FLAG = re.compile(rf"^:\s*(?P<flag>[{FLAGS}]{{1,3}})$")
_ERRORS = re.compile(
    r"^#(N/A|GETTING_DATA|[A-ZÅÄÖ]+(/0)?[!?])$|^Err:\d+$",
    re.I,  # in the language of the spreadsheet
)
_LEGEND = re.compile(
    r"^\s*(?P<sign>\.{1,3}|…|[-–—]|:|\*{1,3}|[a-zA-Z]|\[[a-z]+\]|<\s?\d+)\s*(?:=|:|\s[-–—]\s)\s*(?P<said>\S.*)$"
)
_SAID = (
    (
        "suppressed",
        r"sal(att|assa)|peite|suoja|alle \d|luottamuks|confiden|suppress|protect|disclos|(fewer|less) than|under \d"
        r"|sekre|skydd|(färre|mindre) än",
    ),
    ("zero", r"ei yhtään|nolla|\bnone\b|\bzero\b|\bnil\b|inget|noll\b"),
    ("uncertain", r"epävar|uncertain|unreliab|low reliab|osäker"),
    ("missing", r"puuttu|ei saat|ei tiet|ei ole|epäloogi|not avail|missing|not applic|no data|saknas|ej till"),
)


# whose convention a source named beside a table has
_OFFICES = (
    ("statfin", r"tilastokesku|statistikcentralen|statistics finland|\bstatfin\b"),
    ("sotkanet", r"\bsotkanet\b"),
    ("thl", r"\bTHL\b|terveyden ja hyvinvoinnin laito|institutet för hälsa och välfärd"),
    ("eurostat", r"\beurostat\b"),
    ("scb", r"\bSCB\b|statistiska centralbyrån|statistics sweden"),
)


def chosen(marks: str | Mapping[str, str] | None) -> dict[str, str]:
    """Meanings by sign, of a named convention or of the user's own mapping.

    >>> chosen("statfin")["..."], chosen({"x": "suppressed"})
    ('suppressed', {'x': 'suppressed'})
    """
    if marks is None:
        return {}
    if isinstance(marks, str):
        return dict(CONVENTIONS[one_of(marks, CONVENTIONS, "marks (besides a mapping {sign: meaning})", MeasureError)])
    return {str(sign): one_of(meaning, MEANINGS, f"marks: {sign!r}", MeasureError) for sign, meaning in marks.items()}


def legend(notes: Iterable[str]) -> dict[str, str]:
    """Meanings that lines beside a table give to signs.

    >>> legend(["Lähde: THL", "* = alle 5 havaintoa", "- ei yhtään", ".. = tietoa ei ole saatavissa"])
    {'*': 'suppressed', '..': 'missing'}
    """
    found = {}
    for line in notes:
        if match := _LEGEND.match(line):
            meaning = next((name for name, words in _SAID if re.search(words, match["said"], re.I)), None)
            if meaning is not None:
                found[match["sign"].replace("–", "-").replace("—", "-")] = meaning
    return found


def recognised(texts: Iterable[str], notes: Iterable[str] = ()) -> dict[str, str]:
    """Meanings that a file itself tells: by its legend, else by signs that only one convention has, or by its source.

    Three dots are the Finnish official statistics' own: where a file has them, its other dots and dashes are too. A
    source named beside a table tells its dots and letters, not the dash, which whoever made the table may have put.

    >>> recognised(["..", "-"], ["Lähde: Tilastokeskus, väestörakenne"])
    {'.': 'missing', '..': 'missing', '...': 'suppressed', '…': 'suppressed'}
    """
    notes = list(notes)
    told = legend(notes)
    signs = {text.strip() for text in texts}
    if signs & {"...", "…"} and not told:
        return dict(_SVT)
    if any(_EMPTY_FLAG.match(sign) for sign in signs):
        return {**CONVENTIONS["eurostat"], **told}
    named = [CONVENTIONS[name] for name, words in _OFFICES if any(re.search(words, line, re.I) for line in notes)]
    if named and all(one == named[0] for one in named):
        return {**{sign: meaning for sign, meaning in named[0].items() if sign != "-"}, **told}
    return told


def meaning(text: str, told: Mapping[str, str]) -> tuple[str, str] | None:
    """Meaning of a text in a number's place, and the note to keep; None where it is not known.

    >>> meaning("..", chosen("statfin")), meaning("<5", {}), meaning(": c", {}), meaning("x", {})
    (('missing', ''), ('suppressed', '<5'), ('suppressed', 'c'), None)
    """
    text = text.strip()
    plain = "-" if text in ("–", "—", "−", "‐") else text
    if plain in told:
        return told[plain], ""
    if text in _EVERYWHERE:
        return _EVERYWHERE[text], "c" if text.startswith(":") and text.endswith("c") else ""
    if _FEW.match(text):
        return "suppressed", text
    if flagged := _EMPTY_FLAG.match(text):
        return ("suppressed" if "c" in flagged["flag"] else "missing"), flagged["flag"]
    return None


def is_error(text: str) -> bool:
    """Whether a text is a spreadsheet's error, which stands for no number and is no mark."""
    return bool(_ERRORS.match(text.strip()))


def remedy(text: str) -> str:
    """What to do about a sign that is not known, keeping its meaning."""
    if is_error(text):
        return "The spreadsheet could not compute it: correct the formula, or write the number."
    plain = "-" if text.strip() in ("–", "—", "−") else text.strip()
    known = {name: signs[plain] for name, signs in CONVENTIONS.items() if plain in signs}
    if known:
        several = ", ".join(f"{said} to {name}" for name, said in known.items())
        return f"It is {several}: name the file's convention with marks=, or say what it means: marks={{{plain!r}: …}}."
    if re.fullmatch(r"[*x]{1,3}|[a-zA-Z]|[-.:*]+", plain):
        return (
            f"If it stands for a hidden number, say marks={{{plain!r}: 'suppressed'}}; for a number that nobody has, "
            f"marks={{{plain!r}: 'missing'}}; for none, marks={{{plain!r}: 'zero'}}."
        )
    return ("Write a number; where there is none, leave it empty and say in the column status whether it is missing or"
            " suppressed.")  # fmt: skip
