"""Strata from person rows or from crossed cells: people, outcome and spread of each, all that the model needs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis.cells import CROSS, KEYS, check_indicators, cross, parts
from hyteanalysis.errors import MeasureError, counted, one_of
from hyteanalysis.rates import grid

Array = NDArray[np.float64]
KINDS = ("linear", "binary", "rate")


@dataclass(frozen=True)
class Strata:
    """Sufficient statistics of each stratum.

    Attributes
    ----------
    frame : DataFrame
        ``group`` and a column for each dimension.
    people : array
        People (linear, binary) or exposure (rate): the size of the stratum in the model.
    total : array
        Sum of the outcome, or events.
    within : float
        Sum of squared deviations within strata (linear).
    respondents : array
        People behind each stratum; empty where only a population is known.
    kind : {"linear", "binary", "rate"}
    scale : float
        What estimates are multiplied by to be in the outcome's unit.
    missing : int
        Person rows left out, or cells without a number.
    empty : int
        Combinations without people.
    """

    frame: pd.DataFrame
    people: Array
    total: Array
    within: float
    respondents: Array
    kind: str
    scale: float
    missing: int
    empty: int

    def design(self, names: Sequence[str]) -> Array:
        """The constant, and an indicator of every category of each dimension but one."""
        columns = [np.ones(len(self.frame))]
        for name in names:
            for kind in sorted(self.frame[name].unique())[1:]:
                columns.append((self.frame[name] == kind).to_numpy(dtype=float))
        return np.stack(columns, axis=1)


def gather(
    data: pd.DataFrame,
    *,
    outcome: str,
    strata: Sequence[str],
    kind: str | None,
    exposure: str | None,
    indicators: pd.DataFrame | None,
) -> Strata:
    """Strata of person rows, where ``data`` has the dimensions as columns; else of tidy cells crossed by them."""
    names = [strata] if isinstance(strata, str) else list(strata)
    if len(names) < 2 or len(set(names)) < len(names):
        raise MeasureError(f"strata must name at least two different dimensions; not {', '.join(names) or 'none'}.")
    if kind is not None:
        one_of(kind, KINDS, "kind", MeasureError)
    if set(KEYS) <= set(data.columns) and not set(names) <= set(data.columns):
        made = _of_cells(data, outcome, sorted(names), kind, indicators)
    else:
        made = _of_people(data, outcome, names, kind, exposure)
    for name in names:
        if made.frame[name].nunique() < 2:
            raise MeasureError(f"Dimension {name!r} does not vary: leave it out of strata.")
    if len(made.frame) < 3:
        raise MeasureError(
            f"Only {counted(len(made.frame), 'stratum has', 'strata have')} "
            "people: variance between them cannot be told."
        )
    return made


def _of_people(data: pd.DataFrame, outcome: str, names: list[str], kind: str | None, exposure: str | None) -> Strata:
    for column in [outcome, *names, *([exposure] if exposure else [])]:
        one_of(column, list(data.columns), "column", MeasureError)
    used = data[[outcome, *names, *([exposure] if exposure else [])]]
    rows = used[used.notna().all(axis=1)]
    y = pd.to_numeric(rows[outcome], errors="coerce").astype("float64")
    if y.isna().any():
        raise MeasureError(f"{outcome!r} holds {rows.loc[y.isna(), outcome].iloc[0]!r}, which is not a number.")
    if kind is None:
        kind = "rate" if exposure else "binary" if y.isin((0, 1)).all() else "linear"
    if kind == "binary" and not y.isin((0, 1)).all():
        raise MeasureError(f"kind='binary' needs 0 and 1; {outcome!r} holds {y[~y.isin((0, 1))].iloc[0]:g}.")
    if kind == "rate" and (exposure is None or (y < 0).any()):
        raise MeasureError("kind='rate' needs counts of events from 0 up, and exposure=, the person-years column.")
    size = pd.to_numeric(rows[exposure]).astype("float64") if exposure else pd.Series(1.0, index=rows.index)
    if (size <= 0).any():
        raise MeasureError(
            f"{exposure!r} is 0 or below on {counted((size <= 0).sum(), 'row')}: give person-years above 0."
        )
    keys = rows[names].astype("str")
    table = keys.assign(_y=y, _n=size, _one=1.0, _square=y**2).groupby(names, sort=True)[
        ["_y", "_n", "_one", "_square"]
    ].sum().reset_index()  # fmt: skip
    if kind == "linear":
        table["_n"] = table["_one"]
    within = float((table["_square"] - table["_y"] ** 2 / table["_one"]).sum())
    combinations = int(np.prod([keys[name].nunique() for name in names]))
    frame = table[names].copy()
    frame.insert(0, "group", table[names].agg(CROSS.join, axis=1))
    return Strata(
        frame, table["_n"].to_numpy(), table["_y"].to_numpy(), max(within, 0.0), table["_one"].to_numpy(), kind, 1.0,
        len(used) - len(rows), combinations - len(table),
    )  # fmt: skip


def _of_cells(
    cells: pd.DataFrame, outcome: str, names: list[str], kind: str | None, indicators: pd.DataFrame | None
) -> Strata:
    dimension = cross(names)
    one_of(outcome, sorted(cells["indicator"].unique()), "indicator", MeasureError)
    rows = cells[cells["indicator"] == outcome]
    one_of(dimension, sorted(rows["dimension"].unique()), "crossed dimension", MeasureError)
    rows = rows[rows["dimension"] == dimension].reset_index(drop=True)
    settings = rows[["area", "period"]].drop_duplicates()
    if len(settings) > 1:
        raise MeasureError(
            f"The cells hold {len(settings)} settings of {outcome!r} ({settings.iloc[0]['area']} "
            f"{settings.iloc[0]['period']}, …). Keep one area and one period."
        )
    scale = 1.0
    if indicators is not None:
        meta = check_indicators(indicators).set_index("indicator").loc[outcome]
        scale = float(meta["scale"])
        kind = kind or {"proportion": "binary", "rate": "rate"}.get(str(meta["kind"]), "linear")
    column = {name: grid.number(rows, name) for name in ("events", "population", "respondents", "estimate", "se")
              if name in rows}  # fmt: skip
    empty = np.full(len(rows), np.nan)
    respondents = column.get("respondents", empty)
    size = np.where(np.isnan(respondents), column.get("population", empty), respondents)
    if kind is None:
        kind = "binary" if "events" in column else "linear"
    if kind == "linear":
        spread = column.get("se", empty) ** 2 * size
        known = ~np.isnan(column["estimate"]) & ~np.isnan(spread) & (size > 0)
        total, within = column["estimate"] * size / scale, float((spread * (size - 1))[known].sum()) / scale**2
    else:
        total, within = column.get("events", empty), 0.0
        known = ~np.isnan(total) & (size > 0)
    if not known.any():
        need = "estimate, se and respondents" if kind == "linear" else "events, and respondents or population"
        raise MeasureError(f"No cell of {outcome!r} by {dimension} has {need}.")
    split = rows["group"].str.split(CROSS, expand=True, regex=False)
    split.columns = parts(dimension)
    frame = split.assign(group=rows["group"])[["group", *parts(dimension)]][known].reset_index(drop=True)
    combinations = int(np.prod([split[name].nunique() for name in split]))
    return Strata(
        frame, size[known], total[known], within, respondents[known], kind, scale, int((~known).sum()),
        combinations - len(rows),
    )  # fmt: skip
