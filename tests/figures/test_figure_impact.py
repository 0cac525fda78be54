"""Figures of an action: only of a release, all numbers in the table, words in three languages, in any width."""

import numpy as np
import pytest
from released import INDICATORS, education, made

import hyteanalysis as hyte
from hyteanalysis import figures
from hyteanalysis.errors import DisclosureError, HyteError
from hyteanalysis.i18n import LANGS

ACTION = {
    "id": "quit",
    "name": {"fi": "Savuttomuusohjaus", "sv": "Rökavvänjning", "en": "Smoking cessation support"},
    "outcome": "smoking",
    "dimension": "education",
    "effect": {"scale": "rr", "value": 0.8, "lower": 0.7, "upper": 0.92},
    "reach": {"value": 0.3, "lower": 0.2, "upper": 0.4, "by_group": {"low": 0.2, "high": 0.4}},
    "cost": {"per_person": {"value": 120, "lower": 90, "upper": 160}},
}
DRAW = {
    "bars": {},
    "plane": {},
    "plane of shares": {"budget": 500_000},
    "tornado": {},
    "frontier": {"budget": 500_000},
    "cards": {"budget": 500_000},
}


@pytest.fixture(scope="module")
def release():
    rows = education("smoking", "HVA08", "2022", (23.3, 15.8, 6.2)) + education("smoking", "HVA10", "2022", (27, 19, 9))
    return made(rows)


@pytest.fixture(scope="module")
def impact(release):
    return hyte.impact(release, hyte.Action.from_dict(ACTION), draws=500, seed=1)


def draw(name, impact, **options):
    return getattr(figures, name.split()[0])(impact, **DRAW[name], **options)


@pytest.mark.parametrize("name", DRAW)
def test_an_impact_of_raw_cells_is_refused(release, name):
    raw = hyte.impact(release.cells, hyte.Action.from_dict(ACTION), indicators=INDICATORS, draws=100)
    with pytest.raises(DisclosureError, match="made from raw cells"):
        draw(name, raw)
    with pytest.raises(DisclosureError, match="takes an Impact"):
        draw(name, release)


@pytest.mark.parametrize("width", [7.5, 16.0])
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", DRAW)
def test_words_fit_the_sheet_and_say_that_it_is_an_estimate(impact, name, lang, width):
    bundle = draw(name, impact, lang=lang, width=width)
    bundle.fig.draw_without_rendering()
    sheet = bundle.fig.bbox
    shown = [*bundle.fig.texts]
    for axes in filter(lambda one: one.axison, bundle.fig.axes):
        shown += [*axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels(), axes.xaxis.label, axes.yaxis.label]
    for words in (one for one in shown if one.get_text() and one.get_visible()):
        assert words.get_fontsize() >= 9
        box = words.get_window_extent()
        assert box.x0 >= sheet.x0 - 1, words.get_text()
        assert box.x1 <= sheet.x1 + 4, words.get_text()
        assert box.y0 >= sheet.y0 - 1, words.get_text()
    assert 0 < len(bundle.alt) <= 250
    said = " ".join([bundle.long_text, *bundle.notes]).lower()
    assert {"fi": "arvio", "sv": "uppskattning", "en": "estimate"}[lang] in said
    assert not any(bad in said + bundle.title.lower() for bad in ("ennust", "prognos", "predict", "forecast"))
    assert bundle.html_table().count("<tr>") == len(bundle.readable) + 1
    assert bundle.release == impact.release


def test_bars_are_the_people_helped(impact):
    bundle = figures.bars(impact)
    assert bundle.table["averted"].sum() == pytest.approx(impact.by_group["averted"].sum())
    heights = [patch.get_width() for axes in bundle.fig.axes for patch in axes.patches]
    np.testing.assert_allclose(sorted(heights), sorted(bundle.table["averted"]))
    # from zero: a bar that is cut lies
    axes = max(bundle.fig.axes, key=lambda one: one.get_position().height)
    assert axes.get_xlim()[0] == 0
    thousand = figures.bars(impact, per="1000").table
    np.testing.assert_allclose(thousand["averted_per_1000"], 1000 * thousand["averted"] / thousand["population"])
    with pytest.raises(HyteError, match="per must be one of people, 1000"):
        figures.bars(impact, per="head")


def test_the_plane_of_shares_is_the_scenarios(impact):
    bundle = figures.plane(impact, budget=500_000)
    expected = hyte.scenarios(impact, budget=500_000)
    np.testing.assert_allclose(bundle.table["averted"], expected["averted"])
    np.testing.assert_allclose(bundle.table["gap_change"], 100 * expected["absolute_gap_change"])
    # upwards the gap narrows
    axes = max(bundle.fig.axes, key=lambda one: one.get_position().height)
    low, high = axes.get_ylim()
    assert low > high


def test_the_action_on_the_plane_agrees_with_its_groups(impact):
    point = figures.plane(impact).table.iloc[0]
    pooled = impact.pooled.set_index("group")
    change = (pooled["after"] - pooled["baseline"]).mul(100)
    assert point["gap_change"] == pytest.approx(change["low"] - change["high"])
    assert point["gap_change_lower"] < point["gap_change"] < point["gap_change_upper"]


@pytest.mark.parametrize("lang", LANGS)
def test_ways_of_sharing_keep_their_words_whole_on_a_phone(impact, lang):
    bundle = draw("cards", impact, lang=lang, width=7.5)
    names = {word for name in bundle.readable.iloc[:, 0] for word in name.split()}
    lines = [one.get_text().split() for one in bundle.fig.texts]
    broken = names - {word for words in lines for word in words}
    assert all(len(word) > 14 for word in broken), broken


@pytest.mark.parametrize("lang", LANGS)
def test_quadrants_of_a_phones_plane_are_named_inside_them(impact, lang):
    fig = figures.plane(impact, lang=lang, width=7.5).fig
    fig.draw_without_rendering()
    axes = fig.axes[0]
    named = [one for one in axes.texts if one.get_style() == "italic"]
    assert named
    zero = axes.transData.transform((0, 0))[0]
    for words in named:
        box = words.get_window_extent()
        assert box.x0 >= zero or box.x1 <= zero, words.get_text()
        assert axes.bbox.x0 <= box.x0, words.get_text()


@pytest.mark.parametrize("target", ["averted", "absolute_gap_change"])
def test_numbers_beside_the_bars_of_a_tornado_stay_clear_of_names_and_edge(impact, target):
    fig = figures.tornado(impact, target=target, lang="sv", width=7.5).fig
    fig.draw_without_rendering()
    axes = fig.axes[0].get_window_extent()
    for words in fig.axes[0].texts:
        box = words.get_window_extent()
        assert axes.x0 - 2 <= box.x0, words.get_text()
        assert box.x1 <= axes.x1 + 2, words.get_text()


def test_the_tornado_holds_every_bar_and_tells_where_the_gap_turns(impact):
    bundle = figures.tornado(impact, target="absolute_gap_change", lang="en")
    expected = impact.tornado("absolute_gap_change")
    np.testing.assert_allclose(bundle.table["at_low"], 100 * expected["at_low"])
    assert any("The gap turns the other way" in note for note in bundle.notes)
    dead = hyte.Action.from_dict({**ACTION, "reach": 0})
    with pytest.raises(HyteError, match="no assumption of quit moves averted"):
        figures.tornado(hyte.impact(impact.baseline.release, dead, draws=100), target="averted")


def test_cards_call_no_pair_different_that_the_draws_do_not(impact):
    bundle = figures.cards(impact, budget=500_000)
    assert bundle.table["option"].tolist() == list(hyte.scenarios(impact, budget=500_000)["scenario"])
    for row in bundle.table.itertuples():
        clear = row.gap_change_upper < 0 or row.gap_change_lower > 0
        assert (row.verdict != "unclear") == clear
    detailed = hyte.scenarios(impact, budget=500_000, detail=True).differences
    unclear = detailed[(detailed["outcome"] == "averted") & ~detailed["clear"]]
    assert bool(len(unclear)) == any("Ei selvää eroa autettujen määrässä" in note for note in bundle.notes)


def test_practice_data_are_marked(release, impact):
    cells = release.cells.dropna(subset=["estimate"])
    practice = hyte.release(cells, INDICATORS.iloc[:1], policy=hyte.Policy.from_profile("open"), synthetic=True)
    found = hyte.impact(practice, hyte.Action.from_dict(ACTION), draws=100)
    shown = " ".join(words.get_text() for words in figures.bars(found).fig.texts)
    assert "HARJOITUSAINEISTO" in shown
    assert "HARJOITUSAINEISTO" not in " ".join(words.get_text() for words in figures.bars(impact).fig.texts)


def test_a_reversed_gap_is_told_and_narrows_towards_nought():
    release = made(education("smoking", "HVA08", "2022", (9.0, 15.8, 20.3)))
    strong = {**ACTION, "effect": {"scale": "rr", "value": 0.8, "by_group": {"high": 0.5}}}
    found = hyte.impact(release, hyte.Action.from_dict(strong), draws=500, seed=1)
    bundle = figures.plane(found, lang="en")
    assert any("The gap is reversed: the group high education is worse off" in note for note in bundle.notes)
    assert bundle.title == "The action helps and narrows the gap"
    shares = figures.cards(found, budget=100_000, lang="en").table.set_index("option")
    # money for those who are better off here widens it
    assert shares.loc["targeted", "verdict"] == "widens"
    assert (shares["gap_change_lower"] <= shares["gap_change"]).all()


def test_a_gap_that_is_not_clear_is_given_no_verdict():
    release = made(education("smoking", "HVA08", "2022", (15.0, 15.4, 15.2), n=90))
    found = hyte.impact(release, hyte.Action.from_dict(ACTION), draws=500, seed=1)
    bundle = figures.cards(found, budget=100_000, lang="en")
    assert set(bundle.table["verdict"]) == {"unclear"}
    assert any("There is no clear gap" in note for note in bundle.notes)
