"""Page B in a browser: its one-minute questions in three languages, own numbers, axe, a small screen."""

import re

import pytest

from .conftest import changed, choose, overflow, settled, violations

pytestmark = pytest.mark.browser

READY = ".hyte-ready #oletukset"
ASKED = "alue=HVA10&toimi=smoking-cessation"
SAID = {
    "fi": {
        "whom": r"hyötyy eniten ryhmä keskitason koulutus: noin [\d\s]+ ihmistä \([\d\s]+–[\d\s]+\)",
        "ways": ["Kaikille sama", "Kohdennettu", "Kaikille tarpeen mukaan"],
        "most": "kaventaa eroa eniten",
        "estimate": "Laskelma on oletuksiin perustuva arvio.",
        "chance": r"ensimmäinen: \d+.% arvonnoista",
        "title": "Ketä auttaa eniten",
    },
    "sv": {
        "whom": r"gruppen medelhög utbildning mest nytta av åtgärden: cirka [\d\s]+ personer \([\d\s]+–[\d\s]+\)",
        "ways": ["Lika för alla", "Riktad", "För alla efter behov"],
        "most": "minskar skillnaden mest",
        "estimate": "Beräkningen är en uppskattning som bygger på antaganden.",
        "chance": r"först: \d+.% av dragningarna",
        "title": "Vem har mest nytta",
    },
    "en": {
        "whom": r"helps the group intermediate education most: about [\d,]+ people \([\d,]+–[\d,]+\)",
        "ways": ["The same for all", "Targeted", "For all by need"],
        "most": "narrows the gap most",
        "estimate": "This is an estimate that rests on assumptions.",
        "chance": r"first: \d+% of the draws",
        "title": "Who benefits most",
    },
}


@pytest.fixture(scope="module")
def benefit_in(opened):
    """The page in a language; one for all tests, each of which begins by what it needs."""
    pages = {}

    def page(lang):
        if lang not in pages:
            pages[lang] = opened(f"/voila/render/keta-auttaa-eniten.{lang}.ipynb?{ASKED}", ready=READY)
        return pages[lang]

    return page


def opened_up(page):
    """Open whatever opens."""
    page.evaluate("() => document.querySelectorAll('main details').forEach(one => { one.open = true; })")


@pytest.mark.parametrize("lang", SAID)
def test_whom_it_helps_and_which_way_narrows_the_gap_are_told_in_text(benefit_in, lang):
    page, said = benefit_in(lang), SAID[lang]
    assert page.locator("html").get_attribute("lang") == lang
    assert page.locator("h1").all_inner_texts() == [said["title"]]
    sentences = page.locator("#hyte-answer li").all_inner_texts()
    assert re.search(said["whom"], sentences[0])
    assert sentences[-1] == said["estimate"]
    cards = page.locator(".hyte-card", has=page.locator("#jako")).locator(".hyte-way")
    assert [card.locator("h3").inner_text() for card in cards.all()[:3]] == said["ways"]
    marked = [card.locator("h3").inner_text() for card in cards.all() if said["most"] in card.inner_text()]
    assert len(marked) == 1
    assert any(marked[0] in one for one in sentences)
    ranked = page.locator(".hyte-card", has=page.locator("#jarjestykset")).locator(".hyte-way")
    assert ranked.count() == 4
    assert all(re.search(said["chance"], one) for one in ranked.all_inner_texts())
    if lang != "fi":  # the Finnish page is looked at with own numbers and a message on it
        opened_up(page)
        assert not violations(page)
    shown = page.evaluate("() => document.documentElement.innerText")
    assert "null" not in shown
    assert not re.search(r"\b(app|figure|action)\.[a-z]+\.", shown)


def test_every_picture_has_an_alternative_and_a_table_with_caption(benefit_in):
    page = benefit_in("fi")
    figures = page.locator("figure")
    assert figures.count() == 5
    for place in range(5):
        assert len(figures.nth(place).locator("img").get_attribute("alt")) > 40
    tables = page.locator("table")
    assert tables.count() == 6
    for table in tables.all():
        assert table.locator("caption").count() == 1
        assert table.locator("thead th[scope=col]").count() >= 3


def test_own_numbers_change_the_answer_and_an_impossible_one_is_explained(benefit_in):
    page = benefit_in("fi")
    first = page.locator("#hyte-answer").inner_text()
    field = page.get_by_label("Tavoittavuus, matala koulutus, %")

    def write(words):
        field.fill(words)
        field.press("Tab")

    changed(page, lambda: write("60,5"))
    assert "tavoittavuus=low:60.5" in page.evaluate("window.location.href")
    assert page.locator("#hyte-answer").inner_text() != first
    assert page.locator("tr.hyte-own").count() == 2  # more than would come by the action's file: that is raised too
    write("160")
    beside = page.locator(".hyte-field", has=field).locator(".hyte-notice")
    beside.wait_for()
    assert "Anna luku 0,0–100,0" in beside.inner_text()
    assert "tavoittavuus=low:60.5" in page.evaluate("window.location.href")
    opened_up(page)
    assert not violations(page)
    changed(page, lambda: page.get_by_role("button", name="Palauta oletukset").click())
    assert page.locator("#hyte-answer").inner_text() == first
    assert page.locator("tr.hyte-own").count() == 0


def test_a_choice_of_action_is_kept_in_the_address_and_leads_to_the_plan(benefit_in):
    page = benefit_in("fi")
    choose(page, "Toimi", "Liikuntaneuvonta")
    assert "Liikuntaneuvonta" in page.locator(".hyte-answer h2").inner_text()
    assert "toimi=exercise-referral" in page.evaluate("window.location.href")
    for link in page.get_by_role("link", name="Lisää suunnitelmaan").all():
        address = link.get_attribute("href")
        assert address.startswith("hyvinvointisuunnitelma.fi.ipynb?toimi=exercise-referral")
        assert re.search(r"muoto=(universal|targeted|proportionate).*tavoittavuus=0\.\d+", address)
    choose(page, "Toimi", "Savuttomuusohjaus")


def test_nothing_is_cut_on_a_small_screen_and_nobody_else_is_asked(benefit_in, requests):
    page = benefit_in("sv")
    page.set_viewport_size({"width": 320, "height": 640})
    try:
        page.wait_for_timeout(300)
        settled(page)
        assert overflow(page) == []
    finally:
        page.set_viewport_size({"width": 1280, "height": 900})
    outside = [one for one in requests if not one.startswith(("http://127.0.0.1:", "data:", "blob:"))]
    assert len(requests) > 50
    assert not outside
