"""The main points as slides: the largest differences, each goal, what the numbers rest on."""

from hyteanalysis.i18n import text
from hyteanalysis.reports import background, conclusions, summary
from hyteanalysis.reports.document import Block, Bullets, Document, Paragraph, Section
from hyteanalysis.reports.goals import state_words
from hyteanalysis.reports.material import Material

DIFFERENCES = 5


def document(material: Material) -> Document:
    """A slide or two a message."""
    plan, lang = material.plan, material.lang
    largest = summary.largest_differences(material)[:DIFFERENCES]
    sections = [
        Section(text("report.chapter.summary", lang), _opening(material)),
        *(_difference(material, at) for at in range(len(largest))),
        *(one for one in conclusions.chapter(material).sections[:2]),
        Section(text("report.goals.overview", lang), tuple(summary.goals_told(material))),
        *(_goal(material, at) for at in range(len(plan.goals))),
        background.chapter(material).sections[-1],
    ]
    return material.document(sections)


def _opening(material: Material) -> tuple[Block, ...]:
    lang = material.lang
    titles = [
        material.names.indicator(one.indicator, lang) for one in summary.largest_differences(material)[:DIFFERENCES]
    ]
    blocks: list[Block] = [Paragraph(summary.clear_words(material), "lead")]
    if titles:
        blocks += [Paragraph(text("report.summary.largest", lang)), Bullets(tuple(titles))]
    return tuple(blocks)


def _difference(material: Material, at: int) -> Section:
    """One indicator: its sentences beside the chart of its groups."""
    lang = material.lang
    one = summary.largest_differences(material)[at].main
    parts = one.parts(lang)
    words = tuple(Paragraph(parts[name]) for name in ("worst", "gap", "whole", "change") if name in parts)
    drawn = material.figure("equiplot", indicator=one.indicator, dimension=one.dimension, areas=material.plan.area)
    title = material.names.indicator(one.indicator, lang)
    return Section(title, (*words, drawn) if drawn else words)


def _goal(material: Material, at: int) -> Section:
    """One goal: its state beside the development of its groups, and its actions."""
    lang, goal = material.lang, material.plan.goals[at]
    lead = material.plan.actor_name(goal.lead) or text("report.nobody", lang)
    words: list[Block] = [
        Paragraph(goal.title, "lead"),
        Paragraph(state_words(material, goal)),
        Paragraph(text("report.goals.lead", lang, lead=lead)),
    ]
    if goal.actions:
        words.append(Bullets(tuple(action.title for action in goal.actions)))
    drawn = None
    if goal.dimension != "total":
        drawn = material.figure("trend", indicator=goal.indicator, dimension=goal.dimension, areas=goal.area)
    return Section(goal.title, (*words, drawn) if drawn else tuple(words))
