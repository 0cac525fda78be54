"""The JSON-stat reader agrees with pyjstat on real and made tables, and tells every marker from a number."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyteanalysis.errors import SourceError
from hyteanalysis.sources.jsonstat import labels, read_jsonstat


def table(sizes, values, **extra):
    names = [f"d{i}" for i in range(len(sizes))]
    dimension = {
        name: {
            "label": name,
            "category": {"index": {f"c{j}": j for j in range(size)}, "label": {f"c{j}": f"C{j}" for j in range(size)}},
        }
        for name, size in zip(names, sizes, strict=True)
    }
    whole = {"class": "dataset", "version": "2.0", "label": "t", "id": names, "size": list(sizes)}
    return {**whole, "dimension": dimension, "value": values, **extra}


def theirs(dataset):
    pyjstat = pytest.importorskip("pyjstat.pyjstat")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pyjstat.Dataset.read(json.dumps(dataset)).write("dataframe", naming="id")


def test_the_real_answer_reads_as_pyjstat_reads_it(shared):
    dataset = json.loads(shared("data/statfin/jsonstat2_13kt_en_2002.json").read_text(encoding="utf-8"))
    ours, other = read_jsonstat(dataset), theirs(dataset)
    assert ours["value"].tolist() == other["value"].astype(float).tolist()
    for name in dataset["id"]:
        assert ours[name].tolist() == other[name].astype(str).tolist()
    assert labels(dataset)["Tiedot"]["vaste"] == "Rate of indebtedness (per cent)"


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.data())
def test_any_shape_reads_as_pyjstat_reads_it(sizes, data):
    count = int(np.prod(sizes))
    number = st.one_of(st.none(), st.integers(-1000, 1000), st.floats(-1e6, 1e6))
    values = data.draw(st.lists(number, min_size=count, max_size=count))
    if all(value is None for value in values):
        values[0] = 1
    dataset = table(sizes, values)
    ours, other = read_jsonstat(dataset), theirs(dataset)
    assert (
        ours.iloc[:, : len(sizes)].astype(object).to_numpy().tolist() == other.iloc[:, : len(sizes)].to_numpy().tolist()
    )
    np.testing.assert_array_equal(ours["value"], other["value"].astype(float))
    sparse = {str(i): value for i, value in enumerate(values) if value is not None}
    pd.testing.assert_frame_equal(read_jsonstat(dataset | {"value": sparse}), ours)
    assert (ours["status"] == "missing").tolist() == [value is None for value in values]


@pytest.mark.parametrize(
    ("value", "mark", "expected"),
    [
        (None, ".", (None, "missing")),
        (None, "..", (None, "missing")),
        (None, "...", (None, "suppressed")),
        (0, "...", (None, "suppressed")),
        (None, "-", (0.0, "ok")),
        (0, "-", (0.0, "ok")),
        (None, None, (None, "missing")),
        ("..", None, (None, "missing")),
        ("...", None, (None, "suppressed")),
        ("12,5", None, (12.5, "ok")),
        ("1\u00a0234,5", None, (1234.5, "ok")),
        (-1, None, (None, "suppressed")),
        (7, None, (7.0, "ok")),
    ],
)
def test_markers(value, mark, expected):
    read = read_jsonstat(table([2], [value, 5], status={"0": mark} if mark else {}), protected=-1)
    got = (None if np.isnan(read["value"][0]) else read["value"][0], read["status"][0])
    assert got == expected
    assert (read["value"][1], read["status"][1]) == (5.0, "ok")


def test_the_older_form_with_id_and_size_inside():
    new = table([2, 1], ["1,5", "2"])
    dimension = {**new["dimension"], "id": new["id"], "size": new["size"]}
    old = {"dataset": {"dimension": dimension, "value": {"0": "1,5", "1": "2"}}}
    pd.testing.assert_frame_equal(read_jsonstat(old), read_jsonstat(new))
    assert read_jsonstat({"dataset": {"dimension": dimension, "value": []}})["status"].tolist() == ["missing"] * 2


@pytest.mark.parametrize(
    ("dataset", "told"),
    [
        ({"error": "x"}, "expected a dataset"),
        (table([2], [1]), "expected 2 entries of value, got 1"),
        (table([2], {"7": 1}), "'7' lies outside the 2 cells"),
        (table([2], [1, "secret"]), "'secret' is neither a number nor"),
        (table([2], [1, 2]) | {"size": [3]}, "says 3 categories and lists 2"),
        (table([2], [1, 2]) | {"id": None}, "id and size"),
    ],
)
def test_what_is_no_json_stat_is_refused(dataset, told):
    with pytest.raises(SourceError, match=told):
        read_jsonstat(dataset)
