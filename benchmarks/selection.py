"""What is said of groups that the data chose: how often its interval holds the truth, and how often names are wrong.

    python benchmarks/coverage.py --selection     writes that section of docs/coverage.md anew

Groups have normal estimates with a standard error of 1; gaps are in standard errors of one group.
"""

import numpy as np
import pandas as pd

import hyteanalysis as hyte
from hyteanalysis.cells import check_indicators
from hyteanalysis.inequality.people import people
from hyteanalysis.inequality.released import released_changes, released_gaps
from hyteanalysis.uncertainty import discovery

INDICATOR = {"indicator": "x", "title_en": "x", "unit": "", "scale": 100.0, "favourable": False}
META = {kind: check_indicators(pd.DataFrame([{**INDICATOR, "kind": kind}])) for kind in ("mean", "proportion")}
MEASURES = ["MDBU", "IDISU", "MDMW", "BGV", "GINI", "PAR", "LEVELUP"]
LISTED = 20  # indicators of a null area


def worlds():
    """Truths by name, the hardest first."""
    for k in (10, 5, 3):
        for off in (1, 2, 3, 5, -1, -3, -5):
            yield f"1 off by {off:+d} among {k}", np.r_[np.zeros(k - 1), float(off)]
    for k in (10, 5, 3):
        yield f"{k} equal", np.zeros(k)
        yield f"{k} groups 0.7 apart", np.arange(k) * 0.7
        yield f"{k} groups 2 apart", np.arange(k) * 2.0
        yield f"{k} groups 6 apart", np.arange(k) * 6.0


def sampled(truth, count, seed, *, ordered=False, few=0, period="1"):
    """Cells of samples, an area each; with ``few`` respondents errors are estimated from a skewed spread."""
    k, rng = len(truth), np.random.default_rng(seed)
    if few:
        drawn = rng.exponential(np.sqrt(few), (count, k, few)) - np.sqrt(few)
        y, s = truth + drawn.mean(axis=2), drawn.std(axis=2, ddof=1) / np.sqrt(few)
    else:
        y, s = truth + rng.standard_normal((count, k)), np.ones((count, k))
    cells = pd.DataFrame(
        {
            "indicator": "x",
            "area": np.repeat([f"a{number:05d}" for number in range(count)], k),
            "period": period,
            "dimension": "d",
            "group": np.tile([f"g{number}" for number in range(k)], count),
            "estimate": 40 + y.ravel(),
            "se": s.ravel(),
            "population": 1_000.0,
        }
    )
    if ordered:
        cells["order"] = np.tile(np.arange(1, k + 1), count)
    if few:
        cells["respondents"] = float(few)
    return hyte.tidy(cells)


def chosen_pairs(count):
    """Of D without order: coverage of the named pair's gap and of the true range, also given what is said."""
    rows = []
    for seed, (name, truth) in enumerate(worlds()):
        gaps = released_gaps(sampled(truth, count, seed), ["D"], META["mean"])
        place = {f"g{number}": value for number, value in enumerate(truth)}
        named = gaps["first"].map(place) - gaps["second"].map(place)
        width = truth.max() - truth.min()
        pair, whole = (((gaps["lower"] <= true) & (true <= gaps["upper"])) for true in (named, width))
        differ, clear = gaps["p_equal"] < 0.05, gaps["clear"]
        alone = gaps["highest"].str.len() == 1
        wrong = alone & (gaps["highest"].str[0].map(place) < truth.max())
        given = [held[some].mean() if some.any() and width else np.nan
                 for held, some in ((whole, differ), (whole, clear), (pair, clear))]  # fmt: skip
        false = clear & (named <= 0)
        rows.append([name, clear.mean(), pair.mean(), whole.mean(), *given, wrong.mean() if width else alone.mean(),
                     false.mean()])  # fmt: skip
    return rows


def spread_measures(count):
    """Coverage of corrected limits of dispersion, potential and people, one group off; of ordered groups too."""
    rows = []
    for ordered in (False, True):
        codes = ["PAR", "LEVELUP"] if ordered else MEASURES
        for name, truth in worlds():
            if len(truth) != 10 or "6 apart" in name or "2 apart" in name:
                continue
            # of ordered groups the best stands last, unless the world says otherwise
            truth = truth if not ordered or name.startswith("1 off") else truth[::-1]
            cells = sampled(truth, count, len(rows), ordered=ordered)
            true = sampled(truth, 1, 0, ordered=ordered).assign(estimate=40 + truth, se=np.nan)
            right = hyte.disparity(true, codes, indicators=META["proportion"]).set_index("measure")["estimate"]
            gaps = released_gaps(cells, codes, META["proportion"])
            value = gaps["measure"].map(right)
            slack = 1e-6 * gaps["estimate"].abs()
            held = (gaps["lower"] - slack <= value) & (value <= gaps["upper"] + slack)
            share = held[gaps["lower"].notna()].groupby(gaps["measure"]).mean()
            rows.append(["ordered, " + name if ordered else name, *(share.get(code, np.nan) for code in MEASURES)])
    return rows


def other_claims(count):
    """Means of few respondents, changes where nothing changed, people of equal groups, lists of null areas."""
    found = []
    for few in (10, 30):
        gaps = released_gaps(sampled(np.zeros(2), count, few, few=few), ["D"], META["mean"])
        true = np.zeros(len(gaps))
        found.append((f"two means of {few} skewed respondents: D holds the truth",
                      ((gaps["lower"] <= true) & (true <= gaps["upper"])).mean()))  # fmt: skip
    for k in (3, 10):
        for ordered in (False, True):
            both = [sampled(np.zeros(k), count, seed, ordered=ordered, period=str(seed)) for seed in (1, 2)]
            moved = released_changes(pd.concat(both, ignore_index=True), META["mean"], "1", "2")
            words = "ordered " if ordered else ""
            found.append((f"{k} equal {words}groups twice: a change is said",
                          (moved["verdict"] != "no_clear_change").mean()))  # fmt: skip
    off = np.r_[np.zeros(9), 3.0]
    seen = people(sampled(off, count, 4), META["proportion"])
    true = 1_000 * off.sum() / 100
    found.append(("people fewer, 1 off by +3 among 10: limits hold the truth",
                  ((seen["fewer_lower"] <= true) & (true <= seen["fewer_upper"])).mean()))  # fmt: skip
    found.append(("the same: median of the number said, per cent of the truth", seen["fewer"].median() / true))
    for k in (3, 5, 10):
        for ordered in (False, True):
            gaps = released_gaps(sampled(np.zeros(k), 309 * LISTED, 90 + k, ordered=ordered), ["D"], META["mean"])
            area = np.arange(len(gaps)) // LISTED
            listed = (discovery(gaps["p_value"], area) <= 0.05) & gaps["clear"].to_numpy()
            words = "ordered " if ordered else ""
            found.append((f"309 null areas, {LISTED} indicators of {k} equal {words}groups: areas with any entry",
                          pd.Series(listed).groupby(area).any().mean()))  # fmt: skip
            found.append(("the same: indicators said to have a clear gap", gaps["clear"].mean()))
    return found


def _cell(share):
    return "" if np.isnan(share) else f"{100 * share:.1f}"


def section(count):
    """The section of the page, as lines of Markdown."""
    lines = [
        "## What the data chose",
        "",
        f"Made by `python benchmarks/coverage.py --selection`; {count:,} samples a world. Estimates are normal, gaps",
        "in standard errors of one group; all in per cent, the hardest worlds first. D without order is limited for",
        "its two named groups (locally simultaneous: `docs/measures.md`). *Pair*: limits hold the true gap of the two",
        "groups named. *Range*: they hold the gap between the truly highest and lowest. *Range, given p*: of samples",
        "with p_equal under 5 %. *Given clear*: of those whose gap is called clear. The last columns: a group is named",
        "alone as highest, and is not; a gap is clear, and its true gap is not above 0. Given that a false claim is",
        "made no limits can hold the truth: where groups hardly differ *pair, given clear* is low for that reason.",
        "",
        "| world | clear | pair | range | range, given p | range, given clear | pair, given clear | named wrongly | "
        "clear, falsely |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [f"| {row[0]} | {' | '.join(map(_cell, row[1:]))} |" for row in chosen_pairs(count)]
    lines += [
        "",
        "Corrected limits of measures, ten groups (empty: the measure needs no correction there, or has no limits):",
        "",
        f"| world | {' | '.join(MEASURES)} |",
        f"|---|{'---|' * len(MEASURES)}",
    ]
    lines += [f"| {row[0]} | {' | '.join(map(_cell, row[1:]))} |" for row in spread_measures(count // 8)]
    lines += ["", "| claim | per cent |", "|---|---|"]
    lines += [f"| {words} | {_cell(share)} |" for words, share in other_claims(count // 4)]
    return [*lines, ""]
