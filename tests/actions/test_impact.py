"""The figures of an impact, their draws, and the rankings of them."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from made_actions import make_action, make_cells
from scipy import stats

import hyteanalysis as hyte
from hyteanalysis.actions import simulation as simulations
from hyteanalysis.actions.ranking import shrunken, tally
from hyteanalysis.actions.simulation import persistence
from hyteanalysis.actions.summary import limits


def test_limits_are_the_percentiles():
    for size, kind in product((100, 1_001, 10_000, 40_000), (np.float32, np.float64)):
        draws = np.random.default_rng(1).normal(size=(7, size)).astype(kind)
        expected = np.quantile(draws.astype(float), [0.025, 0.975], axis=1)
        np.testing.assert_allclose(limits(draws), expected, rtol=1e-12)
    endless = np.where(np.arange(100) < 90, 1.0, np.inf)[None]
    assert [float(end[0]) for end in limits(endless)] == [1.0, np.inf]


def test_limits_agree_with_closed_forms(exact_cells):
    effect = {"scale": "rr", "value": 0.75, "lower": 0.6, "upper": 0.9375}
    result = hyte.impact(exact_cells, make_action(effect=effect), draws=40_000, seed=3).by_group
    # the baseline is exact: ARR = p(1 − RR) is a function of one lognormal
    np.testing.assert_allclose(result["arr_lower"], result["baseline"] * (1 - 0.9375), rtol=0.03)
    np.testing.assert_allclose(result["arr_upper"], result["baseline"] * (1 - 0.6), rtol=0.01)
    np.testing.assert_allclose(result["averted_upper"], result["arr_upper"] * result["reached"], rtol=1e-12)
    np.testing.assert_allclose(result["cost_per_case_lower"], 100 / result["arr_upper"], rtol=1e-12)
    np.testing.assert_allclose(result["nnt_lower"], 1 / result["arr_upper"], rtol=1e-12)
    np.testing.assert_allclose(result["nnt_upper"], 1 / result["arr_lower"], rtol=1e-12)
    assert result[["nntb", "nnth"]].isna().all(axis=None)


def test_inputs_are_drawn_from_their_distributions(exact_cells):
    action = make_action(
        reach={
            "value": 0.2, "lower": 0.1, "upper": 0.3,
            "by_group": {"low": {"value": 0.1, "lower": 0.05, "upper": 0.15}, "mid": 0.3},
        },
        cost={"per_person": {"value": 100, "lower": 60, "upper": 140}},
        retention={"value": 0.5, "lower": 0.3, "upper": 0.7, "distribution": "uniform"},
        horizon_years=3,
    )  # fmt: skip
    drawn = hyte.impact(exact_cells, action, draws=50_000, seed=4).simulation
    shared, own, carried = (
        next(row for node, row in zip(drawn.reach.nodes, drawn.reach.draws, strict=True) if node.label == label)
        for label in ("", "low", "mid")
    )
    spread = 0.2 / (2 * 1.959964)
    size = 0.2 * 0.8 / spread**2 - 1
    beta = stats.beta(0.2 * size, 0.8 * size)
    np.testing.assert_allclose(np.quantile(shared, [0.1, 0.5, 0.9]), beta.ppf([0.1, 0.5, 0.9]), rtol=0.02)
    assert shared.mean() == pytest.approx(0.2, rel=0.01)
    # an interval of its own: its own draws; a plain number moves with the shared one
    assert abs(np.corrcoef(shared, own)[0, 1]) < 0.02
    assert stats.spearmanr(shared, carried).statistic > 0.9999
    price = drawn.cost.draws[0]
    width = 80 / (2 * 1.959964)
    gamma = stats.gamma((100 / width) ** 2, scale=width**2 / 100)
    np.testing.assert_allclose(np.quantile(price, [0.1, 0.5, 0.9]), gamma.ppf([0.1, 0.5, 0.9]), rtol=0.01)
    kept = drawn.inputs["retention"].draws[0]
    assert (kept.min(), kept.max()) == (pytest.approx(0.3, abs=1e-3), pytest.approx(0.7, abs=1e-3))
    np.testing.assert_allclose(drawn.persistence.draws[0], 1 + kept + kept.astype(float) ** 2, rtol=1e-6)


def test_each_horizon_counts_its_own_years():
    """One year, two and three, of which each keeps half and is worth 4/5 of the one before: 1, 1.4 and 1.56."""
    found = persistence(np.array([1, 2, 3]), np.array(0.5), np.array(0.25))
    assert found.tolist() == pytest.approx([1, 1.4, 1.56])


@pytest.mark.parametrize("entry", [0.3, {"value": 0.3, "lower": 0.2, "upper": 0.4}])
def test_draws_do_not_depend_on_the_way_through_them(cells, monkeypatch, entry):
    action = make_action(effect={"scale": "rr", "value": 0.7, "lower": 0.5, "upper": 0.98}, reach=entry)
    many = pd.concat([cells.assign(area=cells["area"] + str(number)) for number in range(15)])
    drawn = hyte.impact(many, action, draws=3_000, seed=5).simulation
    by_cells = np.concatenate(list(drawn.through(lambda rows, level, less: less.copy())))
    by_draws = np.concatenate(list(drawn.across(lambda columns, level, less: less.copy())), axis=1)
    np.testing.assert_array_equal(by_cells, by_draws)
    monkeypatch.setattr(simulations, "_THREADED", 1)
    threaded = np.concatenate(list(drawn.across(lambda columns, level, less: less.copy())), axis=1)
    np.testing.assert_array_equal(by_cells, threaded)
    weights = drawn.membership * drawn.people
    (helped,) = drawn.sums(averted=weights)
    np.testing.assert_allclose(helped, weights @ (by_cells * drawn.reach.block(slice(0, len(by_cells)))), rtol=1e-5)


def test_the_same_seed_gives_the_same_and_another_does_not(cells, action):
    first, again, other = (hyte.impact(cells, action, draws=500, seed=seed).by_group for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert (first["arr_lower"] != other["arr_lower"]).all()


def test_altmans_rule(exact_cells):
    effect = {"scale": "rr", "value": 0.9, "lower": 0.75, "upper": 1.08}
    found = hyte.impact(exact_cells, make_action(effect=effect), draws=4_000, seed=1).by_group
    assert found["nnt_lower"].isna().all()
    assert found["nnt_upper"].isna().all()
    np.testing.assert_allclose(found["nntb"], 1 / found["arr_upper"])
    np.testing.assert_allclose(found["nnth"], -1 / found["arr_lower"])
    assert np.isinf(found["cost_per_case_upper"]).all()
    assert (found["p_harm"].between(0.05, 0.25)).all()


def test_a_harmful_action_says_so(exact_cells):
    found = hyte.impact(exact_cells, make_action(effect={"scale": "rr", "value": 1.3}), draws=200, seed=1)
    assert (found.by_group["averted"] < 0).all()
    assert (found.by_group["nnt"] < 0).all()
    assert found.by_group[["cost_per_case", "benefit_share", "benefit_burden"]].isna().all(axis=None)
    assert found.sentences("en")[0] == "Under these assumptions the action helps nobody."


@pytest.mark.parametrize(
    ("scale", "value", "share", "reduction"), [("rr", 4, 0.5, -0.5), ("rd", -0.5, 0.3, 0.3), ("rd", 0.6, 0.9, -0.1)]
)
def test_the_cap_holds_and_is_reported(scale, value, share, reduction):
    cells = make_cells([("A", "low", 1, 100, share), ("A", "high", 2, 100, share)])
    found = hyte.impact(cells, make_action(effect={"scale": scale, "value": value}), draws=100, seed=1)
    assert found.by_group["arr"].tolist() == pytest.approx([reduction] * 2)
    assert found.by_group["capped"].all()
    assert any("capped in 2 cells" in said for said in found.notes("en"))


def test_setup_is_shared_by_all_cases(exact_cells):
    action = make_action(cost={"per_person": 100, "setup": 6_000})
    found = hyte.impact(exact_cells, action, draws=200, seed=1)
    each = found.by_group
    np.testing.assert_allclose(each["cost_per_case"], 100 / each["arr"] + 6_000 / each["averted"].sum())
    np.testing.assert_allclose(each["cost_per_case_lower"], each["cost_per_case"], rtol=1e-5)
    totals = found.totals.set_index("quantity")["value"]
    assert totals["cost"] == pytest.approx(each["cost"].sum() + 6_000)
    assert totals["cost_per_case"] == pytest.approx(totals["cost"] / totals["averted"])


def test_ranks_split_ties_and_sum_to_one():
    rng = np.random.default_rng(6)
    values = rng.integers(0, 4, (9, 300)).astype(float)
    ranks = np.apply_along_axis(lambda one: stats.rankdata(-one), 0, values)
    best = (values == values.max(axis=0)) / (values == values.max(axis=0)).sum(axis=0)
    for kind in (np.float32, np.float64):
        found = tally(values.astype(kind), top=3).shares()
        np.testing.assert_allclose(found["mean_rank"], ranks.mean(axis=1))
        np.testing.assert_allclose(found["p_best"], best.mean(axis=1))
        assert found["p_best"].sum() == pytest.approx(1)
        assert found["p_top"].sum() == pytest.approx(3)
        np.testing.assert_allclose(found["sucra"], (9 - found["mean_rank"]) / 8)


def test_four_rankings_side_by_side(cells, action):
    found = hyte.impact(cells, action, draws=2_000, seed=1)
    each = found.by_group.set_index(["area", "group"])
    point = {
        "per_reached": each["arr"], "total": each["averted"], "per_euro": each["arr"] / 100,
        "equity_weighted": each["averted"] * (1 - each["baseline"]) ** -1
        / np.average((1 - each["baseline"]) ** -1, weights=each["population"]),
    }  # fmt: skip
    for criterion, rows in found.rankings().groupby("criterion"):
        rows = rows.set_index(["area", "group"])
        np.testing.assert_allclose(rows["value"], point[criterion].loc[rows.index], rtol=1e-9)
        assert (rows["lower"] < rows["value"]).all()
        assert (rows["value"] < rows["upper"]).all()
        assert rows["p_best"].sum() == pytest.approx(1)
        assert rows["value"].is_monotonic_decreasing
    by_group = found.ranking("total", by="group")
    np.testing.assert_allclose(
        by_group.set_index("group")["value"].sort_index(), each.groupby("group")["averted"].sum().sort_index()
    )


def test_small_cells_are_shrunken_before_they_are_ranked(many_areas, action):
    found = hyte.impact(many_areas, action, draws=500, seed=1)
    ranked = found.ranking("per_reached")
    loose = found.ranking("per_reached", shrink=False)
    spread = [frame.groupby("group")["value"].agg(np.ptp) for frame in (ranked, loose)]
    # there is no difference between areas to be found
    assert (spread[0] < 0.25 * spread[1]).all()
    assert ranked["p_best"].max() < 0.5 * loose["p_best"].max()
    # the figures themselves stay those of the cells
    np.testing.assert_allclose(
        loose.sort_values(["area", "group"])["value"], found.by_group.sort_values(["area", "group"])["arr"]
    )


def test_shrinking_leaves_real_differences(many_areas):
    rng = np.random.default_rng(7)
    cells = hyte.impact(many_areas, make_action(), draws=100).simulation.cells
    true = rng.uniform(0.05, 0.6, len(cells))
    size = 5_000
    seen = rng.binomial(size, true) / size
    clear = cells.assign(baseline=seen, centre=np.log(seen / (1 - seen)), spread=1 / np.sqrt(size * seen * (1 - seen)))
    moved = shrunken(clear)
    assert moved["weight"].min() > 0.98
    np.testing.assert_allclose(moved["baseline"], seen, atol=0.01)
    few = shrunken(clear.iloc[:4])
    assert (few["weight"] == 1).all()


def four_areas(shares=(0.1, 0.2, 0.3, 0.4), size=100):
    """The same group in areas of ``size`` people."""
    share = np.array(shares)
    spread = 1 / np.sqrt(size * share * (1 - share))
    return pd.DataFrame({"group": "g", "baseline": share, "centre": np.log(share / (1 - share)), "spread": spread})


def test_a_shrunken_share_errs_as_its_own_part_and_the_mean_do():
    """Their variance, 0.0125, is 0.0125 − W of true differences and W of noise: W = (0.25·0.75 − (0.0125 − W))/100."""
    noise = (0.25 * 0.75 - 0.0125) / 99
    weight = 1 - noise / 0.0125
    found = shrunken(four_areas())
    level = 0.25 + weight * np.array([-0.15, -0.05, 0.05, 0.15])
    np.testing.assert_allclose(found["weight"], weight)
    np.testing.assert_allclose(found["baseline"], level)
    error = np.sqrt(weight * noise + (1 - weight) ** 2 * 0.25 * 0.75 / 400)
    np.testing.assert_allclose(found["spread"] * level * (1 - level), error)


def test_shrinking_begins_at_four_areas_with_an_error():
    assert (shrunken(four_areas())["weight"] < 1).all()
    assert (shrunken(four_areas(shares=(0.1, 0.2, 0.3)))["weight"] == 1).all()
    exact = four_areas().assign(spread=[0.0, 0.2, 0.2, 0.2])
    pd.testing.assert_frame_equal(shrunken(exact).drop(columns="weight"), exact)


def test_an_estimate_is_told_as_an_estimate(cells, action):
    found = hyte.impact(cells, action, draws=500, seed=1)
    for lang, word in (("fi", "arvio"), ("sv", "uppskattning"), ("en", "estimate")):
        assert word in found.notes(lang)[0]
        assert found.sentences(lang)[-1] == found.notes(lang)[0]
        assert not any(
            bad in " ".join(found.notes(lang) + found.sentences(lang)).lower()
            for bad in ("ennust", "prognos", "predict", "forecast")
        )
    assert found.release is None
    assert "Action" in found._repr_html_()
    assert set(found.assumptions["grade"]) == {"assumed"}


def test_an_impact_of_a_release_knows_it(cells, action):
    counted = cells.drop(columns="se").assign(events=(cells["estimate"] * cells["population"]).round())
    release = hyte.release(counted, policy=hyte.Policy())
    found = hyte.impact(release, action, draws=500, seed=1)
    assert found.release == release.id
    np.testing.assert_allclose(
        found.by_group["averted"].sum(), hyte.impact(counted, action, draws=100).by_group["averted"].sum()
    )
