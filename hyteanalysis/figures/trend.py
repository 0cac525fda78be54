"""Trend: one line a group with its interval, and below it the gap itself with its own interval."""

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
from hyteanalysis.findings.contrasts import break_year, last_year
from hyteanalysis.findings.sentences import span, state_text
from hyteanalysis.i18n import number, text
from hyteanalysis.inequality import disparity
from hyteanalysis.tables import readable

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release

LINES, GAP_PANEL, AXIS = 6.2, 2.6, 0.75  # cm
COLUMNS = ("period", "group", "estimate", "lower", "upper", "population", "respondents", "status")


def trend(
    release: "Release",
    *,
    indicator: str | None = None,
    dimension: str | None = None,
    areas: str | Sequence[str] | None = None,
    period: str | None = None,
    lang: str = "fi",
    width: float = 16.0,
) -> FigureBundle:
    """How have the groups and the gap between them developed?

    Parameters
    ----------
    release : Release
    indicator, dimension : str
        Need not be named where the release holds only one.
    areas : str, optional
        One area; of a list the first. By default the first of the highest level.
    period : str, optional
        The last period shown; the newest by default.
    lang : {"fi", "sv", "en"}
    width : float
        cm; 16 for print, 8 for a phone.

    Returns
    -------
    FigureBundle
        The table holds the groups' cells of every period and one row a gap and period (``measure`` ``D``). The gap is
        drawn only where it compares the same groups as in the newest period: both ends of an order, else all groups.
        Lines break at periods that are suppressed, missing or, by the indicator's optional ``break_year``, not
        comparable.

    Raises
    ------
    HyteError
        For unknown ids, or fewer than two periods.
    """
    indicator, dimension = choice.indicator_and_dimension(release, indicator, dimension)
    everything = release.select(indicator=indicator, dimension=dimension)
    area = choice.areas_to_show(everything, areas)[0]
    newest = finding(release, indicator=indicator, area=area, dimension=dimension, period=period)
    periods = [one for one in sorted(set(everything["period"])) if one <= newest.period]
    cells = everything[(everything["area"] == newest.shown_area) & everything["period"].isin(periods)]
    if cells["period"].nunique() < 2:
        raise HyteError(f"a trend needs two periods; the release has {cells['period'].nunique()} for {area}")
    meta = release.indicators.loc[release.indicators["indicator"] == indicator].iloc[0].to_dict()
    cells = cells.assign(measure="level")
    gaps = _gaps(cells, newest, release.indicators)
    table = pd.concat([cells, gaps], ignore_index=True) if len(gaps) else cells.reset_index(drop=True)
    title, subtitle = _title(newest, lang), _subtitle(newest, periods, lang)
    source = words.source(release, indicator, lang)
    with style.context():
        drawing = _Drawing(cells, gaps, newest, periods, break_year(meta), width, words.mark(release, lang), lang)
        page = drawing.drawn(title=title, subtitle=subtitle, source=source)
    shown, formats = readable(table, newest.names, newest.unit, lang, columns=COLUMNS)
    states = dict.fromkeys([*newest.states, *(s for s in ("suppressed", "missing") if (cells["status"] == s).any())])
    if drawing.broken:
        states["not_comparable"] = None
    return FigureBundle(
        fig=page.fig,
        table=table,
        title=title,
        subtitle=subtitle,
        alt=_alt(newest, periods, lang),
        long_text=words.long_text("trend", lang),
        source=source,
        notes=_notes(newest, cells, drawing.broken, lang),
        states=tuple(states),
        number_format=formats,
        lang=lang,
        release=release.id,
        plotted=tuple(drawing.plotted),
        readable=shown,
        body=page.body,
    )


def _gaps(cells: pd.DataFrame, newest: Finding, indicators: pd.DataFrame) -> pd.DataFrame:
    """The difference of every period in which the groups it compares have a number."""
    if newest.difference is None:
        return cells[:0]
    wanted = set(newest.groups.loc[newest.groups["estimate"].notna(), "group"])
    if "order" in cells and cells["order"].notna().all():
        wanted = set(newest.difference.between)
    usable = cells[cells["estimate"].notna() & cells["group"].isin(wanted)]
    whole = usable.groupby("period")["group"].nunique()
    usable = usable[usable["period"].isin(whole.index[whole == len(wanted)])]
    if usable.empty:
        return cells[:0]
    found = disparity(usable.drop(columns=["reference", "measure"], errors="ignore"), ["D"], indicators=indicators)
    names = _pairs(usable, newest)
    return found[["indicator", "area", "period", "dimension", "measure", "estimate", "lower", "upper"]].assign(
        group=found["period"].map(names), status="ok"
    )


def _pairs(usable: pd.DataFrame, newest: Finding) -> dict[str, str]:
    """The two groups each period's gap compares: always the ends of an order, else that period's worst and best."""
    assert newest.difference is not None
    if "order" in usable and usable["order"].notna().all():
        return dict.fromkeys(usable["period"], " − ".join(newest.difference.between))
    badness = usable.assign(bad=usable["estimate"] * (-1 if newest.favourable else 1))
    worst = badness.loc[badness.groupby("period")["bad"].idxmax()].set_index("period")["group"]
    best = badness.loc[badness.groupby("period")["bad"].idxmin()].set_index("period")["group"]
    return {str(period): f"{worst[period]} − {best[period]}" for period in worst.index}


def _title(newest: Finding, lang: str) -> str:
    verdict = newest.change.verdict if newest.change is not None else "none"
    values = {"title": newest.names.indicator(newest.indicator, lang)}
    between = span(newest.change.between, lang) if newest.change is not None else ""
    return text(f"figure.trend.{verdict}", lang, span=between, **values)


def _subtitle(newest: Finding, periods: list[str], lang: str) -> str:
    return words.subtitle(
        [
            text("figure.grouping", lang, dimension=newest.names.dimension(newest.dimension, lang)),
            newest.names.area(newest.shown_area, lang),
            span((periods[0], periods[-1]), lang),
            newest.unit.measure(lang),
            text("figure.band", lang),
        ]
    )


def _notes(newest: Finding, cells: pd.DataFrame, broken: bool, lang: str) -> tuple[str, ...]:
    notes = [state_text(newest, state, lang) for state in newest.states if state in ("fallback", "old", "many_groups")]
    for status in ("suppressed", "missing"):
        gone = cells[cells["status"] == status]
        said = [
            f"{newest.names.group(newest.dimension, group, lang)} ({', '.join(rows['period'])})"
            for group, rows in gone.groupby("group", sort=False)
        ]
        if said:
            notes.append(text(f"figure.trend.gone.{status}", lang, groups="; ".join(said)))
    if broken or "not_comparable" in newest.states:
        notes.append(state_text(newest, "not_comparable", lang))
    return tuple(notes)


def _alt(newest: Finding, periods: list[str], lang: str) -> str:
    def write(short: Any) -> str:
        said = [
            text(
                "figure.alt.trend",
                lang,
                title=short(newest.names.indicator(newest.indicator, lang)),
                area=short(newest.names.area(newest.shown_area, lang)),
                span=span((periods[0], periods[-1]), lang),
            )
        ]
        if newest.worst is not None and newest.best is not None:
            level = newest.groups.set_index("group")["estimate"]
            high, low = (newest.best, newest.worst) if newest.favourable else (newest.worst, newest.best)
            values = {
                "period": newest.period,
                "highest": short(newest.names.group(newest.dimension, high, lang)),
                "high": newest.unit.level(level[high], lang),
                "lowest": short(newest.names.group(newest.dimension, low, lang)),
                "low": newest.unit.level(level[low], lang),
            }
            said.append(text("figure.alt.trend_extremes", lang, **values))
        verdict = newest.change.verdict if newest.change is not None else "none"
        between = span(newest.change.between, lang) if newest.change is not None else ""
        said.append(text(f"figure.alt.change.{verdict}", lang, span=between))
        return " ".join(said)

    return words.alt(write, lang)


class _Drawing:
    """The sheet of one trend."""

    def __init__(
        self,
        cells: pd.DataFrame,
        gaps: pd.DataFrame,
        newest: Finding,
        periods: list[str],
        changed: int | None,
        width: float,
        mark: str,
        lang: str,
    ) -> None:
        self.cells, self.gaps, self.newest, self.periods, self.lang = cells, gaps, newest, periods, lang
        self.unit, self.names, self.width, self.mark = newest.unit, newest.names, width, mark
        listed = dict.fromkeys([*newest.groups["group"], *cells["group"]])
        self.groups = list(listed)[: choice.MOST]
        ordered = "order" in cells and bool(cells["order"].notna().all())
        self.looks = dict(zip(self.groups, style.group_styles(len(self.groups), ordered), strict=True))
        years = [last_year(period) for period in periods]
        spaced = all(year is not None for year in years) and len(set(years)) == len(years)
        self.at = {
            p: float(y if spaced and y is not None else i) for i, (p, y) in enumerate(zip(periods, years, strict=True))
        }
        xs = list(self.at.values())
        self.rule = changed - 0.5 if spaced and changed is not None and min(xs) < changed <= max(xs) else None
        self.changed = changed
        self.plotted: list[float] = []
        self.numbers = self._number_width()
        self.left = MARGIN + self.numbers + 0.25
        self.labels = {group: self._label(group) for group in self.groups}
        longest = max((style.text_width(line) for lines in self.labels.values() for line in lines), default=0.0)
        self.right = centimetres(longest) + 0.6

    @property
    def broken(self) -> bool:
        """Whether a method change is drawn."""
        return self.rule is not None

    def _number_width(self) -> float:
        values = [*self.cells["estimate"].dropna(), *self.gaps["lower"].dropna()]
        return centimetres(
            max((style.text_width(self.unit.number(value, self.lang)) for value in values), default=20.0)
        )

    def _label(self, group: str) -> list[str]:
        """A line's own name with its last number."""
        rows = self._series(group).dropna(subset="estimate")
        name = self.names.group(self.newest.dimension, group, self.lang)
        if len(rows):
            name += " " + self.unit.number(rows["estimate"].iloc[-1], self.lang)
        return style.wrap(name, points(0.3 * self.width))

    def _series(self, group: str) -> pd.DataFrame:
        """A group's rows at every period of the figure, empty where there is none."""
        rows = self.cells[self.cells["group"] == group].set_index("period").reindex(self.periods)
        for column in ("lower", "upper"):
            if column not in rows:
                rows[column] = np.nan
        return rows.assign(x=[self.at[period] for period in self.periods])

    def _entries(self) -> list[legend.Entry]:
        entries: list[legend.Entry] = []
        states = set(self.cells["status"])
        if "suppressed" in states:
            look = {"marker": "x", "color": style.QUIET, "markersize": 6, "markeredgewidth": 1.8, "linestyle": "none"}
            entries.append((text("table.status.suppressed", self.lang), look))
        if "uncertain" in states:
            look = {
                "marker": "o",
                "markerfacecolor": "white",
                "color": style.UNCERTAIN,
                "markersize": 7,
                "markeredgewidth": 1.6,
                "linestyle": "none",
            }
            entries.append((text("figure.uncertain", self.lang), look))
        return entries

    def drawn(self, **around: str) -> Page:
        """The finished sheet."""
        entries = self._entries()
        key = legend.height(entries, self.width) if entries else 0.0
        heading = (
            style.wrap(self._gap_heading(), points(self.width - 2 * MARGIN), weight="bold") if len(self.gaps) else []
        )
        below = len(heading) * line_height(style.SIZE) + GAP_PANEL + 0.5 if len(self.gaps) else 0.0
        needed = sum(len(lines) for lines in self.labels.values()) * line_height(style.SIZE) + 0.3
        lines = max(LINES, needed)
        rule = line_height(style.SIZE) if self.broken else 0.0
        body = AXIS + below + lines + rule + key + 0.25
        page = Page(self.width, body, mark=self.mark, **around)
        if entries:
            legend.draw(page, entries, body)
        wide = self.width - self.left - self.right
        upper = page.axes(self.left, AXIS + below, wide, lines)
        self._lines(upper)
        self._direct_labels(upper, lines)
        if self.rule is not None:
            self._rule(upper, label=True)
        if len(self.gaps):
            lower = page.axes(self.left, AXIS, wide, GAP_PANEL)
            self._gap(lower)
            if self.rule is not None:
                self._rule(lower, label=False)
            top = AXIS + GAP_PANEL + 0.15 + len(heading) * line_height(style.SIZE)
            for i, line in enumerate(heading):
                page.text(MARGIN, top - i * line_height(style.SIZE), line, va="top", fontweight="bold")
            upper.tick_params(labelbottom=False)
            self._years(lower)
        else:
            self._years(upper)
        return page

    def _gap_heading(self) -> str:
        assert self.newest.difference is not None
        ordered = self.gaps["group"].nunique() == 1
        first, second = (self.names.group(self.newest.dimension, g, self.lang) for g in self.newest.difference.between)
        unit = self.unit.gap_measure(self.lang)
        if ordered:
            return text("figure.trend.gap", self.lang, first=first, second=second, unit=unit).rstrip(", ")
        return text("figure.trend.gap_extremes", self.lang, unit=unit).rstrip(", ")

    def _pieces(self, rows: pd.DataFrame) -> list[pd.DataFrame]:
        """Stretches to be joined by a line: broken at periods without a number and at a method change."""
        there = rows["estimate"].notna()
        stretch = (~there).cumsum()
        if self.rule is not None:
            stretch = stretch * 2 + (rows["x"] > self.rule)
        return [piece for _, piece in rows[there].groupby(stretch[there], sort=False)]

    def _lines(self, axes: Axes) -> None:
        factor = self.unit.factor
        low, high = self._limits(self.cells[self.cells["group"].isin(self.groups)], zero=True)
        axes.set_ylim(low, high)
        for group in self.groups:
            look, rows = self.looks[group], self._series(group)
            for piece in self._pieces(rows):
                x = piece["x"].to_numpy()
                axes.fill_between(
                    x,
                    piece["lower"] * factor,
                    piece["upper"] * factor,
                    color=look["fill"],
                    alpha=0.16,
                    linewidth=0,
                    zorder=1,
                )
                axes.plot(x, piece["estimate"] * factor, color=look["edge"], linewidth=1.8, zorder=3)
                if len(piece) == 1 and piece["lower"].notna().all():
                    axes.plot(
                        [x[0]] * 2,
                        [piece["lower"].iloc[0] * factor, piece["upper"].iloc[0] * factor],
                        color=look["edge"],
                        linewidth=1.2,
                    )
            unsure = rows["status"] == "uncertain"
            for hollow, part in ((False, rows[~unsure]), (True, rows[unsure])):
                axes.plot(
                    part["x"],
                    part["estimate"] * factor,
                    linestyle="none",
                    marker=look["marker"],
                    markersize=5.5,
                    markerfacecolor="white" if hollow else look["fill"],
                    markeredgecolor=look["edge"],
                    markeredgewidth=1.4 if hollow else 0.8,
                    zorder=4,
                )
            self.plotted += rows[["estimate", "lower", "upper"]].to_numpy(dtype=float).ravel().tolist()
        hidden = self.cells[(self.cells["status"] == "suppressed") & self.cells["group"].isin(self.groups)]
        for i, group in enumerate(hidden["group"].unique()):
            xs = [self.at[period] for period in hidden.loc[hidden["group"] == group, "period"]]
            axes.plot(
                xs,
                [0.04 + 0.06 * i] * len(xs),
                transform=axes.get_xaxis_transform(),
                linestyle="none",
                marker="x",
                color=self.looks[group]["edge"],
                markersize=6,
                markeredgewidth=1.8,
                zorder=5,
            )
        self._look(axes, 5)

    def _limits(self, rows: pd.DataFrame, *, zero: bool) -> tuple[float, float]:
        columns = [column for column in ("estimate", "lower", "upper") if column in rows]
        values = rows[columns].to_numpy(dtype=float).ravel()
        values = values[np.isfinite(values)] * self.unit.factor
        if not len(values):
            return 0.0, 1.0
        low, high = float(values.min()), float(values.max())
        if zero and 0 <= low < 0.6 * high:
            low = 0.0
        span_ = (high - low) or abs(high) or 1.0
        return (0.0 if zero and low == 0 else low - 0.08 * span_), high + 0.08 * span_

    def _direct_labels(self, axes: Axes, height: float) -> None:
        """Each line's name at its right end, moved apart so that none overlap."""
        low, high = axes.get_ylim()
        step = line_height(style.SIZE) / height
        last: dict[str, float] = {}
        for group in self.groups:
            rows = self._series(group).dropna(subset="estimate")
            if len(rows):
                last[group] = (rows["estimate"].iloc[-1] * self.unit.factor - low) / (high - low)
        slots = [(group, i) for group in last for i in range(len(self.labels[group]))]
        wanted = [last[group] + ((len(self.labels[group]) - 1) / 2 - i) * step * 0.98 for group, i in slots]
        order = sorted(range(len(slots)), key=lambda k: (last[slots[k][0]], slots[k][0], -slots[k][1]))
        moved = style.spread([wanted[k] + rank * 1e-9 for rank, k in enumerate(order)], step, 0.0, 1.0)
        # lines of one label stay together: they are neighbours in the order, so keep the order as given
        place = {slots[k]: y for k, y in zip(order, sorted(moved), strict=True)}
        for group, y in last.items():
            middle = float(np.mean([place[group, i] for i in range(len(self.labels[group]))]))
            rows = self._series(group).dropna(subset="estimate")
            axes.annotate(
                "",
                xy=(rows["x"].iloc[-1], low + y * (high - low)),
                xytext=(1.02, middle),
                textcoords="axes fraction",
                arrowprops={
                    "arrowstyle": "-",
                    "color": self.looks[group]["edge"],
                    "linewidth": 0.9,
                    "shrinkA": 0,
                    "shrinkB": 3.5,
                },
                annotation_clip=False,
            )
            for i, line in enumerate(self.labels[group]):
                axes.annotate(
                    line,
                    (1.03, place[group, i]),
                    xycoords="axes fraction",
                    va="center",
                    ha="left",
                    fontsize=style.SIZE,
                    annotation_clip=False,
                )

    def _gap(self, axes: Axes) -> None:
        factor = self.unit.factor
        rows = self.gaps.set_index("period").reindex(self.periods).assign(x=[self.at[p] for p in self.periods])
        low, high = self._limits(rows, zero=False)
        axes.set_ylim(min(low, 0.0), max(high, 0.0))
        axes.axhline(0, color=style.INK, linewidth=1.0, zorder=2)
        for piece in self._pieces(rows):
            axes.fill_between(
                piece["x"], piece["lower"] * factor, piece["upper"] * factor, color=style.QUIET, alpha=0.16, linewidth=0
            )
            axes.plot(piece["x"], piece["estimate"] * factor, color=style.QUIET, linewidth=1.8, zorder=3)
        there = rows.dropna(subset="estimate")
        spread_ = [
            (there["estimate"] - there["lower"]).clip(lower=0) * factor,
            (there["upper"] - there["estimate"]).clip(lower=0) * factor,
        ]
        axes.errorbar(
            there["x"],
            there["estimate"] * factor,
            yerr=spread_,
            fmt="o",
            markersize=4.5,
            color=style.QUIET,
            elinewidth=1.1,
            capsize=2,
            zorder=4,
        )
        self.plotted += there[["estimate", "lower", "upper"]].to_numpy(dtype=float).ravel().tolist()
        end = there.iloc[-1]
        axes.annotate(
            self.unit.number(end["estimate"], self.lang),
            (end["x"], end["estimate"] * factor),
            (7, 0),
            textcoords="offset points",
            va="center",
            fontsize=style.SIZE,
            fontweight="bold",
            annotation_clip=False,
        )
        self._look(axes, 3)

    def _rule(self, axes: Axes, *, label: bool) -> None:
        """The year from which numbers are not comparable with earlier ones."""
        assert self.rule is not None
        axes.axvline(self.rule, color=style.INK, linewidth=1.0, linestyle=(0, (4, 2)))
        if label:
            low, high = axes.get_xlim()
            late = (self.rule - low) / (high - low) > 0.5
            axes.annotate(
                text("figure.trend.method", self.lang, year=str(self.changed)),
                (self.rule, 1.0),
                (3 if not late else -3, 3),
                xycoords=axes.get_xaxis_transform(),
                textcoords="offset points",
                ha="right" if late else "left",
                fontsize=style.SIZE,
                annotation_clip=False,
            )

    def _look(self, axes: Axes, ticks: int) -> None:
        for side in ("right", "top"):
            axes.spines[side].set_visible(False)
        axes.yaxis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))
        low, high = axes.get_ylim()
        shown = [tick for tick in axes.get_yticks() if low <= tick <= high]
        axes.set_yticks(shown)
        decimals = next((d for d in (0, 1, 2) if all(abs(t - round(t, d)) < 1e-9 for t in shown)), 3)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, self.lang, decimals)))
        axes.grid(axis="y", color=style.GRID, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.tick_params(length=3, labelsize=style.SIZE)
        xs = list(self.at.values())
        margin = 0.03 * (max(xs) - min(xs))
        axes.set_xlim(min(xs) - margin, max(xs) + margin)
        self._years(axes)

    def _years(self, axes: Axes) -> None:
        """As many period names as fit, always the last."""
        room = points(self.width - self.left - self.right)
        widest = max(style.text_width(period) for period in self.periods) + 8
        every = max(1, int(np.ceil(len(self.periods) * widest / room)))
        shown = self.periods[::-1][::every][::-1]
        axes.set_xticks([self.at[period] for period in shown], [period.replace("-", "–") for period in shown])
