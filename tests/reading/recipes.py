"""Real files as the recipes of ``docs/`` and the readers make releases of them; where a file is not there, none."""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from reading.worlds import OPEN, ROOT

import hyteanalysis as hyte
from hyteanalysis.disclosure import Release

Shared = Callable[[str], Path]
NEEDED = {
    "sotkanet-54": "sotkanet_54_indicators_1990_2012.csv.gz",
    "paavo": "paavo2020_by_municipality.csv",
    "election": "municipal_election_2021_by_sex.csv",
    "finsote": "finsote2020_regular_help_given.csv",
}


def recipe(name: str) -> Callable[[Shared], Release]:
    """A recipe as it is printed, run in the folder where one is."""

    def run(shared: Shared) -> Release:
        text = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
        for file in ("diak_deprivation_index_2011_2020.csv.gz", NEEDED[name]):
            Path(file).write_bytes(shared(f"data/fi/{file}").read_bytes())
        for one in (name,) if name == "finsote" else ("classes", name):
            found = re.search(rf"<!-- recipe: {one} -->\n```python\n(.*?)```", text, re.DOTALL)
            assert found, one
            exec(found[1], {"hyte": hyte, "pd": pd})
        about = ROOT / "data" / "facts" / "finsote2020.indicators.csv" if name == "finsote" else Path("cells.csv")
        cells = hyte.sources.read_table("cells.csv")
        cells = cells[cells["area"] == "SSS"] if name == "paavo" else cells  # municipalities have totals alone
        return hyte.release(cells, hyte.sources.read_indicators(about), policy=OPEN)

    return run


def healthequal(shared: Shared) -> Release:
    """Demographic and Health Surveys as WHO's package brings them: fifths with an order, 34 regions without one."""
    raw = pd.read_csv(shared("reference/healthequal/peer/inputs_bundled.csv"))
    dimension = raw["ordered"].map({1: "fifth", 0: "region"})
    raw = raw.drop(columns="indicator").rename(columns={"subgroup": "group", "case_id": "indicator"})
    raw = raw.assign(area="XX", period="2013", dimension=dimension, order=raw["order"].where(raw["ordered"] == 1))
    columns = ["indicator", "area", "period", "dimension", "group", "order", "estimate", "se", "population"]
    about = raw.drop_duplicates("indicator")
    share = about["indicator_scale"] == 100  # deaths are per 1,000 live births
    about = pd.DataFrame(
        {"indicator": about["indicator"], "title_en": about["indicator"], "scale": about["indicator_scale"],
         "unit": share.map({True: "%", False: "per 1,000 live births"}),
         "kind": share.map({True: "proportion", False: "rate"}), "favourable": about["favourable"] == 1,
         "source": "DHS"}
    )  # fmt: skip
    return hyte.release(raw[columns].dropna(subset="estimate").astype({"order": "Int64"}), about, policy=OPEN)


def table(file: str, title: str, *, favourable: bool = False, kind: str = "proportion") -> Callable[[Shared], Release]:
    """A tidy table typed from a statistical service's pages."""

    def run(shared: Shared) -> Release:
        cells = hyte.sources.read_table(shared(f"data/real/{file}"))
        names = sorted(cells["indicator"].unique())
        about = pd.DataFrame({"indicator": names, "title_fi": [f"{title} {name}" for name in names]}).assign(
            title_en=lambda rows: rows["title_fi"], unit="%" if kind == "proportion" else "years", kind=kind,
            scale=100 if kind == "proportion" else 1, favourable=favourable, source="THL",
        )  # fmt: skip
        return hyte.release(cells, about, policy=OPEN)

    return run


REAL: dict[str, Callable[[Shared], Release]] = {
    **{f"recipe {name}": recipe(name) for name in NEEDED},
    "healthequal": healthequal,
    "finmonik": table("finmonik_2018_2019.csv", "Osuus"),
    "kott": table("kott_2021_income.csv", "Osuus"),
    "life expectancy": table(
        "life_expectancy_by_education_2007_2015.csv", "Elinajanodote", favourable=True, kind="mean"
    ),
    "unmet need": table("unmet_need_by_citizenship_2008_2025.csv", "Osuus"),
}
