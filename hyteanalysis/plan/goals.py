"""Goals with their baselines and targets, the actions that lead there, and what was done about them."""

from typing import Literal

from pydantic import Field, model_validator

from hyteanalysis.actions.model import refuse
from hyteanalysis.display import shown
from hyteanalysis.findings.contrasts import last_year
from hyteanalysis.i18n import Unit, date, language, text
from hyteanalysis.plan.parts import Date, GoalIndicator, Id, Number, Part, Resource, Role, Text

FORMS = ("universal", "targeted", "proportionate")
Form = Literal["universal", "targeted", "proportionate"]


class Baseline(Number):
    """Where the goal starts: the number kept with its interval, period and release."""

    period: Text
    release: str = ""
    date: Date | None = None
    respondents: float | None = Field(default=None, ge=0)


class Target(Part):
    """Where the goal leads: a value in the indicator's unit, and the date by which."""

    value: float = Field(allow_inf_nan=False)
    date: Date


class Forecast(Part):
    """What an action was reckoned to lead to, by group: an estimate under its assumptions, kept when it was made.

    ``dimension`` is the grouping, the goal's own where none is named.
    """

    period: Text
    made: Date
    release: str = ""
    dimension: str | None = None
    groups: dict[str, Number] = Field(min_length=1)


class ActionReference(Part):
    """An action of a goal: for whom, by whom, with what, when; ``action`` names the file of its effect."""

    id: Id
    title: Text
    action: str | None = None
    form: Form = "universal"
    groups: tuple[Text, ...] = ()
    area: str | None = None
    reach: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)
    actors: tuple[Role, ...] = ()
    resources: tuple[Resource, ...] = ()
    starts: Date | None = None
    ends: Date | None = None
    status: Literal["planned", "ongoing", "done", "dropped"] = "planned"
    forecast: Forecast | None = None
    note: str = ""

    @model_validator(mode="after")
    def _valid(self) -> "ActionReference":
        if self.form == "targeted" and not self.groups:
            refuse("a targeted action names its groups", ("groups",))
        if self.starts and self.ends and self.ends < self.starts:
            refuse(f"{self.ends} is before the start, {self.starts}", ("ends",))
        one_lead(self.actors)
        return self


class Goal(Part):
    """A goal: one outcome indicator of one group in one area, from a kept baseline to a dated target.

    Parameters
    ----------
    id, title, theme, grounds : str
        ``grounds`` is why this goal was chosen.
    indicator, area, dimension, group : str
        The outcome indicator, and whom it is followed for.
    baseline : Baseline
    target : Target
    threshold : float, optional
        The level that must not be passed on the worse side.
    certainty : {"interval", "estimate"}
        Whether a state needs the interval (default), or the estimate alone decides (figures that cover everybody).
    findings, experiences, rules : tuple of str
        Ids of what it rests on.
    actors : tuple of Role
    measures : tuple of Measure
        Further indicators, outcome and process apart.
    actions : tuple of ActionReference
    next_check : date, optional
    """

    id: Id
    title: Text
    indicator: Text
    area: Text
    dimension: Text = "total"
    group: Text = "total"
    baseline: Baseline
    target: Target
    threshold: float | None = Field(default=None, allow_inf_nan=False)
    theme: str = ""
    grounds: str = ""
    certainty: Literal["interval", "estimate"] = "interval"
    findings: tuple[Id, ...] = ()
    experiences: tuple[Id, ...] = ()
    rules: tuple[Id, ...] = ()
    actors: tuple[Role, ...] = ()
    measures: tuple[GoalIndicator, ...] = ()
    actions: tuple[ActionReference, ...] = ()
    next_check: Date | None = None

    @model_validator(mode="after")
    def _valid(self) -> "Goal":
        start = self.baseline.date
        if start is not None and self.target.date <= start:
            refuse(f"{self.target.date} is not after the baseline's date, {start}", ("target", "date"))
        year = last_year(self.baseline.period)
        if year is not None and self.target.date.year < year:
            refuse(f"{self.target.date} is before the baseline's period, {self.baseline.period}", ("target", "date"))
        if self.target.value == self.baseline.value:
            refuse("is the baseline: nothing would change", ("target", "value"))
        falls = self.target.value < self.baseline.value
        if self.threshold is not None and (self.threshold <= self.target.value) == falls:
            refuse(
                f"{self.threshold:g} lies on the side of the target ({self.target.value:g}): "
                "the threshold is the level that must not be passed",
                ("threshold",),
            )
        one_lead(self.actors)
        return self

    @property
    def falls(self) -> bool:
        """Whether the goal is to bring the number down."""
        return self.target.value < self.baseline.value

    @property
    def lead(self) -> str | None:
        """Id of the actor in charge."""
        return next((role.actor for role in self.actors if role.role == "lead"), None)

    def _repr_html_(self) -> str:
        lang, start = language(), self.baseline
        unit = Unit.of({}, [start.value, self.target.value])
        level = unit.number(start.value, lang)
        if start.lower is not None and start.upper is not None:
            level += f" ({unit.interval(start.lower, start.upper, lang)})"
        facts = {
            text("display.indicator", lang): self.indicator,
            text("display.area", lang): self.area,
            text("display.group", lang): f"{self.dimension}: {self.group}",
            text("display.baseline", lang): f"{level}, {start.period}",
            text("display.target", lang): f"{unit.number(self.target.value, lang)}, {date(self.target.date, lang)}",
            text("display.threshold", lang): unit.number(self.threshold, lang) if self.threshold is not None else "",
            text("display.lead", lang): self.lead or "",
            text("display.next_check", lang): date(self.next_check, lang) if self.next_check else "",
            text("display.action", lang): "; ".join(action.title for action in self.actions),
        }
        known = {name: said for name, said in facts.items() if said}
        return shown(self.title, said=[self.grounds] if self.grounds else [], facts=known)


def one_lead(actors: tuple[Role, ...]) -> None:
    """Raise a fault where two lead, or one actor stands there twice."""
    leads = [role.actor for role in actors if role.role == "lead"]
    if len(leads) > 1:
        refuse(f"one actor leads, the others are partners; here {', '.join(leads)} all lead", ("actors",))
    names = [role.actor for role in actors]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        refuse(f"{twice[0]} stands there twice", ("actors",))


class Compared(Part):
    """What was forecast for a group, and what was observed."""

    observed: Number | None = None
    forecast: Number | None = None


class FollowUp(Part):
    """A look at a goal: when, by which office, what was seen and decided; forecast against observed by group."""

    id: Id
    goal: Id
    date: Date
    actor: Id
    observation: Text
    decision: str = ""
    period: str = ""
    release: str = ""
    groups: dict[str, Compared] = Field(default_factory=dict)
