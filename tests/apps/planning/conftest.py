"""The example plan, and page C started without the parts that take long."""

import pytest
from planned import PLAN, TODAY

from hyteanalysis import places
from hyteanalysis.apps.kit.library import ActionLibrary
from hyteanalysis.apps.planning.page import Hyvinvointisuunnitelma
from hyteanalysis.plan import Plan


@pytest.fixture(scope="module")
def actions():
    return ActionLibrary([places.committed("actions", "smoking-cessation.yml")])


@pytest.fixture(scope="module")
def plan():
    return Plan.read(PLAN)


@pytest.fixture
def page(example, actions, monkeypatch):
    """The page, started, without the parts that take long; an error of a part is the test's."""
    made = Hyvinvointisuunnitelma(lang="fi", library=example, actions=actions)
    made.parts = ("answer", "goals", "goal", "actions", "measures", "experience", "follow_up", "talk", "check")
    monkeypatch.setattr(made.forms, "today", lambda: TODAY)

    def fault(part, error):
        raise error

    monkeypatch.setattr(made, "fault", fault)
    made.start()
    made.open("")
    made.update_all()
    return made
