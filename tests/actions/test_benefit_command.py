"""`hyte benefit`: the example release and the published FinSote table, every kind of file, one line on bad input."""

import json
import sys
from unittest.mock import patch

import pandas as pd
import pytest
from typer.testing import CliRunner

import hyteanalysis as hyte
from hyteanalysis import places
from hyteanalysis.actions import library
from hyteanalysis.actions.reporting import BUDGET_SHEETS, SHEETS
from hyteanalysis.cli import app, main

RELEASE = places.committed("releases", "example")
FACTS = places.committed("facts", "finsote2020.csv")
QUICK = ["--draws", "200", "--seed", "1"]


def benefit(*arguments):
    found = CliRunner().invoke(app, ["benefit", *map(str, arguments), *QUICK])
    assert found.exit_code == 0, found.output
    return found.stdout


def test_the_example_release_gives_every_sheet(tmp_path):
    out = tmp_path / "benefit.xlsx"
    said = benefit(library()["smoking-cessation"], RELEASE, "--area", "HVA10", "--budget", 200_000, "-o", out)
    assert "release " in said
    assert said.splitlines()[-1] == "This is an estimate that rests on assumptions."
    sheets = pd.read_excel(out, sheet_name=None)
    assert tuple(sheets) == (*SHEETS, *BUDGET_SHEETS)
    assert set(sheets["by_group"]["area"]) == {"HVA10"}
    action = hyte.Action.read(library()["smoking-cessation"])
    same = hyte.impact(hyte.Release.open(RELEASE), action, areas="HVA10", draws=200, seed=1)
    pd.testing.assert_series_equal(
        sheets["by_group"]["averted_upper"], same.by_group["averted_upper"], check_index=False, rtol=1e-12
    )
    assert sheets["scenarios"]["cost"].max() == pytest.approx(200_000)


def test_regular_helpers_of_a_close_person_by_education_and_area(tmp_path):
    out = tmp_path / "benefit.json"
    said = benefit(library()["respite-care"], FACTS, "--area", "YTA1", "--lang", "fi", "-o", out)
    assert "not disclosure-checked" in said
    assert "Näillä oletuksilla toimi ei auta ketään." in said  # respite was found to make no difference
    sheets = json.loads(out.read_text(encoding="utf-8"))
    rows = pd.DataFrame(sheets["by_group"])
    # the published shares, and the respondents in place of the people that are not published
    assert dict(zip(rows["group"], rows["baseline"], strict=True)) == pytest.approx(
        {"low": 0.207, "mid": 0.164, "high": 0.149}
    )
    assert sorted(rows["population"]) == [2077, 2234, 2259]
    assert rows["averted"].tolist() == pytest.approx((rows["population"] * rows["reach"] * rows["arr"]).tolist())
    told = " ".join(row["text"] for row in sheets["notes"])
    assert "laskettu vastaajista" in told
    every = pd.DataFrame(json.loads(_whole(tmp_path).read_text(encoding="utf-8"))["by_group"])
    assert set(every["area"]) == {"SSS"}


def _whole(folder):
    out = folder / "country.json"
    benefit(library()["respite-care"], FACTS, "--area", "SSS", "-o", out)
    return out


def test_a_csv_holds_the_groups_and_the_screen_everything(tmp_path):
    out = tmp_path / "benefit.csv"
    benefit(library()["respite-care"], FACTS, "--area", "SSS", "-o", out)
    assert len(pd.read_csv(out, sep=None, engine="python")) == 3
    shown = benefit(library()["respite-care"], FACTS, "--area", "SSS")
    for sheet in SHEETS:
        assert f"\n{sheet}\n" in f"\n{shown}"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--budget", "0"], "budget must be euros above 0; not 0.0"),
        (["--area", "YTA9"], "area must be one of"),
        (["--period", "1850"], "period must be one of"),
        (["--lang", "no"], "language must be one of fi, sv, en"),
        (["--draws", "5"], "draws must be a whole number from 100"),
    ],
)
def test_bad_input_is_one_line(tmp_path, capsys, arguments, expected):
    out = tmp_path / "benefit.xlsx"
    command = ["hyte", "benefit", str(library()["respite-care"]), str(FACTS), "-o", str(out), *arguments]
    with patch.object(sys, "argv", command), pytest.raises(SystemExit) as stop:
        main()
    told = capsys.readouterr().err.strip().splitlines()
    assert stop.value.code == 1
    assert len(told) == 1
    assert told[0].startswith("hyte: ")
    assert expected in told[0]
    assert not out.exists()


def test_an_action_whose_outcome_the_cells_lack_is_refused():
    with pytest.raises(hyte.PlanError, match="outcome of school-attendance must be one of"):
        hyte.impact(hyte.Release.open(RELEASE), hyte.Action.read(library()["school-attendance"]), draws=100)
