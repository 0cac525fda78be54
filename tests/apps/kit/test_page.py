"""The page without a browser: error boundary, cache, state, notebooks, and nothing of an error reaches the viewer."""

import asyncio
from pathlib import Path

import ipywidgets as widgets
import pytest

from hyteanalysis.apps import MissaMennaan
from hyteanalysis.apps.kit import kernel
from hyteanalysis.apps.kit import page as pages
from hyteanalysis.apps.kit.library import Library
from hyteanalysis.apps.where.choice import Selection

SECRET = "010190-123A"


@pytest.fixture
def log(tmp_path, monkeypatch):
    path = tmp_path / "errors.log"
    logger = kernel.logging.getLogger(kernel.LOG)
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    monkeypatch.setenv("HYTE_LOG", str(path))
    kernel.log_file()
    yield path
    for handler in list(logger.handlers):
        handler.close()
        logger.removeHandler(handler)


@pytest.fixture
def page(own, log):
    page = MissaMennaan("fi", own)
    page.parts = ("answer", "topics", "regions", "quality")
    page.start()
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
    assert "alue=c" in page.surround.link.value


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


def test_only_the_newest_results_are_kept(page, monkeypatch):
    monkeypatch.setattr(pages, "REMEMBERED", 2 * len(page.parts))
    page.open("alue=a&ind=wide")
    counted = []
    compute = page.compute
    monkeypatch.setattr(page, "compute", lambda part, selection: counted.append(part) or compute(part, selection))
    page.area.value = "b"
    page.area.value = "c"
    assert page.memory.count("result") == 2 * len(page.parts)
    del counted[:]
    page.area.value = "b"
    assert not counted
    page.area.value = "a"
    assert "answer" in counted


def test_an_error_becomes_a_code_and_the_last_good_result_stays(page, log, monkeypatch):
    page.open("alue=a&ind=wide")
    good = page.answer.value

    def fails(part, selection):
        raise RuntimeError(f"{SECRET} {Path(__file__)}")

    monkeypatch.setattr(page, "compute", fails)
    page.area.value = "b"
    shown = words(page)
    assert page.answer.value == good
    said = page.surround.trouble.said.value
    assert "Laskenta ei onnistunut" in said
    assert "edellinen tulos" in said
    assert SECRET not in shown
    assert "Traceback" not in shown
    assert __file__ not in shown
    code = said.partition("virhe ")[2][:6]
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
        page.start()
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
    assert "ei ole vielä hyväksytty" in page.surround.banner.value


def test_the_page_needs_no_value_of_a_widget_that_it_does_not_show():
    assert Selection() == MissaMennaan("fi", Library([])).state.selection()
    assert isinstance(MissaMennaan("en", Library([])).root, widgets.VBox)


def test_trying_again_after_an_error_gives_the_answer_and_takes_the_words_away(page, monkeypatch):
    page.open("alue=a&ind=wide")
    compute = page.compute

    def fails(part, selection):
        raise RuntimeError(SECRET)

    monkeypatch.setattr(page, "compute", fails)
    page.area.value = "b"
    assert "virhe H-" in words(page)
    monkeypatch.setattr(page, "compute", compute)
    page.surround.trouble.again.click()
    assert "virhe H-" not in words(page)
    assert "Keski" in page.answer.value


def test_a_figure_that_fails_keeps_the_earlier_one_and_calls_it_so(own, log, monkeypatch):
    page = MissaMennaan("sv", own)
    page.parts = ("answer", "gap")
    page.start()
    page.open("alue=a&ind=wide")
    good = page.panels["gap"].body.value
    assert "<img" in good
    compute = page.compute

    def fails(part, selection):
        if part == "gap":
            raise RuntimeError(SECRET)
        return compute(part, selection)

    monkeypatch.setattr(page, "compute", fails)
    page.area.value = "b"
    assert page.panels["gap"].body.value == good
    assert "Det tidigare resultatet visas" in page.panels["gap"].trouble.said.value
    assert not page.surround.trouble.said.value


def test_an_unapproved_release_of_real_data_gets_a_page_that_says_so(own_folder, log):
    page = MissaMennaan("fi", Library([own_folder]))
    page.show()
    assert "kukaan ei ole vielä hyväksynyt" in words(page)
    assert "Itä" not in words(page)
