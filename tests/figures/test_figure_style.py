"""Colours, shapes and label placing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgb

from hyteanalysis.figures.kit import style
from hyteanalysis.figures.trend import spread


def contrast(color):
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05)


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("count", range(1, 8))
def test_every_mark_is_seen_against_white_and_has_its_own_shape(count, ordered):
    looks = style.group_styles(count, ordered)
    assert all(contrast(look["edge"]) >= 3 for look in looks)
    assert len({look["marker"] for look in looks}) == count
    assert len({look["fill"] for look in looks}) == count


def test_three_ordered_groups_have_the_colours_of_the_house():
    fills = [(look["marker"], look["fill"]) for look in style.group_styles(3, ordered=True)]
    assert fills == [("o", "#0B2C55"), ("s", "#1B5A94"), ("D", "#3B8BC4")]


def test_words_and_lines_are_seen_against_white():
    assert min(contrast(c) for c in (style.INK, style.QUIET, style.VERMILLION_TEXT)) >= 4.5
    assert min(contrast(c) for c in (style.GAP, style.UNCERTAIN, style.VERMILLION, style.BLUE)) >= 3


@given(st.lists(st.floats(0, 1), min_size=1, max_size=7))
def test_spread_labels_never_overlap_nor_change_order(positions):
    gap = 0.1
    placed = spread(positions, gap, 0.0, 1.0)
    ranked = np.array(placed)[np.argsort(positions, kind="stable")]
    assert (np.diff(ranked) >= gap - 1e-9).all()
    if len(positions) == 1:
        assert placed == positions


@given(st.text("abcdefgh -äö", min_size=1, max_size=80), st.floats(20, 300))
def test_wrapped_lines_fit_and_lose_no_letter(words, width):
    lines = style.wrap(words, width)
    assert "".join(lines).replace("-", "").replace(" ", "") == words.replace("-", "").replace(" ", "")
    assert all(style.text_width(line) <= width or len(line) <= 5 for line in lines)
