"""The wellbeing plan: goals with what they rest on, rules, value discussion and follow-up, in one file."""

from hyteanalysis.plan.candidates import candidates
from hyteanalysis.plan.check import check
from hyteanalysis.plan.evidence import Experience, FindingReference
from hyteanalysis.plan.firing import fired
from hyteanalysis.plan.forecasts import forecast, forecasts
from hyteanalysis.plan.goals import ActionReference, Baseline, Forecast, Goal, Target
from hyteanalysis.plan.model import Plan
from hyteanalysis.plan.parts import Actor, Forum, Measure, Number, Omitted, Resource, Role, SourceDocument, WorkingGroup
from hyteanalysis.plan.records import Deliberation, FollowUp
from hyteanalysis.plan.rules import Rule
from hyteanalysis.plan.status import STATES, status
from hyteanalysis.plan.worksheet import Worksheet, worksheet

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
    "Measure",
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
