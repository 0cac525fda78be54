"""Official figures by one command, against a stand-in Sotkanet that answers the questions of the catalogue."""

import importlib
import json
from dataclasses import replace

import commands
import pandas as pd
import pytest

import hyteanalysis as hyte
from hyteanalysis.errors import SourceError
from hyteanalysis.sources.official import scope

sotkanet = importlib.import_module("hyteanalysis.sources.sotkanet")
eurostat = importlib.import_module("hyteanalysis.sources.eurostat")

THEME = "quality-of-life"
ASKED = [one for one in hyte.sources.questions([THEME]) if one.publishable]
KINDS = {"KU": "KUNTA", "HV": "HYVINVOINTIALUE", "SS": "MAA"}
CODES = ["SSS", "HVA10", "HVA01", "KU285", "KU286", "KU091"]


@pytest.fixture
def finland(service, monkeypatch):
    """Sotkanet of six areas and the questions of one theme; `service.shift` moves every value of an indicator."""
    quick = {"calls": 10_000, "timeout": 0.5, "longest": 1.0, "wait": 0.01, "attempts": 2}
    for module in (sotkanet, eurostat):
        monkeypatch.setattr(module, "SERVICE", replace(module.SERVICE, **quick))
    service.shift, service.gone, service.years = {}, set(), {2022, 2023}
    regions = [
        {
            "id": number, "code": "358" if code == "SSS" else code.lstrip("KUHVA"), "category": KINDS[code[:2]],
            "title": {"fi": code, "sv": code, "en": code}, "memberOf": [], "uri": "",
        }
        for number, code in enumerate(CODES, 1)
    ]  # fmt: skip
    listed = [
        {
            "id": int(one.table), "title": one.title, "organization": {"id": 2, "title": {"fi": "THL"}},
            "classifications": {"sex": {"values": ["male", "female", "total"]}, "region": {"values": ["Kunta"]}},
        }
        for one in ASKED
    ]  # fmt: skip

    def values(query, _):
        one = int(query["indicator"][0])
        if one in service.gone:
            return 404, {}, "<html>Not Found</html>"
        rows = [
            {
                "indicator": one, "region": number, "year": int(year), "gender": sex, "absValue": None,
                "value": 10 + number + len(sex) / 10 + service.shift.get(one, 0),
            }
            for year in query["years"] if int(year) in service.years
            for number in range(1, len(CODES) + 1) for sex in query["genders"]
        ]  # fmt: skip
        return json.dumps(rows)

    service.routes = {
        "/rest/1.1/regions": lambda query, body: json.dumps(regions),
        "/rest/1.1/indicators": lambda query, body: json.dumps(listed),
        "/rest/1.1/json": values,
    }
    service.base = service.url + "/rest/1.1/"
    return service


def command(finland, out, *more, years="2022:2023"):
    """`hyte official` of Kymenlaakso; there is no server of boundaries."""
    where = [f"sotkanet={finland.base}", f"eurostat={finland.url}", f"boundaries={finland.url}"]
    words = [word for one in where for word in ("--base-url", one)]
    return commands.run("official", "HVA10", "--themes", THEME, "--years", years, *words, "-o", out, *more)


def tables(out):
    return pd.read_csv(out.with_name(f"{out.name}.tables.csv")).set_index("indicator")


def changes(out):
    return pd.read_csv(out.with_name(f"{out.name}.changes.csv"))


def test_one_command_gives_an_approved_open_release_of_the_area_and_what_it_is_seen_beside(finland, tmp_path):
    out = tmp_path / "kymenlaakso"
    done = command(finland, out)
    assert done.returncode == 0, done.stderr
    made = hyte.Release.open(out)
    assert made.approved
    assert not made.synthetic
    assert set(made.cells["area"]) == {"SSS", "HVA10", "HVA01", "KU285", "KU286"}  # not Helsinki
    assert set(made.cells["indicator"]) == {one.id for one in ASKED}
    told = made.indicators.set_index("indicator")
    assert [bool(told.at[one.id, "favourable"]) for one in ASKED] == [one.favourable for one in ASKED]
    assert "Boundaries did not come" in done.stderr


def test_what_is_gone_is_named_and_does_not_stop_the_rest(finland, tmp_path):
    finland.gone = {int(ASKED[0].table)}
    done = command(finland, tmp_path / "out")
    assert done.returncode == 0, done.stderr
    told = tables(tmp_path / "out")
    assert told.at[ASKED[0].id, "state"] == "failed"
    assert "json" in told.at[ASKED[0].id, "why"] or "csv" in told.at[ASKED[0].id, "why"]
    assert set(told.drop(ASKED[0].id)["state"]) == {"new"}


def test_a_second_run_with_nothing_new_asks_for_nothing_and_writes_the_same_release(finland, tmp_path):
    out = tmp_path / "out"
    command(finland, out)
    before, asked = (out / "manifest.json").read_bytes(), len([one for one in finland.log if "/rest/1.1/json" in one])
    assert command(finland, out).returncode == 0
    assert (out / "manifest.json").read_bytes() == before
    assert len([one for one in finland.log if "/rest/1.1/json" in one]) == asked
    assert set(tables(out)["state"]) == {"same"}


def test_an_update_brings_a_revision_and_says_what_changed(finland, tmp_path):
    out = tmp_path / "out"
    command(finland, out)
    finland.shift = {int(ASKED[1].table): 0.5}
    command(finland, out, "--update")
    assert tables(out).at[ASKED[1].id, "state"] == "changed"
    found = changes(out)
    assert set(found["indicator"]) == {ASKED[1].id}
    assert set(found["change"]) == {"revised"}
    assert (found["after"] - found["before"]).round(9).eq(0.5).all()


def test_an_update_asks_for_each_thing_once(finland, tmp_path):
    out = tmp_path / "out"
    command(finland, out)
    for word in ("", "--update", "--update"):
        finland.log.clear()
        command(finland, out, *filter(None, [word]))
        lists = [one for one in finland.log if one.endswith(("/regions", "/indicators"))]
        assert len(lists) == len(set(lists)) == (2 if word else 0)
        assert len([one for one in finland.log if "/rest/1.1/json" in one]) == (len(ASKED) if word else 0)


@pytest.mark.parametrize(
    ("fault", "why"), [({"shift": 40}, "contradicts"), ({"years": {2022}}, None), ({"years": {2023}}, None)]
)
def test_an_answer_that_contradicts_or_lost_numbers_is_held_back(finland, tmp_path, fault, why):
    out = tmp_path / "out"
    command(finland, out)
    before = hyte.Release.open(out).cells
    if "shift" in fault:
        finland.shift = {int(ASKED[1].table): fault["shift"]}
    else:
        finland.years = fault["years"]
    assert command(finland, out, "--update").returncode == 0
    told = tables(out)
    assert told.at[ASKED[1].id, "state"] == "held"
    assert (why or "smaller") in told.at[ASKED[1].id, "why"]
    pd.testing.assert_frame_equal(hyte.Release.open(out).cells, before)


def test_earlier_years_that_are_not_asked_for_stay(finland, tmp_path):
    out = tmp_path / "out"
    command(finland, out)
    assert command(finland, out, years="2023").returncode == 0
    assert command(finland, out, "--update", years="2023:2023").returncode == 0
    assert set(hyte.Release.open(out).cells["period"]) == {"2022", "2023"}


def test_years_that_were_not_asked_for_before_are_new(finland, tmp_path):
    out, years = tmp_path / "out", {2021, 2022, 2023}
    command(finland, out)
    before = hyte.Release.open(out).cells["period"]
    finland.years = years
    assert command(finland, out, years="2021").returncode == 0
    assert set(before) == {"2022", "2023"}
    assert set(hyte.Release.open(out).cells["period"]) == {"2021", "2022", "2023"}
    assert set(changes(out)["change"]) == {"new"}
    assert set(changes(out)["period"].astype(str)) == {"2021"}


def test_a_run_broken_off_anywhere_goes_on_to_the_same_bytes(finland, tmp_path):
    command(finland, tmp_path / "whole")
    for after in (1, 3, 6):
        finland.mishaps = [None] * after + [lambda handler: handler.give(503, {}, "busy")] * 2
        command(finland, tmp_path / f"broken{after}", "--update")
        finland.mishaps = []
        command(finland, tmp_path / f"broken{after}")
        for file in ("cells.parquet", "indicators.parquet", "groups.parquet"):
            assert (tmp_path / f"broken{after}" / file).read_bytes() == (tmp_path / "whole" / file).read_bytes()


def test_an_area_that_is_none_is_refused_with_near_names(tmp_path):
    commands.refused(commands.run("official", "Kotkka", "-o", tmp_path / "out"), "Kotkka", "KU285 Kotka")
    assert not (tmp_path / "out").exists()


def test_a_service_that_is_none_is_refused(tmp_path):
    done = commands.run("official", "Kotka", "--base-url", "sotkanett=http://x", "-o", tmp_path / "out")
    commands.refused(done, "sotkanett", "Did you mean sotkanet")


def test_a_merged_municipality_means_its_heir():
    assert "KU507" in scope(["Pertunmaa"])


def test_no_area_is_refused():
    with pytest.raises(SourceError, match="at least one area"):
        scope([])
