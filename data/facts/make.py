"""Tables of official figures, and the release of real figures that is made of them.

    python data/facts/make.py tables [FOLDER]   # tables here, from public files in FOLDER, else in $HYTE_SHARED/data
    python data/facts/make.py release OUT       # a release folder, from the tables here alone

The files as downloaded are never committed; what is read of them, from where and under which licence stands in
``data/README.md``. ``tables`` changes no number; all that is computed is computed by ``release``.
"""

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import hyteanalysis as hyte
from hyteanalysis import areas, rates
from hyteanalysis.cells import reference_groups
from hyteanalysis.errors import DisclosureError, SourceError
from hyteanalysis.reading import read

HERE = Path(__file__).resolve().parent
YEAR = 2023  # whose division of counties and classes of municipalities all years are given in
FIRST = 2010  # of the municipal series
COVERED = 0.9  # of a class's children live where the figure is published; else the class has none
KEYS = ["indicator", "area", "period", "dimension", "group"]
CLASSES = ("urbanity", "language_class", "deprivation")
APPROVAL = "hyteanalysis: numbers that their producers have published"


def tables(source: Path) -> None:
    """Write the tables of this folder from the public files in ``source``."""
    made = {
        "finterveys2017": _finterveys(pd.read_csv(source / "fi/finterveys2017_good_quality_of_life.csv")),
        "finmonik2018": pd.read_csv(source / "real/finmonik_2018_2019.csv"),
        "kott2021": pd.read_csv(source / "real/kott_2021_income.csv"),
        "eurostat": _eurostat(source / "real"),
        "candidates2021": _candidates(pd.read_csv(source / "fi/municipal_election_2021_by_sex.csv", dtype=str)),
        "municipalities": _municipal(pd.read_csv(source / "real/sotkanet_municipal_children_1990_2023.csv.gz")),
        "municipality_facts": _facts(source / "fi"),
    }
    for name, frame in made.items():
        frame.to_csv(HERE / f"{name}.csv", index=False, lineterminator="\n")


def _finterveys(published: pd.DataFrame) -> pd.DataFrame:
    """Sexes of the whole country, alone and by age and education; areas of 2017 are none of today's."""
    sexes = {"Miehet": "men", "Naiset": "women"}
    others = {
        "30-64v": ("age", "30-64"),
        "65+v": ("age", "65+"),
        "Koulutus perusaste": ("education", "low"),
        "Koulutus keskiaste": ("education", "mid"),
        "Koulutus korkea-aste": ("education", "high"),
    }
    rows = []
    for row in published[published["area"] == "Suomi"].to_dict("records"):
        sex, _, other = row["group"].partition(": ")
        named = {"sex": sexes[sex], **dict([others[other]] if other else [])}
        names = sorted(named)
        keys = ["thl-good-quality-of-life", "SSS", row["year"], " × ".join(names), " × ".join(map(named.get, names))]
        rows.append([*keys, row["value_percent"], row["ci95_lower"], row["ci95_upper"], row["respondents"]])
    return pd.DataFrame(rows, columns=[*KEYS, "estimate", "lower", "upper", "respondents"])


def _eurostat(source: Path) -> pd.DataFrame:
    names = ("life_expectancy_by_education_2007_2015", "material_deprivation_by_education_2016")
    files = [pd.read_csv(source / f"{name}.csv") for name in (*names, "unmet_need_by_citizenship_2008_2025")]
    found = pd.concat(files, ignore_index=True)[[*KEYS, "order", "estimate"]]
    return found.astype({"order": "Int64"})


def _candidates(published: pd.DataFrame) -> pd.DataFrame:
    """Counts by sex where both are published: not of Åland, which had no election, nor of Pertunmaa's population."""
    known = published.dropna(subset=["population_2021", "candidates_2021"])
    frame = pd.DataFrame(
        {"area": "KU" + known["kunta_code"], "group": known["sex"].map({"male": "men", "female": "women"})}
    )
    return frame.assign(
        candidates=known["candidates_2021"].astype(int), population=known["population_2021"].astype(int)
    )


def _municipal(published: pd.DataFrame) -> pd.DataFrame:
    """A row an indicator and municipality, a column a year."""
    rows = published[published["indicator"].isin(["sotkanet-228", "sotkanet-1244"]) & (published["period"] >= FIRST)]
    return rows.pivot(index=["indicator", "area"], columns="period", values="estimate").reset_index()


def _facts(source: Path) -> pd.DataFrame:
    """What else is known of each municipality: children, work, and the sum measure of deprivation."""
    ages = ["0-2 years", "3-6 years", "7-12 years", "13-15 years", "16-17 years"]
    paavo = pd.read_csv(source / "paavo2020_by_municipality.csv", dtype={"kunta_code": str}).dropna(subset="kunta_code")
    children = paavo.set_index("kunta_code")[[f"{age}, 2018 (HE)" for age in ages]].sum(axis=1)
    work = pd.read_csv(source / "statfin_key_figures_2021_municipalities.csv", dtype={"kunta_code": str})
    work = work.dropna(subset="kunta_code").set_index("kunta_code")
    diak = pd.read_csv(source / "diak_deprivation_index_2011_2020.csv.gz", dtype={"area_code": str})
    whole = (diak["area_level"] == "Kunnat") & (diak["indicator"] == "Huono-osaisuus yhteensä") & (diak["year"] == 2020)
    frame = pd.DataFrame(
        {
            "children_2018": children,
            "employed_2020": work["Employed labour force resident in the area, 2020"],
            "employment_rate_2020": work["Employment rate, %, 2020"],
            "unemployed_share_2020": work["Proportion of the unemployed among the labour force, %, 2020"],
            "deprivation_2020": diak[whole].set_index("area_code")["index_value"],
        }
    )
    whole_numbers = {"children_2018": "Int64", "employed_2020": "Int64"}
    return frame.astype(whole_numbers).rename_axis("area").rename(index=lambda code: f"KU{code}").reset_index()


def release(out: Path) -> None:
    """Make the release of real figures, approved: every number in it is published or computed from such."""
    told = read(HERE / "official.yml", SourceError).data
    indicators = pd.DataFrame([_about(one, told) for one in told["indicators"]])
    groups = pd.DataFrame([{"dimension": dim, **one} for dim, ones in told["groups"].items() for one in ones])
    made = hyte.release(
        hyte.tidy(cells(), indicators),
        indicators,
        policy=hyte.Policy.from_profile("open"),
        groups=groups,
    )
    made.save(out)
    hyte.disclosure.approve(out, APPROVAL)


def _about(indicator: str, told: dict[str, Any]) -> dict[str, Any]:
    """One indicator's metadata, a column a language."""
    said = {"indicator": indicator, "licence": "CC BY 4.0", **told["indicators"][indicator]}
    said = {**said, **told["kinds"][said["kind"]], "source": told["sources"][said["source"]]}
    row: dict[str, Any] = {}
    for name, value in said.items():
        row |= {f"{name}_{lang}": words for lang, words in value.items()} if isinstance(value, dict) else {name: value}
    return {**row, "source": row["source_fi"], "notes": row["notes_fi"]}


def cells() -> pd.DataFrame:
    """All figures of this folder as tidy cells."""
    named = ("finsote2020", "finterveys2017", "finmonik2018", "kott2021", "eurostat")
    files = [hyte.sources.read_table(HERE / f"{name}.csv") for name in named]
    # few foreigners are interviewed, and Eurostat's marks of unreliable numbers did not come with the figures
    foreign = files[-1]["group"].isin(["other_eu", "non_eu"])
    files[-1] = files[-1].assign(status=np.where(foreign, "uncertain", "ok"))
    facts = pd.read_csv(HERE / "municipality_facts.csv").set_index("area")
    series = pd.read_csv(HERE / "municipalities.csv").melt(
        ["indicator", "area"], var_name="period", value_name="estimate"
    )
    series["population"] = series["area"].map(facts["children_2018"]).astype(float)
    found = pd.concat([*files, _elections(), _by_kind([series, *_work(facts)], facts)], ignore_index=True)
    order = reference_groups().set_index(["dimension", "group"])["order"]
    ordered = pd.Series([order.get(pair) for pair in zip(found["dimension"], found["group"], strict=True)])
    return found.assign(period=found["period"].astype(str), order=ordered.astype("Int64"))


def _elections() -> pd.DataFrame:
    """Candidates for a thousand inhabitants by sex: municipalities, and counties and the country as their sums."""
    counts = pd.read_csv(HERE / "candidates2021.csv").assign(indicator="statfin-candidates", period="2021")
    above = areas.ancestry(areas.hierarchy(2021))
    above = above[above["ancestor"].str.match("SSS|HVA")]
    sums = counts.merge(above, on="area").drop(columns="area").rename(columns={"ancestor": "area"})
    by = ["indicator", "area", "period", "dimension", "group"]
    counted = pd.concat([counts, sums]).assign(dimension="sex")
    counted = pd.concat([counted, counted.assign(dimension="total", group="total")])
    counted = counted.groupby(by, as_index=False)[["candidates", "population"]].sum()
    return rates.crude(counted, by, events="candidates", per=1000).drop(columns="method")


def _work(facts: pd.DataFrame) -> list[pd.DataFrame]:
    """Shares of 2020, with the people that they are shares of, worked out from the number of the employed."""
    employed = facts["employed_2020"].astype(float)
    shares = {
        "statfin-unemployed": (facts["unemployed_share_2020"], employed / (1 - facts["unemployed_share_2020"] / 100)),
        "statfin-employment-rate": (facts["employment_rate_2020"], employed / (facts["employment_rate_2020"] / 100)),
    }
    return [
        pd.DataFrame({"indicator": name, "period": "2020", "estimate": share, "population": people}).reset_index()
        for name, (share, people) in shares.items()
    ]


def _by_kind(given: list[pd.DataFrame], facts: pd.DataFrame) -> pd.DataFrame:
    """Figures of municipalities, and of counties, the country and kinds of municipality as means weighted by people.

    Limits of a municipality and county are Wilson's, from the people that the share is of; those of the country and of
    a kind tell how its municipalities differ from each other (a ratio, municipalities as clusters).
    """
    own = pd.concat(given, ignore_index=True).dropna(subset="population")
    kinds = areas.classes(YEAR).set_index("area")
    fifths = pd.qcut(-facts["deprivation_2020"], 5, labels=["d1", "d2", "d3", "d4", "d5"]).astype("object")
    county = areas.ancestry(areas.hierarchy(YEAR))
    county = county[county["ancestor"].str.startswith("HVA")].set_index("area")["ancestor"]
    own = own.assign(
        **{name: own["area"].map(kinds[name]) for name in CLASSES[:2]},
        deprivation=own["area"].map(fifths),
        county=own["area"].map(county),
        total="total",
    )
    published = own.dropna(subset="estimate")
    single = published.assign(dimension="total", group="total")
    single = single[[*KEYS, "estimate", "population"]]
    counties = _means(own, "county").rename(columns={"group": "area"}).assign(dimension="total", group="total")
    parts = [_wilson(single), _wilson(counties)]
    parts += [_means(own, name).assign(area="SSS", dimension=name) for name in ("total", *CLASSES)]
    return pd.concat(parts, ignore_index=True)[[*KEYS, "estimate", "lower", "upper", "population", "status"]]


def _means(own: pd.DataFrame, name: str) -> pd.DataFrame:
    """Weighted means of groups of municipalities with limits; ``missing`` where too few people are covered."""
    rows = own.dropna(subset=name).rename(columns={name: "group"})
    by = ["indicator", "period", "group"]
    everyone = rows.groupby(by)["population"].sum()
    known = rows.dropna(subset="estimate")
    known = known.assign(weighted=known["estimate"] * known["population"])
    sums = known.groupby(by).agg(weighted=("weighted", "sum"), population=("population", "sum"), n=("area", "size"))
    mean = (sums["weighted"] / sums["population"]).rename("estimate")
    known = known.join(mean.rename("mean"), on=by)
    known["squared"] = (known["population"] * (known["estimate"] - known["mean"])) ** 2
    spread = known.groupby(by)["squared"].sum() * sums["n"] / (sums["n"] - 1)
    se = np.sqrt(spread) / sums["population"]
    found = sums.assign(estimate=mean, lower=(mean - 1.96 * se).clip(lower=0), upper=(mean + 1.96 * se).clip(upper=100))
    covered = found["population"] >= COVERED * everyone.reindex(found.index)
    found.loc[~covered, ["estimate", "lower", "upper", "population"]] = np.nan
    found["status"] = np.where(covered, "ok", "missing")
    return found.drop(columns=["weighted", "n"]).reset_index()


def _wilson(shares: pd.DataFrame) -> pd.DataFrame:
    """Limits of shares in per cent, from the people that they are of."""
    n, p, z = shares["population"], shares["estimate"] / 100, 1.959964
    middle, width = (
        (p + z**2 / (2 * n)) / (1 + z**2 / n),
        z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n),
    )
    lower, upper = (
        (100 * (middle - width)).clip(upper=shares["estimate"]),
        (100 * (middle + width)).clip(lower=shares["estimate"]),
    )
    return shares.assign(lower=lower.clip(lower=0), upper=upper, status=shares.get("status", "ok"))


def main(words: list[str]) -> None:
    """Run the command."""
    if words[:1] == ["tables"] and len(words) <= 2:
        shared = (
            Path(words[1])
            if len(words) == 2
            else Path(os.environ.get("HYTE_SHARED", HERE.parents[2] / "shared")) / "data"
        )
        if not (shared / "real").is_dir():
            raise SystemExit(f"{shared} has no folder real: name the folder of the public files, or set HYTE_SHARED.")
        tables(shared)
    elif words[:1] == ["release"] and len(words) == 2:
        try:
            release(Path(words[1]))
        except DisclosureError as error:
            raise SystemExit(str(error)) from error
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
