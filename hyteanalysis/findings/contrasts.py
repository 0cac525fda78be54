"""Comparisons of groups, areas and periods, each with the interval of the comparison itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import special

from hyteanalysis.findings.model import Contrast, Count
from hyteanalysis.findings.rows import Row, column, ordered, with_number
from hyteanalysis.findings.sentences import RATIOS
from hyteanalysis.inequality.changes import verdicts
from hyteanalysis.uncertainty import cell_errors, part_against_whole, two_sided

if TYPE_CHECKING:
    from hyteanalysis.findings.lookup import Lookup

LEVEL = 0.95
Z = 1.959963984540054
WHOLE = "SSS"
YEARS_BACK = 5
COUNTED = ("proportion", "rate")  # kinds of which people, or cases, can be counted
_READ = ("estimate", "se", "lower", "upper", "events", "respondents", "population")


def errors_of(rows: list[Row], meta: dict[str, Any]) -> np.ndarray:
    """Standard errors of some cells of one indicator: see :func:`hyteanalysis.uncertainty.cell_errors`."""
    known = {name: column(rows, name) for name in _READ}
    return cell_errors(known, str(meta["kind"]), float(meta["scale"])).se


# ---- of how many comparisons one was chosen


def quantile(comparisons: int, *, one_sided: bool = False) -> float:
    """How many standard errors limits lie off that hold for so many comparisons at once (Šidák 1967).

    >>> round(quantile(1), 2), round(quantile(10), 2)
    (1.96, 2.8)
    """
    share = LEVEL ** (1 / max(comparisons, 1))
    return float(special.ndtri(share if one_sided else 0.5 + share / 2))


def _p_of_largest(z: float, comparisons: int) -> float:
    """The chance that any of so many comparisons lies so many standard errors off nought."""
    return float(-np.expm1(comparisons * np.log1p(-min(float(two_sided(z)), 1 - 1e-16))))


# ---- a gap: two named groups


@dataclass(frozen=True)
class Pair:
    """The two groups that a gap compares, places among the usable ones, and of how many comparisons they were chosen.

    The ends of an order are given; of groups without order the first is the worse off.
    """

    first: int
    second: int
    comparisons: int
    referenced: bool = False


def pair_of(usable: list[Row], groups: list[Row], adverse: bool) -> Pair | None:
    """The ends of the order; else a declared reference and the worst of the others; else the worst and the best."""
    if len(usable) < 2:
        return None
    places, k = range(len(usable)), len(usable)
    if ordered(usable):
        by_order = column(usable, "order")
        return Pair(int(by_order.argmin()), int(by_order.argmax()), 1)
    badness = column(usable, "estimate") * (1 if adverse else -1)
    named = [row["group"] for row in groups if row.get("reference") is True]
    if len(named) != 1:
        return Pair(int(badness.argmax()), int(badness.argmin()), k * (k - 1) // 2)
    reference = next((place for place in places if usable[place]["group"] == named[0]), None)
    if reference is None:
        return None
    other = max((place for place in places if place != reference), key=lambda place: badness[place])
    if badness[other] >= badness[reference]:
        return Pair(other, reference, k - 1, True)
    return Pair(reference, other, k - 1, True)


def gaps(
    usable: list[Row], se: np.ndarray, pair: Pair | None, measured: Mapping[str, dict[str, Any]], adverse: bool
) -> dict[str, Contrast]:
    """Difference and ratio of the two groups, from their rows of ``released_gaps``, which say what is clear.

    Against a declared reference they are told apart here, with limits that hold for all its contrasts at once.
    """
    if pair is None:
        return {}
    both = (usable[pair.first], usable[pair.second])
    told = dict(measured)
    if pair.referenced:
        told = _told_apart(both, (se[pair.first], se[pair.second]), pair.comparisons, adverse)
    found: dict[str, Contrast] = {}
    for name in ("D", "R"):
        row = told.get(name)
        if row is None or row["estimate"] != row["estimate"]:
            continue
        null = 0.0 if name == "D" else 1.0
        bounded = bool(np.isfinite(row["lower"]) and np.isfinite(row["upper"]))
        clear = bounded and bool(row["clear"]) and not row["lower"] <= null <= row["upper"]
        verdict = "no_clear_difference" if bounded else "unknown"
        if clear:
            verdict = "worse" if row["estimate"] > null else "reversed"
        found[name] = Contrast(
            (both[0]["group"], both[1]["group"]),
            (float(both[0]["estimate"]), float(both[1]["estimate"])),
            float(row["estimate"]),
            float(row["lower"]),
            float(row["upper"]),
            clear,
            verdict,
            _p_of(row, pair) if bounded else float("nan"),
        )
    return found


def _p_of(row: Mapping[str, Any], pair: Pair) -> float:
    """Of groups without order that all are equal; of the ends of an order that the two are."""
    if pair.comparisons > 1 or row["measure"] != "D":
        return float(row["p_equal"])
    return float(two_sided(row["estimate"] / row["se"])) if row["se"] > 0 else float(row["estimate"] == 0)


def _told_apart(
    both: tuple[Row, Row], errors: tuple[float, float], comparisons: int, adverse: bool
) -> dict[str, dict[str, Any]]:
    """Difference and ratio of two named groups, with the columns of ``released_gaps``; the first worse off is positive.

    Limits and clearness hold for all of the comparisons of which this was chosen.
    """
    (y, other), (s, t), z = (float(row["estimate"]) for row in both), errors, quantile(comparisons)
    sign, error = 1.0 if adverse else -1.0, float(np.hypot(s, t))
    gap = sign * (y - other)
    p = _p_of_largest(gap / error, comparisons) if error > 0 else float("nan")
    told = {
        "D": {
            "measure": "D", "estimate": gap, "se": error, "lower": gap - z * error, "upper": gap + z * error,
            "p_equal": p, "clear": abs(gap) > z * error,
        }
    }  # fmt: skip
    if y > 0 and other > 0:
        log, log_error = sign * np.log(y / other), float(np.hypot(s / y, t / other))
        told["R"] = {
            "measure": "R", "estimate": float(np.exp(log)), "se": float(np.exp(log)) * log_error,
            "lower": float(np.exp(log - z * log_error)), "upper": float(np.exp(log + z * log_error)),
            "p_equal": p, "clear": abs(log) > z * log_error,
        }  # fmt: skip
    return told


# ---- people


def fewer(measured: Mapping[str, dict[str, Any]], meta: dict[str, Any]) -> Count | None:
    """How many fewer (favourable: more) it would concern at the level to reach: LEVELUP, with its limits."""
    row = measured.get("LEVELUP")
    if row is None or meta["kind"] not in COUNTED or row["estimate"] != row["estimate"]:
        return None
    return Count(float(row["estimate"]), float(row["lower"]), float(row["upper"]))


def concerned(usable: list[Row], se: np.ndarray, meta: dict[str, Any]) -> Count | None:
    """How many of these groups it concerns now: who have it; of something good who lack it (of rates nobody knows)."""
    scale, favourable = float(meta["scale"]), bool(meta["favourable"])
    people = column(usable, "population") / scale
    if not usable or np.isnan(people).any() or meta["kind"] not in COUNTED or (favourable and meta["kind"] == "rate"):
        return None
    y = column(usable, "estimate")
    number = float((people * (scale - y if favourable else y)).sum())
    half = quantile(1) * float(np.sqrt(((people * se) ** 2).sum()))
    return Count(number, max(number - half, 0.0), number + half)


# ---- areas and periods


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
    error = float(part_against_whole(se[0], se[1], share))
    half = Z * error
    gap = float(y[0] - y[1])
    bounded = bool(np.isfinite(half))
    clear = bounded and abs(gap) > half
    verdict = "no_clear_difference" if bounded else "unknown"
    if clear:
        verdict = "weaker" if (gap > 0) != bool(meta["favourable"]) else "better"
    p = float(two_sided(gap / error)) if bounded and error > 0 else float("nan")
    return Contrast((here, whole), (float(y[0]), float(y[1])), gap, gap - half, gap + half, clear, verdict, p)


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


@dataclass(frozen=True)
class Changes:
    """Change of a gap of the same two groups: of their difference, and of their ratio where it means something."""

    absolute: Contrast | None = None
    relative: Contrast | None = None
    comparable: bool = True


def changes(
    here: dict[str, list[Row]],
    usable: list[Row],
    pair: Pair | None,
    known: "Lookup",
    meta: dict[str, Any],
    period: str,
) -> Changes:
    """How the gap of two groups has changed, and whether the periods may be compared at all.

    Groups without order were chosen for how they stand now, so their change has limits that hold for all that could
    have been chosen.
    """
    earlier, period = compared_periods(here, period)
    if earlier is None or pair is None:
        return Changes()
    changed = break_year(meta)
    if changed is not None and (last_year(earlier) or 0) < changed <= (last_year(period) or 0):
        return Changes(comparable=False)
    adverse = not bool(meta["favourable"])
    now = (usable[pair.first], usable[pair.second])
    by_group = {row["group"]: row for row in with_number(here[earlier]) if row["status"] != "suppressed"}
    if not all(row["group"] in by_group for row in now):
        return Changes()
    before = (by_group[now[0]["group"]], by_group[now[1]["group"]])
    if pair.comparisons == 1 and ordered(usable):
        first = usable[0]
        rows = [known.gap(meta["indicator"], first["dimension"], first["area"], one) for one in (earlier, period)]
    else:
        rows = []
        for both in (before, now):
            errors = errors_of(list(both), meta)
            rows.append(_told_apart(both, (errors[0], errors[1]), pair.comparisons, adverse))
    start, end = rows
    z, between = quantile(pair.comparisons), (earlier, period)
    absolute = _moved(start.get("D"), end.get("D"), between, z, pair.comparisons)
    relative = None
    if meta["kind"] in RATIOS and absolute is not None:
        relative = _moved(start.get("R"), end.get("R"), between, z, pair.comparisons)
    return Changes(absolute, relative)


def _moved(
    start: dict[str, Any] | None, end: dict[str, Any] | None, between: tuple[str, str], z: float, comparisons: int
) -> Contrast | None:
    """Change of a gap, of a ratio as a factor; errors of the two periods are taken as independent."""
    if start is None or end is None or not np.isfinite([start["estimate"], end["estimate"]]).all():
        return None
    values = np.array([start["estimate"], end["estimate"]], dtype=float)
    errors = np.array([start["se"], end["se"]], dtype=float)
    log = start["measure"] == "R"
    scaled = values
    if log:
        if (values <= 0).any():
            return None
        scaled, errors = np.log(values), errors / values
    moved, error = float(scaled[1] - scaled[0]), float(np.hypot(*errors))
    bounded = bool(np.isfinite(error))
    lower, upper = moved - z * error, moved + z * error
    asked = (np.array([one]) for one in (*scaled, start["clear"], end["clear"], lower, upper))
    verdict = str(verdicts(*asked)[0]) if bounded else "unknown"
    p = _p_of_largest(moved / error, comparisons) if bounded and error > 0 else float("nan")
    change, low, high = (float(np.exp(one)) if log else one for one in (moved, lower, upper))
    clear = verdict in ("narrowed", "widened", "reversed")
    ends = (float(values[0]), float(values[1]))
    return Contrast(between, ends, change, low, high, clear, verdict, p)


def break_year(meta: dict[str, Any]) -> int | None:
    """Year from which an indicator is not comparable with earlier ones (optional ``break_year`` of its metadata)."""
    value = meta.get("break_year")
    return None if value is None or value != value or value is pd.NA else int(value)
