"""How one indicator's numbers are written: level, interval, difference and axis, in its own unit."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hyteanalysis.i18n import formats
from hyteanalysis.i18n.languages import LANGS
from hyteanalysis.i18n.texts import text


@dataclass(frozen=True)
class Unit:
    """Number format of an indicator.

    Parameters
    ----------
    kind : {"proportion", "rate", "mean", "index", "count"}
    scale : float
        What a proportion or rate is per: 1, 100, 1,000 …
    name : str
        The unit as the data's owner wrote it; shown with means, indices and counts.
    decimals : int
        Decimals of levels, limits and differences.
    names : tuple of (str, str)
        Language and unit, where the owner wrote it in several (``unit_sv``).
    """

    kind: str
    scale: float
    name: str = ""
    decimals: int = 1
    names: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, indicator: Mapping[str, Any], values: Iterable[float] = ()) -> "Unit":
        """The format of an indicator (a row of its metadata), with the decimals that suit ``values``.

        One decimal; none for counts and from 1,000 up; two for means below 10; two or three where every value is
        below 1 or 0.1.

        >>> Unit.of({"kind": "proportion", "scale": 100}, [22.1, 6.2]).level(22.14, "fi")
        '22,1\\xa0%'
        """
        kind = str(indicator.get("kind", "index"))
        scale = float(indicator.get("scale", 1) or 1)
        name = indicator.get("unit")
        names = tuple((lang, said) for lang in LANGS if isinstance(said := indicator.get(f"unit_{lang}"), str) and said)
        unit = cls(kind, scale, name if isinstance(name, str) else "", names=names)
        shown = [abs(value) * unit.factor for value in values if value == value and not math.isinf(value)]
        return replace(unit, decimals=_decimals(kind, max(shown, default=100.0)))

    @property
    def factor(self) -> float:
        """Estimates are multiplied by this to be shown: proportions are shown in per cent."""
        return 100 / self.scale if self.kind == "proportion" else 1.0

    @property
    def pattern(self) -> str:
        """The number format in a spreadsheet's notation."""
        plain = "#,##0" + ("." + "0" * self.decimals if self.decimals else "")
        return f"{plain}%" if self.kind == "proportion" and self.scale == 1 else plain

    def number(self, value: float, lang: str) -> str:
        """A level without its unit."""
        return formats.number(_times(value, self.factor), lang, self.decimals)

    def level(self, value: float, lang: str) -> str:
        """A level with its unit: ``22,1 %``, ``312,4 / 100 000 asukasta``, ``6,8 h``."""
        if self.kind == "proportion":
            return formats.percent(_times(value, self.factor), lang, self.decimals)
        return self._with_unit(self.number(value, lang), "" if self.is_scale else self.measure(lang))

    def interval(self, lower: float, upper: float, lang: str) -> str:
        """Two limits without unit."""
        return formats.interval(_times(lower, self.factor), _times(upper, self.factor), lang, self.decimals)

    def with_interval(self, value: float, lower: float, upper: float, lang: str) -> str:
        """A level and, where both are known, its limits in brackets; without unit."""
        shown = self.number(value, lang)
        return shown if shown == formats.NO_NUMBER else shown + formats.in_brackets(self.interval(lower, upper, lang))

    def difference(self, value: float, lang: str) -> str:
        """A difference of two levels with its unit: ``16,0 prosenttiyksikköä``."""
        if self.kind == "proportion":
            return text("unit.points", lang, number=self.number(value, lang))
        if self.is_scale:
            return text("unit.steps", lang, number=self.number(value, lang))
        return self.level(value, lang)

    def measure(self, lang: str) -> str:
        """The unit alone, as an axis or a subtitle names it."""
        if self.kind == "proportion":
            return "%"
        if self.kind == "rate" and self.scale > 1:
            scale = formats.integer(self.scale, lang)
            if self.of_people:
                return text("unit.per", lang, scale=scale)
            name = dict(self.names).get(lang, self.name)
            return name if any(letter.isdigit() for letter in name) else f"{name} / {scale}"
        return text("unit.scale", lang, range=self.name) if self.is_scale else dict(self.names).get(lang, self.name)

    @property
    def of_people(self) -> bool:
        """Whether what is counted is people: the unit names nothing else, as ``% of households`` does."""
        words = "".join(letter if letter.isalpha() else " " for letter in self.name.casefold()).split()
        return self.kind in ("proportion", "rate") and set(words) <= _OF_PEOPLE

    @property
    def is_scale(self) -> bool:
        """Whether the unit is a range of points, such as 0–10."""
        return (
            self.kind in ("mean", "index") and bool(self.name) and not any(c.isalpha() or c == "%" for c in self.name)
        )

    def finer(self) -> "Unit":
        """The same unit with one more decimal."""
        return replace(self, decimals=self.decimals + 1)

    def gap_measure(self, lang: str) -> str:
        """The unit of a difference alone."""
        if self.kind == "proportion":
            return text("unit.points_name", lang)
        return text("unit.steps_name", lang) if self.is_scale else self.measure(lang)

    def _with_unit(self, shown: str, unit: str) -> str:
        return f"{shown}{formats.NBSP}{unit}" if unit and shown != formats.NO_NUMBER else shown


# words of a unit that say no more than that it is a share of people
_OF_PEOPLE = frozenset(
    "per of the cent percent procent prosenttia av kohti inhabitants inhabitant population people persons person "
    "asukasta asukas henkeä henkilöä ihmistä väestöstä invånare personer människor befolkningen".split()
)


def _decimals(kind: str, largest: float) -> int:
    """Decimals that suit numbers up to ``largest``."""
    if kind == "count" or largest >= 1000:
        return 0
    if largest < 1:
        return 1 if largest == 0 else 2 if largest >= 0.1 else 3
    return 2 if kind in ("mean", "index") and largest < 10 else 1


def _times(value: float, factor: float) -> float:
    """A missing number stays missing."""
    return value if value is None else float(value) * factor
