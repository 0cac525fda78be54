"""The example's person file: rows drawn from the same probabilities as the cells, streamed in bounded memory."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hyteanalysis import areas as area_codes
from hyteanalysis.errors import HyteError, SourceError
from hyteanalysis.progress import bar
from hyteanalysis.sources.example import world
from hyteanalysis.sources.example.world import GROUPS, PERIODS, Array, population

BLOCK = 131_072  # people drawn at a time: the memory needed, whatever the number of people
BLOCKS_PER_FILE = 8
CLUSTERS = 20  # neighbourhoods in each municipality
EUROS = {"q1": (7_000, 17_000), "q2": (17_000, 23_000), "q3": (23_000, 29_000), "q4": (29_000, 38_000)}
TOP_EUROS = (38_000, 14_000)  # the highest fifth: least, and the mean above it (exponential)
STEP = 100  # euros: incomes are told to the nearest hundred, so that ties occur as in real files


def column(indicator: str) -> str:
    """Name of an outcome's column.

    >>> column("example-payment-default")
    'payment_default'
    """
    return indicator.removeprefix("example-").replace("-", "_")


def blocks(people: int, seed: int = 1) -> Iterator[pa.Table]:
    """Person rows, a block at a time.

    Each block has a random stream of its own, so the first rows are the same however many are asked for.

    Parameters
    ----------
    people : int
        Rows in all.
    seed : int
        Of the draws.

    Yields
    ------
    pyarrow.Table
        At most 131,072 rows: ``area`` (municipality), ``period``, ``sex, age, education, language, disability, income``
        (group ids), ``income_eur``, a column an outcome (0 or 1; ``satisfaction`` 0–10; empty in the periods without
        data), ``weight`` (people of that period whom the row stands for), ``stratum`` (county) and ``cluster``
        (neighbourhood; alike within a municipality).

    Raises
    ------
    HyteError
        A number of people below 1, or a seed below 0.
    """
    for name, value, least in (("people", people, 1), ("seed", seed, 0)):
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise HyteError(f"{name} must be a whole number of {least} or more; not {value!r}.")
    return _blocks(people, seed)


def _blocks(people: int, seed: int) -> Iterator[pa.Table]:
    for number, start in enumerate(range(0, people, BLOCK)):
        yield _drawn(np.random.default_rng([seed, number]), people).slice(0, min(BLOCK, people - start))


def _drawn(generator: np.random.Generator, people: int) -> pa.Table:
    """One block: where and when, who, with which outcomes."""
    frame = _sampling()
    cell = np.searchsorted(frame["sums"], generator.random(BLOCK), side="right")
    place, period, *groups = np.unravel_index(cell, population().people.shape)
    rows: dict[str, Any] = {}
    municipality = _municipality(generator, place)
    rows["area"] = _texts(municipality, _municipalities()["area"])
    rows["period"] = _texts(period, [str(year) for year in PERIODS])
    for (name, ids), codes in zip(GROUPS.items(), groups, strict=True):
        rows[name] = _texts(codes, ids)
    rows["income_eur"] = pa.array(_euros(generator, groups[-1]))
    for indicator in world.names():
        share, most = world.probability(indicator).ravel()[cell], world.points(indicator)
        drawn = generator.random(BLOCK) < share if most == 1 else generator.binomial(most, share)
        asked = np.array(world.answered(indicator))[period]
        rows[column(indicator)] = pa.array(drawn.astype(np.int8), mask=~asked)
    rows["weight"] = pa.array(frame["represented"].ravel()[place * len(PERIODS) + period] / people)
    counties = sorted(set(population().facts["county"]))
    rows["stratum"] = _texts(np.searchsorted(counties, population().facts["county"].to_numpy()[place]), counties)
    cluster = municipality * CLUSTERS + generator.integers(CLUSTERS, size=BLOCK)
    names = [f"{code}-{number:02d}" for code in _municipalities()["area"] for number in range(1, CLUSTERS + 1)]
    rows["cluster"] = _texts(cluster, names)
    return pa.table(rows)


@cache
def _sampling() -> dict[str, Array]:
    """How people are sampled: small areas more densely, in proportion to the square root of their adults.

    ``sums``: running probability over the finest crossing; ``represented``: by area and period, the adults there
    divided by the probability that a row comes from there.
    """
    people = population().people
    adults = people.sum(axis=tuple(range(2, people.ndim)))
    share = np.sqrt(adults) / np.sqrt(adults).sum(axis=0) / len(PERIODS)
    within = people.reshape(*adults.shape, -1) / adults[..., None]
    sums = (share[..., None] * within).cumsum()
    return {"sums": sums / sums[-1], "represented": adults / share}


@cache
def _municipalities() -> dict[str, Any]:
    """The municipalities of 2025 (all there since 2015) in the order of the finest areas, and each one's end.

    ``position``: the place of its finest area plus the running share of that area's people.
    """
    table = area_codes.reference(2025)
    table = table[table["level"] == "municipality"][["area", "population"]]
    parents = area_codes.hierarchy(2025)
    parents = parents[parents["parent"].str.startswith("HVA")]
    table = table.merge(parents, on="area", validate="one_to_one")
    finest = population().facts.index
    table["place"] = finest.get_indexer(table["area"].where(table["area"].isin(finest), table["parent"]))
    table = table.sort_values(["place", "area"], ignore_index=True)
    size = table.groupby("place")["population"].transform("sum")
    table["share"] = (table["population"] / size).astype("float64").groupby(table["place"]).cumsum()
    return {"area": table["area"].tolist(), "position": (table["place"] + table["share"]).to_numpy()}


def _municipality(generator: np.random.Generator, place: Array) -> Array:
    """A municipality for each person: those of a county are alike, and share its people by their size."""
    position = _municipalities()["position"]
    # a place's municipalities end at place + running share: the last at place + 1, kept out of reach of rounding
    return np.searchsorted(position, place + generator.random(len(place)) * (1 - 1e-9), side="right")


def _euros(generator: np.random.Generator, fifth: Array) -> Array:
    """Disposable income in euros that agrees with the income fifth."""
    least = np.array([*(low for low, _ in EUROS.values()), TOP_EUROS[0]])[fifth]
    width = np.array([*(high - low for low, high in EUROS.values()), 0])[fifth]
    above = np.where(fifth == len(EUROS), generator.exponential(TOP_EUROS[1], len(fifth)), 0)
    return (np.floor((least + width * generator.random(len(fifth)) + above) / STEP) * STEP).astype(np.int32)


def _texts(codes: Array, values: Any) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(list(values)))


def people(out: str | Path, *, people: int = 100_000, seed: int = 1) -> Path:
    """Stream the person file to ``OUT/people/part-00000.parquet``, ``part-00001.parquet`` …

    Answers: *what would a register extract of these people look like?* It needs the memory of one block, however many
    people are asked for; a bar is shown on a terminal or in a notebook.

    Parameters
    ----------
    out : path
        Folder that gets the folder ``people``.
    people : int
        Rows in all, spread over the periods.
    seed : int
        Of the draws.

    Returns
    -------
    Path
        The folder ``OUT/people``.

    Raises
    ------
    SourceError
        ``OUT/people`` is there already.
    HyteError
        A number of people below 1, or a seed below 0.
    """
    drawn = blocks(people, seed)
    folder = Path(out) / "people"
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise SourceError(f"{folder} exists already. Name another place, or remove it first.") from None
    writer: pq.ParquetWriter | None = None
    try:
        with bar(total=people, what="writing", unit=" people", unit_scale=True) as line:
            for number, block in enumerate(drawn):
                if number % BLOCKS_PER_FILE == 0:
                    if writer is not None:
                        writer.close()
                    file = folder / f"part-{number // BLOCKS_PER_FILE:05d}.parquet"
                    writer = pq.ParquetWriter(file, block.schema, compression="zstd")
                assert writer is not None
                writer.write_table(block)
                line.update(len(block))
    finally:
        if writer is not None:
            writer.close()
    return folder
