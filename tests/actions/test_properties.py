"""What must hold for any action on any cells."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from made_actions import make_action, make_cells

import hyteanalysis as hyte
from hyteanalysis.actions import combine, equity_impact
from hyteanalysis.actions.equity import equivalents, gain, inequality
from hyteanalysis.inequality import disparity, ede

shares = st.floats(0.02, 0.9)
people = st.integers(100, 50_000)
groups = st.lists(st.tuples(people, shares), min_size=2, max_size=5)
areas = st.integers(1, 3)
# hypothesis makes hundreds of impacts: as few draws as are allowed
DRAWS = {"draws": 100, "seed": 1}


def table(found, count=1):
    """Cells: the same groups in some areas, shares a little different in each."""
    rows = [
        (f"area-{area}", f"group-{number}", number + 1, size, share * (1 - 0.1 * area))
        for area in range(count)
        for number, (size, share) in enumerate(found)
    ]
    return make_cells(rows)


@settings(max_examples=12)
@given(groups, areas, st.floats(0.3, 0.95), st.floats(0.05, 0.9))
def test_one_relative_effect_keeps_the_relative_gap_and_shrinks_the_absolute(found, count, effect, reach):
    result = hyte.impact(
        table(found, count), make_action(effect={"scale": "rr", "value": effect}, reach=reach), **DRAWS
    )
    pooled = result.pooled
    before, after = pooled["baseline"], pooled["after"]
    np.testing.assert_allclose(after / after.iloc[0], before / before.iloc[0], rtol=1e-9)
    assert (np.abs(after - after.iloc[0]) <= np.abs(before - before.iloc[0]) + 1e-12).all()


@settings(max_examples=12)
@given(groups, areas, st.floats(0.001, 0.019), st.floats(0.05, 0.9))
def test_one_risk_difference_keeps_the_absolute_gap_and_widens_the_relative(found, count, effect, reach):
    assume(min(share for _, share in found) * (1 - 0.1 * (count - 1)) > effect)
    result = hyte.impact(
        table(found, count), make_action(effect={"scale": "rd", "value": -effect}, reach=reach), **DRAWS
    )
    assert not result.by_group["capped"].any()
    pooled = result.pooled
    before, after = pooled["baseline"], pooled["after"]
    np.testing.assert_allclose(after - after.iloc[0], before - before.iloc[0], atol=1e-12)
    assert after.max() / after.min() >= before.max() / before.min() * (1 - 1e-12)


@settings(max_examples=12)
@given(groups, areas, st.sampled_from(["rr", "or", "rd"]), st.booleans())
def test_no_effect_or_no_reach_changes_exactly_nothing(found, count, scale, reached):
    none = {"scale": scale, "value": 0.0 if scale == "rd" else 1.0}
    some = {
        "scale": scale,
        "value": -0.1 if scale == "rd" else 0.5,
        "lower": -0.2 if scale == "rd" else 0.4,
        "upper": 0.6,
    }
    action = make_action(effect=none if reached else some, reach=0.4 if reached else 0)
    result = hyte.impact(table(found, count).assign(se=0.01), action, **DRAWS)
    cells = result.by_group
    assert (cells["after"] == cells["baseline"]).all()
    assert (cells[["averted", "averted_lower", "averted_upper"]] == 0).all(axis=None)
    assert result.plane(tolerance=0)["quadrant"].tolist() == ["no_material_change"]
    assert cells["benefit_burden"].isna().all()
    assert not cells["inverse_care"].any()


@settings(max_examples=12)
@given(st.lists(st.tuples(people, st.floats(0.02, 0.5)), min_size=2, max_size=5), st.floats(0.4, 0.9))
def test_one_shared_effect_ranks_by_baseline_in_every_draw(found, effect):
    levels = [share for _, share in found]
    assume(len({round(share, 4) for share in levels}) == len(levels))
    shared = {"scale": "rr", "value": effect, "lower": effect * 0.7, "upper": min(effect * 1.3, 3)}
    result = hyte.impact(table(found), make_action(effect=shared), draws=400, seed=2)
    ranking = result.ranking("per_reached", top=1)
    assert ranking["p_best"].sum() == pytest.approx(1)
    # the worst off is first unless the draw is over 1: then everybody is harmed, and it most of all
    worst = ranking.loc[ranking["baseline"].idxmax()]
    best = ranking.loc[ranking["baseline"].idxmin()]
    assert worst["p_best"] == pytest.approx(1 - worst["p_harm"])
    assert best["p_best"] == pytest.approx(best["p_harm"])
    order = ranking.sort_values("baseline", ascending=False)
    if worst["p_harm"] == 0:
        assert order["mean_rank"].tolist() == list(range(1, len(order) + 1))


@settings(max_examples=4)
@given(groups, st.integers(2, 5))
def test_splitting_a_cell_or_scaling_people_leaves_inequality_alone(found, factor):
    action = make_action(reach={"value": 0.2, "by_group": {"group-0": 0.4}})
    whole = table(found)
    halves = pd.concat(
        [whole.assign(population=whole["population"] * part, area=name) for part, name in ((0.3, "x"), (0.7, "y"))]
    )
    plain, split, scaled = (
        hyte.impact(cells, action, **DRAWS)
        for cells in (whole, halves, whole.assign(population=whole["population"] * factor))
    )
    for other in (split, scaled):
        both = inequality(plain.pooled).merge(inequality(other.pooled), on="measure", validate="one_to_one")
        both = both[both["measure"] != "LEVELUP"]
        np.testing.assert_allclose(both["before_x"], both["before_y"], rtol=1e-7, atol=1e-12)
        np.testing.assert_allclose(both["after_x"], both["after_y"], rtol=1e-7, atol=1e-12)
    assert scaled.by_group["averted"].sum() == pytest.approx(factor * plain.by_group["averted"].sum())
    assert split.by_group["averted"].sum() == pytest.approx(plain.by_group["averted"].sum())


@given(st.lists(st.tuples(people, st.floats(0.05, 0.99)), min_size=2, max_size=6), st.floats(0.1, 8), st.floats(0.1, 8))
def test_the_equivalent_is_under_the_mean_and_falls_with_aversion(found, first, second):
    sizes, health = np.array([size for size, _ in found], dtype=float), np.array([[share for _, share in found]])
    mean = np.average(health[0], weights=sizes)
    low, high = sorted((first, second))
    for index in ("atkinson", "kolm"):
        weak, strong = (equivalents(health, sizes, index=index, aversion=one)[0] for one in (low, high))
        assert strong <= weak + 1e-12 <= mean + 2e-12
        assert weak == pytest.approx(ede(health[0], sizes, index=index, aversion=low), rel=1e-9)
    assert equivalents(health, sizes, index="gini", aversion=None)[0] <= mean + 1e-12
    # the change of an equivalent is the difference of two
    after = health * 0.9 + 0.05
    for index in ("atkinson", "kolm", "gini"):
        apart = equivalents(after, sizes, index=index, aversion=low) - equivalents(
            health, sizes, index=index, aversion=low
        )
        np.testing.assert_allclose(gain(health, after, sizes, index=index, aversion=low), apart, atol=1e-12)


@settings(max_examples=8)
@given(groups, st.floats(0.3, 0.9), st.floats(0.3, 0.9), st.floats(0, 1), st.floats(0, 1))
def test_combined_actions_never_avert_more_than_there_is(found, first, second, reach, other):
    actions = [
        make_action(id="a", effect={"scale": "rr", "value": first}, reach=reach),
        make_action(id="b", effect={"scale": "or", "value": second}, reach=other),
        make_action(id="c", effect={"scale": "rd", "value": -0.3}, reach=1),
    ]
    cells = table(found).assign(se=0.02)
    impacts = [hyte.impact(cells, action, **DRAWS) for action in actions]
    together = combine(impacts)
    cases = together["population"] * together["baseline"]
    assert (together["averted"] <= cases * (1 + 1e-12)).all()
    assert (together["averted"] <= together["sum_of_parts"] * (1 + 1e-9)).all()
    assert (together["averted_lower"] <= together["averted_upper"] + 1e-9).all()
    two = combine(impacts[:2])
    left = 1 - (impacts[0].by_group["reach"] * (1 - first))
    ratio = second / (1 - two["baseline"] + second * two["baseline"])
    np.testing.assert_allclose(two["after"], two["baseline"] * left * (1 - other * (1 - ratio)), rtol=1e-9)


@given(groups, st.floats(0.05, 3), st.floats(0, 0.4))
def test_the_plane_turns_round_when_the_change_does(found, aversion, move):
    sizes = [size for size, _ in found]
    before = np.array([share for _, share in found])
    after = before * (1 - move) + move
    there = equity_impact(before, after, sizes, aversion=aversion, tolerance=0)
    back = equity_impact(after, before, sizes, aversion=aversion, tolerance=0)
    for name in ("efficiency", "equity", "ede_gain"):
        assert there[name][0] == pytest.approx(-back[name][0], rel=1e-6, abs=1e-8)
    assert there["ede_gain"][0] == pytest.approx(there["efficiency"][0] + there["equity"][0])


@settings(max_examples=8)
@given(groups)
def test_erreygers_of_the_well_off_is_the_negative_of_that_of_the_badly_off(found):
    about = {"indicator": "outcome", "title_en": "Outcome", "unit": "", "kind": "proportion", "scale": 1,
             "favourable": False, "lower_bound": 0.0, "upper_bound": 1.0}  # fmt: skip
    cells, indicators = table(found), pd.DataFrame([about])
    bad, good = (
        disparity(one, "ERR", indicators=indicators, seed=1)["estimate"].iloc[0]
        for one in (cells, cells.assign(estimate=1 - cells["estimate"]))
    )
    assert good == pytest.approx(-bad, abs=1e-12)


@settings(max_examples=10)
@given(groups, areas, st.sampled_from(["per_reached", "total", "per_euro", "equity_weighted"]))
def test_the_chances_of_being_best_sum_to_one(found, count, criterion):
    shared = {"scale": "rr", "value": 0.9, "lower": 0.7, "upper": 1.1}
    result = hyte.impact(table(found, count).assign(se=0.01), make_action(effect=shared), **DRAWS)
    for by in ("cell", "group"):
        ranked = result.ranking(criterion, by=by, top=2)
        assert ranked["p_best"].sum() == pytest.approx(1)
        assert ranked["p_top"].sum() == pytest.approx(min(2, len(ranked)))
        assert ranked["mean_rank"].mean() == pytest.approx((len(ranked) + 1) / 2)
