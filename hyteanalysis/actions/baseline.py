"""The level of each group and area before the action: a share with its error, on the logit, and what was left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from hyteanalysis import areas as areal
from hyteanalysis import i18n
from hyteanalysis.actions.model import Action
from hyteanalysis.cells import reference_groups, tidy
from hyteanalysis.disclosure import Release
from hyteanalysis.errors import MeasureError, PlanError, TidyError, counted, one_of
from hyteanalysis.uncertainty import cell_errors

Array = NDArray[Any]
Note = tuple[str, dict[str, Any]]

_NOT_SHARES = {"mean": "a mean", "count": "a count"}


@dataclass(frozen=True)
class BaselineLevels:
    """What an action starts from.

    Attributes
    ----------
    cells : DataFrame
        ``area, group, order, population, baseline`` (share badly off, 0–1), ``centre, spread`` (its distribution on the
        logit; spread 0 = taken as exact), one row a cell, index 0, 1, ….
    groups, areas : list
        All groups and areas that the source has for this outcome and dimension, shown or not.
    period : str
    left_out : DataFrame
        ``area, group, reason`` of the rows that cannot be used.
    notes : tuple
        Keys and values of texts about how the level was come by.
    indicators : DataFrame or None
    release : Release or None
    """

    cells: pd.DataFrame
    groups: list[str]
    areas: list[str]
    period: str
    left_out: pd.DataFrame
    notes: tuple[Note, ...]
    indicators: pd.DataFrame | None
    release: Release | None

    @cached_property
    def names(self) -> i18n.Names:
        """What a viewer reads in place of ids."""
        if self.release is not None:
            return i18n.Names(self.release.indicators, self.release.groups, self.release.areas)
        titles = self.indicators if self.indicators is not None else pd.DataFrame({"indicator": []})
        return i18n.Names(titles, reference_groups(), areal.reference())


def baseline(
    source: "pd.DataFrame | Release",
    action: Action,
    indicators: pd.DataFrame | None,
    *,
    areas: str | Sequence[str] | None = None,
    period: str | None = None,
) -> BaselineLevels:
    """Pick the action's outcome and dimension out of cells or a release, as shares badly off.

    Raises
    ------
    PlanError
        The outcome or dimension is not there; areas of several levels were asked for.
    MeasureError
        The outcome is a mean or a count, or its values are no shares.
    """
    release = source if isinstance(source, Release) else None
    rows, indicators = _rows(source, action, indicators)
    groups, known = sorted(rows["group"].unique()), sorted(rows["area"].unique())
    period = one_of(str(period), sorted(rows["period"].unique()), "period", PlanError) if period is not None else None
    usable = rows["estimate"].notna() & ~rows["status"].isin(["suppressed", "missing"])
    if not usable.any():
        raise PlanError(f"{action.outcome} by {action.dimension} has no number that may be used.")
    period = period or str(rows.loc[usable, "period"].max())
    rows, usable = rows[rows["period"] == period], usable[rows["period"] == period]
    chosen, note = _areas(rows, usable, areas, known)
    inside = rows["area"].isin(chosen)
    rows, usable = rows[inside], usable[inside]
    left_out = rows.loc[~usable, ["area", "group", "status"]].rename(columns={"status": "reason"})
    notes = [note] if note else []
    if len(left_out):
        notes.append(("action.note.left_out", {"count": len(left_out)}))
    cells, told = _shares(rows[usable].reset_index(drop=True), indicators)
    return BaselineLevels(
        cells,
        groups,
        known,
        period,
        left_out.reset_index(drop=True),
        (*notes, *told),
        indicators,
        release,
    )


def _rows(
    source: "pd.DataFrame | Release", action: Action, indicators: pd.DataFrame | None
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Cells of the outcome by the dimension, and the outcome's metadata."""
    if isinstance(source, Release):
        indicators = source.indicators
        one_of(action.outcome, indicators["indicator"], f"outcome of {action.id}", PlanError)
        rows = source.select(indicator=action.outcome, dimension=action.dimension)
        if rows.empty:
            cells = source.select(indicator=action.outcome)
            one_of(action.dimension, cells["dimension"].unique(), f"dimension of {action.id}", PlanError)
        return rows, indicators
    cells = tidy(source, indicators)
    one_of(action.outcome, cells["indicator"].unique(), f"outcome of {action.id}", PlanError)
    cells = cells[cells["indicator"] == action.outcome]
    one_of(action.dimension, cells["dimension"].unique(), f"dimension of {action.id}", PlanError)
    return cells[cells["dimension"] == action.dimension].reset_index(drop=True), indicators


def _areas(
    rows: pd.DataFrame, usable: "pd.Series[bool]", asked: str | Sequence[str] | None, known: list[str]
) -> tuple[list[str], Note | None]:
    """Areas of one level, since a county and its municipalities would count the same people twice."""
    if asked is not None:
        areas = [asked] if isinstance(asked, str) else list(dict.fromkeys(asked))
        for area in areas:
            one_of(area, known, "area", PlanError)
        if lacking := set(areas) - set(rows.loc[usable, "area"]):
            raise PlanError(f"{', '.join(sorted(lacking))}: no number that may be used in this period.")
    else:
        areas = list(dict.fromkeys(rows.loc[usable, "area"]))
    levels = {area: areal.level(area) for area in areas}
    kinds = list(dict.fromkeys(levels.values()))
    if len(kinds) == 1:
        return areas, None
    if asked is not None:
        raise PlanError(f"areas must be of one level, or people are counted twice; these are {', '.join(kinds)}.")
    most = max(kinds, key=lambda kind: (list(levels.values()).count(kind), -kinds.index(kind)))
    kept = [area for area in areas if levels[area] == most]
    return kept, ("action.note.level", {"level": most, "count": len(kept), "others": len(areas) - len(kept)})


def _shares(rows: pd.DataFrame, indicators: pd.DataFrame | None) -> tuple[pd.DataFrame, list[Note]]:
    """The rows as shares badly off, with people and errors."""
    about = _about(rows, indicators)
    notes: list[Note] = []
    if about["kind"] in _NOT_SHARES:
        raise MeasureError(
            f"{rows.at[0, 'indicator']} is {_NOT_SHARES[about['kind']]}: an action changes a share of people. "
            "Choose a proportion or a rate as the outcome."
        )
    share = rows["estimate"] / about["scale"]
    outside = ~share.between(0, 1)
    if outside.any():
        worst = rows.loc[outside.idxmax()]
        raise MeasureError(
            f"{worst['indicator']}, {worst['area']}, {worst['group']}: {worst['estimate']:g} on the scale "
            f"{about['scale']:g} is no share between 0 and 1. Give indicators=, or a scale column."
        )
    people, note = _people(rows)
    notes += [note] if note else []
    centre, spread, exact = _logit(rows, share, about["scale"])
    if exact:
        notes.append(("action.note.exact", {"count": exact}))
    if about["favourable"]:
        share, centre = 1 - share, -centre
        notes.append(("action.note.turned", {}))
    order = rows["order"] if "order" in rows else pd.Series(pd.NA, index=rows.index, dtype="Int64")
    cells = pd.DataFrame(
        {
            "area": rows["area"],
            "group": rows["group"],
            "order": order.astype("Int64"),
            "population": people,
            "baseline": share,
            "centre": centre,
            "spread": spread,
        }
    )
    return cells, notes


def _about(rows: pd.DataFrame, indicators: pd.DataFrame | None) -> dict[str, Any]:
    """Scale, direction and kind of the outcome: its metadata, else the cells' own columns."""
    if indicators is not None:
        one = indicators.set_index("indicator").loc[rows.at[0, "indicator"]]  # it is there: the cells are tidy
        return {"scale": float(one["scale"]), "favourable": bool(one["favourable"]), "kind": str(one["kind"])}
    said: dict[str, Any] = {"scale": 1.0, "favourable": False}
    for column in said:
        values = rows[column].dropna().unique() if column in rows else []
        if len(values) > 1:
            raise TidyError(f"{rows.at[0, 'indicator']} has several values of {column}: {list(values)}.")
        if len(values):
            said[column] = values[0]
    return {"scale": float(said["scale"]), "favourable": bool(said["favourable"]), "kind": ""}


def _people(rows: pd.DataFrame) -> tuple["pd.Series[float]", Note | None]:
    """People of each cell; where none has any, respondents serve, and the note says so."""
    for column in ("population", "respondents"):
        if column in rows and rows[column].notna().any():
            lacking = rows[rows[column].isna()]
            if len(lacking):
                named = ", ".join(f"{row.area} {row.group}" for row in lacking.head(5).itertuples())
                raise PlanError(
                    f"{counted(len(lacking), 'cell lacks', 'cells lack')} "
                    f"{column}, such as {named}: the people helped are unknown."
                )
            return rows[column], None if column == "population" else ("action.note.respondents", {})
    raise PlanError("The cells have neither population nor respondents: the people helped are unknown. Add population.")


def _logit(rows: pd.DataFrame, share: "pd.Series[float]", scale: float) -> tuple[Array, Array, int]:
    """Centre and spread of each share on the logit, and how many have no error at all.

    The error is that of :func:`hyteanalysis.uncertainty.cell_errors`, with neither error nor limits the binomial one of
    the counts. A share of 0 or 1 with a sample is moved by half a person, since no event is not certainty.
    """
    p, size = share.to_numpy(dtype=float), _sample(rows)
    known = {name: rows[name].to_numpy(dtype=float) for name in ("estimate", "se", "lower", "upper") if name in rows}
    bare = np.isnan(known.get("se", np.full(len(p), np.nan)))
    if {"lower", "upper"} <= set(known):
        bare &= np.isnan(known["lower"]) | np.isnan(known["upper"])
    with np.errstate(divide="ignore", invalid="ignore"):
        counted = scale * np.sqrt(p * (1 - p) / size)
        known |= {"se": np.where(bare, counted, known.get("se", np.nan)), "respondents": size, "events": p * size}
        # rates too are shares of people here, between 0 and 1
        errors = cell_errors(known, "proportion", scale).se / scale
        centre_at = np.where(((p <= 0) | (p >= 1)) & (size > 0), (p * size + 0.5) / (size + 1), p)
        centre, spread = special.logit(centre_at), errors / (centre_at * (1 - centre_at))
    exact = ~np.isfinite(spread)
    return centre, np.where(exact, 0.0, spread), int(exact.sum())


def _sample(rows: pd.DataFrame) -> Array:
    """How many people each share rests on; empty where the cells hold no counts."""
    empty = pd.Series(np.nan, index=rows.index)
    respondents, events = (rows.get(column, empty) for column in ("respondents", "events"))
    counted = rows["population"].where(events.notna()) if "population" in rows else empty
    size: Array = respondents.fillna(counted).to_numpy(dtype=float)
    return size
