"""PxWeb: variables found from metadata before and after they were renamed, queries split, markers told apart."""

import importlib
import json
import time
from dataclasses import replace
from itertools import product

import pytest

import hyteanalysis as hyte
from hyteanalysis.sources.http import Body
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


def table(*variables):
    """Metadata of a table: code, text, values and their texts."""
    rows = [
        {"code": code, "text": text, "values": list(values), "valueTexts": list(values.values())}
        for code, text, values in variables
    ]
    return {"title": "x", "variables": rows}


YEARS = ("timeperiod_y", "Vuosi", {"2023": "2023", "2024": "2024"})


def serve(service, path, meta, *, most=120_000, calls=40, window=60.0):
    """A table as PxWeb gives it: so many cells at once (else 403), so many calls in a window (else 429)."""
    order = [one["code"] for one in meta["variables"]]
    times, service.sizes, service.refused = [], [], 0

    def answer(query, body):
        now = time.monotonic()
        times[:] = [one for one in times if one > now - window]
        if len(times) >= calls:
            service.refused += 1
            return 429, {}, "Too many requests"
        times.append(now)
        if body is None:
            return json.dumps(meta)
        chosen = {one["code"]: one["selection"]["values"] for one in body["query"]}
        assert set(chosen) == set(order)
        size = [len(chosen[code]) for code in order]
        count = 1
        for one in size:
            count *= one
        service.sizes.append(count)
        if count > most:
            return 403, {}, "Too many values selected"
        dimension = {code: {"category": {"index": chosen[code]}} for code in order}
        given = {"class": "dataset", "id": order, "size": size, "dimension": dimension}
        return json.dumps(given | {"value": list(range(1, count + 1))})

    limits = {"maxCells": most, "maxCalls": calls, "timeWindow": window}
    service.routes = {path: answer, "/fi/": lambda query, body: json.dumps(limits)}


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(module, "SERVICE", replace(module.SERVICE, calls=10_000, timeout=0.5, longest=5.0, wait=0.01))


def test_a_table_without_areas_is_of_the_whole_country(service, quick):
    deciles = ("tulokymmenykset", "Tulokymmenykset", {"SSS": "Yhteensä", "1": "I", "2": "II"})
    serve(service, "/fi/StatFin/tjt/128c.px", table(YEARS, deciles))
    cells, indicators, _ = fetch(service, "tjt/128c", by="Tulokymmenykset", areas="maa")
    hyte.tidy(cells, indicators)
    assert set(cells["area"]) == {"SSS"}
    assert len(cells) == 6
    assert indicators["notes"].str.contains("taken as the whole country").all()
    with pytest.raises(hyte.SourceError, match="of the whole country alone, it has no area 'kunta'"):
        fetch(service, "tjt/128c", by="Tulokymmenykset", areas="kunta")


def test_a_table_without_time_is_refused(service, quick):
    serve(service, "/fi/StatFin/x/1a.px", table(("z", "Z", {"1": "1"})))
    with pytest.raises(hyte.SourceError, match=r"no variable of the table is its time. It has: Z"):
        fetch(service, "x/1a")


def test_areas_of_elections_are_municipalities_within_constituencies(service, quick):
    areas = {"SSS": "Koko maa", "010000": "Helsingin vaalipiiri", "010091": "Helsinki", "080285": "Kotka"}
    sexes = ("sukupuoli", "Sukupuoli", {"SSS": "Yhteensä", "1": "Miehet", "2": "Naiset"})
    turnout = ("contentscode", "Tiedot", {"aanestysprosentti": "Äänestysprosentti (%)"})
    serve(service, "/fi/StatFin/kvaa/13sw.px", table(("kunta_109_20230101", "Alue", areas), YEARS, sexes, turnout))
    cells, indicators, _ = fetch(service, "kvaa/13sw", by="sex", years=2024)
    hyte.tidy(cells, indicators)
    assert set(cells["area"]) == {"SSS", "constituency-01", "KU091", "KU285"}
    assert set(fetch(service, "kvaa/13sw", by="sex", areas="kunta", years=2024).cells["area"]) == {"KU091", "KU285"}


def test_a_table_of_the_archive_is_found_by_its_short_name(service, quick):
    areas = ("alue", "Alue", {"SSS": "KOKO MAA", "KU285": "Kotka"})
    serve(service, "/fi/StatFin_Passiivi/asas/statfinpas_asas_pxt_115y_2024.px", table(areas, YEARS))
    listed = [
        {"id": f"statfinpas_asas_pxt_{one}.px", "type": "t", "text": one}
        for one in ("115y_2022", "115y_2024", "115x_2024")
    ]
    service.routes["/fi/StatFin_Passiivi/asas"] = lambda query, body: json.dumps(listed)
    cells, indicators, _ = fetch(service, "asas/115y", database="StatFin_Passiivi")
    assert set(cells["area"]) == {"SSS", "KU285"}
    assert indicators["indicator"].tolist() == ["statfin-115y_2024"]


def test_the_limits_of_the_service_are_kept_to(service, quick):
    towns = hyte.areas.reference(2025).query("level == 'municipality'")
    areas = {"SSS": "KOKO MAA", **dict(zip(towns["area"], towns["label_fi"], strict=True))}
    ages = {"SSS": "Yhteensä", **{f"{age:03d}": str(age) for age in range(100)}, "100-": "100 -"}
    wide = table(
        ("alue", "Alue", areas),
        ("v", "Vuosi", {str(year): str(year) for year in range(2020, 2025)}),
        ("ika", "Ikä", ages),
    )
    serve(service, "/fi/StatFin/vaerak/11re.px", wide)
    cells = fetch(service, by="age", areas="kunta").cells
    assert len(service.sizes) == 2
    assert max(service.sizes) <= 120_000
    assert sum(service.sizes) == len(cells) == len(towns) * 5 * len(ages)
    # four calls a second: what is asked sooner would be refused
    serve(service, "/fi/StatFin/vaerak/11re.px", wide, most=200, calls=4, window=1.0)
    assert len(fetch(service, by="age", areas=["KU285", "KU286"], refresh=True).cells) == 2 * 5 * len(ages)
    assert len(service.sizes) >= 6
    assert max(service.sizes) <= 200
    assert service.refused == 0


@pytest.mark.parametrize("name", ["silent", "drip", "cut", "dead"])
def test_the_same_cells_through_a_slow_dripping_or_broken_service(service, quick, mishap, name, monkeypatch):
    monkeypatch.setattr(module, "SERVICE", replace(module.SERVICE, longest=1.0))
    areas = ("alue", "Alue", {"SSS": "KOKO MAA", "KU285": "Kotka"})
    serve(service, "/fi/StatFin/vaerak/11re.px", table(areas, YEARS))
    clean = fetch(service).cells
    one = mishap["silent"](0.7) if name == "silent" else mishap[name]
    service.mishaps = [one, None, one]
    assert fetch(service, refresh=True).cells.equals(clean)


def test_the_service_is_waited_for_longer_than_its_largest_tables_took():
    assert module.SERVICE.timeout >= 60
    assert (module.SERVICE.calls, module.SERVICE.per) == (40, 60.0)


def test_the_real_metadata_of_key_figures(shared):
    table = read_table(Body(shared("data/statfin/pxweb_v1_table_metadata_kuntien_avainluvut.json"), "", 0.0))
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
