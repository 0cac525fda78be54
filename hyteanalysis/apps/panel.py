"""A card with one figure: its view as a page computes it, and the widgets that show it and make files of it."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import ipywidgets as widgets

from hyteanalysis.apps import controls, downloads, markup
from hyteanalysis.apps.trouble import Trouble
from hyteanalysis.i18n import text

if TYPE_CHECKING:
    from hyteanalysis.figures.kit.bundle import FigureBundle


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
        self._kind = widgets.Dropdown(description=text("app.file.kind", lang), options=downloads.options(lang))
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
        shown = markup.figure(view.figure, anchor=self.anchor, title=view.title) if view.figure else ""
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
            kind = list(downloads.KINDS)[self._kind.index or 0]
            self._file.value = downloads.link(self._printed(), kind, self._stem)
