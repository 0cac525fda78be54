"""A document as a Word file, alone or in an organisation's template: headings, captions and tables that Word knows."""

import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import docx
import docx.text.paragraph
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor
from docxtpl import DocxTemplate
from jinja2 import TemplateError

from hyteanalysis.errors import SourceError
from hyteanalysis.figures import FigureBundle
from hyteanalysis.i18n import LANGUAGES, date, text
from hyteanalysis.reports.document import (
    Block,
    Bullets,
    Document,
    Figure,
    Interval,
    Paragraph,
    Section,
    Table,
    Value,
    said,
)
from hyteanalysis.reports.office import TWIPS, settled, short, widths

_INK, _QUIET, _BLUE = RGBColor(0x1A, 0x1A, 0x1A), RGBColor(0x59, 0x59, 0x59), RGBColor(0x0B, 0x2C, 0x55)
_MARK_COLOUR = RGBColor(0xB3, 0x47, 0x00)
_TALLEST = 21.0  # cm of a picture on a page, so that its caption stays with it
DPI = 200
Step = Callable[[str], None]

# name, size, colour, bold, space before and after in points
_LOOKS = (
    ("Normal", 11, _INK, False, 0, 6),
    ("Title", 24, _BLUE, True, 0, 6),
    ("Subtitle", 13, _QUIET, False, 0, 12),
    ("Heading 1", 18, _BLUE, True, 18, 6),
    ("Heading 2", 14, _BLUE, True, 14, 4),
    ("Heading 3", 12, _BLUE, True, 10, 3),
    ("Caption", 10, _INK, False, 3, 3),
    ("Quote", 11, _INK, False, 4, 8),
)
_OWN = (
    ("TableText", 9, _INK, False, 1, 1),
    ("TableHead", 9, _INK, True, 2, 2),
    ("Lead", 12, _INK, True, 0, 6),
    ("Note", 9, _QUIET, False, 0, 6),
)


def render(document: Document, step: Step = lambda words: None) -> bytes:
    """The whole document as the bytes of a .docx file; ``step`` is told each figure drawn."""
    made = docx.Document()
    _dress(made, compact=document.compact)
    section = made.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.2)
    writer = _Writer(made, document, step)
    writer.front()
    for at, chapter in enumerate(document.chapters):
        writer.section(chapter, 1, fresh=document.pages and (at > 0 or document.contents))
    return _finished(made, document)


def _finished(made: Any, document: Document) -> bytes:
    """Properties, language and footer set; the bytes."""
    _set_language(made, document.lang)
    properties = made.core_properties
    properties.title, properties.subject = short(document.title), short(document.subtitle)
    properties.author = properties.last_modified_by = short(document.author or "hyteanalysis")
    properties.language, properties.comments = LANGUAGES[document.lang].tag, ""
    properties.keywords = short(document.release)
    properties.revision = 1
    footer = made.sections[-1].footer.paragraphs
    if footer and not footer[0].text:
        said = [document.title, date(document.date, document.lang), document.mark]
        footer[0].add_run(" · ".join(filter(None, said))).font.size = Pt(8)
    out = BytesIO()
    made.save(out)
    return settled(out.getvalue(), document.date)


class _Writer:
    """Adds blocks to a Word document, at its end or before a given paragraph of a template."""

    def __init__(self, made: Any, document: Document, step: Step, before: Any = None) -> None:
        self.made, self.document, self.step, self.before = made, document, step, before
        self.styles = _styles(made)
        part = made.sections[-1]
        self.width = (part.page_width - part.left_margin - part.right_margin) / Cm(1)
        if before is not None:
            self.width = min(self.width, _room(before._p))
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
            run.bold, run.font.color.rgb = True, _MARK_COLOUR
        if document.contents:
            self.paragraph(
                text("report.contents", document.lang), "TOC Heading" if "toc heading" in self.styles else "Heading 1"
            )
            listed = [(level, section.title) for level, section in document.sections() if level <= 2]
            places = [f"_Toc{number + 1:08d}" for number in self._numbers()]
            lines = [self.paragraph("", "Normal") for _ in listed]
            for line, (level, _) in zip(lines, listed, strict=True):
                line.paragraph_format.left_indent = Cm(0.6 * (level - 1))
                line.paragraph_format.space_after = Pt(1)
                line.paragraph_format.line_spacing = 0.95
            _contents(lines, list(zip(places, (words for _, words in listed), strict=True)))

    def _numbers(self) -> list[int]:
        return [at for at, (level, _) in enumerate(self.document.sections()) if level <= 2]

    def section(self, section: Section, level: int, *, fresh: bool = False) -> None:
        """A section with all that is in it."""
        heading = self.paragraph(section.title, f"Heading {min(level, 3)}")
        heading.paragraph_format.page_break_before = fresh or None
        self._places += 1
        if level <= 2:
            _bookmark(heading, self._places)
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
                line = self.paragraph("" if "list bullet" in self.styles else "• ", "List Bullet")
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
            _speak(run, lang)

    def paragraph(self, words: str, style: str) -> Any:
        """A paragraph in a style; in a template that lacks the style, in its plain one."""
        look = self.styles.get(style.lower()) or self.styles.get("normal")
        if self.before is not None:
            return self.before.insert_paragraph_before(words, look)
        return self.made.add_paragraph(words, look)

    def _table(self, block: Table) -> None:
        line = self.paragraph("", "Caption")
        line.paragraph_format.keep_with_next = True
        _caption(line, self.document.label(block), block.caption)
        element = _table(block, self.document.lang, self.width)
        line._p.addnext(element)
        after = [self.paragraph(words, "Note") for words in block.notes] or [self.paragraph("", "Note")]
        after[0].paragraph_format.space_before = Pt(3)

    def _figure(self, block: Figure) -> None:
        bundle, label = block.bundle, self.document.label(block)
        self.step(bundle.title)
        line = self.paragraph("", "Normal")
        line.paragraph_format.keep_with_next = True
        line.paragraph_format.space_after = Pt(0)
        wide, high = _size(bundle, self.width)
        picture = line.add_run().add_picture(BytesIO(bundle.png(DPI, titles=False)), Cm(wide), Cm(high))
        _describe(picture, label, bundle.alt)
        below = self.paragraph("", "Caption")
        below.paragraph_format.keep_with_next = True
        _caption(below, label, f"{bundle.title.rstrip('.')}. {bundle.subtitle.rstrip('.')}.")
        self.paragraph(" ".join([*bundle.notes, bundle.source]), "Note")


def _size(bundle: FigureBundle, room: float) -> tuple[float, float]:
    """Width and height of a figure's body in cm: its own size, smaller where it would not fit."""
    wide, high = (bundle.body.width, bundle.body.height) if bundle.body is not None else bundle.fig.get_size_inches()
    wide, high = wide * 2.54, high * 2.54
    fit = min(1.0, room / wide, _TALLEST / high)
    return wide * fit, high * fit


def _styles(made: Any) -> dict[str, Any]:
    """Paragraph styles by name in small letters: Word keeps ``heading 1`` where LibreOffice writes ``Heading 1``."""
    return {str(style.name).lower(): style for style in made.styles if style.type == WD_STYLE_TYPE.PARAGRAPH}


def _room(paragraph: Any) -> float:
    """Width in cm of the cell that a paragraph stands in; without limit outside tables."""
    cell = next((one for one in paragraph.iterancestors(qn("w:tc"))), None)
    wide = cell.find(f"{qn('w:tcPr')}/{qn('w:tcW')}") if cell is not None else None
    if wide is None or wide.get(qn("w:type")) != "dxa":
        return float("inf")
    return float(wide.get(qn("w:w"), 0)) / TWIPS


def _add_styles(made: Any) -> list[str]:
    """Styles that a report needs and a template lacks, added as its plain style in other sizes; their names."""
    there = _styles(made)
    lacking = [look for look in (*_LOOKS, *_OWN) if look[0].lower() not in there and look[0] != "Normal"]
    for look in lacking:
        name, points, _, bold, before, after = look
        style = made.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=look in _LOOKS)
        style.base_style = there.get("normal")
        style.font.size, style.font.bold = Pt(points), bold
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        if name.startswith("Heading"):
            level = parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="{int(name[-1]) - 1}"/>')
            style.element.get_or_add_pPr().append(level)
            style.paragraph_format.keep_with_next = True
    return [look[0] for look in lacking]


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


_UNBROKEN = 10  # rows of a table that is kept on one page


def _set_language(document: Any, lang: str) -> None:
    """The language in which the whole document is read aloud and spell-checked."""
    code = LANGUAGES[lang].tag
    for run in document.styles.element.iter(qn("w:lang")):
        for name in ("w:val", "w:eastAsia"):
            run.set(qn(name), code)
    defaults = document.styles.element.find(qn("w:docDefaults"))
    if defaults is not None and defaults.find(f".//{qn('w:lang')}") is None:
        properties = defaults.find(f"{qn('w:rPrDefault')}/{qn('w:rPr')}")
        if properties is not None:
            properties.append(parse_xml(f'<w:lang {nsdecls("w")} w:val="{code}" w:eastAsia="{code}"/>'))
    for theme in document.settings.element.iter(qn("w:themeFontLang")):
        theme.set(qn("w:val"), code)


def _speak(run: Any, lang: str) -> None:
    """Mark one run as another language."""
    run.font.element.get_or_add_rPr().append(parse_xml(f'<w:lang {nsdecls("w")} w:val="{LANGUAGES[lang].tag}"/>'))


def _caption(paragraph: Any, label: str, words: str) -> None:
    """``Kuvio 3. Words``, the number a field, so that Word can renumber and list the captions."""
    kind, _, number = label.rpartition(" ")
    paragraph.add_run(f"{kind} ").bold = True
    paragraph._p.append(
        parse_xml(
            f'<w:fldSimple {nsdecls("w")} w:instr=" SEQ {escape(kind, quote=True)} \\* ARABIC ">'
            f"<w:r><w:rPr><w:b/></w:rPr><w:t>{escape(number)}</w:t></w:r></w:fldSimple>"
        )
    )
    paragraph.add_run(".").bold = True
    paragraph.add_run(f" {words}")


def _describe(picture: Any, name: str, alt: str) -> None:
    """The text alternative of a drawing, and its name in the selection pane."""
    properties = picture._inline.docPr
    properties.set("name", name)
    properties.set("descr", alt)


def _bookmark(paragraph: Any, number: int) -> str:
    """A place in the document that the list of contents leads to."""
    name = f"_Toc{number:08d}"
    start = parse_xml(f'<w:bookmarkStart {nsdecls("w")} w:id="{number}" w:name="{name}"/>')
    paragraph._p.insert(1 if paragraph._p.pPr is not None else 0, start)
    paragraph._p.append(parse_xml(f'<w:bookmarkEnd {nsdecls("w")} w:id="{number}"/>'))
    return name


def _contents(paragraphs: Sequence[Any], entries: Sequence[tuple[str, str]]) -> None:
    """A list of contents: links that work as they are, within a field that Word can make anew with page numbers."""

    def field(kind: str, words: str = "") -> Any:
        told = f'<w:instrText xml:space="preserve">{words}</w:instrText>' if words else ""
        char = "" if words else f'<w:fldChar w:fldCharType="{kind}"/>'
        return parse_xml(f"<w:r {nsdecls('w')}>{char}{told}</w:r>")

    for at, (paragraph, (place, words)) in enumerate(zip(paragraphs, entries, strict=True)):
        if at == 0:
            for part in (field("begin"), field("", ' TOC \\o "1-2" \\h \\z \\u '), field("separate")):
                paragraph._p.append(part)
        paragraph._p.append(
            parse_xml(
                f'<w:hyperlink {nsdecls("w")} w:anchor="{place}" w:history="1">'
                f"<w:r><w:t>{escape(words)}</w:t></w:r></w:hyperlink>"
            )
        )
        if at == len(entries) - 1:
            paragraph._p.append(field("end"))


def _table(shown: Table, lang: str, width: float) -> Any:
    """A table as wide as the text: heading row repeated on every page, rows never torn, numbers to the right.

    Written as XML at once: adding cells one by one takes minutes in a long report.
    """
    shown = shown.slim()
    size, spans = widths(shown, lang, width)
    edges = (("top", 8, "0B2C55"), ("bottom", 8, "0B2C55"), ("insideH", 4, "BFBFBF"))
    frame = "".join(
        f'<w:{side} w:val="single" w:sz="{thick}" w:space="0" w:color="{colour}"/>' for side, thick, colour in edges
    )
    numbers = [isinstance(cell, (Value, Interval)) for cell in shown.rows[0]]
    head = "".join(
        _cell(words, span, "TableHead", size, right=right, shade="E6EDF5", keep=True)
        for words, span, right in zip(shown.columns, spans, numbers, strict=True)
    )
    rows = []
    short = len(shown.rows) <= _UNBROKEN
    for at, row in enumerate(shown.rows, start=1):
        keep = short and at < len(shown.rows)
        cells = "".join(
            _cell(said(cell, lang), span, "TableText", size, right=isinstance(cell, (Value, Interval)), keep=keep)
            for cell, span in zip(row, spans, strict=True)
        )
        rows.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>")
    grid = "".join(f'<w:gridCol w:w="{span}"/>' for span in spans)
    return parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(spans)}" w:type="dxa"/><w:tblBorders>{frame}</w:tblBorders>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/>'
        '</w:tblCellMar><w:tblLook w:val="00A0" w:firstRow="1" w:lastRow="0" w:firstColumn="1" w:lastColumn="0" '
        f'w:noHBand="1" w:noVBand="1"/><w:tblCaption w:val="{escape(shown.caption, quote=True)}"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>"
        f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{head}</w:tr>{''.join(rows)}</w:tbl>"
    )


def _cell(
    words: str, span: int, look: str, size: float, *, right: bool = False, shade: str = "", keep: bool = False
) -> str:
    fill = f'<w:shd w:val="clear" w:color="auto" w:fill="{shade}"/>' if shade else ""
    side = '<w:jc w:val="right"/>' if right else ""
    together = "<w:keepNext/>" if keep else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{span}" w:type="dxa"/>{fill}</w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{look}"/>{together}{side}</w:pPr>'
        f'<w:r><w:rPr><w:sz w:val="{round(size * 2)}"/></w:rPr>'
        f'<w:t xml:space="preserve">{escape(words)}</w:t></w:r></w:p></w:tc>'
    )


_WHOLE_PLACE = "content"
_CHAPTERS = ("summary", "background", "description", "conclusions", "plan", "appendices")
_WORDS = ("title", "subtitle", "organisation", "date", "mark", "release")
_PLACE_MARK = "⟦{place}⟧"  # stands in the filled template where a chapter goes


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
    known = (_WHOLE_PLACE, *_CHAPTERS, *_WORDS)
    if unknown := sorted(places - set(known)):
        raise SourceError(f"{path} has unknown places: {', '.join(unknown)}; known are {', '.join(known)}")
    outside = sorted(place for place in places & {_WHOLE_PLACE, *_CHAPTERS} if _outside(path, place))
    if outside:
        raise SourceError(
            f"{path}: the place {{{{ {outside[0]} }}}} stands in a header, a footer or a text box, where no report can"
            " go: move it into the text or a table's cell"
        )
    lacking = [place for place in _CHAPTERS if place not in places]
    if _WHOLE_PLACE not in places and lacking:
        raise SourceError(
            f"{path} lacks the named place {{{{ {_WHOLE_PLACE} }}}}, or one for each chapter: it has no "
            f"{', '.join(f'{{{{ {place} }}}}' for place in lacking)}"
        )
    return places


def _outside(path: Path, place: str) -> bool:
    """Whether a place stands where no blocks can go."""
    made = docx.Document(str(path))
    sections = [part for one in made.sections for part in (one.header, one.footer, one.first_page_header,
                one.first_page_footer, one.even_page_header, one.even_page_footer)]  # fmt: skip
    mark = re.compile(rf"\{{\{{\s*{place}\s*\}}\}}")
    edges = [part._element for part in sections if not part.is_linked_to_previous]
    boxes = list(made.element.body.iter(qn("w:txbxContent")))
    return any(mark.search(_words(one)) for one in (*edges, *boxes))


def check_template(template: str | Path) -> list[str]:
    """What a template has and lacks, a line each; refused where no report could be made with it.

    Raises SourceError as :func:`check`, and for a place in a header, a footer or a text box.
    """
    places = check(template)
    own = docx.Document(str(template))
    names = (_WHOLE_PLACE, *_CHAPTERS)
    lines = [f"places: {', '.join(sorted(places))}"]
    lines += [
        f"{{{{ {place} }}}} stands in a table's cell" for place in names if place in places and _in_cell(own, place)
    ]
    lacking = _add_styles(own)
    lines.append(f"styles that it lacks, added from its plain one: {', '.join(lacking)}" if lacking else "all styles")
    return lines


def _in_cell(made: Any, place: str) -> bool:
    found = [one for one in made.element.body.iter(qn("w:p")) if place in _words(one) and "{{" in _words(one)]
    return any(next(one.iterancestors(qn("w:tc")), None) is not None for one in found)


def _words(paragraph: Any) -> str:
    return "".join(one.text or "" for one in paragraph.iter(qn("w:t")))


def fill(template: str | Path, document: Document, step: Step = lambda words: None) -> bytes:
    """The template with its places filled, as the bytes of a .docx file.

    Places are found in the text, in cells of tables and in content controls; styles by name whatever program saved
    them, and those that the template lacks are added. Raises SourceError where a place cannot be filled.
    """
    places = check(template)
    own = DocxTemplate(Path(template))
    chapters = {place: _PLACE_MARK.format(place=place) for place in (_WHOLE_PLACE, *_CHAPTERS)}
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
    _add_styles(made)
    for place in (_WHOLE_PLACE, *_CHAPTERS) if _WHOLE_PLACE in places else _CHAPTERS:
        chosen = [one for one in document.chapters if place in (_WHOLE_PLACE, one.place)]
        found = _marked(made, _PLACE_MARK.format(place=place))
        if place in places and not found:
            raise SourceError(
                f"{template}: the place {{{{ {place} }}}} stands where no report can go: move it into the text, a"
                " table's cell or a content control"
            )
        for paragraph in found:
            writer = _Writer(made, document, step, before=paragraph)
            for chapter in chosen:
                writer.section(chapter, 1)
            _close(paragraph._p)
    return _finished(made, document)


def _marked(made: Any, mark: str) -> list[Any]:
    """Paragraphs that hold a place and nothing else; words beside it are set before them."""
    found = []
    for element in list(made.element.body.iter(qn("w:p"))):
        if mark not in _words(element) or next(element.iterancestors(qn("w:txbxContent")), None) is not None:
            continue
        if any(mark in _words(inner) for inner in element.iter(qn("w:p")) if inner is not element):
            continue
        if _words(element).strip() != mark:
            beside = deepcopy(element)
            for run in beside.iter(qn("w:t")):
                run.text = (run.text or "").replace(mark, "")
            element.addprevious(beside)
        found.append(docx.text.paragraph.Paragraph(element, made._body))
    return found


def _close(element: Any) -> None:
    """Take a place's own paragraph away, unless its cell or control would end without one."""
    before, after = element.getprevious(), element.getnext()
    if after is None and (before is None or before.tag != qn("w:p")):
        for child in list(element):
            if child.tag != qn("w:pPr"):
                element.remove(child)
        return
    element.getparent().remove(element)
