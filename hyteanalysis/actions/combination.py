"""Several actions on the same people: their effects multiply, they never add up."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis.actions.allocation import Gaps
from hyteanalysis.actions.benefit import Impact, impact
from hyteanalysis.actions.model import Action
from hyteanalysis.actions.ranking import tally
from hyteanalysis.actions.summary import limits
from hyteanalysis.disclosure import Release
from hyteanalysis.errors import MeasureError, PlanError, one_of

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


def compare(
    cells: "pd.DataFrame | Release",
    actions: Sequence[Action],
    *,
    group: str,
    area: str | Sequence[str] | None = None,
    budget: float,
    indicators: pd.DataFrame | None = None,
    period: str | None = None,
    draws: int = 10_000,
    seed: int | None = None,
) -> pd.DataFrame:
    """Which action would help one group most for the same money.

    Answers: *with this budget for this group, which of these actions helps most of its people, and how sure is that?*
    Each action's money goes to the group alone: fixed costs first, then as many people as it pays for and as would come
    (``reach.feasible``, or the chain with everybody offered).

    Parameters
    ----------
    cells : DataFrame or Release
    actions : sequence of Action
        By one dimension; their outcomes may differ, and then the cases compared are of different kinds.
    group : str
    area : str or list of str, optional
        As ``areas`` of :func:`impact`.
    budget : float
        Euros for each action.
    indicators, period, draws, seed
        As :func:`impact`.

    Returns
    -------
    DataFrame
        Most helped first: ``action, outcome, averted`` (one year's cases) with limits ``, p_best`` (among these
        actions) ``, person_years, reached, cost, left, cost_per_case, cost_per_person_year, certainty, grade`` (of the
        effect) ``, gap_change`` (of the share badly off, most disadvantaged less most advantaged group, after less
        before).

    Raises
    ------
    PlanError
        Fewer than two actions, one twice, several dimensions, no price, a group that is not there.

    Notes
    -----
    Not for adding up: what several of them would do together to one outcome is :func:`combine`.

    Examples
    --------
    >>> import pandas as pd, hyteanalysis as hyte
    >>> cells = pd.DataFrame({"indicator": "smoking", "area": "HVA08", "period": "2022", "dimension": "education",
    ...                       "group": ["low", "high"], "order": [1, 2], "estimate": [0.22, 0.06],
    ...                       "population": [40_000, 60_000]})
    >>> about = {"outcome": "smoking", "dimension": "education", "reach": {"of": "affected", "value": 0.1}}
    >>> both = [hyte.Action.from_dict({"id": name, "name": name, **about, "cost": {"per_person": price},
    ...             "effect": {"scale": "rr", "value": effect}}) for name, price, effect in
    ...         (("groups", 200, 0.90), ("advice", 50, 0.98))]
    >>> hyte.compare(cells, both, group="low", budget=50_000, draws=100, seed=1)[["action", "averted"]].round(1)
       action  averted
    0  groups     25.0
    1  advice     20.0
    """
    if len(actions) < 2 or len({one.id for one in actions}) < len(actions):
        raise PlanError(
            f"compare() takes two or more different actions; given: {', '.join(one.id for one in actions)}."
        )
    if len({one.dimension for one in actions}) > 1:
        raise PlanError(
            f"compare() takes actions by one dimension; given: {', '.join(one.dimension for one in actions)}."
        )
    if not budget > 0:
        raise PlanError(f"budget must be euros above 0; not {budget!r}.")
    found = []
    for action in actions:
        made = impact(cells, action, indicators=indicators, areas=area, period=period, draws=draws, seed=seed)
        one_of(group, sorted(made.simulation.groups["group"]), "group", PlanError)
        found.append(_for_group(made, group, budget))
    rows, drawn = zip(*found, strict=True)
    shares = tally(np.stack(drawn), top=1).shares()
    frame = pd.DataFrame(rows).assign(p_best=shares["p_best"])
    order = ["action", "outcome", "averted", "averted_lower", "averted_upper", "p_best"]
    frame = frame[[*order, *(name for name in frame if name not in order)]]
    return frame.sort_values("averted", ascending=False, kind="stable", ignore_index=True)


def _for_group(made: Impact, group: str, budget: float) -> tuple[dict[str, Any], Array]:
    """What a budget does through one action for one group: a row, and the cases averted in each draw."""
    simulation, action = made.simulation, made.action
    inside = (simulation.cells["group"] == group).to_numpy()
    price, most = simulation.cost.values, simulation.feasible * simulation.eligible * inside
    units = np.unique(simulation.units[inside], return_index=True)[1]
    fixed = float(simulation.fixed.values[inside][units].sum())
    dear = float(price @ most)
    if not dear > 0:
        raise PlanError(f"{action.id} has no price, or nobody in {group} can be reached: money buys nothing of it.")
    reached = most * min(max(budget - fixed, 0.0) / dear, 1.0)
    averted = reached * simulation.reduction
    drawn = np.asarray(simulation.sums(reduction=reached[None])[0][0])
    low, high = limits(drawn.copy())
    cost = float(price @ reached) + (fixed if reached.any() else 0.0)
    total, years = float(averted.sum()), float(averted @ simulation.persistence.values)
    gaps = Gaps.of(made)
    change = float(gaps.after(reached[None])["absolute_gap"].iloc[0] - gaps.before)
    row = {
        "action": action.id, "outcome": action.outcome, "averted": total, "averted_lower": float(low),
        "averted_upper": float(high), "person_years": years, "reached": float(reached.sum()), "cost": cost,
        "left": max(budget - cost, 0.0), "cost_per_case": cost / total if total > 0 else np.nan,
        "cost_per_person_year": cost / years if years > 0 else np.nan, "certainty": action.effect.certainty,
        "grade": action.effect.grade, "gap_change": change,
    }  # fmt: skip
    return row, drawn
