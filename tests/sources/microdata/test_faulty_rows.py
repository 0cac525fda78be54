"""Faulty person rows, options and files are refused by name."""

import numpy as np
import pandas as pd
import pytest
from person_rows import row

import hyteanalysis as hyte
from hyteanalysis.errors import MeasureError, SourceError, TidyError
from hyteanalysis.sources.microdata import Outcome


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


def test_rows_without_a_group_count_in_the_totals_where_asked(few):
    rows = few.assign(sex=few["sex"].where(few.index != 0))
    cells = hyte.aggregate(rows, by=["sex"], outcomes={"score": "score"}, area=None, period=None, missing="leave_out")
    groups = cells[cells["dimension"] == "sex"]
    assert groups["respondents"].sum() == 11
    assert (groups["note"] == "1 row of the area without sex is in the totals only.").all()
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
    with pytest.raises(MeasureError, match=r"(strata hold|stratum holds) one sampling unit"):
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
