"""The example release, and a small one of own making with every state in it."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from hyteanalysis.apps.kit.library import Library
from hyteanalysis.disclosure import Policy, release

ROOT = Path(__file__).resolve().parents[2]
TITLE = '<img src=x onerror="alert(1)"> & co'


@pytest.fixture(scope="session")
def example() -> Library:
    return Library([ROOT / "data" / "releases" / "example"])


def rows(indicator, area, period, values, *, dimension="education", n=1000, order=True):
    groups = ["low", "mid", "high"] if dimension == "education" else list(values)
    frame = pd.DataFrame({"group": groups, "events": [values[group] for group in groups]})
    if order:
        frame["order"] = pd.array(range(1, len(groups) + 1), dtype="Int64")
    share = frame["events"] / n
    half = 1.96 * (share * (1 - share) / n) ** 0.5
    return frame.assign(
        indicator=indicator,
        area=area,
        period=period,
        dimension=dimension,
        estimate=100 * share,
        lower=100 * (share - half),
        upper=100 * (share + half),
        population=float(n),
    )


def whole(frame):
    """The total of groups, as a row."""
    key = ["indicator", "area", "period"]
    made = frame.groupby(key, as_index=False).agg(events=("events", "sum"), population=("population", "sum"))
    share = made["events"] / made["population"]
    half = 1.96 * (share * (1 - share) / made["population"]) ** 0.5
    return made.assign(
        dimension="total",
        group="total",
        estimate=100 * share,
        lower=100 * (share - half),
        upper=100 * (share + half),
    )


@pytest.fixture(scope="session")
def own_folder(tmp_path_factory) -> Path:
    """Three own areas; one indicator with a large gap, one with a small, one with none; a title that is markup."""
    areas = {"a": 0, "b": 40, "c": 80}
    parts = []
    for area, more in areas.items():
        for period in ("2019", "2024"):
            parts += [
                rows("wide", area, period, {"low": 400 + more, "mid": 250 + more, "high": 100 + more}),
                rows("slight", area, period, {"low": 300 + more, "mid": 260 + more, "high": 220 + more}),
                rows("even", area, period, {"low": 200 + more, "mid": 201 + more, "high": 200 + more}),
            ]
    groups = pd.concat(parts, ignore_index=True)
    cells = pd.concat([groups, whole(groups)], ignore_index=True)
    cells["order"] = cells["order"].astype("Int64")
    indicators = pd.DataFrame(
        {
            "indicator": ["wide", "slight", "even"],
            "title_fi": [TITLE, "Pieni", "Tasan"],
            "title_sv": [TITLE, "Liten", "Jämnt"],
            "title_en": [TITLE, "Slight", "Even"],
            "unit": "%",
            "kind": "proportion",
            "scale": 100.0,
            "favourable": False,
            "source": "Oma kysely <b>2024</b>",
        }
    )
    names = pd.DataFrame({"area": list("abc"), "label_fi": ["Itä", "Keski", "Länsi"]})
    folder = tmp_path_factory.mktemp("releases") / "own"
    release(cells, indicators, policy=replace(Policy.from_profile("open"), name="own"), areas=names).save(folder)
    return folder


@pytest.fixture(scope="session")
def own(own_folder) -> Library:
    return Library([own_folder], unapproved=True)
