"""The small files of `cases`: each gives its one right answer, or is refused by name."""

import numpy as np
import pandas as pd
import pytest

import hyteanalysis as hyte


def cells(path, **options):
    return hyte.tidy(hyte.sources.read_table(path, **options), hyte.sources.read_indicators(path))


def people(path, **options):
    asked = {"by": ["sex"], "outcomes": {"smoking": "smokes"}, "period": None} | options
    return hyte.aggregate(path, **asked).set_index("group")


def shares(found):
    return {group: (round(row["estimate"], 6), row["respondents"]) for group, row in found.iterrows()}


@pytest.mark.parametrize(
    ("name", "estimates", "populations"),
    [
        ("thousands-comma/cells.csv", [30.5, 20.5, 10.5], [987, 1234, 2345]),
        ("thousands-point/cells.csv", [12.5, 6.5], [1234, 12345]),
        ("thousands-space/no-break.csv", [12.5, 6.5], [1234, 12345]),
        ("thousands-space/narrow-no-break.csv", [12.5, 6.5], [1234, 12345]),
        ("excel-percent/cells.xlsx", [12.5, 6.5], [1234, 12345]),
        ("excel-sheets/hidden-first.xlsx", [62.5, 56.5], [1234, 12345]),
        ("other-formats/cells.ods", [12.5, 6.5], [1234, 12345]),
        ("title-rows/title.csv", [12.5, 6.5], [1000, 2000]),
        ("title-rows/sep-line.csv", [12.5, 6.5], [1000, 2000]),
        ("footnotes/cells.csv", [12.5, 6.5], [1000, 2000]),
        ("trailing-separators/cells.csv", [12.5, 6.5], [1000, 2000]),
        ("line-ends/carriage-return.csv", [12.5, 6.5], [1000, 2000]),
    ],
)
def test_numbers_are_read_as_they_are_meant(case, name, estimates, populations):
    found = cells(case(name))
    assert found["estimate"].tolist() == estimates
    assert found["population"].tolist() == populations
    assert found["status"].eq("ok").all()


def test_gaps_of_a_file_with_thousands_commas_are_those_of_its_people(case):
    path = case("thousands-comma/cells.csv")
    gaps = hyte.disparity(cells(path), ["SII", "MDMW"], indicators=hyte.sources.read_indicators(path))
    gaps = gaps.set_index("measure")
    assert gaps.at["MDMW", "estimate"] == pytest.approx(7.216646, abs=1e-6)
    assert gaps.loc["SII", ["estimate", "lower", "upper"]].tolist() == pytest.approx(
        [-28.785114, -33.279473, -24.290754], abs=1e-6
    )


def test_counts_with_thousands_points_are_people(case):
    rates = hyte.rates.crude(hyte.sources.read_table(case("thousands-point/counts.csv")), "area").set_index("area")
    expected = {"KU091": 144.276695, "KU235": 10021.615249, "KU049": 1201.201201}
    assert rates["estimate"].to_dict() == pytest.approx(expected, abs=1e-6)


def test_person_rows_with_thousands_commas(case):
    found = people(case("thousands-comma/people.csv"), outcomes={"income": "income"})["estimate"]
    assert found.to_dict() == pytest.approx({"mies": 12345, "nainen": 1110.5, "total": 4855.333333}, abs=1e-6)


def test_a_bound_written_with_a_space_stays_a_bound(case):
    path = case("bounds/cells.csv")
    assert hyte.sources.read_indicators(path)["upper_bound"].tolist() == [1000]
    with pytest.raises(hyte.TidyError, match="outside the indicator's bounds") as raised:
        cells(path)
    assert raised.value.faults["value"].tolist() == [1500]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("excel-formula/not-computed.xlsx", ["estimate", "=100*10/80", "G2"]),
        ("excel-formula/errors.xlsx", ["estimate", "#DIV/0!", "#N/A"]),
        ("excel-dates/ages.xlsx", ["group", "2024-04-01", "1-4", "5-9"]),
    ],
)
def test_cells_without_a_number_are_refused_by_name(case, name, words):
    with pytest.raises(hyte.TidyError) as raised:
        cells(case(name))
    for word in words:
        assert word in str(raised.value)


def test_a_sheet_can_be_named_and_the_sheets_are_listed(case):
    path = case("excel-sheets/hidden-first.xlsx")
    assert cells(path, sheet="Taul1")["estimate"].tolist() == [12.5, 6.5]
    with pytest.raises(hyte.SourceError, match=r"no sheet 'Taul2'.*'Taul1' \(hidden\), 'Data'"):
        hyte.sources.read_table(path, sheet="Taul2")


def test_windows_letters_and_dashes(case):
    found = cells(case("encoding-cells/windows-1252.csv"))
    assert set(found["period"]) == {"2020–2022"}
    assert found["note"].tolist() == ["€ ”arvio”", "Š ž"]


def test_a_table_service_s_own_csv(case):
    found = hyte.sources.read_table(case("title-rows/table-service.csv"))
    assert list(found.columns) == ["Alue", "Ikä", "Miehet 2024 Väestö 31.12.", "Naiset 2024 Väestö 31.12."]
    assert len(found) == 2
    assert found.iloc[0, 2:].tolist() == [328000, 350000]


def test_signs_in_place_of_numbers_keep_their_meaning(case):
    found = cells(case("markers/cells.csv")).set_index("area")
    assert found["status"].to_dict() == {
        "KU091": "missing", "KU235": "suppressed", "KU049": "ok", "KU092": "suppressed", "KU005": "ok",
    }  # fmt: skip
    assert found["estimate"].fillna(-1).to_dict() == {"KU091": -1, "KU235": -1, "KU049": 0, "KU092": -1, "KU005": 12.5}


def test_flags_behind_numbers_are_kept(case):
    found = cells(case("markers/flags.csv"))
    assert found["estimate"].tolist() == [12.5, 6.5]
    assert found["note"].tolist() == ["b", "p"]


def test_a_statistical_office_s_tsv_becomes_long_rows(case):
    found = hyte.sources.read_table(case("statistical-tsv/table.tsv"))
    assert {"freq", "unit", "sex", "geo"} <= set(found.columns)
    assert not any("\t" in name for name in found.columns)
    wide = found.set_index(["sex", "geo", "TIME_PERIOD"])
    assert wide.at[("F", "FI", "2021"), "value"] == 12.5
    assert wide.at[("F", "FI", "2021"), "note"] == "b"
    assert wide["status"].to_dict() == {
        ("F", "FI", "2021"): "ok", ("F", "FI", "2022"): "missing", ("M", "FI", "2021"): "uncertain",
        ("M", "FI", "2022"): "ok", ("F", "SE", "2021"): "suppressed", ("F", "SE", "2022"): "ok",
    }  # fmt: skip
    assert np.isnan(wide.at[("F", "SE", "2021"), "value"])


@pytest.mark.parametrize("name", ["encoding-people/latin-1.csv", "encoding-people/utf-16.csv"])
def test_person_rows_in_any_encoding(case, name):
    assert shares(people(case(name))) == {"mies ö": (0.5, 2), "nainen ä": (0.5, 2), "total": (0.5, 4)}
    weighted = people(case(name), weight="w")["estimate"]
    assert weighted.to_dict() == pytest.approx({"mies ö": 0.166667, "nainen ä": 0.6, "total": 0.363636}, abs=1e-6)


@pytest.mark.parametrize("name", ["footnotes/people.csv", "quotes-people/people.csv"])
def test_person_rows_with_notes_below_and_separators_in_headings(case, name):
    assert shares(people(case(name))) == {"mies": (0.5, 2), "nainen": (0.5, 2), "total": (0.5, 4)}


def test_a_missing_group_is_no_group_called_na(case):
    path = case("missing-people/groups.csv")
    with pytest.raises(hyte.TidyError, match="'sex': is empty on 1 row"):
        people(path)
    found = people(path, missing="leave_out")
    assert shares(found) == {"mies": (0.5, 2), "nainen": (1.0, 1), "total": (0.5, 4)}


def test_a_missing_outcome_is_left_out_and_said(case):
    found = people(case("missing-people/outcomes.csv"))
    assert shares(found) == {"mies": (0.5, 2), "nainen": (1.0, 1), "total": (0.666667, 3)}
    assert found.at["mies", "note"] == found.at["total", "note"] == "1 row without an answer left out."


@pytest.mark.parametrize("name", ["area-codes/lower-case.csv", "area-codes/padded.csv"])
def test_area_codes_in_lower_case_or_padded_are_counted(case, name):
    found = people(case(name), hierarchy="official", year=2025).reset_index()
    totals = found[found["group"] == "total"].set_index("area")[["estimate", "respondents"]]
    assert totals.loc["SSS"].tolist() == [0.5, 12]
    assert totals.loc["HVA90"].tolist() == totals.loc["KU091"].tolist() == [0.75, 4]


@pytest.mark.parametrize(
    ("name", "by", "groups", "total", "left"),
    [
        ("ages", "age", {"18-24": 20, "25-34": 30, "35+": 50}, 100, "18 -"),
        ("education", "education", {"3": 45, "5": 30, "9": 25}, 100, "Perusasteen jälkeinen tutkinto yhteensä"),
    ],
)
def test_groups_that_hold_others_are_left_out_and_named(case, table_service, name, by, groups, total, left):
    folder = case("pxweb-subtotals")
    url = table_service((folder / f"{name}.metadata.json").read_bytes(), (folder / f"{name}.answer.json").read_bytes())
    found, indicators, labels = hyte.sources.statfin(f"muutl/{name}", by=[by], base_url=url)
    hyte.tidy(found, indicators)
    country = found[found["area"] == "SSS"]
    cut = country[country["dimension"] != "total"].set_index("group")["estimate"]
    assert cut.to_dict() == groups
    assert country.loc[country["dimension"] == "total", "estimate"].tolist() == [total]
    assert left in indicators["notes"].iloc[0]
    assert set(labels.loc[labels["dimension"] != "dimension", "group"]) == set(groups)


SUBTOTALS = {"BGSD": 2.258770, "MDMW": 2.040816, "IDISW": 23.809524, "PAR": -3.571429, "TI": 38.626150}


def test_a_subtotal_among_the_groups_is_left_out_and_said(case):
    path = case("subtotal-among-groups/cells.csv")
    indicators = hyte.sources.read_indicators(path)
    gaps = hyte.disparity(cells(path), list(SUBTOTALS), indicators=indicators).set_index("measure")
    assert gaps["estimate"].to_dict() == pytest.approx(SUBTOTALS, abs=1e-6)
    assert gaps["note"].str.contains("left out 'mid or high', which adds up 'mid' and 'high'").all()
    alone = cells(path)
    alone = alone[alone["group"] != "mid or high"]
    gaps = hyte.disparity(alone, list(SUBTOTALS), indicators=indicators)
    assert gaps["estimate"].tolist() == pytest.approx(list(SUBTOTALS.values()), abs=1e-6)
    assert not gaps["note"].str.contains("contain others|left out").any()


@pytest.mark.parametrize("reference", [None, "low"])
@pytest.mark.parametrize(
    ("people", "total", "left"),
    [
        ({"low": 300, "mid": 450, "high": 301, "mid or high": 751}, 1051, "mid or high"),
        ({"a": 10, "b": 20, "c": 40, "low": 80, "a + b": 30, "b + c": 60}, 150, "a + b"),
        ({"low": 300, "mid": 450, "high": 301, "odd": 700}, 1051, None),
        ({"low": 100, "mid": 100, "high": 100, "any two": 200, "other two": 200}, 300, "any two"),
        ({"low": 50, "a": 50, "b": 50, "c": 100}, 150, "c"),
        ({"low": 10, "b": 20, "c": 30, "d": 30}, 60, None),  # c or d may be the sum of the first two
    ],
)
def test_only_what_the_counts_prove_is_left_out(people, total, left, reference):
    frame = pd.DataFrame({"group": people.keys(), "population": people.values(), "estimate": range(1, len(people) + 1)})
    frame = pd.concat(
        [
            frame.assign(dimension="d"),
            pd.DataFrame({"group": ["total"], "population": [total], "estimate": [2], "dimension": "total"}),
        ]
    )
    tidied = hyte.tidy(frame, keys={"indicator": "i", "area": "x", "period": "2022"})
    note = hyte.disparity(tidied, ["BGSD"], reference=reference)["note"].iloc[0]
    if left is None:
        assert "some contain others" in note
        assert "left out" not in note
    else:
        assert f"left out {left!r}" in note


def test_plain_files_of_the_same_kinds_go_on_working(tmp_path):
    (tmp_path / "a.csv").write_text(
        "indicator;area;period;dimension;group;estimate;population\n"
        "mean;harbour;2022;sex;women;1,234;1234,5\nmean;harbour;2022;sex;men;12,5;987,25\n"
        "NA;harbour;2022;sex;NA;2,5;10\n"
    )
    found = hyte.tidy(hyte.sources.read_table(tmp_path / "a.csv"))
    assert found["estimate"].tolist() == [1.234, 12.5, 2.5]
    assert found["population"].tolist() == [1234.5, 987.25, 10]
    assert found.loc[2, ["indicator", "group", "area"]].tolist() == ["NA", "NA", "harbour"]


def test_an_age_list_with_a_total_row_goes_on_working(tmp_path):
    (tmp_path / "ages.csv").write_text("age,events,population\n0-64,10,1000\n65+,20,500\ntotal,30,1500\n")
    found = hyte.sources.read_table(tmp_path / "ages.csv")
    assert found["age"].tolist() == ["0-64", "65+", "total"]
    assert pd.api.types.is_float_dtype(found["population"])
