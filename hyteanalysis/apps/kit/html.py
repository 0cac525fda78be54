"""HTML of what a page says: every word of it escaped here."""

import base64
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from hyteanalysis import areas
from hyteanalysis.i18n import text

if TYPE_CHECKING:
    from hyteanalysis.figures.kit.bundle import FigureBundle

Fact = tuple[str, str, str]  # name, what is said of it, the language that it is said in


def notice(words: str, *, alert: bool = False) -> str:
    """A sentence that must be seen."""
    kind = " hyte-notice-alert" if alert else ""
    return f'<p class="hyte-notice{kind}">{escape(words)}</p>' if words else ""


def notices(sentences: Iterable[str]) -> str:
    """Several of them, in one list."""
    items = "".join(f"<li>{escape(one)}</li>" for one in sentences)
    return f'<ul class="hyte-states">{items}</ul>' if items else ""


def _chips(pairs: Iterable[tuple[str, str]]) -> str:
    """Short facts: a name and a word."""
    items = "".join(f'<li class="hyte-chip">{escape(name)}: <b>{escape(word)}</b></li>' for name, word in pairs)
    return f'<ul class="hyte-chips">{items}</ul>' if items else ""


def details(summary: str, content: str) -> str:
    """Something that opens."""
    return f"<details><summary>{escape(summary)}</summary><div>{content}</div></details>"


def paragraphs(words: str) -> str:
    """Paragraphs parted by an empty line."""
    return "".join(f"<p>{escape(part)}</p>" for part in words.split("\n\n") if part.strip())


def facts(told: Sequence[Fact], lang: str) -> str:
    """A list of names and what is said of them; empty ones are left out."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{spoken(said, its, lang)}</dd>" for name, said, its in told if said)
    return f'<dl class="hyte-facts">{rows}</dl>'


def spoken(words: str, its: str, lang: str) -> str:
    """Words of the data's owner; in another language than the page's, a screen reader is told so."""
    return escape(words) if its == lang else f'<span lang="{escape(its)}">{escape(words)}</span>'


def answer(
    title: str,
    about: str,
    sentences: Iterable[str],
    lang: str,
    *,
    chips: Iterable[tuple[str, str]] = (),
    fallback: str = "",
    shown_area: str = "",
    notes: Iterable[str] = (),
) -> str:
    """The answer box of a page, with a button that copies its sentences.

    Parameters
    ----------
    title, about : str
        Its name, and what it is about; ``about`` is HTML already.
    sentences : iterable of str
        The answer in reading order.
    chips : iterable of (str, str)
        Verdicts in a word.
    fallback, shown_area : str
        The sentence that says whose figures are shown instead of the asked area's, and that area; empty where they are
        its own.
    notes : iterable of str
        What a reader must know.
    """
    said = "".join(f"<li>{escape(one)}</li>" for one in sentences)
    instead = ""
    if fallback:
        whose = text("app.badge.country" if areas.level(shown_area) == "country" else "app.badge.county", lang)
        instead = f'<p class="hyte-notice"><span class="hyte-badge">{escape(whose)}</span> {escape(fallback)}</p>'
    copy = _copy_button("hyte-answer", text("app.answer.copy", lang), lang)
    return (
        f'<section class="hyte-answer" aria-label="{escape(title)}"><h2>{escape(title)}: {about}</h2>'
        f'{instead}<ol id="hyte-answer">{said}</ol>{_chips(chips)}{notices(notes)}'
        f'<p class="hyte-answer-copy">{copy}</p></section>'
    )


def figure(bundle: "FigureBundle", *, anchor: str, title: str | None = None) -> str:
    """A figure as a page shows it: heading, statistic, picture with its alternative, source, table, explanation.

    ``title`` stands in place of the figure's own.
    """
    lang = bundle.lang
    image = base64.b64encode(bundle.svg(titles=False)).decode()
    kind = bundle.alt.split(".")[0]  # two figures of one finding differ in this
    return (
        f'<h2 id="{escape(anchor)}">{escape(title or bundle.title)}</h2>'
        f'<p class="hyte-sub">{escape(bundle.subtitle)}</p>'
        f'<figure class="hyte-figure"><img alt="{escape(bundle.alt)}" src="data:image/svg+xml;base64,{image}">'
        f'<figcaption class="hyte-source">{escape(bundle.source)}</figcaption></figure>'
        f"{notices(bundle.notes)}"
        f"{details(text('app.panel.table', lang), scrolled(bundle.html_table(), f'{kind}: {bundle.title}', lang))}"
        f"{details(text('app.panel.meaning', lang), paragraphs(bundle.long_text))}"
    )


def scrolled(table: str, title: str, lang: str) -> str:
    """A table that may be wider than the page; the keyboard reaches it, and its title tells it from the others."""
    label = escape(f"{text('app.panel.table', lang)}: {title}")
    return f'<div class="hyte-scroll" role="region" tabindex="0" aria-label="{label}">{table}</div>'


def link_field(query: str, lang: str) -> str:
    """The address of the selection, to be copied; the frame's script completes it."""
    return (
        '<div class="hyte-copy">'
        f'<label for="hyte-link">{escape(text("app.link.label", lang))}</label>'
        f'<input id="hyte-link" type="text" readonly value="{escape(query)}" data-query="{escape(query)}">'
        f"{_copy_button('hyte-link', text('app.link.copy', lang), lang)}</div>"
    )


def _copy_button(source: str, label: str, lang: str) -> str:
    """A button that copies the words of an element, and says that it did."""
    done = escape(text("app.copied", lang))
    button = f'<button type="button" class="hyte-button" data-hyte-copy="{source}" data-done="{done}">'
    return f'{button}{escape(label)}</button><span role="status"></span>'


def file_link(name: str, content: bytes, mime: str, label: str) -> str:
    """A made file as a link that holds it."""
    data = base64.b64encode(content).decode()
    return (
        f'<p class="hyte-files"><a download="{escape(name)}" href="data:{mime};base64,{data}">{escape(label)}</a></p>'
    )


def table(caption: str, headings: Sequence[str], rows: Sequence[Sequence[str]], lang: str, *, numbers: int = 0) -> str:
    """A table that may be wider than the page; the first cell of a row heads it.

    Parameters
    ----------
    numbers : int
        How many cells after the first two hold numbers.
    """
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in headings)
    body = []
    for row in rows:
        cells = [f'<th scope="row">{escape(row[0])}</th>']
        for place, said in enumerate(row[1:], 1):
            kind = ' class="hyte-num"' if 2 <= place < 2 + numbers else ""
            cells.append(f"<td{kind}>{escape(said)}</td>")
        body.append(f"<tr>{''.join(cells)}</tr>")
    top = f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
    made = f"<table>{top}<tbody>{''.join(body)}</tbody></table>"
    return scrolled(made, caption, lang)


def heading(words: str, anchor: str, lead: str = "") -> str:
    """A heading with its lead."""
    below = f'<p class="hyte-sub">{escape(lead)}</p>' if lead else ""
    return f'<h2 id="{escape(anchor)}">{escape(words)}</h2>{below}'


def small(words: str) -> str:
    """A heading inside a card."""
    return f"<h3>{escape(words)}</h3>"


def technical(message: str, lang: str) -> str:
    """A technical message that opens."""
    return details(text("app.plan.detail", lang), f'<p lang="en">{escape(message)}</p>') if message else ""
