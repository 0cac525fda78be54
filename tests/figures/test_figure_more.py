"""Matrix, forest plot, concentration curve and population pyramid."""

import numpy as np
import pytest
from released import COUNTY, cell, education, made, total

from hyteanalysis.errors import HyteError, MeasureError
from hyteanalysis.figures import curve, forest, matrix, pyramid


def both_years(indicator, levels, whole, **options):
    rows = []
    for year in ("2017", "2022"):
        rows += education(indicator, COUNTY, year, levels, n=2000, **options)
        rows.append(total(indicator, COUNTY, year, whole, n=6000, population=300_000))
    return rows


@pytest.fixture(scope="module")
def release():
    rows = both_years("smoking", (24.0, 16.0, 8.0), 16.0)
    rows += both_years("voting", (52.0, 64.0, 78.0), 65.0, statuses=("suppressed", "ok", "uncertain"))
    rows += both_years("sleep", (7.0, 7.01, 7.0), 7.0)
    return made(rows)


def words(bundle):
    return [text.get_text() for axes in bundle.fig.axes for text in axes.texts] + [
        text.get_text() for text in bundle.fig.texts
    ]


def test_matrix_compares_each_group_with_the_whole(release):
    bundle = matrix(release)
    levels = bundle.table[bundle.table["measure"] == "level"].set_index(["indicator", "group"])["against"]
    assert levels["smoking"].tolist() == ["weaker", "same", "better"]
    assert levels["sleep"].tolist() == ["same", "same", "same"]
    shown = words(bundle)
    assert {"24,0 ▲", "16,0 =", "8,0 ▼", "..", "78,0 ?", "16,0 ▲"} <= set(shown)
    assert "ryhmien välillä on selvä ero 2/3 asiassa" in bundle.title


def test_matrix_tints_are_three_at_most_and_symbols_tell_the_same(release):
    bundle = matrix(release)
    tints = {patch.get_facecolor() for axes in bundle.fig.axes for patch in axes.patches if patch.get_width() > 0.5}
    assert len(tints) <= 3


def test_matrix_says_in_words_what_is_hidden(release):
    table = matrix(release, lang="sv").html_table()
    assert ">dold<" in table
    assert ">osäker<" in table
    assert ">sämre<" in table
    assert ">ingen tydlig förändring<" in table


def test_a_matrix_too_wide_for_its_sheet_stacks_its_rows(release):
    narrow = matrix(release, width=7.5)
    assert any(word.startswith("Ero 16,0 ▲ · Muutos =") for word in words(narrow))
    assert narrow.fig.get_size_inches()[1] > matrix(release).fig.get_size_inches()[1]


def test_forest_ratios_are_those_of_the_delta_method(release):
    bundle = forest(release, indicator="smoking")
    row = bundle.table.set_index("group").loc["low"]
    se = [100 * np.sqrt(y / 100 * (1 - y / 100) / 2000) / y for y in (24.0, 8.0)]
    assert row["ratio"] == pytest.approx(3.0)
    assert row["ratio_upper"] == pytest.approx(3 * np.exp(1.959964 * np.hypot(*se)))
    axes = bundle.fig.axes[0]
    assert axes.get_xscale() == "log"
    assert any(np.allclose(line.get_xdata(), 1) for line in axes.lines)
    assert "1 = vertailuryhmä" in words(bundle)


def test_forest_says_what_is_hidden_and_needs_two_groups(release):
    assert "peitetty" in words(forest(release, indicator="voting"))
    one = made(education("smoking", COUNTY, "2022", (24.0, 16.0, 8.0), statuses=("ok", "missing", "missing")))
    with pytest.raises(MeasureError, match="two groups"):
        forest(one)


def test_curve_holds_cumulative_shares(release):
    bundle = curve(release, indicator="smoking")
    assert bundle.table["population_share"].tolist() == pytest.approx([1 / 3, 2 / 3, 1])
    assert bundle.table["outcome_share"].tolist() == pytest.approx([24 / 48, 40 / 48, 1])
    assert "kasautuu heikommassa asemassa oleville" in bundle.title
    assert "keskittymisindeksi −0,2" in bundle.subtitle
    assert "tasan jakautunut" in words(bundle)


def test_curve_that_is_not_clearly_bent_is_not_called_so(release):
    assert "ei selvästi kasaudu" in curve(release, indicator="sleep").title


def test_curve_refuses_what_has_no_order_or_is_hidden(release):
    with pytest.raises(MeasureError, match="suppressed"):
        curve(release, indicator="voting")
    unordered = made([cell("smoking", COUNTY, "2022", "sex", g, y) for g, y in (("men", 20.0), ("women", 15.0))])
    with pytest.raises(MeasureError, match="ordered"):
        curve(unordered)


def ages(dimension, groups, sizes):
    return [
        cell("smoking", COUNTY, "2022", dimension, group, 15.0, population=size)
        for group, size in zip(groups, sizes, strict=True)
    ]


def test_pyramid_shows_each_groups_own_age_structure():
    pairs = [f"{age} × {sex}" for sex in ("women", "men") for age in ("20-54", "55-74", "75+")]
    bundle = pyramid(made(ages("age × sex", pairs, (500, 300, 200, 450, 450, 100))))
    share = bundle.table.set_index("group")["share_of_group"]
    assert share["75+ × women"] == pytest.approx(0.2)
    assert share["55-74 × men"] == pytest.approx(0.45)
    left = bundle.fig.axes[0]
    assert left.get_xlim()[0] > left.get_xlim()[1]
    assert "Naiset" not in bundle.alt
    assert "naiset: eniten 20–54-vuotiaat" in bundle.alt


def test_pyramid_of_more_groups_stands_side_by_side():
    pairs = [f"{age} × {level}" for level in ("low", "mid", "high") for age in ("20-54", "55-74")]
    bundle = pyramid(made(ages("age × education", pairs, range(100, 700, 100))), dimension="education", width=7.5)
    assert len([axes for axes in bundle.fig.axes if axes.patches]) == 3


def test_pyramid_needs_populations_by_age(release):
    with pytest.raises(MeasureError, match="age × sex"):
        pyramid(release, indicator="smoking")


@pytest.mark.parametrize("draw", [matrix, forest, curve])
@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_words_are_within_their_limits(release, draw, lang):
    bundle = draw(release, indicator="smoking", lang=lang, width=7.5)
    assert len(bundle.alt) <= 250
    bundle.fig.canvas.draw()
    for axes in bundle.fig.axes:
        for text in axes.texts:
            assert text.get_fontsize() >= 9
    for text in bundle.fig.texts:
        box = text.get_window_extent()
        assert box.x1 <= bundle.fig.bbox.x1 + 1
        assert box.x0 >= -1


def test_unknown_ids_are_named(release):
    with pytest.raises(HyteError, match="smoking"):
        forest(release, indicator="smokin")
    with pytest.raises(HyteError, match="education"):
        matrix(release, dimension="educatio")


def test_pyramid_of_very_many_groups_draws_the_youngest_and_the_oldest_and_counts_the_others():
    pairs = [f"{age} × g{at:02}" for at in range(30) for age in ("0-14", "15-64", "65-")]
    people = [number for at in range(30) for number in (700 - 20 * at, 200, 100 + 20 * at)]
    for width in (7.5, 16.0):
        bundle = pyramid(made(ages("age × branch", pairs, people)), dimension="branch", lang="en", width=width)
        drawn = " ".join(text.get_text() for text in bundle.fig.texts)
        assert [at for at in range(30) if f"g{at:02}" in drawn] == [*range(6), *range(24, 30)]
        assert "18 other groups" in drawn
        assert len(bundle.table) == 90
        assert len(bundle.plotted) == 36
        assert bundle.fig.get_figheight() * 2.54 < 40
