"""A release seen in another way: limited to some groups, or with age taken out. Made of its own numbers alone."""

from dataclasses import replace

import pandas as pd

from hyteanalysis import rates
from hyteanalysis.apps.choices import cross_of
from hyteanalysis.apps.contents import AGE
from hyteanalysis.cells import CROSS, TOTAL, cross, parts
from hyteanalysis.disclosure import Release
from hyteanalysis.findings.kept import names_of
from hyteanalysis.i18n import LANGS, text


def limited(release: Release, dimension: str, filters: tuple[str, ...]) -> Release:
    """The release seen through filters: crossed rows of some groups, named as rows of the plain dimension.

    Its own numbers under other names: nothing is computed. The indicator's title names the groups.
    """
    if not filters:
        return release
    limits = dict(one.split(":", 1) for one in filters)
    cells = release.cells
    order = cells[cells["dimension"] == dimension].drop_duplicates("group").set_index("group").get("order")
    groups = _picked(cells, cross_of(dimension, filters), limits, keep=dimension)
    if order is not None:
        groups["order"] = groups["group"].map(order).astype("Int64")
    whole = _picked(cells, cross(limits), limits, keep=None)
    names = names_of(release)
    indicators = release.indicators
    for column in [name for name in indicators if name.startswith("title_")]:
        said = ", ".join(names.group(*pair, column.removeprefix("title_")) for pair in limits.items())
        indicators[column] = indicators[column] + f" ({said})"
    frames = {"cells": pd.concat([groups, whole], ignore_index=True), "indicators": indicators}
    return replace(release, _frames={**frames, "groups": release.groups, "areas": release.areas}, _folder=None)


def _picked(cells: pd.DataFrame, name: str, limits: dict[str, str], *, keep: str | None) -> pd.DataFrame:
    """Rows of a crossed dimension within the limits, under the name of the part kept, else as totals."""
    rows = cells[cells["dimension"] == name]
    split = rows["group"].str.split(CROSS, expand=True, regex=False)
    split.columns = parts(name)
    inside = pd.Series(True, index=rows.index)
    for part, group in limits.items():
        inside &= split[part] == group
    picked = rows[inside].copy()
    picked["dimension"] = keep or TOTAL
    picked["group"] = split.loc[inside, keep] if keep else TOTAL
    return picked


def standardised(release: Release, dimension: str) -> Release:
    """Groups and totals of one indicator as directly age-standardised rates, European standard population 2013.

    Computed from the release's own counts by age; a group with a hidden or missing age band has no rate.
    """
    cells = release.cells
    meta = release.indicators.set_index("indicator").loc[cells["indicator"].iloc[0]]
    order = cells[cells["dimension"] == dimension].drop_duplicates("group").set_index("group").get("order")
    crossed = cells[cells["dimension"] == cross([AGE, dimension])]
    split = crossed["group"].str.split(CROSS, expand=True, regex=False)
    split.columns = parts(cross([AGE, dimension]))
    groups = _rates(crossed.assign(band=split[AGE], group=split[dimension], dimension=dimension), float(meta["scale"]))
    if order is not None:
        groups["order"] = groups["group"].map(order).astype("Int64")
    plain = cells[(cells["dimension"] == AGE) & cells["period"].isin(groups["period"].unique())]
    whole = _rates(plain.assign(band=plain["group"], group=TOTAL, dimension=TOTAL), float(meta["scale"]))
    indicators = release.indicators
    for lang in LANGS:
        if f"title_{lang}" in indicators:
            indicators[f"title_{lang}"] = indicators[f"title_{lang}"] + f" ({text('app.standardised.title', lang)})"
    frames = {"cells": pd.concat([groups, whole], ignore_index=True), "indicators": indicators}
    return replace(release, _frames={**frames, "groups": release.groups, "areas": release.areas}, _folder=None)


def _rates(rows: pd.DataFrame, scale: float) -> pd.DataFrame:
    by = ["indicator", "area", "period", "dimension", "group"]
    rows = rows[rows["events"].notna() & rows["population"].notna()]
    first = rows["band"].str.extract(r"^(\d+)", expand=False).astype(float).min()
    made = rates.standardise(rows, by, band="band", standard="esp2013", per=scale, ages=(int(first), None))
    return made.drop(columns=["method", "note"])
