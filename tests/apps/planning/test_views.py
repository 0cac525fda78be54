"""What page C says of a plan: where goals stand, by which numbers, and nothing unescaped."""

import pytest
from planned import FROM_B, TODAY

from hyteanalysis import places
from hyteanalysis.apps.kit.library import Library
from hyteanalysis.apps.planning import views
from hyteanalysis.apps.planning.choice import Opened, PlanChoice
from hyteanalysis.i18n import LANGS, Unit


def viewed(part, plan, example, lang="fi", goal="smoke-free"):
    setting = Opened(plan, plan.goal(goal), example.release(example.ids[0]), {}, TODAY, lang)
    known = {"answer": "overview", "goals": "overview", "follow_up": "compared"}.get(part)
    return views.compute(part, setting, views.compute(known, setting) if known else None)


@pytest.mark.parametrize("lang", LANGS)
def test_the_tenth_question_is_answered_in_text(plan, example, lang):
    said = viewed("answer", plan, example, lang)
    words = {
        "fi": ("1 raja-arvo ylittynyt", "Seuraava seuranta: Kukaan ei jää yksin, 15.6.2026", "Vammaispalvelut"),
        "sv": ("1 gränsvärdet", "15.6.2026", "Vammaispalvelut"),
        "en": ("1 threshold", "15 June 2026", "Vammaispalvelut"),
    }[lang]
    for one in words:
        assert one in said
    table = viewed("goals", plan, example, lang)
    assert table.count("<tr>") == 7
    assert "Vammaispalvelut" in table


def test_the_table_shows_the_release_s_own_numbers(plan, example):
    cells = example.release(example.ids[0]).select(indicator="example-loneliness", area="HVA10", period="2025")
    row = cells[cells["group"] == "with"].iloc[0]
    shown = f"{row['estimate']:.1f} ({row['lower']:.1f}–{row['upper']:.1f}), 2025".replace(".", ",")
    assert shown in viewed("goals", plan, example)


def test_a_period_of_several_years_has_a_dash_between_them():
    row = {"now": 0.221, "lower": 0.2, "upper": 0.25, "period": "2021-2023"}
    assert views.now_words(row, Unit("proportion", 1), "fi") == "22,1 (20,0–25,0), 2021–2023"


def test_outcome_and_process_stand_apart(plan, example):
    said = viewed("measures", plan, example)
    outcome, process = said.split("Prosessi-indikaattorit</h3>")
    assert "Tupakointi koko väestössä" in outcome
    assert "Savuttomuusohjauksen aloittaneet" in process


def test_forecast_stands_against_observed_by_group(plan, example):
    said = viewed("follow_up", plan, example, goal="loneliness")
    assert said.count("ennustettua heikompi") == 2
    assert "Yhteiskyydit otetaan suunnitelmaan" in said


def test_the_worst_of_what_was_said_is_escaped(plan, example):
    nasty = plan.changed(goals=(plan.goals[0].model_copy(update={"title": "<script>x</script>"}), *plan.goals[1:]))
    for part in ("answer", "goals", "goal", "actions", "measures", "check"):
        assert "<script" not in viewed(part, nasty, example)


def test_an_address_is_settled_against_plan_and_actions(plan, example, actions):
    found, changed = PlanChoice.from_query(FROM_B).settled(example, plan, actions.actions)
    assert (found.action, found.form, found.groups, found.reached) == ("smoking-cessation", "targeted", ("low",), 0.25)
    assert not changed
    assert PlanChoice.from_query(found.query()).action == "smoking-cessation"
    found, changed = PlanChoice.from_query("?toimi=nothing&tavoite=none").settled(example, plan, actions.actions)
    assert (found.action, found.goal, changed) == ("", "smoke-free", ("goal", "waiting"))
    found, changed = PlanChoice.from_query(FROM_B + "&tavoittavuus=lots&muoto=x").settled(
        example, plan, actions.actions
    )
    assert (found.form, found.reach, changed) == ("universal", "", ("reach_share",))
    assert PlanChoice.from_query(FROM_B).settled(example, None, actions.actions)[0].action == "smoking-cessation"


def test_a_plan_opens_on_the_release_that_knows_its_indicators(plan, actions):
    library = Library([places.committed("releases", name) for name in ("real", "example")])
    real, practice = library.ids
    assert PlanChoice().settled(library, plan, actions.actions)[0].release == practice
    assert PlanChoice().settled(library, None, actions.actions)[0].release == real
    assert PlanChoice(release=real).settled(library, plan, actions.actions)[0].release == real
