"""Tables as HTML, for notebooks, pages and reports: caption, headings with scope, every word escaped here."""

from collections.abc import Iterable, Sequence
from html import escape


class Numeric(str):
    """A cell that holds a number: aligned as such."""

    __slots__ = ()


class Html(str):
    """A cell that is HTML already."""

    __slots__ = ()


def table(
    caption: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    heads: int = 1,
    lang: str | None = None,
    classes: Sequence[str] = (),
) -> str:
    """A real table that a screen reader can walk through.

    Parameters
    ----------
    caption : str
    headings : sequence of str
        Of the columns; none where the rows' own headings say it all.
    rows : iterable of sequence of str
        Cells in the order of the headings; an ``Numeric`` is aligned as a number, ``Html`` is not escaped.
    heads : int
        How many leading cells of a row head it.
    lang : str, optional
        The language that it is in, where its surroundings may be in another.
    classes : sequence of str
        CSS class of each row, empty for none; shorter than the rows, the others have none.

    Examples
    --------
    >>> table("a < b", ["Group", "%"], [["low", Numeric("12,5")]])
    '<table><caption>a &lt; b</caption><thead><tr><th scope="col">Group</th><th scope="col">%</th></tr></thead>...'
    """
    columns = "".join(f'<th scope="col">{escape(one)}</th>' for one in headings)
    body = []
    for place, row in enumerate(rows):
        look = f' class="{escape(classes[place])}"' if place < len(classes) and classes[place] else ""
        body.append(f"<tr{look}>{''.join(_cell(one, at < heads) for at, one in enumerate(row))}</tr>")
    spoken = f' lang="{escape(lang)}"' if lang else ""
    head = f"<thead><tr>{columns}</tr></thead>" if headings else ""
    return f"<table{spoken}><caption>{escape(caption)}</caption>{head}<tbody>{''.join(body)}</tbody></table>"


def _cell(words: str, heads: bool) -> str:
    said = words if isinstance(words, Html) else escape(words)
    if heads:
        return f'<th scope="row">{said}</th>'
    return f'<td class="number">{said}</td>' if isinstance(words, Numeric) else f"<td>{said}</td>"
