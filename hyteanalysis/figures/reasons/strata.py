"""Crossed strata ranked by their shrunken level, each with its interval and what its dimensions add up to."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from hyteanalysis.cells import CROSS
from hyteanalysis.disclosure import Policy
from hyteanalysis.errors import HyteError
from hyteanalysis.figures import legend, lines, style, words
from hyteanalysis.figures.bundle import FigureBundle
from hyteanalysis.figures.fitted import About, hidden_note, safe
from hyteanalysis.i18n import NO_NUMBER, Unit, interval, number, text
from hyteanalysis.intersectional import Maihda

MOST = 30


def strata(
    result: Maihda,
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
    return drawn(result, policy, About.given(source, labels, unit, lang), lang=lang, width=width)


def drawn(result: Maihda, policy: Policy, about: About, *, lang: str, width: float) -> FigureBundle:
    """The figure of a result, of a release or not."""
    if not isinstance(result, Maihda):
        raise HyteError(f"this figure takes the result of hyte.maihda; not {result!r:.80}")
    table = safe(result.frame, policy, released=bool(about.release), adding=False)
    table["label"] = [", ".join(about.name(part) for part in group.split(CROSS)) for group in table["group"]]
    there = table[table["status"] != "suppressed"]
    kept = there if len(there) <= MOST else pd.concat([there.head(MOST // 2), there.tail(MOST // 2)])
    size = float(there["predicted"].abs().max())
    digits = 1 if size >= 10 else 2 if size >= 1 else 3

    def write(value: float) -> str:
        return about.unit.number(value, lang) if about.unit else number(value, lang, digits)

    def between(low: float, high: float) -> str:
        return about.unit.interval(low, high, lang) if about.unit else interval(low, high, lang, digits)

    chart = []
    for row in kept.to_dict("records"):
        limits = between(row["lower"], row["upper"])
        said = write(row["predicted"]) + ("" if NO_NUMBER in limits else f" ({limits})")
        chart.append(lines.Line(row["label"], said, row["predicted"], row["lower"], row["upper"], row["additive"],
                                doubtful=row["status"] == "uncertain"))  # fmt: skip
    title = result.sentence(lang, labels=about.labels).rstrip(".")
    subtitle = words.subtitle([text("figure.strata.subtitle", lang), *about.subtitle, text("figure.interval", lang)])
    look = {"markersize": 7, "markeredgecolor": style.DARK, "markeredgewidth": 1.5, "linestyle": "none"}
    entries: list[legend.Entry] = [
        (text("figure.strata.predicted", lang), {**look, "marker": "o", "markerfacecolor": style.DARK}),
        (text("figure.strata.additive", lang), {**look, "marker": "D", "markersize": 5, "markerfacecolor": "white",
                                                "markeredgecolor": style.VERMILLION}),
    ]  # fmt: skip
    if (kept["status"] == "uncertain").any():
        entries.append((text("figure.strata.few", lang), {**look, "marker": "o", "markerfacecolor": "white"}))
    around = {"title": title, "subtitle": subtitle, "source": about.source, "mark": about.mark}
    measure = about.unit.measure(lang) if about.unit else ""
    with style.context():
        key = legend.height(entries, width) + 0.25
        page, plotted = lines.draw(chart, lines.DOT, measure=measure, lang=lang, width=width, around=around, key=key)
        legend.draw(page, entries, key - 0.1)
    shown, formats = _readable(table, about, digits, lang)

    def alternative(short: Any) -> str:
        first, last = there.iloc[0], there.iloc[-1]
        return text("figure.alt.strata", lang, number=str(len(table)), highest=short(first["label"]),
                    high=write(first["predicted"]), lowest=short(last["label"]),
                    low=write(last["predicted"]))  # fmt: skip

    hidden = hidden_note(table, table["label"].tolist(), lang)
    more = (text("figure.strata.more", lang, number=str(len(there) - len(kept))),) if len(kept) < len(there) else ()
    return FigureBundle(
        fig=page.fig,
        table=table,
        title=title,
        subtitle=subtitle,
        alt=words.alt(alternative, lang),
        long_text=words.long_text("strata", lang),
        source=about.source,
        notes=(*hidden, *more, *result.assumed(lang)),
        states=tuple(sorted(set(table["status"]) & {"suppressed", "uncertain"})),
        number_format=formats,
        lang=lang,
        release=about.release,
        plotted=tuple(plotted),
        readable=shown,
        body=page.body,
    )


def _readable(table: pd.DataFrame, about: About, digits: int, lang: str) -> tuple[pd.DataFrame, dict[str, str]]:
    pattern = about.unit.pattern if about.unit else "0." + "0" * digits
    columns = {
        "label": (text("figure.column.group", lang), None),
        "people": (text("figure.column.people", lang), "#,##0"),
        "estimate": (text("figure.column.observed", lang), pattern),
        "predicted": (text("figure.strata.predicted", lang), pattern),
        "lower": (text("table.lower", lang), pattern),
        "upper": (text("table.upper", lang), pattern),
        "additive": (text("figure.strata.additive", lang), pattern),
    }
    shown = pd.DataFrame({heading: table[name].to_numpy() for name, (heading, _) in columns.items()})
    if (table["status"] != "ok").any():
        shown[text("table.status", lang)] = [
            "" if status == "ok" else text(f"table.status.{status}", lang) for status in table["status"]
        ]
    numeric = np.array([table[name].notna().any() for name in columns])
    return shown.loc[:, [*numeric, *[True] * (shown.shape[1] - len(numeric))]], {
        heading: pattern for heading, pattern in columns.values() if pattern
    }
