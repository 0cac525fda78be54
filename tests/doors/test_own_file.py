"""From one's own Excel file to a page: the recipe and the commands as they are printed."""

import re
from pathlib import Path

import openpyxl
import pandas as pd
from commands import run

import hyteanalysis as hyte

ROOT = Path(__file__).resolve().parents[2]


def recipe(name):
    text = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    return re.search(rf"<!-- recipe: {name} -->\n```python\n(.*?)```(.*?)\n## ", text, re.DOTALL)


def own_file(folder, area, group):
    """A workbook as an office worker keeps it, and its metadata."""
    book = openpyxl.Workbook()
    for row in (
        ["Yksinäisyys koulutuksen mukaan, %"], [], [area, group, "2022", "2024"],
        ["091 Helsinki", "matala", "12,5", 13.5], [None, "korkea", 8, "x"],
        ["Kauniainen", "matala", 10, 11], [None, "korkea", 5, 6], [], ["x = alle 5 vastaajaa"],
    ):  # fmt: skip
        book.active.append(row)
    book.active.merge_cells("A4:A5")
    book.active.merge_cells("A6:A7")
    book.save(folder / "own.xlsx")
    (folder / "own.indicators.csv").write_text(
        "indicator;title_fi;unit;kind;scale;favourable\nloneliness;Yksinäisyys;%;proportion;100;false\n",
        encoding="utf-8",
    )


def test_three_lines_make_ones_own_workbook_tidy(tmp_path, monkeypatch):
    own_file(tmp_path, "Kunta", "Koulutus")
    monkeypatch.chdir(tmp_path)
    exec(recipe("own")[1], {"hyte": hyte, "pd": pd})
    cells = hyte.tidy(hyte.sources.read_table("cells.csv"), hyte.sources.read_indicators("own.indicators.csv"))
    found = cells.set_index(["area", "period", "group"])
    assert found.at[("KU091", "2022", "low"), "estimate"] == 12.5
    assert found.at[("KU091", "2024", "high"), "status"] == "suppressed"
    assert found.at[("KU235", "2024", "high"), "estimate"] == 6
    assert len(cells) == 8


def test_the_commands_printed_beside_it_lead_to_a_release(tmp_path, monkeypatch):
    own_file(tmp_path, "area", "group")
    monkeypatch.chdir(tmp_path)
    lines = re.findall(r"^hyte .*", recipe("own")[2], re.MULTILINE)
    assert run(*lines[0].split()[1:]).returncode == 0
    table = pd.read_csv("cells.csv").assign(indicator="loneliness", dimension="education")
    table.assign(group=table["group"].map({"matala": "low", "korkea": "high"})).to_csv("cells.csv", index=False)
    for line in lines[1:3]:
        done = run(*line.split()[1:])
        assert done.returncode == 0, done.stderr
    opened = hyte.Release.open(tmp_path / "release")
    assert set(opened.cells["area"]) == {"KU091", "KU235"}


def test_readme_begins_ones_own_data_with_a_look(tmp_path, monkeypatch):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"^hyte .*", text.split("From your own Excel file", 1)[1], re.MULTILINE)
    assert lines[0] == "hyte look own.xlsx"
    own_file(tmp_path, "area", "group")
    monkeypatch.chdir(tmp_path)
    for line in lines[:2]:
        done = run(*line.split()[1:])
        assert done.returncode == 0, done.stderr
        assert "x = alle 5 vastaajaa" in done.stdout
