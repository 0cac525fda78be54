"""Change of a gap between two periods, or its difference between two areas, with its own interval and a verdict."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from hyteanalysis.cells import pandas_of
from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.inequality.engine import evaluate
from hyteanalysis.inequality.groups import Array
from hyteanalysis.inequality.intervals import square_parts
from hyteanalysis.inequality.options import check_options, check_uncertainty, choose
from hyteanalysis.inequality.results import Result, notes, refuse, units
from hyteanalysis.inequality.settings import BY, Settings, gather
from hyteanalysis.uncertainty import discovery, normal_quantile, two_sided


def gaps(
    cells: Any,
    measures: str | Sequence[str],
    *,
    indicators: Any,
    by: Sequence[str],
    level: float,
    se: str,
    model: str | None,
    reference: str | Sequence[str] | dict[str, str] | None,
    average: Any,
    draws: int,
    seed: int | None,
    across: str,
    covariance: Any,
    aversion: float | dict[str, float] | None,
    rii_form: str,
    level_to: str,
) -> tuple[list[str], pd.DataFrame]:
    """Columns of the settings, and one row a setting and measure.

    ``shown`` is the gap as told (of squares T), ``value`` what is subtracted (ln of ratios, T − b of squares, the
    central value of others that noise inflates), ``error`` its standard error, ``clear`` whether the gap is clear;
    ``log``, ``square`` (freed of noise), ``note``, ``groups`` (a fingerprint).
    """
    uncertainty = check_uncertainty(level, se, "corrected", draws, seed)
    chosen = choose(measures, rii_form)
    settings = gather(
        cells,
        indicators=indicators,
        by=by,
        across=across,
        model=model,
        reference=reference,
        average=average,
        covariance=covariance,
        options=check_options(aversion, level_to),
    )
    results = evaluate(settings, chosen, uncertainty)
    refuse(results, chosen)
    place = {measure.code: number for number, measure in enumerate(chosen)}
    found = pd.concat([_rows(settings, result, level) for result in results], ignore_index=True)
    fingerprint = _fingerprints(settings)
    found = found.assign(groups=fingerprint[found["_row"]], _rank=found["measure"].map(place))
    return list(settings.by), found.sort_values(["_row", "_rank"], ignore_index=True)


def _rows(settings: Settings, result: Result, level: float) -> pd.DataFrame:
    measure, groups = result.measure, result.block.groups
    shown, value, error = result.estimate, result.estimate, result.se
    log, square = measure.link == "log", measure.square is not None
    with np.errstate(all="ignore"):
        if log:
            value, error = np.log(shown), result.link_se
        elif measure.square is not None and groups.k >= measure.min_groups:
            parts, step = square_parts(measure, groups, shown), measure.square.step
            shown = step * parts.value
            value, error = step * (parts.value - parts.noise), step * np.sqrt(parts.total_variance)
            error = np.where(np.isnan(result.estimate), np.nan, error)
        elif result.distrusted and not measure.of_pair and not measure.null and measure.link == "identity":
            # noise that differs between the two periods would look like a change
            freed = np.isfinite(result.lower) & np.isfinite(result.upper)
            half = np.maximum(result.upper - result.central, result.central - result.lower)
            value = np.where(freed, result.central, value)
            error, square = np.where(freed, half / normal_quantile(level), error), True
    frame = settings.frame[list(settings.by)].iloc[result.block.rows].reset_index(drop=True)
    return frame.assign(
        measure=measure.code,
        shown=shown,
        value=value,
        error=error,
        clear=result.clear,
        log=log,
        square=square,
        null=0.0 if log else measure.null,
        note=notes(result),
        unit=units(measure, settings.frame["_unit"].to_numpy()[result.block.rows]),
        _row=result.block.rows,
    )


def _fingerprints(settings: Settings) -> Array:
    """A number a setting that is the same where the same groups have an estimate."""
    labels = settings.rows[settings.key].astype(object).to_numpy()
    total = np.zeros(len(settings.frame), dtype=np.uint64)
    np.add.at(total, settings.rows["_setting"].to_numpy(), pd.util.hash_array(labels))
    return total


def _check_correlation(correlation: float) -> float:
    """Correlation of the errors of two gaps, or an error."""
    number = isinstance(correlation, int | float | np.number) and not isinstance(correlation, bool)
    if not number or not -1 < correlation < 1:
        raise MeasureError(f"correlation must lie between -1 and 1; not {correlation!r}.")
    return float(correlation)


def told(values: Array, log: Array) -> Array:
    """Differences of gaps as they are told: of logs as a factor; absolute ones, which would overflow, as they are."""
    return np.where(log, np.exp(np.where(log, values, 0.0)), values)


def disparity_change(
    cells: Any,
    measure: str | Sequence[str],
    start: str,
    end: str,
    *,
    compare: str = "period",
    correlation: float = 0.0,
    margin: float | None = None,
    indicators: Any = None,
    by: Sequence[str] = BY,
    level: float = 0.95,
    se: str = "propagated",
    model: str | None = None,
    reference: str | Sequence[str] | dict[str, str] | None = None,
    average: Any = None,
    draws: int = 10_000,
    seed: int | None = None,
    across: str = "group",
    covariance: Any = None,
    aversion: float | dict[str, float] | None = None,
    rii_form: str = "ratio",
    level_to: str = "best",
) -> pd.DataFrame:
    """Change of a gap from ``start`` to ``end``, with its interval and a verdict.

    Answers: *has the gap narrowed, widened, or can we not tell?* change = end − start with its mathematical sign,
    Var = s₀² + s₁² − 2ρs₀s₁; for R, RII and KMI on the log, and ``change`` is end/start. The verdict reads the interval
    of the change, never whether two intervals overlap.

    Parameters
    ----------
    cells : DataFrame
        Tidy cells that hold both periods (areas).
    measure : str or list of str
        Codes or long names. Choose one absolute and one relative beforehand, and show both.
    start, end : str
        Two periods, or with ``compare="area"`` two areas.
    compare : {"period", "area"}
    correlation : float
        Correlation ρ of the errors of the two gaps, where the samples overlap; stated in ``method``.
    margin : float, optional
        Largest change that would be of no matter, set beforehand, in the unit of ``change`` (for ratios a factor above
        1): adds ``equivalent``, true where the whole 90 % interval of the change lies inside it.
    indicators, by, level, se, model, reference, average, draws, seed, across, covariance, aversion, rii_form, level_to
        As in :func:`hyteanalysis.disparity`.

    Returns
    -------
    DataFrame
        The setting columns, then ``measure, start, end, change, se, lower, upper, level, verdict, p_value, q_value,
        method, unit, note``; ``verdict`` is ``narrowed``, ``widened``, ``reversed`` or ``no_clear_change``, which is
        not the same as no change. ``q_value`` (Benjamini–Hochberg over the settings, per measure): of many settings 5 %
        change "clearly" by chance. Squares (BGV, BGSD², (COV/100)², TI, MLD, ATK, KOL) change by T − b, freed of their
        noise, while ``start`` and ``end`` stay T; other measures that noise inflates by the central value of their
        corrected interval.

    Raises
    ------
    MeasureError
        For a period (area) that the cells lack, or faulty options; else as in :func:`hyteanalysis.disparity`.

    Examples
    --------
    >>> import pandas as pd, hyteanalysis as hyte
    >>> cells = pd.DataFrame({
    ...     "indicator": "smoking", "area": "SSS", "period": ["2018", "2018", "2023", "2023"],
    ...     "dimension": "education", "group": ["low", "high"] * 2, "order": [1, 2] * 2,
    ...     "estimate": [24.0, 8.0, 18.0, 7.0], "se": [1.0, 0.7, 0.9, 0.6], "population": 1_000_000,
    ... })
    >>> row = hyte.disparity_change(cells, "D", "2018", "2023").iloc[0]
    >>> float(row["change"]), row["verdict"]
    (-5.0, 'narrowed')
    """
    one_of(compare, ("period", "area"), "compare", MeasureError)
    rho = _check_correlation(correlation)
    cells, start, end = pandas_of(cells, "disparity_change()"), str(start), str(end)
    if start == end:
        raise MeasureError(f"start and end are both {start!r}: name two {compare}s.")
    if across == "area" and compare == "area":
        raise MeasureError("With across='area' the areas are what is compared within a setting: use compare='period'.")
    if compare in cells:
        present = cells[compare].astype("str")
        for value in (start, end):
            one_of(value, sorted(set(present)), compare, MeasureError)
        cells = cells[present.isin([start, end])]
    columns, found = gaps(
        cells,
        measure,
        indicators=indicators,
        by=by,
        level=level,
        se=se,
        model=model,
        reference=reference,
        average=average,
        draws=draws,
        seed=seed,
        across=across,
        covariance=covariance,
        aversion=aversion,
        rii_form=rii_form,
        level_to=level_to,
    )
    if compare not in columns:
        raise MeasureError(f"by must hold {compare!r}, as that is what is compared; not {columns}.")
    pairs = _paired(found, columns, compare, start, end)
    _check_margin(margin, pairs)
    return _changes(pairs, level, rho, margin, start, end)


def _paired(found: pd.DataFrame, columns: list[str], compare: str, start: str, end: str) -> pd.DataFrame:
    """One row a setting and measure, with its start and its end beside each other."""
    keys = [*(column for column in columns if column != compare), "measure"]
    parts = ["shown", "value", "error", "clear", "note", "groups"]
    ranked = found.drop_duplicates(keys)[[*keys, "log", "square", "null", "unit"]]
    for name, value in (("start", start), ("end", end)):
        half = found.loc[found[compare] == value, [*keys, *parts]]
        half = half.rename(columns={part: f"{part}_{name}" for part in parts})
        ranked = ranked.merge(half, on=keys, how="left", validate="one_to_one")
    for name in ("start", "end"):
        ranked[f"clear_{name}"] = ranked[f"clear_{name}"].eq(True)
    return ranked


def _check_margin(margin: float | None, pairs: pd.DataFrame) -> None:
    if margin is None:
        return
    least = 1.0 if pairs["log"].any() else 0.0
    if pairs["log"].nunique() > 1:
        raise MeasureError("One margin cannot serve both ratios and differences: ask for them apart.")
    if isinstance(margin, bool) or not isinstance(margin, int | float | np.number) or not margin > least:
        raise MeasureError(f"margin must be a number above {least:g} here; not {margin!r}.")


def _changes(pairs: pd.DataFrame, level: float, rho: float, margin: float | None, start: str, end: str) -> pd.DataFrame:
    before, after = (pairs[f"value_{name}"].to_numpy() for name in ("start", "end"))
    errors = [pairs[f"error_{name}"].to_numpy() for name in ("start", "end")]
    log = pairs["log"].to_numpy()
    moved = after - before
    error = np.sqrt(errors[0] ** 2 + errors[1] ** 2 - 2 * rho * errors[0] * errors[1])
    z = normal_quantile(level)
    with np.errstate(all="ignore"):
        lower, upper = moved - z * error, moved + z * error
        p = np.where(error > 0, two_sided(moved / error), np.where(moved == 0, 1.0, 0.0))
    p = np.where(np.isnan(moved) | np.isnan(error), np.nan, p)
    keys = [column for column in pairs if column not in _WORKING and not column.endswith(("_start", "_end"))]
    changed = pairs[keys].assign(
        start=pairs["shown_start"],
        end=pairs["shown_end"],
        change=told(moved, log),
        se=np.where(log, np.exp(np.where(log, moved, 0.0)) * error, error),
        lower=told(lower, log),
        upper=told(upper, log),
        level=level,
        verdict=_verdicts(pairs, lower, upper),
        p_value=p,
        q_value=discovery(p, pairs["measure"]),
    )
    if margin is not None:
        narrow = normal_quantile(0.90) * error
        bound = np.log(margin) if log.any() else margin
        changed["equivalent"] = (moved - narrow > -bound) & (moved + narrow < bound)
    method = "independent errors" if rho == 0 else f"correlation {rho:g} of the errors"
    scale = np.where(
        log, "end/start, log scale", np.where(pairs["square"], "end − start, noise taken off", "end − start")
    )
    return changed.assign(
        method=pd.array([f"{words}; {method}" for words in scale], dtype="str"),
        unit=pairs["unit"],
        note=pd.array(_notes(pairs, start, end), dtype="str"),
    )


_WORKING = ("log", "square", "null", "unit")


def _verdicts(pairs: pd.DataFrame, lower: Array, upper: Array) -> Array:
    """Of each pair, on the scale on which gaps are subtracted."""
    null = pairs["null"].to_numpy()
    before, after = (pairs[f"value_{name}"].to_numpy() - null for name in ("start", "end"))
    clear_before, clear_after = (pairs[f"clear_{name}"].to_numpy() for name in ("start", "end"))
    return verdicts(before, after, clear_before, clear_after, lower, upper)


def verdicts(before: Array, after: Array, clear_before: Array, clear_after: Array, lower: Array, upper: Array) -> Array:
    """By the interval of the change: see METHODS in ``docs/measures.md``. Gaps are counted from no gap."""
    moved = after - before
    sure = (lower > 0) | (upper < 0)
    away = moved * before > 0
    nearer = (moved * before < 0) & (np.abs(after) < np.abs(before))
    choices = [
        (~sure, "no_clear_change"),
        (clear_before & clear_after & (before * after < 0), "reversed"),
        (clear_before & away, "widened"),
        (clear_before & nearer, "narrowed"),
        (~clear_before & clear_after, "widened"),
    ]
    return np.select([mask for mask, _ in choices], [word for _, word in choices], "no_clear_change").astype(object)


def _notes(pairs: pd.DataFrame, start: str, end: str) -> list[str]:
    """Notes of both gaps, once where they are the same; and what the change itself needs said."""
    texts = []
    columns = ["note_start", "note_end", "groups_start", "groups_end", "square"]
    for first, last, groups, others, square in pairs[columns].itertuples(index=False):
        words = []
        for name, note in ((start, first), (end, last)):
            if not isinstance(note, str):
                words.append(f"{name}: no such setting")
            elif note and note != (last if name == start else first):
                words.append(f"{name}: {note}")
        if isinstance(first, str) and first and first == last:
            words.append(first)
        if isinstance(first, str) and isinstance(last, str) and groups != others:
            words.append("not the same groups at start and end")
        if square:
            words.append("the change is freed of the noise that start and end hold")
        texts.append("; ".join(words))
    return texts
