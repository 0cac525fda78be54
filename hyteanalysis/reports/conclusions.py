"""Fourth chapter: strengths and what to develop, from the findings' own verdicts."""

from hyteanalysis.figures.kit.topics import Topic
from hyteanalysis.findings import Contrast
from hyteanalysis.i18n import text, when
from hyteanalysis.reports.document import Block, Bullets, Cell, Interval, Paragraph, Section, Table, Value
from hyteanalysis.reports.material import Material
from hyteanalysis.reports.summary import largest_differences


def chapter(material: Material) -> Section:
    """Strengths, what to develop, whether worries are borne out, all indicators at a glance."""
    lang = material.lang
    strong = [line for topic in material.topics if (line := _line(topic, lang, good=True))]
    weak = [line for topic in _by_size(material) if (line := _line(topic, lang, good=False))]
    return Section(
        text("report.chapter.conclusions", lang),
        (Paragraph(text("report.conclusions.rule", lang)),),
        (
            Section(
                text("report.conclusions.strengths", lang), _list(strong, text("report.conclusions.no_strengths", lang))
            ),
            Section(text("report.conclusions.develop", lang), _list(weak, text("report.conclusions.no_weak", lang))),
            Section(text("report.conclusions.worries", lang), tuple(_worries(material))),
            Section(text("report.conclusions.glance", lang), (_glance(material),)),
        ),
        place="conclusions",
    )


def _by_size(material: Material) -> list[Topic]:
    first = largest_differences(material)
    return [*first, *(one for one in material.topics if one not in first)]


def _list(lines: list[str], none: str) -> tuple[Block, ...]:
    return (Bullets(tuple(lines)),) if lines else (Paragraph(none),)


STRENGTHS, WEAKNESSES = ("better", "narrowed"), ("double", "weaker", "widened")


def _line(topic: Topic, lang: str, *, good: bool) -> str:
    """An indicator with what makes it a strength, or something to develop; empty for neither."""
    said = [sign for sign in (STRENGTHS if good else WEAKNESSES) if sign in topic.signs]
    if not said:
        return ""
    one = topic.main
    words = ", ".join(_because(topic, sign, lang) for sign in said)
    return f"{one.names.indicator(one.indicator, lang)}: {words}."


def _because(topic: Topic, sign: str, lang: str) -> str:
    """Why; of a difference and its change between which two groups."""
    one = topic.main
    if one.difference is None or sign not in ("double", "narrowed", "widened"):
        return text(f"report.because.{sign}", lang)
    first, second = (one.names.group(one.dimension, group, lang) for group in one.difference.between)
    return text(f"report.because.{sign}", lang, first=first, second=second)


def _worries(material: Material) -> list[Block]:
    """The findings that the plan refers to, as they stood when it did."""
    lang, kept = material.lang, material.plan.findings
    if not kept:
        return [Paragraph(text("report.conclusions.no_findings", lang))]
    headings = tuple(text(f"report.column.{name}", lang) for name in ("finding", "period", "justified"))
    rows = tuple(
        (
            f"{material.names.indicator(one.indicator, lang)}, {material.names.dimension(one.dimension, lang)}",
            when(one.period),
            text(f"report.justified.{one.verdict}", lang),
        )
        for one in kept
    )
    return [
        Paragraph(text("report.conclusions.worries_lead", lang)),
        Table(text("report.conclusions.worries_caption", lang), headings, rows),
    ]


def _glance(material: Material) -> Table:
    """One row an indicator: who is worst off, the difference, its change, against the country."""
    lang = material.lang
    columns = ("indicator", "worst", "difference")
    headings = tuple(text(f"report.column.{name}", lang) for name in columns)
    headings = (
        *headings,
        text("report.interval", lang),
        *(text(f"report.column.{name}", lang) for name in ("change", "country")),
    )
    rows = tuple(_glanced(topic, lang) for topic in _by_size(material))
    return Table(
        text("report.conclusions.glance_caption", lang, area=material.area),
        headings,
        rows,
        (text("report.conclusions.glance_note", lang),),
    )


def _glanced(topic: Topic, lang: str) -> tuple[Cell, ...]:
    one = topic.main
    gap, unit = one.difference, one.unit
    named = [] if one.worst is None else [one.worst, *one.tied]
    worst = "; ".join(one.names.group(one.dimension, group, lang) for group in named) or "–"
    pattern = unit.pattern.rstrip("%")
    if "fallback" in one.states:
        worst = f"{worst} ({one.names.area(one.shown_area, lang)})"
    size: Cell = "–" if gap is None else Value(gap.estimate * unit.factor, pattern)
    ends: Cell = "–" if gap is None else Interval(gap.lower * unit.factor, gap.upper * unit.factor, pattern)
    moved = _kept(topic, one.change, "none", "no_clear_change")
    whole = _kept(topic, one.against_whole, "unknown", "no_clear_difference")
    return (
        f"{one.names.indicator(one.indicator, lang)}, {unit.measure(lang)}".rstrip(", "),
        worst if topic.clear else text("figure.matrix.same", lang),
        size,
        ends,
        text(f"figure.move.{moved}", lang),
        text(f"report.country.{whole}", lang),
    )


def _kept(topic: Topic, compared: Contrast | None, none: str, chance: str) -> str:
    """A verdict in a table of many: clear only where it stays so among all that was looked at."""
    verdict = none if compared is None else compared.verdict
    return verdict if verdict in (none, "unknown", *topic.signs) else chance
