"""Files of a plan: read when one is opened, made beside the page when the viewer asks."""

import os
from collections.abc import Callable
from functools import partial
from html import escape
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import ipywidgets as widgets

from hyteanalysis import places, reports
from hyteanalysis.apps.kit import cards, controls, html, jobs, kernel
from hyteanalysis.apps.kit.jobs import Job, Tell, Words
from hyteanalysis.apps.planning.edits import Refused, plain
from hyteanalysis.disclosure import Release, check_text
from hyteanalysis.errors import PlanError
from hyteanalysis.i18n import formats, text
from hyteanalysis.plan import Plan
from hyteanalysis.plan.checks import LONGEST
from hyteanalysis.plan.files import NewerSchema

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


MAKING = Words("app.plan.making", "app.plan.stop", "app.plan.stopped")
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

            def part(done: int, total: int, words: str, place: int = place) -> None:
                tell(place * total + done, len(REPORTS) * total, words)

            bundle.writestr(f"{stem(plan)}.{one}", reports.made(plan, release, one, lang=lang, progress=part))
        bundle.writestr(f"{stem(plan)}.yml", plan.to_text())
    return out.getvalue()


def stem(plan: Plan) -> str:
    """What the names of its files begin with."""
    return plain(plan.title)[:60] or "suunnitelma"


class PlanFiles:
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
    """

    def __init__(
        self,
        kinds: tuple[str, ...],
        lang: str,
        on_click: Callable[[widgets.Button, Callable[[], None]], None],
        source: Callable[[], tuple[Plan, Release] | None],
        done: Callable[[str, Plan], None],
    ) -> None:
        self.lang, self._source, self._done = lang, source, done
        self.buttons = {kind: widgets.Button(description=text(f"app.plan.make.{kind}", lang)) for kind in kinds}
        self.file = widgets.HTML().add_class("hyte-live")
        for kind, button in self.buttons.items():
            on_click(button, partial(self.make, kind))
        self.job = Job(lang, on_click, MAKING)
        flow = controls.row(*self.buttons.values()).add_class("hyte-flow")
        self.widget = widgets.VBox([flow, self.job.widget, self.file])
        self._made: tuple[Plan, str] | None = None

    def follow(self, plan: Plan | None) -> None:
        """Say of a file that it is older than the plan that lies open now."""
        if self._made is not None:
            of, link = self._made
            older = "" if plan is of else f'<p class="hyte-sub">{escape(text("app.plan.older", self.lang))}</p>'
            self.file.value = older + link

    def make(self, kind: str) -> None:
        """Begin a file; while one is being made, a second press says so and begins nothing."""
        if self.job.running:
            self.job.say(text("app.plan.busy", self.lang))
            return
        found = self._source()
        if found is None:
            self.job.say(text("app.plan.no.no_open", self.lang), alert=True)
            return
        plan, release = found
        if kind == "yml" or jobs.loop() is None:  # at once
            self._show(kind, plan, content(kind, plan, release, self.lang, lambda *_: None))
            return
        self.job.start(partial(content, kind, plan, release, self.lang), partial(self._show, kind, plan), self._failed)

    def _failed(self, error: Exception) -> None:
        """Whatever fails, the plan and an earlier file stay."""
        self.job.say(text("app.plan.failed", self.lang, code=kernel.record(error)), alert=True)

    def _show(self, kind: str, plan: Plan, made: bytes) -> None:
        name = f"{stem(plan)}.{kind}"
        size = formats.integer(max(1, len(made) / 1000), self.lang)
        link = html.file_link(name, made, KINDS[kind], text("app.file.ready", self.lang, name=name, size=size))
        self._made = (plan, link)
        self._done(kind, plan)
