"""Summary measures of inequality between groups, their intervals, changes and trends."""

from hyteanalysis.inequality import (  # noqa: F401  (they declare measures)
    dispersion,
    distance,
    potential,
    ranked,
    simple,
    welfare,
)
from hyteanalysis.inequality.changes import disparity_change
from hyteanalysis.inequality.disparities import disparity
from hyteanalysis.inequality.individual import disparity_individual
from hyteanalysis.inequality.levels import achievement
from hyteanalysis.inequality.registry import REGISTRY, measures
from hyteanalysis.inequality.trend import disparity_trend
from hyteanalysis.inequality.welfare import ede

__all__ = [
    "REGISTRY",
    "achievement",
    "disparity",
    "disparity_change",
    "disparity_individual",
    "disparity_trend",
    "ede",
    "measures",
]
