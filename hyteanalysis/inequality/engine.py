"""The engine: applicability, uncertainty and result rows of any measure, all settings at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.inequality import draws as simulation
from hyteanalysis.inequality.applicability import lacking
from hyteanalysis.inequality.groups import Array, Groups, Options
from hyteanalysis.inequality.intervals import ray_limits, square_limits
from hyteanalysis.inequality.registry import VARIANTS, Measure, find
from hyteanalysis.inequality.settings import BY, Block, Remark, Settings, gather
from hyteanalysis.uncertainty import delta_variance, equality, normal_quantile

DEFAULT_AVERSION = {"ACIX": 2.0, "ATK": 1.0}
AVERSE = ("ACIX", "ATK", "KOL")
CLEAR = 0.05  # p_equal from which no text calls the groups different


@dataclass(frozen=True)
class Uncertainty:
    """How intervals are to be made."""

    level: float
    se: str
    interval: str
    draws: int
    seed: int | None


@dataclass
class Result:
    """What the engine found for one measure in one block of settings."""

    block: Block
    measure: Measure
    estimate: Array
    se: Array
    lower: Array
    upper: Array
    method: str
    link_se: Array  # on the scale of the link
    p_equal: Array
    structural: Array
    remarks: list[Remark] = field(default_factory=list)

    @property
    def distrusted(self) -> bool:
        """Whether the plain interval is biased near equality, so that p_equal speaks instead."""
        return self.measure.rests_on_extreme(self.block.groups.ordered)

    @property
    def clear(self) -> Array:
        """Whether the gap is clear: its own interval leaves out the null, or p_equal is below 5 %."""
        if self.distrusted:
            return np.asarray(self.p_equal < CLEAR)
        return np.asarray((self.lower > self.measure.null) | (self.upper < self.measure.null))

    @property
    def gap_sign(self) -> Array:
        """+1 the disadvantaged are worse off, −1 better off, 0 neither is clear (or there is no social order)."""
        groups, measure = self.block.groups, self.measure
        zero = np.zeros(len(self.block), dtype=np.int64)
        if measure.code in ("D", "R"):
            worse = np.ones(len(zero), dtype=np.int64) if groups.ordered or groups.pair_reference else zero
        elif measure.code in ("PAR", "PAF"):
            worse = np.where(groups.adverse, -1, 1) if groups.ordered else zero
        elif measure.code == "KMI":
            worse = np.where(groups.adverse, 1, -1)
        elif measure.ordered:
            worse = np.where(groups.adverse, -1, 1)
        else:
            worse = zero
        side = np.sign(np.nan_to_num(self.estimate - measure.null)).astype(np.int64)
        outside = (self.lower > measure.null) | (self.upper < measure.null)
        return np.where(outside, worse * side, 0)


def disparity(
    cells: pd.DataFrame,
    measures: str | Sequence[str],
    *,
    indicators: pd.DataFrame | None = None,
    by: Sequence[str] = BY,
    level: float = 0.95,
    se: str = "propagated",
    model: str | None = None,
    reference: str | Sequence[str] | dict[str, str] | None = None,
    average: pd.DataFrame | float | str | None = None,
    draws: int = 10_000,
    seed: int | None = None,
    interval: str = "plain",
    across: str = "group",
    covariance: pd.DataFrame | None = None,
    aversion: float | dict[str, float] | None = None,
    rii_form: str = "ratio",
    level_to: str = "best",
) -> pd.DataFrame:
    """Summary measures of inequality between groups, with intervals: one row a setting and measure.

    Answers: *how large is the gap between population groups, and how sure is it?* Formulas, and when each measure
    applies, are in :func:`hyteanalysis.measures` and ``docs/measures.md``.

    Parameters
    ----------
    cells : DataFrame
        Tidy cells. Rows of dimension ``total`` are no setting of their own. Suppressed and missing groups are left out
        and counted in ``note``.
    measures : str or list of str
        Codes or long names, or ``"all"``.
    indicators : DataFrame, optional
        Gives kind, scale, direction, unit and bounds; without it the cells' own ``scale`` and ``favourable`` serve,
        else estimates are taken as given and adverse.
    by : list of str
        What makes a setting; default ``indicator, area, period, dimension`` (with ``across="area"`` ``indicator,
        period, dimension, group``).
    level : float
        Confidence level, between 0 and 1.
    se : {"propagated", "model"}
        Errors of the groups carried through; or the reference system's residual variance (ACI, RCI, ERR, WAG, SII, RII,
        KMI; PAR and PAF by Walter), which is blind to the groups' own errors.
    model : {"logit", "linear", "log"}, optional
        Line of SII and RII; None: logit for proportions, log for rates, linear otherwise.
    reference : str, list or dict, optional
        The group to compare with in D, R, MDRU, MDRW (a dict names one per dimension). Without it the column
        ``reference`` serves D and R of unordered groups and MDRU, MDRW; ordered groups without one take the most
        advantaged.
    average : DataFrame, number or "total", optional
        A published average as μ, taken as known: a frame with the columns of ``by`` and ``estimate``, one number, or
        ``"total"`` for the rows of dimension total. Unknown for some settings, their own weighted mean serves.
    draws : int
        Simulated draws, at least 1,000.
    seed : int, optional
        Seed of the draws; None is a fixed one, so that the same cells always give the same limits.
    interval : {"plain", "corrected"}
        Plain: Wald on the natural scale of the measure, or percentiles of draws. Corrected: for measures that cannot be
        negative or rest on the extreme group, limits that hold also where groups hardly differ.
    across : {"group", "area"}
        What is compared within a setting. Areas must be of one kind and have no order.
    covariance : DataFrame, optional
        ``*by, group, group_other, covariance`` of groups that are not independent, as surveys give it.
    aversion : float or dict, optional
        Inequality aversion, for all or by code: ACIX (2), ATK (1), KOL (per unit of the indicator; must be given).
    rii_form : {"ratio", "mean"}
        Ratio of the line's ends, or SII/μ.
    level_to : {"best", "average"}
        Whom LEVELUP raises the others to.

    Returns
    -------
    DataFrame
        ``*by, measure, estimate, se, lower, upper, level, method, gap_sign, n_groups, unit, note``, then ``se_log`` (R,
        RII, KMI) and ``p_equal`` (Cochran's Q, for measures that noise inflates). ``gap_sign``: +1 the disadvantaged
        are worse off, −1 better off, 0 neither is clear. A measure that does not apply has an empty estimate and the
        reason in ``note``.

    Raises
    ------
    MeasureError
        For unknown measures or options, negative weights, groups that stand twice in a setting, mixed kinds of areas,
        and for a measure asked for alone that can never apply, naming what to use instead.
    TidyError
        For cells that are not tidy.

    Notes
    -----
    Weights are population shares; where a whole setting has none, respondents, else equal weights, and ``note`` says
    which. Published 95 % limits without a standard error give one. Intervals of register counts describe chance, not
    sampling.

    Examples
    --------
    >>> import pandas as pd, hyteanalysis as hyte
    >>> cells = pd.DataFrame({
    ...     "indicator": "smoking", "area": "SSS", "period": "2022", "dimension": "education",
    ...     "group": ["low", "mid", "high"], "order": [1, 2, 3], "estimate": [20.0, 14.0, 8.0],
    ...     "se": [1.0, 0.8, 0.7], "population": [900_000, 2_000_000, 1_400_000],
    ... })
    >>> gaps = hyte.disparity(cells, ["D", "SII", "RCI"])
    >>> gaps[["measure", "estimate", "lower", "upper", "gap_sign"]].round(2)
      measure  estimate  lower  upper  gap_sign
    0       D     12.00   9.61  14.39         1
    1     SII    -16.20 -19.36 -13.04         1
    2     RCI     -0.17  -0.21  -0.14         1
    """
    uncertainty = check_uncertainty(level, se, interval, draws, seed)
    chosen = choose(measures, rii_form)
    options = check_options(aversion, level_to)
    settings = gather(
        cells,
        indicators=indicators,
        by=by,
        across=across,
        model=model,
        reference=reference,
        average=average,
        covariance=covariance,
        options=options,
    )
    results = evaluate(settings, chosen, uncertainty)
    refuse(results, chosen)
    return frame_of(settings, results, chosen, uncertainty)


def check_uncertainty(level: float, se: str, interval: str, draws: int, seed: int | None) -> Uncertainty:
    """Options of uncertainty, or an error that names the faulty one."""
    if isinstance(level, bool) or not isinstance(level, int | float | np.number):
        raise MeasureError(f"level must be a share between 0 and 1, such as 0.95; not {level!r}.")
    normal_quantile(float(level))
    one_of(se, ("propagated", "model"), "se", MeasureError)
    one_of(interval, ("plain", "corrected"), "interval", MeasureError)
    if isinstance(draws, bool) or not isinstance(draws, int | np.integer) or draws < 1000:
        raise MeasureError(
            f"draws must be a whole number of 1,000 or more, since tails are read from them; not {draws!r}."
        )
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0):
        raise MeasureError(f"seed must be a whole number of 0 or more, or None; not {seed!r}.")
    return Uncertainty(float(level), se, interval, int(draws), seed)


def choose(measures: str | Sequence[str], rii_form: str = "ratio") -> list[Measure]:
    """Measures asked for, in the form asked for."""
    one_of(rii_form, ("ratio", "mean"), "rii_form", MeasureError)
    return [VARIANTS.get((measure.code, rii_form), measure) for measure in find(measures)]


def check_options(aversion: float | dict[str, float] | None, level_to: str = "best") -> Options:
    """Options that formulas read, or an error that names the faulty one."""
    one_of(level_to, ("best", "average"), "level_to", MeasureError)
    given = dict(aversion) if isinstance(aversion, dict) else dict.fromkeys(AVERSE, aversion)
    for code, value in given.items():
        one_of(code, AVERSE, "aversion of", MeasureError)
        number = value is None or (isinstance(value, int | float | np.number) and not isinstance(value, bool))
        # one number for all may suit the others though not ACIX, which then goes without
        least = 1 if code == "ACIX" and isinstance(aversion, dict) else 0
        if not number or (value is not None and not least < value < np.inf):
            raise MeasureError(f"aversion of {code} must be a number above {least}; not {value!r}.")
    usable = {
        code: float(value) for code, value in given.items() if value is not None and (code != "ACIX" or value > 1)
    }
    default = {} if isinstance(aversion, int | float) else DEFAULT_AVERSION
    return Options({**default, **usable}, level_to)


def evaluate(settings: Settings, chosen: Iterable[Measure], uncertainty: Uncertainty) -> list[Result]:
    """Every measure in every block of settings."""
    chosen = list(chosen)
    results: list[Result] = []
    for block in settings.blocks():
        with np.errstate(all="ignore"):
            found = [_estimated(measure, block) for measure in chosen]
            p = _equality(block) if block.groups.k >= 2 else np.full(len(block), np.nan)
            for result in found:
                if result.distrusted:
                    result.p_equal = np.where(np.isnan(result.estimate), np.nan, p)
                _closed_form(result, uncertainty)
            _simulated([result for result in found if result.measure.simulated], uncertainty)
            for result in found:
                if uncertainty.interval == "corrected" and result.distrusted:
                    _correct(result, uncertainty)
                _finish(result)
        results.extend(found)
    return results


def _equality(block: Block) -> Array:
    p = equality(block.groups.y, block.groups.s, block.groups.covariance)
    return np.where(block.false_zero, np.nan, p)


def _estimated(measure: Measure, block: Block) -> Result:
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
            remarks.append((undefined, _undefined(measure)))
    if measure.code in ("MDRU", "MDRW") and block.groups.reference is None:
        remarks.append((fine, "compared with the most advantaged group"))
    if measure.centred and block.groups.known.any():
        remarks.append((fine & block.groups.known, "published average taken as known"))
    return Result(
        block, measure, estimate, empty.copy(), empty.copy(), empty.copy(), "", empty, empty.copy(), structural, remarks
    )


def _undefined(measure: Measure) -> str:
    if measure.code == "R":
        return "R has no value over a divisor of zero"
    if measure.link == "log":
        return f"{measure.code} has no value: an end of the fitted line is zero or below, or the fit did not converge"
    if measure.code == "SII":
        return "SII has no value: the fit did not converge"
    return f"{measure.code} has no value for these estimates"


def _closed_form(result: Result, uncertainty: Uncertainty) -> None:
    """Delta method, or the reference's residual variance, with a Wald interval on the scale of the link."""
    measure, groups = result.measure, result.block.groups
    if measure.simulated or np.isnan(result.estimate).all():
        result.method = "simulation" if measure.simulated else ""
        return
    value, link = result.estimate, measure.link
    if uncertainty.se == "model" and measure.model_se is not None:
        error = np.asarray(measure.model_se(groups), dtype=float)
        link = "log" if link == "log" else "identity"
        result.method = "residual variance" if measure.ordered else "Walter"
        if measure.code in ("PAR", "PAF"):
            error = np.where(result.block.weights == "population", error, np.nan)
    else:
        assert measure.gradient is not None
        variance = delta_variance(measure.gradient(groups, value), groups.s, groups.covariance)
        if measure.extra_variance is not None:
            variance = variance + measure.extra_variance(groups)
        error = np.sqrt(variance)
        result.method = "delta"
    error = np.where(np.isnan(value) | ~np.isfinite(error), np.nan, error)
    z = normal_quantile(uncertainty.level)
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
    if measure.ordered and measure.code in ("SII", "RII", "KMI"):
        known = ~np.isnan(value)
        result.remarks.extend((mask & known, words) for mask, words in _fitted(measure, groups))


def _fraction_limits(result: Result, error: Array, z: float) -> None:
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
    if measure.code == "KMI":
        return [(np.ones(len(groups.p), dtype=bool), "ratio of the ends of a linear line")]
    form = "" if measure.code == "SII" else (", SII over the mean" if measure.link == "identity" else ", ratio of ends")
    return [(groups.model == model, f"{model} line{form}") for model in ("logit", "linear", "log")]


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
    signed = groups.pair_reference and measure.code in ("D", "R")
    if signed:
        # below the null the reference itself is the extreme group, and the plain interval stands
        rows = rows[result.estimate[rows] > measure.null]
        lower, upper = result.lower.copy(), result.upper.copy()
    if len(rows):
        some, value = groups.take(rows), result.estimate[rows]
        if measure.square is not None:
            lower[rows], upper[rows] = square_limits(measure, some, value, uncertainty.level)
            result.method = "corrected, noncentral χ²"
        else:
            deviates = simulation.normals(groups.k, uncertainty.draws, uncertainty.seed)
            spread = np.where(some.s.max(axis=1) == 0, 0.0, result.se[rows])
            lower[rows], upper[rows] = ray_limits(measure, some, value, uncertainty.level, deviates, spread)
            result.method = f"corrected, test inversion, {uncertainty.draws} draws"
    blank = result.block.false_zero
    result.lower, result.upper = np.where(blank, np.nan, lower), np.where(blank, np.nan, upper)


def _finish(result: Result) -> None:
    """Cut limits where the measure has its end, and say what a reader must know."""
    measure, groups, block = result.measure, result.block.groups, result.block
    known = ~np.isnan(result.estimate)
    if measure.bounded:
        result.lower, result.upper = np.maximum(result.lower, 0), np.maximum(result.upper, 0)
    if measure.code in ("PAR", "PAF") and known.any():
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


def refuse(results: list[Result], chosen: list[Measure]) -> None:
    """A measure asked for alone that no setting could ever have is an error, with its reason."""
    if len(chosen) != 1 or not results or not all(result.structural.all() for result in results):
        return
    words = [text for result in results for mask, text in result.remarks if (mask & result.structural).any()]
    raise MeasureError(f"{chosen[0].code} ({chosen[0].name()}) does not apply: {words[0]}.")


def frame_of(
    settings: Settings, results: list[Result], chosen: list[Measure], uncertainty: Uncertainty
) -> pd.DataFrame:
    """Result rows in the order of settings, then of the measures asked for."""
    place = {measure.code: number for number, measure in enumerate(chosen)}
    columns: dict[str, list[Any]] = {name: [] for name in _NUMBERS}
    words: dict[str, list[Any]] = {name: [] for name in ("measure", "method", "unit", "note")}
    at, rank = [], []
    for result in results:
        count = len(result.block)
        at.append(result.block.rows)
        rank.append(np.full(count, place[result.measure.code]))
        log = result.measure.link == "log"
        known = ~np.isnan(result.estimate)
        columns["estimate"].append(result.estimate)
        columns["se"].append(result.se)
        columns["lower"].append(result.lower)
        columns["upper"].append(result.upper)
        columns["gap_sign"].append(result.gap_sign)
        columns["n_groups"].append(np.full(count, result.block.groups.k))
        columns["se_log"].append(np.where(known & log, result.link_se, np.nan))
        columns["p_equal"].append(result.p_equal)
        words["measure"].append(np.full(count, result.measure.code, dtype=object))
        method = np.full(count, "", dtype=object)
        method[known] = result.method
        words["method"].append(method)
        words["unit"].append(units(result.measure, settings.frame["_unit"].to_numpy()[result.block.rows]))
        words["note"].append(notes(result))
    rows = np.concatenate(at)
    sorting = np.lexsort([np.concatenate(rank), rows])
    keys = settings.frame[list(settings.by)].iloc[rows[sorting]].reset_index(drop=True)
    numbers = {name: np.concatenate(parts)[sorting] for name, parts in columns.items()}
    texts = {name: pd.array(np.concatenate(parts)[sorting], dtype="str") for name, parts in words.items()}
    return keys.assign(
        measure=texts["measure"],
        estimate=numbers["estimate"],
        se=numbers["se"],
        lower=numbers["lower"],
        upper=numbers["upper"],
        level=uncertainty.level,
        method=texts["method"],
        gap_sign=numbers["gap_sign"],
        n_groups=numbers["n_groups"],
        unit=texts["unit"],
        note=texts["note"],
        se_log=numbers["se_log"],
        p_equal=numbers["p_equal"],
    )


_NUMBERS = ("estimate", "se", "lower", "upper", "gap_sign", "n_groups", "se_log", "p_equal")


def units(measure: Measure, units: Array) -> Array:
    """The indicator's unit for absolute measures, else the measure's own."""
    if measure.unit == "indicator":
        return units.astype(object)
    if measure.unit == "indicator²":
        return np.array([f"{unit}²" if unit else "" for unit in units], dtype=object)
    return np.full(len(units), measure.unit, dtype=object)


def notes(result: Result) -> Array:
    """All that must be said of each row, joined with semicolons."""
    remarks = [*result.remarks]
    weighted = result.measure.weighted
    known = ~np.isnan(result.estimate)
    for mask, text in result.block.remarks:
        if "weight" not in text:
            remarks.append((mask, text))
        elif weighted:
            remarks.append((mask & known, text))
    remarks = [(mask, text) for mask, text in remarks if mask.any()]
    code = np.zeros(len(result.block), dtype=np.int64)
    for number, (mask, _) in enumerate(remarks):
        code |= mask.astype(np.int64) << number
    kinds, inverse = np.unique(code, return_inverse=True)
    texts = ["; ".join(text for number, (_, text) in enumerate(remarks) if kind >> number & 1) for kind in kinds]
    return np.array(texts, dtype=object)[inverse]
