"""Page B without a browser: choices, own numbers, words, the page's flow, and refining beside it."""

import asyncio
import re
import time
from dataclasses import replace
from urllib.parse import parse_qs

import numpy as np
import pytest

from hyteanalysis import i18n
from hyteanalysis.actions import Action
from hyteanalysis.apps import KetaAuttaaEniten, refinement
from hyteanalysis.apps.benefit import answer, assumptions, panels, rankings, sharing
from hyteanalysis.apps.benefit.choice import Choice
from hyteanalysis.apps.benefit.numbers import QUICK, REFINED, numbers
from hyteanalysis.apps.benefit.own_numbers import for_dimension, reduction, with_own
from hyteanalysis.apps.benefit.setting import setting, settle
from hyteanalysis.apps.benefit.shelf import Shelf
from hyteanalysis.errors import PlanError
from hyteanalysis.i18n import LANGS

FORETOLD = re.compile(r"ennust|prognos|förutsäg|förutspå|predict|forecast", re.IGNORECASE)
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
def shelf(tmp_path_factory):
    """One action of the own release, one of another outcome, one without a price, one that is no action."""
    folder = tmp_path_factory.mktemp("actions")
    other = ACTION.replace("outcome: wide", "outcome: elsewhere").replace("id: quit", "id: other")
    free = ACTION.replace("{value: 100, lower: 80, upper: 130}", "0").replace("id: quit", "id: free")
    for name, text in {"quit": ACTION, "other": other, "free": free, "broken": "id: [1"}.items():
        (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    return Shelf(sorted(folder.glob("*.yml")))


@pytest.fixture(scope="session")
def found(own, shelf):
    """Estimates by choice, each made once."""
    made = {}

    def find(choice=Choice(area="a")):  # noqa: B008
        settled, _ = settle(choice, own, shelf)
        if settled not in made:
            made[settled] = numbers(setting(settled, own, shelf), settled)
        return made[settled]

    return find


@pytest.fixture
def page(own, shelf):
    page = KetaAuttaaEniten("fi", own, shelf)
    page.parts = ("answer", "rankings", "cards", "values", "assumptions")
    page.start()
    return page


def words(html):
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", html))


def test_an_address_is_a_choice_and_back():
    choice = Choice(action="a", area="KU285", effect="12.5", reach=("low:20", "high:5"), budget="90000", per="1000")
    assert Choice.from_query(choice.query()) == choice
    assert Choice(refined=True, phone=True).query() == ""
    assert Choice.from_query("?alue=").area is None


def test_every_value_is_from_this_sides_lists(own, shelf):
    asked = Choice.from_query(
        "?aineisto=../x&toimi=../../etc/passwd&alue=<script>&ryhma=__class__&vaikutus=120&yksikko=7&tulos=gap"
        "&tavoittavuus=low:20~high:101~nobody:5~mid:x&budjetti=-5&hinta=nan"
    )
    choice, changed = settle(asked, own, shelf)
    wanted = {"release", "action", "area", "dimension", "effect", "reach", "budget", "price", "per", "target"}
    assert set(changed) == wanted
    assert (choice.action, choice.dimension, choice.indicator) == ("quit", "education", "wide")
    assert choice.reach == ("low:20",)
    assert (choice.effect, choice.budget, choice.price, choice.per, choice.target) == ("", "", "", "", "")
    again, nothing = settle(choice, own, shelf)
    assert (again, nothing) == (choice, ())
    for lang in LANGS:
        for field in changed:
            assert i18n.text(f"app.changed.{field}", lang)


def test_percentages_take_a_comma_or_a_point(own, shelf):
    for said in ("12,5", "12.5"):
        choice, changed = settle(Choice(area="a", effect=said, reach=(f"low:{said}",)), own, shelf)
        assert (choice.effect, choice.reach, changed) == ("12.5", ("low:12.5",), ())


def test_the_indicator_of_page_a_picks_an_action_for_it(example):
    shelf = Shelf.from_environment()
    for outcome in ("example-smoking", "example-loneliness", "example-exercise"):
        choice, _ = settle(Choice(area="HVA10", indicator=outcome), example, shelf)
        assert shelf.actions[choice.action].outcome == outcome
    kept, _ = settle(Choice(area="HVA10", indicator="example-loneliness", action="smoking-cessation"), example, shelf)
    assert kept.indicator == "example-smoking"


def test_what_cannot_be_chosen_is_told_apart(own, shelf):
    assert shelf.usable(own.release(own.ids[0])) == ["quit"]
    assert list(shelf.faults) == ["broken.yml"]
    assert len(shelf.actions) == 3


def test_own_numbers_become_the_actions(own, shelf):
    choice, _ = settle(Choice(area="a", effect="20", reach=("low:35",), price="50"), own, shelf)
    footing = setting(choice, own, shelf)
    said = with_own(footing.action, choice, footing.reach)
    assert said.effect.value == pytest.approx(0.8)
    assert said.cost.per_person.value == 50
    assert said.cost.per_person.upper == pytest.approx(65)
    made = numbers(footing, choice).impact.by_group.set_index("group")["reach"]
    np.testing.assert_allclose(made.loc[["low", "mid", "high"]], [0.35, 0.3, 0.4])


@pytest.mark.parametrize(
    ("scale", "value", "lower", "upper", "expected"),
    [("rr", 0.8, 0.7, 0.92, (8, 20, 30)), ("or", 0.8, 0.7, 0.92, (8, 20, 30)), ("rd", -0.1, -0.15, -0.02, (2, 10, 15))],
)
def test_cautious_average_and_bold_are_the_ends_of_the_interval(scale, value, lower, upper, expected):
    effect = {"scale": scale, "value": value, "lower": lower, "upper": upper, "by_group": {"low": value * 1.1}}
    action = Action.from_dict(
        {"id": "a", "name": "A", "outcome": "o", "dimension": "d", "reach": 0.1, "effect": effect}
    )
    ends = ("cautious", "", "bold")
    np.testing.assert_allclose([reduction(action, end) for end in ends], expected)
    for end, fall in zip(ends, expected, strict=True):
        moved = with_own(action, Choice(effect=end), {}).effect
        assert 100 * (-moved.value if scale == "rd" else 1 - moved.value) == pytest.approx(fall)
        assert moved.lower < moved.value < moved.upper
        # a group's own number moves along; an own number for all takes its place
        assert moved.by_group["low"].value != pytest.approx(moved.value)
    own = with_own(action, Choice(effect="5"), {}).effect
    assert own.by_group == {}
    assert own.value == pytest.approx(-0.05 if scale == "rd" else 0.95)


def test_another_grouping_takes_the_numbers_for_all():
    said = {"id": "a", "name": "A", "outcome": "o", "dimension": "education", "effect": {"scale": "rr", "value": 0.8}}
    action = Action.from_dict({**said, "reach": {"value": 0.3, "by_group": {"low": 0.1}}})
    moved = for_dimension(action, "language")
    assert moved.dimension == "language"
    assert moved.reach.steps["reach"].by_group == {}
    assert for_dimension(action, "education") is action
    only = Action.from_dict({**said, "reach": {"by_group": {"low": 0.1}}})
    with pytest.raises(PlanError, match="by group only"):
        for_dimension(only, "language")


@pytest.mark.parametrize("lang", LANGS)
def test_the_answer_says_who_how_many_what_of_the_gap_and_that_it_is_an_estimate(found, lang):
    numbers = found()
    view = answer.answer(numbers, lang)
    first = numbers.rankings["total"].iloc[0]
    group = numbers.impact.baseline.names.group("education", first["group"], lang)
    assert group in view.sentences[0]
    assert re.search(r"\d+.*\(.*–.*\)", view.sentences[0])
    option = i18n.text(f"figure.scenario.{numbers.narrowest}", lang)
    assert any(option in one for one in view.sentences)
    assert view.sentences[-1] == i18n.text("action.assumed.estimate", lang)
    shown = answer.html(view, lang)
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
    assert i18n.text("app.benefit.no_order", "fi") in answer.of_the_gap(unsure, "fi")
    assert "kaventaa eroa eniten" not in sharing.html(unsure, "fi", plan=False)


def test_three_cards_in_one_order_lead_to_the_plan(found):
    numbers = found()
    shown = sharing.html(numbers, "fi", plan=True)
    names = [i18n.text(f"figure.scenario.{one}", "fi") for one in (*sharing.FIRST, *sharing.MORE)]
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
    assert "hyvinvointisuunnitelma" not in sharing.html(numbers, "fi", plan=False)


def test_all_ways_cost_the_budget(found):
    numbers = found(Choice(area="a", budget="40000"))
    assert numbers.budget == 40_000
    np.testing.assert_allclose(numbers.ways["cost"], 40_000)


@pytest.mark.parametrize("lang", LANGS)
def test_four_rankings_stand_side_by_side_with_their_chances(found, lang):
    numbers = found()
    shown = rankings.html(numbers, lang)
    assert shown.count('<section class="hyte-way">') == 4
    assert list(numbers.rankings) == ["per_reached", "total", "per_euro", "equity_weighted"]
    for frame in numbers.rankings.values():
        assert frame["p_best"].sum() == pytest.approx(1)
        assert i18n.percent(100 * frame["p_best"].iloc[0], lang, decimals=0) in shown


def test_the_switch_value_is_said_for_both_pairs(found):
    said = sharing.switches(found(), "fi")
    assert len(said) == 2
    assert all(re.search("on parempi|yhtä hyviä", one) for one in said)
    # where the fairer way helps fewer, it is a matter of values, and the sentence tells how much
    tilted = sharing.switches(found(Choice(area="a", reach=("low:1",), budget="150000", price="100")), "sv")
    assert len(tilted) == 2


def test_own_numbers_are_marked_and_nothing_else(found):
    choice = Choice(area="a", effect="20", reach=("low:35",), budget="40000")
    numbers = found(choice)
    rows = assumptions.rows(numbers, replace(choice, action="quit"), "fi")
    own = {(row.input, row.group) for row in rows if row.own}
    assert own == {
        ("vaikutuksen suuruus", "kaikki"), ("tavoittavuus", "matala koulutus"), ("Käytettävä raha", "kaikki"),
    }  # fmt: skip
    shown = assumptions.html(numbers, choice, "fi", left_out="2 toimea ei voi valita")
    assert shown.count("OMA LUKU") == 3
    assert "2 toimea ei voi valita" in shown
    assert "Oma kysely &lt;b&gt;2024" in shown
    plain = assumptions.html(found(), Choice(area="a"), "fi")
    assert "OMA LUKU" not in plain
    assert "oletus" in plain


def test_figures_tell_the_assumptions_once_and_files_keep_them(found):
    numbers = found()
    for part in panels.FIGURES:
        view = panels.panel(part, numbers, Choice(area="a"), "fi")
        assert len(view.figure.notes) < len(view.printed().notes)
        assert view.figure.notes[0] == "Laskelma on oletuksiin perustuva arvio."
    narrow = panels.panel("bars", numbers, Choice(area="a", phone=True, per="1000"), "fi")
    assert narrow.figure.fig.get_figwidth() < narrow.printed().fig.get_figwidth()
    assert "1 000" in narrow.figure.subtitle.replace("\xa0", " ")


def test_controls_set_the_state_and_the_answer_follows(page):
    page.open("")
    assert "Näkyvissä on esimerkki" in page.first.value
    assert page.state.action == "quit"
    first = page.answer.value
    page.fields.area.value = "c"
    assert page.answer.value != first
    assert "alue=c" in page.surround.link.value
    assert "Näkyvissä on esimerkki" not in page.first.value
    page.fields.reach[0].field.value = "45,5 %"
    assert page.state.reach == ("low:45.5",)
    page.fields.effect.value = "own"
    assert page.state.effect == "20"
    page.fields.own.field.value = "25,5"
    assert page.state.effect == "25.5"
    assert "25,5" in page.texts["assumptions"].value
    assert "hyte-gone" not in page.restoring._dom_classes
    page.restore.click()
    assert not page.state.selection().own
    assert page.fields.reach[0].field.value == "20,0"
    assert page.fields.effect.value == ""


def test_an_impossible_number_is_explained_beside_the_field_and_the_result_stays(page):
    page.open("alue=a")
    before, shown = page.state.selection(), page.answer.value
    for typed in ("120", "-5", "abc", "", "1e400"):
        page.fields.reach[1].field.value = typed
        assert "Anna luku 0,0–100,0" in page.fields.reach[1].message.value
        assert "Edellinen tulos on ennallaan" in page.fields.reach[1].message.value
        assert (page.state.selection(), page.answer.value) == (before, shown)
    page.fields.budget.field.value = "0"
    assert "Anna luku" in page.fields.budget.message.value
    page.fields.budget.field.value = "50 000 €"
    assert page.state.budget == "50000"


def test_thousands_in_english_are_no_decimals(own, shelf):
    page = KetaAuttaaEniten("en", own, shelf)
    page.parts = ("answer",)
    page.start()
    page.open("alue=a")
    page.fields.budget.field.value = "50,000"
    assert page.state.budget == "50000"
    page.fields.price.field.value = "1,250"
    assert page.state.price == "1250"


def test_a_new_grouping_or_action_forgets_own_numbers_that_were_not_meant_for_it(example):
    page = KetaAuttaaEniten("fi", example, Shelf.from_environment())
    page.parts = ("answer",)
    page.start()
    page.open("toimi=smoking-cessation&alue=HVA10&tavoittavuus=low:20&vaikutus=10")
    page.fields.dimension.value = "income"
    assert (page.state.reach, page.state.effect) == ((), "10")
    labels = [one.field.description for one in page.fields.reach[:5]]
    assert labels[0] == "Tavoittavuus, pienituloisin viidennes, %"
    assert labels[4] == "Tavoittavuus, suurituloisin viidennes, %"
    page.fields.action.value = "debt-advice"
    assert (page.state.effect, page.state.indicator) == ("", "example-payment-default")
    page.open("toimi=smoking-cessation&alue=KU837&ryhma=education")
    assert "ALUETASON TIETO" in page.answer.value
    assert "Pirkanmaan hyvinvointialue" in page.answer.value


def test_nothing_chosen_asks_and_shows_an_example_on_request(page):
    page.open("alue=")
    assert "Valitse toimi ja alue." in page.answer.value
    assert "hyte-gone" in page.cards["rankings"]._dom_classes
    page.example.click()
    assert page.state.area == "a"
    assert "Arvion mukaan" in page.answer.value


def test_an_area_without_numbers_says_so(page, monkeypatch):
    page.open("alue=a")
    monkeypatch.setattr("hyteanalysis.apps.benefit.setting.areas.shown", lambda *_, **__: None)
    page.fields.area.value = "b"
    assert "ei voi laskea valitulla alueella" in page.answer.value
    assert page.surround.trouble.said.value == ""


def test_the_quick_answer_is_refined_beside_the_page(own, shelf):
    async def visit():
        page = KetaAuttaaEniten("fi", own, shelf)
        page.parts = ("answer", "assumptions")
        page.start()
        told = []
        page.refinement.said.observe(lambda change: told.append(change["new"]), "value")
        page.open("alue=a")
        quick = page.answer.value
        for _ in range(400):
            await asyncio.sleep(0.02)
            if i18n.integer(REFINED, "fi") in page.answer.value and not page.surround.progress.value:
                break
        return quick, page.answer.value, told

    quick, refined, told = asyncio.run(visit())
    assert i18n.integer(QUICK, "fi") in quick
    assert i18n.integer(REFINED, "fi") in refined
    assert any("17 %" in one for one in told)
    assert told[-1] == ""


def test_refining_can_be_stopped_and_the_quick_answer_stays(own, shelf):
    async def visit():
        page = KetaAuttaaEniten("sv", own, shelf)
        page.parts = ("answer", "assumptions")
        page.start()
        page.open("alue=a")
        while not page.refinement.said.value:
            await asyncio.sleep(0.005)
        page.refinement.button.click()
        said = page.refinement.said.value
        await asyncio.sleep(0.4)
        return said, page.refinement.said.value, page.state.refined, page.answer.value

    said, later, refined, shown = asyncio.run(visit())
    assert "avbröts" in said
    assert said == later
    assert not refined
    assert i18n.integer(QUICK, "sv") in shown


def test_a_newer_choice_ends_the_older_refinement_and_an_error_is_passed_on():
    ended = []

    def slow(tell):
        for step in range(200):
            time.sleep(0.01)
            ended[:] = [step]
            tell(step)
        return "old"

    def fails(tell):
        raise ZeroDivisionError

    async def visit():
        line = refinement.Refinement("en", lambda button, act: None)
        older = asyncio.create_task(line.run(slow, 200))
        await asyncio.sleep(0.05)
        line.clear()
        newer = await line.run(lambda tell: "new", 1)
        assert (await older, newer) == (None, "new")
        with pytest.raises(ZeroDivisionError):
            await line.run(fails, 1)
        left = asyncio.create_task(line.run(slow, 200))
        await asyncio.sleep(0.05)
        left.cancel()
        await asyncio.sleep(0.1)
        assert ended[0] < 100

    asyncio.run(visit())


def test_an_estimate_that_fails_beside_the_page_is_told_and_the_quick_one_is_drawn(own, shelf, monkeypatch):
    from hyteanalysis.apps import keta_auttaa_eniten as module

    def fails(footing, choice, tell=None):
        if choice.refined:
            raise RuntimeError("secret")
        return numbers(footing, choice)

    monkeypatch.setattr(module, "numbers", fails)

    async def visit():
        page = KetaAuttaaEniten("en", own, shelf)
        page.parts = ("answer", "rankings", "bars")
        page.start()
        page.open("alue=a")
        for _ in range(400):
            await asyncio.sleep(0.02)
            if not page.surround.progress.value:
                break
        return page.surround.trouble.said.value, page.panels["bars"].body.value

    said, drawn = asyncio.run(visit())
    assert "H-" in said
    assert "secret" not in said
    assert "<img" in drawn


def test_an_error_becomes_a_code_and_the_last_good_result_stays(page, monkeypatch):
    page.open("alue=a")
    good = page.answer.value

    def fails(part, choice):
        raise RuntimeError("secret")

    monkeypatch.setattr(page, "compute", fails)
    page.state.target = "absolute_gap_change"
    page.fields.area.value = "b"
    assert page.answer.value == good
    assert "secret" not in page.surround.trouble.said.value
    assert "virhe H-" in page.surround.trouble.said.value
