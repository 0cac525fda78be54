"""Simulated estimates: normal draws that all settings share, in chunks of bounded memory, and their tails."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
MEMORY = 400_000  # bytes of a chunk
SEED = 0  # used where none is given, so that the same cells always give the same limits


def roots(error: Array, covariance: Array | None) -> Array:
    """What standard normal deviates are multiplied with: s (rows × k), or a square root of Σ (rows × k × k)."""
    if covariance is None:
        return error
    values, vectors = np.linalg.eigh(np.nan_to_num(covariance))
    return np.asarray(vectors * np.sqrt(np.clip(values, 0, None))[:, None, :])


def normals(groups: int, draws: int, seed: int | None) -> Array:
    """Standard normal deviates (groups × draws) that all rows share, float32: only tails are read from them."""
    generator = np.random.default_rng(SEED if seed is None else seed)
    return generator.standard_normal((groups, draws), dtype=np.float32)


def simulate(centre: Array, root: Array, deviates: Array) -> Iterator[tuple[slice, Array]]:
    """Draws of each row's k estimates, in chunks of bounded memory: (rows, chunk × k × draws).

    The chunk is reused: what is kept of it must be copied.
    """
    k, draws = deviates.shape
    size = max(1, MEMORY // max(1, 4 * k * draws))
    buffer = np.empty((min(size, len(centre)), k, draws), dtype=np.float32)
    centre, root = centre.astype(np.float32), root.astype(np.float32)
    for start in range(0, len(centre), size):
        rows = slice(start, min(start + size, len(centre)))
        chunk = buffer[: rows.stop - start]
        if root.ndim == 2:
            np.multiply(root[rows, :, None], deviates, out=chunk)
        else:
            np.matmul(root[rows], deviates, out=chunk)
        np.add(chunk, centre[rows, :, None], out=chunk)
        yield rows, chunk


def tails(draws: Array, level: float) -> tuple[Array, Array]:
    """Lower and upper percentile of each row; only these two order statistics are sorted out, in place."""
    n = draws.shape[1]
    low = int(np.clip(np.floor(n * (1 - level) / 2), 0, (n - 1) // 2))
    # one order statistic at a time: that is the vectorised path; a missing draw sorts last, so that it can only widen
    draws.partition(low, axis=1)
    rest = draws[:, low + 1 :]
    rest.partition(n - 2 - 2 * low, axis=1)
    return draws[:, low].astype(float), rest[:, n - 2 - 2 * low].astype(float)


def summary(draws: Array, level: float) -> tuple[Array, Array, Array]:
    """Lower and upper percentile and standard deviation of each row of draws around 0; the draws are reordered."""
    count = draws.shape[1]
    mean = draws.sum(axis=1) / count
    square = np.einsum("sd,sd->s", draws, draws) / count
    low, high = tails(draws, level)
    return low, high, np.sqrt(np.maximum(square - mean**2, 0.0)).astype(float)
