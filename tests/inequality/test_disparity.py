"""The door of the engine: options, weights, what is left out, derived errors."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inequality_worlds import indicators, random_settings, setting

import hyteanalysis as hyte
from hyteanalysis.inequality.page import DOCUMENT, reference_page
from hyteanalysis.inequality.registry import WHO

COLUMNS = [
    *("indicator", "area", "period", "dimension", "measure", "estimate", "se", "lower", "upper", "level", "method"),
    *("gap_sign", "n_groups", "unit", "note"),
]


def ask(cells, measures, **options):
    options = {"draws": 1000, **options}
    return hyte.disparity(cells, measures, **options).set_index("measure")


def test_columns_come_first_as_agreed_and_all_gives_every_measure():
    found = hyte.disparity(setting([30.0, 20.0, 10.0]), "all", draws=1000)
    assert list(found.columns[: len(COLUMNS)]) == COLUMNS
    assert found["measure"].tolist()[: len(WHO)] == list(WHO)
    assert set(found["measure"]) == set(hyte.measures()["measure"])
    assert list(hyte.measures().columns[:9]) == [
        *("measure", "name", "meaning", "absolute", "ordered", "weighted", "min_groups", "null", "reference")
    ]


def test_long_names_are_taken_as_input():
    found = ask(setting([30.0, 20.0, 10.0]), ["slope index of inequality", "theil_index", "d"])
    assert found.index.tolist() == ["SII", "TI", "D"]


def test_signs_follow_direction_for_d_and_r_and_gap_sign_says_who_is_worse_off():
    adverse = ask(setting([30.0, 20.0, 10.0]), ["D", "R", "SII", "RCI", "PAR", "KMI"])
    favourable = ask(setting([10.0, 20.0, 30.0], favourable=True), ["D", "R", "SII", "RCI", "PAR", "KMI"])
    assert adverse.loc["D", "estimate"] == favourable.loc["D", "estimate"] == 20
    assert adverse.loc["R", "estimate"] == favourable.loc["R", "estimate"] == 3
    assert adverse.loc["SII", "estimate"] < 0 < favourable.loc["SII", "estimate"]
    assert adverse.loc["PAR", "estimate"] < 0 < favourable.loc["PAR", "estimate"]
    assert (adverse["gap_sign"] == 1).all()
    assert (favourable["gap_sign"] == 1).all()
    turned = ask(setting([10.0, 20.0, 30.0]), ["D", "R", "SII", "KMI"])
    assert (turned["gap_sign"] == -1).all()
    assert (turned.loc["D", ["estimate"]] < 0).all()
    unclear = ask(setting([21.0, 20.0, 20.0], se=5.0), ["D", "R", "SII", "KMI"])
    assert (unclear["gap_sign"] == 0).all()


@pytest.mark.parametrize(("favourable", "expected"), [(False, 18.0), (True, -6.0)])
def test_reference_by_column_by_name_and_by_dimension(favourable, expected):
    cells = setting([12.0, 30.0, 20.0], order=False, favourable=favourable)
    named = [
        ask(cells.assign(reference=cells["group"] == "g0"), ["D", "MDRU"]),
        ask(cells, ["D", "MDRU"], reference="g0"),
        ask(cells, ["D", "MDRU"], reference={"language": "g0"}),
    ]
    for found in named:
        # adverse: largest of the others − reference; favourable: reference − smallest of the others
        assert found.loc["D", "estimate"] == (expected if not favourable else 12.0 - 20.0)
        assert found.loc["MDRU", "estimate"] == pytest.approx((18 + 8) / 3)
    assert ask(cells, "D").loc["D", "estimate"] == 18.0


def test_column_reference_leaves_d_of_ordered_groups_alone_and_serves_mdr():
    cells = setting([30.0, 20.0, 10.0])
    cells["reference"] = cells["group"] == "g1"
    found = ask(cells, ["D", "MDRU", "PAR"])
    assert found.loc["D", "estimate"] == 20
    assert found.loc["MDRU", "estimate"] == pytest.approx(20 / 3)
    assert found.loc["PAR", "estimate"] == pytest.approx(-10)


def test_a_suppressed_reference_group_leaves_no_silent_substitute():
    cells = setting([12.0, np.nan, 20.0], order=False)
    cells = cells.assign(reference=cells["group"] == "g1", status=["ok", "suppressed", "ok"])
    found = ask(cells, ["D", "MDRU", "BGV"])
    assert found.loc[["D", "MDRU"], "estimate"].isna().all()
    assert found.loc["D", "note"].startswith("D compares with the reference group")
    assert found.loc["BGV", "estimate"] > 0
    assert "1 suppressed group left out" in found.loc["BGV", "note"]


def test_average_as_number_frame_or_total_rows():
    cells = setting([30.0, 20.0, 10.0])
    total = setting([22.0], order=False, dimension="total").assign(group="total", population=3_000.0)
    both = pd.concat([cells, total], ignore_index=True)
    frame = total[["indicator", "area", "period", "estimate"]]
    for found in (
        ask(cells, ["PAR", "IDISW", "D"], average=22.0),
        ask(cells, ["PAR", "IDISW", "D"], average=frame.assign(dimension="education")),
        ask(both, ["PAR", "IDISW", "D"], average="total"),
    ):
        assert found.loc["PAR", "estimate"] == -12
        assert found.loc["PAR", "se"] == 1.0  # what comes through a known average drops out
        assert found.loc["IDISW", "estimate"] == pytest.approx(100 * (8 + 2 + 12) / 3 / 22)
        assert "published average taken as known" in found.loc["PAR", "note"]
        assert "published" not in found.loc["D", "note"]
    # total rows are no setting of their own, and change nothing unasked
    pd.testing.assert_frame_equal(ask(both, ["PAR"]), ask(cells, ["PAR"]))


def test_weights_are_population_else_respondents_else_equal_and_the_note_says_which():
    cells = setting([30.0, 20.0, 10.0], population=[1.0, 2.0, 7.0])
    asked = cells.drop(columns="population").assign(respondents=[1.0, 2.0, 7.0])
    bare = cells.drop(columns="population")
    found = [ask(frame, ["BGV", "D"]) for frame in (cells, asked, bare)]
    assert found[0].loc["BGV", "estimate"] == found[1].loc["BGV", "estimate"] != found[2].loc["BGV", "estimate"]
    assert "weight" not in found[0].loc["BGV", "note"]
    assert "respondents" in found[1].loc["BGV", "note"]
    assert "equal weights" in found[2].loc["BGV", "note"]
    assert (found[2].loc["D", "note"]) == ""


def test_weights_missing_for_some_groups_leave_weighted_measures_empty_with_the_reason():
    found = ask(setting([30.0, 20.0, 10.0], population=[5.0, np.nan, 5.0]), ["BGV", "SII", "D", "MDBU", "MDRU"])
    assert found.loc[["BGV", "SII"], "estimate"].isna().all()
    assert found.loc["BGV", "note"] == "BGV needs weights, missing for some groups"
    assert found.loc[["D", "MDBU", "MDRU"], "estimate"].notna().all()


def test_all_populations_zero_and_all_people_in_one_group_are_said():
    zero = ask(setting([30.0, 20.0, 10.0], population=0.0), ["BGV", "D"])
    assert zero.loc["BGV", "note"] == "BGV needs weights, and all are zero"
    assert zero.loc["D", "estimate"] == 20
    alone = ask(setting([30.0, 20.0, 10.0], population=[0.0, 5.0, 0.0]), ["SII", "BGV"])
    assert np.isnan(alone.loc["SII", "estimate"])
    assert "people in two groups" in alone.loc["SII", "note"]


def test_groups_of_equal_order_share_one_rank():
    tied = ask(setting([30.0, 26.0, 10.0], population=[1.0, 3.0, 4.0], order=[1, 1, 2]), ["SII", "ACIX", "D"])
    joined = ask(setting([27.0, 10.0], population=[4.0, 4.0]), ["SII", "ACIX", "D"])
    np.testing.assert_allclose(tied["estimate"], joined["estimate"], rtol=1e-12)


def test_errors_are_derived_from_published_limits_on_the_natural_scale():
    p, n = np.array([0.30, 0.20, 0.10]), 900
    se = np.sqrt(p * (1 - p) / n)
    half = 1.959964 * se / (p * (1 - p))
    logit = np.log(p / (1 - p))
    limits = {name: 100 / (1 + np.exp(-logit + sign * half)) for name, sign in (("lower", 1), ("upper", -1))}
    cells = setting(100 * p).drop(columns="se").assign(**limits)
    found = ask(cells, "D", indicators=indicators()).loc["D"]
    assert found["se"] == pytest.approx(100 * np.hypot(se[0], se[2]), rel=1e-6)
    assert "derived from published" in found["note"]
    rate = setting([40.0, 20.0]).drop(columns="se").assign(lower=[32.0, 16.0], upper=[50.0, 25.0])
    log = [40 * np.log(50 / 32), 20 * np.log(25 / 16)]
    assert ask(rate, "D", indicators=indicators("rate")).loc["D", "se"] == pytest.approx(np.hypot(*log) / 2 / 1.959964)
    plain = np.hypot(18, 9) / 2 / 1.959964
    assert ask(rate, "D").loc["D", "se"] == pytest.approx(plain)
    # a limit on 0 has no logit: as given
    edge = setting([4.0, 20.0]).drop(columns="se").assign(lower=[0.0, 16.0], upper=[8.0, 25.0])
    assert np.isfinite(ask(edge, "D", indicators=indicators()).loc["D", "se"])


def test_an_error_of_zero_from_no_events_is_no_certainty():
    cells = setting([20.0, 10.0, 0.0], se=[2.0, 1.5, 0.0], population=500.0)
    told = ask(cells.assign(events=[100.0, 50.0, 0.0]), ["D", "MDBU"], indicators=indicators())
    p = 0.5 / 501
    assert told.loc["D", "se"] == pytest.approx(np.hypot(2.0, 100 * np.sqrt(p * (1 - p) / 500)))
    assert "(events + ½)/(n + 1)" in told.loc["D", "note"]
    assert told.loc["MDBU", "p_equal"] < 0.05
    silent = ask(cells, ["MDBU", "BGV"], indicators=indicators(), interval="corrected")
    assert silent[["p_equal", "lower", "upper"]].isna().all().all()
    # within the bounds, an error of 0 is what it says: both limits are the estimate
    sure = ask(setting([20.0, 10.0, 5.0], se=0.0), ["BGV", "MDMW", "GINI", "TI"], interval="corrected")
    np.testing.assert_allclose(sure["lower"], sure["estimate"], rtol=1e-6)
    np.testing.assert_allclose(sure["upper"], sure["estimate"], rtol=1e-6)


def test_level_is_honoured_everywhere():
    cells = random_settings(3, 4, seed=2)
    options = {"indicators": indicators(), "aversion": {"KOL": 0.02}, "draws": 4000}
    narrow, wide = (hyte.disparity(cells, "all", level=level, **options) for level in (0.8, 0.99))
    bounded = narrow["lower"] == 0
    assert (wide["upper"] >= narrow["upper"]).all()
    assert (wide["lower"] < narrow["lower"])[~bounded].all()
    assert narrow["level"].eq(0.8).all()


def test_model_of_the_line_follows_the_kind_of_the_indicator():
    cells = setting([30.0, 20.0, 10.0])
    for kind, line in (("proportion", "logit"), ("rate", "log"), ("mean", "linear"), ("count", "linear")):
        assert f"{line} line" in ask(cells, "SII", indicators=indicators(kind)).loc["SII", "note"]
    assert "linear line" in ask(cells, "SII").loc["SII", "note"]
    chosen = ask(cells, "SII", indicators=indicators(), model="linear").loc["SII", "note"]
    assert "linear line" in chosen


def test_bounds_come_from_the_indicator_and_proportions_have_their_own():
    cells = setting([3.0, 2.0, 1.0])
    share = ask(cells, ["ERR", "ACI"], indicators=indicators("proportion", 100.0))["estimate"]
    assert share["ERR"] == pytest.approx(4 * share["ACI"] / 100)
    score = ask(cells, ["ERR", "ACI"], indicators=indicators("mean", 1.0, lower_bound=0.0, upper_bound=5.0))["estimate"]
    assert score["ERR"] == pytest.approx(4 * score["ACI"] / 5)
    with pytest.raises(hyte.MeasureError, match="lower and upper bound"):
        ask(cells, "ERR", indicators=indicators("mean", 1.0))


@pytest.mark.parametrize("code", ["D", "RCI", "SII", "BGV", "MDMW", "PAR"])
def test_covariance_enters_the_error(code):
    cells = setting([30.0, 22.0, 10.0], se=[2.0, 1.5, 1.0], population=[100.0, 200.0, 150.0])
    keys = {"indicator": "x", "area": "SSS", "period": "2022", "dimension": "education"}
    pairs = pd.DataFrame(
        {"group": ["g0", "g0", "g1"], "group_other": ["g1", "g2", "g2"], "covariance": [1.5, 0.5, 0.6]}
    )
    sigma = np.diag([4.0, 2.25, 1.0])
    for row, column, value in ((0, 1, 1.5), (0, 2, 0.5), (1, 2, 0.6)):
        sigma[row, column] = sigma[column, row] = value
    found = ask(cells, code, covariance=pairs.assign(**keys), draws=20_000).loc[code]
    noise = np.random.default_rng(5).multivariate_normal([0, 0, 0], sigma, 4000)
    drawn = [
        ask_many(cells, code, noise[rows] + cells["estimate"].to_numpy()) for rows in np.array_split(np.arange(4000), 2)
    ]
    assert found["se"] == pytest.approx(np.concatenate(drawn).std(), rel=0.06)
    nothing = pairs.assign(**keys, covariance=0.0)
    assert ask(cells, code, covariance=nothing).loc[code, "se"] == pytest.approx(
        ask(cells, code).loc[code, "se"], rel=0.05
    )


def ask_many(cells, code, estimates):
    """The measure at many values of the same three groups."""
    count = len(estimates)
    many = pd.concat([cells] * count, ignore_index=True).assign(estimate=estimates.ravel())
    many["area"] = np.repeat([f"a{number}" for number in range(count)], 3)
    return hyte.disparity(many.drop(columns="se"), code, draws=1000)["estimate"].to_numpy()


def test_across_areas_the_areas_are_the_groups():
    cells = pd.concat(
        [
            setting([value], order=False, dimension="total").assign(area=area, group="total")
            for area, value in (("HVA05", 20.0), ("HVA06", 26.0), ("HVA07", 30.0))
        ],
        ignore_index=True,
    )
    found = hyte.disparity(cells, ["D", "BGSD", "SII"], across="area", draws=1000)
    assert list(found.columns[:4]) == ["indicator", "period", "dimension", "group"]
    assert found["n_groups"].tolist() == [3, 3, 3]
    assert found["estimate"].iloc[0] == 10
    assert np.isnan(found["estimate"].iloc[2])
    country = cells.head(1).assign(area="SSS")
    with pytest.raises(hyte.MeasureError, match="areas of one kind"):
        hyte.disparity(pd.concat([cells, country]), "D", across="area")


def test_many_periods_and_sizes_in_one_call_equal_calls_of_their_own():
    parts = [random_settings(3, k, seed=k).assign(period=str(2000 + k)) for k in (2, 3, 7)]
    options = {"indicators": indicators(), "seed": 4, "draws": 1000}
    together = hyte.disparity(pd.concat(parts), "all", **options)
    apart = pd.concat([hyte.disparity(part, "all", **options) for part in parts])
    apart = apart.sort_values(["area", "period"], kind="stable", ignore_index=True)
    pd.testing.assert_frame_equal(together, apart)


def test_a_seed_changes_the_draws_and_none_is_a_fixed_one():
    cells = setting([30.0, 20.0, 10.0])
    first, again, other = (ask(cells, "MDMW", seed=seed).loc["MDMW", "lower"] for seed in (None, None, 8))
    assert first == again != other


@settings(max_examples=12)
@given(
    st.lists(st.floats(5, 95), min_size=2, max_size=6),
    st.floats(0.1, 5),
    st.lists(st.integers(1, 10**6), min_size=6, max_size=6),
)
def test_intervals_are_ordered_whatever_the_groups(estimate, se, population):
    cells = setting(estimate, se=se, population=[float(n) for n in population[: len(estimate)]])
    found = hyte.disparity(cells, "all", indicators=indicators(), aversion={"KOL": 0.02}, draws=1000)
    known = found[found["lower"].notna()]
    assert (known["lower"] <= known["upper"]).all()
    # limits that noise is taken off may lie below an estimate that holds it
    closed = known[~known["method"].str.contains("simulation|corrected")]
    assert (closed["lower"] <= closed["estimate"] + 1e-9).all()
    assert (closed["estimate"] <= closed["upper"] + 1e-9).all()
    assert found.loc[found["estimate"].isna(), "note"].ne("").all()


CELLS = setting([30.0, 20.0, 10.0])


def test_units_of_absolute_and_relative_measures():
    found = ask(CELLS, "all", indicators=indicators(), aversion={"KOL": 0.02})["unit"]
    assert found[["D", "SII", "MDMW", "KOL"]].eq("%").all()
    assert found["BGV"] == "%²"
    assert found[["R", "RII"]].eq("ratio").all()


def test_the_reference_page_is_up_to_date():
    assert DOCUMENT.read_text(encoding="utf-8") == reference_page(), "run python -m hyteanalysis.inequality.page"
