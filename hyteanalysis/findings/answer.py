"""From a release's cells to the numbers of a finding."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hyteanalysis.errors import one_of
from hyteanalysis.findings.contrasts import (
    COUNTED,
    Z,
    against_whole,
    changes,
    concerned,
    errors_of,
    gaps,
    last_year,
    levelled,
    of_people,
    pair_of,
)
from hyteanalysis.findings.lookup import Lookup, Row, column, lookup_of, names_of, ordered, with_number
from hyteanalysis.findings.model import Contrast, Finding, Reliability
from hyteanalysis.i18n import Names, Unit

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release

MANY_GROUPS = 7  # groups that a figure shows
FINDINGS = 1_000  # held in the memory of one release
OLD_YEARS = 3  # data older than this when released is called old
# fewer respondents or events, a larger relative error, or an interval that reaches further, as a share of the scale
RULES = {
    "weak": {"respondents": 30, "events": 16, "relative_se": 0.30, "width": 0.10},
    "moderate": {"respondents": 100, "events": 50, "relative_se": 0.15, "width": 0.05},
}


def finding(release: "Release", *, indicator: str, area: str, dimension: str, period: str | None = None) -> Finding:
    """Which group is worst off, how big the gap is, how many people it concerns, and how sure that is.

    Parameters
    ----------
    release : Release
        The disclosure-checked numbers; nothing else is read.
    indicator, dimension : str
        Ids that the release holds.
    area : str
        An area code. Where it has no rows by this dimension, its county's or the whole country's are shown
        (state ``fallback``); suppressed rows are an answer and trigger no fallback.
    period : str, optional
        The newest with a number by default.

    Returns
    -------
    Finding
        Frozen, unrounded. The gap is D and R of :func:`hyteanalysis.disparity`, between two named groups; its change
        is of the same two. A worst group is named only where the gap is clear (ordered groups: D's own interval;
        others: ``p_equal`` as well), with all that may be the worst as well. Where groups without order were chosen
        for how they stand, the limits of their gap and of its change reckon with that choice. People are LEVELUP,
        freed of what noise adds to it. The
        interval of the area against the whole reckons with the area being part of it: var = s² + s_w² − 2 f s²,
        f its share of the people.

    Raises
    ------
    HyteError
        For an indicator, dimension or period that the release does not hold, naming what it holds.

    Notes
    -----
    Not for ranking many areas: choosing the largest of many findings needs a correction for chance.
    """
    known = lookup_of(release, [indicator], area)
    one_of(dimension, known.dimensions(indicator), f"dimension of {indicator!r}")
    return _finding(release, known, indicator, area, dimension, period)


def findings(
    release: "Release",
    *,
    area: str,
    dimension: str,
    indicators: Sequence[str] | None = None,
    period: str | None = None,
) -> list[Finding]:
    """The findings of many indicators for one area and dimension, measured together.

    Parameters
    ----------
    release : Release
    area, dimension : str
    indicators : list of str, optional
        All of the release by default; those without this dimension, or without the period, are left out.
    period : str, optional
        The newest of each indicator by default.

    Returns
    -------
    list of Finding
        In the order of ``indicators``.

    Raises
    ------
    HyteError
        For an indicator that the release does not hold, or a dimension that none has.
    """
    chosen = list(indicators) if indicators is not None else release.indicators["indicator"].tolist()
    known = lookup_of(release, chosen, area)
    one_of(dimension, sorted({name for one in chosen for name in known.dimensions(one)}), "dimension")
    answered, places = [], set()
    for one in chosen:
        if dimension not in known.dimensions(one):
            continue
        shown, here = _shown(known, one, dimension, area, period)
        if not here or (period is not None and period not in here):
            continue
        answered.append(one)
        places.add(shown)
    if answered:
        known.measure(answered, dimension, sorted(places))
    return [_finding(release, known, name, area, dimension, period) for name in answered]


def _finding(
    release: "Release", known: Lookup, indicator: str, area: str, dimension: str, period: str | None
) -> Finding:
    """From the release's memory, or made; the newest period is the same finding as that period asked for."""
    shown, here = _shown(known, indicator, dimension, area, period)
    newest = _period(here, period)
    found = release.memory.once(
        "finding",
        (indicator, dimension, area, shown, newest),
        lambda: _found(release, known, (indicator, dimension, newest), (area, shown), here),
        most=FINDINGS,
    )
    return replace(found, groups=found.groups.copy(deep=False))  # whoever changes the frame changes their own


def _found(
    release: "Release",
    known: Lookup,
    setting: tuple[str, str, str],
    places: tuple[str, str],
    here: dict[str, list[Row]],
) -> Finding:
    (indicator, dimension, period), (area, shown) = setting, places
    meta, names = known.meta(indicator), names_of(release, area)
    groups = _in_order(here.get(period, []), names)
    usable = [row for row in with_number(groups) if row["status"] in ("ok", "uncertain")]
    adverse = not bool(meta["favourable"])
    se = errors_of(usable, meta)
    measured = known.gap(indicator, dimension, shown, period) if len(usable) > 1 else {}
    worst, best, tied = _extremes(usable, measured, adverse)
    pair = pair_of(usable, measured, adverse)
    contrasts = gaps(pair, measured)
    moved = changes(here, pair, known, meta, period)
    frame = known.rows.frame(groups)
    people = of_people(frame)
    states = _states(release, groups, usable, contrasts.get("D"), period, area != shown, moved.comparable)
    unit = Unit.of(meta, column(usable, "estimate"))
    return Finding(
        indicator=indicator,
        dimension=dimension,
        period=period,
        asked_area=area,
        shown_area=shown,
        groups=frame,
        worst=worst,
        best=best,
        distinct=_distinct(contrasts.get("D")),
        tied=tied,
        ordered=bool(usable) and ordered(usable),
        p_equal=float(measured["D"]["p_equal"]) if "D" in measured else float("nan"),
        difference=contrasts.get("D"),
        ratio=contrasts.get("R"),
        now=concerned(groups, usable, se, meta) if people else None,
        levelled=cache(partial(levelled, frame, known.checked())) if people and best is not None else _nobody,
        against_whole=against_whole(known, meta, (area, shown), period),
        change=moved.absolute,
        relative_change=moved.relative,
        reliability=_reliability(groups, usable, se, meta),
        states=states,
        favourable=not adverse,
        unit=unit,
        names=names,
        release=release.id,
    )


def _shown(
    known: Lookup, indicator: str, dimension: str, area: str, period: str | None
) -> tuple[str, dict[str, list[Row]]]:
    """The area whose figures are shown, as :func:`hyteanalysis.areas.shown` chooses it, and its rows by period."""
    for code in known.fallbacks(area):
        here = known.rows.periods(indicator, dimension, code)
        looked_at = here.values() if period is None else [here.get(period, [])]
        if any(row["status"] != "missing" for rows in looked_at for row in rows):
            return code, here
    return area, known.rows.periods(indicator, dimension, area)


def _period(here: dict[str, list[Row]], period: str | None) -> str:
    """The period asked for, else the newest with a number, else the newest."""
    periods = sorted(here)
    if period is not None:
        return str(one_of(period, periods, "period") if periods else period)
    with_numbers = [one for one in periods if with_number(here[one])]
    return (with_numbers or periods or [""])[-1]


def _in_order(rows: list[Row], names: Names) -> list[Row]:
    """Groups from most disadvantaged to most advantaged; without order as the metadata list them."""

    def place(row: Row) -> tuple[float, tuple[int, ...], str]:
        order = row.get("order", np.nan)
        return (np.inf if np.isnan(order) else order, names.place(row["dimension"], row["group"]), row["group"])

    return sorted(rows, key=place)


def _nobody() -> None:
    """Nobody is counted."""


def _extremes(
    usable: list[Row], measured: dict[str, dict[str, Any]], adverse: bool
) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Worst and best group by level, and all that are not clearly apart from the worst, reckoned over all groups."""
    badness = column(usable, "estimate") * (1 if adverse else -1)
    if len(usable) < 2 or badness.max() == badness.min():
        return None, None, ()
    names = [str(row["group"]) for row in usable]
    worst, best = names[int(badness.argmax())], names[int(badness.argmin())]
    row = measured.get("D")
    level = (row["highest"] if adverse else row["lowest"]) if row is not None else None
    return worst, best, tuple(name for name in names if name != worst and name in (level or ()))


def _distinct(difference: Contrast | None) -> bool | None:
    """Whether the gap is clear; None where that cannot be known."""
    return None if difference is None or difference.verdict == "unknown" else difference.clear


def _reliability(groups: list[Row], usable: list[Row], se: np.ndarray, meta: dict[str, Any]) -> Reliability:
    """Respondents, events, relative standard error and width of the interval of the weakest group."""
    y = np.abs(column(usable, "estimate"))
    seen = (y > 0) & np.isfinite(se)
    relative = float(np.max(se[seen] / y[seen])) if seen.any() else float("nan")
    # a mean is not counted in events, and its error is judged by its own scale where that has two ends
    counted = meta["kind"] in COUNTED
    respondents, events = _least(usable, "respondents"), _least(usable, "events") if counted else float("nan")
    width = _width(se, meta)
    known = {"respondents": respondents, "events": events, "relative_se": relative, "width": width}

    def under(limits: dict[str, float]) -> list[str]:
        return [
            name
            for name, limit in limits.items()
            if (known[name] > limit if name in ("relative_se", "width") else known[name] < limit)
        ]

    weak, moderate = under(RULES["weak"]), under(RULES["moderate"])
    if not weak and any(row["status"] == "uncertain" for row in usable):
        weak = ["uncertain"]
    gone = [status for status in ("suppressed", "missing") if any(row["status"] == status for row in groups)]
    if not usable or all(np.isnan(value) for value in known.values()):
        return Reliability("unknown", respondents, events, relative, tuple(gone or ["no_interval"]), width)
    lacking = bool(np.isnan(se).any())
    grade = "weak" if weak else "moderate" if moderate or gone or lacking else "good"
    reasons = [*(weak or moderate), *gone, *(["no_interval"] if lacking else [])]
    return Reliability(grade, respondents, events, relative, tuple(reasons), width)


def _width(se: np.ndarray, meta: dict[str, Any]) -> float:
    """Half of the widest interval as a share of the scale: of a proportion, and of what has a lower and upper bound."""
    ends = [meta.get(name) for name in ("lower_bound", "upper_bound")]
    if meta["kind"] == "proportion":
        span = float(meta["scale"])
    elif all(end is not None and end == end and end is not pd.NA for end in ends):
        span = float(ends[1]) - float(ends[0])  # type: ignore[arg-type]
    else:
        return float("nan")
    known = se[np.isfinite(se)]
    return float(Z * known.max() / span) if len(known) and span > 0 else float("nan")


def _least(rows: list[Row], name: str) -> float:
    values = column(rows, name)
    values = values[np.isfinite(values)]
    return float(values.min()) if len(values) else float("nan")


def _states(
    release: "Release",
    groups: list[Row],
    usable: list[Row],
    difference: Contrast | None,
    period: str,
    fallback: bool,
    comparable: bool,
) -> tuple[str, ...]:
    year, released = last_year(period), last_year(str(getattr(release, "created", "") or ""))
    statuses, used = {row["status"] for row in groups}, {row["status"] for row in usable}
    present = {
        "no_data": not groups,
        "fallback": fallback and bool(groups),
        "suppressed": "suppressed" in statuses,
        "missing": "missing" in statuses,
        "uncertain": "uncertain" in used,
        "reversed": difference is not None and difference.verdict == "reversed",
        "not_comparable": not comparable,
        "old": year is not None and released is not None and released - year > OLD_YEARS,
        "many_groups": len(groups) > MANY_GROUPS,
    }
    return tuple(state for state, there in present.items() if there)
