"""Whom it helps most: four rankings, with the probability of each group and area being first."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis.actions import shrinking
from hyteanalysis.actions.ranks import Tally, tally
from hyteanalysis.actions.simulation import Simulation
from hyteanalysis.actions.summary import limits
from hyteanalysis.errors import MeasureError, one_of

Array = NDArray[Any]

CRITERIA = ("per_reached", "total", "per_euro", "equity_weighted")


def equity_weights(health: Array, population: Array, *, index: str = "atkinson", aversion: float = 1.0) -> Array:
    """Weight of the same gain in each cell, mean 1: h^(−ε)/Σ f h^(−ε), with Kolm e^(−αh) in place of h^(−ε).

    Raises MeasureError for an unknown index, a negative aversion, or health of 0 with Atkinson.
    """
    one_of(index, ("atkinson", "kolm"), "index", MeasureError)
    if not aversion >= 0:
        raise MeasureError(f"aversion must be 0 or more; not {aversion}")
    if index == "atkinson" and aversion > 0 and (health <= 0).any():
        raise MeasureError("A cell where everybody is badly off has no Atkinson weight. Use index='kolm'.")
    logs = -aversion * (np.log(health) if index == "atkinson" and aversion > 0 else health)
    raw = np.exp(logs - logs.max())
    return np.asarray(raw / np.average(raw, weights=population))


def rank(
    simulation: Simulation,
    criterion: str,
    *,
    by: str = "cell",
    top: int = 3,
    shrink: bool = True,
    index: str = "atkinson",
    aversion: float = 1.0,
) -> pd.DataFrame:
    """Rank the cells, or the groups pooled over the areas; see :meth:`Impact.ranking`."""
    one_of(criterion, CRITERIA, "criterion", MeasureError)
    one_of(by, ("cell", "group"), "by", MeasureError)
    if top < 1:
        raise MeasureError(f"top must be 1 or more; not {top}")
    if criterion == "per_euro" and (simulation.cost.values <= 0).any():
        raise MeasureError("per_euro needs a price: give the action's cost.per_person above 0.")
    health = 1 - simulation.cells["baseline"].to_numpy(dtype=float)
    weights = equity_weights(health, simulation.people, index=index, aversion=aversion)
    weights = weights if criterion == "equity_weighted" else np.ones_like(weights)
    if shrink:
        simulation = simulation.with_baseline(shrinking.shrunken(simulation.cells))
    ranked = _groups if by == "group" else _cells
    frame = ranked(simulation, criterion, weights, top)
    frame.insert(0, "criterion", criterion)
    return frame.sort_values("value", ascending=False, kind="stable", ignore_index=True)


def _cells(simulation: Simulation, criterion: str, weights: Array, top: int) -> pd.DataFrame:
    """Every area × group against every other."""
    each = simulation.people * weights if criterion in ("total", "equity_weighted") else np.ones_like(weights)
    scale = np.abs(each).max() or 1.0
    share = (each / scale).astype(np.float32)[:, None]

    def value(less: Array, rows: slice, columns: slice = slice(None)) -> Array:
        if criterion == "per_euro":
            return np.asarray(less / simulation.cost.block(rows, columns))
        if criterion == "per_reached":
            return less
        return np.asarray(less * simulation.reach.block(rows, columns) * share[rows])

    found = np.empty((2, len(each)))
    harm = np.empty(len(each))

    def work(rows: slice, level: Array, less: Array) -> None:
        drawn = value(less, rows)
        harm[rows] = (drawn < 0).mean(axis=1) if drawn.min() < 0 else 0.0
        found[:, rows] = limits(drawn)

    for _ in simulation.through(work):
        pass
    every = slice(0, len(each))
    total = sum(
        simulation.across(lambda columns, less: tally(value(less, every, columns), top)), start=Tally.nothing(len(each))
    )
    point = simulation.reduction * each
    if criterion in ("total", "equity_weighted"):
        point = point * simulation.reach.values
    elif criterion == "per_euro":
        point = point / simulation.cost.values
    low, high = found * scale
    exact = simulation.certain & (True if criterion == "per_reached" else _certain(simulation, criterion))
    kept = ["area", "group", "order", "baseline", *(["weight"] if "weight" in simulation.cells else [])]
    return simulation.cells[kept].assign(
        value=point,
        lower=np.where(exact, point, low),
        upper=np.where(exact, point, high),
        **total.shares(),
        p_harm=harm,
    )


def _certain(simulation: Simulation, criterion: str) -> Array:
    """Whether the price, or the reach, is certain."""
    return simulation.cost.certain if criterion == "per_euro" else simulation.reach.certain


def group_values(simulation: Simulation, criterion: str, weights: Array | None = None) -> tuple[Array, Array]:
    """Each group's value over all areas: at the values, and groups × draws."""
    member = simulation.membership
    people = simulation.people * (1 if weights is None else weights)
    (drawn,) = simulation.sums(averted=member * people)
    reached = simulation.people * simulation.reach.values
    point = member @ (simulation.reduction * people * simulation.reach.values)
    if criterion == "per_reached":
        return _over(point, member @ reached), _over(drawn, simulation.people_sums())
    if criterion == "per_euro":
        spent = simulation.people_sums(simulation.cost)
        return _over(point, member @ (reached * simulation.cost.values)), _over(drawn, spent)
    return point, drawn


def _over(above: Array, below: Array) -> Array:
    """A ratio that is 0 where nobody is reached."""
    below = np.broadcast_to(below, above.shape)
    return np.asarray(np.divide(above, below, out=np.zeros_like(above, dtype=float), where=below > 0))


def _groups(simulation: Simulation, criterion: str, weights: Array, top: int) -> pd.DataFrame:
    """Every group over all areas against every other."""
    point, drawn = group_values(simulation, criterion, weights)
    shares: Mapping[str, Array] = tally(drawn, top).shares()
    harm = (drawn < 0).mean(axis=1)
    low, high = limits(drawn.copy())
    return simulation.groups.assign(value=point, lower=low, upper=high, **shares, p_harm=harm)
