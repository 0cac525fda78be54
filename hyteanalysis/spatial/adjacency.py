"""Which areas are neighbours: by shared boundaries, by nearest centre points, or by lying in the same larger area."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse

from hyteanalysis import areas as areal
from hyteanalysis.errors import MeasureError, counted, one_of

METHODS = ("queen", "rook", "nearest", "same")
ISLANDS = ("refuse", "keep", "nearest")
METRES = 3067  # EPSG code of the Finnish national plane


@dataclass(frozen=True)
class Neighbours:
    """Neighbour relations of areas.

    Attributes
    ----------
    areas : tuple of str
    matrix : sparse array, areas × areas
        1 where two areas are neighbours; symmetric, 0 on the diagonal.
    method : str
    islands : tuple of str
        Areas without neighbours, which measures leave out by name.
    """

    areas: tuple[str, ...]
    matrix: scipy.sparse.csr_array
    method: str
    islands: tuple[str, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """``area, neighbour``, one row a pair and direction."""
        at = self.matrix.tocoo()
        names = np.array(self.areas, dtype=object)
        pairs = pd.DataFrame({"area": names[at.row], "neighbour": names[at.col]})
        return pairs.sort_values(["area", "neighbour"], ignore_index=True).astype("str")

    @property
    def weights(self) -> Any:
        """The relations as a ``libpysal`` weights object, each area's neighbours weighing 1 together."""
        from libpysal.weights import W

        rows = self.matrix
        near = {area: [self.areas[j] for j in rows.indices[rows.indptr[i] : rows.indptr[i + 1]]]
                for i, area in enumerate(self.areas)}  # fmt: skip
        made = W(near, id_order=list(self.areas), silence_warnings=True)
        made.transform = "r"
        return made


def neighbours(
    areas: "Sequence[str] | Any",
    *,
    method: str | None = None,
    k: int = 5,
    same: str = "subregion",
    islands: str = "refuse",
    year: int = 2025,
) -> Neighbours:
    """Neighbours of each area.

    Answers: *which areas lie next to each other?*

    Parameters
    ----------
    areas : list of str, or GeoDataFrame
        Official codes; or boundaries with a column ``area``.
    method : {"queen", "rook", "nearest", "same"}, optional
        ``queen``: a shared point of the boundary; ``rook``: a shared stretch (both need boundaries). ``nearest``: the
        ``k`` nearest centre points, either way round. ``same``: areas in the same larger area, of the level ``same``
        (``subregion, region, county, collaborative``), by the municipality key. By default queen with boundaries, else
        nearest.
    k : int
    same : str
    islands : {"refuse", "keep", "nearest"}
        What to do with areas without neighbours: refuse and name them; keep them without; or join each to the area
        whose centre is nearest.
    year : int
        Year of the area division.

    Returns
    -------
    Neighbours

    Raises
    ------
    MeasureError
        Islands (unless told otherwise), areas without a centre point or without a larger area, fewer than three areas.

    Notes
    -----
    Centre points are those of ``hyte.areas.reference``. Administrative neighbours are no measure of how people move.

    Examples
    --------
    >>> from hyteanalysis import spatial
    >>> found = spatial.neighbours(["KU285", "KU286", "KU935", "KU142", "KU405"], method="nearest", k=2)
    >>> found.frame.loc[found.frame["area"] == "KU285", "neighbour"].tolist()
    ['KU142', 'KU286', 'KU935']
    """
    one_of(islands, ISLANDS, "islands", MeasureError)
    shapes: Any = areas if hasattr(areas, "geometry") else None
    method = one_of(method or ("queen" if shapes is not None else "nearest"), METHODS, "method", MeasureError)
    if shapes is not None and "area" not in shapes:
        raise MeasureError(f"Boundaries need a column 'area'; they have {', '.join(map(str, shapes.columns))}.")
    codes = tuple(str(code) for code in (shapes["area"] if shapes is not None else areas))
    if len(codes) < 3 or len(set(codes)) < len(codes):
        raise MeasureError("Neighbours need at least three areas, each once.")
    if method in ("queen", "rook"):
        if shapes is None:
            raise MeasureError(f"method={method!r} needs boundaries: give them, or use 'nearest' or 'same'.")
        matrix = _touching(shapes, rook=method == "rook")
    elif method == "nearest":
        matrix = _nearest(_centres(codes, shapes, year), k, codes)
    else:
        matrix = _same(codes, same, year)
    alone = [code for code, count in zip(codes, matrix.sum(axis=1), strict=True) if count == 0]
    if alone and islands == "refuse":
        shown = ", ".join(alone[:10]) + (f" and {len(alone) - 10} more" if len(alone) > 10 else "")
        raise MeasureError(
            f"{counted(len(alone), 'area has', 'areas have')} "
            f"no neighbours: {shown}. Choose islands='nearest' (join each to the nearest "
            "area), or islands='keep' (they are left out by name)."
        )
    if alone and islands == "nearest":
        closest = _nearest(_centres(codes, shapes, year), 1, codes)
        chosen = np.isin(codes, alone)
        joined = scipy.sparse.diags_array(chosen.astype(float)) @ closest
        matrix = matrix + joined + joined.T
        alone = []
    matrix = scipy.sparse.csr_array((matrix > 0).astype(float))
    matrix.sort_indices()
    return Neighbours(codes, matrix, method, tuple(alone))


def _touching(shapes: Any, *, rook: bool) -> scipy.sparse.csr_array:
    from libpysal.graph import Graph

    graph = Graph.build_contiguity(shapes.reset_index(drop=True), rook=rook, strict=True)
    matrix = scipy.sparse.csr_array(graph.sparse)
    matrix.setdiag(0)
    matrix.eliminate_zeros()
    return matrix


def _centres(codes: tuple[str, ...], shapes: Any, year: int) -> np.ndarray:
    """Centre points in metres."""
    import geopandas

    if shapes is not None:
        plane = shapes.to_crs(METRES) if shapes.crs is not None else shapes
        points = plane.geometry.representative_point()
        return np.column_stack([points.x, points.y])
    table = areal.reference(year).set_index("area")
    unknown = [code for code in codes if code not in table.index or np.isnan(table.loc[code, "lon"])]
    if unknown:
        raise MeasureError(
            f"No centre point is known for {', '.join(unknown[:10])}. Give boundaries, or check the year."
        )
    rows = table.loc[list(codes)]
    points = geopandas.GeoSeries(geopandas.points_from_xy(rows["lon"], rows["lat"], crs=4326)).to_crs(METRES)
    return np.column_stack([points.x, points.y])


def _nearest(points: np.ndarray, k: int, codes: tuple[str, ...]) -> scipy.sparse.csr_array:
    from scipy.spatial import cKDTree

    if not 1 <= k < len(codes):
        raise MeasureError(f"k must be from 1 to {len(codes) - 1}, one less than the areas; not {k!r}.")
    found = cKDTree(points).query(points, k + 1)[1]
    rows = np.repeat(np.arange(len(points)), k + 1)
    made = scipy.sparse.csr_array((np.ones(rows.size), (rows, found.ravel())), shape=(len(points),) * 2)
    made.setdiag(0)
    made.eliminate_zeros()
    return made + made.T


def _same(codes: tuple[str, ...], level: str, year: int) -> scipy.sparse.csr_array:
    home = parents(codes, level, year)
    lost = [code for code, parent in zip(codes, home, strict=True) if parent is None]
    if lost:
        raise MeasureError(f"No {level} is known for {', '.join(lost[:10])} in {year}. Check the codes and the year.")
    code = pd.factorize(pd.Series(home))[0]
    member = scipy.sparse.csr_array((np.ones(len(code)), (np.arange(len(code)), code)))
    made = scipy.sparse.csr_array(member @ member.T)
    made.setdiag(0)
    made.eliminate_zeros()
    return made


def parents(codes: Sequence[str], level: str, year: int) -> list[str | None]:
    """The area of a level that each area lies in, by the municipality key; None where there is none."""
    one_of(level, ("subregion", "region", "county", "collaborative", "country"), "level", MeasureError)
    above = areal.ancestry(areal.hierarchy(year))
    wanted = above[above["ancestor"].map(areal.level) == level].drop_duplicates("area").set_index("area")["ancestor"]
    return [wanted.get(code) for code in codes]
