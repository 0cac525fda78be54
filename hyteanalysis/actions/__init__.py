"""Actions: which groups and areas one would help most, how surely, at what price, and what it does to inequality.

Every figure is an estimate under the action's assumptions, never a prediction.
"""

from hyteanalysis.actions.allocation import Allocation, allocate
from hyteanalysis.actions.combination import combine
from hyteanalysis.actions.dominance import dominance
from hyteanalysis.actions.equity import equity_impact
from hyteanalysis.actions.evaluation import Evaluation, evaluate
from hyteanalysis.actions.frontier import frontier
from hyteanalysis.actions.impact import Impact, impact
from hyteanalysis.actions.information import evpi, evppi
from hyteanalysis.actions.model import Action, Cost, Effect, Reach
from hyteanalysis.actions.reading import library
from hyteanalysis.actions.reporting import report_frames
from hyteanalysis.actions.scenarios import Scenarios, scenarios
from hyteanalysis.actions.switch import SwitchValue, switch_value

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
