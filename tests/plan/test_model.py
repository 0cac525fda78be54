"""What makes a plan hold together, and how each fault is told."""

import datetime

import pandas as pd
import pytest

import hyteanalysis.plan as plans
from hyteanalysis import PlanError, i18n
from hyteanalysis.plan import FindingReference, Goal, Number, Plan, Rule

FAULTS = {
    "threshold on the target's side": (
        {"threshold": 12},
        "goal 'smoke-free'.threshold: 12 lies on the side of the target",
    ),
    "target before the baseline": (
        {"target": {"value": 15, "date": datetime.date(2012, 1, 1)}},
        "goal 'smoke-free'.target.date: 2012-01-01 is before the baseline's period, 2013",
    ),
    "target not after its date": (
        {
            "baseline": {"value": 34.1, "period": "wave 3", "date": datetime.date(2026, 1, 1)},
            "target": {"value": 15, "date": datetime.date(2026, 1, 1)},
        },
        "goal 'smoke-free'.target.date: 2026-01-01 is not after the baseline's date",
    ),
    "nothing would change": (
        {"target": {"value": 34.1, "date": datetime.date(2029, 1, 1)}},
        "goal 'smoke-free'.target.value: is the baseline",
    ),
    "actor without role": ({"actors": [{"actor": "clinic"}]}, "goal 'smoke-free'.actor 1.role: is missing"),
    "two leads": (
        {"actors": [{"actor": "clinic", "role": "lead"}, {"actor": "school", "role": "lead"}]},
        "goal 'smoke-free'.actors: one actor leads",
    ),
    "same actor twice": (
        {"actors": [{"actor": "clinic", "role": "lead"}, {"actor": "clinic", "role": "partner"}]},
        "clinic stands there twice",
    ),
    "nobody's actor": (
        {"actors": [{"actor": "clinik", "role": "lead"}]},
        "goal 'smoke-free'.actor 1.actor: 'clinik' is not among the plan's actors; did you mean clinic?",
    ),
    "unknown field": ({"treshold": 40}, "goal 'smoke-free'.treshold: is not known; did you mean threshold?"),
    "interval beside the value": (
        {"baseline": {"value": 34.1, "lower": 35, "upper": 36, "period": "2013"}},
        "goal 'smoke-free'.baseline.lower: the interval 35 to 36 does not hold the value 34.1",
    ),
    "half an interval": ({"baseline": {"value": 1, "lower": 0.5, "period": "2013"}}, "give both lower and upper"),
    "text for a date": (
        {"target": {"value": 15, "date": "some day"}},
        "goal 'smoke-free'.target.date: is not a date such as 2026-09-30; given: 'some day'",
    ),
    "targeted at nobody": (
        {"actions": [{"id": "a", "title": "A", "form": "targeted"}]},
        "goal 'smoke-free'.action 'a'.groups: a targeted action names its groups",
    ),
    "a text nobody reads": (
        {"grounds": "a" * 10_001},
        "goal 'smoke-free'.grounds: has 10001 characters, at most 10000",
    ),
    "ended before it began": (
        {
            "actions": [
                {"id": "a", "title": "A", "starts": datetime.date(2026, 5, 1), "ends": datetime.date(2026, 4, 30)}
            ]
        },
        "goal 'smoke-free'.action 'a'.ends: 2026-04-30 is before the start, 2026-05-01",
    ),
    "no mapping": ({"target": 15}, "goal 'smoke-free'.target: must be a mapping; not 15"),
    "an id with a space": (
        {"actions": [{"id": "my action", "title": "A"}]},
        ".id: may hold letters, digits, - and _ only; not 'my action'",
    ),
    "identity code": (
        {"grounds": "Told by 131052-308T at the hearing."},
        "goal 'smoke-free'.grounds: holds a personal identity code",
    ),
}


@pytest.mark.parametrize(("changes", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_names_goal_and_field(goal, plan, changes, message):
    with pytest.raises(PlanError) as raised:
        Plan.from_dict(plan(goal(**changes)))
    assert message in str(raised.value)


def test_every_fault_is_listed_at_once(goal, plan):
    data = plan(goal(findings=["nothing"]), goal(), experiences=[{"id": "e", "text": "Told.", "source": "talk"}])
    data["last_year"] = "then"
    with pytest.raises(PlanError) as raised:
        Plan.from_dict(data)
    assert "experience 'e'.source: must be 'hearing'" in str(raised.value)
    assert "experience 'e'.consent: is missing" in str(raised.value)
    data |= {"experiences": [], "last_year": 2021}
    with pytest.raises(PlanError) as raised:
        Plan.from_dict(data)
    assert str(raised.value).splitlines() == [
        "3 faults:",
        "goal 'smoke-free'.id: 'smoke-free' is in use already: give each an id of its own",
        "goal 'smoke-free'.finding 1: 'nothing' is not among the plan's findings",
        "last_year: 2021 is before the first year, 2022",
    ]


@pytest.mark.parametrize(("comparator", "field"), [("above", "threshold"), ("worse_than_target", "goal")])
def test_a_rule_needs_what_it_compares_with(plan, comparator, field):
    rule = {"id": "r", "title": "Rule", "indicator": "smoking", "comparator": comparator}
    with pytest.raises(PlanError, match=f"rule 'r'.{field}: '{comparator}' needs it"):
        Plan.from_dict(plan(rules=[rule]))


def test_ready_rules_are_named():
    with pytest.raises(PlanError, match="ready rule must be one of school-health, country, county, own-target"):
        Rule.ready("national", id="r", title="R", indicator="smoking")


def test_experience_is_for_or_against_a_finding(plan):
    told = {"id": "e", "text": "Told.", "source": "hearing", "consent": "group", "stance": "supports"}
    with pytest.raises(PlanError, match=r"experience 'e'\.finding: names no finding that it supports"):
        Plan.from_dict(plan(experiences=[told]))
    with pytest.raises(PlanError, match=r"experience 'e'\.dimension: a group needs its dimension, such as education"):
        Plan.from_dict(plan(experiences=[{**told, "stance": "adds", "group": "low"}]))


def test_a_plan_is_changed_by_making_the_next(goal, plan):
    first = Plan.from_dict(plan())
    second = first.changed(goals=(*first.goals, Goal(**goal(id="other", baseline={"value": 30, "period": "2014"}))))
    assert [len(one.goals) for one in (first, second)] == [1, 2]
    with pytest.raises(PlanError, match="in use already"):
        second.changed(goals=(*second.goals, second.goals[0]))
    assert second.goal("other").lead == "clinic"
    with pytest.raises(PlanError, match=r"goal must be one of smoke-free, other; not 'othr'\. Did you mean other"):
        second.goal("othr")


def test_a_finding_is_kept_with_its_numbers_date_and_release(release):
    import hyteanalysis as hyte

    found = hyte.finding(release, indicator="smoking", area="HVA08", dimension="education")
    kept = FindingReference.of(found, id="f", date=datetime.date(2026, 1, 2))
    assert kept.release == release.id
    assert kept.period == "2022"
    assert kept.groups["low"] == Number(
        value=float(found.groups.set_index("group").loc["low", "estimate"]),
        lower=float(found.groups.set_index("group").loc["low", "lower"]),
        upper=float(found.groups.set_index("group").loc["low", "upper"]),
    )
    assert kept.difference.value == pytest.approx(23.3 - 6.2)
    assert kept.justified is True
    assert FindingReference(**{**kept.to_dict(), "verdict": "unknown"}).justified is None


def test_a_plan_answers_as_the_functions_do(plan, goal, release):
    rule = {"id": "r", "title": "R", "indicator": "smoking", "comparator": "above", "threshold": 20}
    said = {"made": datetime.date(2023, 1, 1), "period": "2022", "groups": {"low": 25}}
    action = {"id": "a", "title": "A", "forecast": said}
    held = Plan.from_dict(
        plan(goal(actions=[action]), rules=[{**rule, "dimension": "education", "group": "low"}], synthetic=True)
    )
    for name in ("status", "fired", "forecasts"):
        found = getattr(held, name)(release)
        assert len(found) == 1
        pd.testing.assert_frame_equal(found, getattr(plans, name)(held, release))
    pd.testing.assert_frame_equal(held.check(release, lang="fi"), plans.check(held, release, lang="fi"))
    assert held.actor_name("clinic") == "Clinic"
    assert held.actor_name("gone") == "gone"
    assert held.actor_name(None) == ""


@pytest.mark.parametrize("lang", ["fi", "en"])
def test_a_plan_is_shown_with_what_it_is_and_its_practice_numbers_named(plan, monkeypatch, lang):
    monkeypatch.setattr(plans.model, "language", lambda: lang)
    real, practice = (Plan.from_dict(plan(title="A <plan>", synthetic=on))._repr_html_() for on in (False, True))
    for shown in (real, practice):
        assert "A &lt;plan&gt;" in shown
        for fact in ("County", "HVA08", "2022–2025", i18n.text("display.goals", lang)):
            assert fact in shown
    said = i18n.text("display.synthetic", lang)
    assert said not in real
    assert said in practice
