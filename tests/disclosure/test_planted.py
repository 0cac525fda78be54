"""Leaks planted in finished releases, each of its own kind: the audit, which sees the files alone, names each."""

from functools import lru_cache

import numpy as np
import pandas as pd
import pytest
from second_worlds import KEYS, KINDS, second_world

import hyteanalysis as hyte
from hyteanalysis import uncertainty
from hyteanalysis.disclosure import Release, audit, protection
from hyteanalysis.errors import DisclosureError

COUNTED = [kind for kind in KINDS if kind not in ("rates", "means")]


class World:
    """A release, the true numbers, and one small count that it hides."""

    def __init__(self, kind, seed):
        cells, metadata, options, truth = second_world(kind, seed)
        self.kind, self.made = kind, hyte.release(cells, metadata, **options)
        self.previous = options.get("previous", ())
        self.cells = self.made.cells
        self.keys = pd.MultiIndex.from_frame(self.cells[KEYS])
        self.truth = truth.reindex(self.keys).reset_index(drop=True)
        self.hidden = (self.cells["status"] == "suppressed").to_numpy()
        small = np.flatnonzero(self.hidden & self.truth["events"].between(1, 4))
        self.target = int(np.random.default_rng(seed).choice(small)) if len(small) else None

    def with_cells(self, cells, **more):
        return Release(self.made.manifest, {"cells": cells, "indicators": self.made.indicators, **more})

    def shown(self, places):
        """The release with true numbers at some places."""
        cells = self.cells.copy()
        cells.loc[places, "events"] = self.truth.loc[places, "events"]
        cells.loc[places, "population"] = self.truth.loc[places, "population"]
        rate = 100 * self.truth["events"] / self.truth["population"]
        cells.loc[places, "estimate"] = rate.fillna(0.0).loc[places]
        cells.loc[places, "status"] = "ok"
        return cells

    def beside(self, *names):
        """The release with the true numbers that differ from the target in some keys only, the target left out."""
        same = (self.cells[KEYS] == self.cells.loc[self.target, KEYS]).drop(columns=list(names)).all(axis=1)
        places = [place for place in np.flatnonzero(same) if place != self.target]
        return self.with_cells(self.shown(places)), self.previous

    def left(self, column, value):
        """The release with something left in the target's row."""
        cells = self.cells.copy()
        cells[column] = (cells[column] if column in cells else pd.Series(None, cells.index)).astype("object")
        cells.loc[self.target, column] = value
        return self.with_cells(cells), self.previous


def the_count_itself(world):
    return world.with_cells(world.shown([world.target])), world.previous


def all_others(world):
    """Every other number is shown, so that a total less the others is the hidden one."""
    places = [at for at in range(len(world.keys)) if at != world.target]
    return world.with_cells(world.shown(places)), world.previous


def other_areas(world):
    return world.beside("area")


def other_groups(world):
    """The total and the other groups; where these are crossed, all that an area tells of the indicator."""
    return world.beside("dimension", "group")


def other_periods(world):
    return world.beside("period")


def other_parts(world):
    return world.beside("indicator")


def the_people_without(world):
    """The outcome's complement beside it, wherever it is shown, and at the target."""
    mine = world.cells[world.cells["indicator"] == world.cells.loc[world.target, "indicator"]].index
    kept = [place for place in mine if not world.hidden[place] or place == world.target]
    rest = world.shown(kept).loc[kept].assign(indicator="without")
    rest["events"] = rest["population"] - rest["events"]
    rest["estimate"] = (100 * rest["events"] / rest["population"]).fillna(0.0)
    cells = world.cells.copy()
    cells.loc[world.target, "population"] = np.nan
    about = world.made.indicators
    both = pd.concat([about, about.iloc[:1].assign(indicator="without")], ignore_index=True)
    every = pd.concat([cells, rest]).sort_values(SORTED, ignore_index=True)
    return world.with_cells(every, indicators=both), world.previous


def a_rate_of_all_its_decimals(world):
    return a_rate(world, 12)


def a_rate_as_printed(world):
    return a_rate(world, 1)


def a_rate(world, decimals):
    cells = world.shown([world.target])
    cells.loc[world.target, "events"] = np.nan
    cells.loc[world.target, "estimate"] = round(cells.loc[world.target, "estimate"], decimals)
    return world.with_cells(cells), world.previous


def a_number_in_a_hidden_row(world):
    return world.left("events", float(world.truth.loc[world.target, "events"]))


def limits_in_a_hidden_row(world):
    return world.left("upper", 3.1)


def a_note_in_a_hidden_row(world):
    return world.left("note", "2 tapausta")


def another_column_in_a_hidden_row(world):
    return world.left("n_raw", 2)


def notes_of_the_frame(world):
    cells = world.cells.copy()
    cells.attrs = {"raw": {"K0": 2}}
    return world.with_cells(cells), world.previous


def the_order_of_rows(world):
    return world.with_cells(world.cells.loc[world.truth["events"].sort_values().index]), world.previous


def a_covariance(world):
    row = world.cells.loc[[world.target], KEYS]
    return world.with_cells(world.cells, covariance=row.assign(group_other="other", covariance=0.01)), world.previous


def an_earlier_release(world):
    """What is hidden here was shown before, all but one."""
    return world.made, (*world.previous, all_others(world)[0])


SORTED = ["indicator", "dimension", "period", "area", "group"]
WAYS = {
    the_count_itself: COUNTED,
    all_others: COUNTED,
    other_areas: COUNTED,
    other_groups: ["linked", "shown people", "complement"],
    other_periods: ["periods"],
    other_parts: ["parts", "exhaustive"],
    the_people_without: ["complement", "previous", "shown people"],
    a_rate_of_all_its_decimals: COUNTED,
    a_rate_as_printed: COUNTED,
    a_number_in_a_hidden_row: COUNTED,
    limits_in_a_hidden_row: COUNTED,
    a_note_in_a_hidden_row: COUNTED,
    another_column_in_a_hidden_row: COUNTED,
    notes_of_the_frame: COUNTED,
    the_order_of_rows: COUNTED,
    a_covariance: COUNTED,
    an_earlier_release: COUNTED,
}


made = lru_cache(8)(World)


def found(way, kind, seed):
    """Whether the audit names a leak planted in this way; None where the world hides no small count."""
    try:
        world = made(kind, seed)
    except DisclosureError:
        return None
    if world.target is None:
        return None
    leaky, previous = way(world)
    told = audit(leaky, previous=previous, progress=False)
    number = KEYS if way is not the_people_without else KEYS[1:]  # those without are told of, if they are few too
    here = world.cells.loc[[world.target], number]
    return len(told.unsafe.merge(here, on=number)) > 0


def planted(seeds):
    for number, seed in enumerate(seeds):
        for step, (way, kinds) in enumerate(WAYS.items()):
            kind = kinds[(number + step) % len(kinds)]
            named = found(way, kind, seed)
            if named is not None:
                yield (way.__name__, kind, seed), named


@pytest.mark.parametrize("way", WAYS)
def test_a_leak_of_each_kind_is_named(way):
    kind = WAYS[way][0]
    named = next(one for seed in range(901, 950) if (one := found(way, kind, seed)) is not None)
    assert named


@pytest.mark.slow
def test_two_hundred_leaks_are_named():
    every = list(planted(range(1_000, 1_016)))
    assert len(every) >= 200
    assert [where for where, named in every if not named] == []


def rate_of_many(count, people, **beside):
    """A rate with one decimal, out of so many people that it leaves several counts possible, and a larger one."""
    cells = pd.DataFrame({"area": ["a", "b"], "estimate": [round(100 * count / people, 1), 50.0]})
    cells = cells.assign(indicator="x", period="2024", dimension="total", group="total", respondents=float(people))
    for name, value in beside.items():
        cells[name] = [100 * value, np.nan]
    about = {"indicator": ["x"], "title_en": ["x"], "unit": ["%"], "kind": ["proportion"], "scale": [100]}
    return cells, pd.DataFrame({**about, "favourable": [False]})


SHARE = 4 / 5_000
WILSON = dict(zip(("lower", "upper"), map(float, uncertainty.wilson(4, 5_000)), strict=True))
TOLD_BESIDE = [
    {"se": (SHARE * (1 - SHARE) / 5_000) ** 0.5},
    {"se": (SHARE * (1 - SHARE) / 4_999) ** 0.5, "upper": round(WILSON["upper"], 3)},
    WILSON,
    {name: round(value, 5) for name, value in WILSON.items()},
    {"upper": float(uncertainty.wald(3 / 5_000, (3 / 5_000 * (1 - 3 / 5_000) / 5_000) ** 0.5)[1]), "lower": 0.0},
]


@pytest.mark.parametrize("beside", TOLD_BESIDE)
def test_an_error_or_limits_beside_a_rounded_rate_tell_its_count(beside):
    """0.1 % of 5,000 are 3 to 7 people; what stands beside it says that they are 4, or, with a limit cut at 0, 3."""
    policy, safe = hyte.Policy(), hyte.release(*rate_of_many(4, 5_000), policy=hyte.Policy())
    assert (safe.cells["status"] == "ok").all()
    cells, about = rate_of_many(4, 5_000, **beside)
    leaky = Release(safe.manifest, {"cells": cells.assign(status="ok"), "indicators": about})
    assert audit(leaky).unsafe["area"].tolist() == ["a"]
    assert hyte.release(cells, about, policy=policy).cells["status"].tolist() == ["suppressed", "ok"]


def test_what_the_first_program_lets_pass_the_second_stops(monkeypatch):
    """Were nothing hidden beside the small count, the region less the other area would tell it."""
    monkeypatch.setattr(protection, "suppress", lambda system, **_: protection.attacked(system).assign(safe=True))
    cells = pd.DataFrame({"area": ["a", "b", "R"], "events": [3.0, 9.0, 12.0], "estimate": [3.0, 9.0, 12.0]})
    cells = cells.assign(indicator="n", period="2024", dimension="total", group="total")
    under = pd.DataFrame({"area": ["a", "b"], "parent": "R"})
    with pytest.raises(DisclosureError, match=r"the second program can tell .*n / a / 2024 / total / total"):
        hyte.release(cells, policy=hyte.Policy(minimum_count=5), hierarchy=under)
