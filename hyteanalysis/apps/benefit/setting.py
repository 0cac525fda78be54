"""What a choice stands on: the release's part, the action by the grouping, the area shown, the action's own numbers."""

from dataclasses import dataclass

from hyteanalysis import areas
from hyteanalysis.actions import Action, Impact, impact
from hyteanalysis.apps.benefit.choice import EFFECTS, PER, TARGETS, Choice
from hyteanalysis.apps.benefit.own_numbers import for_dimension, movable
from hyteanalysis.apps.benefit.shelf import Shelf
from hyteanalysis.apps.choices import area_codes, first_indicator
from hyteanalysis.apps.contents import dimensions
from hyteanalysis.apps.library import Library
from hyteanalysis.apps.number_field import number_in
from hyteanalysis.disclosure import Release
from hyteanalysis.errors import HyteError

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
        """Each group's reach as the action has it."""
        found = self.plain.by_group.set_index("group")["reach"]
        return {group: float(found[group]) for group in self.groups}

    @property
    def price(self) -> float:
        """Euros for one person reached, over the groups as they are reached."""
        cells = self.plain.by_group
        reached = float(cells["reached"].sum())
        prices = self.plain.simulation.cost.values
        return float(cells["cost"].sum()) / reached if reached else float(prices.mean())

    @property
    def setup(self) -> float:
        """Euros once for each group that is opened."""
        return float(self.plain.simulation.setup.values.sum())

    @property
    def budget(self) -> float:
        """What the action costs at its reach, to two digits."""
        cost = float(self.plain.by_group["cost"].sum()) + self.setup
        return max(float(f"{cost:.1e}"), 1_000.0)


def settle(asked: Choice, library: Library, shelf: Shelf) -> tuple[Choice, tuple[str, ...]]:
    """The choice with every value from this side's own lists, and the names of the fields that were changed.

    An empty value becomes the default silently; an unknown one becomes the default and its field is named. Without an
    action the first one for the indicator is taken, else for the topic whose gap between groups is largest.
    """
    changed: list[str] = []

    def chosen(field: str, value: str, allowed: list[str]) -> str:
        if value in allowed:
            return value
        if value:
            changed.append(field)
        return allowed[0] if allowed else ""

    release_id = chosen("release", asked.release, library.ids)
    whole = library.release(release_id)
    usable = shelf.usable(whole)
    if not asked.action and usable:
        wanted = asked.indicator or first_indicator(library, release_id, asked.area, asked.dimension)
        usable = sorted(usable, key=lambda one: shelf.actions[one].outcome != wanted)
    action = chosen("action", asked.action, usable)
    if not action:
        return Choice(release=release_id, area=asked.area), tuple(changed)
    outcome = shelf.actions[action].outcome
    release = library.indicator(release_id, outcome)
    codes = sorted(area_codes(whole), key=lambda code: code != "SSS")
    area = asked.area if asked.area is None else chosen("area", asked.area, codes)
    dimension = chosen("dimension", asked.dimension, offered_dimensions(release, shelf.actions[action]))
    effects = EFFECTS if shelf.actions[action].effect.lower is not None else ("",)
    effect = asked.effect if asked.effect in effects else _number(asked.effect, EFFECT)
    changed += ["effect"] if asked.effect and not effect else []
    groups = set(release.cells.loc[release.cells["dimension"] == dimension, "group"])
    reach = _reach(asked.reach, groups)
    changed += ["reach"] if len(reach) != len(asked.reach) else []
    euros = {"budget": _number(asked.budget, BUDGET), "price": _number(asked.price, PRICE)}
    changed += [field for field, value in euros.items() if getattr(asked, field) and not value]
    settled = Choice(
        release=release_id,
        action=action,
        area=area,
        indicator=outcome,
        dimension=dimension,
        effect=effect,
        reach=reach,
        **euros,
        per=chosen("per", asked.per, list(PER)),
        target=chosen("target", asked.target, list(TARGETS)),
        phone=asked.phone is True,
        refined=asked.refined is True,
    )
    return settled, tuple(changed)


def setting(choice: Choice, library: Library, shelf: Shelf) -> Setting | None:
    """The footing of a settled choice; None where its area has no numbers by this grouping."""
    if choice.area is None or not choice.action:
        return None
    release = library.indicator(choice.release, choice.indicator)
    action = for_dimension(shelf.actions[choice.action], choice.dimension)
    shown = areas.shown(
        release.cells, choice.area, choice.indicator, choice.dimension, hierarchy=release.areas[["area", "parent"]]
    )
    if shown is None:
        return None
    try:
        plain = impact(release, action, areas=shown, draws=100, seed=SEED)
    except HyteError:  # every number is hidden, or the action names groups or areas that are not there
        return None
    return Setting(release, action, choice.area, shown, plain)


def offered_dimensions(release: Release, action: Action) -> list[str]:
    """Groupings of the outcome, the action's own first; no other where a number is given by group only."""
    there = dimensions(release.cells)
    own = [one for one in there if one == action.dimension]
    return [*own, *(one for one in there if one != action.dimension)] if movable(action) else own


def _reach(asked: tuple[str, ...], groups: set[str]) -> tuple[str, ...]:
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
