"""A release: the only frames that figures, dashboards and reports take, checked and carrying their own proof."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from hyteanalysis.disclosure import store
from hyteanalysis.disclosure.policy import Policy
from hyteanalysis.display import ROWS, shown
from hyteanalysis.errors import DisclosureError
from hyteanalysis.i18n import date, integer, language, own_text, text
from hyteanalysis.memory import Memory

PARTS = 8  # parts of a release held in its memory


@dataclass(frozen=True, eq=False, repr=False)
class Release:
    """Disclosure-checked cells with their metadata, policy and audit; made by :func:`release` or opened from a folder.

    Attributes
    ----------
    cells, indicators, groups, areas : DataFrame
        Each call gives a copy of its own. From a folder they are read when first asked for. In ``cells`` a suppressed
        row has ``status`` ``suppressed`` and no estimate, se, lower, upper or events. ``areas`` has
        ``area, parent, label_fi, label_sv, label_en``, one row a parent.
    id : str
        Twelve characters of a hash over content, policy and origin: the same numbers have the same id.
    policy : Policy
    audit : dict
        What the attacker tried and found.
    source, licence, created : str or None
    synthetic : bool
        Practice data: every number shown is labelled so.
    approved : bool
        Whether a named person has approved this very content.
    approval : dict or None
        ``name, when, hash`` of that approval; None where there is none, or the content changed since.
    memory : Memory
        What was read of it, found in it and measured, for as long as it lives; a page's library and a report have
        theirs here. Another release, a part or a copy has its own.
    """

    manifest: Mapping[str, Any]
    _frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    _folder: Path | None = None
    memory: Memory = field(default_factory=Memory, init=False)

    def _frame(self, name: str) -> pd.DataFrame:
        if name in self._frames:
            return self._frames[name].copy(deep=False)
        folder = self._folder
        if folder is None:
            raise DisclosureError(
                f"the release has no {name}: it lies in no folder and was made without. Make it again."
            )
        digest = str(self.manifest["files"][f"{name}.parquet"])
        frame = self.memory.once(
            "frame", name, lambda: store.read_frame(folder, name, digest), most=len(store.FRAMES) + 1
        )
        return frame.copy(deep=False)

    @property
    def cells(self) -> pd.DataFrame:
        """All rows; :meth:`select` reads only those asked for."""
        return self._frame("cells")

    @property
    def indicators(self) -> pd.DataFrame:
        """Indicator metadata, one row an indicator."""
        return self._frame("indicators")

    @property
    def groups(self) -> pd.DataFrame:
        """Group metadata, one row a group of a dimension in use."""
        return self._frame("groups")

    @property
    def areas(self) -> pd.DataFrame:
        """Areas in use: ``area, parent, label_fi, label_sv, label_en``, one row a parent."""
        return self._frame("areas")

    @property
    def covariance(self) -> pd.DataFrame | None:
        """Covariances of shown groups' errors, as ``disparity(covariance=)`` takes them; None where none were given."""
        held = self._folder is not None and "covariance.parquet" in self.manifest["files"]
        return self._frame("covariance") if held or "covariance" in self._frames else None

    @property
    def id(self) -> str:
        """Hash of content, policy and origin."""
        return str(self.manifest["id"])

    @property
    def policy(self) -> Policy:
        """The policy the release was made under."""
        return Policy.from_dict(self.manifest["policy"])

    @property
    def audit(self) -> dict[str, Any]:
        """The audit's summary."""
        return dict(self.manifest["audit"])

    @property
    def created(self) -> str:
        """When it was made (UTC)."""
        return str(self.manifest["created"])

    @property
    def source(self) -> str | None:
        """Where the numbers come from."""
        return self.manifest.get("source")

    @property
    def licence(self) -> str | None:
        """Licence of the numbers."""
        return self.manifest.get("licence")

    @property
    def synthetic(self) -> bool:
        """Whether this is practice data."""
        return bool(self.manifest.get("synthetic", False))

    @property
    def approved(self) -> bool:
        """Whether a named person has approved this very content (``hyte release --approve NAME``).

        A dashboard server shows a release only if it is ``approved``, ``synthetic`` or ``already_public``, unless it
        was started with ``--unapproved``; then every page says that nobody has approved the numbers. An approval holds
        the hash of all that the manifest says, and that the hashes of the files: after any change it counts no more.
        """
        return self.approval is not None

    @property
    def already_public(self) -> bool:
        """Whether its maker said that its numbers are published already (profile ``open``, unaltered)."""
        return self.policy == Policy.from_profile("open")

    @property
    def approval(self) -> dict[str, Any] | None:
        """``name, when, hash``: who approved it, when (UTC), and of what content; None where ``approved`` is false.

        Where it is signed, ``public_key`` says by whose key. Raises DisclosureError for a signature that does not fit.
        """
        return store.read_approval(self._folder, self.manifest) if self._folder is not None else None

    def approved_by(self, keys: frozenset[str]) -> bool:
        """Whether one of these public keys (:func:`hyteanalysis.disclosure.approvers`) signed this very content.

        Raises DisclosureError for an approval that names one of them without a signature that fits.
        """
        return self._folder is not None and store.read_approval(self._folder, self.manifest, keys=keys) is not None

    def select(
        self,
        *,
        indicator: str | Sequence[str] | None = None,
        area: str | Sequence[str] | None = None,
        dimension: str | Sequence[str] | None = None,
        period: str | Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """The cells of some indicators, areas, dimensions and periods; from a folder only those rows are read.

        Parameters
        ----------
        indicator, area, dimension, period : str or list of str, optional
            Values to keep; None keeps all. A value that the release lacks gives no rows.

        Returns
        -------
        DataFrame
            Tidy cells, sorted by indicator, dimension, period, area, group.
        """
        asked = {"indicator": indicator, "dimension": dimension, "period": period, "area": area}
        wanted = {
            key: [value] if isinstance(value, str) else [str(one) for one in value]
            for key, value in asked.items()
            if value is not None
        }
        known = "cells" in self._frames or self.memory.holds("frame", "cells")
        if not known and self._folder is not None and wanted:
            filters = [(key, "in", values) for key, values in wanted.items()]
            return store.read_frame(self._folder, "cells", self.manifest["files"]["cells.parquet"], filters)
        cells = self._frame("cells")
        for key, values in wanted.items():
            cells = cells[cells[key].isin(values)]
        return cells.reset_index(drop=True)

    def part(self, name: Hashable, frames: Callable[[], Mapping[str, pd.DataFrame]], *, most: int = PARTS) -> "Release":
        """A release of some of its numbers, or of its numbers under other names; made once and held in its memory.

        Parameters
        ----------
        name : hashable
            All that tells this part from others.
        frames : callable
            Gives ``cells``, and those of ``indicators, groups, areas`` that are not the whole's.
        most : int
            How many parts are held: those asked for last.
        """

        def made() -> Release:
            whole = {"indicators": self.indicators, "groups": self.groups, "areas": self.areas}
            if (covariance := self.covariance) is not None:
                whole["covariance"] = covariance
            return Release(self.manifest, {**whole, **frames()})

        return self.memory.once("part", name, made, most=most)

    def save(self, path: str | Path) -> None:
        """Write the release as a folder, whole or not at all; an older release there stays until this one is whole.

        Raises DisclosureError where ``path`` holds something that is not a release.
        """
        frames = {name: self._frame(name) for name in store.FRAMES}
        if (covariance := self.covariance) is not None:
            frames["covariance"] = covariance
        store.save(frames, {key: value for key, value in self.manifest.items() if key != "seal"}, path)

    @classmethod
    def open(cls, path: str | Path) -> "Release":
        """A release from its folder; frames are read when asked for.

        Raises DisclosureError, each with its own message, for a folder that is not there, is half-written, was altered,
        was made by another version, or failed its audit.
        """
        return cls(store.read_manifest(path), {}, Path(path).absolute())

    def __repr__(self) -> str:
        return f"<Release {self.id}: {self.audit.get('cells')} cells, {self.audit.get('suppressed')} suppressed>"

    def _repr_html_(self) -> str:
        lang, policy, approval = language(), self.policy, self.approval
        counts = {name: integer(float(self.audit.get(name, 0)), lang) for name in ("cells", "suppressed")}
        said = [text("display.synthetic", lang)] if self.synthetic else []
        said.append(text("display.release.said", lang, **counts))
        if policy.minimum_count > 1 and policy.rounding is None:
            said.append(text("app.quality.rule_count", lang, number=integer(policy.minimum_count, lang)))
        if policy.minimum_respondents > 1:
            said.append(text("app.quality.rule_respondents", lang, number=integer(policy.minimum_respondents, lang)))
        if self.already_public:
            said.append(text("app.quality.rule_none", lang))
        elif approval is None:
            said.append(text("app.release.unapproved", lang))
        rows = self.indicators.to_dict("records")
        titles = [own_text(row, "title", lang)[0] or str(row["indicator"]) for row in rows]
        facts = {
            text("display.indicator", lang): "; ".join(titles[:ROWS]) + (" …" if len(titles) > ROWS else ""),
            text("display.policy", lang): policy.name,
            text("display.source", lang): self.source or "",
            text("display.licence", lang): self.licence or "",
            text("display.created", lang): date(self.created, lang),
            text("display.approved", lang): f"{approval['name']}, {date(approval['when'], lang)}" if approval else "",
        }
        known = {name: words for name, words in facts.items() if words}
        return shown(f"{text('display.release_id', lang)} {self.id}", said=said, facts=known)


def only_release(value: object) -> Release:
    """The release itself; anything else is refused, since figures, reports and dashboards take no raw numbers.

    Raises DisclosureError for a DataFrame, a path or anything else that is not a :class:`Release`.

    >>> only_release([1, 2, 3])
    Traceback (most recent call last):
    hyteanalysis.errors.DisclosureError: figures take only a Release, not a list; make one with hyte.release(...)
    """
    if isinstance(value, Release):
        return value
    raise DisclosureError(f"figures take only a Release, not a {type(value).__name__}; make one with hyte.release(...)")
