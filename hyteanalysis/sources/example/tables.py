"""The example's tidy cells: counts added up from the finest crossing, so that every margin is the sum of its parts."""

from itertools import product

import numpy as np
import pandas as pd

from hyteanalysis.cells import CROSS, TOTAL, check_indicators, cross, tidy
from hyteanalysis.errors import HyteError
from hyteanalysis.sources.example import world
from hyteanalysis.sources.example.world import (
    GROUPS,
    PERIODS,
    SHOWN_COUNTY,
    Array,
    counties,
    group_frame,
    membership,
    population,
)
from hyteanalysis.sources.fetched import Fetched
from hyteanalysis.uncertainty import poisson, wald, wilson

SOURCE = "Synteettinen harjoitusaineisto (hyteanalysis)"
LICENCE = "CC BY 4.0"
UPDATED = "2026-01-15"
NOTES = (
    "HARJOITUSAINEISTO: luvut on arvottu keksityistä todennäköisyyksistä, eivätkä ne kuvaa todellista aluetta. "
    "Vain alueet ja niiden väestömäärät ovat oikeita."
)
UNITS = {"proportion": "%", "rate": "/ 100 000", "mean": "0–10"}
SCALES = {"proportion": 100, "rate": 100_000, "mean": 1}

CROSSED = [("education", "sex"), ("age", "education"), ("age", "sex")]
CROSSED_PERIODS = 2  # the last ones carry crossed dimensions
MUNICIPAL = [(), ("sex",), ("age",), ("education",)]
# municipal tables made although small counts in them need hiding
SUPPRESSED: list[tuple[str, ...]] = [("language",), ("disability",)]
FEWEST = 20  # people expected with and without the outcome in a table's smallest group; a smaller table is not made
FEW_RESPONDENTS = 100  # under these an estimate is `uncertain`


def indicators() -> pd.DataFrame:
    """Metadata of the twelve indicators.

    The columns of ``hyteanalysis.cells.INDICATOR_COLUMNS``, and ``theme`` (``health, participation, safety,
    livelihood``) and ``definition_fi, definition_sv, definition_en``.
    """
    rows = []
    for name in world.names():
        entry = world.rule(name)
        kind = entry["kind"]
        rows.append(
            {
                "indicator": name,
                **{f"title_{lang}": text for lang, text in entry["title"].items()},
                "unit": UNITS[kind],
                "kind": kind,
                "scale": SCALES[kind],
                "favourable": entry["favourable"],
                "lower_bound": 0.0,
                "upper_bound": float(SCALES[kind] * world.points(name)),
                "purpose": "outcome",
                "source": SOURCE,
                "licence": LICENCE,
                "updated": UPDATED,
                "notes": NOTES,
                "theme": entry["theme"],
                **{f"definition_{lang}": text for lang, text in entry["definition"].items()},
            }
        )
    return check_indicators(pd.DataFrame(rows))


def cells(seed: int = 1) -> Fetched:
    """Tidy cells of the synthetic population: what an official source of such data would publish.

    Answers: *what can the tools show when nobody's real numbers may be shown?*

    Counts are binomial at the finest crossing of area × year × age × sex × education × language × disability × income,
    then added up; so the sum over a dimension is the total, municipalities add up to their county and counties to the
    country. Outcomes with ``respondents`` in ``reference/example.yml`` are known of a sample of equal size in every
    county; their ``events`` and ``respondents`` are unweighted and the country's estimate is weighted.

    Parameters
    ----------
    seed : int
        Of the draws. The population and the probabilities are the same for every seed.

    Returns
    -------
    Fetched
        ``(cells, indicators, groups)``. Areas: the whole country, the 23 counties and Kymenlaakso's municipalities;
        periods 2015–2025; estimates with ``se, lower, upper``, ``population, events, respondents``. Municipalities
        carry fewer dimensions, and samples none below the counties. A table whose smallest group is expected to hold
        fewer than 20 people with or without the outcome is left out, so that no count needs hiding; but the language
        and disability tables of municipalities are there, so that hidden numbers are seen in use.

    Raises
    ------
    HyteError
        The seed is not a whole number of 0 or more.

    Notes
    -----
    Everything about people is invented. Do not quote these numbers about Finland.

    Examples
    --------
    >>> from hyteanalysis.sources import example
    >>> made = example.cells(seed=1)
    >>> sorted(made.cells["dimension"].unique())[:4]
    ['age', 'age × education', 'age × sex', 'disability']
    """
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise HyteError(f"seed must be a whole number of 0 or more; not {seed!r}.")
    groups = group_frame()
    frame = pd.concat([_indicator_cells(name, seed) for name in world.names()], ignore_index=True)
    order = groups[["dimension", "group", "order"]]
    frame = frame.merge(order, on=["dimension", "group"], how="left", validate="many_to_one")
    metadata = indicators()
    return Fetched(tidy(frame, metadata), metadata, groups)


def _indicator_cells(indicator: str, seed: int) -> pd.DataFrame:
    """The rows of one indicator: every table that is made, by area, period and group."""
    counts = world.counts(indicator, seed)
    tables = [_table(indicator, counts, names) for names in [(), *((name,) for name in GROUPS), *CROSSED]]
    frame = pd.concat(tables, ignore_index=True)
    asked = world.rule(indicator).get("asked", PERIODS)
    return frame[frame["period"].isin([str(year) for year in asked])]


def _table(indicator: str, counts: world.OutcomeCounts, names: tuple[str, ...]) -> pd.DataFrame:
    """One indicator by the groups of ``names``: country, counties, and the municipalities of the shown county."""
    county = membership()
    municipal = county[counties().index(SHOWN_COUNTY)].astype(bool)
    finest = {name: _margin(getattr(counts, name), names) for name in ("asked", "points", "expected", "squares")}
    finest["people"] = _margin(population().people, names)
    inside = {name: np.tensordot(county, values, axes=1) for name, values in finest.items()}
    # one respondent stands for as many adults as the county has to a respondent
    asked = inside["asked"].sum(axis=2, keepdims=True)
    weight = inside["people"].sum(axis=2, keepdims=True) / np.where(asked > 0, asked, np.inf)
    inside |= {f"weighted_{name}": weight * inside[name] for name in ("asked", "points")}
    finest |= {f"weighted_{name}": finest[name] for name in ("asked", "points")}
    inside["spread"] = weight**2 * _spread(indicator, inside)
    finest["spread"] = _spread(indicator, finest)
    sums = {
        name: np.concatenate([values.sum(axis=0, keepdims=True), values, finest[name][municipal]])
        for name, values in inside.items()
    }
    codes = ["SSS", *counties(), *population().facts.index[municipal]]
    keys = [codes, [str(year) for year in PERIODS], [cross(names) if names else TOTAL], _groups(names)]
    index = pd.MultiIndex.from_product(keys, names=["area", "period", "dimension", "group"])
    made = _made(indicator, names, sums)
    frame = pd.DataFrame({name: values.ravel() for name, values in sums.items()}, index=index)[made.ravel()]
    return _estimated(frame, indicator).reset_index()


def _spread(indicator: str, sums: dict[str, Array]) -> Array:
    """Variance of the sum of points: of independent people, or Poisson for a rate."""
    kind = world.rule(indicator)["kind"]
    if kind == "rate":
        return sums["points"]
    # squares of a mean are expected ones, so its points must be too: drawn ones could make the variance negative
    centre = sums["expected"] if kind == "mean" else sums["points"]
    return np.asarray(sums["squares"] - centre**2 / np.maximum(sums["asked"], 1))


def _margin(values: Array, names: tuple[str, ...]) -> Array:
    """Area × period × group: summed over all dimensions but ``names``, these crossed in alphabetical order."""
    axes = [2 + list(GROUPS).index(name) for name in sorted(names)]
    others = [axis for axis in range(2, values.ndim) if axis not in axes]
    kept = values.transpose([0, 1, *axes, *others]).sum(axis=tuple(range(2 + len(axes), values.ndim)))
    return np.asarray(kept.reshape(*values.shape[:2], -1))


def _groups(names: tuple[str, ...]) -> list[str]:
    """Ids of the groups of ``names`` crossed."""
    return [CROSS.join(parts) for parts in product(*(GROUPS[name] for name in sorted(names)))] if names else [TOTAL]


def _made(indicator: str, names: tuple[str, ...], sums: dict[str, Array]) -> Array:
    """Which areas and periods a table is made for: area × period × group, the same for all groups of a table."""
    sampled = "respondents" in world.rule(indicator)
    count = len(counties())
    county = (len(names) < 2 and names != ("language",)) if sampled else True
    municipal = not sampled and names in [*MUNICIPAL, *SUPPRESSED]
    made = np.zeros(sums["points"].shape, dtype=bool)
    made[0], made[1 : 1 + count], made[1 + count :] = True, county, municipal
    if names in CROSSED:
        made[:, : len(PERIODS) - CROSSED_PERIODS] = False
    without = world.points(indicator) * sums["asked"] - sums["expected"]
    fewest = np.minimum(sums["expected"], without)[:, world.answered(indicator)].min(axis=(1, 2), keepdims=True)
    large = fewest >= FEWEST
    if names in SUPPRESSED:
        large[1 + count :] = True
    return np.asarray(made & large)


def _estimated(sums: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Estimates with standard errors and 95 % limits, in the indicator's unit."""
    entry = world.rule(indicator)
    sampled = "respondents" in entry
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (sums["weighted_points"] / sums["weighted_asked"]).to_numpy()
        error = (np.sqrt(sums["spread"]) / sums["weighted_asked"]).to_numpy()
        if entry["kind"] == "mean":
            lower, upper = wald(share, error)
        elif entry["kind"] == "rate":
            lower, upper = (limit / sums["asked"].to_numpy() for limit in poisson(sums["points"]))
        else:
            # respondents of an unweighted sample with the same error; where nobody or everybody, those there are
            effective = np.where(error > 0, share * (1 - share) / error**2, sums["asked"])
            lower, upper = wilson(share * effective, effective)
    answered = sums["asked"] > 0
    few = sampled & (sums["asked"] < FEW_RESPONDENTS)
    scale = SCALES[entry["kind"]]
    counted = answered & (entry["kind"] != "mean")
    return pd.DataFrame(
        {
            "indicator": indicator,
            "estimate": scale * share,
            "se": scale * error,
            "lower": scale * lower,
            "upper": scale * upper,
            "population": sums["people"],
            "events": sums["points"].where(counted),
            "respondents": sums["asked"].where(answered & sampled),
            "status": np.select([~answered, few], ["missing", "uncertain"], "ok"),
        },
        index=sums.index,
    )
