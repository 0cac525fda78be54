"""Starts at different times in no drawn order: imputation by hand, errors of few clusters, worlds of known truth."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

import hyteanalysis as hyte
from hyteanalysis.actions import evaluate
from hyteanalysis.actions.robust import bias_reduced

DESIGN = {"design": "staggered", "treatment": "treated", "cluster": "area", "period": "year", "scale": "rd"}
STARTS = np.array([3, 5, 6, 99])  # years; the last never
GROWS, FADES = np.array([-0.01, -0.03, -0.06, -0.08, -0.10]), np.array([-0.08, -0.05, -0.02, 0.0, 0.0])


def world(number, effects=GROWS, areas=32, differ=0.0, trend=0.0):
    """Areas better off start early; ``differ`` is added to the effect of the first cohort."""
    rng = np.random.default_rng(number)
    data = pd.MultiIndex.from_product([range(areas), range(8)], names=["area", "year"]).to_frame(index=False)
    start = STARTS[data["area"] % 4]
    since = data["year"] - start
    data["treated"] = (since >= 0).astype(int)
    gain = np.asarray(effects)[since.clip(0, 4)] + differ * (start == 3)
    data["gain"] = np.where(since >= 0, gain, 0.0)
    level = 0.5 - 0.05 * (start == 3) + 0.03 * rng.normal(size=areas)[data["area"]] + 0.01 * data["year"]
    before = trend * data["year"] * (start < 99)
    return data.assign(ill=level + data["gain"] + before + 0.02 * rng.normal(size=len(data)))


def truth(data):
    return data.loc[data["treated"] == 1, "gain"].mean()


def test_it_is_imputation_done_by_hand():
    """Borusyak: area and year effects from the untreated rows alone, then the mean of what they leave."""
    data = world(3)
    terms = pd.get_dummies(data[["area", "year"]].astype(str), dtype=float, drop_first=True).assign(level=1.0)
    free = data["treated"] == 0
    effects = np.linalg.lstsq(terms[free].to_numpy(), data.loc[free, "ill"].to_numpy(), rcond=None)[0]
    left = (data["ill"] - terms.to_numpy() @ effects)[~free]
    found = evaluate(data, "ill", **DESIGN)
    assert found.overall["value"] == pytest.approx(left.mean(), abs=1e-10)
    since = (data["year"] - STARTS[data["area"] % 4])[~free]
    by_time = found.by_time[found.by_time["time"] >= 0].set_index("time")["value"]
    np.testing.assert_allclose(by_time, left.groupby(since).mean(), atol=1e-10)


def test_errors_of_few_clusters_are_welchs_where_clusters_are_single_rows():
    """Bell & McCaffrey: of two samples CR2 is s₁²/n₁ + s₀²/n₀; degrees of freedom of the working model by hand."""
    rng = np.random.default_rng(2)
    ours, others = rng.normal(size=4), rng.normal(size=11)
    side = np.r_[np.ones(4), np.zeros(11)]
    fit = sm.GLM(np.r_[ours, others], np.column_stack([side, np.ones(15)]), family=sm.families.Gaussian(),
                 var_weights=np.ones(15)).fit()  # fmt: skip
    spread, df = bias_reduced(fit, pd.Series(range(15)), np.array([[1.0, 0.0]]))
    welch = stats.ttest_ind(ours, others, equal_var=False)
    assert abs(fit.params[0]) / np.sqrt(spread[0, 0]) == pytest.approx(abs(welch.statistic))
    expected = (1 / 4 + 1 / 11) ** 2 / (1 / (4**2 * 3) + 1 / (11**2 * 10))
    assert df[0] == pytest.approx(expected)


@pytest.mark.parametrize(("effects", "differ"), [(GROWS, 0.0), (FADES, 0.0), (GROWS, 0.05), (np.zeros(5), 0.0)])
def test_it_finds_effects_that_grow_fade_and_differ(effects, differ):
    made = [
        (evaluate(data, "ill", **DESIGN), truth(data)) for data in (world(n, effects, differ=differ) for n in range(6))
    ]
    apart = np.array([found.overall["value"] - true for found, true in made])
    assert abs(apart.mean()) < 0.004
    assert np.mean([found.overall["lower"] <= true <= found.overall["upper"] for found, true in made]) >= 0.5
    found = made[0][0]
    np.testing.assert_allclose(found.by_time["time"], [-4, -3, -2, -1, 0, 1, 2, 3, 4])


@pytest.mark.slow
@pytest.mark.parametrize(("effects", "differ"), [(GROWS, 0.0), (FADES, 0.0), (GROWS, 0.05), (np.zeros(5), 0.0)])
@pytest.mark.parametrize("areas", [12, 32])
def test_its_interval_covers_and_its_test_errs_as_it_says(effects, differ, areas):
    covered, moved = [], []
    for number in range(600):
        data = world(number, effects, areas, differ)
        found = evaluate(data, "ill", **DESIGN)
        covered.append(found.overall["lower"] <= truth(data) <= found.overall["upper"])
        moved.append(found.pre_trend < 0.05)
    assert 0.93 <= np.mean(covered) <= 0.97
    assert np.mean(moved) <= 0.07 if areas > 12 else True


def test_what_moved_before_the_start_weakens_the_effect():
    steady, apart = (evaluate(world(1, trend=trend), "ill", **DESIGN) for trend in (0.0, -0.02))
    assert steady.pre_trend > 0.01
    assert apart.pre_trend < 0.01
    assert apart.certainty == "very low"
    assert any("developed apart already" in line for line in apart.assumptions("en"))
    for lang, word in (("fi", "Porrastuva"), ("sv", "Stegvis"), ("en", "Staggered")):
        assert any(line.startswith(word) for line in steady.assumptions(lang))


def test_what_staggered_starts_cannot_tell_is_refused():
    data = world(1)
    with pytest.raises(hyte.MeasureError, match="0 is treated from the first period on"):
        evaluate(data[data["year"] >= 3], "ill", **DESIGN)
    with pytest.raises(hyte.MeasureError, match="From year 6 on everybody is treated"):
        evaluate(data[data["area"] % 4 < 3], "ill", **DESIGN)
    with pytest.raises(hyte.MeasureError, match="Only one area is treated"):
        evaluate(data[(data["area"] == 0) | (data["area"] % 4 == 3)], "ill", **DESIGN)
    with pytest.raises(hyte.MeasureError, match="Use 'staggered'"):
        evaluate(data, "ill", **{**DESIGN, "design": "did"})
