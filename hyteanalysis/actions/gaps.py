"""The gap between the most disadvantaged and the most advantaged group, over all areas, before and after."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis.actions.impact import Impact
from hyteanalysis.actions.simulation import Simulation
from hyteanalysis.actions.summary import limits

Array = NDArray[Any]


@dataclass(frozen=True)
class Gaps:
    """Two groups and how people reached move their distance.

    Groups without order are taken by their level before the action: the highest share badly off is the disadvantaged.

    Attributes
    ----------
    worst, best : str
    contrast : array
        Per cell: 1/N_worst, −1/N_best, or 0; the gap falls by Σ x·ARR·contrast.
    before : float
        Gap of the shares before the action.
    levels : (float, float)
        The two groups' shares before.
    clear : bool
        Whether the gap before leaves out 0 in its interval.
    simulation : Simulation
    """

    worst: str
    best: str
    contrast: Array
    before: float
    levels: tuple[float, float]
    clear: bool
    simulation: Simulation

    @property
    def direction(self) -> int:
        """−1 where the gap is reversed: then it narrows by rising to 0."""
        return -1 if self.before < 0 else 1

    @classmethod
    def of(cls, impact: Impact) -> "Gaps":
        """The two groups of an impact."""
        pooled = impact.pooled
        by = "order" if pooled["order"].notna().all() else "baseline"
        ascending = by == "order"
        ordered = pooled.sort_values(by, ascending=ascending, kind="stable")
        first, last = ordered.iloc[0], ordered.iloc[-1]
        group = impact.simulation.cells["group"].to_numpy()
        contrast = (group == first["group"]) / first["population"] - (group == last["group"]) / last["population"]
        places = [impact.simulation.groups["group"].tolist().index(one["group"]) for one in (first, last)]
        shares = [impact.summary.before[at] / one["population"] for at, one in zip(places, (first, last), strict=True)]
        low, high = limits(shares[0] - shares[1])
        before, levels = first["baseline"] - last["baseline"], (first["baseline"], last["baseline"])
        clear = bool(before != 0 and (low > 0 or high < 0))
        return cls(first["group"], last["group"], contrast, before, levels, clear, impact.simulation)

    def after(self, reached: Array) -> pd.DataFrame:
        """``absolute_gap, relative_gap`` after reaching people (options × cells), at the values."""
        averted = reached * self.simulation.reduction
        worst = self.levels[0] - averted @ self.contrast.clip(min=0)
        best = self.levels[1] + averted @ self.contrast.clip(max=0)
        return pd.DataFrame({"absolute_gap": worst - best, "relative_gap": _over(worst, best)})

    def draws(self, reached: Array) -> tuple[Array, Array, Array]:
        """Cases averted, absolute and relative gap after, options × draws, the people reached being fixed."""
        parts = self.contrast.clip(min=0), -self.contrast.clip(max=0)
        people = np.stack([part * self.simulation.people for part in parts])
        weights = np.concatenate([reached, *(reached * part for part in parts)])
        level, sums = self.simulation.sums(baseline=people, reduction=weights)
        averted, worst, best = np.split(sums, 3)
        return averted, (level[0] - worst) - (level[1] - best), _over(level[0] - worst, level[1] - best)


def _over(worst: Array, best: Array) -> Array:
    return np.divide(worst, best, out=np.full_like(worst, np.nan), where=best > 0)
