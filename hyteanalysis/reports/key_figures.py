"""Every number that the sentences of a finding say, as a table."""

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite

from hyteanalysis.figures.county import larger_ratio
from hyteanalysis.findings import Contrast, Finding
from hyteanalysis.findings.sentences import about, span
from hyteanalysis.i18n import Unit, text, when
from hyteanalysis.reports.document import Cell, Interval, Number, Table

Row = tuple[Cell, ...]


def table(one: Finding, others: Sequence[Finding], lang: str, *, caption: str, source: str) -> Table:
    """The numbers of an indicator: all groups and comparisons of its main grouping, the differences of the others.

    Columns: what, period, number, 95 % interval, unit.
    """
    headings = tuple(text(f"report.column.{name}", lang) for name in ("what", "period", "number"))
    headings = (*headings, text("report.interval", lang), text("table.unit", lang))
    rows = [*_groups(one, lang), *_comparisons(one, lang), *_whole(one, lang)]
    for other in others:
        rows += _comparisons(other, lang, alone=True)
    return Table(caption, headings, tuple(rows), (source,))


def _groups(one: Finding, lang: str) -> list[Row]:
    """The groups' levels; a hidden one in words."""
    rows: list[Row] = []
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


def _comparisons(one: Finding, lang: str, *, alone: bool = False) -> list[Row]:
    """Difference, ratio, people concerned and change, as the sentences say them; the difference alone."""
    gap = one.difference
    if gap is None:
        return []
    first, second = (one.names.group(one.dimension, group, lang) for group in gap.between)
    unit, period = one.unit.gap_measure(lang), when(one.period)
    label = text("table.gap", lang, first=first, second=second)
    rows: list[Row] = [(label, period, *_contrast(gap, one.unit), unit)]
    if alone:
        return rows
    if one.ratio is not None and one.ratio.clear:
        ratio, lower, upper = larger_ratio(one)
        pattern = "0.0" if ratio >= 1.15 else "0.00"
        ends = Interval(lower, upper, pattern)
        rows.append((text("report.ratio", lang), period, Number(ratio, pattern), ends, text("report.times", lang)))
    if one.people is not None and one.distinct and about(one.people) >= 1:
        unit_of = text("report.cases" if one.unit.kind == "rate" else "report.people", lang)
        label = text("report.if_best", lang)
        rows.append((label, period, Number(about(one.people), "#,##0"), "", unit_of))
    if one.change is not None:
        label = text("report.change_of_gap", lang)
        rows.append((label, span(one.change.between, lang), *_contrast(one.change, one.unit), unit))
    return rows


def _whole(one: Finding, lang: str) -> list[Row]:
    """The area's whole population against the whole country's."""
    compared = one.against_whole
    if compared is None:
        return []
    places = [one.names.area(area, lang) for area in compared.between]
    everybody = one.names.group("total", "total", lang)
    rows: list[Row] = [
        (
            f"{place}, {everybody}",
            when(one.period),
            Number(value * one.unit.factor, _plain(one.unit)),
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
    return Number(value * factor, pattern), Interval(lower * factor, upper * factor, pattern) if bounded else ""


def _plain(unit: Unit) -> str:
    """The unit's number format without the sign, which stands in its own column."""
    return unit.pattern.rstrip("%")
