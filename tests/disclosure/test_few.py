"""Numbers from too few respondents are not exact, and no more is hidden for them than that takes."""

import numpy as np
import pandas as pd
import pytest
from small_world import KEYS, counts, hidden
from worlds import intervals, world

import hyteanalysis as hyte


@pytest.mark.parametrize("seed", [0, 15])
def test_what_few_answered_is_not_exact_and_nothing_hidden_is_superfluous(seed):
    cells, hierarchy = world(seed, areas=4, nested=False, parts=("language",), mean=30)
    rng = np.random.default_rng(seed)
    leaf = (cells["area"] != "Total") & (cells["dimension"] != "total")
    few = leaf & (rng.random(len(cells)) < 0.2)
    cells["respondents"] = cells["events"] + np.where(few, 1.0, 3_000.0)
    policy = hyte.Policy(minimum_count=1, minimum_respondents=900)
    made = hyte.release(cells, policy=policy, hierarchy=hierarchy)
    own = set(cells.loc[few, KEYS].itertuples(index=False, name=None))
    gone = set(made.cells.loc[hidden(made), KEYS].itertuples(index=False, name=None))
    assert own < gone

    def exact(shown):
        found = intervals(shown, hierarchy).set_index(KEYS)
        found = found[[key in own for key in found.index]]
        return found.index[found["high"] - found["low"] < 1].tolist()

    assert exact(made.cells) == []
    truth = cells.set_index(KEYS)["events"]
    for key in gone - own:
        same = (made.cells[KEYS] == list(key)).all(axis=1)
        assert exact(made.cells.assign(events=made.cells["events"].mask(same, truth[key])))


def test_few_respondents_are_protected_beside_a_small_count():
    """The lightest way to protect the 3 alone, hiding the 9, leaves the 40 of the other region exact."""
    numbers = {"a": 3, "b": 9, "R1": 12, "c": 40, "d": 90, "R2": 130, "T": 142}
    frame = counts([(area, "total", "total", number) for area, number in numbers.items()])
    frame["respondents"] = frame["area"].map({"c": 50.0}).fillna(500.0)
    hierarchy = pd.DataFrame({"area": ["a", "b", "c", "d", "R1", "R2"], "parent": ["R1", "R1", "R2", "R2", "T", "T"]})
    made = hyte.release(frame, policy=hyte.Policy(minimum_respondents=90), hierarchy=hierarchy)
    assert set(made.cells.loc[hidden(made), "area"]) == {"a", "b", "c", "d"}
    told = intervals(made.cells, hierarchy).set_index("area")
    assert told.loc["c", "high"] - told.loc["c", "low"] >= 1
    assert told.loc["a", ["low", "high"]].tolist() == [0, 12]


def test_ages_that_leave_a_gap_are_all_that_there_is():
    """Between 17 and 65 stands nobody, so the total less the old would tell the young."""
    rows = [
        (area, dimension, group, number)
        for area, (young, old) in {"a": (3, 50), "b": (20, 70)}.items()
        for dimension, group, number in (("age", "0-17", young), ("age", "65+", old), ("total", "total", young + old))
    ]
    made = hyte.release(counts(rows), policy=hyte.Policy(minimum_count=5))
    shown = made.cells.set_index(["area", "group"])["events"]
    assert shown["a"].notna().sum() == 1
    assert shown["b"].notna().all()


def test_visits_may_outnumber_the_people_whose_number_is_hidden():
    """Visits are no part of the people: taken as one, these margins would contradict each other."""
    people = {"a": (4, 96, 100), "b": (40, 160, 200), "c": (50, 250, 300)}
    ill = {"a": (2, 40, 42), "b": (30, 60, 90), "c": (30, 60, 90)}
    keys = [("sex", "women"), ("sex", "men"), ("total", "total")]
    rows = [(area, *key, number) for area in ill for key, number in zip(keys, ill[area], strict=True)]
    one = counts(rows, population=[float(number) for some in people.values() for number in some])
    visits = one.assign(indicator="visits", events=one["events"] * 5, estimate=one["events"] * 5)
    made = hyte.release(pd.concat([one, visits]), policy=hyte.Policy(minimum_count=5))
    shown = made.cells.set_index(["area", "group", "indicator"]).sort_index()
    assert shown.loc[("a", "women"), ["events", "population"]].isna().all(axis=None)
    known = shown.loc["a", "population"].notna().groupby(level="group").any()
    assert known.sum() == 1  # of three that add up
    assert shown.loc[("b", "women", "visits"), ["events", "population"]].tolist() == [150, 40]
