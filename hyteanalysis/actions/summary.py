"""One pass through the draws: limits of each cell's figures, and sums by group in each draw."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyteanalysis.actions.simulation import Simulation

Array = NDArray[Any]
Limits = tuple[Array, Array]

TAILS = (0.025, 0.975)


@dataclass(frozen=True)
class Summary:
    """What the draws say.

    Attributes
    ----------
    arr, averted, person_years, cost_per_case : (array, array)
        95 % limits of each cell.
    p_harm : array
        Share of the draws in which each cell is harmed.
    before, helped : arrays groups × draws
        People badly off before, and cases averted.
    """

    arr: Limits
    averted: Limits
    person_years: Limits
    cost_per_case: Limits
    p_harm: Array
    before: Array
    helped: Array

    @classmethod
    def of(cls, simulation: Simulation) -> "Summary":
        """Go once through the cells; a second time for the cost per case where a set-up is shared by all."""
        group, people = simulation.membership.argmax(axis=0), simulation.people.astype(np.float32)
        groups = len(simulation.groups)
        years, price = simulation.persistence, simulation.cost
        unsure = simulation.reach.draws.shape[1] > 1 or not simulation.share_certain.all()
        shared = simulation.fixed_total > 0
        size = len(simulation.cells)
        found = {name: np.zeros((2, size)) for name in ("arr", "averted", "person_years", "cost_per_case")}
        harm = np.empty(size)

        def work(rows: slice, level: Array, less: Array) -> tuple[Array, ...]:
            if less.shape != level.shape:  # the affected have one risk, whatever their group's
                less = np.array(np.broadcast_to(less, level.shape), dtype=np.float32)
            averted = less * simulation.block_share(level, rows)
            sums = tuple(_pooled(part, group[rows], people[rows], groups) for part in (level, averted))
            positive = less.min() > 0
            harm[rows] = 0.0 if positive else np.count_nonzero(less < 0, axis=1) / less.shape[1]
            if price.draws.shape[1] > 1 and not shared:
                found["cost_per_case"][:, rows] = limits(
                    price.block(rows) / less if positive else _cost(less, price.block(rows))
                )
            if years.draws.shape[1] > 1:
                found["person_years"][:, rows] = limits(averted * years.block(rows))
            # limits() reorders the draws: the plain reduction comes last
            if unsure:
                found["averted"][:, rows] = limits(averted)
            found["arr"][:, rows] = limits(less)
            return sums

        before = np.zeros((groups, simulation.draws))
        helped = np.zeros_like(before)
        for level, averted in simulation.through(work):
            before += level
            helped += averted
        # what is exact is exact, whatever single precision made of it
        exact = simulation.certain
        found["arr"][:, exact] = simulation.reduction[exact]
        reached = simulation.people * simulation.share
        steady = (exact & simulation.share_certain) if unsure else np.ones(size, dtype=bool)
        found["averted"] *= simulation.people
        found["averted"][:, steady] = found["arr"][:, steady] * reached[steady]
        found["person_years"] *= simulation.people
        if years.draws.shape[1] == 1:
            found["person_years"] = found["averted"] * years.values
        if shared:
            found["cost_per_case"] = _cost_with_setup(simulation, helped.sum(axis=0))
        elif price.draws.shape[1] == 1:
            found["cost_per_case"] = _cost(found["arr"][::-1], price.values)
        pairs = {name: (values[0], values[1]) for name, values in found.items()}
        return cls(**pairs, p_harm=harm, before=before, helped=helped)


def limits(draws: Array) -> Limits:
    """2.5 and 97.5 percentiles over the last axis (reordered in place); infinite where the neighbours are."""
    last = draws.shape[-1] - 1
    low, high = (last * tail for tail in TAILS)
    below, above = int(low), int(high)
    # two selections cost less than half of a sort
    draws.partition(below + 1, axis=-1)
    # a copy: the second selection moves what stands there
    ends = draws[..., : below + 1].max(axis=-1), np.array(draws[..., below + 1])
    upper = draws[..., below + 1 :]
    upper.partition(above - below - 1, axis=-1)
    start = above - below - 1
    tops = upper[..., start], upper[..., start + 1 :].min(axis=-1, initial=np.inf)
    return _between(*ends, low - below), _between(*tops, high - above)


def _between(low: Array, high: Array, part: float) -> Array:
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(high), low + part * (high - low), high if part else low)


def _pooled(block: Array, group: Array, people: Array, groups: int) -> Array:
    """People-weighted sums of a block's cells by group; cell by cell, since each stands in one group only."""
    out = np.zeros((groups, block.shape[1]), dtype=np.float32)
    for row, place, size in zip(block, group, people, strict=True):
        out[place] += size * row
    return out


def _cost(reduction: Array, price: Array) -> Array:
    """Euros for one case averted; infinite where none is averted."""
    if reduction.size and reduction.min() > 0:
        return np.asarray(price / reduction)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = price / reduction
    found[reduction <= 0] = np.inf
    return np.asarray(found)


def _cost_with_setup(simulation: Simulation, helped: Array) -> Array:
    """Limits of c/ARR + F/ΣA."""
    share = _cost(helped, simulation.fixed_draws)
    found = np.empty((2, len(simulation.cells)))

    def work(rows: slice, level: Array, less: Array) -> None:
        found[:, rows] = limits(_cost(less, simulation.cost.block(rows)) + share)

    for _ in simulation.through(work):
        pass
    return found
