"""The same table in many dialects of text files and workbooks is read back equal, as tables and as person rows."""

import csv
import datetime as dt
import io

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hyteanalysis as hyte
from hyteanalysis.sources import delimited

GROUPS = ["matala", "keski; taso", 'korkea "yli"', "Ä, ö\nå", "muu €"]
TABLE = pd.DataFrame(
    {
        "indicator": "tupakointi",
        "area": ["KU091", "KU091", "HVA08", "KU005", "SSS"],
        "period": "2022",
        "dimension": "education",
        "group": GROUPS,
        "estimate": [22.1, 6.25, 0.5, 12.0, 1234.75],
        "population": [1000.0, 2000.0, 500.0, 12345.0, 1234567.0],
        "note": ["a", None, "b c", None, "d"],
    }
)
TITLES = ["Tupakointi koulutuksen mukaan", "Osuus, % väestöstä"]
NOTES = ["Lähde: THL, 2022", "* = alle 5 havaintoa", "Päivitetty 1.2.2023; tarkista"]


@st.composite
def text_files(draw):
    """A table as bytes, and how it was written."""
    separator = draw(st.sampled_from([";", ",", "\t", "|"]))
    decimal = draw(st.sampled_from([",", "."]))
    thousands = draw(st.sampled_from(["", "\u00a0", "\u202f"]))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"]))
    newline = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    titles, blanks = draw(st.lists(st.sampled_from(TITLES), max_size=2)), draw(st.integers(0, 2))
    notes = draw(st.lists(st.sampled_from(NOTES), max_size=2, unique=True))
    trailing, padded = draw(st.booleans()), draw(st.booleans())
    said, quoting = draw(st.booleans()), draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    if encoding == "cp1252" and thousands == "\u202f":
        thousands = "\u00a0"  # that encoding has no narrow space
    rows = [list(TABLE.columns)]
    for row in TABLE.itertuples(index=False):
        cells = ["" if pd.isna(cell) else cell for cell in row]
        cells[5] = f"{cells[5]:g}".replace(".", decimal)
        cells[6] = f"{cells[6]:,.0f}".replace(",", thousands)
        rows.append([f" {cell}" if padded and i and i not in (4,) else cell for i, cell in enumerate(cells)])
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, quoting=quoting, lineterminator="\n")
    for title in titles:
        writer.writerow([title])
    for _ in range(blanks if titles else 0):
        text.write("\n")
    for row in rows:
        writer.writerow([*row, ""] if trailing else row)
    if notes:
        text.write("\n")
        for note in notes:
            writer.writerow([note])
    body = text.getvalue().replace("\n", newline)
    told = f"sep={separator}{newline}" if said and separator != "\t" else ""
    return (told + body).encode(encoding)


@given(made=text_files())
def test_a_table_in_any_text_dialect_is_read_back_equal(tmp_path_factory, made):
    data = made
    path = tmp_path_factory.mktemp("texts") / "cells.csv"
    path.write_bytes(data)
    found = hyte.tidy(hyte.sources.read_table(path))
    pd.testing.assert_frame_equal(found, hyte.tidy(TABLE), check_dtype=False)


@given(made=text_files())
@settings(max_examples=20)
def test_person_rows_in_any_text_dialect_are_counted_equal(tmp_path_factory, made):
    data = made
    path = tmp_path_factory.mktemp("rows") / "people.csv"
    path.write_bytes(data)
    found = hyte.aggregate(path, by=["group"], outcomes={"share": "estimate", "people": "population"}, area=None)
    asked = hyte.aggregate(TABLE, by=["group"], outcomes={"share": "estimate", "people": "population"}, area=None)
    pd.testing.assert_frame_equal(found, asked, check_dtype=False)


@st.composite
def workbooks(draw):
    """A workbook: cover sheet, hidden sheet, titles, offset, merged keys, text numbers, notes."""
    book = openpyxl.Workbook()
    sheet = book.active
    if draw(st.booleans()):
        sheet.title = "Kansi"
        sheet["B2"] = "Tupakointi koulutuksen mukaan"
        sheet = book.create_sheet("Taulukko")
    if draw(st.booleans()):
        hidden = book.create_sheet("Vanha", 0)
        hidden.append(["area", "estimate"])
        hidden.append(["KU091", 99])
        hidden.sheet_state = "hidden"
    for title in draw(st.lists(st.sampled_from(TITLES), max_size=2)):
        sheet.append([title])
        sheet.append([])
    merged, texts, percent = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    sheet.append(list(TABLE.columns))
    first = sheet.max_row + 1
    for row in TABLE.itertuples(index=False):
        cells = [None if pd.isna(cell) else cell for cell in row]
        if texts:
            cells[5] = f"{cells[5]:g}".replace(".", ",")
            cells[6] = f"{cells[6]:,.0f}".replace(",", " ")
        elif percent:
            cells[5] = cells[5] / 100
        sheet.append(cells)
        if percent and not texts:
            sheet.cell(sheet.max_row, 6).number_format = draw(st.sampled_from(["0.0%", "0 %", '0.00" "%']))
    if merged:
        for column in (1, 3, 4):
            for row in range(first + 1, first + 5):
                sheet.cell(row, column).value = None
            sheet.merge_cells(start_row=first, end_row=first + 4, start_column=column, end_column=column)
    notes = draw(st.lists(st.sampled_from(NOTES), max_size=2, unique=True))
    if notes:
        sheet.append([])
    for note in notes:
        sheet.append([note])
    return book, draw(st.sampled_from([".xlsx", ".xlsm"]))


@given(made=workbooks())
def test_a_table_in_any_workbook_is_read_back_equal(tmp_path_factory, made):
    book, suffix = made
    path = tmp_path_factory.mktemp("books") / f"cells{suffix}"
    book.save(path)
    found = hyte.tidy(hyte.sources.read_table(path))
    pd.testing.assert_frame_equal(found, hyte.tidy(TABLE), check_dtype=False)


def test_a_header_of_two_rows_names_each_column_once(tmp_path):
    (tmp_path / "wide.csv").write_text(
        '"11re -- Väestö"\n\n"";"";"2023";"";"2024";""\n"Alue";"Ikä";"Miehet";"Naiset";"Miehet";"Naiset"\n'
        '"KU091";"Yhteensä";1 000;2 000;1 100;2 100\n"KU005";"Yhteensä";10;20;11;21\n',
        encoding="utf-8",
    )
    found = hyte.sources.read_table(tmp_path / "wide.csv")
    assert list(found.columns) == ["Alue", "Ikä", "2023 Miehet", "2023 Naiset", "2024 Miehet", "2024 Naiset"]
    long = hyte.sources.read_table(
        tmp_path / "wide.csv", wide={"group": {"Miehet": "men", "Naiset": "women"}, "period": r"\d{4}"}, value="events"
    )
    assert len(long) == 8
    picked = long[(long["Alue"] == "KU091") & (long["group"] == "women")]
    assert picked.set_index("period")["events"].to_dict() == {"2023": 2000, "2024": 2100}


@pytest.mark.parametrize(
    ("wide", "words"),
    [
        ({"period": ["2025"]}, "finds none of its columns"),
        ({"period": r"\d\d"}, "for the same"),
        ({"Alue": ["2023", "2024"]}, "has already"),
    ],
)
def test_a_wide_table_that_does_not_fit_is_refused(tmp_path, wide, words):
    (tmp_path / "wide.csv").write_text("Alue;2023;2024\nKU091;1;2\n")
    with pytest.raises(hyte.TidyError, match=words):
        hyte.sources.read_table(tmp_path / "wide.csv", wide=wide)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("a;b\n1;2\n1;2;3\n1;2;3;4\n", ["line 3", "line 4", "more columns (4) than the header names (2)"]),
        ('a;b\n1;"2\n3;4\n', ["quotation mark"]),
        ("indicator;area;estimate\nx;KU091;1\nx;KU", ["line 3", "cut"]),
    ],
)
def test_rows_that_do_not_fit_are_named_by_line(tmp_path, body, words):
    (tmp_path / "a.csv").write_text(body)
    with pytest.raises(hyte.TidyError) as raised:
        hyte.sources.read_table(tmp_path / "a.csv")
    for word in words:
        assert word in str(raised.value)


def test_two_encodings_in_one_file_are_refused_with_the_line(tmp_path):
    (tmp_path / "a.csv").write_bytes("area;name\nKU005;Alajärvi\n".encode() + "KU020;Äkä\n".encode("cp1252"))
    with pytest.raises(hyte.TidyError, match="line 2: mixes UTF-8"):
        hyte.sources.read_table(tmp_path / "a.csv")


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850", "cp437", "cp1252", "iso8859_15"])
@pytest.mark.parametrize("words", [["naiset ä", "miehet ö"], ["työ", "iltapäivä"], ["Ähtäri", "Åbo"]])
def test_few_letters_tell_an_old_encoding(tmp_path, encoding, words):
    frame = pd.DataFrame({"area": ["KU005", "KU179"], "name": words})
    frame.to_csv(tmp_path / "a.csv", index=False, encoding=encoding)
    assert hyte.sources.read_table(tmp_path / "a.csv")["name"].tolist() == words


def test_an_encoding_that_stays_open_is_refused_with_both_readings(tmp_path):
    (tmp_path / "a.csv").write_bytes("area;name\nKU005;työ\nKU020;x\n".encode("mac_roman"))
    with pytest.raises(hyte.TidyError, match=r"Windows-1252 \(with š\) or mac_roman \(with ö\).*encoding="):
        hyte.sources.read_table(tmp_path / "a.csv")
    assert hyte.sources.read_table(tmp_path / "a.csv", encoding="mac_roman")["name"][0] == "työ"


@pytest.mark.parametrize("encoding", ["koi8_r", "cp1251"])
def test_letters_of_no_nordic_encoding_are_refused(tmp_path, encoding):
    (tmp_path / "a.csv").write_bytes("area;name\nKU005;женщины\nKU020;x\n".encode(encoding))
    with pytest.raises(hyte.TidyError, match=r"line 2: .* another encoding"):
        hyte.sources.read_table(tmp_path / "a.csv")


def test_the_euro_of_western_europe_s_later_encoding(tmp_path):
    (tmp_path / "a.csv").write_bytes("area;name\nKU005;hinta €\n".encode("iso8859_15"))
    assert hyte.sources.read_table(tmp_path / "a.csv")["name"].tolist() == ["hinta €"]


@pytest.mark.parametrize("unseen", ["\u200b", "\u00ad", "\u202e", "\u2060", "\ufeff"])
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_what_nobody_sees_parts_no_name_from_another(tmp_path, unseen, suffix):
    frame = pd.DataFrame({f"sex{unseen}": ["men", f"m{unseen}en", "women"], "y": [0, 1, 1]})
    path = tmp_path / f"a{suffix}"
    frame.to_csv(path, index=False) if suffix == ".csv" else frame.to_excel(path, index=False)
    assert hyte.sources.read_table(path)["sex"].tolist() == ["men", "men", "women"]
    found = hyte.aggregate(path, by=["sex"], outcomes={"y": "y"}, area=None, period=None)
    assert found["group"].tolist() == ["men", "women", "total"]


def test_accents_apart_from_their_letters_are_one_name_with_them(tmp_path):
    (tmp_path / "a.csv").write_text("group;y\nnäyte;1\nna\u0308yte;0\n", encoding="utf-8")
    assert hyte.sources.read_table(tmp_path / "a.csv")["group"].nunique() == 1
    found = hyte.aggregate(tmp_path / "a.csv", by=["group"], outcomes={"y": "y"}, area=None, period=None)
    assert found["group"].tolist() == ["näyte", "total"]


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
def test_old_encodings_are_told_by_their_letters(tmp_path, encoding):
    frame = pd.DataFrame({"area": ["KU005", "KU179"], "name": ["Alajärvi", "Jyväskylä åä öö"]})
    frame.to_csv(tmp_path / "a.csv", index=False, encoding=encoding)
    assert hyte.sources.read_table(tmp_path / "a.csv")["name"].tolist() == frame["name"].tolist()


def test_control_characters_are_cleaned_at_the_door(tmp_path):
    (tmp_path / "a.csv").write_bytes("area;name\nKU005;Ala\x0bjärvi\x01\ufffe\nKU020;x\n".encode())
    assert hyte.sources.read_table(tmp_path / "a.csv")["name"].tolist() == ["Ala järvi", "x"]
    about = pd.DataFrame({"indicator": ["i"], "title_fi": ["Ensin\x0bsitten"], "unit": ["%"], "kind": ["proportion"],
                          "scale": [100], "favourable": [False]})  # fmt: skip
    (tmp_path / "b.indicators.csv").write_text(about.to_csv(index=False), encoding="utf-8")
    (tmp_path / "b.csv").write_text("area;name\nKU005;x\n")
    assert hyte.sources.read_indicators(tmp_path / "b.csv")["title_fi"].tolist() == ["Ensin sitten"]


def test_a_clean_file_is_given_to_the_engine_as_it_is(tmp_path):
    TABLE.drop(columns="note").to_csv(tmp_path / "a.csv", index=False)
    assert delimited.look(tmp_path / "a.csv").dialect.plain
    TABLE.to_csv(tmp_path / "b.csv", index=False, encoding="cp1252")
    assert not delimited.look(tmp_path / "b.csv").dialect.plain


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_texts_like_formulas_are_inert_in_files_and_come_back_as_they_were(tmp_path, suffix):
    frame = pd.DataFrame({"area": ["=1+1", "+358 40", "-x", "@SUM(A1)", "-", "b"], "estimate": [1.5, -2.0, 3, 4, 5, 6]})
    path = hyte.sources.write_table(frame, tmp_path / f"a{suffix}")
    if suffix == ".csv":
        lines = path.read_text(encoding="utf-8").splitlines()
        assert not any(line.startswith(("=", "+", "@")) for line in lines)
        assert lines[2].endswith(",-2.0"), "numbers are numbers"
    else:
        book = openpyxl.load_workbook(path)
        assert [cell.data_type for cell in book.active["A"]] == ["s"] * 7
    assert hyte.sources.read_table(path)["area"].tolist() == frame["area"].tolist()


HEAD = "indicator;area;period;dimension;group;estimate;events"


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (f"{HEAD}\ni;KU091;2022;sex;men;x;1\n", [2]),
        (f"Otsikko\n\n{HEAD}\n\ni;KU091;2022;sex;men;1;1\n;;;;;;\ni;KU091;2022;sex;women;x;1\n", [7]),
        (f"sep=;\n{HEAD}\ni;KU091;2022;sex;\"wo\nmen\";1;1\ni;91;2022;sex;men;1;1\n", [5]),
        (f"{HEAD}\ni;KU091;2022;sex;men;1;1,5\ni;KU091;2022;sex;women;1;2,5\n", [2, 3]),
        (f"{HEAD}\ni;KU091;2022;sex;yhteensä;1;1\ni;KU091;2022;edu;yhteensä;1;1\ni;KU091;2022;edu;low;x;1\n", [4]),
        (f"{HEAD}\ni;KU091;2022;sex;men;1;1\ni;KU091X;2022;sex;women;1;1\n", [3]),
        (f"{HEAD}\ni;KU091;2022;age;1-4;1;1\ni;KU091;2022;age;5.9.2024;1;1\n", [3]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_an_error_names_the_line_of_the_file(tmp_path, body, lines, newline):
    (tmp_path / "a.csv").write_bytes(body.replace("\n", newline).encode())
    with pytest.raises(hyte.TidyError) as raised:
        hyte.tidy(hyte.sources.read_table(tmp_path / "a.csv"))
    assert raised.value.faults["place"].tolist() == [f"line {line} of a.csv" for line in lines]
    assert str(raised.value).count("of a.csv") == len(lines)


def test_an_error_names_the_row_of_the_sheet_and_by_any_way_into_the_library(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Luvut"
    for row in [["Otsikko"], [], HEAD.split(";"), ["i", "KU091", 2022, "sex", "men", 1, 1], [],
                ["i", "KU091", 2022, "sex", "women", "x", 1]]:  # fmt: skip
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(hyte.TidyError, match=r"row 6 of sheet 'Luvut' in a\.xlsx, column 'estimate', value 'x'"):
        hyte.disparity(hyte.sources.read_table(tmp_path / "a.xlsx"), "D")
    table = hyte.sources.read_table(tmp_path / "a.xlsx")
    del table["period"]
    with pytest.raises(hyte.TidyError, match="row 6 of sheet"):
        hyte.tidy(table, keys={"period": "2022"})


def test_another_frame_than_the_one_read_names_its_own_rows(tmp_path):
    (tmp_path / "a.csv").write_text(f"{HEAD}\ni;KU091;2022;sex;men;1;1\ni;KU091;2022;sex;women;x;1\n")
    found = hyte.sources.read_table(tmp_path / "a.csv")
    with pytest.raises(hyte.TidyError, match=r"^row 0, column 'estimate'"):
        hyte.tidy(found[::-1].reset_index(drop=True))


def saved(tmp_path, rows, **more):
    """A workbook of one sheet, and of others by name."""
    book = openpyxl.Workbook()
    book.active.title = "Taulu"
    for row in rows:
        book.active.append(row)
    for number, (name, others) in enumerate(more.items()):
        sheet = book.create_sheet(name, number)
        for row in others:
            sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    return tmp_path / "a.xlsx"


def test_a_table_service_s_workbook_says_each_key_for_the_rows_below(tmp_path):
    rows = [["Väestö"], [], [None, None, 2022, 2023], ["KU091 Helsinki", "Miehet", 1, 2], [None, "Naiset", 3, 4],
            ["KU049 Espoo", "Miehet", 5, 6], [None, "Naiset", 7, 8], [], ["Lähde: Tilastokeskus"]]  # fmt: skip
    found = hyte.sources.read_table(saved(tmp_path, rows))
    assert list(found.columns) == ["column 1", "column 2", "2022", "2023"]
    assert found["column 1"].tolist() == ["KU091 Helsinki"] * 2 + ["KU049 Espoo"] * 2
    long = hyte.sources.read_table(saved(tmp_path, rows), wide={"period": r"\d{4}"}, value="events")
    assert long.loc[(long["column 2"] == "Naiset") & (long["period"] == "2023"), "events"].tolist() == [4, 8]


def test_keys_are_not_said_again_for_rows_of_another_kind(tmp_path):
    rows = [["Alue", "Ryhmä", "2022"], ["Helsinki", "Miehet", 1], [None, "Naiset", 3], [None, "Kaikki alueet", 9],
            ["Espoo", "Miehet", 5], [None, "Naiset", 7]]  # fmt: skip
    found = hyte.sources.read_table(saved(tmp_path, rows))
    assert found["Alue"].isna().tolist() == [False, True, True, False, True]


def test_years_across_stay_the_header_above_a_heading_of_rows(tmp_path):
    rows = [[None, 2022, 2023], ["Koko maa", None, None], ["Miehet", 1, 2], ["Naiset", 3, 4]]
    assert list(hyte.sources.read_table(saved(tmp_path, rows)).columns) == ["column 1", "2022", "2023"]


def test_a_cover_that_is_a_table_is_not_taken_for_the_cells(tmp_path):
    rows = [HEAD.split(";"), ["i", "KU091", 2022, "sex", "men", 1.5, 1]]
    path = saved(tmp_path, rows, Kansi=[["Sisältö", "Sivu"], ["Tupakointi", 1], ["Alkoholi", 2]])
    assert hyte.tidy(hyte.sources.read_table(path))["estimate"].tolist() == [1.5]


def test_a_truth_value_is_no_number_and_no_date_is_a_period(tmp_path):
    rows = [HEAD.split(";"), ["i", "KU091", 2022, "sex", True, True, 1], ["i", "KU091", 2022, "sex", False, 2, 1]]
    with pytest.raises(hyte.TidyError, match="column 'estimate', value True: is not a number"):
        hyte.tidy(hyte.sources.read_table(saved(tmp_path, rows)))
    rows = [HEAD.split(";"), ["i", "KU091", dt.datetime(2022, 1, 1), "sex", "men", 2, 1]]
    with pytest.raises(hyte.TidyError, match=r"the year 2022\?.*write the period as text"):
        hyte.sources.read_table(saved(tmp_path, rows))


@pytest.mark.parametrize(
    ("suffix", "data", "words"),
    [
        (".xls", b"area;y\n1;2\n", "it is a text file: name it .csv"),
        (".xls", b"<html><table><tr><td>1</td></tr></table></html>", "web page"),
        (".xlsx", b"\xd0\xcf\x11\xe0" + bytes(600), "one with a password"),
    ],
)
def test_a_file_of_another_kind_than_its_name_says_is_told(tmp_path, suffix, data, words):
    (tmp_path / f"a{suffix}").write_bytes(data)
    with pytest.raises(hyte.TidyError, match=words):
        hyte.sources.read_table(tmp_path / f"a{suffix}")
