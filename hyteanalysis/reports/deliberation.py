"""The record of a value discussion: who took part, what was raised, on which grounds what was decided."""

from collections.abc import Sequence

from hyteanalysis.i18n import date, formats, text
from hyteanalysis.plan import Deliberation
from hyteanalysis.reports.document import Block, Bullets, Paragraph, Section, Table
from hyteanalysis.reports.material import Material


def deliberations(material: Material) -> list[Section]:
    """A section a discussion; one that says so where none was held."""
    lang, found = material.lang, material.plan.deliberations
    if not found:
        said = Paragraph(text("report.deliberation.none", lang))
        return [Section(text("report.deliberation.title", lang), (said,))]
    return [_section(material, one) for one in found]


def _section(material: Material, one: Deliberation) -> Section:
    lang = material.lang
    blocks: list[Block] = [Paragraph(text("report.deliberation.held", lang, date=date(str(one.date), lang)))]
    if one.participants:
        rows = tuple(
            (who.name, text("report.not_told", lang) if who.number is None else str(who.number))
            for who in one.participants
        )
        headings = tuple(text(f"report.column.{name}", lang) for name in ("participants_of", "participants"))
        blocks.append(Table(text("report.deliberation.participants", lang, title=one.title), headings, rows))
    for name, said in (("joys", one.joys), ("worries", one.worries), ("values", one.values)):
        lines = [f"{item.text} ({item.by})" if item.by else item.text for item in said]
        blocks += _listed(text(f"report.deliberation.{name}", lang), lines, material)
    blocks += _listed(text("report.deliberation.criteria", lang), one.criteria, material)
    titles = {goal.id: goal.title for goal in material.plan.goals}
    ranked = [f"{place}. {titles.get(goal, goal)}" for place, goal in enumerate(one.priorities, start=1)]
    if ranked:
        blocks += [Paragraph(text("report.deliberation.priorities", lang)), *map(material.written, ranked)]
    blocks += _listed(
        text("report.deliberation.grounds", lang),
        [_ground(ground.kind, ground.text, lang) for ground in one.grounds],
        material,
    )
    if one.aversion is not None:
        blocks.append(
            Paragraph(text("report.deliberation.aversion", lang, value=formats.number(one.aversion, lang, 1)))
        )
    if one.switch is not None and one.switch.text:
        blocks.append(material.written(one.switch.text))
    decision = one.decision or text("report.deliberation.no_decision", lang)
    blocks.append(material.written(decision, "lead") if one.decision else Paragraph(decision))
    if one.dissent:
        blocks += [Paragraph(text("report.deliberation.dissent", lang)), material.written(one.dissent, "quote")]
    return Section(one.title, tuple(blocks))


def _listed(lead: str, lines: Sequence[str], material: Material) -> list[Block]:
    return [Paragraph(lead), Bullets(tuple(lines), material.plan.language)] if lines else []


def _ground(kind: str, words: str, lang: str) -> str:
    return f"{text(f'report.ground.{kind}', lang)}: {words}"
