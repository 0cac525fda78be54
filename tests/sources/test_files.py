"""read_table(): files as people really save them come back as the same table; what is no table is refused."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import hyteanalysis as hyte

TABLE = pd.DataFrame(
    {
        "indicator": "tupakointi",
        "area": ["KU091", "KU091", "HVA08"],
        "period": ["2022", "2022", "2022"],
        "dimension": "education",
        "group": ["low", "high", "low"],
        "order": [1, 2, 1],
        "estimate": [22.1, 6.25, np.nan],
        "population": [1000.0, 2000.0, 500.0],
        "note": ['Äijälä; "peitetty, osin"', None, "ö"],
    }
)


def same(table):
    read = hyte.sources.read_table(table)
    assert list(read.columns) == list(TABLE.columns)
    tidy = hyte.tidy(read)
    pd.testing.assert_frame_equal(tidy, hyte.tidy(TABLE), check_dtype=False)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("decimal", [",", "."])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_csv_in_the_forms_that_office_programs_write(tmp_path, separator, decimal, encoding, newline):
    path = tmp_path / "cells.csv"
    TABLE.to_csv(path, sep=separator, decimal=decimal, encoding=encoding, index=False, lineterminator=newline)
    same(path)


def test_excel_and_parquet(tmp_path):
    TABLE.to_parquet(tmp_path / "cells.parquet")
    same(tmp_path / "cells.parquet")
    with pd.ExcelWriter(tmp_path / "cells.xlsx", engine="xlsxwriter") as book:
        TABLE.to_excel(book, index=False, startrow=0)
    same(tmp_path / "cells.xlsx")


def test_empty_rows_that_a_spreadsheet_leaves_are_no_rows(tmp_path):
    padded = pd.concat([TABLE, pd.DataFrame([{}, {}])], ignore_index=True)
    padded.to_excel(tmp_path / "cells.xlsx", index=False)
    same(tmp_path / "cells.xlsx")


def test_codes_keep_their_leading_zeros_and_numbers_become_numbers(tmp_path):
    path = tmp_path / "raw.csv"
    path.write_text("kunta;value;share;name\n091;1,5;−0,25;Helsinki\n005;2;3e2;Alajärvi\n", encoding="utf-8")
    table = hyte.sources.read_table(path)
    assert table["kunta"].tolist() == ["091", "005"]
    assert table["value"].tolist() == [1.5, 2]
    assert table["share"].tolist() == [-0.25, 300]


def test_a_word_among_numbers_reaches_tidy_which_names_the_cell(tmp_path):
    path = tmp_path / "cells.csv"
    frame = TABLE.astype({"estimate": object})
    frame.loc[1, "estimate"] = "peitetty"
    frame.to_csv(path, index=False)
    with pytest.raises(hyte.TidyError) as raised:
        hyte.tidy(hyte.sources.read_table(path))
    assert raised.value.faults[["row", "column", "value"]].to_numpy().tolist() == [[1, "estimate", "peitetty"]]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", "empty file"),
        ("prose.csv", "Tämä on kirje.\nEi taulukko.\n".encode(), "not a table"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR,;", "binary"),
        ("ragged.csv", b"a,b\n1,2\n1,2,3,4\n", "not a table"),
        ("shifted.csv", b"a,b\n1,2,3\n1,2,3\n", "more columns"),
        ("broken.xlsx", b"PK\x03\x04 not a workbook", "not a table"),
        ("broken.parquet", b"PAR1 not parquet", "not a table"),
    ],
)
def test_what_is_no_table_is_refused_by_name(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(hyte.TidyError, match=name) as raised:
        hyte.sources.read_table(path)
    assert words in str(raised.value)


def test_a_missing_file_and_an_unread_kind_say_what_to_do(tmp_path):
    with pytest.raises(hyte.SourceError, match=r"no file .*cells\.csv"):
        hyte.sources.read_table(tmp_path / "cells.csv")
    (tmp_path / "cells.pdf").write_bytes(b"%PDF")
    with pytest.raises(hyte.SourceError, match=r"\.csv, .*\.xlsx, \.parquet"):
        hyte.sources.read_table(tmp_path / "cells.pdf")


def test_metadata_lie_beside_the_table(tmp_path):
    TABLE.to_parquet(tmp_path / "cells.parquet")
    assert hyte.sources.read_indicators(tmp_path / "cells.parquet") is None
    assert hyte.sources.read_groups(tmp_path / "cells.parquet") is None
    (tmp_path / "cells.indicators.csv").write_text(
        "indicator;title_fi;unit;kind;scale;favourable\ntupakointi;Tupakointi;%;proportion;100;false\n"
    )
    (tmp_path / "cells.groups.csv").write_text("dimension,group,order,label_fi\neducation,low,1,matala\n")
    assert hyte.sources.read_indicators(tmp_path / "cells.parquet")["scale"].tolist() == [100]
    assert hyte.sources.read_indicators(tmp_path / "cells.indicators.csv")["unit"].tolist() == ["%"]
    assert hyte.sources.read_groups(tmp_path / "cells.parquet")["label_fi"].tolist() == ["matala"]


HEAT = pd.DataFrame(
    {
        "setting": "Suomi",
        "date": 2020,
        "source": "THL",
        "indicator_abbr": "smoke",
        "indicator_name": "Daily smoking (%)",
        "dimension": ["Education", "Education", "Education", "Sex", "Sex"],
        "subgroup": ["Low", "Mid", "High", "Women", "Men"],
        "estimate": [22.1, 15.3, 6.2, 12.0, 14.0],
        "se": [1.0, 0.8, 0.5, 0.6, 0.6],
        "ci_lb": [20.1, 13.8, 5.3, 10.9, 12.9],
        "ci_ub": [24.1, 16.9, 7.2, 13.2, 15.2],
        "population": [100, 200, 300, 290, 310],
        "flag": [None, "small base", None, None, None],
        "setting_average": 13.0,
        "iso3": "FIN",
        "favourable_indicator": 0,
        "indicator_scale": 100,
        "ordered_dimension": [1, 1, 1, 0, 0],
        "subgroup_order": [1, 2, 3, 0, 0],
        "reference_subgroup": [0, 0, 1, 0, 0],
    }
)


def test_a_heat_file_becomes_tidy_cells_and_metadata(tmp_path):
    HEAT.to_csv(tmp_path / "heat.csv", index=False)
    indicators = hyte.sources.read_indicators(tmp_path / "heat.csv")
    assert indicators.loc[0, ["indicator", "title_en", "unit", "kind", "scale"]].tolist() == [
        "smoke", "Daily smoking (%)", "%", "proportion", 100,
    ]  # fmt: skip
    assert not indicators.loc[0, "favourable"]
    cells = hyte.tidy(hyte.sources.read_table(tmp_path / "heat.csv"), indicators)
    total = cells[cells["dimension"] == "total"]
    assert total[["area", "period", "group", "estimate"]].to_numpy().tolist() == [["Suomi", "2020", "total", 13.0]]
    education = cells[cells["dimension"] == "Education"]
    assert education["order"].tolist() == [1, 2, 3]
    assert education["reference"].tolist() == [False, False, True]
    assert education["lower"].tolist() == [20.1, 13.8, 5.3]
    assert education["note"].iloc[1] == "small base"
    assert cells.loc[cells["dimension"] == "Sex", "order"].isna().all()


def test_two_sources_for_one_year_stay_two_settings(tmp_path):
    both = pd.concat([HEAT, HEAT.assign(source="Tilastokeskus", estimate=HEAT["estimate"] + 0.1)])
    both.to_csv(tmp_path / "heat.csv", index=False)
    cells = hyte.tidy(hyte.sources.read_table(tmp_path / "heat.csv"))
    assert set(cells["period"]) == {"2020 (THL)", "2020 (Tilastokeskus)"}
    assert len(cells) == 12


def test_averages_that_differ_between_dimensions_give_no_total_and_a_note(tmp_path):
    HEAT.assign(setting_average=[13.0, 13.0, 13.0, 12.9, 12.9]).to_csv(tmp_path / "heat.csv", index=False)
    cells = hyte.sources.read_table(tmp_path / "heat.csv")
    assert "total" not in set(cells["dimension"])
    assert cells["note"].str.contains("no total").all()
    assert cells["note"].iloc[1].startswith("small base; ")


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx", ".json"])
def test_a_table_written_for_machines_keeps_every_digit(tmp_path, suffix):
    frame = pd.DataFrame({"area": ["KU091", "KU005"], "estimate": [1 / 3, np.nan], "note": ["ä", None]})
    path = hyte.sources.write_table(frame, tmp_path / f"table{suffix}")
    back = pd.read_json(path) if suffix == ".json" else hyte.sources.read_table(path)
    assert back["estimate"].iloc[0] == pytest.approx(1 / 3, rel=1e-15)
    assert back["estimate"].isna().tolist() == [False, True]
    assert back["area"].tolist() == ["KU091", "KU005"]
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_several_tables_go_into_the_sheets_of_one_workbook(tmp_path):
    frames = {"by_group": pd.DataFrame({"a": [1]}), "rankings": pd.DataFrame({"b": ["x"]})}
    path = hyte.sources.write_tables(frames, tmp_path / "benefit.xlsx")
    assert list(pd.read_excel(path, sheet_name=None)) == ["by_group", "rankings"]
    with pytest.raises(hyte.SourceError, match=r"\.csv.*|suffix must be one of \.xlsx, \.json"):
        hyte.sources.write_tables(frames, tmp_path / "benefit.csv")


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "table.parquet"
    hyte.sources.write_table(TABLE, path)
    before = path.read_bytes()
    with pytest.raises(pa.ArrowInvalid):
        hyte.sources.write_table(pd.DataFrame({"a": [object()]}), path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["table.parquet"]
