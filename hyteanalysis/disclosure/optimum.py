"""The cheapest suppression of a small block, exactly: cutting planes from the attacker's dual prices."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hyteanalysis.disclosure.program import CLOSE, LARGE, model, solved
from hyteanalysis.disclosure.system import PEOPLE, System

SMALL = 400  # numbers that may be hidden: up to here the exact search is tried
ROUNDS = 60  # limits are counts, not seconds, so that the same cells always make the same release
NODES = 2_000


def cheapest(system: System) -> NDArray[np.int64] | None:
    """The rows to hide at least weight, those hidden already included; None where the search is too long.

    For a choice of hidden rows the attacker's linear program gives each target's reach, and its dual prices say how
    much any further hidden row could add to it: a valid inequality for every choice. The least heavy choice that keeps
    all inequalities is tried next, until no target falls short. Only targets of kind ``small`` count here.
    """
    free = np.flatnonzero(system.rows["hideable"].to_numpy(bool) & ~system.hidden)
    targets = system.targets[system.targets["kind"] == "small"]
    if len(free) > SMALL or not len(targets):
        return None
    attacker = _Attacker(system)
    weight = _own_weight(system)[free]
    place = {int(row): column for column, row in enumerate(free)}
    cuts: list[NDArray[np.float64]] = []
    shortfalls: list[float] = []
    drags = _drags(system, place)
    chosen = np.zeros(len(free), dtype=bool)
    for _ in range(ROUNDS):
        attacker.hide(free[chosen], free[~chosen])
        met = True
        for target in targets.itertuples():
            for need, way in ((target.need_high, 1), (target.need_low, -1)):
                reach, gain = attacker.reach(int(target.row), way)
                short = (need - reach) * way
                if short > CLOSE:
                    met = False
                    cut = np.minimum(gain[free], short) / short
                    if cut.max(initial=0.0) < CLOSE:
                        return None  # nothing that may be hidden helps: the witness search says so by name
                    cuts.append(cut)
                    shortfalls.append(1.0)
        if met:
            return np.flatnonzero(system.hidden | np.isin(np.arange(len(system.hidden)), free[chosen]))
        matrix = (
            sparse.csr_array(np.vstack([np.array(cuts), drags])) if len(drags) else sparse.csr_array(np.array(cuts))
        )
        low = np.concatenate([np.array(shortfalls) - 1e-7, np.zeros(len(drags))])
        master = model(
            matrix, low, np.full(len(low), np.inf), np.ones(len(free)),
            cost=weight, whole=np.ones(len(free), dtype=bool), presolve=True,
        )  # fmt: skip
        master.setOptionValue("mip_rel_gap", 0.0)
        master.setOptionValue("mip_max_nodes", NODES)
        found = solved(master)
        if found is None:
            return None
        chosen = found > 0.5
    return None


def _own_weight(system: System) -> NDArray[np.float64]:
    """Each row's own weight; a denominator's does not count again the counts that go with it."""
    rows = system.rows
    people = (rows["family"] == PEOPLE).to_numpy()
    return np.where(people, rows["people"].fillna(0) + 1, rows["weight"]).astype(np.float64)


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

    def __init__(self, system: System) -> None:
        rows = system.rows
        self.system = system
        self.low = rows["low"].fillna(-np.inf).to_numpy()
        self.high = rows["high"].fillna(np.inf).to_numpy()
        self.cap = rows["cap"].to_numpy()
        low = np.where(system.hidden, -np.inf, self.low)
        high = np.where(system.hidden, self.cap, self.high)
        upper = np.minimum(system.upper, LARGE)
        self.solver = model(system.matrix, low, high, upper)

    def hide(self, hidden: NDArray[np.int64], shown: NDArray[np.int64]) -> None:
        for rows, low, high in ((hidden, None, self.cap), (shown, self.low, self.high)):
            for row in rows:
                self.solver.changeRowBounds(int(row), -np.inf if low is None else low[row], high[row])

    def reach(self, row: int, way: int) -> tuple[float, NDArray[np.float64]]:
        """The extreme value of a row, and for each row how much hiding it could add at most."""
        span = slice(self.system.matrix.indptr[row], self.system.matrix.indptr[row + 1])
        size = self.system.matrix.shape[1]
        form = np.zeros(size)
        form[self.system.matrix.indices[span]] = self.system.matrix.data[span]
        self.solver.changeColsCost(size, np.arange(size, dtype=np.int32), -way * form)
        found = solved(self.solver)
        if found is None:
            return way * -np.inf, np.zeros(len(self.low))
        price = np.asarray(self.solver.getSolution().row_dual)
        up = np.where(np.isinf(self.cap), LARGE, self.cap - self.high)
        gain = np.where(price < -1e-9, -price * up, np.where(price > 1e-9, price * np.maximum(self.low, 0), 0.0))
        return float(form @ found), np.nan_to_num(gain, nan=0.0)
