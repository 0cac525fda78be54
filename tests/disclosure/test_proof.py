"""The proof against brute force: every table of people that agrees with what is shown is listed, one by one."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from small_world import KEYS, counts, hidden
from worlds import intervals

import hyteanalysis as hyte
from hyteanalysis.disclosure.attack import Attack, attacked
from hyteanalysis.disclosure.system import System
from hyteanalysis.errors import DisclosureError

K = 3


def system(truth, rows, hide, targets):
    """A system of sums (tuples of places) of a true table, some of them hidden, and what must not be told."""
    matrix = np.zeros((len(rows), len(truth)))
    for place, row in enumerate(rows):
        matrix[place, list(row)] = 1
    value = matrix @ truth
    table = pd.DataFrame({"low": value, "high": value, "cap": np.inf, "people": np.nan, "weight": value + 1})
    table = table.assign(family="n", area=[f"a{place}" for place in range(len(rows))], dimension="total", group="total")
    table = table.assign(hideable=True, tie=False)
    needs = pd.DataFrame(targets, columns=["row", "kind", "need_low", "need_high"])
    whole, upper = np.ones(len(truth), dtype=bool), np.full(len(truth), np.inf)
    gone = np.isin(np.arange(len(rows)), hide)
    return System(table, sparse.csr_array(matrix), upper, whole, gone, needs, len(rows), ["n"])


def tables(made):
    """Every table of whole people that agrees with the shown sums; the last row is the whole, and it is shown."""
    matrix, value = made.matrix.toarray(), made.rows["low"].to_numpy()
    total, width = int(value[-1]), matrix.shape[1]
    bars = np.array(list(combinations(range(total + width - 1), width - 1))).reshape(-1, width - 1)
    edges = np.hstack([np.full((len(bars), 1), -1), bars, np.full((len(bars), 1), total + width - 1)])
    every = (np.diff(edges, axis=1) - 1) @ matrix.T
    return every[(every == value)[:, ~made.hidden].all(axis=1)].astype(int)


def random_system(seed):
    """Some people in a few places, sums of two and more of them, half of all hidden, small ones to be protected."""
    rng = np.random.default_rng(seed)
    width = int(rng.integers(3, 6))
    truth = rng.multinomial(int(rng.integers(4, 9)), rng.dirichlet(np.ones(width)))
    sums = [(place,) for place in range(width)]
    for _ in range(int(rng.integers(2, 5))):
        sums.append(tuple(sorted(rng.choice(width, int(rng.integers(2, width)), replace=False).tolist())))
    rows = [*dict.fromkeys(sums), tuple(range(width))]
    value = np.array([truth[list(row)].sum() for row in rows])
    hide = [place for place in range(len(rows) - 1) if rng.random() < 0.75]
    kinds = rng.choice(["small", "few", "unseen"], len(rows), p=[0.7, 0.15, 0.15])
    targets = [
        (place, str(kinds[place]), 1.0, float(K)) for place in hide if kinds[place] != "small" or 1 <= value[place] < K
    ]
    return system(truth, rows, hide, targets)


def by_force(made):
    """Whether each target is safe, and what tells it to the one person behind a count of one."""
    every, value = tables(made), made.rows["low"].to_numpy().astype(int)
    inside = made.matrix.toarray() > 0
    enough = {
        "small": lambda x: x.min() <= 1 and x.max() >= K,
        "few": lambda x: x.min() < x.max(),
        "unseen": lambda x: x.min() < 1 or x.max() >= K,
    }
    small = made.targets.loc[made.targets["kind"] == "small", "row"].tolist()
    safe, insiders = [], []
    for target in made.targets.itertuples():
        row = target.row
        told = set()
        for other in small if target.kind == "small" else []:
            nested = (inside[row] <= inside[other]).all() or (inside[other] <= inside[row]).all()
            same_people = value[row] == value[other] and nested
            if other != row and value[other] == 1 and not same_people:
                told |= {other} if len(set(every[every[:, other] == 1, row])) == 1 else set()
        safe.append(enough[target.kind](every[:, row]))
        insiders.append(told)
    return safe, insiders


@pytest.mark.parametrize("seed", [*range(10), 64, 182])  # in the last, across components
def test_the_proof_says_what_every_table_says(seed):
    made = random_system(seed)
    safe, insiders = by_force(made)
    found, blind = attacked(made), attacked(made, insider=False)
    assert blind["safe"].tolist() == safe
    assert found["safe"].tolist() == [one and not told for one, told in zip(safe, insiders, strict=True)]
    every = tables(made)
    for row in attacked(made, insider=False, exact=True).itertuples():
        assert row.low <= every[:, row.row].min() <= every[:, row.row].max() <= row.high


def test_people_come_whole_where_shares_would_hide_one():
    """a + b = b + c = a + c + d = 1: with half a person d might be 0, with whole ones it is 1 and nothing else."""
    rows = [*((place,) for place in range(5)), (0, 1), (1, 2), (0, 2, 3), (0, 1, 2, 3, 4)]
    made = system(np.array([0, 1, 0, 1, 3]), rows, range(5), [(3, "few", 1.0, 2.0), (4, "few", 1.0, 2.0)])
    assert Attack(made).interval(3) == pytest.approx((0, 1))
    assert set(tables(made)[:, 3]) == {1}
    assert by_force(made)[0] == attacked(made)["safe"].tolist()
    assert not attacked(made)["safe"].iloc[0]


# ---- the one person behind a count of one, with two tables that nothing crosses

INSIDER = counts(
    [
        ("R", "disability", "with", 1),
        ("R", "disability", "without", 9),
        ("K1", "total", "total", 5),
        ("K2", "total", "total", 5),
        ("R", "total", "total", 10),
    ]
)
UNDER_R = pd.DataFrame({"area": ["K1", "K2"], "parent": "R"})
TEN = hyte.Policy(sensitive={"disability": 10})  # so that 9 is unsafe, and 5 is not
THE_ONE = (("R", "disability", "with"), 1.0)


def told(cells, **options):
    found = intervals(cells, UNDER_R, **options).set_index(KEYS).loc[("R", "disability", "without")]
    return found["low"], found["high"]


def test_what_an_insider_can_tell_across_tables_is_hidden():
    """Without the insider the two are safe beside the shown totals; who is the 1 of the 10 knows the 9."""
    only = INSIDER.assign(events=INSIDER["events"].where(INSIDER["dimension"] == "total"))
    assert told(only) == (0, 10)
    assert told(only, fixed=THE_ONE) == (9, 9)
    made = hyte.release(INSIDER, policy=TEN, hierarchy=UNDER_R)
    low, high = told(made.cells, fixed=THE_ONE)
    assert high - low >= 1
    assert (made.cells["dimension"] == "total")[~hidden(made)].any()


def test_an_insider_who_has_the_rest_from_an_earlier_release_is_told_of():
    early = hyte.release(INSIDER[INSIDER["dimension"] == "total"], policy=TEN, hierarchy=UNDER_R)
    with pytest.raises(DisclosureError, match=r"n / R / disability / without cannot be protected .*: join groups"):
        hyte.release(INSIDER, policy=TEN, hierarchy=UNDER_R, previous=[early])
