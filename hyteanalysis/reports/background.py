"""Second chapter: why and by whom the report was made, from which numbers, and how to read them."""

from hyteanalysis.i18n import date, text
from hyteanalysis.reports.document import Block, Bullets, Paragraph, Section, Table
from hyteanalysis.reports.material import Material


def chapter(material: Material) -> Section:
    """Purpose, those who took part, the numbers and how to read them."""
    plan, lang = material.plan, material.lang
    purpose: list[Block] = [
        Paragraph(
            text(
                "report.background.purpose",
                lang,
                organisation=plan.organisation,
                area=material.area,
                first=str(plan.first_year),
                last=str(plan.last_year),
            )
        ),
        Paragraph(text("report.background.two_parts", lang)),
    ]
    if plan.note:
        purpose.append(material.written(plan.note))
    return Section(
        text("report.chapter.background", lang),
        tuple(purpose),
        (
            Section(text("report.background.goals", lang), tuple(_goals(material))),
            Section(text("report.background.working_group", lang), tuple(_working_group(material))),
            Section(text("report.background.forums", lang), tuple(_forums(material))),
            Section(text("report.background.numbers", lang), tuple(_numbers(material))),
        ),
        place="background",
    )


def _goals(material: Material) -> list[Block]:
    plan, lang = material.plan, material.lang
    if not plan.goals:
        return [Paragraph(text("report.no_goals", lang))]
    return [
        Paragraph(text("report.background.goals_are", lang)),
        Bullets(tuple(goal.title for goal in plan.goals), plan.language),
    ]


def _working_group(material: Material) -> list[Block]:
    group, lang = material.plan.working_group, material.lang
    if not group.organisations and not group.name:
        return [Paragraph(text("report.background.no_working_group", lang))]
    blocks: list[Block] = []
    if group.name:
        blocks.append(material.written(f"{group.name}."))
    if group.organisations:
        blocks += [
            Paragraph(text("report.background.organisations", lang)),
            Bullets(group.organisations, material.plan.language),
        ]
    if group.met:
        days = ", ".join(date(str(day), lang) for day in group.met)
        blocks.append(Paragraph(text("report.background.met", lang, number=str(len(group.met)), days=days)))
    if group.note:
        blocks.append(material.written(group.note))
    return blocks


def _forums(material: Material) -> list[Block]:
    plan, lang = material.plan, material.lang
    if not plan.forums:
        return [Paragraph(text("report.background.no_forums", lang))]
    headings = tuple(text(f"report.column.{name}", lang) for name in ("forum", "date", "organisations", "participants"))
    rows = tuple(
        (
            forum.name,
            date(str(forum.date), lang) if forum.date else text("report.not_told", lang),
            ", ".join(forum.organisations) or text("report.not_told", lang),
            text("report.not_told", lang) if forum.participants is None else str(forum.participants),
        )
        for forum in plan.forums
    )
    return [Table(text("report.background.forums_caption", lang), headings, rows)]


def _numbers(material: Material) -> list[Block]:
    """Which release, how sure, how to read."""
    release, lang = material.release, material.lang
    periods = sorted(release.cells["period"].unique())
    return [
        Paragraph(
            text(
                "report.background.release",
                lang,
                release=release.id,
                date=date(release.created, lang),
                number=str(len(material.topics)),
                first=periods[0],
                last=periods[-1],
                source=(release.source or text("figure.source.unknown", lang)).rstrip("."),
            )
        ),
        Paragraph(text("report.background.sure", lang)),
        Paragraph(text("report.background.hidden", lang)),
    ]
