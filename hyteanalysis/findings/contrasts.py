"""Comparisons of groups, areas and periods, each with the interval of the comparison itself."""

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from hyteanalysis.findings.model import Contrast

if TYPE_CHECKING:
    from hyteanalysis.findings.kept import Kept

Z = 1.959963984540054
WHOLE = "SSS"
YEARS_BACK = 5


def standard_error(rows: pd.DataFrame, kind: str, scale: float) -> np.ndarray:
    """The cells' standard errors, else those their published limits imply on the indicator's natural scale."""
    y = rows["estimate"].to_numpy(dtype=float)
    given = rows["se"].to_numpy(dtype=float) if "se" in rows else np.full(len(rows), np.nan)
    if not {"lower", "upper"} <= set(rows):
        return given
    low, high = rows["lower"].to_numpy(dtype=float), rows["upper"].to_numpy(dtype=float)
    implied = (high - low) / (2 * Z)
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "proportion":
            p, l, u = y / scale, low / scale, high / scale
            natural = scale * p * (1 - p) * (np.log(u / (1 - u)) - np.log(l / (1 - l))) / (2 * Z)
        elif kind == "rate":
            natural = y * np.log(high / low) / (2 * Z)
        else:
            natural = implied
    implied = np.where(np.isfinite(natural) & (natural > 0), natural, implied)
    return np.where(np.isfinite(given), given, implied)


def p_equal(y: np.ndarray, se: np.ndarray) -> float:
    """Cochran's Q against χ²: how often chance alone would spread equal groups this far."""
    if len(y) < 2 or not np.all(se > 0):
        return float("nan")
    weight = 1 / se**2
    mean = (weight * y).sum() / weight.sum()
    return float(chdtrc(len(y) - 1, (weight * (y - mean) ** 2).sum()))


def _ordered(rows: pd.DataFrame) -> bool:
    return "order" in rows and bool(rows["order"].notna().all())


def _pair(usable: pd.DataFrame, estimate_is_worst_first: pd.Series) -> tuple[str, str]:
    """The two groups that D and R compare."""
    by = usable["order"].astype("float64") if _ordered(usable) else -estimate_is_worst_first
    return str(usable.loc[by.idxmin(), "group"]), str(usable.loc[by.idxmax(), "group"])


def gaps(usable: pd.DataFrame, known: "Kept", chance: float) -> dict[str, Contrast]:
    """Difference and ratio of the extreme groups; ``chance`` is the p-value of equal groups."""
    if len(usable) < 2:
        return {}
    first = usable.iloc[0]
    pair = _pair(usable, usable["estimate"] * (-1 if known.meta["favourable"] else 1))
    level = usable.set_index("group")["estimate"]
    found: dict[str, Contrast] = {}
    for row in known.gap(first["dimension"], first["area"], first["period"]):
        if pd.isna(row["estimate"]):
            continue
        null = 0.0 if row["measure"] == "D" else 1.0
        bounded = bool(np.isfinite(row["lower"]) and np.isfinite(row["upper"]))
        clear = bounded and not row["lower"] <= null <= row["upper"] and (_ordered(usable) or chance < 0.05)
        verdict = "no_clear_difference" if bounded else "unknown"
        if clear:
            positive = row["estimate"] > 0 if row["measure"] == "D" else found["D"].estimate > 0
            verdict = "worse" if positive else "reversed"
        found[row["measure"]] = Contrast(
            pair,
            (float(level[pair[0]]), float(level[pair[1]])),
            float(row["estimate"]),
            float(row["lower"]),
            float(row["upper"]),
            clear,
            verdict,
        )
    return found


def people(usable: pd.DataFrame, meta: dict[str, Any], adverse: bool) -> float | None:
    """Σ N max(0, y − y_best)/scale; for shares and rates whose groups all have a population."""
    if len(usable) < 2 or meta["kind"] not in ("proportion", "rate") or "population" not in usable:
        return None
    if usable["population"].isna().any():
        return None
    badness = usable["estimate"] * (1 if adverse else -1)
    return float((usable["population"] * (badness - badness.min())).sum() / float(meta["scale"]))


def against_whole(known: "Kept", hierarchy: pd.DataFrame, candidates: tuple[str, str], period: str) -> Contrast | None:
    """The area's total against the whole's, reckoning with the area being part of the whole."""
    meta, totals = known.meta, known.rows("total")
    totals = totals[(totals["period"] == period) & totals["estimate"].notna()]
    totals = totals.drop_duplicates("area").set_index("area", drop=False)
    here = next((area for area in candidates if area in totals.index), None)
    whole = _top(hierarchy, candidates[0], set(totals.index))
    if here is None or whole is None or here == whole:
        return None
    both = totals.loc[[here, whole]]
    y, se = both["estimate"].to_numpy(dtype=float), standard_error(both, str(meta["kind"]), float(meta["scale"]))
    share = 0.0
    for column in ("population", "respondents"):
        if column in both and both[column].notna().all() and both[column].iloc[1] > 0:
            share = min(float(both[column].iloc[0] / both[column].iloc[1]), 1.0)
            break
    half = half_width(se[0], se[1], share)
    gap = float(y[0] - y[1])
    bounded = bool(np.isfinite(half))
    clear = bounded and abs(gap) > half
    verdict = "no_clear_difference" if bounded else "unknown"
    if clear:
        verdict = "weaker" if (gap > 0) != bool(meta["favourable"]) else "better"
    return Contrast((here, whole), (float(y[0]), float(y[1])), gap, gap - half, gap + half, clear, verdict)


def half_width(se: float, se_whole: float, share: float) -> float:
    """Half the 95 % interval of a part against the whole it makes ``share`` of: var = s² + s_w² − 2 f s²."""
    variance = max(se**2 + se_whole**2 - 2 * share * se**2, ((1 - share) * se) ** 2)
    return Z * float(np.sqrt(variance)) if np.isfinite(variance) else float("nan")


def _top(hierarchy: pd.DataFrame, area: str, known: set[str]) -> str | None:
    """The whole country, else the uppermost area above this one in the release's own hierarchy."""
    if WHOLE in known:
        return WHOLE
    above = hierarchy.dropna(subset=["parent"]).groupby("area")["parent"].first().to_dict()
    seen = {area}
    while area in above and above[area] not in seen:
        area = above[area]
        seen.add(area)
    return area if area in known else None


def last_year(period: str) -> int | None:
    """The last year named in a period.

    >>> last_year("2021-2023"), last_year("wave 3")
    (2023, None)
    """
    years = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", period)
    return int(years[-1]) if years else None


def earlier_period(periods: list[str], period: str) -> str | None:
    """The period nearest to five years back, from three to seven years.

    >>> earlier_period(["2015", "2018", "2020", "2022"], "2022")
    '2018'
    """
    now = last_year(period)
    back = {p: now - year for p in periods if now is not None and (year := last_year(p)) is not None}
    near = {p: abs(years - YEARS_BACK) for p, years in back.items() if 3 <= years <= 7}
    return min(near, key=lambda p: (near[p], p)) if near else None


def compared_periods(here: pd.DataFrame, period: str) -> tuple[str | None, str]:
    """The earlier period with a number that a period is compared with, and the period."""
    return earlier_period(sorted(here.loc[here["estimate"].notna(), "period"].unique()), period), period


def change(here: pd.DataFrame, usable: pd.DataFrame, known: "Kept", period: str) -> tuple[Contrast | None, bool]:
    """Change of the difference, between the same groups only; and whether the periods may be compared at all."""
    earlier, period = compared_periods(here, period)
    if earlier is None or len(usable) < 2:
        return None, True
    changed = break_year(known.meta)
    if changed is not None and (last_year(earlier) or 0) < changed <= (last_year(period) or 0):
        return None, False
    before = here[(here["period"] == earlier) & here["estimate"].notna()]
    if _ordered(usable):
        ends = usable["order"].agg(["min", "max"])
        usable = usable[usable["order"].isin(ends)]
        before = before[before["group"].isin(usable["group"])]
    if set(before["group"]) != set(usable["group"]):
        return None, True
    row = known.change(usable["dimension"].iloc[0], usable["area"].iloc[0], earlier, period)
    if row is None or pd.isna(row["change"]):
        return None, True
    verdict = str(row["verdict"]) if np.isfinite(row["lower"]) else "unknown"
    return (
        Contrast(
            (earlier, period),
            (float(row["start"]), float(row["end"])),
            float(row["change"]),
            float(row["lower"]),
            float(row["upper"]),
            verdict in ("narrowed", "widened", "reversed"),
            verdict,
        ),
        True,
    )


def break_year(meta: dict[str, Any]) -> int | None:
    """Year from which an indicator is not comparable with earlier ones (optional ``break_year`` of its metadata)."""
    value = meta.get("break_year")
    return None if value is None or value != value or value is pd.NA else int(value)
