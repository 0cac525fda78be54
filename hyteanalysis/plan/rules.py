"""Rules: an indicator that passes a threshold calls for actions. Which fire, and which actions come into question."""

from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from hyteanalysis import actions
from hyteanalysis import areas as areal
from hyteanalysis.actions.model import refuse
from hyteanalysis.errors import HyteError, PlanError, one_of
from hyteanalysis.findings.contrasts import Z
from hyteanalysis.findings.selection import DISCOVERIES
from hyteanalysis.plan.monitoring import listed
from hyteanalysis.plan.numbers import KEY, WHOLE, Asked, Known, look_up, newest, series
from hyteanalysis.plan.parts import Id, Part, Text
from hyteanalysis.uncertainty import discovery, two_sided

if TYPE_CHECKING:
    from hyteanalysis.actions import Action
    from hyteanalysis.disclosure import Release
    from hyteanalysis.plan.model import Plan

Comparator = Literal["above", "below", "worse_than_country", "worse_than_county", "worsened", "worse_than_target"]
READY: dict[str, dict[str, Any]] = {
    # the study covers all pupils, and its own rule of thumb looks at the difference alone
    "school-health": {
        "comparator": "worsened",
        "minimum_change": 2.0,
        "minimum_change_small": 5.0,
        "small_under": 100,
        "certainty": "estimate",
        "minimum_respondents": 0,
    },
    "country": {"comparator": "worse_than_country"},
    "county": {"comparator": "worse_than_county"},
    "own-target": {"comparator": "worse_than_target"},
}
_FIRED = [
    "rule", "title", *KEY, "period", "now", "lower", "upper", "compared", "compared_with", "difference",
    "difference_lower", "difference_upper", "minimum", "respondents", "verdict", "reason", "actions",
]  # fmt: skip
_CANDIDATES = [
    "rule", "area", "group", "action", "rank", "averted", "averted_lower", "averted_upper", "per_1000_reached",
    "cost_per_case", "reason",
]  # fmt: skip


class Rule(Part):
    """When an indicator calls for action, and which actions come into question.

    Parameters
    ----------
    id, title : str
    indicator, dimension, group, area : str
        What is watched and whom it concerns; without ``area`` the plan's own.
    each_below : bool
        Watch every area right below that area instead, such as the municipalities of a county.
    since : str, optional
        The earlier period of ``worsened``; by default the one before the newest that has a number.
    comparator : str
        ``above, below`` a ``threshold``; ``worse_than_country, worse_than_county`` of the same group; ``worsened``
        since the earlier period; ``worse_than_target`` of ``goal``. *Worse* follows the indicator's direction.
    threshold : float, optional
        In the indicator's unit; for ``above`` and ``below``.
    goal : str, optional
        For ``worse_than_target``.
    minimum_change : float
        Least difference that matters, in the indicator's unit.
    minimum_change_small, small_under : float, int, optional
        Least difference where there are fewer respondents than ``small_under``.
    certainty : {"interval", "estimate"}
        ``interval``: the whole 95 % interval of the difference must lie on the worse side.
    minimum_respondents : int
        With fewer respondents the rule cannot say.
    actions : tuple of str
        Candidate actions, by id.

    Examples
    --------
    >>> rule = Rule.ready("school-health", id="lonely", title="Loneliness", indicator="lonely", actions=["groups"])
    >>> rule.comparator, rule.least(80), rule.least(2_000)
    ('worsened', 5.0, 2.0)
    """

    id: Id
    title: Text
    indicator: Text
    comparator: Comparator
    dimension: Text = "total"
    group: Text = "total"
    area: str | None = None
    each_below: bool = False
    since: str | None = None
    threshold: float | None = Field(default=None, allow_inf_nan=False)
    goal: Id | None = None
    minimum_change: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    minimum_change_small: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    small_under: int = Field(default=100, ge=0)
    certainty: Literal["interval", "estimate"] = "interval"
    minimum_respondents: int = Field(default=30, ge=0)
    actions: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _valid(self) -> "Rule":
        needs = {"above": "threshold", "below": "threshold", "worse_than_target": "goal"}.get(self.comparator)
        for field in ("threshold", "goal"):
            if (needs == field) != (getattr(self, field) is not None):
                said = f"{self.comparator!r} needs it" if needs == field else f"{self.comparator!r} does not use it"
                refuse(said, (field,))
        return self

    @classmethod
    def ready(cls, name: str, **said: Any) -> "Rule":
        """A ready rule, ``school-health, country, county`` or ``own-target``, for an indicator; ``said`` overrides."""
        return cls(**{**READY[one_of(name, list(READY), "ready rule", PlanError)], **said})

    def least(self, respondents: float | None) -> float:
        """The least difference that matters with so many respondents."""
        small = respondents is not None and respondents < self.small_under
        return self.minimum_change if self.minimum_change_small is None or not small else self.minimum_change_small


def fired(plan: "Plan", release: "Release") -> pd.DataFrame:
    """Tell which rules of a plan fire.

    Answers: *which threshold was passed, surely enough to act on?* With d the difference on the worse side and m the
    least that matters: a rule fires where d ≥ m and the 95 % interval of d lies above 0; it does not where the
    interval lies below m (m = 0: below 0); else it cannot say. A rule that looks at each area below holds those that
    fire to 5 % false ones expected among all its areas (Benjamini–Hochberg), else it cannot say. Against the country or
    the county the area is taken as part of it: var = s² + s_w² − 2 f s², f its share of the people.

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
    Each of many rules still fires by chance: at 95 % one in forty where nothing has changed.
    """
    known = Known(release)
    pairs = [(rule, area) for rule in plan.rules for area in _areas(rule, plan, release)]
    told = dict.fromkeys(
        f"rule {rule.id!r}: {': '.join(found)}" for rule, area in pairs if (found := known.fault(_asked(rule, area)))
    )
    if told:
        raise PlanError(listed(list(told)))
    if not pairs:
        return pd.DataFrame(columns=_FIRED)
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
    with np.errstate(divide="ignore", invalid="ignore"):
        p = two_sided(Z * difference / half)
    kept = ~(discovery(p, [rule.id for rule, _ in pairs]) > DISCOVERIES)
    frame["verdict"], frame["reason"] = _verdicts(frame, now, [rule for rule, _ in pairs], kept)
    return frame[_FIRED]


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


def _verdicts(
    frame: pd.DataFrame, now: pd.DataFrame, rules: "list[Rule]", kept: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Verdict and reason of each; ``kept``: surely worse among all the areas that its rule looks at."""
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
            [reason != "", (d >= least) & (low > 0) & (kept | sure), (high < least) | (high <= 0)],
            ["cannot_say", "fires", "does_not_fire"],
            "cannot_say",
        )
    return verdict, np.where((verdict == "cannot_say") & (reason == ""), "not_clear", reason)


def candidates(
    fired: pd.DataFrame,
    release: "Release",
    *,
    library: "Mapping[str, Action | str | PathLike[str]] | None" = None,
    draws: int = 1_000,
    seed: int | None = 1,
) -> pd.DataFrame:
    """Rank the candidate actions of the rules that fired by how many of the group concerned each would help.

    Parameters
    ----------
    fired : DataFrame
        Of :func:`hyteanalysis.plan.fired`; rows that do not fire are passed over.
    release : Release
    library : mapping, optional
        Action id → Action or its file. The examples that come with the project by default.
    draws, seed
        Of :func:`hyteanalysis.impact`.

    Returns
    -------
    DataFrame
        ``rule, area, group, action, rank`` (1 = helps most of the group) ``, averted`` (one year's cases) with limits
        ``, per_1000_reached, cost_per_case, reason``: why an action cannot be ranked (``no_effect_file,
        another_outcome, another_grouping``, or what :func:`hyteanalysis.impact` says). Those come last, without rank.
    """
    files = actions.library() if library is None else library
    firing = fired[fired["verdict"] == "fires"]
    known = {
        name: _action(files[name]) for name in sorted({a for row in firing["actions"] for a in row}) if name in files
    }
    impacts: dict[tuple[str, str], pd.DataFrame | str] = {}
    rows = []
    for row in firing.itertuples():
        for name in row.actions:
            found = {"rule": row.rule, "area": row.area, "group": row.group, "action": name}
            action = known.get(name)
            if action is None:
                rows.append({**found, "reason": "no_effect_file"})
            elif action.outcome != row.indicator:
                rows.append({**found, "reason": "another_outcome"})
            elif row.dimension not in ("total", action.dimension):
                rows.append({**found, "reason": "another_grouping"})
            else:
                places = firing.loc[(firing["indicator"] == row.indicator), "area"]
                same = sorted({area for area in places if areal.level(area) == areal.level(row.area)})
                key = (name, areal.level(row.area))
                if key not in impacts:
                    impacts[key] = _helped(release, action, same, draws, seed)
                rows.append({**found, **_figures(impacts[key], row.area, row.group)})
    table = pd.DataFrame(rows, columns=[column for column in _CANDIDATES if column != "rank"])
    table["reason"] = [one if isinstance(one, str) else "" for one in table["reason"]]
    table["rank"] = table.groupby(["rule", "area"])["averted"].rank(ascending=False, method="min")
    table = table.sort_values("rank", kind="stable", na_position="last")
    order = {pair: i for i, pair in enumerate(dict.fromkeys(zip(firing["rule"], firing["area"], strict=True)))}
    place = [order[pair] for pair in zip(table["rule"], table["area"], strict=True)]
    return table.iloc[np.argsort(place, kind="stable")][_CANDIDATES].reset_index(drop=True)


def _action(action: "Action | str | PathLike[str]") -> "Action":
    return action if isinstance(action, actions.Action) else actions.Action.read(action)


def _helped(
    release: "Release", action: "Action", areas: list[str], draws: int, seed: int | None
) -> "pd.DataFrame | str":
    """The action's figures by area and group, or why there are none."""
    try:
        return actions.impact(release, action, areas=areas, draws=draws, seed=seed).by_group.set_index(
            ["area", "group"]
        )
    except HyteError as error:
        return str(error)


def _figures(figures: "pd.DataFrame | str", area: str, group: str) -> dict[str, object]:
    """An area's and group's part of the figures; the sum over its groups for the whole population."""
    if isinstance(figures, str):
        return {"reason": figures}
    wanted = ["averted", "averted_lower", "averted_upper", "per_1000_reached", "cost_per_case"]
    if (area, group) in figures.index:
        return dict(figures.loc[(area, group), wanted])
    if group == "total" and area in figures.index.get_level_values("area"):
        return {"averted": figures.loc[area, "averted"].sum(), "reason": ""}
    return {"reason": f"no figures for {area}"}
