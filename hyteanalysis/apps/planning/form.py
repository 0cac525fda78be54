"""A form whose content is taken when its button is pressed; what cannot be taken is said, and what was typed stays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets as widgets

from hyteanalysis.apps import controls, markup
from hyteanalysis.apps.planning.refusal import Refused
from hyteanalysis.apps.planning.ruled import refused
from hyteanalysis.i18n import text

Act = Callable[[dict[str, Any]], str]
KINDS: dict[str, Callable[[str], widgets.Widget]] = {
    "line": lambda label: widgets.Text(description=label, continuous_update=False),
    "lines": lambda label: widgets.Textarea(description=label, rows=3, continuous_update=False),
    "date": lambda label: widgets.DatePicker(description=label),
    "choice": lambda label: widgets.Dropdown(description=label, options=[]),
    "several": lambda label: widgets.SelectMultiple(description=label, options=[], rows=4),
}
EMPTY: dict[str, Any] = {"line": "", "lines": "", "date": None, "several": ()}


@dataclass(frozen=True)
class Field:
    """A field: its name, with the text ``app.plan.field.NAME``, and its kind, a key of ``KINDS``."""

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
        act: Act,
    ) -> None:
        self.lang, self._act = lang, act
        self.kinds = {field.name: field.kind for field in fields}
        self.fields = {
            field.name: KINDS[field.kind](text(f"app.plan.field.{field.name}", lang)).add_class("hyte-field")
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
        self.put({name: EMPTY[kind] for name, kind in self.kinds.items() if kind in EMPTY})

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
            self.message.value = markup.notice(refusal.words(self.lang), alert=True) + refused(
                refusal.detail, self.lang
            )
            return
        self.clear()
        self.message.value = f"<p>{escape(said)}</p>"
