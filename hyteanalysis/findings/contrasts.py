"""Comparisons of groups, areas and periods, each with the interval of the comparison itself."""

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hyteanalysis.findings.model import Contrast
from hyteanalysis.findings.rows import Row, column, ordered, with_number
from hyteanalysis.uncertainty import cell_errors, part_against_whole

if TYPE_CHECKING:
    from hyteanalysis.findings.lookup import Lookup

Z = 1.959963984540054
WHOLE = "SSS"
YEARS_BACK = 5
_READ = ("estimate", "se", "lower", "upper", "events", "respondents", "population")


def errors_of(rows: list[Row], meta: dict[str, Any]) -> np.ndarray:
    """Standard errors of some cells of one indicator: see :func:`hyteanalysis.uncertainty.cell_errors`."""
    known = {name: column(rows, name) for name in _READ}
    return cell_errors(known, str(meta["kind"]), float(meta["scale"])).se


def gaps(usable: list[Row], pair: list[dict[str, Any]], favourable: bool) -> dict[str, Contrast]:
    """Difference and ratio of the extreme groups, from their rows of ``released_gaps``, which say what is clear."""
    if len(usable) < 2:
        return {}
    in_order = ordered(usable)
    first, last = _extremes(usable, in_order, favourable)
    found: dict[str, Contrast] = {}
    for row in pair:
        if row["estimate"] != row["estimate"]:
            continue
        null = 0.0 if row["measure"] == "D" else 1.0
        bounded = bool(np.isfinite(row["lower"]) and np.isfinite(row["upper"]))
        clear = bounded and bool(row["clear"]) and not row["lower"] <= null <= row["upper"]
        verdict = "no_clear_difference" if bounded else "unknown"
        if clear:
            positive = row["estimate"] > 0 if row["measure"] == "D" else found["D"].estimate > 0
            verdict = "worse" if positive else "reversed"
        found[row["measure"]] = Contrast(
            (first["group"], last["group"]),
            (float(first["estimate"]), float(last["estimate"])),
            float(row["estimate"]),
            float(row["lower"]),
            float(row["upper"]),
            clear,
            verdict,
        )
    return found


def _extremes(usable: list[Row], in_order: bool, favourable: bool) -> tuple[Row, Row]:
    """The two groups that D and R compare: the ends of the order, else the worst and the best."""
    if in_order:
        return min(usable, key=lambda row: row["order"]), max(usable, key=lambda row: row["order"])
    badness = [row["estimate"] * (-1 if favourable else 1) for row in usable]
    return usable[int(np.argmax(badness))], usable[int(np.argmin(badness))]


def people(usable: list[Row], meta: dict[str, Any], adverse: bool) -> float | None:
    """Σ N max(0, y − y_best)/scale; for shares and rates whose groups all have a population."""
    if len(usable) < 2 or meta["kind"] not in ("proportion", "rate"):
        return None
    population = column(usable, "population")
    if np.isnan(population).any():
        return None
    badness = column(usable, "estimate") * (1 if adverse else -1)
    return float((population * (badness - badness.min())).sum() / float(meta["scale"]))


def against_whole(known: "Lookup", meta: dict[str, Any], candidates: tuple[str, str], period: str) -> Contrast | None:
    """The area's total against the whole's, reckoning with the area being part of the whole."""

    def total(area: str) -> Row | None:
        rows = with_number(known.rows.periods(meta["indicator"], "total", area).get(period, []))
        return rows[0] if rows else None

    here = next((area for area in candidates if total(area) is not None), None)
    whole = WHOLE if total(WHOLE) is not None else _top(known.hierarchy, candidates[0])
    if here is None or here == whole:
        return None
    both = [row for row in (total(here), total(whole)) if row is not None]
    if len(both) < 2:
        return None
    y, se = column(both, "estimate"), errors_of(both, meta)
    share = 0.0
    for name in ("population", "respondents"):
        part, all_of_it = column(both, name)
        if np.isfinite([part, all_of_it]).all() and all_of_it > 0:
            share = min(part / all_of_it, 1.0)
            break
    half = float(Z * part_against_whole(se[0], se[1], share))
    gap = float(y[0] - y[1])
    bounded = bool(np.isfinite(half))
    clear = bounded and abs(gap) > half
    verdict = "no_clear_difference" if bounded else "unknown"
    if clear:
        verdict = "weaker" if (gap > 0) != bool(meta["favourable"]) else "better"
    return Contrast((here, whole), (float(y[0]), float(y[1])), gap, gap - half, gap + half, clear, verdict)


def _top(hierarchy: pd.DataFrame, area: str) -> str:
    """The uppermost area above this one in the release's own hierarchy."""
    above = hierarchy.dropna(subset=["parent"]).groupby("area")["parent"].first().to_dict()
    seen = {area}
    while area in above and above[area] not in seen:
        area = above[area]
        seen.add(area)
    return area


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


def compared_periods(here: dict[str, list[Row]], period: str) -> tuple[str | None, str]:
    """The earlier period with a number that a period is compared with, and the period."""
    return earlier_period(sorted(one for one, rows in here.items() if with_number(rows)), period), period


def change(
    here: dict[str, list[Row]], usable: list[Row], known: "Lookup", meta: dict[str, Any], period: str
) -> tuple[Contrast | None, bool]:
    """Change of the difference, between the same groups only; and whether the periods may be compared at all."""
    earlier, period = compared_periods(here, period)
    if earlier is None or len(usable) < 2:
        return None, True
    changed = break_year(meta)
    if changed is not None and (last_year(earlier) or 0) < changed <= (last_year(period) or 0):
        return None, False
    before, now = {row["group"] for row in with_number(here[earlier])}, {row["group"] for row in usable}
    if ordered(usable):
        now = {row["group"] for row in _extremes(usable, True, bool(meta["favourable"]))}
        before &= now
    if before != now:
        return None, True
    row = known.change(meta["indicator"], usable[0]["dimension"], usable[0]["area"], earlier, period)
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
