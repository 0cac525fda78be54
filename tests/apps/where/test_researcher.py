"""The researcher's view tells what the gap consists of, from the release's own cells."""

import re

import pytest

from hyteanalysis.apps.where import views
from hyteanalysis.findings import finding
from hyteanalysis.i18n import LANGS, text


def found(release, area="HVA10", dimension="education", period=None):
    return finding(release, indicator="example-loneliness", area=area, dimension=dimension, period=period)


@pytest.fixture(scope="module")
def release(example):
    return example.indicator(example.ids[0], "example-loneliness")


def test_every_kind_that_the_cells_allow_is_drawn(release):
    shown = list(views.background_figures(release, found(release), "fi"))
    assert len(shown) == 5
    assert {bundle.release for bundle in shown} == {release.id}
    assert all(0 < len(bundle.alt) <= 250 for bundle in shown)


def test_without_crossed_cells_the_areas_are_left(release):
    shown = list(views.background_figures(release, found(release, dimension="income"), "fi"))
    assert len(shown) == 2
    early = list(views.background_figures(release, found(release, period="2016"), "fi"))
    assert len(early) == 2


@pytest.mark.parametrize("lang", LANGS[:1])
def test_each_figure_has_alternative_and_table(release, lang):
    page = views._background(release, found(release), lang)
    assert page.startswith(f'<h2 id="taustat">{text("app.background.title", lang)}')
    assert len(re.findall(r'<img [^>]*alt="[^"]{20,}"', page)) == page.count("<table") == 5
