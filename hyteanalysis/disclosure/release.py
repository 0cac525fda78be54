"""The release: the only frames that figures, dashboards and reports take, checked and carrying their own proof."""

import hashlib
import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from hyteanalysis import __version__
from hyteanalysis import areas as areal
from hyteanalysis.cells import check_groups, check_indicators, parts, reference_groups, tidy
from hyteanalysis.disclosure import store
from hyteanalysis.disclosure.geography import Trees
from hyteanalysis.disclosure.policy import Policy
from hyteanalysis.disclosure.protect import protect
from hyteanalysis.errors import DisclosureError, one_of
from hyteanalysis.i18n import LANGS

SORTED = ["indicator", "dimension", "period", "area", "group"]


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
    approval : dict or None
        ``name, when, hash`` of the person who approved this very content.
    """

    manifest: Mapping[str, Any]
    _frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    _folder: Path | None = None

    def _frame(self, name: str) -> pd.DataFrame:
        if name not in self._frames:
            if self._folder is None:
                raise DisclosureError(f"the release has no {name}")
            self._frames[name] = store.read_frame(self._folder, name)
        return self._frames[name].copy(deep=False)

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
    def approval(self) -> dict[str, Any] | None:
        """Who approved it, when, and of what content; None where nobody has."""
        return dict(self.manifest["approval"]) if store.approved(self.manifest) else None

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
        if "cells" not in self._frames and self._folder is not None and wanted:
            filters = [(key, "in", values) for key, values in wanted.items()]
            return store.read_frame(self._folder, "cells", filters)
        cells = self._frame("cells")
        for key, values in wanted.items():
            cells = cells[cells[key].isin(values)]
        return cells.reset_index(drop=True)

    def save(self, path: str | Path) -> None:
        """Write the release as a folder, whole or not at all; an older release there stays until this one is whole.

        Raises DisclosureError where ``path`` holds something that is not a release.
        """
        frames = {name: self._frame(name) for name in store.FRAMES}
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
        rows = {
            "release": self.id + (" (synthetic)" if self.synthetic else ""),
            "cells": f"{self.audit.get('cells')}, of which {self.audit.get('suppressed')} suppressed",
            "indicators": ", ".join(self.indicators["indicator"].head(12)),
            "policy": f"{self.policy.name}, k = {self.policy.minimum_count}",
            "source": self.source or "–",
            "created": self.created,
            "approved": self.approval["name"] if self.approval else "no",
        }
        body = "".join(
            f"<tr><th scope='row'>{key}</th><td>{html.escape(str(value))}</td></tr>" for key, value in rows.items()
        )
        return f"<table>{body}</table>"


def release(
    cells: pd.DataFrame,
    indicators: pd.DataFrame | None = None,
    *,
    policy: Policy,
    groups: pd.DataFrame | None = None,
    areas: pd.DataFrame | None = None,
    hierarchy: pd.DataFrame | None = None,
    previous: Sequence[Release] = (),
    exhaustive: Sequence[Sequence[str]] = (),
    synthetic: bool = False,
    source: str | None = None,
    licence: str | None = None,
    progress: bool = False,
) -> Release:
    """Protect cells by a policy, attack the result, and give it as a release: the only exit.

    Answers: *which of these numbers may be shown to anybody, and can a hidden one be worked out from the others?*

    Parameters
    ----------
    cells : DataFrame
        Tidy cells (:func:`hyteanalysis.tidy`). Each number needs ``events`` (unweighted count) or ``respondents``,
        unless the policy is for data that are public already (``open``). Counts to protect are ``events``, and the
        estimate itself where the indicator's kind is ``count``; where ``population`` is given, also
        ``population − events``.
    indicators : DataFrame, optional
        Indicator metadata. Without it, id stands for title.
    policy : Policy
        What is unsafe. The data's owner decides.
    groups : DataFrame, optional
        Group metadata ``dimension, group, label_fi, …`` beyond the common ones.
    areas : DataFrame, optional
        Names of own areas: ``area, label_fi, label_sv, label_en``.
    hierarchy : DataFrame, optional
        ``area, parent``; an area may have several parents, and the areas of each kind under a parent make up the whole
        of it. None is the official hierarchy.
    previous : sequence of Release, optional
        Earlier releases of the same data, which the reader has too.
    exhaustive : sequence of sequences of str, optional
        Indicators whose counts add up to the population, such as ``[("employed", "unemployed", "other")]``: a reader
        can work one out from the others. An outcome and its complement are recognised.
    synthetic : bool
        Practice data, to be labelled so wherever it is shown.
    source, licence : str, optional
        Where the numbers come from, under which licence; by default what the indicators say.

    progress : bool
        Show a progress bar.

    Returns
    -------
    Release
        Frozen; suppressed rows stay, emptied, with status ``suppressed``.

    Raises
    ------
    DisclosureError
        Neither events nor respondents; fractional events; margins that do not add up, named with the difference; a
        count that cannot be protected.
    TidyError
        Cells that are not tidy.

    Notes
    -----
    Not covered: a reader who reasons from the choices of the algorithm itself, and numbers that a researcher prints
    from raw cells.

    Examples
    --------
    >>> import pandas as pd, hyteanalysis as hyte
    >>> cells = pd.DataFrame({"area": ["east", "west"], "estimate": [2.0, 20.0], "events": [2, 20]})
    >>> cells = cells.assign(indicator="lonely", period="2024", dimension="total", group="total", population=100)
    >>> hyte.release(cells, policy=hyte.Policy()).cells[["area", "estimate", "status"]]
       area  estimate      status
    0  east       NaN  suppressed
    1  west      20.0          ok
    """
    if not isinstance(policy, Policy):
        raise DisclosureError(f"policy must be a Policy, such as Policy.from_profile('thl'); not {policy!r}")
    cells = tidy(cells, indicators).sort_values(SORTED, ignore_index=True)
    indicators = _indicators(cells, indicators)
    previous = [one if isinstance(one, Release) else Release.open(one) for one in previous]
    trees = Trees(pd.concat([cells, *(one.cells for one in previous)], ignore_index=True), hierarchy)
    done = protect(
        cells,
        indicators,
        policy=policy,
        trees=trees,
        previous=previous,
        exhaustive=_known(exhaustive, indicators),
        progress=progress,
    )
    frames = {
        "cells": done.cells,
        "indicators": indicators,
        "groups": _groups(cells, groups),
        "areas": _areas(trees.in_use(cells["area"].unique()), areas),
    }
    said = {
        "policy": policy.to_dict(),
        "source": source or _joined(indicators, "source"),
        "licence": licence or _joined(indicators, "licence"),
        "synthetic": synthetic,
        "previous": [{"id": one.id, "seal": one.manifest.get("seal")} for one in previous],
        "exhaustive": [list(group) for group in exhaustive],
        "geography": trees.to_list() if policy.protects else [],
    }
    content = {**said, **{name: store.content_hash(frame) for name, frame in frames.items()}}
    identity = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]
    manifest = {"id": identity, "schema_version": store.SCHEMA_VERSION, "created": store.now(), **said}
    manifest["audit"] = {"version": __version__, **done.audit.summary}
    return Release(manifest, frames)


def _known(exhaustive: Sequence[Sequence[str]], indicators: pd.DataFrame) -> list[tuple[str, ...]]:
    for one in (one for group in exhaustive for one in group):
        one_of(one, list(indicators["indicator"]), "exhaustive= indicator", DisclosureError)
    return [tuple(group) for group in exhaustive]


def _indicators(cells: pd.DataFrame, indicators: pd.DataFrame | None) -> pd.DataFrame:
    """Metadata of the indicators in use; without any, what the cells say."""
    used = pd.Index(cells["indicator"].unique())
    if indicators is not None:
        return check_indicators(indicators).set_index("indicator").loc[used].reset_index()
    told = cells.drop_duplicates("indicator").set_index("indicator")
    return pd.DataFrame(
        {
            "indicator": used,
            "title_en": used,
            "unit": "",
            "kind": "index",
            "scale": told["scale"].fillna(1.0).to_numpy() if "scale" in told else 1.0,
            "favourable": told["favourable"].fillna(False).astype(bool).to_numpy() if "favourable" in told else False,
        }
    )


def _groups(cells: pd.DataFrame, own: pd.DataFrame | None) -> pd.DataFrame:
    """Labels of the groups and dimensions in use: the owner's first, then the common ones, then ids alone."""
    used = cells[["dimension", "group"]].drop_duplicates()
    single = {
        (part, one)
        for row in used.itertuples(index=False)
        for part, one in zip(parts(row.dimension), parts(row.group), strict=True)
    }
    single |= {("dimension", part) for part, _ in single}
    known = pd.concat([*([] if own is None else [check_groups(own)]), reference_groups()], ignore_index=True)
    known = known.drop_duplicates(["dimension", "group"])
    wanted = pd.DataFrame(sorted(single), columns=["dimension", "group"], dtype="str")
    return wanted.merge(known, on=["dimension", "group"], how="left", validate="one_to_one")


def _areas(tree: pd.DataFrame, own: pd.DataFrame | None) -> pd.DataFrame:
    """Names of the areas in use: the owner's first, then the official ones, then the id."""
    if own is not None:
        one_of("area", own.columns, "areas= columns", DisclosureError)
    named = {f"label_{lang}": [areal.name(area, lang, own) for area in tree["area"]] for lang in LANGS}
    return tree.assign(**named).astype("str")


def _joined(indicators: pd.DataFrame, column: str) -> str | None:
    """What all indicators say of their source or licence, each once."""
    said = list(dict.fromkeys(indicators[column].dropna())) if column in indicators else []
    return "; ".join(map(str, said)) or None
