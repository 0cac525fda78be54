"""A dashboard server and Chromium for the browser tests; both are ended by the tests that started them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from served import CHROMIUM, EXAMPLE, FLAGS, serving, settled

TIMEOUT = 120_000  # ms: a machine busy with other tests is slow


@pytest.fixture(scope="session")
def logs(tmp_path_factory) -> Path:
    """Where the server's logs are."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="session")
def server(logs) -> Iterator[str]:
    """The example release, served."""
    with serving(logs, EXAMPLE) as address:
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


@pytest.fixture(scope="session")
def page_in(opened):
    """The page in a language, for Kotka; one for all tests that leave it as it was."""
    pages = {}

    def page(lang: str):
        if lang not in pages:
            path = f"/voila/render/missa-mennaan.{lang}.ipynb"
            pages[lang] = opened(f"{path}?alue=KU285&ind=example-loneliness&ryhma=education")
        return pages[lang]

    return page


def choose(page, label: str, option: str) -> None:
    """Choose in a list by its label, and wait for the answer."""
    changed(page, lambda: page.get_by_label(label, exact=True).select_option(label=option))


def changed(page, act) -> None:
    """Do what changes the selection, and wait for the answer."""
    before = page.locator("#hyte-link").get_attribute("data-query")
    act()
    page.wait_for_function("before => document.getElementById('hyte-link').dataset.query !== before", arg=before)
    settled(page)
