"""Actions on file, estimates made once by choice, and page B without the parts that take long."""

import pytest

from hyteanalysis.apps import KetaAuttaaEniten
from hyteanalysis.apps.benefit.choice import Choice, Setting
from hyteanalysis.apps.benefit.numbers import numbers
from hyteanalysis.apps.kit.library import ActionLibrary

ACTION = """\
id: quit
name: {fi: "<b>Ohjaus</b>", sv: Rökavvänjning, en: Support}
outcome: wide
dimension: education
effect: {scale: rr, value: 0.80, lower: 0.70, upper: 0.92}
reach: {value: 0.30, lower: 0.2, upper: 0.4, by_group: {low: 0.20, high: 0.40}}
cost: {per_person: {value: 100, lower: 80, upper: 130}}
"""


@pytest.fixture(scope="session")
def actions(tmp_path_factory):
    """One action that the own release can answer for, four that it cannot, one that is no action."""
    folder = tmp_path_factory.mktemp("actions")
    other = ACTION.replace("outcome: wide", "outcome: elsewhere").replace("id: quit", "id: other")
    free = ACTION.replace("{value: 100, lower: 80, upper: 130}", "0").replace("id: quit", "id: free")
    stray = ACTION.replace("high: 0.40", "doctoral: 0.40").replace("id: quit", "id: stray")
    abroad = ACTION.replace("by_group: {low: 0.20, high: 0.40}", "by_area: {KU999: 0.4}").replace("quit", "abroad")
    texts = {"quit": ACTION, "other": other, "free": free, "stray": stray, "abroad": abroad, "broken": "id: [1"}
    for name, text in texts.items():
        (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    return ActionLibrary(sorted(folder.glob("*.yml")))


@pytest.fixture(scope="session")
def found(own, actions):
    """Estimates by choice, each made once."""
    made = {}

    def find(choice=Choice(area="a")):  # noqa: B008
        settled, _ = choice.settled(own, actions)
        if settled not in made:
            made[settled] = numbers(Setting.of(settled, own, actions), settled)
        return made[settled]

    return find


@pytest.fixture
def page(own, actions):
    page = KetaAuttaaEniten("fi", own, actions)
    page.parts = ("answer", "rankings", "cards", "values", "assumptions")
    page.start()
    return page
