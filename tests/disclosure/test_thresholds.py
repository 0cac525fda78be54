"""A minimum is the least that may be shown, and not the first that may not."""

import pytest
from small_world import counts, hidden

import hyteanalysis as hyte


@pytest.mark.parametrize(("events", "respondents", "gone"), [(5, 30, 0), (4, 30, 1), (5, 29, 1)])
def test_what_has_just_the_minimum_is_shown(events, respondents, gone):
    made = hyte.release(counts([("a", "total", "total", events)], respondents=float(respondents)), policy=hyte.Policy())
    assert hidden(made).sum() == gone
