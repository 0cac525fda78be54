"""What cannot be answered is refused, by a message that names it and says what is allowed."""

import numpy as np
import pandas as pd
import pytest
from made_actions import TWO_AREAS, make_action, make_cells
from released import education, made

import hyteanalysis as hyte
from hyteanalysis.actions import combine, dominance, equity_impact, evaluate, evpi
from hyteanalysis.actions.equity import equivalents

DATA = {"id": "a", "name": "A", "outcome": "o", "dimension": "d", "effect": {"scale": "rr", "value": 0.8}, "reach": 0.1}


@pytest.fixture(scope="module")
def found():
    return hyte.impact(make_cells(TWO_AREAS, se=0.01), make_action(), draws=100, seed=1)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"effect": {"scale": "rr", "value": 0}}, r"effect.value: must be above 0; not 0"),
        ({"effect": {"scale": "or", "value": -0.1}}, r"effect.value: must be above 0; not -0.1"),
        ({"effect": {"scale": "rd", "value": -1.2}}, r"effect.value: must be between -1 and 1; not -1.2"),
        ({"effect": {"scale": "rr", "value": 0.8, "lower": 0.7, "upper": 0.75}}, r"effect.upper: .* hold the value"),
        ({"effect": {"scale": "rr"}}, r"effect: needs a value, or values by group or by area"),
        ({"effect": {"scale": "rr", "lower": 0.7, "by_group": {"low": 0.8}}}, r"lower: an interval needs its value"),
        ({"reach": {"by_group": {"low": {"source": "here"}}}}, r"reach.by_group.low: needs a value"),
        ({"reach": {"by_group": {"low": {"by_group": {"high": 1}}}}}, r"holds no further groups or areas"),
        ({"reach": {"by_area": {"A": {"value": 0.1, "by_area": {"B": 0.1}}}}}, r"holds no further areas"),
        ({"reach": 1.01}, r"reach.value: must be between 0 and 1; not 1.01"),
        ({"reach": {"offered": 0.5, "uptake": -0.1}}, r"reach.uptake.value: must be between 0 and 1; not -0.1"),
        ({"horizon_years": {"value": 3, "lower": 2, "upper": 4}}, r"horizon_years: years have no interval"),
        ({"name": " "}, r"name: needs a name in at least one language"),
        ({"discount": float("nan")}, r"discount.value: "),
    ],
)
def test_an_action_that_cannot_be(changes, expected):
    with pytest.raises(hyte.PlanError, match=expected):
        hyte.Action.from_dict({**DATA, **changes})


def test_an_action_is_a_mapping():
    with pytest.raises(hyte.PlanError, match="the action: "):
        hyte.Action.from_dict([1, 2])


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(hyte.PlanError, match=r"none.yml: cannot be read"):
        hyte.Action.read(tmp_path / "none.yml")
    (tmp_path / "latin.yml").write_bytes("id: työ".encode("latin-1"))
    with pytest.raises(hyte.PlanError, match=r"is not UTF-8 text\. Save it as UTF-8"):
        hyte.Action.read(tmp_path / "latin.yml")
    (tmp_path / "list.yml").write_text("- 1", encoding="utf-8")
    with pytest.raises(hyte.PlanError, match="line 1: an action is a mapping"):
        hyte.Action.read(tmp_path / "list.yml")


def test_cells_that_do_not_hold_what_is_asked(cells):
    with pytest.raises(hyte.PlanError, match="A mid: the people helped are unknown"):
        hyte.impact(cells.assign(population=[12_000, np.nan, 9_000, 6_000, 5_000, 3_000]), make_action())
    with pytest.raises(hyte.PlanError, match="has no number that may be used"):
        hyte.impact(cells.assign(estimate=np.nan, se=np.nan), make_action())
    half = cells.assign(period=["2024"] * 3 + ["2020"] * 3)
    with pytest.raises(hyte.PlanError, match="B: no number that may be used in this period"):
        hyte.impact(half, make_action(), areas="B")
    with pytest.raises(hyte.TidyError, match="several values of scale"):
        hyte.impact(cells.assign(scale=[1.0, 1, 1, 100, 100, 100]), make_action())


def test_a_release_that_lacks_what_an_action_names():
    release = made(education("smoking", "HVA08", "2022", (23.3, 15.8, 6.2)))
    with pytest.raises(hyte.PlanError, match=r"outcome of action must be one of .*smoking"):
        hyte.impact(release, make_action())
    with pytest.raises(hyte.PlanError, match=r"dimension of action must be one of education; not 'sex'"):
        hyte.impact(release, make_action(outcome="smoking", dimension="sex"))
    found = hyte.impact(release, make_action(outcome="smoking"), draws=100, seed=1)
    assert found.baseline.names.area("HVA08", "en") == "Pirkanmaa wellbeing services county"


def test_rankings_and_weights_that_make_no_sense(found):
    with pytest.raises(hyte.MeasureError, match="top must be 1 or more; not 0"):
        found.ranking("total", top=0)
    with pytest.raises(hyte.MeasureError, match="aversion must be 0 or more; not -1"):
        found.ranking("equity_weighted", aversion=-1)
    with pytest.raises(hyte.MeasureError, match="by must be one of cell, group"):
        found.ranking("total", by="area")
    with pytest.raises(hyte.MeasureError, match="spread must be between 0 and 1; not 2"):
        found.tornado(spread=2)
    free = hyte.impact(make_cells(TWO_AREAS), make_action(cost={"per_person": 0}), draws=100)
    with pytest.raises(hyte.MeasureError, match="per_euro needs a price"):
        free.information("per_euro")
    everybody = make_cells([("A", "low", 1, 100, 1.0), ("A", "high", 2, 100, 0.5)])
    with pytest.raises(hyte.MeasureError, match=r"has no Atkinson weight\. Use index='kolm'"):
        hyte.impact(everybody, make_action(), draws=100).ranking("equity_weighted")


def test_distributions_that_do_not_fit():
    with pytest.raises(hyte.MeasureError, match="must have 2 groups, as population has"):
        equity_impact([0.5, 0.6, 0.7], [0.5, 0.6, 0.7], [1, 1])
    with pytest.raises(hyte.MeasureError, match="tolerance must be 0 or more; not -1"):
        equity_impact([0.5, 0.6], [0.5, 0.6], [1, 1], tolerance=-1)
    with pytest.raises(hyte.MeasureError, match="index must be one of"):
        equity_impact([0.5, 0.6], [0.5, 0.6], [1, 1], index="theil")
    with pytest.raises(hyte.MeasureError, match="aversion"):
        equivalents(np.array([[0.5, 0.6]]), np.array([1.0, 1.0]), index="atkinson", aversion=-2.0)
    with pytest.raises(hyte.MeasureError, match="2 groups need as many populations above 0"):
        dominance(pd.DataFrame({"a": [0.1, 0.2], "b": [0.2, 0.3]}), population=[1, 0])
    with pytest.raises(hyte.MeasureError, match="options × draws"):
        evpi([1.0, 2.0])


def test_actions_that_cannot_be_combined(cells, found):
    with pytest.raises(hyte.PlanError, match="two or more different actions"):
        combine([found, found])
    other = hyte.impact(cells, make_action(id="other"), draws=200, seed=1)
    with pytest.raises(hyte.MeasureError, match="same cells with the same draws and seed"):
        combine([found, other])


def test_data_from_which_no_effect_can_be_told():
    trial = pd.DataFrame({"ill": [0, 1] * 20, "treated": [0, 0, 1, 1] * 10, "area": list("abcd") * 10, "year": 1})
    options = {"design": "trial", "treatment": "treated"}
    with pytest.raises(hyte.MeasureError, match="Every row lacks a value"):
        evaluate(trial.assign(ill=np.nan), "ill", **options)
    with pytest.raises(hyte.MeasureError, match=r"level must be a share between 0 and 1, such as 0\.95; not 95"):
        evaluate(trial, "ill", **options, level=95)
    panel = {"design": "before_after", "treatment": "treated", "cluster": "area", "period": "year", "scale": "rd"}
    rows = pd.MultiIndex.from_product([list("abcd"), [1, 2], [0, 1]], names=["area", "year", "ill"])
    two = rows.to_frame(index=False)
    with pytest.raises(hyte.MeasureError, match="treated = 1 in both periods of a treated area"):
        evaluate(two.assign(treated=((two["area"] == "a") & (two["year"] == 2)).astype(int)), "ill", **panel)
    with pytest.raises(hyte.MeasureError, match=r"needs comparison areas: some without the action\."):
        evaluate(two.assign(treated=1), "ill", **panel)


def test_distributions_are_the_ones_that_are_named(exact_cells):
    named = {
        "effect": {"scale": "rd", "value": -0.05, "lower": -0.08, "upper": -0.02},
        "reach": {"value": 0.3, "lower": 0.2, "upper": 0.4, "distribution": "logit-normal", "by_group": {"low": 1.0}},
        "cost": {"per_person": {"value": 100, "lower": 50, "upper": 200, "distribution": "lognormal"}},
        "retention": {"value": 1.0, "lower": 0.9, "upper": 1.0},
        "horizon_years": 2,
    }
    drawn = hyte.impact(exact_cells, make_action(**named), draws=20_000, seed=1).simulation
    middle = {name: np.quantile(one.draws[-1], [0.025, 0.5, 0.975]) for name, one in drawn.inputs.items()}
    np.testing.assert_allclose(middle["effect"], [-0.08, -0.05, -0.02], atol=1e-3)
    # symmetric on the logit: as wide as from 0.2 to 0.4, about 0.3
    width = np.log(0.4 / 0.6) - np.log(0.2 / 0.8)
    logits = np.log(middle["reach"] / (1 - middle["reach"])) - np.log(0.3 / 0.7)
    np.testing.assert_allclose(logits, [-width / 2, 0, width / 2], atol=0.02)
    np.testing.assert_allclose(middle["cost.per_person"], [50, 100, 200], rtol=0.03)
    assert (drawn.reach.draws[0] == 1).all()
    np.testing.assert_allclose(middle["retention"], 1.0)


def test_results_tell_what_they_are(found):
    best = hyte.allocate(found, budget=100_000)
    assert repr(best).startswith("<Allocation of 100,000 euros: ")
    assert repr(found) == "<Impact of action: 6 cells, 100 draws>"


@pytest.mark.parametrize("target", ["averted", "relative_gap_change"])
def test_many_numbers_of_one_input_are_moved_together(target):
    rows = [(f"a{i}", group, order, 1_000, share) for i in range(14) for group, order, share in
            (("low", 1, 0.3), ("high", 2, 0.2))]  # fmt: skip
    reach = {f"a{i}": {"value": 0.1 + 0.01 * i, "lower": 0.08 + 0.01 * i, "upper": 0.13 + 0.01 * i} for i in range(14)}
    price = {f"a{i}": 100 + i for i in range(14)}
    action = make_action(reach={"by_area": reach}, cost={"per_person": {"by_area": price}},
                         effect={"scale": "rd", "value": -0.05})  # fmt: skip
    found = hyte.impact(make_cells(rows), action, draws=100, seed=1)
    moved = found.tornado(target).set_index("input")
    assert moved.loc["reach", "basis"] == "interval"
    assert moved.loc["reach", "low"] < 1 < moved.loc["reach", "high"]
    assert moved.loc["effect", "basis"] == "assumed"
    priced = found.tornado("cost_per_case").set_index("input")
    assert (priced.loc["cost.per_person", "low"], priced.loc["cost.per_person", "high"]) == (0.8, 1.2)


def test_information_by_every_criterion(found):
    for criterion in ("per_reached", "total", "per_euro", "equity_weighted"):
        table = found.information(criterion).set_index("input")
        assert (table["value"] >= 0).all()
        ranked = found.ranking(criterion, by="group")
        assert ranked["p_best"].sum() == pytest.approx(1)
