"""What a release, an impact and a page remember: made once, by whatever thread, bounded, and never another owner's."""

import copy
import pickle
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier, Event

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from released import CITY, COUNTY, education, made, smoking

import hyteanalysis as hyte
from hyteanalysis.disclosure import Release
from hyteanalysis.findings import answer, lookup
from hyteanalysis.findings.lookup import Rows
from hyteanalysis.memory import Memory

ASKED = {"indicator": "smoking", "area": COUNTY, "dimension": "education"}


def together(work, workers=8):
    """What several threads get that begin at the same moment."""
    barrier = Barrier(workers)

    def run(number):
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(run, range(workers)))


@pytest.fixture
def counted(monkeypatch):
    """How often a finding was made, by what it is of."""
    found, count = answer._found, Counter()

    def counting(release, known, setting, places, here):
        count[(*setting, *places)] += 1
        return found(release, known, setting, places, here)

    monkeypatch.setattr(answer, "_found", counting)
    return count


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9)), max_size=60), st.integers(1, 5))
def test_a_memory_gives_what_is_made_and_holds_the_newest_of_each_kind(asked, most):
    memory, made_all, newest = Memory(), [], {"a": [], "b": []}
    for kind, key in asked:
        fresh = key not in newest[kind]
        made_before = len(made_all)
        value = memory.once(kind, key, lambda kind=kind, key=key: made_all.append(key) or (kind, key), most=most)
        assert value == (kind, key)
        assert len(made_all) - made_before == fresh
        newest[kind] = [*(one for one in newest[kind] if one != key), key][-most:]
        assert memory.count(kind) == len(newest[kind])
        assert all(memory.holds(kind, one) for one in newest[kind])


def test_threads_that_ask_for_the_same_wait_for_one_of_them():
    memory, count = Memory(), Counter()

    def make():
        count["made"] += 1
        Event().wait(0.05)
        return object()

    values = together(lambda _: memory.once("thing", 1, make, most=3))
    assert count["made"] == 1
    assert len({id(value) for value in values}) == 1


def test_who_asks_for_another_thing_does_not_wait():
    memory, begun, other_done = Memory(), Event(), Event()

    def slow():
        begun.set()
        assert other_done.wait(5)
        return "slow"

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(memory.once, "thing", "slow", slow, most=3)
        assert begun.wait(5)
        assert memory.once("thing", "quick", lambda: "quick", most=3) == "quick"
        other_done.set()
        assert waiting.result() == "slow"


def test_what_failed_is_tried_again():
    memory = Memory()
    with pytest.raises(ZeroDivisionError):
        memory.once("thing", 1, lambda: 1 / 0, most=1)
    assert not memory.holds("thing", 1)
    assert memory.once("thing", 1, lambda: 2, most=1) == 2


def test_a_thing_may_be_made_of_others_in_the_same_memory():
    memory = Memory()

    def power(n):
        return memory.once("power", n, lambda: 1 if n == 0 else 2 * power(n - 1), most=2)

    assert power(6) == 64
    assert memory.count("power") == 2


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one)), replace])
def test_a_copy_of_a_release_begins_with_an_empty_memory(copied, counted):
    release = made(smoking())
    first = hyte.finding(release, **ASKED)
    other = copied(release)
    assert other.memory is not release.memory
    assert other.memory.count("finding") == 0
    assert hyte.finding(other, **ASKED).sentences("fi") == first.sentences("fi")
    assert sum(counted.values()) == 2


def test_releases_of_one_id_and_other_numbers_keep_their_own_findings():
    release = made(smoking())
    higher = release.cells
    higher[["estimate", "lower", "upper"]] += 2.0
    frames = {"cells": higher, "indicators": release.indicators, "groups": release.groups, "areas": release.areas}
    other = replace(release, _frames=frames)
    assert other.id == release.id
    here, there = hyte.finding(release, **ASKED), hyte.finding(other, **ASKED)
    assert there.difference.values[0] == pytest.approx(here.difference.values[0] + 2)
    assert hyte.finding(release, **ASKED).difference == here.difference


def test_a_finding_is_made_once_whether_the_newest_or_its_period_is_asked_for(counted):
    release = made(smoking())
    newest = hyte.finding(release, **ASKED)
    again = hyte.finding(release, **ASKED, period=newest.period)
    [listed] = answer.findings(release, area=COUNTY, dimension="education")
    assert sum(counted.values()) == 1
    assert newest.sentences("sv") == again.sentences("sv") == listed.sentences("sv")


def test_the_same_numbers_shown_for_another_area_are_another_finding(counted):
    release = made(smoking())
    assert hyte.finding(release, **ASKED).asked_area == COUNTY
    assert hyte.finding(release, **ASKED | {"area": CITY}).asked_area == CITY
    assert sum(counted.values()) == 2


def test_whoever_changes_the_frame_of_a_finding_changes_their_own():
    release = made(smoking())
    mine = hyte.finding(release, **ASKED)
    mine.groups.loc[:, "estimate"] = 0.0
    mine.groups["note"] = "mine"
    fresh = hyte.finding(release, **ASKED)
    assert "note" not in fresh.groups
    assert fresh.groups["estimate"].min() > 0


def test_findings_beyond_the_bound_are_let_go_and_made_again_alike(counted, monkeypatch):
    monkeypatch.setattr(answer, "FINDINGS", 2)
    release = made(smoking())
    periods = ["2017", "2019", "2022"]
    before = [hyte.finding(release, **ASKED, period=period).sentences("en") for period in periods]
    assert release.memory.count("finding") == 2
    assert [hyte.finding(release, **ASKED, period=period).sentences("en") for period in periods] == before
    assert sum(counted.values()) == 6


def test_cells_beyond_the_bound_are_let_go_and_read_again(monkeypatch):
    monkeypatch.setattr(lookup, "MOST_CELLS", 1)
    rows = smoking() + [row for year in ("2017", "2022") for row in education("voting", COUNTY, year, (50, 60, 70))]
    release, whole = made(rows), made(rows)
    first = lookup.lookup_of(release, ["smoking"], COUNTY)
    assert lookup.lookup_of(release, ["smoking"], COUNTY) is first
    assert lookup.lookup_of(release, ["voting"], COUNTY) is not first
    monkeypatch.undo()
    for indicator in ("smoking", "voting", "smoking"):
        asked = {**ASKED, "indicator": indicator}
        assert hyte.finding(release, **asked).sentences("fi") == hyte.finding(whole, **asked).sentences("fi")


def test_threads_that_ask_at_once_get_the_findings_of_one_that_asks_alone(counted, tmp_path):
    rows = smoking() + [row for year in ("2017", "2022") for row in education("voting", COUNTY, year, (50, 60, 70))]
    made(rows).save(tmp_path / "release")
    opened, alone = Release.open(tmp_path / "release"), Release.open(tmp_path / "release")
    asked = [(one, area) for one in ("smoking", "voting") for area in (COUNTY, CITY, "SSS")]
    expected = [
        hyte.finding(alone, indicator=one, area=area, dimension="education").sentences("fi") for one, area in asked
    ]
    counted.clear()

    def ask(number):
        order = asked[number % len(asked) :] + asked[: number % len(asked)]
        said = {
            one: hyte.finding(opened, indicator=one[0], area=one[1], dimension="education").sentences("fi")
            for one in order
        }
        return [said[one] for one in asked]

    assert all(said == expected for said in together(ask))
    assert set(counted.values()) == {1}


def test_a_part_is_read_once_has_its_own_memory_and_the_oldest_is_let_go():
    release, count = made(smoking()), Counter()

    def part(area):
        def frames():
            count[area] += 1
            return {"cells": release.select(area=area)}

        return release.part(("area", area), frames, most=2)

    assert part(COUNTY) is part(COUNTY)
    assert set(part(COUNTY).cells["area"]) == {COUNTY}
    assert part(COUNTY).memory is not release.memory
    for area in ("SSS", CITY, COUNTY):
        part(area)
    assert count == {COUNTY: 2, "SSS": 1, CITY: 1}
    assert release.memory.count("part") == 2


def test_rows_looked_up_are_those_of_the_cells_whole_or_part():
    cells = pd.concat([pd.DataFrame(education("smoking", area, "2022", (3, 2, 1))) for area in (COUNTY, CITY)])
    held = Rows()
    held.enter(cells[cells["area"] == COUNTY].drop(columns="lower"))
    held.enter(cells[cells["area"] == CITY])
    for area in (COUNTY, CITY):
        rows = held.periods("smoking", "education", area)["2022"]
        assert [row["group"] for row in rows] == ["low", "mid", "high"]
        assert [row["estimate"] for row in rows] == [3, 2, 1]
        assert held.frame(rows[::-1])["group"].tolist() == ["high", "mid", "low"]
    assert held.periods("smoking", "education", COUNTY)["2022"][0].get("lower", "none") == "none"
    assert held.periods("smoking", "education", "SSS") == {}
