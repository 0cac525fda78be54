"""The marks of an equiplot: gap line, total, whiskers, dots and the numbers at both ends of a row; and their key."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from hyteanalysis.figures import legend, style
from hyteanalysis.figures.equiplot_rows import NUMBERS, Rows
from hyteanalysis.figures.equiplot_words import has_interval
from hyteanalysis.i18n import text

TURNED = (0, (2, 1.2))  # dashes of a reversed gap
HIDDEN: dict[str, Any] = {"marker": "x", "color": style.QUIET, "markersize": 7, "markeredgewidth": 1.8}
ON_ONE_LINE = 0.28  # cm: dots nearer than this share a line


def row(axes: Axes, rows: Rows, at: int, y: float, band: float, *, apart: bool) -> list[float]:
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


def _dot(axes: Axes, rows: Rows, group: Any, y: float) -> list[float]:
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


def _end_labels(axes: Axes, rows: Rows, shown: pd.DataFrame, spots: dict[str, float]) -> None:
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


def key(rows: Rows) -> list[legend.Entry]:
    """The key: groups, and each other mark that is in the figure."""
    lang, none = rows.lang, {"linestyle": "none"}
    entries: list[legend.Entry] = [
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
    if has_interval(rows.found):
        entries.append((text("figure.interval", lang), {"color": style.INK, "linewidth": 1.2, "linestyle": "-"}))
    if "reversed" in rows.states:
        entries.append((text("figure.reversed", lang), {"color": style.GAP, "linewidth": 2.6, "linestyle": TURNED}))
    if "suppressed" in rows.states:
        entries.append((text("table.status.suppressed", lang), {**HIDDEN, **none}))
    if "uncertain" in rows.states:
        entries.append((text("figure.uncertain", lang), {**style.HOLLOW, "markersize": style.MARK}))
    return entries
