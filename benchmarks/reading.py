"""A clean CSV of a million rows: read_table beside DuckDB's own reader, in turns, in the same run.

`python benchmarks/reading.py [--rows 1000000]`
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

import hyteanalysis as hyte


def made(path: Path, rows: int) -> None:
    """Cells as a program writes them."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "indicator": "smoking",
            "area": [f"KU{code:03d}" for code in rng.integers(1, 999, rows)],
            "period": rng.integers(2000, 2025, rows),
            "dimension": "education",
            "group": rng.choice(["low", "mid", "high"], rows),
            "estimate": rng.normal(20, 5, rows).round(4),
            "population": rng.integers(100, 100_000, rows),
            "events": rng.integers(0, 100, rows),
        }
    )
    frame.to_csv(path, index=False)


def main() -> None:
    """Print the medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cells.csv"
        made(path, asked.rows)
        readers = {
            "duckdb": lambda: duckdb.read_csv(str(path)).df(),
            "read_table": lambda: hyte.sources.read_table(path),
        }
        took: dict[str, list[float]] = {name: [] for name in readers}
        for turn in range(asked.times + 1):
            for name, reader in readers.items():
                start = time.perf_counter()
                frame = reader()
                if turn:  # the first turn warms both
                    took[name].append(time.perf_counter() - start)
                assert len(frame) == asked.rows
    medians = {name: statistics.median(times) for name, times in took.items()}
    print(f"{asked.rows:,} rows, {path.name}: " + ", ".join(f"{name} {value:.3f} s" for name, value in medians.items()))
    print(f"ratio {medians['read_table'] / medians['duckdb']:.2f} (at most 1.5)")


if __name__ == "__main__":
    main()
