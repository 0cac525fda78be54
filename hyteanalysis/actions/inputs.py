"""The numbers of an action laid on the cells, each with its draws.

Every draw is a function of a standard normal deviate, so that a number that moves with another simply shares its
deviate.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from hyteanalysis import areas as areal
from hyteanalysis.actions.model import AMOUNT, DIFFERENCE, DISTRIBUTIONS, RATIO, SHARE, SIZE, Effect, Input, Share
from hyteanalysis.errors import PlanError

Array = NDArray[Any]
Z95 = float(special.ndtri(0.975))
CROSS = " × "  # between the parts of a crossed group
_GRID = np.linspace(-6, 6, 601)  # deviates at which a distribution without closed form is tabulated


@dataclass(frozen=True)
class Node:
    """One distinct number: what it is, its interval, and whose deviate it moves with."""

    label: str  # group and area, empty for the number all share
    value: float
    lower: float
    upper: float
    distribution: str
    shared: bool
    source: str | None = None
    year: int | None = None
    page: str | None = None
    conversion: str | None = None
    grade: str = "assumed"

    @property
    def certain(self) -> bool:
        """No interval, or one of no width."""
        return not self.lower < self.upper


@dataclass(frozen=True)
class Parameter:
    """An input on the cells: which node each cell has, and the nodes' draws.

    ``draws`` is nodes × draws, or nodes × 1 where all are certain.
    """

    name: str
    quantity: str
    nodes: tuple[Node, ...]
    index: Array
    draws: Array = field(repr=False)

    @property
    def values(self) -> Array:
        """The value in each cell."""
        return self.at([node.value for node in self.nodes])

    @property
    def certain(self) -> Array:
        """Whether each cell's number is certain."""
        return np.array([node.certain for node in self.nodes])[self.index]

    @property
    def precise(self) -> Array:
        """Draws in double precision, the values themselves where all are certain."""
        if self.draws.shape[1] == 1:
            return np.array([[node.value] for node in self.nodes])
        return self.draws.astype(float)

    def at(self, numbers: Sequence[float]) -> Array:
        """Each cell's number, given one for each node."""
        return np.asarray(numbers, dtype=float)[self.index]

    def block(self, rows: slice, columns: slice = slice(None)) -> Array:
        """Draws of some cells, to be broadcast against cells × draws."""
        draws = self.draws if self.draws.shape[1] == 1 else self.draws[:, columns]
        return draws if len(self.nodes) == 1 else draws[self.index[rows]]


def times(parameter: Parameter, factor: float) -> Parameter:
    """Prices in today's euros."""
    nodes = tuple(
        replace(node, value=node.value * factor, lower=node.lower * factor, upper=node.upper * factor)
        for node in parameter.nodes
    )
    return replace(parameter, nodes=nodes, draws=single(parameter.draws * factor))


def acting(published: Parameter, effect: Effect) -> Parameter:
    """The effect as it acts on the adverse share."""
    nodes = []
    for node in published.nodes:
        ends = sorted(float(effect.acting(end)) for end in (node.lower, node.upper))
        nodes.append(replace(node, value=float(effect.acting(node.value)), lower=ends[0], upper=ends[1]))
    quantity = DIFFERENCE if effect.acts_as == "rd" else RATIO
    draws = (
        published.draws if effect.kind != SIZE and not effect.favourable else single(effect.acting(published.precise))
    )
    return Parameter("effect", quantity, tuple(nodes), published.index, draws)


def split(
    name: str, entry: Share, groups: "pd.Series[str]", sizes: Array, draws: int, rng: np.random.Generator
) -> Parameter:
    """One share in all, divided between the groups by their odds ratios and sizes.

    With s the share in all, f the groups' part of all and R the odds ratio (1 where none is given) a solves
    Σ f·logit⁻¹(a + ln R) = s; each group's share is logit⁻¹(a + ln R).
    """
    order = list(dict.fromkeys(groups))
    part = np.array([sizes[(groups == group).to_numpy()].sum() for group in order])
    part = part / part.sum()
    whole = _node(("", ""), entry, [], SHARE)
    ratios = [
        _node(("", group), entry.odds_ratio[group], [entry], RATIO) if group in entry.odds_ratio else None
        for group in order
    ]
    certain = whole.certain and all(one is None or one.certain for one in ratios)
    count = 1 if certain else draws

    def of(node: Node, quantity: str) -> Array:
        if node.certain:
            return np.full(count, node.value)
        return _quantiles(node, quantity, rng.standard_normal(draws))

    logs = np.stack([np.zeros(count) if one is None else np.log(of(one, RATIO)) for one in ratios])
    shares = _solved(np.clip(of(whole, SHARE), 1e-9, 1 - 1e-9), logs, part)
    plain = _solved(
        np.array([whole.value]), np.array([[0.0 if one is None else math.log(one.value)] for one in ratios]), part
    )[:, 0]
    limits = np.stack([plain, plain]) if certain else np.quantile(shares, [0.025, 0.975], axis=1)
    said: dict[str, Any] = {field: getattr(whole, field) for field in ("source", "year", "page", "conversion", "grade")}
    nodes = tuple(
        Node(group, float(plain[i]), float(limits[0, i]), float(limits[1, i]), "combined", shared=False, **said)
        for i, group in enumerate(order)
    )
    index = groups.map({group: number for number, group in enumerate(order)}).to_numpy(dtype=np.intp)
    return Parameter(name, SHARE, nodes, index, single(shares))


def _solved(whole: Array, logs: Array, part: Array) -> Array:
    """Shares of the groups (groups × draws) whose mean is the whole; bisected for all draws at once."""
    low, high = -30.0 - np.abs(logs).max(axis=0), 30.0 + np.abs(logs).max(axis=0)
    for _ in range(70):
        middle = (low + high) / 2
        above = part @ special.expit(middle + logs) > whole
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.asarray(special.expit((low + high) / 2 + logs))


def laid(name: str, entry: Input, cells: pd.DataFrame, quantity: str, wider: float = 1.0) -> Parameter:
    """Lay an input on the cells (``area, group``), without draws yet.

    Raises PlanError where a cell finds no number.
    """
    if not entry.by_group and not entry.by_area:
        only = _node(("", ""), entry, [], quantity, wider)
        return Parameter(name, quantity, (only,), np.zeros(len(cells), dtype=np.intp), single([[only.value]]))
    nodes: list[Node] = []
    places: dict[tuple[str, str], int] = {}
    chosen: dict[tuple[str, str], int] = {}

    def node(key: tuple[str, str], found: Input, parents: list[Input]) -> int:
        if key not in places:
            places[key] = len(nodes)
            nodes.append(_node(key, found, parents, quantity, wider))
        return places[key]

    pairs = list(zip(cells["area"].astype(str), cells["group"].astype(str), strict=True))
    for area, group in dict.fromkeys(pairs):
        if area in entry.by_area:
            local = entry.by_area[area]
            if (named := _named(local, group, name)) is not None:
                chosen[area, group] = node((area, named), local.by_group[named], [local, entry])
                continue
            if local.value is not None:
                chosen[area, group] = node((area, ""), local, [entry])
                continue
        if (named := _named(entry, group, name)) is not None:
            chosen[area, group] = node(("", named), entry.by_group[named], [entry])
        elif entry.value is not None:
            chosen[area, group] = node(("", ""), entry, [])
        else:
            raise PlanError(f"{name} has no number for group {group!r} in {area!r}: give one, or a value for all.")
    index = np.array([chosen[pair] for pair in pairs], dtype=np.intp)
    return Parameter(name, quantity, tuple(nodes), index, np.array([[one.value] for one in nodes], dtype=np.float32))


def _named(entry: Input, group: str, name: str) -> str | None:
    """The key that holds for a group: its own, or that of one part of a crossed group; None where none does."""
    if group in entry.by_group:
        return group
    parts = [part for part in group.split(CROSS) if part in entry.by_group] if CROSS in group else []
    if len(parts) > 1:
        raise PlanError(
            f"{name} has a number for {' and one for '.join(parts)}: which holds for {group!r}? Give its own."
        )
    return parts[0] if parts else None


def _node(key: tuple[str, str], entry: Input, parents: list[Input], quantity: str, wider: float = 1.0) -> Node:
    value = float(entry.value if entry.value is not None else math.nan)
    named = [one.distribution for one in (entry, *parents) if one.distribution]
    lower = upper = value
    shared = True
    if entry.lower is not None and entry.upper is not None:
        lower, upper = _at_95(value, entry.lower, entry.upper, entry.level, wider, quantity)
        shared = not parents
    else:
        for parent in parents:
            if parent.lower is not None and parent.upper is not None and parent.value is not None:
                ends = _at_95(parent.value, parent.lower, parent.upper, parent.level, wider, quantity)
                lower, upper = _carried(value, parent.value, *ends, quantity)
                break
    # an entry that names no source or grade of its own has its parent's
    said = {
        field: getattr(next((one for one in (entry, *parents) if field in one.model_fields_set), entry), field)
        for field in ("source", "year", "page", "conversion", "grade")
    }
    label = " ".join(filter(None, key))
    return Node(label, value, lower, upper, named[0] if named else DISTRIBUTIONS[quantity][0], shared, **said)


def _at_95(value: float, lower: float, upper: float, level: float, wider: float, quantity: str) -> tuple[float, float]:
    """95 % limits of ones at another level, widened by a factor, on the scale where the quantity lives."""
    factor = wider * Z95 / float(special.ndtri((1 + level) / 2))
    if factor == 1 or not lower < upper:
        return lower, upper
    if quantity in (RATIO, AMOUNT) and lower > 0:
        return value * (lower / value) ** factor, value * (upper / value) ** factor
    if quantity == SHARE and 0 < value < 1:
        middle = float(special.logit(value))
        low, high = (
            middle + factor * (special.logit(min(max(end, 1e-6), 1 - 1e-6)) - middle) for end in (lower, upper)
        )
        return float(special.expit(low)), float(special.expit(high))
    return value - factor * (value - lower), value + factor * (upper - value)


def _carried(value: float, shared: float, lower: float, upper: float, quantity: str) -> tuple[float, float]:
    """The shared interval moved to another value, on the scale where the quantity lives."""
    if quantity in (RATIO, AMOUNT):
        return (value * lower / shared, value * upper / shared) if shared > 0 else (value, value)
    if quantity in (DIFFERENCE, SIZE):
        return value + lower - shared, value + upper - shared
    if not (0 < value < 1 and 0 < shared < 1):
        return value, value
    moved = special.logit(value) - special.logit(shared)
    return float(special.expit(special.logit(lower) + moved)), float(special.expit(special.logit(upper) + moved))


def single(draws: Any) -> Array:
    """Draws in single precision: half the memory, twice the speed, and far finer than the draws' own error."""
    return np.asarray(draws, dtype=np.float32)


def drawn(parameter: Parameter, draws: int, rng: np.random.Generator) -> Parameter:
    """The parameter with draws of its nodes; numbers that share an interval share the deviates."""
    if all(node.certain for node in parameter.nodes):
        return parameter
    common = rng.standard_normal(draws)
    rows = [
        np.full(draws, node.value)
        if node.certain
        else _quantiles(node, parameter.quantity, common if node.shared else rng.standard_normal(draws))
        for node in parameter.nodes
    ]
    return Parameter(parameter.name, parameter.quantity, parameter.nodes, parameter.index, single(rows))


def _quantiles(node: Node, quantity: str, deviates: Array) -> Array:
    """The node's quantiles at the deviates' probabilities."""
    value, width = node.value, node.upper - node.lower
    spread = width / (2 * Z95)
    if node.distribution == "uniform":
        return np.asarray(node.lower + width * special.ndtr(deviates))
    if node.distribution == "normal":
        return value + spread * deviates
    if node.distribution == "lognormal":
        # a limit at 0 has no logarithm: the other limit alone gives the width
        logs = math.log(node.upper / node.lower) / 2 if node.lower > 0 else math.log(node.upper / value)
        return np.asarray(value * np.exp(logs / Z95 * deviates)) if value > 0 else np.zeros_like(deviates)
    if node.distribution == "logit-normal":
        limits = special.logit(np.clip([node.lower, node.upper], 1e-6, 1 - 1e-6))
        return np.asarray(special.expit(special.logit(value) + (limits[1] - limits[0]) / (2 * Z95) * deviates))
    if quantity == SHARE:
        if not 0 < value < 1:
            return np.full_like(deviates, value)
        certainty = value * (1 - value) / min(spread, 0.999 * math.sqrt(value * (1 - value))) ** 2 - 1
        table = special.betaincinv(value * certainty, (1 - value) * certainty, special.ndtr(_GRID))
    else:
        shape = (value / spread) ** 2
        table = special.gammaincinv(shape, special.ndtr(_GRID)) * spread**2 / value if value > 0 else 0 * _GRID
    return np.asarray(np.interp(deviates, _GRID, table))


def combined(name: str, parameters: Sequence[Parameter], formula: Callable[..., Array]) -> Parameter:
    """A parameter made of several, cell by cell: the chain of reach, the persistence of an effect."""
    kinds, index = np.unique(np.stack([one.index for one in parameters]), axis=1, return_inverse=True)
    pairs = list(zip(parameters, kinds, strict=True))
    draws = formula(*[one.precise[kind] for one, kind in pairs])
    values = formula(*[np.array([one.nodes[number].value for number in kind]) for one, kind in pairs])
    limits = np.quantile(draws, [0.025, 0.975], axis=1)
    nodes = []
    for number, kind in enumerate(kinds.T):
        parts = [one.nodes[part] for one, part in zip(parameters, kind, strict=True)]
        label = " ".join(dict.fromkeys(part.label for part in parts if part.label))
        value = float(values[number])
        lower, upper = (value, value) if all(part.certain for part in parts) else limits[:, number].tolist()
        nodes.append(Node(label, value, lower, upper, "combined", shared=False))
    return Parameter(name, parameters[0].quantity, tuple(nodes), index.reshape(-1), single(draws))


def check_names(name: str, entry: Input, groups: Sequence[str], areas: Sequence[str]) -> None:
    """Refuse groups and areas in an input that the cells lack, naming near ones."""
    nested = {group for inner in entry.by_area.values() for group in inner.by_group}
    named = {*entry.by_group, *nested, *getattr(entry, "odds_ratio", {})}
    parts = [*groups, *dict.fromkeys(part for group in groups if CROSS in group for part in group.split(CROSS))]
    # an action for the whole country names official areas that these cells need not hold
    elsewhere = {*entry.by_area} - {*areas}
    abroad = elsewhere & set(areal.reference()["area"]) if elsewhere else set()
    for kind, given, known in (("group", named, parts), ("area", {*entry.by_area} - abroad, areas)):
        for stray in sorted(given - {*known}):
            near = get_close_matches(stray, [*known], n=3, cutoff=0.5)
            hint = f"Did you mean {' or '.join(near)}?" if near else f"The cells have {', '.join([*known][:20])}."
            raise PlanError(f"{name} names the {kind} {stray!r}, which the cells lack. {hint}")
