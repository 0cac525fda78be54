"""Small numbers: shrinkage, small-area models, comparisons that survive chance, ranks with intervals, reliability."""

from hyteanalysis.small_areas.comparison import compare_with_whole
from hyteanalysis.small_areas.marks import reliability
from hyteanalysis.small_areas.ranks import rank_intervals
from hyteanalysis.small_areas.shrinkage import FayHerriot, empirical_bayes, fay_herriot

__all__ = [
    "FayHerriot",
    "compare_with_whole",
    "empirical_bayes",
    "fay_herriot",
    "rank_intervals",
    "reliability",
]
