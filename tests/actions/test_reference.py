"""Numbers worked out elsewhere: the project's own case, the DCEA handbook, closed forms."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import hyteanalysis as hyte
from hyteanalysis.actions import dominance, equity, equity_impact, evpi, evppi
from hyteanalysis.actions.benefit import _inverse
from hyteanalysis.actions.equity import equivalents
from hyteanalysis.actions.simulation import risk_reduction
from hyteanalysis.inequality import ede

OWN = Path(__file__).parents[1] / "reference" / "actions"


@pytest.fixture
def worked():
    """The worked case of two areas and three education groups."""
    given = pd.read_csv(OWN / "reference_action_inputs.csv")
    cells = given.rename(columns={"n": "population", "p0": "estimate"})[["area", "group", "population", "estimate"]]
    cells = cells.assign(
        indicator="x", period="2024", dimension="education", order=given["group"].map({"low": 1, "mid": 2, "high": 3})
    )
    reach = {
        area: {"by_group": dict(zip(rows["group"], rows["reach"], strict=True))} for area, rows in given.groupby("area")
    }
    price = given.drop_duplicates("area").set_index("area")["cost_per_reached"]
    first = given.drop_duplicates("group").set_index("group")
    action = hyte.Action.from_dict(
        {
            "id": "worked", "name": "Worked", "outcome": "x", "dimension": "education",
            "effect": {"scale": "rr", "by_group": first["rr"].to_dict()},
            "reach": {"by_area": reach},
            "cost": {"per_person": {"by_area": price.to_dict()}},
            "horizon_years": 3, "retention": 0.6, "discount": 0.03,
        }
    )  # fmt: skip
    return hyte.impact(cells, action, draws=200, seed=1)


def test_the_worked_case_by_group(worked):
    expected = pd.read_csv(OWN / "reference_action_by_group.csv")
    names = {
        "reached": "reached", "arr": "arr", "averted": "averted_year1", "per_1000_reached": "averted_per_1000_reached",
        "nnt": "nnt_reach", "after": "p1", "cost": "cost", "cost_per_case": "cost_per_averted",
        "person_years": "averted_person_years_discounted", "benefit_share": "share_of_benefit",
        "burden_share": "share_of_baseline_burden", "benefit_burden": "benefit_to_burden_ratio",
    }  # fmt: skip
    both = worked.by_group.merge(expected, on=["area", "group"], suffixes=("", "_"), validate="one_to_one")
    for ours, theirs in names.items():
        theirs = f"{theirs}_" if f"{theirs}_" in both else theirs
        np.testing.assert_allclose(both[ours], both[theirs], rtol=1e-9, err_msg=ours)
    assert both["inverse_care"].tolist() == (both["benefit_to_burden_ratio"] < 1).tolist()
    # nothing uncertain: limits are the value itself
    for name in ("arr", "averted", "cost_per_case"):
        assert (worked.by_group[f"{name}_lower"] == worked.by_group[name]).all()


def test_the_worked_case_before_and_after(worked):
    expected = pd.read_csv(OWN / "reference_action_inequality.csv").set_index("measure")
    pooled = worked.pooled
    people = pooled["population"].to_numpy()
    linear = equity.inequality(pooled, model="linear", aversion={"ATK": 2.0, "KOL": 5.0}).set_index("measure")
    same = {
        "abs_gap_low_minus_high": ("D", 1), "rel_gap_low_over_high": ("R", 1), "sii": ("SII", 1),
        "rii_ratio_low_over_high": ("KMI", 1), "ci": ("RCI", 1), "erreygers": ("ERR", 1), "wagstaff": ("WAG", 1),
        "bgv": ("BGV", 1), "theil_t": ("TI", 1000), "mld": ("MLD", 1000), "paf_best_group": ("PAF", -100),
        "par_best_group": ("PAR", -1),
    }  # fmt: skip
    for theirs, (ours, scale) in same.items():
        found = linear.loc[ours, ["before", "after", "change"]].to_numpy(dtype=float) / scale
        np.testing.assert_allclose(found[:2], expected.loc[theirs, ["before", "after"]].to_numpy(float), rtol=1e-9)
        np.testing.assert_allclose(found[2], expected.loc[theirs, "change"], rtol=1e-9, atol=1e-12, err_msg=theirs)
    for state, column in (("before", "baseline"), ("after", "after")):
        health = 1 - pooled[column].to_numpy()
        for name, value in expected[state].items():
            if "_ede_" in name:
                aversion = float(name.split("eps")[-1].split("alpha")[-1])
                found = equivalents(health[None], people, index=name.split("_")[0], aversion=aversion)[0]
                assert found == pytest.approx(value, rel=1e-9), name
    assert worked.totals.set_index("quantity")["value"]["paf"] == pytest.approx(
        expected.loc["paf_best_group", "before"]
    )


def test_effect_scales_in_closed_form():
    given = pd.read_csv(OWN / "closed_form_effect_scales.csv")
    start, ratio = given["p0"].to_numpy(), given["ratio"].to_numpy()
    by_risk, by_odds = (risk_reduction(start, ratio, scale) for scale in ("rr", "or"))
    np.testing.assert_allclose(by_risk, given["arr_if_ratio_is_rr"], rtol=1e-12)
    np.testing.assert_allclose(_inverse(by_risk), given["nnt_if_rr"], rtol=1e-12)
    np.testing.assert_allclose(by_odds, given["arr_if_ratio_is_or"], rtol=1e-12)
    np.testing.assert_allclose(start - by_odds, given["p1_if_ratio_is_or"], rtol=1e-12)


def test_value_of_information_of_two_normals():
    for case in pd.read_csv(OWN / "closed_form_pbest_evpi.csv").itertuples():
        # quantiles instead of chance: a grid of both options' distributions
        grid = stats.norm.ppf((np.arange(400) + 0.5) / 400)
        first, second = np.meshgrid(case.mean1 + case.sd1 * grid, case.mean2 + case.sd2 * grid)
        values = np.stack([first.ravel(), second.ravel()])
        assert evpi(values) == pytest.approx(case.evpi_two_option_normal, rel=2e-3)
        assert (values[0] > values[1]).mean() == pytest.approx(case.p_option1_best, abs=5e-3)
        assert 0 <= evppi(values, values[0]) <= evpi(values)
        # knowing both is knowing all that there is to know
        assert evppi(values, values) == pytest.approx(evpi(values), rel=0.05)


def test_the_handbook_example_of_nicotine_replacement(shared):
    given = pd.read_csv(shared("reference/actions/peer/dcea_nrt_inputs.csv"))
    people, start = given["population"].to_numpy(dtype=float), given["no_nrt"].to_numpy()
    expected = pd.read_csv(shared("reference/actions/peer/dcea_nrt_equity_impact.csv"))
    for row in expected.itertuples():
        point = equity_impact(start, given[row.strategy], people, index="atkinson", aversion=row.atkinson_eps).iloc[0]
        assert point["efficiency"] == pytest.approx(row.efficiency_total_haly, rel=1e-9)
        assert point["ede_gain"] == pytest.approx(row.ede_gain_total, rel=1e-9)
        assert point["equity"] == pytest.approx(row.equity_total, rel=1e-7, abs=1e-6)
        assert point["quadrant"] == ("helps_and_narrows" if row.atkinson_eps > 0 else "helps_all_alike")
    levels = pd.read_csv(shared("reference/actions/peer/dcea_nrt_ede.csv")).rename(columns={"index": "kind"})
    # the extended Gini with its plain aversion is the Gini
    levels = levels[(levels["kind"] != "extended_gini") | (levels["parameter"] == 2)]
    assert set(levels["kind"]) == {"atkinson", "kolm", "extended_gini"}
    for row in levels.itertuples():
        index = row.kind.removeprefix("extended_")
        found = equivalents(given[row.strategy].to_numpy()[None], people, index=index, aversion=row.parameter)
        assert found[0] == pytest.approx(row.ede_per_person, rel=1e-9), row


def test_the_handbook_switch_values(shared):
    given = pd.read_csv(shared("reference/actions/peer/dcea_nrt_inputs.csv"))
    expected = pd.read_csv(shared("reference/actions/peer/dcea_nrt_switch_values.csv"))["value"]
    names = ("Kaikille sama", "Tarpeen mukaan jakaminen")
    universal, proportional = given["universal_nrt"], given["proportional_universal_nrt"]
    for index, value in zip(("atkinson", "kolm"), expected, strict=True):
        found = hyte.switch_value(universal, proportional, population=given["population"], index=index, names=names)
        # the inputs have eight digits, and the options differ in the last three
        assert found.aversion == pytest.approx(value, rel=1e-8)
        assert (found.above, found.below, found.others) == (names[1], names[0], ())
        assert found.text("fi") == (
            "Tarpeen mukaan jakaminen on parempi, jos heikoimman ryhmän hyöty painaa vähintään 1,7 kertaa "
            "niin paljon kuin parhaan."
        )


@pytest.mark.parametrize("case", ["dcea_nrt", "dcea_three_individuals"])
def test_the_handbook_dominance(shared, case):
    given = pd.read_csv(shared(f"reference/actions/peer/{case}_inputs.csv"))
    expected = pd.read_csv(shared(f"reference/actions/peer/{case}_dominance.csv"), keep_default_na=False)
    expected = expected.rename(columns={"strategy": "option", "decision": "option"})
    options = given[[name for name in given if name.endswith("nrt") or name.startswith("decision")]]
    options = options.rename(columns={name: name[-1].upper() for name in options if name.startswith("decision")})
    found = dominance(options, population=given["population"])
    both = expected.merge(found, on=["baseline", "option"], suffixes=("", "_found"), validate="one_to_one")
    assert len(both) == len(expected)
    for column in ("pareto", "lorenz", "generalized_lorenz", "second_order_generalized_lorenz"):
        assert both[column].tolist() == both[f"{column}_found"].tolist(), column


def test_the_handbook_three_people(shared):
    given = pd.read_csv(shared("reference/actions/peer/dcea_three_individuals_inputs.csv"))
    expected = pd.read_csv(shared("reference/actions/peer/dcea_three_individuals_ede.csv"))
    expected = expected.rename(columns={"index": "kind"})
    for row in expected[expected["kind"].isin(["atkinson", "kolm"])].itertuples():
        health = given[f"decision_{row.decision.lower()}"].to_numpy(dtype=float)
        people = given["population"].to_numpy(dtype=float)
        found = equivalents(health[None], people, index=row.kind, aversion=row.parameter)[0]
        assert found == pytest.approx(row.ede, rel=1e-9)
        assert ede(health, people, index=row.kind, aversion=row.parameter) == pytest.approx(row.ede, rel=1e-9)


def test_york_calculator_ede_changes(shared):
    groups = pd.read_csv(shared("reference/actions/peer/york_heic_by_group.csv"))
    expected = pd.read_csv(shared("reference/actions/peer/york_heic_atkinson.csv"))
    for row in expected.itertuples():
        case = groups[groups["scenario"] == row.scenario]
        found = equity_impact(case["qale"], case["qale_post"], case["pop"], aversion=row.ia).iloc[0]
        assert found["ede_gain"] == pytest.approx(row.ede_change1, rel=1e-7)
        assert found["equity"] == pytest.approx(row.ineq_ede1, rel=1e-6, abs=1e-2)
