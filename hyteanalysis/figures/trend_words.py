"""The words of a trend: title, subtitle, text alternative, notes, and the heading of the gap's panel."""

from typing import Any

import pandas as pd

from hyteanalysis.figures import words
from hyteanalysis.findings import Finding
from hyteanalysis.findings.sentences import span, state_text
from hyteanalysis.i18n import text


def title(newest: Finding, lang: str) -> str:
    """How the gap has changed."""
    verdict = newest.change.verdict if newest.change is not None else "none"
    values = {"title": newest.names.indicator(newest.indicator, lang)}
    between = span(newest.change.between, lang) if newest.change is not None else ""
    return text(f"figure.trend.{verdict}", lang, span=between, **values)


def subtitle(newest: Finding, periods: list[str], lang: str) -> str:
    """The statistic."""
    return words.subtitle(
        [
            text("figure.grouping", lang, dimension=newest.names.dimension(newest.dimension, lang)),
            newest.names.area(newest.shown_area, lang),
            span((periods[0], periods[-1]), lang),
            newest.unit.measure(lang),
            text("figure.band", lang),
        ]
    )


def notes(newest: Finding, cells: pd.DataFrame, broken: bool, lang: str) -> tuple[str, ...]:
    """What is not shown as plain numbers, and where periods cannot be compared."""
    told = [state_text(newest, state, lang) for state in newest.states if state in ("fallback", "old", "many_groups")]
    for status in ("suppressed", "missing"):
        gone = cells[cells["status"] == status]
        said = [
            f"{newest.names.group(newest.dimension, group, lang)} ({', '.join(rows['period'])})"
            for group, rows in gone.groupby("group", sort=False)
        ]
        if said:
            told.append(text(f"figure.trend.gone.{status}", lang, groups="; ".join(said)))
    if broken or "not_comparable" in newest.states:
        told.append(state_text(newest, "not_comparable", lang))
    return tuple(told)


def alternative(newest: Finding, periods: list[str], lang: str) -> str:
    """The text alternative."""

    def write(short: Any) -> str:
        said = [
            text(
                "figure.alt.trend",
                lang,
                title=short(newest.names.indicator(newest.indicator, lang)),
                area=short(newest.names.area(newest.shown_area, lang)),
                span=span((periods[0], periods[-1]), lang),
            )
        ]
        if newest.worst is not None and newest.best is not None:
            level = newest.groups.set_index("group")["estimate"]
            high, low = (newest.best, newest.worst) if newest.favourable else (newest.worst, newest.best)
            values = {
                "period": newest.period,
                "highest": short(newest.names.group(newest.dimension, high, lang)),
                "high": newest.unit.level(level[high], lang),
                "lowest": short(newest.names.group(newest.dimension, low, lang)),
                "low": newest.unit.level(level[low], lang),
            }
            said.append(text("figure.alt.trend_extremes", lang, **values))
        verdict = newest.change.verdict if newest.change is not None else "none"
        between = span(newest.change.between, lang) if newest.change is not None else ""
        said.append(text(f"figure.alt.change.{verdict}", lang, span=between))
        return " ".join(said)

    return words.alt(write, lang)


def gap_heading(newest: Finding, gaps: pd.DataFrame, lang: str) -> str:
    """Which gap the lower panel shows: of two groups, or of each period's extremes."""
    unit = newest.unit.gap_measure(lang)
    if newest.difference is None or gaps["group"].nunique() > 1:
        return text("figure.trend.gap_extremes", lang, unit=unit).rstrip(", ")
    first, second = (newest.names.group(newest.dimension, group, lang) for group in newest.difference.between)
    return text("figure.trend.gap", lang, first=first, second=second, unit=unit).rstrip(", ")
