"""The open plan: its editions, what is unsaved, and the way back."""

from dataclasses import dataclass, replace

from hyteanalysis.plan import Plan

KEPT = 100  # editions that can be gone back to


@dataclass(frozen=True)
class Edition:
    """A plan as it is on the desk.

    Attributes
    ----------
    plan : Plan or None
    name : str
        Name of its file.
    example : bool
        Whether it is the one shown at a first visit.
    unsaved : int
        Changes since a file was made of it.
    """

    plan: Plan | None = None
    name: str = ""
    example: bool = False
    unsaved: int = 0


class Desk:
    """What lies open; every change is a new edition, and the last one can be undone."""

    def __init__(self) -> None:
        self._editions: list[Edition] = [Edition()]
        self.number = 0
        self._plans: dict[int, Plan | None] = {0: None}

    @property
    def now(self) -> Edition:
        """The edition that is shown."""
        return self._editions[-1]

    @property
    def plan(self) -> Plan | None:
        """The open plan."""
        return self.now.plan

    @property
    def can_undo(self) -> bool:
        """Whether there is an edition to go back to."""
        return len(self._editions) > 1

    def open(self, plan: Plan, name: str, *, example: bool = False) -> None:
        """Lay another plan on the desk; what lay there can be gone back to."""
        self._lay(Edition(plan, name, example))

    def change(self, plan: Plan) -> None:
        """Lay the next edition of the open plan on the desk."""
        self._lay(replace(self.now, plan=plan, example=False, unsaved=self.now.unsaved + 1))

    def plan_of(self, number: int) -> Plan | None:
        """The plan as it was in an edition; the open one where that is long past."""
        return self._plans.get(number, self.plan)

    def undo(self) -> None:
        """Go back to the edition before."""
        if self.can_undo:
            self._editions.pop()
            self._count()

    def saved(self) -> None:
        """A file was made of what lies open."""
        self._editions[-1] = replace(self.now, unsaved=0)

    def _lay(self, edition: Edition) -> None:
        first_is_empty = len(self._editions) == 1 and self._editions[0].plan is None
        self._editions = [*([] if first_is_empty else self._editions[-KEPT:]), edition]
        self._count()

    def _count(self) -> None:
        self.number += 1
        self._plans[self.number] = self.plan
        self._plans.pop(self.number - KEPT, None)
