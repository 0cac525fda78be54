"""People helped, group by group: bars from zero with their intervals."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from hyteanalysis.errors import HyteError, one_of
from hyteanalysis.figures.kit import style
from hyteanalysis.figures.kit.bundle import FigureBundle
from hyteanalysis.figures.kit.estimates import PEOPLE, PLAIN, Estimate, headings, simulated
from hyteanalysis.figures.kit.registry import figure
from hyteanalysis.figures.kit.sheet import MARGIN, Sheet, centimetres, line_height, points, value_axis
from hyteanalysis.i18n import spoken, text

if TYPE_CHECKING:
    from hyteanalysis.actions import Impact

BAND = 1.15  # cm at least for a group


@figure("bars", of="impact")
@spoken
def bars(impact: "Impact", *, per: str = "people", lang: str = "fi", width: float = 16.0) -> FigureBundle:
    """How many people does the action help in each group?

    Parameters
    ----------
    impact : Impact
        Made from a release; one made from raw cells is refused.
    per : {"people", "1000"}
        People helped in all, or for 1,000 of the group's members.
    lang : {"fi", "sv", "en"}
    width : float
        cm; 16 for print, 7.5 for a phone.

    Returns
    -------
    FigureBundle
        One row a group, areas pooled: ``group, population, reached, averted`` with limits, also for 1,000 members.

    Raises
    ------
    DisclosureError
        For an impact made from raw cells.
    """
    estimate = Estimate.of(impact, lang)
    one_of(per, ("people", "1000"), "per", HyteError)
    table = _table(impact)
    name = "averted" if per == "people" else "averted_per_1000"
    rows = table.sort_values(name, ascending=False, kind="stable")
    title = impact.sentences(lang)[0].rstrip(".")
    caption = estimate.caption("bars", title=title, measure=text(f"figure.bars.measure_{per}", lang))
    decimals = 0 if per == "people" else 1
    with style.context():
        labels = [style.wrap(estimate.group(group), points(0.36 * width)) for group in rows["group"]]
        left = MARGIN + 0.2 + centimetres(max(style.text_width(line) for label in labels for line in label))
        band = max(BAND, max(map(len, labels)) * line_height(style.SIZE) + 0.1)
        body = band * len(rows) + 1.1
        sheet = Sheet(width, body, **caption.around)
        axes = sheet.axes(left, 1.1, width - left - 2 * MARGIN, band * len(rows))
        low, high = min(0.0, rows[f"{name}_lower"].min()), max(rows[f"{name}_upper"].max(), 0.0)
        pad = 0.04 * (high - low or 1.0)
        axes.set(xlim=(low - (pad if low < 0 else 0), high + pad), ylim=(-0.5, len(rows) - 0.5))
        axes.invert_yaxis()
        value_axis(axes, lang, along="x", ticks=4 if width < 11 else 6)
        axes.set_xlabel(text(f"figure.bars.measure_{per}", lang), fontsize=style.SIZE, loc="right", labelpad=1)
        plotted: list[float] = []
        for place, (row, label) in enumerate(zip(rows.itertuples(), labels, strict=True)):
            value, lower, upper = (getattr(row, f"{name}{end}") for end in ("", "_lower", "_upper"))
            axes.barh(place + 0.12, value, height=0.42, color=style.BLUE if value >= 0 else style.VERMILLION, zorder=2)
            axes.plot([lower, upper], [place + 0.12] * 2, color=style.INK, linewidth=1.4, zorder=3)
            axes.plot([lower, upper], [place + 0.12] * 2, "|", color=style.INK, markersize=7, zorder=3)
            said = simulated(value, lower, upper, lang, decimals)
            axes.annotate(
                said, (low, place - 0.24), (4, 0), textcoords="offset points", va="center", fontsize=style.SIZE,
                bbox=style.BACKED, zorder=1.5,
            )  # fmt: skip
            y = 1.1 + band * (len(rows) - place - 0.5) + line_height(style.SIZE) * len(label) / 2
            for number, line in enumerate(label):
                sheet.text(left - 0.2, y - number * line_height(style.SIZE), line, va="top", ha="right")
            plotted += [value, lower, upper]
        axes.axvline(0, color=style.QUIET, linewidth=1.0, zorder=1)
    readable, formats = headings(
        table.assign(group=[estimate.group(group) for group in table["group"]]),
        {
            "group": None, "population": PEOPLE, "reached": PEOPLE, "averted": PEOPLE, "averted_lower": PEOPLE,
            "averted_upper": PEOPLE, "averted_per_1000": PLAIN, "averted_per_1000_lower": PLAIN,
            "averted_per_1000_upper": PLAIN,
        },
        lang,
    )  # fmt: skip

    def alternative(short: Callable[[str], str]) -> str:
        first, last = rows.iloc[0], rows.iloc[-1]
        return text(
            "figure.alt.bars", lang, title=short(impact.action.label(lang)), area=short(estimate.places()),
            highest=short(estimate.group(first["group"])), lowest=short(estimate.group(last["group"])),
            high=simulated(first[name], first[f"{name}_lower"], first[f"{name}_upper"], lang, decimals),
            low=simulated(last[name], last[f"{name}_lower"], last[f"{name}_upper"], lang, decimals),
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


def _table(impact: "Impact") -> pd.DataFrame:
    pooled = impact.pooled
    members = 1000 / pooled["population"]
    return pooled[["group", "population", "baseline", "after", "reached"]].assign(
        averted=pooled["averted"],
        averted_lower=pooled["averted_lower"],
        averted_upper=pooled["averted_upper"],
        averted_per_1000=pooled["averted"] * members,
        averted_per_1000_lower=pooled["averted_lower"] * members,
        averted_per_1000_upper=pooled["averted_upper"] * members,
    )
