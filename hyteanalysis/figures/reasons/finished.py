"""A drawn figure of a fitted result made into a bundle: its amounts in words, the table to read, the text around it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hyteanalysis.figures import words
from hyteanalysis.figures.bundle import FigureBundle
from hyteanalysis.figures.fitted import About, hidden_note
from hyteanalysis.figures.page import Page
from hyteanalysis.i18n import number, text, with_interval

STATES = {"suppressed", "uncertain"}
Columns = Mapping[str, tuple[Any, str | None]]  # by heading: values and number format


@dataclass(frozen=True)
class Told:
    """What is said of a figure besides its numbers.

    Attributes
    ----------
    kind : str
        Of which figure the long text is.
    title, subtitle : str
    about : About
    lang : {"fi", "sv", "en"}
    """

    kind: str
    title: str
    subtitle: str
    about: About
    lang: str

    @property
    def around(self) -> dict[str, str]:
        """What the sheet bears around the drawing."""
        about = self.about
        return {"title": self.title, "subtitle": self.subtitle, "source": about.source, "mark": about.mark}

    def bundle(
        self,
        page: Page,
        table: pd.DataFrame,
        columns: Columns,
        *,
        alternative: Callable[[Any], str],
        notes: tuple[str, ...],
        plotted: list[float],
    ) -> FigureBundle:
        """The figure; hidden rows of the table are named first among the notes.

        Parameters
        ----------
        page : Page
        table : DataFrame
            With ``label`` and ``status``.
        columns : mapping
            The same as people read it: values and number format by heading.
        alternative : callable
            As :func:`hyteanalysis.figures.words.alt` takes it.
        notes : tuple of str
        plotted : list of float
        """
        return FigureBundle(
            fig=page.fig,
            table=table,
            title=self.title,
            subtitle=self.subtitle,
            alt=words.alt(alternative, self.lang),
            long_text=words.long_text(self.kind, self.lang),
            source=self.about.source,
            notes=(*hidden_note(table, table["label"].tolist(), self.lang), *notes),
            states=tuple(sorted(set(table["status"]) & STATES)),
            number_format={heading: pattern for heading, (_, pattern) in columns.items() if pattern},
            lang=self.lang,
            release=self.about.release,
            plotted=tuple(plotted),
            readable=_readable(table, columns, self.lang),
            body=page.body,
        )


def amount(value: float, about: About, digits: int, lang: str) -> str:
    """A level in its unit; a bare number without."""
    return about.unit.number(value, lang) if about.unit else number(value, lang, digits)


def level(value: float, lower: float, upper: float, about: About, digits: int, lang: str) -> str:
    """A level and, where it is known, its interval."""
    if about.unit:
        return about.unit.with_interval(value, lower, upper, lang)
    return with_interval(value, lower, upper, lang, digits)


def pattern(about: About, digits: int) -> str:
    """How a spreadsheet writes the amounts."""
    return about.unit.pattern if about.unit else "0." + "0" * digits


def _readable(table: pd.DataFrame, columns: Columns, lang: str) -> pd.DataFrame:
    """The table with headings; with a status where a row is not simply there."""
    shown = pd.DataFrame({heading: np.asarray(values) for heading, (values, _) in columns.items()})
    if (table["status"] != "ok").any():
        shown[text("table.status", lang)] = [
            "" if status == "ok" else text(f"table.status.{status}", lang) for status in table["status"]
        ]
    return shown
