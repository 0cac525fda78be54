"""The vocabulary of tidy cells: names of columns, kinds, scales and states, and of crossed dimensions."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from hyteanalysis import numerals
from hyteanalysis.errors import TidyError
from hyteanalysis.i18n import LANGS

KEYS = ["indicator", "area", "period", "dimension", "group"]
NUMBERS = ["estimate", "se", "lower", "upper", "df", "population", "events", "respondents"]
CELL_COLUMNS = [*KEYS, "order", *NUMBERS, "reference", "status"]
RIDE_ALONG = ["kind", "unit", "scale", "favourable", "method", "note"]  # allowed beside the cells, never needed

TITLES = [f"title_{lang}" for lang in LANGS]
INDICATOR_COLUMNS = [
    *("indicator", *TITLES, "unit", "kind", "scale", "favourable", "lower_bound"),
    *("upper_bound", "purpose", "source", "licence", "updated", "notes"),
]
NUMBER_STATUSES = ("ok", "uncertain")  # rows of these states hold an estimate
EMPTY_STATUSES = ("suppressed", "missing")  # rows of these hold none
KINDS = ("proportion", "rate", "mean", "index", "count")
SCALES = (1, 100, 1000, 10000, 100000)
GROUP_COLUMNS = ["dimension", "group", "order", *(f"label_{lang}" for lang in LANGS), "definition"]

PLACES = ("urbanity", "language_class", "deprivation")  # dimensions whose groups are kinds of municipality, not people
CROSS = " × "
TOTAL = "total"


def cross(names: Iterable[str]) -> str:
    """Name of a crossed dimension: its parts in alphabetical order, joined with `` × ``.

    >>> cross(["sex", "education"])
    'education × sex'
    """
    return CROSS.join(sorted(names))


def crossed(named: Mapping[str, str]) -> tuple[str, str]:
    """Dimension and group of people who are named by their group in each part; the total without any.

    >>> crossed({"sex": "women", "education": "low"}), crossed({})
    (('education × sex', 'low × women'), ('total', 'total'))
    """
    if not named:
        return TOTAL, TOTAL
    return cross(named), CROSS.join(named[part] for part in sorted(named))


def parts(dimension: str) -> list[str]:
    """Parts of a crossed dimension, or of a crossed group.

    >>> parts("education × sex")
    ['education', 'sex']
    """
    return dimension.split(CROSS)


def pandas_of(frame: Any, taker: str = "tidy()") -> pd.DataFrame:
    """A frame as pandas: its own, or one of polars, Arrow or another library that speaks Arrow's PyCapsule interface.

    >>> import polars
    >>> pandas_of(polars.DataFrame({"group": ["low", "high"]}))["group"].tolist()
    ['low', 'high']
    """
    if isinstance(frame, pd.DataFrame):
        return frame
    if hasattr(frame, "__arrow_c_stream__"):
        return pd.DataFrame.from_arrow(frame)
    remedy = "collect() it first." if hasattr(frame, "collect") else "make one with pandas.DataFrame(…)."
    raise TidyError(f"{taker} takes a pandas, polars or Arrow frame, not {type(frame).__name__}: {remedy}")


def numbers(values: "pd.Series[float]", column: str) -> tuple["pd.Series[float]", "pd.Series[bool]"]:
    """Numbers, and which values are none; truth values are none. Texts are read as :mod:`~hyteanalysis.numerals` does.

    Raises TidyError where a text can be read in two ways.
    """
    if pd.api.types.is_float_dtype(values.dtype) and isinstance(values.dtype, np.dtype):
        return values, pd.Series(False, index=values.index)
    if pd.api.types.is_object_dtype(values.dtype) or pd.api.types.is_string_dtype(values.dtype):
        written = values.map(lambda cell: isinstance(cell, str)).astype(bool)
        truth = values.map(lambda cell: isinstance(cell, (bool, np.bool_))).astype(bool)
        if written.any() or truth.any():
            words = values[written].astype("str")
            read = numerals.converted(words, numerals.read({column: words})[column])
            rest = pd.to_numeric(values[~written].mask(truth[~written]), errors="coerce")
            made = _in_place(read, rest, written)
            return made, made.isna() & values.notna()
    made = pd.to_numeric(values, errors="coerce")
    bad = made.isna() & values.notna()
    return made, bad if values.dtype != bool else ~bad


def _in_place(read: "pd.Series[float]", rest: "pd.Series[float]", written: "pd.Series[bool]") -> "pd.Series[float]":
    made = np.full(len(written), np.nan)
    made[written.to_numpy()], made[~written.to_numpy()] = read.to_numpy(), rest.to_numpy(dtype=float, na_value=np.nan)
    return pd.Series(made, index=written.index)


def texts(values: "pd.Series[str]") -> "pd.Series[str]":
    """Keys as text: a year that a spreadsheet made 2022.0 is 2022 again; empty text is a missing key."""
    if pd.api.types.is_float_dtype(values) and not (values.dropna() % 1).any():
        values = values.astype("Int64")
    if not isinstance(values.dtype, pd.StringDtype):
        values = values.astype("str") if values.notna().all() else values.map(str, na_action="ignore").astype("str")
    values = values.str.strip()
    return values.mask(empty) if (empty := values == "").any() else values


def boolean(values: "pd.Series[bool]") -> "pd.Series[bool]":
    """Truth values from what files hold (true/false, 1/0, yes/no); anything else becomes empty."""
    if values.dtype == bool or values.dtype == "boolean":
        return values.astype("boolean")
    words = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False, "yes": True, "no": False}
    return values.map(lambda value: words.get(str(value).strip().lower()), na_action="ignore").astype("boolean")
