"""Whether places differ beyond their people: neighbours, clusters, inequality in space, kinds of municipality."""

from hyteanalysis.spatial.classes import by_class
from hyteanalysis.spatial.deprivation import Deprivation, deprivation
from hyteanalysis.spatial.gini import gini
from hyteanalysis.spatial.moran import Moran, moran
from hyteanalysis.spatial.neighbours import Neighbours, neighbours
from hyteanalysis.spatial.partition import Partition, variance_partition
from hyteanalysis.spatial.theil import theil

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
