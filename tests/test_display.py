"""Results in a notebook: heading, sentences, facts and tables in the session's language, numbers right, all escaped."""

import re
from functools import cache
from html.parser import HTMLParser

import displayed
import numpy as np
import pandas as pd
import pytest
from displayed import HOSTILE
from made_actions import make_action

import hyteanalysis as hyte
from hyteanalysis.actions.allocation import _sentences
from hyteanalysis.actions.budget import _comparison
from hyteanalysis.actions.evaluation import _effect_sentences
from hyteanalysis.display import ROWS, shown
from hyteanalysis.i18n import LANGS, integer, interval, number, percent, text

TAGS = {"section", "h4", "p", "table", "caption", "thead", "tbody", "tr", "th", "td"}

# result → key of its heading (None: an outside word), what it says, and cells of its table
KINDS = {
    "impact": (None, lambda o, lang: o.sentences(lang)),
    "action": (None, lambda o, lang: [f"{lang}{HOSTILE}"]),
    "allocation": ("display.allocation", lambda o, lang: o.sentences(lang)),
    "scenarios": (None, lambda o, lang: o.sentences(lang)),
    "switch": ("display.switch", lambda o, lang: [o.text(lang)]),
    "evaluation": ("display.evaluation", lambda o, lang: [*o.sentences(lang), *o.assumptions(lang)]),
    "finding": (None, lambda o, lang: o.sentences(lang)),
    "practice_release": (None, lambda o, lang: [text("display.synthetic", lang)]),
    "audit": ("display.audit", lambda o, lang: [text("display.audit.safe", lang)]),
    "failed_audit": ("display.audit", lambda o, lang: [text("display.audit.unsafe", lang, number="1")]),
    "fetched": ("display.fetched", lambda o, lang: [HOSTILE]),
    "partition": ("display.partition", lambda o, lang: [o.sentence(lang), *o.assumed(lang)]),
    "deprivation": ("display.deprivation", lambda o, lang: []),
    "moran": ("display.moran", lambda o, lang: [o.sentence(lang), *o.assumed(lang)]),
    "maihda": ("display.strata", lambda o, lang: [o.sentence(lang), *o.assumed(lang)]),
    "decomposition": ("display.decomposition", lambda o, lang: [o.sentence(lang), *o.assumed(lang)]),
    "survey": ("display.survey", lambda o, lang: [text("display.covariance", lang)]),
    "adjusted": ("display.adjusted", lambda o, lang: [text("display.covariance", lang)]),
    "small_areas": ("display.small_areas", lambda o, lang: []),
    "goal": (None, lambda o, lang: [HOSTILE]),
    "worksheet": ("plan.sheet.title", lambda o, lang: o.sections(lang)[1][2]),
    "whole_plan": (None, lambda o, lang: [text("display.synthetic", lang)]),
}
WITHOUT_OUTSIDE_WORDS = {"audit", "partition"}

# what a reader must find in the words or the table, reckoned by hand or known from elsewhere
NUMBERS = {
    "impact": lambda lang: [integer(350, lang), integer(352, lang), integer(1_400_000, lang), integer(14_000, lang)],
    "action": lambda lang: [number(0.8, lang, 3), number(0.03, lang, 4)],
    "allocation": lambda lang: [integer(900_000, lang), integer(360, lang), integer(8_330, lang), integer(352, lang)],
    "scenarios": lambda lang: [integer(400, lang), number(15, lang, 1), number(272.571, lang, 3)],
    "switch": lambda lang: [number(1.5, lang), number(1.09, lang, 2)],
    "evaluation": lambda lang: [
        *(number(0.8, lang, 2), interval(0.64, 1, lang, 2), percent(95, lang, 0)),
        *(number(0.9, lang, 3), f"= {number(0.448, lang, 3)}"),
    ],
    "finding": lambda lang: [percent(30, lang), interval(18.6, 21.4, lang), integer(1_000, lang)],
    "audit": lambda lang: ["4", "1"],
    "practice_release": lambda lang: [
        text("display.release.said", lang, cells="4", suppressed="1"),
        text("app.quality.rule_count", lang, number="5"),
        text("app.release.unapproved", lang),
    ],
    "failed_audit": lambda lang: ["7", "2", "told exactly"],
    "fetched": lambda lang: ["2024", "30", integer(1_000, lang)],
    "partition": lambda lang: [percent(3.1, lang), percent(96.6, lang), number(0.00349, lang, 5)],
    "deprivation": lambda lang: [percent(100, lang, 0), number(0.75, lang, 2), "town-19"],
    "moran": lambda lang: [f"I {number(0.97, lang, 2)}", integer(20, lang)],
    "maihda": lambda lang: [percent(45.7, lang), integer(24, lang)],
    "decomposition": lambda lang: [number(-0.05, lang, 3), number(0.05, lang, 3), number(-0.1, lang, 3)],
    "survey": lambda lang: ["30", "10", "400", number(24.013, lang, 3)],
    "adjusted": lambda lang: ["200", number(24.03, lang, 3)],
    "small_areas": lambda lang: [number(10.575, lang, 3), number(9.051, lang, 3)],
    "goal": lambda lang: [f"{number(16.7, lang)} ({interval(16.3, 17.1, lang)})", hyte.i18n.date("2029-12-31", lang)],
    "worksheet": lambda lang: [percent(30, lang), interval(18.6, 21.4, lang)],
    "whole_plan": lambda lang: ["2026–2029", "6"],
}


@pytest.fixture(autouse=True)
def back():
    yield
    hyte.set_language(None)


@cache
def made(kind):
    return getattr(displayed, kind)()


class Read(HTMLParser):
    """The words of a display by their tag; anything but its own few tags and attributes is refused."""

    def __init__(self, page):
        super().__init__()
        self.words, self.open, self.lang = {}, [], None
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS, tag
        assert {name for name, _ in attrs} <= {"lang", "scope"}, attrs
        self.lang = dict(attrs).get("lang", self.lang)
        self.open.append(tag)
        self.words.setdefault(tag, []).append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words[self.open[-1]][-1] += data


def displayed_in(kind, lang):
    hyte.set_language(lang)
    return Read(made(kind)._repr_html_())


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_result_tells_what_it_says_and_its_numbers_in_the_sessions_language(kind, lang):
    title, said = KINDS[kind]
    page = displayed_in(kind, lang)
    assert page.lang == lang
    if title is not None:
        assert page.words["h4"] == [text(title, lang)]
    assert set(said(made(kind), lang)) <= set(page.words["p"])
    everything = "\n".join(word for tag in ("h4", "p", "td") for word in page.words.get(tag, []))
    for expected in NUMBERS[kind](lang):
        assert re.search(rf"(?<!\d){re.escape(expected)}(?!\d)", everything), (expected, everything)


@pytest.mark.parametrize("kind", KINDS)
def test_no_sentence_is_the_same_in_two_languages(kind):
    said = {lang: displayed_in(kind, lang).words.get("p", []) for lang in LANGS}
    said = {lang: {one for one in words if any(c.isalpha() for c in one.replace(HOSTILE, ""))} for lang, words in
            said.items()}  # fmt: skip
    assert not said["fi"] & said["sv"]
    assert not said["sv"] & said["en"]
    assert not said["fi"] & said["en"]
    names = {lang: "".join(displayed_in(kind, lang).words.get("th", [])) for lang in LANGS}
    heads = {lang: displayed_in(kind, lang).words["h4"][0] for lang in LANGS}
    assert (names["fi"], heads["fi"]) != (names["en"], heads["en"]) or said["fi"]


@pytest.mark.parametrize("kind", sorted(set(KINDS) - WITHOUT_OUTSIDE_WORDS))
def test_outside_words_are_shown_as_words(kind):
    page = displayed_in(kind, "en")  # refuses a tag of theirs
    assert HOSTILE in "\n".join(word for words in page.words.values() for word in words)


def test_without_a_language_a_result_speaks_finnish():
    assert Read(made("impact")._repr_html_()).lang == "fi"


def test_a_plan_counts_its_parts():
    page = displayed_in("whole_plan", "sv")
    named = dict(zip(page.words["th"], page.words["td"], strict=True))
    assert named["Mål"] == str(len(made("whole_plan").goals))
    assert page.words["h4"] == [HOSTILE]


def test_a_release_without_thresholds_names_none():
    hyte.set_language("en")
    public = hyte.release(displayed.practice_release().cells, policy=hyte.Policy.from_profile("open"))
    page = Read(public._repr_html_())
    assert page.words["p"][0] == "Numbers: 4, of which 0 suppressed (disclosure control)."
    assert page.words["p"][1:] == [text("app.quality.rule_none", "en")]
    rounded = hyte.release(displayed.practice_release().cells.dropna(), policy=hyte.Policy(rounding=5))
    assert text("app.quality.rule_count", "en", number="5") not in Read(rounded._repr_html_()).words["p"]


def test_practice_data_are_called_so():
    action = make_action(outcome="lonely", dimension="sex")
    found = hyte.impact(displayed.practice_release(), action, areas="west", draws=200, seed=1)
    for one in (found, hyte.scenarios(found, budget=1_000, detail=True)):
        assert "Harjoitusaineisto: luvut eivät ole todellisia." in Read(one._repr_html_()).words["p"]
    assert "Harjoitusaineisto" not in made("impact")._repr_html_()


def test_an_audit_without_anything_to_guard_does_not_boast():
    keys = {"indicator": ["lonely"], "period": "2024", "dimension": "total", "group": "total", "population": 1000.0}
    cells = pd.DataFrame({**keys, "area": "west", "estimate": 20.0, "events": 200})
    hyte.set_language("en")
    found = hyte.disclosure.audit(hyte.release(cells, policy=hyte.Policy()))
    assert Read(found._repr_html_()).words["p"] == ["There is nothing to check: no number needed protection."]


def test_what_draws_cannot_tell_apart_is_not_called_better():
    said = made("scenarios").sentences("en")
    assert said[1] == said[3] == f"Not clearly different from it: {text('figure.scenario.optimal', 'en')}."
    frame, differences = made("scenarios").frame.copy(), made("scenarios").differences.assign(clear=True)
    sure = _comparison(frame, differences, ("first", "second"), "en")
    assert len(sure) == 3
    assert not any("Not clearly" in one for one in sure)
    reversed_ = frame.assign(absolute_gap=np.linspace(-0.02, 0.02, len(frame)))
    assert len(_comparison(reversed_, differences, ("first", "second"), "en")) == 2
    nobody = _comparison(frame.assign(averted=0.0), differences, ("first", "second"), "en")
    assert nobody[0] == text("action.answer.nobody", "en")


def test_areas_that_differ_by_chance_only_are_said_to():
    hyte.set_language("en")
    page = Read(displayed.small_areas(se=50.0)._repr_html_())
    assert page.words["p"] == [text("display.small_areas.alike", "en")]


def test_a_difference_of_risks_is_told_in_percentage_points_and_a_small_p_as_a_bound():
    said = _effect_sentences({"value": -0.05, "lower": -0.08, "upper": -0.02}, 0.0004, "rd", 0.999, "fi")
    assert said[0].startswith("Kaikille yhteinen vaikutus on −5,0 prosenttiyksikköä (riskien erotus; 99,9\xa0%:n")
    assert "−8,0\xa0–\xa0−2,0" in said[0]
    assert said[1] == "Vaikutus on ryhmissä selvästi erilainen (p < 0,001)."
    one = _effect_sentences({"value": 0.5, "lower": 0.4, "upper": 0.6}, float("nan"), "or", 0.95, "fi")
    assert len(one) == 1


def test_limits_that_hold_an_allocation_back_are_counted():
    binding = pd.DataFrame({"constraint": ["budget", "cap", "cap", "quota"]})
    said = _sentences(1_000.0, (5.0, 4.0, 6.0), 0.0, binding, "en")
    assert said[0] == "It costs 1,000 euros. By the estimate it helps about 5.0 people a year (4.0–6.0)."
    assert said[1] == "More money would help nobody more under these limits."
    assert said[2] == "The result is held back by: the budget; largest shares allowed (2); quota of an area (1)."


def test_a_table_counts_the_rows_it_does_not_show():
    hyte.set_language("en")
    values = np.r_[0.12345, np.nan, 0.000123456, 12345.678, 0.1 + 0.2 - 0.3 + 7, np.inf, np.arange(float(ROWS - 4))]
    frame = pd.DataFrame({"area<": ["KU091"] * (ROWS + 2), "value": values})
    page = Read(shown("Title", frame=frame))
    assert page.words["th"] == ["area<", "value"]
    assert page.words["td"][1:12:2] == ["0.123", "..", "0.000123", "12,345.7", "7", "∞"]
    assert page.words["td"].count("KU091") == ROWS
    assert page.words["p"] == ["… and 2 more rows"]
