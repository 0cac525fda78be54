"""The linear system of what readers are told: finest cells behind all tables, blocks that belong together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from hyteanalysis.cells import CROSS, TOTAL, parts
from hyteanalysis.disclosure.geography import AT, Geography
from hyteanalysis.disclosure.relations import NUMBER, Relations, band, same_variable, years

SPREAD = ("small", "wide")  # kinds of targets that must reach a least and a greatest value
PEOPLE = "(people)"  # the family of denominators, beside one family an indicator
Consists = Mapping[str, tuple[str, ...]]
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
        ``row, need_low, need_high, kind``. ``small``, and ``wide`` (a sum behind a mean): the least possible value must
        be at most ``need_low`` and the greatest at least ``need_high``. ``few``: must not be exact. ``unseen`` (left
        out, or suppressed by the data's owner, with unknown value): must not be certain to lie in
        need_low…need_high − 1.
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
    """Some indicators that must be protected together, in one period or in periods that share years.

    ``rows`` of the ledger, an area of several periods named with its period; ``sums``: a whole (``PEOPLE`` for the
    denominator) and the indicators that make it up; ``rests``: name, whole and parts of what is left of an indicator
    that others are a part of; ``populations`` (``area, dimension, group, people``): denominators that stand beside
    other indicators only; ``spans``: the pieces of time that each period is made of, where there are several;
    ``people_vary``: denominators are part of what must be protected.
    """

    period: str
    rows: pd.DataFrame
    sums: tuple[tuple[str, tuple[str, ...]], ...]
    rests: tuple[tuple[str, str, tuple[str, ...]], ...]
    populations: pd.DataFrame
    spans: Mapping[str, frozenset[str]]
    people_vary: bool

    @property
    def name(self) -> str:
        """For progress and messages."""
        return f"{', '.join(dict.fromkeys(self.rows['indicator']))} {self.period}"


def system(
    block: Block,
    geography: Geography,
    *,
    least: int,
    consists_of: Consists,
    people_vary: bool,
    known: dict[bytes, Lattice] | None = None,
) -> System:
    """The system of a block: all that is told of its indicators, and of the people they are out of.

    Complements and denominators are rows from the beginning, whether hidden now or later.

    Parameters
    ----------
    block : Block
    geography : Geography
        The smallest areas (in each piece of time, where the block has several periods).
    least : int
        The smallest unsafe count: 1, or 0 where zeros are hidden.
    consists_of : mapping
        Groups (``dimension/group``) that consist of others.
    people_vary : bool
        Denominators are variables, since some are hidden or counts add up to them; else they are known limits.
    known : dict, optional
        Lattices made before: most blocks have the same tables.
    """
    table = block.rows
    populations = block.populations if people_vary else table[[*NUMBER, "people"]].iloc[:0]
    keys = pd.concat([table[NUMBER], populations[NUMBER]])
    net = _lattice(keys, geography, consists_of, {} if known is None else known)
    indicators = list(dict.fromkeys(table["indicator"]))
    counted = {family: _counts(table, family, net, people_vary) for family in indicators}
    counted |= {name: _rest(counted, name, whole, many) for name, whole, many in block.rests}
    families = [*counted, *([PEOPLE] if people_vary else [])]
    rows = pd.concat(counted.values(), ignore_index=True)
    if people_vary:
        rows = pd.concat([rows, _people(table, populations, net, rows)], ignore_index=True)
    size, width = len(net.numbers), net.matrix.shape[1]
    matrix = sparse.block_diag([net.matrix] * len(families), format="csr")
    ties, low, high = _ties(net, block, families)
    rows["tie"] = False
    if people_vary:
        mates = np.flatnonzero(rows["complement"] & rows["hidden"])
        people = size * len(counted) + mates % size
        matrix = sparse.vstack([matrix, matrix[people] - matrix[mates]], format="csr")
        others = rows.iloc[mates].assign(cell=-1, weight=0.0, hideable=False, small=True, complement=False, few=False)
        rows.loc[mates, "complement"] = False
        rows = pd.concat([rows, others.assign(**_without(others), cap=np.inf)], ignore_index=True)
    matrix = sparse.csr_array(sparse.vstack([matrix, ties], format="csr"))
    tied = pd.DataFrame({"low": low, "high": high}).assign(family="", cell=-1, cap=np.inf, weight=0.0, tie=True)
    flags = ["hidden", "hideable", "small", "complement", "few", "unseen", "sum"]
    rows = pd.concat([rows, tied.assign(**dict.fromkeys(flags, False))], ignore_index=True)

    upper = np.full(matrix.shape[1], np.inf)
    single = np.flatnonzero((np.diff(matrix.indptr) == 1) & (rows["cap"] < np.inf))
    np.minimum.at(upper, matrix.indices[matrix.indptr[single]], rows["cap"].to_numpy()[single])
    out_of = table["people"].dropna()
    sums = set(table.loc[table["sum"], "indicator"])
    people_whole = bool((out_of % 1 == 0).all())
    whole = np.repeat([people_whole if family == PEOPLE else family not in sums for family in families], width)
    made = System(
        rows, matrix, upper, whole, rows["hidden"].to_numpy(bool).copy(), _targets(rows, least), size, families
    )
    made.hide(np.flatnonzero(made.hidden))
    return made


def _rest(counted: Mapping[str, pd.DataFrame], name: str, whole: str, many: Sequence[str]) -> pd.DataFrame:
    """What is left of a whole beside its parts: nobody shows it, and readers can subtract."""
    rows = counted[whole]
    value = rows["low"] - sum(counted[one]["low"] for one in many)
    exact = (rows["low"] == rows["high"]) & np.logical_and.reduce(
        [counted[o]["low"] == counted[o]["high"] for o in many]
    )
    value = value.where(exact)
    small = (value >= 1) & (value < rows["k"])
    return rows.assign(
        **dict.fromkeys(("low", "high"), value),
        **dict.fromkeys(("complement", "few", "public", "hideable"), False),
        **dict.fromkeys(("cap",), np.inf),
        small=small,
        unseen=value.isna(),
        hidden=True,
        cell=-1,
        weight=0.0,
        family=name,
    )


def _lattice(
    numbers: pd.DataFrame, geography: Geography, consists_of: Consists, known: dict[bytes, Lattice]
) -> Lattice:
    keys = numbers.drop_duplicates().sort_values(NUMBER, ignore_index=True)
    digest = pd.util.hash_pandas_object(keys, index=False).to_numpy().tobytes() + str(hash(geography)).encode()
    if digest not in known:
        known[digest] = _joined_tables(keys, geography, consists_of)
    return known[digest]


def _counts(block: pd.DataFrame, indicator: str, net: Lattice, people_vary: bool) -> pd.DataFrame:
    """An indicator's counts, in the order of the lattice."""
    told = block[block["indicator"] == indicator].drop(columns=["indicator", "period"])
    rows = net.numbers.merge(told, on=NUMBER, how="left", validate="one_to_one")
    for name in ("hidden", "public", "small", "complement", "few", "people_hidden", "sum"):
        rows[name] = rows[name].eq(True)
    rows["cell"] = rows["cell"].fillna(-1).astype("int64")
    unknown = rows["low"].isna()
    rows["unseen"] = unknown & ~rows["sum"].any()
    rows["hidden"] |= unknown
    rows["hideable"] = (rows["cell"] >= 0) & ~rows["public"]
    bounded = _bounded(told)
    rows["cap"] = rows["people"].where(~rows["people_hidden"] & bounded & (not people_vary)).fillna(np.inf)
    rows["weight"] = rows["low"].fillna(0.0).where(~rows["sum"], rows["size"]) + 1
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
        sum=False,
    )


def _without(rows: pd.DataFrame) -> "dict[str, pd.Series[float]]":
    """Bounds of the people without the outcome: readers never see them, but one of these people knows the number."""
    return {"low": rows["people"] - rows["high"], "high": rows["people"] - rows["low"]}


def _ties(
    net: Lattice, block: Block, families: list[str]
) -> tuple[sparse.csr_array, NDArray[np.float64], NDArray[np.float64]]:
    """What holds whatever is shown: margins that tables share, counts within denominators, counts that add up."""
    width, many = net.matrix.shape[1], len(families)
    blocks = [sparse.block_diag([net.equations] * many, format="csr")] if net.equations.shape[0] else []
    ends = [(net.equations.shape[0] * many, 0.0)]

    def told(signs: Mapping[str, int], high: float) -> None:
        row = [sparse.csr_array(signs.get(family, 0) * sparse.eye_array(width, format="csr")) for family in families]
        blocks.append(sparse.hstack(row, format="csr"))
        ends.append((width, high))

    if families[-1] == PEOPLE:
        for family in dict.fromkeys(block.rows["indicator"]):
            if _bounded(block.rows[block.rows["indicator"] == family]):
                told({PEOPLE: 1, family: -1}, np.inf)
    for whole, parts_of_it in [*block.sums, *((whole, (name, *some)) for name, whole, some in block.rests)]:
        if whole in families:
            told({whole: -1, **dict.fromkeys(parts_of_it, 1)}, 0.0)
    high = np.repeat([end for _, end in ends], [size for size, _ in ends]).astype(np.float64)
    if not blocks:
        return sparse.csr_array((0, width * many)), np.zeros(0), np.zeros(0)
    matrix = sparse.csr_array(sparse.vstack(blocks, format="csr"))
    matrix.eliminate_zeros()
    return matrix, np.zeros(len(high)), high


def _targets(rows: pd.DataFrame, least: int) -> pd.DataFrame:
    """What an attacker must not find out of each row that is hidden for its own sake."""
    low = pd.Series(np.inf, index=rows.index)
    high = pd.Series(-np.inf, index=rows.index)
    small, other, few, unseen, sums = (rows[name].eq(True) for name in ("small", "complement", "few", "unseen", "sum"))
    none, every = (value.clip(0, least) for value in (rows["low"], rows["people"] - rows["high"]))  # 0 where unsafe
    low, high = low.mask(small, none.fillna(least)), high.mask(small, rows["k"])
    low = low.mask(other, np.minimum(low, (rows["people"] - rows["k"]).clip(lower=0)))
    high = high.mask(other, np.maximum(high, rows["people"] - every.fillna(least)))
    low, high = low.mask(unseen & ~small & ~other, float(least)), high.mask(unseen & ~small & ~other, rows["k"])
    wide = sums & few
    low, high = (
        low.mask(wide, (rows["low"] - rows["width"]).clip(lower=0)),
        high.mask(wide, rows["high"] + rows["width"]),
    )
    kind = np.select([small | other, wide, few & ~unseen, unseen], ["small", "wide", "few", "unseen"], "")
    found = pd.DataFrame({"row": rows.index, "need_low": low, "need_high": high, "kind": kind})
    return found[(found["kind"] != "") & rows["hidden"].to_numpy(bool)].reset_index(drop=True)


def _left_over(rows: pd.DataFrame, name: str, whole: str, inside: Sequence[str]) -> "pd.Series[float]":
    """What a longer period holds beside the shorter ones in it; empty where they are not told or do not lie in it."""
    wide = rows.pivot(index=["indicator", *NUMBER], columns="period", values=name)
    left = wide[whole] - wide[[*inside]].sum(axis=1, min_count=len(inside))
    return left if len(inside) and not (left < 0).any() else left * np.nan


def _joined_tables(keys: pd.DataFrame, geography: Geography, consists_of: Consists) -> Lattice:
    """The lattice of the tables that ``keys`` (``area, dimension, group``) are cells of.

    Parts published together are crossed in one finest table, and those tables form a junction tree: tables that agree
    on what they share then exist together, so nothing that an attacker knows is lost. Parts that classify one variable
    share its smallest pieces. An area that has one row of a dimension gets all the dimension's groups, since what is
    left out can be worked out like what is hidden.
    """
    dimensions = sorted(keys["dimension"].unique())
    seen = _groups_seen(keys)
    variable = _variables(_union(seen), consists_of)
    named: dict[str, list[str]] = {}
    for part, several in _union(seen).items():
        named.setdefault(variable[part], []).extend(f"{part}/{group}" for group in several)
    members = {name: _members(groups, consists_of) for name, groups in named.items()}
    held_by = {dimension: {variable[part] for part in _parts(dimension)} for dimension in dimensions}
    cliques = _cliques([frozenset(names) for names in held_by.values()])
    sizes = [int(np.prod([members[part].shape[1] for part in clique], dtype=int)) for clique in cliques]
    used = np.array(sorted(keys["area"].unique()), dtype=object)
    held = geography.membership(list(used)).astype(np.float64)
    starts = np.concatenate([[0], np.cumsum([held.shape[1] * size for size in sizes])])

    rows, blocks = [], []
    for dimension in dimensions:
        home = min((i for i, clique in enumerate(cliques) if held_by[dimension] <= set(clique)), key=lambda i: sizes[i])
        names = [] if dimension == TOTAL else parts(dimension)
        groups: list[tuple[str, ...]] = list(
            product(*(_with_rest(seen[dimension][name], members[variable[name]]) for name in names))
        )
        within = _within(
            cliques[home],
            [
                [(variable[n], g if g == _REST else f"{n}/{g}") for n, g in zip(names, group, strict=True)]
                for group in groups
            ],
            members,
        )
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


def _variables(groups: dict[str, list[str]], consists_of: Consists) -> dict[str, str]:
    """The variable that each part classifies: its own, but for bands of one name and what is declared."""
    joined = {part: {part} for part in groups}
    bands = {part for part, named in groups.items() if len(named) > 1 and all(band(group) for group in named)}
    ties = [pair for pair in combinations(sorted(bands), 2) if same_variable(*pair)]
    for whole, pieces in consists_of.items():
        several = {name.split("/", 1)[0] for name in (whole, *pieces)} & set(groups)
        ties += [(sorted(several)[0], other) for other in sorted(several)[1:]]
    for tie in ties:
        _join(joined, tie)
    return {part: "+".join(sorted(joined[part])) for part in groups}


def _members(named: list[str], consists_of: Consists) -> pd.DataFrame:
    """Groups (``part/group``) × their smallest pieces.

    Age bands of several widths share pieces; a group that consists of others has theirs; other groups are their own.
    """

    def finest(name: str) -> list[str]:
        return [piece for one in consists_of[name] for piece in finest(one)] if name in consists_of else [name]

    every = list(dict.fromkeys(piece for name in named for piece in finest(name)))
    spans = {name: band(name.split("/", 1)[1]) for name in every}
    ends = sorted({end for span in spans.values() if span for end in span})
    columns: dict[str, list[bool]] = {}
    for low, high in pairwise(ends):
        inside = {name for name, span in spans.items() if span and span[0] <= low and high <= span[1]}
        if inside:
            columns[f"{low}–{high}"] = [any(piece in inside for piece in finest(name)) for name in named]
    for name, span in spans.items():
        if span is None:
            columns[name] = [name in finest(other) for other in named]
    frame = pd.DataFrame(columns, index=named, dtype=bool)
    frame = frame.loc[:, frame.any() & ~frame.T.duplicated().to_numpy()]
    if len(named) == 1:
        frame[_REST] = False
        frame.loc[_REST] = [*[False] * (frame.shape[1] - 1), True]
    return frame


def _with_rest(groups: list[str], members: pd.DataFrame) -> list[str]:
    return [*groups, *([_REST] if _REST in members.index else [])]


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
    clique: tuple[str, ...], groups: list[list[tuple[str, str]]], members: dict[str, pd.DataFrame]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Groups, each named in some variables, × the pieces of the finest table they lie in."""
    pieces = {name: members[name].to_numpy(dtype=np.float64) for name in clique}
    place = {name: {group: row for row, group in enumerate(members[name].index)} for name in clique}
    rows = []
    for group in groups:
        row: NDArray[np.float64] = np.ones(1)
        for name in clique:
            inside: NDArray[np.float64] = np.ones(pieces[name].shape[1])
            for variable, one in group:
                if variable == name:
                    inside = inside * pieces[name][place[name][one]]
            row = np.kron(row, inside).astype(np.float64)
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
        groups = [list(zip(shared, one, strict=True)) for one in product(*(members[part].columns for part in shared))]
        pieces = {part: pd.DataFrame(np.eye(members[part].shape[1]), members[part].columns) for part in shared}
        both = [
            _placed(
                sparse.kron(
                    sparse.eye_array(areas),
                    sparse.csr_array(_within(cliques[i], groups, {**members, **pieces})),
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


def blocks(
    ledger: pd.DataFrame, relations: Relations, *, vary: frozenset[tuple[str, str]] = frozenset()
) -> Iterator[Block]:
    """The blocks of a ledger; indicators without any count are in none.

    An outcome and its complement, and a count that equals the denominator of others, are recognised; so are years
    within spans of years. ``vary`` names indicators and periods whose denominators must be hidden too.
    """
    for period, spans, rows in _worlds(ledger, relations):
        every = rows
        counted = rows.groupby("indicator")["low"].transform("count") > 0
        rows = rows[counted]
        indicators = list(dict.fromkeys(rows["indicator"]))
        wide = rows.pivot(index=NUMBER, columns="indicator", values=["low", "people"])
        low = {one: wide[("low", one)].to_numpy(dtype=float) for one in indicators}
        people = {one: wide[("people", one)].to_numpy(dtype=float) for one in indicators}
        touched = rows[rows["hidden"]].groupby("indicator").size()
        sums = [(PEOPLE, tuple(group)) for group in relations.exhaustive if set(group) <= set(indicators)]
        sums += [
            (PEOPLE, (one, other))
            for one, other in combinations(indicators, 2)
            if (one in touched or other in touched)
            and _equal(people[one], people[other])
            and _equal(low[one] + low[other], people[one])
        ]
        wholes = [(w, tuple(many)) for w, many in relations.indicators.items() if {w, *many} <= set(indicators)]
        rests = [
            (f"{whole} less {one}", whole, (one,))
            for one, whole in relations.part_of.items()
            if {one, whole} <= set(indicators)
        ]
        joined = {one: {one} for one in indicators}
        for tie in [*(many for _, many in sums), *((w, *many) for w, many in wholes), *((w, *m) for _, w, m in rests)]:
            _join(joined, tie)
        hidden = set(rows.loc[rows["people_hidden"], "indicator"]) | {
            one for one in indicators if (period, one) in vary
        }
        hidden |= {one for _, many in sums for one in many}
        for one in hidden:
            for other in indicators:
                if other != one and _equal(people[one], people[other]):
                    _join(joined, (one, other))
                elif other != one and _equal(low[other], people[one]):
                    sums.append((PEOPLE, (other,)))
                    _join(joined, (one, other))
        for members in {id(group): group for group in joined.values()}.values():
            mine = rows[rows["indicator"].isin(members)].reset_index(drop=True)
            told = tuple(dict.fromkeys(tie for tie in [*sums, *wholes] if set(tie[1]) <= members))
            left = tuple(one for one in rests if one[1] in members)
            people_vary = bool(members & hidden)
            yield Block(period, mine, told, left, _populations(every, mine), spans, people_vary)


def _spans(periods: Sequence[str], relations: Relations) -> dict[str, frozenset[str]]:
    """The pieces of time that each period is made of: years, what is declared, else itself."""

    def span(period: str) -> frozenset[str]:
        if period in relations.periods:
            return frozenset().union(*(span(one) for one in relations.periods[period]))
        return frozenset(map(str, years(period))) or frozenset({period})

    return {period: span(period) for period in periods}


def _worlds(
    ledger: pd.DataFrame, relations: Relations
) -> Iterator[tuple[str, Mapping[str, frozenset[str]], pd.DataFrame]]:
    """Rows that time ties together: those of a period; of periods that share years, where their counts add up so."""
    spans = _spans(sorted(ledger["period"].unique()), relations)
    joined = {period: {period} for period in spans}
    for one, other in combinations(spans, 2):
        if spans[one] & spans[other]:
            _join(joined, (one, other))
    for together in {id(group): group for group in joined.values()}.values():
        periods = sorted(together)
        rows = ledger[ledger["period"].isin(periods)]
        pooled = [] if len(periods) == 1 else [one for one, mine in rows.groupby("indicator") if _pooled(mine, spans)]
        apart = rows[~rows["indicator"].isin(pooled)]
        for period, mine in apart.groupby("period", sort=True):
            yield str(period), {}, mine
        if pooled:
            yield _pool(rows[rows["indicator"].isin(pooled)], {period: spans[period] for period in periods})


def _pooled(rows: pd.DataFrame, spans: Mapping[str, frozenset[str]]) -> bool:
    """Whether an indicator's longer periods hold its shorter ones: nowhere fewer, and where these make up the whole,
    mostly as many."""
    wide = rows.pivot(index=NUMBER, columns="period", values="low")
    if wide.shape[1] < 2:
        return False
    for whole in wide.columns:
        inside = [one for one in wide.columns if spans[one] < spans[whole]]
        if any((wide[one] > wide[whole]).any() for one in inside):
            return False
        single = [one for one in inside if not any(spans[one] < spans[other] for other in inside)]
        if single and sum(len(spans[one]) for one in single) == len(spans[whole]) == len(
            frozenset().union(*(spans[one] for one in single))
        ):
            sums = wide[single].sum(axis=1, min_count=len(single))
            both = sums.notna() & wide[whole].notna()
            if both.any() and (sums == wide[whole])[both].mean() < 0.5:
                return False
    return True


def _pool(
    rows: pd.DataFrame, spans: Mapping[str, frozenset[str]]
) -> tuple[str, Mapping[str, frozenset[str]], pd.DataFrame]:
    """Rows of periods that share years, their areas named with the period, and what longer ones hold beside shorter."""
    label = " + ".join(spans)
    found = [rows.assign(area=rows["area"] + AT + rows["period"])]
    every = dict(spans)
    for whole, span in spans.items():
        inside = [one for one in spans if spans[one] < span]
        rest = span - frozenset().union(*(spans[one] for one in inside)) if inside else frozenset()
        if not rest:
            continue
        name = f"{whole} less {', '.join(inside)}"
        every[name] = rest
        disjoint = sum(len(spans[one]) for one in inside) == len(span) - len(rest)
        mine = rows[rows["period"] == whole].set_index(["indicator", *NUMBER])
        value, people = (_left_over(rows, name, whole, inside if disjoint else []) for name in ("low", "people"))
        value, people = value.reindex(mine.index), people.reindex(mine.index)
        fresh = mine.assign(low=value, high=value, people=people, population=np.nan, cell=-1, hidden=True)
        fresh = fresh.assign(people_hidden=people.notna(), public=False, people_public=False, few=False)
        fresh["small"] = (value >= 1) & (value < mine["k"])
        fresh["complement"] = (people - value >= 1) & (people - value < mine["k"]) & mine["others"]
        fresh = fresh.reset_index()
        found.append(fresh.assign(area=fresh["area"] + AT + name))
    return label, every, pd.concat(found, ignore_index=True).assign(period=label)


def _populations(every: pd.DataFrame, mine: pd.DataFrame) -> pd.DataFrame:
    """Populations of other indicators that are those of a block wherever both tell them."""
    empty = mine[[*NUMBER, "people"]].iloc[:0]
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
