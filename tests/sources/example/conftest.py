"""The example's cells of two seeds."""

import pytest

from hyteanalysis.sources import example


@pytest.fixture(scope="session")
def made():
    return example.cells(seed=1)


@pytest.fixture(scope="session")
def cells(made):
    return made.cells


@pytest.fixture(scope="session")
def other_seed():
    return example.cells(seed=2).cells
