"""What an action does for each group and area: an estimate under its assumptions, its figures and its sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis import i18n
from hyteanalysis.actions import sentences
from hyteanalysis.actions.baseline import BaselineLevels, baseline
from hyteanalysis.actions.equity import inequality, plane
from hyteanalysis.actions.model import Action
from hyteanalysis.actions.ranking import CRITERIA, rank
from hyteanalysis.actions.selection import filled
from hyteanalysis.actions.sensitivity import information, on_scales, tornado
from hyteanalysis.actions.simulation import Simulation
from hyteanalysis.actions.summary import Summary, limits
from hyteanalysis.disclosure import Release
from hyteanalysis.display import shown
from hyteanalysis.errors import MeasureError, PlanError, one_of
from hyteanalysis.i18n import language, spoken, text
from hyteanalysis.memory import Memory

MOST_DRAWS = 1_000_000
SHOWN = ["group", "population", "baseline", "reached", "averted", "averted_lower", "averted_upper", "inverse_care"]
Array = NDArray[Any]


@dataclass(frozen=True, eq=False, repr=False)
class Impact:
    """An action's estimated benefit by area and group; made by :func:`impact`.

    Attributes
    ----------
    action : Action
    by_group : DataFrame
        One row an area × group; see :func:`impact`.
    baseline : Baseline
        Period, cells, rows left out, notes.
    simulation : Simulation
        The draws, made again whenever they are asked for.
    summary : Summary
        Sums by group in each draw.
    memory : Memory
        What was reckoned from it and is asked for again, such as the ways of sharing a budget.
    """

    action: Action
    by_group: pd.DataFrame
    baseline: BaselineLevels
    simulation: Simulation
    summary: Summary
    memory: Memory = field(default_factory=Memory, init=False)

    @property
    def release(self) -> str | None:
        """Id of the release it was made from; None for raw cells, which no figure accepts."""
        return self.baseline.release.id if self.baseline.release is not None else None

    @property
    def left_out(self) -> pd.DataFrame:
        """Rows that could not be used: ``area, group, reason``."""
        return self.baseline.left_out

    def ranking(
        self,
        criterion: str,
        *,
        by: str = "cell",
        top: int = 3,
        shrink: bool = True,
        index: str = "atkinson",
        aversion: float = 1.0,
        wellbeing: Mapping[str, float] | None = None,
    ) -> pd.DataFrame:
        """Whom the action helps most, by one of four criteria.

        Parameters
        ----------
        criterion : {"per_reached", "total", "per_euro", "equity_weighted"}
            Cases averted for each person reached; in all; for each euro spent on those reached (a set-up shared by all
            changes no order); in all, weighted by how badly off the cell is.
        by : {"cell", "group"}
            Rank every area × group against every other, or the groups pooled over the areas.
        top : int
            k of P(among the first k).
        shrink : bool
            Draw small areas towards their group's mean first (empirical Bayes). ``value`` then differs a little from
            ``by_group``, whose figures are those of the cells as they are.
        index, aversion : str, float
            Equity weight h^(−ε)/Σ f h^(−ε) ("atkinson") or e^(−αh) likewise ("kolm").
        wellbeing : {group: amount}, optional
            h of each group, such as expected healthy years or income, on whose scale an aversion was elicited. None:
            h = 1 − baseline, the share without this outcome, which differs so little that weights hardly act.

        Returns
        -------
        DataFrame
            Best first: ``criterion, area, group, order, baseline`` (shrunken) ``, weight`` (of the area's own figure)
            ``, value, lower, upper, p_best, p_top, mean_rank`` (1 = best; ties share) ``, sucra, p_harm``; SUCRA is
            (k − mean rank)/(k − 1).

        Raises
        ------
        MeasureError
            An unknown criterion, or ``per_euro`` without a price.
        """
        options: dict[str, Any] = {"index": index, "aversion": aversion, "wellbeing": wellbeing}
        return rank(self.simulation, criterion, by=by, top=top, shrink=shrink, **options)

    def rankings(self, *, by: str = "cell", top: int = 3, shrink: bool = True, aversion: float = 1.0) -> pd.DataFrame:
        """The four rankings one below the other (three where the action has no price)."""
        priced = (self.simulation.cost.values > 0).all()
        criteria = [one for one in CRITERIA if priced or one != "per_euro"]
        return pd.concat(
            [self.ranking(one, by=by, top=top, shrink=shrink, aversion=aversion) for one in criteria], ignore_index=True
        )

    def funded(self, budget: float) -> "Impact":
        """What a sum of money does: as many reached as it pays, in the proportions of the action's own reach.

        No group beyond those who would come; fixed costs first. The people reached are then fixed by the money.

        Raises
        ------
        PlanError
            A budget of 0 or less, or an action without a price.
        """
        simulation = self.simulation
        share = _paid(simulation, budget)
        about = {name: part for name, part in self.action.to_dict()["reach"].items() if name in ("of", "risk")}
        reach: dict[str, Any] = {**about, **_by_place(simulation.cells, share)}
        if simulation.feasible_known:
            reach["feasible"] = _by_place(simulation.cells, simulation.feasible)
        action = Action.from_dict({**self.action.to_dict(), "reach": reach})
        return _estimated(self.baseline, action, simulation.draws, simulation.entropy)

    @cached_property
    def pooled(self) -> pd.DataFrame:
        """Each group over all areas, people-weighted, with intervals.

        ``group, order, population, baseline, after, reached, averted, averted_lower, averted_upper, arr,
        per_1000_reached, per_1000_people, benefit_burden`` with limits, ``inverse_care`` (ratio under 1) and ``clear``
        (its interval under 1).
        """
        return _pooled(self.simulation, self.summary, self.by_group)

    @cached_property
    def totals(self) -> pd.DataFrame:
        """The whole: ``quantity, value, lower, upper``.

        Quantities are ``averted, pif, person_years, reached, cost, cost_per_case, cost_per_person_year, paf``, and
        ``saving, net_cost`` where the action says what a person-year averted saves.

        ``pif``: share of all cases averted. ``paf``: its ceiling, were every group at the best group's level. ``cost``:
        euros for those reached and the set-up. A quantity without interval has empty limits.
        """
        return _totals(self.simulation, self.summary, self.by_group, self.pooled)

    @cached_property
    def inequality(self) -> pd.DataFrame:
        """Inequality before and after, by every measure of the registry that applies.

        ``measure, before, after, change, change_lower, change_upper``, on shares badly off (0–1), areas pooled by
        group.
        """
        return inequality(self.pooled, self.summary)

    def plane(
        self,
        *,
        index: str = "atkinson",
        aversion: float | None = 1.0,
        tolerance: float = 0.5,
        threshold: float | None = None,
        displaced: "str | Mapping[str, float]" = "people",
    ) -> pd.DataFrame:
        """Where the action stands on the health equity impact plane; see ``equity.plane``.

        With ``threshold`` on net benefit (:meth:`net_benefit`), so that actions of any price stand on one plane.
        """
        pooled, summary = self.pooled, self.summary
        if threshold is not None:
            net, drawn = self._net(threshold, displaced)
            pooled = pooled.assign(after=pooled["baseline"] - net["net_benefit"] / pooled["population"])
            summary = replace(summary, helped=drawn)
        return plane(pooled, summary, index=index, aversion=aversion, tolerance=tolerance)

    def net_benefit(self, threshold: float, *, displaced: "str | Mapping[str, float]" = "people") -> pd.DataFrame:
        """What each group gains once what the same money would have given elsewhere is taken off.

        Answers: *is the action worth its price, and for whom?* Net benefit = person-years averted − d·(cost −
        saving)/threshold, d the group's share of what is displaced.

        Parameters
        ----------
        threshold : float
            Euros that elsewhere give one person-year.
        displaced : {"people", "need"} or {group: share}
            How what is displaced falls: by people, by people badly off, or as stated (shares that sum to 1).

        Returns
        -------
        DataFrame
            ``group, order, population, person_years, displaced, net_benefit`` with limits, and ``p_gains``.

        Raises
        ------
        MeasureError
            A threshold of 0 or less, shares that do not sum to 1 or name a group that is not there.

        Notes
        -----
        References: Love-Koh, Cookson, Claxton & Griffin 2020; Asaria, Griffin & Cookson 2016.
        """
        return self._net(threshold, displaced)[0]

    def _net(self, threshold: float, displaced: "str | Mapping[str, float]") -> tuple[pd.DataFrame, Array]:
        if not threshold > 0:
            raise MeasureError(f"threshold must be euros above 0 for one person-year; not {threshold}.")
        simulation, cells, pooled = self.simulation, self.by_group, self.pooled
        part = _displaced(displaced, pooled)
        years = simulation.person_years(self.summary.helped)
        gained = simulation.membership @ cells["person_years"].to_numpy()
        saved, saved_drawn = _saved(simulation, self.summary, cells)
        spent = simulation.people_sums(simulation.cost).sum(axis=0) + simulation.fixed_draws
        given = (cells["cost"].sum() + simulation.fixed_total - saved) / threshold
        drawn = years - part[:, None] * (np.broadcast_to(spent - saved_drawn, years.shape[1:]) / threshold)
        low, high = limits(drawn.copy())
        frame = pooled[["group", "order", "population"]].assign(
            person_years=gained, displaced=part * given, net_benefit=gained - part * given, net_benefit_lower=low,
            net_benefit_upper=high, p_gains=(drawn > 0).mean(axis=1),
        )  # fmt: skip
        return frame, drawn

    def tornado(self, target: str = "averted", *, spread: float | None = 0.2) -> pd.DataFrame:
        """Which assumption decides: one input at a time at its ends; see ``sensitivity.tornado``."""
        return tornado(self.simulation, target, spread=spread)

    def by_scale(self, criterion: str = "total") -> pd.DataFrame:
        """The ranking of the groups on each scale on which one shared effect may be the same for all.

        One risk ratio makes the highest risk best by construction, one risk difference all alike; a study of one mean
        effect seldom says which holds. ``scale, group, order, value, p_best``; rows of the scale ``mean`` average the
        others' ``p_best``.

        Raises
        ------
        MeasureError
            Groups have effects of their own.
        """
        scales = on_scales(self.simulation)
        kept = ["scale", "group", "order", "value", "p_best"]
        ranked = [rank(one, criterion, by="group").assign(scale=scale)[kept] for scale, one in scales.items()]
        every = pd.concat(ranked, ignore_index=True)
        mean = every.groupby("group", sort=False).agg(order=("order", "first"), p_best=("p_best", "mean")).reset_index()
        return pd.concat([every, mean.assign(scale="mean", value=np.nan)[kept]], ignore_index=True)

    def information(self, criterion: str = "total", *, aversion: float = 1.0) -> pd.DataFrame:
        """What it would be worth to know more before choosing a group; see ``sensitivity.information``."""
        return information(self.simulation, criterion, aversion=aversion)

    @cached_property
    def assumptions(self) -> pd.DataFrame:
        """Every number behind it: its origin and what was converted."""
        return sentences.assumptions(self.simulation)

    @spoken
    def notes(self, lang: str = "fi") -> list[str]:
        """What was assumed, in sentences: an estimate under assumptions, and which."""
        said = sentences.assumed(self.action, self.simulation, self.by_group, self.baseline.notes, lang)
        worst = self.pooled.loc[self.pooled["baseline"].idxmax(), "group"]
        if len(self.pooled) > 1 and len(self.simulation.effect.nodes) == 1 and not self.simulation.affected:
            name = self.baseline.names.group(self.action.dimension, worst, lang)
            said.append(i18n.text("action.assumed.scale", lang, rr=name))
        return said

    @spoken
    def sentences(self, lang: str = "fi") -> list[str]:
        """The answer in two or three sentences: who is helped most, how surely, and who is left with too little."""
        return sentences.answer(self.pooled, self.ranking("total", by="group"), self.baseline.names, self.action, lang)

    @spoken
    def practice(self, lang: str = "fi") -> list[str]:
        """That the figures are practice data, where they are."""
        release = self.baseline.release
        return [text("display.synthetic", lang)] if release is not None and release.synthetic else []

    def __repr__(self) -> str:
        return f"<Impact of {self.action.id}: {len(self.by_group)} cells, {self.simulation.draws} draws>"

    def _repr_html_(self) -> str:
        lang = language()
        return shown(
            f"{self.action.label(lang)} ({self.baseline.period})",
            said=[*self.practice(lang), *self.sentences(lang)],
            facts=sentences.facts(self.totals, lang),
            frame=self.pooled[SHOWN],
        )


def impact(
    cells: "pd.DataFrame | Release",
    action: Action,
    *,
    indicators: pd.DataFrame | None = None,
    areas: str | Sequence[str] | None = None,
    period: str | None = None,
    draws: int = 10_000,
    seed: int | None = None,
) -> Impact:
    """Estimate what an action does for each group and area.

    Answers: *how many people does it help, in which group, and how sure is that?* With N people, baseline share p,
    reach r and an effect on those reached: ARR = p(1 − RR), or by odds ratio or risk difference, never past 0 or 1;
    cases averted A = N·r·ARR. Those reached are taken to have their group's average risk. It is an estimate under
    assumptions, not a prediction.

    Parameters
    ----------
    cells : DataFrame or Release
        Tidy cells, or a release (then figures take the result).
    action : Action
    indicators : DataFrame, optional
        Metadata for scale and direction; a favourable outcome is turned round. Without it the columns ``scale,
        favourable`` of the cells serve, else estimates are shares badly off. A release brings its own.
    areas : str or list of str, optional
        Areas of one level. Default: the level with the most areas (``notes`` says which).
    period : str, optional
        Default: the newest that has a number.
    draws : int
        Draws of the probabilistic sensitivity analysis.
    seed : int, optional
        The same seed gives the same draws.

    Returns
    -------
    Impact
        ``.by_group`` has one row an area × group: ``area, group, order, population, baseline`` (share badly off) ``,
        reach, reached`` (people) ``, arr, averted`` (one year's cases) ``, per_1000_reached, nnt`` (1/ARR; negative: to
        harm) ``, after, cost`` (euros for those reached) ``, cost_per_case`` (c/ARR, + set-up/ΣA) ``, person_years``
        (over the horizon, discounted) ``, benefit_share, burden_share, benefit_burden, inverse_care, pif, capped,
        p_harm``, and ``_lower, _upper`` of ``arr, averted, cost_per_case, person_years, nnt``. Where the interval of
        ARR holds 0, ``nnt`` has no finite interval: ``nntb`` and ``nnth`` are its ends (Altman 1998).

    Raises
    ------
    PlanError
        The cells lack the outcome, the dimension, a group or an area that the action names; no people are given.
    MeasureError
        The outcome is a mean or a count; its values are no shares; the number of draws makes no sense.

    Notes
    -----
    Baselines are logit-normal and independent; a relative effect is lognormal, with one draw shared by all groups
    unless a group has an interval of its own; reach beta, cost gamma. Figures come from the values, not from the draws'
    mean. Not for adding up several actions on the same people: :func:`combine` multiplies them. References: Heller,
    Edwards & McElduff 2003; Altman 1998; Morgenstern & Bursic 1982; Briggs 2006.

    Examples
    --------
    >>> import pandas as pd, hyteanalysis as hyte
    >>> cells = pd.DataFrame({"indicator": "smoking", "area": "HVA08", "period": "2022", "dimension": "education",
    ...                       "group": ["low", "high"], "order": [1, 2], "estimate": [0.22, 0.06],
    ...                       "se": [0.010, 0.005], "population": [40_000, 60_000]})
    >>> action = hyte.Action.from_dict({"id": "quit", "name": "Quit groups", "outcome": "smoking",
    ...     "dimension": "education", "effect": {"scale": "rr", "value": 0.8, "lower": 0.7, "upper": 0.9},
    ...     "reach": {"value": 0.2, "by_group": {"low": 0.1}}, "cost": {"per_person": 120}})
    >>> result = hyte.impact(cells, action, draws=1_000, seed=1)
    >>> result.by_group[["group", "averted", "nnt", "benefit_burden", "inverse_care"]].round(2)
      group  averted    nnt  benefit_burden  inverse_care
    0   low    176.0  22.73            0.78          True
    1  high    144.0  83.33            1.55         False
    """
    if not isinstance(action, Action):
        raise PlanError(f"action must be an Action, such as Action.read('action.yml'); not {type(action).__name__}.")
    if isinstance(draws, bool) or not isinstance(draws, int) or not 100 <= draws <= MOST_DRAWS:
        raise MeasureError(f"draws must be a whole number from 100 to {MOST_DRAWS}; not {draws!r}.")
    start = baseline(cells, action, indicators, areas=areas, period=period)
    entropy = np.random.SeedSequence(seed).entropy
    assert isinstance(entropy, int)
    return _estimated(start, action, draws, entropy)


def _estimated(start: BaselineLevels, action: Action, draws: int, entropy: int) -> Impact:
    simulation = Simulation.of(
        start.cells, action, groups=start.groups, areas=start.areas, draws=draws, entropy=entropy
    )
    summary = Summary.of(simulation)
    return Impact(action, _by_group(simulation, summary), start, simulation, summary)


def _paid(simulation: Simulation, budget: float) -> Array:
    """Share of those whom the action is for that the money pays in each cell, in today's proportions."""
    if not budget > 0:
        raise PlanError(f"budget must be euros above 0; not {budget}.")
    eligible, price = simulation.eligible, simulation.cost.values
    if not price.any() and not simulation.fixed_total:
        raise PlanError(f"{simulation.action.id} has no price, so no money can be shared by it: give cost.per_person.")
    now = eligible * simulation.reach.values
    money = max(budget - simulation.fixed_total, 0.0)
    most = np.maximum(simulation.feasible, simulation.reach.values) * eligible
    if not simulation.affected:  # no more with the outcome are reached than there are
        most = np.minimum(most, eligible / simulation.risk.values)
    reached = filled(now[None], np.zeros((1, len(now))), most, price, money)[0]
    return np.asarray(np.divide(reached, eligible, out=np.zeros_like(reached), where=eligible > 0).clip(0, 1))


def _by_place(cells: pd.DataFrame, shares: Array) -> dict[str, Any]:
    """Shares of the cells as an action writes them: by group where there is one area, else by area and group."""
    found: dict[str, dict[str, float]] = {}
    for area, group, share in zip(cells["area"], cells["group"], shares.tolist(), strict=True):
        found.setdefault(area, {})[group] = share
    if len(found) == 1:
        return {"by_group": next(iter(found.values()))}
    return {"by_area": {area: {"by_group": groups} for area, groups in found.items()}}


def _by_group(simulation: Simulation, summary: Summary) -> pd.DataFrame:
    """One row an area × group; see :func:`hyteanalysis.impact`."""
    cells = simulation.cells
    level, people, reach = simulation.level, simulation.people, simulation.share
    less, reached = simulation.reduction, people * reach
    averted, burden = reached * less, people * level
    total = averted.sum()
    price = simulation.cost.values
    with np.errstate(divide="ignore", invalid="ignore"):
        # nothing averted for any money; where it harms there is no case to divide by
        per_case = np.where(less > 0, price / less, np.where(less == 0, np.inf, np.nan))
        if simulation.fixed_total:
            per_case = per_case + (simulation.fixed_total / total if total > 0 else np.nan)
    nnt = _needed_to_reach(less, *summary.arr)
    benefit_burden = _benefit_burden(averted, burden)
    frame = {
        **{name: cells[name] for name in ("area", "group", "order", "population", "baseline")},
        "reach": reach,
        "reached": reached,
        "arr": less,
        "averted": averted,
        "per_1000_reached": 1000 * less,
        "nnt": nnt.pop("nnt"),
        "after": level - reach * less,
        "cost": reached * price,
        "cost_per_case": per_case,
        "person_years": averted * simulation.persistence.values,
        "benefit_share": averted / total if total > 0 else np.full(len(level), np.nan),
        "burden_share": burden / burden.sum() if burden.sum() > 0 else np.full(len(level), np.nan),
        "benefit_burden": benefit_burden,
        "inverse_care": benefit_burden < 1,
        "pif": _ratio(reach * less, level),
        "capped": _capped(simulation.start(level, simulation.risk.values), simulation.effect.values, simulation.scale),
        "p_harm": summary.p_harm,
        **nnt,
    }
    for name in ("arr", "averted", "cost_per_case", "person_years"):
        frame[f"{name}_lower"], frame[f"{name}_upper"] = getattr(summary, name)
    return pd.DataFrame(frame)


def _pooled(simulation: Simulation, summary: Summary, cells: pd.DataFrame) -> pd.DataFrame:
    """Each group over all areas, people-weighted; see :attr:`Impact.pooled`."""
    sums = cells.groupby("group")[["population", "reached", "averted"]].sum()
    frame = simulation.groups.join(sums, on="group")
    before = simulation.membership @ (cells["population"] * cells["baseline"]).to_numpy()
    low, high = limits(summary.helped.copy())
    people, averted = frame["population"].to_numpy(), frame["averted"].to_numpy()
    point, (ratio_low, ratio_high) = _benefit_burden(averted, before), _limits_of_ratio(summary)
    return frame.assign(
        baseline=before / people,
        after=(before - averted) / people,
        averted_lower=low,
        averted_upper=high,
        arr=_ratio(averted, frame["reached"].to_numpy()),
        per_1000_reached=1000 * _ratio(averted, frame["reached"].to_numpy()),
        per_1000_people=1000 * averted / people,
        benefit_burden=point,
        benefit_burden_lower=ratio_low,
        benefit_burden_upper=ratio_high,
        inverse_care=point < 1,
        clear=(point < 1) & (ratio_high < 1),
    )


def _totals(simulation: Simulation, summary: Summary, cells: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """The whole; see :attr:`Impact.totals`."""
    averted, before = summary.helped.sum(axis=0), summary.before.sum(axis=0)
    total, burden = cells["averted"].sum(), (cells["population"] * cells["baseline"]).sum()
    cost = cells["cost"].sum() + simulation.fixed_total
    spent = simulation.people_sums(simulation.cost).sum(axis=0) + simulation.fixed_draws
    reached = simulation.people_sums().sum(axis=0)
    best = groups["baseline"].min()
    mean = burden / cells["population"].sum()
    years, years_drawn = cells["person_years"].sum(), simulation.person_years(summary.helped).sum(axis=0)
    # a case averted saves as long as it lasts
    saved, saved_drawn = _saved(simulation, summary, cells)
    rows = [
        ("averted", total, averted),
        ("pif", total / burden if burden > 0 else np.nan, averted / np.where(before > 0, before, np.nan)),
        ("person_years", years, years_drawn),
        ("reached", cells["reached"].sum(), reached),
        ("cost", cost, spent),
        ("cost_per_case", cost / total if total > 0 else np.nan, _each(spent, averted)),
        ("cost_per_person_year", cost / years if years > 0 else np.nan, _each(spent, years_drawn)),
        *([("saving", saved, saved_drawn), ("net_cost", cost - saved, spent - saved_drawn)] if saved else []),
        ("paf", (mean - best) / mean if mean > 0 else np.nan, None),
    ]
    return pd.DataFrame([_total(*row) for row in rows])


def _each(spent: Array, gained: Array) -> Array:
    """Euros for one, infinite where there is none."""
    spent, gained = np.broadcast_arrays(spent, gained)
    return np.asarray(np.divide(spent, gained, out=np.full(gained.shape, np.inf), where=gained > 0))


def _saved(simulation: Simulation, summary: Summary, cells: pd.DataFrame) -> tuple[float, Array]:
    """Euros that the person-years averted save: at the values and in each draw, groups by their mean price."""
    price = simulation.inputs["cost.saving"]
    each = cells["person_years"].to_numpy() * price.values
    if not each.any():
        return 0.0, np.zeros(1)
    years = simulation.person_years(summary.helped)
    gained = simulation.membership @ cells["person_years"].to_numpy()
    mean = np.divide(simulation.membership @ each, gained, out=np.zeros_like(gained), where=gained != 0)
    moving = price.precise[0] / price.nodes[0].value if price.nodes[0].value else np.ones(1)
    return float(each.sum()), np.asarray((mean @ years) * moving)


def _displaced(displaced: "str | Mapping[str, float]", pooled: pd.DataFrame) -> Array:
    """Each group's share of what is displaced."""
    if isinstance(displaced, Mapping):
        known = pooled["group"].tolist()
        for group in displaced:
            one_of(group, known, "displaced group", MeasureError)
        share = np.array([float(displaced.get(group, 0.0)) for group in known])
        if abs(share.sum() - 1) > 1e-6 or (share < 0).any():
            raise MeasureError(f"displaced holds shares of 0 or more that sum to 1; these sum to {share.sum():g}.")
        return share
    one_of(displaced, ("people", "need"), "displaced", MeasureError)
    size = pooled["population"] * (pooled["baseline"] if displaced == "need" else 1.0)
    return np.asarray(size / size.sum(), dtype=float)


def _total(quantity: str, value: float, draws: Array | None) -> Mapping[str, Any]:
    if draws is None or np.isnan(draws).any():
        low = high = np.nan
    else:
        low, high = (float(end) for end in limits(np.array(draws)))
    return {"quantity": quantity, "value": value, "lower": low, "upper": high}


def _benefit_burden(averted: Array, burden: Array) -> Array:
    """(A/ΣA)/(B/ΣB); empty where nothing is averted in all, or there is no burden."""

    def share(amount: Array) -> Array:
        total = amount.sum(axis=0)
        return np.asarray(np.divide(amount, total, out=np.full(amount.shape, np.nan), where=total > 0))

    return _ratio(share(averted), share(burden))


def _limits_of_ratio(summary: Summary) -> tuple[Array, Array]:
    """Limits of each group's benefit : burden; empty where too many draws avert nothing."""
    drawn = _benefit_burden(summary.helped, summary.before)
    lacking = np.isnan(drawn).mean(axis=1) > 0.025
    low, high = limits(np.nan_to_num(drawn, nan=np.inf))
    return np.where(lacking, np.nan, low), np.where(lacking, np.nan, high)


def _capped(baseline: Array, effect: Array, scale: str) -> Array:
    """Whether the effect would take the risk below 0 or above 1."""
    if scale not in ("rr", "rd"):
        return np.zeros(np.broadcast(baseline, effect).shape, dtype=bool)
    after = baseline * effect if scale == "rr" else baseline + effect
    return np.asarray((after < 0) | (after > 1))


def _needed_to_reach(reduction: Array, lower: Array, upper: Array) -> dict[str, Array]:
    """Number needed to reach for one case less, 1/ARR, by Altman's rule.

    Where the interval of the reduction holds 0 the number has no finite interval: it runs from a number needed to
    benefit, through infinity, to a number needed to harm. Then ``nnt_lower, nnt_upper`` are empty, and ``nntb, nnth``
    hold the two ends (both positive).

    Returns
    -------
    dict
        ``nnt`` (negative: to harm), ``nnt_lower, nnt_upper, nntb, nnth``.

    Examples
    --------
    >>> import numpy as np
    >>> found = _needed_to_reach(np.array([0.05, 0.01]), np.array([0.04, -0.02]), np.array([0.08, 0.05]))
    >>> found["nnt"].tolist(), found["nnt_lower"].tolist(), found["nntb"].tolist(), found["nnth"].tolist()
    ([20.0, 100.0], [12.5, nan], [nan, 20.0], [nan, 50.0])
    """
    spans = (lower <= 0) & (upper >= 0)
    return {
        "nnt": _inverse(reduction),
        "nnt_lower": np.where(spans, np.nan, _inverse(upper)),
        "nnt_upper": np.where(spans, np.nan, _inverse(lower)),
        "nntb": np.where(spans, _inverse(upper), np.nan),
        "nnth": np.where(spans, _inverse(-lower), np.nan),
    }


def _inverse(values: Array) -> Array:
    """1/x, with infinity for 0."""
    values = np.asarray(values, dtype=float)
    found: Array = np.divide(1.0, values, out=np.full(values.shape, np.inf), where=values != 0)
    return found


def _ratio(above: Array, below: Array) -> Array:
    """A ratio that is empty where its denominator is not positive."""
    above, below = np.broadcast_arrays(np.asarray(above, dtype=float), np.asarray(below, dtype=float))
    found: Array = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
    return found
