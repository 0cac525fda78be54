"""What the viewer's money does: headline, cards and figure say one thing, fine enough to be seen."""

import re
from dataclasses import replace

import numpy as np
import pytest

import hyteanalysis as hyte
from hyteanalysis.apps.benefit import views
from hyteanalysis.apps.benefit.choice import Choice, Setting
from hyteanalysis.apps.benefit.numbers import numbers
from hyteanalysis.figures.kit.estimates import gap_text, simulated
from hyteanalysis.i18n import LANGS, text

LITTLE = Choice(area="a", budget="100")


def test_headline_cards_and_figure_tell_of_the_money_typed(found):
    made = found(Choice(area="a", budget="40000"))
    today = made.ways.set_index("option").loc["today"]
    assert made.impact.by_group["reached"].sum() == pytest.approx(today["reached"], rel=1e-6)
    assert made.impact.by_group["averted"].sum() == pytest.approx(today["averted"], rel=0.01)
    bars = views.FIGURES["bars"].draw(made.impact, lang="fi").table
    assert bars["averted"].sum() == pytest.approx(made.impact.by_group["averted"].sum())
    said = views.compute("answer", made, Choice(), "fi").sentences
    assert said[0].replace("\xa0", " ").startswith("40 000 € riittää tavoittamaan noin 400 ihmistä")
    assert "Tällä rahalla" in " ".join(said)
    assert "Nykyisellä tavoittavuudella" not in " ".join(said)
    # without a sum of the viewer's the action is shown at its own reach
    assert "Nykyisellä tavoittavuudella" in " ".join(views.compute("answer", found(), Choice(), "fi").sentences)


def test_twice_the_money_helps_twice_as_many_until_nobody_more_would_come(found, own, actions):
    one, two = (found(Choice(area="a", budget=budget)).impact.by_group for budget in ("10000", "20000"))
    np.testing.assert_allclose(two["averted"], 2 * one["averted"], rtol=1e-6)
    np.testing.assert_allclose(two["reached"] / one["reached"], 2, rtol=1e-6)
    said = actions.actions["quit"].to_dict()
    chain = {"offered": 0.5, "uptake": {"value": 0.4, "by_group": {"low": 0.2}}}
    action = hyte.Action.from_dict({**said, "reach": chain})
    setting = Setting.of(LITTLE.settled(own, actions)[0], own, actions)
    rich = hyte.impact(setting.release, action, areas="a", draws=100, seed=1).funded(10_000_000)
    np.testing.assert_allclose(rich.by_group.set_index("group")["reach"].loc[["low", "mid", "high"]], [0.2, 0.4, 0.4])
    # an own reach keeps what is known of who would come
    kept = Choice(area="a", reach=("low:5",)).applied_to(action, {"low": 0.1, "mid": 0.2, "high": 0.2}, {"low": 0.2})
    assert kept.reach.feasible.by_group["low"].value == 0.2


def test_money_that_fixed_costs_eat_reaches_nobody(own, actions):
    said = actions.actions["quit"].to_dict()
    said["cost"] = {"per_person": 100, "setup": 5_000}
    setting = Setting.of(LITTLE.settled(own, actions)[0], own, actions)
    made = hyte.impact(setting.release, hyte.Action.from_dict(said), areas="a", draws=100, seed=1)
    assert made.funded(4_000).by_group["reached"].sum() == 0
    assert made.funded(7_000).by_group["reached"].sum() == pytest.approx(20)
    free = hyte.Action.from_dict({**said, "cost": {"per_person": 0}})
    with pytest.raises(hyte.PlanError, match="has no price"):
        hyte.impact(setting.release, free, areas="a", draws=100, seed=1).funded(4_000)
    with pytest.raises(hyte.PlanError, match="budget must be euros above 0; not -1"):
        made.funded(-1)


@pytest.mark.parametrize("lang", LANGS)
def test_little_money_is_told_to_a_tenth_or_as_no_change(found, lang):
    few = " ".join(views.compute("answer", found(Choice(area="a", budget="1000")), Choice(), lang).sentences)
    assert re.search(r"\d[,.]\d( \w+)* \(\d[,.]\d", few)
    made = found(LITTLE)
    said = " ".join(views.compute("answer", made, Choice(), lang).sentences)
    assert text("app.benefit.money_none", lang) in said
    cards = views.compute("cards", made, Choice(), lang)
    assert text("figure.gap_moves.none", lang) in cards
    assert not re.search(r"[-−]?0[,.]00 \([-−]?0[,.]00", cards)


def test_a_change_is_told_as_fine_as_it_is():
    assert gap_text(-0.004, -0.008, -0.001, "en") == "practically no change"
    assert gap_text(-0.014, -0.030, -0.002, "en").replace("\xa0", " ") == "−0.014 (−0.030 – −0.002)"
    assert gap_text(-0.14, -0.30, -0.02, "en").replace("\xa0", " ") == "−0.14 (−0.30 – −0.02)"
    assert simulated(3.42, 0.91, 5.47, "en") == "3.4 (0.9–5.5)"
    assert simulated(114.0, 7.2, 212.0, "en") == "110 (7–210)"


@pytest.mark.parametrize("lang", LANGS)
def test_a_tie_is_told_and_nobody_is_called_first(own, actions, lang):
    said = actions.actions["quit"].to_dict()
    said |= {"effect": {"scale": "rd", "value": -0.05, "lower": -0.06, "upper": -0.04}, "reach": 0.2}
    setting = Setting.of(LITTLE.settled(own, actions)[0], own, actions)
    made = hyte.impact(setting.release, hyte.Action.from_dict(said), areas="a", draws=500, seed=1)
    first = made.sentences(lang)[0]
    label = made.baseline.names
    assert all(label.group("education", group, lang) in first for group in ("low", "mid", "high"))
    assert {"fi": "yhtä suuret", "sv": "lika stor", "en": "equal"}[lang] in first


@pytest.mark.parametrize("lang", LANGS)
def test_where_nobody_is_helped_nobody_is_ranked(own, actions, lang):
    """Of an effect that was found null, half of the draws put either end first."""
    setting = Setting.of(LITTLE.settled(own, actions)[0], own, actions)
    effect = {"scale": "rr", "value": 1.0, "lower": 0.85, "upper": 1.18}
    null = hyte.Action.from_dict({**setting.action.to_dict(), "effect": effect})
    chosen = LITTLE.settled(own, actions)[0]
    shown = views.compute("rankings", numbers(replace(setting, action=null), chosen), chosen, lang)
    assert text("action.answer.nobody", lang) in shown
    assert not re.search(r"\d", re.sub(r"<[^>]*>", "", shown))


def test_words_fit_any_topic():
    for lang, word in (("fi", "terveyshyö"), ("sv", "hälsovinst"), ("en", "health gain")):
        assert word not in " ".join(
            text(f"action.switch.{key}", lang, option="A", weight="3") for key in ("above", "never")
        )


def test_the_fields_say_of_whom_reach_is(page, own, actions, tmp_path):
    page.open("alue=a")
    assert "kaikista ihmisistä" in page.fields.reach_title.value
    assert page.fields.reach[0].field.description.endswith("% ryhmästä")
    page.fields.budget.field.value = "1 000"
    assert "1 000 € riittää" in page.answer.value.replace("\xa0", " ")
    assert "laskettu käytettävästä rahasta" in page.texts["assumptions"].value
    assert numbers(Setting.of(page.state.selection(), own, actions), page.state.selection()).funded
