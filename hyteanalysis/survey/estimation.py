"""Estimates by domain from a sample survey, with the covariance between the domains."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse

from hyteanalysis import display, uncertainty
from hyteanalysis.errors import MeasureError, counted, one_of
from hyteanalysis.i18n import language, text
from hyteanalysis.rates import grid
from hyteanalysis.rates.bands import fault
from hyteanalysis.rates.domains import Domains, domains
from hyteanalysis.survey.design import Design, design

_REPLICATES = ("jk1", "jkn", "brr", "fay", "bootstrap", "sdr")


@dataclass(frozen=True)
class _Replication:
    """How replicate weights were made."""

    kind: str
    rho: float
    rscales: Sequence[float] | None


def _replication(
    data: pd.DataFrame,
    columns: list[str],
    how: _Replication,
    plan: Design,
    value: grid.Array,
    again: Callable[[grid.Array], grid.Array],
) -> tuple[grid.Array, grid.Array]:
    """Covariance of the domains and degrees of freedom (replicates less one); ``again`` estimates from weights."""
    grid.need(data, columns)
    if len(columns) < 2:
        raise fault("replicates", len(columns), "A spread needs at least two replicates.", "Name all their columns.")
    weights = np.column_stack([grid.number(data, name) for name in columns])
    if np.isnan(weights).any():
        raise fault("replicates", None, "A replicate weight is empty.", "Leave such rows out.")
    if plan.post is not None:
        target = np.bincount(plan.post, plan.weight)
        sums = np.stack([np.bincount(plan.post, column) for column in weights.T], axis=1)
        weights = weights * (target[:, None] / sums)[plan.post]
    estimates = np.stack([again(column) for column in weights.T])
    scale, each = _scale(how, len(columns))
    usable = np.isfinite(estimates).all(axis=0) & np.isfinite(value)
    found = np.full((len(value), len(value)), np.nan)
    found[np.ix_(usable, usable)] = uncertainty.replicate_covariance(
        estimates[:, usable], value[usable], scale=scale, rscales=each, mse=how.kind in ("sdr", "jkn")
    )
    return found, np.full(len(value), float(len(columns) - 1))


def _scale(how: _Replication, count: int) -> tuple[float, grid.Array]:
    """Overall factor, and a factor a replicate."""
    each = np.ones(count) if how.rscales is None else np.asarray(how.rscales, dtype=float)
    if len(each) != count:
        raise MeasureError(f"rscales has {counted(len(each), 'factor')} for {counted(count, 'replicate')}.")
    if how.kind == "jkn":
        if how.rscales is None:
            raise MeasureError("kind 'jkn' needs rscales=: (n − 1)/n of the stratum each replicate left a unit out of.")
        return 1.0, each
    if how.kind == "fay" and not 0 <= how.rho < 1:
        raise MeasureError(f"rho is Fay's coefficient, from 0 to under 1; not {how.rho!r}.")
    factors = {"jk1": (count - 1) / count, "brr": 1 / count, "fay": 1 / (count * (1 - how.rho) ** 2),
               "bootstrap": 1 / count, "sdr": 4 / count}  # fmt: skip
    return factors[how.kind], each


Array = grid.Array
_KINDS = ("proportion", "mean", "total", "ratio")


@dataclass(frozen=True)
class SurveyEstimate:
    """Estimates by domain.

    Attributes
    ----------
    frame : DataFrame
        Tidy cells: ``indicator, area, period, dimension, group, estimate, se, lower, upper, population, events,
        respondents, status, method, note``. ``population`` is the sum of weights; ``events`` (of proportions) and
        ``respondents`` are unweighted counts.
    covariance : DataFrame
        ``indicator, area, period, dimension, group, group_other, covariance``, as ``hyte.disparity`` takes it.
    matrix : array, domains × domains
        The same for all domains, also those of different settings, in the order of ``frame``.
    details : DataFrame
        ``df`` (degrees of freedom), ``deff`` (design effect of means and proportions) and ``missing`` (rows without
        the outcome) of each domain, in the order of ``frame``.
    """

    frame: pd.DataFrame
    covariance: pd.DataFrame
    matrix: Array
    details: pd.DataFrame

    def _repr_html_(self) -> str:
        said = [text("display.survey.design", language()), text("display.covariance", language())]
        return display.shown(text("display.survey", language()), said=said, frame=display.cells(self.frame))


@dataclass(frozen=True)
class _Sums:
    """Weighted sums a domain, and the linearised rows behind them."""

    value: Array
    linear: scipy.sparse.csr_array


def estimate(
    data: pd.DataFrame,
    outcome: str,
    by: str | Sequence[str] = (),
    *,
    kind: str,
    weight: str,
    strata: str | None = None,
    cluster: str | Sequence[str] | None = None,
    fpc: str | Sequence[str] | None = None,
    replicates: Sequence[str] | None = None,
    level: float = 0.95,
    denominator: str | None = None,
    poststrata: str | None = None,
    totals: "Mapping[object, float] | pd.Series[float] | None" = None,
    lonely: str = "fail",
    replication_kind: str = "jk1",
    rho: float = 0.0,
    rscales: Sequence[float] | None = None,
    keys: Mapping[str, str] | None = None,
    scale: float = 1,
) -> SurveyEstimate:
    """Design-based estimates of groups from a sample survey.

    Answers: *what share (mean, total) has each group of the population, how sure is that given how the sample was
    drawn, and how do the groups' errors hang together?*

    Formula: weighted sums by domain; Taylor linearisation over the primary sampling units within strata, with a finite
    population correction and later stages where ``fpc`` is given; or the replicates' own spread.

    Parameters
    ----------
    data : DataFrame
        One row a respondent, of the whole sample: a group is a domain of it, not a subset to be cut out before.
    outcome : str
        Column with the outcome: 0 and 1 (or true and false) for a proportion. Rows where it is empty stay in the
        design, are left out of the estimate and counted in ``note``.
    by : str or list of str
        Columns of the domains: ``area`` and ``period`` are settings, other columns the dimension (several are crossed).
    kind : {"proportion", "mean", "total", "ratio"}
        What to estimate; ``ratio`` is the outcome's total over that of ``denominator``.
    weight : str
        Column with the weight.
    strata, cluster, fpc : str or list of str, optional
        Stratum; sampling unit, one column a stage; number of units in the population (or the sampling fraction), one
        column a stage. Without ``cluster`` each row is a unit.
    replicates : list of str, optional
        Columns with replicate weights, instead of strata and clusters.
    level : float
        Confidence level.
    denominator : str, optional
        Column of a ratio's denominator.
    poststrata, totals : str and mapping, optional
        Column of the post-strata, and the population of each: weights are scaled to them, and the variance is of what
        deviates within them.
    lonely : {"fail", "remove", "certainty", "adjust", "average"}
        What to do with a stratum of one unit (see ``uncertainty.taylor_covariance``).
    replication_kind : {"jk1", "jkn", "brr", "fay", "bootstrap", "sdr"}
        How the replicates were made; ``rho`` is Fay's coefficient, ``rscales`` one factor a replicate (``jkn``).
    keys : mapping, optional
        Constant keys of the cells: ``{"area": "HVA08", "period": "2022"}``. By default the indicator is the outcome's
        name, the area ``SSS`` and the period ``all``.
    scale : float
        1 gives shares, 100 per cent (proportions and ratios).

    Returns
    -------
    SurveyEstimate
        ``.frame`` (tidy cells), ``.covariance`` (as ``hyte.disparity`` takes it), ``.matrix``, ``.details``.

    Raises
    ------
    TidyError
        A lacking column, a weight that is missing or negative, a population smaller than its sample, an outcome that is
        not 0 or 1. A domain without a single answer gets ``status`` ``missing`` and a ``note``.
    MeasureError
        An unknown option, options that do not go together, or a stratum with one unit while ``lonely="fail"``.

    Notes
    -----
    Limits are on the logit for proportions and by Student's t otherwise, with the domain's own degrees of freedom.
    Respondents under 30 in a group: see ``hyte.small_areas.reliability``. Binder 1983; Lumley 2010.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"lonely": [1, 0, 0, 1, 0, 0, 1, 0], "education": ["low"] * 4 + ["high"] * 4,
    ...                        "w": [10.0, 12, 9, 11, 10, 12, 9, 11], "school": [1, 1, 2, 2, 3, 3, 4, 4]})
    >>> fit = estimate(people, "lonely", "education", kind="proportion", weight="w", cluster="school")
    >>> fit.frame[["group", "estimate", "se", "respondents"]].round(3)
      group  estimate     se  respondents
    0  high     0.214  0.183          4.0
    1   low     0.500  0.039          4.0

    The gap between the groups, with the covariance of their errors:

    >>> import hyteanalysis as hyte
    >>> cells = hyte.tidy(fit.frame.assign(order=[2, 1]))
    >>> gap = hyte.disparity(cells, "D", covariance=fit.covariance)
    >>> gap[["measure", "estimate", "se"]].round(3)
      measure  estimate     se
    0       D     0.286  0.187
    """
    one_of(kind, _KINDS, "kind", MeasureError)
    one_of(lonely, uncertainty.LONELY, "lonely", MeasureError)
    by = grid.names(by)
    if (kind == "ratio") != (denominator is not None):
        raise MeasureError("denominator= belongs to kind='ratio', and a ratio needs it.")
    grid.need(data, [outcome, *by, *([denominator] if denominator else [])])
    places = domains(data, by, outcome, keys)
    y, x, answered = _values(data, outcome, denominator, kind)
    if replicates is not None and (strata or cluster or fpc):
        raise MeasureError("Replicate weights already hold the design: leave out strata=, cluster= and fpc=.")
    plan = design(data, weight=weight, strata=strata, cluster=cluster, fpc=fpc, poststrata=poststrata, totals=totals,
                  lonely=lonely)  # fmt: skip
    sums = _sums(kind, plan.weight * answered, y, x, places)
    value = sums.value
    if replicates is None:
        covariance, df = plan.covariance(sums.linear), plan.degrees(places.code, len(places.keys))
    else:
        one_of(replication_kind, _REPLICATES, "replication_kind", MeasureError)
        how = _Replication(replication_kind, rho, rscales)
        covariance, df = _replication(
            data, list(replicates), how, plan, value,
            lambda w: _sums(kind, w * answered, y, x, places, linear=False).value,
        )  # fmt: skip
    return _fit(places, plan, y, answered, kind, value, covariance, df, level, scale)


def _values(data: pd.DataFrame, outcome: str, denominator: str | None, kind: str) -> tuple[Array, Array, grid.Truth]:
    """Outcome and denominator as numbers (0 where empty), and which rows have both."""
    flags = (
        data.assign(**{outcome: data[outcome].astype("Int64")}) if data[outcome].dtype in ("bool", "boolean") else data
    )
    y = grid.number(flags, outcome)
    x = grid.number(data, denominator) if denominator else np.ones(len(y))
    if kind == "proportion" and not np.isin(y[~np.isnan(y)], (0, 1)).all():
        wrong = y[~np.isnan(y) & ~np.isin(y, (0, 1))][0]
        raise fault(outcome, float(wrong), "A proportion's outcome is 0 or 1.", "Recode it, or choose kind='mean'.")
    answered = ~(np.isnan(y) | np.isnan(x))
    if not answered.any():
        raise fault(outcome, None, "No row has a value.", "Check the column.")
    return np.where(answered, y, 0.0), np.where(answered, x, 0.0), answered


def _sums(kind: str, weight: Array, y: Array, x: Array, places: Domains, *, linear: bool = True) -> _Sums:
    """Estimates by domain, and their linearised rows."""
    code, count = places.code, len(places.keys)
    top = grid.total(code, weight * y, count)
    if kind == "total":
        value, rows = top, weight * y
    else:
        bottom = grid.total(code, weight * x, count)
        with np.errstate(divide="ignore", invalid="ignore"):
            value = top / bottom
            rows = weight * (y - value[code] * x) / bottom[code]
    if not linear:
        return _Sums(value, scipy.sparse.csr_array((0, 0)))
    rows = np.where(np.isfinite(rows), rows, 0.0)
    return _Sums(value, scipy.sparse.csr_array((rows, (np.arange(len(code)), code)), shape=(len(code), count)))


def _fit(
    places: Domains, plan: Design, y: Array, answered: grid.Truth, kind: str, value: Array, covariance: Array,
    df: Array, level: float, scale: float,
) -> SurveyEstimate:  # fmt: skip
    code, count = places.code, len(places.keys)
    people = np.bincount(code, plan.weight * answered, minlength=count)
    n = np.bincount(code, answered, minlength=count).astype(float)
    lost = np.bincount(code, ~answered, minlength=count)
    se = np.sqrt(np.maximum(np.diag(covariance), 0))
    empty = ~np.isfinite(value) | (n == 0)
    lower, upper = uncertainty.wald(value, se, level, df)
    method = np.full(count, "Student", dtype=object)
    note = np.where(lost > 0, np.char.add(lost.astype(str), " rows without an answer left out."), "").astype(object)
    events = np.bincount(code, answered * y, minlength=count)
    if kind == "proportion":
        lower, upper = uncertainty.logit_interval(value, se, level, df)
        method[:] = "logit"
        edge = ~empty & ((value <= 0) | (value >= 1) | (se == 0))
        wilson = uncertainty.wilson(np.where(edge, value * n, 0), np.where(edge, n, 1), level)
        lower, upper = np.where(edge, wilson[0], lower), np.where(edge, wilson[1], upper)
        method[edge] = "Wilson"
        note[edge] = [f"{text} All alike: limits as of a simple sample.".strip() for text in note[edge]]
    single = ~empty & ~(df > 0)
    note[single] = [f"{text} One sampling unit: no interval.".strip() for text in note[single]]
    numbers = {"estimate": value, "se": np.where(single, np.nan, se), "lower": lower, "upper": upper}
    numbers = {name: np.where(empty, np.nan, part * scale) for name, part in numbers.items()}
    shown = {"total": "count", "ratio": "index"}.get(kind, kind)
    frame = places.cells(**numbers, df=np.where(empty | single, np.nan, df), population=people)
    if kind == "proportion":
        frame["events"] = events
    note[empty] = "Nobody answered."
    status = np.where(empty, "missing", np.where(single, "uncertain", "ok"))
    frame = frame.assign(respondents=n, status=status, kind=shown, scale=scale, method=method, note=note.astype(str))
    details = places.keys.assign(df=df, deff=_deff(kind, plan, places, y, answered, value, se), missing=lost)
    matrix = covariance * scale**2
    return SurveyEstimate(frame, places.long(matrix), matrix, details)


def _deff(kind: str, plan: Design, places: Domains, y: Array, answered: grid.Truth, value: Array, se: Array) -> Array:
    """Variance against that of a simple random sample of the same size, drawn without replacement.

    Weights that were scaled to the sample's own size tell nothing of the population's, which then counts as endless.
    """
    if kind not in ("mean", "proportion"):
        return np.full(len(value), np.nan)
    code, count = places.code, len(value)
    w = plan.weight * answered
    n, total = np.bincount(code, answered, minlength=count), np.bincount(code, w, minlength=count)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.bincount(code, w * (y - value[code]) ** 2, minlength=count) / total * n / (n - 1)
        scaled = abs(w.sum() / n.sum() - 1) < 0.01
        simple = spread / n if scaled else np.where(total > n, spread * (total - n) / (total * n), np.nan)
        return np.asarray(se**2 / simple)
