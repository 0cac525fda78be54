"""What the data chose is told with that choice: the pair furthest apart, the group named, the change, the people."""

import numpy as np
import pandas as pd
import pytest
from inequality_worlds import indicators, setting
from scipy import stats

import hyteanalysis as hyte
from hyteanalysis.cells import check_indicators
from hyteanalysis.errors import MeasureError, TidyError
from hyteanalysis.inequality.people import people
from hyteanalysis.inequality.released import released_changes, released_gaps
from hyteanalysis.uncertainty import equality

META = check_indicators(indicators("mean", 1.0))


def worlds(truth, count, seed, **columns):
    """Samples of groups of no order with these true values and an error of 1, an area each."""
    k, rng = len(truth), np.random.default_rng(seed)
    seen = np.asarray(truth) + rng.standard_normal((count, k))
    one = setting(np.zeros(k), order=False)
    cells = pd.concat([one] * count, ignore_index=True)
    area = np.repeat([f"a{number}" for number in range(count)], k)
    return hyte.tidy(cells.assign(area=area, estimate=seen.ravel() + 50, se=1.0, **columns))


def gap_of(cells, measure="D", meta=META, **options):
    return released_gaps(hyte.tidy(cells), [measure], meta, **options).iloc[0]


def test_a_gap_names_its_two_groups():
    gap = gap_of(setting([20.0, 31.0, 12.0], order=False))
    assert (gap["first"], gap["second"], gap["estimate"]) == ("g1", "g2", 19.0)
    ends = gap_of(setting([20.0, 31.0, 12.0]))
    assert (ends["first"], ends["second"], ends["estimate"]) == ("g0", "g2", 8.0)
    good = gap_of(setting([20.0, 31.0, 12.0]), meta=META.assign(favourable=True))
    assert (good["first"], good["second"], good["estimate"]) == ("g2", "g0", -8.0)
    named = gap_of(setting([20.0, 31.0, 12.0], order=False, reference=[True, False, False]))
    assert (named["first"], named["second"], named["estimate"]) == ("g1", "g0", 11.0)


def test_two_groups_need_no_correction_and_many_far_apart_hardly_any():
    two = gap_of(setting([20.0, 10.0], order=False))
    assert two["upper"] - two["lower"] == pytest.approx(2 * 1.959964 * np.sqrt(2))
    far = gap_of(setting([80.0, 50.0, 40.0, 10.0], order=False))
    assert far["estimate"] - far["lower"] == pytest.approx(stats.norm.isf(0.0225) * np.sqrt(2))
    assert far["upper"] - far["estimate"] == pytest.approx(1.959964 * np.sqrt(2))


def test_limits_of_the_chosen_pair_hold_its_true_gap_in_95_of_100():
    for truth in (np.zeros(10), np.r_[np.zeros(9), 2.0], np.arange(5) * 0.7, np.r_[0, 0, 8.0]):
        count = 1_500
        gaps = released_gaps(worlds(truth, count, 3), ["D"], META)
        place = {f"g{number}": value for number, value in enumerate(truth)}
        true = gaps["first"].map(place) - gaps["second"].map(place)
        held = ((gaps["lower"] <= true) & (true <= gaps["upper"])).mean()
        assert held >= 0.95 - 2.6 * np.sqrt(0.05 * 0.95 / count)


def test_given_that_a_gap_is_clear_its_limits_hold_the_true_range_in_four_of_five():
    gaps = released_gaps(worlds(np.r_[np.zeros(9), 1.0], 12_000, 5), ["D"], META)
    shown = gaps[gaps["p_equal"] < 0.05]
    held = ((shown["lower"] <= 1) & (shown["upper"] >= 1)).mean()
    assert held >= 0.80
    plain = ((shown["estimate"] - 2.77 <= 1) & (shown["estimate"] + 2.77 >= 1)).mean()
    assert plain < 0.1


def test_where_nothing_differs_one_in_twenty_names_a_group_or_a_clear_gap():
    for k in (3, 10):
        gaps = released_gaps(worlds(np.zeros(k), 2_000, k), ["D"], META)
        chance = 2.6 * np.sqrt(0.05 * 0.95 / 2_000)
        assert (gaps["highest"].str.len() == 1).mean() <= 0.05 + chance
        assert gaps["clear"].mean() <= 0.05 + chance


def test_of_ten_groups_close_together_the_wrong_one_is_named_in_at_most_one_of_twenty():
    truth = np.arange(10) * 0.7
    gaps = released_gaps(worlds(truth, 2_000, 1), ["D"], META)
    named = gaps.loc[gaps["highest"].str.len() == 1, "highest"].str[0]
    assert (named != "g9").sum() / len(gaps) <= 0.05
    assert gaps["highest"].map(lambda names: "g9" in names).mean() >= 0.94


def test_exact_ties_are_named_together():
    gap = gap_of(setting([110.0, 50.0, 110.0], order=False))
    assert set(gap["highest"]) == {"g0", "g2"}
    assert gap["lowest"] == ("g1",)


def test_equal_estimates_are_no_certainty():
    alike = setting([20.0, 20.0, 20.0], order=False)
    for code in ("BGV", "BGSD", "MDMW", "GINI", "LEVELUP"):
        row = hyte.disparity(alike, code).iloc[0]
        assert row["lower"] == 0
        assert row["upper"] > 0
    gap = hyte.disparity(alike, "D").iloc[0]
    assert gap["lower"] < 0 < gap["upper"]
    none = setting([0.0, 0.0, 0.0], se=0.0, order=False, events=0.0, respondents=50.0)
    for code in ("LEVELUP", "BGV"):
        assert hyte.disparity(none, code, indicators=indicators()).iloc[0]["upper"] > 0
    assert hyte.disparity(none, "PAR", indicators=indicators()).iloc[0]["lower"] < 0


def test_an_interval_reads_degrees_of_freedom():
    cells = setting([20.0, 10.0], df=9.0)
    row = hyte.disparity(cells, "D").iloc[0]
    assert row["upper"] - row["estimate"] == pytest.approx(stats.t.isf(0.025, 18) * np.sqrt(2))
    pairs = [("g0", "g0", 1.0), ("g0", "g1", 0.4), ("g1", "g1", 1.0)]
    given = pd.DataFrame(pairs, columns=["group", "group_other", "covariance"])
    given = given.assign(indicator="x", area="SSS", period="2022", dimension="education")
    shared = hyte.disparity(cells, "D", covariance=given).iloc[0]
    assert shared["upper"] - shared["estimate"] == pytest.approx(stats.t.isf(0.025, 9) * np.sqrt(1.2))


def test_means_of_few_respondents_have_t():
    cells = setting([20.0, 10.0], respondents=[10.0, 10.0])
    row = hyte.disparity(cells, "D", indicators=indicators("mean", 1.0)).iloc[0]
    assert row["upper"] - row["estimate"] == pytest.approx(stats.t.isf(0.025, 18) * np.sqrt(2))


def test_p_equal_with_degrees_of_freedom_is_welchs():
    y, s, df = np.array([[3.0, 5.0, 4.0]]), np.array([[0.8, 0.5, 0.6]]), np.array([[9.0, 14.0, 7.0]])
    samples = [spread * np.sqrt(n + 1) * stats.zscore(np.arange(n + 1), ddof=1) + mean
               for mean, spread, n in zip(y[0], s[0], [9, 14, 7], strict=True)]  # fmt: skip
    assert equality(y, s, None, df)[0] == pytest.approx(stats.f_oneway(*samples, equal_var=False).pvalue)


def changed(first, second):
    cells = pd.concat([setting(first, order=False, period="2018"), setting(second, order=False, period="2023")])
    return released_changes(hyte.tidy(cells.reset_index(drop=True)), META, "2018", "2023").iloc[0]


def test_a_change_is_of_the_same_two_groups_and_a_crossing_is_seen():
    row = changed([20.0, 26.0], [26.0, 20.0])
    assert (row["first"], row["second"]) == ("g0", "g1")
    assert (row["start"], row["end"], row["change"]) == (-6.0, 6.0, 12.0)
    assert row["verdict"] == row["ratio_verdict"] == "reversed"
    assert row["crossed"]
    assert (row["first_then"], row["second_then"]) == ("g1", "g0")
    same = changed([30.0, 20.0, 10.0], [60.0, 40.0, 10.0])
    assert (same["start"], same["end"], same["verdict"], same["crossed"]) == (20.0, 50.0, "widened", False)


def test_absolute_and_relative_verdicts_may_disagree_and_it_is_said():
    row = changed([60.0, 30.0], [30.0, 10.0])
    assert (row["verdict"], row["ratio_verdict"]) == ("narrowed", "widened")
    assert not row["agree"]


def test_where_nothing_changed_the_choice_of_groups_makes_no_change():
    count, k = 1_500, 10
    cells = pd.concat([worlds(np.zeros(k), count, seed, period=str(seed)) for seed in (1, 2)], ignore_index=True)
    found = released_changes(cells, META, "1", "2")
    assert len(found) == count
    assert (found["verdict"] != "no_clear_change").mean() <= 0.05 + 2.6 * np.sqrt(0.05 * 0.95 / count)


def test_people_now_and_fewer():
    meta = check_indicators(indicators())
    cells = hyte.tidy(setting([30.0, 20.0, 10.0], population=[1000.0, 2000.0, 3000.0], order=False))
    row = people(cells, meta).iloc[0]
    assert row["now"] == pytest.approx(1000)
    assert row["now_upper"] - row["now"] == pytest.approx(1.959964 * np.sqrt(10**2 + 20**2 + 30**2))
    assert row["fewer"] == pytest.approx(400, rel=0.02)
    assert row["fewer_lower"] < 400 < row["fewer_upper"]
    lacking = people(cells, meta.assign(favourable=True)).iloc[0]
    assert lacking["now"] == pytest.approx(700 + 1600 + 2700)
    assert np.isnan(people(cells.assign(population=np.nan), meta).iloc[0]["now"])


def test_people_who_would_be_helped_are_not_made_up_by_the_choice_of_the_best_group():
    rng = np.random.default_rng(2)
    k, count = 10, 400
    cells = worlds(np.zeros(k), count, 9).assign(estimate=50 + rng.standard_normal(k * count))
    meta = check_indicators(indicators())
    found = people(cells, meta)
    plain = released_gaps(cells, ["LEVELUP"], meta)["estimate"]
    assert found["fewer"].median() < 0.25 * plain.median()
    assert (found["fewer_lower"] <= 1e-9).mean() >= 0.95


def given_pairs(**changes):
    rows = [("g0", "g0", 1.0), ("g0", "g1", 0.2), ("g1", "g1", 1.0)]
    frame = pd.DataFrame(rows, columns=["group", "group_other", "covariance"])
    return frame.assign(indicator="x", area="SSS", period="2022", dimension="education", **changes)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"covariance": [1.0, 1.5, 1.0]}, "not positive semi-definite"),
        ({"covariance": [4.0, 0.2, 1.0]}, "'g0'.*does not fit|does not fit the errors: of group 'g0'"),
        ({"group_other": ["g0", "g7", "g1"]}, "names group 'g7'"),
    ],
)
def test_a_covariance_that_cannot_be_is_named(changes, told):
    with pytest.raises(MeasureError, match=told):
        hyte.disparity(setting([20.0, 10.0]), "D", covariance=given_pairs(**changes))


def test_a_suppressed_reference_is_named():
    cells = setting([20.0, np.nan, 12.0], order=False, status=["ok", "suppressed", "ok"], se=[1.0, np.nan, 1.0])
    with pytest.raises(MeasureError, match="reference group 'g1' is suppressed"):
        hyte.disparity(cells, "D", reference="g1")


def test_a_kind_that_the_values_contradict_is_named():
    with pytest.raises(TidyError, match="contradicted"):
        hyte.tidy(setting([20.0, 10.0], kind="proportion", scale=1.0))
    with pytest.raises(TidyError, match="not a kind"):
        hyte.tidy(setting([20.0, 10.0], kind="share"))


def test_the_kind_in_the_cells_makes_the_same_line_as_metadata_do():
    cells = setting([20.0, 14.0, 8.0], kind="proportion", scale=100.0)
    alone = hyte.disparity(cells, "SII").iloc[0]
    described = hyte.disparity(cells.drop(columns=["kind", "scale"]), "SII", indicators=indicators()).iloc[0]
    assert alone["estimate"] == pytest.approx(described["estimate"])
    assert alone["note"] == described["note"]


def surveyed():
    """Cells of groups with a covariance, one of them of few respondents."""
    cells = setting([20.0, 10.0, 30.0], respondents=[200.0, 300.0, 4.0], events=[40.0, 30.0, 1.0])
    names = ["g0", "g1", "g2"]
    pairs = pd.DataFrame([(one, other) for one in names for other in names], columns=["group", "group_other"])
    pairs = pairs.assign(covariance=np.where(pairs["group"] == pairs["group_other"], 1.0, 0.4))
    return cells, pairs.assign(indicator="x", area="SSS", period="2022", dimension="education")


def test_a_release_keeps_the_covariance_of_shown_pairs_and_gaps_read_it(tmp_path):
    cells, pairs = surveyed()
    policy = hyte.Policy(minimum_respondents=30)
    made = hyte.release(cells, indicators(), policy=policy, covariance=pairs)
    assert made.cells["status"].tolist().count("suppressed") >= 1
    made.save(tmp_path / "release")
    release = hyte.Release.open(tmp_path / "release")
    shown = set(release.cells.query("status == 'ok'")["group"])
    kept = release.covariance
    assert "g2" not in shown
    assert set(kept["group"]) | set(kept["group_other"]) <= shown
    if len(shown) == 2:
        gap = released_gaps(release.cells, ["D"], check_indicators(release.indicators), kept).iloc[0]
        assert gap["se"] == pytest.approx(np.sqrt(2 - 0.8))
    plain = hyte.release(cells, indicators(), policy=policy)
    assert plain.covariance is None
    assert plain.id != made.id
