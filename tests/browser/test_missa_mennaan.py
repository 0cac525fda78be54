"""Page A in a browser: one-minute questions in three languages, states, choices, links, files, and for everybody."""

import base64
import re

import pytest

from .conftest import by_keyboard, changed, choose, cut, settled, violations

pytestmark = pytest.mark.browser

SAID = {
    "fi": {
        "worst": "Heikoin tilanne on ryhmässä matala koulutus",
        "gap": r"Ero ryhmien .matala koulutus. ja .korkea koulutus. välillä on \d+,\d.prosenttiyksikköä",
        "people": r"noin [\d\s]+ ihmistä",
        "change": r"Ero 2019–2025: (▼|▲|=|⇄|\?)",
        "whole": r"koko maassa|koko maan",
        "topics": r"^1\. .+ero .*prosenttiyksikköä",
        "regions": r"(sijalla|sijoilla) \d+(–\d+)?/\d+(; (\d+|yhden) alueen|, ja sen tilanne eroaa selvästi)",
        "trust": "Luotettavuus: ",
        "practice": "HARJOITUSAINEISTO",
        "title": "Missä mennään",
        "choices": [("Alue", "Kotka"), ("Asia (indikaattori)", "Yksinäisyys")],
    },
    "sv": {
        "worst": "låg utbildning",
        "gap": r"\d+,\d.procentenheter",
        "people": r"[\d\s]+personer",
        "change": r"Skillnaden 2019–2025: (▼|▲|=|⇄|\?)",
        "whole": r"hela landet",
        "topics": r"^1\. .+skillnad .*procentenheter",
        "regions": r"\d+(–\d+)?/\d+",
        "trust": "Tillförlitlighet: ",
        "practice": "ÖVNINGSMATERIAL",
        "title": "Hur är läget",
        "choices": [("Område", "Kotka"), ("Sak (indikator)", "Ensamhet")],
    },
    "en": {
        "worst": "low education",
        "gap": r"\d+\.\d.percentage points",
        "people": r"people",
        "change": r"The gap 2019–2025: (▼|▲|=|⇄|\?)",
        "whole": r"whole country",
        "topics": r"^1\. .+gap .*percentage points",
        "regions": r"\d+(–\d+)?/\d+",
        "trust": "Reliability: ",
        "practice": "PRACTICE DATA",
        "title": "Where we stand",
        "choices": [("Area", "Kotka"), ("Topic (indicator)", "Loneliness")],
    },
}


@pytest.fixture(scope="module")
def page_in(opened):
    """The start page in a language, with two choices changed; one for all tests that leave it as it was."""
    pages = {}

    def page(lang: str):
        if lang not in pages:
            pages[lang] = opened(f"/voila/render/missa-mennaan.{lang}.ipynb")
            for label, option in SAID[lang]["choices"]:
                choose(pages[lang], label, option)
        return pages[lang]

    return page


@pytest.mark.parametrize("lang", SAID)
def test_the_first_seven_questions_are_answered_in_text_within_three_choices(page_in, lang):
    page, said = page_in(lang), SAID[lang]
    box = page.locator(".hyte-answer")
    sentences = box.locator("ol li").all_inner_texts()
    assert said["worst"] in sentences[0]
    assert re.search(said["gap"], sentences[1])
    assert re.search(said["people"], sentences[2])
    assert any(re.search(said["whole"], one) for one in sentences)
    chips = " ".join(box.locator(".hyte-chip").all_inner_texts())
    assert re.search(said["change"], chips)
    assert said["trust"] in chips
    assert re.search(said["topics"], page.locator("button.hyte-link").first.inner_text())
    assert re.search(said["regions"], page.locator("#alueet").inner_text())
    assert page.locator(".hyte-facts dt").count() >= 10
    assert said["practice"] in page.locator(".hyte-banner").inner_text()


@pytest.mark.parametrize("lang", SAID)
def test_a_page_is_in_its_language_and_axe_finds_nothing(page_in, lang):
    page = page_in(lang)
    assert page.locator("html").get_attribute("lang") == lang
    assert page.title() == f"{SAID[lang]['title']} – hyteanalysis"
    assert page.locator("h1").all_inner_texts() == [SAID[lang]["title"]]
    assert page.locator("main").count() == 1
    for summary in page.locator("summary").all():
        summary.click()
    shown = page.evaluate("() => document.documentElement.innerText")
    assert "null" not in shown
    assert not re.search(r"\bapp\.[a-z]+", shown)
    assert not violations(page)
    for summary in page.locator("summary").all():
        summary.click()


def test_every_picture_has_an_alternative_and_a_table_with_caption(page_in):
    page = page_in("fi")
    figures = page.locator("figure")
    assert figures.count() >= 2
    for place in range(figures.count()):
        assert len(figures.nth(place).locator("img").get_attribute("alt")) > 40
    for card in page.locator(".hyte-card", has=page.locator("figure")).all():
        table = card.locator("table").first
        assert table.locator("caption").count() == 1
        assert table.locator("thead th[scope=col]").count() >= 3
        assert table.locator("tbody th[scope=row]").count() >= 3


def test_nothing_is_cut_on_a_small_screen_or_with_large_text(page_in):
    assert cut(page_in("fi")) == []


def test_the_keyboard_reaches_everything_in_the_order_of_reading(page_in):
    page = page_in("fi")
    names, rings = by_keyboard(page, 40)
    wanted = ["Siirry sisältöön", "hyteanalysis", "Missä mennään", "Suomi", "Svenska", "English", "Alue"]
    wanted += ["Asia (indikaattori)", "Ryhmittely", "Vuosi", "Lisää rajauksia", "Kopioi teksti", "Taulukko"]
    places = [names.index(one) for one in wanted]
    assert places == sorted(places)
    assert all(rings[: places[-1] + 1])
    page.locator(".hyte-skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "sisalto"


def test_forced_colours_keep_borders(page_in):
    page = page_in("fi")
    page.emulate_media(forced_colors="active")
    try:
        border = page.locator(".hyte-answer").evaluate("node => getComputedStyle(node).borderTopStyle")
        assert border == "solid"
        assert page.locator(".hyte-answer ol li").first.is_visible()
    finally:
        page.emulate_media(forced_colors="none")


@pytest.fixture(scope="module")
def page(opened):
    """A page for the tests that choose; each begins by choosing what it needs."""
    return opened("/voila/render/missa-mennaan.fi.ipynb?alue=SSS&ind=example-smoking")


def test_a_choice_made_by_keyboard_changes_the_answer(page):
    before = page.locator("#hyte-answer").inner_text()
    page.get_by_label("Ryhmittely", exact=True).focus()
    changed(page, lambda: page.keyboard.press("ArrowDown"))
    assert page.locator("#hyte-answer").inner_text() != before
    changed(page, lambda: page.keyboard.press("ArrowUp"))
    assert page.locator("#hyte-answer").inner_text() == before


def test_changing_area_and_grouping_changes_the_answer_and_the_address(page):
    first = page.locator("#hyte-answer").inner_text()
    choose(page, "Alue", "Pirkanmaan hyvinvointialue")
    choose(page, "Ryhmittely", "Tulot")
    second = page.locator("#hyte-answer").inner_text()
    assert second != first
    assert "Pirkanmaan hyvinvointialue" in page.locator(".hyte-answer h2").inner_text()
    assert "tulot" in page.locator(".hyte-answer h2").inner_text()
    address = page.get_by_label("Linkki tähän näkymään").input_value()
    assert "alue=HVA08" in address
    assert "ryhma=income" in address
    assert page.evaluate("window.location.href") == address
    assert all("alue=HVA08" in link.get_attribute("href") for link in page.locator(".hyte-langs a").all())


def test_a_municipality_without_groups_shows_its_county_and_says_so(page):
    choose(page, "Alue", "Tampere")
    box = page.locator(".hyte-answer").inner_text()
    assert "ALUETASON TIETO" in box
    assert "Pirkanmaan hyvinvointialue" in box


def test_a_topic_of_the_list_opens_it(page):
    wanted = page.locator("button.hyte-link").nth(1).inner_text().removeprefix("2. ").partition(":")[0]
    changed(page, lambda: page.locator("button.hyte-link").nth(1).click())
    assert wanted in page.locator(".hyte-answer h2").inner_text()


def test_a_limit_changes_the_numbers_and_names_the_group(page):
    choose(page, "Alue", "Kymenlaakson hyvinvointialue")
    choose(page, "Ryhmittely", "Koulutus")
    everybody = page.locator("#hyte-answer li").first.inner_text()
    page.get_by_label("Lisää rajauksia").check()
    choose(page, "Sukupuoli", "naiset")
    assert page.locator("#hyte-answer li").first.inner_text() != everybody
    assert "(naiset)" in page.locator(".hyte-answer h2").inner_text()
    assert "rajaus=sex:women" in page.evaluate("window.location.href")
    choose(page, "Sukupuoli", "kaikki")
    assert page.locator("#hyte-answer li").first.inner_text() == everybody


def test_the_order_of_areas_follows_the_choice(page):
    assert "heikoimmasta" in page.locator("#alueet").inner_text()
    choose(page, "Järjestä alueet", "eron mukaan")
    assert "suurimmasta erosta" in page.locator("#alueet").inner_text()


def test_files_are_made_when_asked_and_hold_what_they_say(page):
    card = page.locator(".hyte-card", has=page.locator("#ero"))
    heads = {
        "Kuva (PNG)": ("png", b"\x89PNG"),
        "Taulukko (CSV)": ("csv", b"\xef\xbb\xbf"),
        "Excel": ("xlsx", b"PK"),
        "Word": ("docx", b"PK"),
        "PowerPoint": ("pptx", b"PK"),
    }
    for kind, (suffix, head) in heads.items():
        card.get_by_label("Lataa tiedostona").select_option(label=kind)
        card.get_by_role("button", name="Tee tiedosto").click()
        link = card.locator(f'a[download$=".{suffix}"]')
        link.wait_for()
        content = base64.b64decode(link.get_attribute("href").partition("base64,")[2])
        assert content.startswith(head)


def test_nothing_chosen_asks_for_an_area_and_the_example_is_one_press_away_until_the_connection_is_lost(opened):
    page = opened("/voila/render/missa-mennaan.fi.ipynb?alue=", ready=".hyte-ready .hyte-notice")
    assert "Valitse alue ja asia." in page.locator(".hyte-page").inner_text()
    assert page.locator("figure").count() == 0
    assert not violations(page)
    changed(page, lambda: page.get_by_role("button", name="Näytä esimerkki").click())
    assert "Koko maa" in page.locator(".hyte-answer h2").inner_text()
    choose(page, "Alue", "Kymenlaakson hyvinvointialue")
    kernel = page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId")
    token = next(one["value"] for one in page.context.cookies() if one["name"] == "_xsrf")
    status = page.evaluate(
        """([kernel, token]) => fetch(`/voila/api/shutdown/${kernel}?_xsrf=${encodeURIComponent(token)}`,
             {method: 'POST', headers: {'X-XSRFToken': token}}).then(answer => answer.status)""",
        [kernel, token],
    )
    assert status == 204
    banner = page.locator("#hyte-lost")
    banner.wait_for(state="visible")
    assert banner.get_attribute("role") == "alert"
    assert "Yhteys katkesi" in banner.inner_text()
    assert "alue=HVA10" in banner.locator("a").get_attribute("href")
    page.close()


def test_a_link_with_unknown_values_falls_back_says_what_it_did_and_a_known_one_is_kept(opened):
    query = "?alue=<script>&ind=../../etc/passwd&vuosi=1850&vertailu=SSS~X&rajaus=sex:women&tutkija=1"
    page = opened(f"/voila/render/missa-mennaan.fi.ipynb{query}")
    told = page.locator(".hyte-notice").all_inner_texts()
    assert any("aluetta ei tunneta" in one for one in told)
    assert any("indikaattoria ei ole" in one for one in told)
    assert any("vuodelta ei ole tietoa" in one for one in told)
    assert any("vertailualueita" in one for one in told)
    assert "passwd" not in page.content()
    assert page.locator("#tutkija").count() == 1
    assert not violations(page)
    known = "?alue=HVA10&ind=example-smoking&ryhma=sex&vuosi=2023"
    page.goto(page.url.partition("?")[0] + known, wait_until="commit")
    loading = page.locator("#hyte-loading")
    loading.wait_for()
    assert loading.get_attribute("role") == "status"
    assert re.search(r"[123]/3", loading.inner_text())
    page.wait_for_selector(".hyte-ready #laatu", state="attached")
    settled(page)
    assert page.evaluate("window.location.search") == known
    assert page.locator(".hyte-pages a").first.get_attribute("href").endswith(known)
    page.close()


def test_nothing_was_asked_of_anybody_else(page_in, requests):
    page_in("fi")
    outside = [one for one in requests if not one.startswith(("http://127.0.0.1:", "data:", "blob:"))]
    assert len(requests) > 50
    assert not outside
