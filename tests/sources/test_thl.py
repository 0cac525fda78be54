"""THL's cubes: dimensions out of JSONP, facts with limits and respondents, numbers written as text."""

import importlib
import json
import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

import hyteanalysis as hyte
from hyteanalysis.sources.http import Body

module = importlib.import_module("hyteanalysis.sources.thl")
CUBE = "ktk/ktk4/summary"
ROLES = {"area": "region", "period": "time", "indicator": "measure"}
BY = {"by": {"background": "disability"}, "groups": {"disability": {"Kyllä": "with", "Ei": "without"}}}


WHOLE, KYMENLAAKSO, KOTKA, ITA_UUSIMAA, DISTRICT = "1236830", "1236829", "1236831", "1236832", "1236840"


class Refused(Exception):
    """Any exception in the server, a bad query included, is a 403."""


def asked(row, tree):
    """Dimension and values of ``row=`` as the server takes it: lone values grow, seven digits and a dot are a list."""
    name, _, said = row.partition("-")
    if not re.fullmatch(r"[0-9.;L]+", said):
        raise Refused(row)
    if re.fullmatch(r"\d{7}\.", said):
        raise Refused(f"{row}: a packed list")
    if said.endswith("."):
        return name, said.strip(".").split(".")
    if said.endswith(";"):
        return name, [said[:-1]]
    children = tree.loc[(tree["dimension"] == name) & (tree["parent"] == said), "sid"]
    return name, [*children, said]


@pytest.fixture
def cubes(service, recorded, monkeypatch):
    """A cube as the service gives it."""
    monkeypatch.setattr(module, "SERVICE", replace(module.SERVICE, calls=10_000, timeout=0.5, longest=1.0, wait=0.01))
    service.hidden, service.queries = {(ITA_UUSIMAA, "701")}, []
    dimensions = recorded("thl/dimensions.jsonp")
    file = Path(__file__).resolve().parents[1] / "recorded" / "thl" / "dimensions.jsonp"
    tree = module._read_tree(Body(file, "application/javascript", 0.0), "fi")

    def facts(query, _):
        service.queries.append(query)
        try:
            chosen = dict(asked(row, tree) for row in query["row"])
        except Refused:
            return 403, {}, "Forbidden"
        if not {"region", "time", "measure"} <= set(chosen):
            return 403, {}, "Forbidden"
        kinds = ["v", "ci_lower", "ci_upper", "n"]
        names, lists = [*chosen, "tiku_vtype"], [*chosen.values(), kinds]
        values = {}
        for i, cell in enumerate(product(*lists)):
            one = dict(zip(names, cell, strict=True))
            if (one["region"], one.get("background")) in service.hidden or one["region"] == DISTRICT:
                continue
            estimate = level(one["region"], one.get("background"), one["time"])
            given = {"v": estimate, "ci_lower": estimate - 2.5, "ci_upper": estimate + 2.5, "n": 240}[one["tiku_vtype"]]
            values[str(i)] = f"{given:.1f}".replace(".", ",") if one["tiku_vtype"] != "n" else "240"
        dimension = {"id": names, "size": [len(one) for one in lists]}
        for name, sids in zip(names, lists, strict=True):
            dimension[name] = {"category": {"index": {sid: i for i, sid in enumerate(sids)}}}
        return json.dumps({"dataset": {"dimension": dimension, "value": values or []}})

    service.routes = {
        "/fi/ktk/ktk4/fact_summary.dimensions.json": lambda query, body: (
            200, {"Content-Type": "application/javascript"}, dimensions
        ),
        "/fi/ktk/ktk4/fact_summary.json": facts,
        "/api/ktk.json": lambda query, body: recorded("thl/list.json"),
    }  # fmt: skip
    return service


def level(region, background, year):
    """The number of a cell."""
    return 20 + int(region) % 10 + (10 if background == "701" else 0) + int(year) % 7 / 10


def fetch(service, **options):
    return hyte.sources.thl(CUBE, **(ROLES | BY | {"base_url": service.url} | options))


def test_facts_become_cells_with_limits_and_respondents(cubes):
    cells, indicators, groups = fetch(cubes)
    hyte.tidy(cells, indicators)
    row = cells[(cells["area"] == "HVA10") & (cells["period"] == "2023") & (cells["group"] == "with")].iloc[0]
    estimate = level(KYMENLAAKSO, "701", "523")
    assert row[["estimate", "lower", "upper", "respondents"]].tolist() == pytest.approx(
        [estimate, estimate - 2.5, estimate + 2.5, 240]
    )
    assert set(cells["dimension"]) == {"total", "disability"}
    assert set(cells["area"]) == {"SSS", "HVA10", "HVA01", "KU285"}
    assert indicators["title_fi"].tolist() == ["Kokee itsensä yksinäiseksi"]
    assert groups.set_index("group")["label_fi"].to_dict() == {"with": "Kyllä", "without": "Ei"}


def test_a_cell_that_is_left_out_has_no_row_and_is_counted(cubes):
    cells, indicators, _ = fetch(cubes)
    assert indicators["notes"].tolist() == ["8 of 30 cells are not published."]  # none of the hospital district
    assert len(cells) == 22
    areas = (WHOLE, KYMENLAAKSO, KOTKA, ITA_UUSIMAA)
    cubes.hidden = {(sid, background) for sid in areas for background in ("700", "701", "702")}
    with pytest.raises(hyte.SourceError, match="nothing is published"):
        fetch(cubes, refresh=True)


def test_areas_and_periods_are_chosen(cubes):
    cells = fetch(cubes, areas=["hva"], periods=["2021"]).cells
    assert (set(cells["area"]), set(cells["period"])) == ({"HVA10", "HVA01"}, {"2021"})
    assert set(fetch(cubes, areas="KU285").cells["area"]) == {"KU285"}
    assert set(fetch(cubes, areas="maa").cells["area"]) == {"SSS"}


def test_dimensions_and_cubes(cubes):
    tree = hyte.sources.thl_dimensions(CUBE, base_url=cubes.url)
    background = tree[tree["dimension"] == "background"]
    assert background["label"].tolist() == ["Kaikki", "Kyllä", "Ei"]
    assert background["depth"].tolist() == [0, 1, 1]
    assert tree["sid"].str.isdigit().all()
    listed = hyte.sources.thl_cubes("ktk", base_url=cubes.url)
    assert listed["cube"].tolist() == ["ktk/ktk4", "ktk/ktk4/summary"]
    assert listed["label"].tolist() == ["Kouluterveyskysely", "Yhteenveto"]
    cubes.routes["/api/ktk.json"] = lambda query, body: '{"class": "error"}'
    with pytest.raises(hyte.SourceError, match="no collection of links"):
        hyte.sources.thl_cubes("ktk", base_url=cubes.url, refresh=True)


def test_one_value_is_asked_for_as_one(cubes):
    cells = fetch(cubes, areas="KU285", periods=["2023"], where={"functional": "Toimintarajoite"}).cells
    rows = cubes.queries[-1]["row"]
    assert {f"region-{KOTKA};", "time-523;", "measure-9001;", "functional-711;"} <= set(rows)
    assert not cells.duplicated(["indicator", "area", "period", "dimension", "group"]).any()
    whole = fetch(cubes, areas="maa", where={"functional": "Kaikki"}).cells
    assert "functional-710;" in cubes.queries[-1]["row"]
    assert len(whole) == 2 * 3
    county = fetch(cubes, areas="HVA10").cells
    assert set(county["area"]) == {"HVA10"}
    assert f"region-{KYMENLAAKSO};" in cubes.queries[-1]["row"]


def test_what_comes_beside_the_values_asked_for_is_no_row(cubes, monkeypatch):
    monkeypatch.setattr(module, "_query", lambda chosen, part, query=module._query: [
        (key, value.replace(";", "")) for key, value in query(chosen, part)
    ])  # fmt: skip
    cells = fetch(cubes, areas="maa").cells
    assert set(cells["area"]) == {"SSS"}
    assert len(cells) == 2 * 3


@pytest.mark.parametrize(
    ("stage", "code", "label", "parent", "area"),
    [
        ("municipality", "285", "Kotka", "HVA10", "KU285"),
        ("kunta", "285", "Kotka", "HVA10", "KU285"),
        ("kaupunki", "285", "Kotka", "HVA10", "KU285"),
        ("area3", "285", "Kotkan kaupunki", "HVA10", "KU285"),
        ("region", "10", "Kymenlaakson hyvinvointialue", "SSS", "HVA10"),
        ("wellbeing", "10", "Kymenlaakson hyvinvointialue", "SSS", "HVA10"),
        ("maakunta", "08", "Kymenlaakso", "SSS", "MK08"),
        ("healthcaredistrict", "8", "Kymenlaakson SHP", "SSS", "sairaanhoitopiiri-8"),
    ],
)
def test_areas_are_known_by_code_name_stage_and_what_lies_above(stage, code, label, parent, area):
    above = {"SSS": ("root", "", "Koko maa", 0), "HVA10": ("x", "10", "Kymenlaakson hyvinvointialue", 1)}
    rows = [("1", None, *above["SSS"])] + ([("2", "1", *above["HVA10"])] if parent == "HVA10" else [])
    rows.append(("3", rows[-1][0], stage, code, label, len(rows)))
    tree = pd.DataFrame(rows, columns=["sid", "parent", "stage", "code", "label", "depth"]).assign(dimension="region")
    assert module._places(tree, "region")["3"] == area


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"by": {"backgruond": "disability"}}, "Did you mean background"),
        ({"area": "alue"}, "area must be one of"),
        ({"areas": "Kotkka"}, "Near: KU285 Kotka"),
        ({"periods": ["1999"]}, "a value of 'time' must be one of"),
        ({"where": {"background": "Kyl"}}, "a value of 'background'"),
        ({"kind": "share"}, "kind must be one of"),
    ],
)
def test_bad_input(cubes, options, told):
    with pytest.raises(hyte.SourceError, match=told):
        fetch(cubes, **options)


def test_another_form_is_said(cubes, mishap):
    path = "/fi/ktk/ktk4/fact_summary.dimensions.json"
    lettered = [{"id": "region", "children": [{"id": 1, "sid": "all", "label": "Koko maa", "stage": "root"}]}]
    cubes.routes[path] = lambda query, body: f"thl.pivot.loadDimensions({json.dumps(lettered)});"
    with pytest.raises(hyte.SourceError, match="has no number to be asked by"):
        fetch(cubes)
    cubes.routes[path] = lambda query, body: "thl.pivot.loadDimensions({});"
    with pytest.raises(hyte.SourceError, match=r"fact_summary.dimensions.json: expected dimensions of a cube; got"):
        fetch(cubes)
    with pytest.raises(hyte.SourceError, match="subject/hydra/cube"):
        hyte.sources.thl("ktk", **ROLES, base_url=cubes.url)


def test_the_command(cubes, tmp_path):
    from typer.testing import CliRunner

    from hyteanalysis.cli.fetching import app

    out = tmp_path / "facts.csv"
    words = ["thl", CUBE, "--indicator", "measure", "--by", "background=disability", "--areas", "hva", "-o", str(out)]
    result = CliRunner().invoke(app, [*words, "--base-url", cubes.url])
    assert result.exit_code == 0, result.output
    cells = hyte.tidy(hyte.sources.read_table(out), hyte.sources.read_indicators(out))
    assert set(cells["area"]) == {"HVA10", "HVA01"}
    assert cells["respondents"].notna().all()
    shown = CliRunner().invoke(app, ["thl", CUBE, "--base-url", cubes.url])
    assert "Kymenlaakson hyvinvointialue" in shown.output


def test_the_school_health_recipe(cubes, tmp_path, monkeypatch):
    text = (Path(__file__).resolve().parents[2] / "docs" / "recipes.md").read_text(encoding="utf-8")
    code = re.search(r"<!-- recipe: school-health -->\n```python\n(.*?)```", text, re.DOTALL)[1]
    monkeypatch.setattr(module, "SERVICE", replace(module.SERVICE, base_url=cubes.url))
    monkeypatch.chdir(tmp_path)
    exec(code, {"hyte": hyte, "pd": pd})
    indicators = hyte.sources.read_indicators("cells.csv")
    cells = hyte.tidy(hyte.sources.read_table("cells.csv"), indicators)
    assert set(cells["dimension"]) == {"total", "disability", "background", "placed_in_care", "gender_identity"}
    gaps = hyte.disparity(cells[cells["dimension"] == "disability"], ["D"], indicators=indicators)
    assert gaps["lower"].notna().all()
    assert set(hyte.sources.read_groups("cells.csv")["group"]) >= {"with", "foreign", "Sijoitettu kodin ulkopuolelle"}
