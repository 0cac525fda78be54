"""Sixth chapter: numbers, what was left out and why, method, sources, hidden data, documents gathered, what lacks."""

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite

import pandas as pd

from hyteanalysis.figures.county import larger_ratio
from hyteanalysis.findings import Contrast, Finding
from hyteanalysis.findings.sentences import about, ratios_of, rounded, span
from hyteanalysis.i18n import Unit, date, own_text, text, told, when
from hyteanalysis.reports.description import source
from hyteanalysis.reports.document import Block, Bullets, Cell, Interval, Paragraph, Section, Table, Value
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
        tables.append(_table(one, topic.others, lang, caption=caption, source=source(material, one.indicator)))
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
    return Value(float(row["estimate"]) * unit.factor, unit.pattern.rstrip("%"))


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
        said = [told(meta, "source", lang)[0], meta.get("licence"), meta.get("updated")]
        own = (material.release.source, material.release.licence, material.release.created[:10])
        cells = [
            str(one) if isinstance(one, str) and one else str(other or "–")
            for one, other in zip(said, own, strict=True)
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
    rows = tuple((word, Value(float(counts.get(name, 0)), "#,##0")) for name, word in words.items())
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


_Row = tuple[Cell, ...]


def _table(one: Finding, others: Sequence[Finding], lang: str, *, caption: str, source: str) -> Table:
    """The numbers of an indicator: all groups and comparisons of its main grouping, the differences of the others.

    Columns: what, period, number, 95 % interval, unit.
    """
    headings = tuple(text(f"report.column.{name}", lang) for name in ("what", "period", "number"))
    headings = (*headings, text("report.interval", lang), text("table.unit", lang))
    rows = [*_groups(one, lang), *_comparisons(one, lang), *_whole(one, lang)]
    for other in others:
        rows += _comparisons(other, lang, alone=True)
    return Table(caption, headings, tuple(rows), (source,))


def _groups(one: Finding, lang: str) -> list[_Row]:
    """The groups' levels; a hidden one in words."""
    rows: list[_Row] = []
    for row in one.groups.to_dict("records"):
        label = one.names.group(one.dimension, str(row["group"]), lang)
        value = float(row["estimate"])
        if not isfinite(value):
            word = text(f"table.status.{row['status']}", lang) if row["status"] in ("suppressed", "missing") else ".."
            rows.append((label, when(one.period), word, word, one.unit.measure(lang)))
            continue
        limits = (float(row.get("lower", float("nan"))), float(row.get("upper", float("nan"))))
        rows.append((label, when(one.period), *_pair(value, *limits, one.unit), one.unit.measure(lang)))
    return rows


def _comparisons(one: Finding, lang: str, *, alone: bool = False) -> list[_Row]:
    """Difference, ratio, people concerned and change, as the sentences say them; the difference alone."""
    gap = one.difference
    if gap is None:
        return []
    first, second = (one.names.group(one.dimension, group, lang) for group in gap.between)
    unit, period = one.unit.gap_measure(lang), when(one.period)
    label = text("table.gap", lang, first=first, second=second)
    rows: list[_Row] = [(label, period, *_contrast(gap, one.unit), unit)]
    if alone:
        return rows
    if one.ratio is not None and one.ratio.verdict != "unknown":
        ratio, lower, upper = larger_ratio(one)
        pattern = "0.0" if ratio >= 1.15 else "0.00"
        ends = Interval(lower, upper, pattern)
        rows.append((text("report.ratio", lang), period, Value(ratio, pattern), ends, text("report.times", lang)))
    counts = {"report.concerned": one.now, "report.if_best": one.fewer if one.distinct else None}
    for key, count in counts.items():
        if count is not None and about(count.estimate) >= 1:
            told = rounded(count)
            people = one.unit.kind == "proportion" and one.unit.of_people
            ends = Interval(told.lower, told.upper, "#,##0")
            unit_of = text("report.people" if people else "report.cases", lang)
            rows.append((text(key, lang), period, Value(told.estimate, "#,##0"), ends, unit_of))
    if one.change is not None:
        label = text("report.change_of_gap", lang)
        rows.append((label, span(one.change.between, lang), *_contrast(one.change, one.unit), unit))
    if one.relative_change is not None:
        *ratios, decimals = ratios_of(one.relative_change)
        pattern, times = "0.0" if decimals == 1 else "0.00", text("report.times", lang)
        for then, ratio in zip(one.relative_change.between, ratios, strict=True):
            rows.append((text("report.ratio", lang), when(then), Value(ratio, pattern), "", times))
    return rows


def _whole(one: Finding, lang: str) -> list[_Row]:
    """The area's whole population against the whole country's."""
    compared = one.against_whole
    if compared is None:
        return []
    places = [one.names.area(area, lang) for area in compared.between]
    everybody = one.names.group("total", "total", lang)
    rows: list[_Row] = [
        (
            f"{place}, {everybody}",
            when(one.period),
            Value(value * one.unit.factor, _plain(one.unit)),
            "",
            one.unit.measure(lang),
        )
        for place, value in zip(places, compared.values, strict=True)
    ]
    label = text("table.gap", lang, first=places[0], second=places[1])
    rows.append((label, when(one.period), *_contrast(compared, one.unit), one.unit.gap_measure(lang)))
    return rows


def _contrast(compared: Contrast, unit: Unit) -> tuple[Cell, Cell]:
    """A comparison with its limits; a clear one's limit is not rounded to nought, as in the sentences."""
    number, ends = _pair(compared.estimate, compared.lower, compared.upper, unit)
    nought = unit.number(0, "en")
    if compared.clear and nought in (unit.number(compared.lower, "en"), unit.number(compared.upper, "en")):
        ends = replace(ends, pattern=_plain(unit.finer())) if isinstance(ends, Interval) else ends
    return number, ends


def _pair(value: float, lower: float, upper: float, unit: Unit) -> tuple[Cell, Cell]:
    pattern, factor = _plain(unit), unit.factor
    bounded = isfinite(lower) and isfinite(upper)
    return Value(value * factor, pattern), Interval(lower * factor, upper * factor, pattern) if bounded else ""


def _plain(unit: Unit) -> str:
    """The unit's number format without the sign, which stands in its own column."""
    return unit.pattern.rstrip("%")
