"""Age bands in every spelling, totals and subtotals: one partition, the rest named."""

import importlib
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hyteanalysis as hyte
from hyteanalysis.classification import Band, band, is_sum, is_total, partition

CLOSED = ["{a}-{b}", "{a} - {b}", "{a}–{b}", "{a}-{b}-vuotiaat", "{a} – {b} v", "{a}-{b} år", "{a} to {b}", "Y{a}-{b}",
          "{a}-{b}-åringar", "aged {a} to {b}", "From {a} to {b} years", "Y{a}T{b}", "mellan {a} och {b}", "{a}..{b}",
          "Ikäluokka {a}-{b}", "{a}-{b} years", "{a} till {b}"]  # fmt: skip
OPEN = ["{a}+", "{a}-", "{a}–", "{a} -", "{a} vuotta täyttäneet", "{a} years and over", "{a} år och äldre", "Y_GE{a}",
        "{a} and over", "≥{a}", "vähintään {a}", "{a} +", "{a} eli yli", "fr.o.m. {a}",
        "{a}-vuotiaat ja vanhemmat", "{a} år fyllda"]  # fmt: skip
UNDER = ["alle {b}", "under {b}", "<{b}", "Y_LT{b}", "alle {b}-vuotiaat", "under {b} år", "below {b}"]


@given(first=st.integers(0, 90), width=st.integers(1, 20), spelling=st.sampled_from(CLOSED))
def test_closed_bands(first, width, spelling):
    assert band(spelling.format(a=first, b=first + width)) == Band(first, first + width)


@given(first=st.integers(0, 99), spelling=st.sampled_from(OPEN))
def test_open_bands(first, spelling):
    assert band(spelling.format(a=first)) == Band(first, float("inf"))


@given(last=st.integers(1, 99), spelling=st.sampled_from(UNDER))
def test_bands_from_birth(last, spelling):
    assert band(spelling.format(b=last)) == Band(0, last - 1)


@given(year=st.integers(0, 120), spelling=st.sampled_from(["{a}-vuotiaat", "{a}-vuotias", "{a}-åringar", "{a} år"]))
def test_one_year_of_age_is_no_open_band(year, spelling):
    assert band(spelling.format(a=year)) == Band(year, year)


@given(last=st.integers(10, 98), spelling=st.sampled_from(["{b} ja alle", "{b} år och yngre", "{b} and under", "-{b}",
                                                           "enintään {b}", "–{b}", "{b} ja nuoremmat"]))  # fmt: skip
def test_bands_up_to_an_age(last, spelling):
    assert band(spelling.format(b=last)) == Band(0, last)


@pytest.mark.parametrize("text", ["naiset", "2022-2023 vuosi x", "KU091", "", "q1", "low", "5-9-12", "2022",
                                  "2020–2022", "9999", "-9", "-99", "1-4 lasta"])  # fmt: skip
def test_what_is_no_band(text):
    assert band(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Yhteensä",
        "SSS",
        "TOTAL",
        "T",
        "_T",
        "Total",
        "Totalt",
        "sammanlagt",
        "Koko väestö",
        "Ikäluokat yhteensä",
        "Könen totalt",
        "Alla åldrar",
        "Yht.",
        "All age groups",
        "Hela befolkningen",
        "Kaikkiaan",
    ],
)
def test_totals(text):
    assert is_total(text)


def test_kielet_yhteensa_is_a_total_where_no_plainer_one_is():
    found = partition({"01": "Kielet yhteensä", "fi": "suomi", "sv": "ruotsi", "x": "muu kieli"})
    assert (found.total, found.groups, found.left_out) == ("01", ("fi", "sv", "x"), ())
    assert is_total("Kielet yhteensä")


@pytest.mark.parametrize("text", ["Vieraskieliset yhteensä", "Naiset yhteensä", "Perusaste yhteensä", "0-64 totalt"])
def test_a_sum_of_some_is_no_total(text):
    assert is_sum(text)
    assert not is_total(text)


@pytest.mark.parametrize("text", ["Kaikki muut", "All other", "Muut yhteensä", "Övriga totalt", "Totally agree"])
def test_what_is_left_over_is_no_sum_of_the_others(text):
    assert not is_sum(text)


@given(
    cuts=st.lists(st.integers(1, 99), min_size=1, max_size=8, unique=True).map(sorted),
    start=st.just(0),
    wide=st.sampled_from(["whole", "half", "none"]),
    order=st.randoms(),
)
def test_the_finest_partition_is_chosen_and_the_wider_bands_named(cuts, start, wide, order):
    edges = [start, *cuts]
    fine = {f"{a}-{b - 1}": f"{a} - {b - 1}" for a, b in pairwise(edges)}
    fine[f"{edges[-1]}-"] = f"{edges[-1]} -"
    extra = {"whole": {"0-": "0 -"}, "half": {f"0-{edges[-1] - 1}": f"0 - {edges[-1] - 1}"}, "none": {}}[wide]
    extra = {code: label for code, label in extra.items() if code not in fine}
    items = [*fine.items(), *extra.items()]
    order.shuffle(items)
    found = partition(dict(items))
    assert set(found.groups) == set(fine)
    if wide == "whole" and extra:
        assert found.total == "0-"
    else:
        assert set(found.left_out) == set(extra)


def test_totals_in_a_file_of_cells_are_no_groups(tmp_path):
    (tmp_path / "a.csv").write_text(
        "indicator;area;period;dimension;group;estimate\ni;KU091;2022;sex;miehet;1,5\ni;KU091;2022;sex;naiset;2,5\n"
        "i;KU091;2022;sex;Yhteensä;2\ni;KU091;2022;age;0-64;1\ni;KU091;2022;age;65+;4\ni;KU091;2022;age;yhteensä;2\n"
    )
    found = hyte.tidy(hyte.sources.read_table(tmp_path / "a.csv"))
    assert found.loc[found["dimension"] == "total", ["group", "estimate"]].to_numpy().tolist() == [["total", 2.0]]
    assert len(found) == 5


def test_rates_read_bands_by_the_same_parser():
    frame = pd.DataFrame({"age": ["alle 15", "15-64-vuotiaat", "65 vuotta täyttäneet"], "events": [1, 5, 9],
                          "population": [100.0, 1000.0, 300.0], "area": "KU091"})  # fmt: skip
    standard = pd.DataFrame({"age": frame["age"], "weight": [15.0, 65.0, 20.0]})
    found = hyte.standardise(frame, by=["area"], standard=standard, per=1000)
    assert found["estimate"].iloc[0] == pytest.approx((15 * 10 + 65 * 5 + 20 * 30) / 100)


def test_values_of_a_cube_that_hold_others_are_left_out_and_named():
    thl = importlib.import_module("hyteanalysis.sources.thl")
    rows = [("age", "1", None, 0, "Kaikki"), ("age", "2", "1", 1, "Työikäiset"), ("age", "3", "2", 2, "20–54"),
            ("age", "4", "2", 2, "55–64"), ("age", "5", "1", 1, "65+")]  # fmt: skip
    tree = pd.DataFrame(rows, columns=["dimension", "sid", "parent", "depth", "label"])
    kept, said = thl._disjoint(tree, "age")
    assert kept["label"].tolist() == ["Kaikki", "20–54", "55–64", "65+"]
    assert said == ["Of age left out, since they hold other groups: Työikäiset."]
