"""The synthetic cells: margins, sizes, gradients, small tables, and the committed release made of them."""

from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
from example_cells import COUNTS, SETTING, TOWNS, wide

import hyteanalysis as hyte
from hyteanalysis import areas, places
from hyteanalysis.sources import example
from hyteanalysis.sources.example import world


def test_holds_what_is_promised(made, cells):
    assert hyte.tidy(cells, made.indicators).equals(cells)
    counties = set(areas.reference(2025).query("level == 'county'")["area"])
    assert len(counties) == 23
    assert set(cells["area"]) == {"SSS", *counties, *TOWNS}
    assert sorted(cells["period"].unique()) == [str(year) for year in range(2015, 2026)]
    assert cells["indicator"].nunique() == len(made.indicators) == 12
    crossed = {"education × sex", "age × education", "age × sex"}
    assert set(cells["dimension"]) == {"total", *world.GROUPS, *crossed}
    assert set(cells.loc[cells["dimension"].isin(crossed), "period"]) == {"2024", "2025"}
    single = {"total", "sex", "age", "education", "language", "disability"}
    assert set(cells.loc[cells["area"].isin(TOWNS), "dimension"]) == single
    assert set(made.indicators["theme"]) == {"health", "participation", "safety", "livelihood"}
    assert set(made.indicators["kind"]) == {"proportion", "rate", "mean"}
    assert made.indicators[[f"title_{lang}" for lang in ("fi", "sv", "en")]].notna().all(axis=None)
    assert made.indicators["source"].str.contains("Synteettinen harjoitusaineisto").all()
    assert set(cells["status"]) == {"ok", "missing", "uncertain"}


def test_every_dimension_adds_up_to_its_margin(cells):
    total = cells[cells["dimension"] == "total"].set_index(SETTING)[COUNTS]
    for dimension, part in cells[cells["dimension"] != "total"].groupby("dimension"):
        summed = part.groupby(SETTING)[COUNTS].sum(min_count=1)
        pd.testing.assert_frame_equal(summed, total.loc[summed.index], check_names=False)
        for place, kept in enumerate(dimension.split(" × ")):
            if " × " in dimension:
                groups = part["group"].str.split(" × ").str[place]
                summed = part.assign(group=groups).groupby([*SETTING, "group"])[COUNTS].sum(min_count=1)
                margin = cells[cells["dimension"] == kept].set_index([*SETTING, "group"])[COUNTS]
                pd.testing.assert_frame_equal(summed, margin.loc[summed.index])


def test_areas_add_up_exactly(cells):
    keys = ["indicator", "period", "dimension", "group"]
    by = {area: frame.set_index(keys)[COUNTS] for area, frame in cells.groupby("area")}
    towns = cells[cells["area"].isin(TOWNS)].groupby(keys)
    whole = towns.filter(lambda rows: len(rows) == len(TOWNS)).groupby(keys)[COUNTS].sum(min_count=1)
    assert len(whole) > 500
    pd.testing.assert_frame_equal(whole, by["HVA10"].loc[whole.index])
    in_counties = cells[cells["area"].str.startswith("HVA")].groupby(keys)
    whole = in_counties.filter(lambda rows: len(rows) == 23).groupby(keys)[COUNTS].sum(min_count=1)
    assert len(whole) > 2000
    pd.testing.assert_frame_equal(whole, by["SSS"].loc[whole.index])


def test_sizes_are_the_areas_own(cells):
    size = areas.reference().set_index("area")["population"]
    adults = cells.query("dimension == 'total' and period == '2022' and indicator == 'example-smoking'")
    share = adults.set_index("area")["population"] / size.reindex(adults["area"]).astype(float)
    assert share.between(0.73, 0.86).all()
    fifths = cells.query("dimension == 'income' and area == 'SSS' and indicator == 'example-smoking'")
    assert np.allclose(fifths["population"] / fifths.groupby("period")["population"].transform("sum"), 0.2, atol=0.002)


def test_areas_of_the_example_follow_the_published_figures(shared):
    """example_areas.csv, computed again from the sources that data/README.md names."""
    code = {"kunta_code": str}
    paavo = pd.read_csv(shared("data/fi/paavo2020_by_municipality.csv"), dtype=code).dropna(subset="kunta_code")
    key = pd.read_csv(shared("data/fi/statfin_key_figures_2021_municipalities.csv"), dtype=code)
    key = key.dropna(subset="kunta_code")
    size = pd.read_csv(shared("data/fi/sotkanet_127_population_2000_2022.csv.gz"), dtype=code)
    county = areas.hierarchy(2021).query("parent.str.startswith('HVA')").set_index("area")["parent"]

    def place(codes):
        codes = "KU" + codes.replace("099", "214")  # Honkajoki joined Kankaanpää in 2021
        return codes.where(codes.isin(TOWNS), codes.map(county))

    def ages(first, last):
        names = [f"{age}-{age + 4} years, 2018 (HE)" for age in range(first, min(last, 85), 5)]
        return paavo[names + (["85 years or over, 2018 (HE)"] if last > 85 else [])].sum(axis=1)

    groups = pd.DataFrame({"age_20_54": ages(20, 55), "age_55_74": ages(55, 75), "age_75": ages(75, 90)})
    groups["all"] = paavo["Inhabitants, total, 2018 (HE)"]
    groups = groups.groupby(place(paavo["kunta_code"])).sum()
    adults = groups.drop(columns="all").sum(axis=1)
    weight = key["Population, 2021"]
    weighted = key.select_dtypes("number").mul(weight, axis=0).groupby(place(key["kunta_code"])).sum()
    mean = weighted.div(weight.groupby(place(key["kunta_code"])).sum(), axis=0) / 100
    years = size.assign(area=place(size["kunta_code"])).pivot_table("population", "area", "year", aggfunc="sum")
    upper_secondary = "Share of persons aged 15 or over with at least upper secondary qualifications, %, 2020"
    expected = pd.DataFrame(
        {
            "adults": adults / groups["all"],
            "age_20_54": groups["age_20_54"] / adults,
            "age_55_74": groups["age_55_74"] / adults,
            "age_75": groups["age_75"] / adults,
            "education_low": 1 - mean[upper_secondary],
            "education_high": mean["Share of persons aged 15 or over with tertiary level qualifications, %, 2020"],
            "language_sv": mean["Share of Swedish-speakers of the population, %, 2021"],
            "foreign": mean["Share of foreign citizens of the population, %, 2021"],
            "urban": mean["Degree of urbanisation, %, 2020"],
            "unemployed": mean["Proportion of the unemployed among the labour force, %, 2020"],
            "growth": (years[2022] / years[2015]) ** (1 / 7) - 1,
        }
    )
    kept = pd.read_csv(files("hyteanalysis.reference") / "example_areas.csv", index_col="area")
    pd.testing.assert_frame_equal(kept[expected.columns], expected, check_names=False, rtol=0, atol=1.5e-4)


def small_tables(frame):
    """The municipal tables that need hiding."""
    return frame["area"].str.startswith("KU") & frame["dimension"].isin(["language", "disability"])


def test_only_the_small_municipal_tables_need_hiding(cells, other_seed):
    for drawn in (cells, other_seed):
        small, large = drawn[small_tables(drawn)], drawn[~small_tables(drawn)]
        asked = large["respondents"].fillna(large["population"])
        assert large["events"].min() >= 5
        assert (asked - large["events"]).min() >= 5
        assert large["respondents"].min() >= 30
        assert set(small["area"]) == set(large.loc[large["area"].str.startswith("KU"), "area"])
        assert small["events"].between(1, 4).any()


def test_estimates_are_their_counts(made, cells):
    kind = cells["indicator"].map(made.indicators.set_index("indicator")["kind"])
    scale = cells["indicator"].map(made.indicators.set_index("indicator")["scale"])
    counted = cells["events"].notna() & (cells["respondents"].isna() | (cells["area"] != "SSS"))
    asked = cells["respondents"].fillna(cells["population"])
    assert np.allclose((scale * cells["events"] / asked)[counted], cells["estimate"][counted], rtol=1e-12)
    known = cells["status"] != "missing"
    assert set(cells.loc[~known, "indicator"]) == {"example-loneliness"}
    assert set(cells.loc[~known, "period"]) == {"2020"}
    some = known & ~(counted & ((cells["events"] == 0) | (cells["events"] == asked)))
    assert (cells["se"][some] > 0).all()
    assert ((cells["lower"] < cells["estimate"]) & (cells["estimate"] < cells["upper"]))[some].all()
    assert (cells["upper"] > cells["lower"])[known].all()
    assert cells.loc[kind == "mean", "events"].isna().all()
    few = cells["respondents"] < 100
    assert (cells["status"].eq("uncertain") == few).all()


def test_country_of_a_sample_is_weighted_by_the_counties_people(cells):
    trust = cells.query("indicator == 'example-trust' and dimension == 'total' and period == '2022'").set_index("area")
    counties = trust[trust.index.str.startswith("HVA")]
    assert (counties["respondents"] == 500).all()
    assert trust.at["SSS", "estimate"] == pytest.approx(
        np.average(counties["estimate"], weights=counties["population"]), rel=1e-9
    )
    share = counties["population"] / counties["population"].sum()
    assert trust.at["SSS", "se"] == pytest.approx(np.sqrt((share**2 * counties["se"] ** 2).sum()), rel=1e-9)


def test_levels_are_the_declared_ones(cells):
    for name in world.names():
        people = world.population().people[:, 5]
        assert np.average(world.probability(name)[:, 5], weights=people) == pytest.approx(
            world.rule(name)["level"], abs=1e-9
        )


@pytest.mark.parametrize("area", ["SSS", "HVA10"])
def test_gradients_tell_what_the_table_says(cells, area):
    smoking = wide(cells, "example-smoking", "education", area)
    assert ((smoking["low"] > smoking["mid"]) & (smoking["mid"] > smoking["high"])).all()
    gap = smoking["low"] - smoking["high"]
    assert gap["2025"] < 0.75 * gap["2015"]
    distress = wide(cells, "example-distress", "education", area)
    assert distress.at["2015", "low"] > distress.at["2015", "high"] + 3
    assert distress.at["2025", "low"] < distress.at["2025", "high"]
    exercise = wide(cells, "example-exercise", "education", area)
    gap = exercise["high"] - exercise["low"]
    assert gap["2025"] > gap["2015"] + 2
    violence = wide(cells, "example-violence", "education", area)
    assert (violence["low"] < violence["high"]).all()
    unsafe = wide(cells, "example-unsafe", "sex", area)
    assert (unsafe["women"] > 1.8 * unsafe["men"]).all()
    loneliness = wide(cells, "example-loneliness", "disability", area)
    gap = loneliness["with"] - loneliness["without"]
    assert np.isnan(gap["2020"])
    assert gap["2025"] > gap["2015"] + 3
    hardship = wide(cells, "example-hardship", "income", area)
    assert hardship["q1"]["2025"] - hardship["q5"]["2025"] > hardship["q1"]["2015"] - hardship["q5"]["2015"] + 3
    fifths = hardship.drop(index="2020")[["q1", "q2", "q3", "q4", "q5"]]
    assert (np.diff(fifths, axis=1) < 0).all()
    voting = wide(cells, "example-voting", "language", area)
    assert (voting["other"] < voting["fi"] - 15).all()
    injuries = wide(cells, "example-injuries", "total", area)["total"]
    assert (injuries / injuries.mean()).between(0.93, 1.07).all()


def test_same_seed_same_numbers(made, other_seed):
    again = example.cells(seed=1)
    for one, other in zip(made, again, strict=True):
        pd.testing.assert_frame_equal(one, other)
    assert other_seed["population"].equals(made.cells["population"])
    drawn = made.cells["events"].notna()
    assert (other_seed["events"] != made.cells["events"])[drawn].mean() > 0.9


def test_the_committed_release_is_this_example(cells, made):
    folder = places.committed("releases", "example")
    assert sum(file.stat().st_size for file in folder.iterdir()) < 3_000_000
    release = hyte.disclosure.Release.open(folder)
    assert release.synthetic
    assert "harjoitusaineisto" in release.source
    assert release.policy.name == "thl"
    keys = ["indicator", "area", "period", "dimension", "group"]
    kept = release.cells.set_index(keys).sort_index()
    drawn = cells.set_index(keys).sort_index()
    assert kept.index.equals(drawn.index)
    shown = kept["status"] != "suppressed"
    unsafe = drawn["events"].between(1, 4) | (drawn["population"] - drawn["events"]).between(1, 4)
    assert unsafe.any()
    assert not (unsafe & shown).any()
    assert shown.mean() > 0.99
    assert set(kept[~shown].index.get_level_values("dimension")) >= {"language"}
    numbers = ["estimate", "se", "lower", "upper", "events"]
    pd.testing.assert_frame_equal(kept.loc[shown, numbers], drawn.loc[shown, numbers], rtol=1e-9)
    assert set(release.indicators["theme"]) == set(made.indicators["theme"])
    assert set(release.areas["area"]) == set(cells["area"])
