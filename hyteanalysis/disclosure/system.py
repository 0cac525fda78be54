"""The linear system of a block of tables: what readers are told about sums of its variables, and what is hidden."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from hyteanalysis.disclosure.geography import Geography
from hyteanalysis.disclosure.lattice import Lattice, lattice

PEOPLE = "(people)"  # the family of denominators, beside one family an indicator
NUMBER = ["area", "dimension", "group"]


@dataclass
class System:
    """``low ≤ matrix · x ≤ high`` in each row that is not hidden; a hidden one still keeps ``matrix · x ≤ cap``.

    Attributes
    ----------
    rows : DataFrame
        ``family`` (indicator or ``(people)``), ``area, dimension, group``, ``cell`` (place in the release's cells, −1
        where none), ``low, high`` (what is told), ``cap`` (known limit of a hidden number), ``weight`` (its cost),
        ``hideable``, and the ledger's reasons. Numbers first, family by family, each in the order of the lattice; then
        the complements of numbers with a hidden denominator; then what ties variables together.
    matrix : csr_array
        Rows × variables; the variables are at least 0 and at most ``upper``, and ``whole`` ones are integers.
    hidden : array of bool
        Rows that readers do not see.
    targets : DataFrame
        ``row, need_low, need_high, kind``. ``small``: the least possible value must be at most ``need_low`` and the
        greatest at least ``need_high``. ``few``: must not be exact. ``unseen`` (left out, or suppressed by the data's
        owner, with unknown value): must not be certain to lie in need_low…need_high − 1.
    """

    rows: pd.DataFrame
    matrix: sparse.csr_array
    upper: NDArray[np.float64]
    whole: NDArray[np.bool_]
    hidden: NDArray[np.bool_]
    targets: pd.DataFrame
    numbers: int
    families: list[str]

    def hide(self, rows: NDArray[np.int64]) -> None:
        """Hide rows; a hidden denominator takes the counts out of it with it, since a rate would give it back."""
        self.hidden[rows] = True
        if PEOPLE in self.families:
            start = (len(self.families) - 1) * self.numbers
            gone = np.flatnonzero(self.hidden[start : start + self.numbers])
            for family in range(len(self.families) - 1):
                of_family = family * self.numbers + gone
                self.hidden[of_family[self.rows["hideable"].to_numpy()[of_family]]] = True

    def needed_by_people(self, row: int) -> bool:
        """Whether a count must stay hidden because its denominator is."""
        start = (len(self.families) - 1) * self.numbers
        return PEOPLE in self.families and row < start and bool(self.hidden[start + row % self.numbers])


def system(
    block: pd.DataFrame,
    geography: Geography,
    *,
    least: int,
    people_vary: bool,
    exhaustive: Sequence[Sequence[str]] = (),
    populations: pd.DataFrame | None = None,
    known: dict[bytes, Lattice] | None = None,
) -> System:
    """The system of some indicators of one period (several only where denominators or sums tie them together).

    Parameters
    ----------
    block : DataFrame
        Rows of a ledger.
    least : int
        The smallest unsafe count: 1, or 0 where zeros are hidden.
    people_vary : bool
        Denominators are variables, since some are hidden or counts add up to them; else they are known limits.
    exhaustive : sequence of sequences of str
        Indicators whose counts add up to their denominator.
    populations : DataFrame, optional
        ``area, dimension, group, people``: denominators told beside other indicators.
    known : dict, optional
        Lattices made before: most blocks have the same tables.
    """
    if populations is None or not people_vary:
        populations = block[[*NUMBER, "people"]].iloc[:0]
    net = _lattice(pd.concat([block[NUMBER], populations[NUMBER]]), geography, {} if known is None else known)
    indicators = list(dict.fromkeys(block["indicator"]))
    families = [*indicators, *([PEOPLE] if people_vary else [])]
    rows = pd.concat([_counts(block, family, net, people_vary) for family in indicators], ignore_index=True)
    if people_vary:
        rows = pd.concat([rows, _people(block, populations, net, rows)], ignore_index=True)
    size, width = len(net.numbers), net.matrix.shape[1]
    matrix = sparse.block_diag([net.matrix] * len(families), format="csr")
    ties, low, high = _ties(net, block, families, exhaustive)
    rows["tie"] = False
    if people_vary:
        mates = np.flatnonzero(rows["complement"] & rows["hidden"])
        people = size * len(indicators) + mates % size
        mates, people = mates[rows["hidden"].to_numpy()[people]], people[rows["hidden"].to_numpy()[people]]
        matrix = sparse.vstack([matrix, matrix[people] - matrix[mates]], format="csr")
        others = rows.iloc[mates].assign(cell=-1, weight=0.0, hideable=False, small=True, complement=False, few=False)
        rows.loc[mates, "complement"] = False
        rows = pd.concat([rows, others.assign(**_without(others), cap=np.inf)], ignore_index=True)
    matrix = sparse.csr_array(sparse.vstack([matrix, ties], format="csr"))
    tied = pd.DataFrame({"low": low, "high": high}).assign(family="", cell=-1, cap=np.inf, weight=0.0, tie=True)
    flags = ["hidden", "hideable", "small", "complement", "few", "unseen"]
    rows = pd.concat([rows, tied.assign(**dict.fromkeys(flags, False))], ignore_index=True)

    upper = np.full(matrix.shape[1], np.inf)
    single = np.flatnonzero((np.diff(matrix.indptr) == 1) & (rows["cap"] < np.inf))
    np.minimum.at(upper, matrix.indices[matrix.indptr[single]], rows["cap"].to_numpy()[single])
    people = block["people"].dropna()
    whole = np.repeat([family != PEOPLE or bool((people % 1 == 0).all()) for family in families], width)
    made = System(
        rows, matrix, upper, whole, rows["hidden"].to_numpy(bool).copy(), _targets(rows, least), size, families
    )
    made.hide(np.flatnonzero(made.hidden))
    return made


def _lattice(numbers: pd.DataFrame, geography: Geography, known: dict[bytes, Lattice]) -> Lattice:
    keys = numbers.drop_duplicates().sort_values(NUMBER, ignore_index=True)
    digest = pd.util.hash_pandas_object(keys, index=False).to_numpy().tobytes() + str(hash(geography)).encode()
    if digest not in known:
        known[digest] = lattice(keys, geography)
    return known[digest]


def _counts(block: pd.DataFrame, indicator: str, net: Lattice, people_vary: bool) -> pd.DataFrame:
    """An indicator's counts, in the order of the lattice."""
    told = block[block["indicator"] == indicator].drop(columns=["indicator", "period"])
    rows = net.numbers.merge(told, on=NUMBER, how="left", validate="one_to_one")
    for name in ("hidden", "public", "small", "complement", "few", "people_hidden"):
        rows[name] = rows[name].eq(True)
    rows["cell"] = rows["cell"].fillna(-1).astype("int64")
    unknown = rows["low"].isna()
    rows["unseen"] = unknown
    rows["hidden"] |= unknown
    rows["hideable"] = (rows["cell"] >= 0) & ~rows["public"]
    bounded = bounds(told)
    rows["cap"] = rows["people"].where(~rows["people_hidden"] & bounded & (not people_vary)).fillna(np.inf)
    rows["weight"] = rows["low"].fillna(0.0) + 1
    rows["k"] = rows["k"].fillna(rows.groupby("dimension")["k"].transform("max")).fillna(rows["k"].max())
    return rows.assign(family=indicator)


def bounds(told: pd.DataFrame) -> bool:
    """Whether an indicator counts some of the people, so that no count is above its denominator."""
    return bool((told["low"].fillna(0) <= told["people"].fillna(np.inf)).all())


def _people(block: pd.DataFrame, populations: pd.DataFrame, net: Lattice, counts: pd.DataFrame) -> pd.DataFrame:
    """The denominators, in the order of the lattice. Hiding one costs the counts out of it too."""
    told = block.sort_values("cell").groupby(NUMBER, as_index=False)
    told = told.agg(people=("people", "max"), hidden=("people_hidden", "any"), public=("people_public", "any"))
    told = pd.concat([told, populations.assign(hidden=False, public=False)]).drop_duplicates(NUMBER, ignore_index=True)
    rows = net.numbers.merge(told, on=NUMBER, how="left", validate="one_to_one")
    for name in ("hidden", "public"):
        rows[name] = rows[name].eq(True)
    lost = counts.groupby(NUMBER)["weight"].sum().rename("lost")
    rows = rows.merge(lost.reset_index(), on=NUMBER, how="left", validate="one_to_one")
    free = counts["hideable"] | (counts["hidden"] & (counts["cell"] < 0))  # a number not given hinders nothing
    held = free.groupby([counts[name] for name in NUMBER]).all().rename("hideable")
    rows = rows.merge(held.reset_index(), on=NUMBER, how="left", validate="one_to_one")
    return rows.assign(
        family=PEOPLE,
        cell=-1,
        low=rows["people"],
        high=rows["people"],
        cap=np.inf,
        weight=rows["people"].fillna(0) + 1 + rows["lost"],
        hideable=rows["people"].notna() & ~rows["public"] & rows["hideable"],
        hidden=rows["hidden"] | rows["people"].isna(),
        small=False,
        complement=False,
        few=False,
        unseen=False,
    )


def _without(rows: pd.DataFrame) -> "dict[str, pd.Series[float]]":
    """Bounds of the people without the outcome: readers never see them, but one of these people knows the number."""
    return {"low": rows["people"] - rows["high"], "high": rows["people"] - rows["low"]}


def _ties(
    net: Lattice, block: pd.DataFrame, families: list[str], exhaustive: Sequence[Sequence[str]]
) -> tuple[sparse.csr_array, NDArray[np.float64], NDArray[np.float64]]:
    """What holds whatever is shown: margins that tables share, counts within denominators, counts that add up."""
    width, many = net.matrix.shape[1], len(families)
    blocks = [sparse.block_diag([net.equations] * many, format="csr")] if net.equations.shape[0] else []
    ends = [(net.equations.shape[0] * many, 0.0)]
    if families[-1] == PEOPLE:
        unit = sparse.eye_array(width, format="csr")
        for place, family in enumerate(families[:-1]):
            if bounds(block[block["indicator"] == family]):
                row = [sparse.csr_array((width, width)) for _ in families]
                row[place], row[-1] = -unit, unit
                blocks.append(sparse.hstack(row, format="csr"))
                ends.append((width, np.inf))
        for together in exhaustive:
            row = [unit if family in together else sparse.csr_array((width, width)) for family in families]
            row[-1] = -unit
            blocks.append(sparse.hstack(row, format="csr"))
            ends.append((width, 0.0))
    high = np.repeat([end for _, end in ends], [size for size, _ in ends]).astype(np.float64)
    if not blocks:
        return sparse.csr_array((0, width * many)), np.zeros(0), np.zeros(0)
    return sparse.csr_array(sparse.vstack(blocks, format="csr")), np.zeros(len(high)), high


def _targets(rows: pd.DataFrame, least: int) -> pd.DataFrame:
    """What an attacker must not find out of each row that is hidden for its own sake."""
    low = pd.Series(np.inf, index=rows.index)
    high = pd.Series(-np.inf, index=rows.index)
    small, other, few, unseen = (rows[name].eq(True) for name in ("small", "complement", "few", "unseen"))
    low, high = low.mask(small, float(least)), high.mask(small, rows["k"])
    low = low.mask(other, np.minimum(low, (rows["people"] - rows["k"]).clip(lower=0)))
    high = high.mask(other, np.maximum(high, rows["people"] - least))
    low, high = low.mask(unseen & ~small & ~other, float(least)), high.mask(unseen & ~small & ~other, rows["k"])
    kind = np.select([small | other, few & ~unseen, unseen], ["small", "few", "unseen"], "")
    found = pd.DataFrame({"row": rows.index, "need_low": low, "need_high": high, "kind": kind})
    return found[(found["kind"] != "") & rows["hidden"].to_numpy(bool)].reset_index(drop=True)
