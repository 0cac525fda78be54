"""Number, interval, date and text formats."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyteanalysis import i18n
from hyteanalysis.errors import HyteError

NB = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("value", "decimals", "fi", "sv", "en"),
    [
        (22.1, 1, "22,1", "22,1", "22.1"),
        (1234567.25, 1, f"1{NB}234{NB}567,2", f"1{NB}234{NB}567,2", "1,234,567.2"),
        (-3.14, 2, "−3,14", "−3,14", "−3.14"),
        (-0.04, 1, "0,0", "0,0", "0.0"),
        (9000, 0, f"9{NB}000", f"9{NB}000", "9,000"),
        (float("nan"), 1, "..", "..", ".."),
        (float("-inf"), 1, "−∞", "−∞", "−∞"),
    ],
)
def test_number(value, decimals, fi, sv, en):
    assert [i18n.number(value, lang, decimals) for lang in i18n.LANGS] == [fi, sv, en]


def test_percent_has_a_no_break_space_where_the_language_has_one():
    assert [i18n.percent(22.14, lang) for lang in i18n.LANGS] == [f"22,1{NB}%", f"22,1{NB}%", "22.1%"]
    assert i18n.percent(float("nan"), "fi") == ".."


def test_interval_uses_en_dash_and_spaces_it_beside_a_minus():
    assert i18n.interval(12.1, 15.4, "fi") == "12,1–15,4"
    assert i18n.interval(-3.1, -0.4, "sv") == f"−3,1{NB}–{NB}−0,4"
    assert i18n.interval(20, 60, "en", 0) == "20–60"
    assert i18n.interval(float("nan"), 60, "fi") == ".."


def test_a_number_stands_alone_where_a_limit_is_not_known():
    assert i18n.with_interval(110, 60, 170, "fi", 0) == "110 (60–170)"
    assert i18n.with_interval(-2, -3, 1, "en") == f"−2.0 (−3.0{NB}–{NB}1.0)"
    assert i18n.with_interval(5, 4, float("nan"), "sv") == "5,0"
    assert i18n.with_interval(float("nan"), 4, 6, "sv") == ".."
    share = i18n.Unit.of({"kind": "proportion", "scale": 1}, [0.221])
    assert share.with_interval(0.221, 0.2, 0.25, "fi") == "22,1 (20,0–25,0)"
    assert share.with_interval(0.221, float("nan"), 0.25, "fi") == "22,1"


def test_dates():
    assert [i18n.date(date(2026, 3, 9), lang) for lang in i18n.LANGS] == ["9.3.2026", "9.3.2026", "9 March 2026"]
    assert i18n.date("2026-12-31T10:00:00", "fi") == "31.12.2026"
    with pytest.raises(HyteError, match="ISO"):
        i18n.date("31.12.2026", "fi")


@given(st.floats(-1e9, 1e9), st.integers(0, 3), st.sampled_from(i18n.LANGS))
def test_a_number_reads_back_within_its_rounding(value, decimals, lang):
    shown = i18n.number(value, lang, decimals)
    plain = shown.replace("−", "-").replace(NB, "")
    plain = plain.replace(",", "") if lang == "en" else plain.replace(",", ".")
    assert abs(float(plain) - value) <= 0.5 * 10**-decimals + abs(value) * 1e-12
    assert "-" not in shown


def test_unknown_key_language_and_placeholder_are_named():
    with pytest.raises(HyteError, match=r"finding\.no_such"):
        i18n.text("finding.no_such", "fi")
    with pytest.raises(HyteError, match="'de'"):
        i18n.text("figure.source", "de")
    with pytest.raises(HyteError, match="'de'"):
        i18n.number(1, "de")
    with pytest.raises(HyteError, match="version"):
        i18n.text("figure.source", "fi", source="THL")


def test_own_text_falls_back_to_the_language_there_is():
    assert i18n.own_text({"title_fi": "Uni", "title_sv": "Sömn"}, "title", "sv") == ("Sömn", "sv")
    assert i18n.own_text({"title_fi": float("nan"), "title_en": "Sleep"}, "title", "sv") == ("Sleep", "en")
    assert i18n.own_text({}, "title", "sv") == ("", "sv")


def test_units_write_levels_and_differences_by_kind():
    share = i18n.Unit.of({"kind": "proportion", "scale": 1}, [0.221])
    assert share.level(0.221, "fi") == f"22,1{NB}%"
    assert share.difference(0.16, "sv") == "16,0 procentenheter"
    assert share.interval(0.2, 0.25, "en") == "20.0–25.0"
    rate = i18n.Unit.of({"kind": "rate", "scale": 100000, "unit": "per 100000"}, [312.4])
    assert rate.level(312.4, "fi") == f"312,4{NB}/ 100{NB}000 asukasta"
    assert rate.difference(12, "en") == f"12.0{NB}per 100,000 inhabitants"
    mean = i18n.Unit.of({"kind": "mean", "scale": 1, "unit": "h"}, [6.8])
    assert mean.level(6.84, "fi") == f"6,84{NB}h"
    assert mean.level(float("nan"), "fi") == ".."
    assert i18n.Unit.of({"kind": "count", "scale": 1}, [3.0]).level(12345, "sv") == f"12{NB}345"
    assert i18n.Unit.of({"kind": "proportion", "scale": 100}, [0.32, 0.02]).level(0.32, "fi") == f"0,32{NB}%"


def test_names_fall_back_to_ids_and_join_crossed_groups():
    groups = pd.DataFrame(
        [
            {"dimension": "dimension", "group": "education", "label_fi": "koulutus"},
            {"dimension": "education", "group": "low", "label_fi": "matala koulutus"},
            {"dimension": "sex", "group": "women", "label_fi": "naiset"},
        ]
    )
    indicators = pd.DataFrame([{"indicator": "smoking", "title_fi": "Tupakointi", "title_sv": None}])
    areas = pd.DataFrame([{"area": "own-1", "parent": None, "label_en": "Old town"}])
    names = i18n.Names(indicators, groups, areas)
    assert names.group("education × sex", "low × women", "fi") == "matala koulutus, naiset"
    assert names.group("education", "mid", "fi") == "mid"
    assert names.dimension("education × sex", "fi") == "koulutus × sex"
    assert names.area("own-1", "fi") == "Old town"
    assert (names.indicator("smoking", "sv"), names.indicator_language("smoking", "sv")) == ("Tupakointi", "fi")


def test_a_range_of_points_is_no_unit_of_a_level():
    scale = i18n.Unit.of({"kind": "mean", "scale": 1, "unit": "0–10"}, [7.6, 6.7])
    assert scale.level(6.73, "fi") == "6,73"
    assert scale.difference(1.2, "sv") == "1,20 poäng"
    assert (scale.measure("fi"), scale.gap_measure("en")) == ("asteikko 0–10", "points")
    large = i18n.Unit.of({"kind": "rate", "scale": 100000, "unit": ""}, [17481.2])
    assert large.number(17481.2, "fi") == f"17{NB}481"
