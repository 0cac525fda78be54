"""How long an action's uncertainty takes, against drawing the random numbers alone; and the programme at that size.

Run: python benchmarks/actions.py [--areas 309] [--groups 20] [--draws 10000]
"""

import argparse
import resource
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pandas as pd

import hyteanalysis as hyte

Result = TypeVar("Result")

ACTION = {
    "id": "benchmark",
    "name": "Benchmark",
    "outcome": "outcome",
    "dimension": "groups",
    "effect": {"scale": "rr", "value": 0.8, "lower": 0.7, "upper": 0.92},
    "reach": {"value": 0.3, "lower": 0.2, "upper": 0.4},
    "cost": {"per_person": {"value": 120, "lower": 90, "upper": 160}},
}


def cells(areas: int, groups: int) -> pd.DataFrame:
    """Made-up cells: each group's share falls with its order."""
    rng = np.random.default_rng(1)
    area, group = np.meshgrid(np.arange(areas), np.arange(groups), indexing="ij")
    share = 0.3 - 0.2 * group / groups + rng.normal(0, 0.02, area.shape)
    return pd.DataFrame(
        {
            "indicator": "outcome",
            "area": [f"area-{number}" for number in area.ravel()],
            "period": "2024",
            "dimension": "groups",
            "group": [f"group-{number:02}" for number in group.ravel()],
            "order": group.ravel() + 1,
            "estimate": share.ravel().clip(0.01, 0.9),
            "se": 0.02,
            "population": rng.integers(200, 20_000, area.size).astype(float),
        }
    )


Spent = tuple[float, float]


def timed(what: str, work: Callable[[], Result], base: Spent | None = None, *, times: int = 3) -> tuple[Result, Spent]:
    """Wall and processor seconds of some work, the least of a few, beside those of the drawing alone; peak memory."""
    spent = []
    for _ in range(times):
        start = time.perf_counter(), time.process_time()
        result = work()
        spent.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    wall, processor = (min(one) for one in zip(*spent, strict=True))
    ratios = f"{wall / base[0]:6.2f} ×{processor / base[1]:6.2f} ×" if base else 16 * " "
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{what:<48}{wall:8.2f} s{processor:8.2f} s{ratios}{peak:8.2f} GB", flush=True)
    return result, (wall, processor)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--areas", type=int, default=309)
    parser.add_argument("--groups", type=int, default=20)
    parser.add_argument("--draws", type=int, default=10_000)
    asked = parser.parse_args()
    frame, action = cells(asked.areas, asked.groups), hyte.Action.from_dict(ACTION)
    size = len(frame)
    print(f"{asked.areas} areas × {asked.groups} groups × {asked.draws:,} draws")
    print(f"{'':<48}{'wall':>10}{'processor':>10}{'× drawing':>16}{'peak':>11}")

    def draw(kind: type) -> None:
        stream = np.random.default_rng(1)
        for _ in range(asked.draws):
            stream.standard_normal(size, dtype=kind)

    _, single = timed("drawing alone, single precision", lambda: draw(np.float32))
    timed("drawing alone, double precision", lambda: draw(np.float64), single)
    impact, _ = timed("impact()", lambda: hyte.impact(frame, action, draws=asked.draws, seed=1), single)
    certain = hyte.Action.from_dict({**ACTION, "reach": 0.3, "cost": {"per_person": 120}})
    timed("impact(), reach and price certain", lambda: hyte.impact(frame, certain, draws=asked.draws, seed=1), single)
    timed("ranking('total')", lambda: impact.ranking("total"), single)
    timed("plane()", impact.plane, single)
    budget = 0.1 * float(frame["population"].sum()) * 120
    timed("allocate(), linear programme", lambda: hyte.allocate(impact, budget=budget, caps=0.5, floors=0.02), single)
    timed("scenarios()", lambda: hyte.scenarios(impact, budget=budget, caps=0.5, floors=0.02), single)
    timed(
        "allocate(), set-up costs (mixed-integer, 1e-6)",
        lambda: hyte.allocate(impact, budget=budget, caps=0.5, setup=20_000),
        single,
        times=1,
    )


if __name__ == "__main__":
    main()
