"""Suppression of a release's cells, all tables together, and the proof that it holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hyteanalysis.cells import KEYS
from hyteanalysis.disclosure import primary
from hyteanalysis.disclosure.attack import Attack, contradiction
from hyteanalysis.disclosure.blocks import Block, blocks
from hyteanalysis.disclosure.geography import Geography, Trees
from hyteanalysis.disclosure.lattice import Lattice
from hyteanalysis.disclosure.ledger import Published, ledger
from hyteanalysis.disclosure.policy import Policy
from hyteanalysis.disclosure.proof import AuditResult, attacked, audit_result, keyed
from hyteanalysis.disclosure.rounding import rounded_block, with_rounded
from hyteanalysis.disclosure.suppression import suppress
from hyteanalysis.disclosure.system import NUMBER, PEOPLE, System, system
from hyteanalysis.errors import DisclosureError
from hyteanalysis.progress import bar

Known = dict[bytes, Lattice]


@dataclass(frozen=True)
class Protected:
    """Cells with unsafe numbers emptied, and the audit of what is left."""

    cells: pd.DataFrame
    audit: AuditResult


def protect(
    cells: pd.DataFrame,
    indicators: pd.DataFrame,
    *,
    policy: Policy,
    trees: Trees,
    previous: Sequence[Published] = (),
    exhaustive: Sequence[Sequence[str]] = (),
    progress: bool | None = None,
) -> Protected:
    """Hide what a policy calls unsafe and what would give it away, over all tables together.

    Raises DisclosureError as :func:`hyteanalysis.disclosure.release` says.
    """
    if not policy.protects:
        if policy.counts_needed:
            primary.check_counted(cells, primary.counts(cells, indicators.set_index("indicator")["kind"]), policy)
        return Protected(cells.copy(), audit_result([], len(cells), 0))
    rows = ledger(cells, indicators, policy=policy, previous=previous)
    _refuse_public(rows)
    if policy.rounding is not None:
        return _rounded(cells, indicators, rows, policy, trees, previous)
    least = 0 if policy.zeros == "hidden" else 1
    hidden = rows.loc[rows["hidden"] & (rows["cell"] >= 0), "cell"].to_numpy()
    people = []
    found, gone = [], [hidden]
    known: Known = {}
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
        raise DisclosureError(f"the audit failed: {primary.listed(result.unsafe)}")
    return Protected(protected, result)


def _rounded(
    cells: pd.DataFrame,
    indicators: pd.DataFrame,
    rows: pd.DataFrame,
    policy: Policy,
    trees: Trees,
    previous: Sequence[Published],
) -> Protected:
    """Additive rounding in place of suppression; only numbers from too few respondents are hidden."""
    if len(previous):
        raise DisclosureError(
            "rounding cannot be audited together with earlier releases: what they say exactly shows how much was "
            "rounded. Use suppression (rounding: null)."
        )
    broken = rows["complement"] & (rows["people"] % 1 != 0)
    if broken.any():
        raise DisclosureError(
            f"rounding needs whole populations where the complement is small: {primary.listed(rows[broken])}. "
            "Give counts of people, or use suppression."
        )
    known: Known = {}
    least = 0 if policy.zeros == "hidden" else 1
    found = []
    for block in blocks(rows):
        for _, mine in block.rows.groupby("indicator"):
            whole = bool((mine["people"] % 1 == 0).all()) and policy.protect_complement
            one = Block(block.period, mine.assign(hidden=False, people_hidden=False), (), block.populations.iloc[:0])
            made = checked(one, trees.of(block.period), least, whole, known)
            made.hidden &= made.rows["low"].isna().to_numpy()
            found.append(rounded_block(made, policy.rounding or 0))
    few = rows.loc[rows["few"] & (rows["cell"] >= 0), "cell"].to_numpy()
    protected = with_rounded(cells, indicators, pd.concat(found, ignore_index=True)) if found else cells
    protected = emptied_cells(protected, few)
    suppressed = int((protected["status"] == "suppressed").sum())
    return Protected(protected, audit_result([], len(cells), suppressed, rounding=policy.rounding or 0))


def _protected_block(
    block: Block, geography: Geography, least: int, known: Known, tick: Callable[[int], object]
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


def checked(block: Block, geography: Geography, least: int, vary: bool, known: Known) -> System:
    """A block's system, after its margins were found to add up.

    Rates without counts that fit no table of people (weighted ones) are left out of it. Denominators that do not add
    up tell nothing beyond each cell.
    """
    exact = block.rows["low"] == block.rows["high"]
    implied = block.rows["low"].notna() & ~exact
    rows = block.rows
    while True:
        made = system(
            rows,
            geography,
            least=least,
            people_vary=vary,
            exhaustive=block.exhaustive if vary else (),
            populations=block.populations,
            known=known,
        )
        hidden, made.hidden = made.hidden, (made.rows["low"].isna() & (made.rows["family"] != "")).to_numpy()
        try:
            _feasible(made)
        except DisclosureError:
            if implied.any():
                rows = rows.assign(low=rows["low"].mask(implied), high=rows["high"].mask(implied))
                implied &= False
            elif vary and not block.exhaustive:
                vary = False
            else:
                raise
        else:
            made.hidden = hidden
            return made


def _feasible(made: System) -> None:
    """Refuse numbers that no table of people agrees with."""
    attack = Attack(made)
    for number in range(len(attack.members)):
        component = attack.component(number)
        if component.table(np.zeros(len(component.upper)), 1) is None:
            rows = np.flatnonzero(made.rows["area"].notna() & ~made.hidden)
            raise DisclosureError(contradiction(made, rows))


def _refuse_public(rows: pd.DataFrame) -> None:
    """Refuse what cannot be protected, since readers have it already."""
    unsafe = rows["small"] | rows["complement"]
    out = rows[unsafe & rows["public"]]
    if len(out):
        raise DisclosureError(
            f"{len(out)} unsafe counts stand in an earlier release and cannot be protected: {primary.listed(out)}. "
            "Tell the data's owner; leave them out of previous= only if that release was withdrawn."
        )
    under = rows[unsafe & rows["people_public"] & (rows["people"] < rows["k"]) & (rows["people"] > 0)]
    if len(under):
        raise DisclosureError(
            f"{len(under)} counts have a public population below the minimum count and cannot be protected: "
            f"{primary.listed(under)}. Leave them out together with their group, or join groups or areas."
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


def emptied_cells(
    cells: pd.DataFrame, hidden: "np.ndarray[tuple[int], np.dtype[np.int64]]", people: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Cells with the numbers of hidden rows gone, and the denominators that had to go too, wherever they stand."""
    protected = cells.copy()
    rows = np.isin(np.arange(len(cells)), hidden)
    protected["status"] = protected["status"].mask(rows, "suppressed")
    for name in protected.columns.intersection(primary.EMPTIED):
        protected[name] = protected[name].mask(rows)
    if people is not None and len(people):
        gone = pd.MultiIndex.from_frame(people[[*KEYS[1:], "people"]])
        for name in cells.columns.intersection(["respondents", "population"]):
            same = pd.MultiIndex.from_frame(cells[[*KEYS[1:], name]]).isin(gone)
            protected[name] = protected[name].mask(same)
    return protected
