"""The attacker: what can be worked out of a system as it is shown, and the proof that it is too little."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from hyteanalysis.cells import KEYS
from hyteanalysis.disclosure.geography import AT, Geography
from hyteanalysis.disclosure.program import CLOSE, LARGE, Component, Floats, model, solved
from hyteanalysis.disclosure.system import PEOPLE, SPREAD, Block, Lattice, System, system
from hyteanalysis.display import shown
from hyteanalysis.errors import SHOWN, DisclosureError
from hyteanalysis.i18n import integer, language, text


class Attack:
    """An attacker on a system as it is hidden now.

    What follows by plain subtraction is filled in first; what is left falls into components that share nothing.
    """

    def __init__(self, system: System) -> None:
        rows, told = system.rows, ~system.hidden
        self.low = np.where(told, rows["low"].fillna(-np.inf), -np.inf)
        self.high = np.where(told, rows["high"].fillna(np.inf), rows["cap"])
        certain = _subtracted(system.matrix, self.low, self.high, system.upper)
        open_ = np.flatnonzero(np.isnan(certain))
        self.constant = system.matrix @ np.nan_to_num(certain)
        self.inner = sparse.csr_array(system.matrix[:, open_])
        self.inner.sort_indices()
        counted = np.diff(self.inner.indptr)
        _check_sums(rows, self.constant, self.low, self.high, counted == 0)
        active = np.flatnonzero((counted > 0) & ((self.low > -np.inf) | (self.high < np.inf)))
        values = np.where(self.low == self.high, self.low - self.constant, np.nan)
        self.active = active[~_redundant(self.inner[active], values[active], rows.iloc[active])]
        self.part = _parts(self.inner[self.active])
        self.open, self._system, self.certain = open_, system, certain
        order = np.argsort(self.part, kind="stable")
        self.members = np.split(order, np.flatnonzero(np.diff(self.part[order])) + 1) if len(order) else []
        self._made: dict[int, Component] = {}

    def component(self, number: int) -> Component:
        """The model of a component, made when first needed."""
        if number not in self._made:
            mine = self.members[number]
            inner = self.inner[self.active][:, mine]
            here = np.flatnonzero(np.diff(inner.indptr) > 0)
            rows = self.active[here]
            self._made[number] = Component(
                sparse.csr_array(inner[here]),
                self.low[rows] - self.constant[rows],
                self.high[rows] - self.constant[rows],
                self._system.upper[self.open[mine]],
                self._system.whole[self.open[mine]],
            )
        return self._made[number]

    def forms(self, row: int) -> dict[int, Floats]:
        """A row's open part: a linear form in each component it touches."""
        span = slice(self.inner.indptr[row], self.inner.indptr[row + 1])
        index, value = self.inner.indices[span], self.inner.data[span]
        found = {}
        for number in np.unique(self.part[index]):
            form = np.zeros(len(self.members[number]))
            inside = self.part[index] == number
            form[np.searchsorted(self.members[number], index[inside])] = value[inside]
            found[int(number)] = form
        return found

    def local(self, number: int) -> tuple[System, NDArray[np.int64]]:
        """A component as a system of its own, and its rows' places in the whole: what is told there, and what is hidden
        there and nowhere else."""
        mine = self.members[number]
        held = self.inner[:, mine]
        touched = np.diff(held.indptr) > 0
        told = np.zeros(len(touched), dtype=bool)
        told[self.active] = True
        inside = np.diff(held.indptr) == np.diff(self.inner.indptr)
        hidden = self._system.hidden
        rows = np.flatnonzero(touched & inside & (told | hidden))
        table = self._system.rows.iloc[rows].reset_index(drop=True)
        for name in ("low", "high", "cap"):
            table[name] = table[name] - self.constant[rows]
        targets = self._system.targets[np.isin(self._system.targets["row"], rows)]
        targets = targets.assign(
            need_low=targets["need_low"] - self.constant[targets["row"]],
            need_high=targets["need_high"] - self.constant[targets["row"]],
            row=np.searchsorted(rows, targets["row"]),
        )
        upper, whole = self._system.upper[self.open[mine]], self._system.whole[self.open[mine]]
        made = System(table, sparse.csr_array(held[rows]), upper, whole, hidden[rows].copy(), targets, len(rows), [])
        return made, rows

    def proven(self, row: int) -> tuple[float, float]:
        """The values of a row that integer tables met so far reach; an empty interval where none was met."""
        low = high = float(self.constant[row])
        for number, form in self.forms(row).items():
            values = self.component(number).pool() @ form
            low, high = low + values.min(initial=np.inf), high + values.max(initial=-np.inf)
        return low, high

    def interval(self, row: int, *, whole: bool = False) -> tuple[float, float]:
        """The least and greatest value of a row, by linear programming or among whole tables."""
        ends = []
        for way in (-1, 1):
            end = float(self.constant[row])
            for number, form in self.forms(row).items():
                component = self.component(number)
                table = component.integer_table(form, way) if whole else component.table(form, way)
                if table is None:
                    if whole:  # none found: take what is proven
                        table = _best(component, form, way)
                    if table is None:
                        raise DisclosureError(
                            contradiction(
                                self._system, np.flatnonzero(self._system.rows["area"].notna() & ~self._system.hidden)
                            )
                        )
                end += float(table @ form)
            ends.append(end)
        return ends[0], ends[1]


def contradiction(system: System, rows: NDArray[np.int64]) -> str:
    """What to say where no table agrees with all that is told: the fewest people by which rows are off."""
    told = system.rows.iloc[rows]
    width, many = system.matrix.shape[1], len(rows)
    free = np.setdiff1d(np.arange(len(system.rows)), rows)
    place = sparse.csr_array((np.ones(many), (rows, np.arange(many))), shape=(len(system.rows), many))
    low = system.rows["low"].fillna(-np.inf).to_numpy(copy=True)
    high = system.rows["high"].fillna(np.inf).to_numpy(copy=True)
    loose = free[~system.rows["tie"].to_numpy(bool)[free]]
    low[loose], high[loose] = -np.inf, np.inf
    parts = np.diff(system.matrix.indptr)[rows].astype(np.float64)
    solver = model(
        sparse.csr_array(sparse.hstack([system.matrix, place, -place], format="csr")),
        low,
        high,
        np.full(width + 2 * many, LARGE),
        cost=np.concatenate([np.zeros(width), 1 / parts, 1 / parts]),  # rather a margin is off than its parts
        presolve=True,
    )
    found = solved(solver)
    if found is None:
        return _difference(told.iloc[:0], np.zeros(0))
    off = found[width + many :] - found[width : width + many]
    wrong = np.abs(off) > CLOSE
    return _difference(told[wrong], (told["low"].to_numpy() + off)[wrong])


def _best(component: Component, form: Floats, way: int) -> Floats | None:
    pool = component.pool()
    return pool[int(np.argmax(way * (pool @ form)))] if len(pool) else None


def _subtracted(matrix: sparse.csr_array, low: Floats, high: Floats, upper: Floats) -> Floats:
    """Variables that follow by plain subtraction, again and again; the others are empty."""
    certain = np.where(upper == 0, 0.0, np.nan)
    exact = (low == high) & np.isfinite(low)
    pattern = sparse.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
    positive = _positive(matrix)
    while True:
        unknown = np.isnan(certain)
        many = pattern @ unknown.astype(np.float64)
        left = np.where(exact, low - matrix @ np.nan_to_num(certain), np.nan)
        single = np.flatnonzero(exact & (many == 1))
        none = np.flatnonzero(exact & positive & (many > 1) & (np.abs(left) < CLOSE))
        if not len(single) + len(none):
            return certain
        for rows, values in ((single, left[single]), (none, np.zeros(len(none)))):
            part = sparse.coo_array(matrix[rows])
            take = unknown[part.col]
            certain[part.col[take]] = values[part.row[take]] / part.data[take]


def _positive(matrix: sparse.csr_array) -> NDArray[np.bool_]:
    """Rows that are plain sums."""
    return np.asarray(np.asarray((matrix < 0).sum(axis=1)).ravel() == 0)


def _redundant(inner: sparse.csr_array, values: Floats, rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows that say nothing new: repeats, and those that finer told rows of one kind add up to, in value too.

    ``values`` are the exact ones, empty elsewhere.
    """
    gone = np.zeros(inner.shape[0], dtype=bool)
    if not inner.nnz:
        return gone
    plain = np.flatnonzero(~np.isnan(values) & ~rows["tie"].to_numpy(bool) & _positive(inner))
    if not len(plain):
        return gone
    within = sparse.csr_array(inner[plain])
    size = np.diff(within.indptr).astype(np.float64)
    named = rows.iloc[plain]
    kind = named["family"] + "|" + named["dimension"] + "|" + named["area"].map(_kind)
    label, _ = pd.factorize(kind)
    disjoint = np.array(
        [np.asarray(within[np.flatnonzero(label == one)].sum(axis=0)).max() <= 1 for one in range(label.max() + 1)]
    )
    shared = sparse.coo_array(within @ within.T)
    over, part = shared.row, shared.col
    value = values[plain]
    alike = np.abs(value[part] - value[over]) < CLOSE
    repeat = (shared.data == size[part]) & (size[part] == size[over]) & (part < over) & alike
    gone[plain[over[repeat]]] = True
    finer = (shared.data == size[part]) & (size[part] < size[over]) & disjoint[label[part]]
    added = np.zeros((len(plain), label.max() + 1))
    told = added.copy()
    np.add.at(added, (over[finer], label[part[finer]]), size[part[finer]])
    np.add.at(told, (over[finer], label[part[finer]]), value[part[finer]])
    gone[plain[((added == size[:, None]) & (np.abs(told - value[:, None]) < CLOSE)).any(axis=1)]] = True
    return gone


def _kind(area: str) -> str:
    """Areas of one kind bear codes of one form."""
    return re.sub(r"\d+", "", area)


def _parts(inner: sparse.csr_array) -> NDArray[np.int64]:
    """The component of each variable; those about which nothing is told share one."""
    rows, columns = inner.shape
    pattern = sparse.csr_array((np.ones(inner.nnz), inner.indices, inner.indptr), shape=inner.shape)
    from scipy.sparse.csgraph import connected_components  # slow to import, and readers of a release attack nothing

    _, found = connected_components(sparse.block_array([[None, pattern], [pattern.T, None]]), directed=False)
    part = found[rows:].astype(np.int64)
    free = np.asarray(pattern.sum(axis=0)).ravel() == 0
    part[free] = -1
    return np.unique(part, return_inverse=True)[1] if columns else part


def _check_sums(rows: pd.DataFrame, sums: Floats, low: Floats, high: Floats, settled: NDArray[np.bool_]) -> None:
    """Refuse margins that are not the sum of their parts."""
    wrong = settled & ((sums < low - CLOSE) | (sums > high + CLOSE))
    if wrong.any():
        raise DisclosureError(_difference(rows[wrong], sums[wrong]))


def _difference(rows: pd.DataFrame, sums: Floats) -> str:
    rows = rows.assign(sum=sums, number=rows["area"].notna()).sort_values("number", ascending=False, kind="stable")
    said = [
        f"{row.family} / {row.area} / {row.dimension} / {row.group} is {row.low:g}, its parts add up to {row.sum:g} "
        f"(difference {row.low - row.sum:+g})"
        for row in rows.head(SHOWN).itertuples()
        if row.number
    ]
    more = f" and {len(rows) - len(said)} more" if len(rows) > len(said) else ""
    named = f": {'; '.join(said)}{more}" if said or more else ""
    return (
        f"margins do not add up{named}. Correct the counts, or add a group (such as 'unknown') or an "
        "area for the rest, so that it is protected too."
    )


FOUND = ["row", "kind", "low", "high", "safe", "reason", "insider"]


@dataclass(frozen=True)
class AuditResult:
    """What an attacker found.

    Attributes
    ----------
    intervals : DataFrame
        One row a number attacked: keys, ``kind``, ``low, high`` (feasible interval), ``safe``, ``reason``.
    unsafe : DataFrame
        The rows of ``intervals`` that are not safe.
    summary : dict
        Counts of what was attacked and found.
    """

    intervals: pd.DataFrame
    summary: dict[str, object]

    @property
    def unsafe(self) -> pd.DataFrame:
        """The numbers that an attacker can tell too closely."""
        return self.intervals[~self.intervals["safe"].astype(bool)].reset_index(drop=True)

    @property
    def safe(self) -> bool:
        """Whether nothing was found."""
        return bool(self.intervals["safe"].all())

    def _repr_html_(self) -> str:
        lang = language()
        state = "unsafe" if not self.safe else "safe" if len(self.intervals) else "nothing"
        said = text(f"display.audit.{state}", lang, number=integer(len(self.unsafe), lang))
        names = {
            "cells": text("display.cells", lang),
            "suppressed": text("display.suppressed", lang),
            "attacked": text("display.attacked", lang),
        }
        facts = {name: integer(float(str(self.summary[key])), lang) for key, name in names.items()}
        return shown(text("display.audit", lang), said=[said], facts=facts, frame=None if self.safe else self.unsafe)


def attacked(
    system: System, *, insider: bool = True, exact: bool = False, progress: Callable[[int], object] | None = None
) -> pd.DataFrame:
    """One row a hidden target: its interval, whether it is safe, and why not (``row, kind, low, high, …``).

    The LP's interval holds the integers', so a number that the LP finds unsafe is unsafe; one that it finds safe is
    proven by a whole table at each end. Where tables met for other numbers prove it already, no question is asked and
    the interval is theirs, unless ``exact``.
    """
    attack = Attack(system)
    found = []
    for target in system.targets.itertuples():
        row = int(target.row)
        low, high = attack.proven(row)
        if exact or not _enough(target.kind, target.need_low, target.need_high, low, high):
            low, high = attack.interval(row)
        safe = _proven(attack, row, target.kind, target.need_low, target.need_high, low, high)
        reason = "" if safe else _reason(target.kind, low, high)
        found.append((row, target.kind, low, high, safe, reason, -1))
        if progress:
            progress(1)
    result = pd.DataFrame(found, columns=FOUND)
    if insider and len(result):
        for row, other in _insiders(system, attack):
            hit = (result["row"] == other) & result["safe"]
            result.loc[hit, ["safe", "reason", "insider"]] = [
                False,
                "exact to the one person behind another count",
                row,
            ]
    return result


def _enough(kind: str, need_low: float, need_high: float, least: float, most: float) -> bool:
    """Whether values that may be from ``least`` to ``most`` keep what a target's kind needs."""
    if kind in SPREAD:
        return least <= need_low + CLOSE and most >= need_high - CLOSE
    if kind == "few":
        return most - least >= 1 - CLOSE
    return least < need_low - CLOSE or most > need_high - 1 + CLOSE


def _proven(attack: Attack, row: int, kind: str, need_low: float, need_high: float, low: float, high: float) -> bool:
    """Whether the LP finds a target safe, and whole tables prove it."""
    if not _enough(kind, need_low, need_high, low, high):
        return False
    if _enough(kind, need_low, need_high, *attack.proven(row)):
        return True
    attack.interval(row, whole=True)
    return _enough(kind, need_low, need_high, *attack.proven(row))


def _reason(kind: str, low: float, high: float) -> str:
    if low >= high - CLOSE:
        return "exact"
    return "certain to be small" if kind == "unseen" else "too narrow"


def _insiders(system: System, attack: Attack) -> list[tuple[int, int]]:
    """Counts of one person, with another unsafe number that this person can then tell exactly."""
    rows = system.rows
    targets = system.targets[system.targets["kind"] == "small"]
    targets = targets["row"].to_numpy()[system.hidden[targets["row"]]]
    value, people = rows["low"].to_numpy(), rows["people"].to_numpy()
    alone = [
        row
        for row in targets
        if value[row] == 1 or (people[row] - value[row] == 1 and not system.needed_by_people(int(row)))
    ]
    if not len(alone):
        return []
    wholes = _wholes(system)
    forms = {int(row): attack.forms(int(row)) for row in targets}
    by_component: dict[int, list[int]] = {}
    for row, form in forms.items():
        for number in form:
            by_component.setdefault(number, []).append(row)
    found = []
    for row in alone:
        if len(forms[row]) != 1:
            found += _joint(system, int(row), [int(other) for other in targets], wholes)
            continue
        number, told = next(iter(forms[row].items()))
        component = attack.component(number)
        held = value[row] - float(attack.constant[row])
        others = [other for other in by_component[number] if other != row and not _same(system, row, other, wholes)]
        for other in others:
            if len(forms[other]) == 1 and not _differs(
                component, forms[other][number], (told, held), value[other] - attack.constant[other]
            ):
                found.append((int(row), other))
    return found


def _differs(component: Component, form: Floats, held: tuple[Floats, float], truth: float) -> bool:
    """Whether some whole table in which ``held`` keeps its value gives ``form`` another value than the true one."""
    pool = component.pool()
    kept = pool[np.abs(pool @ held[0] - held[1]) < CLOSE]
    if (np.abs(kept @ form - truth) > CLOSE).any():
        return True
    tables = (component.integer_table(form, way, held) for way in (-1, 1))
    return any(table is not None and abs(table @ form - truth) > CLOSE for table in tables)


def _joint(system: System, row: int, others: list[int], wholes: Mapping[int, list[int]]) -> list[tuple[int, int]]:
    """The same for a count that lies across components: it is told to the attacker, who then begins anew."""
    hidden = system.hidden.copy()
    system.hidden = hidden & (np.arange(len(hidden)) != row)
    try:
        attack = Attack(system)
        ends = {other: attack.interval(other, whole=True) for other in others if not _same(system, row, other, wholes)}
    finally:
        system.hidden = hidden
    return [(row, other) for other, (low, high) in ends.items() if high - low < 1 - CLOSE]


def _same(system: System, row: int, other: int, wholes: Mapping[int, list[int]]) -> bool:
    """Whether two counts are of the same people: equal, and one within the other."""
    value = system.rows["low"].to_numpy()
    if value[row] != value[other]:
        return False
    mine, theirs = _signed(system, row, wholes), _signed(system, other, wholes)
    return mine <= theirs or theirs <= mine


def _signed(system: System, row: int, wholes: Mapping[int, list[int]]) -> set[tuple[int, bool]]:
    """A row's variables and their signs, wholes as their parts: those without an outcome are people less those with it,
    and where outcomes make up the people, those with the others."""
    span = slice(system.matrix.indptr[row], system.matrix.indptr[row + 1])
    left = dict(zip(system.matrix.indices[span].tolist(), system.matrix.data[span].tolist(), strict=True))
    while whole := next((one for one, weight in left.items() if weight and one in wholes), None):
        weight = left.pop(whole)
        for part in wholes[whole]:
            left[part] = left.get(part, 0.0) + weight
    return {(variable, weight > 0) for variable, weight in left.items() if weight}


def _wholes(system: System) -> dict[int, list[int]]:
    """Variables that others add up to, by what ties them together."""
    tied = (system.rows["tie"] & (system.rows["low"] == 0) & (system.rows["high"] == 0)).to_numpy(bool)
    found: dict[int, list[int]] = {}
    for row in np.flatnonzero(tied):
        span = slice(system.matrix.indptr[row], system.matrix.indptr[row + 1])
        index, weight = system.matrix.indices[span], system.matrix.data[span]
        if (weight < 0).sum() == 1 and np.abs(weight).max() == 1:
            found.setdefault(int(index[weight < 0][0]), index[weight > 0].tolist())
    return found


def keyed(made: System, found: pd.DataFrame, period: str) -> pd.DataFrame:
    """An audit's rows with their keys instead of row numbers."""
    named = made.rows.loc[found["row"], ["family", "area", "dimension", "group"]].reset_index(drop=True)
    named = named.rename(columns={"family": "indicator"}).assign(period=period)
    several = named["area"].str.contains(AT, regex=False)
    if several.any():
        apart = named["area"].str.split(AT, n=1, expand=True)
        named["area"], named["period"] = apart[0], apart[1].where(several, period)
    return pd.concat([named[KEYS], found.drop(columns=["row", "insider"]).reset_index(drop=True)], axis=1)


def audit_result(found: list[pd.DataFrame], cells: int, suppressed: int, **more: int) -> AuditResult:
    """What was found, and its summary for the manifest."""
    rows = [one for one in found if len(one)]
    empty = pd.DataFrame(columns=[*KEYS, "kind", "low", "high", "safe", "reason"]).astype({"safe": bool})
    intervals = pd.concat(rows, ignore_index=True) if rows else empty
    kinds = intervals["kind"].value_counts()
    return AuditResult(
        intervals,
        {
            "safe": bool(intervals["safe"].all()),
            "cells": cells,
            "suppressed": suppressed,
            **more,
            "attacked": len(intervals),
            **{f"attacked_{kind}": int(kinds[kind]) for kind in sorted(kinds.index)},
            "unsafe": int((~intervals["safe"]).sum()),
            "attackers": ["subtraction", "linear programming", "integers", "insider"],
        },
    )


def checked(
    block: Block,
    geography: Geography,
    least: int,
    consists_of: Mapping[str, tuple[str, ...]],
    known: dict[bytes, Lattice],
) -> System:
    """A block's system, after its margins were found to add up.

    Rates without counts that fit no table of people (weighted ones) are left out of it. Denominators that do not add
    up tell nothing beyond each cell.
    """
    exact = block.rows["low"] == block.rows["high"]
    implied = block.rows["low"].notna() & ~exact
    vary = block.people_vary
    while True:
        made = system(block, geography, least=least, consists_of=consists_of, people_vary=vary, known=known)
        hidden, made.hidden = made.hidden, (made.rows["low"].isna() & (made.rows["family"] != "")).to_numpy()
        try:
            _feasible(made)
        except DisclosureError:
            if implied.any():
                rows = block.rows
                rows = rows.assign(low=rows["low"].mask(implied), high=rows["high"].mask(implied))
                block = replace(block, rows=rows)
                implied &= False
            elif vary and not any(whole == PEOPLE for whole, _ in block.sums):
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
