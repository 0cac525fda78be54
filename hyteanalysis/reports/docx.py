"""A document as a Word file: headings, captions and tables that Word itself knows, every drawing described."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.shared import Cm, Pt, RGBColor

from hyteanalysis.figures import FigureBundle
from hyteanalysis.i18n import date, text
from hyteanalysis.reports import docx_parts as parts
from hyteanalysis.reports.document import Block, Bullets, Document, Figure, Paragraph, Section, Table
from hyteanalysis.reports.saving import settled

INK, QUIET, BLUE = RGBColor(0x1A, 0x1A, 0x1A), RGBColor(0x59, 0x59, 0x59), RGBColor(0x0B, 0x2C, 0x55)
MARK = RGBColor(0xB3, 0x47, 0x00)
TALLEST = 21.0  # cm of a picture on a page, so that its caption stays with it
DPI = 200
Step = Callable[[str], None]

# name, size, colour, bold, space before and after in points
_LOOKS = (
    ("Normal", 11, INK, False, 0, 6),
    ("Title", 24, BLUE, True, 0, 6),
    ("Subtitle", 13, QUIET, False, 0, 12),
    ("Heading 1", 18, BLUE, True, 18, 6),
    ("Heading 2", 14, BLUE, True, 14, 4),
    ("Heading 3", 12, BLUE, True, 10, 3),
    ("Caption", 10, INK, False, 3, 3),
    ("Quote", 11, INK, False, 4, 8),
)
_OWN = (
    ("TableText", 9, INK, False, 1, 1),
    ("TableHead", 9, INK, True, 2, 2),
    ("Lead", 12, INK, True, 0, 6),
    ("Note", 9, QUIET, False, 0, 6),
)


def render(document: Document, step: Step = lambda words: None) -> bytes:
    """The whole document as the bytes of a .docx file; ``step`` is told each figure drawn."""
    made = docx.Document()
    _dress(made, compact=document.compact)
    section = made.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.2)
    writer = Writer(made, document, step)
    writer.front()
    for at, chapter in enumerate(document.chapters):
        writer.section(chapter, 1, fresh=document.pages and (at > 0 or document.contents))
    return finished(made, document)


def finished(made: Any, document: Document) -> bytes:
    """Properties, language and footer set; the bytes."""
    parts.set_language(made, document.lang)
    properties = made.core_properties
    properties.title, properties.subject = document.title, document.subtitle
    properties.author = properties.last_modified_by = document.author or "hyteanalysis"
    properties.language, properties.comments, properties.keywords = parts.LANGUAGE[document.lang], "", document.release
    properties.revision = 1
    footer = made.sections[-1].footer.paragraphs
    if footer and not footer[0].text:
        said = [document.title, date(document.date, document.lang), document.mark]
        footer[0].add_run(" · ".join(filter(None, said))).font.size = Pt(8)
    out = BytesIO()
    made.save(out)
    return settled(out.getvalue(), document.date)


class Writer:
    """Adds blocks to a Word document, at its end or before a given paragraph of a template."""

    def __init__(self, made: Any, document: Document, step: Step, before: Any = None) -> None:
        self.made, self.document, self.step, self.before = made, document, step, before
        self.names = {style.name for style in made.styles}
        part = made.sections[-1]
        self.width = (part.page_width - part.left_margin - part.right_margin) / Cm(1)
        self._places = 0

    def front(self) -> None:
        """Title, subtitle, the mark of practice data and the contents."""
        document = self.document
        if document.cover:
            self.paragraph(document.title, "Title")
        if document.cover and document.subtitle:
            self.paragraph(document.subtitle, "Subtitle")
        if document.mark:
            run = self.paragraph("", "Normal").add_run(text("report.practice", document.lang, mark=document.mark))
            run.bold, run.font.color.rgb = True, MARK
        if document.contents:
            self.paragraph(
                text("report.contents", document.lang), "TOC Heading" if "TOC Heading" in self.names else "Heading 1"
            )
            listed = [(level, section.title) for level, section in document.sections() if level <= 2]
            places = [f"_Toc{number + 1:08d}" for number in self._numbers()]
            lines = [self.paragraph("", "Normal") for _ in listed]
            for line, (level, _) in zip(lines, listed, strict=True):
                line.paragraph_format.left_indent = Cm(0.6 * (level - 1))
                line.paragraph_format.space_after = Pt(1)
                line.paragraph_format.line_spacing = 0.95
            parts.contents(lines, list(zip(places, (words for _, words in listed), strict=True)))

    def _numbers(self) -> list[int]:
        return [at for at, (level, _) in enumerate(self.document.sections()) if level <= 2]

    def section(self, section: Section, level: int, *, fresh: bool = False) -> None:
        """A section with all that is in it."""
        heading = self.paragraph(section.title, f"Heading {min(level, 3)}")
        heading.paragraph_format.page_break_before = fresh or None
        self._places += 1
        if level <= 2:
            parts.bookmark(heading, self._places)
        for block in section.blocks:
            self.block(block)
        for inner in section.sections:
            self.section(inner, level + 1)

    def block(self, block: Block) -> None:
        """One paragraph, list, table or figure."""
        if isinstance(block, Paragraph):
            style = {"body": "Normal", "lead": "Lead", "note": "Note", "quote": "Quote"}[block.style]
            self._run(self.paragraph("", style), block.words, block.lang)
        elif isinstance(block, Bullets):
            for item in block.items:
                line = self.paragraph("", "List Bullet")
                line.paragraph_format.space_after = Pt(3)
                self._run(line, item, block.lang)
        elif isinstance(block, Table):
            self._table(block)
        else:
            self._figure(block)

    def _run(self, line: Any, words: str, lang: str | None) -> None:
        """Words of a paragraph, marked where they are in another language."""
        run = line.add_run(words)
        if lang and lang != self.document.lang:
            parts.speak(run, lang)

    def paragraph(self, words: str, style: str) -> Any:
        """A paragraph in a style; in a template that lacks the style, in its plain one."""
        style = style if style in self.names else "Normal"
        if self.before is not None:
            return self.before.insert_paragraph_before(words, style)
        return self.made.add_paragraph(words, style)

    def _table(self, block: Table) -> None:
        line = self.paragraph("", "Caption")
        line.paragraph_format.keep_with_next = True
        parts.caption(line, self.document.label(block), block.caption)
        element = parts.table(block, self.document.lang, self.width)
        line._p.addnext(element)
        after = [self.paragraph(words, "Note") for words in block.notes] or [self.paragraph("", "Note")]
        after[0].paragraph_format.space_before = Pt(3)

    def _figure(self, block: Figure) -> None:
        bundle, label = block.bundle, self.document.label(block)
        self.step(bundle.title)
        line = self.paragraph("", "Normal")
        line.paragraph_format.keep_with_next = True
        line.paragraph_format.space_after = Pt(0)
        wide, high = size(bundle, self.width)
        picture = line.add_run().add_picture(BytesIO(bundle.png(DPI, titles=False)), Cm(wide), Cm(high))
        parts.describe(picture, label, bundle.alt)
        below = self.paragraph("", "Caption")
        below.paragraph_format.keep_with_next = True
        parts.caption(below, label, f"{bundle.title.rstrip('.')}. {bundle.subtitle.rstrip('.')}.")
        self.paragraph(" ".join([*bundle.notes, bundle.source]), "Note")


def size(bundle: FigureBundle, room: float) -> tuple[float, float]:
    """Width and height of a figure's body in cm: its own size, smaller where it would not fit."""
    wide, high = (bundle.body.width, bundle.body.height) if bundle.body is not None else bundle.fig.get_size_inches()
    wide, high = wide * 2.54, high * 2.54
    fit = min(1.0, room / wide, TALLEST / high)
    return wide * fit, high * fit


def _dress(made: Any, *, compact: bool) -> None:
    """The look of a document that has no template of its own; a compact one in smaller letters."""
    for name, *_ in _OWN:
        style = made.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = made.styles["Normal"]
    for name, points, colour, bold, before, after in (*_LOOKS, *_OWN):
        if compact and points > 9:
            points, before = max(9, round((0.62 if points > 13 else 0.85) * points)), before // 2
        style = made.styles[name]
        style.font.name, style.font.size, style.font.bold, style.font.italic = "Calibri", Pt(points), bold, False
        style.font.color.rgb = colour
        fonts = style.element.rPr.rFonts
        for attribute in [one for one in fonts.attrib if "Theme" in one]:
            del fonts.attrib[attribute]
        space = style.paragraph_format
        space.space_before, space.space_after = Pt(before), Pt(after)
    made.styles["Lead"].paragraph_format.keep_with_next = True
    made.styles["Quote"].paragraph_format.left_indent = Cm(0.8)
