"""An action's effect by group from data: a trial, before and after, differences in differences, a stepped wedge."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from hyteanalysis import i18n
from hyteanalysis.actions import designs, telling
from hyteanalysis.actions.designs import DESIGNS, Design
from hyteanalysis.actions.model import Effect
from hyteanalysis.display import shown
from hyteanalysis.errors import MeasureError, PlanError, one_of
from hyteanalysis.uncertainty import normal_quantile

Array = NDArray[Any]

SCALES = ("rr", "or", "rd")
FEW_CLUSTERS = 20  # below this cluster-robust errors are too small
FEW_TREATED = 5  # below this they are far too small, however many the comparisons


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation:
    """An effect by group; made by :func:`evaluate`.

    Attributes
    ----------
    frame : DataFrame
        ``group, scale, value, se`` (of the logarithm for rr and or) ``, lower, upper, p_value, rows, clusters,
        without`` (the outcome's share among the untreated rows).
    test : dict
        That all groups have one effect: ``statistic, df, df_residual, p_value`` (Wald, F).
    overall : dict
        One effect for all: ``value, lower, upper, p_value``.
    design, scale, model : str
        ``model`` says what was fitted.
    treated_clusters : int
        Clusters that had the action.
    dropped : int
        Rows left out since a value was missing.
    level : float
    """

    frame: pd.DataFrame
    test: dict[str, float]
    overall: dict[str, float]
    design: str
    scale: str
    model: str
    treated_clusters: int
    dropped: int
    level: float

    @i18n.spoken
    def sentences(self, lang: str = "fi") -> list[str]:
        """The effect common to all with its interval, and whether the groups' effects differ."""
        return telling.effect(self.overall, self.test["p_value"], self.scale, self.level, lang)

    @i18n.spoken
    def assumptions(self, lang: str = "fi") -> list[str]:
        """What must hold for the numbers to be the action's effect, and what weakens them, in sentences."""
        said = [i18n.text(f"action.design.{self.design}", lang), i18n.text("action.design.spill", lang)]
        if self.design != "trial":
            said.append(i18n.text(f"action.design.parallel_{self.scale}", lang))
        clusters = int(self.frame["clusters"].min())
        if clusters < FEW_CLUSTERS:
            said.append(i18n.text("action.design.few_clusters", lang, count=i18n.integer(clusters, lang)))
        if self.design != "trial" and self.treated_clusters < FEW_TREATED:
            count = i18n.integer(self.treated_clusters, lang)
            said.append(i18n.text("action.design.few_treated", lang, count=count))
        if self.dropped:
            said.append(i18n.text("action.design.dropped", lang, count=i18n.integer(self.dropped, lang)))
        return said

    def effect(self, *, source: str, year: int | None = None) -> Effect:
        """The result as an action's effect, graded "measured here": one for all, and each group's own.

        Groups have their own intervals here, so their draws are their own; where the test does not tell them apart, use
        ``effect(…).model_copy(update={"by_group": {}})``.
        """
        said: dict[str, Any] = {"source": source, "grade": "measured here"}
        if year is not None:
            said["year"] = year
        own = {
            row.group: {"value": row.value, "lower": row.lower, "upper": row.upper} for row in self.frame.itertuples()
        }
        shared = {name: self.overall[name] for name in ("value", "lower", "upper")}
        if len(own) > 1:
            said["by_group"] = own
        return Effect.model_validate({"scale": self.scale, **shared, **said})

    def __repr__(self) -> str:
        return f"<Evaluation by {self.design}: {self.scale} in {len(self.frame)} groups>"

    def _repr_html_(self) -> str:
        lang = i18n.language()
        said = [*self.sentences(lang), *self.assumptions(lang)]
        return shown(i18n.text("display.evaluation", lang), said=said, frame=self.frame)


def evaluate(
    data: pd.DataFrame,
    outcome: str,
    *,
    design: str,
    treatment: str,
    by: str | None = None,
    cluster: str | None = None,
    period: str | None = None,
    weight: str | None = None,
    adjust_for: Sequence[str] = (),
    scale: str = "rr",
    level: float = 0.95,
) -> Evaluation:
    """Estimate an action's effect on a share badly off, by group, from persons or cells.

    Answers: *did it work here, for whom, and do the groups really differ?* Fits a quasi-likelihood model with the link
    of the scale (rr: log, Poisson variance; or: logit; rd: identity), every term apart for each group, and errors
    robust to clusters. Effect: the treatment's coefficient.

    ``trial``: treated against untreated, randomised. ``before_after``: two periods; areas with the action against
    comparison areas, change against change. ``did``: several periods, all treated areas starting at one time.
    ``stepped_wedge``: areas cross over at different times, in an order that was drawn. All but a trial have area and
    period effects.

    Parameters
    ----------
    data : DataFrame
        One row a person, or a cell with its share and ``weight``.
    outcome : str
        Column of 0/1 or shares 0–1; 1 is bad.
    design : {"trial", "before_after", "did", "stepped_wedge"}
        There is no default: it must be the way the data came about.
    treatment : str
        Column of 0/1. For ``before_after`` the area's ever being treated; else being treated in that row.
    by : str, optional
        Column of groups; None: one effect.
    cluster : str
        Column of areas (or schools …) that were treated together; needed except in a trial of persons.
    period : str
        Column of periods; needed except in a trial.
    weight : str, optional
        Column of people in a cell, or sampling weights.
    adjust_for : sequence of str
        Further columns, numbers or categories, each with its own coefficient in every group.
    scale : {"rr", "or", "rd"}
    level : float

    Returns
    -------
    Evaluation
        ``.frame, .test, .overall, .assumptions(lang), .effect(source=…)``.

    Raises
    ------
    MeasureError
        Unknown design or scale, an outcome that is no share, a treatment that is not 0/1 or does not vary in a group, a
        period or cluster that the design needs, an outcome that never happens on a relative scale.
    PlanError
        Columns that are not there.

    Notes
    -----
    Intervals use t with clusters − 1 degrees of freedom; fewer than 20 clusters still give intervals that are too
    narrow, and ``assumptions`` says so. Not for areas that start at different times without chance (``did`` refuses
    them): early areas would serve as comparisons for late ones. References: Zou 2004; Bertrand, Duflo & Mullainathan
    2004; Hussey & Hughes 2007.

    Examples
    --------
    >>> import pandas as pd
    >>> from hyteanalysis.actions import evaluate
    >>> cells = pd.DataFrame({"treated": [0, 1, 0, 1], "group": ["low", "low", "high", "high"],
    ...                       "lonely": [0.20, 0.15, 0.10, 0.09], "people": [500, 500, 500, 500]})
    >>> persons = cells.loc[cells.index.repeat(500)].assign(n=lambda frame: frame.groupby(level=0).cumcount())
    >>> persons["lonely"] = (persons["n"] < 500 * persons["lonely"]).astype(int)
    >>> found = evaluate(persons, "lonely", design="trial", treatment="treated", by="group")
    >>> found.frame[["group", "value", "lower", "upper"]].round(2)
      group  value  lower  upper
    0   low   0.75   0.57   0.99
    1  high   0.90   0.61   1.32
    >>> round(found.test["p_value"], 2)
    0.45
    """
    one_of(design, DESIGNS, "design", MeasureError)
    one_of(scale, SCALES, "scale", MeasureError)
    normal_quantile(level)
    columns = [name for name in (outcome, treatment, by, cluster, period, weight, *adjust_for) if name is not None]
    for column in columns:
        one_of(column, data.columns, "column", PlanError)
    frame = data[list(dict.fromkeys(columns))].dropna().reset_index(drop=True)
    dropped = len(data) - len(frame)
    groups = frame[by].astype(str) if by is not None else pd.Series("all", index=frame.index)
    if by is not None and isinstance(data[by].dtype, pd.CategoricalDtype):
        order = [str(one) for one in data[by].cat.categories if str(one) in set(groups)]
    else:
        order = list(dict.fromkeys(groups))
    plan = Design(design, outcome, treatment, cluster, period, tuple(adjust_for))
    designs.check(frame, groups, plan, scale)
    separate = designs.fit(frame, groups, order, plan, scale, weight, one_effect=False)
    together = designs.fit(frame, groups, order, plan, scale, weight, one_effect=True)
    treated = frame.loc[frame[treatment] == 1, cluster].nunique() if cluster else int((frame[treatment] == 1).sum())
    return Evaluation(
        frame=_frame(frame, groups, order, plan, separate, scale, level),
        test=_same_effect(separate),
        overall=_one(together, scale, level),
        design=design,
        scale=scale,
        model=f"{separate.model}, {'cluster' if cluster else 'heteroscedasticity'}-robust errors",
        treated_clusters=treated,
        dropped=dropped,
        level=level,
    )


def _limits(fit: designs.Fit, scale: str, level: float) -> tuple[Array, Array, Array, Array]:
    """Values, limits and p of the effects, on their own scale."""
    se = np.sqrt(np.diag(fit.covariance))
    reach = special.stdtrit(fit.df, (1 + level) / 2) * se
    p_value = 2 * special.stdtr(fit.df, -np.abs(fit.effects) / np.where(se > 0, se, np.nan))
    on = np.exp if scale != "rd" else np.asarray
    return on(fit.effects), on(fit.effects - reach), on(fit.effects + reach), p_value


def _frame(
    frame: pd.DataFrame,
    groups: "pd.Series[str]",
    order: list[str],
    plan: Design,
    fit: designs.Fit,
    scale: str,
    level: float,
) -> pd.DataFrame:
    value, lower, upper, p_value = _limits(fit, scale, level)
    units = frame[plan.cluster] if plan.cluster else pd.Series(frame.index)
    untreated = designs.exposure(frame, plan) == 0
    return pd.DataFrame(
        {
            "group": order,
            "scale": scale,
            "value": value,
            "se": np.sqrt(np.diag(fit.covariance)),
            "lower": lower,
            "upper": upper,
            "p_value": p_value,
            "rows": [int((groups == group).sum()) for group in order],
            "clusters": [int(units[groups == group].nunique()) for group in order],
            "without": [float(frame.loc[untreated & (groups == group), plan.outcome].mean()) for group in order],
        }
    )


def _one(fit: designs.Fit, scale: str, level: float) -> dict[str, float]:
    value, lower, upper, p_value = (float(one[0]) for one in _limits(fit, scale, level))
    return {"value": value, "lower": lower, "upper": upper, "p_value": p_value}


def _same_effect(fit: designs.Fit) -> dict[str, float]:
    """Wald test that the groups' effects are one."""
    count = len(fit.effects) - 1
    if not count:
        return {"statistic": np.nan, "df": 0, "df_residual": float(fit.df), "p_value": np.nan}
    contrast = np.hstack([-np.ones((count, 1)), np.eye(count)])
    apart = contrast @ fit.effects
    statistic = float(apart @ np.linalg.pinv(contrast @ fit.covariance @ contrast.T) @ apart) / count
    return {
        "statistic": statistic,
        "df": count,
        "df_residual": float(fit.df),
        "p_value": float(special.fdtrc(count, fit.df, statistic)),
    }
