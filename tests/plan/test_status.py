"""Where goals stand: a state only where the interval allows it."""

import datetime
import math

import pytest
from released import COUNTY, YEARS, cell, education, made, smoking

from hyteanalysis import PlanError
from hyteanalysis.plan import STATES, Plan


def state(plan, goal, release, **changes):
    return Plan.from_dict(plan(goal(**changes))).status(release).iloc[0]


# the county's least educated: 34.1 - 1.2 i, so 23.3 in 2022, from 2,000 respondents: se 0.945
CASES = {
    "clearly less than the baseline": ({}, "on_the_way"),
    "whole interval at the target": ({"target": {"value": 26, "date": datetime.date(2029, 1, 1)}}, "reached"),
    "estimate at the target, interval not": (
        {"target": {"value": 23.5, "date": datetime.date(2029, 1, 1)}},
        "on_the_way",
    ),
    "whole interval past the threshold": ({"threshold": 21}, "threshold_passed"),
    "estimate past the threshold, interval not": ({"threshold": 22}, "on_the_way"),
    "change within chance": (
        {"baseline": {"value": 24.5, "lower": 22.5, "upper": 26.5, "period": "2021"}},
        "no_clear_change",
    ),
    "clearly more than the baseline": (
        {"baseline": {"value": 20, "lower": 19, "upper": 21, "period": "2021"}},
        "moving_away",
    ),
    "baseline without interval": ({"baseline": {"value": 34.1, "period": "2013"}}, "no_clear_change"),
    "estimate decides": ({"baseline": {"value": 24.5, "period": "2013"}, "certainty": "estimate"}, "on_the_way"),
    "no newer number": ({"baseline": {"value": 30, "lower": 29, "upper": 31, "period": "2022"}}, "no_clear_change"),
    "the municipality has no groups": ({"area": "KU837"}, "no_data"),
}


@pytest.mark.parametrize(("changes", "expected"), CASES.values(), ids=CASES)
def test_states(plan, goal, release, changes, expected):
    row = state(plan, goal, release, **changes)
    assert row["state"] == expected
    assert row["state"] in STATES
    if expected != "no_data":
        assert row["now"] == pytest.approx(23.3)


def test_why_nothing_can_be_said(plan, goal, release):
    assert state(plan, goal, release, baseline={"value": 34.1, "period": "2013"})["note"] == "no_interval"
    assert state(plan, goal, release, baseline={"value": 30, "period": "2022"})["note"] == "no_newer"


def test_the_change_has_the_interval_of_both(plan, goal, release):
    row = state(plan, goal, release, baseline={"value": 34.1, "lower": 32.1, "upper": 36.1, "period": "2013"})
    p, b, se = 23.3, 34.1, (23.3 * 76.7 / 2000) ** 0.5

    def logit(x):
        return math.log(x / (100 - x))

    before = b * (100 - b) / 100 * (logit(36.1) - logit(32.1)) / (2 * 1.959964)
    half = 1.959964 * math.hypot(se, before)
    assert [row["change_lower"], row["change_upper"]] == pytest.approx([p - b - half, p - b + half], abs=1e-6)


def test_suppressed_is_an_answer_and_missing_is_looked_behind(plan, goal):
    hidden = [row for row in smoking() if row["period"] != "2022"]
    hidden += education("smoking", COUNTY, "2022", (22, 15, 6), statuses=("suppressed", "ok", "ok"))
    row = state(plan, goal, made(hidden))
    assert row["state"] == "suppressed"
    assert row[["now", "lower", "upper"]].isna().all()
    lacking = [row for row in smoking() if row["period"] != "2022"]
    lacking += education("smoking", COUNTY, "2022", (22, 15, 6), statuses=("missing", "ok", "ok"))
    row = state(plan, goal, made(lacking))
    assert (row["period"], row["state"]) == ("2021", "on_the_way")


def test_a_favourable_indicator_is_to_rise(plan, goal):
    rows = [
        cell("voting", COUNTY, year, "education", group, level + i, order=order, n=5000)
        for i, year in enumerate(YEARS)
        for order, (group, level) in enumerate((("low", 50), ("high", 70)), 1)
    ]
    release = made(rows)
    changes = {"indicator": "voting", "baseline": {"value": 50, "lower": 48, "upper": 52, "period": "2013"}}
    up = {**changes, "target": {"value": 65, "date": datetime.date(2029, 1, 1)}}
    assert state(plan, goal, release, **up)["state"] == "on_the_way"
    assert state(plan, goal, release, **up, threshold=62)["state"] == "threshold_passed"
    with pytest.raises(PlanError, match=r"goal 'smoke-free': target\.value: 40 is on the wrong side .* more is better"):
        state(plan, goal, release, **changes, target={"value": 40, "date": datetime.date(2029, 1, 1)})


UNKNOWN = {
    "indicator": (
        {"indicator": "smokin"},
        "goal 'smoke-free': indicator: 'smokin' is not an indicator .* did you mean smoking",
    ),
    "group": ({"group": "lo"}, "goal 'smoke-free': group: 'lo' is not a group of 'education'; did you mean low"),
    "dimension": ({"dimension": "educaton"}, "goal 'smoke-free': dimension: .* did you mean education"),
    "area": ({"area": "HVA8"}, "goal 'smoke-free': area: 'HVA8' is not an area code. Probably HVA08"),
    "own area": ({"area": "harbour"}, "goal 'smoke-free': area: 'harbour' is not an area of the release"),
}


@pytest.mark.parametrize(("changes", "message"), UNKNOWN.values(), ids=UNKNOWN)
def test_a_slip_of_the_pen_is_no_missing_number(plan, goal, release, changes, message):
    held = Plan.from_dict(plan(goal(**changes), goal(id="other")))
    with pytest.raises(PlanError, match=message):
        held.status(release)
    noted = held.status(release, faults="note")
    assert noted["state"].tolist() == ["no_data", "on_the_way"]
    assert next(iter(changes)) in noted["note"].iloc[0]


def test_rows_are_the_goals_in_their_order(example, example_release):
    plan = Plan.read(example)
    found = plan.status(example_release)
    assert found["goal"].tolist() == [goal.id for goal in plan.goals]
    assert found.columns[:10].tolist() == [
        "goal", "baseline", "now", "lower", "upper", "threshold", "target", "state", "lead", "next_check",
    ]  # fmt: skip
    cells = example_release.cells
    here = cells[(cells["area"] == "HVA10") & (cells["period"] == "2025") & (cells["indicator"] == "example-smoking")]
    assert found["now"].iloc[0] == here.loc[here["group"] == "low", "estimate"].iloc[0]
    assert found["lead"].iloc[0] == "health-promotion"


def test_an_empty_plan_has_no_rows(plan, release):
    assert Plan.from_dict({**plan(), "goals": []}).status(release).empty
