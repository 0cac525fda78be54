"""What an action does to inequality: measures before and after, and the health equity impact plane."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from hyteanalysis import inequality as inequalities
from hyteanalysis.actions.equivalents import gain
from hyteanalysis.actions.summary import Summary, limits
from hyteanalysis.errors import MeasureError

Array = NDArray[Any]

# what the point says, by the sign of efficiency and of equity
QUADRANTS = {
    (1, 1): "helps_and_narrows",
    (1, 0): "helps_all_alike",
    (1, -1): "helps_but_widens",
    (0, 1): "narrows_only",
    (0, 0): "no_material_change",
    (0, -1): "widens_only",
    (-1, 1): "harms_but_narrows",
    (-1, 0): "harms_all_alike",
    (-1, -1): "harms_and_widens",
}
_DRAWS = 1_000  # of the interval of a change: enough for limits, each a whole set of measures


def equity_impact(
    before: ArrayLike,
    after: ArrayLike,
    population: ArrayLike,
    *,
    index: str = "atkinson",
    aversion: float | None = 1.0,
    tolerance: float = 0.5,
) -> pd.DataFrame:
    """Efficiency and equity of a change from one health distribution to another.

    Answers: *does the change help in all, and does it help the worse off more?* efficiency = N·Δmean; equity =
    N·(ΔEDE − Δmean); their sum is the equity-weighted gain N·ΔEDE.

    Parameters
    ----------
    before, after : array of k numbers, or rows × k
        Health (a favourable amount a head) of each group.
    population : array of k numbers
        People in each group.
    index : {"atkinson", "kolm", "gini"}
    aversion : float
        ε or α; Gini uses none.
    tolerance : float
        Amounts up to this, in the unit of population × health, are no change.

    Returns
    -------
    DataFrame
        One row a row of ``after``: ``efficiency, equity, ede_gain, quadrant``; quadrant one of ``helps_and_narrows,
        helps_all_alike, helps_but_widens, narrows_only, no_material_change, widens_only, harms_but_narrows,
        harms_all_alike, harms_and_widens``.

    Raises
    ------
    MeasureError
        Unknown index, negative aversion or tolerance, arrays that do not fit.

    Notes
    -----
    References: Asaria, Griffin & Cookson 2016; Cookson et al. 2020.

    Examples
    --------
    >>> from hyteanalysis.actions import equity_impact
    >>> equity_impact([0.6, 0.9], [0.7, 0.9], [1000, 3000]).round(1)
       efficiency  equity  ede_gain           quadrant
    0       100.0    27.8     127.8  helps_and_narrows
    """
    people = np.asarray(population, dtype=float)
    old, new = np.atleast_2d(np.asarray(before, dtype=float)), np.atleast_2d(np.asarray(after, dtype=float))
    if old.shape[1:] != people.shape or new.shape[1:] != people.shape:
        raise MeasureError(
            f"before {old.shape} and after {new.shape} must have {len(people)} groups, as population has."
        )
    if not tolerance >= 0:
        raise MeasureError(f"tolerance must be 0 or more; not {tolerance}")
    total = people.sum()
    efficiency = ((new - old) * people).sum(axis=1)
    weighted = total * gain(old, new, people, index=index, aversion=aversion)
    equity = np.zeros_like(efficiency) if aversion == 0 and index != "gini" else weighted - efficiency
    signs = [np.where(np.abs(amount) <= tolerance, 0, np.sign(amount)).astype(int) for amount in (efficiency, equity)]
    named = [QUADRANTS[pair] for pair in zip(*(sign.tolist() for sign in signs), strict=True)]
    return pd.DataFrame({"efficiency": efficiency, "equity": equity, "ede_gain": weighted, "quadrant": named})


def plane(
    pooled: pd.DataFrame,
    summary: Summary,
    *,
    index: str = "atkinson",
    aversion: float | None = 1.0,
    tolerance: float = 0.5,
) -> pd.DataFrame:
    """One action on the plane, with limits and the share of draws in each half.

    Health is the share not badly off; people are pooled over areas. ``efficiency`` is cases averted, ``equity`` how
    many more (or fewer) they count for since they fall where they do; ``tolerance`` in people. Columns ``efficiency,
    equity, ede_gain, quadrant, efficiency_lower, …, p_narrows``.
    """
    people = pooled["population"].to_numpy(dtype=float)
    options: dict[str, Any] = {"index": index, "aversion": aversion, "tolerance": tolerance}
    point = equity_impact(1 - pooled["baseline"], 1 - pooled["after"], people, **options)
    cloud = cloud_of(pooled, summary, **options)
    for name in ("efficiency", "equity", "ede_gain"):
        low, high = limits(cloud[name].to_numpy().copy())
        point[f"{name}_lower"], point[f"{name}_upper"] = float(low), float(high)
    return point.assign(p_narrows=float((cloud["equity"] > tolerance).mean()))


def cloud_of(pooled: pd.DataFrame, summary: Summary, **options: Any) -> pd.DataFrame:
    """The plane's point in each draw: ``efficiency, equity, ede_gain, quadrant``."""
    people = pooled["population"].to_numpy(dtype=float)
    before = 1 - summary.before.T / people
    after = before + summary.helped.T / people
    return equity_impact(before.clip(min=0), after.clip(min=0), people, **options)


def inequality(
    pooled: pd.DataFrame,
    summary: Summary | None = None,
    *,
    measures: str | Sequence[str] = "all",
    model: str | None = None,
    aversion: float | dict[str, float] | None = None,
) -> pd.DataFrame:
    """Measures of inequality of the shares badly off, before and after; those that do not apply are left out.

    ``measure, before, after, change, change_lower, change_upper``; with ``measures`` named outright, one that does not
    apply raises MeasureError.
    """
    states = np.stack([pooled["baseline"], pooled["after"]])
    settings = _measured(pooled, states, measures, model, aversion)
    frame = settings.dropna(subset=["0", "1"]) if measures == "all" else settings
    frame = frame.rename(columns={"0": "before", "1": "after"}).assign(change=lambda one: one["after"] - one["before"])
    frame = frame.assign(change_lower=np.nan, change_upper=np.nan)
    if summary is None:
        return frame.reset_index()
    people = pooled["population"].to_numpy(dtype=float)
    count = min(_DRAWS, summary.before.shape[1])
    old = summary.before[:, :count].T / people
    new = old - summary.helped[:, :count].T / people
    drawn = _measured(pooled, np.clip(np.concatenate([old, new]), 0, 1), list(frame.index), model, aversion)
    values = drawn.loc[frame.index, [str(number) for number in range(2 * count)]].to_numpy(dtype=float)
    change = values[:, count:] - values[:, :count]
    known = ~np.isnan(change).any(axis=1)
    if known.any():
        frame.loc[known, "change_lower"], frame.loc[known, "change_upper"] = limits(change[known])
    return frame.reset_index()


def _measured(pooled: pd.DataFrame, states: Array, measures: Any, model: str | None, aversion: Any) -> pd.DataFrame:
    """Measures × states: each state is a setting of its own."""
    count, groups = states.shape
    cells = pd.DataFrame(
        {
            "indicator": "share",
            "area": np.repeat(np.arange(count), groups).astype(str),
            "period": "",
            "dimension": "groups",
            "group": np.tile(pooled["group"].to_numpy(), count),
            "order": pd.array(np.tile(pooled["order"].to_numpy(), count), dtype="Int64"),
            "estimate": states.ravel(),
            "population": np.tile(pooled["population"].to_numpy(dtype=float), count),
        }
    ).assign(area=lambda frame: "state" + frame["area"], period="now")
    found = inequalities.disparity(cells, measures, indicators=_SHARE, model=model, aversion=aversion, seed=0)
    table = found.assign(area=found["area"].str.removeprefix("state"))
    order = list(dict.fromkeys(table["measure"]))
    return table.pivot(index="measure", columns="area", values="estimate").loc[order].rename_axis(columns=None)


_SHARE = pd.DataFrame(
    {
        "indicator": ["share"],
        "title_en": ["Share badly off"],
        "unit": [""],
        "kind": ["proportion"],
        "scale": [1],
        "favourable": [False],
        "lower_bound": [0.0],
        "upper_bound": [1.0],
    }
)
