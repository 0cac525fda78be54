"""An action as a planner describes it: whom it reaches, what it changes, what it costs. One YAML file an action.

Every number may be plain (``0.3``) or carry ``{value, lower, upper, level, by_group, by_area, distribution, source,
year, page, conversion, grade}``. ``lower`` and ``upper`` are limits at ``level``, 0.95 where it is not said. In a
crossed dimension a number may be given for a pair (``low × men``) or for a part of it (``low``).
"""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from hyteanalysis import i18n, places, reading
from hyteanalysis.display import shown
from hyteanalysis.errors import PlanError

Grade = Literal["measured here", "measured elsewhere", "expert", "assumed"]
Distribution = Literal["lognormal", "normal", "beta", "logit-normal", "gamma", "uniform"]
RATIO, DIFFERENCE, SIZE, SHARE, AMOUNT = "ratio", "difference", "size", "share", "amount"
# first named is taken where the action names none
DISTRIBUTIONS = {
    RATIO: ("lognormal", "uniform"),
    DIFFERENCE: ("normal", "uniform"),
    SIZE: ("normal", "uniform"),
    SHARE: ("beta", "logit-normal", "uniform"),
    AMOUNT: ("gamma", "lognormal", "uniform"),
}
_BOUNDS = {
    RATIO: (0.0, float("inf"), "above 0"),
    DIFFERENCE: (-1.0, 1.0, "between -1 and 1"),
    SIZE: (float("-inf"), float("inf"), "a number"),
    SHARE: (0.0, 1.0, "between 0 and 1"),
    AMOUNT: (0.0, float("inf"), "0 or more"),
}
SHOWN = ("value", "lower", "upper", "source", "year", "page", "conversion", "grade")
STEPS = ("eligible", "offered", "uptake", "completion")
INSIDE = ("uptake", "completion")  # steps that an effect by intention to treat holds already
PER = ("action", "area", "site")


class Input(BaseModel):
    """One number of an action; ``by_group`` and ``by_area`` hold the numbers that differ from it.

    An entry of ``by_group`` or ``by_area`` with limits of its own is an estimate of its own, with its own draws. A
    plain number there moves with the shared one and keeps the width of its interval. An area's entry may hold
    ``by_group``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    quantity: ClassVar[str] = AMOUNT

    value: float | None = Field(default=None, allow_inf_nan=False)
    lower: float | None = Field(default=None, allow_inf_nan=False)
    upper: float | None = Field(default=None, allow_inf_nan=False)
    level: float = Field(default=0.95, gt=0, lt=1)
    by_group: dict[str, "Input"] = {}
    by_area: dict[str, "Input"] = {}
    distribution: Distribution | None = None
    source: str | None = None
    year: int | None = None
    page: str | None = None
    conversion: str | None = None
    grade: Grade = "assumed"

    @model_validator(mode="before")
    @classmethod
    def _spelt_out(cls, data: Any) -> Any:
        """A plain number is short for its value."""
        if isinstance(data, (int, float)) and not isinstance(data, bool):
            return {"value": data}
        if isinstance(data, Mapping):
            named = ("by_group", "by_area", "odds_ratio")
            return {key: _texts(item) if key in named else item for key, item in data.items()}
        if not isinstance(data, Input):
            refuse(f"is not a number; given: {data!r}")
        return data

    def checked(self, quantity: str) -> None:
        """Raise the first fault of this number or one inside it, with its place."""
        if self.value is None and not self.by_group and not self.by_area:
            refuse("needs a value, or values by group or by area")
        for path, entry in self.entries():
            _check(entry, quantity, path, self)
        for area, entry in self.by_area.items():
            both = sorted(set(self.by_group) - set(entry.by_group))
            if both:
                refuse(
                    f"{area} has a number by area and {both[0]} one by group: which holds for {both[0]} in {area}? "
                    f"Say it under by_area: {{{area}: {{by_group: {{{both[0]}: …}}}}}}",
                    ("by_area", area),
                )

    def entries(self) -> "list[tuple[tuple[str, ...], Input]]":
        """This number and all inside it, each with its place."""
        found: list[tuple[tuple[str, ...], Input]] = [((), self)]
        for group, entry in self.by_group.items():
            found.append((("by_group", group), entry))
            if entry.by_group or entry.by_area:
                refuse("a group's number holds no further groups or areas", ("by_group", group))
        for area, entry in self.by_area.items():
            found.append((("by_area", area), entry))
            if entry.by_area:
                refuse("an area's number holds no further areas", ("by_area", area))
            found += [(("by_area", area, "by_group", group), inner) for group, inner in entry.by_group.items()]
        return found


class Ratio(Input):
    """Anything above 0, relative to something else."""

    quantity: ClassVar[str] = RATIO

    @model_validator(mode="after")
    def _valid(self) -> "Ratio":
        self.checked(RATIO)
        return self


class Share(Input):
    """A share of people, 0–1: one for all, by group and area, or one in all and the odds ratios between groups.

    With ``odds_ratio`` the ``value`` is the share over all groups, and each named group's odds are so many times those
    of the groups that are not named; the groups' sizes then give each its share.
    """

    quantity: ClassVar[str] = SHARE

    odds_ratio: dict[str, Ratio] = {}

    @model_validator(mode="after")
    def _valid(self) -> "Share":
        self.checked(SHARE)
        if self.odds_ratio and (self.value is None or self.by_group or self.by_area):
            refuse("splits one share between groups: give a value, and neither by_group nor by_area", ("odds_ratio",))
        return self


class Amount(Input):
    """Euros, or any amount from 0 up."""

    @model_validator(mode="after")
    def _valid(self) -> "Amount":
        self.checked(AMOUNT)
        return self


class Effect(Input):
    """What the action does to those reached, on the scale of the study it comes from.

    ``rr, or, rd``: risk ratio, odds ratio, risk difference of the adverse outcome. ``rate_ratio, hazard_ratio``: of
    events, p₁ = 1 − (1 − p)^ratio. ``smd``: standardised difference of a score whose high end is adverse, ln OR =
    SMD·π/√3; ``mean_difference`` likewise, with the score's ``sd``. ``ror``: ratio of odds ratios. ``none``: studied,
    no difference found; ``unknown``: not studied. ``favourable: true``: of the good outcome, which a ratio turns round
    by ``control``, the share with it where the action is not.

    ``itt: true``: everybody offered was counted, so that uptake and completion are inside the effect. ``certainty``
    (GRADE) and ``distance`` (of the study's people and services from those here) widen the interval: on the scale where
    it is symmetric, its width is multiplied by :data:`CERTAINTY` and :data:`DISTANCE`.
    """

    scale: Literal["rr", "or", "rd", "rate_ratio", "hazard_ratio", "smd", "mean_difference", "ror", "none", "unknown"]
    favourable: bool = False
    control: float | None = Field(default=None, ge=0, le=1)
    sd: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    itt: bool = False
    certainty: Literal["high", "moderate", "low", "very low"] = "high"
    distance: Literal["none", "some", "far"] = "none"
    quantity: ClassVar[str] = RATIO

    @model_validator(mode="before")
    @classmethod
    def _in_one_word(cls, data: Any) -> Any:
        """``none`` and ``unknown`` say all there is; a null effect moves nothing."""
        said = {"scale": data} if isinstance(data, str) else data
        if isinstance(said, Mapping) and said.get("scale") in ("none", "unknown"):
            return {"value": 1.0, **said}
        return said

    @model_validator(mode="after")
    def _valid(self) -> "Effect":
        self.checked(self.kind)
        if self.scale == "mean_difference" and self.sd is None:
            refuse(
                "is needed: a mean difference says nothing of a share without the score's standard deviation", ("sd",)
            )
        if self.scale != "mean_difference" and self.sd is not None:
            refuse(f"belongs to a mean_difference; the scale is {self.scale}", ("sd",))
        if self.favourable and self.scale in ("rr", "rate_ratio", "hazard_ratio"):
            if self.control is None:
                refuse(
                    "is needed: a ratio of a favourable outcome cannot be turned round without its share where the "
                    "action is not. Give control, or the odds ratio or risk difference",
                    ("control",),
                )
            self._possible()
        return self

    def _possible(self) -> None:
        """No more than everybody may have the good outcome."""
        for path, entry in self.entries():
            if self.scale == "rr" and entry.value is not None and self.control and entry.value * self.control > 1:
                refuse(
                    f"{entry.value:g} × {self.control:g} = {100 * entry.value * self.control:.0f} % with the good "
                    "outcome, more than everybody. Give the odds ratio or the risk difference, or the study's own "
                    "control share",
                    (*path, "value"),
                )

    @property
    def kind(self) -> str:
        """What kind of number it is: a ratio, a difference of shares, a size of any sign."""
        return {"rd": DIFFERENCE, "smd": SIZE, "mean_difference": SIZE}.get(self.scale, RATIO)

    @property
    def acts_as(self) -> str:
        """The scale on which it acts upon an adverse share: ``rr, or, rd, rate``."""
        if self.scale in ("or", "smd", "mean_difference", "ror"):
            return "or"
        if self.scale in ("rate_ratio", "hazard_ratio") and not self.favourable:
            return "rate"
        return "rd" if self.scale == "rd" else "rr"

    @property
    def wider(self) -> float:
        """By how much its interval is widened for certainty and distance."""
        return CERTAINTY[self.certainty] * DISTANCE[self.distance]

    def acting(self, numbers: Any) -> Any:
        """Numbers of its own scale as those that act on the adverse share, on the scale of :attr:`acts_as`."""
        turn = -1.0 if self.favourable else 1.0
        if self.scale in ("smd", "mean_difference"):
            return np.exp(turn * np.asarray(numbers) / (self.sd or 1.0) * np.pi / np.sqrt(3))
        if self.scale == "rd":
            return turn * np.asarray(numbers)
        if not self.favourable or self.scale in ("none", "unknown"):
            return np.asarray(numbers)
        if self.acts_as == "or":
            return 1 / np.asarray(numbers)
        left = 1 - float(self.control or 0.0)
        if self.scale == "rr":
            return np.maximum(1 - np.asarray(numbers) * (1 - left), 0.0) / left
        return left ** (np.asarray(numbers) - 1)

    @i18n.spoken
    def words(self, lang: str = "fi") -> list[str]:
        """How the published number becomes a change of the adverse share: the sum, in words."""
        return _conversion(self, lang)


CERTAINTY = {"high": 1.0, "moderate": 1.25, "low": 1.5, "very low": 2.0}
DISTANCE = {"none": 1.0, "some": 1.25, "far": 1.5}


class Reach(BaseModel):
    """Who is reached: one share, or the chain eligible × offered × uptake × completion.

    ``of``: the share is of all ``people`` of a group, or of the ``affected``, those who have the adverse outcome.
    ``risk``: how many times their group's risk those reached have (of ``people``; the affected have it already).
    ``feasible``: the share that would come at most, however much money there is; without it, what the chain gives when
    everybody eligible is offered.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    of: Literal["people", "affected"] = "people"
    risk: Ratio = Field(default_factory=lambda: Ratio(value=1.0))
    feasible: Share | None = None
    share: Share | None = None
    eligible: Share | None = None
    offered: Share | None = None
    uptake: Share | None = None
    completion: Share | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_form(cls, data: Any) -> Any:
        """A number or ``{value: …}`` is the share itself."""
        if isinstance(data, Mapping):
            if set(data) & {*STEPS, "share"}:
                if mixed := sorted(set(data) & set(Share.model_fields)):
                    refuse(f"a chain ({', '.join(STEPS)}) has no {mixed[0]} of its own", (mixed[0],))
                return data
            about = {name: data[name] for name in ("of", "risk", "feasible") if name in data}
            rest = {name: item for name, item in data.items() if name not in about}
            return {**about, "share": rest} if rest else about
        return {"share": data}

    @model_validator(mode="after")
    def _valid(self) -> "Reach":
        if not self.steps:
            refuse("needs a share, or the chain of " + ", ".join(STEPS))
        if self.of == "affected" and "risk" in self.model_fields_set:
            refuse(
                "those reached are the affected: they have the outcome. Leave risk out, or say of: people", ("risk",)
            )
        return self

    @property
    def steps(self) -> dict[str, Share]:
        """The shares whose product is the reach, by name; one named ``reach`` where no chain is given."""
        if self.share is not None:
            return {"reach": self.share}
        return {step: getattr(self, step) for step in STEPS if getattr(self, step) is not None}


class Fixed(BaseModel):
    """Euros that do not follow the people reached: once for the action, for each area, or for each site.

    A site is an area × group that the action is opened for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: Amount = Field(default_factory=lambda: Amount(value=0.0))
    per: Literal["action", "area", "site"] = "action"

    @model_validator(mode="before")
    @classmethod
    def _one_form(cls, data: Any) -> Any:
        """A number is the amount; numbers that differ by area are one for each area."""
        if isinstance(data, Mapping) and (not data or set(data) & {"amount", "per"}):
            return data
        apart = isinstance(data, Mapping) and {
            field: data[field] for field in ("by_group", "by_area") if data.get(field)
        }
        return {"amount": data, **({"per": "site" if "by_group" in apart else "area"} if apart else {})}

    @model_validator(mode="after")
    def _valid(self) -> "Fixed":
        nested = any(entry.by_group for entry in self.amount.by_area.values())
        if self.per == "action" and (self.amount.by_group or self.amount.by_area):
            refuse("an amount for the whole action is one number: say per: area or per: site", ("per",))
        if self.per == "area" and (self.amount.by_group or nested):
            refuse("an amount for each area has no number by group: say per: site", ("per",))
        return self


class Step(BaseModel):
    """Euros for each group of people that is begun, such as an instructor for every eight."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int = Field(ge=1)
    amount: Amount


class Cost(BaseModel):
    """Euros: for each person reached, what is fixed, what goes by groups of people, and what a case averted saves.

    ``per_person, setup, yearly`` (of every year of the horizon)``, step, saving`` (for each person-year averted).
    ``currency`` other than EUR needs ``rate``, euros for one unit; ``index`` takes prices from their ``year`` to today.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_person: Amount = Field(default_factory=lambda: Amount(value=0.0))
    setup: Fixed = Field(default_factory=Fixed)
    yearly: Fixed = Field(default_factory=Fixed)
    step: Step | None = None
    saving: Amount = Field(default_factory=lambda: Amount(value=0.0))
    currency: Literal["EUR", "GBP", "USD", "SEK", "NOK", "DKK", "CAD", "AUD"] = "EUR"
    rate: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    index: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    country: str | None = None
    year: int | None = None
    contents: str | None = None

    @model_validator(mode="after")
    def _valid(self) -> "Cost":
        if self.currency != "EUR" and self.rate is None:
            refuse(f"is needed: how many euros one {self.currency} is, in the year of the price", ("rate",))
        if {"setup", "yearly"} <= self.model_fields_set and self.setup.per != self.yearly.per:
            refuse(f"set-up is per {self.setup.per}, yearly costs per {self.yearly.per}: say one", ("yearly", "per"))
        return self

    @property
    def per(self) -> str:
        """What the fixed costs are paid for."""
        return self.yearly.per if "setup" not in self.model_fields_set else self.setup.per

    @property
    def euros(self) -> float:
        """Today's euros for one unit of the price as it is given."""
        return (self.rate or 1.0) * self.index


class Action(BaseModel):
    """An action to be weighed: its outcome, effect, reach, cost and how long it lasts.

    Answers nothing by itself; :func:`hyteanalysis.impact` sets it against the baseline of each group and area.

    Parameters
    ----------
    id : str
        Short id: letters, digits, ``-`` and ``_``.
    name : mapping
        ``{fi, sv, en}``, or one text for all.
    description : mapping, optional
        What is done, in one or two sentences, by language.
    outcome : str
        Id of the indicator it changes: an adverse proportion; a favourable one is turned round.
    dimension : str
        Grouping, such as ``education`` or ``education × sex``.
    effect : Effect
        ``{scale, value, lower, upper, by_group, by_area, favourable, control, …}``; see :class:`Effect`.
    reach : Reach
        A share of each group's people or of its affected, or the chain eligible × offered × uptake × completion.
    cost : Cost, optional
        ``{per_person, setup, …}`` in euros; see :class:`Cost`.
    horizon_years : int
        Years over which person-years are counted.
    retention : Share
        Share of the effect that is left a year later.
    persistence : list of numbers, optional
        The share of the effect in each year instead, the first year first: it may begin at 0, grow, and fade. Years
        beyond its end keep ``retention`` of the year before.
    discount : Share
        Yearly discount rate.
    notes : mapping, optional
        What a reader must know, by language.

    Raises
    ------
    PlanError
        From :meth:`read` and :meth:`from_dict`; names file, line and field of every fault.

    Examples
    --------
    >>> import hyteanalysis as hyte
    >>> action = hyte.Action.from_dict({
    ...     "id": "groups-against-loneliness", "name": {"fi": "Ryhmätoiminta", "en": "Group activities"},
    ...     "outcome": "loneliness", "dimension": "education", "effect": {"scale": "rr", "value": 0.8},
    ...     "reach": {"offered": 0.5, "uptake": {"value": 0.4, "by_group": {"low": 0.3}}}})
    >>> action.label("sv"), sorted(action.reach.steps)
    ('Ryhmätoiminta', ['offered', 'uptake'])
    >>> hyte.Action.from_dict({**action.to_dict(), "effect": {"scale": "rr", "value": -1}})
    Traceback (most recent call last):
    ...
    hyteanalysis.errors.PlanError: effect.value: must be above 0; not -1
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")
    name: dict[i18n.Code, str]
    description: dict[i18n.Code, str] = {}
    outcome: str = Field(min_length=1)
    dimension: str = Field(min_length=1)
    effect: Effect
    reach: Reach
    cost: Cost = Field(default_factory=Cost)
    horizon_years: Amount = Field(default_factory=lambda: Amount(value=1))
    retention: Share = Field(default_factory=lambda: Share(value=1.0))
    persistence: tuple[Annotated[float, Field(ge=0, le=10)], ...] = ()
    discount: Share = Field(default_factory=lambda: Share(value=0.0))
    notes: dict[i18n.Code, str] = {}

    @model_validator(mode="before")
    @classmethod
    def _one_text(cls, data: Any) -> Any:
        """One text is the text in every language."""
        if not isinstance(data, Mapping):
            return data
        texts = {
            key: dict.fromkeys(i18n.LANGS, data[key])
            for key in ("name", "description", "notes")
            if isinstance(data.get(key), str)
        }
        return {**data, **texts}

    @model_validator(mode="after")
    def _valid(self) -> "Action":
        if not any(text.strip() for text in self.name.values()):
            refuse("needs a name in at least one language", ("name",))
        for path, entry in self.horizon_years.entries():
            if entry.value is not None and (entry.value < 1 or entry.value % 1):
                refuse(f"must be a whole number of years from 1; not {entry.value:g}", ("horizon_years", *path))
            if entry.lower is not None:
                refuse("years have no interval: run the action once for each horizon", ("horizon_years", *path))
        years = max((entry.value or 1 for _, entry in self.horizon_years.entries()), default=1)
        if self.persistence and len(self.persistence) < years and "retention" not in self.model_fields_set:
            refuse(
                f"says {len(self.persistence)} years of {years:g}: say the rest, or retention for the years after",
                ("persistence",),
            )
        if self.reach.of == "affected" and self.effect.acts_as in ("or", "rate") and self.effect.control is None:
            refuse(
                "is needed: all those reached have the outcome, and on this scale their share without the action must "
                "be known. Give control, or the effect as rr or rd",
                ("effect", "control"),
            )
        return self

    @classmethod
    def read(cls, path: "str | PathLike[str]") -> "Action":
        """Read an action's YAML file. A fault names file, line and field."""
        document = reading.read(path, PlanError)
        if not isinstance(document.data, Mapping):
            raise PlanError(f"{path}, line 1: an action is a mapping such as 'id: exercise-referral'.")
        return cls._checked(document.data, document)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Action":
        """Make an action from plain data, such as a form's answers."""
        return cls._checked(data)

    @classmethod
    def _checked(cls, data: Any, document: reading.ParsedFile | None = None) -> "Action":
        unsaid = frozenset({"share", "amount"})  # the plain forms of reach and set-up have no name in a file
        made = reading.validated(cls, data, PlanError, document=document, whole="the action", unsaid=unsaid)
        made.__dict__["_document"] = document  # no field: two actions that say the same are equal
        return made

    def where(self, place: str) -> str:
        """File and line of a place such as ``reach.uptake``, as a fault's beginning; empty where no file was read."""
        document: reading.ParsedFile | None = self.__dict__.get("_document")
        if document is None or not document.file:
            return ""
        line = document.line(place.split("."))
        return f"{document.file}, line {line}: " if line else f"{document.file}: "

    def to_dict(self) -> dict[str, Any]:
        """Plain data that :meth:`from_dict` takes back, and YAML can hold."""
        dumped: dict[str, Any] = _said(self)
        return dumped

    @i18n.spoken
    def label(self, lang: str = "fi") -> str:
        """The action's name in a language, else in the first language it has."""
        row = {f"name_{key}": text for key, text in self.name.items()}
        return i18n.own_text(row, "name", lang)[0]

    def inputs(self) -> dict[str, Input]:
        """Every number by its place: ``effect``, the steps of the reach, ``cost.per_person``, …"""
        return {
            "effect": self.effect,
            **{name if name == "reach" else f"reach.{name}": step for name, step in self.reach.steps.items()},
            "cost.per_person": self.cost.per_person,
            "cost.setup": self.cost.setup.amount,
            "horizon_years": self.horizon_years,
            "retention": self.retention,
            "discount": self.discount,
            "cost.yearly": self.cost.yearly.amount,
            "cost.saving": self.cost.saving,
            "reach.risk": self.reach.risk,
            **({"reach.feasible": self.reach.feasible} if self.reach.feasible is not None else {}),
            **({"cost.step": self.cost.step.amount} if self.cost.step is not None else {}),
        }

    def _repr_html_(self) -> str:
        lang = i18n.language()
        row = {f"description_{key}": words for key, words in self.description.items()}
        about = i18n.own_text(row, "description", lang)[0]
        facts = {
            i18n.text("display.indicator", lang): self.outcome,
            i18n.text("display.dimension", lang): self.dimension,
        }
        rows = [
            {"input": name, "label": " ".join(place[1::2]), **{key: getattr(entry, key) for key in SHOWN}}
            for name, number in self.inputs().items()
            for place, entry in number.entries()
            if entry.value is not None
        ]
        frame = pd.DataFrame(rows).astype({"value": float, "lower": float, "upper": float, "year": "Int64"})
        return shown(self.label(lang), said=[about] if about else [], facts=facts, frame=frame)


def library() -> dict[str, Path]:
    """The example actions that come with the project: id → file."""
    return {path.stem: path for path in sorted(places.committed("actions").glob("*.yml"))}


def refuse(message: str, place: tuple[str, ...] = ()) -> None:
    """Raise an error that pydantic gathers with the others, at a place within the input."""
    raise PydanticCustomError("input", "{message}", {"message": message, "place": place})


def _said(model: BaseModel) -> Any:
    """Only what was said, as plain data; a number with its value alone is a plain number again."""
    said = {field: getattr(model, field) for field in type(model).model_fields if field in model.model_fields_set}
    said = {field: item for field, item in said.items() if item is not None}
    if set(said) in ({"value"}, {"share"}, {"amount"}):
        return _plain(said.popitem()[1])
    return {field: _plain(item) for field, item in said.items()}


def _plain(item: Any) -> Any:
    if isinstance(item, BaseModel):
        return _said(item)
    if isinstance(item, float) and item.is_integer():
        return int(item)
    if isinstance(item, tuple):
        return [_plain(inner) for inner in item]
    return {key: _plain(inner) for key, inner in item.items()} if isinstance(item, Mapping) else item


def _texts(entries: Any) -> Any:
    """Groups and areas named by a bare number in YAML are text all the same."""
    return {str(key): item for key, item in entries.items()} if isinstance(entries, Mapping) else entries


def _check(entry: Input, quantity: str, path: tuple[str, ...], top: Input) -> None:
    lowest, highest, allowed = _BOUNDS[quantity]
    for field in ("value", "lower", "upper"):
        number = getattr(entry, field)
        if number is not None and (not lowest <= number <= highest or (quantity == RATIO and number <= 0)):
            refuse(f"must be {allowed}; not {number:g}", (*path, field))
    if entry.value is None:
        if entry.lower is not None or entry.upper is not None:
            refuse("an interval needs its value", (*path, "lower" if entry.lower is not None else "upper"))
        if path and not entry.by_group:
            refuse("needs a value", path)
        return
    if (entry.lower is None) != (entry.upper is None):
        refuse("give both lower and upper, or neither", (*path, "lower" if entry.lower is not None else "upper"))
    if entry.lower is not None and entry.upper is not None and not entry.lower <= entry.value <= entry.upper:
        refuse(
            f"the interval {entry.lower:g} to {entry.upper:g} does not hold the value {entry.value:g}",
            (*path, "lower" if entry.lower > entry.value else "upper"),
        )
    spread = entry.distribution or (top.distribution if path else None)
    if spread is not None and spread not in DISTRIBUTIONS[quantity]:
        refuse(f"must be one of {', '.join(DISTRIBUTIONS[quantity])}; not {spread!r}", (*path, "distribution"))
    if quantity == SHARE and entry.lower is not None and entry.upper is not None and 0 < entry.value < 1:
        wide = ((entry.upper - entry.lower) / 3.92) ** 2 >= entry.value * (1 - entry.value)
        if wide and (spread or "beta") == "beta":
            refuse(
                "no beta distribution has this value with so wide an interval: narrow it, or name logit-normal",
                (*path, "upper"),
            )


def _conversion(effect: Effect, lang: str) -> list[str]:
    """The sum behind an effect; nothing for one that is published as it acts."""
    value = effect.value
    if effect.scale in ("none", "unknown"):
        return [i18n.text(f"action.conversion.{effect.scale}", lang)]
    if value is None:
        return []
    acting = float(effect.acting(value))
    small = effect.scale == "rd" and abs(value) < 0.1  # a change of a point or two needs its decimals
    said = {
        "value": i18n.number(value, lang, 4 if small else 2),
        "result": i18n.number(acting, lang, 4 if small else 3),
    }
    if effect.control is not None:
        said["control"] = i18n.percent(100 * effect.control, lang, 1)
        said["with_it"] = i18n.percent(100 * value * effect.control, lang, 1)
    if effect.sd is not None:
        said["sd"] = i18n.number(effect.sd, lang, 1)
    turned = "favourable_" if effect.favourable and effect.scale != "smd" and effect.scale != "mean_difference" else ""
    key = f"action.conversion.{turned}{'rate' if effect.scale in ('rate_ratio', 'hazard_ratio') else effect.scale}"
    lines = [i18n.text(key, lang, **said)] if turned or effect.acts_as != effect.scale else []
    if effect.wider > 1:
        lines.append(i18n.text("action.conversion.wider", lang, factor=i18n.number(effect.wider, lang, 2)))
    if effect.itt:
        lines.append(i18n.text("action.conversion.itt", lang))
    return lines
