"""What a gap consists of: bars that add up to it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from hyteanalysis.decomposition import Decomposition
from hyteanalysis.decomposition.result import decimals
from hyteanalysis.disclosure import Policy
from hyteanalysis.errors import HyteError
from hyteanalysis.figures import lines, style, words
from hyteanalysis.figures.bundle import FigureBundle
from hyteanalysis.figures.fitted import About, safe
from hyteanalysis.figures.reasons.finished import Columns, Told, level, pattern
from hyteanalysis.i18n import Unit, spoken, text

SUMMED = ("threefold", "theil")  # shown by part; others by factor
MOST = 25
SMALL = 10.0  # amounts, as shown, under which they get one more decimal


@spoken
def contributions(
    result: Decomposition,
    policy: Policy,
    *,
    source: str,
    labels: Mapping[str, str] | None = None,
    unit: Unit | None = None,
    lang: str = "fi",
    width: float = 16.0,
) -> FigureBundle:
    """What does the gap consist of?

    Parameters
    ----------
    result : Decomposition
        Of any of :mod:`hyteanalysis.decomposition`, one setting.
    policy : Policy
        Rows that rest on fewer respondents than its minimum are hidden; of rows that add up never one alone.
    source : str
        Whose data the result rests on.
    labels : mapping, optional
        Names of groups, factors and areas by id.
    unit : Unit, optional
        Writes amounts with their unit.
    lang : {"fi", "sv", "en"}
    width : float
        cm; 16 for print, 7.5 for a phone.

    Returns
    -------
    FigureBundle
        The table holds ``label, estimate, lower, upper, share, status``, the total last. Bars below 0 are hatched.

    Raises
    ------
    DisclosureError
        Without a policy, without known respondents, or where everything would be hidden.
    HyteError
        Without a source, or for a result of many settings.
    """
    return drawn(result, policy, About.given(source, labels, unit, lang), lang=lang, width=width)


def drawn(result: Decomposition, policy: Policy, about: About, *, lang: str, width: float) -> FigureBundle:
    """The figure of a result, of a release or not."""
    if not isinstance(result, Decomposition) or not np.isfinite(result.total):
        raise HyteError(
            f"this figure takes a Decomposition of one setting, as hyte.decompose gives; not {result!r:.80}"
        )
    rows = _rows(result)
    if about.unit is not None and np.abs(rows["estimate"]).max() * about.unit.factor < SMALL:
        about = replace(about, unit=about.unit.finer())
    table = safe(rows, policy, released=bool(about.release), adding=True)
    names = [_label(row, result, about, lang) for row in table.to_dict("records")]
    table = table.assign(label=names)
    whole = result.parts.iloc[-1]
    total = {name: whole[name] for name in ("estimate", "lower", "upper", "share")}
    last = text(f"figure.contributions.total_{'gap' if len(result.groups) == 2 else 'index'}", lang)
    table = pd.concat([table, pd.DataFrame([total | {"label": last, "status": "ok"}])], ignore_index=True)
    digits = decimals(result.frame["estimate"])
    said = [_said(row, about, digits, lang) for row in table.to_dict("records")]
    chart = [
        lines.Line(row["label"], words_, row["estimate"], row["lower"], row["upper"], strong=i == len(table) - 1)
        for i, (row, words_) in enumerate(zip(table.to_dict("records"), said, strict=True))
    ]
    title = result.sentence(lang, labels=about.labels, say=about.writer(digits, lang)).rstrip(".")
    limited = np.isfinite(table["lower"].to_numpy(dtype=float)).any()
    subtitle = words.subtitle(
        [text("figure.contributions.subtitle", lang), *about.subtitle, text("figure.interval", lang) if limited else ""]
    )
    told = Told("contributions", title, subtitle, about, lang)
    with style.context():
        page, plotted = lines.draw(
            chart, lines.BAR, measure=about.measure(lang), lang=lang, width=width, around=told.around
        )

    def alternative(short: Any) -> str:
        there = table.iloc[:-1].dropna(subset="estimate")
        largest = there.loc[there["estimate"].abs().idxmax()]
        write = about.writer(digits, lang)
        return text("figure.alt.contributions", lang, total=write(whole["estimate"]), largest=short(largest["label"]),
                    amount=write(largest["estimate"]), rows=str(len(table) - 1))  # fmt: skip

    kept = ["label", "factor", "part", "estimate", "lower", "upper", "share", "status"]
    return told.bundle(
        page,
        table[kept],
        _columns(table, about, digits, lang),
        alternative=alternative,
        notes=result.assumed(lang),
        plotted=plotted,
    )


def _rows(result: Decomposition) -> pd.DataFrame:
    """The rows drawn: one a factor, and the unexplained part in one."""
    frame = result.frame.reset_index(drop=True)
    if result.method in SUMMED:
        least = frame["respondents"].min()
        parts = result.parts.iloc[:-1]
        return parts.assign(factor="", respondents=least).reset_index(drop=True)
    if result.method == "oaxaca":
        rest = result.parts[result.parts["part"] == "unexplained"]
        frame = pd.concat(
            [frame[frame["part"] == "explained"], rest.assign(factor="", respondents=frame["respondents"].min())],
            ignore_index=True,
        )
    if len(frame) > MOST:
        raise HyteError(f"{len(frame)} contributions do not fit one figure of {MOST}: join categories.")
    return frame


def _label(row: Mapping[str, Any], result: Decomposition, about: About, lang: str) -> str:
    """What a bar is called: the factor, with its part where parts differ."""
    part, factor = str(row["part"]), str(row["factor"])
    if part in ("contribution", "age", "cause"):
        return about.name(factor)
    if part == "composition":
        return text("figure.part.composition", lang, factor=about.name(factor))
    if part in ("differences", "returns", "explained"):
        return text(f"figure.part.{part}", lang, factor=about.name(factor))
    inner = ", ".join(about.name(one) for one in result.factors)
    return text(f"figure.part.{part}", lang, factor=inner)


def _said(row: Mapping[str, Any], about: About, digits: int, lang: str) -> str:
    if row["status"] == "suppressed":
        return text("table.status.suppressed", lang)
    return level(row["estimate"], row["lower"], row["upper"], about, digits, lang)


def _columns(table: pd.DataFrame, about: About, digits: int, lang: str) -> Columns:
    amounts = pattern(about, digits)
    return {
        text("figure.column.part", lang): (table["label"], None),
        text("figure.column.contribution", lang): (table["estimate"], amounts),
        text("table.lower", lang): (table["lower"], amounts),
        text("table.upper", lang): (table["upper"], amounts),
        text("figure.column.share", lang): (table["share"], "0.0%"),
    }
