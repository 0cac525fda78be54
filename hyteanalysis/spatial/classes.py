"""Municipal figures by kind of municipality: a social dimension where figures by group do not exist."""

from collections.abc import Mapping

import pandas as pd

from hyteanalysis.cells import tidy
from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.rates import grid
from hyteanalysis.rates.simple import crude, proportion


def by_class(
    cells: pd.DataFrame,
    classes: pd.DataFrame,
    *,
    dimension: str,
    area: str = "SSS",
    kind: str = "proportion",
    scale: float = 100,
    order: Mapping[str, int] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Sum municipal figures by a class of municipalities.

    Answers: *do people in rural (deprived) municipalities fare worse?* – people by the kind of place they live in.

    Formula: events and people are summed over the municipalities of a class, and the share or rate is that of the sums.

    Parameters
    ----------
    cells : DataFrame
        Tidy cells of municipalities, dimension ``total``, with ``events`` and ``population``.
    classes : DataFrame
        ``area`` and a column named as ``dimension``: :func:`hyte.areas.classes` has ``urbanity`` and
        ``language_class``; ``deprivation(…).classes`` has ``deprivation``.
    dimension : str
        The new dimension.
    area : str
        The area that the sums are of.
    kind : {"proportion", "rate"}
    scale : float
        Per how many people.
    order : mapping, optional
        Order of the classes, 1 = most disadvantaged; that of ``classes`` where it has a column ``order``.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Tidy cells of ``area`` by the new dimension. ``note`` names municipalities left out, without class or figure.

    Raises
    ------
    MeasureError
        Lacking columns, or no municipality with a class.

    Notes
    -----
    It compares places, not people: most of the deprived do not live in the most deprived municipalities, and the
    difference between persons is larger than that between places.

    Examples
    --------
    >>> import pandas as pd, hyteanalysis as hyte
    >>> cells = pd.DataFrame({"indicator": "i", "area": ["KU091", "KU005", "KU009"], "period": "2022",
    ...                       "dimension": "total", "group": "total", "estimate": [10.0, 20.0, 30.0],
    ...                       "events": [100, 20, 30], "population": [1000, 100, 100]})
    >>> hyte.spatial.by_class(cells, hyte.areas.classes(2025), dimension="urbanity")[["group", "estimate", "events"]]
             group  estimate  events
    0       rural      30.0    30.0
    1  semi-urban      20.0    20.0
    2       urban      10.0   100.0
    """
    one_of(kind, ("proportion", "rate"), "kind", MeasureError)
    grid.need(cells, ["indicator", "area", "period", "dimension", "events", "population"])
    grid.need(classes, ["area", dimension])
    totals = cells[cells["dimension"] == "total"]
    if totals.empty:
        raise MeasureError("The cells have no rows of dimension 'total': give the municipalities' own figures.")
    rows = totals.merge(classes[["area", dimension]], on="area", how="left", validate="many_to_one")
    known = rows[dimension].notna() & rows["events"].notna() & rows["population"].notna()
    if not known.any():
        raise MeasureError(f"No municipality of the cells has a {dimension} class and a figure.")
    keys = ["indicator", "period"]
    left = rows[~known].groupby(keys)["area"].agg(lambda codes: ", ".join(sorted(codes))).rename("_left").reset_index()
    summed = rows[known].rename(columns={dimension: "_class"})
    by = [*keys, "_class"]
    made = proportion(summed, by, scale=scale, level=level) if kind == "proportion" else crude(
        summed, by, per=scale, level=level
    )  # fmt: skip
    made = made.rename(columns={"_class": "group"}).merge(left, on=keys, how="left", validate="many_to_one")
    made["note"] = ("Without " + made.pop("_left")).fillna("")
    if order is None and "order" in classes:
        order = classes.dropna(subset=[dimension, "order"]).drop_duplicates(dimension).set_index(dimension)["order"]
    made["order"] = made["group"].map(dict(order) if order is not None else {}).astype("Int64")
    made = made.sort_values(["indicator", "period", "order", "group"], ignore_index=True)
    keep = ["indicator", "period", "group", "order", "estimate", "se", "lower", "upper", "population", "events", "note"]
    return tidy(made[[name for name in keep if name in made]], keys={"area": area, "dimension": dimension})
