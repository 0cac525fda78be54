"""Cards of a page: a figure with the files made of it, what went wrong, and what surrounds the content."""

import re
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from hyteanalysis.apps.kit import controls, html
from hyteanalysis.apps.kit.library import Library
from hyteanalysis.errors import DisclosureError, HyteError, LackError
from hyteanalysis.i18n import formats, text

if TYPE_CHECKING:
    from hyteanalysis.figures.kit.bundle import FigureBundle


class Trouble:
    """A sentence with its code and a button; hidden while all is well.

    Parameters
    ----------
    lang : {"fi", "sv", "en"}
    retry : callable
        What the button does.
    on_click : callable
        How the page lets a button act, inside its error boundary.
    """

    def __init__(
        self,
        lang: str,
        retry: Callable[[], None],
        on_click: Callable[[widgets.Button, Callable[[], None]], None],
    ) -> None:
        self.lang = lang
        self.said = widgets.HTML().add_class("hyte-live")
        self.again = widgets.Button(description=text("app.fault.retry", lang))
        on_click(self.again, retry)
        self.widget = widgets.VBox([self.said, self.again]).add_class("hyte-trouble")
        self.clear()

    def say(self, code: str, *, kept: bool) -> None:
        """Say that it failed; ``kept``: an earlier result is still shown, and is called so."""
        words = text("app.fault", self.lang, code=code)
        earlier = " " + text("app.fault.earlier", self.lang) if kept else ""
        self.said.value = html.notice(words + earlier, alert=True)
        controls.show(self.widget, True)

    def clear(self) -> None:
        """All is well."""
        self.said.value = ""
        controls.show(self.widget, False)


WIDE, BESIDE, PHONE = 16.0, 9.6, 7.5  # cm: alone, two side by side, on a narrow screen


@dataclass(frozen=True)
class Panel:
    """A figure, and how the same is drawn for print; or sentences where there is nothing to draw.

    Attributes
    ----------
    figure : FigureBundle or None
        As the screen shows it.
    printed : callable or None
        Gives the figure that files are made of.
    sentences : tuple of str
        Said above the figure.
    title : str or None
        Heading in place of the figure's own, where another panel has the same.
    """

    figure: "FigureBundle | None"
    printed: "Callable[[], FigureBundle] | None" = None
    sentences: tuple[str, ...] = ()
    title: str | None = None


def drawn(draw: "Callable[[float], FigureBundle]", width: float, lang: str, *, title: str | None = None) -> Panel:
    """The panel of a figure, drawn for a screen ``width`` cm wide; where it cannot be, what the data lack.

    What a page asks for is from the release's own lists, so that whatever refuses to be drawn is refused by the data;
    only a release that cannot be trusted is a fault.
    """
    try:
        shown = draw(width)
    except DisclosureError:
        raise
    except HyteError as error:
        return Panel(None, sentences=(lacking(error, lang),), title=title)
    return Panel(shown, partial(draw, WIDE) if width != WIDE else lambda: shown, title=title)


def lacking(error: HyteError, lang: str) -> str:
    """What the data lack, in one sentence."""
    if isinstance(error, LackError):
        return text(f"figure.lacks.{error.lack}", lang)
    return text("app.not_applicable", lang)


class FigurePanel:
    """The card; hidden where there is no view.

    Parameters
    ----------
    anchor : str
        The id of its heading.
    lang : {"fi", "sv", "en"}
    retry : callable
        What is done where the viewer asks to try again after an error.
    on_click : callable
        How the page lets a button act, inside its error boundary.
    """

    def __init__(
        self,
        anchor: str,
        lang: str,
        retry: Callable[[], None],
        on_click: Callable[[widgets.Button, Callable[[], None]], None],
    ) -> None:
        self.anchor, self.lang = anchor, lang
        self._printed: Callable[[], FigureBundle] | None = None
        self._stem = anchor
        self.body = widgets.HTML()
        self.trouble = Trouble(lang, retry, on_click)
        self._kind = widgets.Dropdown(description=text("app.file.kind", lang), options=_options(lang))
        self._make = widgets.Button(description=text("app.file.make", lang))
        self._file = widgets.HTML().add_class("hyte-live")
        self._files = controls.row(self._kind, self._make, self._file).add_class("hyte-filebar")
        on_click(self._make, self._made)
        self.widget = controls.card(self.trouble.widget, self.body, self._files)
        controls.show(self._files, False)

    def show(self, view: Panel | None, *, stem: str) -> None:
        """Put a view on the card; ``stem`` begins the names of its files."""
        controls.show(self.widget, view is not None)
        self.trouble.clear()
        self.body.remove_class("hyte-busy")
        if view is None:
            return
        self._printed, self._stem, self._file.value = view.printed, stem, ""
        words = "".join(f"<p>{escape(one)}</p>" for one in view.sentences)
        shown = html.figure(view.figure, anchor=self.anchor, title=view.title) if view.figure else ""
        self.body.value = words + shown
        controls.show(self._files, view.printed is not None)

    def wait(self, waiting: bool) -> None:
        """Dim what is there while the next is computed."""
        if waiting:
            self.body.add_class("hyte-busy")
        else:
            self.body.remove_class("hyte-busy")

    def fail(self, code: str) -> None:
        """Say that it could not be computed; what was there stays, and is called earlier."""
        controls.show(self.widget, True)
        self.trouble.say(code, kept=bool(self.body.value))
        self.body.remove_class("hyte-busy")

    def _made(self) -> None:
        if self._printed is not None:
            kind = list(FILES)[self._kind.index or 0]
            self._file.value = _link(self._printed(), kind, self._stem)


OFFICE = "application/vnd.openxmlformats-officedocument"


def _document(bundle: "FigureBundle", suffix: str) -> bytes:
    """The figure with its words, table and source as ``docx``, ``pptx`` or ``xlsx``."""
    from hyteanalysis.reports import write_figure

    with tempfile.TemporaryDirectory() as folder:
        return write_figure(bundle, Path(folder) / f"figure.{suffix}").read_bytes()


FILES: "dict[str, tuple[str, Callable[[FigureBundle], bytes]]]" = {
    "docx": (f"{OFFICE}.wordprocessingml.document", partial(_document, suffix="docx")),
    "pptx": (f"{OFFICE}.presentationml.presentation", partial(_document, suffix="pptx")),
    "xlsx": (f"{OFFICE}.spreadsheetml.sheet", partial(_document, suffix="xlsx")),
    "png": ("image/png", lambda bundle: bundle.png()),
    "svg": ("image/svg+xml", lambda bundle: bundle.svg()),
    "pdf": ("application/pdf", lambda bundle: bundle.pdf()),
    "csv": ("text/csv", lambda bundle: bundle.csv()),
}


def _options(lang: str) -> list[tuple[str, str]]:
    """The kinds of file to choose from, named."""
    return [(text(f"app.file.{kind}", lang), kind) for kind in FILES]


def _link(bundle: "FigureBundle", kind: str, stem: str) -> str:
    """The file, made, as a link."""
    mime, make = FILES[kind]
    content = make(bundle)
    name = f"{re.sub(r'[^A-Za-z0-9]+', '-', stem).strip('-').lower()}.{kind}"
    size = formats.integer(max(1, len(content) / 1000), bundle.lang)
    return html.file_link(name, content, mime, text("app.file.ready", bundle.lang, name=name, size=size))


class Surround:
    """The widgets around a page's content: ``top`` above its controls, ``notices`` below them, ``bottom`` last.

    Parameters
    ----------
    lang : {"fi", "sv", "en"}
    library : Library
    retry : callable
        What is done where the viewer asks to try again after an error.
    on_click : callable
        How the page lets a button act, inside its error boundary.
    """

    def __init__(
        self,
        lang: str,
        library: Library,
        retry: Callable[[], None],
        on_click: Callable[[widgets.Button, Callable[[], None]], None],
    ) -> None:
        self.lang, self.library = lang, library
        self.banner = widgets.HTML()
        self.release = controls.choice(text("app.release.change", lang))
        self.said = widgets.HTML().add_class("hyte-live")
        self.trouble = Trouble(lang, retry, on_click)
        self.progress = widgets.HTML().add_class("hyte-live").add_class("hyte-progress")
        self.link = widgets.HTML()
        self.phone = controls.tick(text("app.phone", lang)).add_class("hyte-phone")
        self.seen = controls.tick(text("app.seen", lang)).add_class("hyte-seen")
        self.top: tuple[widgets.Widget, ...] = (self.banner, self.release)
        self.notices: tuple[widgets.Widget, ...] = (self.said, self.trouble.widget)
        self.bottom: tuple[widgets.Widget, ...] = (self.link, self.phone, self.seen)

    def follow(self, selection: Any, changed: Iterable[str] = ()) -> None:
        """Show a settled selection: its release, its address, and which of its fields were changed.

        The text of a changed field is ``app.changed.FIELD``.
        """
        controls.offer(self.release, _releases(self.library, self.lang), selection.release)
        controls.show(self.release, len(self.library.ids) > 1)
        self.banner.value = banner(self.library, selection.release, self.lang)
        self.said.value = "".join(html.notice(text(f"app.changed.{field}", self.lang)) for field in changed)
        default = selection.release == self.library.ids[0]
        self.link.value = _link_field((replace(selection, release="") if default else selection).query(), self.lang)

    def wait(self, waiting: bool) -> None:
        """Say that something is being computed."""
        self.progress.value = f"<p>{escape(text('app.computing', self.lang))}</p>" if waiting else ""


def _releases(library: Library, lang: str) -> tuple[controls.Option, ...]:
    """The choices of "Vaihda": label and id."""
    return tuple((library.label(identity, lang), identity) for identity in library.ids)


def banner(library: Library, identity: str, lang: str) -> str:
    """Whose numbers these are; practice data, public data and a release that nobody has approved say so."""
    release = library.release(identity)
    label = text("app.release.shown", lang, name=library.label(identity, lang))
    words = text("app.release.synthetic", lang) if release.synthetic else ""
    if not release.synthetic and not release.approved:
        words = text("app.release.public" if release.already_public else "app.release.unapproved", lang)
    if library.faults:
        label = f"{label} {text('app.release.others', lang, number=str(len(library.faults)))}"
    kind = "hyte-banner" if words else "hyte-banner hyte-banner-plain"
    return f'<div class="{kind}"><strong>{escape(words)}</strong><span>{escape(label)}</span></div>'


def _link_field(query: str, lang: str) -> str:
    """The address of the selection, to be copied; the frame's script completes it."""
    return (
        '<div class="hyte-copy">'
        f'<label for="hyte-link">{escape(text("app.link.label", lang))}</label>'
        f'<input id="hyte-link" type="text" readonly value="{escape(query)}" data-query="{escape(query)}">'
        f"{html.copy_button('hyte-link', text('app.link.copy', lang), lang)}</div>"
    )
