"""The page without a browser: error boundary, cache, state, notebooks, and nothing of an error reaches the viewer."""

import asyncio
import json
from pathlib import Path

import ipywidgets as widgets
import pytest

from hyteanalysis import places
from hyteanalysis.apps import MissaMennaan, guard
from hyteanalysis.apps.frame import frame, notebooks
from hyteanalysis.apps.library import Library
from hyteanalysis.apps.selection import Selection

SECRET = "010190-123A"


@pytest.fixture
def log(tmp_path, monkeypatch):
    path = tmp_path / "errors.log"
    logger = guard.logging.getLogger(guard.LOG)
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    monkeypatch.setenv("HYTE_LOG", str(path))
    guard.log_file()
    yield path
    for handler in list(logger.handlers):
        handler.close()
        logger.removeHandler(handler)


@pytest.fixture
def page(own, log):
    page = MissaMennaan("fi", own)
    page.parts = ("answer", "topics", "regions", "quality")
    page.root.children = page.build()
    page.state.observe(page._changed)
    return page


def words(page):
    """Everything that the page's widgets hold as text."""

    def inside(widget):
        yield str(getattr(widget, "value", "")) + str(getattr(widget, "description", ""))
        for child in getattr(widget, "children", ()):
            yield from inside(child)

    return " ".join(inside(page.root))


def test_choices_set_the_state_and_the_answer_follows(page):
    page.open("alue=a&ind=wide")
    first = page.answer.value
    page.area.value = "c"
    assert page.state.area == "c"
    assert page.answer.value != first
    assert "alue=c" in page.link.value


def test_equal_choices_are_computed_once(page, monkeypatch):
    counted = []
    compute = page.compute
    monkeypatch.setattr(page, "compute", lambda part, selection: counted.append(part) or compute(part, selection))
    page.open("alue=a&ind=wide")
    first = len(counted)
    page.area.value = "b"
    page.area.value = "a"
    assert first == len(page.parts)
    assert counted.count("answer") == 2
    assert counted[first:].count("answer") == 1


def test_an_error_becomes_a_code_and_the_last_good_result_stays(page, log, monkeypatch):
    page.open("alue=a&ind=wide")
    good = page.answer.value

    def fails(part, selection):
        raise RuntimeError(f"{SECRET} {Path(__file__)}")

    monkeypatch.setattr(page, "compute", fails)
    page.area.value = "b"
    shown = words(page)
    assert page.answer.value == good
    assert "Laskenta ei onnistunut" in page.trouble.value
    assert SECRET not in shown
    assert "Traceback" not in shown
    assert __file__ not in shown
    code = page.trouble.value.partition("virhe ")[2][:6]
    assert code.startswith("H-")
    assert code in log.read_text(encoding="utf-8")
    assert SECRET in log.read_text(encoding="utf-8")


def test_an_error_in_a_control_is_kept_inside(page, log):
    page.open("alue=a")
    page.observe(page.area, lambda _: 1 / 0)
    page.area.value = "b"
    assert "virhe H-" in words(page)
    assert "ZeroDivisionError" not in words(page)


def test_forged_values_never_reach_the_state(page):
    page.open("alue=a")
    with pytest.raises(Exception, match="index"):
        page.area.set_state({"index": 10_000})
    page.area.set_state({"_options_labels": ["x"]})
    assert page.state.area in ("a", "b", "c")
    page.state.area = "../../etc/passwd"
    assert page.state.area == "a"
    assert "passwd" not in words(page)


def test_several_changes_become_one_update(own, log):
    async def run():
        page = MissaMennaan("fi", own)
        page.parts = ("answer",)
        page.root.children = page.build()
        page.state.observe(page._changed)
        page.open("alue=a")
        counted = []
        compute = page.compute
        page.compute = lambda part, selection: counted.append(selection.area) or compute(part, selection)
        for area in ("b", "c", "b", "c"):
            page.state.area = area
        await asyncio.sleep(0.3)
        return counted

    assert asyncio.run(run()) == ["c"]


def test_a_release_that_cannot_be_trusted_gets_a_page_that_says_so(tmp_path, log, capsys):
    page = MissaMennaan("sv", Library([tmp_path / "nothing"]))
    page.show()
    assert "Datamaterialet kan inte visas" in words(page)
    assert str(tmp_path) not in words(page)
    assert "nothing" in log.read_text(encoding="utf-8")


def test_an_unapproved_release_of_real_data_says_so(page, own):
    page.open("alue=a")
    assert "ei ole vielä hyväksytty" in page.banner.value


@pytest.mark.parametrize("name", notebooks(places.dashboards()))
def test_a_notebook_has_one_cell_and_no_output(name):
    book = json.loads((places.dashboards() / f"{name}.ipynb").read_text(encoding="utf-8"))
    assert len(book["cells"]) == 1
    assert not book["cells"][0]["outputs"]
    assert f'lang="{name.partition(".")[2]}"' in "".join(book["cells"][0]["source"])
    assert book["metadata"]["title"] == frame(*name.split("."), served=[name])["title"]


def test_files_of_the_dashboards_are_short():
    package = Path(guard.__file__).parent
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in package.rglob("*.py")}
    assert all(length <= 300 for length in lengths.values()), lengths


def test_the_page_needs_no_value_of_a_widget_that_it_does_not_show():
    assert Selection() == MissaMennaan("fi", Library([])).state.selection()
    assert isinstance(MissaMennaan("en", Library([])).root, widgets.VBox)
