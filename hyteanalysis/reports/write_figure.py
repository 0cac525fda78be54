"""One figure of a panel as a Word, PowerPoint or Excel file: picture or native chart, table, caption, source."""

from datetime import date
from pathlib import Path

from hyteanalysis.errors import one_of
from hyteanalysis.figures import FigureBundle
from hyteanalysis.reports.document import Block, Document, Figure, Paragraph, Section, Table
from hyteanalysis.reports.saving import save, writable

SUFFIXES = (".docx", ".pptx", ".xlsx")


def write_figure(bundle: FigureBundle, path: str | Path) -> Path:
    """Write a figure with its caption, text alternative, table and source, for a document of one's own.

    Parameters
    ----------
    bundle : FigureBundle
        As any function of :mod:`hyteanalysis.figures` gives it.
    path : path
        ``.docx`` (picture), ``.pptx`` or ``.xlsx`` (native chart with intervals where the figure has a common form,
        else the picture; always the table).

    Returns
    -------
    Path

    Raises
    ------
    HyteError
        For another suffix.
    SourceError
        Where the path cannot be written; an older file there stays.

    Examples
    --------
    >>> import tempfile, hyteanalysis as hyte
    >>> from hyteanalysis import places
    >>> release = hyte.Release.open(places.committed("releases", "example"))
    >>> gap = hyte.figures.pyramid(release, indicator="example-smoking", dimension="sex", areas="HVA08", lang="en")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_figure(gap, f"{folder}/ages.docx").name
    'ages.docx'
    """
    path = Path(path)
    suffix = one_of(path.suffix.lower(), SUFFIXES, "suffix of a figure's Office file")
    save(writable(path), figure_file(bundle, suffix[1:]))
    return path


def figure_file(bundle: FigureBundle, kind: str) -> bytes:
    """The bytes of the file that :func:`write_figure` writes; ``kind`` is ``docx``, ``pptx`` or ``xlsx``."""
    one_of(kind, [suffix[1:] for suffix in SUFFIXES], "kind of a figure's Office file")
    document = figure_document(bundle, table=kind != "xlsx")  # a figure's sheet holds its table
    if kind == "docx":
        from hyteanalysis.reports.docx import render

        return render(document)
    if kind == "pptx":
        from hyteanalysis.reports.pptx import render as slides

        return slides(document)
    from hyteanalysis.reports.xlsx import render as sheets

    return sheets(document)


def figure_document(bundle: FigureBundle, *, table: bool = True) -> Document:
    """A figure alone as a document: the finding as title, the figure, its table, how to read it."""
    lang = bundle.lang
    reading = tuple(Paragraph(words) for words in bundle.long_text.split("\n\n") if words)
    blocks: tuple[Block, ...] = (Figure(bundle), *([Table.of(bundle)] if table else []), *reading)
    return Document(
        title=bundle.title,
        subtitle=bundle.subtitle,
        lang=lang,
        chapters=(Section(bundle.title, blocks),),
        cover=False,
        date=date.today().isoformat(),
        release=bundle.release,
    )
