"""The answer in plain sentences: who is helped most, how surely, and who gets less than their share."""

from typing import Any

import pandas as pd

from hyteanalysis import i18n
from hyteanalysis.actions.model import Action

# what is said of the whole, in this order
FACTS = {
    "averted": "figure.tornado.averted",
    "reached": "figure.column.reached",
    "cost": "figure.column.cost",
    "cost_per_case": "figure.column.cost_per_case",
}
SHARE = i18n.Unit("proportion", 1)
SURE = 0.9  # P(best) from which the answer is told without a second group


def people(value: float, lang: str) -> str:
    """A number of people as it is shown."""
    return i18n.integer(rounded(value), lang)


def rounded(value: float) -> float:
    """Simulated people to tens; under ten as they are."""
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
        "interval": i18n.interval(rounded(first["lower"]), rounded(first["upper"]), lang, 0),
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


def facts(totals: pd.DataFrame, lang: str) -> dict[str, str]:
    """The whole in numbers, each with its interval; what there is none of is left out."""
    known = totals.dropna(subset="value").set_index("quantity")
    return {
        i18n.text(key, lang): with_interval(known.loc[name], lang) for name, key in FACTS.items() if name in known.index
    }


def with_interval(row: pd.Series, lang: str) -> str:
    """A number with its interval, where it has one."""
    value, lower, upper = (rounded(row[name]) for name in ("value", "lower", "upper"))
    return i18n.with_interval(value, lower, upper, lang, 0)


def shares(frame: pd.DataFrame, differences: pd.DataFrame, groups: tuple[str, str], lang: str) -> list[str]:
    """Which way of sharing helps most and which leaves the smallest gap, and which others may do so as well.

    ``groups`` are the names of the two between which the gaps lie. Gaps of different directions are not compared.
    """
    rows = frame.set_index("scenario")
    most = rows.loc[rows["averted"].idxmax()]
    if most["averted"] <= 0:
        return [i18n.text("action.answer.nobody", lang), i18n.text("action.assumed.estimate", lang)]
    said = [
        i18n.text(
            "action.shares.most", lang, scenario=_way(most.name, lang), people=people(most["averted"], lang),
            interval=i18n.interval(rounded(most["averted_lower"]), rounded(most["averted_upper"]), lang, 0),
        ),
        *_alike(differences, "averted", most.name, lang),
    ]  # fmt: skip
    gap = rows["absolute_gap"]
    if (gap > 0).all() or (gap < 0).all():
        least = rows.loc[gap.abs().idxmin()]
        said += [
            i18n.text(
                "action.shares.gap", lang, worst=groups[0], best=groups[1], scenario=_way(least.name, lang),
                gap=SHARE.difference(least["absolute_gap"], lang),
                interval=SHARE.interval(least["absolute_gap_lower"], least["absolute_gap_upper"], lang),
            ),
            *_alike(differences, "absolute_gap", least.name, lang),
        ]  # fmt: skip
    return [*said, i18n.text("action.assumed.estimate", lang)]


def _way(scenario: Any, lang: str) -> str:
    return i18n.text(f"figure.scenario.{scenario}", lang)


def _alike(differences: pd.DataFrame, outcome: str, scenario: Any, lang: str) -> list[str]:
    """The scenarios that do not clearly differ from one in an outcome."""
    unclear = differences[(differences["outcome"] == outcome) & ~differences["clear"].astype(bool)]
    others = [
        *unclear.loc[unclear["other"] == scenario, "scenario"],
        *unclear.loc[unclear["scenario"] == scenario, "other"],
    ]
    listed = "; ".join(_way(one, lang) for one in others)
    return [i18n.text("action.shares.alike", lang, others=listed)] if others else []


def allocation(
    cost: float, averted: tuple[float, float, float], price: float, binding: pd.DataFrame, lang: str
) -> list[str]:
    """What the best share of a budget does, what one person more would cost, and what holds it back."""
    value, lower, upper = averted
    limits = i18n.interval(rounded(lower), rounded(upper), lang, 0)
    said = [
        i18n.text(
            "action.allocation.answer", lang, cost=i18n.integer(cost, lang), people=people(value, lang), interval=limits
        )
    ]
    if price > 0:
        said.append(i18n.text("action.allocation.more", lang, euros=people(1 / price, lang)))
    else:
        said.append(i18n.text("action.allocation.enough", lang))
    counts = binding["constraint"].value_counts(sort=False)
    named = [i18n.text(f"action.limit.{kind}", lang, count=i18n.integer(count, lang)) for kind, count in counts.items()]
    if named:
        said.append(i18n.text("action.allocation.binding", lang, limits="; ".join(named)))
    return [*said, i18n.text("action.assumed.estimate", lang)]


def effect(overall: dict[str, float], p_value: float, scale: str, level: float, lang: str) -> list[str]:
    """The effect common to all groups, and whether theirs differ; ``p_value`` is empty where there is one group."""
    value, lower, upper = (overall[name] for name in ("value", "lower", "upper"))
    percents = 100 * level
    said = [
        i18n.text(
            "action.effect.overall", lang,
            value=SHARE.difference(value, lang) if scale == "rd" else i18n.number(value, lang, 2),
            interval=SHARE.interval(lower, upper, lang) if scale == "rd" else i18n.interval(lower, upper, lang, 2),
            scale=i18n.text(f"action.scale.{scale}", lang),
            level=i18n.percent(percents, lang, 0 if abs(percents - round(percents)) < 1e-9 else 1),
        )
    ]  # fmt: skip
    if p_value == p_value:
        p = f"< {i18n.number(0.001, lang, 3)}" if p_value < 0.001 else f"= {i18n.number(p_value, lang, 3)}"
        said.append(i18n.text(f"action.effect.{'differ' if p_value < 1 - level else 'alike'}", lang, p=p))
    return said
