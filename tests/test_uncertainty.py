"""Errors of cells by one rule, limits for all contrasts at once, and discoveries by family."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from hyteanalysis import uncertainty
from hyteanalysis.uncertainty import cell_errors, discovery

Z = 1.959963984540054


@pytest.mark.parametrize(("kind", "scale"), [("proportion", 100.0), ("rate", 100_000.0), ("mean", 1.0), ("", 1.0)])
def test_the_error_behind_limits_gives_them_back_on_their_own_scale(kind, scale):
    y, se = np.array([0.02, 0.2, 0.7]) * scale, np.array([0.005, 0.03, 0.1]) * scale
    limits = {
        "proportion": [scale * one for one in uncertainty.logit_interval(y / scale, se / scale)],
        "rate": uncertainty.log_interval(y, se),
    }.get(kind, uncertainty.wald(y, se))
    found = cell_errors({"estimate": y, "lower": limits[0], "upper": limits[1]}, kind, scale)
    np.testing.assert_allclose(found.se, se, rtol=1e-9)
    assert found.derived.all()


def test_an_error_that_is_given_stands_and_a_limit_on_the_edge_gives_the_plain_one():
    cells = {"estimate": [20.0, 0.0, 5.0], "se": [3.0, np.nan, np.nan], "lower": [1, 0, 0], "upper": [99, 4, 12]}
    found = cell_errors(cells, np.array(["proportion", "proportion", "rate"], dtype=object), 100.0)
    np.testing.assert_allclose(found.se, [3.0, 4 / (2 * Z), 12 / (2 * Z)])
    assert found.derived.tolist() == [False, True, True]


def test_no_or_only_events_have_the_error_of_half_an_event():
    cells = pd.DataFrame(
        {"estimate": [0.0, 100.0, 0.0], "se": 0.0, "events": [0, 50, 0], "population": [50, 50, 900.0]}
    )
    cells["respondents"] = [np.nan, np.nan, 80.0]
    found = cell_errors(cells, "proportion", 100.0)
    first, last = 0.5 / 51, 0.5 / 81
    expected = [np.sqrt(first * (1 - first) / 50)] * 2 + [np.sqrt(last * (1 - last) / 80)]
    np.testing.assert_allclose(found.se, 100 * np.array(expected))
    assert found.mended.all()
    rate = cell_errors({"estimate": [0.0], "se": [0.0], "events": [0], "population": [5_000]}, "rate", 1000.0)
    np.testing.assert_allclose(rate.se, 1000 * np.sqrt(0.5) / 5_000)


def test_a_zero_error_without_events_is_unknown_at_the_edge_and_certain_elsewhere():
    cells = {"estimate": [0.0, 100.0, 40.0], "se": [0.0, 0.0, 0.0], "respondents": [50, 50, 50]}
    found = cell_errors(cells, "proportion", 100.0)
    np.testing.assert_array_equal(found.se, [np.nan, np.nan, 0.0])
    assert found.false_zero.tolist() == [True, True, False]
    # the scale is no edge of a rate
    np.testing.assert_array_equal(cell_errors(cells, "rate", 100.0).se, [np.nan, 0.0, 0.0])


@given(st.lists(st.tuples(st.sampled_from("abc"), st.one_of(st.just(np.nan), st.floats(0, 1))), max_size=30))
def test_discoveries_of_each_family_are_those_of_scipy(pairs):
    family, p = (
        np.array([name for name, _ in pairs], dtype=object),
        np.array([value for _, value in pairs], dtype=float),
    )
    found = discovery(p, family)
    assert np.isnan(found).tolist() == np.isnan(p).tolist()
    for name in set(family):
        rows = (family == name) & ~np.isnan(p)
        if rows.any():
            np.testing.assert_allclose(found[rows], false_discovery_control(p[rows]), rtol=1e-12)
