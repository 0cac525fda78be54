"""Eurostat: tables by group of Finland beside the Union, with its marks of unreliable and confidential numbers."""

import importlib
import json
from dataclasses import replace
from itertools import product

import pytest

import hyteanalysis as hyte

module = importlib.import_module("hyteanalysis.sources.eurostat")
TABLE = {
    "freq": {"A": "Annual"},
    "isced11": {
        "TOTAL": "All ISCED 2011 levels",
        "ED0-2": "Low",
        "ED3_4": "Mid",
        "ED5-8": "High",
        "ED3-8": "Mid to high",
    },
    "reason": {"TOOEFW": "Too expensive or far or waiting list", "TOOEXP": "Too expensive"},
    "lev_limit": {"TOTAL": "Total", "NONE": "None", "SM_SEV": "Some or severe", "SOME": "Some", "SEV": "Severe"},
    "age": {"Y_GE16": "16 years or over", "Y16-64": "From 16 to 64 years", "Y_GE65": "65 years or over"},
    "sex": {"T": "Total", "M": "Males", "F": "Females"},
    "unit": {"PC": "Percentage"},
    "geo": {"FI": "Finland", "EU27_2020": "European Union", "SE": "Sweden"},
    "time": {"2022": "2022", "2023": "2023"},
}


def number(cell):
    """Worse with less education, and in the Union than in Finland."""
    one = dict(zip(TABLE, cell, strict=True))
    level = {"TOTAL": 6, "ED0-2": 9, "ED3_4": 6, "ED5-8": 4, "ED3-8": 5}[one["isced11"]]
    return level + (0.5 if one["geo"] != "FI" else 0) + int(one["time"]) % 10 / 10


@pytest.fixture
def statistics(service, monkeypatch):
    """The service as it answers: filters by repeated parameters, leaves empty cells out, 400 to unknown codes."""
    monkeypatch.setattr(module, "SERVICE", replace(module.SERVICE, calls=10_000, timeout=0.5, longest=1.0, wait=0.01))
    service.flags = {}

    def answer(query, _):
        chosen = {}
        for name, values in TABLE.items():
            wanted = query.get(name)
            if wanted and not set(wanted) <= set(values):
                return 400, {}, json.dumps({"error": [{"status": 400, "label": "Invalid value"}]})
            chosen[name] = [code for code in values if wanted is None or code in wanted]
        cells = list(product(*chosen.values()))
        marks = {str(i): mark for i, cell in enumerate(cells) if (mark := service.flags.get((cell[1], cell[8])))}
        values = {str(i): number(cell) for i, cell in enumerate(cells) if marks.get(str(i)) not in ("c", ":")}
        dimension = {
            name: {"label": name, "category": {
                "index": {code: i for i, code in enumerate(codes)},
                "label": {code: TABLE[name][code] for code in codes},
            }} for name, codes in chosen.items()
        }  # fmt: skip
        table = {"version": "2.0", "class": "dataset", "label": "Unmet need", "updated": "2026-05-12T23:00:00+0200"}
        table |= {"value": values, "status": marks, "id": list(chosen), "size": [len(one) for one in chosen.values()]}
        return json.dumps(table | {"dimension": dimension})

    service.routes = {"/data/hlth_silc_14": answer}
    return service


def fetch(service, **options):
    given = {"by": "education", "where": {"reason": "TOOEFW"}, "base_url": service.url} | options
    return hyte.sources.eurostat("hlth_silc_14", **given)


def test_groups_of_finland_stand_beside_the_union(statistics):
    cells, indicators, groups = fetch(statistics)
    hyte.tidy(cells, indicators)
    assert set(cells["area"]) == {"SSS", "EU27_2020"}
    newest = cells[(cells["area"] == "SSS") & (cells["period"] == "2023")].set_index("group")
    assert newest["estimate"].to_dict() == {"low": 9.3, "mid": 6.3, "high": 4.3, "total": 6.3}
    assert newest["order"].fillna(0).to_dict() == {"low": 1, "mid": 2, "high": 3, "total": 0}
    assert indicators[["kind", "scale", "unit", "updated"]].to_numpy().tolist() == [
        ["proportion", 100.0, "%", "2026-05-12"]
    ]
    assert "Mid to high (ED3-8)" in indicators["notes"].iloc[0]
    assert groups.set_index("group").at["low", "label_fi"] == "matala koulutus"
    gaps = hyte.disparity(cells[cells["dimension"] == "education"], ["D"], indicators=indicators)
    assert gaps["estimate"].round(1).tolist() == [5.0] * 4


def test_parts_of_a_group_are_no_groups_of_their_own(statistics):
    cells, indicators, _ = fetch(statistics, by="disability", geo="FI")
    assert set(cells["group"]) == {"with", "without", "total"}
    assert "Some (SOME), Severe (SEV)" in indicators["notes"].iloc[0]
    ages = fetch(statistics, by=["age", "sex"], geo="FI", years=2023).cells
    assert set(ages["dimension"]) == {"total", "age", "sex", "age × sex"}
    assert set(ages.loc[ages["dimension"] == "age", "group"]) == {"16-64", "65+"}


def test_marks_become_status(statistics):
    statistics.flags = {("ED0-2", "2023"): "u", ("ED3_4", "2023"): "c", ("ED5-8", "2023"): ":", ("TOTAL", "2022"): "b"}
    cells, indicators, _ = fetch(statistics, geo="FI")
    hyte.tidy(cells, indicators)
    newest = cells[cells["period"] == "2023"].set_index("group")
    assert newest["status"].to_dict() == {"low": "uncertain", "mid": "suppressed", "high": "missing", "total": "ok"}
    assert newest.loc[["mid", "high"], "estimate"].isna().all()
    assert "Break in the series: 2022." in indicators["notes"].iloc[0]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"by": "educaton"}, "Did you mean education"),
        ({"where": {}}, "'reason' has no total: take it with by="),
        ({"where": {"reason": "TOOEFX"}}, "Check the table's code 'hlth_silc_14'"),
        ({"geo": "XX"}, "Check the table's code"),
        ({"years": 1990}, "the table has no 1990: it reaches from 2022 to 2023"),
    ],
)
def test_bad_input(statistics, options, told):
    with pytest.raises(hyte.SourceError, match=told):
        fetch(statistics, **options)


@pytest.mark.parametrize("name", ["silent", "drip", "cut", "dead", "html"])
def test_the_same_cells_through_every_mishap(statistics, mishap, name):
    clean = fetch(statistics)
    one = {"silent": lambda: mishap["silent"](0.7), "html": lambda: mishap["says"]("<html>", "text/html")}
    statistics.mishaps = [one[name]() if name in one else mishap[name]]
    assert fetch(statistics, refresh=True).cells.equals(clean.cells)


def test_a_table_that_the_service_makes_later_is_said(statistics):
    statistics.routes["/data/hlth_silc_14"] = lambda query, body: json.dumps(
        {"warning": {"status": 413, "label": "ASYNC"}}
    )
    with pytest.raises(hyte.SourceError, match="ask for less"):
        fetch(statistics)


def test_the_command(statistics, tmp_path):
    from typer.testing import CliRunner

    from hyteanalysis.cli.fetching import app

    out = tmp_path / "unmet.csv"
    words = ["eurostat", "hlth_silc_14", "--by", "education", "--where", "reason=TOOEFW", "-o", str(out)]
    result = CliRunner().invoke(app, [*words, "--base-url", statistics.url])
    assert result.exit_code == 0, result.output
    cells = hyte.tidy(hyte.sources.read_table(out), hyte.sources.read_indicators(out))
    assert set(cells["area"]) == {"SSS", "EU27_2020"}
