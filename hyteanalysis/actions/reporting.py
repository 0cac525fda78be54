"""An impact as the sheets of a workbook: what `hyte benefit` writes."""

from collections.abc import Callable

import pandas as pd

from hyteanalysis import i18n
from hyteanalysis.actions.allocation import Shares, allocate
from hyteanalysis.actions.benefit import Impact
from hyteanalysis.actions.budget import Scenarios, scenarios
from hyteanalysis.actions.model import AMOUNT, RATIO, SHARE, Action, Input
from hyteanalysis.i18n import spoken
from hyteanalysis.progress import bar

SHEETS = (
    *("by_group", "groups", "totals", "rankings", "inequality", "plane", "tornado", "information", "assumptions"),
    *("left_out", "notes"),
)
BUDGET_SHEETS = ("scenarios", "differences", "allocation", "binding")


@spoken
def report_frames(
    impact: Impact,
    *,
    budget: float | None = None,
    caps: Shares | None = None,
    floors: Shares = 0.0,
    lang: str = "en",
    progress: bool | None = None,
) -> dict[str, pd.DataFrame]:
    """Everything an impact says, one frame a sheet.

    Parameters
    ----------
    impact : Impact
    budget : float, optional
        Euros; adds the sheets ``scenarios, differences, allocation, binding``.
    caps, floors : float or {group: share}
        As :func:`allocate`.
    lang : {"fi", "sv", "en"}
        Language of the sheet ``notes``.
    progress : bool, optional
        Show a bar. None: where somebody waits, on a terminal or in a notebook, once it takes longer than a second.

    Returns
    -------
    dict
        Sheet → frame. ``notes`` holds the sentences of the answer and of the assumptions, and where the numbers come
        from: a release's id, or that they are the researcher's own, made from raw cells.

    Raises
    ------
    PlanError
        As :func:`allocate`.

    Examples
    --------
    >>> from hyteanalysis.actions.reporting import SHEETS
    >>> SHEETS[:3]
    ('by_group', 'groups', 'totals')
    """
    shared = _shared(impact, budget, caps, floors) if budget is not None else {}
    makers: dict[str, Callable[[], pd.DataFrame]] = {
        "by_group": lambda: impact.by_group,
        "groups": lambda: impact.pooled,
        "totals": lambda: impact.totals,
        "rankings": lambda: impact.rankings(),
        "inequality": lambda: impact.inequality,
        "plane": lambda: impact.plane(),
        "tornado": lambda: impact.tornado(),
        "information": lambda: impact.information(),
        "assumptions": lambda: impact.assumptions,
        "left_out": lambda: impact.left_out,
        "notes": lambda: _notes(impact, lang),
    }
    described = bar(makers.items(), what="describing", unit="sheet", shown=progress)
    return {**{sheet: make() for sheet, make in described}, **shared}


def _shared(impact: Impact, budget: float, caps: Shares | None, floors: Shares) -> dict[str, pd.DataFrame]:
    """The sheets of a budget; made first, since a budget may be refused."""
    found = scenarios(impact, budget=budget, caps=caps, floors=floors, detail=True)
    assert isinstance(found, Scenarios)
    best = allocate(impact, budget=budget, caps=caps, floors=floors)
    worth = pd.DataFrame({"constraint": ["budget"], "area": [""], "group": [""], "price": [best.shadow_price]})
    return {
        "scenarios": found.frame,
        "differences": found.differences,
        "allocation": best.frame,
        "binding": best.binding if len(best.binding) else worth,
    }


def _notes(impact: Impact, lang: str) -> pd.DataFrame:
    origin = f"release {impact.release}" if impact.release else "the researcher's own, from cells that are not released"
    about = [
        ("action", f"{impact.action.id}: {impact.action.label(lang)}"),
        ("period", impact.baseline.period),
        ("draws", str(impact.simulation.draws)),
        ("numbers", origin),
    ]
    said = [("answer", sentence) for sentence in impact.sentences(lang)]
    assumed = [("assumption", sentence) for sentence in impact.notes(lang)]
    return pd.DataFrame([*about, *said, *assumed], columns=["kind", "text"])


@spoken
def described(action: Action, lang: str = "fi") -> list[str]:
    """What an action's file says, in sentences; and how what it leaves unsaid is read.

    Examples
    --------
    >>> from hyteanalysis.actions import Action, described
    >>> action = Action.from_dict({"id": "quit", "name": "Quit groups", "outcome": "smoking", "dimension": "education",
    ...     "effect": {"scale": "rr", "value": 0.922}, "reach": {"of": "affected", "value": 0.1}})
    >>> described(action, "en")[2:4]
    ['Reach is a share of those who have the problem.', 'Reach: 10.0%.']
    """
    effect, reach, cost = action.effect, action.reach, action.cost
    said = [i18n.text("action.says.for", lang, name=action.label(lang), outcome=action.outcome,
                      dimension=action.dimension)]  # fmt: skip
    scale = i18n.text(f"action.scale.{effect.scale}", lang)
    for about in _numbers(effect, lang, effect.kind) if effect.scale not in ("none", "unknown") else []:
        said.append(i18n.text("action.says.effect", lang, scale=scale, **about))
    said += [*effect.words(lang), i18n.text(f"action.says.{reach.of}", lang)]
    kinds = {"reach.risk": RATIO, "horizon_years": AMOUNT}
    for name, number in action.inputs().items():
        if name == "effect" or name.split(".")[-1] not in _said_of(action, name):
            continue
        kind = kinds.get(name, AMOUNT if name.startswith("cost") else SHARE)
        title = i18n.text(f"figure.input.{name.replace('.', '_')}", lang)
        for about in _numbers(number, lang, kind):
            line = i18n.text("action.says.number", lang, input=title, **about)
            said.append(line[:1].upper() + line[1:])
    if action.persistence:
        shares = ", ".join(i18n.percent(100 * one, lang, 0) for one in action.persistence)
        said.append(i18n.text("action.says.curve", lang, shares=shares))
    per = i18n.text(f"action.says.per_{cost.per}", lang)
    if {"setup", "yearly"} & cost.model_fields_set:
        said.append(i18n.text("action.says.per", lang, per=per))
    bare = [name for name, entry in action.inputs().items() if name.split(".")[-1] in _said_of(action, name)
            and entry.source is None]  # fmt: skip
    if bare:
        named = (i18n.text(f"figure.input.{name.replace('.', '_')}", lang) for name in bare)
        said.append(i18n.text("action.says.assumed", lang, inputs=", ".join(named)))
    if "of" not in reach.model_fields_set:
        said.append(i18n.text("action.says.note_reach", lang))
    if "setup" in cost.model_fields_set and "per" not in cost.setup.model_fields_set:
        said.append(i18n.text("action.says.note_setup", lang, per=per))
    if reach.feasible is None and reach.offered is None and reach.uptake is None:
        said.append(i18n.text("action.says.note_feasible", lang))
    return said


def _said_of(action: Action, name: str) -> set[str]:
    """Fields that the file says of the part that a place stands in."""
    room = name.partition(".")[0]
    if name in ("effect", "reach"):
        return {name}
    part = {"reach": action.reach, "cost": action.cost}.get(room, action)
    return set(part.model_fields_set)


def _numbers(number: Input, lang: str, kind: str) -> list[dict[str, str]]:
    """Each number inside an input in words: value, interval, of whom."""

    def shown(value: float) -> str:
        if kind == SHARE:
            return i18n.percent(100 * value, lang)
        return i18n.number(value, lang, 0 if kind == AMOUNT and value >= 10 else 2)

    found = []
    for place, entry in number.entries():
        if entry.value is None:
            continue
        interval = ""
        if entry.lower is not None and entry.upper is not None:
            interval = f" ({shown(entry.lower)}–{shown(entry.upper)})"
        group = f" ({' '.join(place[1::2])})" if place else ""
        found.append({"value": shown(entry.value), "interval": interval, "group": group})
    return found
