"""The same cells from every source and on every engine."""

import importlib.util
import shutil

import duckdb
import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from person_rows import same

import hyteanalysis as hyte

BY = ["education", "sex"]


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
