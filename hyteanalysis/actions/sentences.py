"""What is said of an action's estimate: the answer, the whole in numbers, every number behind it, what was assumed."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from hyteanalysis import i18n
from hyteanalysis.actions.model import Action
from hyteanalysis.actions.simulation import Simulation

# what is said of the whole, in this order
_FACTS = {
    "averted": "figure.tornado.averted",
    "reached": "figure.column.reached",
    "cost": "figure.column.cost",
    "cost_per_case": "figure.column.cost_per_case",
}
_NOBODY = 0.05  # people helped that are shown as none
_SURE = 0.9  # P(best) from which the answer is told without a second group
_UNSAID = {"cost.yearly": 0.0, "cost.saving": 0.0, "reach.risk": 1.0}  # numbers that say nothing
_ASSUMPTIONS = [
    *("input", "label", "value", "lower", "upper", "distribution"),
    *("source", "year", "page", "conversion", "grade"),
]


def people_text(value: float, lang: str) -> str:
    """A number of people as it is shown."""
    return i18n.number(rounded(value), lang, _decimals(value))


def people_interval(value: float, lower: float, upper: float, lang: str) -> str:
    """The limits of a number of people as they are shown beside it."""
    if _decimals(value):
        return i18n.interval(lower, upper, lang, 1)
    return i18n.interval(rounded(lower), rounded(upper), lang, 0)


def rounded(value: float) -> float:
    """Simulated people to tens; under ten as they are."""
    return round(value, -1) if abs(value) >= 10 else value


def _decimals(value: float) -> int:
    """Tenths of people where there are few: they are a mean over what may happen."""
    return 0 if abs(value) >= 10 or value == 0 else 1


def answer(pooled: pd.DataFrame, ranking: pd.DataFrame, names: i18n.Names, action: Action, lang: str) -> list[str]:
    """Two or three sentences; nobody is called first unless the draws are sure of it."""
    group = {one: names.group(action.dimension, one, lang) for one in pooled["group"]}
    if not (ranking["value"] > 0).any():
        return [i18n.text("action.answer.nobody", lang)]
    first = ranking.iloc[0]
    values = {
        "group": group[first["group"]],
        "people": people_text(first["value"], lang),
        "interval": people_interval(first["value"], first["lower"], first["upper"], lang),
    }
    if first["value"] < _NOBODY:
        return [i18n.text("action.answer.hardly", lang), i18n.text("action.assumed.estimate", lang)]
    likely = ranking.sort_values("p_best", ascending=False, kind="stable")
    shown = ranking["value"].map(lambda value: people_text(value, lang))
    level = ranking[shown == values["people"]]  # equal as they are told
    if len(level) > 1:
        told = (f"{group[row['group']]} {_with_interval(row, lang)}" for _, row in level.iterrows())
        said = [i18n.text("action.answer.tied", lang, groups="; ".join(told))]
    elif len(ranking) > 1 and likely.iloc[0]["p_best"] < _SURE:
        second = next(one for one in likely["group"] if one != first["group"])
        said = [i18n.text("action.answer.perhaps", lang, other=group[second], **values)]
    else:
        said = [i18n.text("action.answer.most", lang, **values)]
    if first["lower"] <= 0:
        said.append(i18n.text("action.answer.unsure", lang))
    mean = (pooled["population"] * pooled["baseline"]).sum() / pooled["population"].sum()
    # a group that needs less than others may well get less
    short = pooled[pooled["clear"] & (pooled["baseline"] > mean)]
    if len(short):
        least = short.loc[short["benefit_burden"].idxmin()]
        said.append(i18n.text("action.answer.inverse_care", lang, group=group[least["group"]]))
    return [*said, i18n.text("action.assumed.estimate", lang)]


def facts(totals: pd.DataFrame, lang: str) -> dict[str, str]:
    """The whole in numbers, each with its interval; what there is none of is left out."""
    known = totals.dropna(subset="value").set_index("quantity")
    return {
        i18n.text(key, lang): _with_interval(known.loc[name], lang)
        for name, key in _FACTS.items()
        if name in known.index
    }


def _with_interval(row: pd.Series, lang: str) -> str:
    """A number with its interval, where it has one."""
    decimals = _decimals(row["value"])
    value, lower, upper = (row[name] if decimals else rounded(row[name]) for name in ("value", "lower", "upper"))
    return i18n.with_interval(value, lower, upper, lang, decimals)


def assumptions(simulation: Simulation) -> pd.DataFrame:
    """One row a number of the action; ``label`` is its area or group, empty for the number all share."""
    rows = [
        {
            "input": name,
            "label": node.label,
            "value": node.value,
            "lower": float("nan") if node.certain else node.lower,
            "upper": float("nan") if node.certain else node.upper,
            "distribution": "fixed" if node.certain else node.distribution,
            "source": node.source,
            "year": node.year,
            "page": node.page,
            "conversion": node.conversion,
            "grade": node.grade,
        }
        for name, parameter in simulation.inputs.items()
        for node in parameter.nodes
        if name not in _UNSAID or node.value != _UNSAID[name]
    ]
    return pd.DataFrame(rows, columns=_ASSUMPTIONS).astype(
        {"source": "str", "year": "Int64", "page": "str", "conversion": "str"}
    )


def assumed(
    action: Action,
    simulation: Simulation,
    by_group: pd.DataFrame,
    notes: Sequence[tuple[str, dict[str, Any]]],
    lang: str,
) -> list[str]:
    """The assumptions of an estimate, in the viewer's language."""
    whom = "affected" if simulation.affected else "average_risk" if (simulation.risk.values == 1).all() else "own_risk"
    said = [i18n.text("action.assumed.estimate", lang), i18n.text(f"action.assumed.{whom}", lang)]
    shared = len(simulation.effect.nodes) == 1
    said.append(i18n.text("action.assumed.shared_effect" if shared else "action.assumed.own_effect", lang))
    if action.effect.scale == "none":
        said.append(i18n.text("action.assumed.none", lang))
    elif all(node.certain for node in simulation.effect.nodes):
        said.append(i18n.text("action.assumed.no_interval", lang))
    said += action.effect.words(lang) if action.effect.scale != "none" else []
    if all(node.grade == "assumed" for node in simulation.effect.nodes):
        said.append(i18n.text("action.assumed.graded_assumed", lang))
    if action.horizon_years.value != 1:
        said.append(i18n.text("action.assumed.persistence", lang))
    if simulation.fixed_total:
        said.append(i18n.text("action.assumed.setup", lang))
    capped = int(by_group["capped"].sum())
    if capped:
        said.append(i18n.text("action.assumed.capped", lang, count=i18n.integer(capped, lang)))
    return said + [_note(key, values, lang) for key, values in notes]


def _note(key: str, values: dict[str, Any], lang: str) -> str:
    shown = {name: i18n.integer(value, lang) for name, value in values.items() if not isinstance(value, str)}
    if "level" in values:
        shown["level"] = i18n.text(f"action.level.{values['level']}", lang)
    return i18n.text(key, lang, **shown)
