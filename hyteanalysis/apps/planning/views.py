"""What page C shows of the open plan: where its goals stand, the goal chosen, the value discussion, what is lacking."""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from hyteanalysis import figures
from hyteanalysis.actions import Action
from hyteanalysis.apps.kit import html
from hyteanalysis.apps.kit.cards import PHONE, WIDE, Panel
from hyteanalysis.apps.planning.choice import Opened
from hyteanalysis.disclosure import Release
from hyteanalysis.errors import HyteError, PlanError
from hyteanalysis.findings import finding
from hyteanalysis.findings.lookup import names_of
from hyteanalysis.i18n import Names, Unit, date, formats, integer, number, text, when
from hyteanalysis.plan import STATES, Deliberation, Goal, GoalIndicator, Plan, Role, candidates, check, fired, forecasts
from hyteanalysis.plan.goals import ActionReference

OF_THE_PLAN = ("answer", "goals", "overview", "compared", "rules", "talk", "check")  # whichever goal is chosen


def compute(part: str, opened: Opened, known: Any = None) -> Any:
    """The view of a part.

    Parameters
    ----------
    part : str
    opened : Opened
    known : optional
        For ``answer`` and ``goals`` the overview, for ``follow_up`` the frame of forecasts.
    """
    plan, goal, release, lang = opened.plan, opened.goal, opened.release, opened.lang
    if plan is None:
        return None
    if part == "overview":
        return _overview(plan, release, lang, opened.today)
    if part == "compared":
        return forecasts(plan, release)
    if part == "answer":
        return _box(known, lang)
    if part == "goals":
        return _goals_table(known, lang)
    if part == "rules":
        return _rules(plan, release, opened.actions, lang)
    if part == "sheet":
        return _sheet(plan, release, lang, phone=opened.phone)
    if part == "talk":
        return _record(plan, lang)
    if part == "check":
        return _lacks(plan, release, lang, opened.today)
    return None if goal is None else _of_a_goal(part, opened, plan, goal, known)


def _of_a_goal(part: str, opened: Opened, plan: Plan, goal: Goal, known: pd.DataFrame) -> Any:
    release, lang = opened.release, opened.lang
    if part == "reason":
        return _figure(goal, release, lang, phone=opened.phone)
    if part == "goal":
        return _grounds(goal, plan, lang)
    if part == "actions":
        return _actions(goal, plan, release, lang)
    if part == "measures":
        return _measures(goal, lang)
    if part == "experience":
        return _experiences(goal, plan, lang)
    return _follow_ups(goal, plan, release, known, lang)


_SIGNS = {
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


def _overview(plan: Plan, release: Release, lang: str, today: datetime.date) -> Overview:
    """Where a plan's goals stand."""
    status = plan.status(release, faults="note")
    names = names_of(release)
    meta = {row["indicator"]: row for row in release.indicators.to_dict("records")}
    rows = tuple(_goal_row(row, plan, names, meta, lang) for row in status.to_dict("records"))
    return Overview(plan.title, tuple(_states(plan, status, lang, today)), rows, status)


def _states(plan: Plan, status: pd.DataFrame, lang: str, today: datetime.date) -> list[str]:
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


def _goal_row(
    row: dict[str, object], plan: Plan, names: Names, meta: dict[str, dict[str, object]], lang: str
) -> tuple[str, ...]:
    goal = plan.goal(str(row["goal"]))
    unit = Unit.of(meta.get(goal.indicator, {}), [goal.baseline.value, goal.target.value])
    who = names.group(goal.dimension, goal.group, lang)
    measure = f"{names.indicator(goal.indicator, lang)}, {unit.measure(lang)} ({who}, {names.area(goal.area, lang)})"
    state = str(row["state"])
    note = str(row["note"])
    said = f"{_SIGNS[state]} {text(f'report.state.{state}', lang)}"
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


def _box(view: Overview, lang: str) -> str:
    """The answer box."""
    said = "".join(f"<li>{escape(one)}</li>" for one in view.sentences)
    title = escape(f"{text('app.answer.title', lang)}: {view.title}")
    return f'<section class="hyte-answer" aria-label="{title}"><h2>{title}</h2><ol>{said}</ol></section>'


def _goals_table(view: Overview, lang: str) -> str:
    """The table of goals."""
    top = html.heading(text("report.background.goals", lang), "tavoitteet", text("app.plan.goals_lead", lang))
    if not view.rows:
        return top
    names = ("goal", "measure", "baseline", "now", "threshold", "target", "state", "lead")
    headings = [*(text(f"report.column.{name}", lang) for name in names), text("app.plan.field.next_check", lang)]
    return top + html.wide_table(text("report.goals.overview", lang), headings, view.rows, lang, numbers=range(2, 6))


DRAWS = 500


def _rules(plan: Plan, release: Release, actions: dict[str, Action], lang: str) -> str:
    """The rules of a plan with their verdicts; empty where it has none."""
    if not plan.rules:
        return ""
    top = html.heading(text("app.plan.rules", lang), "saannot", text("app.plan.rules_lead", lang))
    try:
        found = fired(plan, release)
    except PlanError as error:
        return top + html.notice(text("app.plan.rules_fault", lang)) + html.technical(str(error), lang)
    ranked = candidates(found, release, library=actions, draws=DRAWS, seed=1)
    names, meta = names_of(release), release.indicators.set_index("indicator")
    rows = []
    for row in found.to_dict("records"):
        unit = Unit.of(meta.loc[row["indicator"]].to_dict(), [row["now"]])
        verdict = text(f"app.plan.verdict.{row['verdict']}", lang)
        why = f" ({text(f'app.plan.reason.{row_reason}', lang)})" if (row_reason := row["reason"]) else ""
        where = f"{names.group(row['dimension'], row['group'], lang)}, {names.area(row['area'], lang)}"
        rows.append(
            (
                row["title"],
                where,
                *_numbers(row, unit, names, lang),
                verdict + why,
                _candidates(row, ranked, actions, lang),
            )
        )
    names_ = ("rule", "whom", "now", "compared", "verdict", "candidates")
    headings = [text(f"app.plan.column.{name}", lang) for name in names_]
    return top + html.wide_table(text("app.plan.rules", lang), headings, rows, lang, numbers=(2, 3))


def _numbers(row: dict[str, object], unit: Unit, names: object, lang: str) -> tuple[str, str]:
    now, compared = float(str(row["now"])), float(str(row["compared"]))
    limits = unit.interval(float(str(row["lower"])), float(str(row["upper"])), lang)
    shown = unit.level(now, lang) + formats.in_brackets(limits)
    if compared != compared:
        return shown, formats.NO_NUMBER
    what = str(row["compared_with"])
    kind = what if what in ("threshold", "target") else ""
    label = text(f"report.column.{kind}", lang) if kind else _place(what, names, lang)
    return shown, f"{unit.level(compared, lang)} ({label})"


def _place(what: str, names: object, lang: str) -> str:
    """An area's name, or the period itself."""
    area = names.area(what, lang)  # type: ignore[attr-defined]
    return str(area) if area != what else what


def _candidates(row: dict[str, object], ranked: pd.DataFrame, actions: dict[str, Action], lang: str) -> str:
    """The candidate actions, those that help most of the group first."""
    mine = ranked[(ranked["rule"] == row["rule"]) & (ranked["area"] == row["area"])]
    said = []
    for one in mine.to_dict("records"):
        name = actions[one["action"]].label(lang) if one["action"] in actions else one["action"]
        if one["rank"] == one["rank"]:
            helped = integer(max(round(one["averted"], -1), 0), lang)
            said.append(text("app.plan.helps", lang, action=name, number=helped))
        else:
            said.append(name)
    if mine.empty:
        labels = [actions[one].label(lang) if one in actions else one for one in row["actions"]]  # type: ignore[attr-defined]
        return ", ".join(labels)
    return "; ".join(said)


def _figure(goal: Goal, release: Release, lang: str, *, phone: bool) -> Panel:
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


def _grounds(goal: Goal, plan: Plan, lang: str) -> str:
    """Why this goal was chosen, who carries it, and the findings that it rests on."""
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
        body += html.wide_table(text("app.plan.kept", lang), headings, rows, lang)
    return html.heading(f"{text('report.column.goal', lang)}: {goal.title}", "tavoite") + body


def _actions(goal: Goal, plan: Plan, release: Release, lang: str) -> str:
    """What is done: for whom, by whom, with what, when."""
    top = html.small(text("app.plan.actions", lang))
    if not goal.actions:
        return top + f"<p>{escape(text('report.goals.no_actions', lang))}</p>"
    names = names_of(release)
    rows = [_action_row(one, goal, plan, names, lang) for one in goal.actions]
    headings = [
        text(f"report.column.{name}", lang) for name in ("action", "for_whom", "lead", "resources", "schedule", "state")
    ]
    return top + html.wide_table(text("report.goals.actions_caption", lang, goal=goal.title), headings, rows, lang)


def _action_row(one: ActionReference, goal: Goal, plan: Plan, names: Any, lang: str) -> tuple[str, ...]:
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


def _measures(goal: Goal, lang: str) -> str:
    """Outcome and process indicators, apart."""
    body = ""
    for purpose in ("outcome", "process"):
        mine = [one for one in goal.measures if one.purpose == purpose]
        body += html.small(text(f"app.plan.measures.{purpose}", lang))
        if purpose == "outcome":
            body += f"<p>{escape(text('app.plan.measures.main', lang))}</p>"
        if mine:
            headings = [
                text(f"report.column.{name}", lang) for name in ("measure", "source", "baseline", "now", "target")
            ]
            rows = [_measure_row(one, lang) for one in mine]
            body += html.wide_table(
                f"{text(f'app.plan.measures.{purpose}', lang)}: {goal.title}", headings, rows, lang, numbers=(2, 3, 4)
            )
        elif purpose == "process":
            body += f"<p>{escape(text('app.plan.measures.none', lang))}</p>"
    return body


def _measure_row(one: GoalIndicator, lang: str) -> tuple[str, ...]:
    shown = ["–" if v is None else _amount(v.value, lang) for v in (one.baseline, one.now, one.target)]
    return (f"{one.title}, {one.unit}" if one.unit else one.title, one.source or "–", *shown)


def _experiences(goal: Goal, plan: Plan, lang: str) -> str:
    """What people told, beside the numbers and never in them."""
    top = html.small(text("report.description.experience_title", lang))
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


def _follow_ups(goal: Goal, plan: Plan, release: Release, compared: pd.DataFrame, lang: str) -> str:
    """The looks taken, and forecast against observed by group."""
    top = html.small(text("app.plan.follow_up", lang))
    mine = sorted((one for one in plan.follow_ups if one.goal == goal.id), key=lambda one: one.date, reverse=True)
    if mine:
        rows = [(date(str(one.date), lang), plan.actor_name(one.actor), one.observation, one.decision) for one in mine]
        headings = [text(f"app.plan.field.{name}", lang) for name in ("date", "actor", "observation", "decision")]
        top += html.wide_table(f"{text('app.plan.follow_up', lang)}: {goal.title}", headings, rows, lang)
    else:
        top += f"<p>{escape(text('report.goals.no_follow_up', lang))}</p>"
    return top + _forecast(goal, release, compared[compared["goal"] == goal.id], lang)


def _forecast(goal: Goal, release: Release, mine: pd.DataFrame, lang: str) -> str:
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
    return html.wide_table(caption, headings, rows, lang, numbers=(2, 3, 4)) + html.notice(
        text("app.plan.forecast_note", lang)
    )


_SHEET_WIDE, _SHEET_PHONE = 25.0, 9.0  # cm


def _record(plan: Plan, lang: str) -> str:
    """What was raised, on which grounds what was decided, and who disagreed."""
    top = html.heading(text("report.deliberation.title", lang), "arvokeskustelu", text("app.plan.talk_lead", lang))
    if not plan.deliberations:
        return top + f"<p>{escape(text('report.deliberation.none', lang))}</p>"
    newest_first = sorted(plan.deliberations, key=lambda one: one.date, reverse=True)
    return top + "".join(_discussion(one, plan, lang) for one in newest_first)


def _discussion(talk: Deliberation, plan: Plan, lang: str) -> str:
    goals = {goal.id: goal.title for goal in plan.goals}
    body = [f"<p>{escape(text('report.deliberation.held', lang, date=date(str(talk.date), lang)))}</p>"]
    took_part = [f"{one.name} ({one.number})" if one.number else one.name for one in talk.participants]
    body.append(_listed(text("report.column.participants_of", lang), took_part))
    for name in ("joys", "worries", "values"):
        body.append(
            _listed(
                text(f"report.deliberation.{name}", lang),
                [f"{s.text} ({s.by})" if s.by else s.text for s in getattr(talk, name)],
            )
        )
    body.append(_listed(text("report.deliberation.criteria", lang), talk.criteria))
    body.append(
        _listed(
            text("report.deliberation.priorities", lang), [goals.get(one, one) for one in talk.priorities], ordered=True
        )
    )
    if talk.aversion is not None:
        body.append(f"<p>{escape(text('report.deliberation.aversion', lang, value=number(talk.aversion, lang)))}</p>")
    if talk.switch and talk.switch.text:
        body.append(f"<p>{escape(talk.switch.text)}</p>")
    body.append(
        _listed(
            text("report.deliberation.grounds", lang),
            [f"{text(f'report.ground.{one.kind}', lang)}: {one.text}" for one in talk.grounds],
        )
    )
    if talk.decision:
        body.append(f"<p><strong>{escape(text('report.goals.decision', lang, decision=talk.decision))}</strong></p>")
    if talk.dissent:
        body.append(f"<p>{escape(text('report.deliberation.dissent', lang))} {escape(talk.dissent)}</p>")
    return html.small(talk.title) + "".join(body)


def _listed(title: str, items: object, *, ordered: bool = False) -> str:
    told = list(items)  # type: ignore[call-overload]
    if not told:
        return ""
    kind = "ol" if ordered else "ul"
    points = "".join(f"<li>{escape(one)}</li>" for one in told)
    return f"<p>{escape(title)}</p><{kind} class='hyte-states'>{points}</{kind}>"


def _sheet(plan: Plan, release: Release, lang: str, *, phone: bool) -> Panel:
    """The worksheet for a working group, with the record so far."""
    dimension = next((goal.dimension for goal in plan.goals if goal.dimension != "total"), None)

    def draw(width: float) -> figures.FigureBundle:
        return figures.worksheet(release, plan=plan, dimension=dimension, lang=lang, width=width)

    try:
        return Panel(draw(_SHEET_PHONE if phone else _SHEET_WIDE), lambda: draw(_SHEET_WIDE))
    except HyteError:
        return Panel(None, sentences=(text("app.plan.no.no_number", lang),))


def _lacks(plan: Plan, release: Release, lang: str, today: datetime.date) -> str:
    """The checklist before export."""
    found = check(plan, release, lang=lang, today=today)
    top = html.heading(text("app.plan.check", lang), "tarkistus", text("app.plan.check_lead", lang))
    if found.empty:
        return top + f"<p>{escape(text('report.appendix.nothing_lacks', lang))}</p>"
    return (
        top
        + f"<p>{escape(text('app.plan.lacking', lang, number=str(len(found))))}</p>"
        + html.notices(found["message"])
    )
