"""Sixth chapter: numbers, what was left out and why, method, sources, hidden data, documents gathered, what lacks."""

import pandas as pd

from hyteanalysis.i18n import Unit, date, own_text, text, when
from hyteanalysis.reports import key_figures
from hyteanalysis.reports.description import source
from hyteanalysis.reports.document import Block, Bullets, Cell, Number, Paragraph, Section, Table
from hyteanalysis.reports.material import Material


def chapter(material: Material) -> Section:
    """All appendices; one that has nothing to hold says so."""
    lang = material.lang
    parts = (
        ("indicators", _indicators(material)),
        ("municipalities", _municipalities(material)),
        ("omitted", _omitted(material)),
        ("method", [Paragraph(text(f"report.method.{name}", lang)) for name in ("gap", "chosen", "words", "people")]),
        ("sources", [_sources(material)]),
        ("hidden", _hidden(material)),
        ("documents", _documents(material)),
        ("lacks", _lacks(material)),
    )
    sections = tuple(Section(text(f"report.appendix.{name}", lang), tuple(blocks)) for name, blocks in parts)
    return Section(text("report.chapter.appendices", lang), (), sections, place="appendices")


def _indicators(material: Material) -> list[Block]:
    """Every number that a sentence of the third chapter says, indicator by indicator."""
    lang = material.lang
    tables: list[Block] = []
    for topic in material.topics:
        one = topic.main
        caption = text(
            "report.appendix.indicator_caption",
            lang,
            title=material.names.indicator(one.indicator, lang),
            area=material.names.area(one.shown_area, lang),
            period=one.period,
        )
        tables.append(
            key_figures.table(one, topic.others, lang, caption=caption, source=source(material, one.indicator))
        )
    return [Paragraph(text("report.appendix.indicators_lead", lang)), *tables]


def _municipalities(material: Material) -> list[Block]:
    """The newest total of every indicator in each municipality."""
    lang, places = material.lang, material.municipalities
    cells = material.release.select(area=places, dimension="total") if places else pd.DataFrame()
    if not len(cells):
        return [Paragraph(text("report.appendix.no_municipalities", lang, area=material.area))]
    first = (text("report.column.indicator", lang), text("table.period", lang))
    headings = (*first, *(material.names.area(place, lang) for place in places))
    rows = []
    for topic in material.topics:
        own = cells[cells["indicator"] == topic.indicator]
        if own.empty:
            continue
        period = own["period"].max()
        at = own[own["period"] == period].set_index("area")
        unit = Unit.of(material.meta(topic.indicator), at["estimate"].dropna())
        title = f"{material.names.indicator(topic.indicator, lang)}, {unit.measure(lang)}".rstrip(", ")
        rows.append((title, when(str(period)), *(_total(at, place, unit, lang) for place in places)))
    caption = text("report.appendix.municipalities_caption", lang, area=material.area)
    note = text("report.appendix.municipalities_note", lang)
    return [Table(caption, headings, tuple(rows), (note,))]


def _total(at: pd.DataFrame, place: str, unit: Unit, lang: str) -> Cell:
    if place not in at.index:
        return text("table.status.missing", lang)
    row = at.loc[place]
    if pd.isna(row["estimate"]):
        known = str(row["status"]) if row["status"] in ("suppressed", "missing") else "missing"
        return text(f"table.status.{known}", lang)
    return Number(float(row["estimate"]) * unit.factor, unit.pattern.rstrip("%"))


def _omitted(material: Material) -> list[Block]:
    """Indicators of the recommended minimum content that were left out, each with its reason."""
    lang, plan = material.lang, material.plan
    if not plan.omitted:
        return [Paragraph(text("report.appendix.none_omitted", lang))]
    headings = tuple(text(f"report.column.{name}", lang) for name in ("indicator", "reason"))
    known = set(material.release.indicators["indicator"])
    rows = tuple(
        (
            material.names.indicator(one.indicator, lang) if one.indicator in known else one.title or one.indicator,
            one.reason or text("report.appendix.no_reason", lang),
        )
        for one in plan.omitted
    )
    return [Table(text("report.appendix.omitted_caption", lang), headings, rows)]


def _sources(material: Material) -> Table:
    lang = material.lang
    names = ("indicator", "definition", "source", "licence", "updated")
    headings = tuple(text(f"report.column.{name}", lang) for name in names)
    rows = []
    for topic in material.topics:
        meta = material.meta(topic.indicator)
        told = [meta.get(name) for name in ("source", "licence", "updated")]
        own = (material.release.source, material.release.licence, material.release.created[:10])
        cells = [
            str(one) if isinstance(one, str) and one else str(other or "–")
            for one, other in zip(told, own, strict=True)
        ]
        if cells[2][:4].isdigit() and len(cells[2]) >= 10:
            cells[2] = date(cells[2], lang)
        definition = own_text(meta, "definition", lang)[0] or text("report.not_told", lang)
        rows.append((material.names.indicator(topic.indicator, lang), definition, *cells))
    return Table(text("report.appendix.sources_caption", lang), headings, tuple(rows))


def _hidden(material: Material) -> list[Block]:
    """How many numbers of the area and its municipalities are hidden, missing or uncertain; and the rule."""
    lang, release = material.lang, material.release
    places = [material.plan.area, *material.municipalities]
    counts = release.select(area=places)["status"].value_counts()
    policy = release.policy
    rule = text("report.appendix.rule_open", lang)
    if policy.protects:
        rule = text(
            "report.appendix.rule", lang, number=str(policy.minimum_count), respondents=str(policy.minimum_respondents)
        )
    headings = tuple(text(f"report.column.{name}", lang) for name in ("state_of_number", "count"))
    words = {"ok": text("report.appendix.shown", lang)}
    words |= {name: text(f"table.status.{name}", lang) for name in ("suppressed", "missing", "uncertain")}
    rows = tuple((word, Number(float(counts.get(name, 0)), "#,##0")) for name, word in words.items())
    return [Paragraph(rule), Table(text("report.appendix.hidden_caption", lang, area=material.area), headings, rows)]


def _documents(material: Material) -> list[Block]:
    lang, plan = material.lang, material.plan
    if not plan.documents:
        return [Paragraph(text("report.appendix.no_documents", lang))]
    headings = tuple(text(f"report.column.{name}", lang) for name in ("document", "organisation", "years", "goals"))
    titles = {goal.id: goal.title for goal in plan.goals}
    rows = tuple(
        (one.title, one.organisation, one.years, "; ".join(titles.get(goal, goal) for goal in one.goals))
        for one in plan.documents
    )
    return [Table(text("report.appendix.documents_caption", lang), headings, rows)]


def _lacks(material: Material) -> list[Block]:
    """What the plan lacks, as its own check tells."""
    found = material.plan.check(material.release, lang=material.lang)
    if found.empty:
        return [Paragraph(text("report.appendix.nothing_lacks", material.lang))]
    return [Bullets(tuple(found["message"]))]
