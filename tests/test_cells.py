"""tidy(): what it lets through unchanged, and every fault it must name with its remedy."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hyteanalysis as hyte
from hyteanalysis.cells import CELL_COLUMNS, check_groups, check_indicators, cross, parts, reference_groups, validation

INDICATORS = pd.DataFrame(
    {
        "indicator": ["smoking", "income"],
        "title_fi": ["Päivittäin tupakoivat", "Tulot"],
        "unit": ["%", "€"],
        "kind": ["proportion", "mean"],
        "scale": [100, 1],
        "favourable": [False, True],
    }
)


def cells(**columns):
    frame = pd.DataFrame(
        {
            "indicator": "smoking",
            "area": "HVA08",
            "period": "2022",
            "dimension": "education",
            "group": ["low", "mid", "high"],
            "order": [1, 2, 3],
            "estimate": [22.1, 15.3, 6.2],
        }
    )
    return frame.assign(**columns)


def faults(frame, indicators=None, **options):
    with pytest.raises(hyte.TidyError) as raised:
        hyte.tidy(frame, indicators, **options)
    assert list(raised.value.faults.columns) == ["row", "column", "value", "problem", "remedy"]
    return raised.value


def test_types_and_status_are_declared_and_the_caller_keeps_its_frame():
    frame = cells(period=2022, status=[None, "uncertain", None])
    frame.loc[2, "estimate"] = np.nan
    before = frame.copy()
    tidy = hyte.tidy(frame, INDICATORS)
    pd.testing.assert_frame_equal(frame, before)
    assert tidy["order"].dtype == "Int64"
    assert tidy["estimate"].dtype == "float64"
    assert list(tidy["period"]) == ["2022"] * 3
    assert list(tidy["status"]) == ["ok", "uncertain", "missing"]


def test_a_year_that_a_spreadsheet_made_a_float_is_a_year_again():
    assert list(hyte.tidy(cells(period=[2022.0] * 3))["period"]) == ["2022"] * 3


def test_tidy_cells_pass_a_second_time_unchanged():
    once = hyte.tidy(cells(reference=[False, False, True], population=[10, 20, 30]), INDICATORS)
    pd.testing.assert_frame_equal(hyte.tidy(once, INDICATORS), once)


def test_constant_keys_fill_columns_the_frame_lacks_and_never_replace_one():
    frame = cells().drop(columns=["indicator", "period"])
    assert set(hyte.tidy(frame, keys={"indicator": "smoking", "period": "2022"})["period"]) == {"2022"}
    with pytest.raises(hyte.TidyError, match="has that column already"):
        hyte.tidy(cells(), keys={"period": "2022"})
    with pytest.raises(hyte.TidyError, match="'year'"):
        hyte.tidy(cells(), keys={"year": "2022"})


@pytest.mark.parametrize(
    ("change", "column", "row", "words"),
    [
        ({"group": ["low", "low", "high"]}, "group", 1, "same indicator, area, period"),
        ({"estimate": ["22.1", "n/a", "6.2"]}, "estimate", 1, "not a number"),
        ({"population": [100, -5, 30]}, "population", 1, "negative"),
        ({"se": [1, -1, 1]}, "se", 1, "negative"),
        ({"lower": [23, 10, 5]}, "lower", 0, "above the estimate"),
        ({"upper": [25, 10, 9]}, "upper", 1, "below the estimate"),
        ({"order": [1, None, 3]}, "order", 1, "other groups"),
        ({"order": [1, 1.5, 3]}, "order", 1, "whole number"),
        ({"area": ["HVA08", "91", "HVA08"]}, "area", 1, "KU091"),
        ({"area": ["HVA08", "KU91", "HVA08"]}, "area", 1, "KU091"),
        ({"area": ["HVA08", "HVA8", "HVA08"]}, "area", 1, "HVA08"),
        ({"area": ["HVA08", "KU1234", "HVA08"]}, "area", 1, "KU takes 3 digits"),
        ({"area": ["HVA08", None, "HVA08"]}, "area", 1, "empty"),
        ({"estimate": [22.1, 140, 6.2]}, "estimate", 1, "bounds"),
        ({"estimate": [22.1, -0.1, 6.2]}, "estimate", 1, "bounds"),
        ({"estimate": [22.1, np.inf, 6.2]}, "estimate", 1, "infinite"),
        ({"status": ["ok", "hidden", "ok"]}, "status", 1, "ok, suppressed, missing, uncertain"),
        ({"status": ["ok", "suppressed", "ok"]}, "status", 1, "holds an estimate"),
        ({"reference": ["yes", "perhaps", "no"]}, "reference", 1, "true or false"),
        ({"reference": [True, True, False]}, "reference", 0, "Mark one"),
        ({"events": [5, 20, 1], "respondents": [10, 10, 10]}, "events", 1, "More events"),
        ({"events": [5, 20, 1], "population": [10, 10, 10]}, "events", 1, "More events"),
        ({"dimension": "total"}, "group", 0, "belong together"),
        ({"group": ["low", "total", "high"]}, "group", 1, "belong together"),
        ({"indicator": ["smoking", "smokin", "smoking"]}, "indicator", 1, "metadata"),
        ({"dimension": "sex × education", "group": "women × low", "order": None}, "group", 0, "alphabetical"),
        ({"dimension": "education × sex", "order": None}, "group", 0, "parts"),
    ],
)
def test_a_faulty_cell_is_named_with_row_column_value_and_remedy(change, column, row, words):
    error = faults(cells(**change), INDICATORS)
    found = error.faults[(error.faults["column"] == column) & (error.faults["row"] == row)]
    assert len(found) >= 1
    assert words in " ".join(found["problem"] + " " + found["remedy"])
    assert f"column '{column}'" in str(error)


def test_all_faults_come_in_one_error():
    error = faults(cells(population=[1, -1, 2], area=["91", "HVA08", "HVA08"], lower=[30, 1, 1]))
    assert set(error.faults["column"]) == {"population", "area", "lower"}


def test_columns_unknown_lacking_or_given_twice_are_named_with_the_near_one():
    error = faults(cells().rename(columns={"estimate": "estimat", "group": "subgroup"}))
    assert "'estimat'" in str(error)
    assert {"estimate", "estimat", "group", "subgroup"} <= set(error.faults["column"])
    doubled = pd.concat([cells(), cells()[["estimate"]]], axis=1)
    assert "stands twice" in str(faults(doubled))


def test_no_rows_and_no_frame_are_refused():
    assert "no rows" in str(faults(cells().iloc[:0]))
    assert "list" in str(faults([1, 2]))


def test_crossed_dimensions_have_no_order():
    crossed = cells(dimension="education × sex", group=["low × women", "mid × women", "high × women"])
    assert "A crossed dimension has no order" in str(faults(crossed))
    assert len(hyte.tidy(crossed.assign(order=None))) == 3


def test_one_bad_row_among_a_million_is_found():
    rows = 1_000_000
    frame = pd.DataFrame({"indicator": "smoking", "area": "KU091", "period": np.arange(rows).astype(str)})
    frame = frame.assign(dimension="sex", group="women", estimate=1.0, population=5.0)
    frame.loc[777_777, "population"] = -4
    error = faults(frame)
    assert error.faults["row"].tolist() == [777_777]
    assert "777777" in str(error)
    assert "-4" in str(error)


def test_a_limit_that_differs_in_the_last_digit_only_still_brackets():
    assert len(hyte.tidy(cells(upper=[22.1 - 1e-12, 16, 7]))) == 3


@given(st.permutations(range(3)))
def test_row_order_changes_nothing(order):
    tidy = hyte.tidy(cells(), INDICATORS)
    shuffled = hyte.tidy(cells().iloc[list(order)], INDICATORS)
    pd.testing.assert_frame_equal(shuffled.sort_index(), tidy)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("kind", "share", "proportion, rate, mean, index, count"),
        ("scale", 7, "1, 100, 1000"),
        ("favourable", "maybe", "neither true nor false"),
        ("indicator", "income", "stands twice"),
        ("purpose", "goal", "outcome, process"),
        ("title_fi", None, "No title"),
    ],
)
def test_faulty_indicator_metadata_is_named(column, value, words):
    frame = INDICATORS.assign(purpose="outcome")
    frame[column] = frame[column].astype(object)
    frame.loc[0, column] = value
    with pytest.raises(hyte.TidyError, match=column) as raised:
        check_indicators(frame)
    assert words in str(raised.value)


def test_indicator_metadata_keeps_further_columns_and_makes_types():
    checked = check_indicators(INDICATORS.assign(theme="health", favourable=["no", "yes"]))
    assert checked["favourable"].tolist() == [False, True]
    assert set(checked["theme"]) == {"health"}


def test_bounds_must_not_be_upside_down():
    with pytest.raises(hyte.TidyError, match="upper_bound"):
        check_indicators(INDICATORS.assign(lower_bound=10, upper_bound=5))


def test_reference_groups_have_labels_in_three_languages_and_unique_ids():
    groups = reference_groups()
    assert groups[["label_fi", "label_sv", "label_en"]].notna().all().all()
    assert not groups.duplicated(["dimension", "group"]).any()
    ids = groups.groupby("dimension")["group"].agg(set)
    assert ids["sex"] == {"women", "men"}
    assert ids["education"] == {"low", "mid", "high"}
    assert ids["income"] == {"q1", "q2", "q3", "q4", "q5"}
    assert ids["language"] == {"fi", "sv", "other"}
    assert ids["disability"] == {"with", "without"}
    assert ids["dimension"] >= {"total", "sex", "age", "education", "income", "language", "disability"}


def test_reference_groups_cannot_be_changed_by_a_caller():
    mine = reference_groups()
    mine["group"] = "spoilt"
    assert "women" in set(reference_groups()["group"])


def test_a_group_listed_twice_is_refused():
    with pytest.raises(hyte.TidyError, match="stands twice"):
        check_groups(pd.DataFrame({"dimension": ["sex", "sex"], "group": ["women", "women"]}))


def test_names_of_crossed_dimensions_are_alphabetical_and_come_apart_again():
    assert cross(["sex", "age"]) == "age × sex"
    assert parts(cross(["sex", "education", "age"])) == ["age", "education", "sex"]


def test_vocabulary_is_the_contracts():
    numbers = ["estimate", "se", "lower", "upper", "df", "population", "events", "respondents"]
    keys = ["indicator", "area", "period", "dimension", "group"]
    assert [*keys, "order", *numbers, "reference", "status"] == CELL_COLUMNS


@pytest.fixture
def looks(monkeypatch):
    """How often the rules looked at cells, with nothing remembered from before."""
    count, rules = [], validation.row_faults
    monkeypatch.setattr(validation, "_tidy", validation.OrderedDict())
    monkeypatch.setattr(validation, "row_faults", lambda *a, **k: count.append(a) or rules(*a, **k))
    return count


def test_tidy_cells_are_not_looked_at_twice(looks):
    tidy = hyte.tidy(cells(period=2022), INDICATORS)
    again = [hyte.tidy(tidy, INDICATORS), hyte.tidy(tidy.copy(), INDICATORS), hyte.tidy(tidy)]
    hyte.disparity(tidy, "D", indicators=INDICATORS)
    assert len(looks) == 1
    for one in again:
        pd.testing.assert_frame_equal(one, tidy)
        assert one is not tidy


CHANGES = {
    "loc": lambda frame: frame.__setitem__("estimate", frame["estimate"].mask(frame.index == 1, 140)),
    "in place": lambda frame: frame.loc.__setitem__((1, "estimate"), 140),
    "in its memory": lambda frame: frame["estimate"].array.__setitem__(1, 140.0),
    "a text in its memory": lambda frame: frame["area"].array.__setitem__(1, "91"),
    "an order in its memory": lambda frame: frame["order"].array.__setitem__(1, pd.NA),
    "a truth in its memory": lambda frame: frame["reference"].array.__setitem__(slice(None), True),
    "another column": lambda frame: frame.insert(0, "colour", "red"),
    "another type": lambda frame: frame.__setitem__("estimate", ["22.1", "many", "6.2"]),
    "texts and numbers in one column": lambda frame: frame.__setitem__("estimate", [22.1, "many", 6.2]),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_cells_changed_after_tidy_are_looked_at_again(change):
    tidy = hyte.tidy(cells(reference=[False, False, True]), INDICATORS)
    hyte.tidy(tidy, INDICATORS)
    change(tidy)
    faults(tidy, INDICATORS)
    with pytest.raises(hyte.TidyError):
        hyte.disparity(tidy, "D", indicators=INDICATORS)


def test_parts_of_the_same_memory_are_told_apart(looks):
    two = pd.concat([cells(), cells(area="HVA09", estimate=[300.0, 301.0, 302.0])], ignore_index=True)
    tidy = hyte.tidy(two)
    hyte.tidy(tidy.iloc[:3], INDICATORS)
    with pytest.raises(hyte.TidyError, match="bounds"):
        hyte.tidy(tidy.iloc[3:], INDICATORS)
    assert len(looks) == 3


def test_other_metadata_are_asked_again_and_only_they(looks):
    tidy = hyte.tidy(cells())
    hyte.tidy(tidy, INDICATORS)
    hyte.tidy(tidy, INDICATORS.assign(title_fi=["Toinen", "Nimi"]))
    assert [call[1] is None for call in looks] == [True, False]
    with pytest.raises(hyte.TidyError, match="bounds"):
        hyte.tidy(tidy, INDICATORS.assign(upper_bound=[20.0, 100.0]))
    with pytest.raises(hyte.TidyError, match="not in the indicator metadata"):
        hyte.tidy(tidy, INDICATORS.iloc[1:])


def test_what_is_remembered_has_an_end(looks):
    for number in range(validation.REMEMBERED + 5):
        hyte.tidy(cells(period=str(number)))
    assert len(validation._tidy) == validation.REMEMBERED
    hyte.tidy(cells(period="0"))
    assert len(looks) == validation.REMEMBERED + 6
