"""C1: where the goals stand, in a sentence and a table."""

import datetime
from collections import Counter
from dataclasses import dataclass
from html import escape

import pandas as pd

from hyteanalysis.apps.planning import tables
from hyteanalysis.disclosure import Release
from hyteanalysis.findings.kept import names_of
from hyteanalysis.i18n import Names, Unit, date, formats, text
from hyteanalysis.plan import STATES, Plan

SIGNS = {
    "reached": "✓", "on_the_way": "→", "threshold_passed": "!", "moving_away": "←", "no_clear_change": "=",
    "suppressed": "..", "no_data": "–",
}  # fmt: skip


@dataclass(frozen=True)
class Overview:
    """What the answer box and the table say.

    Attributes
    ----------
    sentences : tuple of str
        How many goals are in which state; the next follow-up, and who is in charge.
    rows : tuple of tuple of str
        One row a goal: goal, measure, baseline, now, threshold, target, state, responsible party, next follow-up.
    status : DataFrame
        The numbers, as :meth:`Plan.status` gives them.
    """

    title: str
    sentences: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    status: pd.DataFrame


def overview(plan: Plan, release: Release, lang: str, today: datetime.date) -> Overview:
    """Where a plan's goals stand."""
    status = plan.status(release, faults="note")
    names = names_of(release)
    meta = {row["indicator"]: row for row in release.indicators.to_dict("records")}
    rows = tuple(_row(row, plan, names, meta, lang) for row in status.to_dict("records"))
    return Overview(plan.title, tuple(_said(plan, status, lang, today)), rows, status)


def _said(plan: Plan, status: pd.DataFrame, lang: str, today: datetime.date) -> list[str]:
    if status.empty:
        return [text("app.plan.no_goals", lang)]
    counts = Counter(status["state"])
    told = ", ".join(f"{counts[state]} {text(f'report.state.{state}', lang)}" for state in STATES if counts[state])
    said = [text("app.plan.states", lang, number=str(len(status)), states=told)]
    dated = [goal for goal in plan.goals if goal.next_check is not None]
    coming = sorted((goal for goal in dated if _day(goal.next_check) >= today), key=lambda goal: _day(goal.next_check))
    late = [goal for goal in dated if _day(goal.next_check) < today]
    if coming:
        first = coming[0]
        said.append(
            text(
                "report.summary.next", lang, goal=first.title, date=date(str(first.next_check), lang),
                lead=plan.actor_name(first.lead) or text("report.nobody", lang),
            )
        )  # fmt: skip
    if late:
        listed = "; ".join(f"{goal.title} ({date(str(goal.next_check), lang)})" for goal in late)
        said.append(text("app.plan.late", lang, goals=listed))
    return said


def _day(day: datetime.date | None) -> datetime.date:
    return day or datetime.date.max


def _row(
    row: dict[str, object], plan: Plan, names: Names, meta: dict[str, dict[str, object]], lang: str
) -> tuple[str, ...]:
    goal = plan.goal(str(row["goal"]))
    unit = Unit.of(meta.get(goal.indicator, {}), [goal.baseline.value, goal.target.value])
    who = names.group(goal.dimension, goal.group, lang)
    measure = f"{names.indicator(goal.indicator, lang)}, {unit.measure(lang)} ({who}, {names.area(goal.area, lang)})"
    state = str(row["state"])
    note = str(row["note"])
    said = f"{SIGNS[state]} {text(f'report.state.{state}', lang)}"
    if note in ("no_newer", "no_interval"):
        said += f" ({text(f'app.plan.note.{note}', lang)})"
    return (
        goal.title,
        measure,
        f"{unit.number(goal.baseline.value, lang)} ({formats.when(goal.baseline.period)})",
        now_words(row, unit, lang),
        "–" if goal.threshold is None else unit.number(goal.threshold, lang),
        f"{unit.number(goal.target.value, lang)} ({goal.target.date.year})",
        said,
        plan.actor_name(goal.lead) or text("report.nobody", lang),
        date(str(goal.next_check), lang) if goal.next_check else text("report.not_agreed", lang),
    )


def now_words(row: dict[str, object], unit: Unit, lang: str) -> str:
    """The number now with its interval and period; a dash where there is none."""
    value, lower, upper = (float(str(row[name])) for name in ("now", "lower", "upper"))
    if value != value:
        return formats.NO_NUMBER
    return f"{unit.with_interval(value, lower, upper, lang)}, {formats.when(str(row['period']))}"


def box(view: Overview, lang: str) -> str:
    """The answer box."""
    said = "".join(f"<li>{escape(one)}</li>" for one in view.sentences)
    title = escape(f"{text('app.answer.title', lang)}: {view.title}")
    return f'<section class="hyte-answer" aria-label="{title}"><h2>{title}</h2><ol>{said}</ol></section>'


def table(view: Overview, lang: str) -> str:
    """The table of goals."""
    top = tables.heading(text("report.background.goals", lang), "tavoitteet", text("app.plan.goals_lead", lang))
    if not view.rows:
        return top
    names = ("goal", "measure", "baseline", "now", "threshold", "target", "state", "lead")
    headings = [*(text(f"report.column.{name}", lang) for name in names), text("app.plan.field.next_check", lang)]
    return top + tables.table(text("report.goals.overview", lang), headings, view.rows, lang, numbers=4)
