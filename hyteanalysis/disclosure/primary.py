"""Which cells are unsafe by themselves: small counts, small complements, few respondents."""

import numpy as np
import pandas as pd

from hyteanalysis.cells import KEYS
from hyteanalysis.disclosure.policy import Policy
from hyteanalysis.errors import SHOWN, DisclosureError

EMPTIED = ["estimate", "se", "lower", "upper", "events"]
OPEN = "If the numbers are public already, say so with Policy.from_profile('open')."


def counts(cells: pd.DataFrame, kinds: "pd.Series[str]") -> "pd.Series[float]":
    """Each cell's count to protect: ``events``, or the estimate itself where the indicator is a count.

    Raises DisclosureError for fractional counts.
    """
    found = column(cells, "events")
    kind = cells["indicator"].map(kinds)
    found = found.where(found.notna() | (kind != "count"), cells["estimate"])
    fractional = (found % 1 != 0) & found.notna()
    if fractional.any():
        raise DisclosureError(
            f"{fractional.sum()} cells have a fractional count, such as {found[fractional].iloc[0]:g} in "
            f"{named(cells[fractional])}. `events` is the number of people counted: give whole, unweighted counts "
            f"(weighted ones belong to `estimate` and `population`). {OPEN}"
        )
    return found


def check_counted(cells: pd.DataFrame, count: "pd.Series[float]", policy: Policy) -> None:
    """Refuse numbers that say neither how many events nor how many respondents they rest on."""
    bare = cells["estimate"].notna() & count.isna() & column(cells, "respondents").isna()
    if policy.counts_needed and bare.any():
        raise DisclosureError(
            f"{bare.sum()} cells have neither `events` nor `respondents`, such as {named(cells[bare])}: nobody can "
            f"tell how many people are behind them. Add either column. {OPEN}"
        )


def unsafe(
    cells: pd.DataFrame, low: "pd.Series[float]", high: "pd.Series[float]", people: "pd.Series[float]", policy: Policy
) -> pd.DataFrame:
    """One row a cell: ``k``, and whether its count is ``small``, its ``complement`` is, or its respondents are ``few``.

    ``low, high`` are the counts a reader can tell: the same for an exact count. Unsafe is what is small for certain.
    """
    k = cells["dimension"].map({name: policy.k(name) for name in cells["dimension"].unique()}).astype("float64")
    least = 0 if policy.zeros == "hidden" else 1
    others = policy.protect_complement
    return pd.DataFrame(
        {
            "k": k,
            "small": (low >= least) & (high < k),
            "complement": (people - high >= least) & (people - low < k) & others,
            "few": column(cells, "respondents") < policy.minimum_respondents,
        },
        index=cells.index,
    )


def denominator(cells: pd.DataFrame) -> "pd.Series[float]":
    """The people out of whom events are counted: respondents in a survey, else the population."""
    asked = column(cells, "respondents")
    return asked.where(asked.notna(), column(cells, "population"))


def column(cells: pd.DataFrame, name: str) -> "pd.Series[float]":
    """A number column, empty where the frame lacks it."""
    return cells[name] if name in cells else pd.Series(np.nan, index=cells.index, dtype="float64")


def named(cells: pd.DataFrame, shown: int = 1) -> str:
    """The first few cells by their keys, for messages."""
    rows = [" / ".join(map(str, row)) for row in cells[KEYS].head(shown).itertuples(index=False)]
    more = f" and {len(cells) - shown} more" if len(cells) > shown > 1 else ""
    return "; ".join(rows) + more


def listed(cells: pd.DataFrame) -> str:
    """As many cells as an error shows."""
    return named(cells, SHOWN)
