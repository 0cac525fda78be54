"""Person rows: agreement with grouped rows, designs, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from inequality_worlds import indicators, setting

import hyteanalysis as hyte
from hyteanalysis.sources.microdata import Outcome, concentration


def people(count=600, seed=1):
    generator = np.random.default_rng(seed)
    rank = generator.integers(1, 5, count)
    return pd.DataFrame(
        {
            "lonely": generator.binomial(1, 0.5 - 0.08 * rank),
            "income": rank,
            "weight": generator.uniform(0.5, 2, count),
            "stratum": generator.integers(0, 4, count),
            "cluster": generator.integers(0, 20, count),
            "sex": generator.choice(["women", "men"], count),
        }
    )


def ask(data, measures="all", **options):
    return hyte.disparity_individual(data, measures, outcome="lonely", rank="income", **options)


@pytest.mark.parametrize("model", ["linear", "logit", "log"])
def test_persons_give_the_measures_of_their_groups(model):
    data = people()
    weighted = data.assign(one=data["weight"] * data["lonely"]).groupby("income")[["one", "weight"]].sum()
    cells = setting(weighted["one"] / weighted["weight"], population=weighted["weight"].to_numpy())
    metadata = indicators(scale=1.0)
    groups = hyte.disparity(cells, ["ACI", "RCI", "SII", "RII"], indicators=metadata, model=model)
    found = ask(data, weight="weight", model=model)
    np.testing.assert_allclose(found["estimate"], groups["estimate"], rtol=1e-8)
    assert found["n_groups"].eq(4).all()
    assert found["gap_sign"].eq(1).all()


def test_limits_lie_evenly_about_a_difference_and_by_the_same_factor_about_a_ratio():
    found = ask(people()).set_index("measure")
    for code in ("ACI", "RCI", "SII"):
        row = found.loc[code]
        assert [row["lower"], row["upper"]] == pytest.approx(
            [row["estimate"] + z * row["se"] for z in (-1.96, 1.96)], 1e-4
        )
    row = found.loc["RII"]
    factor = np.exp(1.959964 * row["se"] / row["estimate"])
    assert [row["lower"], row["upper"]] == pytest.approx([row["estimate"] / factor, row["estimate"] * factor])


def test_a_weight_of_two_is_two_people_in_estimates():
    data = people().assign(weight=np.random.default_rng(2).integers(1, 4, 600))
    twice = data.loc[data.index.repeat(data["weight"])].assign(weight=1)
    np.testing.assert_allclose(ask(data, weight="weight")["estimate"], ask(twice)["estimate"], rtol=1e-9)


def test_settings_are_measured_apart_and_together_alike():
    data = people()
    both = ask(data, by="sex")
    for sex in ("men", "women"):
        alone = ask(data[data["sex"] == sex])
        here = both[both["sex"] == sex].drop(columns="sex").reset_index(drop=True)
        pd.testing.assert_frame_equal(here, alone, rtol=1e-9)


def test_people_of_one_cluster_tell_less_than_people_apart():
    """Everybody twice in the same cluster: the error is that of half as many people, not of twice as many."""
    data = people().assign(person=range(600))
    doubled = pd.concat([data, data])
    apart, naive, known = ask(data, cluster="person"), ask(doubled), ask(doubled, cluster="person")
    np.testing.assert_allclose(known["se"], apart["se"], rtol=1e-6)
    assert (naive["se"] < 0.8 * known["se"]).all()
    assert known["method"].eq("Taylor linearisation").all()


@pytest.mark.parametrize("design", [{"weight": "weight"}, {"strata": "stratum", "cluster": "cluster"}])
def test_the_interval_covers_the_truth(design):
    """300 samples from a known gradient; the truth is the measure of the true shares."""
    truth = hyte.disparity(setting(0.5 - 0.08 * np.arange(1, 5)), ["ACI", "SII"], indicators=indicators(scale=1.0))
    samples = pd.concat([people(400, seed=seed).assign(sample=seed) for seed in range(300)])
    found = ask(samples, ["ACI", "SII"], by="sample", **design)
    for code, true in truth.set_index("measure")["estimate"].items():
        rows = found[found["measure"] == code]
        inside = ((rows["lower"] <= true) & (true <= rows["upper"])).mean()
        assert 0.91 <= inside <= 0.985


def test_people_without_a_value_are_counted():
    data = people().astype({"lonely": float})
    data.loc[[3, 4], "lonely"] = np.nan
    data.loc[5, "weight"] = np.nan
    found = ask(data, "RCI", weight="weight").iloc[0]
    assert found["note"] == "3 people left out for a missing value"
    assert found["estimate"] == ask(data.dropna(), "RCI", weight="weight")["estimate"].item()


def test_metadata_give_scale_direction_and_unit():
    metadata = indicators(ids=("lonely",), favourable=True)
    found = ask(people(), ["SII", "RCI"], indicators=metadata).set_index("measure")
    plain = ask(people(), ["SII", "RCI"]).set_index("measure")
    assert found.loc["SII", "estimate"] == pytest.approx(100 * plain.loc["SII", "estimate"])
    assert found.loc["RCI", "estimate"] == pytest.approx(plain.loc["RCI", "estimate"])
    assert found.loc["SII", "unit"] == "%"
    assert found["gap_sign"].tolist() == [-1, -1]


def skewed(count=300, seed=3):
    y = np.random.default_rng(seed).lognormal(0, 1, count).round(1)
    return pd.DataFrame({"y": y, "rank": y, "one": 1.0, "id": range(count)})


def test_one_quantity_has_one_standard_error():
    """A skewed outcome by its own rank: without weights, weighted by one, in clusters of one, from the engine."""
    data = skewed()
    ask = {"measures": ["ACI", "RCI", "SII"], "outcome": "y", "rank": "rank", "model": "linear"}
    found = [hyte.disparity_individual(data, **ask, **how)["se"] for how in ({}, {"weight": "one"}, {"cluster": "id"})]
    engine = concentration(data, rank_by="rank", outcomes={"y": Outcome("y", "mean")}, area=None, period=None)
    for other in (*found[1:], engine.set_index("measure").loc[["ACI", "RCI", "SII"], "se"]):
        np.testing.assert_allclose(other, found[0], rtol=1e-8)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("model", ["linear", "log"])
def test_the_error_is_what_drawing_the_people_again_gives(model, weighted):
    data = skewed().assign(weight=np.random.default_rng(5).uniform(0.5, 2, 300))
    ask = {"outcome": "y", "rank": "rank", "model": model, **({"weight": "weight"} if weighted else {})}
    rng = np.random.default_rng(4)
    again = pd.concat([data.iloc[rng.integers(0, 300, 300)].assign(sample=sample) for sample in range(1_000)])
    drawn = hyte.disparity_individual(again, "all", by="sample", **ask).assign(
        estimate=lambda rows: rows["estimate"].where(rows["measure"] != "RII", np.log(rows["estimate"]))
    )
    expected = drawn.groupby("measure", sort=False)["estimate"].std()
    found = hyte.disparity_individual(data, "all", **ask).set_index("measure")
    error = found["se_log"].fillna(found["se"])
    np.testing.assert_allclose(error, expected.loc[error.index], rtol=0.12)


@pytest.mark.parametrize(
    ("change", "options", "words"),
    [
        ({}, {"measures": "D"}, "measure from person rows must be one of ACI, RCI, SII, RII; not 'D'"),
        ({}, {"outcome": "alone"}, "column must be one of .*; not 'alone'"),
        ({}, {"weight": "wight"}, "Did you mean weight"),
        ({}, {"model": "probit"}, "model must be one of logit, linear, log"),
        ({}, {"ranks": "given"}, "ranks must be one of estimated, known"),
        ({}, {"level": 95}, "level must be a share between 0 and 1"),
        ({"weight": -1.0}, {"weight": "weight"}, "Negative weights: weight is -1 in 600 rows"),
        ({"lonely": 3.0}, {"model": "logit"}, "logit line needs lonely between 0 and 1; it reaches 3"),
        ({"lonely": -1.0}, {"model": "log"}, "log line needs lonely of 0 or more; it reaches -1"),
        ({"lonely": np.nan}, {}, "nothing is left to measure"),
        ({"cluster": 1}, {"cluster": "cluster"}, "stratum holds one cluster only"),
        ({}, {"indicators": indicators()}, "indicator of the outcome must be one of x; not 'lonely'"),
    ],
)
def test_what_is_faulty_is_refused_by_name(change, options, words):
    asked = {"measures": "SII", "outcome": "lonely", "rank": "income", **options}
    with pytest.raises(hyte.MeasureError, match=words):
        hyte.disparity_individual(people().assign(**change), **asked)
