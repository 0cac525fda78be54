"""What a plan is put together from: numbers, actors and their roles, resources, documents, and what goals rest on."""

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hyteanalysis.actions.model import refuse

if TYPE_CHECKING:
    from hyteanalysis.findings import Contrast, Finding

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
Text = Annotated[str, Field(min_length=1)]
Date = datetime.date
Verdict = Literal["worse", "reversed", "no_clear_difference", "unknown"]


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


class GoalIndicator(Part):
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


class FindingReference(Part):
    """A finding as it stood when it was referred to: its numbers, date and release.

    Answers: *is the worry justified?* ``verdict`` says what the interval of the difference between the groups allows.
    """

    id: Id
    indicator: Text
    area: Text
    dimension: Text
    period: Text
    release: Text
    date: Date
    headline: str = ""
    worst: str | None = None
    best: str | None = None
    groups: dict[str, Number] = Field(default_factory=dict)
    difference: Number | None = None
    ratio: Number | None = None
    people: float | None = None
    verdict: Verdict = "unknown"
    change: Number | None = None
    change_verdict: str = ""
    reliability: str = ""

    @property
    def justified(self) -> bool | None:
        """Whether the numbers bear the worry out; None where they cannot say."""
        return {"worse": True, "reversed": False, "no_clear_difference": False}.get(self.verdict)

    @classmethod
    def of(cls, finding: "Finding", *, id: str, date: Date, lang: str = "fi") -> "FindingReference":
        """Keep a finding as it stands today."""
        usable = finding.groups[finding.groups["estimate"].notna()]
        levels = {
            str(row["group"]): _number(row["estimate"], row.get("lower"), row.get("upper"))
            for row in usable.to_dict("records")
        }
        gap, change = finding.difference, finding.change
        return cls(
            id=id,
            indicator=finding.indicator,
            area=finding.shown_area,
            dimension=finding.dimension,
            period=finding.period,
            release=finding.release,
            date=date,
            headline=finding.headline(lang),
            worst=finding.worst,
            best=finding.best,
            groups=levels,
            difference=_contrast(gap),
            ratio=_contrast(finding.ratio),
            people=finding.people,
            verdict=gap.verdict if gap is not None else "unknown",  # type: ignore[arg-type]
            change=_contrast(change),
            change_verdict=change.verdict if change is not None else "",
            reliability=finding.reliability.grade,
        )


class Experience(Part):
    """Experiential knowledge: what people told, how it was gathered, and whether it supports the numbers.

    It stands beside a finding and is never averaged into its numbers. No name, address or other personal data.
    """

    id: Id
    text: Text
    source: Literal["hearing", "council", "feedback", "interview", "open_answers", "experts", "staff", "other"]
    consent: Literal["written", "oral", "group", "public", "not_needed"]
    date: Date | None = None
    theme: str = ""
    method: str = ""
    dimension: str | None = None
    group: str | None = None
    whom: str = ""
    participants: int | None = Field(default=None, ge=0)
    actor: Id | None = None
    finding: Id | None = None
    stance: Literal["supports", "contradicts", "adds"] = "adds"

    @model_validator(mode="after")
    def _valid(self) -> "Experience":
        if self.group is not None and self.dimension is None:
            refuse("a group needs its dimension, such as education", ("dimension",))
        if self.stance != "adds" and self.finding is None:
            refuse(f"names no finding that it {self.stance}", ("finding",))
        return self


def _number(value: float, lower: float | None, upper: float | None) -> Number:
    bounded = lower is not None and upper is not None and lower == lower and upper == upper
    return Number(value=value, lower=lower, upper=upper) if bounded else Number(value=value)


def _contrast(contrast: "Contrast | None") -> Number | None:
    return None if contrast is None else _number(contrast.estimate, contrast.lower, contrast.upper)
