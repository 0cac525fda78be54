"""One release after another: what the two tell together."""

import pandas as pd
import pytest
from small_world import K5, KEYS, counted
from worlds import intervals, world

import hyteanalysis as hyte
from hyteanalysis.disclosure import audit
from hyteanalysis.errors import DisclosureError


def test_two_releases_that_follow_each_other_are_audited_together():
    """A group was split in two since: each release alone is safe, the difference would tell the small part."""
    first, hierarchy = world(5, areas=5, nested=False, parts=("language",), mean=30)
    early = hyte.release(first[first["dimension"] == "total"], policy=K5, hierarchy=hierarchy)
    later = hyte.release(first, policy=K5, hierarchy=hierarchy, previous=[early])
    keys = [*KEYS]
    both = later.cells.set_index(keys)["events"].combine_first(early.cells.set_index(keys)["events"])
    seen = later.cells.assign(events=both.reindex(pd.MultiIndex.from_frame(later.cells[keys])).array)
    told = intervals(seen, hierarchy).join(first.set_index(keys)["events"].rename("truth"), on=keys)
    small = told[told["truth"].between(1, 4)]
    assert ((small["low"] <= 1 + 1e-6) & (small["high"] >= 5 - 1e-6)).all()
    assert later.manifest["previous"] == [{"id": early.id, "seal": None}]


def test_a_number_that_only_an_earlier_release_shows_is_reckoned_with():
    hierarchy = pd.DataFrame({"area": ["a", "b", "c"], "parent": "R"})
    old = counted(area=["a", "c", "R"], events=[40.0, 60.0, 103.0], estimate=[40.0, 60.0, 103.0])
    early = hyte.release(old.iloc[:2], policy=K5, hierarchy=hierarchy)
    new = counted(area=["b", "R"], events=[3.0, 103.0], estimate=[3.0, 103.0])
    alone = hyte.release(new, policy=K5, hierarchy=hierarchy)
    assert alone.cells.set_index("area").loc["R", "status"] == "ok"
    together = hyte.release(new, policy=K5, hierarchy=hierarchy, previous=[early])
    assert (together.cells["status"] == "suppressed").all()
    assert not audit(alone, previous=[early], hierarchy=hierarchy).safe
    assert audit(together, previous=[early]).safe


def test_an_unsafe_number_that_is_out_already_is_named():
    frame = counted(area=["a", "b"], events=[3.0, 60.0], estimate=[3.0, 60.0], population=[100.0, 200.0])
    early = hyte.release(frame, policy=hyte.Policy(minimum_count=1, minimum_respondents=0))
    with pytest.raises(DisclosureError, match="stand in an earlier release and cannot be protected: n / a"):
        hyte.release(frame, policy=K5, previous=[early])
