"""A document as one HTML file: no outside requests, landmarks, a list of contents, real tables, described figures."""

import base64
from collections.abc import Callable
from html import escape

from hyteanalysis.figures import FigureBundle
from hyteanalysis.html import Numeric, table
from hyteanalysis.i18n import date, text
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

Step = Callable[[str], None]

STYLE = """
:root { color-scheme: light; }
body { font: 1rem/1.55 "DejaVu Sans", Verdana, sans-serif; color: #1a1a1a; background: #fff; margin: 0; }
header, nav, main, footer { max-width: 52rem; margin: 0 auto; padding: 0 1rem; }
a { color: #0b4a8f; }
a:focus-visible, summary:focus-visible, div[tabindex]:focus-visible { outline: 3px solid #b34700; }
.skip { position: absolute; left: -99rem; } .skip:focus { position: static; }
h1, h2, h3, h4 { color: #0b2c55; line-height: 1.25; margin: 2rem 0 .6rem; }
.subtitle, .note, figcaption, caption { color: #4a4a4a; } .note { font-size: .9rem; }
.lead { font-weight: 600; } .mark { color: #b34700; font-weight: 700; }
blockquote { margin: .8rem 0; padding-left: 1rem; border-left: .3rem solid #0b2c55; }
figure { margin: 1.5rem 0; } figure img { max-width: 100%; height: auto; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .9rem; } caption { text-align: left; padding: .3rem 0; }
th, td { border-bottom: 1px solid #bfbfbf; padding: .3rem .6rem; text-align: left; vertical-align: top; }
thead th { background: #e6edf5; border-bottom: 2px solid #0b2c55; }
td.number { text-align: right; white-space: nowrap; }
@media print { nav { display: none; } figure, tr { break-inside: avoid; } details > * { display: block; } }
"""


def render(document: Document, step: Step = lambda words: None) -> bytes:
    """The page's bytes; ``step`` is told each figure drawn."""
    writer = _Markup(document, step)
    body = "".join(writer.section(section, 1) for section in document.chapters)
    lang, mark = document.lang, document.mark
    told = f'<p class="mark">{escape(text("report.practice", lang, mark=mark))}</p>' if mark else ""
    contents = ""
    if document.contents:
        listed = [(level, section.title) for level, section in document.sections()]
        items = "".join(
            f'<li style="margin-left:{level - 1}em"><a href="#s{at}">{escape(title)}</a></li>'
            for at, (level, title) in enumerate(listed, start=1)
            if level <= 2
        )
        heading = escape(text("report.contents", lang))
        contents = (
            f'<nav aria-label="{heading}"><h2>{heading}</h2><ul style="list-style:none;padding:0">{items}</ul></nav>'
        )
    foot = [document.author, date(document.date, lang)]
    if document.release:
        foot.append(text("report.release_id", lang, release=document.release))
    page = (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(document.title)}</title><style>{STYLE}</style></head><body>"
        f'<a class="skip" href="#main">{escape(text("report.skip", lang))}</a>'
        f'<header><h1>{escape(document.title)}</h1><p class="subtitle">{escape(document.subtitle)}</p>{told}</header>'
        f'{contents}<main id="main">{body}</main>'
        f'<footer><p class="note">{escape(" · ".join(filter(None, foot)))}</p></footer>'
        "</body></html>\n"
    )
    return page.encode()


class _Markup:
    def __init__(self, document: Document, step: Step) -> None:
        self.document, self.step, self.lang = document, step, document.lang
        self._places = 0

    def section(self, section: Section, level: int) -> str:
        """A section under a heading one level below its parent's."""
        self._places += 1
        place, tag = f"s{self._places}", f"h{min(level + 1, 6)}"
        inner = "".join(self.block(block) for block in section.blocks)
        inner += "".join(self.section(one, level + 1) for one in section.sections)
        return (
            f'<section aria-labelledby="{place}"><{tag} id="{place}">{escape(section.title)}</{tag}>{inner}</section>'
        )

    def block(self, block: Block) -> str:
        """One paragraph, list, table or figure."""
        if isinstance(block, Paragraph):
            tag = "blockquote" if block.style == "quote" else "p"
            look = f' class="{block.style}"' if block.style in ("lead", "note") else ""
            return f"<{tag}{look}{self._spoken(block.lang)}>{escape(block.words)}</{tag}>"
        if isinstance(block, Bullets):
            items = "".join(f"<li>{escape(item)}</li>" for item in block.items)
            return f"<ul{self._spoken(block.lang)}>{items}</ul>"
        if isinstance(block, Table):
            notes = "".join(f'<p class="note">{escape(words)}</p>' for words in block.notes)
            return self._table(block, f"{self.document.label(block)}. {block.caption}") + notes
        return self._figure(block)

    def _spoken(self, lang: str | None) -> str:
        return f' lang="{lang}"' if lang and lang != self.lang else ""

    def _figure(self, block: Figure) -> str:
        bundle, label = block.bundle, self.document.label(block)
        self.step(bundle.title)
        table = self._table(Table.of(bundle), f"{label}. {bundle.title}")
        notes = "".join(f'<p class="note">{escape(words)}</p>' for words in (*bundle.notes, bundle.source))
        return (
            f'<figure><img alt="{escape(bundle.alt)}" {_picture(bundle)}>'
            f"<figcaption><strong>{escape(label)}.</strong> {escape(bundle.title.rstrip('.'))}. "
            f"{escape(bundle.subtitle)}</figcaption></figure>{notes}"
            f"<details><summary>{escape(text('report.table_of', self.lang, figure=label))}</summary>{table}</details>"
        )

    def _table(self, shown: Table, caption: str) -> str:
        """A real table: caption, column and row headers; it scrolls by itself where the screen is narrow."""
        shown = shown.slim()
        rows = [
            [
                Numeric(said(cell, self.lang)) if isinstance(cell, (Value, Interval)) else said(cell, self.lang)
                for cell in row
            ]
            for row in shown.rows
        ]
        made = table(caption, shown.columns, rows)
        return f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">{made}</div>'


def _picture(bundle: FigureBundle) -> str:
    """Source and size of the picture; vector, so that it stays sharp at 400 %."""
    image = base64.b64encode(bundle.svg(titles=False)).decode()
    body = bundle.body
    wide, high = (body.width, body.height) if body is not None else bundle.fig.get_size_inches()
    return f'width="{wide * 96:.0f}" height="{high * 96:.0f}" src="data:image/svg+xml;base64,{image}"'
