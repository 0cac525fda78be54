"""The value discussion: its record, and its sheet of joys and worries, indicator check, priorities, goals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd
from pydantic import Field

from hyteanalysis.display import shown
from hyteanalysis.errors import PlanError, one_of
from hyteanalysis.findings import Finding, findings
from hyteanalysis.findings.selection import discovered, times
from hyteanalysis.findings.sentences import NAMED, interval
from hyteanalysis.i18n import integer, language, spoken, text
from hyteanalysis.plan.parts import Date, Id, Part, Text

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release
    from hyteanalysis.plan.model import Plan

GROUNDS = ("facts", "experience", "values", "commitments", "stakeholders")
MOST = 8  # matters on one sheet
BLANK = 22 * "_"  # to be written on
COLUMNS = ["indicator", "area", "dimension", "period", "worst", "difference", "lower", "upper", "people", "verdict"]


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


@dataclass(frozen=True)
class Worksheet:
    """What a working group has before it, and room for what it decides.

    Attributes
    ----------
    findings : list of Finding
        Largest group differences first; those the plan refers to come before the others.
    deliberation : Deliberation or None
        The record so far.
    table : DataFrame
        The numbers: ``indicator, area, dimension, period, worst, difference, lower, upper, people, verdict``.
        ``worst`` where the gap is clear: all groups that may be the worst off, parted by semicolons. ``people`` (or
        cases): how many fewer, of something good more, at the best group's level. What stands there for the size of
        its gap is clear among all that it was chosen from.
    """

    findings: list[Finding]
    deliberation: "Deliberation | None"
    table: pd.DataFrame
    goals: dict[str, str]

    @spoken
    def sections(self, lang: str = "fi") -> list[tuple[str, str, list[str]]]:
        """Heading, instruction and lines of the four steps, with blanks to be written on."""
        talk = self.deliberation
        joys = [_by(one.text, one.by) for one in talk.joys] if talk else []
        worries = [_by(one.text, one.by) for one in talk.worries] if talk else []
        criteria = list(talk.criteria) if talk else []
        ranked = [self.goals.get(one, one) for one in talk.priorities] if talk else []
        return [
            (
                text("plan.sheet.joys", lang),
                text("plan.sheet.joys_how", lang),
                [
                    *(text("plan.sheet.joy", lang, text=one) for one in joys or [BLANK]),
                    *(text("plan.sheet.worry", lang, text=one) for one in worries or [BLANK]),
                ],
            ),
            (
                text("plan.sheet.check", lang),
                text("plan.sheet.check_how", lang),
                [_checked(one, verdict, lang) for one, verdict in self.checked()],
            ),
            (
                text("plan.sheet.priorities", lang),
                text("plan.sheet.priorities_how", lang),
                [
                    *(text("plan.sheet.criterion", lang, text=one) for one in criteria or default_criteria(lang)),
                    *(f"{place}. {one}" for place, one in enumerate(ranked or [BLANK] * 3, 1)),
                    *([talk.switch.text] if talk and talk.switch and talk.switch.text else []),
                ],
            ),
            (
                text("plan.sheet.goals", lang),
                text("plan.sheet.goals_how", lang),
                [talk.decision, *([text("plan.sheet.dissent", lang, text=talk.dissent)] if talk.dissent else [])]
                if talk and talk.decision
                else [BLANK],
            ),
        ]

    def checked(self) -> list[tuple[Finding, str]]:
        """Each finding with the verdict on its gap."""
        return list(zip(self.findings, self.table["verdict"], strict=True))

    @spoken
    def text(self, lang: str = "fi") -> str:
        """The whole sheet as plain text (Markdown), with lines to write on."""
        parts = [f"# {text('plan.sheet.title', lang)}"]
        for step, (heading, how, lines) in enumerate(self.sections(lang), 1):
            body = [f"- {line}" for line in lines]
            parts.append("\n".join([f"## {step}. {heading}", "", how, "", *body]))
        return "\n\n".join(parts) + "\n"

    def _repr_html_(self) -> str:
        lang = language()
        steps = enumerate(self.sections(lang), 1)
        said = [line for step, (heading, _, lines) in steps for line in (f"{step}. {heading}", *lines)]
        return shown(text("plan.sheet.title", lang), said=said, frame=self.table)


def worksheet(
    release: "Release",
    *,
    area: str,
    dimension: str,
    plan: "Plan | None" = None,
    deliberation: str | None = None,
    indicators: Sequence[str] | None = None,
) -> Worksheet:
    """Prepare a value discussion: the area's largest group differences beside what people raise.

    Parameters
    ----------
    release : Release
    area, dimension : str
    plan : Plan, optional
        Its findings come first, and its record is filled in.
    deliberation : str, optional
        Id of the record; by default the plan's newest.
    indicators : list of str, optional
        Matters to check; by default those of the plan, then the largest differences, eight in all.

    Raises
    ------
    PlanError
        An unknown deliberation.
    HyteError
        An indicator or dimension that the release does not hold.
    """
    kept = [one for one in plan.findings if one.indicator in set(release.indicators["indicator"])] if plan else []
    settings: dict[tuple[str, str], list[str]] = {}
    for one in kept:
        settings.setdefault((one.area, one.dimension), []).append(one.indicator)
    found = [
        one
        for (place, by), names in settings.items()
        for one in findings(release, area=place, dimension=by, indicators=names)
    ]
    taken = {(one.indicator, one.dimension) for one in found}
    others = findings(release, area=area, dimension=dimension, indicators=indicators)
    others = [one for one in others if (one.indicator, one.dimension) not in taken and one.difference is not None]
    found = found if indicators is None else []
    # what is shown for the size of its gap is clear only among all that it was chosen from
    sure = {id(others[at]) for at in discovered({at: one.difference for at, one in enumerate(others)})}
    others.sort(key=times, reverse=True)
    chosen = sorted(others, key=lambda one: (one.shown_area != area, id(one) not in sure or not times(one)))
    verdicts = [_verdict(one, True) for one in found] + [_verdict(one, id(one) in sure) for one in chosen]
    found, verdicts = [*found, *chosen][:MOST], verdicts[:MOST]
    talk = None
    if plan is not None and plan.deliberations:
        known = {one.id: one for one in plan.deliberations}
        newest = max(plan.deliberations, key=lambda one: one.date).id
        talk = known[one_of(deliberation or newest, list(known), "deliberation", PlanError)]
    goals = {goal.id: goal.title for goal in plan.goals} if plan is not None else {}
    rows = [_row(one, verdict) for one, verdict in zip(found, verdicts, strict=True)]
    return Worksheet(found, talk, pd.DataFrame(rows, columns=COLUMNS), goals)


@spoken
def default_criteria(lang: str = "fi") -> list[str]:
    """Criteria to begin with, all visible: how many, how unequal, can we act, what people hold important."""
    return [text(f"plan.criterion.{name}", lang) for name in ("people", "gap", "power", "importance")]


def _checked(one: Finding, verdict: str, lang: str) -> str:
    """A finding in one line: the gap, whether that is sure, and only then who is worst off; all that may be."""
    title, gap = one.names.indicator(one.indicator, lang), one.difference
    if one.shown_area != one.asked_area:  # another area's, shown in its stead
        title = f"{title} ({one.names.area(one.shown_area, lang)})"
    if one.worst is None or gap is None:
        return text("plan.sheet.line_none", lang, title=title)
    said = {
        "title": title,
        "difference": one.unit.difference(gap.estimate, lang),
        "interval": interval(one, gap, lang),
        "verdict": text(f"plan.justified.{verdict}", lang),
    }
    if verdict not in CLEAR:
        first, second = (one.names.group(one.dimension, group, lang) for group in gap.between)
        return text("plan.sheet.line_unclear", lang, first=first, second=second, **said)
    worst = [one.worst, *one.tied]
    if len(worst) > NAMED:
        return text("plan.sheet.line_many", lang, number=integer(len(worst), lang), **said)
    labels = "; ".join(one.names.group(one.dimension, group, lang) for group in worst)
    level = one.groups.set_index("group").loc[one.worst, "estimate"]
    return text("plan.sheet.line", lang, group=labels, level=one.unit.level(level, lang), **said)


def _by(said: str, who: str) -> str:
    return f"{said} ({who})" if who else said


CLEAR = ("worse", "reversed")  # verdicts by which somebody is worst off


def _verdict(one: Finding, sure: bool) -> str:
    """That of the gap, unless it may be chance among all that it was chosen from."""
    said = "unknown" if one.difference is None else one.difference.verdict
    return said if sure or said not in CLEAR else "no_clear_difference"


def _row(one: Finding, verdict: str) -> dict[str, object]:
    gap, clear = one.difference, verdict in CLEAR
    return {
        "indicator": one.indicator,
        "area": one.shown_area,
        "dimension": one.dimension,
        "period": one.period,
        "worst": "; ".join([one.worst, *one.tied]) if clear and one.worst is not None else None,
        "difference": gap.estimate if gap else float("nan"),
        "lower": gap.lower if gap else float("nan"),
        "upper": gap.upper if gap else float("nan"),
        "people": one.people if clear and one.people is not None else float("nan"),
        "verdict": verdict,
    }
