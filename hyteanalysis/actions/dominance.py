"""Whether one distribution is better than another whatever the aversion to inequality."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from hyteanalysis.errors import MeasureError

Array = NDArray[Any]

_ROUNDING = 1e-12  # relative: a change smaller than this is none


def dominance(options: pd.DataFrame, *, population: ArrayLike, rank: ArrayLike | None = None) -> pd.DataFrame:
    """Compare every option with every other: Pareto, Lorenz, generalised Lorenz, second order.

    Answers: *is there anything to weigh, or is one option better for everybody, or for anybody who minds inequality?*
    Groups are ranked once, by their health at the start, from the worst off. Pareto: nobody is worse off. Lorenz: at
    every place of the rank the worse-off hold a larger share of all health. Generalised Lorenz: they hold more health.
    Second order: so in the cumulated generalised Lorenz curve.

    Parameters
    ----------
    options : DataFrame
        One column an option, one row a group: health a head.
    population : array of k numbers
        People in each group.
    rank : array of k numbers, optional
        Health that ranks the groups; default the first option's.

    Returns
    -------
    DataFrame
        One row an ordered pair: ``baseline, option`` and for ``pareto, lorenz, generalized_lorenz,
        second_order_generalized_lorenz`` whether the option ``dominates`` the baseline, is ``dominated``, is ``equal``,
        or ``none``.

    Raises
    ------
    MeasureError
        Health or population that are no numbers, or do not fit.

    Examples
    --------
    >>> import pandas as pd
    >>> from hyteanalysis.actions import dominance
    >>> dominance(pd.DataFrame({"now": [20, 60], "then": [26, 69]}), population=[1, 1]).iloc[0, 1:].tolist()
    ['then', 'dominates', 'dominates', 'dominates', 'dominates']
    """
    people = np.asarray(population, dtype=float)
    health = options.to_numpy(dtype=float)
    if len(people) != len(health) or not np.isfinite(health).all() or not (people > 0).all():
        raise MeasureError(f"{len(health)} groups need as many populations above 0, and health that is a number.")
    order = np.argsort(health[:, 0] if rank is None else np.asarray(rank, dtype=float), kind="stable")
    share, health = people[order] / people.sum(), health[order]
    curves = {
        "pareto": health,
        "lorenz": _lorenz(share, health) / (share @ health),
        "generalized_lorenz": _lorenz(share, health),
        "second_order_generalized_lorenz": np.cumsum(share[:, None] * _lorenz(share, health), axis=0),
    }
    rows = [
        {"baseline": options.columns[i], "option": options.columns[j]}
        | {name: _verdict(curve[:, i], curve[:, j]) for name, curve in curves.items()}
        for i in range(health.shape[1])
        for j in range(health.shape[1])
        if i != j
    ]
    return pd.DataFrame(rows)


def _lorenz(share: Array, health: Array) -> Array:
    return np.cumsum(share[:, None] * health, axis=0)


def _verdict(old: Array, new: Array) -> str:
    change = new - old
    change = np.where(np.abs(change) <= _ROUNDING * np.maximum(np.abs(old), np.abs(new)), 0.0, change)
    if not change.any():
        return "equal"
    if (change >= 0).all():
        return "dominates"
    return "dominated" if (change <= 0).all() else "none"
