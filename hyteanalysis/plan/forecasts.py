"""Forecast against observed, by group: what an action was reckoned to lead to, and what became of it."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hyteanalysis.errors import PlanError, one_of
from hyteanalysis.findings.contrasts import Z
from hyteanalysis.plan.goals import Forecast
from hyteanalysis.plan.numbers import KEY, Asked, errors, series
from hyteanalysis.plan.parts import Date, Number

if TYPE_CHECKING:
    from hyteanalysis.actions import Impact
    from hyteanalysis.disclosure import Release
    from hyteanalysis.plan.model import Plan

COLUMNS = [
    "goal", "action", "indicator", "area", "dimension", "group", "period", "forecast", "forecast_lower",
    "forecast_upper", "observed", "lower", "upper", "difference", "difference_lower", "difference_upper", "verdict",
]  # fmt: skip


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
        return pd.DataFrame(columns=COLUMNS)
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
    return table.assign(difference=d, difference_lower=d - half, difference_upper=d + half)[COLUMNS]
