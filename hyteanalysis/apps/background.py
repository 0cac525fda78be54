"""Why the gap is there, in the researcher's view: figures that the release's own cells allow."""

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from hyteanalysis.apps import markup
from hyteanalysis.cells import CROSS, cross, parts
from hyteanalysis.disclosure import Release
from hyteanalysis.errors import HyteError
from hyteanalysis.findings import Finding
from hyteanalysis.i18n import text

if TYPE_CHECKING:
    from hyteanalysis.figures import FigureBundle


def drawn(release: Release, found: Finding, lang: str) -> "Iterator[FigureBundle]":
    """Composition, gradient and crossed groups where the release has them; inequality and likeness between areas."""
    from hyteanalysis import figures

    for kind, dimension in _kinds(release, found):
        try:
            yield getattr(figures, kind)(
                release, indicator=found.indicator, dimension=dimension, areas=found.shown_area, period=found.period,
                lang=lang,
            )  # fmt: skip
        except HyteError:  # does not apply to these numbers, or some of them are hidden
            continue


def html(release: Release, found: Finding, lang: str) -> str:
    """The figures under their heading; a sentence where there is none."""
    bundles = enumerate(drawn(release, found, lang), start=1)
    shown = "".join(markup.figure(bundle, anchor=f"taustat-{place}") for place, bundle in bundles)
    lead = text("app.background.lead" if shown else "app.background.none", lang)
    heading = escape(text("app.background.title", lang))
    return f'<h2 id="taustat">{heading}</h2><p class="hyte-sub">{escape(lead)}</p>{shown}'


def _kinds(release: Release, found: Finding) -> list[tuple[str, str | None]]:
    """Kinds of figure and the dimension of each: of crossed ones the one with age, else the first."""
    cells = release.select(indicator=found.indicator, area=found.shown_area, period=found.period)
    crossed = sorted(name for name in set(cells["dimension"]) if CROSS in name and found.dimension in parts(name))
    by_age = cross(["age", found.dimension])
    chosen = by_age if by_age in crossed else crossed[0] if crossed else None
    of_groups = [(kind, chosen) for kind in ("kitagawa", "concentration", "maihda")] if chosen else []
    return [*of_groups, ("theil", found.dimension), ("moran", None)]
