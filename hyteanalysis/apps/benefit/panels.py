"""The figures of page B, from an estimate alone."""

from dataclasses import replace
from functools import partial

from hyteanalysis import figures
from hyteanalysis.apps.benefit.choice import Choice
from hyteanalysis.apps.benefit.numbers import Numbers
from hyteanalysis.apps.panel import BESIDE, PHONE, WIDE, Panel
from hyteanalysis.errors import HyteError
from hyteanalysis.figures import FigureBundle
from hyteanalysis.i18n import text

FIGURES = ("bars", "shares", "plane", "frontier", "tornado")


def panel(part: str, found: Numbers, choice: Choice, lang: str) -> Panel:
    """The view of a figure; a sentence where there is nothing to draw."""
    draw = partial(_draw, part, found, choice, lang)
    try:
        width = PHONE if choice.phone else BESIDE if part in ("plane", "frontier") else WIDE
        shown = draw(width)
    except HyteError:
        if part != "tornado":
            raise
        return Panel(None, sentences=(text("app.benefit.no_tornado", lang),))
    return Panel(_plain(shown, found, lang), partial(draw, WIDE) if width != WIDE else lambda: shown)


def _plain(shown: FigureBundle, found: Numbers, lang: str) -> FigureBundle:
    """Without the assumptions that the page tells once at its end; files keep them."""
    first, *told = found.impact.notes(lang)
    return replace(shown, notes=tuple(one for one in shown.notes if one == first or one not in told))


def _draw(part: str, found: Numbers, choice: Choice, lang: str, width: float) -> FigureBundle:
    if part == "bars":
        return figures.bars(found.impact, per=choice.per or "people", lang=lang, width=width)
    if part == "shares":
        return figures.cards(found.impact, budget=found.budget, lang=lang, width=width)
    if part == "plane":
        return figures.plane(found.impact, lang=lang, width=width)
    if part == "frontier":
        return figures.frontier(found.impact, budget=found.budget, lang=lang, width=width)
    return figures.tornado(found.impact, target=choice.target or "averted", lang=lang, width=width)
