"""The best of many noisy numbers: what is claimed for it is what it gives."""

import numpy as np
import pandas as pd
import pytest
from made_actions import make_action, make_cells

import hyteanalysis as hyte
from hyteanalysis.actions.ranking import shrunken
from hyteanalysis.actions.selection import Levels, filled, greedy

TRUE, SAMPLE = 0.15, 200


def equal_world(number):
    """63 cells of one level, seen in samples of 200: what is claimed for the best plan, of what it gives."""
    rows = [(f"area-{area}", group, order, 1_000, 0.0) for area in range(21) for order, group in
            enumerate(("low", "mid", "high"), start=1)]  # fmt: skip
    seen = np.random.default_rng(number).binomial(SAMPLE, TRUE, len(rows)) / SAMPLE
    cells = make_cells(rows).assign(estimate=seen, respondents=float(SAMPLE))
    impact = hyte.impact(cells, make_action(effect={"scale": "rr", "value": 0.8}), draws=200, seed=number)
    found = hyte.scenarios(impact, budget=630_000, detail=True)
    best = found.frame.set_index("scenario").loc["optimal"]
    truth = 0.2 * TRUE * best["reached"]
    pair = found.differences.set_index(["scenario", "other", "outcome"]).loc["universal", "optimal", "averted"]
    naive = hyte.allocate(impact, budget=630_000).frame["reached"].to_numpy() @ impact.by_group["arr"] / truth
    return {
        "extra": best["averted"] / truth - 1,
        "covers": best["averted_lower"] <= truth <= best["averted_upper"],
        "clear": pair["clear"],
        "naive": naive - 1,
    }


def test_the_best_of_equal_cells_claims_no_more_than_any_other():
    found = pd.DataFrame([equal_world(number) for number in range(24)])
    assert abs(found["extra"].mean()) < 3 * found["extra"].std() / np.sqrt(len(found))
    # the numbers that chose it would claim a good deal more
    assert found["naive"].mean() > found["extra"].mean() + 3 * found["extra"].std() / np.sqrt(len(found))
    assert found["clear"].mean() < 0.2


@pytest.mark.slow
def test_with_equal_cells_the_interval_of_the_best_covers_the_truth():
    found = pd.DataFrame([equal_world(number) for number in range(600)])
    assert abs(found["extra"].mean()) < 3 * found["extra"].std() / np.sqrt(len(found))
    assert 0.93 <= found["covers"].mean() <= 0.97
    assert found["clear"].mean() <= 0.07


def test_a_choice_between_exact_or_far_apart_cells_gives_nothing_back():
    rows = [("A", "low", 1, 10_000, 0.30), ("A", "high", 2, 10_000, 0.05)]
    for columns in ({}, {"se": 0.004}):
        impact = hyte.impact(make_cells(rows, **columns), make_action(), draws=500, seed=1)
        best = hyte.allocate(impact, budget=300_000)
        assert best.averted == pytest.approx(3_000 * 0.30 * 0.25, rel=1e-9)


def test_levels_are_shrunken_as_those_of_a_ranking(many_areas):
    simulation = hyte.impact(many_areas, make_action(), draws=100, seed=1).simulation
    levels = Levels.of(simulation)
    np.testing.assert_allclose(levels.shrunken[0], shrunken(simulation.cells)["baseline"], rtol=1e-9)
    assert levels.shrunken.shape == (201, 60)


def test_the_best_of_each_row_and_the_even_share_of_each_row():
    price, highest, lowest = np.array([1.0, 2.0, 1.0]), np.array([4.0, 3.0, 5.0]), np.array([0.0, 1.0, 0.0])
    values = np.array([[3.0, 1.0, 2.0], [1.0, 8.0, -1.0], [-1.0, -1.0, -1.0]])
    plans = greedy(values, lowest, highest, price, 7.0)
    np.testing.assert_allclose(plans, [[4, 1, 1], [1, 3, 0], [0, 1, 0]])
    even = filled(np.array([[1.0, 1.0, 1.0], [0.0, 1.0, 3.0]]), lowest, highest, price, 7.0)
    np.testing.assert_allclose(even, [[1.75, 1.75, 1.75], [0, 1.4, 4.2]])
    np.testing.assert_allclose(filled(np.ones((1, 3)), lowest, highest, price, 1e9), [highest])
