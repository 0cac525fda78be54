"""Hand-made releases for the tests of findings and figures: every number is set here, none is drawn."""

import numpy as np
import pandas as pd

from hyteanalysis.cells import reference_groups
from hyteanalysis.disclosure import Policy, release
from hyteanalysis.findings import finding

COUNTRY, COUNTY, CITY = "SSS", "HVA08", "KU837"
YEARS = [str(year) for year in range(2013, 2023)]

INDICATORS = pd.DataFrame(
    [
        {
            "indicator": "smoking",
            "title_fi": "Päivittäin tupakoivat, % 20–64-vuotiaista",
            "title_sv": "Personer som röker dagligen, % av 20–64-åringar",
            "title_en": "Daily smokers, % of those aged 20–64",
            "unit": "%",
            "kind": "proportion",
            "scale": 100,
            "favourable": False,
        },
        {
            "indicator": "voting",
            "title_fi": "Äänestäneet, % äänioikeutetuista",
            "title_sv": "Röstande, % av röstberättigade",
            "title_en": "Voters, % of those entitled to vote",
            "unit": "%",
            "kind": "proportion",
            "scale": 100,
            "favourable": True,
        },
        {
            "indicator": "hospital",
            "title_fi": "Vammojen sairaalahoitojaksot",
            "title_sv": "Sjukhusvård för skador",
            "title_en": "Hospital care for injuries",
            "unit": "per 100000",
            "kind": "rate",
            "scale": 100000,
            "favourable": False,
        },
        {
            "indicator": "sleep",
            "title_fi": "Unen pituus",
            "title_sv": None,
            "title_en": None,
            "unit": "h",
            "kind": "mean",
            "scale": 1,
            "favourable": True,
        },
    ]
).assign(source="THL, Terve Suomi 2022", licence="CC BY 4.0", purpose="outcome")


def cell(
    indicator, area, period, dimension, group, estimate, *, n=1000, population=None, status="ok", order=None, se=None
):
    """One tidy row; a proportion's and a rate's error come from ``n`` respondents, unless given."""
    scale = {"smoking": 100, "voting": 100, "hospital": 100000, "sleep": None}.get(indicator, 100)
    empty = status in ("suppressed", "missing")
    p = estimate / scale if scale else 0.5
    if se is None:
        se = scale * np.sqrt(p * (1 - p) / n) if scale else 1.0 / np.sqrt(n)
    return {
        "indicator": indicator,
        "area": area,
        "period": period,
        "dimension": dimension,
        "group": group,
        "order": order,
        "estimate": np.nan if empty else estimate,
        "se": np.nan if empty else se,
        "lower": np.nan if empty else estimate - 1.96 * se,
        "upper": np.nan if empty else estimate + 1.96 * se,
        "population": float(population or 50 * n),
        "events": np.nan if empty or not scale else float(round(n * p)),
        "respondents": np.nan if status == "missing" else float(n),
        "status": status,
    }


def education(indicator, area, period, levels, *, statuses=("ok", "ok", "ok"), n=1000):
    """Three ordered groups."""
    rows = zip(("low", "mid", "high"), (1, 2, 3), levels, statuses, strict=True)
    return [
        cell(indicator, area, period, "education", group, level, order=order, status=status, n=n)
        for group, order, level, status in rows
    ]


def total(indicator, area, period, level, *, n=3000, population=None):
    """An area's whole population."""
    return cell(indicator, area, period, "total", "total", level, n=n, population=population)


def smoking():
    """Smoking by education: a gap that narrows in the county, the whole country, and a city without groups."""
    rows = []
    for i, period in enumerate(YEARS):
        rows += education("smoking", COUNTY, period, (34.1 - 1.2 * i, 20.3 - 0.5 * i, 6.2 + 0.0 * i), n=2000)
        rows += education("smoking", COUNTRY, period, (28.0 - 0.6 * i, 18.0 - 0.4 * i, 8.0 - 0.2 * i), n=20000)
        rows += [total("smoking", COUNTY, period, 20.0 - 0.5 * i, n=6000, population=300_000)]
        rows += [total("smoking", COUNTRY, period, 18.0 - 0.4 * i, n=60000, population=3_000_000)]
    rows += [total("smoking", CITY, "2022", 14.0, n=900, population=45_000)]
    return rows


def made(rows, *, indicators=INDICATORS, groups=None, areas=None, hierarchy=None):
    """A release of rows, by the policy for data that are public already."""
    cells = pd.DataFrame(rows).astype({"order": "Int64"})
    named = reference_groups() if groups is None else pd.concat([reference_groups(), groups], ignore_index=True)
    return release(
        cells,
        indicators[indicators["indicator"].isin(cells["indicator"])],
        policy=Policy.from_profile("open"),
        groups=named[named["dimension"].isin([*cells["dimension"], "dimension"])],
        areas=areas,
        hierarchy=hierarchy,
    )


def found_of(rows, indicator="smoking", dimension="education", **options):
    """The finding of one indicator and dimension in the county."""
    return finding(made(rows, **options), indicator=indicator, area=COUNTY, dimension=dimension)
