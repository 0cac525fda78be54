"""The published FinSote table in the product agrees with the published one, cell by cell."""

import pandas as pd
import pytest

import hyteanalysis as hyte
from hyteanalysis import places
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
