"""What adds up to what besides areas and groups: declared by the data's owner, or found by testing sums."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis import areas, classification
from hyteanalysis.cells import CROSS, TOTAL
from hyteanalysis.errors import SHOWN, DisclosureError, one_of

NUMBER = ["area", "dimension", "group"]
_STEM = re.compile(r"[^\W\d_]+")
_YEARS = re.compile(r"(\d{4})(?:\s*[-–/]\s*(\d{4}))?")
_STEPS = 20_000  # partial sums tried for one whole: a count, so that the same cells are always answered alike
_LIKE = 20  # cells in which one indicator is never above another, from which on this is asked about
_SAME = 3  # cells in which indicators add up, from which on this is no chance


@dataclass(frozen=True)
class Relations:
    """What readers know to add up, and what only looks so. The data's owner knows; the program asks.

    Parameters
    ----------
    exhaustive : sequence of sequences of str
        Indicators whose counts add up to the population.
    indicators : mapping of str to sequence of str
        An indicator and those that make up the whole of it: ``{"smokes": ["daily", "now and then"]}``.
    part_of : mapping of str to str
        An indicator that counts some of another's people: ``{"daily": "smokes"}``. What is left is protected too.
    groups : mapping of str to sequence of str
        A group and those that it consists of, each as ``dimension/group``:
        ``{"education/mid or high": ["education/mid", "education/high"]}``. They may stand in other dimensions.
    periods : mapping of str to sequence of str
        A period and those that it consists of. Years within spans of years (``2020-2022``) are known.
    independent : sequence of str
        What looks like a sum and is none: the whole's name as the refusal gave it. Readers may then take the
        difference, so say this only of what does not count the same people.
    no_shares : sequence of str
        Means and indices that look like shares of the respondents and are none.

    Raises
    ------
    DisclosureError
        A key that is none of these, or a value of another form.

    Examples
    --------
    >>> Relations.from_dict({"indicators": {"any": ["daily", "occasional"]}}).indicators
    {'any': ('daily', 'occasional')}
    """

    exhaustive: tuple[tuple[str, ...], ...] = ()
    indicators: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    part_of: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    periods: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    independent: tuple[str, ...] = ()
    no_shares: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Relations":
        """Relations from plain values, as a file or a manifest holds them."""
        if not isinstance(values, Mapping):
            raise DisclosureError(f"relations are a list of 'key: value' lines; not {type(values).__name__}")
        allowed = [item.name for item in fields(cls)]
        known: dict[str, Any] = {}
        for key, value in values.items():
            one_of(key, allowed, "relations key", DisclosureError)
            if key in ("indicators", "groups", "periods"):
                known[key] = {str(one): _names(several, f"{key}: {one}") for one, several in _pairs(value, key).items()}
            elif key == "part_of":
                known[key] = {str(one): str(whole) for one, whole in _pairs(value, key).items()}
            elif key == "exhaustive":
                known[key] = tuple(_names(group, key) for group in _several(value, key))
            else:
                known[key] = _names(value, key)
        return cls(**known)

    @classmethod
    def read(cls, path: str | Path) -> "Relations":
        """Relations from a YAML file; codes such as 010 stay text."""
        from hyteanalysis.reading import read  # as in policies: its models are slow to import

        try:
            return cls.from_dict(read(path, DisclosureError).data)
        except DisclosureError as error:
            raise DisclosureError(f"{path}: {error}") from error

    def to_dict(self) -> dict[str, Any]:
        """Plain values for the manifest; only what is said."""
        return {key: value for key, value in asdict(self).items() if value}


def band(group: str) -> tuple[float, float] | None:
    """First age of a band, however it is spelt, and the first beyond it; None for other groups.

    >>> band("20-54"), band("75 vuotta täyttäneet"), band("women")
    ((20.0, 55.0), (75.0, inf), None)
    """
    ages = classification.band(group)
    return None if ages is None else (ages.first, ages.last + 1)


def same_variable(one: str, other: str) -> bool:
    """Whether two dimensions of bands bear one name but for what follows its letters.

    >>> same_variable("age5", "age10"), same_variable("age", "rooms")
    (True, False)
    """
    first, second = (_STEM.match(name) for name in (one, other))
    return bool(first and second and first[0].casefold() == second[0].casefold())


def years(period: str) -> frozenset[int]:
    """The years that a period is made of, where its name says so.

    >>> sorted(years("2020-2022")), sorted(years("spring"))
    ([2020, 2021, 2022], [])
    """
    found = _YEARS.fullmatch(period.strip())
    if not found:
        return frozenset()
    first = int(found[1])
    return frozenset(range(first, int(found[2] or first) + 1))


def _pairs(value: object, key: str) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise DisclosureError(f"relations key {key!r} must map names to names; not {value!r}")
    return value


def _several(value: object, key: str) -> Sequence[Any]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise DisclosureError(f"relations key {key!r} must be a list; not {value!r}")
    return value


def _names(value: object, key: str) -> tuple[str, ...]:
    return tuple(str(one) for one in _several(value, key))


def check_relations(rows: pd.DataFrame, relations: Relations, tree: pd.DataFrame, indicators: pd.DataFrame) -> None:
    """Refuse what looks like a sum and is neither declared nor denied.

    Parameters
    ----------
    rows : DataFrame
        A ledger: keys, ``low, high, people, k``.
    relations : Relations
    tree : DataFrame
        ``area, parent``: areas that are known to lie in each other.
    indicators : DataFrame
        Metadata: what is good is no part of what is bad.

    Raises
    ------
    DisclosureError
        Names each whole and its parts, and says how to declare or deny them; names of relations that the cells lack.
    """
    _check_names(rows, relations)
    exact = rows[rows["low"].notna() & (rows["low"] == rows["high"])]
    found = [
        *_of_groups(exact, relations),
        *_of_indicators(exact, relations, indicators.set_index("indicator")["favourable"]),
        *_of_areas(exact, relations, tree),
        *_of_periods(exact, relations),
    ]
    found = [one for one in dict.fromkeys(found) if one[0] not in relations.independent]
    if found:
        said = "; ".join(f"{whole} looks like {what}" for whole, what, _ in found[:SHOWN])
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        keys = ", ".join(dict.fromkeys(key for *_, key in found))
        names = ", ".join(dict.fromkeys(whole for whole, *_ in found[:SHOWN]))
        raise DisclosureError(
            f"{said}{more}. Readers could subtract. Declare it in relations= (--relations FILE) under {keys}, or deny "
            f"it under independent: [{names}], or leave one of them out."
        )


Found = tuple[str, str, str]


def _check_names(rows: pd.DataFrame, relations: Relations) -> None:
    indicators = list(rows["indicator"].unique())
    for group in relations.exhaustive:
        for one in group:
            one_of(one, indicators, "exhaustive= indicator", DisclosureError)
    named = [*relations.indicators, *(one for many in relations.indicators.values() for one in many)]
    for one in [*named, *relations.part_of, *relations.part_of.values()]:
        one_of(one, indicators, "relations indicator", DisclosureError)
    for one in [*relations.groups, *(one for many in relations.groups.values() for one in many)]:
        if "/" not in one:
            raise DisclosureError(f"relations group {one!r} must be written dimension/group")


def _subset(whole: NDArray[np.float64], each: NDArray[np.float64]) -> tuple[int, ...] | None:
    """Which rows of ``each`` add up to ``whole`` in every place; None where none do, or the search is too long."""
    useful = [i for i in range(len(each)) if (each[i] <= whole).all() and each[i].any()]
    useful.sort(key=lambda i: -each[i].sum())
    rest = np.cumsum(each[useful][::-1], axis=0)[::-1] if useful else np.empty((0, len(whole)))
    steps = 0
    stack: list[tuple[int, NDArray[np.float64], tuple[int, ...]]] = [(0, whole, ())]
    while stack:
        place, left, taken = stack.pop()
        steps += 1
        if not left.any():
            return tuple(useful[i] for i in taken)
        if steps > _STEPS or place >= len(useful) or (left > rest[place]).any():
            continue
        stack.append((place + 1, left, taken))
        row = each[useful[place]]
        if (row <= left).all():
            stack.append((place + 1, left - row, (*taken, place)))
    return None


def _wide(
    rows: pd.DataFrame, column: str, others: Sequence[str], kinds: Sequence[str] = ("low", "people")
) -> pd.DataFrame:
    """Counts, and the people they are out of, in the columns; one row a value of ``column``."""
    long = pd.concat([rows[[column, *others]].assign(kind=kind, value=rows[kind]) for kind in kinds])
    return long.dropna(subset="value").pivot(index=column, columns=[*others, "kind"], values="value")


def _common(wide: pd.DataFrame, whole: str, others: Iterable[str]) -> tuple[list[str], pd.DataFrame]:
    """The places where a whole has a number, and those of the others that have one in each of them."""
    here = wide.loc[:, wide.loc[whole].notna()]
    named = [one for one in others if one != whole and here.loc[one].notna().all()]
    return named, here


def _of_groups(rows: pd.DataFrame, relations: Relations) -> list[Found]:
    """Subtotals among the groups of one dimension, and groups of one that are sums of another's."""
    single = rows[(rows["dimension"] != TOTAL) & ~rows["dimension"].str.contains(CROSS, regex=False)]
    if single.empty:
        return []
    single = single.assign(named=single["dimension"] + "/" + single["group"])
    wide = _wide(single, "named", ["indicator", "area", "period"])
    dimension = {name: name.split("/", 1)[0] for name in wide.index}
    others = {part for name, part in dimension.items() if not band(name.split("/", 1)[1])}
    ages = set(dimension.values()) - others
    found: list[Found] = []
    for whole, mine in dimension.items():
        if whole in relations.groups:
            continue
        for other in dict.fromkeys(dimension.values()):
            if mine in ages and other in ages and (mine == other or same_variable(mine, other)):
                continue  # they say by themselves which lies in which
            named, here = _common(wide, whole, [name for name in wide.index if dimension[name] == other])
            named = [name for name in named if name not in relations.groups and not _told(relations, whole, name)]
            value = here.loc[whole].to_numpy(dtype=float)
            taken = _subset(value, here.loc[named].to_numpy(dtype=float)) if named else None
            if (
                taken
                and np.count_nonzero(value) >= (2 if len(taken) > 1 else _SAME)
                and (mine != other or len(taken) > 1)
            ):
                many = [named[i] for i in taken]
                found.append((whole, " + ".join(many), f"groups: {{{whole}: [{', '.join(many)}]}}"))
    return _without_mirrors(found)


def _told(relations: Relations, one: str, other: str) -> bool:
    """Whether one group is declared to be in the other, either way."""
    return one in relations.groups.get(other, ()) or other in relations.groups.get(one, ())


def _without_mirrors(found: list[Found]) -> list[Found]:
    """Of two groups that are each other, one need be declared."""
    kept: list[Found] = []
    for whole, said, key in found:
        if not any(said == other and whole == what for other, what, _ in kept):
            kept.append((whole, said, key))
    return kept


def _of_indicators(rows: pd.DataFrame, relations: Relations, favourable: "pd.Series[bool]") -> list[Found]:
    """Indicators that add up to another, or of which one may count some of another's people."""
    if rows["indicator"].nunique() < 2:
        return []
    wide = rows.pivot(index="indicator", columns=["period", *NUMBER], values="low")
    people = rows.pivot(index="indicator", columns=["period", *NUMBER], values="people").reindex(columns=wide.columns)
    k = rows.groupby(["period", *NUMBER])["k"].max().reindex(wide.columns).to_numpy(dtype=float)
    told = {frozenset((one, whole)) for one, whole in relations.part_of.items()}
    told |= {frozenset((one, whole)) for whole, many in relations.indicators.items() for one in many}
    apart = [*relations.exhaustive, *relations.indicators.values()]
    told |= {frozenset((one, other)) for many in apart for one in many for other in many}
    found: list[Found] = []
    for whole in wide.index:
        if whole in relations.indicators or whole in relations.independent:
            continue
        named, here = _common(wide, whole, wide.index)
        value = here.loc[whole].to_numpy(dtype=float)
        if np.count_nonzero(value) >= _SAME and named:
            taken = _subset(value, here.loc[named].to_numpy(dtype=float))
            if taken is not None and not (len(taken) == 1 and frozenset((whole, named[taken[0]])) in told):
                many = [named[i] for i in taken]
                found.append((whole, " + ".join(many), f"indicators: {{{whole}: [{', '.join(many)}]}}"))
                continue
        for other in wide.index:
            if other == whole or frozenset((whole, other)) in told or other in relations.independent:
                continue
            if favourable.get(whole) != favourable.get(other):
                continue
            low, high = wide.loc[other].to_numpy(dtype=float), wide.loc[whole].to_numpy(dtype=float)
            both = ~np.isnan(low) & ~np.isnan(high)
            if both.sum() < _LIKE or (low > high)[both].any():
                continue
            mine, theirs = people.loc[whole].to_numpy(dtype=float)[both], people.loc[other].to_numpy(dtype=float)[both]
            if not ((mine == theirs) | (np.isnan(mine) & np.isnan(theirs))).all():
                continue
            left = (high - low)[both]
            if ((left > 0) & (left < k[both])).any():
                found.append(
                    (
                        other,
                        f"a part of {whole} ({whole} less {other} is a small count)",
                        f"part_of: {{{other}: {whole}}}",
                    )
                )
    return _without_mirrors(found)


def _of_areas(rows: pd.DataFrame, relations: Relations, tree: pd.DataFrame) -> list[Found]:
    """Own areas that nothing is said of, and that are sums of others."""
    used = list(rows["area"].unique())
    own = [area for area in used if areas.level(area) == "own"]
    if not own or len(used) < 3:
        return []
    pairs = areas.ancestry(tree)
    below = pairs[pairs["area"].isin(used)].groupby("ancestor")["area"].agg(set).to_dict()
    above = pairs[pairs["ancestor"].isin(used)].groupby("area")["ancestor"].agg(set).to_dict()
    wide = _wide(rows, "area", ["indicator", "period", "dimension", "group"])
    found: list[Found] = []
    for whole in used:
        others = [one for one in (used if whole in own else own) if one not in above.get(whole, ())]
        if below.get(whole, set()) & set(others):
            continue  # what lies in it is known
        named, here = _common(wide, whole, others)
        value = here.loc[whole].to_numpy(dtype=float)
        if np.count_nonzero(value) < 2 or not named:
            continue
        taken = _subset(value, here.loc[named].to_numpy(dtype=float))
        if taken is not None:
            found.append(
                (whole, " + ".join(named[i] for i in taken), "hierarchy (--hierarchy, or `parent` in --areas)")
            )
    return found


def _of_periods(rows: pd.DataFrame, relations: Relations) -> list[Found]:
    """Periods that are sums of others and do not say so by their years."""
    periods = list(rows["period"].unique())
    if len(periods) < 3:
        return []
    wide = _wide(rows, "period", ["indicator", *NUMBER], ["low"])
    found: list[Found] = []
    for whole in periods:
        if whole in relations.periods:
            continue
        inside = [one for one in periods if years(one) and years(one) < years(whole)]
        named, here = _common(wide, whole, [one for one in periods if one not in inside])
        value = here.loc[whole].to_numpy(dtype=float)
        if np.count_nonzero(value) < _SAME or not named:
            continue
        taken = _subset(value, here.loc[named].to_numpy(dtype=float))
        if taken is not None and len(taken) > 1:
            many = [named[i] for i in taken]
            found.append((whole, " + ".join(many), f"periods: {{{whole}: [{', '.join(many)}]}}"))
    return found
