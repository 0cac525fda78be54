"""The same cells whatever the service does; nothing is asked for twice."""

import json

import pandas as pd
import pytest
from sotkanet_answers import EDUCATION, fetch

import hyteanalysis as hyte


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


def test_a_description_at_which_the_service_fails_does_not_end_the_fetch(bank):
    whole = fetch(bank)
    bank.routes["/rest/1.1/indicators/4404"] = lambda query, body: (500, {}, "Internal Server Error")
    cells, indicators, _ = fetch(bank, refresh=True)
    pd.testing.assert_frame_equal(cells, whole.cells)
    assert indicators["notes"].str.contains("the service failed at them").all()
    bank.routes["/rest/1.1/json"] = lambda query, body: (500, {}, "Internal Server Error")
    with pytest.raises(hyte.SourceError, match="HTTP 500"):
        fetch(bank, refresh=True)


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
