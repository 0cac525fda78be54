"""What the server was started with: its releases and actions, each opened once."""

import os
from collections.abc import Callable, Hashable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import pandas as pd

from hyteanalysis import areas as areal
from hyteanalysis import disclosure, places
from hyteanalysis.actions import Action
from hyteanalysis.cells import TOTAL
from hyteanalysis.disclosure import Release
from hyteanalysis.errors import DisclosureError, HyteError, one_of
from hyteanalysis.findings.contrasts import WHOLE
from hyteanalysis.i18n import formats, text

T = TypeVar("T")
_OPTIONS = 256  # answers held of each kind about a release: contents, options, defaults


class _Unapproved(DisclosureError):
    """A release of real data that no named person has approved."""


def _check_approved(release: Release, name: str, keys: frozenset[str] | None) -> None:
    """Refuse a release that needs an approval and has none: of anybody, or of those whose keys are known."""
    if keys is None:
        if not (release.approved or release.synthetic or release.already_public):
            raise _Unapproved(f"The release {name!r} is not approved (`hyte release --approve NAME`).")
    elif not release.approved_by(keys):
        raise _Unapproved(
            f"The release {name!r} is not approved by any of those whose keys this server knows (`hyte release {name} "
            "--approve NAME --sign KEY`, by one of them)."
        )


class Library:
    """Release folders by id; one that cannot be trusted or is not approved is told apart and never shown.

    Parameters
    ----------
    paths : iterable of path
        Release folders in the order of the command line; the first that can be shown is shown at first.
    unapproved : bool
        Whether releases that nobody has approved are shown too; practice data and public ones need no approval.
    approvers : path, optional
        Public keys of those whose approval counts (:func:`hyteanalysis.disclosure.approvers`). With it every release
        needs one of their signatures, practice data and public ones too.

    Attributes
    ----------
    faults : dict
        Folder name and error of each release that cannot be shown.
    """

    def __init__(
        self, paths: Iterable[str | Path], *, unapproved: bool = False, approvers: str | Path | None = None
    ) -> None:
        keys = disclosure.approvers(approvers) if approvers is not None else None
        self._open: dict[str, Release] = {}
        self._folders: dict[str, str] = {}
        self.faults: dict[str, HyteError] = {}
        for path in paths:
            try:
                release = Release.open(path)
                if not unapproved:
                    _check_approved(release, Path(path).name, keys)
            except HyteError as error:
                self.faults[Path(path).name] = error
            else:
                self._open[release.id] = release
                self._folders[release.id] = Path(path).name

    @classmethod
    def from_environment(cls) -> "Library":
        """The folders that the server names in ``HYTE_RELEASES``; other variables are its options."""
        paths = [path for path in os.environ.get("HYTE_RELEASES", "").split(os.pathsep) if path]
        unapproved = os.environ.get("HYTE_UNAPPROVED") == "1"
        return cls(paths, unapproved=unapproved, approvers=os.environ.get("HYTE_APPROVERS") or None)

    @property
    def ids(self) -> list[str]:
        """Ids of the releases that can be shown."""
        return list(self._open)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why releases cannot be shown: ``not_approved``; ``none`` where one is missing, unfinished or altered."""
        found = ["not_approved" if isinstance(error, _Unapproved) else "none" for error in self.faults.values()]
        return tuple(dict.fromkeys(found)) or (() if self._open else ("none",))

    def release(self, identity: str) -> Release:
        """A release by its id."""
        if not self._open:
            raise DisclosureError("No release can be shown.")
        return self._open[one_of(identity, self._open, "release", DisclosureError)]

    def indicator(self, identity: str, indicator: str) -> Release:
        """The part of a release that holds one indicator; only its rows are read, once."""
        whole = self.release(identity)
        return whole.part(("indicator", indicator), lambda: {"cells": whole.select(indicator=indicator)})

    def area(self, identity: str, area: str, dimension: str) -> Release:
        """The part that holds all indicators of an area, and of those shown in its stead, by one dimension."""
        whole = self.release(identity)
        places = [*areal.fallbacks(area, whole.areas), WHOLE]
        return whole.part(
            ("area", area, dimension), lambda: {"cells": whole.select(area=places, dimension=[dimension, TOTAL])}
        )

    def once(self, identity: str, kind: str, key: Hashable, make: Callable[[], T]) -> T:
        """What depends on a release and ``key`` alone, made when first asked for and held in the release's memory."""
        return self.release(identity).memory.once(kind, key, make, most=_OPTIONS)

    def label(self, identity: str, lang: str) -> str:
        """What a viewer reads of a release: practice, published or own figures, its folder and the day it was made."""
        release = self.release(identity)
        kind = "practice" if release.synthetic else "published" if release.already_public else "own"
        values = {"name": self._folders[identity], "date": formats.date(release.created, lang)}
        return text(f"app.release.label.{kind}", lang, **values)


_KINDS = ("proportion", "rate")
_SHELVES = 4  # whose usable actions are held of one release


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
        return release.memory.once("usable", self.key, lambda: self._usable(release), most=_SHELVES)

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
            if kinds.get(action.outcome) in _KINDS
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
