"""The same budget shared in six ways, with the interval of each, and how many cases a narrower gap costs."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis import i18n
from hyteanalysis.actions.allocation import Gaps, Program, Shares, build, solve
from hyteanalysis.actions.benefit import Impact, people_text, rounded
from hyteanalysis.actions.equity import SwitchValue, switch_value
from hyteanalysis.actions.summary import limits
from hyteanalysis.display import shown
from hyteanalysis.errors import MeasureError, PlanError, one_of
from hyteanalysis.i18n import language, spoken, text

Array = NDArray[Any]
SCENARIOS = ("today", "universal", "proportionate", "targeted", "floor_top_up", "optimal")
_SHARE = i18n.Unit("proportion", 1)
OUTCOMES = ("averted", "absolute_gap", "relative_gap")
SHOWN = [
    *("scenario", "cost", "reached", "averted", "averted_lower", "averted_upper"),
    *("absolute_gap", "absolute_gap_lower", "absolute_gap_upper"),
]


@dataclass(frozen=True, eq=False, repr=False)
class Scenarios:
    """The scenarios in detail.

    Attributes
    ----------
    frame : DataFrame
        What :func:`scenarios` gives.
    allocation : dict
        Scenario → ``area, group, reached, share, averted, cost``.
    differences : DataFrame
        ``scenario, other, outcome, difference, lower, upper, clear``: any two, by averted, absolute and relative gap.
        Only where ``clear`` may one be called better than the other.
    worst, best : str
        The groups between which the gaps lie.
    impact : Impact
    """

    frame: pd.DataFrame
    allocation: dict[str, pd.DataFrame]
    differences: pd.DataFrame
    worst: str
    best: str
    impact: Impact

    def switch_value(
        self, a: str, b: str, *, index: str = "atkinson", names: tuple[str, str] | None = None
    ) -> SwitchValue:
        """The inequality aversion at which scenario ``b`` overtakes ``a``: health by group after the action."""
        for one in (a, b):
            one_of(one, SCENARIOS, "scenario", PlanError)
        pooled = self.impact.pooled
        health = []
        for one in (a, b):
            averted = self.allocation[one].groupby("group")["averted"].sum().reindex(pooled["group"]).to_numpy()
            health.append(1 - pooled["baseline"].to_numpy() + averted / pooled["population"].to_numpy())
        return switch_value(*health, population=pooled["population"].to_numpy(), index=index, names=names or (a, b))

    @spoken
    def sentences(self, lang: str = "fi") -> list[str]:
        """Which way helps most and which leaves the smallest gap, and which others may do so as well."""
        action, names = self.impact.action, self.impact.baseline.names
        worst, best = (names.group(action.dimension, group, lang) for group in (self.worst, self.best))
        return _comparison(self.frame, self.differences, (worst, best), lang)

    def _repr_html_(self) -> str:
        lang = language()
        title = f"{text('display.scenarios', lang)}: {self.impact.action.label(lang)}"
        return shown(title, said=[*self.impact.practice(lang), *self.sentences(lang)], frame=self.frame[SHOWN])


def scenarios(
    impact: Impact,
    *,
    budget: float,
    caps: Shares = 1.0,
    floors: Shares = 0.0,
    target: str | Sequence[str] | None = None,
    setup: float | None = None,
    detail: bool = False,
) -> "pd.DataFrame | Scenarios":
    """Compare six ways of sharing the same budget.

    Answers: *which way of sharing this money helps most people, and which narrows the gap?* ``today``: today's reach,
    scaled to the budget. ``universal``: the same reach everywhere. ``proportionate``: reach ∝ baseline. ``targeted``:
    the same reach in the target groups and none elsewhere, whatever the floors. ``floor_top_up``: the floors for all
    (none given: half of universal), the rest to the target groups. ``optimal``: :func:`allocate`. All spend the budget
    unless caps forbid; all but ``targeted`` keep the floors.

    Parameters
    ----------
    impact : Impact
    budget : float
        Euros.
    caps, floors : float or {group: share}
        Share (0–1) of each cell's people that may, must be reached.
    target : str or list of str, optional
        Target groups; default the most disadvantaged (without order, the worst off before the action).
    setup : float, optional
        Euros once for each area × group opened, within the budget; None: the action's.
    detail : bool
        Give a :class:`Scenarios` with the allocations and the differences.

    Returns
    -------
    DataFrame or Scenarios
        One row a scenario: ``scenario, cost, reached, averted, cost_per_case, person_years, absolute_gap`` (share,
        after) ``, absolute_gap_change, relative_gap, relative_gap_change, within_floors``, with ``_lower, _upper`` of
        averted, the gaps and their changes. Where set-ups leave nothing to reach people with, nobody is reached.

    Raises
    ------
    PlanError
        As :func:`allocate`; an unknown target.

    Notes
    -----
    Intervals come of baselines and effect; the people reached are fixed. References: Marmot 2010; Benach 2013.

    Examples
    --------
    >>> import pandas as pd, hyteanalysis as hyte
    >>> cells = pd.DataFrame({"indicator": "smoking", "area": "HVA08", "period": "2022", "dimension": "education",
    ...                       "group": ["low", "high"], "order": [1, 2], "estimate": [0.22, 0.06],
    ...                       "population": [40_000, 60_000]})
    >>> action = hyte.Action.from_dict({"id": "quit", "name": "Quit groups", "outcome": "smoking",
    ...     "dimension": "education", "effect": {"scale": "rr", "value": 0.8}, "cost": {"per_person": 100},
    ...     "reach": {"value": 0.2, "by_group": {"low": 0.1}}})
    >>> table = hyte.scenarios(hyte.impact(cells, action, seed=1), budget=900_000)
    >>> table[["scenario", "averted", "absolute_gap"]].round(3)
            scenario  averted  absolute_gap
    0          today  180.000         0.159
    1      universal  223.200         0.157
    2  proportionate  312.387         0.153
    3       targeted  396.000         0.150
    4   floor_top_up  309.600         0.154
    5        optimal  396.000         0.150
    """
    gaps = Gaps.of(impact)
    program, _ = build(impact, gaps, budget=budget, caps=caps, floors=floors, setup=setup)
    cells = impact.simulation.cells
    chosen = _target(impact, target, gaps)
    people, level = impact.simulation.people, cells["baseline"].to_numpy(dtype=float)
    inside = cells["group"].isin(chosen).to_numpy()
    open_floors = program.lowest
    bases = {
        "today": people * impact.simulation.reach.values,
        "universal": people,
        "proportionate": people * level,
    }
    reached = {name: _filled(base, open_floors, program) for name, base in bases.items()}
    reached["targeted"] = _filled(people * inside, np.zeros_like(people), program)
    floor = open_floors if open_floors.any() else np.minimum(reached["universal"] / 2, program.highest)
    topped = _filled(people * inside, floor, program)
    reached["floor_top_up"] = _filled(people * level, topped, program)
    reached["optimal"] = solve(program).reached
    table = np.stack([reached[name] for name in SCENARIOS])
    frame, draws = _frame(impact, gaps, program, table)
    if not detail:
        return frame
    return Scenarios(
        frame, _allocations(impact, program, table), _differences(frame, draws), gaps.worst, gaps.best, impact
    )


def _target(impact: Impact, target: str | Sequence[str] | None, gaps: Gaps) -> list[str]:
    if target is None:
        return [gaps.worst]
    groups = sorted(impact.simulation.groups["group"])
    return [one_of(one, groups, "target", PlanError) for one in ([target] if isinstance(target, str) else target)]


def _filled(base: Array, lowest: Array, program: Program) -> Array:
    """People reached as k·base, within lowest and the caps, with the k that spends the budget.

    Cells opened pay their set-up first; where that leaves too little for the lowest, nobody is reached.
    """
    opened = (base > 0) | (lowest > 0)
    money = program.budget - program.setup[opened].sum()
    price = program.price
    lowest = np.minimum(lowest, program.highest)
    if money < lowest @ price * (1 - 1e-12):
        return np.zeros_like(base)
    # the spending is piecewise linear in k: find the piece, then k
    with np.errstate(divide="ignore", invalid="ignore"):
        starts = np.where(base > 0, lowest / base, np.inf)
        stops = np.where(base > 0, program.highest / base, np.inf)
    bends = np.unique(np.concatenate([[0.0], starts[np.isfinite(starts)], stops[np.isfinite(stops)]]))

    def spent(factor: float) -> float:
        return float(price @ np.clip(factor * base, lowest, program.highest))

    if spent(bends[-1]) <= money:
        return np.asarray(np.clip(bends[-1] * base, lowest, program.highest))
    piece = bisect_right(bends, money, key=spent) - 1
    left, right = spent(bends[piece]), spent(bends[piece + 1])
    factor = bends[piece] + (money - left) / (right - left) * (bends[piece + 1] - bends[piece])
    return np.asarray(np.clip(factor * base, lowest, program.highest))


def _frame(impact: Impact, gaps: Gaps, program: Program, table: Array) -> tuple[pd.DataFrame, dict[str, Array]]:
    simulation = impact.simulation
    averted = table * simulation.reduction
    frame = pd.DataFrame(
        {"scenario": SCENARIOS, "cost": _costs(program, table).sum(axis=1), "reached": table.sum(axis=1)}
    )
    frame["averted"] = averted.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        frame["cost_per_case"] = np.where(frame["averted"] > 0, frame["cost"] / frame["averted"], np.nan)
    frame["person_years"] = averted @ simulation.persistence.values
    before = gaps.after(np.zeros((1, table.shape[1]))).iloc[0]
    after = gaps.after(table)
    # nobody reached, as a further option: the gap without the action, in the same draws
    drawn = dict(zip(OUTCOMES, gaps.draws(np.vstack([table, np.zeros(table.shape[1])])), strict=True))
    exact = not simulation.cells["spread"].any() and simulation.effect.certain.all()
    for name in OUTCOMES[1:]:
        frame[name] = after[name]
        frame[f"{name}_change"] = after[name] - before[name]
        drawn[f"{name}_change"] = drawn[name][:-1] - drawn[name][-1]
    for name in [*OUTCOMES, "absolute_gap_change", "relative_gap_change"]:
        drawn[name] = drawn[name][: len(table)]
        low, high = limits(drawn[name].copy())
        frame[f"{name}_lower"] = frame[name] if exact else low
        frame[f"{name}_upper"] = frame[name] if exact else high
    frame["within_floors"] = (table >= program.lowest * (1 - 1e-9)).all(axis=1)
    return frame, {name: drawn[name] for name in OUTCOMES}


def _costs(program: Program, table: Array) -> Array:
    return np.asarray(table * program.price + np.where(table > 0, program.setup, 0.0))


def _allocations(impact: Impact, program: Program, table: Array) -> dict[str, pd.DataFrame]:
    simulation = impact.simulation
    costs = _costs(program, table)
    return {
        name: simulation.cells[["area", "group"]].assign(
            reached=reached,
            share=np.divide(reached, simulation.people, out=np.zeros_like(reached), where=simulation.people > 0),
            averted=reached * simulation.reduction,
            cost=cost,
        )
        for name, reached, cost in zip(SCENARIOS, table, costs, strict=True)
    }


def _differences(frame: pd.DataFrame, draws: dict[str, Array]) -> pd.DataFrame:
    """Each pair of scenarios in the same draws."""
    rows = []
    for outcome, values in draws.items():
        for (i, first), (j, second) in combinations(enumerate(SCENARIOS), 2):
            apart = values[i] - values[j]
            low, high = (float(end) for end in limits(apart.copy()))
            change = frame.at[i, outcome] - frame.at[j, outcome]
            rows.append((first, second, outcome, change, low, high, low > 0 or high < 0))
    return pd.DataFrame(rows, columns=["scenario", "other", "outcome", "difference", "lower", "upper", "clear"])


def _comparison(frame: pd.DataFrame, differences: pd.DataFrame, groups: tuple[str, str], lang: str) -> list[str]:
    """Which way of sharing helps most and which leaves the smallest gap, and which others may do so as well.

    ``groups`` are the names of the two between which the gaps lie. Gaps of different directions are not compared.
    """
    rows = frame.set_index("scenario")
    most = rows.loc[rows["averted"].idxmax()]
    if most["averted"] <= 0:
        return [i18n.text("action.answer.nobody", lang), i18n.text("action.assumed.estimate", lang)]
    said = [
        i18n.text(
            "action.shares.most", lang, scenario=_way(most.name, lang), people=people_text(most["averted"], lang),
            interval=i18n.interval(rounded(most["averted_lower"]), rounded(most["averted_upper"]), lang, 0),
        ),
        *_alike(differences, "averted", most.name, lang),
    ]  # fmt: skip
    gap = rows["absolute_gap"]
    if (gap > 0).all() or (gap < 0).all():
        least = rows.loc[gap.abs().idxmin()]
        said += [
            i18n.text(
                "action.shares.gap", lang, worst=groups[0], best=groups[1], scenario=_way(least.name, lang),
                gap=_SHARE.difference(least["absolute_gap"], lang),
                interval=_SHARE.interval(least["absolute_gap_lower"], least["absolute_gap_upper"], lang),
            ),
            *_alike(differences, "absolute_gap", least.name, lang),
        ]  # fmt: skip
    return [*said, i18n.text("action.assumed.estimate", lang)]


def _way(scenario: Any, lang: str) -> str:
    return i18n.text(f"figure.scenario.{scenario}", lang)


def _alike(differences: pd.DataFrame, outcome: str, scenario: Any, lang: str) -> list[str]:
    """The scenarios that do not clearly differ from one in an outcome."""
    unclear = differences[(differences["outcome"] == outcome) & ~differences["clear"].astype(bool)]
    others = [
        *unclear.loc[unclear["other"] == scenario, "scenario"],
        *unclear.loc[unclear["scenario"] == scenario, "other"],
    ]
    listed = "; ".join(_way(one, lang) for one in others)
    return [i18n.text("action.shares.alike", lang, others=listed)] if others else []


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
    return _points(impact, gaps, program, table, np.abs(price) * 0.01)


def _narrowed(program: Program, fall: Array, before: float, goal: float) -> Program:
    """The gap must lie within ±goal."""
    return replace(
        program,
        rows=np.vstack([program.rows, fall]),
        low=np.append(program.low, before - goal),
        high=np.append(program.high, before + goal),
        labels=(*program.labels, "gap"),
    )


def _points(impact: Impact, gaps: Gaps, program: Program, table: Array, price: Array) -> pd.DataFrame:
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
