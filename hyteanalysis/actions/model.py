"""An action as a planner describes it: whom it reaches, what it changes, what it costs. One YAML file an action.

Every number may be plain (``0.3``) or carry ``{value, lower, upper, by_group, by_area, distribution, source, year,
grade}``. ``lower`` and ``upper`` are 95 % limits.
"""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from hyteanalysis import i18n, places, reading
from hyteanalysis.display import shown
from hyteanalysis.errors import PlanError

Grade = Literal["measured here", "measured elsewhere", "expert", "assumed"]
Distribution = Literal["lognormal", "normal", "beta", "logit-normal", "gamma", "uniform"]
RATIO, DIFFERENCE, SHARE, AMOUNT = "ratio", "difference", "share", "amount"
# first named is taken where the action names none
DISTRIBUTIONS = {
    RATIO: ("lognormal", "uniform"),
    DIFFERENCE: ("normal", "uniform"),
    SHARE: ("beta", "logit-normal", "uniform"),
    AMOUNT: ("gamma", "lognormal", "uniform"),
}
_BOUNDS = {
    RATIO: (0.0, float("inf"), "above 0"),
    DIFFERENCE: (-1.0, 1.0, "between -1 and 1"),
    SHARE: (0.0, 1.0, "between 0 and 1"),
    AMOUNT: (0.0, float("inf"), "0 or more"),
}
SHOWN = ("value", "lower", "upper", "source", "year", "grade")
STEPS = ("eligible", "offered", "uptake", "completion")


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
    by_group: dict[str, "Input"] = {}
    by_area: dict[str, "Input"] = {}
    distribution: Distribution | None = None
    source: str | None = None
    year: int | None = None
    grade: Grade = "assumed"

    @model_validator(mode="before")
    @classmethod
    def _spelt_out(cls, data: Any) -> Any:
        """A plain number is short for its value."""
        if isinstance(data, (int, float)) and not isinstance(data, bool):
            return {"value": data}
        if isinstance(data, Mapping):
            return {key: _texts(item) if key in ("by_group", "by_area") else item for key, item in data.items()}
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


class Share(Input):
    """A share of people, 0–1."""

    quantity: ClassVar[str] = SHARE

    @model_validator(mode="after")
    def _valid(self) -> "Share":
        self.checked(SHARE)
        return self


class Amount(Input):
    """Euros, or any amount from 0 up."""

    @model_validator(mode="after")
    def _valid(self) -> "Amount":
        self.checked(AMOUNT)
        return self


class Effect(Input):
    """What the action does to the risk of those reached: a relative risk, an odds ratio or a risk difference."""

    scale: Literal["rr", "or", "rd"]
    quantity: ClassVar[str] = RATIO

    @model_validator(mode="after")
    def _valid(self) -> "Effect":
        self.checked(DIFFERENCE if self.scale == "rd" else RATIO)
        return self


class Reach(BaseModel):
    """Share of people reached: one share, or the chain eligible × offered × uptake × completion."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: Share | None = None
    eligible: Share | None = None
    offered: Share | None = None
    uptake: Share | None = None
    completion: Share | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_form(cls, data: Any) -> Any:
        """A number or ``{value: …}`` is the share itself."""
        if isinstance(data, Mapping) and set(data) & {*STEPS, "share"}:
            if mixed := sorted(set(data) & set(Input.model_fields)):
                refuse(f"a chain ({', '.join(STEPS)}) has no {mixed[0]} of its own", (mixed[0],))
            return data
        return {"share": data}

    @property
    def steps(self) -> dict[str, Share]:
        """The shares whose product is the reach, by name; one named ``reach`` where no chain is given."""
        if self.share is not None:
            return {"reach": self.share}
        return {step: getattr(self, step) for step in STEPS if getattr(self, step) is not None}


class Cost(BaseModel):
    """Euros: for each person reached, and once to set the action up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_person: Amount = Field(default_factory=lambda: Amount(value=0.0))
    setup: Amount = Field(default_factory=lambda: Amount(value=0.0))


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
        ``{scale: rr | or | rd, value, lower, upper, by_group, by_area, …}``.
    reach : Reach
        A share of each group's people, or the chain eligible × offered × uptake × completion.
    cost : Cost, optional
        ``{per_person, setup}`` in euros.
    horizon_years : int
        Years over which person-years are counted.
    retention : Share
        Share of the effect that is left a year later.
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
    def _checked(cls, data: Any, document: reading.Document | None = None) -> "Action":
        unsaid = frozenset({"share"})  # the plain form of reach has no name in a file
        return reading.validated(cls, data, PlanError, document=document, whole="the action", unsaid=unsaid)

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
            "cost.setup": self.cost.setup,
            "horizon_years": self.horizon_years,
            "retention": self.retention,
            "discount": self.discount,
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
    if set(said) == {"value"} or set(said) == {"share"}:
        return _plain(said.popitem()[1])
    return {field: _plain(item) for field, item in said.items()}


def _plain(item: Any) -> Any:
    if isinstance(item, BaseModel):
        return _said(item)
    if isinstance(item, float) and item.is_integer():
        return int(item)
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
