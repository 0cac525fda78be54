"""What was typed, read: numbers, lines, ids; and a plan with it, where the model takes it."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from hyteanalysis.apps.number_field import number_in
from hyteanalysis.apps.planning.refusal import Refused
from hyteanalysis.errors import PlanError
from hyteanalysis.plan import Goal, Plan

Said = dict[str, Any]
LARGEST = 1e12


def lines(said: str) -> list[str]:
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


def needed(said: Said, *fields: str) -> None:
    """Refuse where a field was left empty."""
    for field in fields:
        value = said[field]
        if value is None or (isinstance(value, str) and not value.strip()):
            raise Refused("needed", field=field)


def number_of(
    said: Said,
    field: str,
    *,
    needed_here: bool = True,
    low: float = -LARGEST,
    high: float = LARGEST,
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


def with_(goal: Goal, **fields: Any) -> dict[str, Any]:
    """A goal with some fields replaced, to be checked with the plan."""
    return {**{name: getattr(goal, name) for name in Goal.model_fields if name in goal.model_fields_set}, **fields}


def taken(plan: Plan, **fields: Any) -> Plan:
    """The next plan; what the model does not take is Refused with its message."""
    change: Callable[..., Plan] = plan.changed
    try:
        return change(**fields)
    except PlanError as error:
        raise Refused("not_taken", str(error)) from None
