"""Measures of the groups' mean distance from their average, the best group or a reference group."""

import numpy as np

from hyteanalysis.inequality.groups import Array, Groups
from hyteanalysis.inequality.registry import HANDBOOK, measure


@measure(
    "IDISU",
    text="100 · MDMU/μ",
    reference="Pearcy & Keppel 2002",
    absolute=False,
    needs=["positive mean"],
    bounded=True,
    centred=True,
    holds=["scale", "unit", "replication"],
    unit="%",
)
def index_of_disparity(groups: Groups) -> Array:
    return np.asarray(100 * groups.mean_distance / groups.mean)


@measure(
    "IDISW",
    text="100 · MDMW/μ",
    reference="Pearcy & Keppel 2002",
    absolute=False,
    needs=["positive mean"],
    bounded=True,
    centred=True,
    holds=["scale", "unit", "split", "replication"],
    unit="%",
)
def weighted_index_of_disparity(groups: Groups) -> Array:
    return np.asarray(100 * groups.weighted_distance / groups.mean)


def _from_best(groups: Groups, average: Array) -> Array:
    """Σ w abs(y − best): nothing lies beyond the best, so the mean's own distance."""
    return np.asarray(np.abs(average - groups.best))


@measure(
    "MDBU",
    text="Σ abs(y − best)/k",
    reference=HANDBOOK,
    absolute=True,
    weighted=False,
    bounded=True,
    mirror="same",
    holds=["shift", "unit", "replication"],
    unit="indicator",
)
def mean_difference_from_best(groups: Groups) -> Array:
    return _from_best(groups, groups.average_of(groups.y))


@measure(
    "MDBW",
    text="Σ p abs(y − best)",
    reference=HANDBOOK,
    absolute=True,
    bounded=True,
    mirror="same",
    holds=["shift", "unit", "split", "replication"],
    unit="indicator",
)
def weighted_mean_difference_from_best(groups: Groups) -> Array:
    return _from_best(groups, groups.own_mean)


@measure(
    "MDMU",
    text="Σ abs(y − μ)/k, μ weighted",
    reference=HANDBOOK,
    absolute=True,
    bounded=True,
    centred=True,
    mirror="same",
    holds=["shift", "unit", "replication"],
    unit="indicator",
)
def mean_difference_from_mean(groups: Groups) -> Array:
    return groups.mean_distance


@measure(
    "MDMW",
    text="Σ p abs(y − μ)",
    reference=HANDBOOK,
    absolute=True,
    bounded=True,
    centred=True,
    mirror="same",
    holds=["shift", "unit", "split", "replication"],
    unit="indicator",
)
def weighted_mean_difference_from_mean(groups: Groups) -> Array:
    return groups.weighted_distance


@measure(
    "MDRU",
    text="Σ abs(y − reference)/k",
    reference=HANDBOOK,
    absolute=True,
    weighted=False,
    needs=["kept reference", "reference"],
    bounded=True,
    mirror="same",
    holds=["shift", "unit", "replication"],
    unit="indicator",
    instead="MDBU or MDMU",
)
def mean_difference_from_reference(groups: Groups) -> Array:
    return groups.average_of(groups.from_reference)


@measure(
    "MDRW",
    text="Σ p abs(y − reference)",
    reference=HANDBOOK,
    absolute=True,
    needs=["kept reference", "reference"],
    bounded=True,
    mirror="same",
    holds=["shift", "unit", "split", "replication"],
    unit="indicator",
    instead="MDBW or MDMW",
)
def weighted_mean_difference_from_reference(groups: Groups) -> Array:
    return groups.weigh(groups.p, groups.from_reference)
