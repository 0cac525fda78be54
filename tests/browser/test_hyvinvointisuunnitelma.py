"""Page C in a browser: the tenth question in three languages, wrong files, one planner's way from A to Word."""

import base64
import io
import re

import docx
import pytest
from served import settled

from hyteanalysis import places
from hyteanalysis.plan import Plan

from .conftest import changed, cut, violations

pytestmark = pytest.mark.browser

READY = ".hyte-ready #vienti"
PLAN = places.committed("plans", "example.yml")
EMPTIED = ("goals", "follow_ups", "documents", "deliberations", "rules", "experiences", "findings")
SAID = {
    "sv": {
        "title": "Välfärdsplan",
        "states": r"Mål 6: 1 .+, 1 .+, 1 .+, 2 .+, 1 .+\.",
        "lead": "Vammaispalvelut",
        "fires": "! utlöses",
        "practice": "ÖVNINGSMATERIAL",
    },
    "en": {
        "title": "Wellbeing plan",
        "states": r"Goals 6: 1 .+, 1 .+, 1 .+, 2 .+, 1 .+\.",
        "lead": "Vammaispalvelut",
        "fires": "! fires",
        "practice": "PRACTICE DATA",
    },
}


def tick(page, label):
    page.get_by_label(label, exact=True).check()


def upload(page, name, content):
    with page.expect_file_chooser() as chooser:
        page.locator(".widget-upload").click()
    chooser.value.set_files({"name": name, "mimeType": "application/yaml", "buffer": content})


def inside(page, button):
    """The form that a button belongs to."""
    return page.locator(".hyte-form", has=page.get_by_role("button", name=button, exact=True))


@pytest.mark.parametrize("lang", SAID)
def test_state_lead_and_next_look_are_told_in_text_and_axe_finds_nothing(opened, lang):
    page, said = opened(f"/voila/render/hyvinvointisuunnitelma.{lang}.ipynb", ready=READY), SAID[lang]
    assert page.locator("html").get_attribute("lang") == lang
    assert page.locator("h1").all_inner_texts() == [said["title"]]
    assert page.locator("main").count() == 1
    assert re.search(said["states"], page.locator(".hyte-answer li").first.inner_text())
    row = page.locator("tr", has=page.locator("th", has_text="Kukaan ei jää yksin")).first.inner_text()
    assert said["lead"] in row
    assert "24" in row
    assert said["practice"] in page.locator(".hyte-banner").inner_text()
    page.wait_for_selector("#saannot", state="attached")
    settled(page)
    assert said["fires"] in page.locator(".hyte-card", has=page.locator("#saannot")).inner_text()
    for box in page.locator(".hyte-more input[type=checkbox]").all():
        box.check()
    for summary in page.locator("summary").all():
        summary.click()
    assert not violations(page)
    words = page.evaluate("() => document.documentElement.innerText")
    assert "null" not in words
    assert not re.search(r"\b(app|plan|report)\.[a-z]+\.", words)
    if lang == "en":
        tick(page, "Show the worksheet for the value discussion")
        page.wait_for_selector("#tyopohja", state="attached")
        assert "Worksheet" in page.locator("#tyopohja").inner_text() + page.locator("figure img").last.get_attribute(
            "alt"
        )
        assert cut(page) == []
    page.close()


@pytest.fixture(scope="module")
def planner(opened):
    """From page A over B to C, as a planner goes; the page and what was read on the way."""
    read = {}
    page = opened("/voila/render/missa-mennaan.fi.ipynb?alue=HVA10&ind=example-smoking&ryhma=education")
    read["gap"] = page.locator("#hyte-answer").inner_text()
    page.get_by_role("link", name="Ketä auttaa eniten").click()
    page.wait_for_selector(".hyte-ready #oletukset", state="attached")
    settled(page)
    ways = page.locator(".hyte-card", has=page.locator("#jako")).locator(".hyte-way")
    read["ways"] = {way.locator("h3").inner_text(): way.locator("dd").first.inner_text() for way in ways.all()[:3]}
    ways.filter(has=page.locator("h3", has_text=re.compile("^Kohdennettu$"))).get_by_role("link").click()
    page.wait_for_selector(READY, state="attached")
    settled(page)
    return page, read


def test_a_planner_goes_from_the_gap_to_a_word_file_with_the_same_numbers(planner):
    page, read = planner
    assert len(set(read["ways"].values())) >= 2, "the ways of sharing the money differ"
    states = "Tavoitteita 6: 1 etenee, 1 saavutettu, 1 raja-arvo ylittynyt, 2 ei selvää muutosta, 1 ei tietoa."
    assert page.locator(".hyte-answer li").first.inner_text() == states
    row = page.locator("tr", has=page.locator("th", has_text="Kukaan ei jää yksin")).first.inner_text()
    assert "! raja-arvo ylittynyt" in row
    assert "Vammaispalvelut" in row
    assert re.search(r"\d+\.\d+\.20\d\d", row), "when it is looked at next"
    waiting = page.locator(".hyte-notice", has_text="odottaa")
    assert "”Savuttomuusohjaus” (kohdennettu) odottaa" in waiting.inner_text()

    # a plan of one's own: the action waits for it
    whole = Plan.read(PLAN)
    own = whole.changed(title="Oma suunnitelma", **dict.fromkeys(EMPTIED, ()))
    upload(page, "oma.yml", own.to_text().encode())
    page.wait_for_function("() => document.querySelector('.hyte-answer').innerText.includes('Oma suunnitelma')")
    assert waiting.count() == 1

    # the goal: its baseline is filled in
    form = inside(page, "Lisää tavoite")
    form.get_by_label("Nimi", exact=True).fill("Savuton arki")
    form.get_by_label("Tulosindikaattori").select_option(label="Päivittäinen tupakointi")
    form.get_by_label("Tavoitteen alue").select_option(label="Kymenlaakson hyvinvointialue")
    form.get_by_label("Ryhmä, jota koskee").select_option(label="koulutus: matala koulutus")
    form.get_by_label("Tavoitetaso").fill("12,5")
    form.get_by_label("Mihin mennessä").fill("2029-12-31")
    form.get_by_label("Vastuutaho").select_option(label="Avosairaanhoidon palvelut")
    form.get_by_label("Muut toimijat (useita)").select_option(
        label=["Suun terveydenhuolto", "Kansanterveysyhdistykset"]
    )
    form.get_by_text("Lähtötaso aineistosta: 15,6").wait_for()
    changed(page, lambda: page.get_by_role("button", name="Lisää tavoite", exact=True).click())
    row = page.locator("tr", has=page.locator("th", has_text="Savuton arki")).first
    now = re.search(r"15,6 \((\d+,\d–\d+,\d)\), 2025", row.inner_text())
    assert "Avosairaanhoidon palvelut" in row.inner_text()

    # the action that waited, with money and its carrier
    form = inside(page, "Lisää toimenpide tavoitteeseen")
    assert form.get_by_label("Nimi", exact=True).input_value() == "Savuttomuusohjaus"
    form.get_by_label("Euroa vuodessa").fill("24 000")
    form.get_by_label("Vastuutaho").select_option(label="Avosairaanhoidon palvelut")
    changed(page, lambda: page.get_by_role("button", name="Lisää toimenpide tavoitteeseen").click())
    assert "toimi=" not in page.evaluate("window.location.href")

    # what people told; nothing that tells who they are
    tick(page, "Lisää kokemustietoa")
    form, button = (
        inside(page, "Lisää kokemus tavoitteeseen"),
        page.get_by_role("button", name="Lisää kokemus tavoitteeseen"),
    )
    note = form.get_by_label(re.compile("^Kokemus"))
    note.fill("Soita 040 123 4567")
    button.click()
    page.get_by_text("henkilötietoja: puhelinnumero").wait_for()
    assert note.input_value() == "Soita 040 123 4567"
    assert not violations(page)
    note.fill("Tauolla tupakoidaan, koska tauko ei muuten ole tauko.")
    button.click()
    page.locator("li", has_text="Tauolla tupakoidaan").first.wait_for()

    # Word
    assert page.locator("[data-hyte-unsaved]").get_attribute("data-hyte-unsaved") == "3"
    page.get_by_role("button", name="Word-kertomus").click()
    page.get_by_role("button", name="Word-kertomus").click()
    link = page.locator("a[download$='.docx']")
    link.wait_for()
    assert link.count() == 1
    document = docx.Document(io.BytesIO(base64.b64decode(link.get_attribute("href").partition("base64,")[2])))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    words = "\n".join([*(one.text for one in document.paragraphs), *cells])
    assert "Savuton arki" in words
    assert "Tauolla tupakoidaan, koska tauko ei muuten ole tauko." in words
    assert "Suun terveydenhuolto" in words
    assert now[1] in words
    level = re.search(r"matala koulutus: (\d+,\d)", read["gap"])[1]
    gap = re.search(r"välillä on (\d+,\d)", read["gap"])[1]
    assert level == "15,6"
    assert level in words
    assert gap in words


def test_a_wrong_file_leaves_the_plan_and_what_was_typed(planner):
    page, _ = planner
    note = inside(page, "Lisää kokemus tavoitteeseen").get_by_label(re.compile("^Kokemus"))
    note.fill("Kesken")
    title = page.locator(".hyte-answer h2").inner_text()
    newer = PLAN.read_bytes().replace(b"schema_version: 2", b"schema_version: 9")
    personal = PLAN.read_bytes().replace(b"Terveyden", b"131052-308T")
    for content, words in (
        (newer, "uudemmalla ohjelmaversiolla"),
        (personal, "henkilötunnus"),
        (b"\xff", "ei ole suunnitelma"),
    ):
        upload(page, "väärä.yml", content)
        page.locator(".hyte-notice-alert", has_text=words).wait_for()
        assert "ennallaan" in page.locator(".hyte-notice-alert", has_text=words).inner_text()
        assert page.locator(".hyte-answer h2").inner_text() == title
        assert note.input_value() == "Kesken"
    assert "131052" not in page.locator("body").inner_text()
    assert not violations(page)


def test_nobody_outside_is_asked(planner, requests):
    outside = [one for one in requests if not one.startswith(("http://127.0.0.1:", "data:", "blob:"))]
    assert len(requests) > 20
    assert not outside
