"""Group means adjusted by a model: predictive margins, with the errors of the sample's design."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from hyteanalysis import display, uncertainty
from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.i18n import language, text
from hyteanalysis.rates import grid
from hyteanalysis.rates.bands import fault
from hyteanalysis.rates.domains import Domains, domains

Array = grid.Array
_ENDLESS = 30  # a log odds or log rate beyond this is on its way to infinity
_CHUNK = 2_000_000  # predictions held at once while simulating


@dataclass(frozen=True)
class _SettingRows:
    """Rows of one setting: outcome, exposure, weight (mean 1), group, adjusters, sampling unit and stratum."""

    y: Array
    exposure: Array
    weight: Array
    mean_weight: float
    group: NDArray[np.intp]
    adjusters: Array
    unit: NDArray[np.intp]
    stratum: NDArray[np.intp]


@dataclass(frozen=True)
class _Margins:
    """Margins of one setting's groups, or the reason why there are none."""

    value: Array
    covariance: Array
    lower: Array
    upper: Array
    why: list[str]
    model: Any
    df: float = np.nan


def _margins(
    rows: _SettingRows, groups: int, kind: str, level: float, rng: np.random.Generator | None, draws: int
) -> _Margins:
    """Fit one setting's model and average its predictions."""
    n = np.bincount(rows.group, rows.weight > 0, minlength=groups)
    events = np.bincount(rows.group, rows.y * (rows.weight > 0), minlength=groups)
    usable = n > 0
    why = np.where(usable, "", "Nobody answered.").astype(object)
    if kind != "mean":
        alike = usable & ((events == 0) | ((events == n) if kind == "proportion" else False))
        why[alike] = "No events, or nothing else, in the group: no adjusted estimate."
        usable = usable & ~alike
    nothing = _Margins(
        value=np.full(groups, np.nan), covariance=np.full((groups, groups), np.nan), lower=np.full(groups, np.nan),
        upper=np.full(groups, np.nan), why=list(why), model=None,
    )  # fmt: skip
    if not usable.any():
        return nothing
    at = np.flatnonzero(usable)
    number = np.full(groups, -1)
    number[at] = np.arange(len(at))
    inside = usable[rows.group] & (rows.weight > 0)
    varying = np.ptp(rows.adjusters[inside], axis=0) > 0
    adjusters = rows.adjusters[:, varying]
    dummies = (number[rows.group][:, None] == np.arange(len(at))).astype(float)
    x = np.concatenate([dummies, adjusters], axis=1)
    reason, model = _model(rows, x, inside, kind)
    if reason:
        return replace(nothing, why=[reason if ok else text for ok, text in zip(usable, why, strict=True)], model=model)
    beta = np.asarray(model.params)
    h, slope = _inverse(kind)
    mu = h(x @ beta) * rows.exposure
    bread = np.linalg.inv((x[inside] * (rows.weight * slope(x @ beta) * rows.exposure)[inside, None]).T @ x[inside])
    influence = np.where(inside, rows.weight * (rows.y - mu), 0.0)[:, None] * x @ bread
    v = rows.weight * rows.exposure / (rows.weight * rows.exposure).sum()
    eta = (adjusters @ beta[len(at) :])[:, None] + beta[: len(at)]
    predicted, steep = h(eta), slope(eta) * v[:, None]
    value = v @ predicted
    gradient = np.concatenate([np.diag(steep.sum(axis=0)), steep.T @ adjusters], axis=1)
    linear = influence @ gradient.T + v[:, None] * (predicted - value)
    units = int(rows.unit.max()) + 1
    totals = np.stack([np.bincount(rows.unit, column, minlength=units) for column in linear.T], axis=1)
    stratum = np.empty(units, dtype=np.intp)
    stratum[rows.unit] = rows.stratum
    covariance = uncertainty.taylor_covariance(totals, stratum, lonely="adjust")
    se, df = np.sqrt(np.diag(covariance)), units - (int(stratum.max()) + 1)
    limits = {"proportion": uncertainty.logit_interval, "rate": uncertainty.log_interval, "mean": uncertainty.wald}
    lower, upper = limits[kind](value, se, level, df if df > 0 else None)
    if rng is not None:
        sums = np.stack([np.bincount(rows.unit, column, minlength=units) for column in influence.T], axis=1)
        spread = uncertainty.taylor_covariance(sums, stratum, lonely="adjust")
        lower, upper = _simulated(beta, spread, adjusters, v, len(at), h, level, rng, draws)
    full = [np.full(groups, np.nan) for _ in range(3)]
    for whole, part in zip(full, (value, lower, upper), strict=True):
        whole[at] = part
    wide = np.full((groups, groups), np.nan)
    wide[np.ix_(at, at)] = covariance
    return _Margins(full[0], wide, full[1], full[2], list(why), model, df if df > 0 else np.nan)


def _model(rows: _SettingRows, x: Array, inside: grid.Truth, kind: str) -> tuple[str, Any]:
    """The weighted model, or why there is none."""
    import statsmodels.api as sm

    if np.linalg.matrix_rank(x[inside]) < x.shape[1]:
        return "The adjusters repeat each other or the groups: no adjusted estimate.", None
    family = {"proportion": sm.families.Binomial, "rate": sm.families.Poisson, "mean": sm.families.Gaussian}[kind]()
    offset = np.log(rows.exposure[inside]) if kind == "rate" else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the covariance is our own; convergence is asked below
        model = sm.GLM(rows.y[inside], x[inside], family=family, var_weights=rows.weight[inside], offset=offset)
        try:
            fit = model.fit(tol=1e-12, maxiter=100)
        except (np.linalg.LinAlgError, ValueError):
            return "The model could not be fitted.", None
    endless = kind != "mean" and np.abs(fit.params).max() > _ENDLESS
    if not fit.converged or not np.isfinite(fit.params).all() or endless:
        return "The model did not converge: a category of the adjusters may have no events.", fit
    return "", fit


def _inverse(kind: str) -> tuple[Any, Any]:
    """Inverse link and its derivative."""
    if kind == "proportion":
        return special.expit, lambda eta: special.expit(eta) * special.expit(-eta)
    if kind == "rate":
        return np.exp, np.exp
    return lambda eta: eta, np.ones_like


def _simulated(
    beta: Array, spread: Array, adjusters: Array, v: Array, groups: int, h: Any, level: float,
    rng: np.random.Generator, draws: int,
) -> tuple[Array, Array]:  # fmt: skip
    """Percentiles of margins under drawn coefficients; people alike in the adjusters are predicted once."""
    kinds, home = np.unique(adjusters, axis=0, return_inverse=True)
    share = np.bincount(home.reshape(-1), v)
    drawn = rng.multivariate_normal(beta, spread, size=draws, method="eigh")
    found = np.empty((draws, groups))
    step = max(1, _CHUNK // (len(kinds) * groups))
    for start in range(0, draws, step):
        some = drawn[start : start + step]
        eta = (some[:, groups:] @ kinds.T)[:, :, None] + some[:, None, :groups]
        found[start : start + step] = np.einsum("k,dkg->dg", share, h(eta))
    lower, upper = np.quantile(found, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return lower, upper


_KINDS = ("proportion", "rate", "mean")
_FEWEST_DRAWS = 1_000


@dataclass(frozen=True)
class Adjusted:
    """Adjusted group means.

    Attributes
    ----------
    frame : DataFrame
        Tidy cells: ``indicator, area, period, dimension, group, estimate, se, lower, upper, population, events,
        respondents, status, method, note``.
    covariance : DataFrame
        ``indicator, area, period, dimension, group, group_other, covariance``, as ``hyte.disparity`` takes it.
    models : dict
        Fitted statsmodels results by setting ``(indicator, area, period, dimension)``.
    assumptions : str
        What the numbers rest on.
    """

    frame: pd.DataFrame
    covariance: pd.DataFrame
    models: dict[tuple[str, ...], Any]
    assumptions: str

    def _repr_html_(self) -> str:
        said = [text("display.adjusted.meaning", language()), text("display.covariance", language())]
        return display.shown(text("display.adjusted", language()), said=said, frame=display.cells(self.frame))


def adjusted(
    data: pd.DataFrame,
    outcome: str,
    by: str | Sequence[str],
    *,
    adjust_for: str | Sequence[str],
    kind: str = "proportion",
    weight: str | None = None,
    level: float = 0.95,
    strata: str | None = None,
    cluster: str | None = None,
    exposure: str | None = None,
    interval: str = "delta",
    draws: int = 1_000,
    seed: int | None = None,
    scale: float = 1,
    keys: Mapping[str, str] | None = None,
) -> Adjusted:
    """Group means as they would be if every group had the same age, sex or whatever is adjusted for.

    Answers: *do the groups still differ when their members' age and sex are made alike?* This is how FinTerveys and
    Terve Suomi publish.

    Formula: a weighted logistic (proportion), Poisson (rate) or linear (mean) model of the outcome on groups and
    adjusters; a group's margin is the mean prediction over all respondents of the setting, each put into that group.
    Variance by Taylor linearisation of the whole, so that weights, strata, clusters and the sampled adjusters count.

    Parameters
    ----------
    data : DataFrame
        One row a person (for rates also a row of counts with ``exposure``).
    outcome : str
        Column with the outcome: 0 and 1, a count, or a value.
    by : str or list of str
        Columns of the groups: ``area`` and ``period`` are settings with a model each, other columns the dimension
        (several are crossed).
    adjust_for : str or list of str
        Columns to adjust for: numbers enter linearly, text and categories as categories.
    kind : {"proportion", "rate", "mean"}
        Which model.
    weight, strata, cluster : str, optional
        Columns of the sample's design; without ``cluster`` each row is a sampling unit.
    level : float
        Confidence level.
    exposure : str, optional
        Person-years of a rate; without it each row counts as one.
    interval : {"delta", "simulation"}
        Delta limits on the logit, log or natural scale, or percentiles of margins with coefficients drawn ``draws``
        times from ``seed``.
    scale : float
        The results are multiplied by it: 100 for per cent, 100_000 for rates.
    keys : mapping, optional
        Constant keys of the cells, as in ``hyte.survey.estimate``.

    Returns
    -------
    Adjusted
        ``.frame`` (tidy cells), ``.covariance`` (as ``hyte.disparity`` takes it), ``.models``, ``.assumptions``.

    Raises
    ------
    TidyError
        A lacking column, a weight that is missing or negative, an outcome the kind does not allow. Rows with an empty
        outcome or adjuster are left out and counted in ``note``. A group without events (or with nothing else), or a
        setting whose model cannot be fitted, gets ``status`` ``missing`` and a ``note``.
    MeasureError
        An unknown option, or one column both as a group and as an adjuster.

    Notes
    -----
    A comparison, not a cause: what stands between group and outcome (smoking, between education and illness) should not
    be adjusted for when the whole gap is asked. For counts by age band use ``hyte.standardise``. Lane & Nelder 1982;
    Graubard & Korn 1999.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> people = pd.DataFrame({"education": rng.choice(["low", "high"], 2_000), "age": rng.integers(20, 80, 2_000)})
    >>> chance = 0.1 + 0.1 * (people["education"] == "low") + 0.002 * (people["age"] - 50)
    >>> people["lonely"] = (rng.random(2_000) < chance).astype(int)
    >>> fit = adjusted(people, "lonely", "education", adjust_for="age", scale=100)
    >>> fit.frame[["group", "estimate", "lower", "upper"]].round(1)
      group  estimate  lower  upper
    0  high      10.1    8.4   12.1
    1   low      20.8   18.4   23.5

    The gap between the groups, with the covariance of their errors:

    >>> import hyteanalysis as hyte
    >>> cells = hyte.tidy(fit.frame.assign(order=[2, 1]))
    >>> hyte.disparity(cells, "D", covariance=fit.covariance)[["measure", "estimate", "lower", "upper"]].round(1)
      measure  estimate  lower  upper
    0       D      10.7    7.6   13.8
    """
    one_of(kind, _KINDS, "kind", MeasureError)
    one_of(interval, ("delta", "simulation"), "interval", MeasureError)
    if draws < _FEWEST_DRAWS:
        raise MeasureError(f"draws must be at least {_FEWEST_DRAWS:,}; not {draws}.")
    by, adjusters = grid.names(by), grid.names(adjust_for)
    if set(by) & set(adjusters):
        raise MeasureError(
            f"{', '.join(sorted(set(by) & set(adjusters)))} is both a group and an adjuster; choose one."
        )
    if exposure is not None and kind != "rate":
        raise MeasureError("exposure= belongs to kind='rate'.")
    columns = [outcome, *adjusters, *(name for name in (weight, strata, cluster, exposure) if name)]
    grid.need(data, [*by, *columns])
    places = domains(data, by, outcome, keys)
    whole = data[columns].notna().all(axis=1).to_numpy()
    if not whole.any():
        raise fault(outcome, None, "No row has outcome and adjusters.", "Check the columns.")
    lost = np.bincount(places.code, ~whole, minlength=len(places.keys))
    rows, code = _rows(data[whole], places.code[whole], outcome, adjusters, kind, weight, strata, cluster, exposure)
    count = len(places.keys)
    found = {name: np.full(count, np.nan) for name in ("value", "lower", "upper", "df")}
    matrix, why, models = np.full((count, count), np.nan), np.full(count, "", dtype=object), {}
    rng = np.random.default_rng(seed) if interval == "simulation" else None
    setting = places.setting
    for number in np.unique(setting):
        members = np.flatnonzero(setting == number)
        mine = np.isin(code, members)
        one = _margins(_part(rows, mine, members), len(members), kind, level, rng, draws)
        found["value"][members], found["lower"][members] = one.value, one.lower
        found["upper"][members], found["df"][members], why[members] = one.upper, one.df, one.why
        matrix[np.ix_(members, members)] = one.covariance
        models[tuple(places.keys.iloc[members[0]][["indicator", "area", "period", "dimension"]])] = one.model
    return _fit(places, rows, code, kind, found, matrix * scale**2, why, lost, scale, interval, models, adjusters)


def _rows(
    data: pd.DataFrame, code: NDArray[np.intp], outcome: str, adjusters: list[str], kind: str, weight: str | None,
    strata: str | None, cluster: str | None, exposure: str | None,
) -> tuple[_SettingRows, NDArray[np.intp]]:  # fmt: skip
    y = grid.number(data.assign(**{outcome: data[outcome].astype(float)}), outcome)
    allowed = {"proportion": np.isin(y, (0, 1)), "rate": y >= 0, "mean": np.isfinite(y)}[kind]
    if not allowed.all():
        rule = {"proportion": "0 or 1", "rate": "0 or more", "mean": "a number"}[kind]
        raise fault(
            outcome, float(y[~allowed][0]), f"The outcome of a {kind} is {rule}.", "Recode it, or change kind=."
        )
    one = np.ones(len(y))
    w = grid.number(data, weight) if weight else one
    if (w < 0).any() or w.sum() == 0:
        raise fault(weight or "weight", float(w.min()), "A weight is negative, or all are 0.", "Correct the weights.")
    time = grid.number(data, exposure) if exposure else one
    if (time <= 0).any():
        raise fault(exposure or "exposure", float(time.min()), "An exposure is 0 or less.", "Leave such rows out.")
    stratum = data[strata].factorize()[0] if strata else np.zeros(len(y), dtype=int)
    inner = data[cluster].factorize()[0] if cluster else np.arange(len(y))
    unit = np.unique(stratum.astype(np.int64) * (len(y) + 1) + inner, return_inverse=True)[1]
    parts = [_columns(data[name]) for name in adjusters]
    table = np.concatenate(parts, axis=1) if parts else np.empty((len(y), 0))
    return _SettingRows(
        y, time, w / w.mean(), float(w.mean()), code, table, unit.astype(np.intp), stratum.astype(np.intp)
    ), code


def _columns(values: "pd.Series[Any]") -> Array:
    """An adjuster as columns of the model: a number centred, anything else one column a category but the first."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        number = values.to_numpy(dtype=float)
        spread = number.std()
        return np.asarray((number - number.mean()) / (spread if spread > 0 else 1))[:, None]
    dummies: Array = pd.get_dummies(values.astype("str"), drop_first=True).to_numpy(dtype=float)
    return dummies


def _part(rows: _SettingRows, mine: grid.Truth, members: NDArray[np.intp]) -> _SettingRows:
    return _SettingRows(
        y=rows.y[mine],
        exposure=rows.exposure[mine],
        weight=rows.weight[mine],
        mean_weight=rows.mean_weight,
        group=np.searchsorted(members, rows.group[mine]).astype(np.intp),
        adjusters=rows.adjusters[mine],
        unit=np.unique(rows.unit[mine], return_inverse=True)[1].astype(np.intp),
        stratum=np.unique(rows.stratum[mine], return_inverse=True)[1].astype(np.intp),
    )


def _fit(
    places: Domains, rows: _SettingRows, code: NDArray[np.intp], kind: str, found: dict[str, Array], matrix: Array,
    why: NDArray[np.object_], lost: NDArray[Any], scale: float, interval: str, models: dict[tuple[str, ...], Any],
    adjusters: list[str],
) -> Adjusted:  # fmt: skip
    count = len(places.keys)
    people = np.bincount(code, rows.weight, minlength=count) * rows.mean_weight
    n = np.bincount(code, minlength=count).astype(float)
    none = np.isnan(found["value"])
    left = np.where(lost > 0, np.char.add(lost.astype(str), " rows without outcome or adjusters left out."), "")
    note = [f"{reason} {text}".strip() for reason, text in zip(why, left, strict=True)]
    frame = places.cells(
        estimate=found["value"] * scale, se=np.sqrt(np.diag(matrix)), lower=found["lower"] * scale,
        upper=found["upper"] * scale, df=np.where(none, np.nan, found["df"]), population=people,
    )  # fmt: skip
    if kind == "proportion":
        frame["events"] = np.bincount(code, rows.y, minlength=count)
    frame = frame.assign(
        respondents=n,
        status=np.where(none, "missing", "ok"),
        kind=kind,
        scale=scale,
        method=f"margins, {interval}",
        note=note,
    )
    model = {"proportion": "logistic", "rate": "Poisson", "mean": "linear"}[kind]
    assumptions = (
        f"Predictive margins of a {model} model, main effects of groups and {', '.join(adjusters) or 'nothing'}; "
        "each group is given the adjusters of all respondents of its setting. Numbers enter linearly."
    )
    return Adjusted(frame, places.long(matrix), models, assumptions)
