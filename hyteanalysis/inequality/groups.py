"""Settings with equally many groups, side by side as arrays: what every formula reads."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyteanalysis.inequality import lines

Array = NDArray[Any]


@dataclass(frozen=True)
class Options:
    """Choices that formulas read."""

    aversion: dict[str, float] = field(default_factory=dict)
    level_to: str = "best"


# found once for all settings, as they do not move with the draws
FIXED = ("known", "equal_weights", "reference_weights")


@dataclass(frozen=True)
class Groups:
    """S settings of k groups each, sorted within a setting from most disadvantaged to most advantaged.

    ``y`` is S × k, or S × k × draws; everything else is S × k or S. Groups without order stand by estimate.
    """

    y: Array
    s: Array
    population: Array
    p: Array  # population shares
    order: Array
    ordered: bool
    reference: Array | None  # position of the reference group, where one was named
    adverse: Array
    scale: Array
    lower_bound: Array
    upper_bound: Array
    average: Array  # published average, NaN = none
    model: Array  # "logit", "linear", "log"
    pair_reference: bool = False  # D and R compare with the reference group
    covariance: Array | None = None
    options: Options = field(default_factory=Options)

    def drawn(self, y: Array) -> "Groups":
        """The same settings with draws of their estimates (S × k × draws)."""
        moved = replace(self, y=y)
        moved.__dict__.update({name: self.__dict__[name] for name in FIXED if name in self.__dict__})
        return moved

    def fix(self) -> None:
        """Find what does not move with the draws, before the settings are taken in chunks."""
        for name in FIXED:
            getattr(self, name)

    def take(self, rows: Any) -> "Groups":
        """Some of the settings."""
        per_setting = (
            "y",
            "s",
            "population",
            "p",
            "order",
            "adverse",
            "scale",
            "lower_bound",
            "upper_bound",
            "average",
        )
        changed: dict[str, Any] = {name: getattr(self, name)[rows] for name in (*per_setting, "model")}
        for name in ("reference", "covariance"):
            kept = getattr(self, name)
            changed[name] = None if kept is None else kept[rows]
        taken = replace(self, **changed)
        taken.__dict__.update({name: self.__dict__[name][rows] for name in FIXED if name in self.__dict__})
        return taken

    def wide(self, values: Array) -> Array:
        """A number a setting (or a setting and group), made to stand beside ``y`` or its sums over groups."""
        return values[..., None] if self.y.ndim == 3 else values

    def average_of(self, values: Array) -> Array:
        """Plain average over the groups."""
        return self.weigh(self.equal_weights, values)

    def weigh(self, weights: Array, values: Array) -> Array:
        """Σ over the groups of weights × values."""
        if values.ndim == 2:
            return np.asarray((weights * values).sum(axis=1))
        return np.asarray((weights[:, None, :].astype(values.dtype, copy=False) @ values)[:, 0])

    @property
    def k(self) -> int:
        return int(self.y.shape[1])

    @cached_property
    def equal_weights(self) -> Array:
        return np.full(self.p.shape, 1 / self.k)

    @cached_property
    def known(self) -> Array:
        """Whether the setting's average is a published one, taken as known."""
        return ~np.isnan(self.average)

    @cached_property
    def own_mean(self) -> Array:
        return self.weigh(self.p, self.y)

    @cached_property
    def mean(self) -> Array:
        """μ: the published average, else Σ p y."""
        if not self.known.any():
            return self.own_mean
        return np.where(self.wide(self.known), self.wide(self.average).astype(self.y.dtype), self.own_mean)

    @cached_property
    def through_mean(self) -> Array:
        """∂μ/∂y: the shares, or nothing where the average is known (S × k)."""
        return np.where(self.known[:, None], 0.0, self.p)

    @cached_property
    def deviation(self) -> Array:
        return np.asarray(self.y - self.mean[:, None])

    @cached_property
    def distance(self) -> Array:
        return np.abs(self.deviation)

    @cached_property
    def mean_distance(self) -> Array:
        """Σ abs(y − μ)/k."""
        return self.average_of(self.distance)

    @cached_property
    def weighted_distance(self) -> Array:
        """Σ p abs(y − μ)."""
        return self.weigh(self.p, self.distance)

    @cached_property
    def spread(self) -> Array:
        """Σ p (y − μ)²."""
        if self.y.ndim == 2:
            return np.asarray((self.p * self.deviation**2).sum(axis=1))
        return np.asarray(np.einsum("sg,sgd,sgd->sd", self.p.astype(self.y.dtype), self.deviation, self.deviation))

    @cached_property
    def brackets(self) -> tuple[Array, Array]:
        """Cumulative shares below and up to each group; groups of equal order share one bracket."""
        new = np.ones(self.order.shape, dtype=bool)
        new[:, 1:] = self.order[:, 1:] != self.order[:, :-1]
        place = np.arange(self.k)
        first = np.maximum.accumulate(np.where(new, place, 0), axis=1)
        last_here = np.ones_like(new)
        last_here[:, :-1] = new[:, 1:]
        last = np.minimum.accumulate(np.where(last_here, place, self.k - 1)[:, ::-1], axis=1)[:, ::-1]
        cumulated = np.concatenate([np.zeros((len(self.p), 1)), np.cumsum(self.p, axis=1)], axis=1)
        return np.take_along_axis(cumulated, first, axis=1), np.take_along_axis(cumulated, last + 1, axis=1)

    @cached_property
    def ridit(self) -> Array:
        """R: cumulative share at the midpoint of the group."""
        below, upto = self.brackets
        return (below + upto) / 2

    def _at_order(self, order: Array) -> Array:
        """Weights of the groups that stand at an order: their shares of it."""
        here = self.order == order[:, None]
        weight = np.where(here, np.nan_to_num(self.p), 0.0)
        sums = weight.sum(axis=1, keepdims=True)
        return np.where(sums > 0, weight / np.where(sums > 0, sums, 1), here / here.sum(axis=1, keepdims=True))

    def extreme(self, largest: bool, among: Array | None = None, surest: bool = False) -> Array:
        """One-hot choice of the largest or smallest group; of tied ones that with the largest error (or smallest)."""
        y = self.y if largest else -self.y
        y = y if among is None else np.where(among, y, -np.inf)
        tied = y == y.max(axis=1, keepdims=True)
        error = -np.nan_to_num(self.s, nan=np.inf) if surest else np.nan_to_num(self.s, nan=-1.0)
        chosen = np.where(tied, error, -np.inf).argmax(axis=1)
        return np.asarray(np.eye(self.k)[chosen])

    @cached_property
    def best_weights(self) -> Array:
        """Contrast that picks the group with the best value (S × k; of point estimates)."""
        return np.where(self.adverse[:, None], self.extreme(False, surest=True), self.extreme(True, surest=True))

    @cached_property
    def best(self) -> Array:
        """Best value: smallest of an adverse outcome, largest of a favourable one."""
        if self.adverse.all():
            return np.asarray(self.y.min(axis=1))
        if not self.adverse.any():
            return np.asarray(self.y.max(axis=1))
        return np.asarray(np.where(self.wide(self.adverse), self.y.min(axis=1), self.y.max(axis=1)))

    @cached_property
    def leading_weights(self) -> Array:
        """Contrast that picks the group all should reach: the most advantaged, without order the best."""
        return self._at_order(self.order[:, -1]) if self.ordered else self.best_weights

    @cached_property
    def leading(self) -> Array:
        return self.weigh(self.leading_weights, self.y) if self.ordered else self.best

    @cached_property
    def reference_weights(self) -> Array:
        """Contrast that picks the reference group; in ordered groups without one the most advantaged."""
        if self.reference is None:
            return self._at_order(self.order[:, -1])
        return np.eye(self.k)[self.reference]

    @cached_property
    def from_reference(self) -> Array:
        """Distance of each group from the reference group."""
        apart = np.asarray(self.y - self.weigh(self.reference_weights, self.y)[:, None])
        return np.asarray(np.abs(apart, out=apart))

    @cached_property
    def pair_weights(self) -> tuple[Array, Array]:
        """Contrasts of the two groups that D subtracts and R divides."""
        flip = ~self.adverse[:, None]
        if self.pair_reference:
            others = ~self.reference_weights.astype(bool)
            worst = np.where(flip, self.extreme(False, others), self.extreme(True, others))
            best = self.reference_weights
        elif self.ordered:
            worst, best = self._at_order(self.order[:, 0]), self._at_order(self.order[:, -1])
        else:
            return self.extreme(True), self.extreme(False)
        return np.where(flip, best, worst), np.where(flip, worst, best)

    @cached_property
    def pair(self) -> tuple[Array, Array]:
        """Values of the two groups that D subtracts and R divides."""
        if self.ordered and not self.pair_reference:
            first, second = self.pair_weights
            return self.weigh(first, self.y), self.weigh(second, self.y)
        if not self.pair_reference:
            return np.asarray(self.y.max(axis=1)), np.asarray(self.y.min(axis=1))
        others = ~self.wide(self.reference_weights.astype(bool))
        flip = self.wide(~self.adverse)
        chosen = self.weigh(self.reference_weights, self.y)
        highest = np.where(others, self.y, -np.inf).max(axis=1)
        lowest = np.where(others, self.y, np.inf).min(axis=1)
        return np.where(flip, chosen, highest), np.where(flip, lowest, chosen)

    @cached_property
    def line(self) -> "lines.FittedLine":
        """The line fitted on the ridits by each setting's own model."""
        return lines.fit(self.y, self.ridit, self.p, self.scale, self.model)

    @cached_property
    def straight_line(self) -> "lines.FittedLine":
        return lines.fit(self.y, self.ridit, self.p, self.scale, np.full(len(self.y), "linear"))
