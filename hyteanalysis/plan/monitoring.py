"""Where each goal stands, in words its interval allows, and forecast against observed by group."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hyteanalysis.errors import PlanError, one_of
from hyteanalysis.findings.contrasts import Z
from hyteanalysis.plan.goals import Forecast
from hyteanalysis.plan.numbers import KEY, Asked, Known, errors, look_up, newest, series
from hyteanalysis.plan.parts import Date, Number

if TYPE_CHECKING:
    from hyteanalysis.actions import Impact
    from hyteanalysis.disclosure import Release
    from hyteanalysis.plan.goals import Goal
    from hyteanalysis.plan.model import Plan

STATES = ("on_the_way", "reached", "threshold_passed", "moving_away", "no_clear_change", "suppressed", "no_data")
COLUMNS = [
    "goal", "baseline", "now", "lower", "upper", "threshold", "target", "state", "lead", "next_check", "title",
    "indicator", "area", "dimension", "group", "baseline_period", "period", "change", "change_lower", "change_upper",
    "target_date", "note",
]  # fmt: skip
_FORECASTS = [
    "goal", "action", "indicator", "area", "dimension", "group", "period", "forecast", "forecast_lower",
    "forecast_upper", "observed", "lower", "upper", "difference", "difference_lower", "difference_upper", "verdict",
]  # fmt: skip


def status(plan: "Plan", release: "Release", *, faults: str = "raise") -> pd.DataFrame:
    """Tell where each goal of a plan stands.

    Answers: *are we there, who is in charge, and when do we look next?* The change is now − baseline with variance
    s² + s₀²; the baseline is the number kept in the plan.

    Parameters
    ----------
    plan : Plan
    release : Release
    faults : {"raise", "note"}
        What to do with a goal that names an indicator, group or area nobody knows, or whose target is on the wrong
        side: raise, or give it ``no_data`` with the fault in ``note``.

    Returns
    -------
    DataFrame
        One row a goal: ``goal`` (id) ``, baseline, now, lower, upper, threshold, target, state, lead`` (actor's id)
        ``, next_check``, then ``title, indicator, area, dimension, group, baseline_period, period, change,
        change_lower, change_upper, target_date, note``. States, the first that holds:

        * ``no_data``: no number of this very area and group (a goal never falls back on its county's);
        * ``suppressed``: the newest number is hidden;
        * ``threshold_passed``: the whole interval is past the threshold;
        * ``reached``: the whole interval is at the target or beyond;
        * ``on_the_way``, ``moving_away``: newer than the baseline, and the interval of the change excludes 0;
        * ``no_clear_change``: none of these can be said; ``note`` tells ``no_newer`` and ``no_interval``.

        Where the goal's ``certainty`` is ``estimate``, the estimate alone decides.

    Raises
    ------
    PlanError
        Naming goal and field: an unknown indicator, group or area with near names; a target worse than the baseline.

    Examples
    --------
    >>> import hyteanalysis as hyte
    >>> from hyteanalysis import places
    >>> plan = hyte.Plan.read(places.committed("plans", "example.yml"))
    >>> release = hyte.Release.open(places.committed("releases", "example"))
    >>> plan.status(release)[["goal", "state"]].head(3)
             goal             state
    0  smoke-free        on_the_way
    1  loneliness  threshold_passed
    2    distress   no_clear_change
    """
    one_of(faults, ("raise", "note"), "faults", PlanError)
    known = Known(release)
    told = [cannot_follow(goal, known) for goal in plan.goals]
    if faults == "raise" and any(told):
        raise PlanError(listed([f"goal {g.id!r}: {one}" for g, one in zip(plan.goals, told, strict=True) if one]))
    if not plan.goals:
        return pd.DataFrame(columns=COLUMNS)
    asked = [Asked(goal.indicator, goal.area, goal.dimension, goal.group) for goal in plan.goals]
    found = look_up(newest(series(release, asked)), asked)
    frame = found[["indicator", "area", "dimension", "group", "period", "lower", "upper"]].assign(
        goal=[goal.id for goal in plan.goals],
        title=[goal.title for goal in plan.goals],
        baseline=[goal.baseline.value for goal in plan.goals],
        baseline_period=[goal.baseline.period for goal in plan.goals],
        now=found["estimate"],
        threshold=[np.nan if goal.threshold is None else goal.threshold for goal in plan.goals],
        target=[goal.target.value for goal in plan.goals],
        target_date=[goal.target.date for goal in plan.goals],
        lead=[goal.lead for goal in plan.goals],
        next_check=[goal.next_check for goal in plan.goals],
    )
    half = Z * np.hypot(found["se"].to_numpy(dtype=float), _baseline_errors(plan.goals, found))
    sure = np.array([goal.certainty == "estimate" for goal in plan.goals])
    change = (frame["now"] - frame["baseline"]).to_numpy(dtype=float)
    newer = (found["period"] > frame["baseline_period"]).fillna(False).to_numpy(dtype=bool)
    change = np.where(newer, change, np.nan)
    half = np.where(sure & np.isnan(half), 0.0, half)
    frame = frame.assign(change=change, change_lower=change - half, change_upper=change + half)
    faulty = np.array([one is not None for one in told])
    frame["state"], note = _states(frame, found, sure, newer, faulty)
    frame["note"] = [one or other for one, other in zip(told, note, strict=True)]
    return frame[COLUMNS]


def cannot_follow(goal: "Goal", known: Known) -> str | None:
    """What makes a goal impossible to follow with this release; None where nothing does."""
    found = known.fault(Asked(goal.indicator, goal.area, goal.dimension, goal.group))
    if found is not None:
        return f"{found[0]}: {found[1]}"
    favourable = bool(known.indicators.loc[goal.indicator, "favourable"])
    if goal.falls == favourable:
        more = "more is better" if favourable else "less is better"
        return (
            f"target.value: {goal.target.value:g} is on the wrong side of the baseline, {goal.baseline.value:g}: "
            f"{more} in {goal.indicator!r}"
        )
    return None


def listed(faults: list[str]) -> str:
    """One message of all faults."""
    return faults[0] if len(faults) == 1 else "\n".join([f"{len(faults)} faults:", *faults])


def _baseline_errors(goals: "tuple[Goal, ...]", found: pd.DataFrame) -> np.ndarray:
    """Standard errors that the baselines' limits imply."""
    starts = [goal.baseline for goal in goals]
    rows = pd.DataFrame(
        {
            "estimate": [start.value for start in starts],
            "lower": pd.array([start.lower for start in starts], dtype="Float64").to_numpy(float, na_value=np.nan),
            "upper": pd.array([start.upper for start in starts], dtype="Float64").to_numpy(float, na_value=np.nan),
            "kind": found["kind"].fillna("").to_numpy(),
            "scale": found["scale"].fillna(1.0).to_numpy(),
        }
    )
    return errors(rows)


def _states(
    frame: pd.DataFrame, found: pd.DataFrame, sure: np.ndarray, newer: np.ndarray, faulty: np.ndarray
) -> tuple[np.ndarray, list[str]]:
    """The state of each goal and what it lacks."""
    now, target = frame["now"].to_numpy(dtype=float), frame["target"].to_numpy(dtype=float)
    # up = the worse side
    up = np.where(target < frame["baseline"], 1.0, -1.0)
    bounded = frame["lower"].notna().to_numpy() & frame["upper"].notna().to_numpy()
    low = np.where(sure, now, np.where(bounded, frame["lower"], np.nan))
    high = np.where(sure, now, np.where(bounded, frame["upper"], np.nan))
    best, worst = np.where(up > 0, low, -high), np.where(up > 0, high, -low)
    change = up * frame["change"].to_numpy(dtype=float)
    half = np.where(sure, 0.0, (frame["change_upper"] - frame["change_lower"]).to_numpy(dtype=float) / 2)
    status = found["status"].astype("object").to_numpy()
    lacking = faulty | pd.isna(status) | ((status != "suppressed") & np.isnan(now))
    with np.errstate(invalid="ignore"):
        state = np.select(
            [
                lacking,
                status == "suppressed",
                best > up * frame["threshold"].to_numpy(dtype=float),
                worst <= up * target,
                change + half < 0,
                change - half > 0,
            ],
            ["no_data", "suppressed", "threshold_passed", "reached", "on_the_way", "moving_away"],
            "no_clear_change",
        )
    unbounded = np.isnan(low) | np.isnan(half)
    note = np.where(
        state != "no_clear_change", "", np.where(~newer, "no_newer", np.where(unbounded, "no_interval", ""))
    )
    return state, [str(one) for one in note]


def forecast(impact: "Impact", release: "Release", *, area: str, period: str, made: Date) -> Forecast:
    """Keep what an action is reckoned to lead to in an area, by group, in the indicator's unit.

    The level is baseline − reach × ARR, with the limits of ARR: an estimate under the action's assumptions.

    Parameters
    ----------
    impact : Impact
        Made from the release.
    release : Release
        Gives the unit of the action's outcome, and its direction.
    area : str
        One of the impact's areas.
    period : str
        When the level is looked for, such as the year of a goal's target.
    made : date
        The day of the reckoning.

    Returns
    -------
    Forecast
        What a plan keeps with an action: value and limits of each group.

    Raises
    ------
    PlanError
        An area that the impact does not have.
    """
    figures = impact.by_group
    one_of(area, sorted(figures["area"].unique()), "area of the impact", PlanError)
    meta = release.indicators.set_index("indicator").loc[impact.action.outcome]
    scale, favourable = float(meta["scale"]), bool(meta["favourable"])

    def level(row: "pd.Series", arr: str) -> float:
        share = row["baseline"] - row["reach"] * row[arr]
        return float(scale * (1 - share if favourable else share))

    groups = {}
    for row in figures[figures["area"] == area].to_dict("records"):
        ends = sorted(level(row, arr) for arr in ("arr_lower", "arr_upper"))
        groups[str(row["group"])] = Number(value=level(row, "arr"), lower=ends[0], upper=ends[1])
    return Forecast(period=period, made=made, release=release.id, dimension=impact.action.dimension, groups=groups)


def forecasts(plan: "Plan", release: "Release") -> pd.DataFrame:
    """Set every forecast of the plan's actions against what was observed.

    Answers: *did it go as reckoned, and for which group did it not?* The difference is observed − forecast, with
    variance s² + s_f².

    Parameters
    ----------
    plan : Plan
    release : Release
        Holds what was observed.

    Returns
    -------
    DataFrame
        One row a goal × action × group: ``goal, action, indicator, area, dimension, group, period, forecast,
        forecast_lower, forecast_upper, observed, lower, upper, difference, difference_lower, difference_upper,
        verdict``: ``better`` and ``worse`` only where the interval of the difference excludes 0, else ``as_forecast``;
        ``cannot_say`` without intervals; ``suppressed``, ``no_data``. Several actions on one goal share one outcome:
        what is observed is the work of all of them, and of everything else.
    """
    rows = [
        {
            "goal": goal.id, "action": action.id, "indicator": goal.indicator, "area": action.area or goal.area,
            "dimension": action.forecast.dimension or goal.dimension, "group": group, "period": action.forecast.period,
            "forecast": number.value, "forecast_lower": number.lower, "forecast_upper": number.upper,
            "falls": goal.falls,
        }
        for goal in plan.goals
        for action in goal.actions
        if action.forecast is not None
        for group, number in action.forecast.groups.items()
    ]  # fmt: skip
    if not rows:
        return pd.DataFrame(columns=_FORECASTS)
    table = pd.DataFrame(rows).astype({"forecast_lower": "float64", "forecast_upper": "float64"})
    asked = [Asked(*row) for row in table[KEY].itertuples(index=False)]
    seen = series(release, asked).rename(columns={"estimate": "observed"})
    table = table.merge(seen, on=[*KEY, "period"], how="left", validate="many_to_one")
    guess = table.assign(
        estimate=table["forecast"], lower=table["forecast_lower"], upper=table["forecast_upper"], se=np.nan
    )
    guess[["kind", "scale"]] = guess[["kind", "scale"]].fillna({"kind": "", "scale": 1.0})
    half = Z * np.hypot(table["se"].to_numpy(dtype=float), errors(guess))
    d = (table["observed"] - table["forecast"]).to_numpy(dtype=float)
    worse = np.where(table["falls"], d, -d)
    status = table["status"].astype("object").to_numpy()
    with np.errstate(invalid="ignore"):
        table["verdict"] = np.select(
            [pd.isna(status), status == "suppressed", np.isnan(d), np.isnan(half), worse - half > 0, worse + half < 0],
            ["no_data", "suppressed", "no_data", "cannot_say", "worse", "better"],
            "as_forecast",
        )
    return table.assign(difference=d, difference_lower=d - half, difference_upper=d + half)[_FORECASTS]
