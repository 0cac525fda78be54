"""Actions at their borders: nobody helped, no allocation possible, numbers that hold for a part only, one processor."""

import numpy as np
import pandas as pd
import pytest
from made_actions import TWO_AREAS, make_action, make_cells

import hyteanalysis as hyte
from hyteanalysis import i18n
from hyteanalysis.actions import evaluate, simulation
from hyteanalysis.actions.equity import gain


@pytest.fixture(scope="module")
def found():
    return hyte.impact(make_cells(TWO_AREAS, se=0.01), make_action(), draws=100, seed=1)


@pytest.mark.parametrize("setup", [0.0, 500.0])
def test_an_allocation_that_cannot_be_is_refused_with_what_binds(found, setup):
    """Everybody in A costs 3.6 million, so that nine tenths of ten million cannot be spent there."""
    with pytest.raises(
        hyte.PlanError, match=r"No allocation satisfies every constraint \(quota A, budget\): loosen one"
    ):
        hyte.allocate(found, budget=10_000_000, quotas={"A": 0.9}, setup=setup)
    spent = hyte.allocate(found, budget=10_000_000, quotas={"A": 0.3}, setup=setup)
    assert spent.frame.loc[spent.frame["area"] == "A", "cost"].sum() >= 3_000_000 - 1e-3


def test_prices_below_nothing_are_refused(found):
    with pytest.raises(hyte.PlanError, match="setup must be 0 euros or more; not -1"):
        hyte.allocate(found, budget=1_000, setup=-1)


@pytest.mark.parametrize("lang", i18n.LANGS)
def test_an_action_that_helps_nobody_names_nobody_first(lang):
    harm = hyte.impact(make_cells(TWO_AREAS), make_action(effect={"scale": "rr", "value": 1.2}), draws=100, seed=1)
    said = harm.sentences(lang)
    nobody = i18n.text("action.answer.nobody", lang)
    assert nobody in said
    helped = hyte.impact(make_cells(TWO_AREAS), make_action(), draws=100, seed=1).sentences(lang)
    assert nobody not in helped
    assert len(helped) >= 2


def test_what_an_estimate_rests_on_follows_its_numbers():
    def said(**changes):
        one = hyte.impact(make_cells(TWO_AREAS), make_action(**changes), draws=100, seed=1)
        return set(one.notes("en"))

    setup = i18n.text("action.assumed.setup", "en")
    assumed = i18n.text("action.assumed.graded_assumed", "en")
    effect = {"scale": "rr", "value": 0.75, "lower": 0.7, "upper": 0.8}
    assert assumed in said(effect=effect)
    assert assumed not in said(effect={**effect, "grade": "measured here", "source": "Trial 2024"})
    assert setup in said(cost={"per_person": 100, "setup": 5_000})
    assert setup not in said(cost={"per_person": 100})


def nodes(name, **changes):
    one = hyte.impact(make_cells(TWO_AREAS), make_action(**changes), draws=100, seed=1).simulation.inputs[name]
    return {node.label: (node.value, node.lower, node.upper) for node in one.nodes}, one


def test_an_area_of_its_own_numbers_has_the_shared_one_for_its_other_groups():
    known, reach = nodes("reach", reach={"value": 0.1, "by_area": {"A": {"by_group": {"low": 0.3}}}})
    chosen = [reach.nodes[place].value for place in reach.index]
    assert chosen == [0.3, 0.1, 0.1, 0.1, 0.1, 0.1]  # low, mid and high of A, then of B
    assert set(known) == {"", "A low"}


def test_a_shared_interval_is_carried_to_a_groups_own_value():
    effect = {"scale": "rd", "value": -0.05, "lower": -0.08, "upper": -0.02, "by_group": {"low": -0.1}}
    assert nodes("effect", effect=effect)[0]["low"] == pytest.approx((-0.1, -0.13, -0.07))
    ratio = {"scale": "rr", "value": 0.8, "lower": 0.6, "upper": 1.0, "by_group": {"low": 0.4}}
    assert nodes("effect", effect=ratio)[0]["low"] == pytest.approx((0.4, 0.3, 0.5))
    reach = {"value": 0.3, "lower": 0.2, "upper": 0.4, "by_group": {"low": 1.0, "mid": 0.5}}
    known = nodes("reach", reach=reach)[0]
    assert known["low"] == (1.0, 1.0, 1.0)  # everybody is everybody

    def odds(share):
        return share / (1 - share)

    for shared, own in zip((0.2, 0.4), known["mid"][1:], strict=True):
        assert odds(own) / odds(0.5) == pytest.approx(odds(shared) / odds(0.3))


def test_as_many_threads_as_there_are_give_the_same_draws(monkeypatch):
    def ranks(processors):
        monkeypatch.setattr(simulation.os, "cpu_count", lambda: processors)
        one = hyte.impact(make_cells(TWO_AREAS, se=0.01), make_action(), draws=6_000, seed=1)
        return one.ranking("total", by="cell")

    alone = ranks(1)
    monkeypatch.setattr(simulation, "_THREADED", 0)
    pd.testing.assert_frame_equal(ranks(2), alone)


def test_without_aversion_the_gain_is_that_of_the_average():
    before, after = np.array([[0.7, 0.9]]), np.array([[0.75, 0.92]])
    people = np.array([1_000.0, 3_000.0])
    for index in ("atkinson", "kolm"):
        found = gain(before, after, people, index=index, aversion=0.0)
        assert found == pytest.approx([(0.05 * 1_000 + 0.02 * 3_000) / 4_000])


def test_the_gain_by_ginis_index_is_that_of_all_pairs():
    before, after = np.array([0.7, 0.9, 0.4]), np.array([0.75, 0.92, 0.6])
    people = np.array([1_000.0, 3_000.0, 500.0])
    share = people / people.sum()

    def equivalent(health):
        """The average less half of what two people drawn at random differ by."""
        return share @ health - share @ np.abs(health[:, None] - health) @ share / 2

    found = gain(before[None], after[None], people, index="gini", aversion=None)
    assert found == pytest.approx([equivalent(after) - equivalent(before)])


def test_few_treated_areas_and_the_order_of_groups_are_told():
    rng = np.random.default_rng(1)
    rows = pd.MultiIndex.from_product([range(12), range(4), ["high", "low"]], names=["area", "year", "group"])
    data = rows.to_frame(index=False)
    data["ill"] = 0.3 + 0.02 * rng.normal(size=len(data))
    data["group"] = pd.Categorical(data["group"], ["low", "mid", "high"])
    options = {"design": "did", "treatment": "treated", "cluster": "area", "period": "year", "by": "group"}

    def told(treated):
        on = ((data["area"] < treated) & (data["year"] >= 2)).astype(int)
        return evaluate(data.assign(treated=on), "ill", **options, scale="rd")

    few = i18n.text("action.design.few_treated", "en", count="4")
    assert few in told(4).assumptions("en")
    assert not any("4 " in line for line in told(5).assumptions("en"))
    assert told(5).frame["group"].tolist() == ["low", "high"]  # as the categories stand, not as the rows do
