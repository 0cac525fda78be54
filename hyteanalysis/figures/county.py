"""One page on inequality in a county: where groups differ most, how many people it concerns, whether it changes."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox

from hyteanalysis.errors import HyteError
from hyteanalysis.figures import style, words
from hyteanalysis.figures.bundle import FigureBundle
from hyteanalysis.figures.choice import only_release
from hyteanalysis.figures.leading import Topic, topics
from hyteanalysis.figures.page import FURNITURE, line_height, points
from hyteanalysis.findings import Finding
from hyteanalysis.findings.sentences import about, span
from hyteanalysis.i18n import formats, text

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release

MOST = 6  # differences on the page
WIDE, HIGH = 21.0, 29.7  # cm
LEFT, RIGHT = 1.3, 19.7
NUMBER, BAR = 4.5, 9.3  # cm from the left edge: where titles start, where bars start
END = 16.0  # cm: the right end of the longest bar
TOP, FOOT = 4.0, 4.2  # cm kept for title and foot


def county(
    release: "Release",
    *,
    areas: str | Sequence[str] | None = None,
    dimension: str | None = None,
    period: str | None = None,
    lang: str = "fi",
    most: int = MOST,
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

    Returns
    -------
    FigureBundle
        An A4 page. Proportions and rates whose difference stays clear among all looked at (Benjamini–Hochberg, 5 %),
        the largest ratio first; scores and means have no ratio and stand in the report instead. The table holds both
        groups' cells, the difference ``D``, the ratio ``R`` and ``people``: how many fewer (more) it would concern if
        every group had the best group's level.

    Raises
    ------
    HyteError
        For an unknown area, or where no difference is clear.
    """
    area = _one_area(only_release(release), areas)
    every = topics(release, area=area, dimensions=None if dimension is None else [dimension], period=period)
    shown = sorted((one for one in every if one.ratio > 0), key=lambda one: -one.ratio)[:most]
    if not shown:
        raise HyteError(f"no difference between groups is clear in {area}: there is nothing to draw")
    return _bundle(release, area, every, shown, lang)


def _one_area(release: "Release", areas: str | Sequence[str] | None) -> str:
    asked = [areas] if isinstance(areas, str) else list(areas or [])
    if not asked:
        there = release.areas["area"].unique().tolist()
        asked = there if len(there) == 1 else []
    if len(asked) != 1:
        raise HyteError("name the one area of the picture, such as areas='HVA10'")
    return asked[0]


def _bundle(release: "Release", area: str, every: list[Topic], shown: list[Topic], lang: str) -> FigureBundle:
    names = shown[0].main.names
    clear = sum(one.clear for one in every)
    periods = sorted({one.main.period for one in shown})
    title = text("figure.county.title", lang, area=names.area(area, lang))
    when = periods[0] if len(periods) == 1 else f"{periods[0]}–{periods[-1]}"
    subtitle = text(
        "figure.county.subtitle", lang, period=when.replace("-", "–"), clear=str(clear), number=str(len(every))
    )
    sources = list(dict.fromkeys(words.source(release, one.indicator, lang) for one in shown))
    table = pd.concat([_rows(one.main) for one in shown], ignore_index=True)
    page = _Page(shown, lang)
    with style.context():
        page.draw(title, subtitle, " ".join(sources), words.mark(release, lang))
    readable = pd.concat([_readable(one.main, lang) for one in shown], ignore_index=True)
    number = {text(f"table.{name}", lang): "#,##0.0" for name in ("figure", "lower", "upper")}
    return FigureBundle(
        fig=page.fig,
        table=table,
        title=title,
        subtitle=subtitle,
        alt=_alt(shown, title, lang),
        long_text=words.long_text("county", lang),
        source=sources[0] if len(sources) == 1 else " ".join(sources),
        notes=(text("figure.county.chosen", lang),),
        states=tuple(dict.fromkeys(state for one in shown for state in one.main.states)),
        number_format=number,
        lang=lang,
        release=release.id,
        plotted=tuple(page.plotted),
        readable=readable,
        body=page.body,
    )


def pair(one: Finding) -> tuple[str, str]:
    """The two groups that the difference compares, the one with the larger number first."""
    assert one.difference is not None
    first, second = one.difference.between
    low, high = one.difference.values
    return (first, second) if low >= high else (second, first)


def _rows(one: Finding) -> pd.DataFrame:
    """Both groups, the difference, the ratio as it is drawn, and the people concerned."""
    assert one.difference is not None
    groups = one.groups[one.groups["group"].isin(one.difference.between)].assign(measure="level")
    same = {"indicator": one.indicator, "area": one.shown_area, "period": one.period, "dimension": one.dimension}
    gap = one.difference
    ratio, lower, upper = turned(one)
    more = [
        {"measure": "D", "estimate": gap.estimate, "lower": gap.lower, "upper": gap.upper},
        {"measure": "R", "estimate": ratio, "lower": lower, "upper": upper},
    ]
    if one.people is not None:
        more.append({"measure": "people", "estimate": about(one.people)})
    told = pd.DataFrame([{**same, "group": " − ".join(gap.between), "status": "ok", **row} for row in more])
    return pd.concat([groups, told], ignore_index=True)


def turned(one: Finding) -> tuple[float, float, float]:
    """The ratio with its limits, the larger number over the smaller."""
    ratio = one.ratio
    if ratio is None:
        return (np.nan,) * 3
    if ratio.estimate >= 1:
        return ratio.estimate, ratio.lower, ratio.upper
    return 1 / ratio.estimate, 1 / ratio.upper, 1 / ratio.lower


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
            "people": text("figure.county.people", lang),
        }[measure]
        lines.append(
            {
                text("table.indicator", lang): one.names.indicator(one.indicator, lang),
                text("table.group", lang): groups[0]
                if measure == "level"
                else text("table.gap", lang, first=groups[0], second=groups[1])
                if measure != "people"
                else text("figure.county.if_best", lang),
                text("table.period", lang): one.period.replace("-", "–"),
                text("table.figure", lang): row["estimate"] * factor,
                text("table.lower", lang): row.get("lower", np.nan) * factor,
                text("table.upper", lang): row.get("upper", np.nan) * factor,
                text("table.unit", lang): unit,
            }
        )
    return pd.DataFrame(lines)


def _alt(shown: list[Topic], title: str, lang: str) -> str:
    first = shown[0].main
    high, low = pair(first)
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

    return words.alt(write, lang)


class _Page:
    """The sheet: a band a difference, the larger ratio higher up."""

    def __init__(self, shown: list[Topic], lang: str) -> None:
        self.shown, self.lang = shown, lang
        self.fig = Figure(figsize=(WIDE * style.CM, HIGH * style.CM), facecolor="white")
        self.sheet = self.fig.add_axes((0, 0, 1, 1))
        self.sheet.set(xlim=(0, WIDE), ylim=(0, HIGH))
        self.sheet.axis("off")
        self.body = Bbox.from_bounds(0, 1.9 * style.CM, WIDE * style.CM, (HIGH - TOP - 1.9 + 0.35) * style.CM)
        self.plotted: list[float] = []

    def draw(self, title: str, subtitle: str, source: str, mark: str) -> None:
        """Title, bands, how to read it, source."""
        y = HIGH - 1.3
        for line in style.wrap(title, points(RIGHT - LEFT), 20, "bold"):
            self._text(LEFT, y, line, size=20, bold=True, colour=style.DARK, gid=FURNITURE)
            y -= line_height(20)
        for line in style.wrap(subtitle, points(RIGHT - LEFT), 11):
            self._text(LEFT, y - 0.1, line, size=11, colour=style.QUIET, gid=FURNITURE)
            y -= line_height(11)
        top = HIGH - TOP
        if mark:
            self._text(RIGHT, top + 0.3, mark, size=10, bold=True, colour=style.VERMILLION_TEXT, right=True)
        tall = (top - FOOT) / max(len(self.shown), 4)
        for at, topic in enumerate(self.shown):
            self._band(topic.main, top - at * tall, tall)
        foot = top - len(self.shown) * tall
        self._line(foot)
        y = foot - 0.25
        for part in ("read", "limits"):
            for line in style.wrap(text(f"figure.county.{part}", self.lang), points(RIGHT - LEFT), 9.5):
                self._text(LEFT, y, line, size=9.5)
                y -= line_height(9.5)
            y -= 0.1
        y = 1.8
        for line in style.wrap(source, points(RIGHT - LEFT)):
            self._text(LEFT, y, line, colour=style.QUIET, gid=FURNITURE)
            y -= line_height(style.SIZE)

    def _band(self, one: Finding, top: float, tall: float) -> None:
        lang = self.lang
        self._line(top)
        ratio = turned(one)[0]
        self.plotted.append(ratio)
        decimals = 1 if ratio >= 1.15 else 2
        said = formats.number(ratio, lang, decimals)
        self._text(LEFT, top - 0.5, said, size=30, bold=True, colour=style.DARK)
        self._text(LEFT, top - 0.5 - line_height(30), text("figure.county.times", lang), size=10, colour=style.QUIET)
        y = top - 0.3
        for line in style.wrap(one.names.indicator(one.indicator, lang), points(RIGHT - NUMBER), 13, "bold"):
            self._text(NUMBER, y, line, size=13, bold=True)
            y -= line_height(13)
        y -= 0.12
        levels = one.groups.set_index("group")
        high, low = pair(one)
        longest = float(levels.loc[[high, low], ["estimate", "upper"]].max().max())
        for group in (high, low):
            y = self._bar(one, group, levels.loc[group], y, longest, worse=(group == high) != one.favourable)
        for line in style.wrap(_told(one, lang), points(RIGHT - NUMBER), 10):
            self._text(NUMBER, y - 0.02, line, size=10, colour=style.INK)
            y -= line_height(10)

    def _bar(self, one: Finding, group: str, row: Any, y: float, longest: float, *, worse: bool) -> float:
        """A group's bar with its interval and number; the worse-off group's is dark, so they part in grey as well."""
        lines = style.wrap(one.names.group(one.dimension, group, self.lang), points(BAR - NUMBER - 0.3), 10)
        high = max(0.62, len(lines) * line_height(10))
        for at, line in enumerate(lines):
            self._text(NUMBER, y - at * line_height(10), line, size=10, bold=worse)
        value, lower, upper = (float(row[name]) for name in ("estimate", "lower", "upper"))
        scale = (END - BAR) / longest
        fill, edge = (style.DARK, style.DARK) if worse else ("#BBD6EA", style.MIDDLE)
        centre = y - 0.26
        self.sheet.add_patch(
            Rectangle((BAR, centre - 0.21), value * scale, 0.42, facecolor=fill, edgecolor=edge, linewidth=1.0)
        )
        end = value
        self.plotted.append(value)
        if np.isfinite([lower, upper]).all():
            for colour, wide in (("white", 3.0), (style.INK, 1.4)):
                self.sheet.plot([BAR + lower * scale, BAR + upper * scale], [centre] * 2, color=colour, linewidth=wide)
            self.plotted += [lower, upper]
            end = max(value, upper)
        self._text(BAR + end * scale + 0.2, y, one.unit.level(value, self.lang), size=11, bold=True)
        return y - high - 0.06

    def _line(self, y: float) -> None:
        self.sheet.plot([LEFT, RIGHT], [y, y], color=style.GAP, linewidth=0.8)

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
        gid: str | None = None,
    ) -> None:
        """One line, its upper edge ``y`` cm above the sheet's lower edge."""
        self.fig.text(
            x / WIDE,
            y / HIGH,
            said,
            fontsize=size,
            fontweight="bold" if bold else "normal",
            color=colour,
            va="top",
            ha="right" if right else "left",
            gid=gid,
        )


def _told(one: Finding, lang: str) -> str:
    """How many people it concerns, and whether the difference has changed."""
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
    return " ".join(said)
