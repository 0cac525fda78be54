"""PxWeb: variables found from metadata before and after they were renamed, queries split, markers told apart."""

import importlib
import json
from dataclasses import replace
from itertools import product

import pytest

import hyteanalysis as hyte
from hyteanalysis.sources.http import Answer
from hyteanalysis.sources.pxweb import area_code, chosen_areas, group_of, read_table, split

module = importlib.import_module("hyteanalysis.sources.pxweb")


def number(cell):
    """A number that the cell's codes decide: people add up over sex and age."""
    area, year, sex, age, _ = cell
    base = {"SSS": 9000, "MK08": 900, "KU285": 300, "KU286": 500, "KU091": 5000}[area] + int(year) - 2022
    share = {"SSS": 1, "0-17": 0.2, "18-64": 0.5, "65-": 0.3}[age]
    return round(base * share * {"SSS": 1, "1": 0.4, "2": 0.6}[sex], 3)


@pytest.fixture(params=["before", "after"])
def statfin(request, service, recorded, monkeypatch):
    """The service with its table's names before and after June 2026."""
    monkeypatch.setattr(module, "SERVICE", replace(module.SERVICE, calls=10_000, timeout=0.5, longest=1.0, wait=0.01))
    meta = json.loads(recorded(f"pxweb/table_{request.param}.json"))
    order = [variable["code"] for variable in meta["variables"]]
    service.queries, service.marks = [], {}

    def answer(query, body):
        if body is None:
            return json.dumps(meta)
        service.queries.append(body)
        chosen = {one["code"]: one["selection"]["values"] for one in body["query"]}
        cells = list(product(*(chosen[code] for code in order)))
        if len(cells) > 40:
            return 403, {}, "Too many values selected"
        marked = [service.marks.get(cell[0]) for cell in cells]
        return json.dumps(
            {
                "class": "dataset",
                "id": order,
                "size": [len(chosen[code]) for code in order],
                "dimension": {code: {"category": {"index": chosen[code]}} for code in order},
                "value": [None if mark else number(cell) for cell, mark in zip(cells, marked, strict=True)],
                "status": {str(i): mark for i, mark in enumerate(marked) if mark},
            }
        )

    name = {"before": "statfin_vaerak_pxt_11re", "after": "11re"}[request.param]
    service.routes = {
        f"/fi/StatFin/vaerak/{name}.px": answer,
        "/fi/StatFin/vaerak": lambda query, body: recorded("pxweb/folder.json"),
        "/fi/": lambda query, body: recorded("pxweb/config.json"),
    }
    for other in {"statfin_vaerak_pxt_11re", "11re"} - {name}:
        service.routes[f"/fi/StatFin/vaerak/{other}.px"] = lambda query, body: (400, {}, "Bad Request")
    return service


def fetch(service, table="vaerak/11re", **options):
    return hyte.sources.statfin(table, **({"base_url": service.url} | options))


@pytest.mark.parametrize("name", ["vaerak/11re", "vaerak/11re.px", "vaerak/statfin_vaerak_pxt_11re.px"])
def test_a_table_is_found_by_either_name_and_split_under_the_limit(statfin, name):
    cells, indicators, groups = fetch(statfin, name, by=["sex", "age"])
    hyte.tidy(cells, indicators)
    assert len(cells) == 5 * 3 * 3 * 4
    assert len(statfin.queries) > 1
    assert set(cells["dimension"]) == {"total", "sex", "age", "age × sex"}
    assert indicators[["indicator", "kind"]].to_numpy().tolist() == [["statfin-11re-vaesto", "count"]]
    row = cells[(cells["area"] == "KU286") & (cells["period"] == "2024") & (cells["group"] == "65+ × women")]
    assert row["estimate"].tolist() == row["events"].tolist() == [number(("KU286", "2024", "2", "65-", ""))]
    sexes = cells[(cells["dimension"] == "sex") & (cells["area"] == "SSS")].groupby("period")["events"].sum()
    total = cells[(cells["dimension"] == "total") & (cells["area"] == "SSS")].set_index("period")["events"]
    assert sexes.to_dict() == pytest.approx(total.to_dict())
    assert groups.set_index(["dimension", "group"]).at[("sex", "women"), "label_sv"] == "kvinnor"


def test_areas_years_and_a_fixed_value(statfin):
    cells = fetch(statfin, areas=["kunta", "SSS"], years=range(2023, 2025), where={"Sukupuoli": "Naiset"}).cells
    assert set(cells["area"]) == {"SSS", "KU285", "KU286", "KU091"}
    assert set(cells["period"]) == {"2023", "2024"}
    assert set(cells["dimension"]) == {"total"}
    assert cells.loc[0, "estimate"] == number((cells.loc[0, "area"], cells.loc[0, "period"], "2", "SSS", ""))


def test_markers_become_status(statfin):
    statfin.marks = {"KU285": "...", "KU286": "..", "KU091": "-"}
    cells, indicators, _ = fetch(statfin, areas="kunta", years=2024)
    hyte.tidy(cells, indicators)
    assert cells.set_index("area")["status"].to_dict() == {"KU285": "suppressed", "KU286": "missing", "KU091": "ok"}
    assert cells.set_index("area").at["KU091", "estimate"] == 0


def test_asked_again_nothing_is_asked(statfin):
    first = fetch(statfin, by="sex")
    count = len(statfin.log)
    second = fetch(statfin, by="sex")
    assert len(statfin.log) == count
    assert first.cells.equals(second.cells)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"table": "vaerak/11rx"}, "has no table '11rx'. Near: 11r"),
        ({"areas": "Kotkka"}, "Near: KU285 Kotka"),
        ({"years": 1950}, "the table has no 1950: it reaches from 2022 to 2024"),
        ({"by": "Siviilisääty"}, "must be one of Sukupuoli, Ikä; not 'Siviilisääty'"),
        ({"where": {"sex": "Naisett"}}, "Did you mean Naiset"),
        ({"contents": "vaestö"}, "Did you mean"),
    ],
)
def test_bad_input(statfin, options, told):
    with pytest.raises(hyte.SourceError, match=told):
        fetch(statfin, **options)


def test_a_variable_without_total_must_be_chosen(statfin):
    path = next(
        path for path in statfin.routes if path.endswith("11re.px") and statfin.routes[path]({}, None)[0] != 400
    )
    meta = json.loads(statfin.routes[path]({}, None))
    for variable in meta["variables"]:
        if variable["text"] == "Ikä":
            variable["values"], variable["valueTexts"] = variable["values"][1:], variable["valueTexts"][1:]
    statfin.routes[path] = lambda query, body: json.dumps(meta)
    with pytest.raises(hyte.SourceError, match="'Ikä' has no total: take it with by="):
        fetch(statfin)


def test_renamed_area_variable_without_area_codes_is_said(statfin):
    meta = {
        "title": "x",
        "variables": [
            {"code": "vuosi", "text": "Vuosi", "values": ["2024"]},
            {"code": "z", "text": "Z", "values": ["1"]},
        ],
    }
    for path in [path for path in statfin.routes if path.endswith(".px")]:
        statfin.routes[path] = lambda query, body: json.dumps(meta)
    with pytest.raises(hyte.SourceError, match=r"11re.px: .*no variable of the table is its area. It has: Vuosi"):
        fetch(statfin)


def test_the_real_metadata_of_key_figures(shared):
    table = read_table(Answer(shared("data/statfin/pxweb_v1_table_metadata_kuntien_avainluvut.json"), "", 0.0))
    assert (table.area.text, table.time.code, table.contents.code) == ("Alue 2017", "Vuosi", "Tiedot")
    assert table.others == ()
    towns = {area_code(code, table.area) for code in chosen_areas(table, "kunta")}
    assert towns == set(hyte.areas.reference(2017).query("level == 'municipality'")["area"])
    parts = split(
        {"a": chosen_areas(table, None), "t": list(table.contents.values), "y": list(table.time.values)}, 9_000
    )
    cells = [len(part["a"]) * len(part["t"]) * len(part["y"]) for part in parts]
    assert max(cells) <= 9_000
    assert sum(cells) == 401 * 31 * 30


@pytest.mark.parametrize(
    ("dimension", "code", "text", "expected"),
    [
        ("sex", "1", "Males", "men"),
        ("sex", "K", "Kvinnor", "women"),
        ("age", "015", "15 - 19", "15-19"),
        ("age", "85-", "85 vuotta täyttäneet", "85+"),
        ("age", "100-", "100 -", "100+"),
        ("age", "7", "7", "7"),
        ("language", "FI", "suomi", "fi"),
        ("siviilisaaty", "2", "Naimisissa", "2"),
    ],
)
def test_groups_get_the_common_ids(dimension, code, text, expected):
    assert group_of(dimension, code, text) == expected


def test_the_command(statfin, tmp_path):
    from typer.testing import CliRunner

    from hyteanalysis.cli.fetching import app

    out = tmp_path / "people.parquet"
    words = ["statfin", "vaerak/11re", "--by", "sex", "--areas", "kunta", "--years", "2024", "--where", "Ikä=65 -"]
    result = CliRunner().invoke(app, [*words, "--base-url", statfin.url, "-o", str(out)])
    assert result.exit_code == 0, result.output
    cells = hyte.tidy(hyte.sources.read_table(out), hyte.sources.read_indicators(out))
    kotka = cells[(cells["area"] == "KU285") & (cells["group"] == "men")]
    assert kotka["events"].tolist() == [number(("KU285", "2024", "1", "65-", ""))]
