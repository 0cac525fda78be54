"""Panel A5: what the number is, whose it is, how many people stand behind it, and what has been hidden and why."""

from html import escape

import pandas as pd

from hyteanalysis import i18n
from hyteanalysis.apps import markup
from hyteanalysis.cells import reference_groups
from hyteanalysis.disclosure import Release
from hyteanalysis.errors import HyteError
from hyteanalysis.findings import Finding
from hyteanalysis.i18n import formats, own_text, text


def quality(release: Release, found: Finding, lang: str) -> list[markup.Fact]:
    """Names, sentences and their languages, in the order of the questions a reader asks."""
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
    defined, notes = own_text(row.to_dict(), "definition", lang), _said(row, "notes")
    if not defined[0]:
        defined, notes = (notes or found.names.indicator(found.indicator, lang), lang), ""
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
        "source": _said(row, "source") or release.source or "",
        "licence": _said(row, "licence") or release.licence or "",
        "updated": _day(_said(row, "updated"), lang),
        "notes": notes,
        "release": text("app.quality.release_text", lang, id=release.id, date=formats.date(release.created, lang)),
    }
    first = (text("app.quality.definition", lang), *defined)
    return [first, *((text(f"app.quality.{one}", lang), words, lang) for one, words in said.items())]


def html(facts: list[markup.Fact], lang: str) -> str:
    """The panel."""
    return f'<h2 id="laatu">{escape(text("app.quality.title", lang))}</h2>{markup.facts(facts, lang)}'


def _said(row: pd.Series, column: str) -> str:
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
    for column in ("population", "respondents", "events"):
        if column in found.groups and (smallest := found.groups[column].min()) == smallest:
            counts.append(text(f"app.quality.base_{column}", lang, number=i18n.integer(smallest, lang)))
    return "; ".join(counts)


def _reliability(found: Finding, lang: str) -> str:
    """The grade and what lowered it."""
    grade = text(f"finding.reliability.{found.reliability.grade}", lang)
    reasons = ", ".join(text(f"finding.reason.{reason}", lang) for reason in found.reliability.reasons)
    return " – ".join(filter(None, [grade, reasons]))


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
