"""What a trend draws: each group's numbers by period, where lines break, and how groups look."""

import numpy as np
import pandas as pd

from hyteanalysis.figures import choice, style
from hyteanalysis.findings import Finding
from hyteanalysis.findings.contrasts import last_year

NUMBERS = ["estimate", "lower", "upper"]


class Lines:
    """The numbers of one trend at their places along the periods.

    Parameters
    ----------
    cells : DataFrame
        The groups' cells of every period.
    gaps : DataFrame
        The gap of every period.
    newest : Finding
    periods : list of str
        In order; those named by years stand at their years, others one after the other.
    changed : int or None
        Year from which numbers are not comparable with earlier ones.

    Attributes
    ----------
    groups : list of str
        Groups drawn, in their order; ``looks`` has the marker, fill and outline of each.
    at : dict
        Place of each period.
    rule : float or None
        Place of the method change; None where it lies outside the periods.
    """

    def __init__(
        self, cells: pd.DataFrame, gaps: pd.DataFrame, newest: Finding, periods: list[str], changed: int | None
    ) -> None:
        self.cells, self.gaps, self.newest, self.periods, self.changed = cells, gaps, newest, periods, changed
        self.groups = list(dict.fromkeys([*newest.groups["group"], *cells["group"]]))[: choice.MOST]
        ordered = "order" in cells and bool(cells["order"].notna().all())
        self.looks = dict(zip(self.groups, style.group_styles(len(self.groups), ordered), strict=True))
        years = [last_year(period) for period in periods]
        spaced = all(year is not None for year in years) and len(set(years)) == len(years)
        places = [float(y if spaced and y is not None else i) for i, y in enumerate(years)]
        self.at = dict(zip(periods, places, strict=True))
        inside = spaced and changed is not None and min(places) < changed <= max(places)
        self.rule = changed - 0.5 if inside and changed is not None else None
        self._series = {group: self._of(cells[cells["group"] == group]) for group in self.groups}

    @property
    def factor(self) -> float:
        """By which estimates are multiplied to be shown."""
        return self.newest.unit.factor

    def series(self, group: str) -> pd.DataFrame:
        """A group's rows at every period of the figure, empty where there is none, at their place ``x``."""
        return self._series[group]

    def gap(self) -> pd.DataFrame:
        """The gaps likewise."""
        return self._of(self.gaps)

    def last(self, group: str) -> tuple[float, float] | None:
        """Place and level of a group's last number."""
        rows = self.series(group).dropna(subset="estimate")
        return (float(rows["x"].iloc[-1]), float(rows["estimate"].iloc[-1])) if len(rows) else None

    def pieces(self, rows: pd.DataFrame) -> list[pd.DataFrame]:
        """Stretches to be joined by a line: broken at periods without a number and at a method change."""
        there = rows["estimate"].notna()
        stretch = (~there).cumsum()
        if self.rule is not None:
            stretch = stretch * 2 + (rows["x"] > self.rule)
        return [piece for _, piece in rows[there].groupby(stretch[there], sort=False)]

    def limits(self, rows: pd.DataFrame, *, zero: bool) -> tuple[float, float]:
        """Limits of an axis in the unit shown; ``zero``: from zero where that is near."""
        values = rows[[column for column in NUMBERS if column in rows]].to_numpy(dtype=float).ravel()
        values = values[np.isfinite(values)] * self.factor
        if not len(values):
            return 0.0, 1.0
        low, high = float(values.min()), float(values.max())
        if zero and 0 <= low < 0.6 * high:
            low = 0.0
        room = 0.08 * ((high - low) or abs(high) or 1.0)
        return (0.0 if zero and low == 0 else low - room), high + room

    def _of(self, rows: pd.DataFrame) -> pd.DataFrame:
        placed = rows.set_index("period").reindex(self.periods)
        missing = {column: np.nan for column in NUMBERS if column not in placed}
        return placed.assign(x=list(self.at.values()), **missing)
