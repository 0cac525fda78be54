"""Which chapters a report, its slides and the council brief have."""

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
    return material.document([one.chapter(material) for one in CHAPTERS], contents=True, pages=True)


def expected(material: Material, kind: str, suffix: str) -> int:
    """About how many figures will be drawn."""
    followed = len(material.plan.goals)
    if kind == "brief":
        return 1
    return 2 * followed + 8 if suffix == "pptx" else len(material.topics) + 3 * followed + 3
