"""The catalogue of official indicators holds to its schema, to the lists its ids were read from and to itself."""

import json
from collections import Counter

import pandas as pd
import pytest

import hyteanalysis as hyte
from hyteanalysis.errors import SourceError
from hyteanalysis.sources.questions import Question

QUESTIONS = hyte.sources.questions()
SOTKANET = [one for one in QUESTIONS if one.source == "sotkanet"]


def test_the_catalogue_has_about_120_questions_each_once():
    assert 115 <= len(QUESTIONS) <= 135
    assert max(Counter(one.id for one in QUESTIONS).values()) == 1


def test_a_question_is_named_by_its_source_and_table():
    assert [one.id for one in QUESTIONS] == [f"{one.source}-{one.table}" for one in QUESTIONS]


def test_every_id_of_sotkanet_stands_in_its_lists(shared):
    listed = {str(one["id"]) for one in json.loads((shared("data/sotkanet/indicators_2016.json")).read_text())}
    single = json.loads((shared("data/sotkanet/indicator_metadata_2025.json")).read_text())
    listed |= {str(one["id"]) for one in (single if isinstance(single, list) else single.values())}
    assert {one.table for one in SOTKANET} <= listed


def test_education_and_age_are_told_where_sotkanet_has_such_a_family(shared):
    families = pd.read_csv(shared("data/sotkanet/group_families_2016.csv")).dropna(subset="base_id")
    for base, rows in families.groupby(families["base_id"].astype(int).astype(str)):
        question = next(one for one in SOTKANET if one.table == base)
        assert set(rows["group_dimension"]) <= set(question.by)


def test_the_two_catalogues_of_the_package_agree():
    known = hyte.sources.catalogue().set_index("indicator")
    ours = {one.id: one for one in QUESTIONS}
    assert set(known.index) <= set(ours)
    for indicator, row in known.iterrows():
        one = ours[indicator]
        assert (one.favourable, one.theme, one.stage) == (row["favourable"], row["theme"], row["age_group"])
        assert one.title["fi"] == row["title_fi"]
        assert one.purpose == row["purpose"]


def test_the_coefficient_is_that_of_the_list_it_was_read_from(shared):
    listed = pd.read_csv(shared("reference/planning/hyte_coefficient.csv"), dtype=str).dropna(subset="sotkanet_id")
    listed = listed[listed["scheme"].str.startswith(("county", "municipal"))]
    flagged = {one.table for one in SOTKANET if one.hyte_coefficient}
    assert set(listed["sotkanet_id"]) <= flagged
    assert flagged - set(listed["sotkanet_id"]) == {"189", "3219"}  # of the design announced in 2018


def test_figures_under_a_producers_own_terms_are_not_taken_as_publishable():
    kept = {one.licence for one in QUESTIONS if not one.publishable}
    assert kept
    assert all("own terms" in licence for licence in kept)


def test_a_theme_that_is_none_is_refused_with_near_ones():
    with pytest.raises(SourceError, match="Did you mean health"):
        hyte.sources.questions(["heath"])


def test_a_field_the_schema_does_not_know_is_refused():
    with pytest.raises(ValueError, match="colour"):
        Question.model_validate(QUESTIONS[0].model_dump() | {"colour": "red"})
