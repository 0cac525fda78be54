"""How often the 95 % interval of each measure holds the truth, over seeded simulated worlds.

    python benchmarks/coverage.py            writes docs/coverage.md (2,000 worlds a measure, several samples of each)
    python benchmarks/coverage.py --quick    prints a smaller table
    python benchmarks/coverage.py --selection    writes the section on what the data chose anew, and leaves the others

A world is a setting with known true values of its groups; a sample of it is what a register or survey would show. The
truth is the measure's own formula on the true values. Every group expects at least 50 events and 50 non-events.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

import hyteanalysis as hyte
from hyteanalysis.inequality import REGISTRY

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "coverage.md"
SCALE = {"proportion": 100.0, "rate": 100_000.0}
AVERSION = {"ACIX": 3.0, "ATK": 1.0}
EVENTS = 50
SELECTED = 4_000  # samples of each world in which the data choose
EXTREME = ["D", "R", "PAR", "PAF", "MDBU", "MDBW", "LEVELUP"]  # as they rest on the extreme group without order
SIGNED = [code for code, measure in REGISTRY.items() if not measure.bounded and code not in ("PAR", "PAF")]
SQUARES = [code for code, measure in REGISTRY.items() if measure.square is not None]
REST = [code for code, measure in REGISTRY.items() if measure.bounded and measure.square is None]
TO_REFERENCE = [code for code in REST if "reference" in REGISTRY[code].needs]
FROM_MEAN = [code for code in REST if code not in (*EXTREME, *TO_REFERENCE, "GINI")]


def _population(generator, count, k):
    return np.round(np.exp(generator.uniform(np.log(200), np.log(20_000), (count, k))))


def _enough(p, n, kind):
    return (
        ((n * p >= EVENTS) & (n * (1 - p) >= EVENTS)).all(axis=1) if kind == "proportion" else (n * p >= EVENTS).all(1)
    )


def _error(p, n, kind):
    return np.sqrt(p * (1 - p) / n) if kind == "proportion" else np.sqrt(p / n)


def gradients(generator, count, k, kind):
    """True values that fall straight or bent along the social scale, some of them the other way round."""
    steps = np.linspace(0, 1, k)
    bend = generator.choice([0.4, 1.0, 2.5], (count, 1))
    top = generator.uniform(0.1, 0.5, (count, 1)) if kind == "proportion" else generator.uniform(0.02, 0.3, (count, 1))
    size = generator.uniform(-0.6, 0.6, (count, 1))
    return top * (1 + size * (steps**bend - 0.5))


def distinct(generator, count, k, kind, *, off_mean=False):
    """True values and populations where any two groups differ by four standard errors of their difference or more."""
    n = _population(generator, count, k)
    n = np.maximum(n, generator.uniform(1_000, 8_000, (count, k)).round())
    p = np.empty((count, k))
    p[:, 0] = generator.uniform(0.02, 0.2, count)
    for place in range(1, k):
        before = p[:, place - 1]
        # the error grows along the way: twice is enough of a margin to search for the next value
        step = generator.uniform(4.2, 7.0, count)
        after = before
        for _ in range(20):
            error = np.hypot(_error(before, n[:, place - 1], kind), _error(np.clip(after, 0, 1), n[:, place], kind))
            after = before + step * error
        p[:, place] = after
    order = np.argsort(generator.random((count, k)), axis=1)
    p = np.take_along_axis(p, order, axis=1)
    n = np.take_along_axis(n, order, axis=1)
    fine = (p < (0.95 if kind == "proportion" else 0.8)).all(axis=1) & _enough(np.clip(p, 0, 1), n, kind)
    gap = np.abs(p[:, :, None] - p[:, None, :])
    error = _error(np.clip(p, 0, 1), n, kind)
    both = np.hypot(error[:, :, None], error[:, None, :])
    fine &= (gap + 1e9 * np.eye(k) >= 4 * both).all(axis=(1, 2))
    if off_mean:
        mean = (p * n).sum(axis=1) / n.sum(axis=1)
        fine &= (np.abs(p - mean[:, None]) >= error).all(axis=1)
    return p[fine], n[fine]


def sample(generator, p, n, kind, *, ordered, name):
    """Cells of one sample of each world, and of its truth."""
    count, k = p.shape
    events = generator.binomial(n.astype(int), p) if kind == "proportion" else generator.poisson(n * p)
    seen = events / n
    cells = pd.DataFrame(
        {
            "indicator": kind,
            "area": np.repeat([f"{name}-{number}" for number in range(count)], k),
            "period": "1",
            "dimension": "d",
            "group": np.tile([f"g{number}" for number in range(k)], count),
            "estimate": (seen * SCALE[kind]).ravel(),
            "se": (_error(seen, n, kind) * SCALE[kind]).ravel(),
            "population": n.ravel(),
        }
    )
    if ordered:
        cells["order"] = np.tile(np.arange(1, k + 1), count)
    truth = cells.drop(columns="se").assign(estimate=(p * SCALE[kind]).ravel())
    return cells, truth


METADATA = pd.DataFrame(
    {
        "indicator": list(SCALE),
        "title_en": list(SCALE),
        "unit": "",
        "kind": list(SCALE),
        "scale": list(SCALE.values()),
        "favourable": False,
        "lower_bound": 0.0,
        "upper_bound": list(SCALE.values()),
    }
)


def covered(cells, truth, measures, *, draws, interval="plain", reference=None, seed=1):
    """Whether the interval holds the truth: one row a world and measure."""
    options = {"indicators": METADATA, "seed": seed, "reference": reference}
    found = []
    for kind in cells["indicator"].unique():
        aversion = {**AVERSION, "KOL": 5 / SCALE[kind]}
        here, there = (frame[frame["indicator"] == kind] for frame in (cells, truth))
        shown = hyte.disparity(here, measures, interval=interval, draws=draws, aversion=aversion, **options)
        true = hyte.disparity(there, measures, draws=1000, aversion=aversion, **options)
        keys = ["indicator", "area", "measure"]
        both = shown.merge(true[[*keys, "estimate"]], on=keys, suffixes=("", "_true"), validate="one_to_one")
        both = both[both["lower"].notna() & both["estimate_true"].notna()]
        # of a leading group that is not the better one both are 0 by definition, and every interval holds that
        both = both[~both["measure"].isin(["PAR", "PAF"]) | (both["estimate_true"] != 0)]
        slack = 1e-9 * both["estimate"].abs()
        inside = (both["lower"] - slack <= both["estimate_true"]) & (both["estimate_true"] <= both["upper"] + slack)
        found.append(both.assign(covered=inside)[["indicator", "area", "measure", "covered", "p_equal"]])
    return pd.concat(found, ignore_index=True)


def worlds(generator, count, build, name, *, ordered, samples):
    """Samples of `count` worlds of each kind, with 3 to 12 groups, and their truth."""
    cells, truths = [], []
    for kind in SCALE:
        left, k = count // len(SCALE), 3
        per = max(1, -(-left // 10))
        while left > 0:
            p, n = build(generator, 40 * per + 200, k, kind)
            p, n = p[: min(per, left)], n[: min(per, left)]
            left -= len(p)
            for again in range(samples):
                if len(p):
                    here, there = sample(generator, p, n, kind, ordered=ordered, name=f"{name}{k}-{left}-{again}")
                    cells.append(here)
                    truths.append(there)
            k = 3 if k == 12 else k + 1
    return pd.concat(cells, ignore_index=True), pd.concat(truths, ignore_index=True)


def _sloped(generator, count, k, kind):
    p, n = gradients(generator, count, k, kind), _population(generator, count, k)
    fine = _enough(p, n, kind)
    short = ~fine
    # enough people where the events would be too few
    n[short] = np.maximum(n[short], np.ceil(EVENTS / np.minimum(p, 1 - p)[short]))
    return p, n


def _off_mean(generator, count, k, kind):
    return distinct(generator, count, k, kind, off_mean=True)


def plain(count, samples, draws, seed):
    """Plain intervals: ranked measures and ordered simple ones on any gradient, the others on distinct groups."""
    generator = np.random.default_rng(seed)
    rows = []
    sets = [
        ("any gradient, ordered groups", count, _sloped, True, SIGNED),
        ("distinct groups, no order", count, distinct, False, [*SQUARES, *EXTREME, "GINI"]),
        ("distinct groups off the mean", count, _off_mean, False, FROM_MEAN),
        # in about half of them the leading group is the better one
        ("distinct groups, ordered", 2 * count + count // 5, distinct, True, ["PAR", "PAF", *TO_REFERENCE]),
    ]
    for label, size, build, ordered, measures in sets:
        cells, truth = worlds(generator, size, build, label, ordered=ordered, samples=samples)
        found = covered(cells, truth, measures, draws=draws)
        rows.append(found.groupby("measure")["covered"].agg(["mean", "size"]).assign(worlds=label))
    return pd.concat(rows).reset_index()


def near_equality(generator, kind, k, gap, people, samples):
    """One kind of world: groups `gap` standard errors apart on average, in random directions."""
    n = np.round(np.exp(generator.uniform(np.log(people), np.log(people * 8), (samples, k))))
    centre = generator.uniform(0.15, 0.5) if kind == "proportion" else generator.uniform(0.05, 0.3)
    n = np.maximum(n, np.ceil(1.5 * EVENTS / min(centre, 1 - centre)))
    shape = generator.standard_normal(k)
    shape -= shape.mean()
    shape /= max(np.abs(shape).mean(), 1e-9)
    n[:] = n[0]
    error = _error(np.full(k, centre), n[0], kind).mean()
    p = np.clip(centre + gap * error * shape, 0.03, 0.9)
    return np.repeat(p[None], samples, axis=0), n


def corrected(kinds, samples, draws, seed):
    """Corrected and plain intervals from exact equality up: pooled and by kind of world."""
    generator = np.random.default_rng(seed)
    cells, truths, labels = [], [], {}
    for number in range(kinds):
        kind = ("proportion", "rate")[number % 2]
        k, gap = int(generator.integers(3, 13)), (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)[number // 2 % 6]
        p, n = near_equality(generator, kind, k, gap, generator.choice([300, 1500, 2500]), samples)
        here, there = sample(generator, p, n, kind, ordered=False, name=f"w{number}")
        cells.append(here)
        truths.append(there)
        labels[f"w{number}"] = gap
    cells, truths = pd.concat(cells, ignore_index=True), pd.concat(truths, ignore_index=True)
    measures = [*SQUARES, *[code for code in REST if code not in TO_REFERENCE], "D", "R", "PAR", "PAF"]
    rows = []
    for interval in ("corrected", "plain"):
        found = covered(cells, truths, measures, draws=draws, interval=interval)
        referred = covered(cells, truths, TO_REFERENCE, draws=draws, interval=interval, reference="g0")
        found = pd.concat([found, referred], ignore_index=True)
        found["world"] = found["area"].str.split("-").str[0]
        found["gap"] = found["world"].map(labels)
        by_world = found.groupby(["measure", "world"])["covered"].mean()
        table = found.groupby("measure")["covered"].agg(["mean", "size"])
        table["least"] = by_world.groupby("measure").min()
        table["equal"] = found[found["gap"] == 0].groupby("measure")["covered"].mean()
        rows.append(table.assign(interval=interval))
    return pd.concat(rows).reset_index()


def _per_cent(share):
    return f"{100 * share:.1f}"


def document(first, second, count, samples, kinds, per_kind, draws):
    """The page, as Markdown."""
    lines = [
        "# Coverage of the intervals",
        "",
        "Made by `python benchmarks/coverage.py`; synthetic worlds throughout. A 95 % interval should hold the truth",
        "in 95 samples of 100. The truth is the measure's own formula on the true group values. 3–12 groups,",
        "200–20,000 people a group, straight and bent gradients, proportions and rates, at least 50 expected events",
        "(and non-events) a group.",
        "",
        "## Plain intervals",
        "",
        f"{count} worlds a measure, samples of each: {samples}, draws: {draws:,}. Measures that cannot be negative or",
        "rest on the extreme group are asked only where any two groups differ by four standard errors of their",
        "difference (those around the mean: and no group lies within one of it); PAR and PAF of ordered groups only",
        "where the leading group is the better one, since else they are 0 by definition.",
        "",
        "| measure | worlds | samples | covered, % |",
        "|---|---|---|---|",
    ]
    lines += [f"| {row.measure} | {row.worlds} | {row.size:,} | {_per_cent(row.mean)} |" for row in _in_order(first)]
    lines += [
        "",
        "## Corrected intervals, from exact equality up",
        "",
        f"{kinds} kinds of world, {per_kind} samples of each: groups that lie 0, ½, 1, 2, 4 and 8 standard errors off",
        "their mean on average. At exact equality 97.5 % is right, since the interval stops at the null. *Least*: the",
        "kind of world with the lowest coverage.",
        "",
        "| measure | corrected, % | least, % | at equality, % | plain, % | plain at equality, % |",
        "|---|---|---|---|---|---|",
    ]
    columns = [(name, "corrected") for name in ("mean", "least", "equal")] + [("mean", "plain"), ("equal", "plain")]
    wide = second.pivot(index="measure", columns="interval", values=["mean", "least", "equal"])
    for code in [code for code in REGISTRY if code in wide.index]:
        row = wide.loc[code]
        lines.append(f"| {code} | {' | '.join(_per_cent(row[column]) for column in columns)} |")
    return "\n".join(lines) + "\n"


def _in_order(frame):
    order = {code: number for number, code in enumerate(REGISTRY)}
    frame = frame.sort_values("measure", key=lambda codes: codes.map(order), kind="stable")
    return list(frame.itertuples(index=False, name="Row"))


def _write_selection():
    """Put the section on what the data chose before the others, in place of an older one."""
    from selection import section  # beside this script; tests load the script from elsewhere

    head, *rest = DOCUMENT.read_text(encoding="utf-8").split("\n## ")
    kept = [part for part in rest if not part.startswith("What the data chose")]
    page = head + "\n" + "\n".join(section(SELECTED)) + "\n## " + "\n## ".join(kept)
    DOCUMENT.write_text(page, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer worlds and draws; prints the table, writes nothing")
    parser.add_argument("--selection", action="store_true", help="writes the section on what the data chose anew")
    asked = parser.parse_args()
    quick = asked.quick
    if asked.selection:
        _write_selection()
        return
    count, samples, kinds, per_kind, draws = (400, 1, 24, 40, 2_000) if quick else (2_000, 3, 96, 150, 10_000)
    first = plain(count, samples, draws, seed=1)
    second = corrected(kinds, per_kind, 2_000 if quick else 4_000, seed=2)
    page = document(first, second, count, samples, kinds, per_kind, draws)
    print(page)
    if not quick:
        DOCUMENT.write_text(page, encoding="utf-8")
        _write_selection()


if __name__ == "__main__":
    main()
