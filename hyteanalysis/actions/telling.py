"""The answer in plain sentences: who is helped most, how surely, and who gets less than their share."""

import pandas as pd

from hyteanalysis import i18n
from hyteanalysis.actions.model import Action

SURE = 0.9  # P(best) from which the answer is told without a second group


def people(value: float, lang: str) -> str:
    """A number of people as it is shown: simulated, so rounded to tens; under ten as it is."""
    return i18n.integer(_shown(value), lang)


def _shown(value: float) -> float:
    return round(value, -1) if abs(value) >= 10 else value


def sentences(pooled: pd.DataFrame, ranking: pd.DataFrame, names: i18n.Names, action: Action, lang: str) -> list[str]:
    """Two or three sentences; nobody is called first unless the draws are sure of it."""
    group = {one: names.group(action.dimension, one, lang) for one in pooled["group"]}
    if not (ranking["value"] > 0).any():
        return [i18n.text("action.answer.nobody", lang)]
    first = ranking.iloc[0]
    values = {
        "group": group[first["group"]],
        "people": people(first["value"], lang),
        "interval": i18n.interval(_shown(first["lower"]), _shown(first["upper"]), lang, 0),
    }
    said = [i18n.text("action.answer.most", lang, **values)]
    likely = ranking.sort_values("p_best", ascending=False, kind="stable")
    if len(ranking) > 1 and likely.iloc[0]["p_best"] < SURE:
        second = next(one for one in likely["group"] if one != first["group"])
        said = [i18n.text("action.answer.perhaps", lang, other=group[second], **values)]
    if first["lower"] <= 0:
        said.append(i18n.text("action.answer.unsure", lang))
    mean = (pooled["population"] * pooled["baseline"]).sum() / pooled["population"].sum()
    # a group that needs less than others may well get less
    short = pooled[pooled["clear"] & (pooled["baseline"] > mean)]
    if len(short):
        least = short.loc[short["benefit_burden"].idxmin()]
        said.append(i18n.text("action.answer.inverse_care", lang, group=group[least["group"]]))
    return [*said, i18n.text("action.assumed.estimate", lang)]
