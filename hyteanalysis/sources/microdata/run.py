"""One aggregation under way: one scan a crossing, its checks, the margins of each crossing, their estimates."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import ibis
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis import areas, uncertainty
from hyteanalysis import areas as area_codes
from hyteanalysis.areas import spelling
from hyteanalysis.cells import CELL_COLUMNS, CROSS, KEYS, TOTAL, cross, reference_groups
from hyteanalysis.classification import is_total
from hyteanalysis.errors import MeasureError, TidyError, counted, one_of
from hyteanalysis.marks import is_error, remedy
from hyteanalysis.sources import columns
from hyteanalysis.sources.microdata.question import Outcome, Question
from hyteanalysis.sources.microdata.schema import Schema
from hyteanalysis.sources.microdata.source import Source, fetched
from hyteanalysis.sources.microdata.stage import prepared, stage, with_quantiles, zeros_and_ones

YEAR = 2025  # division of the official hierarchy, unless another is named
SHOWN = 5  # unknown codes named before "and n more"
LONELY = ("fail", "remove", "certainty", "adjust")
PLAIN = ("rows", "n", "y", "q", "x")
DESIGN = ("t", "v")
SQUARES = ("a", "b", "d")
Array = NDArray[np.float64]


class Run:
    """One aggregation under way: what each step needs of the ones before."""

    def __init__(
        self, held: Source, asked: Question, schema: Schema | None, hierarchy: Any, year: int | None, missing: str,
        lonely: str, level: float, with_margins: bool,
    ) -> None:  # fmt: skip
        self.held, self.asked, self.schema = held.once(asked.columns), asked, schema
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
        self.matched: dict[str, str] = {}  # areas told by their name alone
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
        declared = self.schema.groups if self.schema else {}
        known = {name: list(entry["values"]) for name, entry in declared.items()}
        rows = prepared(self.held, self.asked)
        if quantiles is not None:
            rows = with_quantiles(rows, self.asked, quantiles, within)
        frames: list[pd.DataFrame] = []
        orders: dict[str, dict[str, int]] = {}
        links, layers = None, None
        binary = zeros_and_ones(self.held, self.asked)
        for number, (names, subsets) in enumerate(self.plan):
            bar.set_description(CROSS.join(names) or TOTAL)
            made = self.held.keep(stage(rows, self.held, self.asked, names, binary, known))
            outcomes = _check(made, self.asked, names, missing=self.missing)
            if number == 0:
                links = self._links(made)
                self.rows = int(made.rows.sum().execute())
                layers = _strata(made, self.asked, self.lonely) if self.asked.designed else None
            orders |= self._orders(made, names, quantiles)
            frames += [
                self._table(made, subset, links, layers, outcomes, orders, bar) for subset in subsets
            ]  # fmt: skip
        found = pd.concat(frames, ignore_index=True)
        place = {name: number for number, name in enumerate(self.asked.outcomes)}
        found = found.assign(place=found["indicator"].map(place))
        found = found.sort_values(["place", *KEYS[1:]], ignore_index=True).drop(columns="place")
        for name, code in self.matched.items():
            said = found["note"].where(found["area"] == code).fillna("") + f" Area {name!r} was read as {code}."
            found["note"] = found["note"].mask(found["area"] == code, said.str.strip().astype("str"))
        return found if found["note"].notna().any() else found.drop(columns="note")

    def _table(
        self, made: Any, subset: tuple[str, ...], links: pd.DataFrame | None, layers: Any,
        outcomes: dict[str, Outcome], orders: dict[str, dict[str, int]], bar: Any,
    ) -> pd.DataFrame:  # fmt: skip
        sums = _margin(made, self.asked, subset, links, layers)
        sums["lacking"] = 0.0
        if subset and self.missing == "leave_out":
            everybody = _people(made, links)
            there = sums.groupby(["area", "period"])["rows"].sum()
            lost = everybody.sub(there, fill_value=0.0).rename("lacking").reset_index()
            sums = sums.drop(columns="lacking").merge(lost, on=["area", "period"], how="left", validate="many_to_one")
        bar.update()
        hidden = "suppressed" in self.asked.written.marks.values()
        return _estimated(sums, subset, outcomes, orders, self.level, hidden=hidden)

    def _links(self, made: Any) -> pd.DataFrame | None:
        """``area, target``: each area goes into itself and into those above it."""
        codes = fetched(made.select("area").distinct())["area"].tolist()
        level = self.schema.level if self.schema else None
        official = isinstance(self.hierarchy, str)
        tree = area_codes.hierarchy(self.year or YEAR) if official else self.hierarchy
        own = placed(codes, year=self.year, level=level, tree=tree if official else None)
        named = own[own["by_name"]]
        self.matched = dict(zip(named["area"], named["target"], strict=True))
        own = own[["area", "target"]]
        if tree is None:
            return None if (own["area"] == own["target"]).all() else own
        above = area_codes.ancestry(tree).rename(columns={"ancestor": "above", "area": "target"})
        above = own.merge(above, on="target").drop(columns="target").rename(columns={"above": "target"})
        if overlap := sorted(set(above["target"]) & set(own["target"])):
            raise MeasureError(
                f"The data hold {overlap[0]} and areas within it: people of the larger area would be counted twice. "
                "Give rows of one level only."
            )
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
            _check_codes(codes, name, self.asked.groups[name], self.schema)
            column = self.asked.groups[name]
            if self.schema is None and column in self.held.ordered and column in self.held.labels:
                orders[name] = {label: k for k, label in enumerate(self.held.labels[column].values(), start=1)}
                continue
            if self.schema is None and column in self.held.categories:
                orders[name] = {code: k for k, code in enumerate(self.held.categories[column], start=1)}
                continue
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
            "areas_by_name": self.matched, "strata": list(asked.strata), "cluster": asked.cluster, "year": self.year,
            "hierarchy": self.hierarchy if isinstance(self.hierarchy, str) or self.hierarchy is None else "own",
        }  # fmt: skip


def _check(made: Any, asked: Question, names: tuple[str, ...], *, missing: str) -> dict[str, Outcome]:
    """Refuse faulty weights, empty keys and values that are not valid; return the outcomes, their kinds settled."""
    row = fetched(made.aggregate(**_counts(made, asked, names))).iloc[0]
    faults: list[tuple[Any, ...]] = []
    for name, column in {"area": asked.area, "period": asked.period, "h": asked.strata, "c": asked.cluster}.items():
        if column and row[f"empty_{name}"]:
            shown = column if isinstance(column, str) else " + ".join(column)
            faults.append((shown, None, f"is empty on {counted(row[f'empty_{name}'], 'row')}.", "Every row needs it."))
    for name in names if missing == "error" else ():
        if row[f"empty_g_{name}"]:
            faults.append((asked.groups[name], None, f"is empty on {counted(row[f'empty_g_{name}'], 'row')}.",
                           "Recode them, or choose missing='leave_out': they count in the totals only."))  # fmt: skip
    if asked.weight:
        if row["w_empty"]:
            faults.append(
                (asked.weight, None, f"is empty on {counted(row['w_empty'], 'row')}.", "Every row has a weight.")
            )
        if row["w_least"] < 0:
            faults.append((asked.weight, float(row["w_least"]), "is below zero.", "Weights are 0 or more."))
    kinds = {}
    for place, (indicator, outcome) in enumerate(asked.outcomes.items()):
        binary = row[f"odd{place}"] == 0 if f"odd{place}" in row else row[f"q{place}"] == row[f"y{place}"]
        kinds[indicator] = outcome.settled(bool(binary))
        faults += _outcome_faults(row, place, outcome, bool(binary), weighted=bool(asked.weight))
    if faults:
        listed = pd.DataFrame(faults, columns=["column", "value", "problem", "remedy"], dtype=object)
        raise TidyError(listed.assign(row=None))
    return kinds


def _counts(made: Any, asked: Question, names: tuple[str, ...]) -> dict[str, Any]:
    keys = ["area", "period", *(f"g_{name}" for name in names)]
    keys += (["h"] if asked.designed else []) + (["c"] if asked.cluster else [])
    found = {f"empty_{key}": made.rows.sum(where=made[key].isnull()).fill_null(0) for key in keys}
    if asked.weight:
        found |= {"w_least": made.w_least.min(), "w_empty": made.w_empty.sum()}
    for column in made.columns:
        if column.startswith(("n", "y", "q", "odd", "bad", "unread", "part")) and column[-1].isdigit():
            found[column] = made[column].sum()
        elif column.startswith(("low", "least", "sample")):
            found[column] = made[column].min()
        elif column.startswith("high"):
            found[column] = made[column].max()
    return found


def _outcome_faults(
    row: "pd.Series[Any]", place: int, outcome: Outcome, binary: bool, *, weighted: bool
) -> list[tuple[Any, ...]]:
    column = outcome.column
    faults: list[tuple[Any, ...]] = []
    if row.get(f"unread{place}", 0):
        example = str(row[f"sample{place}"])
        problem = f"is no number; {counted(row[f'unread{place}'], 'row holds', 'rows hold')} such text."
        told = "Recode it as a number, such as 1 and 0." if example.isalpha() and len(example) > 1 else remedy(example)
        if "column status" in told:  # person rows have none
            told = "Write a number; for an answer that is hidden or not known say what the sign means with marks=."
        faults.append((column, example, problem, told))
    elif not row[f"n{place}"]:
        faults.append((column, None, "No row has a value.", "Check the column."))
    elif not np.isfinite(row[f"y{place}"]):
        faults.append((column, None, "holds a number that is infinite.", "Correct it, or leave it empty."))
    if row.get(f"part{place}", 0) and not weighted:
        said = f"is a count with decimals on {counted(row[f'part{place}'], 'row')}."
        faults.append((column, None, said, "If they are thousands, say thousands=; if they are weighted, give weight=,"
                       " or take it as a mean."))  # fmt: skip
    if row.get(f"bad{place}", 0):
        ends = sorted({float(row[f"low{place}"]), float(row[f"high{place}"])})
        shown = " and ".join(f"{value:g}" for value in ends)
        faults.append((column, None, f"holds {int(row[f'bad{place}']):,} values that are not valid, such as {shown}.",
                       "Recode them, or correct valid."))  # fmt: skip
    elif outcome.kind == "proportion" and not binary:
        faults.append((column, None, "A proportion's outcome is true, false, 0 or 1; other values occur.",
                       "Recode it, or choose kind='mean'."))  # fmt: skip
    if row.get(f"least{place}", 0) < 0:
        faults.append((outcome.exposure, float(row[f"least{place}"]), "is below zero.", "Time at risk is 0 or more."))
    return faults


def _check_codes(codes: pd.DataFrame, dimension: str, column: str, schema: Schema | None) -> None:
    """Refuse group codes that the schema has no label for: ``codes`` holds ``code, rows``.

    Without a schema what is no group: signs, errors of a spreadsheet, dates that were age bands, totals of others.
    """
    if schema is None or dimension not in schema.groups:
        _refuse_no_groups(codes.dropna(subset="code"), column)
        return
    known = schema.groups[dimension]["values"]
    strange = codes[codes["code"].notna() & ~codes["code"].isin(list(known))].sort_values("rows", ascending=False)
    if len(strange):
        shown = ", ".join(
            f"{code!r} ({counted(rows, 'row')})" for code, rows in strange.head(SHOWN).itertuples(index=False)
        )
        more = f" and {counted(len(strange) - SHOWN, 'more code')}" if len(strange) > SHOWN else ""
        raise TidyError(
            f"Column {column!r} holds {counted(len(strange), 'code')} without a label in the schema, on "
            f"{counted(strange['rows'].sum(), 'row')}: {shown}{more}. Known: {', '.join(known)}. "
            "Add them, or recode the data."
        )


def _refuse_no_groups(codes: pd.DataFrame, column: str) -> None:
    faults = []
    for code, rows in codes[["code", "rows"]].itertuples(index=False):
        on = f"on {counted(rows, 'row')}"
        if not any(sign.isalnum() for sign in code) or is_error(code):
            said = "Correct it." if is_error(code) else f"Say what it means, marks={{{code!r}: …}}, or recode it."
            faults.append((column, code, f"is no group, {on}.", said))
        elif columns.is_dated(code):
            faults.append((column, code, f"is a date, where a group is needed, {on}.",
                           "A spreadsheet makes dates of bands such as 1-4: write the column as text."))  # fmt: skip
        elif is_total(code) and len(code) > 1 and len(codes) > 1:
            faults.append((column, code, f"is a total of other rows, {on}: its people would count twice.",
                           "Take these rows away, or rename the group."))  # fmt: skip
    if faults:
        listed = pd.DataFrame(faults, columns=["column", "value", "problem", "remedy"], dtype=object)
        raise TidyError(listed.assign(row=None))


def placed(codes: list[str], *, year: int | None, level: str | None, tree: pd.DataFrame | None) -> pd.DataFrame:
    """The official codes that the data's areas mean: ``area`` (as written), ``target``, ``by_name``.

    Refused, all at once: what begins like an official code and is none, a code that lost its zeros, an area that does
    not exist in the year asked for, is of another level than the schema says, or, under an official hierarchy
    (``tree``), stands outside it: its people would be counted nowhere above.
    """
    found, faults = spelling.read(codes)
    meant = {code: found[code].code if code in found else code for code in codes if code not in faults}
    if year is not None:
        areas.check_codes(meant.values(), year)
    listed = [("area", code, problem, "Correct the code, or give an own id.") for code, problem in faults.items()]
    inside = set(tree["area"]) | set(tree["parent"].dropna()) if tree is not None else set()
    for code, official in meant.items():
        kind = areas.level(official)
        if level is not None and kind != one_of(level, areas.LEVELS, "schema: area: level", TidyError):
            problem = f"is a {kind}, but the schema says that areas are of level {level}."
            listed.append(("area", code, problem, "Correct the code, or the schema."))
        elif tree is not None and official not in inside:
            near = ", ".join(f"{one} {areas.name(one, 'fi')}" for one in areas.near(code))
            problem = "is no area of the official hierarchy: its people would be in no larger area."
            hint = f"Near: {near}. " if near else ""
            listed.append(("area", code, problem, f"{hint}Correct it, or take hierarchy='none' with own ids."))
    if listed:
        columns = ["column", "value", "problem", "remedy"]
        raise TidyError(pd.DataFrame(listed, columns=columns, dtype=object).assign(row=None))
    rows = [(code, official, code in found and found[code].by_name) for code, official in meant.items()]
    return pd.DataFrame(rows, columns=["area", "target", "by_name"])


def _strata(made: Any, asked: Question, lonely: str) -> Any:
    """``h, factor, inverse``: n/(n − 1) and 1/n of each stratum's sampling units in the whole data."""
    one_of(lonely, LONELY, "lonely", MeasureError)
    if asked.cluster:
        units = made.select("h", "c").distinct().group_by("h").aggregate(n=lambda table: table.count())
    else:
        units = made.group_by("h").aggregate(n=made.rows.sum())
    frame = fetched(units).sort_values("h").astype({"h": "object"})
    n = frame["n"].astype("float64")
    if lonely == "fail" and (n == 1).any():
        raise MeasureError(
            f"{counted((n == 1).sum(), 'stratum holds', 'strata hold')} "
            f"one sampling unit (the first is {frame.loc[n == 1, 'h'].iloc[0]!r}), "
            "which tells nothing of their variance. Join them with a like stratum, or choose lonely='adjust', 'remove' "
            "or 'certainty'."
        )
    alone = 1.0 if lonely == "adjust" else 0.0
    frame["factor"] = (n / (n - 1).where(n > 1, 1.0)).where(n > 1, alone)
    frame["inverse"] = (1 / n).where(n > 1, 0.0)
    return ibis.memtable(frame[["h", "factor", "inverse"]])


def _margin(
    made: Any, asked: Question, names: tuple[str, ...], links: pd.DataFrame | None, layers: Any
) -> pd.DataFrame:
    """Sums of one table by ``area, period, group``; of a design also A, B, D and degrees of freedom.

    With cluster sums t (of wy) and v (of wx), A = Σ_h n/(n−1)·[Σ t² − (Σ t)²/n], B the same of t·v, D of v·v, so that
    the variance of the ratio r = Σt/Σv is (A − 2rB + r²D)/(Σv)².
    """
    groups = [f"g_{name}" for name in names]
    table = made.filter([made[group].notnull() for group in groups]) if groups else made
    if links is not None:
        joined = table.inner_join(ibis.memtable(links.astype("object")), "area")
        table = joined.drop("area").rename(area="target")
    keys = ["area", "period", *groups]
    if not asked.designed:
        found = table.group_by(keys).aggregate(**_added(table, PLAIN))
    else:
        if asked.cluster:
            table = table.group_by([*keys, "h", "c"]).aggregate(**_added(table, (*PLAIN, *DESIGN)))
            table = table.mutate(**_squares(table, len(asked.outcomes)), units=ibis.literal(1))
        else:
            table = table.mutate(units=table.rows)
        table = table.group_by([*keys, "h"]).aggregate(
            **_added(table, (*PLAIN, *DESIGN, *SQUARES)), units=table.units.sum()
        )
        table = table.inner_join(layers, "h")
        sums = _added(table, (*PLAIN, *DESIGN))
        for place in range(len(asked.outcomes)):
            pairs = {"a": ("t", "t"), "b": ("t", "v"), "d": ("v", "v")}
            for square, (one, other) in pairs.items():
                between = table[f"{one}{place}"] * table[f"{other}{place}"] * table.inverse
                sums[f"{square}{place}"] = (table.factor * (table[f"{square}{place}"] - between)).sum()
        found = table.group_by(keys).aggregate(**sums, free=table.units.sum() - table.count())
    found = found.mutate(group=_joined(found, groups)).drop(*groups)
    frame = fetched(found)
    texts = {key: frame[key].astype("str") for key in ("area", "period", "group")}
    numbers = {column: frame[column].astype("float64") for column in frame if column not in texts}
    return pd.DataFrame({**texts, **numbers})


def _joined(table: Any, groups: list[str]) -> Any:
    """The crossed group's code, such as ``low × women``."""
    if not groups:
        return ibis.literal(TOTAL)
    first, *rest = (table[group] for group in groups)
    for other in rest:
        first = first + CROSS + other
    return first


def _added(table: Any, wanted: tuple[str, ...]) -> dict[str, Any]:
    """Sums of the additive columns: a name of ``wanted`` with its outcome's number."""
    return {
        column: table[column].sum() for column in table.columns if column == "rows" or (
            column.rstrip("0123456789") in wanted and column[-1].isdigit()
        )
    }  # fmt: skip


def _squares(table: Any, outcomes: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for place in range(outcomes):
        t, v = table[f"t{place}"], table[f"v{place}"]
        found |= {f"a{place}": t * t, f"b{place}": t * v, f"d{place}": v * v}
    return found


def _people(made: Any, links: pd.DataFrame | None) -> "pd.Series[float]":
    """All rows of each area and period, whatever their groups."""
    table = made.select("area", "period", "rows")
    if links is not None:
        table = table.inner_join(ibis.memtable(links.astype("object")), "area").drop("area").rename(area="target")
    frame = fetched(table.group_by(["area", "period"]).aggregate(rows=table.rows.sum()))
    frame = frame.astype({"area": "str", "period": "str", "rows": "float64"})
    return frame.set_index(["area", "period"])["rows"]


def _estimated(
    sums: pd.DataFrame,
    names: tuple[str, ...],
    outcomes: dict[str, Outcome],
    orders: dict[str, dict[str, int]],
    level: float,
    *,
    hidden: bool,
) -> pd.DataFrame:
    """Tidy cells of one table, all outcomes; ``hidden``: among rows without an answer some may be hidden."""
    keys = sums[["area", "period", "group"]].assign(dimension=cross(names) if names else TOTAL)
    order = keys["group"].map(orders[names[0]]) if len(names) == 1 and names[0] in orders else None
    keys["order"] = pd.Series(pd.NA, index=keys.index, dtype="Int64") if order is None else order.astype("Int64")
    lacking = sums["lacking"].to_numpy()
    frames = []
    for place, (indicator, outcome) in enumerate(outcomes.items()):
        numbers = pd.DataFrame(_numbers(sums, place, outcome, level), index=sums.index)
        empty, single = numbers["respondents"] == 0, numbers["estimate"].notna() & numbers["se"].isna()
        status = np.select([empty | numbers["estimate"].isna(), single], ["missing", "uncertain"], "ok")
        frame = pd.concat([keys, numbers], axis=1).assign(
            indicator=indicator, kind=outcome.kind, scale=float(outcome.scale)
        )
        frame["status"] = pd.Series(status, index=frame.index, dtype="str")
        unanswered = sums["rows"].to_numpy() - numbers["respondents"].to_numpy()
        frame["note"] = _notes(unanswered, lacking, names, hidden=hidden)
        frames.append(frame)
    columns = [column for column in [*CELL_COLUMNS, "kind", "scale", "note"] if column in frames[0]]
    return pd.concat(frames, ignore_index=True)[columns]


def _numbers(sums: pd.DataFrame, place: int, outcome: Outcome, level: float) -> dict[str, Array]:
    part = {letter: sums[f"{letter}{place}"].to_numpy() for letter in "nyqxtvabd" if f"{letter}{place}" in sums}
    designed = "t" in part
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate, se, lower, upper, population = (
            _designed(part, sums["free"].to_numpy(), outcome, level) if designed else _simple(part, outcome, level)
        )
    known = part["n"] > 0
    if outcome.kind == "proportion":  # a weighted mean of ones may round to just above 1
        estimate = np.clip(estimate, 0.0, 1.0)
    elif outcome.kind == "mean" and outcome.valid is not None:
        ends = outcome.valid.values() if isinstance(outcome.valid, Mapping) else outcome.valid
        estimate = np.clip(estimate, min(ends), max(ends))
    scale = outcome.scale
    numbers = {"estimate": estimate * scale, "se": se * scale, "lower": lower * scale, "upper": upper * scale}
    numbers = {name: np.where(known & np.isfinite(value), value, np.nan) for name, value in numbers.items()}
    bare = np.isnan(numbers["se"])  # no error, no limits
    numbers |= {name: np.where(bare, np.nan, numbers[name]) for name in ("lower", "upper")}
    events = np.where(known, part["y"], np.nan) if outcome.kind != "mean" else np.full(len(known), np.nan)
    df = sums["free"].to_numpy(dtype=float) if designed else part["n"] - 1.0 if outcome.kind == "mean" else np.nan
    df = np.where(bare, np.nan, df)
    return {**numbers, "df": df, "population": population, "events": events, "respondents": part["n"]}


def _simple(part: dict[str, Array], outcome: Outcome, level: float) -> tuple[Array, ...]:
    """Everybody counts once: binomial, Student's mean, Poisson."""
    n, y, q = part["n"], part["y"], part["q"]
    people = part.get("x", n)
    if outcome.kind == "proportion":
        share = y / n
        return share, np.sqrt(share * (1 - share) / n), *uncertainty.wilson(y, n, level), people
    if outcome.kind == "rate":
        lower, upper = (limit / people for limit in uncertainty.poisson(y, level))
        return y / people, np.sqrt(y) / people, lower, upper, people
    if outcome.kind == "count":
        se = np.sqrt(q)
        lower, upper = uncertainty.wald(y, se, level)
        ones = q == y  # a count of people: Poisson
        limits = uncertainty.poisson(np.where(ones, y, 0.0), level)
        return y, se, np.where(ones, limits[0], lower), np.where(ones, limits[1], upper), people
    mean = y / n
    se = np.where(n > 1, np.sqrt(np.maximum(q - y * mean, 0) / (n - 1) / n), np.nan)
    return mean, se, *uncertainty.wald(mean, se, level, n - 1), people


def _designed(part: dict[str, Array], free: Array, outcome: Outcome, level: float) -> tuple[Array, ...]:
    """Taylor linearised; limits as ``hyte.survey.estimate`` gives them, a rate's on the log."""
    n, t, v = part["n"], part["t"], part["v"]
    if outcome.kind == "count":
        se = np.where(free > 0, np.sqrt(np.maximum(part["a"], 0)), np.nan)
        return t, se, *uncertainty.wald(t, se, level, free), v
    value = t / v
    variance = (part["a"] - 2 * value * part["b"] + value**2 * part["d"]) / v**2
    # all alike: what is left of the cancelling terms is rounding
    rounding = 1e-14 * (part["a"] + value**2 * part["d"]) / v**2
    se = np.where(free > 0, np.sqrt(np.where(variance > rounding, variance, 0.0)), np.nan)
    if outcome.kind == "rate":
        lower, upper = uncertainty.log_interval(value, se, level, free)
        return value, se, np.where(t > 0, lower, 0.0), np.where(t > 0, upper, np.nan), v
    if outcome.kind == "proportion":
        lower, upper = uncertainty.logit_interval(value, se, level, free)
        edge = (n > 0) & ((value <= 0) | (value >= 1) | (se == 0))
        simple = uncertainty.wilson(np.where(edge, value * n, 0), np.where(edge, n, 1), level)
        return value, se, np.where(edge, simple[0], lower), np.where(edge, simple[1], upper), v
    return value, se, *uncertainty.wald(value, se, level, free), v


def _notes(unanswered: Array, lacking: Array, names: tuple[str, ...], *, hidden: bool) -> "pd.Series[str]":
    """What was left out: rows without an answer, and rows without the group."""
    if not unanswered.any() and not lacking.any():
        return pd.Series(np.nan, index=range(len(unanswered)), dtype="str")
    without = "without an answer, or with a hidden one," if hidden else "without an answer"
    said = {0: ""} | {count: f"{counted(count, 'row')} {without} left out." for count in np.unique(unanswered) if count}
    lost = {0: ""} | {
        count: f"{counted(count, 'row')} "
        f"of the area without {' or '.join(names)} {'is' if count == 1 else 'are'} in the totals only."
        for count in np.unique(lacking)
        if count
    }
    answer, group = pd.Series(unanswered).map(said), pd.Series(lacking).map(lost)
    text = (answer + " " + group).str.strip().astype("str")
    return text.mask(text == "")
