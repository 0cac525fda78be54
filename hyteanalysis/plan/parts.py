"""What a plan is put together from: numbers with intervals, actors with roles, resources, measures, documents."""

import datetime
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hyteanalysis.actions.model import refuse

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
Text = Annotated[str, Field(min_length=1)]
Date = datetime.date


class Part(BaseModel):
    """A frozen part of a plan; a field it does not know is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def to_dict(self) -> dict[str, Any]:
        """Plain data of what was said, in the order of the fields."""
        return {name: _plain(getattr(self, name)) for name in type(self).model_fields if self._said(name)}

    def _said(self, name: str) -> bool:
        """Whether a field was given, or differs from what it is when nothing is said."""
        value = getattr(self, name)
        return value is not None and (
            name in self.model_fields_set
            or bool(value != type(self).model_fields[name].get_default(call_default_factory=True))
        )


def _plain(item: Any) -> Any:
    if type(item) is Number and item.lower is None:
        return _plain(item.value)
    if isinstance(item, Part):
        return item.to_dict()
    if isinstance(item, Mapping):
        return {key: _plain(inner) for key, inner in item.items()}
    if isinstance(item, (list, tuple)):
        return [_plain(inner) for inner in item]
    return int(item) if isinstance(item, float) and item.is_integer() else item


class Number(Part):
    """A value with its 95 % limits, in the indicator's unit; a plain number is short for the value alone."""

    value: float = Field(allow_inf_nan=False)
    lower: float | None = Field(default=None, allow_inf_nan=False)
    upper: float | None = Field(default=None, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _spelt_out(cls, data: Any) -> Any:
        return {"value": data} if isinstance(data, (int, float)) and not isinstance(data, bool) else data

    @model_validator(mode="after")
    def _brackets(self) -> "Number":
        if (self.lower is None) != (self.upper is None):
            refuse("give both lower and upper, or neither", ("lower" if self.lower is not None else "upper",))
        if self.lower is not None and self.upper is not None and not self.lower <= self.value <= self.upper:
            refuse(
                f"the interval {self.lower:g} to {self.upper:g} does not hold the value {self.value:g}",
                ("lower" if self.lower > self.value else "upper",),
            )
        return self


class Actor(Part):
    """Who carries something out: an office or an organisation, never a person."""

    id: Id
    name: Text
    kind: Literal["municipality", "county", "state", "organisation", "company", "parish", "other"] = "other"
    contact: str = ""


class Role(Part):
    """An actor's part in a goal or an action: one leads, any number are partners."""

    actor: Id
    role: Literal["lead", "partner"]


class Resource(Part):
    """What carrying it out takes, and where that comes from."""

    kind: Literal["money", "staff", "space", "other"] = "money"
    amount: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    unit: str = ""
    source: str = ""
    note: str = ""


class Measure(Part):
    """A further indicator of a goal: of its outcome, or of the process that leads there."""

    title: Text
    purpose: Literal["outcome", "process"]
    indicator: str | None = None
    unit: str = ""
    baseline: Number | None = None
    now: Number | None = None
    target: Number | None = None
    source: str = ""


class Forum(Part):
    """Where the plan was prepared together: who took part, when, how many."""

    name: Text
    date: Date | None = None
    organisations: tuple[Text, ...] = ()
    participants: int | None = Field(default=None, ge=0)


class WorkingGroup(Part):
    """The group that prepares the plan: organisations, not persons."""

    name: str = ""
    organisations: tuple[Text, ...] = ()
    met: tuple[Date, ...] = ()
    note: str = ""


class SourceDocument(Part):
    """A separate plan or programme that was gathered in."""

    id: Id
    title: Text
    organisation: Text
    years: str = ""
    link: str = ""
    goals: tuple[Id, ...] = ()
    note: str = ""


class Omitted(Part):
    """An indicator of the recommended minimum content that was left out, and why."""

    indicator: Text
    title: str = ""
    reason: str = ""
