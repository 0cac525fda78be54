"""The pages for everybody: axe, keyboard, small screens, large text, forced colours, a lost connection."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from served import settled

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
SPACING = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"


def violations(page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


def overflow(page) -> list[str]:
    """What is wider than the page, other than inside a region that scrolls."""
    return page.evaluate(
        """() => {
          const wide = document.documentElement.clientWidth + 1;
          const found = [...document.querySelectorAll('body *')].filter(node =>
            node.getBoundingClientRect().right > wide && !node.closest('.hyte-scroll') && node.checkVisibility());
          return document.documentElement.scrollWidth > wide ? found.map(node => node.outerHTML.slice(0, 120)) : [];
        }"""
    )


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_axe_finds_nothing(page_in, lang):
    page = page_in(lang)
    for summary in page.locator("summary").all():
        summary.click()
    assert not violations(page)


@pytest.mark.parametrize(
    "path", ["/", "/?kieli=sv", "/sanasto.fi.html", "/sanasto.en.html", "/saavutettavuusseloste.sv.html", "/x"]
)
def test_axe_finds_nothing_on_the_pages_around(opened, path):
    page = opened(path, ready="main")
    assert not violations(page)


def test_a_link_with_unknown_values_falls_back_says_what_it_did_and_axe_finds_nothing(opened):
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


def test_nothing_is_cut_on_a_small_screen_or_with_large_text(page_in):
    page = page_in("fi")
    try:
        page.set_viewport_size({"width": 320, "height": 640})
        page.wait_for_timeout(300)
        settled(page)
        assert overflow(page) == []
        style = page.add_style_tag(content=SPACING)
        assert overflow(page) == []
        style.evaluate("node => node.remove()")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert overflow(page) == []
    finally:
        page.evaluate("document.documentElement.style.fontSize = ''")
        page.set_viewport_size({"width": 1280, "height": 900})


def test_the_keyboard_reaches_everything_in_the_order_of_reading(page_in):
    page = page_in("fi")
    page.evaluate("document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')")
    names, rings = [], []
    for _ in range(40):
        page.keyboard.press("Tab")
        name, ring = page.evaluate(
            """() => {
              const node = document.activeElement, style = getComputedStyle(node);
              const label = node.labels && node.labels.length ? node.labels[0].innerText : node.innerText;
              return [(label || node.getAttribute('aria-label') || '').trim().split('\\n')[0],
                style.outlineStyle !== 'none'];
            }"""
        )
        names.append(name)
        rings.append(ring)
    wanted = ["Siirry sisältöön", "hyteanalysis", "Missä mennään", "Suomi", "Svenska", "English", "Alue"]
    wanted += ["Asia (indikaattori)", "Ryhmittely", "Vuosi", "Lisää rajauksia", "Kopioi teksti", "Taulukko"]
    places = [names.index(one) for one in wanted]
    assert places == sorted(places)
    assert all(rings[: places[-1] + 1])


def test_the_skip_link_leads_to_the_content(page_in):
    page = page_in("fi")
    page.evaluate("document.activeElement.blur()")
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


def test_a_lost_connection_is_said_and_the_choices_are_kept(opened):
    page = opened("/voila/render/missa-mennaan.fi.ipynb?alue=HVA10")
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
    settled(page)
