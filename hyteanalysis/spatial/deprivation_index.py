"""An area deprivation index: declared weights, fifths of municipalities, and how much they hang on the weights."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy  # its parts are imported when first used

from hyteanalysis.display import shown
from hyteanalysis.errors import MeasureError, counted, one_of
from hyteanalysis.i18n import language, number, percent, text
from hyteanalysis.rates import grid

SCALINGS = ("z", "rank")


@dataclass(frozen=True)
class Deprivation:
    """An index of area deprivation.

    Attributes
    ----------
    frame : DataFrame
        ``area, score`` (higher = more deprived), ``rank`` and ``fifth`` (1 = most deprived), ``stable``
        (share of the drawn weightings in which the area stays in its fifth), ``fifth_low, fifth_high`` (range of fifths
        over 90 % of them), ``note``.
    sensitivity : DataFrame
        ``change`` (``without NAME``, ``equal weights``, ``drawn weights``), ``correlation`` (of ranks with the index as
        declared), ``same_fifth, moved_two`` (share of areas; two fifths or more); of drawn weights the mean.
    weights : dict
        As declared, scaled to add up to 1 in absolute value.
    scaling : {"z", "rank"}
    """

    frame: pd.DataFrame
    sensitivity: pd.DataFrame
    weights: dict[str, float]
    scaling: str

    @property
    def classes(self) -> pd.DataFrame:
        """``area, deprivation`` (``d1`` … ``d5``), ``order``: as :func:`hyteanalysis.spatial.by_class` takes it."""
        known = self.frame.dropna(subset="fifth")
        return pd.DataFrame(
            {"area": known["area"], "deprivation": "d" + known["fifth"].astype("str"), "order": known["fifth"]}
        ).reset_index(drop=True)

    def _repr_html_(self) -> str:
        lang = language()
        drawn = self.sensitivity.loc[self.sensitivity["change"] == "drawn weights", "same_fifth"]
        said = [text("display.deprivation.stable", lang, share=percent(100 * share, lang, 0)) for share in drawn]
        facts = {
            text("display.weight", lang, name=name): number(weight, lang, 2) for name, weight in self.weights.items()
        }
        first = self.frame.sort_values("rank", kind="stable")
        return shown(text("display.deprivation", lang), said=said, facts=facts, frame=first)


def deprivation(
    data: pd.DataFrame,
    *,
    weights: Mapping[str, float],
    scaling: str = "z",
    draws: int = 1_000,
    spread: float = 0.5,
    seed: int | None = None,
) -> Deprivation:
    """Rank areas by deprivation with weights that are declared, and show what another choice would change.

    Answers: *which fifth of municipalities is the most deprived, and is that the data's answer or the weights'?*

    Formula: score = Σ w·z/Σ|w|, z the indicator's standardised value (or its rank scaled to −1 … 1). Fifths hold
    equally many areas. Sensitivity: each indicator left out; equal weights; weights each multiplied by a random factor
    exp(N(0, ``spread``²)).

    Parameters
    ----------
    data : DataFrame
        One row an area, column ``area`` and one column an indicator.
    weights : mapping
        Indicator → weight; below 0 where a high value is good.
    scaling : {"z", "rank"}
        Ranks keep one extreme municipality from deciding an indicator.
    draws : int
        Random weightings.
    spread : float
        Standard deviation of the factors' logarithm; 0.5 lets a weight vary from about a third to three times.
    seed : int, optional

    Returns
    -------
    Deprivation

    Raises
    ------
    MeasureError
        No weights, weights of 0, an indicator that does not vary or is missing, fewer than ten areas with all values.

    Notes
    -----
    Areas that lack a value have no score and are noted. The index is of places: see :func:`by_class`. Do not use it to
    explain an indicator that is part of it. Townsend 1987; Nardo et al. 2008.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> towns = pd.DataFrame({"area": [f"town-{i:02}" for i in range(20)], "unemployed": np.arange(20.0),
    ...                       "low_income": np.arange(20.0) ** 2, "graduates": 30 - np.arange(20.0)})
    >>> found = deprivation(towns, weights={"unemployed": 1, "low_income": 1, "graduates": -1}, seed=1)
    >>> found.classes["deprivation"].value_counts().to_dict() == {f"d{i}": 4 for i in range(1, 6)}
    True
    >>> found.sensitivity["same_fifth"].min()
    np.float64(1.0)
    """
    one_of(scaling, SCALINGS, "scaling", MeasureError)
    names = list(weights)
    if not names or any(weights[name] == 0 or not np.isfinite(weights[name]) for name in names):
        raise MeasureError("weights must give each indicator a weight other than 0.")
    grid.need(data, ["area", *names])
    if data["area"].duplicated().any():
        raise MeasureError(f"Area {data.loc[data['area'].duplicated(), 'area'].iloc[0]!r} stands twice. Keep one row.")
    values = np.stack([grid.number(data, name) for name in names], axis=1)
    known = ~np.isnan(values).any(axis=1)
    if known.sum() < 10:
        raise MeasureError(
            f"Only {counted(known.sum(), 'area has', 'areas have')} every indicator: fifths need at least ten."
        )
    x = values[known]
    for name, column in zip(names, x.T, strict=True):
        if np.ptp(column) == 0:
            raise MeasureError(f"Indicator {name!r} does not vary between areas. Leave it out.")
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    if scaling == "rank":
        z = 2 * (scipy.stats.rankdata(x, axis=0) - 0.5) / len(x) - 1
    declared = np.array([float(weights[name]) for name in names])
    rng = np.random.default_rng(seed)
    drawn = declared * np.exp(rng.normal(0, spread, size=(draws, len(names))))
    without = np.stack([np.where(np.arange(len(names)) == i, 0, declared) for i in range(len(names))])
    trials = np.concatenate([without if len(names) > 1 else without[:0], np.sign(declared)[None], drawn])
    score = z @ declared / np.abs(declared).sum()
    own = _fifths(score[None])[0]
    others = trials @ z.T
    fifths = _fifths(others)
    correlation = _rank_correlation(score, others)
    apart = np.abs(fifths - own)
    labels = [*(f"without {name}" for name in names if len(names) > 1), "equal weights"]
    first = len(labels)
    rows = [(label, correlation[i], (apart[i] == 0).mean(), (apart[i] >= 2).mean()) for i, label in enumerate(labels)]
    if draws:
        rows.append(("drawn weights", correlation[first:].mean(), (apart[first:] == 0).mean(),
                     (apart[first:] >= 2).mean()))  # fmt: skip
    frame = pd.DataFrame({"area": data["area"].to_numpy()})
    low, high = np.quantile(fifths[first:], [0.05, 0.95], axis=0, method="nearest") if draws else (own, own)
    for name, found in {
        "score": score, "rank": scipy.stats.rankdata(-score, method="min"), "fifth": own,
        "stable": (apart[first:] == 0).mean(axis=0) if draws else np.full(len(own), np.nan), "fifth_low": low,
        "fifth_high": high,
    }.items():  # fmt: skip
        column = np.full(len(data), np.nan)
        column[known] = found
        frame[name] = column
    whole = ["rank", "fifth", "fifth_low", "fifth_high"]
    lacking = [", ".join(name for name, value in zip(names, row, strict=True) if np.isnan(value)) for row in values]
    frame = frame.astype(dict.fromkeys(whole, "Int64")).assign(
        note=[f"Without {names_}: no score." if names_ else "" for names_ in lacking]
    )
    share = {name: float(weight / np.abs(declared).sum()) for name, weight in zip(names, declared, strict=True)}
    columns = ["change", "correlation", "same_fifth", "moved_two"]
    return Deprivation(frame, pd.DataFrame(rows, columns=columns), share, scaling)


def _fifths(scores: np.ndarray) -> np.ndarray:
    """Fifth of each area in each row of scores, 1 = highest; equal scores share the fifth of the highest of them."""
    count = scores.shape[1]
    rank = scipy.stats.rankdata(-scores, method="min", axis=1)
    return np.asarray(np.maximum(np.floor(6 - np.ceil((count + 1 - rank) / (count / 5) - 1e-9)), 1))


def _rank_correlation(score: np.ndarray, others: np.ndarray) -> np.ndarray:
    one, many = scipy.stats.rankdata(score), scipy.stats.rankdata(others, axis=1)
    one, many = one - one.mean(), many - many.mean(axis=1, keepdims=True)
    return np.asarray(many @ one / np.sqrt((one @ one) * (many**2).sum(axis=1)))
