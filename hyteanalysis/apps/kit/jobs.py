"""Something long done beside the page, step by step: progress is told, it can be stopped, and nothing waits for it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import escape
from threading import Event
from typing import Any

import ipywidgets as widgets

from hyteanalysis.apps.kit import controls
from hyteanalysis.i18n import text

Work = Callable[[Callable[[int], None]], Any]


class Stopped(Exception):
    """The viewer, or a newer choice, wants no more of it."""


class Refinement:
    """A line that says how far it is, with a button that stops it.

    Parameters
    ----------
    lang : {"fi", "sv", "en"}
    on_click : callable
        How the page lets a button act, inside its error boundary.
    """

    def __init__(self, lang: str, on_click: Callable[[widgets.Button, Callable[[], None]], None]) -> None:
        self.lang = lang
        self.said = widgets.HTML().add_class("hyte-live").add_class("hyte-progress")
        self.button = widgets.Button(description=text("app.benefit.stop", lang))
        on_click(self.button, self.cancel)
        self.widget = controls.row(self.said, self.button).add_class("hyte-flow")
        self._one = ThreadPoolExecutor(1)  # one at a time: an older one ends at its next step
        self._stop = Event()
        controls.show(self.widget, False)

    async def run(self, work: Work, steps: int) -> Any:
        """Do some work in a thread and give its result; None where it was stopped.

        ``work`` is given what tells the steps that are done, and ends where that raises.
        """
        loop = asyncio.get_running_loop()
        self.clear()
        stop = self._stop = Event()

        def tell(step: int) -> None:
            if stop.is_set():
                raise Stopped
            loop.call_soon_threadsafe(self._tell, stop, step, steps)

        self._tell(stop, 0, steps)
        controls.show(self.widget, True)
        controls.show(self.button, True)
        try:
            result = await loop.run_in_executor(self._one, work, tell)
        except Stopped:
            return None
        except asyncio.CancelledError:
            stop.set()
            raise
        return None if stop.is_set() else result

    def clear(self) -> None:
        """Stop what is going on, and say nothing."""
        self._stop.set()
        self.said.value = ""
        controls.show(self.widget, False)

    def cancel(self) -> None:
        """The viewer wants no more of it: the earlier result stays, and that is said."""
        self._stop.set()
        self.said.value = f"<span>{escape(text('app.benefit.stopped', self.lang))}</span>"
        controls.show(self.button, False)

    def _tell(self, stop: Event, step: int, steps: int) -> None:
        if not stop.is_set():
            words = text("app.benefit.refining", self.lang, share=str(round(100 * step / steps)))
            self.said.value = f"<p>{escape(words)}</p>"


def loop() -> asyncio.AbstractEventLoop | None:
    """The loop in which messages are answered; None outside a kernel."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
