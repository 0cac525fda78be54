"""Pieces that python-docx has no words for: captions with fields, tables with header rows, described drawings."""

from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Any

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from hyteanalysis.figures.kit import style
from hyteanalysis.i18n import LANGUAGES
from hyteanalysis.reports.document import Interval, Number, Table, said

LANGUAGE = {lang: language.tag for lang, language in LANGUAGES.items()}
TWIPS = 567  # in a centimetre
WHOLE = 10  # rows of a table that is kept on one page
MARGINS = 150  # twips left and right of a cell's words


def set_language(document: Any, lang: str) -> None:
    """The language in which the whole document is read aloud and spell-checked."""
    code = LANGUAGE[lang]
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


def speak(run: Any, lang: str) -> None:
    """Mark one run as another language."""
    run.font.element.get_or_add_rPr().append(parse_xml(f'<w:lang {nsdecls("w")} w:val="{LANGUAGE[lang]}"/>'))


def caption(paragraph: Any, label: str, words: str) -> None:
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


def describe(picture: Any, name: str, alt: str) -> None:
    """The text alternative of a drawing, and its name in the selection pane."""
    properties = picture._inline.docPr
    properties.set("name", name)
    properties.set("descr", alt)


def bookmark(paragraph: Any, number: int) -> str:
    """A place in the document that the list of contents leads to."""
    name = f"_Toc{number:08d}"
    start = parse_xml(f'<w:bookmarkStart {nsdecls("w")} w:id="{number}" w:name="{name}"/>')
    paragraph._p.insert(1 if paragraph._p.pPr is not None else 0, start)
    paragraph._p.append(parse_xml(f'<w:bookmarkEnd {nsdecls("w")} w:id="{number}"/>'))
    return name


def contents(paragraphs: Sequence[Any], entries: Sequence[tuple[str, str]]) -> None:
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


def table(shown: Table, lang: str, width: float) -> Any:
    """A table as wide as the text: heading row repeated on every page, rows never torn, numbers to the right.

    Written as XML at once: adding cells one by one takes minutes in a long report.
    """
    shown = shown.slim()
    size, spans = widths(shown, lang, width)
    edges = (("top", 8, "0B2C55"), ("bottom", 8, "0B2C55"), ("insideH", 4, "BFBFBF"))
    frame = "".join(
        f'<w:{side} w:val="single" w:sz="{thick}" w:space="0" w:color="{colour}"/>' for side, thick, colour in edges
    )
    numbers = [isinstance(cell, (Number, Interval)) for cell in shown.rows[0]]
    head = "".join(
        _cell(words, span, "TableHead", size, right=right, shade="E6EDF5", keep=True)
        for words, span, right in zip(shown.columns, spans, numbers, strict=True)
    )
    rows = []
    short = len(shown.rows) <= WHOLE
    for at, row in enumerate(shown.rows, start=1):
        keep = short and at < len(shown.rows)
        cells = "".join(
            _cell(said(cell, lang), span, "TableText", size, right=isinstance(cell, (Number, Interval)), keep=keep)
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


def widths(shown: Table, lang: str, width: float) -> tuple[float, list[int]]:
    """Size of the letters, and widths of the columns in twips: the longest word of each fits, the rest by its text."""
    columns = [[said(row[at], lang) for row in shown.rows] for at in range(len(shown.columns))]
    total = width * TWIPS
    for size in (9.0, 8.0, 7.0):
        least = [
            max(_wide(name, "bold", longest=True), *(_wide(cell, longest=True) for cell in column)) * size + MARGINS
            for name, column in zip(shown.columns, columns, strict=True)
        ]
        if sum(least) <= total:
            break
    else:
        return size, [round(one * total / sum(least)) for one in least]
    wanted = [
        max(min(max(map(_wide, column)) * size + MARGINS, 5200.0), low)
        for column, low in zip(columns, least, strict=True)
    ]
    spare, more = total - sum(least), sum(wanted) - sum(least)
    share = min(1.0, spare / more) if more else 0.0
    spans = [low + share * (want - low) for want, low in zip(wanted, least, strict=True)]
    rest = (total - sum(spans)) / len(spans)  # a narrow table is spread evenly over the width
    return size, [round(span + rest) for span in spans]


def _wide(words: str, weight: str = "normal", *, longest: bool = False) -> float:
    """Width of a line, or of its longest word, in twips for letters of one point."""
    if longest:
        return max(sum(_letter(one, weight) for one in word) for word in words.split(" "))
    return sum(_letter(one, weight) for one in words)


@cache
def _letter(one: str, weight: str) -> float:
    return style.text_width("t" if one.isspace() else one, 100, weight) / 100 * 20


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
