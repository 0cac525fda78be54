"""Random worlds of all kinds that readers could subtract in: people drawn one table at a time, with every margin."""

from itertools import combinations, product

import numpy as np
import pandas as pd

import hyteanalysis as hyte
from hyteanalysis.disclosure import Relations

KEYS = ["indicator", "area", "period", "dimension", "group"]
CLASSES = {
    "sex": ["women", "men"],
    "language": ["fi", "sv", "other"],
    "education": ["low", "mid", "high"],
    "age5": ["20-24", "25-29", "30-34", "35-39"],
}
COARSER = {
    "age10": ("age5", {"20-29": ["20-24", "25-29"], "30-39": ["30-34", "35-39"]}),
    "school": ("education", {"basic": ["low"], "further": ["mid", "high"]}),
}


def people(rng, areas, parts, *, mean, share):
    """Finest cells: area, a group of each part, population and events."""
    atoms = pd.DataFrame(list(product(areas, *(CLASSES[part] for part in parts))), columns=["area", *parts])
    atoms["population"] = rng.poisson(rng.lognormal(np.log(mean), 0.9, len(atoms)))
    atoms["events"] = rng.binomial(atoms["population"], share)
    return atoms


def margins(atoms, parts, regions, values, *, crossed=True):
    """Every area and region × every margin (or single dimensions only) of finest cells."""
    rows = []
    names = [(), *((part,) for part in parts)]
    names += [pair for size in range(2, len(parts) + 1) for pair in combinations(parts, size)] if crossed else []
    for area, inside in regions.items():
        here = atoms[atoms["area"].isin(inside)]
        for name in names:
            if not name:
                rows.append((area, "total", "total", *here[values].sum()))
                continue
            for group, sums in here.groupby(list(name), sort=False)[values].sum().iterrows():
                joined = " × ".join(group if isinstance(group, tuple) else (group,))
                rows.append((area, " × ".join(name), joined, *sums))
    return pd.DataFrame(rows, columns=["area", "dimension", "group", *values]).astype(dict.fromkeys(values, float))


def coarser(cells, dimension):
    """The same numbers in a coarser classification of one of the dimensions."""
    fine, groups = COARSER[dimension]
    rows = []
    mine = cells[cells["dimension"] == fine]
    for group, inside in groups.items():
        some = mine[mine["group"].isin(inside)]
        keys = [name for name in mine.columns if name not in ("events", "population", "group", "dimension", "estimate")]
        sums = some.groupby(keys, as_index=False)[["events", "population"]].sum()
        rows.append(sums.assign(dimension=dimension, group=group))
    return pd.concat([cells, *rows], ignore_index=True)


def hierarchical(areas, *, linked, rng):
    """Regions, and a hierarchy: one system of regions or two that do not nest."""
    regions = {area: [area] for area in areas}
    parents = []
    systems = {"R": areas, **({"A": [str(one) for one in rng.permutation(areas)]} if linked else {})}
    for name, order in systems.items():
        for number, part in enumerate(np.array_split(order, 2)):
            regions[f"{name}{number}"] = [str(one) for one in part]
            parents += [(str(one), f"{name}{number}") for one in part] + [(f"{name}{number}", "T")]
    regions["T"] = list(areas)
    return regions, pd.DataFrame(parents, columns=["area", "parent"])


def metadata(cells, kinds):
    """Metadata of indicators: kind by name."""
    names = list(cells["indicator"].unique())
    return pd.DataFrame(
        {
            "indicator": names,
            "title_en": names,
            "unit": "%",
            "kind": [kinds.get(name, "proportion") for name in names],
            "scale": [100 if kinds.get(name, "proportion") == "proportion" else 1 for name in names],
            "favourable": False,
        }
    )


def finished(cells):
    """Rates of counts, where there are people."""
    rate = (100 * cells["events"] / cells["population"]).where(cells["population"] > 0, 0.0)
    return cells.assign(estimate=rate, period=cells.get("period", "2024"))


KINDS = ["complement", "uncrossed", "linked", "three", "several", "parts", "left over", "exhaustive"]
KINDS += ["periods", "open periods", "ages", "classes", "rates", "means", "shown people", "previous"]


def second_world(kind, seed):
    """Cells, options of ``release``, and true counts with those that nobody shows but readers can reach."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    areas = [f"K{i}" for i in range(int(rng.integers(2, 5)))]
    parts = {"ages": ["age5"], "classes": ["education"], "three": ["language", "sex"], "linked": ["sex"]}.get(kind)
    parts = parts or [str(rng.choice(["sex", "language"]))]
    if kind == "uncrossed":
        parts = ["education", "sex"]
    mean = float(rng.choice([6, 12, 30, 80]))
    share = float(rng.choice([0.1, 0.3, 0.6, 0.9]))
    regions, tree = hierarchical(areas, linked=kind == "linked", rng=rng)
    if kind in ("three", "uncrossed") or len(areas) == 2:
        regions = {**{area: [area] for area in areas}, "T": areas}
        tree = pd.DataFrame({"area": areas, "parent": "T"})
    options = {"hierarchy": tree, "policy": hyte.Policy.from_profile("thl")}
    values = ["events", "population"]
    atoms = people(rng, areas, parts, mean=mean, share=share)
    crossed = kind != "uncrossed"

    def table(extra=atoms, **columns):
        return margins(extra, parts, regions, values, crossed=crossed).assign(**columns)

    if kind in ("several", "parts", "left over", "exhaustive"):
        other = atoms.assign(events=rng.binomial(atoms["events"], 0.6))
        rest = atoms.assign(events=atoms["events"] - other["events"])
        none = atoms.assign(events=atoms["population"] - atoms["events"])
        free = atoms.assign(events=rng.binomial(atoms["population"], 0.2))
        if kind == "several":
            cells = pd.concat([table(indicator="x"), table(free, indicator="y")])
            options["relations"] = Relations(independent=("x", "y"))
        elif kind == "parts":
            cells = pd.concat([table(indicator="any"), table(other, indicator="daily"), table(rest, indicator="some")])
            options["relations"] = Relations(indicators={"any": ("daily", "some")})
        elif kind == "left over":
            cells = pd.concat([table(indicator="any"), table(other, indicator="daily")])
            options["relations"] = Relations(part_of={"daily": "any"})
        else:
            cells = pd.concat(
                [table(none, indicator="no"), table(other, indicator="daily"), table(rest, indicator="some")]
            )
            options["relations"] = Relations(exhaustive=(("no", "daily", "some"),))
    elif kind in ("periods", "open periods"):
        years = {year: people(rng, areas, parts, mean=mean, share=share) for year in ("2020", "2021", "2022")}
        whole = years["2020"].assign(**{name: sum(one[name] for one in years.values()) for name in values})
        shown = [*years][: 2 if kind == "open periods" else 3]
        cells = pd.concat([table(years[year], period=year) for year in shown] + [table(whole, period="2020-2022")])
        cells = cells.assign(indicator="x")
    else:
        cells = table(indicator="x")
    cells = finished(cells)
    if kind == "ages":
        cells = finished(coarser(cells, "age10"))
    if kind == "classes":
        cells = finished(coarser(cells, "school"))
        groups = {"education/low": ("school/basic",), "school/further": ("education/mid", "education/high")}
        options["relations"] = Relations(groups=groups)
    truth = cells.set_index(KEYS)[values]
    if kind == "rates":
        cells = cells.assign(estimate=cells["estimate"].round(1)).drop(columns="events")
        cells = cells[cells["population"] > 0].rename(columns={"population": "respondents"})
        options["policy"] = hyte.Policy(minimum_respondents=0)
    if kind == "means":
        cells = cells.assign(estimate=rng.normal(24, 3, len(cells)).round(1)).rename(
            columns={"population": "respondents"}
        )
        mine = margins(atoms.assign(events=atoms["population"] * rng.normal(24, 3, len(atoms))), parts, regions, values)
        cells = cells.assign(estimate=(mine["events"] / mine["population"]).to_numpy()).drop(columns="events")
        cells = cells[cells["respondents"] > 0]
    if kind == "shown people":
        options["policy"] = hyte.Policy(public_populations=True)
    if kind == "previous":
        early = cells[cells["dimension"] == "total"]
        options["previous"] = [hyte.release(early, metadata(early, {}), policy=options["policy"], hierarchy=tree)]
    return cells, metadata(cells, {"x": "mean"} if kind == "means" else {}), options, truth
