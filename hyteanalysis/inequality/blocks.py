"""From settings to blocks of equally many groups: the arrays that formulas read, with weights and covariances."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hyteanalysis.errors import MeasureError
from hyteanalysis.inequality.groups import Array, Groups
from hyteanalysis.inequality.settings import ROUNDED, Settings

Remark = tuple[Array, str]  # which settings it concerns, and what is said


@dataclass(frozen=True)
class Batch:
    """Settings of equally many groups, with what the notes must say of them."""

    rows: Array  # positions in Settings.frame
    groups: Groups
    labels: Array  # ids of the groups, as the arrays of ``groups`` hold them
    df: Array  # degrees of freedom of each group's error; empty where it is as good as known
    weights: Array  # "population", "respondents", "equal"; "" where some are missing or all are zero
    false_zero: Array  # an error of 0 from no or only events, which is not certainty
    lost_reference: Array  # the group to compare with was left out
    remarks: list[Remark]
    dimensions: Array  # names, for messages
    overlap: Array  # what must be said where groups add up to more people than the total

    def __len__(self) -> int:
        return len(self.rows)


def blocks(settings: Settings) -> Iterator[Batch]:
    """Settings split by number of groups, order and reference; those of no group at all come as one block."""
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


def _block(
    settings: Settings,
    rows: pd.DataFrame,
    members: Array,
    at: Array,
    order: Array,
    reference: Array,
    ordered: bool,
    named: bool,
) -> Batch:
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
    return Batch(
        rows=members,
        groups=groups,
        labels=rows[settings.key].to_numpy(dtype=object)[at],
        df=table("_df"),
        weights=source,
        false_zero=np.asarray(table("_false_zero").astype(bool).any(axis=1)),
        lost_reference=meta["_lost_reference"].to_numpy(dtype=bool)
        & bool(settings.reference is not None or not ordered),
        remarks=remarks,
        dimensions=meta["dimension"].to_numpy(),
        overlap=_overlap(population, meta["_everybody"].to_numpy(), meta["_sums"].to_numpy(dtype=object)),
    )


def _overlap(population: Array, everybody: Array, sums: Array) -> Array:
    """A sentence where groups of a setting contain others: those left out, or that they hold more than the total."""
    said = sums.copy()
    held = population.sum(axis=1)
    for row in np.flatnonzero(held > everybody * ROUNDED):
        said[row] = (
            f"the groups hold {held[row]:,.0f} people and the total {everybody[row]:,.0f}: some contain others, so "
            "leave out those that do"
        )
    return said


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
    with np.errstate(invalid="ignore"):
        off = (diagonal > 0) & (se > 0) & (np.abs(np.sqrt(diagonal) - se) > _UNLIKE * se)
    if off.any():
        place = at[tuple(np.argwhere(off)[0])]
        raise MeasureError(
            f"covariance does not fit the errors: of {key} {rows[key].iloc[place]!r} its variance is "
            f"{diagonal[off][0]:g}, but se is {se[off][0]:g} (squared {se[off][0] ** 2:g}). Give both of one estimate, "
            "in one scale."
        )
    se = np.where(np.isnan(diagonal), se, np.sqrt(diagonal))
    sigma = np.where(np.isnan(sigma), 0.0, sigma)
    sigma[:, np.arange(k), np.arange(k)] = se**2
    _check_definite(sigma, settings, members)
    return sigma, se


_UNLIKE = 0.02  # of the error; published errors are rounded


def _check_definite(sigma: Array, settings: Settings, members: Array) -> None:
    usable = np.isfinite(sigma).all(axis=(1, 2))
    if not usable.any():
        return
    size = np.einsum("sgg->s", sigma[usable])
    least = np.linalg.eigvalsh(sigma[usable])[:, 0]
    bad = least < -1e-8 * size
    if bad.any():
        row = members[np.flatnonzero(usable)[bad.argmax()]]
        where = settings.frame[list(settings.by)].iloc[row].to_dict()
        raise MeasureError(
            f"covariance of {where} is not positive semi-definite (least eigenvalue {least[bad][0]:g}): no data have "
            "such errors. Check its signs, and that correlations lie between -1 and 1."
        )
