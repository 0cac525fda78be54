"""Tables a reader sees: labels in place of ids, numbers in the house formats, hidden numbers said in words."""

from collections.abc import Mapping, Sequence

import pandas as pd

from hyteanalysis import html, i18n
from hyteanalysis.i18n import NO_NUMBER, Names, Unit, text, when

WORDS = ("suppressed", "missing")  # states whose numbers are replaced by the word
_LABELS = ("area", "period", "group", "indicator")
_WHOLE = ("population", "respondents")
_SHARES = ("population_share", "outcome_share", "share_of_group")
_RATIOS = ("ratio", "ratio_lower", "ratio_upper")


def readable(
    table: pd.DataFrame, names: Names, unit: Unit, lang: str, *, columns: Sequence[str]
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Tidy rows as a reader's table, and the number format of its columns.

    Parameters
    ----------
    table : DataFrame
        Tidy cells; rows of a measure (column ``measure``) name their pair of groups in ``group``.
    names, unit : Names, Unit
        Labels of the release, number format of the indicator.
    lang : {"fi", "sv", "en"}
    columns : sequence of str
        Columns to show, in this order; ``status`` is shown only where a row is not plain.

    Returns
    -------
    (DataFrame, dict)
        Headings in the language as column names, labels as text, numbers unrounded; and, by heading, a number format in
        Excel's notation (``0.0``, ``0.0%``, ``#,##0``).
    """
    shown, formats = {}, {}
    for column in columns:
        if column not in table or (column == "status" and (table["status"] == "ok").all()):
            continue
        if column in _WHOLE and table[column].isna().all():
            continue
        heading = _heading(column, unit, lang)
        if column in _LABELS:
            shown[heading] = [_label(names, row, column, lang) for row in table.to_dict("records")]
        elif column == "status":
            shown[heading] = ["" if value == "ok" else text(f"table.status.{value}", lang) for value in table["status"]]
        else:
            shown[heading] = table[column].to_numpy(dtype=float)
            formats[heading] = _pattern(column, unit)
    return pd.DataFrame(shown), formats


def _pattern(column: str, unit: Unit) -> str:
    if column in _WHOLE:
        return "#,##0"
    return "0.0%" if column in _SHARES else "0.00" if column in _RATIOS else unit.pattern


def _heading(column: str, unit: Unit, lang: str) -> str:
    if column == "estimate":
        return text("table.estimate", lang, unit=unit.measure(lang)).rstrip(", ")
    return text(f"table.{column}", lang)


def _label(names: Names, row: Mapping[str, str], column: str, lang: str) -> str:
    """The name a reader knows for an id; a gap names its two groups."""
    if column == "period":
        return when(row["period"])
    if column != "group":
        return names.area(row["area"], lang) if column == "area" else names.indicator(row["indicator"], lang)
    if row.get("measure", "level") == "level":
        return names.group(row["dimension"], row["group"], lang)
    if not row["group"]:
        return text("figure.regions.gap", lang)
    first, second = (names.group(row["dimension"], group, lang) for group in row["group"].split(" − "))
    return text("table.gap", lang, first=first, second=second)


def cell(value: object, pattern: str | None, lang: str) -> str:
    """One value as it is shown.

    >>> cell(0.2214, "0.0%", "fi"), cell(12345.0, "#,##0", "fi"), cell("naiset", None, "fi")
    ('22,1\\xa0%', '12\\xa0345', 'naiset')
    """
    if pattern is None or isinstance(value, str):
        return str(value)
    number = float(value)  # type: ignore[arg-type]
    decimals = len(pattern.rstrip("%").partition(".")[2])
    if pattern.endswith("%"):
        return i18n.percent(number * 100, lang, decimals)
    return i18n.number(number, lang, decimals)


def html_table(shown: pd.DataFrame, formats: Mapping[str, str], lang: str, *, caption: str) -> str:
    """A real table: caption, column and row headers with scope, numbers formatted, hidden ones in words."""
    status = text("table.status", lang)
    leading = next((i for i, column in enumerate(shown) if column in formats), len(shown.columns))
    rows = []
    for row in shown.to_dict("records"):
        word = row.get(status) or ""
        cells = []
        for column, value in row.items():
            said = cell(value, formats.get(str(column)), lang)
            if said == NO_NUMBER and word:
                said = str(word)
            cells.append(html.Numeric(said) if column in formats else said)
        rows.append(cells)
    return html.table(caption, [str(column) for column in shown], rows, heads=max(leading, 1), lang=lang)
