"""What a viewer has chosen on page B."""

from dataclasses import dataclass, replace
from typing import ClassVar

from traitlets import Bool, Tuple, Unicode

from hyteanalysis.apps.address import Addressed, PageState

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


class BenefitState(PageState):
    """The choice as traits: widgets set them, the page observes them."""

    selected = Choice

    release = Unicode()
    action = Unicode()
    area = Unicode(allow_none=True)
    indicator = Unicode()
    dimension = Unicode()
    effect = Unicode()
    reach = Tuple()
    budget = Unicode()
    price = Unicode()
    per = Unicode()
    target = Unicode()
    phone = Bool(False)
    refined = Bool(False)
