"""The finest cells behind all tables of a release: what every published number is a sum of."""

import re
from dataclasses import dataclass
from itertools import combinations, pairwise, product

import numpy as np
import pandas as pd
from scipy import sparse

from hyteanalysis.cells import CROSS, TOTAL, parts
from hyteanalysis.disclosure.geography import Geography

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


def lattice(keys: pd.DataFrame, geography: Geography) -> Lattice:
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
