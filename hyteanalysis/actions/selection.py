"""What choosing claims beyond what it gives: plans chosen from numbers that might have been seen instead.

The best of many noisy numbers looks better than it is. A plan is therefore chosen from levels that are shrunken first,
and its gain is told by noise that did not choose it. With ε the error of each level in standard errors, z a deviate of
the same spread and x(·) the people that the plan reaches, x̃ = E_z x(ε + z) is the plan that might have been chosen and
Σ x̃·ARR − Σ ARR′·s·E[x·z] its gain without what the choice itself claims (Stein's identity: E[x̃·ε] = E[∂x̃/∂ε]). The
variance of that estimate is that of the draws plus tr(M²), M = ∂(x̃·ARR′·s)/∂ε.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from hyteanalysis.actions.ranking import FEWEST
from hyteanalysis.actions.simulation import Simulation

Array = NDArray[Any]
REPEATS = 200  # levels that might have been seen
_FINE = 1e-4  # of a share: the step of a derivative


@dataclass(frozen=True)
class Levels:
    """Levels of the cells as seen and as they might have been.

    Attributes
    ----------
    shrunken : array (1 + repeats) × cells
        Drawn towards their group's mean; the first row are those seen.
    deviates : array repeats × cells
        By how many standard errors the others differ from those seen.
    slope : array of cells
        Change of ARR by one standard error of the level.
    """

    shrunken: Array
    deviates: Array
    slope: Array

    @classmethod
    def of(cls, simulation: Simulation, repeats: int = REPEATS) -> "Levels":
        """Levels of a simulation; none but those seen where every level is exact or moves no reduction."""
        cells, level = simulation.cells, simulation.level
        inner = special.expit(cells["centre"].to_numpy(dtype=float))
        error = cells["spread"].to_numpy(dtype=float) * inner * (1 - inner)
        step = np.where(level > 0.5, -_FINE, _FINE)
        moved = simulation.reduced(level + step, simulation.effect.values, simulation.risk.values)
        slope = (moved - simulation.reduction) / step * error
        if not slope.any():
            return cls(_shrunken(cells, level[None]), np.zeros((0, len(level))), slope)
        stream = np.random.default_rng(np.random.SeedSequence(simulation.entropy, spawn_key=(2,)))
        deviates = stream.standard_normal(((repeats + 1) // 2, len(level)))
        deviates = np.concatenate([deviates, -deviates])  # in pairs: what they add up to claims nothing
        seen = np.concatenate([level[None], np.clip(level + error * deviates, 0, 1)])
        return cls(_shrunken(cells, seen), deviates, slope)

    def reductions(self, simulation: Simulation) -> Array:
        """ARR at the shrunken levels, (1 + repeats) × cells."""
        return simulation.reduced(self.shrunken, simulation.effect.values, simulation.risk.values)


@dataclass(frozen=True)
class Chosen:
    """A plan, the one that might have been chosen in its place, and what its choice claims.

    Attributes
    ----------
    reached : array of cells
        People that the plan reaches.
    typical : array of cells
        The same over the levels that might have been seen.
    claimed : array of cells
        Cases that the choice claims beyond what it averts.
    noise : float
        Standard error that comes of it, in cases.
    """

    reached: Array
    typical: Array
    claimed: Array
    noise: float

    @classmethod
    def of(cls, plans: Array, levels: Levels) -> "Chosen":
        """Of the plans at each row of the levels, the one chosen first."""
        reached, others = plans[0], plans[1:]
        if not len(others) or not np.ptp(others, axis=0).any():
            return cls(reached, reached, np.zeros_like(reached), 0.0)
        # the pairs cancel in the mean of z, so that a plan that does not move claims exactly nothing
        typical = others.mean(axis=0)
        moved, z = (others - typical) * levels.slope, levels.deviates
        claimed = (moved * z).mean(axis=0)
        # two halves, so that the errors of the one do not meet themselves in the other
        pairs = len(others) // 2
        half = np.arange(len(others)) % pairs < pairs // 2
        first, second = moved[half], moved[~half]
        left, right = z[half], z[~half]
        trace = float(np.sum((left @ second.T) * (right @ first.T).T)) / (len(first) * len(second))
        return cls(reached, typical, claimed, float(np.sqrt(max(trace, 0.0))))


def _shrunken(cells: pd.DataFrame, levels: Array) -> Array:
    """Rows of levels drawn towards the mean of their group, as :func:`ranking.shrunken` does with one row.

    Marshall's estimator with a binomial variance: m the group's mean, S² its spread weighted by the sizes n that the
    errors imply, A = max(0, (n̄S² − m(1 − m))/(n̄ − 1)), w = A/(A + (m(1 − m) − A)/n).
    """
    p, spread = cells["baseline"].to_numpy(dtype=float), cells["spread"].to_numpy(dtype=float)
    inner = np.where((p > 0) & (p < 1), p, special.expit(cells["centre"].to_numpy(dtype=float)))
    found = levels.copy()
    for group in cells["group"].unique():
        rows = np.flatnonzero((cells["group"] == group).to_numpy())
        if len(rows) < FEWEST or not (spread[rows] > 0).all():
            continue
        size = 1 / (spread[rows] ** 2 * inner[rows] * (1 - inner[rows]))
        here = levels[:, rows]
        mean = (here @ size / size.sum())[:, None]
        wide = ((here - mean) ** 2 @ size / size.sum())[:, None]
        noise, middle = mean * (1 - mean), size.mean()
        true = np.maximum(0.0, (middle * wide - noise) / (middle - 1)) if middle > 1 else np.zeros_like(mean)
        own = np.divide(true, true + np.maximum(noise - true, 0) / size, out=np.zeros_like(here), where=true > 0)
        found[:, rows] = mean + own * (here - mean)
    return found


def filled(base: Array, lowest: Array, highest: Array, price: Array, money: float) -> Array:
    """People reached as k·base within lowest and highest, each row with the k that spends the money; rows × cells."""
    lowest = np.minimum(lowest, highest)
    most = np.divide(highest, base, out=np.zeros_like(base), where=base > 0)
    low, high = np.zeros(len(base)), most.max(axis=1)
    for _ in range(60):
        middle = (low + high) / 2
        over = np.clip(middle[:, None] * base, lowest, highest) @ price > money
        low, high = np.where(over, low, middle), np.where(over, middle, high)
    return np.asarray(np.clip(low[:, None] * base, lowest, highest))


def greedy(value: Array, lowest: Array, highest: Array, price: Array, money: float) -> Array:
    """The best plan of each row of values under a budget and bounds: most worth for a euro first; rows × cells."""
    room = (highest - lowest).clip(min=0)
    left = money - lowest @ price
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = np.where(value > 0, value / price, -np.inf)
    order = np.argsort(-worth, axis=1, kind="stable")
    wanted = np.where(np.take_along_axis(value, order, axis=1) > 0, (room * price)[order], 0.0)
    before = np.cumsum(wanted, axis=1) - wanted
    spent = np.clip(left - before, 0, wanted)
    free = (price == 0)[order] & (np.take_along_axis(value, order, axis=1) > 0)
    more = np.divide(spent, price[order], out=np.where(free, room[order], 0.0), where=price[order] > 0)
    found = np.zeros_like(value)
    np.put_along_axis(found, order, more, axis=1)
    return np.asarray(lowest + found)
