"""An organisation's own Word template: its named places filled, its styles kept."""

from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import TemplateError

from hyteanalysis.errors import SourceError
from hyteanalysis.i18n import date
from hyteanalysis.reports.document import Document
from hyteanalysis.reports.docx import Step, Writer, finished

WHOLE = "content"
CHAPTERS = ("summary", "background", "description", "conclusions", "plan", "appendices")
WORDS = ("title", "subtitle", "organisation", "date", "mark", "release")
_MARK = "⟦{place}⟧"  # stands in the filled template where a chapter goes


def check(template: str | Path) -> set[str]:
    """Names of the places of a template.

    Raises SourceError for a file that is not there or no Word file, that has unknown places, or that has neither
    ``{{ content }}`` nor a place for every chapter.
    """
    path = Path(template)
    if not path.is_file():
        raise SourceError(f"there is no template {path}: check the name and the folder")
    try:
        places: set[str] = DocxTemplate(path).get_undeclared_template_variables()
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError) as error:
        raise SourceError(f"{path} is not a Word file (.docx): {error}") from error
    except TemplateError as error:
        raise SourceError(f"the places of {path} cannot be read: {error}") from error
    known = (WHOLE, *CHAPTERS, *WORDS)
    if unknown := sorted(places - set(known)):
        raise SourceError(f"{path} has unknown places: {', '.join(unknown)}; known are {', '.join(known)}")
    lacking = [place for place in CHAPTERS if place not in places]
    if WHOLE not in places and lacking:
        raise SourceError(
            f"{path} lacks the named place {{{{ {WHOLE} }}}}, or one for each chapter: it has no "
            f"{', '.join(f'{{{{ {place} }}}}' for place in lacking)}"
        )
    return places


def fill(template: str | Path, document: Document, step: Step = lambda words: None) -> bytes:
    """The template with its places filled, as the bytes of a .docx file."""
    places = check(template)
    own = DocxTemplate(Path(template))
    chapters = {place: _MARK.format(place=place) for place in (WHOLE, *CHAPTERS)}
    words = {
        "title": document.title,
        "subtitle": document.subtitle,
        "organisation": document.author,
        "date": date(document.date, document.lang),
        "mark": document.mark,
        "release": document.release,
    }
    own.render({**words, **chapters}, autoescape=True)
    made = own.docx
    for place in (WHOLE, *CHAPTERS) if WHOLE in places else CHAPTERS:
        chosen = [one for one in document.chapters if place in (WHOLE, one.place)]
        for paragraph in _marked(made, _MARK.format(place=place)):
            writer = Writer(made, document, step, before=paragraph)
            for chapter in chosen:
                writer.section(chapter, 1)
            paragraph._p.getparent().remove(paragraph._p)
    return finished(made, document)


def _marked(made: Any, mark: str) -> list[Any]:
    return [paragraph for paragraph in made.paragraphs if mark in paragraph.text]
