"""Releases as people have them, each made and opened once for all that is read of it."""

import pytest
from reading.recipes import REAL
from reading.worlds import COMMITTED, WORLDS

from hyteanalysis.apps.kit.library import Library

_OPENED = {}


@pytest.fixture
def opened(shared, tmp_path_factory, monkeypatch):
    """The library of one release by its name; a real file that is not there is skipped."""

    def open_(name):
        if name not in _OPENED:
            folder = tmp_path_factory.mktemp("world")
            if name in COMMITTED:
                return _OPENED.setdefault(name, Library([COMMITTED[name]], unapproved=True))
            if name in REAL:
                with monkeypatch.context() as there:
                    there.chdir(folder)
                    made = REAL[name](shared)
            else:
                made = WORLDS[name](folder)
            made.save(folder / "release")
            _OPENED[name] = Library([folder / "release"], unapproved=True)
        return _OPENED[name]

    return open_
