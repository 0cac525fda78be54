"""Cells written as a HEAT file come back the same; what it cannot hold is named first."""

import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hyteanalysis as hyte

ABOUT = pd.DataFrame(
    {
        "indicator": ["smoking", "deaths"],
        "title_en": ["Smokes daily", None],
        "title_fi": ["Tupakoi päivittäin", "Kuolleisuus"],
        "unit": ["%", "/ 100 000"],
        "kind": ["proportion", "rate"],
        "scale": [100, 100000],
        "favourable": [False, False],
        "source": "THL",
    }
)
DIMENSIONS = {"education": ["low", "mid", "high"], "sex": ["women", "men"]}
NUMBER = st.floats(0, 100, allow_nan=False)
MAYBE = st.one_of(st.none(), NUMBER)


@st.composite
def made(draw):
    """Cells of a few settings, with and without totals, orders, limits, notes and empty estimates."""
    rows = []
    for indicator in ("smoking", "deaths"):
        for area in draw(st.sets(st.sampled_from(["SSS", "HVA08", "KU091", "Åbo"]), min_size=1)):
            for period in draw(st.sets(st.sampled_from(["2022", "2021-2023", "kevät"]), min_size=1)):
                keys = {"indicator": indicator, "area": area, "period": period}
                for dimension, groups in DIMENSIONS.items():
                    for order, group in enumerate(groups, 1):
                        estimate = draw(MAYBE)
                        known = estimate is not None
                        rows.append(
                            {
                                **keys, "dimension": dimension, "group": group, "estimate": estimate,
                                "order": order if dimension == "education" else None,
                                "se": draw(MAYBE) if known else None,
                                "lower": estimate / 3 if known else None,
                                "upper": estimate * 1.1 if known and estimate < 90 else estimate,
                                "population": draw(MAYBE), "reference": group == "high",
                                "note": draw(st.sampled_from([None, "small; base", 'sanoi "ä"'])),
                            }
                        )  # fmt: skip
                if draw(st.booleans()):
                    rows.append({**keys, "dimension": "total", "group": "total", "estimate": draw(NUMBER)})
    frame = pd.DataFrame(rows).astype({"order": "Int64", "note": "str"})
    frame["reference"] = frame["reference"].astype("boolean").fillna(False).astype(bool)
    return hyte.tidy(frame)


def sorted_(cells):
    keys = ["indicator", "area", "period", "dimension", "group"]
    return cells.sort_values(keys).reset_index(drop=True)


@settings(max_examples=15)
@given(made(), st.sampled_from([".csv", ".xlsx", ".parquet"]))
def test_a_heat_file_gives_the_same_cells_back(cells, suffix):
    with tempfile.TemporaryDirectory() as folder:
        path = hyte.sources.write_table(hyte.sources.to_heat(cells, ABOUT), Path(folder) / f"heat{suffix}")
        back = hyte.tidy(hyte.sources.read_table(path), hyte.sources.read_indicators(path))
        about = hyte.sources.read_indicators(path).set_index("indicator")
    total = back["dimension"] == "total"
    back["reference"] = back["reference"].astype("boolean").fillna(False).astype(bool)
    assert not back.loc[total, "reference"].any()
    exact = suffix != ".xlsx"  # a spreadsheet keeps sixteen digits
    pd.testing.assert_frame_equal(
        sorted_(back)[list(cells)], sorted_(cells), check_dtype=False, check_exact=exact, rtol=1e-14
    )
    assert about.loc["smoking", ["title_en", "kind", "scale"]].tolist() == ["Smokes daily", "proportion", 100]
    assert about.loc["deaths", ["title_en", "kind"]].tolist() == ["Kuolleisuus", "rate"]


CELLS = pd.DataFrame(
    {
        "indicator": "smoking", "area": "SSS", "period": "2022",
        "dimension": ["education", "education", "total"], "group": ["low", "high", "total"],
        "estimate": [22.1, None, 15.0], "se": [1.0, None, 0.5], "events": [22.0, None, 30.0],
        "status": ["ok", "suppressed", "ok"],
    }
)  # fmt: skip


def test_everything_that_would_be_lost_is_named_at_once():
    with pytest.raises(
        hyte.TidyError, match=r"events \(in 2 rows\); status \(suppressed in 1 row\); total \(their se\)"
    ):
        hyte.sources.to_heat(CELLS, ABOUT)
    with pytest.raises(hyte.TidyError, match=r"accept the loss with drop=\['total'\]"):
        hyte.sources.to_heat(CELLS, ABOUT, drop=["events", "status"])
    frame = hyte.sources.to_heat(CELLS, ABOUT, drop=["events", "status", "total"])
    assert frame["setting_average"].tolist() == [15.0, 15.0]
    assert frame["iso3"].tolist() == ["FIN", "FIN"]


def test_a_kind_that_the_scale_does_not_tell_is_named():
    shares = ABOUT.assign(scale=[1, 100000])
    cells = pd.DataFrame({**CELLS.loc[[0], ["indicator", "area", "period", "dimension", "group"]], "estimate": [0.2]})
    with pytest.raises(hyte.TidyError, match=r"kind \(the scale of smoking does not tell it\)"):
        hyte.sources.to_heat(cells, shares)
    assert hyte.sources.to_heat(cells, shares, drop=["kind"])["indicator_scale"].tolist() == [1]


def test_unknown_losses_indicators_and_lone_totals_are_refused():
    with pytest.raises(hyte.TidyError, match="drop must be one of"):
        hyte.sources.to_heat(CELLS, ABOUT, drop=["estimate"])
    with pytest.raises(hyte.TidyError, match="No metadata of smoking"):
        hyte.sources.to_heat(CELLS, ABOUT.tail(1))
    with pytest.raises(hyte.TidyError, match="only totals"):
        hyte.sources.to_heat(CELLS.tail(1), ABOUT)
