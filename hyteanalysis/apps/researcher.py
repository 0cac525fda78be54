"""The researcher's view: all measures of the answer's own numbers, the rows themselves, what the gap consists of."""

from html import escape

import pandas as pd

from hyteanalysis.apps import background, markup
from hyteanalysis.disclosure import Release
from hyteanalysis.findings import Finding
from hyteanalysis.i18n import formats, text
from hyteanalysis.inequality import REGISTRY, disparity
from hyteanalysis.tables import html_table, readable

RAW = ("area", "period", "group", "estimate", "lower", "upper", "population", "respondents", "status")
SEED = 1


def measured(release: Release, found: Finding) -> pd.DataFrame:
    """Every measure that applies to the groups shown, with its interval; simulated intervals are seeded."""
    cells = found.groups.drop(columns="reference", errors="ignore")
    rows = disparity(cells, "all", indicators=release.indicators, seed=SEED)
    return rows[rows["estimate"].notna()].reset_index(drop=True)


def measures_table(rows: pd.DataFrame, found: Finding, lang: str) -> str:
    """A row a measure: its name, value, interval, unit and what to know of it."""
    heads = ("measure", "estimate", "interval", "unit", "note")
    head = "".join(f'<th scope="col">{escape(text(f"app.researcher.{one}", lang))}</th>' for one in heads)
    body = []
    for row in rows.to_dict("records"):
        size = abs(row["estimate"])
        decimals = 1 if size >= 10 else 2 if size >= 0.1 else 4
        name = f"{REGISTRY[row['measure']].name(lang)} ({row['measure']})"
        limits = formats.interval(row["lower"], row["upper"], lang, decimals)
        cells = [formats.number(row["estimate"], lang, decimals), limits]
        numbers = "".join(f'<td class="number">{escape(cell)}</td>' for cell in cells)
        words = "".join(f"<td>{escape(str(row[column] or ''))}</td>" for column in ("unit", "note"))
        body.append(f'<tr><th scope="row">{escape(name)}</th>{numbers}{words}</tr>')
    caption = text(
        "app.researcher.caption",
        lang,
        title=found.names.indicator(found.indicator, lang),
        area=found.names.area(found.shown_area, lang),
        period=found.period,
    )
    top = f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
    return f"<table>{top}<tbody>{''.join(body)}</tbody></table>"


def html(release: Release, found: Finding, lang: str) -> str:
    """The measures, the raw rows, and why the gap is there."""
    rows = measured(release, found)
    cells = release.select(indicator=found.indicator, area=found.shown_area, dimension=found.dimension)
    shown, patterns = readable(cells, found.names, found.unit, lang, columns=RAW)
    heading, title = text("app.researcher.title", lang), text("app.researcher.rows", lang)
    return (
        f'<h2 id="tutkija">{escape(heading)}</h2>'
        f'<p class="hyte-sub">{escape(text("app.researcher.lead", lang))}</p>'
        f"{markup.scrolled(measures_table(rows, found, lang), text('app.researcher.title', lang), lang)}"
        f"{markup.details(title, markup.scrolled(html_table(shown, patterns, lang, caption=title), title, lang))}"
        f"{background.html(release, found, lang)}"
    )
