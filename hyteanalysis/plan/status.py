"""Where each goal stands: the number now against its baseline, threshold and target, in words its interval allows."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hyteanalysis.errors import PlanError, one_of
from hyteanalysis.findings.contrasts import Z
from hyteanalysis.plan.numbers import Asked, Known, errors, look_up, newest, series

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release
    from hyteanalysis.plan.goals import Goal
    from hyteanalysis.plan.model import Plan

STATES = ("on_the_way", "reached", "threshold_passed", "moving_away", "no_clear_change", "suppressed", "no_data")
COLUMNS = [
    "goal", "baseline", "now", "lower", "upper", "threshold", "target", "state", "lead", "next_check", "title",
    "indicator", "area", "dimension", "group", "baseline_period", "period", "change", "change_lower", "change_upper",
    "target_date", "note",
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
    told = [fault(goal, known) for goal in plan.goals]
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


def fault(goal: "Goal", known: Known) -> str | None:
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
