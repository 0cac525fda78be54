"""Panel B2: the same money shared in six ways, each a card with a link to the plan; and the switch value."""

from html import escape
from urllib.parse import urlencode

import pandas as pd

from hyteanalysis.apps import markup
from hyteanalysis.apps.benefit.numbers import Numbers
from hyteanalysis.figures.kit.estimates import simulated
from hyteanalysis.i18n import number, text

FIRST = ("universal", "targeted", "proportionate")  # always in this order; the plan knows these forms
MORE = ("today", "floor_top_up", "optimal")
SIGNS = {"narrows": "▼", "widens": "▲", "unclear": "="}


def html(found: Numbers, lang: str, *, plan: bool) -> str:
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
        f"{markup.details(text('app.benefit.ways_more', lang), more)}"
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
            simulated(row["gap_change"], row["gap_change_lower"], row["gap_change_upper"], lang, 2),
        ),
        (text("app.benefit.reached", lang), number(round(row["reached"], -1), lang, 0)),
        (text("figure.column.cost_per_case", lang), price),
    ]
    rows = "".join(f"<dt>{escape(term)}</dt><dd>{escape(said)}</dd>" for term, said in facts)
    link = ""
    if plan:
        label = escape(text("app.benefit.to_plan", lang))
        href = escape(f"hyvinvointisuunnitelma.{lang}.ipynb{plan_query(found, option)}")
        whose = f'<span class="hyte-visually">: {escape(name)}</span>'
        link = f'<p><a class="hyte-button" href="{href}">{label}{whose}</a></p>'
    about = escape(text(f"app.benefit.about.{option}", lang))
    return (
        f'<section class="hyte-way"><h3>{escape(name)}</h3><p class="hyte-sub">{about}</p>'
        f'<p><strong><span aria-hidden="true">{SIGNS[verdict]} </span>{escape(words)}</strong></p>'
        f"<dl>{rows}</dl>{link}</section>"
    )


def plan_query(found: Numbers, option: str) -> str:
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


def switch_html(found: Numbers, lang: str) -> str:
    """The switch values with their heading."""
    return (
        f'<h2 id="arvot">{escape(text("app.benefit.values", lang))}</h2>'
        f'<p class="hyte-sub">{escape(text("app.benefit.values_lead", lang))}</p>'
        f"{markup.notices(switches(found, lang))}"
    )
