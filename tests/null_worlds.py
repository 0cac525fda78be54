"""Worlds where nothing differs: all groups, areas and years of an indicator have one true level."""

import numpy as np
import pandas as pd
from released import made

from hyteanalysis.apps.where import views
from hyteanalysis.figures.kit.topics import topics
from hyteanalysis.findings import findings
from hyteanalysis.findings.lookup import lookup_of
from hyteanalysis.findings.selection import discovered

YEARS = ("2017", "2022")
KINDS = ("gap", "whole", "change")
LISTS = ("largest", "clear", "strengths", "development", "marks")


def world(groups, *, ordered, areas=309, indicators=20, seed=1):
    """A release of a null world: shares of 0.05–0.5 among 200–2,000 respondents a group, one level an indicator."""
    rng = np.random.default_rng(seed)
    names = [f"n{i}" for i in range(indicators)]
    places = [f"a{i}" for i in range(areas)]
    index = pd.MultiIndex.from_product(
        [names, places, YEARS, range(groups)], names=["indicator", "area", "period", "number"]
    )
    rows = index.to_frame(index=False)
    level = dict(zip(names, rng.uniform(0.05, 0.5, indicators), strict=True))
    p = rows["indicator"].map(level).to_numpy()
    n = rng.integers(200, 2_000, len(rows))
    rows = rows.assign(
        dimension="kind", group="g" + rows["number"].astype(str), respondents=n, events=rng.binomial(n, p)
    )
    rows["order"] = rows["number"] + 1.0 if ordered else np.nan
    keys = ["indicator", "period"]
    whole = rows.groupby([*keys, "area"], as_index=False)[["respondents", "events"]].sum()
    country = whole.groupby(keys, as_index=False)[["respondents", "events"]].sum().assign(area="all")
    totals = pd.concat([whole, country]).assign(dimension="total", group="total", order=np.nan)
    cells = pd.concat([rows.drop(columns="number"), totals], ignore_index=True)
    share = cells["events"] / cells["respondents"]
    cells["estimate"] = 100 * share
    cells["se"] = 100 * np.sqrt(share * (1 - share) / cells["respondents"])
    cells = cells.assign(population=20.0 * cells["respondents"], status="ok")
    cells = cells.astype({"respondents": float, "events": float})
    meta = pd.DataFrame({"indicator": names}).assign(
        title_fi=names, unit="%", kind="proportion", scale=100, favourable=[i % 2 == 0 for i in range(indicators)]
    )
    hierarchy = pd.DataFrame({"area": places, "parent": "all"})
    labels = pd.DataFrame({"dimension": "kind", "group": [f"g{i}" for i in range(groups)]})
    labels["label_fi"] = labels["group"]
    return made(cells, indicators=meta, hierarchy=hierarchy, groups=labels), places


def said(release, places):
    """How often something is said falsely: of single findings by kind, and of areas by list."""
    names = release.indicators["indicator"].tolist()
    single, listed, number = dict.fromkeys((*KINDS, "named"), 0), dict.fromkeys(LISTS, 0), 0
    for place in places:  # cells are read and gaps measured once for all
        known = lookup_of(release, names, place)
    known.measure(names, "kind", places)
    for place in places:
        found = findings(release, area=place, dimension="kind")
        number += len(found)
        for one in found:
            told = {"gap": one.difference, "whole": one.against_whole, "change": one.change}
            for kind, contrast in told.items():
                single[kind] += contrast.clear
            single["named"] += one.distinct is True
        every = topics(release, area=place)
        marks = discovered({one.indicator: one.difference for one in found})
        lines = views.largest(release, area=place, dimension="kind", period=YEARS[-1], lang="fi").lines
        signs = set().union(*(topic.signs for topic in every))
        listed["largest"] += bool(lines)
        listed["clear"] += any(topic.clear for topic in every)
        listed["strengths"] += bool(signs & {"better", "narrowed"})
        listed["development"] += bool(signs & {"weaker", "widened", "double"})
        listed["marks"] += bool(marks)
    return {
        **{kind: count / number for kind, count in single.items()},
        **{name: count / len(places) for name, count in listed.items()},
    }, number
