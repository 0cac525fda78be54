"""Suppression of a release's cells: which numbers are unsafe, which more must go, and the proof."""

from typing import Any

import numpy as np
import pandas as pd

from hyteanalysis import areas
from hyteanalysis.cells import KEYS, cross, parts
from hyteanalysis.disclosure import geography, primary
from hyteanalysis.disclosure.policy import Policy
from hyteanalysis.errors import DisclosureError


def protect(
    cells: pd.DataFrame, indicators: pd.DataFrame, *, policy: Policy, hierarchy: pd.DataFrame | None, previous: Any = ()
) -> tuple[pd.DataFrame, dict[str, Any], pd.DataFrame]:
    """Cells with unsafe numbers emptied, the audit's summary, and the areas with their parents in use."""
    tree = _tree(cells, hierarchy)
    kinds = indicators.set_index("indicator")["kind"]
    if policy.protects or policy.counts_needed:
        count = primary.counts(cells, kinds)
        primary.check_counted(cells, count, policy)
        rules = primary.unsafe(cells, count, policy)
        hidden = rules[["count", "complement", "respondents"]].any(axis=1) | (cells["status"] == "suppressed")
    else:
        hidden = cells["status"] == "suppressed"
    protected = cells.copy()
    protected["status"] = protected["status"].mask(hidden, "suppressed")
    for name in protected.columns.intersection(primary.EMPTIED):
        protected[name] = protected[name].mask(hidden)
    if policy.protects:
        _no_plain_subtraction(cells, hidden, tree)
    audit = {"safe": True, "cells": len(cells), "suppressed": int(hidden.sum()), "method": "primary"}
    return protected, audit, tree


def _tree(cells: pd.DataFrame, hierarchy: pd.DataFrame | None) -> pd.DataFrame:
    """``area, parent`` of the areas in use."""
    used = cells["area"].unique()
    if hierarchy is None:
        newest = max(geography.last_year(period) for period in cells["period"].unique())
        trees = [
            geography.official(rows["area"].unique(), str(period), newest) for period, rows in cells.groupby("period")
        ]
        hierarchy = pd.concat(trees).drop_duplicates()
    return geography.parents_in_use(used, hierarchy)


def _no_plain_subtraction(cells: pd.DataFrame, hidden: "pd.Series[bool]", tree: pd.DataFrame) -> None:
    """Refuse where one hidden number of a line is its margin less the others."""
    shown = pd.MultiIndex.from_frame(cells.loc[~hidden, KEYS])
    rows = cells.loc[:, KEYS].assign(hidden=hidden.to_numpy())
    lines = []
    for dimension in rows["dimension"].unique():
        if dimension == "total":
            continue
        names = parts(dimension)
        these = rows[rows["dimension"] == dimension]
        pieces = these["group"].str.split(" × ", expand=True)
        for left_out in range(len(names)):
            kept = [place for place in range(len(names)) if place != left_out]
            margin = pieces[kept].agg(" × ".join, axis=1) if kept else pd.Series("total", index=these.index)
            name = cross(names[place] for place in kept) if kept else "total"
            lines.append(these.assign(of_area=these["area"], of_dimension=name, of_group=margin, line=dimension))
    over = rows.merge(tree.dropna(), on="area", how="inner", validate="many_to_many")
    lines.append(
        over.assign(of_dimension=over["dimension"], of_group=over["group"], line=over["area"].map(areas.level)).rename(
            columns={"parent": "of_area"}
        )
    )
    every = pd.concat(lines, ignore_index=True)
    by = ["indicator", "period", "of_area", "of_dimension", "of_group", "line"]
    single = every[every.groupby(by)["hidden"].transform("sum").eq(1) & every["hidden"]]
    margin = pd.MultiIndex.from_frame(single[["indicator", "of_area", "period", "of_dimension", "of_group"]])
    leaks = single[np.asarray(margin.isin(shown))]
    if len(leaks):
        raise DisclosureError(
            f"{len(leaks)} suppressed counts could be had by plain subtraction: {primary.listed(leaks)}. "
            "Leave out their margins or parent areas, or join groups."
        )
