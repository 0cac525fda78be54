"""One list of pages: notebooks, navigation, front page and kernel forks have each of it."""

import json
from pathlib import Path

import pytest

import hyteanalysis.apps
from hyteanalysis import apps, i18n, places
from hyteanalysis.apps.kit.page import Dashboard
from hyteanalysis.apps.pages import PAGES, notebook, notebooks
from hyteanalysis.apps.server.forkserver import NEEDED
from hyteanalysis.apps.server.frame import content, frame


@pytest.mark.parametrize("lang", i18n.LANGS)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_has_a_class_and_in_every_language_its_notebook_of_one_cell_without_output(page, lang):
    assert issubclass(getattr(apps, page.dashboard), Dashboard)
    path = places.dashboards() / f"{page.name}.{lang}.ipynb"
    assert json.loads(path.read_text(encoding="utf-8")) == notebook(page, lang), "python -m hyteanalysis.apps.pages"
    assert notebook(page, lang)["metadata"]["title"] == frame(page.name, lang, served=[path.stem])["title"]


def test_every_page_is_served_led_to_and_imported_before_kernels_are_forked():
    served = notebooks(places.dashboards())
    assert served == [f"{page.name}.{lang}" for page in PAGES for lang in i18n.LANGS]
    for lang in i18n.LANGS:
        around = frame("etusivu", lang, served=served, base_url="/hyte/")
        shown = content("etusivu", lang, around["pages"])
        assert [one["label"] for one in around["pages"]] == [i18n.text(f"app.page.{page.name}", lang) for page in PAGES]
        for page in PAGES:
            assert f'href="/hyte/voila/render/{page.name}.{lang}.ipynb"' in shown
            assert i18n.text(f"app.lead.{page.name}", lang) in shown
    assert {page.module for page in PAGES} <= set(NEEDED)


def test_a_page_without_a_notebook_is_not_led_to(tmp_path):
    (tmp_path / f"{PAGES[1].name}.sv.ipynb").touch()
    assert notebooks(tmp_path) == [f"{PAGES[1].name}.sv"]
    assert len(frame("etusivu", "sv", served=notebooks(tmp_path))["pages"]) == 1
    assert frame("etusivu", "fi", served=notebooks(tmp_path))["pages"] == []


def test_files_of_the_dashboards_are_short():
    package = Path(hyteanalysis.apps.__file__).parent
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in package.rglob("*.py")}
    assert all(length <= 600 for length in lengths.values()), lengths
