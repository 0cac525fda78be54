"""Person rows of files: signs, per cent, dates, totals and infinite numbers are never counted as something else."""

import datetime as dt

import openpyxl
import pytest
from typer.testing import CliRunner

import hyteanalysis as hyte
from hyteanalysis.cli import app
from hyteanalysis.sources.microdata import Outcome


def people(path, **options):
    asked = {"by": ["sex"], "outcomes": {"y": "y"}, "period": None, "area": None} | options
    return hyte.aggregate(path, **asked).set_index("group")


def text(tmp_path, rows, header="sex;y"):
    path = tmp_path / "people.csv"
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


def book(tmp_path, rows, formats=()):
    made = openpyxl.Workbook()
    made.active.append(["sex", "y"])
    for row in rows:
        made.active.append(row)
    for cell, number_format in formats:
        made.active[cell].number_format = number_format
    made.save(tmp_path / "people.xlsx")
    return tmp_path / "people.xlsx"


@pytest.mark.parametrize("sign", [".", "..", "...", "…", "-", "–", ":", "*", "?", "#N/A", "#DIV/0!", "#NIMI?", "(.)"])
def test_a_sign_is_no_group(tmp_path, sign):
    path = text(tmp_path, ["m;1", "f;0", f"{sign};1"])
    with pytest.raises(hyte.TidyError, match="is no group, on 1 row") as raised:
        people(path)
    assert raised.value.faults[["column", "value"]].values.tolist() == [["sex", sign]]


@pytest.mark.parametrize("meaning", ["missing", "suppressed"])
def test_a_sign_with_a_meaning_is_an_empty_group(tmp_path, meaning):
    path = text(tmp_path, ["m;1", "f;0", "-;1"])
    with pytest.raises(hyte.TidyError, match="is empty on 1 row"):
        people(path, marks={"-": meaning})
    found = people(path, marks={"-": meaning}, missing="leave_out")
    assert found["respondents"].to_dict() == {"m": 1, "f": 1, "total": 3}


@pytest.mark.parametrize("word", ["x", "<5", "0", "5-9", "t", "none of these"])
def test_a_code_of_letters_or_digits_is_a_group(tmp_path, word):
    assert word in people(text(tmp_path, ["m;1", f"{word};0"])).index


@pytest.mark.parametrize("date", ["1.4.2024", "4-Jan", "1.4.", "2024-04-01", "4.tammi"])
def test_a_date_is_no_group(tmp_path, date):
    with pytest.raises(hyte.TidyError, match="is a date, where a group is needed"):
        people(text(tmp_path, ["5-9;1", f"{date};0"]))


def test_a_date_of_a_workbook_is_no_group(tmp_path):
    with pytest.raises(hyte.TidyError, match="is a date, where a group is needed"):
        people(book(tmp_path, [["5-9", 1], [dt.datetime(2024, 4, 1), 0]]))


@pytest.mark.parametrize("word", ["yhteensä", "Total", "SSS", "Ikäluokat yhteensä", "samtliga"])
def test_rows_of_a_total_among_persons_are_refused(tmp_path, word):
    with pytest.raises(hyte.TidyError, match="is a total of other rows"):
        people(text(tmp_path, ["m;1", "f;0", f"{word};1"]))


def test_signs_among_answers_are_read_as_they_are_said_to_mean(tmp_path):
    path = text(tmp_path, ["m;1", "m;..", "m;-", "f;...", "f;1"])
    with pytest.raises(hyte.TidyError, match="is no number; 3 rows hold such text"):
        people(path)
    found = people(path, marks="statfin")
    assert found[["estimate", "respondents"]].values.tolist() == [[1.0, 1], [0.5, 2], [2 / 3, 3]]
    assert found.at["m", "note"] == found.at["f", "note"] == "1 row without an answer, or with a hidden one, left out."


@pytest.mark.parametrize("numbers", [["75 %", "12,5", "3 %"], ["75 %", "0,5", "0"]])
def test_per_cent_beside_other_numbers_is_refused(tmp_path, numbers):
    with pytest.raises(hyte.TidyError, match="has no percent sign, others of its column have one"):
        people(text(tmp_path, [f"m;{number}" for number in numbers]))


def test_per_cent_of_a_workbook_is_read_as_shown_or_refused(tmp_path):
    rows = [["m", 0.5], ["m", 0.25]]
    found = people(book(tmp_path, rows, [("B2", "0%"), ("B3", "0.0 %")]))
    assert found.at["m", "estimate"] == 37.5
    with pytest.raises(hyte.TidyError, match="has no percent sign"):
        people(book(tmp_path, rows, [("B2", "0%")]))


def test_numbers_of_a_workbook_are_not_guessed_at(tmp_path):
    assert people(book(tmp_path, [["m", 1.234], ["f", 987]]))["estimate"].to_dict() == {
        "m": 1.234, "f": 987.0, "total": pytest.approx(494.117),
    }  # fmt: skip


@pytest.mark.parametrize("number", ["inf", "-inf", "1e400"])
def test_an_infinite_number_is_refused(tmp_path, number):
    with pytest.raises(hyte.TidyError, match="infinite"):
        people(text(tmp_path, ["m;1", f"m;{number}"]))


@pytest.mark.parametrize("kind", ["count", "rate"])
def test_a_count_with_decimals_is_refused_unless_it_is_weighted(tmp_path, kind):
    path = text(tmp_path, ["m;1,5;1", "f;2;1"], "sex;y;w")
    outcomes = {"y": Outcome("y", kind=kind)}
    with pytest.raises(hyte.TidyError, match="is a count with decimals on 1 row"):
        people(path, outcomes=outcomes)
    assert people(path, outcomes=outcomes, weight="w").at["m", "estimate"] == 1.5


def test_decimal_and_thousands_settle_what_a_file_leaves_open(tmp_path):
    path = text(tmp_path, ["m;1.234", "f;2.345"])
    with pytest.raises(hyte.TidyError, match="can be read in two ways"):
        people(path)
    assert people(path, decimal=".").at["m", "estimate"] == 1.234
    assert people(path, thousands=".").at["m", "estimate"] == 1234


def test_the_commands_take_marks_and_signs(tmp_path):
    run = CliRunner().invoke
    text(tmp_path, ["m;1.234", "f;x"])
    asked = ["aggregate", str(tmp_path / "people.csv"), "--by", "sex", "--outcome", "y", "-o", str(tmp_path / "c.csv")]
    done = run(app, [*asked, "--marks", "x=missing", "--thousands", "."])
    assert done.exit_code == 0, done.output
    found = hyte.sources.read_table(tmp_path / "c.csv").set_index("group")
    assert found.at["m", "estimate"] == 1234
    cells = tmp_path / "cells.csv"
    cells.write_text("indicator;area;period;dimension;group;estimate\ni;KU091;2022;sex;m;12,5\ni;KU091;2022;sex;f;6,5\n"
                     "i;KU091;2022;sex;x;-\n")  # fmt: skip
    done = run(app, ["measures", str(cells), "-m", "D", "--marks", "statfin"])
    assert done.exit_code == 0, done.output
    assert "12.5" in done.output
    assert run(app, ["measures", str(cells), "-m", "D"]).exit_code == 1


def test_columns_that_stand_twice_in_a_workbook_are_refused_by_name(tmp_path):
    path = book(tmp_path, [["m", 1, 0], ["f", 0, 1]])
    made = openpyxl.load_workbook(path)
    made.active["C1"] = "y"
    made.save(path)
    with pytest.raises(hyte.TidyError, match="y stands twice"):
        people(path)
    with pytest.raises(hyte.TidyError, match="stands twice"):
        hyte.tidy(hyte.sources.read_table(path))
