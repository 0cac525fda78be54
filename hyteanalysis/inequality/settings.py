"""From tidy cells to settings: what is measured together, with weights, direction, bounds, errors and covariances."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from hyteanalysis import cells as vocabulary
from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.inequality.groups import Array, Groups, Options

BY = ("indicator", "area", "period", "dimension")
BY_AREA = ("indicator", "period", "dimension", "group")
PUBLISHED_Z = float(ndtri(0.975))
MODELS = ("logit", "linear", "log")

Remark = tuple[Array, str]  # which settings it concerns, and what is said


@dataclass(frozen=True)
class Block:
    """Settings of equally many groups, with what the notes must say of them."""

    rows: Array  # positions in Settings.frame
    groups: Groups
    weights: Array  # "population", "respondents", "equal"; "" where some are missing or all are zero
    false_zero: Array  # an error of 0 from no or only events, which is not certainty
    lost_reference: Array  # the group to compare with was left out
    remarks: list[Remark]
    dimensions: Array  # names, for messages

    def __len__(self) -> int:
        return len(self.rows)


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

    def blocks(self) -> Iterator[Block]:
        """Settings split by number of groups, order and reference; those of no group at all come as one block."""
        yield from _blocks(self)


def gather(
    cells: pd.DataFrame,
    *,
    indicators: pd.DataFrame | None,
    by: Sequence[str],
    across: str,
    model: str | None,
    reference: Any,
    average: Any,
    covariance: pd.DataFrame | None,
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
    _check_weights(cells)
    cells = vocabulary.tidy(cells, indicators)
    totals = cells[cells["dimension"] == vocabulary.TOTAL]
    if across == "group":
        cells = cells[cells["dimension"] != vocabulary.TOTAL]
        if cells.empty:
            raise MeasureError(
                "The cells hold only the dimension 'total': there are no groups to compare. Use across='area'."
            )
    else:
        _check_areas(cells, by)
    rows = cells.reset_index(drop=True)
    number = rows.groupby(list(by), sort=True, observed=True).ngroup().to_numpy()
    twice = rows.duplicated([*by, key])
    if twice.any():
        first = rows.loc[twice, [*by, key]].iloc[0].to_dict()
        raise MeasureError(
            f"{int(twice.sum())} rows repeat a {key} within a setting, such as {first}: "
            "name in `by` what tells them apart."
        )
    rows = _described(rows.assign(_setting=number), indicators, model)
    frame = rows.drop_duplicates("_setting").sort_values("_setting").set_index("_setting")
    frame = frame[[*by, "_unit", "_kind", "_scale", "_adverse", "_lower_bound", "_upper_bound", "_model", "dimension"]]
    frame = frame.loc[:, ~frame.columns.duplicated()].reset_index(drop=True)
    frame["_average"] = _averages(frame, totals, average, by, across)
    left = rows["status"].isin(vocabulary.EMPTY_STATUSES) | rows["estimate"].isna()
    suppressed = left & (rows["status"] == "suppressed")
    count = len(frame)
    frame["_suppressed"] = np.bincount(number, suppressed.to_numpy(), count).astype(int)
    frame["_missing"] = np.bincount(number, (left & ~suppressed).to_numpy(), count).astype(int)
    rows["_reference"] = _references(rows, reference, key, frame[list(by)])
    frame["_lost_reference"] = np.bincount(number, (left & rows["_reference"]).to_numpy(), count) > 0
    rows = rows[~left]
    frame["_k"] = np.bincount(rows["_setting"], minlength=count)
    if across == "area":
        rows = rows.assign(order=pd.NA)
    return Settings(by, key, frame, _with_errors(rows), options, reference, covariance)


def _check_weights(cells: pd.DataFrame) -> None:
    for column in ("population", "respondents"):
        if isinstance(cells, pd.DataFrame) and column in cells:
            values = pd.to_numeric(cells[column], errors="coerce")
            if (values < 0).any():
                raise MeasureError(
                    f"Negative weights: {column} is {values.min():g} in {int((values < 0).sum())} rows. "
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


def _described(rows: pd.DataFrame, indicators: pd.DataFrame | None, model: str | None) -> pd.DataFrame:
    """Unit, kind, scale, direction, bounds and model of each row's indicator."""
    kind, unit = pd.Series("", index=rows.index), pd.Series("", index=rows.index)
    scale = rows["scale"].fillna(1.0) if "scale" in rows else pd.Series(1.0, index=rows.index)
    favourable = (
        rows["favourable"].fillna(False).astype(bool) if "favourable" in rows else pd.Series(False, index=rows.index)
    )
    lower, upper = (pd.Series(np.nan, index=rows.index) for _ in range(2))
    if indicators is not None:
        known = vocabulary.check_indicators(indicators).set_index("indicator")
        kind = rows["indicator"].map(known["kind"]).fillna("")
        unit = rows["indicator"].map(known["unit"]).fillna("").astype("str")
        scale = rows["indicator"].map(known["scale"]).fillna(scale)
        favourable = rows["indicator"].map(known["favourable"]).fillna(favourable).astype(bool)
        if "lower_bound" in known:
            lower = rows["indicator"].map(known["lower_bound"])
        if "upper_bound" in known:
            upper = rows["indicator"].map(known["upper_bound"])
        share = kind == "proportion"
        lower, upper = lower.mask(share & lower.isna(), 0.0), upper.mask(share & upper.isna(), scale)
    by_kind = kind.map({"proportion": "logit", "rate": "log"}).fillna("linear")
    return rows.assign(
        _kind=kind.astype("str"),
        _unit=unit,
        _scale=scale.astype("float64"),
        _adverse=~favourable,
        _lower_bound=lower.astype("float64"),
        _upper_bound=upper.astype("float64"),
        _model=by_kind if model is None else model,
    )


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
    elif isinstance(average, pd.DataFrame):
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


def _with_errors(rows: pd.DataFrame) -> pd.DataFrame:
    """Standard errors: as given, else from published limits; an error of 0 from no or only events is none."""
    se = rows["se"].to_numpy(copy=True) if "se" in rows else np.full(len(rows), np.nan)
    y, scale, kind = (rows[name].to_numpy() for name in ("estimate", "_scale", "_kind"))
    derived = np.zeros(len(rows), dtype=bool)
    if {"lower", "upper"} <= set(rows):
        lower, upper = rows["lower"].to_numpy(), rows["upper"].to_numpy()
        derived = np.isnan(se) & ~np.isnan(lower) & ~np.isnan(upper)
        se = np.where(derived, _from_limits(y, lower, upper, scale, kind), se)
    share = kind == "proportion"
    boundary = (se == 0) & ((y == 0) | (share & (y == scale)))
    rows = rows.assign(_se=se, _derived=derived, _continuity=False, _false_zero=boundary)
    if boundary.any() and "events" in rows:
        people = rows["respondents"] if "respondents" in rows else pd.Series(np.nan, index=rows.index)
        people = people.fillna(rows["population"]) if "population" in rows else people
        n, x = people.to_numpy(), rows["events"].to_numpy()
        with np.errstate(divide="ignore", invalid="ignore"):
            p = (x + 0.5) / (n + 1)
            # (x + ½)/n counts as Poisson where the outcome is a rate
            half = np.where(share, np.sqrt(p * (1 - p) / n), np.sqrt(x + 0.5) / n) * scale
        mended = boundary & np.isfinite(half) & np.isin(kind, ("proportion", "rate"))
        rows = rows.assign(_se=np.where(mended, half, se), _continuity=mended, _false_zero=boundary & ~mended)
    return rows


def _from_limits(y: Array, lower: Array, upper: Array, scale: Array, kind: Array) -> Array:
    """Error behind published 95 % limits, on the indicator's natural scale."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p, low, high = y / scale, lower / scale, upper / scale
        logit = scale * p * (1 - p) * (np.log(high / (1 - high)) - np.log(low / (1 - low)))
        log = y * (np.log(upper) - np.log(lower))
    plain = upper - lower
    width = np.where(kind == "proportion", logit, np.where(kind == "rate", log, plain))
    inside = np.where(
        kind == "proportion", (low > 0) & (high < 1) & (p > 0) & (p < 1), (kind != "rate") | ((lower > 0) & (y > 0))
    )
    return np.asarray(np.where(inside, width, plain) / (2 * PUBLISHED_Z))


def _blocks(settings: Settings) -> Iterator[Block]:
    frame, rows = settings.frame, settings.rows
    number = rows["_setting"].to_numpy()
    order = rows["order"].astype("Float64").to_numpy(dtype=float, na_value=np.nan) if "order" in rows else None
    order = np.full(len(rows), np.nan) if order is None else order
    weights = [
        rows[name].to_numpy() if name in rows else np.full(len(rows), np.nan) for name in ("population", "respondents")
    ]
    # sorted by what is measured, never by labels or by the order of the rows
    sorting = [rows["_se"].to_numpy(), weights[0], rows["estimate"].to_numpy(), order, number]
    place = np.lexsort(sorting)
    rows, number, order = rows.iloc[place], number[place], order[place]
    reference = rows["_reference"].to_numpy(dtype=bool)
    start = np.concatenate([[0], np.cumsum(frame["_k"])[:-1]]).astype(int)
    ordered = np.zeros(len(frame), dtype=bool)
    some = frame["_k"].to_numpy() > 0
    first, last = order[start[some]], order[(start + frame["_k"].to_numpy() - 1)[some]]
    ordered[some] = ~np.isnan(first) & ~np.isnan(last) & (first < last)
    named = np.bincount(number, reference, len(frame)) > 0
    if settings.reference is None:
        named_for_pair = named & ~ordered
    else:
        named_for_pair = named
    kinds = pd.DataFrame({"k": frame["_k"], "ordered": ordered, "named": named, "pair": named_for_pair})
    for (k, is_ordered, is_named, _), members in kinds.groupby(["k", "ordered", "named", "pair"]).indices.items():
        at = start[members][:, None] + np.arange(k)
        yield _block(settings, rows, members, at, order, reference, bool(is_ordered), bool(is_named))


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


def _block(
    settings: Settings,
    rows: pd.DataFrame,
    members: Array,
    at: Array,
    order: Array,
    reference: Array,
    ordered: bool,
    named: bool,
) -> Block:
    meta = settings.frame.iloc[members]

    def table(name: str) -> Array:
        return np.asarray(rows[name].to_numpy()[at]) if name in rows else np.full(at.shape, np.nan)

    population, weight, source, remarks = _weights(table("population"), table("respondents"))
    total = weight.sum(axis=1, keepdims=True)
    share = np.where(total > 0, weight / np.where(total > 0, total, 1), np.nan)
    covariance, se = _covariances(settings, members, rows, at, table("_se"))
    remarks += _left_out(meta, settings.key)
    for column, text in (
        ("_derived", "standard errors derived from published 95 % limits"),
        ("_continuity", "error of 0 replaced by that of (events + ½)/(n + 1)"),
    ):
        remarks.append((np.asarray(table(column).astype(bool).any(axis=1)), text))
    groups = Groups(
        y=table("estimate"),
        s=se,
        population=population,
        p=share,
        order=order[at] if ordered else np.zeros(at.shape),
        ordered=ordered,
        reference=reference[at].argmax(axis=1) if named else None,
        adverse=meta["_adverse"].to_numpy(dtype=bool),
        scale=meta["_scale"].to_numpy(),
        lower_bound=meta["_lower_bound"].to_numpy(),
        upper_bound=meta["_upper_bound"].to_numpy(),
        average=meta["_average"].to_numpy(),
        model=meta["_model"].to_numpy(dtype=object),
        pair_reference=named and (settings.reference is not None or not ordered),
        covariance=covariance,
        options=settings.options,
    )
    return Block(
        rows=members,
        groups=groups,
        weights=source,
        false_zero=np.asarray(table("_false_zero").astype(bool).any(axis=1)),
        lost_reference=meta["_lost_reference"].to_numpy(dtype=bool)
        & bool(settings.reference is not None or not ordered),
        remarks=remarks,
        dimensions=meta["dimension"].to_numpy(),
    )


def _weights(population: Array, respondents: Array) -> tuple[Array, Array, Array, list[Remark]]:
    """Population; where a whole setting has none, respondents; else equal weights."""
    absent: Array = np.asarray(np.isnan(population).all(axis=1))
    unasked: Array = np.asarray(np.isnan(respondents).all(axis=1))
    source: Array = np.where(~absent, "population", np.where(~unasked, "respondents", "equal")).astype(object)
    weight = np.where(absent[:, None], np.where(unasked[:, None], 1.0, respondents), population)
    partly = np.isnan(weight).any(axis=1)
    none = ~partly & (weight.sum(axis=1) <= 0) & (population.shape[1] > 0)
    source[partly], source[none] = "partly", "zero"
    remarks: list[Remark] = [
        (source == "respondents", "weighted by respondents, as population is not given"),
        (source == "equal", "equal weights, as neither population nor respondents are given"),
    ]
    return population, weight, source, remarks


def _left_out(meta: pd.DataFrame, key: str) -> list[Remark]:
    remarks = []
    for column, word in (("_suppressed", "suppressed"), ("_missing", "missing")):
        counts = meta[column].to_numpy()
        for count in np.unique(counts[counts > 0]):
            noun = key if count == 1 else f"{key}s"
            remarks.append((counts == count, f"{count} {word} {noun} left out"))
    return remarks


def _covariances(
    settings: Settings, members: Array, rows: pd.DataFrame, at: Array, se: Array
) -> tuple[Array | None, Array]:
    """Σ of each setting from the long frame (either triangle, or both), and the errors on its diagonal."""
    given = settings.covariance
    if given is None:
        return None, se
    by, key = list(settings.by), settings.key
    needed = [*by, key, f"{key}_other", "covariance"]
    lacking = [name for name in needed if name not in given]
    if lacking:
        raise MeasureError(f"covariance lacks {', '.join(lacking)}: give a frame with {', '.join(needed)}.")
    k = at.shape[1]
    flat = rows.iloc[at.ravel()]
    places = flat[[*by, key]].assign(
        _row=np.repeat(np.arange(len(members)), k), _column=np.tile(np.arange(k), len(members))
    )
    found = given[needed].merge(places, on=[*by, key], validate="many_to_one")
    other = places.drop(columns="_row").rename(columns={key: f"{key}_other", "_column": "_other"})
    found = found.merge(other, on=[*by, f"{key}_other"], validate="many_to_one")
    sigma = np.full((len(members), k, k), np.nan)
    row, column, across = (found[name].to_numpy() for name in ("_row", "_column", "_other"))
    value = found["covariance"].to_numpy(dtype=float)
    sigma[row, across, column] = value
    sigma[row, column, across] = value
    if not np.allclose(sigma[row, across, column], value, equal_nan=True):
        raise MeasureError("covariance is not symmetric: both triangles are given and differ.")
    diagonal = np.einsum("sgg->sg", sigma)
    if (diagonal < 0).any():
        raise MeasureError("covariance has a negative variance on its diagonal.")
    se = np.where(np.isnan(diagonal), se, np.sqrt(diagonal))
    sigma = np.where(np.isnan(sigma), 0.0, sigma)
    sigma[:, np.arange(k), np.arange(k)] = se**2
    return sigma, se
