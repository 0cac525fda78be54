"""The command `hyte`: from a real file to measures, a release and a figure; one line and exit 1 on bad input."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from commands import refused, run

import hyteanalysis as hyte

ROOT = Path(__file__).resolve().parents[1]
FACTS = ROOT / "data" / "facts" / "finsote2020.csv"
INDICATOR = "finsote-2020-regular-help"


def test_alone_it_shows_help_and_every_command_has_its_own():
    shown = run()
    assert shown.returncode == 0
    for command in ("dashboard", "lab", "example", "measures", "release", "figure"):
        assert command in shown.stdout
        assert "Usage" in run(command, "--help").stdout


def test_bad_usage_exits_with_2():
    assert run("measures", FACTS, "--no-such-option").returncode == 2
    assert run("no-such-command").returncode == 2


def test_the_main_path_on_the_published_percentages(tmp_path):
    gaps = run("measures", FACTS, "-m", "D", "-m", "SII", "-m", "RII", "-o", tmp_path / "gaps.csv")
    assert gaps.returncode == 0, gaps.stderr
    table = pd.read_csv(tmp_path / "gaps.csv")
    education = table[(table["dimension"] == "education")].set_index(["area", "measure"])
    assert education.loc[("SSS", "D"), "estimate"] == pytest.approx(20.8 - 15.6)
    assert education.loc[("YTA1", "D"), "estimate"] == pytest.approx(20.7 - 14.9)
    assert (education["lower"] < education["estimate"]).all()
    assert (education["estimate"] < education["upper"]).all()
    assert set(table["disclosure"]) == {"raw cells, not disclosure-checked"}

    made = run("release", FACTS, "--policy", "open", "-o", tmp_path / "release")
    assert made.returncode == 0, made.stderr
    assert hyte.Release.open(tmp_path / "release").indicators["indicator"].tolist() == [INDICATOR]
    from_release = run("measures", tmp_path / "release", "-m", "D", "-o", tmp_path / "again.parquet")
    assert from_release.returncode == 0, from_release.stderr
    again = pd.read_parquet(tmp_path / "again.parquet")
    assert again["disclosure"].str.startswith("release ").all()

    options = ("--release", tmp_path / "release", "--indicator", INDICATOR, "--dimension", "education")
    drawn = run("figure", "equiplot", *options, "-o", tmp_path / "gap.svg")
    assert drawn.returncode == 0, drawn.stderr
    assert (tmp_path / "gap.svg").read_text(encoding="utf-8").lstrip().startswith("<?xml")
    assert (tmp_path / "gap.csv").exists()
    assert list(tmp_path.glob("gap*.txt"))


def test_measures_without_out_prints_the_table():
    shown = run("measures", FACTS, "-m", "D")
    assert shown.returncode == 0
    assert "raw cells" in shown.stdout


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("indicator,area,period,dimension,group,estimate\ni,91,2022,sex,women,3\n", ("'91'", "KU091")),
        ("indicator,area,period,dimension,group,estimate\ni,KU091,2022,sex,women,abc\n", ("'estimate'", "'abc'")),
        ("indicator,area,period,dimension,group,estimat\ni,KU091,2022,sex,women,3\n", ("estimat",)),
        ("", ("empty file",)),
        ("Kirje\n", ("not a table",)),
    ],
)
@pytest.mark.parametrize("command", ["measures", "release"])
def test_bad_cells_are_one_line_and_nothing_is_written(tmp_path, content, words, command):
    (tmp_path / "cells.csv").write_text(content)
    out = tmp_path / "out" if command == "release" else tmp_path / "out.csv"
    refused(run(command, tmp_path / "cells.csv", "-o", out), *words)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cells.csv"]


def test_unknown_names_are_named_with_near_ones(tmp_path):
    refused(run("measures", FACTS, "-m", "SI"), "SI", "SII")
    refused(run("measures", tmp_path / "none.csv"), "none.csv")
    refused(run("release", FACTS, "--policy", "thk", "-o", tmp_path / "r"), "thk", "thl")
    refused(run("measures", FACTS, "-m", "D", "-o", tmp_path / "gaps.doc"), ".doc", ".csv")
    refused(run("measures", FACTS, "-m", "D", "-o", tmp_path / "no" / "gaps.csv"), "gaps.csv")
    assert run("release", FACTS, "--policy", "open", "-o", tmp_path / "r").returncode == 0
    refused(run("figure", "equiplt", "--release", tmp_path / "r", "-o", tmp_path / "f.svg"), "equiplt", "equiplot")
    refused(run("figure", "equiplot", "--release", tmp_path / "none", "-o", tmp_path / "f.svg"), "none")
    options = ("--indicator", "no-such", "--dimension", "education", "-o", tmp_path / "f.svg")
    refused(run("figure", "equiplot", "--release", tmp_path / "r", *options), "no-such")


def test_example_makes_people_cells_and_schema(tmp_path):
    made = run("example", tmp_path / "pop", "--people", "2000")
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "pop" / "schema.yml").is_file()
    assert len(hyte.tidy(hyte.sources.read_table(tmp_path / "pop" / "cells.parquet"))) > 1000
    again = run("example", tmp_path / "pop", "--people", "2000")
    refused(again, "pop")


def test_the_installed_command_answers_and_exits_alike(tmp_path):
    command = [Path(sys.executable).parent / "hyte", "measures", tmp_path / "none.csv"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    refused(result, "none.csv")


def test_importing_the_package_stays_light():
    code = (
        "import sys, hyteanalysis; "
        "heavy = {'voila', 'ipywidgets', 'matplotlib.pyplot', 'docx', 'statsmodels', 'pandas'} & set(sys.modules); "
        "print(sorted(heavy))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_a_first_figure_waits_for_nothing_that_it_does_not_use():
    code = (
        "import sys, hyteanalysis as hyte; "
        "from hyteanalysis import places; "
        "release = hyte.Release.open(places.committed('releases', 'example')); "
        "hyte.figures.equiplot(release, indicator='example-smoking', dimension='education'); "
        "slow = {'pydantic', 'ruamel.yaml', 'statsmodels', 'scipy.stats', 'docx', 'voila'}; "
        "print(sorted(slow & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
