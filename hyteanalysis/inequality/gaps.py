"""Gaps made comparable with each other: on the scale on which they are subtracted, freed of the noise in squares."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from hyteanalysis.errors import MeasureError
from hyteanalysis.inequality.engine import evaluate
from hyteanalysis.inequality.groups import Array
from hyteanalysis.inequality.intervals import square_parts
from hyteanalysis.inequality.options import check_options, check_uncertainty, choose
from hyteanalysis.inequality.results import Result, notes, refuse, units
from hyteanalysis.inequality.settings import Settings, gather


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

    ``shown`` is the gap as told (of squares T), ``value`` what is subtracted (ln of ratios, T − b of squares),
    ``error`` its standard error, ``clear`` whether the gap is clear; ``log``, ``square``, ``note``, ``groups`` (a
    fingerprint).
    """
    uncertainty = check_uncertainty(level, se, "plain", draws, seed)
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
    found = pd.concat([_rows(settings, result) for result in results], ignore_index=True)
    fingerprint = _fingerprints(settings)
    found = found.assign(groups=fingerprint[found["_row"]], _rank=found["measure"].map(place))
    return list(settings.by), found.sort_values(["_row", "_rank"], ignore_index=True)


def _rows(settings: Settings, result: Result) -> pd.DataFrame:
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


def check_correlation(correlation: float) -> float:
    """Correlation of the errors of two gaps, or an error."""
    number = isinstance(correlation, int | float | np.number) and not isinstance(correlation, bool)
    if not number or not -1 < correlation < 1:
        raise MeasureError(f"correlation must lie between -1 and 1; not {correlation!r}.")
    return float(correlation)


def told(values: Array, log: Array) -> Array:
    """Differences of gaps as they are told: of logs as a factor; absolute ones, which would overflow, as they are."""
    return np.where(log, np.exp(np.where(log, values, 0.0)), values)
