"""Concentration curve: how the cases are shared out when people stand from the most to the least disadvantaged."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, MultipleLocator

from hyteanalysis import inequality
from hyteanalysis.errors import LackError
from hyteanalysis.figures.kit import choice, style, words
from hyteanalysis.figures.kit.bundle import Caption, FigureBundle
from hyteanalysis.figures.kit.registry import figure
from hyteanalysis.figures.kit.sheet import MARGIN, Sheet, line_height, points
from hyteanalysis.findings import Finding, finding
from hyteanalysis.i18n import percent, spoken, text, when, with_interval
from hyteanalysis.tables import readable

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release


COLUMNS = ("period", "group", "estimate", "population", "population_share", "outcome_share")


@figure("curve", of="release", needs=("order",))
@spoken
def curve(
    release: "Release",
    *,
    indicator: str | None = None,
    dimension: str | None = None,
    areas: str | Sequence[str] | None = None,
    period: str | None = None,
    lang: str = "fi",
    width: float = 16.0,
) -> FigureBundle:
    """Is the outcome concentrated among the disadvantaged or the advantaged?

    Parameters
    ----------
    release : Release
    indicator, dimension : str
        Groups must be ordered, all shown, and have a population (or respondents) as their weight.
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
        The table holds the groups' cells with cumulative shares (0–1): ``population_share`` Σ N/ΣN and
        ``outcome_share`` Σ N y/Σ N y. RCI with its interval stands in the subtitle.

    Raises
    ------
    LackError
        For groups without order, hidden groups (a share of the rest would be no share of the whole), groups without
        weights, or an outcome of 0.
    HyteError
        For unknown ids.
    """
    indicator, dimension = choice.indicator_and_dimension(release, indicator, dimension)
    area = choice.areas_to_show(release.select(indicator=indicator, dimension=dimension), areas)[0]
    one = finding(release, indicator=indicator, area=area, dimension=dimension, period=period)
    table = shares(one)
    meta = release.indicators[release.indicators["indicator"] == indicator]
    rci = inequality.disparity(one.groups.drop(columns="reference", errors="ignore"), ["RCI"], indicators=meta).iloc[0]
    verdict = _verdict(rci)
    title = text(f"figure.curve.{verdict}", lang, title=one.names.indicator(indicator, lang))
    index = with_interval(rci["estimate"], rci["lower"], rci["upper"], lang, 3)
    subtitle = [
        text("figure.grouping", lang, dimension=one.names.dimension(dimension, lang)),
        one.names.area(one.shown_area, lang),
        when(one.period),
        text("figure.curve.index", lang, index=index),
    ]
    caption = Caption.of("curve", release, indicator, title=title, subtitle=subtitle, lang=lang)
    with style.context():
        sheet, plotted = _drawn(one, table, width, lang, caption.around)
    shown, formats = readable(table, one.names, one.unit, lang, columns=COLUMNS)

    def alternative(short: Any) -> str:
        first = table[table["group"] != ""].iloc[0]
        return " ".join(
            [
                text(
                    "figure.alt.curve",
                    lang,
                    title=short(one.names.indicator(indicator, lang)),
                    area=short(one.names.area(one.shown_area, lang)),
                    period=one.period,
                ),
                text(
                    "figure.alt.curve_first",
                    lang,
                    group=short(one.names.group(dimension, first["group"], lang)),
                    people=percent(100 * first["population_share"], lang, 0),
                    outcome=percent(100 * first["outcome_share"], lang, 0),
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


def shares(one: Finding) -> pd.DataFrame:
    """The finding's groups with cumulative shares of people and of the outcome, most disadvantaged first."""
    rows = one.groups
    if "order" not in rows or rows["order"].isna().any():
        raise LackError("order", "a concentration curve needs ordered groups; for others use equiplot or forest")
    if len(rows) < 2:
        raise LackError("groups", "a concentration curve needs two groups or more")
    if rows["estimate"].isna().any():
        raise LackError("hidden", "a concentration curve needs every group's number; some are suppressed or missing")
    weight = next((c for c in ("population", "respondents") if c in rows and rows[c].notna().all()), None)
    if weight is None:
        raise LackError("weights", "a concentration curve needs each group's population or respondents as its weight")
    amount = rows[weight] * rows["estimate"]
    if not amount.sum() > 0:
        raise LackError("numbers", "a concentration curve of an outcome that is 0 everywhere has no shape")
    return rows.assign(
        population_share=rows[weight].cumsum() / rows[weight].sum(), outcome_share=amount.cumsum() / amount.sum()
    )


def _verdict(rci: Any) -> str:
    """Where the outcome gathers, as far as the index's interval says."""
    if not (np.isfinite(rci["lower"]) and np.isfinite(rci["upper"])):
        return "unknown"
    if rci["lower"] <= 0 <= rci["upper"]:
        return "even"
    return "disadvantaged" if rci["upper"] < 0 else "advantaged"


def _drawn(
    one: Finding, table: pd.DataFrame, width: float, lang: str, around: dict[str, str]
) -> tuple[Sheet, list[float]]:
    side = min(width - 2.6, 9.5)
    people = style.wrap(text("figure.curve.people", lang), points(side))
    bottom = 0.75 + len(people) * line_height(style.SIZE)
    sheet = Sheet(width, side + bottom + 0.3, **around)
    left = MARGIN + 1.55
    axes = sheet.axes(left, bottom, side, side)
    axes.plot([0, 1], [0, 1], color=style.QUIET, linewidth=1.4, linestyle=(0, (5, 2)), zorder=1)
    x = np.append(0.0, table["population_share"])
    y = np.append(0.0, table["outcome_share"])
    axes.plot(x, y, color=style.MIDDLE, linewidth=2.2, zorder=2)
    axes.fill_between(x, x, y, color=style.MIDDLE, alpha=0.14, linewidth=0)
    many = len(table) > choice.MOST
    looks = style.group_styles(len(table), ordered=True)
    above = bool((table["outcome_share"] >= table["population_share"] - 1e-12).all())
    for row, look in zip(table.itertuples(), looks, strict=True):
        spot = (row.population_share, row.outcome_share)
        size = style.MARK / 2 if many else style.MARK
        axes.plot(*spot, look["marker"], markersize=size, color=look["fill"], zorder=3, clip_on=False)
        if row.population_share > 0.97 or many:
            continue
        name = one.names.group(one.dimension, row.group, lang)
        beside = row.population_share * side + 1.4 if above else width - left - row.population_share * side
        room = max(min(points(beside) - 12, 130), 40)
        axes.annotate(
            "\n".join(style.wrap(name, room)),
            spot,
            (-7, 5) if above else (7, -5),
            textcoords="offset points",
            ha="right" if above else "left",
            va="bottom" if above else "top",
            fontsize=style.SIZE,
            zorder=4,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.4},
        )
    if many:  # the ends are named, the others are dots on the way
        first, last = (one.names.group(one.dimension, table["group"].iloc[at], lang) for at in (0, -1))
        rest = text("figure.rest", lang, number=str(len(table) - 2))
        told = style.wrap(f"{first} … {rest} … {last}", points(side / 2))
        across, up, where, edge = (0.97, 0.04, "right", "bottom") if above else (0.03, 0.96, "left", "top")
        axes.text(across, up, "\n".join(told), ha=where, va=edge, fontsize=style.SIZE, zorder=4)
    axes.text(
        0.62 if above else 0.4,
        0.57 if above else 0.45,
        text("figure.curve.equality", lang),
        rotation=45,
        rotation_mode="anchor",
        ha="center",
        va="top" if above else "bottom",
        color=style.QUIET,
        fontsize=style.SIZE,
    )
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MultipleLocator(0.25 if width >= 11 else 0.5))
        axis.set_major_formatter(FuncFormatter(lambda value, _: percent(100 * value, lang, 0)))
    axes.grid(color=style.GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=3, labelsize=style.SIZE)
    axes.set_xlabel("\n".join(people), fontsize=style.SIZE, labelpad=2)
    axes.set_ylabel(text("figure.curve.outcome", lang), fontsize=style.SIZE, labelpad=2)
    return sheet, [*table["population_share"], *table["outcome_share"]]
