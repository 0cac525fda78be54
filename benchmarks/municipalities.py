"""A large synthetic release: 309 municipalities × 60 indicators × 10 years × 6 dimensions, with counties and country.

python benchmarks/municipalities.py OUT
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from hyteanalysis import areas
from hyteanalysis.disclosure import Policy, release

INDICATORS, YEAR = 60, 2024
PERIODS = [str(year) for year in range(2015, 2025)]
GROUPS = {
    "total": ["total"],
    "sex": ["women", "men"],
    "age": ["20-54", "55-74", "75+"],
    "education": ["low", "mid", "high"],
    "income": ["q1", "q2", "q3", "q4", "q5"],
    "language": ["fi", "sv", "other"],
    "disability": ["with", "without"],
}
ORDERED = ("education", "income")


def cells(seed: int = 1) -> pd.DataFrame:
    """Percentages with their counts; smooth in area, period and group, with noise."""
    generator = np.random.default_rng(seed)
    register = areas.reference(YEAR)
    places = register[register["level"].isin(["municipality", "county", "country"])].reset_index(drop=True)
    groups = pd.DataFrame(
        [
            (dimension, group, i + 1 if dimension in ORDERED else None, (len(names) - 1) / 2 - i, len(names))
            for dimension, names in GROUPS.items()
            for i, group in enumerate(names)
        ],
        columns=["dimension", "group", "order", "tilt", "size"],
    )
    shape = (INDICATORS, len(groups), len(PERIODS), len(places))
    indicator, group, period, place = (axis.ravel() for axis in np.indices(shape, dtype=np.int32))
    people = places["population"].fillna(places["population"].median()).to_numpy(float)
    population = np.maximum(np.round(0.8 * people[place] / groups["size"].to_numpy(float)[group]), 1)
    level = generator.uniform(8, 35, INDICATORS)[indicator] + generator.normal(0, 2, len(places))[place]
    level += generator.uniform(-0.4, 0.4, INDICATORS)[indicator] * period
    level += generator.uniform(0, 4, INDICATORS)[indicator] * groups["tilt"].to_numpy(float)[group]
    share = np.clip(level, 1, 60) / 100
    events = generator.binomial(population.astype(np.int64), share).astype(float)
    estimate = events / population
    half = 1.96 * np.sqrt(np.maximum(estimate * (1 - estimate), 1e-9) / population)

    def named(values: list[str], codes: np.ndarray) -> pd.Series:
        return pd.Series(pd.Categorical.from_codes(codes, values)).astype("str")

    return pd.DataFrame(
        {
            "indicator": named([f"benchmark-{i:02d}" for i in range(INDICATORS)], indicator),
            "area": named(places["area"].tolist(), place),
            "period": named(PERIODS, period),
            "dimension": pd.Series(groups["dimension"].to_numpy()[group]).astype("str"),
            "group": pd.Series(groups["group"].to_numpy()[group]).astype("str"),
            "order": pd.array(groups["order"].to_numpy()[group], dtype="Int64"),
            "estimate": 100 * estimate,
            "lower": 100 * np.maximum(estimate - half, 0),
            "upper": 100 * np.minimum(estimate + half, 1),
            "population": population,
            "events": events,
        }
    )


def indicators() -> pd.DataFrame:
    """Their metadata, in four themes."""
    ids = [f"benchmark-{i:02d}" for i in range(INDICATORS)]
    titles = {f"title_{lang}": [f"{word} {i + 1}" for i in range(INDICATORS)] for lang, word in TITLES.items()}
    themes = [("health", "livelihood", "safety", "participation")[i * 4 // INDICATORS] for i in range(INDICATORS)]
    common = {"unit": "%", "kind": "proportion", "scale": 100.0, "favourable": False, "source": "benchmark"}
    return pd.DataFrame({"indicator": ids, **titles, "theme": themes}).assign(**common)


TITLES = {"fi": "Mitattu asia", "sv": "Mätt ämne", "en": "Measured topic"}


def write(out: Path) -> Path:
    """The release folder; made once."""
    if not (out / "manifest.json").is_file():
        start = time.perf_counter()
        made = release(cells(), indicators(), policy=Policy.from_profile("open"), synthetic=True)
        made.save(out)
        print(f"{out}: {made.audit['cells']:,} cells, made in {time.perf_counter() - start:.0f} s")
    return out


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    write(parser.parse_args().out)
