"""HTML of what a page says: every word of it escaped here."""

import base64
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from hyteanalysis import areas
from hyteanalysis import html as tables
from hyteanalysis.html import Numeric
from hyteanalysis.i18n import text

if TYPE_CHECKING:
    from hyteanalysis.figures.kit.bundle import FigureBundle


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


def spoken(words: str, its: str, lang: str) -> str:
    """Words of the data's owner; in another language than the page's, a screen reader is told so."""
    return escape(words) if its == lang else f'<span lang="{escape(its)}">{escape(words)}</span>'


@dataclass(frozen=True)
class AnswerBox:
    """The answer box of a page.

    Attributes
    ----------
    title : str
    about : tuple of (str, str)
        What it is about, each with the language it is in.
    sentences : tuple of str
        The answer in reading order.
    chips : tuple of (str, str)
        Verdicts in a word.
    fallback, shown_area : str
        The sentence that says whose figures are shown instead of the asked area's, empty where they are its own; and
        the area whose figures they are.
    notes : tuple of str
        What a reader must know.
    """

    title: str
    about: tuple[tuple[str, str], ...]
    sentences: tuple[str, ...]
    chips: tuple[tuple[str, str], ...] = ()
    fallback: str = ""
    shown_area: str = ""
    notes: tuple[str, ...] = ()

    def html(self, lang: str) -> str:
        """The box, with a button that copies its sentences."""
        about = " · ".join(spoken(*one, lang) for one in self.about if one[0])
        said = "".join(f"<li>{escape(one)}</li>" for one in self.sentences)
        instead = ""
        if self.fallback:
            whose = "app.badge.country" if areas.level(self.shown_area) == "country" else "app.badge.county"
            badge = f'<span class="hyte-badge">{escape(text(whose, lang))}</span>'
            instead = f'<p class="hyte-notice">{badge} {escape(self.fallback)}</p>'
        copy = copy_button("hyte-answer", text("app.answer.copy", lang), lang)
        return (
            f'<section class="hyte-answer" aria-label="{escape(self.title)}"><h2>{escape(self.title)}: {about}</h2>'
            f'{instead}<ol id="hyte-answer">{said}</ol>{_chips(self.chips)}{notices(self.notes)}'
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


def copy_button(source: str, label: str, lang: str) -> str:
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


def wide_table(
    caption: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    lang: str,
    *,
    numbers: Collection[int] = (),
    classes: Sequence[str] = (),
) -> str:
    """A table that may be wider than the page; the first cell of a row heads it.

    Parameters
    ----------
    numbers : collection of int
        Places of the columns that hold numbers.
    classes : sequence of str
        CSS class of each row.
    """
    cells = [[Numeric(cell) if place in numbers else cell for place, cell in enumerate(row)] for row in rows]
    return scrolled(tables.table(caption, headings, cells, classes=classes), caption, lang)


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
