"""Simulated and corrected intervals: shared normal draws, noncentral χ² for squares, test inversion for the rest."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import special

from hyteanalysis.inequality.dispersion import noise, noise_squared
from hyteanalysis.inequality.groups import Array, Groups
from hyteanalysis.inequality.registry import Measure
from hyteanalysis.uncertainty import delta_variance

_MEMORY = 400_000  # bytes of a chunk
_SEED = 0  # used where none is given, so that the same cells always give the same limits


def roots(error: Array, covariance: Array | None) -> Array:
    """What standard normal deviates are multiplied with: s (rows × k), or a square root of Σ (rows × k × k)."""
    if covariance is None:
        return error
    values, vectors = np.linalg.eigh(np.nan_to_num(covariance))
    return np.asarray(vectors * np.sqrt(np.clip(values, 0, None))[:, None, :])


def normals(groups: int, draws: int, seed: int | None) -> Array:
    """Standard normal deviates (groups × draws) that all rows share, float32: only tails are read from them."""
    generator = np.random.default_rng(_SEED if seed is None else seed)
    return generator.standard_normal((groups, draws), dtype=np.float32)


def simulate(centre: Array, root: Array, deviates: Array) -> Iterator[tuple[slice, Array]]:
    """Draws of each row's k estimates, in chunks of bounded memory: (rows, chunk × k × draws).

    The chunk is reused: what is kept of it must be copied.
    """
    k, draws = deviates.shape
    size = max(1, _MEMORY // max(1, 4 * k * draws))
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


def _tails(draws: Array, level: float) -> tuple[Array, Array]:
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
    low, high = _tails(draws, level)
    return low, high, np.sqrt(np.maximum(square - mean**2, 0.0)).astype(float)


_FAR = 100.0  # T/c beyond which the normal form of the noncentral χ² serves
_STEPS = 11  # points of the ray at which quantiles are simulated


@dataclass(frozen=True)
class _SquareParts:
    """T, its first-order variance V₁, the noise b in it and the noise's own variance term t."""

    value: Array
    variance: Array
    noise: Array
    noise_squared: Array

    @property
    def total_variance(self) -> Array:
        return np.asarray(self.variance + 2 * self.noise_squared)


def square_parts(measure: Measure, groups: Groups, value: Array) -> _SquareParts:
    """Parts of the quadratic form behind a measure (with q: 1, 1/μ², 1/(2μ²) …)."""
    square = measure.square
    assert square is not None
    assert measure.gradient is not None
    own = np.nan_to_num(measure.gradient(groups, value), nan=0.0, posinf=0.0, neginf=0.0)
    gradient = square.slope(value)[:, None] * own
    weight = square.weight(groups)
    return _SquareParts(
        square.value(value),
        delta_variance(gradient, groups.s, groups.covariance),
        weight * noise(groups),
        weight**2 * noise_squared(groups),
    )


Found = tuple[Array, Array, Array]  # lower limit, central value, upper limit


def square_limits(measure: Measure, groups: Groups, value: Array, level: float) -> Found:
    """Limits cλ where the noncentral χ² has F(T/c; ν, λ) = 1 − α/2 and α/2, and the value where it has ½."""
    parts = square_parts(measure, groups, value)
    total, noise_, first = parts.value, parts.noise, parts.variance
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = np.maximum(total - noise_, 0)
        through = np.where(total > 0, kept * first / (2 * total), 0.0)
        unit = (parts.noise_squared + through) / (noise_ + 2 * kept)
        freedom, x = noise_ / unit, total / unit
        tied = np.where((total == 0) & (noise_ > 0), unit * special.chdtri(freedom, (1 - level) / 2), 0.0)
    sure = (noise_ == 0) & (first == 0)
    alpha = (1 - level) / 2
    limits = []
    z = float(special.ndtri(1 - alpha))
    for probability, deviate in ((1 - alpha, -z), (0.5, 0.0), (alpha, z)):
        limit = unit * _noncentrality(x, freedom, probability, deviate)
        limits.append(np.where(sure, total, limit))
    assert measure.square is not None
    # an exact tie is no certainty: as far as noise alone would set them apart
    limits[2] = np.maximum(limits[2], tied)
    lower, central, upper = (measure.square.back(limit) for limit in limits)
    return lower, central, upper


def _noncentrality(x: Array, freedom: Array, probability: float, deviate: float) -> Array:
    """λ at which the noncentral χ² has the probability below x; 0 where even λ = 0 gives less."""
    answer = np.full(x.shape, np.nan)
    known = np.isfinite(x) & np.isfinite(freedom) & (freedom > 0)
    none = known & (special.chdtr(np.where(known, freedom, 1.0), np.where(known, x, 0.0)) < probability)
    far = known & ~none & (x > _FAR)
    near = known & ~none & ~far
    answer[none] = 0.0
    answer[far] = np.maximum((np.sqrt(x[far]) + deviate) ** 2 - freedom[far] + 1, 0.0)
    answer[near] = special.chndtrinc(x[near], freedom[near], probability)
    return answer


def ray_limits(measure: Measure, groups: Groups, value: Array, level: float, deviates: Array, spread: Array) -> Found:
    """Limits by test inversion along m(g) = μ + g(y − μ), and the value there whose draws have their median here.

    The lower (upper) limit is the measure at that m(g) whose draws have their upper (lower) percentile at the estimate;
    the null where g = 0 already has. ``spread`` is the measure's simulated standard error.
    """
    falls = (value < measure.null) | ((value == measure.null) & measure.gain & groups.adverse)
    sign = np.where(falls, -1.0, 1.0)
    height = sign * (value - measure.null)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.clip(np.where(height > 0, spread / height, 1.0), 1e-6, 20.0)
    # from equality to well beyond the estimate, closer together where the errors are small
    lowest, highest = np.maximum(0.0, 1 - 5 * relative), 1 + 5 * relative
    share = np.linspace(0, 1, _STEPS)
    points = lowest[:, None] + share * (highest - lowest)[:, None]
    points[:, 0] = 0.0
    low, middle, high, at = (np.empty_like(points) for _ in range(4))
    for step in range(_STEPS):
        centre = groups.mean[:, None] + points[:, step, None] * groups.deviation
        at[:, step] = _height(measure, groups, sign, centre)
        low[:, step], middle[:, step], high[:, step] = _quantiles(measure, groups, sign, centre, level, deviates)
    lower = _crossing(height, high, at)
    upper = _crossing(height, low, at)
    # an exact tie is no certainty: as far as noise alone would set them apart
    upper = np.where((height == 0) & np.isfinite(high[:, 0]), np.maximum(upper, high[:, 0]), upper)
    central = measure.null + sign * _crossing(height, middle, at)
    ends = measure.null + sign * lower, measure.null + sign * upper
    return np.minimum(*ends), central, np.maximum(*ends)


def _height(measure: Measure, groups: Groups, sign: Array, centre: Array) -> Array:
    moved = groups.drawn(centre)
    return np.asarray(sign * (measure.formula(moved) - measure.null))


def _quantiles(measure: Measure, groups: Groups, sign: Array, centre: Array, level: float, deviates: Array) -> Found:
    low, middle, high = (np.empty(len(centre)) for _ in range(3))
    root = roots(groups.s, groups.covariance)
    for rows, chunk in simulate(centre, root, deviates):
        drawn = groups.take(rows).drawn(chunk)
        heights = drawn.wide(sign[rows]) * (measure.formula(drawn) - measure.null)
        # before the tails, which reorder the draws
        middle[rows] = np.median(heights, axis=1)
        low[rows], high[rows] = _tails(heights, level)
    return low, middle, high


def _crossing(height: Array, quantile: Array, at: Array) -> Array:
    """Where a quantile, as it grows along the ray, first reaches the estimate; at the null if it starts above."""
    quantile = np.maximum.accumulate(quantile, axis=1)
    above = quantile >= height[:, None]
    place = np.clip(above.argmax(axis=1), 1, quantile.shape[1] - 1)
    rows = np.arange(len(height))
    before, after = quantile[rows, place - 1], quantile[rows, place]
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.clip(np.where(after > before, (height - before) / (after - before), 1.0), 0, 1)
    answer = at[rows, place - 1] + part * (at[rows, place] - at[rows, place - 1])
    # a missing quantile leaves the limit empty; one never reached has no bound on this side
    answer = np.where(above[:, 0], 0.0, np.where(above.any(axis=1), answer, np.inf))
    return np.where(np.isnan(quantile).any(axis=1) | np.isnan(height), np.nan, answer)
