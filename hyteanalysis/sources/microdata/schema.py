"""The schema file: which column is what, with labels, order and valid values, in three languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from hyteanalysis.areas import LEVELS
from hyteanalysis.cells import GROUP_COLUMNS, check_groups, check_indicators
from hyteanalysis.errors import HyteError, SourceError, one_of
from hyteanalysis.i18n import LANGS
from hyteanalysis.reading import read
from hyteanalysis.sources.microdata.question import Outcome

_KEYS = (
    *("title", "synthetic", "source", "licence", "area", "period", "groups", "outcomes"),
    *("weight", "strata", "cluster", "rank"),
)
_PARTS = {
    "area": ("column", "level", "year", "cells"),
    "period": ("column",),
    "weight": ("column",),
    "strata": ("column",),
    "cluster": ("column",),
    "group": ("column", "title", "values", "order"),
    "rank": ("column", "unit"),
    "outcome": (
        *("column", "title", "kind", "exposure", "unit", "scale", "favourable", "valid", "lower_bound", "upper_bound"),
        *("purpose", "notes"),
    ),
}


@dataclass(frozen=True)
class Schema:
    """A declared schema.

    Attributes
    ----------
    columns : dict
        Column of ``area, period, weight, strata, cluster``, as far as declared.
    groups : dict
        Dimension → its entry: ``column``, ``title``, ``values`` (code → labels) and, where there is one, ``order``.
    outcomes : dict
        Indicator id → :class:`Outcome`.
    rank : dict
        Dimension → column by which people are ranked.
    level, year : optional
        Level of the areas (such as ``municipality``) and year of the official division they follow.
    cells : tuple of str
        Levels of the areas that cells are made of (such as ``country, county``); none named = all.
    declared : dict
        The file as it was read.
    """

    columns: dict[str, str]
    groups: dict[str, dict[str, Any]]
    outcomes: dict[str, Outcome]
    rank: dict[str, str]
    level: str | None
    year: int | None
    cells: tuple[str, ...]
    declared: dict[str, Any] = field(repr=False)

    @classmethod
    def read(cls, source: "str | Path | Mapping[str, Any] | Schema") -> "Schema":
        """Read a YAML file or a mapping; SourceError names the entry at fault."""
        if isinstance(source, Schema):
            return source
        if isinstance(source, Mapping):
            return _schema(dict(source), "schema")
        path = Path(source)
        if not path.is_file():
            raise SourceError(f"There is no schema file {path}. Check the name and the folder.")
        return _schema(read(path, SourceError).data, path.name)

    def indicators(self) -> pd.DataFrame:
        """Indicator metadata, as tidy cells take them: outcomes with a title, a unit and a direction."""
        rows = []
        for name, outcome in self.outcomes.items():
            entry = self.declared["outcomes"][name]
            row = {"indicator": name, **{f"title_{lang}": entry.get("title", {}).get(lang) for lang in LANGS}}
            row |= {key: entry.get(key) for key in ("unit", "kind", "favourable", "lower_bound", "upper_bound")}
            row |= {key: entry[key] for key in ("purpose", "notes") if key in entry}
            row |= {key: self.declared.get(key) for key in ("source", "licence")}
            if outcome.kind == "proportion":
                row |= {"lower_bound": 0.0, "upper_bound": float(outcome.scale)}
            elif isinstance(outcome.valid, Mapping) and outcome.kind == "mean":
                row |= {"lower_bound": outcome.valid["from"], "upper_bound": outcome.valid["to"]}
            rows.append({**row, "scale": outcome.scale})
        return check_indicators(pd.DataFrame(rows)) if rows else pd.DataFrame()

    def group_frame(self) -> pd.DataFrame:
        """Group metadata, the dimensions' own names among them."""
        rows = []
        for name, entry in self.groups.items():
            titles = entry.get("title", {})
            rows.append(
                {"dimension": "dimension", "group": name, **{f"label_{lang}": titles.get(lang) for lang in LANGS}}
            )
            for code, labels in entry["values"].items():
                order = entry["order"].index(code) + 1 if entry.get("order") else None
                texts = {f"label_{lang}": labels.get(lang) for lang in LANGS}
                rows.append({"dimension": name, "group": code, "order": order, **texts})
        return check_groups(pd.DataFrame(rows, columns=GROUP_COLUMNS))


def _schema(declared: Any, name: str) -> Schema:
    if not isinstance(declared, dict):
        raise SourceError(f"{name} is no schema: it has no keys such as area, period, groups, outcomes.")
    for key in declared:
        one_of(key, _KEYS, f"{name}: the key", SourceError)
    columns = {
        key: _part(declared[key], key, f"{name}: {key}")["column"]
        for key in ("area", "period", "weight", "strata", "cluster")
        if key in declared
    }
    area = declared.get("area", {})
    year = area.get("year")
    if year is not None and not isinstance(year, int):
        raise SourceError(f"{name}: area: year is a whole number such as 2025, not {year!r}.")
    cells = area.get("cells", [])
    if not isinstance(cells, list):
        raise SourceError(f"{name}: area: cells is a list of levels such as [country, county], not {cells!r}.")
    for one in cells:
        one_of(one, LEVELS, f"{name}: area: cells: the level", SourceError)
    groups = {
        str(key): _group(entry, f"{name}: groups: {key}") for key, entry in _mapping(declared, "groups", name).items()
    }
    outcomes = {
        str(key): _outcome(entry, f"{name}: outcomes: {key}")
        for key, entry in _mapping(declared, "outcomes", name).items()
    }
    rank = {
        str(key): _part(entry, "rank", f"{name}: rank: {key}")["column"]
        for key, entry in _mapping(declared, "rank", name).items()
    }
    return Schema(columns, groups, outcomes, rank, area.get("level"), year, tuple(cells), declared)


def _mapping(declared: dict[str, Any], key: str, name: str) -> dict[str, Any]:
    found = declared.get(key) or {}
    if not isinstance(found, dict):
        raise SourceError(f"{name}: {key} holds one entry a name, each with its column.")
    return found


def _part(given: Any, kind: str, where: str) -> dict[str, Any]:
    """An entry with its column, and no key that nobody reads."""
    entry: dict[str, Any] = given if isinstance(given, dict) else {}
    if not isinstance(entry.get("column"), str):
        raise SourceError(f"{where} lacks its column: write column: NAME.")
    for key in entry:
        one_of(key, _PARTS[kind], f"{where}: the key", SourceError)
    return dict(entry)


def _group(given: Any, where: str) -> dict[str, Any]:
    entry = dict(_part(given, "group", where))
    values = entry.get("values")
    if not isinstance(values, dict) or not values:
        raise SourceError(f"{where} lacks values: write each code with its labels.")
    if truths := [code for code in values if isinstance(code, bool)]:
        raise SourceError(
            f"{where}: the code {truths[0]} is a truth value and not text. Write it in quotation marks, as the data do."
        )
    entry["values"] = {
        str(code): labels if isinstance(labels, dict) else {"fi": str(labels)} for code, labels in values.items()
    }
    if "order" in entry:
        entry["order"] = [str(code) for code in entry["order"]]
        if sorted(entry["order"]) != sorted(entry["values"]):
            raise SourceError(f"{where}: order names every code of values once, the most disadvantaged first.")
    return entry


def _outcome(entry: Any, where: str) -> Outcome:
    entry = _part(entry, "outcome", where)
    try:
        return Outcome(
            entry["column"], entry.get("kind"), entry.get("exposure"), entry.get("valid"), entry.get("scale", 1)
        )
    except HyteError as error:
        raise SourceError(f"{where}: {error}") from error
