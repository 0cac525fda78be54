"""Page B, *Ketä auttaa eniten*: whom an action helps most, and which way of sharing the money narrows the gap."""

import asyncio
from collections.abc import Hashable
from dataclasses import replace
from html import escape
from typing import Any, ClassVar

import ipywidgets as widgets

from hyteanalysis import places
from hyteanalysis.apps import controls, markup
from hyteanalysis.apps.base import Dashboard
from hyteanalysis.apps.benefit import answer, assumptions, panels, rankings, sharing
from hyteanalysis.apps.benefit.choice import BenefitState, Choice
from hyteanalysis.apps.benefit.fields import Fields
from hyteanalysis.apps.benefit.numbers import STEPS, Numbers, numbers
from hyteanalysis.apps.benefit.setting import Setting, setting, settle
from hyteanalysis.apps.benefit.shelf import Shelf
from hyteanalysis.apps.frame import notebooks
from hyteanalysis.apps.library import Library
from hyteanalysis.apps.refinement import Refinement
from hyteanalysis.i18n import text

# choices that a part does not depend on, beside those that no number depends on
BLIND: dict[str, dict[str, Any]] = {
    "bars": {"target": ""},
    "tornado": {"per": ""},
    "shares": {"target": "", "per": ""},
    "plane": {"target": "", "per": ""},
    "frontier": {"target": "", "per": ""},
}
TARGETS = (("averted", ""), ("gap", "absolute_gap_change"))  # what the assumptions are weighed by: name and value
TEXTS = ("rankings", "cards", "values", "assumptions")  # shown at once; figures once all the draws are there


class KetaAuttaaEniten(Dashboard):
    """The page; ``KetaAuttaaEniten(lang="fi").show()`` is its notebook's only cell."""

    state_type = BenefitState
    state: BenefitState
    parts = ("answer", *TEXTS, *panels.FIGURES)
    anchors: ClassVar[dict[str, str]] = {
        "bars": "autetut",
        "shares": "vertailu",
        "plane": "hyoty",
        "frontier": "raja",
        "tornado": "ratkaisee",
    }

    def __init__(self, lang: str = "fi", library: Library | None = None, shelf: Shelf | None = None) -> None:
        super().__init__(lang, library)
        self.shelf = Shelf.from_environment() if shelf is None else shelf
        self.fields = Fields(lang)
        self.help = widgets.HTML(
            markup.details(text("app.benefit.help", lang), _paragraphs("app.benefit.help_text", lang))
        )
        self.first = widgets.HTML()
        self.restore = widgets.Button(description=text("app.benefit.restore", lang))
        self.restoring = widgets.Box([self.restore]).add_class("hyte-flow")
        self.answer = widgets.HTML().add_class("hyte-live")
        self.example = widgets.Button(description=text("app.example", lang))
        self.asking = controls.row(self.example).add_class("hyte-flow")
        self.per = controls.choice(text("app.benefit.per", lang))
        self.target = controls.choice(text("app.benefit.target", lang))
        self.steering = [controls.card(controls.row(one)) for one in (self.per, self.target)]
        self.refinement = Refinement(lang, self.on_click)
        self.texts = {part: widgets.HTML() for part in TEXTS}
        self.cards = {part: controls.card(html) for part, html in self.texts.items()}
        self._shown: Choice | None = None
        self._example = False

    def build(self) -> list[widgets.Widget]:
        """The page from top to bottom; controls set the state."""
        self.fields.bind(self.observe, self._set)
        for trait in ("per", "target"):
            self.observe(getattr(self, trait), self.setter(trait))
        self.on_click(self.restore, lambda: self._set(effect="", reach=(), budget="", price=""))
        self.on_click(self.example, lambda: self._set(area=""))
        panel = {part: one.widget for part, one in self.panels.items()}
        per, target = self.steering
        return [
            *self.surround.top,
            self.help,
            controls.card(*self.fields.rows, self.first, self.restoring),
            *self.surround.notices,
            self.answer,
            self.asking,
            self.surround.progress,
            self.refinement.widget,
            per,
            panel["bars"],
            self.cards["rankings"],
            self.cards["cards"],
            panel["shares"],
            widgets.Box([panel["plane"], panel["frontier"]]).add_class("hyte-pair"),
            self.cards["values"],
            target,
            panel["tornado"],
            self.cards["assumptions"],
            *self.surround.bottom,
        ]

    def settle(self) -> Choice:
        """The valid choice; controls show it, and what was changed is said."""
        asked = self.state.selection()
        choice, changed = settle(asked, self.library, self.shelf)
        if self._shown is None or replace(choice.numbers(), refined=False) != self._shown:
            choice = replace(choice, refined=False)
            self._example = not asked.action and choice.area is not None
        self._shown = replace(choice.numbers(), refined=False)
        self.state.take(choice)
        hint = text("app.benefit.first", self.lang) if self._example else ""
        self.first.value = f'<p class="hyte-sub">{escape(hint)}</p>' if hint else ""
        self.fields.offer(choice, self.result("setting", choice), self.library, self.shelf)
        controls.show(self.restoring, choice.own)
        units = [(text("app.benefit.per_all", self.lang), ""), (text("app.benefit.per_1000", self.lang), "1000")]
        controls.offer(self.per, units, choice.per)
        targets = [(text(f"app.benefit.target_{name}", self.lang), value) for name, value in TARGETS]
        controls.offer(self.target, targets, choice.target)
        self.surround.follow(choice, changed)
        return choice

    def key(self, part: str, selection: Choice) -> Hashable:
        """Parts that do not depend on a choice are not computed again when it changes."""
        if part == "setting":
            return replace(selection.numbers(), refined=False, effect="", reach=(), budget="", price="")
        if part in BLIND:
            return replace(selection, **BLIND[part])
        return selection.numbers()

    def compute(self, part: str, selection: Choice) -> Any:
        """One part's view, from the releases, the actions and the choice alone; None where there are no numbers."""
        if part == "setting":
            return setting(selection, self.library, self.shelf)
        footing: Setting | None = self.result("setting", selection)
        if footing is None:
            return None
        if part == "numbers":
            return numbers(footing, selection)
        found: Numbers = self.result("numbers", selection)
        if part == "answer":
            return answer.answer(found, self.lang)
        if part in self.panels:
            return panels.panel(part, found, selection, self.lang)
        if part == "rankings":
            return rankings.html(found, self.lang)
        if part == "cards":
            return sharing.html(found, self.lang, plan=f"hyvinvointisuunnitelma.{self.lang}" in self._served())
        if part == "values":
            return sharing.switch_html(found, self.lang)
        return assumptions.html(found, selection, self.lang, left_out=self._left_out(selection))

    def render(self, part: str, view: Any) -> None:
        """Put a part's view on its widgets."""
        if part == "answer":
            controls.show(self.asking, self.state.area is None)
            for card in self.steering:
                controls.show(card, view is not None)
            nothing = "app.benefit.nothing" if self.state.area is None else "app.benefit.cannot"
            self.answer.value = answer.html(view, self.lang) if view else markup.notice(text(nothing, self.lang))
        elif part in self.panels:
            self.panels[part].show(view, stem="-".join((part, self.state.action, self.state.area or "")))
        else:
            controls.show(self.cards[part], view is not None)
            self.texts[part].value = view or ""

    def warm(self) -> None:
        """Do before the visitor comes what the first answer and figure need."""
        choice = self._settled()
        for part in ("answer", "bars"):
            self._show(part, choice)

    def wait(self, parts: tuple[str, ...]) -> None:
        """Dim what is being computed; an older refinement ends."""
        super().wait(parts)
        if parts:
            self.refinement.clear()

    async def _rest(self, selection: Choice) -> None:
        """Texts at once; figures when all the draws are there, or when the viewer wants no more of them."""
        footing: Setting | None = self.result("setting", selection)
        if footing is None or selection.refined:
            await super()._rest(selection)
            return
        for part in TEXTS:
            await asyncio.sleep(0)
            self._show(part, selection)
        if await self._refined(footing, replace(selection, refined=True)):
            self.state.refined = True  # and the page follows
        else:
            await super()._rest(selection)

    async def _refined(self, footing: Setting, choice: Choice) -> bool:
        """Make the estimate with all its draws beside the page, where that has not been done."""
        key = ("numbers", self.key("numbers", choice))
        if key in self._results:
            return True
        try:
            found = await self.refinement.run(lambda tell: numbers(footing, choice, tell), STEPS)
        except Exception as error:
            self.refinement.clear()
            self.fault("page", error)
            return False
        if found is not None:
            self._results[key] = found
        return found is not None

    def _set(self, **values: Any) -> None:
        """Set several traits at once; a new action has its own numbers, a new grouping its own reach."""
        if "action" in values:
            values = {"dimension": "", "effect": "", "reach": (), "budget": "", "price": "", **values}
        elif "dimension" in values:
            values = {"reach": (), **values}
        with self.state.hold_trait_notifications():
            for trait, value in values.items():
                setattr(self.state, trait, value)

    def _left_out(self, choice: Choice) -> str:
        """Which actions of the folder cannot be chosen here."""
        usable = self.shelf.usable(self.library.release(choice.release))
        names = [action.label(self.lang) for name, action in self.shelf.actions.items() if name not in usable]
        names += self.shelf.faults
        return text("app.benefit.left_out", self.lang, names=", ".join(names)) if names else ""

    def _served(self) -> list[str]:
        return notebooks(places.dashboards())


def _paragraphs(key: str, lang: str) -> str:
    return markup.paragraphs(text(key, lang))
