"""Benefit and fairness: people helped against the change of the gap, for the action or for ways of sharing a budget."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from hyteanalysis.figures.kit import style
from hyteanalysis.figures.kit.bundle import FigureBundle
from hyteanalysis.figures.kit.estimates import (
    EUROS,
    PEOPLE,
    POINTS,
    Estimate,
    decision_axes,
    gap_text,
    headings,
    scenario_table,
    scenarios_in_detail,
    simulated,
    span,
)
from hyteanalysis.figures.kit.registry import figure
from hyteanalysis.figures.kit.sheet import MARGIN, Entry, Sheet, draw_legend, legend_height
from hyteanalysis.i18n import spoken, text

if TYPE_CHECKING:
    from hyteanalysis.actions import Impact

CLOUD = 200  # draws shown
SIDE = 8.0  # cm of height


@figure("plane", of="impact")
@spoken
def plane(impact: "Impact", *, budget: float | None = None, lang: str = "fi", width: float = 16.0) -> FigureBundle:
    """Does it help, and does it narrow the gap?

    Parameters
    ----------
    impact : Impact
        Made from a release; one made from raw cells is refused.
    budget : float, optional
        Euros: the six ways of sharing them are shown instead of the action as described.
    lang : {"fi", "sv", "en"}
    width : float
        cm.

    Returns
    -------
    FigureBundle
        One row an option: ``option, averted, gap_change`` (percentage points; above 0 the gap widens) with limits; for
        the action alone also a sample of its draws.

    Raises
    ------
    DisclosureError
        For an impact made from raw cells.
    """
    estimate = Estimate.of(impact, lang)
    table = _action(estimate) if budget is None else scenario_table(estimate, scenarios_in_detail(impact, budget))
    points = table[table["kind"] == "option"].reset_index(drop=True)
    title = text(f"figure.plane.{'action' if budget is None else 'options'}.{_verdict(estimate, points)}", lang)
    caption = estimate.caption("plane", title=title, measure=text("figure.plane.measure", lang))
    names = [
        impact.action.label(lang) if option == "action" else text(f"figure.scenario.{option}", lang)
        for option in points["option"]
    ]
    with style.context():
        looks = style.group_styles(len(points), ordered=False)
        entries: list[Entry] = [
            (
                name,
                {
                    "marker": look["marker"], "color": look["fill"], "markeredgecolor": look["edge"],
                    "markersize": style.MARK, "linestyle": "none",
                },
            )
            for name, look in zip(names, looks, strict=True)
        ]  # fmt: skip
        entries.append((text("figure.simulated", lang), {"color": style.INK, "linewidth": 1.2, "linestyle": "-"}))
        key = legend_height(entries, width)
        sheet = Sheet(width, key + 0.2 + SIDE, **caption.around)
        draw_legend(sheet, entries, key + 0.2 + SIDE)
        axes = sheet.axes(2.3, 1.3, width - 2.3 - 2 * MARGIN, SIDE - 1.4)
        plotted = _draw(axes, table, points, looks)
        decision_axes(axes, lang, width)
        _quadrants(axes, lang, width - 2.3 - 2 * MARGIN)
    shown = points.assign(option=names)
    columns: dict[str, str | None] = {
        "option": None,
        "averted": PEOPLE,
        "averted_lower": PEOPLE,
        "averted_upper": PEOPLE,
    }
    columns |= dict.fromkeys(("gap_change", "gap_change_lower", "gap_change_upper"), POINTS)
    if "cost_per_case" in shown:
        columns["cost_per_case"] = EUROS
    readable, formats = headings(shown, columns, lang)

    def alternative(short: Callable[[str], str]) -> str:
        first = points.loc[points["averted"].idxmax()]
        return text(
            "figure.alt.plane", lang, title=short(impact.action.label(lang)), option=short(names[int(first.name)]),
            people=simulated(first["averted"], first["averted_lower"], first["averted_upper"], lang),
            change=gap_text(first["gap_change"], first["gap_change_lower"], first["gap_change_upper"], lang),
        )  # fmt: skip

    return estimate.bundle(
        caption,
        sheet,
        table,
        readable,
        formats,
        alternative=alternative,
        plotted=plotted,
    )


def _action(estimate: Estimate) -> pd.DataFrame:
    """The action as described, and a sample of its draws."""
    impact = estimate.impact
    total = impact.summary.helped.sum(axis=0)
    value, change = estimate.change_of_gap()
    low, high = span(total)
    change_low, change_high = span(change)
    point = {
        "kind": "option", "option": "action", "averted": impact.by_group["averted"].sum(), "averted_lower": low,
        "averted_upper": high, "gap_change": value, "gap_change_lower": change_low, "gap_change_upper": change_high,
    }  # fmt: skip
    some = slice(0, CLOUD)
    cloud = pd.DataFrame({"kind": "draw", "option": "action", "averted": total[some], "gap_change": change[some]})
    return pd.concat([pd.DataFrame([point]), cloud], ignore_index=True)


def _verdict(estimate: Estimate, points: pd.DataFrame) -> str:
    """What may be said of the gap by all options together."""
    if (points["averted_upper"] <= 0).all():
        return "nobody"
    said = {estimate.verdict(row.gap_change_lower, row.gap_change_upper) for row in points.itertuples()}
    return said.pop() if len(said) == 1 else "differs"


def _draw(axes: Axes, table: pd.DataFrame, points: pd.DataFrame, looks: list[dict[str, str]]) -> list[float]:
    """Cloud, intervals and points; the axis of the gap points upwards where it narrows."""
    cloud = table[table["kind"] == "draw"]
    plotted = [*cloud["averted"], *cloud["gap_change"]]
    axes.plot(cloud["averted"], cloud["gap_change"], ".", color=style.GAP, markersize=3, zorder=1)
    for row, look in zip(points.itertuples(), looks, strict=True):
        axes.plot(
            [row.averted_lower, row.averted_upper], [row.gap_change] * 2, color=look["edge"], linewidth=1.2, zorder=2
        )
        axes.plot(
            [row.averted] * 2, [row.gap_change_lower, row.gap_change_upper], color=look["edge"], linewidth=1.2, zorder=2
        )
        axes.plot(
            [row.averted], [row.gap_change], look["marker"], color=look["fill"], markeredgecolor=look["edge"],
            markersize=style.MARK, zorder=3,
        )  # fmt: skip
        plotted += [row.averted, row.averted_lower, row.averted_upper]
        plotted += [row.gap_change, row.gap_change_lower, row.gap_change_upper]
    x = np.array([*points["averted_lower"], *points["averted_upper"], 0.0])
    y = np.array([*points["gap_change_lower"], *points["gap_change_upper"], 0.0])
    for values, limit in ((x, axes.set_xlim), (y, axes.set_ylim)):
        pad = 0.14 * (np.ptp(values) or 1.0)
        limit(values.min() - pad, values.max() + pad)
    axes.axhline(0, color=style.QUIET, linewidth=1.0, zorder=0)
    axes.axvline(0, color=style.QUIET, linewidth=1.0, zorder=0)
    return plotted


def _quadrants(axes: Axes, lang: str, wide: float) -> None:
    """The quadrants that have room on axes ``wide`` cm, named in words at their outer corner."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    places = {"helps_narrows": (1, 1), "helps_widens": (1, 0), "harms_narrows": (0, 1), "harms_widens": (0, 0)}
    for name, (x, y) in places.items():
        across = (right - max(left, 0) if x else min(right, 0) - left) / (right - left) * wide
        along = (bottom if not y else -top) / (bottom - top)
        words = text(f"figure.quadrant.{name}", lang)
        lines = style.wrap(words, 72 * style.CM * across - 8)
        if along > 0.04 + 0.08 * len(lines) and len(lines) <= 2 and " ".join(lines) == words:
            axes.text(
                0.99 if x else 0.01, 0.98 if y else 0.02, "\n".join(lines), transform=axes.transAxes,
                ha="right" if x else "left", va="top" if y else "bottom", fontsize=style.SIZE,
                color=style.QUIET, style="italic",
            )  # fmt: skip
