"""Tables of page C: caption, headings with scope, cells in plain words; every word escaped here."""

from collections.abc import Sequence
from html import escape

from hyteanalysis.apps import markup


def table(caption: str, headings: Sequence[str], rows: Sequence[Sequence[str]], lang: str, *, numbers: int = 0) -> str:
    """A table that may be wider than the page; the first cell of a row heads it.

    Parameters
    ----------
    numbers : int
        How many cells after the first two hold numbers.
    """
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in headings)
    body = []
    for row in rows:
        cells = [f'<th scope="row">{escape(row[0])}</th>']
        for place, said in enumerate(row[1:], 1):
            kind = ' class="hyte-num"' if 2 <= place < 2 + numbers else ""
            cells.append(f"<td{kind}>{escape(said)}</td>")
        body.append(f"<tr>{''.join(cells)}</tr>")
    top = f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
    made = f"<table>{top}<tbody>{''.join(body)}</tbody></table>"
    return markup.scrolled(made, caption, lang)


def heading(words: str, anchor: str, lead: str = "") -> str:
    """A heading with its lead."""
    below = f'<p class="hyte-sub">{escape(lead)}</p>' if lead else ""
    return f'<h2 id="{escape(anchor)}">{escape(words)}</h2>{below}'


def small(words: str) -> str:
    """A heading inside a card."""
    return f"<h3>{escape(words)}</h3>"
