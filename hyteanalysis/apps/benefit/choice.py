"""What a viewer has chosen on page B, and what it stands on: the action by the grouping, the area, its numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from hyteanalysis import areas
from hyteanalysis.actions import Action, Impact, impact
from hyteanalysis.apps.kit.address import Addressed
from hyteanalysis.apps.kit.contents import area_codes, dimensions, first_indicator
from hyteanalysis.apps.kit.controls import number_in
from hyteanalysis.apps.kit.library import ActionLibrary, Library, movable
from hyteanalysis.disclosure import Release
from hyteanalysis.errors import HyteError, PlanError

EFFECTS = ("", "cautious", "bold")


PER = ("", "1000")


TARGETS = ("", "absolute_gap_change")


@dataclass(frozen=True)
class Choice(Addressed):
    """One state of the page.

    Attributes
    ----------
    release, action, area, indicator, dimension : str
        Ids; empty = the default, and for ``area`` given empty in the address: not chosen yet (``None``). The
        indicator is the action's outcome; in an address without an action it picks one.
    effect : str
        ``cautious``, ``bold``, empty for the value itself, or an own number: per cent (points for a difference) by
        which the share of those reached falls.
    reach : tuple of str
        Own reach of groups in per cent, as ``group:number``.
    budget, price : str
        Own euros in all, and for each person reached; empty = the default.
    per : str
        ``1000`` for people helped among 1,000 members of the group.
    target : str
        What the assumptions are weighed by; empty = people helped.
    phone, refined : bool
        Whether figures are drawn for a narrow screen, and the estimate with all its draws; no part of an address.

    Examples
    --------
    >>> Choice(action="exercise-referral", reach=("low:20", "high:12.5")).query()
    '?toimi=exercise-referral&tavoittavuus=low:20~high:12.5'
    """

    QUERY: ClassVar[dict[str, str]] = {
        "release": "aineisto",
        "action": "toimi",
        "area": "alue",
        "indicator": "ind",
        "dimension": "ryhma",
        "effect": "vaikutus",
        "reach": "tavoittavuus",
        "budget": "budjetti",
        "price": "hinta",
        "per": "yksikko",
        "target": "tulos",
    }

    release: str = ""
    action: str = ""
    area: str | None = ""
    indicator: str = ""
    dimension: str = ""
    effect: str = ""
    reach: tuple[str, ...] = ()
    budget: str = ""
    price: str = ""
    per: str = ""
    target: str = ""
    phone: bool = False
    refined: bool = False

    @property
    def own(self) -> bool:
        """Whether any number is the viewer's own."""
        return bool(self.effect or self.reach or self.budget or self.price)

    @property
    def own_reach(self) -> dict[str, float]:
        """Own reach by group, as shares."""
        pairs = (one.rpartition(":") for one in self.reach)
        return {group: float(number) / 100 for group, _, number in pairs}

    @property
    def own_effect(self) -> float | None:
        """The own effect as a share; None where it is one of the action's."""
        return None if self.effect in EFFECTS else float(self.effect) / 100

    def numbers(self) -> "Choice":
        """What the numbers depend on, however they are shown."""
        return replace(self, per="", target="", phone=False)

    def settled(self, library: Library, actions: ActionLibrary) -> tuple["Choice", tuple[str, ...]]:
        """The choice with every value from this side's own lists, and the names of the fields that were changed.

        An empty value becomes the default silently; an unknown one becomes the default and its field is named. Without
        an action the first one for the indicator is taken, else for the topic whose gap between groups is largest.
        """
        changed: list[str] = []

        def chosen(field: str, value: str, allowed: list[str]) -> str:
            if value in allowed:
                return value
            if value:
                changed.append(field)
            return allowed[0] if allowed else ""

        release_id = chosen("release", self.release, library.ids)
        whole = library.release(release_id)
        usable = actions.usable(whole)
        if not self.action and usable:
            wanted = self.indicator or first_indicator(library, release_id, self.area, self.dimension)
            usable = sorted(usable, key=lambda one: actions.actions[one].outcome != wanted)
        action = chosen("action", self.action, usable)
        if not action:
            return Choice(release=release_id, area=self.area), tuple(changed)
        outcome = actions.actions[action].outcome
        release = library.indicator(release_id, outcome)
        codes = sorted(area_codes(whole), key=lambda code: code != "SSS")
        area = self.area if self.area is None else chosen("area", self.area, codes)
        dimension = chosen("dimension", self.dimension, offered_dimensions(release, actions.actions[action]))
        effects = EFFECTS if actions.actions[action].effect.lower is not None else ("",)
        effect = self.effect if self.effect in effects else _number(self.effect, EFFECT)
        changed += ["effect"] if self.effect and not effect else []
        groups = set(release.cells.loc[release.cells["dimension"] == dimension, "group"])
        reach = _settled_reach(self.reach, groups)
        changed += ["reach"] if len(reach) != len(self.reach) else []
        euros = {"budget": _number(self.budget, BUDGET), "price": _number(self.price, PRICE)}
        changed += [field for field, value in euros.items() if getattr(self, field) and not value]
        settled = Choice(
            release=release_id,
            action=action,
            area=area,
            indicator=outcome,
            dimension=dimension,
            effect=effect,
            reach=reach,
            **euros,
            per=chosen("per", self.per, list(PER)),
            target=chosen("target", self.target, list(TARGETS)),
            phone=self.phone is True,
            refined=self.refined is True,
        )
        return settled, tuple(changed)

    def applied_to(self, action: Action, reach: Mapping[str, float], feasible: Mapping[str, float]) -> Action:
        """The action with the viewer's own numbers; ``reach`` and ``feasible`` are each group's as the action has it.

        ``feasible`` is empty where the action does not say how many would come.
        """
        said = action.to_dict()
        if self.effect:
            said["effect"] = _effect(_as_it_acts(action).to_dict()["effect"], reduction(action, self.effect), self)
        if self.reach:
            said["reach"] = _reach(said["reach"], {**reach, **self.own_reach}, feasible)
        if self.price:
            own, price = float(self.price), _spelt(said["cost"]["per_person"])
            said["cost"] = {**said["cost"], "per_person": _scaled(price, own)}
        return Action.from_dict(said)


REACH, BUDGET, PRICE, EFFECT = (0.0, 100.0), (1.0, 1e10), (1.0, 1e6), (0.0, 99.0)  # what is accepted
SEED = 1  # one answer for one choice


@dataclass(frozen=True)
class Setting:
    """A settled choice's footing.

    Attributes
    ----------
    release : Release
        Its rows of the outcome.
    action : Action
        By the chosen grouping, without own numbers.
    asked, area : str
        The area chosen, and the one whose numbers are shown.
    plain : Impact
        Of the action as it is, for its defaults; few draws.
    """

    release: Release
    action: Action
    asked: str
    area: str
    plain: Impact

    @property
    def groups(self) -> list[str]:
        """Group ids, the most disadvantaged first where they have an order."""
        return list(self.plain.simulation.groups["group"])

    @property
    def reach(self) -> dict[str, float]:
        """Each group's reach as the action has it: a share of its people, or of its affected."""
        found = dict(zip(self.plain.by_group["group"], self.plain.simulation.reach.values, strict=True))
        return {group: float(found[group]) for group in self.groups}

    @property
    def feasible(self) -> dict[str, float]:
        """The share of each group that would come at most; empty where the action does not say."""
        simulation = self.plain.simulation
        if not simulation.feasible_known:
            return {}
        return dict(zip(simulation.cells["group"], simulation.feasible.tolist(), strict=True))

    @property
    def price(self) -> float:
        """Euros for one person reached, over the groups as they are reached."""
        cells = self.plain.by_group
        reached = float(cells["reached"].sum())
        prices = self.plain.simulation.cost.values
        return float(cells["cost"].sum()) / reached if reached else float(prices.mean())

    @property
    def setup(self) -> float:
        """Euros of set-ups and yearly costs of all that the action is opened for."""
        return self.plain.simulation.fixed_total

    @property
    def budget(self) -> float:
        """What the action costs at its reach, to two digits."""
        cost = float(self.plain.by_group["cost"].sum()) + self.setup
        return max(float(f"{cost:.1e}"), 1_000.0)

    @classmethod
    def of(cls, choice: Choice, library: Library, actions: ActionLibrary) -> "Setting | None":
        """The footing of a settled choice; None where its area has no numbers by this grouping."""
        if choice.area is None or not choice.action or not choice.dimension:
            return None
        release = library.indicator(choice.release, choice.indicator)
        action = for_dimension(actions.actions[choice.action], choice.dimension)
        shown = areas.shown(
            release.cells, choice.area, choice.indicator, choice.dimension, hierarchy=release.areas[["area", "parent"]]
        )
        if shown is None:
            return None
        try:
            plain = impact(release, action, areas=shown, draws=100, seed=SEED)
        except HyteError:  # every number is hidden, or the action names groups or areas that are not there
            return None
        return cls(release, action, choice.area, shown, plain)


def offered_dimensions(release: Release, action: Action) -> list[str]:
    """Groupings of the outcome, the action's own first; no other where a number is given by group only."""
    there = dimensions(release.cells)
    own = [one for one in there if one == action.dimension]
    return [*own, *(one for one in there if one != action.dimension)] if movable(action) else own


def _settled_reach(asked: tuple[str, ...], groups: set[str]) -> tuple[str, ...]:
    found = {}
    for one in asked:
        group, _, number = one.rpartition(":")
        if group in groups and (value := _number(number, REACH)):
            found[group] = value
    return tuple(f"{group}:{value}" for group, value in sorted(found.items()))


def _number(words: str, limits: tuple[float, float]) -> str:
    """A number within limits as the address writes it; empty where it is none."""
    value = number_in(words, *limits)
    return "" if value is None else f"{value:.10g}"


_Said = dict[str, Any]


def for_dimension(action: Action, dimension: str) -> Action:
    """The action by another grouping: numbers of single groups give way to the one for all.

    Raises PlanError where a number is given by group only.
    """
    if dimension == action.dimension:
        return action
    return Action.from_dict({**_without_groups(action.to_dict()), "dimension": dimension})


def reduction(action: Action, effect: str = "") -> float:
    """By how much the share of those reached falls, in per cent (points for a difference), at an end of its interval.

    >>> action = Action.from_dict({"id": "a", "name": "A", "outcome": "o", "dimension": "d", "reach": 0.1,
    ...                            "effect": {"scale": "rr", "value": 0.85, "lower": 0.75, "upper": 0.95}})
    >>> [round(reduction(action, end)) for end in ("cautious", "", "bold")]
    [5, 15, 25]
    """
    entry = _as_it_acts(action).effect
    value = {"cautious": entry.upper, "bold": entry.lower}.get(effect, entry.value)
    value = entry.value if value is None else value
    if value is None:  # by group only
        numbers = [one.value for one in entry.by_group.values() if one.value is not None]
        value = sum(numbers) / len(numbers)
    return 100 * (-value if entry.scale == "rd" else 1 - value)


def _as_it_acts(action: Action) -> Action:
    """The action with its effect on the scale on which it acts upon the share badly off: the one moved on the page."""
    entry = action.effect
    if not entry.favourable and entry.scale not in ("smd", "mean_difference"):
        return action
    ends = {field: getattr(entry, field) for field in ("value", "lower", "upper") if getattr(entry, field) is not None}
    turned = {field: float(entry.acting(number)) for field, number in ends.items()}
    if "lower" in turned and turned["lower"] > turned["upper"]:
        turned |= {"lower": turned["upper"], "upper": turned["lower"]}
    kept = {key: item for key, item in action.to_dict()["effect"].items() if key not in ("favourable", "control", "sd")}
    return Action.from_dict({**action.to_dict(), "effect": {**kept, **turned, "scale": entry.acts_as}})


def _effect(said: _Said, end: float, choice: Choice) -> _Said:
    """The effect at an end of its interval, or an own number for all; its uncertainty moves along."""
    own = choice.own_effect
    if said["scale"] == "rd":
        moved = -own if own is not None else -end / 100
        shift = moved - said.get("value", moved)
        return _each(said, lambda number: max(min(number + shift, 1.0), -1.0), keep_groups=own is None)
    moved = 1 - own if own is not None else 1 - end / 100
    factor = moved / said.get("value", moved)
    return _each(said, lambda number: number * factor, keep_groups=own is None)


def _each(said: Mapping[str, Any], move: Any, *, keep_groups: bool) -> _Said:
    """Every number of an entry moved; those of groups and areas too, or left out."""
    found: _Said = {}
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


def _reach(said: Any, shares: Mapping[str, float], feasible: Mapping[str, float]) -> _Said:
    """One share for each group; uncertainty as wide, relatively, as the action's first uncertain step has it.

    No more would come than before, unless the viewer says so.
    """
    about = {name: said[name] for name in ("of", "risk") if isinstance(said, Mapping) and name in said}
    if feasible:
        about["feasible"] = {"by_group": {group: max(most, shares[group]) for group, most in feasible.items()}}
    steps = [said] if not isinstance(said, Mapping) or "value" in said or "by_group" in said else list(said.values())
    middle = sum(shares.values()) / len(shares)
    found: _Said = {"value": middle, "by_group": dict(shares)}
    wide = [_spelt(step) for step in steps if isinstance(step, Mapping) and step.get("lower") is not None]
    if wide and 0 < middle < 1:
        step = wide[0]
        low, high = (_odds(step[end]) / _odds(step["value"]) for end in ("lower", "upper"))
        found |= {"lower": _share(_odds(middle) * low), "upper": _share(_odds(middle) * high)}
        found["distribution"] = "logit-normal"
    return {**about, **found}


def _odds(share: float) -> float:
    share = min(max(share, 1e-4), 1 - 1e-4)
    return share / (1 - share)


def _share(odds: float) -> float:
    return odds / (1 + odds)


def _scaled(said: _Said, value: float) -> _Said:
    """Another value with an interval as wide in proportion."""
    if said.get("lower") is None or not said.get("value"):
        return {"value": value}
    return {"value": value, **{end: value * said[end] / said["value"] for end in ("lower", "upper")}}


def _spelt(entry: Any) -> _Said:
    return dict(entry) if isinstance(entry, Mapping) else {"value": entry}


def _without_groups(said: Any) -> Any:
    if not isinstance(said, Mapping):
        return said
    kept = {field: _without_groups(item) for field, item in said.items() if field not in ("by_group", "odds_ratio")}
    if "by_group" in said and "value" not in said and "by_area" not in said:
        raise PlanError("A number is given by group only: the action has no other grouping.")
    return kept
