"""An effect from data: it agrees with statsmodels, finds what was put in, and refuses what a design cannot tell."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.sandwich_covariance import cov_cluster

import hyteanalysis as hyte
from hyteanalysis.actions import evaluate

TRIAL = {"design": "trial", "treatment": "treated", "by": "group", "cluster": "cluster"}
FAMILIES = {"rr": sm.families.Poisson(), "or": sm.families.Binomial(), "rd": sm.families.Gaussian()}


def trial(people=4_000, clusters=40, seed=1, effects=(0.7, 0.9)):
    """Persons in clusters, half of them treated; one relative effect for each group."""
    rng = np.random.default_rng(seed)
    cluster = rng.integers(0, clusters, people)
    treated = (cluster % 2).astype(int)
    group = rng.integers(0, 2, people)
    risk = np.array([0.3, 0.2])[group] * np.where(treated == 1, np.array(effects)[group], 1)
    risk = risk * np.exp(0.15 * rng.normal(size=clusters))[cluster]
    return pd.DataFrame(
        {
            "ill": (rng.random(people) < risk).astype(int), "treated": treated, "cluster": cluster,
            "group": np.array(["low", "high"])[group], "age": rng.normal(size=people),
        }
    )  # fmt: skip


def panel(areas=30, periods=6, start=3, effect=-0.05, seed=1, stepped=False):
    """Cells of areas by period and group, with area and period effects."""
    rng = np.random.default_rng(seed)
    rows = pd.MultiIndex.from_product([range(areas), range(periods), ["low", "high"]], names=["area", "year", "group"])
    frame = rows.to_frame(index=False)
    begin = frame["area"] % 3 + 2 if stepped else np.where(frame["area"] < areas // 2, start, 99)
    frame["treated"] = (frame["year"] >= begin).astype(int)
    level = 0.3 + 0.05 * rng.normal(size=areas)[frame["area"]] + 0.01 * frame["year"]
    gains = np.where(frame["group"] == "low", effect, effect / 2)
    frame["ill"] = (level + frame["treated"] * gains + 0.01 * rng.normal(size=len(frame))).clip(0.01, 0.99)
    frame["people"] = rng.integers(100, 900, len(frame))
    return frame


@pytest.mark.parametrize("scale", FAMILIES)
def test_a_trial_agrees_with_statsmodels(scale):
    data = trial()
    found = evaluate(data, "ill", **TRIAL, adjust_for=["age"], scale=scale)
    fitted = smf.glm("ill ~ group + group:treated + group:age", data, family=FAMILIES[scale]).fit(
        cov_type="cluster", cov_kwds={"groups": data["cluster"]}
    )
    for row in found.frame.itertuples():
        term = f"group[{row.group}]:treated"
        assert (np.log(row.value) if scale != "rd" else row.value) == pytest.approx(fitted.params[term], rel=1e-6)
        assert row.se == pytest.approx(fitted.bse[term], rel=1e-6)
        # 95 % by Student's t of 39 degrees of freedom, one less than there are clusters
        ends = fitted.params[term] + np.array([-1, 1]) * stats.t.ppf(0.975, 39) * fitted.bse[term]
        assert [row.lower, row.upper] == pytest.approx(ends if scale == "rd" else np.exp(ends), rel=1e-6)
    wald = fitted.wald_test("group[high]:treated = group[low]:treated", use_f=False, scalar=True)
    assert found.test["statistic"] == pytest.approx(float(wald.statistic), rel=1e-6)
    assert found.test["df_residual"] == 39


def test_a_trial_of_persons_has_heteroscedasticity_robust_errors():
    data = trial(800)
    found = evaluate(data, "ill", design="trial", treatment="treated", scale="rd")
    fitted = smf.ols("ill ~ treated", data).fit(cov_type="HC1")
    assert found.frame["se"].iloc[0] == pytest.approx(fitted.bse["treated"], rel=1e-9)
    assert np.isnan(found.test["p_value"])
    assert found.effect(source="trial 2024").by_group == {}


def test_cells_with_weights_are_persons():
    data = trial(3_000)
    cells = data.groupby(["cluster", "treated", "group"], as_index=False).agg(
        ill=("ill", "mean"), people=("ill", "size")
    )
    by_person, by_cell = (
        evaluate(frame, "ill", **TRIAL, weight=weight) for frame, weight in ((data, None), (cells, "people"))
    )
    left, right = (found.frame.set_index("group").sort_index() for found in (by_person, by_cell))
    np.testing.assert_allclose(left["value"], right["value"], rtol=1e-7)
    np.testing.assert_allclose(left["se"], right["se"], rtol=0.02)


def test_differences_in_differences_are_two_way_fixed_effects():
    data = panel()
    found = evaluate(data, "ill", design="did", treatment="treated", cluster="area", period="year", scale="rd")
    one = data.groupby(["area", "year"], as_index=False)[["ill", "treated"]].mean()
    alone = evaluate(one, "ill", design="did", treatment="treated", cluster="area", period="year", scale="rd")
    fitted = smf.ols("ill ~ treated + C(area) + C(year)", one).fit()
    assert alone.frame["value"].iloc[0] == pytest.approx(fitted.params["treated"], rel=1e-7)
    # area effects cost no freedom between the clusters
    place = fitted.params.index.get_loc("treated")
    plain = np.sqrt(cov_cluster(fitted, one["area"].to_numpy(), use_correction=False)[place, place])
    factor = np.sqrt(30 / 29 * 179 / (180 - (1 + 1 + 5)))
    assert alone.frame["se"].iloc[0] == pytest.approx(plain * factor, rel=1e-7)
    assert found.frame["value"].iloc[0] == pytest.approx(-0.0375, abs=0.006)


@pytest.mark.parametrize("design", ["did", "stepped_wedge", "before_after"])
def test_designs_find_what_was_put_in(design):
    data = panel(areas=30 if design == "before_after" else 18, seed=2, stepped=design == "stepped_wedge")
    treatment = "treated"
    if design == "before_after":
        data = data[data["year"].isin([0, 5])].assign(ever=lambda frame: (frame["area"] < 15).astype(int))
        treatment = "ever"
    found = evaluate(
        data,
        "ill",
        design=design,
        treatment=treatment,
        by="group",
        cluster="area",
        period="year",
        weight="people",
        scale="rd",
    )
    frame = found.frame.set_index("group")
    for group, effect in (("low", -0.05), ("high", -0.025)):
        assert abs(frame.loc[group, "value"] - effect) < 3 * frame.loc[group, "se"] < 0.03
    assert found.test["p_value"] < 0.01
    for lang in ("fi", "sv", "en"):
        assert len(found.assumptions(lang)) >= 3


@pytest.mark.slow
def test_intervals_cover_the_truth():
    truth = pd.Series({"low": 0.7, "high": 0.9})
    covered, same = [], []
    for seed in range(200):
        found = evaluate(trial(1_500, 40, seed), "ill", **TRIAL).frame.set_index("group").loc[truth.index]
        covered += ((found["lower"] <= truth) & (truth <= found["upper"])).tolist()
        same.append(evaluate(trial(1_500, 40, seed, (0.8, 0.8)), "ill", **TRIAL).test["p_value"])
    assert 0.92 <= np.mean(covered) <= 0.98
    # the test that groups differ errs as often as it says
    assert np.mean(np.array(same) < 0.05) <= 0.10


def test_the_result_is_an_effect_of_an_action():
    found = evaluate(trial(), "ill", **TRIAL)
    effect = found.effect(source="Kokeilu 2024", year=2024)
    assert effect.grade == "measured here"
    assert effect.scale == "rr"
    own = found.frame.set_index("group")
    assert effect.by_group["low"].value == pytest.approx(own.loc["low", "value"])
    action = hyte.Action.from_dict(
        {"id": "a", "name": "A", "outcome": "o", "dimension": "d", "effect": effect, "reach": 0.1}
    )
    assert hyte.Action.from_dict(action.to_dict()).effect.by_group["high"].upper == pytest.approx(
        own.loc["high", "upper"]
    )


def test_missing_rows_and_few_clusters_are_told():
    data = trial(600, clusters=8)
    data.loc[:4, "ill"] = np.nan
    found = evaluate(data, "ill", design="trial", treatment="treated", cluster="cluster")
    assert found.dropped == 5
    said = " ".join(found.assumptions("en"))
    assert "5 rows are left out" in said
    assert "only 8 areas" in said


@pytest.mark.parametrize(
    ("change", "options", "expected"),
    [
        ({}, {"design": "cohort"}, "design must be one of trial, before_after, did, staggered, stepped_wedge"),
        ({}, {"scale": "hr"}, "scale must be one of rr, or, rd"),
        ({}, {"design": "did"}, "design 'did' needs period="),
        ({"ill": 3}, {}, "ill must be 0/1 or shares from 0 to 1; it reaches 3"),
        ({"treated": 2}, {}, "treated must be 0 or 1"),
        ({"treated": 1}, {}, "has no untreated rows"),
        ({"ill": 0}, {}, "the outcome never happens on one side: use scale='rd'"),
        ({"cluster": 1}, {"cluster": "cluster"}, "cluster has 1 cluster; three are the least"),
        ({"group": lambda frame: frame["treated"].astype(str)}, {"by": None, "adjust_for": ["group"]}, "be told"),
    ],
)  # fmt: skip
def test_what_a_trial_cannot_tell_is_refused(change, options, expected):
    arguments = {"design": "trial", "treatment": "treated", "by": "group", **options}
    with pytest.raises(hyte.MeasureError, match=expected):
        evaluate(trial(400).assign(**change), "ill", **arguments)


def test_what_a_panel_cannot_tell_is_refused():
    options = {"treatment": "treated", "cluster": "area", "period": "year", "scale": "rd"}
    with pytest.raises(hyte.MeasureError, match="takes one start for all; here are 3"):
        evaluate(panel(stepped=True), "ill", design="did", **options)
    with pytest.raises(hyte.MeasureError, match="needs areas that start at different times"):
        evaluate(panel(), "ill", design="stepped_wedge", **options)
    with pytest.raises(hyte.MeasureError, match="takes two periods; year has 6"):
        evaluate(panel(), "ill", design="before_after", **options)
    back = panel()
    back.loc[(back["area"] == 0) & (back["year"] == 5), "treated"] = 0
    with pytest.raises(hyte.MeasureError, match="0 stops being treated"):
        evaluate(back, "ill", design="did", **options)
    with pytest.raises(hyte.MeasureError, match="needs periods before the start"):
        evaluate(panel(start=0), "ill", design="did", **options)
    with pytest.raises(hyte.PlanError, match="column must be one of"):
        evaluate(panel(), "sick", design="did", **options)
