"""The linear programme behind an allocation: most cases averted under a budget, caps, floors, quotas and a gap."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy  # its parts are imported when first used
from numpy.typing import NDArray
from scipy import sparse

from hyteanalysis.errors import PlanError

Array = NDArray[Any]

Shares = float | Mapping[str, float]
_SLACK = 1e-9  # of the budget: a floor that costs this much more than there is, is rounding


@dataclass(frozen=True)
class Program:
    """Cells to be reached; x people in each.

    Attributes
    ----------
    value : array
        Worth of reaching one person (what is maximised).
    price : array
        Euros for one person.
    lowest, highest : array
        People that must, and may, be reached.
    setup : array
        Euros once a cell is opened.
    budget : float
    rows, low, high, labels
        Further constraints: low ≤ rows @ x ≤ high.
    """

    value: Array
    price: Array
    lowest: Array
    highest: Array
    setup: Array
    budget: float
    rows: Array
    low: Array
    high: Array
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Solution:
    """People reached in each cell, and what each constraint costs (worth per unit).

    ``budget_price, bound_price, row_price`` are shadow prices; ``gap`` is the relative distance from a proven optimum.
    """

    reached: Array
    opened: Array
    budget_price: float
    bound_price: Array
    row_price: Array
    gap: float


def people_shares(shares: Shares, cells: pd.DataFrame, what: str) -> Array:
    """A share for each cell, from one number or one for each group; unnamed groups get the default.

    Raises PlanError for a share outside 0–1 or a group that the cells lack.
    """
    default = 1.0 if what == "caps" else 0.0
    if isinstance(shares, Mapping):
        known = set(cells["group"])
        for group in shares:
            if group not in known:
                raise PlanError(f"{what} names the group {group!r}; the cells have {', '.join(sorted(known))}.")
        found = cells["group"].map({**dict.fromkeys(known, default), **shares}).to_numpy(dtype=float)
    else:
        found = np.full(len(cells), float(shares))
    if not ((found >= 0) & (found <= 1)).all():
        raise PlanError(f"{what} are shares of people, from 0 to 1; given {shares!r}.")
    return np.asarray(found)


def check_budget(budget: float) -> float:
    """A budget is euros above 0."""
    if isinstance(budget, bool) or not np.isfinite(budget) or budget <= 0:
        raise PlanError(f"budget must be euros above 0; not {budget!r}.")
    return float(budget)


def solve(program: Program, *, time_limit: float = 60.0) -> Solution:
    """Solve by HiGHS: a linear programme, or with set-up costs a mixed-integer one.

    Raises PlanError where no allocation satisfies every constraint, saying by how many euros where the floors alone
    cost more than the budget.
    """
    _check_floors(program)
    if not program.setup.any():
        return _linear(program, np.ones(len(program.value), dtype=bool), 0.0)
    opened, gap = _opened(program, time_limit)
    return _linear(program, opened, gap)


def _check_floors(program: Program) -> None:
    if (over := program.lowest > program.highest * (1 + 1e-12)).any():
        raise PlanError(f"{int(over.sum())} floors are above their caps: lower the floors or raise the caps.")
    needed = float(program.lowest @ program.price + program.setup[program.lowest > 0].sum())
    if needed > program.budget * (1 + _SLACK):
        short = needed - program.budget
        raise PlanError(
            f"The floors cost {needed:,.2f} euros, {short:,.2f} euros more than the budget of {program.budget:,.2f}. "
            "Lower the floors or raise the budget."
        )


def _linear(program: Program, opened: Array, gap: float) -> Solution:
    """The linear programme on the opened cells."""
    budget = program.budget - program.setup[opened].sum()
    highest = np.where(opened, np.maximum(program.highest, program.lowest), 0.0)
    low, high = np.isfinite(program.low), np.isfinite(program.high)
    matrix = sparse.csr_array(np.vstack([program.price, program.rows[high], -program.rows[low]]))
    limits = np.concatenate([[max(budget, program.lowest @ program.price)], program.high[high], -program.low[low]])
    # values near 1 for the solver's tolerances
    scale = np.abs(program.value).max(initial=0) or 1.0
    found = scipy.optimize.linprog(
        -program.value / scale, matrix, limits, bounds=np.column_stack([program.lowest, highest]), method="highs"
    )
    if found.status != 0:
        raise _infeasible(program)
    prices = -found.ineqlin.marginals * scale
    row_price = np.zeros(len(program.rows))
    row_price[high] += prices[1 : 1 + high.sum()]
    row_price[low] -= prices[1 + high.sum() :]
    bound = -(found.upper.marginals + found.lower.marginals) * scale
    return Solution(np.clip(found.x, program.lowest, highest), opened, float(prices[0]), bound, row_price, gap)


def _opened(program: Program, time_limit: float) -> tuple[Array, float]:
    """Cells that the mixed-integer programme opens: x ≤ highest · open."""
    size = len(program.value)
    # counted in shares of each cell's cap, so that the solver's tolerances mean the same for all
    unit = np.where(program.highest > 0, program.highest, 1.0)
    scale = np.abs(program.value * unit).max(initial=0) or 1.0
    none = sparse.csr_array((len(program.rows), size))
    budget = np.concatenate([program.price * unit, program.setup]) / program.budget
    constraints = [
        scipy.optimize.LinearConstraint(budget[None], -np.inf, 1.0),
        scipy.optimize.LinearConstraint(sparse.hstack([sparse.eye_array(size), -sparse.eye_array(size)]), -np.inf, 0.0),
    ]
    if len(program.rows):
        rows = sparse.hstack([sparse.csr_array(program.rows * unit), none])
        constraints.append(scipy.optimize.LinearConstraint(rows, program.low, program.high))
    low = np.concatenate([program.lowest / unit, (program.lowest > 0).astype(float)])
    found = scipy.optimize.milp(
        np.concatenate([-program.value * unit / scale, np.zeros(size)]),
        constraints=constraints,
        bounds=scipy.optimize.Bounds(low, np.concatenate([(program.highest > 0).astype(float), np.ones(size)])),
        integrality=np.concatenate([np.zeros(size), np.ones(size)]),
        options={"time_limit": time_limit, "mip_rel_gap": 1e-6},
    )
    if found.x is None:
        raise _infeasible(program)
    used = (found.x[size:] > 0.5) & ((found.x[:size] > 1e-9) | (program.lowest > 0))
    return used, float(found.mip_gap or 0.0)


def _infeasible(program: Program) -> PlanError:
    return PlanError(
        f"No allocation satisfies every constraint ({', '.join((*program.labels, 'budget'))}): loosen one."
    )
