"""Fifth chapter: the plan itself, goal by goal, and the record of the discussions that settled it."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from hyteanalysis.actions import Action, impact
from hyteanalysis.errors import HyteError
from hyteanalysis.figures import FigureBundle, bars
from hyteanalysis.findings.sentences import span
from hyteanalysis.i18n import date, formats, text
from hyteanalysis.plan import ActionReference, Deliberation, FollowUp, Goal, Resource
from hyteanalysis.reports.description import experience_told
from hyteanalysis.reports.document import Block, Bullets, Cell, Figure, Interval, Paragraph, Section, Table, Value
from hyteanalysis.reports.material import DRAWN, Material
from hyteanalysis.reports.summary import goals_told

_DRAWS = 2000  # of an action's uncertain inputs: its figure says whole tens of people


def chapter(material: Material) -> Section:
    """The value discussion, then a section a goal; or that there is none."""
    plan, lang = material.plan, material.lang
    first = Section(text("report.goals.overview", lang), tuple(goals_told(material)))
    sections = [first, *_deliberations(material), *(_section(material, goal) for goal in plan.goals)]
    return Section(text("report.chapter.plan", lang), (), tuple(sections), place="plan")


def _section(material: Material, goal: Goal) -> Section:
    """One goal with all that belongs to it."""
    lang, plan = material.lang, material.plan
    blocks: list[Block] = [Paragraph(state_words(material, goal), "lead"), _numbers(material, goal)]
    blocks.append(Paragraph(_carriers(material, goal)))
    if goal.grounds:
        blocks.append(material.written(goal.grounds))
    else:
        blocks.append(Paragraph(text("report.goals.no_grounds", lang), "note"))
    if trend := _trend(material, goal):
        blocks.append(trend)
    blocks += _actions(material, goal)
    if helped := _helped(material, goal):
        blocks += [Paragraph(text("report.goals.estimate", lang), "note"), helped]
    blocks += _measures(material, goal)
    for one in plan.experiences:
        if one.id in goal.experiences:
            blocks += experience_told(material, one)
    blocks += _follow_ups(material, goal)
    return Section(goal.title, tuple(blocks))


def state_words(material: Material, goal: Goal) -> str:
    """The state of a goal in a sentence, with the numbers of its table."""
    lang, row, unit = material.lang, material.status.loc[goal.id], material.unit(goal)
    state = text(f"report.state.{row['state']}", lang)
    values = {
        "state": state[:1].upper() + state[1:],
        "target": unit.level(goal.target.value, lang),
        "by": date(str(goal.target.date), lang),
        "baseline": unit.level(goal.baseline.value, lang),
        "start": formats.when(goal.baseline.period),
    }
    if pd.isna(row["now"]):
        return text("report.goals.state_without", lang, **values)
    values |= {"now": unit.level(float(row["now"]), lang), "period": formats.when(str(row["period"]))}
    limits = unit.interval(float(row["lower"]), float(row["upper"]), lang)
    values["interval"] = formats.in_brackets(limits)
    return text("report.goals.state", lang, **values)


def _numbers(material: Material, goal: Goal) -> Table:
    """Baseline, now, change, threshold and target with their limits."""
    lang, row, unit = material.lang, material.status.loc[goal.id], material.unit(goal)
    headings = tuple(text(f"report.column.{name}", lang) for name in ("what", "period", "number"))
    headings = (*headings, text("report.interval", lang))
    start = goal.baseline
    first, last = start.period, str(row["period"])
    found: list[tuple[str, str, Any, Any, Any]] = [
        ("baseline", formats.when(first), start.value, start.lower, start.upper),
        ("now", formats.when(last), row["now"], row["lower"], row["upper"]),
        ("change", span((first, last), lang), row["change"], row["change_lower"], row["change_upper"]),
        ("threshold", "", goal.threshold, None, None),
        ("target", date(str(goal.target.date), lang), goal.target.value, None, None),
    ]
    rows = []
    for name, when, value, lower, upper in found:
        if value is None or pd.isna(value):
            continue
        rows.append((text(f"report.column.{name}", lang), when, *_pair(value, lower, upper, unit.factor, unit.pattern)))
    title = material.names.indicator(goal.indicator, lang)
    caption = text(
        "report.goals.numbers_caption",
        lang,
        goal=goal.title,
        indicator=title,
        whom=material.group(goal),
        unit=unit.measure(lang),
    )
    return Table(caption, headings, tuple(rows), (text("report.goals_source", lang, release=material.release.id),))


def _pair(value: Any, lower: Any, upper: Any, factor: float, pattern: str) -> tuple[Cell, Cell]:
    plain = pattern.rstrip("%")
    bounded = lower is not None and upper is not None and not pd.isna(lower) and not pd.isna(upper)
    ends: Cell = Interval(float(lower) * factor, float(upper) * factor, plain) if bounded else ""
    return Value(float(value) * factor, plain), ends


def _carriers(material: Material, goal: Goal) -> str:
    """Who leads, who takes part, when the next look is."""
    plan, lang = material.plan, material.lang
    partners = [plan.actor_name(role.actor) for role in goal.actors if role.role == "partner"]
    said = [text("report.goals.lead", lang, lead=plan.actor_name(goal.lead) or text("report.nobody", lang))]
    if partners:
        said.append(text("report.goals.partners", lang, partners=", ".join(partners)))
    when = date(str(goal.next_check), lang) if goal.next_check else text("report.not_agreed", lang)
    said.append(text("report.goals.next", lang, date=when))
    return " ".join(said)


def _trend(material: Material, goal: Goal) -> Figure | None:
    if goal.dimension == "total":
        return None
    return material.figure("trend", indicator=goal.indicator, dimension=goal.dimension, areas=goal.area)


def _actions(material: Material, goal: Goal) -> list[Block]:
    lang = material.lang
    if not goal.actions:
        return [Paragraph(text("report.goals.no_actions", lang))]
    names = ("action", "for_whom", "lead", "resources", "schedule")
    headings = tuple(text(f"report.column.{name}", lang) for name in names)
    rows = tuple(_action(material, goal, action) for action in goal.actions)
    return [Table(text("report.goals.actions_caption", lang, goal=goal.title), headings, rows)]


def _action(material: Material, goal: Goal, action: ActionReference) -> tuple[Cell, ...]:
    plan, lang = material.plan, material.lang
    lead = [plan.actor_name(role.actor) for role in action.actors if role.role == "lead"]
    partners = [plan.actor_name(role.actor) for role in action.actors if role.role == "partner"]
    who = text(f"report.form.{action.form}", lang)
    if action.groups:
        labels = [_group(material, goal, group) for group in action.groups]
        who = f"{who}: {', '.join(labels)}"
    days = [date(str(day), lang) for day in (action.starts, action.ends) if day is not None]
    schedule = "–".join(days) or text("report.not_agreed", lang)
    return (
        f"{action.title} ({text(f'report.status.{action.status}', lang)})",
        who,
        "; ".join(filter(None, [", ".join(lead) or text("report.nobody", lang), ", ".join(partners)])),
        "; ".join(_resource(one, lang) for one in action.resources) or text("report.not_told", lang),
        schedule,
    )


def _group(material: Material, goal: Goal, group: str) -> str:
    """The label of a group, of the goal's own dimension or of another one that has it."""
    label = material.names.group(goal.dimension, group, material.lang)
    if label != group:
        return label
    known = material.release.groups
    found = known.loc[known["group"] == group, "dimension"]
    return material.names.group(str(found.iloc[0]), group, material.lang) if len(found) else group


def _resource(one: Resource, lang: str) -> str:
    amount = "" if one.amount is None else formats.number(one.amount, lang, 0 if one.amount == int(one.amount) else 1)
    said = " ".join(filter(None, [amount, one.unit])) or text(f"report.resource.{one.kind}", lang)
    return f"{said} ({one.source})" if one.source else said


def _helped(material: Material, goal: Goal) -> Figure | None:
    """Whom the goal's first action with a known effect would help most, in the goal's area."""
    for action in goal.actions:
        if action.action is None or action.action not in material.effects:
            continue
        path = material.effects[action.action]
        asked = (action.action, goal.area)
        bundle = material.memory.once("helped", asked, partial(_bars, material, path, goal.area), most=DRAWN)
        if bundle is None:
            continue
        material.steps(bundle.title)
        return Figure(bundle)
    return None


def _bars(material: Material, path: Path, area: str) -> FigureBundle | None:
    try:
        action = material.memory.once("effect", path, lambda: Action.read(path), most=DRAWN)
        return bars(impact(material.release, action, areas=area, draws=_DRAWS, seed=1), lang=material.lang)
    except HyteError:
        return None


def _measures(material: Material, goal: Goal) -> list[Block]:
    lang = material.lang
    if not goal.measures:
        return []
    headings = tuple(
        text(f"report.column.{name}", lang) for name in ("measure", "purpose", "baseline", "now", "target")
    )
    headings = (*headings, text("table.unit", lang), text("report.column.source", lang))
    rows = []
    for one in goal.measures:
        numbers = [
            "" if number is None else Value(number.value, "#,##0" if number.value == int(number.value) else "#,##0.0")
            for number in (one.baseline, one.now, one.target)
        ]
        rows.append((one.title, text(f"report.purpose.{one.purpose}", lang), *numbers, one.unit, one.source))
    return [Table(text("report.goals.measures_caption", lang, goal=goal.title), headings, tuple(rows))]


def _follow_ups(material: Material, goal: Goal) -> list[Block]:
    """What was observed and decided; forecast against observed, group by group."""
    lang = material.lang
    found = sorted((one for one in material.plan.follow_ups if one.goal == goal.id), key=lambda one: (one.date, one.id))
    if not found:
        return [Paragraph(text("report.goals.no_follow_up", lang))]
    blocks: list[Block] = []
    for one in found:
        who = material.plan.actor_name(one.actor)
        blocks.append(Paragraph(text("report.goals.follow_up", lang, date=date(str(one.date), lang), actor=who)))
        blocks.append(material.written(one.observation))
        if one.decision:
            blocks.append(
                material.written(text("report.goals.decision", material.plan.language, decision=one.decision))
            )
        if one.groups:
            blocks.append(_forecasts(material, goal, one))
    return blocks


def _forecasts(material: Material, goal: Goal, one: FollowUp) -> Table:
    lang, unit = material.lang, material.unit(goal)
    headings = tuple(
        text(f"report.{name}", lang)
        for name in ("column.group", "column.forecast", "forecast_interval", "column.observed", "observed_interval")
    )
    rows = []
    for group, both in one.groups.items():
        row: list[Cell] = [material.names.group(goal.dimension, group, lang)]
        for number in (both.forecast, both.observed):
            if number is None:
                row += [text("report.no_number", lang), ""]
            else:
                row += _pair(number.value, number.lower, number.upper, unit.factor, unit.pattern)
        rows.append(tuple(row))
    caption = text("report.goals.forecast_caption", lang, goal=goal.title, period=one.period, unit=unit.measure(lang))
    return Table(caption, headings, tuple(rows))


def _deliberations(material: Material) -> list[Section]:
    """A section a discussion; one that says so where none was held."""
    lang, found = material.lang, material.plan.deliberations
    if not found:
        said = Paragraph(text("report.deliberation.none", lang))
        return [Section(text("report.deliberation.title", lang), (said,))]
    return [_deliberation(material, one) for one in found]


def _deliberation(material: Material, one: Deliberation) -> Section:
    lang = material.lang
    blocks: list[Block] = [Paragraph(text("report.deliberation.held", lang, date=date(str(one.date), lang)))]
    if one.participants:
        rows = tuple(
            (who.name, text("report.not_told", lang) if who.number is None else str(who.number))
            for who in one.participants
        )
        headings = tuple(text(f"report.column.{name}", lang) for name in ("participants_of", "participants"))
        blocks.append(Table(text("report.deliberation.participants", lang, title=one.title), headings, rows))
    for name, said in (("joys", one.joys), ("worries", one.worries), ("values", one.values)):
        lines = [f"{item.text} ({item.by})" if item.by else item.text for item in said]
        blocks += _listed(text(f"report.deliberation.{name}", lang), lines, material)
    blocks += _listed(text("report.deliberation.criteria", lang), one.criteria, material)
    titles = {goal.id: goal.title for goal in material.plan.goals}
    ranked = [f"{place}. {titles.get(goal, goal)}" for place, goal in enumerate(one.priorities, start=1)]
    if ranked:
        blocks += [Paragraph(text("report.deliberation.priorities", lang)), *map(material.written, ranked)]
    blocks += _listed(
        text("report.deliberation.grounds", lang),
        [_ground(ground.kind, ground.text, lang) for ground in one.grounds],
        material,
    )
    if one.aversion is not None:
        blocks.append(
            Paragraph(text("report.deliberation.aversion", lang, value=formats.number(one.aversion, lang, 1)))
        )
    if one.switch is not None and one.switch.text:
        blocks.append(material.written(one.switch.text))
    decision = one.decision or text("report.deliberation.no_decision", lang)
    blocks.append(material.written(decision, "lead") if one.decision else Paragraph(decision))
    if one.dissent:
        blocks += [Paragraph(text("report.deliberation.dissent", lang)), material.written(one.dissent, "quote")]
    return Section(one.title, tuple(blocks))


def _listed(lead: str, lines: Sequence[str], material: Material) -> list[Block]:
    return [Paragraph(lead), Bullets(tuple(lines), material.plan.language)] if lines else []


def _ground(kind: str, words: str, lang: str) -> str:
    return f"{text(f'report.ground.{kind}', lang)}: {words}"
