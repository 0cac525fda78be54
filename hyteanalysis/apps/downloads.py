"""Files made of a panel when the viewer asks: document, slide, workbook, picture, table."""

import re
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hyteanalysis.apps import markup
from hyteanalysis.i18n import formats, text

if TYPE_CHECKING:
    from hyteanalysis.figures.kit.bundle import FigureBundle

OFFICE = "application/vnd.openxmlformats-officedocument"


def document(bundle: "FigureBundle", suffix: str) -> bytes:
    """The figure with its words, table and source as ``docx``, ``pptx`` or ``xlsx``."""
    from hyteanalysis.reports import write_figure

    with tempfile.TemporaryDirectory() as folder:
        return write_figure(bundle, Path(folder) / f"figure.{suffix}").read_bytes()


KINDS: "dict[str, tuple[str, Callable[[FigureBundle], bytes]]]" = {
    "docx": (f"{OFFICE}.wordprocessingml.document", partial(document, suffix="docx")),
    "pptx": (f"{OFFICE}.presentationml.presentation", partial(document, suffix="pptx")),
    "xlsx": (f"{OFFICE}.spreadsheetml.sheet", partial(document, suffix="xlsx")),
    "png": ("image/png", lambda bundle: bundle.png()),
    "svg": ("image/svg+xml", lambda bundle: bundle.svg()),
    "pdf": ("application/pdf", lambda bundle: bundle.pdf()),
    "csv": ("text/csv", lambda bundle: bundle.csv()),
}


def options(lang: str) -> list[tuple[str, str]]:
    """The kinds of file to choose from, named."""
    return [(text(f"app.file.{kind}", lang), kind) for kind in KINDS]


def link(bundle: "FigureBundle", kind: str, stem: str) -> str:
    """The file, made, as a link."""
    mime, make = KINDS[kind]
    content = make(bundle)
    name = f"{re.sub(r'[^A-Za-z0-9]+', '-', stem).strip('-').lower()}.{kind}"
    size = formats.integer(max(1, len(content) / 1000), bundle.lang)
    return markup.file_link(name, content, mime, text("app.file.ready", bundle.lang, name=name, size=size))
