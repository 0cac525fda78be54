"""Whether places differ beyond their people: neighbours, clusters, inequality in space, kinds of municipality."""

from hyteanalysis.spatial.adjacency import Neighbours, neighbours
from hyteanalysis.spatial.area_inequality import gini, theil
from hyteanalysis.spatial.autocorrelation import Moran, moran
from hyteanalysis.spatial.classes import by_class
from hyteanalysis.spatial.deprivation_index import Deprivation, deprivation
from hyteanalysis.spatial.partition import Partition, variance_partition

__all__ = [
    "Deprivation",
    "Moran",
    "Neighbours",
    "Partition",
    "by_class",
    "deprivation",
    "gini",
    "moran",
    "neighbours",
    "theil",
    "variance_partition",
]
