"""A dashboard server on a free port of this machine, and Chromium; both are ended by the tests that started them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("HYTE_CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
TIMEOUT = 120_000  # ms: a machine busy with other tests is slow
EXAMPLE = ROOT / "data" / "releases" / "example"


@contextmanager
def serving(tmp_path: Path, *releases: Path, **options: object) -> Iterator[str]:
    """Start the server in a process of its own and give its address."""
    given = {"port": 0, "browser": False, "log": str(tmp_path / "errors.log"), **options}
    code = f"from hyteanalysis.apps.server import serve; serve({[str(path) for path in releases]!r}, **{given!r})"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}
    with (tmp_path / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=log, text=True, cwd=tmp_path, env=environment
        )
        try:
            address = process.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:"), (tmp_path / "server.log").read_text()
            yield address.rstrip("/")
        finally:
            process.terminate()
            process.wait(timeout=30)
            process.stdout.close()


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


def settled(page) -> None:
    """Wait until nothing is being computed."""
    page.wait_for_function("() => !document.querySelector('.hyte-progress p') && !document.querySelector('.hyte-busy')")


def choose(page, label: str, option: str) -> None:
    """Choose in a list by its label, and wait for the answer."""
    changed(page, lambda: page.get_by_label(label, exact=True).select_option(label=option))


def changed(page, act) -> None:
    """Do what changes the selection, and wait for the answer."""
    before = page.locator("#hyte-link").get_attribute("data-query")
    act()
    page.wait_for_function("before => document.getElementById('hyte-link').dataset.query !== before", arg=before)
    settled(page)
