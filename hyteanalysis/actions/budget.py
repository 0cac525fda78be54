"""The same budget shared in six ways, with the interval of each, and how many cases a narrower gap costs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis import i18n
from hyteanalysis.actions.allocation import (
    Gaps,
    Program,
    Shares,
    blurred,
    build,
    choice,
    left_over,
    solve,
    unspent,
)
from hyteanalysis.actions.benefit import Impact
from hyteanalysis.actions.equity import SwitchValue, switch_value
from hyteanalysis.actions.selection import Chosen, Levels, filled
from hyteanalysis.actions.sentences import people_interval, people_text
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
        self,
        a: str,
        b: str,
        *,
        index: str = "atkinson",
        names: tuple[str, str] | None = None,
        interval: bool = False,
    ) -> SwitchValue:
        """The inequality aversion at which scenario ``b`` overtakes ``a``: health by group after the action.

        With ``interval`` its limits, over the draws of levels and effect.
        """
        for one in (a, b):
            one_of(one, SCENARIOS, "scenario", PlanError)
        pooled = self.impact.pooled
        health = []
        for one in (a, b):
            averted = self.allocation[one].groupby("group")["averted"].sum().reindex(pooled["group"]).to_numpy()
            health.append(1 - pooled["baseline"].to_numpy() + averted / pooled["population"].to_numpy())
        size = pooled["population"].to_numpy()
        draws = (self._health(a), self._health(b)) if interval else None
        return switch_value(*health, population=size, index=index, names=names or (a, b), draws=draws)

    def _health(self, scenario: str) -> Array:
        """Share of each group not badly off after a scenario, draws × groups."""
        simulation, summary = self.impact.simulation, self.impact.summary
        people = self.impact.pooled["population"].to_numpy(dtype=float)[:, None]
        (averted,) = simulation.sums(reduction=simulation.membership * self.allocation[scenario]["reached"].to_numpy())
        return np.asarray((1 - (summary.before - averted) / people).T.clip(1e-9, 1))

    @spoken
    def sentences(self, lang: str = "fi") -> list[str]:
        """Which way helps most and which leaves the smallest gap, and which others may do so as well."""
        action, names = self.impact.action, self.impact.baseline.names
        worst, best = (names.group(action.dimension, group, lang) for group in (self.worst, self.best))
        most = self.frame.loc[self.frame["averted"].idxmax()]
        rest = left_over(self.impact.simulation, most["left"], most["left"] + most["cost"], lang)
        *compared, estimate = _comparison(self.frame, self.differences, (worst, best), lang)
        return [*compared, *rest, estimate]

    def _repr_html_(self) -> str:
        lang = language()
        title = f"{text('display.scenarios', lang)}: {self.impact.action.label(lang)}"
        return shown(title, said=[*self.impact.practice(lang), *self.sentences(lang)], frame=self.frame[SHOWN])


def scenarios(
    impact: Impact,
    *,
    budget: float,
    caps: Shares | None = None,
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
        Share (0–1) of those whom the action is for that may, must be reached. Without ``caps`` as many as would come;
        spending stops there, and the rest is ``left``. ``caps=1.0`` asks for everybody.
    target : str or list of str, optional
        Target groups; default the most disadvantaged (without order, the worst off before the action).
    setup : float, optional
        Euros of a set-up in place of the action's, for each of what its ``per`` says, within the budget.
    detail : bool
        Give a :class:`Scenarios` with the allocations and the differences.

    Returns
    -------
    DataFrame or Scenarios
        One row a scenario: ``scenario, cost, left`` (euros) ``, reached, averted, cost_per_case, person_years,
        absolute_gap`` (share, after) ``, absolute_gap_change, relative_gap, relative_gap_change, within_floors``, with
        ``_lower, _upper`` of averted, the gaps and their changes. Where set-ups leave nothing to reach people with,
        nobody is reached.

    Raises
    ------
    PlanError
        As :func:`allocate`; an unknown target.

    Notes
    -----
    Intervals come of baselines and effect; the people reached are fixed. Ways that are chosen by the levels are chosen
    by shrunken ones, and what the choice itself claims is taken off (:mod:`hyteanalysis.actions.selection`).
    References: Marmot 2010; Benach 2013; Smith & Winkler 2006.

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
    levels = Levels.of(impact.simulation)
    program, _ = build(impact, gaps, levels, budget=budget, caps=caps, floors=floors, setup=setup)
    ways = _ways(impact, program, levels, target, gaps)
    frame, draws = _frame(impact, gaps, program, ways)
    if not detail:
        return frame
    return Scenarios(
        frame, _allocations(impact, program, ways, frame), _differences(frame, draws), gaps.worst, gaps.best, impact
    )


def _ways(
    impact: Impact, program: Program, levels: Levels, target: str | Sequence[str] | None, gaps: Gaps
) -> dict[str, Chosen]:
    """People reached in each way, and what those ways claim that follow the levels seen."""
    simulation = impact.simulation
    people, eligible = simulation.people, simulation.eligible
    need = people * levels.shrunken
    # the worst off before the action are the target where groups have no order, and so may be chosen by noise
    inside = simulation.cells["group"].isin(_target(impact, target, gaps)).to_numpy()[None]
    if target is None and simulation.groups["order"].isna().any():
        member = simulation.membership
        worst = (need @ member.T / (member @ people)).argmax(axis=1)
        inside = member[worst] > 0
    floors, none = program.lowest, np.zeros_like(people)
    universal = _shared(eligible[None], floors, program)
    aimed = eligible * inside
    floor = floors if floors.any() else np.minimum(universal / 2, program.highest)
    topped = _shared(aimed, floor, program)
    plans = {
        "today": _shared((people * simulation.share)[None], floors, program),
        "universal": universal,
        "proportionate": _shared(need, floors, program),
        "targeted": _shared(aimed, none, program),
        "floor_top_up": _shared(need * inside if len(inside) > 1 else need, topped, program),
    }
    ways = {name: Chosen.of(rows, levels) for name, rows in plans.items()}
    return {**ways, "optimal": choice(simulation, program, solve(program), levels)}


def _target(impact: Impact, target: str | Sequence[str] | None, gaps: Gaps) -> list[str]:
    if target is None:
        return [gaps.worst]
    groups = sorted(impact.simulation.groups["group"])
    return [one_of(one, groups, "target", PlanError) for one in ([target] if isinstance(target, str) else target)]


def _shared(base: Array, lowest: Array, program: Program) -> Array:
    """People reached as k·base, within lowest and the caps, with the k that spends the budget; rows × cells.

    Units opened pay their fixed costs first; where that leaves too little for the lowest, nobody is reached.
    """
    lowest = np.broadcast_to(np.minimum(lowest, program.highest), base.shape)
    found = np.zeros_like(base)
    # the same cells are open in rows of the same pattern
    fixed = program.fixed((base > 0) | (lowest > 0))
    for once in np.unique(fixed):
        rows, money = fixed == once, program.budget - once
        rows = rows & (lowest @ program.price <= max(money, 0) * (1 + 1e-12) + 1e-12 * program.budget)
        if money >= 0 and rows.any():
            found[rows] = filled(base[rows], lowest[rows], program.highest, program.price, money)
    return found


def _frame(
    impact: Impact, gaps: Gaps, program: Program, ways: dict[str, Chosen]
) -> tuple[pd.DataFrame, dict[str, Array]]:
    simulation = impact.simulation
    table = np.stack([ways[name].reached for name in SCENARIOS])
    typical = np.stack([ways[name].typical for name in SCENARIOS])
    claimed = np.stack([ways[name].claimed for name in SCENARIOS])
    averted = typical * simulation.reduction - claimed
    cost = program.costs(table).sum(axis=1)
    frame = pd.DataFrame({"scenario": SCENARIOS, "cost": cost, "left": [unspent(program.budget, one) for one in cost]})
    frame["reached"] = table.sum(axis=1)
    frame["averted"] = averted.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        frame["cost_per_case"] = np.where(frame["averted"] > 0, frame["cost"] / frame["averted"], np.nan)
    frame["person_years"] = averted @ simulation.persistence.values
    before = gaps.after(np.zeros((1, table.shape[1]))).iloc[0]
    after = gaps.after(typical, claimed)
    # nobody reached, as a further option: the gap without the action, in the same draws
    none = np.zeros((1, table.shape[1]))
    drawn = dict(zip(OUTCOMES, gaps.draws(np.vstack([typical, none]), np.vstack([claimed, none])), strict=True))
    for number, name in enumerate(SCENARIOS):
        drawn["averted"][number] = blurred(drawn["averted"][number], ways[name].noise, simulation.entropy, number)
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


def _allocations(
    impact: Impact, program: Program, ways: dict[str, Chosen], frame: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Each way's people, cases and euros by cell; cases add up to those of the way."""
    simulation = impact.simulation
    found = {}
    for name, averted in zip(SCENARIOS, frame["averted"], strict=True):
        reached = ways[name].reached
        each = reached * simulation.reduction
        found[name] = simulation.cells[["area", "group"]].assign(
            reached=reached,
            share=np.divide(reached, simulation.people, out=np.zeros_like(reached), where=simulation.people > 0),
            averted=each * (averted / each.sum() if each.sum() > 0 else 1.0),
            cost=program.costs(reached)[0],
        )
    return found


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
            interval=people_interval(most["averted"], most["averted_lower"], most["averted_upper"], lang),
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
    impact: Impact, *, budget: float, caps: Shares | None = None, floors: Shares = 0.0, steps: int = 15
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
        Share of those whom the action is for that may, must be reached; without ``caps`` as many as would come.
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
    levels = Levels.of(impact.simulation, repeats=0)
    program, _ = build(impact, gaps, levels, budget=budget, caps=caps, floors=floors, setup=0)
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
