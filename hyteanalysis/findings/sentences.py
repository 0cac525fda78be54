"""A finding in plain sentences. Labels stand in them uninflected, so any label of any data fits."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from hyteanalysis.i18n import formats, text
from hyteanalysis.inequality.results import CLEAR

if TYPE_CHECKING:
    from hyteanalysis.findings.model import Contrast, Count, Finding

RATIOS = ("proportion", "rate")  # kinds whose ratio means something


def parts(finding: "Finding", lang: str) -> dict[str, str]:
    """The sentences by what they say, in reading order."""
    said = {
        "fallback": _fallback(finding, lang),
        "worst": _worst(finding, lang),
        "gap": _gap(finding, lang),
        "people": people(finding, lang),
        "whole": _whole(finding, lang),
        "change": _change(finding, lang),
        "reliability": reliability(finding, lang),
        **{state: state_text(finding, state, lang) for state in finding.states if state in _LISTED},
    }
    return {name: sentence for name, sentence in said.items() if sentence}


_LISTED = ("suppressed", "missing", "uncertain", "not_comparable", "old")


def headline(finding: "Finding", lang: str) -> str:
    """The finding in one line; where several groups may be the worst, all of them."""
    title = finding.names.indicator(finding.indicator, lang)
    gap = finding.difference
    if gap is None:
        return text("finding.headline.none", lang, title=title)
    if finding.worst is None:
        return text("finding.headline.same", lang, title=title)
    if finding.distinct is None:
        return text("finding.headline.unknown", lang, title=title)
    if finding.distinct is False:
        return text("finding.headline.no_clear_difference", lang, title=title)
    worst = [finding.worst, *finding.tied]
    if len(worst) > NAMED:
        return text("finding.headline.many", lang, title=title, number=formats.integer(len(worst), lang))
    said = "reversed" if gap.verdict == "reversed" else "tied" if finding.tied else "worse"
    return text(f"finding.headline.{said}", lang, title=title, group=_listed(finding, worst, lang))


NAMED = 3  # groups that a headline names


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


def _listed(finding: "Finding", groups: Sequence[str], lang: str) -> str:
    return "; ".join(_group(finding, group, lang) for group in groups)


def _fallback(finding: "Finding", lang: str) -> str:
    return state_text(finding, "fallback", lang) if "fallback" in finding.states else ""


def _worst(finding: "Finding", lang: str) -> str:
    if "no_data" in finding.states:
        return text("finding.no_data", lang)
    if finding.difference is None:
        return text("finding.worst.too_few", lang)
    rows = finding.groups.set_index("group")
    if finding.worst is None:
        level = rows.loc[finding.difference.between[0], "estimate"]
        return text("finding.worst.same", lang, level=finding.unit.level(level, lang))
    row = rows.loc[finding.worst]
    limits = finding.unit.interval(row.get("lower", float("nan")), row.get("upper", float("nan")), lang)
    level = finding.unit.level(row["estimate"], lang)
    if limits != formats.NO_NUMBER:
        level = text("finding.level", lang, level=level, interval=limits)
    extreme = "lowest" if finding.favourable else "highest"
    if not finding.distinct:
        level_of = [str(group) for group in rows.index[rows["estimate"] == row["estimate"]]]
        values = {"group": _listed(finding, level_of, lang), "level": level}
        figure = text(f"finding.worst.{extreme}", lang, **values)
        if finding.distinct is None:
            return figure
        chance = "chance" if not finding.p_equal < CLEAR else "ends" if finding.ordered else "no_pair"
        return f"{text(f'finding.worst.{chance}', lang)} {figure}"
    said = text("finding.worst.clear", lang, group=_group(finding, finding.worst, lang), level=level)
    if finding.tied:
        said += " " + text("finding.worst.tied", lang, groups=_listed(finding, finding.tied, lang))
    return said


def _gap(finding: "Finding", lang: str) -> str:
    """The two groups and what lies between them: as a difference, as a ratio, and where these do not say the same."""
    gap = finding.difference
    if gap is None or finding.worst is None:
        return ""
    values = {
        "first": _group(finding, gap.between[0], lang),
        "second": _group(finding, gap.between[1], lang),
        "difference": finding.unit.difference(gap.estimate, lang),
        "interval": interval(finding, gap, lang),
    }
    said = text(f"finding.gap.{gap.verdict}", lang, **values)
    return " ".join(filter(None, [said, _times(finding, lang)]))


def _times(finding: "Finding", lang: str) -> str:
    """How many times the smaller number the larger one is; where difference and ratio disagree, that they do."""
    gap, ratio = finding.difference, finding.ratio
    if gap is None or ratio is None or gap.verdict == "unknown" or ratio.verdict == "unknown":
        return ""
    estimate, lower, upper = ratio.estimate, ratio.lower, ratio.upper
    outside = not lower <= 1 <= upper
    if estimate < 1:
        estimate, lower, upper = 1 / estimate, 1 / upper, 1 / lower if lower > 0 else float("inf")
    decimals = 1 if estimate >= 1.15 else 2
    values = {
        "ratio": formats.number(estimate, lang, decimals),
        "interval": formats.interval(lower, upper, lang, decimals),
    }
    if gap.clear and ratio.clear:
        return text("finding.gap.times", lang, **values)
    meant = finding.unit.kind in RATIOS
    if gap.clear and meant:
        return text("finding.gap.times_unclear", lang, **values)
    # the groups of an order alone: of others the two are asked together whether they differ
    return text("finding.gap.times_alone", lang, **values) if outside and meant and finding.ordered else ""


def people(finding: "Finding", lang: str) -> str:
    """How many it concerns now, and how many fewer if all had the level of one named group; both with limits."""
    kind = counted(finding)
    said = []
    now = finding.now
    if now is not None and about(now.estimate) >= 1:
        which = "lacking" if finding.favourable else "now"
        said.append(text(f"finding.people.{kind}_{which}", lang, **_counted(now, lang)))
    saved = finding.fewer if finding.distinct is True else None
    if saved is not None and about(saved.estimate) >= 1 and finding.best is not None:
        direction = "more" if finding.favourable else "fewer"
        level = _group(finding, finding.best, lang)
        said.append(text(f"finding.people.{kind}_{direction}", lang, group=level, **_counted(saved, lang)))
    if said and ("suppressed" in finding.states or "missing" in finding.states):
        said.append(text("finding.people.partial", lang))
    return " ".join(said)


def counted(finding: "Finding") -> str:
    """What is counted, by the metadata: ``people``, or ``cases`` of a rate and of what is not of people."""
    return "people" if finding.unit.kind == "proportion" and finding.unit.of_people else "cases"


def _counted(count: "Count", lang: str) -> dict[str, str]:
    """A number of people and its limits in brackets, as an estimate is said."""
    said = rounded(count)
    limits = formats.interval(said.lower, said.upper, lang, 0)
    return {"number": formats.integer(said.estimate, lang), "interval": formats.in_brackets(limits)}


def rounded(count: "Count") -> "Count":
    """A number of people and its limits, to as few figures as tell the limits apart."""
    figures = 2
    while figures < 7 and about(count.lower, figures) == about(count.upper, figures) and count.lower < count.upper:
        figures += 1
    return replace(
        count,
        estimate=about(count.estimate, figures),
        lower=about(count.lower, figures),
        upper=about(count.upper, figures),
    )


def about(people: float, figures: int = 2) -> float:
    """A number of people to two figures, as an estimate is said.

    >>> about(8963.2), about(37.4)
    (9000.0, 37.0)
    """
    return people if people != people else float(f"{people:.{figures - 1}e}") if people >= 1 else 0.0


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
    """How the gap of the same two groups has changed: as a difference, as a ratio, and whether these say the same."""
    change = finding.change
    if change is None:
        return "" if finding.difference is None else text("finding.change.none", lang)
    assert finding.difference is not None
    now, before = finding.difference.between
    start, end = change.values
    if end < 0:  # an order that stands the other way round
        now, before = before, now
    values = {
        "span": span(change.between, lang),
        "change": finding.unit.difference(change.estimate, lang),
        "interval": interval(finding, change, lang),
        "before": _group(finding, before, lang),
        "now": _group(finding, now, lang),
    }
    moved = _moved(change)
    said = [text(f"finding.change.{moved}", lang, **values)]
    if moved in ("narrowed", "widened", "crossed") and start * end < 0:
        said.append(text("finding.change.turned", lang, before=values["before"]))
    if not finding.ordered and len(finding.groups) > 2:
        said.append(text("finding.change.same_two", lang, first=values["now"], second=values["before"]))
    return " ".join([*said, *_relative(finding, moved, lang)])


def _moved(change: "Contrast", null: float = 0.0) -> str:
    """The verdict; ``crossed`` where it moved, but not from or to a clear gap: neither narrower nor wider."""
    holds = change.lower <= null <= change.upper
    return "crossed" if change.verdict == "no_clear_change" and not holds else change.verdict


def _relative(finding: "Finding", moved: str, lang: str) -> list[str]:
    change = finding.relative_change
    if change is None or change.verdict == "unknown":
        return []
    *ends, decimals = ratios_of(change)
    start, end = (formats.number(one, lang, decimals) for one in ends)
    verdict = _moved(change, 1.0)
    said = [text(f"finding.change.relative.{verdict}", lang, start=start, end=end)]
    told = {"narrowed", "widened", "reversed"}
    if moved != verdict and {moved, verdict} & told:
        said.append(text("finding.change.disagree", lang))
    return said


def ratios_of(change: "Contrast") -> tuple[float, float, int]:
    """How many times the smaller number the larger was and is, and with how many decimals that is said."""
    start, end = (max(one, 1 / one) for one in change.values)
    coarse = min(start, end) >= 1.15 and round(start, 1) != round(end, 1)
    return start, end, 1 if coarse else 2


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
        "number": formats.integer(len(finding.groups), lang),
    }
    said = text(f"finding.state.{state}", lang, **values)
    if state == "suppressed" and len(finding.in_group(state)) > 1:
        said += " " + text("finding.state.secondary", lang)
    return said
