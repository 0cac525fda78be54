"""C1: which rules fired, which did not, and of which nothing can be said; the actions each ends in."""

from html import escape

import pandas as pd

from hyteanalysis.actions import Action
from hyteanalysis.apps import markup
from hyteanalysis.apps.planning import tables
from hyteanalysis.disclosure import Release
from hyteanalysis.errors import PlanError
from hyteanalysis.findings.kept import names_of
from hyteanalysis.i18n import Unit, formats, integer, text
from hyteanalysis.plan import Plan, candidates, fired

DRAWS = 500


def html(plan: Plan, release: Release, actions: dict[str, Action], lang: str) -> str:
    """The rules of a plan with their verdicts; empty where it has none."""
    if not plan.rules:
        return ""
    top = tables.heading(text("app.plan.rules", lang), "saannot", text("app.plan.rules_lead", lang))
    try:
        found = fired(plan, release)
    except PlanError as error:
        return top + markup.notice(text("app.plan.rules_fault", lang)) + refused(str(error), lang)
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
                _actions(row, ranked, actions, lang),
            )
        )
    names_ = ("rule", "whom", "now", "compared", "verdict", "candidates")
    headings = [text(f"app.plan.column.{name}", lang) for name in names_]
    return top + tables.table(text("app.plan.rules", lang), headings, rows, lang, numbers=2)


def refused(message: str, lang: str) -> str:
    """A technical message that opens."""
    return markup.details(text("app.plan.detail", lang), f'<p lang="en">{escape(message)}</p>') if message else ""


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


def _actions(row: dict[str, object], ranked: pd.DataFrame, actions: dict[str, Action], lang: str) -> str:
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
