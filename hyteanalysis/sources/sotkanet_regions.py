"""Sotkanet's regions: its internal ids as area codes, with the counties' former ids, names and parents."""

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from html import unescape
from importlib.resources import files
from typing import Any

import pandas as pd

from hyteanalysis import areas
from hyteanalysis.errors import HyteError, SourceError, one_of
from hyteanalysis.sources.answers import Answer

# what a user may call a category -> Sotkanet's category; the official ones have a code of ours
CATEGORIES = {
    **{"kunta": "KUNTA", "seutukunta": "SEUTUKUNTA", "maakunta": "MAAKUNTA", "hva": "HYVINVOINTIALUE"},
    **{"yta": "YTA", "maa": "MAA", "sairaanhoitopiiri": "SAIRAANHOITOPIIRI", "erva": "ERVA", "suuralue": "SUURALUE"},
    **{"avi": "ALUEHALLINTOVIRASTO", "ely": "ELY-KESKUS", "nuts1": "NUTS1"},
    **{"municipality": "KUNTA", "subregion": "SEUTUKUNTA", "region": "MAAKUNTA", "county": "HYVINVOINTIALUE"},
    **{"collaborative": "YTA", "country": "MAA"},
}
_PREFIX = {"KUNTA": ("KU", 3), "SEUTUKUNTA": ("SK", 3), "MAAKUNTA": ("MK", 2), "HYVINVOINTIALUE": ("HVA", 2)}
_PREFIX |= {"YTA": ("YTA", 1)}
_OWN = {"ALUEHALLINTOVIRASTO": "avi", "ELY-KESKUS": "ely"}


@cache
def counties() -> pd.DataFrame:
    """``area, region, former_region``: the counties' region ids in Sotkanet now and before they were renumbered."""
    with files("hyteanalysis.reference").joinpath("sotkanet_counties.csv").open(encoding="utf-8") as table:
        return pd.read_csv(table, dtype={"former_region": "Int64"})


def read_regions(answer: Answer) -> pd.DataFrame:
    """The answer to ``regions``: ``region, area, category, label_fi, label_sv, label_en, member_of``; id is the index.

    The counties' ids, present and former, are added where the list lacks them (``listed`` false): data carry them.
    """
    listed = answer.items("id", "code", "category")
    now = counties().set_index("region")["area"]
    before = counties().dropna(subset="former_region").set_index("former_region")["area"]
    rows = [_region(item, now, before) for item in listed]
    there = {row["region"] for row in rows}
    own = {"category": "HYVINVOINTIALUE", "member_of": (), "listed": False}
    for ids, former in ((now, False), (before, True)):
        rows += [
            {"region": int(one), "area": area, "former": former, **own, **_names(area)}
            for one, area in ids.items()
            if int(one) not in there
        ]
    return pd.DataFrame(rows).drop_duplicates("region").set_index("region")


def _region(item: dict[str, Any], now: "pd.Series[str]", before: "pd.Series[str]") -> dict[str, Any]:
    region, category = int(item["id"]), str(item["category"]).upper()
    former = category == "HYVINVOINTIALUE" and region in before.index
    if category == "HYVINVOINTIALUE" and region in now.index:
        area = now[region]
    elif former:
        area = before[region]
    else:
        area = area_code(category, str(item["code"]))
    titles = item.get("title") or {}
    names = {
        f"label_{lang}": unescape(titles[lang]).strip() if titles.get(lang) else None for lang in ("fi", "sv", "en")
    }
    members = tuple(int(one) for one in item.get("memberOf") or ())
    return {
        "region": region,
        "area": area,
        "category": category,
        "member_of": members,
        "former": former,
        "listed": True,
        **names,
    }


def _names(area: str) -> dict[str, str]:
    return {f"label_{lang}": areas.name(area, lang) for lang in ("fi", "sv", "en")}


def area_code(category: str, code: str) -> str:
    """Our code of a region: official where there is one, else an own id such as ``erva-3``.

    >>> area_code("KUNTA", "285"), area_code("HYVINVOINTIALUE", "5"), area_code("MAA", "358"), area_code("ERVA", "3")
    ('KU285', 'HVA05', 'SSS', 'erva-3')
    """
    if category == "MAA":
        return "SSS"
    if category in _PREFIX and code.isdigit():
        prefix, digits = _PREFIX[category]
        return f"{prefix}{int(code):0{digits}d}"
    return f"{_OWN.get(category, category.lower())}-{code}"


def chosen(regions: pd.DataFrame, wanted: str | Sequence[str]) -> pd.DataFrame:
    """The regions of the categories and areas named.

    Raises SourceError naming near areas where one is neither a category nor an area of the service.
    """
    keep = pd.Series(False, index=regions.index)
    for one in [wanted] if isinstance(wanted, str) else wanted:
        found = regions["category"].eq(CATEGORIES.get(one.lower(), "")) | regions["area"].eq(one)
        if not found.any() and one.lower() in CATEGORIES:
            raise SourceError(f"The service lists no region of category {CATEGORIES[one.lower()]}.")
        if not found.any():
            _refuse(one, regions)
        keep |= found
    return regions[keep]


def _refuse(one: str, regions: pd.DataFrame) -> None:
    if get_close_matches(one.lower(), CATEGORIES, cutoff=0.75):
        one_of(one, CATEGORIES, "areas", SourceError)
    try:
        near = [f"{code} {areas.name(code, 'fi')}" for code in areas.near(one)]
        areas.level(one)
    except HyteError as error:
        raise SourceError(str(error)) from error
    if near:
        raise SourceError(
            f"{one!r} is neither an area of the service nor one of {', '.join(CATEGORIES)}. Near: {', '.join(near)}."
        )
    one_of(one, [*CATEGORIES, *regions["area"]], "areas", SourceError)


def hierarchy(regions: pd.DataFrame) -> pd.DataFrame:
    """``area, parent, category, label_fi, label_sv, label_en``: one row a parent, as a release keeps areas."""
    lines = regions[regions["listed"] & ~regions["former"]].explode("member_of").rename(columns={"member_of": "parent"})
    lines["parent"] = lines["parent"].map(regions["area"])
    columns = ["area", "parent", "category", "label_fi", "label_sv", "label_en"]
    return lines[columns].drop_duplicates().reset_index(drop=True)
