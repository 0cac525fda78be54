"""Third chapter: how people are, group by group, indicator by indicator, with experience beside the numbers."""

from hyteanalysis.cells import cross
from hyteanalysis.figures.kit import words
from hyteanalysis.figures.kit.topics import Topic
from hyteanalysis.i18n import date, text
from hyteanalysis.plan import Experience
from hyteanalysis.reports.document import Block, Bullets, Paragraph, Section
from hyteanalysis.reports.material import WHOLE, Material
from hyteanalysis.reports.summary import short_gap

THEMES = ("health", "livelihood", "participation", "safety", "environment", "services")


def chapter(material: Material) -> Section:
    """The whole picture, each theme's indicators, and the experience that stands beside no indicator."""
    lang = material.lang
    sections = [_whole_picture(material)]
    by_theme: dict[str, list[Topic]] = {}
    for topic in material.topics:
        by_theme.setdefault(theme(material, topic.indicator), []).append(topic)
    for name, found in by_theme.items():
        told = tuple(_indicator(material, topic) for topic in found)
        sections.append(Section(name, (), told))
    sections.append(_experience(material))
    lead = Paragraph(text("report.description.lead", lang, area=material.area))
    return Section(text("report.chapter.description", lang), (lead,), tuple(sections), place="description")


def theme(material: Material, indicator: str) -> str:
    """The name of an indicator's theme; the owner's own word where it is none of the common ones."""
    own = material.meta(indicator).get("theme")
    if not isinstance(own, str) or not own:
        return text("report.theme.other", material.lang)
    return text(f"report.theme.{own}", material.lang) if own in THEMES else own


def _whole_picture(material: Material) -> Section:
    lang, area = material.lang, material.plan.area
    blocks: list[Block] = []
    if pyramid := material.figure("pyramid", indicator=material.topics[0].indicator, areas=area):
        blocks.append(pyramid)
    if page := material.county():
        blocks += [Paragraph(text("report.description.page", lang)), page]
    dimensions = [topic.main.dimension for topic in material.topics]
    common = max(sorted(set(dimensions)), key=dimensions.count)
    if matrix := material.figure("matrix", areas=area, dimension=common):
        blocks.append(matrix)
    if not blocks:
        blocks.append(Paragraph(text("report.summary.none", lang)))
    return Section(text("report.description.whole", lang), tuple(blocks))


def _indicator(material: Material, topic: Topic) -> Section:
    """An indicator's sentences, its figure, its municipalities where a goal follows it, and what people told."""
    lang, one, area = material.lang, topic.main, material.plan.area
    title = material.names.indicator(topic.indicator, lang)
    grouping = material.names.dimension(one.dimension, lang)
    said = list(one.parts(lang).values())
    shown_by = text("report.description.grouping", lang, dimension=grouping)
    if not topic.clear:
        shown_by = text("report.description.no_clear", lang, dimension=grouping)
    blocks: list[Block] = [
        Paragraph(shown_by, "note"),
        Paragraph(" ".join(said)),
    ]
    if topic.others:
        lines = tuple(short_gap(material, other, grouping=True) for other in topic.others)
        blocks += [Paragraph(text("report.description.also", lang)), Bullets(lines)]
    shown = [area, WHOLE] if WHOLE in material.places and area != WHOLE else [area]
    if drawn := material.figure("equiplot", indicator=topic.indicator, dimension=one.dimension, areas=shown):
        blocks.append(drawn)
    followed = topic.indicator in {goal.indicator for goal in material.plan.goals}
    if followed and len(material.municipalities) > 1:
        places = material.municipalities
        if dots := material.figure("dots", indicator=topic.indicator, dimension="total", areas=places):
            blocks.append(dots)
    if followed:  # what the gap consists of, where the release crosses the groups with age
        crossed = cross(["age", one.dimension])
        for kind in ("kitagawa", "maihda"):
            if why := material.figure(kind, indicator=topic.indicator, dimension=crossed, areas=area):
                blocks.append(why)
    for experience in _told_of(material, topic.indicator):
        blocks += experience_told(material, experience)
    blocks.append(Paragraph(text("report.description.numbers", lang, title=title), "note"))
    return Section(title, tuple(blocks))


def _told_of(material: Material, indicator: str) -> list[Experience]:
    """Experience that stands beside a finding of this indicator."""
    known = {one.id for one in material.plan.findings if one.indicator == indicator}
    return [one for one in material.plan.experiences if one.finding in known]


def experience_told(material: Material, one: Experience) -> list[Block]:
    """What people told, then who, how and when, and whether it supports the numbers."""
    lang = material.lang
    whom = one.whom
    if one.dimension is not None and one.group is not None:
        whom = material.names.group(one.dimension, one.group, lang)
    facts = [
        text(f"report.source.{one.source}", lang),
        whom,
        text("report.people_told", lang, number=str(one.participants)) if one.participants is not None else "",
        date(str(one.date), lang) if one.date else "",
        text(f"report.stance.{one.stance}", lang),
    ]
    told = text("report.experience", lang, facts=" · ".join(filter(None, facts)))
    return [material.written(one.text, "quote"), Paragraph(told, "note")]


def _experience(material: Material) -> Section:
    """Experience that belongs to no indicator told above, or that there is none."""
    lang = material.lang
    told = {topic.indicator for topic in material.topics}
    known = {one.id for one in material.plan.findings if one.indicator in told}
    rest = [one for one in material.plan.experiences if one.finding not in known]
    blocks: list[Block] = [Paragraph(text("report.description.experience", lang))]
    if not material.plan.experiences:
        blocks = [Paragraph(text("report.description.no_experience", lang))]
    for one in rest:
        blocks += experience_told(material, one)
    return Section(text("report.description.experience_title", lang), tuple(blocks))


def source(material: Material, indicator: str) -> str:
    """The source line of an indicator."""
    return words.source(material.release, indicator, material.lang)
