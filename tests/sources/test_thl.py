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

module = importlib.import_module("hyteanalysis.sources.thl")
CUBE = "ktk/ktk4/summary"
ROLES = {"area": "region", "period": "time", "indicator": "measure"}
BY = {"by": {"background": "disability"}, "groups": {"disability": {"Kyllä": "with", "Ei": "without"}}}


@pytest.fixture
def cubes(service, recorded, monkeypatch):
    """A cube as the service gives it; a bad query is 403."""
    monkeypatch.setattr(module, "SERVICE", replace(module.SERVICE, calls=10_000, timeout=0.5, longest=1.0, wait=0.01))
    service.hidden = {("287", "yes")}

    def facts(query, _):
        chosen = {}
        for row in query["row"]:
            name, _, sids = row.partition("-")
            chosen[name] = sids.strip(".").split(".")
        if not {"region", "time", "measure"} <= set(chosen):
            return 403, {}, "Forbidden"
        kinds = ["v", "ci_lower", "ci_upper", "n"]
        names, lists = [*chosen, "tiku_vtype"], [*chosen.values(), kinds]
        values = {}
        for i, cell in enumerate(product(*lists)):
            one = dict(zip(names, cell, strict=True))
            if (one["region"], one.get("background")) in service.hidden:
                continue
            estimate = (
                20 + len(one["region"]) + (10 if one.get("background") == "yes" else 0) + int(one["time"]) % 7 / 10
            )
            given = {"v": estimate, "ci_lower": estimate - 2.5, "ci_upper": estimate + 2.5, "n": 240}[one["tiku_vtype"]]
            values[str(i)] = f"{given:.1f}".replace(".", ",") if one["tiku_vtype"] != "n" else "240"
        dimension = {"id": names, "size": [len(one) for one in lists]}
        for name, sids in zip(names, lists, strict=True):
            dimension[name] = {"category": {"index": {sid: i for i, sid in enumerate(sids)}}}
        return json.dumps({"dataset": {"dimension": dimension, "value": values or []}})

    service.routes = {
        "/fi/ktk/ktk4/fact_summary.dimensions.json": lambda query, body: (
            200, {"Content-Type": "application/javascript"}, recorded("thl/dimensions.jsonp")
        ),
        "/fi/ktk/ktk4/fact_summary.json": facts,
        "/api/ktk.json": lambda query, body: '[{"subject": "ktk", "hydra": "ktk4", "cube": "summary"}]',
    }  # fmt: skip
    return service


def fetch(service, **options):
    return hyte.sources.thl(CUBE, **(ROLES | BY | {"base_url": service.url} | options))


def test_facts_become_cells_with_limits_and_respondents(cubes):
    cells, indicators, groups = fetch(cubes)
    hyte.tidy(cells, indicators)
    row = cells[(cells["area"] == "HVA10") & (cells["period"] == "2023") & (cells["group"] == "with")].iloc[0]
    estimate = 20 + 3 + 10 + 2023 % 7 / 10
    assert row[["estimate", "lower", "upper", "respondents"]].tolist() == pytest.approx(
        [estimate, estimate - 2.5, estimate + 2.5, 240]
    )
    assert set(cells["dimension"]) == {"total", "disability"}
    assert set(cells["area"]) == {"SSS", "HVA10", "HVA01", "KU285"}
    assert indicators["title_fi"].tolist() == ["Kokee itsensä yksinäiseksi"]
    assert groups.set_index("group")["label_fi"].to_dict() == {"with": "Kyllä", "without": "Ei"}


def test_a_cell_that_is_left_out_has_no_row_and_is_counted(cubes):
    cells, indicators, _ = fetch(cubes)
    assert indicators["notes"].tolist() == ["2 of 24 cells are not published."]
    assert len(cells) == 22
    cubes.hidden = {(sid, background) for sid in ("all", "235", "286", "287") for background in ("any", "yes", "no")}
    with pytest.raises(hyte.SourceError, match="nothing is published"):
        fetch(cubes, refresh=True)


def test_areas_and_periods_are_chosen(cubes):
    cells = fetch(cubes, areas=["hva"], periods=["2021"]).cells
    assert (set(cells["area"]), set(cells["period"])) == ({"HVA10", "HVA01"}, {"2021"})
    assert set(fetch(cubes, areas="KU285").cells["area"]) == {"KU285"}
    assert set(fetch(cubes, areas="maa").cells["area"]) == {"SSS"}


def test_dimensions_and_cubes(cubes):
    tree = hyte.sources.thl_dimensions(CUBE, base_url=cubes.url)
    assert tree.loc[tree["dimension"] == "background", "label"].tolist() == ["Kaikki", "Kyllä", "Ei"]
    assert hyte.sources.thl_cubes("ktk", base_url=cubes.url)["cube"].tolist() == ["summary"]


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
    cubes.routes["/fi/ktk/ktk4/fact_summary.dimensions.json"] = lambda query, body: "thl.pivot.loadDimensions({});"
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
