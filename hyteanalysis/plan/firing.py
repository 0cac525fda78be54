"""The rules engine: which rules fire, which do not, and of which nothing can be said."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hyteanalysis.errors import PlanError
from hyteanalysis.findings.contrasts import Z
from hyteanalysis.plan.numbers import KEY, WHOLE, Asked, Known, look_up, newest, series
from hyteanalysis.plan.status import listed

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release
    from hyteanalysis.plan.model import Plan
    from hyteanalysis.plan.rules import Rule


def fired(plan: "Plan", release: "Release") -> pd.DataFrame:
    """Tell which rules of a plan fire.

    Answers: *which threshold was passed, surely enough to act on?* With d the difference on the worse side and m the
    least that matters: a rule fires where d ≥ m and the 95 % interval of d lies above 0; it does not where the
    interval lies below m (m = 0: below 0); else it cannot say. Against the country or the county the area is taken as
    part of it: var = s² + s_w² − 2 f s², f its share of the people.

    Parameters
    ----------
    plan : Plan
    release : Release

    Returns
    -------
    DataFrame
        One row a rule × area: ``rule, title, indicator, area, dimension, group, period, now, lower, upper, compared``
        (the value compared with) ``, compared_with`` (``threshold, target``, an area or a period) ``, difference``
        (positive = worse) ``, difference_lower, difference_upper, minimum, respondents, verdict`` (``fires,
        does_not_fire, cannot_say``) ``, reason`` (why it cannot say: ``no_data, suppressed, few_respondents,
        no_comparison, no_interval, not_clear``) ``, actions``.

    Raises
    ------
    PlanError
        Naming rule and field: an unknown indicator, group or area, with near names.

    Notes
    -----
    Many rules on many areas fire by chance: at 95 % one in forty where nothing has changed.
    """
    known = Known(release)
    pairs = [(rule, area) for rule in plan.rules for area in _areas(rule, plan, release)]
    told = dict.fromkeys(
        f"rule {rule.id!r}: {': '.join(found)}" for rule, area in pairs if (found := known.fault(_asked(rule, area)))
    )
    if told:
        raise PlanError(listed(list(told)))
    if not pairs:
        return pd.DataFrame(columns=_COLUMNS)
    counties = _counties(release)
    asked = [_asked(rule, area) for rule, area in pairs]
    others = [one._replace(area=_other(rule, area, counties)) for (rule, area), one in zip(pairs, asked, strict=True)]
    rows = series(release, [*asked, *others])
    now = look_up(newest(rows), asked)
    compared = _compared(plan, pairs, rows, now, others)
    frame = now[[*KEY, "period", "lower", "upper", "respondents"]].assign(
        rule=[rule.id for rule, _ in pairs],
        title=[rule.title for rule, _ in pairs],
        now=now["estimate"],
        compared=compared["value"],
        compared_with=compared["with"],
        actions=[rule.actions for rule, _ in pairs],
    )
    favourable = now["favourable"].fillna(False).astype(bool).to_numpy()
    kinds = np.array([rule.comparator for rule, _ in pairs])
    sign = np.where(kinds == "above", 1.0, np.where(kinds == "below", -1.0, np.where(favourable, -1.0, 1.0)))
    difference = sign * (now["estimate"] - compared["value"]).to_numpy(dtype=float)
    half = Z * np.sqrt(_variance(now, compared))
    respondents = now["respondents"].to_numpy(dtype=float)
    minimum = np.array([
        rule.least(None if np.isnan(n) else n) for (rule, _), n in zip(pairs, respondents, strict=True)
    ])  # fmt: skip
    frame = frame.assign(
        difference=difference, difference_lower=difference - half, difference_upper=difference + half, minimum=minimum
    )
    frame["verdict"], frame["reason"] = _verdicts(frame, now, [rule for rule, _ in pairs])
    return frame[_COLUMNS]


_COLUMNS = [
    "rule", "title", *KEY, "period", "now", "lower", "upper", "compared", "compared_with", "difference",
    "difference_lower", "difference_upper", "minimum", "respondents", "verdict", "reason", "actions",
]  # fmt: skip


def _asked(rule: "Rule", area: str) -> Asked:
    return Asked(rule.indicator, area, rule.dimension, rule.group)


def _areas(rule: "Rule", plan: "Plan", release: "Release") -> list[str]:
    """The rule's area, or each area right below it."""
    area = rule.area or plan.area
    if not rule.each_below:
        return [area]
    pairs = release.areas
    return sorted(set(pairs.loc[pairs["parent"] == area, "area"]))


def _counties(release: "Release") -> Mapping[str, str]:
    """The wellbeing services county of each area."""
    pairs = release.areas.dropna(subset=["parent"])
    pairs = pairs[pairs["parent"].str.startswith("HVA")]
    return dict(zip(pairs["area"], pairs["parent"], strict=True))


def _other(rule: "Rule", area: str, counties: Mapping[str, str]) -> str:
    """The area that is compared with; the area itself where none is."""
    if rule.comparator == "worse_than_country":
        return WHOLE
    return counties.get(area, "") if rule.comparator == "worse_than_county" else area


def _compared(
    plan: "Plan",
    pairs: "list[tuple[Rule, str]]",
    rows: pd.DataFrame,
    now: pd.DataFrame,
    others: list[Asked],
) -> pd.DataFrame:
    """Value, error and people of what each is compared with, and its name."""
    targets = {goal.id: goal.target.value for goal in plan.goals}
    usable = rows[rows["estimate"].notna()].set_index([*KEY, "period"])[["estimate", "se", "population"]]
    periods = rows[rows["estimate"].notna()].groupby(KEY)["period"].agg(list).to_dict()
    wanted: list[tuple[str, ...]] = []
    names: list[str] = []
    fixed: list[float] = []
    for (rule, area), other, period in zip(pairs, others, now["period"], strict=True):
        at, name = period, other.area
        value: float | None = None
        if rule.comparator in ("above", "below"):
            name, value = "threshold", rule.threshold
        elif rule.comparator == "worse_than_target":
            name, value = "target", targets[str(rule.goal)]
        elif rule.comparator == "worsened":
            earlier = [one for one in periods.get(tuple(other), []) if pd.notna(period) and one < period]
            at = rule.since if rule.since else (earlier[-1] if earlier else "")
            name = at
        elif other.area == area:
            at = ""
        wanted.append((*other, "" if pd.isna(at) else at))
        names.append(name)
        fixed.append(np.nan if value is None else value)
    found = usable.reindex(pd.MultiIndex.from_tuples(wanted, names=[*KEY, "period"])).reset_index(drop=True)
    given = ~np.isnan(np.array(fixed, dtype=float))
    return pd.DataFrame(
        {
            "value": np.where(given, fixed, found["estimate"]),
            "se": np.where(given, 0.0, found["se"]),
            "population": np.where(given, np.nan, found["population"]),
            "with": names,
            "whole": [rule.comparator in ("worse_than_country", "worse_than_county") for rule, _ in pairs],
        }
    )


def _variance(now: pd.DataFrame, compared: pd.DataFrame) -> np.ndarray:
    """Variance of the difference; an area is part of the whole that it is compared with."""
    se, other = now["se"].to_numpy(dtype=float), compared["se"].to_numpy(dtype=float)
    share = now["population"].to_numpy(dtype=float) / compared["population"].to_numpy(dtype=float)
    share = np.where(compared["whole"], np.clip(np.nan_to_num(share), 0, 1), 0.0)
    return np.asarray(np.maximum(se**2 + other**2 - 2 * share * se**2, ((1 - share) * se) ** 2))


def _verdicts(frame: pd.DataFrame, now: pd.DataFrame, rules: "list[Rule]") -> tuple[np.ndarray, np.ndarray]:
    """Verdict and reason of each."""
    sure = np.array([rule.certainty == "estimate" for rule in rules])
    few = frame["respondents"].to_numpy(dtype=float) < np.array([rule.minimum_respondents for rule in rules])
    d, least = frame["difference"].to_numpy(dtype=float), frame["minimum"].to_numpy(dtype=float)
    low = np.where(sure, d, frame["difference_lower"])
    high = np.where(sure, d, frame["difference_upper"])
    status = now["status"].astype("object").to_numpy()
    with np.errstate(invalid="ignore"):
        reason = np.select(
            [
                pd.isna(status), status == "suppressed", now["estimate"].isna(), few,
                frame["compared"].isna(), np.isnan(low),
            ],
            ["no_data", "suppressed", "no_data", "few_respondents", "no_comparison", "no_interval"],
            "",
        )  # fmt: skip
        verdict = np.select(
            [reason != "", (d >= least) & (low > 0), (high < least) | (high <= 0)],
            ["cannot_say", "fires", "does_not_fire"],
            "cannot_say",
        )
    return verdict, np.where((verdict == "cannot_say") & (reason == ""), "not_clear", reason)
