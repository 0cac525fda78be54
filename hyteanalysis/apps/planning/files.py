"""Files of a plan: read when one is opened, made beside the page when the viewer asks."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import escape
from io import BytesIO
from pathlib import Path
from threading import Event
from zipfile import ZIP_DEFLATED, ZipFile

import ipywidgets as widgets

from hyteanalysis import places, reports
from hyteanalysis.apps.kit import cards, controls, html, jobs
from hyteanalysis.apps.planning.edits import Refused, plain
from hyteanalysis.disclosure import Release, check_text
from hyteanalysis.errors import PlanError
from hyteanalysis.i18n import formats, text
from hyteanalysis.plan import Plan
from hyteanalysis.plan.checks import LONGEST
from hyteanalysis.plan.migrations import NewerSchema
from hyteanalysis.reports import Cancelled

LARGEST = 3_000_000  # bytes; a plan of 60 goals is a tenth of it


def opened(content: bytes, name: str) -> Plan:
    """The plan in a file's content, or Refused: too large, no text, no plan, a newer schema, personal data, faults."""
    if len(content) > LARGEST:
        raise Refused("too_large")
    try:
        said = content.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("no_plan") from None
    try:
        return Plan.from_text(said, name)
    except NewerSchema as error:
        raise Refused("newer", str(error)) from None
    except PlanError as error:
        if any(found.kind == "personal_code" for line in said.splitlines() for found in check_text(line[:LONGEST])):
            raise Refused("personal_file", str(error)) from None
        code = "no_plan" if "schema_version" not in said else "faulty"
        raise Refused(code, str(error)) from None


def first() -> tuple[Plan, str, bool]:
    """The plan that is shown at first, its file's name, and whether it is the example: the server's, else ours."""
    given = os.environ.get("HYTE_PLAN")
    path = Path(given) if given else places.committed("plans", "example.yml")
    example = not given or path == places.committed("plans", "example.yml")
    return opened(path.read_bytes(), path.name), path.name, example


Tell = Callable[[int, int, str], bool]
REPORTS = ("docx", "pptx", "xlsx")
KINDS = {kind: cards.FILES[kind][0] for kind in REPORTS} | {"zip": "application/zip", "yml": "application/yaml"}


def content(kind: str, plan: Plan, release: Release, lang: str, tell: Tell) -> bytes:
    """One file of a plan: a report, the plan itself (``yml``), or all of them (``zip``)."""
    if kind == "yml":
        return plan.to_text().encode("utf-8")
    if kind != "zip":
        return reports.made(plan, release, kind, lang=lang, progress=tell)
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as bundle:
        for place, one in enumerate(REPORTS):

            def part(done: int, total: int, words: str, place: int = place) -> bool:
                return tell(place * total + done, len(REPORTS) * total, words)

            bundle.writestr(f"{stem(plan)}.{one}", reports.made(plan, release, one, lang=lang, progress=part))
        bundle.writestr(f"{stem(plan)}.yml", plan.to_text())
    return out.getvalue()


def stem(plan: Plan) -> str:
    """What the names of its files begin with."""
    return plain(plan.title)[:60] or "suunnitelma"


class Making:
    """Buttons, a line that says how far it is, and the file.

    Parameters
    ----------
    kinds : tuple of str
        Keys of ``KINDS``; the buttons are ``app.plan.make.KIND``.
    lang : {"fi", "sv", "en"}
    on_click : callable
        How the page lets a button act, inside its error boundary.
    source : callable
        Gives the plan and the release, or None where no plan is open.
    done : callable
        Called with the kind and the plan of a file that is made.
    record : callable
        Writes an error to the log and gives its code.
    """

    def __init__(
        self,
        kinds: tuple[str, ...],
        lang: str,
        on_click: Callable[[widgets.Button, Callable[[], None]], None],
        source: Callable[[], tuple[Plan, Release] | None],
        done: Callable[[str, Plan], None],
        record: Callable[[BaseException], str],
    ) -> None:
        self.lang, self._source, self._done, self._record = lang, source, done, record
        self.buttons = {kind: widgets.Button(description=text(f"app.plan.make.{kind}", lang)) for kind in kinds}
        self.said = widgets.HTML().add_class("hyte-live").add_class("hyte-making")
        self.file = widgets.HTML().add_class("hyte-live")
        self.stop = widgets.Button(description=text("app.plan.stop", lang))
        for kind, button in self.buttons.items():
            on_click(button, self._maker(kind))
        on_click(self.stop, self.cancel)
        flow = controls.row(*self.buttons.values()).add_class("hyte-flow")
        self.widget = widgets.VBox([flow, controls.row(self.said, self.stop).add_class("hyte-flow"), self.file])
        controls.show(self.stop, False)
        self._one = ThreadPoolExecutor(1)
        self._stop: Event | None = None
        self._task: asyncio.Task[None] | None = None
        self._made: tuple[Plan, str] | None = None

    def follow(self, plan: Plan | None) -> None:
        """Say of a file that it is older than the plan that lies open now."""
        if self._made is not None:
            of, link = self._made
            older = "" if plan is of else f'<p class="hyte-sub">{escape(text("app.plan.older", self.lang))}</p>'
            self.file.value = older + link

    def make(self, kind: str) -> None:
        """Begin a file; while one is being made, a second press says so and begins nothing."""
        if self._stop is not None:
            self.said.value = f"<p>{escape(text('app.plan.busy', self.lang))}</p>"
            return
        found = self._source()
        if found is None:
            self.said.value = html.notice(text("app.plan.no.no_open", self.lang))
            return
        plan, release = found
        stop, loop = Event(), jobs.loop()
        if loop is None:
            self._show(kind, plan, content(kind, plan, release, self.lang, lambda *_: True))
            return

        def tell(done: int, total: int, words: str) -> bool:
            loop.call_soon_threadsafe(self._tell, stop, done, total, words)
            return not stop.is_set()

        async def run() -> None:
            try:
                made = await loop.run_in_executor(self._one, content, kind, plan, release, self.lang, tell)
                if not stop.is_set():
                    self._show(kind, plan, made)
            except Cancelled:
                pass
            except Exception as error:  # whatever fails: the plan and an earlier file stay
                code = self._record(error)
                self.said.value = html.notice(text("app.plan.failed", self.lang, code=code), alert=True)
            finally:
                self._stop = None
                controls.show(self.stop, False)

        self._stop = stop
        self._tell(stop, 0, 1, text("app.computing", self.lang))
        controls.show(self.stop, kind != "yml")
        self._task = loop.create_task(run())

    def cancel(self) -> None:
        """The viewer wants no more of it; an earlier file stays."""
        if self._stop is not None:
            self._stop.set()
            self.said.value = f"<p>{escape(text('app.plan.stopped', self.lang))}</p>"
            controls.show(self.stop, False)

    def _maker(self, kind: str) -> Callable[[], None]:
        return lambda: self.make(kind)

    def _tell(self, stop: Event, done: int, total: int, words: str) -> None:
        if self._stop is stop and not stop.is_set():
            share = str(round(100 * done / total))
            self.said.value = f"<p>{escape(text('app.plan.making', self.lang, share=share, step=words))}</p>"

    def _show(self, kind: str, plan: Plan, made: bytes) -> None:
        name = f"{stem(plan)}.{kind}"
        size = formats.integer(max(1, len(made) / 1000), self.lang)
        self.said.value = ""
        link = html.file_link(name, made, KINDS[kind], text("app.file.ready", self.lang, name=name, size=size))
        self._made = (plan, link)
        self._done(kind, plan)
