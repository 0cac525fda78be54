"""The answer box of page A: the finding's sentences, its verdicts as chips, and what to know before reading it."""

from dataclasses import dataclass
from html import escape

from hyteanalysis import areas
from hyteanalysis.apps import markup
from hyteanalysis.disclosure import Release
from hyteanalysis.findings import Finding, finding
from hyteanalysis.i18n import text, when

SAID = ("worst", "gap", "whole", "change")
KNOWN = ("reliability", "fallback")  # shown as a chip and as a notice with its badge


@dataclass(frozen=True)
class Answer:
    """What the box says.

    Attributes
    ----------
    finding : Finding
    about : tuple of (str, str)
        Area, indicator, grouping and period, each with the language it is in.
    sentences : tuple of str
        The answer in reading order.
    chips : tuple of (str, str)
        Change and reliability in a word.
    fallback : str
        The sentence that says whose figures are shown instead; empty where the asked area's are.
    notes : tuple of str
        States that a reader must know.
    """

    finding: Finding
    about: tuple[tuple[str, str], ...]
    sentences: tuple[str, ...]
    chips: tuple[tuple[str, str], ...]
    fallback: str
    notes: tuple[str, ...]


def answer(release: Release, *, indicator: str, area: str, dimension: str, period: str, lang: str) -> Answer:
    """The answer for one area, indicator and grouping."""
    found = finding(release, indicator=indicator, area=area, dimension=dimension, period=period or None)
    parts = found.parts(lang)
    names = found.names
    about = (
        (names.area(found.shown_area, lang), lang),
        (names.indicator(indicator, lang), names.indicator_language(indicator, lang)),
        (names.dimension(dimension, lang), lang),
        (when(found.period), lang),
    )
    chips = []
    if found.change is not None:
        word = text(f"app.change.{found.change.verdict}", lang)
        chips.append((text("app.change", lang), word))
    if "no_data" not in found.states:
        chips.append((text("app.reliability", lang), text(f"finding.reliability.{found.reliability.grade}", lang)))
    said = tuple(parts[name] for name in SAID if name in parts)
    notes = tuple(sentence for name, sentence in parts.items() if name not in (*SAID, *KNOWN))
    if parts.get("reliability") and found.reliability.grade != "good":
        notes = (parts["reliability"], *notes)
    return Answer(found, about, said, tuple(chips), parts.get("fallback", ""), notes)


def html(view: Answer, lang: str) -> str:
    """The box."""
    sentences = "".join(f"<li>{escape(one)}</li>" for one in view.sentences)
    level = areas.level(view.finding.shown_area)
    word = text("app.badge.country", lang) if level == "country" else text("app.badge.county", lang)
    badge = f'<span class="hyte-badge">{escape(word)}</span> ' if view.fallback else ""
    fallback = f'<p class="hyte-notice">{badge}{escape(view.fallback)}</p>' if view.fallback else ""
    about = " · ".join(markup.spoken(*one, lang) for one in view.about if one[0])
    copy = markup.copy_button("hyte-answer", text("app.answer.copy", lang), lang)
    return (
        f'<section class="hyte-answer" aria-label="{escape(text("app.answer.title", lang))}">'
        f"<h2>{escape(text('app.answer.title', lang))}: {about}</h2>"
        f'{fallback}<ol id="hyte-answer">{sentences}</ol>'
        f"{markup.chips(view.chips)}{markup.notices(view.notes)}"
        f'<p class="hyte-answer-copy">{copy}</p></section>'
    )
