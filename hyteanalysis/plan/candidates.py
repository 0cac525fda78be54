"""Where a rule ends: the actions that come into question, ranked by whom they would help."""

from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hyteanalysis import actions
from hyteanalysis import areas as areal
from hyteanalysis.errors import HyteError

if TYPE_CHECKING:
    from hyteanalysis.actions import Action
    from hyteanalysis.disclosure import Release

COLUMNS = [
    "rule", "area", "group", "action", "rank", "averted", "averted_lower", "averted_upper", "per_1000_reached",
    "cost_per_case", "reason",
]  # fmt: skip


def candidates(
    fired: pd.DataFrame,
    release: "Release",
    *,
    library: "Mapping[str, Action | str | PathLike[str]] | None" = None,
    draws: int = 1_000,
    seed: int | None = 1,
) -> pd.DataFrame:
    """Rank the candidate actions of the rules that fired by how many of the group concerned each would help.

    Parameters
    ----------
    fired : DataFrame
        Of :func:`hyteanalysis.plan.fired`; rows that do not fire are passed over.
    release : Release
    library : mapping, optional
        Action id → Action or its file. The examples that come with the project by default.
    draws, seed
        Of :func:`hyteanalysis.impact`.

    Returns
    -------
    DataFrame
        ``rule, area, group, action, rank`` (1 = helps most of the group) ``, averted`` (one year's cases) with limits
        ``, per_1000_reached, cost_per_case, reason``: why an action cannot be ranked (``no_effect_file,
        another_outcome, another_grouping``, or what :func:`hyteanalysis.impact` says). Those come last, without rank.
    """
    files = actions.library() if library is None else library
    firing = fired[fired["verdict"] == "fires"]
    known = {
        name: _read(files[name]) for name in sorted({a for row in firing["actions"] for a in row}) if name in files
    }
    impacts: dict[tuple[str, str], pd.DataFrame | str] = {}
    rows = []
    for row in firing.itertuples():
        for name in row.actions:
            found = {"rule": row.rule, "area": row.area, "group": row.group, "action": name}
            action = known.get(name)
            if action is None:
                rows.append({**found, "reason": "no_effect_file"})
            elif action.outcome != row.indicator:
                rows.append({**found, "reason": "another_outcome"})
            elif row.dimension not in ("total", action.dimension):
                rows.append({**found, "reason": "another_grouping"})
            else:
                places = firing.loc[(firing["indicator"] == row.indicator), "area"]
                same = sorted({area for area in places if areal.level(area) == areal.level(row.area)})
                key = (name, areal.level(row.area))
                if key not in impacts:
                    impacts[key] = _helped(release, action, same, draws, seed)
                rows.append({**found, **_of(impacts[key], row.area, row.group)})
    table = pd.DataFrame(rows, columns=[column for column in COLUMNS if column != "rank"])
    table["reason"] = [one if isinstance(one, str) else "" for one in table["reason"]]
    table["rank"] = table.groupby(["rule", "area"])["averted"].rank(ascending=False, method="min")
    table = table.sort_values("rank", kind="stable", na_position="last")
    order = {pair: i for i, pair in enumerate(dict.fromkeys(zip(firing["rule"], firing["area"], strict=True)))}
    place = [order[pair] for pair in zip(table["rule"], table["area"], strict=True)]
    return table.iloc[np.argsort(place, kind="stable")][COLUMNS].reset_index(drop=True)


def _read(action: "Action | str | PathLike[str]") -> "Action":
    return action if isinstance(action, actions.Action) else actions.Action.read(action)


def _helped(
    release: "Release", action: "Action", areas: list[str], draws: int, seed: int | None
) -> "pd.DataFrame | str":
    """The action's figures by area and group, or why there are none."""
    try:
        return actions.impact(release, action, areas=areas, draws=draws, seed=seed).by_group.set_index(
            ["area", "group"]
        )
    except HyteError as error:
        return str(error)


def _of(figures: "pd.DataFrame | str", area: str, group: str) -> dict[str, object]:
    """An area's and group's part of the figures; the sum over its groups for the whole population."""
    if isinstance(figures, str):
        return {"reason": figures}
    wanted = ["averted", "averted_lower", "averted_upper", "per_1000_reached", "cost_per_case"]
    if (area, group) in figures.index:
        return dict(figures.loc[(area, group), wanted])
    if group == "total" and area in figures.index.get_level_values("area"):
        return {"averted": figures.loc[area, "averted"].sum(), "reason": ""}
    return {"reason": f"no figures for {area}"}
