"""How a fixed budget is best shared over groups and areas, and what each limit costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis.actions import telling
from hyteanalysis.actions.gaps import Gaps
from hyteanalysis.actions.impact import Impact
from hyteanalysis.actions.program import Program, Shares, Solution, check_budget, people_shares, solve
from hyteanalysis.actions.ranking import equity_weights
from hyteanalysis.actions.summary import limits
from hyteanalysis.display import shown
from hyteanalysis.errors import PlanError
from hyteanalysis.i18n import language, spoken, text

Array = NDArray[Any]


@dataclass(frozen=True, eq=False, repr=False)
class Allocation:
    """The best share of a budget; made by :func:`allocate`.

    Attributes
    ----------
    frame : DataFrame
        ``area, group, reached`` (people) ``, share`` (of the cell's people) ``, averted, cost``.
    averted, averted_lower, averted_upper : float
        One year's cases averted, the people reached being fixed.
    cost : float
        Euros, set-ups included.
    shadow_price : float
        Cases averted by one euro more.
    binding : DataFrame
        ``constraint, area, group, price``: what holds the result back, and cases averted for one unit of it (a euro,
        a person, a share).
    gaps : DataFrame
        Gap between groups after the action.
    optimality_gap : float
        Relative distance from a proven optimum (0 for a linear programme).
    """

    frame: pd.DataFrame
    averted: float
    averted_lower: float
    averted_upper: float
    cost: float
    shadow_price: float
    binding: pd.DataFrame
    gaps: pd.DataFrame
    optimality_gap: float

    def __repr__(self) -> str:
        return f"<Allocation of {self.cost:,.0f} euros: {self.averted:,.1f} cases averted>"

    @spoken
    def sentences(self, lang: str = "fi") -> list[str]:
        """What it costs and does, what one person more would cost, and what holds it back."""
        averted = (self.averted, self.averted_lower, self.averted_upper)
        return telling.allocation(self.cost, averted, self.shadow_price, self.binding, lang)

    def _repr_html_(self) -> str:
        lang = language()
        spent = self.frame[self.frame["reached"] > 0].sort_values("averted", ascending=False, kind="stable")
        return shown(text("display.allocation", lang), said=self.sentences(lang), frame=spent)


def allocate(
    impact: Impact,
    *,
    budget: float,
    caps: Shares = 1.0,
    floors: Shares = 0.0,
    setup: float | None = None,
    quotas: Mapping[str, float | tuple[float, float]] | None = None,
    max_gap: float | None = None,
    aversion: float = 0.0,
    index: str = "atkinson",
    time_limit: float = 60.0,
) -> Allocation:
    """Share a budget over area × group so that most cases are averted.

    Answers: *whom should this money reach, what would one euro more do, and which limit holds us back?* Maximises
    Σ x·ARR·w·S (x people reached, w equity weight, S persistence, scaled to mean 1) under Σ c·x ≤ budget: a linear
    programme; with set-up costs a mixed-integer one (HiGHS).

    Parameters
    ----------
    impact : Impact
    budget : float
        Euros.
    caps, floors : float or {group: share}
        Share (0–1) of each cell's people that may, must be reached.
    setup : float, optional
        Euros once for each area × group opened, within the budget. None: the action's; 0: none.
    quotas : {area: share or (least, most)}, optional
        Share of the budget that must (and may) be spent in an area.
    max_gap : float, optional
        Largest gap allowed after the action between the most disadvantaged and most advantaged group (a share, 0–1,
        either way).
    aversion, index : float, str
        Equity weight; 0 counts every case alike.
    time_limit : float
        Seconds for the mixed-integer programme; ``optimality_gap`` says how good the answer is by then.

    Returns
    -------
    Allocation

    Raises
    ------
    PlanError
        A budget of 0 or less, floors that cost more than the budget (says by how much), no allocation that satisfies
        every constraint, a group or area that is not there, no price and no cap.

    Notes
    -----
    Those reached are taken to benefit alike however many they are. Reference: Stinnett & Paltiel 1996.

    Examples
    --------
    >>> import pandas as pd, hyteanalysis as hyte
    >>> cells = pd.DataFrame({"indicator": "smoking", "area": "HVA08", "period": "2022", "dimension": "education",
    ...                       "group": ["low", "high"], "order": [1, 2], "estimate": [0.22, 0.06],
    ...                       "population": [40_000, 60_000]})
    >>> action = hyte.Action.from_dict({"id": "quit", "name": "Quit groups", "outcome": "smoking",
    ...     "dimension": "education", "effect": {"scale": "rr", "value": 0.8}, "reach": 0.2,
    ...     "cost": {"per_person": 100}})
    >>> best = hyte.allocate(hyte.impact(cells, action, seed=1), budget=900_000, caps=0.2)
    >>> best.frame.round(2)
        area group  reached  share  averted      cost
    0  HVA08   low   8000.0   0.20    352.0  800000.0
    1  HVA08  high   1000.0   0.02     12.0  100000.0
    >>> round(best.shadow_price, 6), best.binding["constraint"].tolist()
    (0.00012, ['budget', 'cap'])
    """
    gaps = Gaps.of(impact)
    program, weights = build(
        impact, gaps, budget=budget, caps=caps, floors=floors, setup=setup, quotas=quotas, max_gap=max_gap,
        aversion=aversion, index=index,
    )  # fmt: skip
    return _allocation(impact, gaps, program, solve(program, time_limit=time_limit), weights)


def build(
    impact: Impact,
    gaps: Gaps,
    *,
    budget: float,
    caps: Shares = 1.0,
    floors: Shares = 0.0,
    setup: float | None = None,
    quotas: Mapping[str, float | tuple[float, float]] | None = None,
    max_gap: float | None = None,
    aversion: float = 0.0,
    index: str = "atkinson",
) -> tuple[Program, Array]:
    """The programme, and the weights by which its worth differs from cases averted."""
    budget = check_budget(budget)
    simulation = impact.simulation
    cells, people, price = simulation.cells, simulation.people, simulation.cost.values
    once = simulation.setup.values if setup is None else np.full(len(cells), float(setup))
    if (once < 0).any():
        raise PlanError(f"setup must be 0 euros or more; not {setup}.")
    if max_gap is not None and not 0 <= max_gap <= 1:
        raise PlanError(f"max_gap is a share from 0 to 1; not {max_gap}.")
    health = 1 - cells["baseline"].to_numpy(dtype=float)
    years = simulation.persistence.values
    weights = equity_weights(health, people, index=index, aversion=aversion)
    weights = weights * years / np.average(years, weights=people)
    rows, low, high, labels = [], [], [], []
    for area, quota in (quotas or {}).items():
        if area not in set(cells["area"]):
            raise PlanError(
                f"quotas names the area {area!r}; the cells have {', '.join(sorted(set(cells['area']))[:20])}."
            )
        least, most = quota if isinstance(quota, tuple) else (quota, 1.0)
        if not 0 <= least <= most <= 1:
            raise PlanError(f"the quota of {area} must be shares of the budget, least first; not {quota!r}.")
        rows.append(np.where(cells["area"] == area, price, 0.0))
        low.append(least * budget)
        high.append(most * budget if most < 1 else np.inf)
        labels.append(f"quota {area}")
    if max_gap is not None:
        # after the action: gap before − Σ x·ARR·(contrast)
        rows.append(gaps.contrast * simulation.reduction)
        low.append(gaps.before - max_gap)
        high.append(gaps.before + max_gap)
        labels.append("gap")
    program = Program(
        value=simulation.reduction * weights,
        price=price,
        lowest=people_shares(floors, cells, "floors") * people,
        highest=people_shares(caps, cells, "caps") * people,
        setup=once,
        budget=budget,
        rows=np.array(rows).reshape(len(rows), len(cells)),
        low=np.array(low),
        high=np.array(high),
        labels=tuple(labels),
    )
    return program, weights


def _allocation(impact: Impact, gaps: Gaps, program: Program, solution: Solution, weights: Array) -> Allocation:
    simulation = impact.simulation
    reached = solution.reached
    averted = reached * simulation.reduction
    cost = reached * program.price + np.where(solution.opened & (reached > 0), program.setup, 0.0)
    low, high = limits(simulation.sums(reduction=reached[None])[0][0])
    frame = simulation.cells[["area", "group"]].assign(
        reached=reached, share=np.divide(reached, simulation.people, out=np.zeros_like(reached), where=simulation.people
        > 0), averted=averted, cost=cost,
    )  # fmt: skip
    return Allocation(
        frame=frame,
        averted=float(averted.sum()),
        averted_lower=float(low),
        averted_upper=float(high),
        cost=float(cost.sum()),
        shadow_price=max(solution.budget_price + _through_quotas(program, solution), 0.0),
        binding=_binding(simulation.cells, program, solution, weights),
        gaps=gaps.after(reached[None]),
        optimality_gap=solution.gap,
    )


def _through_quotas(program: Program, solution: Solution) -> float:
    """What one euro more does by moving the quotas, which are shares of the budget."""
    return sum(
        float(price * (program.low[number] if price < 0 else program.high[number])) / program.budget
        for number, (label, price) in enumerate(zip(program.labels, solution.row_price, strict=True))
        if price and label.startswith("quota")
    )


def _binding(cells: pd.DataFrame, program: Program, solution: Solution, weights: Array) -> pd.DataFrame:
    """Constraints that hold, with their price."""
    scale = np.abs(program.value).max(initial=0) or 1.0
    rows: list[dict[str, Any]] = []
    if solution.budget_price > 0:
        rows.append({"constraint": "budget", "area": "", "group": "", "price": solution.budget_price})
    for label, price in zip(program.labels, solution.row_price, strict=True):
        if abs(price) > 1e-12 * scale:
            kind, _, area = label.partition(" ")
            rows.append({"constraint": kind, "area": area, "group": "", "price": price})
    price = solution.bound_price
    held = (np.abs(price) > 1e-9 * scale) & solution.opened
    held &= (price > 0) | (program.lowest > 0)  # nobody must be reached there, and nobody is
    bounds = cells.loc[held, ["area", "group"]].assign(price=price[held])
    bounds.insert(0, "constraint", np.where(price[held] > 0, "cap", "floor"))
    return pd.concat([pd.DataFrame(rows, columns=bounds.columns, dtype=object), bounds], ignore_index=True).astype(
        {"constraint": "str", "area": "str", "group": "str", "price": float}
    )
