"""Every state that numbers can be in is said on page A in words of each language, and known to its figure."""

import pytest
from released import COUNTRY, INDICATORS, YEARS, cell, education, made, total

from hyteanalysis.apps import MissaMennaan
from hyteanalysis.apps.kit import html
from hyteanalysis.apps.kit.library import Library
from hyteanalysis.apps.where import views
from hyteanalysis.apps.where.choice import Selection

NEW = YEARS[-1]
LEVELS = (30.0, 20.0, 10.0)
STATUSES = {  # of the three groups of an area
    "HVA01": ("ok", "ok", "suppressed"),
    "HVA02": ("ok", "ok", "missing"),
    "HVA03": ("ok", "ok", "uncertain"),
    "HVA04": ("ok", "suppressed", "suppressed"),
}


@pytest.fixture(scope="module")
def states(tmp_path_factory):
    """A release with an area or an indicator for each state."""
    rows = [cell("smoking", COUNTRY, NEW, "branch", f"b{i}", 10.0 + i) for i in range(9)]
    rows += education("smoking", COUNTRY, NEW, LEVELS)
    for area, statuses in STATUSES.items():
        rows += education("smoking", area, NEW, LEVELS, statuses=statuses)
    rows += education("smoking", "HVA05", NEW, LEVELS[::-1])
    rows += education("voting", "HVA01", NEW, LEVELS) + education("voting", "HVA01", YEARS[-6], LEVELS)
    rows += education("hospital", "HVA01", "2013", (300.0, 200.0, 100.0))
    rows += [total("smoking", area, NEW, 20.0) for area in (COUNTRY, *STATUSES, "HVA05", "HVA06")]
    changed = INDICATORS.assign(break_year=[None, float(NEW), None, None])
    folder = tmp_path_factory.mktemp("states") / "states"
    made(rows, indicators=changed).save(folder)
    return Library([folder], unapproved=True)


CASES = {
    "suppressed": (
        {"area": "HVA01"},
        ("Peitetty ei tarkoita nollaa", "Dold betyder inte noll", "Suppressed does not mean zero"),
    ),
    "missing": ({"area": "HVA02"}, ("Tieto puuttuu", "Uppgift saknas", "No data")),
    "uncertain": ({"area": "HVA03"}, ("suuntaa antava", "riktgivande", "indicative")),
    "reversed": ({"area": "HVA05"}, ("käänteinen", "omvänd", "reversed")),
    "fallback": ({"area": "HVA06"}, ("KOKO MAAN TIETO", "UPPGIFT FÖR HELA LANDET", "WHOLE-COUNTRY FIGURE")),
    "many_groups": ({"area": COUNTRY, "dimension": "branch"}, ("taulukossa kaikki", "alla", "all")),
    "not_comparable": (
        {"area": "HVA01", "indicator": "voting"},
        ("ei voi verrata", "går inte att jämföra", "cannot be compared"),
    ),
    "old": ({"area": "HVA01", "indicator": "hospital"}, ("Uusin tieto", "De nyaste uppgifterna", "The newest data")),
}


def box(states, lang, **asked):
    """The finding and the words of the answer box."""
    taken, _ = Selection(**{"indicator": "smoking", "compare": (), **asked}).settled(states)
    said = views.compute("answer", taken, states, lang)
    return taken, said.finding, said.html(lang)


@pytest.mark.parametrize("state", [state for state in CASES if state != "many_groups"])
def test_a_state_is_said_in_every_language_and_known_to_the_figure(states, state):
    asked, said = CASES[state]
    for lang, words in zip(("fi", "sv", "en"), said, strict=True):
        taken, found, shown = box(states, lang, **asked)
        assert state in found.states
        assert words.lower() in shown.lower()
    if state != "fallback":  # the figure shows the wider area as such
        assert state in views.compute("gap", taken, states, "en", found).figure.states


def test_many_groups_are_all_drawn_and_all_stand_in_the_table(states):
    asked, _ = CASES["many_groups"]
    for lang in ("fi", "sv", "en"):
        taken, found, _ = box(states, lang, **asked)
        figure = views.compute("gap", taken, states, lang, found).figure
        assert {value for value in figure.plotted if value == round(value)} >= {10.0 + i for i in range(9)}
        assert all(f">b{i}<" in html.figure(figure, anchor="ero") for i in range(9))


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_hidden_missing_and_uncertain_have_different_words_and_a_second_hidden_number_says_why(states, lang):
    place = ("fi", "sv", "en").index(lang)
    words = {state: CASES[state][1][place].lower() for state in ("suppressed", "missing", "uncertain")}
    for state in words:
        shown = box(states, lang, **CASES[state][0])[2].lower()
        assert [other for other in words if words[other] in shown] == [state]
    why = ("jotta toista", "för att en annan", "so that another")[place]
    assert why in box(states, lang, area="HVA04")[2]
    assert why not in box(states, lang, area="HVA01")[2]


def test_releases_can_be_exchanged(states, own_folder, tmp_path):
    made(education("smoking", COUNTRY, NEW, LEVELS)).save(tmp_path / "second")
    page = MissaMennaan("fi", Library([own_folder, tmp_path / "second"], unapproved=True))
    page.parts = ("answer",)
    page.start()
    page.open("")
    before = page.answer.value
    page.surround.release.index = 1
    assert "second" in page.surround.banner.value
    assert page.answer.value != before
    assert f"aineisto={page.state.release}" in page.surround.link.value
