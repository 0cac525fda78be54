"""Faults of a table as rows of a frame: where, what is wrong, and what to do."""

from difflib import get_close_matches

import pandas as pd

FAULT_COLUMNS = ["row", "column", "value", "problem", "remedy"]
NO_FAULTS = pd.DataFrame(columns=FAULT_COLUMNS, dtype=object)


def column_fault(column: str, problem: str, remedy: str) -> pd.DataFrame:
    """A fault of a whole column."""
    return pd.DataFrame([[None, column, None, problem, remedy]], columns=FAULT_COLUMNS, dtype=object)


def listed(frame: pd.DataFrame, bad: "pd.Series[bool]", column: str, problem: str, remedy: str) -> pd.DataFrame:
    """One fault for each row marked in ``bad``."""
    if not bad.any():
        return NO_FAULTS
    values = [None if pd.isna(value) else value for value in frame.loc[bad, column]]
    faults = pd.DataFrame({"row": frame.index[bad], "column": column, "value": pd.Series(values, dtype=object)})
    return faults.assign(problem=problem, remedy=remedy).astype(object)


def together(faults: list[pd.DataFrame]) -> pd.DataFrame:
    """Faults in one frame; most frames have none, and joining nothing costs as much as joining something."""
    found = [one for one in faults if len(one)]
    return pd.concat(found) if found else NO_FAULTS


def column_faults(frame: pd.DataFrame, *, needed: list[str], allowed: list[str] | None) -> pd.DataFrame:
    """Columns that are lacking, given twice or unknown."""
    names = [str(name) for name in frame.columns]
    faults = []
    for name in needed:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"Is it {near[0]!r}? Rename it." if near else f"The table has: {', '.join(names) or 'no columns'}."
            faults.append(column_fault(name, "This column is needed and lacking.", hint))
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.append(column_fault(name, "This column stands twice.", "Keep one of them."))
    for name in names if allowed is not None else ():
        if name not in (allowed or ()):
            near = get_close_matches(name, allowed or (), n=1)
            hint = f"Is it {near[0]!r}?" if near else "Leave it out, or rename it."
            faults.append(column_fault(name, "Unknown column.", f"{hint} Allowed: {', '.join(allowed or ())}."))
    return together(faults)
