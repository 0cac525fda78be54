"""A document's tables and figures as a workbook: true numbers with formats, charts that Excel draws with intervals."""

from collections.abc import Callable, Sequence
from datetime import datetime
from io import BytesIO
from math import isfinite
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range_abs

from hyteanalysis.figures import FigureBundle
from hyteanalysis.i18n import LANGUAGES, text
from hyteanalysis.reports.charts import Chart
from hyteanalysis.reports.document import Cell, Document, Figure, Interval, Table, Value, said
from hyteanalysis.reports.office import short

HEAD = 3  # rows above a table: title, subtitle, an empty one
LONGEST = 40  # characters of a column's width
Step = Callable[[str], None]


def render(document: Document, step: Step = lambda words: None) -> bytes:
    """The workbook's bytes: a list of contents, then one sheet a table and one a figure, numbered as in the report."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        day = datetime.fromisoformat(document.date[:10])
        book.set_properties(
            {
                "title": short(document.title),
                "subject": short(document.subtitle),
                "author": short(document.author or "hyteanalysis"),
                "keywords": short(document.release),
                "comments": LANGUAGES[document.lang].tag,
                "created": day,
            }
        )
        _Workbook(book, document, step).fill()
    return out.getvalue()


class _Workbook:
    def __init__(self, book: Any, document: Document, step: Step) -> None:
        self.book, self.document, self.step, self.lang = book, document, step, document.lang
        self.formats: dict[str, Any] = {}
        self.bold = book.add_format({"bold": True, "font_size": 14})
        self.head = book.add_format(
            {"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#E6EDF5", "valign": "top"}
        )
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})

    def fill(self) -> None:
        """Contents first, then the sheets in reading order."""
        contents = self.book.add_worksheet(text("report.contents", self.lang)[:31])
        listed = [block for _, block in self.document.blocks() if isinstance(block, (Table, Figure))]
        for block in listed:
            if isinstance(block, Table):
                self._table(self.book.add_worksheet(self.document.label(block)), block)
            else:
                self.step(block.bundle.title)
                self._figure(self.book.add_worksheet(self.document.label(block)), block.bundle)
        self._contents(contents, listed)

    def _contents(self, sheet: Any, listed: Sequence[Table | Figure]) -> None:
        """What the workbook is, what each sheet holds, and the words of a document that has no table."""
        document = self.document
        sheet.set_column(0, 0, 16)
        sheet.set_column(1, 1, 110, self.wrap)
        sheet.write_string(0, 0, document.title, self.bold)
        row = 1
        told = [document.subtitle, text("report.practice", self.lang, mark=document.mark) if document.mark else ""]
        if document.release:
            told.append(text("report.release_id", self.lang, release=document.release))
        for words in filter(None, told):
            sheet.write_string(row, 0, words)
            row += 1
        row += 1
        for at, heading in enumerate((text("report.sheet", self.lang), text("report.holds", self.lang))):
            sheet.write_string(row, at, heading, self.head)
        for block in listed:
            row += 1
            label = document.label(block)
            sheet.write_url(row, 0, f"internal:'{label}'!A1", string=label)
            sheet.write_string(row, 1, block.caption if isinstance(block, Table) else block.bundle.title, self.wrap)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)

    def _table(self, sheet: Any, block: Table) -> None:
        sheet.write_string(0, 0, f"{self.document.label(block)}. {block.caption}", self.bold)
        self._rows(sheet, block)
        for at, words in enumerate(block.notes, start=HEAD + len(block.rows) + 2):
            sheet.write_string(at, 0, words)

    def _rows(self, sheet: Any, block: Table) -> int:
        """Headings and cells from the left edge, limits in two columns; how many columns there are."""
        columns = self._columns(block)
        for across, (heading, cells) in enumerate(columns):
            sheet.write_string(HEAD, across, heading, self.head)
            longest = max(len(said(cell, self.lang)) for cell in cells)
            sheet.set_column(across, across, min(max(longest + 2, 16), LONGEST))
            for down, cell in enumerate(cells, start=HEAD + 1):
                if isinstance(cell, Value) and isfinite(cell.value):
                    sheet.write_number(down, across, cell.value, self._format(cell.pattern))
                else:
                    sheet.write_string(down, across, said(cell, self.lang), self.wrap)
        sheet.set_row(HEAD, 15 * max(1 + len(heading) // 16 for heading, _ in columns))
        sheet.freeze_panes(HEAD + 1, 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEAD)
        return len(columns)

    def _columns(self, block: Table) -> list[tuple[str, list[Cell]]]:
        found: list[tuple[str, list[Cell]]] = []
        for at, heading in enumerate(block.columns):
            cells: list[Cell] = [row[at] for row in block.rows]
            if not any(isinstance(cell, Interval) for cell in cells):
                found.append((heading, cells))
                continue
            for name in ("lower", "upper"):
                ends: list[Cell] = [
                    Value(getattr(one, name), one.pattern) if isinstance(one, Interval) else one for one in cells
                ]
                found.append((text(f"table.{name}", self.lang), ends))
        return found

    def _figure(self, sheet: Any, bundle: FigureBundle) -> None:
        """The figure's table, what must be said of it, and the chart; a picture where no native chart shows it."""
        shown = Table.of(bundle)
        sheet.write_string(0, 0, bundle.title, self.bold)
        sheet.write_string(1, 0, bundle.subtitle)
        wide = self._rows(sheet, shown)
        below = HEAD + len(shown.rows) + 2
        for words in (*bundle.notes, bundle.source, bundle.alt):
            sheet.write_string(below, 0, words)
            below += 1
        chart, beside = Chart.of(bundle), wide + 1
        if chart is None:
            picture = {"image_data": BytesIO(bundle.png(110, titles=False)), "description": bundle.alt}
            sheet.insert_image(HEAD, beside, "figure.png", picture)
            return
        data = beside + 12  # the numbers of the chart, one row a category
        self._data(sheet, chart, data)
        made = self._chart(sheet.get_name(), chart, data)
        sheet.insert_chart(HEAD, beside, made, {"description": bundle.alt, "object_position": 2})
        sheet.print_area(0, 0, max(below, HEAD + 18), beside + 10)

    def _data(self, sheet: Any, chart: Chart, left: int) -> None:
        """What the chart is drawn from: categories, then value and lengths of the error bars of each series."""
        look = self._format(chart.pattern)
        for at, one in enumerate(chart.series):
            name = one.name or chart.axis
            heads = (name, text("report.below", self.lang, name=name), text("report.above", self.lang, name=name))
            for column, (heading, values) in enumerate(zip(heads, (one.values, one.below, one.above), strict=True)):
                sheet.write_string(HEAD, left + 1 + 3 * at + column, heading, self.head)
                for row, value in enumerate(values, start=HEAD + 1):
                    if isfinite(value):
                        sheet.write_number(row, left + 1 + 3 * at + column, value, look)
        sheet.write_string(HEAD, left, text("report.chart_data", self.lang), self.head)
        for row, category in enumerate(chart.categories, start=HEAD + 1):
            sheet.write_string(row, left, category)

    def _chart(self, name: str, chart: Chart, left: int) -> Any:
        last = HEAD + len(chart.categories)

        def cells(column: int) -> str:
            return f"='{name}'!{xl_range_abs(HEAD + 1, column, last, column)}"

        made = self.book.add_chart({"type": chart.kind})
        for at, one in enumerate(chart.series):
            column, colour = left + 1 + 3 * at, f"#{one.fill}"
            told: dict[str, Any] = {
                "name": [name, HEAD, column],
                "categories": cells(left),
                "values": cells(column),
                **_look(chart.kind, at, colour),
            }
            if one.bounded:
                told["x_error_bars" if chart.kind == "bar" else "y_error_bars"] = {
                    "type": "custom",
                    "plus_values": cells(column + 2),
                    "minus_values": cells(column + 1),
                    "line": {"color": "#1A1A1A", "width": 1.25},
                }
            made.add_series(told)
        low, high = chart.span
        value = {
            "name": chart.axis,
            "num_format": chart.pattern,
            "min": low,
            "max": high,
            "major_gridlines": {"visible": True, "line": {"color": "#DDDDDD"}},
        }
        if chart.kind == "bar":
            made.set_y_axis({"reverse": True, "crossing": "max"})  # the first category on top, the values below
            made.set_x_axis(value)
        else:
            made.set_y_axis(value)
        made.set_title({"none": True})
        made.set_legend({"position": "top"} if len(chart.series) > 1 else {"none": True})
        made.set_size(
            {
                "width": 640,
                "height": max(320, 90 + 26 * len(chart.categories) * (len(chart.series) if chart.kind == "bar" else 1)),
            }
        )
        return made

    def _format(self, pattern: str) -> Any:
        if pattern not in self.formats:
            self.formats[pattern] = self.book.add_format({"num_format": pattern, "valign": "top"})
        return self.formats[pattern]


def _look(kind: str, at: int, colour: str) -> dict[str, Any]:
    """A series told apart by colour and, on lines, by shape."""
    if kind == "bar":
        return {"fill": {"color": colour}, "gap": 60}
    shape = ("circle", "square", "diamond", "triangle")[at % 4]
    filled = {"color": colour}
    return {
        "line": {"color": colour, "width": 2.25},
        "marker": {"type": shape, "size": 7, "fill": filled, "border": filled},
    }
