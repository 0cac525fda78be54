"""How a result shows itself in a notebook: heading, sentences, facts and a table, in the session's language."""

import html
from collections.abc import Mapping, Sequence

import pandas as pd

from hyteanalysis import i18n

ROWS = 12  # of a table; the rest is counted


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
        "<tr>" + "".join(f"<td>{html.escape(_cell(value, lang))}</td>" for value in row) + "</tr>"
        for row in frame.head(ROWS).itertuples(index=False)
    )
    more = len(frame) - ROWS
    rest = f"<p>{html.escape(i18n.text('display.more', lang, rows=i18n.integer(more, lang)))}</p>" if more > 0 else ""
    rows = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f"<table><caption>{html.escape(title)}</caption>{rows}</table>{rest}"


def _cell(value: object, lang: str) -> str:
    """Whole numbers whole, others with three decimals."""
    if isinstance(value, float):
        return i18n.number(value, lang, 0 if value % 1 == 0 else 3)
    return i18n.NO_NUMBER if value is None or value is pd.NA else str(value)
