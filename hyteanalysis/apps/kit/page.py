"""What every dashboard does alike: open an address, follow the controls, compute once, survive errors."""

import asyncio
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any, ClassVar

import ipywidgets as widgets

from hyteanalysis.apps.kit import html, jobs, kernel
from hyteanalysis.apps.kit.address import Addressed, PageState
from hyteanalysis.apps.kit.cards import FigurePanel, Surround
from hyteanalysis.apps.kit.library import Library
from hyteanalysis.errors import one_of
from hyteanalysis.i18n import LANGS, text
from hyteanalysis.memory import Memory

DELAY = 0.05  # seconds in which several changes become one update
YIELD = 0.02  # seconds between two parts, in which messages are answered
BROWSER = 8.0  # seconds that a browser may take to put the page up before its calculation goes on
REMEMBERED = 60  # results kept, figures among them: the parts of five choices, some 50 MB


class Dashboard:
    """One page: ``State`` → ``compute`` → ``render``.

    A page gives ``choice_type``, ``parts``, ``build``, ``settle``, ``compute``, ``render``, and ``key`` where parts do
    not depend on every choice. Widgets set the state and nothing else; the page follows the state. Figures stand in
    ``panels``; what surrounds the content is in ``surround``, and what the state has of it (``release``, ``phone``)
    follows without the page's doing.

    Parameters
    ----------
    lang : {"fi", "sv", "en"}
    library : Library, optional
        The releases to show; by default those the server was started with.

    Attributes
    ----------
    choice_type : type of Addressed
        The page's choices; the state has them as traits.
    parts : tuple of str
        Names of what the page computes, in the order of reading; the first is the answer.
    anchors : dict
        Parts that are cards with a figure, and the ids of their headings.
    memory : Memory
        The views of the newest choices; what was read and found of a release lies with it, in the library.
    """

    choice_type: ClassVar[type[Addressed]]
    parts: tuple[str, ...] = ()
    anchors: ClassVar[dict[str, str]] = {}

    def __init__(self, lang: str = "fi", library: Library | None = None) -> None:
        self.lang = one_of(lang, LANGS, "language")
        self.library = Library.from_environment() if library is None else library
        self.state: Any = PageState(self.choice_type)
        self.root = widgets.VBox().add_class("hyte-page")
        self.surround = Surround(self.lang, self.library, self.again, self.on_click)
        self.panels = {
            part: FigurePanel(anchor, self.lang, self.again, self.on_click) for part, anchor in self.anchors.items()
        }
        self.memory = Memory()
        self._setting = False
        self._timer: asyncio.TimerHandle | None = None
        self._running: asyncio.Task[None] | None = None
        self._visited: asyncio.Event | None = None

    # what a page gives

    def build(self) -> list[widgets.Widget]:
        """The widgets of the page from top to bottom, empty, with its controls bound to the state."""
        raise NotImplementedError

    def settle(self) -> Any:
        """The valid selection nearest to the state; sets controls and says what was changed (``surround.follow``)."""
        raise NotImplementedError

    def key(self, part: str, selection: Any) -> Hashable:
        """What of a selection a part depends on."""
        return selection  # type: ignore[no-any-return]

    def compute(self, part: str, selection: Any) -> Any:
        """The view of one part, from the releases and the selection alone."""
        raise NotImplementedError

    def render(self, part: str, view: Any) -> None:
        """Put a view on its widgets."""
        raise NotImplementedError

    def warm(self) -> None:
        """Do before the visitor comes what the first answer and figure need."""
        selection = self._settled()
        for part in self.parts[:2]:
            self._show(part, selection)

    # what all pages do

    def show(self) -> None:
        """Display the page; the notebook's only call."""
        from IPython.display import display

        if kernel.close():
            self._visited = asyncio.Event()
        try:
            if not self.library.ids:
                kernel.query_string()  # a kernel kept ready waits for its visitor whatever it shows
                self.root.children = [widgets.HTML(self.refusal())]
                self.root.add_class("hyte-ready")
            else:
                self.start()
                if kernel.kept_ready():
                    self.warm()
                self.open(kernel.query_string())
        except Exception as error:  # the one boundary of the page: nothing of it may reach the visitor
            words = text("app.fault", self.lang, code=kernel.record(error))
            self.root.children = [widgets.HTML(html.notice(words, alert=True))]
            self.root.add_class("hyte-ready")
        display(self.root)  # type: ignore[no-untyped-call]

    def start(self) -> None:
        """Put the widgets on the page and follow the state."""
        for trait in ("release", "phone"):
            self.observe(getattr(self.surround, trait), self.setter(trait))
        self.observe(self.surround.seen, self._seen)
        self.root.children = self.build()
        self.state.observe(self._changed)

    def open(self, query: str) -> None:
        """Take the selection of an address and show it: the answer at once, the rest as it is computed."""
        self._setting = True
        self.state.take(self.state.selected.from_query(query))
        self._setting = False
        self._update()

    def update_all(self) -> None:
        """Compute and render every part now."""
        self.surround.trouble.clear()
        selection = self._settled()
        for part in self.parts:
            self._show(part, selection)

    def observe(self, widget: widgets.Widget, set_state: Callable[[Any], None]) -> None:
        """Let a control set the state; what it holds is looked up on this side."""

        def changed(change: dict[str, Any]) -> None:
            if not self._setting:
                self.guarded(lambda: set_state(change["new"]))

        widget.observe(changed, "value")

    def setter(self, trait: str) -> Callable[[Any], None]:
        """What sets a trait of the state."""
        return lambda value: setattr(self.state, trait, value)

    def on_click(self, button: widgets.Button, act: Callable[[], None]) -> None:
        """Let a button act."""
        button.on_click(lambda _: self.guarded(act))

    def guarded(self, act: Callable[[], None]) -> None:
        """Do something for the visitor; an error becomes a code on the page and a traceback in the log."""
        try:
            act()
        except Exception as error:
            self.fault("page", error)

    def result(self, part: str, selection: Any) -> Any:
        """A part's view, computed once for equal choices."""
        key = (part, self.key(part, selection))
        return self.memory.once("result", key, lambda: self.compute(part, selection), most=REMEMBERED)

    def known(self, part: str, selection: Any) -> bool:
        """Whether a part's view need not be computed."""
        return self.memory.holds("result", (part, self.key(part, selection)))

    def keep(self, part: str, selection: Any, view: Any) -> None:
        """Hold a view that was computed beside the page."""
        self.memory.keep("result", (part, self.key(part, selection)), view, most=REMEMBERED)

    def again(self) -> None:
        """Try once more what failed; what succeeded is remembered."""
        self._update()

    def fault(self, part: str, error: BaseException) -> None:
        """Say it where the part stands; what was there stays, and is called earlier."""
        code = kernel.record(error)
        if part in self.panels:
            self.panels[part].fail(code)
        else:
            self.surround.trouble.say(code, kept=self.memory.count("result") > 0)

    def wait(self, parts: tuple[str, ...]) -> None:
        """Dim what is being computed, and say so; none = all is shown."""
        self.surround.wait(bool(parts))
        for part, panel in self.panels.items():
            panel.wait(part in parts)

    def refusal(self) -> str:
        """What is said where no release can be shown."""
        for error in self.library.faults.values():
            kernel.record(error)
        return "".join(
            html.notice(text(f"app.release.{reason}", self.lang), alert=True) for reason in self.library.reasons
        )

    def _changed(self, _: Any) -> None:
        if self._setting:
            return
        if self._timer:
            self._timer.cancel()
        loop = jobs.loop()
        if loop is None:
            self.update_all()
        else:
            self._timer = loop.call_later(DELAY, lambda: self.guarded(self._update))

    def _update(self) -> None:
        """Show the first part now and leave the others to the loop, so that controls stay usable."""
        if self._running:
            self._running.cancel()
        self.surround.trouble.clear()
        self.wait(self.parts)
        try:
            selection = self._settled()
        except Exception:
            self.wait(())
            raise
        self._show(self.parts[0], selection)
        self.root.add_class("hyte-ready")
        loop = jobs.loop()
        if loop is None or all(self.known(part, selection) for part in self.parts):
            for part in self.parts[1:]:
                self._show(part, selection)
            self.wait(())
        else:
            self._running = loop.create_task(self._rest(selection))

    async def _rest(self, selection: Any) -> None:
        for place, part in enumerate(self.parts[1:]):
            await asyncio.sleep(YIELD)
            if place == 1 and self._visited:
                await _at_most(self._visited)
            self._show(part, selection)
        self.wait(())

    def _seen(self, _: bool) -> None:
        """The browser has put the page up: send what was lost while it did, and go on."""
        waiting: list[widgets.Widget] = [self.root]
        while waiting:
            widget = waiting.pop()
            widget.send_state()
            waiting += getattr(widget, "children", ())
        if self._visited:
            self._visited.set()

    def _settled(self) -> Any:
        self._setting = True
        try:
            return self.settle()
        finally:
            self._setting = False

    def _show(self, part: str, selection: Any) -> None:
        try:
            self.render(part, self.result(part, selection))
        except Exception as error:
            self.fault(part, error)


async def _at_most(event: asyncio.Event, seconds: float = BROWSER) -> None:
    """Wait for something, but not for ever."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
