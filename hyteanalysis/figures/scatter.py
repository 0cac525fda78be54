"""Each area against its neighbours: where like lies by like."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hyteanalysis.disclosure import Policy, only_release
from hyteanalysis.errors import HyteError, MeasureError, counted
from hyteanalysis.figures.kit import choice, style
from hyteanalysis.figures.kit.bundle import FigureBundle
from hyteanalysis.figures.kit.regions import boundaries
from hyteanalysis.figures.kit.registry import figure
from hyteanalysis.figures.kit.results import Columns, ResultWords, alike, bundle, newest, pattern, safe
from hyteanalysis.figures.kit.sheet import MARGIN, Entry, Sheet, draw_legend, legend_height, value_axis
from hyteanalysis.findings.lookup import names_of
from hyteanalysis.i18n import Unit, number, spoken, text, when

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release
    from hyteanalysis.spatial import Moran


LOOKS = {
    "high-high": ("^", style.VERMILLION), "low-low": ("v", style.BLUE), "low-high": ("D", style.SKY),
    "high-low": ("s", style.ORANGE), "": ("o", "white"),
}  # fmt: skip
CODES = {"high-high": "high_high", "low-low": "low_low", "low-high": "low_high", "high-low": "high_low", "": "unclear"}
NAMED = 8


@figure("scatter", of="result")
@spoken
def scatter(
    result: "Moran",
    policy: Policy,
    *,
    source: str,
    labels: Mapping[str, str] | None = None,
    unit: Unit | None = None,
    lang: str = "fi",
    width: float = 16.0,
) -> FigureBundle:
    """Do like areas lie together?

    Parameters
    ----------
    result : Moran
    policy : Policy
        Areas of fewer respondents than its minimum are hidden.
    source : str
        Whose data the result rests on.
    labels : mapping, optional
        Names of areas by code.
    unit : Unit, optional
        Writes levels with their unit.
    lang : {"fi", "sv", "en"}
    width : float
        cm.

    Returns
    -------
    FigureBundle
        The table holds ``area, value, neighbours`` (their mean), ``cluster`` (empty where not clear), ``q_value``.

    Raises
    ------
    DisclosureError
        As :func:`hyteanalysis.figures.contributions`.
    """
    return _drawn(result, policy, ResultWords.given(source, labels, unit, lang), lang=lang, width=width)


def _drawn(result: "Moran", policy: Policy, about: ResultWords, *, lang: str, width: float) -> FigureBundle:
    """The figure of a result, of a release or not."""
    from hyteanalysis.spatial import Moran  # slow to import, and most pages show none

    if not isinstance(result, Moran):
        raise HyteError(f"this figure takes the result of hyte.spatial.moran; not {result!r:.80}")
    mean, spread = float(result.frame["value"].mean()), float(result.frame["value"].std(ddof=0))
    rows = result.frame.assign(neighbours=mean + spread * result.frame["lag"])
    table = safe(rows, policy, released=bool(about.release), adding=False)
    table["label"] = [about.name(area) for area in table["area"]]
    there = table[table["status"] != "suppressed"]
    title = result.sentence(lang).rstrip(".")
    subtitle = [text("figure.scatter.subtitle", lang), *about.subtitle]
    kinds = [kind for kind in LOOKS if (there["cluster"] == kind).any()]
    entries: list[Entry] = [
        (text(f"figure.scatter.{CODES[kind]}", lang), {"linestyle": "none", **_look(kind)}) for kind in kinds
    ]
    caption = about.caption("scatter", title=title, subtitle=subtitle, lang=lang)
    measure = about.unit.measure(lang) if about.unit else ""
    with style.context():
        key = legend_height(entries, width) + 0.2
        tall = min(width - 3, 9.0)
        sheet = Sheet(width, key + tall + 1.7, **caption.around)
        axes = sheet.axes(MARGIN + 1.5, key + 1.2, width - 2 * MARGIN - 1.7, tall)
        for kind in kinds:
            part = there[there["cluster"] == kind]
            axes.plot(part["value"], part["neighbours"], linestyle="none", zorder=3 if kind else 2, **_look(kind))
        for draw, at in ((axes.axvline, mean), (axes.axhline, mean)):
            draw(at, color=style.QUIET, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1)
        low, high = there["value"].min(), there["value"].max()
        ends = np.array([low, high])
        axes.plot(ends, mean + result.statistic * (ends - mean), color=style.INK, linewidth=1.4, zorder=1)
        axes.margins(0.06)
        value_axis(axes, lang, along="x", ticks=4 if width < 11 else 6)
        value_axis(axes, lang, along="y", ticks=5)
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(True)
        axes.grid(axis="x", color=style.GRID, linewidth=0.8)
        axes.set_xlabel(_axis("figure.scatter.own", measure, lang), fontsize=style.SIZE, loc="right", labelpad=1)
        axes.set_ylabel(_axis("figure.scatter.neighbours", measure, lang), fontsize=style.SIZE, labelpad=2)
        draw_legend(sheet, entries, key - 0.05)

    def alternative(short: Any) -> str:
        named = there[there["cluster"] == "high-high"]["label"].tolist()
        where = short(", ".join(named[:NAMED])) if named else text("figure.scatter.nowhere", lang)
        return text("figure.alt.scatter", lang, number=str(len(table)), statistic=number(result.statistic, lang, 2),
                    areas=where)  # fmt: skip

    clusters = tuple(
        text("figure.scatter.named", lang, kind=text(f"figure.scatter.{CODES[kind]}", lang),
             areas="; ".join(there[there["cluster"] == kind]["label"]))
        for kind in kinds if kind
    )  # fmt: skip
    return bundle(
        caption,
        sheet,
        table,
        _columns(table, about, lang),
        alternative=alternative,
        notes=(*clusters, *result.assumed(lang)),
        plotted=[float(value) for value in there[["value", "neighbours"]].to_numpy().ravel()],
    )


def _axis(key: str, measure: str, lang: str) -> str:
    return ", ".join(part for part in (text(key, lang), measure) if part)


def _look(kind: str) -> dict[str, Any]:
    marker, fill = LOOKS[kind]
    return {"marker": marker, "markersize": 7 if kind else 5.5, "markerfacecolor": fill, "markeredgecolor": style.INK,
            "markeredgewidth": 0.9}  # fmt: skip


def _columns(table: pd.DataFrame, about: ResultWords, lang: str) -> Columns:
    levels = pattern(about, 2)
    clusters = [text(f"figure.scatter.{CODES[kind]}", lang) for kind in table["cluster"]]
    return {
        text("table.area", lang): (table["label"], None),
        text("figure.scatter.own", lang): (table["value"], levels),
        text("figure.scatter.neighbours", lang): (table["neighbours"], levels),
        text("figure.column.cluster", lang): (clusters, None),
    }


SEED = 1
NEAREST = 4
FEWEST = 6  # areas of which neighbours can be compared


@figure("moran", of="release", needs=("areas",), explains=True)
@spoken
def moran(
    release: "Release", *, indicator: str | None = None, dimension: str | None = None,
    areas: str | Sequence[str] | None = None, period: str | None = None, lang: str = "fi", width: float = 16.0,
) -> FigureBundle:  # fmt: skip
    """Do like areas lie together?

    Parameters
    ----------
    release, indicator, period, lang, width
        As :func:`kitagawa`.
    dimension : str, optional
        Not used: levels of the whole population are compared.
    areas : list of str, optional
        Areas of one kind; by default, or where one is named, all counties (else all of the most common kind).

    Returns
    -------
    FigureBundle
        As :func:`hyteanalysis.figures.scatter`. Neighbours share a boundary where boundaries were fetched; else each
        area has its four nearest by centre point. Counts are shrunken first.
    """
    from hyteanalysis import spatial

    indicator = choice.only(indicator, only_release(release).indicators["indicator"].tolist(), "indicator")
    cells = release.select(indicator=indicator, dimension="total")
    cells = cells[cells["area"].isin(alike(cells, areas))]
    cells = cells[cells["period"] == newest(cells, period, indicator)].dropna(subset="estimate")
    if len(cells) < FEWEST:
        raise MeasureError(
            f"{indicator!r} has numbers of {counted(len(cells), 'area')} "
            "of one kind: too few to tell whether like lies by like. "
            f"It takes {FEWEST} or more."
        )
    meta = release.indicators[release.indicators["indicator"] == indicator].iloc[0].to_dict()
    of_counts = {"events", "population"} <= set(cells) and cells[["events", "population"]].notna().all(axis=None)
    of_counts = of_counts and meta["kind"] in ("proportion", "rate")
    codes = cells["area"].tolist()
    shapes = boundaries(codes)
    near = spatial.neighbours(
        shapes if shapes is not None else codes, k=min(NEAREST, len(codes) - 1), islands="nearest"
    )
    result = spatial.moran(
        cells, near, value=None if of_counts else "estimate", scale=float(meta["scale"]) if of_counts else 1, seed=SEED
    )
    names = names_of(release)
    about = ResultWords.of(
        release, indicator, (names.indicator(indicator, lang), when(str(cells["period"].iloc[0]))),
        {code: names.area(code, lang) for code in codes}, Unit.of(meta, result.frame["value"]), lang,
    )  # fmt: skip
    return _drawn(result, release.policy, about, lang=lang, width=width)
