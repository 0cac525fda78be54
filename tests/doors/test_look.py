"""`hyte look`: what is seen in a file, its doubts, and a command to go on with."""

from pathlib import Path

import pandas as pd
import pytest
from commands import run

import hyteanalysis as hyte

CASES = Path(__file__).resolve().parent / "cases"
TABLES = sorted(
    path
    for path in CASES.rglob("*")
    if path.suffix in (".csv", ".tsv", ".xlsx", ".ods")
    and path.parent.name != "excel-formula"
    and not path.name.endswith((".indicators.csv", ".groups.csv"))
)


@pytest.mark.parametrize("path", TABLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_case_is_looked_at(path):
    seen = hyte.sources.look(path)
    said = seen.said()
    assert path.name in said
    assert "columns" in said
    assert seen.command.startswith("hyte ")
    assert seen.columns


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "encoding-cells/windows-1252.csv",
            ["Windows-1252", "parted by semicolon", "periods: 2020–2022", "low < high"],
        ),
        ("title-rows/title.csv", ["data from line 4", "above the table: Tupakointi koulutuksen mukaan, 2022"]),
        ("footnotes/cells.csv", ["below the table: Lähde: THL", "below the table: * = alle 5 havaintoa"]),
        ("markers/cells.csv", ["'...' read as suppressed", "'-' read as zero", "'<5' read as suppressed", "5 municip"]),
        ("excel-sheets/hidden-first.xlsx", ["sheet 'Data'", "Taul1 (hidden)", "periods: 2022"]),
        ("subtotal-among-groups/cells.csv", ["hold 18,000 people and the total 10,500"]),
        ("excel-dates/ages.xlsx", ["doubts", "an age band 1-4?"]),
        ("thousands-comma/cells.csv", ["',' thousands", "hyte measures"]),
        ("statistical-tsv/table.tsv", ["Eurostat's table", "periods: 2021, 2022"]),
        ("title-rows/table-service.csv", ["areas: 2 municipalities", "--wide"]),
        ("missing-people/groups.csv", ["hyte aggregate", "--by sex --outcome smokes=smokes", "1 empty"]),
    ],
)
def test_what_is_seen_is_said(name, words):
    said = hyte.sources.look(CASES / name).said()
    for word in words:
        assert word in said


def test_doubts_of_an_open_number_end_with_the_option_to_say(tmp_path):
    (tmp_path / "a.tsv").write_text("name\tscore\nx\t1,234\ny\t2,345\n")
    seen = hyte.sources.look(tmp_path / "a.tsv")
    assert "can be read in two ways" in seen.doubts[0]
    assert seen.command.endswith("--decimal ,")
    assert seen.table is None
    assert hyte.sources.look(tmp_path / "a.tsv", decimal=",").doubts == []


def test_the_command_writes_the_table_as_it_was_read(tmp_path):
    out = tmp_path / "long.csv"
    done = run("look", CASES / "title-rows/table-service.csv", "--wide", "group=Miehet|Naiset", "--value", "events",
               "-o", out)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert f"{out}: 4 rows" in done.stdout
    assert pd.read_csv(out)["events"].tolist() == [328000, 350000, 4900, 5200]


def test_the_command_takes_marks_and_refuses_what_is_no_table(tmp_path):
    (tmp_path / "a.csv").write_text("indicator;area;period;dimension;group;estimate\ni;KU005;2022;total;total;x\n")
    done = run("look", tmp_path / "a.csv", "--marks", "x=suppressed")
    assert done.returncode == 0
    assert "'x' read as suppressed" in done.stdout
    (tmp_path / "b.csv").write_text("Tämä on kirje.\n", encoding="utf-8")
    done = run("look", tmp_path / "b.csv")
    assert done.returncode == 1
    assert "b.csv is not a table" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_command_to_go_on_has_the_options_that_were_given_or_are_asked_for(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "indicator;area;period;dimension;group;estimate\ni;KU091;2022;sex;men;..\ni;KU091;2022;sex;women;2,5\n"
    )
    assert hyte.sources.look(path).command.endswith("--marks statfin")
    assert "hyte measures" in (said := hyte.sources.look(path, marks="statfin", decimal=",").command)
    assert "--marks statfin --decimal ," in said
    own = hyte.sources.look(path, marks={"..": "missing", "x": "suppressed"}).command
    assert "--marks ..=missing --marks x=suppressed" in own
