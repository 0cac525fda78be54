"""Work done beside the page, step by step: progress is told, it can be stopped, and nothing waits for it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import escape
from threading import Event
from typing import Any, NamedTuple

import ipywidgets as widgets

from hyteanalysis.apps.kit import controls
from hyteanalysis.apps.kit.html import notice
from hyteanalysis.i18n import text

Tell = Callable[[int, int, str], None]  # steps done, of how many, the one at hand; raises Stopped
Work = Callable[[Tell], Any]


class Stopped(Exception):
    """The viewer, or a newer choice, wants no more of it."""


class Words(NamedTuple):
    """Keys of texts: the line, with ``share`` and ``step``; the button; the line once the button was pressed."""

    progress: str
    stop: str
    stopped: str


class Job:
    """One thing at a time in a thread, a line that says how far it is, and a button that stops it.

    Parameters
    ----------
    lang : {"fi", "sv", "en"}
    on_click : callable
        How the page lets a button act, inside its error boundary.
    words : Words
    thread : ThreadPoolExecutor, optional
        Where several jobs take turns; by default each has a thread of its own, in which an older work ends at its next
        step.

    Attributes
    ----------
    running : bool
        Whether something is going on.
    """

    def __init__(
        self,
        lang: str,
        on_click: Callable[[widgets.Button, Callable[[], None]], None],
        words: Words,
        thread: ThreadPoolExecutor | None = None,
    ) -> None:
        self.lang, self.running = lang, False
        self.said = widgets.HTML().add_class("hyte-live")
        self.button = widgets.Button(description=text(words.stop, lang))
        on_click(self.button, self.cancel)
        self.widget = controls.row(self.said, self.button).add_class("hyte-flow")
        self._words = words
        self._thread = thread or ThreadPoolExecutor(1)
        self._stop = Event()
        self._task: asyncio.Task[None] | None = None
        controls.show(self.widget, False)

    def start(self, work: Work, done: Callable[[Any], None], failed: Callable[[Exception], None]) -> None:
        """Begin some work and go on; ``done`` is given what it made, ``failed`` its error, a stopped one is silent."""

        async def whole() -> None:
            try:
                done(await self.run(work))
            except Stopped:
                pass
            except Exception as error:
                failed(error)

        self._task = asyncio.get_running_loop().create_task(whole())

    async def run(self, work: Work) -> Any:
        """Do some work and give what it made; what was going on before is stopped.

        ``work`` is given what tells the steps that are done, and ends where that raises.

        Raises
        ------
        Stopped
            By the viewer or by a newer work.
        """
        here = asyncio.get_running_loop()
        self.clear()
        stop = self._stop = Event()

        def tell(done: int, of: int, words: str) -> None:
            if stop.is_set():
                raise Stopped
            here.call_soon_threadsafe(self._tell, stop, done, of, words)

        self._tell(stop, 0, 1, "")
        self._offer(True)
        try:
            made = await here.run_in_executor(self._thread, work, tell)
        finally:
            asked = stop.is_set()
            stop.set()  # where it is left in the middle, the work ends at its next step
            if not asked:
                self.clear()
        if asked:
            raise Stopped
        return made

    def clear(self) -> None:
        """Stop what is going on, and say nothing."""
        self._stop.set()
        self.said.value = ""
        self.running = False
        controls.show(self.widget, False)

    def cancel(self) -> None:
        """The viewer wants no more of it: what was there before stays, and that is said."""
        self._stop.set()
        self.say(text(self._words.stopped, self.lang))

    def say(self, words: str, *, alert: bool = False) -> None:
        """Say something in place of the progress."""
        self.said.value = notice(words, alert=True) if alert else f"<span>{escape(words)}</span>"
        self._offer(self.running and not self._stop.is_set())

    def _offer(self, running: bool) -> None:
        self.running = running
        controls.show(self.widget, True)
        controls.show(self.button, running)

    def _tell(self, stop: Event, done: int, of: int, words: str) -> None:
        if not stop.is_set():
            told = text(self._words.progress, self.lang, share=str(round(100 * done / of)), step=words)
            self.said.value = f"<p>{escape(told)}</p>"


def loop() -> asyncio.AbstractEventLoop | None:
    """The loop in which messages are answered; None outside a kernel."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
