"""A 95 % interval holds the truth in 95 samples of 100: the worlds of benchmarks/coverage.py."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

from hyteanalysis.inequality import REGISTRY

SCRIPT = Path(__file__).parent.parent.parent / "benchmarks" / "coverage.py"


@pytest.fixture(scope="module")
def coverage():
    spec = spec_from_file_location("coverage_of_intervals", SCRIPT)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check(found, low, high):
    """Within the bounds, but for what so few samples leave to chance."""
    chance = 2.6 * np.sqrt(0.05 * 0.95 / found["size"])
    assert found["mean"].between(low - chance, high + chance).all(), found.to_string()


def test_plain_intervals_cover(coverage):
    found = coverage.plain(count=240, samples=1, draws=2_000, seed=8)
    assert set(found["measure"]) == set(REGISTRY)
    check(found, 0.93, 0.97)


def test_corrected_intervals_cover_from_equality_up(coverage):
    found = coverage.corrected(kinds=12, samples=20, draws=1_000, seed=8)
    fixed = found[found["interval"] == "corrected"]
    square = fixed["measure"].isin(coverage.SQUARES)
    check(fixed[square], 0.94, 0.98)
    check(fixed[~square], 0.90, 0.98)
    # percentiles count the noise twice: at equality they never hold the truth
    plain = found[(found["interval"] == "plain") & found["measure"].isin(["BGSD", "MDMW", "IDISU"])]
    assert (plain["equal"] < 0.2).all()


@pytest.mark.slow
def test_plain_intervals_cover_over_2000_worlds(coverage):
    found = coverage.plain(count=2_000, samples=3, draws=10_000, seed=1)
    assert found["mean"].between(0.93, 0.97).all(), found.to_string()


@pytest.mark.slow
def test_corrected_intervals_cover_over_96_kinds_of_world(coverage):
    found = coverage.corrected(kinds=96, samples=150, draws=4_000, seed=2)
    fixed = found[found["interval"] == "corrected"]
    square = fixed["measure"].isin(coverage.SQUARES)
    assert fixed[square]["mean"].between(0.94, 0.98).all(), fixed.to_string()
    chance = 3 * np.sqrt(0.12 * 0.88 / 150)
    assert (fixed[square]["least"] >= 0.88 - chance).all(), fixed.to_string()
    assert (fixed[~square]["mean"] >= 0.90).all(), fixed.to_string()
