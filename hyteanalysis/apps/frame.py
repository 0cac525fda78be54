"""What surrounds every page: its address, title, navigation, language links and footer, in one language."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hyteanalysis import __version__, i18n
from hyteanalysis.i18n import text

PAGES = ("missa-mennaan", "keta-auttaa-eniten", "hyvinvointisuunnitelma")
ABOUT = ("sanasto", "saavutettavuusseloste")


def notebooks(folder: Path) -> list[str]:
    """Names ``page.lang`` of the pages that exist in a folder of dashboards, in the order of the navigation."""
    names = [f"{page}.{lang}" for page in PAGES for lang in i18n.LANGS]
    return [name for name in names if (folder / f"{name}.ipynb").is_file()]


def address(name: str, base_url: str = "/") -> str:
    """Where a page ``page.lang`` is served.

    >>> address("missa-mennaan.fi"), address("sanasto.sv")
    ('/voila/render/missa-mennaan.fi.ipynb', '/sanasto.sv.html')
    """
    page = name.partition(".")[0]
    return f"{base_url}voila/render/{name}.ipynb" if page in PAGES else f"{base_url}{name}.html"


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
    dashboards = [other for other in PAGES if f"{other}.{lang}" in served]
    is_dashboard = page in PAGES
    return {
        "lang": lang,
        "title": text(f"app.page.{page}", lang) if is_dashboard else text(f"app.about.{page}", lang),
        "lead": text(f"app.lead.{page}", lang) if is_dashboard else "",
        "home": f"{base_url}?kieli={lang}",
        "static": f"{base_url}hyte/",
        "version": __version__,
        "pages": [
            {
                "href": address(f"{other}.{lang}", base_url),
                "label": text(f"app.page.{other}", lang),
                "lead": text(f"app.lead.{other}", lang),
                "current": other == page,
            }
            for other in dashboards
        ],
        "langs": [
            {
                "href": f"{base_url}?kieli={other}"
                if page not in (*PAGES, *ABOUT)
                else address(f"{page}.{other}", base_url),
                "label": text(f"app.frame.lang_{other}", lang),
                "lang": other,
                "current": other == lang,
            }
            for other in i18n.LANGS
        ],
        "about": [
            {
                "href": address(f"{other}.{lang}", base_url),
                "label": text(f"app.about.{other}", lang),
                "current": other == page,
            }
            for other in ABOUT
        ]
        + [
            {
                "href": f"{address(f'{ABOUT[-1]}.{lang}', base_url)}#feedback",
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
