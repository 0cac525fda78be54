"""Ranked dots: areas by level or by gap, each with its interval, the whole country as a line."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from hyteanalysis.figures.kit import regions, style
from hyteanalysis.figures.kit.bundle import Caption, FigureBundle
from hyteanalysis.figures.kit.regions import COLUMNS, alternative, short_name
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
from hyteanalysis.i18n import spoken, text
from hyteanalysis.tables import readable

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release


MOST = 30  # rows drawn; of more areas the ends and the own one's neighbours
ROW, AXIS = 0.52, 1.05  # cm


@figure("dots", of="release", needs=("areas",))
@spoken
def dots(
    release: "Release",
    *,
    indicator: str | None = None,
    dimension: str | None = None,
    areas: str | Sequence[str] | None = None,
    period: str | None = None,
    lang: str = "fi",
    width: float = 16.0,
) -> FigureBundle:
    """How does the level, or the gap, vary between areas, and which of them clearly differ from one's own?

    Parameters
    ----------
    release : Release
    indicator : str
    dimension : str, optional
        None or ``total``: the level of the whole population. Else the gap between the groups of the dimension.
    areas : str or list of str, optional
        One area: all of its kind, itself in bold. A list: those areas. By default the counties.
    period : str, optional
        The newest by default.
    lang : {"fi", "sv", "en"}
    width : float
        cm.

    Returns
    -------
    FigureBundle
        The table holds all areas, the figure at most 30: the ends and the neighbours of the own area. A rank is never
        given without the number of areas that do not clearly differ.

    Raises
    ------
    HyteError
        For unknown ids, or a release without such numbers.
    """
    found = regions.compare(release, indicator=indicator, dimension=dimension, areas=areas, period=period)
    interval = text("figure.interval" if found.there["lower"].notna().any() else "figure.no_interval", lang)
    subtitle = [*found.subtitle(lang), interval]
    caption = Caption.of("dots", release, found.indicator, title=found.title(lang), subtitle=subtitle, lang=lang)
    table = pd.concat([found.table, found.benchmark], ignore_index=True)
    with style.context():
        sheet, plotted = _drawn(found, width, lang, **caption.around)
    shown, formats = readable(table, found.names, found.unit, lang, columns=COLUMNS)
    few = (text("figure.regions.few", lang, shown=str(MOST), number=str(len(found.table))),)
    return caption.bundle(
        sheet,
        table,
        shown,
        formats,
        alternative=alternative(found, "dots", lang),
        plotted=plotted,
        notes=(*found.notes(lang), *(few if len(found.table) > MOST else ())),
        states=found.states(),
    )


def _chosen_rows(rows: pd.DataFrame, own: str | None) -> list[list[int]]:
    """Positions of the rows drawn, in unbroken stretches: all, or the ends and the own area's neighbours.

    >>> import pandas as pd
    >>> _chosen_rows(pd.DataFrame({"area": list("abc")}), None)
    [[0, 1, 2]]
    """
    count = len(rows)
    if count <= MOST:
        return [list(range(count))]
    third = MOST // 3
    keep = {*range(third), *range(count - third, count)}
    place = rows.index[rows["area"] == own]
    centre = int(place[0]) if len(place) else count // 2
    keep |= {i for i in range(centre - third // 2, centre + third // 2) if 0 <= i < count}
    ordered = sorted(keep)
    breaks = [0, *(i for i in range(1, len(ordered)) if ordered[i] != ordered[i - 1] + 1), len(ordered)]
    return [ordered[a:b] for a, b in pairwise(breaks)]


def _drawn(found: regions.Regions, width: float, lang: str, **around: str) -> tuple[Sheet, list[float]]:
    factor, stretches = found.unit.factor, _chosen_rows(found.table, found.own)
    order = [at for stretch in stretches for at in stretch]
    rows = found.table.iloc[order].reset_index(drop=True)
    room = points(0.36 * width)
    labels = [style.wrap(short_name(area, found.names, lang), room, weight="bold") for area in rows["area"]]
    left = MARGIN + centimetres(max(style.text_width(line, weight="bold") for lines in labels for line in lines)) + 0.25
    numbers = [found.unit.number(value, lang) for value in rows["estimate"]]
    right = centimetres(max(style.text_width(one, weight="bold") for one in numbers)) + 0.35
    heights = [max(ROW, len(lines) * line_height(style.SIZE) + 0.1) for lines in labels]
    gaps = 0.4 * (len(stretches) - 1)
    entries = _entries(found, lang)
    key = legend_height(entries, width) if entries else 0.0
    tall = sum(heights) + gaps
    sheet = Sheet(width, AXIS + tall + key + 0.2, **around)
    if entries:
        draw_legend(sheet, entries, sheet.body_height)
    axes = sheet.axes(left, AXIS, width - left - right - MARGIN, tall)
    columns = [column for column in ("estimate", "lower", "upper") if column in rows]
    values = pd.concat([rows, found.benchmark])[columns].to_numpy(dtype=float).ravel() * factor
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    low = min(low, 0.0) if found.gap else 0.0 if 0 <= low < 0.5 * high else low
    pad = 0.04 * ((high - low) or 1.0)
    axes.set(xlim=(low - (pad if low != 0 else 0), high + pad), ylim=(0, tall))
    value_axis(axes, lang, along="x", ticks=6 if width > 11 else 4)
    axes.set_xlabel(found.measure(lang), loc="right", fontsize=style.SIZE, labelpad=1)
    plotted: list[float] = []
    if len(found.benchmark):
        whole = float(found.benchmark["estimate"].iloc[0])
        axes.axvline(whole * factor, color=style.INK, linewidth=1.4, linestyle=(0, (5, 2)), zorder=1)
        plotted.append(whole)
    if found.gap:
        axes.axvline(0, color=style.INK, linewidth=1.0, zorder=1)
    y = tall
    starts = {stretch[0] for stretch in stretches[1:]}
    for row, lines, height, number, at in zip(rows.itertuples(), labels, heights, numbers, order, strict=True):
        if at in starts:
            sheet.text(left, AXIS + y - 0.2, "⋮", va="center", ha="right")
            y -= 0.4
        centre = y - height / 2
        weight = "bold" if row.area == found.own else "normal"
        for i, line in enumerate(lines):
            at_y = AXIS + centre + ((len(lines) - 1) / 2 - i) * line_height(style.SIZE)
            sheet.text(left - 0.2, at_y, line, va="center_baseline", ha="right", fontweight=weight)
        y -= height
        if np.isnan(row.estimate):
            symbol = "× " if row.status == "suppressed" else "– "
            said = symbol + text(f"table.status.{row.status}", lang)
            sheet.text(left + 0.1, AXIS + centre, said, va="center_baseline", color=style.QUIET)
            continue
        plotted += _marked(axes, row, centre, factor, own=row.area == found.own)
        shown = number + (" ?" if row.status == "uncertain" else "")
        sheet.text(width - MARGIN, AXIS + centre, shown, va="center_baseline", ha="right", fontweight=weight)
    return sheet, plotted


def _marked(axes: Axes, row: Any, y: float, factor: float, *, own: bool) -> list[float]:
    """An area's dot with its interval, a diamond for the own area; the numbers drawn."""
    color = style.DARK if own else style.MIDDLE
    plotted: list[float] = []
    if np.isfinite(row.lower) and np.isfinite(row.upper):
        axes.plot([row.lower * factor, row.upper * factor], [y] * 2, color=color, linewidth=1.3, zorder=2)
        plotted += [row.lower, row.upper]
    axes.plot(
        row.estimate * factor,
        y,
        marker="D" if own else "o",
        markersize=7.5,
        markeredgecolor=color,
        markerfacecolor="white" if row.status == "uncertain" else color,
        markeredgewidth=1.6,
        zorder=3,
    )
    return [*plotted, row.estimate]


def _entries(found: regions.Regions, lang: str) -> list[Entry]:
    entries: list[Entry] = []
    if len(found.benchmark):
        look = {"color": style.INK, "linewidth": 1.4, "linestyle": (0, (5, 2))}
        whole = found.benchmark.iloc[0]
        words_ = f"{found.names.area(whole['area'], lang)} {found.unit.number(whole['estimate'], lang)}"
        entries.append((words_, look))
    if "uncertain" in found.states():
        look = {
            "marker": "o",
            "markerfacecolor": "white",
            "color": style.UNCERTAIN,
            "markersize": 7.5,
            "markeredgewidth": 1.6,
            "linestyle": "none",
        }
        entries.append((text("figure.uncertain", lang), look))
    return entries
