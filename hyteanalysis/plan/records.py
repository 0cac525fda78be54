"""What was done and agreed: follow-ups of goals, and the record of a value discussion."""

from typing import Literal

from pydantic import Field

from hyteanalysis.plan.parts import Date, Id, Number, Part, Text

GROUNDS = ("facts", "experience", "values", "commitments", "stakeholders")


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


class Participants(Part):
    """A population group or organisation that took part in a value discussion."""

    name: Text
    number: int | None = Field(default=None, ge=0)


class Said(Part):
    """A joy, worry or value raised: by whom, and which finding it was checked against."""

    text: Text
    by: str = ""
    finding: Id | None = None


class Option(Part):
    """A way of doing it that was weighed against another."""

    name: Text
    note: str = ""


class Switch(Part):
    """The switch value shown to the group: from which weight of the worst-off on the other option is better."""

    above: str = ""
    below: str = ""
    aversion: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    weight: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    index: Literal["atkinson", "kolm"] = "atkinson"
    text: str = ""


class Ground(Part):
    """What a decision rests on."""

    kind: Literal["facts", "experience", "values", "commitments", "stakeholders"]
    text: Text
    finding: Id | None = None
    experience: Id | None = None


class Deliberation(Part):
    """The record of a value discussion: who took part, what was raised, on which grounds what was decided.

    ``aversion`` is the ε the group chose, if it chose one; ``switch`` the switch value it was shown. ``priorities`` are
    in the order agreed, and ``criteria`` say by what.
    """

    id: Id
    title: Text
    date: Date
    participants: tuple[Participants, ...] = ()
    joys: tuple[Said, ...] = ()
    worries: tuple[Said, ...] = ()
    values: tuple[Said, ...] = ()
    criteria: tuple[Text, ...] = ()
    priorities: tuple[Text, ...] = ()
    options: tuple[Option, ...] = ()
    aversion: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    switch: Switch | None = None
    grounds: tuple[Ground, ...] = ()
    goals: tuple[Id, ...] = ()
    decision: str = ""
    dissent: str = ""
