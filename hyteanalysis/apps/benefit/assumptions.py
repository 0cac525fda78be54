"""Panel B5: every number the estimate rests on, with its source and grade; the viewer's own ones marked."""

from dataclasses import dataclass
from html import escape
from typing import Any

from hyteanalysis import i18n
from hyteanalysis.apps import markup
from hyteanalysis.apps.benefit.choice import Choice
from hyteanalysis.apps.benefit.numbers import Numbers
from hyteanalysis.i18n import interval, number, text, when

SHARES = ("reach", "retention", "discount")
HEADS = ("input", "group", "value", "interval", "grade", "source")


@dataclass(frozen=True)
class Row:
    """One assumption in words; ``own``: the viewer's own number."""

    input: str
    group: str
    value: str
    interval: str
    grade: str
    source: str
    own: bool


def rows(found: Numbers, choice: Choice, lang: str) -> list[Row]:
    """The assumptions, in the order of the action's file, then the budget and the level of the groups."""
    impact = found.impact
    names, dimension = impact.baseline.names, impact.action.dimension
    told = []
    for row in impact.assumptions.itertuples():
        if row.input == "cost.setup" and not row.value:
            continue
        group = names.group(dimension, row.label, lang) if row.label in set(found.setting.groups) else row.label
        own = _own(choice, row.input, row.label)
        grade = "own" if own else row.grade.replace(" ", "_")
        said = "" if own or row.source is None or row.source != row.source else str(row.source)
        if said and row.year is not None and row.year == row.year:
            said = f"{said} ({int(row.year)})"
        told.append(
            Row(
                input=text(f"figure.input.{row.input.replace('.', '_')}", lang),
                group=group or text("app.benefit.all_groups", lang),
                value=_said(row.input, row.value, impact.action.effect.scale, lang),
                interval=_span(row, impact.action.effect.scale, lang),
                grade=text(f"app.benefit.grade.{grade}", lang),
                source=said or text("app.benefit.no_source", lang),
                own=own,
            )
        )
    grade = "own" if choice.budget else "from_action"
    everyone = text("app.benefit.all_groups", lang)
    told.append(
        Row(
            text("app.benefit.budget", lang), everyone, f"{number(found.budget, lang, 0)} €", "–",
            text(f"app.benefit.grade.{grade}", lang), text("app.benefit.no_source", lang), bool(choice.budget),
        )
    )  # fmt: skip
    return [*told, *_levels(found, lang)]


def _levels(found: Numbers, lang: str) -> list[Row]:
    """Each group's share before the action, from the release."""
    impact = found.impact
    names = impact.baseline.names
    meta = found.setting.release.indicators.set_index("indicator").loc[impact.action.outcome]
    source = str(meta.get("source") or found.setting.release.source or "")
    title = text("app.benefit.level", lang, indicator=names.indicator(impact.action.outcome, lang))
    return [
        Row(
            title, names.group(impact.action.dimension, row.group, lang), i18n.percent(100 * row.baseline, lang), "–",
            text("app.benefit.grade.data", lang), f"{source}, {when(impact.baseline.period)}".strip(", "), own=False,
        )
        for row in impact.pooled.itertuples()
    ]  # fmt: skip


def _own(choice: Choice, name: str, label: str) -> bool:
    if name == "effect":
        return bool(choice.effect)
    if name == "cost.per_person":
        return bool(choice.price)
    return name.partition(".")[0] == "reach" and label in choice.own_reach


def _said(name: str, value: float, scale: str, lang: str) -> str:
    if name == "effect":
        change = 100 * (-value if scale == "rd" else 1 - value)
        return text(f"app.benefit.effect_{scale}", lang, number=number(change, lang, 1))
    if name.partition(".")[0] in SHARES:
        return i18n.percent(100 * value, lang)
    return f"{number(value, lang, 0)} €" if name.startswith("cost") else number(value, lang, 0)


def _span(row: Any, scale: str, lang: str) -> str:
    if row.lower != row.lower:
        return "–"
    low, high = row.lower, row.upper
    if row.input == "effect":
        low, high = sorted(100 * (-end if scale == "rd" else 1 - end) for end in (low, high))
        return interval(low, high, lang, 1)
    if row.input.partition(".")[0] in SHARES:
        return f"{interval(100 * low, 100 * high, lang, 1)} %"
    return f"{interval(low, high, lang, 0)} €"


def html(found: Numbers, choice: Choice, lang: str, *, left_out: str = "") -> str:
    """The table and what else is assumed; ``left_out`` tells of actions that cannot be chosen."""
    heads = "".join(f'<th scope="col">{escape(text(f"app.benefit.head.{head}", lang))}</th>' for head in HEADS)
    badge = f' <span class="hyte-badge">{escape(text("app.benefit.own", lang))}</span>'
    body = "".join(_tr(row, badge) for row in rows(found, choice, lang))
    title = text("app.benefit.assumptions", lang)
    caption = escape(f"{title}: {found.impact.action.label(lang)}")
    table = f"<table><caption>{caption}</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    said = [*found.impact.notes(lang), *_own_notes(found, choice, lang), *([left_out] if left_out else [])]
    return f'<h2 id="oletukset">{escape(title)}</h2>{markup.notices(said)}{markup.scrolled(table, title, lang)}'


def _tr(row: Row, badge: str) -> str:
    cells = [row.group, row.value, row.interval, row.grade, row.source]
    told = [escape(cell) for cell in cells]
    if row.own:
        told[1] += badge
    look = ' class="hyte-own"' if row.own else ""
    return f'<tr{look}><th scope="row">{escape(row.input)}</th>{"".join(f"<td>{cell}</td>" for cell in told)}</tr>'


def _own_notes(found: Numbers, choice: Choice, lang: str) -> list[str]:
    """What the action's file says of itself, and which grouping its numbers were meant for."""
    action = found.setting.action
    said = []
    if notes := i18n.own_text({f"notes_{key}": words for key, words in action.notes.items()}, "notes", lang)[0]:
        said.append(notes)
    return said
