"""What page C computes: a view of each part, from the open plan, the choice and the release alone; no widgets."""

import datetime
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hyteanalysis.actions import Action
from hyteanalysis.apps.planning import chosen, overview, ruled, talks
from hyteanalysis.apps.planning.choice import PlanChoice
from hyteanalysis.disclosure import Release
from hyteanalysis.plan import Goal, Plan, forecasts

OF_THE_PLAN = ("answer", "goals", "overview", "compared", "rules", "talk", "check")  # whichever goal is chosen


@dataclass(frozen=True)
class Setting:
    """What the views are made from.

    Attributes
    ----------
    plan : Plan
    goal : Goal or None
        The goal chosen; None while a new one is being made.
    release : Release
    actions : dict
        Actions with an effect, by id.
    today : date
    lang : {"fi", "sv", "en"}
    phone : bool
    """

    plan: Plan
    goal: Goal | None
    release: Release
    actions: dict[str, Action]
    today: datetime.date
    lang: str
    phone: bool = False


def goal_of(plan: Plan | None, choice: PlanChoice) -> Goal | None:
    """The goal chosen; None while a new one is being made."""
    return None if plan is None else next((goal for goal in plan.goals if goal.id == choice.goal), None)


def key(part: str, choice: PlanChoice, plan: Plan | None) -> Hashable:
    """What of a choice a part depends on; a figure of the release does not change with the plan's words."""
    if part == "reason":
        goal = goal_of(plan, choice)
        return (choice.release, goal and (goal.indicator, goal.area, goal.dimension), choice.phone)
    whole = (choice.release, choice.edition)
    if part == "sheet":
        return (*whole, choice.phone) if choice.sheet else None
    return whole if part in OF_THE_PLAN else (*whole, choice.goal)


def compute(part: str, setting: Setting, known: Any = None) -> Any:
    """The view of a part.

    Parameters
    ----------
    part : str
    setting : Setting
    known : optional
        For ``answer`` and ``goals`` the overview, for ``follow_up`` the frame of forecasts.
    """
    plan, goal, release, lang = setting.plan, setting.goal, setting.release, setting.lang
    if part == "overview":
        return overview.overview(plan, release, lang, setting.today)
    if part == "compared":
        return forecasts(plan, release)
    if part == "answer":
        return overview.box(known, lang)
    if part == "goals":
        return overview.table(known, lang)
    if part == "rules":
        return ruled.html(plan, release, setting.actions, lang)
    if part == "sheet":
        return talks.sheet(plan, release, lang, phone=setting.phone)
    if part == "talk":
        return talks.record(plan, lang)
    if part == "check":
        return talks.lacks(plan, release, lang, setting.today)
    return None if goal is None else _of_a_goal(part, setting, goal, known)


def _of_a_goal(part: str, setting: Setting, goal: Goal, known: pd.DataFrame) -> Any:
    plan, release, lang = setting.plan, setting.release, setting.lang
    if part == "reason":
        return chosen.figure(goal, release, lang, phone=setting.phone)
    if part == "goal":
        return chosen.grounds(goal, plan, lang)
    if part == "actions":
        return chosen.actions(goal, plan, release, lang)
    if part == "measures":
        return chosen.measures(goal, lang)
    if part == "experience":
        return chosen.experiences(goal, plan, lang)
    return chosen.follow_ups(goal, plan, release, known, lang)
