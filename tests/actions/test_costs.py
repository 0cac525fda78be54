"""What an action costs, what the same money would give elsewhere, how actions compare, and what a file says."""

import numpy as np
import pytest
from made_actions import TWO_AREAS, make_action, make_cells
from typer.testing import CliRunner

import hyteanalysis as hyte
from hyteanalysis.actions.model import library
from hyteanalysis.cli import app


def found(**changes):
    return hyte.impact(make_cells(TWO_AREAS, se=0.01), make_action(**changes), draws=2_000, seed=1)


def total(impact):
    return impact.totals.set_index("quantity")


@pytest.mark.parametrize(("per", "times"), [("action", 1), ("area", 2), ("site", 6)])
def test_a_set_up_means_the_same_in_the_totals_and_in_the_scenarios(per, times):
    """30,000 euros and no more, however many groups the action is opened for."""
    one = found(cost={"per_person": 100, "setup": {"amount": 30_000, "per": per}})
    reached = one.by_group["reached"].sum()
    assert total(one).loc["cost", "value"] == pytest.approx(100 * reached + times * 30_000)
    ways = hyte.scenarios(one, budget=800_000).set_index("scenario")
    assert ways.loc["universal", "reached"] == pytest.approx((800_000 - times * 30_000) / 100)
    assert ways.loc["universal", "cost"] == pytest.approx(800_000)


def test_an_old_file_with_a_plain_set_up_is_read_as_one_for_the_action():
    assert make_action(cost={"per_person": 1, "setup": 5_000}).cost.per == "action"
    assert make_action(cost={"setup": {"by_area": {"A": 1, "B": 2}}}).cost.per == "area"
    assert make_action(cost={"setup": 5_000}).to_dict()["cost"] == {"setup": 5_000}
    with pytest.raises(hyte.PlanError, match=r"cost.setup.per: an amount for the whole action is one number"):
        make_action(cost={"setup": {"per": "action", "amount": {"by_area": {"A": 1}}}})
    with pytest.raises(hyte.PlanError, match=r"cost.yearly.per: set-up is per action, yearly costs per area: say one"):
        make_action(cost={"setup": 1, "yearly": {"amount": 1, "per": "area"}})


def test_costs_are_whole():
    cost = {"per_person": 40, "step": {"size": 8, "amount": 480}, "setup": 1_000, "yearly": 2_000}
    one = found(cost=cost, horizon_years=3, discount=0.25, retention=0.5)
    reached = one.by_group["reached"].sum()
    spent = 100 * reached + 1_000 + 2_000 * (1 + 0.8 + 0.64)
    assert total(one).loc["cost", "value"] == pytest.approx(spent)
    years = one.by_group["averted"].sum() * (1 + 0.4 + 0.16)
    assert total(one).loc["cost_per_person_year", "value"] == pytest.approx(spent / years)


def test_prices_of_another_country_and_year_are_told_in_euros_of_today():
    one = found(cost={"per_person": 17, "currency": "GBP", "rate": 1.2, "index": 1.1, "year": 2017})
    assert one.by_group["cost"].sum() == pytest.approx(17 * 1.2 * 1.1 * one.by_group["reached"].sum())
    with pytest.raises(hyte.PlanError, match=r"cost.rate: is needed: how many euros one GBP is"):
        make_action(cost={"per_person": 17, "currency": "GBP"})
    with pytest.raises(hyte.PlanError, match=r"cost.currency: must be 'EUR'"):
        make_action(cost={"per_person": 17, "currency": "XYZ"})


def test_person_years_and_their_price_have_intervals_also_where_groups_keep_the_effect_differently():
    changes = {"effect": {"scale": "rr", "value": 0.75, "lower": 0.65, "upper": 0.86}, "horizon_years": 2}
    one = found(retention={"value": 0.5, "by_group": {"low": 0.9}}, **changes)
    table = total(one)
    assert table.loc["person_years", "value"] == pytest.approx(one.by_group["person_years"].sum())
    drawn = one.simulation.person_years(one.summary.helped)
    factor = np.where(one.simulation.groups["group"] == "low", 1.9, 1.5)[:, None]
    np.testing.assert_allclose(drawn, one.summary.helped * factor, rtol=1e-5)
    for quantity in ("person_years", "cost_per_person_year"):
        assert table.loc[quantity, "lower"] < table.loc[quantity, "value"] < table.loc[quantity, "upper"]


def test_net_benefit_takes_off_what_the_money_would_have_given_elsewhere():
    saving = {"per_person": 100, "saving": 500}
    one = found(cost=saving)
    years, cost = one.by_group["person_years"].sum(), one.by_group["cost"].sum()
    assert total(one).loc["net_cost", "value"] == pytest.approx(cost - 500 * years)
    table = one.net_benefit(20_000)
    given = (cost - 500 * years) / 20_000
    assert table["displaced"].sum() == pytest.approx(given)
    assert table["net_benefit"].sum() == pytest.approx(years - given)
    people = table["population"] / table["population"].sum()
    np.testing.assert_allclose(table["displaced"], given * people)
    assert (table["net_benefit_lower"] < table["net_benefit"]).all()
    stated = one.net_benefit(20_000, displaced={"low": 1.0}).set_index("group")["displaced"]
    assert stated.to_dict() == pytest.approx({"low": given, "mid": 0, "high": 0})
    # a dearer action stands lower on the plane, and one that costs what it gives stands at nought
    assert one.plane(threshold=20_000)["efficiency"].iloc[0] == pytest.approx(years - given)
    even = (cost - 500 * years) / years
    assert one.plane(threshold=even)["efficiency"].iloc[0] == pytest.approx(0, abs=1e-6)
    with pytest.raises(hyte.MeasureError, match=r"sum to 0\.6"):
        one.net_benefit(20_000, displaced={"low": 0.6})
    with pytest.raises(hyte.MeasureError, match="threshold must be euros above 0"):
        one.net_benefit(0)


def test_the_scale_of_one_shared_effect_decides_who_benefits_most_and_says_so():
    one = found(effect={"scale": "rr", "value": 0.75, "lower": 0.65, "upper": 0.86}, reach=0.2)
    first = one.by_scale("per_reached")
    chance = first.set_index(["scale", "group"])["p_best"]
    assert chance["rr", "low"] == pytest.approx(1)
    # one risk difference helps all alike
    assert chance["rd"].tolist() == pytest.approx([1 / 3] * 3)
    assert chance["mean"].sum() == pytest.approx(1)
    rd = first[first["scale"] == "rd"]["value"]
    assert np.ptp(rd) == pytest.approx(0)
    assert "effect.scale" in set(one.tornado("absolute_gap_change")["input"])
    assert any("The scale decides the order" in line for line in one.notes("en"))
    own = found(effect={"scale": "rr", "value": 0.75, "by_group": {"low": 0.9}})
    assert "effect.scale" not in set(own.tornado()["input"])
    with pytest.raises(hyte.MeasureError, match="one effect shared by all groups"):
        own.by_scale()


def test_actions_compare_for_one_group_at_equal_money():
    cells = make_cells(TWO_AREAS, se=0.01)
    reach = {"of": "affected", "offered": 0.5, "uptake": 0.5}
    effect = {"scale": "rr", "value": 0.9, "lower": 0.85, "upper": 0.95, "certainty": "moderate"}
    dear = make_action(id="dear", effect=effect, cost={"per_person": 300}, reach=reach)
    cheap = make_action(
        id="cheap", effect={**effect, "value": 0.96, "upper": 0.99}, cost={"per_person": 40}, reach=reach
    )
    table = hyte.compare(cells, [dear, cheap], group="low", budget=60_000, draws=2_000, seed=1).set_index("action")
    # 200 are served by the dear one, 1,500 by the cheap one
    affected = 0.22 * 12_000 + 0.26 * 6_000
    assert table.loc["dear", ["reached", "averted"]].tolist() == pytest.approx([200, 20])
    assert table.loc["cheap", ["reached", "averted"]].tolist() == pytest.approx([1_500, 60])
    assert table["p_best"].sum() == pytest.approx(1)
    assert table.loc["cheap", "p_best"] > 0.5
    assert table.loc["cheap", "certainty"] == "moderate"
    assert table.loc["cheap", "gap_change"] == pytest.approx(-60 / 18_000)
    much = hyte.compare(cells, [dear, cheap], group="low", budget=1e6, draws=100, seed=1).set_index("action")
    assert much["reached"].tolist() == pytest.approx([0.5 * affected] * 2)
    assert much.loc["cheap", "left"] == pytest.approx(1e6 - 40 * 0.5 * affected)
    with pytest.raises(hyte.PlanError, match="group must be one of high, low, mid; not 'poor'"):
        hyte.compare(cells, [dear, cheap], group="poor", budget=1_000)
    with pytest.raises(hyte.PlanError, match="two or more different actions"):
        hyte.compare(cells, [dear, dear], group="low", budget=1_000)


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_a_file_is_explained_in_sentences(lang):
    for path in library().values():
        result = CliRunner().invoke(app, ["action", "check", str(path), "--lang", lang])
        assert result.exit_code == 0, result.output
        assert len(result.stdout.splitlines()) > 5
    said = CliRunner().invoke(app, ["action", "check", str(library()["debt-advice"]), "--lang", "en"]).stdout
    assert "Reach is a share of all people of a group." in said
    assert "Note: the file does not say of whom reach is (reach.of)" in said
