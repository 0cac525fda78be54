"""What an estimate rests on: every number with its grade, and the assumptions said aloud."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from hyteanalysis import i18n
from hyteanalysis.actions.model import Action
from hyteanalysis.actions.simulation import Simulation

COLUMNS = ["input", "label", "value", "lower", "upper", "distribution", "source", "year", "grade"]


def table(simulation: Simulation) -> pd.DataFrame:
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
            "grade": node.grade,
        }
        for name, parameter in simulation.inputs.items()
        for node in parameter.nodes
    ]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"source": "str", "year": "Int64"})


def sentences(
    action: Action,
    simulation: Simulation,
    by_group: pd.DataFrame,
    notes: Sequence[tuple[str, dict[str, Any]]],
    lang: str,
) -> list[str]:
    """The assumptions of an estimate, in the viewer's language."""
    said = [i18n.text("action.assumed.estimate", lang), i18n.text("action.assumed.average_risk", lang)]
    shared = len(simulation.effect.nodes) == 1
    said.append(i18n.text("action.assumed.shared_effect" if shared else "action.assumed.own_effect", lang))
    if all(node.certain for node in simulation.effect.nodes):
        said.append(i18n.text("action.assumed.no_interval", lang))
    if all(node.grade == "assumed" for node in simulation.effect.nodes):
        said.append(i18n.text("action.assumed.graded_assumed", lang))
    if action.horizon_years.value != 1:
        said.append(i18n.text("action.assumed.persistence", lang))
    if simulation.setup_total:
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
