"""The controls of page B: action, area, grouping, effect, reach of each group, budget and price."""

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as widgets

from hyteanalysis.apps import controls
from hyteanalysis.apps.benefit import setting as settings
from hyteanalysis.apps.benefit.choice import EFFECTS, Choice
from hyteanalysis.apps.benefit.own_numbers import reduction
from hyteanalysis.apps.benefit.setting import Setting
from hyteanalysis.apps.benefit.shelf import Shelf
from hyteanalysis.apps.choices import area_codes
from hyteanalysis.apps.library import Library
from hyteanalysis.apps.number_field import NumberField
from hyteanalysis.findings.kept import names_of
from hyteanalysis.i18n import number, text

MOST = 8  # groups whose reach can be set
OWN = "own"

Observe = Callable[[widgets.Widget, Callable[[Any], None]], None]


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
        self.own = NumberField("", lang, low=settings.EFFECT[0], high=settings.EFFECT[1], decimals=1)
        low, high = settings.REACH
        self.reach = [NumberField("", lang, low=low, high=high, decimals=1) for _ in range(MOST)]
        self.budget = NumberField(
            text("app.benefit.budget_field", lang), lang, low=settings.BUDGET[0], high=settings.BUDGET[1]
        )
        self.price = NumberField(text("app.benefit.price", lang), lang, low=settings.PRICE[0], high=settings.PRICE[1])
        self.about = widgets.HTML()
        self.reach_title = widgets.HTML(f"<p><strong>{escape(text('app.benefit.reach', lang))}</strong></p>")
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

    def bind(self, observe: Observe, take: Callable[..., None]) -> None:
        """Let the controls set the state."""
        for name in ("action", "area", "dimension"):
            observe(getattr(self, name), self._taking(take, name))
        observe(self.effect, lambda value: take(effect=f"{self._default:.4g}" if value == OWN else value))
        self.own.bind(observe, lambda value: take(effect=f"{value:.10g}"))
        self.budget.bind(observe, lambda value: take(budget=f"{value:.10g}"))
        self.price.bind(observe, lambda value: take(price=f"{value:.10g}"))
        for place, field in enumerate(self.reach):
            field.bind(observe, lambda value, place=place: take(reach=self._with(place, value)))  # type: ignore[misc]

    def offer(self, choice: Choice, footing: Setting | None, library: Library, shelf: Shelf) -> None:
        """Set the options of every control and what is chosen."""
        lang = self.lang
        self._choice = choice
        whole = library.release(choice.release)
        actions = [(shelf.actions[one].label(lang), one) for one in shelf.usable(whole)]
        controls.offer(self.action, sorted(actions, key=lambda pair: pair[0].casefold()), choice.action)
        if not choice.action:
            return
        release = library.indicator(choice.release, choice.indicator)
        codes = area_codes(whole)
        names = names_of(release, *codes)
        nothing = [(text("app.choose", lang), "")] if choice.area is None else []
        controls.offer(self.area, [*nothing, *((names.area(code, lang), code) for code in codes)], choice.area or "")
        action = shelf.actions[choice.action]
        groupings = [
            (_capital(names.dimension(one, lang)), one) for one in settings.offered_dimensions(release, action)
        ]
        controls.offer(self.dimension, groupings, choice.dimension)
        described = action.description.get(lang, "")  # type: ignore[call-overload]
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
        options.append((text("app.benefit.effect.own", self.lang), OWN))
        controls.offer(self.effect, options, choice.effect if choice.own_effect is None else OWN)
        self.own.field.description = text(f"app.benefit.own_{scale}", self.lang)
        self._default = max(reduction(footing.action), 0.0)
        if choice.own_effect is not None:
            self.own.offer(100 * choice.own_effect)

    def _offer_numbers(self, choice: Choice, footing: Setting | None) -> None:
        self._groups = [] if footing is None else footing.groups[:MOST]
        controls.show(self.reach_title, footing is not None)
        for field in (self.budget, self.price):
            controls.show(field.widget, footing is not None)
        for place, field in enumerate(self.reach):
            controls.show(field.widget, place < len(self._groups))
        if footing is None:
            return
        names = footing.plain.baseline.names
        shares = {**footing.reach, **choice.own_reach}
        for field, group in zip(self.reach, self._groups, strict=False):
            label = names.group(choice.dimension, group, self.lang)
            field.field.description = text("app.benefit.reach_of", self.lang, group=label)
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
