"""What a goal rests on: findings kept with their numbers, and experience told in people's own words."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from hyteanalysis.actions.model import refuse
from hyteanalysis.plan.parts import Date, Id, Number, Part, Text

if TYPE_CHECKING:
    from hyteanalysis.findings import Contrast, Finding

Verdict = Literal["worse", "reversed", "no_clear_difference", "unknown"]


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
