"""Ways of sharing the same money, side by side: people helped, the gap, the price of one case."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np

from hyteanalysis.figures.kit import style
from hyteanalysis.figures.kit.bundle import FigureBundle
from hyteanalysis.figures.kit.estimates import (
    EUROS,
    PEOPLE,
    POINTS,
    Estimate,
    gap_text,
    headings,
    narrowest_scenario,
    scenario_table,
    scenarios_in_detail,
    simulated,
)
from hyteanalysis.figures.kit.registry import figure
from hyteanalysis.figures.kit.sheet import MARGIN, Sheet, centimetres, line_height, points, value_axis
from hyteanalysis.i18n import number, spoken, text

if TYPE_CHECKING:
    from hyteanalysis.actions import Impact, Scenarios

BAND = 1.15  # cm at least for a way
NARROW = 14.0  # cm: below this the two panels stand one above the other


@figure("cards", of="impact", needs=("budget",))
@spoken
def cards(impact: "Impact", *, budget: float, lang: str = "fi", width: float = 16.0) -> FigureBundle:
    """How many people would each way of sharing the budget help, and what would become of the gap?

    Parameters
    ----------
    impact : Impact
        Made from a release; one made from raw cells is refused.
    budget : float
        Euros.
    lang : {"fi", "sv", "en"}
    width : float
        cm.

    Returns
    -------
    FigureBundle
        One row a way, always in the same order: ``option, cost, reached, averted, cost_per_case, gap_change``
        (percentage points) with limits, and ``verdict`` of the gap. Notes name the pairs whose difference is not clear.

    Raises
    ------
    DisclosureError
        For an impact made from raw cells.
    PlanError
        As :func:`hyteanalysis.scenarios`.
    """
    estimate = Estimate.of(impact, lang)
    found = scenarios_in_detail(impact, budget)
    table = scenario_table(estimate, found)
    names = [text(f"figure.scenario.{option}", lang) for option in table["option"]]
    best = narrowest_scenario(table, found)
    title = (
        text("figure.cards.title", lang, option=text(f"figure.scenario.{best}", lang))
        if best
        else text("figure.cards.unclear", lang)
    )
    caption = estimate.caption(
        "cards", title=title, measure=text("figure.cards.measure", lang, budget=number(budget, lang, 0))
    )
    with style.context():
        longest = max(style.text_width(word) for name in names for word in name.split())
        column = max(points(0.26 * width), min(longest, points(0.38 * width)))  # words stay whole where they can
        labels = [style.wrap(name, column) for name in names]
        left = MARGIN + 0.2 + centimetres(max(style.text_width(line) for label in labels for line in label))
        band = max(BAND, max(map(len, labels)) * line_height(style.SIZE) + 0.1)
        # beside each other where there is room, else one above the other
        beside = width >= NARROW
        panel = band * len(table) + 1.25
        sheet = Sheet(width, panel * (1 if beside else 2) + 0.2, **caption.around)
        room = (width - left - 3 * MARGIN - 0.4) / 2 if beside else width - left - 2 * MARGIN
        plotted: list[float] = []
        for part, (name, words) in enumerate((("averted", simulated), ("gap_change", gap_text))):
            bottom = 1.1 + (0.0 if beside else panel * (1 - part))
            axes = sheet.axes(left + (part * (room + 0.6) if beside else 0.0), bottom, room, band * len(table))
            if not part or not beside:
                _names(sheet, labels, left, bottom, band)
            ends = table[[f"{name}_lower", f"{name}_upper"]].to_numpy()
            low, high = min(0.0, ends.min()), max(0.0, ends.max())
            pad = 0.06 * (high - low or 1.0)
            axes.set(xlim=(low - pad, high + pad), ylim=(-0.5, len(table) - 0.5))
            axes.invert_yaxis()
            value_axis(axes, lang, along="x", ticks=3)
            # the second label may be wider than its panel: the first one keeps away from it
            side: Literal["left", "right"] = "left" if beside and not part else "right"
            axes.set_xlabel(text(f"figure.column.{name}", lang), fontsize=style.SIZE, loc=side, labelpad=1)
            axes.axvline(0, color=style.QUIET, linewidth=1.0, zorder=1)
            for place, row in enumerate(table.itertuples()):
                value, lower, upper = (getattr(row, f"{name}{end}") for end in ("", "_lower", "_upper"))
                axes.plot([lower, upper], [place + 0.15] * 2, color=style.INK, linewidth=1.4, zorder=2)
                axes.plot([value], [place + 0.15], "o", color=style.BLUE, markersize=style.MARK, zorder=3)
                said = words(value, lower, upper, lang)
                # words begin at the side where there is room
                right = (value - low) > 0.5 * (high - low)
                axes.text(
                    0.99 if right else 0.01, place - 0.22, said, transform=axes.get_yaxis_transform(), va="center",
                    ha="right" if right else "left", fontsize=style.SIZE, bbox=style.BACKED, zorder=1.5,
                )  # fmt: skip
                plotted += [value, lower, upper]
    shown = table.assign(option=names, verdict=[text(f"figure.gap_moves.{one}", lang) for one in table["verdict"]])
    columns: dict[str, str | None] = {"option": None, "cost": EUROS, "reached": PEOPLE}
    columns |= dict.fromkeys(("averted", "averted_lower", "averted_upper"), PEOPLE)
    columns |= dict.fromkeys(("gap_change", "gap_change_lower", "gap_change_upper"), POINTS)
    readable, formats = headings(shown, {**columns, "verdict": None, "cost_per_case": EUROS}, lang)

    def alternative(short: Callable[[str], str]) -> str:
        said = {
            name: [
                told(row[name], row[f"{name}_lower"], row[f"{name}_upper"], lang) for row in table.to_dict("records")
            ]
            for name, told in (("averted", simulated), ("gap_change", gap_text))
        }
        most, least = int(table["averted"].argmax()), int(table["gap_change"].argmin())

        def equal(name: str, at: int) -> str:  # ways whose number is the same as it is told
            return "; ".join(short(one) for one, told in zip(names, said[name], strict=True) if told == said[name][at])

        return text(
            "figure.alt.cards", lang, title=short(impact.action.label(lang)), most=equal("averted", most),
            people=said["averted"][most], narrowest=equal("gap_change", least), change=said["gap_change"][least],
        )  # fmt: skip

    return estimate.bundle(
        caption,
        sheet,
        table,
        readable,
        formats,
        alternative=alternative,
        plotted=plotted,
        notes=_unclear(found, names, lang),
    )


def _names(sheet: Sheet, labels: list[list[str]], left: float, bottom: float, band: float) -> None:
    """The ways' names beside their rows."""
    for place, label in enumerate(labels):
        y = bottom + band * (len(labels) - place - 0.5) + line_height(style.SIZE) * len(label) / 2
        for step, line in enumerate(label):
            sheet.text(left - 0.2, y - step * line_height(style.SIZE), line, va="top", ha="right")


def _unclear(found: "Scenarios", names: list[str], lang: str) -> tuple[str, ...]:
    """Pairs of plain ways that the estimate cannot tell apart by people helped."""
    from hyteanalysis.actions.budget import SCENARIOS

    pairs = found.differences[(found.differences["outcome"] == "averted") & ~found.differences["clear"]]
    named = dict(zip(SCENARIOS, names, strict=True))
    told = [f"{named[row.scenario]} – {named[row.other]}" for row in pairs.itertuples() if np.isfinite(row.difference)]
    return (text("figure.cards.pairs", lang, pairs="; ".join(told)),) if told else ()
