"""What an equiplot draws: the areas' numbers, and how each group looks in all of them."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from hyteanalysis.figures import choice, style
from hyteanalysis.figures.equiplot_words import ordered
from hyteanalysis.findings import Finding
from hyteanalysis.i18n import Names, Unit

NUMBERS = ["estimate", "lower", "upper"]


@dataclass(frozen=True, eq=False)
class Rows:
    """The areas of one figure, the most important first.

    Parameters
    ----------
    found : list of Finding
        One an area, of one indicator and dimension.
    totals : DataFrame
        The areas' cells of the whole population.
    lang : {"fi", "sv", "en"}

    Attributes
    ----------
    looks : dict
        Marker, fill and outline of each group drawn.
    shown : list of DataFrame
        Of each area, the rows that have a number, in the order of the groups.
    total : list of float or None
        Of each area, the level of the whole population.
    """

    found: list[Finding]
    totals: pd.DataFrame
    lang: str
    looks: dict[str, dict[str, str]] = field(init=False)
    shown: list[pd.DataFrame] = field(init=False)
    total: list[float | None] = field(init=False)

    def __post_init__(self) -> None:
        groups = list(dict.fromkeys(group for one in self.found for group in one.groups["group"]))[: choice.MOST]
        looks = style.group_styles(len(groups), all(ordered(one) for one in self.found))
        object.__setattr__(self, "looks", dict(zip(groups, looks, strict=True)))
        object.__setattr__(self, "shown", [self._shown(one) for one in self.found])
        object.__setattr__(self, "total", [self._total(one) for one in self.found])

    @property
    def groups(self) -> list[str]:
        """Groups drawn."""
        return list(self.looks)

    @property
    def unit(self) -> Unit:
        """How numbers are written."""
        return self.found[0].unit

    @property
    def names(self) -> Names:
        """Names of areas and groups."""
        return self.found[0].names

    @property
    def states(self) -> set[str]:
        """States of all areas."""
        return {state for one in self.found for state in one.states}

    def numbers(self) -> np.ndarray:
        """Every number that is drawn."""
        parts = [rows[NUMBERS].to_numpy(dtype=float).ravel() for rows in self.shown]
        values: np.ndarray = np.concatenate([*parts, [value for value in self.total if value is not None]])
        return np.asarray(values[np.isfinite(values)])

    def _shown(self, one: Finding) -> pd.DataFrame:
        rows = one.groups[one.groups["group"].isin(self.groups) & one.groups["estimate"].notna()]
        return rows.assign(lower=rows.get("lower", np.nan), upper=rows.get("upper", np.nan))

    def _total(self, one: Finding) -> float | None:
        here = (self.totals["area"] == one.shown_area) & (self.totals["period"] == one.period)
        values = self.totals.loc[here, "estimate"].dropna()
        return float(values.iloc[0]) if len(values) else None
