"""From a table's sums to tidy cells: estimate, standard error and limits of each kind of outcome."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis import uncertainty
from hyteanalysis.cells import CELL_COLUMNS, TOTAL, cross
from hyteanalysis.sources.microdata.outcomes import Outcome

Array = NDArray[np.float64]


def estimated(
    sums: pd.DataFrame,
    names: tuple[str, ...],
    outcomes: dict[str, Outcome],
    orders: dict[str, dict[str, int]],
    level: float,
) -> pd.DataFrame:
    """Tidy cells of one table, all outcomes."""
    keys = sums[["area", "period", "group"]].assign(dimension=cross(names) if names else TOTAL)
    order = keys["group"].map(orders[names[0]]) if len(names) == 1 and names[0] in orders else None
    keys["order"] = pd.Series(pd.NA, index=keys.index, dtype="Int64") if order is None else order.astype("Int64")
    lacking = sums["lacking"].to_numpy()
    frames = []
    for place, (indicator, outcome) in enumerate(outcomes.items()):
        numbers = pd.DataFrame(_numbers(sums, place, outcome, level), index=sums.index)
        empty, single = numbers["respondents"] == 0, numbers["estimate"].notna() & numbers["se"].isna()
        status = np.select([empty | numbers["estimate"].isna(), single], ["missing", "uncertain"], "ok")
        frame = pd.concat([keys, numbers], axis=1).assign(indicator=indicator, scale=float(outcome.scale))
        frame["status"] = pd.Series(status, index=frame.index, dtype="str")
        unanswered = sums["rows"].to_numpy() - numbers["respondents"].to_numpy()
        frame["note"] = _notes(unanswered, lacking, names)
        frames.append(frame)
    columns = [column for column in [*CELL_COLUMNS, "scale", "note"] if column in frames[0]]
    return pd.concat(frames, ignore_index=True)[columns]


def _numbers(sums: pd.DataFrame, place: int, outcome: Outcome, level: float) -> dict[str, Array]:
    part = {letter: sums[f"{letter}{place}"].to_numpy() for letter in "nyqxtvabd" if f"{letter}{place}" in sums}
    designed = "t" in part
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate, se, lower, upper, population = (
            _designed(part, sums["free"].to_numpy(), outcome, level) if designed else _simple(part, outcome, level)
        )
    known = part["n"] > 0
    if outcome.kind == "proportion":  # a weighted mean of ones may round to just above 1
        estimate = np.clip(estimate, 0.0, 1.0)
    elif outcome.kind == "mean" and outcome.valid is not None:
        ends = outcome.valid.values() if isinstance(outcome.valid, Mapping) else outcome.valid
        estimate = np.clip(estimate, min(ends), max(ends))
    scale = outcome.scale
    numbers = {"estimate": estimate * scale, "se": se * scale, "lower": lower * scale, "upper": upper * scale}
    numbers = {name: np.where(known & np.isfinite(value), value, np.nan) for name, value in numbers.items()}
    bare = np.isnan(numbers["se"])  # no error, no limits
    numbers |= {name: np.where(bare, np.nan, numbers[name]) for name in ("lower", "upper")}
    events = np.where(known, part["y"], np.nan) if outcome.kind != "mean" else np.full(len(known), np.nan)
    return {**numbers, "population": population, "events": events, "respondents": part["n"]}


def _simple(part: dict[str, Array], outcome: Outcome, level: float) -> tuple[Array, ...]:
    """Everybody counts once: binomial, Student's mean, Poisson."""
    n, y, q = part["n"], part["y"], part["q"]
    people = part.get("x", n)
    if outcome.kind == "proportion":
        share = y / n
        return share, np.sqrt(share * (1 - share) / n), *uncertainty.wilson(y, n, level), people
    if outcome.kind == "rate":
        lower, upper = (limit / people for limit in uncertainty.poisson(y, level))
        return y / people, np.sqrt(y) / people, lower, upper, people
    if outcome.kind == "count":
        se = np.sqrt(q)
        lower, upper = uncertainty.wald(y, se, level)
        ones = q == y  # a count of people: Poisson
        limits = uncertainty.poisson(np.where(ones, y, 0.0), level)
        return y, se, np.where(ones, limits[0], lower), np.where(ones, limits[1], upper), people
    mean = y / n
    se = np.where(n > 1, np.sqrt(np.maximum(q - y * mean, 0) / (n - 1) / n), np.nan)
    return mean, se, *uncertainty.wald(mean, se, level, n - 1), people


def _designed(part: dict[str, Array], free: Array, outcome: Outcome, level: float) -> tuple[Array, ...]:
    """Taylor linearised; limits as ``hyte.survey.estimate`` gives them, a rate's on the log."""
    n, t, v = part["n"], part["t"], part["v"]
    if outcome.kind == "count":
        se = np.where(free > 0, np.sqrt(np.maximum(part["a"], 0)), np.nan)
        return t, se, *uncertainty.wald(t, se, level, free), v
    value = t / v
    variance = (part["a"] - 2 * value * part["b"] + value**2 * part["d"]) / v**2
    # all alike: what is left of the cancelling terms is rounding
    rounding = 1e-14 * (part["a"] + value**2 * part["d"]) / v**2
    se = np.where(free > 0, np.sqrt(np.where(variance > rounding, variance, 0.0)), np.nan)
    if outcome.kind == "rate":
        lower, upper = uncertainty.log_interval(value, se, level, free)
        return value, se, np.where(t > 0, lower, 0.0), np.where(t > 0, upper, np.nan), v
    if outcome.kind == "proportion":
        lower, upper = uncertainty.logit_interval(value, se, level, free)
        edge = (n > 0) & ((value <= 0) | (value >= 1) | (se == 0))
        simple = uncertainty.wilson(np.where(edge, value * n, 0), np.where(edge, n, 1), level)
        return value, se, np.where(edge, simple[0], lower), np.where(edge, simple[1], upper), v
    return value, se, *uncertainty.wald(value, se, level, free), v


def _notes(unanswered: Array, lacking: Array, names: tuple[str, ...]) -> "pd.Series[str]":
    """What was left out: rows without an answer, and rows without the group."""
    if not unanswered.any() and not lacking.any():
        return pd.Series(np.nan, index=range(len(unanswered)), dtype="str")
    said = {0: ""} | {
        count: f"{count:,.0f} rows without an answer left out." for count in np.unique(unanswered) if count
    }
    lost = {0: ""} | {
        count: f"{count:,.0f} rows of the area without {' or '.join(names)} are in the totals only."
        for count in np.unique(lacking)
        if count
    }
    answer, group = pd.Series(unanswered).map(said), pd.Series(lacking).map(lost)
    text = (answer + " " + group).str.strip().astype("str")
    return text.mask(text == "")
