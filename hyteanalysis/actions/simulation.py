"""Probabilistic sensitivity analysis of an action, streamed in tiles so that memory stays bounded.

The numbers of an action are laid on the cells (:mod:`hyteanalysis.actions.inputs`). The draws of one cell come from its
own tile of a grid cells × draws, each with its own stream of random numbers: the same draws are met again whether one
goes through the cells or through the draws.
"""

import os
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis.actions.inputs import (
    Node,
    Parameter,
    acting,
    check_names,
    combined,
    drawn,
    laid,
    single,
    split,
    times,
)
from hyteanalysis.actions.model import AMOUNT, INSIDE, RATIO, SHARE, Action, Share
from hyteanalysis.errors import PlanError

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
    action : Action
    inputs : mapping
        Every input of the action, by its place, as it is published.
    effect : Parameter
        The effect as it acts on the adverse share, on ``scale``.
    reach, persistence : Parameter
        The chain's product, of those whom the action is for, and the years one case averted counts for.
    draws, entropy : int
    """

    cells: pd.DataFrame
    action: Action
    inputs: Mapping[str, Parameter]
    effect: Parameter
    reach: Parameter
    persistence: Parameter
    draws: int
    entropy: int

    @property
    def scale(self) -> str:
        """The scale on which the effect acts: ``rr, or, rd, rate``."""
        return self.action.effect.acts_as

    @property
    def affected(self) -> bool:
        """Whether the action is for those who have the outcome, and reach is a share of them."""
        return self.action.reach.of == "affected"

    @property
    def steps(self) -> tuple[str, ...]:
        """Inputs whose product is the reach that the effect acts on."""
        return tuple(_steps(self.action))

    @property
    def risk(self) -> Parameter:
        """Risk of those reached relative to their group's."""
        return self.inputs["reach.risk"]

    @cached_property
    def cost(self) -> Parameter:
        """Euros for each person reached, the groups of people that are begun divided evenly."""
        step, each = self.action.cost.step, self.inputs["cost.per_person"]
        if step is None:
            return each
        return combined("cost", [each, self.inputs["cost.step"]], lambda one, begun: one + begun / step.size)

    @property
    def setup(self) -> Parameter:
        """Euros to set the action up, for each of what :attr:`units` counts."""
        return self.inputs["cost.setup"]

    @cached_property
    def fixed(self) -> Parameter:
        """Euros for each of what :attr:`units` counts: the set-up, and the yearly costs of the horizon, discounted."""
        yearly = self.inputs["cost.yearly"]
        if not yearly.values.any():
            return self.setup
        years = [self.inputs["horizon_years"], self.inputs["discount"]]

        def summed(once: Array, each: Array, horizon: Array, discount: Array) -> Array:
            return np.asarray(once + each * persistence(horizon, np.ones_like(discount), discount))

        return combined("fixed", [self.setup, yearly, *years], summed)

    def start(self, level: Array, risk: Array) -> Array:
        """Risk of those reached before the action, at a level of their group; ``risk`` is relative to it."""
        if self.affected:
            control = self.action.effect.control
            if control is None or self.scale not in ("or", "rate"):
                return np.ones_like(level)
            return np.full_like(level, 1 - control if self.action.effect.favourable else control)
        return level if np.all(risk == 1) else np.asarray(np.minimum(level * risk, 1))

    def reduced(self, level: Array, effect: Array, risk: Array) -> Array:
        """Absolute risk reduction in those reached, at a level of their group."""
        return risk_reduction(self.start(level, risk), effect, self.scale)

    def shared(self, level: Array, reach: Array) -> Array:
        """Share of all people reached, at a level of their group and a reach of those whom the action is for."""
        return np.asarray(reach * level) if self.affected else reach

    @cached_property
    def level(self) -> Array:
        """Baseline of each cell, at the values."""
        return np.asarray(self.cells["baseline"].to_numpy(dtype=float))

    @cached_property
    def reduction(self) -> Array:
        """Absolute risk reduction in those reached, at the values."""
        return self.reduced(self.level, self.effect.values, self.risk.values)

    @cached_property
    def share(self) -> Array:
        """Share of each cell's people reached, at the values."""
        return self.shared(self.level, self.reach.values)

    @cached_property
    def eligible(self) -> Array:
        """People of each cell whom the action is for: all, or the affected."""
        return self.shared(self.level, self.people)

    @cached_property
    def feasible(self) -> Array:
        """Share of those whom the action is for that would come at most; 1 where nothing is known of it."""
        if "reach.feasible" in self.inputs:
            return self.inputs["reach.feasible"].values
        if not self.feasible_known:
            return np.ones(len(self.cells))
        rest = [self.inputs[name].values for name in _steps(self.action, all_of_them=True) if name != "reach.offered"]
        return np.asarray(np.prod(rest, axis=0)) if rest else np.ones(len(self.cells))

    @property
    def feasible_known(self) -> bool:
        """Whether the action says how many would come, by ``feasible`` or by a chain."""
        return "reach.feasible" in self.inputs or "reach.offered" in self.inputs or "reach.uptake" in self.inputs

    @cached_property
    def units(self) -> Array:
        """What fixed costs are paid for, as a number for each cell: the action, each area, or each area × group."""
        per = self.action.cost.per
        if per == "action":
            return np.zeros(len(self.cells), dtype=np.intp)
        return pd.factorize(self.cells["area"])[0] if per == "area" else np.arange(len(self.cells))

    @cached_property
    def people(self) -> Array:
        """Population of each cell."""
        return np.asarray(self.cells["population"].to_numpy(dtype=float))

    @property
    def certain(self) -> Array:
        """Cells whose risk reduction is certain."""
        known = self.effect.certain & self.risk.certain
        return np.asarray(known if self.affected else known & (self.cells["spread"].to_numpy() == 0))

    @property
    def share_certain(self) -> Array:
        """Cells whose share of people reached is certain."""
        return np.asarray(self.reach.certain & (~self.affected | (self.cells["spread"].to_numpy() == 0)))

    @cached_property
    def _paid(self) -> Array:
        """The first cell reached of each unit: where its fixed costs are told."""
        reached = np.flatnonzero(self.share * self.people > 0)
        return reached[np.unique(self.units[reached], return_index=True)[1]]

    @property
    def fixed_total(self) -> float:
        """Fixed euros of all that the action is opened for."""
        return float(self.fixed.values[self._paid].sum())

    @property
    def fixed_draws(self) -> Array:
        """Draws of the fixed euros."""
        return np.asarray(self.fixed.precise[self.fixed.index[self._paid]].sum(axis=0))

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
        """Draws of the risk reduction in those reached, given the baseline's."""
        effect = self.effect.block(rows, columns)
        if not self.affected and self.risk.draws.size == 1 and self.risk.draws[0, 0] == 1:
            return risk_reduction(baseline, effect, self.scale)
        return self.reduced(baseline, effect, self.risk.block(rows, columns))

    def block_share(self, baseline: Array, rows: slice, columns: slice = slice(None)) -> Array:
        """Draws of the share of all people reached, given the baseline's, to be broadcast against them."""
        return self.shared(baseline, self.reach.block(rows, columns))

    def through(self, work: Callable[[slice, Array, Array], Result]) -> Iterator[Result]:
        """Do some work on each block of cells (its rows, draws of baseline and of reduction), in the order of cells.

        In one thread: a block fits the processor's cache, and a second one would push it out.
        """
        every = slice(0, self.draws)
        for rows in self.blocks():
            baseline = self.baseline(rows, every)
            yield work(rows, baseline, self.block_reduction(baseline, rows))

    def across(self, work: Callable[[slice, Array, Array], Result]) -> Iterator[Result]:
        """Do some work on each span of draws (its columns, baseline and reduction of all cells), in their order."""
        every = slice(0, len(self.cells))

        def one(columns: slice) -> Result:
            baseline = self.baseline(every, columns)
            return work(columns, baseline, self.block_reduction(baseline, every, columns))

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
            values = (level, less * self.block_share(level, rows) if averted is not None else less, less)
            return [weigh(part[:, rows], values[kind]) for (kind, _), part in zip(asked, scaled, strict=True)]

        totals = [np.zeros((len(weights), self.draws)) for _, weights in asked]
        for parts in self.through(work):
            for total, part in zip(totals, parts, strict=True):
                total += part
        return tuple(total * most for total, most in zip(totals, largest, strict=True))

    def person_years(self, helped: Array) -> Array:
        """Person-years averted over the horizon by group in each draw; ``helped`` are one year's cases, so laid out."""
        years = self.persistence.precise
        if len(years) == 1:
            return helped * years
        kinds = np.arange(len(years))[:, None] == self.persistence.index
        weights = (self.membership[:, None, :] * kinds[None]) * self.people
        (sums,) = self.sums(averted=weights.reshape(-1, len(self.cells)))
        return np.asarray((sums.reshape(len(self.groups), len(years), -1) * years).sum(axis=1))

    def people_sums(self, per_person: Parameter | None = None) -> Array:
        """People reached, or the euros for them, by group in each draw: groups × draws."""
        if self.affected:
            return self._affected_sums(per_person)
        parts = [self.reach, *([per_person] if per_person is not None else [])]
        kinds, index = np.unique(np.stack([part.index for part in parts]), axis=1, return_inverse=True)
        weights = np.zeros((len(self.groups), kinds.shape[1]))
        group = self.membership.argmax(axis=0)
        np.add.at(weights, (group, index.reshape(-1)), self.people)
        values = np.ones((kinds.shape[1], self.draws))
        for part, kind in zip(parts, kinds, strict=True):
            values = values * part.precise[kind]
        return weights @ values

    def _affected_sums(self, per_person: Parameter | None) -> Array:
        """As :meth:`people_sums`, where those reached are a share of the affected."""
        weights = (self.membership * self.people).astype(np.float32)

        def work(rows: slice, level: Array, less: Array) -> Array:
            people = self.block_share(level, rows)
            return weigh(weights[:, rows], people if per_person is None else people * per_person.block(rows))

        return np.asarray(sum(self.through(work), start=np.zeros((len(self.groups), self.draws))))

    def with_baseline(self, cells: pd.DataFrame) -> "Simulation":
        """The same action and draws on other baselines."""
        return replace(self, cells=cells)

    @classmethod
    def of(
        cls, cells: pd.DataFrame, action: Action, *, groups: list[str], areas: list[str], draws: int, entropy: int
    ) -> "Simulation":
        """Lay an action on its cells and draw its numbers.

        Raises PlanError for a group or area that the cells lack, a cell without a number, or a reach that cannot be.
        """
        if action.effect.scale == "unknown":
            raise PlanError(
                f"{action.where('effect')}effect: is unknown, so nobody can say whom {action.id} helps. Give an effect "
                "with its source, or scale: none where it was studied and no difference was found."
            )
        amounts = ("cost.per_person", "cost.setup", "cost.yearly", "cost.saving", "cost.step", "horizon_years")
        quantities = {"effect": action.effect.kind, "reach.risk": RATIO, **dict.fromkeys(amounts, AMOUNT)}
        found: dict[str, Parameter] = {}
        salt = zlib.crc32(action.id.encode())
        sizes = cells["population"] * (cells["baseline"] if action.reach.of == "affected" else 1.0)
        for number, (name, entry) in enumerate(action.inputs().items()):
            where = action.where(name)
            check_names(where + name, entry, groups, areas)
            stream = np.random.default_rng(np.random.SeedSequence(entropy, spawn_key=(0, salt, number)))
            quantity = quantities.get(name, SHARE)
            wider = action.effect.wider if name == "effect" else 1.0
            if isinstance(entry, Share) and entry.odds_ratio:
                found[name] = split(name, entry, cells["group"], sizes.to_numpy(dtype=float), draws, stream)
                continue
            found[name] = drawn(laid(where + name, entry, cells, quantity, wider), draws, stream)
            if name.startswith("cost.") and action.cost.euros != 1:
                found[name] = times(found[name], action.cost.euros)
        steps = [found[name] for name in _steps(action)]
        years = [found[name] for name in ("horizon_years", "retention", "discount")]
        whole = np.ones(1)
        made = cls(
            cells=cells,
            action=action,
            inputs=found,
            effect=acting(found["effect"], action.effect),
            reach=combined("reach", steps, multiplied) if len(steps) > 1 else steps[0] if steps else
            Parameter("reach", SHARE, (Node("", 1.0, 1.0, 1.0, "beta", shared=True),),
                      np.zeros(len(cells), dtype=np.intp), single(whole[None])),
            persistence=combined("persistence", years, partial(persistence, curve=action.persistence)),
            draws=draws,
            entropy=entropy,
        )  # fmt: skip
        _check_reach(made)
        return made


def _steps(action: Action, *, all_of_them: bool = False) -> list[str]:
    """Places of the shares whose product is the reach; an effect by intention to treat has some of them inside."""
    inside = INSIDE if action.effect.itt and not all_of_them else ()
    return [name if name == "reach" else f"reach.{name}" for name in action.reach.steps if name not in inside]


def _check_reach(simulation: Simulation) -> None:
    """Refuse a reach that cannot be: more of the affected than there are, a risk above 1, more than would come."""
    cells, action = simulation.cells, simulation.action
    level, risk, reach = simulation.level, simulation.risk.values, simulation.reach.values

    def refused(wrong: Array, place: str, say: Callable[[int], str]) -> None:
        if wrong.any():
            one = int(wrong.argmax())
            who = f"{cells['area'].iloc[one]}, {cells['group'].iloc[one]}"
            raise PlanError(f"{action.where(place)}{place}: {who}: {say(one)}")

    refused(
        level * risk > 1 + 1e-9,
        "reach.risk",
        lambda one: (
            f"{risk[one]:g} times the group's share of {level[one]:.3g} is above 1: at most "
            f"{1 / level[one]:.3g}, or say of: affected."
        ),
    )
    refused(
        reach * risk > 1 + 1e-9,
        "reach.risk",
        lambda one: (
            f"{100 * reach[one]:.3g} % reached at {risk[one]:g} times the risk would hold "
            f"{100 * reach[one] * risk[one]:.0f} % of those with the outcome: lower the reach, or the risk to "
            f"{1 / reach[one]:.3g}."
        ),
    )
    if "reach.feasible" in simulation.inputs:
        most = simulation.feasible
        refused(
            reach > most * (1 + 1e-9),
            "reach.feasible",
            lambda one: (
                f"{100 * reach[one]:.3g} % are reached, more than the {100 * most[one]:.3g} % that would come at "
                "most: raise feasible or lower the reach."
            ),
        )


def multiplied(*shares: Array) -> Array:
    """The chain of reach."""
    return np.asarray(np.prod(np.broadcast_arrays(*shares), axis=0))


def risk_reduction(baseline: Array, effect: Array, scale: str) -> Array:
    """Absolute risk reduction in those reached, never beyond a risk of 0 or 1; ``baseline`` is their risk before.

    RR: p(1 − RR). OR: p − p₁ with p₁ = OR·o/(1 + OR·o), o the odds. RD: −RD. Ratio of rates or hazards: p − p₁ with
    p₁ = 1 − (1 − p)^ratio.

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
    elif scale == "rate":
        reduction = (1 - baseline) ** effect - (1 - baseline)
    else:
        reduction = np.minimum(-effect, baseline) if np.any(effect < 0) else -effect + 0 * baseline
    highest = np.max(baseline, initial=0.0)
    if (
        scale in ("rr", "rd")
        and np.any(effect > 0)
        and np.max(highest * effect if scale == "rr" else highest + effect) > 1
    ):
        reduction = np.maximum(reduction, baseline - 1)
    return np.asarray(reduction)


def persistence(horizon: Array, retention: Array, discount: Array, curve: Sequence[float] = ()) -> Array:
    """Years that one case averted counts for: Σ_{t<T} k_t/(1 + d)^t, with k_t = φ^t or the curve's share of year t.

    After the end of a curve each year keeps φ of the one before.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(persistence(np.array(3), np.array(0.6), np.array(0.03))), 6)
    1.921859
    >>> round(float(persistence(np.array(5), np.array(1.0), np.array(0.0), (1, 0.86, 0.77, 0.74, 0.70))), 2)
    4.07
    """
    years = np.arange(int(np.max(horizon, initial=1)))
    if curve:
        known = np.asarray(curve, dtype=float)[np.minimum(years, len(curve) - 1)]
        beyond = np.clip(years - len(curve) + 1, 0, None)
        worth = known * np.asarray(retention)[..., None] ** beyond / (1 + np.asarray(discount)[..., None]) ** years
    else:
        worth = np.asarray(retention / (1 + discount), dtype=float)[..., None] ** years
    total: Array = np.where(years < np.asarray(horizon)[..., None], worth, 0.0).sum(axis=-1)
    return total


def weigh(weights: Array, block: Array) -> Array:
    """weights @ block in pieces small enough that the algebra library starts no threads of its own inside ours."""
    out = np.empty((len(weights), block.shape[1]), dtype=block.dtype)
    step = max(64, _ALONE // max(weights.size, 1))
    for start in range(0, block.shape[1], step):
        np.matmul(weights, block[:, start : start + step], out=out[:, start : start + step])
    return out
