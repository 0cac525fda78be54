"""One page on inequality in a county: where groups differ most, how many people it concerns, whether it changes."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox

from hyteanalysis.disclosure import Release, only_release
from hyteanalysis.errors import HyteError, LackError
from hyteanalysis.figures.kit import style, words
from hyteanalysis.figures.kit.bundle import Caption, FigureBundle
from hyteanalysis.figures.kit.choice import bounded
from hyteanalysis.figures.kit.registry import figure
from hyteanalysis.figures.kit.sheet import FURNITURE, MARGIN, line_height, points
from hyteanalysis.figures.kit.topics import Topic, topics
from hyteanalysis.findings import Finding
from hyteanalysis.findings.sentences import counted, rounded, span
from hyteanalysis.i18n import formats, spoken, text, when

MOST = 6  # differences on the page


@figure(
    "county",
    of="release",
    needs=(
        "one area",
        "indicators",
    ),
)
@spoken
def county(
    release: Release,
    *,
    areas: str | Sequence[str] | None = None,
    dimension: str | None = None,
    period: str | None = None,
    lang: str = "fi",
    most: int = MOST,
    width: float = 21.0,
) -> FigureBundle:
    """In which things do population groups of this county differ most?

    Parameters
    ----------
    release : Release
    areas : str
        One area, such as a wellbeing services county. Need not be named where the release has one only.
    dimension : str, optional
        One grouping; by default each indicator's grouping with the largest clear difference (age left out).
    period : str, optional
        The newest of each indicator by default.
    lang : {"fi", "sv", "en"}
    most : int
        Differences shown, at most.
    width : float
        cm; 21 for an A4 page of its own, 16 within a report.

    Returns
    -------
    FigureBundle
        An A4 page. Proportions and rates whose difference stays clear among all looked at (Benjamini–Hochberg, 5 %),
        the largest ratio first; scores and means have no ratio and stand in the report instead. The table holds both
        groups' cells, the difference ``D``, the ratio ``R`` and ``people``: how many fewer (more) it would concern if
        every group had the best group's level.

    Raises
    ------
    LackError
        Where no difference is clear.
    HyteError
        For an unknown area.
    """
    area = _one_area(only_release(release), areas)
    every = topics(release, area=area, dimensions=None if dimension is None else [dimension], period=period)
    return picture(release, area, every, lang=lang, most=most, width=width)


@spoken
def picture(
    release: Release, area: str, every: list[Topic], *, lang: str = "fi", most: int = MOST, width: float = 21.0
) -> FigureBundle:
    """The page of :func:`county`, of topics that are measured already."""
    shown = sorted((one for one in every if one.ratio > 0), key=lambda one: -one.ratio)[:most]
    if not shown:
        raise LackError("clear", f"no difference between groups is clear in {area}: there is nothing to draw")
    shown = [replace(one, main=bounded(one.main, release)) for one in shown]
    return _bundle(release, area, every, shown, width, lang)


def _one_area(release: Release, areas: str | Sequence[str] | None) -> str:
    asked = [areas] if isinstance(areas, str) else list(areas or [])
    if not asked:
        there = release.areas["area"].unique().tolist()
        asked = there if len(there) == 1 else []
    if len(asked) != 1:
        raise HyteError("name the one area of the picture, such as areas='HVA10'")
    return asked[0]


def _bundle(
    release: Release, area: str, every: list[Topic], shown: list[Topic], width: float, lang: str
) -> FigureBundle:
    names = shown[0].main.names
    clear = sum(one.clear for one in every)
    periods = sorted({one.main.period for one in shown})
    title = text("figure.county.title", lang, area=names.area(area, lang))
    span = periods[0] if len(periods) == 1 else f"{periods[0]}–{periods[-1]}"
    subtitle = [text("figure.county.subtitle", lang, period=when(span), clear=str(clear), number=str(len(every)))]
    table = pd.concat([_rows(one.main) for one in shown], ignore_index=True)
    indicators = [one.indicator for one in shown]
    caption = Caption.of("county", release, indicators, title=title, subtitle=subtitle, lang=lang)
    with style.context():
        sheet = _CountySheet(shown, width, lang, **caption.around)
        sheet.draw()
    readable = pd.concat([_readable(one.main, lang) for one in shown], ignore_index=True)
    number = {text(f"table.{name}", lang): "#,##0.0" for name in ("figure", "lower", "upper")}
    return caption.bundle(
        sheet,
        table,
        readable,
        number,
        alternative=_alternative(shown, title, lang),
        plotted=sheet.plotted,
        notes=(text("figure.county.chosen", lang),),
        states=tuple(dict.fromkeys(state for one in shown for state in one.main.states)),
    )


def _rows(one: Finding) -> pd.DataFrame:
    """Both groups, the difference, the ratio as it is drawn, and the people concerned."""
    assert one.difference is not None
    groups = one.groups[one.groups["group"].isin(one.difference.between)].assign(measure="level")
    same = {"indicator": one.indicator, "area": one.shown_area, "period": one.period, "dimension": one.dimension}
    gap = one.difference
    ratio, lower, upper = larger_ratio(one)
    more = [
        {"measure": "D", "estimate": gap.estimate, "lower": gap.lower, "upper": gap.upper},
        {"measure": "R", "estimate": ratio, "lower": lower, "upper": upper},
    ]
    if one.fewer is not None:
        fewer = rounded(one.fewer)
        more.append({"measure": "people", "estimate": fewer.estimate, "lower": fewer.lower, "upper": fewer.upper})
    told = pd.DataFrame([{**same, "group": " − ".join(gap.between), "status": "ok", **row} for row in more])
    return pd.concat([groups, told], ignore_index=True)


def _readable(one: Finding, lang: str) -> pd.DataFrame:
    lines = []
    for row in _rows(one).to_dict("records"):
        measure = row["measure"]
        factor = one.unit.factor if measure in ("level", "D") else 1.0
        groups = [one.names.group(one.dimension, group, lang) for group in row["group"].split(" − ")]
        unit = {
            "level": one.unit.measure(lang),
            "D": one.unit.gap_measure(lang),
            "R": text("figure.county.times", lang),
            "people": text(f"figure.county.{counted(one)}", lang),
        }[measure]
        lines.append(
            {
                text("table.indicator", lang): one.names.indicator(one.indicator, lang),
                text("table.group", lang): groups[0]
                if measure == "level"
                else text("table.gap", lang, first=groups[0], second=groups[1])
                if measure != "people"
                else text("figure.county.if_best", lang),
                text("table.period", lang): when(one.period),
                text("table.figure", lang): row["estimate"] * factor,
                text("table.lower", lang): row.get("lower", np.nan) * factor,
                text("table.upper", lang): row.get("upper", np.nan) * factor,
                text("table.unit", lang): unit,
            }
        )
    return pd.DataFrame(lines)


def _alternative(shown: list[Topic], title: str, lang: str) -> words.Alternative:
    first = shown[0].main
    high, low = _pair(first)
    level = first.groups.set_index("group")["estimate"]

    def write(short: Callable[[str], str]) -> str:
        return text(
            "figure.alt.county",
            lang,
            title=title,
            number=str(len(shown)),
            indicator=short(first.names.indicator(first.indicator, lang)),
            highest=short(first.names.group(first.dimension, high, lang)),
            high=first.unit.level(level[high], lang),
            lowest=short(first.names.group(first.dimension, low, lang)),
            low=first.unit.level(level[low], lang),
        )

    return write


A4 = (21.0, 29.7)  # cm
BAR = 0.58  # cm of height that a group's bar takes


class _CountySheet:
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
        self.ground = self.fig.add_axes((0, 0, 1, 1))
        self.ground.set(xlim=(0, width), ylim=(0, self.height))
        self.ground.axis("off")
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
            for group in _pair(one)
        ]
        told = [line for said in _told(one, self.lang) for line in style.wrap(said, room, 10)]
        return style.wrap(title, room, 13, "bold"), labels, told

    def _height(self, one: Finding) -> float:
        title, labels, told = self._lines(one)
        bars = sum(max(BAR, len(lines) * line_height(10)) + 0.06 for lines in labels)
        return len(title) * line_height(13) + bars + len(told) * line_height(10) + 0.65

    def _band(self, one: Finding, top: float) -> None:
        self._line(top)
        ratio = larger_ratio(one)[0]
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
        high, low = _pair(one)
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
        self.ground.add_patch(
            Rectangle((self.bars, centre - 0.2), value * scale, 0.4, facecolor=fill, edgecolor=edge, linewidth=1.0)
        )
        self.plotted.append(value)
        end = value
        if np.isfinite([lower, upper]).all():
            across = [self.bars + lower * scale, self.bars + upper * scale]
            for colour, wide in (("white", 3.0), (style.INK, 1.4)):
                self.ground.plot(across, [centre] * 2, color=colour, linewidth=wide)
            self.plotted += [lower, upper]
            end = max(value, upper)
        said = one.unit.level(value, self.lang) if one.unit.kind == "proportion" else one.unit.number(value, self.lang)
        self._text(self.bars + end * scale + 0.18, centre, said, size=11, bold=True, middle=True)

    def _line(self, y: float) -> None:
        self.ground.plot([self.left, self.right], [y, y], color=style.GAP, linewidth=0.8)

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
    saved = rounded(one.fewer) if one.fewer is not None and one.distinct else None
    if saved is not None and saved.estimate >= 1:
        direction = "more" if one.favourable else "fewer"
        limits = formats.in_brackets(formats.interval(saved.lower, saved.upper, lang, 0))
        number = formats.integer(saved.estimate, lang)
        said.append(text(f"figure.county.{counted(one)}_{direction}", lang, number=number, interval=limits))
    if one.change is not None and one.change.verdict != "unknown":
        verdict = text(f"figure.move.{one.change.verdict}", lang)
        said.append(text("figure.county.change", lang, verdict=verdict, span=span(one.change.between, lang)))
    return said


def _pair(one: Finding) -> tuple[str, str]:
    """The two groups that the difference compares, the one with the larger number first."""
    assert one.difference is not None
    first, second = one.difference.between
    low, high = one.difference.values
    return (first, second) if low >= high else (second, first)


def larger_ratio(one: Finding) -> tuple[float, float, float]:
    """The ratio with its limits, the larger number over the smaller."""
    ratio = one.ratio
    if ratio is None:
        return (np.nan,) * 3
    if ratio.estimate >= 1:
        return ratio.estimate, ratio.lower, ratio.upper
    return 1 / ratio.estimate, 1 / ratio.upper, 1 / ratio.lower
