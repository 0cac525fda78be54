"""One file of the library of evidence: an action, what was measured of it, by whom, and what is not known.

A file holds ``sources`` (what can be cited), ``numbers`` (each with its source, design and certainty) and ``action``:
the action's form, where ``{number: NAME}`` stands for a number of the library and a plain number is an assumption.
"""

from collections.abc import Mapping
from functools import cache
from os import PathLike
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hyteanalysis import i18n, places, reading
from hyteanalysis.actions.model import Effect, refuse
from hyteanalysis.errors import PlanError, one_of

Quantity = Literal["effect", "reach", "uptake", "retention", "cost", "baseline"]
Certainty = Literal["high", "moderate", "low", "very low"]
Design = Literal["review", "trial", "quasi-experiment", "cohort", "register", "survey", "statement"]
Country = Literal["FI", "SE", "NO", "DK", "GB", "DE", "US", "AU", "EU", "international"]
Found = Literal["benefit", "null", "mixed", "unknown"]
Scale = (
    Literal["rr", "or", "rd", "rate_ratio", "hazard_ratio", "smd", "mean_difference", "ror", "none", "unknown"]
    | Literal["more", "less", "share", "percent", "ratio", "count", "amount"]
)
CERTAINTIES: tuple[str, ...] = get_args(Certainty)
ACTING = get_args(Effect.model_fields["scale"].annotation)  # scales that an action can be made of
# what a number of a design is worth where nobody has graded it
UNGRADED: dict[str, Certainty] = {
    "review": "low",
    "trial": "low",
    "quasi-experiment": "very low",
    "cohort": "very low",
    "register": "moderate",
    "survey": "low",
    "statement": "very low",
}
NEAR = ("FI", "SE", "NO", "DK", "GB", "DE", "EU", "international")
# hosts of copies, news and summaries: what is read there is cited by its DOI or its journal
COPIES = (
    *("scribd.com", "skyscape.com", "idh-mutations.com", "fluoridealert.org", "bsl.nl", "cupdf.com", "9pdf.net"),
    *("discovery.researcher.life", "peeref.com", "mafiadoc.com", "moam.info", "doczz.net", "ouci.dntb.gov.ua"),
    *("homsy-staging.cambridgecore.org", "elogim.com", "brum.beds.ac.uk", "webvpn.zafu.edu.cn", "1library.net"),
    *("fdocuments.us", "wikisum.wiki", "paperexplained.cn", "cricutcom-setup.com", "collabzium.com", "mendeley.com"),
)
Texts = dict[i18n.Code, str]


class Part(BaseModel):
    """A part of a file: nothing that is not named, nothing changed later."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="after")
    def _in_three_languages(self) -> "Part":
        for name in type(self).model_fields:
            given = getattr(self, name)
            if isinstance(given, dict) and given and set(given) <= set(i18n.LANGS):
                for lang in i18n.LANGS:
                    if not str(given.get(lang, "")).strip():
                        refuse(f"has no text in {lang}", (name,))
        return self


class Source(Part):
    """What a number was read in: ``cited`` as it is printed, ``doi``, ``page`` and when it was ``read``.

    ``doi_checked: false``: the DOI was not seen on the page, and is not printed. ``copy_read: true``: a copy was read,
    so that the journal is cited and no page.
    """

    cited: str = Field(min_length=10)
    doi: str | None = Field(default=None, pattern=r"^10\.\d{4,}/\S+$")
    doi_checked: bool = True
    page: str | None = Field(default=None, pattern=r"^https?://\S+$")
    copy_read: bool = False
    read: str = Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")

    @model_validator(mode="after")
    def _found_again(self) -> "Source":
        if self.page is not None:
            host = urlsplit(self.page).hostname or ""
            if any(host == one or host.endswith(f".{one}") for one in COPIES):
                refuse(f"{host} holds copies: give the DOI or the publisher's page, or copy_read: true", ("page",))
        elif not self.copy_read and (self.doi is None or not self.doi_checked):
            refuse("needs a doi or a page; where only a copy could be read, say copy_read: true")
        return self

    @property
    def link(self) -> str | None:
        """Where the source is found: its DOI where that was seen, else the page."""
        return f"https://doi.org/{self.doi}" if self.doi and self.doi_checked else self.page


class Number(Part):
    """One number as published: an effect, a reach, a price, with its group, limits, design and certainty.

    ``limits: range`` are not limits of confidence. ``against: true``: contradicts what the file builds on. ``sum``: how
    it was worked out of numbers on the page. ``control_is``: whether the control share is the study's own, one read
    elsewhere, or assumed. ``graded``: who graded the certainty; without, it goes by the design.
    """

    quantity: Quantity
    what: Texts
    scale: Scale
    value: float | None = Field(default=None, allow_inf_nan=False)
    lower: float | None = Field(default=None, allow_inf_nan=False)
    upper: float | None = Field(default=None, allow_inf_nan=False)
    level: float = Field(default=0.95, gt=0, lt=1)
    limits: Literal["confidence", "range"] = "confidence"
    favourable: bool = False
    control: float | None = Field(default=None, ge=0, le=1)
    control_is: Literal["study", "elsewhere", "assumed"] | None = None
    sd: float | None = Field(default=None, gt=0)
    itt: bool = False
    unit: str | None = None
    dimension: str = "total"
    group: str | None = None
    months: float | None = None
    trials: int | None = None
    people: int | None = None
    country: tuple[Country, ...] = Field(min_length=1)
    year: int = Field(ge=1950, le=2100)
    design: Design
    certainty: Certainty | None = None
    graded: str | None = None
    against: bool = False
    sum: str | None = None
    source: str

    @model_validator(mode="after")
    def _valid(self) -> "Number":
        if (self.certainty is None) != (self.graded is None):
            refuse("certainty and graded (by whom) go together", ("certainty" if self.graded is None else "graded",))
        if (self.control is None) != (self.control_is is None):
            refuse("goes with control: study, elsewhere or assumed", ("control_is",))
        worded = self.scale in ("none", "unknown", "more", "less")
        if worded and self.value is not None:
            refuse(f"the scale {self.scale} has no value", ("value",))
        if not worded and self.value is None and (self.lower is None or self.upper is None):
            refuse("needs a value, or both limits of a range", ("value",))
        if self.scale == "share":
            for name in ("value", "lower", "upper"):
                if (given := getattr(self, name)) is not None and not 0 <= given <= 1:
                    refuse(f"must be a share between 0 and 1; not {given:g}", (name,))
        low, high = self.lower, self.upper
        if self.value is not None and low is not None and high is not None and not low <= self.value <= high:
            refuse(f"the interval {low:g} to {high:g} does not hold the value {self.value:g}", ("value",))
        if self.acts and not (self.scale == "mean_difference" and self.sd is None):
            try:
                Effect.model_validate(self.effect())
            except ValidationError as fault:
                first = fault.errors(include_url=False)[0]
                context = first.get("ctx", {})
                refuse(context.get("message", first["msg"]), tuple(map(str, context.get("place", first["loc"])))[:1])
        return self

    @property
    def acts(self) -> bool:
        """Whether it is an effect that an action can be made of."""
        return self.quantity == "effect" and self.scale in ACTING

    @property
    def worth(self) -> Certainty:
        """Its certainty: as graded, else by its design."""
        return self.certainty or UNGRADED[self.design]

    def distance(self, country: str) -> Literal["none", "some", "far"]:
        """How far its people and services are from a country's."""
        if country in self.country:
            return "none"
        return "some" if any(one in NEAR for one in self.country) else "far"

    def around(self) -> dict[str, float]:
        """The limits for the model: those published, else from no effect to twice the effect."""
        if self.value is None or (self.quantity == "cost" and (self.lower or 0) < 0):
            return {}  # a price that may be a saving has no interval that the model can take
        if self.lower is not None and self.upper is not None and self.limits == "confidence":
            return {"lower": self.lower, "upper": self.upper, **({"level": self.level} if self.level != 0.95 else {})}
        if self.quantity != "effect":
            return {}
        if self.scale in ("rd", "smd", "mean_difference"):
            return {"lower": min(0.0, 2 * self.value), "upper": max(0.0, 2 * self.value)}
        return {"lower": min(1.0, self.value**2), "upper": max(1.0, self.value**2)}

    @property
    def bare(self) -> bool:
        """An effect whose limits were not on the page, so that :meth:`around` makes them."""
        return self.acts and self.value is not None and (self.lower is None or self.limits == "range")

    def effect(self) -> dict[str, Any]:
        """Its fields as an :class:`Effect` names them."""
        said = {name: getattr(self, name) for name in ("scale", "value", "favourable", "control", "sd", "itt")}
        return {
            name: item for name, item in {**said, **self.around()}.items() if item is not None and item is not False
        }

    @i18n.spoken
    def conversion(self, lang: str = "fi") -> str:
        """The sum by which it becomes a change of the share badly off; empty where there is none."""
        said = [self.sum] if self.sum else []
        if self.acts and not (self.scale == "mean_difference" and self.sd is None):
            said += Effect.model_validate(self.effect()).words(lang)
        if self.control_is in ("elsewhere", "assumed"):
            said.append(i18n.text(f"evidence.control.{self.control_is}", lang))
        if self.bare:
            said.append(i18n.text("evidence.no_limits", lang))
        return " ".join(said)


class Groups(Part):
    """What is known of differences between groups: whether they were studied, and what was found."""

    studied: bool
    said: Texts


class Evidence(Part):
    """What is known of one action.

    Attributes
    ----------
    id, name, what, who
        What is done and for whom, in three languages; ``ages`` from and to.
    topics, indicators
        What it bears on; indicators by id.
    outcome
        What was measured, and what share badly off it stands for.
    found : {"benefit", "null", "mixed", "unknown"}
    groups
        What is known by group.
    unknown
        What is not known.
    sources, numbers
    action : mapping, optional
        The action's form; ``{number: NAME}`` is a number of this file, ``{number: FILE.NAME}`` one of another.

    Examples
    --------
    >>> from hyteanalysis.evidence import read
    >>> support = read("smoking-support")
    >>> support.found, support.numbers["combined"].worth
    ('benefit', 'high')
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: Texts
    what: Texts
    who: Texts
    ages: tuple[int, int] = (0, 120)
    topics: tuple[str, ...] = Field(min_length=1)
    indicators: tuple[str, ...] = ()
    outcome: Texts
    found: Found
    groups: Groups
    unknown: Texts
    sources: dict[str, Source]
    numbers: dict[str, Number] = Field(min_length=1)
    action: dict[str, Any] = {}

    @model_validator(mode="after")
    def _holds_together(self) -> "Evidence":
        for name, number in self.numbers.items():
            if number.source not in self.sources:
                refuse(
                    f"names the source {number.source!r}, which is not among sources: {', '.join(self.sources)}",
                    ("numbers", name, "source"),
                )
        used = {number.source for number in self.numbers.values()}
        if idle := sorted(set(self.sources) - used):
            refuse("is the source of no number: leave it out", ("sources", idle[0]))
        for place, name in _references(self.action):
            if "." not in name and name not in self.numbers:
                refuse(f"{name!r} is no number of this file: {', '.join(self.numbers)}", ("action", *place))
        effect = self.action.get("effect")
        if self.action and (not isinstance(effect, Mapping) or "number" not in effect or "why" not in effect):
            refuse(
                "needs the number it rests on, and why that one: {number: …, why: {fi, sv, en}}", ("action", "effect")
            )
        return self

    @classmethod
    def read(cls, path: "str | PathLike[str]") -> "Evidence":
        """Read a file of evidence. A fault names file, line and field."""
        document = reading.read(path, PlanError)
        if not isinstance(document.data, Mapping):
            raise PlanError(f"{path}, line 1: evidence is a mapping such as 'id: smoking-support'.")
        return reading.validated(cls, document.data, PlanError, document=document, whole="the evidence")

    @i18n.spoken
    def wording(self, field: str, lang: str = "fi") -> str:
        """A text of the file in a language: ``name, what, who, outcome, unknown``, ``groups``."""
        texts = self.groups.said if field == "groups" else getattr(self, field)
        return i18n.own_text({f"it_{key}": words for key, words in texts.items()}, "it", lang)[0]

    @property
    def chosen(self) -> str | None:
        """The number that the action's effect rests on."""
        return self.action["effect"]["number"] if self.action else None

    @property
    def certainty(self) -> Certainty:
        """That of the number the action rests on; of an unknown effect, very low."""
        return self.numbers[self.chosen].worth if self.chosen else "very low"

    def effects(self) -> dict[str, Number]:
        """The effects that an action can be made of."""
        return {name: number for name, number in self.numbers.items() if number.acts}


def library() -> dict[str, Path]:
    """The files of the library: id → file."""
    return {path.stem: path for path in sorted(places.committed("evidence").glob("*.yml"))}


@cache
def _held(path: Path, changed: float) -> Evidence:
    return Evidence.read(path)


def read(id: str) -> Evidence:
    """The evidence on one action, by its id. Raises PlanError for one that the library does not hold."""
    files = library()
    path = files[one_of(id, files, "evidence", PlanError)]
    return _held(path, path.stat().st_mtime)


def filled(evidence: Evidence, country: str, lang: str) -> dict[str, Any]:
    """The action's form with every number in its place, each with source, year, page, conversion and grade."""
    plain: dict[str, Any] = _filled(evidence.action, evidence, country, lang, ())
    return plain


def _filled(node: Any, evidence: Evidence, country: str, lang: str, place: tuple[str, ...]) -> Any:
    if not isinstance(node, Mapping):
        return list(node) if isinstance(node, tuple) else node
    rest = {
        key: _filled(item, evidence, country, lang, (*place, key))
        for key, item in node.items()
        if key not in ("number", "why")
    }
    if "number" not in node:
        return rest
    own, name = _named(node["number"], evidence)
    number = own.numbers[one_of(name, own.numbers, f"number of {own.id}", PlanError)]
    source = own.sources[number.source]
    said = {
        "value": number.value,
        **number.around(),
        "source": source.cited,
        "year": number.year,
        "page": source.link,
        "conversion": number.conversion(lang) or None,
        "grade": "measured elsewhere",
    }
    if place == ("effect",):
        said |= number.effect() | {"certainty": number.worth, "distance": number.distance(country)}
    return {**{key: item for key, item in said.items() if item is not None}, **rest}


def _named(name: str, evidence: Evidence) -> tuple[Evidence, str]:
    file, _, inner = name.rpartition(".")
    return (read(file), inner) if file else (evidence, inner)


def _references(node: Any, place: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], str]]:
    if not isinstance(node, Mapping):
        return []
    here = [((*place, "number"), str(node["number"]))] if "number" in node else []
    return here + [one for key, item in node.items() for one in _references(item, (*place, str(key)))]
