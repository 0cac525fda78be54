"""The pages around the dashboards, and the page of a release that cannot be shown: axe, headings, small screens."""

import shutil

import pytest
from served import EXAMPLE, serving

from .conftest import TIMEOUT, overflow, violations

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    "path", ["/", "/?kieli=sv", "/sanasto.fi.html", "/sanasto.en.html", "/saavutettavuusseloste.sv.html", "/x"]
)
def test_axe_finds_nothing_on_the_pages_around(opened, path):
    page = opened(path, ready="main")
    assert not violations(page)
    page.set_viewport_size({"width": 320, "height": 640})
    assert overflow(page) == []
    page.close()


@pytest.fixture(scope="module")
def altered(tmp_path_factory):
    """A server whose release was changed after it was made."""
    folder = tmp_path_factory.mktemp("altered")
    shutil.copytree(EXAMPLE, folder / "release")
    with (folder / "release" / "cells.parquet").open("ab") as file:
        file.write(b"x")
    with serving(folder, folder / "release", preheat=0) as address:
        yield address
    assert "not trusted" not in (folder / "server.log").read_text(), "the host need not do anything"


def test_a_release_that_was_altered_gets_a_page_that_says_so(chromium, altered):
    page = chromium.new_page()
    page.set_default_timeout(TIMEOUT)
    page.goto(f"{altered}/voila/render/missa-mennaan.sv.ipynb", wait_until="commit")
    page.wait_for_selector(".hyte-ready")
    assert "Datamaterialet kan inte visas" in page.locator("#hyte-app").inner_text()
    assert page.locator("select").count() == 0
    assert not violations(page)
    page.close()
