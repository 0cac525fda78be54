"""The sheet of a county's picture: a band a difference, sizes first, then marks."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox

from hyteanalysis.figures import style
from hyteanalysis.figures.leading import Topic
from hyteanalysis.figures.page import FURNITURE, MARGIN, line_height, points
from hyteanalysis.findings import Finding
from hyteanalysis.findings.sentences import about, span
from hyteanalysis.i18n import formats, text

A4 = (21.0, 29.7)  # cm
BAR = 0.58  # cm of height that a group's bar takes


class Sheet:
    """The sheet: a band a difference, the larger ratio higher up; as high as its words need, or an A4 page."""

    def __init__(self, shown: list[Topic], width: float, lang: str, **around: str) -> None:
        self.shown, self.lang, self.width = shown, lang, width
        printed = width >= A4[0]
        self.left = 1.3 if printed else MARGIN
        self.right = width - self.left
        self.titles = self.left + 3.1  # where names of things and groups start
        self.bars = self.titles + 0.36 * (self.right - self.titles)
        self.end = self.right - 2.1  # the longest bar ends here, its number after it
        self.plotted: list[float] = []
        room = points(self.right - self.left)
        sizes = (20.0, 11.0) if printed else (style.TITLE, style.SIZE)
        self.head = [(line, sizes[0], True) for line in style.wrap(around["title"], room, sizes[0], "bold")]
        self.head += [(line, sizes[1], False) for line in style.wrap(around["subtitle"], room, sizes[1])]
        self.foot = [
            style.wrap(text(f"figure.county.{part}", lang), room, style.SIZE + 0.5) for part in ("read", "limits")
        ]
        self.source = style.wrap(around["source"], room)
        self.mark = around["mark"]
        heights = [self._height(topic.main) for topic in shown]
        head = sum(line_height(size) for _, size, _ in self.head) + (1.5 if printed else 0.3)
        head_and_mark = head + (0.55 if self.mark else 0.15)
        foot = sum(len(lines) for lines in self.foot) * line_height(style.SIZE + 0.5) + 0.55
        below = len(self.source) * line_height(style.SIZE) + (1.2 if printed else 0.3)
        needed = head_and_mark + sum(heights) + foot + below
        self.height = max(needed, A4[1]) if printed else needed
        spare = min((self.height - needed) / len(shown), 0.9)
        self.bands = [height + spare for height in heights]
        self.top, self.below = self.height - head_and_mark, below
        self.fig = Figure(figsize=(width * style.CM, self.height * style.CM), facecolor="white")
        self.sheet = self.fig.add_axes((0, 0, 1, 1))
        self.sheet.set(xlim=(0, width), ylim=(0, self.height))
        self.sheet.axis("off")
        bottom = self.top - sum(self.bands) - foot
        self.body = Bbox.from_bounds(0, bottom * style.CM, width * style.CM, (self.height - head - bottom) * style.CM)

    def draw(self) -> None:
        """Title, bands, how to read it, source."""
        y = self.height - (1.2 if self.width >= A4[0] else 0.15)
        for line, size, bold in self.head:
            colour = style.DARK if bold else style.QUIET
            self._text(self.left, y, line, size=size, bold=bold, colour=colour, gid=FURNITURE)
            y -= line_height(size)
        if self.mark:
            y = self.top + 0.42
            self._text(self.right, y, self.mark, bold=True, colour=style.VERMILLION_TEXT, right=True)
        y = self.top
        for topic, tall in zip(self.shown, self.bands, strict=True):
            self._band(topic.main, y)
            y -= tall
        self._line(y)
        y -= 0.2
        for lines in self.foot:
            for line in lines:
                self._text(self.left, y, line, size=style.SIZE + 0.5)
                y -= line_height(style.SIZE + 0.5)
            y -= 0.1
        y = self.below - 0.1
        for line in self.source:
            self._text(self.left, y, line, colour=style.QUIET, gid=FURNITURE)
            y -= line_height(style.SIZE)

    def _lines(self, one: Finding) -> tuple[list[str], list[list[str]], list[str]]:
        """Title, labels of the two groups and what is told, as lines that fit."""
        room = points(self.right - self.titles)
        title = one.names.indicator(one.indicator, self.lang)
        if one.unit.kind != "proportion":
            title = f"{title}, {one.unit.measure(self.lang)}"
        labels = [
            style.wrap(
                one.names.group(one.dimension, group, self.lang), points(self.bars - self.titles - 0.25), 10, "bold"
            )
            for group in pair(one)
        ]
        told = [line for said in _told(one, self.lang) for line in style.wrap(said, room, 10)]
        return style.wrap(title, room, 13, "bold"), labels, told

    def _height(self, one: Finding) -> float:
        title, labels, told = self._lines(one)
        bars = sum(max(BAR, len(lines) * line_height(10)) + 0.06 for lines in labels)
        return len(title) * line_height(13) + bars + len(told) * line_height(10) + 0.65

    def _band(self, one: Finding, top: float) -> None:
        self._line(top)
        ratio = turned(one)[0]
        self.plotted.append(ratio)
        said = formats.number(ratio, self.lang, 1 if ratio >= 1.15 else 2)
        self._text(self.left, top - 0.35, f"{said}×", size=27, bold=True, colour=style.DARK)
        y = top - 0.35 - line_height(27)
        for line in style.wrap(text("figure.county.times", self.lang), points(self.titles - self.left - 0.2)):
            self._text(self.left, y, line, colour=style.QUIET)
            y -= line_height(style.SIZE)
        title, labels, told = self._lines(one)
        y = top - 0.25
        for line in title:
            self._text(self.titles, y, line, size=13, bold=True)
            y -= line_height(13)
        y -= 0.1
        levels = one.groups.set_index("group")
        high, low = pair(one)
        longest = float(levels.loc[[high, low], ["estimate", "upper"]].max().max())
        for group, lines in zip((high, low), labels, strict=True):
            self._bar(one, levels.loc[group], y, longest, lines, worse=(group == high) != one.favourable)
            y -= max(BAR, len(lines) * line_height(10)) + 0.06
        for line in told:
            self._text(self.titles, y - 0.04, line, size=10)
            y -= line_height(10)

    def _bar(self, one: Finding, row: Any, y: float, longest: float, label: list[str], *, worse: bool) -> None:
        """A group's bar with its interval and number; the worse-off group's is dark, so they part in grey as well."""
        centre = y - max(BAR, len(label) * line_height(10)) / 2
        start = centre + (len(label) - 1) / 2 * line_height(10)
        for at, line in enumerate(label):
            self._text(self.titles, start - at * line_height(10), line, size=10, bold=worse, middle=True)
        value, lower, upper = (float(row[name]) for name in ("estimate", "lower", "upper"))
        scale = (self.end - self.bars) / longest
        fill, edge = (style.DARK, style.DARK) if worse else ("#BBD6EA", style.MIDDLE)
        self.sheet.add_patch(
            Rectangle((self.bars, centre - 0.2), value * scale, 0.4, facecolor=fill, edgecolor=edge, linewidth=1.0)
        )
        self.plotted.append(value)
        end = value
        if np.isfinite([lower, upper]).all():
            across = [self.bars + lower * scale, self.bars + upper * scale]
            for colour, wide in (("white", 3.0), (style.INK, 1.4)):
                self.sheet.plot(across, [centre] * 2, color=colour, linewidth=wide)
            self.plotted += [lower, upper]
            end = max(value, upper)
        said = one.unit.level(value, self.lang) if one.unit.kind == "proportion" else one.unit.number(value, self.lang)
        self._text(self.bars + end * scale + 0.18, centre, said, size=11, bold=True, middle=True)

    def _line(self, y: float) -> None:
        self.sheet.plot([self.left, self.right], [y, y], color=style.GAP, linewidth=0.8)

    def _text(
        self,
        x: float,
        y: float,
        said: str,
        *,
        size: float = style.SIZE,
        bold: bool = False,
        colour: str = style.INK,
        right: bool = False,
        middle: bool = False,
        gid: str | None = None,
    ) -> None:
        """One line at a place in cm, its upper edge or its middle at ``y``."""
        self.fig.text(
            x / self.width,
            y / self.height,
            said,
            fontsize=size,
            fontweight="bold" if bold else "normal",
            color=colour,
            va="center_baseline" if middle else "top",
            ha="right" if right else "left",
            gid=gid,
        )


def _told(one: Finding, lang: str) -> list[str]:
    """How many people it concerns, and whether the difference has changed; a line each."""
    said = []
    people = about(one.people) if one.people is not None and one.distinct else 0.0
    if people >= 1:
        kind = "cases" if one.unit.kind == "rate" else "people"
        direction = "more" if one.favourable else "fewer"
        number = formats.integer(people, lang)
        said.append(text(f"figure.county.{kind}_{direction}", lang, number=number))
    if one.change is not None and one.change.verdict != "unknown":
        verdict = text(f"figure.move.{one.change.verdict}", lang)
        said.append(text("figure.county.change", lang, verdict=verdict, span=span(one.change.between, lang)))
    return said


def pair(one: Finding) -> tuple[str, str]:
    """The two groups that the difference compares, the one with the larger number first."""
    assert one.difference is not None
    first, second = one.difference.between
    low, high = one.difference.values
    return (first, second) if low >= high else (second, first)


def turned(one: Finding) -> tuple[float, float, float]:
    """The ratio with its limits, the larger number over the smaller."""
    ratio = one.ratio
    if ratio is None:
        return (np.nan,) * 3
    if ratio.estimate >= 1:
        return ratio.estimate, ratio.lower, ratio.upper
    return 1 / ratio.estimate, 1 / ratio.upper, 1 / ratio.lower
