"""Comparisons of groups, areas and periods, each with the interval of the comparison itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hyteanalysis.errors import MeasureError
from hyteanalysis.findings.lookup import Row, column, ordered, with_number
from hyteanalysis.findings.model import Contrast, Count
from hyteanalysis.findings.sentences import RATIOS
from hyteanalysis.inequality.changes import verdicts
from hyteanalysis.inequality.released import released_gaps
from hyteanalysis.uncertainty import cell_errors, part_against_whole, two_sided

if TYPE_CHECKING:
    from hyteanalysis.findings.lookup import Lookup

Z = 1.959963984540054
WHOLE = "SSS"
YEARS_BACK = 5
COUNTED = ("proportion", "rate")  # kinds of which people, or cases, can be counted
_READ = ("estimate", "se", "lower", "upper", "events", "respondents", "population")


def errors_of(rows: list[Row], meta: dict[str, Any]) -> np.ndarray:
    """Standard errors of some cells of one indicator: see :func:`hyteanalysis.uncertainty.cell_errors`."""
    known = {name: column(rows, name) for name in _READ}
    return cell_errors(known, str(meta["kind"]), float(meta["scale"])).se


# ---- a gap: two named groups


@dataclass(frozen=True)
class Pair:
    """The two groups that a gap compares; of groups without order the first is the worse off."""

    first: Row
    second: Row
    ordered: bool
    flipped: bool  # whether the measured gap is told the other way round


def pair_of(usable: list[Row], measured: Mapping[str, dict[str, Any]], adverse: bool) -> Pair | None:
    """The ends of the order; else those that ``released_gaps`` names: the reference and another, or the extremes."""
    if len(usable) < 2:
        return None
    if ordered(usable):
        first, last = (end(usable, key=lambda row: row["order"]) for end in (min, max))
        return Pair(first, last, True, False)
    row, by_group = measured.get("D"), {row["group"]: row for row in usable}
    if row is None or row["first"] not in by_group or row["second"] not in by_group:
        return None
    flipped = bool(row["estimate"] < 0)
    high, low = by_group[row["first"]], by_group[row["second"]]
    worse, better = (high, low) if adverse != flipped else (low, high)
    return Pair(worse, better, False, flipped)


def gaps(pair: Pair | None, measured: Mapping[str, dict[str, Any]]) -> dict[str, Contrast]:
    """Difference and ratio of the two groups, from their rows of ``released_gaps``, which say what is clear."""
    if pair is None:
        return {}
    found: dict[str, Contrast] = {}
    for name in ("D", "R"):
        row = measured.get(name)
        if row is None or row["estimate"] != row["estimate"]:
            continue
        null = 0.0 if name == "D" else 1.0
        estimate, lower, upper = (row[part] for part in ("estimate", "lower", "upper"))
        if pair.flipped:
            estimate, lower, upper = (
                (-estimate, -upper, -lower) if name == "D" else (1 / estimate, 1 / upper, 1 / lower)
            )
        bounded = bool(np.isfinite(lower) and np.isfinite(upper))
        clear = bounded and bool(row["clear"])
        verdict = "no_clear_difference" if bounded else "unknown"
        if clear:
            verdict = "worse" if estimate > null else "reversed"
        found[name] = Contrast(
            (pair.first["group"], pair.second["group"]),
            (float(pair.first["estimate"]), float(pair.second["estimate"])),
            float(estimate),
            float(lower),
            float(upper),
            clear,
            verdict,
            float(row["p_value"]) if bounded else float("nan"),
        )
    return found


# ---- people


def of_people(groups: pd.DataFrame) -> bool:
    """Whether ``population`` counts people: weights that only share out a sample sum to fewer than answered."""
    if not {"population", "respondents"} <= set(groups):
        return "population" in groups
    return not bool((groups["population"] < groups["respondents"] - 0.5).any())


def levelled(groups: pd.DataFrame, indicators: pd.DataFrame) -> Count | None:
    """How many fewer (favourable: more) it would concern at the best group's level, freed of what noise adds to it.

    As :func:`hyteanalysis.inequality.people.people`; only of shares and rates whose groups all have a population.
    """
    kind = indicators.loc[indicators["indicator"] == groups["indicator"].iloc[0], "kind"].iloc[0]
    if kind not in COUNTED or "population" not in groups:
        return None
    try:
        found = released_gaps(groups.drop(columns="order", errors="ignore"), ["LEVELUP"], indicators)
    except MeasureError:  # a group lacks its population
        return None
    row = found.iloc[0]
    if pd.isna(row["central"]):
        return None
    return Count(float(row["central"]), float(row["lower"]), float(row["upper"]))


def concerned(groups: list[Row], usable: list[Row], se: np.ndarray, meta: dict[str, Any]) -> Count | None:
    """How many of these groups it concerns now: who have it; of something good who lack it (of rates nobody knows)."""
    scale, favourable = float(meta["scale"]), bool(meta["favourable"])
    people = column(usable, "population") / scale
    if len(usable) < max(len(groups), 1) or np.isnan(people).any() or meta["kind"] not in COUNTED:
        return None
    if favourable and meta["kind"] == "rate":
        return None
    y = column(usable, "estimate")
    number = float((people * (scale - y if favourable else y)).sum())
    half = Z * float(np.sqrt(((people * se) ** 2).sum()))
    return Count(number, max(number - half, 0.0), number + half)


# ---- areas and periods


def against_whole(known: "Lookup", meta: dict[str, Any], candidates: tuple[str, str], period: str) -> Contrast | None:
    """The area's total against the whole's, reckoning with the area being part of the whole."""

    def total(area: str) -> Row | None:
        rows = with_number(known.rows.periods(meta["indicator"], "total", area).get(period, []))
        return rows[0] if rows else None

    here = next((area for area in candidates if total(area) is not None), None)
    whole = WHOLE if total(WHOLE) is not None else known.top(candidates[0])
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
    pair: Pair | None,
    known: "Lookup",
    meta: dict[str, Any],
    period: str,
) -> Changes:
    """How the gap of two groups has changed, and whether the periods may be compared at all.

    As :func:`hyteanalysis.inequality.released.released_changes`: groups without order were chosen by their gap
    now, so the limit nearer to a smaller gap reckons with that choice.
    """
    earlier, period = compared_periods(here, period)
    if earlier is None or pair is None:
        return Changes()
    changed = break_year(meta)
    if changed is not None and (last_year(earlier) or 0) < changed <= (last_year(period) or 0):
        return Changes(comparable=False)
    by_group = {row["group"]: row for row in with_number(here[earlier]) if row["status"] in ("ok", "uncertain")}
    if not {pair.first["group"], pair.second["group"]} <= set(by_group):
        return Changes()
    before = [by_group[one["group"]] for one in (pair.first, pair.second)]
    setting = (meta["indicator"], pair.first["dimension"], pair.first["area"])
    rows = gaps(pair, known.gap(*setting, period))
    (y, other), (s, t), shared = column(before, "estimate"), errors_of(before, meta), known.shared(*before)
    sign = -1.0 if bool(meta["favourable"]) else 1.0
    error = float(np.sqrt(max(s**2 + t**2 - 2 * shared, 0.0)))
    absolute = _moved(sign * (y - other), error, rows.get("D"), (earlier, period))
    relative = None
    if meta["kind"] in RATIOS and y > 0 and other > 0:
        ratio = float(np.exp(sign * np.log(y / other)))
        error = float(np.sqrt(max((s / y) ** 2 + (t / other) ** 2 - 2 * shared / (y * other), 0.0)))
        relative = _moved(ratio, error, rows.get("R"), (earlier, period), log=True)
    return Changes(absolute, relative)


def _moved(
    start: float, error: float, now: Contrast | None, between: tuple[str, str], *, log: bool = False
) -> Contrast | None:
    """Change of a gap since it was ``start``, of a ratio as a factor; errors of the periods are independent."""
    if now is None:
        return None
    ends = (float(start), now.estimate)
    with np.errstate(all="ignore"):
        before, after, low, high = (np.log(one) if log else one for one in (start, now.estimate, now.lower, now.upper))
    if not np.isfinite([before, after]).all():
        return None
    moved, own = float(after - before), Z * error
    lower, upper = moved - float(np.hypot(after - low, own)), moved + float(np.hypot(high - after, own))
    bounded = bool(np.isfinite([lower, upper]).all())
    verdict = "unknown"
    if bounded:
        asked = (before, after, abs(before) > own, now.clear, lower, upper)
        verdict = str(verdicts(*(np.array([one]) for one in asked))[0])
    half = moved - lower if moved > 0 else upper - moved  # the limit that no change must not reach
    p = float(two_sided(Z * moved / half)) if bounded and half > 0 else float("nan")
    change, low, high = (float(np.exp(one)) if log else float(one) for one in (moved, lower, upper))
    return Contrast(between, ends, change, low, high, verdict in ("narrowed", "widened", "reversed"), verdict, p)


def break_year(meta: dict[str, Any]) -> int | None:
    """Year from which an indicator is not comparable with earlier ones (optional ``break_year`` of its metadata)."""
    value = meta.get("break_year")
    return None if value is None or value != value or value is pd.NA else int(value)
