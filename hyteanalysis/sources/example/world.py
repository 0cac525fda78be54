"""Who lives where, and what happens to them: people and outcomes by area, period and the finest crossing."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from hyteanalysis import areas as area_codes
from hyteanalysis.cells import reference_groups
from hyteanalysis.errors import SourceError
from hyteanalysis.reading import parsed

PERIODS = tuple(range(2015, 2026))
_BASE_YEAR = 2022  # of the areas' populations and of the yearly factors in example.yml
SHOWN_COUNTY = "HVA10"  # Kymenlaakso, whose municipalities are areas of their own
GROUPS = {
    "age": ("20-54", "55-74", "75+"),
    "sex": ("women", "men"),
    "education": ("low", "mid", "high"),
    "language": ("fi", "sv", "other"),
    "disability": ("with", "without"),
    "income": ("q1", "q2", "q3", "q4", "q5"),
}
_SMALLEST_LANGUAGE = (
    0.01  # of a county's adults: fewer speakers would have to be hidden, and the real share can be 0.1 %
)
_SPEAKERS_PER_CITIZEN = 1.4  # speakers of other languages for each foreign citizen …
_MOST_OTHER = 0.6  # … but at most this share of those who speak no Swedish (Åland's foreign citizens are mostly Swedes)
_RAKINGS = 20

Array = Any  # numpy arrays of counts and shares; the axes stand in each docstring


@dataclass(frozen=True)
class _Population:
    """Adults in whole people.

    Attributes
    ----------
    facts : DataFrame
        One row a finest area (index ``area``): its ``county``, ``adults`` in the base year, ``growth`` a year,
        ``strain`` and ``urban`` (standardised over the country's adults), and its shares by age, education, language.
    people : array of int
        area × period × age × sex × education × language × disability × income.
    """

    facts: pd.DataFrame
    people: Array


@cache
def _settings() -> dict[str, Any]:
    """The invented gradients of ``reference/example.yml``."""
    text = files("hyteanalysis.reference").joinpath("example.yml").read_text(encoding="utf-8")
    content: dict[str, Any] = parsed(text, SourceError, "example.yml").data
    return content


def group_frame() -> pd.DataFrame:
    """Labels and order of the groups used here, and of their dimensions, from the common groups."""
    common = reference_groups()
    named = (common["dimension"] == "dimension") & common["group"].isin(["total", *GROUPS])
    used = [(name, group) for name, groups in GROUPS.items() for group in groups] + [("total", "total")]
    listed = pd.MultiIndex.from_frame(common[["dimension", "group"]]).isin(used)
    return common[named | listed].reset_index(drop=True)


@cache
def population() -> _Population:
    """The adults of the whole country; the same for every seed."""
    facts = _facts()
    years = np.array(PERIODS)
    adults = facts["adults"].to_numpy()[:, None] * (1 + facts["growth"].to_numpy()[:, None]) ** (years - _BASE_YEAR)
    rules = _settings()["people"]
    split = ("age", "education", "language")
    shares = {name: facts[[f"{name}_{group}" for group in GROUPS[name]]].to_numpy() for name in split}

    people = adults[:, :, None] * shares["age"][:, None, :]
    sex = np.array([[rules["sex"][age][group] for group in GROUPS["sex"]] for age in GROUPS["age"]])
    people = people[..., None] * sex
    for name in ("education", "language"):
        wanted = shares[name][:, None, :] * _yearly(rules[name], name)
        people = _split(people, name, rules[name], wanted / wanted.sum(axis=-1, keepdims=True))
    people = _split(people, "disability", rules["disability"], None)
    people = _split(people, "income", rules["income"], np.full((1, 1, 5), 0.2))
    return _Population(facts, _whole(people))


def counties() -> list[str]:
    """The counties, in the order of the finest areas."""
    return list(dict.fromkeys(population().facts["county"]))


def membership() -> Array:
    """Which finest area lies in which county: county × finest area, of 0 and 1."""
    inside = population().facts["county"].to_numpy() == np.array(counties(), dtype=object)[:, None]
    return inside.astype(np.int64)


def _facts() -> pd.DataFrame:
    """The finest areas: Kymenlaakso's municipalities and the other counties."""
    with files("hyteanalysis.reference").joinpath("example_areas.csv").open(encoding="utf-8") as file:
        table = pd.read_csv(file).set_index("area")
    size = area_codes.reference().drop_duplicates("area").set_index("area")["population"].reindex(table.index)
    municipal = table.index.str.startswith("KU")
    other = (table["foreign"] * _SPEAKERS_PER_CITIZEN).clip(upper=(1 - table["language_sv"]) * _MOST_OTHER)
    languages = pd.DataFrame({"sv": table["language_sv"], "other": other})
    languages.insert(0, "fi", 1 - languages.sum(axis=1))
    languages.loc[~municipal] = languages.loc[~municipal].clip(lower=_SMALLEST_LANGUAGE)
    languages = languages.div(languages.sum(axis=1), axis=0)
    adults = size * table["adults"]
    covariates = {"strain": table["unemployed"], "urban": table["urban"]}
    facts = pd.DataFrame(
        {
            "county": np.where(municipal, SHOWN_COUNTY, table.index),
            "adults": adults,
            "growth": table["growth"],
            **{name: _standardised(values, adults) for name, values in covariates.items()},
            "age_20-54": table["age_20_54"],
            "age_55-74": table["age_55_74"],
            "age_75+": table["age_75"],
            **{f"education_{group}": table[f"education_{group}"] for group in GROUPS["education"]},
            **{f"language_{group}": languages[group] for group in GROUPS["language"]},
        },
        index=table.index,
    )
    return facts


def _standardised(values: "pd.Series[float]", weights: "pd.Series[float]") -> "pd.Series[float]":
    centred = values - np.average(values, weights=weights)
    return centred / np.sqrt(np.average(centred**2, weights=weights))


def _yearly(rule: dict[str, Any], name: str) -> Array:
    """Weight of each group in each year: period × group."""
    factors = np.array([rule.get("yearly", {}).get(group, 1.0) for group in GROUPS[name]])
    return factors ** (np.array(PERIODS)[:, None] - _BASE_YEAR)


def _split(people: Array, name: str, rule: dict[str, Any], wanted: Array | None) -> Array:
    """People divided into the groups of one more dimension (a new last axis).

    The groups' weights are the products of the rule's factors; ``wanted`` (area or 1 × period or 1 × group) are shares
    that each area, or with a first length of 1 the country, must keep: the weights are raked to them.
    """
    earlier = list(GROUPS)[: people.ndim - 2]
    weights = np.array([rule.get("share", {}).get(group, 1.0) for group in GROUPS[name]])
    weights = np.broadcast_to(weights, (*people.shape, len(weights)))
    for axis, other in enumerate(earlier, start=2):
        if other in rule:
            table = np.array([[rule[other].get(a, {}).get(b, 1.0) for b in GROUPS[name]] for a in GROUPS[other]])
            weights = weights * table.reshape(
                [-1 if i == axis else 1 for i in range(people.ndim)] + [len(GROUPS[name])]
            )
    divided = people[..., None] * weights / weights.sum(axis=-1, keepdims=True)
    if wanted is None:
        return divided
    inner = tuple(range(2, people.ndim))
    outer = (0, *inner) if wanted.shape[0] == 1 else inner
    target = wanted.reshape(*wanted.shape[:2], *[1] * len(inner), wanted.shape[2])
    for _ in range(_RAKINGS):
        held = divided.sum(axis=outer, keepdims=True)
        divided = divided * target / (held / held.sum(axis=-1, keepdims=True))
        divided = divided * (people / divided.sum(axis=-1))[..., None]
    return divided


def _whole(people: Array) -> Array:
    """Whole people: running sums rounded, so that every margin over later dimensions is right to within one person."""
    flat = people.reshape(*people.shape[:2], -1)
    sums = np.rint(flat.cumsum(axis=-1))
    return np.diff(sums, axis=-1, prepend=0.0).astype(np.int64).reshape(people.shape)


_LEVEL_YEAR = 2020  # the year whose share of the country `level` in example.yml gives
_POINTS = {"mean": 10}  # a mean is of points 0…10; every other outcome is yes or no
_NEWTON_STEPS = 30


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
    return list(_settings()["indicators"])


def rule(indicator: str) -> dict[str, Any]:
    """One indicator's entry in ``reference/example.yml``."""
    found: dict[str, Any] = _settings()["indicators"][indicator]
    return found


def points(indicator: str) -> int:
    """Points one person can have at most."""
    return _POINTS.get(rule(indicator)["kind"], 1)


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
    years = np.array(PERIODS) - _BASE_YEAR
    axes = list(GROUPS)
    odds = sum(np.log(ratio) * people.facts[name].to_numpy() for name, ratio in entry.get("area", {}).items())
    logit = np.zeros(people.people.shape) + _along(np.asarray(odds) + np.zeros(len(people.facts)), 0)
    logit += _along(np.log(entry["yearly"]["everybody"]) * years, 1)
    for axis, name in enumerate(axes, start=2):
        fixed = np.log([entry.get(name, {}).get(group, 1.0) for group in GROUPS[name]])
        yearly = np.log([entry["yearly"].get(name, {}).get(group, 1.0) for group in GROUPS[name]])
        logit += _along(fixed, axis) + _along(yearly, axis) * _along(years, 1)
    year = PERIODS.index(_LEVEL_YEAR)
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
    for _ in range(_NEWTON_STEPS):
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
