"""What Sotkanet has: indicators and the families they form, regions, and the indicators chosen for a report."""

import re
from collections.abc import Iterable
from functools import cache
from html import unescape
from importlib.resources import files
from typing import Any

import pandas as pd

from hyteanalysis import areas
from hyteanalysis.cells import check_indicators
from hyteanalysis.sources.http import Body

LANGS = ("fi", "sv", "en")
_TAG = re.compile(r"<[^>]+>")
_AGES = re.compile(r"^(.*\S),\s+(?:(\d+)\s*[-–]\s*(\d+)\s*-?\s*vuotiaat|(\d+) vuotta täyttäneet)$")
_EDUCATION = re.compile(r"^(.*\S),\s+(matala|keskitason|korkea) koulutus$")
_LEVELS = {"matala": ("low", 1), "keskitason": ("mid", 2), "korkea": ("high", 3)}
# Titles of one family that Sotkanet spelt in two ways.
_SPELLINGS = (("kokeneiden osuus", "kokevien osuus"),)
_TYPES = {
    "PROS": ("proportion", 100, "%"),
    "PER1000": ("rate", 1_000, "/ 1 000"),
    "PER10000": ("rate", 10_000, "/ 10 000"),
    "PER100000": ("rate", 100_000, "/ 100 000"),
    "INDEKSI": ("index", 1, "index"),
}
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


def plain(text: object) -> str | None:
    """Text without the marks and entities of web pages; None where empty.

    >>> plain("Lihavien osuus (BMI &#8805; 30)<br />")
    'Lihavien osuus (BMI ≥ 30)'
    """
    if not isinstance(text, str):
        return None
    return re.sub(r"\s+", " ", _TAG.sub(" ", unescape(text))).strip() or None


def titled(listed: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Indicators with the family each belongs to: that of its title without education or age.

    A member has ``dimension, group, order`` and ``family``, the id of the indicator of everybody, else the family's
    lowest id. Those that stand alone are their own family, in dimension ``total``.
    """
    rows = []
    for item in listed:
        titles = {lang: plain((item.get("title") or {}).get(lang)) for lang in LANGS}
        dimension, group, order, base = cut(titles["fi"] or "")
        producer = plain(((item.get("organization") or {}).get("title") or {}).get("fi"))
        rows.append(
            {"id": int(item["id"]), **{f"title_{lang}": title for lang, title in titles.items()}, "base": base,
             "dimension": dimension, "group": group, "order": order, "producer": producer}
        )  # fmt: skip
    frame = pd.DataFrame(rows).astype({"order": "Int64"}).drop_duplicates("id").set_index("id").sort_index()
    ids = frame.index.to_series()
    members = frame["dimension"] != "total"
    whole = _wholes(ids, frame["base"], members)
    size = ids.groupby(frame["base"]).transform("size")
    lone = members & (size == 1)  # no other cut of it: its title is its own
    frame.loc[lone, ["base", "dimension", "group", "order"]] = None
    frame.loc[lone, "base"] = frame["title_fi"]
    frame["family"] = frame["base"].map(whole).fillna(ids.groupby(frame["base"]).transform("min"))
    frame.loc[~members, "family"] = ids
    frame["dimension"], frame["group"] = frame["dimension"].fillna("total"), frame["group"].fillna("total")
    return frame.astype({"family": "int64"})


def _wholes(ids: "pd.Series[int]", base: "pd.Series[str]", members: "pd.Series[bool]") -> "pd.Series[int]":
    """Indicator of everybody by base title: of two with one title, the one listed next before the members."""
    whole = pd.DataFrame({"base": base[~members], "id": ids[~members]})
    whole["first"] = whole["base"].map(ids[members].groupby(base[members]).min())
    whole["before"] = whole["id"].where(whole["id"] < whole["first"])
    found = whole.groupby("base").agg({"before": "max", "id": "min"})
    return found["before"].fillna(found["id"])


def cut(title: str) -> tuple[str, str, int | None, str]:
    """Dimension, group, order and the title without them, from a Finnish title.

    >>> cut("Päivittäin tupakoivien osuus (%), matala koulutus")
    ('education', 'low', 1, 'Päivittäin tupakoivien osuus (%)')
    >>> cut("Päivittäin tupakoivien osuus (%), 20 - 64-vuotiaat")[:3], cut("Väestö 31.12.")[:3]
    (('age', '20-64', None), ('total', 'total', None))
    """
    if found := _EDUCATION.match(title):
        return "education", *_LEVELS[found[2]], _spelt(found[1])
    if found := _AGES.match(title):
        return "age", f"{found[4]}+" if found[4] else f"{found[2]}-{found[3]}", None, _spelt(found[1])
    return "total", "total", None, _spelt(title)


def _spelt(base: str) -> str:
    for one, other in _SPELLINGS:
        base = base.replace(one, other)
    return base


def kind_of(title: str, code: str | None) -> tuple[str, int, str]:
    """Kind, scale and unit, from the value type that the service names, else from the Finnish title.

    >>> kind_of("Kuolleisuus / 100 000 asukasta", None), kind_of("Tupakoivien osuus (%)", "PROS")[:2]
    (('rate', 100000, '/ 100 000'), ('proportion', 100))
    >>> kind_of("Väestö 31.12.", None)
    ('count', 1, 'number')
    """
    if code in _TYPES:
        return _TYPES[code]
    lower = title.lower()
    if found := re.search(r"/\s*(1 ?000|10 ?000|100 ?000)\b", lower):
        scale = int(found[1].replace(" ", ""))
        return "rate", scale, f"/ {found[1]}"
    if "keskiarvo" in lower or "keskimäär" in lower or "euroa / " in lower:
        return "mean", 1, "€" if "euroa" in lower else "mean"
    if "%" in lower or re.search(r"aste\b|aktiivisuus", lower):
        return "proportion", 100, "%"
    if "indeksi" in lower:
        return "index", 1, "index"
    return "count", 1, "€" if "euroa" in lower else "number"


@cache
def counties() -> pd.DataFrame:
    """``area, region, former_region``: the counties' region ids in Sotkanet now and before they were renumbered."""
    with files("hyteanalysis.reference").joinpath("sotkanet_counties.csv").open(encoding="utf-8") as table:
        return pd.read_csv(table, dtype={"former_region": "Int64"})


def read_regions(answer: Body) -> pd.DataFrame:
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


@cache
def _stored() -> pd.DataFrame:
    with files("hyteanalysis.reference").joinpath("indicators.csv").open(encoding="utf-8") as table:
        return check_indicators(pd.read_csv(table, keep_default_na=False, na_values=[""]))


def catalogue() -> pd.DataFrame:
    """Sotkanet indicators for a wellbeing report.

    Answers: *which official indicators tell how people are, is a high value good, and does it describe people or what
    is done?*

    Returns
    -------
    DataFrame
        Indicator metadata (``indicator, title_fi, title_sv, title_en, unit, kind, scale, favourable, purpose`` …) with
        ``id`` (Sotkanet's number), ``theme``, ``age_group`` and ``hyte_coefficient`` (true where the indicator's
        subject was among the outcomes of the municipalities' wellbeing coefficient as announced in 2018; empty where
        that is not known; the set is revised).

    Examples
    --------
    >>> import hyteanalysis as hyte
    >>> chosen = hyte.sources.catalogue()
    >>> chosen.loc[chosen["id"] == 4404, ["title_fi", "theme", "purpose"]].squeeze().tolist()
    ['Päivittäin tupakoivien osuus (%)', 'lifestyle', 'outcome']
    """
    return _stored().copy()
