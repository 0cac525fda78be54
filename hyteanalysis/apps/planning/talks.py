"""The value discussion: its record, the worksheet, and what the plan still lacks before it leaves the house."""

import datetime
from html import escape

from hyteanalysis import figures
from hyteanalysis.apps import markup
from hyteanalysis.apps.panel import Panel
from hyteanalysis.apps.planning import tables
from hyteanalysis.disclosure import Release
from hyteanalysis.errors import HyteError
from hyteanalysis.i18n import date, number, text
from hyteanalysis.plan import Deliberation, Plan, check

WIDE, PHONE = 25.0, 9.0  # cm


def record(plan: Plan, lang: str) -> str:
    """What was raised, on which grounds what was decided, and who disagreed."""
    top = tables.heading(text("report.deliberation.title", lang), "arvokeskustelu", text("app.plan.talk_lead", lang))
    if not plan.deliberations:
        return top + f"<p>{escape(text('report.deliberation.none', lang))}</p>"
    newest_first = sorted(plan.deliberations, key=lambda one: one.date, reverse=True)
    return top + "".join(_one(one, plan, lang) for one in newest_first)


def _one(talk: Deliberation, plan: Plan, lang: str) -> str:
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
    return tables.small(talk.title) + "".join(body)


def _listed(title: str, items: object, *, ordered: bool = False) -> str:
    told = list(items)  # type: ignore[call-overload]
    if not told:
        return ""
    kind = "ol" if ordered else "ul"
    points = "".join(f"<li>{escape(one)}</li>" for one in told)
    return f"<p>{escape(title)}</p><{kind} class='hyte-states'>{points}</{kind}>"


def sheet(plan: Plan, release: Release, lang: str, *, phone: bool) -> Panel:
    """The worksheet for a working group, with the record so far."""
    dimension = next((goal.dimension for goal in plan.goals if goal.dimension != "total"), None)

    def draw(width: float) -> figures.FigureBundle:
        return figures.worksheet(release, plan=plan, dimension=dimension, lang=lang, width=width)

    try:
        return Panel(draw(PHONE if phone else WIDE), lambda: draw(WIDE))
    except HyteError:
        return Panel(None, sentences=(text("app.plan.no.no_number", lang),))


def lacks(plan: Plan, release: Release, lang: str, today: datetime.date) -> str:
    """The checklist before export."""
    found = check(plan, release, lang=lang, today=today)
    top = tables.heading(text("app.plan.check", lang), "tarkistus", text("app.plan.check_lead", lang))
    if found.empty:
        return top + f"<p>{escape(text('report.appendix.nothing_lacks', lang))}</p>"
    return (
        top
        + f"<p>{escape(text('app.plan.lacking', lang, number=str(len(found))))}</p>"
        + markup.notices(found["message"])
    )
