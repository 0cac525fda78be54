"""A small world with its release, made once, and that release in a folder of its own."""

import pytest
from small_world import small


@pytest.fixture(scope="session")
def made():
    return small()


@pytest.fixture
def folder(made, tmp_path):
    made[2].save(tmp_path / "release")
    return tmp_path / "release"
