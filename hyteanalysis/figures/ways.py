"""The six ways of sharing a budget as figures show them: change of the gap in percentage points, and a verdict."""

import pandas as pd

from hyteanalysis.actions import Impact, Scenarios, scenarios
from hyteanalysis.figures.estimates import Estimate

SWAPPED = {"gap_change_lower": "gap_change_upper", "gap_change_upper": "gap_change_lower"}
ASIDE = ("optimal", "today")  # no plain ways: a calculation, and what is


def shared(impact: Impact, budget: float) -> Scenarios:
    """The ways in detail."""
    found = scenarios(impact, budget=budget, detail=True)
    assert isinstance(found, Scenarios)
    return found


def table(estimate: Estimate, found: Scenarios) -> pd.DataFrame:
    """One row a way, always in the same order.

    ``kind, option, cost, reached, averted, cost_per_case, gap_change`` (percentage points, below 0 where it narrows)
    with limits, and ``verdict``: ``narrows, widens, unclear``.
    """
    frame = found.frame.rename(columns={"scenario": "option"}).assign(kind="option")
    for end in ("", "_lower", "_upper"):
        frame[f"gap_change{end}"] = 100 * estimate.gaps.direction * frame[f"absolute_gap_change{end}"]
    if estimate.gaps.direction < 0:
        frame = frame.rename(columns=SWAPPED)
    kept = ["kind", "option", "cost", "reached", "averted", "averted_lower", "averted_upper", "cost_per_case"]
    frame = frame[[*kept, "gap_change", "gap_change_lower", "gap_change_upper"]]
    return frame.assign(
        verdict=[estimate.verdict(row.gap_change_lower, row.gap_change_upper) for row in frame.itertuples()]
    )


def narrowest(ways: pd.DataFrame, found: Scenarios) -> str | None:
    """The way that narrows the gap most, where that is clear against every plain other; None where it is not."""
    plain = ways[~ways["option"].isin(ASIDE)]
    best = plain.loc[plain["gap_change"].idxmin()]
    pairs = found.differences[found.differences["outcome"] == "absolute_gap"]
    others = set(plain["option"]) - {best["option"]}
    against = pairs[
        ((pairs["scenario"] == best["option"]) & pairs["other"].isin(others))
        | ((pairs["other"] == best["option"]) & pairs["scenario"].isin(others))
    ]
    return str(best["option"]) if best["verdict"] == "narrows" and against["clear"].all() else None
