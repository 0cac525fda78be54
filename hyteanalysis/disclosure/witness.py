"""Witnesses: other tables of people that agree with all that stays shown, the cheapest first."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hyteanalysis.disclosure.program import CLOSE, LARGE, model, solved
from hyteanalysis.disclosure.system import System

Ints = NDArray[np.int64]
MIDDLE = 1_500  # rows of a block up to which several orders and prices are tried
SLOPES = 4


class Witnesses:
    """Cheapest other tables: they agree with all that stays shown, and pay for each number in which they differ.

    A shown row may be left at a price by two slack columns. Every table found stays a valid witness, since its
    differences are hidden at once; ``least, most`` are the values that tables so far give each row.
    """

    def __init__(self, system: System, *, payable: bool = True) -> None:
        rows = system.rows
        self.system = system
        self.payable = np.flatnonzero(rows["hideable"].to_numpy(bool) & ~system.hidden & payable)
        width, many = system.matrix.shape[1], len(self.payable)
        height = len(rows)
        place = sparse.csr_array((np.ones(many), (self.payable, np.arange(many))), shape=(height, many))
        matrix = sparse.csr_array(sparse.hstack([system.matrix, -place, place], format="csr"))
        self.cap, self.told = rows["cap"].to_numpy(), (rows["low"].to_numpy(), rows["high"].to_numpy())
        self.low = np.where(system.hidden, -np.inf, rows["low"].fillna(-np.inf))
        self.high = np.where(system.hidden, rows["cap"], rows["high"].fillna(np.inf))
        needs = system.targets["need_high"].to_numpy()
        scale = float(needs.max(initial=1.0, where=np.isfinite(needs)))
        weight, value = rows["weight"].to_numpy()[self.payable], rows["low"].to_numpy()[self.payable]
        cost = np.concatenate([np.zeros(width), weight / scale, weight / np.clip(value, 0.5, scale)])
        room = np.concatenate([np.minimum(system.upper, LARGE), np.full(2 * many, LARGE)])
        self.solver = model(matrix, self.low, self.high, room, cost=cost)
        self.cost, self.width, self.weight = cost, width, weight
        self.least = np.full(height, np.inf)
        self.most = np.full(height, -np.inf)
        self.asked = 0

    def find(self, row: int, need: float, way: int, held: tuple[int, float] | None = None) -> tuple[Ints, float] | None:
        """Rows to hide so that a table takes ``row`` to ``need`` (way 1: or above, −1: or below), and their price."""
        low, high = (need, self.high[row]) if way > 0 else (-np.inf, need)
        self._bound(row, low, high)
        if held is not None:
            self._bound(held[0], held[1], held[1])
        found = self._cheapest()
        for changed in (row, *([held[0]] if held else [])):
            self._bound(changed, self.low[changed], self.high[changed])
        if found is None:
            return None
        table = found[: self.width]
        up, down = found[self.width : self.width + len(self.payable)], found[self.width + len(self.payable) :]
        self._last = table
        return self.payable[(up > CLOSE) | (down > CLOSE)], self._price(found)

    def _cheapest(self) -> NDArray[np.float64] | None:
        """A table that differs in few and light numbers: a linear price pays by the person, so numbers once used are
        made as dear by the person as they weigh, and the question is asked again."""
        found = solved(self.solver)
        self.asked += 1
        if found is None or self._price(found) < CLOSE or len(self.cost) > 2 * MIDDLE:
            return found
        slack = np.arange(self.width, len(self.cost), dtype=np.int32)
        weight = np.tile(self.weight, 2)
        best, lightest = found, np.inf
        price = self.cost[self.width :]
        for _ in range(SLOPES):
            used = found[self.width :] > CLOSE
            total = float(weight[used].sum())
            if total >= lightest:
                break
            best, lightest = found, total
            price = np.where(used, weight / np.maximum(found[self.width :], CLOSE), price)
            self.solver.changeColsCost(len(slack), slack, price)
            found = solved(self.solver)
            self.asked += 1
            if found is None:
                break
        self.solver.changeColsCost(len(slack), slack, self.cost[self.width :])
        return best

    def _price(self, found: NDArray[np.float64]) -> float:
        """What a table pays; not by ``@``, which wakes threads that cost more than the sum."""
        return float(np.multiply(self.cost, found).sum())

    def accept(self, rows: Ints) -> None:
        """Hide the rows that the last table differs in, and keep the table as a witness."""
        before = self.system.hidden.copy()
        self.system.hide(rows)
        for row in np.flatnonzero(self.system.hidden & ~before):
            self.free(int(row))
        values = self.values()
        self.least, self.most = np.minimum(self.least, values), np.maximum(self.most, values)

    def values(self) -> NDArray[np.float64]:
        """Every row's value in the last table."""
        found: NDArray[np.float64] = self.system.matrix @ self._last
        return found

    def free(self, row: int) -> None:
        """A hidden row costs nothing any more."""
        self.low[row], self.high[row] = -np.inf, self.cap[row]
        self._bound(row, self.low[row], self.high[row])

    def hold(self, row: int) -> None:
        """A row that is shown again, at no price."""
        self.low[row], self.high[row] = self.told[0][row], self.told[1][row]
        self._bound(row, self.low[row], self.high[row])

    def _bound(self, row: int, low: float, high: float) -> None:
        self.solver.changeRowBounds(row, low, high)
