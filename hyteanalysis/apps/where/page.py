"""Page A, *Missä mennään*: which group is worst off, how big the gap is, how it has changed, how sure that is."""

from collections.abc import Callable, Hashable
from dataclasses import replace
from html import escape
from typing import Any, ClassVar

import ipywidgets as widgets

from hyteanalysis.apps.kit import controls, html
from hyteanalysis.apps.kit.library import Library
from hyteanalysis.apps.kit.page import Dashboard
from hyteanalysis.apps.where import views
from hyteanalysis.apps.where.choice import Choices, Selection
from hyteanalysis.apps.where.views import LISTED, ClearGap, Topics
from hyteanalysis.i18n import text


class MissaMennaan(Dashboard):
    """The page; ``MissaMennaan(lang="fi").show()`` is its notebook's only cell."""

    choice_type = Selection
    parts = ("answer", "gap", "trend", "topics", "matrix", "regions", "map", "quality", *views.RESEARCH)
    anchors: ClassVar[dict[str, str]] = {
        "gap": "ero",
        "trend": "kehitys",
        "matrix": "kaikki-asiat",
        "regions": "alueet",
        "map": "kartta",
        "forest": "vertailu",
        "curve": "keskittyminen",
        "pyramid": "ikarakenne",
    }

    def __init__(self, lang: str = "fi", library: Library | None = None) -> None:
        super().__init__(lang, library)
        self.area = controls.choice(text("app.area", lang))
        self.indicator = controls.choice(text("app.indicator", lang))
        self.dimension = controls.choice(text("app.dimension", lang))
        self.period = controls.choice(text("app.period", lang))
        self.first = widgets.HTML()
        self.limits = Limits(lang)
        self.answer = widgets.HTML().add_class("hyte-live")
        self.example = widgets.Button(description=text("app.example", lang))
        self.asking = controls.row(self.example).add_class("hyte-flow")
        self.sort = controls.choice(text("app.regions.sort", lang))
        self.sorting = controls.card(controls.row(self.sort))
        self.topics = widgets.HTML()
        self.links = [widgets.Button().add_class("hyte-link") for _ in range(LISTED)]
        self.quality = widgets.HTML()
        self.wanted = controls.tick(text("app.researcher", lang))
        self.researcher = widgets.HTML()
        self._topics: tuple[ClearGap, ...] = ()

    def build(self) -> list[widgets.Widget]:
        """The page from top to bottom; controls set the state."""
        for trait in ("area", "indicator", "dimension", "period", "sort"):
            self.observe(getattr(self, trait), self.setter(trait))
        self.observe(self.wanted, self.setter("researcher"))
        self.limits.bind(self.observe, lambda trait, value: self.setter(trait)(value))
        self.on_click(self.example, lambda: self.setter("area")(""))
        for place, link in enumerate(self.links):
            self.on_click(link, self._opener(place))
        panel = {part: one.widget for part, one in self.panels.items()}
        chosen = controls.row(self.area, self.indicator, self.dimension, self.period)
        return [
            *self.surround.top,
            controls.card(chosen, self.first, self.limits.widget),
            *self.surround.notices,
            self.answer,
            self.asking,
            self.surround.progress,
            panel["gap"],
            panel["trend"],
            controls.card(self.topics, *self.links),
            panel["matrix"],
            self.sorting,
            widgets.Box([panel["regions"], panel["map"]]).add_class("hyte-pair"),
            controls.card(self.quality),
            controls.card(self.wanted, self.researcher),
            *(panel[part] for part in views.RESEARCH if part in panel),
            *self.surround.bottom,
        ]

    def settle(self) -> Selection:
        """The valid selection; controls show it, and what was changed is said."""
        asked: Selection = self.state.selection()
        selection, changed = asked.settled(self.library)
        self.state.take(selection)
        hint = text("app.first", self.lang) if not asked.indicator and selection.area else ""
        self.first.value = f'<p class="hyte-sub">{escape(hint)}</p>' if hint else ""
        offered = Choices.of(selection, self.library, self.lang)
        nothing = [(text("app.choose", self.lang), "")] if selection.area is None else []
        controls.offer(self.area, [*nothing, *offered.areas], selection.area or "")
        controls.offer(self.indicator, offered.indicators, selection.indicator)
        controls.offer(self.dimension, offered.dimensions, selection.dimension)
        controls.offer(self.period, offered.periods, selection.period)
        orders = [(text("app.regions.by_level", self.lang), ""), (text("app.regions.by_gap", self.lang), "gap")]
        controls.offer(self.sort, orders, selection.sort)
        self.wanted.value = selection.researcher
        self.limits.offer(offered, selection)
        self.surround.follow(selection, changed)
        return selection

    def key(self, part: str, selection: Selection) -> Hashable:
        """Parts that do not depend on a choice are not computed again when it changes."""
        return replace(selection, **views.BLIND[part])

    def compute(self, part: str, selection: Selection) -> Any:
        """One part's view, from the releases and the selection alone."""
        said: views.FindingBox | None = None if part == "answer" else self.result("answer", selection)
        return views.compute(part, selection, self.library, self.lang, said.finding if said else None)

    def render(self, part: str, view: Any) -> None:
        """Put a part's view on its widgets."""
        if part == "answer":
            controls.show(self.asking, view is None)
            controls.show(self.sorting, view is not None)
            self.answer.value = view.html(self.lang) if view else html.notice(text("app.nothing", self.lang))
        elif part in self.panels:
            stem = "-".join((part, self.state.indicator, self.state.area or "", self.state.period))
            self.panels[part].show(view, stem=stem)
        elif part == "topics":
            self._show_topics(view)
        elif part == "quality":
            self.quality.value = view or ""
        else:
            self.researcher.value = view or ""

    def _show_topics(self, view: Topics | None) -> None:
        self._topics = found = view.lines if view is not None else ()
        lead = view.lead if view is not None else ""
        title = text("app.topics.title", self.lang)
        self.topics.value = f'<h2 id="asiat">{escape(title)}</h2><p class="hyte-sub">{escape(lead)}</p>'
        for place, link in enumerate(self.links):
            controls.show(link, place < len(found))
            link.description = f"{place + 1}. {found[place].words}" if place < len(found) else ""

    def _opener(self, place: int) -> Callable[[], None]:
        def act() -> None:
            if place < len(self._topics):
                self.state.indicator = self._topics[place].indicator

        return act


_MOST = 4  # other dimensions offered as limits
_COMPARED = ("app.compare", "app.compare_second")


class Limits:
    """Controls that open under "Lisää rajauksia"; what the release lacks is not offered.

    Parameters
    ----------
    lang : {"fi", "sv", "en"}
    """

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.opened = controls.tick(text("app.more", lang))
        self.groups = [controls.choice("") for _ in range(_MOST)]
        self.compared = [controls.choice(text(key, lang)) for key in _COMPARED]
        self.standardised = controls.tick(text("app.standardised", lang))
        self._dimensions: list[str] = []
        self._row = controls.row(*self.groups, *self.compared)
        self._more = widgets.VBox([self._row, self.standardised]).add_class("hyte-more")
        self.widget = widgets.VBox([self.opened, self._more])
        controls.show(self._more, False)

    def offer(self, offered: Choices, selection: Selection) -> None:
        """Set the options of every control and what is chosen."""
        self._dimensions = [dimension for (_, dimension), _ in offered.filters[:_MOST]]
        chosen = dict(one.split(":", 1) for one in selection.filters)
        for control, given in zip(self.groups, [*offered.filters, *[None] * _MOST], strict=False):
            controls.show(control, given is not None)
            if given is not None:
                (label, dimension), groups = given
                control.description = label
                controls.offer(control, [(text("app.all", self.lang), ""), *groups], chosen.get(dimension, ""))
        areas = [(text("app.none", self.lang), ""), *offered.areas]
        for place, control in enumerate(self.compared):
            controls.offer(control, areas, selection.compare[place] if place < len(selection.compare) else "")
        controls.show(self.standardised, offered.standardisable)
        self.standardised.value = selection.standardised
        if selection.filters or selection.standardised:
            self.opened.value = True

    def bind(
        self,
        observe: Callable[[widgets.Widget, Callable[[object], None]], None],
        take: Callable[[str, object], None],
    ) -> None:
        """Let the controls set the state."""
        self.opened.observe(lambda change: controls.show(self._more, change["new"] is True), "value")
        for control in self.groups:
            observe(control, lambda _: take("filters", self._filters()))
        for control in self.compared:
            observe(control, lambda _: take("compare", self._compare()))
        observe(self.standardised, lambda value: take("standardised", value is True))

    def _filters(self) -> tuple[str, ...]:
        pairs = zip(self._dimensions, self.groups, strict=False)
        return tuple(f"{dimension}:{control.value}" for dimension, control in pairs if control.value)

    def _compare(self) -> tuple[str, ...]:
        return tuple(control.value for control in self.compared if control.value)
