"""Two pages for a council: what the situation is and what is asked for; then the picture of the area."""

from hyteanalysis.i18n import text
from hyteanalysis.reports.document import Block, Bullets, Document, Paragraph, Section, Table
from hyteanalysis.reports.material import Material
from hyteanalysis.reports.summary import clear_words, goals_table, largest_differences, short_gap

DIFFERENCES, GOALS = 3, 6  # told on the first page
MOST = 240  # letters of a quotation


def document(material: Material) -> Document:
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
        blocks.append(Bullets(tuple(short_gap(material, topic.main) for topic in largest[:DIFFERENCES])))
    if not plan.goals:
        return [*blocks, Paragraph(text("report.no_goals", lang))]
    counts = material.status["state"].value_counts(sort=False)
    said = ", ".join(f"{text(f'report.state.{state}', lang)} {number}" for state, number in counts.items())
    blocks.append(Paragraph(text("report.summary.goals", lang, number=str(len(plan.goals)), states=said), "lead"))
    blocks.append(_goals(material))
    if len(plan.goals) > GOALS:
        blocks.append(Paragraph(text("report.brief.more", lang, number=str(len(plan.goals) - GOALS)), "note"))
    decided = [one.decision for one in plan.deliberations if one.decision]
    if decided:
        blocks += [Paragraph(text("report.brief.decided", lang)), material.written(_short(decided[-1]), "quote")]
    return blocks


def _goals(material: Material) -> Table:
    """The goals that need a decision first: those past their threshold, then those without clear change."""
    order = ("threshold_passed", "moving_away", "no_clear_change", "suppressed", "no_data", "on_the_way", "reached")
    whole = goals_table(material)
    states = [material.status.loc[goal.id, "state"] for goal in material.plan.goals]
    ranked = sorted(range(len(states)), key=lambda at: (order.index(states[at]), at))[:GOALS]
    keep = [0, 1, 2, 3, 5, 6, 7]
    rows = tuple(tuple(whole.rows[at][column] for column in keep) for at in ranked)
    return Table(whole.caption, tuple(whole.columns[column] for column in keep), rows)


def _short(words: str) -> str:
    return words if len(words) <= MOST else words[: MOST - 1].rsplit(" ", 1)[0] + "…"
