"""An action's file: what it takes, and how it names what is wrong."""

import pytest

import hyteanalysis as hyte
from hyteanalysis.actions import library

GOOD = """\
id: exercise-referral
name: {fi: Liikuntaneuvonta, sv: Motionsrådgivning, en: Exercise referral}
outcome: inactivity
dimension: education
effect:
  scale: rr
  value: 0.80
  lower: 0.70
  upper: 0.92
  by_group: {low: 0.75}
reach: {value: 0.30, by_group: {low: 0.20, high: 0.40}}
cost: {per_person: 120, setup: 0}
horizon_years: 3
retention: 0.6
discount: 0.03
"""


def written(tmp_path, text):
    path = tmp_path / "action.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read_and_comes_back_as_plain_data(tmp_path):
    action = hyte.Action.read(written(tmp_path, GOOD))
    assert action.effect.by_group["low"].value == 0.75
    assert action.reach.steps["reach"].by_group["high"].value == 0.4
    assert action.label("sv") == "Motionsrådgivning"
    assert hyte.Action.from_dict(action.to_dict()) == action
    assert action.to_dict()["horizon_years"] == 3


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("lower: 0.70", "lower: 0.85", r"action.yml, line 8: effect.lower: the interval 0.85 to 0.92 does not hold"),
        ("value: 0.80", "value: -0.8", r"line 7: effect.value: must be above 0; not -0.8"),
        ("low: 0.20", "low: 1.2", r"line 11: reach.by_group.low.value: must be between 0 and 1; not 1.2"),
        ("scale: rr", "scale: hr", r"line 6: effect.scale: must be 'rr', 'or', 'rd', .*'unknown'; not 'hr'"),
        ("outcome: inactivity\n", "", r"outcome: is missing"),
        ("retention:", "retenton:", r"line 14: retenton: is not known; did you mean retention\?"),
        ("per_person: 120", "per_person: dear", r"line 12: cost.per_person: is not a number; given: 'dear'"),
        ("per_person: 120", "per_person: -1", r"line 12: cost.per_person.value: must be 0 or more; not -1"),
        ("horizon_years: 3", "horizon_years: 2.5", r"line 13: horizon_years: must be a whole number of years"),
        ("  lower: 0.70\n", "", r"line 8: effect.upper: give both lower and upper"),
        ("id: exercise", "id: exercise referral", r"line 1: id: may hold letters, digits"),
        ("retention: 0.6", "retention: true", r"line 14: retention: is not a number"),
        ("retention: 0.6", "retention: {value: 0.6, grade: guessed}", r"line 14: retention.grade: must be"),
        ("retention: 0.6", "retention: {value: 0.05, lower: 0, upper: 1}", r"no beta distribution"),
        (
            "retention: 0.6",
            "retention: {value: 0.6, distribution: gamma}",
            r"line 14: retention.distribution: must be one",
        ),
        ("reach: {value: 0.30,", "reach: {offered: 0.5, value: 0.30,", r"line 11: reach.by_group: a chain"),
        ("cost: {", "cost: [", r"line 1\d: is not valid YAML"),
        ("id: exercise-referral", "id: a\nid: b", r"line 2: is not valid YAML: key 'id' stands there twice"),
    ],
)
def test_a_fault_names_file_line_and_field(tmp_path, old, new, expected):
    assert old in GOOD
    with pytest.raises(hyte.PlanError, match=expected):
        hyte.Action.read(written(tmp_path, GOOD.replace(old, new, 1)))


def test_all_faults_are_listed(tmp_path):
    text = GOOD.replace("per_person: 120", "per_person: -1").replace("low: 0.20", "low: 2")
    with pytest.raises(hyte.PlanError, match="2 faults:") as caught:
        hyte.Action.read(written(tmp_path, text))
    assert "line 11" in str(caught.value)
    assert "line 12" in str(caught.value)


def test_a_chain_of_reach_multiplies_and_stays_under_one():
    data = {"id": "a", "name": "A", "outcome": "o", "dimension": "d", "effect": {"scale": "rr", "value": 0.8}}
    chain = {"eligible": 0.5, "offered": 0.8, "uptake": 0.4, "completion": 0.9}
    assert list(hyte.Action.from_dict({**data, "reach": chain}).reach.steps) == list(chain)
    with pytest.raises(hyte.PlanError, match=r"reach.uptake.value: must be between 0 and 1; not 1.4"):
        hyte.Action.from_dict({**data, "reach": {**chain, "uptake": 1.4}})


def test_a_number_by_group_and_by_area_at_once_must_say_which_holds():
    data = {"id": "a", "name": "A", "outcome": "o", "dimension": "d", "effect": {"scale": "rr", "value": 0.8}}
    with pytest.raises(hyte.PlanError, match="which holds for low in A"):
        hyte.Action.from_dict({**data, "reach": {"value": 0.1, "by_group": {"low": 0.2}, "by_area": {"A": 0.3}}})
    said = {"value": 0.1, "by_group": {"low": 0.2}, "by_area": {"A": {"by_group": {"low": 0.3}}}}
    assert hyte.Action.from_dict({**data, "reach": said}).reach.steps["reach"].by_area["A"].by_group["low"].value == 0.3


def test_the_library_has_ten_documented_actions_in_three_languages():
    found = {name: hyte.Action.read(path) for name, path in library().items()}
    assert len(found) >= 10
    for name, action in found.items():
        assert action.id == name
        for texts in (action.name, action.description, action.notes):
            assert {*texts} == {"fi", "sv", "en"}
        for entry in action.inputs().values():
            for _, number in entry.entries():  # what was read says where; nothing else may claim a source
                assert (number.grade == "assumed") == (number.source is None)
        assert hyte.Action.from_dict(action.to_dict()) == action
