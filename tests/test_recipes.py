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


NEEDED = {
    "sotkanet-54": "sotkanet_54_indicators_1990_2012.csv.gz",
    "paavo": "paavo2020_by_municipality.csv",
    "election": "municipal_election_2021_by_sex.csv",
}


class TestMunicipalClasses:
    """The files of municipalities become cells whose groups are kinds of municipality, and flow to `hyte measures`."""

    @pytest.fixture
    def run(self, shared, tmp_path, monkeypatch):
        def run(name):
            for file in ("diak_deprivation_index_2011_2020.csv.gz", NEEDED[name]):
                (tmp_path / file).write_bytes(shared(f"data/fi/{file}").read_bytes())
            monkeypatch.chdir(tmp_path)
            for one in ("classes", name):
                exec(recipe(one), {"hyte": hyte, "pd": pd})
            cells = hyte.tidy(hyte.sources.read_table("cells.csv"), hyte.sources.read_indicators("cells.csv"))
            return cells, pd.read_csv(tmp_path / NEEDED[name], dtype={"kunta_code": str, "area_code": str})

        return run

    def measured(self, tmp_path):
        from typer.testing import CliRunner

        from hyteanalysis.cli import app

        out = tmp_path / "gaps.csv"
        result = CliRunner().invoke(app, ["measures", "cells.csv", "-m", "D", "-m", "BGV", "-m", "SII", "-o", str(out)])
        assert result.exit_code == 0, result.output
        return pd.read_csv(out)

    def test_sotkanet_54(self, run, tmp_path):
        cells, raw = run("sotkanet-54")
        towns = hyte.sources.read_table("towns.csv")
        assert len(towns) == ((raw["area_level"] == "KUNTA") & raw["indicator_id"].notna()).sum()
        assert set(cells["dimension"]) == {"urbanity", "language_class", "deprivation"}
        wide = raw[(raw["area_level"] == "KUNTA") & (raw["year"] == 2009) & raw["indicator_id"].notna()].pivot(
            index="area_code", columns="indicator_id", values="value"
        )
        people = (wide[493] / 100 * wide[127]).round().sum()
        urban = cells[(cells["dimension"] == "urbanity") & (cells["period"] == "2009")]
        assert urban["events"].sum() == pytest.approx(people)
        fifths = cells[(cells["dimension"] == "deprivation") & (cells["period"] == "2009")].set_index("order")[
            "estimate"
        ]
        assert fifths[1] > fifths[5]
        gaps = self.measured(tmp_path)
        slope = gaps[(gaps["dimension"] == "deprivation") & (gaps["measure"] == "SII")]
        assert slope["estimate"].notna().all()
        assert len(slope) == cells["period"].nunique()

    def test_paavo(self, run, tmp_path):
        cells, raw = run("paavo")
        towns = raw.dropna(subset="kunta_code")
        urban = cells[cells["dimension"] == "urbanity"]
        assert urban["events"].sum() == towns["Unemployed, 2017 (PT)"].sum()
        assert (cells["dimension"] == "total").sum() == len(towns)
        assert set(self.measured(tmp_path)["dimension"]) == {"urbanity", "language_class", "deprivation"}

    def test_election(self, run, tmp_path):
        cells, raw = run("election")
        there = raw.dropna(subset=["population_2021", "candidates_2021"])
        by = cells[cells["dimension"] == "sex"].set_index("group")["events"]
        assert (
            by.to_dict()
            == there.groupby("sex")["candidates_2021"].sum().rename({"male": "men", "female": "women"}).to_dict()
        )
        crossed = cells[cells["dimension"] == "sex × urbanity"]
        assert set(crossed["group"]) >= {"women × rural", "men × urban"}
        assert crossed["events"].sum() == by.sum()
        assert "Pertunmaa" in hyte.sources.read_indicators("cells.csv")["notes"].iloc[0]
        assert {"urbanity", "language_class", "language_class × sex"} <= set(self.measured(tmp_path)["dimension"])
