"""One aggregation under way: one scan a crossing, its checks, the margins of each crossing, their estimates."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pandas as pd

from hyteanalysis import areas as area_codes
from hyteanalysis.cells import CROSS, KEYS, TOTAL, reference_groups
from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.sources.microdata import checks, margins
from hyteanalysis.sources.microdata.estimates import estimated
from hyteanalysis.sources.microdata.outcomes import Outcome
from hyteanalysis.sources.microdata.question import Question
from hyteanalysis.sources.microdata.schema import Schema
from hyteanalysis.sources.microdata.source import Source, fetched
from hyteanalysis.sources.microdata.stage import prepared, stage, with_quantiles, zeros_and_ones

YEAR = 2025  # division of the official hierarchy, unless another is named


class Run:
    """One aggregation under way: what each step needs of the ones before."""

    def __init__(
        self, held: Source, asked: Question, schema: Schema | None, hierarchy: Any, year: int | None, missing: str,
        lonely: str, level: float, with_margins: bool,
    ) -> None:  # fmt: skip
        self.held, self.asked, self.schema = held, asked, schema
        self.missing, self.lonely, self.level = missing, lonely, level
        if hierarchy is None and schema is not None and schema.cells:
            hierarchy = "official"  # cells of larger areas are asked for
        self.hierarchy = hierarchy
        if isinstance(hierarchy, str):
            one_of(hierarchy, ("official",), "hierarchy (besides a frame area, parent)", MeasureError)
        default = YEAR if isinstance(hierarchy, str) else None
        self.year = year or (schema.year if schema else None) or default
        self.with_margins = with_margins
        self.rows = 0
        self.plan = list(self._plan())
        self.steps = sum(len(subsets) for _, subsets in self.plan)

    def _plan(self) -> Iterator[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
        """Each crossing with the margins first seen in it."""
        seen: set[tuple[str, ...]] = set()
        for names in self.asked.tables:
            sizes = range(len(names), -1, -1) if self.with_margins else [len(names)]
            subsets = [subset for size in sizes for subset in combinations(names, size) if subset not in seen]
            seen |= set(subsets)
            if subsets:
                yield names, subsets

    def cells(self, quantiles: int | None, within: str, bar: Any) -> pd.DataFrame:
        """The cells of every crossing and its margins."""
        rows = prepared(self.held, self.asked)
        if quantiles is not None:
            rows = with_quantiles(rows, self.asked, quantiles, within)
        frames: list[pd.DataFrame] = []
        orders: dict[str, dict[str, int]] = {}
        links, layers = None, None
        binary = zeros_and_ones(self.held, self.asked)
        for number, (names, subsets) in enumerate(self.plan):
            bar.set_description(CROSS.join(names) or TOTAL)
            made = self.held.keep(stage(rows, self.held, self.asked, names, binary))
            outcomes = checks.check(made, self.asked, names, missing=self.missing)
            if number == 0:
                links = self._links(made)
                self.rows = int(made.rows.sum().execute())
                layers = margins.strata(made, self.asked, self.lonely) if self.asked.designed else None
            orders |= self._orders(made, names, quantiles)
            frames += [
                self._table(made, subset, links, layers, outcomes, orders, bar) for subset in subsets
            ]  # fmt: skip
        found = pd.concat(frames, ignore_index=True)
        place = {name: number for number, name in enumerate(self.asked.outcomes)}
        found = found.assign(place=found["indicator"].map(place))
        found = found.sort_values(["place", *KEYS[1:]], ignore_index=True).drop(columns="place")
        return found if found["note"].notna().any() else found.drop(columns="note")

    def _table(
        self, made: Any, subset: tuple[str, ...], links: pd.DataFrame | None, layers: Any,
        outcomes: dict[str, Outcome], orders: dict[str, dict[str, int]], bar: Any,
    ) -> pd.DataFrame:  # fmt: skip
        sums = margins.margin(made, self.asked, subset, links, layers)
        sums["lacking"] = 0.0
        if subset and self.missing == "leave_out":
            everybody = margins.people(made, links)
            there = sums.groupby(["area", "period"])["rows"].sum()
            lost = everybody.sub(there, fill_value=0.0).rename("lacking").reset_index()
            sums = sums.drop(columns="lacking").merge(lost, on=["area", "period"], how="left", validate="many_to_one")
        bar.update()
        return estimated(sums, subset, outcomes, orders, self.level)

    def _links(self, made: Any) -> pd.DataFrame | None:
        """``area, target``: each area goes into itself and into those above it."""
        codes = fetched(made.select("area").distinct())["area"].tolist()
        level = self.schema.level if self.schema else None
        checks.check_areas(codes, year=self.year, level=level)
        if self.hierarchy is None:
            return None
        tree = area_codes.hierarchy(self.year or YEAR) if isinstance(self.hierarchy, str) else self.hierarchy
        above = area_codes.ancestry(tree).rename(columns={"ancestor": "target"})
        above = above[above["area"].isin(codes)]
        if overlap := sorted(set(above["target"]) & set(codes)):
            raise MeasureError(
                f"The data hold {overlap[0]} and areas within it: people of the larger area would be counted twice. "
                "Give rows of one level only."
            )
        own = pd.DataFrame({"area": codes, "target": codes})
        return self._wanted(pd.concat([own, above], ignore_index=True))

    def _wanted(self, links: pd.DataFrame) -> pd.DataFrame:
        """Those whose larger area is of a level that the schema asks for."""
        levels = self.schema.cells if self.schema else ()
        kept = links[links["target"].map(area_codes.level).isin(levels)] if levels else links
        if kept.empty:
            raise MeasureError(
                f"The schema asks for cells of {', '.join(levels)}; the data hold no such area, nor one within it. "
                "Take the official hierarchy, or name another level under area: cells."
            )
        return kept

    def _orders(self, made: Any, names: tuple[str, ...], quantiles: int | None) -> dict[str, dict[str, int]]:
        """Order of each dimension's groups: of its quantiles, of the schema, else of the reference groups."""
        if not names:
            return {}
        crossed = fetched(made.group_by([f"g_{name}" for name in names]).aggregate(rows=made.rows.sum()))
        orders: dict[str, dict[str, int]] = {}
        for name in names:
            if self.asked.rank is not None and name == self.asked.rank[0]:
                orders[name] = {f"q{k}": k for k in range(1, (quantiles or 0) + 1)}
                continue
            codes = crossed.groupby(f"g_{name}", dropna=False, as_index=False)["rows"].sum()
            codes = codes.set_axis(["code", "rows"], axis=1)
            checks.check_codes(codes, name, self.asked.groups[name], self.schema)
            if self.schema is not None:
                orders[name] = {code: k for k, code in enumerate(self.schema.groups[name].get("order", ()), start=1)}
                continue
            common = reference_groups()
            common = common[(common["dimension"] == name) & common["order"].notna()]
            ranks = dict(zip(common["group"], common["order"].astype(int), strict=True))
            orders[name] = ranks if set(codes["code"].dropna()) <= set(ranks) else {}
        return {name: order for name, order in orders.items() if order}

    def told(self) -> dict[str, Any]:
        """What was asked for, as the manifest keeps it."""
        asked = self.asked
        return {
            "area": asked.area, "period": asked.period, "groups": asked.groups,
            "tables": [list(names) for names in asked.tables],
            "outcomes": {name: outcome.column for name, outcome in asked.outcomes.items()}, "weight": asked.weight,
            "strata": list(asked.strata), "cluster": asked.cluster, "year": self.year,
            "hierarchy": self.hierarchy if isinstance(self.hierarchy, str) or self.hierarchy is None else "own",
        }  # fmt: skip
