"""Equiplot: each group's level as a dot, the gap as the line between them, one row an area."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from hyteanalysis.errors import HyteError
from hyteanalysis.figures import choice, legend, style, words
from hyteanalysis.figures.bundle import FigureBundle
from hyteanalysis.figures.page import MARGIN, Page, centimetres, line_height, points
from hyteanalysis.findings import Finding, finding
from hyteanalysis.findings.sentences import interval, state_text
from hyteanalysis.i18n import text
from hyteanalysis.tables import readable

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release

NARROW = 11.0  # cm: below this an area's name stands above its row
COLUMNS = ("area", "period", "group", "estimate", "lower", "upper", "population", "respondents", "status")


def equiplot(
    release: "Release",
    *,
    indicator: str | None = None,
    dimension: str | None = None,
    areas: str | Sequence[str] | None = None,
    period: str | None = None,
    lang: str = "fi",
    width: float = 16.0,
) -> FigureBundle:
    """How far apart are the groups, and at what level, in one or several areas?

    Parameters
    ----------
    release : Release
    indicator, dimension : str
        Need not be named where the release holds only one.
    areas : str or list of str, optional
        At most seven are drawn; all stand in the table. By default all areas of the highest level present. An area
        without rows by this dimension is replaced as :func:`hyteanalysis.finding` does, and the figure says so.
    period : str, optional
        The newest by default.
    lang : {"fi", "sv", "en"}
    width : float
        cm; 16 for print, 8 for a phone.

    Returns
    -------
    FigureBundle
        The table holds the groups' cells, the areas' totals and one row a gap (``measure`` ``D``).

    Raises
    ------
    HyteError
        For an unknown indicator, dimension or language, or where no area has a number.
    """
    indicator, dimension = choice.indicator_and_dimension(release, indicator, dimension)
    cells = release.select(indicator=indicator, dimension=dimension)
    asked = choice.areas_to_show(cells, areas)
    found = [finding(release, indicator=indicator, area=area, dimension=dimension, period=period) for area in asked]
    found = [one for one in found if not one.groups.empty]
    if not found:
        raise HyteError(f"the release has no rows of {indicator!r} by {dimension!r} for {', '.join(asked)}")
    totals = release.select(indicator=indicator, dimension="total", area=[one.shown_area for one in found])
    table = pd.concat([_rows(one, totals) for one in found], ignore_index=True)
    with style.context():
        page, plotted = _Drawing(found[: choice.MOST], totals, width, words.mark(release, lang), lang).drawn(
            title=_title(found, lang),
            subtitle=_subtitle(found, lang),
            source=words.source(release, indicator, lang),
        )
    shown, formats = readable(table, found[0].names, found[0].unit, lang, columns=COLUMNS)
    return FigureBundle(
        fig=page.fig,
        table=table,
        title=_title(found, lang),
        subtitle=_subtitle(found, lang),
        alt=_alt(found[0], lang),
        long_text=words.long_text("equiplot", lang),
        source=words.source(release, indicator, lang),
        notes=_notes(found, lang),
        states=tuple(dict.fromkeys(state for one in found for state in one.states)),
        number_format=formats,
        lang=lang,
        release=release.id,
        plotted=tuple(plotted),
        readable=shown,
        body=page.body,
    )


def _rows(one: Finding, totals: pd.DataFrame) -> pd.DataFrame:
    """An area's groups, its total and its gap."""
    total = totals[(totals["area"] == one.shown_area) & (totals["period"] == one.period)]
    rows = [one.groups.assign(measure="level"), total.assign(measure="level")]
    if one.difference is not None:
        gap = {
            "indicator": one.indicator,
            "area": one.shown_area,
            "period": one.period,
            "dimension": one.dimension,
            "group": " − ".join(one.difference.between),
            "estimate": one.difference.estimate,
            "lower": one.difference.lower,
            "upper": one.difference.upper,
            "status": "ok",
            "measure": "D",
        }
        rows.append(pd.DataFrame([gap]))
    return pd.concat([part for part in rows if len(part)], ignore_index=True)


def _title(found: list[Finding], lang: str) -> str:
    """The first area's finding, with its name where other areas stand beside it."""
    first = found[0]
    said = first.headline(lang)
    if len({one.shown_area for one in found}) == 1:
        return said
    return text("figure.title.area", lang, title=said, area=first.names.area(first.shown_area, lang))


def _subtitle(found: list[Finding], lang: str) -> str:
    first = found[0]
    places = list(dict.fromkeys(first.names.area(one.shown_area, lang) for one in found))
    periods = list(dict.fromkeys(one.period for one in found))
    return words.subtitle(
        [
            text("figure.grouping", lang, dimension=first.names.dimension(first.dimension, lang)),
            places[0] if len(places) == 1 else "",
            ", ".join(periods).replace("-", "–"),
            first.unit.measure(lang),
            text("figure.interval", lang) if _has_interval(found) else text("figure.no_interval", lang),
        ]
    )


def _has_interval(found: list[Finding]) -> bool:
    return any("lower" in one.groups and one.groups["lower"].notna().any() for one in found)


def _notes(found: list[Finding], lang: str) -> tuple[str, ...]:
    """What the reader must know of what is not shown as plain numbers."""
    notes = []
    for one in found:
        told = [state for state in one.states if state not in ("no_data", "reversed")]
        name = one.names.area(one.shown_area, lang)
        for state in told:
            said = state_text(one, state, lang)
            notes.append(said if len(found) == 1 or state in ("fallback", "old", "many_groups") else f"{name}: {said}")
    if len(found) > choice.MOST:
        notes.append(text("figure.many_areas", lang, number=str(len(found)), shown=str(choice.MOST)))
    return tuple(dict.fromkeys(notes))


def _alt(one: Finding, lang: str) -> str:
    def write(short: Any) -> str:
        said = [
            text(
                "figure.alt.equiplot",
                lang,
                title=short(one.names.indicator(one.indicator, lang)),
                area=short(one.names.area(one.shown_area, lang)),
                period=one.period,
            )
        ]
        level = one.groups.set_index("group")["estimate"]
        if one.worst is not None and one.best is not None:
            pair = (one.best, one.worst) if one.favourable else (one.worst, one.best)
            said.append(
                text(
                    "figure.alt.extremes",
                    lang,
                    highest=short(one.names.group(one.dimension, pair[0], lang)),
                    high=one.unit.level(level[pair[0]], lang),
                    lowest=short(one.names.group(one.dimension, pair[1], lang)),
                    low=one.unit.level(level[pair[1]], lang),
                )
            )
        said.append(text(f"figure.verdict.{one.difference.verdict if one.difference else 'none'}", lang))
        return " ".join(said)

    return words.alt(write, lang)


def _ordered(groups: pd.DataFrame) -> bool:
    return "order" in groups and bool(groups["order"].notna().all())


class _Drawing:
    """The sheet of one equiplot: sizes first, then marks."""

    def __init__(self, found: list[Finding], totals: pd.DataFrame, width: float, mark: str, lang: str) -> None:
        self.found, self.totals, self.width, self.mark, self.lang = found, totals, width, mark, lang
        self.unit = found[0].unit
        self.names = found[0].names
        groups = pd.concat([one.groups for one in found]).drop_duplicates("group")
        self.groups = groups["group"].tolist()[: choice.MOST]
        ordered = _ordered(groups)
        looks = style.group_styles(len(self.groups), ordered)
        self.looks = dict(zip(self.groups, looks, strict=True))
        self.plotted: list[float] = []
        narrow = width < NARROW
        self.left = MARGIN if narrow else min(0.34 * width, self._label_width() + 2 * MARGIN)
        self.above = narrow
        self.dodged = any(self._crowded(one) for one in found)

    def _label_width(self) -> float:
        """Room that the areas' names want beside their rows, cm."""
        wanted = [
            centimetres(style.text_width(line, weight=weight))
            for one in self.found
            for line, weight in self._label(one)
        ]
        return max(wanted, default=0.0) + 0.2

    def _label(self, one: Finding) -> list[tuple[str, str]]:
        """An area's name and its gap, before wrapping."""
        lines = [(self.names.area(one.shown_area, self.lang), "bold")]
        if one.difference is not None:
            gap = one.difference
            lines.append(
                (
                    text(
                        f"figure.gap.{gap.verdict}",
                        self.lang,
                        difference=self.unit.number(gap.estimate, self.lang),
                        interval=interval(one, gap, self.lang),
                    ),
                    "normal",
                )
            )
            if _ordered(one.groups) and set(gap.between) != {one.groups["group"].iloc[0], one.groups["group"].iloc[-1]}:
                pair = [self.names.group(one.dimension, group, self.lang) for group in gap.between]
                lines.append((" – ".join(pair), "normal"))
        return lines

    def _wrapped(self, one: Finding) -> list[tuple[str, str]]:
        room = points((self.width - 2 * MARGIN) if self.above else self.left - MARGIN - 0.25)
        return [(line, weight) for words, weight in self._label(one) for line in style.wrap(words, room, weight=weight)]

    def _gone(self, one: Finding) -> list[str]:
        """Groups without a number, said below the row."""
        said = []
        for status in ("suppressed", "missing"):
            gone = [self.names.group(one.dimension, group, self.lang) for group in one.in_group(status)]
            if gone:
                symbol = "×" if status == "suppressed" else "–"
                said.append(f"{symbol} {text(f'table.status.{status}', self.lang)}: {'; '.join(gone)}")
        room = points(self.width - self.left - 2 * MARGIN)
        return [line for words in said for line in style.wrap(words, room)]

    def drawn(self, **around: str) -> tuple[Page, list[float]]:
        """The finished sheet and every number on it."""
        labels = [self._wrapped(one) for one in self.found]
        gone = [self._gone(one) for one in self.found]
        band = [0.95 + 0.3 * (self.dodged * (len(self.groups) - 1)) for one in self.found]
        line = line_height(style.SIZE)
        heights = []
        for label, lost, dots in zip(labels, gone, band, strict=True):
            beside = dots + len(lost) * line
            heights.append(0.25 + (len(label) * line + beside if self.above else max(len(label) * line, beside)))
        entries = self._entries()
        key = legend.height(entries, self.width)
        axis = 1.05
        body = key + 0.2 + sum(heights) + axis
        page = Page(self.width, body, mark=self.mark, **around)
        legend.draw(page, entries, body)
        rows = page.axes(self.left, axis, self.width - self.left - 2 * MARGIN, sum(heights))
        self._axis(rows, sum(heights))
        top = sum(heights)
        for one, label, lost, dots, height in zip(self.found, labels, gone, band, heights, strict=True):
            over = len(label) * line if self.above else 0.0
            centre = top - over - 0.125 - dots / 2
            start = axis + (top - 0.125 if self.above else centre + len(label) * line / 2)
            if not self.above:
                start = min(start, axis + top - 0.05)
            for k, (words_, weight) in enumerate(label):
                page.text(MARGIN, start - k * line, words_, va="top", fontweight=weight, color=style.INK)
            self._row(rows, one, centre, dots)
            for k, words_ in enumerate(lost):
                y = axis + centre - dots / 2 - k * line
                page.text(self.left, y, words_, va="top", color=style.QUIET)
            top -= height
            if one is not self.found[-1]:
                rows.axhline(top, color=style.GRID, linewidth=0.8, zorder=0)
        return page, self.plotted

    def _entries(self) -> list[legend.Entry]:
        """The key: groups, and each other mark that is in the figure."""
        entries: list[legend.Entry] = [
            (
                self.names.group(self.found[0].dimension, group, self.lang),
                {
                    "marker": look["marker"],
                    "color": look["fill"],
                    "markeredgecolor": look["edge"],
                    "markersize": style.MARK,
                    "linestyle": "none",
                },
            )
            for group, look in self.looks.items()
        ]
        if any(self._total(one) is not None for one in self.found):
            total = self.names.group("total", "total", self.lang)
            entries.append((total, {"marker": "|", "color": style.INK, "markeredgewidth": 1.6, "linestyle": "none"}))
        if _has_interval(self.found):
            entries.append(
                (text("figure.interval", self.lang), {"color": style.INK, "linewidth": 1.2, "linestyle": "-"})
            )
        states = {state for one in self.found for state in one.states}
        if "reversed" in states:
            entries.append(
                (text("figure.reversed", self.lang), {"color": style.GAP, "linewidth": 2.6, "linestyle": (0, (2, 1.2))})
            )
        if "suppressed" in states:
            entries.append(
                (
                    text("table.status.suppressed", self.lang),
                    {"marker": "x", "color": style.QUIET, "markersize": 7, "markeredgewidth": 1.8, "linestyle": "none"},
                )
            )
        if "uncertain" in states:
            entries.append(
                (
                    text("figure.uncertain", self.lang),
                    {
                        "marker": "o",
                        "markerfacecolor": "white",
                        "color": style.UNCERTAIN,
                        "markersize": style.MARK,
                        "markeredgewidth": 1.6,
                        "linestyle": "none",
                    },
                )
            )
        return entries

    def _total(self, one: Finding) -> float | None:
        rows = self.totals[(self.totals["area"] == one.shown_area) & (self.totals["period"] == one.period)]
        value = rows["estimate"].iloc[0] if len(rows) else np.nan
        return None if pd.isna(value) else float(value)

    def _shown(self, one: Finding) -> pd.DataFrame:
        rows = one.groups[one.groups["group"].isin(self.groups) & one.groups["estimate"].notna()]
        return rows.assign(lower=rows.get("lower", np.nan), upper=rows.get("upper", np.nan))

    def _limits(self) -> tuple[float, float]:
        values = (
            pd.concat([self._shown(one)[["estimate", "lower", "upper"]] for one in self.found])
            .to_numpy(dtype=float)
            .ravel()
        )
        values = np.append(values, [total for one in self.found if (total := self._total(one)) is not None])
        values = values[np.isfinite(values)]
        if not len(values):
            return 0.0, 1.0
        low, high = float(values.min()), float(values.max())
        return (0.0 if 0 <= low < 0.6 * high else low), high if high > low else low + max(abs(low), 1.0) * 0.1

    def _scale(self) -> tuple[float, float]:
        """Limits of the axis with room for the value labels at both ends, in the unit shown."""
        low, high = self._limits()
        room = points(self.width - self.left - 2 * MARGIN)
        widest = max(
            style.text_width(self.unit.number(value, self.lang))
            for one in self.found
            for value in [0.0, *self._shown(one)["estimate"]]
        )
        hidden = any(one.in_group("suppressed") for one in self.found)
        share = min((widest + style.MARK + (20 if hidden else 8)) / room, 0.3)
        span = (high - low) / (1 - (2 if low != 0 else 1.3) * share)
        smallest = min((self._ends(one)[0] for one in self.found if len(self._shown(one))), default=low)
        start = min(low, smallest - share * span)
        return (start if low != 0 or start < 0 else 0.0) * self.unit.factor, (high + share * span) * self.unit.factor

    def _ends(self, one: Finding) -> tuple[float, float]:
        """Outermost number of a row, intervals included."""
        values = self._shown(one)[["estimate", "lower", "upper"]].to_numpy(dtype=float)
        return float(np.nanmin(values)), float(np.nanmax(values))

    def _crowded(self, one: Finding) -> bool:
        """Whether dots of a row would lie on each other were they on one line."""
        low, high = self._limits()
        room = points(self.width - self.left - 2 * MARGIN) * 0.7
        rows = self._shown(one).sort_values("estimate")
        apart = np.diff(rows["estimate"]) / (high - low) * room
        crossing = (
            (rows["upper"].to_numpy()[:-1] > rows["estimate"].to_numpy()[1:]) if len(rows) > 1 else np.array([False])
        )
        return bool(len(apart) and (apart.min() < style.MARK * 1.3 or crossing.any()))

    def _axis(self, axes: Axes, height: float) -> None:
        low, high = self._scale()
        axes.set(xlim=(low, high), ylim=(0, height))
        axes.set_yticks([])
        for side in ("left", "right", "top"):
            axes.spines[side].set_visible(False)
        ticks = 4 if self.width - self.left < 8 else 6
        axes.xaxis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))
        shown = [
            tick
            for tick in axes.get_xticks()
            if low <= tick <= high and (tick >= 0 or self.unit.kind in ("mean", "index"))
        ]
        axes.set_xticks(shown)
        decimals = (
            0
            if all(abs(tick - round(tick)) < 1e-9 for tick in shown)
            else 1
            if all(abs(tick * 10 - round(tick * 10)) < 1e-6 for tick in shown)
            else 2
        )
        axes.xaxis.set_major_formatter(FuncFormatter(_ticks(self.lang, decimals)))
        axes.grid(axis="x", color=style.GRID, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.set_xlabel(self.unit.measure(self.lang), fontsize=style.SIZE, loc="right", labelpad=1)
        axes.tick_params(length=3, labelsize=style.SIZE)

    def _row(self, axes: Axes, one: Finding, y: float, band: float) -> None:
        """Gap line, total, whiskers, dots and the labels of one area."""
        rows, factor = self._shown(one), self.unit.factor
        turned = one.difference is not None and one.difference.verdict == "reversed"
        total = self._total(one)
        if total is not None:
            axes.plot(
                [total * factor] * 2,
                [y - band / 2 + 0.05, y + band / 2 - 0.05],
                color=style.INK,
                linewidth=1.6,
                zorder=2,
            )
            self.plotted.append(total)
        if len(one.in_group("suppressed")):
            axes.plot(
                [1.0],
                [y],
                transform=axes.get_yaxis_transform(),
                marker="x",
                color=style.QUIET,
                markersize=7,
                markeredgewidth=1.8,
                clip_on=False,
            )
        if rows.empty:
            return
        spots = dict.fromkeys(rows["group"], y)
        if self.dodged:
            step = (band - 0.45) / max(len(self.groups) - 1, 1)
            spots = {group: y + (len(self.groups) - 1) * step / 2 - i * step for i, group in enumerate(self.groups)}
        low, high = (
            rows.loc[at, ["estimate", "group"]] for at in (rows["estimate"].idxmin(), rows["estimate"].idxmax())
        )
        axes.plot(
            [low["estimate"] * factor, high["estimate"] * factor],
            [spots[low["group"]], spots[high["group"]]],
            color=style.GAP,
            linewidth=2.6,
            linestyle=(0, (2, 1.2)) if turned else "-",
            zorder=1,
            solid_capstyle="butt",
        )
        for row in rows.itertuples():
            look, at = self.looks[row.group], spots[row.group]
            if np.isfinite(row.lower) and np.isfinite(row.upper):
                axes.errorbar(
                    row.estimate * factor,
                    at,
                    xerr=[[max(row.estimate - row.lower, 0) * factor], [max(row.upper - row.estimate, 0) * factor]],
                    fmt="none",
                    ecolor=look["edge"],
                    elinewidth=1.3,
                    capsize=2.6,
                    capthick=1.3,
                    zorder=3,
                )
                self.plotted += [row.lower, row.upper]
            hollow = row.status == "uncertain"
            axes.plot(
                row.estimate * factor,
                at,
                marker=look["marker"],
                markersize=style.MARK,
                markerfacecolor="white" if hollow else look["fill"],
                markeredgecolor=look["edge"],
                markeredgewidth=1.6 if hollow else 1.0,
                zorder=4,
                linestyle="none",
            )
            if hollow:
                axes.annotate(
                    "?",
                    (row.estimate * factor, at),
                    (5.5, 2),
                    textcoords="offset points",
                    ha="left",
                    va="bottom",
                    fontsize=style.SIZE,
                    fontweight="bold",
                )
            self.plotted.append(row.estimate)
        self._end_labels(axes, rows, spots)

    def _end_labels(self, axes: Axes, rows: pd.DataFrame, spots: dict[str, float]) -> None:
        """The lowest and the highest number, each outside its own interval and all others on its line."""
        factor = self.unit.factor
        lowest, highest = rows.loc[rows["estimate"].idxmin()], rows.loc[rows["estimate"].idxmax()]
        for row, side in ((lowest, -1), (highest, 1)):
            if side == 1 and len(rows) == 1:
                continue
            line = rows[[abs(spots[group] - spots[row["group"]]) < 0.28 for group in rows["group"]]]
            values = line[["estimate", "lower", "upper"]].to_numpy(dtype=float)
            edge = np.nanmin(values) if side < 0 else np.nanmax(values)
            axes.annotate(
                self.unit.number(row["estimate"], self.lang),
                (edge * factor, spots[row["group"]]),
                (side * (style.MARK / 2 + 3), 0),
                textcoords="offset points",
                ha="right" if side < 0 else "left",
                va="center",
                fontsize=style.SIZE,
                fontweight="bold",
                zorder=5,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
            )


def _ticks(lang: str, decimals: int) -> Any:
    from hyteanalysis.i18n import number

    return lambda value, _: number(value, lang, decimals)
