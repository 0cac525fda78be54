"""The only exit: cells are protected, attacked, and only then a release."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from hyteanalysis import __version__
from hyteanalysis import areas as areal
from hyteanalysis.cells import (
    KEYS,
    NUMBERS,
    check_groups,
    check_indicators,
    pandas_of,
    parts,
    reference_groups,
    validated,
)
from hyteanalysis.disclosure import store
from hyteanalysis.disclosure.attack import AuditResult, attacked, audit_result, checked, keyed
from hyteanalysis.disclosure.covariance import shown_pairs
from hyteanalysis.disclosure.geography import AT, Trees, own_parents
from hyteanalysis.disclosure.ledger import Published, check_counted, check_kinds, counts, emptied_cells, ledger, listed
from hyteanalysis.disclosure.policy import Policy
from hyteanalysis.disclosure.proof import audit
from hyteanalysis.disclosure.relations import NUMBER, Relations, check_relations
from hyteanalysis.disclosure.released import Release
from hyteanalysis.disclosure.rounding import rounded
from hyteanalysis.disclosure.suppression import suppress
from hyteanalysis.disclosure.system import PEOPLE, Block, Lattice, System, blocks
from hyteanalysis.errors import SHOWN, DisclosureError, counted, one_of
from hyteanalysis.i18n import LANGS
from hyteanalysis.progress import bar

_SORTED = ["indicator", "dimension", "period", "area", "group"]
_FREE = ("method", "note")
_SAID = (
    "safe",
    "cells",
    "suppressed",
    "revised",
    "rounding",
    "unsafe",
    "attackers",
)  # nothing tells which, or how many


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
    relations: Relations | None = None,
    keep: Sequence[str] = (),
    covariance: pd.DataFrame | None = None,
    synthetic: bool = False,
    synthetic_by: str | None = None,
    maker: str | None = None,
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
        Names of own areas: ``area, label_fi, label_sv, label_en``, and where they lie: ``parent``.
    hierarchy : DataFrame, optional
        ``area, parent``; an area may have several parents, and the areas of each kind under a parent make up the whole
        of it. None is the official hierarchy.
    previous : sequence of Release, optional
        Earlier releases of the same data, which the reader has too.
    exhaustive : sequence of sequences of str, optional
        Indicators whose counts add up to the population, such as ``[("employed", "unemployed", "other")]``: a reader
        can work one out from the others. An outcome and its complement are recognised.
    relations : Relations, optional
        What else adds up: parts of indicators, groups that consist of others, periods. What looks like a sum and is
        neither declared nor denied is refused.
    keep : sequence of str
        ``method`` or ``note``: text columns declared to hold nothing about hidden numbers. Else they are dropped.
    covariance : DataFrame, optional
        Of groups whose errors are not independent, as ``survey.estimate`` and ``adjusted`` give it; pairs of which one
        is not shown are left out.
    synthetic : bool
        Practice data, to be labelled so wherever it is shown.
    synthetic_by : str, optional
        Who answers for it that nobody's real numbers are in it; needed under a policy that protects, unless the example
        maker made the numbers. Kept in the manifest.
    maker : str, optional
        Who makes the release; the same person cannot approve it.
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
        Neither events nor respondents; an indicator of unknown kind or denominator; what looks like a sum and is
        neither declared nor denied; practice data that nobody answers for; fractional events; margins that do not add
        up, named with the difference; numbers that differ from an earlier release (see ``Policy.revisions``); a count
        that cannot be protected.
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
    stated = indicators is not None
    told = relations or Relations()
    relations = replace(told, exhaustive=(*told.exhaustive, *map(tuple, exhaustive)))
    known = check_indicators(indicators) if indicators is not None else None
    cells = validated(pandas_of(cells), known).sort_values(_SORTED, ignore_index=True)
    indicators = _used_indicators(cells, known)
    if synthetic and policy.protects and not _example(indicators):
        _check_answered(synthetic_by)
    cells = _kept_columns(cells, policy, keep)
    previous = [one if isinstance(one, Release) else Release.open(one) for one in previous]
    if policy.protects:
        check_kinds(cells, indicators, stated=stated, policy=policy, no_shares=relations.no_shares)
        for earlier in previous:
            cells = _with_revisions(cells, earlier, policy)
    every = pd.concat([cells, *(one.cells for one in previous)], ignore_index=True)
    trees = Trees(every, hierarchy, own_parents(every["area"].unique(), areas, hierarchy))
    protected, proof = _protected(
        cells, indicators, policy=policy, trees=trees, previous=previous, relations=relations, progress=progress
    )
    frames = {
        "cells": protected,
        "indicators": indicators,
        "groups": _used_groups(cells, groups),
        "areas": _used_areas(trees.in_use(cells["area"].unique()), areas),
    }
    if covariance is not None:
        frames["covariance"] = shown_pairs(covariance, protected)
    frames = {name: _clean(frame) for name, frame in frames.items()}
    said = {
        "policy": policy.to_dict(),
        "source": source or _joined(indicators, "source"),
        "licence": licence or _joined(indicators, "licence"),
        "synthetic": synthetic,
        **({"synthetic_by": synthetic_by} if synthetic_by and not _example(indicators) else {}),
        **({"maker": maker} if maker else {}),
        "previous": [{"id": one.id, "seal": one.manifest.get("seal")} for one in previous],
        "relations": relations.to_dict(),
        "geography": trees.to_list() if policy.protects else [],
    }
    content = {**said, **{name: store.content_hash(frame) for name, frame in frames.items()}}
    identity = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]
    manifest = {"id": identity, "schema_version": store.SCHEMA_VERSION, "created": store.now(), **said}
    manifest["audit"] = {"version": __version__, **{key: proof.summary[key] for key in _SAID if key in proof.summary}}
    made = Release(manifest, frames)
    _check_seen(audit(made, previous=previous, progress=progress))
    return made


def _example(indicators: pd.DataFrame) -> bool:
    """Whether the maker of the example made all the indicators."""
    from hyteanalysis.sources.example.tables import SOURCE  # slow to import, and few releases are of practice data

    return "source" in indicators and bool(indicators["source"].eq(SOURCE).all())


def _check_answered(synthetic_by: str | None) -> None:
    """Refuse practice data of nobody: a server shows them without approval."""
    if not (isinstance(synthetic_by, str) and synthetic_by.strip()):
        raise DisclosureError(
            "synthetic=True says that no real person's numbers are in it, and servers show it without approval: name "
            "who answers for that with synthetic_by= (hyte release --synthetic --approver NAME). Only what the example "
            "maker made needs no name."
        )


def _check_seen(found: AuditResult) -> None:
    """What the second program can tell of a finished release: nothing, or there is no release."""
    if not found.safe:
        told = found.unsafe
        shown = ", ".join(f"{' / '.join(map(str, row))}" for row in told[KEYS].head(SHOWN).itertuples(index=False))
        raise DisclosureError(
            f"the second program can tell {counted(len(told), 'small number', 'small numbers')} of what would be "
            f"shown, though the first proved them hidden ({shown}): nothing is released. Leave out the dimension, the "
            "areas or the periods that these lie in, or join their groups; and report it, as one of the two errs."
        )


def _kept_columns(cells: pd.DataFrame, policy: Policy, keep: Sequence[str]) -> pd.DataFrame:
    """Cells without free text, unless it was declared to be harmless: a note of a hidden row may hold its number."""
    for name in keep:
        one_of(name, _FREE, "keep= column", DisclosureError)
    gone = [name for name in _FREE if name in cells and name not in keep]
    return cells.drop(columns=gone) if policy.protects else cells


def _clean(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame without what pandas would write beside its values."""
    cleaned = frame.reset_index(drop=True)
    cleaned.attrs = {}
    return cleaned


def _with_revisions(cells: pd.DataFrame, earlier: Release, policy: Policy) -> pd.DataFrame:
    """Cells after the policy's word on numbers that differ from an earlier release: the difference may be of few."""
    if policy.revisions == "show":
        return cells
    old = earlier.cells
    counted = [name for name in ("events", "population", "respondents") if name in cells and name in old]
    both = cells[[*KEYS, "estimate", *counted]].merge(
        old[[*KEYS, "estimate", *counted]], on=KEYS, how="left", suffixes=("", "_old"), validate="one_to_one"
    )
    other = pd.Series(False, index=cells.index)
    for name in counted:
        known = both[[name, f"{name}_old"]].notna().all(axis=1)
        other |= (known & (both[name] != both[f"{name}_old"])).to_numpy()
    rates = both[["estimate", "estimate_old"]].notna().all(axis=1) & ~np.isclose(
        both["estimate"], both["estimate_old"], rtol=1e-9, atol=1e-12
    )
    other |= rates.to_numpy()
    if not other.any():
        return cells
    if policy.revisions == "refuse":
        raise DisclosureError(
            f"{other.sum()} numbers differ from the earlier release {earlier.id}, such as {listed(cells[other])}: the "
            "difference may be of one person. Say in the policy what to do: revisions: freeze (keep the earlier tables "
            "as they were) or show (differences are not protected), or release when enough has changed."
        )
    table = ["indicator", "period"]
    frozen = pd.MultiIndex.from_frame(cells[table]).isin(pd.MultiIndex.from_frame(cells.loc[other, table]))
    values = [name for name in cells if name not in KEYS and name in old]
    kept = cells[KEYS].merge(old[[*KEYS, *values]], on=KEYS, how="left", validate="one_to_one").set_axis(cells.index)
    result = cells.copy()
    for name in [name for name in NUMBERS if name in cells]:
        fresh = kept.get(name, np.nan)
        result[name] = result[name].mask(frozen, fresh)
    status = kept["status"].fillna("suppressed") if "status" in kept else "suppressed"
    result["status"] = result["status"].mask(frozen, status)
    return result


def _protected(
    cells: pd.DataFrame,
    indicators: pd.DataFrame,
    *,
    policy: Policy,
    trees: Trees,
    previous: Sequence[Published] = (),
    relations: Relations,
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
    check_relations(rows, relations, trees.every(), indicators)
    if policy.rounding is not None:
        return rounded(cells, indicators, rows, policy=policy, trees=trees, previous=previous, relations=relations)
    least = 0 if policy.zeros == "hidden" else 1
    hidden = rows.loc[rows["hidden"] & (rows["cell"] >= 0), "cell"].to_numpy()
    line = bar(total=int(rows["hidden"].sum()), what="protecting", unit="number", shown=progress)
    known: dict[bytes, Lattice] = {}
    done: dict[tuple[str, tuple[str, ...], bool], tuple[System, pd.DataFrame]] = {}
    vary: frozenset[tuple[str, str]] = frozenset()
    again = True
    while again:
        again = False
        every = list(blocks(rows, relations, vary=vary))
        for block in every:
            mine = tuple(dict.fromkeys(block.rows["indicator"]))
            if (block.period, mine, block.people_vary) in done or _only_open_sums(block):
                continue
            line.set_postfix_str(block.name[:40])
            before = line.n
            place = trees.together(block.spans) if block.spans else trees.of(block.period)
            made = checked(block, place, least, relations.groups, known)
            try:
                audit = suppress(made, tick=line.update) if _at_stake(made) else attacked(made)
            except DisclosureError:
                if block.people_vary or not block.rows["people"].notna().any():
                    raise
                vary |= {(block.period, one) for one in mine}  # hiding denominators too can protect what else could not
                again = True
                break
            done[block.period, mine, block.people_vary] = made, audit
            behind = int(block.rows["hidden"].sum()) - (line.n - before)  # what was easy told nothing
            line.update(max(behind, 0))
    line.close()
    people, found, gone = [], [], [hidden]
    for block in every:
        key = (block.period, tuple(dict.fromkeys(block.rows["indicator"])), block.people_vary)
        if key not in done:
            continue
        made, audit = done[key]
        found.append(keyed(made, audit, block.period))
        numbers = made.rows.iloc[: made.numbers * len(made.families)]
        taken = made.hidden[: len(numbers)] & (numbers["cell"] >= 0).to_numpy()
        gone.append(numbers.loc[taken, "cell"].to_numpy())
        people.append(_without_people(made, block))
    protected = emptied_cells(cells, np.concatenate(gone), pd.concat(people) if people else None)
    suppressed = int((protected["status"] == "suppressed").sum())
    result = audit_result(found, len(cells), suppressed, revised=int(rows["revised"].sum()))
    if not result.safe:
        raise DisclosureError(f"the audit failed: {listed(result.unsafe)}")
    return protected, result


def _only_open_sums(block: Block) -> bool:
    """Whether a block is of means of which none is hidden: weighted ones need not add up."""
    return bool(
        block.rows["sum"].any()
        and not block.rows["hidden"].any()
        and block.rows.groupby("indicator")["sum"].any().all()
    )


def _at_stake(made: System) -> bool:
    return bool(made.hidden[: made.numbers * len(made.families)].any() or len(made.targets))


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
    rows = rows.loc[rows["people"].notna(), [*NUMBER, "people"]].assign(period=block.period)
    if block.spans and len(rows):
        apart = rows["area"].str.split(AT, n=1, expand=True)
        rows = rows.assign(area=apart[0], period=apart[1])
    return rows


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
            "unit": told["unit"].fillna("").to_numpy() if "unit" in told else "",
            "kind": told["kind"].fillna("index").to_numpy() if "kind" in told else "index",
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
