"""Equiplot: each group's level as a dot, the gap as the line between them, one row an area."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from hyteanalysis.errors import LackError
from hyteanalysis.figures.kit import choice, lines, style, words
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
from hyteanalysis.findings.sentences import NAMED, interval, state_text
from hyteanalysis.i18n import Names, Unit, spoken, text, when
from hyteanalysis.tables import readable

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release


COLUMNS = ("area", "period", "group", "estimate", "lower", "upper", "population", "respondents", "status")


@figure("equiplot", of="release")
@spoken
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
        cm; 16 for print, 7.5 for a phone.

    Returns
    -------
    FigureBundle
        The table holds the groups' cells, the areas' totals and one row a gap (``measure`` ``D``).

    Raises
    ------
    LackError
        Where no area has rows.
    HyteError
        For an unknown indicator, dimension or language.
    """
    indicator, dimension = choice.indicator_and_dimension(release, indicator, dimension)
    cells = release.select(indicator=indicator, dimension=dimension)
    asked = choice.areas_to_show(cells, areas)
    found = [finding(release, indicator=indicator, area=area, dimension=dimension, period=period) for area in asked]
    found = [bounded(one, release) for one in found if not one.groups.empty]
    if not found:
        raise LackError("numbers", f"the release has no rows of {indicator!r} by {dimension!r} for {', '.join(asked)}")
    totals = release.select(indicator=indicator, dimension="total", area=[one.shown_area for one in found])
    totals = with_limits(totals, release, indicator)
    table = pd.concat([_table_rows(one, totals) for one in found], ignore_index=True)
    caption = Caption.of(
        "equiplot", release, indicator, title=_title(found, lang), subtitle=_subtitle(found, lang), lang=lang
    )
    with style.context():
        shown_areas = found[: choice.MOST]
        many = len({group for one in shown_areas for group in one.groups["group"]}) > choice.MOST
        if many:
            sheet, plotted = _listed(shown_areas, totals, width, lang, caption.around)
        else:
            sheet, plotted = _drawn(_AreaRows(shown_areas, totals, lang), width, **caption.around)
    shown, formats = readable(table, found[0].names, found[0].unit, lang, columns=COLUMNS)
    return caption.bundle(
        sheet,
        table,
        shown,
        formats,
        alternative=_alternative(found[0], lang),
        plotted=plotted,
        notes=_notes(found, lang),
        states=tuple(dict.fromkeys(state for one in found for state in one.states)),
    )


def _table_rows(one: Finding, totals: pd.DataFrame) -> pd.DataFrame:
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


_Line = tuple[str, str]  # words and their weight


def _title(found: list[Finding], lang: str) -> str:
    """The first area's finding, with its name where other areas stand beside it."""
    first = found[0]
    said = first.headline(lang)
    if len({one.shown_area for one in found}) == 1:
        return said
    return text("figure.title.area", lang, title=said, area=first.names.area(first.shown_area, lang))


def _subtitle(found: list[Finding], lang: str) -> list[str]:
    """The statistic."""
    first = found[0]
    places = list(dict.fromkeys(first.names.area(one.shown_area, lang) for one in found))
    periods = list(dict.fromkeys(one.period for one in found))
    return [
        text("figure.grouping", lang, dimension=first.names.dimension(first.dimension, lang)),
        places[0] if len(places) == 1 else "",
        ", ".join(map(when, periods)),
        first.unit.measure(lang),
        text("figure.interval", lang) if _has_interval(found) else text("figure.no_interval", lang),
    ]


def _has_interval(found: list[Finding]) -> bool:
    """Whether any number has limits."""
    return any("lower" in one.groups and one.groups["lower"].notna().any() for one in found)


def _notes(found: list[Finding], lang: str) -> tuple[str, ...]:
    """What the reader must know of what is not shown as plain numbers."""
    notes = []
    for one in found:
        told = [state for state in one.states if state not in ("no_data", "reversed", "many_groups")]
        name = one.names.area(one.shown_area, lang)
        for state in told:
            said = state_text(one, state, lang)
            notes.append(said if len(found) == 1 or state in ("fallback", "old") else f"{name}: {said}")
    if len(found) > choice.MOST:
        notes.append(text("figure.many_areas", lang, number=str(len(found)), shown=str(choice.MOST)))
    return tuple(dict.fromkeys(notes))


def _alternative(one: Finding, lang: str) -> words.Alternative:
    """The text alternative, of the first area."""

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

    return write


def _ordered(one: Finding) -> bool:
    """Whether the groups have an order."""
    return "order" in one.groups and bool(one.groups["order"].notna().all())


def _label(one: Finding, lang: str) -> list[_Line]:
    """An area's name and its gap, before wrapping."""
    lines = [(one.names.area(one.shown_area, lang), "bold")]
    if one.difference is None:
        return lines
    gap = one.difference
    said = text(
        f"figure.gap.{gap.verdict}",
        lang,
        difference=one.unit.number(gap.estimate, lang),
        interval=interval(one, gap, lang),
    )
    lines.append((said, "normal"))
    if _ordered(one) and set(gap.between) != {one.groups["group"].iloc[0], one.groups["group"].iloc[-1]}:
        lines.append((" – ".join(one.names.group(one.dimension, group, lang) for group in gap.between), "normal"))
    return lines


def _total_of(one: Finding, totals: pd.DataFrame) -> float | None:
    """The level of an area's whole population."""
    here = (totals["area"] == one.shown_area) & (totals["period"] == one.period)
    values = totals.loc[here, "estimate"].dropna()
    return float(values.iloc[0]) if len(values) else None


def _gone(one: Finding, room: float, lang: str) -> list[str]:
    """Groups without a number, said below the row; lines no wider than ``room`` points."""
    said = []
    for status, symbol in (("suppressed", "×"), ("missing", "–")):
        named = [one.names.group(one.dimension, group, lang) for group in one.in_group(status)]
        if named:
            said.append(f"{symbol} {text(f'table.status.{status}', lang)}: {'; '.join(named)}")
    return [line for words_ in said for line in style.wrap(words_, room)]


NUMBERS = ["estimate", "lower", "upper"]


@dataclass(frozen=True, eq=False)
class _AreaRows:
    """The areas of one figure, the most important first.

    Parameters
    ----------
    found : list of Finding
        One an area, of one indicator and dimension.
    totals : DataFrame
        The areas' cells of the whole population.
    lang : {"fi", "sv", "en"}

    Attributes
    ----------
    looks : dict
        Marker, fill and outline of each group drawn.
    shown : list of DataFrame
        Of each area, the rows that have a number, in the order of the groups.
    total : list of float or None
        Of each area, the level of the whole population.
    """

    found: list[Finding]
    totals: pd.DataFrame
    lang: str
    looks: dict[str, dict[str, str]] = field(init=False)
    shown: list[pd.DataFrame] = field(init=False)
    total: list[float | None] = field(init=False)

    def __post_init__(self) -> None:
        groups = list(dict.fromkeys(group for one in self.found for group in one.groups["group"]))
        looks = style.group_styles(len(groups), all(_ordered(one) for one in self.found))
        object.__setattr__(self, "looks", dict(zip(groups, looks, strict=True)))
        object.__setattr__(self, "shown", [self._shown(one) for one in self.found])
        object.__setattr__(self, "total", [self._total(one) for one in self.found])

    @property
    def groups(self) -> list[str]:
        """Groups drawn."""
        return list(self.looks)

    @property
    def unit(self) -> Unit:
        """How numbers are written."""
        return self.found[0].unit

    @property
    def names(self) -> Names:
        """Names of areas and groups."""
        return self.found[0].names

    @property
    def states(self) -> set[str]:
        """States of all areas."""
        return {state for one in self.found for state in one.states}

    def numbers(self) -> np.ndarray:
        """Every number that is drawn."""
        parts = [rows[NUMBERS].to_numpy(dtype=float).ravel() for rows in self.shown]
        values: np.ndarray = np.concatenate([*parts, [value for value in self.total if value is not None]])
        return np.asarray(values[np.isfinite(values)])

    def _shown(self, one: Finding) -> pd.DataFrame:
        return one.groups[one.groups["estimate"].notna()]

    def _total(self, one: Finding) -> float | None:
        return _total_of(one, self.totals)


def _limits(rows: _AreaRows) -> tuple[float, float]:
    """The smallest and largest number; from zero where that is near."""
    values = rows.numbers()
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    return (0.0 if 0 <= low < 0.6 * high else low), high if high > low else low + max(abs(low), 1.0) * 0.1


def _with_labels(rows: _AreaRows, room: float) -> tuple[float, float]:
    """The limits of an axis ``room`` points long, in the unit shown, with room for the value labels at both ends."""
    low, high = _limits(rows)
    values = [0.0, *(value for shown in rows.shown for value in shown["estimate"])]
    widest = max(style.text_width(rows.unit.number(value, rows.lang)) for value in values)
    hidden = "suppressed" in rows.states
    share = min((widest + style.MARK + (20 if hidden else 8)) / room, 0.3)
    span = (high - low) / (1 - (2 if low != 0 else 1.3) * share)
    smallest = min(
        (float(np.nanmin(shown[NUMBERS].to_numpy(float))) for shown in rows.shown if len(shown)), default=low
    )
    start = min(low, smallest - share * span)
    factor = rows.unit.factor
    return (start if low != 0 or start < 0 else 0.0) * factor, (high + share * span) * factor


def _crowded(rows: _AreaRows, room: float) -> bool:
    """Whether dots of some row would lie on each other were they on one line ``room`` points long."""
    low, high = _limits(rows)
    return any(_crowded_row(shown, room * 0.7 / (high - low)) for shown in rows.shown)


def _crowded_row(shown: pd.DataFrame, points_a_unit: float) -> bool:
    if len(shown) < 2:
        return False
    inside = shown.sort_values("estimate")
    estimate, upper = inside["estimate"].to_numpy(float), inside["upper"].to_numpy(float)
    near = np.diff(estimate).min() * points_a_unit < style.MARK * 1.3
    return bool(near or (upper[:-1] > estimate[1:]).any())


def _set_axes(axes: Axes, rows: _AreaRows, room: float, height: float, ticks: int) -> None:
    """Set up axes that are ``room`` points wide and ``height`` cm high."""
    axes.set(xlim=_with_labels(rows, room), ylim=(0, height))
    value_axis(axes, rows.lang, along="x", ticks=ticks, negative=rows.unit.kind in ("mean", "index"))
    axes.set_xlabel(rows.unit.measure(rows.lang), fontsize=style.SIZE, loc="right", labelpad=1)


TURNED = (0, (2, 1.2))  # dashes of a reversed gap
HIDDEN: dict[str, Any] = {"marker": "x", "color": style.QUIET, "markersize": 7, "markeredgewidth": 1.8}
ON_ONE_LINE = 0.28  # cm: dots nearer than this share a line


def _draw_row(axes: Axes, rows: _AreaRows, at: int, y: float, band: float, *, apart: bool) -> list[float]:
    """Draw area number ``at`` around height ``y``; gives every number drawn. ``apart``: each group on its own line."""
    one, shown, total, factor = rows.found[at], rows.shown[at], rows.total[at], rows.unit.factor
    plotted: list[float] = []
    if total is not None:
        ends = [y - band / 2 + 0.05, y + band / 2 - 0.05]
        axes.plot([total * factor] * 2, ends, color=style.INK, linewidth=1.6, zorder=2)
        plotted.append(total)
    if one.in_group("suppressed"):
        axes.plot([1.0], [y], transform=axes.get_yaxis_transform(), clip_on=False, **HIDDEN)
    if shown.empty:
        return plotted
    spots = dict.fromkeys(shown["group"], y)
    if apart:
        step = (band - 0.45) / max(len(rows.groups) - 1, 1)
        spots = {group: y + (len(rows.groups) - 1) * step / 2 - i * step for i, group in enumerate(rows.groups)}
    turned = one.difference is not None and one.difference.verdict == "reversed"
    low, high = (shown.loc[place] for place in (shown["estimate"].idxmin(), shown["estimate"].idxmax()))
    axes.plot(
        [low["estimate"] * factor, high["estimate"] * factor],
        [spots[low["group"]], spots[high["group"]]],
        color=style.GAP,
        linewidth=2.6,
        linestyle=TURNED if turned else "-",
        zorder=1,
        solid_capstyle="butt",
    )
    for group in shown.itertuples():
        plotted += _dot(axes, rows, group, spots[group.group])
    _end_labels(axes, rows, shown, spots)
    return plotted


def _dot(axes: Axes, rows: _AreaRows, group: Any, y: float) -> list[float]:
    """A group's number with its interval; hollow and with a question mark where it is uncertain."""
    look, factor = rows.looks[group.group], rows.unit.factor
    x, hollow, plotted = group.estimate * factor, group.status == "uncertain", [group.estimate]
    if np.isfinite(group.lower) and np.isfinite(group.upper):
        axes.errorbar(
            x,
            y,
            xerr=[[max(x - group.lower * factor, 0)], [max(group.upper * factor - x, 0)]],
            fmt="none",
            ecolor=look["edge"],
            elinewidth=1.3,
            capsize=2.6,
            capthick=1.3,
            zorder=3,
        )
        plotted += [group.lower, group.upper]
    axes.plot(
        x,
        y,
        marker=look["marker"],
        markersize=style.MARK,
        markerfacecolor="white" if hollow else look["fill"],
        markeredgecolor=look["edge"],
        markeredgewidth=1.6 if hollow else 1.0,
        zorder=4,
        linestyle="none",
    )
    if hollow:
        beside: dict[str, Any] = {"textcoords": "offset points", "ha": "left", "va": "bottom"}
        axes.annotate("?", (x, y), (5.5, 2), fontsize=style.SIZE, fontweight="bold", **beside)
    return plotted


def _end_labels(axes: Axes, rows: _AreaRows, shown: pd.DataFrame, spots: dict[str, float]) -> None:
    """The lowest and the highest number, each outside its own interval and all others on its line."""
    lowest, highest = shown.loc[shown["estimate"].idxmin()], shown.loc[shown["estimate"].idxmax()]
    for group, side in ((lowest, -1), (highest, 1)):
        if side == 1 and len(shown) == 1:
            continue
        y = spots[group["group"]]
        line = shown[[abs(spots[other] - y) < ON_ONE_LINE for other in shown["group"]]]
        values = line[NUMBERS].to_numpy(dtype=float)
        edge = np.nanmin(values) if side < 0 else np.nanmax(values)
        axes.annotate(
            rows.unit.number(group["estimate"], rows.lang),
            (edge * rows.unit.factor, y),
            (side * (style.MARK / 2 + 3), 0),
            textcoords="offset points",
            ha="right" if side < 0 else "left",
            va="center",
            fontsize=style.SIZE,
            fontweight="bold",
            zorder=5,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
        )


def _key(rows: _AreaRows) -> list[Entry]:
    """The key: groups, and each other mark that is in the figure."""
    lang, none = rows.lang, {"linestyle": "none"}
    entries: list[Entry] = [
        (
            rows.names.group(rows.found[0].dimension, group, lang),
            {
                "marker": look["marker"],
                "color": look["fill"],
                "markeredgecolor": look["edge"],
                "markersize": style.MARK,
                **none,
            },
        )
        for group, look in rows.looks.items()
    ]
    if any(total is not None for total in rows.total):
        look = {"marker": "|", "color": style.INK, "markeredgewidth": 1.6, **none}
        entries.append((rows.names.group("total", "total", lang), look))
    if _has_interval(rows.found):
        entries.append((text("figure.interval", lang), {"color": style.INK, "linewidth": 1.2, "linestyle": "-"}))
    if "reversed" in rows.states:
        entries.append((text("figure.reversed", lang), {"color": style.GAP, "linewidth": 2.6, "linestyle": TURNED}))
    if "suppressed" in rows.states:
        entries.append((text("table.status.suppressed", lang), {**HIDDEN, **none}))
    if "uncertain" in rows.states:
        entries.append((text("figure.uncertain", lang), {**style.HOLLOW, "markersize": style.MARK}))
    return entries


NARROW = 11.0  # cm: below this an area's name stands above its row
AXIS = 1.05  # cm


def _drawn(rows: _AreaRows, width: float, **around: str) -> tuple[Sheet, list[float]]:
    """The finished sheet, ``width`` cm wide, and every number on it."""
    lang, above = rows.lang, width < NARROW
    labels = [_label(one, lang) for one in rows.found]
    left = MARGIN if above else min(0.34 * width, _widest(labels) + 0.2 + 2 * MARGIN)
    inner = width - left - 2 * MARGIN
    room = points(width - 2 * MARGIN if above else left - MARGIN - 0.25)
    wrapped = [
        [(line, weight) for told, weight in label for line in style.wrap(told, room, weight=weight)] for label in labels
    ]
    gone = [_gone(one, points(inner), lang) for one in rows.found]
    apart = _crowded(rows, points(inner))
    band = 0.95 + 0.3 * (apart * (len(rows.groups) - 1))
    line = line_height(style.SIZE)
    heights = []
    for label, lost in zip(wrapped, gone, strict=True):
        beside = band + len(lost) * line
        heights.append(0.25 + (len(label) * line + beside if above else max(len(label) * line, beside)))
    entries = _key(rows)
    body = legend_height(entries, width) + 0.2 + sum(heights) + AXIS
    sheet = Sheet(width, body, **around)
    draw_legend(sheet, entries, body)
    axes = sheet.axes(left, AXIS, inner, sum(heights))
    _set_axes(axes, rows, points(inner), sum(heights), ticks=4 if width - left < 8 else 6)
    top, plotted = sum(heights), []
    for at, (label, lost, height) in enumerate(zip(wrapped, gone, heights, strict=True)):
        centre = top - (len(label) * line if above else 0.0) - 0.125 - band / 2
        start = AXIS + (top - 0.125 if above else min(centre + len(label) * line / 2, top - 0.05))
        for k, (told, weight) in enumerate(label):
            sheet.text(MARGIN, start - k * line, told, va="top", fontweight=weight, color=style.INK)
        plotted += _draw_row(axes, rows, at, centre, band, apart=apart)
        for k, told in enumerate(lost):
            sheet.text(left, AXIS + centre - band / 2 - k * line, told, va="top", color=style.QUIET)
        top -= height
        if at + 1 < len(heights):
            axes.axhline(top, color=style.GRID, linewidth=0.8, zorder=0)
    return sheet, plotted


def _widest(labels: list[list[_Line]]) -> float:
    """Room that the areas' names want beside their rows, cm."""
    widths = [centimetres(style.text_width(told, weight=weight)) for label in labels for told, weight in label]
    return max(widths, default=0.0)


MOST_ROWS = 40  # groups listed one below another, of all areas together
LEAST_ROWS = 6


def _listed(
    found: list[Finding], totals: pd.DataFrame, width: float, lang: str, around: dict[str, str]
) -> tuple[Sheet, list[float]]:
    """The form of many groups: a row a group, in order; of very many the ends by name, and the rest counted."""
    room = max(MOST_ROWS // len(found), LEAST_ROWS)
    chart: list[lines.Line] = []
    for one in found:
        chart += _lines_of(one, _total_of(one, totals), room, lang)
    unit = found[0].unit
    sheet, plotted = lines.draw(
        chart, lines.DOT, measure=unit.measure(lang), lang=lang, width=width, around=around, close=True
    )
    return sheet, [value / unit.factor for value in plotted]


def _lines_of(one: Finding, total: float | None, room: int, lang: str) -> list[lines.Line]:
    """An area's name and gap, its groups, what is not shown, its whole population."""
    (name, _), *told = _label(one, lang)
    chart = [lines.Line(name, "", strong=True), *(lines.Line(line, "") for line, _ in told)]
    shown = _in_order(one)
    kept = _kept(one, shown, room)
    ends = () if one.difference is None else one.difference.between
    factor = one.unit.factor
    left_out: list[dict[Any, Any]] = []

    def counted() -> lines.Line:
        levels = [row["estimate"] for row in left_out]
        said = one.unit.interval(min(levels), max(levels), lang)
        return lines.Line("⋮ " + text("figure.rest", lang, number=str(len(left_out))), said)

    for row in shown.to_dict("records"):
        if row["group"] not in kept:
            left_out.append(row)
            continue
        if left_out:
            chart.append(counted())
            left_out = []
        values = {name: row[name] * factor for name in NUMBERS}
        chart.append(
            lines.Line(
                one.names.group(one.dimension, row["group"], lang),
                one.unit.number(row["estimate"], lang) + (" ?" if row["status"] == "uncertain" else ""),
                values["estimate"], values["lower"], values["upper"],
                strong=row["group"] in ends, doubtful=row["status"] == "uncertain",
            )
        )  # fmt: skip
    if left_out:
        chart.append(counted())
    for status, symbol in (("suppressed", "×"), ("missing", "–")):
        named = [one.names.group(one.dimension, group, lang) for group in one.in_group(status)]
        if named:
            chart.append(lines.Line(f"{symbol} {text(f'table.status.{status}', lang)}: {'; '.join(named)}", ""))
    if total is not None:
        whole = one.names.group("total", "total", lang)
        chart.append(lines.Line(whole, one.unit.number(total, lang), total * factor))
    return chart


def _in_order(one: Finding) -> pd.DataFrame:
    """The groups with a number, as they are ordered; without an order the weakest first."""
    shown = one.groups[one.groups["estimate"].notna()]
    if _ordered(one):
        return shown
    return shown.sort_values("estimate", ascending=one.favourable, kind="stable")


def _kept(one: Finding, shown: pd.DataFrame, room: int) -> set[str]:
    """Groups that get a row of their own: all, or those that words name and the ends."""
    groups = shown["group"].tolist()
    if len(groups) <= room:
        return set(groups)
    worst = (one.worst, *(one.tied if len(one.tied) < NAMED else ()))  # of more no headline names any
    named = {*worst, one.best, *(() if one.difference is None else one.difference.between)} & set(groups)
    ends = [group for pair in zip(groups, groups[::-1], strict=True) for group in pair]
    kept = list(dict.fromkeys([*(group for group in groups if group in named), *ends]))
    return set(kept[: room - 1])
