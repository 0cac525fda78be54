"""What stands in the place of a number is read by its convention, never as another thing."""

import pandas as pd
import pytest

import hyteanalysis as hyte
from hyteanalysis import marks

HEADER = "indicator;area;period;dimension;group;estimate"


def read(tmp_path, *values, notes="", **options):
    """Cells whose estimates are as written, one area each."""
    codes = ["KU005", "KU009", "KU010", "KU016", "KU018", "KU019"]
    rows = [f"i;{code};2022;total;total;{value}" for code, value in zip(codes, [*values, "12,5"], strict=False)]
    (tmp_path / "a.csv").write_text("\n".join([HEADER, *rows, *([""] if notes else []), notes]), encoding="utf-8")
    return hyte.sources.read_table(tmp_path / "a.csv", **options)


def told(frame):
    """Status and number of each row."""
    found = hyte.tidy(frame)
    return [
        "zero" if status == "ok" and value == 0 else status
        for status, value in zip(found["status"], found["estimate"], strict=True)
    ]


@pytest.mark.parametrize(
    ("convention", "signs"),
    [
        ("statfin", {".": "missing", "..": "missing", "...": "suppressed", "-": "zero", "–": "zero"}),
        ("sotkanet", {"..": "missing", "-": "zero"}),
        (
            "eurostat",
            {":": "missing", ": c": "suppressed", ": u": "missing", "7,5 u": "uncertain", "7,5 c": "suppressed"},
        ),
        ("r", {"NA": "missing", "NaN": "missing", "NULL": "missing"}),
        ("gss", {"[c]": "suppressed", "[x]": "missing", "[low]": "zero"}),
        ({"x": "suppressed", "*": "missing", "-": "missing"}, {"x": "suppressed", "*": "missing", "-": "missing"}),
    ],
)
def test_a_named_convention_gives_each_sign_its_meaning(tmp_path, convention, signs):
    assert told(read(tmp_path, *signs, marks=convention)) == [*signs.values(), "ok"]


def test_signs_that_mean_one_thing_everywhere_need_no_convention(tmp_path):
    found = told(read(tmp_path, "<5", "alle 10", ":", "N/A", ": c"))
    assert found == ["suppressed", "suppressed", "missing", "missing", "suppressed", "ok"]


def test_three_dots_tell_the_finnish_official_signs(tmp_path):
    assert told(read(tmp_path, "...", "..", ".", "-")) == ["suppressed", "missing", "missing", "zero", "ok"]


@pytest.mark.parametrize(
    ("note", "meanings"),
    [
        ("Lähde: Tilastokeskus, väestörakenne", ["missing", "missing"]),
        ("Källa: Statistikcentralen och THL", ["missing", "missing"]),
        ("Lähde: oma kysely", None),
    ],
)
def test_a_source_named_beside_a_table_tells_its_dots_but_not_its_dash(tmp_path, note, meanings):
    found = read(tmp_path, "..", ".", notes=note)
    if meanings:
        assert told(found) == [*meanings, "ok"]
    else:
        with pytest.raises(hyte.TidyError, match="missing to statfin"):
            hyte.tidy(found)
    with pytest.raises(hyte.TidyError, match="zero to statfin"):
        hyte.tidy(read(tmp_path, "-", notes=note))


@pytest.mark.parametrize("error", ["#NIMI?", "#PUUTTUU!", "#DIVISION/0!", "#SAKNAS!", "#NUM!", "#N/A", "Err:502"])
def test_errors_of_spreadsheets_in_any_language_are_no_marks(tmp_path, error):
    with pytest.raises(hyte.TidyError, match="could not compute it"):
        hyte.tidy(read(tmp_path, error))


@pytest.mark.parametrize(
    ("note", "status"),
    [
        ("* = alle 5 havaintoa", "suppressed"),
        ("* tarkoittaa: x", None),
        ("*: tieto puuttuu", "missing"),
        ("* = fewer than 5 people", "suppressed"),
        ("* = ei yhtään tapausta", "zero"),
        ("* = uppgiften är sekretessbelagd", "suppressed"),
    ],
)
def test_the_file_s_own_legend_is_read(tmp_path, note, status):
    frame = read(tmp_path, "*", notes=note)
    if status:
        assert told(frame) == [status, "ok"]
    else:
        with pytest.raises(hyte.TidyError, match=r"value '\*': is not a number"):
            hyte.tidy(frame)


@pytest.mark.parametrize("sign", ["..", ".", "-", "–", "*", "x", "[c]"])
def test_a_sign_that_stays_open_is_refused_and_the_remedy_keeps_its_meaning(tmp_path, sign):
    with pytest.raises(hyte.TidyError) as raised:
        hyte.tidy(read(tmp_path, sign))
    said = str(raised.value)
    assert "'estimate'" in said
    assert repr(sign) in said
    assert "marks=" in said
    assert "leave it empty" not in said


@pytest.mark.parametrize("error", ["#DIV/0!", "#N/A", "#REF!", "Err:502"])
def test_a_spreadsheet_s_error_is_never_missing_nor_zero(tmp_path, error):
    with pytest.raises(hyte.TidyError, match="estimate"):
        hyte.tidy(read(tmp_path, error))


def test_footnote_marks_stay_beside_the_number_as_notes(tmp_path):
    found = hyte.tidy(read(tmp_path, "7,5*", "8,5¹", "9,5 1)"))
    assert found["estimate"].tolist() == [7.5, 8.5, 9.5, 12.5]
    assert found["note"].tolist()[:3] == ["*", "¹", "1)"]


def test_a_hidden_count_beside_an_estimate_is_said(tmp_path):
    (tmp_path / "a.csv").write_text(
        "indicator;area;period;dimension;group;estimate;events\ni;KU005;2022;total;total;5,5;<5\n"
    )
    found = hyte.tidy(hyte.sources.read_table(tmp_path / "a.csv"))
    assert found["events"].isna().all()
    assert found["note"].tolist() == ["events: <5"]


def test_tables_without_estimates_say_a_column_s_status_beside_it(tmp_path):
    (tmp_path / "a.csv").write_text("alue;2021;2022\nKU005;5,5;...\nKU009;6,5;7,5\n")
    found = hyte.sources.read_table(tmp_path / "a.csv")
    assert found["2022"].isna().tolist() == [True, False]
    assert found["2022_status"].tolist() == ["suppressed", "ok"]
    assert "2021_status" not in found


@pytest.mark.parametrize("word", ["NA", "N/A", "NULL", "nan", ""])
def test_no_population_group_is_called_by_a_missing_value_s_word(tmp_path, word):
    (tmp_path / "p.csv").write_text(f"sex,smokes\nmies,1\n{word},0\nmies,.\nnainen,0\n")
    found = hyte.aggregate(tmp_path / "p.csv", by=["sex"], outcomes={"s": "smokes"}, missing="leave_out")
    assert set(found["group"]) == {"mies", "nainen", "total"}


def test_a_mark_that_hides_a_number_among_person_rows_is_refused(tmp_path):
    (tmp_path / "p.csv").write_text("sex,smokes\nmies,1\nnainen,<5\n")
    with pytest.raises(hyte.TidyError, match=r"'smokes', value '<5': is no number; 1 row holds"):
        hyte.aggregate(tmp_path / "p.csv", by=["sex"], outcomes={"s": "smokes"})


def test_an_unknown_convention_is_refused():
    with pytest.raises(hyte.MeasureError, match="Did you mean statfin"):
        marks.chosen("statfinn")
    with pytest.raises(hyte.MeasureError, match="suppressed"):
        marks.chosen({"x": "hidden"})


def test_sdmx_csv_keeps_flags_and_hides_what_is_confidential(tmp_path):
    (tmp_path / "a.csv").write_text(
        "DATAFLOW,LAST UPDATE,freq,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS\n"
        "ESTAT:x(1.0),01/01/24,A,FI,2021,12.5,b,\nESTAT:x(1.0),01/01/24,A,FI,2022,,,C\n"
        "ESTAT:x(1.0),01/01/24,A,FI,2023,3.5,u,\n"
    )
    found = hyte.sources.read_table(tmp_path / "a.csv")
    assert found["status"].tolist() == ["ok", "suppressed", "uncertain"]
    assert found["TIME_PERIOD"].tolist() == ["2021", "2022", "2023"]
    assert found["note"].tolist()[0] == "b"


def test_jsonstat_from_disk(tmp_path):
    (tmp_path / "a.json").write_text(
        '{"class": "dataset", "id": ["area", "y"], "size": [1, 2], "value": [7, null], "status": {"1": "..."},'
        ' "dimension": {"area": {"category": {"index": ["KU285"]}}, "y": {"category": {"index": ["2023", "2024"]}}}}'
    )
    found = hyte.sources.read_table(tmp_path / "a.json")
    assert found["status"].tolist() == ["ok", "suppressed"]
    (tmp_path / "b.json").write_text('{"a": 1}')
    with pytest.raises(hyte.TidyError, match="no JSON-stat"):
        hyte.sources.read_table(tmp_path / "b.json")


def test_frames_of_text_are_read_by_the_same_reader():
    frame = pd.DataFrame({"group": ["low", "high"], "estimate": ["12,5", "−1 234,5"]})
    keys = {"indicator": "i", "area": "KU091", "period": "2022", "dimension": "education"}
    assert hyte.tidy(frame, keys=keys)["estimate"].tolist() == [12.5, -1234.5]
