"""The second row of controls: limits to some groups, age taken out, areas to compare with."""

from collections.abc import Callable

import ipywidgets as widgets

from hyteanalysis.apps import controls
from hyteanalysis.apps.choices import Choices
from hyteanalysis.apps.selection import Selection
from hyteanalysis.i18n import text

MOST = 4  # other dimensions offered as limits
COMPARED = ("app.compare", "app.compare_second")


class Limits:
    """Controls that open under "Lisää rajauksia"; what the release lacks is not offered.

    Parameters
    ----------
    lang : {"fi", "sv", "en"}
    """

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.opened = controls.tick(text("app.more", lang))
        self.groups = [controls.choice("") for _ in range(MOST)]
        self.compared = [controls.choice(text(key, lang)) for key in COMPARED]
        self.standardised = controls.tick(text("app.standardised", lang))
        self._dimensions: list[str] = []
        self._row = controls.row(*self.groups, *self.compared)
        self._more = widgets.VBox([self._row, self.standardised]).add_class("hyte-more")
        self.widget = widgets.VBox([self.opened, self._more])
        controls.show(self._more, False)

    def offer(self, offered: Choices, selection: Selection) -> None:
        """Set the options of every control and what is chosen."""
        self._dimensions = [dimension for (_, dimension), _ in offered.filters[:MOST]]
        chosen = dict(one.split(":", 1) for one in selection.filters)
        for control, given in zip(self.groups, [*offered.filters, *[None] * MOST], strict=False):
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
