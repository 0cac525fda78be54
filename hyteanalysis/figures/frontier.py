"""What a narrower gap costs in people helped: the frontier, with the plain ways of sharing the budget beside it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hyteanalysis.figures.kit import style
from hyteanalysis.figures.kit.bundle import FigureBundle
from hyteanalysis.figures.kit.estimates import (
    EUROS,
    PEOPLE,
    POINTS,
    SWAPPED,
    Estimate,
    decision_axes,
    headings,
    scenario_table,
    scenarios_in_detail,
    simulated,
)
from hyteanalysis.figures.kit.registry import figure
from hyteanalysis.figures.kit.sheet import MARGIN, Entry, Sheet, draw_legend, legend_height
from hyteanalysis.i18n import number, spoken, text

if TYPE_CHECKING:
    from hyteanalysis.actions import Impact

SIDE = 7.5  # cm of height


@figure("frontier", of="impact", needs=("budget",))
@spoken
def frontier(
    impact: "Impact", *, budget: float, steps: int = 12, lang: str = "fi", width: float = 16.0
) -> FigureBundle:
    """How many people's help does it cost to narrow the gap further, with the same money?

    Parameters
    ----------
    impact : Impact
        Made from a release; one made from raw cells is refused.
    budget : float
        Euros.
    steps : int
        Points of the frontier.
    lang : {"fi", "sv", "en"}
    width : float
        cm.

    Returns
    -------
    FigureBundle
        Rows of the frontier (``kind`` ``frontier``) and of the six ways of sharing the budget (``option``).

    Raises
    ------
    DisclosureError
        For an impact made from raw cells.
    PlanError
        As :func:`hyteanalysis.allocate`.
    """
    from hyteanalysis.actions import frontier as best_for_each_gap
    from hyteanalysis.actions.sentences import people_text

    estimate = Estimate.of(impact, lang)
    line = best_for_each_gap(impact, budget=budget, steps=steps)
    line = line.assign(kind="frontier", option="frontier")
    for end in ("", "_lower", "_upper"):
        line[f"gap_change{end}"] = 100 * estimate.gaps.direction * line[f"absolute_gap_change{end}"]
    if estimate.gaps.direction < 0:
        line = line.rename(columns=SWAPPED)
    points = scenario_table(estimate, scenarios_in_detail(impact, budget))
    kept = [*points.columns.intersection(line.columns)]
    table = pd.concat([line[kept], points], ignore_index=True)
    given_up = float(line["averted"].iloc[0] - line["averted"].iloc[-1])
    one = len(line) == 1
    less = people_text(given_up, lang)
    title = text("figure.frontier.same", lang) if one else text("figure.frontier.title", lang, people=less)
    caption = estimate.caption("frontier", title=title, measure=text("figure.plane.measure", lang))
    looks = style.group_styles(len(points), ordered=False)
    names = [text(f"figure.scenario.{option}", lang) for option in points["option"]]
    with style.context():
        entries: list[Entry] = [
            (text("figure.scenario.frontier", lang), {"color": style.INK, "linewidth": 1.8, "linestyle": "-"}),
            *(
                (
                    name,
                    {
                        "marker": look["marker"], "color": look["fill"], "markeredgecolor": look["edge"],
                        "markersize": style.MARK, "linestyle": "none",
                    },
                )
                for name, look in zip(names, looks, strict=True)
            ),
        ]  # fmt: skip
        key = legend_height(entries, width)
        sheet = Sheet(width, key + 0.2 + SIDE, **caption.around)
        draw_legend(sheet, entries, key + 0.2 + SIDE)
        axes = sheet.axes(2.3, 1.3, width - 2.3 - 2 * MARGIN, SIDE - 1.4)
        axes.plot(line["averted"], line["gap_change"], "-", color=style.INK, linewidth=1.8, zorder=1)
        axes.plot(line["averted"], line["gap_change"], ".", color=style.INK, markersize=5, zorder=1)
        for row, look in zip(points.itertuples(), looks, strict=True):
            axes.plot(
                [row.averted], [row.gap_change], look["marker"], color=look["fill"], markeredgecolor=look["edge"],
                markersize=style.MARK, zorder=3,
            )  # fmt: skip
        for limit, name in ((axes.set_xlim, "averted"), (axes.set_ylim, "gap_change")):
            values = table[name].to_numpy(dtype=float)
            pad = 0.1 * (np.ptp(values) or 1.0)
            limit(values.min() - pad, values.max() + pad)
        decision_axes(axes, lang, width)
    plotted = [*table["averted"], *table["gap_change"]]
    shown = table.assign(option=[text(f"figure.scenario.{option}", lang) for option in table["option"]])
    columns: dict[str, str | None] = {"option": None, "cost": EUROS}
    columns |= dict.fromkeys(("averted", "averted_lower", "averted_upper"), PEOPLE)
    columns |= dict.fromkeys(("gap_change", "gap_change_lower", "gap_change_upper"), POINTS)
    readable, formats = headings(shown, columns, lang)

    def alternative(short: Callable[[str], str]) -> str:
        first, last = line.iloc[0], line.iloc[-1]
        return text(
            "figure.alt.frontier", lang, title=short(impact.action.label(lang)), area=short(estimate.places()),
            most=simulated(first["averted"], first["averted_lower"], first["averted_upper"], lang),
            least=simulated(last["averted"], last["averted_lower"], last["averted_upper"], lang),
            change=number(last["gap_change"], lang, 2), first=number(first["gap_change"], lang, 2),
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
