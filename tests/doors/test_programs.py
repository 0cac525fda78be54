"""Files of SPSS, Stata, SAS, R and old Excel: labels and their order come along, missing values stay missing."""

import datetime as dt
import json

import openpyxl
import pandas as pd
import pyreadr
import pyreadstat
import pytest

import hyteanalysis as hyte

ROWS = pd.DataFrame({"sex": [1.0, 2.0, 1.0, 2.0], "edu": [3.0, 1.0, 2.0, None], "smokes": [1.0, 0.0, 0.0, 1.0],
                     "w": [1.5, 0.5, 1.0, 1.0]})  # fmt: skip
LABELS = {"sex": {1: "mies", 2: "nainen"}, "edu": {1: "matala", 2: "keski", 3: "korkea"}}


@pytest.fixture(params=[".sav", ".zsav", ".dta"])
def labelled(request, tmp_path):
    path = tmp_path / f"people{request.param}"
    if request.param == ".dta":
        pyreadstat.write_dta(ROWS, str(path), variable_value_labels=LABELS)
    else:
        pyreadstat.write_sav(ROWS, str(path), variable_value_labels=LABELS, compress=request.param == ".zsav",
                             variable_measure={"edu": "ordinal", "sex": "nominal"})  # fmt: skip
    return path


def test_labels_stand_for_codes_in_tables_and_groups(labelled):
    table = hyte.sources.read_table(labelled)
    assert table["sex"].tolist() == ["mies", "nainen", "mies", "nainen"]
    assert table["edu"].isna().tolist() == [False, False, False, True]
    cells = hyte.aggregate(labelled, by=["sex"], outcomes={"smoking": "smokes"}, weight="w")
    assert set(cells["group"]) == {"mies", "nainen", "total"}
    shares = cells.set_index("group")["estimate"].to_dict()
    assert shares == pytest.approx({"mies": 0.6, "nainen": 2 / 3, "total": 0.625})


def test_ordered_labels_give_groups_their_order(labelled):
    cells = hyte.aggregate(labelled, by=["edu"], outcomes={"smoking": "smokes"}, missing="leave_out")
    order = cells[cells["dimension"] == "edu"].set_index("group")["order"]
    if labelled.suffix != ".dta":  # Stata keeps no level of measurement
        assert order.to_dict() == {"matala": 1, "keski": 2, "korkea": 3}


def test_an_empty_group_of_a_labelled_file_is_refused(labelled):
    with pytest.raises(hyte.TidyError, match="'edu': is empty on 1 row"):
        hyte.aggregate(labelled, by=["edu"], outcomes={"smoking": "smokes"})


def test_r_s_own_files(tmp_path):
    frame = ROWS.assign(sex=["mies", "nainen", "mies", None])
    pyreadr.write_rds(str(tmp_path / "people.rds"), frame)
    table = hyte.sources.read_table(tmp_path / "people.rds")
    assert table["smokes"].tolist() == [1, 0, 0, 1]
    cells = hyte.aggregate(tmp_path / "people.rds", by=["sex"], outcomes={"s": "smokes"}, missing="leave_out")
    assert set(cells["group"]) == {"mies", "nainen", "total"}


@pytest.mark.parametrize("suffix", [".sav", ".dta", ".sas7bdat", ".rds", ".xpt", ".xls", ".ods", ".xlsm"])
def test_a_broken_file_is_refused_by_name(tmp_path, suffix):
    path = tmp_path / f"broken{suffix}"
    path.write_bytes(b"no such file format at all \x00\x01")
    with pytest.raises(hyte.TidyError, match=f"broken{suffix} is not a table"):
        hyte.sources.read_table(path)


def test_person_rows_of_a_workbook(tmp_path):
    book = openpyxl.Workbook()
    for row in (["sex", "smokes", "w"], ["mies", 1, "1,5"], ["nainen", 0, "0,5"], ["mies", 0, "1,0"]):
        book.active.append(row)
    book.save(tmp_path / "people.xlsx")
    cells = hyte.aggregate(tmp_path / "people.xlsx", by=["sex"], outcomes={"s": "smokes"}, weight="w")
    assert cells.set_index("group")["estimate"].to_dict() == pytest.approx({"mies": 0.6, "nainen": 0, "total": 0.5})


def sheet(tmp_path, *rows, **merged):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for area in merged.get("merge", ()):
        book.active.merge_cells(area)
    book.save(tmp_path / "cells.xlsx")
    return tmp_path / "cells.xlsx"


HEADER = ["indicator", "area", "period", "dimension", "group", "estimate", "population"]


def test_a_number_merged_over_several_rows_is_refused_by_cell(tmp_path):
    path = sheet(tmp_path, HEADER, ["i", "KU091", 2022, "sex", "women", 1.5, 1000],
                 ["i", "KU091", 2022, "sex", "men", 2.5, None], merge=["G2:G3"])  # fmt: skip
    with pytest.raises(hyte.TidyError, match=r"'population'.*cells G2:G3.*one number for 2 rows"):
        hyte.sources.read_table(path)


def test_dates_among_keys_are_refused_also_as_a_spreadsheet_writes_them_in_text(tmp_path):
    path = sheet(tmp_path, HEADER, ["i", "KU091", dt.date(2022, 1, 1), "sex", "women", 1.5, 1000])
    with pytest.raises(hyte.TidyError, match="'period', value '2022-01-01'"):
        hyte.sources.read_table(path)
    for word in ("01.huhti", "4-Jan", "1.4.2024", "2024-04-01"):
        (tmp_path / "a.csv").write_text(
            f"indicator;area;period;dimension;group;estimate\ni;KU091;2022;age;{word};1,5\n", encoding="utf-8"
        )
        with pytest.raises(hyte.TidyError, match="is a date, where a name or number is needed"):
            hyte.sources.read_table(tmp_path / "a.csv")


def test_per_cent_is_a_share_where_the_indicator_s_scale_is_one(tmp_path):
    path = sheet(tmp_path, HEADER[:6], ["i", "KU091", 2022, "sex", "women", 0.125])
    book = openpyxl.load_workbook(path)
    book.active["F2"].number_format = "0.0%"
    book.save(path)
    assert hyte.sources.read_table(path)["estimate"].tolist() == [12.5]
    (tmp_path / "cells.indicators.csv").write_text(
        "indicator,title_fi,unit,kind,scale,favourable\ni,I,osuus,proportion,1,false\n"
    )
    assert hyte.sources.read_table(path)["estimate"].tolist() == [0.125]


def test_a_column_that_mixes_per_cent_and_plain_numbers_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text(
        "indicator;area;period;dimension;group;estimate\ni;KU091;2022;sex;women;75 %\ni;KU091;2022;sex;men;0,5\n"
    )
    with pytest.raises(hyte.TidyError, match=r"'estimate'.*has no percent sign"):
        hyte.sources.read_table(tmp_path / "a.csv")


def test_a_workbook_whose_sheets_hold_no_table_lists_them(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = "Kansi"
    book.create_sheet("Selite")["A1"] = "Lue tämä"
    book.save(tmp_path / "cells.xlsx")
    with pytest.raises(hyte.TidyError, match=r"no visible sheet holds one.*'Sheet', 'Selite'"):
        hyte.sources.read_table(tmp_path / "cells.xlsx")


def test_old_excel_keeps_its_sheets_formats_and_merged_keys(case):
    found = hyte.tidy(hyte.sources.read_table(case("old-excel/cells.xls")))
    assert found["estimate"].tolist() == [12.5, 6.5]
    assert found["population"].tolist() == [1234, 12345]
    assert found["area"].tolist() == ["KU091", "KU091"]
    with pytest.raises(hyte.SourceError, match=r"'Vanha' \(hidden\), 'Data'"):
        hyte.sources.read_table(case("old-excel/cells.xls"), sheet="Taul1")


def jsonstat(tmp_path, value, status, encoding="utf-8"):
    codes = {"index": {"a": 0, "b": 1, "c": 2}}
    table = {"version": "2.0", "class": "dataset", "id": ["group"], "size": [3],
             "dimension": {"group": {"category": codes}}, "value": value, "status": status}  # fmt: skip
    (tmp_path / "a.json").write_bytes(json.dumps(table).encode(encoding))
    return hyte.sources.read_table(tmp_path / "a.json")


@pytest.mark.parametrize("status", [["b", "u", "c"], {"0": "b", "1": "u", "2": "c"}])
def test_flags_of_json_stat_keep_their_meaning(tmp_path, status):
    found = jsonstat(tmp_path, [1.5, 2.5, None], status)
    assert found["status"].tolist() == ["ok", "uncertain", "suppressed"]
    assert found["note"].tolist() == ["b", "u", "c"]


def test_json_stat_is_read_in_utf_16_and_its_truth_values_are_no_numbers(tmp_path):
    assert jsonstat(tmp_path, [1.5, 2.5, 3], None, "utf-16")["value"].tolist() == [1.5, 2.5, 3]
    with pytest.raises(hyte.TidyError, match="True is neither a number"):
        jsonstat(tmp_path, [True, 1, 2], None)


def test_sdmx_csv_with_labels_is_read_by_its_codes(tmp_path):
    (tmp_path / "a.csv").write_text(
        "STRUCTURE,geo: Geo,TIME_PERIOD: Time,OBS_VALUE: Value,OBS_FLAG: Flag\ndataflow,FI: Finland,2022,12.5,u: low\n"
        "dataflow,SE: Sweden,2022,,c: confidential\n"
    )
    found = hyte.sources.read_table(tmp_path / "a.csv")
    assert found[["geo", "TIME_PERIOD", "status"]].values.tolist() == [
        ["FI", "2022", "uncertain"], ["SE", "2022", "suppressed"],
    ]  # fmt: skip


def test_two_codes_with_one_label_are_not_counted_together(tmp_path):
    labels = {"sex": {1: "mies", 2: "mies"}}
    pyreadstat.write_sav(ROWS, str(tmp_path / "a.sav"), variable_value_labels=labels)
    found = hyte.aggregate(tmp_path / "a.sav", by=["sex"], outcomes={"smoking": "smokes"})
    assert found["group"].tolist() == ["1", "2", "total"]
