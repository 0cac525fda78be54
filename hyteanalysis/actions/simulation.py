"""Probabilistic sensitivity analysis of an action, streamed in tiles so that memory stays bounded.

The draws of one cell come from its own tile of a grid cells × draws, each with its own stream of random numbers: the
same draws are met again whether one goes through the cells or through the draws.
"""

import os
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis.actions.effects import persistence, risk_reduction
from hyteanalysis.actions.inputs import AMOUNT, DIFFERENCE, RATIO, SHARE
from hyteanalysis.actions.model import Action
from hyteanalysis.actions.parameters import Parameter, check_names, combine, draw, lay

Array = NDArray[Any]
Result = TypeVar("Result")

ROWS, COLUMNS = 32, 1_250  # a tile: cells × draws
_ALONE = 250_000  # multiplications that OpenBLAS does without threads
_THREADED = 2_000_000  # draws from which threads pay


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


def weigh(weights: Array, block: Array) -> Array:
    """weights @ block in pieces small enough that the algebra library starts no threads of its own inside ours."""
    out = np.empty((len(weights), block.shape[1]), dtype=block.dtype)
    step = max(64, _ALONE // max(weights.size, 1))
    for start in range(0, block.shape[1], step):
        np.matmul(weights, block[:, start : start + step], out=out[:, start : start + step])
    return out


def simulate(
    cells: pd.DataFrame, action: Action, *, groups: list[str], areas: list[str], draws: int, entropy: int
) -> Simulation:
    """Lay an action on its cells and draw its numbers.

    Raises PlanError for a group or area that the cells lack, or a cell without a number.
    """
    quantities = {"effect": DIFFERENCE if action.effect.scale == "rd" else RATIO}
    quantities |= dict.fromkeys(("cost.per_person", "cost.setup", "horizon_years"), AMOUNT)
    found: dict[str, Parameter] = {}
    salt = zlib.crc32(action.id.encode())
    for number, (name, entry) in enumerate(action.inputs().items()):
        check_names(name, entry, groups, areas)
        stream = np.random.default_rng(np.random.SeedSequence(entropy, spawn_key=(0, salt, number)))
        found[name] = draw(lay(name, entry, cells, quantities.get(name, SHARE)), draws, stream)
    steps = [found[name] for name in found if name.partition(".")[0] == "reach"]
    years = [found[name] for name in ("horizon_years", "retention", "discount")]
    return Simulation(
        cells=cells,
        scale=action.effect.scale,
        inputs=found,
        reach=combine("reach", steps, multiplied) if len(steps) > 1 else steps[0],
        persistence=combine("persistence", years, persistence),
        draws=draws,
        entropy=entropy,
    )


def multiplied(*shares: Array) -> Array:
    """The chain of reach."""
    return np.asarray(np.prod(np.broadcast_arrays(*shares), axis=0))
