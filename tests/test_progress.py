"""Long work shows how far it is where somebody waits, and nothing in a file, a log or a test."""

import sys
from types import SimpleNamespace

import displayed
import pandas as pd
import pytest
from reported import plan as reported_plan
from reported import release as reported_release

import hyteanalysis as hyte
from hyteanalysis import actions, progress, reports
from hyteanalysis.progress import WHOLE, told
from hyteanalysis.sources import example


def aggregated(folder, **options):
    people = pd.DataFrame(
        {"area": ["KU285"] * 4, "period": "2024", "sex": ["women", "men"] * 2, "smokes": [0, 1, 0, 0]}
    )
    hyte.aggregate(people, by=["sex"], outcomes={"smoking": "smokes"}, **options)


def released(folder, **options):
    cells = displayed.practice_release().cells.query("area == 'west'")
    cells = pd.concat([cells, cells.assign(area="east", events=2.0, estimate=0.2, lower=0.1, upper=0.3)])
    hyte.release(cells, policy=hyte.Policy(), **options)


LONG = {
    "protecting": released,
    "auditing": lambda folder, **options: hyte.disclosure.audit(displayed.practice_release(progress=False), **options),
    "aggregating": aggregated,
    "describing": lambda folder, **options: actions.report_frames(displayed.impact(), **options),
    "report": lambda folder, **options: reports.write(
        reported_plan(), reported_release(), folder / "brief.html", kind="brief", **options
    ),
}


@pytest.fixture
def waited(monkeypatch):
    """Somebody waits at a terminal, without patience."""
    monkeypatch.setattr(progress, "watched", lambda: True)
    monkeypatch.setattr(progress, "PATIENCE", 0.0)


@pytest.mark.parametrize("what", LONG)
def test_long_work_shows_how_far_it_is_where_somebody_waits(what, waited, tmp_path, capsys):
    LONG[what](tmp_path)
    said = capsys.readouterr().err
    assert f"{what}:" in said
    assert "100%" in said


@pytest.mark.parametrize("what", ["auditing", "aggregating", "describing"])
def test_a_bar_can_be_refused_and_asked_for(what, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(progress, "watched", lambda: True)
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    LONG[what](tmp_path, progress=False)
    assert what not in capsys.readouterr().err
    monkeypatch.setattr(progress, "watched", lambda: False)
    LONG[what](tmp_path, progress=True)
    assert f"{what}:" in capsys.readouterr().err
    LONG[what](tmp_path)
    assert capsys.readouterr().err == ""


def test_the_example_population_is_written_under_a_bar(waited, tmp_path, capsys):
    example.people(tmp_path, people=200)
    assert "writing: 100%" in capsys.readouterr().err


def test_quick_work_shows_none(monkeypatch, capsys):
    monkeypatch.setattr(progress, "watched", lambda: True)
    assert list(progress.bar([1, 2], what="quick", unit="piece")) == [1, 2]
    assert capsys.readouterr().err == ""


def test_nobody_waits_at_a_file_and_somebody_at_a_terminal(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(isatty=lambda: False))
    assert not progress.watched()
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(isatty=lambda: True))
    assert progress.watched()


def test_a_notebook_gets_its_own_bar(monkeypatch, capsys):
    kernel = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: kernel))
    assert progress.in_notebook()
    assert progress.watched()
    monkeypatch.delitem(sys.modules, "IPython")
    assert not progress.in_notebook()
    monkeypatch.setattr(progress, "in_notebook", lambda: True)
    line = progress.bar(total=3, what="working", unit="piece", display=False)
    line.update(3)
    line.close()
    assert type(line).__module__ == "tqdm.notebook"
    assert line.container.children[1].value == 3
    assert "working" in line.container.children[0].value


def test_a_reports_own_listener_hears_instead_of_a_bar(capsys):
    def listen(done, total, words):
        return None

    with told(listen) as tell:
        assert tell is listen
    with told(True) as tell:
        tell(WHOLE // 2, WHOLE, "half")
        tell(WHOLE, WHOLE, "the whole")
    assert "100%" in (said := capsys.readouterr().err)
    assert said.endswith("the whole\n")
    with told(False) as tell:
        tell(WHOLE, WHOLE, "whole")
    assert capsys.readouterr().err == ""
