"""The pages about the service: front page, glossary, accessibility statement. Plain HTML, no kernel."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from hyteanalysis.i18n import text

TERMS = (
    *("disparity", "population_group", "indicator", "worst", "percentage_point", "times", "people", "whole"),
    *("interval", "clear", "no_clear_change", "reversed", "reliability", "suppressed", "missing", "uncertain"),
    *("fallback", "age_standardised", "crossed", "sii", "rii", "concentration", "release", "practice"),
)
STATEMENT = ("status", "gaps", "made", "feedback", "supervision")


def front(pages: Iterable[Mapping[str, Any]]) -> str:
    """Cards that link to the dashboards."""
    cards = "".join(
        f'<li><a href="{escape(page["href"])}"><strong>{escape(page["label"])}</strong>'
        f"<span>{escape(page['lead'])}</span></a></li>"
        for page in pages
    )
    return f'<ul class="hyte-cards">{cards}</ul>'


def glossary(lang: str) -> str:
    """The words of the pages in plain language, in alphabetical order."""
    said = sorted(
        ((text(f"glossary.term.{term}", lang), text(f"glossary.text.{term}", lang)) for term in TERMS),
        key=lambda pair: pair[0].casefold(),
    )
    rows = "".join(f"<dt>{escape(term)}</dt><dd>{escape(meaning)}</dd>" for term, meaning in said)
    return f"<dl>{rows}</dl>"


def statement(lang: str, *, organisation: str = "", feedback: str = "") -> str:
    """The accessibility statement, for the organisation that serves the pages to complete.

    Parameters
    ----------
    lang : {"fi", "sv", "en"}
    organisation, feedback : str
        Whose service it is, and the address for feedback; what is empty is marked as to be completed.
    """
    values = {
        "organisation": organisation or text("statement.no_organisation", lang),
        "feedback": feedback or text("statement.no_feedback", lang),
    }
    complete = bool(organisation and feedback)
    head = "" if complete else f'<p class="hyte-notice">{escape(text("statement.incomplete", lang))}</p>'
    lead = f"<p>{escape(text('statement.lead', lang, organisation=values['organisation']))}</p>"
    parts = []
    for part in STATEMENT:
        paragraphs = text(f"statement.{part}", lang).format(**values).split("\n")
        body = "".join(f"<p>{escape(one)}</p>" for one in paragraphs)
        parts.append(f'<h2 id="{part}">{escape(text(f"statement.{part}_title", lang))}</h2>{body}')
    return head + lead + "".join(parts)
