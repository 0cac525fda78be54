"""Complementary suppression: the cheapest other numbers to hide, so that what is unsafe cannot be worked out."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from hyteanalysis.disclosure.attack import Attack, attacked
from hyteanalysis.disclosure.program import CLOSE, LARGE, model, solved
from hyteanalysis.disclosure.system import PEOPLE, SPREAD, System
from hyteanalysis.errors import SHOWN, DisclosureError

_Ints = NDArray[np.int64]
_ROUNDS = 30
ORDERS = 4
QUESTIONS = 2_000  # asked of a component at most: a count, so that the same cells make the same release
SMALL = 200  # numbers that may be hidden: up to here the exact search is tried
RELAXED, WHOLE = 40, 15  # rounds; limits are counts, not seconds, so that the same cells always make the same release
NODES = 500
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

    def find(
        self, row: int, need: float, way: int, held: tuple[int, float] | None = None
    ) -> tuple[_Ints, float] | None:
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

    def accept(self, rows: _Ints) -> None:
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


def suppress(system: System, *, tick: Callable[[int], None] = lambda _: None) -> pd.DataFrame:
    """Hide what is needed in a system, and return the audit's rows, all safe.

    The exact optimum by cutting planes where the block is small, else the witness method; then whatever integers,
    insiders or left-out numbers still give away. ``tick`` hears of each target done.

    Raises DisclosureError where a number cannot be protected, since what gives it away is public already.
    """
    start = system.hidden.copy()
    found = attacked(system, insider=False)
    if found["safe"].all():
        found = attacked(system)
    if found["safe"].all():
        return found
    optimum = _cheapest(system)
    if optimum is not None:
        system.hidden = start
        system.hide(optimum)
    else:
        system.hidden = _lightest(system, tick)
    for _ in range(_ROUNDS):
        found = attacked(system)
        if found["safe"].all():
            return found
        search = Witnesses(system)
        needs = system.targets.set_index("row")
        for miss in found[~found["safe"]].itertuples():
            row = int(miss.row)
            if miss.insider >= 0:
                _protect_from_insider(search, row, int(miss.insider))
            else:
                need = needs.loc[[row]].iloc[0]
                _protect(search, row, need["kind"], need["need_low"], need["need_high"], interval=(miss.low, miss.high))
    raise DisclosureError(f"cannot be protected: {_described(system, found.loc[~found['safe'], 'row'].to_numpy())}")


def _lightest(system: System, tick: Callable[[int], None]) -> NDArray[np.bool_]:
    """The lightest of what the witness method hides, in several orders of targets."""
    start = system.hidden.copy()
    weight = system.rows["weight"].to_numpy()
    best: NDArray[np.bool_] | None = None
    for place in range(ORDERS if len(start) <= MIDDLE else 1):
        system.hidden = start.copy()
        search = Witnesses(system)
        for target in _in_order(system, place).itertuples():
            _protect(search, int(target.row), target.kind, target.need_low, target.need_high)
            if place == 0:
                tick(1)
        _show_again(system)
        if best is None or weight[system.hidden].sum() < weight[best].sum():
            best = system.hidden.copy()
    assert best is not None
    return best


def _in_order(system: System, place: int = 0) -> pd.DataFrame:
    """The targets that are certain to need protection: the smallest first, the largest first, or shuffled."""
    targets = system.targets[system.targets["kind"] != "unseen"]
    value = system.rows["low"].to_numpy()[targets["row"]]
    targets = targets.assign(value=value).sort_values(["value", "row"], kind="stable")
    if place > 1:
        return targets.iloc[np.random.default_rng(place).permutation(len(targets))]
    return targets.iloc[::-1] if place else targets


def _protect(
    search: Witnesses, row: int, kind: str, low: float, high: float, interval: tuple[float, float] | None = None
) -> None:
    """Hide what keeps a row from reaching where it must."""
    if kind in SPREAD:
        for need, way in ((high, 1), (low, -1)):
            reached = search.most[row] >= need - CLOSE if way > 0 else search.least[row] <= need + CLOSE
            if not reached:
                found = search.find(row, need, way)
                if found is None:
                    raise DisclosureError(_refusal(search.system, row))
                search.accept(found[0])
        return
    told = search.system.rows.iloc[row]
    if interval is None:
        interval = (told["low"], told["high"])
    ways = [(interval[1] + 1, 1), (interval[0] - 1, -1)] if kind == "few" else [(high, 1), (low - 1, -1)]
    choices = []
    for need, way in ways:
        if need >= 0 and (found := search.find(row, need, way)) is not None:
            choices.append((found[1], need, way))
    if not choices:
        raise DisclosureError(_refusal(search.system, row))
    _, need, way = min(choices)
    found = search.find(row, need, way)
    assert found is not None
    search.accept(found[0])


def _protect_from_insider(search: Witnesses, row: int, insider: int) -> None:
    """Hide more, so that the one person behind ``insider`` cannot tell ``row`` exactly."""
    value = search.system.rows["low"].to_numpy()
    choices = []
    for need, way in ((value[row] + 1, 1), (value[row] - 1, -1)):
        found = search.find(row, need, way, (insider, value[insider])) if need >= 0 else None
        if found is not None:
            choices.append((found[1], need, way))
    if not choices:
        raise DisclosureError(_refusal(search.system, row))
    _, need, way = min(choices)
    found = search.find(row, need, way, (insider, value[insider]))
    assert found is not None
    search.accept(found[0])


def _show_again(system: System) -> None:
    """Show complementary numbers that no target needs, the costliest first, component by component."""
    attack = Attack(system)
    own = np.isin(np.arange(len(system.hidden)), system.targets["row"])
    extra = system.hidden & system.rows["hideable"].to_numpy(bool) & ~own & system.rows["low"].notna().to_numpy()
    weight = system.rows["weight"].to_numpy()
    touched = {number for row in np.flatnonzero(extra) for number in attack.forms(int(row))}
    for number in sorted(touched):
        part, rows = attack.local(number)
        search = Witnesses(part, payable=False)
        told = part.rows["low"].to_numpy()
        targets = _in_order(part)
        tables = np.empty((0, len(rows)))
        chosen = [place for place in np.flatnonzero(extra[rows]) if not system.needed_by_people(int(rows[place]))]
        for place in sorted(chosen, key=lambda place: -weight[rows[place]]):
            if search.asked > QUESTIONS:
                break
            search.hold(int(place))
            kept = tables[np.abs(tables[:, place] - told[place]) < CLOSE]
            fresh = _without(search, targets, kept)
            if fresh is None:
                search.free(int(place))
            else:
                system.hidden[rows[place]] = False
                tables = np.vstack([kept, *fresh])


def _without(search: Witnesses, targets: pd.DataFrame, tables: NDArray[np.float64]) -> list[NDArray[np.float64]] | None:
    """Further tables by which every target still reaches where it must; None where one does not."""
    fresh: list[NDArray[np.float64]] = []
    least, most = tables.min(axis=0, initial=np.inf), tables.max(axis=0, initial=-np.inf)
    for row, kind, low, high in targets[["row", "kind", "need_low", "need_high"]].itertuples(index=False):
        told = search.system.rows["low"].iloc[row]
        for need, way in ((high, 1), (low, -1)) if kind in SPREAD else ((told + 1, 1), (told - 1, -1)):
            reached = most[row] >= need - CLOSE if way > 0 else least[row] <= need + CLOSE
            if reached:
                if kind == "few":
                    break
                continue
            found = search.find(int(row), need, way)
            if found is None:
                if kind == "few" and way > 0:
                    continue
                return None
            values = search.values()
            fresh.append(values)
            least, most = np.minimum(least, values), np.maximum(most, values)
            if kind == "few":
                break
    return fresh


def _described(system: System, rows: NDArray[np.int64]) -> str:
    """Rows by their keys, for messages."""
    said = [" / ".join(system.rows.loc[row, ["family", "area", "dimension", "group"]]) for row in rows[:SHOWN]]
    return "; ".join(said) + (f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else "")


def _refusal(system: System, row: int) -> str:
    told = system.rows.iloc[row]
    few = f" (population {told['people']:g})" if told["people"] == told["people"] else ""
    return (
        f"{_described(system, np.array([row]))} cannot be protected{few}: what is public already (an earlier release, "
        "a public population, or a number that may not be hidden) gives it away. Leave it out together with its group, "
        "or join groups or areas."
        if PEOPLE in system.families or told["people"] == told["people"]
        else f"{_described(system, np.array([row]))} cannot be protected with all else hidden: join groups or areas."
    )


class _Hopeless(Exception):
    """Nothing that may be hidden helps a target; the witness search then says so by name."""


def _cheapest(system: System) -> NDArray[np.int64] | None:
    """The rows to hide at least weight, those hidden already included.

    None where the block or the search is too large, or nothing that may be hidden helps (the witness search then says
    so by name).

    For a choice of hidden rows the attacker's linear program gives each target's reach, and its dual prices say how
    much any further hidden row could add to it: a valid inequality for every choice. The least heavy choice that keeps
    all inequalities is tried next (shares of rows first, then whole ones), until no target falls short. Only targets of
    kind ``small`` count here.
    """
    free = np.flatnonzero(system.rows["hideable"].to_numpy(bool) & ~system.hidden)
    targets = system.targets[system.targets["kind"].isin(SPREAD)]
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
            except _Hopeless:
                return None
            proven = whole and not fresh
            if not fresh:
                break
            cuts += fresh
            chosen = _least_heavy(cuts, drags, weight, whole)
        if not whole:
            chosen = _least_heavy(cuts, drags, weight, True)
    if not proven:
        return None
    return np.flatnonzero(system.hidden | np.isin(np.arange(len(system.hidden)), free[chosen > 0.5]))


def _least_heavy(
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
            raise _Hopeless
        price = np.asarray(self.solver.getSolution().row_dual)[self.free]
        up, down = np.where(price < -1e-9, -price, 0.0), np.where(price > 1e-9, price, 0.0)
        missing = (need - float(form @ found)) * way
        if missing <= CLOSE:
            return None
        short = missing + float(up @ self.part + down @ (self.low * self.share))
        cut = np.minimum(up * self.room + down * self.low, short) / short
        if cut.max(initial=0.0) < CLOSE:
            raise _Hopeless
        return np.asarray(cut)
