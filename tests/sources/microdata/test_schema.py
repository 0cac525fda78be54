"""A declared schema: what it names, what it asks for, and where it is faulty."""

import numpy as np
import pytest
from person_rows import row

import hyteanalysis as hyte
from hyteanalysis.errors import MeasureError, SourceError, TidyError
from hyteanalysis.sources import example
from hyteanalysis.sources.microdata import Schema, aggregation


def test_the_schema_names_columns_labels_order_and_outcomes(population):
    made = aggregation(population / "people", by=["education"], schema=population / "schema.yml", hierarchy="official")
    cells = hyte.tidy(made.cells, made.indicators)
    assert set(made.cells["indicator"]) == set(example.schema()["outcomes"])
    assert row(cells, indicator="example-trust", area="HVA10", period="2020", group="high")["order"] == 3
    assert set(made.groups.loc[made.groups["dimension"] == "education", "label_sv"]) >= {"låg utbildning"}
    assert made.manifest["rows"] == 6000
    assert made.manifest["asked"]["cluster"] == "cluster"
    some = hyte.aggregate(
        population / "people", by=["sex"], outcomes=["example-smoking"], schema=population / "schema.yml"
    )
    assert set(some["scale"]) == {100.0}
    assert set(some["area"].map(hyte.areas.level)) == {"country", "county"}, "the levels the schema asks for"


def test_a_schema_asks_for_cells_of_some_levels(population):
    declared = example.schema()
    ask = {"by": ["sex"], "outcomes": ["example-smoking"]}
    declared["area"]["cells"] = ["municipality"]
    towns = hyte.aggregate(population / "people", schema=declared, **ask)
    assert set(towns["area"].map(hyte.areas.level)) == {"municipality"}
    del declared["area"]["cells"]
    everywhere = hyte.aggregate(population / "people", schema=declared, hierarchy="official", **ask)
    assert {"country", "county", "municipality", "region"} <= set(everywhere["area"].map(hyte.areas.level))
    keys = ["indicator", "area", "period", "dimension", "group"]
    both = towns.merge(everywhere, on=keys, validate="one_to_one", suffixes=("", "_all"))
    assert len(both) == len(towns)
    np.testing.assert_allclose(both["estimate"], both["estimate_all"], rtol=1e-12)
    declared["area"]["cells"] = ["parish"]
    with pytest.raises(SourceError, match=r"area: cells.*parish"):
        hyte.aggregate(population / "people", schema=declared, **ask)
    declared["area"]["cells"] = ["postal"]
    with pytest.raises(MeasureError, match="cells of postal"):
        hyte.aggregate(population / "people", schema=declared, **ask)


def test_a_faulty_schema_says_where(tmp_path):
    declared = example.schema()
    for change, text in {
        "colour": "must be one of title",
        "area": "lacks its column",
        "groups": "holds one entry a name",
    }.items():
        with pytest.raises(SourceError, match=text):
            Schema.read({**declared, change: "x"})
    entry = {"column": "sex", "values": {True: {"en": "yes"}}}
    with pytest.raises(SourceError, match="quotation marks"):
        Schema.read({"groups": {"sex": entry}})
    with pytest.raises(SourceError, match="order names every code"):
        Schema.read({"groups": {"sex": {"column": "sex", "values": {"a": "A", "b": "B"}, "order": ["a"]}}})
    with pytest.raises(SourceError, match="kind of outcome"):
        Schema.read({"outcomes": {"x": {"column": "x", "kind": "share"}}})
    (tmp_path / "schema.yml").write_text("area: [")
    with pytest.raises(SourceError, match=r"schema.yml, line 1: is not valid YAML"):
        Schema.read(tmp_path / "schema.yml")


def test_codes_without_a_label_are_counted_and_named(population, people):
    rows = people.assign(sex=people["sex"].mask(people.index % 100 == 0, "3").mask(people.index % 1000 == 1, "9"))
    with pytest.raises(TidyError, match=r"2 codes without a label .*, on 66 rows: '3' \(60 rows\), '9' \(6 rows\)"):
        hyte.aggregate(rows, by=["sex"], schema=population / "schema.yml")
