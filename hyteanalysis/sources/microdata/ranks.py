"""Individual-level concentration and slope indices: mid-ranks over distinct values, computed on the engine."""

from collections.abc import Mapping
from typing import Any

import ibis
import numpy as np
import pandas as pd

from hyteanalysis import areas as area_codes
from hyteanalysis import uncertainty
from hyteanalysis.errors import MeasureError, TidyError, counted, one_of
from hyteanalysis.sources.microdata.question import Outcome, question, read
from hyteanalysis.sources.microdata.run import placed
from hyteanalysis.sources.microdata.source import fetched, opened
from hyteanalysis.sources.microdata.stage import named, prepared

MEASURES = ("ACI", "RCI", "SII")
_KEYS = ["area", "period"]


def concentration(
    source: Any,
    *,
    rank_by: str | Mapping[str, str],
    outcomes: Mapping[str, str | Outcome],
    weight: str | None = None,
    area: str | None = "area",
    period: str | None = "period",
    hierarchy: "str | pd.DataFrame | None" = None,
    year: int = 2025,
    engine: Any = "duckdb",
    level: float = 0.95,
    table: str | None = None,
    memory_limit: str | None = None,
    threads: int | None = None,
) -> pd.DataFrame:
    """Concentration and slope indices of person rows, by area and period, without a person leaving the engine.

    Answers: *how does the outcome lean with rank, from the lowest to the highest income?* People are ranked in their
    area and period by ``rank_by``; equal values share the mid-rank R(v) = P(V < v) + ½P(V = v). Rows are first summed
    to distinct values, so that ties have one rank whatever the order of rows, and the numbers do not change from run to
    run.

    * ACI = 2·cov(y, R) = 2E[yR] − μ
    * RCI = ACI/μ
    * SII = cov(y, R)/var(R), the linear slope from the bottom (R = 0) to the top (R = 1)

    Parameters
    ----------
    source, engine, table, memory_limit, threads
        As of ``hyte.aggregate``.
    rank_by : str or {name: column}
        Number to rank by. Rows where it is empty are left out.
    outcomes : mapping {indicator: column or Outcome}
        Proportions, means, or rates and counts of one person-time each; ``scale`` multiplies ACI and SII.
    weight : str, optional
        Column with the weight.
    area, period : str, optional
        Columns; without them everything is ``SSS``, ``all``.
    hierarchy : "official", DataFrame (area, parent), optional
        Adds the areas above, people ranked anew within each.
    year : int
        Year of the official hierarchy.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        ``indicator, area, period, dimension, measure, estimate, se, lower, upper, level, method, population,
        respondents, note``, a row a measure. Estimates are empty, with the reason, where everybody has the same rank.

    Raises
    ------
    TidyError, MeasureError, SourceError
        As of ``hyte.aggregate``; also an outcome with an exposure.

    Notes
    -----
    Standard errors are linearised, ranks being estimated too: the influence of a person with value v and outcome y on
    E[yR] is yR(v) + E[y(1{V > v} + ½1{V = v})]. People are taken as independent; with strata or clusters they are too
    small. Not for an ordered group of few levels, for which ``hyte.disparity`` has the measures. Kakwani, Wagstaff &
    van Doorslaer 1997.

    Examples
    --------
    >>> import pandas as pd
    >>> from hyteanalysis.sources.microdata import concentration
    >>> people = pd.DataFrame({"euros": [10, 20, 20, 30], "ill": [1, 1, 0, 0]})
    >>> concentration(people, rank_by="euros", outcomes={"illness": "ill"})[["measure", "estimate"]]
      measure  estimate
    0     ACI -0.187500
    1     RCI -0.375000
    2     SII -1.333333
    """
    wanted = read(outcomes, {})
    for name, outcome in wanted.items():
        if outcome.exposure:
            raise MeasureError(
                f"{name}: ranks are of people; an exposure does not apply. Use hyte.aggregate by quantile."
            )
    with opened(source, engine=engine, table=table, memory_limit=memory_limit, threads=threads) as held:
        asked = question(
            held.table, by=(), outcomes=wanted, weight=weight, area=area, period=period, strata=None, cluster=None,
            rank_by=rank_by, schema=None,
        )  # fmt: skip
        asked.check(held.table, csv=held.csv)
        assert asked.rank is not None
        rows = prepared(held, asked)
        rows = rows.mutate(area=named(rows.area), period=named(rows.period))
        rows = rows if weight else rows.mutate(w=ibis.literal(1.0))
        _check(rows, weight)
        links = _links(rows, hierarchy, year)
        frames = []
        for place, (name, outcome) in enumerate(wanted.items()):
            sums = _sums(rows.filter(rows.r.notnull() & rows[f"y{place}"].notnull()), f"y{place}", links)
            frames.append(_measured(sums, outcome, level).assign(indicator=name, dimension=asked.rank[0]))
    found = pd.concat(frames, ignore_index=True)
    columns = [
        *("indicator", "area", "period", "dimension", "measure", "estimate", "se", "lower", "upper", "level", "method"),
        *("population", "respondents", "note"),
    ]
    return found[columns]


def _check(rows: Any, weight: str | None) -> None:
    """Refuse empty places and faulty weights before the ranks are made."""
    counts = {f"empty_{key}": rows[key].isnull().sum() for key in _KEYS}
    row = fetched(rows.aggregate(**counts, least=rows.w.min(), lost=rows.w.isnull().sum())).iloc[0]
    for key in _KEYS:
        if row[f"empty_{key}"]:
            raise TidyError(f"The column of {key} is empty on {int(row[f'empty_{key}']):,} rows. Every row needs it.")
    if row["lost"]:
        raise TidyError(f"Column {weight!r} is empty on {counted(row['lost'], 'row')}. Every row has a weight.")
    if row["least"] < 0:
        raise TidyError(f"Column {weight!r}, value {row['least']:g}: is below zero. Weights are 0 or more.")


def _links(rows: Any, hierarchy: "str | pd.DataFrame | None", year: int) -> pd.DataFrame | None:
    codes = fetched(rows.select("area").distinct())["area"].tolist()
    if hierarchy is None:
        own = placed(codes, year=None, level=None, tree=None)[["area", "target"]]
        return None if (own["area"] == own["target"]).all() else own
    if isinstance(hierarchy, str):
        one_of(hierarchy, ("official",), "hierarchy (besides a frame area, parent)", MeasureError)
        hierarchy = area_codes.hierarchy(year)
        own = placed(codes, year=year, level=None, tree=hierarchy)
    else:
        own = placed(codes, year=None, level=None, tree=None)
    above = area_codes.ancestry(hierarchy).rename(columns={"ancestor": "above", "area": "target"})
    above = own.merge(above, on="target").drop(columns="target").rename(columns={"above": "target"})
    return pd.concat([own, above], ignore_index=True)[["area", "target"]]


def _sums(rows: Any, outcome: str, links: pd.DataFrame | None) -> pd.DataFrame:
    """Moments of outcome, rank and influence by area and period: distinct values, then windows over them."""
    y, w = rows[outcome], rows.w
    values = rows.group_by([*_KEYS, "r"]).aggregate(
        n=rows.count(), w=w.sum(), t=(w * y).sum(), s=(w * w).sum(), sy=(w * w * y).sum(), syy=(w * w * y * y).sum()
    )
    if links is not None:
        values = values.inner_join(ibis.memtable(links.astype("object")), "area").drop("area").rename(area="target")
        added = {name: values[name].sum() for name in ("n", "w", "t", "s", "sy", "syy")}
        values = values.group_by([*_KEYS, "r"]).aggregate(**added)
    upto = ibis.window(group_by=_KEYS, order_by="r", preceding=None, following=0)
    whole = ibis.window(group_by=_KEYS)
    values = values.mutate(
        cw=values.w.sum().over(upto), ct=values.t.sum().over(upto), people=values.w.sum().over(whole),
        total=values.t.sum().over(whole),
    )  # fmt: skip
    people = values.people.nullif(0.0)  # Spark refuses to divide by zero
    # R − ½, the centred mid-rank, and the outcome's sum above the value, its own half
    values = values.mutate(
        rank=(values.cw - values.w / 2) / people - 0.5,
        above=(values.total - values.ct + values.t / 2) / people,
    )
    ranks = values.w * values["rank"]
    values = values.mutate(
        cr=ranks.sum().over(upto), wr=ranks,
        cov=(values.t * values["rank"]).sum().over(whole) / people,
        var=(ranks * values["rank"]).sum().over(whole) / people, mu=values.total / people,
    )  # fmt: skip
    values = values.mutate(ranks_above=(values.wr / 2 - values.cr) / people)  # centred ranks sum to 0
    # influence of (v, y): on cov α y + β with α = rank; on var; on μ it is y − μ
    on_cov = values.above - values.mu / 2 - 2 * values["cov"]
    on_var = values["rank"] * values["rank"] + 2 * values.ranks_above - 3 * values["var"]
    centre, mean, spread = values["rank"], values.mu.nullif(0.0), values["var"].nullif(0.0)

    def squared(slope: Any, level: Any) -> Any:
        return (slope * slope * values.syy + 2 * slope * level * values.sy + level * level * values.s).sum()

    ratio = values["cov"] / spread
    sums = {
        "n": values.n.sum(), "w": values.w.sum(), "mu": values.mu.max(), "cov": values["cov"].max(),
        "var": values["var"].max(), "values": values.count(), "aci": squared(2 * centre, 2 * on_cov),
        "rci": squared(
            (2 * centre - 2 * values["cov"] / mean) / mean,
            (2 * on_cov + 2 * values["cov"]) / mean,
        ),
        "sii": squared(centre / spread, (on_cov - ratio * on_var) / spread),
    }  # fmt: skip
    frame = fetched(values.group_by(_KEYS).aggregate(**sums))
    numbers = {name: frame[name].astype("float64") for name in sums}
    texts = {key: frame[key].astype("str") for key in _KEYS}
    return pd.DataFrame({**texts, **numbers}).sort_values(_KEYS, ignore_index=True)


def _measured(sums: pd.DataFrame, outcome: Outcome, level: float) -> pd.DataFrame:
    n, w, mu, cov = (sums[name].to_numpy() for name in ("n", "w", "mu", "cov"))
    same = sums["values"].to_numpy() < 2
    with np.errstate(divide="ignore", invalid="ignore"):
        var = np.where(same, np.nan, sums["var"].to_numpy())
        value = {
            "ACI": 2 * cov * outcome.scale,
            "RCI": 2 * cov / np.where(mu > 0, mu, np.nan),
            "SII": cov / var * outcome.scale,
        }
        error = {
            name: np.sqrt(np.maximum(sums[name.lower()].to_numpy(), 0) * n / (n - 1)) / w * scale
            for name, scale in (("ACI", outcome.scale), ("RCI", 1.0), ("SII", outcome.scale))
        }
    frames = []
    for number, name in enumerate(MEASURES):
        estimate = np.where(same, np.nan, value[name])
        se = np.where(np.isfinite(estimate) & (n > 1), error[name], np.nan)
        lower, upper = uncertainty.wald(estimate, se, level)
        reason = np.where(
            same, "Everybody has the same rank.", np.where(np.isnan(estimate), "The mean is not above 0.", "")
        )
        frame = sums[_KEYS].assign(
            measure=name, estimate=estimate, se=se, lower=lower, upper=upper, level=level, method="linearised",
            population=w, respondents=n, note=pd.Series(reason, dtype="str"), _order=number,
        )  # fmt: skip
        frames.append(frame)
    return pd.concat(frames).sort_values([*_KEYS, "_order"], ignore_index=True).drop(columns="_order")
