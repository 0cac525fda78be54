"""Which chapters a report, its slides and the council brief have."""

from hyteanalysis.i18n import text
from hyteanalysis.reports import appendices, background, conclusions, description, goals, summary
from hyteanalysis.reports.document import Block, Bullets, Document, Paragraph, Section, Table
from hyteanalysis.reports.goals import state_words
from hyteanalysis.reports.material import Material
from hyteanalysis.reports.summary import clear_words, goals_table, largest_differences, short_gap

_CHAPTERS = (summary, background, description, conclusions, goals, appendices)


def document(material: Material, kind: str, suffix: str) -> Document:
    """The document of a kind for a file type: slides tell the main points, all others the whole."""
    if kind == "brief":
        return _brief(material)
    if suffix == "pptx":
        return _slides(material)
    return material.document([one.chapter(material) for one in _CHAPTERS], contents=True, pages=True)


def expected(material: Material, kind: str, suffix: str) -> int:
    """About how many figures will be drawn."""
    followed = len(material.plan.goals)
    if kind == "brief":
        return 1
    return 2 * followed + 8 if suffix == "pptx" else len(material.topics) + 3 * followed + 3


_BRIEF_DIFFERENCES, _GOALS = 3, 6  # told on the first page
_MOST = 240  # letters of a quotation


def _brief(material: Material) -> Document:
    """A page of words with the goals, a page with the picture."""
    lang = material.lang
    first = Section(text("report.brief.situation", lang), tuple(_situation(material)))
    picture = material.county()
    second: tuple[Block, ...] = (picture,) if picture else (Paragraph(text("report.summary.none", lang)),)
    title = text("report.brief.title", lang, title=material.plan.title)
    chapters = (first, Section(text("report.brief.picture", lang), second))
    return material.document(chapters, title=title, pages=True, compact=True)


def _situation(material: Material) -> list[Block]:
    plan, lang = material.plan, material.lang
    blocks: list[Block] = [Paragraph(clear_words(material), "lead")]
    if largest := largest_differences(material):
        blocks.append(Bullets(tuple(short_gap(material, topic.main) for topic in largest[:_BRIEF_DIFFERENCES])))
    if not plan.goals:
        return [*blocks, Paragraph(text("report.no_goals", lang))]
    counts = material.status["state"].value_counts(sort=False)
    said = ", ".join(f"{text(f'report.state.{state}', lang)} {number}" for state, number in counts.items())
    blocks.append(Paragraph(text("report.summary.goals", lang, number=str(len(plan.goals)), states=said), "lead"))
    blocks.append(_brief_goals(material))
    if len(plan.goals) > _GOALS:
        blocks.append(Paragraph(text("report.brief.more", lang, number=str(len(plan.goals) - _GOALS)), "note"))
    decided = [one.decision for one in plan.deliberations if one.decision]
    if decided:
        blocks += [Paragraph(text("report.brief.decided", lang)), material.written(_short(decided[-1]), "quote")]
    return blocks


def _brief_goals(material: Material) -> Table:
    """The goals that need a decision first: those past their threshold, then those without clear change."""
    order = ("threshold_passed", "moving_away", "no_clear_change", "suppressed", "no_data", "on_the_way", "reached")
    whole = goals_table(material)
    states = [material.status.loc[goal.id, "state"] for goal in material.plan.goals]
    ranked = sorted(range(len(states)), key=lambda at: (order.index(states[at]), at))[:_GOALS]
    keep = [0, 1, 2, 3, 5, 6, 7]
    rows = tuple(tuple(whole.rows[at][column] for column in keep) for at in ranked)
    return Table(whole.caption, tuple(whole.columns[column] for column in keep), rows)


def _short(words: str) -> str:
    return words if len(words) <= _MOST else words[: _MOST - 1].rsplit(" ", 1)[0] + "…"


_SLIDE_DIFFERENCES = 5


def _slides(material: Material) -> Document:
    """A slide or two a message."""
    plan, lang = material.plan, material.lang
    largest = summary.largest_differences(material)[:_SLIDE_DIFFERENCES]
    sections = [
        Section(text("report.chapter.summary", lang), _opening(material)),
        *(_difference_slide(material, at) for at in range(len(largest))),
        *(one for one in conclusions.chapter(material).sections[:2]),
        Section(text("report.goals.overview", lang), tuple(summary.goals_told(material))),
        *(_goal_slide(material, at) for at in range(len(plan.goals))),
        background.chapter(material).sections[-1],
    ]
    return material.document(sections)


def _opening(material: Material) -> tuple[Block, ...]:
    lang = material.lang
    titles = [
        material.names.indicator(one.indicator, lang)
        for one in summary.largest_differences(material)[:_SLIDE_DIFFERENCES]
    ]
    blocks: list[Block] = [Paragraph(summary.clear_words(material), "lead")]
    if titles:
        blocks += [Paragraph(text("report.summary.largest", lang)), Bullets(tuple(titles))]
    return tuple(blocks)


def _difference_slide(material: Material, at: int) -> Section:
    """One indicator: its sentences beside the chart of its groups."""
    lang = material.lang
    one = summary.largest_differences(material)[at].main
    parts = one.parts(lang)
    words = tuple(Paragraph(parts[name]) for name in ("worst", "gap", "whole", "change") if name in parts)
    drawn = material.figure("equiplot", indicator=one.indicator, dimension=one.dimension, areas=material.plan.area)
    title = material.names.indicator(one.indicator, lang)
    return Section(title, (*words, drawn) if drawn else words)


def _goal_slide(material: Material, at: int) -> Section:
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
