"""Speed of rates against the reference package's measured CPU seconds (PHEindicatormethods 2.1.0, R, one core).

Run ``python benchmarks/rates.py``. CPU seconds of this process, the best of three, on data made here; the reference did
the same sizes in 1.2 s (57,000 rows of directly standardised rates), 12 s (60,000 rows of life tables) and 160 s (3,000
slope indices with 10,000 draws). The targets are 20, 100 and 200 times as fast.
"""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from hyteanalysis import rates, small_areas

RNG = np.random.default_rng(1)
FIVE = ["0-4", *[f"{low}-{low + 4}" for low in range(5, 90, 5)], "90+"]
LIFE = [0, 1, *range(5, 95, 5)]


def settings(areas: int, bands: list[object], name: str) -> pd.DataFrame:
    """Areas × bands with plausible deaths."""
    frame = pd.MultiIndex.from_product([[f"A{n:05d}" for n in range(areas)], bands], names=["area", name])
    frame = frame.to_frame(index=False)
    position = np.tile(np.arange(len(bands)), areas)
    people = RNG.integers(200, 9_000, len(frame))
    return frame.assign(population=people, events=RNG.binomial(people, np.minimum(0.0004 * 1.35**position, 0.3)))


def quantiles(count: int) -> pd.DataFrame:
    """Tenths of areas with rates that fall, and their limits."""
    tenth = np.tile(np.arange(1, 11), count)
    people = RNG.integers(20_000, 90_000, len(tenth))
    events = RNG.poisson(people * (0.02 - 0.001 * tenth))
    frame = pd.DataFrame({"area": np.repeat([f"A{n:05d}" for n in range(count)], 10), "quantile": tenth})
    share = events / people
    return frame.assign(
        population=people, rate=share * 1e5, rate_se=np.sqrt(events) / people * 1e5, share=share,
        share_se=np.sqrt(share * (1 - share) / people),
    )  # fmt: skip


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of all threads, the best of three."""
    found = []
    for _ in range(3):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def main() -> None:
    deaths, tables, tenths = settings(3_000, FIVE, "age"), settings(3_000, LIFE, "age"), quantiles(3_000)
    means = tenths.rename(columns={"rate": "estimate", "rate_se": "se"})
    shares = tenths.rename(columns={"share": "estimate", "share_se": "se"})
    slope = {"by": "area", "draws": 10_000, "seed": 1}
    jobs: list[tuple[str, float | None, float | None, Callable[[], object]]] = [
        ("DSR, 57,000 rows", 1.2, 20, lambda: rates.standardise(deaths, "area", standard="esp2013")),
        ("life expectancy, 60,000 rows", 12, 100, lambda: rates.life_expectancy(tables, "area", deaths="events")),
        ("SII and RII, 3,000 settings, means (closed form)", 160, 200, lambda: rates.slope_index(means, **slope)),
        ("SII and RII, rates, log-transformed (closed form)", 160, 200,
         lambda: rates.slope_index(means, kind="rate", transform=True, **slope)),
        ("SII and RII, rates, 10,000 draws", 160, 200, lambda: rates.slope_index(means, kind="rate", **slope)),
        ("SII and RII, proportions, 10,000 draws", 160, 200,
         lambda: rates.slope_index(shares, kind="proportion", **slope)),
        ("null world, 400 × 309 areas", None, None, lambda: small_areas.compare_with_whole(worlds, "world")),
    ]  # fmt: skip
    people = np.exp(RNG.normal(8.7, 1.1, 309)).clip(120).astype(int)
    worlds = pd.DataFrame({"world": np.repeat(np.arange(400), 309), "population": np.tile(people, 400)})
    worlds["events"] = RNG.binomial(worlds["population"], 0.1)
    print(f"{'':52}{'CPU s':>8}{'reference':>11}{'times':>8}{'target':>8}")
    for name, reference, target, work in jobs:
        spent = cpu(work)
        if reference is None or target is None:
            print(f"{name:52}{spent:8.3f}")
        else:
            print(f"{name:52}{spent:8.3f}{reference:11.1f}{reference / spent:8.0f}{target:8.0f}")


if __name__ == "__main__":
    main()
