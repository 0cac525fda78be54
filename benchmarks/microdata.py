"""Person rows to cells: ours against hand-written SQL for the same cells, one scan of the columns, and pandas.

Ours and the SQL take turns in one run; the ratio is the median of the pairs. Peak memory is that of a process for each.

Run: python benchmarks/microdata.py [--rows 10_000_000] [--pairs 5] [--ways ours sql spark …] [--folder DIR]
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pandas as pd

import hyteanalysis as hyte

PART = 5_000_000  # rows of one file
MAKE = """
COPY (
  SELECT 'own-' || (hash(i) % 309) AS area, CAST(2005 + hash(i + 1) % 20 AS VARCHAR) AS period,
         ['low', 'mid', 'high'][CAST(1 + hash(i + 2) % 3 AS INTEGER)] AS education,
         ['women', 'men'][CAST(1 + hash(i + 3) % 2 AS INTEGER)] AS sex,
         CAST(hash(i + 4) % 5 = 0 AS TINYINT) AS ill, CAST(hash(i + 5) % 60_000 AS INTEGER) AS euros
  FROM range({start}, {end}) r(i)
) TO '{path}' (FORMAT parquet)
"""
SQL = """
WITH sums AS (
  SELECT area, period, education, sex, count(ill) AS n, sum(ill) AS events
  FROM '{folder}/*.parquet'
  GROUP BY GROUPING SETS (
    (area, period, education, sex), (area, period, education), (area, period, sex), (area, period)
  )
)
SELECT *, events / n AS estimate, sqrt(events / n * (1 - events / n) / n) AS se,
  (2 * events + z * z - z * sqrt(z * z + 4 * events * (1 - events / n))) / (2 * (n + z * z)) AS lower,
  (2 * events + z * z + z * sqrt(z * z + 4 * events * (1 - events / n))) / (2 * (n + z * z)) AS upper
FROM sums, (SELECT 1.959963984540054 AS z)
ORDER BY ALL
"""
SCAN = "SELECT max(area), max(period), max(education), max(sex), sum(ill) FROM '{folder}/*.parquet'"


def make(folder: Path, rows: int) -> None:
    with duckdb.connect() as connection:
        for start in range(0, rows, PART):
            path = folder / f"part-{start // PART:03}.parquet"
            connection.execute(MAKE.format(start=start, end=min(start + PART, rows), path=path))


def ours(folder: Path, engine: str = "duckdb") -> pd.DataFrame:
    return hyte.aggregate(folder, by=["education", "sex"], outcomes={"ill": "ill"}, engine=engine)


def with_spark(folder: Path) -> pd.DataFrame:
    """Local Spark of this machine's cores: with its own 200 shuffle partitions small sums would wait for tasks."""
    from pyspark.sql import SparkSession

    options = {"spark.ui.enabled": "false", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
    options |= {"spark.sql.shuffle.partitions": "2", "spark.driver.memory": "4g"}
    builder = SparkSession.builder.master("local[*]")
    for name, value in options.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        return ours(folder, "spark")
    finally:
        session.stop()


def sql(folder: Path, text: str = SQL) -> pd.DataFrame:
    with duckdb.connect() as connection:
        return connection.execute(text.format(folder=folder)).df()


def with_pandas(folder: Path) -> pd.DataFrame:
    frame = pd.read_parquet(folder, columns=["area", "period", "education", "sex", "ill"])
    keys = [["area", "period", *more] for more in (["education", "sex"], ["education"], ["sex"], [])]
    return pd.concat([frame.groupby(key)["ill"].agg(["sum", "size"]).reset_index() for key in keys])


WAYS = {
    "ours": ours,
    "sql": sql,
    "scan": lambda folder: sql(folder, SCAN),
    "pandas": with_pandas,
    "spark": with_spark,
    "ranks": lambda folder: hyte.concentration(folder, rank_by="euros", outcomes={"ill": "ill"}),
}


def timed(way: str, folder: Path) -> float:
    start = time.perf_counter()
    WAYS[way](folder)
    return time.perf_counter() - start


def peak() -> float:
    """Peak gigabytes of this process; what the system counts of its children would hold the parent's own."""
    told = Path("/proc/self/status").read_text().split("VmHWM:")[1]
    return int(told.split()[0]) / 1e6


def alone(way: str, folder: Path) -> tuple[float, float]:
    """Seconds and peak gigabytes of one way in a process of its own."""
    words = [sys.executable, __file__, "--way", way, "--folder", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    seconds, most = json.loads(done.stdout.splitlines()[-1])
    return seconds, most


def agree(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """The hand-written SQL and we count the same."""
    assert len(one) == len(other), (len(one), len(other))
    assert one["events"].sum() == other["events"].sum()
    assert abs(one["upper"].sum() / other["upper"].sum() - 1) < 1e-12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--ways", nargs="+", choices=WAYS, help="which to run alone (default: all but spark)")
    parser.add_argument("--folder", type=Path, help="where the rows are, or are to be made (default: made and removed)")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.way:
        seconds = timed(asked.way, asked.folder)
        print(json.dumps([seconds, peak()]))
        return
    with tempfile.TemporaryDirectory() as made:
        folder = asked.folder or Path(made)
        folder.mkdir(exist_ok=True)
        if not any(folder.glob("*.parquet")):
            make(folder, asked.rows)
        print(f"{asked.rows:,} rows in {len(list(folder.glob('*.parquet')))} files")
        agree(ours(folder), sql(folder))
        pairs = [(timed("ours", folder), timed("sql", folder)) for _ in range(asked.pairs)]
        ratio = statistics.median(one / other for one, other in pairs)
        one, other = (statistics.median(part) for part in zip(*pairs, strict=True))
        print(f"ours {one:.2f} s, hand-written SQL {other:.2f} s, paired ratio {ratio:.2f}", flush=True)
        for way in asked.ways or ["ours", "sql", "scan", "ranks", *(["pandas"] if asked.rows <= 10_000_000 else [])]:
            seconds, most = alone(way, folder)
            print(f"{way:<8}{seconds:8.2f} s (with start-up)   peak {most:.2f} GB", flush=True)


if __name__ == "__main__":
    main()
