"""The forms of page C: what they take and refuse, and that what was refused stays typed."""

import datetime

import pytest
from planned import CODE, FROM_B, PLAN, TODAY, filled, upload

from hyteanalysis.apps.planning.choice import NEW


def test_a_new_plan_is_begun_and_the_earlier_can_be_had_back(page):
    given = {"title": "Kunnan suunnitelma", "organisation": "Kotka", "plan_area": "KU285", "first_year": "2029"}
    form = filled(page, "plan", **given, last_year="2026")
    assert "ennen ensimmäistä" in form.message.value
    filled(page, "plan", last_year="2032")
    assert (page.editions.plan.area, page.editions.plan.last_year, page.editions.plan.goals) == ("KU285", 2032, ())
    assert page.state.goal == NEW
    assert "ei ole vielä tavoitteita" in page.texts["answer"].value
    assert "Kotka, 2029–2032" in page.unsaved.value
    page._undone()
    assert len(page.editions.plan.goals) == 6


def test_a_new_goal_has_its_baseline_from_the_release(page):
    page.state.goal = NEW
    page.forms["goal"].put({"indicator": "example-exercise", "area": "HVA10", "whom": "education|low"})
    assert "26,1" in page.forms.baseline()
    assert "25,6–26,5" in page.forms.baseline()
    when = datetime.date(2029, 12, 31)
    form = filled(page, "goal", title="Liikunta", target="20", target_date=when)
    assert "suurempi on parempi" in form.message.value
    assert form.fields["title"].value == "Liikunta", "what was refused stays typed"
    filled(page, "goal", target="32,5", threshold="25", lead="libraries", partners=("parishes", "integration"))
    goal = page.editions.plan.goal("liikunta")
    cells = page.library.release(page.state.release).select(indicator="example-exercise", area="HVA10", period="2025")
    assert goal.baseline.value == cells.set_index("group").loc["low", "estimate"]
    assert (goal.baseline.period, goal.target.value) == ("2025", 32.5)
    assert [(role.actor, role.role) for role in goal.actors] == [
        ("libraries", "lead"), ("parishes", "partner"), ("integration", "partner"),
    ]  # fmt: skip
    assert page.state.goal == "liikunta"
    assert page.editions.now.unsaved == 1
    assert 'data-hyte-unsaved="1"' in page.unsaved.value


def test_saving_an_untouched_goal_changes_nothing_of_it(page):
    page.state.goal = "payment-default"
    before = page.editions.plan.goal("payment-default")
    page.forms["goal"].submit()
    assert page.editions.plan.goal("payment-default").to_dict() == before.to_dict()


def test_a_draft_of_a_goal_waits_for_its_return(page):
    page.forms["goal"].fields["grounds"].value = "Kesken oleva perustelu"
    page.state.goal = "loneliness"
    assert page.forms["goal"].fields["grounds"].value.startswith("Yksinäisyys on")
    page.state.goal = "smoke-free"
    assert page.forms["goal"].fields["grounds"].value == "Kesken oleva perustelu"


def test_an_experience_with_personal_data_is_refused_and_stays_typed(page):
    form = filled(page, "experience", text=f"Kertoja {CODE}, puh. 040 123 4567")
    assert "henkilötunnus, puhelinnumero" in form.message.value
    assert CODE in form.fields["text"].value
    assert page.editions.now.unsaved == 0
    form = filled(page, "experience", text="Matka on liian pitkä.", stance="supports", participants="12")
    assert "lisättiin" in form.message.value
    assert page.editions.plan.experiences[-1].finding == "smoking-education"
    assert "Matka on liian pitkä." in page.texts["experience"].value
    form.submit()
    assert "Täytä kenttä" in form.message.value, "a second press adds nothing"
    assert page.editions.now.unsaved == 1


def test_an_action_from_page_b_waits_and_is_taken_in_with_its_forecast(page):
    page.open(FROM_B)
    page.update_all()
    assert "Savuttomuusohjaus" in page.waiting.value
    form = page.forms["action"]
    assert {name: form.values()[name] for name in ("title", "effect", "form", "groups", "reach")} == {
        "title": "Savuttomuusohjaus", "effect": "smoking-cessation", "form": "targeted", "groups": ("low",),
        "reach": "25,0",
    }  # fmt: skip
    upload(page, PLAN.read_bytes())
    assert page.state.action == "smoking-cessation", "it waits while a plan is opened"
    filled(page, "action", money="12 000", lead="health-centres")
    action = page.editions.plan.goal("smoke-free").actions[-1]
    assert (action.form, action.groups, action.reach, action.resources[0].amount) == (
        "targeted",
        ("low",),
        0.25,
        12_000,
    )
    assert action.forecast.period == "2029"
    start = page.library.release(page.state.release).select(indicator="example-smoking", area="HVA10", period="2025")
    levels = start[start["dimension"] == "education"].set_index("group")["estimate"]
    assert action.forecast.groups["low"].value < levels["low"]
    assert action.forecast.groups["high"].value == pytest.approx(levels["high"]), "nobody else is reached"
    assert page.state.action == ""
    assert page.waiting.value == ""


def test_other_forms_add_to_the_plan(page):
    filled(page, "actor", name="Seniorineuvosto", kind="municipality")
    assert ("Seniorineuvosto", "seniorineuvosto") in page.forms["goal"].fields["lead"].options
    assert "on jo suunnitelmassa" in filled(page, "actor", name="seniorineuvosto").message.value
    filled(page, "measure", title="Ryhmiä", purpose="process", baseline="2", target="6,5")
    assert page.editions.plan.goal("smoke-free").measures[-1].target.value == 6.5
    filled(
        page, "follow_up", date=TODAY, actor="libraries", observation="Etenee.", next_check=datetime.date(2027, 1, 1)
    )
    kept = page.editions.plan.follow_ups[-1]
    assert set(kept.groups) == {"low", "mid", "high"}
    assert kept.groups["low"].observed.value == pytest.approx(15.566, abs=0.001)
    assert page.editions.plan.goal("smoke-free").next_check == datetime.date(2027, 1, 1)
    filled(
        page, "deliberation", title="Uusi keskustelu", date=TODAY, took_part="Asukkaat: 12\nNuoret", worries="Jonot",
        ground_values="Heikoimmat ensin", aversion="1,5", decision="Jatketaan.", dissent="Yksi vastusti.",
    )  # fmt: skip
    talk = page.editions.plan.deliberations[-1]
    assert [(one.name, one.number) for one in talk.participants] == [("Asukkaat", 12), ("Nuoret", None)]
    assert (talk.aversion, talk.grounds[0].kind, talk.dissent) == (1.5, "values", "Yksi vastusti.")
    assert "Jatketaan." in page.texts["talk"].value
    page._refreshed()
    assert page.editions.plan.findings[0].period == "2025"
    assert page.editions.plan.findings[0].id == "smoking-education"
