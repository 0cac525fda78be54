"""The sheet a figure is drawn on, in centimetres: words around a body, quiet axes, a key of shapes."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import Bbox

from hyteanalysis.figures.kit import style
from hyteanalysis.i18n import number

LINE = 1.3  # line height in font sizes
MARGIN = 0.2  # cm
FURNITURE = "furniture"  # artists around the body: hidden where a page shows the same words as text


class Sheet:
    """A figure of a given width, as high as its words and body need.

    Parameters
    ----------
    width, body : float
        Width of the sheet and height of the body, cm.
    title, subtitle, source : str
        Wrapped to the width.
    mark : str
        Printed above the body of every figure of practice data; empty for real data.
    """

    def __init__(self, width: float, body: float, *, title: str, subtitle: str, source: str, mark: str = "") -> None:
        inner = points(width - 2 * MARGIN)
        head = [
            *((line, style.TITLE, "bold", style.INK) for line in style.wrap(title, inner, style.TITLE, "bold")),
            *((line, style.SIZE, "normal", style.QUIET) for line in style.wrap(subtitle, inner)),
        ]
        foot = style.wrap(source, inner)
        self.mark_height = line_height(style.SIZE) + 0.25 if mark else 0.0
        body += self.mark_height
        head_height = sum(line_height(size) for _, size, _, _ in head) + 2 * MARGIN
        foot_height = len(foot) * line_height(style.SIZE) + 2 * MARGIN
        self.width, self.body_height, self._bottom = width, body - self.mark_height, foot_height
        self.height = head_height + body + foot_height
        self.fig = Figure(figsize=(width * style.CM, self.height * style.CM), facecolor="white")
        self.body = Bbox.from_bounds(0, foot_height * style.CM, width * style.CM, body * style.CM)
        y = self.height - MARGIN
        for line, size, weight, color in head:
            self._furniture(line, y, fontsize=size, fontweight=weight, color=color)
            y -= line_height(size)
        y = foot_height - MARGIN
        for line in foot:
            self._furniture(line, y, fontsize=style.SIZE, color=style.QUIET)
            y -= line_height(style.SIZE)
        if mark:
            place = self.text(width - MARGIN, self.body_height + self.mark_height - 0.12, mark, ha="right", va="top")
            place.set(fontweight="bold", color=style.VERMILLION_TEXT)

    def _furniture(self, line: str, y: float, **look: Any) -> None:
        self.fig.text(MARGIN / self.width, y / self.height, line, va="top", ha="left", gid=FURNITURE, **look)

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Axes at a place of the body, cm from its lower left corner."""
        return self.fig.add_axes(
            (
                left / self.width,
                (self._bottom + bottom) / self.height,
                width / self.width,
                height / self.height,
            )
        )

    def symbol(self, x: float, y: float, wide: float, look: dict[str, Any]) -> None:
        """A mark in the middle of a place ``wide`` cm wide, or a line across it: a look as Line2D takes it."""
        across = look.get("linestyle", "none") != "none"
        shares = (0.05, 0.95) if across else (0.5,)
        at = [(x + share * wide) / self.width for share in shares]
        height = [(self._bottom + y) / self.height] * len(at)
        shown = {**look, "markersize": 13} if look.get("marker") == "|" else look
        self.fig.add_artist(Line2D(at, height, **shown))

    def box(self, x: float, y: float, wide: float, high: float, look: dict[str, Any]) -> None:
        """A rectangle at a place of the body: a look as Rectangle takes it."""
        corner = (x / self.width, (self._bottom + y) / self.height)
        size = (wide / self.width, high / self.height)
        self.fig.add_artist(Rectangle(corner, *size, transform=self.fig.transFigure, **look))

    def text(self, x: float, y: float, words: str, **look: Any) -> Text:
        """Words at a place of the body, cm from its lower left corner."""
        look.setdefault("fontsize", style.SIZE)
        return self.fig.text(x / self.width, (self._bottom + y) / self.height, words, **look)


def points(cm: float) -> float:
    """Centimetres in points."""
    return cm * style.CM * 72


def centimetres(pt: float) -> float:
    """Points in centimetres."""
    return pt / 72 / style.CM


def line_height(size: float) -> float:
    """Height of a line of text, cm."""
    return centimetres(size * LINE)


def value_axis(axes: Axes, lang: str, *, along: str, ticks: int, negative: bool = True) -> None:
    """The axis of values along ``x`` or ``y``: few ticks, a light grid, no other frame."""
    axis = axes.xaxis if along == "x" else axes.yaxis
    low, high = axes.get_xlim() if along == "x" else axes.get_ylim()
    axis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))
    shown = [tick for tick in axis.get_ticklocs() if low <= tick <= high and (negative or tick >= 0)]
    axis.set_ticks(shown)
    decimals = next((d for d in (0, 1, 2) if all(abs(t - round(t, d)) < 1e-9 for t in shown)), 3)
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value, lang, decimals)))
    axes.grid(axis="x" if along == "x" else "y", color=style.GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left" if along == "x" else "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=3, labelsize=style.SIZE)
    if along == "x":
        axes.set_yticks([])


SYMBOL = 0.75  # cm kept for the symbol of an entry
BETWEEN = 0.45  # cm between entries

Entry = tuple[str, dict[str, Any]]  # words, look of the symbol as Line2D takes it


def legend_height(entries: Sequence[Entry], width: float) -> float:
    """Height of the key in a figure of this width, cm."""
    return len(_legend_rows(entries, width)) * _legend_row()


def draw_legend(sheet: Sheet, entries: Sequence[Entry], top: float) -> None:
    """The key, its upper edge ``top`` cm above the body's lower edge."""
    for i, row in enumerate(_legend_rows(entries, sheet.width)):
        x, y = MARGIN, top - (i + 0.5) * _legend_row()
        for words, look, wide in row:
            sheet.symbol(x, y, SYMBOL - 0.1, look)
            sheet.text(x + SYMBOL, y, words, va="center_baseline", ha="left")
            x += wide


def _legend_row() -> float:
    return line_height(style.SIZE) * 1.1


def _legend_rows(entries: Sequence[Entry], width: float) -> list[list[tuple[str, dict[str, Any], float]]]:
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
