"""Panel A4's words: where the area stands among its like, and how many of them do not clearly differ from it."""

import numpy as np
import pandas as pd

from hyteanalysis import areas as areal
from hyteanalysis.disclosure import Release
from hyteanalysis.findings import Finding
from hyteanalysis.findings.contrasts import Z, standard_error
from hyteanalysis.i18n import text
from hyteanalysis.inequality import disparity


def like(release: Release, found: Finding) -> list[str]:
    """Areas of the level of the area shown; for the whole country its counties, else the largest level there is."""
    codes = release.areas["area"].drop_duplicates().tolist()
    levels = pd.Series({code: areal.level(code) for code in codes})
    own = areal.level(found.shown_area)
    wanted = own if own != "country" else "county" if (levels == "county").any() else ""
    wanted = wanted or next((level for level in levels if level != "country"), "")
    return [code for code in codes if levels[code] == wanted]


def compared(release: Release, found: Finding, *, sort: str) -> pd.DataFrame:
    """Level or gap of every area of the kind: ``area, estimate, se``, the weakest first."""
    codes = like(release, found)
    meta = release.indicators.set_index("indicator").loc[found.indicator]
    asked = {"indicator": found.indicator, "area": codes, "period": found.period}
    if sort == "gap":
        cells = release.select(dimension=found.dimension, **asked).drop(columns="reference", errors="ignore")
        if cells.empty:
            return pd.DataFrame(columns=["area", "estimate", "se"])
        rows = disparity(cells, ["D"], indicators=release.indicators)[["area", "estimate", "se"]]
        weakest = rows["estimate"]
    else:
        cells = release.select(dimension="total", **asked)
        rows = cells[["area", "estimate"]].assign(se=standard_error(cells, str(meta["kind"]), float(meta["scale"])))
        weakest = rows["estimate"] * (-1 if meta["favourable"] else 1)
    rows = rows.assign(_weak=weakest)[rows["estimate"].notna()]
    return rows.sort_values("_weak", ascending=False).drop(columns="_weak").reset_index(drop=True)


def sentences(release: Release, found: Finding, *, sort: str, lang: str) -> tuple[str, ...]:
    """The rank with its uncertainty in words, and the two ends."""
    rows = compared(release, found, sort=sort)
    if len(rows) < 2:
        return (text("app.regions.none", lang),)
    kind = "gap" if sort == "gap" else "level"

    def said(place: int) -> str:
        value = rows["estimate"].iloc[place]
        return found.unit.difference(value, lang) if sort == "gap" else found.unit.level(value, lang)

    def name(place: int) -> str:
        return found.names.area(rows["area"].iloc[place], lang)

    ends = text(
        f"app.regions.ends_{kind}",
        lang,
        worst=name(0),
        worst_level=said(0),
        best=name(len(rows) - 1),
        best_level=said(len(rows) - 1),
    )
    if found.shown_area not in set(rows["area"]):
        return (ends,)
    place = int(rows.index[rows["area"] == found.shown_area][0])
    apart = (rows["estimate"] - rows["estimate"].iloc[place]).abs()
    near = apart <= Z * np.hypot(rows["se"], rows["se"].iloc[place])
    unknown = bool(rows["se"].isna().any())
    rank = text(
        f"app.regions.rank_{kind}" if not unknown else f"app.regions.rank_{kind}_unknown",
        lang,
        area=name(place),
        rank=str(place + 1),
        number=str(len(rows)),
        same=str(int(near.sum()) - 1),
    )
    return rank, ends
