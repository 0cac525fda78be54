"""The engine: estimates, errors and limits of any measure, all settings at once."""

from collections.abc import Iterable

import numpy as np

from hyteanalysis.inequality import intervals as simulation
from hyteanalysis.inequality.blocks import Batch, Remark, blocks
from hyteanalysis.inequality.groups import Array, Groups
from hyteanalysis.inequality.intervals import ray_limits, square_limits
from hyteanalysis.inequality.options import Uncertainty, lacking
from hyteanalysis.inequality.registry import Measure
from hyteanalysis.inequality.results import CLEAR, Result
from hyteanalysis.inequality.selection import pair_limits
from hyteanalysis.inequality.settings import MODELS, Settings
from hyteanalysis.uncertainty import degrees, delta_variance, equality, quantile


def evaluate(settings: Settings, chosen: Iterable[Measure], uncertainty: Uncertainty) -> list[Result]:
    """Every measure in every block of settings."""
    chosen = list(chosen)
    results: list[Result] = []
    for block in blocks(settings):
        with np.errstate(all="ignore"):
            found = [_estimated(measure, block) for measure in chosen]
            p = _equality(block) if block.groups.k >= 2 else np.full(len(block), np.nan)
            for result in found:
                result.p_equal = np.where(np.isnan(result.estimate), np.nan, p)
                _closed_form(result, uncertainty)
            _simulated([result for result in found if result.measure.simulated], uncertainty)
            for result in found:
                modelled = uncertainty.se == "model" and result.measure.model_se is not None
                if uncertainty.interval == "corrected" and (result.distrusted or result.chosen) and not modelled:
                    _correct(result, uncertainty)
                _finish(result)
        results.extend(found)
    return results


def _equality(block: Batch) -> Array:
    p = equality(block.groups.y, block.groups.s, block.groups.covariance, block.df)
    return np.where(block.false_zero, np.nan, p)


def _estimated(measure: Measure, block: Batch) -> Result:
    """The estimate, empty where the measure does not apply, with the reason."""
    count = len(block)
    fine, structural = np.ones(count, dtype=bool), np.zeros(count, dtype=bool)
    remarks: list[Remark] = []
    for bad, words, is_structural in lacking(measure, block):
        here = fine & bad
        if here.any():
            remarks.append((here, words))
            structural |= here & is_structural
            fine &= ~bad
    estimate, empty = np.full(count, np.nan), np.full(count, np.nan)
    if fine.any():
        value = measure.formula(block.groups)
        estimate = np.where(fine & np.isfinite(value), value, np.nan)
        undefined = fine & np.isnan(estimate)
        if undefined.any():
            remarks.append((undefined, f"{measure.code} {measure.undefined}"))
    if "reference" in measure.needs and block.groups.reference is None:
        remarks.append((fine, "compared with the most advantaged group"))
    if measure.centred and block.groups.known.any():
        remarks.append((fine & block.groups.known, "published average taken as known"))
    return Result(
        block=block,
        measure=measure,
        estimate=estimate,
        central=estimate,
        se=empty.copy(),
        lower=empty.copy(),
        upper=empty.copy(),
        method="",
        link_se=empty,
        df=empty,
        p_equal=empty,
        structural=structural,
        remarks=remarks,
    )


def _closed_form(result: Result, uncertainty: Uncertainty) -> None:
    """Delta method, or the reference's residual variance, with a Wald interval on the scale of the link."""
    measure, groups = result.measure, result.block.groups
    if measure.simulated or np.isnan(result.estimate).all():
        result.method = "simulation" if measure.simulated else ""
        return
    value, link = result.estimate, measure.link
    if uncertainty.se == "model" and measure.model_se is not None:
        error = np.asarray(measure.model_se.error(groups), dtype=float)
        link = "log" if link == "log" else "identity"
        result.method = measure.model_se.name
        if measure.model_se.counts_people:
            error = np.where(result.block.weights == "population", error, np.nan)
    else:
        assert measure.gradient is not None
        gradient = measure.gradient(groups, value)
        variance = delta_variance(gradient, groups.s, groups.covariance)
        result.df = degrees(gradient, groups.s, result.block.df, groups.covariance)
        if measure.extra_variance is not None:
            variance = variance + measure.extra_variance(groups)
        error = np.sqrt(variance)
        result.method = "delta"
    error = np.where(np.isnan(value) | ~np.isfinite(error), np.nan, error)
    z = quantile(uncertainty.level, result.df)
    if link == "log":
        centre = np.log(value)
        result.link_se = error
        result.se = error * value
        result.lower, result.upper = np.exp(centre - z * error), np.exp(centre + z * error)
        result.method += ", log scale"
    elif link == "percent":
        _fraction_limits(result, error, z)
    else:
        result.link_se = result.se = error
        result.lower, result.upper = value - z * error, value + z * error
    unsure = ~np.isfinite(result.lower) | ~np.isfinite(result.upper)
    result.lower, result.upper = np.where(unsure, np.nan, result.lower), np.where(unsure, np.nan, result.upper)
    known = ~np.isnan(value)
    result.remarks.extend((mask & known, words) for mask, words in _fitted(measure, groups))


def _fraction_limits(result: Result, error: Array, z: Array) -> None:
    """PAF = 100 (y_ref/μ − 1) on the log of y_ref/μ; where y_ref is 0, on its own scale."""
    groups = result.block.groups
    ratio = groups.leading / groups.mean
    own = groups.leading_weights - ratio[:, None] * groups.through_mean
    natural = 100 * np.sqrt(delta_variance(own / groups.mean[:, None], groups.s, groups.covariance))
    log = ratio > 0
    centre = np.log(ratio)
    result.link_se = error
    result.se = np.where(np.isnan(result.estimate), np.nan, natural)
    plain = 100 * (ratio - 1)
    result.lower = np.where(log, 100 * (np.exp(centre - z * error) - 1), plain - z * natural)
    result.upper = np.where(log, 100 * (np.exp(centre + z * error) - 1), plain + z * natural)
    result.method += ", log scale"


def _fitted(measure: Measure, groups: Groups) -> list[Remark]:
    """The line that was fitted, as the forms differ between producers."""
    models = MODELS if measure.fitted else ()
    told: dict[str, Array] = {}
    for model in models:
        words, here = measure.fitted.format(model=model), groups.model == model
        told[words] = told.get(words, False) | here
    return [(here, words) for words, here in told.items()]


def _simulated(results: list[Result], uncertainty: Uncertainty) -> None:
    """Percentiles of draws: all measures read the same draws of a chunk."""
    results = [result for result in results if not np.isnan(result.estimate).all()]
    if not results:
        return
    block = results[0].block
    groups = block.groups
    usable = np.flatnonzero(~np.isnan(groups.s).any(axis=1))
    if len(usable):
        some = groups.take(usable)
        deviates = simulation.normals(groups.k, uncertainty.draws, uncertainty.seed)
        root = simulation.roots(some.s, some.covariance)
        some.fix()
        for rows, chunk in simulation.simulate(some.y, root, deviates):
            drawn = some.take(rows).drawn(chunk)
            at = usable[rows]
            for result in results:
                # around the estimate, so that single precision keeps what matters
                moved = result.measure.formula(drawn) - result.estimate[at][:, None].astype(np.float32)
                low, high, spread = simulation.summary(moved, uncertainty.level)
                result.lower[at], result.upper[at] = low + result.estimate[at], high + result.estimate[at]
                result.se[at] = spread
    for result in results:
        result.method = f"simulation, {uncertainty.draws} draws"
        result.link_se = result.se


def _correct(result: Result, uncertainty: Uncertainty) -> None:
    """Limits that hold near equality; empty where an error of 0 is no certainty."""
    measure, groups = result.measure, result.block.groups
    rows = np.flatnonzero(~np.isnan(result.estimate) & ~np.isnan(groups.s).any(axis=1))
    lower, upper = np.full(len(result.block), np.nan), np.full(len(result.block), np.nan)
    central = result.estimate.copy()
    if measure.of_pair:
        lower, upper = pair_limits(
            groups, result.estimate, result.link_se, result.df, result.p_equal, uncertainty.level, measure.link == "log"
        )
        result.method += ", selection-adjusted"
    elif len(rows):
        some, value = groups.take(rows), result.estimate[rows]
        if measure.square is not None:
            lower[rows], central[rows], upper[rows] = square_limits(measure, some, value, uncertainty.level)
            result.method = "corrected, noncentral χ²"
        else:
            deviates = simulation.normals(groups.k, uncertainty.draws, uncertainty.seed)
            spread = np.where(some.s.max(axis=1) == 0, 0.0, result.se[rows])
            lower[rows], central[rows], upper[rows] = ray_limits(
                measure, some, value, uncertainty.level, deviates, spread
            )
            result.method = f"corrected, test inversion, {uncertainty.draws} draws"
    blank = result.block.false_zero
    result.lower, result.upper = np.where(blank, np.nan, lower), np.where(blank, np.nan, upper)
    result.central = central


def _finish(result: Result) -> None:
    """Cut limits where the measure has its end, and say what a reader must know."""
    measure, groups, block = result.measure, result.block.groups, result.block
    known = ~np.isnan(result.estimate)
    if measure.bounded:
        result.lower, result.upper = np.maximum(result.lower, 0), np.maximum(result.upper, 0)
    if measure.gain and known.any():
        shortfall = groups.leading - groups.mean
        wrong = known & np.where(groups.adverse, shortfall > 0, shortfall < 0)
        adverse = groups.adverse
        for name in ("lower", "upper"):
            limit = getattr(result, name)
            setattr(result, name, np.where(adverse, np.minimum(limit, 0), np.maximum(limit, 0)))
        result.remarks.append((wrong, "0, as the group to reach is not the better one; limits cut at 0"))
    for name in ("se", "lower", "upper"):
        setattr(result, name, np.where(known, getattr(result, name), np.nan))
    unsure = known & np.isnan(result.lower) & ~(result.distrusted & block.false_zero)
    missing = np.isnan(groups.s).any(axis=1) if groups.k else np.zeros(len(block), dtype=bool)
    result.remarks.append((unsure & missing, "no interval: standard errors are missing"))
    result.remarks.append((unsure & ~missing, "no interval at this estimate"))
    if result.distrusted:
        result.remarks.append(
            (known & (result.p_equal >= CLEAR), "groups do not clearly differ (p_equal is 5 % or more)")
        )
        blank = known & block.false_zero
        result.remarks.append((blank, "an error of 0 from no or only events is no certainty: no p_equal"))
