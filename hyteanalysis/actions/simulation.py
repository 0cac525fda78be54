"""Probabilistic sensitivity analysis of an action, streamed in tiles so that memory stays bounded.

The numbers of an action are laid on the cells; every draw is a function of a standard normal deviate, so that a number
that moves with another simply shares its deviate. The draws of one cell come from its own tile of a grid cells × draws,
each with its own stream of random numbers: the same draws are met again whether one goes through the cells or through
the draws.
"""

import math
import os
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from hyteanalysis.actions.model import AMOUNT, DIFFERENCE, DISTRIBUTIONS, RATIO, SHARE, Action, Input
from hyteanalysis.errors import PlanError

Array = NDArray[Any]
Z95 = float(special.ndtri(0.975))
_GRID = np.linspace(-6, 6, 601)  # deviates at which a distribution without closed form is tabulated
Result = TypeVar("Result")
ROWS, COLUMNS = 32, 1_250  # a tile: cells × draws
_ALONE = 250_000  # multiplications that OpenBLAS does without threads
_THREADED = 2_000_000  # draws from which threads pay


@dataclass(frozen=True)
class Node:
    """One distinct number: what it is, its interval, and whose deviate it moves with."""

    label: str  # group and area, empty for the number all share
    value: float
    lower: float
    upper: float
    distribution: str
    shared: bool
    source: str | None = None
    year: int | None = None
    grade: str = "assumed"

    @property
    def certain(self) -> bool:
        """No interval, or one of no width."""
        return not self.lower < self.upper


@dataclass(frozen=True)
class Parameter:
    """An input on the cells: which node each cell has, and the nodes' draws.

    ``draws`` is nodes × draws, or nodes × 1 where all are certain.
    """

    name: str
    quantity: str
    nodes: tuple[Node, ...]
    index: Array
    draws: Array

    @property
    def values(self) -> Array:
        """The value in each cell."""
        return self.at([node.value for node in self.nodes])

    @property
    def certain(self) -> Array:
        """Whether each cell's number is certain."""
        return np.array([node.certain for node in self.nodes])[self.index]

    @property
    def precise(self) -> Array:
        """Draws in double precision, the values themselves where all are certain."""
        if self.draws.shape[1] == 1:
            return np.array([[node.value] for node in self.nodes])
        return self.draws.astype(float)

    def at(self, numbers: Sequence[float]) -> Array:
        """Each cell's number, given one for each node."""
        return np.asarray(numbers, dtype=float)[self.index]

    def block(self, rows: slice, columns: slice = slice(None)) -> Array:
        """Draws of some cells, to be broadcast against cells × draws."""
        draws = self.draws if self.draws.shape[1] == 1 else self.draws[:, columns]
        return draws if len(self.nodes) == 1 else draws[self.index[rows]]


@dataclass(frozen=True)
class Simulation:
    """An action on its cells, with draws of everything that is uncertain.

    Attributes
    ----------
    cells : DataFrame
        ``area, group, order, population, baseline, centre, spread``.
    scale : {"rr", "or", "rd"}
    inputs : mapping
        Every input of the action, by its place.
    reach, persistence : Parameter
        The chain's product, and the years one case averted counts for.
    draws, entropy : int
    """

    cells: pd.DataFrame
    scale: str
    inputs: Mapping[str, Parameter]
    reach: Parameter
    persistence: Parameter
    draws: int
    entropy: int

    @property
    def effect(self) -> Parameter:
        """The effect on those reached."""
        return self.inputs["effect"]

    @property
    def cost(self) -> Parameter:
        """Euros for each person reached."""
        return self.inputs["cost.per_person"]

    @property
    def setup(self) -> Parameter:
        """Euros to set the action up."""
        return self.inputs["cost.setup"]

    @cached_property
    def reduction(self) -> Array:
        """Absolute risk reduction in those reached, at the values."""
        return risk_reduction(self.cells["baseline"].to_numpy(dtype=float), self.effect.values, self.scale)

    @cached_property
    def people(self) -> Array:
        """Population of each cell."""
        return np.asarray(self.cells["population"].to_numpy(dtype=float))

    @property
    def certain(self) -> Array:
        """Cells whose risk reduction is certain."""
        return np.asarray(self.effect.certain & (self.cells["spread"].to_numpy() == 0))

    @property
    def setup_total(self) -> float:
        """Set-up euros, once for each number that the action gives."""
        return float(sum(node.value for node in self.setup.nodes))

    @property
    def setup_draws(self) -> Array:
        """Draws of the set-up euros."""
        return np.asarray(self.setup.precise.sum(axis=0))

    @cached_property
    def groups(self) -> pd.DataFrame:
        """Groups with their order, the most disadvantaged first where they have one: ``group, order``."""
        found = self.cells[["group", "order"]].drop_duplicates("group")
        return found.sort_values(["order"], kind="stable", na_position="last").reset_index(drop=True)

    @cached_property
    def membership(self) -> Array:
        """Groups × cells, of 0 and 1."""
        return np.asarray(
            (self.groups["group"].to_numpy()[:, None] == self.cells["group"].to_numpy()[None, :]).astype(float)
        )

    @cached_property
    def _levels(self) -> tuple[Array, Array, Array]:
        """Baseline, centre and spread in single precision."""
        level, centre, spread = (
            self.cells[name].to_numpy(dtype=np.float32) for name in ("baseline", "centre", "spread")
        )
        return level, centre, spread

    def blocks(self) -> list[slice]:
        """The cells in blocks, all draws at a time."""
        return [slice(start, min(start + ROWS, len(self.cells))) for start in range(0, len(self.cells), ROWS)]

    def spans(self) -> list[slice]:
        """The draws in spans, all cells at a time."""
        return [slice(start, min(start + COLUMNS, self.draws)) for start in range(0, self.draws, COLUMNS)]

    def baseline(self, rows: slice, columns: slice) -> Array:
        """Draws of the baseline: cells of some blocks × draws of some spans, in single precision."""
        out = np.empty((rows.stop - rows.start, columns.stop - columns.start), dtype=np.float32)
        level, centre, spread = (part[rows, None] for part in self._levels)
        if not spread.any():
            out[:] = level
            return out
        for top in range(rows.start, rows.stop, ROWS):
            for left in range(columns.start, columns.stop, COLUMNS):
                height, width = min(ROWS, rows.stop - top), min(COLUMNS, columns.stop - left)
                stream = np.random.SeedSequence(self.entropy, spawn_key=(1, top, left))
                deviates = np.random.Generator(np.random.SFC64(stream)).standard_normal((height, width), np.float32)
                part = slice(top - rows.start, top - rows.start + height)
                across = slice(left - columns.start, left - columns.start + width)
                np.multiply(deviates, -spread[part], out=out[part, across])
        np.subtract(out, centre, out=out)
        with np.errstate(over="ignore"):
            np.exp(out, out=out)
        np.add(out, np.float32(1), out=out)
        return np.reciprocal(out, out=out)

    def block_reduction(self, baseline: Array, rows: slice, columns: slice = slice(None)) -> Array:
        """Draws of the risk reduction, given the baseline's."""
        return risk_reduction(baseline, self.effect.block(rows, columns), self.scale)

    def through(self, work: Callable[[slice, Array, Array], Result]) -> Iterator[Result]:
        """Do some work on each block of cells (its rows, draws of baseline and of reduction), in the order of cells.

        In one thread: a block fits the processor's cache, and a second one would push it out.
        """
        every = slice(0, self.draws)
        for rows in self.blocks():
            baseline = self.baseline(rows, every)
            yield work(rows, baseline, self.block_reduction(baseline, rows))

    def across(self, work: Callable[[slice, Array], Result]) -> Iterator[Result]:
        """Do some work on each span of draws (its columns, reduction of all cells), in the order of draws."""
        every = slice(0, len(self.cells))

        def one(columns: slice) -> Result:
            return work(columns, self.block_reduction(self.baseline(every, columns), every, columns))

        yield from self._each(one, self.spans())

    def _each(self, one: Callable[[slice], Result], parts: list[slice]) -> Iterator[Result]:
        """Results in order, from as many threads as there are processors where it pays."""
        workers = min(4, os.cpu_count() or 1)
        if workers == 1 or len(self.cells) * self.draws < _THREADED:
            yield from map(one, parts)
            return
        with ThreadPoolExecutor(workers) as pool:
            # a few ahead only: results wait for their turn in memory
            waiting = deque(pool.submit(one, part) for part in parts[: 2 * workers])
            for part in [*parts[2 * workers :], *([None] * min(len(parts), 2 * workers))]:
                result = waiting.popleft().result()
                if part is not None:
                    waiting.append(pool.submit(one, part))
                yield result

    def sums(
        self, *, baseline: Array | None = None, averted: Array | None = None, reduction: Array | None = None
    ) -> tuple[Array, ...]:
        """Weighted sums over the cells in each draw: of the baseline, of reach × reduction, of reduction.

        Each argument is weights, sums × cells; the answer holds one array sums × draws for each that is given.
        """
        asked = [(kind, weights) for kind, weights in enumerate((baseline, averted, reduction)) if weights is not None]
        largest = [np.abs(weights).max(initial=0) or 1.0 for _, weights in asked]
        scaled = [(weights / most).astype(np.float32) for (_, weights), most in zip(asked, largest, strict=True)]

        def work(rows: slice, level: Array, less: Array) -> list[Array]:
            values = (level, less * self.reach.block(rows) if averted is not None else less, less)
            return [weigh(part[:, rows], values[kind]) for (kind, _), part in zip(asked, scaled, strict=True)]

        totals = [np.zeros((len(weights), self.draws)) for _, weights in asked]
        for parts in self.through(work):
            for total, part in zip(totals, parts, strict=True):
                total += part
        return tuple(total * most for total, most in zip(totals, largest, strict=True))

    def people_sums(self, per_person: Parameter | None = None) -> Array:
        """People reached, or the euros for them, by group in each draw: groups × draws."""
        parts = [self.reach, *([per_person] if per_person is not None else [])]
        kinds, index = np.unique(np.stack([part.index for part in parts]), axis=1, return_inverse=True)
        weights = np.zeros((len(self.groups), kinds.shape[1]))
        group = self.membership.argmax(axis=0)
        np.add.at(weights, (group, index.reshape(-1)), self.people)
        values = np.ones((kinds.shape[1], self.draws))
        for part, kind in zip(parts, kinds, strict=True):
            values = values * part.precise[kind]
        return weights @ values

    def with_baseline(self, cells: pd.DataFrame) -> "Simulation":
        """The same action and draws on other baselines."""
        return replace(self, cells=cells)

    @classmethod
    def of(
        cls, cells: pd.DataFrame, action: Action, *, groups: list[str], areas: list[str], draws: int, entropy: int
    ) -> "Simulation":
        """Lay an action on its cells and draw its numbers.

        Raises PlanError for a group or area that the cells lack, or a cell without a number.
        """
        quantities = {"effect": DIFFERENCE if action.effect.scale == "rd" else RATIO}
        quantities |= dict.fromkeys(("cost.per_person", "cost.setup", "horizon_years"), AMOUNT)
        found: dict[str, Parameter] = {}
        salt = zlib.crc32(action.id.encode())
        for number, (name, entry) in enumerate(action.inputs().items()):
            _check_names(name, entry, groups, areas)
            stream = np.random.default_rng(np.random.SeedSequence(entropy, spawn_key=(0, salt, number)))
            found[name] = _drawn(_laid(name, entry, cells, quantities.get(name, SHARE)), draws, stream)
        steps = [found[name] for name in found if name.partition(".")[0] == "reach"]
        years = [found[name] for name in ("horizon_years", "retention", "discount")]
        return cls(
            cells=cells,
            scale=action.effect.scale,
            inputs=found,
            reach=_combined("reach", steps, multiplied) if len(steps) > 1 else steps[0],
            persistence=_combined("persistence", years, persistence),
            draws=draws,
            entropy=entropy,
        )


def multiplied(*shares: Array) -> Array:
    """The chain of reach."""
    return np.asarray(np.prod(np.broadcast_arrays(*shares), axis=0))


def risk_reduction(baseline: Array, effect: Array, scale: str) -> Array:
    """Absolute risk reduction in those reached, never beyond a risk of 0 or 1.

    RR: p(1 − RR). OR: p − p₁ with p₁ = OR·o/(1 + OR·o), o the odds. RD: −RD. Those reached are taken to have their
    group's average risk.

    Examples
    --------
    >>> import numpy as np
    >>> [float(risk_reduction(np.array(0.2), np.array(0.75), scale)) for scale in ("rr", "or")]
    [0.05, 0.04210526315789474]
    >>> float(risk_reduction(np.array(0.2), np.array(-0.3), "rd"))
    0.2
    """
    if scale == "rr":
        reduction = baseline * (1 - effect)
    elif scale == "or":
        reduction = baseline * (1 - baseline) * (1 - effect) / (1 - baseline + effect * baseline)
    else:
        reduction = np.minimum(-effect, baseline) if np.any(effect < 0) else -effect + 0 * baseline
    highest = np.max(baseline, initial=0.0)
    if scale != "or" and np.any(effect > 0) and np.max(highest * effect if scale == "rr" else highest + effect) > 1:
        reduction = np.maximum(reduction, baseline - 1)
    return np.asarray(reduction)


def persistence(horizon: Array, retention: Array, discount: Array) -> Array:
    """Years that one case averted counts for: Σ_{t<T} (φ/(1 + d))^t.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(persistence(np.array(3), np.array(0.6), np.array(0.03))), 6)
    1.921859
    """
    kept = np.asarray(retention / (1 + discount), dtype=float)
    years = np.arange(int(np.max(horizon, initial=1)))
    powers = kept[..., None] ** years
    total: Array = np.where(years < np.asarray(horizon)[..., None], powers, 0.0).sum(axis=-1)
    return total


def _laid(name: str, entry: Input, cells: pd.DataFrame, quantity: str) -> Parameter:
    """Lay an input on the cells (``area, group``), without draws yet.

    Raises PlanError where a cell finds no number.
    """
    if not entry.by_group and not entry.by_area:
        only = _node(("", ""), entry, [], quantity)
        return Parameter(name, quantity, (only,), np.zeros(len(cells), dtype=np.intp), _single([[only.value]]))
    nodes: list[Node] = []
    places: dict[tuple[str, str], int] = {}
    chosen: dict[tuple[str, str], int] = {}

    def node(key: tuple[str, str], found: Input, parents: list[Input]) -> int:
        if key not in places:
            places[key] = len(nodes)
            nodes.append(_node(key, found, parents, quantity))
        return places[key]

    pairs = list(zip(cells["area"].astype(str), cells["group"].astype(str), strict=True))
    for area, group in dict.fromkeys(pairs):
        if area in entry.by_area:
            local = entry.by_area[area]
            if group in local.by_group:
                chosen[area, group] = node((area, group), local.by_group[group], [local, entry])
                continue
            if local.value is not None:
                chosen[area, group] = node((area, ""), local, [entry])
                continue
        if group in entry.by_group:
            chosen[area, group] = node(("", group), entry.by_group[group], [entry])
        elif entry.value is not None:
            chosen[area, group] = node(("", ""), entry, [])
        else:
            raise PlanError(f"{name} has no number for group {group!r} in {area!r}: give one, or a value for all.")
    index = np.array([chosen[pair] for pair in pairs], dtype=np.intp)
    return Parameter(name, quantity, tuple(nodes), index, np.array([[one.value] for one in nodes], dtype=np.float32))


def _node(key: tuple[str, str], entry: Input, parents: list[Input], quantity: str) -> Node:
    value = float(entry.value if entry.value is not None else math.nan)
    named = [one.distribution for one in (entry, *parents) if one.distribution]
    lower = upper = value
    shared = True
    if entry.lower is not None and entry.upper is not None:
        lower, upper, shared = entry.lower, entry.upper, not parents
    else:
        for parent in parents:
            if parent.lower is not None and parent.upper is not None and parent.value is not None:
                lower, upper = _carried(value, parent.value, parent.lower, parent.upper, quantity)
                break
    # an entry that names no source or grade of its own has its parent's
    said = {
        field: getattr(next((one for one in (entry, *parents) if field in one.model_fields_set), entry), field)
        for field in ("source", "year", "grade")
    }
    label = " ".join(filter(None, key))
    return Node(label, value, lower, upper, named[0] if named else DISTRIBUTIONS[quantity][0], shared, **said)


def _carried(value: float, shared: float, lower: float, upper: float, quantity: str) -> tuple[float, float]:
    """The shared interval moved to another value, on the scale where the quantity lives."""
    if quantity in (RATIO, AMOUNT):
        return (value * lower / shared, value * upper / shared) if shared > 0 else (value, value)
    if quantity == DIFFERENCE:
        return value + lower - shared, value + upper - shared
    if not (0 < value < 1 and 0 < shared < 1):
        return value, value
    moved = special.logit(value) - special.logit(shared)
    return float(special.expit(special.logit(lower) + moved)), float(special.expit(special.logit(upper) + moved))


def _single(draws: Any) -> Array:
    """Draws in single precision: half the memory, twice the speed, and far finer than the draws' own error."""
    return np.asarray(draws, dtype=np.float32)


def _drawn(parameter: Parameter, draws: int, rng: np.random.Generator) -> Parameter:
    """The parameter with draws of its nodes; numbers that share an interval share the deviates."""
    if all(node.certain for node in parameter.nodes):
        return parameter
    common = rng.standard_normal(draws)
    rows = [
        np.full(draws, node.value)
        if node.certain
        else _quantiles(node, parameter.quantity, common if node.shared else rng.standard_normal(draws))
        for node in parameter.nodes
    ]
    return Parameter(parameter.name, parameter.quantity, parameter.nodes, parameter.index, _single(rows))


def _quantiles(node: Node, quantity: str, deviates: Array) -> Array:
    """The node's quantiles at the deviates' probabilities."""
    value, width = node.value, node.upper - node.lower
    spread = width / (2 * Z95)
    if node.distribution == "uniform":
        return np.asarray(node.lower + width * special.ndtr(deviates))
    if node.distribution == "normal":
        return value + spread * deviates
    if node.distribution == "lognormal":
        # a limit at 0 has no logarithm: the other limit alone gives the width
        logs = math.log(node.upper / node.lower) / 2 if node.lower > 0 else math.log(node.upper / value)
        return np.asarray(value * np.exp(logs / Z95 * deviates)) if value > 0 else np.zeros_like(deviates)
    if node.distribution == "logit-normal":
        limits = special.logit(np.clip([node.lower, node.upper], 1e-6, 1 - 1e-6))
        return np.asarray(special.expit(special.logit(value) + (limits[1] - limits[0]) / (2 * Z95) * deviates))
    if quantity == SHARE:
        if not 0 < value < 1:
            return np.full_like(deviates, value)
        certainty = value * (1 - value) / min(spread, 0.999 * math.sqrt(value * (1 - value))) ** 2 - 1
        table = special.betaincinv(value * certainty, (1 - value) * certainty, special.ndtr(_GRID))
    else:
        shape = (value / spread) ** 2
        table = special.gammaincinv(shape, special.ndtr(_GRID)) * spread**2 / value if value > 0 else 0 * _GRID
    return np.asarray(np.interp(deviates, _GRID, table))


def _combined(name: str, parameters: Sequence[Parameter], formula: Callable[..., Array]) -> Parameter:
    """A parameter made of several, cell by cell: the chain of reach, the persistence of an effect."""
    kinds, index = np.unique(np.stack([one.index for one in parameters]), axis=1, return_inverse=True)
    pairs = list(zip(parameters, kinds, strict=True))
    draws = formula(*[one.precise[kind] for one, kind in pairs])
    values = formula(*[np.array([one.nodes[number].value for number in kind]) for one, kind in pairs])
    limits = np.quantile(draws, [0.025, 0.975], axis=1)
    nodes = []
    for number, kind in enumerate(kinds.T):
        parts = [one.nodes[part] for one, part in zip(parameters, kind, strict=True)]
        label = " ".join(dict.fromkeys(part.label for part in parts if part.label))
        value = float(values[number])
        lower, upper = (value, value) if all(part.certain for part in parts) else limits[:, number].tolist()
        nodes.append(Node(label, value, lower, upper, "combined", shared=False))
    return Parameter(name, parameters[0].quantity, tuple(nodes), index.reshape(-1), _single(draws))


def _check_names(name: str, entry: Input, groups: Sequence[str], areas: Sequence[str]) -> None:
    """Refuse groups and areas in an input that the cells lack, naming near ones."""
    nested = {group for inner in entry.by_area.values() for group in inner.by_group}
    for kind, given, known in (("group", {*entry.by_group, *nested}, groups), ("area", {*entry.by_area}, areas)):
        for stray in sorted(given - {*known}):
            near = get_close_matches(stray, [*known], n=3, cutoff=0.5)
            hint = f"Did you mean {' or '.join(near)}?" if near else f"The cells have {', '.join([*known][:20])}."
            raise PlanError(f"{name} names the {kind} {stray!r}, which the cells lack. {hint}")


def weigh(weights: Array, block: Array) -> Array:
    """weights @ block in pieces small enough that the algebra library starts no threads of its own inside ours."""
    out = np.empty((len(weights), block.shape[1]), dtype=block.dtype)
    step = max(64, _ALONE // max(weights.size, 1))
    for start in range(0, block.shape[1], step):
        np.matmul(weights, block[:, start : start + step], out=out[:, start : start + step])
    return out
