"""The rows of a matrix: many indicators of one area, each group against the whole population, each with its gap."""

import numpy as np
import pandas as pd

from hyteanalysis.findings import Finding
from hyteanalysis.findings.contrasts import half_width, standard_error
from hyteanalysis.i18n import text


def by_theme(indicators: pd.DataFrame) -> list[str]:
    """Indicators in their order, those of one theme together."""
    if "theme" in indicators:
        order = {theme: i for i, theme in enumerate(dict.fromkeys(indicators["theme"]))}
        indicators = indicators.sort_values("theme", key=lambda column: column.map(order), kind="stable")
    return [str(one) for one in indicators["indicator"]]


def times(one: Finding) -> float:
    """How many times the smaller number the larger is."""
    return max(one.ratio.estimate, 1 / one.ratio.estimate) if one.ratio is not None else 0.0


def rows_of(one: Finding, totals: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """An indicator's groups, each against the whole population, and its gap."""
    meta = indicators.loc[indicators["indicator"] == one.indicator].iloc[0]
    kind, scale = str(meta["kind"]), float(meta["scale"])
    total = totals[
        (totals["indicator"] == one.indicator)
        & (totals["area"] == one.shown_area)
        & (totals["period"] == one.period)
        & totals["estimate"].notna()
    ]
    rows = one.groups.assign(measure="level", against="")
    if len(total):
        whole, error = total.iloc[0], standard_error(total, kind, scale)[0]
        errors = standard_error(rows, kind, scale)
        for at, (row, se) in enumerate(zip(rows.to_dict("records"), errors, strict=True)):
            if pd.isna(row["estimate"]):
                continue
            share = row.get("population", np.nan) / whole.get("population", np.nan)
            half = half_width(se, error, min(share, 1.0) if np.isfinite(share) else 0.0)
            apart = (row["estimate"] - whole["estimate"]) * (-1 if one.favourable else 1)
            said = "" if np.isnan(half) else "same" if abs(apart) <= half else "weaker" if apart > 0 else "better"
            rows.iloc[at, rows.columns.get_loc("against")] = said
    if one.difference is None:
        return rows
    gap = one.groups.iloc[:1][["indicator", "area", "period", "dimension"]].assign(
        group=" − ".join(one.difference.between),
        estimate=one.difference.estimate,
        lower=one.difference.lower,
        upper=one.difference.upper,
        status="ok",
        measure="D",
        against="",
    )
    return pd.concat([rows, gap], ignore_index=True)


def readable(found: list[Finding], table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """A row a group and a row a gap, with unit, comparison and change in words."""
    by_id = {one.indicator: one for one in found}
    lines = []
    for row in table.to_dict("records"):
        one = by_id[row["indicator"]]
        level = row["measure"] == "level"
        pair = row["group"].split(" − ")
        labels = [one.names.group(one.dimension, group, lang) for group in pair]
        verdict = one.change.verdict if one.change is not None else "none"
        status = "" if row["status"] == "ok" else text(f"table.status.{row['status']}", lang)
        said = text(f"figure.matrix.{row['against']}", lang) if row["against"] else status
        lines.append(
            {
                text("table.indicator", lang): one.names.indicator(one.indicator, lang),
                text("table.group", lang): labels[0]
                if level
                else text("table.gap", lang, first=labels[0], second=labels[-1]),
                text("table.figure", lang): row["estimate"] * one.unit.factor,
                text("table.lower", lang): row.get("lower", np.nan) * one.unit.factor,
                text("table.upper", lang): row.get("upper", np.nan) * one.unit.factor,
                text("table.unit", lang): one.unit.measure(lang) if level else one.unit.gap_measure(lang),
                text("table.against", lang): said
                if level
                else text(f"figure.verdict.{one.difference.verdict}", lang)
                if one.difference
                else "",
                text("table.change", lang): "" if level else text(f"figure.move.{verdict}", lang),
                text("table.reliability", lang): text(f"finding.reliability.{one.reliability.grade}", lang),
                text("table.status", lang): status,
            }
        )
    return pd.DataFrame(lines)
