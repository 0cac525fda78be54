"""Forest plot: every group against one of them, as a ratio on a logarithmic axis with a line at 1."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from hyteanalysis import tables
from hyteanalysis.errors import LackError
from hyteanalysis.figures.kit import choice, style, words
from hyteanalysis.figures.kit.bundle import Caption, FigureBundle
from hyteanalysis.figures.kit.registry import figure
from hyteanalysis.figures.kit.sheet import MARGIN, Sheet, centimetres, line_height, points
from hyteanalysis.findings import Finding, finding
from hyteanalysis.findings.contrasts import Z
from hyteanalysis.i18n import NO_NUMBER, number, spoken, text, when
from hyteanalysis.i18n import interval as limits
from hyteanalysis.i18n.formats import in_brackets
from hyteanalysis.tables import readable
from hyteanalysis.uncertainty import cell_errors

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release


ROW, AXIS = 0.62, 0.7  # cm
TICKS = (0.1, 0.2, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4, 5, 8, 10, 20, 50)
COLUMNS = (
    "period",
    "group",
    "estimate",
    "lower",
    "upper",
    "population",
    "respondents",
    "ratio",
    "ratio_lower",
    "ratio_upper",
    "status",
)


@figure("forest", of="release")
@spoken
def forest(
    release: "Release",
    *,
    indicator: str | None = None,
    dimension: str | None = None,
    areas: str | Sequence[str] | None = None,
    period: str | None = None,
    lang: str = "fi",
    width: float = 16.0,
) -> FigureBundle:
    """How many times as high is the level of each group as that of the group compared with?

    Parameters
    ----------
    release : Release
    indicator, dimension : str
    areas : str, optional
        One area; of a list the first. By default the first of the highest level.
    period : str, optional
        The newest by default.
    lang : {"fi", "sv", "en"}
    width : float
        cm.

    Returns
    -------
    FigureBundle
        The table holds the groups' cells with ``ratio, ratio_lower, ratio_upper``: y/y_ref and its 95 % limits by the
        delta method on the logarithm. The group compared with is the most advantaged one; without order the best.

    Raises
    ------
    LackError
        Where fewer than two groups have a number above 0.
    HyteError
        For unknown ids.
    """
    indicator, dimension = choice.indicator_and_dimension(release, indicator, dimension)
    area = choice.areas_to_show(release.select(indicator=indicator, dimension=dimension), areas)[0]
    one = finding(release, indicator=indicator, area=area, dimension=dimension, period=period)
    meta = release.indicators.loc[release.indicators["indicator"] == indicator].iloc[0]
    table, reference = ratios(one, str(meta["kind"]), float(meta["scale"]))
    name = one.names.group(dimension, reference, lang)
    subtitle = [
        text("figure.forest.subtitle", lang, reference=name),
        one.names.area(one.shown_area, lang),
        when(one.period),
        text("figure.interval", lang),
    ]
    caption = Caption.of("forest", release, indicator, title=one.headline(lang), subtitle=subtitle, lang=lang)
    with style.context():
        sheet, plotted = _drawn(one, table, reference, width, lang, caption.around)
    shown, formats = readable(table, one.names, one.unit, lang, columns=COLUMNS)

    def alternative(short: Any) -> str:
        rows = table.dropna(subset="ratio")
        high, low = rows.loc[rows["ratio"].idxmax()], rows.loc[rows["ratio"].idxmin()]
        title_, place = short(one.names.indicator(indicator, lang)), short(one.names.area(one.shown_area, lang))
        return " ".join(
            [
                text("figure.alt.forest", lang, title=title_, area=place, period=one.period, reference=short(name)),
                text(
                    "figure.alt.extremes",
                    lang,
                    highest=short(one.names.group(dimension, high["group"], lang)),
                    high=number(high["ratio"], lang, 2),
                    lowest=short(one.names.group(dimension, low["group"], lang)),
                    low=number(low["ratio"], lang, 2),
                ),
            ]
        )

    return caption.bundle(
        sheet,
        table,
        shown,
        formats,
        alternative=alternative,
        plotted=plotted,
        notes=words.notes(one, lang),
        states=one.states,
    )


def ratios(one: Finding, kind: str, scale: float) -> tuple[pd.DataFrame, str]:
    """The finding's groups with their ratio to one of them, and that group."""
    rows = one.groups.copy()
    y = rows["estimate"].where(rows["estimate"] > 0).to_numpy(dtype=float)
    if np.isfinite(y).sum() < 2:
        raise LackError(
            "positive", "a ratio needs two groups with a number above 0; show the levels instead (equiplot)"
        )
    ordered = "order" in rows and rows["order"].notna().all()
    usable = rows[np.isfinite(y)]
    best = usable["estimate"].idxmax() if one.favourable else usable["estimate"].idxmin()
    at = int(usable["order"].astype("float64").idxmax() if ordered else best)
    error = cell_errors(rows, kind, scale).se / y
    both = np.hypot(error, error[at])
    ratio = y / y[at]
    apart = np.arange(len(rows)) != at
    return (
        rows.assign(
            ratio=ratio,
            ratio_lower=np.where(apart, ratio * np.exp(-Z * both), np.nan),
            ratio_upper=np.where(apart, ratio * np.exp(Z * both), np.nan),
        ),
        str(rows["group"].iloc[at]),
    )


def _drawn(
    one: Finding, table: pd.DataFrame, reference: str, width: float, lang: str, around: dict[str, str]
) -> tuple[Sheet, list[float]]:
    labels = [style.wrap(one.names.group(one.dimension, group, lang), points(0.34 * width)) for group in table["group"]]
    left = MARGIN + centimetres(max(style.text_width(line) for lines in labels for line in lines)) + 0.3
    said = [_said(row, reference, lang) for row in table.itertuples()]
    right = centimetres(max(style.text_width(words_) for words_ in said)) + 0.4
    heights = [max(ROW, len(lines) * line_height(style.SIZE) + 0.15) for lines in labels]
    tall = sum(heights)
    sheet = Sheet(width, AXIS + tall + 0.2, **around)
    axes = sheet.axes(left, AXIS, width - left - right - MARGIN, tall)
    values = table[["ratio", "ratio_lower", "ratio_upper"]].to_numpy(dtype=float).ravel()
    values = np.append(values[np.isfinite(values)], 1.0)
    axes.set_xscale("log")
    axes.set(xlim=(values.min() / 1.12, values.max() * 1.12), ylim=(0, tall))
    _ticks(axes, lang, width - left - right)
    axes.axvline(1, color=style.INK, linewidth=1.2, zorder=1)
    plotted: list[float] = []
    y = tall
    for row, lines, words_, height in zip(table.itertuples(), labels, said, heights, strict=True):
        centre = y - height / 2
        y -= height
        for i, line in enumerate(lines):
            at = AXIS + centre + ((len(lines) - 1) / 2 - i) * line_height(style.SIZE)
            sheet.text(left - 0.25, at, line, va="center_baseline", ha="right")
        sheet.text(width - MARGIN, AXIS + centre, words_, va="center_baseline", ha="right")
        if not np.isfinite(row.ratio):
            continue
        if np.isfinite(row.ratio_lower):
            axes.plot([row.ratio_lower, row.ratio_upper], [centre] * 2, color=style.MIDDLE, linewidth=1.6, zorder=2)
            plotted += [row.ratio_lower, row.ratio_upper]
        own = row.group == reference
        hollow = "white" if own or row.status == "uncertain" else style.DARK
        axes.plot(
            row.ratio,
            centre,
            "D" if own else "s",
            markersize=7.5,
            markerfacecolor=hollow,
            markeredgecolor=style.DARK,
            markeredgewidth=1.6,
            zorder=3,
        )
        plotted.append(row.ratio)
    return sheet, plotted


def _said(row: Any, reference: str, lang: str) -> str:
    """What stands at the end of a group's row."""
    if row.group == reference:
        return text("figure.forest.reference", lang)
    if np.isfinite(row.ratio):
        between = limits(row.ratio_lower, row.ratio_upper, lang, 2)
        return number(row.ratio, lang, 2) + in_brackets(between)
    return text(f"table.status.{row.status}", lang) if row.status in tables.WORDS else NO_NUMBER


def _ticks(axes: Any, lang: str, room: float) -> None:
    """Round ratios within the axis, no more than fit."""
    low, high = axes.get_xlim()
    shown = [tick for tick in TICKS if low <= tick <= high]
    most = max(2, int(room / 1.3))
    if len(shown) > most:
        shown = sorted(
            {1, *shown[:: int(np.ceil(len(shown) / most))]} & {tick for tick in TICKS if low <= tick <= high}
        )
    axes.xaxis.set_major_locator(FixedLocator(shown))
    axes.xaxis.set_minor_locator(NullLocator())
    decimals = {tick: 0 if tick == int(tick) else 2 if tick in (0.25, 0.75, 1.25) else 1 for tick in shown}
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, lang, decimals.get(value, 2))))
    axes.set_yticks([])
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="x", color=style.GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=3, labelsize=style.SIZE)
