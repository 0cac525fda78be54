"""Where nothing differs, little is said to: single findings, lists of areas, the named worst group."""

import numpy as np
import pytest
from null_worlds import LISTS, said, world
from released import cell, made

from hyteanalysis.findings import finding


def held(share, count):
    """At most 5 %, with the error of so many draws."""
    return share <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / count)


def check(groups, ordered, areas, seed):
    release, places = world(groups, ordered=ordered, areas=areas, seed=seed)
    shares, number = said(release, places)
    assert number == 20 * areas
    wrong = {name: share for name, share in shares.items() if not held(share, len(places) if name in LISTS else number)}
    assert not wrong
    assert any(shares[name] > 0 for name in ("gap", "whole", "change")), "something is said by chance at times"


@pytest.mark.parametrize(("groups", "ordered"), [(3, True), (10, False)])
def test_in_a_world_where_nothing_differs_little_is_said_to(groups, ordered):
    check(groups, ordered, 40, seed=3)


@pytest.mark.slow
@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("groups", [3, 5, 10])
def test_in_whole_countries_where_nothing_differs_little_is_said_to(groups, ordered):
    check(groups, ordered, 309, seed=1)


def test_of_groups_that_lie_close_the_wrong_one_is_seldom_named_alone():
    rng, se, count = np.random.default_rng(5), 1.0, 300
    truth = 20 + 0.7 * np.arange(10)
    rows = [
        {**cell("smoking", f"a{i}", "2022", "kind", f"g{j}", level, se=se), "lower": np.nan, "upper": np.nan}
        for i in range(count)
        for j, level in enumerate(rng.normal(truth, se))
    ]
    release = made(rows)
    found = [finding(release, indicator="smoking", area=f"a{i}", dimension="kind") for i in range(count)]
    assert sum(one.distinct is True for one in found) > count / 2
    wrong = sum(one.distinct is True and "g9" not in (one.worst, *one.tied) for one in found)
    assert held(wrong / count, count)
