"""A plan changed: pure functions from what lies open and what was typed to the next plan, or Refused."""

import datetime
import re
from collections.abc import Callable, Iterable
from typing import Any

from hyteanalysis.actions import Action, impact
from hyteanalysis.apps.kit.controls import number_in
from hyteanalysis.apps.planning.choice import Opened
from hyteanalysis.disclosure import Release, check_text
from hyteanalysis.errors import HyteError, PlanError
from hyteanalysis.findings import finding
from hyteanalysis.i18n import text
from hyteanalysis.plan import Baseline, FindingReference, Goal, Plan, forecast, forecasts
from hyteanalysis.plan.checks import LONGEST
from hyteanalysis.plan.numbers import Asked, newest, series

Said = dict[str, Any]
_LARGEST = 1e12


class Refused(Exception):
    """Something that cannot be taken: a code with its text ``app.plan.no.CODE``, and a technical message."""

    def __init__(self, code: str, detail: str = "", **values: str) -> None:
        super().__init__(code)
        self.code, self.detail, self.values = code, detail, values

    def words(self, lang: str) -> str:
        """The sentence for the viewer; kinds of personal data are named in the language."""
        values = dict(self.values)
        if "kinds" in values:
            values["kinds"] = ", ".join(text(f"app.plan.personal.{kind}", lang) for kind in values["kinds"].split())
        if "field" in values:
            values["field"] = text(f"app.plan.field.{values['field']}", lang)
        return text(f"app.plan.no.{self.code}", lang, **values)


def edited(form: str, said: Said, opened: Opened) -> Plan:
    """The next plan, by a form's name and what was typed there.

    Parameters
    ----------
    form : str
        A form of the page; ``finding`` takes the finding behind a goal anew from the release, with nothing typed.
    said : dict
        What stands in the form's fields, by name.
    opened : Opened
        The plan, the goal chosen and the release.

    Raises
    ------
    Refused
        No plan is open, no goal is chosen, or something typed cannot be taken.
    """
    plan, goal, release, today = opened.plan, opened.goal, opened.release, opened.today
    if form == "plan":
        return _begun(said, release, opened.lang)
    if plan is None:
        raise Refused("no_open")
    if form == "goal":
        return _goal(plan, goal, said, release, today)
    if form == "actor":
        return _actor(plan, said)
    if form == "deliberation":
        return _deliberation(plan, said)
    if goal is None:
        raise Refused("no_goal")
    if form == "finding":
        return _refresh(plan, goal, release, today, opened.lang)
    if form == "action":
        return _action(plan, goal, said, release, opened.actions, today)
    if form == "measure":
        return _measure(plan, goal, said)
    if form == "experience":
        return _experience(plan, goal, said)
    return _follow_up(plan, goal, said, _compared(plan, goal, release))


def _without_personal_data(*said: str) -> None:
    """Refuse text with an identity code, a phone number, an e-mail or a street address, and text too long to read."""
    if any(len(one) > LONGEST for one in said):
        raise Refused("too_long")
    kinds = dict.fromkeys(found.kind for one in said for found in check_text(one))
    if kinds:
        raise Refused("personal", kinds=" ".join(kinds))


def baseline(release: Release, asked: Asked, today: datetime.date) -> Baseline:
    """The newest number of an indicator, group and area, as a goal keeps it; Refused where there is none."""
    rows = newest(series(release, [asked]))
    if rows.empty or rows["estimate"].isna().all():
        raise Refused("no_number")
    row = rows.iloc[0]
    limits = {} if row[["lower", "upper"]].isna().any() else {"lower": row["lower"], "upper": row["upper"]}
    people = {} if row[["respondents"]].isna().any() else {"respondents": row["respondents"]}
    return Baseline(value=row["estimate"], period=row["period"], release=release.id, date=today, **limits, **people)


def _goal(plan: Plan, old: Goal | None, said: Said, release: Release, today: datetime.date) -> Plan:
    """A goal changed, or with None a new one, the last; its baseline comes from the release."""
    _without_personal_data(said["title"], said["grounds"], said["theme"])
    _needed(said, "title")
    if old is None:
        asked = Asked(said["indicator"], said["area"], said["dimension"], said["group"])
        start: dict[str, Any] = dict(zip(("indicator", "area", "dimension", "group"), asked, strict=True))
        start |= {
            "id": fresh(said["title"], (goal.id for goal in plan.goals)),
            "baseline": baseline(release, asked, today),
        }
    else:
        start = {name: getattr(old, name) for name in Goal.model_fields if name in old.model_fields_set}
    target, threshold = _number_of(said, "target"), _number_of(said, "threshold", needed_here=False)
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
    if old is None:
        return _taken(plan, goals=[*plan.goals, values])
    return _taken(plan, goals=[values if goal.id == old.id else goal for goal in plan.goals])


def _refresh(plan: Plan, goal: Goal, release: Release, today: datetime.date, lang: str) -> Plan:
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
        else [_with(one, findings=(*one.findings, id)) if one.id == goal.id else one for one in plan.goals]
    )
    return _taken(plan, findings=findings, goals=goals)


def _action(
    plan: Plan, goal: Goal, said: Said, release: Release, actions: dict[str, Action], today: datetime.date
) -> Plan:
    """An action of a goal; with an effect and a reach also what it is reckoned to lead to, by group."""
    _without_personal_data(said["title"], said["note"])
    _needed(said, "title")
    groups = [one for one in said["groups"] if one]
    if said["form"] == "targeted" and not groups:
        raise Refused("needed", field="groups")
    reach = _number_of(said, "reach", needed_here=False, low=0, high=100)
    money = _number_of(said, "money", needed_here=False, low=0, whole=True)
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
        values["forecast"] = _reckoned(effect, goal, release, values["reach"], said["form"], groups, today)
    values = {name: value for name, value in values.items() if value not in (None, "", [])}
    return _taken(
        plan, goals=[_with(one, actions=[*one.actions, values]) if one.id == goal.id else one for one in plan.goals]
    )


def _reckoned(
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


def _begun(said: Said, release: Release, lang: str) -> Plan:
    """A new plan without goals; every outcome indicator of the release is to be used, or left out with a reason."""
    _without_personal_data(said["title"], said["organisation"])
    _needed(said, "title", "organisation", "plan_area")
    years = [_number_of(said, name, low=1990, high=2100) for name in ("first_year", "last_year")]
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
        language=lang,
        synthetic=release.synthetic,
        minimum_content=tuple(outcomes),
    )


def _actor(plan: Plan, said: Said) -> Plan:
    """An office or organisation that carries something out."""
    _without_personal_data(said["name"])
    _needed(said, "name")
    if said["name"].strip().casefold() in {one.name.casefold() for one in plan.actors}:
        raise Refused("twice")
    actor = {
        "id": fresh(said["name"], (one.id for one in plan.actors)),
        "name": said["name"].strip(),
        "kind": said["kind"],
    }
    return _taken(plan, actors=[*plan.actors, actor])


def _measure(plan: Plan, goal: Goal, said: Said) -> Plan:
    """A further indicator of a goal: of its process or of its outcome."""
    _without_personal_data(said["title"], said["source"])
    _needed(said, "title")
    values = {"title": said["title"].strip(), "purpose": said["purpose"], "unit": said["unit"].strip()}
    values |= {name: _number_of(said, name, needed_here=False) for name in ("baseline", "now", "target")}
    values["source"] = said["source"].strip()
    values = {name: value for name, value in values.items() if value not in (None, "")}
    return _taken(
        plan, goals=[_with(one, measures=[*one.measures, values]) if one.id == goal.id else one for one in plan.goals]
    )


def _experience(plan: Plan, goal: Goal, said: Said) -> Plan:
    """What people told, beside a goal; nothing that tells who they are."""
    _without_personal_data(said["text"], said["method"], said["whom"])
    _needed(said, "text")
    findings = [one for one in plan.findings if one.id in goal.findings]
    if said["stance"] != "adds" and not findings:
        raise Refused("no_finding")
    people = _number_of(said, "participants", needed_here=False, low=0, whole=True)
    values = {
        "id": fresh(f"{goal.id}-experience", (one.id for one in plan.experiences)), "text": said["text"].strip(),
        "source": said["source"], "consent": said["consent"], "date": said["date"], "method": said["method"].strip(),
        "whom": said["whom"].strip(), "participants": None if people is None else round(people),
        "finding": findings[0].id if said["stance"] != "adds" else None, "stance": said["stance"],
    }  # fmt: skip
    values = {name: value for name, value in values.items() if value not in (None, "")}
    goals = [
        _with(one, experiences=(*one.experiences, values["id"])) if one.id == goal.id else one for one in plan.goals
    ]
    return _taken(plan, experiences=[*plan.experiences, values], goals=goals)


def _follow_up(plan: Plan, goal: Goal, said: Said, compared: dict[str, Any]) -> Plan:
    """A look at a goal, with forecast and observed by group as they are today."""
    _without_personal_data(said["observation"], said["decision"])
    _needed(said, "observation", "actor", "date")
    values = {
        "id": fresh(f"{goal.id}-{said['date'].year}", (one.id for one in plan.follow_ups)), "goal": goal.id,
        "date": said["date"], "actor": said["actor"], "observation": said["observation"].strip(),
        "decision": said["decision"].strip(), **compared,
    }  # fmt: skip
    changes: dict[str, Any] = {"follow_ups": [*plan.follow_ups, {k: v for k, v in values.items() if v not in ("", {})}]}
    if said["next_check"]:
        changes["goals"] = [
            _with(one, next_check=said["next_check"]) if one.id == goal.id else one for one in plan.goals
        ]
    return _taken(plan, **changes)


def _deliberation(plan: Plan, said: Said) -> Plan:
    """The record of a value discussion; each line of a field is an entry."""
    texts = [value for value in said.values() if isinstance(value, str)]
    _without_personal_data(*texts)
    _needed(said, "title", "date", "decision")
    aversion = _number_of(said, "aversion", needed_here=False, low=0, high=50)
    grounds = [
        {"kind": kind, "text": line}
        for kind in ("facts", "experience", "values", "commitments", "stakeholders")
        for line in _lines(said[f"ground_{kind}"])
    ]
    values: dict[str, Any] = {
        "id": fresh(said["title"], (one.id for one in plan.deliberations)), "title": said["title"].strip(),
        "date": said["date"], "participants": [participants(line) for line in _lines(said["took_part"])],
        "joys": [{"text": line} for line in _lines(said["joys"])],
        "worries": [{"text": line} for line in _lines(said["worries"])],
        "values": [{"text": line} for line in _lines(said["values_raised"])], "criteria": _lines(said["criteria"]),
        "aversion": aversion, "switch": {"text": said["switch"].strip()} if said["switch"].strip() else None,
        "grounds": grounds, "goals": list(said["about"]), "decision": said["decision"].strip(),
        "dissent": said["dissent"].strip(),
    }  # fmt: skip
    values = {name: value for name, value in values.items() if value not in (None, "", [])}
    return _taken(plan, deliberations=[*plan.deliberations, values])


def _compared(plan: Plan, goal: Goal, release: Release) -> dict[str, Any]:
    """Forecast and observed of a goal by group, as a follow-up keeps them; empty where there is no forecast."""
    found = forecasts(plan, release)
    mine = found[(found["goal"] == goal.id) & found["observed"].notna()]
    if mine.empty:
        return {}
    newest = mine[mine["period"] == mine["period"].max()].drop_duplicates("group")
    groups = {
        row["group"]: {
            "observed": _as_kept(row["observed"], row["lower"], row["upper"]),
            "forecast": _as_kept(row["forecast"], row["forecast_lower"], row["forecast_upper"]),
        }
        for row in newest.to_dict("records")
    }
    return {"period": newest["period"].iloc[0], "release": release.id, "groups": groups}


def _as_kept(value: float, lower: float, upper: float) -> dict[str, float]:
    return {"value": value} if lower != lower or upper != upper else {"value": value, "lower": lower, "upper": upper}


def _lines(said: str) -> list[str]:
    """The filled lines of a text."""
    return [line.strip() for line in said.splitlines() if line.strip()]


def participants(line: str) -> dict[str, Any]:
    """A group that took part: ``Residents: 12``.

    >>> participants("Asukkaat: 12"), participants("Nuoret")
    ({'name': 'Asukkaat', 'number': 12}, {'name': 'Nuoret'})
    """
    name, _, number = line.rpartition(":")
    if name.strip() and number.strip().isdigit():
        return {"name": name.strip(), "number": int(number)}
    return {"name": line}


def _needed(said: Said, *fields: str) -> None:
    """Refuse where a field was left empty."""
    for field in fields:
        value = said[field]
        if value is None or (isinstance(value, str) and not value.strip()):
            raise Refused("needed", field=field)


def _number_of(
    said: Said,
    field: str,
    *,
    needed_here: bool = True,
    low: float = -_LARGEST,
    high: float = _LARGEST,
    whole: bool = False,
) -> float | None:
    """The number in a field; Refused for what is none, or lies outside. A ``whole`` one may part its thousands."""
    words = str(said[field] or "").strip()
    if not words:
        if needed_here:
            raise Refused("needed", field=field)
        return None
    value = number_in(words, low, high, decimals=0 if whole else 3)
    if value is None:
        raise Refused("number", field=field)
    return value


def plain(name: str) -> str:
    """A name in small letters and digits, parted by hyphens.

    >>> plain("Hyvinvointisuunnitelma 2026–2029, Yläkylä")
    'hyvinvointisuunnitelma-2026-2029-ylakyla'
    """
    letters = name.casefold().translate(str.maketrans("åäöü", "aaou"))
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")


def fresh(name: str, known: Iterable[str]) -> str:
    """An id made of a name, unlike those there are.

    >>> fresh("Savuton Kymenlaakso – kaikille!", ["savuton-kymenlaakso-kaikille"])
    'savuton-kymenlaakso-kaikille-2'
    """
    stem = plain(name)[:48].rstrip("-") or "id"
    taken_ids, place, id = set(known), 1, stem
    while id in taken_ids:
        place += 1
        id = f"{stem}-{place}"
    return id


def _with(goal: Goal, **fields: Any) -> dict[str, Any]:
    """A goal with some fields replaced, to be checked with the plan."""
    return {**{name: getattr(goal, name) for name in Goal.model_fields if name in goal.model_fields_set}, **fields}


def _taken(plan: Plan, **fields: Any) -> Plan:
    """The next plan; what the model does not take is Refused with its message."""
    change: Callable[..., Plan] = plan.changed
    try:
        return change(**fields)
    except PlanError as error:
        raise Refused("not_taken", str(error)) from None
