"""One figure with everything that must go with it: table, text alternative, source; screen and files come from it."""

import base64
import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from hyteanalysis import tables
from hyteanalysis.characters import inert
from hyteanalysis.errors import HyteError, one_of
from hyteanalysis.figures.kit import style, words
from hyteanalysis.figures.kit.sheet import FURNITURE
from hyteanalysis.i18n import text
from hyteanalysis.writing import Content, put

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release

ALT_LIMIT = 250
SUFFIXES = (".svg", ".png", ".pdf", ".csv")
DPI = 300


@dataclass(frozen=True, eq=False)
class FigureBundle:
    """A figure, its table and its words.

    Parameters
    ----------
    fig : matplotlib Figure
    table : DataFrame
        The release's own rows, or measures of them, unrounded.
    title, subtitle : str
        The finding; the statistic.
    alt : str
        Text alternative, at most 250 characters.
    long_text : str
        What the figure shows, how to read it, what it does not tell; paragraphs parted by an empty line.
    source : str
    notes, states : tuple of str
        Sentences for the reader; codes of the states shown (``suppressed, missing, uncertain, reversed, …``).
    number_format : mapping
        Number format of the readable table's columns, by heading, in a spreadsheet's notation.
    lang : {"fi", "sv", "en"}
    release : str
        Id of the release.
    plotted : tuple of float
        Every number drawn; each must stand in ``table``.
    readable : DataFrame
        The table with headings and labels in the language.
    body : Bbox, optional
        The figure without title, subtitle and source, in inches.

    Raises
    ------
    HyteError
        Without text alternative or source, with an alternative over 250 characters, or where the table lacks a plotted
        number.
    """

    fig: Figure
    table: pd.DataFrame
    title: str
    subtitle: str
    alt: str
    long_text: str
    source: str
    notes: tuple[str, ...]
    states: tuple[str, ...]
    number_format: Mapping[str, str]
    lang: str
    release: str
    plotted: tuple[float, ...] = field(repr=False)
    readable: pd.DataFrame = field(repr=False)
    body: Bbox | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise HyteError("a figure needs a text alternative (alt)")
        if len(self.alt) > ALT_LIMIT:
            raise HyteError(f"alt may have at most {ALT_LIMIT} characters; it has {len(self.alt)}: {self.alt[:60]}…")
        if not self.source.strip():
            raise HyteError("a figure needs a source")
        if lacking := _lacking(self.plotted, self.table):
            shown = ", ".join(f"{value:.6g}" for value in lacking[:5])
            raise HyteError(f"the table lacks {len(lacking)} plotted number(s): {shown}")

    def svg(self, *, titles: bool = True) -> bytes:
        """The figure as SVG; without ``titles`` for a page that shows title, subtitle and source as text."""
        drawn = self._drawn("svg", titles=titles, metadata={"Date": None, "Creator": "hyteanalysis"}).decode()
        head, _, rest = drawn.partition("<svg ")
        attributes, _, content = rest.partition(">")
        told = f"<title>{html.escape(self.title)}</title><desc>{html.escape(self.alt)}</desc>"
        return f'{head}<svg role="img" xml:lang="{self.lang}" {attributes}>{told}{content}'.encode()

    def png(self, dpi: int = DPI, *, titles: bool = True) -> bytes:
        """The figure as PNG."""
        told = {"Title": self.title, "Description": self.alt, "Software": "hyteanalysis"}
        return self._drawn("png", titles=titles, dpi=dpi, metadata=told)

    def pdf(self, *, titles: bool = True) -> bytes:
        """The figure as PDF with its fonts embedded."""
        told = {"Title": self.title, "Subject": self.alt, "Creator": "hyteanalysis", "CreationDate": None}
        return self._drawn("pdf", titles=titles, metadata=told)

    def csv(self) -> bytes:
        """The readable table: semicolons, decimal comma, UTF-8 with BOM."""
        return _csv(self.readable, self.lang)

    def html_table(self, lang: str | None = None) -> str:
        """A real table with caption and headers; numbers formatted, hidden ones said in words."""
        one_of(lang or self.lang, [self.lang], "language of this figure's table")
        return tables.html_table(self.readable, self.number_format, self.lang, caption=f"{self.title}. {self.subtitle}")

    def alt_file(self) -> str:
        """All words that go with a saved picture, the text alternative first."""
        parts = [self.alt, self.title, self.subtitle, self.long_text, *self.notes, self.source]
        return "\n\n".join(part for part in parts if part) + "\n"

    def save(self, path: str | Path) -> list[Path]:
        """Write svg, png (300 dpi), pdf or csv, by suffix; a picture brings its words and its table along.

        Beside ``gap.svg`` stand ``gap.alt.txt`` and ``gap.csv``. All files are written, or none.

        Returns
        -------
        list of Path
            The files written, the one asked for first.

        Raises
        ------
        HyteError
            For another suffix, or a folder that is not there.
        """
        path = Path(path)
        suffix = one_of(path.suffix.lower(), SUFFIXES, "suffix of a figure's file")
        if not path.parent.is_dir():
            raise HyteError(f"there is no folder {path.parent} to write {path.name} to")
        content: dict[Path, Content] = {path: getattr(self, suffix[1:])()}
        if suffix != ".csv":
            content[path.with_suffix(".alt.txt")] = self.alt_file().encode()
            content[path.with_suffix(".csv")] = self.csv()
        return put(content)

    def _drawn(self, kind: str, *, titles: bool, **options: Any) -> bytes:
        with style.context(), self._cropped(titles) as box:
            out = BytesIO()
            self.fig.savefig(out, format=kind, bbox_inches=box, **options)
        return out.getvalue()

    @contextmanager
    def _cropped(self, titles: bool) -> Iterator[Bbox | None]:
        """The area to draw; words around the body are hidden while it is drawn alone."""
        if titles or self.body is None:
            yield None
            return
        around = [line for line in self.fig.texts if line.get_gid() == FURNITURE]
        try:
            for line in around:
                line.set_visible(False)
            yield self.body
        finally:
            for line in around:
                line.set_visible(True)

    def _repr_html_(self) -> str:
        image = base64.b64encode(self.png(150, titles=False)).decode()
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        return (
            f'<figure lang="{self.lang}"><h3>{html.escape(self.title)}</h3><p>{html.escape(self.subtitle)}</p>'
            f'<img style="max-width:100%" alt="{html.escape(self.alt)}" src="data:image/png;base64,{image}">'
            f"<figcaption>{html.escape(self.source)}</figcaption>{notes}"
            f"<details><summary>{html.escape(text('figure.table', self.lang))}</summary>{self.html_table()}</details>"
            "</figure>"
        )


class Drawn(Protocol):
    """A sheet with everything on it."""

    fig: Figure
    body: Bbox


@dataclass(frozen=True)
class Caption:
    """What stands around a figure, settled before it is drawn; with what was drawn it becomes the bundle.

    Attributes
    ----------
    kind : str
        Kind of figure, whose long text is told.
    title, subtitle, source, mark : str
        The finding; the statistic; whose numbers; what stands on practice data, empty for real data.
    lang : {"fi", "sv", "en"}
    release : str
        Id of the release; empty where a researcher's own result is drawn.
    limits : {"limits", "estimate"}
        What the figure does not tell: of a release's numbers, of an estimate of an action.
    """

    kind: str
    title: str
    subtitle: str
    source: str
    lang: str
    release: str = ""
    mark: str = ""
    limits: str = "limits"

    @classmethod
    def of(
        cls, kind: str, release: "Release", indicator: str | Sequence[str] | None, *, title: str,
        subtitle: Sequence[str], lang: str, limits: str = "limits",
    ) -> "Caption":  # fmt: skip
        """Of a release's numbers; ``subtitle`` in parts, ``indicator`` None where all are shown."""
        asked = [indicator] if indicator is None or isinstance(indicator, str) else indicator
        sources = dict.fromkeys(words.source(release, one, lang) for one in asked)
        said, mark = words.subtitle(subtitle), words.mark(release, lang)
        return cls(kind, title, said, " ".join(sources), lang, release.id, mark, limits)

    @property
    def around(self) -> dict[str, str]:
        """What the sheet bears around the drawing."""
        return {"title": self.title, "subtitle": self.subtitle, "source": self.source, "mark": self.mark}

    def bundle(
        self,
        sheet: Drawn,
        table: pd.DataFrame,
        readable: pd.DataFrame,
        number_format: Mapping[str, str],
        *,
        alternative: words.Alternative,
        plotted: Iterable[float],
        notes: Iterable[str] = (),
        states: Iterable[str] = (),
    ) -> FigureBundle:
        """The figure with its table and words.

        Parameters
        ----------
        sheet : Drawn
        table, readable, number_format, plotted, notes, states
            As :class:`FigureBundle` has them.
        alternative : callable
            As :func:`hyteanalysis.figures.kit.words.Alternative` says.
        """
        return FigureBundle(
            fig=sheet.fig,
            table=table,
            title=self.title,
            subtitle=self.subtitle,
            alt=_alt(alternative, self.lang),
            long_text=_long_text(self.kind, self.lang, self.limits),
            source=self.source,
            notes=tuple(notes),
            states=tuple(states),
            number_format=number_format,
            lang=self.lang,
            release=self.release,
            plotted=tuple(float(value) for value in plotted),
            readable=readable,
            body=sheet.body,
        )


def _lacking(plotted: tuple[float, ...], table: pd.DataFrame) -> list[float]:
    """Plotted numbers that stand nowhere in the table."""
    drawn = np.array([value for value in plotted if value is not None and np.isfinite(value)], dtype=float)
    numbers = table.select_dtypes("number").to_numpy(dtype=float, na_value=np.nan).ravel()
    there = np.sort(numbers[np.isfinite(numbers)])
    if not len(drawn):
        return []
    if not len(there):
        return [float(value) for value in drawn]
    at = np.clip(np.searchsorted(there, drawn), 0, len(there) - 1)
    near = np.minimum(np.abs(there[at] - drawn), np.abs(there[np.maximum(at - 1, 0)] - drawn))
    return [float(value) for value in drawn[near > 1e-9 * np.maximum(np.abs(drawn), 1)]]


def _alt(write: words.Alternative, lang: str) -> str:
    """A text alternative within its limit.

    Parameters
    ----------
    write : callable
        Given a function that shortens one name, gives the text without its last sentence.

    Names are shortened, longest room first, until the whole fits; numbers are never cut.
    """
    end = " " + text("figure.alt.end", lang)
    for room in (200, 120, 80, 60, 45, 35, 28, 22, 16, 10, 6):

        def short(name: str, room: int = room) -> str:
            return name if len(name) <= room else name[: room - 1].rstrip() + "…"

        said = " ".join(write(short).split(" ")) + end
        if len(said) <= ALT_LIMIT:
            return said
    return said[: ALT_LIMIT - len(end) - 1].rsplit(" ", 1)[0] + "…" + end


def _long_text(kind: str, lang: str, limits: str) -> str:
    """What the figure shows, how to read it, what it does not tell."""
    return "\n\n".join(
        [
            text(f"figure.long.{kind}.shows", lang),
            text(f"figure.long.{kind}.read", lang),
            text(f"figure.long.{limits}", lang),
        ]
    )


def _csv(shown: pd.DataFrame, lang: str) -> bytes:
    """A table for a spreadsheet: semicolons, decimal comma, unrounded numbers, UTF-8 with BOM."""
    status = text("table.status", lang)
    written = shown.copy()
    for column in shown.columns:
        if shown[column].dtype.kind == "f":
            text_values = shown[column].map(_plain)
            if status in shown:
                text_values = text_values.where(shown[column].notna(), shown[status])
            written[column] = text_values
    lines: str = inert(written).to_csv(index=False, sep=";", lineterminator="\r\n")
    return lines.encode("utf-8-sig")


def _plain(value: float) -> str:
    """All digits of a number, decimal comma."""
    return "" if not np.isfinite(value) else f"{value:.15g}".replace(".", ",")
