"""The linear system of what readers are told: finest cells behind all tables, blocks that belong together."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from hyteanalysis.cells import CROSS, TOTAL, parts
from hyteanalysis.disclosure.geography import Geography

PEOPLE = "(people)"  # the family of denominators, beside one family an indicator
NUMBER = ["area", "dimension", "group"]
_BAND = re.compile(r"(\d+)(?:\s*[-–]\s*(\d+)|(\+))?")
_REST = "(rest)"  # the people outside the only group that a dimension shows


@dataclass(frozen=True)
class Lattice:
    """Numbers as sums of variables.

    ``numbers`` has one row a number that is published or can be worked out (``area, dimension, group``), ``matrix`` is
    numbers × variables of 0 and 1. ``equations`` × variables is zero: what tables without a common finest table share.
    """

    numbers: pd.DataFrame
    matrix: sparse.csr_array
    equations: sparse.csr_array


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
        known[digest] = _joined_tables(keys, geography)
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
    bounded = _bounded(told)
    rows["cap"] = rows["people"].where(~rows["people_hidden"] & bounded & (not people_vary)).fillna(np.inf)
    rows["weight"] = rows["low"].fillna(0.0) + 1
    rows["k"] = rows["k"].fillna(rows.groupby("dimension")["k"].transform("max")).fillna(rows["k"].max())
    return rows.assign(family=indicator)


def _bounded(told: pd.DataFrame) -> bool:
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
            if _bounded(block[block["indicator"] == family]):
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


def _joined_tables(keys: pd.DataFrame, geography: Geography) -> Lattice:
    """The lattice of the tables that ``keys`` (``area, dimension, group``) are cells of.

    Parts published together are crossed in one finest table, and those tables form a junction tree: tables that agree
    on what they share then exist together, so nothing that an attacker knows is lost. An area that has one row of a
    dimension gets all the dimension's groups, since what is left out can be worked out like what is hidden.
    """
    dimensions = sorted(keys["dimension"].unique())
    seen = _groups_seen(keys)
    members = {part: _members(groups) for part, groups in _union(seen).items()}
    cliques = _cliques([_parts(dimension) for dimension in dimensions])
    sizes = [int(np.prod([members[part].shape[1] for part in clique], dtype=int)) for clique in cliques]
    used = np.array(sorted(keys["area"].unique()), dtype=object)
    held = geography.membership(list(used)).astype(np.float64)
    starts = np.concatenate([[0], np.cumsum([held.shape[1] * size for size in sizes])])

    rows, blocks = [], []
    for dimension in dimensions:
        home = min((i for i, clique in enumerate(cliques) if _parts(dimension) <= set(clique)), key=lambda i: sizes[i])
        names = [] if dimension == TOTAL else parts(dimension)
        groups = list(product(*(_with_rest(seen[dimension][name], members[name]) for name in names)))
        within = _within(cliques[home], names, groups, members)
        areas = np.isin(used, keys.loc[keys["dimension"] == dimension, "area"].unique())
        block = sparse.kron(sparse.csr_array(held[areas]), sparse.csr_array(within), format="csr")
        blocks.append(_placed(block, starts[home], starts[-1]))
        labels = [CROSS.join(group) or TOTAL for group in groups]
        rows.append(
            pd.DataFrame(
                {
                    "area": np.repeat(used[areas], len(labels)),
                    "dimension": dimension,
                    "group": np.tile(np.array(labels, dtype=object), int(areas.sum())),
                }
            )
        )
    return Lattice(
        pd.concat(rows, ignore_index=True).astype("str"),
        sparse.csr_array(sparse.vstack(blocks, format="csr")),
        _agreements(cliques, members, held.shape[1], starts),
    )


def _parts(dimension: str) -> frozenset[str]:
    return frozenset() if dimension == TOTAL else frozenset(parts(dimension))


def _groups_seen(keys: pd.DataFrame) -> dict[str, dict[str, list[str]]]:
    """Groups of each part, by the dimension they stand in."""
    seen: dict[str, dict[str, list[str]]] = {}
    for (dimension, group), _ in keys.groupby(["dimension", "group"]):
        here = seen.setdefault(dimension, {})
        if dimension == TOTAL:
            continue
        for part, one in zip(parts(dimension), parts(group), strict=True):
            if one not in here.setdefault(part, []):
                here[part].append(one)
    return seen


def _union(seen: dict[str, dict[str, list[str]]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for here in seen.values():
        for part, groups in here.items():
            known = found.setdefault(part, [])
            known += [group for group in groups if group not in known]
    return found


def _members(groups: list[str]) -> pd.DataFrame:
    """Groups × their smallest pieces. Age bands of several widths share pieces; other groups are their own."""
    bands = {group: _band(group) for group in groups}
    ends = sorted({end for band in bands.values() if band for end in band})
    columns: dict[str, list[bool]] = {}
    for low, high in pairwise(ends):
        inside = [bool(band) and band[0] <= low and high <= band[1] for band in bands.values()]  # type: ignore[index]
        if any(inside):
            columns[f"{low}–{high}"] = inside
    for group, band in bands.items():
        if band is None:
            columns[group] = [other == group for other in groups]
    frame = pd.DataFrame(columns, index=groups, dtype=bool)
    frame = frame.loc[:, ~frame.T.duplicated().to_numpy()]
    if len(groups) == 1:
        frame[_REST] = False
        frame.loc[_REST] = [*[False] * (frame.shape[1] - 1), True]
    return frame


def _with_rest(groups: list[str], members: pd.DataFrame) -> list[str]:
    return [*groups, *([_REST] if _REST in members.index else [])]


def _band(group: str) -> tuple[float, float] | None:
    """First age of a band and the first beyond it."""
    found = _BAND.fullmatch(group)
    if not found:
        return None
    low = float(found[1])
    return low, np.inf if found[3] else float(found[2] or low) + 1


def _cliques(tables: list[frozenset[str]]) -> list[tuple[str, ...]]:
    """Maximal cliques of a chordal graph over the parts in which every table's parts are joined (fewest fill-ins)."""
    near: dict[str, set[str]] = {part: set() for table in tables for part in table}
    for table in tables:
        for one, other in combinations(table, 2):
            near[one].add(other)
            near[other].add(one)
    found: list[set[str]] = []
    while near:
        lacking = {
            part: sum(other not in near[one] for one, other in combinations(beside, 2)) for part, beside in near.items()
        }
        part = min(near, key=lambda name: (lacking[name], len(near[name]), name))
        beside = near.pop(part)
        found.append({part, *beside})
        for one in beside:
            near[one] = (near[one] | beside) - {one, part}
    maximal = [clique for i, clique in enumerate(found) if not any(clique < other for other in found)]
    return [tuple(sorted(clique)) for clique in maximal] or [()]


def _within(
    clique: tuple[str, ...], names: list[str], groups: list[tuple[str, ...]], members: dict[str, pd.DataFrame]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """A dimension's groups × the pieces of the finest table it lies in."""
    rows = []
    for group in groups:
        row = np.ones(1)
        for part in clique:
            pieces = members[part]
            inside = pieces.loc[group[names.index(part)]].to_numpy() if part in names else np.ones(pieces.shape[1])
            row = np.kron(row, inside.astype(np.float64))
        rows.append(row)
    return np.array(rows)


def _placed(block: sparse.csr_array, start: int, width: int) -> sparse.csr_array:
    """A finest table's columns put where they stand among all variables."""
    return sparse.csr_array((block.data, block.indices + start, block.indptr), shape=(block.shape[0], width))


def _agreements(
    cliques: list[tuple[str, ...]],
    members: dict[str, pd.DataFrame],
    areas: int,
    starts: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> sparse.csr_array:
    """Tables joined in a tree by what they share, most first: their margins over it are the same in every area."""
    joined, equations = {0}, []
    while len(joined) < len(cliques):
        one, other = max(
            ((i, j) for i in joined for j in range(len(cliques)) if j not in joined),
            key=lambda pair: (len(set(cliques[pair[0]]) & set(cliques[pair[1]])), -pair[1]),
        )
        joined.add(other)
        shared = sorted(set(cliques[one]) & set(cliques[other]))
        groups = list(product(*(members[part].columns for part in shared)))
        pieces = {part: pd.DataFrame(np.eye(members[part].shape[1]), members[part].columns) for part in shared}
        both = [
            _placed(
                sparse.kron(
                    sparse.eye_array(areas),
                    sparse.csr_array(_within(cliques[i], shared, groups, {**members, **pieces})),
                    format="csr",
                ),
                starts[i],
                starts[-1],
            )
            for i in (one, other)
        ]
        equations.append(both[0] - both[1])
    if not equations:
        return sparse.csr_array((0, int(starts[-1])))
    return sparse.csr_array(sparse.vstack(equations, format="csr"))


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
