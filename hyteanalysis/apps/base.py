"""What every dashboard does alike: open an address, follow the controls, compute once, survive errors."""

import asyncio
import json
import os
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any, TypeVar

import ipywidgets as widgets

from hyteanalysis.apps import guard, markup
from hyteanalysis.apps.library import Library
from hyteanalysis.apps.selection import Selection, State
from hyteanalysis.errors import one_of
from hyteanalysis.i18n import LANGS, text

T = TypeVar("T")
DELAY = 0.05  # seconds in which several changes become one update
YIELD = 0.02  # seconds between two parts, in which messages are answered
BROWSER = 8.0  # seconds that a browser may take to fetch the widgets before the page goes on without it
REMEMBERED = 200  # results kept


class Dashboard:
    """One page: ``State`` → ``compute`` → ``render``.

    A page gives ``parts``, the names of what it computes in the order of reading, ``settle``, ``compute`` and
    ``render``. Widgets set the state and nothing else; the page follows the state.

    Parameters
    ----------
    lang : {"fi", "sv", "en"}
    library : Library, optional
        The releases to show; by default those the server was started with.
    """

    parts: tuple[str, ...] = ()

    def __init__(self, lang: str = "fi", library: Library | None = None) -> None:
        self.lang = one_of(lang, LANGS, "language")
        self.library = Library.from_environment() if library is None else library
        self.state = State()
        self.root = widgets.VBox().add_class("hyte-page")
        self._results: OrderedDict[Hashable, Any] = OrderedDict()
        self._setting = False
        self._timer: asyncio.TimerHandle | None = None
        self._running: asyncio.Task[None] | None = None
        self._visited: asyncio.Event | None = None

    # what a page gives

    def build(self) -> list[widgets.Widget]:
        """The widgets of the page, empty."""
        raise NotImplementedError

    def settle(self) -> Selection:
        """The valid selection nearest to the state; sets controls and says what was changed."""
        raise NotImplementedError

    def key(self, part: str, selection: Selection) -> Hashable:
        """What of a selection a part depends on."""
        return selection

    def compute(self, part: str, selection: Selection) -> Any:
        """The view of one part: pure."""
        raise NotImplementedError

    def render(self, part: str, view: Any) -> None:
        """Put a view on its widgets."""
        raise NotImplementedError

    def fault(self, part: str, error: BaseException) -> None:
        """Say that a part could not be computed; what was there stays."""
        raise NotImplementedError

    def wait(self, parts: tuple[str, ...]) -> None:
        """Say that these parts are being computed; none = all is shown."""

    # what all pages do

    def show(self) -> None:
        """Display the page; the notebook's only call."""
        from IPython.display import display

        if guard.close_kernel(self._visit):
            self._visited = asyncio.Event()
        try:
            if not self.library.ids:
                self.root.children = [widgets.HTML(self.refusal())]
                self.root.add_class("hyte-ready")
            else:
                self.root.children = self.build()
                self.state.observe(self._changed)
                if os.environ.get("VOILA_PREHEAT") == "True":
                    self.warm()
                self.open(_query_string())
        except Exception as error:  # the one boundary of the page: nothing of it may reach the visitor
            self.root.children = [widgets.HTML(self.fault_text(error))]
            self.root.add_class("hyte-ready")
        display(self.root)  # type: ignore[no-untyped-call]

    def open(self, query: str) -> None:
        """Take the selection of an address and show it: the answer at once, the rest as it is computed."""
        self._setting = True
        self.state.take(Selection.from_query(query))
        self._setting = False
        self._update()

    def update_all(self) -> None:
        """Compute and render every part now."""
        selection = self._settled()
        for part in self.parts:
            self._show(part, selection)

    def warm(self) -> None:
        """Do before the visitor comes what the first answer and figure need."""
        selection = self._settled()
        for part in self.parts[:2]:
            self._show(part, selection)

    def observe(self, widget: widgets.Widget, set_state: Callable[[Any], None]) -> None:
        """Let a control set the state; what it holds is looked up on this side."""

        def changed(change: dict[str, Any]) -> None:
            if not self._setting:
                self.guarded(lambda: set_state(change["new"]))

        widget.observe(changed, "value")

    def on_click(self, button: widgets.Button, act: Callable[[], None]) -> None:
        """Let a button act."""
        button.on_click(lambda _: self.guarded(act))

    def guarded(self, act: Callable[[], None]) -> None:
        """Do something for the visitor; an error becomes a code on the page and a traceback in the log."""
        try:
            act()
        except Exception as error:
            self.fault("page", error)

    def refusal(self) -> str:
        """What is said where no release can be shown."""
        for error in self.library.faults.values():
            guard.record(error)
        return markup.notice(text("app.release.none", self.lang), alert=True)

    def fault_text(self, error: BaseException) -> str:
        """The sentence for an error, with the code that finds it in the log."""
        return markup.notice(text("app.fault", self.lang, code=guard.record(error)), alert=True)

    def _changed(self, _: Any) -> None:
        if self._setting:
            return
        if self._timer:
            self._timer.cancel()
        loop = _loop()
        if loop is None:
            self.update_all()
        else:
            self._timer = loop.call_later(DELAY, lambda: self.guarded(self._update))

    def _update(self) -> None:
        """Show the first part now and leave the others to the loop, so that controls stay usable."""
        if self._running:
            self._running.cancel()
        self.wait(self.parts)
        selection = self._settled()
        self._show(self.parts[0], selection)
        self.root.add_class("hyte-ready")
        loop = _loop()
        if loop is None or all((part, self.key(part, selection)) in self._results for part in self.parts):
            for part in self.parts[1:]:
                self._show(part, selection)
            self.wait(())
        else:
            self._running = loop.create_task(self._rest(selection))

    async def _rest(self, selection: Selection) -> None:
        for place, part in enumerate(self.parts[1:]):
            await asyncio.sleep(YIELD)
            if place == 1 and self._visited:
                await _at_most(BROWSER, self._visited)
            self._show(part, selection)
        self.wait(())

    def _visit(self) -> None:
        """A browser fetches the widgets: answer it before anything heavy is begun."""
        loop = _loop()
        if loop and self._visited:
            loop.call_later(10 * YIELD, self._visited.set)

    def _settled(self) -> Selection:
        self._setting = True
        try:
            return self.settle()
        finally:
            self._setting = False

    def _show(self, part: str, selection: Selection) -> None:
        try:
            self.render(part, self._result(part, selection))
        except Exception as error:
            self.fault(part, error)

    def _result(self, part: str, selection: Selection) -> Any:
        """A part's view, computed once for equal choices."""
        key = (part, self.key(part, selection))
        if key not in self._results:
            self._results[key] = self.compute(part, selection)
            while len(self._results) > REMEMBERED:
                self._results.popitem(last=False)
        self._results.move_to_end(key)
        return self._results[key]


async def _at_most(seconds: float, event: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


def _loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _query_string() -> str:
    """The query string of the visitor's address; a kernel kept ready waits here until the server names one."""
    if os.environ.get("VOILA_PREHEAT") != "True":
        return os.environ.get("QUERY_STRING", "")
    from websockets.sync.client import connect

    server = f"{os.environ.get('VOILA_APP_IP', '127.0.0.1')}:{os.environ['VOILA_APP_PORT']}"
    path = f"{os.environ['VOILA_SERVER_URL']}voila/query/{os.environ['VOILA_KERNEL_ID']}"
    with connect(f"ws://{server}{path}", proxy=None, open_timeout=120, ping_interval=None) as socket:
        given: dict[str, str] = json.loads(socket.recv())
    os.environ["VOILA_PREHEAT"] = "False"
    return given.get("QUERY_STRING", "")
