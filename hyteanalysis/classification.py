"""Groups that contain each other: age bands in every spelling, totals, subtotals, and one partition out of them all."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

OPEN = float("inf")
_YEARS = (
    r"(?:\s*-?\s*(?:vuotiaat|vuotias|vuotiaita|vuotta|v\.?|år(?:ingar|iga)?|years?(?: old)?|year-olds?"
    r"|yrs?|y))?"
)
_DASH = r"(?:\s*[-–—‑−]\s*|\s+(?:to|till|bis|och|and)\s+|_|\.\.|T)"
_OF = r"(?:aged?\s+|ages\s+|ikä(?:luokka|ryhmä)?\s+|ålder(?:sgrupp)?\s+|from\s+|mellan\s+|between\s+|y)?"
_OLDEST = 130  # 2022 and 9999 are no ages
_MORE = (
    r"(?:\s*(?:\+|plus|täyttäneet|täytt\.|fyllda|(?:ja|tai|eli) (?:yli|vanhemmat|vanhempi)"
    r"|(?:and|or) (?:over|older|more|above)"
    r"|(?:och|eller) (?:äldre|över)|-?vuotiaat ja vanhemmat|vuotta täyttäneet|år fyllda|år (?:och|eller) äldre"
    r"|years (?:and|or) over|years and older))"
)
_LESS = (
    r"(?:\s*(?:(?:ja|tai|eli) (?:alle|nuoremmat|nuorempi)|(?:and|or) (?:under|younger|less|below)"
    r"|(?:och|eller) (?:yngre|under)))"
)
_PATTERNS = (
    ("one", rf"^{_OF}(\d+)[-–‑](?:vuotiaat|vuotias|vuotiaita|åringar|åring|year-olds?)$"),
    ("span", rf"^{_OF}(\d+){_YEARS}{_DASH}(?:y)?(\d+){_YEARS}$"),
    ("from", rf"^{_OF}(\d+){_YEARS}{_MORE}{_YEARS}$"),
    ("from", rf"^{_OF}(\d+)(?:\s?(?:v\.?|vuotta|år|years?))?\s*[-–—‑−]$"),
    ("from", rf"^(?:y_?ge|>=|≥|vähintään|minst|at least|fr\.?\s?o\.?\s?m\.?)\s*(\d+){_YEARS}$"),
    ("upto", rf"^{_OF}(\d+){_YEARS}{_LESS}$"),
    ("under", rf"^(\d+){_YEARS} (?:nuoremmat|yngre)$"),
    ("upto", rf"^[-–—‑−](?!99)(\d\d){_YEARS}$"),
    ("over", rf"^(?:y_?gt|>|yli|över|over|more than)\s*(\d+){_YEARS}$"),
    ("under", rf"^(?:y_?lt|<|alle|under|below|less than|yngre än)\s*(\d+){_YEARS}$"),
    ("upto", rf"^(?:y_?le|<=|≤|enintään|korkeintaan|högst|at most|up to)\s*(\d+){_YEARS}$"),
    ("one", rf"^{_OF}(\d+){_YEARS}$"),
)
_COMPILED = tuple((kind, re.compile(pattern, re.I)) for kind, pattern in _PATTERNS)
_CODES = frozenset({"sss", "total", "_t", "t", "tot", "tot.", "yht", "yht.", "all", "sum"})
_WHOLE_FI = (
    "väestö|henkilöt|sukupuolet|sukupuoli|iät|ikä|ikäluokat|ikäryhmät|kielet|kieli|koulutus|koulutusasteet|alueet|maat"
    "|kansalaisuudet|siviilisäädyt|tuloluokat|tulot|syyt|toimialat|ammatit|luokat|ryhmät"
)
_WHOLE_SV = (
    "befolkning(?:en)?|personer|kön(?:en)?|åldrar(?:na)?|ålder|åldersgrupper(?:na)?|åldersklasser|språk(?:en)?|utbildning"
    "|utbildningsnivåer|områden|länder|medborgarskap|civilstånd|inkomster|inkomstklasser|orsaker|klasser|grupper"
)
_WHOLE_EN = (
    "population|persons|people|sexes|genders|ages|age groups|age|languages|education|levels of education"
    "|education levels|areas|countries|nationalities|citizenships|incomes|income groups|causes|classes|groups"
)
_PLAIN = re.compile(
    rf"^(yhteensä|kaikki|kaikki yhteensä|kaikkiaan|koko (maa|väestö|ikäluokka|aineisto)|({_WHOLE_FI}) yhteensä|väestö"
    rf"|kaikki ({_WHOLE_FI})|molemmat( sukupuolet)?|miehet ja naiset|total|totals|grand total|totalt|totalen|sammanlagt"
    rf"|summa|alla|({_WHOLE_SV}) (totalt|sammanlagt)|alla ({_WHOLE_SV})|hela (landet|befolkningen)|båda könen|samtliga"
    rf"|all|overall|everyone|everybody|both sexes|whole (population|country)|total,? (all )?({_WHOLE_EN})"
    rf"|({_WHOLE_EN}),? total|all ({_WHOLE_EN}))$",
    re.I,
)
_SUMMED = re.compile(
    r"yhteensä$|\btotalt?$|^total\b|^all\b|^kaikki\b|^koko\b"
    r"|\bsammanlagt$|\btillsammans$",
    re.I,
)
_OTHERS = re.compile(r"\b(muut?|muiden|other|others|övriga|annan|annat|andra)\b", re.I)  # what is left is no sum
_RANGE = re.compile(r"^[A-Za-z]{0,2}(\d+)(?:[-–_T])[A-Za-z]{0,2}(\d+)$")


@dataclass(frozen=True, order=True)
class Band:
    """Ages from ``first`` to ``last``, both included; ``last`` of an open band is infinite."""

    first: float
    last: float

    def holds(self, other: "Band") -> bool:
        """Whether the other's ages are all its own."""
        return self.first <= other.first and other.last <= self.last

    def meets(self, other: "Band") -> bool:
        """Whether the two share ages."""
        return self.first <= other.last and other.first <= self.last

    @property
    def id(self) -> str:
        """The band as cells name it: ``0-4``, ``65+``, ``7``."""
        if self.last == OPEN:
            return f"{self.first:.0f}+"
        return f"{self.first:.0f}" if self.first == self.last else f"{self.first:.0f}-{self.last:.0f}"


@cache
def band(text: str) -> Band | None:
    """The ages that a text names, in any of the spellings in use, as it says them; None where it is no age band.

    >>> [band(text).id for text in ("65-", "65 – 74-vuotiaat", "alle 15", "65 years and over", "Y_GE65", "över 64")]
    ['65+', '65-74', '0-14', '65+', '65+', '65+']
    >>> [band(text).id for text in ("7-vuotiaat", "64 år och yngre", "From 65 to 74 years", "Y65T74")]
    ['7', '0-64', '65-74', '65-74']
    >>> band("naiset") is None
    True
    """
    said = re.sub(r"[\s\u00a0\u202f]+", " ", str(text)).strip()
    for kind, pattern in _COMPILED:
        if match := pattern.match(said):
            first = float(match[1])
            if first > _OLDEST or (kind == "span" and float(match[2]) > _OLDEST):
                return None
            if kind == "span":
                return Band(first, float(match[2]))
            made = {"from": (first, OPEN), "over": (first + 1, OPEN), "under": (0.0, first - 1), "upto": (0.0, first)}
            return Band(*made.get(kind, (first, first)))
    return None


def is_total(text: str) -> bool:
    """Whether a text or code means everybody by itself.

    >>> [is_total(text) for text in ("Yhteensä", "SSS", "_T", "Totalt", "naiset", "Perusaste yhteensä")]
    [True, True, True, True, False, False]
    """
    said = str(text).strip()
    return said.lower() in _CODES or bool(_PLAIN.match(said))


def is_sum(text: str) -> bool:
    """Whether a text says that it adds up others: a total, or a subtotal such as "Perusaste yhteensä"."""
    said = str(text).strip()
    return is_total(said) or (bool(_SUMMED.search(said)) and not _OTHERS.search(said))


@dataclass(frozen=True)
class Partition:
    """Codes of a classification: the total, groups that share nobody, and those left out since they hold others."""

    total: str | None
    groups: tuple[str, ...]
    left_out: tuple[str, ...]


def partition(labels: Mapping[str, str]) -> Partition:
    """One partition of a classification, by the label of each code.

    Of age bands the finest set that covers all ages of the rest once; of other groups those that no sum says it adds
    up. A band over all ages is the total where no code says that it is.

    >>> partition({"18-": "18 -", "18-24": "18 - 24", "25-34": "25 - 34", "35-": "35 -"})
    Partition(total='18-', groups=('18-24', '25-34', '35-'), left_out=())
    >>> found = partition({"SSS": "Yhteensä", "3-8": "Jälkeinen yhteensä", "3": "Toinen", "5": "Korkea", "9": "Ei"})
    >>> found.total, found.groups, found.left_out
    ('SSS', ('3', '5', '9'), ('3-8',))
    """
    codes = list(labels)
    total = next((code for code in codes if is_total(code)), None)
    total = total or next((code for code in codes if is_total(labels[code])), None)
    summed = [code for code in codes if code != total and is_sum(labels[code])]
    if total is None and summed:  # "Kielet yhteensä": the widest sum stands first
        total, summed = summed[0], summed[1:]
    rest = [code for code in codes if code != total]
    bands = {code: _band_of(code, labels[code]) for code in rest}
    if rest and all(found is not None for found in bands.values()):
        known = {code: found for code, found in bands.items() if found is not None}
        if total is None:
            whole = Band(min(one.first for one in known.values()), max(one.last for one in known.values()))
            total = next((code for code, one in known.items() if one == whole), None) if len(known) > 1 else None
            known = {code: one for code, one in known.items() if code != total}
        groups = _covering(known)
    else:
        groups = [code for code in rest if code not in summed and not _spans(code, rest)]
    left = tuple(code for code in codes if code != total and code not in groups)
    return Partition(total, tuple(groups), left)


def overlapping(texts: Iterable[str]) -> list[str]:
    """Pairs of age bands that share people.

    >>> overlapping(["20-64", "65+", "75+"])
    ['65+ and 75+']
    """
    found = sorted((one, text) for text in texts if (one := band(text)) is not None)
    pairs = [(a, b) for i, a in enumerate(found) for b in found[i + 1 :] if a[0].meets(b[0])]
    return [f"{a[1]} and {b[1]}" for a, b in pairs]


def _band_of(code: str, label: str) -> Band | None:
    """A band by its label; by its code only where that names a span, since a lone number may be any code."""
    found = band(label)
    if (
        found is not None
        and found.last >= found.first
        and (found.first != found.last or label.strip() != code.strip() or len(code) <= 3)
    ):
        return found
    return None


def _spans(code: str, codes: Sequence[str]) -> bool:
    """Whether a code such as ``3-8`` says that it holds other codes, such as ``3`` and ``5``."""
    match = _RANGE.match(code)
    if not match or int(match[2]) <= int(match[1]):
        return False
    single = [int(found[1]) for other in codes if (found := re.fullmatch(r"[A-Za-z]{0,2}(\d+)", other))]
    return sum(int(match[1]) <= one <= int(match[2]) for one in single) > 1


def _covering(bands: Mapping[str, Band]) -> list[str]:
    """Bands that cover all ages once, as many as can be; else those that hold no other and share nobody."""
    start = min(one.first for one in bands.values())
    end = max(one.last for one in bands.values())
    best: dict[float, list[str]] = {start: []}
    for code, one in sorted(bands.items(), key=lambda item: (item[1].first, item[1].last)):
        if one.first in best:
            after = OPEN if one.last == OPEN else one.last + 1
            if len(best[one.first]) + 1 > len(best.get(after, [])):
                best[after] = [*best[one.first], code]
    whole = best.get(OPEN if end == OPEN else end + 1)
    if whole:
        chosen = set(whole)
        return [code for code in bands if code in chosen]
    taken: list[Band] = []
    groups = set()
    for code, one in sorted(bands.items(), key=lambda item: (item[1].last, -item[1].first)):
        if not any(one.meets(other) for other in taken):
            taken.append(one)
            groups.add(code)
    return [code for code in bands if code in groups]
