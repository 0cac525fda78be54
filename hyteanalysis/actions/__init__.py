"""Actions: which groups and areas one would help most, how surely, at what price, and what it does to inequality.

Every figure is an estimate under the action's assumptions, never a prediction.
"""

from hyteanalysis.actions.allocation import Allocation, allocate
from hyteanalysis.actions.benefit import Impact, impact
from hyteanalysis.actions.budget import Scenarios, frontier, scenarios
from hyteanalysis.actions.combination import combine, compare
from hyteanalysis.actions.equity import SwitchValue, dominance, equity_impact, switch_value
from hyteanalysis.actions.evaluation import Evaluation, evaluate
from hyteanalysis.actions.model import Action, Cost, Effect, Reach, library
from hyteanalysis.actions.reporting import described, report_frames
from hyteanalysis.actions.sensitivity import evpi, evppi

__all__ = [
    "Action",
    "Allocation",
    "Cost",
    "Effect",
    "Evaluation",
    "Impact",
    "Reach",
    "Scenarios",
    "SwitchValue",
    "allocate",
    "combine",
    "compare",
    "described",
    "dominance",
    "equity_impact",
    "evaluate",
    "evpi",
    "evppi",
    "frontier",
    "impact",
    "library",
    "report_frames",
    "scenarios",
    "switch_value",
]
