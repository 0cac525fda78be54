"""Every panel of page A on releases as people have them: it draws, or says in a sentence what the data lack."""

from dataclasses import replace

import pytest
from matplotlib.text import Text
from reading.worlds import WORLDS

from hyteanalysis.apps.kit.cards import Panel
from hyteanalysis.apps.kit.library import Library
from hyteanalysis.apps.where import views
from hyteanalysis.apps.where.choice import Selection
from hyteanalysis.apps.where.page import MissaMennaan


@pytest.fixture(scope="module", params=list(WORLDS))
def library(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    WORLDS[request.param](folder).save(folder / "release")
    return Library([folder / "release"], unapproved=True)


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


@pytest.mark.parametrize("lang", ["fi", "en"])
def test_each_panel_draws_or_says_what_the_data_lack(library, lang):
    answer, parts = shown(library, lang)
    assert answer is not None
    for part, view in parts.items():
        if isinstance(view, Panel):
            assert view.figure is not None or any(view.sentences), part


def test_a_figure_names_every_group_that_its_title_and_alternative_text_name(library):
    """Groups that words name are drawn by name; those left out are counted in the picture."""
    answer, parts = shown(library, "en")
    if answer.finding is None or answer.finding.difference is None:
        pytest.skip("no gap is told")
    names, dimension = answer.finding.names, answer.finding.dimension
    for part in ("gap", "trend"):
        bundle = parts[part].figure
        if bundle is None:
            continue
        drawn = " ".join(one.get_text().replace("\n", " ") for one in bundle.fig.findobj(Text))
        ends = [names.group(dimension, group, "en") for group in answer.finding.difference.between]
        for name in ends:
            if name in bundle.title:
                assert any(piece in drawn for piece in (name, name.split()[0])), (part, name)
