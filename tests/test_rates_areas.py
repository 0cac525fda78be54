"""Quantiles of areas, their slope indices and funnels agree with the reference package."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from phe_tables import reader

from hyteanalysis import rates, uncertainty
from hyteanalysis.rates.funnel import poisson_funnel


@pytest.fixture(params=["own", "peer"])
def table(request: pytest.FixtureRequest, shared: Callable[[str], Path]) -> Callable[[str], pd.DataFrame]:
    return reader(request.param, shared)


def test_quantile_groups(table: Callable[[str], pd.DataFrame]) -> None:
    given, expected = table("inputs_quantile"), table("expected_quantile")
    if "arg_nquantiles" in given:
        cases = [
            (rows, k, invert) for (_, k, invert), rows in given.groupby(["case_id", "arg_nquantiles", "arg_invert"])
        ]
    else:
        cases = [
            (given, k, invert) for k, invert in expected[["arg_nquantiles", "arg_invert"]].drop_duplicates().values
        ]
    compared = 0
    for rows, k, invert in cases:
        ours = rates.quantile_groups(rows, "group", k=int(k), first="highest" if invert else "lowest")
        theirs = (
            expected
            if "arg_nquantiles" not in expected
            else expected.query("arg_nquantiles == @k & arg_invert == @invert")
        )
        keys = [key for key in ("case_id", "row", "group") if key in ours and key in theirs]
        both = ours.merge(theirs, on=keys, validate="1:1", suffixes=("", "_their"))
        assert len(both) == len(ours)
        same = both["quantile"].astype("Float64") == both["quantile_their"]
        assert (same.fillna(False) | (both["quantile"].isna() & both["quantile_their"].isna())).all()
        compared += int(both["quantile_their"].notna().sum())
    assert compared > 500


def test_slope_and_relative_index(table: Callable[[str], pd.DataFrame]) -> None:
    given, expected, cases = table("inputs_sii"), table("expected_sii"), table("cases_sii")
    compared = 0
    for _, case in cases.iterrows():
        rows = given[given["case_id"] == case["case_id"]]
        by_error = case["uncertainty"] == "se"
        rows = rows.drop(columns=[] if by_error else ["se"])
        kind = ("mean", "rate", "proportion")[case["value_type"]]
        for level in [float(text) / 100 for text in str(case["confidence"]).split(",")]:
            ours = rates.slope_index(
                rows, "area", estimate="value", lower="lower_cl", upper="upper_cl", kind=kind,
                transform=bool(case["transform"]), multiplier=case["multiplier"], level=level, draws=40_000, seed=1,
            ).pivot(index="area", columns="measure")  # fmt: skip
            theirs = expected[(expected["case_id"] == case["case_id"]) & np.isclose(expected["arg_confidence"], level)]
            for source, its in theirs.groupby("source"):
                mine = ours.loc[its["area"]]
                np.testing.assert_allclose(mine["estimate", "SII"], its["sii"], rtol=1e-10)
                unit = abs(case["multiplier"])  # the reference multiplies the intercept only where it transforms
                its_intercept = its["intercept"] * (1 if case["transform"] else unit)
                np.testing.assert_allclose(mine["intercept", "SII"], its_intercept, rtol=1e-10)
                exact = source == "analytic"
                if exact and kind == "mean":
                    np.testing.assert_allclose(mine["se", "SII"], its["se_slope"], rtol=1e-9)
                for measure in ("SII", "RII")[: 1 if exact else 2]:
                    for side in ("lower", "upper"):
                        limit, name = mine[side, measure].to_numpy(), f"{measure.lower()}_{side}"
                        if exact:
                            np.testing.assert_allclose(limit, its[name], rtol=1e-9)
                            continue
                        z = uncertainty.normal_quantile(level)
                        spread = (its[f"{measure.lower()}_upper"] - its[f"{measure.lower()}_lower"]) / (2 * z)
                        slack = 0.05 if level < 0.97 else 0.15  # their draws and ours both err
                        assert (np.abs(limit - its[name]) < slack * spread).all(), (
                            case["case_id"],
                            measure,
                            side,
                            level,
                        )
                        compared += 1
                if not exact:
                    np.testing.assert_allclose(mine["estimate", "RII"], its["rii"], rtol=1e-10)
    assert compared >= 20


def test_funnel_limits_on_poisson_counts(shared: Callable[[str], Path]) -> None:
    expected = pd.read_csv(shared("reference/phe/peer") / "expected_funnel_limits.csv")
    exact = expected[(expected["source"] == "analytic") & (expected["case_id"] == "funnel_ratio_1")]
    for level, sigma in ((0.95, "2s"), (0.998, "3s")):
        for side, position in (("lower", 0), ("upper", 1)):
            share = exact[f"{side}_{sigma}_limit"].to_numpy() / 100
            size = exact["axis"].to_numpy() / share  # the reference draws at whole counts: count / limit is expected
            np.testing.assert_allclose(poisson_funnel(size, level)[position] / size, share, rtol=1e-9)


def test_funnel_limits_of_proportions(shared: Callable[[str], Path]) -> None:
    folder = shared("reference/phe/peer")
    expected = pd.read_csv(folder / "expected_funnel_limits.csv").query("source == 'package'")
    for case in ("funnel_prop_1", "funnel_prop_2_axis"):
        theirs = expected[expected["case_id"] == case]
        given = pd.read_csv(folder / "inputs_funnel_limits.csv").query("case_id == @case")
        ours = rates.funnel_limits(given, events="numerator", population="denominator", per=100)
        assert ours["average"].iloc[0] == pytest.approx(theirs["baseline"].iloc[0], rel=1e-10)
        curve = rates.funnel_curve(theirs["axis"], average=theirs["baseline"].iloc[0], per=100)
        names = {"lower_95": "lower_2s", "upper_95": "upper_2s", "lower_998": "lower_3s", "upper_998": "upper_3s"}
        for mine, its in names.items():
            np.testing.assert_allclose(curve[mine], theirs[f"{its}_limit"], rtol=1e-10, atol=1e-9)


@pytest.mark.parametrize("case", ["sig_prop", "sig_ratio", "sig_rate_crude", "sig_rate_dsr"])
def test_funnel_significance(case: str, shared: Callable[[str], Path]) -> None:
    folder = shared("reference/phe/peer")
    given = pd.read_csv(folder / "inputs_funnel_significance.csv").query("case_id == @case")
    theirs = pd.read_csv(folder / "expected_funnel_significance.csv").query("case_id == @case & source == 'package'")
    if case == "sig_rate_dsr":  # a standardised rate counts as events over the people that would give it
        given = given.query("numerator >= 10").assign(denominator=lambda f: f["numerator"] / f["rate"] * 1e5)
    kind = {"sig_prop": "proportion", "sig_ratio": "ratio"}.get(case, "rate")
    ours = rates.funnel_limits(given, kind=kind, events="numerator", population="denominator", expected="denominator")
    words = {"high 99.8": "High (0.001)", "high 95": "High (0.025)", "low 99.8": "Low (0.001)", "low 95": "Low (0.025)",
             "not significant": "Not significant"}  # fmt: skip
    both = ours.assign(mine=ours["significance"].map(words))[["area", "mine"]].merge(
        theirs[["area", "significance"]], on="area", validate="1:1"
    )
    assert len(both) > 30
    assert (both["mine"] == both["significance"]).all()
