"""Who is reached: of people or of the affected, at what risk, how many would come, and how groups share a reach."""

import numpy as np
import pytest
from made_actions import TWO_AREAS, make_action, make_cells

import hyteanalysis as hyte
from hyteanalysis.actions.simulation import risk_reduction

ONE = [("A", "all", 1, 100_000, 0.15)]
SERVICE = {"effect": {"scale": "rr", "value": 0.92}, "cost": {"per_person": 120}}
CHAIN = {"offered": 0.5, "uptake": {"value": 0.4, "by_group": {"low": 0.3}}, "completion": 0.5}


def found(rows=TWO_AREAS, draws=200, cells=None, **changes):
    return hyte.impact(make_cells(rows, **(cells or {})), make_action(**changes), draws=draws, seed=1)


@pytest.mark.parametrize(
    ("reach", "reached", "helped", "cost", "needed"),
    [
        ({"of": "affected", "value": 0.10}, 1_500, 120, 180_000, 12.5),
        (0.10, 10_000, 120, 1_200_000, 1 / 0.012),
        ({"eligible": 0.15, "offered": 0.10}, 1_500, 18, 180_000, 1 / 0.012),
    ],
)
def test_a_service_for_a_tenth_of_smokers_serves_1500_and_helps_120(reach, reached, helped, cost, needed):
    """Three readings of one service (evidence, section 5); only the first says who is served."""
    row = found(ONE, reach=reach, **SERVICE).by_group.iloc[0]
    assert [row["reached"], row["averted"], row["cost"], row["nnt"]] == pytest.approx([reached, helped, cost, needed])


def test_risk_of_those_reached_multiplies_their_groups():
    plain, high = found(ONE, reach=0.1), found(ONE, reach={"value": 0.1, "risk": 2.5})
    assert high.by_group["averted"].iloc[0] == pytest.approx(2.5 * plain.by_group["averted"].iloc[0])
    assert high.by_group["nnt"].iloc[0] == pytest.approx(plain.by_group["nnt"].iloc[0] / 2.5)
    unsure = found(ONE, reach={"value": 0.1, "risk": {"value": 2.5, "lower": 2, "upper": 3.1}}, draws=20_000).by_group
    np.testing.assert_allclose(unsure["arr_lower"], 0.15 * 2 * 0.25, rtol=0.01)
    np.testing.assert_allclose(unsure["arr_upper"], 0.15 * 3.1 * 0.25, rtol=0.01)


def test_a_reach_of_the_affected_is_as_unsure_as_their_number():
    sure = found(ONE, reach={"of": "affected", "value": 0.1}, **SERVICE)
    unsure = found(ONE, cells={"se": 0.02}, draws=20_000, reach={"of": "affected", "value": 0.1}, **SERVICE)
    assert sure.by_group["averted_lower"].iloc[0] == sure.by_group["averted_upper"].iloc[0] == pytest.approx(120)
    totals = unsure.totals.set_index("quantity")
    for quantity, each in (("averted", 0.08), ("reached", 1), ("cost", 120)):
        np.testing.assert_allclose(totals.loc[quantity, "lower"], 100_000 * 0.1 * 0.115 * each, rtol=0.03)
        np.testing.assert_allclose(totals.loc[quantity, "upper"], 100_000 * 0.1 * 0.193 * each, rtol=0.03)
    # what one person reached gains does not hang on how many there are
    assert unsure.by_group["nnt_lower"].iloc[0] == pytest.approx(12.5)


@pytest.mark.parametrize(
    ("share", "ratio", "low", "others"), [(0.558 * 0.410, 1.30, 0.262, 0.215), (0.041, 1.38, 0.050, 0.037)]
)
def test_one_share_and_an_odds_ratio_give_each_group_its_share(share, ratio, low, others):
    """Brief advice on smoking and on alcohol (evidence, section 8), three in ten of low education."""
    rows = [("A", "low", 1, 30_000, 0.15), ("A", "high", 2, 70_000, 0.15)]
    reach = found(rows, reach={"value": share, "odds_ratio": {"low": ratio}}).by_group.set_index("group")["reach"]
    assert reach["low"] == pytest.approx(low, abs=6e-4)
    assert reach["high"] == pytest.approx(others, abs=6e-4)
    assert 0.3 * reach["low"] + 0.7 * reach["high"] == pytest.approx(share)
    unsure = {"value": share, "odds_ratio": {"low": {"value": ratio, "lower": 1.1, "upper": 1.1 * (ratio / 1.1) ** 2}}}
    drawn = found(rows, reach=unsure, draws=2_000).simulation.reach
    np.testing.assert_allclose(np.array([0.3, 0.7]) @ drawn.draws, share, rtol=1e-5)
    odds = drawn.draws / (1 - drawn.draws)
    assert np.quantile(odds[0] / odds[1], 0.025) == pytest.approx(1.1, rel=0.02)


def test_a_number_may_be_given_for_a_pair_or_for_a_part_of_it():
    groups = ["low × men", "low × women", "high × men", "high × women"]
    rows = make_cells([("A", group, None, 1_000, 0.2) for group in groups]).drop(columns="order")
    rows = rows.assign(dimension="education × sex")
    action = make_action(dimension="education × sex", reach={"value": 0.1, "by_group": {"low": 0.2, "low × men": 0.3}})
    reach = hyte.impact(rows, action, draws=100).by_group.set_index("group")["reach"]
    assert reach[groups].tolist() == pytest.approx([0.3, 0.2, 0.1, 0.1])
    both = make_action(dimension="education × sex", reach={"value": 0.1, "by_group": {"low": 0.2, "men": 0.3}})
    with pytest.raises(hyte.PlanError, match="a number for low and one for men: which holds for 'low × men'"):
        hyte.impact(rows, both, draws=100)


def test_a_reach_that_cannot_be_is_refused_with_file_line_and_what_is_possible(tmp_path):
    def file(reach):
        path = tmp_path / "action.yml"
        path.write_text(
            "id: a\nname: A\noutcome: outcome\ndimension: education\neffect: {scale: rr, value: 0.8}\nreach:\n" + reach,
            encoding="utf-8",
        )
        return hyte.Action.read(path)

    cells = make_cells(TWO_AREAS)
    with pytest.raises(hyte.PlanError, match=r"line 8: reach.risk: A, low: 8 times .* above 1: at most 4.55"):
        hyte.impact(cells, file("  value: 0.1\n  risk: 8\n"), draws=100)
    with pytest.raises(hyte.PlanError, match=r"line 8: reach.risk: A, low: 40 % reached at 3 times .* 120 % of those"):
        hyte.impact(cells, file("  value: 0.4\n  risk: 3\n"), draws=100)
    with pytest.raises(hyte.PlanError, match=r"line 8: reach.feasible: A, low: 40 % are reached, more than the 30 %"):
        hyte.impact(cells, file("  value: 0.4\n  feasible: 0.3\n"), draws=100)
    with pytest.raises(hyte.PlanError, match=r"line 8: reach.risk: those reached are the affected"):
        file("  of: affected\n  risk: 3\n  value: 0.1\n")
    with pytest.raises(hyte.PlanError, match=r"line 8: reach.odds_ratio: splits one share between groups"):
        file("  value: 0.1\n  odds_ratio: {low: 2}\n  by_group: {high: 0.2}\n")


def test_official_areas_that_are_not_there_are_not_used_and_strange_ones_are_refused():
    prices = {"per_person": {"value": 100, "by_area": {"HVA05": 150, "A": 120}}}
    cost = found(cost=prices).by_group.set_index("area")["cost"]
    assert cost["A"].sum() == pytest.approx(0.2 * 36_000 * 120)
    with pytest.raises(hyte.PlanError, match="names the area 'HVA99'"):
        found(cost={"per_person": {"value": 100, "by_area": {"HVA99": 150}}})


def test_money_reaches_no_more_people_than_would_come():
    """With everybody offered 15 % of the low group come and finish, 20 % of the others."""
    one = found(reach=CHAIN, cells={"se": 0.01})
    detailed = hyte.scenarios(one, budget=900_000, detail=True)
    for frame in detailed.allocation.values():
        share = frame.groupby("group")["share"].max()
        assert share["low"] <= 0.15 + 1e-9
        assert share[["mid", "high"]].max() <= 0.20 + 1e-9
    table = detailed.frame.set_index("scenario")
    everybody = 100 * (0.15 * 18_000 + 0.20 * 32_000)
    assert table.loc["targeted", "cost"] == pytest.approx(100 * 0.15 * 18_000)
    assert table.loc["targeted", "left"] == pytest.approx(900_000 - 270_000)
    assert table.loc["optimal", "cost"] == pytest.approx(900_000)
    more = hyte.allocate(one, budget=2_000_000)
    assert (more.cost, more.left) == pytest.approx((everybody, 2_000_000 - everybody))
    assert more.shadow_price == 0
    said = more.sentences("en")
    assert "1,090,000 euros are left: no more people would come, even if the action were offered to all." in said
    assert "Most would be gained if more people took part: now 36%." in said
    asked = hyte.allocate(one, budget=2_000_000, caps=1.0)
    assert asked.frame["share"].max() == pytest.approx(1)


def test_a_stated_feasible_share_comes_before_the_chain():
    one = found(reach={**CHAIN, "feasible": {"value": 0.3, "by_group": {"low": 0.1}}})
    share = hyte.allocate(one, budget=1e9).frame.groupby("group")["share"].max()
    assert share.to_dict() == pytest.approx({"low": 0.1, "mid": 0.3, "high": 0.3})
    plain = found(reach=0.2)
    assert hyte.allocate(plain, budget=1e9).frame["share"].max() == pytest.approx(1)
    assert any("does not say how many would come" in line for line in hyte.allocate(plain, budget=1e9).sentences("en"))


def test_an_effect_by_intention_to_treat_holds_uptake_already():
    tried = found(reach=CHAIN, effect={"scale": "rr", "value": 0.9, "itt": True})
    assert tried.by_group["reach"].tolist() == pytest.approx([0.5] * 6)
    plain = found(reach=CHAIN, effect={"scale": "rr", "value": 0.9}).by_group.set_index(["area", "group"])["reach"]
    assert plain["A", "low"] == pytest.approx(0.075)
    assert any("uptake is inside" in line for line in tried.notes("en"))


def acting(**effect):
    return float(make_action(effect=effect).effect.acting(effect["value"]))


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        ({"scale": "rr", "value": 1.83, "control": 0.086}, 0.922),  # combined support to stop smoking
        ({"scale": "rr", "value": 1.66, "control": 0.03}, 0.980),  # brief advice
        ({"scale": "rr", "value": 1.66, "control": 0.05}, 0.965),
        ({"scale": "rr", "value": 1.54, "control": 0.05}, 0.972),  # text messages
        ({"scale": "rr", "value": 1.16, "control": 0.30}, 0.93),  # active
        ({"scale": "rr", "value": 1.16, "control": 0.60}, 0.76),
        ({"scale": "rr", "value": 1.28, "control": 0.63}, 0.52),  # vaccinated
        ({"scale": "rr", "value": 2.07, "control": 0.25}, 0.64),  # employed
        ({"scale": "rr", "value": 2.46, "control": 0.40}, 0.03),  # housed
        ({"scale": "or", "value": 1.25}, 0.8),
        ({"scale": "rd", "value": 0.0089}, -0.0089),
    ],
)  # fmt: skip
def test_a_favourable_effect_is_turned_round(effect, expected):
    assert acting(**effect, favourable=True) == pytest.approx(expected, abs=6e-3 if abs(expected) > 0.1 else 0.0061)


@pytest.mark.parametrize(
    ("size", "ratio", "shares"),
    [
        (-0.22, 0.67, (0.069, 0.144, 0.223)),
        (-0.30, 0.58, (0.061, 0.127, 0.199)),
        (-0.39, 0.49, (0.052, 0.110, 0.174)),
        (-0.47, 0.43, (0.045, 0.096, 0.155)),
        (-0.58, 0.35, (0.037, 0.080, 0.130)),
    ],
)
def test_a_standardised_difference_moves_a_share(size, ratio, shares):
    assert acting(scale="smd", value=size) == pytest.approx(ratio, abs=0.005)
    rows = [(f"A{i}", "all", 1, 1_000, share) for i, share in enumerate((0.1, 0.2, 0.3))]
    after = found(rows, effect={"scale": "smd", "value": size}, reach=1.0).by_group["after"]
    np.testing.assert_allclose(after, shares, atol=6e-4)
    assert acting(scale="mean_difference", value=200 * size, sd=200) == pytest.approx(acting(scale="smd", value=size))
    assert acting(scale="smd", value=-size, favourable=True) == pytest.approx(acting(scale="smd", value=size))


def test_a_ratio_of_rates_of_falls_is_not_a_ratio_of_fallers():
    assert 1 / 3 - risk_reduction(np.array(1 / 3), np.array(0.77), "rate") == pytest.approx(0.268, abs=5e-4)
    rows = [("A", "all", 1, 1_000, 1 / 3), ("B", "all", 1, 1_000, 0.5)]
    one = found(rows, effect={"scale": "rate_ratio", "value": 0.77}, reach=1.0).by_group
    np.testing.assert_allclose(one["after"] / one["baseline"], [0.805, 0.827], atol=5e-4)


def test_limits_are_turned_round_with_the_value():
    said = {"scale": "rr", "value": 1.83, "lower": 1.68, "upper": 1.98, "favourable": True, "control": 0.086}
    one = found(ONE, effect=said, reach={"of": "affected", "value": 0.1}, draws=20_000).by_group.iloc[0]
    assert [one["arr_lower"], one["arr_upper"]] == pytest.approx([1 - 0.936, 1 - 0.908], abs=1e-3)
    assert one["averted"] / 100_000 == pytest.approx(0.15 * 0.1 * 0.078, rel=2e-3)
    words = make_action(effect=said).effect.words("en")
    assert words == [
        "Good outcome: 1.83 × 8.6% = 15.7%. The share of the others is multiplied by (100% − 15.7%) / (100% − 8.6%) = "
        "0.922."
    ]


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        ({"scale": "rr", "value": 1.28, "favourable": True, "control": 0.8}, r"effect.value: 1.28 × 0.8 = 102 %"),
        ({"scale": "rr", "value": 1.28, "favourable": True}, r"effect.control: is needed: a ratio of a favourable"),
        ({"scale": "mean_difference", "value": -20}, r"effect.sd: is needed"),
        ({"scale": "smd", "value": -0.3, "sd": 2}, r"effect.sd: belongs to a mean_difference; the scale is smd"),
    ],
)
def test_what_cannot_be_converted_asks_for_the_number_it_lacks(effect, expected):
    with pytest.raises(hyte.PlanError, match=expected):
        make_action(effect=effect)


def test_an_odds_ratio_among_the_affected_asks_for_their_share_without_the_action():
    reach = {"of": "affected", "value": 0.1}
    with pytest.raises(hyte.PlanError, match=r"effect.control: is needed: all those reached have the outcome"):
        make_action(effect={"scale": "or", "value": 0.43}, reach=reach)
    # 83 % still lonely without it, odds 4.88; with it odds 2.1
    one = found(ONE, effect={"scale": "or", "value": 0.43, "control": 0.83}, reach=reach).by_group.iloc[0]
    odds = 0.43 * 0.83 / 0.17
    assert one["arr"] == pytest.approx(0.83 - odds / (1 + odds))


def test_no_difference_found_moves_nothing_and_the_unknown_is_refused():
    assert found(effect="none").by_group["averted"].tolist() == [0.0] * 6
    assert any("no difference was found" in line for line in found(effect={"scale": "none"}).notes("en"))
    with pytest.raises(hyte.PlanError, match="effect: is unknown, so nobody can say whom action helps"):
        found(effect={"scale": "unknown"})


def test_certainty_distance_and_other_levels_widen_by_the_stated_rule():
    def width(**more):
        effect = {"scale": "rr", "value": 0.8, "lower": 0.7, "upper": 0.8**2 / 0.7, **more}
        node = found(effect=effect).simulation.inputs["effect"].nodes[0]
        return np.log(node.upper / node.lower)

    plain = width()
    assert width(certainty="low") == pytest.approx(1.5 * plain)
    assert width(certainty="very low", distance="far") == pytest.approx(3 * plain)
    assert width(level=0.90) == pytest.approx(plain * 1.959964 / 1.644854)


def test_persistence_is_a_curve_that_may_begin_late_and_grow():
    """One-year abstainers: 1, 0.86, 0.77, 0.74, 0.70 (evidence, section 7)."""
    curve = [1, 0.86, 0.77, 0.74, 0.70]
    one = found(horizon_years=5, persistence=curve).by_group
    np.testing.assert_allclose(one["person_years"] / one["averted"], 4.07)
    late = found(horizon_years=4, persistence=[0, 0.5, 1], retention=0.8, discount=0.03).by_group
    years = 0.5 / 1.03 + 1 / 1.03**2 + 0.8 / 1.03**3
    np.testing.assert_allclose(late["person_years"] / late["averted"], years)
    with pytest.raises(hyte.PlanError, match=r"persistence: says 3 years of 4: say the rest, or retention"):
        make_action(horizon_years=4, persistence=[0, 0.5, 1])
