"""A dashboard server and Chromium for the browser tests; both are ended by the tests that started them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from served import CHROMIUM, EXAMPLE, FLAGS, serving, settled

TIMEOUT = 120_000  # ms: a machine busy with other tests is slow
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
SPACING = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"


@pytest.fixture(scope="session")
def logs(tmp_path_factory) -> Path:
    """Where the server's logs are."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="session")
def server(logs) -> Iterator[str]:
    """The example release, served; kernels start when asked for, since every test would pay for those kept ready."""
    with serving(logs, EXAMPLE, preheat=0) as address:
        yield address


@pytest.fixture(scope="session")
def chromium():
    """The browser; without it the test skips, and in CI fails."""
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI"):
            pytest.fail(f"no browser at {CHROMIUM}, and this is CI: install chromium")
        pytest.skip(f"no browser at {CHROMIUM}: install chromium, or name it in HYTE_CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def requests() -> list[str]:
    """Every address that any page asked for."""
    return []


@pytest.fixture(scope="session")
def opened(chromium, server, requests):
    """Open a page of the server and wait until everything on it is shown."""
    pages = []

    def open_page(path: str, *, ready: str = ".hyte-ready #laatu"):
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(TIMEOUT)
        pages.append(page)
        page.on("request", lambda request: requests.append(request.url))
        page.goto(server + path, wait_until="commit")
        page.wait_for_selector(ready, state="attached")
        settled(page)
        return page

    yield open_page
    for page in pages:
        page.close()


def choose(page, label: str, option: str) -> None:
    """Choose in a list by its label, and wait for the answer."""
    changed(page, lambda: page.get_by_label(label, exact=True).select_option(label=option))


def changed(page, act) -> None:
    """Do what changes the selection, and wait for the answer."""
    before = page.locator("#hyte-link").get_attribute("data-query")
    act()
    page.wait_for_function("before => document.getElementById('hyte-link').dataset.query !== before", arg=before)
    settled(page)


def violations(page) -> list[str]:
    """What axe finds."""
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


def cut(page) -> list[list[str]]:
    """What does not fit at 320 px, there with more space between words and lines, and at 200 % text."""
    found = []
    try:
        page.set_viewport_size({"width": 320, "height": 640})
        page.wait_for_timeout(300)
        settled(page)
        found.append(overflow(page))
        style = page.add_style_tag(content=SPACING)
        found.append(overflow(page))
        style.evaluate("node => node.remove()")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        found.append(overflow(page))
    finally:
        page.evaluate("document.documentElement.style.fontSize = ''")
        page.set_viewport_size({"width": 1280, "height": 900})
    return [one for one in found if one]


def by_keyboard(page, presses: int) -> tuple[list[str], list[bool]]:
    """Names of what Tab reaches from the top of the page, and whether each shows that it is reached."""
    page.evaluate("document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')")
    names, rings = [], []
    for _ in range(presses):
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
    return names, rings
