"""Colours, shapes and text of all figures, to the chart standards: every mark 3:1 against white, every text 4.5:1.

Shape and position carry the message, colour is the third cue; so figures read in grey as well."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import RLock
from typing import Any

import matplotlib
import numpy as np
from matplotlib.colors import to_hex, to_rgb
from matplotlib.font_manager import FontProperties, findfont, get_font

BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY = "#E69F00", "#56B4E9"  # too light alone: fills with a dark outline
LIGHT, MIDDLE, DARK = "#3B8BC4", "#1B5A94", "#0B2C55"  # ordered groups, most advantaged first
UNCERTAIN = "#767676"
VERMILLION_TEXT = "#B34700"  # 5.3:1, for words; vermillion itself is for marks
INK, QUIET, GAP, GRID = "#1A1A1A", "#595959", "#8C8C8C", "#DDDDDD"
MARKERS = ("o", "s", "D", "^", "v", "P", "X")  # at most seven groups
HOLLOW: dict[str, Any] = {  # the mark of an uncertain number, in a key
    "marker": "o",
    "markerfacecolor": "white",
    "color": UNCERTAIN,
    "markersize": 7,
    "markeredgewidth": 1.6,
    "linestyle": "none",
}
SIZE = 9.0  # points: the smallest text at print size
TITLE = 11.0
BACKED = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}  # behind numbers that lie over a line
MARK = 8.5  # points across a dot
CM = 1 / 2.54
FINE, HINTING = 8, 1.025
FAMILY = "DejaVu Sans"


_DRAWING = RLock()  # the settings are the process's own: one figure at a time, though reports are made beside a page


@contextmanager
def context() -> Iterator[None]:
    """Settings that hold while a figure is drawn and saved: packed fonts, repeatable files."""
    settings: Any = {
        "font.family": FAMILY,
        "font.size": SIZE,
        "axes.unicode_minus": True,
        "pdf.fonttype": 42,
        "svg.fonttype": "path",
        "svg.hashsalt": "hyteanalysis",
        "text.color": INK,
        "axes.edgecolor": QUIET,
        "axes.labelcolor": INK,
        "xtick.color": QUIET,
        "ytick.color": QUIET,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "hatch.linewidth": 0.8,
    }
    with _DRAWING, matplotlib.rc_context(settings):
        yield


def group_styles(count: int, ordered: bool) -> list[dict[str, str]]:
    """Marker, fill and outline of each group; ordered groups run from dark (most disadvantaged) to light.

    >>> [style["marker"] for style in group_styles(3, ordered=True)]
    ['o', 's', 'D']
    """
    if ordered:
        fills = [_between(DARK, MIDDLE, LIGHT, i / max(count - 1, 1)) for i in range(count)]
        shapes = [*MARKERS[: max(count - 1, 1)], "D"] if count in (2, 3) else list(MARKERS)
        shapes = shapes if count <= len(MARKERS) else ["o"] * count  # so many lie on one line, and few bear a name
        return [{"marker": shapes[i], "fill": fills[i], "edge": fills[i]} for i in range(count)]
    fills = [BLUE, VERMILLION, GREEN, PURPLE, DARK, ORANGE, SKY][:count]
    return [
        {"marker": MARKERS[i], "fill": fill, "edge": INK if fill in (ORANGE, SKY) else fill}
        for i, fill in enumerate(fills)
    ]


def _between(start: str, middle: str, end: str, share: float) -> str:
    """A colour on the way from ``start`` over ``middle`` to ``end``."""
    first, second, part = (start, middle, share * 2) if share <= 0.5 else (middle, end, share * 2 - 1)
    mixed = np.array(to_rgb(first)) * (1 - part) + np.array(to_rgb(second)) * part
    return to_hex(tuple(mixed)).upper()


@lru_cache(maxsize=4096)
def text_width(text: str, size: float = SIZE, weight: str = "normal") -> float:
    """Width of one line in points, with the little that hinting adds at low resolutions."""
    font = get_font(findfont(FontProperties(family=FAMILY, weight=weight)))
    font.set_size(size, FINE * 72)
    font.set_text(text, 0.0)
    return float(font.get_width_height()[0]) / 64 / FINE * HINTING


def wrap(text: str, width: float, size: float = SIZE, weight: str = "normal") -> list[str]:
    """Lines no wider than ``width`` points; a word longer than a line is broken with a hyphen."""
    lines = [""]
    for word in text.split(" "):
        trial = f"{lines[-1]} {word}".strip()
        if text_width(trial, size, weight) <= width:
            lines[-1] = trial
            continue
        if lines[-1]:
            lines.append("")
        while text_width(word, size, weight) > width and len(word) > 4:
            keep = next(
                n for n in range(len(word) - 1, 0, -1) if n == 1 or text_width(word[:n] + "-", size, weight) <= width
            )
            keep = word.rfind("-", 0, keep) + 1 or keep
            lines[-1] = word[:keep] + ("" if word[keep - 1] == "-" else "-")
            lines.append("")
            word = word[keep:]
        lines[-1] = word
    return lines
