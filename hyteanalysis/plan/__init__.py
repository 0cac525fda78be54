"""The wellbeing plan: goals with what they rest on, rules, value discussion and follow-up, in one file."""

from hyteanalysis.plan.checks import check
from hyteanalysis.plan.deliberation import Deliberation, Worksheet, worksheet
from hyteanalysis.plan.goals import ActionReference, Baseline, FollowUp, Forecast, Goal, Target
from hyteanalysis.plan.model import Plan
from hyteanalysis.plan.monitoring import STATES, forecast, forecasts, status
from hyteanalysis.plan.parts import (
    Actor,
    Experience,
    FindingReference,
    Forum,
    GoalIndicator,
    Number,
    Omitted,
    Resource,
    Role,
    SourceDocument,
    WorkingGroup,
)
from hyteanalysis.plan.rules import Rule, candidates, fired

__all__ = [
    "STATES",
    "ActionReference",
    "Actor",
    "Baseline",
    "Deliberation",
    "Experience",
    "FindingReference",
    "FollowUp",
    "Forecast",
    "Forum",
    "Goal",
    "GoalIndicator",
    "Number",
    "Omitted",
    "Plan",
    "Resource",
    "Role",
    "Rule",
    "SourceDocument",
    "Target",
    "WorkingGroup",
    "Worksheet",
    "candidates",
    "check",
    "fired",
    "forecast",
    "forecasts",
    "status",
    "worksheet",
]
