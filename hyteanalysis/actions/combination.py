"""Several actions on the same people: their effects multiply, they never add up."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis.actions.benefit import Impact
from hyteanalysis.actions.summary import limits
from hyteanalysis.errors import MeasureError, PlanError

Array = NDArray[Any]


def combine(impacts: Sequence[Impact]) -> pd.DataFrame:
    """What several actions do together to one outcome.

    Answers: *what is left of the cases, if we do all of these?* p′ = p·Π(1 − r_k(1 − RR_k)), with RR = p₁/p for an odds
    ratio or a risk difference; assumes that reaching somebody by one action does not depend on the others, and that
    effects multiply (Ezzati et al. 2003).

    Parameters
    ----------
    impacts : sequence of Impact
        Of the same cells, with the same seed and draws.

    Returns
    -------
    DataFrame
        ``area, group, population, baseline, after, averted, averted_lower, averted_upper, pif, sum_of_parts`` (what
        plain addition would claim).

    Raises
    ------
    PlanError
        Fewer than two actions, or one twice.
    MeasureError
        Impacts of other cells, seeds or numbers of draws.
    """
    if len(impacts) < 2 or len({one.action.id for one in impacts}) < len(impacts):
        given = ", ".join(one.action.id for one in impacts) or "none"
        raise PlanError(f"combine() takes two or more different actions; given: {given}.")
    first = impacts[0].simulation
    for one in impacts[1:]:
        other = one.simulation
        if (other.draws, other.entropy) != (first.draws, first.entropy) or not other.cells.equals(first.cells):
            raise MeasureError("The impacts must be made of the same cells with the same draws and seed.")
    level, people = first.cells["baseline"].to_numpy(dtype=float), first.people
    left = np.ones_like(level)
    for one in impacts:
        left = left * _left(level, one.simulation.share * one.simulation.reduction)
    found = np.empty((2, len(level)))

    def work(rows: slice, baseline: Array, less: Array) -> None:
        share = np.ones_like(baseline)
        for one in impacts:
            own = one.simulation
            share *= _left(baseline, own.block_share(baseline, rows) * own.block_reduction(baseline, rows))
        found[:, rows] = limits(baseline * (1 - share))

    for _ in first.through(work):
        pass
    exact = np.logical_and.reduce([one.simulation.certain & one.simulation.share_certain for one in impacts])
    averted = people * level * (1 - left)
    low, high = np.where(exact, averted, found * people)
    return first.cells[["area", "group", "population", "baseline"]].assign(
        after=level * left,
        averted=averted,
        averted_lower=low,
        averted_upper=high,
        pif=np.where(level > 0, 1 - left, np.nan),
        sum_of_parts=sum(one.by_group["averted"].to_numpy() for one in impacts),
    )


def _left(baseline: Array, fall: Array) -> Array:
    """Share of the cases that one action leaves: 1 − r·ARR/p."""
    part = np.divide(fall, baseline, out=np.zeros_like(baseline), where=baseline > 0)
    return np.asarray(1 - part)
