"""Kinds of municipality, deprivation, levels at which places differ: sums, other systems, faulty input."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hyteanalysis as hyte
from hyteanalysis import spatial
from hyteanalysis.errors import MeasureError
from hyteanalysis.i18n import LANGS
from hyteanalysis.spatial.adjacency import parents

WEIGHTS = {"unemployed": 2.0, "poor": 1.0, "graduates": -1.0}


@pytest.fixture(scope="module")
def towns():
    areas = hyte.areas.reference(2025)
    return areas[(areas["level"] == "municipality")].reset_index(drop=True)


class TestClassesAndTheil:
    def cells(self, towns):
        rng = np.random.default_rng(5)
        people = towns["population"].to_numpy(dtype=float)
        events = rng.binomial(people.astype(int), 0.1).astype(float)
        return pd.DataFrame({
            "indicator": "i", "area": towns["area"], "period": "2025", "dimension": "total", "group": "total",
            "estimate": 100 * events / people, "events": events, "population": people,
        })  # fmt: skip

    def test_sums_by_class_lose_nobody(self, towns):
        cells = self.cells(towns)
        found = spatial.by_class(cells, hyte.areas.classes(2025), dimension="urbanity")
        assert found["events"].sum() == cells["events"].sum()
        assert found["population"].sum() == cells["population"].sum()
        assert set(found["group"]) == {"urban", "semi-urban", "rural"}
        assert (found["note"] == "").all()

    def test_what_is_left_out_is_named(self, towns):
        cells = self.cells(towns)
        cells.loc[cells["area"] == "KU285", ["events", "estimate"]] = np.nan
        classes = hyte.areas.classes(2025).query("area != 'KU091'")
        found = spatial.by_class(cells, classes, dimension="urbanity")
        assert (found["note"] == "Without KU091, KU285").all()

    def test_deprivation_fifths_are_ordered_groups(self, towns):
        cells = self.cells(towns)
        data = towns[["area", "lat"]].assign(people=-towns["population"].astype(float))
        index = spatial.deprivation(data, weights={"lat": 2, "people": 1}, draws=50, seed=1)
        found = spatial.by_class(cells, index.classes, dimension="deprivation")
        assert found["order"].tolist() == [1, 2, 3, 4, 5]
        assert found["group"].tolist() == ["d1", "d2", "d3", "d4", "d5"]
        assert hyte.disparity(found, "SII")["estimate"].notna().all()

    def test_theil_by_the_municipality_key(self, towns):
        cells = self.cells(towns)
        by_hand = cells.assign(county=parents(cells["area"], "county", 2025))
        from hyteanalysis.decomposition import theil

        found = spatial.theil(cells)
        pd.testing.assert_frame_equal(found.parts, theil(by_hand, within="county").parts)
        with pytest.raises(MeasureError, match="harbour lie in no county in 2025"):
            spatial.theil(cells.assign(area=["harbour", *cells["area"].iloc[1:]]))

    def test_faults_are_named(self, towns):
        with pytest.raises(MeasureError, match="no rows of dimension 'total'"):
            spatial.by_class(self.cells(towns).assign(dimension="sex"), hyte.areas.classes(), dimension="urbanity")
        with pytest.raises(hyte.HyteError, match="deprivation"):
            spatial.by_class(self.cells(towns), hyte.areas.classes(), dimension="deprivation")


class TestDeprivation:
    def data(self, seed=1):
        rng = np.random.default_rng(seed)
        hidden = rng.normal(size=100)
        return pd.DataFrame({
            "area": [f"town-{i:03}" for i in range(100)], "unemployed": 10 + 3 * hidden + rng.normal(size=100),
            "poor": np.exp(hidden + rng.normal(size=100) * 0.4),
            "graduates": 40 - 8 * hidden + rng.normal(size=100) * 5,
        })  # fmt: skip

    def test_the_score_is_the_weighted_mean_of_standardised_values(self):
        data = self.data()
        found = spatial.deprivation(data, weights=WEIGHTS, draws=0)
        z = (data.drop(columns="area") - data.drop(columns="area").mean()) / data.drop(columns="area").std(ddof=0)
        by_hand = (2 * z["unemployed"] + z["poor"] - z["graduates"]) / 4
        np.testing.assert_allclose(found.frame["score"], by_hand, atol=1e-12)
        assert found.weights == {"unemployed": 0.5, "poor": 0.25, "graduates": -0.25}
        assert found.frame["fifth"].value_counts().to_dict() == dict.fromkeys(range(1, 6), 20)
        assert found.frame.loc[found.frame["rank"] == 1, "fifth"].item() == 1

    def test_fifths_are_those_of_quantile_groups(self):
        data = self.data(2).iloc[:93]
        found = spatial.deprivation(data, weights=WEIGHTS, draws=0).frame
        theirs = hyte.rates.quantile_groups(found, value="score", first="highest")["quantile"]
        pd.testing.assert_series_equal(found["fifth"], theirs, check_names=False)

    def test_sensitivity_says_what_another_choice_changes(self):
        found = spatial.deprivation(self.data(), weights=WEIGHTS, seed=1)
        table = found.sensitivity.set_index("change")
        assert set(table.index) == {
            "without unemployed", "without poor", "without graduates", "equal weights", "drawn weights"
        }  # fmt: skip
        assert table["correlation"].between(0.7, 1).all()
        assert table.loc["without unemployed", "same_fifth"] < table.loc["drawn weights", "same_fifth"]
        assert (found.frame["fifth_low"] <= found.frame["fifth"]).all()
        edges = found.frame.sort_values("stable")
        assert edges["stable"].iloc[0] < 0.9 < edges["stable"].iloc[-1]

    @pytest.mark.parametrize("scaling", ["z", "rank"])
    def test_units_and_order_change_nothing(self, scaling):
        data = self.data(3)
        one = spatial.deprivation(data, weights=WEIGHTS, scaling=scaling, draws=0).frame
        moved = data.assign(poor=1000 * data["poor"] + 5).sample(frac=1, random_state=1)
        two = spatial.deprivation(moved, weights=WEIGHTS, scaling=scaling, draws=0).frame
        both = one.merge(two, on="area", validate="one_to_one")
        np.testing.assert_allclose(both["score_x"], both["score_y"], atol=1e-10)

    def test_areas_without_a_value_have_no_score(self):
        data = self.data(4)
        data.loc[3, "poor"] = np.nan
        found = spatial.deprivation(data, weights=WEIGHTS, draws=0)
        assert found.frame.loc[3, "note"] == "Without poor: no score."
        assert pd.isna(found.frame.loc[3, "fifth"])
        assert len(found.classes) == 99

    @pytest.mark.parametrize(
        ("weights", "words"),
        [
            ({}, "weights must give each indicator a weight"),
            ({"poor": 0}, "a weight other than 0"),
            ({"same": 1}, "'same' does not vary"),
            ({"pour": 1}, "pour"),
        ],
    )
    def test_faults_are_named(self, weights, words):
        with pytest.raises(hyte.HyteError, match=words):
            spatial.deprivation(self.data().assign(same=1.0), weights=weights)
        with pytest.raises(MeasureError, match="Only 9 areas"):
            spatial.deprivation(self.data().head(9), weights=WEIGHTS)


class TestPartition:
    def people(self, seed=1):
        rng = np.random.default_rng(seed)
        county = np.repeat(np.arange(8), 6)
        level = 10 + rng.normal(0, 0.8, 8)[county] + rng.normal(0, 0.5, 48)
        size = rng.integers(5, 25, 48)
        return pd.DataFrame({
            "county": np.repeat(county, size).astype(str), "area": np.repeat(np.arange(48), size).astype(str),
            "y": np.repeat(level, size) + rng.normal(0, 1, size.sum()),
        })  # fmt: skip

    def test_statsmodels_agrees(self):
        pytest.importorskip("statsmodels")
        import warnings

        from statsmodels.regression.mixed_linear_model import MixedLM

        data = self.people()
        found = spatial.variance_partition(data, outcome="y").frame.set_index("level")["variance"]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = MixedLM.from_formula(
                "y ~ 1", groups="county", re_formula="1", vc_formula={"area": "0 + C(area)"}, data=data
            ).fit(reml=True, method="powell")
        assert found["person"] == pytest.approx(fit.scale, rel=1e-3)
        assert found["county"] == pytest.approx(float(fit.cov_re.iloc[0, 0]), rel=5e-3)
        assert found["municipality"] == pytest.approx(float(fit.vcomp[0]), rel=5e-3)

    def test_people_and_counts_tell_the_same(self):
        data = self.people(2).assign(y=lambda rows: (rows["y"] > 10).astype(float))
        micro = spatial.variance_partition(data, outcome="y")
        sums = data.groupby(["county", "area"])["y"].agg(events="sum", population="size").reset_index()
        pd.testing.assert_frame_equal(micro.frame, spatial.variance_partition(sums).frame, rtol=1e-5)

    def test_shares_add_up_and_limits_hold_the_estimate(self):
        result = spatial.variance_partition(self.people(3), outcome="y")
        for lang in LANGS:
            assert result.sentence(lang).count("%") == 3
        found = result.frame
        assert found["share"].sum() == pytest.approx(1, abs=1e-10)
        inside = found[found["lower"].notna()]
        assert (inside["lower"] <= inside["variance"]).all()
        assert (inside["variance"] <= inside["upper"]).all()

    def test_places_alike_have_no_share(self):
        rows = pd.DataFrame(
            {"county": np.repeat(list("abcd"), 5), "area": range(20), "events": 100, "population": 1000}
        )
        found = spatial.variance_partition(rows).frame.set_index("level")
        assert found.loc["person", "share"] == pytest.approx(1, abs=1e-9)
        assert found.loc["county", "lower"] == 0

    def test_faults_are_named(self):
        rows = pd.DataFrame({"county": list("aabb"), "area": range(4), "events": 1, "population": 10})
        with pytest.raises(MeasureError, match="a partition needs three counties"):
            spatial.variance_partition(rows)
        with pytest.raises(MeasureError, match="area '0' lies in more than one county"):
            spatial.variance_partition(rows.assign(area=0))
        with pytest.raises(MeasureError, match="Did you mean county"):
            spatial.variance_partition(rows, county="countie")


class TestRecipe:
    """The recipe of docs/deprivation.md works on the real files it names, as it is printed."""

    def test_the_recipe_runs(self, shared, tmp_path, monkeypatch):
        text = (Path(__file__).resolve().parents[1] / "docs" / "deprivation.md").read_text(encoding="utf-8")
        for file in ("statfin_key_figures_2021_municipalities.csv", "municipal_election_2021_by_sex.csv"):
            (tmp_path / file).write_bytes(shared(f"data/fi/{file}").read_bytes())
        monkeypatch.chdir(tmp_path)
        names = {"hyte": hyte, "pd": pd}
        for name in ("index", "fifths"):
            exec(re.search(rf"<!-- recipe: {name} -->\n```python\n(.*?)```", text, re.DOTALL)[1], names)
        index = pd.read_csv("index.csv")
        assert index["score"].notna().sum() == 309
        assert pd.read_csv("sensitivity.csv")["same_fifth"].between(0.5, 1).all()
        cells = hyte.tidy(hyte.sources.read_table("cells.csv"))
        assert cells["order"].tolist() == [1, 2, 3, 4, 5]
        # Åland and Pertunmaa have no population in the file
        assert cells["events"].sum() == names["sums"]["candidates_2021"].sum()
        assert hyte.disparity(cells, "SII")["estimate"].notna().all()
