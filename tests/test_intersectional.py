"""MAIHDA against a closed form, other software and two optimisers; shrinking, small strata, labels, faulty input."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

import hyteanalysis as hyte
from hyteanalysis.errors import MeasureError
from hyteanalysis.i18n import LANGS

DIMENSIONS = ["sex", "education", "language"]


def people(seed, size=2000, spread=0.4, outcome="strain"):
    """People of 2 × 3 × 4 strata, with main effects and a little beyond them."""
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({
        "sex": rng.choice(["women", "men"], size), "education": rng.choice(["low", "mid", "high"], size),
        "language": rng.choice(["fi", "sv", "other", "sami"], size, p=[0.6, 0.2, 0.15, 0.05]),
    })  # fmt: skip
    stratum = data.groupby(DIMENSIONS).ngroup()
    beyond = rng.normal(0, spread, stratum.max() + 1)[stratum]
    eta = -1 + 0.4 * (data["sex"] == "women") + 0.5 * (data["education"] == "low") + beyond
    if outcome == "strain":
        return data.assign(strain=eta + rng.normal(0, 1, size))
    return data.assign(lonely=(rng.random(size) < expit(eta)).astype(int))


def balanced(seed, strata=24, each=10):
    rng = np.random.default_rng(seed)
    first, second = np.divmod(np.arange(strata), 4)
    y = rng.normal(0, 0.6, strata)[:, None] + rng.normal(0, 1, (strata, each))
    return y, pd.DataFrame({"one": np.repeat(first, each).astype(str), "two": np.repeat(second, each).astype(str),
                            "y": y.ravel()})  # fmt: skip


class TestLinear:
    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_balanced_strata_have_a_closed_form(self, seed):
        """The analysis of variance is the restricted maximum likelihood of a balanced null model."""
        y, data = balanced(seed)
        found = hyte.maihda(data, outcome="y", strata=["one", "two"])
        within = y.var(axis=1, ddof=1).mean()
        between = y.mean(axis=1).var(ddof=1) - within / y.shape[1]
        assert found.models["variance"].iloc[0] == pytest.approx(between, rel=1e-6)
        assert found.models["residual"].iloc[0] == pytest.approx(within, rel=1e-6)
        assert found.vpc == pytest.approx(between / (between + within), rel=1e-6)

    def test_the_interval_of_the_variance_is_that_of_the_profile(self):
        """Balanced: the ratio's likelihood is that of two independent sums of squares."""
        y, data = balanced(4)
        found = hyte.maihda(data, outcome="y", strata=["one", "two"]).models.iloc[0]
        strata, each = y.shape
        inside = ((y - y.mean(axis=1, keepdims=True)) ** 2).sum()
        outside = each * ((y.mean(axis=1) - y.mean()) ** 2).sum()

        def fall(ratio):
            def log(r):
                free = strata * each - 1
                return -0.5 * (free * np.log(inside + outside / (1 + each * r)) + (strata - 1) * np.log(1 + each * r))

            return log(ratio) - log(found["variance"] / found["residual"]) + 1.9207295

        for end in ("lower", "upper"):
            ratio = found[f"vpc_{end}"] / (1 - found[f"vpc_{end}"])
            assert fall(ratio) == pytest.approx(0, abs=1e-5)

    def test_statsmodels_agrees_by_two_optimisers(self):
        pytest.importorskip("statsmodels")
        from statsmodels.regression.mixed_linear_model import MixedLM

        data = people(5, 600)
        found = hyte.maihda(data, outcome="strain", strata=DIMENSIONS)
        groups = data.groupby(DIMENSIONS).ngroup()
        dummies = pd.get_dummies(data[DIMENSIONS], drop_first=True).astype(float)
        for row, exog in ((0, np.ones((len(data), 1))), (1, np.column_stack([np.ones(len(data)), dummies]))):
            for method in ("powell", "cg"):
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    fit = MixedLM(data["strain"], exog, groups).fit(reml=True, method=method)
                assert np.isfinite(fit.llf)
                assert found.models["variance"].iloc[row] == pytest.approx(float(fit.cov_re.iloc[0, 0]), rel=2e-3)
                assert found.models["residual"].iloc[row] == pytest.approx(fit.scale, rel=1e-4)
        effects = found.effects.set_index(["dimension", "category"])
        theirs = dict(zip(dummies.columns, zip(fit.fe_params[1:], fit.bse_fe[1:], strict=True), strict=True))
        for (dimension, category), row in effects.iterrows():
            value, error = theirs[f"{dimension}_{category}"]
            assert row["estimate"] == pytest.approx(value, abs=1e-3)
            assert row["se"] == pytest.approx(error, rel=0.01)
        blups = pd.Series({group: float(value.iloc[0]) for group, value in fit.random_effects.items()})
        names = data.groupby(DIMENSIONS).first().reset_index()[DIMENSIONS].agg(" × ".join, axis=1)
        ours = found.frame.set_index("group")["interaction"]
        np.testing.assert_allclose(ours[names], blups.sort_index(), atol=5e-3)

    def test_cells_with_errors_give_what_their_people_give(self):
        data = people(6, 900)
        micro = hyte.maihda(data, outcome="strain", strata=["education", "sex"])
        by = data.assign(group=data["education"] + " × " + data["sex"]).groupby("group")["strain"]
        cells = by.agg(["mean", "size", "var"]).reset_index()
        tidy = hyte.tidy(
            cells.assign(estimate=cells["mean"], se=np.sqrt(cells["var"] / cells["size"]), respondents=cells["size"])[
                ["group", "estimate", "se", "respondents"]
            ],
            keys={"indicator": "strain", "area": "SSS", "period": "2022", "dimension": "education × sex"},
        )
        found = hyte.maihda(tidy, outcome="strain", strata=["sex", "education"])
        pd.testing.assert_frame_equal(found.models, micro.models, rtol=1e-6)
        pd.testing.assert_frame_equal(
            found.frame.sort_values("group")[["predicted", "lower", "upper"]].reset_index(drop=True),
            micro.frame.sort_values("group")[["predicted", "lower", "upper"]].reset_index(drop=True), rtol=1e-6,
        )  # fmt: skip


@pytest.mark.parametrize("outcome", ["strain", "lonely"])
def test_predictions_lie_between_what_was_seen_and_what_adds_up(outcome):
    found = hyte.maihda(people(9, outcome=outcome), outcome=outcome, strata=DIMENSIONS).frame
    low, high = found[["estimate", "additive"]].min(axis=1), found[["estimate", "additive"]].max(axis=1)
    assert found["predicted"].between(low - 1e-6, high + 1e-6).all()
    assert (found["lower"] < found["predicted"]).all()
    assert (found["predicted"] < found["upper"]).all()
    np.testing.assert_allclose(found["interaction"], found["predicted"] - found["additive"], atol=1e-12)
    # the smaller the stratum, the less its own figure weighs
    assert found["weight"].corr(found["people"], method="spearman") > (0.99 if outcome == "strain" else 0.9)


@pytest.mark.slow
def test_shrunken_predictions_are_nearer_the_truth():
    rng = np.random.default_rng(10)
    plain, shrunken = [], []
    for _ in range(5):
        cells = pd.MultiIndex.from_product([list("abcd"), list("pqrst")], names=["one", "two"]).to_frame(index=False)
        truth = expit(-1.5 + rng.normal(0, 0.3, 20))
        size = rng.integers(5, 80, 20)
        rows = cells.loc[cells.index.repeat(size)].reset_index(drop=True)
        rows["y"] = (rng.random(len(rows)) < np.repeat(truth, size)).astype(int)
        found = hyte.maihda(rows, outcome="y", strata=["one", "two"]).frame.set_index("group")
        known = pd.Series(truth, index=cells["one"] + " × " + cells["two"])
        plain.append(((found["estimate"] - known) ** 2).mean())
        shrunken.append(((found["predicted"] - known) ** 2).mean())
    assert np.mean(shrunken) < 0.7 * np.mean(plain)


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["strain", "lonely"]))
def test_labels_and_order_change_nothing(seed, outcome):
    data = people(seed, 500, outcome=outcome)
    if data.groupby("language")["language"].size().min() < 8:
        return
    first = hyte.maihda(data, outcome=outcome, strata=["sex", "education"])
    names = {"low": "z", "mid": "a", "high": "m"}
    other = data.assign(education=data["education"].map(names)).sample(frac=1, random_state=1)
    again = hyte.maihda(other, outcome=outcome, strata=["education", "sex"])
    np.testing.assert_allclose(
        first.models.drop(columns="model").astype(float), again.models.drop(columns="model").astype(float),
        rtol=1e-5, atol=1e-6,
    )  # fmt: skip
    np.testing.assert_allclose(first.frame["predicted"], again.frame["predicted"], rtol=1e-5)


def test_a_stratum_of_one_person_is_kept_and_marked():
    data = people(11, 800)
    lone = data.iloc[[0]].assign(language="sami", sex="women", education="low")
    rest = data[~((data["language"] == "sami") & (data["sex"] == "women") & (data["education"] == "low"))]
    found = hyte.maihda(pd.concat([rest, lone]), outcome="strain", strata=DIMENSIONS)
    row = found.frame.set_index("group").loc["women × low × sami"]
    assert row["status"] == "uncertain"
    assert row["note"] == "1 person"
    assert np.isfinite(row["predicted"])
    assert any("Groups of one person: 1" in one for one in found.assumptions)


def test_few_strata_and_lost_rows_are_said_in_words():
    data = people(12, 400)
    data.loc[data.index[:5], "strain"] = np.nan
    found = hyte.maihda(data, outcome="strain", strata=["sex", "education"])
    assert any("only 6 groups" in one and "20" in one for one in found.assumptions)
    assert any("5 rows" in one for one in found.assumptions)
    many = hyte.maihda(people(12), outcome="strain", strata=DIMENSIONS)
    assert not any("only" in one for one in many.assumptions)


@pytest.mark.parametrize("lang", LANGS)
def test_the_sentence_is_plain(lang):
    found = hyte.maihda(people(13, 1500), outcome="strain", strata=DIMENSIONS)
    said = found.sentence(lang)
    assert said.endswith(".")
    assert "{" not in said
    assert "24" in said


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"strata": ["sex"]}, "at least two different dimensions"),
        ({"strata": ["sex", "sex"]}, "at least two different dimensions"),
        ({"strata": ["sex", "educatio"]}, "Did you mean education"),
        ({"outcome": "strin"}, "Did you mean strain"),
        ({"kind": "logit"}, "kind must be one of linear, binary, rate"),
        ({"kind": "binary"}, "kind='binary' needs 0 and 1"),
        ({"kind": "rate"}, "needs counts of events"),
        ({"strata": ["sex", "same"]}, "Dimension 'same' does not vary"),
        ({"strata": ["sex", "copy"]}, "cannot tell|repeat|variance"),
        ({"strata": ["sex", "own"]}, "one person|cannot tell"),
        ({"outcome": "word"}, "'word' holds 'x', which is not a number"),
    ],
)  # fmt: skip
def test_faults_are_named(options, words):
    data = people(14, 60).assign(same="x", copy=lambda rows: rows["sex"], word="x", own=[str(i) for i in range(60)])
    with pytest.raises(MeasureError, match=words):
        hyte.maihda(data, **{"outcome": "strain", "strata": ["sex", "education"], **options})


def test_separation_is_named():
    data = people(15, 400, outcome="lonely")
    data.loc[data["language"] == "sami", "lonely"] = 0
    with pytest.raises(MeasureError, match="Separation: language 'sami' has no events"):
        hyte.maihda(data, outcome="lonely", strata=["sex", "language"])


def test_cells_of_several_settings_are_refused():
    cells = pd.DataFrame({
        "indicator": "i", "area": ["A", "B"] * 4, "period": "2022", "dimension": "education × sex",
        "group": np.repeat(["low × men", "low × women", "high × men", "high × women"], 2), "estimate": 10.0,
        "events": 10.0, "population": 100.0,
    })  # fmt: skip
    with pytest.raises(MeasureError, match="2 settings of 'i'"):
        hyte.maihda(cells, outcome="i", strata=["education", "sex"])
    with pytest.raises(MeasureError, match="crossed dimension must be one of education × sex; not 'age × sex'"):
        hyte.maihda(cells.query("area == 'A'"), outcome="i", strata=["age", "sex"])


def test_interactions_that_the_model_does_not_see_are_within_their_limits() -> None:
    """Twelve strata of few people: the variance beyond the sum is often fitted as 0, which is no certainty."""
    held = zero = count = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        names = [(a, b) for a in "wm" for b in "abcdef"]
        beyond = rng.normal(0, 0.25, len(names))
        beyond -= beyond.mean()
        rows = [
            (one, other, 5 + (one == "w") + extra + rng.normal())
            for (one, other), extra in zip(names, beyond, strict=True)
            for _ in range(12)
        ]
        people = pd.DataFrame(rows, columns=["sex", "school", "strain"])
        found = hyte.maihda(people, outcome="strain", strata=["sex", "school"])
        zero += found.models["variance"].iloc[1] <= 1e-9
        frame = found.frame.set_index(["sex", "school"])
        true = pd.Series(beyond, index=pd.MultiIndex.from_tuples(names, names=["sex", "school"]))
        additive = true.groupby("sex").transform("mean") + true.groupby("school").transform("mean")
        true = (true - additive).reindex(frame.index)
        held += ((frame["interaction_lower"] <= true) & (true <= frame["interaction_upper"])).sum()
        count += len(frame)
        assert found.pcv_lower <= found.pcv <= found.pcv_upper <= 1
    assert zero >= 4
    assert held / count >= 0.93
