"""Goals and their actions changed: pure functions from a plan and what was typed to the next plan, or Refused."""

import datetime
from typing import Any

from hyteanalysis.actions import Action, impact
from hyteanalysis.apps.planning.refusal import Refused, without_personal_data
from hyteanalysis.apps.planning.typed import Said, fresh, needed, number_of, taken, with_
from hyteanalysis.disclosure import Release
from hyteanalysis.errors import HyteError
from hyteanalysis.findings import finding
from hyteanalysis.plan import Baseline, FindingReference, Goal, Plan, forecast
from hyteanalysis.plan.numbers import Asked, newest, series


def baseline(release: Release, asked: Asked, today: datetime.date) -> Baseline:
    """The newest number of an indicator, group and area, as a goal keeps it; Refused where there is none."""
    rows = newest(series(release, [asked]))
    if rows.empty or rows["estimate"].isna().all():
        raise Refused("no_number")
    row = rows.iloc[0]
    limits = {} if row[["lower", "upper"]].isna().any() else {"lower": row["lower"], "upper": row["upper"]}
    people = {} if row[["respondents"]].isna().any() else {"respondents": row["respondents"]}
    return Baseline(value=row["estimate"], period=row["period"], release=release.id, date=today, **limits, **people)


def save_goal(plan: Plan, id: str | None, said: Said, release: Release, today: datetime.date) -> tuple[Plan, str]:
    """A goal changed, or with ``id`` None a new one; its baseline comes from the release. Also gives its id."""
    without_personal_data(said["title"], said["grounds"], said["theme"])
    old = plan.goal(id) if id is not None else None
    needed(said, "title")
    if old is None:
        asked = Asked(said["indicator"], said["area"], said["dimension"], said["group"])
        start: dict[str, Any] = dict(zip(("indicator", "area", "dimension", "group"), asked, strict=True))
        start |= {
            "id": fresh(said["title"], (goal.id for goal in plan.goals)),
            "baseline": baseline(release, asked, today),
        }
    else:
        start = {name: getattr(old, name) for name in Goal.model_fields if name in old.model_fields_set}
    target, threshold = number_of(said, "target"), number_of(said, "threshold", needed_here=False)
    if target is None:
        raise Refused("needed", field="target")
    when = said["target_date"]
    if not isinstance(when, datetime.date):
        raise Refused("needed", field="target_date")
    kept: Baseline = start["baseline"]
    favourable = bool(release.indicators.set_index("indicator")["favourable"].get(start["indicator"], False))
    if target == kept.value or (target > kept.value) != favourable:
        raise Refused("target_side_up" if favourable else "target_side_down")
    if threshold is not None and (threshold <= target) != favourable:
        raise Refused("threshold_side")
    if when <= today and old is None:
        raise Refused("target_date")
    roles = [{"actor": said["lead"], "role": "lead"}] if said["lead"] else []
    roles += [{"actor": one, "role": "partner"} for one in said["partners"] if one != said["lead"]]
    values = {
        **start,
        "title": said["title"].strip(),
        "theme": said["theme"].strip(),
        "grounds": said["grounds"].strip(),
        "target": {"value": target, "date": when},
        "threshold": threshold,
        "actors": roles,
        "next_check": said["next_check"],
    }
    values = {name: value for name, value in values.items() if value not in (None, "", [])}
    goals = [values if goal.id == id else goal for goal in plan.goals]
    return taken(plan, goals=goals if old is not None else [*goals, values]), str(values["id"])


def refresh(plan: Plan, goal: Goal, release: Release, today: datetime.date, lang: str) -> Plan:
    """The finding behind a goal taken anew from the release, with its numbers, date and release."""
    if goal.dimension == "total":
        raise Refused("no_groups")
    try:
        found = finding(release, indicator=goal.indicator, area=goal.area, dimension=goal.dimension)
    except HyteError as error:
        raise Refused("no_number", str(error)) from None
    if "no_data" in found.states:
        raise Refused("no_number")
    mine = [one for one in plan.findings if one.id in goal.findings]
    same = [one.id for one in mine if (one.indicator, one.dimension) == (goal.indicator, goal.dimension)]
    id = same[0] if same else fresh(f"{goal.id}-finding", (one.id for one in plan.findings))
    kept = FindingReference.of(found, id=id, date=today, lang=lang)
    findings = [kept if one.id == id else one for one in plan.findings] if same else [*plan.findings, kept]
    goals = (
        plan.goals
        if same
        else [with_(one, findings=(*one.findings, id)) if one.id == goal.id else one for one in plan.goals]
    )
    return taken(plan, findings=findings, goals=goals)


def add_action(
    plan: Plan, goal: Goal, said: Said, release: Release, actions: dict[str, Action], today: datetime.date
) -> Plan:
    """An action of a goal; with an effect and a reach also what it is reckoned to lead to, by group."""
    without_personal_data(said["title"], said["note"])
    needed(said, "title")
    groups = [one for one in said["groups"] if one]
    if said["form"] == "targeted" and not groups:
        raise Refused("needed", field="groups")
    reach = number_of(said, "reach", needed_here=False, low=0, high=100)
    money = number_of(said, "money", needed_here=False, low=0, whole=True)
    if said["starts"] and said["ends"] and said["ends"] < said["starts"]:
        raise Refused("ends_first")
    roles = [{"actor": said["lead"], "role": "lead"}] if said["lead"] else []
    roles += [{"actor": one, "role": "partner"} for one in said["partners"] if one != said["lead"]]
    taken_ids = (action.id for one in plan.goals for action in one.actions)
    values: dict[str, Any] = {
        "id": fresh(said["title"], taken_ids), "title": said["title"].strip(), "action": said["effect"] or None,
        "form": said["form"], "groups": groups if said["form"] == "targeted" else [],
        "reach": None if reach is None else reach / 100, "actors": roles,
        "starts": said["starts"], "ends": said["ends"],
        "resources": [] if money is None else [{"kind": "money", "amount": money, "unit": "€"}],
        "note": said["note"].strip(),
    }  # fmt: skip
    effect = actions.get(said["effect"])
    if effect is not None and effect.outcome == goal.indicator:
        values["forecast"] = reckoned(effect, goal, release, values["reach"], said["form"], groups, today)
    values = {name: value for name, value in values.items() if value not in (None, "", [])}
    return taken(
        plan, goals=[with_(one, actions=[*one.actions, values]) if one.id == goal.id else one for one in plan.goals]
    )


def reckoned(
    action: Action,
    goal: Goal,
    release: Release,
    reach: float | None,
    form: str,
    groups: list[str],
    today: datetime.date,
) -> Any:
    """What an action is reckoned to lead to by the target's year; None where it cannot be reckoned here.

    A reach of one's own holds for all groups, or with a targeted form for those named and nobody else. A proportionate
    one keeps the action's own reach by group.
    """
    data = action.to_dict()
    if reach is not None and form == "universal":
        data["reach"] = reach
    elif reach is not None and form == "targeted":
        known = release.select(indicator=action.outcome, dimension=action.dimension)["group"].unique()
        data["reach"] = {"value": reach, "by_group": {one: reach if one in groups else 0.0 for one in known}}
    try:
        found = impact(release, Action.from_dict(data), areas=goal.area, draws=1_000, seed=1)
        return forecast(found, release, area=goal.area, period=str(goal.target.date.year), made=today)
    except HyteError:
        return None
