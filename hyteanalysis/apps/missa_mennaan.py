"""Page A, *Missä mennään*: which group is worst off, how big the gap is, how it has changed, how sure that is."""

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

import ipywidgets as widgets

from hyteanalysis.apps import answer, controls, markup, quality
from hyteanalysis.apps.base import Dashboard
from hyteanalysis.apps.choices import Choices, choices, limited, settle
from hyteanalysis.apps.controls import FigurePanel
from hyteanalysis.apps.library import Library
from hyteanalysis.apps.selection import Selection
from hyteanalysis.disclosure import Release
from hyteanalysis.findings import Finding
from hyteanalysis.i18n import text


class MissaMennaan(Dashboard):
    """The page; ``MissaMennaan(lang="fi").show()`` is its notebook's only cell."""

    parts = ("answer", "gap", "trend", "quality")

    def __init__(self, lang: str = "fi", library: Library | None = None) -> None:
        super().__init__(lang, library)
        self.banner = widgets.HTML()
        self.release = controls.choice(text("app.release.change", lang))
        self.area = controls.choice(text("app.area", lang))
        self.indicator = controls.choice(text("app.indicator", lang))
        self.dimension = controls.choice(text("app.dimension", lang))
        self.period = controls.choice(text("app.period", lang))
        self.said = widgets.HTML().add_class("hyte-live")
        self.trouble = widgets.HTML().add_class("hyte-live")
        self.answer = widgets.HTML().add_class("hyte-live")
        self.copy = widgets.HTML()
        self.gap = FigurePanel("ero", lang, self.on_click)
        self.trend = FigurePanel("kehitys", lang, self.on_click)
        self.quality = widgets.HTML()

    def build(self) -> list[widgets.Widget]:
        """The page from top to bottom; controls set the state."""
        bound: dict[widgets.Dropdown, str] = {
            self.release: "release",
            self.area: "area",
            self.indicator: "indicator",
            self.dimension: "dimension",
            self.period: "period",
        }
        for control, trait in bound.items():
            self.observe(control, self._setter(trait))
        chosen = controls.row(self.area, self.indicator, self.dimension, self.period)
        return [
            self.banner,
            self.release,
            widgets.VBox([chosen]).add_class("hyte-card"),
            self.said,
            self.trouble,
            self.answer,
            self.gap.widget,
            self.trend.widget,
            widgets.VBox([self.quality]).add_class("hyte-card"),
            self.copy,
        ]

    def settle(self) -> Selection:
        """The valid selection; controls show it, and what was changed is said."""
        selection, changed = settle(self.state.selection(), self.library)
        self.state.take(selection)
        offered = choices(selection, self.library, self.lang)
        self._offer(offered, selection)
        told = [text(f"app.changed.{field}", self.lang) for field in changed]
        self.said.value = "".join(markup.notice(one) for one in told)
        default = selection.release == self.library.ids[0]
        shared = replace(selection, release="") if default else selection
        self.copy.value = markup.link_field(shared.query(), self.lang)
        return selection

    def key(self, part: str, selection: Selection) -> Hashable:
        """The trend does not depend on the order of areas, and so on."""
        return replace(selection, sort="", researcher=False)

    def compute(self, part: str, selection: Selection) -> Any:
        """One part's view, from the release and the selection alone."""
        if part == "answer":
            return said(selection, self.library, self.lang)
        found = self._result("answer", selection).finding
        return compute(part, selection, self.library, self.lang, found)

    def render(self, part: str, view: Any) -> None:
        """Put a part's view on its widgets."""
        if part == "answer":
            self.trouble.value = ""
            self.answer.value = answer.html(view, self.lang)
        elif part == "quality":
            self.quality.value = quality.html(view, self.lang)
        else:
            panel: FigurePanel = getattr(self, part)
            panel.show(view, stem="-".join((part, self.state.indicator, self.state.area or "", self.state.period)))

    def fault(self, part: str, error: BaseException) -> None:
        """Say it where the part stands."""
        words = self.fault_text(error)
        panel = getattr(self, part, None)
        if isinstance(panel, FigurePanel):
            panel.fail(words)
        else:
            self.trouble.value = words

    def _setter(self, trait: str) -> Callable[[Any], None]:
        return lambda value: setattr(self.state, trait, value)

    def _offer(self, offered: Choices, selection: Selection) -> None:
        controls.offer(self.release, offered.releases, selection.release)
        controls.show(self.release, len(offered.releases) > 1)
        controls.offer(self.area, offered.areas, selection.area or "")
        controls.offer(self.indicator, offered.indicators, selection.indicator)
        controls.offer(self.dimension, offered.dimensions, selection.dimension)
        controls.offer(self.period, offered.periods, selection.period)
        self.banner.value = banner(self.library, selection, self.lang)


def said(selection: Selection, library: Library, lang: str) -> answer.Answer:
    """The answer box of a settled selection."""
    return answer.answer(
        _limited(selection, library),
        indicator=selection.indicator,
        area=selection.area or "SSS",
        dimension=selection.dimension,
        period=selection.period,
        lang=lang,
    )


def compute(part: str, selection: Selection, library: Library, lang: str, found: Finding) -> Any:
    """The view of a panel.

    Parameters
    ----------
    part : {"gap", "trend", "quality"}
    selection : Selection
        Settled: every value from the release's own lists.
    library : Library
    lang : {"fi", "sv", "en"}
    found : Finding
        Of the same selection.
    """
    from hyteanalysis import figures

    release = _limited(selection, library)
    if part == "quality":
        return quality.quality(release, found, lang)
    asked = {"indicator": selection.indicator, "dimension": selection.dimension, "period": found.period, "lang": lang}
    if part == "trend":
        return figures.trend(release, areas=[found.shown_area], **asked)
    areas = [found.shown_area, *(code for code in selection.compare if code != found.shown_area)]
    return figures.equiplot(release, areas=areas, **asked)


def _limited(selection: Selection, library: Library) -> Release:
    release = library.indicator(selection.release, selection.indicator)
    return limited(release, selection.dimension, selection.filters)


def banner(library: Library, selection: Selection, lang: str) -> str:
    """Whose numbers these are; practice data say so, and so does a release that nobody has approved."""
    from html import escape

    release = library.release(selection.release)
    label = text("app.release.shown", lang, name=library.label(selection.release, lang))
    if release.synthetic:
        words = f"<strong>{escape(text('app.release.synthetic', lang))}</strong>"
        return f'<div class="hyte-banner"><span>{words}</span><span>{escape(label)}</span></div>'
    words = "" if release.approval else text("app.release.unapproved", lang)
    kind = "hyte-banner" if words else "hyte-banner hyte-banner-plain"
    return f'<div class="{kind}"><span>{escape(words)}</span><span>{escape(label)}</span></div>'
