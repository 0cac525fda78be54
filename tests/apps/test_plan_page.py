"""Page C without a browser: what it says of a plan, what its forms take and refuse, and that nothing typed is lost."""

import datetime
import io
import zipfile

import pytest

from hyteanalysis import places
from hyteanalysis.apps.benefit.shelf import Shelf
from hyteanalysis.apps.hyvinvointisuunnitelma import Hyvinvointisuunnitelma
from hyteanalysis.apps.planning import opening, views
from hyteanalysis.apps.planning.choice import NEW, PlanChoice, settle
from hyteanalysis.apps.planning.refusal import Refused
from hyteanalysis.i18n import LANGS
from hyteanalysis.plan import Plan

PLAN = places.committed("plans", "example.yml")
TODAY = datetime.date(2026, 3, 1)
CODE = "131052-308T"
FROM_B = "?toimi=smoking-cessation&alue=HVA10&muoto=targeted&kohde=low&tavoittavuus=0.25"


@pytest.fixture(scope="module")
def shelf():
    return Shelf([places.committed("actions", "smoking-cessation.yml")])


@pytest.fixture(scope="module")
def plan():
    return Plan.read(PLAN)


@pytest.fixture
def page(example, shelf, monkeypatch):
    """The page, started, without the parts that take long; an error of a part is the test's."""
    made = Hyvinvointisuunnitelma(lang="fi", library=example, shelf=shelf)
    made.parts = ("answer", "goals", "goal", "actions", "measures", "experience", "follow_up", "talk", "check")
    monkeypatch.setattr(made.forms, "today", lambda: TODAY)

    def fault(part, error):
        raise error

    monkeypatch.setattr(made, "fault", fault)
    made.start()
    made.open("")
    made.update_all()
    return made


def upload(page, content, name="oma.yml"):
    page._uploaded(({"name": name, "content": memoryview(content)},))


def viewed(part, plan, example, lang="fi", goal="smoke-free"):
    setting = views.Setting(plan, plan.goal(goal), example.release(example.ids[0]), {}, TODAY, lang)
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


def test_an_address_is_settled_against_plan_and_actions(plan, example, shelf):
    found, changed = settle(PlanChoice.from_query(FROM_B), example, plan, shelf.actions)
    assert (found.action, found.form, found.groups, found.reached) == ("smoking-cessation", "targeted", ("low",), 0.25)
    assert not changed
    assert PlanChoice.from_query(found.query()).action == "smoking-cessation"
    found, changed = settle(PlanChoice.from_query("?toimi=nothing&tavoite=none"), example, plan, shelf.actions)
    assert (found.action, found.goal, changed) == ("", "smoke-free", ("goal", "waiting"))
    found, changed = settle(PlanChoice.from_query(FROM_B + "&tavoittavuus=lots&muoto=x"), example, plan, shelf.actions)
    assert (found.form, found.reach, changed) == ("universal", "", ("reach_share",))
    assert settle(PlanChoice.from_query(FROM_B), example, None, shelf.actions)[0].action == "smoking-cessation"


REFUSED = {
    "newer": PLAN.read_bytes().replace(b"schema_version: 2", b"schema_version: 9"),
    "personal_file": PLAN.read_bytes().replace(b"Terveyden", CODE.encode()),
    "no_plan": b"\xff\xfe\x00",
    "faulty": PLAN.read_bytes().replace(b"role: lead", b"role: boss"),
    "too_large": b"a" * (opening.LARGEST + 1),
}


@pytest.mark.parametrize("code", REFUSED)
def test_a_wrong_upload_leaves_the_open_plan_and_what_was_typed(page, code):
    page.forms["experience"].fields["text"].value = "Puolivalmis kokemus"
    before = page.desk.plan
    upload(page, REFUSED[code])
    assert page.desk.plan is before
    assert Refused(code).words("fi") in page.opened.value.replace("&quot;", '"')
    assert "ennallaan" in page.opened.value
    assert CODE not in page.opened.value
    assert page.forms["experience"].fields["text"].value == "Puolivalmis kokemus"


def test_a_right_upload_is_opened_and_can_be_undone(page):
    other = PLAN.read_bytes().replace(b"Kymenlaakson hyvinvointisuunnitelma", b"Oma suunnitelma")
    upload(page, other)
    assert page.desk.plan.title.startswith("Oma suunnitelma")
    assert "Oma suunnitelma" in page.texts["answer"].value
    page._undone()
    assert page.desk.plan.title.startswith("Kymenlaakson")


def filled(page, form_name, **values):
    form = page.forms[form_name]
    form.put(values)
    form.submit()
    return form


def test_a_new_plan_is_begun_and_the_earlier_can_be_had_back(page):
    given = {"title": "Kunnan suunnitelma", "organisation": "Kotka", "plan_area": "KU285", "first_year": "2029"}
    form = filled(page, "plan", **given, last_year="2026")
    assert "ennen ensimmäistä" in form.message.value
    filled(page, "plan", last_year="2032")
    assert (page.desk.plan.area, page.desk.plan.last_year, page.desk.plan.goals) == ("KU285", 2032, ())
    assert page.state.goal == NEW
    assert "ei ole vielä tavoitteita" in page.texts["answer"].value
    assert "Kotka, 2029–2032" in page.unsaved.value
    page._undone()
    assert len(page.desk.plan.goals) == 6


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
    goal = page.desk.plan.goal("liikunta")
    cells = page.library.release(page.state.release).select(indicator="example-exercise", area="HVA10", period="2025")
    assert goal.baseline.value == cells.set_index("group").loc["low", "estimate"]
    assert (goal.baseline.period, goal.target.value) == ("2025", 32.5)
    assert [(role.actor, role.role) for role in goal.actors] == [
        ("libraries", "lead"), ("parishes", "partner"), ("integration", "partner"),
    ]  # fmt: skip
    assert page.state.goal == "liikunta"
    assert page.desk.now.unsaved == 1
    assert 'data-hyte-unsaved="1"' in page.unsaved.value


def test_saving_an_untouched_goal_changes_nothing_of_it(page):
    page.state.goal = "payment-default"
    before = page.desk.plan.goal("payment-default")
    page.forms["goal"].submit()
    assert page.desk.plan.goal("payment-default").to_dict() == before.to_dict()


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
    assert page.desk.now.unsaved == 0
    form = filled(page, "experience", text="Matka on liian pitkä.", stance="supports", participants="12")
    assert "lisättiin" in form.message.value
    assert page.desk.plan.experiences[-1].finding == "smoking-education"
    assert "Matka on liian pitkä." in page.texts["experience"].value
    form.submit()
    assert "Täytä kenttä" in form.message.value, "a second press adds nothing"
    assert page.desk.now.unsaved == 1


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
    action = page.desk.plan.goal("smoke-free").actions[-1]
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
    assert page.desk.plan.goal("smoke-free").measures[-1].target.value == 6.5
    filled(
        page, "follow_up", date=TODAY, actor="libraries", observation="Etenee.", next_check=datetime.date(2027, 1, 1)
    )
    kept = page.desk.plan.follow_ups[-1]
    assert set(kept.groups) == {"low", "mid", "high"}
    assert kept.groups["low"].observed.value == pytest.approx(15.566, abs=0.001)
    assert page.desk.plan.goal("smoke-free").next_check == datetime.date(2027, 1, 1)
    filled(
        page, "deliberation", title="Uusi keskustelu", date=TODAY, took_part="Asukkaat: 12\nNuoret", worries="Jonot",
        ground_values="Heikoimmat ensin", aversion="1,5", decision="Jatketaan.", dissent="Yksi vastusti.",
    )  # fmt: skip
    talk = page.desk.plan.deliberations[-1]
    assert [(one.name, one.number) for one in talk.participants] == [("Asukkaat", 12), ("Nuoret", None)]
    assert (talk.aversion, talk.grounds[0].kind, talk.dissent) == (1.5, "values", "Yksi vastusti.")
    assert "Jatketaan." in page.texts["talk"].value
    page._refreshed()
    assert page.desk.plan.findings[0].period == "2025"
    assert page.desk.plan.findings[0].id == "smoking-education"


def test_the_plan_is_saved_as_a_file_and_opens_again(page):
    filled(page, "actor", name="Uusi toimija")
    assert page.desk.now.unsaved == 1
    page.save.make("yml")
    assert page.desk.now.unsaved == 0
    assert 'download="kymenlaakson-hyvinvointisuunnitelma-2026-2029.yml"' in page.save.file.value
    import base64

    content = base64.b64decode(page.save.file.value.split("base64,")[1].split('"')[0])
    assert opening.opened(content, "x.yml").to_dict() == page.desk.plan.to_dict()
    filled(page, "actor", name="Toinen toimija")
    assert "ennen viimeisimpiä muutoksia" in page.save.file.value
    page._undone()
    assert "ennen viimeisimpiä muutoksia" not in page.save.file.value


def test_all_files_are_made_in_one_press_and_a_failed_one_loses_nothing(page, monkeypatch):
    from hyteanalysis.apps.planning import making

    monkeypatch.setattr(making.reports, "made", lambda plan, release, kind, **_: kind.encode())
    content = making.content("zip", page.desk.plan, None, "fi", lambda *_: True)
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert [name.rpartition(".")[2] for name in names] == ["docx", "pptx", "xlsx", "yml"]
    page.export.make("docx")
    earlier, before = page.export.file.value, page.desk.plan
    assert "Lataa" in earlier

    def fail(*_, **__):
        raise OSError("no room")

    monkeypatch.setattr(making.reports, "made", fail)
    with pytest.raises(OSError, match="no room"):
        page.export.make("docx")
    assert page.export.file.value == earlier
    assert page.desk.plan is before
