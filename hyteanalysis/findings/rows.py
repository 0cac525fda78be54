"""The cells of some areas, looked up by setting: a page asks for many settings of few rows each."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

NUMBERS = ("order", "estimate", "se", "lower", "upper", "population", "events", "respondents")


class Row:
    """One cell: its columns by name as plain values, NaN where a number is missing. It copies nothing."""

    __slots__ = ("_columns", "at", "part")

    def __init__(self, columns: dict[str, list[Any]], part: int, at: int) -> None:
        self._columns, self.part, self.at = columns, part, at

    def __getitem__(self, name: str) -> Any:
        return self._columns[name][self.at]

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a column that the cells may lack."""
        return self._columns[name][self.at] if name in self._columns else default


class Rows:
    """Rows by indicator, dimension, area and period."""

    def __init__(self) -> None:
        self._settings: dict[tuple[str, str, str], dict[str, list[Row]]] = {}
        self._parts: list[pd.DataFrame] = []

    def enter(self, cells: pd.DataFrame) -> None:
        """Add cells; all rows of a setting come together."""
        part = cells.reset_index(drop=True)
        which = len(self._parts)
        self._parts.append(part)
        columns = {
            name: part[name].to_numpy(dtype=float, na_value=np.nan).tolist() if name in NUMBERS else part[name].tolist()
            for name in part
        }
        keys = (columns[name] for name in ("indicator", "dimension", "area", "period"))
        for at, (*setting, period) in enumerate(zip(*keys, strict=True)):
            here = self._settings.setdefault((setting[0], setting[1], setting[2]), {})
            here.setdefault(period, []).append(Row(columns, which, at))

    def periods(self, indicator: str, dimension: str, area: str) -> dict[str, list[Row]]:
        """The rows of each period; none where there are none."""
        return self._settings.get((indicator, dimension, area), {})

    def frame(self, rows: list[Row]) -> pd.DataFrame:
        """The cells themselves, as they were entered, in the order of ``rows`` of one setting."""
        if not rows:
            return self._parts[-1][:0]
        return self._parts[rows[0].part].iloc[[row.at for row in rows]].reset_index(drop=True)


def column(rows: Iterable[Row], name: str) -> np.ndarray:
    """One column of some rows as numbers."""
    return np.array([row.get(name, np.nan) for row in rows], dtype=float)


def with_number(rows: Iterable[Row]) -> list[Row]:
    """Rows that have an estimate."""
    return [row for row in rows if row["estimate"] == row["estimate"]]


def ordered(rows: list[Row]) -> bool:
    """Whether every group has its place in an order."""
    return all(row.get("order", np.nan) == row.get("order", np.nan) for row in rows)
