"""From the finest sums to the sums of each table: larger areas, dropped dimensions, and the design's coefficients."""

from typing import Any

import ibis
import pandas as pd

from hyteanalysis.cells import CROSS, TOTAL
from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.sources.microdata.question import Question
from hyteanalysis.sources.microdata.source import fetched

LONELY = ("fail", "remove", "certainty", "adjust")
PLAIN = ("rows", "n", "y", "q", "x")
DESIGN = ("t", "v")
SQUARES = ("a", "b", "d")


def strata(made: Any, asked: Question, lonely: str) -> Any:
    """``h, factor, inverse``: n/(n − 1) and 1/n of each stratum's sampling units in the whole data."""
    one_of(lonely, LONELY, "lonely", MeasureError)
    if asked.cluster:
        units = made.select("h", "c").distinct().group_by("h").aggregate(n=lambda table: table.count())
    else:
        units = made.group_by("h").aggregate(n=made.rows.sum())
    frame = fetched(units).sort_values("h").astype({"h": "object"})
    n = frame["n"].astype("float64")
    if lonely == "fail" and (n == 1).any():
        raise MeasureError(
            f"{int((n == 1).sum())} strata hold one sampling unit (the first is {frame.loc[n == 1, 'h'].iloc[0]!r}), "
            "which tells nothing of their variance. Join them with a like stratum, or choose lonely='adjust', 'remove' "
            "or 'certainty'."
        )
    alone = 1.0 if lonely == "adjust" else 0.0
    frame["factor"] = (n / (n - 1).where(n > 1, 1.0)).where(n > 1, alone)
    frame["inverse"] = (1 / n).where(n > 1, 0.0)
    return ibis.memtable(frame[["h", "factor", "inverse"]])


def margin(made: Any, asked: Question, names: tuple[str, ...], links: pd.DataFrame | None, layers: Any) -> pd.DataFrame:
    """Sums of one table by ``area, period, group``; of a design also A, B, D and degrees of freedom.

    With cluster sums t (of wy) and v (of wx), A = Σ_h n/(n−1)·[Σ t² − (Σ t)²/n], B the same of t·v, D of v·v, so that
    the variance of the ratio r = Σt/Σv is (A − 2rB + r²D)/(Σv)².
    """
    groups = [f"g_{name}" for name in names]
    table = made.filter([made[group].notnull() for group in groups]) if groups else made
    if links is not None:
        joined = table.inner_join(ibis.memtable(links.astype("object")), "area")
        table = joined.drop("area").rename(area="target")
    keys = ["area", "period", *groups]
    if not asked.designed:
        found = table.group_by(keys).aggregate(**_added(table, PLAIN))
    else:
        if asked.cluster:
            table = table.group_by([*keys, "h", "c"]).aggregate(**_added(table, (*PLAIN, *DESIGN)))
            table = table.mutate(**_squares(table, len(asked.outcomes)), units=ibis.literal(1))
        else:
            table = table.mutate(units=table.rows)
        table = table.group_by([*keys, "h"]).aggregate(
            **_added(table, (*PLAIN, *DESIGN, *SQUARES)), units=table.units.sum()
        )
        table = table.inner_join(layers, "h")
        sums = _added(table, (*PLAIN, *DESIGN))
        for place in range(len(asked.outcomes)):
            pairs = {"a": ("t", "t"), "b": ("t", "v"), "d": ("v", "v")}
            for square, (one, other) in pairs.items():
                between = table[f"{one}{place}"] * table[f"{other}{place}"] * table.inverse
                sums[f"{square}{place}"] = (table.factor * (table[f"{square}{place}"] - between)).sum()
        found = table.group_by(keys).aggregate(**sums, free=table.units.sum() - table.count())
    found = found.mutate(group=_joined(found, groups)).drop(*groups)
    frame = fetched(found)
    texts = {key: frame[key].astype("str") for key in ("area", "period", "group")}
    numbers = {column: frame[column].astype("float64") for column in frame if column not in texts}
    return pd.DataFrame({**texts, **numbers})


def _joined(table: Any, groups: list[str]) -> Any:
    """The crossed group's code, such as ``low × women``."""
    if not groups:
        return ibis.literal(TOTAL)
    first, *rest = (table[group] for group in groups)
    for other in rest:
        first = first + CROSS + other
    return first


def _added(table: Any, wanted: tuple[str, ...]) -> dict[str, Any]:
    """Sums of the additive columns: a name of ``wanted`` with its outcome's number."""
    return {
        column: table[column].sum() for column in table.columns if column == "rows" or (
            column.rstrip("0123456789") in wanted and column[-1].isdigit()
        )
    }  # fmt: skip


def _squares(table: Any, outcomes: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for place in range(outcomes):
        t, v = table[f"t{place}"], table[f"v{place}"]
        found |= {f"a{place}": t * t, f"b{place}": t * v, f"d{place}": v * v}
    return found


def people(made: Any, links: pd.DataFrame | None) -> "pd.Series[float]":
    """All rows of each area and period, whatever their groups."""
    table = made.select("area", "period", "rows")
    if links is not None:
        table = table.inner_join(ibis.memtable(links.astype("object")), "area").drop("area").rename(area="target")
    frame = fetched(table.group_by(["area", "period"]).aggregate(rows=table.rows.sum()))
    frame = frame.astype({"area": "str", "period": "str", "rows": "float64"})
    return frame.set_index(["area", "period"])["rows"]
