"""What page A computes: a view of each part, from a settled selection and the releases alone; no widgets."""

from dataclasses import dataclass, replace
from typing import Any

from hyteanalysis import figures
from hyteanalysis.apps import answer, quality, researcher, topics
from hyteanalysis.apps.library import Library
from hyteanalysis.apps.selection import Selection
from hyteanalysis.apps.views import limited, standardised
from hyteanalysis.cells import TOTAL
from hyteanalysis.disclosure import Release
from hyteanalysis.figures import FigureBundle
from hyteanalysis.findings import Finding
from hyteanalysis.i18n import text

# fields that a part does not depend on: equal choices of the others share one result
PLAIN = {"compare": (), "sort": "", "researcher": False}
BLIND: dict[str, dict[str, Any]] = {
    "answer": PLAIN,
    "gap": {"sort": "", "researcher": False},
    "trend": PLAIN,
    "quality": PLAIN,
    "topics": {**PLAIN, "indicator": "", "period": "", "filters": (), "standardised": False},
    "regions": {"compare": (), "researcher": False},
    "map": {"compare": (), "researcher": False},
    "researcher": {"compare": (), "sort": ""},
}
WIDE, PHONE = 16.0, 8.0  # cm


@dataclass(frozen=True)
class Panel:
    """A figure, the same drawn for a phone, and the words above it; any may be lacking."""

    figure: FigureBundle | None
    narrow: FigureBundle | None = None
    sentences: tuple[str, ...] = ()


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
    if part == "topics":
        whole = library.release(selection.release)
        return topics.largest(whole, area=selection.area, dimension=selection.dimension, lang=lang)
    release = seen(selection, library)
    if part == "quality":
        return quality.quality(release, found, lang)
    if part == "researcher":
        return researcher.html(release, found, lang) if selection.researcher else ""
    if "no_data" in found.states:
        return Panel(None, sentences=(text("finding.no_data", lang),))
    draw = {"gap": _gap, "trend": _trend, "regions": _regions, "map": _map}[part]
    wide, narrow = (draw(release, found, selection, lang, width) for width in (WIDE, PHONE))
    return Panel(wide, narrow)


def _gap(release: Release, found: Finding, selection: Selection, lang: str, width: float) -> FigureBundle:
    areas = dict.fromkeys([found.shown_area, *selection.compare])
    return figures.equiplot(release, areas=list(areas), lang=lang, width=width, **_asked(found))


def _trend(release: Release, found: Finding, selection: Selection, lang: str, width: float) -> FigureBundle:
    return figures.trend(release, areas=[found.shown_area], lang=lang, width=width, **_asked(found))


def _regions(release: Release, found: Finding, selection: Selection, lang: str, width: float) -> FigureBundle:
    return figures.dots(release, areas=found.shown_area, lang=lang, width=width, **_ranked(found, selection))


def _map(release: Release, found: Finding, selection: Selection, lang: str, width: float) -> FigureBundle:
    return figures.map(release, areas=found.shown_area, lang=lang, width=width, **_ranked(found, selection))


def _asked(found: Finding) -> dict[str, Any]:
    return {"indicator": found.indicator, "dimension": found.dimension, "period": found.period}


def _ranked(found: Finding, selection: Selection) -> dict[str, Any]:
    """Areas are compared by the level of the whole population, or by the gap between groups."""
    return {**_asked(found), "dimension": found.dimension if selection.sort == "gap" else TOTAL}
