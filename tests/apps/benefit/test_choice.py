"""What can be chosen on page B, and how a viewer's own numbers become the action's."""

import numpy as np
import pytest

from hyteanalysis import i18n, reading
from hyteanalysis.actions import Action
from hyteanalysis.apps.benefit.choice import Choice, Setting, for_dimension, reduction
from hyteanalysis.apps.benefit.numbers import numbers
from hyteanalysis.apps.kit.library import ActionLibrary
from hyteanalysis.errors import PlanError
from hyteanalysis.i18n import LANGS


def test_an_address_is_a_choice_and_back():
    choice = Choice(action="a", area="KU285", effect="12.5", reach=("low:20", "high:5"), budget="90000", per="1000")
    assert Choice.from_query(choice.query()) == choice
    assert Choice(refined=True, phone=True).query() == ""
    assert Choice.from_query("?alue=").area is None


def test_every_value_is_from_this_sides_lists(own, actions):
    asked = Choice.from_query(
        "?aineisto=../x&toimi=../../etc/passwd&alue=<script>&ryhma=__class__&vaikutus=120&yksikko=7&tulos=gap"
        "&tavoittavuus=low:20~high:101~nobody:5~mid:x&budjetti=-5&hinta=nan"
    )
    choice, changed = asked.settled(own, actions)
    wanted = {"release", "action", "area", "dimension", "effect", "reach", "budget", "price", "per", "target"}
    assert set(changed) == wanted
    assert (choice.action, choice.dimension, choice.indicator) == ("quit", "education", "wide")
    assert choice.reach == ("low:20",)
    assert (choice.effect, choice.budget, choice.price, choice.per, choice.target) == ("", "", "", "", "")
    again, nothing = choice.settled(own, actions)
    assert (again, nothing) == (choice, ())
    for lang in LANGS:
        for field in changed:
            assert i18n.text(f"app.changed.{field}", lang)


def test_percentages_take_a_comma_or_a_point(own, actions):
    for said in ("12,5", "12.5"):
        choice, changed = Choice(area="a", effect=said, reach=(f"low:{said}",)).settled(own, actions)
        assert (choice.effect, choice.reach, changed) == ("12.5", ("low:12.5",), ())


def test_the_indicator_of_page_a_picks_an_action_for_it(example):
    actions = ActionLibrary.from_environment()
    for outcome in ("example-smoking", "example-loneliness", "example-exercise"):
        choice, _ = Choice(area="HVA10", indicator=outcome).settled(example, actions)
        assert actions.actions[choice.action].outcome == outcome
    kept, _ = Choice(area="HVA10", indicator="example-loneliness", action="smoking-cessation").settled(example, actions)
    assert kept.indicator == "example-smoking"


def test_what_cannot_be_chosen_is_told_apart(own, actions):
    assert actions.usable(own.release(own.ids[0])) == ["quit"]
    assert list(actions.faults) == ["broken.yml"]
    assert list(actions.actions) == ["abroad", "free", "other", "quit", "stray"]


def test_an_action_by_a_grouping_that_is_not_there_serves_by_another_if_it_has_a_number_for_all(own, actions, tmp_path):
    said = {
        **actions.actions["quit"].to_dict(),
        "dimension": "sex",
        "reach": {"value": 0.3, "by_group": {"women": 0.2}},
    }
    only = {**said, "id": "only", "reach": {"by_group": {"women": 0.2, "men": 0.3}}}
    for one in (said, only):
        (tmp_path / f"{one['id']}.yml").write_text(reading.written(one), encoding="utf-8")
    actions = ActionLibrary(sorted(tmp_path.glob("*.yml")))
    assert list(actions.actions) == ["only", "quit"]
    assert actions.usable(own.release(own.ids[0])) == ["quit"]
    choice, _ = Choice(area="a").settled(own, actions)
    assert (choice.action, choice.dimension) == ("quit", "education")
    assert Setting.of(choice, own, actions) is not None


def test_own_numbers_become_the_actions(own, actions):
    choice, _ = Choice(area="a", effect="20", reach=("low:35",), price="50").settled(own, actions)
    footing = Setting.of(choice, own, actions)
    said = choice.applied_to(footing.action, footing.reach, footing.feasible)
    assert said.effect.value == pytest.approx(0.8)
    assert said.cost.per_person.value == 50
    assert said.cost.per_person.upper == pytest.approx(65)
    made = numbers(footing, choice).impact.by_group.set_index("group")["reach"]
    np.testing.assert_allclose(made.loc[["low", "mid", "high"]], [0.35, 0.3, 0.4])


@pytest.mark.parametrize(
    ("scale", "value", "lower", "upper", "expected"),
    [("rr", 0.8, 0.7, 0.92, (8, 20, 30)), ("or", 0.8, 0.7, 0.92, (8, 20, 30)), ("rd", -0.1, -0.15, -0.02, (2, 10, 15))],
)
def test_cautious_average_and_bold_are_the_ends_of_the_interval(scale, value, lower, upper, expected):
    effect = {"scale": scale, "value": value, "lower": lower, "upper": upper, "by_group": {"low": value * 1.1}}
    action = Action.from_dict(
        {"id": "a", "name": "A", "outcome": "o", "dimension": "d", "reach": 0.1, "effect": effect}
    )
    ends = ("cautious", "", "bold")
    np.testing.assert_allclose([reduction(action, end) for end in ends], expected)
    for end, fall in zip(ends, expected, strict=True):
        moved = Choice(effect=end).applied_to(action, {}, {}).effect
        assert 100 * (-moved.value if scale == "rd" else 1 - moved.value) == pytest.approx(fall)
        assert moved.lower < moved.value < moved.upper
        # a group's own number moves along; an own number for all takes its place
        assert moved.by_group["low"].value != pytest.approx(moved.value)
    own = Choice(effect="5").applied_to(action, {}, {}).effect
    assert own.by_group == {}
    assert own.value == pytest.approx(-0.05 if scale == "rd" else 0.95)


def test_another_grouping_takes_the_numbers_for_all():
    said = {"id": "a", "name": "A", "outcome": "o", "dimension": "education", "effect": {"scale": "rr", "value": 0.8}}
    action = Action.from_dict({**said, "reach": {"value": 0.3, "by_group": {"low": 0.1}}})
    moved = for_dimension(action, "language")
    assert moved.dimension == "language"
    assert moved.reach.steps["reach"].by_group == {}
    assert for_dimension(action, "education") is action
    only = Action.from_dict({**said, "reach": {"by_group": {"low": 0.1}}})
    with pytest.raises(PlanError, match="by group only"):
        for_dimension(only, "language")


def test_an_effect_on_a_good_outcome_is_moved_as_it_acts_on_the_bad_one():
    data = {"id": "a", "name": "A", "outcome": "o", "dimension": "d", "reach": 0.1}
    good = {"scale": "rr", "value": 1.83, "lower": 1.68, "upper": 1.98, "favourable": True, "control": 0.086}
    action = Action.from_dict({**data, "effect": good})
    assert [round(reduction(action, end), 1) for end in ("cautious", "", "bold")] == [6.4, 7.8, 9.2]
    moved = Choice(action="a", effect="20").applied_to(action, {}, {}).effect
    assert (moved.value, moved.favourable) == (pytest.approx(0.8), False)
    votes = Action.from_dict({**data, "effect": {"scale": "rd", "value": 0.03, "favourable": True}})
    assert reduction(votes) == pytest.approx(3.0)
