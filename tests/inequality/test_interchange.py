"""Frames of polars and Arrow come in through Arrow's own interface; answers are pandas."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from inequality_worlds import indicators, random_settings

import hyteanalysis as hyte

CELLS = random_settings(6, 4, seed=2)
KINDS = {"polars": pl.from_pandas, "arrow": pa.Table.from_pandas, "reader": lambda f: pa.table(f).to_reader()}


@pytest.mark.parametrize("kind", KINDS)
def test_tidy_answers_as_it_does_to_pandas(kind):
    cells = CELLS.assign(status=[None, "uncertain"] * 12, reference=[True, False, False, False] * 6)
    cells = cells.assign(order=cells["order"].astype("Int64"))
    cells.loc[cells["group"] == "g3", "order"] = 9
    found = hyte.tidy(KINDS[kind](cells), KINDS[kind](indicators()))
    pd.testing.assert_frame_equal(found, hyte.tidy(cells, indicators()))


def test_tidy_takes_empty_orders_estimates_and_polars_own_types():
    frame = pl.DataFrame(
        {
            "indicator": pl.Series(["x", "x"], dtype=pl.Categorical),
            "area": ["SSS", "SSS"],
            "period": [2022, 2022],
            "dimension": ["language", "language"],
            "group": ["fi", "sv"],
            "order": pl.Series([None, None], dtype=pl.Int64),
            "estimate": [12.5, None],
        }
    )
    found = hyte.tidy(frame)
    assert found["period"].tolist() == ["2022", "2022"]
    assert found["status"].tolist() == ["ok", "missing"]
    assert found["order"].isna().all()
    assert found["indicator"].dtype == "str"


@pytest.mark.parametrize("kind", ["polars", "arrow"])
def test_disparity_its_change_and_persons_answer_in_pandas(kind):
    give = KINDS[kind]
    average = CELLS.drop_duplicates("area")[["indicator", "area", "period", "dimension"]].assign(estimate=30.0)
    pairs = CELLS.loc[CELLS["group"] == "g0", ["indicator", "area", "period", "dimension", "group"]]
    pairs = pairs.assign(group_other="g3", covariance=0.01)
    options = {"indicators": indicators(), "average": average, "covariance": pairs}
    given = {name: give(frame) for name, frame in options.items()}
    expected = hyte.disparity(CELLS, ["D", "SII", "PAR"], **options)
    pd.testing.assert_frame_equal(hyte.disparity(give(CELLS), ["D", "SII", "PAR"], **given), expected)
    two = pd.concat([CELLS, CELLS.assign(period="2023", estimate=CELLS["estimate"] + np.arange(24) % 4)])
    expected = hyte.disparity_change(two, "D", "2022", "2023")
    pd.testing.assert_frame_equal(hyte.disparity_change(give(two), "D", "2022", "2023"), expected)
    people = pd.DataFrame({"y": [1, 1, 0, 1, 0, 0], "rank": [1, 2, 3, 4, 5, 6]})
    options = {"outcome": "y", "rank": "rank", "model": "linear"}
    expected = hyte.disparity_individual(people, "SII", **options)
    pd.testing.assert_frame_equal(hyte.disparity_individual(give(people), "SII", **options), expected)


def test_faults_of_a_polars_frame_are_named_as_any():
    with pytest.raises(hyte.TidyError, match="column 'estimate', value 'many': is not a number"):
        hyte.tidy(pl.from_pandas(CELLS.drop(columns="estimate")).with_columns(estimate=pl.lit("many")))
    with pytest.raises(hyte.MeasureError, match="Negative weights"):
        hyte.disparity(pl.from_pandas(CELLS.assign(population=-1.0)), "D")


def test_other_things_are_refused_with_what_to_do():
    with pytest.raises(hyte.TidyError, match=r"not LazyFrame: collect\(\) it first"):
        hyte.tidy(pl.from_pandas(CELLS).lazy())
    with pytest.raises(hyte.TidyError, match=r"tidy\(\) takes a pandas, polars or Arrow frame, not list"):
        hyte.tidy([1, 2])
    with pytest.raises(hyte.TidyError, match=r"disparity\(\) takes a pandas, polars or Arrow frame, not dict"):
        hyte.disparity({"estimate": [1]}, "D")
    with pytest.raises(hyte.TidyError, match="Indicator metadata takes a pandas"):
        hyte.tidy(CELLS, {"indicator": "x"})
