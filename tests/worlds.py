"""Random worlds of tables, and an attacker that knows nothing of the library's: counts by area and groups."""

from itertools import combinations, product

import numpy as np
import pandas as pd
from scipy.optimize import linprog

SEXES = ["women", "men"]
LANGUAGES = ["fi", "sv", "other"]


def world(
    seed, *, areas=6, nested=True, linked=False, parts=("sex", "language"), mean=12, population=False, absent=0.0
):
    """Cells with every margin, and their hierarchy: small counts abound, areas lie in one or two systems of regions."""
    rng = np.random.default_rng(seed)
    groups = {"sex": SEXES, "language": LANGUAGES, "age": ["0-17", "18-64", "65+"]}
    small = [f"K{i + 1}" for i in range(areas)]
    parents = [(area, "Total") for area in small]
    regions = {"Total": small}
    if nested:
        regions |= {f"R{j + 1}": list(part) for j, part in enumerate(np.array_split(small, max(2, areas // 3)))}
    if linked:
        shuffled = list(rng.permutation(small))
        regions |= {f"A{j + 1}": part for j, part in enumerate(np.array_split(shuffled, max(2, areas // 3)))}
        regions = {name: [str(one) for one in part] for name, part in regions.items()}
    if len(regions) > 1:
        parents = [(area, name) for name, part in regions.items() if name != "Total" for area in part]
        parents += [(name, "Total") for name in regions if name != "Total"]
    keys = [groups[part] for part in sorted(parts)]
    atoms = pd.DataFrame(list(product(small, *keys)), columns=["area", *sorted(parts)])
    scale = rng.lognormal(np.log(mean), 1.1, len(atoms))
    people = rng.poisson(scale * 4) if population else None
    atoms["events"] = rng.binomial(people, 0.25) if population else rng.poisson(scale)
    if population:
        atoms["population"] = people
    rows = []
    numbers = ["events", *(["population"] if population else [])]
    for name, inside in {**{area: [area] for area in small}, **regions}.items():
        here = atoms[atoms["area"].isin(inside)]
        for size in range(len(parts) + 1):
            for chosen in combinations(sorted(parts), size):
                sums = here.groupby(list(chosen))[numbers].sum() if chosen else here[numbers].sum().to_frame().T
                for key, values in zip(sums.index, sums.to_numpy(), strict=True):
                    group = " × ".join(key if isinstance(key, tuple) else (key,)) if chosen else "total"
                    rows.append((name, " × ".join(chosen) or "total", group, *values))
    cells = pd.DataFrame(rows, columns=["area", "dimension", "group", *numbers]).astype(dict.fromkeys(numbers, float))
    cells = cells.assign(indicator="n", period="2024", estimate=cells["events"])
    if population:
        cells["estimate"] = (100 * cells["events"] / cells["population"]).where(cells["population"] > 0, 0.0)
    if absent:
        cells = cells[rng.random(len(cells)) >= absent].reset_index(drop=True)
    return cells, pd.DataFrame(parents, columns=["area", "parent"])


def leaves(hierarchy):
    """The smallest areas in each area."""
    below = hierarchy.groupby("parent")["area"].agg(list).to_dict()

    def within(area):
        return {leaf for child in below[area] for leaf in within(child)} if area in below else {area}

    return {area: within(area) for area in {*hierarchy["area"], *hierarchy["parent"]}}


def intervals(published, hierarchy, *, fixed=None):
    """Feasible interval of every suppressed count, from what is published alone (events, and population as a limit)."""
    parts = sorted({part for name in published["dimension"].unique() if name != "total" for part in name.split(" × ")})
    groups = {part: set() for part in parts}
    for row in published[["dimension", "group"]].drop_duplicates().itertuples():
        if row.dimension != "total":
            for part, group in zip(row.dimension.split(" × "), row.group.split(" × "), strict=True):
                groups[part].add(group)
    inside = leaves(hierarchy)
    small = sorted({leaf for area in published["area"].unique() for leaf in inside.get(area, {area})})
    atoms = list(product(small, *(sorted(groups[part]) for part in parts)))

    def form(row):
        wanted = (
            dict(zip(row.dimension.split(" × "), row.group.split(" × "), strict=True))
            if row.dimension != "total"
            else {}
        )
        held = inside.get(row.area, {row.area})
        return [
            float(atom[0] in held and all(atom[1 + parts.index(part)] == group for part, group in wanted.items()))
            for atom in atoms
        ]

    has_people = "population" in published
    width = len(atoms)
    equal, right, limit, limits, hidden = [], [], [], [], []
    for row in published.itertuples():
        line = form(row)
        shown = row.events == row.events
        if fixed and (row.area, row.dimension, row.group) == fixed[0]:
            equal.append(line + [0.0] * (width if has_people else 0))
            right.append(fixed[1])
        if shown:
            equal.append(line + [0.0] * (width if has_people else 0))
            right.append(row.events)
        else:
            hidden.append((row, line))
        if has_people and row.population == row.population:
            equal.append([0.0] * width + line)
            right.append(row.population)
    if has_people:
        for i in range(width):
            line = np.zeros(2 * width)
            line[i], line[width + i] = 1, -1
            limit.append(line)
            limits.append(0.0)
    found = []
    for row, line in hidden:
        objective = np.array(line + [0.0] * (width if has_people else 0))
        ends = []
        for way in (1, -1):
            answer = linprog(
                way * objective,
                A_eq=np.array(equal) if equal else None,
                b_eq=right or None,
                A_ub=np.array(limit) if limit else None,
                b_ub=limits or None,
                bounds=(0, 1e5),
                method="highs",
            )
            assert answer.status == 0, answer.message
            ends.append(way * answer.fun)
        found.append((row.area, row.dimension, row.group, ends[0], ends[1]))
    return pd.DataFrame(found, columns=["area", "dimension", "group", "low", "high"])


def unsafe(cells, release, hierarchy, *, k=5, complement=False):
    """Unsafe counts that the attacker tells too closely from the release, with their intervals."""
    keys = ["area", "dimension", "group"]
    truth = cells.set_index(keys)
    found = intervals(release.cells, hierarchy).join(truth[["events"]].add_prefix("true_"), on=keys)
    small = found["true_events"].between(1, k - 1)
    bad = small & ((found["low"] > 1 + 1e-6) | (found["high"] < k - 1e-6))
    shown = release.cells[release.cells["events"].between(1, k - 1)]
    if complement and "population" in truth:
        found = found.join(truth[["population"]], on=keys)
        shown_people = release.cells.set_index(keys)["population"]
        other = found["population"] - found["true_events"]
        people = shown_people.reindex(pd.MultiIndex.from_frame(found[keys])).to_numpy()
        low, high = people - found["high"], people - found["low"]
        bad |= other.between(1, k - 1) & ~np.isnan(people) & ((low > 1 + 1e-6) | (high < k - 1e-6))
        other_shown = (release.cells["population"] - release.cells["events"]).between(1, k - 1)
        shown = pd.concat([shown, release.cells[other_shown]])
    return pd.concat([found[bad], shown[[*keys]]])
