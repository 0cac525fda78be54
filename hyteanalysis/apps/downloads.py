"""Files made of a panel when the viewer asks: picture, table, workbook."""

import re
from collections.abc import Callable
from io import BytesIO

import numpy as np
import xlsxwriter

from hyteanalysis.apps import markup
from hyteanalysis.figures.bundle import FigureBundle
from hyteanalysis.i18n import formats, text

KINDS: dict[str, tuple[str, Callable[[FigureBundle], bytes]]] = {
    "png": ("image/png", lambda bundle: bundle.png()),
    "svg": ("image/svg+xml", lambda bundle: bundle.svg()),
    "pdf": ("application/pdf", lambda bundle: bundle.pdf()),
    "csv": ("text/csv", lambda bundle: bundle.csv()),
    "xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        lambda bundle: workbook(bundle),
    ),
}


def options(lang: str) -> list[tuple[str, str]]:
    """The kinds of file to choose from, named."""
    return [(text(f"app.file.{kind}", lang), kind) for kind in KINDS]


def link(bundle: FigureBundle, kind: str, stem: str) -> str:
    """The file, made, as a link."""
    mime, make = KINDS[kind]
    content = make(bundle)
    name = f"{re.sub(r'[^A-Za-z0-9]+', '-', stem).strip('-').lower()}.{kind}"
    size = formats.integer(max(1, len(content) / 1000), bundle.lang)
    return markup.file_link(name, content, mime, text("app.file.ready", bundle.lang, name=name, size=size))


def workbook(bundle: FigureBundle) -> bytes:
    """The readable table as true numbers with a format, under its title and over its source."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet(text("app.panel.table", bundle.lang)[:31])
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "bold": True})
        sheet.write_string(0, 0, bundle.title, bold)
        sheet.write_string(1, 0, bundle.subtitle)
        table = bundle.readable
        for place, heading in enumerate(table.columns):
            look = book.add_format({"num_format": bundle.number_format.get(heading, "General")})
            sheet.write_string(3, place, str(heading), wrapped)
            sheet.set_column(place, place, 30 if heading not in bundle.number_format else 14)
            for row, value in enumerate(table[heading], start=4):
                if isinstance(value, str):
                    sheet.write_string(row, place, value)
                elif value is not None and np.isfinite(value):
                    sheet.write_number(row, place, float(value), look)
        last = 5 + len(table)
        for row, words in enumerate([*bundle.notes, bundle.source, bundle.alt], start=last):
            sheet.write_string(row, 0, words)
        sheet.freeze_panes(4, 1)
    return out.getvalue()
