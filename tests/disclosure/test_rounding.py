"""Rounding instead of holes: nothing small is left, margins add up, and rates are made of what is shown."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from small_world import KEYS, counts

import hyteanalysis as hyte
from hyteanalysis import uncertainty
from hyteanalysis.disclosure import audit
from hyteanalysis.disclosure.rounding import round_small
from hyteanalysis.errors import DisclosureError

ROUNDED = hyte.Policy(rounding=5, protect_complement=False)


def test_the_sums_nearest_to_the_true_ones_are_chosen():
    table = sparse.csr_array(np.vstack([np.ones(4), np.eye(4)]))
    assert round_small(np.array([4.0, 1, 4, 1]), table, 5).tolist() == [5, 0, 5, 0]
    assert round_small(np.array([4.0, 5, 6, 7]), table, 5)[1:].tolist() == [5, 6, 7]
    assert round_small(np.array([0.0, 5, 6, 7]), table, 5).tolist() == [0, 5, 6, 7]


LANGUAGE = [("a", "total", "total", 20), ("a", "language", "fi", 17), ("a", "language", "sv", 3)]


def test_dimensions_that_nobody_crossed_may_not_give_each_other_away():
    """20 by sex and 22 by language: the margin that sex keeps exactly would give the 3 back."""
    made = hyte.release(counts(LANGUAGE), policy=ROUNDED).cells
    assert made.groupby("dimension")["events"].sum().nunique() == 1
    assert not made["events"].between(1, 4).any()
    assert (made["estimate"] == made["events"]).all()
    sex = [("a", "sex", "women", 8), ("a", "sex", "men", 12)]
    with pytest.raises(
        DisclosureError, match="rounding cannot keep the margins that the dimensions language, sex share"
    ):
        hyte.release(counts(LANGUAGE + sex), policy=ROUNDED)
    unchanged = hyte.release(counts([*LANGUAGE[:1], *sex, ("a", "language", "fi", 20)]), policy=ROUNDED).cells
    assert unchanged["events"].sum() == 60  # nothing small, so nothing is rounded


@pytest.mark.parametrize("kind", ["proportion", "rate", "mean"])
def test_a_rate_is_made_of_the_rounded_counts_and_a_mean_cannot_be(kind):
    frame = counts([("a", "total", "total", 3), ("b", "total", "total", 40)], population=[60.0, 200.0])
    frame = frame.assign(estimate=100 * frame["events"] / frame["population"], se=1.0, lower=0.0, upper=50.0)
    about = pd.DataFrame({"indicator": ["n"], "title_en": ["n"], "unit": ["%"], "kind": [kind], "scale": [100]})
    made = hyte.release(frame, about.assign(favourable=False), policy=ROUNDED).cells.set_index("area")
    assert made.loc["b", ["estimate", "se", "events"]].tolist() == [20.0, 1.0, 40.0]  # unchanged, and so left alone
    events = made.loc["a", "events"]
    if kind == "mean":
        assert made.loc["a", "status"] == "suppressed"
        assert made.loc["a", ["estimate", "se", "lower", "upper", "events"]].isna().all()
        return
    assert events in (0, 5)
    assert made.loc["a", "estimate"] == pytest.approx(100 * events / 60)
    if kind == "proportion":
        low, high = uncertainty.wilson(np.array([events]), np.array([60.0]))
        limits = [100 * low[0], 100 * high[0]]
    else:
        limits = [100 * one[0] / 60 for one in uncertainty.byar(np.array([events]))]
    assert made.loc["a", ["lower", "upper"]].astype(float).tolist() == pytest.approx(limits)


def test_people_without_the_outcome_are_rounded_too():
    frame = counts([("a", "total", "total", 58), ("b", "total", "total", 40)], population=[60.0, 200.0])
    made = hyte.release(frame, policy=hyte.Policy(rounding=5)).cells.set_index("area")
    assert made.loc["b", "population"] == 200
    assert made.loc["a", "population"] - made.loc["a", "events"] in (0, 5)
    half = frame.assign(population=[60.5, 200.0])
    with pytest.raises(DisclosureError, match="rounding needs whole populations where the complement is small: n / a"):
        hyte.release(half, policy=hyte.Policy(rounding=5))


def test_estimates_alone_are_rounded_where_they_are_the_counts():
    frame = counts([("a", "total", "total", 2), ("b", "total", "total", 40)]).drop(columns="events")
    about = pd.DataFrame({"indicator": ["n"], "title_en": ["n"], "unit": [""], "kind": ["count"], "scale": [1]})
    made = hyte.release(frame, about.assign(favourable=False), policy=ROUNDED).cells.set_index("area")
    assert made.loc["a", "estimate"] in (0, 5)
    assert made.loc["b", "estimate"] == 40


def test_a_base_may_be_the_minimum_count_itself():
    assert hyte.Policy(minimum_count=5, rounding=5).rounding == 5
    with pytest.raises(DisclosureError, match="less than the largest minimum count"):
        hyte.Policy(minimum_count=5, rounding=5, sensitive={"disability": 6})


# ---- what the audit of a folder says besides


def test_public_data_have_nothing_to_attack():
    made = hyte.release(counts([("a", "total", "total", 2)]), policy=hyte.Policy.from_profile("open"))
    found = audit(made)
    assert found.safe
    assert found.summary["attacked"] == 0
    assert found.summary["cells"] == 1


@pytest.mark.parametrize(("events", "safe"), [(96.0, False), (95.0, True), (100.0, True)])
def test_a_shown_count_tells_how_many_are_without(events, safe):
    frame = counts([("a", "total", "total", events), ("b", "total", "total", 50)], population=100.0)
    made = hyte.release(frame, policy=hyte.Policy(protect_complement=False))
    assert audit(made).safe  # by its own policy
    strict = {**made.manifest, "policy": hyte.Policy().to_dict()}
    opened = hyte.disclosure.Release(strict, {name: getattr(made, name) for name in ("cells", "indicators")})
    found = audit(opened)
    assert found.safe is safe
    assert found.unsafe[KEYS[0]].tolist() == ([] if safe else ["a"])
