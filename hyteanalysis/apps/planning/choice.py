"""What a viewer has chosen on page C, and the action that waits there for a plan."""

from dataclasses import dataclass, replace
from typing import ClassVar

from traitlets import Bool, Int, Tuple, Unicode

from hyteanalysis.actions import Action
from hyteanalysis.apps.address import Addressed, PageState
from hyteanalysis.apps.library import Library
from hyteanalysis.apps.number_field import number_in
from hyteanalysis.plan import Plan
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


class PlanState(PageState):
    """The choice as traits: widgets set them, the page observes them."""

    selected = PlanChoice

    release = Unicode()
    goal = Unicode()
    area = Unicode()
    indicator = Unicode()
    dimension = Unicode()
    action = Unicode()
    form = Unicode()
    groups = Tuple()
    reach = Unicode()
    sheet = Bool(False)
    edition = Int(0)
    phone = Bool(False)


def settle(
    asked: PlanChoice, library: Library, plan: Plan | None, actions: dict[str, Action]
) -> tuple[PlanChoice, tuple[str, ...]]:
    """The valid choice nearest to what was asked, and the fields that were changed for it."""
    changed: list[str] = []
    release = asked.release if asked.release in library.ids else library.ids[0]
    if asked.release and release != asked.release:
        changed.append("release")
    known = [goal.id for goal in plan.goals] if plan is not None else []
    goal = asked.goal
    if plan is not None and goal not in (*known, NEW):
        goal = known[0] if known else NEW
        if asked.goal:
            changed.append("goal")
    found = replace(asked, release=release, goal=goal)
    if not asked.action:
        return found.without_action(), tuple(changed)
    if asked.action not in actions:
        return found.without_action(), (*changed, "waiting")
    form = asked.form if asked.form in FORMS else "universal"
    groups = asked.groups if form == "targeted" else ()
    if form == "targeted" and not groups:
        form = "universal"
    share = number_in(asked.reach, 0, 1, decimals=4) if asked.reach else None
    if asked.reach and share is None:
        changed.append("reach_share")
    return replace(found, form=form, groups=groups, reach="" if share is None else f"{share:.4g}"), tuple(changed)
