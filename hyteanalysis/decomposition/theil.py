"""Theil and mean log deviation within and between areas or groups, for many settings at once."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis.decomposition.result import Array, Decomposition
from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.rates import grid
from hyteanalysis.uncertainty import wald

BETWEEN, WITHIN = "between", "within"


def theil(
    data: pd.DataFrame,
    *,
    within: str,
    by: str | Sequence[str] = (),
    value: str = "estimate",
    population: str = "population",
    se: str = "se",
    index: str = "theil",
    level: float = 0.95,
) -> Decomposition:
    """Take inequality apart into what lies between areas (or groups) and what lies within them.

    Answers: *are the differences mainly between counties, or within them?*

    Formula, with population shares p, mean μ, and P, μ_g of the whole g: Theil T = Σ p(y/μ)ln(y/μ) =
    Σ P(μ_g/μ)ln(μ_g/μ) (between) + Σ P(μ_g/μ)T_g (within). Mean log deviation
    L = Σ p ln(μ/y) = Σ P ln(μ/μ_g) + Σ P L_g.

    Parameters
    ----------
    data : DataFrame
        One row a unit (municipality, group …).
    within : str
        Column of the wholes that units lie in.
    by : str or list of str
        Columns that split the rows into settings, such as indicator and period; each is taken apart by itself.
    value, population, se : str
        Columns of the level (above 0), the people, and the standard error (may be absent).
    index : {"theil", "mld"}
    level : float
        Confidence level.

    Returns
    -------
    Decomposition
        ``frame``: ``*by, factor, part, estimate, se, lower, upper, share, noise, respondents``: one row ``between``
        (factor empty) and one ``within`` each whole; they add up to the index of the setting. ``noise`` is the part
        that chance alone is expected to add. ``parts`` has ``between, within, total`` of each setting. ``total`` is the
        index where there is one setting, else empty.

    Raises
    ------
    MeasureError
        A level of 0 or below (the logarithm has no value), unknown columns, a whole without people.

    Notes
    -----
    The index is not multiplied by 1000 as ``TI`` and ``MLD`` of ``hyte.disparity`` are. Small units swing by chance,
    and that looks like inequality within: read ``noise`` beside, or use shrunken values. Theil 1967; Shorrocks 1980.

    Examples
    --------
    >>> import pandas as pd
    >>> towns = pd.DataFrame({"county": ["A", "A", "B", "B"], "estimate": [10.0, 12.0, 20.0, 20.0],
    ...                       "population": [1000, 1000, 1000, 1000]})
    >>> theil(towns, within="county").parts[["part", "estimate", "share"]].round(4)
          part  estimate   share
    0  between    0.0428  0.9668
    1   within    0.0015  0.0332
    2    total    0.0442  1.0000
    """
    one_of(index, ("theil", "mld"), "index", MeasureError)
    by = grid.names(by)
    grid.need(data, [within, *by, value, population])
    y, n = grid.number(data, value), grid.number(data, population)
    missing = int((np.isnan(y) | np.isnan(n)).sum())
    rows = data[~(np.isnan(y) | np.isnan(n))].reset_index(drop=True)
    if rows.empty:
        raise MeasureError(f"No row has both {value!r} and {population!r}.")
    y, n = grid.number(rows, value), grid.number(rows, population)
    if (y <= 0).any():
        wrong = rows.loc[y <= 0].iloc[0]
        raise MeasureError(
            f"{value!r} is {wrong[value]:g} in {within} {wrong[within]!r}: the index takes the logarithm of levels, so "
            "they must be above 0. Use shrunken values, or a measure that allows 0 (BGV)."
        )
    s = grid.number(rows, se) if se in rows else np.full(len(rows), np.nan)
    setting, keys = grid.settings(rows, by)
    whole, wholes = grid.settings(rows, [*by, within])
    first = np.unique(whole, return_index=True)[1]
    home = setting[first]
    people = grid.total(setting, n, len(keys))
    if (grid.total(whole, n, len(wholes)) <= 0).any():
        raise MeasureError(f"A {within} has no people: give {population!r} above 0.")
    p = n / people[setting]
    mean = grid.total(setting, p * y, len(keys))
    part = grid.total(whole, p, len(wholes))
    average = grid.total(whole, p * y, len(wholes)) / part
    relative, own = average / mean[home], y / average[whole]
    if index == "theil":
        between = grid.total(home, part * relative * np.log(relative), len(keys))
        inside = grid.total(whole, p * (y / mean[setting]) * np.log(own), len(wholes))
        slope = {
            BETWEEN: p / mean[setting] * (np.log(relative[whole]) - between[setting]),
            WITHIN: p / mean[setting] * (np.log(own) - grid.total(home, inside, len(keys))[setting]),
        }
        local = p / mean[setting] * np.log(own)
    else:
        between = -grid.total(home, part * np.log(relative), len(keys))
        inside = -grid.total(whole, p * np.log(own), len(wholes))
        slope = {
            BETWEEN: p * (1 / mean[setting] - 1 / average[whole]),
            WITHIN: p * (1 / average[whole] - 1 / y),
        }
        local = p * (1 / average[whole] - 1 / y)
    slope["total"] = slope[BETWEEN] + slope[WITHIN]
    q = 1 / (2 * mean**2)
    chance = {
        BETWEEN: q * grid.total(home, grid.total(whole, (p * s) ** 2, len(wholes)) * (1 / part - 1), len(keys)),
        "total": q * grid.total(setting, p * (1 - p) * s**2, len(keys)),
    }
    chance[WITHIN] = chance["total"] - chance[BETWEEN]
    amount = {BETWEEN: between, WITHIN: grid.total(home, inside, len(keys))}
    amount["total"] = amount[BETWEEN] + amount[WITHIN]
    parts = pd.concat([
        keys.assign(part=name, **_numbers(amount[name], np.sqrt(grid.total(setting, (slope[name] * s) ** 2, len(keys))),
                                          amount["total"], level), noise=chance[name])
        for name in (BETWEEN, WITHIN, "total")
    ])  # fmt: skip
    few = grid.number(rows, "respondents") if "respondents" in rows else np.full(len(rows), np.nan)
    least = pd.Series(few).groupby(whole).min().to_numpy()
    error = _inside_error(local, slope, p, y, s, whole, setting, inside, mean, index)
    noise = q[home] * (grid.total(whole, p * s**2, len(wholes)) - grid.total(whole, (p * s) ** 2, len(wholes)) / part)
    frame = pd.concat([
        keys.assign(factor="", part=BETWEEN, **_numbers(
            between, np.sqrt(grid.total(setting, (slope[BETWEEN] * s) ** 2, len(keys))), amount["total"], level
        ), noise=chance[BETWEEN], respondents=np.nan),
        wholes.rename(columns={within: "factor"}).assign(part=WITHIN, **_numbers(
            inside, error, amount["total"][home], level
        ), noise=noise, respondents=least),
    ]).reset_index(drop=True)  # fmt: skip
    total = float(amount["total"][0]) if len(keys) == 1 else np.nan
    return Decomposition(
        method="theil", total=total, frame=frame.astype({"factor": "str"}), parts=parts.reset_index(drop=True),
        groups=(), factors=(within,), level=level, missing=missing,
    )  # fmt: skip


def _inside_error(
    local: Array, slope: dict[str, Array], p: Array, y: Array, s: Array, whole: NDArray[np.intp],
    setting: NDArray[np.intp], inside: Array, mean: Array, index: str,
) -> Array:  # fmt: skip
    """Error of what lies within one whole: its own units, and with Theil the mean of all that it is divided by."""
    count = len(inside)
    if index == "mld":
        return np.sqrt(grid.total(whole, (local * s) ** 2, count))
    home = setting[np.unique(whole, return_index=True)[1]]
    through = (p * s) ** 2 / mean[setting] ** 2  # μ moves with every unit of the setting
    own = grid.total(whole, (local * s) ** 2, count)
    cross = grid.total(whole, local * p / mean[setting] * s**2, count)
    all_units = grid.total(setting, through, len(mean))[home]
    return np.sqrt(np.maximum(own - 2 * inside * cross + inside**2 * all_units, 0.0))


def _numbers(estimate: Array, se: Array, total: Array, level: float) -> dict[str, Array]:
    lower, upper = wald(estimate, se, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(np.abs(total) > 0, estimate / total, np.nan)
    return {"estimate": estimate, "se": se, "lower": lower, "upper": upper, "share": share}
