"""Controls with their label above, how they stand on a page, and a field for a number with its message beside it."""

from collections.abc import Callable, Sequence
from contextlib import suppress

import ipywidgets as widgets

from hyteanalysis.apps.kit.html import notice
from hyteanalysis.errors import HyteError
from hyteanalysis.i18n import formats, text
from hyteanalysis.numerals import number

Option = tuple[str, str]


def choice(label: str) -> widgets.Dropdown:
    """A list to choose from."""
    return widgets.Dropdown(description=label, options=[])


def offer(control: widgets.Dropdown, options: Sequence[Option], value: str) -> None:
    """Set the options and what is chosen, nothing where there is none, and leave a control that has them as it is."""
    given = tuple(options)
    chosen = value if given else None
    if control.options != given:
        control.options = given
    if control.value != chosen:
        control.value = chosen


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


def number_in(words: object, low: float, high: float, *, decimals: int = 1) -> float | None:
    """The number in some words, as all readers read it, or None where it is none within the limits.

    >>> number_in("12,5 %", 0, 100), number_in("50,000", 1, 1e9, decimals=0), number_in("120", 0, 100)
    (12.5, 50000.0, None)
    """
    if not isinstance(words, str) or len(words) > 30:
        return None
    typed = words.replace("€", "").strip()
    # before three digits a lone comma or point parts thousands where no decimals are written, else decimals
    for count in (False,) if decimals else (True, False):
        with suppress(HyteError):
            value = number(typed, count=count, decimal="," if "," in typed else ".")
            return value if low <= value <= high else None
    return None


class NumberField:
    """A number between two limits; what is no such number is explained beside the field and changes nothing.

    Parameters
    ----------
    label : str
    lang : {"fi", "sv", "en"}
    low, high : float
        What is accepted.
    decimals : int
        How the value is written.
    """

    def __init__(self, label: str, lang: str, *, low: float, high: float, decimals: int = 0) -> None:
        self.lang, self.low, self.high, self.decimals = lang, low, high, decimals
        self.field = widgets.Text(description=label, continuous_update=False)
        self.message = widgets.HTML().add_class("hyte-live")
        self.widget = widgets.VBox([self.field, self.message]).add_class("hyte-field")

    def read(self, words: object) -> float | None:
        """The number in some words, or None where it is none within the limits.

        >>> NumberField("Reach", "fi", low=0, high=100).read("12,5 %")
        12.5
        >>> NumberField("Reach", "fi", low=0, high=100).read("120") is None
        True
        """
        return number_in(words, self.low, self.high, decimals=self.decimals)

    def offer(self, value: float) -> None:
        """Show a value that is valid."""
        self.message.value = ""
        self.field.value = self._written(value)

    def bind(
        self,
        observe: Callable[[widgets.Widget, Callable[[object], None]], None],
        take: Callable[[float], None],
    ) -> None:
        """Give every valid number on; say of any other what is accepted, while the earlier result stays."""

        def changed(words: object) -> None:
            value = self.read(words)
            if value is None:
                limits = {"low": self._written(self.low), "high": self._written(self.high)}
                self.message.value = notice(text("app.number.faulty", self.lang, **limits))
            else:
                self.message.value = ""
                take(value)

        observe(self.field, changed)

    def _written(self, value: float) -> str:
        return formats.number(value, self.lang, self.decimals)
