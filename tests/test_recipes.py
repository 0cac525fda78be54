"""The recipes of docs/recipes.md work on the real files they name, as they are printed."""

import re
from pathlib import Path

import pandas as pd
import pytest

import hyteanalysis as hyte

ROOT = Path(__file__).resolve().parents[1]
FACTS = ROOT / "data" / "facts"


def recipe(name):
    text = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    return re.search(rf"<!-- recipe: {name} -->\n```python\n(.*?)```", text, re.DOTALL)[1]


def test_three_lines_make_the_finsote_file_tidy(shared, tmp_path, monkeypatch):
    code = recipe("finsote")
    assert len(code.strip().splitlines()) == 3
    source = shared("data/fi/finsote2020_regular_help_given.csv")
    (tmp_path / source.name).write_bytes(source.read_bytes())
    monkeypatch.chdir(tmp_path)
    exec(code, {"hyte": hyte, "pd": pd})
    indicators = hyte.sources.read_indicators(FACTS / "finsote2020.indicators.csv")
    ours = hyte.tidy(hyte.sources.read_table(tmp_path / "cells.csv"), indicators)
    facts = hyte.tidy(hyte.sources.read_table(FACTS / "finsote2020.csv"), indicators)
    keys = ["area", "group"]
    expected = facts[facts["dimension"] == "education"].set_index(keys)
    for column in ("estimate", "lower", "upper", "respondents", "order"):
        pd.testing.assert_series_equal(
            ours.set_index(keys)[column].sort_index(), expected[column].sort_index(), check_dtype=False
        )


@pytest.mark.parametrize("line", ["measures", "release", "figure"])
def test_the_commands_printed_under_the_recipe_are_real(line):
    text = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    assert re.search(rf"^hyte {line} ", text, re.MULTILINE)
