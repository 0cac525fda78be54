"""How long a full county report takes, and how much memory: 6 municipalities, 40 indicators, 6 goals, some 60 figures.

Run ``python benchmarks/reports.py`` (``--suffix docx`` for one file type). Prints one line a file.
"""

import argparse
import resource
import tempfile
from pathlib import Path
from time import perf_counter, process_time

import pandas as pd

import hyteanalysis as hyte
from hyteanalysis import places, reports
from hyteanalysis.disclosure import Policy, Release
from hyteanalysis.plan import Plan

INDICATORS = 40


def large(indicators: int = INDICATORS) -> Release:
    """The example's numbers under further names: as many indicators as a real county reports."""
    example = Release.open(places.committed("releases", "example"))
    cells, meta = example.cells, example.indicators
    ids = meta["indicator"].tolist()
    frames, told = [], []
    for at in range(indicators):
        base, copy = ids[at % len(ids)], at // len(ids)
        name = base if not copy else f"{base}-{copy}"
        frames.append(cells[cells["indicator"] == base].assign(indicator=name))
        own = meta[meta["indicator"] == base].assign(indicator=name)
        for column in ("title_fi", "title_sv", "title_en"):
            own[column] = own[column] + (f" ({copy})" if copy else "")
        told.append(own)
    every = pd.concat(frames, ignore_index=True)
    policy = Policy.from_profile("open")
    return hyte.release(every, pd.concat(told, ignore_index=True), policy=policy, synthetic=True, groups=example.groups)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suffix", nargs="*", default=["docx", "html", "pptx", "xlsx"])
    parser.add_argument("--indicators", type=int, default=INDICATORS)
    options = parser.parse_args()
    plan = Plan.read(places.committed("plans", "example.yml"))
    with tempfile.TemporaryDirectory() as folder:
        large(options.indicators).save(Path(folder) / "release")
        for suffix in options.suffix:
            release = Release.open(Path(folder) / "release")
            steps: list[str] = []

            def progress(done: int, total: int, words: str, steps: list[str] = steps) -> None:
                steps.append(words)

            started, worked = perf_counter(), process_time()
            content = reports.made(plan, release, suffix, progress=progress)
            wall, cpu = perf_counter() - started, process_time() - worked
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            drawn = sum(step.startswith("Kirjoitetaan tiedosto:") for step in steps)
            print(
                f"{suffix}: {wall:.1f} s ({cpu:.1f} s of processor), peak {memory:.0f} MB, "
                f"{drawn} figures, {len(content) / 1e6:.1f} MB"
            )


if __name__ == "__main__":
    main()
