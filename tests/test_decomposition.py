"""Gaps of two groups taken apart: published numbers, other systems, parts that add up, labels, faulty input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_gaps import FEW, TIGHT, parted, people

import hyteanalysis as hyte
from hyteanalysis.decomposition import kitagawa
from hyteanalysis.errors import MeasureError


class TestKitagawa:
    def test_das_gupta_table_5_1(self, shared):
        folder = shared("reference/actions/peer")
        data = pd.read_csv(folder / "kitagawa_dasgupta_eg5_1_inputs.csv")
        found = kitagawa(data, between="pop", groups=(1985, 1970), by="age_group", rate="rate", population="size")
        expected = pd.read_csv(folder / "kitagawa_dasgupta_eg5_1_outputs.csv").set_index("factor")["diff"]
        assert found.parts["estimate"].tolist() == pytest.approx(
            [expected["age_group_struct"], expected["rate"], expected["crude"]], rel=1e-9
        )

    def test_das_gupta_table_5_3(self, shared):
        folder = shared("reference/actions/peer")
        data = pd.read_csv(folder / "kitagawa_dasgupta_eg5_3_inputs.csv")
        found = kitagawa(data, between="pop", groups=(1985, 1970), by=["age", "race"], rate="rate", population="size")
        expected = pd.read_csv(folder / "kitagawa_dasgupta_eg5_3_outputs.csv").set_index("factor")["diff"]
        assert found.frame["estimate"].tolist() == pytest.approx(
            [expected["age_struct"], expected["race_struct"], expected["rate"]], rel=1e-9
        )
        assert found.total == pytest.approx(expected["crude"], rel=1e-9)

    def test_people_and_their_cells_agree(self):
        data = people(2)
        micro = hyte.decompose(
            data, outcome="lonely", between="group", groups=("low", "high"), factors=["place"], method="kitagawa"
        )
        cells = data.groupby(["group", "place"])["lonely"].agg(["mean", "size"]).reset_index()
        known = kitagawa(cells, between="group", groups=("low", "high"), by="place", rate="mean", population="size")
        np.testing.assert_allclose(micro.frame["estimate"], known.frame["estimate"], rtol=1e-12)
        np.testing.assert_allclose(micro.detail["estimate"], known.detail["estimate"], rtol=1e-9, atol=1e-15)
        assert known.frame["se"].isna().all()
        assert micro.frame["se"].gt(0).all()

    @pytest.mark.slow
    def test_errors_agree_with_the_bootstrap(self):
        data, rng = people(3, 600), np.random.default_rng(1)
        ask = {"outcome": "lonely", "between": "group", "groups": ("low", "high"), "factors": ["place"]}
        found = hyte.decompose(data, **ask, method="kitagawa").parts["se"]
        drawn = [
            hyte.decompose(data.iloc[rng.integers(0, 600, 600)], **ask, method="kitagawa").parts["estimate"]
            for _ in range(60)
        ]
        np.testing.assert_allclose(found, np.std(drawn, axis=0), rtol=0.3)

    def test_the_detail_adds_up_by_part(self):
        found = hyte.decompose(people(4), outcome="score", between="group", factors=["place"], method="kitagawa")
        sums = found.detail.groupby("part")["estimate"].sum()
        assert found.frame.set_index("part")["estimate"].to_dict() == pytest.approx(sums.to_dict())

    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            ({"population": [5, 5, 5, 5]}, "same composition"),
            ({"population": [5, 0, 5, 5]}, "has nobody in category 'old'"),
            ({"estimate": [1, np.nan, 3, 4]}, "has no rate .missing or hidden. in category 'old'"),
        ],
    )
    def test_faults_are_named(self, fault, words):
        cells = pd.DataFrame({"area": ["A", "A", "B", "B"], "age": ["young", "old"] * 2, "population": [5, 6, 7, 8],
                              "estimate": [1.0, 2, 3, 4]})  # fmt: skip
        with pytest.raises(MeasureError, match=words):
            kitagawa(cells.assign(**fault), between="area", by="age")
        with pytest.raises(MeasureError, match="repeat the same area, age"):
            kitagawa(pd.concat([cells, cells]), between="area", by="age")
        with pytest.raises(MeasureError, match="group of 'area' must be one of A, B; not 'C'"):
            kitagawa(cells, between="area", groups=("A", "C"), by="age")

    @FEW
    @given(st.integers(0, 2**32 - 1), st.integers(1, 3))
    def test_adds_up_and_turns_round(self, seed, columns):
        rng = np.random.default_rng(seed)
        names = ["one", "two", "three"][:columns]
        cells = pd.MultiIndex.from_product([["a", "b"], *[range(3)] * columns], names=["group", *names])
        cells = cells.to_frame(index=False)
        cells["population"], cells["estimate"] = rng.integers(1, 100, len(cells)), rng.normal(10, 3, len(cells))
        there = kitagawa(cells, between="group", groups=("a", "b"), by=names)
        crude = cells.groupby("group").apply(lambda rows: np.average(rows["estimate"], weights=rows["population"]))
        assert there.frame["estimate"].sum() == pytest.approx(crude["a"] - crude["b"], **TIGHT)
        back = kitagawa(cells.sample(frac=1, random_state=1), between="group", groups=("b", "a"), by=names)
        np.testing.assert_allclose(there.frame["estimate"], -back.frame["estimate"], atol=1e-10)
        renamed = cells.assign(one=cells["one"].map({0: "z", 1: "a", 2: "m"}))
        again = kitagawa(renamed, between="group", groups=("a", "b"), by=names)
        np.testing.assert_allclose(there.frame["estimate"], again.frame["estimate"], atol=1e-10)


class TestOaxaca:
    def reference(self):
        oaxaca_blinder = pytest.importorskip("statsmodels.stats.oaxaca").OaxacaBlinder
        data = people(5)
        exog = pd.DataFrame({"group": (data["group"] == "low").astype(float), "age": data["age"]})
        exog = exog.assign(income=data["income"], town=(data["place"] == "town").astype(float),
                           village=(data["place"] == "village").astype(float))  # fmt: skip
        # without swapping, since a swap leaves the sizes of the groups, which Cotton weights by, behind
        return data, oaxaca_blinder(data["score"], exog, "group", hasconst=False, swap=False, rng=1)

    @pytest.mark.parametrize(
        ("ours", "theirs"), [("pooled", "pooled"), ("neumark", "nuemark"), ("cotton", "cotton"), ("reimers", "reimers")]
    )
    def test_twofold_agrees_with_statsmodels(self, ours, theirs):
        data, reference = self.reference()
        found = parted(data, reference=ours, groups=("high", "low")).parts.set_index("part")["estimate"]
        unexplained, explained, gap = reference.two_fold(two_fold_type=theirs).params
        assert found["explained"] == pytest.approx(explained, rel=1e-9)
        assert found["unexplained"] == pytest.approx(unexplained, rel=1e-9)
        assert found["total"] == pytest.approx(gap, rel=1e-9)

    def test_threefold_agrees_with_statsmodels(self):
        data, reference = self.reference()
        assert parted(data, fold=3, groups=("high", "low")).parts["estimate"].tolist() == pytest.approx(
            list(reference.three_fold().params), rel=1e-8
        )

    @pytest.mark.slow
    def test_errors_agree_with_their_bootstrap(self):
        data, reference = self.reference()
        unexplained, explained = reference.two_fold(std=True, n=150, conf=1.0).std
        found = parted(data, groups=("high", "low")).parts.set_index("part")["se"]
        assert found["explained"] == pytest.approx(explained, rel=0.25)
        assert found["unexplained"] == pytest.approx(unexplained, rel=0.25)

    def test_the_error_of_the_gap_is_that_of_a_difference_of_means(self):
        data = people(6)
        by = data.groupby("group")["score"].agg(["var", "size"])
        # each unit its own, one stratum: the finite-sample factors differ by 1/n
        assert parted(data).parts["se"].iloc[-1] == pytest.approx(np.sqrt((by["var"] / by["size"]).sum()), rel=0.01)

    @pytest.mark.parametrize("fold", [2, 3])
    @pytest.mark.parametrize("model", ["linear", "logit"])
    @pytest.mark.parametrize("reference", ["pooled", "first", "second", "cotton"])
    def test_parts_add_up_with_weights_and_design(self, fold, model, reference):
        data = people(7)
        found = parted(
            data, outcome="lonely", fold=fold, model=model, reference=reference, weight="weight", cluster="psu",
            strata="stratum",
        )  # fmt: skip
        means = data.groupby("group").apply(lambda rows: np.average(rows["lonely"], weights=rows["weight"]))
        assert found.frame["estimate"].sum() == pytest.approx(means["low"] - means["high"], **TIGHT)
        sums = found.frame.groupby("part")["estimate"].sum()
        assert found.parts.set_index("part")["estimate"].drop("total").to_dict() == pytest.approx(sums.to_dict())

    def test_logit_and_linear_tell_the_same_of_a_common_outcome(self):
        data = people(8, 4000)
        line, curve = (parted(data, outcome="lonely", model=model).parts["estimate"] for model in ("linear", "logit"))
        np.testing.assert_allclose(line, curve, atol=0.01)

    @pytest.mark.parametrize("model", ["linear", "logit"])
    def test_labels_and_order_change_nothing(self, model):
        data = people(9)
        first = parted(data, outcome="lonely", model=model)
        names = {"town": "z", "village": "a", "city": "m"}
        other = data.assign(place=data["place"].map(names)).sample(frac=1, random_state=2)
        again = parted(other, outcome="lonely", model=model, factors=["place", "income", "age"])
        keys = ["factor", "part"]
        one, two = (found.frame.set_index(keys)["estimate"].sort_index() for found in (first, again))
        pd.testing.assert_series_equal(one, two, rtol=1e-8, atol=1e-10)

    def test_the_scale_of_a_factor_changes_nothing(self):
        data = people(10)
        moved = data.assign(age=1000 + 3 * data["age"])
        np.testing.assert_allclose(parted(data).frame["estimate"], parted(moved).frame["estimate"], rtol=1e-7)

    @FEW
    @given(st.integers(0, 2**32 - 1))
    def test_exchanging_the_groups_turns_the_sign(self, seed):
        data = people(seed, 120)
        one, two = parted(data), parted(data, groups=("high", "low"))
        np.testing.assert_allclose(one.frame["estimate"], -two.frame["estimate"], atol=1e-10)
        assert one.frame["estimate"].sum() == pytest.approx(one.total, **TIGHT)

    @pytest.mark.slow
    def test_intervals_hold_what_they_promise(self):
        truth = parted(people(0, 200_000)).parts["estimate"].to_numpy()
        inside = np.zeros(3)
        for seed in range(200):
            parts = parted(people(1000 + seed, 300)).parts
            inside += (parts["lower"] <= truth) & (truth <= parts["upper"])
        assert ((inside / 200 > 0.9) & (inside / 200 < 0.99)).all()

    def test_missing_rows_are_counted(self):
        data = people(11)
        data.loc[data.index[:7], "age"] = np.nan
        found = parted(data)
        assert found.missing == 7
        assert any("7 rows" in one for one in found.assumptions)

    def test_a_factor_without_variation_is_named(self):
        data = people(12)
        with pytest.raises(MeasureError, match="Factor 'same' does not vary in group 'low'"):
            parted(data.assign(same=1.0), factors=["age", "same"])
        with pytest.raises(MeasureError, match="Factor 'same' does not vary in group"):
            parted(data.assign(same="x"), factors=["same"])

    def test_separation_is_named(self):
        data = people(13)
        data.loc[data["place"] == "village", "lonely"] = 0.0
        with pytest.raises(MeasureError, match="Separation: in group 'low', place 'village' has no events"):
            parted(data, outcome="lonely", model="logit")
        split = people(13).assign(lonely=lambda rows: (rows["age"] > 50).astype(float))
        with pytest.raises(MeasureError, match="Separation: in group 'low' the factors tell the outcome without error"):
            parted(split, outcome="lonely", model="logit", factors=["age"])
        parted(data, outcome="lonely")  # the linear form bears it

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"factors": ["agee"]}, "column must be one of .* Did you mean age?"),
            ({"factors": []}, "at least one factor"),
            ({"factors": ["score"]}, "'score' is the outcome or the grouping"),
            ({"groups": ("low", "lowest")}, "group of 'group' must be one of high, low; not 'lowest'"),
            ({"groups": ("low",)}, "Two groups are compared"),
            ({"model": "probit"}, "model must be one of linear, logit"),
            ({"reference": "third"}, "reference must be one of pooled"),
            ({"fold": 4}, "fold must be one of 2, 3"),
            ({"model": "logit"}, "model='logit' needs an outcome from 0 to 1; 'score'"),
            ({"factors": ["age", "twice"]}, "repeat each other in group 'low'"),
            ({"factors": ["only"]}, "group 'low' has nobody of 'high'"),
        ],
    )
    def test_faults_are_named(self, options, words):
        data = people(14)
        data = data.assign(twice=2 * data["age"], only=np.where(data["age"] > 45, "old", data["group"]))
        with pytest.raises(MeasureError, match=words):
            parted(data, **options)

    def test_groups_that_differ_in_nothing_are_named(self):
        half = people(15, 100).drop(columns="group")
        both = pd.concat([half.assign(group="low"), half.assign(group="high", score=half["score"] + 1)])
        with pytest.raises(MeasureError, match="differ in none of the factors"):
            parted(both)
