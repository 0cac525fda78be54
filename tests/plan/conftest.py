"""A hand-made release and the plans that are set against it."""

import datetime

import pytest
from released import COUNTY, made, smoking

import hyteanalysis as hyte
from hyteanalysis import places


@pytest.fixture(scope="session")
def release():
    return made(smoking())


@pytest.fixture(scope="session")
def example():
    return places.committed("plans", "example.yml")


@pytest.fixture(scope="session")
def example_release():
    return hyte.Release.open(places.committed("releases", "example"))


@pytest.fixture
def goal():
    """Make a goal: smoking of the county's least educated, 34.1 % in 2013, 23.3 % (about 21.4–25.2) in 2022."""

    def make(**changes):
        return {
            "id": "smoke-free", "title": "Smoke-free", "indicator": "smoking", "area": COUNTY,
            "dimension": "education", "group": "low",
            "baseline": {"value": 34.1, "lower": 32.0, "upper": 36.2, "period": "2013"},
            "target": {"value": 15, "date": datetime.date(2029, 12, 31)},
            "actors": [{"actor": "clinic", "role": "lead"}],
            **changes,
        }  # fmt: skip

    return make


@pytest.fixture
def plan(goal):
    """Make a plan as plain data: one goal, unless others are given."""

    def make(*goals, **changes):
        return {
            "schema_version": 2, "title": "Plan", "organisation": "County", "area": COUNTY, "first_year": 2022,
            "last_year": 2025, "actors": [{"id": "clinic", "name": "Clinic"}, {"id": "school", "name": "School"}],
            "goals": list(goals or [goal()]), **changes,
        }  # fmt: skip

    return make
