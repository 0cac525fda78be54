"""A document as slides: one message a slide, charts that PowerPoint draws and a colleague can edit, with intervals."""

from collections.abc import Callable, Sequence
from io import BytesIO
from math import isfinite
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE
from pptx.enum.text import MSO_ANCHOR
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Inches, Pt

from hyteanalysis.figures import FigureBundle
from hyteanalysis.figures.kit import style
from hyteanalysis.i18n import LANGUAGES, date, text
from hyteanalysis.reports.charts import Chart
from hyteanalysis.reports.document import Block, Bullets, Document, Figure, Paragraph, Section, Table, said
from hyteanalysis.reports.office import settled, short, widths

_WIDE, _HIGH, _EDGE = 13.333, 7.5, 0.6  # inches
_TOP, _BOTTOM = 1.5, 6.75  # of what stands between title and foot
_ROWS, _MOST = 9, 2  # rows of a table on one slide, slides of one table
_SIZES = (20, 18, 16, 14, 12)
_BLUE, _INK, _QUIET = RGBColor(0x0B, 0x2C, 0x55), RGBColor(0x1A, 0x1A, 0x1A), RGBColor(0x59, 0x59, 0x59)  # type: ignore[no-untyped-call]
_WHITE = RGBColor(0xFF, 0xFF, 0xFF)  # type: ignore[no-untyped-call]
_TITLE_SLIDE, _TITLE_ONLY = 0, 5  # layouts of the plain template
Step = Callable[[str], None]


def render(document: Document, step: Step = lambda words: None) -> bytes:
    """The document as the bytes of a .pptx file; ``step`` is told each figure."""
    made = Presentation()
    _widen(made)
    writer = _Slides(made, document, step)
    if document.cover:
        writer.front()
    for _, section in document.sections():
        if section.blocks:
            writer.section(section)
    properties = made.core_properties
    properties.title, properties.subject = short(document.title), short(document.subtitle)
    properties.author = properties.last_modified_by = short(document.author or "hyteanalysis")
    properties.language, properties.keywords = LANGUAGES[document.lang].tag, short(document.release)
    out = BytesIO()
    made.save(out)
    return settled(out.getvalue(), document.date)


def _widen(made: Any) -> None:
    """The plain template is 4:3; its layouts are stretched to 16:9."""
    factor = Inches(_WIDE) / made.slide_width
    made.slide_width, made.slide_height = Inches(_WIDE), Inches(_HIGH)
    for sheet in (made.slide_master, *made.slide_layouts):
        for shape in sheet.placeholders:
            if shape.element.spPr.xfrm is not None:
                shape.left, shape.width = int(shape.left * factor), int(shape.width * factor)


class _Slides:
    def __init__(self, made: Any, document: Document, step: Step) -> None:
        self.made, self.document, self.step = made, document, step
        self.lang = document.lang

    def front(self) -> None:
        """Title, subtitle, day and the mark of practice data."""
        slide = self.made.slides.add_slide(self.made.slide_layouts[_TITLE_SLIDE])
        title, under = slide.shapes.title, slide.placeholders[1]
        self._write(title.text_frame, [(self.document.title, True)], 36, _BLUE)
        told = [self.document.subtitle, date(self.document.date, self.lang)]
        if self.document.mark:
            told.append(text("report.practice", self.lang, mark=self.document.mark))
        self._write(under.text_frame, [(line, False) for line in told if line], 20, _QUIET)

    def section(self, section: Section) -> None:
        """The slides of one section: its words beside its first figure, further figures and tables on their own."""
        words = [line for block in section.blocks for line in _lines(block)]
        shown: list[Block] = [block for block in section.blocks if isinstance(block, (Figure, Table))]
        first = next((block for block in shown if isinstance(block, Figure)), None)
        if first is not None:
            self._figure(section.title, first, words)
        elif words:
            self._words(section.title, words)
        for block in shown:
            if isinstance(block, Table):
                self._table(section.title, block)
            elif block is not first and isinstance(block, Figure):
                self._figure(section.title, block, [])

    def _slide(self, title: str, foot: str = "") -> Any:
        slide = self.made.slides.add_slide(self.made.slide_layouts[_TITLE_ONLY])
        head = slide.shapes.title
        head.left, head.top, head.width, head.height = (Inches(one) for one in (_EDGE, 0.35, _WIDE - 2 * _EDGE, 1.05))
        head.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        size = _size([(title, True)], _WIDE - 2 * _EDGE - 0.2, 0.95, (28, 24, 20, 18))
        self._write(head.text_frame, [(title, True)], size, _BLUE)
        told = " · ".join(filter(None, [self.document.mark, foot]))
        if told:
            self._box(slide, told, _EDGE, _BOTTOM + 0.1, _WIDE - 2 * _EDGE, 0.55, (10,), _QUIET)
        return slide

    def _words(self, title: str, words: list[tuple[str, bool]]) -> None:
        """Sentences alone, on as many slides as they need."""
        room = (_WIDE - 2 * _EDGE, _BOTTOM - _TOP)
        page: list[tuple[str, bool]] = []
        pages = [page]
        for line in words:
            if page and not _fits([*page, line], *room, _SIZES[-2]):
                page = []
                pages.append(page)
            page.append(line)
        for one in pages:
            self._box(self._slide(title), one, _EDGE, _TOP, *room, _SIZES, _INK)

    def _figure(self, title: str, block: Figure, words: list[tuple[str, bool]]) -> None:
        bundle = block.bundle
        self.step(bundle.title)
        chart = Chart.of(bundle)
        slide = self._slide(bundle.title, bundle.source)
        beside = words and _fits(words, 4.1, _BOTTOM - _TOP, _SIZES[-1])
        wide = 7.9 if beside else _WIDE - 2 * _EDGE
        told = f"{self.document.label(block)}. {bundle.subtitle}"
        self._box(slide, told, _EDGE, _BOTTOM - 0.55, wide, 0.6, (12, 11, 10), _QUIET)
        high = _BOTTOM - _TOP - 0.6
        if chart is not None:
            frame = _add_chart(slide, chart, _EDGE, _TOP, wide, high)
        else:
            frame = _picture(slide, bundle, wide, high)
        _name(frame, self.document.label(block), bundle.alt)
        slide.notes_slide.notes_text_frame.text = bundle.alt_file().strip()
        if beside:
            self._box(
                slide, words, _EDGE + wide + 0.3, _TOP, _WIDE - 2 * _EDGE - wide - 0.3, _BOTTOM - _TOP, _SIZES[1:], _INK
            )
        elif words:
            self._words(title, words)

    def _table(self, title: str, block: Table) -> None:
        """A native table, its headings repeated on every slide that it needs; a long one only begins here."""
        shown = block.slim()
        label = self.document.label(block)
        parts = [shown.rows[at : at + _ROWS] for at in range(0, len(shown.rows), _ROWS)]
        notes = list(block.notes)
        if len(parts) > _MOST:
            parts = parts[:_MOST]
            notes.insert(
                0, text("report.rows_left_out", self.lang, shown=str(_MOST * _ROWS), number=str(len(shown.rows)))
            )
        size = 12 if len(shown.columns) < 7 else 10
        wide = _WIDE - 2 * _EDGE
        _, spans = widths(shown, self.lang, wide * 2.54 * 9 / size)
        for rows in parts:
            slide = self._slide(title, " ".join(notes))
            self._box(slide, f"{label}. {block.caption}", _EDGE, _TOP - 0.1, wide, 0.4, (14, 12, 10), _QUIET)
            places = (_EDGE, _TOP + 0.35, wide, 0.38 * (len(rows) + 1))
            frame = slide.shapes.add_table(len(rows) + 1, len(shown.columns), *map(Inches, places))
            _name(frame, label, block.caption)
            frame.table.first_row = True
            for at, span in enumerate(spans):
                frame.table.columns[at].width = int(Inches(wide) * span / sum(spans))
            for down, row in enumerate([shown.columns, *rows]):
                for across, cell in enumerate(row):
                    place = frame.table.cell(down, across)
                    place.margin_top = place.margin_bottom = Inches(0.03)
                    colour = _WHITE if down == 0 else _INK
                    self._write(place.text_frame, [(said(cell, self.lang), down == 0)], size, colour)

    def _box(
        self,
        slide: Any,
        words: str | Sequence[tuple[str, bool]],
        x: float,
        y: float,
        wide: float,
        high: float,
        sizes: Sequence[int],
        colour: Any,
    ) -> None:
        lines = [(words, False)] if isinstance(words, str) else list(words)
        box = slide.shapes.add_textbox(*(Inches(one) for one in (x, y, wide, high)))
        box.text_frame.word_wrap = True
        self._write(box.text_frame, lines, _size(lines, wide - 0.2, high, sizes), colour)

    def _write(self, frame: Any, lines: Sequence[tuple[str, bool]], size: int, colour: Any) -> None:
        """Lines of one size, each in the document's language; those that stand out in bold."""
        for at, (words, bold) in enumerate(lines):
            paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
            paragraph.space_after = Pt(size * 0.4 if len(lines) > 1 else 0)
            run = paragraph.add_run()
            run.text = words
            run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, colour
            run._r.get_or_add_rPr().set("lang", LANGUAGES[self.lang].tag)


def _name(frame: Any, label: str, alt: str) -> None:
    """Name and text alternative of a chart, picture or table."""
    properties = frame._element.xpath(".//p:cNvPr")[0]
    properties.set("name", label)
    properties.set("descr", alt)


def _lines(block: Block) -> list[tuple[str, bool]]:
    if isinstance(block, Paragraph):
        return [(block.words, block.style == "lead")]
    if isinstance(block, Bullets):
        return [(f"• {item}", False) for item in block.items]
    return []


def _fits(lines: Sequence[tuple[str, bool]], wide: float, high: float, size: int) -> bool:
    rows = sum(len(style.wrap(words, wide * 72, size, "bold" if bold else "normal")) for words, bold in lines)
    return rows * size * 1.2 + len(lines) * size * 0.4 <= high * 72


def _size(lines: Sequence[tuple[str, bool]], wide: float, high: float, sizes: Sequence[int]) -> int:
    """The largest size at which the lines fit, else the smallest."""
    return next((size for size in sizes if _fits(lines, wide, high, size)), sizes[-1])


def _picture(slide: Any, bundle: FigureBundle, wide: float, high: float) -> Any:
    """The figure as it is, for forms that no native chart shows truly."""
    body = bundle.body
    width, height = (body.width, body.height) if body is not None else bundle.fig.get_size_inches()
    fit = min(wide / width, high / height)
    return slide.shapes.add_picture(
        BytesIO(bundle.png(200, titles=False)), Inches(_EDGE), Inches(_TOP), Inches(width * fit), Inches(height * fit)
    )


_MARKERS = (XL_MARKER_STYLE.CIRCLE, XL_MARKER_STYLE.SQUARE, XL_MARKER_STYLE.DIAMOND, XL_MARKER_STYLE.TRIANGLE)
_SMALL = 12  # points


def _add_chart(slide: Any, chart: Chart, x: float, y: float, wide: float, high: float) -> Any:
    """The chart as a frame on a slide, places in inches; its numbers stand in the workbook behind it."""
    data = CategoryChartData(number_format=chart.pattern)  # type: ignore[no-untyped-call]
    data.categories = chart.categories
    for one in chart.series:
        data.add_series(one.name or chart.axis, [value if isfinite(value) else None for value in one.values])  # type: ignore[no-untyped-call]
    kind = XL_CHART_TYPE.BAR_CLUSTERED if chart.kind == "bar" else XL_CHART_TYPE.LINE_MARKERS
    frame = slide.shapes.add_chart(kind, *(Inches(one) for one in (x, y, wide, high)), data)
    made = frame.chart
    made.font.size = Pt(_SMALL)
    made.has_title = False
    made.has_legend = len(chart.series) > 1
    if made.has_legend:
        made.legend.position, made.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    value, category = made.value_axis, made.category_axis
    value.tick_labels.number_format, value.tick_labels.number_format_is_linked = chart.pattern, False
    value.major_gridlines.format.line.color.rgb = RGBColor(0xDD, 0xDD, 0xDD)  # type: ignore[no-untyped-call]
    value.has_title = True
    value.axis_title.text_frame.text = chart.axis
    value.axis_title.text_frame.paragraphs[0].font.size = Pt(_SMALL)
    value.axis_title.text_frame.paragraphs[0].font.bold = False
    value.minimum_scale, value.maximum_scale = chart.span
    if chart.kind == "bar":
        category.reverse_order = True  # the first category on top, the axis of values still below
        value._element.find(qn("c:crosses")).set("val", "max")
        made.plots[0].gap_width, made.plots[0].overlap = 60, -5
    for at, (drawn, one) in enumerate(zip(made.plots[0].series, chart.series, strict=True)):
        fill = RGBColor.from_string(one.fill)  # type: ignore[no-untyped-call]
        if chart.kind == "bar":
            drawn.format.fill.solid()
            drawn.format.fill.fore_color.rgb = fill
            drawn.invert_if_negative = False
        else:
            drawn.smooth = False
            drawn.format.line.color.rgb, drawn.format.line.width = fill, Pt(2.25)
            drawn.marker.style, drawn.marker.size = _MARKERS[at % len(_MARKERS)], 8
            drawn.marker.format.fill.solid()
            drawn.marker.format.fill.fore_color.rgb = fill
        if one.bounded:
            _add_error_bars(drawn._element, one.below, one.above, chart.kind)
    return frame


def _add_error_bars(series: Any, below: Sequence[float], above: Sequence[float], kind: str) -> None:
    """Custom error bars, before the categories as the schema has it."""

    def points(lengths: Sequence[float]) -> str:
        told = "".join(f'<c:pt idx="{at}"><c:v>{length!r}</c:v></c:pt>' for at, length in enumerate(lengths))
        return f'<c:numLit><c:formatCode>General</c:formatCode><c:ptCount val="{len(lengths)}"/>{told}</c:numLit>'

    along = '<c:errDir val="y"/>' if kind == "line" else ""
    bars = parse_xml(
        f'<c:errBars {nsdecls("c", "a")}>{along}<c:errBarType val="both"/><c:errValType val="cust"/>'
        '<c:noEndCap val="0"/>'
        f"<c:plus>{points(above)}</c:plus><c:minus>{points(below)}</c:minus>"
        '<c:spPr><a:ln w="15875"><a:solidFill><a:srgbClr val="1A1A1A"/></a:solidFill></a:ln></c:spPr></c:errBars>'
    )
    series.xpath("./c:cat | ./c:val")[0].addprevious(bars)
