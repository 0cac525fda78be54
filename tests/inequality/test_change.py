"""The change of a gap has an interval of its own, and its verdict reads that interval."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inequality_worlds import indicators, random_settings, setting
from scipy import stats

import hyteanalysis as hyte
from hyteanalysis import places
from hyteanalysis.uncertainty import discovery


def two(start, end, *, se=(1.0, 1.0), **options):
    """The same groups in 2018 and 2023."""
    return pd.concat(
        [
            setting(start, se=se[0], **options).assign(period="2018"),
            setting(end, se=se[1], **options).assign(period="2023"),
        ],
        ignore_index=True,
    )


def change(cells, measure="D", **options):
    return hyte.disparity_change(cells, measure, "2018", "2023", **{"draws": 1000, **options}).iloc[0]


@pytest.mark.parametrize(
    ("start", "end", "verdict"),
    [
        ([30.0, 20.0, 10.0], [24.0, 18.0, 12.0], "narrowed"),
        ([30.0, 20.0, 10.0], [36.0, 20.0, 8.0], "widened"),
        ([30.0, 20.0, 10.0], [29.0, 20.0, 10.0], "no_clear_change"),
        ([30.0, 20.0, 10.0], [10.0, 20.0, 30.0], "reversed"),
        ([20.0, 20.0, 20.0], [30.0, 20.0, 10.0], "widened"),  # only the end is clear
        ([30.0, 20.0, 10.0], [20.0, 20.0, 20.5], "narrowed"),  # to nothing
        ([20.0, 20.0, 18.0], [18.0, 20.0, 20.0], "no_clear_change"),  # neither is clear, though the change is
    ],
)
@pytest.mark.parametrize("code", ["D", "SII"])
def test_the_verdict_is_by_the_interval_of_the_change(start, end, verdict, code):
    cells = two(start, end)
    assert change(cells, code)["verdict"] == verdict
    # the words do not depend on which end of the scale is called adverse
    assert change(cells.assign(favourable=True), code)["verdict"] == verdict


def test_the_interval_is_that_of_the_difference():
    found = change(two([30.0, 10.0], [26.0, 10.0], se=(1.0, 2.0)))
    assert (found["start"], found["end"], found["change"]) == (20.0, 16.0, -4.0)
    assert found["se"] == pytest.approx(np.sqrt(2 * 1 + 2 * 4))
    assert found["upper"] - found["change"] == pytest.approx(1.959964 * found["se"])
    assert "independent errors" in found["method"]


def test_two_intervals_may_overlap_and_the_change_be_clear():
    cells = two([30.0, 20.0], [26.5, 20.0], se=(0.8, 0.8))
    gaps = hyte.disparity(cells, "D").set_index("period")
    assert gaps.loc["2018", "lower"] < gaps.loc["2023", "upper"]
    assert change(cells)["verdict"] == "narrowed"


def test_overlapping_samples_state_their_correlation_and_narrow_the_interval():
    cells = two([30.0, 10.0], [27.0, 10.0])
    apart, together = change(cells), change(cells, correlation=0.5)
    assert together["se"] == pytest.approx(apart["se"] * np.sqrt(0.5))
    assert together["method"].endswith("correlation 0.5 of the errors")


@pytest.mark.parametrize("code", ["R", "RII", "KMI"])
def test_ratios_change_by_a_factor_on_the_log_scale(code):
    found = change(two([40.0, 25.0, 10.0], [30.0, 20.0, 10.0]), code)
    assert found["change"] == pytest.approx(found["end"] / found["start"])
    middle = np.sqrt(found["lower"] * found["upper"])
    assert middle == pytest.approx(found["change"])
    assert "end/start, log scale" in found["method"]


def test_a_smaller_sample_is_no_wider_gap_in_squares():
    """The same truth seen with errors four times as large: T grows by its noise, T − b does not."""
    generator = np.random.default_rng(6)
    truth, count = np.array([26.0, 22.0, 20.0, 18.0]), 300
    parts = []
    for period, se in (("2018", 1.0), ("2023", 4.0)):
        seen = truth + generator.normal(0, se, (count, 4))
        many = pd.concat([setting(values, se=se, order=False) for values in seen], ignore_index=True)
        parts.append(many.assign(period=period, area=np.repeat([f"a{number}" for number in range(count)], 4)))
    squares, about = ["BGV", "BGSD", "COV", "TI", "MLD", "ATK", "KOL"], indicators()
    options = {"indicators": about, "aversion": {"ATK": 1.5, "KOL": 0.05}, "draws": 1000}
    many = hyte.disparity_change(pd.concat(parts), squares, "2018", "2023", **options)
    assert set(many["measure"]) == set(squares)
    for _, found in many.groupby("measure"):
        moved, raw = found["change"], found["end"] - found["start"]
        assert abs(moved.mean()) < 3.5 * moved.std() / np.sqrt(count)
        assert raw.mean() > 8 * raw.std() / np.sqrt(count)
        assert found["note"].str.contains("freed of the noise").all()
        assert (found["verdict"] == "no_clear_change").mean() > 0.9


def test_no_clear_change_is_equivalence_only_inside_a_margin_set_beforehand():
    sure, vague = two([30.0, 10.0], [30.5, 10.0], se=(0.3, 0.3)), two([30.0, 10.0], [30.5, 10.0], se=(2.0, 2.0))
    assert change(sure, margin=3.0)["equivalent"]
    assert not change(vague, margin=3.0)["equivalent"]
    assert change(vague)["verdict"] == "no_clear_change"
    assert "equivalent" not in change(sure)
    assert change(sure, "R", margin=1.2)["equivalent"]
    for margin in (0, -1, True, "3"):
        with pytest.raises(hyte.MeasureError, match="margin must be a number above 0"):
            change(sure, margin=margin)
    with pytest.raises(hyte.MeasureError, match="margin must be a number above 1"):
        change(sure, "R", margin=0.5)
    with pytest.raises(hyte.MeasureError, match="ask for them apart"):
        change(sure, ["D", "R"], margin=2.0)


def test_equivalence_is_read_from_the_90_per_cent_interval():
    """An unchanged gap whose change has the error 1: its interval reaches 1.645, whatever the level that was asked."""
    cells = two([30.0, 10.0], [30.0, 10.0], se=(0.5, 0.5))
    assert change(cells, margin=1.7, level=0.95)["equivalent"]
    assert not change(cells, margin=1.6, level=0.8)["equivalent"]


def test_gaps_known_without_error_have_changed_or_have_not():
    same, other = two([30.0, 10.0], [30.0, 10.0], se=(0, 0)), two([30.0, 10.0], [29.0, 10.0], se=(0, 0))
    assert (change(same)["p_value"], change(same)["verdict"]) == (1.0, "no_clear_change")
    assert (change(other)["p_value"], change(other)["verdict"]) == (0.0, "narrowed")


def test_of_many_settings_the_q_value_reckons_with_chance():
    cells = random_settings(200, 3, seed=12)
    cells = pd.concat([cells.assign(period="2018"), random_settings(200, 3, seed=12).assign(period="2023")])
    noise = np.random.default_rng(3).normal(0, 1, len(cells)) * cells["se"].to_numpy()
    found = hyte.disparity_change(cells.assign(estimate=cells["estimate"] + noise), ["D", "SII"], "2018", "2023")
    for _, rows in found.groupby("measure"):
        np.testing.assert_allclose(rows["q_value"], discovery(rows["p_value"]))
    clear = found[found["verdict"] != "no_clear_change"]
    assert len(clear) > 5
    assert (found["q_value"] < 0.05).sum() <= 1


def test_two_areas_are_compared_as_two_periods_are():
    cells = pd.concat([setting([30.0, 10.0]).assign(area="HVA05"), setting([22.0, 10.0]).assign(area="HVA06")])
    found = hyte.disparity_change(cells, "D", "HVA05", "HVA06", compare="area").iloc[0]
    assert (found["change"], found["verdict"]) == (-8.0, "narrowed")
    assert "area" not in found.index


def test_what_lacks_is_said_and_groups_that_changed_too():
    lone = pd.concat([two([30.0, 10.0], [28.0, 9.0]), setting([30.0, 10.0]).assign(period="2018", area="HVA05")])
    found = hyte.disparity_change(lone, "D", "2018", "2023").set_index("area")
    assert np.isnan(found.loc["HVA05", "change"])
    assert found.loc["HVA05", "note"] == "2023: no such setting"
    assert found.loc["HVA05", "verdict"] == "no_clear_change"
    other = two([30.0, 20.0, 10.0], [28.0, np.nan, 9.0])
    assert "not the same groups at start and end" in change(other)["note"]
    assert "2023: 1 missing group left out" in change(other)["note"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"end": "2024"}, "period must be one of 2018, 2023"),
        ({"end": "2018"}, "start and end are both '2018'"),
        ({"compare": "group"}, "compare must be one of period, area"),
        ({"correlation": 1.0}, "correlation must lie between -1 and 1"),
        ({"by": ["indicator", "area", "dimension"]}, "by must hold 'period'|repeat a group"),
        ({"across": "area", "compare": "area", "start": "SSS", "end": "KU091"}, "use compare='period'"),
        ({"measure": "SI"}, "Did you mean SII"),
    ],
)
def test_faulty_options_are_refused_by_name(options, words):
    asked = {"measure": "D", "start": "2018", "end": "2023", **options}
    with pytest.raises(hyte.MeasureError, match=words):
        hyte.disparity_change(two([30.0, 10.0], [28.0, 9.0]), **asked)


def test_absolute_gaps_of_large_rates_do_not_overflow_beside_ratios():
    """exp() is taken of ratios only: a rate of 2,000 per 100,000 may change by more than e^709 could say."""
    cells = two([9000.0, 2000.0], [3000.0, 2500.0], se=(20.0, 20.0))
    found = hyte.disparity_change(cells, ["D", "R"], "2018", "2023", indicators=indicators("rate", 100_000.0))
    assert found["change"].tolist() == pytest.approx([-6500.0, 1.2 / 4.5])
    assert found["verdict"].tolist() == ["narrowed", "narrowed"]
    years = pd.concat(
        [setting([9000.0 - 1500 * year, 1000.0], se=20.0).assign(period=str(2018 + year)) for year in range(4)]
    )
    trend = hyte.disparity_trend(years, ["D", "R"], indicators=indicators("rate", 100_000.0)).set_index("measure")
    assert trend.loc["D", "slope"] == pytest.approx(-1500)
    assert 0 < trend.loc["R", "slope"] < 1


def test_the_finding_of_a_large_rate_gives_its_change_without_a_warning():
    """Injuries of the example release, where exp() of an absolute gap once overflowed; warnings are errors here."""
    release = hyte.Release.open(places.committed("releases", "example"))
    finding = hyte.finding(release, indicator="example-injuries", area="SSS", dimension="education")
    assert finding.change is not None
    assert np.isfinite([finding.change.estimate, finding.change.lower, finding.change.upper]).all()


@settings(max_examples=8)
@given(
    st.lists(st.floats(5, 90), min_size=6, max_size=6),
    st.permutations(range(6)),
    st.integers(0, 10**6),
)
def test_row_order_labels_and_global_state_change_nothing(estimates, order, state):
    cells = two(estimates[:3], estimates[3:])
    renamed = {"g0": "z", "g1": "a", "g2": "m"}
    other = cells.iloc[list(order)].assign(group=lambda rows: rows["group"].map(renamed))
    first = hyte.disparity_change(cells, ["D", "RCI", "BGV"], "2018", "2023")
    np.random.seed(state)  # noqa: NPY002  (the process's global state must not matter)
    pd.testing.assert_frame_equal(
        first, hyte.disparity_change(other, ["D", "RCI", "BGV"], "2018", "2023"), check_exact=True
    )


# ---- trend


def years(gaps, *, se=1.0, first=2016):
    """Two groups whose difference runs through ``gaps``, one a year."""
    return pd.concat(
        [setting([20.0 + gap, 20.0], se=se).assign(period=str(first + year)) for year, gap in enumerate(gaps)],
        ignore_index=True,
    )


def test_the_slope_is_the_weighted_one_with_its_interval():
    gaps, errors = [12.0, 11.0, 9.5, 9.0, 6.0], np.array([1.0, 2.0, 1.0, 1.5, 1.0])
    cells = years(gaps).assign(se=np.repeat(errors, 2))
    found = hyte.disparity_trend(cells, "D").iloc[0]
    weight, time = 1 / (2 * errors**2), np.arange(5.0)
    middle = np.average(time, weights=weight)
    spread = (weight * (time - middle) ** 2).sum()
    assert found["slope"] == pytest.approx((weight * (time - middle) * np.array(gaps)).sum() / spread)
    assert found["se"] == pytest.approx(spread**-0.5)
    assert found["upper"] - found["slope"] == pytest.approx(1.959964 * found["se"])
    _, residual, *_ = np.polyfit(time, gaps, 1, w=np.sqrt(weight), full=True)
    assert found["p_line"] == pytest.approx(stats.chi2.sf(residual.item(), 5 - 2))
    assert (found["n_periods"], found["first"], found["last"]) == (5, "2016", "2020")
    assert found["direction"] == "narrowing"


def test_direction_is_away_from_or_towards_the_null():
    assert hyte.disparity_trend(years([2.0, 5.0, 8.0, 11.0]), "D")["direction"].item() == "widening"
    assert hyte.disparity_trend(years([-2.0, -5.0, -8.0, -11.0]), "D")["direction"].item() == "widening"
    assert hyte.disparity_trend(years([5.0, 6.0, 5.0, 6.0]), "D")["direction"].item() == "no_clear_trend"
    ratio = hyte.disparity_trend(years([20.0, 15.0, 10.0, 5.0]), "R").iloc[0]
    assert ratio["slope"] < 1
    assert ratio["direction"] == "narrowing"


def test_gaps_off_the_line_are_told_and_missing_periods_counted():
    bent = hyte.disparity_trend(years([5.0, 15.0, 5.0, 15.0, 5.0]), "D").iloc[0]
    assert bent["p_line"] < 0.05
    assert "do not lie on a line" in bent["note"]
    hole = years([12.0, 11.0, 10.0, 9.0, 8.0])
    hole.loc[hole["period"] == "2018", "estimate"] = np.nan
    found = hyte.disparity_trend(hole, "D").iloc[0]
    assert found["n_periods"] == 4
    assert found["note"] == "1 period without a gap or its error"


def test_a_trend_needs_four_periods_with_a_year():
    with pytest.raises(hyte.MeasureError, match="4 periods or more; the cells hold 3"):
        hyte.disparity_trend(years([1.0, 2.0, 3.0]), "D")
    waves = years([1.0, 2.0, 3.0, 4.0])
    with pytest.raises(hyte.MeasureError, match=r"periods with a year, such as .*'wave 6'"):
        hyte.disparity_trend(waves.assign(period="wave " + waves["period"].str[-1]), "D")
    with pytest.raises(hyte.MeasureError, match="by must hold 'period'"):
        hyte.disparity_trend(years([1.0, 2.0, 3.0, 4.0]), "D", by=("area",))


def test_a_smaller_second_sample_is_not_told_as_a_wider_gap():
    """One of ten groups five errors off at both times; the second time every error is twice as large."""
    count, truth = 120, np.r_[np.zeros(9), 5.0]
    rng = np.random.default_rng(2)
    one = setting(np.zeros(10), order=False, dimension="language")
    parts = []
    for period, error in (("2018", 1.0), ("2023", 2.0)):
        cells = pd.concat([one] * count, ignore_index=True)
        seen = 40 + truth + error * rng.standard_normal((count, 10))
        area = np.repeat([f"a{number}" for number in range(count)], 10)
        parts.append(cells.assign(area=area, period=period, estimate=seen.ravel(), se=error))
    cells = pd.concat(parts, ignore_index=True)
    found = hyte.disparity_change(cells, ["IDISU", "MDBW", "GINI"], "2018", "2023", draws=1000)
    wider = (found["verdict"] == "widened").groupby(found["measure"]).mean()
    assert (wider <= 0.025 + 3 * np.sqrt(0.025 / count)).all(), wider
