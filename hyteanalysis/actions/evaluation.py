"""An action's effect by group from data: a trial, before and after, differences in differences, a stepped wedge."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from hyteanalysis import i18n
from hyteanalysis.actions.model import Effect
from hyteanalysis.actions.robust import bias_reduced, sandwich
from hyteanalysis.display import shown
from hyteanalysis.errors import MeasureError, PlanError, counted, one_of
from hyteanalysis.uncertainty import normal_quantile

Array = NDArray[Any]
SCALES = ("rr", "or", "rd")
FEW_CLUSTERS = 20  # below this cluster-robust errors are too small
FEW_TREATED = 5  # below this they are far too small, however many the comparisons
DESIGNS = ("trial", "before_after", "did", "staggered", "stepped_wedge")
LEADS = 4  # periods before a staggered start whose movement is tested
_SHARE = i18n.Unit("proportion", 1)


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
    by_time : DataFrame
        ``time`` (periods since the start, below 0 before it) ``, value, lower, upper``, one effect for all groups: of a
        stepped wedge by time since start, of ``did`` against the last period before; of ``staggered`` those before the
        start against still earlier ones, among rows not yet treated. Empty for other designs.
    pre_trend : float
        p that treated and other areas developed alike before the start (``did`` and ``staggered``, where there are
        periods enough).
    worse_before : bool
        Whether the treated areas were clearly worse off before, so that some gain would come by itself.
    selected_on : object
        The period by which the treated were chosen, left out; None where none was said.
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
    by_time: pd.DataFrame
    pre_trend: float
    worse_before: bool
    selected_on: Any

    @property
    def certainty(self) -> str:
        """Of the effect as an action's (see :class:`Effect`): what weakens it widens it."""
        if self.worse_before or self.pre_trend < 1 - self.level:
            return "very low"
        few = self.frame["clusters"].min() < FEW_CLUSTERS or self.treated_clusters < FEW_TREATED
        if self.design == "trial":
            return "low" if self.frame["clusters"].min() < FEW_CLUSTERS else "high"
        return "low" if few else "moderate"

    @i18n.spoken
    def sentences(self, lang: str = "fi") -> list[str]:
        """The effect common to all with its interval, and whether the groups' effects differ."""
        return _effect_sentences(self.overall, self.test["p_value"], self.scale, self.level, lang)

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
        if self.worse_before:
            said.append(i18n.text("action.design.worse_before", lang))
        if self.pre_trend < 1 - self.level:
            said.append(i18n.text("action.design.pre_trend", lang, p=_p_text(self.pre_trend, lang)))
        if self.selected_on is not None:
            said.append(i18n.text("action.design.selected", lang, period=str(self.selected_on)))
        if self.dropped:
            said.append(i18n.text("action.design.dropped", lang, count=i18n.integer(self.dropped, lang)))
        return said

    def effect(self, *, source: str, year: int | None = None) -> Effect:
        """The result as an action's effect, graded "measured here": one for all, and each group's own.

        What weakens it (few areas, a gap before, chosen as the worst) lowers its certainty, which widens its draws.

        Groups have their own intervals here, so their draws are their own; where the test does not tell them apart, use
        ``effect(…).model_copy(update={"by_group": {}})``.
        """
        said: dict[str, Any] = {"source": source, "grade": "measured here", "certainty": self.certainty}
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


@dataclass(frozen=True)
class DesignColumns:
    """Columns of a design."""

    name: str
    outcome: str
    treatment: str
    cluster: str | None
    period: str | None
    adjust_for: tuple[str, ...]


@dataclass(frozen=True)
class EffectFit:
    """Effects on the scale of the link, with their covariance."""

    effects: Array
    covariance: Array
    df: Array
    model: str


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
    selected_on: Any = None,
    scale: str = "rr",
    level: float = 0.95,
) -> Evaluation:
    """Estimate an action's effect on a share badly off, by group, from persons or cells.

    Answers: *did it work here, for whom, and do the groups really differ?* Fits a quasi-likelihood model with the link
    of the scale (rr: log, Poisson variance; or: logit; rd: identity), every term apart for each group, and errors
    robust to clusters. Effect: the treatment's coefficient.

    ``trial``: treated against untreated, randomised. ``before_after``: two periods; areas with the action against
    comparison areas, change against change. ``did``: several periods, all treated areas starting at one time.
    ``staggered``: several starts, in no drawn order. Each start × period has an effect of its own against areas not yet
    treated, and the mean over all treated rows is told: early areas never serve as comparisons for late ones.
    ``stepped_wedge``: areas cross over at different times, in an order that was drawn; each time since the start has an
    effect of its own, and theirs is averaged, so that it may grow or fade. All but a trial have area and period
    effects.

    Parameters
    ----------
    data : DataFrame
        One row a person, or a cell with its share and ``weight``.
    outcome : str
        Column of 0/1 or shares 0–1; 1 is bad.
    design : {"trial", "before_after", "did", "staggered", "stepped_wedge"}
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
    selected_on : optional
        The period by whose figures the treated areas were chosen, such as the worst of that year. It is left out, since
        a chance bad year mends itself; another period before the start must remain.
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
    narrow, and ``assumptions`` says so. Those of ``staggered`` use CR2 and Satterthwaite's degrees of freedom, and on
    ``rd`` its values are those of imputation. One treated area alone is refused: what else happened there cannot be
    told from the action. References: Zou 2004; Bertrand, Duflo & Mullainathan 2004; Kenny, Voldal, Xia, Heagerty &
    Hughes 2022 (effects by time since start); Borusyak, Jaravel & Spiess 2024; Wooldridge 2021 (staggered starts).

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
    plan = DesignColumns(design, outcome, treatment, cluster, period, tuple(adjust_for))
    if selected_on is not None:
        kept = _without_choice(frame, plan, selected_on)
        frame, groups = frame[kept].reset_index(drop=True), groups[kept].reset_index(drop=True)
    _check(frame, groups, plan, scale)
    separate = _fitted(frame, groups, order, plan, scale, weight, one_effect=False)
    together = _fitted(frame, groups, order, plan, scale, weight, one_effect=True)
    treated = frame.loc[frame[treatment] == 1, cluster].nunique() if cluster else int((frame[treatment] == 1).sum())
    by_time, pre_trend = _by_time(frame, groups, order, plan, scale, weight, level)
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
        by_time=by_time,
        pre_trend=pre_trend,
        worse_before=design in ("before_after", "did") and selected_on is None and _worse_before(frame, plan),
        selected_on=selected_on,
    )


def _limits(fit: EffectFit, scale: str, level: float) -> tuple[Array, Array, Array, Array]:
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
    plan: DesignColumns,
    fit: EffectFit,
    scale: str,
    level: float,
) -> pd.DataFrame:
    value, lower, upper, p_value = _limits(fit, scale, level)
    units = frame[plan.cluster] if plan.cluster else pd.Series(frame.index)
    untreated = _exposure(frame, plan) == 0
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


def _one(fit: EffectFit, scale: str, level: float) -> dict[str, float]:
    value, lower, upper, p_value = (float(one[0]) for one in _limits(fit, scale, level))
    return {"value": value, "lower": lower, "upper": upper, "p_value": p_value}


def _same_effect(fit: EffectFit) -> dict[str, float]:
    """Wald test that the groups' effects are one."""
    count = len(fit.effects) - 1
    if not count:
        return {"statistic": np.nan, "df": 0, "df_residual": float(fit.df.min()), "p_value": np.nan}
    contrast = np.hstack([-np.ones((count, 1)), np.eye(count)])
    apart = contrast @ fit.effects
    statistic = float(apart @ np.linalg.pinv(contrast @ fit.covariance @ contrast.T) @ apart) / count
    return {
        "statistic": statistic,
        "df": count,
        "df_residual": float(fit.df.min()),
        "p_value": float(special.fdtrc(count, fit.df.min(), statistic)),
    }


def _exposure(frame: pd.DataFrame, plan: DesignColumns) -> Array:
    """Whether each row is under the action."""
    treated = frame[plan.treatment].to_numpy(dtype=float)
    if plan.name != "before_after":
        return np.asarray(treated)
    return np.asarray(treated * (frame[plan.period] == frame[plan.period].max()).to_numpy(dtype=float))


def _check(frame: pd.DataFrame, groups: "pd.Series[str]", plan: DesignColumns, scale: str) -> None:
    """Refuse what the design cannot answer."""
    if plan.name != "trial":
        for need, column in (("period", plan.period), ("cluster", plan.cluster)):
            if column is None:
                raise MeasureError(f"design {plan.name!r} needs {need}=, the column of {need}s.")
    if frame.empty:
        raise MeasureError("Every row lacks a value: nothing can be told.")
    share = frame[plan.outcome].to_numpy(dtype=float)
    if not ((share >= 0) & (share <= 1)).all():
        raise MeasureError(
            f"{plan.outcome} must be 0/1 or shares from 0 to 1; it reaches {share.min():g} … {share.max():g}."
        )
    if not frame[plan.treatment].isin([0, 1]).all():
        raise MeasureError(
            f"{plan.treatment} must be 0 or 1; it has {sorted(map(str, frame[plan.treatment].unique()))[:5]}."
        )
    under = _exposure(frame, plan)
    for group in groups.unique():
        here = (groups == group).to_numpy()
        if len(np.unique(under[here])) < 2:
            raise MeasureError(f"Group {group!r} has no {'un' if under[here].all() else ''}treated rows: leave it out.")
        if scale != "rd" and min(share[here & (under == 1)].max(), share[here & (under == 0)].max()) == 0:
            raise MeasureError(f"In group {group!r} the outcome never happens on one side: use scale='rd'.")
    if plan.cluster is not None and frame[plan.cluster].nunique() < 3:
        raise MeasureError(
            f"{plan.cluster} has {counted(frame[plan.cluster].nunique(), 'cluster')}; "
            "three are the least for any error."
        )
    if plan.name == "before_after":
        _before_after(frame, plan)
    if plan.name in ("did", "staggered", "stepped_wedge"):
        _starts(frame, plan)
    if (
        plan.name in ("did", "staggered", "before_after")
        and frame.loc[frame[plan.treatment] == 1, plan.cluster].nunique() == 1
    ):
        raise MeasureError(
            f"Only one {plan.cluster} is treated: what else happened there cannot be told from the action. Design "
            f"{plan.name!r} takes two or more; one alone needs a synthetic control, which is not offered here."
        )


def _before_after(frame: pd.DataFrame, plan: DesignColumns) -> None:
    periods = frame[plan.period].unique()
    if len(periods) != 2:
        raise MeasureError(f"design 'before_after' takes two periods; {plan.period} has {len(periods)}: use 'did'.")
    if (frame.groupby(plan.cluster)[plan.treatment].nunique() > 1).any():
        raise MeasureError(
            f"design 'before_after' takes {plan.treatment} = 1 in both periods of a treated {plan.cluster}."
        )
    if frame[plan.treatment].nunique() < 2:
        raise MeasureError("design 'before_after' needs comparison areas: some without the action.")


def _starts(frame: pd.DataFrame, plan: DesignColumns) -> None:
    """When each cluster begins: once for all (did), or step by step."""
    treated = frame[frame[plan.treatment] == 1]
    starts = treated.groupby(plan.cluster)[plan.period].min()
    after = frame.merge(starts.rename("start").reset_index(), on=plan.cluster, validate="many_to_one")
    back = after[(after[plan.period] >= after["start"]) & (after[plan.treatment] == 0)]
    if len(back):
        raise MeasureError(f"{back[plan.cluster].iloc[0]} stops being treated: design {plan.name!r} takes no way back.")
    distinct = starts.nunique()
    if plan.name == "did" and distinct > 1:
        raise MeasureError(
            f"design 'did' takes one start for all; here are {distinct}. Use 'staggered', or 'stepped_wedge' "
            "where the order was drawn."
        )
    if plan.name == "did" and not (frame[plan.period] < starts.min()).any():
        raise MeasureError("design 'did' needs periods before the start.")
    if plan.name == "staggered":
        first, free = frame[plan.period].min(), frame[frame[plan.treatment] == 0]
        if len(early := starts[starts <= first]):
            raise MeasureError(
                f"{early.index[0]} is treated from the first period on: nothing is known of it before. Leave it out."
            )
        if late := sorted(set(frame[plan.period]) - set(free[plan.period])):
            raise MeasureError(
                f"From {plan.period} {late[0]} on everybody is treated: there is nobody to compare with. Leave those "
                "periods out."
            )
    if plan.name == "stepped_wedge" and distinct < 2:
        raise MeasureError("design 'stepped_wedge' needs areas that start at different times; use 'did'.")


def _terms(frame: pd.DataFrame, plan: DesignColumns) -> Array:
    """Nuisance terms of one group: level, area, period, adjustments."""
    parts = [pd.DataFrame({"level": 1.0}, index=frame.index)]
    if plan.name != "trial":
        parts += [pd.get_dummies(frame[column], drop_first=True, dtype=float) for column in (plan.cluster, plan.period)]
    for column in plan.adjust_for:
        values = frame[column]
        numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
        parts.append(
            values.astype(float).to_frame() if numeric else pd.get_dummies(values, drop_first=True, dtype=float)
        )
    terms = np.concatenate([part.to_numpy(dtype=float) for part in parts], axis=1)
    return np.asarray(terms[:, [0, *(1 + np.flatnonzero(np.ptp(terms[:, 1:], axis=0) > 0))]])


def _fitted(
    frame: pd.DataFrame,
    groups: "pd.Series[str]",
    order: list[str],
    plan: DesignColumns,
    scale: str,
    weight: str | None,
    *,
    one_effect: bool,
) -> EffectFit:
    """Fit all groups at once, each with terms of its own; the effect is each group's, or one for all.

    An effect of several times since the start is their average.
    """
    under = _exposure(frame, plan)
    here = [np.ones(len(frame), dtype=bool)] if one_effect else [(groups == group).to_numpy() for group in order]
    parts = _parts(frame, plan, under)
    kinds = np.unique(parts[under == 1])
    effects = [under * inside * (parts == kind) for inside in here for kind in kinds]
    average = np.zeros((len(here), len(effects)))
    for row, inside in enumerate(here):
        # a stepped wedge averages its times alike, staggered starts their treated rows
        rows = [float((inside & (parts == kind) & (under == 1)).sum()) for kind in kinds]
        size = np.array(rows if plan.name == "staggered" else np.ones(len(kinds)))
        average[row, row * len(kinds) : (row + 1) * len(kinds)] = size / size.sum()
    return _fit(frame, groups, order, plan, scale, weight, effects, average)


def _parts(frame: pd.DataFrame, plan: DesignColumns, under: Array) -> Array:
    """Which effects are apart: by time since the start, by start × time, or one."""
    if plan.name not in ("staggered", "stepped_wedge"):
        return under
    times = _since_start(frame, plan)
    if plan.name == "stepped_wedge":
        return times
    place = frame[plan.period].rank(method="dense").to_numpy()
    return np.asarray(np.where(under == 1, times * (place.max() + 1) + place - times, -1.0))


def _fit(
    frame: pd.DataFrame,
    groups: "pd.Series[str]",
    order: list[str],
    plan: DesignColumns,
    scale: str,
    weight: str | None,
    effects: list[Array],
    contrast: Array | None = None,
) -> EffectFit:
    """Contrasts of the coefficients of some columns (else these themselves) beside each group's own terms."""
    import statsmodels.api as sm

    here = [(groups == group).to_numpy() for group in order]
    blocks = []
    for inside in here:
        terms = _terms(frame[inside], plan)
        block = np.zeros((len(frame), terms.shape[1]))
        block[inside] = terms
        blocks.append(block)
    design = np.column_stack([*effects, *blocks])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise MeasureError(
            "The effect cannot be told from the other terms (areas, periods, adjustments): a group lacks comparisons."
        )
    family, model = {
        "rr": (sm.families.Poisson(), "log-link quasi-Poisson model"),
        "or": (sm.families.Binomial(), "logit model"),
        "rd": (sm.families.Gaussian(), "linear model"),
    }[scale]
    weights = np.ones(len(frame)) if weight is None else frame[weight].to_numpy(dtype=float)
    # scaled to mean 1: sampling weights are no counts
    outcome = sm.GLM(
        frame[plan.outcome].to_numpy(dtype=float), design, family=family, var_weights=weights / weights.mean()
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = outcome.fit()
        except (Warning, np.linalg.LinAlgError) as error:
            raise MeasureError(f"The {model} could not be fitted ({error}). Use scale='rd', or fewer terms.") from None
    # area effects lie inside the clusters and cost no freedom between them
    nested = sum(frame.loc[inside, plan.cluster].nunique() - 1 for inside in here) if plan.name != "trial" else 0
    clusters = None if plan.cluster is None else frame[plan.cluster]
    number = len(effects)
    wanted = np.eye(number) if contrast is None else contrast
    value = wanted @ np.asarray(found.params)[:number]
    if plan.name == "staggered" and clusters is not None:
        whole = np.hstack([wanted, np.zeros((len(wanted), design.shape[1] - number))])
        return EffectFit(value, *bias_reduced(found, clusters, whole), model)
    covariance, df = sandwich(found, clusters, nested=nested)
    spread = wanted @ covariance[:number, :number] @ wanted.T
    return EffectFit(value, spread, np.full(len(wanted), df), model)


def _since_start(frame: pd.DataFrame, plan: DesignColumns) -> Array:
    """Periods since each cluster's start, by the order of periods; before it below 0, without one far below."""
    place = frame[plan.period].map({one: number for number, one in enumerate(np.sort(frame[plan.period].unique()))})
    begun = place[frame[plan.treatment] == 1].groupby(frame[plan.cluster]).min()
    return np.asarray((place - frame[plan.cluster].map(begun)).fillna(-1e6).to_numpy(dtype=float))


def _by_time(
    frame: pd.DataFrame, groups: "pd.Series[str]", order: list[str], plan: DesignColumns, scale: str,
    weight: str | None, level: float,
) -> tuple[pd.DataFrame, float]:  # fmt: skip
    """Effects by time since the start, one for all groups, and p that nothing moved before it."""
    none = pd.DataFrame({"time": [], "value": [], "lower": [], "upper": []}, dtype=float)
    if plan.name not in ("did", "staggered", "stepped_wedge"):
        return none, float("nan")
    times = _since_start(frame, plan)
    if plan.name == "staggered":
        return _staggered_by_time(frame, groups, order, plan, scale, weight, level, times)
    shown = np.unique(times[times >= 0])
    before = np.unique(times[(times < -1) & (times > -1e5)]) if plan.name == "did" else np.array([])
    shown = np.concatenate([before, shown])
    fit = _fit(frame, groups, order, plan, scale, weight, [(times == time).astype(float) for time in shown])
    return _told(shown, fit, scale, level), _unmoved(fit, len(before))


def _staggered_by_time(
    frame: pd.DataFrame, groups: "pd.Series[str]", order: list[str], plan: DesignColumns, scale: str,
    weight: str | None, level: float, times: Array,
) -> tuple[pd.DataFrame, float]:  # fmt: skip
    """The start × period effects averaged by time; what moved before it, among rows not yet treated."""
    under = _exposure(frame, plan)
    parts = _parts(frame, plan, under)
    kinds = np.unique(parts[under == 1])
    shown = np.unique(times[under == 1])
    rows = np.array([[float(((parts == kind) & (times == time)).sum()) for kind in kinds] for time in shown])
    effects = [(parts == kind).astype(float) for kind in kinds]
    contrast = rows / rows.sum(axis=1, keepdims=True)
    after = _fit(frame, groups, order, plan, scale, weight, effects, contrast)
    table = _told(shown, after, scale, level)
    earlier = np.unique(times[(times < 0) & (times > -1e5)])
    # two or more earlier periods are the reference: with one alone a common trend could not be told apart
    leads = earlier[len(earlier) - max(min(LEADS, len(earlier) - 2), 0) :]
    if not len(leads):
        return table, float("nan")
    free = under == 0
    kept = frame[free].reset_index(drop=True)
    columns = [(times[free] == time).astype(float) for time in leads]
    before = _fit(kept, groups[free].reset_index(drop=True), order, plan, scale, weight, columns)
    return pd.concat([_told(leads, before, scale, level), table], ignore_index=True), _unmoved(before, len(leads))


def _told(times: Array, fit: EffectFit, scale: str, level: float) -> pd.DataFrame:
    value, lower, upper, _ = _limits(fit, scale, level)
    return pd.DataFrame({"time": times, "value": value, "lower": lower, "upper": upper})


def _unmoved(fit: EffectFit, count: int) -> float:
    """p that the first effects, those before the start, are all none."""
    if not count:
        return float("nan")
    apart, spread = fit.effects[:count], fit.covariance[:count, :count]
    statistic = float(apart @ np.linalg.pinv(spread) @ apart) / count
    return float(special.fdtrc(count, fit.df[:count].min(), statistic))


def _without_choice(frame: pd.DataFrame, plan: DesignColumns, selected_on: Any) -> Array:
    """Rows outside the period by which the treated were chosen."""
    if plan.name != "did":
        raise MeasureError("selected_on belongs to design 'did': a further period before the start must remain.")
    one_of(selected_on, sorted(frame[plan.period].unique()), "selected_on", MeasureError)
    kept = (frame[plan.period] != selected_on).to_numpy()
    starts = frame.loc[frame[plan.treatment] == 1, plan.period].min()
    if not (frame.loc[kept, plan.period] < starts).any():
        raise MeasureError(
            f"{selected_on!r} is the only period before the start: the areas chosen by it would mend by themselves. "
            "Give an earlier period too."
        )
    return np.asarray(kept)


def _worse_before(frame: pd.DataFrame, plan: DesignColumns) -> bool:
    """Whether the treated areas were clearly worse off than the others in the last period before (Welch, 5 %)."""
    starts = frame.loc[_exposure(frame, plan) == 1, plan.period].min()
    before = frame[frame[plan.period] < starts]
    if before.empty:
        return False
    last = before[before[plan.period] == before[plan.period].max()]
    means = last.groupby(plan.cluster)[plan.outcome].mean()
    treated = set(frame.loc[_exposure(frame, plan) == 1, plan.cluster])
    inside = means.index.isin(treated)
    ours, others = means[inside], means[~inside]
    if min(len(ours), len(others)) < 2:
        return False
    error = np.sqrt(ours.var() / len(ours) + others.var() / len(others))
    return bool(ours.mean() - others.mean() > 1.96 * error > 0)


def _p_text(p_value: float, lang: str) -> str:
    return f"< {i18n.number(0.001, lang, 3)}" if p_value < 0.001 else f"= {i18n.number(p_value, lang, 3)}"


def _effect_sentences(overall: dict[str, float], p_value: float, scale: str, level: float, lang: str) -> list[str]:
    """The effect common to all groups, and whether theirs differ; ``p_value`` is empty where there is one group."""
    value, lower, upper = (overall[name] for name in ("value", "lower", "upper"))
    percents = 100 * level
    said = [
        i18n.text(
            "action.effect.overall", lang,
            value=_SHARE.difference(value, lang) if scale == "rd" else i18n.number(value, lang, 2),
            interval=_SHARE.interval(lower, upper, lang) if scale == "rd" else i18n.interval(lower, upper, lang, 2),
            scale=i18n.text(f"action.scale.{scale}", lang),
            level=i18n.percent(percents, lang, 0 if abs(percents - round(percents)) < 1e-9 else 1),
        )
    ]  # fmt: skip
    if p_value == p_value:
        kind = "differ" if p_value < 1 - level else "alike"
        said.append(i18n.text(f"action.effect.{kind}", lang, p=_p_text(p_value, lang)))
    return said
