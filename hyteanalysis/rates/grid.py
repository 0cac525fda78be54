"""Long rows laid out as settings × bands, and the one rule for what is wrong with them.

The rule: what is wrong with the whole call (a column that lacks, a standard population with other bands) raises one
``TidyError``. What is wrong with one setting (a missing or repeated band, an empty population, a count that is not
whole) leaves that setting without a number, with ``status`` ``missing`` and the reason in ``note``, and the others go
on; where a number still has a meaning it stays, as ``uncertain``. Where no setting is left, there is nothing to go on
with: one ``TidyError`` then lists every fault.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis.errors import TidyError
from hyteanalysis.rates.bands import fault

Array = NDArray[np.float64]
Truth = NDArray[np.bool_]
NAMED = 3  # faults of one setting written out in its note before "and n more"


def names(by: str | Sequence[str]) -> list[str]:
    """``by`` as a list."""
    return [by] if isinstance(by, str) else list(by)


def need(data: pd.DataFrame, columns: Sequence[str]) -> None:
    """Refuse a frame that lacks a column."""
    for column in columns:
        if column not in data:
            have = ", ".join(map(str, data.columns)) or "no columns"
            raise fault(column, None, f"This column is lacking; the table has {have}.", "Name the right one.")
    if data.empty:
        raise TidyError("The table has no rows.")


def number(data: pd.DataFrame, column: str) -> Array:
    """A column as floats; text that is no number is refused."""
    values = pd.to_numeric(data[column], errors="coerce")
    bad = values.isna() & data[column].notna()
    if bad.any():
        raise fault(column, data.loc[bad, column].iloc[0], "is not a number.", "Write numbers, or leave it empty.")
    found: Array = values.to_numpy(dtype=float, na_value=np.nan)
    return found


def settings(data: pd.DataFrame, by: list[str]) -> tuple[NDArray[np.intp], pd.DataFrame]:
    """Number of each row's setting in order of appearance, and the settings themselves."""
    if not by:
        return np.zeros(len(data), dtype=np.intp), pd.DataFrame(index=pd.RangeIndex(1))
    for column in by:
        if data[column].isna().any():
            raise fault(column, None, "is empty on some rows.", "Every row must say which area or group it is of.")
    codes = data.groupby(by, sort=False, observed=True).ngroup().to_numpy()
    first = np.unique(codes, return_index=True)[1]
    return codes.astype(np.intp), data[by].iloc[first].reset_index(drop=True)


def where(data: pd.DataFrame, by: list[str]) -> str:
    """Whom a fault of all rows concerns: the one setting by its name, or all of them."""
    one = data[by].iloc[0]
    if all((data[name] == one[name]).all() for name in by):
        return ", ".join(f"{name} {one[name]}" for name in by) or "All rows"
    return f"Every {' × '.join(by)}"


def total(code: NDArray[np.intp], values: Array | Truth, count: int) -> Array:
    """Sum of values by setting."""
    return np.bincount(code, values, minlength=count).astype(float)


def members(code: NDArray[np.intp], count: int) -> list[NDArray[np.intp]]:
    """Rows of each setting."""
    order = np.argsort(code, kind="stable")
    return np.split(order, np.searchsorted(code[order], np.arange(1, count)))


def uneven(x: Array) -> Truth:
    """Counts that are not whole."""
    return np.abs(x - np.rint(x)) > 1e-9


@dataclass
class Grid:
    """Settings × bands: ``keys`` names the rows, ``bands`` the columns, ``values`` holds a matrix a column of data."""

    keys: pd.DataFrame
    band: str | None
    bands: list[Any]
    values: dict[str, Array]
    found: list[tuple[Truth, str, str, str, Array | None]] = field(default_factory=list)

    def flag(self, wrong: Truth, column: str, problem: str, remedy: str, shown: Array | None = None) -> None:
        """Note a fault for every setting and band marked in ``wrong``."""
        if wrong.any():
            self.found.append((wrong.reshape(len(self.keys), -1), column, problem, remedy, shown))

    def counts(self, *columns: str, whole: bool = True) -> None:
        """Flag counts that are missing, negative or not whole."""
        for column in columns:
            x = self.values[column]
            present = ~np.isnan(x)
            self.flag(self._rows & ~present, column, f"{column} is missing", "Give the count; write 0 where it is 0.")
            self.flag(present & (x < 0), column, f"{column} is negative", "Counts are 0 or more.", x)
            if whole:
                self.flag(uneven(x), column, f"{column} is not a whole number", "Give counts, not rates or shares.", x)

    def people(self, column: str, *, unless: Truth | bool = False) -> None:
        """Flag populations that are missing or not above 0 (``unless`` marks where 0 does no harm)."""
        n = self.values[column]
        self.flag(self._rows & np.isnan(n), column, f"{column} is missing", "Give the number of people.")
        self.flag((n == 0) & ~np.asarray(unless), column, f"{column} is 0", "Join the band with its neighbour.", n)
        self.flag(n < 0, column, f"{column} is negative", "Check the sign.", n)

    @property
    def _rows(self) -> Truth:
        """Where the data have a row at all (a missing band is one fault, not three)."""
        return self.values["_rows"] > 0

    @property
    def bad(self) -> Truth:
        """Settings with any fault."""
        bad = np.zeros(len(self.keys), dtype=bool)
        for wrong, *_ in self.found:
            bad |= wrong.any(axis=1)
        return bad

    def faults(self) -> pd.DataFrame:
        """One row a fault, naming setting and band."""
        rows = []
        for wrong, column, problem, remedy, shown in self.found:
            for setting, position in zip(*np.nonzero(wrong), strict=True):
                value = None if shown is None else float(shown.reshape(len(self.keys), -1)[setting, position])
                place = [f"{name} {value}" for name, value in self.keys.iloc[setting].items()]
                if self.band is not None and wrong.shape[1] == len(self.bands):
                    place.append(f"{self.band} {self.bands[position]}")
                rows.append({"setting": setting, "column": column, "value": value, "remedy": remedy,
                             "problem": f"{', '.join(place)}: {problem}." if place else f"{problem}."})  # fmt: skip
        table = pd.DataFrame(rows, columns=["setting", "column", "value", "problem", "remedy"])
        return table.sort_values("setting", kind="stable").assign(row=None)

    def doubt(self, result: pd.DataFrame, wrong: Truth, problem: str) -> pd.DataFrame:
        """Keep the numbers of settings marked in ``wrong``, but as ``uncertain`` and with the reason in ``note``."""
        wrong = wrong.reshape(len(self.keys), -1)
        doubtful = wrong.any(axis=1)
        if not doubtful.any():
            return result
        result = result.copy()
        result.loc[doubtful, "status"] = "uncertain"
        for setting in np.flatnonzero(doubtful):
            where = [str(self.bands[position]) for position in np.flatnonzero(wrong[setting])] if self.band else []
            result.loc[setting, "note"] = f"{self.band} {', '.join(where)}: {problem}." if where else f"{problem}."
        return result

    def settle(self, result: pd.DataFrame, numbers: Sequence[str]) -> pd.DataFrame:
        """Empty the numbers of faulty settings and say why; raise where no setting is left."""
        bad = self.bad
        if not bad.any():
            return result
        table = self.faults()
        if bad.all():
            raise TidyError(table[["row", "column", "value", "problem", "remedy"]])
        result = result.copy()
        result.loc[bad, list(numbers)] = np.nan
        result.loc[bad, "status"] = "missing"
        for setting, rows in table.groupby("setting"):
            listed = list(rows["problem"].iloc[:NAMED])
            more = len(rows) - len(listed)
            result.loc[setting, "note"] = " ".join(listed) + (f" And {more} more." if more else "")
        return result


def lay_out(
    data: pd.DataFrame, by: list[str], columns: Sequence[str], *, band: str | None = None, bands: Sequence[Any] = ()
) -> Grid:
    """Lay rows out as settings × bands, flagging bands that are missing or stand twice.

    Without ``band`` each setting is one number, the sum of its rows (a missing value makes the sum missing).
    """
    need(data, [*by, *columns, *([band] if band else [])])
    code, keys = settings(data, by)
    if band is None:
        sums = {name: total(code, number(data, name), len(keys))[:, None] for name in columns}
        return Grid(keys, None, [], sums | {"_rows": np.ones((len(keys), 1))})
    position = pd.Index(bands).get_indexer(pd.Index(data[band]))
    if (position < 0).any():
        lost = data[band].iloc[int(np.flatnonzero(position < 0)[0])]
        raise fault(band, None if pd.isna(lost) else lost, f"is not among the bands {list(bands)}.", "Correct it.")
    flat = code * len(bands) + position
    shape = (len(keys), len(bands))
    rows = np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape).astype(float)
    values: dict[str, Array] = {"_rows": rows}
    for name in columns:
        values[name] = np.full(shape, np.nan)
        values[name].reshape(-1)[flat] = number(data, name)
    grid = Grid(keys, band, list(bands), values)
    grid.flag(rows == 0, band, "this band is missing", "Add its row, with a count of 0 if nothing happened.")
    grid.flag(rows > 1, band, "this band stands more than once", "Keep one row, or add them up.", rows)
    return grid


def by_row(data: pd.DataFrame, columns: Sequence[str]) -> Grid:
    """Every row its own setting, named by its area where it has one: for functions that add columns to the data."""
    need(data, columns)
    label = data[["area"]] if "area" in data else pd.DataFrame({"row": data.index})
    values = {name: number(data, name)[:, None] for name in columns}
    return Grid(label.reset_index(drop=True), None, [], values | {"_rows": np.ones((len(data), 1))})


def beside(data: pd.DataFrame, cells: Grid, added: dict[str, Any]) -> pd.DataFrame:
    """The data with columns added, and ``status`` and ``note`` of what is wrong with a row (index kept)."""
    result = data.reset_index(drop=True).assign(**added)
    for name, fill in (("status", "ok"), ("note", "")):
        result[name] = result[name].astype("str").fillna(fill) if name in data else fill
    empty = [name for name, values in added.items() if np.asarray(values).dtype.kind == "f"]
    return cells.settle(result, empty).set_axis(data.index)
