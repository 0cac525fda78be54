"""`hyte measures` without naming any measure gives all that apply: of a HEAT Plus file and of a published table."""

import pandas as pd
from inequality_worlds import random_settings
from typer.testing import CliRunner

import hyteanalysis as hyte
from hyteanalysis import places
from hyteanalysis.cli import app


def run(*arguments):
    result = CliRunner().invoke(app, ["measures", *map(str, arguments)])
    assert result.exit_code == 0, result.output


def test_every_measure_of_a_heat_plus_file(tmp_path):
    cells = random_settings(2, 4, seed=1)
    heat = pd.DataFrame(
        {
            "setting": cells["area"],
            "date": 2022,
            "source": "Register",
            "indicator_abbr": "x",
            "indicator_name": "People with x",
            "dimension": "Economic status",
            "subgroup": cells["group"],
            "estimate": cells["estimate"],
            "se": cells["se"],
            "ci_lb": None,
            "ci_ub": None,
            "population": cells["population"],
            "flag": None,
            "setting_average": None,
            "iso3": None,
            "favourable_indicator": 0,
            "indicator_scale": 100,
            "ordered_dimension": 1,
            "subgroup_order": cells["order"],
            "reference_subgroup": 0,
        }
    )
    heat.to_csv(tmp_path / "heat.csv", index=False)
    run(tmp_path / "heat.csv", "-o", tmp_path / "gaps.csv")
    found = pd.read_csv(tmp_path / "gaps.csv", keep_default_na=False, na_values=[""])
    assert set(found["measure"]) == set(hyte.measures()["measure"])
    assert len(found) == 2 * found["measure"].nunique()
    empty = found[found["estimate"].isna()]
    assert set(empty["measure"]) == {"KOL"}
    assert empty["note"].str.contains("needs aversion").all()
    known = found.dropna(subset="estimate")
    assert (known["lower"] <= known["upper"]).all()


def test_every_measure_of_the_finsote_table(tmp_path):
    run(places.committed("facts", "finsote2020.csv"), "-o", tmp_path / "gaps.parquet")
    found = pd.read_parquet(tmp_path / "gaps.parquet")
    assert set(found["measure"]) == set(hyte.measures()["measure"])
    assert found.loc[found["estimate"].isna(), "note"].str.len().gt(0).all()
    ranked = found[found["measure"] == "SII"]
    assert ranked.groupby("dimension")["estimate"].count()["education"] > 0
