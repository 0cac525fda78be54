"""What every connector gives back."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from hyteanalysis import display
from hyteanalysis.i18n import NO_NUMBER, integer, language, own_text, text
from hyteanalysis.i18n.formats import DASH
from hyteanalysis.sources.writing import of_table, whole


class Fetched(NamedTuple):
    """Tidy cells with the metadata of their indicators and groups.

    What was left out, kept once or taken from an old copy is said in ``indicators["notes"]``.
    """

    cells: pd.DataFrame
    indicators: pd.DataFrame
    groups: pd.DataFrame

    def save(self, path: str | Path) -> Path:
        """Write ``NAME.suffix`` with ``NAME.indicators.suffix`` and ``NAME.groups.suffix``, all of them or none."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        frames = {path: self.cells}
        for what in ("indicators", "groups"):
            frames[path.with_name(f"{path.stem}.{what}{path.suffix}")] = getattr(self, what)
        whole({file: of_table(frame, file) for file, frame in frames.items()})
        return path

    def _repr_html_(self) -> str:
        lang = language()
        periods = sorted(self.cells["period"].unique())
        counts = {
            "cells": len(self.cells),
            "indicators": self.cells["indicator"].nunique(),
            "areas": self.cells["area"].nunique(),
        }
        numbers = {name: integer(count, lang) for name, count in counts.items()}
        span = DASH.join(dict.fromkeys([periods[0], periods[-1]])) if periods else NO_NUMBER
        said = text("display.fetched.said", lang, periods=span, **numbers)
        first = self.indicators.head(display.ROWS).to_dict("records")
        facts = {str(row["indicator"]): own_text(row, "title", lang)[0] for row in first}
        notes = [str(row["notes"]) for row in first if isinstance(row.get("notes"), str) and row["notes"]]
        rows = display.cells(self.cells)
        return display.shown(text("display.fetched", lang), said=[said, *dict.fromkeys(notes)], facts=facts, frame=rows)
