"""A 95 % interval holds the truth in 95 samples of 100: the worlds of benchmarks/coverage.py."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest
from inequality_worlds import setting
from scipy import optimize, stats

from hyteanalysis.inequality import REGISTRY, disparity

SCRIPT = Path(__file__).parent.parent.parent / "benchmarks" / "coverage.py"


@pytest.fixture(scope="module")
def coverage():
    spec = spec_from_file_location("coverage_of_intervals", SCRIPT)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("k", [2, 3, 6])
@pytest.mark.parametrize("size", [0.6, 1.6, 2.5, 20.0])
def test_variance_between_groups_alike_in_size_and_error_errs_as_the_noncentral_chi_square(k, size):
    """Then k BGV/s² is exactly χ² of k − 1 degrees of freedom, with k times the true BGV/s² as its noncentrality."""
    error = 2.0
    cells = setting(30.0 + size * error * np.linspace(1, -1, k), se=error)
    found = disparity(cells, "BGV", interval="corrected", draws=1000).iloc[0]
    seen = k * found["estimate"] / error**2
    assert found["se"] == pytest.approx(error**2 / k * stats.ncx2.std(k - 1, seen))
    for limit, below in (("lower", 0.975), ("upper", 0.025)):
        # a series, which fails far from the middle: there the root's own distribution is nearly normal
        def beyond(root, below=below):
            return stats.ncx2.cdf(seen, k - 1, root**2) - below

        root = optimize.brentq(beyond, 0, np.sqrt(seen) + 6) if beyond(0) > 0 else 0.0
        assert found[limit] == pytest.approx(error**2 * root**2 / k, rel=1e-6 if seen < 100 else 2e-3)


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
