"""The command, as installed, against a server that gives the real service's recorded answers; and the way on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import hyteanalysis as hyte


@pytest.fixture
def bank(service, shared):
    """Regions and indicators as the service listed them in 2016, the population of 2009 as it gave it."""
    service.routes["/rest/1.1/regions"] = lambda *_: shared("data/sotkanet/regions_2016.json").read_bytes()
    service.routes["/rest/1.1/indicators"] = lambda *_: shared("data/sotkanet/indicators_2016.json").read_bytes()
    table = pd.read_csv(shared("data/sotkanet/data_127_2009_total.csv"), sep=";")
    table = table.rename(columns={"primary value": "value", "absolute value": "absValue"})

    def values(query, _):
        asked = table["indicator"].astype(str).isin(query["indicator"]) & table["year"].astype(str).isin(query["years"])
        return table[asked & table["gender"].isin(query["genders"])].to_json(orient="records")

    service.routes["/rest/1.1/json"] = values
    service.table = table
    return service


def hyte_command(tmp_path, *words):
    """`hyte` in a process of its own, with a data folder of its own."""
    program = Path(sys.executable).with_name("hyte")
    env = os.environ | {"HYTE_DATA": str(tmp_path / "data")}
    return subprocess.run([program, *map(str, words)], cwd=tmp_path, env=env, capture_output=True, text=True)


def test_fetch_from_the_recorded_server(bank, tmp_path):
    out = tmp_path / "population.parquet"
    words = ["fetch", "sotkanet", "--base-url", bank.url, "--indicators", 127, "--years", 2009, "-o", out]
    done = hyte_command(tmp_path, *words, "--areas", "kunta", "--areas", "maa")
    assert done.returncode == 0, done.stderr
    cells = hyte.tidy(hyte.sources.read_table(out), hyte.sources.read_indicators(out))
    regions = {one["id"]: one for one in json.loads(bank.routes["/rest/1.1/regions"]())}
    towns = {
        f"KU{regions[row.region]['code']}": row.value
        for row in bank.table.itertuples()
        if regions.get(row.region, {}).get("category") == "KUNTA"
    }
    found = cells.set_index("area")["estimate"].to_dict()
    assert {area: found[area] for area in towns} == towns
    assert set(found) - set(towns) == {"SSS"}
    count = len(bank.log)
    before = out.read_bytes()
    assert hyte_command(tmp_path, *words, "--areas", "kunta", "--areas", "maa").returncode == 0
    assert len(bank.log) == count  # everything was kept
    assert out.read_bytes() == before
