"""What holds a plan together: ids used once, references that lead somewhere, texts without personal data."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from hyteanalysis.disclosure import check_text

if TYPE_CHECKING:
    from hyteanalysis.disclosure.text import PersonalData
    from hyteanalysis.plan.model import Plan

LISTS = ("actors", "documents", "findings", "experiences", "rules", "goals", "follow_ups", "deliberations")
LONGEST = 10_000  # characters of one text
Fault = tuple[tuple[str, ...], str]  # place, message


def twice(plan: "Plan") -> list[Fault]:
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


def loose(plan: "Plan") -> list[Fault]:
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


def overlong(plan: "Plan") -> list[Fault]:
    """Texts too long to be read by anybody."""
    return [
        (place, f"has {len(text)} characters, at most {LONGEST} fit: put the rest in a document of its own")
        for place, text in texts(plan.to_dict())
        if len(text) > LONGEST
    ]


def personal(plan: "Plan") -> list[Fault]:
    """Texts that hold a personal identity code."""
    return [
        (place, "holds a personal identity code: take it out, a plan tells of nobody by name or code")
        for place, found in private(plan)
        if any(item.kind == "personal_code" for item in found)
    ]


def private(plan: "Plan") -> "list[tuple[tuple[str, ...], list[PersonalData]]]":
    """Places of texts with personal data, and what was found there."""
    everything = list(texts(plan.to_dict()))
    # one look at all of them; one by one only where there is something to find
    if not check_text("\n\n".join(text for _, text in everything)):
        return []
    return [(place, found) for place, text in everything if (found := check_text(text))]


def texts(data: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text of the plan with its place."""
    if isinstance(data, str):
        yield place, data
    elif isinstance(data, Mapping):
        for key, item in data.items():
            yield from texts(item, (*place, str(key)))
    elif isinstance(data, (list, tuple)):
        for position, item in enumerate(data):
            yield from texts(item, (*place, str(position)))
