"""Which assumption decides: a bar for each, from its low end to its high end."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hyteanalysis.errors import LackError
from hyteanalysis.figures.kit import style
from hyteanalysis.figures.kit.bundle import FigureBundle
from hyteanalysis.figures.kit.estimates import PLAIN, Estimate, headings
from hyteanalysis.figures.kit.registry import figure
from hyteanalysis.figures.kit.sheet import MARGIN, Sheet, centimetres, line_height, points, value_axis
from hyteanalysis.i18n import number, spoken, text

if TYPE_CHECKING:
    from hyteanalysis.actions import Impact

MOST = 10  # bars drawn; all stand in the table
BAND = 0.95  # cm at least for a bar


@figure("tornado", of="impact")
@spoken
def tornado(impact: "Impact", *, target: str = "averted", lang: str = "fi", width: float = 16.0) -> FigureBundle:
    """Which of the assumptions must one know better?

    Parameters
    ----------
    impact : Impact
        Made from a release; one made from raw cells is refused.
    target : {"averted", "person_years", "cost_per_case", "absolute_gap_change", "relative_gap_change"}
        A change of the absolute gap is drawn in percentage points.
    lang : {"fi", "sv", "en"}
    width : float
        cm.

    Returns
    -------
    FigureBundle
        The rows of :meth:`Impact.tornado`, with ``centre`` (the estimate itself).

    Raises
    ------
    DisclosureError
        For an impact made from raw cells.
    LackError
        Where no assumption moves the result.
    """
    estimate = Estimate.of(impact, lang)
    table = impact.tornado(target)
    if table.empty:
        raise LackError("assumptions", f"no assumption of {impact.action.id} moves {target}")
    if target == "absolute_gap_change":
        turn = 100 * estimate.gaps.direction
        table = table.assign(at_low=turn * table["at_low"], at_high=turn * table["at_high"])
    table = table.assign(centre=_centre(impact, estimate, target))
    shown = table.head(MOST)
    names = [_name(estimate, row.input, row.label) for row in table.itertuples()]
    title = text("figure.tornado.title", lang, input=names[0])
    measure = text(f"figure.tornado.{target}", lang)
    caption = estimate.caption("tornado", title=title, measure=measure)
    centre = float(table["centre"].iloc[0])
    with style.context():
        labels = [style.wrap(name, points(0.38 * width)) for name in names[:MOST]]
        left = MARGIN + 0.2 + centimetres(max(style.text_width(line) for label in labels for line in label))
        band = max(BAND, max(map(len, labels)) * line_height(style.SIZE) + 0.1)
        sheet = Sheet(width, band * len(shown) + 1.1, **caption.around)
        axes = sheet.axes(left, 1.1, width - left - 2 * MARGIN, band * len(shown))
        ends = shown[["at_low", "at_high"]].to_numpy()
        # infinite ends (nothing averted) are cut at the frame and said in the table
        inside = ends[np.isfinite(ends)]
        low, high = min(inside.min(), centre), max(inside.max(), centre)
        low, high = _limits(shown, low, high, centre, width - left - 2 * MARGIN, lang)
        axes.set(xlim=(low, high), ylim=(-0.5, len(shown) - 0.5))
        axes.invert_yaxis()
        value_axis(axes, lang, along="x", ticks=4 if width < 11 else 6)
        axes.set_xlabel(measure, fontsize=style.SIZE, loc="right", labelpad=1)
        plotted = [centre]
        for place, (row, label) in enumerate(zip(shown.itertuples(), labels, strict=True)):
            for end, value, fill in ((row.at_low, row.low, style.MIDDLE), (row.at_high, row.high, style.LIGHT)):
                stop = float(np.clip(end, low, high))
                axes.barh(place, stop - centre, left=centre, height=0.5, color=fill, zorder=2)
                if np.isfinite(end):
                    plotted.append(end)
                right = stop >= centre
                axes.annotate(
                    _value(row.input, value, lang), (stop, place), (3 if right else -3, 0), textcoords="offset points",
                    va="center", ha="left" if right else "right", fontsize=style.SIZE, annotation_clip=False,
                )  # fmt: skip
            y = 1.1 + band * (len(shown) - place - 0.5) + line_height(style.SIZE) * len(label) / 2
            for step, line in enumerate(label):
                sheet.text(left - 0.2, y - step * line_height(style.SIZE), line, va="top", ha="right")
        axes.axvline(centre, color=style.INK, linewidth=1.2, zorder=3)
    named = table.assign(input=names, basis=[text(f"figure.basis.{basis}", lang) for basis in table["basis"]])
    columns = dict.fromkeys(("low", "value", "high", "at_low", "at_high"), PLAIN)
    readable, formats = headings(named, {"input": None, **columns, "basis": None}, lang)

    decimals = 2 if target.endswith("change") else 0

    def alternative(short: Callable[[str], str]) -> str:
        first = table.iloc[0]
        return text(
            "figure.alt.tornado", lang, title=short(impact.action.label(lang)), input=short(names[0]),
            **{key: number(value, lang, decimals) for key, value in
               (("low", first["at_low"]), ("high", first["at_high"]), ("centre", centre))},
        )  # fmt: skip

    return estimate.bundle(
        caption,
        sheet,
        table,
        readable,
        formats,
        alternative=alternative,
        plotted=plotted,
        notes=_turning_points(estimate, table, names),
    )


def _limits(shown: pd.DataFrame, low: float, high: float, centre: float, wide: float, lang: str) -> tuple[float, float]:
    """Limits of an axis ``wide`` cm that leave room for the numbers beside the bars, from ``low`` to ``high``."""
    span = high - low
    room = {"left": 0.3, "right": 0.3}  # cm
    for row in shown.itertuples():
        for end, value in ((row.at_low, row.low), (row.at_high, row.high)):
            if np.isfinite(end):
                side, inwards = ("right", high - end) if end >= centre else ("left", end - low)
                needed = centimetres(style.text_width(_value(row.input, value, lang))) + 0.2
                # the bars are taken to have half of the axis at least
                room[side] = max(room[side], needed - inwards / span * wide / 2)
    scale = span / max(wide - room["left"] - room["right"], wide / 2)
    return low - scale * room["left"], high + scale * room["right"]


def _centre(impact: "Impact", estimate: Estimate, target: str) -> float:
    """The estimate that all bars start from."""
    totals = impact.totals.set_index("quantity")["value"]
    if target in totals:
        return float(totals[target])
    if target == "absolute_gap_change":
        return estimate.change_of_gap()[0]
    pooled = impact.pooled.set_index("group")
    worst, best = estimate.gaps.worst, estimate.gaps.best
    before, after = (pooled.loc[worst, name] / pooled.loc[best, name] for name in ("baseline", "after"))
    return float(after - before)


def _name(estimate: Estimate, name: str, label: str) -> str:
    """An input in words; of one group or area where it is theirs alone."""
    said = text(f"figure.input.{name.replace('.', '_')}", estimate.lang)
    if not label:
        return said
    known = {*estimate.impact.simulation.cells["group"]}
    parts = [estimate.group(label)] if label in known else [_place(estimate, label, known)]
    return f"{said}: {', '.join(parts)}"


def _place(estimate: Estimate, label: str, groups: set[str]) -> str:
    """The label of an area, or of an area and a group."""
    area, _, group = label.partition(" ")
    name = estimate.names.area(area, estimate.lang)
    return f"{name}, {estimate.group(group)}" if group in groups else name


def _value(name: str, value: float, lang: str) -> str:
    """An end of an input beside its bar: shares in per cent, baselines as low and high."""
    if name == "effect.scale":
        return ""  # a scale has no number
    if name == "baseline":
        return text("figure.end.low" if value < 0 else "figure.end.high", lang)
    if (name.startswith("reach") and name != "reach.risk") or name in ("retention", "discount"):
        return number(100 * value, lang, 1).removesuffix(",0").removesuffix(".0") + ("%" if lang == "en" else "\xa0%")
    return number(value, lang, 0 if abs(value) >= 10 else 2)


def _turning_points(estimate: Estimate, table: pd.DataFrame, names: list[str]) -> tuple[str, ...]:
    """From what reach on the gap would move the other way, for the widest such bar."""
    turning = table[table["turning_point"].notna() & table["input"].str.startswith("reach")]
    if turning.empty:
        return ()
    row = turning.iloc[0]
    value = _value("reach", row["turning_point"], estimate.lang)
    return (text("figure.tornado.turning", estimate.lang, input=names[int(row.name)], value=value),)
