"""What page B shows: the answer, rankings, ways of sharing, assumptions and figures of an estimate."""

from dataclasses import dataclass, replace
from functools import partial
from html import escape
from typing import Any
from urllib.parse import urlencode

import pandas as pd

from hyteanalysis import figures, i18n
from hyteanalysis.actions.allocation import left_over
from hyteanalysis.actions.sentences import people_text
from hyteanalysis.apps.benefit.choice import Choice
from hyteanalysis.apps.benefit.numbers import Numbers
from hyteanalysis.apps.kit import html
from hyteanalysis.apps.kit.cards import BESIDE, PHONE, WIDE, Panel, drawn
from hyteanalysis.figures import FigureBundle
from hyteanalysis.figures.kit.estimates import NONE, Estimate, gap_text, simulated
from hyteanalysis.html import Html
from hyteanalysis.i18n import integer, interval, number, percent, text, told, when, with_interval

TEXTS = ("rankings", "cards", "values", "assumptions")  # shown at once; figures once all the draws are there
_NAMES = {"cards": "shares"}  # parts that do not bear the name of their figure
FIGURES = {_NAMES.get(name, name): kind for name, kind in figures.REGISTRY.items() if kind.of == "impact"}


def compute(part: str, found: Numbers, choice: Choice, lang: str, *, plan: bool = False, left_out: str = "") -> Any:
    """The view of a part, from an estimate alone.

    Parameters
    ----------
    part : str
        ``answer``, one of ``TEXTS`` or of ``FIGURES``.
    found : Numbers
    choice : Choice
    lang : {"fi", "sv", "en"}
    plan : bool
        Whether there is a page C to lead to.
    left_out : str
        Which actions cannot be chosen.
    """
    if part in FIGURES:
        return _figure(part, found, choice, lang)
    if part == "answer":
        return _answer(found, lang)
    if part == "rankings":
        return _rankings(found, lang)
    if part == "cards":
        return _sharing(found, lang, plan=plan)
    if part == "values":
        return _switch_values(found, lang)
    return _assumptions(found, choice, lang, left_out=left_out)


def _answer(found: Numbers, lang: str) -> html.AnswerBox:
    """The answer of an estimate."""
    impact, setting = found.impact, found.setting
    names = impact.baseline.names
    about = [
        impact.action.label(lang),
        names.indicator(impact.action.outcome, lang),
        names.area(setting.area, lang),
        names.dimension(impact.action.dimension, lang),
        when(impact.baseline.period),
    ]
    *said, estimate = impact.sentences(lang)
    reached, left = _of_the_money(found, lang)
    grade = impact.action.effect.grade.replace(" ", "_")
    chips = (
        (text("app.benefit.evidence", lang), text(f"app.benefit.grade.{grade}", lang)),
        (text("app.benefit.draws", lang), integer(impact.simulation.draws, lang)),
    )
    fallback = ""
    if setting.asked != setting.area:
        fallback = text("app.benefit.fallback", lang, area=names.area(setting.area, lang))
    return html.AnswerBox(
        text("app.benefit.answer", lang),
        tuple((one, lang) for one in about),
        (*reached, *said, *of_the_gap(found, lang), *left, estimate),
        chips,
        fallback,
        setting.area,
    )


def _of_the_money(found: Numbers, lang: str) -> tuple[list[str], list[str]]:
    """Whom the viewer's money reaches, and what is left of it."""
    if not found.funded:
        return [], []
    row = found.ways.set_index("option").loc["today"]
    money = f"{number(found.budget, lang, 0)} €"
    if not row["reached"]:
        return [text("app.benefit.money_nobody", lang, budget=money)], []
    said = text("app.benefit.money_reaches", lang, budget=money, people=people_text(row["reached"], lang))
    left = float(found.scenarios.frame.set_index("scenario").loc["today", "left"])
    return [said], left_over(found.setting.plain.simulation, left, found.budget, lang)


def of_the_gap(found: Numbers, lang: str) -> list[str]:
    """What becomes of the gap if the money is shared as now, and which way narrows it most."""
    estimate = Estimate.of(found.impact, lang)
    if about := estimate.about_the_gap():
        said = list(about)
        if not estimate.gaps.clear:
            return said
    else:
        said = []
    table = found.ways.set_index("option")
    verdict, reach = table.loc["today", "verdict"], found.impact.pooled.set_index("group")
    share = reach["reached"] / reach["population"]
    missed = verdict == "widens" and share[estimate.gaps.worst] < share[estimate.gaps.best]
    whose = "money" if found.funded else "today"
    said.append(text(f"app.benefit.{whose}_{verdict}{'_reach' if missed else ''}", lang))
    if found.narrowest is None:
        return [*said, text("app.benefit.no_order", lang)]
    row = table.loc[found.narrowest]
    decimals = 1 if abs(row["gap_change"]) >= 1 else 2 if abs(row["gap_change"]) >= NONE else 3
    # it narrows: the fall is told without its sign
    values = {
        "option": text(f"figure.scenario.{found.narrowest}", lang),
        "change": number(-row["gap_change"], lang, decimals),
        "interval": interval(-row["gap_change_upper"], -row["gap_change_lower"], lang, decimals),
    }
    return [*said, text("app.benefit.narrowest", lang, **values)]


_DECIMALS = {"per_reached": 0, "per_euro": 1}
_SCALE = {"per_reached": 1000.0, "per_euro": 10_000.0}  # for 1,000 reached, for 10,000 euros


def _rankings(found: Numbers, lang: str) -> str:
    """Four lists of groups, and whether they agree; none where nobody is helped: chance alone would be ranked."""
    heading = f'<h2 id="jarjestykset">{escape(text("app.benefit.rankings", lang))}</h2>'
    if not any((frame["value"] > 0).any() for frame in found.rankings.values()):
        return f"{heading}<p>{escape(text('action.answer.nobody', lang))}</p>"
    names = found.impact.baseline.names
    dimension = found.impact.action.dimension
    label = {group: names.group(dimension, group, lang) for group in found.setting.groups}
    lists = "".join(
        f'<section class="hyte-way"><h3>{escape(text(f"app.benefit.by.{criterion}", lang))}</h3>'
        f"<ol>{_ranked(frame, criterion, label, lang)}</ol></section>"
        for criterion, frame in found.rankings.items()
    )
    first = {criterion: _firsts(frame, label) for criterion, frame in found.rankings.items()}
    total = first["total"]
    if any(one != total for one in first.values()):
        firsts = "; ".join(
            text("app.benefit.first_by", lang, by=text(f"app.benefit.by.{criterion}", lang), groups=", ".join(named))
            for criterion, named in first.items()
        )
        said = text("app.benefit.differ", lang, firsts=firsts)
    elif len(total) > 1:
        said = text("app.benefit.agree_tied", lang, groups="; ".join(total))
    else:
        said = text("app.benefit.agree", lang, group=total[0])
    return (
        f'{heading}<p>{escape(said)}</p><p class="hyte-sub">{escape(text("app.benefit.rankings_lead", lang))}</p>'
        f'<div class="hyte-ways">{lists}</div>'
    )


def _firsts(frame: pd.DataFrame, label: dict[str, str]) -> list[str]:
    """The groups most likely to be first: all whose chance is the same as it is shown."""
    chance = (100 * frame["p_best"]).round()
    return [label[group] for group in frame.loc[chance == chance.max(), "group"]]


def _ranked(frame: pd.DataFrame, criterion: str, label: dict[str, str], lang: str) -> str:
    rows = []
    decimals, scale = _DECIMALS.get(criterion, 0), _SCALE.get(criterion, 1.0)
    for row in frame.itertuples():
        value, low, high = (scale * one for one in (row.value, row.lower, row.upper))
        if criterion in _SCALE:
            amount = with_interval(value, low, high, lang, decimals)
        else:
            amount = simulated(value, low, high, lang)
        chance = text("app.benefit.p_best", lang, chance=percent(100 * row.p_best, lang, decimals=0))
        rows.append(f"<li><strong>{escape(label[row.group])}</strong><br>{escape(amount)}<br>{escape(chance)}</li>")
    return "".join(rows)


FIRST = ("universal", "targeted", "proportionate")  # always in this order; the plan knows these forms
MORE = ("today", "floor_top_up", "optimal")
SIGNS = {"narrows": "▼", "widens": "▲", "unclear": "=", "none": "="}


def _sharing(found: Numbers, lang: str, *, plan: bool) -> str:
    """The cards; ``plan``: there is a page C to lead to."""
    table = found.ways.set_index("option")
    money = f"{number(found.budget, lang, 0)} €"
    first = "".join(_card(found, table, option, lang, plan=plan) for option in FIRST)
    others = "".join(_card(found, table, option, lang, plan=False) for option in MORE)
    more = f'<div class="hyte-ways">{others}</div>'
    return (
        f'<h2 id="jako">{escape(text("app.benefit.ways", lang, budget=money))}</h2>'
        f'<p class="hyte-sub">{escape(text("app.benefit.ways_lead", lang))}</p>'
        f'<div class="hyte-ways">{first}</div>'
        f"{html.details(text('app.benefit.ways_more', lang), more)}"
    )


def _card(found: Numbers, table: pd.DataFrame, option: str, lang: str, *, plan: bool) -> str:
    row = table.loc[option]
    name = text(f"figure.scenario.{option}", lang)
    verdict = row["verdict"]
    words = text("app.benefit.narrows_most" if option == found.narrowest else f"figure.gap_moves.{verdict}", lang)
    price = number(row["cost_per_case"], lang, 0) + " €" if row["cost_per_case"] == row["cost_per_case"] else "–"
    facts = [
        (
            text("figure.column.averted", lang),
            simulated(row["averted"], row["averted_lower"], row["averted_upper"], lang),
        ),
        (
            text("app.benefit.gap_change", lang),
            gap_text(row["gap_change"], row["gap_change_lower"], row["gap_change_upper"], lang),
        ),
        (text("app.benefit.reached", lang), people_text(row["reached"], lang)),
        (text("figure.column.cost_per_case", lang), price),
    ]
    rows = "".join(f"<dt>{escape(term)}</dt><dd>{escape(said)}</dd>" for term, said in facts)
    link = ""
    if plan:
        label = escape(text("app.benefit.to_plan", lang))
        href = escape(f"hyvinvointisuunnitelma.{lang}.ipynb{_plan_query(found, option)}")
        whose = f'<span class="hyte-visually">: {escape(name)}</span>'
        link = f'<p><a class="hyte-button" href="{href}">{label}{whose}</a></p>'
    about = escape(text(f"app.benefit.about.{option}", lang))
    return (
        f'<section class="hyte-way"><h3>{escape(name)}</h3><p class="hyte-sub">{about}</p>'
        f'<p><strong><span aria-hidden="true">{SIGNS[verdict]} </span>{escape(words)}</strong></p>'
        f"<dl>{rows}</dl>{link}</section>"
    )


def _plan_query(found: Numbers, option: str) -> str:
    """The action's row for a plan as a query string: id, outcome, area, grouping, form, groups, reach (0–1)."""
    shares = found.scenarios.allocation[option]
    people = found.impact.simulation.people
    aimed = shares["reached"].to_numpy() > 0
    reach = shares["reached"].sum() / people[aimed].sum() if aimed.any() else 0.0
    given = {
        "toimi": found.impact.action.id,
        "ind": found.impact.action.outcome,
        "alue": found.setting.area,
        "ryhma": found.impact.action.dimension,
        "muoto": option,
    }
    if option == "targeted":
        given["kohde"] = "~".join(shares.loc[aimed, "group"])
    return "?" + urlencode({**given, "tavoittavuus": f"{reach:.4g}"}, safe=":~")


def switches(found: Numbers, lang: str) -> list[str]:
    """What one must hold of the worst off's gain to prefer the one way or the other."""
    said = []
    for other in ("proportionate", "targeted"):
        names = (text("figure.scenario.universal", lang), text(f"figure.scenario.{other}", lang))
        pair = text("app.benefit.pair", lang, first=names[0], second=names[1])
        said.append(f"{pair} {found.scenarios.switch_value('universal', other, names=names).text(lang)}")
    return said


def _switch_values(found: Numbers, lang: str) -> str:
    """The switch values with their heading."""
    return (
        f'<h2 id="arvot">{escape(text("app.benefit.values", lang))}</h2>'
        f'<p class="hyte-sub">{escape(text("app.benefit.values_lead", lang))}</p>'
        f"{html.notices(switches(found, lang))}"
    )


def _figure(part: str, found: Numbers, choice: Choice, lang: str) -> Panel:
    """The view of a figure; a sentence where there is nothing to draw."""
    width = PHONE if choice.phone else BESIDE if part in ("plane", "frontier") else WIDE
    view = drawn(partial(_draw, part, found, choice, lang), width, lang)
    return view if view.figure is None else replace(view, figure=_plain(view.figure, found, lang))


def _plain(shown: FigureBundle, found: Numbers, lang: str) -> FigureBundle:
    """Without the assumptions that the page tells once at its end; files keep them."""
    first, *told = found.impact.notes(lang)
    return replace(shown, notes=tuple(one for one in shown.notes if one == first or one not in told))


def _draw(part: str, found: Numbers, choice: Choice, lang: str, width: float) -> FigureBundle:
    kind = FIGURES[part]
    asked = {"per": choice.per or "people", "target": choice.target or "averted", "lang": lang, "width": width}
    if "budget" in kind.needs:  # others show the action itself
        asked["budget"] = found.budget
    return kind.draw(found.impact, **kind.only(asked))


SHARES = ("reach", "retention", "discount")
HEADS = ("input", "group", "value", "interval", "grade", "source")


@dataclass(frozen=True)
class _Assumption:
    """One assumption in words; ``own``: the viewer's own number."""

    input: str
    group: str
    value: str
    interval: str
    grade: str
    source: str
    own: bool


def assumed(found: Numbers, choice: Choice, lang: str) -> list[_Assumption]:
    """The assumptions, in the order of the action's file, then the budget and the level of the groups."""
    impact = found.impact
    names, dimension = impact.baseline.names, impact.action.dimension
    told = []
    for row in impact.assumptions.itertuples():
        if row.input == "cost.setup" and not row.value:
            continue
        group = names.group(dimension, row.label, lang) if row.label in set(found.setting.groups) else row.label
        own = _own(choice, row.input, row.label)
        paid = found.funded and row.input == "reach"
        grade = "own" if own else "from_money" if paid else row.grade.replace(" ", "_")
        said = "" if own or row.source is None or row.source != row.source else str(row.source)
        if said and row.year is not None and row.year == row.year:
            said = f"{said} ({int(row.year)})"
        told.append(
            _Assumption(
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
        _Assumption(
            text("app.benefit.budget", lang), everyone, f"{number(found.budget, lang, 0)} €", "–",
            text(f"app.benefit.grade.{grade}", lang), text("app.benefit.no_source", lang), bool(choice.budget),
        )
    )  # fmt: skip
    return [*told, *_levels(found, lang)]


def _levels(found: Numbers, lang: str) -> list[_Assumption]:
    """Each group's share before the action, from the release."""
    impact = found.impact
    names = impact.baseline.names
    meta = found.setting.release.indicators.set_index("indicator").loc[impact.action.outcome]
    source = told(meta.to_dict(), "source", lang)[0] or found.setting.release.source or ""
    title = text("app.benefit.level", lang, indicator=names.indicator(impact.action.outcome, lang))
    return [
        _Assumption(
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
    if name == "effect" and scale not in ("rr", "or", "rd"):
        return f"{text(f'action.scale.{scale}', lang)} {number(value, lang, 2)}"
    if name == "reach.risk":
        return number(value, lang, 2)
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


def _assumptions(found: Numbers, choice: Choice, lang: str, *, left_out: str) -> str:
    """The table and what else is assumed; ``left_out`` tells of actions that cannot be chosen."""
    badge = f' <span class="hyte-badge">{escape(text("app.benefit.own", lang))}</span>'
    told = assumed(found, choice, lang)
    rows = [
        [row.input, row.group, Html(escape(row.value) + badge * row.own), row.interval, row.grade, row.source]
        for row in told
    ]
    title = text("app.benefit.assumptions", lang)
    caption = f"{title}: {found.impact.action.label(lang)}"
    headings = [text(f"app.benefit.head.{head}", lang) for head in HEADS]
    table = html.wide_table(caption, headings, rows, lang, classes=["hyte-own" if row.own else "" for row in told])
    said = [*found.impact.notes(lang), *_own_notes(found, lang), *([left_out] if left_out else [])]
    return f"{html.heading(title, 'oletukset')}{html.notices(said)}{table}"


def _own_notes(found: Numbers, lang: str) -> list[str]:
    """What the action's file says of itself."""
    action = found.setting.action
    said = []
    if notes := i18n.own_text({f"notes_{key}": words for key, words in action.notes.items()}, "notes", lang)[0]:
        said.append(notes)
    return said
