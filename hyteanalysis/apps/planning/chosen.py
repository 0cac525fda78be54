"""C2: the goal chosen: its grounds, actions, measures, experience and follow-up."""

from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd

from hyteanalysis import figures
from hyteanalysis.apps import markup
from hyteanalysis.apps.panel import PHONE, WIDE, Panel
from hyteanalysis.apps.planning import tables
from hyteanalysis.disclosure import Release
from hyteanalysis.errors import HyteError
from hyteanalysis.findings import finding
from hyteanalysis.findings.kept import names_of
from hyteanalysis.i18n import Unit, date, formats, number, text, when
from hyteanalysis.plan import Goal, Measure, Plan, Role
from hyteanalysis.plan.goals import ActionReference


def figure(goal: Goal, release: Release, lang: str, *, phone: bool) -> Panel:
    """The gap between groups now, live from the release, with the finding's sentences above it."""
    if goal.dimension == "total":
        return Panel(None, sentences=(text("app.plan.no.no_groups", lang),))
    try:
        found = finding(release, indicator=goal.indicator, area=goal.area, dimension=goal.dimension)
    except HyteError:
        return Panel(None, sentences=(text("app.plan.no.no_number", lang),))
    if "no_data" in found.states:
        return Panel(None, sentences=(text("app.plan.no.no_number", lang),))

    def draw(width: float) -> Any:
        return figures.equiplot(
            release, indicator=goal.indicator, dimension=goal.dimension, areas=found.shown_area, period=found.period,
            lang=lang, width=width,
        )  # fmt: skip

    said = tuple(sentence for name, sentence in found.parts(lang).items() if name in ("fallback", "worst", "gap"))
    return Panel(draw(PHONE if phone else WIDE), lambda: draw(WIDE), said)


def grounds(goal: Goal, plan: Plan, lang: str) -> str:
    """Why this goal was chosen, who carries it, and the findings kept with it."""
    partners = [plan.actor_name(role.actor) for role in goal.actors if role.role == "partner"]
    carried = text("report.goals.lead", lang, lead=plan.actor_name(goal.lead) or text("report.nobody", lang))
    if partners:
        carried += " " + text("report.goals.partners", lang, partners=", ".join(partners))
    told = escape(goal.grounds or text("report.goals.no_grounds", lang))
    body = f"<p>{told}</p><p>{escape(carried)}</p>"
    kept = [one for one in plan.findings if one.id in goal.findings]
    if kept:
        rows = [
            (
                one.headline or one.indicator,
                when(one.period),
                text(f"report.justified.{one.verdict}", lang),
                f"{date(str(one.date), lang)}, {one.release}",
            )
            for one in kept
        ]
        names = ("finding", "period", "justified")
        headings = [*(text(f"report.column.{name}", lang) for name in names), text("app.plan.column.kept", lang)]
        body += tables.table(text("app.plan.kept", lang), headings, rows, lang)
    return tables.heading(f"{text('report.column.goal', lang)}: {goal.title}", "tavoite") + body


def actions(goal: Goal, plan: Plan, release: Release, lang: str) -> str:
    """What is done: for whom, by whom, with what, when."""
    top = tables.small(text("app.plan.actions", lang))
    if not goal.actions:
        return top + f"<p>{escape(text('report.goals.no_actions', lang))}</p>"
    names = names_of(release)
    rows = [_action(one, goal, plan, names, lang) for one in goal.actions]
    headings = [
        text(f"report.column.{name}", lang) for name in ("action", "for_whom", "lead", "resources", "schedule", "state")
    ]
    return top + tables.table(text("report.goals.actions_caption", lang, goal=goal.title), headings, rows, lang)


def _action(one: ActionReference, goal: Goal, plan: Plan, names: Any, lang: str) -> tuple[str, ...]:
    whom = text(f"report.form.{one.form}", lang)
    if one.groups:
        known = one.forecast.dimension if one.forecast and one.forecast.dimension else goal.dimension
        whom += f": {', '.join(names.group(known, group, lang) for group in one.groups)}"
    if one.reach is not None:
        whom += f" ({text('app.plan.reached', lang, share=number(100 * one.reach, lang, 0))})"
    told = [(_amount(item.amount, lang), item.unit, item.source) for item in one.resources]
    resources = "; ".join(" ".join(filter(None, said)) for said in told)
    ends = [date(str(day), lang) for day in (one.starts, one.ends) if day]
    return (
        one.title, whom, _carriers(one.actors, plan, lang), resources or "–",
        f" {formats.DASH} ".join(ends), text(f"report.status.{one.status}", lang),
    )  # fmt: skip


def _amount(value: float | None, lang: str) -> str:
    return "" if value is None else number(value, lang, 0 if value % 1 == 0 else 1)


def _carriers(roles: Sequence[Role], plan: Plan, lang: str) -> str:
    names = [plan.actor_name(role.actor) for role in sorted(roles, key=lambda role: role.role)]
    return ", ".join(names) or text("report.nobody", lang)


def measures(goal: Goal, lang: str) -> str:
    """Outcome and process indicators, apart."""
    body = ""
    for purpose in ("outcome", "process"):
        mine = [one for one in goal.measures if one.purpose == purpose]
        body += tables.small(text(f"app.plan.measures.{purpose}", lang))
        if purpose == "outcome":
            body += f"<p>{escape(text('app.plan.measures.main', lang))}</p>"
        if mine:
            headings = [
                text(f"report.column.{name}", lang) for name in ("measure", "source", "baseline", "now", "target")
            ]
            rows = [_measure(one, lang) for one in mine]
            body += tables.table(
                f"{text(f'app.plan.measures.{purpose}', lang)}: {goal.title}", headings, rows, lang, numbers=3
            )
        elif purpose == "process":
            body += f"<p>{escape(text('app.plan.measures.none', lang))}</p>"
    return body


def _measure(one: Measure, lang: str) -> tuple[str, ...]:
    shown = ["–" if v is None else _amount(v.value, lang) for v in (one.baseline, one.now, one.target)]
    return (f"{one.title}, {one.unit}" if one.unit else one.title, one.source or "–", *shown)


def experiences(goal: Goal, plan: Plan, lang: str) -> str:
    """What people told, beside the numbers and never in them."""
    top = tables.small(text("report.description.experience_title", lang))
    mine = [one for one in plan.experiences if one.id in goal.experiences]
    if not mine:
        return top + f"<p>{escape(text('app.plan.no_experience', lang))}</p>"
    items = []
    for one in mine:
        facts = [text(f"report.source.{one.source}", lang), one.method, text(f"report.stance.{one.stance}", lang)]
        facts += [text("app.plan.people", lang, number=str(one.participants))] if one.participants else []
        facts += [date(str(one.date), lang)] if one.date else []
        items.append(
            f"<li>{escape(one.text)} <span class='hyte-sub'>({escape(', '.join(filter(None, facts)))})</span></li>"
        )
    return top + f"<ul class='hyte-states'>{''.join(items)}</ul>"


def follow_ups(goal: Goal, plan: Plan, release: Release, compared: pd.DataFrame, lang: str) -> str:
    """The looks taken, and forecast against observed by group."""
    top = tables.small(text("app.plan.follow_up", lang))
    mine = sorted((one for one in plan.follow_ups if one.goal == goal.id), key=lambda one: one.date, reverse=True)
    if mine:
        rows = [(date(str(one.date), lang), plan.actor_name(one.actor), one.observation, one.decision) for one in mine]
        headings = [text(f"app.plan.field.{name}", lang) for name in ("date", "actor", "observation", "decision")]
        top += tables.table(f"{text('app.plan.follow_up', lang)}: {goal.title}", headings, rows, lang)
    else:
        top += f"<p>{escape(text('report.goals.no_follow_up', lang))}</p>"
    return top + forecast(goal, release, compared[compared["goal"] == goal.id], lang)


def forecast(goal: Goal, release: Release, mine: pd.DataFrame, lang: str) -> str:
    """Forecast against observed, one row an action × group."""
    if mine.empty:
        return ""
    names = names_of(release)
    meta = release.indicators.set_index("indicator")
    unit = Unit.of(meta.loc[goal.indicator].to_dict() if goal.indicator in meta.index else {}, mine["forecast"])
    titles = {one.id: one.title for one in goal.actions}
    rows = [
        (
            titles[row["action"]], names.group(row["dimension"], row["group"], lang), when(row["period"]),
            unit.with_interval(row["forecast"], row["forecast_lower"], row["forecast_upper"], lang),
            unit.with_interval(row["observed"], row["lower"], row["upper"], lang),
            text(f"app.plan.forecast.{row['verdict']}", lang),
        )
        for row in mine.to_dict("records")
    ]  # fmt: skip
    headings = [
        text(f"report.column.{name}", lang) for name in ("action", "group", "period", "forecast", "observed", "state")
    ]
    caption = text("app.plan.forecast", lang, goal=goal.title, unit=unit.measure(lang))
    return tables.table(caption, headings, rows, lang, numbers=3) + markup.notice(text("app.plan.forecast_note", lang))
