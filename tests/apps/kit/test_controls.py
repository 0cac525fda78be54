"""A field for a number takes what people type, and explains what it does not take."""

import pytest

from hyteanalysis.apps.kit.controls import NumberField


@pytest.mark.parametrize(
    ("given", "taken"), [("12,5", 12.5), ("12.5", 12.5), (" 1 000 ", 1000.0), ("40 %", 40.0), ("\u22121", -1.0)]
)
def test_a_number_is_read_with_comma_and_point(given, taken):
    assert NumberField("x", "fi", low=-10, high=2000).read(given) == taken


@pytest.mark.parametrize("given", ["", "x", "nan", "inf", "1e9", "-11", "12;5", "1" * 40, None, ["1"], "<b>"])
def test_what_is_no_number_changes_nothing_and_is_explained_beside_the_field(given):
    field, taken = NumberField("x", "en", low=0, high=100), []
    act = {}
    field.offer(40)
    field.bind(lambda widget, found: act.update({widget: found}), taken.append)
    act[field.field](given)
    assert not taken
    assert "0–100" in field.message.value
    act[field.field]("50")
    assert taken == [50.0]
    assert not field.message.value
