"""Sharing a budget: the programme, its prices, its limits, and six ways beside it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_actions import TWO_AREAS, make_action, make_cells

import hyteanalysis as hyte
from hyteanalysis.actions import frontier
from hyteanalysis.actions.allocation import Gaps, Solution, _linear, _opened, build, solve
from hyteanalysis.actions.selection import Levels

PRICES = {"per_person": {"by_area": {"A": 100, "B": 150}}}


SITES = {**PRICES, "setup": {"amount": 0, "per": "site"}}  # what is opened is each area × group


def cases(impact, allocation):
    """Cases averted by the people reached, what the choice itself claims included."""
    return float(allocation.frame["reached"].to_numpy() @ impact.by_group["arr"].to_numpy())


@pytest.fixture
def impact(cells):
    effect = {"scale": "rr", "value": 0.75, "lower": 0.65, "upper": 0.86}
    action = make_action(effect=effect, cost=SITES, reach={"value": 0.2, "by_group": {"low": 0.1}})
    return hyte.impact(cells, action, draws=1_000, seed=1)


def greedy(impact, budget, cap):
    """Cheapest case first, until the money or the cap ends."""
    cells = impact.by_group.assign(price=impact.simulation.cost.values)
    left, averted = budget, 0.0
    for row in cells.assign(worth=cells["arr"] / cells["price"]).sort_values("worth", ascending=False).itertuples():
        reached = min(cap * row.population, left / row.price)
        left -= reached * row.price
        averted += reached * row.arr
    return averted


@settings(max_examples=15)
@given(st.floats(1_000, 8e6), st.floats(0.05, 1))
def test_without_side_constraints_the_programme_is_greedy(budget, cap):
    found = made()
    best = hyte.allocate(found, budget=budget, caps=cap)
    assert best.averted == pytest.approx(greedy(found, budget, cap), rel=1e-7)
    assert best.cost <= budget * (1 + 1e-9)


def made(_kept=[]):  # noqa: B006
    """One impact for all examples."""
    if not _kept:
        _kept.append(hyte.impact(make_cells(TWO_AREAS), make_action(cost=PRICES), draws=100, seed=1))
    return _kept[0]


@settings(max_examples=12)
@given(st.floats(2e5, 4e6), st.floats(1.01, 2), st.floats(0.2, 1), st.floats(0, 0.03), st.sampled_from([None, "mid"]))
def test_more_money_is_never_worse_and_no_scenario_beats_the_programme(budget, factor, cap, floor, target):
    found = made()
    less = hyte.allocate(found, budget=budget, caps=cap, floors=floor)
    more = hyte.allocate(found, budget=budget * factor, caps=cap, floors=floor)
    assert more.averted >= less.averted * (1 - 1e-9)
    table = hyte.scenarios(found, budget=budget, caps=cap, floors=floor, target=target).set_index("scenario")
    kept = table[table["within_floors"]]
    assert {"today", "universal", "proportionate", "floor_top_up", "optimal"} <= set(kept.index)
    assert (kept["averted"] <= table.loc["optimal", "averted"] * (1 + 1e-9)).all()
    assert table.loc["optimal", "averted"] == pytest.approx(less.averted)
    # all the money is spent, unless the caps stop it
    whole = cap * (found.simulation.people @ found.simulation.cost.values)
    spent = table["cost"].drop("targeted")
    np.testing.assert_allclose(spent, min(budget, whole), rtol=1e-7)


@settings(max_examples=8)
@given(st.floats(2e5, 4e6), st.floats(0.1, 1), st.floats(0, 0.02))
def test_without_set_up_the_mixed_programme_is_the_linear_one(budget, cap, floor):
    found = made()
    levels = Levels.of(found.simulation)
    program, _ = build(found, Gaps.of(found), levels, budget=budget, caps=cap, floors=floor, setup=0)
    opened, gap = _opened(program, 30)
    mixed: Solution = _linear(program, opened, gap)
    assert program.value @ mixed.reached == pytest.approx(program.value @ solve(program).reached, rel=1e-6)


def test_set_up_costs_open_fewer_cells_and_are_paid(impact):
    plain = hyte.allocate(impact, budget=400_000, caps=0.3)
    dear = hyte.allocate(impact, budget=400_000, caps=0.3, setup=100_000)
    assert (dear.frame["reached"] > 0).sum() < (plain.frame["reached"] > 0).sum()
    assert dear.cost == pytest.approx(400_000)
    assert dear.averted < plain.averted
    # by hand: with so dear a set-up the best is to open the largest of the worst-off cells, or two of them
    worth = []
    arr, people, price = (impact.by_group[name].to_numpy() for name in ("arr", "population", "population"))
    price = impact.simulation.cost.values
    for cells in [(i,) for i in range(6)] + [(i, j) for i in range(6) for j in range(i)] + [(0, 3, 1)]:
        left, averted = 400_000 - 100_000 * len(cells), 0.0
        for cell in sorted(cells, key=lambda i: -arr[i] / price[i]):
            reached = min(0.3 * people[cell], left / price[cell])
            left, averted = left - reached * price[cell], averted + reached * arr[cell]
        worth.append(averted)
    assert cases(impact, dear) == pytest.approx(max(worth), rel=1e-6)
    action_setup = hyte.impact(
        make_cells(TWO_AREAS, se=0.01), make_action(cost={"per_person": 100, "setup": 50_000}), draws=100
    )
    assert hyte.allocate(action_setup, budget=300_000).cost == pytest.approx(300_000)
    assert (
        hyte.allocate(action_setup, budget=300_000, setup=0).averted
        > hyte.allocate(action_setup, budget=300_000).averted
    )


def test_the_shadow_price_is_what_one_euro_more_does(impact):
    for options in ({}, {"floors": 0.05}, {"max_gap": 0.105}, {"quotas": {"B": 0.5}}, {"aversion": 2.0}):
        plain = hyte.allocate(impact, budget=650_000, caps=0.5, **options)
        more = hyte.allocate(impact, budget=650_010, caps=0.5, **options)
        assert plain.shadow_price == pytest.approx((cases(impact, more) - cases(impact, plain)) / 10, rel=1e-4), options
        assert plain.binding["constraint"].iloc[0] == "budget"


def test_quotas_gap_and_floors_hold(impact):
    free = hyte.allocate(impact, budget=500_000, caps=0.4)
    held = hyte.allocate(impact, budget=500_000, caps=0.4, quotas={"B": (0.5, 0.6)})
    spent = held.frame.groupby("area")["cost"].sum()
    assert 0.5 <= spent["B"] / 500_000 <= 0.6 + 1e-9
    assert held.averted < free.averted
    assert "quota" in held.binding["constraint"].tolist()
    narrow = hyte.allocate(impact, budget=900_000, caps={"low": 1.0, "mid": 0.0, "high": 1.0}, max_gap=0.1)
    assert narrow.gaps["absolute_gap"].iloc[0] <= 0.1 + 1e-9
    floored = hyte.allocate(impact, budget=500_000, floors={"high": 0.1})
    assert (floored.frame.query("group == 'high'")["share"] >= 0.1 - 1e-9).all()
    assert set(floored.binding.query("constraint == 'floor'")["group"]) == {"high"}
    weighted = hyte.allocate(impact, budget=500_000, caps=0.2, aversion=60)
    assert weighted.averted <= hyte.allocate(impact, budget=500_000, caps=0.2).averted + 1e-9


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"budget": 0}, "budget must be euros above 0; not 0"),
        ({"budget": -5}, "budget must be euros above 0"),
        (
            {"budget": 100_000, "floors": 0.10},
            "570,000.00 euros, 470,000.00 euros more than the budget",
        ),
        ({"budget": 1e6, "floors": 0.5, "caps": 0.4}, "6 floors are above their caps"),
        ({"budget": 1e6, "caps": 1.5}, "caps are shares of people, from 0 to 1"),
        ({"budget": 1e6, "caps": {"lwo": 0.5}}, "caps names the group 'lwo'"),
        ({"budget": 1e6, "quotas": {"C": 0.5}}, "quotas names the area 'C'"),
        ({"budget": 1e6, "quotas": {"A": (0.6, 0.5)}}, "quota of A must be shares"),
        ({"budget": 1e4, "max_gap": 0.01}, r"No allocation satisfies every constraint \(gap, budget\)"),
        ({"budget": 1e6, "setup": -1}, "setup must be 0 euros or more"),
    ],
)
def test_what_cannot_be_is_refused(impact, options, expected):
    with pytest.raises(hyte.PlanError, match=expected):
        hyte.allocate(impact, **options)


def test_scenarios_are_what_they_are_called(impact):
    found = hyte.scenarios(impact, budget=400_000, caps=0.6, detail=True)
    share = {name: frame.set_index(["area", "group"])["share"] for name, frame in found.allocation.items()}
    assert np.ptp(share["universal"]) == pytest.approx(0)
    start = impact.by_group.set_index(["area", "group"])["baseline"]
    assert np.ptp(share["proportionate"] / start) == pytest.approx(0)
    reach = impact.by_group.set_index(["area", "group"])["reach"]
    assert np.ptp(share["today"] / reach) == pytest.approx(0)
    targeted = share["targeted"].unstack()
    assert (targeted[["mid", "high"]] == 0).all(axis=None)
    assert np.ptp(targeted["low"]) == pytest.approx(0)
    topped = share["floor_top_up"].unstack()
    np.testing.assert_allclose(topped[["mid", "high"]], share["universal"].iloc[0] / 2)
    assert (topped["low"] > share["universal"].iloc[0]).all()
    frame = found.frame.set_index("scenario")
    for name, rows in found.allocation.items():
        assert rows["averted"].sum() == pytest.approx(frame.loc[name, "averted"])
        assert rows["cost"].sum() == pytest.approx(frame.loc[name, "cost"])
    pooled = impact.pooled.set_index("group")
    after = pooled["baseline"] - found.allocation["targeted"].groupby("group")["averted"].sum() / pooled["population"]
    assert frame.loc["targeted", "absolute_gap"] == pytest.approx(after["low"] - after["high"])
    assert frame.loc["targeted", "relative_gap"] == pytest.approx(after["low"] / after["high"])
    assert found.worst == "low"
    assert found.best == "high"


def test_scenarios_have_intervals_and_so_have_their_differences(impact):
    found = hyte.scenarios(impact, budget=400_000, caps=0.6, detail=True)
    frame = found.frame
    for name in ("averted", "absolute_gap", "absolute_gap_change", "relative_gap"):
        assert (frame[f"{name}_lower"] < frame[name]).all()
        assert (frame[name] < frame[f"{name}_upper"]).all()
    assert len(found.differences) == 3 * 15
    pair = found.differences.set_index(["scenario", "other", "outcome"]).loc[("universal", "targeted", "averted")]
    values = frame.set_index("scenario")["averted"]
    assert pair["difference"] == pytest.approx(values["universal"] - values["targeted"])
    # in the same draws the difference is much surer than the two
    assert pair["upper"] - pair["lower"] < (frame["averted_upper"] - frame["averted_lower"]).iloc[3]
    assert pair["clear"] == (pair["lower"] > 0 or pair["upper"] < 0)


def test_without_order_the_worst_off_are_the_target():
    rows = [("A", "fi", 1, 1_000, 0.1), ("A", "sv", 1, 1_000, 0.3), ("A", "other", 1, 1_000, 0.2)]
    found = hyte.impact(make_cells(rows).drop(columns="order"), make_action(), draws=100)
    detailed = hyte.scenarios(found, budget=10_000, detail=True)
    assert (detailed.worst, detailed.best) == ("sv", "fi")
    assert detailed.allocation["targeted"].set_index("group")["reached"].loc[["fi", "other"]].tolist() == [0, 0]
    chosen = hyte.scenarios(found, budget=10_000, target=["other"], detail=True).allocation["targeted"]
    assert chosen.set_index("group")["reached"]["other"] == pytest.approx(100)
    with pytest.raises(hyte.PlanError, match="target must be one of fi, other, sv; not 'swedish'"):
        hyte.scenarios(found, budget=10_000, target="swedish")


def test_set_ups_that_eat_the_budget_leave_nobody_reached(impact):
    table = hyte.scenarios(impact, budget=100_000, setup=30_000).set_index("scenario")
    assert table.loc["universal", ["reached", "cost", "averted"]].tolist() == [0, 0, 0]
    assert table.loc["targeted", "reached"] > 0
    assert table.loc["optimal", "averted"] >= table["averted"].max() * (1 - 1e-6)


def test_the_frontier_gives_up_cases_for_a_narrower_gap():
    # the most cases for the money are among the well-off, where the action works best
    action = make_action(
        effect={"scale": "rr", "by_group": {"low": 0.9, "mid": 0.8, "high": 0.4}}, cost={"per_person": 100}
    )
    found = hyte.impact(make_cells(TWO_AREAS, se=0.01), action, draws=500, seed=1)
    line = frontier(found, budget=400_000, caps=0.4, steps=8)
    assert len(line) == 8
    assert line["averted"].is_monotonic_decreasing
    assert line["absolute_gap"].is_monotonic_decreasing
    np.testing.assert_allclose(np.diff(line["absolute_gap"]), np.diff(line["absolute_gap"])[0], rtol=1e-5)
    assert line["averted"].iloc[0] == pytest.approx(cases(found, hyte.allocate(found, budget=400_000, caps=0.4)))
    # each point is the best at its gap
    middle = hyte.allocate(found, budget=400_000, caps=0.4, max_gap=line["absolute_gap"].iloc[4])
    assert cases(found, middle) == pytest.approx(line["averted"].iloc[4], rel=1e-6)
    # it gets dearer and dearer: the price of 0.01 at a point lies between the slopes before and after it
    steps = np.diff(line["averted"]) / np.diff(line["absolute_gap"]) * 0.01
    price = line["price"].to_numpy()[1:]
    assert (price >= steps * (1 - 1e-6)).all()
    assert (price[:-1] <= steps[1:] * (1 + 1e-6)).all()
    single = frontier(made(), budget=1e9)
    assert len(single) >= 1
    with pytest.raises(hyte.MeasureError, match="steps must be 2 or more"):
        frontier(found, budget=1, steps=1)


def test_scenarios_on_the_switch_value(impact):
    found = hyte.scenarios(impact, budget=400_000, detail=True)
    switch = found.switch_value("universal", "targeted", names=("Kaikille sama", "Kohdennettu"))
    assert switch.aversion is None  # here the targeted way also averts more
    assert (
        switch.text("sv")
        == "Kohdennettu är bättre ännu när nyttan för gruppen med sämst läge väger 50 gånger så mycket "
        "som för gruppen med bäst läge."
    )
    assert {"universal", "targeted"} < set(found.frame["scenario"])


def test_a_reversed_gap_narrows_towards_nought():
    # the group called most disadvantaged is better off here
    rows = [("A", "low", 1, 10_000, 0.10), ("A", "high", 2, 10_000, 0.16)]
    action = make_action(effect={"scale": "rr", "by_group": {"low": 0.5, "high": 0.8}}, cost={"per_person": 100})
    found = hyte.impact(make_cells(rows, se=0.005), action, draws=500, seed=1)
    gaps = Gaps.of(found)
    assert (gaps.direction, gaps.clear) == (-1, True)
    line = frontier(found, budget=500_000, caps=0.6, steps=5)
    size = line["absolute_gap"].abs()
    assert size.is_monotonic_decreasing
    assert line["averted"].is_monotonic_decreasing
    assert size.iloc[-1] >= -1e-9


def test_a_gap_that_closes_is_not_turned_round():
    rows = [("A", "low", 1, 10_000, 0.17), ("A", "high", 2, 10_000, 0.16)]
    action = make_action(effect={"scale": "rr", "by_group": {"low": 0.5, "high": 0.4}}, cost={"per_person": 100})
    line = frontier(hyte.impact(make_cells(rows, se=0.005), action, draws=500, seed=1), budget=500_000, steps=5)
    assert line["absolute_gap"].iloc[-1] == pytest.approx(0, abs=1e-6)
