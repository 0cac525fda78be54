"""The sheet of an equiplot: how much room names, rows and key want, then everything in its place."""

from hyteanalysis.figures import equiplot_marks as marks
from hyteanalysis.figures import equiplot_scale as scale
from hyteanalysis.figures import equiplot_words as said
from hyteanalysis.figures import legend, style
from hyteanalysis.figures.equiplot_rows import Rows
from hyteanalysis.figures.page import MARGIN, Page, centimetres, line_height, points

NARROW = 11.0  # cm: below this an area's name stands above its row
AXIS = 1.05  # cm


def drawn(rows: Rows, width: float, **around: str) -> tuple[Page, list[float]]:
    """The finished sheet, ``width`` cm wide, and every number on it."""
    lang, above = rows.lang, width < NARROW
    labels = [said.label(one, lang) for one in rows.found]
    left = MARGIN if above else min(0.34 * width, _widest(labels) + 0.2 + 2 * MARGIN)
    inner = width - left - 2 * MARGIN
    room = points(width - 2 * MARGIN if above else left - MARGIN - 0.25)
    wrapped = [
        [(line, weight) for words, weight in label for line in style.wrap(words, room, weight=weight)]
        for label in labels
    ]
    gone = [said.gone(one, points(inner), lang) for one in rows.found]
    apart = scale.crowded(rows, points(inner))
    band = 0.95 + 0.3 * (apart * (len(rows.groups) - 1))
    line = line_height(style.SIZE)
    heights = []
    for label, lost in zip(wrapped, gone, strict=True):
        beside = band + len(lost) * line
        heights.append(0.25 + (len(label) * line + beside if above else max(len(label) * line, beside)))
    entries = marks.key(rows)
    body = legend.height(entries, width) + 0.2 + sum(heights) + AXIS
    page = Page(width, body, **around)
    legend.draw(page, entries, body)
    axes = page.axes(left, AXIS, inner, sum(heights))
    scale.draw(axes, rows, points(inner), sum(heights), ticks=4 if width - left < 8 else 6)
    top, plotted = sum(heights), []
    for at, (label, lost, height) in enumerate(zip(wrapped, gone, heights, strict=True)):
        centre = top - (len(label) * line if above else 0.0) - 0.125 - band / 2
        start = AXIS + (top - 0.125 if above else min(centre + len(label) * line / 2, top - 0.05))
        for k, (words, weight) in enumerate(label):
            page.text(MARGIN, start - k * line, words, va="top", fontweight=weight, color=style.INK)
        plotted += marks.row(axes, rows, at, centre, band, apart=apart)
        for k, words in enumerate(lost):
            page.text(left, AXIS + centre - band / 2 - k * line, words, va="top", color=style.QUIET)
        top -= height
        if at + 1 < len(heights):
            axes.axhline(top, color=style.GRID, linewidth=0.8, zorder=0)
    return page, plotted


def _widest(labels: list[list[said.Line]]) -> float:
    """Room that the areas' names want beside their rows, cm."""
    widths = [centimetres(style.text_width(words, weight=weight)) for label in labels for words, weight in label]
    return max(widths, default=0.0)
