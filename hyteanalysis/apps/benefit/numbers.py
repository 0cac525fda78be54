"""The estimate behind page B: the impact with the viewer's own numbers, its rankings, the ways of sharing the money."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from hyteanalysis.actions import Impact, Scenarios, impact
from hyteanalysis.actions.ranking import CRITERIA
from hyteanalysis.apps.benefit.choice import SEED, Choice, Setting
from hyteanalysis.figures.kit.estimates import Estimate, narrowest_scenario, scenario_table, scenarios_in_detail

QUICK, REFINED = 2_000, 10_000  # draws
STEPS = 2 + len(CRITERIA)


@dataclass(frozen=True)
class Numbers:
    """An estimate.

    Attributes
    ----------
    setting : Setting
    impact : Impact
        With the viewer's own numbers, and the reach that the viewer's money pays.
    rankings : mapping
        Criterion → groups, the best first.
    scenarios : Scenarios
    ways : DataFrame
        The ways of sharing the budget with the change of the gap in percentage points and its ``verdict``.
    narrowest : str or None
        The way that clearly narrows the gap most.
    budget : float
    funded : bool
        Whether the money is the viewer's, so that it decides how many are reached.
    """

    setting: Setting
    impact: Impact
    rankings: Mapping[str, pd.DataFrame]
    scenarios: Scenarios
    ways: pd.DataFrame
    narrowest: str | None
    budget: float
    funded: bool


def budget_of(setting: Setting, choice: Choice) -> float:
    """The viewer's budget, else what the action costs as it is."""
    return float(choice.budget) if choice.budget else setting.budget


def numbers(setting: Setting, choice: Choice, tell: Callable[[int], None] = lambda done: None) -> Numbers:
    """Estimate a choice: from its footing alone, so that it may be done beside everything else.

    Parameters
    ----------
    setting : Setting
    choice : Choice
        ``refined`` takes all the draws.
    tell : callable
        Called with the steps done, of ``STEPS``; it may raise to stop.

    Raises
    ------
    PlanError
        The own numbers make no action, or no way of sharing is possible.
    """
    action = choice.applied_to(setting.action, setting.reach, setting.feasible)
    draws = REFINED if choice.refined else QUICK
    found = impact(setting.release, action, areas=setting.area, draws=draws, seed=SEED)
    if choice.budget:
        found = found.funded(float(choice.budget))
    tell(1)
    rankings = {}
    for done, criterion in enumerate(CRITERIA, start=2):
        rankings[criterion] = found.ranking(criterion, by="group")
        tell(done)
    budget = budget_of(setting, choice)
    shared = scenarios_in_detail(found, budget)
    table = scenario_table(Estimate.of(found, "fi"), shared)
    tell(STEPS)
    return Numbers(
        setting, found, rankings, shared, table, narrowest_scenario(table, shared), budget, bool(choice.budget)
    )
