"""Controls with their label above, and the panel that holds a figure and makes files of it."""

from collections.abc import Callable, Sequence

import ipywidgets as widgets

from hyteanalysis.apps import downloads, markup
from hyteanalysis.figures.bundle import FigureBundle
from hyteanalysis.i18n import text

Option = tuple[str, str]


def choice(label: str) -> widgets.Dropdown:
    """A list to choose from."""
    return widgets.Dropdown(description=label, options=[])


def offer(control: widgets.Dropdown, options: Sequence[Option], value: str) -> None:
    """Set the options and what is chosen, and leave a control that has them as it is."""
    given = tuple(options)
    if control.options != given:
        control.options = given
    if control.value != value:
        control.value = value


def tick(label: str) -> widgets.Checkbox:
    """Something that is on or off."""
    return widgets.Checkbox(description=label, value=False, indent=False)


def row(*controls: widgets.Widget) -> widgets.Box:
    """Controls side by side, one column on a phone."""
    return widgets.Box(controls).add_class("hyte-row")


def show(widget: widgets.Widget, shown: bool) -> None:
    """Show or hide a widget, for everybody."""
    if shown:
        widget.remove_class("hyte-gone")
    else:
        widget.add_class("hyte-gone")


class FigurePanel:
    """A card with one figure, its table and explanation, and files made of it when asked.

    Parameters
    ----------
    anchor : str
        The id of its heading.
    lang : {"fi", "sv", "en"}
    on_click : callable
        How the page lets a button act, inside its error boundary.
    """

    def __init__(self, anchor: str, lang: str, on_click: Callable[[widgets.Button, Callable[[], None]], None]) -> None:
        self.anchor, self.lang = anchor, lang
        self._printed: Callable[[], FigureBundle] | None = None
        self._stem = anchor
        self.body = widgets.HTML()
        self.trouble = widgets.HTML().add_class("hyte-live")
        self._kind = widgets.Dropdown(description=text("app.file.kind", lang), options=downloads.options(lang))
        self._make = widgets.Button(description=text("app.file.make", lang))
        self._file = widgets.HTML().add_class("hyte-live")
        self._files = widgets.Box([self._kind, self._make, self._file]).add_class("hyte-row").add_class("hyte-filebar")
        on_click(self._make, self._made)
        self.widget = widgets.VBox([self.trouble, self.body, self._files]).add_class("hyte-card")
        show(self._files, False)

    def show(
        self,
        bundle: FigureBundle | None,
        printed: Callable[[], FigureBundle] | None = None,
        *,
        stem: str,
        words: str = "",
        title: str | None = None,
    ) -> None:
        """Put a figure on the card, or words where there is nothing to draw; ``title`` in place of the figure's own.

        Files are made of what ``printed`` gives.
        """
        self._printed, self._stem = printed, stem
        self.trouble.value = self._file.value = ""
        shown = markup.figure(bundle, anchor=self.anchor, title=title) if bundle else ""
        self.body.value = words + shown
        self.body.remove_class("hyte-busy")
        show(self._files, printed is not None)

    def wait(self) -> None:
        """Dim what is there while the next is computed."""
        self.body.add_class("hyte-busy")

    def fail(self, words: str) -> None:
        """Say that it could not be computed; what was there stays."""
        self.trouble.value = words
        self.body.remove_class("hyte-busy")

    def _made(self) -> None:
        if self._printed is not None:
            kind = list(downloads.KINDS)[self._kind.index or 0]
            self._file.value = downloads.link(self._printed(), kind, self._stem)
