"""What page A computes: a view of each part, from a settled selection and the releases alone; no widgets."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from hyteanalysis import i18n, rates
from hyteanalysis.apps.kit import html
from hyteanalysis.apps.kit.cards import BESIDE, PHONE, WIDE, Panel, drawn
from hyteanalysis.apps.kit.contents import AGE
from hyteanalysis.apps.kit.library import Library
from hyteanalysis.apps.where.choice import Selection, cross_of
from hyteanalysis.cells import CROSS, PLACES, TOTAL, cross, parts, reference_groups
from hyteanalysis.disclosure import Release
from hyteanalysis.errors import HyteError
from hyteanalysis.findings import Finding, finding, findings, selection
from hyteanalysis.findings.answer import RULES
from hyteanalysis.findings.contrasts import of_people
from hyteanalysis.findings.lookup import names_of
from hyteanalysis.findings.sentences import span
from hyteanalysis.i18n import LANGS, formats, own_text, text, told, when
from hyteanalysis.inequality import REGISTRY, disparity
from hyteanalysis.tables import html_table, readable

if TYPE_CHECKING:
    from hyteanalysis.figures import FigureBundle


# fields that a part does not depend on: equal choices of the others share one result
_PLAIN = {"compare": (), "sort": "", "researcher": False}
_WORDS = {**_PLAIN, "phone": False}
BLIND: dict[str, dict[str, Any]] = {
    "answer": _WORDS,
    "gap": {"sort": "", "researcher": False},
    "trend": _PLAIN,
    "quality": _WORDS,
    "topics": {**_WORDS, "filters": (), "standardised": False},
    "matrix": {**_PLAIN, "indicator": "", "period": "", "filters": (), "standardised": False},
    "regions": {"compare": (), "researcher": False},
    "map": {"compare": (), "researcher": False},
    "researcher": {"compare": (), "sort": "", "phone": False},
    "forest": {"compare": (), "sort": ""},
    "curve": {"compare": (), "sort": ""},
    "pyramid": {"compare": (), "sort": ""},
}
_NAMES = {"gap": "equiplot", "regions": "dots"}  # figures of parts that bear another name
RESEARCH = ("researcher", "forest", "curve", "pyramid")


def _seen(selection: Selection, library: Library) -> Release:
    """The release that the selection looks at: one indicator, limited and standardised as chosen."""
    release = library.indicator(selection.release, selection.indicator)
    if selection.standardised:
        return standardised(release, selection.dimension)
    return limited(release, selection.dimension, selection.filters)


def compute(part: str, selection: Selection, library: Library, lang: str, found: Finding | None = None) -> Any:
    """The view of a part.

    Parameters
    ----------
    part : str
        A key of ``BLIND``.
    selection : Selection
        Settled: every value from the release's own lists.
    library : Library
    lang : {"fi", "sv", "en"}
    found : Finding, optional
        That of the answer to the same selection, which the other parts are made from; where no area is chosen there is
        none, and no view.
    """
    if selection.area is None:
        return None
    if not selection.dimension:  # totals alone: there are no groups to tell of
        return _ungrouped(selection, library, lang) if part == "answer" else None
    if part == "answer":
        return _answer(_seen(selection, library), selection, selection.area, lang)
    if found is None:
        return None
    if part in RESEARCH and not selection.researcher:
        return None
    across = part in ("topics", "matrix")
    release = (
        library.area(selection.release, selection.area, selection.dimension) if across else _seen(selection, library)
    )
    if part == "topics":
        return largest(release, area=found.shown_area, dimension=found.dimension, period=found.period, lang=lang)
    if part == "quality":
        return _quality(release, found, lang)
    if part == "researcher":
        return _researcher(release, found, lang)
    if "no_data" in found.states:
        return Panel(None, sentences=(text("finding.no_data", lang),))
    width = PHONE if selection.phone else BESIDE if part in ("regions", "map") else WIDE
    title = text("app.regions.map", lang) if part == "map" else None
    return drawn(partial(_draw, part, release, found, selection, lang), width, lang, title=title)


def _draw(part: str, release: Release, found: Finding, selection: Selection, lang: str, width: float) -> "FigureBundle":
    """The figure of a part: of the area shown, by the grouping chosen."""
    from hyteanalysis import figures  # drawing is slow to import, and the answer does not wait for it

    kind = figures.REGISTRY[_NAMES.get(part, part)]
    asked: dict[str, Any] = {"indicator": found.indicator, "dimension": found.dimension, "period": found.period}
    asked |= {"areas": found.shown_area, "lang": lang, "width": width}
    if part == "gap":
        asked["areas"] = list(dict.fromkeys([found.shown_area, *selection.compare]))
    if "indicators" in kind.needs:
        asked |= {"indicator": None, "period": None}
    if "areas" in kind.needs and selection.sort != "gap":  # by the level of the whole population, not by the gap
        asked["dimension"] = TOTAL
    return kind.draw(release, **asked)


def limited(release: Release, dimension: str, filters: tuple[str, ...]) -> Release:
    """The release seen through filters: crossed rows of some groups, named as rows of the plain dimension.

    Its own numbers under other names: nothing is computed. The indicator's title names the groups.
    """
    if not filters:
        return release
    return release.part(("limited", dimension, filters), lambda: _limited(release, dimension, filters))


def standardised(release: Release, dimension: str) -> Release:
    """Groups and totals of one indicator as directly age-standardised rates, European standard population 2013.

    Computed from the release's own counts by age; a group with a hidden or missing age band has no rate.
    """
    return release.part(("standardised", dimension), lambda: _standardised(release, dimension))


def _limited(release: Release, dimension: str, filters: tuple[str, ...]) -> Mapping[str, pd.DataFrame]:
    limits = dict(one.split(":", 1) for one in filters)
    cells = release.cells
    order = cells[cells["dimension"] == dimension].drop_duplicates("group").set_index("group").get("order")
    groups = _picked(cells, cross_of(dimension, filters), limits, keep=dimension)
    if order is not None:
        groups["order"] = groups["group"].map(order).astype("Int64")
    whole = _picked(cells, cross(limits), limits, keep=None)
    names = names_of(release)
    indicators = release.indicators
    for column in [name for name in indicators if name.startswith("title_")]:
        said = ", ".join(names.group(*pair, column.removeprefix("title_")) for pair in limits.items())
        indicators[column] = indicators[column] + f" ({said})"
    return {"cells": pd.concat([groups, whole], ignore_index=True), "indicators": indicators}


def _picked(cells: pd.DataFrame, name: str, limits: dict[str, str], *, keep: str | None) -> pd.DataFrame:
    """Rows of a crossed dimension within the limits, under the name of the part kept, else as totals."""
    rows = cells[cells["dimension"] == name]
    split = rows["group"].str.split(CROSS, expand=True, regex=False)
    split.columns = parts(name)
    inside = pd.Series(True, index=rows.index)
    for part, group in limits.items():
        inside &= split[part] == group
    picked = rows[inside].copy()
    picked["dimension"] = keep or TOTAL
    picked["group"] = split.loc[inside, keep] if keep else TOTAL
    return picked


def _standardised(release: Release, dimension: str) -> Mapping[str, pd.DataFrame]:
    cells = release.cells
    meta = release.indicators.set_index("indicator").loc[cells["indicator"].iloc[0]]
    order = cells[cells["dimension"] == dimension].drop_duplicates("group").set_index("group").get("order")
    crossed = cells[cells["dimension"] == cross([AGE, dimension])]
    split = crossed["group"].str.split(CROSS, expand=True, regex=False)
    split.columns = parts(cross([AGE, dimension]))
    groups = _rates(crossed.assign(band=split[AGE], group=split[dimension], dimension=dimension), float(meta["scale"]))
    if order is not None:
        groups["order"] = groups["group"].map(order).astype("Int64")
    plain = cells[(cells["dimension"] == AGE) & cells["period"].isin(groups["period"].unique())]
    whole = _rates(plain.assign(band=plain["group"], group=TOTAL, dimension=TOTAL), float(meta["scale"]))
    indicators = release.indicators
    for lang in LANGS:
        if f"title_{lang}" in indicators:
            indicators[f"title_{lang}"] = indicators[f"title_{lang}"] + f" ({text('app.standardised.title', lang)})"
    return {"cells": pd.concat([groups, whole], ignore_index=True), "indicators": indicators}


def _rates(rows: pd.DataFrame, scale: float) -> pd.DataFrame:
    by = ["indicator", "area", "period", "dimension", "group"]
    rows = rows[rows["events"].notna() & rows["population"].notna()]
    first = rows["band"].str.extract(r"^(\d+)", expand=False).astype(float).min()
    made = rates.standardise(rows, by, band="band", standard="esp2013", per=scale, ages=(int(first), None))
    return made.drop(columns=["method", "note"])


_SAID = ("worst", "gap", "people", "whole", "change")
_KNOWN = ("reliability", "fallback")  # shown as a chip and as a notice with its badge


@dataclass(frozen=True)
class FindingBox(html.AnswerBox):
    """The answer box, with the finding that it tells and that the other parts are made from."""

    finding: Finding | None = None


def _answer(release: Release, selection: Selection, area: str, lang: str) -> FindingBox:
    """The answer for one area, indicator and grouping."""
    indicator, dimension = selection.indicator, selection.dimension
    found = finding(release, indicator=indicator, area=area, dimension=dimension, period=selection.period or None)
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
        chips.append((text("app.change", lang, span=span(found.change.between, lang)), word))
    if "no_data" not in found.states:
        chips.append((text("app.reliability", lang), text(f"finding.reliability.{found.reliability.grade}", lang)))
    said = tuple(parts[name] for name in _SAID if name in parts)
    notes = tuple(sentence for name, sentence in parts.items() if name not in (*_SAID, *_KNOWN))
    if dimension in PLACES:
        notes = (text("app.answer.places", lang), *notes)
    if parts.get("reliability") and found.reliability.grade != "good":
        notes = (parts["reliability"], *notes)
    title, instead = text("app.answer.title", lang), parts.get("fallback", "")
    return FindingBox(title, about, said, tuple(chips), instead, found.shown_area, notes, found)


def _ungrouped(selection: Selection, library: Library, lang: str) -> FindingBox:
    """The answer box where an indicator has no groups."""
    names, indicator, area = names_of(library.release(selection.release)), selection.indicator, str(selection.area)
    about = (
        (names.area(area, lang), lang),
        (names.indicator(indicator, lang), names.indicator_language(indicator, lang)),
    )
    return FindingBox(text("app.answer.title", lang), about, (text("figure.lacks.groups", lang),), (), "", area)


LISTED = 5


@dataclass(frozen=True)
class ClearGap:
    """One indicator with a clear gap: its id and the line that tells it."""

    indicator: str
    words: str


@dataclass(frozen=True)
class Topics:
    """The lines, and under their heading what they were chosen among, and how."""

    lines: tuple[ClearGap, ...]
    lead: str


def largest(release: Release, *, area: str, dimension: str, period: str, lang: str) -> Topics:
    """The five largest gaps of one area, grouping and year in words; 5 % false ones are expected among all told."""
    found = findings(release, area=area, dimension=dimension, period=period)
    found = [one for one in found if one.shown_area == area]
    kept = selection.largest(found)
    names = names_of(release, area)
    lead = text(
        "app.topics.lead" if kept else "app.topics.none",
        lang,
        area=names.area(area, lang),
        dimension=names.dimension(dimension, lang),
        period=when(period),
        number=i18n.integer(len(found), lang),
    )
    return Topics(tuple(_told(one, lang) for one in kept[:LISTED]), lead)


def _told(one: Finding, lang: str) -> ClearGap:
    """The indicator, the two groups and what lies between them; others that may be the worst as well are counted."""
    gap, times = one.difference, selection.times(one)
    assert gap is not None  # only clear gaps are told
    first, second = (one.names.group(one.dimension, group, lang) for group in gap.between)
    words = text(
        "app.topics.reversed" if gap.verdict == "reversed" else "app.topics.line",
        lang,
        title=one.names.indicator(one.indicator, lang),
        first=first,
        second=second,
        difference=one.unit.difference(gap.estimate, lang),
        interval=one.unit.interval(gap.lower, gap.upper, lang),
        ratio=formats.number(times, lang, 1 if times >= 1.15 else 2),
    )
    if one.tied and not one.ordered:
        words += text("app.topics.tied", lang, number=i18n.integer(len(one.tied), lang))
    return ClearGap(one.indicator, words)


def _quality(release: Release, found: Finding, lang: str) -> str:
    """What the number is, whose, how many people stand behind it, what was hidden and why: as a reader asks."""
    row = release.indicators.set_index("indicator").loc[found.indicator]
    cells = release.select(indicator=found.indicator, dimension=found.dimension)
    policy = release.policy
    periods = sorted(cells.loc[cells["estimate"].notna(), "period"].unique())
    rule = [
        text("app.quality.rule_count", lang, number=str(policy.minimum_count)) if policy.minimum_count > 1 else "",
        text("app.quality.rule_respondents", lang, number=str(policy.minimum_respondents))
        if policy.minimum_respondents > 0
        else "",
    ]
    defined = own_text(row.to_dict(), "definition", lang)
    if not defined[0]:
        defined = (found.names.indicator(found.indicator, lang), found.names.indicator_language(found.indicator, lang))
    said = {
        "unit": text(f"app.kind.{row['kind']}", lang, unit=found.unit.measure(lang)),
        "direction": text(f"app.direction.{'up' if row['favourable'] else 'down'}", lang),
        "groups": _groups(release, found, lang),
        "base": _base(found, lang),
        "periods": _span(periods),
        "reliability": _reliability(found, lang),
        "method": text("app.quality.method_text", lang),
        "rule": " ".join(filter(None, rule)) or text("app.quality.rule_none", lang),
        "hidden": _hidden(cells, lang),
        "source": told(row.to_dict(), "source", lang)[0] or release.source or "",
        "licence": _written(row, "licence") or release.licence or "",
        "updated": _day(_written(row, "updated"), lang),
        "notes": told(row.to_dict(), "notes", lang)[0],
        "release": text("app.quality.release_text", lang, id=release.id, date=formats.date(release.created, lang)),
    }
    facts = [(text("app.quality.definition", lang), *defined)]
    facts += [(text(f"app.quality.{one}", lang), words, lang) for one, words in said.items()]
    return html.heading(text("app.quality.title", lang), "laatu") + _facts(facts, lang)


def _facts(told: Iterable[tuple[str, str, str]], lang: str) -> str:
    """A list of names, what is said of them and in which language; empty ones are left out."""
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd>{html.spoken(said, its, lang)}</dd>" for name, said, its in told if said
    )
    return f'<dl class="hyte-facts">{rows}</dl>'


def _written(row: pd.Series, column: str) -> str:
    value = row.get(column)
    return value.strip() if isinstance(value, str) else ""


def _day(said: str, lang: str) -> str:
    """A day in the reader's form; anything else as it was written."""
    try:
        return formats.date(said, lang) if said else ""
    except HyteError:
        return said


def _groups(release: Release, found: Finding, lang: str) -> str:
    """The groups, each with its definition where the data's owner gave one."""
    said = _definitions(release.groups)
    parts = []
    for group in found.groups["group"]:
        label = found.names.group(found.dimension, group, lang)
        definition = said.get((found.dimension, group))
        parts.append(f"{label} ({definition})" if definition else label)
    return "; ".join(parts)


def _definitions(groups: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Definitions that the data's owner gave; the common ones are notes to those who make data."""
    if "definition" not in groups:
        return {}
    common = set(reference_groups()["definition"].dropna())
    own = groups[groups["definition"].notna() & ~groups["definition"].isin(common)]
    return {(row.dimension, row.group): row.definition for row in own.itertuples()}


def _base(found: Finding, lang: str) -> str:
    """The smallest group's people, respondents and cases."""
    counts = []
    people = ("population",) if of_people(found.groups) else ()
    for column in (*people, "respondents", "events"):
        if column in found.groups and (smallest := found.groups[column].min()) == smallest:
            counts.append(text(f"app.quality.base_{column}", lang, number=i18n.integer(smallest, lang)))
    return "; ".join(counts)


def _reliability(found: Finding, lang: str) -> str:
    """The grade, what lowered it, and the rule by which it is given."""
    grade = text(f"finding.reliability.{found.reliability.grade}", lang)
    reasons = ", ".join(text(f"finding.reason.{reason}", lang) for reason in found.reliability.reasons)
    shares = ("relative_se", "width")
    limits = {
        f"{name}_{grade}": i18n.integer(100 * limit if name in shares else limit, lang)
        for grade, rule in RULES.items()
        for name, limit in rule.items()
    }
    grade = grade[:1].upper() + grade[1:]
    return f"{' – '.join(filter(None, [grade, reasons]))}. {text('app.quality.reliability_rule', lang, **limits)}"


def _span(periods: list[str]) -> str:
    if len(periods) < 2:
        return "".join(periods)
    return f"{periods[0].replace('-', '–')} … {periods[-1].replace('-', '–')}"


def _hidden(cells: pd.DataFrame, lang: str) -> str:
    """How many of the numbers of this grouping are hidden, missing or uncertain."""
    counted = cells["status"].value_counts()
    return text(
        "app.quality.hidden_text",
        lang,
        all=i18n.integer(len(cells), lang),
        **{state: i18n.integer(int(counted.get(state, 0)), lang) for state in ("suppressed", "missing", "uncertain")},
    )


_RAW = ("area", "period", "group", "estimate", "lower", "upper", "population", "respondents", "status")
_SEED = 1


def _measured(release: Release, found: Finding) -> pd.DataFrame:
    """Every measure that applies to the groups shown, with its interval; simulated intervals are seeded."""
    cells = found.groups.drop(columns="reference", errors="ignore")
    rows = disparity(cells, "all", indicators=release.indicators, seed=_SEED)
    return rows[rows["estimate"].notna()].reset_index(drop=True)


def _measures_table(rows: pd.DataFrame, found: Finding, lang: str) -> str:
    """A row a measure: its name, value, interval, unit and what to know of it."""
    told = []
    for row in rows.to_dict("records"):
        size = abs(row["estimate"])
        decimals = 1 if size >= 10 else 2 if size >= 0.1 else 4
        name = f"{REGISTRY[row['measure']].name(lang)} ({row['measure']})"
        limits = formats.interval(row["lower"], row["upper"], lang, decimals)
        words = (str(row[column] or "") for column in ("unit", "note"))
        told.append([name, formats.number(row["estimate"], lang, decimals), limits, *words])
    caption = text(
        "app.researcher.caption",
        lang,
        title=found.names.indicator(found.indicator, lang),
        area=found.names.area(found.shown_area, lang),
        period=found.period,
    )
    names = ("measure", "estimate", "interval", "unit", "note")
    headings = [text(f"app.researcher.{name}", lang) for name in names]
    return html.wide_table(caption, headings, told, lang, numbers=(1, 2))


def _researcher(release: Release, found: Finding, lang: str) -> str:
    """The measures, the raw rows, and why the gap is there."""
    rows = _measured(release, found)
    cells = release.select(indicator=found.indicator, area=found.shown_area, dimension=found.dimension)
    shown, patterns = readable(cells, found.names, found.unit, lang, columns=_RAW)
    heading, title = text("app.researcher.title", lang), text("app.researcher.rows", lang)
    return (
        f'<h2 id="tutkija">{escape(heading)}</h2>'
        f'<p class="hyte-sub">{escape(text("app.researcher.lead", lang))}</p>'
        f"{_measures_table(rows, found, lang)}"
        f"{html.details(title, html.scrolled(html_table(shown, patterns, lang, caption=title), title, lang))}"
        f"{_background(release, found, lang)}"
    )


def background_figures(release: Release, found: Finding, lang: str) -> "Iterator[FigureBundle]":
    """Composition, gradient and crossed groups where the release has them; inequality and likeness between areas."""
    from hyteanalysis import figures

    crossed = _crossed(release, found)
    explaining = [kind for kind in figures.REGISTRY.values() if kind.explains]
    for kind in sorted(explaining, key=lambda kind: "crossed" not in kind.needs):
        dimension = crossed if "crossed" in kind.needs else found.dimension
        if dimension is None:
            continue
        try:
            yield kind.draw(
                release, indicator=found.indicator, dimension=dimension, areas=found.shown_area, period=found.period,
                lang=lang,
            )  # fmt: skip
        except HyteError:  # does not apply to these numbers, or some of them are hidden
            continue


def _background(release: Release, found: Finding, lang: str) -> str:
    """The figures under their heading; a sentence where there is none."""
    bundles = enumerate(background_figures(release, found, lang), start=1)
    shown = "".join(html.figure(bundle, anchor=f"taustat-{place}") for place, bundle in bundles)
    lead = text("app.background.lead" if shown else "app.background.none", lang)
    heading = escape(text("app.background.title", lang))
    return f'<h2 id="taustat">{heading}</h2><p class="hyte-sub">{escape(lead)}</p>{shown}'


def _crossed(release: Release, found: Finding) -> str | None:
    """Of the crossed dimensions the one with age, else the first; None where there is none."""
    cells = release.select(indicator=found.indicator, area=found.shown_area, period=found.period)
    crossed = sorted(name for name in set(cells["dimension"]) if CROSS in name and found.dimension in parts(name))
    by_age = cross(["age", found.dimension])
    return by_age if by_age in crossed else crossed[0] if crossed else None
