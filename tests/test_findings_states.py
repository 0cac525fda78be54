"""Findings of numbers that are hidden, missing, uncertain or not comparable: no word is surer than they are."""

import re

import numpy as np
import pytest
from released import COUNTRY, COUNTY, INDICATORS, cell, education, found_of, total

from hyteanalysis.i18n import LANGS

WORDS_OF_CERTAINTY = re.compile(r"kaventunut|kasvanut|selvästi (heikompi|parempi)|[Hh]eikoin tilanne|käänteinen")


def age(levels, n, period="2022"):
    return [
        cell("smoking", COUNTY, period, "age", group, y, n=n)
        for group, y in zip(("20-54", "55-74", "75+"), levels, strict=True)
    ]


def test_groups_that_chance_could_tell_apart_are_not_called_different():
    found = found_of(age((20.0, 21.0, 22.5), 200), dimension="age")
    assert found.distinct is False
    assert found.difference.verdict == "no_clear_difference"
    assert not found.difference.clear
    said = " ".join(found.sentences("fi"))
    assert "sattumasta" in said
    assert not WORDS_OF_CERTAINTY.search(said)
    assert "ei ole selvää eroa" in found.headline("fi")
    assert "vähemmän" not in found.parts("fi")["people"]


def test_one_group_that_stands_out_among_unordered_ones_is_named():
    found = found_of(age((20.0, 21.0, 35.0), 1000), dimension="age")
    assert (found.distinct, found.worst, found.best) == (True, "75+", "20-54")
    assert found.difference.between == ("75+", "20-54")
    assert found.difference.verdict == "worse"


def test_groups_not_clearly_apart_from_the_worst_are_named():
    found = found_of(education("smoking", COUNTY, "2022", (22.0, 21.5, 8.0), n=1000))
    assert found.tied == ("mid",)
    assert found.parts("fi")["worst"].endswith("Siitä eivät selvästi eroa: keskitason koulutus.")


def test_no_change_is_called_unless_its_interval_says_so():
    rows = education("smoking", COUNTY, "2017", (24.0, 17.0, 8.0), n=400)
    rows += education("smoking", COUNTY, "2022", (23.0, 16.0, 8.0), n=400)
    found = found_of(rows)
    assert found.change.verdict == "no_clear_change"
    assert "Erossa ei ole selvää muutosta (2017–2022)" in found.parts("fi")["change"]
    assert not re.search("kaventunut|kasvanut", " ".join(found.sentences("fi")))


def test_change_never_compares_other_groups():
    rows = education("smoking", COUNTY, "2017", (24.0, 17.0, 8.0), statuses=("suppressed", "ok", "ok"), n=2000)
    rows += education("smoking", COUNTY, "2022", (23.0, 16.0, 8.0), n=2000)
    found = found_of(rows)
    assert found.change is None
    assert "ei voi arvioida" in found.parts("fi")["change"]


def test_change_over_a_break_in_the_series_is_refused():
    rows = education("smoking", COUNTY, "2017", (30.0, 18.0, 7.0), n=2000)
    rows += education("smoking", COUNTY, "2022", (23.0, 16.0, 8.0), n=2000)
    assert found_of(rows).change.verdict == "narrowed"
    broken = found_of(rows, indicators=INDICATORS.assign(break_year=2020))
    assert broken.change is None
    assert "not_comparable" in broken.states
    assert "aiempiin vuosiin ei voi verrata" in broken.parts("fi")["not_comparable"]


def test_suppressed_groups_are_named_and_never_guessed():
    found = found_of(
        education("smoking", COUNTY, "2022", (24.0, 16.0, 8.0), statuses=("suppressed", "ok", "ok"), n=2000)
    )
    assert "suppressed" in found.states
    assert found.difference.between == ("mid", "high")
    assert found.parts("fi")["suppressed"] == (
        "Peitetty tietosuojan vuoksi: matala koulutus. Peitetty ei tarkoita nollaa."
    )
    assert not re.search(r"24,0|\b36\b", " ".join(found.sentences("fi")))
    assert "Mukana ovat vain ryhmät" in found.parts("fi")["people"]
    assert found.reliability.grade == "moderate"


@pytest.mark.parametrize(
    "statuses", [("suppressed",) * 3, ("ok", "suppressed", "missing"), ("missing", "missing", "ok")]
)
def test_too_few_numbers_give_no_gap(statuses):
    found = found_of(education("smoking", COUNTY, "2022", (24.0, 16.0, 8.0), statuses=statuses))
    assert found.difference is None
    assert found.worst is None
    assert found.people is None
    for lang in LANGS:
        assert all(found.sentences(lang))
        assert ".." not in " ".join(found.sentences(lang))
        assert found.headline(lang)


def test_uncertain_numbers_are_said_to_be_indicative():
    found = found_of(education("smoking", COUNTY, "2022", (24.0, 16.0, 8.0), statuses=("uncertain", "ok", "ok"), n=25))
    assert found.reliability.grade == "weak"
    assert found.reliability.respondents == 25
    assert "matala koulutus" in found.parts("fi")["uncertain"]
    assert found.parts("fi")["reliability"].startswith("Luotettavuus: heikko – vastaajia on vähän")


def test_without_intervals_nothing_is_called_certain():
    rows = [*education("smoking", COUNTY, "2022", (24.0, 16.0, 8.0)), total("smoking", COUNTY, "2022", 17.0)]
    rows += [total("smoking", COUNTRY, "2022", 14.0)]
    plain = [{**row, "se": np.nan, "lower": np.nan, "upper": np.nan} for row in rows]
    found = found_of(plain)
    assert found.difference.verdict == found.against_whole.verdict == "unknown"
    assert not found.difference.clear
    assert "ei voi arvioida" in found.parts("fi")["gap"]
    assert not re.search("selvästi (heikompi|parempi)", " ".join(found.sentences("fi")))
