"""The synthetic population: margins, gradients, the person file against the cells, and the committed release."""

import tracemalloc
from importlib.resources import files

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml

import hyteanalysis as hyte
from hyteanalysis import areas, places
from hyteanalysis.errors import HyteError, SourceError
from hyteanalysis.sources import example
from hyteanalysis.sources.example import outcomes, population
from hyteanalysis.sources.example.people import BLOCK

SETTING = ["indicator", "area", "period"]
COUNTS = ["population", "events", "respondents"]
TOWNS = {"KU075", "KU285", "KU286", "KU489", "KU624", "KU935"}


@pytest.fixture(scope="module")
def made():
    return example.cells(seed=1)


@pytest.fixture(scope="module")
def cells(made):
    return made.cells


@pytest.fixture(scope="module")
def other_seed():
    return example.cells(seed=2).cells


@pytest.fixture(scope="module")
def rows():
    """Some 390,000 person rows; their texts are categories, the same in every block."""
    return pd.concat([block.to_pandas() for block in example.blocks(3 * BLOCK, seed=3)], ignore_index=True)


def test_holds_what_is_promised(made, cells):
    assert hyte.tidy(cells, made.indicators).equals(cells)
    counties = set(areas.reference(2025).query("level == 'county'")["area"])
    assert len(counties) == 23
    assert set(cells["area"]) == {"SSS", *counties, *TOWNS}
    assert sorted(cells["period"].unique()) == [str(year) for year in range(2015, 2026)]
    assert cells["indicator"].nunique() == len(made.indicators) == 12
    crossed = {"education × sex", "age × education", "age × sex"}
    assert set(cells["dimension"]) == {"total", *population.GROUPS, *crossed}
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
    for name in outcomes.names():
        people = population.population().people[:, 5]
        assert np.average(outcomes.probability(name)[:, 5], weights=people) == pytest.approx(
            outcomes.rule(name)["level"], abs=1e-9
        )


def wide(cells, indicator, dimension, area="SSS"):
    rows = cells[(cells["indicator"] == indicator) & (cells["dimension"] == dimension) & (cells["area"] == area)]
    return rows.pivot(index="period", columns="group", values="estimate")


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


# ---- the person file


def test_people_reproduce_the_probabilities(rows):
    """How many have it in each group, against the probabilities of those very people, within 4.5 standard errors."""
    finest = population.population().facts.index
    county = areas.hierarchy(2025).query("parent.str.startswith('HVA')").set_index("area")["parent"]
    towns = pd.Series(rows["area"].cat.categories)
    place = finest.get_indexer(towns.where(towns.isin(TOWNS), towns.map(county)))[rows["area"].cat.codes]
    keys = {"area": place, "period": rows["period"].cat.codes}
    keys |= {name: rows[name].cat.codes for name in population.GROUPS}
    assert all(tuple(rows[name].cat.categories) == ids for name, ids in population.GROUPS.items())
    cell = np.ravel_multi_index(tuple(keys.values()), population.population().people.shape)
    for name in outcomes.names():
        share, most = outcomes.probability(name).ravel()[cell], outcomes.points(name)
        column = rows[name.removeprefix("example-").replace("-", "_")].to_numpy(dtype=float)
        asked = ~np.isnan(column)
        assert (asked == np.array(outcomes.answered(name))[keys["period"]]).all()
        assert set(column[asked]) <= set(range(most + 1))
        for key, codes in keys.items():
            found, mean, variance = (
                np.bincount(codes[asked], weights=values[asked])
                for values in (column, most * share, most * share * (1 - share))
            )
            assert (np.abs(found - mean) < 4.5 * np.sqrt(variance) + 0.5).all(), (name, key)


def test_weighted_people_agree_with_the_cells(rows, cells):
    people = rows.groupby("period", observed=True)["weight"].sum()
    total = cells.query("indicator == 'example-smoking' and area == 'SSS' and dimension == 'total'")
    assert np.allclose(people, total.set_index("period")["population"].loc[people.index], rtol=0.03)
    weight = rows["weight"].where(rows["period"] == "2025", 0.0)
    smoked = (weight * rows["smoking"]).groupby(rows["education"], observed=True).sum()
    found = 100 * smoked / weight.groupby(rows["education"], observed=True).sum()
    expected = wide(cells, "example-smoking", "education").loc["2025"]
    assert np.allclose(found, expected[found.index], atol=1.6)


def test_people_live_in_municipalities_of_every_year(rows):
    codes = set(rows["area"].unique())
    assert len(codes) == 308
    for year in (2015, 2025):
        assert codes <= set(areas.reference(year)["area"])
    county = areas.hierarchy(2025).query("parent.str.startswith('HVA')").set_index("area")["parent"]
    nested = rows[["area", "stratum", "cluster"]].drop_duplicates().astype(str)
    assert (nested["area"].map(county) == nested["stratum"]).all()
    assert (nested["cluster"].str[:5] == nested["area"]).all()
    size = areas.reference(2025).set_index("area")["population"].astype(float)
    pirkanmaa = rows.loc[rows["stratum"] == "HVA08", "area"].astype(str).value_counts(normalize=True)
    share = size[pirkanmaa.index] / size[pirkanmaa.index].sum()
    assert np.allclose(pirkanmaa, share, atol=0.015)


def test_euros_agree_with_fifths(rows):
    span = rows.groupby("income", observed=True)["income_eur"].agg(["min", "max"])
    assert (span["max"].iloc[:-1].to_numpy() < span["min"].iloc[1:].to_numpy()).all()
    assert (rows["income_eur"] % 100 == 0).all()


def test_first_rows_do_not_depend_on_how_many():
    few = next(example.blocks(1000, seed=5)).drop_columns("weight")
    many = next(example.blocks(3 * BLOCK, seed=5)).drop_columns("weight")
    assert few.num_rows == 1000
    assert few.equals(many.slice(0, 1000))
    assert not next(example.blocks(1000, seed=6)).drop_columns("weight").equals(few)


def test_memory_is_that_of_one_block(tmp_path):
    next(example.blocks(1, seed=1))  # what is made once, outside the measurement

    def peak(blocks):
        tracemalloc.start()
        example.people(tmp_path / str(blocks), people=blocks * BLOCK, seed=1)
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    assert peak(9) < 1.2 * peak(2)
    parts = sorted((tmp_path / "9" / "people").iterdir())
    assert [pq.ParquetFile(file).metadata.num_rows for file in parts] == [8 * BLOCK, BLOCK]
    assert next(example.blocks(10**12, seed=1)).num_rows == BLOCK


def test_folder_is_whole(tmp_path, cells):
    out = example.write(tmp_path / "pop", people=2_500, seed=1)
    assert {file.name for file in out.iterdir()} == {
        "people",
        "schema.yml",
        "cells.parquet",
        "cells.indicators.parquet",
        "cells.groups.parquet",
    }
    assert [file.name for file in tmp_path.iterdir()] == ["pop"]
    frame = pq.read_table(out / "people").to_pandas()
    assert len(frame) == 2_500
    assert hyte.tidy(pd.read_parquet(out / "cells.parquet")).equals(cells)
    schema = yaml.safe_load((out / "schema.yml").read_text(encoding="utf-8"))
    assert schema["synthetic"] is True
    named = [schema[key]["column"] for key in ("area", "period", "weight", "strata", "cluster")]
    named += [entry["column"] for part in ("groups", "outcomes", "rank") for entry in schema[part].values()]
    assert sorted(named) == sorted(frame.columns)
    for entry in schema["groups"].values():
        assert set(frame[entry["column"]].astype(str)) <= set(entry["values"])
        assert all(set(labels) == {"fi", "sv", "en"} for labels in entry["values"].values())
    assert schema["groups"]["education"]["order"] == ["low", "mid", "high"]
    assert "order" not in schema["groups"]["age"]


def test_an_occupied_or_impossible_place_is_refused(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    with pytest.raises(SourceError, match="not an empty folder"):
        example.write(tmp_path / "mine", people=10)
    for wrong in ({"people": 0}, {"people": 10, "seed": -1}, {"people": 2.5}):
        with pytest.raises(HyteError, match="whole number"):
            example.write(tmp_path / "new", **wrong)
    with pytest.raises(HyteError, match="seed"):
        example.cells(seed=-1)

    def torn(*args, **kwargs):
        raise OSError("no space left")

    monkeypatch.setattr("hyteanalysis.sources.example.folder.tables.cells", torn)
    with pytest.raises(OSError, match="no space"):
        example.write(tmp_path / "new", people=10)
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


# ---- the committed release


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
