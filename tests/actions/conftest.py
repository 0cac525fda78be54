"""Cells and actions that the tests of actions share."""

import numpy as np
import pytest
from made_actions import TWO_AREAS, make_action, make_cells


@pytest.fixture
def cells():
    return make_cells(TWO_AREAS, se=0.01)


@pytest.fixture
def exact_cells():
    return make_cells(TWO_AREAS)


@pytest.fixture
def action():
    return make_action(effect={"scale": "rr", "value": 0.75, "lower": 0.65, "upper": 0.86})


@pytest.fixture
def many_areas():
    """Thirty areas of uneven size, whose groups have one share each: differences are noise."""
    rng = np.random.default_rng(3)
    people = rng.integers(60, 4_000, 30)
    rows = [
        (f"area-{number}", group, order, size, rng.binomial(size, share) / size)
        for number, size in enumerate(people)
        for group, order, share in (("low", 1, 0.2), ("high", 2, 0.1))
    ]
    frame = make_cells(rows)
    return frame.assign(events=(frame["estimate"] * frame["population"]).round())
