"""How fast the measures are: settings a second of each measure, and peak memory.

    python benchmarks/measures.py            2,000, 20,000 and 200,000 settings of 5 groups
    python benchmarks/measures.py --quick    2,000 settings
    python benchmarks/measures.py --settings 20000

Times are CPU and wall seconds of `hyte.disparity`, checks and result rows included; each size runs in a process of its
own, so that its peak memory is its own.
"""

import argparse
import multiprocessing
import resource
import time

import numpy as np
import pandas as pd

import hyteanalysis as hyte
from hyteanalysis.inequality import REGISTRY

REFERENCE_SECONDS = 4.3  # CPU seconds of healthequal for all its measures of one setting, same kind of machine
OPTIONS = {"aversion": {"ATK": 1.0, "ACIX": 2.0, "KOL": 0.02}, "seed": 1}
CLOSED = [code for code, measure in REGISTRY.items() if not measure.simulated]
SIMULATED = [code for code, measure in REGISTRY.items() if measure.simulated]


def cells_of(settings, groups=5):
    """Synthetic proportions with a gradient, and their metadata."""
    generator = np.random.default_rng(1)
    count = settings * groups
    level = np.repeat(generator.uniform(25, 60, settings), groups)
    estimate = level + np.tile(np.linspace(6, -6, groups), settings) + generator.normal(0, 1, count)
    population = generator.integers(200, 20_000, count).astype(float)
    cells = pd.DataFrame(
        {
            "indicator": "x",
            "area": np.repeat([f"area-{number}" for number in range(settings)], groups),
            "period": "2022",
            "dimension": "income",
            "group": np.tile([f"q{number + 1}" for number in range(groups)], settings),
            "order": np.tile(np.arange(1, groups + 1), settings),
            "estimate": estimate,
            "se": np.sqrt(estimate * (100 - estimate) / population),
            "population": population,
        }
    )
    metadata = pd.DataFrame(
        {
            "indicator": ["x"],
            "title_en": ["Synthetic"],
            "unit": ["%"],
            "kind": ["proportion"],
            "scale": [100.0],
            "favourable": [False],
        }
    )
    return cells, metadata


def timed(cells, metadata, measures):
    """CPU and wall seconds of one call."""
    cpu, wall = time.process_time(), time.perf_counter()
    hyte.disparity(cells, measures, indicators=metadata, **OPTIONS)
    return time.process_time() - cpu, time.perf_counter() - wall


def run(settings, each):
    """Times and peak memory of one size."""
    cells, metadata = cells_of(settings)
    timed(*cells_of(50), "all")  # imports and first calls are not what is measured
    parts = {"closed form, all": CLOSED, "simulated, all": SIMULATED, "every measure": "all"}
    if each:
        parts |= {code: [code] for code in REGISTRY}
    rows = [(name, *timed(cells, metadata, measures)) for name, measures in parts.items()]
    return rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="2,000 settings only")
    parser.add_argument("--settings", type=int, action="append", help="this size only (may be repeated)")
    asked = parser.parse_args()
    sizes = tuple(asked.settings or ()) or ((2_000,) if asked.quick else (2_000, 20_000, 200_000))
    print("| settings × 5 groups | measures | CPU s | wall s | settings a CPU second | × healthequal | peak GB |")
    print("|---|---|---|---|---|---|---|")
    for size in sizes:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            rows, memory = pool.apply(run, (size, size == 20_000 or len(sizes) == 1))
        for name, cpu, wall in rows:
            times = f"{REFERENCE_SECONDS * size / cpu:,.0f}" if name == "every measure" else ""
            print(f"| {size:,} | {name} | {cpu:.2f} | {wall:.2f} | {size / cpu:,.0f} | {times} | {memory:.2f} |")


if __name__ == "__main__":
    main()
