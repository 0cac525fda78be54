"""Who gets how much of the benefit: each area and group, each group over all areas, and the whole."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis.actions.effects import capped, needed_to_reach, ratio
from hyteanalysis.actions.simulation import Simulation
from hyteanalysis.actions.summary import Summary, limits

Array = NDArray[Any]


def by_group(simulation: Simulation, summary: Summary) -> pd.DataFrame:
    """One row an area × group; see :func:`hyteanalysis.impact`."""
    cells = simulation.cells
    level, people, reach = cells["baseline"].to_numpy(dtype=float), simulation.people, simulation.reach.values
    less, reached = simulation.reduction, simulation.people * reach
    averted, burden = reached * less, people * level
    total = averted.sum()
    price = simulation.cost.values
    with np.errstate(divide="ignore", invalid="ignore"):
        # nothing averted for any money; where it harms there is no case to divide by
        per_case = np.where(less > 0, price / less, np.where(less == 0, np.inf, np.nan))
        if simulation.setup_total:
            per_case = per_case + (simulation.setup_total / total if total > 0 else np.nan)
    nnt = needed_to_reach(less, *summary.arr)
    benefit_burden = _benefit_burden(averted, burden)
    frame = {
        **{name: cells[name] for name in ("area", "group", "order", "population", "baseline")},
        "reach": reach,
        "reached": reached,
        "arr": less,
        "averted": averted,
        "per_1000_reached": 1000 * less,
        "nnt": nnt.pop("nnt"),
        "after": level - reach * less,
        "cost": reached * price,
        "cost_per_case": per_case,
        "person_years": averted * simulation.persistence.values,
        "benefit_share": averted / total if total > 0 else np.full(len(level), np.nan),
        "burden_share": burden / burden.sum() if burden.sum() > 0 else np.full(len(level), np.nan),
        "benefit_burden": benefit_burden,
        "inverse_care": benefit_burden < 1,
        "pif": ratio(reach * less, level),
        "capped": capped(level, simulation.effect.values, simulation.scale),
        "p_harm": summary.p_harm,
        **nnt,
    }
    for name in ("arr", "averted", "cost_per_case", "person_years"):
        frame[f"{name}_lower"], frame[f"{name}_upper"] = getattr(summary, name)
    return pd.DataFrame(frame)


def pooled(simulation: Simulation, summary: Summary, cells: pd.DataFrame) -> pd.DataFrame:
    """Each group over all areas, people-weighted; see :attr:`Impact.pooled`."""
    sums = cells.groupby("group")[["population", "reached", "averted"]].sum()
    frame = simulation.groups.join(sums, on="group")
    before = simulation.membership @ (cells["population"] * cells["baseline"]).to_numpy()
    low, high = limits(summary.helped.copy())
    people, averted = frame["population"].to_numpy(), frame["averted"].to_numpy()
    point, (ratio_low, ratio_high) = _benefit_burden(averted, before), _limits_of_ratio(summary)
    return frame.assign(
        baseline=before / people,
        after=(before - averted) / people,
        averted_lower=low,
        averted_upper=high,
        arr=ratio(averted, frame["reached"].to_numpy()),
        per_1000_reached=1000 * ratio(averted, frame["reached"].to_numpy()),
        per_1000_people=1000 * averted / people,
        benefit_burden=point,
        benefit_burden_lower=ratio_low,
        benefit_burden_upper=ratio_high,
        inverse_care=point < 1,
        clear=(point < 1) & (ratio_high < 1),
    )


def totals(simulation: Simulation, summary: Summary, cells: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """The whole; see :attr:`Impact.totals`."""
    averted, before = summary.helped.sum(axis=0), summary.before.sum(axis=0)
    total, burden = cells["averted"].sum(), (cells["population"] * cells["baseline"]).sum()
    cost = cells["cost"].sum() + simulation.setup_total
    spent = simulation.people_sums(simulation.cost).sum(axis=0) + simulation.setup_draws
    reached = simulation.people_sums().sum(axis=0)
    best = groups["baseline"].min()
    mean = burden / cells["population"].sum()
    per_case = np.divide(spent, averted, out=np.full_like(averted, np.inf), where=averted > 0)
    rows = [
        ("averted", total, averted),
        ("pif", total / burden if burden > 0 else np.nan, averted / np.where(before > 0, before, np.nan)),
        ("person_years", cells["person_years"].sum(), None),
        ("reached", cells["reached"].sum(), reached),
        ("cost", cost, spent),
        ("cost_per_case", cost / total if total > 0 else np.nan, per_case),
        ("paf", (mean - best) / mean if mean > 0 else np.nan, None),
    ]
    return pd.DataFrame([_row(*row) for row in rows])


def _row(quantity: str, value: float, draws: Array | None) -> Mapping[str, Any]:
    if draws is None or np.isnan(draws).any():
        low = high = np.nan
    else:
        low, high = (float(end) for end in limits(np.array(draws)))
    return {"quantity": quantity, "value": value, "lower": low, "upper": high}


def _benefit_burden(averted: Array, burden: Array) -> Array:
    """(A/ΣA)/(B/ΣB); empty where nothing is averted in all."""
    total = averted.sum(axis=0)
    share = np.divide(averted, total, out=np.full(averted.shape, np.nan), where=total > 0)
    return ratio(share, burden / burden.sum(axis=0))


def _limits_of_ratio(summary: Summary) -> tuple[Array, Array]:
    """Limits of each group's benefit : burden; empty where too many draws avert nothing."""
    drawn = _benefit_burden(summary.helped, summary.before)
    lacking = np.isnan(drawn).mean(axis=1) > 0.025
    low, high = limits(np.nan_to_num(drawn, nan=np.inf))
    return np.where(lacking, np.nan, low), np.where(lacking, np.nan, high)
