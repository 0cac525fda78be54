"""The dimensions of one of THL's cubes: a tree that comes wrapped in a function call, and values chosen from it."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from hyteanalysis import areas as places_of
from hyteanalysis.errors import HyteError, SourceError, one_of
from hyteanalysis.sources.answers import Answer
from hyteanalysis.sources.sotkanet_indicators import plain
from hyteanalysis.sources.sotkanet_regions import CATEGORIES, area_code

_JSONP = re.compile(r"^\s*thl\.pivot\.loadDimensions\((.*)\)\s*;?\s*$", re.S)
_STAGES = {"hyvinvointialueet": "HYVINVOINTIALUE", "root": "MAA"}


def read_tree(answer: Answer, lang: str) -> pd.DataFrame:
    """The tree of dimensions, which comes wrapped in a function call, as a row a value."""
    text = answer.text()
    wrapped = _JSONP.match(text)
    given = json.loads(wrapped[1] if wrapped else text)
    rows: list[dict[str, Any]] = []

    def walk(node: Mapping[str, Any], dimension: str, parent: str | None, depth: int) -> None:
        label = node.get("label")
        label = label.get(lang) or next(iter(label.values()), None) if isinstance(label, Mapping) else label
        sid = str(node.get("sid", node.get("id")))
        rows.append(
            {"dimension": dimension, "sid": sid, "parent": parent, "depth": depth, "label": plain(label) or sid,
             "stage": str(node.get("stage") or ""), "code": str(node.get("code") or "")}
        )  # fmt: skip
        for child in node.get("children") or ():
            walk(child, dimension, sid, depth + 1)

    if not isinstance(given, list) or not all(isinstance(one, Mapping) and "id" in one for one in given):
        raise SourceError(f"got {answer.told()}: no list of dimensions with id and children.")
    for root in given:
        walk(root, str(root["id"]), None, 0)
    return pd.DataFrame(rows)


def chosen_values(tree: pd.DataFrame, dimension: str, wanted: Sequence[str] | None) -> pd.DataFrame:
    """Values by label, code or sid; all of the lowest level where none is named."""
    within = tree[tree["dimension"] == dimension]
    if wanted is None:
        return within[within["depth"] == within["depth"].max()]
    for one in wanted:
        named = [*within["label"], *within["code"], *within["sid"]]
        one_of(str(one), [word for word in named if word], f"a value of {dimension!r}", SourceError)
    asked = [str(one) for one in wanted]
    return within[within["label"].isin(asked) | within["code"].isin(asked) | within["sid"].isin(asked)]


def area_of(row: Any) -> str:
    """Our code of a cube's area, from its stage and code; the whole of the dimension is the country."""
    category = _category(str(row.stage))
    if row.depth == 0 or category == "MAA":
        return "SSS"
    return area_code(category or "area", row.code or row.sid)


def chosen_areas(tree: pd.DataFrame, dimension: str, wanted: str | Sequence[str] | None) -> pd.DataFrame:
    """The areas asked for by code or level, with our codes; None: all."""
    within = tree[tree["dimension"] == dimension]
    ours = pd.Series([area_of(row) for row in within.itertuples()], index=within.index, dtype="str")
    within = within.assign(area=ours)
    if wanted is None:
        return within
    keep = pd.Series(False, index=within.index)
    for one in [wanted] if isinstance(wanted, str) else wanted:
        category = CATEGORIES.get(one.lower())
        stages = within["stage"].map(_category)
        found = ours.eq(one) | (stages.eq(category) if category else False)
        if category == "MAA":
            found |= within["depth"] == 0
        if not found.any():
            try:
                near = [f"{code} {places_of.name(code, 'fi')}" for code in places_of.near(one)]
            except HyteError:
                near = []
            hint = f" Near: {', '.join(near)}." if near else ""
            raise SourceError(f"the cube has no area {one!r} and none of that level.{hint}")
        keep |= found
    return within[keep]


def _category(stage: str) -> str:
    """Sotkanet's name of an area's level, which the cubes' stages follow."""
    return CATEGORIES.get(stage.lower()) or _STAGES.get(stage.lower()) or stage.upper()
