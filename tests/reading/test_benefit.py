"""Page B's headline and cards: whom it helps most, how many, what becomes of the gap; by hand and by ``scenarios``."""

import re
from functools import cache
from html import unescape

import numpy as np
import pytest
from reading.reader import number, read
from reading.worlds import COMMITTED, ROOT

from hyteanalysis.actions import scenarios
from hyteanalysis.apps.benefit import views
from hyteanalysis.apps.benefit.choice import Choice, Setting
from hyteanalysis.apps.benefit.numbers import numbers
from hyteanalysis.apps.kit.library import ActionLibrary, Library
from hyteanalysis.i18n import LANGS, text

CASES = [
    ("exercise-referral", "HVA10"), ("smoking-cessation", "HVA05"), ("debt-advice", "HVA02"),
    ("loneliness-groups", "HVA14"),
]  # fmt: skip
STEMS = ("action.answer.most", "action.answer.perhaps", "action.answer.tied")
FACTS = {"averted": "figure.column.averted", "gap": "app.benefit.gap_change", "reached": "app.benefit.reached"}


@cache
def estimated(action, area):
    """The estimate of an action on the example release."""
    library = Library([COMMITTED["example"]], unapproved=True)
    actions = ActionLibrary(sorted((ROOT / "data" / "actions").glob("*.yml")))
    choice, _ = Choice(action=action, area=area).settled(library, actions)
    return numbers(Setting.of(choice, library, actions), choice)


def helped(found):
    """Cases averted by group at the values: N · r · p · (1 − RR), or by odds ratio or risk difference."""
    action, rows = found.impact.action, found.impact.pooled.set_index("group")
    reach, effect = found.setting.reach, action.effect
    levels = {}
    for group, row in rows.iterrows():
        entry = effect.by_group.get(group, effect)
        value = entry.value if entry.value is not None else effect.value
        p = row["baseline"]
        after = {
            "rr": p * value, "or": value * p / (1 - p + value * p), "rd": p + value
        }[effect.scale]  # fmt: skip
        levels[group] = row["population"] * reach[group] * (p - min(max(after, 0), 1))
    return levels


def ten(value):
    return round(value, -1) if abs(value) >= 10 else value


@pytest.mark.parametrize("lang", ["fi", "en"])
@pytest.mark.parametrize(("action", "area"), CASES)
def test_the_headline_names_whom_the_action_helps_most_and_how_many(action, area, lang):
    found = estimated(action, area)
    answer = views.compute("answer", found, Choice(), lang)
    by_hand, names = helped(found), found.impact.baseline.names
    assert sum(by_hand.values()) == pytest.approx(found.impact.by_group["averted"].sum(), rel=1e-6)
    (said,) = (one for line in answer.sentences for one in read(line, lang, *STEMS))
    most, dimension = max(by_hand.values()), found.impact.action.dimension
    firsts = {names.group(dimension, group, lang) for group, people in by_hand.items() if ten(people) == ten(most)}
    if said.key.endswith("tied"):
        assert len(firsts) > 1
        assert all(label in said.values["groups"] for label in firsts)
    else:
        assert said.values["group"] in firsts
        assert number(said.values["people"], lang).value == pytest.approx(ten(most), abs=0.51)
        assert said.key.endswith("most") or len(firsts) == 1


@pytest.mark.parametrize("lang", ["fi", "en"])
@pytest.mark.parametrize(("action", "area"), CASES)
def test_the_cards_tell_the_numbers_of_scenarios_and_no_way_narrows_most_that_does_not(action, area, lang):
    found = estimated(action, area)
    frame = scenarios(found.impact, budget=found.budget).set_index("scenario")
    shown = unescape(views.compute("cards", found, Choice(), lang))
    cards = dict(re.findall(r"<section class=\"hyte-way\"><h3>(.*?)</h3>(.*?)</section>", shown, re.DOTALL))
    option = {text(f"figure.scenario.{one}", lang): one for one in frame.index}
    assert set(cards) == set(option)
    pooled = found.impact.pooled.set_index("group")
    most = [name for name, card in cards.items() if text("app.benefit.narrows_most", lang) in card]
    assert len(most) <= 1
    falls = {}
    for name, card in cards.items():
        row = frame.loc[option[name]]
        facts = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", card))
        told = {one: facts[text(key, lang)] for one, key in FACTS.items()}
        assert number(told["averted"], lang).value == pytest.approx(ten(row["averted"]), abs=0.51)
        assert number(told["reached"], lang).value == pytest.approx(row["reached"], abs=5.01)
        change = number(told["gap"], lang)
        assert abs(change.value) == pytest.approx(100 * abs(row["absolute_gap_change"]), abs=0.0051)
        low, high = (number(one, lang).value for one in re.findall(r"[−-]?\d+[.,]\d+", told["gap"])[1:3])
        verdict = next(one for one in ("narrows", "widens", "unclear") if views.SIGNS[one] in card)
        if verdict != "unclear":
            assert (high <= 0) if verdict == "narrows" else (low >= 0), told
        falls[name] = change.value
    plain = {name: fall for name, fall in falls.items() if option[name] not in ("optimal", "today")}
    for name in most:
        assert falls[name] == min(plain.values()) < 0
    sentences = views.compute("answer", found, Choice(), lang).sentences
    told = [one for line in sentences for one in read(line, lang, "app.benefit.narrowest")]
    assert [one.values["option"] for one in told] == (most if told else [])
    for one in told:
        assert -number(one.values["change"], lang).value == pytest.approx(falls[most[0]], abs=0.051)
    assert np.isfinite(pooled["baseline"]).all()


@pytest.mark.parametrize("lang", LANGS)
def test_groups_that_are_first_in_no_list_are_not_called_first(lang):
    found = estimated(*CASES[0])
    shown = unescape(re.sub("<[^>]+>", "\n", views.compute("rankings", found, Choice(), lang)))
    names, dimension = found.impact.baseline.names, found.impact.action.dimension
    likely = {criterion: frame.loc[frame["p_best"].idxmax(), "group"] for criterion, frame in found.rankings.items()}
    if len(set(likely.values())) == 1:
        lead = shown.split(text("app.benefit.rankings", lang))[1].split("\n\n")[1]
        assert names.group(dimension, likely["total"], lang) in lead
    else:
        for criterion, group in likely.items():
            label = names.group(dimension, group, lang)
            assert f"{text(f'app.benefit.by.{criterion}', lang)}: " in shown
            assert label in shown.split(f"{text(f'app.benefit.by.{criterion}', lang)}: ")[1].split(";")[0]
