"""What page A computes: a view of each part, from a settled selection and the releases alone; no widgets."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from hyteanalysis.apps import answer, quality, researcher, topics
from hyteanalysis.apps.library import Library
from hyteanalysis.apps.panel import BESIDE, PHONE, WIDE, Panel
from hyteanalysis.apps.selection import Selection
from hyteanalysis.apps.views import limited, standardised
from hyteanalysis.cells import TOTAL
from hyteanalysis.disclosure import Release
from hyteanalysis.errors import MeasureError
from hyteanalysis.findings import Finding
from hyteanalysis.i18n import text

if TYPE_CHECKING:
    from hyteanalysis.figures import FigureBundle

# fields that a part does not depend on: equal choices of the others share one result
PLAIN = {"compare": (), "sort": "", "researcher": False}
WORDS = {**PLAIN, "phone": False}
BLIND: dict[str, dict[str, Any]] = {
    "answer": WORDS,
    "gap": {"sort": "", "researcher": False},
    "trend": PLAIN,
    "quality": WORDS,
    "topics": {**WORDS, "indicator": "", "period": "", "filters": (), "standardised": False},
    "matrix": {**PLAIN, "indicator": "", "period": "", "filters": (), "standardised": False},
    "regions": {"compare": (), "researcher": False},
    "map": {"compare": (), "researcher": False},
    "researcher": {"compare": (), "sort": "", "phone": False},
    "forest": {"compare": (), "sort": ""},
    "curve": {"compare": (), "sort": ""},
    "pyramid": {"compare": (), "sort": ""},
}
RESEARCH = ("researcher", "forest", "curve", "pyramid")


def key(part: str, selection: Selection) -> Selection:
    """What of a selection a part depends on."""
    return replace(selection, **BLIND[part])


def seen(selection: Selection, library: Library) -> Release:
    """The release that the selection looks at: one indicator, limited and standardised as chosen."""
    release = library.indicator(selection.release, selection.indicator)
    if selection.standardised:
        return standardised(release, selection.dimension)
    return limited(release, selection.dimension, selection.filters)


def said(selection: Selection, library: Library, lang: str) -> answer.Answer | None:
    """The answer box; None where no area is chosen."""
    if selection.area is None:
        return None
    return answer.answer(
        seen(selection, library),
        indicator=selection.indicator,
        area=selection.area,
        dimension=selection.dimension,
        period=selection.period,
        lang=lang,
    )


def compute(part: str, selection: Selection, library: Library, lang: str, found: Finding | None) -> Any:
    """The view of a part.

    Parameters
    ----------
    part : str
        A key of ``BLIND`` other than ``answer``.
    selection : Selection
        Settled: every value from the release's own lists.
    library : Library
    lang : {"fi", "sv", "en"}
    found : Finding or None
        Of the same selection; None where no area is chosen, and then there is no view.
    """
    if found is None or selection.area is None:
        return None
    if part in RESEARCH and not selection.researcher:
        return None
    across = part in ("topics", "matrix")
    release = (
        library.area(selection.release, selection.area, selection.dimension) if across else seen(selection, library)
    )
    if part == "topics":
        return topics.largest(release, area=selection.area, dimension=selection.dimension, lang=lang)
    if part == "quality":
        return quality.quality(release, found, lang)
    if part == "researcher":
        return researcher.html(release, found, lang)
    if "no_data" in found.states:
        return Panel(None, sentences=(text("finding.no_data", lang),))
    draw = partial(_draw, part, release, found, selection, lang)
    try:
        width = PHONE if selection.phone else BESIDE if part in ("regions", "map") else WIDE
        shown = draw(width)
    except MeasureError:
        return Panel(None, sentences=(text("app.not_applicable", lang),))
    title = text("app.regions.map", lang) if part == "map" else None
    return Panel(shown, partial(draw, WIDE) if width != WIDE else lambda: shown, title=title)


def _draw(part: str, release: Release, found: Finding, selection: Selection, lang: str, width: float) -> "FigureBundle":
    """The figure of a part: of the area shown, by the grouping chosen."""
    from hyteanalysis import figures  # drawing is slow to import, and the answer does not wait for it

    asked: dict[str, Any] = {"indicator": found.indicator, "dimension": found.dimension, "period": found.period}
    asked |= {"areas": found.shown_area, "lang": lang, "width": width}
    if part == "gap":
        return figures.equiplot(
            release, **asked | {"areas": list(dict.fromkeys([found.shown_area, *selection.compare]))}
        )
    if part == "matrix":
        return figures.matrix(release, **asked | {"indicator": None, "period": None})
    if part in ("regions", "map"):
        # by the level of the whole population, or by the gap between groups
        compared = asked | {"dimension": found.dimension if selection.sort == "gap" else TOTAL}
        return figures.dots(release, **compared) if part == "regions" else figures.map(release, **compared)
    kinds = {"trend": figures.trend, "forest": figures.forest, "curve": figures.curve, "pyramid": figures.pyramid}
    return kinds[part](release, **asked)
