"""Sotkanet's answers become tidy cells, whatever the service does; nothing is lost silently or asked for twice."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import hyteanalysis as hyte
from hyteanalysis.cli.fetching import app
from hyteanalysis.sources import sotkanet_requests as requests
from hyteanalysis.sources.answers import Answer
from hyteanalysis.sources.sotkanet_indicators import cut, kind_of, titled
from hyteanalysis.sources.sotkanet_regions import read_regions
from hyteanalysis.sources.sotkanet_values import read_values, to_cells

EDUCATION = [4404, 4408, 4409, 4410]


@pytest.fixture
def bank(service, recorded, monkeypatch):
    """The service with Sotkanet's recorded answers, filtered as the real one filters them."""
    monkeypatch.setattr(
        requests, "SERVICE", replace(requests.SERVICE, calls=10_000, timeout=0.4, longest=1.0, wait=0.01)
    )
    service.values = json.loads(recorded("sotkanet/values.json"))

    def values(query, _):
        wanted = [
            row
            for row in service.values
            if str(row["indicator"]) in query["indicator"]
            and str(row["year"]) in query["years"]
            and row["gender"] in query["genders"]
        ]
        return json.dumps(wanted)

    service.routes = {
        "/rest/1.1/regions": lambda query, body: recorded("sotkanet/regions.json"),
        "/rest/1.1/indicators": lambda query, body: recorded("sotkanet/indicators.json"),
        "/rest/1.1/indicators/4404": lambda query, body: recorded("sotkanet/indicator_4404.json"),
        "/rest/1.1/json": values,
    }
    service.base = service.url + "/rest/1.1/"
    return service


def fetch(bank, indicators=4404, **options):
    options = {"areas": ["hva", "maa"], "years": [2022, 2023], "base_url": bank.base} | options
    return hyte.sources.sotkanet(indicators, **options)


def value(cells, **keys):
    rows = cells.loc[np.logical_and.reduce([cells[name] == key for name, key in keys.items()])]
    assert len(rows) == 1
    return rows.iloc[0]


def test_values_become_tidy_cells_with_numerators_as_events(bank):
    cells, indicators, groups = fetch(bank)
    pd.testing.assert_frame_equal(hyte.tidy(cells, indicators), cells)
    assert set(cells["area"]) == {"SSS", "HVA10", "HVA01"}
    men = value(cells, area="HVA10", period="2023", dimension="sex", group="men")
    keys = (4404, 967, 2023, "male")
    raw = next(r for r in bank.values if (r["indicator"], r["region"], r["year"], r["gender"]) == keys)
    assert (men["estimate"], men["events"]) == (raw["value"], raw["absValue"])
    row = indicators.iloc[0]
    assert (row["indicator"], row["kind"], row["scale"], row["unit"]) == ("sotkanet-4404", "proportion", 100, "%")
    assert (row["updated"], row["licence"]) == ("2025-05-14", "CC BY 4.0")
    assert (row["favourable"], row["purpose"]) == (False, "outcome")
    assert row["description_fi"] == "Indikaattori kertoo päivittäin tupakoivien osuuden. Tiedot ovat kyselystä."
    assert row["notes"] == "Nothing published for 1 of 4 areas: HVA90."
    assert groups.set_index(["dimension", "group"]).at[("sex", "men"), "label_fi"] == "miehet"


def test_a_family_is_one_indicator_with_dimension_and_order(bank):
    cells, indicators, groups = fetch(bank, EDUCATION)
    assert indicators["indicator"].tolist() == ["sotkanet-4404"]
    assert hyte.tidy(cells, indicators)["indicator"].unique().tolist() == ["sotkanet-4404"]
    by = cells[cells["dimension"] == "education"].drop_duplicates("group").set_index("group")["order"]
    assert by.to_dict() == {"low": 1, "mid": 2, "high": 3}
    crossed = cells[cells["dimension"] == "education × sex"]
    assert set(crossed["group"]) >= {"low × women", "high × men"}
    assert crossed["order"].isna().all()
    assert {"low", "mid", "high"} <= set(groups.loc[groups["dimension"] == "education", "group"])
    gaps = hyte.disparity(cells[cells["dimension"] == "education"], ["D"], indicators=indicators)
    here = cells[(cells["area"] == "SSS") & (cells["period"] == "2022") & (cells["dimension"] == "education")]
    ends = here.set_index("group")["estimate"]
    found = gaps[(gaps["area"] == "SSS") & (gaps["period"] == "2022")]["estimate"].iloc[0]
    assert found == pytest.approx(ends["low"] - ends["high"])


def test_a_whole_family_on_request_and_a_member_alone(bank):
    cells, indicators, groups = fetch(bank, "sotkanet-4404", families=True)
    assert set(cells["dimension"]) == {"total", "sex", "age", "education", "age × sex", "education × sex"}
    assert "Age groups overlap: 65+ and 75+" in indicators["notes"].iloc[0]
    assert cells.loc[cells["dimension"] == "age", "order"].isna().all()
    assert groups.loc[groups["dimension"] == "age", "label_fi"].notna().all()
    alone = fetch(bank, 4408, genders=["total"]).cells
    assert alone[["indicator", "dimension", "group"]].drop_duplicates().to_numpy().tolist() == [
        ["sotkanet-4404", "education", "low"]
    ]


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
    regions = read_regions(Answer(shared("data/sotkanet/regions_2016.json"), "application/json", 0.0))
    known = set(hyte.areas.reference(2013)["area"]) | set(hyte.areas.reference()["area"])
    for category in ("KUNTA", "MAAKUNTA", "MAA"):
        assert set(regions.loc[regions["category"] == category, "area"]) <= known
    assert regions.at[151, "area"] == "KU285"
    assert regions.at[887, "area"] == "HVA10"
    assert regions.at[887, "former"]


def test_the_recorded_csv_of_the_real_service(shared, bank):
    regions = read_regions(Answer(shared("data/sotkanet/regions_2016.json"), "application/json", 0.0))
    values = read_values(Answer(shared("data/sotkanet/data_127_2009_total.csv"), "text/csv", 0.0))
    assert len(values) == 466
    members = titled([{"id": 127, "title": {"fi": "Väestö 31.12."}}])
    towns = regions[regions["category"] == "KUNTA"]
    made = to_cells(values, members, towns, regions, {2009}, ["total"], {127: "count"})
    listed = {region for region in values["region"] if region in regions.index}
    left = 466 - len(values[values["region"].isin(listed)])
    assert not left or f"{left} rows of" in made.notes[127][0]
    cells = hyte.tidy(made.cells)
    assert value(cells, area="KU285")["estimate"] == values.set_index("region").at[151, "value"]
    assert (cells["events"] == cells["estimate"]).all()


def test_former_county_ids_are_the_counties_of_today(bank):
    for row in bank.values:
        if row["region"] == 967 and row["year"] == 2022:
            row["region"] = 887
    cells = fetch(bank).cells
    assert set(cells.loc[cells["area"] == "HVA10", "period"]) == {"2022", "2023"}
    bank.values += [row | {"region": 887, "value": 1.0} for row in bank.values if row["region"] == 967]
    again = fetch(bank, refresh=True).cells
    pd.testing.assert_frame_equal(again, cells)


def test_county_ids_that_the_list_lacks_are_known(bank, recorded):
    old = [
        region for region in json.loads(recorded("sotkanet/regions.json")) if region["category"] != "HYVINVOINTIALUE"
    ]
    expected = fetch(bank).cells
    bank.routes["/rest/1.1/regions"] = lambda query, body: json.dumps(old)
    pd.testing.assert_frame_equal(fetch(bank, refresh=True).cells, expected)


def test_a_null_is_missing_and_kept(bank):
    cells, indicators, _ = fetch(bank, areas="kunta")
    assert cells[["area", "status"]].to_numpy().tolist() == [["KU285", "missing"]]
    assert "Nothing published for 2 of 3 areas: KU091, KU286." in indicators["notes"].iloc[0]


def test_duplicates_are_kept_once_and_said_conflicts_are_refused(bank):
    clean = fetch(bank).cells
    bank.values += [row for row in bank.values if row["indicator"] == 4404][:4]
    cells, indicators, _ = fetch(bank, refresh=True)
    pd.testing.assert_frame_equal(cells, clean)
    assert "4 rows that came twice are kept once." in indicators["notes"].iloc[0]
    bank.values.append(bank.values[0] | {"value": 99.0})
    with pytest.raises(hyte.SourceError, match=r"indicator 4404: two values for SSS 2022 male: 13.5 and 99"):
        fetch(bank, refresh=True)


def test_unknown_regions_are_left_out_and_said(bank):
    bank.values += [row | {"region": 99_999} for row in bank.values if row["indicator"] == 4404][:5]
    cells, indicators, _ = fetch(bank)
    assert "of 1 region ids that the service does not list were left out (99999)" in indicators["notes"].iloc[0]
    assert "99999" not in "".join(cells["area"])


def test_renamed_fields_are_said(bank):
    bank.routes["/rest/1.1/json"] = lambda query, body: '[{"indicator": 4404, "alue": 658, "vuosi": 2022}]'
    with pytest.raises(hyte.SourceError, match=r"/rest/1.1/json\?indicator=4404.*a row lacks 'region'"):
        fetch(bank)
    bank.routes["/rest/1.1/regions"] = lambda query, body: '[{"tunnus": 658}]'
    with pytest.raises(hyte.SourceError, match=r"/rest/1.1/regions: .*no list of items with id, code, category"):
        fetch(bank, refresh=True)


@pytest.mark.parametrize("name", ["silent", "drip", "cut", "html", "half", "unfinished", "latin"])
def test_the_same_cells_through_every_mishap(bank, mishap, name):
    clean = fetch(bank)
    body = json.dumps([row for row in bank.values if row["indicator"] == 4404])
    one = {
        **{"silent": mishap["silent"](0.6), "drip": mishap["drip"], "cut": mishap["cut"]},
        **{"html": mishap["says"]("<html>", "text/html"), "half": mishap["says"](body[: len(body) // 2])},
        "unfinished": mishap["says"](body[: body.rindex("{")]),  # all rows but the last, and no end
        "latin": mishap["says"](body.replace("male", "mäle").encode("iso-8859-1")),
    }[name]
    bank.mishaps = [None, None, one, mishap["status"](500), mishap["status"](429, Retry_After="0")]
    for got, expected in zip(fetch(bank, refresh=True), clean, strict=True):
        pd.testing.assert_frame_equal(got, expected)


def test_interrupted_anywhere_and_repeated_the_file_is_the_same_and_nothing_is_asked_twice(bank, mishap, tmp_path):
    fetch(bank, EDUCATION[:2]).save(tmp_path / "whole.parquet")
    needed = sorted(bank.log)
    for stop in range(len(needed)):
        bank.log.clear()
        folder = tmp_path / f"data{stop}"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("HYTE_DATA", str(folder))
            bank.mishaps = [None] * stop + [mishap["dead"]] * 20
            with pytest.raises(hyte.SourceError, match="broken connection"):
                fetch(bank, EDUCATION[:2])
            assert not list(folder.rglob("*.part"))
            answered, bank.mishaps = bank.log[:stop], []
            bank.log.clear()
            fetch(bank, EDUCATION[:2]).save(tmp_path / "again.parquet")
            assert sorted(answered + bank.log) == needed
            for part in ("", ".indicators", ".groups"):
                names = [tmp_path / f"{one}{part}.parquet" for one in ("whole", "again")]
                assert names[0].read_bytes() == names[1].read_bytes()
    bank.log.clear()
    fetch(bank, EDUCATION[:2])
    assert bank.log == []


def test_a_stale_answer_is_marked(bank, mishap):
    fetch(bank)
    bank.mishaps = [mishap["status"](503)] * 99
    notes = fetch(bank, refresh=True, stale=True).indicators["notes"].iloc[0]
    assert "From a copy 0 days old: the service did not answer." in notes


def test_csv_where_there_is_no_json_and_an_address_without_its_path(bank):
    expected = fetch(bank)
    names = ["indicator", "region", "year", "gender", "value", "absValue"]
    lines = [
        ";".join("" if row[name] is None else str(row[name]) for name in names)
        for row in bank.values
        if row["indicator"] == 4404
    ]
    table = "\n".join(["indicator;region;year;gender;primary value;absolute value", *lines, ""])
    del bank.routes["/rest/1.1/json"]
    bank.routes["/rest/1.1/csv"] = lambda query, body: (200, {"Content-Type": "text/csv"}, table)
    for base in (bank.base, bank.url):
        for got, wanted in zip(fetch(bank, refresh=True, base_url=base), expected, strict=True):
            pd.testing.assert_frame_equal(got, wanted)
    count = len(bank.log)
    fetch(bank, base_url=bank.url)
    assert len(bank.log) == count


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"indicators": 4403}, r"no indicator '4403'\. Near: 4404 Päivittäin tupakoivien osuus"),
        ({"indicators": "tupakoi"}, r"no indicator 'tupakoi'\. Near: 4404 Päivittäin"),
        ({"areas": "Kotkka"}, "Near: KU285 Kotka"),
        ({"areas": "KU28"}, "Probably KU028"),
        ({"areas": "hvaa"}, "Did you mean hva"),
        ({"areas": "yta"}, "no region of category YTA"),
        ({"genders": ["women"]}, "gender must be one of total, female, male; not 'women'"),
        ({"years": 1890}, "nothing is published of what was asked.*Nothing published for 1890"),
        ({"years": []}, "at least one year"),
        ({"indicators": []}, "at least one indicator"),
    ],
)
def test_bad_input(bank, options, told):
    with pytest.raises(hyte.SourceError, match=told):
        fetch(bank, **options)


def test_what_is_no_share_is_no_proportion(bank):
    bank.values[0]["value"] = 130.0
    cells, indicators, _ = fetch(bank)
    assert indicators[["kind", "scale"]].to_numpy().tolist() == [["index", 1.0]]
    assert "Values lie outside 0–100" in indicators["notes"].iloc[0]
    hyte.tidy(cells, indicators)


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


class TestCommand:
    def run(self, bank, *words):
        return CliRunner().invoke(app, ["sotkanet", "--base-url", bank.base, *words])

    def test_cells_with_metadata_beside(self, bank, tmp_path):
        out = tmp_path / "new" / "FILE.parquet"
        words = ["--indicators", "127", "--years", "2009", "--areas", "kunta", "-o", str(out)]
        result = self.run(bank, *words)
        assert result.exit_code == 0, result.output
        cells = hyte.tidy(hyte.sources.read_table(out), hyte.sources.read_indicators(out))
        assert cells.set_index("area")["estimate"].to_dict() == {"KU285": 54824, "KU286": 88174, "KU091": 583350}
        assert (out.parent / "FILE.indicators.parquet").is_file()

    def test_ids_and_years_in_the_ways_people_write_them(self, bank, tmp_path):
        frames = []
        for ids in (["--indicators", "4408", "4409"], ["--indicators", "4408,4409"], ["4408", "4409"]):
            out = tmp_path / "cells.parquet"
            assert self.run(bank, *ids, "--years", "2022:2023", "-o", str(out)).exit_code == 0
            frames.append(pd.read_parquet(out))
        assert set(frames[0]["period"]) == {"2022", "2023"}
        for frame in frames[1:]:
            pd.testing.assert_frame_equal(frame, frames[0])

    def test_bad_usage(self, bank):
        assert self.run(bank, "4404").exit_code == 2
        assert isinstance(self.run(bank, "4404", "--years", "2024:2015").exception, hyte.SourceError)
        assert isinstance(self.run(bank, "4404", "--years", "all").exception, hyte.SourceError)

    def test_search(self, bank):
        result = CliRunner().invoke(app, ["search", "lihavien", "--base-url", bank.base])
        assert result.stdout == "4459\tLihavien osuus (kehon painoindeksi BMI ≥ 30 kg/m2) (%)\n"
