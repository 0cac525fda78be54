"""Cells and policies that no release can be made of are refused with what to do."""

import json

import pandas as pd
import pytest
from small_world import K5, counted

import hyteanalysis as hyte
from hyteanalysis.errors import DisclosureError, HyteError


def test_numbers_that_nobody_counted_are_refused_with_what_to_do():
    bare = counted(area=["a"], estimate=[12.5])
    with pytest.raises(DisclosureError, match=r"neither `events` nor `respondents`.*from_profile\('open'\)"):
        hyte.release(bare, policy=K5)
    assert len(hyte.release(bare, policy=hyte.Policy.from_profile("open")).cells) == 1
    with pytest.raises(DisclosureError, match=r"fractional count, such as 2.5 in n / a"):
        hyte.release(counted(area=["a"], estimate=[2.5], events=[2.5]), policy=K5)


def test_margins_that_do_not_add_up_are_named_with_the_difference():
    hierarchy = pd.DataFrame({"area": ["a", "b"], "parent": "R"})
    frame = counted(area=["a", "b", "R"], events=[3.0, 60.0, 73.0], estimate=[3.0, 60.0, 73.0])
    with pytest.raises(DisclosureError, match=r"margins do not add up: n / R / total / total is 73.*\+10"):
        hyte.release(frame, policy=K5, hierarchy=hierarchy)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"minimum_cuont": 3}, "minimum_count"),
        ({"minimum_count": 0}, "at least 1"),
        ({"minimum_count": 2.5}, "whole number"),
        ({"zeros": "maybe"}, "public"),
        ({"profile": "thl2"}, "thl"),
        ({"sensitive": ["disability"]}, "must map dimensions"),
        ({"sensitive": {"disability": 0}}, "at least 1"),
        ({"rounding": 3}, "less than the largest minimum"),
        ({"dominance": [1]}, "contributors, percent"),
        ({"p_percent": 0}, "above 0"),
        ({"protect_complement": "yes"}, "true or false"),
    ],
)
def test_a_policy_with_an_unknown_key_or_value_is_refused(values, message, tmp_path):
    with pytest.raises(DisclosureError, match=message):
        hyte.Policy.from_dict(values)
    (tmp_path / "own.yml").write_text(json.dumps(values))
    with pytest.raises(DisclosureError, match=r"own\.yml"):
        hyte.Policy.read(tmp_path / "own.yml")


def test_a_policy_reads_back_what_it_wrote():
    policy = hyte.Policy.from_dict({"profile": "statfin", "sensitive": {"disability": 10}, "zeros": "hidden"})
    assert hyte.Policy.from_dict(policy.to_dict()) == policy
    assert policy.k("disability × sex") == 10
    assert policy.k("sex") == policy.minimum_count == 3


def test_what_is_no_policy_or_no_release_is_refused():
    frame = counted(area=["a"], estimate=[12.0], events=[12.0])
    with pytest.raises(DisclosureError, match="must be a Policy"):
        hyte.release(frame, policy="thl")
    with pytest.raises(HyteError, match="exhaustive"):
        hyte.release(frame, policy=K5, exhaustive=[("m",)])
    with pytest.raises(DisclosureError, match="rounding cannot be audited"):
        hyte.release(frame, policy=hyte.Policy(rounding=5), previous=[hyte.release(frame, policy=K5)])


def test_areas_that_never_stood_beside_each_other_are_named(monkeypatch):
    from hyteanalysis import areas

    monkeypatch.setattr(areas, "YEARS", range(2022, 2027))  # Lavia ended in 2014, and is in none of these divisions
    frame = counted(area=["KU413", "KU091"], estimate=[40.0, 50.0], events=[40, 50]).assign(period="2023")
    with pytest.raises(
        DisclosureError, match=r"no single year's division \(KU413 …\): carry them over .* or give hier"
    ):
        hyte.release(frame, policy=K5)
