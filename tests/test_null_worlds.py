"""Where nothing differs, little is said to: single findings, lists of areas, the named worst group."""

import numpy as np
import pytest
from null_worlds import LISTS, said, world
from released import COUNTY, cell, made

from hyteanalysis import figures
from hyteanalysis.figures.kit.topics import topics
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


def test_the_marks_of_a_matrix_are_held_to_false_discoveries_over_all_that_it_shows():
    rng, worlds, alone, marked = np.random.default_rng(8), 12, 0, 0
    for seed in range(worlds):
        release, places = world(4, ordered=False, areas=2, seed=seed)
        drawn = figures.matrix(release, areas=str(rng.choice(places)), dimension="kind", lang="fi")
        levels = drawn.table[drawn.table["measure"] == "level"]
        marked += levels["against"].isin(["weaker", "better"]).any()
        alone += len(levels)
    assert alone == worlds * 80
    assert marked <= worlds * (0.05 + 3 * np.sqrt(0.05 * 0.95 / worlds))


def test_reports_raise_nothing_where_nothing_differs_and_say_why_where_something_does():
    release, places = world(5, ordered=False, areas=30, seed=11)
    raised = [topic for place in places for topic in topics(release, area=place) if topic.signs]
    assert len(raised) <= 30 * (0.05 + 3 * np.sqrt(0.05 * 0.95 / 30))
    apart = [
        cell("smoking", COUNTY, "2022", "sex", group, level, n=4000) for group, level in (("men", 30), ("women", 10))
    ]
    (one,) = topics(made(apart), area=COUNTY)
    assert one.signs == {"double"}
