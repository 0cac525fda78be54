"""Whatever an action's texts say, they say it of an estimate that rests on assumptions: nothing is foretold."""

import json
import re

import pytest
from made_actions import make_action, make_cells
from typer.testing import CliRunner

import hyteanalysis as hyte
from hyteanalysis import i18n, places
from hyteanalysis.actions import library
from hyteanalysis.cli import app

FORETOLD = re.compile(r"ennust|prognos|förutsäg|förutspå|predict|forecast|foretell", re.IGNORECASE)
FIGURES = ("bars", "plane", "tornado", "frontier", "cards", "scenario", "quadrant")
OURS = ("action.", *(f"figure.{name}." for name in FIGURES), *(f"figure.long.{name}" for name in FIGURES))


@pytest.mark.parametrize("lang", i18n.LANGS)
def test_no_text_of_an_action_foretells(lang):
    said = {key: words for key, words in i18n.keys(lang).items() if key.startswith(OURS)}
    assert len(said) > 60
    assert not {key: words for key, words in said.items() if FORETOLD.search(words)}


def test_no_file_of_an_action_and_no_tutorial_foretells():
    for path in library().values():
        assert not FORETOLD.search(path.read_text(encoding="utf-8")), path.name
    tutorials = [*places.notebooks().glob("07_*.ipynb"), *places.notebooks().glob("08_*.ipynb")]
    assert len(tutorials) == 2
    for path in tutorials:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert not FORETOLD.search("\n".join("".join(cell["source"]) for cell in cells)), path.name
    said = CliRunner().invoke(app, ["benefit", "--help"]).stdout
    assert "an estimate under its assumptions" in said
    assert not FORETOLD.search(said)


@pytest.mark.parametrize("lang", i18n.LANGS)
def test_of_groups_whose_numbers_are_equal_none_is_helped_most(lang):
    rows = [("A", "low", 1, 4_000, 0.2), ("A", "mid", 2, 4_000, 0.2), ("A", "high", 3, 4_000, 0.1)]
    found = hyte.impact(make_cells(rows, se=0.01), make_action(), draws=400, seed=1)
    said, names = found.sentences(lang)[0], found.baseline.names
    low, mid, high = (names.group("education", group, lang) for group in ("low", "mid", "high"))
    assert said.startswith(i18n.text("action.answer.tied", lang).partition("{")[0])
    assert low in said
    assert mid in said
    assert f" {high}" not in said.replace(mid, "")
