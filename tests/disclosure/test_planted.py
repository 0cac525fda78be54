"""Leaks planted in finished releases, each of its own kind: the audit, which sees the files alone, names each."""

import numpy as np
import pandas as pd
import pytest
from second_worlds import KEYS, KINDS, second_world

import hyteanalysis as hyte
from hyteanalysis.disclosure import Release, audit, protection
from hyteanalysis.errors import DisclosureError

COUNTED = [kind for kind in KINDS if kind not in ("rates", "means")]


class World:
    """A release, the true numbers, and one small count that it hides."""

    def __init__(self, kind, seed):
        cells, metadata, options, truth = second_world(kind, seed)
        self.made = hyte.release(cells, metadata, **options)
        self.previous = options.get("previous", ())
        self.keys = pd.MultiIndex.from_frame(self.made.cells[KEYS])
        self.truth = truth.reindex(self.keys).reset_index(drop=True)
        self.hidden = (self.made.cells["status"] == "suppressed").to_numpy()
        small = np.flatnonzero(self.hidden & self.truth["events"].between(1, 4))
        self.target = int(np.random.default_rng(seed).choice(small)) if len(small) else None

    def with_cells(self, cells):
        return Release(self.made.manifest, {"cells": cells, "indicators": self.made.indicators})

    def shown(self, places):
        """The release with true numbers at some places."""
        cells = self.made.cells.copy()
        cells.loc[places, "events"] = self.truth.loc[places, "events"]
        cells.loc[places, "population"] = self.truth.loc[places, "population"]
        rate = 100 * self.truth["events"] / self.truth["population"]
        cells.loc[places, "estimate"] = rate.fillna(0.0).loc[places]
        cells.loc[places, "status"] = "ok"
        return cells


def the_count_itself(world):
    return world.with_cells(world.shown([world.target])), world.previous


def all_others(world):
    """Every other number is shown, so that a total less the others is the hidden one."""
    places = [at for at in range(len(world.keys)) if at != world.target]
    return world.with_cells(world.shown(places)), world.previous


def a_rate_of_all_its_decimals(world):
    cells = world.shown([world.target])
    cells.loc[world.target, "events"] = np.nan
    return world.with_cells(cells), world.previous


def a_number_in_a_hidden_row(world, column="events"):
    cells = world.made.cells.copy()
    cells.loc[world.target, column] = float(world.truth.loc[world.target, "events"])
    return world.with_cells(cells), world.previous


def limits_in_a_hidden_row(world):
    return a_number_in_a_hidden_row(world, "upper")


def a_note_in_a_hidden_row(world):
    cells = world.made.cells.assign(note=None)
    cells["note"] = cells["note"].astype("object")
    cells.loc[world.target, "note"] = "2 tapausta"
    return world.with_cells(cells), world.previous


def an_earlier_release(world):
    """What is hidden here was shown before, all but one."""
    return world.made, (*world.previous, all_others(world)[0])


WAYS = [
    the_count_itself,
    all_others,
    a_rate_of_all_its_decimals,
    a_number_in_a_hidden_row,
    limits_in_a_hidden_row,
    a_note_in_a_hidden_row,
    an_earlier_release,
]


def found(way, kind, seed):
    """Whether the audit names a leak planted in this way; None where the world hides no small count."""
    try:
        world = World(kind, seed)
    except DisclosureError:
        return None
    if world.target is None:
        return None
    leaky, previous = way(world)
    told = audit(leaky, previous=previous, progress=False)
    return world.keys[world.target] in set(told.unsafe[KEYS].itertuples(index=False, name=None))


def planted(seeds):
    for number, seed in enumerate(seeds):
        for step, way in enumerate(WAYS):
            kind = COUNTED[(number * len(WAYS) + step) % len(COUNTED)]
            named = found(way, kind, seed)
            if named is not None:
                yield (way.__name__, kind, seed), named


def test_a_leak_of_each_kind_is_named():
    assert [where for where, named in planted([901]) if not named] == []


@pytest.mark.slow
def test_two_hundred_leaks_are_named():
    every = list(planted(range(1_000, 1_040)))
    assert len(every) >= 200
    assert [where for where, named in every if not named] == []


def test_what_the_first_program_lets_pass_the_second_stops(monkeypatch):
    """Were nothing hidden beside the small count, the region less the other area would tell it."""
    monkeypatch.setattr(protection, "suppress", lambda system, **_: protection.attacked(system).assign(safe=True))
    cells = pd.DataFrame({"area": ["a", "b", "R"], "events": [3.0, 9.0, 12.0], "estimate": [3.0, 9.0, 12.0]})
    cells = cells.assign(indicator="n", period="2024", dimension="total", group="total")
    under = pd.DataFrame({"area": ["a", "b"], "parent": "R"})
    with pytest.raises(DisclosureError, match=r"the second program can tell .*n / a / 2024 / total / total"):
        hyte.release(cells, policy=hyte.Policy(minimum_count=5), hierarchy=under)
