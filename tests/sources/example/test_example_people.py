"""The person file against the probabilities and the cells it is drawn with, and the folder it lies in."""

import tracemalloc

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from example_cells import TOWNS, wide

import hyteanalysis as hyte
from hyteanalysis import areas, reading
from hyteanalysis.errors import HyteError, SourceError
from hyteanalysis.sources import example
from hyteanalysis.sources.example import world
from hyteanalysis.sources.example.people import BLOCK


@pytest.fixture(scope="module")
def rows():
    """Some 390,000 person rows; their texts are categories, the same in every block."""
    return pd.concat([block.to_pandas() for block in example.blocks(3 * BLOCK, seed=3)], ignore_index=True)


def test_people_reproduce_the_probabilities(rows):
    """How many have it in each group, against the probabilities of those very people, within 4.5 standard errors."""
    finest = world.population().facts.index
    county = areas.hierarchy(2025).query("parent.str.startswith('HVA')").set_index("area")["parent"]
    towns = pd.Series(rows["area"].cat.categories)
    place = finest.get_indexer(towns.where(towns.isin(TOWNS), towns.map(county)))[rows["area"].cat.codes]
    keys = {"area": place, "period": rows["period"].cat.codes}
    keys |= {name: rows[name].cat.codes for name in world.GROUPS}
    assert all(tuple(rows[name].cat.categories) == ids for name, ids in world.GROUPS.items())
    cell = np.ravel_multi_index(tuple(keys.values()), world.population().people.shape)
    for name in world.names():
        share, most = world.probability(name).ravel()[cell], world.points(name)
        column = rows[name.removeprefix("example-").replace("-", "_")].to_numpy(dtype=float)
        asked = ~np.isnan(column)
        assert (asked == np.array(world.answered(name))[keys["period"]]).all()
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
    schema = reading.read(out / "schema.yml", SourceError).data
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
