"""An action restated: for another grouping, and with the viewer's own effect, reach and price."""

from collections.abc import Mapping
from typing import Any

from hyteanalysis.actions import Action
from hyteanalysis.apps.benefit.choice import Choice
from hyteanalysis.errors import PlanError

Said = dict[str, Any]


def for_dimension(action: Action, dimension: str) -> Action:
    """The action by another grouping: numbers of single groups give way to the one for all.

    Raises PlanError where a number is given by group only.
    """
    if dimension == action.dimension:
        return action
    return Action.from_dict({**_without_groups(action.to_dict()), "dimension": dimension})


def movable(action: Action) -> bool:
    """Whether the action can be restated by another grouping."""
    return all(entry.value is not None for entry in action.inputs().values())


def reduction(action: Action, effect: str = "") -> float:
    """By how much the share of those reached falls, in per cent (points for a difference), at an end of its interval.

    >>> action = Action.from_dict({"id": "a", "name": "A", "outcome": "o", "dimension": "d", "reach": 0.1,
    ...                            "effect": {"scale": "rr", "value": 0.85, "lower": 0.75, "upper": 0.95}})
    >>> [round(reduction(action, end)) for end in ("cautious", "", "bold")]
    [5, 15, 25]
    """
    entry = action.effect
    value = {"cautious": entry.upper, "bold": entry.lower}.get(effect, entry.value)
    value = entry.value if value is None else value
    if value is None:  # by group only
        numbers = [one.value for one in entry.by_group.values() if one.value is not None]
        value = sum(numbers) / len(numbers)
    return 100 * (-value if entry.scale == "rd" else 1 - value)


def with_own(action: Action, choice: Choice, reach: Mapping[str, float]) -> Action:
    """The action with the viewer's own numbers; ``reach`` is each group's as the action has it."""
    said = action.to_dict()
    if choice.effect:
        said["effect"] = _effect(said["effect"], reduction(action, choice.effect), choice)
    if choice.reach:
        said["reach"] = _reach(said["reach"], {**reach, **choice.own_reach})
    if choice.price:
        own, price = float(choice.price), _spelt(said["cost"]["per_person"])
        said["cost"] = {**said["cost"], "per_person": _scaled(price, own)}
    return Action.from_dict(said)


def _effect(said: Said, end: float, choice: Choice) -> Said:
    """The effect at an end of its interval, or an own number for all; its uncertainty moves along."""
    own = choice.own_effect
    if said["scale"] == "rd":
        moved = -own if own is not None else -end / 100
        shift = moved - said.get("value", moved)
        return _each(said, lambda number: max(min(number + shift, 1.0), -1.0), keep_groups=own is None)
    moved = 1 - own if own is not None else 1 - end / 100
    factor = moved / said.get("value", moved)
    return _each(said, lambda number: number * factor, keep_groups=own is None)


def _each(said: Mapping[str, Any], move: Any, *, keep_groups: bool) -> Said:
    """Every number of an entry moved; those of groups and areas too, or left out."""
    found: Said = {}
    for field, item in said.items():
        if field in ("value", "lower", "upper"):
            found[field] = move(item)
        elif field in ("by_group", "by_area"):
            if keep_groups:
                found[field] = {
                    name: _each(inner, move, keep_groups=True) if isinstance(inner, Mapping) else move(inner)
                    for name, inner in item.items()
                }
        else:
            found[field] = item
    return found


def _reach(said: Any, shares: Mapping[str, float]) -> Said:
    """One share for each group; uncertainty as wide, relatively, as the action's first uncertain step has it."""
    steps = [said] if not isinstance(said, Mapping) or "value" in said or "by_group" in said else list(said.values())
    middle = sum(shares.values()) / len(shares)
    found: Said = {"value": middle, "by_group": dict(shares)}
    wide = [_spelt(step) for step in steps if isinstance(step, Mapping) and step.get("lower") is not None]
    if wide and 0 < middle < 1:
        step = wide[0]
        low, high = (_odds(step[end]) / _odds(step["value"]) for end in ("lower", "upper"))
        found |= {"lower": _share(_odds(middle) * low), "upper": _share(_odds(middle) * high)}
        found["distribution"] = "logit-normal"
    return found


def _odds(share: float) -> float:
    share = min(max(share, 1e-4), 1 - 1e-4)
    return share / (1 - share)


def _share(odds: float) -> float:
    return odds / (1 + odds)


def _scaled(said: Said, value: float) -> Said:
    """Another value with an interval as wide in proportion."""
    if said.get("lower") is None or not said.get("value"):
        return {"value": value}
    return {"value": value, **{end: value * said[end] / said["value"] for end in ("lower", "upper")}}


def _spelt(entry: Any) -> Said:
    return dict(entry) if isinstance(entry, Mapping) else {"value": entry}


def _without_groups(said: Any) -> Any:
    if not isinstance(said, Mapping):
        return said
    kept = {field: _without_groups(item) for field, item in said.items() if field != "by_group"}
    if "by_group" in said and "value" not in said and "by_area" not in said:
        raise PlanError("A number is given by group only: the action has no other grouping.")
    return kept
