"""Trend: one line a group with its interval, and below it the gap itself with its own interval."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from hyteanalysis.errors import LackError
from hyteanalysis.figures.kit import choice, style, words
from hyteanalysis.figures.kit.bundle import Caption, FigureBundle
from hyteanalysis.figures.kit.choice import bounded, with_limits
from hyteanalysis.figures.kit.registry import figure
from hyteanalysis.figures.kit.sheet import (
    MARGIN,
    Entry,
    Sheet,
    centimetres,
    draw_legend,
    legend_height,
    line_height,
    points,
    value_axis,
)
from hyteanalysis.findings import Finding, finding
from hyteanalysis.findings.contrasts import break_year, last_year
from hyteanalysis.findings.lookup import gaps_of
from hyteanalysis.findings.sentences import span, state_text
from hyteanalysis.i18n import spoken, text, when
from hyteanalysis.tables import readable

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release


COLUMNS = ("period", "group", "estimate", "lower", "upper", "population", "respondents", "status")


@figure("trend", of="release", needs=("periods",))
@spoken
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
        cm; 16 for print, 7.5 for a phone.

    Returns
    -------
    FigureBundle
        The table holds the groups' cells of every period and one row a gap and period (``measure`` ``D``). The gap is
        drawn only where it compares the same groups as in the newest period: both ends of an order, else all groups.
        _Lines break at periods that are suppressed, missing or, by the indicator's optional ``break_year``, not
        comparable.

    Raises
    ------
    LackError
        Of fewer than two periods.
    HyteError
        For unknown ids.
    """
    indicator, dimension = choice.indicator_and_dimension(release, indicator, dimension)
    everything = release.select(indicator=indicator, dimension=dimension)
    area = choice.areas_to_show(everything, areas)[0]
    newest = finding(release, indicator=indicator, area=area, dimension=dimension, period=period)
    newest = bounded(newest, release)
    periods = [one for one in sorted(set(everything["period"].unique())) if one <= newest.period]
    cells = everything[(everything["area"] == newest.shown_area) & everything["period"].isin(periods)]
    if cells["period"].nunique() < 2:
        raise LackError("periods", f"a trend needs two periods; the release has {cells['period'].nunique()} for {area}")
    meta = release.indicators.loc[release.indicators["indicator"] == indicator].iloc[0].to_dict()
    cells = with_limits(cells, release, indicator).assign(measure="level")
    gaps = _gaps(cells, newest, release)
    table = pd.concat([cells, gaps], ignore_index=True) if len(gaps) else cells.reset_index(drop=True)
    lines = _Lines(cells, gaps, newest, periods, break_year(meta))
    broken = lines.rule is not None
    caption = Caption.of(
        "trend", release, indicator, title=_title(newest, lang), subtitle=_subtitle(newest, periods, lang), lang=lang
    )
    with style.context():
        sheet, plotted = _drawn(lines, width, lang, **caption.around)
    shown, formats = readable(table, newest.names, newest.unit, lang, columns=COLUMNS)
    states = dict.fromkeys([*newest.states, *(s for s in ("suppressed", "missing") if (cells["status"] == s).any())])
    if broken:
        states["not_comparable"] = None
    return caption.bundle(
        sheet,
        table,
        shown,
        formats,
        alternative=_alternative(newest, periods, lang),
        plotted=plotted,
        notes=_notes(lines, broken, lang),
        states=tuple(states),
    )


def _gaps(cells: pd.DataFrame, newest: Finding, release: "Release") -> pd.DataFrame:
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
    found = gaps_of(release, usable, ["D"])
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
    """How the gap has changed."""
    verdict = newest.change.verdict if newest.change is not None else "none"
    values = {"title": newest.names.indicator(newest.indicator, lang)}
    between = span(newest.change.between, lang) if newest.change is not None else ""
    return text(f"figure.trend.{verdict}", lang, span=between, **values)


def _subtitle(newest: Finding, periods: list[str], lang: str) -> list[str]:
    """The statistic."""
    return [
        text("figure.grouping", lang, dimension=newest.names.dimension(newest.dimension, lang)),
        newest.names.area(newest.shown_area, lang),
        span((periods[0], periods[-1]), lang),
        newest.unit.measure(lang),
        text("figure.band", lang),
    ]


def _notes(lines: "_Lines", broken: bool, lang: str) -> tuple[str, ...]:
    """What is not shown as plain numbers, and where periods cannot be compared; of many groups those named."""
    newest = lines.newest
    told = [state_text(newest, state, lang) for state in newest.states if state in ("fallback", "old")]
    for status in ("suppressed", "missing"):
        gone = lines.cells[lines.cells["status"] == status]
        said = [
            f"{newest.names.group(newest.dimension, group, lang)} ({', '.join(rows['period'])})"
            for group, rows in gone.groupby("group", sort=False)
            if group in lines.groups
        ]
        if others := len(set(gone["group"]) - set(lines.groups)):
            said.append(text("figure.rest", lang, number=str(others)))
        if said:
            told.append(text(f"figure.trend.gone.{status}", lang, groups="; ".join(said)))
    if broken or "not_comparable" in newest.states:
        told.append(state_text(newest, "not_comparable", lang))
    return tuple(told)


def _alternative(newest: Finding, periods: list[str], lang: str) -> words.Alternative:
    """The text alternative."""

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

    return write


def _gap_heading(newest: Finding, gaps: pd.DataFrame, lang: str) -> str:
    """Which gap the lower panel shows: of two groups, or of each period's extremes."""
    unit = newest.unit.gap_measure(lang)
    if newest.difference is None or gaps["group"].nunique() > 1:
        return text("figure.trend.gap_extremes", lang, unit=unit).rstrip(", ")
    first, second = (newest.names.group(newest.dimension, group, lang) for group in newest.difference.between)
    return text("figure.trend.gap", lang, first=first, second=second, unit=unit).rstrip(", ")


NUMBERS = ["estimate", "lower", "upper"]


class _Lines:
    """The numbers of one trend at their places along the periods.

    Parameters
    ----------
    cells : DataFrame
        The groups' cells of every period.
    gaps : DataFrame
        The gap of every period.
    newest : Finding
    periods : list of str
        In order; those named by years stand at their years, others one after the other.
    changed : int or None
        Year from which numbers are not comparable with earlier ones.

    Attributes
    ----------
    groups : list of str
        Groups drawn by name, in their order; ``looks`` has the marker, fill and outline of each.
    others : list of str
        Of many groups those drawn in grey without a name, and counted in the key.
    at : dict
        Place of each period.
    rule : float or None
        Place of the method change; None where it lies outside the periods.
    """

    def __init__(
        self, cells: pd.DataFrame, gaps: pd.DataFrame, newest: Finding, periods: list[str], changed: int | None
    ) -> None:
        self.cells, self.gaps, self.newest, self.periods, self.changed = cells, gaps, newest, periods, changed
        groups = list(dict.fromkeys([*newest.groups["group"], *cells["group"]]))
        self.groups = groups if len(groups) <= choice.MOST else _named(groups, newest)
        self.others = [group for group in groups if group not in self.groups]
        ordered = "order" in cells and bool(cells["order"].notna().all())
        self.looks = dict(zip(self.groups, style.group_styles(len(self.groups), ordered), strict=True))
        years = [last_year(period) for period in periods]
        spaced = all(year is not None for year in years) and len(set(years)) == len(years)
        places = [float(y if spaced and y is not None else i) for i, y in enumerate(years)]
        self.at = dict(zip(periods, places, strict=True))
        inside = spaced and changed is not None and min(places) < changed <= max(places)
        self.rule = changed - 0.5 if inside and changed is not None else None
        self._series = {group: self._of(cells[cells["group"] == group]) for group in groups}

    @property
    def factor(self) -> float:
        """By which estimates are multiplied to be shown."""
        return self.newest.unit.factor

    def series(self, group: str) -> pd.DataFrame:
        """A group's rows at every period of the figure, empty where there is none, at their place ``x``."""
        return self._series[group]

    def gap(self) -> pd.DataFrame:
        """The gaps likewise."""
        return self._of(self.gaps)

    def last(self, group: str) -> tuple[float, float] | None:
        """Place and level of a group's last number."""
        rows = self.series(group).dropna(subset="estimate")
        return (float(rows["x"].iloc[-1]), float(rows["estimate"].iloc[-1])) if len(rows) else None

    def pieces(self, rows: pd.DataFrame) -> list[pd.DataFrame]:
        """Stretches to be joined by a line: broken at periods without a number and at a method change."""
        there = rows["estimate"].notna()
        stretch = (~there).cumsum()
        if self.rule is not None:
            stretch = stretch * 2 + (rows["x"] > self.rule)
        return [piece for _, piece in rows[there].groupby(stretch[there], sort=False)]

    def limits(self, rows: pd.DataFrame, *, zero: bool) -> tuple[float, float]:
        """Limits of an axis in the unit shown; ``zero``: from zero where that is near."""
        values = rows[[column for column in NUMBERS if column in rows]].to_numpy(dtype=float).ravel()
        values = values[np.isfinite(values)] * self.factor
        if not len(values):
            return 0.0, 1.0
        low, high = float(values.min()), float(values.max())
        if zero and 0 <= low < 0.6 * high:
            low = 0.0
        room = 0.08 * ((high - low) or abs(high) or 1.0)
        return (0.0 if zero and low == 0 else low - room), high + room

    def _of(self, rows: pd.DataFrame) -> pd.DataFrame:
        placed = rows.set_index("period").reindex(self.periods)
        missing = {column: np.nan for column in NUMBERS if column not in placed}
        return placed.assign(x=list(self.at.values()), **missing)


def _named(groups: list[str], newest: Finding) -> list[str]:
    """Of many groups those that words name, then the ends, as many as have a look of their own."""
    rows = newest.groups[newest.groups["estimate"].notna()]
    if not ("order" in rows and rows["order"].notna().all()):
        rows = rows.sort_values("estimate", ascending=newest.favourable, kind="stable")
    there = rows["group"].tolist()
    pair = () if newest.difference is None else newest.difference.between
    ends = [group for two in zip(there, there[::-1], strict=True) for group in two]
    wanted = [group for group in (*pair, newest.worst, newest.best, *ends, *groups) if group is not None]
    kept = list(dict.fromkeys(wanted))[: choice.MOST]
    return [group for group in (there or groups) if group in kept]


HIDDEN: dict[str, Any] = {"marker": "x", "markersize": 6, "markeredgewidth": 1.8, "linestyle": "none"}


def _draw_levels(axes: Axes, lines: _Lines) -> list[float]:
    """Each group's line with its interval; gives every number drawn."""
    factor, plotted = lines.factor, []
    by_name = lines.cells["group"].isin(lines.groups)
    axes.set_ylim(
        *lines.limits(lines.cells.assign(**{end: lines.cells[end].where(by_name) for end in NUMBERS[1:]}), zero=True)
    )
    for group in lines.others:
        rows = lines.series(group)
        for piece in lines.pieces(rows):
            axes.plot(piece["x"], piece["estimate"].to_numpy(float) * factor, zorder=2, **OTHER)
        plotted += rows["estimate"].to_list()
    for group in lines.groups:
        look, rows = lines.looks[group], lines.series(group)
        for piece in lines.pieces(rows):
            x, y = piece["x"].to_numpy(), piece["estimate"].to_numpy(float) * factor
            lower, upper = piece["lower"].to_numpy(float) * factor, piece["upper"].to_numpy(float) * factor
            axes.fill_between(x, lower, upper, color=look["fill"], alpha=0.16, linewidth=0, zorder=1)
            axes.plot(x, y, color=look["edge"], linewidth=1.8, zorder=3)
            if len(piece) == 1 and np.isfinite(lower[0]):
                axes.plot([x[0]] * 2, [lower[0], upper[0]], color=look["edge"], linewidth=1.2)
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
        plotted += rows[NUMBERS].to_numpy(dtype=float).ravel().tolist()
    hidden = lines.cells[(lines.cells["status"] == "suppressed") & lines.cells["group"].isin(lines.groups)]
    for i, group in enumerate(hidden["group"].unique()):
        xs = [lines.at[period] for period in hidden.loc[hidden["group"] == group, "period"]]
        look = {**HIDDEN, "color": lines.looks[group]["edge"], "transform": axes.get_xaxis_transform()}
        axes.plot(xs, [0.04 + 0.06 * i] * len(xs), zorder=5, **look)
    return plotted


def _draw_names(axes: Axes, lines: _Lines, labels: dict[str, list[str]], height: float) -> None:
    """Each line's name at its right end, moved apart so that none overlap; the axes are ``height`` cm high."""
    low, high = axes.get_ylim()
    step = line_height(style.SIZE) / height
    ends = {group: end for group in lines.groups if (end := lines.last(group)) is not None}
    level = {group: (y * lines.factor - low) / (high - low) for group, (_, y) in ends.items()}
    slots = [(group, i) for group in level for i in range(len(labels[group]))]
    wanted = [level[group] + ((len(labels[group]) - 1) / 2 - i) * step * 0.98 for group, i in slots]
    order = sorted(range(len(slots)), key=lambda k: (level[slots[k][0]], slots[k][0], -slots[k][1]))
    moved = spread([wanted[k] + rank * 1e-9 for rank, k in enumerate(order)], step, 0.0, 1.0)
    # lines of one label stay together: they are neighbours in the order, so keep the order as given
    place = {slots[k]: y for k, y in zip(order, sorted(moved), strict=True)}
    for group, y in level.items():
        middle = float(np.mean([place[group, i] for i in range(len(labels[group]))]))
        edge = lines.looks[group]["edge"]
        axes.annotate(
            "",
            xy=(ends[group][0], low + y * (high - low)),
            xytext=(1.02, middle),
            textcoords="axes fraction",
            arrowprops={"arrowstyle": "-", "color": edge, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 3.5},
            annotation_clip=False,
        )
        for i, line in enumerate(labels[group]):
            axes.annotate(
                line,
                (1.03, place[group, i]),
                xycoords="axes fraction",
                va="center",
                ha="left",
                fontsize=style.SIZE,
                annotation_clip=False,
            )


def _draw_gap(axes: Axes, lines: _Lines, lang: str) -> list[float]:
    """The gap of each period with its interval and a zero line; gives every number drawn."""
    factor, rows = lines.factor, lines.gap()
    low, high = lines.limits(rows, zero=False)
    axes.set_ylim(min(low, 0.0), max(high, 0.0))
    axes.axhline(0, color=style.INK, linewidth=1.0, zorder=2)
    for piece in lines.pieces(rows):
        lower, upper = piece["lower"] * factor, piece["upper"] * factor
        axes.fill_between(piece["x"], lower, upper, color=style.QUIET, alpha=0.16, linewidth=0)
        axes.plot(piece["x"], piece["estimate"] * factor, color=style.QUIET, linewidth=1.8, zorder=3)
    there = rows.dropna(subset="estimate")
    below, above = there["estimate"] - there["lower"], there["upper"] - there["estimate"]
    axes.errorbar(
        there["x"],
        there["estimate"] * factor,
        yerr=[below.clip(lower=0) * factor, above.clip(lower=0) * factor],
        fmt="o",
        markersize=4.5,
        color=style.QUIET,
        elinewidth=1.1,
        capsize=2,
        zorder=4,
    )
    end = there.iloc[-1]
    axes.annotate(
        lines.newest.unit.number(end["estimate"], lang),
        (end["x"], end["estimate"] * factor),
        (7, 0),
        textcoords="offset points",
        va="center",
        fontsize=style.SIZE,
        fontweight="bold",
        annotation_clip=False,
    )
    return [float(value) for value in there[NUMBERS].to_numpy(dtype=float).ravel()]


def _draw_method_change(axes: Axes, at: float, label: str) -> None:
    """The year from which numbers are not comparable with earlier ones; without words where ``label`` is empty."""
    axes.axvline(at, color=style.INK, linewidth=1.0, linestyle=(0, (4, 2)))
    if not label:
        return
    low, high = axes.get_xlim()
    late = (at - low) / (high - low) > 0.5
    axes.annotate(
        label,
        (at, 1.0),
        (3 if not late else -3, 3),
        xycoords=axes.get_xaxis_transform(),
        textcoords="offset points",
        ha="right" if late else "left",
        fontsize=style.SIZE,
        annotation_clip=False,
    )


def _key(lines: _Lines, lang: str) -> list[Entry]:
    """The marks that no line's name explains."""
    states = set(lines.cells["status"])
    entries: list[Entry] = []
    if lines.others:
        entries.append((text("figure.rest", lang, number=str(len(lines.others))), {**OTHER, "linestyle": "-"}))
    if "suppressed" in states:
        entries.append((text("table.status.suppressed", lang), {**HIDDEN, "color": style.QUIET}))
    if "uncertain" in states:
        entries.append((text("figure.uncertain", lang), style.HOLLOW))
    return entries


OTHER: dict[str, Any] = {"color": style.GAP, "linewidth": 0.8, "marker": ".", "markersize": 3}
LINES, GAP_PANEL, AXIS = 6.2, 2.6, 0.75  # cm


def _drawn(lines: _Lines, width: float, lang: str, **around: str) -> tuple[Sheet, list[float]]:
    """The finished sheet, ``width`` cm wide, and every number on it."""
    labels = {group: _label(lines, group, width, lang) for group in lines.groups}
    widest = max((style.text_width(line) for label in labels.values() for line in label), default=0.0)
    left, right = MARGIN + _numbers(lines, lang) + 0.25, centimetres(widest) + 0.6
    line, with_gap = line_height(style.SIZE), bool(len(lines.gaps))
    heading: list[str] = []
    if with_gap:
        told = _gap_heading(lines.newest, lines.gaps, lang)
        heading = style.wrap(told, points(width - 2 * MARGIN), weight="bold")
    below = len(heading) * line + GAP_PANEL + 0.5 if with_gap else 0.0
    tall = max(LINES, sum(len(label) for label in labels.values()) * line + 0.3)
    entries = _key(lines, lang)
    key = legend_height(entries, width) if entries else 0.0
    body = AXIS + below + tall + (line if lines.rule is not None else 0.0) + key + 0.25
    sheet = Sheet(width, body, **around)
    if entries:
        draw_legend(sheet, entries, body)
    wide = width - left - right
    upper = sheet.axes(left, AXIS + below, wide, tall)
    plotted = _draw_levels(upper, lines)
    _look(upper, lines, lang, ticks=5)
    _draw_names(upper, lines, labels, tall)
    if lines.rule is not None:
        _draw_method_change(upper, lines.rule, text("figure.trend.method", lang, year=str(lines.changed)))
    if not with_gap:
        _years(upper, lines, wide)
        return sheet, plotted
    lower = sheet.axes(left, AXIS, wide, GAP_PANEL)
    plotted += _draw_gap(lower, lines, lang)
    _look(lower, lines, lang, ticks=3)
    if lines.rule is not None:
        _draw_method_change(lower, lines.rule, "")
    for i, told in enumerate(heading):
        top = AXIS + GAP_PANEL + 0.15 + (len(heading) - i) * line
        sheet.text(MARGIN, top, told, va="top", fontweight="bold")
    _years(upper, lines, wide)
    upper.tick_params(labelbottom=False)
    _years(lower, lines, wide)
    return sheet, plotted


def _label(lines: _Lines, group: str, width: float, lang: str) -> list[str]:
    """A line's own name with its last number."""
    name, end = lines.newest.names.group(lines.newest.dimension, group, lang), lines.last(group)
    if end is not None:
        name += " " + lines.newest.unit.number(end[1], lang)
    return style.wrap(name, points(0.3 * width))


def _numbers(lines: _Lines, lang: str) -> float:
    """Room that the numbers of the axis want, cm."""
    values = [*lines.cells["estimate"].dropna(), *lines.gaps["lower"].dropna()]
    widths = [style.text_width(lines.newest.unit.number(value, lang)) for value in values]
    return centimetres(max(widths, default=20.0))


def _look(axes: Axes, lines: _Lines, lang: str, ticks: int) -> None:
    """Quiet axes that hold all periods."""
    value_axis(axes, lang, along="y", ticks=ticks)
    axes.spines["bottom"].set_visible(True)
    places = list(lines.at.values())
    margin = 0.03 * (max(places) - min(places))
    axes.set_xlim(min(places) - margin, max(places) + margin)


def _years(axes: Axes, lines: _Lines, wide: float) -> None:
    """As many period names as fit in ``wide`` cm, always the last."""
    widest = max(style.text_width(period) for period in lines.periods) + 8
    every = max(1, int(np.ceil(len(lines.periods) * widest / points(wide))))
    shown = lines.periods[::-1][::every][::-1]
    axes.set_xticks([lines.at[period] for period in shown], [when(period) for period in shown])


def spread(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move label positions apart to at least ``gap``, as little as may be, within ``low`` and ``high``.

    >>> [round(y, 1) for y in spread([1.0, 1.2, 5.0], 1.0, 0.0, 10.0)]
    [0.6, 1.6, 5.0]
    """
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    clusters: list[list[float]] = []  # centre, members
    for i in order:
        clusters.append([positions[i], 1.0])
        while len(clusters) > 1 and _overlap(clusters[-2], clusters[-1], gap):
            second, first = clusters.pop(), clusters.pop()
            members = first[1] + second[1]
            clusters.append([(first[0] * first[1] + second[0] * second[1]) / members, members])
    placed: list[float] = []
    for centre, members in clusters:
        half = (members - 1) * gap / 2
        start = min(max(centre - half, low), high - 2 * half)
        placed += [start + k * gap for k in range(int(members))]
    for k in range(1, len(placed)):
        placed[k] = max(placed[k], placed[k - 1] + gap)
    result = [0.0] * len(positions)
    for rank, i in enumerate(order):
        result[i] = placed[rank]
    return result


def _overlap(first: list[float], second: list[float], gap: float) -> bool:
    return second[0] - first[0] < (first[1] + second[1]) * gap / 2
