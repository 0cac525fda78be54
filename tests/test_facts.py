"""The tables of official figures agree with the published ones; the release of real figures is made of them alone."""

import importlib.util

import pandas as pd
import pytest

import hyteanalysis as hyte
from hyteanalysis import places
from hyteanalysis.cells import PLACES
from hyteanalysis.sources import read_indicators, read_table

FILE = places.committed("facts", "finsote2020.csv")
AREAS = {
    "SSS": "Koko maa",
    "YTA1": "Etelä-Suomen yhteistyöalue (HYKS)",
    "YTA4": "Länsi-Suomen yhteistyöalue (TYKS)",
}
GROUPS = {
    **{"total": "Kaikki", "women": "Naiset", "men": "Miehet"},
    **{"20-54": "20-54 -vuotiaat", "55-74": "55-74 -vuotiaat", "75+": "75+ -vuotiaat"},
    **{"low": "Koulutus matala", "mid": "Koulutus keskitaso", "high": "Koulutus korkea"},
}


@pytest.fixture(scope="module")
def cells():
    return hyte.tidy(read_table(FILE), read_indicators(FILE))


def test_every_number_is_the_published_one(cells, shared):
    published = pd.read_csv(shared("data/fi/finsote2020_regular_help_given.csv"))
    ours = pd.DataFrame(
        {
            "area": cells["area"].map(AREAS),
            "group": cells["group"].map(lambda group: ": ".join(GROUPS[part] for part in group.split(" × "))),
            "value_percent": cells["estimate"],
            "ci95_lower": cells["lower"],
            "ci95_upper": cells["upper"],
            "respondents": cells["respondents"],
        }
    )
    both = published.merge(ours, on=["area", "group"], suffixes=("", "_ours"), how="outer", validate="one_to_one")
    assert len(both) == len(published) == len(cells) == 45
    for column in ("value_percent", "ci95_lower", "ci95_upper", "respondents"):
        assert (both[column] == both[f"{column}_ours"]).all(), column


def test_groups_are_in_their_dimensions(cells):
    whole = cells[cells["area"] == "SSS"].groupby("dimension")["group"].agg(set)
    assert whole["education"] == {"low", "mid", "high"}
    assert whole["age"] == {"20-54", "55-74", "75+"}
    assert len(whole["age × sex"]) == len(whole["education × sex"]) == 6
    assert whole.equals(cells[cells["area"] == "YTA1"].groupby("dimension")["group"].agg(set))
    assert (cells["area"] == "YTA4").sum() == 3


def test_only_education_is_ordered_and_low_comes_first(cells):
    ordered = cells[cells["order"].notna()]
    assert set(ordered["dimension"]) == {"education"}
    assert set(zip(ordered["group"], ordered["order"], strict=True)) == {("low", 1), ("mid", 2), ("high", 3)}


def test_respondents_of_the_sexes_add_up(cells):
    by = cells.set_index(["area", "dimension", "group"])["respondents"]
    for area in AREAS:
        assert by[area, "sex", "women"] + by[area, "sex", "men"] == by[area, "total", "total"]
    for age in ("20-54", "55-74", "75+"):
        crossed = by["SSS", "age × sex", f"{age} × women"] + by["SSS", "age × sex", f"{age} × men"]
        assert crossed == by["SSS", "age", age]


def test_metadata_say_how_to_read_it():
    row = read_indicators(FILE).iloc[0]
    assert (row["kind"], row["unit"], row["scale"], row["favourable"]) == ("proportion", "%", 100, False)
    assert (row["lower_bound"], row["upper_bound"], row["purpose"]) == (0, 100, "outcome")
    assert row["licence"] == "CC BY 4.0"
    assert "FinSote 2020" in row["source"]
    assert "respondents" in row["notes"]  # they stand for the populations, which are not published
    assert "kuormaksi" in row["notes"]  # a load on the helper: a high share is adverse
    assert all(row[f"title_{lang}"] for lang in ("fi", "sv", "en"))


def _make():
    spec = importlib.util.spec_from_file_location("facts_make", places.committed("facts", "make.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tables_are_those_that_the_script_makes_of_the_public_files(shared, tmp_path, monkeypatch):
    make = _make()
    monkeypatch.setattr(make, "HERE", tmp_path)
    make.tables(shared("data"))
    made = sorted(tmp_path.glob("*.csv"))
    assert len(made) == 7
    for file in made:
        assert file.read_bytes() == places.committed("facts", file.name).read_bytes(), file.name


@pytest.fixture(scope="module")
def real():
    return hyte.Release.open(places.committed("releases", "real"))


def test_the_release_is_what_the_script_makes_of_the_tables(real, tmp_path):
    _make().release(tmp_path / "real")
    again = hyte.Release.open(tmp_path / "real")
    assert again.id == real.id
    assert (real.approved, real.already_public, real.synthetic) == (True, True, False)
    assert sum(file.stat().st_size for file in places.committed("releases", "real").iterdir()) < 3_000_000


def test_shares_of_the_whole_country_worked_out_from_municipalities_are_the_published_ones(real):
    by = real.cells.set_index(["indicator", "area", "period", "dimension", "group"])["estimate"]
    assert by["statfin-unemployed", "SSS", "2020", "total", "total"] == pytest.approx(13.3, abs=0.05)
    assert by["statfin-employment-rate", "SSS", "2020", "total", "total"] == pytest.approx(69.5, abs=0.05)


def test_candidates_of_the_country_are_those_of_its_municipalities(real):
    rows = real.select(indicator="statfin-candidates", dimension="sex")
    own = rows[rows["area"].str.startswith("KU")].groupby("group")[["events", "population"]].sum()
    whole = rows[rows["area"] == "SSS"].set_index("group")[["events", "population"]]
    assert own["events"].to_dict() == whole["events"].to_dict()
    assert whole["events"].sum() == 14_147 + 21_480 - 38  # Pertunmaa's 38 candidates have no population beside them


def test_a_class_without_most_of_its_children_has_no_figure(real):
    rows = real.select(indicator="sotkanet-1244", dimension="urbanity", period="2023").set_index("group")
    assert rows.loc["rural", "status"] == "missing"
    assert rows.loc[["urban", "semi-urban"], "status"].tolist() == ["ok", "ok"]
    assert rows.loc["urban", "lower"] < rows.loc["urban", "estimate"] < rows.loc["urban", "upper"]


def test_every_municipality_has_its_published_figure_and_limits_about_it(real, shared):
    published = pd.read_csv(shared("data/real/sotkanet_municipal_children_1990_2023.csv.gz"), dtype={"period": "str"})
    published = published[published["indicator"].eq("sotkanet-228") & (published["period"] >= "2010")]
    ours = real.select(indicator="sotkanet-228", dimension="total")
    ours = ours[ours["area"].str.startswith("KU")]
    both = published.merge(ours, on=["area", "period"], how="outer", suffixes=("", "_ours"), validate="one_to_one")
    assert (both["estimate"] == both["estimate_ours"]).all()
    assert ((ours["lower"] <= ours["estimate"]) & (ours["estimate"] <= ours["upper"])).all()


def test_everything_is_told_in_three_languages(real):
    for row in real.indicators.to_dict("records"):
        for name in ("title", "definition", "notes", "source"):
            said = [row[f"{name}_{lang}"] for lang in ("fi", "sv", "en")]
            assert all(isinstance(one, str) and one.strip() for one in said), (row["indicator"], name)
            assert len(set(said)) == 3, (row["indicator"], name)
        assert row["licence"] == "CC BY 4.0"
    labels = real.groups[["label_fi", "label_sv", "label_en"]]
    assert labels.notna().all(axis=None)


def test_classes_of_municipalities_are_said_to_be_no_groups_of_people(real):
    of_places = real.cells.loc[real.cells["dimension"].isin(PLACES), "indicator"].unique()
    notes = real.indicators.set_index("indicator").loc[of_places, "notes_fi"]
    assert notes.str.startswith("Ryhmät ovat kuntia, eivät ihmisryhmiä.").all()
    assert len(of_places) == 4
