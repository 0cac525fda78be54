"""Finnish areas: codes, names, hierarchy by year, municipal mergers, sums up the hierarchy, and the county fallback.

Boundaries are no part of this; it knows areas by code, name, parents, centre point and population.
"""

from hyteanalysis.areas.aggregation import aggregate
from hyteanalysis.areas.codes import LEVELS, check_codes, level, near
from hyteanalysis.areas.divisions import ancestors, ancestry, hierarchy
from hyteanalysis.areas.fallback import fallbacks, shown
from hyteanalysis.areas.municipal_mergers import carry_over, mergers, successors
from hyteanalysis.areas.register import YEARS, classes, name, reference

__all__ = [
    "LEVELS",
    "YEARS",
    "aggregate",
    "ancestors",
    "ancestry",
    "carry_over",
    "check_codes",
    "classes",
    "fallbacks",
    "hierarchy",
    "level",
    "mergers",
    "name",
    "near",
    "reference",
    "shown",
    "successors",
]
