"""The key of a map: classes from the weakest, and the hatchings in use."""

from dataclasses import dataclass

import numpy as np

from hyteanalysis.figures import regions, style
from hyteanalysis.figures.page import Page, line_height, points
from hyteanalysis.i18n import text

FILLS = ("#EAF2F9", "#BBD6EA", "#7FB2D8", "#2F7AB5", "#0B2C55")  # darker = weaker, or a larger gap
UNCERTAIN_HATCH, EMPTY_HATCH = "////", "xxxx"
ROW, BOX = 0.55, 0.42  # cm


@dataclass(frozen=True)
class Entry:
    """Words in lines, with the fill and hatching they explain."""

    lines: tuple[str, ...]
    fill: str
    hatch: str | None = None


def shades(found: regions.Regions, limits: np.ndarray) -> list[str]:
    """A fill for each class; the weakest, or the largest gap, is the darkest."""
    places = np.linspace(0, len(FILLS) - 1, max(len(limits), 1)).round().astype(int)
    darker_high = found.gap or not found.favourable
    return [FILLS[place] for place in (places if darker_high else places[::-1])]


def entries(found: regions.Regions, limits: np.ndarray, room: float, lang: str) -> list[Entry]:
    """The key in lines no wider than ``room`` cm."""

    def entry(words: str, fill: str, hatch: str | None = None) -> Entry:
        return Entry(tuple(style.wrap(words, points(room))), fill, hatch)

    lows = [-np.inf, *limits[:-1]]
    said = [
        ("≤ " + found.unit.number(high, lang)) if i == 0 else found.unit.interval(low, high, lang)
        for i, (low, high) in enumerate(zip(lows, limits, strict=True))
    ]
    rows = [entry(words, fill) for words, fill in zip(said, shades(found, limits), strict=False)][::-1]
    states = set(found.states())
    if "uncertain" in states:
        rows.append(entry(text("figure.map.uncertain", lang), FILLS[1], UNCERTAIN_HATCH))
    if {"suppressed", "missing"} & states:
        rows.append(entry(text("figure.map.none", lang), "white", EMPTY_HATCH))
    return rows


def height(rows: list[Entry]) -> float:
    """Height of the key, cm."""
    return sum(_tall(row) for row in rows) + 0.6


def draw(page: Page, rows: list[Entry], heading: str, left: float, top: float) -> None:
    """The key with its upper left corner at a place of the body, cm."""
    page.text(left, top, heading, va="top", fontweight="bold")
    top -= 0.6
    for row in rows:
        look = {"facecolor": row.fill, "hatch": row.hatch, "edgecolor": style.QUIET, "linewidth": 0.9}
        page.box(left, top - BOX, 0.7, BOX, look)
        for i, words in enumerate(row.lines):
            page.text(left + 0.85, top - BOX / 2 - i * line_height(style.SIZE), words, va="center_baseline")
        top -= _tall(row)


def _tall(row: Entry) -> float:
    return ROW + (len(row.lines) - 1) * line_height(style.SIZE)
