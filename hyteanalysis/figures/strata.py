"""Crossed strata ranked by their shrunken level, each with its interval and what its dimensions add up to."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from hyteanalysis.cells import CROSS, parts
from hyteanalysis.disclosure import Policy
from hyteanalysis.errors import HyteError
from hyteanalysis.figures.kit import lines, style
from hyteanalysis.figures.kit.bundle import FigureBundle
from hyteanalysis.figures.kit.registry import figure
from hyteanalysis.figures.kit.results import Columns, Crossed, ResultWords, amount, bundle, level, pattern, safe
from hyteanalysis.figures.kit.sheet import Entry, draw_legend, legend_height
from hyteanalysis.i18n import Unit, spoken, text

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release
    from hyteanalysis.intersectional import Maihda


MOST = 30


@figure("strata", of="result")
@spoken
def strata(
    result: "Maihda",
    policy: Policy,
    *,
    source: str,
    labels: Mapping[str, str] | None = None,
    unit: Unit | None = None,
    lang: str = "fi",
    width: float = 16.0,
) -> FigureBundle:
    """Which crossed groups are worst off, and does any differ from what its dimensions add up to?

    Parameters
    ----------
    result : Maihda
    policy : Policy
        Strata of fewer respondents than its minimum, or with a count of events or of others under its minimum, are
        hidden.
    source : str
        Whose data the result rests on.
    labels : mapping, optional
        Names of categories by id.
    unit : Unit, optional
        Writes levels with their unit.
    lang : {"fi", "sv", "en"}
    width : float
        cm.

    Returns
    -------
    FigureBundle
        The table holds every stratum; of more than 30 the figure shows the 15 highest and the 15 lowest.

    Raises
    ------
    DisclosureError
        As :func:`hyteanalysis.figures.contributions`.
    """
    return _drawn(result, policy, ResultWords.given(source, labels, unit, lang), lang=lang, width=width)


def _drawn(result: "Maihda", policy: Policy, about: ResultWords, *, lang: str, width: float) -> FigureBundle:
    """The figure of a result, of a release or not."""
    from hyteanalysis.intersectional import Maihda  # slow to import, and most pages show none

    if not isinstance(result, Maihda):
        raise HyteError(f"this figure takes the result of hyte.maihda; not {result!r:.80}")
    table = safe(result.frame, policy, released=bool(about.release), adding=False)
    table["label"] = [", ".join(about.name(part) for part in group.split(CROSS)) for group in table["group"]]
    there = table[table["status"] != "suppressed"]
    kept = there if len(there) <= MOST else pd.concat([there.head(MOST // 2), there.tail(MOST // 2)])
    size = float(there["predicted"].abs().max())
    digits = 1 if size >= 10 else 2 if size >= 1 else 3
    chart = []
    for row in kept.to_dict("records"):
        said = level(row["predicted"], row["lower"], row["upper"], about, digits, lang)
        chart.append(lines.Line(row["label"], said, row["predicted"], row["lower"], row["upper"], row["additive"],
                                doubtful=row["status"] == "uncertain"))  # fmt: skip
    if len(kept) < len(there):
        chart.insert(MOST // 2, lines.Line("⋮ " + text("figure.rest", lang, number=str(len(there) - len(kept))), ""))
    title = result.sentence(lang, labels=about.labels).rstrip(".")
    subtitle = [text("figure.strata.subtitle", lang), *about.subtitle, text("figure.interval", lang)]
    look = {"markersize": 7, "markeredgecolor": style.DARK, "markeredgewidth": 1.5, "linestyle": "none"}
    entries: list[Entry] = [
        (text("figure.strata.predicted", lang), {**look, "marker": "o", "markerfacecolor": style.DARK}),
        (text("figure.strata.additive", lang), {**look, "marker": "D", "markersize": 5, "markerfacecolor": "white",
                                                "markeredgecolor": style.VERMILLION}),
    ]  # fmt: skip
    if (kept["status"] == "uncertain").any():
        entries.append((text("figure.strata.few", lang), {**look, "marker": "o", "markerfacecolor": "white"}))
    caption = about.caption("strata", title=title, subtitle=subtitle, lang=lang)
    measure = about.unit.measure(lang) if about.unit else ""
    with style.context():
        key = legend_height(entries, width) + 0.25
        sheet, plotted = lines.draw(
            chart, lines.DOT, measure=measure, lang=lang, width=width, around=caption.around, key=key
        )
        draw_legend(sheet, entries, key - 0.1)

    def alternative(short: Any) -> str:
        first, last = there.iloc[0], there.iloc[-1]
        return text("figure.alt.strata", lang, number=str(len(table)), highest=short(first["label"]),
                    high=amount(first["predicted"], about, digits, lang), lowest=short(last["label"]),
                    low=amount(last["predicted"], about, digits, lang))  # fmt: skip

    more = (text("figure.strata.more", lang, number=str(len(there) - len(kept))),) if len(kept) < len(there) else ()
    return bundle(
        caption,
        sheet,
        table,
        _columns(table, about, digits, lang),
        alternative=alternative,
        notes=(*more, *result.assumed(lang)),
        plotted=plotted,
    )


def _columns(table: pd.DataFrame, about: ResultWords, digits: int, lang: str) -> Columns:
    """Those that hold anything."""
    levels = pattern(about, digits)
    columns = {
        text("figure.column.group", lang): (table["label"], None),
        text("figure.column.people", lang): (table["people"], "#,##0"),
        text("figure.column.observed", lang): (table["estimate"], levels),
        text("figure.strata.predicted", lang): (table["predicted"], levels),
        text("table.lower", lang): (table["lower"], levels),
        text("table.upper", lang): (table["upper"], levels),
        text("figure.strata.additive", lang): (table["additive"], levels),
    }
    return {heading: column for heading, column in columns.items() if column[0].notna().any()}


@figure("maihda", of="release", needs=("crossed",), explains=True)
@spoken
def maihda(
    release: "Release", *, indicator: str | None = None, dimension: str | None = None,
    areas: str | Sequence[str] | None = None, period: str | None = None, lang: str = "fi", width: float = 16.0,
) -> FigureBundle:  # fmt: skip
    """Where do several disadvantages meet?

    Parameters
    ----------
    release, indicator, areas, period, lang, width
        As :func:`kitagawa`.
    dimension : str
        A crossed one, whose groups are the strata.

    Returns
    -------
    FigureBundle
        As :func:`hyteanalysis.figures.strata`.
    """
    from hyteanalysis import intersectional

    chosen = Crossed.of(release, indicator=indicator, dimension=dimension, areas=areas, period=period)
    result = intersectional.maihda(
        chosen.cells, outcome=chosen.indicator, strata=parts(chosen.dimension), indicators=chosen.meta
    )
    return _drawn(result, release.policy, chosen.about(lang), lang=lang, width=width)
