"""How many cases a narrower gap costs: the frontier of efficiency against equity."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis.actions.allocation import build
from hyteanalysis.actions.gaps import Gaps
from hyteanalysis.actions.impact import Impact
from hyteanalysis.actions.program import Program, Shares, solve
from hyteanalysis.actions.summary import limits
from hyteanalysis.errors import MeasureError

Array = NDArray[Any]


def frontier(
    impact: Impact, *, budget: float, caps: Shares = 1.0, floors: Shares = 0.0, steps: int = 15
) -> pd.DataFrame:
    """Most cases averted for every gap that the budget can reach.

    Answers: *how many people's help does it cost to narrow the gap by a further tenth of a percentage point?* From the
    allocation that averts most to the one that leaves the smallest gap, in equal steps of the gap, each the best there
    is.

    Parameters
    ----------
    impact : Impact
    budget : float
        Euros.
    caps, floors : float or {group: share}
        Share of each cell's people that may, must be reached.
    steps : int
        Points, the two ends included.

    Returns
    -------
    DataFrame
        From most averted to narrowest gap: ``averted, absolute_gap, relative_gap, absolute_gap_change, cost, price``
        (cases given up for a gap smaller by 0.01), with limits of averted and of the gap's change. Set-up costs are
        left out; one row where the best allocation is also the narrowest.

    Raises
    ------
    PlanError
        As :func:`allocate`.
    MeasureError
        Fewer than 2 steps.
    """
    if steps < 2:
        raise MeasureError(f"steps must be 2 or more; not {steps}")
    gaps = Gaps.of(impact)
    program, _ = build(impact, gaps, budget=budget, caps=caps, floors=floors, setup=0)
    fall = gaps.direction * gaps.contrast * impact.simulation.reduction
    before = abs(gaps.before)
    best = solve(program).reached
    narrowest = solve(replace(program, value=fall)).reached
    # a gap that would turn round is closed at 0
    widest, least = before - float(fall @ best), max(before - float(fall @ narrowest), 0.0)
    goals = np.linspace(widest, least, steps)[1:] if widest - least > 1e-9 else np.array([])
    points = [solve(_narrowed(program, fall, before, goal * (1 + 1e-9) + 1e-12)) for goal in goals]
    table = np.stack([best, *(one.reached for one in points)])
    price = np.array([0.0, *(one.row_price[-1] for one in points)])
    return _frame(impact, gaps, program, table, np.abs(price) * 0.01)


def _narrowed(program: Program, fall: Array, before: float, goal: float) -> Program:
    """The gap must lie within ±goal."""
    return replace(
        program,
        rows=np.vstack([program.rows, fall]),
        low=np.append(program.low, before - goal),
        high=np.append(program.high, before + goal),
        labels=(*program.labels, "gap"),
    )


def _frame(impact: Impact, gaps: Gaps, program: Program, table: Array, price: Array) -> pd.DataFrame:
    before = gaps.after(np.zeros((1, table.shape[1])))["absolute_gap"].iloc[0]
    after = gaps.after(table)
    averted, absolute, _ = gaps.draws(np.vstack([table, np.zeros(table.shape[1])]))
    low, high = limits(averted[:-1])
    change_low, change_high = limits(absolute[:-1] - absolute[-1])
    return pd.DataFrame(
        {
            "averted": table @ impact.simulation.reduction,
            "averted_lower": low,
            "averted_upper": high,
            "absolute_gap": after["absolute_gap"],
            "relative_gap": after["relative_gap"],
            "absolute_gap_change": after["absolute_gap"] - before,
            "absolute_gap_change_lower": change_low,
            "absolute_gap_change_upper": change_high,
            "cost": table @ program.price,
            "price": price,
        }
    )
