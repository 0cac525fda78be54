"""Whom it helps most: four rankings, with the probability of each group and area being first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from hyteanalysis.actions.simulation import Simulation
from hyteanalysis.actions.summary import limits
from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.small_areas import empirical_bayes

Array = NDArray[Any]
CRITERIA = ("per_reached", "total", "per_euro", "equity_weighted")
FEWEST = 4  # areas: shrinking towards their own mean is sure to help from four on (James & Stein)
_BATCH = 500_000  # values ranked at a time, so that memory stays small


@dataclass(frozen=True)
class Tally:
    """Sums over draws, by option: of being best, of being among the first, of ranks (1 = best)."""

    best: Array
    top: Array
    rank: Array
    draws: int

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.best + other.best, self.top + other.top, self.rank + other.rank, self.draws + other.draws)

    @classmethod
    def nothing(cls, options: int) -> "Tally":
        """No draws yet."""
        return cls(np.zeros(options), np.zeros(options), np.zeros(options), 0)

    def shares(self) -> dict[str, Array]:
        """``p_best, p_top, mean_rank, sucra``."""
        mean_rank, options = self.rank / self.draws, len(self.rank)
        return {
            "p_best": self.best / self.draws,
            "p_top": self.top / self.draws,
            "mean_rank": mean_rank,
            "sucra": (options - mean_rank) / (options - 1) if options > 1 else np.full(1, np.nan),
        }


def tally(values: Array, top: int) -> Tally:
    """Rank the options (options × draws, more is better) in each draw.

    Options of equal value share the mean of their ranks, and share a place among the first ``top`` evenly.

    Examples
    --------
    >>> import numpy as np
    >>> shares = tally(np.array([[3.0, 1.0], [3.0, 2.0], [0.0, 0.0]]), top=2).shares()
    >>> shares["p_best"].tolist(), shares["mean_rank"].tolist()
    ([0.25, 0.75, 0.0], [1.75, 1.25, 3.0])
    """
    options, draws = values.shape
    step = max(1, _BATCH // options)
    found = [_tally(values[:, start : start + step], top) for start in range(0, draws, step)]
    return sum(found, start=Tally.nothing(options))


def equity_weights(health: Array, population: Array, *, index: str = "atkinson", aversion: float = 1.0) -> Array:
    """Weight of the same gain in each cell, mean 1: h^(−ε)/Σ f h^(−ε), with Kolm e^(−αh) in place of h^(−ε).

    Raises MeasureError for an unknown index, a negative aversion, or health of 0 with Atkinson.
    """
    one_of(index, ("atkinson", "kolm"), "index", MeasureError)
    if not aversion >= 0:
        raise MeasureError(f"aversion must be 0 or more; not {aversion}")
    if index == "atkinson" and aversion > 0 and (health <= 0).any():
        raise MeasureError("A cell where everybody is badly off has no Atkinson weight. Use index='kolm'.")
    logs = -aversion * (np.log(health) if index == "atkinson" and aversion > 0 else health)
    raw = np.exp(logs - logs.max())
    return np.asarray(raw / np.average(raw, weights=population))


def wellbeing_of(simulation: Simulation, wellbeing: Mapping[str, float] | None) -> Array:
    """What an equity weight looks at in each cell: the share not badly off, or a given amount of each group.

    Raises MeasureError where a group is not named, or one is named that is not there.
    """
    if wellbeing is None:
        return 1 - simulation.level
    known = set(simulation.cells["group"])
    if set(wellbeing) != known:
        missing = ", ".join(sorted(known ^ set(wellbeing)))
        raise MeasureError(f"wellbeing names each group once: {', '.join(sorted(known))}. Not so for: {missing}.")
    found: Array = simulation.cells["group"].map(dict(wellbeing)).to_numpy(dtype=float)
    return found


def group_values(simulation: Simulation, criterion: str, weights: Array | None = None) -> tuple[Array, Array]:
    """Each group's value over all areas: at the values, and groups × draws."""
    member = simulation.membership
    people = simulation.people * (1 if weights is None else weights)
    (drawn,) = simulation.sums(averted=member * people)
    reached = simulation.people * simulation.share
    point = member @ (simulation.reduction * people * simulation.share)
    if criterion == "per_reached":
        return _over(point, member @ reached), _over(drawn, simulation.people_sums())
    if criterion == "per_euro":
        spent = simulation.people_sums(simulation.cost)
        return _over(point, member @ (reached * simulation.cost.values)), _over(drawn, spent)
    return point, drawn


def rank(
    simulation: Simulation,
    criterion: str,
    *,
    by: str = "cell",
    top: int = 3,
    shrink: bool = True,
    index: str = "atkinson",
    aversion: float = 1.0,
    wellbeing: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Rank the cells, or the groups pooled over the areas; see :meth:`Impact.ranking`."""
    one_of(criterion, CRITERIA, "criterion", MeasureError)
    one_of(by, ("cell", "group"), "by", MeasureError)
    if top < 1:
        raise MeasureError(f"top must be 1 or more; not {top}")
    if criterion == "per_euro" and (simulation.cost.values <= 0).any():
        raise MeasureError("per_euro needs a price: give the action's cost.per_person above 0.")
    health = wellbeing_of(simulation, wellbeing)
    weights = equity_weights(health, simulation.people, index=index, aversion=aversion)
    weights = weights if criterion == "equity_weighted" else np.ones_like(weights)
    if shrink:
        simulation = simulation.with_baseline(shrunken(simulation.cells))
    ranked = _groups if by == "group" else _cells
    frame = ranked(simulation, criterion, weights, top)
    frame.insert(0, "criterion", criterion)
    return frame.sort_values("value", ascending=False, kind="stable", ignore_index=True)


def _cells(simulation: Simulation, criterion: str, weights: Array, top: int) -> pd.DataFrame:
    """Every area × group against every other."""
    each = simulation.people * weights if criterion in ("total", "equity_weighted") else np.ones_like(weights)
    scale = np.abs(each).max() or 1.0
    share = (each / scale).astype(np.float32)[:, None]

    def value(level: Array, less: Array, rows: slice, columns: slice = slice(None)) -> Array:
        if criterion == "per_euro":
            less = less / simulation.cost.block(rows, columns)
        elif criterion != "per_reached":
            less = less * simulation.block_share(level, rows, columns) * share[rows]
        # the affected have one risk, whatever their group's
        return less if less.shape == level.shape else np.array(np.broadcast_to(less, level.shape))

    found = np.empty((2, len(each)))
    harm = np.empty(len(each))

    def work(rows: slice, level: Array, less: Array) -> None:
        drawn = value(level, less, rows)
        harm[rows] = (drawn < 0).mean(axis=1) if drawn.min() < 0 else 0.0
        found[:, rows] = limits(drawn)

    for _ in simulation.through(work):
        pass
    every = slice(0, len(each))
    total = sum(
        simulation.across(lambda columns, level, less: tally(value(level, less, every, columns), top)),
        start=Tally.nothing(len(each)),
    )
    point = simulation.reduction * each
    if criterion in ("total", "equity_weighted"):
        point = point * simulation.share
    elif criterion == "per_euro":
        point = point / simulation.cost.values
    low, high = found * scale
    exact = simulation.certain & (True if criterion == "per_reached" else _certain(simulation, criterion))
    kept = ["area", "group", "order", "baseline", *(["weight"] if "weight" in simulation.cells else [])]
    return simulation.cells[kept].assign(
        value=point,
        lower=np.where(exact, point, low),
        upper=np.where(exact, point, high),
        **total.shares(),
        p_harm=harm,
    )


def _certain(simulation: Simulation, criterion: str) -> Array:
    """Whether the price, or the reach, is certain."""
    return simulation.cost.certain if criterion == "per_euro" else simulation.share_certain


def _groups(simulation: Simulation, criterion: str, weights: Array, top: int) -> pd.DataFrame:
    """Every group over all areas against every other."""
    point, drawn = group_values(simulation, criterion, weights)
    # sums of many cells: what differs by rounding alone is equal
    most = np.abs(drawn).max(axis=0)
    even = np.round(np.divide(drawn, most, out=np.zeros_like(drawn, dtype=float), where=most > 0), 6)
    shares: Mapping[str, Array] = tally(even, top).shares()
    harm = (drawn < 0).mean(axis=1)
    low, high = limits(drawn.copy())
    return simulation.groups.assign(value=point, lower=low, upper=high, **shares, p_harm=harm)


def _over(above: Array, below: Array) -> Array:
    """A ratio that is 0 where nobody is reached."""
    below = np.broadcast_to(below, above.shape)
    return np.asarray(np.divide(above, below, out=np.zeros_like(above, dtype=float), where=below > 0))


def shrunken(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells with each baseline drawn towards its group's mean over the areas, the more the less it rests on.

    Each share counts as one from the sample that its error implies, n = 1/(spread²·p(1 − p)). Within a group,
    :func:`hyteanalysis.small_areas.empirical_bayes` (binomial) gives the weight w of the area's own share; the error of
    the result is that of the estimate given the spread between areas, plus that of the group's mean. Groups in fewer
    than four areas, or with a share taken as exact, stay as they are (``weight`` 1).
    """
    p, spread = cells["baseline"].to_numpy(dtype=float), cells["spread"].to_numpy(dtype=float)
    level = np.where((p > 0) & (p < 1), p, special.expit(cells["centre"]))
    size = np.divide(1.0, spread**2 * level * (1 - level), out=np.full(len(p), np.nan), where=spread > 0)
    frame = pd.DataFrame({"group": cells["group"], "events": size * p, "population": size}, index=cells.index)
    by = frame.groupby("group")["population"]
    usable = (by.transform("count") == by.transform("size")) & (by.transform("size") >= FEWEST)
    found = cells.assign(weight=1.0)
    if not usable.any():
        return found
    fit = empirical_bayes(frame[usable], "group", model="binomial")
    total = fit.groupby("group")[["events", "population"]].transform("sum")
    mean = total["events"] / total["population"]
    noise, weight = mean * (1 - mean), fit["weight"]
    # w = A/(A + W) and W = (m(1 − m) − A)/n, solved for the area's own variance W
    own = noise / (fit["population"] + weight / (1 - weight))
    variance = weight * own + (1 - weight) ** 2 * noise / total["population"]
    moved = fit["shrunken"]
    inner = (moved > 0) & (moved < 1)
    rows = found.index[usable][inner.to_numpy()]
    moved, variance = moved[inner].to_numpy(), variance[inner].to_numpy()
    found.loc[rows, "baseline"] = moved
    found.loc[rows, "centre"] = special.logit(moved)
    found.loc[rows, "spread"] = np.sqrt(variance) / (moved * (1 - moved))
    found.loc[rows, "weight"] = weight[inner].to_numpy()
    return found


def _tally(values: Array, top: int) -> Tally:
    options, draws = values.shape
    order, tied = _descending(values)
    best = np.bincount(order[:, 0], minlength=options).astype(float)
    among = np.bincount(order[:, :top].ravel(), minlength=options).astype(float)
    rank = np.bincount(order.ravel(), np.tile(np.arange(1.0, options + 1), draws), options)
    if tied.any():
        # corrections for those that share ranks: runs of equal value, as places in the flattened order
        equal = np.flatnonzero(np.pad(tied, ((0, 0), (1, 0))))
        starts = np.flatnonzero(np.diff(equal, prepend=-2) != 1)
        size = np.diff(starts, append=len(equal)) + 1
        first = (equal[starts] - 1) % options
        member = np.repeat(equal[starts] - 1, size) + _counting(size)
        place, option = member % options, order.ravel()[member]
        shared = ((first + (size - 1) / 2), np.clip(1 - first, 0, size) / size, np.clip(top - first, 0, size) / size)
        own = place, place < 1, place < top
        for total, by_run, alone in zip((rank, best, among), shared, own, strict=True):
            total += np.bincount(option, np.repeat(by_run, size) - alone, options)
    return Tally(best, among, rank, draws)


def _counting(sizes: Array) -> Array:
    """0, 1, … within each run."""
    return np.asarray(np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes))


def _descending(values: Array) -> tuple[Array, Array]:
    """Order of the options in each draw, best first, and whether each equals the one before it."""
    turned = np.ascontiguousarray(-values.T)
    if turned.dtype != np.float32:
        order = np.argsort(turned, axis=1, kind="stable")
        ordered = np.take_along_axis(turned, order, axis=1)
        return order, ordered[:, 1:] == ordered[:, :-1]
    # value and option packed into one whole number: sorting numbers is three times as fast as sorting an index
    bits = (turned + np.float32(0)).view(np.uint32)
    ascending = np.where(bits >> 31, ~bits, bits | np.uint32(0x8000_0000))
    packed = (ascending.astype(np.uint64) << np.uint64(32)) | np.arange(values.shape[0], dtype=np.uint64)
    packed.sort(axis=1)
    ordered = packed >> np.uint64(32)
    return (packed & np.uint64(0xFFFF_FFFF)).astype(np.intp), ordered[:, 1:] == ordered[:, :-1]
