"""An approval is of one content and says who gave it; figures take only a release."""

import pandas as pd
import pytest
from commands import run
from small_world import changed

import hyteanalysis as hyte
from hyteanalysis.disclosure import Release, approve, only_release
from hyteanalysis.errors import DisclosureError


def test_an_approval_says_who_when_and_of_what(folder):
    assert not Release.open(folder).approved
    assert Release.open(folder).approval is None
    before = Release.open(folder).id
    given = approve(folder, " Anna Officer ")
    opened = Release.open(folder)
    assert opened.approved
    assert opened.approval == given
    assert given["name"] == "Anna Officer"
    assert given["hash"] == opened.manifest["seal"]
    assert pd.Timestamp(given["when"]).tz is not None
    assert opened.id == before


def test_an_approval_of_other_content_counts_for_nothing(made, folder):
    given = approve(folder, "Anna Officer")
    changed(folder, source="another source", approval=given)
    assert not Release.open(folder).approved
    made[2].save(folder)
    assert not Release.open(folder).approved
    for name in ("", "  ", None):
        with pytest.raises(DisclosureError, match="needs the name"):
            approve(folder, name)


def test_the_command_approves_a_release_that_is_there(folder):
    assert run("release", folder, "--approve", "Anna Officer").returncode == 0
    assert Release.open(folder).approval["name"] == "Anna Officer"
    assert run("release", folder).returncode == 2


def test_figures_take_only_a_release(made):
    assert only_release(made[2]) is made[2]
    levels = [kind for kind in hyte.figures.REGISTRY.values() if kind.of == "release" and "dimension" in kind.takes]
    for kind in levels:
        with pytest.raises(DisclosureError, match=r"only a Release, not a DataFrame; make one with hyte.release"):
            kind.draw(made[0], **kind.only({"indicator": "n", "dimension": "language"}))
