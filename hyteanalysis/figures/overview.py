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


def rows_of(found: list[Finding], totals: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """Of each indicator its groups, each ``against`` the whole population (weaker, better, same), and its gap."""
    keys = ["indicator", "area", "period"]
    meta = indicators.set_index("indicator")
    rows = pd.concat([one.groups for one in found], ignore_index=True).assign(measure="level")
    whole = totals[totals["estimate"].notna()].drop_duplicates(keys)
    both = rows[keys].merge(
        whole.assign(_se=_errors(whole, meta))[[*keys, "estimate", "_se", *(["population"] * ("population" in whole))]],
        on=keys,
        how="left",
        validate="many_to_one",
    )
    se, se_whole = _errors(rows, meta), both["_se"].to_numpy(dtype=float)
    share = np.zeros(len(rows))
    if "population" in rows and "population" in both:
        share = (rows["population"].to_numpy(dtype=float)) / both["population"].to_numpy(dtype=float)
    half = half_width(se, se_whole, np.where(np.isfinite(share), np.minimum(share, 1.0), 0.0))
    direction = np.where(rows["indicator"].map(meta["favourable"]).to_numpy(dtype=bool), -1, 1)
    apart = (rows["estimate"].to_numpy(dtype=float) - both["estimate"].to_numpy(dtype=float)) * direction
    said = np.where(np.abs(apart) <= half, "same", np.where(apart > 0, "weaker", "better"))
    rows["against"] = np.where(np.isfinite(half) & np.isfinite(apart), said, "")
    gaps = pd.DataFrame([_gap(one) for one in found if one.difference is not None])
    order = {one.indicator: i for i, one in enumerate(found)}
    table = pd.concat([rows, gaps], ignore_index=True) if len(gaps) else rows
    return table.sort_values("indicator", key=lambda column: column.map(order), kind="stable", ignore_index=True)


def _errors(rows: pd.DataFrame, meta: pd.DataFrame) -> np.ndarray:
    """Standard errors of rows of many indicators."""
    errors = np.full(len(rows), np.nan)
    kinds = rows["indicator"].map(meta["kind"]).astype(object), rows["indicator"].map(meta["scale"]).astype(float)
    for kind, scale in set(zip(*kinds, strict=True)):
        these = ((kinds[0] == kind) & (kinds[1] == scale)).to_numpy()
        errors[these] = standard_error(rows[these], str(kind), float(scale))
    return errors


def _gap(one: Finding) -> dict[str, object]:
    assert one.difference is not None
    first = one.groups.iloc[0]
    return {
        **{key: first[key] for key in ("indicator", "area", "period", "dimension")},
        "group": " − ".join(one.difference.between),
        "estimate": one.difference.estimate,
        "lower": one.difference.lower,
        "upper": one.difference.upper,
        "status": "ok",
        "measure": "D",
        "against": "",
    }


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
