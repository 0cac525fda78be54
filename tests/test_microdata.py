"""Person rows to cells: against pandas, the survey estimates, the other engine, and faulty rows."""

import importlib.util
import json
import shutil
from itertools import product
from math import sqrt
from pathlib import Path

import duckdb
import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import hyteanalysis as hyte
from hyteanalysis.cli.aggregating import aggregate as command
from hyteanalysis.errors import MeasureError, SourceError, TidyError
from hyteanalysis.sources import example
from hyteanalysis.sources.microdata import Outcome, Schema, aggregation, source, write
from hyteanalysis.uncertainty import poisson, wilson

KEYS = ["indicator", "area", "period", "dimension", "group"]
NUMBERS = ["estimate", "se", "lower", "upper", "population", "events", "respondents"]
BY = ["education", "sex"]


@pytest.fixture(scope="module")
def population(tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    example.people(folder, people=6000)
    (folder / "schema.yml").write_text(yaml.safe_dump(example.schema(), allow_unicode=True), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def people(population):
    frame = pd.read_parquet(population / "people")
    texts = frame.select_dtypes("category").columns
    return frame.astype(dict.fromkeys(texts, "str"))


@pytest.fixture
def few():
    """Twelve people, two of them without an answer."""
    return pd.DataFrame(
        {
            "area": ["KU285", "KU091"] * 6,
            "period": ["2023"] * 6 + ["2024"] * 6,
            "education": ["low", "low", "high", "high"] * 3,
            "sex": ["women"] * 5 + ["men"] * 7,
            "ill": [1, 0, 0, 1, None, 0, 1, 1, 0, None, 0, 0],
            "score": [3.5, 2, 8, 9, 1, 0, 4, 4, 7, 6, 2.5, 10],
            "years": [1.0, 2, 0.5, 1, 1, 1, 2, 2, 1, 1, 0.5, 1],
            "euros": [10, 20, 20, 30, 40, 40, 50, 60, 70, 70, 80, 90],
            "w": [1.0, 2, 1, 3, 1, 2, 2, 1, 1, 2, 1, 3],
            "h": ["a"] * 6 + ["b"] * 6,
            "c": [1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3],
        }
    )


def same(one, other, tolerance=1e-12):
    pd.testing.assert_frame_equal(one[KEYS], other[KEYS])
    for column in NUMBERS:
        np.testing.assert_allclose(one[column], other[column], rtol=tolerance, atol=tolerance, err_msg=column)


def row(cells, **where):
    found = cells
    for column, value in where.items():
        found = found[found[column] == value]
    assert len(found) == 1
    return found.iloc[0]


# ---- numbers


def test_a_crossing_with_its_margins_is_what_pandas_counts(population, people):
    cells = hyte.aggregate(population / "people", by=BY, outcomes={"smoking": "smoking"})
    hyte.tidy(cells)
    assert set(cells["dimension"]) == {"total", "education", "sex", "education × sex"}
    for dimension, columns in {"total": [], "sex": ["sex"], "education × sex": ["education", "sex"]}.items():
        own = cells[cells["dimension"] == dimension]
        counted = people.groupby(["area", "period", *columns])["smoking"].agg(["sum", "size"]).reset_index()
        names = counted[columns[0]].str.cat(counted[columns[1:]], sep=" × ") if columns else "total"
        counted = counted.assign(group=names)
        joined = own.merge(counted, on=["area", "period", "group"], validate="one_to_one")
        assert len(joined) == len(own) == len(counted)
        assert (joined["events"] == joined["sum"]).all()
        assert (joined["respondents"] == joined["size"]).all()
        np.testing.assert_allclose(joined["estimate"], joined["sum"] / joined["size"], rtol=1e-14)
    assert row(cells, area="KU091", period="2024", group="low")["order"] == 1
    assert cells.loc[cells["dimension"] == "sex", "order"].isna().all()


def test_each_kind_has_its_error_and_limits(few):
    outcomes = {
        "ill": "ill",
        "percent": Outcome("ill", kind="proportion", scale=100),
        "score": "score",
        "rate": Outcome("ill", kind="rate", exposure="years", scale=1000),
        "cases": Outcome("ill", kind="count"),
        "points": Outcome("score", kind="count"),
    }
    cells = hyte.aggregate(few, by=[], outcomes=outcomes, area=None, period=None)
    assert set(cells["area"]), set(cells["period"]) == ({"SSS"}, {"all"})
    known = few.dropna(subset="ill")
    n, events, time = len(known), known["ill"].sum(), known["years"].sum()
    ill = row(cells, indicator="ill")
    p = events / n
    expected = [p, sqrt(p * (1 - p) / n), *wilson(events, n), n, events, n]
    assert ill[NUMBERS].tolist() == pytest.approx(expected)
    assert ill["note"] == "2 rows without an answer left out."
    percent = row(cells, indicator="percent")
    assert percent["estimate"] == pytest.approx(100 * p)
    assert percent["scale"] == 100
    score = row(cells, indicator="score")
    assert score["estimate"] == pytest.approx(few["score"].mean())
    assert score["se"] == pytest.approx(few["score"].std() / sqrt(12))
    assert np.isnan(score["events"])
    rate = row(cells, indicator="rate")
    lower, upper = poisson(events)
    expected = [1000 * v / time for v in (events, sqrt(events), lower, upper)]
    assert rate[NUMBERS].tolist() == pytest.approx([*expected, time, events, n])
    cases, points = row(cells, indicator="cases"), row(cells, indicator="points")
    assert cases[["estimate", "se", "events"]].tolist() == pytest.approx([events, sqrt(events), events])
    assert points[["estimate", "se"]].tolist() == pytest.approx([57, sqrt((few["score"] ** 2).sum())])


@pytest.mark.parametrize(
    "layout",
    [
        {"weight": "weight"},
        {"weight": "weight", "strata": "stratum"},
        {"weight": "weight", "strata": "stratum", "cluster": "cluster"},
        {"weight": "weight", "cluster": "cluster"},
    ],
    ids=lambda layout: "+".join(layout),
)
def test_a_design_gives_what_the_survey_estimates_give(population, people, layout):
    """Crossing, margins and larger areas alike: linearised over the units of the whole data, limits too."""
    kinds = {"loneliness": "proportion", "satisfaction": "mean"}
    asked = {outcome: outcome for outcome in kinds}
    cells = hyte.aggregate(population / "people", by=BY, outcomes=asked, hierarchy="official", **layout)
    cells = cells[cells["area"] == "SSS"]
    for outcome, by in product(kinds, ([], ["education"], BY)):
        fit = hyte.survey.estimate(people, outcome, ["period", *by], kind=kinds[outcome], **layout).frame
        own = cells[(cells["indicator"] == outcome) & (cells["dimension"] == (" × ".join(by) or "total"))]
        joined = own.merge(fit, on=["period", "dimension", "group"], suffixes=("", "_"), validate="one_to_one")
        assert len(joined) == len(fit)
        answered = joined["respondents"] > 0
        for column in ["estimate", "se", "lower", "upper", "population", "respondents"]:
            np.testing.assert_allclose(joined.loc[answered, column], joined.loc[answered, column + "_"], rtol=1e-9)
        assert (joined.loc[~answered, "status"] == "missing").all()


def test_weighted_totals_and_person_time_rates_are_ratio_estimates(few):
    design = {"weight": "w", "strata": "h", "cluster": "c", "area": None, "period": None}
    known = few.dropna(subset="ill").assign(area="SSS")
    cells = hyte.aggregate(
        few, by=["sex"], outcomes={"rate": Outcome("ill", "rate", "years"), "cases": Outcome("ill", "count")}, **design
    )
    survey = {"weight": "w", "strata": "h", "cluster": "c"}
    ratio = hyte.survey.estimate(few, "ill", "sex", kind="ratio", denominator="years", **survey).frame
    total = hyte.survey.estimate(few, "ill", "sex", kind="total", **survey).frame
    for indicator, fit in (("rate", ratio), ("cases", total)):
        own = cells[(cells["indicator"] == indicator) & (cells["dimension"] == "sex")]
        np.testing.assert_allclose(own["estimate"], fit["estimate"], rtol=1e-12)
        np.testing.assert_allclose(own["se"], fit["se"], rtol=1e-12)
    whole = row(cells, indicator="rate", dimension="total")
    assert whole["population"] == pytest.approx((known["w"] * known["years"]).sum())


def test_larger_areas_are_the_sums_of_their_parts(population, people):
    cells = hyte.aggregate(population / "people", by=["sex"], outcomes={"smoking": "smoking"}, hierarchy="official")
    tree = hyte.areas.hierarchy(2025)
    county = people["area"].map(tree[tree["parent"].str.startswith("HVA")].set_index("area")["parent"])
    counted = people.groupby([county, "period"])["smoking"].agg(["sum", "size"])
    own = cells[cells["area"].str.startswith("HVA") & (cells["dimension"] == "total")].set_index(["area", "period"])
    assert (own["events"].reindex(counted.index) == counted["sum"]).all()
    assert row(cells, area="SSS", period="2020", group="total")["respondents"] == (people["period"] == "2020").sum()
    town = pd.DataFrame({"area": ["KU285", "KU091"], "parent": "coast"})
    some = people[people["area"].isin(town["area"])]
    coast = hyte.aggregate(some, by=[], outcomes={"smoking": "smoking"}, hierarchy=town)
    assert set(coast["area"]) == {"coast", "KU285", "KU091"}


def test_several_tables_take_a_scan_each_and_share_their_margins(population):
    cells = hyte.aggregate(
        population / "people", by=[["education", "sex"], ["language"]], outcomes={"smoking": "smoking"}
    )
    assert not cells.duplicated(KEYS).any()
    assert set(cells["dimension"]) == {"total", "education", "sex", "education × sex", "language"}
    bare = hyte.aggregate(population / "people", by=BY, outcomes={"smoking": "smoking"}, margins=False)
    assert set(bare["dimension"]) == {"education × sex"}


# ---- ranks


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1), st.integers(1, 4)), min_size=3, max_size=30),
)
@settings(max_examples=6)
def test_ranks_agree_with_everybody_ranked_by_hand(rows):
    frame = pd.DataFrame(rows, columns=["euros", "ill", "w"])
    found = hyte.concentration(frame, rank_by="euros", outcomes={"ill": "ill"}, weight="w").set_index("measure")
    euros, ill, w = (frame[name].to_numpy(float) for name in frame)
    share = w / w.sum()
    rank = np.array([share[euros < v].sum() + share[euros == v].sum() / 2 for v in euros])
    mean = share @ ill
    if frame["euros"].nunique() == 1:
        assert found["estimate"].isna().all()
        assert (found["note"] == "Everybody has the same rank.").all()
        return
    cov = share @ (ill * (rank - 0.5))
    assert found.at["ACI", "estimate"] == pytest.approx(2 * cov, abs=1e-13)
    assert found.at["SII", "estimate"] == pytest.approx(cov / (share @ (rank - 0.5) ** 2), abs=1e-12)
    if mean > 0:
        assert found.at["RCI", "estimate"] == pytest.approx(2 * cov / mean, abs=1e-12)


def test_the_error_of_an_index_is_the_jackknife_error():
    rng = np.random.default_rng(3)
    euros = rng.integers(0, 12, 150)
    frame = pd.DataFrame({"euros": euros, "ill": (rng.random(150) < 0.6 - 0.03 * euros).astype(int)})
    frame["w"] = rng.integers(1, 4, 150)
    ask = {"rank_by": "euros", "outcomes": {"ill": "ill"}, "weight": "w"}
    found = hyte.concentration(frame, **ask).set_index("measure")
    left = pd.concat([frame.drop(index=k).assign(area=f"without-{k}") for k in range(150)])
    each = hyte.concentration(left, **ask)
    spread = each.groupby("measure")["estimate"].apply(lambda v: sqrt(149 / 150 * ((v - v.mean()) ** 2).sum()))
    for measure in ("ACI", "RCI", "SII"):
        assert found.at[measure, "se"] == pytest.approx(spread[measure], rel=0.03)


def test_ties_give_the_same_indices_in_every_run_and_order(people):
    ask = {"rank_by": {"income": "income_eur"}, "outcomes": {"smoking": "smoking"}, "weight": "weight"}
    ask |= {"hierarchy": "official"}
    rows = people[people["period"] == "2020"]
    runs = [hyte.concentration(rows.sample(frac=1, random_state=k), **ask) for k in range(3)]
    for other in runs[1:]:
        for column in ("estimate", "se"):
            np.testing.assert_allclose(runs[0][column], other[column], rtol=1e-12, atol=1e-12)


def test_quantile_groups_keep_ties_together_and_have_an_order(few):
    cells = hyte.aggregate(
        few, by=[], outcomes={"score": "score"}, rank_by={"income": "euros"}, quantiles=3, area=None, period=None
    )
    groups = cells[cells["dimension"] == "income"]
    # 10 20 20 30 | 40 40 50 60 | 70 70 80 90, the middle of the ties decides
    assert groups["respondents"].tolist() == [4, 4, 4]
    assert groups["order"].tolist() == [1, 2, 3]
    assert groups["group"].tolist() == ["q1", "q2", "q3"]
    own = hyte.aggregate(few, by=["sex"], outcomes={"score": "score"}, rank_by="euros", quantiles=2, within="area")
    assert set(own["dimension"]) == {"total", "sex", "euros", "euros × sex"}
    split = own[(own["dimension"] == "euros") & (own["area"] == "KU285") & (own["period"] == "2023")]
    assert split["respondents"].tolist() == [1, 2]  # the middle person lies on the boundary: the upper half
    with pytest.raises(MeasureError, match="belong together"):
        hyte.aggregate(few, by=[], outcomes={"score": "score"}, rank_by="euros")


# ---- sources


@pytest.mark.filterwarnings("ignore:fetch_arrow_table")
def test_every_source_gives_the_same_cells(tmp_path, people):
    people = people.head(300)
    ask = {"by": ["sex"], "outcomes": {"smoking": "smoking"}, "weight": "weight", "margins": False}
    expected = hyte.aggregate(people, **ask)
    people.to_csv(tmp_path / "people.csv", index=False)
    people.to_csv(tmp_path / "finnish.csv", index=False, sep=";", decimal=",")
    people.to_parquet(tmp_path / "parts", partition_cols=["period"])
    with duckdb.connect(str(tmp_path / "people.duckdb")) as connection:
        connection.register("frame", people)
        connection.execute("CREATE TABLE people AS SELECT * FROM frame")
    same(hyte.aggregate(tmp_path / "people.csv", **ask), expected)
    same(hyte.aggregate(tmp_path / "finnish.csv", **ask), expected)
    same(hyte.aggregate(tmp_path / "parts", **ask), expected)
    same(hyte.aggregate(f"{tmp_path}/parts/*/*.parquet", **ask), expected)
    same(hyte.aggregate(tmp_path / "people.duckdb", **ask), expected)
    same(hyte.aggregate(f"duckdb://{tmp_path}/people.duckdb", **ask), expected)
    held = ibis.duckdb.connect(str(tmp_path / "people.duckdb"), read_only=True)
    same(hyte.aggregate("people", engine=held, **ask), expected)
    rows = held.table("people")
    same(hyte.aggregate(rows, **ask), expected)
    same(hyte.aggregate(rows.mutate(smoking=rows.smoking == 1), **ask), expected)
    left = held.raw_sql("SELECT count(*) FROM information_schema.tables WHERE table_name LIKE 'hyte%'").fetchone()
    assert left == (0,)  # nothing stays on somebody's connection


def test_nan_is_null_and_leading_zeros_stay(tmp_path):
    table = pa.table(
        {
            "area": ["own"] * 5,
            "period": pa.array([2024.0] * 5),
            "branch": ["01", "01", "02", "02", "02"],
            "score": pa.array([1.5, float("nan"), 2.0, None, 4.0]),
            "ill": pa.array([1.0, 0.0, float("nan"), 1.0, float("nan")]),
        }
    )  # the file's statistics leave NaN out, and engines that trust them see none
    pq.write_table(table, tmp_path / "rows.parquet")
    cells = hyte.aggregate(tmp_path / "rows.parquet", by=["branch"], outcomes={"score": "score"})
    ill = hyte.aggregate(tmp_path / "rows.parquet", by=["branch"], outcomes={"ill": "ill"})
    assert ill["respondents"].tolist() == [2, 1, 3]
    assert ill["events"].tolist() == [1, 1, 2]
    assert cells["group"].tolist() == ["01", "02", "total"]
    assert cells["respondents"].tolist() == [1, 2, 3]
    assert cells["estimate"].tolist() == [1.5, 3.0, 2.5]
    assert set(cells["period"]) == {"2024"}
    assert cells.loc[cells["group"] == "01", "status"].tolist() == ["uncertain"]  # one answer has no error
    (tmp_path / "rows.csv").write_text("area;period;branch;score\nown;2024;01;1,5\nown;2024;02;3,0\n")
    assert hyte.aggregate(tmp_path / "rows.csv", by=["branch"], outcomes={"s": "score"})["group"].tolist()[:2] == [
        "01",
        "02",
    ]


SPARK = importlib.util.find_spec("pyspark") is not None and shutil.which("java") is not None


@pytest.fixture(scope="module")
def spark():
    if not SPARK:
        pytest.skip("needs Java and the spark extra")
    from pyspark.sql import SparkSession

    options = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1", "spark.driver.host": "127.0.0.1"}
    options |= {"spark.driver.bindAddress": "127.0.0.1", "spark.sql.adaptive.enabled": "false"}
    # compiling each small query takes longer than running it
    options |= {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
    options |= {"spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
    builder = SparkSession.builder.master("local[2]")
    for name, value in options.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.mark.spark
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "ask",
    [
        {"by": BY, "outcomes": {"smoking": "smoking", "loneliness": "loneliness", "satisfaction": "satisfaction"}},
        {"by": ["sex"], "outcomes": {"loneliness": "loneliness"}, "weight": "weight", "strata": "stratum",
         "cluster": "cluster", "hierarchy": "official"},
        {"by": ["sex"], "outcomes": {"smoking": "smoking"}, "weight": "weight", "quantiles": 5,
         "rank_by": {"income": "income_eur"}},
    ],
    ids=["counts", "design", "quantiles"],
)  # fmt: skip
def test_spark_gives_the_cells_that_duckdb_gives(spark, tmp_path, people, ask):
    people = people.head(1000)
    table = pa.Table.from_pandas(people, preserve_index=False)
    where = table.schema.get_field_index("loneliness")  # NaN as a number, as Spark and R write it
    lonely = pa.array(people["loneliness"].to_numpy(float), from_pandas=False)
    pq.write_table(table.set_column(where, "loneliness", lonely), tmp_path / "people.parquet")
    same(
        hyte.aggregate(tmp_path / "people.parquet", engine="spark", **ask),
        hyte.aggregate(tmp_path / "people.parquet", **ask),
    )


@pytest.mark.spark
@pytest.mark.filterwarnings("ignore")
def test_spark_reads_frames_partitions_and_csv_and_ranks_alike(spark, tmp_path, people):
    people = people.head(500)
    ask = {"by": ["sex"], "outcomes": {"satisfaction": "satisfaction"}}
    expected = hyte.aggregate(people, **ask)
    people.to_parquet(tmp_path / "parts", partition_cols=["period"])
    people.to_csv(tmp_path / "people.csv", index=False, sep=";", decimal=",")
    same(hyte.aggregate(tmp_path / "parts", engine="spark", **ask), expected)
    same(hyte.aggregate(tmp_path / "people.csv", engine="spark", **ask), expected)
    same(hyte.aggregate(spark.read.parquet(str(tmp_path / "parts")), **ask), expected)
    ranked = {"rank_by": {"income": "income_eur"}, "outcomes": {"smoking": "smoking"}, "weight": "weight"}
    one = hyte.concentration(people, **ranked)
    other = hyte.concentration(tmp_path / "parts", engine="spark", **ranked)
    for column in ("estimate", "se"):
        np.testing.assert_allclose(one[column], other[column], rtol=1e-12, atol=1e-12)


# ---- schema


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
    with pytest.raises(SourceError, match="is not YAML"):
        Schema.read(tmp_path / "schema.yml")


# ---- faulty rows


@pytest.mark.parametrize(
    ("change", "ask", "text"),
    [
        ({}, {"outcomes": {"x": "illl"}}, "lack the column illl. Is it 'ill'"),
        ({}, {"by": ["sexx"]}, "lack the column sexx"),
        ({}, {"area": "municipality"}, "lack the column municipality"),
        ({"ill": "much"}, {}, "numbers are needed"),
        ({"period": pd.Timestamp("2024-01-01")}, {}, "key is text or whole numbers"),
        ({"w": -1.0}, {"weight": "w"}, "below zero"),
        ({"w": np.nan}, {"weight": "w"}, "'w': is empty on 12 rows"),
        ({"sex": ["men", None] * 6}, {}, "'sex': is empty on 6 rows"),
        ({"area": ["KU285", None] * 6}, {}, "'area': is empty on 6 rows"),
        ({"area": "91"}, {}, "Probably KU091"),
        ({"area": "KU588"}, {"hierarchy": "official"}, "joined KU507"),
        ({"area": "KU999"}, {"year": 2024}, "no municipality KU999 in 2024"),
        ({}, {"outcomes": {"x": Outcome("score", "proportion")}}, "true, false, 0 or 1"),
        ({}, {"outcomes": {"x": Outcome("score", "mean", valid={"from": 0, "to": 8})}}, "2 values .* 9 and 10"),
        ({}, {"outcomes": {"x": Outcome("ill", valid=[0, 2])}}, "4 values that are not valid, such as 1"),
        ({"years": -1.0}, {"outcomes": {"x": Outcome("ill", "rate", "years")}}, "Time at risk"),
        ({"ill": np.nan}, {}, "No row has a value"),
    ],
)
def test_faulty_rows_are_refused_by_name(few, change, ask, text):
    with pytest.raises((TidyError, hyte.HyteError), match=text):
        hyte.aggregate(few.assign(**change), **{"by": ["sex"], "outcomes": {"ill": "ill"}, **ask})


def test_codes_without_a_label_are_counted_and_named(population, people):
    rows = people.assign(sex=people["sex"].mask(people.index % 100 == 0, "3").mask(people.index % 1000 == 1, "9"))
    with pytest.raises(TidyError, match=r"2 codes without a label .*, on 66 rows: '3' \(60 rows\), '9' \(6 rows\)"):
        hyte.aggregate(rows, by=["sex"], schema=population / "schema.yml")


def test_rows_without_a_group_count_in_the_totals_where_asked(few):
    rows = few.assign(sex=few["sex"].where(few.index != 0))
    cells = hyte.aggregate(rows, by=["sex"], outcomes={"score": "score"}, area=None, period=None, missing="leave_out")
    groups = cells[cells["dimension"] == "sex"]
    assert groups["respondents"].sum() == 11
    assert (groups["note"] == "1 rows of the area without sex are in the totals only.").all()
    assert row(cells, dimension="total")["respondents"] == 12


def test_options_that_do_not_exist_or_agree(few):
    ask = {"by": ["sex"], "outcomes": {"ill": "ill"}}
    for wrong in (
        {"missing": "drop"},
        {"within": "county"},
        {"hierarchy": "own"},
        {"lonely": "average", "weight": "w"},
    ):
        with pytest.raises(MeasureError, match="must be one of"):
            hyte.aggregate(few, **ask | wrong)
    with pytest.raises(SourceError, match="engine"):
        hyte.aggregate("rows.parquet", engine="dask", **ask)
    with pytest.raises(MeasureError, match="only with a schema"):
        hyte.aggregate(few, by=["sex"])
    with pytest.raises(MeasureError, match="twice"):
        hyte.aggregate(few, by=["sex", "sex"], outcomes={"ill": "ill"})
    with pytest.raises(MeasureError, match="strata hold one sampling unit"):
        hyte.aggregate(few.assign(h=few.index.astype(str)), weight="w", strata="h", **ask)
    mixed = few.assign(area=["HVA10", "KU285"] * 6)
    with pytest.raises(MeasureError, match="counted twice"):
        hyte.aggregate(mixed, hierarchy="official", **ask)


def test_a_broken_part_is_named(tmp_path, few):
    for number in range(3):
        few.to_parquet(tmp_path / f"part-{number}.parquet")
    ask = {"by": ["sex"], "outcomes": {"ill": "ill"}}
    content = (tmp_path / "part-1.parquet").read_bytes()
    (tmp_path / "part-1.parquet").write_bytes(content[:-20])
    with pytest.raises(SourceError, match=r"part-1\.parquet is not a readable Parquet file"):
        hyte.aggregate(tmp_path, **ask)
    (tmp_path / "part-1.parquet").write_bytes(content[:4] + b"\xff" * 900 + content[904:])  # its index is whole
    with pytest.raises(SourceError, match=r"part-1\.parquet is a corrupt Parquet part"):
        hyte.aggregate(tmp_path, **ask)
    few.drop(columns="c").to_parquet(tmp_path / "part-1.parquet")
    with pytest.raises(SourceError, match=r"part-1\.parquet and part-0\.parquet differ in columns: c"):
        hyte.aggregate(tmp_path, **ask)
    with pytest.raises(SourceError, match="no Parquet or CSV file"):
        hyte.aggregate(tmp_path / "elsewhere", **ask)


# ---- command line and files


@pytest.fixture
def run():
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(command)
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def test_the_command_writes_cells_metadata_and_manifest(run, population, tmp_path):
    out = tmp_path / "cells.parquet"
    words = [population / "people", "--schema", population / "schema.yml", "--by", "education", "--memory-limit", "1GB"]
    done = run(*words, "--threads", 2, "--outcome", "example-smoking", "-o", out)
    assert done.exit_code == 0, done.exception
    assert "6,000 rows" in done.output
    cells, indicators = hyte.sources.read_table(out), hyte.sources.read_indicators(out)
    hyte.tidy(cells, indicators)
    assert hyte.sources.read_groups(out)["label_fi"].notna().all()
    assert "SSS" in set(cells["area"])
    manifest = json.loads((tmp_path / "cells.manifest.json").read_text(encoding="utf-8"))
    assert manifest["source"]["sha256"]
    assert manifest["source"]["engine"] == "duckdb"
    assert manifest["schema"] == yaml.safe_load((population / "schema.yml").read_text(encoding="utf-8"))
    assert set(manifest["files"]) == {"cells.parquet", "cells.indicators.parquet", "cells.groups.parquet"}
    assert not list(tmp_path.glob(".*"))


def test_the_command_without_a_schema(run, population, tmp_path):
    out = tmp_path / "cells.csv"
    words = [
        "--by",
        "education",
        "--by",
        "sex",
        "--outcome",
        "smoke=smoking",
        "--outcome",
        "trust",
        "--weight",
        "weight",
    ]
    assert run(population / "people", *words, "-o", out).exit_code == 0
    cells = hyte.tidy(hyte.sources.read_table(out))
    assert set(cells["indicator"]) == {"smoke", "trust"}
    assert "education × sex" in set(cells["dimension"])
    assert isinstance(run(population / "people", "--outcome", "=x", "-o", out).exception, MeasureError)


def test_a_failure_leaves_what_was_there(run, population, tmp_path, monkeypatch):
    out = tmp_path / "cells.parquet"
    out.write_text("of yesterday")
    words = [population / "people", "--by", "sex", "--outcome", "smoking", "-o", out]

    def full(*_):
        raise duckdb.OutOfMemoryException("failed to allocate data of size 1.0 GiB (1.0 GiB/1.0 GiB used)")

    with monkeypatch.context() as patch:
        patch.setattr(source.Source, "keep", full)
        assert "ran out of memory" in str(run(*words).exception)
    with monkeypatch.context() as patch:
        patch.setattr(pd.DataFrame, "to_parquet", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left")))
        assert "No space left" in str(run(*words).exception)
    assert [path.name for path in tmp_path.iterdir()] == ["cells.parquet"]
    assert out.read_text() == "of yesterday"
    with pytest.raises(SourceError, match="suffix must be one of"):
        write(aggregation(population / "people", by=[], outcomes={"x": "smoking"}), tmp_path / "cells.docx")


def test_cells_never_stand_beside_the_metadata_of_another_run(population, tmp_path, monkeypatch):
    """Stopped before or after any single move: the old files, the new ones, or no cells; a failure leaves the old."""
    out = tmp_path / "cells.parquet"
    schema = population / "schema.yml"
    old = aggregation(population / "people", by=["sex"], schema=schema, outcomes=["example-smoking"])
    bare = aggregation(population / "people", by=["sex"], outcomes={"smoke": "smoking"})

    def there():
        return {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}

    write(old, out)
    first, move, before, failing = there(), Path.replace, [], []
    assert set(first) == {"cells.parquet", "cells.indicators.parquet", "cells.groups.parquet", "cells.manifest.json"}

    def watched(path, target):
        before.append(there())
        if len(before) in failing:
            raise OSError(28, "No space left on device")
        return move(path, target)

    monkeypatch.setattr(Path, "replace", watched)
    write(bare, out)
    last, steps = there(), len(before)
    assert set(last) == {"cells.parquet", "cells.manifest.json"}  # nothing of the run before stays
    assert [state for state in before if out.name in state and state not in (first, last)] == []
    write(old, out)
    for step in range(1, steps + 1):
        before.clear()
        failing[:] = [step]
        with pytest.raises(SourceError, match=r"No space left .* Nothing was changed"):
            write(bare, out)
        assert there() == first
        assert not list(tmp_path.glob(".*"))


def test_little_memory_spills_instead_of_failing(tmp_path):
    """A crossing of many groups under a small limit: the same cells, and no temporary folder left."""
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 'own-' || (i % 40000) AS area, '2024' AS period, (i % 7 = 0) AS ill FROM range(400000) r(i)) "
            f"TO '{tmp_path}/rows.parquet' (FORMAT parquet)"
        )
    cells = hyte.aggregate(tmp_path / "rows.parquet", by=[], outcomes={"ill": "ill"}, memory_limit="120MB", threads=1)
    assert len(cells) == 40000
    assert cells["respondents"].sum() == 400000
