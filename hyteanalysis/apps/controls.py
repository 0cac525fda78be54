"""Controls with their label above, and how they stand on a page."""

from collections.abc import Sequence

import ipywidgets as widgets

Option = tuple[str, str]


def choice(label: str) -> widgets.Dropdown:
    """A list to choose from."""
    return widgets.Dropdown(description=label, options=[])


def offer(control: widgets.Dropdown, options: Sequence[Option], value: str) -> None:
    """Set the options and what is chosen, and leave a control that has them as it is."""
    given = tuple(options)
    if control.options != given:
        control.options = given
    if control.value != value:
        control.value = value


def tick(label: str) -> widgets.Checkbox:
    """Something that is on or off."""
    return widgets.Checkbox(description=label, value=False, indent=False)


def row(*controls: widgets.Widget) -> widgets.Box:
    """Controls side by side, one column on a phone."""
    return widgets.Box(controls).add_class("hyte-row")


def card(*content: widgets.Widget) -> widgets.VBox:
    """What belongs together."""
    return widgets.VBox(content).add_class("hyte-card")


def show(widget: widgets.Widget, shown: bool) -> None:
    """Show or hide a widget, for everybody."""
    if shown:
        widget.remove_class("hyte-gone")
    else:
        widget.add_class("hyte-gone")
