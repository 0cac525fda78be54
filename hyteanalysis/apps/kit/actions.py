"""The actions that the server was started with, and which of them a release can answer for."""

import os
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import pandas as pd

from hyteanalysis import places
from hyteanalysis.actions import Action
from hyteanalysis.disclosure import Release
from hyteanalysis.errors import HyteError

KINDS = ("proportion", "rate")
SHELVES = 4  # whose usable actions are held of one release


class ActionLibrary:
    """Actions by id; a file that cannot be read is told apart.

    Parameters
    ----------
    paths : iterable of path
        YAML files of actions.

    Attributes
    ----------
    actions : dict
        Id and action.
    faults : dict
        File name and error of each that cannot be read.
    """

    def __init__(self, paths: Iterable[str | Path]) -> None:
        self.actions: dict[str, Action] = {}
        self.faults: dict[str, HyteError] = {}
        for path in paths:
            try:
                action = Action.read(path)
            except HyteError as error:
                self.faults[Path(path).name] = error
            else:
                self.actions[action.id] = action

    @classmethod
    def from_environment(cls) -> "ActionLibrary":
        """The folder that the server names in ``HYTE_ACTIONS``, else the examples."""
        folder = Path(os.environ.get("HYTE_ACTIONS") or places.committed("actions"))
        return cls(sorted(folder.glob("*.yml")) if folder.is_dir() else [folder])

    def usable(self, release: Release) -> list[str]:
        """Ids of the actions with a price, whose outcome the release holds as a share of the groups that they name."""
        return release.memory.once("usable", self.key, lambda: self._usable(release), most=SHELVES)

    @cached_property
    def key(self) -> tuple[str, ...]:
        """All that the actions say, so that two shelves are told apart by what stands on them."""
        return tuple(action.model_dump_json() for _, action in sorted(self.actions.items()))

    def _usable(self, release: Release) -> list[str]:
        kinds = release.indicators.set_index("indicator")["kind"]
        cells = release.cells[["indicator", "area", "dimension", "group"]]
        return [
            identity
            for identity, action in sorted(self.actions.items())
            if kinds.get(action.outcome) in KINDS
            and _priced(action)
            and _named(action, cells[cells["indicator"] == action.outcome])
        ]


def movable(action: Action) -> bool:
    """Whether the action can be restated by another grouping."""
    return all(entry.value is not None for entry in action.inputs().values())


def _named(action: Action, cells: pd.DataFrame) -> bool:
    """Whether cells of the outcome have the groups and areas that an action names, unless another grouping serves."""
    groups, areas = set(), set()
    for entry in action.inputs().values():
        groups |= {*entry.by_group, *(group for inner in entry.by_area.values() for group in inner.by_group)}
        areas |= {*entry.by_area}
    there = set(cells.loc[cells["dimension"] == action.dimension, "group"])
    return (groups <= there if there else movable(action)) and areas <= set(cells["area"])


def _priced(action: Action) -> bool:
    numbers = [entry.value for _, entry in action.cost.per_person.entries() if entry.value is not None]
    return bool(numbers) and min(numbers) > 0
