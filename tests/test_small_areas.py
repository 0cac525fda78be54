"""Small numbers: agreement with R (``reference/small_area``), and worlds in which nothing differs."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import hyteanalysis as hyte
from hyteanalysis import small_areas, uncertainty

OWN = Path(__file__).parent / "reference" / "small_area"


@pytest.fixture
def peer(shared: Callable[[str], Path]) -> Path:
    return shared("reference/small_area/peer")


# ---- agreement


def test_empirical_bayes_agrees_with_spdep(peer: Path) -> None:
    sids = pd.read_csv(peer / "sids_eb_expected.csv")
    for model in ("poisson", "binomial"):
        ours = small_areas.empirical_bayes(sids, events="SID74", population="BIR74", model=model)
        np.testing.assert_allclose(ours["estimate"], sids["raw"], rtol=1e-12)
        np.testing.assert_allclose(ours["shrunken"], sids[f"eb_global_{model}"], rtol=1e-9)


def test_a_negative_variance_between_areas_gives_one_level_and_no_turned_order() -> None:
    case = pd.read_csv(OWN / "eb_negative_variance_case.csv")
    ours = small_areas.empirical_bayes(case, events="x", population="N")
    np.testing.assert_allclose(ours["shrunken"], case["expected"], rtol=1e-12)
    assert (ours["weight"] == 0).all()
    assert np.corrcoef(case["raw"], case["esda_2_9_0"])[0, 1] < 0  # what a well-known implementation does
    share = small_areas.empirical_bayes(case, events="x", population="N", model="binomial")
    assert share["shrunken"].nunique() == 1


def test_fay_herriot_agrees_with_sae(peer: Path) -> None:
    milk = pd.read_csv(peer / "milk_input.csv").astype({"MajorArea": str})
    expected = pd.read_csv(peer / "milk_eblupFH_expected.csv").query("method == 'REML'")
    fit = small_areas.fay_herriot(milk, estimate="yi", se="SD", covariates="MajorArea")
    both = fit.frame.merge(expected, on="SmallArea", validate="1:1", suffixes=("", "_their"))
    assert len(both) == 43
    for mine, theirs in (
        ("eblup", "eblup_their"),
        ("mse", "mse_their"),
        ("synthetic", "synthetic_their"),
        ("weight", "gamma"),
    ):
        np.testing.assert_allclose(both[mine], both[theirs], rtol=1e-6)
    params = pd.read_csv(peer / "milk_fit_expected.csv").query("method == 'REML'")
    np.testing.assert_allclose(fit.coefficients["estimate"], params["value"].head(4), rtol=1e-6)
    np.testing.assert_allclose(fit.coefficients["se"], params["se"].head(4), rtol=1e-6)
    assert fit.variance == pytest.approx(params.set_index("param").loc["sigma2_u", "value"], rel=1e-6)


def test_benjamini_hochberg_agrees_with_r() -> None:
    case = pd.read_csv(OWN / "p_adjust_expected.csv").sample(frac=1, random_state=1)
    np.testing.assert_allclose(uncertainty.discovery(case["p"]), case["BH"], rtol=1e-12)


def test_rank_intervals_agree(peer: Path) -> None:
    expected = pd.read_csv(peer / "milk_ranks_expected.csv")
    ours = small_areas.rank_intervals(expected.drop(columns="rank"), estimate="y")
    assert (ours["rank"] == expected["rank"]).all()
    assert (ours["rank_lower"] - expected["kww_sidak_L"]).abs().max() == 0
    assert (ours["rank_upper"] - expected["kww_sidak_U"]).abs().max() == 0


def test_reliability_marks() -> None:
    cases = pd.read_csv(OWN / "reliability_cases.csv")
    cells = cases.assign(
        estimate=cases["p"], se=np.sqrt(cases["p"] * (1 - cases["p"]) / cases["n"]), respondents=cases["n"]
    )
    ours = small_areas.reliability(cells)
    known = cases["rse"].notna()
    np.testing.assert_allclose(ours["relative_error"][known], cases["rse"][known], rtol=1e-12)
    wide, few = cases["rse30"].astype("boolean").fillna(False), cases["n"] < 30
    assert ((ours["status"] == "uncertain") == (wide | few)).all()
    assert ours.loc[few, "note"].str.contains("Fewer than 30 respondents").all()
    assert ours.loc[(cases["p"] == 0) & ~few, "note"].str.contains("see the limits").all()
    kept = small_areas.reliability(cells.assign(status="suppressed"))
    assert set(kept["status"]) == {"suppressed"}
    high = small_areas.reliability(cells.query("n == 100 & x == 99"), scale=1)
    assert high["status"].iloc[0] == "uncertain"  # 1 % without it is as unsure as 1 % with it


def test_intervals_agree_with_r() -> None:
    case = pd.read_csv(OWN / "intervals_expected.csv")
    found = {"wilson": uncertainty.wilson(case["x"], case["n"]), "cp": uncertainty.exact_binomial(case["x"], case["n"]),
             "pois": uncertainty.exact_poisson(case["x"]), "byar": uncertainty.byar(case["x"])}  # fmt: skip
    for name, limits in found.items():
        for limit, side in zip(limits, ("lo", "hi"), strict=True):
            np.testing.assert_allclose(limit, case[f"{name}_{side}"], rtol=1e-9, atol=1e-15)


# ---- worlds in which nothing differs


def world(rng: np.random.Generator, people: np.ndarray, rate: float) -> pd.DataFrame:
    return pd.DataFrame(
        {"area": np.arange(len(people)).astype(str), "events": rng.binomial(people, rate), "population": people}
    )


def municipalities(rng: np.random.Generator) -> np.ndarray:
    """309 sizes as skewed as Finland's: a median near 6,000, the smallest under 1,000, the largest over 200,000."""
    return np.sort(np.exp(rng.normal(np.log(6_000), 1.15, 309)).clip(120, 660_000)).astype(int)


def null_worlds(count: int, rate: float, seed: int) -> tuple[float, float, float]:
    """Share of worlds with any area flagged, areas flagged by lone 95 % intervals, median of shrunken max/min."""
    rng = np.random.default_rng(seed)
    people = municipalities(rng)
    worlds = pd.concat([world(rng, people, rate).assign(world=number) for number in range(count)], ignore_index=True)
    ours = small_areas.compare_with_whole(worlds, "world")
    lower, upper = uncertainty.wilson(ours["events"], ours["population"])
    naive = ((ours["whole"] < lower) | (ours["whole"] > upper)).groupby(ours["world"]).sum().mean()
    shrunken = small_areas.empirical_bayes(worlds, "world").groupby("world")["shrunken"]
    return (
        float(ours.groupby("world")["differs"].any().mean()),
        float(naive),
        float((shrunken.max() / shrunken.min()).median()),
    )


def test_null_world() -> None:
    flagged, naive, spread = null_worlds(120, 0.10, seed=20)
    assert flagged <= 0.05
    assert 12 < naive < 19
    assert spread < 1.15


@pytest.mark.slow
def test_null_world_400_times_at_each_of_four_levels() -> None:
    found = [null_worlds(400, rate, seed=31) for rate in (0.005, 0.02, 0.10, 0.40)]
    assert np.mean([flagged for flagged, _, _ in found]) <= 0.05
    assert all(10 < naive < 19 for _, naive, _ in found)
    assert all(spread < 1.15 for _, _, spread in found)


def test_a_real_difference_is_found() -> None:
    rng = np.random.default_rng(2)
    people = municipalities(rng)
    data = world(rng, people, 0.10)
    worse = rng.choice(np.flatnonzero(people < 20_000), 30, replace=False)
    data.loc[worse, "events"] = rng.binomial(people[worse], 0.14)
    found = small_areas.compare_with_whole(data)
    large = np.isin(np.arange(len(people)), worse) & (people > 5_000)
    assert found.loc[large, "differs"].mean() > 0.9
    assert (found.loc[large & found["differs"], "direction"] == "higher").all()
    false = (found["direction"] == "higher") & ~np.isin(np.arange(len(people)), worse)
    assert false.sum() <= 0.1 * found["differs"].sum()
    shrunken = small_areas.empirical_bayes(data)
    truth = np.where(np.isin(np.arange(len(people)), worse), 0.14, 0.10)
    assert ((shrunken["shrunken"] - truth) ** 2).mean() < 0.8 * ((shrunken["estimate"] - truth) ** 2).mean()


def test_true_ranks_lie_within_their_intervals() -> None:
    rng = np.random.default_rng(3)
    truth = np.sort(rng.normal(50, 5, 20))[::-1]
    se = rng.uniform(0.5, 3, 20)
    covered = []
    for _ in range(100):
        found = small_areas.rank_intervals(pd.DataFrame({"estimate": rng.normal(truth, se), "se": se}))
        at = np.arange(1, 21)
        covered.append(((found["rank_lower"] <= at) & (at <= found["rank_upper"])).all())
    assert np.mean(covered) >= 0.92


# ---- what must hold


areas = st.lists(st.tuples(st.integers(0, 300), st.integers(300, 50_000)), min_size=3, max_size=12)


@given(areas, st.sampled_from(["poisson", "binomial"]))
def test_shrinking_stays_between_the_area_and_the_mean_and_keeps_equals_together(
    pairs: list[tuple[int, int]], model: str
) -> None:
    data = pd.DataFrame(pairs, columns=["events", "population"])
    found = small_areas.empirical_bayes(data, model=model)
    mean = data["events"].sum() / data["population"].sum()
    assert found["weight"].between(0, 1).all()
    low, high = np.minimum(found["estimate"], mean) - 1e-12, np.maximum(found["estimate"], mean) + 1e-12
    assert ((low <= found["shrunken"]) & (found["shrunken"] <= high)).all()


@given(areas)
def test_exact_p_is_twice_the_smaller_tail(pairs: list[tuple[int, int]]) -> None:
    data = pd.DataFrame(pairs, columns=["events", "population"])
    found = small_areas.compare_with_whole(data)
    x, n = data["events"], data["population"]
    events, people = x.sum(), n.sum()
    tails = np.minimum(stats.hypergeom.cdf(x, people, events, n), stats.hypergeom.sf(x - 1, people, events, n))
    np.testing.assert_allclose(found["p_value"], np.minimum(2 * tails, 1), rtol=1e-6, atol=1e-300)
    counts = small_areas.compare_with_whole(data, model="poisson")
    tails = np.minimum(stats.binom.cdf(x, events, n / people), stats.binom.sf(x - 1, events, n / people))
    np.testing.assert_allclose(counts["p_value"], np.minimum(2 * tails, 1), rtol=1e-6, atol=1e-300)


def test_an_area_of_most_of_the_people_is_compared_with_the_rest() -> None:
    data = pd.DataFrame({"area": ["big", "rest"], "events": [8_400, 1_900], "population": [80_000, 20_000]})
    found = small_areas.compare_with_whole(data)
    table = [[8_400, 1_900], [71_600, 18_100]]
    assert found["p_value"].iloc[0] == pytest.approx(stats.fisher_exact(table).pvalue, rel=0.05)
    assert found["p_value"].iloc[0] == pytest.approx(found["p_value"].iloc[1])
    assert found["differs"].all()
    alone = small_areas.compare_with_whole(data.iloc[:1])
    assert np.isnan(alone["p_value"].iloc[0])
    assert not alone["differs"].iloc[0]


def test_fay_herriot_finds_the_top_of_the_likelihood_where_scoring_goes_to_and_fro(monkeypatch) -> None:
    rng = np.random.default_rng(7)
    data = pd.DataFrame({"estimate": 10 + rng.normal(0, 2, 8), "se": rng.uniform(0.3, 2, 8)})
    settled = small_areas.fay_herriot(data).variance
    monkeypatch.setattr("hyteanalysis.small_areas.shrinkage._STEPS", 0)
    assert small_areas.fay_herriot(data).variance == pytest.approx(settled, rel=1e-3)


@pytest.mark.parametrize(("areas", "variance", "most"), [(8, 1.0, 0.985), (12, 3.0, 0.975), (21, 0.5, 0.985)])
def test_fay_herriot_limits_hold_the_level_of_few_areas(areas, variance, most) -> None:
    """150 worlds; eblup ± 1.96 √mse holds 92–93 % of such areas."""
    rng, held = np.random.default_rng(areas), []
    for _ in range(150):
        truth, se = rng.normal(10, np.sqrt(variance), areas), np.sqrt(np.geomspace(0.4, 2.5, areas))
        found = small_areas.fay_herriot(pd.DataFrame({"estimate": rng.normal(truth, se), "se": se})).frame
        assert np.isfinite(found[["lower", "upper"]]).all(axis=None)
        held.append(((found["lower"] <= truth) & (truth <= found["upper"])).mean())
    assert 0.935 <= np.mean(held) <= most


def test_fay_herriot_limits_where_nothing_is_observed_are_the_widest_and_few_areas_have_some() -> None:
    rng = np.random.default_rng(2)
    data = pd.DataFrame({"estimate": rng.normal(10, 3, 20), "se": 1.0})
    data.loc[4, "estimate"] = np.nan
    found = small_areas.fay_herriot(data).frame
    width = found["upper"] - found["lower"]
    assert width[4] == width.max() > 2 * width.drop(4).max()
    assert ((found["lower"] < found["eblup"]) & (found["eblup"] < found["upper"])).all()
    narrow = small_areas.fay_herriot(data, level=0.5).frame
    assert (narrow["upper"] - narrow["lower"] < width / 2).all()
    two = small_areas.fay_herriot(data.head(2)).frame
    assert np.isfinite(two[["lower", "upper"]]).all(axis=None)
    # known almost exactly, an area keeps its own limits
    sure = small_areas.fay_herriot(data.assign(se=data["se"].where(data.index != 7, 0.01))).frame.loc[7]
    assert sure["upper"] - sure["lower"] == pytest.approx(2 * 1.96 * 0.01, rel=0.01)


def test_fay_herriot_at_its_edges() -> None:
    rng = np.random.default_rng(4)
    alike = pd.DataFrame({"area": range(30), "estimate": 10 + rng.normal(0, 0.5, 30), "se": 2.0})
    flat = small_areas.fay_herriot(alike)
    assert flat.variance == 0
    assert flat.frame["eblup"].nunique() == 1
    apart = pd.DataFrame({"area": range(200), "estimate": rng.normal(10, np.hypot(3, 1), 200), "se": 1.0})
    assert small_areas.fay_herriot(apart).variance == pytest.approx(9, rel=0.3)
    gap = small_areas.fay_herriot(apart.assign(estimate=apart["estimate"].mask(apart["area"] == 3)))
    row = gap.frame.loc[3]
    assert row["status"] == "uncertain"
    assert row["eblup"] == pytest.approx(gap.coefficients["estimate"].iloc[0])
    assert row["mse"] > gap.frame["mse"].drop(index=3).max()
    with pytest.raises(hyte.TidyError, match="Too few areas"):
        small_areas.fay_herriot(alike.head(1))
    with pytest.raises(hyte.MeasureError, match="repeat each other"):
        small_areas.fay_herriot(alike.assign(one=1.0), covariates="one")


def test_one_bad_area_does_not_stop_the_others() -> None:
    data = pd.DataFrame({"area": ["KU091", "KU285", "KU286"], "events": [600, 70, 5], "population": [6_000, 500, 0]})
    for function in (small_areas.empirical_bayes, small_areas.compare_with_whole):
        found = function(data).set_index("area")
        assert list(found["status"]) == ["ok", "ok", "missing"]
        assert "area KU286: population is 0" in found.loc["KU286", "note"]
        alone = function(data.head(2)).set_index("area")
        pd.testing.assert_frame_equal(found.head(2), alone)
        with pytest.raises(hyte.TidyError, match="area KU286: population is 0"):
            function(data.tail(1))
    uneven = small_areas.compare_with_whole(data.assign(events=[600, 70.5, 5]))
    assert "not a whole number" in uneven["note"].iloc[1]
    ranked = small_areas.rank_intervals(
        pd.DataFrame({"area": list("abc"), "estimate": [3.0, 9.0, 5.0], "se": 0.1, "events": [40, 9, 50]}),
        events="events",
    )
    assert ranked["rank"].isna().tolist() == [False, True, False]
    assert "fewer than 16 events" in ranked["note"].iloc[1]
    assert set(ranked["status"]) == {"ok"}
