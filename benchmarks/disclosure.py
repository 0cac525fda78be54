"""How fast and how light the suppression is: Finland's size, and small tables against the exact optimum.

Run ``python benchmarks/disclosure.py`` (``--quick`` for the small tables only). Prints one line a measurement.
"""

import argparse
import resource
import sys
from itertools import product
from pathlib import Path
from time import process_time

import numpy as np
import pandas as pd

import hyteanalysis as hyte
from hyteanalysis import areas
from hyteanalysis.disclosure import suppression
from hyteanalysis.errors import DisclosureError

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from second_worlds import KEYS, KINDS, second_world
from worlds import world

GROUPS, SEXES = ["fi", "sv", "other", "unknown"], ["men", "women"]


def finland(seed: int = 1) -> pd.DataFrame:
    """Counts of every municipality × language × sex with all margins, and of both region sets above (year 2024)."""
    rng = np.random.default_rng(seed)
    tree = areas.ancestry(areas.hierarchy(2024))
    towns = areas.reference(2024).query("level == 'municipality'")
    people = dict(zip(towns["area"], towns["population"].fillna(5_000).astype(float), strict=True))
    atoms = pd.DataFrame(list(product(people, GROUPS, SEXES)), columns=["leaf", "language", "sex"])
    share = atoms["language"].map({"fi": 0.86, "sv": 0.05, "other": 0.07, "unknown": 0.02}).to_numpy()
    atoms["events"] = rng.poisson(atoms["leaf"].map(people).to_numpy() * share / 2 * 0.06)
    above = pd.concat(
        [
            tree.rename(columns={"area": "leaf", "ancestor": "area"}),
            pd.DataFrame({"leaf": [*people], "area": [*people]}),
        ]
    )
    above = above[above["leaf"].isin(people) & ~above["area"].str.startswith(("SK", "YTA"))]
    every = above.merge(atoms, on="leaf", how="left", validate="many_to_many")
    tables = []
    for by in ([], ["language"], ["sex"], ["language", "sex"]):
        table = every.groupby(["area", *by], as_index=False)["events"].sum()
        table["dimension"] = " × ".join(by) or "total"
        table["group"] = table[by].agg(" × ".join, axis=1) if by else "total"
        tables.append(table[["area", "dimension", "group", "events"]])
    cells = pd.concat(tables, ignore_index=True).astype({"events": float})
    return cells.assign(indicator="cases", period="2024", estimate=cells["events"])


def measured(cells: pd.DataFrame, **options: object) -> tuple[hyte.Release, float]:
    start = process_time()
    made = hyte.release(cells, policy=hyte.Policy(), **options)
    return made, process_time() - start


def weight(cells: pd.DataFrame, made: hyte.Release) -> float:
    both = cells.merge(made.cells[["area", "dimension", "group", "status"]], on=["area", "dimension", "group"])
    return float((both["events"] + 1)[both["status"] == "suppressed"].sum())


def attacked(worlds: int, start: int) -> None:
    """Random worlds of all kinds, attacked by the second program; small counts that it tells too closely."""
    for kind in KINDS:
        refused = unsafe = small = 0
        begun = process_time()
        for seed in range(start, start + worlds):
            cells, about, options, truth = second_world(kind, seed)
            try:
                made = hyte.release(cells, about, **options)
            except DisclosureError:
                refused += 1
                continue
            found = hyte.disclosure.audit(made, previous=options.get("previous", ()))
            told = found.intervals.merge(truth["events"].rename("truth").reset_index(), on=KEYS)
            told = told[told["truth"].between(1, 4) & (kind != "means")]
            small += len(told)
            unsafe += len(found.unsafe) + int(((told["low"] > 1) | (told["high"] < 5)).sum())
        print(
            f"{kind}: {worlds} worlds, {refused} refused by name, {small} small counts hidden, {unsafe} unsafe, "
            f"{process_time() - begun:.0f} CPU s"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small tables only")
    parser.add_argument("--seed", type=int, help="begin with this seed; else with a fresh one, which is printed")
    parser.add_argument("--worlds", type=int, default=5, help="random worlds of each kind")
    asked = parser.parse_args()
    start = asked.seed if asked.seed is not None else int(np.random.default_rng().integers(10**6))
    print(f"seed {start}")
    limit = suppression.SMALL
    ratios = []
    for linked in (False, True):
        for seed in range(start, start + 5):
            cells, hierarchy = world(seed, linked=linked)
            suppression.SMALL = limit
            exact, _ = measured(cells, hierarchy=hierarchy)
            suppression.SMALL = 0
            witness, seconds = measured(cells, hierarchy=hierarchy)
            ratios.append(weight(cells, witness) / max(weight(cells, exact), 1.0))
            print(f"{len(cells)} cells, linked {linked}, seed {seed}: {ratios[-1]:.2f} × optimum, {seconds:.1f} CPU s")
    suppression.SMALL = limit
    print(f"weight {np.mean(ratios):.2f} × optimum on average, {max(ratios):.2f} at worst")
    attacked(asked.worlds, start)
    if not asked.quick:
        for seed in (1, start):
            cells = finland(seed)
            made, seconds = measured(cells, progress=True)
            share = 1 - made.audit["suppressed"] / len(cells)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
            print(
                f"Finland {seed}: {len(cells)} cells, {cells['events'].between(1, 4).sum()} small, "
                f"{made.audit['suppressed']} suppressed, {share:.1%} kept, {seconds:.1f} CPU s, {memory:.1f} GB"
            )
            begun = process_time()
            found = hyte.disclosure.audit(made, progress=True)
            print(f"audited by the second program: {len(found.unsafe)} unsafe, {process_time() - begun:.1f} CPU s")


if __name__ == "__main__":
    main()
