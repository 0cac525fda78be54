"""What the variables of a PxWeb table are: area, time, contents, population groups, told from its metadata alone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hyteanalysis import areas as places_of
from hyteanalysis.errors import HyteError, SourceError, one_of
from hyteanalysis.sources.answers import Answer

_AREA = re.compile(
    r"^(alue|kunta|maakunta|hyvinvointialue|seutukunta|postinumero|koko maa|område|region|kommun|area|munic|postal)",
    re.I,
)
_TIME = re.compile(r"^(timeperiod|vuosi|vuosineljännes|kuukausi|år|kvartal|månad|year|quarter|month)", re.I)
_CONTENTS = re.compile(r"^(contentscode|tiedot|uppgifter|information|content)", re.I)
_TOTAL = re.compile(r"^(yhteensä|total|totalt|sammanlagt|all\b|kaikki|koko )|, yhteensä$|total$", re.I)
_DIMENSIONS = {
    "sex": re.compile(r"^(sukupuoli|kön|sex|gender)", re.I),
    "age": re.compile(r"^(ikä|ålder|age)", re.I),
    "language": re.compile(r"^(kieli|äidinkieli|språk|modersmål|language|mother tongue)", re.I),
    "education": re.compile(r"^(koulutus|utbildning|education|level of education)", re.I),
}
_GROUPS = {
    "sex": {"women": re.compile(r"^(nai|kvinn|female|women)", re.I), "men": re.compile(r"^(mie|män|male|men)", re.I)},
    "language": {
        "fi": re.compile(r"^(suomi|finska|finnish)", re.I),
        "sv": re.compile(r"^(ruotsi|svenska|swedish)", re.I),
    },
}
_LEVELS = {"kunta": "municipality", "hva": "county", "maakunta": "region", "seutukunta": "subregion"}
_LEVELS |= {"maa": "country", "yta": "collaborative", "postinumero": "postal"}
_OFFICIAL = re.compile(r"^(SSS|KU\d{3}|SK\d{3}|MK\d{2}|HVA\d{2}|YTA\d|PNO\d{5})$")


@dataclass(frozen=True)
class Variable:
    """A variable of a table: its code, name, and the names of its values by their code."""

    code: str
    text: str
    values: Mapping[str, str]
    time: bool = False

    def is_like(self, pattern: "re.Pattern[str]") -> bool:
        """Whether its name or code is of a kind; codes have been renamed before, names less so."""
        return bool(pattern.search(self.text) or pattern.search(self.code))

    @property
    def total(self) -> str | None:
        """Code of the value that means everybody, if there is one."""
        for code, text in self.values.items():
            if code in ("SSS", "_T", "total") or _TOTAL.search(text):
                return code
        return None


@dataclass(frozen=True)
class Table:
    """A table's variables in their roles."""

    title: str
    variables: tuple[Variable, ...]
    area: Variable
    time: Variable
    contents: Variable | None

    @property
    def others(self) -> tuple[Variable, ...]:
        """Variables that are neither area, time nor contents."""
        taken = {self.area.code, self.time.code, self.contents.code if self.contents else None}
        return tuple(one for one in self.variables if one.code not in taken)

    def find(self, name: str) -> Variable:
        """One of the others by code, name, or dimension id such as ``sex``."""
        for one in self.others:
            if name in (one.code, one.text) or (name in _DIMENSIONS and one.is_like(_DIMENSIONS[name])):
                return one
        names = [one.text for one in self.others]
        one_of(name, names, f"a variable of {self.title!r}", SourceError)
        raise AssertionError


def read_table(answer: Answer) -> Table:
    """Metadata of a table. SourceError names the variables there are where area or time is not among them."""
    given = answer.json()
    if not isinstance(given, dict) or not isinstance(given.get("variables"), list):
        raise SourceError(f"got {answer.told()}: no table with variables. Name subject and table, such as vaerak/11re.")
    variables = []
    for one in given["variables"]:
        if not {"code", "values"} <= set(one):
            raise SourceError("a variable has no code and values any more; the service may have changed.")
        texts = one.get("valueTexts") or one["values"]
        values = dict(zip(map(str, one["values"]), map(str, texts), strict=True))
        variables.append(Variable(str(one["code"]), str(one.get("text") or one["code"]), values, bool(one.get("time"))))
    listed = ", ".join(f"{one.text} ({one.code})" for one in variables)
    time = next((one for one in variables if one.time), None) or next((v for v in variables if v.is_like(_TIME)), None)
    area = next((v for v in variables if v is not time and (v.is_like(_AREA) or _coded(v))), None)
    for role, found in (("time", time), ("area", area)):
        if found is None:
            raise SourceError(f"no variable of the table is its {role}. It has: {listed}.")
    assert time is not None
    assert area is not None
    contents = next((v for v in variables if v not in (time, area) and v.is_like(_CONTENTS)), None)
    return Table(str(given.get("title", "")), tuple(variables), area, time, contents)


def _coded(variable: Variable) -> bool:
    """Whether most values are official area codes, whatever the variable is called."""
    official = sum(bool(_OFFICIAL.match(code)) for code in variable.values)
    return official > 1 and official > len(variable.values) / 2


def area_code(code: str, variable: Variable) -> str:
    """Our code of an area: official ones as they are, bare numbers by their length and the variable's name."""
    if _OFFICIAL.match(code):
        return code
    name = f"{variable.text} {variable.code}".lower()
    if code.isdigit():
        if len(code) == 5:
            return f"PNO{code}"
        if len(code) == 3:
            return f"SK{code}" if "seutu" in name else f"KU{code}"
        if len(code) == 2 and ("maakunta" in name or "hyvinvointi" in name):
            return f"{'HVA' if 'hyvinvointi' in name else 'MK'}{code}"
    return f"area-{code}"


def chosen_areas(table: Table, wanted: str | Sequence[str] | None) -> list[str]:
    """Codes of the area variable for categories and area codes; SourceError with near ones for an unknown one."""
    ours = {code: area_code(code, table.area) for code in table.area.values}
    if wanted is None:
        return list(ours)
    found: list[str] = []
    for one in [wanted] if isinstance(wanted, str) else wanted:
        level = _LEVELS.get(one.lower(), one)
        here = [code for code, area in ours.items() if one in (code, area) or places_of.level(area) == level]
        if not here:
            try:
                near = [f"{code} {places_of.name(code, 'fi')}" for code in places_of.near(one)]
            except HyteError:
                near = []
            hint = f" Near: {', '.join(near)}." if near else ""
            raise SourceError(
                f"the table has no area {one!r} and none of that level.{hint} Levels: {', '.join(_LEVELS)}."
            )
        found += here
    return list(dict.fromkeys(found))


def dimension_of(variable: Variable) -> str:
    """Id of the dimension a variable is: a common one, else its own name."""
    for dimension, pattern in _DIMENSIONS.items():
        if variable.is_like(pattern):
            return dimension
    return re.sub(r"\W+", "_", variable.text.lower()).strip("_")


def group_of(dimension: str, code: str, text: str) -> str:
    """Id of a group: a common one, an age span, else the value's own code.

    >>> group_of("sex", "2", "Naiset"), group_of("age", "0-4", "0 - 4"), group_of("age", "85-", "85 -")
    ('women', '0-4', '85+')
    """
    for group, pattern in _GROUPS.get(dimension, {}).items():
        if pattern.search(text):
            return group
    if dimension == "age" and (ages := re.match(r"^(\d+)\s*(?:[-–]\s*(\d*)|(\+))?", text)):
        first, last, more = ages.groups()
        open_ended = more or (last == "") or re.search(r"täyttäneet|and over|fyllda|eller äldre", text)
        return f"{int(first)}+" if open_ended else f"{int(first)}-{int(last)}" if last else str(int(first))
    return code


def split(selection: Mapping[str, Sequence[Any]], most: int) -> list[dict[str, list[Any]]]:
    """One query as several of at most ``most`` cells each, cut along the longest variable.

    >>> [len(part["year"]) for part in split({"year": list(range(10)), "sex": ["1", "2"]}, 8)]
    [4, 4, 2]
    """
    whole = {code: list(values) for code, values in selection.items()}
    cells = 1
    for values in whole.values():
        cells *= len(values)
    longest = max(whole, key=lambda code: len(whole[code]))
    if cells <= most or len(whole[longest]) == 1:
        return [whole]
    step = max(1, most * len(whole[longest]) // cells)
    parts = [whole[longest][start : start + step] for start in range(0, len(whole[longest]), step)]
    return [piece for part in parts for piece in split({**whole, longest: part}, most)]
