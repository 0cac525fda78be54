"""What happens to them: each outcome's probability by area, period and finest crossing, and counts drawn from it."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from hyteanalysis.sources.example.population import BASE_YEAR, GROUPS, PERIODS, Array, membership, population, settings

LEVEL_YEAR = 2020  # the year whose share of the country `level` in example.yml gives
POINTS = {"mean": 10}  # a mean is of points 0…10; every other outcome is yes or no
NEWTON_STEPS = 30


@dataclass(frozen=True)
class OutcomeCounts:
    """One outcome's counts, each an array area × period × the six dimensions.

    ``asked`` are the people it is known of (everybody, or a sample), ``points`` how many of them have it (of a mean:
    the sum of their points), ``expected`` the mean of ``points`` over all draws, ``squares`` the sum of squared points
    (of a mean: its expectation).
    """

    asked: Array
    points: Array
    expected: Array
    squares: Array


def names() -> list[str]:
    """Ids of the indicators, in the order of ``reference/example.yml``."""
    return list(settings()["indicators"])


def rule(indicator: str) -> dict[str, Any]:
    """One indicator's entry in ``reference/example.yml``."""
    found: dict[str, Any] = settings()["indicators"][indicator]
    return found


def points(indicator: str) -> int:
    """Points one person can have at most."""
    return POINTS.get(rule(indicator)["kind"], 1)


def answered(indicator: str) -> list[bool]:
    """Whether there are data for each period."""
    entry = rule(indicator)
    return [year in entry.get("asked", PERIODS) and year not in entry.get("unanswered", ()) for year in PERIODS]


@cache
def probability(indicator: str) -> Array:
    """Probability of the outcome (of a mean: of each of its points) for a person of each area, period and crossing.

    The logarithms of the odds ratios in ``reference/example.yml`` add up; the constant makes the country's share in
    2020 the ``level`` given there.
    """
    entry = rule(indicator)
    people = population()
    years = np.array(PERIODS) - BASE_YEAR
    axes = list(GROUPS)
    odds = sum(np.log(ratio) * people.facts[name].to_numpy() for name, ratio in entry.get("area", {}).items())
    logit = np.zeros(people.people.shape) + _along(np.asarray(odds) + np.zeros(len(people.facts)), 0)
    logit += _along(np.log(entry["yearly"]["everybody"]) * years, 1)
    for axis, name in enumerate(axes, start=2):
        fixed = np.log([entry.get(name, {}).get(group, 1.0) for group in GROUPS[name]])
        yearly = np.log([entry["yearly"].get(name, {}).get(group, 1.0) for group in GROUPS[name]])
        logit += _along(fixed, axis) + _along(yearly, axis) * _along(years, 1)
    year = PERIODS.index(LEVEL_YEAR)
    logit += _constant(logit[:, year], people.people[:, year], entry["level"])
    return _share(logit)


def counts(indicator: str, seed: int) -> OutcomeCounts:
    """Counts drawn at the finest crossing: a binomial number of points for the people asked."""
    people = population().people
    entry = rule(indicator)
    # a stream of its own for each indicator: adding one changes no other
    generator = np.random.default_rng([seed, *indicator.encode()])
    asked = _sample(people, entry["respondents"]) if "respondents" in entry else people.copy()
    asked[:, ~np.array(answered(indicator))] = 0
    share, most = probability(indicator), points(indicator)
    drawn = generator.binomial(asked * most, share)
    squares = drawn if most == 1 else asked * (most * share * (1 - share) + (most * share) ** 2)
    return OutcomeCounts(asked, drawn, asked * most * share, squares)


def _along(values: Array, axis: int) -> Array:
    """A vector laid along one axis of area × period × the six dimensions."""
    return values.reshape([-1 if i == axis else 1 for i in range(2 + len(GROUPS))])


def _share(logit: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-logit)))


def _constant(logit: Array, people: Array, level: float) -> float:
    """The constant that makes the people's mean probability ``level`` (Newton's method)."""
    constant = float(np.log(level / (1 - level)))
    for _ in range(NEWTON_STEPS):
        share = _share(logit + constant)
        slope = np.average(share * (1 - share), weights=people)
        constant -= float((np.average(share, weights=people) - level) / slope)
    return constant


def _sample(people: Array, respondents: int) -> Array:
    """A sample of ``respondents`` in every county and period, in proportion to its people, in whole people."""
    asked = np.empty_like(people)
    for county in membership():
        rows = np.flatnonzero(county)
        inside = np.moveaxis(people[rows], 0, 1)
        sums = inside.reshape(len(PERIODS), -1).cumsum(axis=1)
        chosen = np.diff(np.rint(sums * (respondents / sums[:, -1:])), axis=1, prepend=0.0)
        asked[rows] = np.moveaxis(chosen.reshape(inside.shape), 0, 1)
    return asked
