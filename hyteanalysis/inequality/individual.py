"""ACI, RCI, SII and RII from person rows, with weights, strata and clusters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hyteanalysis import cells as vocabulary
from hyteanalysis.errors import MeasureError, counted, one_of
from hyteanalysis.inequality.groups import Array
from hyteanalysis.inequality.options import choose
from hyteanalysis.inequality.results import units
from hyteanalysis.inequality.settings import MODELS
from hyteanalysis.uncertainty import normal_quantile

_ROUNDS = 50  # Newton steps


@dataclass(frozen=True)
class _Fits:
    """Per setting: the mean, 2 Σ p y (R − ½) and the line's ends, with their design-based errors."""

    mean: Array
    concentration: Array
    concentration_se: Array
    index_se: Array  # of concentration / mean
    bottom: Array
    top: Array
    slope_se: Array
    log_ratio_se: Array
    ranks: Array
    designed: bool


def _fit(
    people: pd.DataFrame, count: int, *, model: str, scale: float, ranks: str, designed: bool, simple: bool
) -> _Fits:
    """Indices and lines of ``count`` settings from ``people`` (setting, rank, y, w, stratum, unit), sorted.

    Errors of people drawn one by one are taken within the setting, by n − 1, or n − 2 where ranks are known.
    """
    setting, y, w = (people[name].to_numpy() for name in ("setting", "y", "w"))
    people_in = np.bincount(setting, minlength=count)
    known = ranks == "known"
    freedom = np.maximum(people_in - (2 if known else 1), 1)

    def total(values: Array) -> Array:
        return np.bincount(setting, values, count)

    def error(influence: Array) -> Array:
        if designed if known else not simple:
            return np.sqrt(_design_variance(people, influence, count))
        return np.asarray(np.sqrt(total(influence**2) * people_in / freedom))

    with np.errstate(all="ignore"):
        share = w / total(w)[setting]
        ridit, tie = _ridits(people, share)

        def through_ranks(slope: Array) -> Array:
            """What a person adds to Σ p·slope·R by counting in the ranks of those above, and of half of the equals."""
            per_tie = np.bincount(tie, share * slope)
            place = setting[np.flatnonzero(np.diff(tie, prepend=-1))]
            above = np.bincount(place, per_tie, count)[place] - _running(per_tie, place) + per_tie / 2
            return np.asarray(above[tie] - total(share * slope * ridit)[setting])

        centred = ridit - 0.5
        variance = total(share * centred**2)
        mean, concentration = total(share * y), 2 * total(share * y * centred)
        if known:
            # ACI is the slope of 2V·y on R
            residual = 2 * variance[setting] * (y - mean[setting]) - concentration[setting] * centred
            if designed:
                concentration_se = error(share * centred * residual / variance[setting])
            else:
                concentration_se = np.sqrt(total(share * residual**2) / freedom / variance)
            index_se = concentration_se / mean
        else:
            own = 2 * (y * centred + through_ranks(y)) - concentration[setting]
            index = (concentration / mean)[setting]
            concentration_se = error(share * own)
            index_se = error(share * (own - index * (y - mean[setting])) / mean[setting])
        unit = scale if model == "logit" else 1.0
        level, slope = _line(y / unit, ridit, share, setting, count, model)
        fitted = _inverse(level[setting] + slope[setting] * ridit, model)
        ends = [_inverse(level + slope * t, model) for t in (0, 1)]
        steep = _slope_of(fitted, model)
        a, b, c = (total(share * steep * ridit**power) for power in (0, 1, 2))
        determinant = a * c - b * b
        left = y / unit - fitted
        score = [left, left * ridit]
        if not known:
            falls = -steep * slope[setting]
            score = [score[0] + through_ranks(falls), score[1] + through_ranks(left + falls * ridit)]
        influence = []
        for t in (0, 1):
            along = _slope_of(ends[t], model) / determinant
            first, second = along * (c - t * b), along * (t * a - b)
            influence.append((first[setting] * score[0] + second[setting] * score[1]) * share * unit)
        bottom, top = (end * unit for end in ends)
        slope_se = error(influence[1] - influence[0])
        relative = influence[1] / top[setting] - influence[0] / bottom[setting]
        log_ratio_se = error(relative)
    levels = people.drop_duplicates(["setting", "rank"])["setting"].to_numpy()
    return _Fits(
        mean,
        concentration,
        concentration_se,
        index_se,
        bottom,
        top,
        slope_se,
        log_ratio_se,
        np.bincount(levels, minlength=count),
        designed or not known,
    )


def _running(values: Array, setting: Array) -> Array:
    """Sums up to and with each value, anew in each setting."""
    sums = np.cumsum(values)
    starts = np.flatnonzero(np.diff(setting, prepend=-1))
    return np.asarray(sums - np.repeat((sums - values)[starts], np.diff(np.append(starts, len(values)))))


def _ridits(people: pd.DataFrame, share: Array) -> tuple[Array, Array]:
    """Weighted mid-rank within the setting, which equal ranks share, and the number of each rank."""
    tie = people.groupby(["setting", "rank"], sort=True).ngroup().to_numpy()
    per_tie = np.bincount(tie, share)
    setting = people["setting"].to_numpy()[np.flatnonzero(np.diff(tie, prepend=-1))]
    return (_running(per_tie, setting) - per_tie / 2)[tie], tie


def _line(y: Array, ridit: Array, share: Array, setting: Array, count: int, model: str) -> tuple[Array, Array]:
    """α and β of every setting by Newton steps, all settings at once; empty where they do not settle."""

    def total(values: Array) -> Array:
        return np.bincount(setting, values, count)

    mean = total(share * y)
    level = mean if model == "linear" else np.log(mean / (1 - mean)) if model == "logit" else np.log(mean)
    slope, settled = np.zeros(count), np.zeros(count, dtype=bool)
    for _ in range(_ROUNDS):
        fitted = _inverse(level[setting] + slope[setting] * ridit, model)
        speed, residual = share * _slope_of(fitted, model), share * (y - fitted)
        a, b, c = (total(speed * ridit**power) for power in (0, 1, 2))
        u, v = total(residual), total(residual * ridit)
        determinant = a * c - b * b
        step = (c * u - b * v) / determinant, (a * v - b * u) / determinant
        # a long step overshoots where shares lie near 0 or 1
        damping = 1 / np.maximum(1, (np.abs(step[0]) + np.abs(step[1])) / (np.inf if model == "linear" else 4))
        level, slope = level + damping * step[0], slope + damping * step[1]
        settled = np.abs(step[0]) + np.abs(step[1]) <= 1e-10 * (1 + np.abs(level) + np.abs(slope))
        if (settled | ~np.isfinite(level)).all():
            break
    return np.where(settled, level, np.nan), np.where(settled, slope, np.nan)


def _inverse(predictor: Array, model: str) -> Array:
    bounded = np.clip(predictor, -700, 700)
    return np.asarray(
        predictor if model == "linear" else 1 / (1 + np.exp(-bounded)) if model == "logit" else np.exp(bounded)
    )


def _slope_of(mean: Array, model: str) -> Array:
    return np.asarray(np.ones_like(mean) if model == "linear" else mean * (1 - mean) if model == "logit" else mean)


def _design_variance(people: pd.DataFrame, influence: Array, count: int) -> Array:
    """Σ_h n/(n − 1) Σ (u − ū)² of each setting as a domain: units without its people have a total of 0."""
    setting, stratum, unit = (people[name].to_numpy() for name in ("setting", "stratum", "unit"))
    units_in = people.drop_duplicates("unit")["stratum"].to_numpy()
    n = np.bincount(units_in)
    if (n[np.unique(stratum)] < 2).any():
        raise MeasureError(
            "A stratum holds one cluster only, which tells nothing of its variance. Join it with a like stratum."
        )
    pair, where = np.unique(setting.astype(np.int64) * (unit.max() + 1) + unit, return_inverse=True)
    sums = np.bincount(where, influence)
    first = np.zeros(len(pair), dtype=np.int64)
    first[where] = np.arange(len(where))
    at, inside = setting[first], stratum[first]
    factor = n / np.maximum(n - 1, 1)
    raw = np.bincount(at, factor[inside] * sums**2, count)
    cell, here = np.unique(at.astype(np.int64) * len(n) + inside, return_inverse=True)
    mean = np.bincount(here, sums) ** 2
    taken = np.bincount(cell // len(n), (factor / np.maximum(n, 1))[cell % len(n)] * mean, count)
    return np.asarray(np.maximum(raw - taken, 0.0))


_INDIVIDUAL = ("ACI", "RCI", "SII", "RII")


def disparity_individual(
    data: Any,
    measures: str | Sequence[str],
    *,
    outcome: str,
    rank: str,
    by: str | Sequence[str] = (),
    weight: str | None = None,
    strata: str | None = None,
    cluster: str | None = None,
    indicators: pd.DataFrame | None = None,
    model: str | None = None,
    level: float = 0.95,
    ranks: str = "estimated",
) -> pd.DataFrame:
    """Concentration and slope indices from person rows, with design-based errors.

    Answers: *how does the outcome follow social position, person by person?* Position R is the weighted mid-rank of
    ``rank``; people of equal rank share one. ACI = 2 Σ p y (R − ½), RCI = ACI/μ; SII = f(1) − f(0) and RII = f(1)/f(0)
    of the line fitted on R. Errors by Taylor linearisation over clusters within strata, ranks and mean being estimated
    too: the influence of a person on E[gR] is gR + E[g(1{above} + ½1{equal})]. They are those of
    :func:`hyteanalysis.sources.microdata.concentration`, and what drawing the people again gives.

    Parameters
    ----------
    data : DataFrame
        One row a person; of pandas, polars or Arrow.
    measures : str or list of str
        Among ACI, RCI, SII, RII; or ``"all"``.
    outcome : str
        Column of the outcome: 0/1 (or false/true), or a number.
    rank : str
        Column of social position; the smallest value is the most disadvantaged.
    by : str or list of str
        Columns that split the people into settings.
    weight, strata, cluster : str, optional
        Columns of the sampling weight, stratum and primary sampling unit.
    indicators : DataFrame, optional
        Its row named like ``outcome`` gives kind, scale, unit and direction; without it a 0/1 outcome is a proportion
        of scale 1, and adverse.
    model : {"logit", "linear", "log"}, optional
        None: logit for proportions, log for rates, linear otherwise.
    level : float
        Confidence level.
    ranks : {"estimated", "known"}
        ``known`` takes ranks and mean as given, as HEAT does: least squares (ACI, RCI) and HC1 (SII, RII) without
        weights and design. Too wide, or too narrow, where the outcome goes with the rank itself.

    Returns
    -------
    DataFrame
        ``*by, measure, estimate, se, lower, upper, level, method, gap_sign, n_groups, unit, note, se_log``;
        ``n_groups`` counts distinct ranks, ``note`` the people left out for a missing value.

    Raises
    ------
    MeasureError
        For unknown columns, other measures, negative weights, an outcome outside 0–1 with a logit line, a stratum of
        one cluster.

    Examples
    --------
    >>> import numpy as np, pandas as pd, hyteanalysis as hyte
    >>> people = pd.DataFrame({"lonely": [1, 1, 0, 1, 0, 1, 0, 0, 1, 0], "income": range(10)})
    >>> found = hyte.disparity_individual(people, ["SII", "RCI"], outcome="lonely", rank="income", model="linear")
    >>> found[["measure", "estimate"]].round(3)
      measure  estimate
    0     SII    -0.667
    1     RCI    -0.220
    """
    normal_quantile(level)
    data = vocabulary.pandas_of(data, "disparity_individual()")
    by = [by] if isinstance(by, str) else list(by)
    chosen = choose(list(_INDIVIDUAL) if measures in ("all", ["all"]) else measures)
    for measure in chosen:
        one_of(measure.code, _INDIVIDUAL, "measure from person rows", MeasureError)
    one_of(ranks, ("estimated", "known"), "ranks", MeasureError)
    if model is not None:
        one_of(model, MODELS, "model", MeasureError)
    for column in [outcome, rank, *by, *(name for name in (weight, strata, cluster) if name)]:
        one_of(column, list(data.columns), "column", MeasureError)
    people, settings, left = _people(data, outcome, rank, by, weight, strata, cluster)
    meta = _meta(indicators, outcome, people["y"], model)
    people["y"] *= meta.factor
    designed = any(name is not None for name in (weight, strata, cluster))
    simple = strata is None and cluster is None
    fits = _fit(
        people, len(settings), model=meta.model, scale=meta.scale, ranks=ranks, designed=designed, simple=simple
    )
    parts = [_row(measure.code, fits, level, meta, left) for measure in chosen]
    frame = pd.concat(
        [settings.assign(**part, _setting=np.arange(len(settings))) for part in parts], keys=range(len(parts))
    )
    frame = frame.reset_index(level=0, names="_measure").sort_values(["_setting", "_measure"], ignore_index=True)
    return frame.drop(columns=["_setting", "_measure"])


@dataclass(frozen=True)
class _Meta:
    model: str
    scale: float
    factor: float  # person rows hold 0/1 where the indicator is told in per cent
    adverse: bool
    unit: str


def _people(
    data: pd.DataFrame,
    outcome: str,
    rank: str,
    by: list[str],
    weight: str | None,
    strata: str | None,
    cluster: str | None,
) -> tuple[pd.DataFrame, pd.DataFrame, Array]:
    """Outcome, rank, weight, stratum and unit as numbers; the settings; and how many people of each were left out."""
    people = pd.DataFrame(
        {
            "y": pd.to_numeric(data[outcome], errors="raise").astype("float64"),
            "rank": pd.to_numeric(data[rank], errors="raise").astype("float64"),
            "w": 1.0 if weight is None else pd.to_numeric(data[weight], errors="raise").astype("float64"),
        }
    )
    if (people["w"] < 0).any():
        raise MeasureError(
            f"Negative weights: {weight} is {people['w'].min():g} in {counted((people['w'] < 0).sum(), 'row')}."
        )
    keys = data[by] if by else pd.DataFrame({"_all": np.zeros(len(data))}, index=data.index)
    known = people.notna().all(axis=1) & keys.notna().all(axis=1)
    stratum = np.zeros(len(data), dtype=np.int64) if strata is None else pd.factorize(data[strata], sort=True)[0]
    if cluster is None:
        unit = np.arange(len(data))
    else:
        # unit names may repeat from stratum to stratum
        unit = pd.factorize(pd.MultiIndex.from_arrays([stratum, data[cluster]]), sort=False)[0]
        known &= data[cluster].notna()
    known &= stratum >= 0
    number = keys.groupby(list(keys.columns), sort=True).ngroup().to_numpy()
    count = int(number.max()) + 1 if len(number) else 0
    left = np.bincount(number[number >= 0], (~known).to_numpy()[number >= 0], count)
    people = people.assign(setting=number, stratum=stratum, unit=unit)[known.to_numpy()]
    if people.empty:
        raise MeasureError(f"No row has {outcome}, {rank} and a weight: nothing is left to measure.")
    people = people.sort_values(["setting", "rank"], kind="stable", ignore_index=True)
    settings = keys.assign(_n=number)[number >= 0].drop_duplicates("_n").sort_values("_n")[by].reset_index(drop=True)
    if not by:
        settings = pd.DataFrame(index=[0])
    return people, settings, left


def _meta(indicators: pd.DataFrame | None, outcome: str, y: "pd.Series[float]", model: str | None) -> _Meta:
    share = bool(y.between(0, 1).all())
    kind, scale, adverse, unit = ("proportion" if bool(y.isin([0, 1]).all()) else ""), 1.0, True, ""
    if indicators is not None:
        known = vocabulary.check_indicators(indicators).set_index("indicator")
        one_of(outcome, list(known.index), "indicator of the outcome", MeasureError)
        row = known.loc[outcome]
        kind, scale, adverse, unit = row["kind"], float(row["scale"]), not row["favourable"], str(row["unit"])
    model = model or {"proportion": "logit", "rate": "log"}.get(kind, "linear")
    factor = scale if kind == "proportion" and share else 1.0
    unit_scale = scale if kind == "proportion" else 1.0
    if model == "logit" and not bool((y * factor / unit_scale).between(0, 1).all()):
        raise MeasureError(f"A logit line needs {outcome} between 0 and 1; it reaches {y.max():g}. Use model='linear'.")
    if model == "log" and bool((y < 0).any()):
        raise MeasureError(f"A log line needs {outcome} of 0 or more; it reaches {y.min():g}. Use model='linear'.")
    return _Meta(model, unit_scale, factor, adverse, unit)


def _row(code: str, fits: _Fits, level: float, meta: _Meta, left: Array) -> dict[str, Any]:
    measure = choose(code)[0]
    z = normal_quantile(level)
    log_se = np.full(len(fits.mean), np.nan)
    with np.errstate(all="ignore"):
        if code == "RII":
            positive = (fits.top > 0) & (fits.bottom > 0)
            estimate = np.where(positive, fits.top / fits.bottom, np.nan)
            log_se = np.where(positive, fits.log_ratio_se, np.nan)
            se = log_se * estimate
            lower, upper = estimate * np.exp(-z * log_se), estimate * np.exp(z * log_se)
        else:
            estimate, se = {
                "ACI": (fits.concentration, fits.concentration_se),
                "RCI": (fits.concentration / fits.mean, fits.index_se),
                "SII": (fits.top - fits.bottom, fits.slope_se),
            }[code]
            lower, upper = estimate - z * se, estimate + z * se
    empty = ~np.isfinite(estimate)
    estimate, se, lower, upper = (np.where(empty, np.nan, values) for values in (estimate, se, lower, upper))
    sign = np.where(lower > measure.null, 1, np.where(upper < measure.null, -1, 0)) * (-1 if meta.adverse else 1)
    notes = [
        "; ".join(
            filter(
                None,
                [
                    f"{counted(lost, 'person', 'people')} left out for a missing value" if lost else "",
                    measure.fitted.format(model=meta.model),
                    f"{code} has no value for these people" if gone else "",
                ],
            )
        )
        for lost, gone in zip(left, empty, strict=True)
    ]
    return {
        "measure": code,
        "estimate": estimate,
        "se": se,
        "lower": lower,
        "upper": upper,
        "level": level,
        "method": "Taylor linearisation" if fits.designed else "HC1" if code in ("SII", "RII") else "least squares",
        "gap_sign": sign,
        "n_groups": fits.ranks,
        "unit": pd.array(units(measure, np.full(len(estimate), meta.unit, dtype=object)), dtype="str"),
        "note": pd.array(notes, dtype="str"),
        "se_log": log_se,
    }
