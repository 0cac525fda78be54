"""The sheet of a trend: the groups above, the gap below, years under both."""

import numpy as np
from matplotlib.axes import Axes

from hyteanalysis.figures import legend, style, trend_words
from hyteanalysis.figures import trend_marks as marks
from hyteanalysis.figures.axis import value_axis
from hyteanalysis.figures.page import MARGIN, Page, centimetres, line_height, points
from hyteanalysis.figures.trend_lines import Lines
from hyteanalysis.i18n import text, when

LINES, GAP_PANEL, AXIS = 6.2, 2.6, 0.75  # cm


def drawn(lines: Lines, width: float, lang: str, **around: str) -> tuple[Page, list[float]]:
    """The finished sheet, ``width`` cm wide, and every number on it."""
    labels = {group: _label(lines, group, width, lang) for group in lines.groups}
    widest = max((style.text_width(line) for label in labels.values() for line in label), default=0.0)
    left, right = MARGIN + _numbers(lines, lang) + 0.25, centimetres(widest) + 0.6
    line, with_gap = line_height(style.SIZE), bool(len(lines.gaps))
    heading: list[str] = []
    if with_gap:
        words = trend_words.gap_heading(lines.newest, lines.gaps, lang)
        heading = style.wrap(words, points(width - 2 * MARGIN), weight="bold")
    below = len(heading) * line + GAP_PANEL + 0.5 if with_gap else 0.0
    tall = max(LINES, sum(len(label) for label in labels.values()) * line + 0.3)
    entries = marks.key(lines, lang)
    key = legend.height(entries, width) if entries else 0.0
    body = AXIS + below + tall + (line if lines.rule is not None else 0.0) + key + 0.25
    page = Page(width, body, **around)
    if entries:
        legend.draw(page, entries, body)
    wide = width - left - right
    upper = page.axes(left, AXIS + below, wide, tall)
    plotted = marks.levels(upper, lines)
    _look(upper, lines, lang, ticks=5)
    marks.names(upper, lines, labels, tall)
    if lines.rule is not None:
        marks.method_change(upper, lines.rule, text("figure.trend.method", lang, year=str(lines.changed)))
    if not with_gap:
        _years(upper, lines, wide)
        return page, plotted
    lower = page.axes(left, AXIS, wide, GAP_PANEL)
    plotted += marks.gap(lower, lines, lang)
    _look(lower, lines, lang, ticks=3)
    if lines.rule is not None:
        marks.method_change(lower, lines.rule, "")
    for i, words in enumerate(heading):
        top = AXIS + GAP_PANEL + 0.15 + (len(heading) - i) * line
        page.text(MARGIN, top, words, va="top", fontweight="bold")
    _years(upper, lines, wide)
    upper.tick_params(labelbottom=False)
    _years(lower, lines, wide)
    return page, plotted


def _label(lines: Lines, group: str, width: float, lang: str) -> list[str]:
    """A line's own name with its last number."""
    name, end = lines.newest.names.group(lines.newest.dimension, group, lang), lines.last(group)
    if end is not None:
        name += " " + lines.newest.unit.number(end[1], lang)
    return style.wrap(name, points(0.3 * width))


def _numbers(lines: Lines, lang: str) -> float:
    """Room that the numbers of the axis want, cm."""
    values = [*lines.cells["estimate"].dropna(), *lines.gaps["lower"].dropna()]
    widths = [style.text_width(lines.newest.unit.number(value, lang)) for value in values]
    return centimetres(max(widths, default=20.0))


def _look(axes: Axes, lines: Lines, lang: str, ticks: int) -> None:
    """Quiet axes that hold all periods."""
    value_axis(axes, lang, along="y", ticks=ticks)
    axes.spines["bottom"].set_visible(True)
    places = list(lines.at.values())
    margin = 0.03 * (max(places) - min(places))
    axes.set_xlim(min(places) - margin, max(places) + margin)


def _years(axes: Axes, lines: Lines, wide: float) -> None:
    """As many period names as fit in ``wide`` cm, always the last."""
    widest = max(style.text_width(period) for period in lines.periods) + 8
    every = max(1, int(np.ceil(len(lines.periods) * widest / points(wide))))
    shown = lines.periods[::-1][::every][::-1]
    axes.set_xticks([lines.at[period] for period in shown], [when(period) for period in shown])
