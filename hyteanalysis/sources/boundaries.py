"""Boundaries of areas from Statistics Finland's map service, kept where the maps look for them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hyteanalysis import areas, places
from hyteanalysis.errors import SourceError, counted, one_of
from hyteanalysis.sources.fetched import whole
from hyteanalysis.sources.http import Ask, Body, Client, NotFoundError, Reply, Service

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

SERVICE = Service("boundaries", "https://geo.stat.fi/geoserver/", timeout=60.0, max_days=180.0)
LEVELS = ("municipality", "subregion", "region", "county", "postal")
SCALES = ("4500k", "1000k")
METRES = 3067  # ETRS-TM35FIN
_NAMES = {"kunta": "municipality", "seutukunta": "subregion", "maakunta": "region", "hva": "county"}
_NAMES |= {"postinumero": "postal"}
_Field = tuple[str, str, int]  # a layer's field, what stands before its code in ours, and digits
_MUNICIPAL: tuple[_Field, ...] = (("kunta", "KU", 3),)
_POSTAL: tuple[_Field, ...] = (("postinumeroalue", "PNO", 5), ("posti_alue", "PNO", 5))
# Finland lies within these metres; degrees, or east and north exchanged, do not
_EAST, _NORTH = (40_000, 780_000), (6_500_000, 7_900_000)


def boundaries(
    level: str = "municipality",
    year: int = 2025,
    *,
    scale: str = "4500k",
    base_url: str | None = None,
    refresh: bool = False,
    stale: bool = False,
    timeout: float | None = None,
) -> "GeoDataFrame":
    """Fetch the boundaries of areas and keep them for the maps.

    Answers: *where do the areas lie?*

    Parameters
    ----------
    level : {"municipality", "subregion", "region", "county", "postal"}
        Level, or ``kunta, seutukunta, maakunta, hva, postinumero``. Sub-regions, regions and counties are made of that
        year's municipalities, so that they fit them exactly.
    year : int
        Year of the division.
    scale : {"4500k", "1000k"}
        How coarse municipalities are drawn; 1:4 500 000 is enough for a page.
    base_url, refresh, stale, timeout
        As for :func:`~hyteanalysis.sources.sotkanet`.

    Returns
    -------
    GeoDataFrame
        ``area, label_fi, label_sv, year, note, geometry`` in EPSG:3067, also written as ``boundaries/LEVEL.gpkg`` among
        the fetched files, which maps use from then on. ``note`` says where an old copy was used.

    Raises
    ------
    SourceError
        An unknown level or scale; a year without boundaries; an answer that is no set of areas in EPSG:3067, or whose
        areas are not those of the year.

    Notes
    -----
    Source: Statistics Finland, CC BY 4.0. Boundaries are never part of a release.

    Examples
    --------
    >>> import hyteanalysis as hyte
    >>> hyte.sources.boundaries("county", 2025)  # doctest: +SKIP
    """
    level = one_of(_NAMES.get(level, level), LEVELS, "level", SourceError)
    one_of(scale, SCALES, "scale", SourceError)
    layer = f"postialue:pno_tilasto_{year}" if level == "postal" else f"tilastointialueet:kunta{scale}_{year}"
    with Client(SERVICE.at(base_url, timeout), refresh=refresh, stale=stale) as client:
        reply = _ask(client, layer, year, _POSTAL if level == "postal" else _MUNICIPAL)
    shapes = reply.value
    if level != "postal":
        _compare(shapes["area"], year)
        if level != "municipality":
            shapes = _dissolved(shapes, level, year)
    shapes = shapes.assign(year=year, note=reply.remark() or None)
    _keep(shapes, places.fetched("boundaries", f"{level}.gpkg"))
    return shapes


def _ask(client: Client, layer: str, year: int, fields: tuple[_Field, ...]) -> "Reply[GeoDataFrame]":
    params = [
        ("service", "WFS"),
        ("version", "2.0.0"),
        ("request", "GetFeature"),
        ("typeNames", layer),
        ("outputFormat", "application/json"),
        ("srsName", f"EPSG:{METRES}"),
    ]
    try:
        return client.ask(
            Ask(f"{layer.split(':')[0]}/wfs", params), lambda answer: _read(answer, fields), f"areas of {layer}"
        )
    except NotFoundError as error:
        raise SourceError(f"{error} Boundaries of {year} may not exist: try another year.") from error


def _read(answer: Body, fields: tuple[_Field, ...]) -> "GeoDataFrame":
    import geopandas as gpd

    given = answer.json()
    if not isinstance(given, dict) or given.get("type") != "FeatureCollection" or not given.get("features"):
        raise SourceError(f"got {answer.told()}: no collection of areas.")
    returned, matched = given.get("numberReturned"), given.get("numberMatched")
    if isinstance(returned, int) and isinstance(matched, int) and returned < matched:
        raise SourceError(f"got {returned} of {matched} areas.")
    shapes = gpd.GeoDataFrame.from_features(given["features"], crs=METRES)
    west, south, east, north = shapes.total_bounds
    if not (_EAST[0] <= west <= east <= _EAST[1] and _NORTH[0] <= south <= north <= _NORTH[1]):
        raise SourceError(
            f"got coordinates {west:.0f}–{east:.0f}, {south:.0f}–{north:.0f}: not metres of EPSG:{METRES}."
        )
    code, prefix, digits = _code(shapes, fields)
    shapes["area"] = prefix + shapes[code].astype("str").str.zfill(digits)
    if shapes["area"].duplicated().any():
        shapes = shapes.dissolve("area", as_index=False)
    shapes["label_fi"], shapes["label_sv"] = _column(shapes, "nimi", "name_fi"), _column(shapes, "namn", "name_sv")
    shapes["geometry"] = shapes.geometry.make_valid()
    return shapes[["area", "label_fi", "label_sv", "geometry"]].sort_values("area", ignore_index=True)


def _code(shapes: "GeoDataFrame", fields: tuple[_Field, ...]) -> _Field:
    """The field that holds the codes of the areas asked for; postal areas bear their municipality's too."""
    for field, prefix, digits in fields:
        if field in shapes and shapes[field].astype("str").str.fullmatch(rf"\d{{1,{digits}}}").all():
            return field, prefix, digits
    names = " or ".join(field for field, _, _ in fields)
    raise SourceError(f"got areas without {names}; they have {', '.join(shapes.columns)}.")


def _column(shapes: "GeoDataFrame", *names: str) -> Any:
    return next((shapes[name] for name in names if name in shapes), pd.Series(None, index=shapes.index, dtype="str"))


def _compare(found: "pd.Series[str]", year: int) -> None:
    """A set of municipalities that is not the year's would put figures in the wrong place."""
    official = areas.reference(year)
    expected = set(official.loc[official["level"] == "municipality", "area"])
    lacking, strange = sorted(expected - set(found)), sorted(set(found) - expected)
    if lacking or strange:
        raise SourceError(
            f"The boundaries are not those of {year}: "
            f"{counted(len(lacking), 'municipality is', 'municipalities are')} lacking"
            f" ({', '.join(lacking[:5])}), {len(strange)} are not of that year ({', '.join(strange[:5])})."
        )


def _dissolved(shapes: "GeoDataFrame", level: str, year: int) -> "GeoDataFrame":
    """Larger areas out of their municipalities."""
    parents = areas.hierarchy(year)
    parents = parents[parents["parent"].map(areas.level) == level]
    joined = shapes[["area", "geometry"]].merge(parents, on="area", validate="one_to_one")
    made = joined.drop(columns="area").dissolve("parent", as_index=False).rename(columns={"parent": "area"})
    for lang in ("fi", "sv"):
        made[f"label_{lang}"] = [areas.name(area, lang) for area in made["area"]]
    return made[["area", "label_fi", "label_sv", "geometry"]]


def _keep(shapes: "GeoDataFrame", path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    whole({path: lambda to: shapes.to_file(to, driver="GPKG", layer=path.stem)})
