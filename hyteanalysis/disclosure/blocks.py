"""Which indicators must be protected together: those that share a hidden denominator, or add up to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hyteanalysis.disclosure.system import NUMBER


@dataclass(frozen=True)
class Block:
    """Some indicators of one period: ``rows`` of the ledger, and which of them add up to their denominator.

    ``populations`` (``area, dimension, group, people``) are denominators that stand beside other indicators only.
    """

    period: str
    rows: pd.DataFrame
    exhaustive: tuple[tuple[str, ...], ...]
    populations: pd.DataFrame

    @property
    def name(self) -> str:
        """For progress and messages."""
        return f"{', '.join(dict.fromkeys(self.rows['indicator']))} {self.period}"

    @property
    def people_hidden(self) -> bool:
        """Whether denominators are part of what must be protected."""
        return bool(self.rows["people_hidden"].any()) or bool(self.exhaustive)


def blocks(ledger: pd.DataFrame, exhaustive: Sequence[Sequence[str]] = ()) -> Iterator[Block]:
    """The blocks of a ledger, period by period; indicators without any count are in none.

    An outcome and its complement, and a count that equals the denominator of others, are recognised; more than two
    indicators that add up to their denominator are named in ``exhaustive``.
    """
    for period, rows in ledger.groupby("period", sort=True):
        every = rows
        counted = rows.groupby("indicator")["low"].transform("count") > 0
        rows = rows[counted]
        indicators = list(dict.fromkeys(rows["indicator"]))
        wide = rows.pivot(index=NUMBER, columns="indicator", values=["low", "people"])
        low = {one: wide[("low", one)].to_numpy(dtype=float) for one in indicators}
        people = {one: wide[("people", one)].to_numpy(dtype=float) for one in indicators}
        touched = rows[rows["hidden"]].groupby("indicator").size()
        ties = [tuple(group) for group in exhaustive if set(group) <= set(indicators)]
        ties += [
            (one, other)
            for i, one in enumerate(indicators)
            for other in indicators[i + 1 :]
            if (one in touched or other in touched)
            and _equal(people[one], people[other])
            and _equal(low[one] + low[other], people[one])
        ]
        joined = {one: {one} for one in indicators}
        for tie in ties:
            _join(joined, tie)
        hidden = set(rows.loc[rows["people_hidden"], "indicator"])
        for one in hidden:
            for other in indicators:
                if other != one and _equal(people[one], people[other]):
                    _join(joined, (one, other))
                elif other != one and _equal(low[other], people[one]):
                    ties.append((other,))
                    _join(joined, (one, other))
        for members in {id(group): group for group in joined.values()}.values():
            mine = rows[rows["indicator"].isin(members)].reset_index(drop=True)
            told = tuple(dict.fromkeys(tie for tie in ties if set(tie) <= members))
            yield Block(str(period), mine, told, _populations(every, mine))


def _populations(every: pd.DataFrame, mine: pd.DataFrame) -> pd.DataFrame:
    """Populations of other indicators that are those of a block wherever both tell them."""
    empty = mine[[*NUMBER, "people"]].iloc[:0]
    if not mine["people_hidden"].any():
        return empty
    own = mine[[*NUMBER, "people"]].dropna().drop_duplicates(NUMBER)
    others = every[~every["indicator"].isin(mine["indicator"]) & every["population"].notna()]
    both = others.merge(own, on=NUMBER, how="left", suffixes=("", "_own"), validate="many_to_one")
    same = (both["population"] == both["people_own"]).where(both["people_own"].notna())
    alike = same.groupby(both["indicator"]).agg(["min", "count"])
    alike = alike[(alike["count"] > 0) & alike["min"].eq(1)].index
    fresh = both[both["indicator"].isin(alike) & both["people_own"].isna()].drop_duplicates(NUMBER)
    return fresh[[*NUMBER]].assign(people=fresh["population"]) if len(fresh) else empty


def _equal(
    one: "np.ndarray[tuple[int], np.dtype[np.float64]]", other: "np.ndarray[tuple[int], np.dtype[np.float64]]"
) -> bool:
    """Whether two columns agree wherever both have a number, and there are such."""
    both = ~np.isnan(one) & ~np.isnan(other)
    return bool(both.any()) and bool((one[both] == other[both]).all())


def _join(joined: dict[str, set[str]], members: Sequence[str]) -> None:
    together: set[str] = set().union(*(joined[one] for one in members))
    for one in together:
        joined[one] = together
