"""An action as a planner describes it: whom it reaches, what it changes, what it costs. One YAML file an action."""

from collections.abc import Mapping
from os import PathLike
from typing import Any, ClassVar, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from hyteanalysis import i18n
from hyteanalysis.actions import reading
from hyteanalysis.actions.inputs import DIFFERENCE, RATIO, Amount, Input, Share, fault, plain
from hyteanalysis.display import shown

SHOWN = ("value", "lower", "upper", "source", "year", "grade")
STEPS = ("eligible", "offered", "uptake", "completion")


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
                fault(f"a chain ({', '.join(STEPS)}) has no {mixed[0]} of its own", (mixed[0],))
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
    name: dict[Literal["fi", "sv", "en"], str]
    description: dict[Literal["fi", "sv", "en"], str] = {}
    outcome: str = Field(min_length=1)
    dimension: str = Field(min_length=1)
    effect: Effect
    reach: Reach
    cost: Cost = Field(default_factory=Cost)
    horizon_years: Amount = Field(default_factory=lambda: Amount(value=1))
    retention: Share = Field(default_factory=lambda: Share(value=1.0))
    discount: Share = Field(default_factory=lambda: Share(value=0.0))
    notes: dict[Literal["fi", "sv", "en"], str] = {}

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
            fault("needs a name in at least one language", ("name",))
        for path, entry in self.horizon_years.entries():
            if entry.value is not None and (entry.value < 1 or entry.value % 1):
                fault(f"must be a whole number of years from 1; not {entry.value:g}", ("horizon_years", *path))
            if entry.lower is not None:
                fault("years have no interval: run the action once for each horizon", ("horizon_years", *path))
        return self

    @classmethod
    def read(cls, path: "str | PathLike[str]") -> "Action":
        """Read an action's YAML file. A fault names file, line and field."""
        return reading.validated(cls, *reading.load(path))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Action":
        """Make an action from plain data, such as a form's answers."""
        return reading.validated(cls, data)

    def to_dict(self) -> dict[str, Any]:
        """Plain data that :meth:`from_dict` takes back, and YAML can hold."""
        dumped: dict[str, Any] = plain(self)
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
