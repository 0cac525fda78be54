"""What R and others meet in the files: plain Arrow types, no notes for pandas, JSON by its standard."""

import datetime
import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import hyteanalysis as hyte
from hyteanalysis import places

PLAIN = {"large_string", "string", "double", "int64", "bool", "date32[day]"}
FRAME = pd.DataFrame(
    {
        "area": ["KU091", "KU005"],
        "order": pd.array([1, None], dtype="Int64"),
        "upper": [np.inf, np.nan],
        "clear": [True, False],
        "note": pd.Series([None, None], dtype=object),
        "day": [datetime.date(2024, 1, 31), None],
    },
    index=[7, 9],
)


def test_parquet_has_plain_types_and_nothing_for_pandas_alone(tmp_path):
    schema = pq.read_schema(hyte.sources.write_table(FRAME, tmp_path / "frame.parquet"))
    assert schema.names == list(FRAME)
    assert schema.metadata is None
    assert {str(one.type) for one in schema} <= PLAIN
    assert [str(schema.field(name).type) for name in ("order", "note", "day")] == ["int64", "string", "date32[day]"]


def test_json_has_no_infinity_and_no_nan(tmp_path):
    def refused(word):
        raise AssertionError(word)

    path = hyte.sources.write_table(FRAME.drop(columns="day"), tmp_path / "frame.json")
    rows = json.loads(path.read_text(encoding="utf-8"), parse_constant=refused)
    assert [row["upper"] for row in rows] == [None, None]
    assert [row["order"] for row in rows] == [1, None]
    both = hyte.sources.write_tables({"a": FRAME.drop(columns="day")}, tmp_path / "frames.json")
    assert json.loads(both.read_text(encoding="utf-8"), parse_constant=refused) == {"a": rows}


def test_csv_is_utf8_with_points_commas_and_empty_for_missing(tmp_path):
    data = hyte.sources.write_table(FRAME.assign(area=["ä", "KU005"]), tmp_path / "frame.csv").read_bytes()
    assert data.decode("utf-8").splitlines() == [
        "area,order,upper,clear,note,day", "ä,1,inf,True,,2024-01-31", "KU005,,,False,,",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["cells", "indicators", "groups", "areas"])
def test_a_release_is_plain_columns_too(name):
    schema = pq.read_schema(places.committed("releases", "example") / f"{name}.parquet")
    assert {str(one.type) for one in schema} <= PLAIN
    assert not [column for column in schema.names if column.startswith("__index")]
