"""Boundaries: fetched, held against the year's areas, kept where maps look, refused where they are others."""

import importlib
import json
from dataclasses import replace

import geopandas as gpd
import pytest
from shapely.geometry import box
from typer.testing import CliRunner

import hyteanalysis as hyte
from hyteanalysis import places
from hyteanalysis.cli.fetching import app

module = importlib.import_module("hyteanalysis.sources.boundaries")


@pytest.fixture
def maps(service, monkeypatch):
    """Every municipality of 2025 as a square kilometre, as the map service gives it."""
    monkeypatch.setattr(module, "SERVICE", replace(module.SERVICE, calls=1000, timeout=0.5, longest=2.0, wait=0.01))
    towns = hyte.areas.reference(2025).query("level == 'municipality'")
    shapes = [box(200_000 + i * 1_000, 6_700_000, 201_000 + i * 1_000, 6_701_000) for i in range(len(towns))]
    names = {"kunta": towns["area"].str[2:], "nimi": towns["label_fi"], "namn": towns["label_sv"]}
    columns = {name: values.to_list() for name, values in names.items()}
    service.frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=3067)
    service.asked = []

    def answer(query, _):
        service.asked.append(query)
        given = json.loads(service.frame.to_json())
        return json.dumps(given | {"numberMatched": len(given["features"]), "numberReturned": len(given["features"])})

    service.routes["/tilastointialueet/wfs"] = answer
    return service


def test_municipalities_are_kept_where_maps_look(maps):
    shapes = hyte.sources.boundaries("kunta", 2025, base_url=maps.url)
    assert maps.asked[0]["typeNames"] == ["tilastointialueet:kunta4500k_2025"]
    assert maps.asked[0]["srsName"] == ["EPSG:3067"]
    kept = gpd.read_file(places.fetched("boundaries", "municipality.gpkg"))
    assert kept.crs.to_epsg() == 3067
    assert kept["area"].tolist() == shapes["area"].tolist()
    assert len(kept) == 308
    assert kept.set_index("area").at["KU285", "label_sv"] == "Kotka"
    assert not list(places.fetched("boundaries").glob(".*"))


def test_counties_are_made_of_their_municipalities(maps):
    counties = hyte.sources.boundaries("hva", 2025, base_url=maps.url)
    assert len(counties) == 23
    assert counties.area.sum() == pytest.approx(308e6)
    tree = hyte.areas.hierarchy(2025)
    size = counties.set_index("area").area["HVA10"]
    assert size == pytest.approx(1e6 * ((tree["parent"] == "HVA10") & tree["area"].str.startswith("KU")).sum())
    hyte.sources.boundaries("maakunta", 2025, base_url=maps.url)
    assert len(maps.asked) == 1


def test_what_is_not_asked_for_is_refused(maps):
    whole = maps.frame
    maps.frame = whole.iloc[1:]
    with pytest.raises(hyte.SourceError, match=r"not those of 2025: 1 municipality is lacking \(KU005\)"):
        hyte.sources.boundaries("kunta", 2025, base_url=maps.url)
    maps.frame = whole.to_crs(4326)
    with pytest.raises(hyte.SourceError, match="not metres of EPSG:3067"):
        hyte.sources.boundaries("kunta", 2025, base_url=maps.url, refresh=True)
    maps.frame = whole.rename(columns={"kunta": "tunnus"})
    with pytest.raises(hyte.SourceError, match="without kunta; they have geometry, tunnus"):
        hyte.sources.boundaries("kunta", 2025, base_url=maps.url, refresh=True)
    maps.routes["/tilastointialueet/wfs"] = lambda query, body: '{"type": "FeatureCollection", "features": []}'
    with pytest.raises(hyte.SourceError, match="no collection of areas"):
        hyte.sources.boundaries("kunta", 2025, base_url=maps.url, refresh=True)
    with pytest.raises(hyte.SourceError, match="Boundaries of 2025 may not exist"):
        hyte.sources.boundaries("postal", 2025, base_url=maps.url)
    with pytest.raises(hyte.SourceError, match="level must be one of"):
        hyte.sources.boundaries("country", 2025)
    assert not places.fetched("boundaries").exists()


def test_postal_areas_are_kept_by_their_own_codes_though_they_bear_their_municipality_too(maps):
    codes = [f"{100 + 10 * i:05d}" for i in range(60)]
    shapes = [box(380_000 + i * 500, 6_670_000, 380_500 + i * 500, 6_670_500) for i in range(60)]
    columns = {"postinumeroalue": codes, "nimi": codes, "namn": codes, "kunta": ["091"] * 60}
    postal = gpd.GeoDataFrame(columns, geometry=shapes, crs=3067)
    maps.routes["/postialue/wfs"] = lambda query, body: postal.to_json()
    found = hyte.sources.boundaries("postinumero", 2025, base_url=maps.url)
    assert found["area"].tolist() == [f"PNO{code}" for code in codes]
    assert len(gpd.read_file(places.fetched("boundaries", "postal.gpkg"))) == 60


def test_the_command(maps):
    result = CliRunner().invoke(app, ["boundaries", "hva", "--year", "2025", "--base-url", maps.url])
    assert result.exit_code == 0, result.output
    assert "county.gpkg: 23 areas" in result.output
