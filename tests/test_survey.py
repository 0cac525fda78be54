"""Survey estimates agree with R's survey package (``reference/survey``), and the covariance between domains holds."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hyteanalysis as hyte
from hyteanalysis import survey

RTOL = 1e-9
DESIGNS = {
    "srs": {},
    "strat": {"strata": "stype", "fpc": "fpc"},
    "strat_nofpc": {"strata": "stype"},
    "clus1": {"cluster": "dnum", "fpc": "fpc"},
    "clus1_nofpc": {"cluster": "dnum"},
    "clus2": {"cluster": ["dnum", "snum"], "fpc": ["fpc1", "fpc2"]},
}
FILES = {"srs": "apistrat", "strat": "apistrat", "strat_nofpc": "apistrat", "clus1": "apiclus1",
         "clus1_nofpc": "apiclus1", "clus2": "apiclus2"}  # fmt: skip


@pytest.fixture
def folder(shared: Callable[[str], Path]) -> Path:
    return shared("reference/survey/peer")


@pytest.fixture
def expected(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "survey_expected.csv", keep_default_na=False, na_values=["NA"])


def sample(folder: Path, design: str) -> pd.DataFrame:
    data = pd.read_csv(folder / f"{FILES[design]}.csv")
    if design == "clus2":  # the file's weight is of the first stage only
        schools = data.groupby("dnum")["snum"].transform("size")
        data["pw"] = data["fpc1"] / data["dnum"].nunique() * data["fpc2"] / schools
    return data.assign(wide=(data["sch.wide"] == "Yes").astype(int))


ASKED = {
    "mean_api00": ("api00", {"kind": "mean"}),
    "total_enroll": ("enroll", {"kind": "total"}),
    "ratio_apistu_enroll": ("api.stu", {"kind": "ratio", "denominator": "enroll"}),
    "prop_yes_sch.wide": ("wide", {"kind": "proportion"}),
    "prop_sch.wide": ("wide", {"kind": "proportion"}),
    "svyciprop_logit": ("wide", {"kind": "proportion"}),
}


@pytest.mark.parametrize("design", DESIGNS)
def test_estimates_agree(design: str, folder: Path, expected: pd.DataFrame) -> None:
    data = sample(folder, design)
    compared = 0
    for row in expected[expected["design"] == design].itertuples():
        if row.stat not in ASKED or row.level == "sch.wideNo":
            continue
        outcome, how = ASKED[row.stat]
        by = [] if row.domain == "all" else [row.domain]
        fit = survey.estimate(data, outcome, by, weight="pw", **how, **DESIGNS[design])
        at = 0 if row.domain == "all" else int(fit.frame.index[fit.frame["group"] == row.level][0])
        cell, details = fit.frame.loc[at], fit.details.loc[at]
        rtol = 5e-9 if row.stat.startswith("svyciprop") else RTOL
        np.testing.assert_allclose([cell["estimate"], cell["se"]], [row.estimate, row.se], rtol=rtol)
        # for proportions by group and totals by group R's table gives the whole sample's degrees; ours are the domain's
        if row.domain == "all":
            assert details["df"] == row.df
        if not np.isnan(row.ci_lo) and row.stat != "prop_sch.wide":
            np.testing.assert_allclose([cell["lower"], cell["upper"]], [row.ci_lo, row.ci_hi], rtol=rtol)
        if row.stat == "mean_api00" and row.domain == "all":
            assert details["deff"] == pytest.approx(row.deff, rel=RTOL)
        compared += 1
    assert compared >= 12


@pytest.mark.parametrize("design", DESIGNS)
def test_covariance_between_domains(design: str, folder: Path, expected: pd.DataFrame) -> None:
    """Difference and ratio of two domains need their covariance: R has both from svycontrast."""
    data = sample(folder, design).assign(area="a", period="b")
    fit = survey.estimate(data, "api00", ["area", "period", "stype"], kind="mean", weight="pw", **DESIGNS[design])
    value = fit.frame.set_index("group")["estimate"]
    covariance = fit.covariance.pivot(index="group", columns="group_other", values="covariance")
    theirs = expected[expected["design"] == design].set_index("stat")
    difference = np.sqrt(covariance.loc["E", "E"] + covariance.loc["H", "H"] - 2 * covariance.loc["E", "H"])
    assert difference == pytest.approx(theirs.loc["diff_mean_api00_E_minus_H", "se"], rel=RTOL)
    relative = covariance / np.outer(value, value)
    ratio = value["H"] / value["E"]
    spread = ratio * np.sqrt(relative.loc["E", "E"] + relative.loc["H", "H"] - 2 * relative.loc["E", "H"])
    assert spread == pytest.approx(theirs.loc["ratio_mean_api00_H_over_E", "se"], rel=RTOL)


def test_disparity_uses_the_covariance(folder: Path, expected: pd.DataFrame) -> None:
    data = sample(folder, "clus1")
    fit = survey.estimate(data, "api00", "stype", kind="mean", weight="pw", **DESIGNS["clus1"])
    cells = hyte.tidy(fit.frame).assign(reference=lambda f: f["group"] == "H").query("group != 'M'")
    both = fit.covariance.query("group != 'M' and group_other != 'M'")
    gap = hyte.disparity(cells, "D", covariance=both).iloc[0]
    theirs = expected.query("design == 'clus1' & stat == 'diff_mean_api00_E_minus_H'").iloc[0]
    assert abs(gap["estimate"]) == pytest.approx(theirs["estimate"], rel=RTOL)
    assert gap["se"] == pytest.approx(theirs["se"], rel=RTOL)
    blind = hyte.disparity(cells, "D").iloc[0]
    assert blind["se"] > gap["se"] * 1.1  # schools of a district are alike, so their errors partly cancel


@pytest.mark.parametrize("lonely", ["remove", "adjust", "average", "certainty"])
def test_lonely_units(lonely: str, folder: Path, expected: pd.DataFrame) -> None:
    data = sample(folder, "strat").merge(pd.read_csv(folder / "lonely_strata.csv"), on="cds", validate="1:1")
    fit = survey.estimate(data, "api00", kind="mean", weight="pw", strata="st2", lonely=lonely)
    theirs = expected.query("design == @name", local_dict={"name": f"lonely_{lonely}"}).iloc[0]
    assert fit.frame["se"].iloc[0] == pytest.approx(theirs["se"], rel=RTOL)
    assert fit.details["df"].iloc[0] == theirs["df"]
    with pytest.raises(hyte.MeasureError, match="one sampling unit"):
        survey.estimate(data, "api00", kind="mean", weight="pw", strata="st2")


def test_post_stratification(folder: Path, expected: pd.DataFrame) -> None:
    data = sample(folder, "clus1")
    schools = {"E": 4421, "H": 755, "M": 1018}
    for outcome, kind, stat in (("api00", "mean", "mean_api00"), ("enroll", "total", "total_enroll")):
        fit = survey.estimate(
            data, outcome, kind=kind, weight="pw", poststrata="stype", totals=schools, **DESIGNS["clus1"]
        )
        theirs = expected[(expected["design"] == "clus1_poststrat") & (expected["stat"] == stat)].iloc[0]
        np.testing.assert_allclose(
            [fit.frame["estimate"].iloc[0], fit.frame["se"].iloc[0]], [theirs["estimate"], theirs["se"]], rtol=RTOL
        )
    count = survey.estimate(data.assign(one=1), "one", "stype", kind="total", weight="pw", poststrata="stype",
                            totals=schools, **DESIGNS["clus1"]).frame  # fmt: skip
    np.testing.assert_allclose(count["estimate"], [4421, 755, 1018])
    assert (count["se"] < 1e-9).all()  # known, not estimated
    with pytest.raises(hyte.TidyError, match="has no population in totals="):
        survey.estimate(data, "api00", kind="mean", weight="pw", poststrata="stype", totals={"E": 4421, "H": 755})


# ---- replicate weights: on totals they give Taylor's variance exactly


def clusters(rng: np.random.Generator, units: int = 12) -> pd.DataFrame:
    size = rng.integers(3, 8, units)
    unit = np.repeat(np.arange(units), size)
    y = rng.normal(unit % 4, 1.0)
    return pd.DataFrame(
        {"unit": unit, "y": y, "w": rng.uniform(5, 15, len(unit)), "group": rng.choice(["a", "b"], len(unit))}
    )


def test_jackknife_of_totals_is_taylor() -> None:
    data = clusters(np.random.default_rng(1))
    units = data["unit"].nunique()
    for left in range(units):
        data[f"r{left}"] = data["w"] * (data["unit"] != left) * units / (units - 1)
    columns = [f"r{left}" for left in range(units)]
    taylor = survey.estimate(data, "y", "group", kind="total", weight="w", cluster="unit")
    jackknife = survey.estimate(data, "y", "group", kind="total", weight="w", replicates=columns)
    np.testing.assert_allclose(jackknife.matrix, taylor.matrix, rtol=1e-9)
    means = [survey.estimate(data, "y", "group", kind="mean", weight="w", **how) for how in (
        {"cluster": "unit"}, {"replicates": columns})]  # fmt: skip
    np.testing.assert_allclose(means[0].frame["estimate"], means[1].frame["estimate"], rtol=1e-12)
    np.testing.assert_allclose(means[0].frame["se"], means[1].frame["se"], rtol=0.25)


def test_balanced_half_samples_and_fay_of_totals_are_taylor() -> None:
    data = clusters(np.random.default_rng(2), 6)
    data["stratum"] = data["unit"] // 2
    hadamard = np.array([[1, 1, 1], [-1, 1, -1], [1, -1, -1], [-1, -1, 1]])
    taylor = survey.estimate(data, "y", "group", kind="total", weight="w", cluster="unit", strata="stratum")
    for kind, rho in (("brr", 0.0), ("fay", 0.3)):
        for row in range(4):
            sign = hadamard[row, data["stratum"]] * np.where(data["unit"] % 2 == 0, 1, -1)
            data[f"r{row}"] = data["w"] * (1 + sign * (1 - rho))
        fit = survey.estimate(data, "y", "group", kind="total", weight="w", replicates=[f"r{row}" for row in range(4)],
                              replication_kind=kind, rho=rho)  # fmt: skip
        np.testing.assert_allclose(fit.matrix, taylor.matrix, rtol=1e-9)
    with pytest.raises(hyte.MeasureError, match="replication_kind must be one of"):
        survey.estimate(data, "y", kind="total", weight="w", replicates=["r0", "r1"], replication_kind="brr2")
    with pytest.raises(hyte.MeasureError, match="needs rscales="):
        survey.estimate(data, "y", kind="total", weight="w", replicates=["r0", "r1"], replication_kind="jkn")


def test_weighted_jackknife_by_stratum_is_taylor() -> None:
    data = clusters(np.random.default_rng(3), 9)
    data["stratum"] = data["unit"] // 3
    for left in range(9):
        same = data["stratum"] == left // 3
        data[f"r{left}"] = data["w"] * np.where(data["unit"] == left, 0, np.where(same, 1.5, 1.0))
    taylor = survey.estimate(data, "y", "group", kind="total", weight="w", cluster="unit", strata="stratum")
    fit = survey.estimate(data, "y", "group", kind="total", weight="w", replicates=[f"r{left}" for left in range(9)],
                          replication_kind="jkn", rscales=[2 / 3] * 9)  # fmt: skip
    np.testing.assert_allclose(fit.matrix, taylor.matrix, rtol=1e-9)


# ---- what must hold


def test_domains_settings_and_keys() -> None:
    rng = np.random.default_rng(4)
    people = pd.DataFrame({
        "area": rng.choice(["HVA08", "HVA10"], 400), "education": rng.choice(["low", "mid", "high"], 400),
        "sex": rng.choice(["women", "men"], 400), "lonely": rng.random(400) < 0.2, "w": rng.uniform(1, 3, 400),
    })  # fmt: skip
    fit = survey.estimate(people, "lonely", ["area", "sex", "education"], kind="proportion", weight="w", scale=100,
                          keys={"period": "2022", "indicator": "loneliness"})  # fmt: skip
    cells = hyte.tidy(fit.frame)
    assert set(cells["dimension"]) == {"education × sex"}
    assert "low × women" in set(cells["group"])
    assert set(cells["indicator"]) == {"loneliness"}
    assert cells["respondents"].sum() == 400
    assert cells["population"].sum() == pytest.approx(people["w"].sum())
    assert len(fit.covariance) == 2 * 36
    assert set(fit.covariance.columns) == {
        "indicator",
        "area",
        "period",
        "dimension",
        "group",
        "group_other",
        "covariance",
    }
    diagonal = fit.covariance.query("group == group_other").merge(cells, on=["area", "group"], validate="1:1")
    np.testing.assert_allclose(np.sqrt(diagonal["covariance"]), diagonal["se"], rtol=1e-12)
    one = survey.estimate(people[people["sex"] == "women"], "lonely", kind="proportion", weight="w")
    domain = survey.estimate(people, "lonely", "sex", kind="proportion", weight="w").frame.set_index("group")
    assert one.frame["estimate"].iloc[0] == pytest.approx(domain.loc["women", "estimate"])


def test_design_effects_do_not_depend_on_how_weights_are_scaled() -> None:
    rng = np.random.default_rng(6)
    data = pd.DataFrame(
        {"y": rng.normal(0, 1, 3_000), "g": rng.choice(["a", "b"], 3_000), "w": rng.gamma(2, 500, 3_000)}
    )
    whole = survey.estimate(data, "y", "g", kind="mean", weight="w").details
    scaled = survey.estimate(data.assign(w=data["w"] / data["w"].mean()), "y", "g", kind="mean", weight="w").details
    np.testing.assert_allclose(scaled["deff"], whole["deff"], rtol=2e-3)
    kish = data.groupby("g")["w"].agg(lambda w: len(w) * (w**2).sum() / w.sum() ** 2)
    np.testing.assert_allclose(whole["deff"], kish, rtol=0.1)


def test_groups_all_alike_have_limits_and_empty_ones_say_so() -> None:
    people = pd.DataFrame({"y": [0, 0, 0, 0, 1, 0, None, None], "g": list("aaaabbcc"), "w": 1.0})
    frame = survey.estimate(people, "y", "g", kind="proportion", weight="w").frame.set_index("group")
    assert frame.loc["a", "upper"] == pytest.approx(hyte.rates.proportion(
        pd.DataFrame({"g": ["a"], "events": [0], "population": [4]}), "g")["upper"].iloc[0])  # fmt: skip
    assert "All alike" in frame.loc["a", "note"]
    assert frame.loc["c", "status"] == "missing"
    assert frame.loc["c", "note"] == "Nobody answered."
    assert hyte.tidy(frame.reset_index()).shape[0] == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"w": [1.0, np.nan, 1, 1]}, "is empty or negative on 1 row"),
        ({"w": [1.0, -1, 1, 1]}, "is empty or negative on 1 row"),
        ({"y": [0, 1, 2, 0]}, "A proportion's outcome is 0 or 1"),
        ({"y": [np.nan] * 4}, "No row has a value"),
        ({"g": ["a", None, "b", "b"]}, "is empty on 1 row"),
        ({"size": [1.5, 1.5, 1.5, 1.5]}, "cannot give a sample of 4"),
        ({"size": [10, 20, 10, 10]}, "differs between rows of one stratum"),
    ],
)
def test_faulty_input_is_named(change: dict[str, list[object]], message: str) -> None:
    data = pd.DataFrame({"y": [0, 1, 0, 1], "g": list("aabb"), "w": 1.0, "size": 10}).assign(**change)
    with pytest.raises(hyte.TidyError, match=message):
        survey.estimate(data, "y", "g", kind="proportion", weight="w", fpc="size")


def test_options_that_do_not_go_together() -> None:
    data = pd.DataFrame({"y": [0, 1, 0, 1], "w": 1.0, "r1": 1.0, "r2": 1.0})
    with pytest.raises(hyte.MeasureError, match="kind must be one of"):
        survey.estimate(data, "y", kind="median", weight="w")
    with pytest.raises(hyte.MeasureError, match="a ratio needs it"):
        survey.estimate(data, "y", kind="ratio", weight="w")
    with pytest.raises(hyte.MeasureError, match="already hold the design"):
        survey.estimate(data, "y", kind="mean", weight="w", replicates=["r1", "r2"], strata="w")
    with pytest.raises(hyte.MeasureError, match="lonely must be one of"):
        survey.estimate(data, "y", kind="mean", weight="w", lonely="drop")
