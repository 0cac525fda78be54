"""Which chapters a report, its slides and the council brief have."""

from hyteanalysis.i18n import text
from hyteanalysis.reports import appendices, background, brief, conclusions, description, goals, slides, summary
from hyteanalysis.reports.document import Document
from hyteanalysis.reports.material import Material

CHAPTERS = (summary, background, description, conclusions, goals, appendices)


def document(material: Material, kind: str, suffix: str) -> Document:
    """The document of a kind for a file type: slides tell the main points, all others the whole."""
    if kind == "brief":
        return brief.document(material)
    if suffix == "pptx":
        return slides.document(material)
    plan, lang = material.plan, material.lang
    return Document(
        title=plan.title,
        subtitle=text(
            "report.subtitle",
            lang,
            organisation=plan.organisation,
            first=str(plan.first_year),
            last=str(plan.last_year),
        ),
        lang=lang,
        chapters=tuple(one.chapter(material) for one in CHAPTERS),
        author=plan.organisation,
        date=material.day,
        release=material.release.id,
        mark=material.mark,
        contents=True,
        pages=True,
    )


def expected(material: Material, kind: str, suffix: str) -> int:
    """About how many figures will be drawn."""
    followed = len(material.plan.goals)
    if kind == "brief":
        return 1
    return 2 * followed + 8 if suffix == "pptx" else len(material.topics) + 3 * followed + 3
