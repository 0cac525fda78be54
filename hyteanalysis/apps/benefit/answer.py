"""The answer box of page B: whom the action helps most, what becomes of the gap, and that it is an estimate."""

from dataclasses import dataclass
from html import escape

from hyteanalysis import areas
from hyteanalysis.apps import markup
from hyteanalysis.apps.benefit.numbers import Numbers
from hyteanalysis.figures.kit.estimates import Estimate
from hyteanalysis.i18n import integer, interval, number, text, when


@dataclass(frozen=True)
class Answer:
    """What the box says.

    Attributes
    ----------
    about : str
        Action, outcome, area, grouping and period in one line.
    sentences : tuple of str
    chips : tuple of (str, str)
    fallback, badge : str
        Whose numbers are shown instead of the asked area's, and the badge's word; empty where they are its own.
    """

    about: str
    sentences: tuple[str, ...]
    chips: tuple[tuple[str, str], ...]
    fallback: str
    badge: str


def answer(found: Numbers, lang: str) -> Answer:
    """The answer of an estimate."""
    impact, setting = found.impact, found.setting
    names = impact.baseline.names
    about = [
        impact.action.label(lang),
        names.indicator(impact.action.outcome, lang),
        names.area(setting.area, lang),
        names.dimension(impact.action.dimension, lang),
        when(impact.baseline.period),
    ]
    *said, estimate = impact.sentences(lang)
    grade = impact.action.effect.grade.replace(" ", "_")
    chips = (
        (text("app.benefit.evidence", lang), text(f"app.benefit.grade.{grade}", lang)),
        (text("app.benefit.draws", lang), integer(impact.simulation.draws, lang)),
    )
    fallback = badge = ""
    if setting.asked != setting.area:
        fallback = text("app.benefit.fallback", lang, area=names.area(setting.area, lang))
        badge = text("app.badge.country" if areas.level(setting.area) == "country" else "app.badge.county", lang)
    return Answer(" · ".join(about), (*said, *of_the_gap(found, lang), estimate), chips, fallback, badge)


def of_the_gap(found: Numbers, lang: str) -> list[str]:
    """What becomes of the gap if the money is shared as now, and which way narrows it most."""
    estimate = Estimate.of(found.impact, lang)
    if about := estimate.about_the_gap():
        said = list(about)
        if not estimate.gaps.clear:
            return said
    else:
        said = []
    table = found.ways.set_index("option")
    verdict, reach = table.loc["today", "verdict"], found.impact.pooled.set_index("group")
    share = reach["reached"] / reach["population"]
    missed = verdict == "widens" and share[estimate.gaps.worst] < share[estimate.gaps.best]
    said.append(text(f"app.benefit.today_{verdict}{'_reach' if missed else ''}", lang))
    if found.narrowest is None:
        return [*said, text("app.benefit.no_order", lang)]
    row = table.loc[found.narrowest]
    decimals = 1 if abs(row["gap_change"]) >= 1 else 2
    # it narrows: the fall is told without its sign
    values = {
        "option": text(f"figure.scenario.{found.narrowest}", lang),
        "change": number(-row["gap_change"], lang, decimals),
        "interval": interval(-row["gap_change_upper"], -row["gap_change_lower"], lang, decimals),
    }
    return [*said, text("app.benefit.narrowest", lang, **values)]


def html(view: Answer, lang: str) -> str:
    """The box."""
    title = text("app.benefit.answer", lang)
    sentences = "".join(f"<li>{escape(one)}</li>" for one in view.sentences)
    badge = f'<span class="hyte-badge">{escape(view.badge)}</span> ' if view.badge else ""
    fallback = f'<p class="hyte-notice">{badge}{escape(view.fallback)}</p>' if view.fallback else ""
    copy = markup.copy_button("hyte-answer", text("app.answer.copy", lang), lang)
    return (
        f'<section class="hyte-answer" aria-label="{escape(title)}">'
        f"<h2>{escape(title)}: {escape(view.about)}</h2>{fallback}"
        f'<ol id="hyte-answer">{sentences}</ol>{markup.chips(view.chips)}'
        f'<p class="hyte-answer-copy">{copy}</p></section>'
    )
