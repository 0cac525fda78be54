"""The marks of a trend: bands, lines, dots, names at the lines' ends, the gap and the method change."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from hyteanalysis.figures import legend, style
from hyteanalysis.figures.page import line_height
from hyteanalysis.figures.trend_lines import NUMBERS, Lines
from hyteanalysis.i18n import text

HIDDEN: dict[str, Any] = {"marker": "x", "markersize": 6, "markeredgewidth": 1.8, "linestyle": "none"}


def levels(axes: Axes, lines: Lines) -> list[float]:
    """Each group's line with its interval; gives every number drawn."""
    factor, plotted = lines.factor, []
    axes.set_ylim(*lines.limits(lines.cells[lines.cells["group"].isin(lines.groups)], zero=True))
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


def names(axes: Axes, lines: Lines, labels: dict[str, list[str]], height: float) -> None:
    """Each line's name at its right end, moved apart so that none overlap; the axes are ``height`` cm high."""
    low, high = axes.get_ylim()
    step = line_height(style.SIZE) / height
    ends = {group: end for group in lines.groups if (end := lines.last(group)) is not None}
    level = {group: (y * lines.factor - low) / (high - low) for group, (_, y) in ends.items()}
    slots = [(group, i) for group in level for i in range(len(labels[group]))]
    wanted = [level[group] + ((len(labels[group]) - 1) / 2 - i) * step * 0.98 for group, i in slots]
    order = sorted(range(len(slots)), key=lambda k: (level[slots[k][0]], slots[k][0], -slots[k][1]))
    moved = style.spread([wanted[k] + rank * 1e-9 for rank, k in enumerate(order)], step, 0.0, 1.0)
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


def gap(axes: Axes, lines: Lines, lang: str) -> list[float]:
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


def method_change(axes: Axes, at: float, label: str) -> None:
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


def key(lines: Lines, lang: str) -> list[legend.Entry]:
    """The marks that no line's name explains."""
    states = set(lines.cells["status"])
    entries: list[legend.Entry] = []
    if "suppressed" in states:
        entries.append((text("table.status.suppressed", lang), {**HIDDEN, "color": style.QUIET}))
    if "uncertain" in states:
        entries.append((text("figure.uncertain", lang), style.HOLLOW))
    return entries
