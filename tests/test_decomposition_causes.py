"""Gaps taken apart over time, by age and by cause; every result's sentence and assumptions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_gaps import FEW, TIGHT, deaths, parted, people

import hyteanalysis as hyte
from hyteanalysis import decomposition
from hyteanalysis.decomposition import arriaga, causes, change, concentration, theil
from hyteanalysis.errors import MeasureError
from hyteanalysis.i18n import LANGS


class TestChange:
    def test_a_gap_that_changed(self):
        then, now = parted(people(30)), parted(people(31, shift=0.8))
        found = change(then, now)
        assert found.total == pytest.approx(now.total - then.total, **TIGHT)
        assert found.frame["estimate"].sum() == pytest.approx(found.total, **TIGHT)
        moved = found.parts.set_index("part")["estimate"]
        explained = [one.parts["estimate"].iloc[0] for one in (then, now)]
        assert moved["differences"] + moved["returns"] == pytest.approx(explained[1] - explained[0], **TIGHT)
        both = np.hypot(then.parts["se"].iloc[-1], now.parts["se"].iloc[-1])
        assert found.parts["se"].iloc[-1] == pytest.approx(both, rel=1e-9)
        back = change(now, then)
        np.testing.assert_allclose(found.frame["estimate"], -back.frame["estimate"], atol=1e-10)

    def test_an_index_that_changed(self):
        ask = {"outcome": "lonely", "rank": "income", "factors": ["age", "place"], "draws": 100}
        then, now = concentration(people(32), **ask, seed=1), concentration(people(33), **ask, seed=2)
        found = change(then, now)
        assert found.frame["estimate"].sum() == pytest.approx(now.total - then.total, **TIGHT)
        assert found.frame["se"].gt(0).all()

    def test_results_that_do_not_match_are_named(self):
        one = parted(people(34))
        with pytest.raises(
            MeasureError, match=r"one method, oaxaca .twofold. or concentration; not oaxaca and threefold"
        ):
            change(one, parted(people(34), fold=3))
        with pytest.raises(MeasureError, match="differ in groups or factors"):
            change(one, parted(people(34), factors=["age"]))
        logit = parted(people(34), outcome="lonely", model="logit")
        with pytest.raises(MeasureError, match="takes linear results"):
            change(logit, logit)
        with pytest.raises(MeasureError, match="different categories"):
            change(one, parted(people(34).query("place != 'city'")))


class TestArriaga:
    @FEW
    @given(st.integers(0, 2**32 - 1), st.booleans())
    def test_adds_up_to_the_gap_in_life_expectancy(self, seed, by_cause):
        table = deaths(seed, by_cause)
        found = arriaga(table, between="sex", groups=("women", "men"), cause="cause" if by_cause else None)
        sums = table.groupby(["sex", "age"], sort=False).agg({"deaths": "sum", "population": "first"}).reset_index()
        life = hyte.rates.life_expectancy(sums, "sex").query("age == 0").set_index("sex")
        assert found.total == pytest.approx(life.loc["women", "estimate"] - life.loc["men", "estimate"], **TIGHT)
        assert found.frame["estimate"].sum() == pytest.approx(found.total, **TIGHT)
        back = arriaga(table, between="sex", groups=("men", "women"), cause="cause" if by_cause else None)
        np.testing.assert_allclose(found.frame["estimate"], -back.frame["estimate"], atol=1e-10)

    def test_the_error_is_that_of_the_difference(self):
        table = deaths(1)
        life = hyte.rates.life_expectancy(table, "sex").query("age == 0")
        found = arriaga(table, between="sex", groups=("women", "men"))
        # ours takes deaths as Poisson, life tables as binomial with Silcocks' term
        assert found.parts["se"].iloc[-1] == pytest.approx(np.hypot(*life["se"]), rel=0.1)

    def test_causes_of_equal_rates_still_contribute(self):
        rows = [(sex, age, cause, 10, 1000) for sex in ("a", "b") for age in ("0-39", "40+") for cause in ("x", "y")]
        table = pd.DataFrame(rows, columns=["sex", "age", "cause", "deaths", "population"])
        table.loc[(table["sex"] == "a") & (table["age"] == "0-39"), "deaths"] = [5, 15]
        found = arriaga(table, between="sex", groups=("a", "b"), cause="cause").frame
        assert found["estimate"].sum() == pytest.approx(0, abs=1e-6)
        assert found["estimate"].iloc[0] > 1

    def test_faults_are_named(self):
        table = deaths(2, by_cause=True)
        with pytest.raises(MeasureError, match="'population' differs between the causes"):
            arriaga(table.assign(population=range(1000, 1000 + len(table))), between="sex", cause="cause")
        lost = table[~((table["sex"] == "men") & (table["cause"] == "heart"))]
        with pytest.raises(MeasureError, match="Group 'men' has no rows of cause 'heart'"):
            arriaga(lost, between="sex", cause="cause")
        with pytest.raises(hyte.HyteError, match="not open"):
            arriaga(deaths(2).query("age != '85+'"), between="sex")


class TestCauses:
    @FEW
    @given(st.integers(0, 2**32 - 1))
    def test_add_up_to_the_gap_of_standardised_rates(self, seed):
        rng = np.random.default_rng(seed)
        rows = [(sex, cause, age, int(rng.integers(5, 80)), 10_000) for sex in ("men", "women")
                for cause in ("x", "y") for age in ("0-39", "40-64", "65+")]  # fmt: skip
        table = pd.DataFrame(rows, columns=["sex", "cause", "age", "events", "population"])
        standard = pd.DataFrame({"age": ["0-39", "40-64", "65+"], "weight": [50, 33, 17]})
        found = causes(table, between="sex", groups=("men", "women"), cause="cause", standard=standard)
        whole = table.groupby(["sex", "age"]).agg({"events": "sum", "population": "first"}).reset_index()
        rates = hyte.standardise(whole, "sex", standard=standard, per=100_000).set_index("sex")["estimate"]
        assert found.frame["estimate"].sum() == pytest.approx(rates["men"] - rates["women"], **TIGHT)

    def test_a_cause_that_a_group_lacks_is_named(self):
        table = pd.DataFrame({"sex": ["m", "w", "w"], "cause": ["x", "x", "y"], "events": [5, 5, 5],
                              "population": [100] * 3})  # fmt: skip
        with pytest.raises(MeasureError, match="Cause 'y' has no rate in both groups"):
            causes(table, between="sex", cause="cause")


def results():
    data = people(40)
    ask = {"outcome": "lonely", "between": "group", "groups": ("low", "high")}
    micro = [
        hyte.decompose(data, **ask, factors=["place"], method=method) for method in ("kitagawa", "oaxaca", "threefold")
    ]
    return [
        *micro,
        theil(pd.DataFrame({"c": list("aabb"), "estimate": [1.0, 2, 3, 5], "population": [1] * 4}), within="c"),
        concentration(data, outcome="lonely", rank="income", factors=["age"], draws=0),
        change(micro[1], micro[1]),
        arriaga(deaths(1), between="sex"),
        causes(deaths(1, by_cause=True), between="sex", cause="cause", events="deaths"),
    ]  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
def test_every_result_has_a_plain_sentence_and_its_assumptions(lang):
    for found in results():
        said = found.sentence(lang)
        assert said.endswith(".")
        assert "{" not in said
        assert len(found.assumed(lang)) >= 2
    assert "alhaisin" in results()[0].sentence("fi", labels={"low": "alhaisin"})


def test_the_public_names_are_there():
    assert hyte.decompose is decomposition.decompose
    assert {"frame", "assumptions", "sentence"} <= set(dir(decomposition.Decomposition)) | {"frame"}
    with pytest.raises(MeasureError, match="method must be one of oaxaca, threefold, kitagawa; not 'oaxaka'"):
        hyte.decompose(people(1), outcome="score", between="group", factors=["age"], method="oaxaka")
