"""The only exit: cells are protected, attacked, and only then a release."""

import hashlib
import json
from collections.abc import Sequence

import pandas as pd

from hyteanalysis import __version__
from hyteanalysis.cells import tidy
from hyteanalysis.disclosure import store
from hyteanalysis.disclosure.geography import Trees
from hyteanalysis.disclosure.metadata import joined, used_areas, used_groups, used_indicators
from hyteanalysis.disclosure.policy import Policy
from hyteanalysis.disclosure.protect import protect
from hyteanalysis.disclosure.released import Release
from hyteanalysis.errors import DisclosureError, one_of

SORTED = ["indicator", "dimension", "period", "area", "group"]


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
    progress: bool | None = None,
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
    progress : bool, optional
        Show a bar. None: where somebody waits, on a terminal or in a notebook, once it takes longer than a second.

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
    indicators = used_indicators(cells, indicators)
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
        "groups": used_groups(cells, groups),
        "areas": used_areas(trees.in_use(cells["area"].unique()), areas),
    }
    said = {
        "policy": policy.to_dict(),
        "source": source or joined(indicators, "source"),
        "licence": licence or joined(indicators, "licence"),
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
