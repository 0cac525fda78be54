"""How a result shows itself in a notebook: heading, sentences, facts and a table, in the session's language."""

import html
import math
from collections.abc import Mapping, Sequence

import pandas as pd

from hyteanalysis import i18n

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
    words = "".join(f"<p>{html.escape(one)}</p>" for one in said)
    rows = "".join(
        f'<tr><th scope="row">{html.escape(name)}</th><td>{html.escape(value)}</td></tr>'
        for name, value in (facts or {}).items()
    )
    about = f"<table><caption>{html.escape(title)}</caption><tbody>{rows}</tbody></table>" if rows else ""
    table = "" if frame is None else _table(frame, title, lang)
    return f'<section lang="{lang}"><h4>{html.escape(title)}</h4>{words}{about}{table}</section>'


def _table(frame: pd.DataFrame, title: str, lang: str) -> str:
    head = "".join(f'<th scope="col">{html.escape(str(name))}</th>' for name in frame)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(written(value, lang))}</td>" for value in row) + "</tr>"
        for row in frame.head(ROWS).itertuples(index=False)
    )
    more = len(frame) - ROWS
    rest = f"<p>{html.escape(i18n.text('display.more', lang, rows=i18n.integer(more, lang)))}</p>" if more > 0 else ""
    rows = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f"<table><caption>{html.escape(title)}</caption>{rows}</table>{rest}"


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
