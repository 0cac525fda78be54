"""Page B without a browser: controls set the state and the answer follows, whatever is typed."""

from hyteanalysis import places
from hyteanalysis.apps import KetaAuttaaEniten
from hyteanalysis.apps.kit.library import ActionLibrary, Library


def test_controls_set_the_state_and_the_answer_follows(page):
    page.open("")
    assert "Näkyvissä on esimerkki" in page.first.value
    assert page.state.action == "quit"
    first = page.answer.value
    page.fields.area.value = "c"
    assert page.answer.value != first
    assert "alue=c" in page.surround.link.value
    assert "Näkyvissä on esimerkki" not in page.first.value
    page.fields.reach[0].field.value = "45,5 %"
    assert page.state.reach == ("low:45.5",)
    page.fields.effect.value = "own"
    assert page.state.effect == "20"
    page.fields.own.field.value = "25,5"
    assert page.state.effect == "25.5"
    assert "25,5" in page.texts["assumptions"].value
    assert "hyte-gone" not in page.restoring._dom_classes
    page.restore.click()
    assert not page.state.selection().own
    assert page.fields.reach[0].field.value == "20,0"
    assert page.fields.effect.value == ""


def test_an_impossible_number_is_explained_beside_the_field_and_the_result_stays(page):
    page.open("alue=a")
    before, shown = page.state.selection(), page.answer.value
    for typed in ("120", "-5", "abc", "", "1e400"):
        page.fields.reach[1].field.value = typed
        assert "Anna luku 0,0–100,0" in page.fields.reach[1].message.value
        assert "Edellinen tulos on ennallaan" in page.fields.reach[1].message.value
        assert (page.state.selection(), page.answer.value) == (before, shown)
    page.fields.budget.field.value = "0"
    assert "Anna luku" in page.fields.budget.message.value
    page.fields.budget.field.value = "50 000 €"
    assert page.state.budget == "50000"


def test_thousands_in_english_are_no_decimals(own, actions):
    page = KetaAuttaaEniten("en", own, actions)
    page.parts = ("answer",)
    page.start()
    page.open("alue=a")
    page.fields.budget.field.value = "50,000"
    assert page.state.budget == "50000"
    page.fields.price.field.value = "1,250"
    assert page.state.price == "1250"


def test_a_new_grouping_or_action_forgets_own_numbers_that_were_not_meant_for_it(example):
    page = KetaAuttaaEniten("fi", example, ActionLibrary.from_environment())
    page.parts = ("answer",)
    page.start()
    page.open("toimi=smoking-cessation&alue=HVA10&tavoittavuus=low:20&vaikutus=10")
    page.fields.dimension.value = "income"
    assert (page.state.reach, page.state.effect) == ((), "10")
    labels = [one.field.description for one in page.fields.reach[:5]]
    assert labels[0] == "Tavoittavuus, pienituloisin viidennes, % heikossa tilanteessa olevista"
    assert labels[4] == "Tavoittavuus, suurituloisin viidennes, % heikossa tilanteessa olevista"
    page.fields.action.value = "debt-advice"
    assert (page.state.effect, page.state.indicator) == ("", "example-payment-default")
    page.open("toimi=smoking-cessation&alue=KU837&ryhma=education")
    assert "ALUETASON TIETO" in page.answer.value
    assert "Pirkanmaan hyvinvointialue" in page.answer.value


def test_nothing_chosen_asks_and_shows_an_example_on_request(page):
    page.open("alue=")
    assert "Valitse toimi ja alue." in page.answer.value
    beside = [page.cards["rankings"], *page.steering]
    assert all("hyte-gone" in card._dom_classes for card in beside)
    page.example.click()
    assert not any("hyte-gone" in card._dom_classes for card in [*beside, page.fields.reach_title])
    assert "hyte-gone" in page.asking._dom_classes
    assert page.state.area == "a"
    assert "Arvion mukaan" in page.answer.value


def test_an_area_without_numbers_says_so(page, monkeypatch):
    page.open("alue=a")
    monkeypatch.setattr("hyteanalysis.apps.benefit.choice.areas.shown", lambda *_, **__: None)
    page.fields.area.value = "b"
    assert "ei voi laskea valitulla alueella" in page.answer.value
    assert page.surround.trouble.said.value == ""


def test_an_error_becomes_a_code_and_the_last_good_result_stays(page, monkeypatch):
    page.open("alue=a")
    good = page.answer.value

    def fails(part, choice):
        raise RuntimeError("secret")

    monkeypatch.setattr(page, "compute", fails)
    page.state.target = "absolute_gap_change"
    page.fields.area.value = "b"
    assert page.answer.value == good
    assert "secret" not in page.surround.trouble.said.value
    assert "virhe H-" in page.surround.trouble.said.value


def test_actions_that_cannot_be_chosen_are_named(page):
    page.open("alue=a")
    shown = page.texts["assumptions"].value
    said = "Toimet, joita ei voi valita: "
    assert said + ", ".join(["&lt;b&gt;Ohjaus&lt;/b&gt;"] * 4 + ["broken.yml"]) + ". " in shown


def test_a_release_that_no_action_fits_says_so_and_where_to_try(tmp_path):
    page = KetaAuttaaEniten(library=Library([places.committed("releases", "real")]), actions=ActionLibrary([]))
    page.start()
    page.open("?alue=SSS")
    assert "ei ole vielä toimenpiteitä" in page.answer.value
    assert "harjoitusaineisto" in page.answer.value
    assert "hyte-notice-alert" not in page.answer.value
