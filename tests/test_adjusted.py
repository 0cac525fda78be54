"""Model-adjusted group means: against hand-made margins, the design-based estimates they contain, and their spread."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import hyteanalysis as hyte
from hyteanalysis import survey
from hyteanalysis.rates import adjusted


def people(seed: int = 1, n: int = 3_000) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    education = rng.choice(["low", "mid", "high"], n)
    age = np.clip(rng.normal(52 + 8 * (education == "low"), 14, n), 20, 90).round()
    sex = rng.choice(["women", "men"], n)
    logit = -2 + 0.6 * (education == "low") + 0.2 * (education == "mid") + 0.03 * (age - 52) + 0.3 * (sex == "men")
    return pd.DataFrame({
        "education": education, "age": age, "sex": sex, "ill": (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int),
        "w": rng.uniform(0.5, 3, n), "school": rng.integers(0, 60, n), "area": rng.choice(["HVA08", "HVA10"], n),
        "time": rng.uniform(0.5, 2, n), "visits": rng.poisson(np.exp(0.5 + 0.3 * (education == "low"))),
    })  # fmt: skip


def by_hand(data: pd.DataFrame, outcome: str, family: sm.families.Family, offset: str | None = None) -> pd.Series:
    """Margins from statsmodels' own predictions."""
    x = pd.get_dummies(data[["education", "sex"]]).drop(columns="sex_men").assign(age=data["age"]).astype(float)
    time = data[offset] if offset else pd.Series(1.0, index=data.index)
    fit = sm.GLM(data[outcome], x, family=family, freq_weights=data["w"], offset=np.log(time)).fit(tol=1e-12)
    found = {}
    for group in ("high", "low", "mid"):
        there = x.assign(**{f"education_{other}": float(other == group) for other in ("high", "low", "mid")})
        found[group] = np.average(fit.predict(there, offset=np.zeros(len(x))), weights=data["w"] * time)
    return pd.Series(found)


@pytest.mark.parametrize(
    ("kind", "outcome", "family", "exposure"),
    [
        ("proportion", "ill", sm.families.Binomial(), None),
        ("rate", "visits", sm.families.Poisson(), "time"),
        ("mean", "time", sm.families.Gaussian(), None),
    ],
)
def test_margins_are_mean_predictions(
    kind: str, outcome: str, family: sm.families.Family, exposure: str | None
) -> None:
    data = people()
    fit = adjusted(data, outcome, "education", adjust_for=["age", "sex"], kind=kind, weight="w", exposure=exposure)
    ours = fit.frame.set_index("group")["estimate"]
    theirs = by_hand(data, outcome, family, exposure)
    np.testing.assert_allclose(ours.loc[theirs.index], theirs, rtol=1e-8)
    assert (fit.frame["lower"] < fit.frame["estimate"]).all()
    assert (fit.frame["upper"] > fit.frame["estimate"]).all()


@pytest.mark.parametrize("kind", ["proportion", "mean"])
def test_nothing_to_adjust_for_is_the_survey_estimate(kind: str) -> None:
    data = people()
    design = {"weight": "w", "cluster": "school"}
    fit = adjusted(data, "ill", ["area", "education"], adjust_for=[], kind=kind, **design)
    one = survey.estimate(data[data["area"] == "HVA08"], "ill", ["area", "education"], kind=kind, **design)
    keys = ["area", "dimension", "group"]
    both = fit.frame.merge(one.frame, on=keys, validate="1:1", suffixes=("", "_survey"))
    assert len(both) == 3
    for column in ("estimate", "se", "population", "respondents"):
        np.testing.assert_allclose(both[column], both[f"{column}_survey"], rtol=1e-9)
    covariance = fit.covariance.merge(one.covariance, on=[*keys, "group_other"], validate="1:1")
    np.testing.assert_allclose(covariance["covariance_x"], covariance["covariance_y"], rtol=1e-8, atol=1e-12)


def test_standard_errors_are_those_of_new_samples() -> None:
    """Over 60 fresh samples the margins spread as their standard errors say, and so do their differences."""
    draws, told = [], []
    for seed in range(60):
        fit = adjusted(people(seed, 400), "ill", "education", adjust_for=["age", "sex"])
        draws.append(fit.frame["estimate"].to_numpy())
        told.append(fit.covariance["covariance"].to_numpy().reshape(3, 3))
    contrast = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [-1, 1, 0]])
    spread = (np.array(draws) @ contrast.T).std(axis=0, ddof=1)
    expected = np.sqrt(np.einsum("ij,jk,ik->i", contrast, np.mean(told, axis=0), contrast))
    np.testing.assert_allclose(expected, spread, rtol=0.3)


def test_simulated_and_delta_limits_agree() -> None:
    data = people()
    options = {"adjust_for": ["age", "sex"], "weight": "w"}
    delta = adjusted(data, "ill", "education", **options).frame
    drawn = adjusted(data, "ill", "education", interval="simulation", draws=4_000, seed=1, **options).frame
    width = delta["upper"] - delta["lower"]
    for side in ("lower", "upper"):
        assert (np.abs(delta[side] - drawn[side]) < 0.08 * width).all()
    again = adjusted(data, "ill", "education", interval="simulation", draws=4_000, seed=1, **options).frame
    pd.testing.assert_frame_equal(drawn, again)


def test_adjustment_removes_what_age_explains() -> None:
    rng = np.random.default_rng(5)
    n = 8_000
    group = rng.choice(["young", "old"], n)
    age = np.where(group == "old", rng.normal(65, 8, n), rng.normal(45, 8, n))
    ill = (rng.random(n) < 1 / (1 + np.exp(-(-6 + 0.08 * age)))).astype(int)
    data = pd.DataFrame({"group": group, "age": age, "ill": ill})
    crude = adjusted(data, "ill", "group", adjust_for=[]).frame.set_index("group")["estimate"]
    made_alike = adjusted(data, "ill", "group", adjust_for="age")
    gap = hyte.rates.difference(made_alike.frame, reference="young").iloc[0]
    assert crude["old"] - crude["young"] > 0.2
    assert gap["lower"] < 0 < gap["upper"]


def test_results_are_tidy_and_one_bad_group_does_not_stop_the_others() -> None:
    data = people()
    data.loc[data["education"] == "mid", "ill"] = 0
    data.loc[data.index[:5], "age"] = np.nan
    fit = adjusted(data, "ill", ["area", "education"], adjust_for=["age", "sex"], weight="w", scale=100,
                   keys={"period": "2024", "indicator": "illness"})  # fmt: skip
    cells = hyte.tidy(fit.frame).set_index(["area", "group"])
    assert cells.loc["HVA08", "mid"]["status"] == "missing"
    assert "No events" in cells.loc["HVA08", "mid"]["note"]
    assert (cells.drop(index="mid", level="group")["status"] == "ok").all()
    assert cells["note"].str.contains("left out").any()
    assert len(fit.models) == 2
    constant = adjusted(data.assign(copy=data["education"]), "ill", ["area", "education"], adjust_for=["age", "copy"])
    assert set(constant.frame["status"]) == {"missing"}
    assert constant.frame["note"].str.contains("repeat each other|No events").all()


def test_disparity_of_adjusted_estimates_uses_their_covariance() -> None:
    fit = adjusted(people(), "ill", "education", adjust_for=["age", "sex"])
    cells = hyte.tidy(fit.frame.assign(order=fit.frame["group"].map({"low": 1, "mid": 2, "high": 3}).astype("Int64")))
    indicators = pd.DataFrame({"indicator": ["ill"], "title_en": ["ill"], "unit": ["share"], "kind": ["proportion"],
                               "scale": [1], "favourable": [False]})  # fmt: skip
    gaps = hyte.disparity(cells, ["D", "SII"], indicators=indicators, covariance=fit.covariance).set_index("measure")
    table = fit.covariance.pivot(index="group", columns="group_other", values="covariance")
    by_hand = np.sqrt(table.loc["low", "low"] + table.loc["high", "high"] - 2 * table.loc["low", "high"])
    assert gaps.loc["D", "se"] == pytest.approx(by_hand, rel=1e-9)
    assert gaps.loc["SII", "gap_sign"] == 1


def test_options_are_refused_by_name() -> None:
    data = people(n=50)
    with pytest.raises(hyte.MeasureError, match="kind must be one of"):
        adjusted(data, "ill", "education", adjust_for="age", kind="odds")
    with pytest.raises(hyte.MeasureError, match="education is both a group and an adjuster"):
        adjusted(data, "ill", "education", adjust_for=["age", "education"])
    with pytest.raises(hyte.TidyError, match="'income'"):
        adjusted(data, "ill", "education", adjust_for="income")
    with pytest.raises(hyte.TidyError, match="The outcome of a proportion is 0 or 1"):
        adjusted(data, "age", "education", adjust_for="sex")
    with pytest.raises(hyte.MeasureError, match="belongs to kind='rate'"):
        adjusted(data, "ill", "education", adjust_for="sex", exposure="time")


def test_degrees_of_freedom_are_those_of_the_design() -> None:
    data = people().assign(unit=np.arange(3_000) % 10)
    frame = adjusted(data, "ill", "education", adjust_for="age", cluster="unit").frame
    assert frame["df"].eq(9).all()
