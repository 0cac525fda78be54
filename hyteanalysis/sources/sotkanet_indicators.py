"""Sotkanet's indicators: titles, what kind of number each is, and families that differ only by education or age."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from html import unescape
from typing import Any

import pandas as pd

from hyteanalysis.cells import reference_groups
from hyteanalysis.sources.answers import Answer

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


def plain(text: object) -> str | None:
    """Text without the marks and entities of web pages; None where empty.

    >>> plain("Lihavien osuus (BMI &#8805; 30)<br />")
    'Lihavien osuus (BMI ≥ 30)'
    """
    if not isinstance(text, str):
        return None
    return re.sub(r"\s+", " ", _TAG.sub(" ", unescape(text))).strip() or None


def read_indicators(answer: Answer) -> pd.DataFrame:
    """The answer to ``indicators``, as :func:`titled` makes it."""
    return titled(answer.items("id", "title"))


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


def near_titles(frame: pd.DataFrame, text: str) -> list[str]:
    """At most three indicators whose id or title is like a text, as ``id title``."""
    if text.isdigit():
        ids = sorted(frame.index, key=lambda one: (abs(one - int(text)), one))[:3]
    else:
        titles = {str(row.title_fi).lower(): index for index, row in frame.iterrows()}
        words = [title for title in titles if text.lower() in title]
        ids = [titles[title] for title in (words or get_close_matches(text.lower(), titles, n=3, cutoff=0.4))[:3]]
    return [f"{one} {frame.at[one, 'title_fi']}" for one in ids]


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


def metadata(titles: "pd.Series[Any]", detail: dict[str, Any], catalogue: pd.DataFrame) -> dict[str, Any]:
    """One row of indicator metadata, of what the service says and what the catalogue knows of its direction."""
    kind, scale, unit = kind_of(titles["title_fi"] or "", (detail.get("primaryValueType") or {}).get("code"))
    producer = plain(((detail.get("organization") or {}).get("title") or {}).get("fi")) or titles["producer"]
    own = producer is None or "THL" in producer
    row: dict[str, Any] = {
        "indicator": f"sotkanet-{titles['family']}",
        **{f"title_{lang}": titles[f"title_{lang}"] for lang in LANGS},
        "unit": unit,
        "kind": kind,
        "scale": scale,
        "favourable": False,
        "lower_bound": None,
        "upper_bound": None,
        "purpose": None,
        "source": "THL, Sotkanet.fi" if own else f"{producer}, through THL, Sotkanet.fi",
        "licence": "CC BY 4.0" if own else f"the producer's own terms ({producer}); metadata CC BY 4.0",
        "updated": detail.get("data-updated"),
        "notes": [],
        **{f"description_{lang}": plain((detail.get("description") or {}).get(lang)) for lang in LANGS},
    }
    known = catalogue[catalogue["indicator"] == row["indicator"]]
    if len(known):
        row |= {"favourable": bool(known["favourable"].iloc[0]), "purpose": known["purpose"].iloc[0]}
    else:
        row["notes"].append("Whether a high value is good is not known here: taken as adverse (favourable = false).")
    return row


def labels(groups: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """Group metadata of the dimensions and groups named, ages that the reference lacks labelled likewise."""
    known = reference_groups()
    asked = pd.DataFrame(list(dict.fromkeys(groups)), columns=["dimension", "group"])
    dimensions = [("dimension", one) for one in dict.fromkeys(asked["dimension"])]
    wanted = pd.concat([asked, pd.DataFrame(dimensions, columns=["dimension", "group"])], ignore_index=True)
    frame = wanted.merge(known, on=["dimension", "group"], how="left", validate="one_to_one")
    unnamed = frame["label_fi"].isna() & (frame["dimension"] == "age")
    for index in frame.index[unnamed]:
        age = str(frame.at[index, "group"])
        frame.loc[index, ["label_fi", "label_sv", "label_en"]] = (
            [f"{age[:-1]} vuotta täyttäneet", f"{age[:-1]} år fyllda", f"aged {age[:-1]} and over"]
            if age.endswith("+")
            else [
                f"{age.replace('-', '–')}-vuotiaat",
                f"{age.replace('-', '–')}-åringar",
                f"aged {age.replace('-', '–')}",
            ]
        )
    return frame


def overlapping(ages: Iterable[str]) -> list[str]:
    """Pairs of age groups that share people, since Sotkanet cuts some twice.

    >>> overlapping(["20-64", "65+", "75+"])
    ['65+ and 75+']
    """
    spans = [(int(one.rstrip("+").split("-")[0]), 999 if "+" in one else int(one.split("-")[1]), one) for one in ages]
    spans.sort()
    return [f"{a[2]} and {b[2]}" for i, a in enumerate(spans) for b in spans[i + 1 :] if b[0] <= a[1]]
