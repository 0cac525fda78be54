"""How the sample was drawn: weights, strata, stages of clusters, and populations, checked once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse
from numpy.typing import NDArray

from hyteanalysis import uncertainty
from hyteanalysis.errors import TidyError, counted
from hyteanalysis.rates import grid
from hyteanalysis.rates.bands import fault

Array = grid.Array
Codes = NDArray[np.intp]


@dataclass(frozen=True)
class Stage:
    """One stage of sampling: rows → units → strata, with units sampled and the sampling fraction of each stratum."""

    unit: Codes  # unit of each row
    stratum: Codes  # stratum of each unit
    sampled: Array
    fraction: Array
    above: Codes  # stratum of the stage above, of each stratum here


@dataclass(frozen=True)
class Design:
    """The checked design; ``weight`` is already scaled to the post-strata's totals."""

    weight: Array
    stages: tuple[Stage, ...]
    post: Codes | None
    lonely: str

    def covariance(self, linear: scipy.sparse.csr_array) -> Array:
        """Covariance of the columns of ``linear`` (rows × domains, already weighted), over all stages of sampling."""
        found = np.zeros((linear.shape[1], linear.shape[1]))
        scale = np.ones(1)
        for stage in self.stages:
            scale = np.ones(len(stage.sampled)) if stage is self.stages[0] else scale[stage.above]
            if not (scale > 0).any():
                break
            found += uncertainty.taylor_covariance(
                self._totals(linear, stage.unit), stage.stratum, sampled=stage.sampled, fraction=stage.fraction,
                scale=scale, lonely=self.lonely,
            )  # fmt: skip
            scale = scale * stage.fraction
        return found

    def _totals(self, linear: scipy.sparse.csr_array, unit: Codes) -> scipy.sparse.csr_array:
        """Totals of each unit; with post-strata, of what deviates from the post-stratum's mean."""
        rows = np.arange(len(unit))
        count = int(unit.max()) + 1
        member = scipy.sparse.csr_array((np.ones(len(unit)), (unit, rows)), shape=(count, len(unit)))
        totals = member @ linear
        if self.post is None:
            return totals
        kinds = int(self.post.max()) + 1
        weight = scipy.sparse.csr_array((self.weight, (unit, self.post)), shape=(count, kinds))
        within = scipy.sparse.csr_array((np.ones(len(unit)), (self.post, rows)), shape=(kinds, len(unit))) @ linear
        total = np.bincount(self.post, self.weight)
        means = scipy.sparse.diags_array(1 / total) @ within
        return scipy.sparse.csr_array(totals - weight @ means)

    def degrees(self, code: Codes, domains: int) -> Array:
        """Degrees of freedom of each domain: its sampling units less its strata."""
        first = self.stages[0]
        pairs = np.unique(np.stack([code, first.unit]), axis=1)
        strata = np.unique(np.stack([pairs[0], first.stratum[pairs[1]]]), axis=1)
        units = np.bincount(pairs[0], minlength=domains)
        return (units - np.bincount(strata[0], minlength=domains)).astype(float)


def design(
    data: pd.DataFrame,
    *,
    weight: str,
    strata: str | None,
    cluster: str | Sequence[str] | None,
    fpc: str | Sequence[str] | None,
    poststrata: str | None,
    totals: "Mapping[object, float] | pd.Series[float] | None",
    lonely: str,
) -> Design:
    """Read and check the design's columns."""
    stages = grid.names(cluster) if cluster is not None else []
    sizes = grid.names(fpc) if fpc is not None else []
    grid.need(data, [weight, *([strata] if strata else []), *stages, *sizes, *([poststrata] if poststrata else [])])
    for name in [*([strata] if strata else []), *stages, *([poststrata] if poststrata else [])]:
        if data[name].isna().any():
            raise fault(name, None, f"is empty on {counted(data[name].isna().sum(), 'row')}.", "Each row has its unit.")
    w = grid.number(data, weight)
    if np.isnan(w).any() or (w < 0).any():
        wrong = int((np.isnan(w) | (w < 0)).sum())
        raise fault(
            weight,
            None,
            f"is empty or negative on {counted(wrong, 'row')}.",
            "Weights are 0 or more; drop rows without.",
        )
    if len(sizes) > max(len(stages), 1):
        raise fault("fpc", sizes[-1], "There are more population columns than stages.", "Give one a stage.")
    post, w = _post(data, w, poststrata, totals)
    return Design(w, _stages(data, strata, stages, sizes), post, lonely)


def _post(
    data: pd.DataFrame, w: Array, poststrata: str | None, totals: "Mapping[object, float] | pd.Series[float] | None"
) -> tuple[Codes | None, Array]:
    if (poststrata is None) != (totals is None):
        raise fault("poststrata", poststrata, "poststrata= and totals= belong together.", "Give both.")
    if poststrata is None or totals is None:
        return None, w
    code, kinds = pd.factorize(data[poststrata], sort=True)
    known = dict(totals)
    lost = [kind for kind in kinds if kind not in known]
    if lost:
        raise fault(poststrata, lost[0], "has no population in totals=.", "Give the population of every post-stratum.")
    extra = [kind for kind in known if kind not in set(kinds)]
    if extra:
        raise fault(poststrata, extra[0], "has a population but nobody in the sample.", "Join it with another one.")
    target = np.array([float(known[kind]) for kind in kinds])
    return code.astype(np.intp), w * (target / np.bincount(code, w))[code]


def _stages(data: pd.DataFrame, strata: str | None, cluster: list[str], sizes: list[str]) -> tuple[Stage, ...]:
    """Stages with their units numbered within what lies above (unit 1 of two strata is two units)."""
    rows = len(data)
    above = data[strata].factorize()[0].astype(np.intp) if strata else np.zeros(rows, dtype=np.intp)
    stages: list[Stage] = []
    names: list[str | None] = [*cluster] or [None]
    for depth, name in enumerate(names):
        inner = np.arange(rows) if name is None else data[name].factorize()[0]
        pair = above.astype(np.int64) * (int(inner.max()) + 1) + inner
        unit = np.unique(pair, return_inverse=True)[1].astype(np.intp)
        stratum = np.empty(int(unit.max()) + 1, dtype=np.intp)
        stratum[unit] = above
        sampled = np.bincount(stratum).astype(float)
        fraction = np.zeros(len(sampled))
        if depth < len(sizes):
            fraction = _fraction(data, sizes[depth], above, sampled)
        parent = np.zeros(len(sampled), dtype=np.intp)
        if stages:
            parent = stages[-1].stratum  # a stratum here is a unit of the stage above
        stages.append(Stage(unit, stratum, sampled, fraction, parent))
        above = unit
    return tuple(stages)


def _fraction(data: pd.DataFrame, name: str, stratum: Codes, sampled: Array) -> Array:
    """Sampling fraction of each stratum, from populations or from fractions (all at most 1)."""
    size = grid.number(data, name)
    if np.isnan(size).any() or (size <= 0).any():
        raise fault(name, None, "is empty, 0 or negative on some rows.", "Give the number of units, or the fraction.")
    value = np.zeros(len(sampled))
    value[stratum] = size
    if (np.abs(value[stratum] - size) > 1e-9 * np.abs(size)).any():
        raise fault(name, None, "differs between rows of one stratum.", "It is one number a stratum (stage).")
    if (size <= 1).all() and (sampled > 1).any():
        return value
    short = value < sampled
    if short.any():
        raise TidyError(
            f"{name}: a stratum of {value[short][0]:g} units cannot give a sample of {sampled[short][0]:g}. "
            "Give the population's units, not the sample's."
        )
    return sampled / value
