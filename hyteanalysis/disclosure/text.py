"""Personal data in free text: identity codes, phone numbers, e-mail and street addresses."""

import re
from datetime import date
from typing import NamedTuple

_DASH = r"‐‑‒–—−\-"  # hyphens, and what word processors make of them; for use inside [ ]
_GAP = rf"[ \u00a0\u202f{_DASH}]"

_CENTURY = {"+": 1800, **dict.fromkeys("-YXWVU", 1900), **dict.fromkeys("ABCDEF", 2000)}
_CHECK = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_CODE = re.compile(
    rf"(?<![0-9A-Za-zÅÄÖåäö])(\d{{6}})\s?([+{_DASH}A-FU-Ya-fu-y])\s?(\d{{3}})([0-9A-Ya-y])(?![0-9A-Za-zÅÄÖåäö])"
)

_EMAIL = re.compile(
    r"[A-Za-zÅÄÖåäö0-9._%+-]+\s?(?:@|\(at\)|\[at\]|\(ät\)|\[ät\])\s?(?:[A-Za-zÅÄÖåäö0-9-]+\.)+[A-Za-z]{2,}",
    re.IGNORECASE,
)

_PHONE = re.compile(
    rf"(?<![\w.,/{_DASH}])"
    rf"(?:(?:\+|00)\d{{1,3}}{_GAP}?(?:\(0\){_GAP}?)?\d|\(0[1-9]\d{{0,2}}\)|0[1-9])"
    rf"(?:{_GAP}{{0,2}}\d){{5,12}}"
    rf"(?![\d%])(?!{_GAP}?[%€])"
)
_DATE = re.compile(rf"^\d{{1,2}}{_GAP}\d{{1,2}}{_GAP}(?:\d{{4}}|\d{{2}})$")

_FINNISH = (
    "katu|kadun|kadulla|kadulta|kadulle|kuja|kujan|kujalla|kujalta|kujalle|polku|polun|polulla|polulta|polulle"
    "|kaari|kaaren|kaarella|bulevardi|bulevardin|bulevardilla|esplanadi|esplanadin|esplanadilla|raitti|raitin|raitilla"
    "|väylä|väylän|väylällä|tori|torin|torilla|aukio|aukion|aukiolla|penger|laituri|piha|pihan|pihalla"
    "|rinne|rinteen|rinteellä|ranta|rannan|rannalla|kulma|portti"
)
_ROAD = "tie|tien|tiellä|tieltä|tielle|vägen|väg"  # also in "valtatie 4", so only after a capital letter
_SWEDISH = "gatan|gränden|gränd|stigen|torget|allén|kajen|esplanaden|brinken|svängen|gården"
_SHARE = r"(?![.,]\d)(?!\s*[%€])(?!\s*(?:prosent|procent|per\s?cent))"  # no such thing may follow a house number
_NUMBER = rf"\s+(?!(?:19|20)\d\d(?!\d))\d{{1,4}}(?!\d){_SHARE}(?:\s?[A-Za-z]\b(?:\s?\d{{1,3}}\b)?)?"
_ADDRESSES = (
    re.compile(rf"\b[A-ZÅÄÖ][\wåäöÅÄÖ’'-]*(?:\s[A-ZÅÄÖ][\wåäöÅÄÖ’'-]*)*?(?:{_FINNISH}|{_SWEDISH}|{_ROAD}){_NUMBER}"),
    re.compile(rf"\b[A-ZÅÄÖ][\wåäö’'-]+\s(?:katu|tie|kuja|polku|gata|väg|gränd){_NUMBER}"),
    re.compile(rf"\b[a-zåäö]{{3,}}(?:katu|kadulla|kuja|kujalla|polku|gatan|vägen|gränden){_NUMBER}"),
)
_NO_STREET = re.compile(  # numbered roads, and words of a report that end as streets do
    r"^(?:Valta|Kanta|Seutu|Yhdys|Moottori|Riks|Stam)(?:tie|tien|tiellä|väg|vägen)\b"
    r"|^\S*(?:raportti|kulma|[tk]tori|monitori|editori|Lappeenranta|Savonranta|elämänkaari)\s",
    re.IGNORECASE,
)


class PersonalData(NamedTuple):
    """A piece of personal data found in a text: its kind, the text itself and where it starts."""

    kind: str
    text: str
    start: int


def check_text(text: str) -> list[PersonalData]:
    """Personal data in a text, in the order in which they stand.

    Answers: *may this note be saved or printed, or does it tell who somebody is?* Kinds: ``personal_code`` (Finnish
    personal identity code with a valid date and check character, the separators of 2023 too), ``email`` (also written
    with ``(at)``), ``phone`` (Finnish forms and ``+`` numbers) and ``address`` (Finnish or Swedish street name and
    house number). Names are not found, nor is anything that merely hints at a person: somebody has to read the text.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of PersonalData
        ``kind``, ``text`` and ``start``; empty where nothing was found.

    Examples
    --------
    >>> [found.kind for found in check_text("Soita 040 123 4567, asun Kirkkokatu 3 B 12.")]
    ['phone', 'address']
    >>> check_text("Joka viides asukas, 20 % vuonna 2022.")
    []
    """
    codes = [match for match in _CODE.finditer(text) if _valid(match)]
    found = [PersonalData("personal_code", match[0], match.start()) for match in codes]
    found += [PersonalData("email", match[0], match.start()) for match in _EMAIL.finditer(text)]
    found += [
        PersonalData("phone", match[0].strip(), match.start())
        for match in _PHONE.finditer(text)
        if not _DATE.match(match[0])
    ]
    for pattern in _ADDRESSES:
        found += [
            PersonalData("address", match[0], match.start())
            for match in pattern.finditer(text)
            if not _NO_STREET.match(match[0])
        ]
    first: dict[int, PersonalData] = {}
    covered = -1
    for item in sorted(found, key=lambda item: (item.start, -len(item.text))):
        if item.start >= covered:
            first[item.start] = item
            covered = item.start + len(item.text)
    return list(first.values())


def _valid(match: "re.Match[str]") -> bool:
    """A date that exists, and the check character that belongs to the digits."""
    day, mark, number, check = match.groups()
    century = _CENTURY["-" if mark in _DASH else mark.upper()]
    try:
        date(century + int(day[4:]), int(day[2:4]), int(day[:2]))
    except ValueError:
        return False
    return int(number) >= 2 and _CHECK[int(day + number) % 31] == check.upper()
