"""What an action does for each group and area: an estimate under its assumptions, with what the draws say."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from hyteanalysis.actions import assumptions, benefit, equity, information, ranking, telling, tornado
from hyteanalysis.actions.baseline import Baseline, baseline
from hyteanalysis.actions.model import Action
from hyteanalysis.actions.simulation import Simulation, simulate
from hyteanalysis.actions.summary import Summary, summarise
from hyteanalysis.disclosure import Release
from hyteanalysis.display import shown
from hyteanalysis.errors import MeasureError, PlanError
from hyteanalysis.i18n import language, spoken, text

MOST_DRAWS = 1_000_000
SHOWN = ["group", "population", "baseline", "reached", "averted", "averted_lower", "averted_upper", "inverse_care"]


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
    """

    action: Action
    by_group: pd.DataFrame
    baseline: Baseline
    simulation: Simulation
    summary: Summary

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
            Equity weight h^(−ε)/Σ f h^(−ε) ("atkinson") or e^(−αh) likewise ("kolm"); h = 1 − baseline.

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
        return ranking.rank(self.simulation, criterion, by=by, top=top, shrink=shrink, index=index, aversion=aversion)

    def rankings(self, *, by: str = "cell", top: int = 3, shrink: bool = True, aversion: float = 1.0) -> pd.DataFrame:
        """The four rankings one below the other (three where the action has no price)."""
        priced = (self.simulation.cost.values > 0).all()
        criteria = [one for one in ranking.CRITERIA if priced or one != "per_euro"]
        return pd.concat(
            [self.ranking(one, by=by, top=top, shrink=shrink, aversion=aversion) for one in criteria], ignore_index=True
        )

    @cached_property
    def pooled(self) -> pd.DataFrame:
        """Each group over all areas, people-weighted, with intervals.

        ``group, order, population, baseline, after, reached, averted, averted_lower, averted_upper, arr,
        per_1000_reached, per_1000_people, benefit_burden`` with limits, ``inverse_care`` (ratio under 1) and ``clear``
        (its interval under 1).
        """
        return benefit.pooled(self.simulation, self.summary, self.by_group)

    @cached_property
    def totals(self) -> pd.DataFrame:
        """The whole: ``quantity, value, lower, upper``.

        Quantities are ``averted, pif, person_years, reached, cost, cost_per_case, paf``.

        ``pif``: share of all cases averted. ``paf``: its ceiling, were every group at the best group's level. ``cost``:
        euros for those reached and the set-up. A quantity without interval has empty limits.
        """
        return benefit.totals(self.simulation, self.summary, self.by_group, self.pooled)

    @cached_property
    def inequality(self) -> pd.DataFrame:
        """Inequality before and after, by every measure of the registry that applies.

        ``measure, before, after, change, change_lower, change_upper``, on shares badly off (0–1), areas pooled by
        group.
        """
        return equity.inequality(self.pooled, self.summary)

    def plane(self, *, index: str = "atkinson", aversion: float | None = 1.0, tolerance: float = 0.5) -> pd.DataFrame:
        """Where the action stands on the health equity impact plane; see :func:`equity.plane`."""
        return equity.plane(self.pooled, self.summary, index=index, aversion=aversion, tolerance=tolerance)

    def tornado(self, target: str = "averted", *, spread: float | None = 0.2) -> pd.DataFrame:
        """Which assumption decides: one input at a time at its ends; see :func:`tornado.tornado`."""
        return tornado.tornado(self.simulation, target, spread=spread)

    def information(self, criterion: str = "total", *, aversion: float = 1.0) -> pd.DataFrame:
        """What it would be worth to know more before choosing a group; see :func:`information.information`."""
        return information.information(self.simulation, criterion, aversion=aversion)

    @cached_property
    def assumptions(self) -> pd.DataFrame:
        """Every number behind it: ``input, label, value, lower, upper, distribution, source, year, grade``."""
        return assumptions.table(self.simulation)

    @spoken
    def notes(self, lang: str = "fi") -> list[str]:
        """What was assumed, in sentences: an estimate under assumptions, and which."""
        return assumptions.sentences(self.action, self.simulation, self.by_group, self.baseline.notes, lang)

    @spoken
    def sentences(self, lang: str = "fi") -> list[str]:
        """The answer in two or three sentences: who is helped most, how surely, and who is left with too little."""
        return telling.sentences(self.pooled, self.ranking("total", by="group"), self.baseline.names, self.action, lang)

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
            facts=telling.facts(self.totals, lang),
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
    simulation = simulate(start.cells, action, groups=start.groups, areas=start.areas, draws=draws, entropy=entropy)
    summary = summarise(simulation)
    return Impact(action, benefit.by_group(simulation, summary), start, simulation, summary)
