"""From tidy cells to settings: what is measured together, with its unit, direction, bounds, average and reference."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hyteanalysis import cells as vocabulary
from hyteanalysis.errors import MeasureError, counted, one_of
from hyteanalysis.inequality.groups import Array, Options
from hyteanalysis.uncertainty import cell_errors

BY = ("indicator", "area", "period", "dimension")
BY_AREA = ("indicator", "period", "dimension", "group")
ROUNDED = 1.02  # more people than the total's by more than rounding or weighting does
_MOST_GROUPS = 14  # whose sums are all tried
MODELS = ("logit", "linear", "log")


@dataclass(frozen=True)
class Settings:
    """All settings of a call: a frame of their keys and metadata, and their rows sorted."""

    by: tuple[str, ...]
    key: str  # the column that tells groups apart
    frame: pd.DataFrame
    rows: pd.DataFrame
    options: Options
    reference: Any
    covariance: pd.DataFrame | None


def gather(
    cells: Any,
    *,
    indicators: Any,
    by: Sequence[str],
    across: str,
    model: str | None,
    reference: Any,
    average: Any,
    covariance: Any,
    options: Options,
) -> Settings:
    """Check the cells and the options, and gather them into settings."""
    one_of(across, ("group", "area"), "across", MeasureError)
    if model is not None:
        one_of(model, MODELS, "model", MeasureError)
    if isinstance(by, str):
        by = (by,)
    by, key = tuple(by), across
    if across == "area" and by == BY:
        by = BY_AREA
    for column in by:
        one_of(column, [name for name in vocabulary.KEYS if name != key], f"by (with across={across!r})", MeasureError)
    cells = vocabulary.pandas_of(cells, "disparity()")
    _check_weights(cells)
    known = None if indicators is None else vocabulary.check_indicators(indicators)
    cells = vocabulary.validated(cells, known)
    return of_tidy(
        cells,
        known,
        by=by,
        across=across,
        model=model,
        reference=reference,
        average=average,
        covariance=covariance,
        options=options,
    )


def of_tidy(
    cells: pd.DataFrame,
    indicators: pd.DataFrame | None,
    *,
    options: Options,
    by: tuple[str, ...] = BY,
    across: str = "group",
    model: str | None = None,
    reference: Any = None,
    average: Any = None,
    covariance: Any = None,
) -> Settings:
    """The settings of cells, and indicator metadata, that were checked already."""
    key, is_total = across, (cells["dimension"] == vocabulary.TOTAL).to_numpy()
    totals = cells[is_total]
    if across == "group":
        if is_total.all():
            raise MeasureError(
                "The cells hold only the dimension 'total': there are no groups to compare. Use across='area'."
            )
        cells = cells[~is_total] if is_total.any() else cells
    else:
        _check_areas(cells, by)
    rows = cells.reset_index(drop=True)
    number, first = _numbered(rows, by)
    twice = pd.Series(_crossed(number, pd.factorize(rows[key].to_numpy(dtype=object))[0])).duplicated()
    if twice.any():
        example = rows.loc[twice, [*by, key]].iloc[0].to_dict()
        raise MeasureError(
            f"{counted(twice.sum(), 'row repeats', 'rows repeat')} a {key} within a setting, such as {example}: "
            "name in `by` what tells them apart."
        )
    status, empty = rows["status"].to_numpy(dtype=object), rows["estimate"].isna().to_numpy()
    suppressed = status == "suppressed"
    if covariance is not None:
        covariance = vocabulary.pandas_of(covariance, "covariance=")
        _check_pairs(covariance, rows, by, key)
    left = suppressed | np.isin(status, vocabulary.EMPTY_STATUSES) | empty
    rows = rows.assign(_setting=number, **_described(rows, indicators, model))
    described = ["_unit", "_kind", "_scale", "_adverse", "_lower_bound", "_upper_bound", "_model", "dimension"]
    frame = rows[list(dict.fromkeys([*by, *described]))].iloc[first].reset_index(drop=True)
    count = len(frame)
    chosen = _references(rows, reference, key, frame[list(by)])
    if reference is not None and chosen.any() and not (chosen & ~left).any():
        name = rows.loc[chosen, key].iloc[0]
        state = "suppressed" if suppressed[chosen].all() else "without an estimate"
        raise MeasureError(f"The reference {key} {name!r} is {state} in every setting. Name another one.")
    everybody = _everybody(frame, totals, by, across)
    sums, told = _sums_of_others(rows, number, left, chosen, everybody, key)
    left |= sums
    frame = frame.assign(
        _average=_averages(frame, totals, average, by, across),
        _suppressed=np.bincount(number, suppressed, count).astype(int),
        _missing=np.bincount(number, left & ~suppressed & ~sums, count).astype(int),
        _everybody=everybody,
        _sums=told,
        _lost_reference=np.bincount(number, left & chosen, count) > 0,
        _k=np.bincount(number[~left], minlength=count),
    )
    rows = rows.assign(_reference=chosen)
    rows = rows[~left] if left.any() else rows
    if across == "area":
        rows = rows.assign(order=pd.NA)
    return Settings(by, key, frame, _with_errors(rows), options, reference, covariance)


def _check_pairs(given: pd.DataFrame, rows: pd.DataFrame, by: Sequence[str], key: str) -> None:
    """Pairs whose setting is here, of a group that is not, are a mistake; other settings are of no matter."""
    by = list(by)
    if not {*by, key, f"{key}_other"} <= set(given):
        return  # told where the columns are read
    here = pd.MultiIndex.from_frame(rows[by].drop_duplicates())
    asked = given[pd.MultiIndex.from_frame(given[by]).isin(here)]
    known = pd.MultiIndex.from_frame(rows[[*by, key]])
    for name in (key, f"{key}_other"):
        lost = ~pd.MultiIndex.from_frame(asked[[*by, name]]).isin(known)
        if lost.any():
            where = asked.loc[lost, by].iloc[0].to_dict()
            raise MeasureError(
                f"covariance names {key} {asked.loc[lost, name].iloc[0]!r}, which the cells of {where} "
                "do not hold. Leave out its pairs, or correct the name."
            )


def _with_errors(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with their standard errors, and how they were come by; a 0 that is no certainty stays, and is marked."""
    errors = cell_errors(rows, rows["_kind"], rows["_scale"])
    df = rows["df"].to_numpy(dtype=float) if "df" in rows else np.full(len(rows), np.nan)
    if "respondents" in rows:
        # the spread of a mean is itself estimated, by as many as answered
        own = np.maximum(rows["respondents"].to_numpy(dtype=float) - 1, 1)
        df = np.where(np.isnan(df) & (rows["_kind"] == "mean"), own, df)
    return rows.assign(
        _df=df,
        _se=np.where(errors.false_zero, 0.0, errors.se),
        _derived=errors.derived,
        _continuity=errors.mended,
        _false_zero=errors.false_zero,
    )


def _everybody(frame: pd.DataFrame, totals: pd.DataFrame, by: tuple[str, ...], across: str) -> Array:
    """People of each setting's total, where the cells hold it: groups that add up to more contain each other."""
    keys = [name for name in by if name != "dimension"]
    if across != "group" or totals.empty or "population" not in totals or not keys:
        return np.full(len(frame), np.nan)
    known = totals.loc[totals["group"] == vocabulary.TOTAL, [*keys, "population"]].drop_duplicates(keys)
    found = frame[keys].merge(known, on=keys, how="left", validate="many_to_one")
    return np.asarray(found["population"], dtype=float)


def _sums_of_others(
    rows: pd.DataFrame, number: Array, left: Array, reference: Array, everybody: Array, key: str
) -> tuple[Array, Array]:
    """Groups that only add up others of their setting, and a sentence of them for each setting.

    Told by the counts: the other groups hold the total's people, one by one, and each of these exactly as many people
    (and events) as some of those together. Nothing is left out where that is so in two ways, nor a reference group.
    """
    out, said = np.zeros(len(rows), dtype=bool), np.full(len(everybody), "", dtype=object)
    if "population" not in rows or np.isnan(everybody).all():
        return out, said
    population = rows["population"].to_numpy(dtype=float)
    held = np.bincount(number, np.nan_to_num(population) * ~left, len(everybody))
    events = rows["events"].to_numpy(dtype=float) if "events" in rows else np.full(len(rows), np.nan)
    for setting in np.flatnonzero(held > everybody * ROUNDED):
        at = np.flatnonzero((number == setting) & ~left)
        if not 3 <= len(at) <= _MOST_GROUPS or np.isnan(population[at]).any():
            continue
        subsets = (np.arange(2 ** len(at))[:, None] >> np.arange(len(at)) & 1).astype(bool)
        people = subsets @ population[at]
        cases = subsets @ events[at]
        whole = np.flatnonzero((np.abs(people - everybody[setting]) <= 0.5) & (subsets.sum(axis=1) > 1))
        several = subsets.sum(axis=1) > 1
        whole = whole[subsets[whole][:, reference[at]].all(axis=1)]
        found = []
        for choice in whole:
            rest = np.flatnonzero(~subsets[choice])
            within = several & ~(subsets & ~subsets[choice]).any(axis=1)
            alike = [
                within & (np.abs(people - population[at[one]]) <= 0.5)
                & ~(np.abs(cases - events[at[one]]) > 0.5)  # events that are not known tell nothing
                for one in rest
            ]  # fmt: skip
            if len(rest) and all(one.any() for one in alike):
                found.append((rest, alike))
        if len(found) == 1:
            rest, alike = found[0]
            out[at[rest]] = True
            names = rows[key].to_numpy(dtype=object)[at]
            parts = [names[subsets[np.flatnonzero(one)[0]]] for one in alike]
            said[setting] = "left out " + "; ".join(
                f"{names[one]!r}, which adds up {' and '.join(map(repr, of))}"
                for one, of in zip(rest, parts, strict=True)
            )
    return out, said


def _numbered(rows: pd.DataFrame, by: Sequence[str]) -> tuple[Array, Array]:
    """The number of each row's setting, in the order of their keys, and the first row of each."""
    number = np.zeros(len(rows), dtype=np.int64)
    for column in by:
        place, _ = pd.factorize(rows[column].to_numpy(dtype=object), sort=True)
        number = _crossed(number, place)
    _, first, number = np.unique(number, return_index=True, return_inverse=True)
    return number, first


def _crossed(number: Array, place: Array) -> Array:
    """One number for two, in their order; renumbered first where it would grow too large."""
    width = int(place.max(initial=0)) + 1
    if int(number.max(initial=0)) >= 2**62 // width:
        number = np.unique(number, return_inverse=True)[1]
    return np.asarray(number * width + place)


def _check_weights(cells: pd.DataFrame) -> None:
    for column in ("population", "respondents"):
        if column in cells:
            values = pd.to_numeric(cells[column], errors="coerce")
            if (values < 0).any():
                raise MeasureError(
                    f"Negative weights: {column} is {values.min():g} in {counted((values < 0).sum(), 'row')}. "
                    "Weights are people; correct or empty them."
                )


def _check_areas(cells: pd.DataFrame, by: Sequence[str]) -> None:
    """Areas compared with each other must be of one kind."""
    from hyteanalysis import areas

    kinds = cells["area"].drop_duplicates()
    kinds = pd.Series([areas.level(code) for code in kinds], index=kinds.to_numpy())
    within = [column for column in by if column in cells]
    mixed = cells.assign(_kind=cells["area"].map(kinds)).groupby(within, observed=True)["_kind"].nunique() > 1
    if mixed.any():
        examples = [f"{kind} ({kinds[kinds == kind].index[0]})" for kind in kinds.unique()]
        raise MeasureError(
            f"across='area' compares areas of one kind, but the cells mix {', '.join(examples)}. Keep one kind."
        )


def _described(rows: pd.DataFrame, indicators: pd.DataFrame | None, model: str | None) -> dict[str, Any]:
    """Unit, kind, scale, direction, bounds and model of each row's indicator, by metadata that were checked."""
    count = len(rows)
    scale = rows["scale"].fillna(1.0).to_numpy() if "scale" in rows else np.ones(count)
    favourable = np.zeros(count, dtype=bool)
    if "favourable" in rows:
        favourable = rows["favourable"].fillna(False).to_numpy(dtype=bool)
    kind, unit = np.full(count, "", dtype=object), np.full(count, "", dtype=object)
    lower, upper = np.full(count, np.nan), np.full(count, np.nan)
    if indicators is not None:
        place = pd.Index(indicators["indicator"]).get_indexer(rows["indicator"])  # all are known: the cells are tidy
        kind = indicators["kind"].to_numpy(dtype=object)[place]
        unit = indicators["unit"].astype("str").fillna("").to_numpy(dtype=object)[place]
        scale = indicators["scale"].to_numpy(dtype=float)[place]
        favourable = indicators["favourable"].to_numpy(dtype=bool)[place]
        share = kind == "proportion"
        if "lower_bound" in indicators:
            lower = indicators["lower_bound"].to_numpy(dtype=float)[place]
        if "upper_bound" in indicators:
            upper = indicators["upper_bound"].to_numpy(dtype=float)[place]
        lower = np.where(share & np.isnan(lower), 0.0, lower)
        upper = np.where(share & np.isnan(upper), scale, upper)
    else:
        if "kind" in rows:
            kind = rows["kind"].astype(object).where(rows["kind"].notna(), "").to_numpy(dtype=object)
        if "unit" in rows:
            unit = rows["unit"].astype(object).where(rows["unit"].notna(), "").to_numpy(dtype=object)
        lower = np.where(kind == "proportion", 0.0, lower)
        upper = np.where(kind == "proportion", scale, upper)
    by_kind = np.where(kind == "proportion", "logit", np.where(kind == "rate", "log", "linear")).astype(object)
    return {
        "_kind": kind,
        "_unit": unit,
        "_scale": scale,
        "_adverse": ~favourable,
        "_lower_bound": lower,
        "_upper_bound": upper,
        "_model": by_kind if model is None else model,
    }


def _averages(frame: pd.DataFrame, totals: pd.DataFrame, average: Any, by: Sequence[str], across: str) -> Any:
    """The published average of each setting, NaN where there is none."""
    if average is None:
        return np.nan
    if isinstance(average, str):
        one_of(average, ["total"], "average (a word)", MeasureError)
        if across == "area":
            raise MeasureError("average='total' serves across='group' only. Give a frame or a number.")
        names = [column for column in by if column != "dimension"]
        totals = totals[totals["group"] == vocabulary.TOTAL]
        known = totals[[*names, "estimate"]]
        if known.empty:
            raise MeasureError("average='total' needs rows of dimension 'total', group 'total'; the cells have none.")
    elif hasattr(average, "__arrow_c_stream__"):  # frames of pandas, polars and Arrow alike
        average = vocabulary.pandas_of(average)
        names = [column for column in by if column in average]
        lacking = sorted({*by, "estimate"} - {*average.columns, *(["dimension"] if "dimension" in by else [])})
        if lacking:
            raise MeasureError(f"average lacks {', '.join(lacking)}: give a frame with {', '.join([*by, 'estimate'])}.")
        known = average[[*names, "estimate"]]
    else:
        number = isinstance(average, int | float | np.number) and not isinstance(average, bool)
        if not number or not np.isfinite(average):
            raise MeasureError(f"average must be a frame, a number or 'total'; not {average!r}.")
        return float(average)
    if known.duplicated(names).any():
        raise MeasureError(f"average gives more than one row for the same {', '.join(names)}. Keep one.")
    merged = frame[names].merge(known, on=names, how="left", validate="many_to_one")
    return merged["estimate"].astype("float64").to_numpy()


def _references(rows: pd.DataFrame, wanted: Any, key: str, settings: pd.DataFrame) -> Array:
    """Which rows are the reference group: by the keyword, else by the column."""
    if wanted is None:
        chosen = rows["reference"].to_numpy(dtype=bool) if "reference" in rows else np.zeros(len(rows), dtype=bool)
    else:
        names = rows[key].to_numpy()
        if isinstance(wanted, dict):
            known = rows["dimension"].map(wanted).to_numpy()
            lacking = sorted(set(wanted) - set(rows["dimension"]))
            if lacking:
                raise MeasureError(f"reference names the dimension {lacking[0]!r}, which the cells do not have.")
            chosen = names == known
            wanted = list(wanted.values())
        else:
            wanted = [wanted] if isinstance(wanted, str) else list(wanted)
            chosen = np.isin(names, wanted)
        lacking = sorted(set(wanted) - set(names[chosen]))
        if lacking:
            one_of(lacking[0], sorted(set(names)), f"reference {key}", MeasureError)
    count = np.bincount(rows["_setting"], chosen, len(settings))
    if (count > 1).any():
        where = settings[count > 1].iloc[0].to_dict()
        raise MeasureError(f"More than one reference {key} in the setting {where}. Mark one.")
    return chosen
