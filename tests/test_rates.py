"""Rates agree with the reference package (``reference/phe``): our own cases anywhere, those of peers in place."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hyteanalysis as hyte
from hyteanalysis import rates, uncertainty
from hyteanalysis.rates.funnel import poisson_funnel

OWN = Path(__file__).parent / "reference" / "phe"
LEVELS = {"95": 0.95, "998": 0.998}


@pytest.fixture(params=["own", "peer"])
def table(request: pytest.FixtureRequest, shared: Callable[[str], Path]) -> Callable[[str], pd.DataFrame]:
    """Reads a reference table by its name, of our own cases or of the peers' (in place)."""
    peers = request.param == "peer"

    def read(name: str) -> pd.DataFrame:
        folder, suffix = (shared("reference/phe/peer"), "") if peers else (OWN, "_synthetic")
        frame = pd.read_csv(folder / f"{name}{suffix}.csv")
        return frame if "source" not in frame else frame[frame["source"] != "upstream"]

    return read


def agree(ours: pd.DataFrame, theirs: pd.DataFrame, pairs: dict[str, str], rtol: float = 1e-10) -> int:
    """Assert that columns agree where the reference has a number; how many numbers were compared."""
    compared = 0
    for mine, its in pairs.items():
        known = theirs[its].notna().to_numpy() & np.isfinite(theirs[its].to_numpy(dtype=float))
        np.testing.assert_allclose(ours[mine].to_numpy()[known], theirs[its].to_numpy(dtype=float)[known], rtol=rtol)
        compared += int(known.sum())
    return compared


LIMITS = {"estimate": "value", "lower": "lowercl", "upper": "uppercl"}


def test_proportions_and_crude_rates(table: Callable[[str], pd.DataFrame]) -> None:
    for name, function in (("proportion", rates.proportion), ("rate", rates.crude)):
        given, expected = table(f"inputs_{name}").dropna(subset=["numerator", "denominator"]), table(f"expected_{name}")
        compared = 0
        expected = expected[
            expected["arg_confidence"] < 1
        ]  # at 1 the reference gives 0 to 100 %; we refuse such a level
        for (level, unit), rows in expected.groupby(["arg_confidence", "arg_multiplier"]):
            cases = given.merge(rows, on="case_id", validate="1:1")
            option = {"scale": unit} if name == "proportion" else {"per": unit}
            ours = function(cases, "case_id", events="numerator", population="denominator", level=level, **option)
            compared += agree(ours, cases, LIMITS)
        assert compared >= 40


def test_directly_standardised_rates(table: Callable[[str], pd.DataFrame]) -> None:
    given, expected = table("inputs_dsr"), table("expected_dsr")
    given = given.fillna({"count": 0})  # the reference takes an empty count as 0; we refuse it, see below
    compared = 0
    for area, rows in given.groupby("area"):
        rows = rows[rows["case_id"] == rows["case_id"].iloc[0]]
        standard = rows.rename(columns={"stdpop": "weight"})[["ageband", "weight"]]
        for _, row in expected[expected["area"] == area].iterrows():
            levels = [(row["arg_confidence"], "lowercl", "uppercl")] if "arg_confidence" in row else [
                (level, f"lower_{key}", f"upper_{key}") for key, level in LEVELS.items()]  # fmt: skip
            for level, lower, upper in levels:
                ours = rates.standardise(
                    rows, "area", band="ageband", events="count", population="pop", standard=standard.sample(frac=1),
                    per=row["arg_multiplier"], level=level,
                )  # fmt: skip
                theirs = row[["value", lower, upper]].to_numpy(dtype=float)
                np.testing.assert_allclose(ours[["estimate", "lower", "upper"]].iloc[0], theirs, rtol=1e-10)
                compared += int(np.isfinite(theirs).all())
    assert compared >= 6


def test_events_that_are_not_independent(table: Callable[[str], pd.DataFrame]) -> None:
    given, expected = table("inputs_dsr_nonindependent").fillna({"persons": 0}), table("expected_dsr_nonindependent")
    for area, rows in given.groupby("area"):
        standard = rows.rename(columns={"stdpop": "weight"})[["ageband", "weight"]].drop_duplicates()
        theirs = expected[expected["area"] == area]
        for key, level in LEVELS.items():
            ours = hyte.standardise(
                rows, "area", band="ageband", events="persons", population="pop", standard=standard,
                frequency="eventfreq", level=level,
            )  # fmt: skip
            agree(ours, theirs, {"estimate": "value", "lower": f"lower_{key}", "upper": f"upper_{key}"})
    assert expected["value"].notna().sum() >= 2


def test_fay_feuer_limits() -> None:
    given = pd.read_csv(OWN / "inputs_dsr_synthetic.csv").fillna({"count": 0})
    expected = pd.read_csv(OWN / "expected_dsr_fayfeuer_synthetic.csv").set_index("area")
    compared = 0
    for area, rows in given[given["area"].isin(expected.index)].groupby("area"):
        standard = rows.rename(columns={"stdpop": "weight"})[["ageband", "weight"]]
        ours = rates.standardise(
            rows, "area", band="ageband", events="count", population="pop", standard=standard, interval="fay-feuer"
        ).iloc[0]
        theirs = expected.loc[area]
        if rows["count"].sum() >= 10:
            np.testing.assert_allclose(
                [ours["lower"], ours["upper"]], theirs[["lowercl", "uppercl"]].astype(float), 1e-9
            )
            compared += 1
        else:
            assert ours["status"] == "missing"
            assert "Fewer than 10 events" in ours["note"]
        each = rows["stdpop"] / rows["stdpop"].sum() / rows["pop"] * 1e5
        direct = uncertainty.fay_feuer(theirs["value"], (each**2 * rows["count"]).sum(), each.max())
        np.testing.assert_allclose(direct, theirs[["lowercl", "uppercl"]].fillna(0).astype(float), rtol=1e-9)
    assert compared == 4


def test_indirectly_standardised(table: Callable[[str], pd.DataFrame]) -> None:
    for name in ("israte", "isratio"):
        given, expected = table(f"inputs_{name}").fillna(0), table(f"expected_{name}")  # the reference takes empty as 0
        for (case, area), rows in given.groupby(["case_id", "area"]):
            columns = {"ref_count": "events", "ref_pop": "population"}
            reference = rows.rename(columns=columns)[["ageband", "events", "population"]]
            theirs = expected[(expected["area"] == area) & (expected["case_id"] == case)]
            assert not theirs.empty
            for _, row in theirs.iterrows():
                unit = row["arg_multiplier"]
                for key, level in LEVELS.items():
                    ours = rates.indirect(
                        rows, "area", band="ageband", events="count", population="pop", reference=reference,
                        per=unit if name == "israte" else None, level=level,
                    ).iloc[0]  # fmt: skip
                    factor = 1 if name == "israte" else unit
                    np.testing.assert_allclose(
                        [*(ours[["estimate", "lower", "upper"]] * factor), ours["observed"], ours["expected"]],
                        row[["value", f"lower_{key}", f"upper_{key}", "observed", "expected"]].astype(float),
                        rtol=1e-10,
                    )  # fmt: skip


def test_means(table: Callable[[str], pd.DataFrame]) -> None:
    given, expected = table("inputs_mean"), table("expected_mean")
    expected = expected[expected["area"].isin(given["area"]) & expected["value"].notna()]
    for key, level in LEVELS.items():
        ours = rates.mean(given, "area", level=level).merge(
            expected, on="area", validate="1:1", suffixes=("", "_their")
        )
        pairs = {"estimate": "value", "lower": f"lower_{key}", "upper": f"upper_{key}"}
        assert agree(ours, ours, pairs) >= 4


def test_life_expectancy(table: Callable[[str], pd.DataFrame]) -> None:
    given, expected = table("inputs_life_expectancy"), table("expected_life_expectancy")
    compared = 0
    for case, rows in given.groupby("case_id"):
        theirs = expected[expected["case_id"] == case].dropna(subset=["value"])
        if case == "le_up_4_suppressed":
            rows = rows[~rows["area"].isin(["Low pops"])]  # the reference erases it; ours says uncertain
        for key, level in LEVELS.items():
            if theirs[f"lower_{key}"].isna().all():
                continue
            ours = rates.life_expectancy(rows, "area", age="startage", population="pops", level=level)
            both = ours.merge(
                theirs, left_on=["area", "age"], right_on=["area", "startage"], validate="1:m", suffixes=("", "_t")
            )
            columns = {"estimate": "value", "lower": f"lower_{key}", "upper": f"upper_{key}", "population": "pops_used"}
            compared += agree(both, both, columns)
            assert not set(theirs["area"]) - set(both["area"])
    assert compared >= 60


def test_life_tables_of_any_bands_keep_the_reference_rule() -> None:
    abridged = pd.read_csv(OWN / "inputs_life_expectancy_synthetic.csv").query("area == 'L01_large'")
    edges = [0, 1, 5, 15, 25, 35, 45, 55, 65, 75, 85]
    abridged = abridged.assign(age=[max(e for e in edges if e <= start) for start in abridged["startage"]])
    coarse = abridged.groupby(["area", "age"], as_index=False)[["deaths", "pops"]].sum()
    found = rates.life_expectancy(coarse, "area", population="pops")
    assert list(found["age"]) == edges
    fine = rates.life_expectancy(abridged, "area", age="startage", population="pops")
    assert abs(found["estimate"].iloc[0] - fine["estimate"].iloc[0]) < 0.3
    # by hand: two bands
    two = pd.DataFrame({"area": "a", "age": [0, 50], "deaths": [100, 400], "population": [50_000, 10_000]})
    q = 50 * 0.002 / (1 + 50 * 0.9 * 0.002)
    by_hand = 50 * ((1 - q) + 0.1 * q) + (1 - q) * 25
    assert rates.life_expectancy(two, "area")["estimate"].iloc[0] == pytest.approx(by_hand, rel=1e-12)


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


def test_byar_and_exact_limits() -> None:
    cases = pd.read_csv(OWN / "inputs_byars_synthetic.csv").merge(pd.read_csv(OWN / "expected_byars_synthetic.csv"))
    for level, rows in cases.groupby("conf"):
        np.testing.assert_allclose(uncertainty.byar(rows["x"], level)[0], rows["byars_lower"].fillna(0), rtol=1e-9)
        np.testing.assert_allclose(uncertainty.byar(rows["x"], level)[1], rows["byars_upper"], rtol=1e-10)
        np.testing.assert_allclose(uncertainty.exact_poisson(rows["x"], level)[0], rows["exact_lower"], rtol=1e-10)
        np.testing.assert_allclose(uncertainty.exact_poisson(rows["x"], level)[1], rows["exact_upper"], rtol=1e-10)


# ---- what must hold


counts = st.lists(st.tuples(st.integers(0, 400), st.integers(400, 90_000)), min_size=3, max_size=3)


def population(pairs: list[tuple[int, int]], area: str = "a") -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["events", "population"]).assign(area=area, age=["0-64", "65-79", "80+"])


@given(counts)
def test_standardising_to_ones_own_ages_gives_the_crude_rate(pairs: list[tuple[int, int]]) -> None:
    data = population(pairs)
    own = data.rename(columns={"population": "weight"})[["age", "weight"]]
    if data["events"].sum() >= 10:
        crude = rates.crude(data, "area")
        standardised = rates.standardise(data, "area", standard=own)
        assert standardised["estimate"].iloc[0] == pytest.approx(crude["estimate"].iloc[0], rel=1e-9)
        assert standardised["lower"].iloc[0] <= standardised["estimate"].iloc[0] <= standardised["upper"].iloc[0]
    if data["events"].sum() > 0:
        ratio = rates.indirect(data, "area", reference=data[["age", "events", "population"]])
        assert ratio["estimate"].iloc[0] == pytest.approx(1, rel=1e-12)


@given(counts, st.permutations(range(6)))
def test_row_order_and_joining_of_rows_change_nothing(pairs: list[tuple[int, int]], order: list[int]) -> None:
    data = pd.concat([population(pairs, "a"), population(pairs[::-1], "b")], ignore_index=True)
    left = rates.standardise(data, "area", standard="esp2013").set_index("area")
    right = rates.standardise(data.iloc[list(order)], "area", standard="esp2013").set_index("area").loc[left.index]
    pd.testing.assert_frame_equal(left, right)


def test_named_standards_are_collapsed_to_the_datas_bands() -> None:
    esp = rates.standard_population("esp2013")
    assert esp["weight"].sum() == 100_000
    assert len(esp) == 21
    five = pd.read_csv(OWN / "inputs_dsr_synthetic.csv").query("area == 'A01_large'").rename(
        columns={"ageband": "age", "count": "events", "pop": "population"})  # fmt: skip
    own = five.rename(columns={"stdpop": "weight"})[["age", "weight"]]
    named = rates.standardise(five, "area", standard="esp2013")
    assert named["estimate"].iloc[0] == pytest.approx(rates.standardise(five, "area", standard=own)["estimate"].iloc[0])
    first_years = five.assign(age=[0, *range(5, 95, 5)])
    pd.testing.assert_frame_equal(rates.standardise(first_years, "area", standard="esp2013"), named)
    young = five[five["age"].str.slice(0, 2).isin(["0-", "5-", *map(str, range(10, 75, 5))])]
    cut = rates.standardise(young, "area", standard="esp2013", ages=(0, 74))
    assert cut["estimate"].iloc[0] == pytest.approx(
        rates.standardise(young, "area", standard=own[own["age"].isin(young["age"])])["estimate"].iloc[0]
    )


def test_years_of_life_lost_by_hand() -> None:
    data = pd.DataFrame({"area": "a", "age": ["0-24", "25-49", "50-74", "75+"], "deaths": [8, 40, 400, 1300],
                         "population": [40_000, 45_000, 55_000, 20_000]})  # fmt: skip
    lost = rates.years_of_life_lost(data, "area", limit=75, per=None).iloc[0]
    assert lost["estimate"] == 8 * 62.5 + 40 * 37.5 + 400 * 12.5
    assert lost["se"] == pytest.approx(np.sqrt(8 * 62.5**2 + 40 * 37.5**2 + 400 * 12.5**2))
    table = pd.DataFrame({"age": ["75+", "50-74", "25-49", "0-24"], "estimate": [9.0, 25.0, 46.0, 71.0]})
    lost = rates.years_of_life_lost(data, "area", remaining=table, per=None).iloc[0]
    assert lost["estimate"] == 8 * 71 + 40 * 46 + 400 * 25 + 1300 * 9
    with pytest.raises(hyte.TidyError, match="goes over the limit 70"):
        rates.years_of_life_lost(data, "area", limit=70)


def test_ratios_and_differences() -> None:
    data = pd.DataFrame({"group": ["low", "high"], "events": [56, 48], "population": [70, 80]})
    shares = rates.proportion(data, "group")
    gap = rates.difference(shares, reference="high").iloc[0]
    # Newcombe 1998, table II, method 10: 56/70 - 48/80
    np.testing.assert_allclose([gap["estimate"], gap["lower"], gap["upper"]], [0.2, 0.0524, 0.3339], atol=5e-5)
    rate = rates.ratio(rates.crude(data, "group"), reference="high").iloc[0]
    assert rate["se"] == pytest.approx(np.sqrt(1 / 56 + 1 / 48))
    assert rate["lower"] == pytest.approx(rate["estimate"] * np.exp(-1.959964 * rate["se"]), rel=1e-6)
    zero = rates.crude(data.assign(events=[0, 48]), "group")
    two = pd.concat([zero.assign(area="a"), rates.crude(data, "group").assign(area="b")])
    found = rates.ratio(two, "area", reference="high").set_index("area")
    assert list(found["status"]) == ["missing", "ok"]
    assert "not above 0" in found.loc["a", "note"]
    with pytest.raises(hyte.TidyError, match="No row is of this reference group"):
        rates.ratio(shares, reference="mid")


def test_results_are_tidy_cells() -> None:
    keys = {"indicator": "mortality", "period": "2024", "dimension": "education"}
    one = population([(40, 9000), (60, 3000), (90, 900)])
    data = pd.concat([one.assign(area="HVA08", group=group) for group in ("low", "high")])
    by = ["area", "group"]
    results = [
        rates.proportion(data, by), rates.crude(data, by), rates.standardise(data, by, standard="esp2013"),
        rates.mean(data.rename(columns={"events": "value"}), by),
    ]  # fmt: skip
    for result in results:
        cells = hyte.tidy(result, keys=keys)
        assert list(cells["status"]) == ["ok", "ok"]
        assert cells["se"].gt(0).all()
