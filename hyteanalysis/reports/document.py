"""What a report says, as pure data: chapters of paragraphs, lists, tables, figures. Each file type renders the same."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from hyteanalysis import tables
from hyteanalysis.errors import HyteError, counted, one_of
from hyteanalysis.figures import FigureBundle
from hyteanalysis.i18n import LANGS, MINUS, NBSP, NO_NUMBER, text

STYLES = ("body", "lead", "note", "quote")


@dataclass(frozen=True)
class Value:
    """A number of a table, unrounded, with its format in a spreadsheet's notation (``#,##0.0``)."""

    value: float
    pattern: str

    def shown(self, lang: str) -> str:
        """The number as a reader sees it."""
        return tables.cell(self.value, self.pattern, lang)


@dataclass(frozen=True)
class Interval:
    """Two limits in one cell; a workbook writes them in two columns."""

    lower: float
    upper: float
    pattern: str

    def shown(self, lang: str) -> str:
        """The limits with an en dash."""
        low, high = (tables.cell(value, self.pattern, lang) for value in (self.lower, self.upper))
        if NO_NUMBER in (low, high):
            return NO_NUMBER
        between = f"{NBSP}–{NBSP}" if MINUS in low + high else "–"
        return f"{low}{between}{high}"


Cell: TypeAlias = str | Value | Interval


def said(cell: Cell, lang: str) -> str:
    """A cell as a reader sees it."""
    return cell if isinstance(cell, str) else cell.shown(lang)


@dataclass(frozen=True)
class Paragraph:
    """Sentences.

    Parameters
    ----------
    words : str
    style : {"body", "lead", "note", "quote"}
        ``lead`` says what matters most, ``note`` is a small remark, ``quote`` somebody's own words.
    lang : {"fi", "sv", "en"}, optional
        Where the words are in another language than the document.
    """

    words: str
    style: str = "body"
    lang: str | None = None

    def __post_init__(self) -> None:
        one_of(self.style, STYLES, "style of a paragraph")


@dataclass(frozen=True)
class Bullets:
    """A list of sentences; ``lang`` where they are in another language than the document."""

    items: tuple[str, ...]
    lang: str | None = None


@dataclass(frozen=True)
class Table:
    """A table with a caption and one row of headings.

    Parameters
    ----------
    caption : str
    columns : tuple of str
    rows : tuple of tuple of (str, Number or Interval)
        One cell a column.
    notes : tuple of str
        Lines under the table; its source among them.

    Raises
    ------
    HyteError
        Without caption, columns or rows, or where a row is longer or shorter than the headings.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.caption.strip() or not self.columns or not self.rows:
            raise HyteError(f"a table needs a caption, headings and rows; {self.caption!r} lacks one of them")
        if any(len(row) != len(self.columns) for row in self.rows):
            raise HyteError(f"every row of the table {self.caption!r} needs {counted(len(self.columns), 'cell')}")

    @classmethod
    def of(cls, bundle: FigureBundle) -> "Table":
        """The readable table of a figure, limits in one column; a hidden number is said by its state's word."""
        shown, lang, formats = bundle.readable, bundle.lang, bundle.number_format
        status, low, high = (text(f"table.{name}", lang) for name in ("status", "lower", "upper"))
        limits = low in shown and high in shown
        columns = [str(name) for name in shown.columns if not (limits and name == high)]
        rows = []
        for row in shown.to_dict("records"):
            word = str(row.get(status) or NO_NUMBER)
            cells: list[Cell] = []
            for name in columns:
                if limits and name == low:
                    both = Interval(float(row[low]), float(row[high]), formats.get(low, "#,##0.0"))
                    cells.append(both if np.isfinite([both.lower, both.upper]).all() else word)
                else:
                    cells.append(_cell(row[name], formats.get(name), word))
            rows.append(tuple(cells))
        headings = tuple(text("report.interval", lang) if limits and name == low else name for name in columns)
        caption = f"{bundle.title.rstrip('.')}. {bundle.subtitle}"
        return cls(caption, headings, tuple(rows), (bundle.source,))

    def slim(self) -> "Table":
        """Without the columns that say the same in every row, such as one period: the caption says it."""
        if len(self.rows) < 2:
            return self
        keep = [
            at
            for at in range(len(self.columns))
            if at == 0 or not isinstance(self.rows[0][at], str) or len({row[at] for row in self.rows}) > 1
        ]
        first = {row[0] for row in self.rows}
        if len(first) == 1 and len(keep) > 2 and isinstance(self.rows[0][keep[1]], str):
            keep = keep[1:]
        rows = tuple(tuple(row[at] for at in keep) for row in self.rows)
        return replace(self, columns=tuple(self.columns[at] for at in keep), rows=rows)


@dataclass(frozen=True, eq=False)
class Figure:
    """A figure with its caption (title and subtitle), text alternative, notes and source.

    Parameters
    ----------
    bundle : FigureBundle
    """

    bundle: FigureBundle


Block: TypeAlias = Paragraph | Bullets | Table | Figure


@dataclass(frozen=True)
class Section:
    """A chapter or a part of one; never empty.

    Raises
    ------
    HyteError
        Without a title, or with neither blocks nor sections: say what is missing instead.
    """

    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple["Section", ...] = ()
    place: str = ""  # name of the place in an organisation's own template

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise HyteError("a chapter needs a title")
        if not self.blocks and not self.sections:
            raise HyteError(f"the chapter {self.title!r} is empty: say in it what is missing")


@dataclass(frozen=True)
class Document:
    """A whole document.

    Parameters
    ----------
    title, subtitle : str
    lang : {"fi", "sv", "en"}
    chapters : tuple of Section
    author : str
        The organisation.
    date : str
        ISO day that the files carry; the same day gives the same bytes.
    release : str
        Id of the release that the numbers come from.
    mark : str
        Printed on practice data; empty for real data.
    cover : bool
        Whether title and subtitle stand in front (on slides: a slide of their own).
    contents : bool
        Whether a list of contents stands in front.
    pages : bool
        Whether every chapter starts a page.
    compact : bool
        Smaller letters, for a brief whose pages are counted.
    """

    title: str
    subtitle: str
    lang: str
    chapters: tuple[Section, ...]
    author: str = ""
    date: str = "2000-01-01"
    release: str = ""
    mark: str = ""
    cover: bool = True
    contents: bool = False
    pages: bool = False
    compact: bool = False
    _numbers: dict[int, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        one_of(self.lang, LANGS, "language")
        if not self.title.strip() or not self.chapters:
            raise HyteError("a document needs a title and at least one chapter")
        for kind in (Table, Figure):
            of_kind = [block for _, block in self.blocks() if isinstance(block, kind)]
            self._numbers.update({id(block): at for at, block in enumerate(of_kind, start=1)})

    def sections(self) -> Iterator[tuple[int, Section]]:
        """All sections in reading order, each with its level (1 = chapter)."""

        def walk(level: int, section: Section) -> Iterator[tuple[int, Section]]:
            yield level, section
            for inner in section.sections:
                yield from walk(level + 1, inner)

        for chapter in self.chapters:
            yield from walk(1, chapter)

    def blocks(self) -> Iterator[tuple[Section, Block]]:
        """All blocks in reading order, each with its section."""
        for _, section in self.sections():
            for block in section.blocks:
                yield section, block

    def figures(self) -> list[FigureBundle]:
        """All figures in reading order."""
        return [block.bundle for _, block in self.blocks() if isinstance(block, Figure)]

    def number(self, block: Table | Figure) -> int:
        """The running number of a table or figure, the same in every file type."""
        return self._numbers[id(block)]

    def label(self, block: Table | Figure) -> str:
        """``Kuvio 3``, ``Taulukko 1``."""
        kind = "report.figure" if isinstance(block, Figure) else "report.table"
        return text(kind, self.lang, number=str(self.number(block)))


def _cell(value: object, pattern: str | None, word: str) -> Cell:
    """One value of a readable table."""
    if pattern is None or isinstance(value, str):
        return "" if value is None or value != value else str(value)
    number = float(value)  # type: ignore[arg-type]
    return Value(number, pattern) if np.isfinite(number) else word
