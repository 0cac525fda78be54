"""Whatever an action's texts say, they say it of an estimate that rests on assumptions: nothing is foretold."""

import json
import re

import pytest
from typer.testing import CliRunner

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
