"""Sotkanet's own lists: families of titles, kinds of indicator, regions, and our catalogue of them."""

import json

import pandas as pd
import pytest

import hyteanalysis as hyte
from hyteanalysis.sources.http import Body
from hyteanalysis.sources.sotkanet_metadata import cut, kind_of, read_regions, titled


def test_all_families_of_2016_are_found(shared):
    families = pd.read_csv(shared("data/sotkanet/group_families_2016.csv"))
    frame = titled(json.loads(shared("data/sotkanet/indicators_2016.json").read_text(encoding="utf-8")))
    ours = frame.loc[families["indicator_id"], ["dimension", "group", "family"]].reset_index()
    assert ours["dimension"].tolist() == families["group_dimension"].tolist()
    assert ours["group"].tolist() == families["group_value"].tolist()
    based = families["base_id"].notna()
    assert ours.loc[based, "family"].tolist() == families.loc[based, "base_id"].astype(int).tolist()
    spelt_in_two_ways = 1
    assert ours["family"].nunique() == families["base_title_fi"].nunique() - spelt_in_two_ways


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Väestöennuste 2060, 100 vuotta täyttäneet", ("age", "100+", None, "Väestöennuste 2060")),
        ("Väestöennuste 2060, 5 - 9-vuotiaat", ("age", "5-9", None, "Väestöennuste 2060")),
        ("Osuus, jotka uskovat, keskitason koulutus", ("education", "mid", 2, "Osuus, jotka uskovat")),
        ("Saaneet 25 - 64-vuotiaat, %", ("total", "total", None, "Saaneet 25 - 64-vuotiaat, %")),
    ],
)
def test_cutting_a_title(title, expected):
    assert cut(title) == expected


def test_kinds_of_the_indicators_of_2025_are_those_the_service_names(shared):
    listed = json.loads(shared("data/sotkanet/indicator_metadata_2025.json").read_text(encoding="utf-8"))
    for item in listed.values():
        code, title = item["primaryValueType"]["code"], item["title"]["fi"]
        if code != "INDEKSI":
            assert kind_of(title, None) == kind_of(title, code), title


def test_the_real_region_list_gives_official_codes(shared):
    regions = read_regions(Body(shared("data/sotkanet/regions_2016.json"), "application/json", 0.0))
    known = set(hyte.areas.reference(2013)["area"]) | set(hyte.areas.reference()["area"])
    for category in ("KUNTA", "MAAKUNTA", "MAA"):
        assert set(regions.loc[regions["category"] == category, "area"]) <= known
    assert regions.at[151, "area"] == "KU285"
    assert regions.at[887, "area"] == "HVA10"
    assert regions.at[887, "former"]


def test_search_and_regions(bank):
    found = hyte.sources.search_sotkanet("TUPAKOI koulutus", base_url=bank.base)
    assert found["id"].tolist() == [4408, 4409, 4410]
    assert hyte.sources.search_sotkanet("invånare", lang="sv", base_url=bank.base)["id"].tolist() == [186]
    assert hyte.sources.search_sotkanet("invånare", lang="fi", base_url=bank.base).empty
    regions = hyte.sources.sotkanet_regions(base_url=bank.base)
    parents = regions.loc[regions["area"] == "KU285", "parent"]
    assert set(parents) == {"HVA10", "MK08", "SSS"}


def test_the_catalogue_agrees_with_the_service(shared):
    chosen = hyte.sources.catalogue().set_index("id")
    titles = {item["id"]: item for item in json.loads(shared("data/sotkanet/indicators_2016.json").read_text("utf-8"))}
    newer = json.loads(shared("data/sotkanet/indicator_metadata_2025.json").read_text("utf-8"))
    titles |= {int(one): item for one, item in newer.items()}
    frame = titled(titles.values())
    assert len(chosen) >= 60
    assert set(chosen.index) <= set(frame.index)
    for lang in ("fi", "sv", "en"):
        assert chosen[f"title_{lang}"].to_dict() == frame.loc[chosen.index, f"title_{lang}"].to_dict()
    assert (chosen["indicator"] == "sotkanet-" + chosen.index.astype("str")).all()
    assert set(chosen["purpose"]) == {"outcome", "process"}
    assert chosen.groupby("age_group").size().min() >= 4
