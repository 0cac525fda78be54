"""What holds a plan together, and what it lacks before it is signed off."""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from hyteanalysis.disclosure import check_text
from hyteanalysis.i18n import date as written
from hyteanalysis.i18n import own_text, spoken, text
from hyteanalysis.plan.monitoring import cannot_follow
from hyteanalysis.plan.numbers import Known

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release
    from hyteanalysis.disclosure.text import PersonalData
    from hyteanalysis.plan.goals import Goal
    from hyteanalysis.plan.model import Plan

FEW = 5  # people of one group whose experience could tell who they are
LISTS = ("actors", "documents", "findings", "experiences", "rules", "goals", "follow_ups", "deliberations")
LONGEST = 10_000  # characters of one text
Fault = tuple[tuple[str, ...], str]  # place, message


class Lack(NamedTuple):
    """Something that is missing: where, in which field, the text's key and its values."""

    where: str
    field: str
    code: str
    values: dict[str, str]


@spoken
def check(
    plan: "Plan", release: "Release | None" = None, *, lang: str = "en", today: datetime.date | None = None
) -> pd.DataFrame:
    """List what a plan lacks.

    Answers: *is it ready to be signed off?* Looked at: an actor in charge of every goal and action; resources,
    measures and grounds; a next check that is not past; a reason for each omitted indicator of the recommended minimum
    content; experience of so few that it could tell who they are; personal data in texts; the record of the value
    discussion. With a release also: a goal it cannot follow, a process indicator where an outcome one exists.

    Parameters
    ----------
    plan : Plan
    release : Release, optional
    lang : {"fi", "sv", "en"}
        Language of ``message``.
    today : date, optional
        The day on which checks are past due.

    Returns
    -------
    DataFrame
        ``where`` (``goal smoke-free``, ``plan``, …) ``, field, message, code``; no rows where nothing lacks.
    """
    found = [*_whole(plan), *_content(plan, release, lang), *_evidence(plan)]
    for goal in plan.goals:
        found += _goal(goal, plan, today or datetime.date.today(), lang)
    if release is not None:
        found += _followed(plan, release)
    rows = [(lack.where, lack.field, text(f"plan.check.{lack.code}", lang, **lack.values), lack.code) for lack in found]
    return pd.DataFrame(rows, columns=["where", "field", "message", "code"], dtype="str")


def _whole(plan: "Plan") -> Iterator[Lack]:
    if not plan.goals:
        yield Lack("plan", "goals", "no_goals", {})
    if not plan.working_group.organisations:
        yield Lack("plan", "working_group", "no_working_group", {})
    if not plan.deliberations:
        yield Lack("plan", "deliberations", "no_deliberation", {})
    for talk in plan.deliberations:
        for field in ("participants", "grounds", "decision"):
            if not getattr(talk, field):
                yield Lack(f"deliberation {talk.id}", field, f"deliberation_{field}", {"title": talk.title})


def _content(plan: "Plan", release: "Release | None", lang: str) -> Iterator[Lack]:
    """The recommended minimum content: each indicator is used, or omitted with a reason."""
    used = {goal.indicator for goal in plan.goals} | {one.indicator for one in plan.findings}
    used |= {measure.indicator for goal in plan.goals for measure in goal.measures if measure.indicator}
    reasons = {one.indicator: one.reason.strip() for one in plan.omitted}
    titles = {one.indicator: one.title for one in plan.omitted if one.title}
    if release is not None:
        titles |= {row["indicator"]: own_text(row, "title", lang)[0] for row in release.indicators.to_dict("records")}
    for indicator in dict.fromkeys([*plan.minimum_content, *reasons]):
        if not reasons.get(indicator, "") and indicator not in used:
            yield Lack(f"omitted {indicator}", "reason", "no_reason", {"title": titles.get(indicator) or indicator})


def _evidence(plan: "Plan") -> Iterator[Lack]:
    for one in plan.experiences:
        if one.participants is not None and one.participants < FEW and one.group is not None:
            yield Lack(f"experience {one.id}", "participants", "few_people", {"number": str(FEW)})
    for place, _ in _private(plan):
        yield Lack(" ".join(place[:2]), ".".join(place[2:]) or place[0], "personal_data", {})


def _goal(goal: "Goal", plan: "Plan", today: datetime.date, lang: str) -> Iterator[Lack]:
    where, title = f"goal {goal.id}", {"title": goal.title}
    if goal.lead is None:
        yield Lack(where, "actors", "no_lead", title)
    if not goal.grounds and not goal.findings:
        yield Lack(where, "grounds", "no_grounds", title)
    if not goal.actions:
        yield Lack(where, "actions", "no_actions", title)
    if not any(measure.purpose == "process" for measure in goal.measures):
        yield Lack(where, "measures", "no_process_measure", title)
    if goal.next_check is None:
        yield Lack(where, "next_check", "no_next_check", title)
    elif goal.next_check < today and not any(
        follow.goal == goal.id and follow.date >= goal.next_check for follow in plan.follow_ups
    ):
        yield Lack(where, "next_check", "check_past", {**title, "date": written(goal.next_check, lang)})
    if goal.threshold is None:
        yield Lack(where, "threshold", "no_threshold", title)
    for action in goal.actions:
        if action.status == "dropped":
            continue
        if not action.actors:
            yield Lack(where, f"actions.{action.id}.actors", "action_no_actor", {**title, "action": action.title})
        if not action.resources:
            yield Lack(
                where, f"actions.{action.id}.resources", "action_no_resources", {**title, "action": action.title}
            )


def _followed(plan: "Plan", release: "Release") -> Iterator[Lack]:
    """What the release says of the goals' indicators."""
    known = Known(release)
    meta = release.indicators
    theme = meta["theme"] if "theme" in meta else pd.Series("", index=meta.index)
    purpose = meta["purpose"] if "purpose" in meta else pd.Series("", index=meta.index)
    outcomes = dict(zip(theme[purpose == "outcome"], meta.loc[purpose == "outcome", "indicator"], strict=True))
    for goal in plan.goals:
        told = cannot_follow(goal, known)
        if told is not None:
            field, _, message = told.partition(": ")
            yield Lack(f"goal {goal.id}", field, "cannot_follow", {"title": goal.title, "message": message})
            continue
        row = known.indicators.loc[goal.indicator]
        other = outcomes.get(row.get("theme", ""))
        if row.get("purpose") == "process" and other:
            yield Lack(f"goal {goal.id}", "indicator", "process_for_outcome", {"title": goal.title, "indicator": other})


def faults(plan: "Plan") -> list[Fault]:
    """What does not hold together: place and message of each."""
    return [*_twice(plan), *_loose(plan), *(_overlong(plan) or _personal(plan))]


def _twice(plan: "Plan") -> list[Fault]:
    """Ids that two parts of one kind bear."""
    found: list[Fault] = []
    kinds: dict[str, list[Fault]] = {
        name: [((name, str(i)), item.id) for i, item in enumerate(getattr(plan, name))] for name in LISTS
    }
    kinds["actions"] = [
        (("goals", str(g), "actions", str(a)), action.id)
        for g, goal in enumerate(plan.goals)
        for a, action in enumerate(goal.actions)
    ]
    for entries in kinds.values():
        seen: set[str] = set()
        for place, id in entries:
            if id in seen:
                found.append(((*place, "id"), f"{id!r} is in use already: give each an id of its own"))
            seen.add(id)
    return found


def _loose(plan: "Plan") -> list[Fault]:
    """References that lead nowhere, with near ids."""
    known = {name: {item.id for item in getattr(plan, name)} for name in LISTS}
    found: list[Fault] = []

    def look(kind: str, ids: "str | Iterable[str] | None", *place: "str | int") -> None:
        several = not isinstance(ids, str)
        for position, id in enumerate([ids] if isinstance(ids, str) else ids or ()):
            if id not in known[kind]:
                near = get_close_matches(id, known[kind], n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                where = (*map(str, place), str(position)) if several else tuple(map(str, place))
                found.append((where, f"{id!r} is not among the plan's {kind.replace('_', '-')}{hint}"))

    for g, goal in enumerate(plan.goals):
        for kind in ("findings", "experiences", "rules"):
            look(kind, getattr(goal, kind), "goals", g, kind)
        for r, role in enumerate(goal.actors):
            look("actors", role.actor, "goals", g, "actors", r, "actor")
        for a, action in enumerate(goal.actions):
            for r, role in enumerate(action.actors):
                look("actors", role.actor, "goals", g, "actions", a, "actors", r, "actor")
    for e, experience in enumerate(plan.experiences):
        look("findings", experience.finding, "experiences", e, "finding")
        look("actors", experience.actor, "experiences", e, "actor")
    for r, rule in enumerate(plan.rules):
        look("goals", rule.goal, "rules", r, "goal")
    for f, follow_up in enumerate(plan.follow_ups):
        look("goals", follow_up.goal, "follow_ups", f, "goal")
        look("actors", follow_up.actor, "follow_ups", f, "actor")
    for d, document in enumerate(plan.documents):
        look("goals", document.goals, "documents", d, "goals")
    for d, talk in enumerate(plan.deliberations):
        look("goals", talk.goals, "deliberations", d, "goals")
        for kind in ("joys", "worries", "values", "grounds"):
            for i, said in enumerate(getattr(talk, kind)):
                look("findings", said.finding, "deliberations", d, kind, i, "finding")
                look("experiences", getattr(said, "experience", None), "deliberations", d, kind, i, "experience")
    return found


def _overlong(plan: "Plan") -> list[Fault]:
    """Texts too long to be read by anybody."""
    return [
        (place, f"has {len(text)} characters, at most {LONGEST} fit: put the rest in a document of its own")
        for place, text in _texts(plan.to_dict())
        if len(text) > LONGEST
    ]


def _personal(plan: "Plan") -> list[Fault]:
    """Texts that hold a personal identity code."""
    return [
        (place, "holds a personal identity code: take it out, a plan tells of nobody by name or code")
        for place, found in _private(plan)
        if any(item.kind == "personal_code" for item in found)
    ]


def _private(plan: "Plan") -> "list[tuple[tuple[str, ...], list[PersonalData]]]":
    """Places of texts with personal data, and what was found there."""
    everything = list(_texts(plan.to_dict()))
    # one look at all of them; one by one only where there is something to find
    if not check_text("\n\n".join(text for _, text in everything)):
        return []
    return [(place, found) for place, text in everything if (found := check_text(text))]


def _texts(data: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text of the plan with its place."""
    if isinstance(data, str):
        yield place, data
    elif isinstance(data, Mapping):
        for key, item in data.items():
            yield from _texts(item, (*place, str(key)))
    elif isinstance(data, (list, tuple)):
        for position, item in enumerate(data):
            yield from _texts(item, (*place, str(position)))
