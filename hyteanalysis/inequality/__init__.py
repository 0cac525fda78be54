"""Summary measures of inequality between groups, their intervals, changes and trends."""

from hyteanalysis.inequality import dispersion, potential, ranked, simple, welfare
from hyteanalysis.inequality.engine import disparity
from hyteanalysis.inequality.registry import REGISTRY, measures
from hyteanalysis.inequality.welfare import ede

__all__ = ["REGISTRY", "disparity", "dispersion", "ede", "measures", "potential", "ranked", "simple", "welfare"]
