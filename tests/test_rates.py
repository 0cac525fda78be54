"""Rates agree with the reference package (``reference/phe``): our own cases anywhere, those of peers in place."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phe_tables import LEVELS, LIMITS, OWN, agree, reader

import hyteanalysis as hyte
from hyteanalysis import rates, uncertainty


@pytest.fixture(params=["own", "peer"])
def table(request: pytest.FixtureRequest, shared: Callable[[str], Path]) -> Callable[[str], pd.DataFrame]:
    return reader(request.param, shared)


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
