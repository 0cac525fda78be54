"""What surrounds every page, and the pages about the service: front page, glossary, accessibility statement."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from hyteanalysis import __version__, i18n
from hyteanalysis.apps.kit.library import Library
from hyteanalysis.apps.pages import PAGES
from hyteanalysis.i18n import text

_NAMES = tuple(page.name for page in PAGES)
ABOUT = ("sanasto", "saavutettavuusseloste")


def _address(name: str, base_url: str = "/") -> str:
    """Where a page ``page.lang`` is served.

    >>> _address("missa-mennaan.fi"), _address("sanasto.sv")
    ('/voila/render/missa-mennaan.fi.ipynb', '/sanasto.sv.html')
    """
    page = name.partition(".")[0]
    return f"{base_url}voila/render/{name}.ipynb" if page in _NAMES else f"{base_url}{name}.html"


def frame(page: str, lang: str, *, served: Iterable[str], base_url: str = "/") -> dict[str, Any]:
    """The texts and links that the template puts around a page.

    Parameters
    ----------
    page : str
        A dashboard, a page about the service, ``etusivu`` or ``virhe_404`` and the like.
    lang : {"fi", "sv", "en"}
    served : iterable of str
        Names ``page.lang`` of the dashboards there are; only these are linked to.
    base_url : str
        The path under which the server stands.
    """
    served = list(served)
    dashboards = [other for other in _NAMES if f"{other}.{lang}" in served]
    is_dashboard = page in _NAMES
    return {
        "lang": lang,
        "title": text(f"app.page.{page}", lang) if is_dashboard else text(f"app.about.{page}", lang),
        "lead": text(f"app.lead.{page}", lang) if is_dashboard else "",
        "home": f"{base_url}?kieli={lang}",
        "static": f"{base_url}hyte/",
        "version": __version__,
        "pages": [
            {
                "href": _address(f"{other}.{lang}", base_url),
                "label": text(f"app.page.{other}", lang),
                "lead": text(f"app.lead.{other}", lang),
                "current": other == page,
            }
            for other in dashboards
        ],
        "langs": [
            {
                "href": f"{base_url}?kieli={other}"
                if page not in (*_NAMES, *ABOUT)
                else _address(f"{page}.{other}", base_url),
                "label": i18n.LANGUAGES[other].name,
                "lang": other,
                "current": other == lang,
            }
            for other in i18n.LANGS
        ],
        "about": [
            {
                "href": _address(f"{other}.{lang}", base_url),
                "label": text(f"app.about.{other}", lang),
                "current": other == page,
            }
            for other in ABOUT
        ]
        + [
            {
                "href": f"{_address(f'{ABOUT[-1]}.{lang}', base_url)}#feedback",
                "label": text("app.frame.feedback", lang),
                "current": False,
            }
        ],
        "skip": text("app.frame.skip", lang),
        "pages_label": text("app.frame.pages", lang),
        "langs_label": text("app.frame.langs", lang),
        "about_label": text("app.frame.about", lang),
        "loading": text("app.frame.loading", lang),
        "late": text("app.frame.late", lang),
        "failed": text("app.error.500", lang),
        "lost": text("app.frame.lost", lang),
        "reload": text("app.frame.reload", lang),
        "noscript": text("app.frame.noscript", lang),
    }


TERMS = (
    *("disparity", "population_group", "indicator", "worst", "percentage_point", "times", "people", "whole"),
    *("interval", "clear", "no_clear_change", "reversed", "reliability", "suppressed", "missing", "uncertain"),
    *("fallback", "age_standardised", "crossed", "sii", "rii", "concentration", "release", "practice"),
)
STATEMENT = ("status", "gaps", "made", "feedback", "supervision")


def content(
    page: str,
    lang: str,
    pages: Iterable[Mapping[str, Any]],
    *,
    library: Library | None = None,
    organisation: str = "",
    feedback: str = "",
) -> str:
    """What stands in the frame of a page without a kernel.

    Parameters
    ----------
    page : str
        One of ``ABOUT``, ``etusivu`` or ``virhe_404`` and the like.
    lang : {"fi", "sv", "en"}
    pages : iterable of mapping
        The dashboards that the front page leads to, as :func:`frame` gives them.
    library : Library, optional
        The releases that the dashboards show, of which the front page tells.
    organisation, feedback : str
        Whose service it is, and the address for feedback; what is empty is marked as to be completed.
    """
    if page == "etusivu":
        return _front(pages) + (_figures(library, lang) if library and library.ids else "")
    if page == "sanasto":
        return _glossary(lang)
    if page == "saavutettavuusseloste":
        return _statement(lang, organisation=organisation, feedback=feedback)
    code = page.removeprefix("virhe_")
    return f"<p>{escape(text(f'app.error.{code}', lang))}</p>"


def _front(pages: Iterable[Mapping[str, Any]]) -> str:
    """Cards that link to the dashboards."""
    cards = "".join(
        f'<li><a href="{escape(page["href"])}"><strong>{escape(page["label"])}</strong>'
        f"<span>{escape(page['lead'])}</span></a></li>"
        for page in pages
    )
    return f'<ul class="hyte-cards">{cards}</ul>'


def _figures(library: Library, lang: str) -> str:
    """Whose figures the dashboards open on, how new, practice or real, and what else can be chosen."""
    first, *others = library.ids
    release = library.release(first)
    known = library.once(first, "newest", "", lambda: release.cells.dropna(subset="estimate")["period"].max())
    said = [
        text(
            "app.front.figures",
            lang,
            label=library.label(first, lang),
            number=str(len(release.indicators)),
            period=known,
        ),
        text("app.front.practice" if release.synthetic else "app.front.fallback", lang),
    ]
    if others:
        labels = "; ".join(library.label(one, lang) for one in others)
        said.append(text("app.front.other", lang, labels=labels))
    return "".join(f"<p>{escape(one)}</p>" for one in said)


def _glossary(lang: str) -> str:
    """The words of the pages in plain language, in alphabetical order."""
    said = sorted(
        ((text(f"glossary.term.{term}", lang), text(f"glossary.text.{term}", lang)) for term in TERMS),
        key=lambda pair: pair[0].casefold(),
    )
    rows = "".join(f"<dt>{escape(term)}</dt><dd>{escape(meaning)}</dd>" for term, meaning in said)
    return f"<dl>{rows}</dl>"


def _statement(lang: str, *, organisation: str, feedback: str) -> str:
    """The accessibility statement, for the organisation that serves the pages to complete."""
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
