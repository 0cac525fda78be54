"""The designs by which an effect is told from data: what each needs, its terms, its fit."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis.errors import MeasureError

Array = NDArray[Any]

DESIGNS = ("trial", "before_after", "did", "stepped_wedge")


@dataclass(frozen=True)
class Design:
    """Columns of a design."""

    name: str
    outcome: str
    treatment: str
    cluster: str | None
    period: str | None
    adjust_for: tuple[str, ...]


@dataclass(frozen=True)
class Fit:
    """Effects on the scale of the link, with their covariance."""

    effects: Array
    covariance: Array
    df: float
    model: str


def exposure(frame: pd.DataFrame, plan: Design) -> Array:
    """Whether each row is under the action."""
    treated = frame[plan.treatment].to_numpy(dtype=float)
    if plan.name != "before_after":
        return np.asarray(treated)
    return np.asarray(treated * (frame[plan.period] == frame[plan.period].max()).to_numpy(dtype=float))


def check(frame: pd.DataFrame, groups: "pd.Series[str]", plan: Design, scale: str) -> None:
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
    under = exposure(frame, plan)
    for group in groups.unique():
        here = (groups == group).to_numpy()
        if len(np.unique(under[here])) < 2:
            raise MeasureError(f"Group {group!r} has no {'un' if under[here].all() else ''}treated rows: leave it out.")
        if scale != "rd" and min(share[here & (under == 1)].max(), share[here & (under == 0)].max()) == 0:
            raise MeasureError(f"In group {group!r} the outcome never happens on one side: use scale='rd'.")
    if plan.cluster is not None and frame[plan.cluster].nunique() < 3:
        raise MeasureError(
            f"{plan.cluster} has {frame[plan.cluster].nunique()} clusters; three are the least for any error."
        )
    if plan.name == "before_after":
        _before_after(frame, plan)
    if plan.name in ("did", "stepped_wedge"):
        _starts(frame, plan)


def _before_after(frame: pd.DataFrame, plan: Design) -> None:
    periods = frame[plan.period].unique()
    if len(periods) != 2:
        raise MeasureError(f"design 'before_after' takes two periods; {plan.period} has {len(periods)}: use 'did'.")
    if (frame.groupby(plan.cluster)[plan.treatment].nunique() > 1).any():
        raise MeasureError(
            f"design 'before_after' takes {plan.treatment} = 1 in both periods of a treated {plan.cluster}."
        )
    if frame[plan.treatment].nunique() < 2:
        raise MeasureError("design 'before_after' needs comparison areas: some without the action.")


def _starts(frame: pd.DataFrame, plan: Design) -> None:
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
            f"design 'did' takes one start for all; here are {distinct}. Compare one start at a time with areas not "
            "yet treated, or use 'stepped_wedge' where the order was drawn."
        )
    if plan.name == "did" and not (frame[plan.period] < starts.min()).any():
        raise MeasureError("design 'did' needs periods before the start.")
    if plan.name == "stepped_wedge" and distinct < 2:
        raise MeasureError("design 'stepped_wedge' needs areas that start at different times; use 'did'.")


def _terms(frame: pd.DataFrame, plan: Design) -> Array:
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


def fit(
    frame: pd.DataFrame,
    groups: "pd.Series[str]",
    order: list[str],
    plan: Design,
    scale: str,
    weight: str | None,
    *,
    one_effect: bool,
) -> Fit:
    """Fit all groups at once, each with terms of its own; the effect is each group's, or one for all."""
    import statsmodels.api as sm

    under = exposure(frame, plan)
    here = [(groups == group).to_numpy() for group in order]
    effects = [under] if one_effect else [under * inside for inside in here]
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
    covariance, df = robust(found, clusters, nested=nested)
    number = len(effects)
    return Fit(np.asarray(found.params)[:number], covariance[:number, :number], df, model)


def robust(found: Any, clusters: "pd.Series[Any] | None", *, nested: int = 0) -> tuple[Array, float]:
    """Sandwich covariance of a fitted GLM, robust to clusters (else to unequal variance), and degrees of freedom.

    ``nested`` terms lie inside the clusters and are not counted in the small-sample factor.
    """
    design, mean, family = found.model.exog, found.mu, found.model.family
    weights = found.model.var_weights
    slope, variance = 1 / family.link.deriv(mean), family.variance(mean)
    score = (weights * (found.model.endog - mean) * slope / variance)[:, None] * design
    bread = np.linalg.inv((design * (weights * slope**2 / variance)[:, None]).T @ design)
    rows, terms = design.shape
    if clusters is None:
        return np.asarray(bread @ (score.T @ score) @ bread * rows / (rows - terms)), float(rows - terms)
    codes, units = pd.factorize(clusters)
    sums = np.zeros((len(units), terms))
    np.add.at(sums, codes, score)
    factor = len(units) / (len(units) - 1) * (rows - 1) / (rows - terms + nested)
    return np.asarray(bread @ (sums.T @ sums) @ bread * factor), float(len(units) - 1)
