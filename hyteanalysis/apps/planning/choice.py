"""What a viewer has chosen on page C, the action that waits there, and the open plan with its editions."""

import datetime
from dataclasses import dataclass, replace
from typing import ClassVar

from hyteanalysis.actions import Action
from hyteanalysis.apps.kit.address import Addressed
from hyteanalysis.apps.kit.controls import number_in
from hyteanalysis.apps.kit.library import Library
from hyteanalysis.disclosure import Release
from hyteanalysis.plan import Goal, Plan
from hyteanalysis.plan.goals import FORMS

NEW = "+"  # stands for a goal that is being made


@dataclass(frozen=True)
class PlanChoice(Addressed):
    """One state of the page.

    Attributes
    ----------
    release, goal : str
        Ids; empty = the default, and ``+`` for a goal that is being made.
    area, indicator, dimension : str
        What a new goal begins with.
    action, form, groups, reach
        The action that page B sent, waiting for a goal: its id, ``universal``, ``targeted`` or ``proportionate``, the
        groups it is aimed at, and the share of people reached. Without an action nothing waits.
    sheet : bool
        Whether the worksheet of the value discussion is shown.
    edition : int
        Which edition of the plan is shown; no part of an address.
    phone : bool
        Whether figures are drawn for a narrow screen; no part of an address.

    Examples
    --------
    >>> PlanChoice.from_query("?toimi=debt-advice&alue=HVA10&muoto=targeted&kohde=q1~q2&tavoittavuus=0.25").groups
    ('q1', 'q2')
    """

    QUERY: ClassVar[dict[str, str]] = {
        "release": "aineisto",
        "goal": "tavoite",
        "area": "alue",
        "indicator": "ind",
        "dimension": "ryhma",
        "action": "toimi",
        "form": "muoto",
        "groups": "kohde",
        "reach": "tavoittavuus",
        "sheet": "tyopohja",
    }

    release: str = ""
    goal: str = ""
    area: str = ""
    indicator: str = ""
    dimension: str = ""
    action: str = ""
    form: str = ""
    groups: tuple[str, ...] = ()
    reach: str = ""
    sheet: bool = False
    edition: int = 0
    phone: bool = False

    @property
    def reached(self) -> float | None:
        """The share of people reached, 0–1."""
        return float(self.reach) if self.reach else None

    def without_action(self) -> "PlanChoice":
        """The same with nothing waiting."""
        return replace(self, action="", form="", groups=(), reach="")

    def settled(
        self, library: Library, plan: Plan | None, actions: dict[str, Action]
    ) -> tuple["PlanChoice", tuple[str, ...]]:
        """The valid choice nearest to what was asked, and the fields that were changed for it.

        Without a release the one that knows the most of the plan's indicators is taken, the first of equals.
        """
        changed: list[str] = []
        release = self.release if self.release in library.ids else _telling(library, plan)
        if self.release and release != self.release:
            changed.append("release")
        known = [goal.id for goal in plan.goals] if plan is not None else []
        goal = self.goal
        if plan is not None and goal not in (*known, NEW):
            goal = known[0] if known else NEW
            if self.goal:
                changed.append("goal")
        found = replace(self, release=release, goal=goal)
        if not self.action:
            return found.without_action(), tuple(changed)
        if self.action not in actions:
            return found.without_action(), (*changed, "waiting")
        form = self.form if self.form in FORMS else "universal"
        groups = self.groups if form == "targeted" else ()
        if form == "targeted" and not groups:
            form = "universal"
        share = number_in(self.reach, 0, 1, decimals=4) if self.reach else None
        if self.reach and share is None:
            changed.append("reach_share")
        return replace(found, form=form, groups=groups, reach="" if share is None else f"{share:.4g}"), tuple(changed)


def _telling(library: Library, plan: Plan | None) -> str:
    """The release that holds the indicators of the most goals."""
    wanted = [goal.indicator for goal in plan.goals] if plan is not None else []

    def known(identity: str) -> int:
        there = set(library.release(identity).indicators["indicator"])
        return sum(one in there for one in wanted)

    return max(library.ids, key=known)  # of equals the first


_KEPT = 100  # editions that can be gone back to


@dataclass(frozen=True)
class Edition:
    """A plan as it is open.

    Attributes
    ----------
    plan : Plan or None
    name : str
        Name of its file.
    example : bool
        Whether it is the one shown at a first visit.
    unsaved : int
        Changes since a file was made of it.
    """

    plan: Plan | None = None
    name: str = ""
    example: bool = False
    unsaved: int = 0


class Editions:
    """The open plan; every change is a new edition, and the last one can be undone."""

    def __init__(self) -> None:
        self._editions: list[Edition] = [Edition()]
        self.number = 0
        self._plans: dict[int, Plan | None] = {0: None}

    @property
    def now(self) -> Edition:
        """The edition that is shown."""
        return self._editions[-1]

    @property
    def plan(self) -> Plan | None:
        """The open plan."""
        return self.now.plan

    @property
    def can_undo(self) -> bool:
        """Whether there is an edition to go back to."""
        return len(self._editions) > 1

    def open(self, plan: Plan, name: str, *, example: bool = False) -> None:
        """Lay another plan on the editions; what lay there can be gone back to."""
        self._lay(Edition(plan, name, example))

    def change(self, plan: Plan) -> None:
        """Lay the next edition of the open plan on the editions."""
        self._lay(replace(self.now, plan=plan, example=False, unsaved=self.now.unsaved + 1))

    def plan_of(self, number: int) -> Plan | None:
        """The plan as it was in an edition; the open one where that is long past."""
        return self._plans.get(number, self.plan)

    def undo(self) -> None:
        """Go back to the edition before."""
        if self.can_undo:
            self._editions.pop()
            self._count()

    def saved(self) -> None:
        """A file was made of what lies open."""
        self._editions[-1] = replace(self.now, unsaved=0)

    def _lay(self, edition: Edition) -> None:
        first_is_empty = len(self._editions) == 1 and self._editions[0].plan is None
        self._editions = [*([] if first_is_empty else self._editions[-_KEPT:]), edition]
        self._count()

    def _count(self) -> None:
        self.number += 1
        self._plans[self.number] = self.plan
        self._plans.pop(self.number - _KEPT, None)


def goal_of(plan: Plan | None, choice: PlanChoice) -> Goal | None:
    """The goal chosen; None while a new one is being made."""
    return None if plan is None else next((goal for goal in plan.goals if goal.id == choice.goal), None)


@dataclass(frozen=True)
class Opened:
    """What lies open on the page: what it shows is made from it, and edits begin from it.

    Attributes
    ----------
    plan : Plan or None
    goal : Goal or None
        The goal chosen; None while a new one is being made.
    release : Release
    actions : dict
        Actions with an effect, by id.
    today : date
    lang : {"fi", "sv", "en"}
    phone : bool
    """

    plan: Plan | None
    goal: Goal | None
    release: Release
    actions: dict[str, Action]
    today: datetime.date
    lang: str
    phone: bool = False
