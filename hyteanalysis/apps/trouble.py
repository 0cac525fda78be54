"""Where a page says that something could not be computed, with a button that tries again."""

from collections.abc import Callable

import ipywidgets as widgets

from hyteanalysis.apps import controls, markup
from hyteanalysis.i18n import text


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
        self.said.value = markup.notice(words + earlier, alert=True)
        controls.show(self.widget, True)

    def clear(self) -> None:
        """All is well."""
        self.said.value = ""
        controls.show(self.widget, False)
