"""The example's folder: person file, its description, and the whole population's cells; written whole or not at all."""

from pathlib import Path
from typing import Any

import pandas as pd

from hyteanalysis.errors import SourceError
from hyteanalysis.i18n import LANGS
from hyteanalysis.reading import written
from hyteanalysis.sources.example import tables, world
from hyteanalysis.sources.example.people import blocks, column
from hyteanalysis.sources.example.people import people as stream
from hyteanalysis.sources.example.world import GROUPS, group_frame
from hyteanalysis.writing import put_folder

_TITLE = {
    "fi": "Synteettinen harjoitusaineisto: keksityt ihmiset",
    "sv": "Syntetiskt övningsmaterial: påhittade människor",
    "en": "Synthetic example data: made-up people",
}


def schema() -> dict[str, Any]:
    """What the columns of the person file hold, as ``schema.yml`` says it: plain values, labels in three languages."""
    groups = group_frame().set_index(["dimension", "group"])
    metadata = tables.indicators().set_index("indicator")

    def labels(row: pd.Series, name: str) -> dict[str, str]:
        return {lang: row[f"{name}_{lang}"] for lang in LANGS if f"{name}_{lang}" in row}

    described: dict[str, Any] = {
        "title": _TITLE,
        "synthetic": True,
        "source": tables.SOURCE,
        "licence": tables.LICENCE,
        "area": {"column": "area", "level": "municipality", "year": 2025, "cells": ["country", "county"]},
        "period": {"column": "period"},
        "groups": {},
        "outcomes": {},
        "weight": {"column": "weight"},
        "strata": {"column": "stratum"},
        "cluster": {"column": "cluster"},
        "rank": {"income_eur": {"column": "income_eur", "unit": "€"}},
    }
    for name, ids in GROUPS.items():
        entry: dict[str, Any] = {"column": name, "title": labels(groups.loc[("dimension", name)], "label")}
        entry["values"] = {group: labels(groups.loc[(name, group)], "label") for group in ids}
        if groups.loc[[(name, group) for group in ids], "order"].notna().all():
            entry["order"] = sorted(ids, key=lambda group: groups.loc[(name, group), "order"])
        described["groups"][name] = entry
    for indicator, row in metadata.iterrows():
        most = world.points(str(indicator))
        described["outcomes"][indicator] = {
            "column": column(str(indicator)),
            "title": labels(row, "title"),
            "kind": row["kind"],
            "unit": row["unit"],
            "scale": int(row["scale"]),
            "favourable": bool(row["favourable"]),
            "valid": [0, 1] if most == 1 else {"from": 0, "to": most},
        }
    return described


def write(out: str | Path, *, people: int = 100_000, seed: int = 1) -> Path:
    """Write the whole example: ``people/*.parquet``, ``schema.yml``, ``cells.parquet`` and its metadata.

    The folder appears complete or not at all: it is written under a temporary name beside ``out`` and renamed.

    Parameters
    ----------
    out : path
        Folder to make; an empty one may be there.
    people : int
        Rows of the person file. The cells are those of the whole population, whatever this number.
    seed : int
        Of the draws.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    SourceError
        ``out`` exists and is not an empty folder.
    HyteError
        A number of people below 1, or a seed below 0.
    """
    out = Path(out).absolute()
    blocks(people, seed)  # refuses a wrong number before anything is made
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise SourceError(f"{out} exists and is not an empty folder. Name another place, or remove it first.")
    out.parent.mkdir(parents=True, exist_ok=True)
    put_folder(out, lambda fresh: _fill(fresh, people, seed))
    return out


def _fill(fresh: Path, people: int, seed: int) -> None:
    stream(fresh, people=people, seed=seed)
    tables.cells(seed).save(fresh / "cells.parquet")
    (fresh / "schema.yml").write_text(written(schema()), encoding="utf-8")
