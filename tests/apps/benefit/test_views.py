"""What page B says: whom, how many, how sure, on which assumptions; and that it foretells nothing."""

import re
from dataclasses import replace
from urllib.parse import parse_qs

import numpy as np
import pytest

from hyteanalysis import i18n
from hyteanalysis.apps.benefit import views
from hyteanalysis.apps.benefit.choice import Choice
from hyteanalysis.i18n import LANGS

FORETOLD = re.compile(r"ennust|prognos|förutsäg|förutspå|predict|forecast", re.IGNORECASE)


def words(html):
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", html))


@pytest.mark.parametrize("lang", LANGS)
def test_the_answer_says_who_how_many_what_of_the_gap_and_that_it_is_an_estimate(found, lang):
    numbers = found()
    view = views.compute("answer", numbers, Choice(), lang)
    first = numbers.rankings["total"].iloc[0]
    group = numbers.impact.baseline.names.group("education", first["group"], lang)
    assert group in view.sentences[0]
    assert re.search(r"\d+.*\(.*–.*\)", view.sentences[0])
    option = i18n.text(f"figure.scenario.{numbers.narrowest}", lang)
    assert any(option in one for one in view.sentences)
    assert view.sentences[-1] == i18n.text("action.assumed.estimate", lang)
    shown = view.html(lang)
    assert "<b>Ohjaus" not in shown
    assert not FORETOLD.search(words(shown))


@pytest.mark.parametrize("lang", LANGS)
def test_no_text_of_the_page_foretells(lang):
    texts = {key: said for key, said in i18n.keys(lang).items() if key.startswith("app.benefit.")}
    assert len(texts) > 70
    assert not {key: said for key, said in texts.items() if FORETOLD.search(said)}


def test_no_way_is_called_best_for_the_gap_unless_the_draws_are_sure(found):
    sure, unsure = found(), found(Choice(area="a", effect="0"))
    ways = sure.ways.set_index("option")
    assert ways.loc[sure.narrowest, "verdict"] == "narrows"
    assert ways["gap_change"].drop(["optimal", "today"]).idxmin() == sure.narrowest
    assert unsure.narrowest is None
    assert i18n.text("app.benefit.no_order", "fi") in views.of_the_gap(unsure, "fi")
    assert "kaventaa eroa eniten" not in views.compute("cards", unsure, Choice(), "fi")


def test_three_cards_in_one_order_lead_to_the_plan(found):
    numbers = found()
    shown = views.compute("cards", numbers, Choice(), "fi", plan=True)
    names = [i18n.text(f"figure.scenario.{one}", "fi") for one in (*views.FIRST, *views.MORE)]
    places = [shown.index(f"<h3>{name}</h3>") for name in names]
    assert places == sorted(places)
    links = re.findall(r'href="hyvinvointisuunnitelma\.fi\.ipynb\?([^"]+)"', shown)
    assert len(links) == 3
    asked = [parse_qs(link.replace("&amp;", "&")) for link in links]
    assert [one["muoto"] for one in asked] == [["universal"], ["targeted"], ["proportionate"]]
    assert asked[1]["kohde"] == ["low"]
    for one in asked:
        assert (one["toimi"], one["alue"], one["ind"], one["ryhma"]) == (["quit"], ["a"], ["wide"], ["education"])
        row = numbers.ways.set_index("option").loc[one["muoto"][0]]
        people = 1000 if "kohde" in one else 3000
        assert float(one["tavoittavuus"][0]) == pytest.approx(row["reached"] / people, rel=1e-3)
    assert "hyvinvointisuunnitelma" not in views.compute("cards", numbers, Choice(), "fi")


def test_all_ways_cost_the_budget(found):
    numbers = found(Choice(area="a", budget="40000"))
    assert numbers.budget == 40_000
    np.testing.assert_allclose(numbers.ways["cost"], 40_000)


@pytest.mark.parametrize("lang", LANGS)
def test_four_rankings_stand_side_by_side_with_their_chances(found, lang):
    numbers = found()
    shown = views.compute("rankings", numbers, Choice(), lang)
    assert shown.count('<section class="hyte-way">') == 4
    assert list(numbers.rankings) == ["per_reached", "total", "per_euro", "equity_weighted"]
    for frame in numbers.rankings.values():
        assert frame["p_best"].sum() == pytest.approx(1)
        assert i18n.percent(100 * frame["p_best"].iloc[0], lang, decimals=0) in shown


def test_the_switch_value_is_said_for_both_pairs(found):
    said = views.switches(found(), "fi")
    assert len(said) == 2
    assert all(re.search("on parempi|yhtä hyviä", one) for one in said)
    # where the fairer way helps fewer, it is a matter of values, and the sentence tells how much
    tilted = views.switches(found(Choice(area="a", reach=("low:1",), budget="150000", price="100")), "sv")
    assert len(tilted) == 2


def test_own_numbers_are_marked_and_nothing_else(found):
    choice = Choice(area="a", effect="20", reach=("low:35",), budget="40000")
    numbers = found(choice)
    rows = views.assumed(numbers, replace(choice, action="quit"), "fi")
    own = {(row.input, row.group) for row in rows if row.own}
    assert own == {
        ("vaikutuksen suuruus", "kaikki"), ("tavoittavuus", "matala koulutus"), ("Käytettävä raha", "kaikki"),
    }  # fmt: skip
    shown = views.compute("assumptions", numbers, choice, "fi", left_out="2 toimea ei voi valita")
    assert shown.count("OMA LUKU") == 3
    assert "2 toimea ei voi valita" in shown
    assert "Oma kysely &lt;b&gt;2024" in shown
    plain = views.compute("assumptions", found(), Choice(area="a"), "fi")
    assert "OMA LUKU" not in plain
    assert "oletus" in plain


def test_figures_tell_the_assumptions_once_and_files_keep_them(found):
    numbers = found()
    for part in views.FIGURES:
        shown = views.compute(part, numbers, Choice(area="a"), "fi")
        assert len(shown.figure.notes) < len(shown.printed().notes)
        assert shown.figure.notes[0] == "Laskelma on oletuksiin perustuva arvio."
    narrow = views.compute("bars", numbers, Choice(area="a", phone=True, per="1000"), "fi")
    assert narrow.figure.fig.get_figwidth() < narrow.printed().fig.get_figwidth()
    assert "1 000" in narrow.figure.subtitle.replace("\xa0", " ")


@pytest.mark.parametrize("lang", LANGS)
def test_groups_equally_likely_to_be_first_are_all_named(found, lang):
    numbers = found()
    even = {"low": 0.5, "high": 0.5}
    label = {group: numbers.impact.baseline.names.group("education", group, lang) for group in numbers.setting.groups}

    def told(**chances):
        frames = {
            criterion: frame.assign(p_best=frame["group"].map(chances.get(criterion, even)).fillna(0))
            for criterion, frame in numbers.rankings.items()
        }
        return words(views.compute("rankings", replace(numbers, rankings=frames), Choice(), lang))

    stem = i18n.text("app.benefit.agree_tied", lang, groups="").rstrip(".")
    groups = told().partition(stem)[2].partition(".")[0].split("; ")
    assert sorted(groups) == sorted([label["low"], label["high"]])
    by = i18n.text("app.benefit.by.per_euro", lang)
    assert f"{by}: {label['mid']}" in told(per_euro={"mid": 0.9, "low": 0.1})
