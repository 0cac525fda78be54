"""Page B, *Ketä auttaa eniten*: whom an action helps most, and which way of sharing the money narrows the gap."""

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import replace
from html import escape
from typing import Any, ClassVar

import ipywidgets as widgets

from hyteanalysis import places
from hyteanalysis.apps.benefit import views
from hyteanalysis.apps.benefit.choice import (
    BUDGET,
    EFFECT,
    EFFECTS,
    PRICE,
    REACH,
    Choice,
    Setting,
    offered_dimensions,
    reduction,
)
from hyteanalysis.apps.benefit.numbers import STEPS, Numbers, numbers
from hyteanalysis.apps.kit import controls, html
from hyteanalysis.apps.kit.contents import area_options
from hyteanalysis.apps.kit.controls import NumberField
from hyteanalysis.apps.kit.jobs import Job, Stopped, Words
from hyteanalysis.apps.kit.library import ActionLibrary, Library
from hyteanalysis.apps.kit.page import Dashboard
from hyteanalysis.apps.pages import notebooks
from hyteanalysis.findings.lookup import names_of
from hyteanalysis.i18n import number, text

# choices that a part does not depend on, beside those that no number depends on
BLIND: dict[str, dict[str, Any]] = {
    "bars": {"target": ""},
    "tornado": {"per": ""},
    "shares": {"target": "", "per": ""},
    "plane": {"target": "", "per": ""},
    "frontier": {"target": "", "per": ""},
}
TARGETS = (("averted", ""), ("gap", "absolute_gap_change"))  # what the assumptions are weighed by: name and value
REFINING = Words("app.benefit.refining", "app.benefit.stop", "app.benefit.stopped")


class KetaAuttaaEniten(Dashboard):
    """The page; ``KetaAuttaaEniten(lang="fi").show()`` is its notebook's only cell."""

    choice_type = Choice
    parts = ("answer", *views.TEXTS, *views.FIGURES)
    anchors: ClassVar[dict[str, str]] = {
        "bars": "autetut",
        "shares": "vertailu",
        "plane": "hyoty",
        "frontier": "raja",
        "tornado": "ratkaisee",
    }

    def __init__(self, lang: str = "fi", library: Library | None = None, actions: ActionLibrary | None = None) -> None:
        super().__init__(lang, library)
        self.actions = ActionLibrary.from_environment() if actions is None else actions
        self.fields = Fields(lang)
        self.help = widgets.HTML(
            html.details(text("app.benefit.help", lang), html.paragraphs(text("app.benefit.help_text", lang)))
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
        self.refinement = Job(lang, self.on_click, REFINING)
        self.refinement.said.add_class("hyte-progress")
        self.texts = {part: widgets.HTML() for part in views.TEXTS}
        self.cards = {part: controls.card(words) for part, words in self.texts.items()}
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
        asked: Choice = self.state.selection()
        choice, changed = asked.settled(self.library, self.actions)
        if self._shown is None or replace(choice.numbers(), refined=False) != self._shown:
            choice = replace(choice, refined=False)
            self._example = not asked.action and choice.area is not None
        self._shown = replace(choice.numbers(), refined=False)
        self.state.take(choice)
        hint = text("app.benefit.first", self.lang) if self._example else ""
        self.first.value = f'<p class="hyte-sub">{escape(hint)}</p>' if hint else ""
        self.fields.offer(choice, self.result("setting", choice), self.library, self.actions)
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
            return Setting.of(selection, self.library, self.actions)
        footing: Setting | None = self.result("setting", selection)
        if footing is None:
            return None
        if part == "numbers":
            return numbers(footing, selection)
        found: Numbers = self.result("numbers", selection)
        plan = f"hyvinvointisuunnitelma.{self.lang}" in notebooks(places.dashboards())
        return views.compute(part, found, selection, self.lang, plan=plan, left_out=self._left_out(selection))

    def render(self, part: str, view: Any) -> None:
        """Put a part's view on its widgets."""
        if part == "answer":
            controls.show(self.asking, self.state.area is None)
            for card in self.steering:
                controls.show(card, view is not None)
            cannot = "app.benefit.cannot" if self.state.action else "app.benefit.no_action"
            nothing = "app.benefit.nothing" if self.state.area is None else cannot
            self.answer.value = view.html(self.lang) if view else html.notice(text(nothing, self.lang))
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
        for part in views.TEXTS:
            await asyncio.sleep(0)
            self._show(part, selection)
        if await self._refined(footing, replace(selection, refined=True)):
            self.state.refined = True  # and the page follows
        else:
            await super()._rest(selection)

    async def _refined(self, footing: Setting, choice: Choice) -> bool:
        """Make the estimate with all its draws beside the page, where that has not been done."""
        if self.known("numbers", choice):
            return True
        try:
            found = await self.refinement.run(lambda tell: numbers(footing, choice, lambda done: tell(done, STEPS, "")))
        except Stopped:
            return False
        except Exception as error:
            self.fault("page", error)
            return False
        self.keep("numbers", choice, found)
        return True

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
        usable = self.actions.usable(self.library.release(choice.release))
        names = [action.label(self.lang) for name, action in self.actions.actions.items() if name not in usable]
        names += self.actions.faults
        return text("app.benefit.left_out", self.lang, names=", ".join(names)) if names else ""


_MOST = 8  # groups whose reach can be set
_OWN = "own"

_Observe = Callable[[widgets.Widget, Callable[[Any], None]], None]


class Fields:
    """The rows of controls; what they hold is looked up on this side.

    Parameters
    ----------
    lang : {"fi", "sv", "en"}
    """

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.action = controls.choice(text("app.benefit.action", lang))
        self.area = controls.choice(text("app.area", lang))
        self.dimension = controls.choice(text("app.dimension", lang))
        self.effect = controls.choice(text("app.benefit.effect", lang))
        self.own = NumberField("", lang, low=EFFECT[0], high=EFFECT[1], decimals=1)
        low, high = REACH
        self.reach = [NumberField("", lang, low=low, high=high, decimals=1) for _ in range(_MOST)]
        self.budget = NumberField(text("app.benefit.budget_field", lang), lang, low=BUDGET[0], high=BUDGET[1])
        self.price = NumberField(text("app.benefit.price", lang), lang, low=PRICE[0], high=PRICE[1])
        self.about = widgets.HTML()
        self.reach_title = widgets.HTML()
        self.rows = (
            controls.row(self.action, self.area, self.dimension),
            self.about,
            controls.row(self.effect, self.own.widget, self.budget.widget, self.price.widget),
            self.reach_title,
            controls.row(*(one.widget for one in self.reach)),
        )
        self._groups: list[str] = []
        self._choice = Choice()
        self._default = 0.0

    def bind(self, observe: _Observe, take: Callable[..., None]) -> None:
        """Let the controls set the state."""
        for name in ("action", "area", "dimension"):
            observe(getattr(self, name), self._taking(take, name))
        observe(self.effect, lambda value: take(effect=f"{self._default:.4g}" if value == _OWN else value))
        self.own.bind(observe, lambda value: take(effect=f"{value:.10g}"))
        self.budget.bind(observe, lambda value: take(budget=f"{value:.10g}"))
        self.price.bind(observe, lambda value: take(price=f"{value:.10g}"))
        for place, field in enumerate(self.reach):
            field.bind(observe, lambda value, place=place: take(reach=self._with(place, value)))  # type: ignore[misc]

    def offer(self, choice: Choice, footing: Setting | None, library: Library, offered: ActionLibrary) -> None:
        """Set the options of every control and what is chosen."""
        lang = self.lang
        self._choice = choice
        whole = library.release(choice.release)
        actions = [(offered.actions[one].label(lang), one) for one in offered.usable(whole)]
        controls.offer(self.action, sorted(actions, key=lambda pair: pair[0].casefold()), choice.action)
        if not choice.action:
            return
        release = library.indicator(choice.release, choice.indicator)
        names = names_of(release)
        nothing = [(text("app.choose", lang), "")] if choice.area is None else []
        controls.offer(self.area, [*nothing, *area_options(whole, lang)], choice.area or "")
        action = offered.actions[choice.action]
        groupings = [(_capital(names.dimension(one, lang)), one) for one in offered_dimensions(release, action)]
        controls.offer(self.dimension, groupings, choice.dimension)
        described = action.description.get(lang, "")
        outcome = text("app.benefit.outcome", lang, indicator=names.indicator(choice.indicator, lang))
        turned = release.indicators.set_index("indicator").loc[choice.indicator, "favourable"]
        lines = [described, outcome, *([text("action.note.turned", lang)] if turned else [])]
        self.about.value = f'<p class="hyte-sub">{escape(" ".join(filter(None, lines)))}</p>'
        self._offer_effect(choice, footing)
        self._offer_numbers(choice, footing)

    def _offer_effect(self, choice: Choice, footing: Setting | None) -> None:
        controls.show(self.effect, footing is not None)
        controls.show(self.own.widget, choice.own_effect is not None and footing is not None)
        if footing is None:
            return
        scale = footing.action.effect.scale
        ends = EFFECTS if footing.action.effect.lower is not None else ("",)
        options = [
            (
                text(
                    f"app.benefit.effect.{end or 'middle'}", self.lang,
                    number=text(f"app.benefit.effect_{scale}", self.lang,
                                number=number(reduction(footing.action, end), self.lang, 1)),
                ),
                end,
            )
            for end in sorted(ends, key=("cautious", "", "bold").index)
        ]  # fmt: skip
        options.append((text("app.benefit.effect.own", self.lang), _OWN))
        controls.offer(self.effect, options, choice.effect if choice.own_effect is None else _OWN)
        self.own.field.description = text(f"app.benefit.own_{scale}", self.lang)
        self._default = max(reduction(footing.action), 0.0)
        if choice.own_effect is not None:
            self.own.offer(100 * choice.own_effect)

    def _offer_numbers(self, choice: Choice, footing: Setting | None) -> None:
        self._groups = [] if footing is None else footing.groups[:_MOST]
        controls.show(self.reach_title, footing is not None)
        for field in (self.budget, self.price):
            controls.show(field.widget, footing is not None)
        for place, field in enumerate(self.reach):
            controls.show(field.widget, place < len(self._groups))
        if footing is None:
            return
        names = footing.plain.baseline.names
        shares = {**footing.reach, **choice.own_reach}
        of = text(f"app.benefit.reach.{footing.action.reach.of}", self.lang)
        self.reach_title.value = f"<p><strong>{escape(of)}</strong></p>"
        for field, group in zip(self.reach, self._groups, strict=False):
            label = names.group(choice.dimension, group, self.lang)
            field.field.description = text(f"app.benefit.reach_of.{footing.action.reach.of}", self.lang, group=label)
            field.offer(100 * shares[group])
        self.budget.offer(float(choice.budget) if choice.budget else footing.budget)
        self.price.offer(float(choice.price) if choice.price else footing.price)

    def _with(self, place: int, value: float) -> tuple[str, ...]:
        """Own reach with one group's changed."""
        if place >= len(self._groups):
            return self._choice.reach
        own = dict(one.rpartition(":")[::2] for one in self._choice.reach)
        own[self._groups[place]] = f"{value:.10g}"
        return tuple(f"{group}:{share}" for group, share in sorted(own.items()))

    def _taking(self, take: Callable[..., None], name: str) -> Callable[[Any], None]:
        return lambda value: take(**{name: value})


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
