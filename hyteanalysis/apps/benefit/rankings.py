"""Panel B1: four rankings side by side, each with the chance of every group being first."""

from html import escape

import pandas as pd

from hyteanalysis.apps.benefit.numbers import Numbers
from hyteanalysis.figures.kit.estimates import simulated
from hyteanalysis.i18n import percent, text, with_interval

DECIMALS = {"per_reached": 0, "per_euro": 1}
SCALE = {"per_reached": 1000.0, "per_euro": 10_000.0}  # for 1,000 reached, for 10,000 euros


def html(found: Numbers, lang: str) -> str:
    """Four lists of groups, and whether they agree."""
    names = found.impact.baseline.names
    dimension = found.impact.action.dimension
    label = {group: names.group(dimension, group, lang) for group in found.setting.groups}
    lists = "".join(
        f'<section class="hyte-way"><h3>{escape(text(f"app.benefit.by.{criterion}", lang))}</h3>'
        f"<ol>{_rows(frame, criterion, label, lang)}</ol></section>"
        for criterion, frame in found.rankings.items()
    )
    first = {criterion: frame.loc[frame["p_best"].idxmax(), "group"] for criterion, frame in found.rankings.items()}
    agree = len(set(first.values())) == 1
    said = (
        text("app.benefit.agree", lang, group=label[first["total"]])
        if agree
        else text("app.benefit.differ", lang, total=label[first["total"]], each=label[first["per_reached"]])
    )
    return (
        f'<h2 id="jarjestykset">{escape(text("app.benefit.rankings", lang))}</h2>'
        f'<p>{escape(said)}</p><p class="hyte-sub">{escape(text("app.benefit.rankings_lead", lang))}</p>'
        f'<div class="hyte-ways">{lists}</div>'
    )


def _rows(frame: pd.DataFrame, criterion: str, label: dict[str, str], lang: str) -> str:
    rows = []
    decimals, scale = DECIMALS.get(criterion, 0), SCALE.get(criterion, 1.0)
    for row in frame.itertuples():
        value, low, high = (scale * one for one in (row.value, row.lower, row.upper))
        if criterion in SCALE:
            amount = with_interval(value, low, high, lang, decimals)
        else:
            amount = simulated(value, low, high, lang)
        chance = text("app.benefit.p_best", lang, chance=percent(100 * row.p_best, lang, decimals=0))
        rows.append(f"<li><strong>{escape(label[row.group])}</strong><br>{escape(amount)}<br>{escape(chance)}</li>")
    return "".join(rows)
