"""Something long done beside the page, step by step: progress is told, it can be stopped, and nothing waits for it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import escape
from threading import Event
from typing import Any

import ipywidgets as widgets

from hyteanalysis.apps import controls, visit
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
    fault : callable
        What the page does with an error.
    """

    def __init__(
        self,
        lang: str,
        on_click: Callable[[widgets.Button, Callable[[], None]], None],
        fault: Callable[[BaseException], None],
    ) -> None:
        self.lang, self._fault = lang, fault
        self.said = widgets.HTML().add_class("hyte-live").add_class("hyte-progress")
        self.button = widgets.Button(description=text("app.benefit.stop", lang))
        on_click(self.button, self.cancel)
        self.widget = controls.row(self.said, self.button).add_class("hyte-flow")
        self._one = ThreadPoolExecutor(1)  # one at a time: an older one ends at its next step
        self._stop = Event()
        self._task: asyncio.Task[None] | None = None
        controls.show(self.widget, False)

    def start(self, work: Work, steps: int, done: Callable[[Any], None]) -> None:
        """Do some work in steps, and give its result on; outside a kernel's loop nothing is begun."""
        loop = visit.loop()
        if loop is None:
            return
        self.stop()
        stop = self._stop = Event()

        def tell(step: int) -> None:
            if stop.is_set():
                raise Stopped
            loop.call_soon_threadsafe(self._tell, stop, step, steps)

        async def run() -> None:
            try:
                result = await loop.run_in_executor(self._one, work, tell)
            except Stopped:
                return
            except Exception as error:
                self._hide()
                self._fault(error)
                return
            if not stop.is_set():
                done(result)  # the update that shows it takes the line away

        self._tell(stop, 0, steps)
        controls.show(self.widget, True)
        controls.show(self.button, True)
        self._task = loop.create_task(run())

    def stop(self) -> None:
        """A newer choice is being computed."""
        self._stop.set()
        self._hide()

    def cancel(self) -> None:
        """The viewer wants no more of it: the earlier result stays, and that is said."""
        self._stop.set()
        self.said.value = f"<span>{escape(text('app.benefit.stopped', self.lang))}</span>"
        controls.show(self.button, False)

    def _tell(self, stop: Event, step: int, steps: int) -> None:
        if not stop.is_set():
            words = text("app.benefit.refining", self.lang, share=str(round(100 * step / steps)))
            self.said.value = f"<p>{escape(words)}</p>"

    def _hide(self) -> None:
        self.said.value = ""
        controls.show(self.widget, False)
