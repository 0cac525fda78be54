"""What readers are told, number by number: the count behind each cell, how exactly, and what makes it unsafe."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pandas as pd

from hyteanalysis.cells import KEYS
from hyteanalysis.disclosure import primary
from hyteanalysis.disclosure.policy import Policy

_FINEST = 10  # decimals beyond which a number is taken as unrounded


class Published(Protocol):
    """What an earlier release offers."""

    @property
    def cells(self) -> pd.DataFrame: ...
    @property
    def indicators(self) -> pd.DataFrame: ...


def ledger(
    cells: pd.DataFrame, indicators: pd.DataFrame, *, policy: Policy, previous: Sequence[Published] = ()
) -> pd.DataFrame:
    """One row a cell of this release, then one a cell that only an earlier one has.

    Columns beside the keys: ``low, high`` (the count as the publication tells it: exactly, or as a rate at its printed
    precision implies; empty where neither), ``people`` (out of whom), ``population`` (as printed), ``hidden``,
    ``people_hidden``, ``public`` and ``people_public`` (readers have it already), ``k``, ``small, complement, few``
    (why it is unsafe), ``cell`` (position in ``cells``, −1 for earlier ones), ``revised`` (an earlier release said
    something else).
    """
    rows = _told(cells, indicators, policy)
    rows["cell"] = np.arange(len(rows))
    rows["hidden"] = rows[["small", "complement", "few"]].any(axis=1) | (cells["status"] == "suppressed").to_numpy()
    small_people = (rows["people"] < rows["k"]) & (rows["people"] > 0) & rows[["small", "complement"]].any(axis=1)
    rows["people_hidden"] = small_people & ~np.bool_(policy.public_populations)
    rows["public"] = False
    rows["people_public"] = policy.public_populations & rows["people"].notna()
    rows["revised"] = False
    for earlier in previous:
        rows = _with_earlier(rows, earlier, policy)
    return rows


def _told(cells: pd.DataFrame, indicators: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    kinds = indicators.set_index("indicator")["kind"]
    count = primary.counts(cells, kinds)
    primary.check_counted(cells, count, policy)
    people = primary.denominator(cells)
    low, high = _implied(cells, indicators, people)
    low, high = count.where(count.notna(), low), count.where(count.notna(), high)
    rules = primary.unsafe(cells, low, high, people, policy)
    rules = rules.assign(low=low, high=high, people=people, population=primary.column(cells, "population"))
    return pd.concat([cells[KEYS], rules], axis=1).reset_index(drop=True)


def _implied(
    cells: pd.DataFrame, indicators: pd.DataFrame, people: "pd.Series[float]"
) -> tuple["pd.Series[float]", "pd.Series[float]"]:
    """The whole counts that a rate without a count can stand for, given its decimals and the people behind it."""
    about = indicators.set_index("indicator")
    crude = cells["indicator"].map(about["kind"]).isin(["proportion", "rate"]) & cells["estimate"].notna()
    scale = cells["indicator"].map(about["scale"]).astype("float64")
    rate = cells["estimate"].to_numpy()
    half = np.full(len(cells), 0.5 * 10.0**-_FINEST)
    for decimals in reversed(range(_FINEST)):
        half[np.isclose(rate, np.round(rate, decimals), rtol=1e-12, atol=1e-12)] = 0.5 * 10.0**-decimals
    low = np.ceil((rate - half) / scale * people - 1e-6).clip(lower=0)
    high = np.floor((rate + half) / scale * people + 1e-6)
    fits = crude & people.notna() & (low <= high)
    return low.where(fits), high.where(fits)


def _with_earlier(rows: pd.DataFrame, earlier: Published, policy: Policy) -> pd.DataFrame:
    """Numbers of an earlier release: the same number is public; another one was revised; a new one joins the rows."""
    cells = earlier.cells
    told = _told(cells, earlier.indicators, policy.lenient())
    told["earlier_hidden"] = (cells["status"] == "suppressed").to_numpy()
    column = "respondents" if "respondents" in cells else "population"
    if column not in cells:
        told["people"] = np.nan
    both = rows.merge(
        told[[*KEYS, "low", "high", "people", "population", "earlier_hidden"]],
        on=KEYS,
        how="outer",
        suffixes=("", "_earlier"),
        indicator=True,
        validate="one_to_one",
    )
    old = both["_merge"] != "left_only"
    new = both["_merge"] == "right_only"
    same = (both["low"] == both["low_earlier"]) & (both["high"] == both["high_earlier"])
    both["public"] = both["public"].eq(True) | (same & old) | (new & both["low_earlier"].notna())
    both["revised"] = both["revised"].eq(True) | (old & ~new & ~same & both[["low", "low_earlier"]].notna().all(axis=1))
    both["people_public"] = (
        both["people_public"].eq(True)
        | (old & (both["people"] == both["people_earlier"]))
        | (new & both["people_earlier"].notna())
    )
    kept = old & ~new & both["low"].isna() & both["low_earlier"].notna()  # hidden now, but told before
    both["public"] |= kept
    for name in ("low", "high"):
        both[name] = both[name].where(~kept, both[f"{name}_earlier"])
    for name in ("low", "high", "people", "population"):
        both[name] = both[name].where(~new, both[f"{name}_earlier"])
    both["hidden"] = both["hidden"].where(~new, both["low"].isna()).astype(bool) & ~kept
    for name in ("people_hidden", "small", "complement", "few"):
        both[name] = both[name].eq(True)
    both["k"] = both["k"].fillna(both["dimension"].map(policy.k)).astype("float64")
    both["cell"] = both["cell"].fillna(-1).astype("int64")
    return both[rows.columns].sort_values(
        "cell", key=lambda cell: cell.mask(cell < 0, len(both)), kind="stable", ignore_index=True
    )
