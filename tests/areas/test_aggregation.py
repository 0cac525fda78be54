"""Sums up the hierarchy: each person once, never an average of rates, and what is lacking named."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hyteanalysis as hyte
from hyteanalysis import areas
from hyteanalysis.errors import HyteError, MeasureError, TidyError

KYMENLAAKSO = ["KU075", "KU285", "KU286", "KU489", "KU624", "KU935"]


def cells(codes: list[str], events: list[float], population: list[float], scale: float = 100, **more) -> pd.DataFrame:
    events, population = np.array(events, float), np.array(population, float)
    return pd.DataFrame(
        {
            **{"indicator": "smoking", "area": codes, "period": "2024", "dimension": "total", "group": "total"},
            **{"estimate": events / population * scale, "events": events, "population": population},
        }
    ).assign(**more)


def all_municipalities(seed: int, year: int = 2025) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    codes = areas.reference(year).query("level == 'municipality'")["area"].tolist()
    population = rng.integers(20, 5000, len(codes) * 4)
    events = rng.binomial(population, rng.uniform(0.05, 0.6, len(population)))
    frame = pd.concat([cells(codes, np.ones(len(codes)), np.ones(len(codes)))] * 4, ignore_index=True)
    frame["dimension"], frame["group"] = "sex", np.repeat(["women", "men", "women", "men"], len(codes))
    frame["period"] = np.repeat(["2023", "2023", "2024", "2024"], len(codes))
    return frame.assign(events=events.astype(float), population=population.astype(float), estimate=events / population)


@settings(max_examples=12)
@given(st.integers(0, 10_000), st.sampled_from([2013, 2020, 2025]))
def test_every_level_holds_the_same_people(seed: int, year: int) -> None:
    frame = all_municipalities(seed, year)
    keys = ["period", "group"]
    whole = frame.groupby(keys)[["events", "population"]].sum()
    for level in ("subregion", "region", "county", "country"):
        sums = areas.aggregate(frame, level, year=year)
        assert sums["area"].map(areas.level).eq(level).all()
        assert sums.groupby(keys)[["events", "population"]].sum().equals(whole)
        assert np.allclose(sums["estimate"], sums["events"] / sums["population"])
        assert (sums["status"] == "ok").all()
        hyte.tidy(sums)


@settings(max_examples=12)
@given(st.integers(0, 10_000))
def test_two_steps_equal_one(seed: int) -> None:
    frame = all_municipalities(seed)
    counties = areas.aggregate(frame, "county", year=2025)
    mainland = areas.aggregate(counties, "collaborative", year=2025, outside="leave_out")
    aland = counties[counties["area"] == "HVA91"]
    direct = areas.aggregate(frame, "country", year=2025)
    stepped = areas.aggregate(pd.concat([mainland, aland]), "country", year=2025)
    key = ["period", "group", "events", "population", "estimate"]
    pd.testing.assert_frame_equal(
        direct[key].sort_values(key, ignore_index=True), stepped[key].sort_values(key, ignore_index=True)
    )


def test_a_county_is_not_the_average_of_its_municipalities() -> None:
    frame = cells(KYMENLAAKSO, [200, 900, 1500, 10, 50, 30], [2000, 5000, 8000, 100, 500, 300])
    county = areas.aggregate(frame, "county", year=2025).iloc[0]
    assert county["area"] == "HVA10"
    assert county["estimate"] == pytest.approx(2690 / 15900 * 100)
    assert county["estimate"] != pytest.approx(frame["estimate"].mean())


def test_several_targets_at_once() -> None:
    frame = all_municipalities(1)
    both = areas.aggregate(frame, ["county", "region", "SSS"], year=2025)
    assert both["area"].map(areas.level).value_counts().to_dict() == {"county": 92, "region": 76, "country": 4}
    one = areas.aggregate(frame, "MK08", year=2025, outside="leave_out")
    assert one["area"].unique().tolist() == ["MK08"]


def test_groups_keep_their_order_and_reference() -> None:
    frame = pd.concat(
        cells(KYMENLAAKSO, [5] * 6, [50] * 6, dimension="education", group=group, order=order, reference=order == 3)
        for group, order in (("low", 1), ("mid", 2), ("high", 3))
    )
    county = areas.aggregate(hyte.tidy(frame), "county", year=2025)
    assert county["group"].tolist() == ["low", "mid", "high"]
    assert county["order"].tolist() == [1, 2, 3]
    assert county["order"].dtype == "Int64"
    assert county["reference"].tolist() == [False, False, True]


def test_a_lacking_municipality_makes_the_sum_missing_and_is_named() -> None:
    frame = cells(KYMENLAAKSO[:4], [20] * 4, [200] * 4)
    county = areas.aggregate(frame, "county", year=2025).iloc[0]
    assert county["status"] == "missing"
    assert county["note"] == "Not summed: no row of KU624, KU935."
    assert county[["estimate", "events", "population"]].isna().all()
    known = areas.aggregate(frame, "county", year=2025, absent="zero").iloc[0]
    assert (known["events"], known["population"], known["status"]) == (80, 800, "ok")


def test_a_suppressed_municipality_makes_the_sum_missing_in_both_readings() -> None:
    frame = cells(KYMENLAAKSO, [20] * 6, [200] * 6, status="ok")
    frame.loc[2, ["estimate", "events"]] = np.nan
    frame.loc[2, "status"] = "suppressed"
    for absent in ("unknown", "zero"):
        county = areas.aggregate(frame, "county", year=2025, absent=absent).iloc[0]
        assert county["status"] == "missing"
        assert county["note"] == "Not summed: no counts of KU286."
        assert np.isnan(county["events"])
        assert county["population"] == 1200
    hyte.tidy(areas.aggregate(frame, "county", year=2025))


def test_many_lacking_areas_are_named_in_part_and_counted() -> None:
    country = areas.aggregate(cells(KYMENLAAKSO, [20] * 6, [200] * 6), "country", year=2025)
    assert country["note"].iloc[0].endswith("and 297 more.")


def test_empty_groups_add_nothing() -> None:
    frame = cells(KYMENLAAKSO, [20] * 6, [200] * 6)
    frame.loc[0, ["events", "population"]] = 0
    frame.loc[0, "estimate"] = np.nan
    assert areas.aggregate(frame, "county", year=2025)["estimate"].tolist() == [10]
    frame[["events", "population"]] = 0
    frame["estimate"] = np.nan
    nobody = areas.aggregate(frame.assign(scale=100), "county", year=2025)
    assert nobody["note"].tolist() == ["Not summed: no people."]


def test_survey_cells_are_weighted_by_people_not_by_respondents() -> None:
    frame = cells(["KU285", "KU286"], [30, 10], [40_000, 60_000], respondents=[100.0, 100.0])
    frame["estimate"] = [31.0, 9.0]  # weighted shares
    tree = pd.DataFrame({"area": ["KU285", "KU286"], "parent": "pair"})
    pair = areas.aggregate(frame, "pair", hierarchy=tree).iloc[0]
    assert pair["estimate"] == pytest.approx((31 * 40_000 + 9 * 60_000) / 100_000)
    assert pair[["events", "respondents", "population"]].tolist() == [40, 200, 100_000]


def test_standard_errors_add_as_of_independent_areas() -> None:
    frame = cells(["KU285", "KU286"], [30, 10], [100, 300], se=[4.0, 1.0])
    tree = pd.DataFrame({"area": ["KU285", "KU286"], "parent": "pair"})
    pair = areas.aggregate(frame, "pair", hierarchy=tree).iloc[0]
    assert pair["se"] == pytest.approx(np.hypot(0.25 * 4, 0.75 * 1))
    assert "lower" not in pair
    counted = frame.assign(estimate=frame["events"]).drop(columns="population")
    assert areas.aggregate(counted, "pair", hierarchy=tree)["se"].iloc[0] == pytest.approx(np.hypot(4, 1))


def test_kinds_from_the_metadata() -> None:
    tree = pd.DataFrame({"area": ["KU285", "KU286"], "parent": "pair"})
    frame = cells(["KU285", "KU286"], [30, 10], [100, 300], se=[2.0, 2.0])
    meta = pd.DataFrame({"indicator": ["smoking"], "kind": ["mean"], "scale": [1]})
    means = areas.aggregate(frame.drop(columns="events"), "pair", hierarchy=tree, indicators=meta).iloc[0]
    assert means["estimate"] == pytest.approx((30 * 100 + 10 / 3 * 300) / 400)
    assert means["se"] == pytest.approx(np.hypot(0.25 * 2, 0.75 * 2))
    counts = frame.drop(columns=["events", "population"])
    meta["kind"] = "count"
    assert areas.aggregate(counts, "pair", hierarchy=tree, indicators=meta)["estimate"].iloc[0] == pytest.approx(
        100 / 3
    )
    meta["kind"] = "index"
    with pytest.raises(MeasureError, match="it is an index"):
        areas.aggregate(frame, "pair", hierarchy=tree, indicators=meta)
    with pytest.raises(MeasureError, match="metadata lack smoking"):
        areas.aggregate(frame, "pair", hierarchy=tree, indicators=meta.assign(indicator="other"))


@pytest.mark.parametrize("scale", [1, 100, 1000, 10_000, 100_000])
def test_the_scale_is_read_off_the_cells(scale: int) -> None:
    frame = cells(KYMENLAAKSO, [20, 900, 1500, 10, 50, 30], [2000, 5000, 8000, 100, 500, 300], scale)
    county = areas.aggregate(frame.assign(estimate=frame["estimate"].round(1 if scale > 1 else 4)), "county", year=2025)
    assert county["estimate"].tolist() == [pytest.approx(2510 / 15900 * scale)]
    assert county["scale"].tolist() == [scale]


def test_rates_without_counts_are_not_averaged() -> None:
    frame = cells(KYMENLAAKSO, [20] * 6, [200] * 6)
    with pytest.raises(MeasureError, match="events are lacking, and rates are not averaged"):
        areas.aggregate(frame.drop(columns="events"), "county", year=2025)
    with pytest.raises(MeasureError, match="population is lacking, and rates are not averaged"):
        areas.aggregate(frame.drop(columns="population"), "county", year=2025)
    with pytest.raises(MeasureError, match="scale cannot be told"):
        areas.aggregate(frame.assign(estimate=np.nan), "county", year=2025)


def test_one_impossible_indicator_among_others_is_said_in_its_rows() -> None:
    frame = pd.concat(
        [cells(KYMENLAAKSO, [20] * 6, [200] * 6), cells(KYMENLAAKSO, [np.nan] * 6, [200] * 6, indicator="index")]
    )
    frame["estimate"] = frame["estimate"].fillna(100.0)
    sums = areas.aggregate(frame, "county", year=2025).set_index("indicator")
    assert sums["status"].to_dict() == {"smoking": "ok", "index": "missing"}
    assert "rates are not averaged" in sums.at["index", "note"]


def test_areas_without_a_place_are_named() -> None:
    frame = cells([*KYMENLAAKSO, "SSS"], [20] * 7, [200] * 7)
    with pytest.raises(TidyError, match="SSS lies in no county"):
        areas.aggregate(frame, "county", year=2025)
    with pytest.raises(TidyError, match="HVA91 lies in no collaborative"):
        areas.aggregate(cells(["HVA91", "HVA10"], [1, 1], [2, 2]), "collaborative", year=2025)
    with pytest.raises(TidyError, match="KU588 Pertunmaa joined KU507"):
        areas.aggregate(cells(["KU588", "KU507"], [1, 1], [2, 2]), "county", year=2025)
    with pytest.raises(TidyError, match="harbour lies in no"):
        areas.aggregate(cells(["harbour", "KU285"], [1, 1], [2, 2]), "county", year=2025)
    with pytest.raises(TidyError, match="nothing to add up"):
        areas.aggregate(cells(["harbour"], [1], [2]), "county", year=2025, outside="leave_out")


def test_people_are_never_counted_twice() -> None:
    frame = cells([*KYMENLAAKSO, "HVA10"], [20] * 6 + [120], [200] * 6 + [1200])
    with pytest.raises(TidyError, match="overlap"):
        areas.aggregate(frame, "country", year=2025, absent="zero")
    crossing = cells(["SK071", "HVA09"], [20, 20], [200, 200])  # Lahti's sub-region and its county
    with pytest.raises(TidyError, match="overlap"):
        areas.aggregate(crossing, "country", year=2025)
    apart = frame.assign(indicator=["a"] * 6 + ["b"])
    assert areas.aggregate(apart, "country", year=2025, absent="zero")["events"].tolist() == [120, 120]


def test_faulty_input() -> None:
    frame = cells(KYMENLAAKSO, [20] * 6, [200] * 6)
    with pytest.raises(TidyError, match="lack group"):
        areas.aggregate(frame.drop(columns="group"), "county", year=2025)
    with pytest.raises(TidyError, match="stands twice"):
        areas.aggregate(pd.concat([frame, frame]), "county", year=2025)
    with pytest.raises(TidyError, match="no rows"):
        areas.aggregate(frame.head(0), "county", year=2025)
    with pytest.raises(TidyError, match="empty values"):
        areas.aggregate(frame.assign(period=None), "county", year=2025)
    with pytest.raises(TidyError, match="text"):
        areas.aggregate(frame.assign(events="many"), "county", year=2025)
    with pytest.raises(MeasureError, match="Give year="):
        areas.aggregate(frame, "county")
    with pytest.raises(MeasureError, match=r"to must be one of .*county.*not 'count'"):
        areas.aggregate(frame, "count", year=2025)
    with pytest.raises(MeasureError, match="absent must be"):
        areas.aggregate(frame, "county", year=2025, absent="none")
    with pytest.raises(MeasureError, match="outside must be"):
        areas.aggregate(frame, "county", year=2025, outside="drop")
    with pytest.raises(HyteError, match="known are 2013–2026"):
        areas.aggregate(frame, "county", year=2030)


def test_the_frame_given_is_left_as_it_was() -> None:
    frame = cells(KYMENLAAKSO, [20] * 6, [200] * 6)
    before = frame.copy()
    areas.aggregate(frame, "county", year=2025)
    pd.testing.assert_frame_equal(frame, before)
