"""The releases that the server was started with: the choices of "Vaihda", and the slices of them that a page reads."""

import os
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path
from typing import TypeVar

from hyteanalysis import areas as areal
from hyteanalysis.cells import TOTAL
from hyteanalysis.disclosure import Release
from hyteanalysis.errors import DisclosureError, HyteError, one_of
from hyteanalysis.findings.contrasts import WHOLE
from hyteanalysis.i18n import formats, text

T = TypeVar("T")
OPTIONS = 256  # answers held of each kind about a release: contents, options, defaults


class Unapproved(DisclosureError):
    """A release of real data that no named person has approved."""


class Library:
    """Release folders by id; one that cannot be trusted or is not approved is told apart and never shown.

    Parameters
    ----------
    paths : iterable of path
        Release folders in the order of the command line; the first that can be shown is shown at first.
    unapproved : bool
        Whether releases that nobody has approved are shown too; practice data and public ones need no approval.

    Attributes
    ----------
    faults : dict
        Folder name and error of each release that cannot be shown.
    """

    def __init__(self, paths: Iterable[str | Path], *, unapproved: bool = False) -> None:
        self._open: dict[str, Release] = {}
        self._folders: dict[str, str] = {}
        self.faults: dict[str, HyteError] = {}
        for path in paths:
            try:
                release = Release.open(path)
                if not (release.approved or release.synthetic or release.already_public or unapproved):
                    raise Unapproved(
                        f"The release {Path(path).name!r} is not approved (`hyte release --approve NAME`)."
                    )
            except HyteError as error:
                self.faults[Path(path).name] = error
            else:
                self._open[release.id] = release
                self._folders[release.id] = Path(path).name

    @classmethod
    def from_environment(cls) -> "Library":
        """The folders that the server names in ``HYTE_RELEASES``; ``HYTE_UNAPPROVED`` is its ``--unapproved``."""
        paths = [path for path in os.environ.get("HYTE_RELEASES", "").split(os.pathsep) if path]
        return cls(paths, unapproved=os.environ.get("HYTE_UNAPPROVED") == "1")

    @property
    def ids(self) -> list[str]:
        """Ids of the releases that can be shown."""
        return list(self._open)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why releases cannot be shown: ``not_approved``; ``none`` where one is missing, unfinished or altered."""
        found = ["not_approved" if isinstance(error, Unapproved) else "none" for error in self.faults.values()]
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
        return self.release(identity).memory.once(kind, key, make, most=OPTIONS)

    def label(self, identity: str, lang: str) -> str:
        """What a viewer reads of a release: practice, published or own figures, its folder and the day it was made."""
        release = self.release(identity)
        kind = "practice" if release.synthetic else "published" if release.already_public else "own"
        values = {"name": self._folders[identity], "date": formats.date(release.created, lang)}
        return text(f"app.release.label.{kind}", lang, **values)
