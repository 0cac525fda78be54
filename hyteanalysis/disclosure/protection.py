"""The only exit: cells are protected, attacked, and only then a release."""

import hashlib
import json
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from hyteanalysis import __version__
from hyteanalysis import areas as areal
from hyteanalysis.cells import check_groups, check_indicators, pandas_of, parts, reference_groups, validated
from hyteanalysis.disclosure import store
from hyteanalysis.disclosure.attack import AuditResult, attacked, audit_result, checked, keyed
from hyteanalysis.disclosure.geography import Geography, Trees
from hyteanalysis.disclosure.ledger import Published, check_counted, counts, emptied_cells, ledger, listed
from hyteanalysis.disclosure.policy import Policy
from hyteanalysis.disclosure.released import Release
from hyteanalysis.disclosure.rounding import rounded
from hyteanalysis.disclosure.suppression import suppress
from hyteanalysis.disclosure.system import NUMBER, PEOPLE, Block, Lattice, System, blocks
from hyteanalysis.errors import DisclosureError, counted, one_of
from hyteanalysis.i18n import LANGS
from hyteanalysis.progress import bar

_SORTED = ["indicator", "dimension", "period", "area", "group"]


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
    known = None if indicators is None else check_indicators(indicators)
    cells = validated(pandas_of(cells), known).sort_values(_SORTED, ignore_index=True)
    indicators = _used_indicators(cells, known)
    previous = [one if isinstance(one, Release) else Release.open(one) for one in previous]
    trees = Trees(pd.concat([cells, *(one.cells for one in previous)], ignore_index=True), hierarchy)
    protected, proof = _protected(
        cells,
        indicators,
        policy=policy,
        trees=trees,
        previous=previous,
        exhaustive=_known(exhaustive, indicators),
        progress=progress,
    )
    frames = {
        "cells": protected,
        "indicators": indicators,
        "groups": _used_groups(cells, groups),
        "areas": _used_areas(trees.in_use(cells["area"].unique()), areas),
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
    manifest["audit"] = {"version": __version__, **proof.summary}
    return Release(manifest, frames)


def _known(exhaustive: Sequence[Sequence[str]], indicators: pd.DataFrame) -> list[tuple[str, ...]]:
    for one in (one for group in exhaustive for one in group):
        one_of(one, list(indicators["indicator"]), "exhaustive= indicator", DisclosureError)
    return [tuple(group) for group in exhaustive]


def _protected(
    cells: pd.DataFrame,
    indicators: pd.DataFrame,
    *,
    policy: Policy,
    trees: Trees,
    previous: Sequence[Published] = (),
    exhaustive: Sequence[Sequence[str]] = (),
    progress: bool | None = None,
) -> tuple[pd.DataFrame, AuditResult]:
    """Hide what a policy calls unsafe and what would give it away, over all tables together.

    Raises DisclosureError as :func:`hyteanalysis.disclosure.release` says.
    """
    if not policy.protects:
        if policy.counts_needed:
            check_counted(cells, counts(cells, indicators.set_index("indicator")["kind"]), policy)
        return cells.copy(), audit_result([], len(cells), 0)
    rows = ledger(cells, indicators, policy=policy, previous=previous)
    _refuse_public(rows)
    if policy.rounding is not None:
        return rounded(cells, indicators, rows, policy, trees, previous)
    least = 0 if policy.zeros == "hidden" else 1
    hidden = rows.loc[rows["hidden"] & (rows["cell"] >= 0), "cell"].to_numpy()
    people = []
    found, gone = [], [hidden]
    known: dict[bytes, Lattice] = {}
    every = list(blocks(rows, exhaustive))
    line = bar(total=int(rows["hidden"].sum()), what="protecting", unit="number", shown=progress)
    done = 0
    for block in every:
        line.set_postfix_str(block.name[:40])
        made, audit = _protected_block(block, trees.of(block.period), least, known, line.update)
        done += int(block.rows["hidden"].sum())
        line.update(done - line.n)  # what was easy told nothing
        found.append(keyed(made, audit, block.period))
        numbers = made.rows.iloc[: made.numbers * len(made.families)]
        taken = made.hidden[: len(numbers)] & (numbers["cell"] >= 0).to_numpy()
        gone.append(numbers.loc[taken, "cell"].to_numpy())
        people.append(_without_people(made, block))
    line.close()
    protected = emptied_cells(cells, np.concatenate(gone), pd.concat(people) if people else None)
    suppressed = int((protected["status"] == "suppressed").sum())
    result = audit_result(found, len(cells), suppressed, primary=len(hidden), revised=int(rows["revised"].sum()))
    if not result.safe:
        raise DisclosureError(f"the audit failed: {listed(result.unsafe)}")
    return protected, result


def _protected_block(
    block: Block, geography: Geography, least: int, known: dict[bytes, Lattice], tick: Callable[[int], object]
) -> tuple[System, pd.DataFrame]:
    """A block's system with all hidden that must be, and the audit of it."""
    vary = block.people_hidden
    while True:
        made = checked(block, geography, least, vary, known)
        if not (made.hidden[: made.numbers * len(made.families)].any() or len(made.targets)):
            return made, attacked(made)
        try:
            return made, suppress(made, tick=lambda n: (tick(n), None)[1])
        except DisclosureError:
            if vary or not block.rows["people"].notna().any():
                raise
            vary = True  # hiding denominators too can protect what else could not be


def _refuse_public(rows: pd.DataFrame) -> None:
    """Refuse what cannot be protected, since readers have it already."""
    unsafe = rows["small"] | rows["complement"]
    out = rows[unsafe & rows["public"]]
    if len(out):
        raise DisclosureError(
            f"{len(out)} unsafe counts stand in an earlier release and cannot be protected: {listed(out)}. "
            "Tell the data's owner; leave them out of previous= only if that release was withdrawn."
        )
    under = rows[unsafe & rows["people_public"] & (rows["people"] < rows["k"]) & (rows["people"] > 0)]
    if len(under):
        raise DisclosureError(
            f"{counted(len(under), 'count has', 'counts have')} "
            "a public population below the minimum count and cannot be protected: "
            f"{listed(under)}. Leave them out together with their group, or join groups or areas."
        )


def _without_people(made: System, block: Block) -> pd.DataFrame:
    """Denominators that must not be shown: keys and value."""
    if PEOPLE in made.families:
        start = (len(made.families) - 1) * made.numbers
        rows = made.rows.iloc[start : start + made.numbers]
        rows = rows[made.hidden[start : start + made.numbers]]
    else:
        rows = block.rows[block.rows["people_hidden"]]
    return rows.loc[rows["people"].notna(), [*NUMBER, "people"]].assign(period=block.period)


def _used_indicators(cells: pd.DataFrame, indicators: pd.DataFrame | None) -> pd.DataFrame:
    """Metadata, checked already, of the indicators in use; without any, what the cells say."""
    used = pd.Index(cells["indicator"].unique())
    if indicators is not None:
        return indicators.set_index("indicator").loc[used].reset_index()
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


def _used_groups(cells: pd.DataFrame, own: pd.DataFrame | None) -> pd.DataFrame:
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


def _used_areas(tree: pd.DataFrame, own: pd.DataFrame | None) -> pd.DataFrame:
    """Names of the areas in use: the owner's first, then the official ones, then the id."""
    if own is not None:
        one_of("area", own.columns, "areas= columns", DisclosureError)
    named = {f"label_{lang}": [areal.name(area, lang, own) for area in tree["area"]] for lang in LANGS}
    return tree.assign(**named).astype("str")


def _joined(indicators: pd.DataFrame, column: str) -> str | None:
    """What all indicators say of their source or licence, each once."""
    said = list(dict.fromkeys(indicators[column].dropna())) if column in indicators else []
    return "; ".join(map(str, said)) or None
