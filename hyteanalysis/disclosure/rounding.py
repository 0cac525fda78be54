"""Additive rounding, the alternative without holes: small counts become 0 or the base, margins still add up."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from hyteanalysis import uncertainty
from hyteanalysis.cells import TOTAL
from hyteanalysis.disclosure.attack import Attack, AuditResult, audit_result, checked
from hyteanalysis.disclosure.geography import Trees
from hyteanalysis.disclosure.ledger import Published, column, denominator, emptied_cells, listed
from hyteanalysis.disclosure.policy import Policy
from hyteanalysis.disclosure.relations import NUMBER, Relations
from hyteanalysis.disclosure.system import PEOPLE, Block, Lattice, System, blocks
from hyteanalysis.errors import DisclosureError

_ROUNDS = 50


def rounded(
    cells: pd.DataFrame,
    indicators: pd.DataFrame,
    rows: pd.DataFrame,
    *,
    policy: Policy,
    trees: Trees,
    previous: Sequence[Published],
    relations: Relations,
) -> tuple[pd.DataFrame, AuditResult]:
    """Additive rounding in place of suppression; only numbers from too few respondents are hidden.

    Every number that is shown is a sum of rounded finest counts, and each denominator is rounded once for all
    indicators out of it: so no difference of shown numbers gives back more than the rounded finest counts tell.

    Raises DisclosureError where that cannot be kept: sums over indicators or periods, earlier releases, means of few.
    """
    base = policy.rounding or 0
    _check_roundable(cells, rows, previous)
    known: dict[bytes, Lattice] = {}
    least = 0 if policy.zeros == "hidden" else 1
    found = []
    for block in blocks(rows, relations):
        if block.sums or block.rests or block.spans:
            raise DisclosureError(
                f"rounding cannot keep what adds up over indicators or periods ({block.name}): each is rounded by "
                "itself, and their difference would give a small count back. Release one of them alone, or use "
                "suppression (rounding: null)."
            )
    for period, mine in rows.assign(hidden=False, people_hidden=False).groupby("period"):
        counted = mine[~mine["sum"] & (mine.groupby("indicator")["low"].transform("count") > 0)]
        for members in _sharing(counted) if policy.protect_complement else [{one} for one in counted["indicator"]]:
            block_rows = counted[counted["indicator"].isin(members)].reset_index(drop=True)
            people = block_rows["people"]
            vary = policy.protect_complement and bool(people.notna().any()) and bool((people.dropna() % 1 == 0).all())
            one = Block(str(period), block_rows, (), (), block_rows[[*NUMBER, "people"]].iloc[:0], {}, vary)
            made = checked(one, trees.of(str(period)), least, relations.groups, known)
            if vary and PEOPLE not in made.families:
                raise DisclosureError(
                    f"rounding needs denominators that add up: those of {one.name} do not. Correct them, or use "
                    "suppression (rounding: null)."
                )
            made.hidden &= made.rows["low"].isna().to_numpy()
            found.append(_rounded_block(made, base))
    few = rows.loc[rows["few"] & (rows["cell"] >= 0), "cell"].to_numpy()
    protected = _with_rounded(cells, indicators, pd.concat(found, ignore_index=True)) if found else cells
    protected = emptied_cells(protected, few)
    suppressed = int((protected["status"] == "suppressed").sum())
    return protected, audit_result([], len(cells), suppressed, rounding=base)


def _check_roundable(cells: pd.DataFrame, rows: pd.DataFrame, previous: Sequence[Published]) -> None:
    if len(previous):
        raise DisclosureError(
            "rounding cannot be audited together with earlier releases: what they say exactly shows how much was "
            "rounded. Use suppression (rounding: null)."
        )
    broken = rows["complement"] & (rows["people"] % 1 != 0)
    if broken.any():
        raise DisclosureError(
            f"rounding needs whole populations where the complement is small: {listed(rows[broken])}. "
            "Give counts of people, or use suppression."
        )
    implied = ~rows["sum"] & rows["low"].notna() & (rows["low"] < rows["high"])
    if implied.any():
        raise DisclosureError(f"rounding needs `events` beside each rate: {listed(rows[implied])} have none.")
    means = rows["sum"] & rows["few"]
    if means.any():
        raise DisclosureError(
            f"rounding cannot protect means of too few respondents: {listed(rows[means])}. Leave them out, or use "
            "suppression (rounding: null)."
        )


def _sharing(rows: pd.DataFrame) -> list[set[str]]:
    """Indicators that have one denominator wherever both are told."""
    wide = rows.pivot(index=NUMBER, columns="indicator", values="people")
    joined = {one: {one} for one in wide}
    for one, other in combinations(wide, 2):
        both = wide[[one, other]].dropna()
        if len(both) and (both[one] == both[other]).all():
            together = joined[one] | joined[other]
            for name in together:
                joined[name] = together
    return list({id(group): group for group in joined.values()}.values())


def round_small(parts: NDArray[np.float64], sums: sparse.csr_array, base: int) -> NDArray[np.float64]:
    """Round the finest counts so that no sum lies in 1…base−1, and the sums stay near the true ones.

    Only counts below the base that stand in some sum below the base change. They become 0 or the base, one after the
    other the one that brings the sums of squares nearest, as many as keep the total.

    Parameters
    ----------
    parts : array
        The finest counts.
    sums : csr_array
        Published numbers × finest counts, 0/1.
    base : int
        At least the minimum count.

    Returns
    -------
    array
        Rounded finest counts: every published number is their plain sum.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> table = sparse.csr_array(np.array([[1.0, 1, 1, 1], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]))
    >>> round_small(np.array([3.0, 2, 1, 20]), table, 5)
    array([ 5.,  0.,  0., 20.])
    """
    rounded = parts.copy()
    while True:
        values = sums @ rounded
        low = (values > 0) & (values < base)
        small = np.flatnonzero((sums.T @ low.astype(np.float64) > 0) & (rounded > 0) & (rounded < base))
        if not len(small):
            return rounded
        rounded[small] = _chosen(sums[:, small], rounded[small], base)


def _chosen(sums: sparse.csr_array, parts: NDArray[np.float64], base: int) -> NDArray[np.float64]:
    """0 or base for each part, greedily nearest to the sums."""
    back = sparse.csr_array(sums.T)
    shared = sparse.csr_array(back @ sums)
    size = shared.diagonal()
    error = back @ (sums @ parts)
    up = np.zeros(len(parts), dtype=bool)
    for _ in range(round(parts.sum() / base)):
        gain = np.where(up, -np.inf, 2 * error - base * size)
        best = int(np.argmax(gain))
        up[best] = True
        span = slice(shared.indptr[best], shared.indptr[best + 1])
        error[shared.indices[span]] -= base * shared.data[span]
    return np.where(up, float(base), 0.0)


def finest(made: System) -> NDArray[np.float64]:
    """The finest counts of a system: as they follow from what is told, else any whole table that agrees with it."""
    attack = Attack(made)
    found = attack.certain.copy()
    for number, members in enumerate(attack.members):
        component = attack.component(number)
        table = component.integer_table(np.zeros(len(members)), 1)
        if table is None:
            raise DisclosureError("margins do not add up: no table of people agrees with all numbers")
        found[attack.open[members]] = table
    return found


def _rounded_block(made: System, base: int) -> pd.DataFrame:
    """Rounded numbers of a system: ``cell``, ``events`` and, where they vary, ``people``.

    Denominators are rounded once, and counts out of them so that neither these nor the people without the outcome lie
    in 1…base−1: all three add up, and all indicators agree on the people.
    """
    parts = finest(made)
    numbers = made.numbers
    width = made.matrix.shape[1] // len(made.families)
    sums = sparse.csr_array(made.matrix[:numbers, :width])
    people = round_small(parts[-width:], sums, base) if made.families[-1] == PEOPLE else None
    found = []
    for place in range(len(made.families) - (people is not None)):
        mine = parts[place * width : (place + 1) * width]
        if people is None:
            rounded = [round_small(mine, sums, base)]
        else:
            rounded = [_round_within(mine, parts[-width:], people, sums, base), people]
        _check_shared(made, rounded, width)
        events = sums @ rounded[0]
        rows = pd.DataFrame({"cell": made.rows["cell"].iloc[place * numbers : (place + 1) * numbers], "events": events})
        rows["people"] = np.nan if people is None else sums @ rounded[1]
        found.append(rows[rows["cell"] >= 0])
    return pd.concat(found, ignore_index=True)


def _round_within(
    parts: NDArray[np.float64],
    before: NDArray[np.float64],
    people: NDArray[np.float64],
    sums: sparse.csr_array,
    base: int,
) -> NDArray[np.float64]:
    """Counts rounded within denominators that were rounded before, so that the rest of the people is rounded too."""
    count = np.where(people == before, parts, np.where(2 * parts >= before, people, 0.0)).clip(max=people)
    for _ in range(_ROUNDS):
        changed = False
        for turned in (False, True):
            mine = people - count if turned else count
            values = sums @ mine
            low = (values > 0) & (values < base)
            small = np.flatnonzero((sums.T @ low.astype(np.float64) > 0) & (mine > 0) & (mine < base))
            if len(small):
                mine[small] = np.minimum(_chosen(sums[:, small], mine[small], base), people[small])
                count = people - mine if turned else mine
                changed = True
        if not changed:
            break
    for values in (sums @ count, sums @ (people - count)):
        if ((values > 0.5) & (values < base - 0.5)).any():
            raise DisclosureError(
                "rounding finds no table in which counts, people without the outcome and populations agree: join "
                "groups or areas, or use suppression (rounding: null)."
            )
    return count


def _check_shared(made: System, rounded: list[NDArray[np.float64]], width: int) -> None:
    """Refuse a rounding by which dimensions that nobody crossed disagree on a margin they share: its exact value in one
    of them would give back what was rounded in the other."""
    shared = sparse.csr_array(made.matrix[np.flatnonzero(made.rows["tie"] & (made.rows["high"] == 0)), :width])
    if any((np.abs(shared @ one) > 0.5).any() for one in rounded):
        named = ", ".join(sorted(set(made.rows["dimension"].dropna()) - {TOTAL}))
        raise DisclosureError(
            f"rounding cannot keep the margins that the dimensions {named} share, since no table crosses them. Give "
            "the crossed counts too, release one dimension alone, or use suppression (rounding: null)."
        )


def _with_rounded(cells: pd.DataFrame, indicators: pd.DataFrame, rounded: pd.DataFrame) -> pd.DataFrame:
    """Cells with rounded counts, and estimates and limits made from them: the true ones would give the counts back.

    Proportions get Wilson's limits, rates Byar's. Other kinds cannot be made from counts: their changed rows are
    suppressed.
    """
    protected = cells.copy()
    rows = rounded["cell"].to_numpy()
    about = indicators.set_index("indicator")
    kind = cells["indicator"].map(about["kind"]).to_numpy()[rows]
    scale = cells["indicator"].map(about["scale"]).astype("float64").to_numpy()[rows]
    estimate = cells["estimate"].to_numpy()[rows]
    count = column(cells, "events").to_numpy()[rows]
    kind = np.where(np.isnan(count) | (estimate == count), "count", kind)
    before = np.where(np.isnan(count), estimate, count)
    events, people = rounded["events"].to_numpy(), rounded["people"].to_numpy()
    known = denominator(cells).to_numpy()[rows]
    changed = (events != before) | (~np.isnan(people) & (people != known))
    people = np.where(np.isnan(people), known, people)

    values = {name: column(cells, name).to_numpy().copy() for name in ("estimate", "se", "lower", "upper")}
    with np.errstate(divide="ignore", invalid="ignore"):
        share = events / people
        proportion = [share, np.sqrt(share * (1 - share) / people), *uncertainty.wilson(events, people)]
        rate = [share, np.sqrt(events) / people, *(limit / people for limit in uncertainty.byar(events))]
    nothing = np.full(len(rows), np.nan)
    for place, name in enumerate(values):
        fresh = np.select(
            [kind == "count", kind == "proportion", kind == "rate"],
            [events if name == "estimate" else nothing, proportion[place] * scale, rate[place] * scale],
            np.nan,
        )
        values[name][rows[changed]] = fresh[changed]
        if name in cells:
            protected[name] = values[name]
    if "events" in cells:
        protected.loc[protected.index[rows], "events"] = np.where(np.isnan(count), np.nan, events)
    for name in cells.columns.intersection(["population", "respondents"]):
        mine = (cells[name].to_numpy()[rows] == known) & changed
        protected.loc[protected.index[rows[mine]], name] = people[mine]
    lost = np.isin(np.arange(len(cells)), rows[changed]) & protected["estimate"].isna() & cells["estimate"].notna()
    protected["status"] = protected["status"].mask(lost, "suppressed")
    return emptied_cells(protected, np.flatnonzero(lost))
