"""A finding in plain sentences. Labels stand in them uninflected, so any label of any data fits."""

from typing import TYPE_CHECKING

from hyteanalysis.i18n import formats, text

if TYPE_CHECKING:
    from hyteanalysis.findings.model import Contrast, Finding


def parts(finding: "Finding", lang: str) -> dict[str, str]:
    """The sentences by what they say, in reading order."""
    said = {
        "fallback": _fallback(finding, lang),
        "worst": _worst(finding, lang),
        "gap": _gap(finding, lang),
        "whole": _whole(finding, lang),
        "change": _change(finding, lang),
        "reliability": reliability(finding, lang),
        **{state: state_text(finding, state, lang) for state in finding.states if state in _LISTED},
    }
    return {name: sentence for name, sentence in said.items() if sentence}


_LISTED = ("suppressed", "missing", "uncertain", "not_comparable", "old")


def headline(finding: "Finding", lang: str) -> str:
    """The finding in one line."""
    title = finding.names.indicator(finding.indicator, lang)
    gap = finding.difference
    if finding.worst is None or gap is None:
        return text("finding.headline.none", lang, title=title)
    if finding.distinct is False:
        return text("finding.headline.no_clear_difference", lang, title=title)
    if gap.verdict == "reversed":
        return text("finding.headline.reversed", lang, title=title, group=_group(finding, finding.worst, lang))
    return text("finding.headline.worse", lang, title=title, group=_group(finding, finding.worst, lang))


def interval(finding: "Finding", compared: "Contrast", lang: str) -> str:
    """Limits in brackets, or nothing where there are none; a clear gap's limit is not rounded to nought."""
    unit = finding.unit
    if compared.clear and unit.number(0, lang) in (
        unit.number(compared.lower, lang),
        unit.number(compared.upper, lang),
    ):
        unit = unit.finer()
    return formats.in_brackets(unit.interval(compared.lower, compared.upper, lang))


def _group(finding: "Finding", group: str, lang: str) -> str:
    return finding.names.group(finding.dimension, group, lang)


def _listed(finding: "Finding", groups: list[str] | tuple[str, ...], lang: str) -> str:
    return "; ".join(_group(finding, group, lang) for group in groups)


def _fallback(finding: "Finding", lang: str) -> str:
    return state_text(finding, "fallback", lang) if "fallback" in finding.states else ""


def _worst(finding: "Finding", lang: str) -> str:
    if "no_data" in finding.states:
        return text("finding.no_data", lang)
    if finding.worst is None:
        return text("finding.worst.too_few", lang)
    row = finding.groups.set_index("group").loc[finding.worst]
    limits = finding.unit.interval(row.get("lower", float("nan")), row.get("upper", float("nan")), lang)
    level = finding.unit.level(row["estimate"], lang)
    if limits != formats.NO_NUMBER:
        level = text("finding.level", lang, level=level, interval=limits)
    values = {"group": _group(finding, finding.worst, lang), "level": level}
    if finding.distinct is False:
        extreme = "lowest" if finding.favourable else "highest"
        return text(f"finding.worst.chance_{extreme}", lang, **values)
    said = text("finding.worst.clear", lang, **values)
    if finding.tied and finding.distinct:
        said += " " + text("finding.worst.tied", lang, groups=_listed(finding, finding.tied, lang))
    return said


def _gap(finding: "Finding", lang: str) -> str:
    gap = finding.difference
    if gap is None:
        return ""
    values = {
        "first": _group(finding, gap.between[0], lang),
        "second": _group(finding, gap.between[1], lang),
        "difference": finding.unit.difference(gap.estimate, lang),
        "interval": interval(finding, gap, lang),
    }
    if gap.verdict == "reversed":
        said = text("finding.gap.reversed", lang, **values)
    elif gap.verdict == "worse":
        said = text("finding.gap.worse", lang, **values)
    elif gap.verdict == "unknown":
        return text("finding.gap.unknown", lang, **values)
    else:
        return text("finding.gap.no_clear_difference", lang, **values)
    return " ".join(filter(None, [said, _times(finding.ratio, lang), _people(finding, lang)]))


def _times(ratio: "Contrast | None", lang: str) -> str:
    """How many times the smaller number the larger one is."""
    if ratio is None or not ratio.clear:
        return ""
    estimate, lower, upper = ratio.estimate, ratio.lower, ratio.upper
    if estimate < 1:
        estimate, lower, upper = 1 / estimate, 1 / upper, 1 / lower
    decimals = 1 if estimate >= 1.15 else 2
    limits = formats.interval(lower, upper, lang, decimals)
    return text("finding.gap.times", lang, ratio=formats.number(estimate, lang, decimals), interval=limits)


def _people(finding: "Finding", lang: str) -> str:
    if finding.people is None or finding.distinct is not True:
        return ""
    people = about(finding.people)
    if people < 1:
        return ""
    kind = "cases" if finding.unit.kind == "rate" else "people"
    direction = "more" if finding.favourable else "fewer"
    said = text(f"finding.people.{kind}_{direction}", lang, number=formats.integer(people, lang))
    if "suppressed" in finding.states or "missing" in finding.states:
        said += " " + text("finding.people.partial", lang)
    return said


def about(people: float) -> float:
    """A number of people to two figures, as an estimate is said.

    >>> about(8963.2), about(37.4)
    (9000.0, 37.0)
    """
    return float(f"{people:.1e}") if people >= 1 else 0.0


def _whole(finding: "Finding", lang: str) -> str:
    compared = finding.against_whole
    if compared is None:
        return ""
    country = compared.between[1] == "SSS"
    values = {
        "area": finding.names.area(compared.between[0], lang),
        "whole": finding.names.area(compared.between[1], lang),
        "level": finding.unit.level(compared.values[0], lang),
        "whole_level": finding.unit.level(compared.values[1], lang),
        "difference": finding.unit.difference(compared.estimate, lang),
        "interval": interval(finding, compared, lang),
    }
    return text(f"finding.whole.{'country' if country else 'area'}.{compared.verdict}", lang, **values)


def _change(finding: "Finding", lang: str) -> str:
    change = finding.change
    if change is None:
        return "" if finding.difference is None else text("finding.change.none", lang)
    if change.verdict == "no_clear_change" and not change.lower <= 0 <= change.upper:
        said = "crossed"  # it moved, but not from or to a clear gap: neither narrower nor wider
    else:
        said = change.verdict
    return text(
        f"finding.change.{said}",
        lang,
        span=span(change.between, lang),
        change=finding.unit.difference(change.estimate, lang),
        interval=interval(finding, change, lang),
    )


def span(between: tuple[str, str], lang: str) -> str:
    """Two periods as one stretch of time: 2017–2022."""
    start, end = map(formats.when, between)
    plain = start.isdigit() and end.isdigit()
    return f"{start}{formats.DASH}{end}" if plain else f"{start} → {end}"


def reliability(finding: "Finding", lang: str) -> str:
    """The grade and what lowered it."""
    if "no_data" in finding.states:
        return ""
    grade = text(f"finding.reliability.{finding.reliability.grade}", lang)
    reasons = [text(f"finding.reason.{reason}", lang) for reason in finding.reliability.reasons]
    return text("finding.reliability", lang, grade=" – ".join(filter(None, [grade, ", ".join(reasons)])))


def state_text(finding: "Finding", state: str, lang: str) -> str:
    """What a state means for the reader, naming the groups, areas or periods concerned."""
    values = {
        "asked": finding.names.area(finding.asked_area, lang),
        "shown": finding.names.area(finding.shown_area, lang),
        "groups": _listed(finding, finding.in_group(state), lang),
        "period": formats.when(finding.period),
        "number": str(len(finding.groups)),
    }
    said = text(f"finding.state.{state}", lang, **values)
    if state == "suppressed" and len(finding.in_group(state)) > 1:
        said += " " + text("finding.state.secondary", lang)
    return said
