"""The cells of some areas as plain rows, looked up by setting: a page asks for many settings of few rows each."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

Row = dict[str, Any]  # one cell: its columns as plain values, NaN where a number is missing
NUMBERS = ("order", "estimate", "se", "lower", "upper", "population", "events", "respondents")


class Book:
    """Rows by indicator, dimension, area and period."""

    def __init__(self) -> None:
        self._settings: dict[tuple[str, str, str], dict[str, list[Row]]] = {}
        self._parts: list[pd.DataFrame] = []

    def enter(self, cells: pd.DataFrame) -> None:
        """Add cells; all rows of a setting come together."""
        part = cells.reset_index(drop=True)
        self._parts.append(part)
        columns = {
            name: part[name].to_numpy(dtype=float, na_value=np.nan).tolist() if name in NUMBERS else part[name].tolist()
            for name in part
        }
        which = len(self._parts) - 1
        for at, values in enumerate(zip(*columns.values(), strict=True)):
            row = dict(zip(columns, values, strict=True))
            row["_at"] = (which, at)
            setting = (row["indicator"], row["dimension"], row["area"])
            self._settings.setdefault(setting, {}).setdefault(row["period"], []).append(row)

    def periods(self, indicator: str, dimension: str, area: str) -> dict[str, list[Row]]:
        """The rows of each period; none where there are none."""
        return self._settings.get((indicator, dimension, area), {})

    def frame(self, rows: list[Row]) -> pd.DataFrame:
        """The cells themselves, as they were entered, in the order of ``rows`` of one setting."""
        if not rows:
            return self._parts[-1][:0]
        return self._parts[rows[0]["_at"][0]].iloc[[row["_at"][1] for row in rows]].reset_index(drop=True)


def column(rows: Iterable[Row], name: str) -> np.ndarray:
    """One column of some rows as numbers."""
    return np.array([row.get(name, np.nan) for row in rows], dtype=float)


def with_number(rows: Iterable[Row]) -> list[Row]:
    """Rows that have an estimate."""
    return [row for row in rows if row["estimate"] == row["estimate"]]


def ordered(rows: list[Row]) -> bool:
    """Whether every group has its place in an order."""
    return all(row.get("order", np.nan) == row.get("order", np.nan) for row in rows)
