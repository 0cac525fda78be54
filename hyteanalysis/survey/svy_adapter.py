"""The same estimates from the library ``svy`` (the extra ``survey``), for those who want a second opinion."""

from typing import Any

import numpy as np

from hyteanalysis.errors import MeasureError
from hyteanalysis.rates import grid
from hyteanalysis.rates.domains import Domains
from hyteanalysis.survey.design import Design

Array = grid.Array
LONELY: dict[str, Any] = {"fail": None, "adjust": "center", "average": "scale", "remove": "skip", "certainty": "skip"}


def by_svy(
    plan: Design, places: Domains, y: Array, x: Array, answered: grid.Truth, kind: str, fpc: list[str]
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Estimates, their covariance and degrees of freedom by domain."""
    try:
        import polars as pl
        import svy
    except ImportError as missing:
        raise MeasureError(
            "engine='svy' needs the library svy: install hyteanalysis[survey], or leave engine= out."
        ) from missing
    if len(plan.stages) > 2:
        raise MeasureError("engine='svy' takes at most two stages of clusters; leave engine= out.")
    width = len(str(len(places.keys)))
    columns: dict[str, Any] = {
        "y": np.where(answered, y, np.nan),
        "x": np.where(answered, x, np.nan),
        "w": plan.weight,
        "domain": [f"{number:0{width}d}" for number in places.code],
        "stratum": plan.stages[0].stratum[plan.stages[0].unit],
    }
    names = ["psu", "ssu"][: len(plan.stages)]
    columns |= {name: stage.unit for name, stage in zip(names, plan.stages, strict=True)}
    sizes = [f"{name}_population" for name in names][: len(fpc)]
    for name, stage in zip(sizes, plan.stages, strict=False):
        columns[name] = (stage.sampled / stage.fraction)[stage.stratum[stage.unit]]
    frame = pl.DataFrame(columns).with_columns(pl.col("y", "x").fill_nan(None))
    population: Any = None
    if len(sizes) == 2:
        population = svy.PopSize(psu=sizes[0], ssu=sizes[1])
    elif sizes:
        population = sizes[0]
    design = svy.Design(
        stratum="stratum", wgt="w", psu="psu", ssu="ssu" if len(names) == 2 else None, pop_size=population,
        singleton=LONELY[plan.lonely],
    )  # fmt: skip
    try:
        found = _asked(svy.Sample(frame, design).estimation, kind)
    except svy.SvyError as refusal:
        raise MeasureError(f"svy refuses this design: {refusal}") from refusal
    table = found.to_polars().to_pandas()
    order = table["domain"].astype(int).to_numpy()
    count = len(places.keys)
    value, df, covariance = np.full(count, np.nan), np.full(count, np.nan), np.full((count, count), np.nan)
    value[order], df[order] = table["est"], table["df"]
    covariance[np.ix_(order, order)] = np.asarray(found.covariance)
    return value, covariance, df


def _asked(estimation: Any, kind: str) -> Any:
    if kind == "ratio":
        return estimation.ratio("y", "x", by="domain", drop_nulls=True)
    return (estimation.total if kind == "total" else estimation.mean)("y", by="domain", drop_nulls=True)
