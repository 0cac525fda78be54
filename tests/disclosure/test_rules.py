"""What a policy's rules hide: zeros, few respondents, complements, denominators, rates that tell a count."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from second_worlds import second_world
from small_world import K5, KEYS, counts, hidden
from worlds import intervals, world

import hyteanalysis as hyte
from hyteanalysis.disclosure import audit
from hyteanalysis.errors import DisclosureError


def rows_of(release):
    return release.cells.set_index(KEYS)


def test_zeros_are_shown_or_hidden_as_the_policy_says():
    frame = counts([("a", "total", "total", 0), ("b", "total", "total", 30), ("c", "total", "total", 7)])
    shown = hyte.release(frame, policy=K5)
    assert not hidden(shown).any()
    closed = hyte.release(frame, policy=hyte.Policy(zeros="hidden"))
    assert closed.cells.loc[hidden(closed), "area"].tolist() == ["a"]


def test_where_zeros_are_hidden_a_small_count_may_be_zero():
    cells, hierarchy = world(3, areas=5, nested=False, parts=("language",), mean=6)
    made = hyte.release(cells, policy=hyte.Policy(zeros="hidden"), hierarchy=hierarchy)
    truth = cells.set_index(KEYS)["events"].rename("truth")
    told = intervals(made.cells, hierarchy).join(truth, on=KEYS)
    small = told[told["truth"] < 5]
    assert len(small)
    assert (small["low"] < 1e-6).all()
    assert (small["high"] > 5 - 1e-6).all()
    assert not (made.cells["events"] < 5).any()


def test_a_sensitive_dimension_has_its_own_threshold():
    rows = [
        (area, dimension, group, count)
        for area, counts in {"a": (8, 92, 50, 50), "b": (40, 160, 90, 110), "c": (70, 130, 100, 100)}.items()
        for (dimension, group), count in zip(
            [("disability", "with"), ("disability", "without"), ("sex", "women"), ("sex", "men")], counts, strict=True
        )
    ]
    totals = [("a", "total", "total", 100), ("b", "total", "total", 200), ("c", "total", "total", 200)]
    frame = counts([*rows, *totals])
    assert not hidden(hyte.release(frame, policy=K5)).any()
    made = hyte.release(frame, policy=hyte.Policy(sensitive={"disability": 10}))
    gone = made.cells[hidden(made)]
    assert ("a", "disability", "with") in set(gone[KEYS].itertuples(index=False, name=None))
    assert set(gone["dimension"]) == {"disability"}


def test_too_few_respondents_are_hidden_and_not_exact():
    rows = [("a", "sex", "women", 6), ("a", "sex", "men", 40), ("a", "total", "total", 46)]
    frame = counts(rows, respondents=[20.0, 100.0, 120.0])
    made = hyte.release(frame, policy=hyte.Policy(minimum_respondents=30))
    gone = rows_of(made)
    assert gone.loc[("a", "sex", "women"), "status"] == "suppressed"
    assert hidden(made).sum() >= 2  # or the total less the men would tell


def test_the_complement_is_protected_as_the_outcome_is():
    frame = counts([("a", "total", "total", 97), ("b", "total", "total", 50)], population=100.0)
    made = hyte.release(frame, policy=K5)
    assert made.cells.loc[hidden(made), "area"].tolist() == ["a"]
    free = hyte.release(frame, policy=hyte.Policy(protect_complement=False))
    assert not hidden(free).any()


def test_a_hidden_count_may_be_the_minimum_itself():
    """Two counts of 2 under a sum of 34, beside 30: shown, the 30 would tell that neither is above 4."""
    rows = [(area, "total", "total", count) for area, count in {"A": 2, "B": 2, "C": 30, "R": 34}.items()]
    under = pd.DataFrame({"area": ["A", "B", "C"], "parent": "R"})
    made = hyte.release(counts(rows), policy=K5, hierarchy=under)
    told = intervals(made.cells, under).set_index("area")
    assert (told.loc[["A", "B"], "low"] <= 1).all()
    assert (told.loc[["A", "B"], "high"] >= 5).all()


def test_of_few_people_without_the_outcome_there_may_be_one_or_the_minimum():
    """96 of 100 beside a count of 2: their sum, 98, would tell that at least two are without."""
    rows = [("A", "total", "total", 96), ("B", "total", "total", 2), ("R", "total", "total", 98)]
    under = pd.DataFrame({"area": ["A", "B"], "parent": "R"})
    made = hyte.release(counts(rows, population=[100.0, 300.0, 400.0]), policy=K5, hierarchy=under)
    told = intervals(made.cells, under).set_index("area").loc["A"]
    assert told["low"] <= 95
    assert told["high"] >= 99


def test_a_denominator_below_the_minimum_is_hidden_wherever_it_stands():
    frame = pd.concat(
        [
            counts(
                [
                    (area, dimension, group, count)
                    for area, counts in {"a": events, "b": (8, 40, 48), "c": (9, 60, 69)}.items()
                    for (dimension, group), count in zip(
                        [("language", "sv"), ("language", "fi"), ("total", "total")], counts, strict=True
                    )
                ]
            ).assign(indicator=name, population=[4.0, 96.0, 100.0, 40.0, 160.0, 200.0, 50.0, 250.0, 300.0])
            for name, events in {"n": (2, 30, 32), "m": (0, 12, 12)}.items()
        ]
    )
    made = hyte.release(frame, policy=K5)
    people = made.cells.pivot(index=KEYS, columns="indicator", values="population")
    assert people.loc[("a", "language", "sv")].isna().all()
    assert people.loc["a"].isna().all(axis=1).sum() >= 2  # else the total less the Finnish-speaking would tell
    with pytest.raises(DisclosureError, match="public population below the minimum"):
        hyte.release(frame, policy=hyte.Policy(public_populations=True))


def test_a_population_beside_an_indicator_without_counts_does_not_give_a_hidden_one_away():
    keys = [("language", "sv"), ("language", "fi"), ("total", "total")]
    people = {"a": (4.0, 96.0, 100.0), "b": (40.0, 160.0, 200.0)}
    events = {"a": (2, 30), "b": (8, 40)}
    one = counts([(area, *key, count) for area in people for key, count in zip(keys, events[area], strict=False)])
    one["population"] = [4.0, 96.0, 40.0, 160.0]
    other = counts([(area, *key, 9) for area in people for key in keys], population=sum(people.values(), ()))
    other = other.assign(indicator="m", estimate=5.5, events=np.nan, respondents=60.0)
    metadata = pd.DataFrame(
        {"indicator": ["n", "m"], "title_en": ["n", "m"], "unit": "", "kind": ["proportion", "mean"]}
    )
    metadata = metadata.assign(scale=[100, 1], favourable=False)
    one["estimate"] = 100 * one["events"] / one["population"]
    made = hyte.release(pd.concat([one, other]), metadata, policy=K5)
    told = made.cells.pivot(index=KEYS, columns="indicator", values="population").max(axis=1).unstack("area")["a"]
    known = told.notna().groupby(level="group").any()
    assert not known["sv"]
    assert known.sum() <= 1  # two of three would tell the third


def rates(digits):
    frame = pd.DataFrame(
        {
            "area": ["a", "b", "c"],
            "estimate": np.round([100 * 3 / 3000, 100 * 50 / 900, 100 * 200 / 4000], digits),
            "population": [3000.0, 900.0, 4000.0],
        }
    ).assign(indicator="r", period="2024", dimension="total", group="total", respondents=np.nan)
    metadata = pd.DataFrame({"indicator": ["r"], "title_en": ["r"], "unit": "%", "kind": ["proportion"]})
    return frame, metadata.assign(scale=100, favourable=False)


def test_the_precision_of_a_rate_is_part_of_what_it_tells():
    policy = hyte.Policy(counts_needed=False)
    frame, metadata = rates(digits=2)  # 0.1 % of 3,000 at two decimals is 3 people and nothing else
    made = hyte.release(frame, metadata, policy=policy)
    assert made.cells.loc[hidden(made), "area"].tolist() == ["a"]
    frame, metadata = rates(digits=0)  # 0 % of 3,000 may be anything from 0 to 15
    assert not hidden(hyte.release(frame, metadata, policy=policy)).any()


@settings(max_examples=8)
@given(count=st.integers(1, 4), people=st.integers(60, 900))
def test_a_rate_that_tells_a_small_count_is_never_shown(count, people):
    frame = pd.DataFrame({"area": ["a", "b"], "estimate": np.round([100 * count / people, 40.0], 4)})
    frame = frame.assign(indicator="r", period="2024", dimension="total", group="total", population=[people, 500.0])
    _, metadata = rates(2)
    made = hyte.release(frame, metadata, policy=hyte.Policy(counts_needed=False))
    assert made.cells["status"].tolist() == ["suppressed", "ok"]
    assert made.cells.loc[0, ["estimate"]].isna().all()


def test_numbers_derived_from_a_hidden_count_are_gone_with_it():
    frame = counts([("a", "total", "total", 3), ("b", "total", "total", 50)], population=[18.0, 300.0])
    frame = frame.assign(estimate=[16.7, 16.7], se=8.8, lower=5.8, upper=39.2)
    made = hyte.release(frame, policy=K5)
    row = made.cells.set_index("area").loc["a"]
    assert row[["estimate", "se", "lower", "upper", "events"]].isna().all()
    found = hyte.disparity(made.cells, ["D"], across="area")
    assert found["estimate"].isna().all()


def test_an_outcome_and_its_complement_are_protected_together():
    yes = counts([("a", "total", "total", 97), ("b", "total", "total", 40)], population=[100.0, 90.0])
    no = yes.assign(indicator="m", events=yes["population"] - yes["events"])
    policy = hyte.Policy(protect_complement=False)
    made = hyte.release(pd.concat([yes, no.assign(estimate=no["events"])]), policy=policy)
    table = made.cells.pivot(index="area", columns="indicator", values=["events", "population"])
    known = table.loc["a"].notna()
    assert not known["events", "m"]
    assert not (known["events", "n"] and known["population", "n"])


# ---- a group of whom none, or all, have the outcome

GROUPS = hyte.Policy(group_disclosure=20)


def of_people(rows):
    """Counts of two sexes and both, out of so many people, in two areas and the whole of them."""
    frame = pd.DataFrame(rows, columns=["area", "men", "women", "men of", "women of"]).set_index("area").astype(float)
    frame.loc["R"] = frame.sum()
    found = []
    for area, row in frame.iterrows():
        both = ("total", "total", row["men"] + row["women"], row["men of"] + row["women of"])
        each = [("sex", sex, row[sex], row[f"{sex} of"]) for sex in ("men", "women")]
        found += [(area, *one) for one in [both, *each]]
    table = pd.DataFrame(found, columns=["area", "dimension", "group", "events", "population"])
    rate = 100 * table["events"] / table["population"]
    return table.assign(indicator="n", period="2024", estimate=rate, kind="proportion", scale=100)


UNDER_R = pd.DataFrame({"area": ["a", "b"], "parent": "R"})
NONE_AND_ALL = [
    ([("a", 0, 30, 15, 60), ("b", 20, 25, 60, 70)], ("a", "sex", "men")),
    ([("a", 15, 30, 15, 60), ("b", 20, 25, 60, 70)], ("a", "sex", "men")),
]


@pytest.mark.parametrize(("rows", "number"), NONE_AND_ALL)
def test_of_a_small_group_it_is_not_told_that_none_or_all_have_it(rows, number):
    cells = of_people(rows)
    keys = cells.set_index(["area", "dimension", "group"]).index
    shown = hyte.release(cells, policy=hyte.Policy(), hierarchy=UNDER_R).cells
    assert (shown["status"] == "ok").all()
    made = hyte.release(cells, policy=GROUPS, hierarchy=UNDER_R)
    hidden = made.cells.set_index(["area", "dimension", "group"])["status"].eq("suppressed")
    assert hidden[number]
    assert hidden.sum() >= 4  # by itself it would follow from its margins in two directions
    assert not hidden.loc[keys[-3]]  # the whole of all stays
    leaky = made.cells.copy()
    true = cells.set_index(["area", "dimension", "group"])
    for place, row in leaky.iterrows():
        if (key := (row["area"], row["dimension"], row["group"])) != number:
            leaky.loc[place, ["estimate", "events", "population"]] = true.loc[
                key, ["estimate", "events", "population"]
            ].to_list()
            leaky.loc[place, "status"] = "ok"
    leaky.loc[(leaky[["area", "dimension", "group"]] == list(number)).all(axis=1), "population"] = 15.0
    told = audit(hyte.Release(made.manifest, {"cells": leaky, "indicators": made.indicators})).unsafe
    assert number in set(told[["area", "dimension", "group"]].itertuples(index=False, name=None))


def test_of_a_large_group_it_may_be_told_that_none_has_it():
    cells = of_people([("a", 0, 30, 21, 60), ("b", 20, 25, 60, 70)])
    assert (hyte.release(cells, policy=GROUPS, hierarchy=UNDER_R).cells["status"] == "ok").all()


@pytest.mark.parametrize("kind", ["complement", "linked", "classes", "parts"])
def test_random_groups_of_whom_none_or_all_have_it_stay_untold(kind):
    for seed in range(7, 10):
        cells, metadata, options, truth = second_world(kind, seed)
        made = hyte.release(cells, metadata, **{**options, "policy": replace(options["policy"], group_disclosure=20)})
        true = truth.reindex(pd.MultiIndex.from_frame(made.cells[truth.index.names])).reset_index(drop=True)
        whole = (true["events"] == 0) | (true["events"] == true["population"])
        unsafe = whole & true["population"].between(1, 20)
        assert (made.cells.loc[unsafe, "status"] == "suppressed").all()


def test_a_group_rule_and_rounding_exclude_each_other():
    with pytest.raises(DisclosureError, match=r"'rounding' and 'group_disclosure' exclude each other"):
        hyte.Policy(rounding=5, group_disclosure=10)
