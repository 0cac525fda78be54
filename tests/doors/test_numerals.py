"""One reader of numbers: the same numbers in every dialect are read back equal; what stays open is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hyteanalysis as hyte
from hyteanalysis import numerals
from hyteanalysis.sources.microdata import Outcome

SPACES = [" ", "\u00a0", "\u202f", "\u2009", "'"]
MINUSES = ["-", "−", "–", "‐"]


def written(value, decimals, decimal, thousands, minus):
    """A number as a program writes it."""
    text = f"{abs(value):,.{decimals}f}".replace(",", "\0").replace(".", decimal).replace("\0", thousands)
    return (minus if value < 0 else "") + text


@st.composite
def dialects(draw):
    decimal = draw(st.sampled_from([",", "."]))
    other = "." if decimal == "," else ","
    return decimal, draw(st.sampled_from([other, "", *SPACES])), draw(st.sampled_from(MINUSES))


@given(
    dialect=dialects(),
    numbers=st.lists(st.floats(-1e7, 1e7, allow_nan=False), min_size=1, max_size=20),
    decimals=st.integers(1, 6).filter(lambda count: count != 3),
)
def test_numbers_in_every_dialect_are_read_back_equal(dialect, numbers, decimals):
    decimal, thousands, minus = dialect
    texts = pd.Series([written(one, decimals, decimal, thousands, minus) for one in numbers], dtype="str")
    read = numerals.converted(texts, numerals.read({"x": texts})["x"])
    assert read.to_numpy() == pytest.approx([round(one, decimals) for one in numbers], abs=1e-9, rel=1e-12)


@given(counts=st.lists(st.integers(0, 10**9), min_size=1, max_size=20), sign=st.sampled_from([",", ".", *SPACES]))
def test_counts_with_thousands_signs_are_whole(counts, sign):
    texts = pd.Series([f"{one:,}".replace(",", sign) for one in counts], dtype="str")
    read = numerals.converted(texts, numerals.read({"population": texts})["population"])
    assert read.tolist() == counts


@given(
    decimal=st.sampled_from([",", "."]), counts=st.lists(st.integers(1_000, 10**6), min_size=2, max_size=9),
    shares=st.lists(st.integers(1, 999), min_size=2, max_size=9),
)  # fmt: skip
def test_the_sign_that_one_column_proves_holds_for_its_file(decimal, counts, shares):
    other = "." if decimal == "," else ","
    columns = {
        "income": pd.Series([f"{one:,}".replace(",", other) for one in counts], dtype="str"),
        "share": pd.Series([f"{one // 10}{decimal}{one % 10}" for one in shares], dtype="str"),
    }
    signs = numerals.read(columns)
    assert numerals.converted(columns["income"], signs["income"]).tolist() == counts
    assert numerals.converted(columns["share"], signs["share"]).tolist() == pytest.approx([one / 10 for one in shares])


@pytest.mark.parametrize(
    ("texts", "value"),
    [
        ([".75"], 0.75), ([",75"], 0.75), (["75 %"], 75), (["12,5 %"], 12.5), (["1e5"], 1e5), (["1,5E+03"], 1500),
        (["−3"], -3), (["– 3,5"], -3.5), (["1 234,567"], 1234.567), (["1,234", "987"], 1234), (["+4,5"], 4.5),
        (["2.5e-3"], 0.0025),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(texts, value):
    column = pd.Series(texts, dtype="str")
    assert numerals.converted(column, numerals.read({"x": column})["x"]).iloc[0] == value


@pytest.mark.parametrize("text", ["1.23.456", "1 23", "x", "12 kg", "1.2.3", "--5", "5-9", "0x10", "1_000", "1,23,4"])
def test_what_is_no_number_stays_none(text):
    column = pd.Series([text, "1.5"], dtype="str")
    assert np.isnan(numerals.converted(column, numerals.read({"x": column})["x"]).iloc[0])


def test_what_stays_open_is_refused_with_both_readings_and_what_to_say():
    column = pd.Series(["1,234", "2,345"], dtype="str")
    with pytest.raises(hyte.TidyError) as raised:
        numerals.read({"score": column})
    said = str(raised.value)
    for word in ("'score'", "'1,234'", "1234", "1.234", "decimal=", "thousands="):
        assert word in said
    assert numerals.converted(column, numerals.read({"score": column}, decimal=",")["score"]).tolist() == [1.234, 2.345]
    assert numerals.converted(column, numerals.read({"score": column}, thousands=",")["score"]).tolist() == [1234, 2345]


def test_a_file_that_proves_two_things_of_a_count_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("area;share;population\nKU091;12,5;1,234\n")
    with pytest.raises(hyte.TidyError, match=r"'population', value '1,234'"):
        hyte.sources.read_table(tmp_path / "a.csv")
    found = hyte.sources.read_table(tmp_path / "a.csv", decimal=",")
    assert found["population"].tolist() == [1.234]


def test_counts_with_decimals_are_refused_unless_weighted(tmp_path):
    (tmp_path / "a.csv").write_text("area,events,population\nKU091,12.5,100.5\n")
    with pytest.raises(hyte.TidyError, match=r"'events', value '12.5': is a count with decimals"):
        hyte.sources.read_table(tmp_path / "a.csv")
    assert hyte.sources.read_table(tmp_path / "a.csv", weighted=True)["events"].tolist() == [12.5]


@pytest.mark.parametrize("times", [100, 1_000, 0.01, 0.001])
def test_an_estimate_far_off_its_own_events_and_people_is_refused(times):
    frame = pd.DataFrame({"group": ["low", "high"], "events": [300.0, 200.0], "population": [3_000.0, 4_000.0]})
    frame["estimate"] = 1_000 * frame["events"] / frame["population"] * times
    keys = {"indicator": "i", "area": "KU091", "period": "2022", "dimension": "education"}
    about = pd.DataFrame({"indicator": ["i"], "title_fi": ["I"], "unit": ["‰"], "kind": ["rate"], "scale": [1000],
                          "favourable": [False]})  # fmt: skip
    name = "1,000" if times in (1_000, 0.001) else "100"
    with pytest.raises(hyte.TidyError, match=f"about {name} times off its own events"):
        hyte.tidy(frame, about, keys=keys)
    assert len(hyte.tidy(frame.assign(estimate=frame["estimate"] / times), about, keys=keys)) == 2


@given(
    decimal=st.sampled_from([",", "."]), thousands=st.sampled_from(["", " ", "\u00a0"]),
    incomes=st.lists(st.integers(0, 10**6), min_size=2, max_size=12),
)  # fmt: skip
def test_person_rows_are_read_as_tables_are(tmp_path_factory, decimal, thousands, incomes):
    path = tmp_path_factory.mktemp("rows") / "people.csv"
    lines = [f"mies;{written(one / 10, 1, decimal, thousands, '-')}" for one in incomes]
    path.write_text("sex;income\n" + "\n".join(lines) + "\n", encoding="utf-8")
    found = hyte.aggregate(path, by=["sex"], outcomes={"income": Outcome("income", "mean")},
                           period=None, area=None)  # fmt: skip
    assert found["estimate"].iloc[0] == pytest.approx(sum(incomes) / 10 / len(incomes))
    table = hyte.sources.read_table(path)
    assert table["income"].tolist() == pytest.approx([one / 10 for one in incomes])
