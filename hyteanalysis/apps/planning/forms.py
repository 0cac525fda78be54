"""The forms of page C: what each asks for, what its lists offer, and what it does to the open plan."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any, get_args

import ipywidgets as widgets
from pydantic import BaseModel

from hyteanalysis.actions import Action
from hyteanalysis.apps.kit import controls, html
from hyteanalysis.apps.planning import edits
from hyteanalysis.apps.planning.choice import NEW, Editions, Opened, PlanChoice, goal_of
from hyteanalysis.apps.planning.edits import Refused
from hyteanalysis.cells import TOTAL
from hyteanalysis.disclosure import Release
from hyteanalysis.findings.lookup import names_of
from hyteanalysis.i18n import Unit, formats, number, text
from hyteanalysis.plan import Actor, Experience, Goal
from hyteanalysis.plan.deliberation import GROUNDS
from hyteanalysis.plan.goals import FORMS
from hyteanalysis.plan.numbers import Asked

_Act = Callable[[dict[str, Any]], str]
_KINDS: dict[str, Callable[[str], widgets.Widget]] = {
    "line": lambda label: widgets.Text(description=label, continuous_update=False),
    "lines": lambda label: widgets.Textarea(description=label, rows=3, continuous_update=False),
    "date": lambda label: widgets.DatePicker(description=label),
    "choice": lambda label: widgets.Dropdown(description=label, options=[]),
    "several": lambda label: widgets.SelectMultiple(description=label, options=[], rows=4),
}
_EMPTY: dict[str, Any] = {"line": "", "lines": "", "date": None, "several": ()}


@dataclass(frozen=True)
class Field:
    """A field: its name, with the text ``app.plan.field.NAME``, and its kind, a key of ``_KINDS``."""

    name: str
    kind: str = "line"


class Form:
    """Fields and a button.

    Parameters
    ----------
    name : str
        The tick that opens it is ``app.plan.form.NAME``, its button ``app.plan.do.NAME``.
    fields : sequence of Field
    lang : {"fi", "sv", "en"}
    on_click : callable
        How the page lets a button act, inside its error boundary.
    act : callable
        Takes the values and gives what to say of it, or raises Refused.
    """

    def __init__(
        self,
        name: str,
        fields: Sequence[Field],
        lang: str,
        on_click: Callable[[widgets.Button, Callable[[], None]], None],
        act: _Act,
    ) -> None:
        self.lang, self._act = lang, act
        self.kinds = {field.name: field.kind for field in fields}
        self.fields = {
            field.name: _KINDS[field.kind](text(f"app.plan.field.{field.name}", lang)).add_class("hyte-field")
            for field in fields
        }
        for name_, kind in self.kinds.items():
            if kind == "lines":
                self.fields[name_].add_class("hyte-wide")
        self.button = widgets.Button(description=text(f"app.plan.do.{name}", lang))
        self.message = widgets.HTML().add_class("hyte-live")
        self.shown = controls.tick(text(f"app.plan.form.{name}", lang))
        self.above = widgets.HTML().add_class("hyte-live")
        self.body = widgets.VBox([controls.row(*self.fields.values()), self.above, self.button]).add_class("hyte-form")
        self.widget = widgets.VBox([self.shown, self.body, self.message]).add_class("hyte-more")
        on_click(self.button, self.submit)
        self.shown.observe(lambda change: controls.show(self.body, change["new"] is True), "value")
        controls.show(self.body, False)

    def values(self) -> dict[str, Any]:
        """What stands in the fields."""
        return {name: widget.value for name, widget in self.fields.items()}

    def put(self, values: dict[str, Any]) -> None:
        """Fill in fields; a value that a list does not offer leaves it as it is."""
        for name, value in values.items():
            field = self.fields[name]
            if self.kinds[name] == "choice":
                if value in [one for _, one in field.options]:
                    field.value = value
            elif self.kinds[name] == "several":
                field.value = tuple(one for one in value if one in [known for _, known in field.options])
            else:
                field.value = value

    def clear(self) -> None:
        """Empty the fields; lists stay as chosen."""
        self.put({name: _EMPTY[kind] for name, kind in self.kinds.items() if kind in _EMPTY})

    def offer(self, name: str, options: Sequence[controls.Option]) -> None:
        """Set what a list offers; what was chosen stays chosen where it still can be."""
        field, given = self.fields[name], tuple(options)
        if tuple(field.options) == given:
            return
        chosen = field.value
        field.options = given
        if self.kinds[name] == "choice" and field.value is None and given:
            field.value = given[0][1]
        self.put({name: chosen if chosen is not None else ()} if self.kinds[name] == "several" else {name: chosen})

    def submit(self) -> None:
        """Take the content; once taken, the fields are empty for the next."""
        try:
            said = self._act(self.values())
        except Refused as refusal:
            self.message.value = html.notice(refusal.words(self.lang), alert=True) + html.technical(
                refusal.detail, self.lang
            )
            return
        self.clear()
        self.message.value = f"<p>{escape(said)}</p>"


FIELDS: dict[str, tuple[Field, ...]] = {
    "plan": (
        Field("title"), Field("organisation"), Field("plan_area", "choice"), Field("first_year"), Field("last_year"),
    ),
    "goal": (
        Field("title"), Field("theme"), Field("indicator", "choice"), Field("area", "choice"), Field("whom", "choice"),
        Field("target"), Field("target_date", "date"), Field("threshold"), Field("lead", "choice"),
        Field("partners", "several"), Field("next_check", "date"), Field("grounds", "lines"),
    ),
    "action": (
        Field("title"), Field("effect", "choice"), Field("form", "choice"), Field("groups", "several"), Field("reach"),
        Field("lead", "choice"), Field("partners", "several"), Field("money"), Field("starts", "date"),
        Field("ends", "date"), Field("note", "lines"),
    ),
    "measure": (
        Field("title"), Field("purpose", "choice"), Field("unit"), Field("baseline"), Field("now"), Field("target"),
        Field("source"),
    ),
    "actor": (Field("name"), Field("kind", "choice")),
    "experience": (
        Field("text", "lines"), Field("source", "choice"), Field("date", "date"), Field("method"), Field("whom"),
        Field("participants"), Field("consent", "choice"), Field("stance", "choice"),
    ),
    "follow_up": (
        Field("date", "date"), Field("actor", "choice"), Field("next_check", "date"), Field("observation", "lines"),
        Field("decision", "lines"),
    ),
    "deliberation": (
        Field("title"), Field("date", "date"), Field("about", "several"), Field("took_part", "lines"),
        Field("joys", "lines"), Field("worries", "lines"), Field("values_raised", "lines"), Field("criteria", "lines"),
        Field("aversion"), Field("switch", "lines"),
        *(Field(f"ground_{kind}", "lines") for kind in GROUNDS),
        Field("decision", "lines"), Field("dissent", "lines"),
    ),
}  # fmt: skip
OF_A_NEW_GOAL = ("indicator", "area", "whom")


class Forms:
    """All forms, by name in ``forms``.

    Parameters
    ----------
    lang : {"fi", "sv", "en"}
    editions : Editions
    actions : dict
        Actions with an effect, by id.
    on_click : callable
        How the page lets a button act, inside its error boundary.
    changed : callable
        Called after a change of the plan, with the id of the goal to show (None leaves it as it is), and the id of
        the effect that was taken in.
    """

    def __init__(
        self,
        lang: str,
        editions: Editions,
        actions: dict[str, Action],
        on_click: Callable[[widgets.Button, Callable[[], None]], None],
        changed: Callable[[str | None, str], None],
    ) -> None:
        self.lang, self.editions, self.actions, self._changed = lang, editions, actions, changed
        self.release: Release | None = None
        self.choice = PlanChoice()
        self.forms = {
            name: Form(name, fields, lang, on_click, partial(self._take, name)) for name, fields in FIELDS.items()
        }
        self._drafts: dict[str, dict[str, Any]] = {}
        self._waited = PlanChoice()
        self._filled: tuple[str, dict[str, Any]] = ("", {})

    def __getitem__(self, name: str) -> Form:
        return self.forms[name]

    @staticmethod
    def today() -> datetime.date:
        """The day on which things are done."""
        return datetime.date.today()

    def offer(self, release: Release, choice: PlanChoice) -> None:
        """Set what the lists offer, and fill the goal's form; what was typed for another goal waits for its return."""
        self.release, self.choice = release, choice
        plan, names, lang = self.editions.plan, names_of(release), self.lang
        places = [(names.area(one, lang), one) for one in dict.fromkeys(release.areas["area"])]
        self.forms["plan"].offer("plan_area", places)
        if plan is None:
            return
        nobody = (text("report.nobody", lang), "")
        actors = [(one.name, one.id) for one in plan.actors]
        goal, forms = goal_of(plan, self.choice), self.forms
        for name in ("goal", "action"):
            forms[name].offer("lead", [nobody, *actors])
            forms[name].offer("partners", actors)
        forms["follow_up"].offer("actor", actors or [nobody])
        indicators = [(names.indicator(one, lang), one) for one in release.indicators["indicator"]]
        forms["goal"].offer("indicator", indicators)
        forms["goal"].offer("area", places)
        groups = release.groups[release.groups["dimension"] != "dimension"].drop_duplicates(["dimension", "group"])
        groups = groups.sort_values(["dimension", "order"], kind="stable")[["dimension", "group"]]
        whom = [
            (f"{names.dimension(d, lang)}: {names.group(d, g, lang)}", f"{d}|{g}")
            for d, g in groups.to_numpy()
            if d != TOTAL
        ]
        forms["goal"].offer("whom", [(names.group(TOTAL, TOTAL, lang), f"{TOTAL}|{TOTAL}"), *whom])
        effects = [(one.label(lang), id) for id, one in sorted(self.actions.items())]
        forms["action"].offer("effect", [(text("app.plan.no_effect", lang), ""), *effects])
        forms["action"].offer("form", [(text(f"report.form.{one}", lang), one) for one in FORMS])
        by = (
            self.actions[choice.action].dimension
            if choice.action in self.actions
            else (goal.dimension if goal else TOTAL)
        )
        known = groups.loc[groups["dimension"] == by, "group"]
        forms["action"].offer("groups", [(names.group(by, one, lang), one) for one in known])
        forms["measure"].offer(
            "purpose", [(text(f"report.purpose.{one}", lang), one) for one in ("process", "outcome")]
        )
        codes: tuple[tuple[str, str, type[BaseModel], Callable[[str], str]], ...] = (
            ("actor", "kind", Actor, lambda one: text(f"app.plan.kind.{one}", lang)),
            ("experience", "source", Experience, lambda one: text(f"report.source.{one}", lang)),
            ("experience", "consent", Experience, lambda one: text(f"app.plan.consent.{one}", lang)),
            ("experience", "stance", Experience, lambda one: text(f"report.stance.{one}", lang)),
        )
        for form, field, model, words in codes:
            usual = model.model_fields[field].default
            values = sorted(get_args(model.model_fields[field].annotation), key=lambda one: one != usual)
            forms[form].offer(field, [(words(one), one) for one in values])
        forms["deliberation"].offer("about", [(one.title, one.id) for one in plan.goals])
        self._fill(goal)

    def _fill(self, goal: Goal | None) -> None:
        """The goal's form: as the goal is, or as its draft was left."""
        form, (id, before) = self.forms["goal"], self._filled
        wanted = goal.id if goal is not None else NEW
        standing = form.values()
        if id and id != wanted and standing != before:
            self._drafts[id] = standing
        fresh = self._of(goal) if goal is not None else {}
        if id == wanted and standing != before:
            return  # something was typed: it stays
        if wanted in self._drafts:
            form.put(self._drafts.pop(wanted))
        elif goal is not None:
            form.put(fresh)
        elif id != wanted:
            form.clear()
            asked = {
                "indicator": self.choice.indicator,
                "area": self.choice.area or (self.editions.plan.area if self.editions.plan else ""),
            }
            form.put(asked)
        for name in OF_A_NEW_GOAL:
            form.fields[name].disabled = goal is not None
        if id != wanted:
            form.message.value = ""
        if goal is None and id != wanted:
            form.shown.value = True
        form.button.description = text("app.plan.do.goal" if goal is None else "app.plan.do.goal_save", self.lang)
        self._filled = (wanted, form.values())

    def _of(self, goal: Goal) -> dict[str, Any]:
        """A goal as its form shows it."""
        return {
            "title": goal.title, "theme": goal.theme, "indicator": goal.indicator, "area": goal.area,
            "whom": f"{goal.dimension}|{goal.group}", "target": self._written(goal.target.value),
            "target_date": goal.target.date, "threshold": self._written(goal.threshold), "lead": goal.lead or "",
            "partners": tuple(role.actor for role in goal.actors if role.role == "partner"),
            "next_check": goal.next_check, "grounds": goal.grounds,
        }  # fmt: skip

    def _written(self, value: float | None) -> str:
        """A number as it is typed: nothing rounded, no thousands parted."""
        return "" if value is None else f"{value:.10g}".replace(".", "." if self.lang == "en" else ",")

    def baseline(self) -> str:
        """What a new goal would begin from, filled in from the release; or why it cannot."""
        if self.release is None or self.choice.goal != NEW:
            return ""
        asked = self._asked()
        try:
            start = edits.baseline(self.release, asked, self.today())
        except Refused as refusal:
            return refusal.words(self.lang)
        unit = Unit.of(self.release.indicators.set_index("indicator").loc[asked.indicator].to_dict(), [start.value])
        shown = ""
        if start.lower is not None and start.upper is not None:
            shown = formats.in_brackets(unit.interval(start.lower, start.upper, self.lang))
        return text(
            "app.plan.baseline",
            self.lang,
            level=unit.level(start.value, self.lang),
            interval=shown,
            period=formats.when(start.period),
        )

    def wait_for(self, choice: PlanChoice) -> None:
        """Fill the action's form with the action that page B sent, once a plan is open: what is typed over it stays."""
        action = self.actions.get(choice.action)
        sent = PlanChoice(action=choice.action, form=choice.form, groups=choice.groups, reach=choice.reach)
        if action is None or self.editions.plan is None or sent == self._waited:
            return
        self._waited = sent
        self.forms["action"].shown.value = True
        share = "" if choice.reached is None else number(100 * choice.reached, self.lang, 1)
        self.forms["action"].put(
            {
                "title": action.label(self.lang),
                "effect": action.id,
                "form": choice.form,
                "groups": choice.groups,
                "reach": share,
            }
        )

    def _asked(self) -> Asked:
        said = self.forms["goal"].values()
        dimension, _, group = str(said["whom"] or f"{TOTAL}|{TOTAL}").partition("|")
        return Asked(str(said["indicator"]), str(said["area"]), dimension, group)

    def _take(self, name: str, said: dict[str, Any]) -> str:
        """Take what was typed in a form into the plan, and give what to say of it."""
        if self.release is None:
            raise Refused("no_open")
        plan = self.editions.plan
        goal = goal_of(plan, self.choice)
        if name == "goal":
            said = {**said, **self._asked()._asdict()}
        opened = Opened(plan, goal, self.release, self.actions, self.today(), self.lang)
        changed = edits.edited(name, said, opened)
        if name == "plan":
            self.editions.open(changed, text("app.plan.unnamed", self.lang))
            self.forms["plan"].shown.value = False
        else:
            self.editions.change(changed)
        if name == "goal":
            self._drafts.pop(self._filled[0], None)
            self._filled = ("", {})
        shown = None if name != "goal" else goal.id if goal else changed.goals[-1].id
        self._changed(shown, said["effect"] if name == "action" else "")
        return text(f"app.plan.done.{name}", self.lang)
