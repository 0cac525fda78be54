"""The second attacker: all that shown numbers tell, rebuilt as whole cross tables, and what follows of the others."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, combinations, permutations, product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from hyteanalysis.cells import CROSS, KEYS, TOTAL
from hyteanalysis.disclosure.policy import Policy
from hyteanalysis.disclosure.relations import Relations, band, same_variable, years
from hyteanalysis.errors import DisclosureError

# scipy.optimize and csgraph are slow to import, and readers of a release attack nothing: they are imported where used
Floats = NDArray[np.float64]
Geography = Mapping[str, list[frozenset[str]]]
_Place = tuple[str, str]  # a period and an area
_Key = tuple[str, str, str, str, str]  # family, period, area, dimension, group
_NEAR = 1e-6
_ALIKE = 4  # numbers that agree, from which on readers take two for one
_EXACT = 1_000  # numbers of a world up to which both ends of each are reckoned
_PEOPLE = "people"
_REST = "(rest)"


@dataclass
class World:
    """Families of counts over common finest cells: ``places`` and ``groups`` give each number as a sum of cells."""

    families: list[str]
    indicators: list[str]
    places: dict[_Place, Floats]
    tables: dict[str, tuple[int, dict[str, Floats]]]  # dimension: component, and each group's cells of it
    sizes: list[int]
    areas_with: dict[str, set[_Place]]
    exact: list[tuple[str, tuple[str, ...]]]
    people: dict[tuple[_Place, str, str], float] = field(default_factory=dict)
    mean: bool = False

    @property
    def vary(self) -> bool:
        return _PEOPLE in self.families

    def columns(self) -> int:
        """Variables of one family."""
        return len(next(iter(self.places.values()))) * sum(self.sizes)

    def form(self, family: str, place: _Place, dimension: str, group: str) -> tuple[NDArray[np.int64], Floats]:
        """Columns and weights of a number."""
        component, groups = self.tables[dimension]
        atoms = len(next(iter(self.places.values())))
        start = self.families.index(family) * self.columns() + atoms * sum(self.sizes[:component])
        inside = np.flatnonzero(np.kron(self.places[place], groups[group]))
        return start + inside, np.ones(len(inside))


def worlds(told: pd.DataFrame, relations: Relations, geography: Geography) -> Iterator[World]:
    """What must be solved together, where anything is hidden at all."""
    for periods in _times(told, relations):
        rows = told[told["period"].isin(periods)]
        for mean in (False, True):
            mine = rows[rows["mean"] == mean]
            mine = mine[mine.groupby("indicator")["low"].transform("count") > 0]
            if mine.empty:
                continue
            for indicators in _together(mine, relations):
                some = mine[mine["indicator"].isin(indicators)]
                split = len(periods) > 1 and not _additive(some, periods, relations)
                for several in [[period] for period in periods] if split else [periods]:
                    here = some[some["period"].isin(several)]
                    if here["low"].isna().any() or _has_gaps(here) or relations.part_of or len(several) > 1:
                        yield _world(here, several, sorted(here["indicator"].unique()), relations, geography, mean)


def _has_gaps(rows: pd.DataFrame) -> bool:
    """Whether some area lacks a group of a dimension that it has others of."""
    groups = rows.groupby("dimension")["group"].transform("nunique")
    here = rows.groupby(["indicator", "period", "area", "dimension"])["group"].transform("nunique")
    return bool((here < groups).any() or ((groups == 1) & (rows["dimension"] != TOTAL)).any())


def _span(period: str, relations: Relations) -> frozenset[str]:
    if period in relations.periods:
        return frozenset(chain.from_iterable(_span(one, relations) for one in relations.periods[period]))
    return frozenset(map(str, years(period))) or frozenset({period})


def _times(told: pd.DataFrame, relations: Relations) -> list[list[str]]:
    """Periods that share time."""
    from scipy.sparse.csgraph import connected_components

    periods = sorted(told["period"].unique())
    spans = [_span(one, relations) for one in periods]
    shared = sparse.csr_array(np.array([[bool(one & other) for other in spans] for one in spans]))
    _, label = connected_components(shared, directed=False)
    return [[one for one, mark in zip(periods, label, strict=True) if mark == number] for number in sorted(set(label))]


def _additive(rows: pd.DataFrame, periods: list[str], relations: Relations) -> bool:
    """Whether longer periods hold the shorter ones everywhere."""
    wide = rows.pivot(index=["indicator", "area", "dimension", "group"], columns="period", values="low")
    for whole, part in product(wide.columns, wide.columns):
        if _span(part, relations) < _span(whole, relations) and (wide[part] > wide[whole] + _NEAR).any():
            return False
    for whole in wide.columns:
        parts = [one for one in wide.columns if _span(one, relations) < _span(whole, relations)]
        if parts and sum(len(_span(one, relations)) for one in parts) == len(_span(whole, relations)):
            sums = wide[parts].sum(axis=1, min_count=len(parts))
            both = sums.notna() & wide[whole].notna()
            if both.any() and (np.abs(sums - wide[whole]) < _NEAR)[both].mean() < 0.5:
                return False
    return True


def _together(rows: pd.DataFrame, relations: Relations) -> list[set[str]]:
    """Indicators that share people of whom some are not told, or that add up."""
    number = ["period", "area", "dimension", "group"]
    names = sorted(rows["indicator"].unique())
    people = rows.pivot(index=number, columns="indicator", values="people")
    count = rows.pivot(index=number, columns="indicator", values="low")
    group = {name: {name} for name in names}

    def join(*several: str) -> None:
        merged = set().union(*(group[one] for one in several if one in group))
        for one in merged:
            group[one] = merged

    out_of = {name: people[name].to_numpy(dtype=float) for name in names}
    counts = {name: count[name].to_numpy(dtype=float) for name in names}
    for one, other in combinations(names, 2):
        if _agree(out_of[one], out_of[other]):
            join(one, other)
    for one, other in permutations(names, 2):
        if _agree(counts[one], out_of[other]):
            join(one, other)
    for whole, several in relations.indicators.items():
        join(whole, *several)
    for part, whole in relations.part_of.items():
        join(part, whole)
    for several in relations.exhaustive:
        join(*several)
    return list({id(one): one for one in group.values()}.values())


def _agree(one: Floats, other: Floats) -> bool:
    """Whether two columns agree wherever both have a number, and there are such."""
    both = ~np.isnan(one) & ~np.isnan(other)
    return bool(both.any()) and bool((one[both] == other[both]).all())


def _world(
    rows: pd.DataFrame,
    periods: list[str],
    indicators: list[str],
    relations: Relations,
    geography: Geography,
    mean: bool,
) -> World:
    spans = {period: _span(period, relations) for period in periods}
    for whole in periods:
        inside = [one for one in periods if spans[one] < spans[whole]]
        rest = spans[whole] - frozenset(chain.from_iterable(spans[one] for one in inside))
        if inside and rest:
            spans[f"{whole} less {', '.join(inside)}"] = rest
    atoms = max((geography.get(period, []) for period in periods), key=len)
    every = sorted({atom for period in periods for atom in geography.get(period, [])} | set(atoms), key=sorted)
    finest = every if len(periods) > 1 and any(geography.get(p) != atoms for p in periods) else atoms
    used = sorted(rows["area"].unique())
    holds = {area: np.array([area in atom for atom in finest], dtype=float) for area in used}
    pieces = sorted(frozenset(chain.from_iterable(spans.values())))
    lasts = {period: np.array([piece in span for piece in pieces], dtype=float) for period, span in spans.items()}
    places = {(period, area): np.kron(lasts[period], holds[area]) for period in spans for area in used}
    shape = np.unique(np.array(list(places.values())), axis=1, return_index=True)[1]
    places = {place: held[np.sort(shape)] for place, held in places.items()}
    tables, sizes = _tables(rows, relations)
    areas_with: dict[str, set[_Place]] = {}
    for dimension, mine in rows.groupby("dimension"):
        here = set(zip(mine["period"], mine["area"], strict=True))
        extra = {
            (name, area) for name in spans if name not in periods for period, area in here if name.startswith(period)
        }
        areas_with[str(dimension)] = here | extra
    with_people = rows[rows["people"].notna()]
    keys = (with_people[name].tolist() for name in ("period", "area", "dimension", "group"))
    people = {
        ((period, area), dimension, group): value
        for period, area, dimension, group, value in zip(*keys, with_people["people"].tolist(), strict=True)
    }
    wanted = {
        (place, dimension, group)
        for dimension, here in areas_with.items()
        for place in here
        for group in tables[dimension][1]
    }
    known = bool(people) and not mean
    exact = [
        (whole, tuple(several))
        for whole, several in relations.indicators.items()
        if {whole, *several} <= set(indicators)
    ]
    full = [tuple(several) for several in relations.exhaustive if set(several) <= set(indicators)]
    declared = {one for several in full for one in several}
    full += [several for several in _complementary(rows, indicators) if not declared & set(several)]
    vary = known and (bool(full) or any(one not in people for one in wanted)) and _adds_up(people, places, tables)
    exact += [(_PEOPLE, several) for several in full] if vary else []
    families = [*indicators, *([_PEOPLE] if vary else [])]
    for part, whole in relations.part_of.items():
        if {part, whole} <= set(indicators):
            families.insert(0, f"{whole} less {part}")
            exact.append((whole, (part, f"{whole} less {part}")))
    return World(families, indicators, places, tables, sizes, areas_with, exact, people, mean)


def _complementary(rows: pd.DataFrame, indicators: list[str]) -> list[tuple[str, ...]]:
    """Indicators that add up to their people wherever all is told: an outcome and its complement, or one that is it."""
    number = ["period", "area", "dimension", "group"]
    count = rows.pivot(index=number, columns="indicator", values="low")
    people = rows.groupby(number)["people"].max().reindex(count.index).to_numpy(dtype=float)
    values = {name: count[name].to_numpy(dtype=float) for name in indicators}
    found: list[tuple[str, ...]] = []
    for several in [*combinations(indicators, 1), *combinations(indicators, 2)]:
        sums = sum(values[one] for one in several)
        some = np.logical_and.reduce([values[one] > 0 for one in several]) & ~np.isnan(people)
        if _agree(np.asarray(sums), people) and some.sum() >= _ALIKE:
            found.append(several)
    return found


def _adds_up(
    people: Mapping[tuple[_Place, str, str], float],
    places: Mapping[_Place, Floats],
    tables: Mapping[str, tuple[int, dict[str, Floats]]],
) -> bool:
    """Whether the people told are of one table: else they tell nothing beyond each number."""
    from scipy.optimize import linprog

    dimensions = list(tables)
    sizes = {component: len(next(iter(groups.values()))) for component, groups in tables.values()}
    atoms = len(next(iter(places.values())))
    starts = dict(zip(sorted(sizes), np.cumsum([0, *(atoms * sizes[c] for c in sorted(sizes))])[:-1], strict=True))
    width = atoms * sum(sizes.values())
    lines, right = [], []
    for (place, dimension, group), value in people.items():
        component, groups = tables[dimension]
        inside = starts[component] + np.flatnonzero(np.kron(places[place], groups[group]))
        lines.append(
            sparse.csr_array((np.ones(len(inside)), (np.zeros(len(inside), dtype=int), inside)), shape=(1, width))
        )
        right.append(value)
    lines += _margins(sorted(sizes), sizes, starts, atoms, width)
    right += [0.0] * (sum(line.shape[0] for line in lines) - len(right))
    done = linprog(
        np.zeros(width), A_eq=sparse.csr_array(sparse.vstack(lines)), b_eq=right, bounds=(0, None), method="highs"
    )
    return bool(dimensions) and done.status == 0


def _margins(
    components: list[int], sizes: Mapping[int, int], starts: Mapping[int, int], atoms: int, width: int
) -> list[sparse.csr_array]:
    """The people of each smallest area are as many in every cross table."""
    found = []
    for other in components[1:]:
        unit = sparse.eye_array(atoms, format="csr")
        line = sparse.lil_array((atoms, width))
        first = components[0]
        line[:, starts[first] : starts[first] + atoms * sizes[first]] = sparse.kron(
            unit, np.ones((1, sizes[first]))
        ).toarray()
        line[:, starts[other] : starts[other] + atoms * sizes[other]] = -sparse.kron(
            unit, np.ones((1, sizes[other]))
        ).toarray()
        found.append(sparse.csr_array(line))
    return found


def _tables(rows: pd.DataFrame, relations: Relations) -> tuple[dict[str, tuple[int, dict[str, Floats]]], list[int]]:
    """Whole cross tables: dimensions whose parts are crossed anywhere share one; each group is a set of its cells."""
    from scipy.sparse.csgraph import connected_components

    seen: dict[str, dict[str, set[str]]] = {}
    for dimension, mine in rows.groupby("dimension"):
        parts = [] if dimension == TOTAL else str(dimension).split(CROSS)
        for group in mine["group"].unique():
            for part, one in zip(parts, str(group).split(CROSS), strict=False):
                seen.setdefault(str(dimension), {}).setdefault(part, set()).add(one)
        seen.setdefault(str(dimension), {})
    groups: dict[str, set[str]] = {}
    for here in seen.values():
        for part, names in here.items():
            groups.setdefault(part, set()).update(names)
    variable = {part: part for part in groups}

    def merge(one: str, other: str) -> None:
        old, new = variable[other], variable[one]
        for part, name in variable.items():
            variable[part] = new if name == old else name

    for one, other in combinations(sorted(groups), 2):
        if all(band(name) for name in groups[one] | groups[other]) and same_variable(one, other):
            merge(one, other)
    for whole, several in relations.groups.items():
        inside = sorted({name.split("/", 1)[0] for name in (whole, *several)} & set(groups))
        for other in inside[1:]:
            merge(inside[0], other)
    cells = {
        name: _pieces([(p, g) for p in groups if variable[p] == name for g in sorted(groups[p])], relations)
        for name in set(variable.values())
    }
    every = sorted(cells)
    linked = np.eye(len(every), dtype=bool)
    for here in seen.values():
        for one, other in product(list(here), list(here)):
            linked[every.index(variable[one]), every.index(variable[other])] = True
    count, label = (
        connected_components(sparse.csr_array(linked), directed=False) if every else (1, np.zeros(0, dtype=int))
    )
    members = [[name for name, mark in zip(every, label, strict=True) if mark == number] for number in range(count)]
    sizes = [int(np.prod([_width(cells[name]) for name in several], dtype=int)) for several in members]
    tables: dict[str, tuple[int, dict[str, Floats]]] = {}
    for table, had in seen.items():
        named = [] if table == TOTAL else table.split(CROSS)
        component = next((i for i, names_in in enumerate(members) if named and variable[named[0]] in names_in), 0)
        choices = [[*sorted(had[p]), *([_REST] if (p, _REST) in cells[variable[p]] else [])] for p in named]
        made: dict[str, Floats] = {}
        for chosen in product(*choices):
            held: list[Floats] = [np.ones(_width(cells[name])) for name in members[component]]
            for part, group in zip(named, chosen, strict=True):
                at = members[component].index(variable[part])
                held[at] = held[at] * cells[variable[part]][part, group]
            row: Floats = np.ones(1)
            for each in held:
                row = np.kron(row, each).astype(np.float64)
            made[CROSS.join(chosen) or TOTAL] = row
        tables[table] = component, made
    return tables, sizes


def _width(pieces: Mapping[tuple[str, str], Floats]) -> int:
    return len(next(iter(pieces.values())))


def _pieces(named: list[tuple[str, str]], relations: Relations) -> dict[tuple[str, str], Floats]:
    """Each group of a variable as a set of its smallest pieces."""

    def inside(name: tuple[str, str]) -> set[object]:
        several = relations.groups.get("/".join(name))
        if several:
            return set().union(*(inside(tuple(one.split("/", 1))) for one in several))  # type: ignore[arg-type]
        span = band(name[1])
        if span is None:
            return {name}
        return {age for age in ends[:-1] if span[0] <= age < span[1]}

    every = list(named)
    for name in named:
        every += [tuple(one.split("/", 1)) for one in relations.groups.get("/".join(name), ())]  # type: ignore[misc]
    ends = sorted({end for name in every if (span := band(name[1])) for end in span})
    held = {name: inside(name) for name in named}
    pieces = sorted(set().union(*held.values()), key=str)
    if len(named) == 1:
        held[named[0][0], _REST] = {_REST}
        pieces.append(_REST)
    return {name: np.array([piece in some for piece in pieces], dtype=float) for name, some in held.items()}


# ---- the attack


def attacked(world: World, told: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """What can be told of each number of a world that is not shown.

    A mean is told where its sum is told within the policy's protection, of people who are certain to be too few.
    """
    least, complements = 0 if policy.zeros == "hidden" else 1, policy.protect_complement
    mine = told["low"].notna() & (told["mean"] == world.mean) & told["indicator"].isin(world.indicators)
    mine &= told["period"].isin({period for period, _ in world.places})
    rows = told[mine]
    named = (rows[name].tolist() for name in ("indicator", "period", "area", "dimension", "group"))
    values = dict(
        zip(zip(*named, strict=True), zip(rows["low"].tolist(), rows["high"].tolist(), strict=True), strict=True)
    )
    limit = told.drop_duplicates("dimension").set_index("dimension")["k"].to_dict()
    numbers = [
        (family, place, dimension, group)
        for family in world.families
        for dimension, here in world.areas_with.items()
        for place in sorted(here)
        for group in world.tables[dimension][1]
    ]
    periods = set(rows["period"])
    solver = _Solver(world, numbers, values)
    if not solver.feasible():
        if world.mean or not solver.exact_only():
            return pd.DataFrame(columns=[*KEYS, "low", "high", "kind", "safe", "reason"])
        raise DisclosureError(
            f"margins do not add up: shown numbers of {', '.join(world.indicators)} contradict one another. The "
            "release was altered, or made of tables that do not belong together."
        )
    few = None
    if world.mean:
        known = [(at, dimension, group, n) for (at, dimension, group), n in world.people.items()]
        asked = {(one, *at, dim, group): (n, n) for at, dim, group, n in known for one in world.families}
        few = _Solver(world, numbers, asked)
        few = few if few.feasible() else None  # respondents that do not add up tell nothing of each other
    ends = (
        sum((family, *place, dimension, group) not in values for family, place, dimension, group in numbers) <= _EXACT
    )
    found = []
    for family, place, dimension, group in numbers:
        if family == _PEOPLE:
            continue
        key = (family, place[0], place[1], dimension, group)
        k = float(limit[dimension])
        low, high, reason = np.nan, np.nan, ""
        people = world.people.get((place, dimension, group))
        few_people = not world.mean and family in world.indicators and place[0] in periods
        few_people = few_people and solver.few(people, place, dimension, group, policy.group_disclosure)
        if key not in values:
            form = world.form(family, place, dimension, group)
            if world.mean:
                low, high = solver.range(*form)
                if few is not None and high - low < policy.protection_percent / 100 * (low + high) / 2:
                    reason = "a mean of few is told" if few.end(*form, -1) < policy.minimum_respondents - _NEAR else ""
            else:
                low, high, certain = solver.certain(*form, 0 if few_people else least, k, ends)
                reason = "exact" if certain and low == high else "certain to be small" if certain else ""
        if (complements or few_people) and not reason and not world.mean and family in world.indicators:
            rest = None if key in values and people is not None else solver.complement(family, place, dimension, group)
            if rest is not None and solver.certain(*rest, 0 if few_people else least, k, False)[2]:
                reason = "certain that few are without"
        if key not in values or reason:
            found.append((*key, low, high, "unseen", not reason, reason))
    columns = ["indicator", "period", "area", "dimension", "group", "low", "high", "kind", "safe", "reason"]
    frame = pd.DataFrame(found, columns=columns)
    return frame.assign(safe=frame["safe"].astype(bool))[[*KEYS, "low", "high", "kind", "safe", "reason"]]


class _Solver:
    """All that is told of a world as linear constraints; what follows by subtraction is filled in first."""

    def __init__(
        self, world: World, numbers: Iterable[tuple[str, _Place, str, str]], values: Mapping[_Key, tuple[float, float]]
    ) -> None:
        self.world = world
        self.width = world.columns() * len(world.families)
        columns: list[NDArray[np.int64]] = []
        weights: list[Floats] = []
        rows: list[NDArray[np.int64]] = []
        low: list[float] = []
        high: list[float] = []

        def add(where: NDArray[np.int64], weight: Floats, least: float, most: float) -> None:
            columns.append(where)
            weights.append(weight)
            rows.append(np.full(len(where), len(low)))
            low.append(least)
            high.append(most)

        self._exact = True
        for family, place, dimension, group in numbers:
            where, weight = world.form(family, place, dimension, group)
            people = world.people.get((place, dimension, group))
            key = (family, place[0], place[1], dimension, group)
            if family == _PEOPLE:
                if people is not None:
                    add(where, weight, people, people)
            elif key in values:
                self._exact &= values[key][0] == values[key][1]
                add(where, weight, *values[key])
            elif (
                people is not None
                and not world.vary
                and not world.mean
                and family in world.indicators
                and self._counts(family, values)
            ):
                add(where, weight, 0.0, people)
        size = world.columns()
        at = {family: place * size for place, family in enumerate(world.families)}
        cells = np.arange(size)
        if world.vary:
            for family in world.indicators:
                if self._counts(family, values):
                    for cell in cells:
                        add(np.array([at[_PEOPLE] + cell, at[family] + cell]), np.array([1.0, -1.0]), 0.0, np.inf)
        for whole, several in world.exact:
            for cell in cells:
                where = np.array([at[whole] + cell, *(at[one] + cell for one in several)])
                add(where, np.array([-1.0, *[1.0] * len(several)]), 0.0, 0.0)
        atoms = len(next(iter(world.places.values())))
        starts = np.cumsum([0, *(atoms * one for one in world.sizes)])
        for family in world.families:
            for other in range(1, len(world.sizes)):
                for atom in range(atoms):
                    first = at[family] + atom * world.sizes[0] + np.arange(world.sizes[0])
                    second = at[family] + starts[other] + atom * world.sizes[other] + np.arange(world.sizes[other])
                    add(
                        np.concatenate([first, second]),
                        np.concatenate([np.ones(len(first)), -np.ones(len(second))]),
                        0.0,
                        0.0,
                    )
        index = (np.concatenate(rows) if rows else np.zeros(0), np.concatenate(columns) if columns else np.zeros(0))
        self.matrix = sparse.csr_array(
            (np.concatenate(weights) if weights else np.zeros(0), index), shape=(len(low), self.width)
        )
        self.low, self.high = np.array(low, dtype=float), np.array(high, dtype=float)
        self.value = self._subtracted()
        self._split()

    def _counts(self, family: str, values: Mapping[_Key, tuple[float, float]]) -> bool:
        """Whether a family counts some of the people, as far as both are told."""
        world = self.world
        return all(
            values.get((family, place[0], place[1], dimension, group), (0.0, 0.0))[0] <= people
            for (place, dimension, group), people in world.people.items()
        )

    def _subtracted(self) -> Floats:
        value = np.full(self.width, np.nan)
        equal = self.low == self.high
        touches = sparse.csr_array(
            (np.ones(self.matrix.nnz), self.matrix.indices, self.matrix.indptr), shape=self.matrix.shape
        )
        plain = np.asarray((self.matrix < 0).sum(axis=1)).ravel() == 0
        while True:
            open_ = np.isnan(value)
            many = touches @ open_.astype(float)
            left = self.low - self.matrix @ np.nan_to_num(value)
            take = np.flatnonzero(equal & ((many == 1) | (plain & (many > 1) & (np.abs(left) < _NEAR))))
            before = int(open_.sum())
            for row in take:
                span = slice(self.matrix.indptr[row], self.matrix.indptr[row + 1])
                for column, weight in zip(self.matrix.indices[span], self.matrix.data[span], strict=True):
                    if np.isnan(value[column]):
                        value[column] = left[row] / weight if many[row] == 1 else 0.0
            if int(np.isnan(value).sum()) == before:
                return value

    def _split(self) -> None:
        """The part of the system that is open, and which of its variables belong together."""
        from scipy.sparse.csgraph import connected_components

        self.open = np.flatnonzero(np.isnan(self.value))
        self.place = np.full(self.width, -1)
        self.place[self.open] = np.arange(len(self.open))
        fixed = self.matrix @ np.nan_to_num(self.value)
        inner = sparse.csr_array(self.matrix[:, self.open])
        size = np.diff(inner.indptr)
        done = size == 0
        self.contradiction = bool(((fixed < self.low - 1e-4) | (fixed > self.high + 1e-4))[done].any()) or bool(
            (np.nan_to_num(self.value) < -1e-4).any()
        )
        self.inner, self.least, self.most = inner[~done], (self.low - fixed)[~done], (self.high - fixed)[~done]
        pattern = sparse.csr_array(
            (np.ones(self.inner.nnz), self.inner.indices, self.inner.indptr), shape=self.inner.shape
        )
        many = len(self.open)
        if many:
            graph = sparse.block_array([[None, pattern.T], [pattern, None]], format="csr")
            _, label = connected_components(graph, directed=False)
            self.part, self.row_part = label[:many], label[many:]
        else:
            self.part = self.row_part = np.zeros(0, dtype=int)
        self._met: dict[int, list[Floats]] = {}  # tables met so far: each shows what other numbers may be too
        self._systems: dict[int, tuple[NDArray[np.int64], dict[str, object]]] = {}

    def exact_only(self) -> bool:
        """Whether all that is told is told exactly."""
        return self._exact

    def feasible(self) -> bool:
        """Whether some table agrees with all that is told."""
        if self.contradiction:
            return False
        return all(
            self._ask(part, np.zeros(len(self._system(part)[0]))) is not None for part in np.unique(self.row_part)
        )

    def _system(self, part: int) -> tuple[NDArray[np.int64], dict[str, object]]:
        if part not in self._systems:
            mine = np.flatnonzero(self.part == part)
            rows = np.flatnonzero(self.row_part == part)
            block = sparse.csr_array(self.inner[rows][:, mine])
            low, high = self.least[rows], self.most[rows]
            equal = high - low < 1e-9
            above, below = ~equal & np.isfinite(high), ~equal & np.isfinite(low)
            limits = sparse.vstack([block[above], -block[below]], format="csr")
            asked: dict[str, object] = {"bounds": (0, None), "method": "highs"}
            if equal.any():
                asked |= {"A_eq": block[equal], "b_eq": low[equal]}
            if limits.shape[0]:
                asked |= {"A_ub": limits, "b_ub": np.concatenate([high[above], -low[below]])}
            self._systems[part] = mine, asked
        return self._systems[part]

    def _ask(self, part: int, cost: Floats) -> float | None:
        """The least of a form over a part; minus infinity where nothing bounds it, None where no table is left."""
        from scipy.optimize import linprog

        done = linprog(cost, **self._system(part)[1])
        if done.status == 3:
            return -np.inf
        if done.status == 2:
            return None
        if done.status != 0:
            return -np.inf
        self._met.setdefault(part, []).append(np.asarray(done.x, dtype=np.float64))
        return float(done.fun)

    def end(self, columns: NDArray[np.int64], weights: Floats, way: int) -> float:
        """The least (way 1) or greatest (−1) value of a form."""
        known = np.nan_to_num(self.value[columns])
        total = float(known @ weights)
        free = self.place[columns] >= 0
        place, weight = self.place[columns[free]], weights[free]
        for part in np.unique(self.part[place]):
            mine, _ = self._system(int(part))
            cost = np.zeros(len(mine))
            here = self.part[place] == part
            np.add.at(cost, np.searchsorted(mine, place[here]), way * weight[here])
            if not (self.row_part == part).any():
                found = -np.inf if (cost < 0).any() else 0.0
            else:
                asked = self._ask(int(part), cost)
                found = -np.inf if asked is None else asked
            total += way * found
        return total

    def range(self, columns: NDArray[np.int64], weights: Floats) -> tuple[float, float]:
        """The least and greatest value of a form."""
        return self.end(columns, weights, 1), self.end(columns, weights, -1)

    def certain(
        self, columns: NDArray[np.int64], weights: Floats, least: int, k: float, ends: bool
    ) -> tuple[float, float, bool]:
        """A form's whole numbers, and whether all of them are small, though none is zero.

        Unless both ``ends`` are wanted, the least is not asked for where the greatest shows that nothing is certain.
        """
        if not ends and self._reached(columns, weights) >= k:
            return 0.0, k, False
        high = np.floor(self.end(columns, weights, -1) + _NEAR)
        if high >= k and not ends:
            return 0.0, high, False
        low = np.ceil(self.end(columns, weights, 1) - _NEAR)
        return low, high, bool(low >= least and high < k)

    def _reached(self, columns: NDArray[np.int64], weights: Floats) -> float:
        """The greatest value of a form in tables met so far."""
        total = float(np.nan_to_num(self.value[columns]) @ weights)
        free = self.place[columns] >= 0
        place, weight = self.place[columns[free]], weights[free]
        for part in np.unique(self.part[place]):
            here = self.part[place] == part
            at = np.searchsorted(self._system(int(part))[0], place[here])
            total += max((float(one[at] @ weight[here]) for one in self._met.get(int(part), ())), default=-np.inf)
        return total

    def few(self, people: float | None, place: _Place, dimension: str, group: str, most: int | None) -> bool:
        """Whether a group is certain to have people, at most so many."""
        if most is None or (people is None and not self.world.vary):
            return False
        if people is not None:
            return 1 <= people <= most
        form = self.world.form(_PEOPLE, place, dimension, group)
        return self.end(*form, -1) <= most + _NEAR and self.end(*form, 1) >= 1 - _NEAR

    def complement(
        self, family: str, place: _Place, dimension: str, group: str
    ) -> tuple[NDArray[np.int64], Floats] | None:
        """The people without the outcome as a form; None where nobody tells the people at all."""
        where, weight = self.world.form(family, place, dimension, group)
        if self.world.vary:
            other, unit = self.world.form(_PEOPLE, place, dimension, group)
            return np.concatenate([other, where]), np.concatenate([unit, -weight])
        people = self.world.people.get((place, dimension, group))
        if people is None:
            return None
        self.value, self.place = np.append(self.value, people), np.append(self.place, -1)  # a variable that is known
        return np.concatenate([where, [len(self.value) - 1]]), np.concatenate([-weight, [1.0]])
