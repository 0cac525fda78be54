"""The picture of a county: only clear differences, the largest first, every drawn number in its table."""

import numpy as np
import pandas as pd
import pytest
from released import cell, made
from reported import COUNTY, release

import hyteanalysis as hyte
from hyteanalysis.errors import HyteError
from hyteanalysis.figures.county import picture
from hyteanalysis.figures.kit.topics import groupings, topics


@pytest.fixture(scope="module")
def measured():
    """The county's topics, measured once."""
    return topics(release(), area=COUNTY)


def test_the_largest_clear_ratio_comes_first_and_a_mean_has_none(measured):
    found = measured
    ratios = {one.indicator: one.ratio for one in found}
    assert ratios["sleep"] == 0.0
    drawn = hyte.figures.county(release(), areas=COUNTY)
    shown = list(dict.fromkeys(drawn.table["indicator"]))
    assert shown == sorted(shown, key=lambda name: -ratios[name])
    assert set(shown) == {name for name, ratio in ratios.items() if ratio > 0}
    ratio = drawn.table[(drawn.table["measure"] == "R") & (drawn.table["indicator"] == "smoking")]["estimate"].iloc[0]
    assert ratio == pytest.approx(23.3 / 6.2)


@pytest.mark.parametrize(("lang", "width"), [("fi", 21.0), ("sv", 16.0), ("en", 21.0)])
def test_a_page_in_every_language(measured, lang, width):
    drawn = picture(release(), COUNTY, measured, lang=lang, width=width)
    wide, high = drawn.fig.get_size_inches() * 2.54
    assert wide == pytest.approx(width)
    assert high == pytest.approx(29.7) if width == 21.0 else high < 27
    assert 0 < len(drawn.alt) <= 250
    sizes = {text.get_fontsize() for text in drawn.fig.texts}
    assert min(sizes) >= 9
    edges = [text.get_position() for text in drawn.fig.texts]
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in edges)


def test_chance_among_many_groupings_is_not_a_difference():
    rng = np.random.default_rng(4)
    rows = []
    for number in range(40):
        for group in ("women", "men"):
            level = float(20 + rng.normal(0, 1.0))
            rows.append(cell(f"noise-{number}", COUNTY, "2022", "sex", group, level, se=1.0))
    meta = pd.DataFrame({"indicator": [f"noise-{n}" for n in range(40)]}).assign(
        title_fi="Kohina", unit="%", kind="proportion", scale=100, favourable=False
    )
    noise = made(rows, indicators=meta)
    found = topics(noise, area=COUNTY)
    assert sum(one.main.difference.clear for one in found) > 0, "some intervals leave out nought by chance"
    assert not any(one.clear for one in found)
    with pytest.raises(HyteError, match="no difference between groups is clear"):
        hyte.figures.county(noise, areas=COUNTY)


def test_one_area_is_named():
    with pytest.raises(HyteError, match="name the one area"):
        hyte.figures.county(release())
    assert groupings(release()) == ["education", "sex"]


@pytest.mark.parametrize(("unit", "counted"), [("% of households", "cases"), ("%", "people")])
def test_people_are_people_only_where_the_metadata_say_so(unit, counted):
    about = pd.DataFrame(
        {"indicator": ["smoking"], "title_en": ["Bad"], "unit": [unit], "kind": ["proportion"]}
    ).assign(scale=100, favourable=False, source="Own")
    rows = [cell("smoking", COUNTY, "2022", "sex", group, level) for group, level in (("women", 30.0), ("men", 10.0))]
    bundle = hyte.figures.county(made(rows, indicators=about), areas=COUNTY, lang="en")
    said = " ".join(text.get_text() for text in bundle.fig.texts)
    assert f"about 10,000 {counted} fewer (" in said
    assert f"{counted} (about)" in set(bundle.readable["Unit"])
    row = bundle.table[bundle.table["measure"] == "people"].iloc[0]
    assert row["lower"] < row["estimate"] < row["upper"]
