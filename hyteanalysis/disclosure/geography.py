"""The smallest areas behind the areas of a release, so that every published area is a plain sum of them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd

from hyteanalysis import areas
from hyteanalysis.errors import DisclosureError

AT = " @ "  # between an area and its period, where a system holds several
BoolMatrix = np.ndarray[tuple[int, int], np.dtype[np.bool_]]


@dataclass(frozen=True)
class Geography:
    """Areas and the atoms they are made of: each atom is named by the areas that hold it, and no two by the same.

    ``atoms[i]`` lists the areas of the i-th atom; areas that nothing finer divides are atoms themselves.
    """

    atoms: tuple[tuple[str, ...], ...]

    def membership(self, used: list[str]) -> BoolMatrix:
        """Areas × atoms: whether an area holds an atom."""
        place = {area: row for row, area in enumerate(used)}
        held = np.zeros((len(used), len(self.atoms)), dtype=bool)
        for column, atom in enumerate(self.atoms):
            held[[place[area] for area in atom if area in place], column] = True
        return held


def geography(used: Iterable[str], hierarchy: pd.DataFrame) -> Geography:
    """The atoms of the areas in use: the leaves of the hierarchy, those in the same areas taken together.

    >>> tree = pd.DataFrame({"area": ["a", "b", "c"], "parent": ["R", "R", "S"]})
    >>> geography(["R", "a", "c"], tree).atoms
    (('R',), ('R', 'a'), ('c',))
    """
    wanted = set(used)
    pairs = areas.ancestry(hierarchy)
    parents = set(pairs["ancestor"])
    above = pairs[pairs["ancestor"].isin(wanted)].groupby("area")["ancestor"].agg(list).to_dict()
    leaves = (set(pairs["area"]) | wanted) - parents
    found = {tuple(sorted({*above.get(leaf, []), *({leaf} & wanted)})) for leaf in leaves}
    return Geography(tuple(sorted(atom for atom in found if atom)))


def parents_in_use(used: Iterable[str], hierarchy: pd.DataFrame) -> pd.DataFrame:
    """``area, parent``: the nearest areas in use above each area in use; empty ``parent`` where there is none."""
    wanted = list(dict.fromkeys(used))
    pairs = areas.ancestry(hierarchy)
    pairs = pairs[pairs["area"].isin(wanted) & pairs["ancestor"].isin(wanted)]
    above = pairs.groupby("area")["ancestor"].agg(set).to_dict()
    rows = []
    for area in wanted:
        over = above.get(area, set())
        near = sorted(over.difference(*(above.get(other, set()) for other in over)))
        rows += [(area, parent) for parent in near] or [(area, None)]
    return pd.DataFrame(rows, columns=["area", "parent"], dtype="str")


def official(used: Iterable[str], period: str, newest: int) -> pd.DataFrame:
    """The official hierarchy of a year in which all of the official codes in use exist: the newest year, else the
    period's own, else any. Own ids have no parents in it."""
    codes = frozenset(area for area in used if areas.level(area) not in ("own", "postal"))
    return areas.hierarchy(_year(codes, period, newest))


def own_parents(used: Iterable[str], own: pd.DataFrame | None, hierarchy: pd.DataFrame | None) -> pd.DataFrame | None:
    """``area, parent`` of own areas that say where they lie; None where none does.

    Raises DisclosureError for a hierarchy with holes: own areas of which nothing says where they lie, where of others
    something does.
    """
    given = own[["area", "parent"]].dropna().astype("str") if own is not None and "parent" in own else None
    if given is not None and given.empty:
        given = None
    if given is None and hierarchy is None:
        return None
    told = pd.concat([frame[["area", "parent"]] for frame in (given, hierarchy) if frame is not None])
    known = {*told["area"], *told["parent"]}
    lacking = [area for area in used if areas.level(area) == "own" and area not in known]
    if lacking:
        raise DisclosureError(
            f"the hierarchy has holes: nothing says where {', '.join(lacking[:5])} lie. Give each a row with its "
            "parent in hierarchy= (--hierarchy) or in the column parent of areas= (--areas)."
        )
    return given


@dataclass
class Trees:
    """Which area lies in which, period by period: one hierarchy given, or the official ones; ``own`` areas beside."""

    cells: pd.DataFrame
    hierarchy: pd.DataFrame | None = None
    own: pd.DataFrame | None = None
    _made: dict[tuple[int | None, frozenset[str]], Geography] = field(default_factory=dict)
    _used: dict[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for period, area in self.cells.groupby("period")["area"].unique().items():
            self._used[str(period)] = frozenset(area)
        self._newest = max((last_year(period) for period in self._used), default=0)

    def tree(self, period: str) -> pd.DataFrame:
        """``area, parent`` as it holds in a period."""
        return self._tree(self._used.get(period, frozenset()), period)

    def _tree(self, used: Iterable[str], period: str) -> pd.DataFrame:
        tree = self.hierarchy if self.hierarchy is not None else official(used, period, self._newest)
        return tree if self.own is None else pd.concat([tree, self.own], ignore_index=True).drop_duplicates()

    def every(self) -> pd.DataFrame:
        """``area, parent`` of all periods together."""
        periods = list(self._used)[:1] if self.hierarchy is not None else self._used
        return pd.concat([self.tree(period) for period in periods]).drop_duplicates(ignore_index=True)

    def of(self, period: str) -> Geography:
        """The atoms of a period's areas."""
        used = self._used[period]
        codes = frozenset(area for area in used if areas.level(area) not in ("own", "postal"))
        year = None if self.hierarchy is not None else _year(codes, period, self._newest)
        if (year, used) not in self._made:
            self._made[year, used] = geography(used, self.tree(period))
        return self._made[year, used]

    def together(self, spans: Mapping[str, frozenset[str]]) -> Geography:
        """The atoms of the areas of several periods, in each piece of time that the periods are made of."""
        periods = [period for period in spans if period in self._used]
        used: frozenset[str] = frozenset().union(*(self._used[period] for period in periods))
        tree = (
            self.hierarchy if self.hierarchy is not None else official(used, max(periods, key=last_year), self._newest)
        )
        found = {
            tuple(sorted(f"{area}{AT}{period}" for period, span in spans.items() if piece in span for area in atom))
            for piece in sorted(frozenset().union(*spans.values()))
            for atom in geography(used, tree).atoms
        }
        return Geography(tuple(sorted(found)))

    def in_use(self, used: Iterable[str]) -> pd.DataFrame:
        """``area, parent``: the nearest areas in use above each."""
        return parents_in_use(used, self.every())

    def to_list(self) -> list[dict[str, list[object]]]:
        """Plain values for the manifest: the atoms, and the periods that they are the atoms of."""
        found: dict[Geography, list[object]] = {}
        for period in self._used:
            found.setdefault(self.of(period), []).append(period)
        return [{"periods": periods, "atoms": [list(atom) for atom in one.atoms]} for one, periods in found.items()]


@cache
def _year(codes: frozenset[str], period: str, newest: int) -> int:
    years = [year for year in (newest, last_year(period)) if year in areas.YEARS]
    lacking: set[str] = set()
    for year in dict.fromkeys([*years, *reversed(areas.YEARS)]):
        lacking = set(codes) - set(areas.reference(year)["area"])
        if not lacking:
            return year
    raise DisclosureError(
        f"the areas of period {period} belong to no single year's division ({', '.join(sorted(lacking)[:5])} …): carry "
        "them over to one year with areas.carry_over, or give hierarchy= with columns area, parent"
    )


def last_year(period: str) -> int:
    """The last year a period names; 0 where it names none."""
    years = re.findall(r"(?<!\d)(\d{4})(?!\d)", period)
    return int(years[-1]) if years else 0
