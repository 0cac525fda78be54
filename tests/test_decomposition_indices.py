"""Indices of inequality taken apart, within and between, and by factor: other systems, sums, errors, faulty input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_gaps import FEW, TIGHT, people

import hyteanalysis as hyte
from hyteanalysis.decomposition import concentration, theil
from hyteanalysis.errors import MeasureError


class TestTheil:
    def test_agrees_with_inequality(self):
        pytest.importorskip("inequality")
        from inequality.theil import TheilD

        rng = np.random.default_rng(1)
        y, home = rng.uniform(5, 50, 60), rng.integers(0, 6, 60)
        data = pd.DataFrame({"estimate": y, "population": 1.0, "county": home})
        found, theirs = theil(data, within="county"), TheilD(y, home)
        assert found.total == pytest.approx(theirs.T, rel=1e-10)
        assert found.parts["estimate"].iloc[0] == pytest.approx(theirs.bg[0], rel=1e-10)
        assert found.parts["estimate"].iloc[1] == pytest.approx(theirs.wg[0], rel=1e-10)

    @pytest.mark.parametrize(("index", "code"), [("theil", "TI"), ("mld", "MLD")])
    def test_the_total_is_the_measure_of_the_registry(self, index, code):
        rng = np.random.default_rng(2)
        cells = pd.DataFrame({
            "indicator": "i", "area": "SSS", "period": "2022", "dimension": "language",
            "group": [f"g{i}" for i in range(12)], "estimate": rng.uniform(5, 50, 12), "se": rng.uniform(0.5, 1, 12),
            "population": rng.integers(100, 1000, 12),
        })  # fmt: skip
        measure = hyte.disparity(cells, code)
        found = theil(cells.assign(whole=["a", "b", "c"] * 4), within="whole", index=index)
        assert 1000 * found.total == pytest.approx(measure["estimate"].iloc[0], rel=1e-10)
        assert 1000 * found.parts["se"].iloc[-1] == pytest.approx(measure["se"].iloc[0], rel=1e-8)

    @pytest.mark.parametrize("index", ["theil", "mld"])
    def test_errors_are_derivatives(self, index):
        rng = np.random.default_rng(3)
        data = pd.DataFrame({"estimate": rng.uniform(5, 50, 9), "population": rng.integers(1, 9, 9),
                             "w": list("aabbbcccc"), "se": 0.0})  # fmt: skip
        base = theil(data, within="w", index=index).frame["estimate"].to_numpy()
        for row in range(3):
            one = data.copy()
            one.loc[row, "se"] = 1.0
            moved = data.copy()
            moved.loc[row, "estimate"] += 1e-6
            slope = (theil(moved, within="w", index=index).frame["estimate"].to_numpy() - base) / 1e-6
            np.testing.assert_allclose(theil(one, within="w", index=index).frame["se"], np.abs(slope), atol=1e-5)

    @FEW
    @given(st.integers(0, 2**32 - 1), st.sampled_from(["theil", "mld"]))
    def test_adds_up_in_every_setting(self, seed, index):
        rng = np.random.default_rng(seed)
        size = 40
        data = pd.DataFrame({"year": rng.integers(0, 3, size), "county": rng.choice(list("abc"), size),
                             "estimate": rng.uniform(1, 9, size), "population": rng.integers(1, 99, size)})  # fmt: skip
        found = theil(data, within="county", by="year", index=index)
        whole = found.parts.query("part == 'total'").set_index("year")["estimate"]
        pd.testing.assert_series_equal(
            found.frame.groupby("year")["estimate"].sum(), whole.sort_index(), check_names=False, atol=1e-10
        )
        renamed = data.assign(county=data["county"].map({"a": "z", "b": "y", "c": "x"})).sample(frac=1, random_state=1)
        again = theil(renamed, within="county", by="year", index=index).parts.sort_values(["year", "part"])
        np.testing.assert_allclose(again["estimate"], found.parts.sort_values(["year", "part"])["estimate"], atol=1e-12)
        assert (found.frame["estimate"] >= -1e-12).all() or index == "theil"

    @pytest.mark.slow
    def test_noise_is_what_chance_adds(self):
        rng = np.random.default_rng(4)
        equal = pd.DataFrame({"county": np.repeat(np.arange(20), 15), "population": rng.integers(50, 500, 300)})
        equal["se"] = np.sqrt(0.2 * 0.8 / equal["population"])
        drawn, told = [], []
        for _ in range(25):
            found = theil(equal.assign(estimate=rng.normal(0.2, equal["se"])), within="county").parts
            drawn.append(found["estimate"])
            told.append(found["noise"])
        np.testing.assert_allclose(np.mean(drawn, axis=0), np.mean(told, axis=0), rtol=0.15)

    def test_a_level_of_zero_is_named(self):
        data = pd.DataFrame({"county": ["A", "B"], "estimate": [0.0, 2.0], "population": [1, 1]})
        with pytest.raises(MeasureError, match="'estimate' is 0 in county 'A'"):
            theil(data, within="county")


class TestConcentration:
    def found(self, data, **options):
        asked = {"outcome": "lonely", "rank": "income", "factors": ["age", "place", "income"], "draws": 0}
        return concentration(data, **{**asked, **options})

    def test_the_total_is_the_concentration_index(self):
        data = people(20)
        index = hyte.disparity_individual(data, "RCI", outcome="lonely", rank="income", weight="weight")
        assert self.found(data, weight="weight").total == pytest.approx(index["estimate"].iloc[0], rel=1e-10)

    def test_a_contribution_is_elasticity_times_its_own_index(self):
        data = people(21)
        frame = self.found(data).frame.set_index("factor")
        own = hyte.disparity_individual(data, "RCI", outcome="age", rank="income")["estimate"].iloc[0]
        slope = np.linalg.lstsq(
            np.column_stack([np.ones(len(data)), data["age"], data["income"], data["place"] == "town",
                             data["place"] == "village"]), data["lonely"], rcond=None
        )[0][1]  # fmt: skip
        elasticity = slope * data["age"].mean() / data["lonely"].mean()
        assert frame.loc["age", "estimate"] == pytest.approx(elasticity * own, rel=1e-8)
        assert frame.loc["age", "index"] == pytest.approx(own, rel=1e-8)

    @FEW
    @given(st.integers(0, 2**32 - 1))
    def test_adds_up_whatever_the_labels(self, seed):
        data = people(seed, 150).assign(income=lambda rows: rows["income"].round())
        if data["lonely"].sum() == 0:
            data.loc[0, "lonely"] = 1.0
        first = self.found(data)
        assert first.frame["estimate"].sum() == pytest.approx(first.total, **TIGHT)
        names = {"town": "z", "village": "a", "city": "m"}
        again = self.found(data.assign(place=data["place"].map(names)).sample(frac=1, random_state=1))
        np.testing.assert_allclose(first.frame["estimate"], again.frame["estimate"], atol=1e-9)

    def test_limits_are_seeded_and_hold_whole_clusters(self):
        data = people(22)
        one, two, other = (self.found(data, draws=200, seed=seed).frame["lower"] for seed in (1, 1, 2))
        pd.testing.assert_series_equal(one, two)
        assert (one != other).any()
        twice = pd.concat([data, data]).assign(psu=list(range(len(data))) * 2)
        alone = self.found(data, draws=400, seed=1).frame["se"]
        doubled = self.found(twice, draws=400, seed=1, cluster="psu").frame["se"]
        np.testing.assert_allclose(alone, doubled, rtol=0.15)

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"factors": ["same"]}, "Factor 'same' does not vary"),
            ({"factors": ["age", "twice"]}, "repeat each other"),
            ({"outcome": "nothing"}, "mean of 'nothing' is not above 0"),
            ({"draws": 10}, "draws=10 bootstrap samples tell no limits"),
            ({"rank": "incom"}, "Did you mean income"),
        ],
    )
    def test_faults_are_named(self, options, words):
        data = people(23).assign(same=1.0, nothing=0.0, twice=lambda rows: 2 * rows["age"])
        with pytest.raises(MeasureError, match=words):
            self.found(data, **options)
