"""Switch value, dominance, tornado, value of information."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from made_actions import TWO_AREAS, make_action, make_cells

import hyteanalysis as hyte
from hyteanalysis.actions import dominance, evpi, evppi
from hyteanalysis.inequality import ede

health = st.lists(st.tuples(st.integers(100, 9_000), st.floats(0.2, 0.9)), min_size=2, max_size=5)


@settings(max_examples=20)
@given(health, st.floats(0.0005, 0.02), st.floats(0.3, 0.9))
def test_at_the_switch_both_are_equally_good(found, lift, part):
    people = np.array([size for size, _ in found], dtype=float)
    start = np.array([share for _, share in found])
    worst = start == start.min()
    assume(worst.sum() == 1)
    # the same for all, against a smaller sum that goes to the worst-off alone
    alike = start + lift
    gift = part * lift * people.sum() / people[worst]
    assume((start[worst] + gift < np.sort(start)[1]).all())
    aimed = start + worst * gift
    for index in ("atkinson", "kolm"):
        switch = hyte.switch_value(alike, aimed, population=people, index=index, names=("alike", "aimed"))
        if switch.aversion is None:
            assert switch.above == "alike"
            continue
        first, second = (ede(one, people, index=index, aversion=switch.aversion) for one in (alike, aimed))
        assert first == pytest.approx(second, rel=1e-8)
        assert (switch.above, switch.below) == ("aimed", "alike")
        stronger = min(switch.aversion * 1.2, 50)
        if not switch.others and stronger > switch.aversion:
            assert (
                ede(aimed, people, index=index, aversion=stronger)
                > ede(alike, people, index=index, aversion=stronger) - 1e-12
            )
        best, least = alike.max(), alike.min()
        weight = (best / least) ** switch.aversion if index == "atkinson" else np.exp(switch.aversion * (best - least))
        assert switch.weight == pytest.approx(weight)
        assert "aimed on parempi" in switch.text("fi")


def test_no_switch_and_several_switches_are_told():
    same = hyte.switch_value([0.5, 0.8], [0.5, 0.8], population=[1, 1])
    assert (same.aversion, same.weight, same.above) == (None, None, None)
    assert same.text("en") == "The options are equally good."
    better = hyte.switch_value([0.5, 0.8], [0.6, 0.8], population=[1, 1], names=("a", "b"))
    assert better.aversion is None
    assert better.text("fi").startswith("b on parempi riippumatta")
    # two turns: b is better at both ends
    twice = hyte.switch_value([20, 40, 100.0], [20.06, 39.36, 101.08], population=[1, 1, 1], names=("a", "b"))
    assert len(twice.others) == 1
    assert twice.aversion < twice.others[0]
    assert (twice.above, twice.below) == ("a", "b")
    assert twice.weight == pytest.approx(5**twice.aversion)  # a's best has 100, its worst 20
    assert twice.text("sv").endswith("(1 gång).")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (([0.5], [0.5, 0.6], [1, 1]), "must be of one length"),
        (([0.0, 0.5], [0.1, 0.5], [1, 1]), "health must be above 0. Use index='kolm'"),
        (([0.2, 0.5], [0.1, 0.5], [0, 0]), "population positive"),
        (([0.2, np.nan], [0.1, 0.5], [1, 1]), "must be numbers"),
    ],
)
def test_a_switch_of_nothing_is_refused(arguments, expected):
    a, b, people = arguments
    with pytest.raises(hyte.MeasureError, match=expected):
        hyte.switch_value(a, b, population=people)


@given(health, st.floats(0.5, 1.5))
def test_better_for_all_dominates_in_every_way_but_the_shares(found, factor):
    people, start = np.array(found).T
    options = pd.DataFrame({"a": start, "b": start * factor, "c": start + 0.05})
    table = dominance(options, population=people).set_index(["baseline", "option"])
    assert (
        table.loc[("a", "c"), ["pareto", "generalized_lorenz", "second_order_generalized_lorenz"]].eq("dominates").all()
    )
    # proportional changes, and rounding, move no share
    assert table.loc[("a", "b"), "lorenz"] == "equal"
    opposite = {"dominates": "dominated", "dominated": "dominates", "none": "none", "equal": "equal"}
    for pair, row in table.iterrows():
        assert row.map(opposite).tolist() == table.loc[pair[::-1]].tolist()


@pytest.fixture
def impact():
    action = make_action(
        effect={"scale": "rr", "value": 0.75, "lower": 0.65, "upper": 0.86},
        reach={"value": 0.2, "by_group": {"low": {"value": 0.1, "lower": 0.05, "upper": 0.18}}},
        retention={"value": 0.6, "lower": 0.5, "upper": 0.7},
        horizon_years=3,
    )
    return hyte.impact(make_cells(TWO_AREAS, se=0.01), action, draws=4_000, seed=1)


def test_the_tornado_is_the_estimate_at_each_end(impact):
    found = impact.tornado("averted").set_index(["input", "label"])
    width = (found["at_high"] - found["at_low"]).abs()
    assert width.is_monotonic_decreasing
    total = impact.by_group["averted"].sum()
    effect = found.loc[("effect", "")]
    assert (effect["low"], effect["high"], effect["basis"]) == (0.65, 0.86, "interval")
    assert effect["at_low"] == pytest.approx(total * 0.35 / 0.25)
    low = impact.by_group.query("group == 'low'")["averted"].sum()
    reach = found.loc[("reach", "low")]
    assert reach["at_high"] == pytest.approx(total + low * 0.8)
    assert found.loc[("reach", "")]["basis"] == "assumed"
    assert found.loc[("population", ""), "at_high"] == pytest.approx(1.2 * total)
    # prices and years change no cases
    assert not {"cost.per_person", "retention"} & set(found.index.get_level_values(0))
    assert "assumed" not in set(impact.tornado("averted", spread=None)["basis"])
    years = impact.tornado("person_years").set_index("input")
    assert years.loc["retention", "at_high"] == pytest.approx(total * (1 + 0.7 + 0.49))
    dear = impact.tornado("cost_per_case").set_index("input")
    assert dear.loc["cost.per_person", "at_high"] == pytest.approx(120 * impact.by_group["reached"].sum() / total)


def test_the_turning_point_is_where_the_gap_stays(impact):
    found = impact.tornado("absolute_gap_change").set_index(["input", "label"])
    turn = found.loc[("reach", "low"), "turning_point"]
    assert 0 < turn < 1
    moved = make_action(reach={"value": 0.2, "by_group": {"low": turn}})
    same = hyte.impact(make_cells(TWO_AREAS), moved, draws=100).pooled.set_index("group")
    before, after = (same.loc["low", name] - same.loc["high", name] for name in ("baseline", "after"))
    assert after == pytest.approx(before, abs=1e-9)
    with pytest.raises(hyte.MeasureError, match="target must be one of"):
        impact.tornado("gap")


def test_information_is_worth_no_more_than_everything(impact):
    found = impact.information("total").set_index("input")
    assert found.index[0] == "everything"
    parts = found.drop("everything")
    assert {"effect", "reach", "baseline"} == set(parts.index)
    assert (parts["value"] >= 0).all()
    assert (parts["value"] <= found.loc["everything", "value"] + 1e-9).all()
    # one shared effect changes no order of the groups: only the reach of one of them does
    assert parts.loc["effect", "share"] < 0.05
    assert parts.loc["reach", "share"] > 0.8
    certain = hyte.impact(make_cells(TWO_AREAS), make_action(), draws=100).information()
    assert certain["value"].tolist() == [0.0]


@settings(max_examples=15)
@given(st.integers(2, 5), st.integers(0, 99))
def test_value_of_information_is_bounded(options, seed):
    rng = np.random.default_rng(seed)
    cause, noise = rng.normal(size=(2, options, 400))
    values = cause + noise + rng.normal(size=(options, 1))
    whole = evpi(values)
    assert whole >= 0
    assert 0 <= evppi(values, cause) <= whole
    assert evppi(values, cause) <= evppi(values, np.vstack([cause, noise])) * 1.25 + 0.02
    assert evppi(values, np.ones(400)) == 0
    with pytest.raises(hyte.MeasureError, match="use the same draws"):
        evppi(values, cause[:, :-1])


def test_a_switch_far_away_is_found_and_an_end_is_told():
    """Two options whose order turns only at an aversion of about 70, where the worst-off count 3.6 times."""
    a, b, people = np.array([0.9800, 0.9980]), np.array([0.9804, 0.99779]), np.array([1_000.0, 7_000.0])
    far = hyte.switch_value(a, b, population=people, names=("a", "b"))
    assert far.aversion > 50
    assert (far.above, far.below) == ("b", "a")
    assert far.weight == pytest.approx((0.998 / 0.98) ** far.aversion)
    # far beyond what is looked at: nothing is said of every weight
    never = hyte.switch_value([0.5, 0.8], [0.5 + 1e-12, 0.79], population=[1, 1_000_000], names=("a", "b"))
    assert never.most >= 50
    assert never.text("en").startswith("a is still better when the gain of the worst-off group counts 50 times")


def test_a_switch_has_an_interval_where_its_options_have_draws(impact):
    rng = np.random.default_rng(1)
    noise = 0.002 * rng.normal(size=(2_000, 2))
    a, b, people = np.array([0.62, 0.92]), np.array([0.64, 0.91]), np.array([1_000.0, 3_000.0])
    found = hyte.switch_value(
        a, b, population=people, draws=(a + noise, b + noise + 0.001 * rng.normal(size=(2_000, 2)))
    )
    assert found.lower < found.aversion < found.upper
    assert found.p_switch > 0.95
    scenarios = hyte.scenarios(impact, budget=300_000, detail=True).switch_value("universal", "today", interval=True)
    assert 0 <= scenarios.p_switch <= 1


def test_equity_weights_look_at_the_wellbeing_that_is_given(impact):
    years = {"low": 60.0, "mid": 66.0, "high": 72.0}
    ranked = impact.ranking("equity_weighted", by="group", wellbeing=years, aversion=10).set_index("group")["value"]
    plain = impact.ranking("total", by="group").set_index("group")["value"]
    weight = (ranked / plain).to_dict()
    assert weight["low"] / weight["high"] == pytest.approx((72 / 60) ** 10)
    assert (
        hyte.allocate(impact, budget=200_000, wellbeing=years, aversion=10)
        .frame.query("reached > 0")["group"]
        .eq("low")
        .all()
    )
    with pytest.raises(hyte.MeasureError, match=r"wellbeing names each group once: high, low, mid\. Not so for: mid"):
        impact.ranking("equity_weighted", wellbeing={"low": 60, "high": 70})
