"""The attacker's tools on tables small enough to reckon by hand, and what the protector cannot protect."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from small_world import K5, KEYS, counts, hidden

import hyteanalysis as hyte
from hyteanalysis.disclosure import audit
from hyteanalysis.disclosure.attack import Attack
from hyteanalysis.disclosure.program import Component
from hyteanalysis.disclosure.rounding import finest
from hyteanalysis.disclosure.system import System
from hyteanalysis.errors import DisclosureError

PAIRS = sparse.csr_array(np.array([[1.0, 1, 0], [0, 1, 1], [1, 0, 1]]))
EVERY = np.ones(3)


def triangle(low, high):
    """Three people counts of which each two are told together."""
    return Component(PAIRS, np.full(3, low), np.full(3, high), np.full(3, 10.0), np.ones(3, dtype=bool))


def test_people_come_whole_where_shares_would_not():
    one = triangle(0.0, 1.0)
    assert one.table(EVERY, 1) == pytest.approx([0.5, 0.5, 0.5])
    assert one.integer_table(EVERY, 1).sum() == 1
    assert len(one.pool()) == 1  # the table of halves is no table of people
    first = np.array([1.0, 0, 0])
    assert one.integer_table(EVERY, 1, (first, 1.0)).tolist() == [1, 0, 0]
    assert one.integer_table(EVERY, 1, (EVERY, 1.5)) is None
    assert one.table(EVERY, 1, (first, 5.0)) is None
    assert one.integer_table(EVERY, -1).tolist() == [0, 0, 0]  # and the held numbers were let go again


def system(value):
    """The same three counts, hidden, under three shown sums."""
    rows = pd.DataFrame({"area": list("abcdef"), "low": [np.nan] * 3 + [*np.broadcast_to(value, 3)]})
    rows = rows.assign(high=rows["low"], cap=np.inf, family="n", dimension="total", group="total", people=np.nan)
    rows = rows.assign(weight=1.0, hideable=True, tie=False)
    matrix = sparse.csr_array(sparse.vstack([sparse.eye_array(3), PAIRS], format="csr"))
    none = pd.DataFrame({"row": [], "need_low": [], "need_high": [], "kind": []})
    gone = np.array([True] * 3 + [False] * 3)
    return System(rows, matrix, np.full(3, np.inf), np.ones(3, dtype=bool), gone, none, 6, ["n"])


def test_sums_that_no_people_make_are_refused():
    odd, even, uneven = system(3.0), system(4.0), system(np.array([1.0, 1.0, 9.0]))
    assert Attack(odd).interval(0) == pytest.approx((1.5, 1.5))
    with pytest.raises(DisclosureError, match="margins do not add up"):
        Attack(odd).interval(0, whole=True)
    with pytest.raises(DisclosureError, match="no table of people agrees with all numbers"):
        finest(odd)
    with pytest.raises(DisclosureError, match="margins do not add up"):
        Attack(uneven).interval(0)  # no shares of people either
    assert Attack(even).interval(0, whole=True) == (2, 2)
    assert finest(even).tolist() == [2, 2, 2]


def test_whole_tables_that_are_not_found_leave_what_is_proven(monkeypatch):
    attack = Attack(system(4.0))
    monkeypatch.setattr(Component, "integer_table", lambda *_: None)
    with pytest.raises(DisclosureError, match="margins do not add up"):
        attack.interval(0, whole=True)
    assert attack.interval(0) == (2, 2)  # and this table is kept
    assert attack.interval(0, whole=True) == (2, 2)


# ---- what cannot be protected


def test_what_an_earlier_release_gives_away_is_refused_by_name():
    hierarchy = pd.DataFrame({"area": ["a", "b"], "parent": "R"})
    old = counts([("b", "total", "total", 40), ("R", "total", "total", 43)])
    early = hyte.release(old, policy=hyte.Policy(minimum_count=1, minimum_respondents=0), hierarchy=hierarchy)
    new = counts([("a", "total", "total", 3), ("b", "total", "total", 40), ("R", "total", "total", 43)])
    with pytest.raises(DisclosureError, match=r"n / a / total / total cannot be protected"):
        hyte.release(new, policy=K5, hierarchy=hierarchy, previous=[early])


def test_few_respondents_that_an_earlier_release_gives_away_are_refused():
    frame = counts(
        [("a", "total", "total", 20), ("b", "total", "total", 40), ("R", "total", "total", 60)],
        respondents=[20.0, 100.0, 120.0],
    )
    hierarchy = pd.DataFrame({"area": ["a", "b"], "parent": "R"})
    alone = hyte.release(frame, policy=hyte.Policy(minimum_respondents=30), hierarchy=hierarchy)
    assert hidden(alone).sum() == 2
    early = hyte.release(frame.iloc[1:], policy=hyte.Policy(minimum_respondents=0), hierarchy=hierarchy)
    with pytest.raises(DisclosureError, match="cannot be protected"):
        hyte.release(frame, policy=hyte.Policy(minimum_respondents=30), hierarchy=hierarchy, previous=[early])


def test_rates_that_fit_no_table_are_protected_each_by_itself():
    """Weighted rates do not add up as counts do; one that tells a small count is hidden still."""
    frame = counts([("a", "total", "total", 0), ("b", "total", "total", 0), ("R", "total", "total", 0)])
    frame = frame.assign(estimate=[0.1, 10.0, 50.0], population=[3_000.0, 1_000.0, 4_000.0]).drop(columns="events")
    about = pd.DataFrame({"indicator": ["n"], "title_en": ["n"], "unit": ["%"], "kind": ["proportion"], "scale": [100]})
    hierarchy = pd.DataFrame({"area": ["a", "b"], "parent": "R"})
    policy = hyte.Policy(counts_needed=False)
    made = hyte.release(frame, about.assign(favourable=False), policy=policy, hierarchy=hierarchy)
    assert "a" in set(made.cells.loc[hidden(made), "area"])  # 0.1 % of 3,000 can only be 2 to 4 people
    assert audit(made).safe


def test_populations_that_do_not_add_up_tell_nothing_beyond_their_cell():
    people = [4.0, 300.0, 900.0]
    rows = [("a", "total", "total", 2), ("b", "total", "total", 40), ("R", "total", "total", 42)]
    hierarchy = pd.DataFrame({"area": ["a", "b"], "parent": "R"})
    made = hyte.release(counts(rows, population=people), policy=K5, hierarchy=hierarchy)
    shown = made.cells.set_index("area")
    assert shown.loc["a", ["events", "population"]].isna().all()
    assert hidden(made).sum() == 2  # the margin less the other would tell


def test_a_count_that_is_anothers_denominator_is_protected_with_it():
    """Those asked are counted by one indicator, and stand below another: hiding one alone hides nothing."""
    rows = [("a", "total", "total"), ("b", "total", "total")]
    asked = counts([(*key, count) for key, count in zip(rows, (4, 60), strict=True)]).assign(indicator="asked")
    yes = counts([(*key, count) for key, count in zip(rows, (2, 30), strict=True)], population=[4.0, 60.0])
    made = hyte.release(pd.concat([asked, yes]), policy=K5)
    shown = made.cells.set_index(["indicator", *KEYS])
    assert shown.loc[("asked", "a"), "events"].isna().all()
    assert shown.loc[("n", "a"), ["events", "population"]].isna().all(axis=None)
    assert shown.loc[("n", "b"), "events"].tolist() == [30]
