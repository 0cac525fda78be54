"""A selection survives its own address, whatever it holds, and reads nothing else from one."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from traitlets import TraitError

from hyteanalysis.apps.benefit.choice import Choice
from hyteanalysis.apps.kit.address import LONGEST, PageState
from hyteanalysis.apps.planning.choice import PlanChoice
from hyteanalysis.apps.where.choice import Selection

ids = st.text(st.characters(exclude_characters="~", exclude_categories=("Cs",)), min_size=1, max_size=30)
selections = st.builds(
    Selection,
    release=ids | st.just(""),
    area=ids | st.just("") | st.none(),
    indicator=ids | st.just(""),
    dimension=ids | st.just(""),
    period=ids | st.just(""),
    filters=st.lists(ids, max_size=3).map(tuple),
    compare=st.lists(ids, max_size=3).map(tuple),
    standardised=st.booleans(),
    sort=ids | st.just(""),
    researcher=st.booleans(),
)


@given(selections)
def test_the_address_of_a_selection_gives_it_back(selection):
    assert Selection.from_query(selection.query()) == selection


@pytest.mark.parametrize("selected", [Selection, Choice, PlanChoice])
def test_every_field_of_a_selection_is_a_trait_that_can_be_observed(selected):
    state, told = PageState(selected), []
    own = set(state.trait_names()) - set(PageState.class_trait_names())
    assert own == {field.name for field in fields(selected)}
    assert state.selection() == selected()
    assert set(selected.QUERY) <= own
    state.observe(lambda change: told.append((change["name"], change["new"])))
    state.release = "other"
    assert told == [("release", "other")]


def test_a_trait_takes_what_its_field_may_be_and_nothing_else():
    state = PageState(Selection)
    state.area = None
    for field, value in (("indicator", None), ("filters", "sex:women"), ("standardised", "1"), ("period", 2024)):
        with pytest.raises(TraitError):
            setattr(state, field, value)
    assert state.selection() == Selection(area=None)


@given(selections)
def test_the_traits_of_a_selection_give_it_back(selection):
    state = PageState(Selection)
    state.take(selection)
    assert state.selection() == selection


@given(st.text(max_size=200))
def test_any_text_is_a_query_string(query):
    read = Selection.from_query(query)
    assert Selection.from_query(read.query()) == read


def test_the_default_has_an_empty_address():
    assert Selection().query() == ""
    assert PageState(Selection).selection() == Selection()


def test_values_are_cut_and_fields_counted():
    assert len(Selection.from_query("alue=" + "x" * 10_000).area) == LONGEST
    assert Selection.from_query("&".join(f"a{i}=1" for i in range(5000))) == Selection()
