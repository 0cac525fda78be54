"""Metadata of indicators and groups: validated, and the common groups that come with the library."""

from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

from hyteanalysis.cells.faults import column_fault, column_faults, listed, together
from hyteanalysis.cells.vocabulary import KINDS, SCALES, TITLES, boolean, numbers, pandas_of, texts
from hyteanalysis.characters import cleaned_frame
from hyteanalysis.errors import TidyError


def check_indicators(indicators: Any) -> pd.DataFrame:
    """Validate indicator metadata: one row an indicator, with a title, unit, kind, scale and direction.

    Further columns (a theme, a break year) are kept. Raises TidyError that lists every fault.
    """
    frame, dirty = cleaned_frame(pandas_of(indicators, "Indicator metadata").copy())
    if dirty:
        said = f"Control characters were taken out of {', '.join(dirty)}."
        notes = (
            frame["notes"].astype("str") + " " if "notes" in frame else pd.Series("", index=frame.index, dtype="str")
        )
        frame["notes"] = notes.fillna("") + said
    faults = [column_faults(frame, needed=["indicator", "unit", "kind", "scale", "favourable"], allowed=None)]
    titles = [column for column in TITLES if column in frame]
    if not titles:
        faults.append(column_fault(TITLES[0], "No title column.", f"Give {', '.join(TITLES[:-1])} or {TITLES[-1]}."))
    else:
        untitled = frame[titles].isna().all(axis=1)
        faults.append(listed(frame, untitled, titles[0], "No title.", "Give one in at least one language."))
    if "indicator" in frame:
        frame["indicator"] = texts(frame["indicator"])
        faults.append(listed(frame, frame["indicator"].duplicated(), "indicator", "stands twice.", "Keep one row."))
    for column, allowed in (("kind", KINDS), ("scale", SCALES), ("purpose", ("outcome", "process"))):
        if column in frame:
            if column == "scale":
                scale, odd = numbers(frame[column], column)
                faults.append(
                    listed(frame, odd, column, "is not a number.", f"Allowed: {', '.join(map(str, allowed))}.")
                )
                frame[column] = scale.astype("float64")
            bad = ~frame[column].isin(allowed) & (frame[column].notna() | (column != "purpose"))
            remedy = f"Allowed: {', '.join(map(str, allowed))}."
            faults.append(listed(frame, bad, column, "is not allowed.", remedy))
    if "favourable" in frame:
        truth = boolean(frame["favourable"])
        faults.append(listed(frame, truth.isna(), "favourable", "is neither true nor false.", "Is a high value good?"))
        frame["favourable"] = truth
    for column in frame.columns.intersection(["lower_bound", "upper_bound"]):
        bound, odd = numbers(frame[column], column)
        faults.append(listed(frame, odd, column, "is not a number.", "Write a number, or leave it empty: no bound."))
        frame[column] = bound.astype("float64")
    if {"lower_bound", "upper_bound"} <= set(frame):
        upside = frame["lower_bound"] >= frame["upper_bound"]
        faults.append(listed(frame, upside, "upper_bound", "is not above lower_bound.", "Check both."))
    _raise(faults)
    return frame.assign(favourable=frame["favourable"].astype(bool))


def check_groups(groups: Any) -> pd.DataFrame:
    """Validate group metadata: one row a group of a dimension, with labels. Raises TidyError that lists every fault."""
    frame, _ = cleaned_frame(pandas_of(groups, "Group metadata").copy())
    faults = [column_faults(frame, needed=["dimension", "group"], allowed=None)]
    for column in frame.columns.intersection(["dimension", "group"]):
        frame[column] = texts(frame[column])
        faults.append(listed(frame, frame[column].isna(), column, "is empty.", "Name it."))
    if {"dimension", "group"} <= set(frame):
        twice = frame.duplicated(["dimension", "group"])
        faults.append(listed(frame, twice, "group", "stands twice in its dimension.", "Keep one row."))
    if "order" in frame:
        order, bad = numbers(frame["order"], "order")
        bad = bad | (order % 1 > 0)
        faults.append(listed(frame, bad, "order", "is not a whole number.", "1 = most disadvantaged."))
        frame["order"] = order.where(~bad).astype("Int64")
    if {"dimension", "group", "consists_of"} <= set(frame):
        faults.append(_parts_unknown(frame))
    _raise(faults)
    return frame


def _parts_unknown(frame: pd.DataFrame) -> pd.DataFrame:
    """Groups said to consist of others that are not there: ``low + mid``, or of another dimension ``sex: women``."""
    there = set(zip(frame["dimension"], frame["group"], strict=True))
    bad = pd.Series(False, index=frame.index)
    for row, dimension, said in zip(frame.index, frame["dimension"], frame["consists_of"], strict=True):
        for part in str(said).split("+") if isinstance(said, str) else ():
            other, _, group = part.rpartition(":")
            bad[row] |= ((other.strip() or dimension), group.strip()) not in there
    return listed(frame, bad, "consists_of", "names a group that is not there.", "Write groups such as low + mid.")


def _raise(faults: list[pd.DataFrame]) -> None:
    found = together(faults)
    if not found.empty:
        raise TidyError(found)


@cache
def _reference_groups() -> pd.DataFrame:
    with files("hyteanalysis.reference").joinpath("groups.csv").open(encoding="utf-8") as table:
        return check_groups(pd.read_csv(table, dtype={"order": "Int64"}, keep_default_na=False, na_values=[""]))


def reference_groups() -> pd.DataFrame:
    """The common groups, and the dimensions' own names (rows of dimension ``dimension``, ``group`` their id).

    Columns ``dimension, group, order, label_fi, label_sv, label_en, definition``.
    """
    return _reference_groups().copy()
