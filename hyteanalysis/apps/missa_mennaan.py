"""Page A, *Missä mennään*: which group is worst off, how big the gap is, how it has changed, how sure that is."""

from collections.abc import Callable, Hashable
from dataclasses import replace
from html import escape
from typing import Any

import ipywidgets as widgets

from hyteanalysis.apps import answer, controls, markup, panels, quality
from hyteanalysis.apps.base import Dashboard
from hyteanalysis.apps.choices import choices, settle
from hyteanalysis.apps.controls import FigurePanel
from hyteanalysis.apps.library import Library
from hyteanalysis.apps.limits import Limits
from hyteanalysis.apps.selection import Selection
from hyteanalysis.apps.topics import LISTED, Topic
from hyteanalysis.i18n import text

# parts that are cards with a figure, and the anchors of their headings
ANCHORS = {
    "gap": "ero",
    "trend": "kehitys",
    "matrix": "kaikki-asiat",
    "regions": "alueet",
    "map": "kartta",
    "forest": "vertailu",
    "curve": "keskittyminen",
    "pyramid": "ikarakenne",
}


RESEARCH_FIGURES = tuple(part for part in panels.RESEARCH if part in ANCHORS)


class MissaMennaan(Dashboard):
    """The page; ``MissaMennaan(lang="fi").show()`` is its notebook's only cell."""

    parts = ("answer", "gap", "trend", "topics", "matrix", "regions", "map", "quality", *panels.RESEARCH)

    def __init__(self, lang: str = "fi", library: Library | None = None) -> None:
        super().__init__(lang, library)
        self.banner = widgets.HTML()
        self.said = widgets.HTML().add_class("hyte-live")
        self.trouble = widgets.HTML().add_class("hyte-live")
        self.progress = widgets.HTML().add_class("hyte-live").add_class("hyte-progress")
        self.release = controls.choice(text("app.release.change", lang))
        self.area = controls.choice(text("app.area", lang))
        self.indicator = controls.choice(text("app.indicator", lang))
        self.dimension = controls.choice(text("app.dimension", lang))
        self.period = controls.choice(text("app.period", lang))
        self.limits = Limits(lang)
        self.answer = widgets.HTML().add_class("hyte-live")
        self.example = widgets.Button(description=text("app.example", lang))
        self.panels = {part: FigurePanel(ANCHORS[part], lang, self.on_click) for part in ANCHORS}
        self.sort = controls.choice(text("app.regions.sort", lang))
        self.topics = widgets.HTML()
        self.links = [widgets.Button().add_class("hyte-link") for _ in range(LISTED)]
        self.quality = widgets.HTML()
        self.wanted = controls.tick(text("app.researcher", lang))
        self.researcher = widgets.HTML()
        self.link = widgets.HTML()
        self.phone = controls.tick(text("app.phone", lang)).add_class("hyte-phone")
        self._topics: tuple[Topic, ...] = ()

    def build(self) -> list[widgets.Widget]:
        """The page from top to bottom; controls set the state."""
        for trait in ("release", "area", "indicator", "dimension", "period", "sort"):
            self.observe(getattr(self, trait), self._setter(trait))
        self.observe(self.wanted, lambda value: setattr(self.state, "researcher", value is True))
        self.observe(self.phone, lambda value: setattr(self.state, "phone", value is True))
        self.limits.bind(self.observe, lambda trait, value: setattr(self.state, trait, value))
        self.on_click(self.example, lambda: setattr(self.state, "area", ""))
        for place, link in enumerate(self.links):
            self.on_click(link, self._opener(place))
        panel = {part: one.widget for part, one in self.panels.items()}
        chosen = controls.row(self.area, self.indicator, self.dimension, self.period)
        return [
            self.banner,
            self.release,
            _card(chosen, self.limits.widget),
            self.said,
            self.trouble,
            self.answer,
            self.example,
            self.progress,
            panel["gap"],
            panel["trend"],
            _card(self.topics, *self.links),
            panel["matrix"],
            _card(controls.row(self.sort)),
            widgets.Box([panel["regions"], panel["map"]]).add_class("hyte-pair"),
            _card(self.quality),
            _card(self.wanted, self.researcher),
            *(panel[part] for part in RESEARCH_FIGURES),
            self.link,
            self.phone,
        ]

    def settle(self) -> Selection:
        """The valid selection; controls show it, and what was changed is said."""
        selection, changed = settle(self.state.selection(), self.library)
        self.state.take(selection)
        offered = choices(selection, self.library, self.lang)
        nothing = [(text("app.choose", self.lang), "")] if selection.area is None else []
        controls.offer(self.release, offered.releases, selection.release)
        controls.show(self.release, len(offered.releases) > 1)
        controls.offer(self.area, [*nothing, *offered.areas], selection.area or "")
        controls.offer(self.indicator, offered.indicators, selection.indicator)
        controls.offer(self.dimension, offered.dimensions, selection.dimension)
        controls.offer(self.period, offered.periods, selection.period)
        orders = [(text("app.regions.by_level", self.lang), ""), (text("app.regions.by_gap", self.lang), "gap")]
        controls.offer(self.sort, orders, selection.sort)
        self.wanted.value = selection.researcher
        self.limits.offer(offered, selection)
        self.banner.value = banner(self.library, selection, self.lang)
        self.said.value = "".join(markup.notice(text(f"app.changed.{field}", self.lang)) for field in changed)
        default = selection.release == self.library.ids[0]
        self.link.value = markup.link_field(
            (replace(selection, release="") if default else selection).query(), self.lang
        )
        return selection

    def key(self, part: str, selection: Selection) -> Hashable:
        """Parts that do not depend on a choice are not computed again when it changes."""
        return panels.key(part, selection)

    def compute(self, part: str, selection: Selection) -> Any:
        """One part's view, from the releases and the selection alone."""
        if part == "answer":
            return panels.said(selection, self.library, self.lang)
        said: answer.Answer | None = self._result("answer", selection)
        return panels.compute(part, selection, self.library, self.lang, said.finding if said else None)

    def render(self, part: str, view: Any) -> None:
        """Put a part's view on its widgets."""
        if part == "answer":
            self.trouble.value = ""
            controls.show(self.example, view is None)
            self.answer.value = answer.html(view, self.lang) if view else markup.notice(text("app.nothing", self.lang))
        elif part in ANCHORS:
            self._show_panel(part, view)
        elif part == "topics":
            self._show_topics(view or ())
        elif part == "quality":
            self.quality.value = quality.html(view, self.lang) if view else ""
        else:
            self.researcher.value = view or ""

    def fault(self, part: str, error: BaseException) -> None:
        """Say it where the part stands; what was there stays, marked as earlier."""
        words = self.fault_text(error)
        if part in ANCHORS:
            self.panels[part].fail(words)
        elif part == "researcher":
            self.researcher.value = words
        else:
            self.trouble.value = words

    def wait(self, parts: tuple[str, ...]) -> None:
        """Dim what is being computed, and say so."""
        self.progress.value = f"<p>{escape(text('app.computing', self.lang))}</p>" if parts else ""
        for part, panel in self.panels.items():
            if part in parts:
                panel.wait()

    def _show_panel(self, part: str, view: panels.Panel | None) -> None:
        panel = self.panels[part]
        controls.show(panel.widget, view is not None)
        words = "".join(f"<p>{escape(one)}</p>" for one in view.sentences) if view else ""
        stem = "-".join((part, self.state.indicator, self.state.area or "", self.state.period))
        bundle, printed = (view.figure, view.printed) if view else (None, None)
        title = text("app.regions.map", self.lang) if part == "map" else None
        panel.show(bundle, printed, stem=stem, words=words, title=title)

    def _show_topics(self, found: tuple[Topic, ...]) -> None:
        self._topics = found
        lead = text("app.topics.lead" if found else "app.topics.none", self.lang)
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

    def _setter(self, trait: str) -> Callable[[Any], None]:
        return lambda value: setattr(self.state, trait, value)


def _card(*content: widgets.Widget) -> widgets.VBox:
    return widgets.VBox(content).add_class("hyte-card")


def banner(library: Library, selection: Selection, lang: str) -> str:
    """Whose numbers these are; practice data say so, and so does a release that nobody has approved."""
    release = library.release(selection.release)
    label = text("app.release.shown", lang, name=library.label(selection.release, lang))
    words = text("app.release.synthetic", lang) if release.synthetic else ""
    if not release.synthetic and not release.approval:
        words = text("app.release.unapproved", lang)
    kind = "hyte-banner" if words else "hyte-banner hyte-banner-plain"
    return f'<div class="{kind}"><strong>{escape(words)}</strong><span>{escape(label)}</span></div>'
