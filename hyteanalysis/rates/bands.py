"""Age bands as people write them (``0``, ``1-4``, ``85+``, or first years), and standard populations cut to them."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from hyteanalysis.classification import band
from hyteanalysis.errors import TidyError, one_of


@dataclass(frozen=True)
class Bands:
    """Age bands in natural order; ``last`` of the open band is infinite."""

    labels: list[Any]
    first: np.ndarray[Any, np.dtype[np.float64]]
    last: np.ndarray[Any, np.dtype[np.float64]]


def fault(column: str, value: Any, problem: str, remedy: str) -> TidyError:
    """A fault of the whole call."""
    return TidyError(
        pd.DataFrame([{"row": None, "column": column, "value": value, "problem": problem, "remedy": remedy}])
    )


def read_bands(labels: "pd.Series[Any] | pd.Index[Any]", column: str) -> Bands:
    """Order the distinct labels of a column by age.

    Bare numbers throughout are first years: a band lasts until the next one begins and the last one is open.
    """
    distinct = list(pd.Index(labels).drop_duplicates().dropna())
    text = [str(int(label)) if isinstance(label, (float, np.floating)) else str(label) for label in distinct]
    found = [band(label) for label in text]
    for label, match in zip(distinct, found, strict=True):
        if match is None or (isinstance(label, (float, np.floating)) and label % 1):
            raise fault(
                column, label, "is not an age band.", "Write it as 0, 1-4, 85+, or give each band's first year."
            )
    first = np.array([match.first for match in found if match])
    if all(label.strip().isdigit() for label in text):
        order = np.argsort(first)
        first = first[order]
        last = np.append(first[1:] - 1, np.inf)
    else:
        last = np.array([match.last for match in found if match], dtype=float)
        order = np.argsort(first, kind="stable")
        first, last = first[order], last[order]
    ordered = [distinct[position] for position in order]
    for position in np.flatnonzero(last < first):
        raise fault(column, ordered[position], "ends before it begins.", "Write the lower age first.")
    for position in np.flatnonzero(first[1:] <= last[:-1]):
        raise fault(column, ordered[position + 1], f"overlaps {ordered[position]}.", "Each age belongs to one band.")
    return Bands(ordered, first, last)


def check_gaps(bands: Bands, column: str, where: str) -> None:
    """Refuse ages that no row has: between bands, or first years that jump (5, 10, 20, 25: where is 15?)."""
    for position in np.flatnonzero(bands.first[1:] > bands.last[:-1] + 1):
        low, high = int(bands.last[position]) + 1, int(bands.first[position + 1]) - 1
        raise fault(column, f"{low}-{high}", f"{where}: this age band is missing.", "Add its rows.")
    width = np.diff(bands.first)
    kinds, times = np.unique(width, return_counts=True)
    usual = kinds[times.argmax()] if len(width) and times.max() * 2 >= len(width) else np.inf
    jump = (width[1:-1] > usual) & (width[2:] == usual) & (width[:-2] <= usual)
    for position in np.flatnonzero(jump) + 1:
        start, after = bands.first[position], bands.first[position + 1]
        if bands.labels[position] == start or str(bands.labels[position]).strip().isdigit():
            raise fault(
                column,
                f"{after - usual:g}",
                f"{where}: this age band seems missing, since the one from {start:g} would reach to {after - 1:g}.",
                f"Add it, or write the bands as text, such as {start:g}-{after - 1:g}, if the table really is so.",
            )


@cache
def _standards() -> pd.DataFrame:
    with files("hyteanalysis.reference").joinpath("standard_populations.csv").open(encoding="utf-8") as table:
        return pd.read_csv(table, dtype={"band": "str"})


def standards() -> list[str]:
    """Keys of the standard populations at hand: ``esp2013`` and ``who``."""
    return list(_standards()["standard"].unique())


def standard_population(standard: str) -> pd.DataFrame:
    """A standard population by its key, as a frame ``age, weight``.

    ``esp2013``: European Standard Population (Eurostat 2013; Statistics Finland calls it ESP2012), 21 bands to 95+.
    ``who``: the WHO world standard of 2000–2025 (Ahmad et al. 2001), 21 bands to 100+.

    >>> standard_population("esp2013").tail(2)
          age  weight
    19  90-94   800.0
    20    95+   200.0
    """
    one_of(standard, standards(), "standard", TidyError)
    table = _standards()
    return (
        table[table["standard"] == standard][["band", "weight"]]
        .set_axis(["age", "weight"], axis=1)
        .reset_index(drop=True)
    )


def weights(
    standard: str | pd.DataFrame, labels: "pd.Series[Any]", column: str, ages: tuple[int, int | None] | None, where: str
) -> tuple[list[Any], np.ndarray[Any, np.dtype[np.float64]]]:
    """The data's bands in order, and the standard population's weight of each, joined by band and never by position."""
    if isinstance(standard, pd.DataFrame):
        if ages is not None:
            raise fault(
                "ages", str(ages), "ages= belongs to a named standard.", "Leave it out, and cut your own frame."
            )
        return _own(standard, labels, column)
    bands = read_bands(labels, column)
    check_gaps(bands, column, where)
    table = standard_population(standard)
    wanted = read_bands(table["age"], "age")
    low, high = (0.0, np.inf) if ages is None else (float(ages[0]), np.inf if ages[1] is None else float(ages[1]))
    for edge, name, have in ((low, "first", bands.first[0]), (high, "last", bands.last[-1])):
        if have != edge:
            mine, its = (f"{age:g}" if np.isfinite(age) else "open" for age in (have, edge))
            raise fault(
                column,
                bands.labels[0 if name == "first" else -1],
                f"{where}: the {name} age is {mine}, where the standard {standard!r} has {its}: bands are missing.",
                "Add them, or say with ages=(first, last) which ages the rate is of (last None = open).",
            )
    home = np.searchsorted(bands.first, wanted.first, side="right") - 1
    inside = (wanted.last >= low) & (wanted.first <= high)
    split = inside & ((home < 0) | (wanted.last > bands.last[np.maximum(home, 0)]))
    if split.any():
        position = int(np.flatnonzero(split)[0])
        raise fault(
            column,
            bands.labels[max(int(home[position]), 0)],
            f"does not hold whole bands of the standard {standard!r} (it cuts {wanted.labels[position]}).",
            "Use bands whose edges are the standard's, or your own standard as a frame.",
        )
    heavy = table["weight"].to_numpy(dtype=float)[inside]
    found = np.bincount(home[inside], heavy, minlength=len(bands.labels)).astype(float)
    return bands.labels, found


def _own(
    standard: pd.DataFrame, labels: "pd.Series[Any]", column: str
) -> tuple[list[Any], np.ndarray[Any, np.dtype[np.float64]]]:
    for name in (column, "weight"):
        if name not in standard:
            raise fault(name, None, "The standard population lacks this column.", f"It needs {column!r} and 'weight'.")
    twice = standard[column].duplicated()
    if twice.any():
        raise fault(column, standard.loc[twice, column].iloc[0], "stands twice in the standard.", "Keep one row.")
    value = pd.to_numeric(standard["weight"], errors="coerce")
    if not (value >= 0).all() or value.sum() == 0:
        wrong = standard.loc[~(value >= 0), column]
        raise fault("weight", None if wrong.empty else wrong.iloc[0], "A weight is missing or negative.", "Correct it.")
    other = [label for label in labels.dropna().unique() if label not in set(standard[column])]
    if other:
        raise fault(
            column,
            other[0],
            f"The standard population has no such band; it has {', '.join(map(str, standard[column]))}.",
            "Use the same bands, of the same type, in both.",
        )
    return list(standard[column]), value.to_numpy(dtype=float)
