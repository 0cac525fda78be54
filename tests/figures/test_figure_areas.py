"""Ranked dots and map: every area, its uncertainty in words, and a schematic map where no boundaries are."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from released import COUNTRY, education, made, total
from scipy.special import ndtri

from hyteanalysis.errors import HyteError
from hyteanalysis.figures import dots, map
from hyteanalysis.figures.kit import regions
from hyteanalysis.figures.kit.regions import TILES
from hyteanalysis.figures.map import circles, natural_breaks

COUNTIES = sorted(TILES)


@pytest.fixture(scope="module")
def release():
    rows = [total("smoking", COUNTRY, "2022", 14.0, n=60_000, population=4_000_000)]
    for i, county in enumerate(COUNTIES):
        for year in ("2021", "2022"):
            level = 10.0 + 0.4 * i + (2 if year == "2021" else 0)
            rows += [total("smoking", county, year, level, n=1500, population=100_000)]
            rows += education("smoking", county, year, (level + 6 - 0.5 * i, level, level - 4), n=800)
    for row in rows:
        if row["area"] == "HVA05" and row["period"] == "2022" and row["dimension"] == "total":
            row.update(dict.fromkeys(("estimate", "se", "lower", "upper", "events"), np.nan), status="suppressed")
        if row["area"] == "HVA06" and row["period"] == "2022" and row["dimension"] == "total":
            row["status"] = "uncertain"
    return made(rows)


def drawn(bundle):
    words = [text.get_text() for text in bundle.fig.texts]
    for axes in bundle.fig.axes:
        words += [text.get_text() for text in axes.texts]
    return words


def test_dots_rank_the_own_area_with_those_not_clearly_different(release):
    bundle = dots(release, areas="HVA10")
    rows = bundle.table[bundle.table["area"] != COUNTRY].dropna(subset="estimate")
    assert rows["estimate"].is_monotonic_decreasing
    assert len(rows) == 22
    own = rows.set_index("area").loc["HVA10"]
    half = ndtri(1 - 0.025 / 21) * np.hypot(rows["se"], own["se"])  # 21 comparisons at once
    worse, better = (sign * (rows["estimate"] - own["estimate"]) > half for sign in (1, -1))
    assert worse.sum() > 0
    assert better.sum() > 0
    ranks = f"{worse.sum() + 1}–{22 - better.sum()}/22"
    alike = 21 - worse.sum() - better.sum()
    assert f"sijoilla {ranks}; {alike} alueen tilanne ei selvästi eroa siitä" in bundle.title
    bold = [text.get_text() for text in bundle.fig.texts if text.get_weight() == "bold" and text.get_gid() is None]
    assert "Kymenlaakso" in bold


@pytest.mark.parametrize("favourable", [False, True])
def test_equal_areas_share_their_ranks_and_are_named_together_as_the_highest(favourable):
    levels = {"own-a": 20.0, "own-b": 20.0, "own-c": 10.0}
    rows = [total("smoking", area, "2022", level) for area, level in levels.items()]
    for row in rows:
        row.update(se=np.nan, lower=np.nan, upper=np.nan, events=np.nan, respondents=np.nan)
    release = made(rows)
    if favourable:
        release = made(rows, indicators=release.indicators.assign(favourable=True))
    bundle = dots(release, areas="own-a", lang="en")
    assert f"by its figure own-a ranks {'2–3' if favourable else '1–2'}/3 from the weakest" in bundle.title
    assert "Highest: own-a; own-b 20.0%, lowest: own-c 10.0%" in bundle.alt


def test_of_equal_areas_hardly_any_is_called_different_by_chance():
    rng, called = np.random.default_rng(5), 0
    for _ in range(60):
        rows = [
            total("smoking", f"own-{i:02}", "2022", 100 * events / 1000, n=1000, population=10_000)
            for i, events in enumerate(rng.binomial(1000, 0.2, 22))
        ]
        found = regions.compare(made(rows), indicator="smoking", dimension=None, areas="own-07", period=None)
        called += found.ranks() != (1, 22)
    assert called <= 8  # 5 % of 60, and what chance adds; 1.96 errors would call about one in two


def test_hidden_areas_are_named_and_have_no_place_among_the_ranks(release):
    bundle = dots(release, areas="HVA10")
    assert {"suppressed", "uncertain"} <= set(bundle.states)
    assert any("Peitetty tietosuojan vuoksi: Varsinais-Suomen hyvinvointialue" in note for note in bundle.notes)
    assert "× peitetty" in drawn(bundle)
    assert ">peitetty<" in bundle.html_table()


def test_a_dimension_turns_levels_into_gaps(release):
    bundle = dots(release, dimension="education", areas="HVA10", lang="en")
    assert set(bundle.table["measure"]) == {"D"}
    first = bundle.table.iloc[0]
    assert first["area"] == "HVA01"
    assert first["estimate"] == pytest.approx(10.0)
    assert "ranks" in bundle.title
    assert "the gap of" in bundle.title
    assert "Gap between groups" in bundle.html_table()


def test_many_areas_are_drawn_by_their_ends_and_all_stand_in_the_table():
    rows = [total("smoking", f"own-{i:02}", "2022", 10.0 + 0.2 * i, n=900) for i in range(45)]
    bundle = dots(made(rows), areas="own-20")
    assert len(bundle.table) == 45
    assert any("30 aluetta 45 alueesta" in note for note in bundle.notes)
    shown = drawn(bundle)
    assert {"own-00", "own-20", "own-44"} <= set(shown)
    assert "own-12" not in shown
    assert "⋮" in shown


@pytest.mark.parametrize("width", [7.5, 16.0])
def test_the_map_shows_each_county_once(release, width):
    bundle = map(release, areas="HVA10", width=width)
    patches = max((axes.patches for axes in bundle.fig.axes), key=len)
    assert len(patches) == 23
    words = drawn(bundle)
    assert "×" in words
    assert sum(word.endswith("?") for word in words) == 1
    hatches = [patch.get_hatch() for patch in patches]
    assert sum(hatch is not None for hatch in hatches) == 2
    own = [patch for patch in patches if patch.get_linewidth() > 2]
    assert len(own) == 1
    assert bundle.alt.startswith("Kartta, alueita 22.")
    if width > 11:
        assert "Kymenlaakso" in words


def test_darker_is_weaker_also_for_favourable_indicators():
    rows = [total("voting", county, "2022", 50.0 + i) for i, county in enumerate(COUNTIES)]
    bundle = map(made(rows))
    patches = max((axes.patches for axes in bundle.fig.axes), key=len)
    by_value = sorted(zip(bundle.table["estimate"], (sum(p.get_facecolor()[:3]) for p in patches), strict=True))
    brightness = [light for _, light in by_value]
    assert brightness == sorted(brightness)
    assert brightness[0] < brightness[-1]


def test_classes_are_those_of_all_periods(release):
    now, before = map(release, areas="HVA10"), map(release, areas="HVA10", period="2021")

    def classes(bundle):
        return [word for word in drawn(bundle) if "–" in word and word[0].isdigit()]

    assert classes(now) == classes(before)
    assert len(classes(now)) == 4


def test_municipalities_are_circles_that_do_not_overlap():
    codes = ["KU285", "KU286", "KU075", "KU489", "KU624", "KU935", "KU837", "KU091", "KU049"]
    placed = circles(codes, 10.0, 12.0)
    assert len(placed) == 9
    x, y, r = (placed[c].to_numpy() for c in ("x", "y", "r"))
    apart = np.hypot(x[:, None] - x, y[:, None] - y) - (r[:, None] + r)
    assert (apart[~np.eye(9, dtype=bool)] > -0.02 * r.max()).all()
    assert ((x - r) > -1e-6).all()
    assert ((x + r) < 10 + 1e-6).all()
    pd.testing.assert_frame_equal(placed, circles(codes, 10.0, 12.0))


def test_map_of_municipalities_and_of_unknown_places():
    rows = [total("smoking", code, "2022", 12.0 + i) for i, code in enumerate(["KU285", "KU286", "KU075"])]
    assert "ympyrän koko" in map(made(rows), areas="KU285").notes[0]
    own = map(made([total("smoking", f"block-{i}", "2022", 12.0 + i) for i in range(3)]))
    assert len(own.table) == 3


@settings(max_examples=10)
@given(st.lists(st.floats(0, 100), min_size=6, max_size=40, unique=True))
def test_natural_breaks_are_those_of_fisher(values):
    from mapclassify import FisherJenks

    numbers = np.array(values)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = FisherJenks(numbers, k=5).bins

    def within(limits):
        group = np.searchsorted(limits, numbers)
        return sum(((numbers[group == g] - numbers[group == g].mean()) ** 2).sum() for g in np.unique(group))

    assert within(natural_breaks(numbers, 5)) <= within(reference) * (1 + 1e-6) + 1e-6


def test_without_totals_or_with_unknown_ids_the_error_names_what_there_is(release):
    with pytest.raises(HyteError, match="education"):
        dots(release, dimension="income")
    only_groups = made(education("smoking", "HVA10", "2022", (20.0, 15.0, 10.0)))
    with pytest.raises(HyteError, match="no totals"):
        dots(only_groups)
