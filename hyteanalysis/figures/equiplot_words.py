"""The words of an equiplot: title, subtitle, text alternative, notes, and what stands beside a row."""

from typing import Any

from hyteanalysis.figures import choice, style, words
from hyteanalysis.findings import Finding
from hyteanalysis.findings.sentences import interval, state_text
from hyteanalysis.i18n import text, when

Line = tuple[str, str]  # words and their weight


def title(found: list[Finding], lang: str) -> str:
    """The first area's finding, with its name where other areas stand beside it."""
    first = found[0]
    said = first.headline(lang)
    if len({one.shown_area for one in found}) == 1:
        return said
    return text("figure.title.area", lang, title=said, area=first.names.area(first.shown_area, lang))


def subtitle(found: list[Finding], lang: str) -> str:
    """The statistic."""
    first = found[0]
    places = list(dict.fromkeys(first.names.area(one.shown_area, lang) for one in found))
    periods = list(dict.fromkeys(one.period for one in found))
    return words.subtitle(
        [
            text("figure.grouping", lang, dimension=first.names.dimension(first.dimension, lang)),
            places[0] if len(places) == 1 else "",
            ", ".join(map(when, periods)),
            first.unit.measure(lang),
            text("figure.interval", lang) if has_interval(found) else text("figure.no_interval", lang),
        ]
    )


def has_interval(found: list[Finding]) -> bool:
    """Whether any number has limits."""
    return any("lower" in one.groups and one.groups["lower"].notna().any() for one in found)


def notes(found: list[Finding], lang: str) -> tuple[str, ...]:
    """What the reader must know of what is not shown as plain numbers."""
    notes = []
    for one in found:
        told = [state for state in one.states if state not in ("no_data", "reversed")]
        name = one.names.area(one.shown_area, lang)
        for state in told:
            said = state_text(one, state, lang)
            notes.append(said if len(found) == 1 or state in ("fallback", "old", "many_groups") else f"{name}: {said}")
    if len(found) > choice.MOST:
        notes.append(text("figure.many_areas", lang, number=str(len(found)), shown=str(choice.MOST)))
    return tuple(dict.fromkeys(notes))


def alternative(one: Finding, lang: str) -> str:
    """The text alternative, of the first area."""

    def write(short: Any) -> str:
        said = [
            text(
                "figure.alt.equiplot",
                lang,
                title=short(one.names.indicator(one.indicator, lang)),
                area=short(one.names.area(one.shown_area, lang)),
                period=one.period,
            )
        ]
        level = one.groups.set_index("group")["estimate"]
        if one.worst is not None and one.best is not None:
            pair = (one.best, one.worst) if one.favourable else (one.worst, one.best)
            said.append(
                text(
                    "figure.alt.extremes",
                    lang,
                    highest=short(one.names.group(one.dimension, pair[0], lang)),
                    high=one.unit.level(level[pair[0]], lang),
                    lowest=short(one.names.group(one.dimension, pair[1], lang)),
                    low=one.unit.level(level[pair[1]], lang),
                )
            )
        said.append(text(f"figure.verdict.{one.difference.verdict if one.difference else 'none'}", lang))
        return " ".join(said)

    return words.alt(write, lang)


def ordered(one: Finding) -> bool:
    """Whether the groups have an order."""
    return "order" in one.groups and bool(one.groups["order"].notna().all())


def label(one: Finding, lang: str) -> list[Line]:
    """An area's name and its gap, before wrapping."""
    lines = [(one.names.area(one.shown_area, lang), "bold")]
    if one.difference is None:
        return lines
    gap = one.difference
    said = text(
        f"figure.gap.{gap.verdict}",
        lang,
        difference=one.unit.number(gap.estimate, lang),
        interval=interval(one, gap, lang),
    )
    lines.append((said, "normal"))
    if ordered(one) and set(gap.between) != {one.groups["group"].iloc[0], one.groups["group"].iloc[-1]}:
        lines.append((" – ".join(one.names.group(one.dimension, group, lang) for group in gap.between), "normal"))
    return lines


def gone(one: Finding, room: float, lang: str) -> list[str]:
    """Groups without a number, said below the row; lines no wider than ``room`` points."""
    said = []
    for status, symbol in (("suppressed", "×"), ("missing", "–")):
        named = [one.names.group(one.dimension, group, lang) for group in one.in_group(status)]
        if named:
            said.append(f"{symbol} {text(f'table.status.{status}', lang)}: {'; '.join(named)}")
    return [line for words_ in said for line in style.wrap(words_, room)]
