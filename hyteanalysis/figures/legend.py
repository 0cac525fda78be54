"""A key of shapes and words, flowing over as many lines as its width needs."""

from collections.abc import Sequence
from typing import Any

from hyteanalysis.figures import style
from hyteanalysis.figures.page import MARGIN, Page, centimetres, line_height, points

SYMBOL = 0.75  # cm kept for the symbol of an entry
BETWEEN = 0.45  # cm between entries

Entry = tuple[str, dict[str, Any]]  # words, look of the symbol as Line2D takes it


def height(entries: Sequence[Entry], width: float) -> float:
    """Height of the key in a figure of this width, cm."""
    return len(_rows(entries, width)) * _row_height()


def draw(page: Page, entries: Sequence[Entry], top: float) -> None:
    """The key, its upper edge ``top`` cm above the body's lower edge."""
    for i, row in enumerate(_rows(entries, page.width)):
        x, y = MARGIN, top - (i + 0.5) * _row_height()
        for words, look, wide in row:
            page.symbol(x, y, SYMBOL - 0.1, look)
            page.text(x + SYMBOL, y, words, va="center_baseline", ha="left")
            x += wide


def _row_height() -> float:
    return line_height(style.SIZE) * 1.1


def _rows(entries: Sequence[Entry], width: float) -> list[list[tuple[str, dict[str, Any], float]]]:
    """Entries by line; one too wide for a line goes on in the next."""
    room = width - 2 * MARGIN
    rows: list[list[tuple[str, dict[str, Any], float]]] = [[]]
    used = 0.0
    for words, look in entries:
        lines = style.wrap(words, points(room - SYMBOL))
        for i, line in enumerate(lines):
            wide = SYMBOL + centimetres(style.text_width(line)) + BETWEEN
            if rows[-1] and (used + wide - BETWEEN > room or i > 0):
                rows.append([])
                used = 0.0
            rows[-1].append((line, look if i == 0 else {"linestyle": "none", "marker": "none"}, wide))
            used += wide
    return rows
