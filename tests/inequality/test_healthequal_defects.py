"""What the reference does wrong (defects.csv), each with the correction that we follow."""

import numpy as np
import pandas as pd
import pytest
from inequality_worlds import REFERENCE, indicators, reference_cells, setting
from scipy.optimize import minimize

import hyteanalysis as hyte
from hyteanalysis.uncertainty import normal_quantile


@pytest.fixture(scope="module")
def cases():
    inputs = pd.read_csv(REFERENCE / "inputs_synthetic.csv")
    cells, metadata, average = reference_cells(inputs)
    expected = pd.read_csv(REFERENCE / "expected_synthetic.csv").set_index(["case_id", "measure", "variant"])
    return cells, metadata, average, expected


def ask(cells, measures, **options):
    return hyte.disparity(cells, measures, **{"draws": 1000, "interval": "plain", **options}).set_index("measure")


def one(cases, case):
    cells, metadata, average, _ = cases
    return cells[cells["indicator"] == case], metadata[metadata["indicator"] == case], average


def likelihood_ends(y, weight):
    """f(0) and f(1) of the logit line by direct maximisation, weighted once."""
    share = weight / weight.sum()
    ridit = np.cumsum(share) - share / 2

    def loss(line):
        predictor = line[0] + line[1] * ridit
        return -(share * (y * predictor - np.logaddexp(0, predictor))).sum()

    level, slope = minimize(loss, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-15}).x
    return 1 / (1 + np.exp(-level)), 1 / (1 + np.exp(-level - slope))


@pytest.mark.parametrize("case", ["syn01", "syn03", "syn13"])
def test_sii_and_rii_weight_by_population_once(cases, case):
    cells, metadata, _ = one(cases, case)
    cells = cells.sort_values("order")
    bottom, top = likelihood_ends(cells["estimate"].to_numpy() / 100, cells["population"].to_numpy())
    found = ask(cells, ["SII", "RII"], indicators=metadata)["estimate"]
    assert found["SII"] == pytest.approx(100 * (top - bottom), rel=1e-5)
    assert found["RII"] == pytest.approx(top / bottom, rel=1e-5)
    # weights squared, as there, would give another number
    squared = likelihood_ends(cells["estimate"].to_numpy() / 100, cells["population"].to_numpy() ** 2)
    assert abs(100 * (squared[1] - squared[0]) / found["SII"] - 1) > 1e-3


def test_se_of_sii_is_on_the_scale_of_the_estimate(cases):
    cells, metadata, _ = one(cases, "syn01")
    found = ask(cells, "SII", indicators=metadata, se="model", model="linear").loc["SII"]
    theirs = cases[3].loc[("syn01", "sii", "linear")]
    assert found["se"] == pytest.approx(100 * theirs["se"].item(), rel=2e-4)
    assert found["upper"] - found["estimate"] == pytest.approx(normal_quantile(0.95) * found["se"])


def test_logit_line_does_not_change_with_the_unit():
    cells = setting([30.0, 24.0, 12.0], population=[100.0, 300.0, 200.0])
    per_cent = ask(cells, ["SII", "RII"], indicators=indicators(scale=100.0))
    per_mille = cells.assign(estimate=cells["estimate"] * 10, se=cells["se"] * 10)
    per_mille = ask(per_mille, ["SII", "RII"], indicators=indicators(scale=1000.0))
    assert per_mille.loc["SII", "estimate"] == pytest.approx(10 * per_cent.loc["SII", "estimate"], rel=1e-9)
    assert per_mille.loc["RII", "estimate"] == pytest.approx(per_cent.loc["RII", "estimate"], rel=1e-9)
    # 12 per 1000 stays 12 per 1000
    rare = setting([12.0, 8.0, 4.0], population=1000.0)
    assert ask(rare, "RII", indicators=indicators(scale=1000.0)).loc["RII", "estimate"] == pytest.approx(
        likelihood_ends(np.array([0.012, 0.008, 0.004]), np.ones(3))[1]
        / likelihood_ends(np.array([0.012, 0.008, 0.004]), np.ones(3))[0],
        rel=1e-4,
    )


def test_sii_without_population_fits_the_shares_themselves(cases):
    cells, metadata, _ = one(cases, "syn01")
    found = ask(cells.drop(columns="population"), "SII", indicators=metadata).loc["SII"]
    ordered = cells.sort_values("order")["estimate"].to_numpy() / 100
    bottom, top = likelihood_ends(ordered, np.ones(len(ordered)))
    assert found["estimate"] == pytest.approx(100 * (top - bottom), rel=1e-5)
    assert "equal weights" in found["note"]


@pytest.mark.parametrize("code", ["SII", "RII", "ACI", "RCI"])
def test_errors_of_the_groups_are_propagated_even_on_an_exact_gradient(code):
    exact = setting([30.0, 25.0, 20.0, 15.0, 10.0], se=2.0)
    narrow, wide = (ask(exact.assign(se=se), code).loc[code, "se"] for se in (1.0, 2.0))
    assert wide == pytest.approx(2 * narrow, rel=1e-6)
    assert ask(exact, code, se="model").loc[code, "se"] < 1e-9


def test_a_linear_rii_with_an_end_below_zero_is_empty_and_says_so():
    found = ask(setting([0.1, 0.1, 9.0]), ["RII", "SII"], model="linear")
    assert np.isnan(found.loc["RII", "estimate"])
    assert "zero or below" in found.loc["RII", "note"]
    assert found.loc["SII", "estimate"] > 0


def test_se_of_mld_and_ti_is_times_1000(cases):
    cells, metadata, _ = one(cases, "syn01")
    found = ask(cells, ["MLD", "TI"], indicators=metadata)
    for code in ("MLD", "TI"):
        theirs = cases[3].loc[("syn01", code.lower(), "default")]
        assert found.loc[code, "se"] == pytest.approx(1000 * theirs["se"].item(), rel=1e-9)
        assert found.loc[code, "upper"] == pytest.approx(found.loc[code, "estimate"] + 1.959964 * found.loc[code, "se"])


def test_se_of_paf_is_times_100(cases):
    cells, metadata, _ = one(cases, "syn01")
    found = ask(cells, "PAF", indicators=metadata, se="model").loc["PAF"]
    theirs = cases[3].loc[("syn01", "paf", "default")]
    assert found["se"] == pytest.approx(100 * theirs["se"].item(), rel=1e-9)
    assert found["lower"] == pytest.approx(found["estimate"] - 1.959964 * found["se"])


def test_idisw_limits_use_the_simulated_mean(cases):
    cells, metadata, _ = one(cases, "edge01_all_equal_ordered")
    limits = pd.read_csv(REFERENCE / "sim_ci_limits.csv").set_index(["case_id", "measure"])
    right, as_coded = (limits.loc[("edge01_all_equal_ordered", name)] for name in ("idisw", "idisw_as_coded"))
    found = hyte.disparity(cells, "IDISW", indicators=metadata, interval="plain", seed=2).iloc[0]
    assert found["lower"] == pytest.approx(right["ci_lower"], rel=0.05)
    assert abs(found["lower"] - as_coded["ci_lower"]) > 0.1 * as_coded["ci_lower"]


def test_idisu_and_mdmu_take_population_and_average_together_with_one_centre(cases):
    cells, metadata, _ = one(cases, "syn01")
    average = float(cells["estimate"].mean()) + 5
    found = ask(cells, ["IDISU", "MDMU", "BGSD"], indicators=metadata, average=average)
    away = np.abs(cells["estimate"] - average).mean()
    assert found.loc["MDMU", "estimate"] == pytest.approx(away)
    assert found.loc["IDISU", "estimate"] == pytest.approx(100 * away / average)
    # draws around the same centre: the interval holds the estimate near its middle
    middle = found[["lower", "upper"]].mean(axis=1)
    assert (abs(middle - found["estimate"]) < found["se"]).all()
    assert found["note"].str.contains("published average taken as known").all()


@pytest.mark.parametrize("code", ["R", "MDBU", "MDBW", "MDRU", "MDRW", "D", "SII", "TI"])
def test_without_se_there_is_an_estimate_and_no_interval(code):
    found = ask(setting([30.0, 20.0, 10.0]).drop(columns="se"), code).loc[code]
    assert np.isfinite(found["estimate"])
    assert found[["se", "lower", "upper"]].isna().all()
    assert "standard errors are missing" in found["note"]


@pytest.mark.parametrize(
    "code", ["MDBU", "MDBW", "MDRU", "MDRW", "MLD", "TI", "PAR", "PAF", "SII", "RII", "ACI", "RCI", "BGV"]
)
def test_a_missing_middle_group_is_dropped_counted_and_the_rest_ranked(code):
    cells = setting([50.0, 55.0, 60.0, 70.0, 80.0], population=[5.0, 4.0, 3.0, 4.0, 5.0])
    gap = cells.assign(estimate=cells["estimate"].where(cells["group"] != "g2"))
    found = ask(gap, code).loc[code]
    rest = ask(cells[cells["group"] != "g2"], code).loc[code]
    assert found["estimate"] == rest["estimate"]
    assert found["se"] == rest["se"]
    assert found["n_groups"] == 4
    assert "1 missing group left out" in found["note"]


def test_ties_for_the_extreme_give_one_row_with_the_larger_error(cases):
    cells, metadata, _ = one(cases, "edge04_ties_with_reference")
    found = hyte.disparity(cells, ["D", "R"], indicators=metadata)
    assert found["measure"].tolist() == ["D", "R"]
    assert found["estimate"].tolist() == [20.0, 3.0]
    assert found.loc[0, "se"] == pytest.approx(3.5071355833500362)


def test_se_of_an_unused_group_may_be_missing_for_d():
    cells = setting([30.0, 20.0, 10.0], se=[1.0, np.nan, 1.0])
    found = ask(cells, "D").loc["D"]
    assert found["se"] == pytest.approx(np.sqrt(2))
    assert "missing" not in found["note"]


def test_two_groups_such_as_the_sexes_are_enough():
    found = ask(setting([30.0, 20.0], order=False, dimension="sex"), "all")
    assert {"D", "R", "BGV", "TI", "PAR", "MDMW"} <= set(found.index[found["estimate"].notna()])


@pytest.mark.parametrize("code", ["MLD", "TI"])
def test_zero_estimates_leave_mld_and_ti_undefined(code):
    found = ask(setting([30.0, 0.0, 10.0]), code).loc[code]
    assert np.isnan(found["estimate"])
    assert "zero" in found["note"]


@pytest.mark.parametrize(("favourable", "side"), [(False, "upper"), (True, "lower")])
def test_par_of_a_leading_group_that_is_not_better_is_zero_and_so_are_its_limits(favourable, side):
    estimate = [10.0, 12.0, 14.0] if not favourable else [14.0, 12.0, 10.0]
    found = ask(setting(estimate, favourable=favourable), ["PAR", "PAF"])
    assert (found["estimate"] == 0).all()
    assert (found[side] == 0).all()
    assert (found["lower"] <= 0).all() if not favourable else (found["lower"] >= 0).all()
    assert found["note"].str.contains("limits cut at 0").all()


def test_populations_are_not_rounded():
    whole = setting([30.0, 20.0, 10.0], population=[1.4, 1.2, 1.1])
    more = whole.assign(population=whole["population"] * 1000)
    assert ask(whole, "SII").loc["SII", "estimate"] == pytest.approx(ask(more, "SII").loc["SII", "estimate"], rel=1e-12)


def test_conf_level_reaches_the_simulated_limits():
    wide, narrow = (ask(setting([30.0, 20.0, 10.0]), "BGSD", level=level).loc["BGSD"] for level in (0.99, 0.8))
    assert wide["lower"] < narrow["lower"] < narrow["upper"] < wide["upper"]


def test_persons_are_not_matched_by_position():
    generator = np.random.default_rng(3)
    people = pd.DataFrame(
        {
            "y": generator.integers(0, 2, 200),
            "rank": generator.integers(1, 6, 200),
            "weight": generator.uniform(0.5, 2, 200),
            "strata": generator.integers(0, 4, 200),
        }
    ).assign(cluster=generator.integers(0, 30, 200))
    options = {"outcome": "y", "rank": "rank", "weight": "weight", "strata": "strata", "cluster": "cluster"}
    first = hyte.disparity_individual(people, "all", **options)
    second = hyte.disparity_individual(people.sample(frac=1, random_state=4), "all", **options)
    pd.testing.assert_frame_equal(first, second, rtol=1e-9)
