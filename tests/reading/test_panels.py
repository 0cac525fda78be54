"""Every panel of pages A and B on releases as people have them: it draws, or says in a sentence what the data lack."""

import itertools
from dataclasses import replace

import pytest
from reading.recipes import REAL
from reading.worlds import WORLDS

from hyteanalysis.apps.benefit.choice import Choice
from hyteanalysis.apps.benefit.page import KetaAuttaaEniten
from hyteanalysis.apps.kit.cards import Panel
from hyteanalysis.apps.kit.library import ActionLibrary
from hyteanalysis.apps.where import views
from hyteanalysis.apps.where.choice import Selection
from hyteanalysis.apps.where.page import MissaMennaan

NAMES = [*WORLDS, *REAL, "real"]


@pytest.fixture(params=NAMES)
def library(request, opened):
    return opened(request.param)


def shown(library, lang):
    """The first view of the page, part by part, with the answer's finding."""
    selection, _ = Selection().settled(library)
    areas = library.release(selection.release).cells["area"]
    selection, _ = replace(selection, area=selection.area or areas.iloc[0], researcher=True).settled(library)
    answer = views.compute("answer", selection, library, lang)
    parts = {}
    for part in MissaMennaan.parts:
        if part != "answer":
            parts[part] = views.compute(part, selection, library, lang, answer.finding)
    return answer, parts


@pytest.mark.parametrize(("name", "lang"), list(zip(NAMES, itertools.cycle(["fi", "en"]))))
def test_each_panel_draws_or_says_what_the_data_lack(name, opened, lang):
    library = opened(name)
    answer, parts = shown(library, lang)
    assert answer is not None
    for part, view in parts.items():
        if isinstance(view, Panel):
            assert view.figure is not None or any(view.sentences), part


ACTION = """\
id: act
name: {{fi: Toimi, sv: Åtgärd, en: Action}}
outcome: {outcome}
dimension: {dimension}
effect: {{scale: rr, value: 0.80, lower: 0.70, upper: 0.92}}
reach: {{value: 0.30, lower: 0.2, upper: 0.4}}
cost: {{per_person: {{value: 100, lower: 80, upper: 130}}}}
"""


def test_each_panel_of_page_b_draws_or_the_page_says_that_it_cannot(library, tmp_path):
    cells = library.release(library.ids[0]).cells
    outcome = cells["indicator"].iloc[0]
    groupings = [*cells.loc[(cells["indicator"] == outcome) & (cells["dimension"] != "total"), "dimension"], "sex"]
    (tmp_path / "act.yml").write_text(ACTION.format(outcome=outcome, dimension=groupings[0]), encoding="utf-8")
    page = KetaAuttaaEniten("en", library, ActionLibrary([tmp_path / "act.yml"]))
    choice, _ = Choice(area=cells["area"].iloc[0]).settled(library, page.actions)
    views_ = {part: page.result(part, choice) for part in page.parts}
    if page.result("setting", choice) is None:
        assert set(views_.values()) == {None}
        return
    for part, view in views_.items():
        drawn = view.figure is not None or all(view.sentences) if isinstance(view, Panel) else bool(view)
        assert drawn, part
