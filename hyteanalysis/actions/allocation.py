"""How a fixed budget is best shared over groups and areas, and what each limit costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import scipy  # its parts are imported when first used
from numpy.typing import NDArray
from scipy import sparse

from hyteanalysis import i18n
from hyteanalysis.actions.benefit import Impact
from hyteanalysis.actions.ranking import equity_weights, wellbeing_of
from hyteanalysis.actions.selection import REPEATS, Chosen, Levels, greedy
from hyteanalysis.actions.sentences import people_interval, people_text
from hyteanalysis.actions.simulation import Simulation
from hyteanalysis.actions.summary import limits
from hyteanalysis.display import shown
from hyteanalysis.errors import PlanError, counted
from hyteanalysis.i18n import language, spoken, text

Array = NDArray[Any]
Shares = float | Mapping[str, float]
_SLACK = 1e-9  # of the budget: a floor that costs this much more than there is, is rounding


@dataclass(frozen=True, eq=False, repr=False)
class Allocation:
    """The best share of a budget; made by :func:`allocate`.

    Attributes
    ----------
    frame : DataFrame
        ``area, group, reached`` (people) ``, share`` (of the cell's people) ``, averted, cost``.
    averted, averted_lower, averted_upper : float
        One year's cases averted, the people reached being fixed, without what the choice itself claims.
    cost, left : float
        Euros spent, fixed costs included, and euros for which nobody more would come.
    shadow_price : float
        Cases averted by one euro more, whatever weights chose them.
    binding : DataFrame
        ``constraint, area, group, price``: what holds the result back, and what one unit of it (a euro, a person, a
        share) would add: cases for the budget, else what is maximised.
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
    left: float
    shadow_price: float
    binding: pd.DataFrame
    gaps: pd.DataFrame
    optimality_gap: float
    simulation: Simulation

    def __repr__(self) -> str:
        return f"<Allocation of {self.cost:,.0f} euros: {self.averted:,.1f} cases averted>"

    @spoken
    def sentences(self, lang: str = "fi") -> list[str]:
        """What it costs and does, what one person more would cost, and what holds it back."""
        averted = (self.averted, self.averted_lower, self.averted_upper)
        rest = left_over(self.simulation, self.left, self.cost + self.left, lang)
        return _sentences(self.cost, averted, self.shadow_price, self.binding, lang, rest)

    def _repr_html_(self) -> str:
        lang = language()
        spent = self.frame[self.frame["reached"] > 0].sort_values("averted", ascending=False, kind="stable")
        return shown(text("display.allocation", lang), said=self.sentences(lang), frame=spent)


@dataclass(frozen=True)
class Gaps:
    """Two groups and how people reached move their distance.

    Groups without order are taken by their level before the action: the highest share badly off is the disadvantaged.

    Attributes
    ----------
    worst, best : str
    contrast : array
        Per cell: 1/N_worst, −1/N_best, or 0; the gap falls by Σ x·ARR·contrast.
    before : float
        Gap of the shares before the action.
    levels : (float, float)
        The two groups' shares before.
    clear : bool
        Whether the gap before leaves out 0 in its interval.
    simulation : Simulation
    """

    worst: str
    best: str
    contrast: Array
    before: float
    levels: tuple[float, float]
    clear: bool
    simulation: Simulation

    @property
    def direction(self) -> int:
        """−1 where the gap is reversed: then it narrows by rising to 0."""
        return -1 if self.before < 0 else 1

    @classmethod
    def of(cls, impact: Impact) -> "Gaps":
        """The two groups of an impact."""
        pooled = impact.pooled
        by = "order" if pooled["order"].notna().all() else "baseline"
        ascending = by == "order"
        ordered = pooled.sort_values(by, ascending=ascending, kind="stable")
        first, last = ordered.iloc[0], ordered.iloc[-1]
        group = impact.simulation.cells["group"].to_numpy()
        contrast = (group == first["group"]) / first["population"] - (group == last["group"]) / last["population"]
        places = [impact.simulation.groups["group"].tolist().index(one["group"]) for one in (first, last)]
        shares = [impact.summary.before[at] / one["population"] for at, one in zip(places, (first, last), strict=True)]
        low, high = limits(shares[0] - shares[1])
        before, levels = first["baseline"] - last["baseline"], (first["baseline"], last["baseline"])
        clear = bool(before != 0 and (low > 0 or high < 0))
        return cls(first["group"], last["group"], contrast, before, levels, clear, impact.simulation)

    def after(self, reached: Array, claimed: Array | float = 0.0) -> pd.DataFrame:
        """``absolute_gap, relative_gap`` after reaching people (options × cells), at the values.

        ``claimed``: cases of each cell that the choice of them claims beyond what it averts.
        """
        averted = reached * self.simulation.reduction - claimed
        worst = self.levels[0] - averted @ self.contrast.clip(min=0)
        best = self.levels[1] + averted @ self.contrast.clip(max=0)
        return pd.DataFrame({"absolute_gap": worst - best, "relative_gap": _over(worst, best)})

    def draws(self, reached: Array, claimed: Array | None = None) -> tuple[Array, Array, Array]:
        """Cases averted, absolute and relative gap after, options × draws, the people reached being fixed."""
        parts = self.contrast.clip(min=0), -self.contrast.clip(max=0)
        people = np.stack([part * self.simulation.people for part in parts])
        weights = np.concatenate([reached, *(reached * part for part in parts)])
        level, sums = self.simulation.sums(baseline=people, reduction=weights)
        averted, worst, best = np.split(sums, 3)
        if claimed is not None:
            averted, worst, best = (
                total - (claimed * part).sum(axis=1, keepdims=True)
                for total, part in zip((averted, worst, best), (1.0, *parts), strict=True)
            )
        return averted, (level[0] - worst) - (level[1] - best), _over(level[0] - worst, level[1] - best)


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
    setup : array of units
        Euros once a unit is opened: the action, an area or a cell.
    unit : array of cells
        The unit of each cell.
    budget : float
    rows, low, high, labels
        Further constraints: low ≤ rows @ x ≤ high.
    """

    value: Array
    price: Array
    lowest: Array
    highest: Array
    setup: Array
    unit: Array
    budget: float
    rows: Array
    low: Array
    high: Array
    labels: tuple[str, ...]

    def fixed(self, opened: Array) -> Array:
        """Euros for the units of the cells opened; options × cells give a number for each option."""
        size = len(self.unit)
        member = sparse.csr_array((np.ones(size), (np.arange(size), self.unit)), shape=(size, len(self.setup)))
        return np.asarray((np.atleast_2d(opened).astype(float) @ member > 0) @ self.setup)

    def costs(self, reached: Array) -> Array:
        """Euros of each cell (options × cells); a unit's fixed costs go by the people reached in it."""
        reached = np.atleast_2d(reached)
        within = np.zeros((len(reached), len(self.setup)))
        for row, people in zip(within, reached, strict=True):
            np.add.at(row, self.unit, people)
        whole = within[:, self.unit]
        part = np.divide(reached, whole, out=np.zeros_like(reached, dtype=float), where=whole > 0)
        return np.asarray(reached * self.price + part * self.setup[self.unit])


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


def allocate(
    impact: Impact,
    *,
    budget: float,
    caps: Shares | None = None,
    floors: Shares = 0.0,
    setup: float | None = None,
    quotas: Mapping[str, float | tuple[float, float]] | None = None,
    max_gap: float | None = None,
    aversion: float = 0.0,
    index: str = "atkinson",
    wellbeing: Mapping[str, float] | None = None,
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
        Share (0–1) of those whom the action is for that may, must be reached. Without ``caps`` as many as would come
        (``reach.feasible``, or the chain with everybody offered); ``caps=1.0`` asks for everybody.
    setup : float, optional
        Euros of a set-up in place of the action's, for each of what its ``per`` says, within the budget; 0: none.
    quotas : {area: share or (least, most)}, optional
        Share of the budget that must (and may) be spent in an area.
    max_gap : float, optional
        Largest gap allowed after the action between the most disadvantaged and most advantaged group (a share, 0–1,
        either way).
    aversion, index : float, str
        Equity weight; 0 counts every case alike.
    wellbeing : {group: amount}, optional
        What the weight looks at in each group, as in :meth:`Impact.ranking`.
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
    Those reached are taken to benefit alike however many they are. Small cells are shrunken before they are chosen
    from, and what the choice itself claims is taken off (:mod:`hyteanalysis.actions.selection`). References: Stinnett &
    Paltiel 1996; Smith & Winkler 2006 (the optimizer's curse).

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
    levels = Levels.of(impact.simulation, repeats=_repeats(len(impact.by_group), quotas, max_gap))
    program, weights = build(
        impact, gaps, levels, budget=budget, caps=caps, floors=floors, setup=setup, quotas=quotas, max_gap=max_gap,
        aversion=aversion, index=index, wellbeing=wellbeing,
    )  # fmt: skip
    solution = solve(program, time_limit=time_limit)
    chosen = choice(impact.simulation, program, solution, levels, weights)
    more = solution.budget_price / float(weights[0])
    if np.ptp(weights) > 1e-12 or quotas:
        more = _of_one_euro_more(impact.simulation, program, solution)
    return _allocation(impact, gaps, program, solution, chosen, more)


def _repeats(cells: int, quotas: Any, max_gap: float | None) -> int:
    """How many levels that might have been seen are chosen from: fewer where each asks for a programme of its own."""
    return int(np.clip(12_000 / cells, 8, REPEATS)) if quotas or max_gap is not None else REPEATS


def choice(
    simulation: Simulation, program: Program, solution: Solution, levels: Levels, weights: Array | float = 1.0
) -> Chosen:
    """The solution, and what would have been chosen from the levels that might have been seen, the same units open."""
    values = levels.reductions(simulation)[1:] * weights
    opened = solution.opened
    highest = np.where(opened, np.maximum(program.highest, program.lowest), 0.0)
    if len(program.rows):
        others = [_linear(replace(program, value=one), opened, 0.0).reached for one in values]
    else:
        money = max(program.budget - float(program.fixed(opened)[0]), float(program.lowest @ program.price))
        others = list(greedy(values, program.lowest, highest, program.price, money)) if len(values) else []
    return Chosen.of(np.stack([solution.reached, *others]), levels)


def build(
    impact: Impact,
    gaps: Gaps,
    levels: Levels,
    *,
    budget: float,
    caps: Shares | None = None,
    floors: Shares = 0.0,
    setup: float | None = None,
    quotas: Mapping[str, float | tuple[float, float]] | None = None,
    max_gap: float | None = None,
    aversion: float = 0.0,
    index: str = "atkinson",
    wellbeing: Mapping[str, float] | None = None,
) -> tuple[Program, Array]:
    """The programme, and the weights by which its worth differs from cases averted."""
    budget = _check_budget(budget)
    simulation = impact.simulation
    cells, people, price = simulation.cells, simulation.people, simulation.cost.values
    if setup is not None and not setup >= 0:
        raise PlanError(f"setup must be 0 euros or more; not {setup}.")
    unit = simulation.units
    once = simulation.fixed.values[np.unique(unit, return_index=True)[1]]
    if setup is not None:
        once = np.full(len(once), float(setup))
    if max_gap is not None and not 0 <= max_gap <= 1:
        raise PlanError(f"max_gap is a share from 0 to 1; not {max_gap}.")
    health = wellbeing_of(simulation, wellbeing)
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
        value=levels.reductions(simulation)[0] * weights,
        price=price,
        lowest=_people_shares(floors, cells, "floors", np.zeros(len(cells))) * simulation.eligible,
        highest=_people_shares(caps, cells, "caps", simulation.feasible) * simulation.eligible,
        setup=once,
        unit=unit,
        budget=budget,
        rows=np.array(rows).reshape(len(rows), len(cells)),
        low=np.array(low),
        high=np.array(high),
        labels=tuple(labels),
    )
    return program, weights


def _allocation(
    impact: Impact, gaps: Gaps, program: Program, solution: Solution, chosen: Chosen, more: float
) -> Allocation:
    simulation = impact.simulation
    reached, claimed = chosen.reached, chosen.claimed[None]
    cost = program.costs(reached)[0]
    averted = float(chosen.typical @ simulation.reduction - chosen.claimed.sum())
    drawn = gaps.draws(chosen.typical[None], claimed)[0][0]
    low, high = limits(blurred(drawn, chosen.noise, simulation.entropy))
    each = reached * simulation.reduction
    spent = float(cost.sum())
    frame = simulation.cells[["area", "group"]].assign(
        reached=reached,
        share=np.divide(reached, simulation.people, out=np.zeros_like(reached), where=simulation.people > 0),
        averted=each * (averted / each.sum() if each.sum() > 0 else 1.0),
        cost=cost,
    )
    return Allocation(
        frame=frame,
        averted=averted,
        averted_lower=float(low),
        averted_upper=float(high),
        cost=spent,
        left=unspent(program.budget, spent),
        shadow_price=more,
        binding=_binding(simulation.cells, program, solution, more),
        gaps=gaps.after(chosen.typical[None], claimed),
        optimality_gap=solution.gap,
        simulation=simulation,
    )


def blurred(draws: Array, noise: float, entropy: int, number: int = 0) -> Array:
    """Draws with the further error that comes of not knowing what a choice claims."""
    if noise == 0:
        return draws.copy()
    stream = np.random.default_rng(np.random.SeedSequence(entropy, spawn_key=(3, number)))
    return np.asarray(draws + noise * stream.standard_normal(len(draws)))


def unspent(budget: float, cost: float) -> float:
    """Euros left, rounding aside."""
    return budget - cost if budget - cost > 1e-6 * budget else 0.0


def left_over(simulation: Simulation, left: float, budget: float, lang: str) -> list[str]:
    """That money is left since nobody more would come, and which step keeps people away; nothing where none is."""
    said = []
    if not simulation.feasible_known:
        return [i18n.text("action.shares.unknown", lang)]
    if left > 0.005 * budget:
        said.append(i18n.text("action.shares.left", lang, left=i18n.integer(left, lang)))
        steps = {name: one for name, one in simulation.inputs.items() if name in ("reach.uptake", "reach.completion")}
        size = simulation.eligible
        if steps and size.sum() > 0:
            share = {name: float(one.values @ size / size.sum()) for name, one in steps.items()}
            least = min(share, key=lambda name: share[name])
            step = i18n.text(f"action.step.{least.partition('.')[2]}", lang)
            said.append(
                i18n.text("action.shares.step", lang, step=step, share=i18n.percent(100 * share[least], lang, 0))
            )
    return said


def _of_one_euro_more(simulation: Simulation, program: Program, solution: Solution) -> float:
    """Cases averted by one euro more, the quotas moving with the budget and the same units open.

    The programme's own price is in what it maximises: with weights that are not all one, it is no number of cases.
    """
    step = 1e-5 * program.budget
    quota = np.array([label.startswith("quota") for label in program.labels], dtype=bool)
    grown = np.where(quota, 1 + step / program.budget, 1.0)
    wider = replace(
        program, budget=program.budget + step, low=program.low * grown if len(quota) else program.low,
        high=program.high * grown if len(quota) else program.high,
    )  # fmt: skip
    before, after = (_linear(one, solution.opened, 0.0).reached for one in (program, wider))
    return max(float((after - before) @ simulation.reduction) / step, 0.0)


def _binding(cells: pd.DataFrame, program: Program, solution: Solution, more: float) -> pd.DataFrame:
    """Constraints that hold, with their price."""
    scale = np.abs(program.value).max(initial=0) or 1.0
    rows: list[dict[str, Any]] = []
    if solution.budget_price > 0:
        rows.append({"constraint": "budget", "area": "", "group": "", "price": more})
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


def _sentences(
    cost: float,
    averted: tuple[float, float, float],
    price: float,
    binding: pd.DataFrame,
    lang: str,
    rest: Sequence[str] = (),
) -> list[str]:
    """What the best share of a budget does, what one person more would cost, and what holds it back."""
    value, lower, upper = averted
    limits = people_interval(value, lower, upper, lang)
    said = [
        i18n.text(
            "action.allocation.answer",
            lang,
            cost=i18n.integer(cost, lang),
            people=people_text(value, lang),
            interval=limits,
        )
    ]
    if price > 0:
        said.append(i18n.text("action.allocation.more", lang, euros=people_text(1 / price, lang)))
    else:
        said.append(i18n.text("action.allocation.enough", lang))
    counts = binding["constraint"].value_counts(sort=False)
    named = [i18n.text(f"action.limit.{kind}", lang, count=i18n.integer(count, lang)) for kind, count in counts.items()]
    if named:
        said.append(i18n.text("action.allocation.binding", lang, limits="; ".join(named)))
    return [*said, *rest, i18n.text("action.assumed.estimate", lang)]


def _over(worst: Array, best: Array) -> Array:
    return np.divide(worst, best, out=np.full_like(worst, np.nan), where=best > 0)


def _people_shares(shares: Shares | None, cells: pd.DataFrame, what: str, default: Array) -> Array:
    """A share for each cell, from one number or one for each group; unnamed groups get the default.

    Raises PlanError for a share outside 0–1 or a group that the cells lack.
    """
    if shares is None:
        return default
    if isinstance(shares, Mapping):
        known = set(cells["group"])
        for group in shares:
            if group not in known:
                raise PlanError(f"{what} names the group {group!r}; the cells have {', '.join(sorted(known))}.")
        given = cells["group"].map(dict(shares)).to_numpy(dtype=float)
        found = np.where(np.isnan(given), default, given)
    else:
        found = np.full(len(cells), float(shares))
    if not ((found >= 0) & (found <= 1)).all():
        raise PlanError(f"{what} are shares of people, from 0 to 1; given {shares!r}.")
    return np.asarray(found)


def _check_budget(budget: float) -> float:
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
        raise PlanError(
            f"{counted(over.sum(), 'floor is above its cap', 'floors are above their caps')}: "
            "lower the floors, or raise the caps (without caps: as many as would come, reach.feasible)."
        )
    needed = float(program.lowest @ program.price + program.fixed(program.lowest > 0)[0])
    if needed > program.budget * (1 + _SLACK):
        short = needed - program.budget
        raise PlanError(
            f"The floors cost {needed:,.2f} euros, {short:,.2f} euros more than the budget of {program.budget:,.2f}. "
            "Lower the floors or raise the budget."
        )


def _linear(program: Program, opened: Array, gap: float) -> Solution:
    """The linear programme on the opened cells."""
    budget = program.budget - float(program.fixed(opened)[0])
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
    size, units = len(program.value), len(program.setup)
    if units == 1 and not len(program.rows):
        return np.full(size, program.setup[0] <= program.budget), 0.0
    # counted in shares of each cell's cap, so that the solver's tolerances mean the same for all
    unit = np.where(program.highest > 0, program.highest, 1.0)
    scale = np.abs(program.value * unit).max(initial=0) or 1.0
    none = sparse.csr_array((len(program.rows), units))
    open_unit = sparse.csr_array((np.ones(size), (np.arange(size), program.unit)), shape=(size, units))
    budget = np.concatenate([program.price * unit, program.setup]) / program.budget
    constraints = [
        scipy.optimize.LinearConstraint(budget[None], -np.inf, 1.0),
        scipy.optimize.LinearConstraint(sparse.hstack([sparse.eye_array(size), -open_unit]), -np.inf, 0.0),
    ]
    if len(program.rows):
        rows = sparse.hstack([sparse.csr_array(program.rows * unit), none])
        constraints.append(scipy.optimize.LinearConstraint(rows, program.low, program.high))
    needed = np.zeros(units)
    needed[program.unit[program.lowest > 0]] = 1.0
    low = np.concatenate([program.lowest / unit, needed])
    found = scipy.optimize.milp(
        np.concatenate([-program.value * unit / scale, np.zeros(units)]),
        constraints=constraints,
        bounds=scipy.optimize.Bounds(low, np.concatenate([(program.highest > 0).astype(float), np.ones(units)])),
        integrality=np.concatenate([np.zeros(size), np.ones(units)]),
        options={"time_limit": time_limit, "mip_rel_gap": 1e-6},
    )
    if found.x is None:
        raise _infeasible(program)
    used = (found.x[:size] > 1e-9) | (program.lowest > 0)
    opened = np.zeros(units, dtype=bool)
    opened[program.unit[used]] = True
    return (opened & (found.x[size:] > 0.5))[program.unit], float(found.mip_gap or 0.0)


def _infeasible(program: Program) -> PlanError:
    return PlanError(
        f"No allocation satisfies every constraint ({', '.join((*program.labels, 'budget'))}): loosen one."
    )
