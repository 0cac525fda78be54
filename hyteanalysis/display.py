"""How a result shows itself in a notebook: heading, sentences, facts and a table, in the session's language."""

import math
from collections.abc import Mapping, Sequence
from html import escape

import pandas as pd

from hyteanalysis import i18n
from hyteanalysis.html import table

ROWS = 12  # of a table; the rest is counted
CELLS = (
    *("indicator", "area", "period", "dimension", "group", "estimate", "lower", "upper"),
    *("population", "respondents", "status", "note"),
)


def shown(
    title: str, *, said: Sequence[str] = (), facts: Mapping[str, str] | None = None, frame: pd.DataFrame | None = None
) -> str:
    """One block of HTML; the columns of ``frame`` keep the names that code uses.

    >>> shown("a < b")
    '<section lang="fi"><h4>a &lt; b</h4></section>'
    """
    lang = i18n.language()
    words = "".join(f"<p>{escape(one)}</p>" for one in said)
    about = table(title, (), list(facts.items())) if facts else ""
    rows = "" if frame is None else _table(frame, title, lang)
    return f'<section lang="{lang}"><h4>{escape(title)}</h4>{words}{about}{rows}</section>'


def _table(frame: pd.DataFrame, title: str, lang: str) -> str:
    rows = [[written(value, lang) for value in row] for row in frame.head(ROWS).itertuples(index=False)]
    more = len(frame) - ROWS
    rest = f"<p>{escape(i18n.text('display.more', lang, rows=i18n.integer(more, lang)))}</p>" if more > 0 else ""
    return table(title, [str(name) for name in frame], rows, heads=0) + rest


def written(value: object, lang: str) -> str:
    """Whole numbers whole, others with three decimals; no small number is shown as 0."""
    if isinstance(value, float):
        return i18n.number(value, lang, _decimals(value))
    return i18n.NO_NUMBER if value is None or value is pd.NA else str(value)


def _decimals(value: float) -> int:
    if not math.isfinite(value) or math.isclose(value, round(value), rel_tol=1e-9):
        return 0
    if abs(value) < 0.1:
        return 2 - math.floor(math.log10(abs(value)))
    return 3 if abs(value) < 1_000 else 1


def cells(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns of tidy cells that tell most, those that are there."""
    return frame[[name for name in CELLS if name in frame]]
