"""From a release's cells to the numbers of a finding."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hyteanalysis import areas
from hyteanalysis.errors import one_of
from hyteanalysis.findings.contrasts import (
    Z,
    against_whole,
    change,
    compared_periods,
    gaps,
    last_year,
    p_equal,
    people,
    standard_error,
)
from hyteanalysis.findings.kept import Kept, kept, measure, measure_change, names_of
from hyteanalysis.findings.model import Contrast, Finding, Reliability
from hyteanalysis.i18n import Names, Unit

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release

MANY_GROUPS = 7  # groups that a figure shows
OLD_YEARS = 3  # data older than this when released is called old
WEAK = {"respondents": 30, "events": 16, "relative_se": 0.30}
MODERATE = {"respondents": 100, "events": 50, "relative_se": 0.15}


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
        Frozen, unrounded. The gap is D and R of :func:`hyteanalysis.disparity`, its change D of
        :func:`hyteanalysis.disparity_change`; people are Σ N max(0, y − y_best)/scale. The interval of the area
        against the whole reckons with the area being part of it: var = s² + s_w² − 2 f s², f its share of the people.

    Raises
    ------
    HyteError
        For an indicator, dimension or period that the release does not hold, naming what it holds.

    Notes
    -----
    Not for ranking many areas: choosing the largest of many findings needs a correction for chance.
    """
    known = kept(release, [indicator], area)[0]
    one_of(dimension, known.dimensions, f"dimension of {indicator!r}")
    meta, rows, names = known.meta, known.rows(dimension), names_of(release, area)
    shown = areas.shown(rows, area, indicator, dimension, period=period, hierarchy=release.areas) or area
    here = rows[rows["area"] == shown]
    period = _period(here, period)
    groups = _in_order(here[here["period"] == period], names)
    usable = groups[groups["status"].isin(["ok", "uncertain"]) & groups["estimate"].notna()]
    adverse = not bool(meta["favourable"])
    se = standard_error(usable, str(meta["kind"]), float(meta["scale"]))
    worst, best, tied = _extremes(usable, se, adverse)
    chance = p_equal(usable["estimate"].to_numpy(), se)
    pairs = gaps(usable, known, chance)
    moved, comparable = change(here, usable, known, period)
    states = _states(release, groups, usable, pairs.get("D"), period, area != shown, comparable)
    return Finding(
        indicator=indicator,
        dimension=dimension,
        period=period,
        asked_area=area,
        shown_area=shown,
        groups=groups,
        worst=worst,
        best=best,
        distinct=_distinct(chance, pairs.get("D")),
        tied=tied,
        difference=pairs.get("D"),
        ratio=pairs.get("R"),
        people=people(usable, meta, adverse),
        against_whole=against_whole(known, release.areas, (area, shown), period),
        change=moved,
        reliability=_reliability(groups, usable, se),
        states=states,
        favourable=not adverse,
        unit=Unit.of(meta, usable["estimate"]),
        names=names,
        release=release.id,
    )


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
    known = kept(release, chosen, area)
    one_of(dimension, sorted({name for one in known for name in one.dimensions}), "dimension")
    known = [one for one in known if dimension in one.dimensions]
    spans: dict[tuple[str, str], list[tuple[Kept, str]]] = {}
    answered = []
    for one in known:
        rows = one.rows(dimension)
        name = str(one.meta["indicator"])
        shown = areas.shown(rows, area, name, dimension, period=period, hierarchy=release.areas) or area
        here = rows[rows["area"] == shown]
        if here.empty or (period is not None and period not in set(here["period"])):
            continue
        answered.append(name)
        start, end = compared_periods(here, _period(here, period))
        spans.setdefault((start or "", end), []).append((one, shown))
    together = [pair for pairs in spans.values() for pair in pairs]
    if together:
        measure([one for one, _ in together], dimension, sorted({shown for _, shown in together}))
    for (start, end), pairs in spans.items():
        if start:
            measure_change([one for one, _ in pairs], dimension, sorted({shown for _, shown in pairs}), start, end)
    return [finding(release, indicator=name, area=area, dimension=dimension, period=period) for name in answered]


def _period(here: pd.DataFrame, period: str | None) -> str:
    """The period asked for, else the newest with a number, else the newest."""
    periods = sorted(here["period"].unique())
    if period is not None:
        return str(one_of(period, periods, "period") if periods else period)
    with_number = sorted(here.loc[here["estimate"].notna(), "period"].unique())
    return str((with_number or periods or [""])[-1])


def _in_order(rows: pd.DataFrame, names: Names) -> pd.DataFrame:
    """Groups from most disadvantaged to most advantaged; without order as the metadata list them."""
    order = rows["order"].astype("float64") if "order" in rows else pd.Series(np.nan, index=rows.index)
    keys = [
        (np.inf if np.isnan(position) else position, names.place(dimension, group), group)
        for position, dimension, group in zip(order, rows["dimension"], rows["group"], strict=True)
    ]
    return rows.iloc[sorted(range(len(keys)), key=keys.__getitem__)].reset_index(drop=True)


def _extremes(usable: pd.DataFrame, se: np.ndarray, adverse: bool) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Worst and best group by level, and those not clearly apart from the worst."""
    if len(usable) < 2:
        return None, None, ()
    badness = usable["estimate"].to_numpy() * (1 if adverse else -1)
    names = usable["group"].to_numpy()
    worst, best = int(badness.argmax()), int(badness.argmin())
    apart = badness[worst] - badness
    near = apart <= Z * np.hypot(se[worst], se)
    near[worst] = False
    return str(names[worst]), str(names[best]), tuple(str(name) for name in names[near])


def _distinct(p_equal: float, difference: Contrast | None) -> bool | None:
    if difference is None or np.isnan(p_equal):
        return None
    return bool(p_equal < 0.05 or difference.clear)


def _reliability(groups: pd.DataFrame, usable: pd.DataFrame, se: np.ndarray) -> Reliability:
    """Respondents, events and relative standard error of the weakest group."""
    respondents = float(usable["respondents"].min()) if "respondents" in usable and len(usable) else float("nan")
    events = float(usable["events"].min()) if "events" in usable and len(usable) else float("nan")
    y = np.abs(usable["estimate"].to_numpy(dtype=float))
    relative = float(np.max(se[y > 0] / y[y > 0])) if np.any(y > 0) else float("nan")
    known = {"respondents": respondents, "events": events, "relative_se": relative}

    def under(limits: dict[str, float]) -> list[str]:
        return [
            name
            for name, limit in limits.items()
            if (known[name] > limit if name == "relative_se" else known[name] < limit)
        ]

    weak, moderate = under(WEAK), under(MODERATE)
    if not weak and (usable["status"] == "uncertain").any():
        weak = ["uncertain"]
    gone = [status for status in ("suppressed", "missing") if (groups["status"] == status).any()]
    if usable.empty or all(np.isnan(value) for value in known.values()):
        return Reliability("unknown", respondents, events, relative, tuple(gone or ["no_interval"]))
    grade = "weak" if weak else "moderate" if moderate or gone or np.isnan(relative) else "good"
    reasons = [*(weak or moderate), *gone, *(["no_interval"] if np.isnan(relative) else [])]
    return Reliability(grade, respondents, events, relative, tuple(reasons))


def _states(
    release: "Release",
    groups: pd.DataFrame,
    usable: pd.DataFrame,
    difference: Contrast | None,
    period: str,
    fallback: bool,
    comparable: bool,
) -> tuple[str, ...]:
    year, released = last_year(period), last_year(str(getattr(release, "created", "") or ""))
    present = {
        "no_data": groups.empty,
        "fallback": fallback and not groups.empty,
        "suppressed": (groups["status"] == "suppressed").any(),
        "missing": (groups["status"] == "missing").any(),
        "uncertain": (usable["status"] == "uncertain").any(),
        "reversed": difference is not None and difference.verdict == "reversed",
        "not_comparable": not comparable,
        "old": year is not None and released is not None and released - year > OLD_YEARS,
        "many_groups": len(groups) > MANY_GROUPS,
    }
    return tuple(state for state, there in present.items() if there)
