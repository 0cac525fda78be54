"""Who is best over the draws: P(best), P(among the first k), mean rank, SUCRA; ties are split."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

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
