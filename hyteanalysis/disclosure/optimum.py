"""The cheapest suppression of a small block, exactly: cutting planes from the attacker's dual prices."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from hyteanalysis.disclosure.program import CLOSE, LARGE, model, solved
from hyteanalysis.disclosure.system import PEOPLE, System

SMALL = 200  # numbers that may be hidden: up to here the exact search is tried
RELAXED, WHOLE = 40, 15  # rounds; limits are counts, not seconds, so that the same cells always make the same release
NODES = 500


def cheapest(system: System) -> NDArray[np.int64] | None:
    """The rows to hide at least weight, those hidden already included.

    None where the block or the search is too large, or nothing that may be hidden helps (the witness search then says
    so by name).

    For a choice of hidden rows the attacker's linear program gives each target's reach, and its dual prices say how
    much any further hidden row could add to it: a valid inequality for every choice. The least heavy choice that keeps
    all inequalities is tried next (shares of rows first, then whole ones), until no target falls short. Only targets of
    kind ``small`` count here.
    """
    free = np.flatnonzero(system.rows["hideable"].to_numpy(bool) & ~system.hidden)
    targets = system.targets[system.targets["kind"] == "small"]
    if len(free) > SMALL or not len(targets):
        return None
    attacker = _Attacker(system, free)
    weight = _own_weight(system)[free]
    drags = _drags(system, {int(row): column for column, row in enumerate(free)})
    cuts: list[NDArray[np.float64]] = []
    chosen, proven = np.zeros(len(free)), False
    for whole, rounds in ((False, RELAXED), (True, WHOLE)):
        for _ in range(rounds):
            attacker.hide(chosen)
            try:
                fresh = attacker.cuts(targets, chosen)
            except Hopeless:
                return None
            proven = whole and not fresh
            if not fresh:
                break
            cuts += fresh
            chosen = _lightest(cuts, drags, weight, whole)
        if not whole:
            chosen = _lightest(cuts, drags, weight, True)
    if not proven:
        return None
    return np.flatnonzero(system.hidden | np.isin(np.arange(len(system.hidden)), free[chosen > 0.5]))


def _lightest(
    cuts: list[NDArray[np.float64]], drags: NDArray[np.float64], weight: NDArray[np.float64], whole: bool
) -> NDArray[np.float64]:
    """The least heavy choice of rows that keeps all inequalities, as far as the limit of nodes goes."""
    if not cuts:
        return np.zeros(len(weight))
    matrix = sparse.csr_array(np.vstack([np.array(cuts), drags]) if len(drags) else np.array(cuts))
    low = np.concatenate([np.ones(len(cuts)) - 1e-7, np.zeros(len(drags))])
    kinds = np.ones(len(weight), dtype=bool) if whole else None
    master = model(
        matrix, low, np.full(len(low), np.inf), np.ones(len(weight)), cost=weight, whole=kinds, presolve=True
    )
    master.setOptionValue("mip_rel_gap", 0.0)
    master.setOptionValue("mip_max_nodes", NODES)
    master.run()
    found = np.asarray(master.getSolution().col_value, dtype=np.float64)
    if len(found) != len(weight):
        return np.ones(len(weight))
    return np.asarray(np.round(found) if whole else np.clip(found, 0.0, 1.0), dtype=np.float64)


def _own_weight(system: System) -> NDArray[np.float64]:
    """Each row's own weight; a denominator's does not count again the counts that go with it."""
    rows = system.rows
    people = (rows["family"] == PEOPLE).to_numpy()
    return np.asarray(
        np.where(people, rows["people"].fillna(0) + 1, rows["weight"]).astype(np.float64), dtype=np.float64
    )


def _drags(system: System, place: dict[int, int]) -> NDArray[np.float64]:
    """A denominator may be hidden only with the counts out of it."""
    if PEOPLE not in system.families:
        return np.empty((0, len(place)))
    start = (len(system.families) - 1) * system.numbers
    found = []
    for row, column in place.items():
        if start <= row < start + system.numbers:
            for family in range(len(system.families) - 1):
                mate = family * system.numbers + row - start
                if mate in place:
                    line = np.zeros(len(place))
                    line[place[mate]], line[column] = 1.0, -1.0
                    found.append(line)
    return np.array(found).reshape(len(found), len(place))


class _Attacker:
    """The attacker's linear program over the whole block, with the worth of hiding each row more."""

    def __init__(self, system: System, free: NDArray[np.int64]) -> None:
        rows = system.rows
        self.matrix, self.free = system.matrix, free
        low, high = rows["low"].fillna(-np.inf).to_numpy(), rows["high"].fillna(np.inf).to_numpy()
        cap = rows["cap"].to_numpy()
        upper = np.minimum(system.upper, LARGE)
        self.solver = model(
            system.matrix, np.where(system.hidden, -np.inf, low), np.where(system.hidden, cap, high), upper
        )
        self.low, self.high = low[free], high[free]
        self.room = np.where(np.isinf(cap[free]), LARGE, cap[free] - high[free])  # upwards, for a row wholly hidden
        needs = system.targets["need_high"].to_numpy()
        self.scale = 4 * float(needs.max(initial=1.0, where=np.isfinite(needs)))

    def hide(self, share: NDArray[np.float64]) -> None:
        """Loosen rows: wholly where their share is 1, in part between."""
        self.part = np.where(share > 1 - CLOSE, self.room, np.minimum(self.room, self.scale) * share)
        self.share = share
        low = np.where(share > 1 - CLOSE, 0.0, self.low * (1 - share))
        for row, least, most in zip(self.free, low, self.high + self.part, strict=True):
            self.solver.changeRowBounds(int(row), float(least), float(most))

    def cuts(self, targets: pd.DataFrame, share: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Inequalities ``cut · share ≥ 1`` that the present shares break."""
        found = []
        for target in targets.itertuples():
            for need, way in ((target.need_high, 1), (target.need_low, -1)):
                cut = self._cut(int(target.row), need, way)
                if cut is not None and cut @ share < 1 - CLOSE:
                    found.append(cut)
        return found

    def _cut(self, row: int, need: float, way: int) -> NDArray[np.float64] | None:
        """The inequality of one target and way; None where it reaches what it must."""
        span = slice(self.matrix.indptr[row], self.matrix.indptr[row + 1])
        size = self.matrix.shape[1]
        form = np.zeros(size)
        form[self.matrix.indices[span]] = self.matrix.data[span]
        self.solver.changeColsCost(size, np.arange(size, dtype=np.int32), -way * form)
        found = solved(self.solver)
        if found is None:
            raise Hopeless
        price = np.asarray(self.solver.getSolution().row_dual)[self.free]
        up, down = np.where(price < -1e-9, -price, 0.0), np.where(price > 1e-9, price, 0.0)
        missing = (need - float(form @ found)) * way
        if missing <= CLOSE:
            return None
        short = missing + float(up @ self.part + down @ (self.low * self.share))
        cut = np.minimum(up * self.room + down * self.low, short) / short
        if cut.max(initial=0.0) < CLOSE:
            raise Hopeless
        return np.asarray(cut)


class Hopeless(Exception):
    """Nothing that may be hidden helps a target; the witness search then says so by name."""
