"""What is written down beside goals: actors, measures, experience, follow-ups, value discussions."""

from typing import Any

from hyteanalysis.apps.planning.refusal import Refused, without_personal_data
from hyteanalysis.apps.planning.typed import Said, fresh, lines, needed, number_of, participants, taken, with_
from hyteanalysis.disclosure import Release
from hyteanalysis.plan import Goal, Plan, forecasts


def begun(said: Said, release: Release, lang: str) -> Plan:
    """A new plan without goals; every outcome indicator of the release is to be used, or left out with a reason."""
    without_personal_data(said["title"], said["organisation"])
    needed(said, "title", "organisation", "plan_area")
    years = [number_of(said, name, low=1990, high=2100) for name in ("first_year", "last_year")]
    first, last = (round(year or 0) for year in years)
    if last < first:
        raise Refused("years")
    meta = release.indicators
    outcomes = meta.loc[meta["purpose"] == "outcome", "indicator"] if "purpose" in meta else meta["indicator"]
    return Plan(
        title=said["title"].strip(),
        organisation=said["organisation"].strip(),
        area=said["plan_area"],
        first_year=first,
        last_year=last,
        language=lang,  # type: ignore[arg-type]
        synthetic=release.synthetic,
        minimum_content=tuple(outcomes),
    )


def add_actor(plan: Plan, said: Said) -> Plan:
    """An office or organisation that carries something out."""
    without_personal_data(said["name"])
    needed(said, "name")
    if said["name"].strip().casefold() in {one.name.casefold() for one in plan.actors}:
        raise Refused("twice")
    actor = {
        "id": fresh(said["name"], (one.id for one in plan.actors)),
        "name": said["name"].strip(),
        "kind": said["kind"],
    }
    return taken(plan, actors=[*plan.actors, actor])


def add_measure(plan: Plan, goal: Goal, said: Said) -> Plan:
    """A further indicator of a goal: of its process or of its outcome."""
    without_personal_data(said["title"], said["source"])
    needed(said, "title")
    values = {"title": said["title"].strip(), "purpose": said["purpose"], "unit": said["unit"].strip()}
    values |= {name: number_of(said, name, needed_here=False) for name in ("baseline", "now", "target")}
    values["source"] = said["source"].strip()
    values = {name: value for name, value in values.items() if value not in (None, "")}
    return taken(
        plan, goals=[with_(one, measures=[*one.measures, values]) if one.id == goal.id else one for one in plan.goals]
    )


def add_experience(plan: Plan, goal: Goal, said: Said) -> Plan:
    """What people told, beside a goal; nothing that tells who they are."""
    without_personal_data(said["text"], said["method"], said["whom"])
    needed(said, "text")
    findings = [one for one in plan.findings if one.id in goal.findings]
    if said["stance"] != "adds" and not findings:
        raise Refused("no_finding")
    people = number_of(said, "participants", needed_here=False, low=0, whole=True)
    values = {
        "id": fresh(f"{goal.id}-experience", (one.id for one in plan.experiences)), "text": said["text"].strip(),
        "source": said["source"], "consent": said["consent"], "date": said["date"], "method": said["method"].strip(),
        "whom": said["whom"].strip(), "participants": None if people is None else round(people),
        "finding": findings[0].id if said["stance"] != "adds" else None, "stance": said["stance"],
    }  # fmt: skip
    values = {name: value for name, value in values.items() if value not in (None, "")}
    goals = [
        with_(one, experiences=(*one.experiences, values["id"])) if one.id == goal.id else one for one in plan.goals
    ]
    return taken(plan, experiences=[*plan.experiences, values], goals=goals)


def add_follow_up(plan: Plan, goal: Goal, said: Said, compared: dict[str, Any]) -> Plan:
    """A look at a goal, with forecast and observed by group as they are today."""
    without_personal_data(said["observation"], said["decision"])
    needed(said, "observation", "actor", "date")
    values = {
        "id": fresh(f"{goal.id}-{said['date'].year}", (one.id for one in plan.follow_ups)), "goal": goal.id,
        "date": said["date"], "actor": said["actor"], "observation": said["observation"].strip(),
        "decision": said["decision"].strip(), **compared,
    }  # fmt: skip
    changes: dict[str, Any] = {"follow_ups": [*plan.follow_ups, {k: v for k, v in values.items() if v not in ("", {})}]}
    if said["next_check"]:
        changes["goals"] = [
            with_(one, next_check=said["next_check"]) if one.id == goal.id else one for one in plan.goals
        ]
    return taken(plan, **changes)


def add_deliberation(plan: Plan, said: Said) -> Plan:
    """The record of a value discussion; each line of a field is an entry."""
    texts = [value for value in said.values() if isinstance(value, str)]
    without_personal_data(*texts)
    needed(said, "title", "date", "decision")
    aversion = number_of(said, "aversion", needed_here=False, low=0, high=50)
    grounds = [
        {"kind": kind, "text": line}
        for kind in ("facts", "experience", "values", "commitments", "stakeholders")
        for line in lines(said[f"ground_{kind}"])
    ]
    values: dict[str, Any] = {
        "id": fresh(said["title"], (one.id for one in plan.deliberations)), "title": said["title"].strip(),
        "date": said["date"], "participants": [participants(line) for line in lines(said["took_part"])],
        "joys": [{"text": line} for line in lines(said["joys"])],
        "worries": [{"text": line} for line in lines(said["worries"])],
        "values": [{"text": line} for line in lines(said["values_raised"])], "criteria": lines(said["criteria"]),
        "aversion": aversion, "switch": {"text": said["switch"].strip()} if said["switch"].strip() else None,
        "grounds": grounds, "goals": list(said["about"]), "decision": said["decision"].strip(),
        "dissent": said["dissent"].strip(),
    }  # fmt: skip
    values = {name: value for name, value in values.items() if value not in (None, "", [])}
    return taken(plan, deliberations=[*plan.deliberations, values])


def compared(plan: Plan, goal: Goal, release: Release) -> dict[str, Any]:
    """Forecast and observed of a goal by group, as a follow-up keeps them; empty where there is no forecast."""
    found = forecasts(plan, release)
    mine = found[(found["goal"] == goal.id) & found["observed"].notna()]
    if mine.empty:
        return {}
    newest = mine[mine["period"] == mine["period"].max()].drop_duplicates("group")
    groups = {
        row["group"]: {
            "observed": _kept(row["observed"], row["lower"], row["upper"]),
            "forecast": _kept(row["forecast"], row["forecast_lower"], row["forecast_upper"]),
        }
        for row in newest.to_dict("records")
    }
    return {"period": newest["period"].iloc[0], "release": release.id, "groups": groups}


def _kept(value: float, lower: float, upper: float) -> dict[str, float]:
    return {"value": value} if lower != lower or upper != upper else {"value": value, "lower": lower, "upper": upper}
