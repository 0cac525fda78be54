"""Lines of a chart: a name, a mark with its interval, and the number in words, from top to bottom."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from hyteanalysis.figures.kit import style
from hyteanalysis.figures.kit.sheet import MARGIN, Sheet, centimetres, line_height, points, value_axis

LINE, AXIS = 0.62, 1.05  # cm
BAR, DOT = "bar", "dot"


@dataclass(frozen=True)
class Line:
    """One line.

    Attributes
    ----------
    label, said : str
        The name at its left, the words at its right.
    value, lower, upper, tick : float
        The mark, its limits, and a second mark; empty ones are not drawn.
    strong : bool
        A total or a reference.
    """

    label: str
    said: str
    value: float = np.nan
    lower: float = np.nan
    upper: float = np.nan
    tick: float = np.nan
    strong: bool = False
    doubtful: bool = False


def draw(
    lines: Sequence[Line], kind: str, *, measure: str, lang: str, width: float, around: dict[str, str],
    key: float = 0.0, close: bool = False,
) -> tuple[Sheet, list[float]]:  # fmt: skip
    """The sheet and the numbers drawn on it; ``key`` cm are left free at the bottom for a key.

    ``close``: lines lie near each other, as many do.
    """
    room = points((0.36 if width > 11 else 0.42) * width)
    labels = [style.wrap(line.label, room, weight="bold" if line.strong else "normal") for line in lines]
    left = MARGIN + 0.3 + centimetres(
        max(style.text_width(part, weight="bold") for wrapped in labels for part in wrapped)
    )  # fmt: skip
    right = 0.3 + centimetres(max(style.text_width(line.said, weight="bold") for line in lines))
    beside = width - left - right - MARGIN > 0.25 * width  # else the words go under the name
    if not beside:
        labels = [[*wrapped, line.said] for wrapped, line in zip(labels, lines, strict=True)]
        left, right = max(left, MARGIN + right), 0.2
    least, more = (0.0, 0.05) if close else (LINE, 0.16)
    heights = [max(least, len(wrapped) * line_height(style.SIZE) + more) for wrapped in labels]
    tall = sum(heights)
    sheet = Sheet(width, key + AXIS + tall + 0.1, **around)
    axes = sheet.axes(left, key + AXIS, width - left - right - MARGIN, tall)
    _scale(axes, lines, kind, tall, lang, width - left - right)
    sheet.text(width - MARGIN, key + 0.12, measure, ha="right", va="bottom")
    plotted: list[float] = []
    y = tall
    for line, wrapped, height in zip(lines, labels, heights, strict=True):
        middle = y - height / 2
        y -= height
        look = {"va": "center_baseline", "fontweight": "bold" if line.strong else "normal"}
        for i, part in enumerate(wrapped):
            at = key + AXIS + middle + ((len(wrapped) - 1) / 2 - i) * line_height(style.SIZE)
            sheet.text(left - 0.25, at, part, ha="right", **look)
        if beside:
            sheet.text(width - MARGIN, key + AXIS + middle, line.said, ha="right", **look)
        plotted += _mark(axes, line, middle, kind)
    return sheet, plotted


def _scale(axes: Axes, lines: Sequence[Line], kind: str, tall: float, lang: str, room: float) -> None:
    values = np.array([[line.value, line.lower, line.upper, line.tick] for line in lines], dtype=float).ravel()
    values = values[np.isfinite(values)]
    if kind == BAR or not len(values):
        values = np.append(values, 0.0)
    low, high = float(values.min()), float(values.max())
    pad = 0.04 * ((high - low) or 1.0)
    axes.set(xlim=(low - pad, high + pad), ylim=(0, tall))
    value_axis(axes, lang, along="x", ticks=max(2, int(room / 1.7)))
    if low < 0 < high or kind == BAR:
        axes.axvline(0, color=style.INK, linewidth=1.0, zorder=1)


def _mark(axes: Axes, line: Line, y: float, kind: str) -> list[float]:
    if not np.isfinite(line.value):
        return []
    plotted = [line.value]
    if kind == BAR:
        # below 0 the bar is hollow and hatched, so that the sign shows in grey as well
        fill = "white" if line.value < 0 else style.DARK if line.strong else style.LIGHT
        hatch = "////" if line.value < 0 else None
        axes.barh(
            y, line.value, height=0.34, facecolor=fill, edgecolor=style.DARK, hatch=hatch, linewidth=1.0, zorder=2
        )
    if np.isfinite(line.lower) and np.isfinite(line.upper):
        color = style.INK if kind == BAR else style.MIDDLE
        halo = [withStroke(linewidth=3.2, foreground="white")]  # seen on a dark bar as well
        axes.plot([line.lower, line.upper], [y, y], color=color, linewidth=1.5, zorder=3, path_effects=halo,
                  solid_capstyle="butt")  # fmt: skip
        axes.plot([line.lower, line.upper], [y, y], "|", color=color, markersize=6, zorder=4)
        plotted += [line.lower, line.upper]
    if kind == DOT:
        face = "white" if line.doubtful else style.DARK
        axes.plot(line.value, y, "o", markersize=7, markerfacecolor=face, markeredgecolor=style.DARK,
                  markeredgewidth=1.5, zorder=4)  # fmt: skip
        if np.isfinite(line.tick):
            axes.plot(line.tick, y, "D", markersize=5, markerfacecolor="white", markeredgecolor=style.VERMILLION,
                      markeredgewidth=1.4, zorder=5)  # fmt: skip
            plotted.append(line.tick)
    return plotted
