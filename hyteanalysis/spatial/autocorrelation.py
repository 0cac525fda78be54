"""Moran's I, global and local: whether like areas lie together, and where."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse

from hyteanalysis import small_areas
from hyteanalysis.display import shown
from hyteanalysis.errors import MeasureError, counted
from hyteanalysis.i18n import language, number, spoken, text
from hyteanalysis.rates import grid
from hyteanalysis.spatial.adjacency import Neighbours
from hyteanalysis.uncertainty import discovery, normal_quantile

CLUSTERS = ("high-high", "low-low", "low-high", "high-low")


@dataclass(frozen=True)
class Moran:
    """Spatial autocorrelation.

    Attributes
    ----------
    statistic, expected : float
        Moran's I, and what it is expected to be where nothing hangs together: −1/(n − 1).
    p_value : float
        Two-sided, by permutation.
    frame : DataFrame
        One row an area: ``area, value`` (shrunken, where it was), ``z, lag`` (standardised value, and the neighbours'
        mean of it), ``local`` (local I), ``p_value, q_value, cluster`` (``high-high, low-low``: like among like;
        ``low-high, high-low``: unlike its neighbours; empty where not clear), ``respondents``.
    islands : tuple of str
        Areas left out since they have no neighbours.
    permutations : int
    """

    statistic: float
    expected: float
    p_value: float
    frame: pd.DataFrame
    islands: tuple[str, ...]
    permutations: int
    shrunken: bool

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What must hold, in English."""
        return self.assumed("en")

    @spoken
    def assumed(self, lang: str = "fi") -> tuple[str, ...]:
        """What must hold, and which areas were left out."""
        said = [text("spatial.assumption.moran", lang), text("decomposition.assumption.no_cause", lang)]
        if self.shrunken:
            said.append(text("spatial.assumption.shrunken", lang))
        if self.islands:
            said.append(text("spatial.islands", lang, areas=", ".join(self.islands)))
        return tuple(said)

    @spoken
    def sentence(self, lang: str = "fi") -> str:
        """Whether like areas lie together, in one plain sentence."""
        clear = self.p_value < 0.05
        key = "none" if not clear else "together" if self.statistic > self.expected else "apart"
        named = int((self.frame["cluster"] != "").sum())
        return text(
            f"spatial.sentence.{key}", lang, statistic=number(self.statistic, lang, 2), number=number(named, lang, 0),
            areas=number(len(self.frame), lang, 0),
        )  # fmt: skip

    def _repr_html_(self) -> str:
        title = text("display.moran", language())
        return shown(title, said=[self.sentence(language()), *self.assumed(language())], frame=self.frame)


def moran(
    data: pd.DataFrame,
    neighbours: Neighbours,
    *,
    value: str | None = None,
    events: str = "events",
    population: str = "population",
    scale: float = 1,
    permutations: int = 9_999,
    seed: int | None = None,
    level: float = 0.95,
) -> Moran:
    """Do like areas lie together, and where?

    Formula, with z the standardised values and w the neighbours' weights (each area's add up to 1): I = Σ z_i Σ_j w_ij
    z_j / Σ z_i²; local I_i = (n − 1) z_i Σ_j w_ij z_j / Σ z². p by permutation: of all areas for I; of the other areas'
    values, the area's own held, for I_i (twice the smaller tail). q by Benjamini–Hochberg over the areas.

    Parameters
    ----------
    data : DataFrame
        One row an area, column ``area``.
    neighbours : Neighbours
        Of :func:`neighbours`; data and neighbours must hold the same areas.
    value : str, optional
        Column with the values. None: rates from ``events`` and ``population``, shrunken first (empirical Bayes), so
        that small areas do not make patterns by chance.
    events, population : str
    scale : float
        Shrunken rates are multiplied by it.
    permutations : int
    seed : int, optional
    level : float
        1 − the share of false ones among the areas named.

    Returns
    -------
    Moran

    Raises
    ------
    MeasureError
        Areas without a value or a neighbour row, values that do not vary, fewer than 99 permutations.

    Notes
    -----
    Shrinking to a common mean leaves a weak pattern weaker, never stronger. A cluster says where, not why: the people
    of neighbouring areas may be alike. Moran 1950; Anselin 1995. I and local I are ``esda``'s.

    Examples
    --------
    >>> import pandas as pd
    >>> from hyteanalysis import areas, spatial
    >>> towns = areas.reference(2025).query("level == 'municipality'").reset_index(drop=True)
    >>> found = spatial.moran(towns, spatial.neighbours(towns["area"]), value="lat", permutations=199, seed=1)
    >>> round(found.statistic, 2), found.p_value
    (0.98, 0.005)
    """
    if permutations < 99:
        raise MeasureError(f"permutations={permutations} tell no p-value. Use at least 99.")
    normal_quantile(level)
    grid.need(data, ["area", *([value] if value else [events, population])])
    if data["area"].duplicated().any():
        raise MeasureError(f"Area {data.loc[data['area'].duplicated(), 'area'].iloc[0]!r} stands twice. Keep one row.")
    lacking = sorted(set(neighbours.areas) ^ set(data["area"]))
    if lacking:
        raise MeasureError(
            f"Data and neighbours differ in {counted(len(lacking), 'area')}, such as {', '.join(lacking[:5])}."
        )
    rows = data.set_index("area").loc[list(neighbours.areas)].reset_index()
    keep = ~rows["area"].isin(neighbours.islands).to_numpy()
    rows, weights = rows[keep].reset_index(drop=True), _standard(neighbours.matrix[keep][:, keep])
    if value is None:
        x, n = grid.number(rows, events), grid.number(rows, population)
        model = "binomial" if not (x > n).any() else "poisson"
        y = small_areas.empirical_bayes(rows, events=events, population=population, model=model, scale=scale)[
            "shrunken"
        ].to_numpy()
    else:
        y = grid.number(rows, value)
    if np.isnan(y).any():
        lost = rows.loc[np.isnan(y), "area"].tolist()
        raise MeasureError(
            f"{counted(len(lost), 'area has', 'areas have')} no value: {', '.join(lost[:10])}. Leave them out of both."
        )
    if np.ptp(y) <= 1e-12 * max(np.abs(y).max(), 1e-300):
        raise MeasureError("The values do not vary between areas, or no more than by chance: nothing to compare.")
    statistic, local = _esda(neighbours, y, keep)
    rng = np.random.default_rng(seed)
    z = (y - y.mean()) / y.std()
    expected = -1 / (len(z) - 1)
    p = _global(z, weights, statistic, expected, permutations, rng)
    each = _local(z, weights, permutations, rng)
    q = discovery(each)
    lag = weights @ z
    kind = np.where(z > 0, np.where(lag > 0, CLUSTERS[0], CLUSTERS[3]), np.where(lag > 0, CLUSTERS[2], CLUSTERS[1]))
    few = grid.number(rows, "respondents") if "respondents" in rows else np.full(len(rows), np.nan)
    frame = pd.DataFrame({
        "area": rows["area"], "value": y, "z": z, "lag": lag, "local": local, "p_value": each, "q_value": q,
        "cluster": np.where(q <= 1 - level, kind, ""), "respondents": few,
    })  # fmt: skip
    return Moran(statistic, expected, p, frame, neighbours.islands, permutations, value is None)


def _standard(matrix: scipy.sparse.csr_array) -> scipy.sparse.csr_array:
    sums = matrix.sum(axis=1)
    return scipy.sparse.csr_array(scipy.sparse.diags_array(1 / np.maximum(sums, 1)) @ matrix)


def _esda(neighbours: Neighbours, y: np.ndarray, keep: np.ndarray) -> tuple[float, np.ndarray]:
    """The statistics as ``esda`` has them; permutations are our own, since its take the global random state."""
    from esda import Moran as Global
    from esda import Moran_Local as Local

    kept = np.array(neighbours.areas, dtype=object)[keep]
    one = Neighbours(tuple(kept), neighbours.matrix[keep][:, keep], neighbours.method, ())
    weights = one.weights
    return float(Global(y, weights, permutations=0).I), np.asarray(Local(y, weights, permutations=0).Is)


def _global(
    z: np.ndarray, weights: scipy.sparse.csr_array, statistic: float, expected: float, count: int,
    rng: np.random.Generator,
) -> float:  # fmt: skip
    shuffled = rng.permuted(np.broadcast_to(z, (count, len(z))), axis=1)
    drawn = np.einsum("pi,ip->p", shuffled, weights @ shuffled.T) / (z @ z)
    far = np.abs(drawn - expected) >= abs(statistic - expected) - 1e-12
    return float((far.sum() + 1) / (count + 1))


def _local(z: np.ndarray, weights: scipy.sparse.csr_array, count: int, rng: np.random.Generator) -> np.ndarray:
    """Each area's two-sided p, its own value held and its neighbours drawn from all the others."""
    n = len(z)
    degree = np.diff(weights.indptr)
    most = int(degree.max())
    order = rng.random((count, n - 1))
    near = np.argpartition(order, min(most, n - 2), axis=1)[:, :most]
    near = np.take_along_axis(near, np.argsort(np.take_along_axis(order, near, axis=1), axis=1), axis=1)
    p = np.ones(n)
    for i in range(n):
        own = weights.data[weights.indptr[i] : weights.indptr[i + 1]]
        others = near[:, : degree[i]]
        drawn = z[others + (others >= i)] @ own  # skips the area itself
        lag = own @ z[weights.indices[weights.indptr[i] : weights.indptr[i + 1]]]
        tail = min((drawn >= lag - 1e-12).sum(), (drawn <= lag + 1e-12).sum())
        p[i] = min(1.0, 2 * (tail + 1) / (count + 1))
    return p
