"""Page C, *Hyvinvointisuunnitelma*: where the goals stand, who carries them, what is done, and the report of it."""

from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html import escape
from typing import Any, ClassVar

import ipywidgets as widgets

from hyteanalysis.apps.kit import controls, html, jobs
from hyteanalysis.apps.kit.jobs import Job
from hyteanalysis.apps.kit.library import ActionLibrary, Library
from hyteanalysis.apps.kit.page import Dashboard
from hyteanalysis.apps.planning import edits, files, views
from hyteanalysis.apps.planning.choice import NEW, Editions, Opened, PlanChoice, goal_of
from hyteanalysis.apps.planning.edits import Refused
from hyteanalysis.apps.planning.files import MAKING, PlanFiles
from hyteanalysis.apps.planning.forms import OF_A_NEW_GOAL, Forms
from hyteanalysis.disclosure import Release
from hyteanalysis.i18n import formats, text
from hyteanalysis.plan import Plan

SLOW = ("rules", "sheet")  # computed beside the page: nobody waits for them
NEEDS = {"answer": "overview", "goals": "overview", "follow_up": "compared"}


class Hyvinvointisuunnitelma(Dashboard):
    """The page; ``Hyvinvointisuunnitelma(lang="fi").show()`` is its notebook's only cell."""

    choice_type = PlanChoice
    parts = (
        *("answer", "goals", "goal", "reason", "actions", "measures", "experience", "follow_up", "talk", "check"),
        *SLOW,
    )
    anchors: ClassVar[dict[str, str]] = {"reason": "perustelu", "sheet": "tyopohja"}

    def __init__(self, lang: str = "fi", library: Library | None = None, actions: ActionLibrary | None = None) -> None:
        super().__init__(lang, library)
        self.actions = (ActionLibrary.from_environment() if actions is None else actions).actions
        self.editions = Editions()
        help_text = html.paragraphs(text("app.plan.help_text", lang))
        self.help = widgets.HTML(html.details(text("app.plan.help", lang), help_text))
        self.upload = widgets.FileUpload(accept=".yml,.yaml,.json", description="", tooltip=text("app.plan.open", lang))
        self.example = widgets.Button(description=text("app.plan.example", lang))
        self.undo = widgets.Button(description=text("app.plan.undo", lang))
        self.opened = widgets.HTML().add_class("hyte-live")
        self.unsaved = widgets.HTML().add_class("hyte-live")
        self.goal = controls.choice(text("app.plan.goal", lang))
        self.sheet = controls.tick(text("app.plan.sheet", lang))
        self.update = widgets.Button(description=text("app.plan.update", lang))
        self.waiting = widgets.HTML().add_class("hyte-live")
        self.drop = widgets.Button(description=text("app.plan.drop", lang))
        self.waits = controls.card(self.waiting, _line(self.drop))
        self.forms = Forms(lang, self.editions, self.actions, self.on_click, self._edited)
        self.save = PlanFiles(("yml",), lang, self.on_click, self._source, self._saved)
        self.export = PlanFiles(("docx", "pptx", "xlsx", "zip"), lang, self.on_click, self._source, self._saved)
        self.texts = {part: widgets.HTML() for part in self.parts if part not in self.anchors}
        self.texts["answer"].add_class("hyte-live")
        thread = ThreadPoolExecutor(1)
        self._beside = {part: Job(lang, self.on_click, MAKING, thread) for part in SLOW}

    def build(self) -> list[widgets.Widget]:
        """The page from top to bottom; controls set the state, forms change the plan."""
        self.observe(self.goal, self.setter("goal"))
        self.observe(self.sheet, self.setter("sheet"))
        self.observe(self.upload, self._uploaded)
        for name in OF_A_NEW_GOAL:
            self.observe(self.forms["goal"].fields[name], lambda _: self._show_baseline())
        self.on_click(self.example, self._example)
        self.on_click(self.undo, self._undone)
        self.on_click(self.update, self._refreshed)
        self.on_click(self.drop, lambda: self.state.take(self.state.selection().without_action()))
        said, form = self.texts, {name: one.widget for name, one in self.forms.forms.items()}
        top = html.heading(text("app.plan.export", self.lang), "vienti", text("app.plan.export_lead", self.lang))
        cards = [
            controls.card(said["goals"], said["rules"]),
            controls.card(controls.row(self.goal), said["goal"], form["goal"], _line(self.update)),
            self.panels["reason"].widget,
            controls.card(said["actions"], form["action"]),
            controls.card(said["measures"], form["measure"]),
            controls.card(said["experience"], form["experience"]),
            controls.card(said["follow_up"], form["follow_up"]),
            controls.card(form["actor"]),
            controls.card(said["talk"], form["deliberation"], self.sheet),
            self.panels["sheet"].widget,
            controls.card(said["check"]),
            controls.card(widgets.HTML(top), self.export.widget),
        ]
        self.of_plan = widgets.VBox(cards).add_class("hyte-page")
        head = _line(self.upload, self.example, self.undo)
        return [
            *self.surround.top,
            self.help,
            controls.card(head, form["plan"], self.opened, self.save.widget, self.unsaved),
            *self.surround.notices,
            self.waits,
            said["answer"],
            self.surround.progress,
            self.of_plan,
            *self.surround.bottom,
        ]

    def start(self) -> None:
        """Put the widgets on the page, with the plan that the server was started with, or the example."""
        super().start()
        self._first()

    def settle(self) -> PlanChoice:
        """The valid choice; controls show it, and what was changed is said."""
        plan = self.editions.plan
        asked: PlanChoice = self.state.selection()
        choice, changed = asked.settled(self.library, plan, self.actions)
        choice = replace(choice, edition=self.editions.number)
        self.state.take(choice)
        controls.show(self.of_plan, plan is not None)
        controls.show(self.undo, self.editions.can_undo)
        goals = [(goal.title, goal.id) for goal in plan.goals] if plan else []
        controls.offer(self.goal, [*goals, (text("app.plan.new_goal", self.lang), NEW)], choice.goal or NEW)
        self.sheet.value = choice.sheet
        controls.show(self.update, goal_of(plan, choice) is not None)
        self.forms.offer(self.library.release(choice.release), choice)
        self._show_opened(choice)
        self._show_baseline()
        self.surround.follow(choice, changed)
        return choice

    def key(self, part: str, selection: PlanChoice) -> Hashable:
        """Parts that do not depend on a choice are not computed again when it changes."""
        if part == "reason":  # a figure of the release does not change with the plan's words
            goal = goal_of(self.editions.plan_of(selection.edition), selection)
            return (selection.release, goal and (goal.indicator, goal.area, goal.dimension), selection.phone)
        whole = (selection.release, selection.edition)
        if part == "sheet":
            return (*whole, selection.phone) if selection.sheet else None
        return whole if part in views.OF_THE_PLAN else (*whole, selection.goal)

    def compute(self, part: str, selection: PlanChoice) -> Any:
        """One part's view, from the plan of that edition and the release alone."""
        plan = self.editions.plan_of(selection.edition)
        if part == "sheet" and not selection.sheet:
            return None
        goal, release = goal_of(plan, selection), self.library.release(selection.release)
        if part == "reason" and goal is not None and goal.indicator in set(release.indicators["indicator"]):
            release = self.library.indicator(selection.release, goal.indicator)
        opened = Opened(plan, goal, release, self.actions, self.forms.today(), self.lang, selection.phone)
        known = self.result(NEEDS[part], selection) if part in NEEDS else None
        return views.compute(part, opened, known)

    def render(self, part: str, view: Any) -> None:
        """Put a part's view on its widgets."""
        if part in self.panels:
            self.panels[part].show(view, stem=f"{part}-{self.state.goal}")
            return
        nothing = html.notice(text("app.plan.nothing", self.lang)) if part == "answer" else ""
        self.texts[part].value = view or nothing

    def _show(self, part: str, selection: PlanChoice) -> None:
        """Slow parts are computed beside the page; a newer choice leaves the older behind."""
        nothing = self.key(part, selection) is None
        if part not in SLOW or jobs.loop() is None or nothing or self.known(part, selection):
            super()._show(part, selection)
            return

        def done(view: Any) -> None:
            self.keep(part, selection, view)
            self.render(part, view)

        self._beside[part].start(lambda _: self.compute(part, selection), done, lambda error: self.fault(part, error))

    def _first(self) -> None:
        """Open the server's plan, else the example."""
        try:
            plan, name, example = files.first()
        except (Refused, OSError) as error:
            self._refuse(error if isinstance(error, Refused) else Refused("no_plan", str(error)))
        else:
            self.editions.open(plan, name, example=example)

    def _example(self) -> None:
        self._first()
        self._edited()

    def _uploaded(self, value: Any) -> None:
        """Open an uploaded plan; whatever is wrong with it, the open plan and all that was typed stay."""
        given = list(value.values()) if isinstance(value, dict) else list(value)
        if not given:
            return
        name, content = str(given[0]["name"])[:200], given[0]["content"]
        self._setting = True
        self.upload.value = ()  # the same file may be chosen again
        self._setting = False
        try:
            plan = files.opened(bytes(memoryview(content)), name)
        except Refused as refusal:
            self._refuse(refusal)
            return
        self.editions.open(plan, name)
        self.opened.value = ""
        self._edited()

    def _refuse(self, refusal: Refused) -> None:
        kept = " " + text("app.plan.kept_open", self.lang) if self.editions.plan is not None else ""
        words = html.notice(refusal.words(self.lang) + kept, alert=True)
        self.opened.value = words + html.technical(refusal.detail, self.lang)

    def _undone(self) -> None:
        self.editions.undo()
        self._edited()

    def _refreshed(self) -> None:
        plan, release = self.editions.plan, self.library.release(self.state.release)
        goal = goal_of(plan, self.state.selection())
        if goal is None:
            return
        opened = Opened(plan, goal, release, self.actions, self.forms.today(), self.lang)
        try:
            self.editions.change(edits.edited("finding", {}, opened))
        except Refused as refusal:
            self._refuse(refusal)
            return
        self._edited()

    def _edited(self, goal: str | None = None, effect: str = "") -> None:
        """Show the plan as it is now; an action that waited waits no more once it was taken in."""
        choice: PlanChoice = self.state.selection()
        if effect and effect == choice.action:
            choice = choice.without_action()
        self.state.take(replace(choice, goal=goal or choice.goal, edition=self.editions.number))

    def _source(self) -> tuple[Plan, Release] | None:
        plan = self.editions.plan
        return None if plan is None else (plan, self.library.release(self.state.release))

    def _saved(self, kind: str, plan: Plan) -> None:
        if kind in ("yml", "zip") and plan is self.editions.plan:
            self.editions.saved()
        self._show_opened(self.state.selection())

    def _show_opened(self, choice: PlanChoice) -> None:
        """What lies open, what is unsaved, and what waits."""
        now, lang = self.editions.now, self.lang
        controls.show(self.save.widget, now.plan is not None)
        for files_of in (self.save, self.export):
            files_of.follow(now.plan)
        which = text("app.plan.example_open" if now.example else "app.plan.file_open", lang, name=now.name)
        if now.plan is not None:
            which += f" {now.plan.organisation}, {now.plan.first_year}{formats.DASH}{now.plan.last_year}."
        count = escape(text("app.plan.unsaved", lang, number=str(now.unsaved)))
        told = f'<p class="hyte-sub">{escape(which)}</p><p data-hyte-unsaved="{now.unsaved}">{count}</p>'
        self.unsaved.value = told if now.plan is not None else ""
        action = self.actions.get(choice.action)
        controls.show(self.waits, action is not None)
        if action is None:
            self.waiting.value = ""
            return
        form = text(f"report.form.{choice.form}", lang)
        self.waiting.value = html.notice(text("app.plan.waiting", lang, action=action.label(lang), form=form))
        self.forms.wait_for(choice)

    def _show_baseline(self) -> None:
        words = self.forms.baseline()
        self.forms["goal"].above.value = f"<p>{escape(words)}</p>" if words else ""


def _line(*buttons: widgets.Widget) -> widgets.Box:
    """Buttons beside each other."""
    return controls.row(*buttons).add_class("hyte-flow")
