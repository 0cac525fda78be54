"""First chapter: what a reader who reads nothing else should know; and the table of goals."""

import math

import pandas as pd

from hyteanalysis.figures.kit.topics import Topic
from hyteanalysis.findings import Finding
from hyteanalysis.findings.sentences import interval
from hyteanalysis.i18n import date, text
from hyteanalysis.plan import Goal
from hyteanalysis.reports.document import Block, Bullets, Cell, Interval, Paragraph, Section, Table, Value
from hyteanalysis.reports.material import Material

TOLD = 5  # largest differences


def chapter(material: Material) -> Section:
    """Where the differences are largest, what the plan aims at, where its goals stand."""
    lang = material.lang
    blocks: list[Block] = [Paragraph(clear_words(material), "lead")]
    if largest := largest_differences(material):
        blocks += [
            Paragraph(text("report.summary.largest", lang)),
            Bullets(tuple(gap_line(one, lang) for one in largest[:TOLD])),
        ]
    else:
        blocks.append(Paragraph(text("report.summary.none", lang)))
    blocks += goals_told(material)
    return Section(text("report.chapter.summary", lang), tuple(blocks), place="summary")


def clear_words(material: Material) -> str:
    """In how many things groups differ clearly."""
    clear = sum(one.clear for one in material.topics)
    return text(
        "report.summary.clear",
        material.lang,
        area=material.area,
        clear=str(clear),
        number=str(len(material.topics)),
    )


def largest_differences(material: Material) -> list[Topic]:
    """Topics whose difference is clear, the largest ratio first."""
    return sorted((one for one in material.topics if one.ratio > 0), key=lambda one: -one.ratio)


def gap_line(topic: Topic, lang: str) -> str:
    """The indicator and the sentences on its gap and on the people it concerns."""
    one, said = topic.main, topic.main.parts(lang)
    told = " ".join(said[name] for name in ("gap", "people") if name in said)
    return f"{one.names.indicator(one.indicator, lang)}: {told or one.headline(lang)}"


def short_gap(material: Material, one: Finding, *, grouping: bool = False) -> str:
    """A gap in one line: the indicator, or its grouping, the two groups and the difference."""
    lang, gap = material.lang, one.difference
    assert gap is not None  # only clear differences are told
    title = one.names.dimension(one.dimension, lang) if grouping else one.names.indicator(one.indicator, lang)
    first, second = (one.names.group(one.dimension, group, lang) for group in gap.between)
    return text(
        f"report.gap.{'reversed' if gap.verdict == 'reversed' else 'worse'}",
        lang,
        title=title[:1].upper() + title[1:],
        first=first,
        second=second,
        difference=one.unit.difference(gap.estimate, lang),
        interval=interval(one, gap, lang),
    )


def goals_told(material: Material) -> list[Block]:
    """How many goals are in which state, when the next look is, and the table of goals."""
    plan, lang = material.plan, material.lang
    if not plan.goals:
        return [Paragraph(text("report.no_goals", lang))]
    counts = material.status["state"].value_counts(sort=False)
    said = ", ".join(f"{text(f'report.state.{state}', lang)} {number}" for state, number in counts.items())
    blocks: list[Block] = [
        Paragraph(text("report.summary.goals", lang, number=str(len(plan.goals)), states=said), "lead")
    ]
    waiting = [goal for goal in plan.goals if goal.next_check is not None]
    if waiting:
        first = min(waiting, key=lambda goal: (goal.next_check, goal.id))
        lead = plan.actor_name(first.lead) or text("report.nobody", lang)
        when = date(str(first.next_check), lang)
        blocks.append(Paragraph(text("report.summary.next", lang, goal=first.title, date=when, lead=lead)))
    return [*blocks, goals_table(material)]


def goals_table(material: Material) -> Table:
    """Goals with baseline, now, threshold, target, state and actor in charge."""
    lang = material.lang
    names = ("goal", "baseline", "now", "interval", "threshold", "target", "state", "lead")
    headings = tuple(text("report.interval" if name == "interval" else f"report.column.{name}", lang) for name in names)
    rows = tuple(_row(material, goal) for goal in material.plan.goals)
    caption = text("report.goals_caption", lang, area=material.area)
    return Table(caption, headings, rows, (text("report.goals_source", lang, release=material.release.id),))


def _row(material: Material, goal: Goal) -> tuple[Cell, ...]:
    lang, state = material.lang, material.status.loc[goal.id]
    unit = material.unit(goal)
    factor, pattern = unit.factor, unit.pattern.rstrip("%")
    now: Cell = Value(float(state["now"]) * factor, pattern) if _there(state["now"]) else text("report.no_number", lang)
    if state["state"] == "suppressed":
        now = text("table.status.suppressed", lang)
    ends: Cell = ""
    if _there(state["lower"]) and _there(state["upper"]):
        ends = Interval(float(state["lower"]) * factor, float(state["upper"]) * factor, pattern)
    return (
        goal.title,
        Value(goal.baseline.value * factor, pattern),
        now,
        ends,
        "" if goal.threshold is None else Value(goal.threshold * factor, pattern),
        Value(goal.target.value * factor, pattern),
        text(f"report.state.{state['state']}", lang),
        material.plan.actor_name(goal.lead) or text("report.nobody", lang),
    )


def _there(value: object) -> bool:
    return not pd.isna(value) and math.isfinite(float(value))  # type: ignore[arg-type]
